#!/bin/bash
# SPDX-License-Identifier: MIT
# bench.sh FOLDER - our filters beside perf on the same recordings, in one run. Recordings are made in FOLDER by perf, which wants
# root, and kept there. BENCH=small leaves out what takes minutes, BENCH=full adds recordings of ten million events.
set -euo pipefail
to=${1:?a folder for the recordings}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/bench.bash
. "$here/bench.bash"
mkdir -p "$to"
cd "$to"
PATH=${BUILD:?where the floors are}/t:$PATH

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

# Events and samples of the same tasks: stacks that come again and again.
mixed() {
	local file=$1
	[ -f "$file" ] && return
	perf record -q -a -g -m 64M -e cpu-clock -c 1000000 -e sched:sched_switch -e sched:sched_wakeup -o "$file" \
		-- perf bench sched messaging -g 8 -l "$2" >/dev/null
}

# stages NAME: what each filter of the main job reads, made of NAME.data.
stages() {
	[ "$1.states" -nt "$1.data" ] && return
	perf2rec --stacks=once "$1.data" >"$1.once"
	cs2text -k kallsyms "$1.once" >"$1.named"
	sched2states "$1.named" >"$1.states"
}

[ -f kallsyms ] || cat /proc/kallsyms >kallsyms

# --- the main job, at each size

timecharts() {
	local name=$1 what=$2 n
	stages "$name"
	n="$(grep -cvE '^(stack|map|comm|fork|exit|meta|ksym)' "$name.once") events"
	beside "$what, as text" "$n" "perf script -i $name.data" \
		"perf2rec $name.data | cs2text -k kallsyms" "perf2rec --stacks=once $name.data | cs2text -k kallsyms"
	beside "$what, read" "$n" "perf2rec --stacks=once $name.data"
	beside "$what, named" "$n" "cs2text -k kallsyms $name.once"
	beside "$what, folded to states" "$n" "sched2states $name.named"
	beside "$what, drawn" "$n" "states2svg $name.states"
	beside "$what, drawn without script" "$n" "states2svg --static $name.states"
	beside "$what, a table of tasks" "$n" "perf sched -i $name.data latency" "perf2rec --stacks=once $name.data | sched2states | states2tab"
	beside "$what, states added up" "$n" "states2tab $name.states"
	beside "$what, for Perfetto" "$n" "states2json $name.states"
	beside "$what, critical path" "$n" "states2path $name.states"
	local peer=("perf timechart -i $name.data -o peer.svg; cat peer.svg")
	[ "$name" != messages-10M ] || peer=() # it would take 10 GB of memory
	beside "$what, a timechart" "$n" "${peer[@]}" \
		"perf2rec $name.data | cs2text -k kallsyms | sched2states | states2svg" \
		"perf2rec $name.data | cs2text -k kallsyms | sched2states --stacks=once | states2svg" \
		"perf2rec --stacks=once $name.data | cs2text -k kallsyms | sched2states | states2svg"
	rm -f peer.svg
}

# browser NAME: the picture of all intervals of NAME.states in Chromium, which is slowest with the most
browser() {
	/usr/bin/python3 -c 'import selenium' 2>/dev/null && command -v chromedriver >/dev/null || return 0
	states2svg --data 20000000 "$1.states" >browser.svg
	echo "$1 in Chromium, $(megabytes browser.svg): $(/usr/bin/python3 "$here/timechart.py" "$PWD/browser.svg")"
	rm browser.svg
}

record messages-10k.data perf bench sched messaging -g 1 -l 90
timecharts messages-10k "messages of 40 tasks"
record messages-100k.data perf bench sched messaging -g 2 -l 500
timecharts messages-100k "messages of 80 tasks"
if [ "${BENCH-}" != small ]; then
	record messages-1M.data perf bench sched messaging -g 20 -l 3900
	timecharts messages-1M "messages of 800 tasks"
	browser messages-1M
	record tasks.data sh -c 'i=0; while [ $i -lt 6800 ]; do head -c 480000 /dev/zero | cat | wc -c; i=$((i + 1)); done'
	runs=1 timecharts tasks "20,000 short tasks"
fi
if [ "${BENCH-}" = full ]; then
	record messages-10M.data perf bench sched messaging -g 20 -l 39000
	runs=1 timecharts messages-10M "many messages of 800 tasks"
fi

# --- streams and tables

if [ ! -f inline.rec ]; then
	perf2rec messages-100k.data | awk '$1 == "switch" || $1 == "wakeup"' >part.rec
	span=$(awk 'NR == 1 { first = $2 } END { printf "%.0f\n", $2 - first + 1 }' part.rec)
	for ((n = 0, size = 0; size < 1000000000; n++, size = $(stat -c %s inline.rec))); do
		awk -F '\t' -v OFS='\t' -v by=$((n * span)) '{ $2 = sprintf("%.0f", $2 + by) } 1' part.rec >>inline.rec
	done
	sed 's/\t[^\t]*$/\t@1234567890abcdef/' inline.rec >once.rec
fi
beside "a record stream checked" "$(megabytes inline.rec)" "reccheck inline.rec"
beside "a record stream checked, stacks once" "$(megabytes once.rec)" "reccheck once.rec"
beside "a record stream, stacks inline to once" "$(megabytes inline.rec)" "recstacks --stacks=once inline.rec"
beside "a record stream, stacks once to inline" "$(megabytes messages-100k.once)" "recstacks messages-100k.once"
[ -f script.txt ] || perf script -i messages-100k.data >script.txt
beside "the text of perf script" "$(megabytes script.txt)" "script2rec script.txt"
beside "a record stream searched" "$(megabytes once.rec)" "recgrep -C 0 once.rec"
[ -f energy.csv ] || awk 'BEGIN {
	for (i = seed = 1; i <= 50000; i++)
		for (c = 0; c < 20; c++) {
			seed = seed * 16807 % 2147483647
			printf "%7d.%09d,S%d-D0-C%d,1,%d.%02d,Joules,power_core/energy-core/,1000186312,100.00,,\n", i, i * 1373 % 1000000, c / 10, c % 10, seed % 23, seed % 100
		}
}' >energy.csv
for form in '' --wide --totals --records; do
	beside "energy of 20 cores${form:+ ($form)}" "1000000 lines" "rapl2csv ${form:+$form }energy.csv"
done

# the energy of a package, ten times a second, while the messages were sent
[ -f energy.states ] || { perf2rec -H messages-100k.data 2>/dev/null | grep '^meta.*	cpu	' || true; cat messages-100k.states; } | awk -F '\t' '
	{ print }
	$1 == "state" && (first == "" || $2 < first) { first = $2 }
	$1 == "state" && $7 > last { last = $7 }
	END {
		for (t = first; t < last; t += 1e8)
			printf "energy\t%.0f\thost\t-\t-\t-\t%.0f\tpkg\t0\t-\t-\t2.5\t-\tpower/energy-pkg/\t-\n", t, t + 1e8
	}' >energy.states
beside "energy shared out over tasks" "$(megabytes energy.states)" "energy2tab energy.states"

# --- samples

sample samples.data "$([ "${BENCH-}" = small ] && echo 3 || echo 26)"
for stacks in inline once; do
	[ -f samples.$stacks.rec ] || perf2rec --stacks=$stacks samples.data | cs2text -k kallsyms >samples.$stacks.rec
done
n="$(grep -c '^sample' samples.once.rec) samples"
beside "samples as text" "$n" "perf script -F comm,pid,tid,cpu,time,event,ip -i samples.data" "perf2rec samples.data" "perf2rec --stacks=once samples.data"
if [ "${BENCH-}" != small ]; then
	mixed mixed.data 4000
	beside "samples, switches and wakeups as text" "$(perf2rec --stacks=once mixed.data | grep -cE '^(sample|switch|wakeup)') events" \
		"perf script -F comm,pid,tid,cpu,time,event,ip -i mixed.data" "perf2rec mixed.data" "perf2rec --stacks=once mixed.data"
fi
beside "samples as text, beside the least that takes (at most 2.5 times)" "$n" "perffloor samples.data" "perf2rec samples.data"
beside "samples as text, the last second" "$n" "perf2rec -t -1s, samples.data"
beside "guests and host apart" "$(megabytes samples.inline.rec)" "kvmsplit --host samples.inline.rec"
beside "guests and host apart, stacks once" "$(megabytes samples.once.rec)" "kvmsplit --host samples.once.rec"
beside "guests and host apart, a file each" "$(megabytes samples.once.rec)" "rm -rf parts; kvmsplit --dir parts samples.once.rec"
beside "a profile" "$n" "rec2prof samples.once.rec"
beside "a profile with callers" "$n" "rec2prof --children samples.once.rec"
beside "folded stacks" "$n" "rec2folded samples.once.rec"
runs=1 beside "a profile of the recording" "$n" "perf report -i samples.data --stdio" \
	"perf2rec --stacks=once samples.data | cs2text -k kallsyms | rec2prof" "perf2rec --stacks=once samples.data | cs2text -k kallsyms | rec2prof --children"
beside "a profile for pprof" "$n" "rec2pprof samples.once.rec"
runs=1 beside "two recordings compared" "$n" "perf diff samples.data samples.data" \
	"for i in 1 2; do perf2rec --stacks=once samples.data | cs2text -k kallsyms | rec2prof >\$i.prof; done; profdiff 1.prof 2.prof"
rm -rf parts [12].prof

[ -f exits.data ] || awk -v n=300000 -f "$here/kvm/random.awk" | awk -v kernel=new -f "$here/kvm/recording.awk" | unhex >exits.data
beside "exit reasons of four vCPUs" "300000 exits" "perf kvm -i exits.data stat report </dev/null" "perf2rec exits.data | kvmexits --table --per=all"

if [ ! -f user.data ]; then
	cc -O2 -fomit-frame-pointer -o user "$here/recunwind/signal.c"
	perf record -q -F 10000 -e cpu-clock --call-graph dwarf -o user.data -- sh -c 'for i in $(seq 50); do ./user; done' >/dev/null
fi
beside "user stacks unwound" "$(perf2rec --user-stacks user.data | grep -c ^usample) stacks" \
	"perf script -i user.data -F comm,tid,time,event,ip --no-inline" \
	"perf2rec --user-stacks user.data | recunwind" "perf2rec --user-stacks --stacks=once user.data | recunwind"
rm -f err
