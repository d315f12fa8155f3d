#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh FOLDER - draw the recording in this folder, and say what to look for
set -eu
here=$(dirname "$0")
to=${1:?a folder for the pictures}
mkdir -p "$to"

perf2rec "$here/pipeline.data" |
	cs2text -k "$here/pipeline.kallsyms" --sysroot="$here/sysroot" |
	sched2states >"$to/pipeline.states"
states2svg "$to/pipeline.states" >"$to/pipeline.svg"
states2svg --static "$to/pipeline.states" >"$to/pipeline-static.svg" # for pages that run no scripts, as the README

cat <<EOF
$to/pipeline.svg: seq | sort -R | work | gzip on two CPUs; open it in a browser

  What to look for (the wheel zooms, point at a box to see its task, time and stack, click on a wait to
  see what it waited for):
  * Two workers take turns on CPU 0: one runs, the other is preempted (orange) or runnable
    (yellow), while sha256sum, a job of the idle class, has CPU 1.
  * work and writer wake up at every change of the queue and mostly go back to sleep in
    wait_for_change: a thundering herd, caused by tell_change, which wakes every waiter.
  * In its first long red wait the writer's fsync waits for pages to be written. The arrow at its end
    comes from kworker/u8:2-wr, which had to write them: it was runnable all the time (yellow) but
    got no CPU. The next two waits are for the disk itself, until an interrupt (purple).
EOF
