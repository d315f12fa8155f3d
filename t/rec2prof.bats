#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A stream folded into a profile.

load lib

profile() {
	printf '%s\n' 'comm 0 host 0 1 1 - a~b' 'fork 0 host 0 1 1 2 2 process' \
		'sample 1 host 0 1 1 cycles 10 u 10<main+0x0~/bin/x> - u;10<main+0x0~/bin/x>' \
		'sample 2 host 1 2 2 cycles 20 k f1<do_it+0x3> - k;f1<do_it+0x3>;u;11<main+0x1~/bin/x>' \
		'sample 3 vm7 - - - cycles 30 gk f1<do_it+0x3> - -' \
		'sample 4 host 0 1 1 cycles 40 u 22<?~/bin/x> - u;22<?~/bin/x>;33<main+0x9~/bin/x>;44<main+0x19~/bin/x>' \
		'sample 5 host 0 1 1 faults 1 u 55 - u;55' \
		'tracepoint 6 host 0 1 1 sys:x - k;f9<enter+0x1~[mod]~@a.c:7>' \
		'switch 7 host 0 1 1 a 120 S 2 b 120 k;f2<schedule+0x1>;f1<do_it+0x4>' \
		'state 8 host 0 1 1 20 0 a\x20b 120 sleeping - k;f2<schedule+0x1>;f1<do_it+0x4>' |
		tr ' ' '\t' | tr '~' ' '
}

# rows ARG ...: the fields of the profile that have something to say
rows() {
	profile | rec2prof "$@" 2>"$err" | awk -F '\t' $(recfields prof) \
		'{ print $machine, $mode, $comm, $object, $sym, $line, $caller, $samples, $period, $all_samples, $all_period }'
}

@test "a sample counts for its ip, under machine, mode, object and symbol" {
	diff <(rows -e cycles) - <<-'EOF'
		host u - /bin/x - - - 1 40 - -
		vm7 gk - [guest.kernel] do_it - - 1 30 - -
		host k - [kernel] do_it - - 1 20 - -
		host u - /bin/x main - - 1 10 - -
	EOF
}

@test "keys choose what makes a row" {
	diff <(rows -e cycles --keys sym) - <<-'EOF'
		* - - - do_it - - 2 50 - -
		* - - - [unknown] in /bin/x - - 1 40 - -
		* - - - main - - 1 10 - -
	EOF
	profile | rec2prof -e cycles | rec2prof --keys sym | cmp - <(profile | rec2prof -e cycles --keys sym)
	diff <(rows -e cycles --keys comm,caller) - <<-'EOF'
		* - a b - - - main 2 60 - -
		* - - - - - - 1 30 - -
		* - a b - - - - 1 10 - -
	EOF
	diff <(rows --keys line,object -e 'sys:*') - <<-'EOF'
		* - - [mod] - a.c:7 - 1 1 - -
	EOF
}

@test "with children a sample counts once for each row that its stack meets" {
	diff <(rows -e cycles --children --keys sym) - <<-'EOF'
		* - - - main - - 1 10 3 70
		* - - - do_it - - 2 50 2 50
		* - - - [unknown] in /bin/x - - 1 40 1 40
	EOF
}

@test "a table has aligned columns: share, samples, period and the keys, with children theirs first" {
	profile | rec2prof -e cycles --keys sym,comm,tid --table | diff - <(cat <<-'EOF'
		   share %  samples  period  tid  comm  sym
		   40.0000        1      40  1    a b   [unknown] in /bin/x
		   30.0000        1      30  -    -     do_it
		   20.0000        1      20  2    a b   do_it
		   10.0000        1      10  1    a b   main
	EOF
	)
	profile | sed 's/40\tu\t22/1234567890123\tu\t22/' | rec2prof -e cycles --children --keys machine,sym --table | diff - <(cat <<-'EOF'
		    all %  all samples     all period   share %  samples         period  machine  sym
		 100.0000            3  1234567890153    0.0000        1             10  host     main
		 100.0000            1  1234567890123  100.0000        1  1234567890123  host     [unknown] in /bin/x
		   0.0000            1             30    0.0000        1             30  vm7      do_it
		   0.0000            1             20    0.0000        1             20  host     do_it
	EOF
	)
}

@test "other records count if they are named, states for their duration" {
	diff <(rows -e switch) - <<-'EOF'
		host k - [kernel] schedule - - 1 1 - -
	EOF
	diff <(rows -e sleeping --keys comm,sym,caller) - <<-'EOF'
		* - a b - schedule - do_it 1 12 - -
	EOF
}

@test "an address that nobody named is its own symbol" {
	diff <(rows -e faults) - <<-'EOF'
		host u - - 55 - - 1 1 - -
	EOF
}

@test "the periods of different events are not added up without a word" {
	rows >/dev/null
	[[ "$(<"$err")" == *'samples of several events are added up'* ]]
	rows --keys event,sym >/dev/null
	[ -z "$(<"$err")" ]
	diff <(profile | rec2prof --keys event | cut -f8,15- | tr '\t' ' ') - <<-'EOF'
		cycles 4 100 100.0000 - - -
		faults 1 1 100.0000 - - -
		sys:x 1 1 100.0000 - - -
	EOF
}

@test "a profile is a stream, adds up, and folds again by fewer keys" {
	profile | rec2prof -e cycles >"$out"
	reccheck -n "$out"
	profile | rec2prof -e cycles --keys sym | cmp - <(rec2prof --keys sym "$out")
	[ "$(cat "$out" "$out" | rec2prof --keys sym | awk -F '\t' $(recfields prof) '{ n += $period } END { print n }')" = 200 ]
}

@test "stacks inline or once, in any order of samples: the same profile" {
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms >"$BATS_TEST_TMPDIR/in" 2>/dev/null
	rec2prof -e switch --children --keys sym,caller,comm "$BATS_TEST_TMPDIR/in" >"$out"
	[ "$(wc -l <"$out")" -gt 100 ]
	recstacks --stacks=once "$BATS_TEST_TMPDIR/in" | rec2prof -e switch --children --keys sym,caller,comm | cmp - "$out"
	awk -F '\t' $(recfields prof) '{ n += $samples } END { exit n != total }' total="$(grep -c '^switch' "$BATS_TEST_TMPDIR/in")" "$out"
}

@test "the largest periods add up to the largest number" {
	for i in 1 2; do
		printf 'sample\t%d\thost\t0\t1\t1\te\t18446744073709551614\tu\t1\t-\t-\n' $i
	done | rec2prof >"$out"
	reccheck -n "$out"
	[ "$(cut -f16 "$out")" = 18446744073709551614 ]
}

@test "no samples, wrong keys" {
	rejects 'no samples: -e names other records' rec2prof <<<"$(printf 'meta\t-\thost\ta\tb')"
	rejects 'no records with stacks that -e names' rec2prof -e x <<<"$(printf 'meta\t-\thost\ta\tb')"
	for keys in '' 'sym,' x symx sy; do
		run -2 --separate-stderr rec2prof --keys "$keys"
		[[ $stderr == *"\"$keys\": not a list of machine,cpu,"* ]]
	done
	keys=$(sed -n 's/.*not a list of //p' <<<"$stderr")
	[ "$(profile | rec2prof -e cycles --keys "$keys" | wc -l)" = 4 ]
	run -2 --separate-stderr profdiff --keys=dso,sym /dev/null /dev/null
	[[ $stderr == *"\"dso,sym\": not a list of $keys"* ]]
}

# perf_rows FILE SORT PERF-OPTION ...: "percent samples period key" of each row of perf's own report
perf_rows() {
	local file=$1 sort=$2
	shift 2
	perf report -f -i "$file" --stdio -g none --field-separator=';' --sort "$sort" -F "overhead,sample,period,$sort" "$@" 2>/dev/null |
		sed -n 's/^ *\([0-9.]*%\) *; *\([0-9]*\) *; *\([0-9]*\) *; *\(.*[^ ]\) *$/\1 \2 \3 \4/p' | sort
}

# our_rows KEY <profile of it: the same of ours
our_rows() {
	awk -F '\t' $(recfields prof) -v key="$1" '
		{ row[NR] = $samples " " $period " " (key == "cpu" ? ($cpu == "-" ? "-001" : sprintf("%03d", $cpu)) : $sym); period_of[NR] = $period; all += $period }
		END { for (i = 1; i <= NR; i++) printf "%.2f%% %s\n", 100 * period_of[i] / all, row[i] }' | sort
}

@test "equal to perf report, to the digit, by CPU" {
	needs perf
	shared perfdata
	for file in 01-cpuclock-g 09-buildid-mmap 11-addr-phys-pagesize; do
		perf2rec "$shared/own/$file.data" | rec2prof -e '*' --keys cpu | our_rows cpu >"$out"
		perf_rows "$shared/own/$file.data" cpu --no-children >"$BATS_TEST_TMPDIR/want"
		[ -s "$out" ]
		diff "$out" "$BATS_TEST_TMPDIR/want"
	done
}

@test "equal to perf report, to the digit, by function of a program, and with children" {
	needs perf cc
	cd "$BATS_TEST_TMPDIR"
	cat >prog.c <<-'EOF'
		static volatile unsigned n;
		#define LEAF(f, count) __attribute__((noinline)) void f(void) { for (unsigned i = 0; i < count; i++) n += i; }
		LEAF(often, 3000000)
		LEAF(rarely, 1000000)
		__attribute__((noinline)) void both(void) { often(); rarely(); n++; }
		int main(void) { for (int i = 0; i < 30; i++) { both(); often(); n++; } return 0; }
	EOF
	cc -O1 -fno-omit-frame-pointer -fno-optimize-sibling-calls -no-pie -o prog prog.c
	perf record -q --no-bpf-event -g -F 5000 -e cpu-clock:u -o perf.data ./prog 2>/dev/null >/dev/null || skip "perf cannot record here"
	perf2rec perf.data | cs2text >all.rec
	rec2prof --keys sym all.rec | our_rows sym | grep -E ' (often|rarely|both|main)$' >"$out"
	perf_rows perf.data sym --no-children | sed 's/\[.\] //' | grep -E ' (often|rarely|both|main)$' | diff "$out" -
	[ "$(wc -l <"$out")" -ge 2 ]
	rec2prof --keys sym --children all.rec | awk -F '\t' $(recfields prof) '
		{ under[NR] = $all_period; name[NR] = $sym; all += $period }
		END { for (i = 1; i <= NR; i++) printf "%.2f %s\n", 100 * under[i] / all, name[i] }' | grep -E ' (often|rarely|both|main)$' | sort >"$out"
	perf report -i perf.data --stdio -g none --children --sort sym -F overhead_children,sym --field-separator=';' 2>/dev/null |
		sed -n 's/^ *\([0-9.]*\)% *; *\[.\] \([a-z]*\) *$/\1 \2/p' | grep -E ' (often|rarely|both|main)$' | sort | diff "$out" -
	[ "$(wc -l <"$out")" -ge 3 ]
}

@test "no byte that a terminal acts on leaves in a name: C0 and C1 controls, marks that turn text round" {
	printf 'comm\t0\thost\t-\t7\t7\tset\ta\xc2\x9b31m\\x1b[m\xe2\x80\xae\nsample\t1\thost\t0\t7\t7\tcyc\xc2\x85les\t1\tk\t10<f\xc2\x9b\x9b1mg+0x0 [m\xc2\x90od]>\t-\tk;10<f\xc2\x9b\x9b1mg+0x0 [m\xc2\x90od]>\n' |
		sed 's/ \[m/\\x20[m/2' >"$BATS_TEST_TMPDIR/in"
	for filter in 'rec2prof --keys comm,event,object,sym' 'rec2prof --children' 'rec2prof --table --keys comm,object,sym' rec2folded; do
		$filter <"$BATS_TEST_TMPDIR/in" >"$out"
		[ -s "$out" ]
		run -1 env LC_ALL=C grep -a $'\xc2[\x80-\x9f]\|\xe2\x80\|\x1b\|\x9b' "$out"
	done
	rec2prof --keys comm <"$BATS_TEST_TMPDIR/in" | awk -F '\t' $(recfields prof) '{ print $comm }' | grep -qx 'a\\xc2\\x9b31m\\x1b\[m\\xe2\\x80\\xae'
}
