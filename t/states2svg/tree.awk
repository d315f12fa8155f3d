# SPDX-License-Identifier: MIT
# tree.awk -v n=CHILDREN - what perf records of "sh -c script": n short processes one after the other, three workers side by side with a
# helper each, and tasks that have nothing to do with it

function fork(t, parent, child, name) {
	printf "fork\t%d\thost\t0\t%d\t%d\t%d\t%d\t-\n", t, parent, parent, child, child
	birth[child] = t
	if (t == 0)
		printf "comm\t0\thost\t-\t%d\t%d\t-\t%s\n", child, child, name
	else
		printf "comm\t%d\thost\t0\t%d\t%d\texec\t%s\n", t + 5, child, child, name
	comm[child] = name
}

function state(from, to, tid, word) {
	printf "state\t%d\thost\t%s\t%d\t%d\t%d\t%d\t%s\t120\t%s\t-\t-\n", from, word == "running" ? tid % 2 : "-", tid, tid, to, birth[tid], comm[tid], word
}

BEGIN {
	end = 1000000
	print "meta\t-\thost\tcmdline\tperf record -a -g -- /bin/sh -c script"
	fork(0, 1, 50, "bash")
	fork(0, 50, 51, "perf")
	fork(0, 51, 100, "perf-exec")
	fork(0, 2, 10, "kworker/0:1-events")
	fork(0, 2, 11, "kworker/1:0H")
	fork(0, 1, 12, "sh")
	print "comm\t10\thost\t0\t100\t100\texec\tsh"
	comm[100] = "sh"
	state(0, end, 50, "sleeping")
	state(0, 20000, 51, "running")
	state(20000, end, 51, "sleeping")
	for (i = 10; i <= 11; i++) {
		state(0, 3000, i, "running")
		state(3000, end, i, "idle")
	}
	state(0, 700000, 12, "uninterruptible")
	state(700000, end, 12, "sleeping")
	state(0, 1000, 100, "running")
	for (i = 0; i < 3; i++) {
		fork(2000 + i, 100, 201 + 2 * i, "work")
		fork(3000 + i, 201 + 2 * i, 202 + 2 * i, "helper")
		state(2000 + i, 500000, 201 + 2 * i, "running")
		state(500000, 600000 + i, 201 + 2 * i, "preempted")
		state(3000 + i, 400000 + i * 1000, 202 + 2 * i, "sleeping")
		state(400000 + i * 1000, 600000, 202 + 2 * i, "running")
	}
	t = 1000
	step = int((end - t) / n)
	for (i = 0; i < n; i++) {
		fork(t, 100, 1000 + i, "true")
		state(t, t + int(step / 3), 1000 + i, "runnable")
		state(t + int(step / 3), t + step, 1000 + i, "running")
		state(t, t + step, 100, "sleeping")
		t += step
	}
}
