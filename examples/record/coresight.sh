#!/bin/sh
# SPDX-License-Identifier: MIT
# coresight.sh COMMAND ... - record the instruction trace of a command on an ARM machine with CoreSight (as root)
#
# The trace goes to the last sink of the machine, such as an ETR (tmc_etr*), which writes to memory. Only user space (u) is
# traced, with context IDs, which identify the processes. Keep the programs that ran: they are needed to decode the trace.
set -eu
[ $# -gt 0 ] || { echo "usage: coresight.sh command ..." >&2; exit 2; }
sink=
for each in /sys/bus/event_source/devices/cs_etm/sinks/*; do
	[ -e "$each" ] && sink=${each##*/}
done
[ -n "$sink" ] || { echo "coresight.sh: this machine has no CoreSight sink" >&2; exit 1; }
perf record -q -e "cs_etm/contextid,timestamp,@$sink/u" -o perf.data -- "$@"
