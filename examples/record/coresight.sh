#!/bin/sh
# SPDX-License-Identifier: MIT
# coresight.sh COMMAND ... - record the instruction trace of a command on an ARM machine with CoreSight (as root)
#
# The sink is where the trace is kept: an ETR (tmc_etr*) in memory, else what the machine has. Only user space (:u) and with
# context ids, so that the trace can tell the processes apart; the programs that ran are needed to decode it.
set -eu
[ $# -gt 0 ] || { echo "usage: coresight.sh command ..." >&2; exit 2; }
sink=
for each in /sys/bus/event_source/devices/cs_etm/sinks/*; do
	[ -e "$each" ] && sink=${each##*/}
done
[ -n "$sink" ] || { echo "coresight.sh: this machine has no CoreSight sink" >&2; exit 1; }
perf record -q -e "cs_etm/contextid,timestamp,@$sink/u" -o perf.data -- "$@"
