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

@test "twelve tables of a few states and intervals" {
	for by in task process name cpu waker function irq softirq syscall file device path; do
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
	for column in run_ns runs switches preemptions migrations whole preempted_whole; do
		[ "$(sum $column --by=task)" = "$(sum $column --by=cpu)" ] || { echo $column; return 1; }
	done
	[ "$(sum wakes --by=waker)" = "$(grep -c ^arrow "$states")" ]
	[ "$(sum ended --by=waker)" = "$(awk -F'\t' '$1 == "arrow" && $16 != 0' "$states" | wc -l)" ]
	[ "$(sum ended --by=waker)" -lt "$(sum wakes --by=waker)" ]
	states2tab --by=waker --columns=ended "$states" | tail -n +2 | sort -cnr
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

# waits_of TID STATE: the lengths of the task's whole waits in this state that a run follows, sorted, and when the longest began.
waits_of() {
	awk -F'\t' -v tid="$1" -v state="$2" '$1 == "state" && $6 == tid {
			if ($11 == "running" && since != "" && until == $2) print until - since, since
			since = $11 == state && $12 !~ /begin=|end=/ ? $2 : ""; until = $7
		}' "$states" | sort -k1,1n -k2,2rn
}

@test "percentiles are those of the sorted waits of a task after a wake, and after a preemption, by nearest rank" {
	states
	while read -r state prefix; do
		tid=$(pick "tid" --sort=${prefix}whole <"$states" | head -n 1)
		waits_of "$tid" "$state" >"$out"
		n=$(wc -l <"$out")
		[ "$n" -gt 100 ]
		want="$tid $n"
		for p in 50 95 99 100; do
			want+=" $(sed -n "$(((n * p + 99) / 100))s/ .*//p" "$out")"
		done
		want+=" $(sed -n '$s/.* //p' "$out")"
		[ "$(pick "tid,${prefix}whole,${prefix}p50_ns,${prefix}p95_ns,${prefix}p99_ns,${prefix}max_ns,${prefix}max_t" <"$states" | grep "^$tid ")" = "$want" ]
	done <<-'EOT'
		runnable
		preempted preempted_
	EOT
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
	run -2 states2tab --sort=run_ns+tid states2tab/small.in
	[[ "$output" == *'--sort: "tid": not one of run_ns wait_ns'* ]]
	run -2 states2tab --by=thread states2tab/small.in
	for sort in max_t+runs runs+preempted_max_t max_t+max_t; do
		run -2 states2tab --sort=$sort states2tab/small.in
		[[ "$output" == *"--sort: \"$sort\": "*'max_t is a time and has no sum'* ]]
	done
}

@test "waits without stacks are reported with what records them, in the table of functions" {
	grep '^state' states2tab/small.in | sed 's/	[^	]*$/	-/' >"$BATS_TEST_TMPDIR/bare"
	states2tab --by=function "$BATS_TEST_TMPDIR/bare" 2>"$err" >"$out"
	[ "$(<"$err")" = "states2tab: $BATS_TEST_TMPDIR/bare: no functions, as there are no stacks: record them with perf record -g or trace-cmd record -T" ]
	states2tab "$BATS_TEST_TMPDIR/bare" 2>"$err" >"$out"
	[ ! -s "$err" ]
	# nothing waits, or some waits have stacks, or stacks were defined elsewhere
	grep '	running	' "$BATS_TEST_TMPDIR/bare" | states2tab --by=function 2>"$err" >"$out"
	[ ! -s "$err" ]
	states2tab --by=function states2tab/small.in 2>"$err" >"$out"
	[ ! -s "$err" ]
	sed 's/	-$/	@ab/' "$BATS_TEST_TMPDIR/bare" | states2tab --by=function 2>"$err" >"$out"
	run ! grep 'no functions' "$err"
	[ -s "$err" ]
}

@test "stacks without symbols are reported with what names them, in tables of functions" {
	perf2rec ../examples/pipeline.data | sched2states >"$BATS_TEST_TMPDIR/bare"
	states2tab --by=function "$BATS_TEST_TMPDIR/bare" 2>"$err" >"$out"
	[ "$(<"$err")" = "states2tab: $BATS_TEST_TMPDIR/bare: no functions, as the stacks have no symbols: run cs2text before sched2states" ]
	states2path -p work "$BATS_TEST_TMPDIR/bare" | states2tab --by=path 2>"$err" >"$out"
	grep -q 'run cs2text before sched2states$' "$err"
	states
	for by in task function; do
		states2tab --by=$by "$states" 2>"$err" >"$out"
		[ ! -s "$err" ]
	done
}

@test "--sort adds columns up, --columns writes those that are named, in their order" {
	[ "$(states2tab --columns=comm,tid,wait_ns,preempted_ns --sort=wait_ns states2tab/small.in)" = "$(printf 'comm\ttid\twait_ns\tpreempted_ns\ndog\t11\t100\t0\nbat\t10\t90\t50')" ]
	[ "$(states2tab --sort=wait_ns+preempted_ns --columns=tid states2tab/small.in | xargs)" = 'tid 10 11' ]
	states
	for by in task waker device; do
		all=$(head -n 1 states2tab/small.$by | tr '\t' ,)
		states2tab --by=$by --columns=$all "$states" | diff - <(states2tab --by=$by "$states") || [ $by = device ]
	done
	states2tab --sort=sleep_ns+run_ns+sleep_ns --columns=run_ns,sleep_ns "$states" | awk 'NR > 2 && 2 * $2 + $1 > last { bad = 1 } { last = 2 * $2 + $1 } END { exit bad }'
	for columns in x '' 'comm,' 'comm wait_ns'; do
		run -2 states2tab --columns="$columns" states2tab/small.in
		[[ "$output" == *'": not one of machine tid birth pid comm run_ns wait_ns'* ]]
	done
}

@test "a latency is in the row of its wait, whatever the task executes after it" {
	printf 'state\t%d\thost\t0\t9\t9\t%d\t0\t%s\t1\t%s\t-\t-\n' 100 130 sh runnable 130 200 gzip running 200 240 gzip preempted 240 250 tar running >"$BATS_TEST_TMPDIR/in"
	columns=comm,wait_ns,waits,whole,max_ns,preempted_ns,preempted_whole,preempted_max_ns,run_ns
	diff - <(states2tab --by=name --columns=$columns "$BATS_TEST_TMPDIR/in") <<-'EOT'
		comm	wait_ns	waits	whole	max_ns	preempted_ns	preempted_whole	preempted_max_ns	run_ns
		gzip	0	0	0	-	40	1	40	70
		tar	0	0	0	-	0	0	-	10
		sh	30	1	1	30	0	0	-	0
	EOT
	# so the whole waits of a name are among its waits
	states
	states2tab --by=name --columns=waits,whole,preemptions,preempted_whole "$states" >"$out"
	awk 'NR > 1 { n += $2 + $4 } $2 > $1 || $4 > $3 { if (NR > 1) bad = 1 } END { exit bad || n < 100 }' "$out"
	states2tab --columns=whole,preempted_whole "$states" | awk '{ n += $1; m += $2 } END { print n, m }' |
		diff - <(awk '{ n += $2; m += $4 } END { print n, m }' "$out")
}

@test "--table aligns the columns that a reader wants first, with units" {
	diff - <(states2tab --table states2tab/small.in) <<-'EOT'
		   run    wait  preempted  block  runs    p99    max  preempted_max  tid  comm
		460 ns  100 ns          0  40 ns     1      -      -              -  11   dog
		160 ns   90 ns      50 ns      0     3  60 ns  60 ns          50 ns  10   bat
	EOT
	diff - <(states2tab --table --by=file --columns=file,max_t,bytes states2tab/small.in | head -n 3) <<-'EOT'
		file                 max_t  bytes
		/b\x20c      0.000000560 s      0
		/etc/passwd  0.000000230 s    932
	EOT
	states
	for by in task process name cpu waker function; do
		states2tab --table --by=$by "$states" >"$out"
		[ "$(wc -l <"$out")" = "$(states2tab --by=$by "$states" | wc -l)" ]
		[ $by = function ] || [ "$(wc -L <"$out")" -le 120 ]
		# each number ends below the end of its name
		awk 'NR == 1 { n = match($0, /(max|runs) /); at = n + RLENGTH - 1 } NR > 1 && (substr($0, at - 1, 1) == " " || substr($0, at, 1) != " ") { print; bad = 1 } END { exit bad }' "$out"
	done
	# two machines are told apart, names are quoted, and a long one moves no column
	printf 'state\t1\tm%s\t-\t9\t9\t2\t0\t%s\t-\trunning\t-\t-\n' 1 $'\xff' 2 "$(printf '%060d' 0)" | states2tab --table --columns=comm,run_ns,machine >"$out"
	diff - "$out" <<-'EOT'
		comm                                       run  machine
		\xff                                      1 ns  m1
		000000000000000000000000000000000000000000000000000000000000  1 ns  m2
	EOT
	[ "$(printf 'state\t1\tm%s\t-\t9\t9\t2\t0\tx\t-\trunning\t-\t-\n' 1 2 | states2tab --table | head -n 1 | grep -o 'machine.*')" = 'machine  tid  comm' ]
}

@test "--table has the unknown time if it is 1 percent of all or more" {
	printf 'state\t%d\thost\t-\t9\t9\t%d\t0\tx\t-\t%s\t-\t-\n' 0 99 running 99 100 unknown >"$BATS_TEST_TMPDIR/states"
	for by in process name; do
		states2tab --table --by=$by "$BATS_TEST_TMPDIR/states" | head -n 1 | grep -q ' unknown '
	done
	diff - <(states2tab --table --by=cpu states2tab/small.in) <<-'EOT'
		   run    idle  unknown  runs    p99    max  preempted_max  cpu
		 70 ns  130 ns   400 ns     1  30 ns  30 ns              -  0
		550 ns       0        0     3  60 ns  60 ns          50 ns  1
	EOT
	diff - <(states2tab --table "$BATS_TEST_TMPDIR/states") <<-'EOT'
		  run  wait  preempted  block  unknown  runs  p99  max  preempted_max  tid  comm
		99 ns     0          0      0     1 ns     1    -    -              -  9    x
	EOT
	printf 'state\t100\thost\t-\t8\t8\t101\t0\ty\t-\tsleeping\t-\t-\n' >>"$BATS_TEST_TMPDIR/states"
	states2tab --table "$BATS_TEST_TMPDIR/states" >"$out"
	run -1 grep unknown "$out"
}

@test "what delayed a task adds up to the time of its critical path, by state, reason and function" {
	states
	states2path -p work "$states" >"$BATS_TEST_TMPDIR/path"
	states2tab --by=path "$BATS_TEST_TMPDIR/path" >"$out"
	[ "$(wc -l <"$out")" -gt 5 ]
	awk -F'\t' '$1 == "path" { ns[$9 FS $11 FS $12] += $7 - $2 } END { for (k in ns) printf "%s\t%.0f\n", k, ns[k] }' "$BATS_TEST_TMPDIR/path" | sort |
		diff - <(awk -F'\t' 'NR > 1 { ns[$2 FS $3 FS $4] += $7 } END { for (k in ns) printf "%s\t%.0f\n", k, ns[k] }' "$out" | sort)
	recstacks "$BATS_TEST_TMPDIR/path" | states2tab --by=path | diff - "$out"
	awk -F'\t' 'NR > 1 { has = $5 != "-"; if ($3 ~ /^(running|runnable|unknown)$/) bad += has; else named += has } END { exit bad > 0 || !named }' "$out"
	grep -q '	uninterruptible\|	sleeping' "$out"
}

# sums BY FROM,TO FILE: the columns of a table of a window that add up, as "row<TAB>column<TAB>value" without zeros.
sums() {
	states2tab --by="$1" -t "$2" "$3" | awk -F'\t' -v by="$1" '
		NR == 1 {
			for (i = 1; i <= NF; i++) {
				numbers = numbers || $i ~ /^(tasks|wakes|count|run_ns)$/
				if (!numbers)
					keys = i
				else if ($i !~ /^tasks$|p[0-9]+_ns$|max_/)
					column[i] = $i
			}
			keys = by == "task" ? 3 : by == "process" ? 2 : keys
			next
		}
		{
			key = $1
			for (i = 2; i <= keys; i++) key = key FS $i
			for (i in column) if ($i > 0) printf "%s\t%s\t%.0f\n", key, column[i], $i
		}'
}

# adds_up BY FROM BORDER TO FILE: the tables of two adjacent windows add up to that of both.
adds_up() {
	{ sums "$1" "$2,$3" "$5"; sums "$1" "$3,$4" "$5"; } |
		awk -F'\t' '{ n = $NF; sub(/\t[^\t]*$/, ""); sum[$0] += n } END { for (k in sum) printf "%s\t%.0f\n", k, sum[k] }' | sort >"$BATS_TEST_TMPDIR/parts"
	sums "$1" "$2,$4" "$5" | sort | diff "$BATS_TEST_TMPDIR/parts" - || { echo "--by=$1 at $3"; return 1; }
	cat "$BATS_TEST_TMPDIR/parts" >>"$BATS_TEST_TMPDIR/all"
}

@test "the tables of two adjacent windows add up to the table of both, wherever the border is" {
	for by in task process name cpu waker function irq softirq syscall file device path; do
		for border in 200 256 560 600; do
			adds_up $by '' "$border" '' states2tab/small.in
		done
	done
	states
	for by in task process name cpu waker function; do
		adds_up $by +20ms +27.123456ms +35ms "$states"
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -gt 600 ]
	for by in task cpu waker function; do
		states2tab --by=$by -t +0, "$states" | diff - <(states2tab --by=$by "$states")
	done
}

@test "states tile the window of -t, by task and by CPU" {
	states
	run -0 states2tab -t +20ms,+30ms --by=cpu --columns=run_ns,idle_ns,unknown_ns "$states"
	[ "$(tail -n +2 <<<"$output" | awk '{ print $1 + $2 + $3 }' | sort -u)" = 10000000 ]
	first=$(awk -F'\t' '$1 ~ /state$|^arrow/ && (!min || $2 < min) { min = $2 } END { printf "%.0f", min }' "$states")
	awk -F'\t' -v from=$((first + 20000000)) -v to=$((first + 30000000)) '$1 == "state" {
			t = $2 > from ? $2 : from; end = $7 < to ? $7 : to
			if (end > t) sum[$6 FS $8] += end - t
		} END { for (k in sum) print k, sum[k] }' "$states" | sort >"$BATS_TEST_TMPDIR/lives"
	states2tab -t +20ms,+30ms "$states" | awk -F'\t' 'NR > 1 && (n = $6 + $7 + $8 + $9 + $10 + $11 + $12) > 0 { print $2 FS $3, n }' | sort | diff "$BATS_TEST_TMPDIR/lives" -
	[ "$(grep -c ' 10000000$' "$BATS_TEST_TMPDIR/lives")" -gt 3 ]
}

@test "what ends in a window counts there, in its whole length, and only its part adds to the times" {
	{
		printf 'state\t100\thost\t0\t7\t7\t200\t0\tx\t1\trunnable\t-\t-\n'
		printf 'state\t200\thost\t0\t7\t7\t300\t0\tx\t1\trunning\tout=S\t-\n'
		printf 'state\t300\thost\t0\t7\t7\t400\t0\tx\t1\tsleeping\t-\tk;1<read+0x1>\n'
	} >"$BATS_TEST_TMPDIR/in"
	tab() {
		states2tab -t "$1" --columns="$2" --by="${3-task}" "$BATS_TEST_TMPDIR/in" | tail -n +2 | tr '\t' ' '
	}
	[ "$(tab 150,250 wait_ns,waits,whole,max_ns,run_ns,runs)" = '50 1 1 100 50 0' ]
	[ "$(tab 120,199 wait_ns,waits,whole,max_ns,run_ns,runs)" = '79 0 0 - 0 0' ]
	[ "$(tab 120,200 wait_ns,waits,whole,max_ns,run_ns,runs)" = '80 1 1 100 0 0' ]
	[ "$(tab 200,300 wait_ns,waits,whole,max_ns,run_ns,runs)" = '0 0 0 - 100 1' ]
	[ "$(tab 350,400 function,count,total_ns,max_ns function)" = 'read 1 50 100' ]
	[ "$(tab 310,350 function,count,total_ns,max_ns function)" = 'read 0 40 -' ]
	rejects "$BATS_TEST_TMPDIR/in: nothing matches -t \"500,\": the events are from 100 to 400" states2tab -t 500, "$BATS_TEST_TMPDIR/in"
	rejects "$BATS_TEST_TMPDIR/in: no arrow records between these times" states2tab -t 150,250 --by=waker "$BATS_TEST_TMPDIR/in"
	run -2 states2tab -t 5,4 "$BATS_TEST_TMPDIR/in"
}

@test "columns are named with or without their unit, as the aligned header has them" {
	diff -u <(states2tab --sort=p99_ns+wait_ns --columns=comm,p99_ns,wait_ns states2tab/small.in) \
		<(states2tab --sort=p99+wait --columns=comm,p99,wait states2tab/small.in)
	run -2 states2tab --sort=p9 states2tab/small.in
	run -2 states2tab --columns=p99_n states2tab/small.in
}

@test "a stream without states, or without arrows, is reported" {
	rejects '<stdin>: no state records; sched2states makes them' states2tab <<<$'meta\t-\thost\thostname\tx'
	rejects '<stdin>: no arrow records; sched2states makes them from sched:sched_wakeup' states2tab --by=waker < <(grep -v ^arrow states2tab/small.in)
	[ "$output" = "$(head -n 1 states2tab/small.waker)" ]
	rejects '<stdin>: no path records; states2path makes them' states2tab --by=path <<<$'meta\t-\thost\thostname\tx'
	rejects '<stdin>: no iostate records; sched2states makes them from raw_syscalls:*' states2tab --by=file < <(grep ^state states2tab/small.in)
	rejects '<stdin>: no request records; sched2states makes them from block:block_rq_*' states2tab --by=device < <(grep ^state states2tab/small.in)
	rejects '<stdin>: no cpustate records of the lane irq; sched2states makes them from irq:*' states2tab --by=irq < <(grep ^state states2tab/small.in)
}

@test "a recording without switches is reported with what to record, in every table that needs them" {
	printf '%s\n' 'comm 1 host 0 6 6 exec b' 'wakeup 10 host 0 5 5 wakeup task 6 b 120 0 -' 'sample 20 host 0 5 5 cycles 1 - - - -' | tr ' ' '\t' |
		sched2states 2>"$err" >"$BATS_TEST_TMPDIR/in"
	for by in task process name cpu waker function; do
		states2tab --by=$by "$BATS_TEST_TMPDIR/in" 2>"$err" >"$out"
		[ "$(<"$err")" = "states2tab: $BATS_TEST_TMPDIR/in: all states are unknown, as in a recording without switches: record sched:sched_switch; rec2folded and rec2prof take samples" ]
	done
	# a part of the states with one that is known, and one without any state, are not such recordings
	printf 'state\t1\thost\t-\t8\t8\t2\t0\tx\t-\tsleeping\t-\t-\n' | cat "$BATS_TEST_TMPDIR/in" - | states2tab 2>"$err" >"$out"
	[ ! -s "$err" ]
	grep ^arrow "$BATS_TEST_TMPDIR/in" | states2tab --by=waker 2>"$err" >"$out"
	[ ! -s "$err" ]
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

# perf counts the wait of a task that was switched out in R as its wait time.
@test "perf sched timehist has the same longest wait after a preemption, to the microsecond" {
	needs perf
	states
	perf sched timehist --state --no-call-graph -i ../examples/pipeline.data 2>"$err" |
		sed -nE 's/^ *[0-9.]+ \[[0-9]+\] .*\[([0-9]+)(\/[0-9]+)?\] +([0-9]+)\.([0-9]+) +[0-9.]+ +[0-9.]+ +([A-Z]).*/\1 \3\4 \5/p' |
		awk '{ if (was[$1] == "R" && $2 > max[$1]) max[$1] = $2; was[$1] = $3 } END { for (tid in max) print tid, max[tid] }' | sort >"$BATS_TEST_TMPDIR/theirs"
	pick tid,preempted_max_ns --sort=preempted_max_ns <"$states" | grep -v ' -$' | sort >"$BATS_TEST_TMPDIR/ours"
	join -a1 -a2 -e- -o 0,1.2,2.2 "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours" | awk '
		{ n++; d = $3 / 1000 - $2; if (d < 0 || d >= 1) { print; bad = 1 } } END { print n " tasks"; exit bad || n < 8 }'
}

@test "perf sched latency has the same longest delay of a program that is never preempted while it waits" {
	needs perf
	states
	perf sched latency -i ../examples/pipeline.data 2>"$err" | grep 'head:' | grep -oE 'max start: +[0-9.]+|max: +[0-9.]+' | grep -oE '[0-9.]+' | tr '\n' ' ' >"$out"
	pick comm,max_ns,max_t --by=name <"$states" | awk '$1 == "head" { printf "%.3f %.6f ", $2 / 1e6, $3 / 1e9 }' | diff "$out" -
}

# A task runs on in perf's sums where a switch is missing; those tasks have unknown time here. perf cuts times to us.
@test "perf sched timehist --time has the same run times in a window, of tasks whose states are all known" {
	needs perf
	shared sched
	for data in build pipeline sleepy; do
		states=$BATS_TEST_TMPDIR/$data
		perf2rec "$shared/$data.data" | sched2states >"$states" 2>"$err"
		awk -F'\t' '$1 == "state" { if (!min || $2 < min) min = $2; if ($7 > max) max = $7 } END { for (i = 1; i < 8; i++) { t = (min + (max - min) * i / 8) / 1e9; printf "%.3f %.3f\n", t, t + 0.01 } }' "$states" |
			while read -r from to; do
				perf sched timehist --summary --time "$from,$to" -i "$shared/$data.data" 2>"$err" |
					sed -nE 's/^.*\[([0-9]+)(\/[0-9]+)?\] +-?[0-9]+ +[0-9]+ +([0-9]+)\.([0-9]+) .*/\1 \3\4/p' | sort >"$BATS_TEST_TMPDIR/theirs"
				pick tid,run_ns,unknown_ns -t "${from}s,${to}s" <"$states" | sort | join -a1 -e- -o 0,1.2,2.2,2.3 "$BATS_TEST_TMPDIR/theirs" - |
					awk -v window="$data $from" '$4 == 0 { d = $3 / 1000 - $2; print window, $0, (d <= -1 || d >= 2) ? "differs" : "" }'
			done
	done >"$out"
	run ! grep differs "$out"
	[ "$(wc -l <"$out")" -gt 100 ]
}

@test "a clock that does not count nanoseconds is reported where times have units" {
	printf 'meta\t-\thost\tclock_unit\tcycle\n' | cat - states2tab/small.in >"$BATS_TEST_TMPDIR/states"
	states2tab "$BATS_TEST_TMPDIR/states" 2>"$err" >"$out"
	[ ! -s "$err" ]
	said='the clock of host does not count nanoseconds: 1 ns stands for 1 cycle'
	states2tab --table "$BATS_TEST_TMPDIR/states" 2>"$err" >"$out"
	[ "$(<"$err")" = "states2tab: $said" ]
	states2svg "$BATS_TEST_TMPDIR/states" 2>"$err" >"$out"
	grep -qx "states2svg: $said" "$err"
	grep -q 'host, 1 ns stands for 1 cycle' "$out"
}
