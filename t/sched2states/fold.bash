# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# fold a stream written in the shorthand of short.awk, and compare what became of it

# fold [ARG ...] <SHORTHAND: expand it with sched2states/short.awk and fold it.
fold() {
	awk -f sched2states/short.awk >"$BATS_TEST_TMPDIR/in"
	reccheck -n "$BATS_TEST_TMPDIR/in"
	sched2states "$@" <"$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n "$out"
	again
}

# again: folding the output again does not change it.
again() {
	sched2states <"$out" | cmp - "$out"
}

# life TID <WANT: the task has these states: start, end, state, pairs.
life() {
	diff -u - <(awk -F'\t' -v tid="$1" '$1 == "state" && $6 == tid { print $2, $7, $11, $12 }' "$out" | sort -n)
}

# lane CPU LANE <WANT: the lane has these intervals: start, end, state, pairs.
lane() {
	diff -u - <(awk -F'\t' -v cpu="$1" -v lane="$2" \
		'$1 == "cpustate" && $4 == cpu && $8 == lane { print $2, $7, $9, $10 }' "$out" | sort -n)
}

# arrows <WANT: time, cpu and name of the waker, type, context, wakee, how long it had waited.
arrows() {
	diff -u - <(awk -F'\t' '$1 == "arrow" { print $2, $4, $8, $9, $10, $12, $16 }' "$out" | sort -n)
}
