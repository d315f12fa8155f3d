# SPDX-License-Identifier: MIT
# gen.awk -v n=SWITCHES -v cpus=2 -v tasks=5 -v span=NS - state records of tasks that run, wait and wake each other by chance
# (the chance is the same each time); every stack is defined once

function chance() {
	seed = (seed * 16807) % 2147483647
	return seed / 2147483647
}

function any(n) {
	return int(chance() * n)
}

function state(from, to, i, cpu, word, info, stack) {
	printf "state\t%.0f\thost\t%d\t%d\t%d\t%.0f\t0\t%s\t120\t%s\t%s\t@%x\n", base + from, cpu, pid[i], tid[i], \
	    base + to, comm[i], word, info, 4096 + stack
}

function cpustate(from, to, cpu, lane, word) {
	printf "cpustate\t%.0f\thost\t%d\t-\t-\t%.0f\t%s\t%s\t-\n", base + from, cpu, base + to, lane, word
}

function define_stacks(i, j, s, where) {
	split("pipe_read do_epoll_wait futex_wait_queue folio_wait_bit_common do_nanosleep do_wait", where, " ")
	for (i = 0; i < 40; i++) {
		s = "k;ffffffff821facd8<__schedule+0x618>;ffffffff81100" i % 10 "a0<" where[i % 6 + 1] "+0x1" i ">"
		for (j = 0; j < 8; j++)
			s = s ";ffffffff8140" i % 10 j "<vfs_layer_" j "+0x1" j "0>"
		printf "stack\t%.0f\thost\t-\t%x\t%s;u;55d0<main+0x123 /usr/bin/prog>\n", base, 4096 + i, s
	}
}

# The task that ran on a CPU leaves it.
function leave(c, t, i, letter) {
	if ((i = current[c]) < 0) {
		if (t > since_cpu[c]) {
			cpustate(since_cpu[c], t, c, "cpu", "idle")
			cpustate(since_cpu[c], t, c, "idle", any(4))
		}
		return
	}
	letter = chance() < .1 ? "R+" : chance() < .2 ? "D" : "S"
	stack[i] = any(any(40) + 1)
	state(since_cpu[c], t, i, c, "running", "out=" letter, stack[i])
	now[i] = letter == "S" ? "sleeping" : letter == "D" ? "uninterruptible" : "preempted"
	since[i] = t
	on[i] = 0
	last[i] = c
}

function wake(c, t, j, i, to, context) {
	if (on[j] || now[j] !~ /sleep|unint/ || t <= since[j])
		return
	i = current[c] >= 0 ? current[c] : 0
	to = t - (t - since[j]) * .02
	context = chance() < .3 ? "softirq" : "task"
	state(since[j], to, j, last[j], now[j], "waker=" tid[i] "/" comm[i] " context=" context, stack[j])
	printf "arrow\t%.0f\thost\t%d\t%d\t%d\t0\t%s\twakeup\t%s\t%d\t%d\t0\t%s\t%d\t%.0f\t@1001\n", base + to, c, pid[i], tid[i], \
	    comm[i], context, pid[j], tid[j], comm[j], c, to - since[j]
	now[j] = "runnable"
	since[j] = to
}

function enter(c, t, a, j) {
	current[c] = -1
	since_cpu[c] = t
	for (a = 0; a < 4; a++) {
		j = any(tasks)
		if (on[j] || now[j] !~ /runn|preem/ || t <= since[j])
			continue
		state(since[j], t, j, c, now[j], "prev=77/sh", 5)
		current[c] = j
		on[j] = 1
		return
	}
}

BEGIN {
	seed = 12345
	base = 316583646000000
	split("sh gzip base64 kworker/0:1 make cc1 as ld python3 postgres nginx jbd2/vda1-8", name, " ")
	printf "meta\t-\thost\thostname\tdebian\nmeta\t-\thost\tcmdline\tperf record -a -g -- make -j4 all\n"
	define_stacks()
	for (i = 0; i < tasks; i++) {
		tid[i] = 1000 + i
		pid[i] = tid[i] - (i % 5 == 3)
		comm[i] = i % 5 == 3 ? comm[i - 1] : name[i % 12 + 1]
		now[i] = chance() < .3 ? "runnable" : "sleeping"
	}
	for (c = 0; c < cpus; c++)
		current[c] = -1
	for (k = 0; k < n; k++) {
		t += span / n * chance() * 2
		c = any(cpus)
		leave(c, t)
		for (a = 0; a < 3; a++)
			wake(c, t, any(tasks))
		enter(c, t)
	}
}
