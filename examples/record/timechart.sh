#!/bin/sh
# SPDX-License-Identifier: MIT
# timechart.sh [COMMAND ...] - record what a timechart with backtraces needs, then draw it (as root)
#
# Everything that ran while COMMAND ran (10 seconds where there is none), on all CPUs. -m 8M: with smaller buffers a busy
# machine loses events; they would be drawn as lost. sched_waking adds who woke whom where the wakeup itself was delayed.
# A kernel built with frame pointers or ORC gives whole kernel stacks; user stacks want -fno-omit-frame-pointer.
set -eu
[ $# -gt 0 ] || set -- sleep 10
perf record -q -a -g -m 8M --buildid-mmap \
	-e sched:sched_switch -e sched:sched_wakeup -e sched:sched_wakeup_new -e sched:sched_waking \
	-e power:cpu_idle -e power:cpu_frequency -o perf.data -- "$@"
cat /proc/kallsyms >kallsyms
perf2rec --stacks=once perf.data | cs2text -k kallsyms | sched2states | states2svg >chart.svg
