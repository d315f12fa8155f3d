#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# States become tables: goldens of each, sums that must agree, and the peer's.

load lib

# states: those of the recording of examples/.
states() {
	states=$BATS_TEST_TMPDIR/states
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$states"
}

# sum COLUMN [arg ...]: add up a column of the table.
sum() {
	local column=$1
	shift
	states2tab "$@" "$states" | awk -F'\t' -v column="$column" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i; if (!at) exit 1; next }
		{ sum += $at } END { printf "%.0f\n", sum }'
}

# pick COLUMNS [arg ...] <states: these columns of the table, blanks between them, without their header.
pick() {
	local columns=$1
	shift
	states2tab "$@" | awk -F'\t' -v columns="$columns" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(columns, c, ","); next }
		{ for (i = 1; i <= n; i++) printf "%s%s", $at[c[i]], i < n ? " " : "\n" }'
}

@test "eleven tables of a few states and intervals" {
	for by in task process name cpu waker function irq softirq syscall file device; do
		states2tab --by=$by states2tab/small.in >"$out"
		[ -z "${BLESS-}" ] || cp "$out" states2tab/small.$by
		diff -u states2tab/small.$by "$out"
	done
	states2tab states2tab/small.in | diff states2tab/small.task -
}

@test "the states of all tasks add up to their lives, by whatever they are added up" {
	states
	life=$(awk -F'\t' '$1 == "state" { sum += $7 - $2 } END { printf "%.0f", sum }' "$states")
	[ "$life" -gt 1000000000 ]
	for by in task process name; do
		all=0
		for column in run_ns wait_ns preempted_ns sleep_ns block_ns other_ns unknown_ns; do
			all=$((all + $(sum $column --by=$by)))
		done
		[ $all = "$life" ]
	done
	for column in run_ns runs switches preemptions migrations whole; do
		[ "$(sum $column --by=task)" = "$(sum $column --by=cpu)" ] || { echo $column; return 1; }
	done
	[ "$(sum wakes --by=waker)" = "$(grep -c ^arrow "$states")" ]
	[ "$(sum waited_ns --by=waker)" = "$(awk -F'\t' '$1 == "arrow" { sum += $16 } END { printf "%.0f", sum }' "$states")" ]
	[ "$(sum whole --by=waker)" -gt 0 ]
	[ "$(sum total_ns --by=function)" = "$(awk -F'\t' '$1 == "state" && $11 !~ /^(running|runnable|unknown)$/ { sum += $7 - $2 } END { printf "%.0f", sum }' "$states")" ]
}

@test "what ran on a CPU and its idle and unknown time cover the recording's span once" {
	states
	span=$(awk -F'\t' '$1 == "cpustate" || $1 == "state" && $11 == "running" { if (!min || $2 < min) min = $2; if ($7 > max) max = $7 }
		END { printf "%.0f", max - min }' "$states")
	states2tab --by=cpu "$states" | awk -F'\t' -v span="$span" 'NR > 1 && $3 + $4 + $5 != span { print; bad = 1 } END { exit bad || NR < 2 }'
}

@test "percentiles are those of the sorted latencies of a task, by nearest rank" {
	states
	tid=$(pick tid,whole --sort=whole <"$states" | sed -n '1s/ .*//p')
	awk -F'\t' -v tid="$tid" '$1 == "state" && $6 == tid {
			if ($11 == "running" && since != "" && until == $2) print until - since
			since = $11 == "runnable" && $12 !~ /begin=|end=/ ? $2 : ""; until = $7
		}' "$states" | sort -n >"$out"
	n=$(wc -l <"$out")
	[ "$n" -gt 100 ]
	want="$n $(sed -n "$(((n * 50 + 99) / 100))p" "$out") $(sed -n "$(((n * 95 + 99) / 100))p" "$out") $(sed -n "$(((n * 99 + 99) / 100))p" "$out") $(tail -n 1 "$out")"
	[ "$(pick tid,whole,p50_ns,p95_ns,p99_ns,max_ns <"$states" | sed -n "s/^$tid //p")" = "$want" ]
}

@test "stacks that are defined once give the same functions as inline ones" {
	states
	recstacks --stacks=inline "$states" | states2tab --by=function | diff - <(states2tab --by=function "$states")
	states2tab --by=function "$states" | grep -q '	anon_pipe_read	\|	pipe_read	'
}

@test "--sort sorts by any column of the table, the largest first, numbers in their order" {
	[ "$(pick tid --sort=sleep_ns <states2tab/small.in | tr '\n' ' ')" = '10 11 ' ]
	[ "$(pick tid --sort=block_ns <states2tab/small.in | tr '\n' ' ')" = '11 10 ' ]
	[ "$(pick cpu --by=cpu --sort=max_t <states2tab/small.in | tr '\n' ' ')" = '1 0 ' ]
	for tid in 9 100 20; do
		printf 'state\t1\thost\t-\t%s\t%s\t2\t0\tx\t-\trunning\t-\t-\n' $tid $tid
	done | pick tid | tr '\n' ' ' >"$out"
	[ "$(<"$out")" = '9 20 100 ' ]
	run -2 states2tab --sort=idle_ns states2tab/small.in
	[[ "$output" == *'--sort: "idle_ns": not one of run_ns wait_ns'* ]]
	run -2 states2tab --by=thread states2tab/small.in
}

@test "a stream without states, or without arrows, is reported" {
	rejects '<stdin>: no state records; sched2states makes them' states2tab </dev/null
	rejects '<stdin>: no arrow records; sched2states makes them' states2tab --by=waker < <(grep -v ^arrow states2tab/small.in)
	[ "$output" = "$(head -n 1 states2tab/small.waker)" ]
}

# perf adds gaps to run times, gives the last run of a task that dies the tid -1, and takes the first run on a CPU for nothing:
# compared are the tasks with as many runs, but for the recorder, which made the first.
@test "perf sched timehist has the same run times, to the microsecond" {
	needs perf
	states
	perf sched timehist --summary -i ../examples/pipeline.data 2>"$err" |
		sed -nE 's/^.*\[([0-9]+)(\/[0-9]+)?\] +-?[0-9]+ +([0-9]+) +([0-9]+)\.([0-9]+) .*/\1 \3 \4\5/p' | sort >"$BATS_TEST_TMPDIR/theirs"
	pick tid,runs,run_ns,comm <"$states" | grep -v ' perf$' | sort >"$BATS_TEST_TMPDIR/ours"
	join "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours" | awk '
		$2 == $4 { n++; d = $5 / 1000 - $3; if (d < 0 || d >= 1) { print; bad = 1 } }
		END { print n " tasks"; exit bad || n < 13 }'
}

@test "perf sched latency has the same longest delay of a program that is never preempted while it waits" {
	needs perf
	states
	perf sched latency -i ../examples/pipeline.data 2>"$err" | grep 'head:' | grep -oE 'max start: +[0-9.]+|max: +[0-9.]+' | grep -oE '[0-9.]+' | tr '\n' ' ' >"$out"
	pick comm,max_ns,max_t --by=name <"$states" | awk '$1 == "head" { printf "%.3f %.6f ", $2 / 1e6, $3 / 1e9 }' | diff "$out" -
}
