#!/bin/sh
# SPDX-License-Identifier: MIT
# autofdo.sh PROGRAM RECORDING [OPTION ...] - turn the trace of a 64-bit program into AutoFDO's text profile
#
# PROGRAM is its ELF file, at the path that it was recorded with; RECORDING and the options are etm2pkt's. A snapshot has no
# processes: all its trace is taken as PROGRAM's, at the addresses of the file. The profile goes to standard output:
#
#	autofdo.sh /usr/bin/sort perf.data >sort.txt
#	create_llvm_prof --profiler=text --profile=sort.txt --binary=/usr/bin/sort --out=sort.prof
#
# It holds how often each straight run of instructions was executed, from the target of a taken branch to the next taken branch,
# and how often each branch was taken. Addresses count from the lowest of the file's segments, as create_llvm_prof does.
set -eu
[ $# -ge 2 ] || { echo "usage: autofdo.sh program recording [option ...]" >&2; exit 2; }
program=$1
recording=$2
shift 2
segments=$(readelf -lW "$program" | awk '$1 == "LOAD" { printf "%s %s %s ", $2, $3, $5 }')

# fields KIND: the numbers of its fields as variables of awk, KIND_addr and so on
fields() {
	recfields "$1" | sed "s/-v /&$1_/g"
}

etm2pkt --decode "$@" "$recording" | awk -F '\t' $(fields map) $(fields fork) $(fields range) $(fields flow) -v program="$program" -v segments="$segments" '
function hex(text, n, i) {
	sub(/^0x/, "", text)
	for (i = 1; i <= length(text); i++)
		n = n * 16 + index("123456789abcdef", substr(text, i, 1))
	return n
}

# The address in the file of one in a process, from the lowest segment on; -1 if it is not in the program.
function linked(pid, addr, i, off, m, k) {
	off = addr = hex(addr)
	if (pid in maps) {
		off = -1
		m = split(maps[pid], map, " ")
		for (i = 1; i < m; i += 3) # the last one is in force
			if (addr >= map[i] && addr < map[i] + map[i + 1])
				off = addr - map[i] + map[i + 2]
	} else if (pid != "-") {
		return -1
	}
	k = split(segments, segment, " ")
	for (i = 1; i < k; i += 3)
		if (pid == "-" && addr >= hex(segment[i + 1]) && addr < hex(segment[i + 1]) + hex(segment[i + 2]))
			return addr - hex(segment[2])
		else if (pid != "-" && off >= hex(segment[i]) && off < hex(segment[i]) + hex(segment[i + 2]))
			return off - hex(segment[i]) + hex(segment[i + 1]) - hex(segment[2])
	return -1
}

# Of a run: where its process has its first instruction, and the end of its last.
function finish(source) {
	if (source in begin)
		runs[task[source] " " begin[source] " " end[source]]++
	delete begin[source]
}

# The number of entries, then the entries.
function put(entries, n, entry) {
	n = 0
	for (entry in entries)
		n++
	print n
	for (entry in entries)
		print entry ":" entries[entry] | "sort"
	close("sort")
}

$1 == "map" && $map_path == program {
	maps[$map_pid] = maps[$map_pid] hex($map_addr) " " hex($map_len) " " hex($map_off) " "
}
$1 == "fork" && $fork_pid in maps && $fork_child_pid != $fork_pid {
	maps[$fork_child_pid] = maps[$fork_pid]
}
$1 == "range" && $range_isa == "A64" {
	source = $range_trace
	if (source in begin && (task[source] != $range_pid || end[source] != $range_addr))
		finish(source)
	if (source in from && task[source] == $range_pid)
		branches[$range_pid " " from[source] " " $range_addr]++
	delete from[source]
	if (!(source in begin))
		begin[source] = $range_addr
	task[source] = $range_pid
	end[source] = $range_end
	if ($range_taken == "yes" && $range_branch != "-" && $range_branch !~ /barrier|wait|isb/) {
		from[source] = end[source]
		finish(source)
	}
}
$1 == "flow" && $flow_type != "context" && $flow_type != "timestamp" && $flow_type != "cycles" && $flow_type != "event" {
	finish($flow_trace)
	delete from[$flow_trace]
}

END {
	for (source in task)
		finish(source)
	for (run in runs) {
		split(run, part, " ")
		a = linked(part[1], part[2])
		b = linked(part[1], part[3])
		if (a >= 0 && b > a)
			ranges[sprintf("%x-%x", a, b - 4)] += runs[run]
	}
	for (branch in branches) {
		split(branch, part, " ")
		a = linked(part[1], part[2])
		b = linked(part[1], part[3])
		if (a >= 0 && b >= 0)
			jumps[sprintf("%x->%x", a - 4, b)] += branches[branch]
	}
	put(ranges)
	print 0
	put(jumps)
}'
