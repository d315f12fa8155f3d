# SPDX-License-Identifier: MIT
#
# Compare the user's frames of unwound stacks with those of perf script, which writes them as offsets in their files.
#
#	awk -f compare.awk perf.txt unwound.rec		perf.txt: perf script -F tid,time,ip --no-inline --ns
#
# Prints the number of stacks of each class of difference, "class n", and with -v show=1 the stacks:
#
#	perf lacks the last	perf does not read the last word that was recorded of a stack
#	perf gets lost		perf's stack does not end where others do, ours does; seen where a call is the last before a change of the frame
#	ours goes on		perf has no unwind information there, or no frame pointer to follow: compiled at run time, static programs
#	perf goes on, differ	none is known

function hex(s,  i, v) {
	v = 0
	for (i = 1; i <= length(s); i++)
		v = v * 16 + digit[substr(s, i, 1)]
	return v
}

BEGIN {
	for (i = 0; i < 16; i++)
		digit[substr("0123456789abcdef", i + 1, 1)] = i
}

# perf's: "tid time:", then frames, one a line.
FNR == NR && /: *$/ { who = $1 " " substr($2, 1, length($2) - 1); perf[who] = ""; next }
FNR == NR && NF == 0 { next }
FNR == NR {
	if ($1 !~ /^ffff[89a-f]/)
		perf[who] = perf[who] " " $1
	next
}

FNR == 1 { FS = "\t"; $0 = $0 }

$1 == "comm" && $7 == "exec" { maps[$5] = 0 }
$1 == "fork" && $7 != $5 {
	maps[$7] = maps[$5]
	for (i = 1; i <= maps[$5]; i++) {
		begin[$7, i] = begin[$5, i]
		end[$7, i] = end[$5, i]
		off[$7, i] = off[$5, i]
	}
}
$1 == "map" && $7 == "u" {
	i = ++maps[$5]
	begin[$5, i] = hex($8)
	end[$5, i] = begin[$5, i] + hex($9)
	off[$5, i] = hex($10)
}

# An address as an offset in its file; as it is if nothing is mapped there.
function offset(pid, addr,  i) {
	for (i = maps[pid]; i > 0; i--)
		if (addr >= begin[pid, i] && addr < end[pid, i])
			return addr - begin[pid, i] + off[pid, i]
	return addr
}

$1 ~ /^(sample|tracepoint|switch)$/ {
	stack = $NF
	if (!sub(/(^|.*;)u;/, "", stack))
		stack = ""
	n = split(stack, ours, ";")
	who = sprintf("%d %d.%09d", $6, int($2 / 1000000000), $2 % 1000000000)
	if (!(who in perf)) {
		count["not in perf"]++
		next
	}
	m = split(perf[who], theirs, " ")
	for (i = 1; i <= n && i <= m; i++) {
		o = offset($5, hex(ours[i]) - (i > 1)) + (i > 1)
		p = hex(theirs[i])
		if (p != o && p != o - 1)
			break
	}
	last = n ? offset($5, hex(ours[n]) - 1) : 0
	if (i > n && i > m) {
		class = "equal"
		outermost[last] = 1
	} else if (i > m) {
		class = n == m + 1 ? "perf lacks the last" : "ours goes on"
	} else if (i > n) {
		class = "perf goes on"
	} else {
		# perf is wrong if it does not reach where other stacks end, and ours does
		class = "differ"
		ours_ends[++differ] = last
		perf_ends[differ] = hex(theirs[m])
	}
	count[class]++
	frames += n
	if (show && class != "equal")
		print class, who, "at", i, "perf:" perf[who], "ours:", stack
	delete perf[who]
}

END {
	for (i = 1; i <= differ; i++)
		if (ours_ends[i] in outermost && !(perf_ends[i] in outermost)) {
			count["perf gets lost"]++
			count["differ"]--
		}
	for (class in count)
		if (count[class] > 0)
			print class, count[class]
	print "frames", frames
}
