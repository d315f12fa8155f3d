#!/bin/sh
# SPDX-License-Identifier: MIT
# timechart.sh [COMMAND ...] - record what a timechart with backtraces needs, then draw it (as root)
#
# Records everything that runs while COMMAND runs (10 seconds without one), on all CPUs. -m 8M: with smaller buffers a busy
# machine loses events, which are drawn as lost. sched_waking shows who woke whom if the wakeup itself was delayed.
# A kernel built with frame pointers or ORC gives whole kernel stacks; user stacks need -fno-omit-frame-pointer.
set -eu
[ $# -gt 0 ] || set -- sleep 10
perf record -q -a -g -m 8M --buildid-mmap \
	-e sched:sched_switch -e sched:sched_wakeup -e sched:sched_wakeup_new -e sched:sched_waking \
	-e power:cpu_idle -e power:cpu_frequency -o perf.data -- "$@"
cat /proc/kallsyms >kallsyms
perf2rec --stacks=once perf.data | cs2text -k kallsyms | sched2states | states2svg >chart.svg
