# SPDX-License-Identifier: MIT
# stream.awk -v kind=KIND -v n=N - write N events of 40 tasks on 4 CPUs, 250 ns apart: a stream whose length is all that grows.
#
# rec: switches and wakeups; states: with the energy of a package; exits: of 4 vCPUs; csv: perf stat -I; text: perf script

# The task that CPU c runs at its turn j.
function task(c, j) {
	return 100 + 10 * c + j % 10
}

function name(p) {
	return p == 105 ? "writer" : "task" p
}

function stack(p) {
	return "k;ffffffff821f8b58;ffffffff821f94c3;ffffffff8141" p ";u;55d6793751aa;55d6793752d6"
}

function rec(t, c, j, p, q, w) {
	p = task(c, j - 1); q = task(c, j); w = task(c, j + 1)
	if (i % 2)
		printf "wakeup\t%d\thost\t%d\t%d\t%d\twakeup\ttask\t%d\t%s\t120\t%d\t%s\n", t, c, q, q, w, name(w), c, stack(w)
	else
		printf "switch\t%d\thost\t%d\t%d\t%d\t%s\t120\tS\t%d\t%s\t120\t%s\n", t, c, p, p, name(p), q, name(q), stack(p)
}

function states(t, c, j, p) {
	p = task(c, j)
	printf "state\t%d\thost\t%d\t%d\t%d\t%d\t0\t%s\t120\trunning\tout=S\t-\n", t, c, p, p, t + 1000, name(p)
	printf "state\t%d\thost\t%d\t%d\t%d\t%d\t0\t%s\t120\tsleeping\t-\t%s\n", t + 1000, c, p, p, t + 10000, name(p), stack(p)
	if (i % 1000 == 0)
		printf "energy\t%d\thost\t-\t-\t-\t%d\tpkg\t-\t-\t-\t0.5\t-\tpower/energy-pkg/\trun=1\n", t, t + 250000
}

function exits(t, c, j) {
	printf "kvmexit\t%d\thost\t%d\t100\t%d\t%d\tvmx\t%d\tREASON%d\t-\t-\n", t, c, 101 + c, c, j % 50, j % 50
	printf "kvmentry\t%d\thost\t%d\t100\t%d\t%d\t-\t-\n", t + 100 + j % 900, c, 101 + c, c
}

function csv(t, c) {
	printf "%.9f,S%d,1,%.2f,Joules,power/energy-pkg/,250209326,100.00,,\n", 0.25 * int(1 + i / 4), c, 7 + i % 10 / 10
}

function text(t, c, j, p, q) {
	p = task(c, j); q = task(c, j + 1)
	printf "%s %d/%d [%03d] %.9f:     sched:sched_switch: prev_comm=%s prev_pid=%d prev_prio=120 prev_state=S ==> next_comm=%s next_pid=%d next_prio=120\n", \
		name(p), p, p, c, 1 + t / 1000000000, name(p), p, name(q), q
	print "\tffffffff821f8b58 __schedule+0x618 ([kernel.kallsyms])\n"
}

BEGIN {
	for (i = 0; i < n; i++)
		if (kind == "rec")
			rec(250 * i, int(i / 2) % 4, int(i / 8) + 10)
		else if (kind == "states")
			states(250 * i, i % 4, int(i / 4))
		else if (kind == "exits")
			exits(250 * i, i % 4, int(i / 4))
		else if (kind == "csv")
			csv(0, i % 4)
		else
			text(250 * i, i % 4, int(i / 4))
}
