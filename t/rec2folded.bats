#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Samples become folded stacks.

load lib

@test "stacks are reversed, named and counted" {
	golden rec2folded names
	golden rec2folded period --period
}

@test "no sample is lost: counts add up, and so do periods" {
	[ "$(rec2folded rec2folded/names.in | awk '{ n += $NF } END { print n }')" -eq "$(grep -c ^sample rec2folded/names.in)" ]
	[ "$(rec2folded --period rec2folded/names.in | awk '{ n += $NF } END { print n }')" -eq "$(awk -F '\t' '$1 == "sample" { n += $8 } END { print n }' rec2folded/names.in)" ]
}

@test "stacks written once fold like inline stacks" {
	perf2rec ../examples/pipeline.data | rec2folded -e switch >"$out"
	perf2rec --stacks=once ../examples/pipeline.data | rec2folded -e switch | diff "$out" -
	[ "$(awk '{ n += $NF } END { print n }' "$out")" -eq "$(perf2rec ../examples/pipeline.data | grep -c ^switch)" ]
}

@test "the time asleep adds up to that of the states" {
	perf2rec ../examples/pipeline.data | sched2states >"$out"
	run -0 --separate-stderr rec2folded -e sleeping,uninterruptible --period "$out"
	[ -z "$stderr" ]
	[ "$(rec2folded -e sleeping --period "$out" | awk '{ n += $NF } END { printf "%.0f", n }')" = \
		"$(awk -F '\t' '$1 == "state" && $11 == "sleeping" { n += $7 - $2 } END { printf "%.0f", n }' "$out")" ]
}

@test "--offwake joins a wait with the wake that ended it" {
	golden rec2folded offwake --offwake
	rec2folded --offwake -e idle rec2folded/offwake.in | diff - <(echo 'reader;ksys_read;pipe_read;__schedule;--;[no wake] 100')
	rejects '<stdin>: no states that -e names; sched2states makes them' rec2folded --offwake < <(printf 'idle\t1\thost\t0\t7\t7\t0\t1\t1\n')
}

@test "--offwake adds up to the time of the states, in the order of sched2states or sorted, stacks once or inline" {
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$BATS_TEST_TMPDIR/in"
	rec2folded --offwake "$BATS_TEST_TMPDIR/in" >"$out"
	[ "$(awk '{ n += $NF } END { printf "%.0f", n }' "$out")" = \
		"$(awk -F '\t' '$1 == "state" && $11 ~ /^(sleeping|uninterruptible)$/ { n += $7 - $2 } END { printf "%.0f", n }' "$BATS_TEST_TMPDIR/in")" ]
	LC_ALL=C sort -s -k2,2n "$BATS_TEST_TMPDIR/in" | rec2folded --offwake | diff "$out" -
	recstacks --stacks=inline "$BATS_TEST_TMPDIR/in" | rec2folded --offwake | diff "$out" -
	# without their wakes, the lines are those of the states
	rec2folded -e sleeping,uninterruptible --period "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/plain"
	sed 's/;--;.* / /' "$out" | awk '{ n = $NF; sub(/ [0-9]+$/, ""); sum[$0] += n } END { for (l in sum) printf "%s %.0f\n", l, sum[l] }' | sort | diff - "$BATS_TEST_TMPDIR/plain"
	# only waits that sched2states knows no waker of have none here
	[ "$(grep -c ';--;\[no wake\] ' "$out")" -le "$(awk -F '\t' '$1 == "state" && $11 ~ /^(sleeping|uninterruptible)$/ && $12 !~ /waker=/' "$BATS_TEST_TMPDIR/in" | wc -l)" ]
}

@test "the stacks of two adjacent windows of -t add up to those of both, and to the time of their states" {
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$BATS_TEST_TMPDIR/in"
	for how in '--period -e sleeping,uninterruptible' --offwake '-e sleeping,uninterruptible'; do
		for time in +20ms,+27.1ms +27.1ms,+30ms; do
			rec2folded $how -t $time "$BATS_TEST_TMPDIR/in"
		done | awk '{ n = $NF; sub(/ [0-9]+$/, ""); sum[$0] += n } END { for (l in sum) printf "%s %.0f\n", l, sum[l] }' | sort >"$out"
		rec2folded $how -t +20ms,+30ms "$BATS_TEST_TMPDIR/in" | diff "$out" -
		[ -s "$out" ]
		[ "$how" != '--period -e sleeping,uninterruptible' ] || cp "$out" "$BATS_TEST_TMPDIR/plain"
	done
	[ "$(awk '{ n += $NF } END { printf "%.0f", n }' "$BATS_TEST_TMPDIR/plain")" = "$(states2tab -t +20ms,+30ms "$BATS_TEST_TMPDIR/in" --columns=sleep_ns,block_ns | awk '{ n += $1 + $2 } END { printf "%.0f", n }')" ]
	# the wake that ended a wait after the window is known
	rec2folded --offwake -t 0,150 < <(printf '%s\n' 'state 100 host 0 7 7 200 0 a 1 sleeping - k;1<f+0x1>' 'arrow 200 host 0 8 8 0 b wakeup task 7 7 0 a 0 100 k;2<g+0x1>' | tr ' ' '\t') | diff - <(echo 'a;f;--;g;b 50')
	rejects '<stdin>: nothing matches -t "3s,": the events are from 0.000000100s to 0.000000200s' rec2folded -e sleeping -t 3s, < <(printf 'state\t100\thost\t0\t7\t7\t200\t0\ta\t1\tsleeping\t-\tk;1\n')
}

@test "lines are in byte order, each stack once" {
	perf2rec ../examples/pipeline.data | rec2folded -e 'switch,wakeup' 2>"$err" | sed 's/ [0-9]*$//' >"$out"
	sort -cu "$out"
	grep -q 'samples of several events are added up' "$err"
}

@test "an event is chosen by name or pattern" {
	[ "$(rec2folded -e 'cyc*' rec2folded/names.in | wc -l)" -eq 4 ]
	rejects 'no records with stacks that -e names' rec2folded -e instructions rec2folded/names.in
	for event in 'cycles/freq=99/' cycles:uP; do
		for names in sample cycles "$event"; do
			sed "s|cycles|$event|" rec2folded/names.in | rec2folded -e "$names" | diff <(rec2folded rec2folded/names.in) -
			sed "s|cycles|$event|" rec2folded/names.in | rec2prof -e "$names" --keys sym | diff <(rec2prof --keys sym rec2folded/names.in) -
		done
	done
}

@test "the code that ran in a CoreSight trace folds into stacks" {
	etm2pkt --decode --branches ../examples/coresight | rec2folded --period | diff - <(printf 'host;0x%s\n' '400100 1' '400104 1' '400104;0x400110 2' '400108 1' '40010c 1')
}

# idles FRAMES NAME: two records with a stack, the first of a task with a name; blanks become tabs.
idles() {
	printf '%s\n' "comm 0 host - 7 7 - $2" "idle 1 host 0 7 7 0 1 $1" "idle 2 host 0 8 8 0 1 $1" | tr ' ' '\t'
}

@test "control bytes are escaped, separators replaced" {
	idles '1<a\x3bb\n\\c\x7f+0x0>' 'a\t\x1b[31mb\x20c;\x80' | rec2folded -e idle >"$out"
	diff <(printf '%s\n' ':8;a:b\x0a\c\x7f 1' $'a\\x09\\x1b[31mb c:\\x80;a:b\\x0a\\c\\x7f 1') "$out"
}

@test "deep stacks are written whole" {
	stack=$(awk 'BEGIN { printf "k;0"; for (i = 1; i < 100000; i++) printf ";%x", i }')
	idles "$stack" a | rec2folded -e idle >"$out"
	[ "$(head -n 1 "$out")" = ":8$(awk 'BEGIN { for (i = 99999; i >= 0; i--) printf ";0x%x", i }') 1" ]
}

@test "long names are cut and reported" {
	long=$(printf '%05000d' 0)
	{ idles 1 "$long"; printf 'fork\t3\thost\t0\t7\t7\t%d\t%d\t-\n' 9 9 10 10; printf 'idle\t4\thost\t0\t9\t9\t0\t1\t1\n'; } |
		rec2folded -e idle >"$out" 2>"$err"
	diff <(printf '%s;0x1 %d\n' "${long:0:4096}" 2 :8 1) "$out"
	[ "$(cat "$err")" = 'rec2folded: 1 names are longer than 4096 bytes: cut' ]
}

@test "a long stack of many tasks is cut if the output would be out of proportion" {
	awk 'BEGIN {
		printf "stack\t0\thost\t-\ta\t1"
		for (i = 0; i < 10000; i++) printf ";1<function+0x1>"
		print ""
		for (i = 0; i < 20000; i++) printf "idle\t1\thost\t0\t%d\t%d\t0\t1\t@a\n", i, i }' >"$BATS_TEST_TMPDIR/in"
	rec2folded -e idle "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(wc -c <"$out")" -le $((1000000 + 256 * $(wc -c <"$BATS_TEST_TMPDIR/in"))) ]
	[ "$(wc -l <"$out")" -eq 20000 ]
	[[ "$(cat "$err")" == 'rec2folded: 20000 lines are longer than 4096 bytes: cut, '* ]]
	head -n 20 "$BATS_TEST_TMPDIR/in" | rec2folded -e idle >"$out" 2>"$err"
	[ ! -s "$err" ]
	grep -q '0x1 1$' "$out"
}

@test "long stacks of waits and wakes are cut if the output would be out of proportion" {
	awk 'BEGIN {
		printf "stack\t0\thost\t-\ta\t1"
		for (i = 0; i < 10000; i++) printf ";1<function+0x1>"
		print ""
		for (i = 0; i < 20000; i++) {
			printf "state\t1\thost\t-\t%d\t%d\t2\t0\t-\t-\tsleeping\t-\t@a\n", i, i
			printf "arrow\t2\thost\t-\t%d\t%d\t-\t-\twakeup\ttask\t-\t%d\t0\t-\t-\t1\t@a\n", i, i, i
		} }' >"$BATS_TEST_TMPDIR/in"
	rec2folded --offwake "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(wc -c <"$out")" -le $((1000000 + 256 * $(wc -c <"$BATS_TEST_TMPDIR/in"))) ]
	[ "$(wc -l <"$out")" -eq 20000 ]
	[[ "$(cat "$err")" == 'rec2folded: 20000 lines are longer than 4096 bytes: cut, '* ]]
}

@test "negative periods count as 0, sums are capped at the maximum" {
	state() { printf 'state\t%s\thost\t0\t7\t7\t%s\t0\ta\t120\trunning\t-\t%s\n' "$@"; }
	max=9223372036854775807
	{ state -$max $max 1; state 5 4 2; state 1 3 2; } | rec2folded --period -e running >"$out" 2>"$err"
	diff <(printf '%s\n' 'a;0x1 18446744073709551614' 'a;0x2 2') "$out"
	[ "$(cat "$err")" = 'rec2folded: 1 states end before they start: counted as 0' ]
	{ state -$max $max 1; state -$max $max 1; state 1 2 1; } | rec2folded --period -e running >"$out" 2>"$err"
	[ "$(cat "$out")" = 'a;0x1 18446744073709551615' ]
	[ "$(cat "$err")" = 'rec2folded: 2 values do not fit into their sum: 2^64-1 is written' ]
}

@test "tables and profiles say, too, that a sum does not hold all" {
	max=9223372036854775807
	printf 'state\t-%s\thost\t0\t7\t7\t%s\t0\ta\t120\tsleeping\t-\t-\n' $max $max $max $max >"$BATS_TEST_TMPDIR/states"
	run -0 --separate-stderr states2tab --columns=sleep_ns "$BATS_TEST_TMPDIR/states"
	[ "${lines[1]}" = 18446744073709551615 ]
	[ "$stderr" = 'states2tab: 1 values do not fit into their sum: 2^64-1 is written' ]
	head -n 1 "$BATS_TEST_TMPDIR/states" >"$BATS_TEST_TMPDIR/one"
	run -0 --separate-stderr states2tab --columns=sleep_ns "$BATS_TEST_TMPDIR/one"
	[ "${lines[1]}" = 18446744073709551614 ]
	[ -z "$stderr" ]
	printf 'sample\t1\thost\t0\t7\t7\tcycles\t18446744073709551614\tu\t1\t-\t-\n%.0s' 1 2 >"$BATS_TEST_TMPDIR/samples"
	run -0 --separate-stderr rec2prof --keys mode "$BATS_TEST_TMPDIR/samples"
	[ "$(cut -f 16 <<<"$output")" = 18446744073709551614 ]
	[[ $stderr == 'rec2prof: '*' values do not fit into their sum: 2^64-2 is written' ]]
	printf 'kvmexit\t-%s\thost\t0\t7\t7\t0\tvmx\t12\thlt\t-\t-\nkvmentry\t%s\thost\t0\t7\t7\t0\t-\t-\n' $max $max >"$BATS_TEST_TMPDIR/exits"
	sed 's/	7	7	/	8	8	/' "$BATS_TEST_TMPDIR/exits" | cat "$BATS_TEST_TMPDIR/exits" - | kvmexits --per=all >"$out" 2>"$err"
	grep -q 'kvmexits: .* values do not fit into their sum: 2^64-2 is written' "$err"
}

@test "a part that is not a frame is written unchanged" {
	printf 'idle\t1\thost\t0\t7\t7\t0\t1\t1;x;2<a;3;\n' | rec2folded -e idle | diff - <(echo ':7;0x3;2<a;x;0x1 1')
}

@test "input that is not a record stream is reported" {
	rejects '<stdin>:1: not a record' rec2folded <<<'Rubbish here'
}

@test "nothing to fold is reported, with a hint" {
	perf2rec ../examples/pipeline.data >"$out"
	rejects "$out: no samples: -e names other records with stacks" rec2folded "$out"
	rejects "$out: no records with stacks that -e names" rec2folded -e sleep "$out"
}
