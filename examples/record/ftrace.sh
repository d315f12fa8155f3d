#!/bin/sh
# SPDX-License-Identifier: MIT
# ftrace.sh SECONDS FOLDER - record raw ftrace ring-buffer pages, one file per CPU, with the formats of their events (as root)
#
# For machines without perf: this needs only tracefs and a shell. Keep the formats with the pages: without them the bytes
# mean nothing. The buffers are read after the recording, so that the recording does not contain the reading. 64 MB per CPU
# hold about ten seconds of a busy machine; if they do not suffice, the oldest events are lost.
set -eu
t=/sys/kernel/tracing
seconds=${1:?how many seconds} to=${2:?a folder}
events="sched/sched_switch sched/sched_wakeup sched/sched_wakeup_new power/cpu_idle power/cpu_frequency"
[ -e $t/tracing_on ] || mount -t tracefs nodev $t
mkdir -p "$to"

each() {
	for event in $events; do
		echo "$1" >"$t/events/$event/enable"
	done
}

echo 0 >$t/tracing_on
echo >$t/trace
echo 0 >$t/buffer_percent
echo 65536 >$t/buffer_size_kb
each 1
echo 1 >$t/tracing_on
sleep "$seconds"
echo 0 >$t/tracing_on
each 0

for cpu in "$t"/per_cpu/cpu*; do
	dd if="$cpu/trace_pipe_raw" of="$to/${cpu##*/}.raw" bs=4096 iflag=nonblock status=none 2>/dev/null || true
done
for event in $events; do
	mkdir -p "$to/events/$event"
	cat "$t/events/$event/format" >"$to/events/$event/format"
done
cat $t/events/header_page >"$to/events/header_page"
cat $t/saved_cmdlines >"$to/saved_cmdlines"
echo 1408 >$t/buffer_size_kb
