#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# kvmexits. Real entries and exits could not be recorded: kvm/recording.awk makes recordings, which perf kvm stat reads, too.

load lib
load kvm

# random N [CPUID]: a recording of n exits and entries
random() {
	awk -v n="$1" -f kvm/random.awk | awk -v cpuid="${2-}" -f kvm/recording.awk | "$BUILD/t/unhex"
}

# events: records of KVM from lines "time tid kind what ..." on standard input; what is the vCPU and reason, or the access
events() {
	awk -v OFS='\t' '
	/^#/ || NF == 0 { next }
	{ who = $1 OFS "host" OFS 0 OFS 1983 OFS $2 }
	$3 == "in" { print "kvmentry", who, $4, "-", "-" }
	$3 == "out" { print "kvmexit", who, $4, "vmx", 12, $5, "-", "-" }
	$3 == "mmio" { print "mmio", who, $4, $5, 4, 0, "-" }
	$3 == "pio" { print "pio", who, $4, $5, 1, 1, "-", "-" }
	$3 == "msr" { print "msr", who, $4, $5, 0, "-", "-" }
	$3 == "lost" { print "lost", $1, "host", $2, "-", "-", "-", 1, "x" }'
}

# rows: reason count open time of exits records, and the vCPU
rows() {
	cut -f9,11,12,13,15 | tr '\t' ' '
}

# ours ARG ...: the table of all vCPUs as perf has it: reason, count, shares, min, max, mean, error
ours() {
	kvmexits --table --per=all "$@" "$BATS_TEST_TMPDIR/rec" |
		awk 'NR > 2 && !/^total/ { print $(NF - 8), $(NF - 7), $(NF - 6), $(NF - 5), $(NF - 4), $(NF - 3), $(NF - 1), $NF == "-" ? "0.00" : $NF }' | sort
}

theirs() {
	perf kvm -i "$BATS_TEST_TMPDIR/data" stat report "$@" </dev/null 2>&1 |
		awk '/\+-/ { gsub(/[%()]|\+-/, ""); for (i = 5; i <= 7; i++) sub(/us$/, "", $i); print $1, $2, $3, $4, $5, $6, $7, $8 }' | sort
}

@test "each reason has its count, shares and times, for each vCPU" {
	recording new kvm/small.events >"$BATS_TEST_TMPDIR/data"
	for event in vmexit mmio ioport msr; do
		perf2rec "$BATS_TEST_TMPDIR/data" | kvmexits --event=$event
	done >"$out"
	reccheck -n "$out"
	[ -z "${BLESS-}" ] || cp "$out" kvm/exits.out
	diff -u kvm/exits.out "$out"
}

@test "counts, shares, shortest, longest and mean times and their errors are those of perf kvm stat report" {
	needs perf
	random 6000 >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/rec"
	for event in vmexit mmio ioport msr; do
		theirs --event=$event >"$BATS_TEST_TMPDIR/theirs"
		[ -s "$BATS_TEST_TMPDIR/theirs" ] || skip "perf has no $event"
		ours --event=$event | diff "$BATS_TEST_TMPDIR/theirs" -
	done
	# perf has no shortest times of one vCPU
	theirs --vcpu=1 | cut -d' ' -f1-4,6- >"$BATS_TEST_TMPDIR/theirs"
	[ -s "$BATS_TEST_TMPDIR/theirs" ]
	ours --vcpu=1 | cut -d' ' -f1-4,6- | diff "$BATS_TEST_TMPDIR/theirs" -
	theirs --pid=200 >"$BATS_TEST_TMPDIR/theirs"
	ours -m vm200 | diff "$BATS_TEST_TMPDIR/theirs" -
}

@test "AMD's reasons have the names that perf has for them" {
	needs perf
	awk -v n=3000 -f kvm/random.awk | sed 's/isa=1/isa=2/; s/exit_reason=\([0-9]*\)/exit_reason=1\1/' |
		awk -v cpuid=AuthenticAMD,25,1 -f kvm/recording.awk | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/rec"
	theirs | grep -v UNKNOWN >"$BATS_TEST_TMPDIR/theirs"
	grep -q "^vmload " "$BATS_TEST_TMPDIR/theirs"
	ours | grep -v '^0x' | diff "$BATS_TEST_TMPDIR/theirs" -
}

@test "vCPUs, guests and all are added up alike" {
	random 2000 | perf2rec >"$BATS_TEST_TMPDIR/rec"
	for per in vcpu machine all; do
		kvmexits --per=$per "$BATS_TEST_TMPDIR/rec" >"$BATS_TEST_TMPDIR/rows"
		reccheck -n "$BATS_TEST_TMPDIR/rows"
		cut -f8 "$BATS_TEST_TMPDIR/rows" | uniq | wc -l
		awk -F'\t' $(recfields exits) '{ n += $count; ns += $time } END { printf "%d %.0f\n", n, ns }' "$BATS_TEST_TMPDIR/rows"
	done | paste -sd' ' >"$out"
	awk '!($1 == 2 && $4 == 2 && $7 == 1 && $2 > 900 && $2 == $5 && $2 == $8 && $3 == $6 && $3 == $9) { print; exit 1 }' "$out"
}

@test "the shortest, longest, 99th and mean time, by an independent calculation" {
	random 4000 | perf2rec >"$BATS_TEST_TMPDIR/rec"
	kvmexits --per=all "$BATS_TEST_TMPDIR/rec" | awk -F'\t' $(recfields exits) '{ print $reason, $count, $min, $max, $mean, $p99 }' | sort >"$out"
	awk -F'\t' '
	$1 == "kvmexit" { t[$6] = $2; why[$6] = $10 }
	$1 == "kvmentry" && $6 in t { print why[$6], $2 - t[$6]; delete t[$6] }' "$BATS_TEST_TMPDIR/rec" | sort -k1,1 -k2,2n |
		awk '
		function put(  k) {
			if (n == 0)
				return
			k = int(n * 99 / 100)
			k += k < n * 99 / 100
			print last, n, ns[1], ns[n], int(sum / n + 0.5), ns[k]
		}
		$1 != last { put(); n = sum = 0 }
		{ last = $1; ns[++n] = $2; sum += $2 }
		END { put() }' | sort | diff - "$out"
}

@test "what is open at the start or the end is not counted, and said with -s" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 in 0
		200 7 out 0 HLT
		300 7 in 0
		400 7 out 0 CPUID
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" 2>"$err" | rows)" = $'0 HLT 1 0 100\n0 CPUID 0 1 0' ]
	[ ! -s "$err" ]
	kvmexits -s "$BATS_TEST_TMPDIR/rec" 2>"$err" >"$out"
	grep -q ': 2 entries, 2 exits, 0 accesses; 1 intervals counted, 1 open at the start, 1 at the end$' "$err"
	kvmexits --table "$BATS_TEST_TMPDIR/rec" >"$out"
	grep -qx 'total: 1, 0.10 us; without both ends, not counted: 1' "$out"
	[ "$(awk '$1 == "CPUID" { $1 = $1; print }' "$out")" = 'CPUID 0 0.00 0.00 - - - - -' ]
}

@test "a stream cut by grep: intervals without an end are not counted, and reported" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 in 0
		200 7 out 0 HLT
		250 7 out 0 HLT
		300 7 in 0
		350 7 in 0
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" 2>"$err" | rows)" = '0 HLT 1 1 50' ]
	grep -q ': not counted: 1 without an entry, 1 without an exit, 0 in which events were lost' "$err"
	grep '^kvmexit' "$BATS_TEST_TMPDIR/rec" | kvmexits 2>"$err" | rows >"$out"
	[ "$(<"$out")" = '0 HLT 0 2 0' ]
	grep '^kvmentry' "$BATS_TEST_TMPDIR/rec" | rejects 'none of these events' kvmexits
}

@test "an interval in which events of its CPU were lost is not counted" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 in 0
		200 7 out 0 HLT
		250 1 lost
		300 7 in 0
		400 7 out 0 HLT
		450 0 lost
		500 7 in 0
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" 2>"$err" | rows)" = '0 HLT 1 1 100' ]
	grep -q '1 in which events were lost' "$err"
}

@test "entries of another vCPU on the same thread end its exits, not those of the first" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 in 0
		200 7 out 0 HLT
		210 7 in 1
		300 7 out 1 CPUID
		330 7 in 1
		340 7 out 1 CPUID
		1200 7 in 0
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" | rows)" = $'0 HLT 1 0 1000\n1 CPUID 1 1 30' ]
}

@test "exits without a number belong to the vCPU that the thread entered or is said to be" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 out - HLT
		200 7 in 3
		300 7 out - HLT
		400 7 in 3
		300 8 out - HLT
		400 8 in -
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" | rows)" = $'- HLT 1 0 100\n3 HLT 2 0 200' ]
	printf 'vcpu\t100\thost\t-\t1983\t8\tvm1983\t5\tcomm\n' | cat "$BATS_TEST_TMPDIR/rec" - >"$out"
	[ "$(kvmexits "$out" | rows)" = $'3 HLT 2 0 200\n5 HLT 1 0 100' ]
}

@test "a thread that moves between CPUs is one vCPU" {
	events <<-'EOF' | awk -F'\t' -v OFS='\t' '{ $4 = NR % 3 } { print }' >"$BATS_TEST_TMPDIR/rec"
		100 7 out 0 HLT
		200 7 in 0
		300 7 out 0 HLT
		400 7 in 0
	EOF
	[ "$(kvmexits "$BATS_TEST_TMPDIR/rec" | rows)" = '0 HLT 2 0 200' ]
}

@test "of several accesses in one exit each takes until the next" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 in 0
		200 7 out 0 EPT_MISCONFIG
		210 7 mmio unsatisfied-read fee0
		300 7 mmio read fee0
		320 7 mmio read fee8
		350 7 mmio write fee0
		390 7 mmio write fee8
		400 7 in 0
		410 7 pio write 3f8
		430 7 pio read 3f8
		500 7 in 0
	EOF
	[ "$(kvmexits --event=mmio "$BATS_TEST_TMPDIR/rec" | rows)" = $'0 0xfee0:R 1 0 100\n0 0xfee0:W 1 0 40\n0 0xfee8:R 1 0 20\n0 0xfee8:W 1 0 10' ]
	[ "$(kvmexits --event=ioport "$BATS_TEST_TMPDIR/rec" | rows)" = $'0 0x3f8:PIN 1 0 70\n0 0x3f8:POUT 1 0 20' ]
	sed 2d "$BATS_TEST_TMPDIR/rec" | kvmexits --event=mmio 2>"$err" | rows >"$out"
	grep -q '^0 0xfee0:R 0 1 0$' "$out"
	grep -q ' 1 without an exit' "$err"
}

@test "time that goes back in a thread is an error, and what precedes it is written" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 out 0 HLT
		200 7 in 0
		150 8 out 1 HLT
		190 7 out 0 HLT
	EOF
	run -1 --separate-stderr kvmexits "$BATS_TEST_TMPDIR/rec"
	[[ $stderr == *"rec:4: time goes backwards: LC_ALL=C sort -s -k2,2n puts it in order" ]]
	[ "$(rows <<<"$output")" = $'0 HLT 1 0 100\n1 HLT 0 1 0' ]
}

@test "--by sorts by count, time, mean or the longest" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 out 0 A
		110 7 in 0
		120 7 out 0 A
		130 7 in 0
		140 7 out 0 A
		240 7 in 0
		250 7 out 0 B
		340 7 in 0
		350 7 out 0 C
		445 7 in 0
		450 7 out 0 C
		535 7 in 0
	EOF
	for by in count time mean max; do
		kvmexits --by=$by "$BATS_TEST_TMPDIR/rec" | cut -f11 | paste -sd' '
	done >"$out"
	[ "$(<"$out")" = $'A C B\nC A B\nB C A\nA C B' ]
	for option in --by=x --event=x --per=x --vcpu=x; do
		run -2 kvmexits "$option" "$BATS_TEST_TMPDIR/rec"
	done
}

@test "a guest, a vCPU or events that are not there are errors" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 out 0 HLT
		200 7 in 0
	EOF
	rejects 'no exits of the guests that -m names' kvmexits -m vm1 "$BATS_TEST_TMPDIR/rec"
	run -1 --separate-stderr kvmexits -m 'x*' "$BATS_TEST_TMPDIR/rec"
	[ "${stderr_lines[0]}" = 'kvmexits: nothing matches -m "x*"' ]
	[ "$(kvmexits -m 'vm19*' -m vm1 "$BATS_TEST_TMPDIR/rec" 2>"$err" | rows)" = '0 HLT 1 0 100' ]
	[ "$(<"$err")" = 'kvmexits: nothing matches -m "vm1"' ]
	rejects 'no exits of a vCPU 3' kvmexits --vcpu=3 "$BATS_TEST_TMPDIR/rec"
	rejects 'none of these events' kvmexits --event=msr "$BATS_TEST_TMPDIR/rec"
	rejects 'no kvmentry and kvmexit records: record kvm:kvm_entry and kvm:kvm_exit' kvmexits <<<$'meta\t-\thost\ta\tb'
	rejects 'kvmexit: ' kvmexits <<<$'kvmexit\t1\thost'
}

@test "a terminal gets no byte of a reason or a guest unquoted" {
	printf 'kvmexit\t1\thost\t0\t7\t7\t0\t-\t1\t\\x1b[31m\xff\t-\t-\nkvmentry\t2\thost\t0\t7\t7\t0\t-\t-\n' | kvmexits --table >"$out"
	run -1 grep -q $'\x1b\|\xff' "$out"
}

@test "gzip'd input and standard input are read alike" {
	random 100 | perf2rec | gzip >"$BATS_TEST_TMPDIR/rec.gz"
	kvmexits "$BATS_TEST_TMPDIR/rec.gz" >"$out"
	zcat "$BATS_TEST_TMPDIR/rec.gz" | kvmexits - | cmp - "$out"
}

@test "accesses without any entry or exit are counted, and have no times" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 pio write 3f8
		900 7 pio write 3f8
		950 7 pio read 60
	EOF
	kvmexits --event=ioport "$BATS_TEST_TMPDIR/rec" >"$out" 2>"$err"
	reccheck -n "$out"
	[ "$(cut -f 11- "$out" | tr '\t' ' ')" = $'0x3f8:POUT 2 0 100.0000 - 0.0000 - - - - -\n0x60:PIN 0 1 0.0000 - 0.0000 - - - - -' ]
	grep -q 'no kvmentry and kvmexit records: when an access ends is not known, so there are no times' "$err"
	kvmexits --event=ioport --table "$BATS_TEST_TMPDIR/rec" 2>"$err" | grep -q '^0x3f8:POUT  *2  *100.00  *-  *-  *-  *-  *-  *-$'
	{ printf 'meta\t-\thost\tclock_unit\tcycle\n'; cat "$BATS_TEST_TMPDIR/rec"; } | kvmexits --event=ioport --table 2>"$err" >"$out"
	grep -qx 'kvmexits: the clock of host does not count nanoseconds: 1 ns stands for 1 cycle' "$err"
	{ cat "$BATS_TEST_TMPDIR/rec"; events <<<'960 7 in 0'; } | kvmexits --event=ioport 2>"$err" | rows | diff - <(printf '0 0x3f8:POUT 2 0 850\n0 0x60:PIN 1 0 10\n')
	[ ! -s "$err" ]
}

@test "guests whose processes are not known are reported if they are more than one" {
	events >"$BATS_TEST_TMPDIR/rec" <<-'EOF'
		100 7 out 0 HLT
		200 7 in 0
		300 8 out 1 HLT
		400 8 in 1
	EOF
	sed -i 's/\t1983\t/\t-\t/' "$BATS_TEST_TMPDIR/rec"
	[ "$(kvmexits --per=machine "$BATS_TEST_TMPDIR/rec" 2>"$err" | cut -f 8,12)" = 'vm	2' ]
	[ ! -s "$err" ]
	sed -i 's/\t8\t1\t/\t8\t0\t/' "$BATS_TEST_TMPDIR/rec"
	[ "$(kvmexits --per=machine "$BATS_TEST_TMPDIR/rec" 2>"$err" | cut -f 8,12)" = 'vm	2' ]
	[[ $(<"$err") == 'kvmexits: vm is several guests: the processes of their threads are not known: '* ]]
}
