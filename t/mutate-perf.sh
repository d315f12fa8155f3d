#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutate-perf.sh WORK [N [SEED]] - give perf2rec N damaged recordings
#
# It must end soon, in bounded memory, with 0 or 1, and with a message if that is 1; its output must be a stream of records. A
# recording that fails is kept as WORK/failed-SEED, and its command printed. The recordings are those of t/perf2rec and of
# examples/, and public ones up to 200 KB if they are there. BUILD is the build to run, preferably one with sanitizers.
set -eu
cd "$(dirname "$0")"
work=$1 n=${2-40} seed=${3-1}
shared=../../shared/data
export LC_ALL=C ASAN_OPTIONS=exitcode=99:hard_rss_limit_mb=1024:max_allocation_size_mb=512 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1

inputs=(../examples/pipeline.data)
for case in perf2rec/*.hex; do
	[ $case != perf2rec/head.hex ] || continue
	head=perf2rec/head.hex
	[[ $case != */file.hex && $case != */losses.hex && $case != */stat.hex ]] || head=/dev/null
	for order in '' -b; do
		made=$work/$(basename $case .hex)$order.data
		cat $head $case | "$BUILD/t/unhex" $order >"$made"
		inputs+=("$made")
	done
done
[ ! -d $shared/perfdata ] || while read -r file; do
	inputs+=("$file")
done < <(find $shared/perfdata $shared/kvm -type f -size -200k ! -name '*.md' ! -name '*.txt*' | sort)

# convert MODE: run perf2rec on $work/damaged in this mode.
convert() {
	case $1 in
	0) "$BUILD/perf2rec" "$work/damaged" ;;
	1) "$BUILD/perf2rec" --stacks=once "$work/damaged" ;;
	2) cat <"$work/damaged" | "$BUILD/perf2rec" ;;
	3) gzip -c "$work/damaged" | "$BUILD/perf2rec" --stacks=once - ;;
	esac
}

try() {
	local status=0 said
	convert "$1" >"$work/out" 2>"$work/err" || status=$?
	said=$(tail -c 2000 "$work/err")
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [ -n "$said" ]; } && ! grep -q 'Sanitizer\|runtime error' "$work/err" &&
		{ "$BUILD/reccheck" -n --any-order "$work/out" 2>"$work/err" || { said=$(tail -n 1 "$work/err") && false; }; } && return
	cp "$work/damaged" "$work/failed-$seed"
	echo "mode $1 of $work/failed-$seed (${inputs[seed % ${#inputs[@]}]}): $status $said"
	failed=1
}

failed=
for ((i = 0; i < n; i++, seed++)); do
	"$BUILD/t/mutate" "$seed" <"${inputs[seed % ${#inputs[@]}]}" >"$work/damaged"
	try $((seed / ${#inputs[@]} % 4))
done
[ -z "$failed" ]
