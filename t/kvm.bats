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
