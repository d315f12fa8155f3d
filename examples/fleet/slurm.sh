#!/bin/bash
# SPDX-License-Identifier: MIT
# slurm.sh IN OUT [TASKS] - turn the recordings in the folder IN into charts, tables and a page in OUT, by an array job of Slurm
#
# All nodes must see IN, OUT, this folder and the filters (in PATH) at the same paths. Three jobs are submitted, and the number
# of the last one is printed: the array of TASKS (10) tasks; the same again, which makes what tasks of the first left undone
# because they were killed, and otherwise ends at once; and the page. Slurm itself runs the tasks of a node that died again.
# Options for sbatch, such as a partition, are taken from the environment (SBATCH_PARTITION).
set -eu
[ $# -eq 2 ] || [ $# -eq 3 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
report=$(realpath "$(dirname "$0")/../report")
shard=$(realpath "$(dirname "$0")/shard.sh")
tasks=${3:-10}

"$report/list.sh" "$1" "$2"
cd -- "$2"
mkdir -p log

# job NAME COMMAND [OPTION ...]: submit a job and print its number
job() {
	local name=$1 command=$2 number
	shift 2
	number=$(sbatch --parsable --job-name="$name" --requeue --open-mode=append "$@" --wrap="$command")
	echo "${number%%;*}"
}

printf -v command '%q %q' "$shard" "$tasks"
first=$(job sluice "$command" --array="1-$tasks" --output=log/%A_%a.txt)
second=$(job sluice-again "$command" --array="1-$tasks" --output=log/%A_%a.txt --dependency="afterany:$first")
printf -v command %q "$report/page.sh"
job sluice-page "$command" --output=log/%j.txt --dependency="afterany:$second"
