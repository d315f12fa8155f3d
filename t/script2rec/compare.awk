# SPDX-License-Identifier: MIT
#
# The events of a stream, as far as a text can have them: kind, time, CPU, pid, tid, own fields, addresses of the stack.
#
# What a text cannot say is taken away from both sides:
#   always   the context of a wakeup, the period and the ip of a sample (perf script -F has no way to ask for all of them),
#            the pairs of a tracepoint (the print fmt has other forms), and of user frames all but the place in their page,
#            which perf prints relative to the object
#   usec     times are rounded to microseconds; cut: or cut off
#   nopid nocpu nosystem nostack   the text lacks them
#   letters  trace-cmd has its own letters of states
BEGIN { FS = OFS = "\t" }

function addresses(stack,   n, f, i, text, user) {
	n = split(stack, f, ";")
	for (i = 1; i <= n; i++) {
		sub(/<.*/, "", f[i])
		if (f[i] ~ /^[kuhg]/)
			user = f[i] ~ /u/
		else if (user)
			f[i] = substr("00" f[i], length("00" f[i]) - 2)
		text = text ";" f[i]
	}
	return text
}

# in two parts: awk's numbers are not exact enough for all of it
function time(t,   us) {
	us = substr(t, 1, length(t) - 3)
	if (usec && substr(t, length(t) - 2) + 0 >= 500)
		us = sprintf("%.0f", us + 1)
	return usec || cut ? us "000" : t
}

$1 !~ /^(switch|wakeup|migrate|idle|freq|irq|softirq|sysenter|sysexit|sample|tracepoint)$/ { next }

{
	$2 = time($2)
	$NF = nostack ? "" : addresses($NF)
	if (nocpu)
		$4 = "-"
	if (nopid)
		$5 = "-"
}

$1 == "wakeup" || $1 == "sample" || $1 == "tracepoint" { $8 = "" }
$1 == "sample" { $10 = $11 = "" }
$1 == "switch" && letters { $9 = "" }

# a function has its address in a recording, its name in a text; its exit is part of an entry without calls
$1 == "tracepoint" && $7 ~ /^ftrace:func/ { $9 = "" }
$1 == "tracepoint" && $7 == "ftrace:funcgraph_exit" { next }
$1 == "tracepoint" && nosystem { sub(/.*:/, "", $7) }

{ print }
