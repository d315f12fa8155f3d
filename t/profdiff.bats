#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two profiles side by side.

load lib

old() {
	printf '%s\n' 'sample 1 host 0 1 1 e 600 u 1<a+0x0~/x> - -' 'sample 2 host 0 1 1 e 300 u 2<b+0x0~/x> - -' 'sample 3 host 0 1 1 e 100 u 3<gone+0x0~/x> - -' |
		tr ' ' '\t' | tr '~' ' '
}

new() {
	printf '%s\n' 'sample 11 vm7 - - - e 100 gu 1<a+0x0~/y> - -' 'sample 12 vm7 - - - e 60 gk 2<b+0x0> - -' 'sample 13 vm7 - - - e 40 gk 3<come+0x0> - -' |
		tr ' ' '\t' | tr '~' ' '
}

both() {
	old >"$BATS_TEST_TMPDIR/old"
	new | profdiff "$@" "$BATS_TEST_TMPDIR/old" | awk -F '\t' $(recfields profdiff) \
		'{ print $sym, $old, $new, $old_share, $new_share, $old_all, $new_all, $delta, $ratio, $wdiff }'
}

@test "functions meet whatever their object and machine" {
	diff <(both) - <<-'EOF'
		come - 40 - 20.0000 - 3.3333 20.0000 - -
		a 600 100 60.0000 50.0000 50.0000 8.3333 -10.0000 0.1667 -500
		b 300 60 30.0000 30.0000 25.0000 5.0000 0.0000 0.2000 -240
		gone 100 - 10.0000 - 8.3333 - - - -
	EOF
}

@test "the value chosen sorts the rows; those without it follow" {
	[ "$(both --by delta | cut -d ' ' -f1 | xargs)" = 'come b a gone' ]
	[ "$(both --by ratio | cut -d ' ' -f1 | xargs)" = 'b a come gone' ]
	[ "$(both --by wdiff | cut -d ' ' -f1 | xargs)" = 'b a come gone' ]
	[ "$(both --by wdiff:1,10 | cut -d ' ' -f1,10 | xargs)" = 'a 400 b 300 come - gone -' ]
	[ "$(both --keys object,sym | wc -l)" = 6 ]
}

@test "profiles and streams give the same comparison" {
	old >"$BATS_TEST_TMPDIR/old"
	new >"$BATS_TEST_TMPDIR/new"
	profdiff "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/new" >"$out"
	reccheck -n "$out"
	rec2prof "$BATS_TEST_TMPDIR/new" | profdiff <(rec2prof "$BATS_TEST_TMPDIR/old") | cmp - "$out"
	profdiff "$BATS_TEST_TMPDIR/old" - <"$BATS_TEST_TMPDIR/new" | cmp - "$out"
}

@test "a profile that is cut or damaged is compared as far as it can be read" {
	old >"$BATS_TEST_TMPDIR/old"
	new >"$BATS_TEST_TMPDIR/new"
	rec2prof "$BATS_TEST_TMPDIR/new" >"$BATS_TEST_TMPDIR/prof"
	head -c -1 "$BATS_TEST_TMPDIR/prof" >"$BATS_TEST_TMPDIR/cut"
	head -n 2 "$BATS_TEST_TMPDIR/prof" | profdiff "$BATS_TEST_TMPDIR/old" >"$out"
	run -1 --separate-stderr profdiff "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/cut"
	[ "$stderr" = "profdiff: $BATS_TEST_TMPDIR/cut:3: line is cut short" ]
	diff "$out" - <<<"$output"
	{ head -n 2 "$BATS_TEST_TMPDIR/prof"; echo oops; cat "$BATS_TEST_TMPDIR/prof"; } >"$BATS_TEST_TMPDIR/bad"
	run -1 --separate-stderr profdiff "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/bad"
	[ "$stderr" = "profdiff: $BATS_TEST_TMPDIR/bad:3: not a record: bad kind \"oops\"" ]
	diff "$out" - <<<"$output"
	profdiff <(head -n 2 "$BATS_TEST_TMPDIR/prof") "$BATS_TEST_TMPDIR/old" >"$out"
	run -1 --separate-stderr profdiff "$BATS_TEST_TMPDIR/bad" "$BATS_TEST_TMPDIR/old"
	diff "$out" - <<<"$output"
	run -1 --separate-stderr profdiff "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/nosuch"
	[ "$stderr" = "profdiff: $BATS_TEST_TMPDIR/nosuch: No such file or directory" ] && [ -z "$output" ]
}

@test "a profile does not differ from itself" {
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms >"$BATS_TEST_TMPDIR/in" 2>/dev/null
	profdiff -e switch --keys comm,sym,caller "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/in" >"$out"
	awk -F '\t' $(recfields profdiff) '$delta != "0.0000" || $ratio != "1.0000" || $wdiff != 0 { print; bad = 1 } { n++ } END { exit bad || n < 10 }' "$out"
}

@test "a table has aligned columns, and no byte that a terminal obeys" {
	printf 'sample\t1\thost\t0\t1\t1\te\t1\tu\t1<\\x1b[2J+0x0 /x>\t-\t-\n' >"$BATS_TEST_TMPDIR/new"
	old | profdiff --table "$BATS_TEST_TMPDIR/new" >"$out"
	! grep -q $'\033' "$out" || false
	old >"$BATS_TEST_TMPDIR/old"
	new | profdiff --keys object,sym --table "$BATS_TEST_TMPDIR/old" | diff - <(cat <<-'EOF'
		    old %     new %  old % all  new % all     delta          ratio  object          sym
		        -   50.0000          -     8.3333   50.0000              -  /y              a
		        -   30.0000          -     5.0000   30.0000              -  [guest.kernel]  b
		        -   20.0000          -     3.3333   20.0000              -  [guest.kernel]  come
		  60.0000         -    50.0000          -         -              -  /x              a
		  30.0000         -    25.0000          -         -              -  /x              b
		  10.0000         -     8.3333          -         -              -  /x              gone
	EOF
	)
}

@test "a table that is sorted by the weighted difference shows it" {
	old >"$BATS_TEST_TMPDIR/old"
	new | profdiff --by wdiff:1,10 --table "$BATS_TEST_TMPDIR/old" | awk '{ print $(NF - 1), $NF }' | diff - <(printf '%s\n' 'wdiff sym' '400 a' '300 b' '- come' '- gone')
}

@test "huge periods: the weighted difference saturates" {
	printf 'sample\t1\thost\t0\t1\t1\te\t18446744073709551614\tu\t1\t-\t-\n' >"$BATS_TEST_TMPDIR/big"
	old | sed 's/\t600\tu\t1<[^>]*>/\t1\tu\t1/' >"$BATS_TEST_TMPDIR/small"
	[ "$(profdiff --by wdiff:9,9 "$BATS_TEST_TMPDIR/big" "$BATS_TEST_TMPDIR/small" | head -1 | awk -F '\t' $(recfields profdiff) '{ print $wdiff }')" = -9223372036854775807 ]
	[ "$(profdiff --by wdiff:9,9 "$BATS_TEST_TMPDIR/small" "$BATS_TEST_TMPDIR/big" | head -1 | awk -F '\t' $(recfields profdiff) '{ print $wdiff }')" = 9223372036854775807 ]
}

@test "wrong usage, an empty profile, a file that is not there" {
	run -2 profdiff
	run -2 profdiff --by x /dev/null
	run -2 profdiff --by wdiff:1 /dev/null
	run -2 profdiff a b c
	rejects 'no samples in this profile, nor in the second one' profdiff /dev/null /dev/null
	printf 'sample\t1\thost\t0\t1\t1\tcycles\t1\tk\t1\t-\t-\n' >"$BATS_TEST_TMPDIR/one"
	run -0 --separate-stderr profdiff /dev/null "$BATS_TEST_TMPDIR/one"
	[ "$stderr" = 'profdiff: the first profile is empty' ]
	run -0 --separate-stderr profdiff "$BATS_TEST_TMPDIR/one" /dev/null
	[ "$stderr" = 'profdiff: the second profile is empty' ]
	rejects 'no/such/file: No such file' profdiff /dev/null no/such/file
	rejects 'not a record' profdiff "$BATS_TEST_TMPDIR/one" ../LICENSE
}

# perf_diff OPTION ...: "baseline value symbol" of rows that both have
perf_diff() {
	perf diff "$@" old.data new.data 2>/dev/null | sed -n 's/^ *\([0-9.]*%\) *\([-+0-9.%]*\) .* \([a-z_]*\) *$/\1 \2 \3/p'
}

@test "equal to perf diff, to the digit" {
	needs perf cc
	cd "$BATS_TEST_TMPDIR"
	cat >prog.c <<-'EOF'
		#include <stdlib.h>
		static volatile unsigned n;
		#define LEAF(f) __attribute__((noinline)) void f(unsigned count) { for (unsigned i = 0; i < count; i++) n += i; }
		LEAF(often)
		LEAF(rarely)
		int main(int argc, char **argv) { for (int i = 0; i < 30; i++) { often(3000000); rarely(1000000u * (unsigned)atoi(argv[argc - 1])); } return 0; }
	EOF
	cc -O1 -no-pie -o prog prog.c
	perf record -q --no-bpf-event -F 5000 -e cpu-clock:u -o old.data ./prog 1 2>/dev/null >/dev/null || skip "perf cannot record here"
	perf record -q --no-bpf-event -F 5000 -e cpu-clock:u -o new.data ./prog 3 2>/dev/null >/dev/null
	for file in old new; do
		perf2rec $file.data | cs2text >$file.rec
	done
	# from the periods, since a share is rounded already
	profdiff --keys object,sym old.rec new.rec | awk -F '\t' $(recfields profdiff) '
		{ old_[NR] = $old; new_[NR] = $new; name[NR] = $sym; wdiff_[NR] = $wdiff; all_old += $old; all_new += $new }
		END {
			for (i = 1; i <= NR; i++)
				if (name[i] ~ /^(often|rarely)$/) {
					share = 100 * old_[i] / all_old
					printf "%.2f%% %+.2f%% %s\n", share, 100 * new_[i] / all_new - share, name[i] >"delta.txt"
					printf "%.2f%% %d %s\n", share, wdiff_[i], name[i] >"wdiff.txt"
				}
		}'
	[ "$(wc -l <delta.txt)" = 2 ]
	perf_diff -c delta | grep -E ' (often|rarely)$' | sort | diff <(sort delta.txt) -
	perf_diff -c wdiff:1,1 | grep -E ' (often|rarely)$' | sort | diff <(sort wdiff.txt) -
}
