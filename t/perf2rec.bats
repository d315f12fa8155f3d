#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# perf.data files become records: the peer is perf itself, on the same files.

load lib

# kinds FILE ...: how many records of each kind, as "kind n" lines.
kinds() {
	cut -f1 "$@" | sort | uniq -c | awk '{ print $2, $1 }'
}

@test "every record of a scheduler recording comes out" {
	shared sched
	perf2rec "$shared/pipeline.data" >"$out"
	reccheck -n "$out"
	kinds "$out" >"$err"
	grep -qx 'switch 6706' "$err"
	grep -qx 'wakeup 3760' "$err"
	grep -qx 'idle 70' "$err"
}
