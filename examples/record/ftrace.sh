#!/bin/sh
# SPDX-License-Identifier: MIT
# ftrace.sh SECONDS FOLDER - record scheduling with ftrace alone, as root: the pages of each CPU, and what is needed to read them
#
# For machines without perf: this needs only tracefs and a shell. Convert with:
#   ftrace2rec -f FOLDER FOLDER/cpu* | cs2text -k FOLDER/kallsyms | sched2states | states2svg >chart.svg
#
# With - for SECONDS it records until its standard input ends. It records in an instance of its own, so a trace that is under way elsewhere goes on. The pages are read after the
# recording, which therefore does not contain the reading. The buffers, KB (65536) for each CPU, hold about ten seconds of a
# busy machine; if they do not suffice, the oldest events are lost, and a `lost` record says how many. EVENTS and CLOCK
# choose other events and another clock than `mono`. STACKS=0 leaves out the stacks of the kernel.
set -eu
top=/sys/kernel/tracing
seconds=${1:?how many seconds, or -} to=${2:?a folder}
events=${EVENTS:-sched:sched_switch sched:sched_wakeup sched:sched_wakeup_new power:cpu_idle power:cpu_frequency}
[ -e $top/tracing_on ] || mount -t tracefs nodev $top
mkdir -p "$to"
rm -f "$to"/cpu*

t=$top/instances/sluice-$$
mkdir "$t"
finish() {
	echo 0 >"$t/tracing_on"
	echo 0 >"$t/events/enable"
	rmdir "$t"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# copy FILE ...: into the folder, from the instance, or from the kernel's own folder.
copy() {
	for file; do
		from=$t/$file
		[ -e "$from" ] || from=$top/$file
		[ -e "$from" ] || continue
		mkdir -p "$to/$(dirname "$file")"
		cat "$from" >"$to/$file"
	done
}

echo 0 >"$t/tracing_on"
echo "${CLOCK:-mono}" >"$t/trace_clock"
echo "${KB:-65536}" >"$t/buffer_size_kb"
echo 1 >"$t/options/record-tgid"
echo "${STACKS:-1}" >"$t/options/stacktrace"
for event in $events; do
	echo "$event" >>"$t/set_event"
done
echo 1 >"$t/tracing_on"
case $seconds in
-) cat >/dev/null ;;
*) sleep "$seconds" ;;
esac
echo 0 >"$t/tracing_on"

for cpu in "$t"/per_cpu/cpu*; do
	name=${cpu##*/}
	# cat would wait for more
	dd if="$cpu/trace_pipe_raw" of="$to/$name" bs=1M iflag=nonblock status=none 2>/dev/null || true
	copy "per_cpu/$name/stats"
done
copy trace_clock timestamp_mode buffer_subbuf_size_kb saved_cmdlines saved_tgids events/header_page events/header_event
for event in $events ftrace:kernel_stack ftrace:user_stack ftrace:print; do
	copy "events/${event%:*}/${event#*:}/format"
done
cat /proc/kallsyms >"$to/kallsyms"
