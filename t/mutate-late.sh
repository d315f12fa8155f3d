#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutate-late.sh WORK [N [SEED]] - give N damaged files to ftrace2rec, and as many streams to what splits and counts them
#
# Each must end soon, in bounded memory, with 0 or 1, and with a message if that is 1. What ftrace2rec writes must be a stream of
# records; what the others write, too, if they are given the part of the damaged stream that reccheck takes. An input that fails is
# kept as WORK/failed-SEED, and its command printed. BUILD is the build to run, preferably one with sanitizers.
set -eu
cd "$(dirname "$0")"
work=$1 n=${2-40} seed=${3-1}
shared=../../shared/data
export LC_ALL=C ASAN_OPTIONS=exitcode=99:hard_rss_limit_mb=1024:max_allocation_size_mb=512 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
PATH=$BUILD:$PATH

# Files for ftrace2rec: what is damaged, and the command, in which @ stands for it.
files=() commands=()
input() {
	files+=("$1")
	commands+=("$2")
}

# Streams with guests, stacks and names.
streams=()

make_inputs() {
	local pages=../examples/virtio file
	for file in cpu0 cpu1; do
		head -c 40960 "$pages/$file" >"$work/$file"
		input "$work/$file" "ftrace2rec -f $pages/meta.tar 0=@"
		input "$work/$file" "ftrace2rec --stacks=once -f $pages/meta.tar 1=$work/cpu0 0=@"
	done
	input "$pages/meta.tar" "ftrace2rec -f @ 0=$work/cpu0"
	mkdir -p "$work/folder/events/sched/sched_switch"
	cp fuzz/corpus/evformat/sched_switch "$work/folder/format"
	input "$work/folder/format" "ftrace2rec -f $work/folder 0=$work/cpu0"
	for file in fuzz/corpus/tracedat/*; do
		input "$file" "ftrace2rec @"
		input "$file" "ftrace2rec --stacks=once --shift @"
	done
	[ ! -d "$shared/ftrace" ] || while read -r file; do
		input "$file" "ftrace2rec @"
	done < <(find "$shared/ftrace" -name '*.dat*' -type f -size -400k | sort)
	perf2rec --stacks=once ../examples/pipeline.data 2>/dev/null | cs2text -k ../examples/pipeline.kallsyms 2>/dev/null | head -c 100000 | head -n -1 >"$work/once.rec"
	perf2rec ../examples/kvm/perf.data.gz 2>/dev/null | cs2text -k ../examples/kvm/host.kallsyms 2>/dev/null | head -c 100000 | head -n -1 >"$work/kvm.rec"
	{ rec2prof --children --keys machine,event,comm,tid,sym,caller -e 'sample,switch,*' "$work/once.rec"; rec2prof "$work/kvm.rec"; } >"$work/prof.rec" 2>/dev/null || true
	sched2states "$work/once.rec" >"$work/states.rec" 2>/dev/null || true
	streams=("$work/once.rec" "$work/kvm.rec" "$work/prof.rec" "$work/states.rec")
}

fails() {
	cp "$work/damaged" "$work/failed-$seed"
	echo "$1 of $work/failed-$seed: $2"
	failed=1
}

# run COMMAND: is its end as it should be? Its output is $work/out.
run() {
	local status=0
	cp "$work/damaged" "$work/folder/events/sched/sched_switch/format"
	timeout 60 $1 >"$work/out" 2>"$work/err" || status=$?
	if [ $status -gt 1 ] || { [ $status -eq 1 ] && [ ! -s "$work/err" ]; } || grep -q 'Sanitizer\|runtime error' "$work/err"; then
		fails "$1" "$status $(tail -c 2000 "$work/err")"
	fi
}

is_stream() {
	reccheck -n --any-order "$work/out" 2>"$work/err" || fails "$1" "$(tail -n 1 "$work/err")"
}

modes=('kvmsplit -s @' 'kvmsplit --guest @' 'kvmsplit --host --kernel @' "kvmsplit -s --dir $work/parts @" 'rec2prof @' 'rec2prof --children --keys machine,tid,comm,sym,caller -e * @'
	'profdiff @ good' 'profdiff --by wdiff:3,1 --keys sym,object,event good @' 'profdiff --table --keys comm,sym,line @ good' 'rec2folded @' 'rec2folded --offwake @' 'recgrep --function *a* @'
	'recstacks --stacks=inline @' 'states2json @' 'rec2pprof -e * @')

failed=
make_inputs
set -f
for ((i = 0; i < n; i++, seed++)); do
	at=$((seed % ${#files[@]}))
	mutate=$BUILD/t/mutate
	"$mutate" "$seed" <"${files[at]}" >"$work/damaged"
	run "${commands[at]/@/$work/damaged}"
	is_stream "${commands[at]}"
	stream=${streams[seed % ${#streams[@]}]}
	mode=${modes[seed / ${#streams[@]} % ${#modes[@]}]//good/$stream}
	"$mutate" "$seed" <"$stream" >"$work/damaged"
	run "${mode/@/$work/damaged}"
	reccheck --any-order "$work/damaged" >"$work/taken" 2>/dev/null || true
	run "${mode/@/$work/taken}"
	[[ $mode == *--table* || $mode == states2json* || $mode == rec2pprof* || $mode == rec2folded* || $mode == *--dir* ]] || is_stream "$mode"
done
[ -z "$failed" ]
