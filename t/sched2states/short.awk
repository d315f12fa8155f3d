# SPDX-License-Identifier: MIT
#
# short.awk - records from the shorthand of sched2states*.bats
#
#	sw TIME CPU PREV STATE NEXT			a switch
#	wk TIME CPU WAKER TYPE WAKEE [CONTEXT]		a wakeup
#	hard TIME CPU TASK EDGE NUMBER			an interrupt of the handler hNUMBER
#	soft TIME CPU TASK EDGE VEC			a soft interrupt
#
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

{
	gsub(/ /, "\t")
	print
}
