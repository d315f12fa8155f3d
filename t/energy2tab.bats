#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The energy of counters is shared out over tasks: goldens small enough to check by hand, sums that must be exact, and the times of
# states2tab.

load lib

@test "tables of two CPUs, their package and their cores; what is left out is reported" {
	for by in task process name; do
		energy2tab --by=$by energy2tab/small.in >"$out" 2>"$err"
		[ -z "${BLESS-}" ] || cp "$out" energy2tab/small.$by
		diff -u energy2tab/small.$by "$out"
		diff "$err" - <<-'EOF'
			energy2tab: energy2tab/small.in: 1 energy records left out: not on the clock of the states (rapl2csv --start)
			energy2tab: energy2tab/small.in: 1 energy records left out: no energy, or no times
			energy2tab: energy2tab/small.in: 1 energy records left out: they overlap others of the same counter
			energy2tab: energy2tab/small.in: 1 energy records of counters whose CPUs are not known: put down to unknown (perf2rec -H has the CPUs)
		EOF
	done
	energy2tab energy2tab/small.in 2>/dev/null | diff energy2tab/small.task -
	# the records may come in any order
	sort -r energy2tab/small.in | energy2tab 2>/dev/null | sort | diff <(sort energy2tab/small.task) -
}

# measured: the states of the recording of examples/, and counters of its package and cores that count 211 times while it lasts
measured() {
	perf2rec ../examples/pipeline.data | sched2states >"$BATS_TEST_TMPDIR/states"
	perf2rec -H ../examples/pipeline.data | grep "^meta.*$(printf '\t')cpu$(printf '\t')" >"$BATS_TEST_TMPDIR/cpus"
	read -r first last < <(awk -F '\t' '($1 == "state" && $11 == "running") || ($1 == "cpustate" && $8 == "cpu") {
		if (!first || $2 < first) first = $2
		if ($7 > last) last = $7
	} END { printf "%.0f %.0f\n", first, last }' "$BATS_TEST_TMPDIR/states")
	awk -v OFS='\t' -v first=$first -v last=$last 'BEGIN {
		for (t = first; t < last; t = end) {
			end = t + 377777 < last ? t + 377777 : last
			printf "energy\t%.0f\thost\t-\t-\t-\t%.0f\tpkg\t0\t-\t-\t%d.%09d\t0.005\tpkg\tcounters=1\n", t, end, n % 3, (n * 7654321) % 1000000000
			for (core = 0; core < 2; core++)
				printf "energy\t%.0f\thost\t-\t-\t-\t%.0f\tcore\t0\t0\t%d\t0.%09d\t0.00000001\tcore\tcounters=1\n", t, end, core, (n * 3456789) % 1000000000
			n++
		}
	}' >"$BATS_TEST_TMPDIR/energy"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/energy")" -gt 600 ]
	cat "$BATS_TEST_TMPDIR"/{cpus,energy,states} >"$BATS_TEST_TMPDIR/all"
}

# nanojoules COLUMN DOMAIN FIELD <LINES: the exact sum of a field of the lines with this domain in that column
nanojoules() {
	awk -F '\t' -v column="$1" -v domain="$2" -v field="$3" '
	$column == domain {
		split($field, part, ".")
		sum += part[1] * 1000000000 + substr(part[2] "000000000", 1, 9)
	}
	END { printf "%.0f\n", sum }'
}

@test "the shares of a domain add up to its counters exactly, and so do the errors" {
	measured
	for by in task process name; do
		energy2tab --by=$by "$BATS_TEST_TMPDIR/all" >"$out"
		joules=$(head -1 "$out" | tr '\t' '\n' | sed -n '/^joules$/=')
		for domain in pkg core; do
			[ "$(nanojoules 2 $domain $joules <"$out")" = "$(nanojoules 8 $domain 12 <"$BATS_TEST_TMPDIR/energy")" ]
			[ "$(nanojoules 2 $domain $((joules + 1)) <"$out")" = "$(nanojoules 8 $domain 13 <"$BATS_TEST_TMPDIR/energy")" ]
		done
	done
}

@test "the times are those of states2tab: a task's running time, the CPUs' idle and unknown time" {
	measured
	energy2tab "$BATS_TEST_TMPDIR/all" >"$out"
	states2tab "$BATS_TEST_TMPDIR/states" | awk -F '\t' 'NR > 1 && $6 > 0 { print $2, $3, $6 }' | sort >"$BATS_TEST_TMPDIR/want"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/want")" -gt 10 ]
	for domain in pkg core; do
		awk -F '\t' -v domain=$domain '$2 == domain && $3 == "task" { print $4, $5, $8 }' "$out" | sort | diff "$BATS_TEST_TMPDIR/want" -
		awk -F '\t' -v domain=$domain '$2 == domain && $3 != "task" { print $3, $8 }' "$out" | diff - <(
			states2tab --by=cpu "$BATS_TEST_TMPDIR/states" | awk -F '\t' '
				NR > 1 { idle += $4; unknown += $5 } END { printf "idle %.0f\nunknown %.0f\n", idle, unknown }')
	done
}

@test "a share is the part of the time: of one interval over the whole recording, to a nanojoule" {
	measured
	sed -n '1s/\t[0-9]*\tpkg\t0\t-\t-\t[^\t]*/\tEND\tpkg\t0\t-\t-\t123.456789012/p' "$BATS_TEST_TMPDIR/energy" |
		sed "s/END/$(tail -1 "$BATS_TEST_TMPDIR/energy" | cut -f7)/" | cat - "$BATS_TEST_TMPDIR/states" >"$BATS_TEST_TMPDIR/one"
	energy2tab "$BATS_TEST_TMPDIR/one" >"$out" # needs no places: it is the only package
	awk -F '\t' 'NR > 1 { n++; ns[n] = $8; joules[n] = $9; total += $8 }
		END {
			for (i = 1; i <= n; i++) {
				off = joules[i] - 123.456789012 * ns[i] / total
				if (off > 2e-9 || off < -2e-9) { print i, joules[i], ns[i]; exit 1 }
			}
			if (n < 10) exit 1
		}' "$out"
}

@test "counters of a CPU's registers are those of its package and its core" {
	{
		for cpu in 0 1 2 3; do
			printf 'meta\t-\thost\tcpu\tcpu=%d core=%d package=%d\n' $cpu $((cpu / 2)) $((cpu / 2))
			printf 'state\t0\thost\t%d\t%d\t%d\t100\t0\ttask%d\t120\trunning\t-\t-\n' $cpu $cpu $cpu $cpu
		done
		printf 'energy\t0\thost\t%d\t-\t-\t100\t%s\t-\t-\t-\t%d\t-\tx\t-\n' 0 pkg 10 2 pkg 20 1 core 1 3 core 3
	} | sed 's/\t0\t0\t100\t0\ttask0/\t7\t7\t100\t0\ttask0/' >"$BATS_TEST_TMPDIR/in"
	energy2tab --by=name "$BATS_TEST_TMPDIR/in" | cut -f2,4,6 | sort | diff - <(sort <<-'EOF'
		domain	comm	joules
		pkg	task0	5
		pkg	task1	5
		pkg	task2	10
		pkg	task3	10
		core	task0	0.5
		core	task1	0.5
		core	task2	1.5
		core	task3	1.5
	EOF
	)
}

@test "without states or energy the status is 1" {
	rejects 'no energy records to share out; rapl2csv --records makes them' energy2tab <(grep -v ^energy energy2tab/small.in)
	rejects 'no states of running tasks; sched2states makes them from switches' energy2tab <(grep -v ^state energy2tab/small.in)
	# nor do the unknown states of a recording without switches help
	rejects 'record sched:sched_switch' energy2tab <(sed 's/running/unknown/' energy2tab/small.in)
	# nor those of another time
	rejects 'no energy record meets a state: the first is at 1000.000000000 s' energy2tab <(grep ^state energy2tab/small.in
		printf 'energy\t1000000000000\thost\t-\t-\t-\t1001000000000\tpkg\t0\t-\t-\t1\t0\tpkg\tcounters=1\n')
	run -2 --separate-stderr energy2tab --by=cpu
	[[ $stderr == 'energy2tab: --by: "cpu": not task, process or name'* ]]
}

@test "amounts and intervals beyond reason are left out, and overflow nothing" {
	for joules in 1000000001 99999999999999999999999999999999999999999999 1e9 -1 1.2.3 .5; do
		printf 'state\t0\thost\t0\t1\t1\t10\t0\tx\t120\trunning\t-\t-\nenergy\t0\thost\t-\t-\t-\t10\tpkg\t0\t-\t-\t%s\t-\tx\t-\n' "$joules" |
			energy2tab 2>"$err" >"$out" && return 1
		grep -q '1 energy records left out: no energy' "$err" || { echo "$joules"; return 1; }
	done
	printf 'state\t-9223372036854775807\thost\t0\t1\t1\t9223372036854775807\t0\tx\t120\trunning\t-\t-\nenergy\t-9223372036854775807\thost\t-\t-\t-\t9223372036854775807\tpkg\t0\t-\t-\t1\t-\tx\t-\nenergy\t0\thost\t-\t-\t-\t1000000000000000\tpkg\t0\t-\t-\t1000000000\t0.5\tx\t-\n' |
		energy2tab 2>"$err" | tail -n +2 | diff - <(printf 'host\tpkg\ttask\t1\t0\t1\tx\t1000000000000000\t1000000000\t0.5\n')
	grep -q '1 energy records left out: no energy' "$err"
}

@test "the page's recipe finds when a recorded command was executed" {
	sed -n '/^start=/,/exit }/p' ../doc/energy2tab.1 | sed 's/\\e/\\/g; s/perf\.data/..\/examples\/pipeline.data/; s/"sleep"/"gzip"/' >"$BATS_TEST_TMPDIR/recipe"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/recipe")" -eq 2 ]
	# shellcheck source=/dev/null
	. "$BATS_TEST_TMPDIR/recipe"
	[ "$start" -gt 4453739486259 ] && [ "$start" -lt 4453818054799 ]
}

@test "polls and states that both count from 1970 are put together by rapl2csv --start=0" {
	printf '%s\n' /sys/class/powercap/intel-rapl:0/{name:package-0,max_energy_range_uj:262143328850} >"$BATS_TEST_TMPDIR/poll"
	for second in 0 1 2; do
		printf '179591421%s.000000000\n/sys/class/powercap/intel-rapl:0/energy_uj:%s000000\n' $second $((second * 5 + 10))
	done >>"$BATS_TEST_TMPDIR/poll"
	printf 'state\t1795914210500000000\thost\t0\t5\t5\t1795914211500000000\t0\tx\t120\trunning\t-\t-\n' >"$BATS_TEST_TMPDIR/states"
	rapl2csv --records --start=0 "$BATS_TEST_TMPDIR/poll" | cat "$BATS_TEST_TMPDIR/states" - | energy2tab >"$out"
	awk -F '\t' '$3 == "task" { good = $7 == "x" && $8 == 1000000000 && $9 > 4.999 && $9 < 5.001 } END { exit !good }' "$out"
	rapl2csv --records "$BATS_TEST_TMPDIR/poll" | cat "$BATS_TEST_TMPDIR/states" - >"$BATS_TEST_TMPDIR/both"
	run -1 --separate-stderr energy2tab "$BATS_TEST_TMPDIR/both"
	[[ $stderr == *"the states' times count from 1970: so do those of polls with rapl2csv --start=0"* ]]
}
