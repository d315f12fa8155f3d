#!/bin/bash
# SPDX-License-Identifier: MIT
# ci.sh [-k kallsyms] [-l percent] [-n ns] [-s points] RECORDING OUT [BASELINE] - chart and table of a recording; is it worse than before?
#
# Writes chart.svg, names.tsv, samples.prof and what else report/recording.sh makes to the folder OUT, to be kept as the job's
# artifact. BASELINE is such a folder of an earlier run; without it, nothing is compared. Each of these is a line, and makes
# the exit status 1:
#   - The 50th, 95th or 99th percentile of the wakeup latencies of the tasks with one name is longer by more than -l percent (20)
#     and more than -n ns (20000). A percentile counts if both runs have at least ten latencies beyond it.
#   - The share of a function in the samples of an event is greater by more than -s percentage points (2). An event counts if both
#     runs have samples of it in functions with a name.
#   - The recording is damaged, or has nothing to show.
# The status is 2 for wrong usage, a recording or kernel symbols that are not there, an OUT that is something else than an earlier
# result, a baseline that is not there, damaged, or made with -k if this run is made without or the other way round, and whatever
# keeps the filters from their work, such as a full disk; and 3 if the two runs have nothing to compare.
# Standard error names the events that only one of them has, and has what OUT/messages says about missing or sampled switches.
#
# The recording needs samples and all switches: -c 1 for the switches, and a frequency for the samples alone, as in
#   perf record -m 8M -a -g -c 1 -e cpu-clock/freq=999/ -e sched:sched_switch -e sched:sched_wakeup -e sched:sched_wakeup_new ...
set -eu
export LC_ALL=C
usage() {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0"
}

# fail MESSAGE
fail() {
	echo "ci.sh: $1" >&2
	exit 2
}

# number OPTION VALUE
number() {
	[[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "-$1: \"$2\": not a number"
}

kallsyms='' percent=20 ns=20000 points=2
while getopts hk:l:n:s: option; do
	case $option in
	h)
		usage
		exit 0
		;;
	k)
		kallsyms=$OPTARG
		[ -f "$kallsyms" ] || fail "$kallsyms: no file of kernel symbols"
		;;
	l) number l "$OPTARG" && percent=$OPTARG ;;
	n) number n "$OPTARG" && ns=$OPTARG ;;
	s) number s "$OPTARG" && points=$OPTARG ;;
	*)
		usage >&2
		exit 2
		;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || [ $# -eq 3 ] || {
	usage >&2
	exit 2
}

# path NAME: the same file, under a name that is neither an option nor, for awk, an assignment
path() {
	case $1 in
	/*) printf %s "$1" ;;
	*) printf %s "./$1" ;;
	esac
}
recording=$(path "$1") out=$(path "$2") baseline=${3:+$(path "$3")}
[ -e "$recording" ] || fail "$recording: no such recording"
[ $# -eq 2 ] || [ -f "$baseline/status" ] || fail "$baseline: no result of an earlier run"
[ $# -eq 2 ] || [ ! "$baseline" -ef "$out" ] || fail "$out: the result would replace its baseline"

# intact: the baseline has the tables that its status names, and they can be read
intact() {
	local file
	[ "$(head -n 1 "$baseline/status")" = whole ] || fail "$baseline: not the result of a whole recording"
	for file in names.tsv samples.prof; do
		! grep -qx "$file" "$baseline/status" || [ -s "$baseline/$file" ] || fail "$baseline/$file: missing or empty"
	done
	[ ! -f "$baseline/names.tsv" ] || awk -F '\t' '
		NR == 1 { columns = /^machine\tcomm\t/ && /\tp50_ns\tp95_ns\tp99_ns\t/ ? NF : -1 }
		NF != columns { exit bad = 1 }
		END { exit bad }' "$baseline/names.tsv" || fail "$baseline/names.tsv: damaged"
	[ ! -f "$baseline/samples.prof" ] || reccheck "$baseline/samples.prof" >/dev/null || exit 2
}
[ $# -eq 2 ] || intact

# Without the same symbols, functions have names in one of the runs only.
symbols=${kallsyms:+with -k}
symbols=${symbols:-without -k}
if [ $# -eq 3 ] && [ -f "$baseline/symbols" ]; then
	read -r before <"$baseline/symbols"
	[ "$before" = "$symbols" ] || fail "$baseline was made $before, this run is made $symbols: do the same in both"
fi

"$(dirname "$0")/../report/recording.sh" "$recording" "$out" "$kallsyms" || exit 2
echo "$symbols" >"$out/symbols"
read -r status <"$out/status"
if [ "$status" != whole ]; then
	echo "$recording: $status"
	cat "$out/messages"
	exit 1
fi
grep -E 'sched_switch is sampled: |: [0-9]+ of [0-9]+ switches are missing, ' "$out/messages" >&2 || true
if [ $# -eq 2 ]; then
	echo "$out: no baseline to compare with"
	exit 0
fi

# latencies OLD NEW: the percentiles that got longer; the status is 1 if there are none that both have
latencies() {
	awk -F '\t' -v percent="$percent" -v ns="$ns" '
	BEGIN { n = split("p50_ns p95_ns p99_ns", p, " "); split("20 200 1000", enough, " ") }
	FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{
		for (i = 1; i <= n; i++) {
			key = $at["machine"] "\t" $at["comm"] "\t" p[i]
			if ($at["whole"] < enough[i])
				continue
			any = 1
			if (FILENAME == ARGV[1])
				old[key] = $at[p[i]]
			else if (key in old) {
				compared = 1
				if ($at[p[i]] - old[key] > ns && $at[p[i]] > old[key] * (1 + percent / 100))
					printf "%s: wakeup latency %s: %.1f us, was %.1f us (%+.0f %%)\n", $at["comm"], substr(p[i], 1, 3),
						$at[p[i]] / 1000, old[key] / 1000, (old[key] > 0 ? 100 * $at[p[i]] / old[key] - 100 : 100)
			}
		}
	}
	END {
		if (any && !compared)
			print "ci.sh: wakeup latencies are not compared: no name of a task has enough in both" >"/dev/stderr"
		exit !compared
	}' "$1" "$2"
}

# functions OLD NEW <DIFFERENCES: those whose share of an event is greater; the status is 1 if there is no event that both have
functions() {
	# shellcheck disable=SC2046 # words of options
	awk -F '\t' $(recfields profdiff) -v points="$points" -v first="$1" -v second="$2" '
	$sym ~ /^(-|\[unknown\] in .*)$/ || $sym ~ /^[0-9a-f]+$/ && $sym ~ /[0-9]/ && length($sym) >= 8 { # an address is no name
		had[$event] += 0
		unnamed_before[$event] += $old_share
		unnamed[$event] += $new_share
		next
	}
	{
		had[$event] += $old != "-"
		has[$event] += $new != "-"
	}
	$delta != "-" && $delta > points { greater[++n] = $0 }
	END {
		for (name in had) {
			change = unnamed[name] - unnamed_before[name]
			if (!had[name] || !has[name])
				printf "ci.sh: %s is not compared: %s has no samples of it in functions with a name\n", name,
					(had[name] ? second : first) >"/dev/stderr"
			else if (change > points || change < -points)
				printf "ci.sh: functions without a name are not compared: %.2f %% of %s, was %.2f %%\n",
					unnamed[name], name, unnamed_before[name] >"/dev/stderr"
			if (had[name] && has[name])
				compared = 1
		}
		for (i = 1; i <= n; i++) {
			$0 = greater[i]
			if (had[$event] && has[$event])
				printf "%s: %.2f %% of %s, was %.2f %%\n", $sym, $new_share, $event, $old_share
		}
		exit !compared
	}'
}

# one FOLDER FILE: the path of the file, or of an empty one
one() {
	if [ -f "$1/$2" ]; then echo "$1/$2"; else echo /dev/null; fi
}

compared=no
{
	latencies "$(one "$baseline" names.tsv)" "$(one "$out" names.tsv)" && compared=yes
	if [ -f "$baseline/samples.prof" ] || [ -f "$out/samples.prof" ]; then
		differences=$(profdiff --keys=event,sym --by=delta "$(one "$baseline" samples.prof)" "$(one "$out" samples.prof)")
		functions "$baseline" "$out" <<<"$differences" && compared=yes
	fi
} >"$out/worse"
cat "$out/worse"
[ ! -s "$out/worse" ] || exit 1
[ $compared = yes ] || {
	echo "ci.sh: nothing to compare: $baseline and $out have no wakeup latencies and no named functions in common" >&2
	exit 3
}
