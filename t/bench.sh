#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh FOLDER - our filters beside perf on the same recordings, in one run: CPU seconds, ratios, and each filter's peak
# memory. Recordings are made in FOLDER by perf, which wants root, and kept there. LARGE=no leaves out what takes minutes.
set -euo pipefail
to=${1:?a folder for the recordings}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/bench.bash
. "$(dirname "$0")/bench.bash"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$to"
cd "$to"

record() {
	local file=$1
	shift
	[ -f "$file" ] && return
	perf record -q -a -g -m 64M -e sched:sched_switch -e sched:sched_wakeup -e sched:sched_wakeup_new -e power:cpu_idle \
		-o "$file" -- "$@" >/dev/null
}

# A profile of all CPUs: 20,000 samples a second of each.
sample() {
	local file=$1 seconds=$2
	[ -f "$file" ] && return
	perf record -q -a -g -m 64M -c 50000 -e cpu-clock -o "$file" -- timeout "$seconds" \
		sh -c 'while :; do seq 1 300000 | sort -R | gzip; perf bench sched messaging -g 2 -l 500; done' >/dev/null || true
}

[ -f kallsyms ] || cat /proc/kallsyms >kallsyms
record small.data perf bench sched messaging -g 2 -l 400
pipe='sched2states | states2svg >chart.svg'

echo "== a record stream read, checked and written again"
if [ ! -f inline.rec ]; then
	span=$(perf2rec --stacks=once small.data | awk '$1 == "switch" { last = $2; if (!first) first = $2 } END { printf "%.0f\n", last - first + 1 }')
	for ((n = 0, size = 0; size < 1000000000; n++, size = $(stat -c %s inline.rec))); do
		perf2rec --offset=$((n * span)) small.data | awk '$1 == "switch" || $1 == "wakeup"' >>inline.rec
	done
	sed 's/\t[^\t]*$/\t@1234567890abcdef/' inline.rec >once.rec
fi
throughput inline.rec 'reccheck inline.rec'
throughput once.rec 'reccheck once.rec'

echo
echo "== 1,000,000 lines of perf stat -I -x, as tables"
[ -f energy.csv ] || awk 'BEGIN {
	for (i = seed = 1; i <= 50000; i++)
		for (c = 0; c < 20; c++) {
			seed = seed * 16807 % 2147483647
			printf "%7d.%09d,S%d-D0-C%d,1,%d.%02d,Joules,power_core/energy-core/,1000186312,100.00,,\n", i, i * 1373 % 1000000, c / 10, c % 10, seed % 23, seed % 100
		}
}' >energy.csv
for form in '' --wide --totals --records; do
	throughput energy.csv "rapl2csv $form energy.csv"
done

echo
sample samples.data "$([ "${LARGE-}" = no ] && echo 3 || echo 26)"
for stacks in inline once; do
	[ -f samples.$stacks.rec ] || perf2rec --stacks=$stacks samples.data | cs2text -k kallsyms >samples.$stacks.rec
done
n=$(grep -c '^sample' samples.once.rec)
beside "== samples.data: $n samples as text" "perf script -F comm,pid,tid,cpu,time,event,ip -i samples.data" \
	"perf2rec samples.data" "perf2rec --stacks=once samples.data"
beside '  ... and the least that takes; the target is at most 2.5 times as much' "perffloor samples.data" "perf2rec samples.data"
beside '  ... and the last second of it' "perf2rec samples.data" "perf2rec -t -1s, samples.data"
echo
echo "== guests and host apart: samples.data, $n samples"
throughput samples.inline.rec 'kvmsplit --host samples.inline.rec'
throughput samples.once.rec 'kvmsplit --host samples.once.rec'
throughput samples.once.rec 'rm -rf parts; kvmsplit --dir parts samples.once.rec'
echo
echo "== a profile of $n samples, with stacks once"
for children in '' --children; do
	for ((i = 0; i < runs; i++)); do cpu "rec2prof $children samples.once.rec"; done | median | awk -v n="$n" -v name="rec2prof $children" '{
		printf "  %-66s %8.2f s  %6.2f million samples/s\n", name, $1, n / $1 / 1000000 }'
done
runs=1 beside "== the same from the recording" \
	"perf report -i samples.data --stdio" \
	"perf2rec --stacks=once samples.data | cs2text -k kallsyms | rec2prof" \
	"perf2rec --stacks=once samples.data | cs2text -k kallsyms | rec2prof --children"
echo "  peak memory"
memory /dev/null "perf2rec --stacks=once samples.data" 'cs2text -k kallsyms' 'kvmsplit --host' rec2prof
rm -rf parts
echo
[ -f exits.data ] || awk -v n=300000 -f "$here/kvm/random.awk" | awk -v kernel=new -f "$here/kvm/recording.awk" | "$(dirname "$(command -v perf2rec)")/t/unhex" >exits.data
beside "== exit reasons: 300,000 exits of four vCPUs" \
	"perf kvm -i exits.data stat report </dev/null" \
	"perf2rec exits.data | kvmexits --table --per=all"

if [ ! -f user.data ]; then
	cc -O2 -fomit-frame-pointer -o user "$here/recunwind/signal.c"
	perf record -q -F 10000 -e cpu-clock --call-graph dwarf -o user.data -- sh -c 'for i in $(seq 50); do ./user; done' >/dev/null
fi
echo
beside "== user.data, $(perf2rec --user-stacks user.data | grep -c ^usample) user stacks" \
	"perf script -i user.data -F comm,tid,time,event,ip --no-inline" \
	"perf2rec --user-stacks user.data | recunwind" \
	"perf2rec --user-stacks --stacks=once user.data | recunwind"
memory /dev/null "perf2rec --user-stacks user.data" recunwind

[ "${LARGE-}" = no ] || record messaging.data perf bench sched messaging -g 20 -l 3900
[ "${LARGE-}" = no ] || record tasks.data sh -c 'i=0; while [ $i -lt 6800 ]; do head -c 480000 /dev/zero | cat | wc -c; i=$((i + 1)); done'
for data in small messaging tasks; do
	[ -f $data.data ] || continue
	echo
	runs=$([ $data = tasks ] && echo 1 || echo "$runs") beside "== $data.data, $(perf2rec --stacks=once $data.data | grep -cvE '^(stack|map|comm|fork|exit|meta|ksym)') events: a timechart" \
		"perf timechart -i $data.data -o peer.svg" \
		"perf2rec $data.data | cs2text -k kallsyms | $pipe" \
		"perf2rec --stacks=once $data.data | cs2text -k kallsyms | $pipe"
	echo "  peak memory"
	memory /dev/null "perf2rec --stacks=once $data.data" 'cs2text -k kallsyms' sched2states states2svg
	stat -c '%n %s' peer.svg chart.svg | awk '{ printf "  %-66s %8.1f MB\n", $1, $2 / 1000000 }'
done
rm -f peer.svg chart.svg err kb
