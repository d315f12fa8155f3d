#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh FOLDER - draw the recording that lies beside this file, and say what to look for
set -eu
here=$(dirname "$0")
to=${1:?a folder for the pictures}
mkdir -p "$to"

perf2rec "$here/pipeline.data" |
	cs2text -k "$here/pipeline.kallsyms" --sysroot="$here/sysroot" |
	sched2states |
	states2svg >"$to/pipeline.svg"

cat <<EOF
$to/pipeline.svg: seq | sort -R | work | gzip on two CPUs; open it in a browser

  What to look for (point at a box: it tells its task, its time and its stack):
  * two workers take turns on CPU 0: one runs, the other was preempted (orange) or is awake and
    waits (yellow), while CPU 1 is left to sha256sum, a job of the idle class.
  * work and writer wake up at every change of the queue and mostly go back to sleep in
    wait_for_change: a thundering herd, made by tell_change, which wakes all who wait.
  * the first long red wait of the writer is an fsync that waits for pages to be written. The arrow
    at its end comes from kworker/u8:2-wr, which was to write them: awake all the time (yellow),
    and without a CPU. The next two wait for the disk itself, until an interrupt (purple).
EOF
