# SPDX-License-Identifier: MIT
#
# Compare the user's frames of unwound stacks with those of perf script, which writes them as offsets in their files.
#
#	awk -f compare.awk perf.txt unwound.rec		perf.txt: perf script -F tid,time,ip,dso --no-inline --ns
#
# perf does not read the last word that was recorded of a stack: the records are to be without it.
# Prints the number of stacks of each class of difference, "class n", and with -v show=1 the stacks:
#
#	ours goes on		perf has no unwind information there, or no frame pointer to follow: compiled at run time, static programs
#	perf leaves frames out	all of perf's are ours, in order; some between them are not perf's
#	perf gets lost		perf comes to an address where no code is mapped, and ours does not; or it does not end where others
#				do, and ours does
#	perf goes on, differ	none is known

function hex(s,  i, v) {
	v = 0
	for (i = 1; i <= length(s) && substr(s, i, 1) != "@"; i++)
		v = v * 16 + digit[substr(s, i, 1)]
	return v
}

BEGIN {
	for (i = 0; i < 16; i++)
		digit[substr("0123456789abcdef", i + 1, 1)] = i
}

# perf's: "tid time:", then frames, one a line. A timer that is late makes several samples of a task at one time.
FNR == NR && /: *$/ {
	who = $1 " " substr($2, 1, length($2) - 1)
	who = who "#" ++nth[who]
	perf[who] = ""
	next
}
FNR == NR && NF == 0 { next }
FNR == NR {
	if ($1 !~ /^ffff[89a-f]/)
		perf[who] = perf[who] " " $1 "@" substr($2, 2, length($2) - 2)
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
	if ($11 ~ /x/) {
		i = ++codes[$13]
		code[$13, i] = hex($10)
		code_end[$13, i] = hex($10) + hex($9)
	}
}

# An address as an offset in its file; as it is if nothing is mapped there.
function offset(pid, addr,  i) {
	for (i = maps[pid]; i > 0; i--)
		if (addr >= begin[pid, i] && addr < end[pid, i])
			return addr - begin[pid, i] + off[pid, i]
	return addr
}

function equal(i, j,  p) {
	p = hex(theirs[j])
	return p == our[i] || p == our[i] - 1
}

# Are all of perf's frames ours, in order?
function leaves_out(n, m,  i, j) {
	for (i = j = 1; i <= n && j <= m; i++)
		j += equal(i, j)
	return j > m
}

# Is a frame of perf's, OFFSET@FILE, in code that is mapped?
function in_code(frame,  at, file, i) {
	at = hex(frame)
	file = substr(frame, index(frame, "@") + 1)
	for (i = codes[file]; i > 0; i--)
		if (at >= code[file, i] && at < code_end[file, i])
			return 1
	return 0
}

# Is one of perf's frames from i on not in code?
function lost(m, i) {
	while (i <= m && in_code(theirs[i]))
		i++
	return i <= m
}

$1 ~ /^(sample|tracepoint|switch)$/ {
	stack = $NF
	if (!sub(/(^|.*;)u;/, "", stack))
		stack = ""
	n = split(stack, ours, ";")
	who = sprintf("%d %d.%09d", $6, int($2 / 1000000000), $2 % 1000000000)
	who = who "#" ++our_nth[who]
	if (!(who in perf)) {
		count["not in perf"]++
		next
	}
	m = split(perf[who], theirs, " ")
	right = 1
	for (i = 1; i <= n; i++) {
		our[i] = offset($5, hex(ours[i]) - (i > 1)) + (i > 1)
		right = right && our[i] != hex(ours[i])
	}
	for (i = 1; i <= n && i <= m && equal(i, i); i++)
		;
	last = n ? our[n] - 1 : 0
	if (i > n && i > m) {
		class = "equal"
		outermost[last] = 1
	} else if (i > m) {
		class = "ours goes on"
	} else if (leaves_out(n, m)) {
		class = "perf leaves frames out"
	} else if (lost(m, i) && right) {
		class = "perf gets lost"
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
