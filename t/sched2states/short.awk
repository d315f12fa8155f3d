# SPDX-License-Identifier: MIT
#
# short.awk - records from the shorthand of sched2states*.bats
#
#	sw TIME CPU PREV STATE NEXT			a switch
#	wk TIME CPU WAKER TYPE WAKEE [CONTEXT]		a wakeup
#	hard TIME CPU TASK EDGE NUMBER			an interrupt of the handler hNUMBER
#	soft TIME CPU TASK EDGE VEC			a soft interrupt
#	ev TIME TASK EVENT [KEY=VALUE ...]		any other event, on CPU 0
#	in TIME TASK CALL [KEY=VALUE ...]		the entry of a system call, and its exit
#	out TIME TASK CALL RET
#
# A TASK is TID or PID/TID.
# Task 7 is called t7, task 0 swapper/CPU; the stack is one kernel frame, the time. Other lines are
# records with blanks for the tabs.

BEGIN { OFS = "\t" }

function name(tid, cpu) {
	return tid == "0" ? "swapper/" cpu : "t" tid
}

$1 == "sw" {
	print "switch", $2, "host", $3, $4, $4, name($4, $3), 120, $5, $6, name($6, $3), 120, "k;" $2
	next
}

$1 == "wk" {
	print "wakeup", $2, "host", $3, $4, $4, $5, (NF > 6 ? $7 : "task"), $6, name($6, $3), 120, $3, "k;" $2
	next
}

$1 == "hard" {
	print "irq", $2, "host", $3, $4, $4, $5, $6, ($5 == "entry" ? "h" $6 : "-"), ($5 == "exit" ? "handled" : "-"), "-"
	next
}

$1 == "soft" {
	print "softirq", $2, "host", $3, $4, $4, $5, $6, "S" $6, "-"
	next
}

function event(task, what, first,	ids, n, i, info) {
	n = split(task, ids, "/")
	for (i = first; i <= NF; i++)
		info = info (i > first ? " " : "") $i
	print "tracepoint", $2, "host", 0, ids[1], ids[n], what, (info == "" ? "-" : info), "k;" $2
}

$1 == "ev" {
	event($3, $4, 5)
	next
}

$1 == "in" {
	event($3, "syscalls:sys_enter_" $4, 5)
	next
}

$1 == "out" {
	$5 = "ret=" $5
	event($3, "syscalls:sys_exit_" $4, 5)
	next
}

{
	gsub(/ /, "\t")
	print
}
