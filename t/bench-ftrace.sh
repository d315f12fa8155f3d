#!/bin/bash
# SPDX-License-Identifier: MIT
# bench-ftrace.sh FOLDER - compare ftrace2rec with trace-cmd report and with the least that a walk and a format take, on a trace of this
# machine that vtagent records in an instance of the trace buffer, which wants root, and that is kept in FOLDER.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:?where mkdat is}
to=${1:?a folder for the trace}
# shellcheck source=t/bench.bash
. "$here/bench.bash"
mkdir -p "$to"
cd "$to"
PATH=$build/t:$PATH

record() {
	local instance=/sys/kernel/tracing/instances/sluice-bench-$$ event agent
	mkdir "$instance"
	trap 'echo 0 >"$instance/events/enable"; rmdir "$instance"' RETURN
	echo mono >"$instance/trace_clock"
	echo 60000 >"$instance/buffer_size_kb"
	for event in sched irq timer/hrtimer_expire_entry timer/timer_start raw_syscalls workqueue; do
		echo 1 >"$instance/events/$event/enable"
	done
	vtagent --instance="$(basename "$instance")" --meta=ftrace.tar -o ftrace.cpu%d 2>/dev/null &
	agent=$!
	sleep 1
	perf bench sched pipe -l 100000 >/dev/null 2>&1
	dd if=/dev/zero of=/dev/null bs=1 count=200000 2>/dev/null
	perf bench sched messaging -g 2 -l 200 >/dev/null 2>&1
	kill -INT $agent
	wait $agent
}

[ -f ftrace.tar ] || record
rm -rf ftrace.folder
mkdir ftrace.folder
tar -C ftrace.folder -xf ftrace.tar
cpus=(ftrace.cpu*)
[ -f ftrace.dat ] || mkdat ftrace.folder "${cpus[@]}" >ftrace.dat
n="$(ftracefloor ftrace.folder "${cpus[@]}" | wc -l) events"
beside "ftrace as text" "$n" 'trace-cmd report -i ftrace.dat' 'ftrace2rec ftrace.dat' "ftrace2rec -f ftrace.tar ${cpus[*]}"
beside "ftrace as text, beside the least that takes" "$n" "ftracefloor ftrace.folder ${cpus[*]}" "ftrace2rec -f ftrace.tar ${cpus[*]}"
