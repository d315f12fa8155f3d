#!/bin/bash
# SPDX-License-Identifier: MIT
# shard.sh TASKS - a task of the array job that slurm.sh submits: make the results of every TASKS-th recording in list
#
# Recordings that have a result are left out, so a task that was killed can be run again, on any node. The status is 1 if one
# could not be finished; the others are made.
set -u
[ $# -eq 1 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
here=$(dirname "$(realpath "$0")")
failed=0
for name in $(awk -v tasks="$1" -v task="$SLURM_ARRAY_TASK_ID" 'NR % tasks == task % tasks' list | "$here/todo.sh"); do
	"$here/../report/recording.sh" "recordings/$name" "results/$name" "kallsyms/$name" || failed=1
done
exit $failed
