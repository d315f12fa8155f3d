# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the benches share. Commands that are compared take turns, so that a machine's other work meets all of them alike; each
# figure is the median of RUNS=3 runs. Files are left in the current folder. Every measurement is a line of results.tsv:
#
#	bench	size	role	command	cpu	wall	rss	out	ratio
#
# role is peer, floor or ours; cpu (user and system) and wall are in seconds, rss is the peak of the largest process in KB, out
# the number of bytes on standard output, and ratio the first command's CPU time by this one's.

export LC_ALL=C
runs=${RUNS:-3}

# once COMMAND N: "cpu wall rss out" of a run, the mean of N that follow one another.
once() {
	local out
	out=$(command time -o rss.out -f '%M' bash -o pipefail -c \
		"TIMEFORMAT='%3U %3S %3R'; time { for ((turn = 0; turn < $2; turn++)); do { $1
		} 2>>err; done; }" 2>time.out | wc -c)
	tail -n 1 time.out | awk -v n="$2" -v rss="$(tail -n 1 rss.out)" -v out="$out" '{ cpu = $1 + $2; print cpu / n, $3 / n, rss, out / n }'
}

# measure COMMAND: the same of one run, or of as many as take 0.05 s of CPU.
measure() {
	local result
	rm -f err
	result=$(once "$1" 1)
	set -- "$1" "$(awk '{ print ($1 < 0.05 ? int(0.06 / ($1 + 0.001)) + 1 : 1) }' <<<"$result")"
	[ "$2" -eq 1 ] || result=$(once "$1" "$2")
	echo "$result"
}

# medians: of each column.
medians() {
	awk '{ for (i = 1; i <= NF; i++) v[i, NR] = $i; n = NF } END {
		for (i = 1; i <= n; i++) {
			for (j = 2; j <= NR; j++)
				for (k = j; k > 1 && v[i, k - 1] + 0 > v[i, k] + 0; k--) {
					t = v[i, k]; v[i, k] = v[i, k - 1]; v[i, k - 1] = t
				}
			printf "%s%s", v[i, int((NR + 1) / 2)], i < n ? " " : "\n"
		}
	}'
}

# megabytes FILE: its size, for beside
megabytes() {
	echo "$(($(stat -L -c %s "$1") / 1000000)) MB"
}

# beside WHAT SIZE FIRST OURS ...: the first command, a peer or a floor, then ours with the ratio to it. SIZE is "1062148 samples".
# With no second command, its throughput.
beside() {
	local what=$1 size=$2 command i k role
	shift 2
	printf '%s\n' "== $what: $size"
	rm -f runs.*
	for ((i = 0; i < runs; i++)); do
		k=0
		for command; do
			measure "$command" >>runs.$k
			k=$((k + 1))
		done
	done
	for ((k = 0; k < $#; k++)); do
		role=ours
		command=${*:k+1:1}
		[ $k -gt 0 ] || [ -f "$here/../filters/${command%% *}.c" ] || role=peer
		case $command in *floor\ *) role=floor ;; esac
		printf '%s\t%s\t%s\t%s\t%s\n' "$what" "$size" $role "${*:k+1:1}" "$(medians <runs.$k | tr ' ' '\t')"
	done | awk -F '\t' -v OFS='\t' -v least=0.0001 '
		{ t = $5 > least ? $5 : least }
		NR == 1 { first = t; role = $3 }
		{ printf "%s\t%.2f\n", $0, first / t >>"results.tsv" }
		{ printf "  %-88s %8.3f s %8.3f s wall %7.1f MB", $4, t, $6, $7 / 1024 }
		NR == 1 { split($2, size, " "); rate = size[1] / t; printf rate < 1000000 ? "  %.0f %s/s" : "  %.2f million %s/s", rate < 1000000 ? rate : rate / 1000000, size[2] }
		NR > 1 && t > first { printf "  %.1f times as much", t / first }
		NR > 1 && t <= first { printf "  %.1f times less", first / t }
		{ print "" }'
	rm -f runs.* time.out rss.out
}
