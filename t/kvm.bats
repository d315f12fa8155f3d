#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Records of KVM's tracepoints, and of what the vCPUs are. The recordings are made by kvm/recording.awk.

load lib
load kvm

# records KERNEL EVENTS ...
records() {
	recording "$@" >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	reccheck -n "$out"
}

# becomes CASE: the output is kvm/CASE.out.
becomes() {
	[ -z "${BLESS-}" ] || cp "$out" "kvm/$1.out"
	diff -u "kvm/$1.out" "$out"
}

@test "entries, exits and accesses are records, and tell which vCPU a thread is" {
	records new kvm/small.events
	becomes small
}

@test "the formats of old and new x86 kernels give the same exits, as far as they have the fields" {
	for kernel in new mid old; do
		records "$kernel" kvm/kernels.events kvm/x86.events
		becomes "$kernel"
	done
}

@test "the formats of arm64 kernels give exits with the names of their traps" {
	for kernel in arm64 arm64-4; do
		records "$kernel" kvm/kernels.events
		becomes "$kernel"
	done
}

@test "a vcpu record is written when a thread is known for the first time, and when its number is" {
	records new kvm/vcpus.events
	grep '^vcpu' "$out" | cmp - kvm/vcpus.out || { grep '^vcpu' "$out"; return 1; }
}

@test "a vcpu record is a definition, which recgrep keeps" {
	records new kvm/vcpus.events
	[ "$(recgrep -e msr "$out" | cut -f1 | sort | uniq -c | xargs)" = '5 comm 2 meta 2 msr 5 vcpu' ] ||
		{ recgrep -e msr "$out"; return 1; }
}

@test "states2svg names vCPUs and the CPUs of guests, and draws guests below the host that runs them" {
	states2svg kvm/labels.in | sed -n '/<text x="8"\|<title>.* vm\|<title>.* of vm\|class="head"/s/ y="[0-9]*"//p' >"$out"
	becomes labels
}

@test "a recording's vCPUs reach the picture" {
	cat >"$BATS_TEST_TMPDIR/states" <<-'EOF'
		state	1000	host	0	1983	1985	5000	0	CPU 0/KVM	120	running	-	-
	EOF
	records new kvm/small.events
	cs2text "$out" | sched2states | cat - "$BATS_TEST_TMPDIR/states" | states2svg |
		grep -q '^<title>CPU 0/KVM 1983/1985 · vCPU 0 of vm1983$'
}

# same_from_pages: perf2rec's records of the recording, in $out, of KVM's kinds, are those that ftrace2rec makes of its pages
same_from_pages() {
	ftrace2rec -f "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR"/cpu[01] >"$BATS_TEST_TMPDIR/pages"
	reccheck -n "$BATS_TEST_TMPDIR/pages"
	for kind in kvmentry kvmexit mmio pio msr $1; do
		grep "^$kind	" "$out" >"$BATS_TEST_TMPDIR/want" || true
		grep "^$kind	" "$BATS_TEST_TMPDIR/pages" | diff "$BATS_TEST_TMPDIR/want" -
		wc -l <"$BATS_TEST_TMPDIR/want"
	done >"$BATS_TEST_TMPDIR/counts"
}

@test "ftrace2rec makes the same records of pages with the same events" {
	for kernel in new mid; do
		records $kernel kvm/kernels.events kvm/x86.events
		pages $kernel '' kvm/kernels.events kvm/x86.events
		same_from_pages vcpu
		[ "$(paste -sd' ' "$BATS_TEST_TMPDIR/counts")" = "2 $([ $kernel = new ] && echo 6 || echo 7) 2 2 2 2" ] || { cat "$BATS_TEST_TMPDIR/counts"; return 1; }
	done
	records new kvm/small.events
	pages new '' kvm/small.events
	same_from_pages
	# and the same exits
	for file in "$out" "$BATS_TEST_TMPDIR/pages"; do kvmexits "$file" >"$file.exits"; done
	cmp "$out.exits" "$BATS_TEST_TMPDIR/pages.exits"
	[ -s "$out.exits" ]
}

@test "ftrace2rec reads KVM's events by the formats of a real kernel, as perf2rec does by those of the made recordings" {
	shared kvm
	records new kvm/kernels.events kvm/x86.events
	pages new "$shared/formats" kvm/kernels.events kvm/x86.events
	same_from_pages vcpu
	ftrace2rec --print-fmt -f "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR"/cpu[01] | grep -q '^kvmexit	1100	.*	vmx	12	HLT	'
}

@test "threads that a trace.dat lists as a guest's CPUs keep its name at their KVM events" {
	pages new '' kvm/small.events
	printf '"Fedora 21\\0" u64:1 u32:1 u32:0 u32:1985\n' | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/guests"
	"$BUILD/t/mkdat" -O "13=$BATS_TEST_TMPDIR/guests" "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR"/cpu[01] >"$BATS_TEST_TMPDIR/trace.dat"
	ftrace2rec "$BATS_TEST_TMPDIR/trace.dat" >"$out"
	[ "$(grep '^vcpu' "$out")" = $'vcpu\t0\thost\t-\t-\t1985\tFedora 21\t0\tlist' ]
	grep -q '^kvmexit	.*	HLT	' "$out"
	kvmexits "$out" | cut -f8 | sort -u | grep -qx 'Fedora 21'
	kvmexits -m 'Fedora*' "$out" | cmp - <(kvmexits "$out")
}

@test "in a pid namespace a guest has the hypervisor's pid there, and is just vm if that is outside" {
	cat >"$BATS_TEST_TMPDIR/events" <<-'EOF2'
		1000 0 7 8 kvm_entry vcpu_id=0 common_pid=1985
		1100 0 7 8 kvm_exit exit_reason=12 isa=1 vcpu_id=0 common_pid=1985
		1200 1 0 0 kvm_entry vcpu_id=1 common_pid=2222
		1300 0 7 8 kvm_entry vcpu_id=0 common_pid=1985
	EOF2
	records new "$BATS_TEST_TMPDIR/events"
	diff <(grep -E '^(vcpu|kvmexit)' "$out" | cut -f1-8 | tr '\t' ' ') - <<-'EOF2'
		vcpu 1000 host - 7 8 vm7 0
		kvmexit 1100 host 0 7 8 0 vmx
		vcpu 1200 host - - 1000002222 vm 1
	EOF2
}
