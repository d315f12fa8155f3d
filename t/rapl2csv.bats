#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recorded energy counters become a table: goldens of each form, invariants of a table, and the tables that others
# expect of the same recordings.

load lib

header='run,t0_s,t1_s,dt_s,domain,loc,socket,die,core,cpu,counters,energy_j,err_j,power_w,flags,event'

# form CASE NAME [arg ...]: the table of t/rapl2csv/CASE.in, compared with CASE.NAME.
form() {
	local case=rapl2csv/$1 name=$2
	shift 2
	rapl2csv "$@" "$case.in" >"$out" 2>"$err" || [ "$?" -eq 1 ]
	if [ -n "${BLESS-}" ]; then
		cp "$out" "$case.$name"
	fi
	diff -u "$case.$name" "$out"
}

# pick COLUMNS [arg ...] <input: these columns of the table, blanks between them, without their header; "" is -.
pick() {
	local columns=$1
	shift
	rapl2csv "$@" >"$out" 2>"$err" || status=$?
	awk -F, -v OFS=' ' -v columns="$columns" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(columns, c, ","); next }
		{ for (i = 1; i <= n; i++) { v = $at[c[i]]; printf "%s%s", v == "" ? "-" : v, i < n ? OFS : "\n" } }' "$out"
}

# is TEXT: the output of the last run is this.
is() {
	diff <(printf '%s\n' "$output") <(printf '%s\n' "$1")
}

# --- every form of input

@test "a table of perf stat per core, with a package's counter under its first core" {
	form percore csv
}

@test "CSV of intervals, two sockets, a missing count" {
	form sockets csv
}

@test "JSON lines, one of them with decimal commas, which JSON does not allow" {
	form json csv
}

@test "polls of registers: a wrap, and a counter that started again" {
	form registers csv
	form registers exact --exact
}

@test "polls of powercap: the driver's nanojoules, or the register's own unit" {
	form powercap csv
	form powercap exact --exact --unit=exact
}

@test "turbostat in watts" {
	form turbostat csv --interval=2.5
}

@test "counts of perf stat record, through perf2rec" {
	shared rapl
	rec=$BATS_TEST_TMPDIR/rec
	perf2rec "$shared/rendered/r1-seed-percore-aggr4.data" >"$rec"
	reccheck -n "$rec"
	grep -c '^count' "$rec" | grep -qx 11
	run -0 pick loc,energy_j,err_j,power_w --exact "$rec"
	[ "${lines[1]}" = "S0-D0-C1 5.720001220703125 0.000015259 5.712948" ]
}

@test "counts of perf stat record have their places, and are differences of totals" {
	"$BUILD/t/unhex" <perf2rec/stat.hex >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/rec" 2>"$err" || [ $? -eq 1 ]
	reccheck -n "$BATS_TEST_TMPDIR/rec"
	diff <(grep -v ^meta "$BATS_TEST_TMPDIR/rec") perf2rec/stat.out
	grep -q 'the STAT record is cut short' "$err"
	"$BUILD/t/unhex" -b <perf2rec/stat.hex | perf2rec 2>"$err" | diff - "$BATS_TEST_TMPDIR/rec"
	run -0 pick t1_s,loc,energy_j,err_j,flags --exact "$BATS_TEST_TMPDIR/rec"
	is '1.000000000 S0 5 0.000061035 -
1.000000000 S1 7.5 0.000061035 -
1.000000000 S0-D0-C0 1 0.000015259 -
1.000000000 S0-D0-C1 0.5 0.000015259 mux
1.000000000 S1-D0-C0 0.0000152587890625 0.000015259 -
1.000000000 S1-D0-C1 0 0.000015259 -
2.000000000 S0 2 0.000061035 -
2.000000000 S1 0 0.000061035 -
2.500000000 S0 1 0.000061035 -'
	rapl2csv --records "$BATS_TEST_TMPDIR/rec" >"$out"
	grep -qx $'meta\t-\thost\tnrcpus\t4' "$out"
	run -1 grep ^count "$out"
}

@test "an event of a count record keeps its escapes in energy records, and loses them in tables" {
	printf 'count\t1000000000\thost\t0\t-\t-\tpower/energy-pkg/\\x1b\\\\\t4294967296\t-\t-\t2.3283064365386963e-10\tJoules\tsocket\t0\t0\t0\n' >"$BATS_TEST_TMPDIR/rec"
	# shellcheck disable=SC1003
	[ "$(rapl2csv --records "$BATS_TEST_TMPDIR/rec" | cut -f 14)" = 'power/energy-pkg/\x1b\\' ]
	run -0 pick event "$BATS_TEST_TMPDIR/rec"
	[ "${lines[0]}" = $'power/energy-pkg/\x1b\\' ]
}

@test "energy counts of a perf.data file are those that perf prints" {
	shared rapl
	needs perf
	for data in r2-2socket-global-aggr1 r3-client-global-aggr1 r5-resume-global-aggr1; do
		file=$shared/rendered/$data.data
		perf stat -x, report -i "$file" >"$BATS_TEST_TMPDIR/theirs" 2>&1
		# perf adds the sockets up
		perf2rec "$file" | rapl2csv --exact 2>/dev/null | awk -F, 'NR > 1 { k = $3 "," $5; if (!(k in sum)) order[++n] = k; sum[k] += $12; none[k] = $12 == "" }
			END { for (i = 1; i <= n; i++) { split(order[i], a, ","); printf none[order[i]] ? "%s -\n" : "%s %.2f\n", a[2], sum[order[i]] } }' >"$BATS_TEST_TMPDIR/ours"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -ge 4 ]
		pick domain,energy_j --digits=2 <"$BATS_TEST_TMPDIR/theirs" | diff - "$BATS_TEST_TMPDIR/ours"
	done
}

@test "the table that came with the patch for AMD cores converts" {
	run -0 pick loc,energy_j,err_j,flags <<-'EOT'
		$ perf stat -a --per-core -e power_per_core/energy-per-core/ -- sleep 1

		 Performance counter stats for 'system wide':

		S0-D0-C0        1          0.02 Joules power_per_core/energy-per-core/
		S0-D0-C1        1          5.72 Joules power_per_core/energy-per-core/
	EOT
	is 'S0-D0-C0 0.020000 0.005000000 nodt
S0-D0-C1 5.720000 0.005000000 nodt'
}

@test "any separator of perf stat -x is found, and so is an event without its PMU" {
	for x in ';' '|' ':' '@' $'\t' '::'; do
		run -0 pick domain,loc,energy_j,counters <<<"     1.000000000${x}S1${x}2${x}7.25${x}Joules${x}energy-gpu${x}2000000000${x}100.00${x}${x}"
		is 'gpu S1 7.250000 2'
	done
}

@test "thousands are distinguished from decimals in every locale" {
	for value in 5005.68 5,005.68 5.005,68 $'5\u202f005,68' $'5\u00a0005,68' "5'005.68" '5 005,68'; do
		run -0 pick energy_j <<<"        $value Joules power/energy-pkg/"
		is 5005.680000
	done
}

@test "fields of perf's CSV that the table does not need are skipped" {
	run -0 pick loc,energy_j,power_w,flags,event --counters=1 <<-'EOT'
		5.00,Joules,power/energy-pkg/,/a/cgroup,2000000000,100.00,,
		4.00,Joules,power/energy-ram/,1.25%,2000000000,100.00,1.077,/sec
		3,00,Joules,power/energy-cores/,0,75%,2000000000,100,00,,
		2.00,Joules,power_core/event=0x01,name=energy-core/,2000000000,50.00,,
		1.00,Joules,power/energy-gpu/,2000000000,100.00,,
	EOT
	is '- 5.000000 2.500000 dtrun power/energy-pkg/
- 4.000000 2.000000 dtrun power/energy-ram/
- 3.000000 1.500000 locale;dtrun power/energy-cores/
- 1.000000 0.500000 dtrun power/energy-gpu/'
	grep -q '<stdin>:4: not a RAPL event' "$err"
}

@test "all forms of perf's places are parsed" {
	run -0 pick loc,socket,die,core,cpu <<-'EOT'
		S0,4,1.00,Joules,power/energy-pkg/,4,100.00,,
		S1-D2,4,1.00,Joules,power/energy-pkg/,4,100.00,,
		S1-D2-C37,1,1.00,Joules,power_core/energy-core/,4,100.00,,
		S1-D0-CLS8,4,1.00,Joules,power_core/energy-core/,4,100.00,,
		S1-D0-L3-ID0,4,1.00,Joules,power_core/energy-core/,4,100.00,,
		N1,4,1.00,Joules,power/energy-pkg/,4,100.00,,
		CPU12,1.00,Joules,power/energy-pkg/,4,100.00,,
		1.00,Joules,power/energy-pkg/,4,100.00,,
	EOT
	is 'S0 0 - - -
S1-D2 1 2 - -
S1-D2-C37 1 2 37 -
S1-D0-CLS8 1 0 - -
S1-D0-L3-ID0 1 0 - -
N1 - - - -
CPU12 - - - 12
- - - - -'
}

# --- time

@test "a block's length follows it, also as a mean with a deviation" {
	run -0 pick dt_s,power_w <<-'EOT'
		 Performance counter stats for 'system wide' (3 runs):

		        20.00 Joules power/energy-pkg/      ( +-  1.76% )

		           0.50000 +- 0.00179 seconds time elapsed  ( +-  1.72% )
	EOT
	is '0.500000000 40.000000'
	grep -q 'mean of the runs' "$err"
}

@test "without a time there is no power, and one line says which options give it" {
	csv=475.42,Joules,power/energy-pkg/,20005659301,100.00,,
	run -0 pick energy_j,power_w,flags <<<$csv
	is '475.420000 - nodt'
	grep -q -e '--elapsed, --counters' "$err"
	run -0 pick dt_s,power_w,flags --counters=2 <<<$csv
	is '10.002829650 47.528551 dtrun'
	run -0 pick dt_s,power_w,counters,flags --elapsed=10.0028 <<<$csv
	is '10.002800000 47.528692 2 -'
}

@test "the run time of one CPU's counter is the length of its interval" {
	run -0 pick dt_s,counters,flags <<<CPU3,5.00,Joules,power/energy-pkg/,2500000000,100.00,,
	is '2.500000000 1 dtrun'
}

@test "the run time gives the number of counters that were added up" {
	run -0 pick counters <<-'EOT'
		     1.000000000,5.00,Joules,power/energy-pkg/,2000402122,100.00,,
		     2.000000000,5.00,Joules,power/energy-pkg/,12000402122,100.00,,
	EOT
	is '2
12'
}

@test "bad lines and lines about other events advance the clock" {
	run -0 pick t0_s,t1_s,power_w <<-'EOT'
		     1.000000000,5.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.000000000,zzz,Joules,power/energy-pkg/,1000000000,100.00,,
		     3.000000000,123,,cycles,1000000000,100.00,,
		     3.500000000,5.00,Joules,power/energy-pkg/,500000000,100.00,,
	EOT
	is '0.000000000 1.000000000 5.000000
3.000000000 3.500000000 10.000000'
}

@test "a recording cut out of a longer one has a first interval of unknown length" {
	run -0 pick t0_s,t1_s,energy_j,power_w,flags <<-'EOT'
		    19.000000000,5.00,Joules,power/energy-pkg/,1000000000,100.00,,
		    20.000000000,6.00,Joules,power/energy-pkg/,1000000000,100.00,,
		    21.000000000,7.00,Joules,power/energy-pkg/,1000000000,100.00,,
	EOT
	is '- 19.000000000 5.000000 - cut
19.000000000 20.000000000 6.000000 6.000000 -
20.000000000 21.000000000 7.000000 7.000000 -'
}

@test "a short last interval does not make the first one look too long" {
	run -0 pick flags <<-'EOT'
		     1.000000000,5.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.000000000,6.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.010000000,0.07,Joules,power/energy-pkg/,10000000,100.00,,
	EOT
	is '-
-
-'
}

@test "a new run starts with its start line, when time goes back, and when a counter comes again" {
	line=5.00,Joules,power/energy-pkg/,1000000000,100.00,,
	run -0 pick run <<<"# started on Fri Nov 20
     1.000000000,$line
# started on Fri Nov 20
     2.000000000,$line
     1.000000000,$line
     2.000000000,$line"
	is '1
2
3
3'
	run -0 pick run <<<"$line
4.00,Joules,power/energy-ram/,1000000000,100.00,,
$line"
	is '1
1
2'
}

@test "perf's summary of intervals is flagged, and not added up a second time" {
	intervals='     1.000100000              10.00 Joules power/energy-pkg/
     2.000200000              11.00 Joules power/energy-pkg/

 Performance counter stats for system wide:
'
	elapsed='
       2.000300000 seconds time elapsed'
	run -0 pick run,energy_j,flags <<<"$intervals             21.00 Joules power/energy-pkg/$elapsed"
	is '1 10.000000 -
1 11.000000 -
1 21.000000 summary'
	run -0 pick domain,samples,energy_j --totals <<<"$intervals             21.00 Joules power/energy-pkg/$elapsed"
	is 'pkg 2 21.000000
pkg+dram 2 21.000000'
	run -0 pick run,energy_j,flags <<<"$intervals             25.00 Joules power/energy-pkg/$elapsed"
	is '1 10.000000 -
1 11.000000 -
2 25.000000 -'
	run -0 pick t1_s,energy_j,power_w,flags <<-'EOT'
		     1.000000000,10.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.000000000,12.00,Joules,power/energy-pkg/,1000000000,100.00,,
		         summary,22.00,Joules,power/energy-pkg/,2000000000,100.00,,
		         summary,256,,context-switches,2000000000,100.00,0.1,K/sec
	EOT
	is '1.000000000 10.000000 10.000000 -
2.000000000 12.000000 12.000000 -
2.000000000 22.000000 11.000000 summary'
}

@test "commands that were pasted with their prompts between two tables are passed over" {
	run -0 pick run,energy_j <<-'EOT'
		             19.63 Joules power/energy-pkg/
		       1.001 seconds time elapsed

		$ perf stat -a -e power/energy-pkg/ sleep 1
		root@host:~# perf stat -a -e power/energy-pkg/ sleep 1
		me@host:~$ sudo perf stat -a -e power/energy-pkg/ sleep 1

		             20.63 Joules power/energy-pkg/
		       1.002 seconds time elapsed
	EOT
	is '1 19.630000
2 20.630000'
	[ ! -s "$err" ]
}

@test "times with any number of decimals are distinguished from counts" {
	run -0 pick t1_s,energy_j <<-'EOT'
		     1.5              19.63 Joules power/energy-pkg/
		     2.5              1.219,63 Joules power/energy-pkg/
		     3.75   S0-D0 1   1 219,63 Joules power/energy-pkg/
	EOT
	is '1.500000000 19.630000
2.500000000 1219.630000
3.750000000 1219.630000'
	run -0 pick t1_s,energy_j <<<$'1,7.29,Joules,power/energy-pkg/,1,100.00\n2.25,7.30,Joules,power/energy-pkg/,1,100.00'
	is '1.000000000 7.290000
2.250000000 7.300000'
	run -0 pick t1_s,energy_j <<<$'1;7,29;Joules;power/energy-pkg/;1;100,00\n2.25;7,30;Joules;power/energy-pkg/;1;100,00'
	is '1.000000000 7.290000
2.250000000 7.300000'
	run -0 pick t1_s,energy_j <<<'607,29,Joules,power/energy-pkg/,1,100,00'
	is '- 607.290000'
}

@test "the running totals of perf stat report 6.12 become intervals again" {
	run -0 pick t0_s,loc,counters,energy_j,err_j <<-'EOT'
		#           time core               cpus             counts unit events
		     1.000000000 S0-D0-C0              1               5.00 Joules power_core/energy-core/
		     1.000000000 S0-D0-C1              1               1.00 Joules power_core/energy-core/
		     2.000000000 S0-D0-C0              2              12.00 Joules power_core/energy-core/
		     2.000000000 S0-D0-C1              2               1.50 Joules power_core/energy-core/
		     3.000000000 S0-D0-C0              3              13.00 Joules power_core/energy-core/
		     3.000000000 S0-D0-C1              3               1.50 Joules power_core/energy-core/
	EOT
	is '0.000000000 S0-D0-C0 1 5.000000 0.005000000
0.000000000 S0-D0-C1 1 1.000000 0.005000000
1.000000000 S0-D0-C0 1 7.000000 0.010000000
1.000000000 S0-D0-C1 1 0.500000 0.010000000
2.000000000 S0-D0-C0 1 1.000000 0.010000000
2.000000000 S0-D0-C1 1 0.000000 0.010000000'
	grep -q 'running totals' "$err"
}

@test "the run time reveals running totals if no column does" {
	run -0 pick energy_j,counters <<-'EOT'
		1.000000000,5.00,Joules,power/energy-pkg/,2000000000,100.00,,
		2.000000000,12.00,Joules,power/energy-pkg/,4000000000,100.00,,
		2.250000000,13.00,Joules,power/energy-pkg/,4500000000,100.00,,
	EOT
	is '5.000000 2
7.000000 2
1.000000 2'
}

# --- wraps, resets, doubts

# registers MSR VALUE ... : polls of one, a second apart, as input.
registers() {
	local msr=$1 t=1000
	shift
	echo "1000.0 0 ${unit:-0x606} ${value:-0xa0e03}"
	for v; do
		echo "$t.0 0 $msr $v"
		t=$((t + ${step:-1}))
	done
}

@test "units of a register: by its unit register, by CPU model, by the user" {
	run -0 pick energy_j,err_j <<<"$(registers 0x619 0 0xa0000)"
	is '40.000000 0.000061035'
	run -0 pick energy_j,err_j --model=hsx <<<"$(registers 0x619 0 0xa0000)"
	is '10.000000 0.000015259'
	run -0 pick energy_j --model=spr <<<"$(registers 0x64d 0xfffffe00 0xffffff80)"
	is '384.000000'
	run -0 pick energy_j,err_j --model=slm <<<"$(value=0x505 registers 0x611 0xffffff00 0x1000)"
	is '0.139264 0.000032000'
	run -0 pick energy_j --unit=dram=15.3uJ <<<"$(registers 0x619 0 0xa0000)"
	is '10.027008'
	run -0 pick domain,energy_j --unit=core=2^-10 <<<"$(unit=0xc0010299 registers 0xc001029a 0 0x800)"
	is 'core 2.000000'
}

@test "AMD's registers of 64 bits do not wrap at 32" {
	amd() {
		unit=0xc0010299 value=0xa1003 registers 0xc001029b "$@"
	}
	run -0 pick energy_j,flags <<<"$(amd 0xfffff000 0x100001000)"
	is '0.125000 -'
	run -0 pick energy_j,flags <<<"$(amd 0xfffff000 0x1000)"
	is '0.125000 wrap'
	run -0 pick energy_j,flags --model=zen4 <<<"$(amd 0xfffff000 0x1000)"
	is '- reset'
	run -1 rapl2csv <<<"$(amd 0xfffff000 0x1000 0x100000000 0x100001000)"
	[[ $output == *'<stdin>:4: the register has 64 bits'* ]]
}

@test "the number of wraps is flagged as ambiguous if several are possible" {
	run -0 pick energy_j,flags <<<"$(step=600 registers 0x611 0x10140000 0x100000)"
	is '245744.000000 wrap;ambig:1'
	[ "$(pick flags --max-watts=500 <<<"$(step=600 registers 0x611 0x10140000 0x100000)")" = wrap ]
	grep -q '^rapl2csv: <stdin>: ambig: ' <(rapl2csv <<<"$(step=600 registers 0x611 0x10140000 0x100000)" 2>&1 >"$out")
}

@test "a step back that would take too much power for a wrap is a reset of unknown energy" {
	run -0 pick energy_j,power_w,flags <<<"$(registers 0x611 0x600000 0x800 0x100800)"
	is '- - reset
64.000000 64.000000 -'
	run -0 pick energy_j,flags --max-watts=300000 <<<"$(registers 0x611 0x600000 0x800)"
	is '261760.125000 wrap'
}

@test "a negative value that perf printed as unsigned is repaired if one answer is plausible" {
	row() {
		pick energy_j,flags <<<"     $t.000000000,$v,Joules,power/energy-pkg/,${t}000000000,100.00,,"
	}
	t=1 v=4294705454.75
	[ "$(row)" = '302.750000 wrap' ]
	t=3 v=4294966686.01
	[ "$(row)" = '- reset' ]
	t=700 v=4294880152.00
	[ "$(row)" = '175000.000000 wrap' ]
	t=1 v=20000.00
	[ "$(row)" = '20000.000000 implausible' ]
	t=164 v=20000.00
	[ "$(row)" = '20000.000000 long' ]
}

@test "powercap's counts are recovered exactly from its microjoules" {
	poll() {
		printf '/sys/class/powercap/intel-rapl:0/%s\n' name:package-0 max_energy_range_uj:262143328850
		for uj; do
			printf '%d.5\n/sys/class/powercap/intel-rapl:0/energy_uj:%s\n' $((n = n + 1)) "$uj"
		done
	}
	run -0 pick energy_j,flags --exact <<<"$(poll 262143328850 0 61 122 183105)"
	is '0.000061035 wrap
0.000061035 -
0.000061035 -
0.18298293 -'
	run -0 pick energy_j --exact --unit=exact <<<"$(poll 262143328850 0 61)"
	is '0.00006103515625
0.00006103515625'
}

@test "AMD's powercap zone of a core is one core" {
	run -0 pick domain,loc --model=zen3 <<-'EOT'
		intel-rapl:0/name:package-0
		intel-rapl:0:0/name:core
		intel-rapl:0:0/max_energy_range_uj:65532610987
		1700000000
		intel-rapl:0:0/energy_uj:152
		1700000001
		intel-rapl:0:0/energy_uj:610320
	EOT
	is 'core S0'
}

@test "a powercap range of no known unit is reported, and microjoules are taken as they are" {
	run -0 pick energy_j,err_j,flags <<-'EOT'
		intel-rapl:0/name:package-0
		intel-rapl:0/max_energy_range_uj:300000000000
		1700000000
		intel-rapl:0/energy_uj:299999999000
		1700000001
		intel-rapl:0/energy_uj:2000
	EOT
	is '0.003000 0.000001000 wrap'
	grep -q '<stdin>:2: a range of no known unit: 300000000000' "$err"
}

@test "a poll without names: a zone below intel-rapl is taken for a package, which is flagged; others need --zone" {
	poll='1718000001.0
/sys/class/powercap/intel-rapl:0/energy_uj:1000000
/sys/class/powercap/intel-rapl:0:0/energy_uj:500000
1718000002.0
/sys/class/powercap/intel-rapl:0/energy_uj:3000000
/sys/class/powercap/intel-rapl:0:0/energy_uj:600000'
	run -0 pick domain,loc,energy_j,flags <<<"$poll"
	is 'pkg - 2.000000 unnamed'
	[ "$(grep -c 'no name of this zone, give it with --zone: intel-rapl:0:0$' "$err")" = 2 ]
	grep -q 'unnamed: taken for a package' "$err"
	run -0 pick domain,loc,energy_j,flags --zone=intel-rapl:0=package-1 --zone=intel-rapl:0:0=dram <<<"$poll"
	is 'pkg S1 2.000000 -
dram S1 0.100000 -'
	[ ! -s "$err" ]
	run -2 rapl2csv --zone=intel-rapl:0=tape <<<"$poll"
	run -2 rapl2csv --zone=intel-rapl:0 <<<"$poll"
	run -2 rapl2csv --zone=hwmon0=dram <<<"$poll"
}

@test "amd_energy's sensors, whose labels come after their energies" {
	run -0 pick domain,loc,energy_j,err_j,flags,event <<-'EOT'
		1718000001.0
		/sys/class/hwmon/hwmon3/energy1_input:1000000
		/sys/class/hwmon/hwmon3/energy1_label:Ecore007
		/sys/class/hwmon/hwmon3/energy2_input:9000000
		/sys/class/hwmon/hwmon3/energy2_label:Esocket1
		/sys/class/hwmon/hwmon3/energy3_input:9000000
		/sys/class/hwmon/hwmon3/energy3_label:board
		/sys/class/hwmon/hwmon3/name:amd_energy
		1718000002.0
		/sys/class/hwmon/hwmon3/energy1_input:2000000
		/sys/class/hwmon/hwmon3/energy2_input:8000000
		/sys/class/hwmon/hwmon3/energy3_input:9500000
	EOT
	is 'core C7 1.000000 0.000015259 - hwmon3/energy1/Ecore007
pkg S1 - - reset hwmon3/energy2/Esocket1'
	run -0 pick domain <<<$'1718000001.0\nhwmon3/energy1_input:1\n1718000002.0\nhwmon3/energy1_input:2'
	grep -q ':4: no label of this sensor: hwmon3/energy1$' "$err"
}

@test "node_exporter's metrics: with and without a label for the zone, the time before or after them, exponents" {
	run -0 pick t1_s,domain,loc,energy_j <<-'EOT'
		# TYPE node_rapl_package_joules_total counter
		1718000001
		node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} 258218.293244
		node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:1:0",rapl_zone="dram"} 1.258218293244e+06
		node_cpu_seconds_total{cpu="0",mode="idle"} 77
		1718000016
		node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} 258228.3
		node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:1:0",rapl_zone="dram"} 1.258218293245e+06
		node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} 258229.3 1718000017500
	EOT
	is '1718000016.000000000 pkg S1 10.006756
1718000016.000000000 dram S1 0.000001
1718000017.500000000 pkg S1 1.000000'
	[ ! -s "$err" ]
	for value in 1.5e 1e+99 2.5e-07 1.2.3 -1 ''; do
		run -0 pick domain <<<"node_rapl_package_joules_total{index=\"0\"} $value"
		grep -q ':1: bad energy' "$err"
	done
}

@test "bare values of rdmsr: registers and CPUs in the order that --msr gives, times before the rounds or by --interval" {
	run -0 pick t0_s,t1_s,loc,energy_j,flags --msr=0x606,0x611 --interval=1 <<<$'a0e03\nfffe0000\na0e03\nfffffff0\na0e03\n10'
	is '0.000000000 1.000000000 CPU0 7.999023 -
1.000000000 2.000000000 CPU0 0.001953 wrap'
	run -0 pick t0_s,t1_s,loc,energy_j --msr=611:2 --unit=pkg=2^-14 <<<$'16.0\nfffe0000\n77\n17.5\nfffffff0\n88\n99\n18.0\nfffffff1'
	is '16.000000000 17.500000000 CPU0 7.999023
16.000000000 17.500000000 CPU1 0.001038
17.500000000 18.000000000 CPU0 0.000061'
	grep -q ':7: more values than --msr names: 99$' "$err"
	run -0 pick domain --msr=0x611 <<<1
	grep -q ':1: no unit register before this one$' "$err"
	for list in '' ',' '0x611,' xyz 0x611:0 0x611:x; do
		run -2 rapl2csv --msr="$list" <<<1
	done
}

@test "turbostat's table with its columns aligned by blanks is the same table" {
	{ echo 'some prose about PkgWatt'; expand rapl2csv/turbostat.in; } | rapl2csv --interval=2.5 | diff rapl2csv/turbostat.csv -
}

@test "totals are in the order in which the counters appeared, then the domains, then packages and DRAM" {
	run -0 pick domain,loc --totals <<-'EOT'
		1.5,S1,1,2.00,Joules,power/energy-ram/,1,100.00
		1.5,S1,1,2.00,Joules,power/energy-pkg/,1,100.00
		1.5,S0,1,2.00,Joules,power/energy-pkg/,1,100.00
		1.5,S0,1,2.00,Joules,power/energy-ram/,1,100.00
	EOT
	is 'dram S1
pkg S1
pkg S0
dram S0
dram *
pkg *
pkg+dram *'
}

@test "dies that show the same counter in two samples are mirrors, others are not" {
	dies() {
		for i in 1 2 3; do
			printf '%s.000000000,S0-D%s,1,%s.%s0,Joules,power/energy-pkg/,1000000000,100.00,,\n' $i 0 5$i 5 $i 1 5$i "$1"
		done
	}
	run -0 pick loc,flags <<<"$(dies 5)"
	is 'S0-D0 -
S0-D1 mirror
S0-D0 -
S0-D1 mirror
S0-D0 -
S0-D1 mirror'
	run -0 pick domain,loc,samples,energy_j --totals <<<"$(dies 5)"
	is 'pkg S0-D0 3 157.500000
pkg+dram * 3 157.500000'
	run -0 pick flags <<<"$(dies 6)"
	is '-
-
-
-
-
-'
	run -0 pick flags <<<"$(dies 5 | head -2)"
	is '-
-'
}

# --- forms of output

@test "totals, a wide table, cores, records" {
	form sockets totals --totals
	form sockets wide --wide
	form sockets rec --records -m box --start=5s
	form percore cores --cores
	form powercap wide --wide
	reccheck -n rapl2csv/sockets.rec
}

@test "records name their clock" {
	rapl2csv --records rapl2csv/sockets.in >"$out"
	[ "$(grep -c 'base=start' "$out")" -eq "$(wc -l <"$out")" ]
	rapl2csv --records rapl2csv/powercap.in >"$out" || [ $? -eq 1 ]
	[ "$(grep -c 'base=epoch' "$out")" -eq "$(wc -l <"$out")" ]
	rapl2csv --records --start=1s rapl2csv/sockets.in >"$out"
	run -1 grep base "$out"
}

@test "line ends are newlines, or those of RFC 4180" {
	rapl2csv rapl2csv/sockets.in >"$out"
	run -1 grep -c $'\r' "$out"
	rapl2csv --crlf rapl2csv/sockets.in | tr -d '\r' | diff - "$out"
	[ "$(rapl2csv --crlf rapl2csv/sockets.in | grep -c $'\r$')" -eq "$(wc -l <"$out")" ]
}

@test "--digits sets the number of decimals, rounded half to even" {
	run -0 pick energy_j,power_w --digits=1 <<<'     2.000000000              0.25 Joules power/energy-pkg/'
	is '0.2 0.1'
	run -0 pick energy_j,power_w --digits=0 <<<'     1.000000000              0.50 Joules power/energy-pkg/'
	is '0 0'
	run -0 pick energy_j --exact <<<'     1.000000000              0.50 Joules power/energy-pkg/'
	is 0.5
}

@test "cores that use more than their package are reported" {
	run -1 rapl2csv --totals <<-'EOT'
		S0,4,12.00,Joules,power_core/energy-core/,4000000000,100.00,,
		S0,1,11.00,Joules,power/energy-pkg/,1000000000,100.00,,
	EOT
	[[ $output == *'cores used more than their package'* ]]
}

@test "a wide table has columns for counters that come late, also from a pipe" {
	wide='run,t0_s,t1_s,dt_s,pkg_S0_j,pkg_S0_w,gpu_S0_j,gpu_S0_w
1,0.000000000,1.000000000,1.000000000,5.000000,5.000000,,
1,1.000000000,2.000000000,1.000000000,5.000000,5.000000,1.000000,1.000000'
	run -0 rapl2csv --wide <<-'EOT'
		     1.000000000,S0,1,5.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.000000000,S0,1,5.00,Joules,power/energy-pkg/,1000000000,100.00,,
		     2.000000000,S0,1,1.00,Joules,power/energy-gpu/,1000000000,100.00,,
	EOT
	is "$wide"
}

# --- what must hold for any recording

# intervals N: a recording of N seconds and a bit each, two sockets, numbers that look like noise.
intervals() {
	awk -v n="$1" 'BEGIN {
		for (i = seed = 1; i <= n; i++)
			for (s = 0; s < 2; s++)
				for (e = 0; e < 2; e++) {
					seed = (seed * 1103515245 + 12345) % 2147483648
					printf "%d.%09d,S%d,1,%d.%02d,Joules,power/energy-%s/,1000000000,100.00,,\n", i, i * 7919, s, seed % 97, seed % 100, e ? "ram" : "pkg"
				}
	}'
}

@test "intervals join without gap or overlap, and add up to the totals, to the last digit" {
	intervals 1000 >"$BATS_TEST_TMPDIR/in"
	rapl2csv --exact "$BATS_TEST_TMPDIR/in" >"$out"
	awk -F, 'NR > 1 { k = $5 $6; if (k in t && t[k] != $2) { print "gap before " $0; bad = 1 } t[k] = $3 } END { exit bad }' "$out"
	diff <(awk -F, 'NR > 1 { sum[$5 "," $6] += $12 * 100 } END { for (k in sum) printf "%s,%d\n", k, sum[k] + 0.5 }' "$out" | sort) \
		<(rapl2csv --totals --digits=2 "$BATS_TEST_TMPDIR/in" | awk -F, 'NR > 1 && $3 != "*" { sub(/[.]/, "", $9); printf "%s,%s,%d\n", $2, $3, $9 }' | sort)
}

@test "the wide table has what the table has" {
	intervals 50 >"$BATS_TEST_TMPDIR/in"
	rapl2csv "$BATS_TEST_TMPDIR/in" | awk -F, 'NR > 1 { print $2, $5 "_" $6, $12, $14 }' | sort >"$out"
	rapl2csv --wide "$BATS_TEST_TMPDIR/in" | awk -F, 'NR == 1 { for (i = 5; i < NF; i += 2) { n[i] = $i; sub(/_j$/, "", n[i]) } next }
		{ for (i = 5; i < NF; i += 2) print $2, n[i], $i, $(i + 1) }' | sort | diff "$out" -
}

@test "the energy does not depend on the recorded form" {
	intervals 20 >"$BATS_TEST_TMPDIR/csv"
	awk -F, '{ printf "%16s %s %10s %18s Joules %s\n", $1, $2, $3, $4, $6 }' "$BATS_TEST_TMPDIR/csv" >"$BATS_TEST_TMPDIR/std"
	awk -F, '{ printf "{\"interval\" : %s, \"socket\" : \"%s\", \"counters\" : %s, \"counter-value\" : \"%s0000\", \"unit\" : \"Joules\", \"event\" : \"%s\"}\n", $1, $2, $3, $4, $6 }' \
		"$BATS_TEST_TMPDIR/csv" >"$BATS_TEST_TMPDIR/json"
	rapl2csv "$BATS_TEST_TMPDIR/csv" >"$out"
	rapl2csv "$BATS_TEST_TMPDIR/std" | diff "$out" -
	rapl2csv "$BATS_TEST_TMPDIR/json" | sed 's/0.000000500/0.005000000/' | diff "$out" -
	gzip <"$BATS_TEST_TMPDIR/csv" | rapl2csv | diff "$out" -
	sed 's/$/\r/' "$BATS_TEST_TMPDIR/csv" | rapl2csv - | diff "$out" -
	sed 's/,\([0-9]*\)[.]\([0-9][0-9],Joules\)/,\1,\2/' "$BATS_TEST_TMPDIR/csv" | rapl2csv | sed 's/,locale,/,,/' | diff "$out" -
}

@test "the energy does not depend on the first count of a register" {
	wrapping() {
		for i in 0 1 2 3 4 5; do
			printf '0x%x ' $((($1 + i * 1000000) % 4294967296))
		done
	}
	registers 0x611 $(wrapping 0) | rapl2csv | sed 's/,wrap,/,,/' >"$out"
	for first in 4294967295 4294967296 4292000000 4290000000 2147483647; do
		registers 0x611 $(wrapping "$first") | rapl2csv | sed 's/,wrap,/,,/' | diff "$out" -
	done
}

# --- bad input

@test "bad lines are reported with file and line, the others are converted" {
	cp rapl2csv/sockets.in "$BATS_TEST_TMPDIR/x.csv"
	sed -i '3s/20.00/abc/; 5s/S1/X9/; 6s/ram/gas/; 8s/,Joules//' "$BATS_TEST_TMPDIR/x.csv"
	echo 'Segmentation fault' >>"$BATS_TEST_TMPDIR/x.csv"
	cd "$BATS_TEST_TMPDIR"
	run -1 --separate-stderr rapl2csv x.csv
	[ "${#lines[@]}" -eq 5 ]
	diff - <(echo "$stderr") <<-'EOT'
		rapl2csv: x.csv:3: bad value: abc
		rapl2csv: x.csv:5: unexpected field: X9
		rapl2csv: x.csv:6: not a RAPL event: power/energy-gas/
		rapl2csv: x.csv:8: no Joules unit: ,S0,1,50.00,power/energy-pkg/,2000002000,100.00,,
		rapl2csv: x.csv:12: cannot parse: Segmentation fault
	EOT
}

@test "the output of a program before the first count is no error" {
	run -0 pick energy_j <<-'EOT'
		stress-ng: info:  [21250] setting to a 5 second run per stressor
		42
		{ "progress": 1 }
		     1.000000000              10.00 Joules power/energy-pkg/
	EOT
	is 10.000000
}

@test "many bad lines are counted; -v reports them all" {
	text=$(printf '     1.000000000              10.00 Joules power/energy-pkg/\n'; for i in {1..150}; do echo oops; done)
	run -1 --separate-stderr rapl2csv <<<"$text"
	[ "$(wc -l <<<"$stderr")" -eq 21 ]
	[[ $stderr == *$'\nrapl2csv: ... and 130 more bad lines' ]]
	run -1 --separate-stderr rapl2csv -v <<<"$text"
	[ "$(wc -l <<<"$stderr")" -eq 150 ]
}

@test "polls that do not advance in time are reported" {
	rejects '<stdin>:4: time does not advance' rapl2csv <<-'EOT'
		1.0 0 0x606 0xa0e03
		1.0 0 0x611 0x100
		2.0 0 0x611 0x200
		2.0 0 0x611 0x300
		3.0 0 0x611 0x400
	EOT
	[ "${#lines[@]}" -eq 3 ]
	rejects '<stdin>:5: time does not advance' rapl2csv <<-'EOT'
		intel-rapl:0/name:package-0
		intel-rapl:0/max_energy_range_uj:65532610987
		10.5
		intel-rapl:0/energy_uj:100
		9.5
		intel-rapl:0/energy_uj:200
	EOT
}

@test "a recording without energy gives the header and an error" {
	for text in '' 'garbage' '     1.000000000,17,,context-switches,103380737,100.00,164.445,/sec'; do
		rejects 'no energy counters in it, such as power/energy-pkg/' rapl2csv <<<"$text"
		[ "$output" = "$header" ]
	done
	rejects 'no energy counters in it' rapl2csv < <(awk 'BEGIN { for (i = 0; i < 99999; i++) printf "%c", i * i * 7919 % 256; print "" }')
}

@test "a last line that is cut short is reported and not converted" {
	rejects '<stdin>:2: line is cut short' rapl2csv < <(printf '1.000000000,5.00,Joules,power/energy-pkg/,1000000000,100.00,,\n2.000000000,5.00,Joules,power/energy-pkg/,10000')
	[ "${#lines[@]}" -eq 2 ]
}

@test "a perf.data file of either byte order or version is referred to perf2rec" {
	for magic in PERFILE2 2ELIFREP PERFFILE; do
		rejects 'perf2rec' rapl2csv < <(printf '%sand more' $magic)
	done
}

@test "bad option arguments are wrong usage" {
	run -2 rapl2csv --model=z80 /dev/null
	run -2 rapl2csv --unit=pkg=3 /dev/null
	run -2 rapl2csv --elapsed=1h /dev/null
	run -2 rapl2csv --wide --totals /dev/null
}

# --- what others expect

# The options that a recording was converted with.
options_of() { # BASE -> $options
	options=()
	case $1 in
	synthetic/s01b-*) options=(--elapsed=1) ;;
	synthetic/s09b-*) options=(--counters=2) ;;
	public/pub2-*) options=(--counters=2) ;; # the list of options leaves it out; without it the time is not in the file
	synthetic/s14-*) options=(--counters=1) ;;
	synthetic/s06-*) options=(--max-watts=1000) ;;
	synthetic/m04-*) options=(--max-watts=100000) ;;
	synthetic/m03-* | synthetic/m13-*) options=(--model=hsx) ;;
	synthetic/m05-*) options=(--model=spr) ;;
	synthetic/t01-*) options=(--interval=1) ;;
	esac
}

# recordings_of: the recording of each file of the current folder, by its name and by each start of it that ends before a dot, in $recording.
recordings_of() {
	local file base
	declare -gA recording=()
	while read -r file; do
		file=${file#./} base=$file
		while recording[$base]=${recording[$base]-$file}; [[ ${base##*/} == *.* ]]; do
			base=${base%.*}
		done
	done < <(find . -type f ! -name '*.*.csv' ! -name '*.err')
}

@test "170 recordings and forms give the tables that others expect" {
	shared rapl
	cd "$shared"
	recordings_of
	got=$BATS_TEST_TMPDIR/got
	mkdir -p "$got"/{synthetic,public,rendered}
	n=0
	for want in synthetic/*.csv public/*.csv rendered/*.csv; do
		case $want in
		*.unitexact.long.csv) base=${want%.unitexact.long.csv} how='--unit=exact' ;;
		*.unitexact.exact.csv) base=${want%.unitexact.exact.csv} how='--unit=exact --exact' ;;
		*.long.csv) base=${want%.long.csv} how= ;;
		*.exact.csv) base=${want%.exact.csv} how=--exact ;;
		*.wide.csv) base=${want%.wide.csv} how=--wide ;;
		*.sum.csv) base=${want%.sum.csv} how=--totals ;;
		*) continue ;;
		esac
		# Its pkg_S0 column is that of the zone intel-rapl-mmio, which its own rules leave out of all sums.
		[ "$want" != synthetic/p04-mmio-mirror.wide.csv ] || continue
		file=$base
		[ -f "$file" ] || file=${recording[$base]}
		options_of "$base"
		if [[ $file == *.data ]]; then
			perf2rec "$file" | rapl2csv $how "${options[@]}"
		else
			rapl2csv $how "${options[@]}" <"$file"
		fi >"$got/$want" 2>"$err" || [ $? -eq 1 ]
		n=$((n + 1))
	done
	[ "$n" -eq 170 ]
	# what is only there is a recording, or another table of one
	run ! grep -v '^Only in [.]' <(diff -rq --strip-trailing-cr . "$got")
}

@test "bad lines are reported where others expect them" {
	shared rapl
	cd "$shared/synthetic"
	recordings_of
	for want in *.err; do
		rapl2csv "${recording[${want%.err}]}" 2>&1 >"$out" | sed -n 's/^[^:]*: [^:]*:\([0-9]*\): .*/\1/p' | diff <(cut -d: -f2 "$want") -
	done
}

@test "recordings of other events have no energy" {
	shared rapl
	for file in "$shared"/recorded/recorded-*[0-9a-zA-Z].txt "$shared"/recorded/*.csv "$shared"/recorded/*.json; do
		[[ $file != *commands* && $file != *dump* ]] || continue
		rejects 'no energy counters in it' rapl2csv "$file"
		[ "$output" = "$header" ]
	done
}
