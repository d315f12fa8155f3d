#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Small inputs that cost a careless program much: memory, time, output and messages stay in proportion to what is read.

load lib
load proportion

# hostile CASE N -> $in
hostile() {
	in=$BATS_TEST_TMPDIR/in
	"$BUILD/t/hostile" "$@" >"$in"
}

# records: what the last filter wrote is a record stream.
records() {
	reccheck -n --any-order "$out"
}

@test "two processes that fork each other in turn share their maps" {
	hostile fib_forks 60
	proportion -- etm2pkt --decode "$in"
	records
}

@test "children share the maps of their parent" {
	hostile maps_forks 5000
	proportion -- etm2pkt --decode "$in"
	hostile maps_inherited 16000
	proportion -- cs2text "$in"
	records
	proportion -- recgrep -e sample "$in"
	records
}

@test "the maps written for selected records are in proportion to the stream" {
	hostile maps_wanted 16000
	proportion -- recgrep -e sample "$in"
	records
}

@test "files of maps are found without a search" {
	hostile many_images 100000
	proportion -- etm2pkt --decode "$in"
	records
}

@test "trace that many AUX records name is decoded once" {
	hostile aux_overlap 96000
	proportion -- etm2pkt "$in"
	records
}

@test "missing trace is reported a few times and then counted" {
	hostile aux_missing 20000
	proportion -- etm2pkt "$in"
	[[ "$(<"$err")" == *"more"* ]]
	records
}

@test "the fields of a tracepoint hold no more text than its data warrants" {
	hostile fields 20000
	proportion -- perf2rec "$in"
	records
}

@test "attributes, their ids, names, formats and counters are found without a search" {
	for case in 'shared_ids 60000' 'event_types 200000' 'stat_scopes 200000' 'many_formats 200000' 'print_fmt 300000'; do
		hostile $case
		proportion -- perf2rec "$in"
		records
	done
}

@test "samples do not wait without bound for the user's part of their chains" {
	hostile deferred 1500 # 96 MB
	proportion -- perf2rec "$in"
	records
	grep -q ' 1500 samples lack the user.s part of their stack' "$err"
	[ -n "${SAN-}" ] || (ulimit -v $((80 << 10)) && perf2rec "$in" 2>"$err" | cmp - "$out")
}

@test "symbols that the recorder kept, and pieces of its records, cost no more than their bytes" {
	for case in 'simple_symbols 100000' 'simple_files 50000'; do
		hostile $case
		proportion -- perf2rec "$in"
		records
		mv "$out" "$in"
		proportion -- cs2text "$in"
	done
	hostile simple_split 200000
	proportion -- perf2rec "$in"
	records
}

@test "a count that no record can hold is unknown" {
	hostile stat_max 1
	proportion -- perf2rec "$in"
	records
}

@test "a long name is cut, and its holders share it" {
	hostile long_comm_forks 500
	proportion -- sched2states "$in"
	proportion -- rec2folded "$in"
	hostile long_comm_states 2000
	proportion -- sched2states "$in"
	records
}

@test "a picture of many tasks takes time in proportion to them" {
	hostile many_tasks 250000
	proportion -- states2svg "$in"
	xmllint --noout --huge "$out"
}

@test "the interrupts of a CPU are not looked for among those of all" {
	hostile irq_cpus 200000
	(
		ulimit -t "$([ -n "${SAN-}" ] && echo 60 || echo 8)"
		exec states2svg "$in" >"$out"
	)
	n=$(grep -c '^<title>CPU [0-9]* of h[0-9]*$' "$out")
	[ "$n" -gt 1000 ]
	[ "$(grep -c '^interrupt 1 a: 1 ns, 1 time, ' "$out")" = "$n" ]
}

@test "a loss on every CPU is not looked at CPU by CPU" {
	hostile lost_cpus 100000
	proportion -- sched2states "$in"
	records
}

@test "chosen hashes do not meet in one slot" {
	hostile hash_flood 300000
	for filter in 'reccheck -n' recstacks recgrep cs2text; do
		proportion -- $filter "$in"
	done
}

@test "a deep stack is folded whole" {
	hostile deep_stack 2000
	proportion -- rec2folded "$in"
	[ "$(tr ';' '\n' <"$out" | grep -c '^f[0-9]')" = 2000 ]
}

@test "symbols with one long name share it" {
	hostile symbol_names 4200
	mkdir "$BATS_TEST_TMPDIR/root"
	mv "$in" "$BATS_TEST_TMPDIR/root/a"
	printf 'map\t1\thost\t0\t1\t1\tu\t400000\t100000\t0\tr-x\t-\t/a\nsample\t2\thost\t0\t1\t1\te\t1\tu\t401010\t-\t-\n' >"$in"
	proportion "$BATS_TEST_TMPDIR/root/a" -- cs2text --sysroot="$BATS_TEST_TMPDIR/root" "$in"
	records
	grep -q '401010<AAAA*.*+0x0 ' "$out"
}

# named_by FILE PATH [ARG ...]: what cs2text makes of $in, if the file has that path in the sysroot.
named_by() {
	local root=$BATS_TEST_TMPDIR/root
	install -D "$1" "$root/$2"
	proportion "$1" -- cs2text -v --sysroot="$root" "${@:3}" "$in"
	records
}

@test "tables of a program that claim the same bytes are read once, or a few times" {
	hostile elf_tables 270000
	mv "$in" "$BATS_TEST_TMPDIR/program"
	printf 'map\t1\thost\t0\t1\t1\tu\t400000\t100000\t0\tr-x\t-\t/a\nsample\t2\thost\t0\t1\t1\te\t1\tu\t400080\t-\t-\n' >"$in"
	named_by "$BATS_TEST_TMPDIR/program" a
	grep -q '400080<A' "$out"
}

@test "a debug file that many programs have is read a few times" {
	needs gcc objcopy
	hostile symbol_names 40000
	mkdir "$BATS_TEST_TMPDIR/root"
	mv "$in" "$BATS_TEST_TMPDIR/root/debug"
	echo '.skip 64' | gcc -shared -nostdlib -Wl,--build-id=none -x assembler -o "$BATS_TEST_TMPDIR/program" -
	strip "$BATS_TEST_TMPDIR/program"
	(cd "$BATS_TEST_TMPDIR/root" && objcopy --add-gnu-debuglink=debug ../program 0)
	for ((i = 0; i < 200; i++)); do
		cp "$BATS_TEST_TMPDIR/root/0" "$BATS_TEST_TMPDIR/root/$i" 2>/dev/null || true
		printf 'map\t1\thost\t0\t1\t1\tu\t400000\t100000\t0\tr-x\t-\t/%d\nsample\t2\thost\t0\t1\t1\te\t1\tu\t401010\t-\t-\n' $i
	done >"$in"
	proportion "$BATS_TEST_TMPDIR"/root/* -- cs2text -l --sysroot="$BATS_TEST_TMPDIR/root" "$in"
	[ "$(grep -c '401010<AAAA' "$out")" -gt 2 ]
}

@test "sections that inflate out of proportion are not read for lines" {
	needs gcc objcopy time
	in=$BATS_TEST_TMPDIR/in
	printf '.globl f\nf: ret\n.section .debug_info\n.zero 90000000\n' | gcc -shared -nostdlib -x assembler -o "$BATS_TEST_TMPDIR/whole" -
	for how in zlib-gabi zlib-gnu note; do
		if [ $how = note ]; then
			at=$(readelf -hSW "$BATS_TEST_TMPDIR/program" | awk '
				/Start of section headers/ { at = $5 }
				/Size of section headers/ { size = $5 }
				sub(/.*\[ */, "") && $2 == ".zdebug_info" { print at + size * $1 + 4 }')
			printf '\7' | dd of="$BATS_TEST_TMPDIR/program" bs=1 seek="$at" conv=notrunc status=none
			readelf -SW "$BATS_TEST_TMPDIR/program" | grep -q '\.zdebug_info *NOTE'
		else
			objcopy --compress-debug-sections=$how "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/program"
		fi
		printf 'map\t1\thost\t0\t1\t1\tu\t400000\t100000\t0\tr-x\t-\t/a\nsample\t2\thost\t0\t1\t1\te\t1\tu\t401000\t-\t-\n' >"$in"
		named_by "$BATS_TEST_TMPDIR/program" a -l -i
		grep -q '401000<f+0x0 /a>' "$out"
		peak=$(command time -f %M cs2text -l --sysroot="$BATS_TEST_TMPDIR/root" "$in" 2>&1 >"$out")
		[ -n "${SAN-}" ] || [ "$peak" -lt 65536 ]
	done
}

# inlined_functions LENGTH N EVENTS -> $in: events with N functions each that are inlined into one of an object of this length.
inlined_functions() {
	in=$BATS_TEST_TMPDIR/in
	awk -v len="$1" -v n="$2" -v events="$3" 'BEGIN {
		for (object = "o"; length(object) < len; )
			object = object object
		object = substr(object, 2, len - 1)
		while (++e <= events) {
			printf "work  100 [000] %d.000000: cpu-clock: \n", e
			for (i = 0; i < n; i++)
				print "\t 1000 f (inlined)"
			printf "\t 1000 main+0x1 (/%s)\n\n", object
		}
	}' >"$in"
}

@test "the object of many inlined functions is written in proportion to the text" {
	needs time
	for case in '20000 1000 20' '60000 50000 1' '100 6000 70'; do
		# shellcheck disable=SC2086 # its parts
		inlined_functions $case
		proportion -- script2rec "$in"
		records
		grep -q 'inlined functions are written without their long object' "$err"
		grep -o '1000<f[> ]' "$out" | wc -l | grep -qx $(($(cut -d ' ' -f 2 <<<"$case") * ${case##* }))
	done
	inlined_functions 2048 200 1
	proportion -- script2rec "$in"
	run -1 grep without "$err"
	[ "$(grep -o '1000<f /ooo' "$out" | wc -l)" = 200 ]
}

@test "files of JIT compilers may have entries that overlap, and several processes" {
	for case in 'jit_map 300000' 'jit_dump 200000'; do
		hostile $case
		mv "$in" "$BATS_TEST_TMPDIR/file"
		hostile jit_processes 1
		[[ $case != *map* ]] || named_by "$BATS_TEST_TMPDIR/file" tmp/perf-1.map
		[[ $case != *dump* ]] || named_by "$BATS_TEST_TMPDIR/file" tmp/jit-1.dump
		grep -q 'u;2<[ab]+0x[02] //anon>' "$out"
	done
	hostile jit_processes 200
	sed -i 's|host\t0\t1\t|host\t0\t0\t|' "$in" # all by links to one file
	rm -r "$BATS_TEST_TMPDIR/root"
	mkdir -p "$BATS_TEST_TMPDIR/root/tmp"
	for ((i = 0; i < 200; i++)); do
		ln -s perf-1.map "$BATS_TEST_TMPDIR/root/tmp/perf-$i.map" 2>/dev/null || true
	done
	rm -f "$BATS_TEST_TMPDIR/root/tmp/perf-1.map"
	"$BUILD/t/hostile" jit_map 100000 >"$BATS_TEST_TMPDIR/file"
	named_by "$BATS_TEST_TMPDIR/file" tmp/perf-1.map
	[ "$(grep -c '<[ab]+' "$out")" -gt 2 ]
}

@test "a symbol of the kernel may recur" {
	hostile kernel_symbol 400000
	mv "$in" "$BATS_TEST_TMPDIR/kallsyms"
	printf 'idle\t1\thost\t0\t1\t1\t0\t1\tk;1\n' >"$in"
	proportion "$BATS_TEST_TMPDIR/kallsyms" -- cs2text -k "$BATS_TEST_TMPDIR/kallsyms" "$in"
	grep -q '1<a+0x0>' "$out"
}

@test "user stacks are unwound in proportion to their size, and to that of the unwind information" {
	hostile unwind_pointers 500
	proportion -- recunwind "$in"
	records
	[ "$(grep ^idle "$out" | tail -n 1 | cut -f9 | tr ';' '\n' | wc -l)" = 1001 ]
	hostile unwind_program 65000
	mkdir "$BATS_TEST_TMPDIR/root"
	mv "$in" "$BATS_TEST_TMPDIR/root/a"
	hostile unwind_stacks 500
	proportion "$BATS_TEST_TMPDIR/root/a" -- recunwind --sysroot="$BATS_TEST_TMPDIR/root" "$in"
	records
	grep -q 'end early: the unwind information takes too long' "$err"
	mv "$in" "$in.stacks"
	hostile unwind_frames 40000
	mv "$in" "$BATS_TEST_TMPDIR/root/a"
	mv "$in.stacks" "$in"
	proportion "$BATS_TEST_TMPDIR/root/a" -- recunwind --sysroot="$BATS_TEST_TMPDIR/root" "$in"
	records
}

@test "a stack that is defined once and shared by all records costs what it has" {
	hostile shared_stack 10000
	for filter in rec2folded rec2pprof 'rec2prof --children' 'rec2prof --children --keys tid,sym' 'profdiff --keys sym,caller' 'recgrep --function nosuch' \
		'recgrep -e sample' 'recgrep -p 5' recstacks cs2text sched2states 'kvmsplit -s'; do
		proportion -- $filter "$in"
		[[ $filter == rec2folded || $filter == rec2pprof ]] || records
	done
	hostile shared_stack 100000
	for filter in rec2folded rec2pprof 'recgrep --function nosuch' 'recgrep -e sample' sched2states; do
		proportion -- $filter "$in"
	done
	hostile shared_stack 150000
	{ # one more sample, of a program: rec2pprof looks for the programs of all
		printf 'map\t0\thost\t-\t1\t1\tu\t1000000\t1000\t0\t-\t-\t/bin/prog\n'
		printf 'sample\t1\thost\t0\t1\t1\tc\t1\tu\t-\t-\tu;1000010\n'
	} >"$in.program"
	cat "$in" "$in.program" >"$in.both"
	proportion -- rec2pprof "$in.both"
}

@test "a long name that many rows of a profile share is cut" {
	hostile shared_names 5000
	for filter in rec2prof 'rec2prof --keys tid,sym' 'rec2prof --children --keys tid,comm,sym,caller' "profdiff --keys tid,sym $in" rec2folded rec2pprof; do
		proportion -- $filter "$in"
		[[ $filter == rec2folded || $filter == rec2pprof ]] || records
	done
	proportion -- profdiff --table --keys tid,sym,comm,caller "$in" "$in"
}

@test "the places of one deep stack are rows in proportion to it" {
	hostile frames 600000
	proportion -- rec2prof --children "$in"
	records
	[[ "$(<"$err")" == *' places in stacks left out: they would outgrow the input'* ]]
}

@test "a stream of many machines is split in proportion to it" {
	hostile machines 300000
	proportion -- kvmsplit "$in"
	cmp "$out" "$in"
	hostile machines_stack 20000
	for filter in kvmsplit 'kvmsplit --guest' recgrep; do
		proportion -- $filter "$in"
		records
	done
}

@test "the tasks of many machines cost what they have" {
	hostile machines_switch 300000
	proportion -- sched2states "$in"
	records
}

@test "parts of a trace.dat that overlap, or are named many times, are read once" {
	for case in 'dat_loop 1000000' 'dat_sections 100000' 'dat_tables 60000'; do
		hostile $case
		proportion -- ftrace2rec "$in"
		[[ "$(<"$err")" == *': parts of the description overlap, or are longer than the file'* ]]
	done
}

@test "the guests, clocks, CPUs and names of a trace.dat cost what they have" {
	for case in 'dat_guest 20000' 'dat_clocks 20000' 'dat_packed 60000' 'dat_names 409500'; do
		hostile $case
		proportion -- ftrace2rec "$in"
		records
	done
}

@test "the exits of many vCPUs, each with a reason of its own, cost what they have" {
	hostile vcpus 100000
	for per in vcpu machine all; do
		proportion -- kvmexits --per=$per "$in"
		records
	done
	proportion -- kvmexits --table "$in"
	sed '/^kvmexit/s/\t[0-9]*\t-\t-$/\tx\t-\t-/' "$in" >"$BATS_TEST_TMPDIR/one"
	proportion -- kvmexits --per=all "$BATS_TEST_TMPDIR/one"
	[ "$(cut -f12 "$out")" = 100000 ]
}

@test "interrupts, calls and requests without end, and descriptors of many processes, cost what they have" {
	hostile intervals 30000
	proportion -- sched2states "$in"
	records
	cp "$out" "$BATS_TEST_TMPDIR/folded"
	for by in irq softirq syscall file device; do
		proportion -- states2tab --by=$by "$BATS_TEST_TMPDIR/folded"
	done
}

@test "the energy of many CPUs, shared out often" {
	hostile shares 60000
	proportion -- energy2tab "$in"
	grep -q '[0-9] energy records put down to unknown: the work would outgrow the input' "$err"
}

@test "tables of many tasks, names, wakers and functions cost what they have" {
	hostile waits 20000
	for by in task process name cpu waker function; do
		proportion -- states2tab --by=$by "$in"
		[ "$(wc -l <"$out")" -gt 20000 ]
	done
}

@test "tables whose rows are those of short lines of input cost what they have" {
	in=$BATS_TEST_TMPDIR/in
	seq 270000 | awk '{ printf "state\t0\th\t-\t-\t0\t0\t0\t-\t-\t%x\t-\t-\n", $1 }' >"$in"
	proportion -- states2tab --by=function "$in"
	[ "$(wc -l <"$out")" -eq 270001 ]
	seq 270000 | awk '{ printf "path\t0\th\t-\t-\t-\t0\t0\t-\t0\t-\tw\t%x\t-\t-\n", $1 }' >"$in"
	proportion -- states2tab --by=path "$in"
	seq 270000 | awk '{ printf "cpustate\t0\th\t-\t-\t-\t1\tirq\t%x\t-\n", $1 }' >"$in"
	proportion -- states2tab --by=irq "$in"
	[ "$(wc -l <"$out")" -eq 270001 ]
	seq 270000 | awk '{ printf "state\t0\th\t-\t-\t%d\t0\t0\t-\t-\trunning\t-\t-\n", $1 }' >"$in"
	proportion -- states2tab "$in"
	[ "$(wc -l <"$out")" -eq 270001 ]
}

@test "JSON of many tasks and names, and of a deep stack with long names, costs what it has" {
	hostile waits 20000
	proportion -- states2json "$in"
	hostile deep_states 20000
	proportion -- states2json "$in"
	[ "$(grep -c '"stack":"' "$out")" -eq 40000 ]
	proportion -- rec2pprof -e 'sleeping,arrow' "$in"
}

# many OPTION FORMAT: the option, three times, each with 9,000 of a list
many() {
	local n
	for n in 1 10001 20001; do
		printf '%s\n' "$1" "$(seq -s, -f "$2" $n $((n + 8999)))"
	done
}

@test "tasks, CPUs and events are not looked for in a list one by one" {
	in=$BATS_TEST_TMPDIR/in
	seq 300000 | awk '{ printf "state\t%d\th\t%d\t9\t%d\t%d\t0\tn%d\t-\trunning\t-\t-\n", $1, $1 % 8, $1 % 100, $1 + 1, $1 % 100 }' >"$in"
	for list in '-p 700%.0f' '-p m%.0f' '-p m%.0f+' '-C 8%.0f' '-e m%.0f'; do
		mapfile -t options < <(many $list)
		proportion -- recgrep "${options[@]}" "$in"
		[ ! -s "$out" ]
		[ "$(tail -n 1 "$err")" = 'recgrep: ... and 26980 more names that match nothing' ]
	done
	mapfile -t options < <(many -p m%.0f)
	proportion -- states2svg "${options[@]}" -p n7 "$in"
}

@test "a path through many tasks, and over a CPU that many ran on at once, costs what it has" {
	hostile wakes 30000
	proportion -- states2path -p 1 "$in"
	records
	[ "$(grep -c ^path "$out")" -gt 1 ]
}
