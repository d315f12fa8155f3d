#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The critical path of a task: small ones worked out by hand, and what holds for every path.

load lib

# path ARG ... <states: the pieces of the path as FROM TO TID DEPTH WHY, a line each.
path() {
	states2path "$@" | awk -F'\t' '$1 == "path" { print $2, $7, $6, $10, $12 }'
}

# states: those of the recording of examples/.
states() {
	states=$BATS_TEST_TMPDIR/states
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$states"
}

is() {
	diff <(printf '%s\n' "$output") <(printf '%s\n' "$1")
}

# t: write a state or an arrow: FROM TO TID STATE [INFO] [STACK]; an arrow: AT WAKER WAKEE [CONTEXT] [STACK]. Birth is 0, the name a.
t() {
	printf 'state\t%s\thost\t0\t%s\t%s\t%s\t0\ta\t120\t%s\t%s\t%s\n' "$1" "$3" "$3" "$2" "$4" "${5:--}" "${6:--}"
}
arrow() {
	printf 'arrow\t%s\thost\t0\t%s\t%s\t0\ta\twakeup\t%s\t-\t%s\t0\ta\t1\t0\t%s\n' "$1" "$2" "$2" "${4:-task}" "$3" "${5:--}"
}

# Task 1 sleeps from 10 to 50, woken by 2; 2 slept from 20 to 40, woken by 3, which ran from 25 to 45.
three() {
	t 0 10 1 running
	t 0 20 2 running
	t 10 25 3 runnable
	t 20 40 2 sleeping
	arrow 40 3 2 task 'k;1<try_to_wake_up>'
	t 40 42 2 runnable
	t 25 45 3 running out=S 'k;2<__schedule>'
	t 10 50 1 sleeping
	arrow 50 2 1
	t 42 60 2 running
	t 50 55 1 preempted
	t 55 70 1 running end=open
}

@test "the path of a task that waits for one that waits for a third" {
	run -0 path -p 1 < <(three)
	is '0 10 1 0 running
10 20 2 1 running
20 25 3 2 cpu
25 40 3 2 running
40 42 2 1 cpu
42 50 2 1 running
50 55 1 0 cpu
55 70 1 0 running'
	[ "$(three | states2path -p 1 | awk -F'\t' '$2 == 25 { print $13, $15 }')" = '1/a<2/a<3/a k;1<try_to_wake_up>' ]
}

@test "a wait for a CPU names the task that ran there longest, and the CPU that was got" {
	states2path -p 2 < <(three) | awk -F'\t' '$2 == 40 { print $4, $14 }' >"$out"
	[ "$(<"$out")" = '0 ran=3/a ran_ns=2' ]
}

@test "a window cuts the path, in the recording's time or relative to its ends" {
	for window in 22,41 +22,+41 -48,-29; do
		run -0 path -p 1 -t $window < <(three)
		is '22 25 3 2 cpu
25 40 3 2 running
40 41 2 1 cpu'
	done
}

@test "where the waker does not tell why, the wait itself is a piece with the reason" {
	while read -r context waker stack why; do
		run -0 path -p 1 -t 10,50 < <(three | grep -v "^arrow	50"; arrow 50 "$waker" 1 "$context" "$stack")
		is "10 50 1 0 $why"
	done <<-'EOT'
		hardirq 2 - hardirq
		nmi 2 - nmi
		softirq 2 k;1<try_to_wake_up> softirq
		softirq 0 - softirq
		task 0 - idle
		task 1 - self
		task 9 - unknown-waker
		task 2 k;1<sched_ttwu_pending> remote-wake
	EOT
	run -0 path -p 1 -t 10,50 < <(three | grep -v "^arrow	50")
	is '10 50 1 0 no-wake'
	for mark in open lost inferred; do
		run -0 path -p 1 -t 10,50 < <(t 10 50 1 sleeping end=$mark; arrow 50 2 1; t 0 60 2 running)
		is "10 50 1 0 $mark"
	done
}

@test "a softirq that a task runs for itself is the task's" {
	run -0 path -p 1 -t 45,50 < <(three | grep -v "^arrow	50"; arrow 50 2 1 softirq 'k;1<try_to_wake_up>;2<handle_softirqs>;3<__local_bh_enable_ip>')
	is '45 50 2 1 running'
	run -0 path -p 1 -t 45,50 < <(three | sed '/^state.*	2	[0-9]*	0	a/s/	a	/	ksoftirqd\/0	/; /^arrow	50/s/	task	/	softirq	/')
	is '45 50 2 1 running'
}

@test "the interrupt of a wake is named if its records are there" {
	{
		arrow 50 2 1 hardirq
		printf 'cpustate\t49\thost\t0\t2\t2\t51\tirq\t9\tname=nvme0q1\n'
		printf 'cpustate\t52\thost\t0\t2\t2\t53\tirq\t8\tname=rtc\n'
		t 10 50 1 sleeping
		t 0 60 2 running
	} | states2path -p 1 | cut -f 12,14 >"$out"
	[ "$(<"$out")" = 'hardirq	irq=nvme0q1' ]
}

@test "a waker that stopped before the wake is a piece of its own, and so the walk ends" {
	run -0 path -p 1 < <(
		t 0 10 1 running
		t 10 50 1 sleeping
		arrow 50 2 1
		t 0 44 2 running
		t 44 60 2 sleeping
		arrow 60 1 2
		t 50 60 1 running
	)
	is '0 10 1 0 running
10 44 2 1 running
44 50 1 0 waking
50 60 1 0 running'
}

@test "a task between its states and after its death, and before its birth the path of its parent" {
	run -0 path -p 1 -t 0,100 < <(
		printf 'fork\t20\thost\t0\t2\t2\t1\t1\t-\n'
		t 0 100 2 running
		t 20 30 1 running | sed 's/	0	a	/	20	a	/'
		t 40 60 1 running | sed 's/	0	a	/	20	a	/'
	)
	is '20 30 1 0 running
30 40 1 0 unknown
40 60 1 0 running'
	run -0 path -p 1 < <(
		t 0 10 1 running
		t 10 50 1 sleeping
		arrow 50 3 1
		printf 'fork\t30\thost\t0\t2\t2\t3\t3\t-\n'
		t 0 100 2 running
		t 30 50 3 running | sed 's/	0	a	/	30	a	/'
		arrow 50 3 1 | sed 's/	3	3	0	/	3	3	30	/'
	)
	is '0 10 1 0 running
10 30 2 2 running
30 50 3 1 running'
}

@test "-p takes a tid, a name or a pattern of one task" {
	states
	tid=$(awk -F'\t' '$1 == "state" && $9 == "work" && $5 == $6 { print $6; exit }' "$states")
	cmp <(states2path -p "$tid" "$states") <(states2path -p work "$states")
	cmp <(states2path -p "$tid" "$states") <(states2path -m 'ho*' -p 'wor[k]' "$states")
	rejects 'no task "nosuch" in this time' states2path -p nosuch "$states"
	rejects 'no task "work" in this time' states2path -m other -p work "$states"
	rejects '2 tasks match "worker*": choose one by tid: ' states2path -p 'worker*' "$states"
	rejects 'no state records' states2path -p 1 <<<$'meta\t-\thost\thostname\tx'
	rejects 'tasks: choose one with -p' states2path "$states"
}

# family: tasks named a: 5 forked 7 and, through b, which is 6, 8. The birth of a task is ten times its tid.
family() {
	printf 'fork\t%s\thost\t0\t%s\t%s\t%s\t%s\t-\n' 60 5 5 6 6 70 5 5 7 7 80 6 6 8 8
	t 90 100 8 running | sed 's/	0	a	/	80	a	/'
	t 60 100 6 running | sed 's/	0	a	/	60	b	/'
	t 70 80 7 running | sed 's/	0	a	/	70	a	/'
	t 80 100 7 sleeping | sed 's/	0	a	/	70	a	/'
	t 50 100 5 running
}

@test "of several tasks of one name, -p takes the one that is the ancestor of all others" {
	cmp <(family | states2path -p a) <(family | states2path -p 5)
	[ "$(family | states2path -p a | wc -l)" -gt 0 ]
	cmp <(family | grep -v '^fork	70' | sed '/	7	7	/d' | states2path -p 'a*') <(family | states2path -p 5)
	rejects '3 tasks match "a": choose one by tid: 5/a (born 0, ran 50 ns), 7/a (born 70, ran 10 ns), 8/a (born 80, ran 10 ns)' states2path -p a < <(family | grep -v '^fork	70')
	rejects '3 tasks match "a"' states2path -p a < <(family | grep -v '^fork	60')
	rejects 'no task "a+" in this time: a path is of one task, so + is not taken' states2path -p a+ < <(family)
	rejects '7 tasks match "z": choose one by tid: 7/z (born 0, ran 7 ns), 6/z (born 0, ran 6 ns), 5/z (born 0, ran 5 ns), 4/z (born 0, ran 4 ns), 3/z (born 0, ran 3 ns), ...' \
		states2path -p z < <(printf 'state\t0\thost\t0\t%s\t%s\t%s\t0\tz\t-\trunning\t-\t-\n' 1 1 1 2 2 2 5 5 5 3 3 3 7 7 7 4 4 4 6 6 6)
	rejects '2 tasks match "a"' states2path -p a < <(family | grep -v '^state	50')
	# forks that go round in a circle
	{
		printf 'fork\t0\thost\t0\t%s\t%s\t%s\t%s\t-\n' 7 7 8 8 8 8 7 7
		t 90 100 7 running
		t 90 100 8 running
	} | states2path -p a >"$out"
	[ "$(wc -l <"$out")" = 1 ]
}

# windows: 15 windows of the life of a task, of all lengths, always the same ones.
windows() {
	awk -F'\t' -v tid="$1" '$1 == "state" && $6 == tid { if (!n++ || $2 < a) a = $2; if ($7 > b) b = $7 }
		END { for (s = 7; k < 15; k++) { s = s * 16807 % 2147483647; x = s / 2147483647; s = s * 16807 % 2147483647; y = s / 2147483647
			if (x > y) { z = x; x = y; y = z }
			printf "%.0f,%.0f\n", a + x * (b - a), a + y * (b - a) } }' "$states"
}

@test "pieces tile every window, each is of a task in that state then, and a window's path is that of a longer one, cut" {
	states
	awk -F'\t' '$1 == "state" { print $6 "\t" $8 "\t" $2 "\t" $7 "\t" $11 }' "$states" >"$BATS_TEST_TMPDIR/of"
	for name in work writer sha256sum 'worker 0'; do
		tid=$(awk -F'\t' -v name="$name" '$1 == "state" && $9 == name { print $6; exit }' "$states")
		states2path -p "$tid" "$states" | grep ^path | cut -f2-14 >"$BATS_TEST_TMPDIR/whole"
		awk -F'\t' '
		NR == FNR { k = $1 FS $2; n[k]++; from[k, n[k]] = $3; to[k, n[k]] = $4; what[k, n[k]] = $5; next }
		{
			k = $5 FS $7
			found = $10 == "-"
			while (past[k] < n[k] && to[k, past[k] + 1] < $6) # the states of a task and the pieces are both in order of time
				past[k]++
			for (i = past[k] + 1; i <= n[k] && from[k, i] <= $1; i++)
				if (what[k, i] == $10)
					found = 1
			if (!found) { print; bad = 1 }
		}
		END { exit bad || FNR < 10 }' "$BATS_TEST_TMPDIR/of" "$BATS_TEST_TMPDIR/whole"
		while IFS=, read -r a b; do
			states2path -p "$tid" -t "$a,$b" "$states" | grep ^path | cut -f2-14 >"$out"
			awk -F'\t' -v a="$a" -v b="$b" 'NR == 1 && $1 != a || NR > 1 && $1 != end { print; bad = 1 } { end = $6 } END { exit bad || end != b }' "$out"
			# who ran during a wait that is cut is summed over the piece: not compared
			diff <(awk -F'\t' -v OFS='\t' -v a="$a" -v b="$b" '$6 > a && $1 < b { if ($1 < a) $1 = a; if ($6 > b) $6 = b; $13 = ""; print }' "$BATS_TEST_TMPDIR/whole") \
				<(awk -F'\t' -v OFS='\t' '{ $13 = ""; print }' "$out")
		done < <(windows "$tid")
	done
}
