# SPDX-License-Identifier: MIT
#
# timehist.awk - the rows of perf sched timehist, from the states of one machine
#
# Usage: sort -t TAB -k6,6n -k8,8n -k2,2n STATES >SORTED; awk -f timehist.awk SORTED SORTED
# Writes time, cpu, tid, wait time, sch delay, run time; all in us, cut as timehist cuts them.
#
# timehist takes all since the last switch of the CPU for running, whatever was missing: the parts
# that are inferred or unknown are put together again.

BEGIN { FS = "\t" }

function us(ns) {
	return sprintf("%.0f", int(ns / 1000))
}

function put(t, cpu, tid, out, woken, since) {
	since = start[cpu, t]
	while ((cpu, since) in inferred)
		since = inferred[cpu, since]
	if (first[cpu, since]) # the CPU's first switch
		print us(t), cpu, tid, 0, 0, 0
	else
		print us(t), cpu, tid, out && out < since ? us(since - out) : 0,
		    woken && woken < since ? us(since - woken) : 0, us(t - since)
}

# First reading: what each CPU did, by its end.
NR == FNR {
	idle = $1 == "cpustate" && $8 == "cpu"
	if (!idle && !($1 == "state" && $11 == "running"))
		next
	info = $(idle ? 10 : 12)
	if (!idle || !(($4, $7) in start))
		start[$4, $7] = $2
	if (idle && info ~ /end=inferred/)
		inferred[$4, $7] = $2
	if (info ~ /begin=/ && !(($4, $2) in inferred))
		begins[$4, $2] = 1
	if (!($4 in begin) || $2 < begin[$4])
		begin[$4] = $2
	next
}

FNR == 1 {
	for (cpu in begin)
		if ((cpu, begin[cpu]) in begins)
			first[cpu, begin[cpu]] = 1
}

$1 == "cpustate" && $8 == "cpu" && $9 == "idle" && $10 !~ /end=/ {
	put($7, $4, 0, idled[$4], 0)
	idled[$4] = $7
}

$1 != "state" { next }

# Second: a task's intervals in their order.
$6 != tid || $8 != birth {
	tid = $6
	birth = $8
	out = woken = 0
}
$11 == "runnable" && $12 ~ /^waker=/ && !woken {
	woken = $2
}
$12 ~ /^out=/ { # running or unknown until it was switched out
	put($7, $4, tid, out, woken)
	out = $7
	woken = 0
}
