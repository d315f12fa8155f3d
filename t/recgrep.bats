#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Selected records, with the definitions that they depend on.

load lib

# events [FILE ...]: the records that are not definitions.
events() {
	grep -avE '^(meta|comm|fork|exit|map|ksym|stack)	' "$@" || true
}

# picks WANT OPTION ... <records, with blanks for tabs: recgrep selects the events whose times (field 2) are WANT.
picks() {
	local want=$1
	shift
	tr ' ' '\t' >"$BATS_TEST_TMPDIR/in"
	recgrep "$@" "$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n --any-order "$out"
	diff <(echo "$want") <(events "$out" | cut -f2 | xargs)
}

# names [FILE]: the records with symbols.
names() {
	cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$@" 2>"$err"
}

@test "a task by its name, with its maps and stacks, and those of its wakers" {
	golden recgrep task -p gzip
}

@test "a process by its pid, with the maps that it inherited" {
	golden recgrep pid -p 8
}

@test "a time window, with the definitions before its end and not those after" {
	golden recgrep time -t 8,9
}

@test "without options everything is copied byte for byte" {
	recgrep reccheck/kinds.in | cmp - reccheck/kinds.in
	recgrep recgrep/task.in | cmp - recgrep/task.in
	recgrep -m '*' recgrep/task.in | cmp - recgrep/task.in
}

@test "a selection gets the same names as the whole" {
	for stacks in inline once; do
		perf2rec --stacks=$stacks ../examples/pipeline.data >"$BATS_TEST_TMPDIR/whole"
		names "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/named"
		for options in '-p work' '-p gzip' '-C 0' '-t 4453760ms,4453780ms' '-e wakeup' '-p work --invert' '-C 1 -p writer,sh'; do
			recgrep $options "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/part"
			reccheck -n "$BATS_TEST_TMPDIR/part"
			names "$BATS_TEST_TMPDIR/part" | recstacks | events >"$out"
			[ -s "$out" ]
			recgrep $options "$BATS_TEST_TMPDIR/named" | recstacks | events | cmp - "$out"
		done
	done
}

@test "the records selected and the others add up to the whole" {
	perf2rec ../examples/pipeline.data | events | sort >"$BATS_TEST_TMPDIR/whole"
	for options in '-p gzip' '-C 0' '-t ,4453780ms' '-e wakeup,idle' '-p work -C 1' '-m vm'; do
		perf2rec ../examples/pipeline.data | recgrep $options >"$out"
		perf2rec ../examples/pipeline.data | recgrep --invert $options >>"$out"
		events "$out" | sort | cmp - "$BATS_TEST_TMPDIR/whole"
	done
}

@test "no maps of processes outside the selection are written" {
	perf2rec ../examples/pipeline.data | recgrep -p gzip >"$out"
	[ "$(grep -c '^map' "$out")" -lt 20 ]
	diff <(awk -F '\t' '$1 == "map" && $5 != "-" { print $5 }' "$out" | sort -u) <(events "$out" | cut -f5 | grep -vx 0 | sort -u)
}

@test "a record of a process with many maps brings only the maps that it needs" {
	for ((i = 0; i < 100; i++)); do
		printf 'map\t1\thost\t0\t1\t1\tu\t%x\t1000\t0\tr-x\t-\t/%d\n' $((0x400000 + 0x1000 * i)) $i
	done >"$BATS_TEST_TMPDIR/in"
	{
		printf 'fork\t2\thost\t0\t1\t1\t2\t2\tprocess\n'
		printf 'switch\t2\thost\t0\t1\t1\ta\t-\tR\t2\tb\t-\tk;1;u;403000\n'
		printf 'sample\t3\thost\t0\t2\t2\te\t1\tu\t405010\t-\tu;405010;407000;405020\n'
		printf 'map\t4\thost\t0\t2\t2\tu\t405000\t800\t0\tr-x\t-\t/new\n'
		printf 'sample\t5\thost\t0\t2\t2\te\t1\tu\t405010\t-\tu;405010;405800;407000\n'
	} >>"$BATS_TEST_TMPDIR/in"
	recgrep -e sample "$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n "$out"
	[ "$(awk '$1 == "map" { print $2, $5, $NF }' "$out" | xargs)" = '3 2 /5 3 2 /7 3 2 /6 4 2 /new' ]
	events <(cs2text "$BATS_TEST_TMPDIR/in") | grep sample | diff - <(events <(cs2text "$out"))
}

@test "CPUs: those where it happened, or the target" {
	cat >"$BATS_TEST_TMPDIR/cpus" <<-'EOF'
		idle 1 host 1 0 0 1 1 -
		idle 2 host 0 0 0 0 1 -
		idle 3 host 0 0 0 1 1 -
		freq 4 host 2 - - 2 9 -
		wakeup 5 host 2 0 0 wakeup task 8 a 120 1 -
		migrate 6 host 2 0 0 8 a 120 0 1 -
		cpustate 7 host 2 - - 9 cpu idle -
		exit 8 host - 8 8
		later 9 host 1 1 1
	EOF
	picks '1 3 5 6' -C 1 <"$BATS_TEST_TMPDIR/cpus"
	picks '2 3 6' -C 0,3-9 <"$BATS_TEST_TMPDIR/cpus"
	picks '1 3 4 5 6 7' -C 1-2 <"$BATS_TEST_TMPDIR/cpus"
}

@test "tasks: a pid selects all its threads, a switch has two tasks, a name holds for its time" {
	cat >"$BATS_TEST_TMPDIR/tasks" <<-'EOF'
		fork 1 host 0 7 7 7 8 thread
		switch 2 host 0 3 3 a 120 S 8 b 120 -
		switch 3 host 0 7 8 b 120 S 3 a 120 -
		sample 4 host 0 7 8 cycles 1 - - - -
		comm 5 host 0 7 8 - c
		sample 6 host 0 7 8 cycles 1 - - - -
		wakeup 7 host 0 3 3 wakeup task 8 c 120 0 -
		migrate 8 host 0 3 3 8 c 120 0 1 -
		sample 9 host 0 3 3 cycles 1 - - - -
		state 10 host 0 7 8 11 0 c 120 running - -
		arrow 12 host 0 3 3 0 a wakeup task 7 8 0 c 0 - -
		exit 13 host 0 7 8
		switch 14 host 0 7 8 c 120 X 0 swapper/0 120 -
		switch 15 host 1 0 0 swapper/1 120 R 3 a 120 -
	EOF
	picks '2 3 4 6 7 8 10 12 14' -p 7 <"$BATS_TEST_TMPDIR/tasks"
	picks '2 3 4 6 7 8 10 12 14' -p 8 <"$BATS_TEST_TMPDIR/tasks"
	picks '2 3 4' -p b <"$BATS_TEST_TMPDIR/tasks"
	picks '6 7 8 10 12 14' -p c <"$BATS_TEST_TMPDIR/tasks"
	picks '2 3 7 8 9 12 15' -p a <"$BATS_TEST_TMPDIR/tasks"
	picks '14 15' -p 'swapper/*' <"$BATS_TEST_TMPDIR/tasks"
	picks '15' -p swapper/1 <"$BATS_TEST_TMPDIR/tasks"
	picks '2 3 4 14' -p b,swapper/0 <"$BATS_TEST_TMPDIR/tasks"
}

@test "a name with a + selects a task from when it has the name, and what it forks from then on" {
	cat >"$BATS_TEST_TMPDIR/family" <<-'EOF'
		fork 0 host - 1 1 3 3 -
		comm 0 host - 1 1 - init
		comm 0 host - 3 3 - perf-exec
		sample 1 host 0 3 3 e 1 - - - -
		fork 2 host 0 3 3 4 4 -
		comm 3 host 0 3 3 exec sh
		fork 4 host 0 3 3 5 5 -
		sample 5 host 1 4 4 e 1 - - - -
		sample 6 host 1 5 5 e 1 - - - -
		comm 7 host 1 5 5 exec cc
		fork 8 host 1 5 5 5 6 thread
		fork 9 host 1 5 6 7 7 -
		comm 10 host 0 3 3 exec make
		sample 11 host 0 3 3 e 1 - - - -
		sample 12 host 0 7 7 e 1 - - - -
		switch 13 host 0 7 7 cc 120 S 1 init 120 -
		wakeup 14 host 0 1 1 wakeup task 7 cc 120 0 -
		exit 15 host 1 5 6
		switch 16 host 1 5 6 cc 120 X 1 init 120 -
		switch 17 host 1 1 1 init 120 S 5 cc 120 -
		exit 18 host 1 5 5
		exit 18 host 0 7 7
		state 13 host 0 7 7 18 9 cc 120 running - -
		fork 19 host 0 1 1 6 6 -
		sample 20 host 0 6 6 e 1 - - - -
		fork 21 host 0 1 1 7 7 -
		sample 22 host 0 7 7 e 1 - - - -
	EOF
	picks '6 11 12 13 14 16 17 13' -p sh+ <"$BATS_TEST_TMPDIR/family"
	picks '6 11 12 13 14 16 17 13' -p 's?+' <"$BATS_TEST_TMPDIR/family"
	picks '6 11 12 13 14 16 17 13' -p 'sh+,cc' <"$BATS_TEST_TMPDIR/family"
	picks '1 5 6 11 12 13 14 16 17 13' -p 3+ <"$BATS_TEST_TMPDIR/family"
	picks '12 13 14 16 17 13' -p cc+ <"$BATS_TEST_TMPDIR/family"
	picks '12 13 14 16 13 20' -p 6+ <"$BATS_TEST_TMPDIR/family"
	# without it, a name is that of the time: what a task did before an exec is not its
	picks '1 5' -p perf-exec <"$BATS_TEST_TMPDIR/family"
	picks '11' -p make <"$BATS_TEST_TMPDIR/family"
	picks '6' -p sh <"$BATS_TEST_TMPDIR/family"
	picks '13 14 16 17 20 22' -p init <"$BATS_TEST_TMPDIR/family"
	picks '1 5 20 22' -p sh+ --invert <"$BATS_TEST_TMPDIR/family"
}

@test "a fork by an unknown task is no child of the idle task of CPU 0" {
	tr ' ' '\t' >"$BATS_TEST_TMPDIR/unknown" <<-'EOF'
		comm 0 host 0 0 0 - swapper/0
		fork 1 host 3 - - 77 77 -
		exit 2 host 0 - -
		switch 3 host 0 - - x 120 X 5 y 120 -
		switch 4 host 3 77 77 victim 120 S 5 y 120 -
		fork 5 host 0 0 0 78 78 -
		sample 6 host 1 78 78 e 1 - - - -
	EOF
	picks 6 -p swapper/0+ <"$BATS_TEST_TMPDIR/unknown"
}

@test "a name that ends with a + is a name, too; a family of none and one without fork records are reported" {
	tr ' ' '\t' >"$BATS_TEST_TMPDIR/in" <<-'EOF'
		comm 0 host - 3 3 - g++
		fork 1 host 0 3 3 4 4 -
		comm 2 host 0 4 4 exec g
		sample 3 host 0 3 3 e 1 - - - -
		fork 4 host 0 4 4 5 5 -
		comm 5 host 0 5 5 exec as
		sample 6 host 0 5 5 e 1 - - - -
	EOF
	families() { # WANT TASKS SAID: the times of the samples, and what is said
		recgrep -p "$2" "$BATS_TEST_TMPDIR/in" 2>"$err" | events | cut -f2 | xargs | diff <(echo "$1") -
		[ "$(<"$err")" = "${3:+recgrep: $3}" ]
	}
	families 3 g++
	families '3 6' g+++
	families 6 g+
	families '' cc+ 'nothing matches -p "cc+"'
	families 6 'cc+,as' 'nothing matches -p "cc+"'
	sed -i '/^fork/d' "$BATS_TEST_TMPDIR/in"
	families 3 g+++ 'no fork records, so -p finds no descendants'
}

@test "a recorded command and its descendants are those of the recording's forks, in records as in states" {
	perf2rec ../examples/pipeline.data >"$BATS_TEST_TMPDIR/whole"
	sched2states "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/states"
	awk -F'\t' '$1 == "comm" && $8 == "sh" { in_tree[$6] } $1 == "fork" && $6 in in_tree { in_tree[$8] } END { for (tid in in_tree) print tid }' "$BATS_TEST_TMPDIR/whole" | sort >"$BATS_TEST_TMPDIR/tids"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/tids")" -ge 9 ]
	sched2states "$BATS_TEST_TMPDIR/whole" | recgrep -e state -p sh+ | grep -a ^state >"$out"
	cut -f6 "$out" | sort -u | diff "$BATS_TEST_TMPDIR/tids" -
	sched2states -p sh+ "$BATS_TEST_TMPDIR/whole" | grep -a ^state | diff "$out" -
	# what is missing is what sh did as perf-exec
	grep -a ^state "$BATS_TEST_TMPDIR/states" | grep -wf "$BATS_TEST_TMPDIR/tids" | awk -F'\t' 'NR == FNR { in_tree[$1]; next } $6 in in_tree && $9 != "perf-exec"' "$BATS_TEST_TMPDIR/tids" - | diff "$out" -
	perf2rec -p sh+ ../examples/pipeline.data | events | diff <(recgrep -p sh+ "$BATS_TEST_TMPDIR/whole" | events) -
}

@test "names match unescaped text" {
	picks '2' -p 'a b\\c' < <(printf '%s\n' 'comm 1 host 0 7 8 - a\x20b\\c' 'sample 2 host 0 7 8 e 1 - - - -')
	picks '1' -e 'a b' <<<'tracepoint 1 host 0 7 8 a\x20b - -'
}

@test "events: kinds, samples and tracepoints, as patterns" {
	cat >"$BATS_TEST_TMPDIR/events" <<-'EOF'
		comm 1 host 0 7 8 - c
		sample 2 host 0 7 8 cycles:u 1 - - - -
		tracepoint 3 host 0 7 8 net:netif_rx - -
		tracepoint 4 host 0 7 8 kmem:kfree - -
		idle 5 host 1 0 0 1 1 -
		later 6 host
	EOF
	picks '2' -e cycles:u <"$BATS_TEST_TMPDIR/events"
	picks '2 3' -e 'cyc*,net:*' <"$BATS_TEST_TMPDIR/events"
	picks '2' -e cycles <"$BATS_TEST_TMPDIR/events"
	picks '2 3' -e sample,netif_rx <"$BATS_TEST_TMPDIR/events"
	picks '3 4' -e tracepoint <"$BATS_TEST_TMPDIR/events"
	picks '7' -e cpu-clock <<<'sample 7 host 0 7 8 cpu-clock/freq=999/ 1 - - - -'
	picks '' -e u,cycle,kmem <"$BATS_TEST_TMPDIR/events"
	picks '5 6' -e idle,later <"$BATS_TEST_TMPDIR/events"
	picks '' -e none <"$BATS_TEST_TMPDIR/events"
	picks '2 5 6' -e tracepoint --invert <"$BATS_TEST_TMPDIR/events"
}

@test "a definition is written if its kind is selected" {
	diff <(recgrep -e map recgrep/task.in | grep '^map') <(grep '^map' recgrep/task.in)
	diff <(recgrep -e stack -p 7 recgrep/task.in | grep '^stack') <(grep '^stack.*7	20' recgrep/task.in)
	[ "$(recgrep -e exit -p gzip recgrep/task.in | events | cut -f1)" = lost ]
}

@test "times: instants within the window, intervals and losses that overlap it" {
	picks '1 3 3 4 6' -t 3,6 <<-'EOF'
		state 1 host 0 7 7 3 0 a 120 running - -
		lost 2 host - - - - - x
		lost 3 host - - - - - x
		idle 3 host 0 0 0 0 1 -
		cpustate 4 host 0 - - 9 cpu idle -
		idle 6 host 0 0 0 0 1 -
		idle 7 host 0 0 0 0 1 -
		lost 9 host 0 - - 7 1 x
		pkt - host 0 - - 10 0 sync - - - -
	EOF
}

@test "losses are copied, except those of other CPUs and machines" {
	cat >"$BATS_TEST_TMPDIR/lost" <<-'EOF'
		lost 1 host 0 - - - 5 x
		gap 2 host - - - - 5 x
		lost 3 host 1 - - - 5 x
		lost 4 vm - - - - 5 x
	EOF
	picks '1 2 3 4' -p nobody <"$BATS_TEST_TMPDIR/lost"
	picks '1 2 4' -C 0 <"$BATS_TEST_TMPDIR/lost"
	picks '4' -m vm <"$BATS_TEST_TMPDIR/lost"
	picks '1 2 3' -m host <"$BATS_TEST_TMPDIR/lost"
	picks '1 2 3 4' -m host -m 'v?' <"$BATS_TEST_TMPDIR/lost"
	picks '1 2 3 4' -m host -m 'v*' <"$BATS_TEST_TMPDIR/lost"
}

@test "a CPU, a range or a machine that is not there is reported, one that is the target of a record is not" {
	tr ' ' '\t' >"$BATS_TEST_TMPDIR/cpus" <<-'EOF'
		idle 1 host 0 0 0 0 1 -
		wakeup 2 host 0 7 7 wakeup task 8 a 120 5 -
		migrate 3 host 1 7 7 8 a 120 6 7 -
	EOF
	recgrep -C 0,2-3,4-5,7,99 -m host -m 'vm*' "$BATS_TEST_TMPDIR/cpus" 2>"$err" >"$out"
	diff "$err" - <<-'EOF'
		recgrep: nothing matches -C "2-3"
		recgrep: nothing matches -C "99"
		recgrep: nothing matches -m "vm*"
	EOF
	recgrep -e idle -C 7 "$BATS_TEST_TMPDIR/cpus" 2>"$err"
	[ ! -s "$err" ]
}

@test "functions are found in stacks of both forms and in addresses" {
	cat >"$BATS_TEST_TMPDIR/functions" <<-'EOF'
		stack 1 host - a k;1<schedule+0x10>;2<pipe_read+0x0~[mod]>
		idle 1 host 0 0 0 0 1 @a
		idle 2 host 0 0 0 0 1 k;1<schedule+0x10>;2<pipe_write+0x0>
		sample 3 host 0 0 0 e 1 k 5<pipe_read+0x1> - -
		idle 4 host 0 0 0 0 1 k;1<pipe_read2+0x10>;2<?~pipe_read>;3<?>;4<x~/pipe_read+0x1>
		idle 5 host 0 0 0 0 1 u;1<operator\x20new(int)+0x1>
		idle 6 host 0 0 0 0 1 @b
	EOF
	sed -i 's/~/\\x20/g' "$BATS_TEST_TMPDIR/functions"
	tr ' ' '\t' <"$BATS_TEST_TMPDIR/functions" | sed 's/\\x20\(\[mod\|pipe_read>\|\/pipe\)/ \1/' >"$BATS_TEST_TMPDIR/tabs"
	found() { diff <(echo "$1") <(recgrep --function="$2" "$BATS_TEST_TMPDIR/tabs" | events | cut -f2 | xargs); }
	found '1 3' pipe_read
	found '1 2 3 4' 'pipe_*'
	found '1 2' schedule
	found '5' 'operator new*'
	found '' '?'
	found '' mod
}

@test "memory grows with the live processes, not with those that have exited" {
	[ -z "${SAN-}" ] || skip "the sanitizers need more"
	needs time
	awk 'BEGIN { for (i = 0; i < 300000; i++) { p = 100 + i; t++
		printf "fork\t%d\thost\t0\t1\t1\t%d\t%d\t-\n", t, p, p
		printf "map\t%d\thost\t0\t%d\t%d\tu\t1000\t1000\t0\tr-xp\t-\t/bin/a\n", t, p, p
		printf "comm\t%d\thost\t0\t%d\t%d\texec\tp%d\n", t, p, p, p
		printf "exit\t%d\thost\t0\t%d\t%d\n", t, p, p
		printf "switch\t%d\thost\t0\t%d\t%d\tp%d\t120\tX\t0\tswapper/0\t120\tk;1\n", t, p, p, p } }' >"$BATS_TEST_TMPDIR/in"
	command time -f %M -o "$err" recgrep -p p7,100 "$BATS_TEST_TMPDIR/in" >"$out"
	[ "$(events "$out" | wc -l)" -eq 1 ]
	[ "$(cat "$err")" -lt 10000 ]
}

@test "bad options, bad input and a full disk are reported" {
	for cpus in a 1- 3-2 1,,2 '' '1,'; do
		run -2 --separate-stderr recgrep -C "$cpus" recgrep/task.in
		[[ $stderr == *"recgrep: \"$cpus\": not a list of CPUs"* ]]
	done
	rejects 'in:2: idle: bad t' recgrep -p 1 <(printf 'idle\tx\n') || rejects ':1: idle: bad t' recgrep -p 1 <(printf 'idle\tx\n')
	run -1 --separate-stderr sh -c 'recgrep recgrep/task.in >/dev/full'
	[ "$stderr" = "recgrep: <stdout>: No space left on device" ]
}

@test "times relative to the first and last event select the same as absolute ones, also in a pipe" {
	perf2rec ../examples/pipeline.data | cs2text >"$BATS_TEST_TMPDIR/rec"
	sched2states "$BATS_TEST_TMPDIR/rec" >"$BATS_TEST_TMPDIR/states"
	for stream in rec states; do
		read -r first last < <(grep -Ev $'^(meta|comm|fork|exit|map|ksym|lost|gap|cgroup|namespaces|bpf)\t' "$BATS_TEST_TMPDIR/$stream" |
			awk -F'\t' '{ end = $1 == "state" || $1 == "cpustate" ? $7 : $2 } NR == 1 || $2 < first { first = $2 } end > last { last = end } END { printf "%.0f %.0f\n", first, last }')
		while read -r relative absolute; do
			recgrep -t "$absolute" "$BATS_TEST_TMPDIR/$stream" >"$out"
			[ "$(grep -cv $'^(meta|comm|map)' "$out")" -gt 0 ]
			recgrep -t "$relative" "$BATS_TEST_TMPDIR/$stream" | cmp - "$out"
			recgrep -t "$relative" <"$BATS_TEST_TMPDIR/$stream" | cmp - "$out"
			recgrep -t "$relative" <(cat "$BATS_TEST_TMPDIR/$stream") | cmp - "$out"
			gzip -c "$BATS_TEST_TMPDIR/$stream" | recgrep -t "$relative" | cmp - "$out"
		done <<-EOF
			+10ms,+20ms $((first + 10000000)),$((first + 20000000))
			-5.5ms, $((last - 5500000)),
			,+0 ,$first
			-0, $last,
			+1ms,-1ms $((first + 1000000)),$((last - 1000000))
			$first,-30ms $first,$((last - 30000000))
		EOF
	done
}

@test "a window with events of which the other options leave none is reported with these options" {
	printf '%s\n' 'comm 0 host - 7 7 - a' 'comm 0 host - 8 8 - b' 'sample 1000 host 0 7 7 e 1 - - - -' 'sample 2500 host 1 8 8 e 1 - - - -' |
		tr ' ' '\t' >"$BATS_TEST_TMPDIR/in"
	while read -r others options; do
		run -0 --separate-stderr recgrep -t +0,+1us $options "$BATS_TEST_TMPDIR/in"
		[ "$stderr" = "recgrep: nothing matches -t \"+0,+1us\" together with ${others//_/, }" ]
	done <<-'EOT'
		-p -p b
		-m_-e_-p -p 8 -m host -e sample
		-C -C 1 -p b
		-C_-p -C 0 -p b
	EOT
	run -0 --separate-stderr recgrep -t +0,+1us -C 0 -p a "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = "" ]
}

@test "a window without events is reported with the times of the events" {
	printf '%s\n' 'meta - host a b' 'comm 0 host - 7 7 - a' 'sample 1000 host 0 7 7 e 1 - - - -' 'sample 2500 host 0 7 7 e 1 - - - -' |
		tr ' ' '\t' >"$BATS_TEST_TMPDIR/in"
	run -0 --separate-stderr recgrep -t 5s,6s "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = 'recgrep: nothing matches -t "5s,6s": the events are from 0.000001000s to 0.000002500s' ]
	run -0 --separate-stderr recgrep -t 500,510 "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = 'recgrep: nothing matches -t "500,510": the events are from 1000 to 2500; times after the first event need a +, such as +500ms,+510ms' ]
	run -0 --separate-stderr recgrep -t +1us,+2us "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = "" ]
	run -0 --separate-stderr recgrep -p 7 -t +100,-100 "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = 'recgrep: nothing matches -t "+100,-100": the events are from 1000 to 2500' ]
	run -0 --separate-stderr recgrep -t -1s, <(head -n 2 "$BATS_TEST_TMPDIR/in")
	[ "$stderr" = 'recgrep: nothing matches -t "-1s,": there are no events' ]
	rejects 'bad t' recgrep -t -1s, <(sed '4s/2500/x/' "$BATS_TEST_TMPDIR/in")
	rejects ':4: ' recgrep -t -1s, <(sed '4s/2500/x/' "$BATS_TEST_TMPDIR/in")
	rejects 'more than 1 MB' recgrep --spool-max=1 -t -1s, <(yes "$(sed -n 3p "$BATS_TEST_TMPDIR/in")" | head -n 100000)
}

@test "malformed times are refused, with the reason" {
	while IFS='|' read -r times why; do
		run -2 --separate-stderr recgrep -t "$times" /dev/null
		[[ $stderr == *"\"$times\": $why"* ]] || { echo "$stderr"; return 1; }
	done <<-'EOF'
		5|not two times
		x,1|the first is not a time
		1,1m|the second is not a time
		1.5,2|the first is not a time
		+-1,|the first is not a time
		2,1|ends before it starts
		-1s,-2s|ends before it starts
	EOF
}

@test "entries of -C that overlap, or are there twice, are reported if none of their CPUs occurs" {
	for cpu in 1 3 5 8; do
		printf 'idle\t%d\th\t%d\t0\t0\t%d\t1\t-\n' $cpu $cpu $cpu
	done >"$BATS_TEST_TMPDIR/in"
	run -0 --separate-stderr recgrep -C 0-2,2,2-4,9-2147483647,4 -C 2,6-7,8,8-9,6-8,0 "$BATS_TEST_TMPDIR/in"
	[ "$(cut -f 2 <<<"$output" | paste -sd' ')" = '1 3 8' ]
	[ "$(grep -o '"[^"]*"$' <<<"$stderr" | paste -sd' ')" = '"2" "9-2147483647" "4" "2" "6-7" "0"' ]
}
