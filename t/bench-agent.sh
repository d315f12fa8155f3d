#!/bin/bash
# SPDX-License-Identifier: MIT
# bench-agent.sh FOLDER - what vtagent costs beside the loop of the kernel's sample agent: CPU seconds to ship the same number of
# pages from each CPU's trace buffer to a FIFO, whose reader is not counted. As root, in an instance of the trace buffer.
# MB=64 is filled for each CPU: 218 make 8 million events.
set -euo pipefail
to=${1:?a folder for the FIFOs}
# shellcheck source=t/bench.bash
. "$(dirname "$0")/bench.bash"
PATH=${BUILD:?set by make bench}/t:$PATH
instance=/sys/kernel/tracing/instances/sluice-bench-$$
mb=${MB:-64}

if [ "$(id -u)" -ne 0 ] || ! mkdir "$instance" 2>/dev/null; then
	echo "== no instance of tracefs can be made here: vtagent is not measured"
	exit 0
fi
finish() {
	kill $(jobs -p) 2>/dev/null || true
	wait
	echo 0 >"$instance/events/enable"
	rmdir "$instance"
	rm -rf "$to/agent"
}
trap finish EXIT
trap 'exit 1' INT TERM
mkdir -p "$to"
to=$(cd "$to" && pwd)
rm -rf "$to/agent"
mkdir "$to/agent"
cd "$to/agent"
cpus=$(printf '%s\n' "$instance"/per_cpu/cpu* | sed 's/.*cpu//')
echo 0 >"$instance/tracing_on"
echo $((mb * 1024)) >"$instance/buffer_size_kb"

# fill: the buffer of each CPU, until it overflows.
fill() {
	local cpu
	echo >"$instance/trace"
	echo 1 >"$instance/events/raw_syscalls/enable"
	echo 1 >"$instance/tracing_on"
	for cpu in $cpus; do
		taskset -c "$cpu" sh -c "until grep -q 'overrun: [1-9]' $instance/per_cpu/cpu$cpu/stats; do dd if=/dev/zero of=/dev/null bs=1 count=100000 2>/dev/null; done" &
		fillers[cpu]=$!
	done
	wait "${fillers[@]}"
	echo 0 >"$instance/tracing_on"
	echo 0 >"$instance/events/raw_syscalls/enable"
}

# readers: a FIFO for each CPU, with a process that reads it and counts.
readers() {
	local cpu
	rm -f fifo* bytes*
	for cpu in $cpus; do
		mkfifo "fifo$cpu"
		wc -c <"fifo$cpu" >"bytes$cpu" 7>&- &
		counters[cpu]=$!
	done
}

# What is timed. The orders wait for the agent: start, stop, quit, and the acknowledgement.
agent="vtagent --instance=${instance##*/} -c orders -o fifo%d"
floor=
for cpu in $cpus; do
	floor+="taskset -c $cpu shipfloor $instance/per_cpu/cpu$cpu/trace_pipe_raw fifo$cpu 1024 & "
done
floor+="wait"

# one COMMAND: milliseconds of CPU time a megabyte, and the megabytes, of one run.
one() {
	local seconds
	fill
	readers
	printf 10qa >&7
	seconds=$(once "$1" 1 | cut -d ' ' -f 1)
	wait "${counters[@]}"
	cat bytes* | awk -v s="$seconds" '{ n += $1 / 1e6 } END { printf "%.4f %.0f\n", 1000 * s / n, n }'
}

mkfifo orders
exec 7<>orders
for ((i = 0; i < runs; i++)); do
	one "$floor" >>floor
	one "$agent" >>agent
done
ms() {
	cut -d ' ' -f 1 "$1" | medians
}
mb() {
	cut -d ' ' -f 2 "$1" | medians
}
for what in floor agent; do
	awk -v OFS='\t' -v what=$what -v least="$(ms floor)" -v ms="$(ms $what)" -v mb="$(mb $what)" 'BEGIN {
		command = what == "floor" ? "shipfloor trace_pipe_raw fifo" : "vtagent -c orders -o fifo%d"
		print "pages shipped to FIFOs", mb " MB", what == "floor" ? what : "ours", command, ms * mb / 1000, "-", "-", mb * 1000000, sprintf("%.2f", least / ms)
	}' >>"$to/results.tsv"
done
echo "== pages of $(echo $cpus | wc -w) CPUs shipped to FIFOs"
for what in floor agent; do
	echo "$what $(cut -d " " -f 1 $what | medians) x $(cut -d ' ' -f 2 $what | medians)"
done | awk '
	$1 == "floor" { least = $2; name = "the loop of the kernel'"'"'s sample agent" }
	$1 == "agent" { name = "vtagent, with the formats and the report" }
	{ printf "  %-66s %8.3f s  %6.3f ms/MB", name, $2 * $4 / 1000, $2 }
	NR == 2 { printf "  %6.2f times as much", $2 / least }
	{ print "" }'
