#!/bin/bash
# SPDX-License-Identifier: MIT
# ci.sh [-k kallsyms] [-l percent] [-n ns] [-s points] RECORDING OUT [BASELINE] - chart and table of a recording; is it worse than before?
#
# Writes chart.svg, names.tsv, samples.prof and what else report/recording.sh makes to the folder OUT, to be kept as the job's
# artifact. BASELINE is such a folder of an earlier run; if it is not there, nothing is compared. Each of these is a line, and makes
# the exit status 1:
#   - The 50th, 95th or 99th percentile of the wakeup latencies of the tasks with one name is longer by more than -l percent (20)
#     and more than -n ns (20000). A percentile counts if both runs have at least ten latencies beyond it.
#   - The share of a function in the samples is greater by more than -s percentage points (2).
#   - The recording is damaged, or has nothing to show.
set -eu
export LC_ALL=C
usage() {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}

kallsyms='' percent=20 ns=20000 points=2
while getopts k:l:n:s: option; do
	case $option in
	k) kallsyms=$OPTARG ;;
	l) percent=$OPTARG ;;
	n) ns=$OPTARG ;;
	s) points=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || [ $# -eq 3 ] || usage
out=$2 baseline=${3-}

"$(dirname "$0")/../report/recording.sh" "$1" "$out" "$kallsyms"
read -r status <"$out/status"
if [ "$status" != whole ]; then
	echo "$1: $status"
	cat "$out/messages"
	exit 1
fi
if [ ! -f "$baseline/status" ]; then
	echo "$out: no baseline to compare with"
	exit 0
fi

# latencies OLD NEW: the percentiles that got longer
latencies() {
	awk -F '\t' -v percent="$percent" -v ns="$ns" '
	FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; files++; next }
	BEGIN { n = split("p50_ns p95_ns p99_ns", p, " "); split("20 200 1000", enough, " ") }
	{
		for (i = 1; i <= n; i++) {
			key = $at["machine"] "\t" $at["comm"] "\t" p[i]
			if ($at["whole"] < enough[i])
				continue
			else if (files == 1)
				old[key] = $at[p[i]]
			else if (key in old && $at[p[i]] - old[key] > ns && $at[p[i]] > old[key] * (1 + percent / 100))
				printf "%s: wakeup latency %s: %.1f us, was %.1f us (%+.0f %%)\n", $at["comm"], substr(p[i], 1, 3),
					$at[p[i]] / 1000, old[key] / 1000, (old[key] > 0 ? 100 * $at[p[i]] / old[key] - 100 : 100)
		}
	}' "$1" "$2"
}

# functions OLD NEW: those whose share of the samples is greater
functions() {
	# shellcheck disable=SC2046 # words of options
	profdiff --keys=event,sym --by=delta "$1" "$2" | awk -F '\t' $(recfields profdiff) -v points="$points" '
		$delta != "-" && $delta > points { printf "%s: %.2f %% of %s, was %.2f %%\n", $sym, $new_share, $event, $old_share }'
}

{
	[ ! -f "$out/names.tsv" ] || [ ! -f "$baseline/names.tsv" ] || latencies "$baseline/names.tsv" "$out/names.tsv"
	[ ! -f "$out/samples.prof" ] || [ ! -f "$baseline/samples.prof" ] || functions "$baseline/samples.prof" "$out/samples.prof"
} >"$out/worse"
cat "$out/worse"
[ ! -s "$out/worse" ]
