#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stacks inline, or each written once: the same stream in two forms.

load lib

# stream [LINE ...]: the lines, or else standard input, with blanks turned into tabs.
stream() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	else
		cat
	fi | tr ' ' '\t'
}

# back: converting to --stacks=once and back gives the same stream. $out: the stream with --stacks=once.
back() {
	recstacks --stacks=once "$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n "$out"
	recstacks "$out" | cmp - "$BATS_TEST_TMPDIR/in"
	recstacks --stacks=once "$out" | cmp - "$out"
}

# hashes N: the lines of standard input have N different stacks.
hashes() {
	stream >"$BATS_TEST_TMPDIR/in"
	back
	[ "$(grep -c '^stack' "$out")" -eq "$1" ]
	[ "$(grep -o '@.*' "$out" | sort -u | wc -l)" -eq "$1" ]
}

@test "each stack is defined before its first use, with the same time" {
	golden recstacks once --stacks=once
}

@test "converting forth and back gives the same bytes" {
	cp recstacks/once.in "$BATS_TEST_TMPDIR/in"
	back
	for stacks in inline once; do
		perf2rec ../examples/pipeline.data >"$BATS_TEST_TMPDIR/in"
		back
		perf2rec --stacks=$stacks ../examples/pipeline.data | recstacks --stacks=once | cmp - "$out"
	done
}

@test "converting forth and back gives the same bytes for shared recordings" {
	shared sched
	for f in "$shared"/*.data; do
		perf2rec "$f" >"$BATS_TEST_TMPDIR/in"
		back
		perf2rec --stacks=once "$f" | cmp - "$out"
	done
}

@test "two processes have different user stacks, but the same kernel stack" {
	hashes 3 <<-'EOF'
		idle 1 host 0 7 7 0 1 k;1
		idle 1 host 0 8 8 0 1 k;1
		idle 1 host 0 7 7 0 1 k;1;u;2
		idle 1 host 0 7 9 0 1 k;1;u;2
		idle 1 host 0 8 8 0 1 k;1;u;2
		idle 1 host 0 8 8 0 1 k;1;u;2
	EOF
	awk -F '\t' '$1 == "stack" { print $4 }' "$out" | diff - <(printf '%s\n' - 7 8)
}

@test "a new map, an exec and a reused pid make a different user stack" {
	hashes 4 <<-'EOF'
		idle 1 host 0 7 7 0 1 u;2
		map 2 host 0 7 7 u 1000 1000 0 r-xp - /bin/a
		idle 3 host 0 7 7 0 1 u;2
		comm 3 host 0 7 7 - renamed
		map 3 host 0 8 8 u 1000 1000 0 r-xp - /bin/a
		fork 3 host 0 7 7 7 9 thread
		exit 3 host 0 7 9
		idle 3 host 0 7 7 0 1 u;2
		comm 4 host 0 7 7 exec b
		idle 5 host 0 7 7 0 1 u;2
		exit 6 host 0 7 7
		fork 7 host 0 1 1 7 7 -
		idle 8 host 0 7 7 0 1 u;2
	EOF
}

@test "a new map or symbol in the kernel makes a different kernel stack" {
	hashes 3 <<-'EOF'
		idle 1 host 0 7 7 0 1 k;2
		map 2 host - - - k 2 1000 0 - - [mod]
		idle 3 host 0 7 7 0 1 k;2
		ksym 4 host - - - add 2 1000 bpf_prog
		idle 5 host 0 7 7 0 1 k;2
	EOF
}

@test "equal stacks on two machines are different stacks" {
	hashes 2 <<-'EOF'
		idle 1 host 0 7 7 0 1 k;2
		idle 1 vm9 0 7 7 0 1 k;2
	EOF
}

@test "the hash does not cover names; the same frames with other names stay inline" {
	stream 'idle 1 host 0 7 7 0 1 k;2' 'idle 1 host 0 7 7 0 1 k;2<f+0x0>' >"$BATS_TEST_TMPDIR/in"
	back
	[ "$(grep -c '^stack' "$out")" -eq 1 ]
	[ "$(sed -n '3s/.*\t//p' "$out")" = 'k;2<f+0x0>' ]
	plain=$(sed -n '2s/.*@//p' "$out")
	stream 'idle 1 host 0 7 7 0 1 k;2<f+0x0>' >"$BATS_TEST_TMPDIR/in"
	back
	[ "$(sed -n '2s/.*@//p' "$out")" = "$plain" ]
}

@test "an undefined hash is copied; a redefined hash means the later stack" {
	stream 'idle 1 host 0 7 7 0 1 @ab' 'stack 1 host - ab k;1' 'idle 1 host 0 7 7 0 1 @ab' \
		'stack 1 host - ab k;2' 'idle 1 host 0 7 7 0 1 @ab' | recstacks >"$out"
	diff <(stream 'idle 1 host 0 7 7 0 1 @ab' 'idle 1 host 0 7 7 0 1 k;1' 'idle 1 host 0 7 7 0 1 k;2') "$out"
}

@test "forgotten stacks are defined again, with the same hash" {
	awk 'BEGIN { for (j = 0; j < 2; j++) for (i = 0; i < 150000; i++) printf "idle\t%d\thost\t0\t1\t1\t0\t1\tk;%x;u;%x\n", ++t, i + 16, i + 32 }' >"$BATS_TEST_TMPDIR/in"
	back
	[ "$(grep -c '^stack' "$out")" -gt 290000 ]
}

@test "deep stacks are forgotten by their size" {
	awk 'BEGIN { for (j = 0; j < 2; j++) for (i = 1; i < 200; i++) { printf "idle\t1\thost\t0\t1\t1\t0\t1\tk"; for (k = 0; k < 30000; k++) printf ";%x", i * 65536 + k; print "" } }' >"$BATS_TEST_TMPDIR/in"
	back
	needs time
	command time -f %M -o "$err" recstacks --stacks=once "$BATS_TEST_TMPDIR/in" >/dev/null
	[ -n "${SAN-}" ] || [ "$(cat "$err")" -lt 100000 ]
}

@test "the rest of a line is unchanged" {
	recstacks reccheck/kinds.in >"$out"
	diff <(grep -v '^stack' reccheck/kinds.in | sed "s|@ab|$(sed -n 's/^stack\t.*\t//p' reccheck/kinds.in | sed 's/\\/\\\\/g')|") "$out"
}

@test "a damaged stream is written up to the damage" {
	stream 'idle 1 host 0 7 7 0 1 k;2' 'idle x' >"$BATS_TEST_TMPDIR/in"
	rejects 'in:2: idle: bad t "x"' recstacks "$BATS_TEST_TMPDIR/in"
	[ "$output" = "$(head -n 1 "$BATS_TEST_TMPDIR/in")" ]
	run -1 --separate-stderr sh -c 'recstacks recstacks/once.in >/dev/full'
	[ "${stderr_lines[-1]}" = "recstacks: <stdout>: No space left on device" ]
	run -2 --separate-stderr recstacks --stacks=twice recstacks/once.in
	[[ $stderr == *'--stacks=twice: once or inline is expected'* ]]
}

@test "a stream cut by grep: filters that need the stacks say once how many records have none, and go on" {
	perf2rec --stacks=once ../examples/kvm/perf.data.gz | grep '^sample' | sed 's/^\(\([^\t]*\t\)\{9\}\)[^\t]*/\1-/' >"$BATS_TEST_TMPDIR/cut"
	n=$(grep -c '	@[0-9a-f]*$' "$BATS_TEST_TMPDIR/cut")
	[ "$n" -gt 1000 ]
	for filter in cs2text rec2prof 'rec2prof --children' rec2folded recstacks "profdiff $BATS_TEST_TMPDIR/one"; do
		printf 'sample\t1\thost\t0\t1\t1\tcpu-clock\t1\tk\t1\t-\t-\n' >"$BATS_TEST_TMPDIR/one"
		run -0 --separate-stderr $filter "$BATS_TEST_TMPDIR/cut"
		[ "$stderr" = "${filter%% *}: $n records refer to a stack that the stream does not define (recgrep keeps the definitions, grep does not)" ] || { echo "$filter: $stderr"; return 1; }
		[ -n "$output" ]
	done
	# whole streams are not complained of, and definitions count from where they are
	perf2rec --stacks=once ../examples/kvm/perf.data.gz | tee "$BATS_TEST_TMPDIR/whole" | cs2text 2>&1 >"$out" | grep -c define | grep -qx 0
	rec2folded "$BATS_TEST_TMPDIR/whole" 2>&1 >"$out" | grep -c define | grep -qx 0
	printf 'idle\t1\thost\t0\t0\t0\t0\t1\t@a\nstack\t2\thost\t-\ta\tk;1\nidle\t2\thost\t0\t0\t0\t0\t1\t@a\n' | cs2text 2>"$err" >"$out"
	grep -q ': 1 record refers to a stack' "$err"
}

@test "states cut by grep, and functions looked for in cut stacks: the same is said" {
	perf2rec --stacks=once ../examples/pipeline.data | sched2states >"$BATS_TEST_TMPDIR/whole"
	grep ^state "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/cut"
	n=$(grep -c '	@[0-9a-f]*$' "$BATS_TEST_TMPDIR/cut")
	[ "$n" -gt 100 ]
	for filter in states2svg 'states2svg --static' 'recgrep --function=none'; do
		$filter "$BATS_TEST_TMPDIR/cut" 2>"$err" >"$out"
		grep -qx "${filter%% *}: $n records refer to a stack that the stream does not define (.*)" "$err"
		LC_ALL=C sort "$BATS_TEST_TMPDIR/whole" | $filter 2>"$err" >"$out" # definitions in any place
		[ "${filter%% *}" = recgrep ] || run ! grep define "$err"
	done
	# waits without a function: of the states that count
	states2tab --by=function "$BATS_TEST_TMPDIR/cut" 2>"$err" >"$out"
	grep -qE '^states2tab: [1-9][0-9]+ records refer to a stack that the stream does not define' "$err"
	states2tab --by=function "$BATS_TEST_TMPDIR/whole" 2>"$err" >"$out"
	run ! grep define "$err"
	recgrep --function=none "$BATS_TEST_TMPDIR/whole" 2>&1 | run ! grep define
}
