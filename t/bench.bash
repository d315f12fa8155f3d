# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the benches share. Times are CPU seconds, user and system together, the median of RUNS=3; commands that are compared
# take turns, so that a machine's other work meets all of them alike. Files are left in the current folder.

export LC_ALL=C TIMEFORMAT='%U %S'
runs=${RUNS:-3}

# cpu COMMAND: the time of one run.
cpu() {
	{ time bash -o pipefail -c "$1" >/dev/null 2>err; } 2>&1 | awk '{ print $1 + $2 }'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# throughput FILE COMMAND: megabytes of it a second.
throughput() {
	local i
	for ((i = 0; i < runs; i++)); do cpu "$2"; done | median | awk -v mb="$(($(stat -c %s "$1") / 1000000))" -v name="$2" '{
		printf "  %-66s %8.2f s  %6.0f MB/s\n", name, $1, mb / $1 }'
}

# beside WHAT PEER OURS ...: the peer's time, then each of ours with the ratio.
beside() {
	local what=$1 command i k
	shift
	printf '%s\n' "$what"
	rm -f seconds.*
	for ((i = 0; i < runs; i++)); do
		k=0
		for command; do
			cpu "$command" >>seconds.$k
			k=$((k + 1))
		done
	done
	for ((k = 0; k < $#; k++)); do
		printf '%s\t%s\n' "$(median <seconds.$k)" "${@:k+1:1}"
	done | awk -F '\t' '
		{ t = $1 > 0 ? $1 : 0.001; printf "  %-66s %8.2f s", $2, t }
		NR == 1 { theirs = t }
		NR > 1 && t > theirs { printf "  %6.1f times as much", t / theirs }
		NR > 1 && t <= theirs { printf "  %6.1f times less", theirs / t }
		{ print "" }'
	rm -f seconds.*
}

# memory FILE COMMAND ...: a pipe's stages one by one, each with its peak memory, the output of one being the file the next one reads.
memory() {
	local last=$1 n=0 stage
	shift
	for stage; do
		n=$((n + 1))
		command time -f "%M" -o kb sh -c "exec $stage" <"$last" >"stage.$n"
		printf '  %-66s %8.1f MB\n' "$stage" "$(awk '{ print $1 / 1024 }' kb)"
		last=stage.$n
	done
	rm -f stage.* kb
}
