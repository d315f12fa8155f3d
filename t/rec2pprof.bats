#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Records become a profile of pprof. pprof.py checks the format, and reads it back.

load lib

# records LINE ...: a stream of these; blanks become tabs, ~ a blank.
records() {
	printf '%s\n' "$@" | tr ' ~' '\t ' >"$BATS_TEST_TMPDIR/in"
}

# profile WHAT [arg ...]: make a profile of the stream, and print a part of it.
profile() {
	rec2pprof "${@:2}" "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/pb"
	python3 pprof.py "$BATS_TEST_TMPDIR/pb" "$1"
}

# states: those of the recording of examples/.
states() {
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot | sched2states >"$BATS_TEST_TMPDIR/in"
}

@test "stacks, names, counts and periods are those of rec2folded" {
	cp rec2folded/names.in "$BATS_TEST_TMPDIR/in"
	for what in samples cycles; do
		rec2folded $([ $what = samples ] || echo --period) -e cycles "$BATS_TEST_TMPDIR/in" >"$out"
		profile $what -e cycles | diff "$out" -
	done
	states
	rec2folded -e 'sleeping,uninterruptible,runn*' --period "$BATS_TEST_TMPDIR/in" >"$out"
	profile time -e 'sleeping,uninterruptible,runn*' | diff "$out" -
	rec2folded -e switch "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err" || true
	perf2rec ../examples/pipeline.data >"$BATS_TEST_TMPDIR/in"
	rec2folded -e switch "$BATS_TEST_TMPDIR/in" >"$out"
	profile samples -e switch | diff "$out" -
}

@test "stacks that are defined once give the same profile as inline ones" {
	states
	profile time -e sleeping >"$out"
	cp "$BATS_TEST_TMPDIR/pb" "$BATS_TEST_TMPDIR/once"
	recstacks --stacks=inline "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/inline"
	rec2pprof -e sleeping "$BATS_TEST_TMPDIR/inline" | cmp - "$BATS_TEST_TMPDIR/once"
}

@test "the sums of an event are those of rec2prof" {
	states
	sum=$(rec2prof --keys machine -e sleeping "$BATS_TEST_TMPDIR/in" | awk -F'\t' '$1 == "prof" { n += $16; samples += $15 } END { printf "%.0f %.0f", samples, n }')
	[ "$(profile labels -e sleeping | awk '{ samples += $(NF - 1); n += $NF } END { printf "%.0f %.0f", samples, n }')" = "$sum" ]
}

@test "a value for each event that was sampled, a label for each record" {
	records 'comm 0 host - 7 7 - a~b' 'sample 1 host 0 7 7 cycles 100 u 10 - -' 'sample 2 host 1 7 8 cycles 100 u 10 - -' 'sample 3 host 0 7 7 cpu-clock 250000 u 10 - -' \
		'sample 9 vm1 - - - cycles - gk ffffffff81000000 - -' 'tracepoint 4 host 0 7 7 sched:x - -' 'state 1 host 0 7 7 6 0 c 120 running - 10'
	profile head >"$out"
	diff - "$out" <<-'EOT'
		type samples count
		type cycles count
		type cpu-clock nanoseconds
		default cycles
		time 0 8
		mapping 0 0 0 [kernel] - -
	EOT
	profile labels -e '*' >"$out"
	diff - "$out" <<-'EOT'
		comm=a b pid=7 tid=7 cpu=0 machine=host event=cycles 1 100 0 0
		pid=7 tid=8 cpu=1 machine=host event=cycles 1 100 0 0
		comm=a b pid=7 tid=7 cpu=0 machine=host event=cpu-clock 1 0 250000 0
		machine=vm1 event=cycles 1 1 0 0
		comm=a b pid=7 tid=7 cpu=0 machine=host event=sched:x 1 0 0 0
		comm=c pid=7 tid=7 cpu=0 machine=host state=running 1 0 0 5
	EOT
	profile head -e cpu-clock | grep -qx 'period cpu-clock 250000'
}

@test "files, lines and inlined functions" {
	records 'sample 1 host 0 7 7 cycles 1 u 401a3b - u;401a3b<norm~/usr/bin/fit~@src/vec.h:12>;401a3b<fit+0x5b~/usr/bin/fit~@fit.c:80>;401a40<main+0x5~/usr/bin/fit>;401a40<?~/usr/bin/fit>;5<?>;6'
	profile lines >"$out"
	diff - "$out" <<-'EOT'
		401a3b norm@src/vec.h:12 fit@fit.c:80
		401a40 main@:0
		401a40 [fit]@:0
		5 [unknown]@:0
		6
	EOT
	[ "$(profile head | grep ^mapping)" = 'mapping 0 0 0 /usr/bin/fit - fFli' ]
}

@test "mappings are those of the process at that time" {
	records 'map 0 host - - - k ffffffff81000000 1000 ffffffff81000000 - 1234 [kernel.kallsyms]_text' 'map 0 host - 7 7 u 1000 1000 0 r-xp abcd /bin/a' 'map 0 host - 8 8 u 1000 1000 5000 r-xp - /bin/b' \
		'sample 1 host 0 7 7 cycles 1 u 1010 - u;1010' 'sample 1 host 0 8 8 cycles 1 u 1010 - k;ffffffff81000010;u;1010;99' 'map 2 host - 7 7 u 1000 800 7000 r-xp ef /bin/c' 'sample 3 host 0 7 7 cycles 1 u 1010 - u;1010'
	profile head | grep ^mapping >"$out"
	diff - "$out" <<-'EOT'
		mapping 1000 2000 0 /bin/a abcd -
		mapping ffffffff81000000 ffffffff81001000 ffffffff81000000 [kernel.kallsyms]_text 1234 -
		mapping 1000 2000 5000 /bin/b - -
		mapping 1000 1800 7000 /bin/c ef -
	EOT
	[ "$(profile lines | tr '\n' ' ')" = '1010 ffffffff81000010 1010 99 1010 ' ]
}

@test "the first mapping is the program of the process with most samples" {
	lib='u;7f10<memcpy~/lib/libc.so.6>' sh='k;ffffffff81000000;u;7f10<fork~/lib/libc.so.6>;10<run~/bin/sh>' gzip="$lib;10<main~/bin/gzip>"
	records "sample 1 host 0 0 0 cycles 1 k - - k;ffffffff81000000" "sample 1 host 0 0 0 cycles 1 k - - k;ffffffff81000004" \
		"sample 1 host 0 7 7 cycles 1 u - - $sh" "sample 2 host 0 8 8 cycles 1 u - - $gzip" "sample 2 host 0 7 7 cycles 1 u - - $sh" \
		"sample 3 host 0 8 9 cycles 1 u - - $lib" "sample 3 host 0 8 9 cycles 1 u - - u;99<?~//anon>"
	[ "$(profile head | awk '$1 == "mapping" { print $5 }' | xargs)" = '/bin/gzip [kernel] /lib/libc.so.6 /bin/sh //anon' ]
	if type go >/dev/null; then
		HOME=$BATS_TEST_TMPDIR go tool pprof -symbolize=none -top "$BATS_TEST_TMPDIR/pb" | grep -qx 'File: gzip'
	fi
}

@test "the time of the recording, if it is known, and where it was made" {
	records 'meta - host hostname h' 'meta - host clock_wall 1700000000000000000' 'meta - host clock_time 1000' 'sample 1500 host 0 7 7 e 1 u 10 - -' 'sample 2500 host 0 7 7 e 1 u 10 - -'
	profile head | grep -e ^time -e ^comment | diff <(printf '%s\n' 'time 1700000000000000500 1000' 'comment host hostname: h') -
}

@test "go tool pprof adds up to the same" {
	needs go
	states
	profile time -e sleeping >"$out"
	HOME=$BATS_TEST_TMPDIR go tool pprof -symbolize=none -raw "$BATS_TEST_TMPDIR/pb" >"$BATS_TEST_TMPDIR/raw"
	grep -qx 'samples/count time/nanoseconds\[dflt\]' "$BATS_TEST_TMPDIR/raw"
	[ "$(sed -n 's/^ *[0-9]* *\([0-9]*\): .*/\1/p' "$BATS_TEST_TMPDIR/raw" | awk '{ n += $1 } END { printf "%.0f", n }')" = "$(awk '{ n += $NF } END { printf "%.0f", n }' "$out")" ]
	HOME=$BATS_TEST_TMPDIR go tool pprof -symbolize=none -top -unit=ns -nodecount=1000 -nodefraction=0 "$BATS_TEST_TMPDIR/pb" >"$BATS_TEST_TMPDIR/top"
	rec2prof --keys sym -e sleeping "$BATS_TEST_TMPDIR/in" | awk -F'\t' '$1 == "prof" { printf "%dns %s\n", $16, $12 }' | sort >"$BATS_TEST_TMPDIR/ours"
	awk '$1 ~ /^[1-9][0-9]*ns$/ { print $1, $6 }' "$BATS_TEST_TMPDIR/top" | sort | diff "$BATS_TEST_TMPDIR/ours" -
	[ -s "$BATS_TEST_TMPDIR/ours" ]
}

@test "control bytes, bytes that are not UTF-8 and long names" {
	records "$(printf 'sample 1 host 0 7 7 e\\x01\\\\\xff 1 u 10 - u;10<a\\x3b\xc3\xa9+0x0>')" "comm 0 host - 8 8 - $(printf '%05000d' 0)" 'sample 1 host 0 8 8 e 1 u 10 - -'
	profile labels 2>"$err" >"$out"
	grep -qF 'event=e\x01\\xff ' "$out"
	profile lines | grep -qx '10 a;é@:0'
	[ "$(cat "$err")" = 'rec2pprof: 1 names are longer than 4096 bytes: cut' ]
}

@test "more events than a profile has values for" {
	for ((i = 0; i < 20; i++)); do
		printf 'sample\t1\thost\t0\t7\t7\te%d\t5\tu\t10\t-\t-\n' $i
	done >"$BATS_TEST_TMPDIR/in"
	profile labels 2>"$err" >"$out"
	[ "$(cat "$err")" = 'rec2pprof: there are 5 events more than 15: of their samples only the number is written; choose with -e' ]
	[ "$(awk '{ n += $6; for (i = 7; i <= NF; i++) period += $i } END { print n, period }' "$out")" = '20 75' ]
}

@test "negative periods count as 0, sums are capped at the maximum" {
	state() { printf 'state\t%s\thost\t0\t7\t7\t%s\t0\ta\t120\trunning\t-\t%s\n' "$@"; }
	max=9223372036854775807
	{ state -$max $max 1; state 5 4 2; state 1 3 2; } >"$BATS_TEST_TMPDIR/in"
	profile time -e running >"$out" 2>"$err"
	diff <(printf '%s\n' "a;0x1 $max" 'a;0x2 2') "$out"
	diff <(printf '%s\n' 'rec2pprof: 1 states end before they start: counted as 0' 'rec2pprof: 1 values do not fit into their sum: 2^63-1 is written') "$err"
}

@test "a deep stack of many tasks is cut if the output would be out of proportion" {
	awk 'BEGIN {
		printf "stack\t0\thost\t-\ta\tk"
		for (i = 0; i < 10000; i++) printf ";%x", i + 4096
		print ""
		for (i = 0; i < 20000; i++) printf "idle\t1\thost\t0\t%d\t%d\t0\t1\t@a\n", i, i }' >"$BATS_TEST_TMPDIR/in"
	profile samples -e idle >"$out" 2>"$err"
	[[ "$(cat "$err")" == 'rec2pprof: 20000 stacks are deeper than 128: cut, '* ]]
	[ "$(wc -l <"$out")" -eq 20000 ]
	head -n 20 "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/few"
	rec2pprof -e idle "$BATS_TEST_TMPDIR/few" 2>"$err" >"$BATS_TEST_TMPDIR/pb"
	[ ! -s "$err" ]
	python3 pprof.py "$BATS_TEST_TMPDIR/pb" samples | grep -q '^:0;0x370f;0x370e'
}

@test "nothing to fold is reported, with a hint" {
	perf2rec ../examples/pipeline.data >"$out"
	rejects "$out: no samples: -e names other records with stacks" rec2pprof "$out"
	rejects "$out: no records with stacks that -e names" rec2pprof -e sleep "$out"
	rejects '<stdin>:1: not a record' rec2pprof <<<'Rubbish here'
}
