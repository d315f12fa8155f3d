#!/bin/sh
# SPDX-License-Identifier: MIT
# rapl.sh SECONDS - record the energy counters of this machine, ten times a second (as root)
#
# CSV, because the human layout rounds to 10 mJ and follows the locale; -a, because the counters belong to the machine, not to a task.
# AMD's per-core counters (Linux 6.14 and later) are power_core/energy-core/; --per-core keeps the cores apart.
set -eu
seconds=${1:?how many seconds}
events=
for event in power/energy-pkg/ power/energy-cores/ power/energy-ram/ power_core/energy-core/; do
	if [ -e "/sys/bus/event_source/devices/${event%%/*}/events/$(basename "$event")" ]; then
		events="$events -e $event"
	fi
done
[ -n "$events" ] || { echo "rapl.sh: this machine has no energy counters" >&2; exit 1; }
perf stat -a --per-core -I 100 -x, $events -o stat.csv -- sleep "$seconds"
