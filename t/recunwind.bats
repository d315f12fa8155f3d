#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# recunwind. Stacks made by hand; programs that are made and recorded here, beside perf itself.

load lib

# rec LINE ...: a stream with tabs for blanks; "~" is a blank within a field.
rec() {
	printf '%s\n' "$@" | tr " ~" "\t "
}

# frames [ARG ...] <stream: the stack of the last event.
frames() {
	recunwind "$@" 2>"$err" | tail -n 1 | awk -F '\t' '{ print $NF }'
}

code='map 0 host - 5 5 u 1000 9000 0 r-x - /none'
regs='bp=0x20010~sp=0x20000~ip=0x1234'

# pointers: a stack with two frames by the frame pointer.
pointers=1~2~20030~1240~9~9~0~1250

@test "the example is unwound to all its frames" {
	for how in inline once; do
		perf2rec --user-stacks --stacks=$how ../examples/descend.data | recunwind --sysroot=../examples/sysroot >"$out" 2>"$err"
		[ ! -s "$err" ]
		reccheck -n "$out"
		[ "$(grep -c ^usample "$out")" = 0 ]
		cs2text --sysroot=../examples/sysroot "$out" | rec2folded | diff recunwind/descend.folded -
	done
	perf2rec ../examples/descend.data 2>"$err" | grep -v user_stacks_left_out | sed 's/\t[^\t]*$//' | diff - <(recstacks "$out" | sed 's/\t[^\t]*$//')
}

@test "with each stack once, the frames are those inline" {
	recunwind --sysroot=../examples/sysroot <(perf2rec --user-stacks --stacks=once ../examples/descend.data) | recstacks --stacks=inline |
		diff - <(perf2rec --user-stacks ../examples/descend.data | recunwind --sysroot=../examples/sysroot)
}

# variants [RESET] <stream: each stack several times, some of them with other registers, maps or a damaged word. RESET writes
# another stack before each.
variants() {
	awk -F '\t' -v OFS='\t' -v reset="${1-}" '
		function put(regs, words) {
			t++
			if (reset)
				print $1, t, $3, $4, $5, $6, $7, "sp=0x10 ip=0x1", "1"
			print $1, t, $3, $4, $5, $6, $7, regs, words
			print "idle", t, $3, $4, $5, $6, 0, 1, "-"
		}
		function change(name, value, regs) {
			regs = $8
			put($8, $9); put($8, $9)
			sub(name "=[^ ]*", name "=" value, regs)
			put(regs, $9); put(regs, $9); put($8, $9); put(regs, $9)
		}
		$1 != "usample" { if ($1 != "sample") print; next }
		{
			change("ax", "0x5"); change("bx", "0x5"); change("bp", "0x7ffc00000000"); change("bp", "0x0")
			change("sp", "0x7ffc00000000"); change("ip", "0x1"); change("ip", ip == "" ? "0x0" : ip)
			put($8, $9 " x"); put($8, "x " $9); put($8, $9); put($8, "x " $9)
			ip = $8
			sub(/.* ip=/, "", ip)
			sub(/ .*/, "", ip)
		}'
}

@test "frames do not depend on the stacks before" {
	perf2rec --user-stacks ../examples/descend.data | variants >"$BATS_TEST_TMPDIR/in"
	perf2rec --user-stacks ../examples/descend.data | variants reset | recunwind -v --sysroot=../examples/sysroot >"$out" 2>"$err"
	[ "$(grep -c 'u;.*;' "$out")" -gt 300 ]
	recunwind -v --sysroot=../examples/sysroot "$BATS_TEST_TMPDIR/in" 2>"$err.of" | diff - "$out"
	diff <(grep -E 'whole$|bytes end' "$err.of" | cut -d: -f3-) <(grep -E 'whole$|bytes end' "$err" | cut -d: -f3-)
}

@test "the user's part of a stack is replaced, the kernel's stays with its names" {
	for case in '- u;1234;1240;1250' 'u;6;7 u;1234;1240;1250' 'k;5<f+0x1>;6;u;7;8 k;5<f+0x1>;6;u;1234;1240;1250' 'k;5 k;5;u;1234;1240;1250'; do
		[ "$(rec "$code" "usample 1 host 0 5 5 x86_64 $regs $pointers" "idle 1 host 0 5 5 0 1 ${case% *}" | frames)" = "${case#* }" ]
	done
	rec "$code" "usample 1 host 0 5 5 x86_64 $regs $pointers" 'stack 1 host 5 ab k;5;u;6' 'idle 1 host 0 5 5 0 1 @ab' | recunwind >"$out"
	[ "$(recstacks "$out" | tail -n 1 | cut -f9)" = 'k;5;u;1234;1240;1250' ]
}

@test "a stack belongs to the events after it with its time, machine, CPU and task" {
	usample="usample 1 host 0 5 5 x86_64 $regs $pointers"
	for event in 2,host,0,5,5 1,vm7,0,5,5 1,host,1,5,5 1,host,0,6,5 1,host,0,5,6; do
		[ "$(rec "$code" "$usample" "idle ${event//,/ } 0 1 k;5;u;6" | frames)" = 'k;5;u;6' ]
		grep -q ': 1 user stacks are left out: no event of theirs follows$' "$err"
	done
	rec "$code" "$usample" 'idle 1 host 1 5 5 0 1 u;8' 'idle 1 host 0 5 5 0 1 u;6' 'idle 1 host 0 5 5 0 1 u;7' | recunwind 2>"$err" >"$out"
	[ "$(grep ^idle "$out" | cut -f9 | tr '\n' ' ')" = 'u;8 u;1234;1240;1250 u;1234;1240;1250 ' ]
	rec "$code" "$usample" "usample 2 host 0 5 5 x86_64 $regs $pointers" 'idle 2 host 0 5 5 0 1 u;6' | recunwind 2>"$err" >"$out"
	grep -q ': 1 user stacks are left out: no event' "$err"
}

@test "frame pointers lead through code without unwind information, on each instruction set" {
	event='idle 1 host 0 5 5 0 1 -'
	[ "$(rec "$code" "usample 1 host 0 5 5 x86_64 $regs $pointers" "$event" | frames -v)" = 'u;1234;1240;1250' ]
	grep -q ': 1 user stacks are whole$' "$err"
	grep -q ': /none: 3 frames without unwind information: .*No such file' "$err"
	[ "$(rec "$code" 'usample 1 host 0 5 5 i386 bp=0x20010~sp=0x20000~ip=0x1234 1~2~124000020020~1~125000000000' "$event" | frames)" = 'u;1234;1240;1250' ]
	[ "$(rec "$code" 'usample 1 host 0 5 5 aarch64 x29=0x20010~lr=0x1~sp=0x20000~pc=0x1234 1~2~20020~1240~0~1250' "$event" | frames)" = 'u;1234;1240;1250' ]
	# a frame pointer below the stack pointer, or one that does not point to an address of code, is none
	[ "$(rec "$code" 'usample 1 host 0 5 5 x86_64 bp=0x1fff0~sp=0x20000~ip=0x1234 1~2~3' "$event" | frames)" = 'u;1234' ]
	grep -q ': 1 user stacks end at code without unwind information or frame pointer (-v)$' "$err"
	[ "$(rec "$code" 'usample 1 host 0 5 5 x86_64 bp=0x20000~sp=0x20000~ip=0x1234 20010~99999~3' "$event" | frames)" = 'u;1234' ]
	[ "$(rec "$code" 'usample 1 host 0 5 5 x86_64 bp=0x20000~sp=0x20000~ip=0x1234 20010~1240' "$event" | frames)" = 'u;1234;1240' ]
	grep -q ': 1 user stacks end where the recorded bytes end' "$err"
}

@test "a run of words gives the same frames as the words written one by one" {
	# stacks with a chain of frames and what is between them, as runs and word by word
	for how in runs words; do
		rec "$code" "$(awk -v runs=$((${#how} == 4)) '
		function random(n) { seed = seed * 16807 % 2147483647; return seed % n }
		function put(text, n) {
			words += n
			if (runs && (n > 1 || text == "-"))
				line = line sprintf("~%s*%x", text, n)
			else
				while (n-- > 0)
					line = line "~" (text == "-" ? "-*1" : text)
		}
		BEGIN {
			for (t = seed = 1; t <= 60; t++) {
				line = ""
				for (words = frame = 0; frame < 40; frame++) {
					if ((gap = random(3) ? random(5) : random(300)) > 0 && (kind = random(3)) < 2)
						put(kind ? "0" : "-", gap)
					else
						for (; gap > 0; gap--)
							put(sprintf("%x", 1 + random(2000000000) * 65536), 1)
					place[frame] = words
					line = line sprintf("~@~%x", 4660 + frame)
					words += 2
				}
				for (frame = 1; frame <= 40; frame++)
					sub(/@/, frame == 40 ? "0" : sprintf("%x", 131072 + 8 * place[frame]), line)
				printf "usample %d host 0 5 5 x86_64 bp=0x%x~sp=0x20000~ip=0x1230 %s\nidle %d host 0 5 5 0 1 -\n",
					t, 131072 + 8 * place[0], substr(line, 2), t
			}
		}')" | recunwind 2>"$err" >"$out.$how"
	done
	cmp "$out.runs" "$out.words"
	[ "$(grep -c 'u;1230;1234;.*;125b$' "$out.runs")" = 60 ]
}

@test "of a run, words that are left out are not known, and its length may be any" {
	event='idle 1 host 0 5 5 0 1 -'
	last() {
		rec "$code" "usample 1 host 0 5 5 x86_64 bp=0x$1~sp=0x20000~ip=0x1234 $2" "$event" | frames -v
	}
	[ "$(last 20010 '0*2~20030~1240~-*2~0~1250')" = 'u;1234;1240;1250' ]
	grep -q ' are whole$' "$err"
	[ "$(last 20010 '0*2~20030~1240~-*3~1250')" = 'u;1234;1240' ] # the pointer is left out
	grep -q ' end at code without unwind information' "$err"
	[ "$(last 20010 '0*2~20030~1240~-*2~20040~-*4')" = 'u;1234;1240' ] # the return address is
	[ "$(last 20010 '0*2~20030~1240~0*2')" = 'u;1234;1240' ]
	grep -q ' end where the recorded bytes end' "$err"
	for n in ffffffffffffffff 2000000000000000 1fffffffffffffff 10000000000000000 ffffffffffffffffffffffffffffffff; do
		[ "$(last 20010 "20010~0*$n~20030~1240~-*$n~0~1250")" != '' ]
		[ "$(last fffffffffffffff0 "20010~0*$n~20030~1240~-*$n")" = 'u;1234' ]
		[ "$(last 20010 "1~2~20030~1240~0*$n~9~20040~1250")" = 'u;1234;1240' ] # the pointer is in the run, and 0
		grep -q ' are whole$' "$err"
	done
}

@test "a stack with a malformed word that is read is left out, one with others is not" {
	far=$(printf '~1%015d' 1 2 3 4 5 6 7 8)
	t=0
	for word in 5*5 00*5 zz FF - -5 -* 0* 0*g 0*5g 0*05 0*0 -*0 *5 0*5*5 0**5 0*-1 11112222333344445 0*ffffffffffffffffffffg ''; do
		for words in "1~2~20030~1240~9~9~$word~1250" "1~2~20030~1240~9~9~0~$word" "1~2~20030~1240~9~9~$word"; do
			t=$((t + 1)) # before it another stack, with which it has nothing in common
			printf 'usample %d host 0 5 5 x86_64 %s\nidle %d host 0 5 5 0 1 u;6\n' $t "sp=0x10~ip=0x1 1" $t $t "$regs $words" $t >>"$BATS_TEST_TMPDIR/read"
		done
		printf 'usample %d host 0 5 5 x86_64 %s\n' $t "sp=0x10~ip=0x1 1" $t "$regs $pointers$far~$word" $((t + 1)) "$regs $pointers" >>"$BATS_TEST_TMPDIR/unread"
		echo "idle $((t + 1)) host 0 5 5 0 1 u;6" >>"$BATS_TEST_TMPDIR/unread"
	done
	rec "$code" "$(<"$BATS_TEST_TMPDIR/read")" | recunwind 2>"$err" >"$out"
	[ "$(grep ^idle "$out" | cut -f9 | sort | uniq -c | xargs)" = "60 u;1 60 u;6" ]
	grep -q ': 60 user stacks are left out: their instruction set is not supported, or they are damaged$' "$err"
	rec "$code" "$(<"$BATS_TEST_TMPDIR/unread")" | recunwind -v 2>"$err" >"$out"
	[ "$(grep ^idle "$out" | cut -f9 | sort | uniq -c | xargs)" = "20 u;1234;1240;1250" ]
	grep -q ': 40 user stacks are whole$' "$err"
}

@test "an expression that reads here and there in a long stack takes little time" {
	cc -shared -nostdlib -o "$BATS_TEST_TMPDIR/far.so" recunwind/far.s
	at=$(nm "$BATS_TEST_TMPDIR/far.so" | awk '$3 == "again" { sub(/^0*/, "", $1); print $1 }')
	awk -v at="$at" -v file="$BATS_TEST_TMPDIR/far.so" 'BEGIN {
		OFS = "\t"
		print "map", 0, "host", "-", 5, 5, "u", 0, 100000, 0, "r-x", "-", file
		printf "usample\t1\thost\t0\t5\t5\tx86_64\tsp=0x20000 ip=0x%s\t0 %s", at, at
		for (i = 1; i < 260000; i++)
			printf " 0 %s", at
		print "\nidle", 1, "host", 0, 5, 5, 0, 1, "-"
	}' >"$BATS_TEST_TMPDIR/in"
	[ "$(ulimit -t 2 && frames <"$BATS_TEST_TMPDIR/in" | tr -cd ';' | wc -c)" = 8192 ]
}

@test "what cannot be unwound is counted" {
	event='idle 1 host 0 5 5 0 1 u;6'
	for usample in 'mips sp=0x1~ip=0x2 1' '- r0=0x1 1' 'x86_64 ip=0x2 1' 'x86_64 sp=0x2 1' 'x86_64 sp=2~ip=0x2 1' 'x86_64 sp=0xx~ip=0x2 1'; do
		[ "$(rec "usample 1 host 0 5 5 $usample" "$event" | frames)" = 'u;6' ]
		grep -q ': 1 user stacks are left out: their instruction set is not supported, or they are damaged$' "$err"
	done
	[ "$(rec 'usample 1 host 0 5 5 x86_64 sp=0x1000~ip=0x2 1~x~3' "$event" | frames)" = 'u;2' ]
}

# program FILE NAME [ARG ...]: make a program from recunwind/FILE.
program() {
	local file=$1 name=$2
	shift 2
	"${CC-cc}" "$@" -o "$BATS_TEST_TMPDIR/$name" "recunwind/$file"
}

# recorded ARG ... : perf record --call-graph dwarf,ARG into $data, or skip.
recorded() {
	data=$BATS_TEST_TMPDIR/data
	needs perf
	perf record -q --no-bpf-event -F 4000 -e cpu-clock --call-graph dwarf,"$1" -o "$data" -- "${@:2}" >"$err" 2>&1 || skip "perf may not record here"
	[ "$(perf2rec "$data" 2>"$err" | grep -c ^sample)" -gt 20 ]
}

# compared: the classes of differences between perf's stacks and ours: "equal N; ours goes on N; ..." in $classes. No stack may
# differ otherwise than in the ways of compare.awk in which perf is wrong. perf does not read the last word of a stack, so we do not get
# it. Only the stacks of these tids, if there are any.
compared() {
	perf script --max-stack 8192 -i "$data" -F tid,time,ip,dso --no-inline --ns ${1:+--tid "$1"} >"$BATS_TEST_TMPDIR/perf.txt" 2>"$err"
	perf2rec --user-stacks "$data" 2>"$err" | sed '/^usample/s/ [0-9a-f]*$//' | recunwind 2>"$err" | recgrep ${1:+-p "$1"} >"$out"
	awk -v show=1 -f recunwind/compare.awk "$BATS_TEST_TMPDIR/perf.txt" "$out" | tee "$BATS_TEST_TMPDIR/shown" | grep -v ' at ' >"$BATS_TEST_TMPDIR/classes"
	paste -sd ';' "$BATS_TEST_TMPDIR/classes"
	grep -e '^differ .* at ' -e '^perf goes on .* at ' "$BATS_TEST_TMPDIR/shown" | head -n 3
	awk '/^frames/ { next } /^equal/ { equal = $NF } /^differ|^perf goes on|^not in/ { wrong += $NF } /^perf stops/ { stops = $NF }
		END { exit !(equal > 20 && wrong == 0 && stops <= 2 + equal / 100) }' "$BATS_TEST_TMPDIR/classes"
}

# saves_below OFFSET@FILE: is, by the unwind information at an offset in a file, a register saved below the stack pointer? So it is at
# the end of functions, which have restored it already: one such, qsort's, ends by a jump to another function.
saves_below() {
	local addr off
	read -r addr off < <(readelf -lW "${1#*@}" | awk '$1 == "LOAD" && / R E / { print $3, $2 }')
	readelf -wF "${1#*@}" 2>/dev/null | awk -v at="$(printf %016x $((16#${1%@*} - off + addr)))" '
		$4 == "FDE" { split(substr($6, 4), code, /[.][.]/); inside = code[1] "" <= at && at < code[2] ""; next }
		inside && length($1) == 16 && $1 "" <= at { row = $0 }
		END {
			n = split(row, rule)
			below = sub(/^rsp[+]/, "", rule[2])
			for (i = 3; below && i <= n; i++)
				if (sub(/^c-/, "", rule[i]) && rule[i] + 0 > rule[2] + 0)
					exit
			exit 1
		}'
}

# all_equal: besides, perf has unwind information for all code, and ends only where it looks for a register below the stack, where we
# know that it has been restored.
all_equal() {
	local at
	compared
	while read -r at; do
		saves_below "$at" || { grep '^ours goes on' "$BATS_TEST_TMPDIR/shown"; return 1; }
	done < <(awk '/^ours goes on .* at / { print $9 }' "$BATS_TEST_TMPDIR/shown")
}

@test "C without frame pointers, a deep recursion and a signal handler: all frames are perf's" {
	program signal.c signal -O2 -fomit-frame-pointer
	recorded 16384 "$BATS_TEST_TMPDIR/signal"
	all_equal
	# a signal is seldom handled while a sample is taken
	recorded 16384 "$BATS_TEST_TMPDIR/signal" 6
	perf2rec --user-stacks "$data" 2>"$err" | recunwind >"$out" 2>"$err"
	cs2text "$out" >"$out.named"
	grep '<handler+' "$out.named" | grep '<deep+' | grep -q '<main+'
	# a stack that is deeper than what was recorded ends there
	recorded 1024 "$BATS_TEST_TMPDIR/signal"
	all_equal
	grep -q ' user stacks end where the recorded bytes end' "$err"
}

@test "C with lazily bound calls, from gcc and clang, with lld: all frames are perf's" {
	for CC in gcc 'clang' 'clang -fuse-ld=lld'; do
		command -v ${CC%% *} >/dev/null || continue
		[[ $CC != *lld ]] || command -v ld.lld >/dev/null || continue
		$CC -O2 -fomit-frame-pointer -Wl,-z,lazy -o "$BATS_TEST_TMPDIR/signal" recunwind/signal.c
		recorded 8192 "$BATS_TEST_TMPDIR/signal"
		all_equal
	done
}

@test "C++ with exceptions and templates: all frames are perf's" {
	needs g++
	CC=g++ program throw.cc throw -O2 -fomit-frame-pointer
	recorded 8192 "$BATS_TEST_TMPDIR/throw"
	all_equal
	cs2text "$out" | grep '_Unwind_RaiseException' | grep -q '<main+'
}

@test "a static program, which has no table of its unwind information, is unwound whole" {
	program signal.c signal -O2 -fomit-frame-pointer -static
	recorded 65000 "$BATS_TEST_TMPDIR/signal"
	compared || ! grep -e '^differ' -e '^perf goes on' "$BATS_TEST_TMPDIR/classes"
	[ "$(cs2text "$out" | grep -c '<deep+.*<main+.*<_start+')" -gt 20 ]
}

@test "node: nothing differs from perf's frames, and compiled JavaScript is passed through" {
	needs node
	recorded 16384 node recunwind/work.js
	compared
	[ "$(awk '/^ours goes on/ { print $NF }' "$BATS_TEST_TMPDIR/classes")" -gt 20 ]
	[ "$(cs2text "$out" | grep -c ';[0-9a-f]*<__libc_start_call_main+[^;]*;[^;]*;[0-9a-f]*<_start+')" -gt 50 ]
}

@test "Rust with threads and a panic: all frames are perf's, or perf lacks some" {
	needs rustc
	rustc -O -o "$BATS_TEST_TMPDIR/work" recunwind/work.rs
	recorded 16384 "$BATS_TEST_TMPDIR/work"
	compared
	cs2text "$out" | grep '<work::count+' | grep -q '<main+'
}

@test "Python: all frames are perf's" {
	needs python3
	recorded 32768 "$(python3 -c "import sys; print(sys.executable)")" recunwind/work.py # python3 may be a script of a shell
	compared
}

@test "a whole system: nothing differs from perf's frames, but in the ways of the page" {
	program signal.c signal -O2 -fomit-frame-pointer
	needs perf
	data=$BATS_TEST_TMPDIR/data
	cp "$(command -v sh)" "$BATS_TEST_TMPDIR/whole"
	perf record -q --no-bpf-event -a -m 8M -F 1999 -e cpu-clock --call-graph dwarf,4096 -o "$data" -- \
		"$BATS_TEST_TMPDIR/whole" -c '"$0" & ls -lR /usr/lib | sort >/dev/null; gcc -O2 -c -o /dev/null recunwind/signal.c; wait' "$BATS_TEST_TMPDIR/signal" \
		>"$err" 2>&1 || skip "perf may not record the system here"
	# of what runs elsewhere, files may be gone or replaced by now
	own=$(perf2rec --user-stacks -p 'whole+' "$data" | awk -F'\t' '$1 == "usample" { print $6 }' | sort -un | paste -sd,)
	[ -n "$own" ]
	compared "$own"
}

@test "the corpus: perf's frames, or more" {
	shared perfdata
	for data in "$shared/own/02-dwarf.data" "$shared/perfparser/vector_static_clang.data"; do
		needs perf
		compared || ! grep -e '^differ' -e '^perf goes on' "$BATS_TEST_TMPDIR/classes"
	done
}

@test "a register that the end of a function has restored is not looked for below the stack" {
	cc -shared -nostdlib -o "$BATS_TEST_TMPDIR/end.so" recunwind/end.s
	while read -r addr _ name; do
		printf -v "$name" %x "0x$addr"
	done < <(nm "$BATS_TEST_TMPDIR/end.so" | grep ' \(restored\|after_call\|outer\)$')
	[ "$(rec "map 0 host - 5 5 u 0 100000 0 r-x - $BATS_TEST_TMPDIR/end.so" \
		"usample 1 host 0 5 5 x86_64 bp=0x20020~sp=0x20000~ip=0x$restored $after_call~1~2~3~0~$outer" \
		'idle 1 host 0 5 5 0 1 -' | frames)" = "u;$restored;$after_call;$outer" ]
	# a stack with the same words, whose first caller has another frame
	lines=("map 0 host - 5 5 u 0 100000 0 r-x - $BATS_TEST_TMPDIR/end.so")
	for bp in 20 20 20 8 20 8; do
		if [ $bp = 8 ]; then first=$outer; else first=$restored; fi
		lines+=("usample 1 host 0 5 5 x86_64 sp=0x20000~bp=0x$((20000 + bp))~ip=0x$restored $after_call~1~$outer~3~0~$restored" 'idle 1 host 0 5 5 0 1 -')
		[ "$(rec "${lines[@]}" | frames)" = "u;$restored;$after_call;$first" ]
	done
}

@test "a chain of frames that does not read the stack is a loop after four" {
	cc -shared -nostdlib -o "$BATS_TEST_TMPDIR/loop.so" recunwind/loop.s
	at() {
		nm "$BATS_TEST_TMPDIR/loop.so" | awk -v name="$1" '$3 == name { sub(/^0*/, "", $1); print $1 }'
	}
	unwound() { # REGISTERS WORDS
		rec "map 0 host - 5 5 u 0 100000 0 r-x - $BATS_TEST_TMPDIR/loop.so" "usample 1 host 0 5 5 x86_64 sp=0x20000~$1 $2" \
			'idle 1 host 0 5 5 0 1 -' | frames
	}
	loop=': 1 user stacks end where frames are found without reading the stack: a loop$'
	at=$(at in_same)
	for words in 1 0*ffffffff "$at~$at~$at~$at~$at~$at~$at~$at"; do
		[ "$(unwound "ip=0x$at" "$words")" = "u;$at;$at;$at;$at;$at" ]
		grep -q "$loop" "$err"
	done
	sp=$(printf %x $((0x10000 + 16#$(at computed) + 64)))
	[ "$(rec "map 0 host - 5 5 u 0 100000 0 r-x - $BATS_TEST_TMPDIR/loop.so" "usample 1 host 0 5 5 x86_64 sp=0x$sp~ip=0x$(at computed) 1" \
		'idle 1 host 0 5 5 0 1 -' | frames | tr -cd ';' | wc -c)" = 5 ]
	grep -q "$loop" "$err"
	at=$(at in_one_word)
	[ "$(unwound "ip=0x$at" "$at")" = "u;$at;$at;$at;$at;$at;$at" ] # the first caller is read
	grep -q "$loop" "$err"
	caller=$(at in_caller)
	[ "$(unwound "ip=0x$(at in_leaf)~bx=0x$(at in_outlined)~r12=0x$caller" "0~$caller~0")" = "u;$(at in_leaf);$(at in_outlined);$caller;$caller" ]
	[ ! -s "$err" ]
}

@test "many events of one long stack do not outgrow the input" {
	{
		rec "$code"
		awk 'BEGIN {
			printf "usample\t1\thost\t0\t5\t5\tx86_64\tbp=0x20000 sp=0x20000 ip=0x1234\t"
			for (i = 1; i < 4000; i++)
				printf "%x 1240 ", 131072 + 16 * i
			print "0 1250"
			for (i = 0; i < 10000; i++)
				print "idle\t1\thost\t0\t5\t5\t0\t1\tu;6"
		}'
	} >"$BATS_TEST_TMPDIR/in"
	recunwind "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(stat -c %s "$out")" -lt $((1000000 + 256 * $(stat -c %s "$BATS_TEST_TMPDIR/in"))) ]
	kept=$(grep -c '	u;6$' "$out")
	grep -q ": $kept user stacks are left out of events: they would outgrow the input$" "$err"
	[ $((kept + $(grep -c '	u;1234;1240;.*;1250$' "$out"))) = 10000 ]
}

@test "an entry of a PLT for lazy binding returns to its caller, with unwind information or without" {
	for CC in gcc 'clang -fuse-ld=lld'; do
		[[ $CC != *lld ]] || command -v ld.lld >/dev/null || continue
		$CC -O2 -fomit-frame-pointer -Wl,-z,lazy -o "$BATS_TEST_TMPDIR/lazy" recunwind/signal.c
		plt=$((16#$(readelf -SW "$BATS_TEST_TMPDIR/lazy" | sed 's/^ *\[ *[0-9]*\] *//' | awk '$1 == ".plt" { print $3 }')))
		read -r addr off < <(readelf -lW "$BATS_TEST_TMPDIR/lazy" | awk '$1 == "LOAD" && / R E / { print $3, $2 }')
		main=$((16#$(nm "$BATS_TEST_TMPDIR/lazy" | awk '$3 == "deep" { print $1 }') + 4))
		for at in 16: 22: 27:1~ 0:1~ 6:1~2~; do # the offset in .plt, and what is pushed there
			ip=$(printf %x $((plt + ${at%:*} - addr + off + 0x10000))) caller=$(printf %x $((main - addr + off + 0x10000)))
			got=$(rec "map 0 host - 5 5 u 10000 100000 0 r-x - $BATS_TEST_TMPDIR/lazy" \
				"usample 1 host 0 5 5 x86_64 bp=0x1~sp=0x20000~ip=0x$ip ${at#*:}$caller~0" 'idle 1 host 0 5 5 0 1 -' | frames)
			[[ $got == "u;$ip;$caller"* ]] || { echo "$CC: $at: $got, not u;$ip;$caller"; return 1; }
		done
	done
}

@test "a file with another build id than the recorded one is not used" {
	mkdir -p "$BATS_TEST_TMPDIR/root/usr/local/bin"
	cp ../examples/sysroot/usr/local/bin/work "$BATS_TEST_TMPDIR/root/usr/local/bin/descend"
	perf2rec --user-stacks ../examples/descend.data | recunwind -v --sysroot="$BATS_TEST_TMPDIR/root" >"$out" 2>"$err"
	grep -q '/usr/local/bin/descend: 20 frames without unwind information: the file there has another build id$' "$err"
	[ "$(grep -c '	u;[0-9a-f]*$' "$out")" = 20 ]
}

@test "damaged unwind information makes valid records" {
	perf2rec --user-stacks ../examples/descend.data >"$BATS_TEST_TMPDIR/in"
	sed -i 's/[0-9a-f]\{40\}/-/' "$BATS_TEST_TMPDIR/in"
	mkdir -p "$BATS_TEST_TMPDIR/root/usr/local/bin"
	for ((i = 0; i < ${MUTATIONS-40}; i++)); do
		"$BUILD/t/mutate" $i <../examples/sysroot/usr/local/bin/descend >"$BATS_TEST_TMPDIR/root/usr/local/bin/descend"
		timeout 10 recunwind --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
		reccheck -n "$out"
		[ "$(grep -c ^sample "$out")" = 20 ]
	done
}

@test "a malformed line is reported, and a full disk" {
	rec 'usample 1 host 0 5 5 x86_64 sp=0x1' >"$BATS_TEST_TMPDIR/in"
	rejects 'in:1: usample: no field words' recunwind "$BATS_TEST_TMPDIR/in"
	run -1 --separate-stderr sh -c 'recunwind recstacks/once.in >/dev/full'
	[ "$stderr" = "recunwind: <stdout>: No space left on device" ]
	rejects 'no/such: No such file or directory' recunwind --sysroot=no/such recstacks/once.in
}
