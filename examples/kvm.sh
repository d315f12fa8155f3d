#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm.sh FOLDER - turn one recording of a host and two guests into profiles, a comparison, flame graphs and a timechart
#
# The kernel of each guest has its own symbols. guests.rec says where the program of the guests is mapped: it is the same
# file that runs on the host.
set -eu
here=$(dirname "$0")
to=${1:?a folder for the tables and the picture}
one=vm6315 two=vm6316
mkdir -p "$to"
rm -f "$to"/*.rec

perf2rec "$here/kvm/perf.data.gz" |
	LC_ALL=C sort -s -m -k2,2n "$here/kvm/guests.rec" - |
	cs2text -k "$here/kvm/host.kallsyms" --sysroot="$here/sysroot" \
		--guest-kallsyms=$one="$here/kvm/$one.kallsyms" --guest-kallsyms=$two="$here/kvm/$two.kallsyms" |
	kvmsplit --dir "$to"

# what perf kvm top showed, for each machine
for machine in host $one $two; do
	printf '%s\n samples  percent  %-28s object\n' "$machine" function
	rec2prof --keys object,sym "$to/$machine.rec" |
		awk -F '\t' $(recfields prof) 'NR <= 12 { printf "%8d  %6.2f%%  %-28s %s\n", $samples, $share, $sym, $object }'
	echo
done >"$to/top.txt"

# the host, and beside it the guest that runs the same program
profdiff --table "$to/host.rec" "$to/$one.rec" | head -n 20 >"$to/diff.txt"

# for flamegraph.pl: a guest's stack is the function alone
rec2folded "$to/host.rec" >"$to/host.folded"
cat "$to/$one.rec" "$to/$two.rec" | rec2folded >"$to/guests.folded"

# a tenth of a second of the threads that ran the guests, and of the same program on the host
sched2states "$to/host.rec" >"$to/host.states"
set -- -p 'CPU 0/KVM,CPU 1/KVM,on host' -t 15359.40s,15359.52s "$to/host.states"
states2svg "$@" >"$to/kvm.svg"
states2svg --static "$@" >"$to/kvm-static.svg"

cat "$to/top.txt" "$to/diff.txt"
cat <<END

$to/kvm.svg: 120 ms of two guests and their host; open it in a browser

  What to look for:
  * top.txt: the guest $one computes; $two only writes to its console. Each byte leaves the guest, so nearly all of the time that
    it takes is the host's, in native_read_msr, paging64_walk_addr_generic, x86_decode_insn: this KVM has no help of the
    hardware and emulates what the kernel of a guest does.
  * diff.txt: for each sample in count_primes there are more than four in hash_bytes, on the host as in the guest, whose two
    vCPUs ran both twice as long (ratio). Functions that only one side has are listed with that side's share alone.
  * kvm.svg: another task keeps CPU 0. The three vCPU threads (vmPID vCPU n) and the program on the host share CPU 1: of 120 ms
    each of them waits for it for half or more, ready to run (orange and yellow). A guest cannot see this time.
    The vCPUs of $one sleep when their program does (pale); the timer's interrupt wakes them up (purple). $two never sleeps.
END
