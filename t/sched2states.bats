#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sched2states: the rules of the fold. sched2states/short.awk defines the shorthand of the records.

load lib
load sched2states/tiles
load sched2states/fold

# --- states of a task

@test "a task runs, sleeps, is woken and waits for its CPU" {
	golden sched2states life
}

@test "preempted and asleep are distinguished, in the kernel or on the way out of it" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 2 R 3
		sw 300 0 3 R+ 2
		sw 400 0 2 S 3
		sw 500 0 3 S 0
	END
	life 2 <<-'END'
		100 200 running out=R
		200 300 preempted next=3/t3 prev=3/t3
		300 400 running out=S
		400 500 sleeping end=open
	END
	life 3 <<-'END'
		100 200 unknown begin=unknown
		200 300 running out=R+
		300 400 preempted next=2/t2 prev=2/t2
		400 500 running out=S
	END
}

@test "every letter has its state, D wins among several, a + means preempted" {
	while read -r letters state; do
		fold <<-END
			sw 100 0 1 $letters 2
			sw 200 0 2 S 0
		END
		got=$(awk '$1 == "state" && $6 == 1 && $2 == 100 { print $11 }' "$out")
		[ "$got" = "$state" ] || { echo "$letters: $got"; return 1; }
	done <<-'END'
		R preempted
		R+ preempted
		S|+ preempted
		S sleeping
		D uninterruptible
		D|K uninterruptible
		D|W uninterruptible
		I idle
		T stopped
		t traced
		P parked
		? unknown
	END
}

@test "the last switch of a dying task ends its life" {
	fold <<-'END'
		sw 100 0 1 S 2
		switch 200 host 0 - 2 t2 120 Z 3 t3 120 -
		sw 300 0 3 X 0
		sw 400 0 0 R 1
	END
	life 2 <<-'END'
		100 200 running out=Z
	END
	life 3 <<-'END'
		100 200 unknown begin=unknown
		200 300 running out=X
	END
}

@test "exec changes the name, not the state" {
	fold <<-'END'
		sw 100 0 1 S 2
		comm 150 host 0 2 2 exec gzip
		switch 200 host 0 2 2 gzip 120 S 1 t1 120 -
		sw 300 0 1 S 0
	END
	life 2 <<-'END'
		100 200 running out=S
		200 300 sleeping end=open
	END
	[ "$(awk '$1 == "state" && $6 == 2 { print $9 }' "$out" | tail -n 1)" = gzip ]
}

@test "a name that only a switch has is taken from it" {
	fold <<-'END'
		comm 0 host - 1 1 - sh
		sw 100 0 1 S 2
		switch 200 host 0 2 2 t2 120 S 1 make 120 -
		switch 300 host 0 1 1 make 120 S 0 swapper/0 120 -
	END
	diff -u - <(awk '$1 == "state" && $6 == 1 { print $2, $9 }' "$out") <<-'END'
		100 make
		200 make
	END
}

@test "a kernel worker keeps the name that describes its work" {
	fold <<-'END'
		comm 0 host - 44 44 - kworker/1:1H-kb
		switch 100 host 1 44 44 kworker/1:1H 100 I 0 swapper/1 120 -
		switch 200 host 1 0 0 swapper/1 120 R 44 kworker/1:1H 100 -
	END
	[ "$(awk '$1 == "state" && $6 == 44 { print $9 }' "$out" | sort -u)" = kworker/1:1H-kb ]
}

@test "a thread has its process's number, and the name of the task that forked it" {
	fold <<-'END'
		comm 0 host - 10 10 - python3
		sw 100 0 10 S 10
		fork 110 host 0 10 10 10 11 thread
		wk 120 0 10 new 12
		wakeup 130 host 0 10 10 new task 11 python3 120 1 -
		switch 140 host 1 0 0 swapper/1 120 R 11 python3 120 -
	END
	[ "$(awk '$1 == "state" && $6 == 11 { print $5, $9, $8 }' "$out" | sort -u)" = "10 python3 110" ]
}

@test "blanks in a name are escaped if blanks separate pairs" {
	printf '%s\n' 'switch|100|host|0|1|1|a b|120|S|2|c  d|120|-' 'switch|200|host|0|2|2|c  d|120|S|0|-|120|-' |
		tr '|' '\t' | sched2states >"$out"
	reccheck -n "$out"
	life 1 <<-'END'
		100 200 sleeping end=open
	END
}

# --- wakings and wakeups

@test "each wake is one arrow, from the task that did the waking" {
	fold <<-'END'
		sw 100 0 1 S 2
		wk 200 1 5 waking 1
		wk 210 0 2 wakeup 1 hardirq
		sw 300 0 2 R 1
		wk 400 0 1 wakeup 3 softirq
		wk 500 0 1 new 4
	END
	arrows <<-'END'
		210 1 - wakeup task 1 110
		400 0 t1 wakeup softirq 3 -
		500 0 t1 new task 4 0
	END
	life 1 <<-'END'
		100 210 sleeping waker=5
		210 300 runnable waker=5 prev=2/t2
		300 500 running end=open
	END
}

@test "if only wakings are recorded, the wait for a CPU begins at the waking" {
	fold <<-'END'
		sw 100 0 1 S 2
		wk 200 0 2 waking 1
		sw 300 0 2 R 1
	END
	life 1 <<-'END'
		100 200 sleeping waker=2/t2 wake=waking
		200 300 runnable waker=2/t2 wake=waking prev=2/t2
	END
	arrows <<-'END'
		200 0 t2 waking task 1 100
	END
}

@test "a waking that races with the switch-out is not lost: the wait begins at its wakeup" {
	fold <<-'END'
		sw 100 0 2 S 1
		wk 200 1 3 waking 1
		sw 210 0 1 S 2
		wk 220 1 4 wakeup 1 hardirq
		sw 300 0 2 S 1
	END
	life 1 <<-'END'
		100 210 running out=S
		210 220 sleeping waker=3
		220 300 runnable waker=3 prev=2/t2
	END
}

@test "the same race without wakeups: the wait begins at the switch-out" {
	fold <<-'END'
		sw 100 0 2 S 1
		wk 200 1 3 waking 1
		sw 210 0 1 S 2
		sw 300 0 2 S 1
	END
	life 1 <<-'END'
		100 210 running out=S
		210 300 runnable waker=3 wake=waking prev=2/t2
	END
	arrows <<-'END'
		200 1 - waking task 1 0
	END
}

@test "a waking of a running task is ignored if it then sleeps until another" {
	fold <<-'END'
		sw 100 0 2 S 1
		wk 200 1 3 waking 1
		sw 300 0 1 S 2
		wk 400 1 4 waking 1
		sw 500 0 2 S 1
	END
	life 1 <<-'END'
		100 300 running out=S
		300 400 sleeping waker=4 wake=waking
		400 500 runnable waker=4 wake=waking prev=2/t2
	END
	arrows <<-'END'
		200 1 - waking task 1 0
		400 1 - waking task 1 100
	END
}

@test "a waking whose switch to the task is missing does not count from the next sleep on" {
	fold <<-'END'
		sw 100 0 1 D 3
		wk 110 0 3 waking 1
		sw 120 0 3 S 0
		sw 200 1 1 S 2
		sw 900 1 2 S 1
	END
	life 1 <<-'END'
		100 110 uninterruptible waker=3/t3 wake=waking
		110 200 unknown out=S
		200 900 sleeping end=inferred
	END
	arrows <<-'END'
		110 0 t3 waking task 1 10
	END
	tiles "$out"
}

@test "nor does one while the task ran, if its next switches are missing" {
	fold <<-'END'
		sw 100 0 9 S 1
		sw 100 1 8 S 2
		wk 150 1 2 waking 1
		sw 300 1 1 S 2
		sw 900 1 2 S 1
	END
	life 1 <<-'END'
		100 150 unknown -
		150 300 unknown out=S
		300 900 sleeping end=inferred
	END
	tiles "$out"
}

@test "a wake of a task that runs or waits already changes no state, and is counted" {
	fold -s 2>"$err" <<-'END'
		sw 100 0 1 S 2
		wk 150 1 3 wakeup 2
		sw 200 0 2 R 3
		wk 250 1 4 wakeup 2
		sw 300 0 3 S 2
	END
	life 2 <<-'END'
		100 200 running out=R
		200 300 preempted next=3/t3 prev=3/t3
	END
	arrows <<-'END'
		150 1 - wakeup task 2 0
		250 1 - wakeup task 2 0
	END
	grep -q ': 3 switches, 0 missing; 2 wakeups, 2 of tasks that did not wait; 0 losses$' "$err"
}

@test "a sleeper that gets the CPU without a wakeup ends its sleep there, inferred" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 2 S 1
	END
	life 1 <<-'END'
		100 200 sleeping end=inferred
	END
}

@test "each state has its own stack: the switch-out's, or the waker's" {
	fold <<-'END'
		sw 100 0 2 S 1
		sw 200 0 1 D 2
		wk 300 0 2 waking 1
		wk 310 0 2 wakeup 1
		sw 400 0 2 R+ 1
		sw 500 0 1 S 2
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 1 { print $2, $11, $NF } $1 == "arrow" { print $2, $1, $NF }' "$out") <<-'END'
		100 running k;200
		310 arrow k;300
		200 uninterruptible k;200
		310 runnable k;300
		400 running k;500
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 2 && $2 > 100 { print $2, $11, $NF }' "$out") <<-'END'
		200 running k;400
		400 preempted k;400
	END
}

@test "stacks are copied unchanged, annotated or by reference" {
	printf '%s\n' \
		'stack|100|host|1|ab12|u;7f31' \
		'switch|100|host|0|1|1|a|120|S|2|b|120|@ab12' \
		'switch|200|host|0|2|2|b|120|S|1|a|120|k;ff<f+0x1 [m]>;u;7f<op<;\x20x+0x2 /bin/a\x20b>' |
		tr '|' '\t' | sched2states >"$out"
	[ "$(awk -F'\t' '$11 == "sleeping" && $NF == "@ab12"' "$out" | wc -l)" -eq 1 ]
	grep -qF 'k;ff<f+0x1 [m]>;u;7f<op<;\x20x+0x2 /bin/a\x20b>' "$out"
	grep -q '^stack' "$out"
}

# --- beginnings and ends

@test "before its first event a task is unknown, the first one switched out has been running" {
	fold <<-'END'
		wk 100 1 5 wakeup 6
		sw 200 0 1 S 2
		sw 300 0 2 S 0
	END
	life 1 <<-'END'
		100 200 running out=S begin=inferred
		200 300 sleeping end=open
	END
	life 2 <<-'END'
		100 200 unknown begin=unknown
		200 300 running out=S
	END
}

@test "a task that was woken before a CPU's first switch had not been running there" {
	fold <<-'END'
		wk 100 1 5 wakeup 9
		wk 150 1 5 wakeup 1
		sw 200 0 1 S 2
	END
	life 1 <<-'END'
		100 150 unknown begin=unknown
		150 200 unknown out=S
	END
	lane 0 cpu <<-'END'
		100 200 unknown begin=unknown
	END
}

@test "a CPU's first switch away from idle: it has been idle" {
	fold <<-'END'
		wk 100 1 5 wakeup 9
		sw 200 0 0 R 9
	END
	lane 0 cpu <<-'END'
		100 200 idle begin=inferred
	END
}

@test "intervals that are open at the end end with the last event" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 100 1 3 D 0
		idle 110 host 1 0 0 1 2 -
		freq 120 host 0 2 2 0 2400000 -
		wk 150 0 2 wakeup 3
		tracepoint 400 host 0 2 2 sched:sched_process_exit - -
	END
	life 1 <<-'END'
		100 400 sleeping end=open
	END
	life 2 <<-'END'
		100 400 running end=open
	END
	life 3 <<-'END'
		100 150 uninterruptible waker=2/t2
		150 400 runnable waker=2/t2 end=open
	END
	lane 1 cpu <<<'100 400 idle end=open'
	lane 1 idle <<<'110 400 2 end=open'
	lane 0 freq <<<'120 400 2400000 end=open'
}

@test "a record with a time before the first event does not lengthen the span" {
	fold <<-'END'
		fork 0 host - 0 0 1 1 -
		comm 0 host - 1 1 - init
		fork 50 host - 1 1 2 2 -
		sw 100 0 1 S 2
		sw 200 0 2 S 0
		exit 250 host 0 2 2
	END
	tiles "$out"
	life 2 <<-'END'
		100 200 running out=S
	END
	[ "$(awk '$1 == "state" && $6 == 2 { print $8 }' "$out" | sort -u)" = 50 ]
}

@test "a newborn waits from its first wakeup, or from its fork if that is not recorded" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		wk 120 0 1 new 2
		fork 130 host 0 1 1 3 3 -
		sw 200 0 1 S 2
		sw 300 0 2 S 3
		fork 350 host 0 3 3 4 4 -
		sw 400 0 3 S 0
	END
	life 2 <<-'END'
		120 200 runnable waker=1/t1 wake=new prev=1/t1
		200 300 running out=S
		300 400 sleeping end=open
	END
	life 3 <<-'END'
		130 300 runnable prev=2/t2 begin=inferred
		300 400 running out=S
	END
	life 4 <<-'END'
		350 400 unknown end=open
	END
}

@test "a task of which only a name is known is born with its first wakeup" {
	fold <<-'END'
		comm 0 host - 7 7 - kid
		comm 0 host - 8 8 - other
		sw 100 0 1 R 2
		wk 500 0 2 new 7
		sw 600 0 2 R 7
		sw 700 0 7 Z 2
		wk 800 0 2 new 7
		sw 900 0 2 S 8
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 7 { print $5, $8, $2, $7, $11, $12 }' "$out") <<-'END'
		7 500 500 600 runnable waker=2/t2 wake=new prev=2/t2
		7 500 600 700 running out=Z
		- 800 800 900 runnable waker=2/t2 wake=new end=open
	END
	life 8 <<-'END'
		100 900 unknown begin=unknown
	END
	arrows <<-'END'
		500 0 t2 new task 7 0
		800 0 t2 new task 7 0
	END
	tiles "$out"
}

@test "a newborn without scheduler events is unknown until its exit, and has no states after it" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		fork 120 host 0 1 1 3 3 -
		exit 150 host 0 2 2
		fork 200 host 0 1 1 3 3 -
		exit 210 host 0 3 3
		fork 300 host 0 1 1 3 3 -
		sw 400 0 1 S 0
	END
	life 2 <<-'END'
		110 150 unknown end=inferred
	END
	life 3 <<-'END'
		120 210 unknown end=inferred
		300 400 unknown end=open
	END
	tiles "$out"
}

@test "if a newborn's first event is a wakeup from a sleep, the time before is unknown" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		wk 300 0 1 wakeup 2
		sw 400 0 1 S 2
	END
	life 2 <<-'END'
		110 300 unknown -
		300 400 runnable waker=1/t1 prev=1/t1
	END
	arrows <<-'END'
		300 0 t1 wakeup task 2 -
	END
}

@test "if a newborn's first event is that it leaves a CPU, the time before is unknown" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		sw 200 0 1 S 3
		sw 300 0 2 S 1
	END
	life 2 <<-'END'
		110 300 unknown out=S
	END
	tiles "$out"
}

@test "a newborn may have run during a loss: the time before its first switch is unknown" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		lost 200 host 1 - - 150 1 x
		fork 200 host 0 1 1 3 3 -
		sw 300 0 1 S 2
		sw 400 0 2 S 3
	END
	life 2 <<-'END'
		110 300 unknown -
		300 400 running out=S
	END
	life 3 <<-'END'
		200 400 runnable prev=2/t2 begin=inferred
	END
}

@test "a sleeper that has an exit record did not sleep on: its last switches are missing" {
	fold <<-'END'
		sw 100 0 1 S 2
		exit 300 host 1 1 1
		sw 400 0 2 S 3
	END
	life 1 <<-'END'
		100 300 unknown end=inferred
	END
}

@test "in a recording without switches all states are unknown" {
	fold <<-'END'
		fork 50 host 0 1 1 2 2 -
		sample 100 host 0 1 1 cpu-clock 1 u - - -
		fork 110 host 0 1 1 3 3 -
		fork 120 host 0 1 1 4 4 -
		wk 130 0 1 new 4
		exit 200 host 0 3 3
		sample 300 host 0 1 1 cpu-clock 1 u - - -
	END
	diff -u - <(awk -F'\t' '$1 == "state" { print $6, $2, $7, $11, $12 }' "$out") <<-'END'
		3 110 200 unknown end=inferred
		4 130 300 unknown end=open
	END
	! grep -q ^cpustate "$out" || false
}

@test "a tid that is used again is another task" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		wk 120 0 1 new 2
		sw 200 0 1 S 2
		exit 290 host 0 2 2
		sw 300 0 2 X 1
		fork 400 host 0 1 1 2 2 -
		wk 410 0 1 new 2
		sw 500 0 1 S 2
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 2 { print $8, $2, $7, $11 }' "$out") <<-'END'
		110 120 200 runnable
		110 200 300 running
		400 410 500 runnable
	END
}

@test "the fork of a task that seems to live ends it: its death was not recorded" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 2 S 1
		fork 400 host 0 1 1 2 2 -
		sw 500 0 1 S 2
		sw 600 0 2 S 1
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 2 { print $8, $2, $7, $11, $12 }' "$out" | sort -nk2,2) <<-'END'
		0 100 200 running out=S
		0 200 400 unknown end=inferred
		400 400 500 runnable prev=1/t1 begin=inferred
		400 500 600 running out=S
	END
}

@test "if a tid is used again and no fork was recorded, the new task begins with its first event" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 2 X 1
		wk 300 0 1 wakeup 2
		sw 400 0 1 S 2
	END
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 2 { print $8, $2, $7, $11 }' "$out") <<-'END'
		0 100 200 running
		300 300 400 runnable
	END
}

@test "a fork that is recorded twice is one life" {
	fold <<-'END'
		sw 100 0 9 S 1
		fork 110 host 0 1 1 2 2 -
		fork 112 host 0 1 1 2 2 -
		wk 120 0 1 new 2
		sw 200 0 1 S 2
	END
	[ "$(awk '$1 == "state" && $6 == 2 { print $8, $2, $7 }' "$out")" = "110 120 200" ]
}

# --- missing events

@test "a switch is missing: idle until the task's wakeup, running since then, both inferred" {
	fold <<-'END'
		sw 100 1 1 S 0
		wk 150 0 5 wakeup 1
		sw 200 1 1 S 2
	END
	life 1 <<-'END'
		100 150 sleeping waker=5
		150 200 running out=S begin=inferred
	END
	lane 1 cpu <<-'END'
		100 150 idle end=inferred
	END
	tiles "$out"
}

@test "a switch is missing at an unknown time: the task and its CPU are unknown" {
	fold <<-'END'
		sw 100 1 1 S 2
		sw 150 1 2 S 0
		sw 200 1 1 S 2
	END
	life 1 <<-'END'
		100 150 sleeping end=inferred
		150 200 unknown out=S
	END
	lane 1 cpu <<-'END'
		150 200 unknown -
	END
	tiles "$out"
}

@test "a switch is missing between two tasks: both are unknown" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 2 R 3
		wk 250 1 7 wakeup 1
		sw 300 0 1 S 4
		wk 350 1 7 wakeup 3
		sw 400 0 4 S 3
		sw 500 0 3 S 4
	END
	life 3 <<-'END'
		100 200 unknown begin=unknown
		200 350 unknown -
		350 400 runnable waker=7 prev=4/t4
		400 500 running out=S
	END
	life 1 <<-'END'
		100 250 sleeping waker=7
		250 300 unknown out=S
		300 500 sleeping end=open
	END
	lane 0 cpu <<-'END'
		200 300 unknown -
	END
	tiles "$out"
}

@test "a task that appears on another CPU left the first one without an event" {
	fold <<-'END'
		sw 100 0 9 S 1
		sw 100 1 8 S 2
		sw 200 1 2 S 1
		sw 300 1 1 S 2
		sw 400 0 3 S 4
	END
	life 1 <<-'END'
		100 200 unknown -
		200 300 running out=S
		300 400 sleeping end=open
	END
	lane 0 cpu <<-'END'
		100 400 unknown -
	END
	tiles "$out"
}

@test "each missing switch is a gap record" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 200 0 3 S 4
		sw 300 0 4 S 0
		wk 350 1 9 wakeup 1
		sw 400 0 1 S 0
	END
	diff -u - <(grep ^gap "$out") <<-END
		gap	200	host	0	-	-	100	-	missing switch
		gap	400	host	0	-	-	300	-	missing switch
	END
}

@test "a loss on one CPU makes it unknown, and the tasks that ran there" {
	fold <<-'END'
		sw 100 0 1 S 2
		sw 100 1 3 S 4
		sw 200 0 2 S 5
		wk 300 1 4 wakeup 8
		lost 400 host 0 - - 300 17 ring\x20buffer\x20full
		sw 500 0 6 S 2
		sw 600 1 4 S 3
	END
	life 1 <<-'END'
		100 300 sleeping end=lost
		300 600 unknown end=open
	END
	life 2 <<-'END'
		100 200 running out=S
		200 300 sleeping end=lost
		300 500 unknown -
		500 600 running end=open
	END
	life 5 <<-'END'
		100 200 unknown begin=unknown
		200 300 running end=lost
		300 600 unknown end=open
	END
	life 4 <<-'END'
		100 600 running out=S
	END
	lane 0 cpu <<<'300 500 unknown -'
	lane 0 lost <<<'300 400 17 -'
	grep -q '^lost' "$out"
	! grep -q '^gap' "$out" || false
	tiles "$out"
}

@test "a loss on a CPU ends all waits for it" {
	fold <<-'END'
		sw 100 0 9 S 8
		sw 100 1 1 S 2
		sw 110 1 2 R 3
		lost 200 host 1 - - 110 1 x
		wakeup 250 host 0 8 8 wakeup task 1 t1 120 1 -
		wakeup 250 host 0 8 8 wakeup task 9 t9 120 1 -
		wakeup 260 host 0 8 8 wakeup task 4 t4 120 0 -
		migrate 270 host 0 8 8 4 t4 120 0 1 -
		wakeup 280 host 0 8 8 wakeup task 5 t5 120 0 -
		lost 400 host 1 - - 280 1 x
		sw 500 1 1 S 9
		sw 600 0 8 S 5
	END
	life 1 <<-'END'
		100 110 sleeping end=lost
		110 250 unknown -
		250 280 runnable waker=8/t8 end=lost
		280 500 unknown out=S
		500 600 sleeping end=open
	END
	life 9 <<-'END'
		100 250 sleeping waker=8/t8
		250 280 runnable waker=8/t8 end=lost
		280 500 unknown -
		500 600 running end=open
	END
	life 2 <<-'END'
		100 110 running out=R
		110 600 unknown end=open
	END
	life 4 <<-'END'
		100 260 unknown begin=unknown
		260 280 runnable waker=8/t8 end=lost
		280 600 unknown end=open
	END
	life 5 <<-'END'
		100 280 unknown begin=unknown
		280 600 runnable waker=8/t8 prev=8/t8
	END
	tiles "$out"
}

@test "a loss on an unknown CPU makes all of them unknown, from the last event on" {
	fold <<-'END'
		sw 100 0 9 S 1
		sw 110 1 3 S 4
		idle 120 host 1 4 4 0 1 -
		freq 130 host 1 4 4 0 800000 -
		lost 400 host - - - 300 - dropped
		sw 500 0 2 S 1
		sw 600 1 4 S 3
	END
	life 1 <<-'END'
		100 130 running end=lost
		130 500 unknown -
		500 600 running end=open
	END
	life 4 <<-'END'
		100 110 unknown begin=unknown
		110 130 running end=lost
		130 600 unknown out=S
	END
	lane 0 idle <<<'120 130 1 end=lost'
	lane - lost <<<'300 400 - -'
	tiles "$out"
}

@test "bytes that could not be read are a loss if their start is known" {
	fold <<-'END'
		sw 100 0 1 S 2
		wk 300 0 2 wakeup 9
		gap 300 host - - - - 64 trace
		gap 400 host 0 - - 200 4096 damaged\x20page
		sw 500 0 2 S 1
	END
	life 1 <<-'END'
		100 200 sleeping end=lost
		200 500 unknown -
	END
	lane 0 lost <<<'200 400 - -'
	tiles "$out"
}

@test "a wakeup after a loss ends an unknown time" {
	fold <<-'END'
		sw 100 0 1 S 2
		lost 300 host 0 - - 200 1 x
		wk 400 1 3 wakeup 1
		sw 500 0 2 S 1
	END
	life 1 <<-'END'
		100 400 unknown -
		400 500 runnable waker=3 prev=2/t2
	END
	arrows <<-'END'
		400 1 - wakeup task 1 -
	END
}

# --- CPUs and machines

@test "a C-state lasts between two idle records, a frequency until the next" {
	fold <<-'END'
		idle 100 host 0 0 0 0 -1 -
		idle 150 host 0 0 0 0 1 -
		idle 200 host 0 0 0 0 -1 -
		idle 300 host 1 0 0 0 2 -
		idle 400 host 0 0 0 0 3 -
		freq 410 host 0 0 0 1 1000000 -
		freq 420 host 0 0 0 1 1000000 -
		freq 500 host 0 0 0 1 2000000 -
	END
	lane 0 idle <<-'END'
		150 200 1 -
		300 400 2 end=inferred
		400 500 3 end=open
	END
	lane 1 freq <<-'END'
		410 500 1000000 -
	END
	! grep -q $'\tcpu\t' "$out" || false
}

@test "machines are folded apart" {
	cat >"$out" <<-'END'
		switch 100 host 0 1 1 a 120 S 2 b 120 -
		switch 150 vm7 0 1 1 c 120 S 0 swapper/0 120 -
		switch 200 host 0 2 2 b 120 S 1 a 120 -
		switch 50 other 0 1 1 d 120 S 0 swapper/0 120 -
		wakeup 250 vm7 0 0 0 wakeup task 1 c 120 0 -
		switch 300 vm7 0 0 0 swapper/0 120 R 1 c 120 -
	END
	tr ' ' '\t' <"$out" | sched2states >"$err"
	tiles "$err"
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 1 { print $3, $9, $2, $7, $11 }' "$err" | sort) <<-'END'
		host a 100 200 sleeping
		vm7 c 150 250 sleeping
		vm7 c 250 300 runnable
	END
}

@test "a CPU is a number, however large, or none" {
	fold <<-'END'
		sw 100 2147483647 1 S 2
		sw 200 2147483647 2 S 1
		switch 300 host - 3 3 t3 120 S 0 swapper 120 -
		wk 350 - - wakeup 3
		switch 400 host - 3 3 t3 120 S 0 swapper 120 -
	END
	life 3 <<-'END'
		100 300 running out=S begin=inferred
		300 350 sleeping -
		350 400 running out=S begin=inferred
	END
	tiles "$out"
}

@test "after a switch that names only the task that left, that task is unknown" {
	fold <<-'END'
		switch 100 host 0 1 1 - - ? 2 - - -
		switch 200 host 0 2 2 - - R 1 - - -
	END
	life 1 <<-'END'
		100 200 unknown -
	END
}

# --- the stream

@test "the records that states replace are removed, all others are copied" {
	golden sched2states copies
}

@test "time that goes backwards is reported, with the remedy" {
	rejects '<stdin>:2: time goes backwards: LC_ALL=C sort' sched2states <<-'END'
		idle	100	host	0	0	0	0	1	-
		idle	99	host	0	0	0	0	-1	-
	END
	[ "$output" = $'gap\t100\thost\t-\t-\t-\t100\t-\tout of order from here on' ] # which the picture shows
	for line in $'comm\t99\thost\t-\t1\t1\t-\ta' $'fork\t99\thost\t-\t1\t1\t2\t2\t-' $'exit\t99\thost\t-\t1\t1'; do
		run -1 --separate-stderr sched2states < <(printf '%s\n' $'idle\t100\thost\t0\t0\t0\t0\t1\t-' "$line")
		[[ $stderr == *'<stdin>:2: time goes backwards: LC_ALL=C sort'* ]]
		run -1 --separate-stderr sched2states < <(printf '%s\n' "${line/99/101}" $'idle\t100\thost\t0\t0\t0\t0\t1\t-')
		[[ $stderr == *'<stdin>:2: time goes backwards: LC_ALL=C sort'* ]]
		# what held when the recording began has the time 0, and may follow events
		run -0 sched2states < <(printf '%s\n' $'idle\t100\thost\t0\t0\t0\t0\t1\t-' "${line/99/0}")
	done
}

@test "many missing switches are reported, and are a gap of the whole recording" {
	run -0 --separate-stderr sched2states <<-'END'
		switch	100	host	0	1	1	a	120	S	2	b	120	-
		switch	200	host	0	3	3	c	120	S	4	d	120	-
		switch	300	host	0	5	5	e	120	S	6	f	120	-
		switch	400	host	0	7	7	g	120	S	8	h	120	-
	END
	[[ $stderr == 'sched2states: 3 of 4 switches are missing, as in a part of a recording (record with -a; select tasks with sched2states -p, not before it): tasks that ran or died may seem to wait'* ]]
	[[ $output == *$'\ngap\t400\thost\t-\t-\t-\t100\t-\tmissing switches, as in a part of a recording' ]]
	perf2rec ../examples/pipeline.data >"$BATS_TEST_TMPDIR/all"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/all"
	[ -z "$stderr" ]
	recgrep -p writer "$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/part"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/part"
	[[ $stderr == *'switches are missing, as in a part of a recording'* ]]
	grep -q 'as in a part' <<<"$output"
	sched2states <<<"$output" | cmp - <(echo "$output")
}

@test "missing switches that are mostly of an idle task or from one task are put down to the kernel, unless most are missing" {
	idle() { # N SWITCH ...: the records of a CPU that does this N times
		local n=$1 at=0 t i
		shift
		for ((i = 0; i < n; i++)); do
			for t; do
				echo "switch $((++at)) host 0 $t"
			done
		done | tr ' ' '\t'
	}
	idle 10 '1 1 a 120 S 0 swapper/0 120 -' '2 2 b 120 S 0 swapper/0 120 -' '0 0 swapper/0 120 R 1 a 120 -' >"$BATS_TEST_TMPDIR/quirk"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/quirk"
	[[ $stderr == 'sched2states: 10 of 30 switches are missing, most to or from an idle task (some kernels leave them out): tasks that ran or died may seem to wait'* ]]
	[[ $output == *$'\tmissing switches, most to or from an idle task' ]]
	# the switch to worker is followed by one from another task: those from worker are missing
	idle 10 '1 1 a 120 S 2 worker 120 -' '3 3 b 120 S 1 a 120 -' '1 1 a 120 S 3 b 120 -' '3 3 b 120 S 1 a 120 -' >"$BATS_TEST_TMPDIR/task"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/task"
	[[ $stderr == 'sched2states: 10 of 40 switches are missing, most from worker (some kernels leave them out): '* ]]
	[[ $output == *$'\tmissing switches, most from worker' ]]
	# of two tasks neither has most
	idle 10 '1 1 a 120 S 2 worker 120 -' '3 3 b 120 S 1 a 120 -' '1 1 a 120 S 3 b 120 -' '3 3 b 120 S 1 a 120 -' '1 1 a 120 S 4 other 120 -' '3 3 b 120 S 1 a 120 -' '1 1 a 120 S 3 b 120 -' '3 3 b 120 S 1 a 120 -' >"$BATS_TEST_TMPDIR/tasks"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/tasks"
	[[ $stderr == 'sched2states: 20 of 80 switches are missing, as in a part of a recording ('* ]]

	idle 10 '1 1 a 120 S 0 swapper/0 120 -' >"$BATS_TEST_TMPDIR/part"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/part"
	[[ $stderr == 'sched2states: 9 of 10 switches are missing, as in a part of a recording'* ]]
}

@test "a thread that calls exec goes on under the tid of its process's first thread" {
	sched2states >"$out" <<-'END'
		comm	1	host	0	7	8	-	thread
		comm	1	host	0	7	7	-	first
		switch	100	host	0	0	0	idle	120	R	8	thread	120	-
		switch	110	host	1	7	7	first	120	Z	0	idle	120	-
		comm	150	host	0	7	7	exec	new
		switch	200	host	0	7	7	new	120	S	0	idle	120	-
		wakeup	250	host	0	0	0	wakeup	hardirq	7	new	120	0	-
		switch	260	host	0	0	0	idle	120	R	7	new	120	-
		switch	300	host	0	7	7	new	120	X	0	idle	120	-
	END
	life 8 <<-'END'
		100 150 running -
	END
	life 7 <<-'END'
		100 110 running out=Z begin=inferred
		150 200 running out=S
		200 250 sleeping waker=0/idle context=hardirq
		250 260 runnable waker=0/idle context=hardirq prev=0/idle
		260 300 running out=X
	END
	[ "$(awk -F'\t' '$1 == "state" && $6 == 7 { print $8 }' "$out" | uniq | tr '\n' ' ')" = '0 150 ' ]
	[ "$(grep -c ^gap "$out")" = 0 ]
}

@test "a CPU that an awake task waits for in vain is unknown from the wakeup on, and so are its tasks" {
	stream() {
		cat <<-END
			switch	100	host	0	1	1	a	120	S	0	idle	120	-
			switch	200	host	1	2	2	b	120	S	0	idle	120	-
			wakeup	300	host	1	0	0	wakeup	hardirq	1	a	120	0	-
			switch	$1	host	1	0	0	idle	120	R	2	b	120	-
		END
	}
	stream 100000301 >"$BATS_TEST_TMPDIR/in"
	run -0 --separate-stderr sched2states "$BATS_TEST_TMPDIR/in"
	[[ $stderr == *'CPUs without a switch after tasks were woken there: 1; they went offline, or only some CPUs were recorded' ]]
	echo "$output" >"$out"
	[ "$(grep ^gap "$out")" = $'gap\t100000301\thost\t0\t-\t-\t300\t-\tno switch after a wakeup' ]
	life 1 <<-'END'
		100 300 sleeping waker=0/idle context=hardirq
		300 100000301 unknown end=open
	END
	lane 0 cpu <<-'END'
		100 300 idle end=lost
		300 100000301 unknown end=open
	END
	sched2states <"$out" 2>"$err" | cmp - "$out"
	stream 100000300 | sched2states >"$out" 2>"$err"
	[ "$(grep -c ^gap "$out")" = 0 ]
	[ ! -s "$err" ]
	stream 100000301 | sed '1s/	0	idle/	3	c/' | sched2states >"$out" 2>"$err"
	[ "$(grep -c ^gap "$out")" = 0 ]
	stream 1000000301 | sed '1s/	0	idle/	3	c/' | sched2states >"$out" 2>"$err"
	grep -q '^gap' "$out"
}

@test "what a recording lacks is reported: switches, wakeups" {
	run -0 --separate-stderr sched2states <<<$'sample\t1\thost\t0\t1\t1\te\t1\tu\t1\t-\t-'
	[ "$stderr" = 'sched2states: no switches: record sched:sched_switch; rec2folded and rec2prof take samples' ]
	run -0 --separate-stderr sched2states </dev/null
	[ "$stderr" = 'sched2states: no records: the filter before this one says why' ]
	run -0 --separate-stderr sched2states <<<$'switch\t1\thost\t0\t1\t1\ta\t120\tS\t0\tidle\t120\t-'
	[ "${stderr_lines[0]}" = 'sched2states: no wakeups, hence no waits for a CPU: record sched:sched_wakeup as well' ]
	run -0 --separate-stderr sched2states states2tab/small.in
	[ -z "$stderr" ]
}

@test "a machine whose events all have one time is reported: it has no states" {
	# n TIME: a switch on each of two CPUs, the second one at that time
	n() {
		printf 'switch\t%d\t%s\t%d\t-\t1\ta\t120\tS\t2\tb\t120\t-\n' 100 vm 0 100 vm 1 100 host 0 "$1" host 1
		printf 'wakeup\t%d\thost\t0\t-\t2\twakeup\ttask\t1\ta\t120\t0\t-\n' "$1"
	}
	for case in '100 2' '101 1'; do
		n "${case% *}" | sched2states >"$out" 2>"$err"
		[ "$(cat "$err")" = "sched2states: machines whose events all have one time: ${case#* }; they have no states, which are between two times" ]
		[ "$(awk -F'\t' '$1 == "state" { print $3 }' "$out" | sort -u)" = "$([ "$case" = '100 2' ] || echo host)" ]
	done
	# the states that it makes are folded already: nothing is said of them
	run -0 --separate-stderr sched2states "$out"
	[[ $stderr != *'one time'* ]]
}

@test "a long name is cut, and a message says so" {
	printf 'comm\t0\thost\t-\t1\t1\t-\t%s\n' "$(printf 'a\\x01%.0s' {1..500})" >"$BATS_TEST_TMPDIR/in"
	printf 'switch\t%d\thost\t0\t1\t1\t-\t-\tS\t2\tb\t-\t-\n' 1 3 >>"$BATS_TEST_TMPDIR/in"
	sched2states "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(grep cut "$err")" = 'sched2states: names of more than 1024 bytes are cut' ]
	[ "$(awk '$1 == "state" && $6 == 1 { print length($9) }' "$out" | sort -u)" = 1021 ]
	reccheck -n --any-order "$out"
}

@test "the states before damage come out, and are closed" {
	run -1 --separate-stderr sched2states <<-'END'
		switch	100	host	0	1	1	a	120	S	2	b	120	-
		switch	200	host	0	2	2	b	120	S	1	a	120	-
		switch	300	host	0	1
	END
	[ "$stderr" = 'sched2states: <stdin>:3: switch: no field tid' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "CPUs, tasks and times select from the output what recgrep selects, with all records folded" {
	for how in inline once; do
		perf2rec --stacks=$how ../examples/pipeline.data >"$BATS_TEST_TMPDIR/rec"
		sched2states "$BATS_TEST_TMPDIR/rec" >"$BATS_TEST_TMPDIR/all"
		for options in '-C 1' '-p g*,work' '-p nobody' '-t 4453760ms,4453780ms -C 0' '-t +10ms,+20ms' '-t -20ms,-10ms' '-t 1,2'; do
			sched2states $options "$BATS_TEST_TMPDIR/rec" 2>"$err" | grep -v '^map' | grep -v ^stack >"$out"
			recgrep $options "$BATS_TEST_TMPDIR/all" 2>"$err.all" | grep -v '^map' | grep -v ^stack | cmp - "$out"
			diff <(sed 's/^[^:]*//' "$err") <(sed 's/^[^:]*//' "$err.all")
		done
	done
	sched2states -t -20ms, "$BATS_TEST_TMPDIR/rec" | cmp - <(sched2states -t -20ms, <(cat "$BATS_TEST_TMPDIR/rec"))
}

@test "with --stacks=once the output is that of the input with each stack once" {
	perf2rec ../examples/pipeline.data >"$BATS_TEST_TMPDIR/in"
	printf '%s\thost\t0\t1\t1\te\t1\tu\t-\t-\t%s\n' $'sample\t9000000000000000' 'u;1<f>;2' $'sample\t9000000000000001' 'u;1<f>;2' \
		$'sample\t9000000000000002' 'not frames' $'sample\t9000000000000003' - >>"$BATS_TEST_TMPDIR/in"
	sched2states --stacks=once "$BATS_TEST_TMPDIR/in" >"$out"
	for how in inline once; do
		recstacks --stacks=$how "$BATS_TEST_TMPDIR/in" | sched2states --stacks=once | cmp - "$out"
	done
	recstacks "$out" | cmp - <(sched2states "$BATS_TEST_TMPDIR/in")
	sched2states --stacks=inline "$BATS_TEST_TMPDIR/in" | cmp - <(sched2states "$BATS_TEST_TMPDIR/in")
	[ "$(grep -c '^sample.*@' "$out")" = 2 ]
	[ "$(grep -c "^state.*;" "$out")" = 0 ]
}

@test "with --stacks=once a definition that was read does not rename stacks that were inline" {
	for first in 'k;ffffffff81000001<real+0x1>' @dd846d448311f916; do
		for then in 'k;ffffffff81000001<real+0x1>' @dd846d448311f916; do
			tr ' ' '\t' <<-EOF >"$BATS_TEST_TMPDIR/in"
				stack 0 host - dd846d448311f916 k;ffffffff81000001<old+0x1>
				switch 0 host 0 1 1 a 120 S 2 b 120 $first
				stack 1 host - dd846d448311f916 k;ffffffff81000001
				wakeup 4 host 1 0 0 wakeup task 1 a 120 0 -
				switch 5 host 0 2 2 b 120 S 1 a 120 -
				switch 9 host 0 1 1 a 120 S 2 b 120 $then
				wakeup 20 host 0 2 2 wakeup task 1 a 120 0 $first
				switch 21 host 0 2 2 b 120 S 1 a 120 -
				switch 29 host 0 1 1 a 120 S 2 b 120 -
			EOF
			recstacks "$BATS_TEST_TMPDIR/in" | sched2states >"$BATS_TEST_TMPDIR/inline"
			[ "$first$then" != 'k;ffffffff81000001<real+0x1>k;ffffffff81000001<real+0x1>' ] || [ "$(grep -c real "$BATS_TEST_TMPDIR/inline")" -ge 3 ]
			sched2states --stacks=once "$BATS_TEST_TMPDIR/in" | recstacks | cmp - "$BATS_TEST_TMPDIR/inline"
		done
	done
}

@test "with --stacks=once the stack of a long sleep is known, whatever else was defined meanwhile" {
	sleep_long() {
		awk -v once="$1" 'function stack(t, i, frames) {
			if (once)
				print "stack", t, "host", "-", sprintf("%x", i + 1), frames
			return once ? sprintf("@%x", i + 1) : frames
		}
		BEGIN {
		OFS = "\t"
		for (i = 0; i < 6000; i++)
			deep = deep sprintf(";%x", 4294967296 + i)
		first = stack(0, 0, "k;1<first>")
		print "switch", 0, "host", 0, 1, 1, "a", 120, "S", 0, "idle", 120, first
		for (i = 1; i < (once ? 5000 : 2500); i++) { # stacks of 300 or 150 MB
			print "switch", 3 * i, "host", 0, 0, 0, "idle", 120, "R", 2, "b", 120, "-"
			frames = stack(3 * i + 1, i, sprintf("k;%x", i) deep)
			print "switch", 3 * i + 1, "host", 0, 2, 2, "b", 120, "S", 0, "idle", 120, frames
			print "wakeup", 3 * i + 2, "host", 0, 0, 0, "wakeup", "task", 2, "b", 120, 0, "-"
		}
		print "wakeup", 3 * i, "host", 0, 0, 0, "wakeup", "task", 1, "a", 120, 0, "-"
		print "switch", 3 * i + 1, "host", 0, 0, 0, "idle", 120, "R", 1, "a", 120, "-"
		}'
	}
	for once in '' 1; do
		sleep_long $once | sched2states --stacks=once 2>&1 | recstacks >"$out"
		[ "$(grep -c '	@' "$out")" = 0 ]
		[ "$(grep -c '	sleeping	.*	k;1<first>$' "$out")" = 1 ]
	done
	sleep_long 1 | sched2states 2>&1 >/dev/null | diff - <(echo 'sched2states: stacks of long states may be lost: --stacks=once keeps them')
}
