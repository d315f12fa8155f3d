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
	states2svg -p sh,seq,sort,work,gzip >"$to/pipeline.svg"

cat <<EOF
$to/pipeline.svg: seq | sort -R | work | gzip on two CPUs, open it in a browser

  What to look for (point at a box: it tells its task, its time and its stack):
  * seq and sort first, work waits for them: hover its pale bar, it sleeps in read_numbers <- main.
  * then two workers share two CPUs with the reader; orange is waiting for a CPU, after a wakeup
    or after being preempted.
  * the writer wakes up at every change of the queue and goes back to sleep in wait_for_change:
    a thundering herd, made by tell_change, which wakes all who wait.
  * its longest waits are red: save <- writer, an fsync.
EOF
