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
#				do, and ours ends there, or goes on after perf's third frame or its first wrong one by calls that are
#				all in stacks whose frames are perf's. Where stacks end is known by the frame before the last: most
#				stacks that have it, and all of perf's frames, have it there
#	perf stops		the same, but some of the calls are in no other stack: ours may be wrong
#	perf goes round		perf repeats frames, and ours ends: the stack pointer does not rise, or it is the start of a thread
#	both get lost		maps are missing
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

$1 == "comm" && $7 == "exec" {
	maps[$5] = 0
	version[$5] = ++versions
}
$1 == "fork" && $7 != $5 {
	version[$7] = ++versions
	maps[$7] = maps[$5]
	for (i = 1; i <= maps[$5]; i++) {
		begin[$7, i] = begin[$5, i]
		end[$7, i] = end[$5, i]
		off[$7, i] = off[$5, i]
		path[$7, i] = path[$5, i]
	}
}
$1 == "map" && $7 == "u" {
	version[$5] = ++versions
	i = ++maps[$5]
	begin[$5, i] = hex($8)
	end[$5, i] = begin[$5, i] + hex($9)
	off[$5, i] = hex($10)
	path[$5, i] = $13
	if ($11 ~ /x/) {
		i = ++codes[$13]
		code[$13, i] = hex($10)
		code_end[$13, i] = hex($10) + hex($9)
	}
}

# An address, less back, as an offset in its file, whose path is in file; as it is if nothing is mapped there.
function offset(pid, text, back,  key, addr, i) {
	key = version[pid] SUBSEP text SUBSEP back
	if (!(key in file_of)) {
		addr = hex(text) - back
		for (i = maps[pid]; i > 0 && (addr < begin[pid, i] || addr >= end[pid, i]); i--)
			;
		file_of[key] = i > 0 ? path[pid, i] : ""
		offset_of[key] = i > 0 ? addr - begin[pid, i] + off[pid, i] : addr
	}
	file = file_of[key]
	return offset_of[key]
}

# Frame i of perf's, as a place.
function their_place(i) {
	return i > 0 ? hex(theirs[i]) "@" substr(theirs[i], index(theirs[i], "@") + 1) : ""
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

# Do all of perf's frames from i on, where ours has one more or none, repeat those some frames before?
function goes_round(n, m, i,  by, j) {
	for (by = 1; i >= n && by < i; by++) {
		for (j = i; j <= m && theirs[j] == theirs[j - by]; j++)
			;
		if (j > m)
			return 1
	}
	return 0
}

# Is a frame of perf's, OFFSET@FILE, in code that is mapped?
function in_code(frame,  at, i) {
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
		count["not in perf"] += n > 0
		next
	}
	m = split(perf[who], theirs, " ")
	right = 1
	split("", place)
	for (i = 1; i <= n; i++) {
		our[i] = offset($5, ours[i], i > 1) + (i > 1)
		right = right && file != ""
		place[i] = our[i] - (i > 1) "@" file
	}
	for (i = 1; i <= n && i <= m && equal(i, i); i++)
		;
	if (i > n && i > m) {
		class = "equal"
	} else if (i > m) {
		class = "ours goes on"
	} else if (leaves_out(n, m)) {
		class = "perf leaves frames out"
	} else if (lost(m, i)) {
		class = right ? "perf gets lost" : "both get lost"
	} else if (goes_round(n, m, i)) {
		class = "perf goes round"
	} else {
		class = ""
		class_of[++unequal] = i > n ? "perf goes on" : "differ"
		our_start[unequal] = place[n - 1]
		perf_end[unequal] = their_place(m - 1) SUBSEP their_place(m)
		perf_stops[unequal] = (m <= 3 || i == m) && m < n
		calls[unequal] = ""
		for (j = i > 1 ? i - 1 : 1; j <= n; j++)
			calls[unequal] = calls[unequal] "\n" place[j]
		text[unequal] = who " at " i " perf:" perf[who] " ours: " stack
	}
	frames += n
	for (j = 2; j < i; j++)
		pair[place[j - 1], place[j]]
	if (class == "equal" || class == "ours goes on") {
		for (j = 2; j < n - 1; j++)
			inside[place[j]]++
		ends[place[n - 1]]++
		end_pair[place[n - 1], place[n]]
	}
	if (class != "")
		count[class]++
	if (show && class != "" && class != "equal")
		print class, who, "at", i, "perf:" perf[who], "ours:", stack
	delete perf[who]
}

# Do stacks end with the caller of a place?
function is_start(place) {
	return ends[place] > inside[place]
}

# Is each of a list of places called from the next, in stacks on which perf agrees?
function are_calls(list,  n, i, place) {
	n = split(substr(list, 2), place, "\n")
	for (i = 2; i <= n; i++)
		if (!((place[i - 1], place[i]) in pair))
			return 0
	return 1
}

END {
	ends[""] = 0
	for (i = 1; i <= unequal; i++) {
		class = class_of[i]
		if ((is_start(our_start[i]) || perf_stops[i]) && !(perf_end[i] in end_pair))
			class = is_start(our_start[i]) || are_calls(calls[i]) ? "perf gets lost" : "perf stops"
		count[class]++
		if (show)
			print class, text[i]
	}
	for (class in count)
		if (count[class] > 0)
			print class, count[class]
	print "frames", frames
}
