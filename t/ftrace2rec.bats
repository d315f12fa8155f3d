#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Trace pages of the kernel's ring buffer, as records.

load lib
load sched2states/tiles

# events <records: "CPU TID TIME NAME" of each event, with the name that the kernel gives it.
events() {
	awk -F '\t' '
	$1 == "switch" { name = "sched_switch" }
	$1 == "wakeup" { name = $7 == "waking" ? "sched_waking" : $7 == "new" ? "sched_wakeup_new" : "sched_wakeup" }
	$1 == "migrate" { name = "sched_migrate_task" }
	$1 == "irq" { name = "irq_handler_" $7 }
	$1 == "softirq" { name = "softirq_" $7 }
	$1 == "idle" { name = "cpu_idle" }
	$1 == "freq" { name = "cpu_frequency" }
	$1 == "sysenter" || $1 == "sysexit" { name = "sys_" substr($1, 4) "_" $7 }
	$1 == "tracepoint" { name = $7; sub(/.*:/, "", name) }
	$1 ~ /^(meta|comm|fork|ksym|lost|gap)$/ { next }
	{ print $4, $6, $2, name }'
}

# report <trace-cmd's report: the same, without the stacks, which are fields of other events.
report() {
	sed -n 's/^ *.*-\([0-9]*\) *\[0*\([0-9][0-9]*\)\] *\([0-9]*\)[.]\([0-9]*\): *\([a-z_A-Z0-9]*\): .*/\2 \1 \3\4 \5/p' | grep -vE ' (kernel_stack|user_stack)$' |
		sed 's/ 0*\([0-9][0-9]*\) \([a-z_A-Z0-9]*\)$/ \1 \2/'
}

# layout CAPTURE -> the options that its pages need
layout() {
	[ ! -e "$1/buffer_subbuf_size_kb" ] || echo "--page=$(($(<"$1/buffer_subbuf_size_kb") * 1024))"
}

@test "every event of a guest is there, as trace-cmd reports it: CPU, task, time in ns, name" {
	shared ftrace
	for capture in oracle func lost sparse userstack; do
		folder=$shared/guest-6.1/$capture
		ftrace2rec -f "$shared/guest-6.1" "$folder/trace-path-cpu0" "$folder/trace-path-cpu1" >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		events <"$BATS_TEST_TMPDIR/rec" | LC_ALL=C sort >"$out"
		if [ -e "$folder/report.txt" ]; then cat "$folder/report.txt"; else xz -dc "$folder/report.txt.xz"; fi | report | LC_ALL=C sort | diff - "$out"
		[ "$(wc -l <"$out")" -ge 15 ]
	done
}

@test "every event of a host is there: pages of 4, 8 and 64 KB, raw ticks" {
	shared ftrace
	for capture in sub4 sub8 sub64 tsc ust; do
		folder=$shared/host-6.18/$capture
		ftrace2rec $(layout "$folder") -f "$shared/host-6.18" "$folder/cpu0" "$folder/cpu1" >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		events <"$BATS_TEST_TMPDIR/rec" |
			awk -v capture=$capture '{ printf "%s %s %.0f\n", $1, $2, capture == "tsc" ? $3 : int(($3 + 500) / 1000) }' | LC_ALL=C sort >"$out"
		[ "$(wc -l <"$out")" -ge 500 ]
		if [ -e "$folder/text" ]; then cat "$folder/text"; else xz -dc "$folder/text.xz"; fi | grep -vF '<stack trace>' | grep -vF '<user stack trace>' |
			sed -n 's/^.*-\([0-9]*\) *\[0*\([0-9][0-9]*\)\] [^ ]* *\([0-9]*\)[.]*\([0-9]*\): .*/\2 \1 \3\4/p' | LC_ALL=C sort | diff - "$out"
	done
}

@test "lost events: the counts add up to the kernel's overrun, and an uncounted place is unknown" {
	shared ftrace
	folder=$shared/host-6.18/gaps8
	ftrace2rec $(layout "$folder") -f "$shared/host-6.18" "$folder/cpu0" "$folder/cpu1" >"$out"
	diff <(awk -F '\t' $(recfields lost) '$kind == "lost" { print $cpu, ($since == "-" ? "-" : $since < $t), $count }' "$out") - <<-'EOF'
		0 - 1364
		0 1 5802
		0 1 -
		0 1 1533
		1 1 7999
	EOF
	for cpu in 0 1; do
		awk -F '\t' $(recfields lost) -v c=$cpu '$kind == "lost" && $cpu == c { n += $count; uncounted += $count == "-" } END { print n, uncounted + 0 }' "$out"
	done >"$BATS_TEST_TMPDIR/sums"
	[ "$(awk '/^overrun/ { print $2 }' "$folder/stats.end" | xargs)" = '10569 7999' ]
	diff "$BATS_TEST_TMPDIR/sums" - <<-'EOF'
		8699 1
		7999 0
	EOF
}

# page COMMIT EVENT ...: a page of 4096 bytes as t/unhex reads it, with the time 1000
page() {
	local commit=$1
	shift
	printf 'u64:1000 u64:%s\n' "$commit"
	printf '%s\n' "$@"
	echo pad:4096
}

# formats -> a tracing folder with the event test:go (id 7), with an int n
formats() {
	local folder=$BATS_TEST_TMPDIR/tracing
	mkdir -p "$folder/events/test/go"
	cat >"$folder/events/test/go/format" <<-'EOF'
		name: go
		ID: 7
		format:
			field:unsigned short common_type;	offset:0;	size:2;	signed:0;
			field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
			field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
			field:int common_pid;	offset:4;	size:4;	signed:1;

			field:int n;	offset:8;	size:4;	signed:1;

		print fmt: "%d", REC->n
	EOF
	tracing=$folder
}

# event DELTA N: 12 bytes of test:go by task 5
event() {
	echo "u32:$((${big:+1} + 0 ? 3 << 27 | $1 : $1 << 5 | 3)) u16:7 u8:0 u8:0 u32:5 u32:$2"
}

# read_pages ARG ... <text of pages: status, then what is in them
read_pages() {
	"$BUILD/t/unhex" ${big:+-b} >"$BATS_TEST_TMPDIR/cpu0"
	ftrace2rec -f "$tracing" "$@" "$BATS_TEST_TMPDIR/cpu0" 2>"$err" | tr '\t' ' '
}

@test "times: deltas, an extension, an absolute stamp, padding and a discarded event" {
	formats
	{
		# 16 + 8 + 16 + 8 + 16 + 12 + 16 + 4
		page 96 "$(event 10 1)" "u32:$((5 << 5 | 30)) u32:2" "$(event 1 2)" "u32:$((7 << 5 | 31)) u32:16" "$(event 0 3)" \
			"u32:$((3 << 5 | 29)) u32:8 u32:0" "$(event 0 4)" u32:29
		page 16 "$(event 1 5)"
	} | read_pages >"$out"
	diff <(sed -n 's/^tracepoint \([0-9]*\) host 0 - 5 test:go n=\([0-9]*\) -$/\2 \1/p' "$out") - <<-EOF
		1 1010
		2 $((1010 + (2 << 27) + 5 + 1))
		3 $(((16 << 27) + 7))
		4 $(((16 << 27) + 7 + 3))
		5 $(((16 << 27) + 7 + 3))
	EOF
	[[ "$(<"$err")" == *'1 events are earlier than the one before on their CPU'* ]]
}

@test "a long event has its length in a word of its own" {
	formats
	page 24 "u32:$((2 << 5)) u32:20 u16:7 u8:0 u8:0 u32:5 u32:9 u32:0" | read_pages | grep -qx 'tracepoint 1002 host 0 - 5 test:go n=9 -'
}

@test "big endian and 32 bits, by the agent's word" {
	formats
	printf 'version=1\nendian=big\nlong=4\npage=4096\n' >"$tracing/vtagent"
	big=1
	printf '%s\n' 'u64:1000 u32:16' "u32:$((3 << 27 | 10)) u16:7 u8:0 u8:0 u32:5 u32:77" pad:4096 | read_pages | grep -qx 'tracepoint 1010 host 0 - 5 test:go n=77 -'
}

@test "damage: what precedes it comes out, a gap stays, the next page is read" {
	formats
	{
		page 32 "$(event 1 1)" 'u32:0x3c u32:0 u32:0 u32:0'
		page 200000 "$(event 2 2)"
		page 16 "$(event 3 3)"
	} | read_pages >"$out"
	[ "$(grep -c '^tracepoint' "$out")" -ge 2 ]
	grep -q '^gap .* host 0 - - - [0-9]* an event is longer than the page, or empty$' "$out"
	grep -qx 'tracepoint 1003 host 0 - 5 test:go n=3 -' "$out"
	[[ "$(<"$err")" == *"cpu0@0x20: an event is longer than the page, or empty: 16 bytes are lost"* ]]
	page 16 "$(event 1 1)" | "$BUILD/t/unhex" | head -c 28 >"$BATS_TEST_TMPDIR/cpu0"
	rejects 'cpu0@0x10: an event is longer than the page' ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0"
	head -c 5 "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/cpu1"
	rejects 'cpu1@0x0: the page ends in its header: 5 bytes are lost' ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu1"
}

@test "an id without a format is counted and reported once" {
	formats
	page 48 "$(event 1 1)" "$(event 1 2 | sed s/u16:7/u16:8/)" "$(event 1 3 | sed s/u16:7/u16:9/)" | read_pages >"$out"
	[ "$(grep -c '^tracepoint' "$out")" = 1 ]
	[ "$(<"$err")" = 'ftrace2rec: 2 of 3 events have ids without a format, the first one 8: are the formats those of the traced kernel?' ]
	for ((i = 0; i < 10; i++)); do event 1 1; done >"$BATS_TEST_TMPDIR/ten"
	page 176 "$(<"$BATS_TEST_TMPDIR/ten")" "$(event 1 2 | sed s/u16:7/u16:8/)" | read_pages >"$out"
	[ "$(<"$err")" = 'ftrace2rec: 1 events have ids without a format, the first one 8' ]
}

@test "formats of another kernel: the status says that events are missing" {
	shared ftrace
	rejects 'events have ids without a format' ftrace2rec -f "$shared/host-6.18" "$shared/guest-6.1/oracle/trace-path-cpu0"
	[[ "$stderr" == *'1640 of 1784 events'* ]]
}

# times <records: kind, time, CPU and task of each event. Where pages are missing, its process may be.
times() {
	grep -v '^\(gap\|lost\|comm\|fork\)	' | cut -f 1,2,4,6 | LC_ALL=C sort
}

@test "a wrong size of a page is reported, and no record is made of what is no page" {
	shared ftrace
	for capture in sub4 sub8 sub64 gaps8; do
		folder=$shared/host-6.18/$capture
		layout=$(layout "$folder")
		ftrace2rec $layout -f "$shared/host-6.18" "$folder/cpu0" "$folder/cpu1" | times >"$BATS_TEST_TMPDIR/right"
		for size in 4096 8192 16384 65536; do
			[ "--page=$size" != "${layout:---page=4096}" ] || continue
			rejects "pages are not pages of $size bytes: --page says how large they are" \
				ftrace2rec --page=$size -f "$shared/host-6.18" "$folder/cpu0" "$folder/cpu1"
			[ -z "$(times <<<"$output" | LC_ALL=C comm -23 - "$BATS_TEST_TMPDIR/right")" ]
		done
	done
}

@test "a page without the bits of one, or older than the page before it, is none" {
	formats
	{
		page 16 "$(event 1 1)"
		page $((1 << 20 | 16)) "$(event 1 2)"
		page 16 "$(event 1 3)" | sed s/u64:1000/u64:999/
		page 16 "$(event 1 4)" | sed s/u64:1000/u64:2000/
	} | read_pages >"$out"
	[ "$(sed -n 's/.* n=\([0-9]*\) .*/\1/p' "$out" | xargs)" = '1 4' ]
	[ "$(grep -c 'no page starts here: 4096 bytes are lost' "$err")" = 3 ] # the first one is the status, too
	[ "$(grep -c '^gap 1001 host 0 - - - 4096 no page starts here$' "$out")" = 2 ]
}

@test "a size that no page has is wrong usage" {
	for size in 1000 4097 2097152; do
		run -2 --separate-stderr ftrace2rec --page=$size -f . cpu0
		[[ "$stderr" == *--page* ]]
	done
}

@test "CPUs that are not there: the message says which are" {
	formats
	page 16 "$(event 1 1)" | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/cpu0"
	for cpu in 1 2 5; do cp "$BATS_TEST_TMPDIR/cpu0" "$BATS_TEST_TMPDIR/cpu$cpu"; done
	ftrace2rec -C 7 -f "$tracing" "$BATS_TEST_TMPDIR"/cpu? 2>"$err" >"$out"
	diff "$err" - <<-'EOF'
		ftrace2rec: nothing matches -C "7"
		ftrace2rec: none of the CPUs is selected: they are 0-2,5
	EOF
}

@test "CPUs, events, times, machine and offset select and change as in the other sources" {
	formats
	page 48 "$(event 1 1)" "$(event 1 2)" "$(event 1 3)" >"$BATS_TEST_TMPDIR/text"
	[ "$(read_pages -t 1002,1002 <"$BATS_TEST_TMPDIR/text" | grep -c n=2)" = 1 ]
	[ "$(read_pages -t +1,-1 <"$BATS_TEST_TMPDIR/text" | grep ^trace | cut -d' ' -f8)" = n=2 ]
	read_pages -t 7s, <"$BATS_TEST_TMPDIR/text" >/dev/null
	grep -qx 'ftrace2rec: nothing matches -t "7s,": the events are from 0.000001001s to 0.000001003s' "$err"
	[ "$(read_pages -p 5 <"$BATS_TEST_TMPDIR/text" | grep -c ^trace)" = 3 ]
	[ "$(read_pages -p 6 <"$BATS_TEST_TMPDIR/text" | grep -c ^trace)" = 0 ]
	grep -qx 'ftrace2rec: nothing matches -p "6"' "$err"
	read_pages -e switch -t 1002,1002 <"$BATS_TEST_TMPDIR/text" >/dev/null
	grep -qx 'ftrace2rec: nothing matches -t "1002,1002" together with -e' "$err"
	rejects 'not a file: -t cannot be relative' ftrace2rec -f "$tracing" -t -1, 0=<(cat "$BATS_TEST_TMPDIR/cpu0")
	[ "$(read_pages -e 'test:*' <"$BATS_TEST_TMPDIR/text" | grep -c ^trace)" = 3 ]
	[ "$(read_pages -e go <"$BATS_TEST_TMPDIR/text" | grep -c ^trace)" = 3 ]
	[ "$(read_pages -e switch <"$BATS_TEST_TMPDIR/text" | grep -c ^trace)" = 0 ]
	[ "$(read_pages -C 1 <"$BATS_TEST_TMPDIR/text" 2>"$err" | grep -c ^trace)" = 0 ]
	grep -qx 'ftrace2rec: nothing matches -C "1"' "$err"
	read_pages -C 0 <"$BATS_TEST_TMPDIR/text" 2>&1 | grep -c 'nothing matches' | grep -qx 0
	read_pages -m vm7 --offset=-1000 <"$BATS_TEST_TMPDIR/text" | grep -qx 'tracepoint 2 vm7 0 - 5 test:go n=2 -'
	mv "$BATS_TEST_TMPDIR/cpu0" "$BATS_TEST_TMPDIR/pages"
	ftrace2rec -f "$tracing" 3="$BATS_TEST_TMPDIR/pages" | cut -f4 | grep -qx 3
	rejects 'no CPU number in the name: say N=' ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/pages"
}

@test "an archive of the tracing folder does as well, and a folder that holds it" {
	formats
	page 16 "$(event 1 1)" >"$BATS_TEST_TMPDIR/text"
	read_pages <"$BATS_TEST_TMPDIR/text" >"$out"
	tar -C "$BATS_TEST_TMPDIR" --format=ustar -cf "$BATS_TEST_TMPDIR/meta" tracing
	for formats in "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/meta"; do
		ftrace2rec -f "$formats" "$BATS_TEST_TMPDIR/cpu0" | tr '\t' ' ' | cmp - "$out"
	done
	head -c 2000 "$BATS_TEST_TMPDIR/meta" >"$BATS_TEST_TMPDIR/cut"
	rejects 'cut@0x' ftrace2rec -f "$BATS_TEST_TMPDIR/cut" "$BATS_TEST_TMPDIR/cpu0"
	rejects 'no tracing folder' ftrace2rec -f "$BATS_TEST_DIRNAME" "$BATS_TEST_TMPDIR/cpu0"
}

@test "a kernel stack starts with the code that caused the event if the kernel's symbols are there, not with the tracer" {
	dir=$BATS_TEST_TMPDIR/host
	cp -r ../examples/virtio/host "$dir"
	rm "$dir/kallsyms"
	ftrace2rec -f "$dir" ../examples/virtio/host/cpu? | cs2text -k ../examples/virtio/host/kallsyms >"$BATS_TEST_TMPDIR/all"
	ftrace2rec -f ../examples/virtio/host ../examples/virtio/host/cpu? | cs2text | grep -v '^ksym	' >"$out" # the names are in the stream
	[ "$(grep -c 'k;[^;]*<trace_event_raw_event_' "$BATS_TEST_TMPDIR/all")" -gt 3000 ]
	[ "$(grep -cE '<(trace_event_raw_event_|__traceiter_)' "$out")" = 0 ]
	sed -E 's/([^;<]*<(trace_event_raw_event|__traceiter)_[^>]*>;)+//' "$BATS_TEST_TMPDIR/all" | cmp - "$out"
	# the same from an archive, such as the agent's
	mkdir "$BATS_TEST_TMPDIR/meta" "$BATS_TEST_TMPDIR/meta/proc"
	cp -r "$dir" "$BATS_TEST_TMPDIR/meta/tracing"
	cp ../examples/virtio/host/kallsyms "$BATS_TEST_TMPDIR/meta/proc"
	tar -C "$BATS_TEST_TMPDIR/meta" --format=ustar -cf "$BATS_TEST_TMPDIR/meta.tar" tracing proc
	ftrace2rec -f "$BATS_TEST_TMPDIR/meta.tar" ../examples/virtio/host/cpu? | cs2text | grep -v '^ksym	' | cmp - "$out"
}

@test "stacks once and inline are the same stream" {
	shared ftrace
	folder=$shared/guest-6.1/userstack
	for stacks in once inline; do
		ftrace2rec --stacks=$stacks -f "$shared/guest-6.1" "$folder"/trace-path-cpu? | recstacks | grep -v '^stack' >"$out.$stacks"
	done
	cmp "$out.once" "$out.inline"
	grep -q 'k;[0-9a-f;]*;u;[0-9a-f;]*$' "$out.inline" || grep -q '	u;[0-9a-f;]*$' "$out.inline"
}

@test "states tile the time of a guest that was traced" {
	shared ftrace
	folder=$shared/guest-6.1/oracle
	ftrace2rec -f "$shared/guest-6.1" "$folder"/trace-path-cpu? | sched2states >"$out"
	reccheck -n --any-order "$out"
	[ "$(grep -c '^state' "$out")" -gt 100 ]
	tiles "$out"
}

@test "trace.dat, versions 6 and 7, compressed or not: every event, as trace-cmd reports it" {
	shared ftrace
	# the report of funcgraph shows the entry and exit of a function that calls none as one line
	for name in oracle-v6 oracle-v7-none oracle-v7-zstd guest-v7-zstd guest-v6-funcgraph-stack; do
		ftrace2rec "$shared/tracedat/$name.dat" >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		events <"$BATS_TEST_TMPDIR/rec" | grep -v funcgraph | LC_ALL=C sort >"$out"
		[ "$(wc -l <"$out")" -ge 100 ]
		case $name in
		oracle-*) xz -dc "$shared/tracedat/oracle.report.txt.xz" ;;
		*) cat "$shared/tracedat/$name.report.txt" ;;
		esac | report | grep -v funcgraph | LC_ALL=C sort | diff - "$out"
	done
}

# Only callers: trace-cmd looks for what is at a return address, cs2text for what is before it.
@test "trace.dat: its symbols name the functions of kernel stacks as trace-cmd names them" {
	shared ftrace
	for name in oracle-v6 oracle-v7-none oracle-v7-zstd guest-v6-funcgraph-stack; do
		ftrace2rec "$shared/tracedat/$name.dat" | cs2text 2>"$err" >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		case $name in
		oracle-*) xz -dc "$shared/tracedat/oracle.report.txt.xz" ;;
		*) cat "$shared/tracedat/$name.report.txt" ;;
		esac | sed -n 's/^=> \([a-zA-Z0-9_.]*\) (\([0-9a-f]*\))$/\2 \1/p' | sort -u >"$BATS_TEST_TMPDIR/theirs"
		grep -o '[0-9a-f]*<[^?>][^>]*>' "$BATS_TEST_TMPDIR/rec" | sed 's/<\(.*\)+0x[0-9a-f]*>/ \1/; s/<\(.*\)+0x.*/ \1/' | sort -u >"$out"
		join "$BATS_TEST_TMPDIR/theirs" "$out" >"$BATS_TEST_TMPDIR/both"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/both")" -ge 4 ]
		awk '$2 != $3 { print; bad = 1 } END { exit bad }' "$BATS_TEST_TMPDIR/both"
	done
}

# functions IP PARENT ... -> a tracing folder, and $BATS_TEST_TMPDIR/cpu0 with an event of ftrace:function for each pair
functions() {
	formats
	mkdir -p "$tracing/events/ftrace/function"
	sed 's/: go/: function/; s/ID: 7/ID: 1/; s/field:int n;.*/field:unsigned long ip;	offset:8;	size:8;	signed:0;\n\tfield:unsigned long parent_ip;	offset:16;	size:8;	signed:0;/; s/REC->n/REC->ip/' \
		"$tracing/events/test/go/format" >"$tracing/events/ftrace/function/format"
	local n=$(($# * 14))
	while [ $# -gt 0 ]; do
		echo "u32:$((1 << 5 | 6)) u16:1 u8:0 u8:0 u32:5 u64:0x$1 u64:0x$2"
		shift 2
	done >"$BATS_TEST_TMPDIR/events"
	page $n "$(<"$BATS_TEST_TMPDIR/events")" | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/cpu0"
}

@test "trace.dat: functions are defined before their first use, once, those of modules with their module" {
	functions ffffffff81000000 ffffffff81000100 ffffffff81000010 ffffffffc0000010 ffffffffc0000004 ffffffffc0000101 ffffffffa0000000 ffffffffc0000010
	printf '%s t %s\n' ffffffff81000000 one ffffffff81000100 two ffffffffc0000000 $'three\t[mod]' ffffffffc0000100 $'f\\our\t[mod]' >"$tracing/kallsyms"
	for version in '' -6 -z; do
		"$BUILD/t/mkdat" $version "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
		ftrace2rec "$BATS_TEST_TMPDIR/made.dat" | cs2text >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		grep -E '^(ksym|tracepoint)' "$BATS_TEST_TMPDIR/rec" | cut -f 1,2,7- | sed 's/ftrace:function.*	//' >"$out"
		diff - "$out" <<-'EOF'
			ksym	1001	add	ffffffff81000000	100	one
			tracepoint	1001	k;ffffffff81000000<one+0x0>;ffffffff81000100<one+0x100>
			ksym	1002	add	ffffffffc0000000	100	three [mod]
			tracepoint	1002	k;ffffffff81000010<one+0x10>;ffffffffc0000010<three+0x10 [mod]>
			ksym	1003	add	ffffffffc0000100	1f00	f\\our [mod]
			tracepoint	1003	k;ffffffffc0000004<three+0x4 [mod]>;ffffffffc0000101<f\\our+0x1 [mod]>
			tracepoint	1004	k;ffffffffa0000000;ffffffffc0000010<three+0x10 [mod]>
		EOF
		ftrace2rec --stacks=once "$BATS_TEST_TMPDIR/made.dat" | recstacks | cs2text | diff "$BATS_TEST_TMPDIR/rec" -
	done
}

@test "trace.dat: the symbols before a damaged line are used" {
	functions ffffffff81000004 ffffffff81000008
	for bad in $'bad\nffffffff81000200 t c\n' $'\nffffffff81000200 t c\n' ffffffff8100; do
		printf 'ffffffff81000000 t one\nffffffff81000100 t two\n%s' "$bad" >"$tracing/kallsyms"
		"$BUILD/t/mkdat" "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
		run -0 --separate-stderr ftrace2rec "$BATS_TEST_TMPDIR/made.dat"
		grep -q $'^ksym\t.*\tadd\tffffffff81000000\t100\tone$' <<<"$output"
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == *"the trace's kernel symbols are damaged: kallsyms:3: "* ]]
	done
}

@test "trace.dat: symbols that are hidden or no symbols are reported, and the events are written" {
	functions ffffffff81000000 ffffffff81000100
	for symbols in $'0000000000000000 t one\n' 'not symbols' $'ffffffff81000000 t one'; do
		printf '%s' "$symbols" >"$tracing/kallsyms"
		"$BUILD/t/mkdat" "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
		run -0 --separate-stderr ftrace2rec "$BATS_TEST_TMPDIR/made.dat"
		grep -q $'k;ffffffff81000000;ffffffff81000100$' <<<"$output"
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == *"made.dat: the trace's kernel symbols cannot be used: kallsyms:"* || $stderr == *"ftrace2rec: the trace's kernel symbols cannot be used: kallsyms:"* ]]
	done
	rm "$tracing/kallsyms"
	printf '%s t one\n' ffffffff81000000 >"$tracing/kallsyms"
	"$BUILD/t/mkdat" "$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
	at=$(grep -abo 'ffffffff81000000 t one' "$BATS_TEST_TMPDIR/made.dat" | cut -d : -f 1)
	printf '\xff\xff\xff\x0f' | dd of="$BATS_TEST_TMPDIR/made.dat" bs=1 seek=$((at - 4)) conv=notrunc status=none # its length in the section
	run -1 --separate-stderr ftrace2rec "$BATS_TEST_TMPDIR/made.dat"
	grep -q $'k;ffffffff81000000;ffffffff81000100$' <<<"$output"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"a section is cut short: in the section of the kernel's symbols: they are left out" ]]
}

@test "trace.dat: gzip'd, from a pipe, selected" {
	shared ftrace
	ftrace2rec "$shared/tracedat/oracle-v7-zstd.dat" >"$out"
	ftrace2rec - <"$shared/tracedat/oracle-v7-zstd.dat" | cmp - "$out"
	gzip <"$shared/tracedat/oracle-v7-zstd.dat" >"$BATS_TEST_TMPDIR/gz"
	ftrace2rec "$BATS_TEST_TMPDIR/gz" | cmp - "$out"
	[ "$(ftrace2rec -C 1 -e switch "$shared/tracedat/oracle-v7-zstd.dat" | grep -c ^switch)" = "$(awk -F '\t' '$1 == "switch" && $4 == 1' "$out" | wc -l)" ]
}

@test "trace.dat cut anywhere: what precedes the cut, one message, status 1" {
	shared ftrace
	for name in oracle-v6 oracle-v7-zstd guest-v7-zstd; do
		size=$(stat -c %s "$shared/tracedat/$name.dat")
		ftrace2rec "$shared/tracedat/$name.dat" >"$out.whole"
		for part in 1 3 10 25 50 75 95 99; do
			head -c $((size * part / 100)) "$shared/tracedat/$name.dat" >"$BATS_TEST_TMPDIR/cut"
			echo "== $name $part"
			status=0
			ftrace2rec "$BATS_TEST_TMPDIR/cut" 2>"$err" || status=$?
			[[ $status -eq 1 && $(<"$err") == "ftrace2rec: $BATS_TEST_TMPDIR/cut"* ]] || { echo "$name $part: $status, $(<"$err")" >&2; return 1; }
		done >"$out"
		awk -F '\t' '
			{ key = $1 FS $2 FS $3 FS $4 FS $6 FS $7 }
			FNR == NR { whole[key]; next }
			/^== / { cut = $0; next }
			!/^gap/ && !(key in whole) { print cut ": " $0; bad = 1 }
			END { exit bad }' "$out.whole" "$out"
	done
}

@test "no link of a tracing folder leads out of it" {
	formats
	page 16 "$(event 1 1)" | read_pages >"$out"
	grep -q 'test:go' "$out"
	mv "$tracing/events/test/go/format" "$BATS_TEST_TMPDIR/format"
	ln -s "$BATS_TEST_TMPDIR/format" "$tracing/events/test/go/format"
	rejects 'no formats of events' ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0"
	rm "$tracing/events/test/go/format"
	mkfifo "$tracing/events/test/go/format"
	rejects 'no formats of events' timeout 10 ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0"
}

@test "one CPU twice, a format that is none, events that are not there: each is reported" {
	formats
	page 16 "$(event 1 1)" >"$BATS_TEST_TMPDIR/text"
	read_pages -e nosuch <"$BATS_TEST_TMPDIR/text"
	[ "$(<"$err")" = 'ftrace2rec: nothing matches -e "nosuch": the events are test:go
ftrace2rec: none of the 1 events is selected' ]
	rejects "cpu0: its CPU 0 has another file already" ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0" "$BATS_TEST_TMPDIR/cpu0"
	mkdir -p "$tracing/events/test/bad"
	echo nothing >"$tracing/events/test/bad/format"
	rejects '1 format files could not be read, the first one events/test/bad/format' ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0"
	echo format >"$tracing/events/test/bad/format"
	chmod 0 "$tracing/events/test/bad/format"
	user=()
	[ "$(id -u)" -ne 0 ] || user=(setpriv "--bounding-set=-dac_override,-dac_read_search")
	rejects '1 format files could not be read, the first one events/test/bad/format' "${user[@]}" ftrace2rec -f "$tracing" "$BATS_TEST_TMPDIR/cpu0"
	for n in 4 5 6; do
		rejects 'Too many open files' bash -c 'exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&-; ulimit -n '$n'; exec ftrace2rec -f "$0" "$1"' "$tracing" "$BATS_TEST_TMPDIR/cpu0"
	done
}

@test "an address that would read as the mark of a mode is no frame" {
	formats
	mkdir -p "$tracing/events/ftrace/kernel_stack"
	sed 's/: go/: kernel_stack/; s/ID: 7/ID: 4/; s/field:int n;.*/field:unsigned long caller[8];	offset:16;	size:64;	signed:0;/' "$tracing/events/test/go/format" >"$tracing/events/ftrace/kernel_stack/format"
	for address in 0xfffffffffffffe00 0xffffffffffffff80 0xfffffffffffff001; do
		page 52 "$(event 1 1)" "u32:$((1 << 5 | 8)) u16:4 u8:0 u8:0 u32:5 u64:2 u64:$address u64:0xffffffff81000010" | read_pages >"$out"
		grep -qx 'tracepoint 1001 host 0 - 5 test:go n=1 k;ffffffff81000010' "$out"
		page 52 "$(event 1 1)" "u32:$((1 << 5 | 8)) u16:4 u8:0 u8:0 u32:5 u64:1 u64:$address u64:$address" | read_pages >"$out"
		grep -qx 'tracepoint 1001 host 0 - 5 test:go n=1 -' "$out"
	done
}

@test "an address is hexadecimal: of a function, of an allocation's call site, of each caller" {
	shared ftrace
	ftrace2rec -f "$shared/guest-6.1" "$shared"/guest-6.1/graph/trace-path-cpu? >"$out"
	grep -q '	ftrace:funcgraph_entry	func=0xffffffff8134a0f0 depth=0	k;ffffffff8134a0f0$' "$out"
	ftrace2rec -f "$shared/guest-6.1" "$shared"/guest-6.1/oracle/trace-path-cpu? >"$out"
	grep -q '	kmem:kmalloc	call_site=0xffffffff812dd2fb ptr=0xffff888005805400 bytes_req=64 ' "$out"
}

@test "what was written to trace_marker is there to its end" {
	shared ftrace
	ftrace2rec -f "$shared/guest-6.1" "$shared"/guest-6.1/oracle/trace-path-cpu? >"$BATS_TEST_TMPDIR/rec"
	awk -F '\t' '$7 == "ftrace:print" { sub(/.* buf=/, "", $8); gsub(/\\x20/, " ", $8); sub(/\\n$/, "", $8); print $8 }' "$BATS_TEST_TMPDIR/rec" >"$out"
	[ -s "$out" ]
	xz -dc "$shared/guest-6.1/oracle/text.xz" | sed -n 's/.*: tracing_mark_write: //p' | diff - "$out"
}

# frame WHAT FILE [BYTES]: a frame of the agent's stream; BYTES is what its header says.
frame() {
	echo "u32:0x67617476 u32:$1 u64:${3:-$(stat -c %s "$2")}" | "$BUILD/t/unhex" ${big:+-b}
	cat "$2"
}

# stream -> the agent's stream of two CPUs: CPU 1 in two frames, CPU 0 between them; the report comes with a format of its own
stream() {
	local dir=$BATS_TEST_TMPDIR/parts
	formats
	mkdir -p "$dir"
	printf 'version=1\nendian=%s\nlong=8\npage=4096\n' "$([ -n "${big-}" ] && echo big || echo little)" >"$dir/vtagent"
	tar --format=ustar -cf "$dir/first" -C "$dir" vtagent -C "$BATS_TEST_TMPDIR" tracing
	sed -i 's/: go/: late/; s/ID: 7/ID: 8/' "$tracing/events/test/go/format"
	tar --format=ustar -cf "$dir/last" -C "$dir" vtagent -C "$BATS_TEST_TMPDIR" tracing
	page 16 "$(event 1 1)" | "$BUILD/t/unhex" ${big:+-b} >"$dir/a"
	page 16 "$(event 2 2 | sed s/u16:7/u16:8/)" | "$BUILD/t/unhex" ${big:+-b} >"$dir/b"
	page 16 "$(event 3 3)" | "$BUILD/t/unhex" ${big:+-b} >"$dir/c"
	echo 'vtagent 1 cpus=0-1 page=4096' >"$dir/hello"
	printf 'stopped cpu0 bytes=%s unsent=0 entries=0 overrun=0\nstopped cpu1 bytes=8192 unsent=0 entries=0 overrun=0\ndone bytes=12288\n' "${sent-4096}" >"$dir/done"
	frame 0xfffffffe "$dir/hello"
	frame 0xffffffff "$dir/first"
	frame 1 "$dir/a"
	frame 0 "$dir/b"
	frame 1 "$dir/c"
	frame 0xffffffff "$dir/last"
	frame 0xfffffffe "$dir/done"
}

@test "the agent's single stream: its formats, the pages of each CPU, merged, from a pipe, in either byte order" {
	for big in '' 1; do
		stream | ftrace2rec - | grep ^tracepoint | tr '\t' ' ' >"$out"
		diff "$out" - <<-'EOF2'
			tracepoint 1001 host 1 - 5 test:go n=1 -
			tracepoint 1002 host 0 - 5 test:late n=2 -
			tracepoint 1003 host 1 - 5 test:go n=3 -
		EOF2
	done
}

@test "the agent's stream, cut anywhere: what is there of the pages, a message, status 1" {
	stream >"$BATS_TEST_TMPDIR/whole"
	ftrace2rec "$BATS_TEST_TMPDIR/whole" >"$out.whole"
	# beside the borders of each frame and its header, and at a spread of other places
	at=0 cuts=()
	for part in hello first a b c last 'done'; do
		cuts+=($((at - 1)) "$at" $((at + 1)) $((at + 15)) $((at + 16)) $((at + 17)))
		at=$((at + 16 + $(stat -c %s "$BATS_TEST_TMPDIR/parts/$part")))
	done
	[ $at -eq "$(stat -c %s "$BATS_TEST_TMPDIR/whole")" ]
	cuts+=($((at - 1)))
	for ((size = 17; size < at; size += 1311)); do
		cuts+=("$size")
	done
	for size in "${cuts[@]}"; do
		[ $size -ge 17 ] || continue # less is no stream yet
		head -c $size "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/cut"
		echo "== $size"
		status=0
		ftrace2rec "$BATS_TEST_TMPDIR/cut" 2>"$err" || status=$?
		[[ $status -eq 1 && $(<"$err") == *"ftrace2rec: $BATS_TEST_TMPDIR/cut@0x"* ]] || { echo "$size: $status, $(<"$err")" >&2; return 1; }
	done >"$out"
	awk 'FNR == NR { whole[$0]; next } /^== / { cut = $0; next } !/^gap\t/ && !($0 in whole) { print cut ": " $0; bad = 1 } END { exit bad }' "$out.whole" "$out"
	[ "$(awk -v cut=$((at - 1)) '/^== / { inside = $2 == cut } inside && /^tracepoint/' "$out" | wc -l)" -ge 2 ]
	gzip -c "$BATS_TEST_TMPDIR/whole" | head -c 600 >"$BATS_TEST_TMPDIR/cut.gz"
	run -1 --separate-stderr ftrace2rec "$BATS_TEST_TMPDIR/cut.gz"
	[ "$(grep -o '@0x' <<<"$stderr" | wc -l)" -eq 1 ]
	[[ $stderr == *'(decompressed): the gzip stream is cut short' ]]
}

@test "the agent's report: pages that did not arrive are a gap, what it complains about is reported" {
	sent=12288 stream >"$BATS_TEST_TMPDIR/stream"
	rejects '8192 bytes of pages that the agent sent did not arrive' ftrace2rec "$BATS_TEST_TMPDIR/stream"
	grep -qx "gap	1002	host	0	-	-	-	8192	pages that did not arrive" <<<"$output"
	stream | sed 's/bytes=4096 unsent=0/bytes=4096 unsent=3/' >"$BATS_TEST_TMPDIR/stream"
	rejects 'the agent reports: stopped cpu0 bytes=4096 unsent=3' ftrace2rec "$BATS_TEST_TMPDIR/stream"
	rejects 'it has the pages of all CPUs: give it alone' ftrace2rec "$BATS_TEST_TMPDIR/stream" "$BATS_TEST_TMPDIR/stream"
}

@test "what the agent wrote to its control port does for formats, and its report is checked" {
	sent=${sent-4096} stream >/dev/null
	cd "$BATS_TEST_TMPDIR/parts"
	{
		cat hello
		echo "meta $(stat -c %s first)"
		cat first
		echo started
		echo "meta $(stat -c %s last)"
		cat last 'done'
	} >control
	cat a c >cpu1
	ftrace2rec -f control 0=b cpu1 | grep -c ^tracepoint | grep -qx 3
	rejects '4096 bytes of pages that the agent sent did not arrive' ftrace2rec -f control 0=b 1=c
	head -c 3000 control >short
	rejects 'short@0x' ftrace2rec -f short 0=b cpu1
}

# narrow: addresses of the kernel as a 32-bit twin has them
narrow() {
	sed 's/\(k\|;\)ffffffff\([0-9a-f]\{8\}\)/\1\2/g'
}

# twin OPTIONS CAPTURE: its trace.dat as another machine would have written it
twin() {
	"$BUILD/t/mkdat" $1 "$shared/guest-6.1" "$shared/guest-6.1/$2"/trace-path-cpu? >"$BATS_TEST_TMPDIR/twin.dat"
}

@test "twins of recordings, big-endian, 32-bit, both, compressed with zlib, of either version: the same records" {
	shared ftrace
	for capture in oracle func graph lost sparse; do
		ftrace2rec -f "$shared/guest-6.1" "$shared/guest-6.1/$capture"/trace-path-cpu? | narrow >"$out"
		for options in '' -b -4 '-b -4' -z '-b -z' -6 '-6 -b -4'; do
			twin "$options" $capture
			ftrace2rec "$BATS_TEST_TMPDIR/twin.dat" | narrow | diff - "$out"
		done
	done
}

@test "the twins are what trace-cmd takes for the same recording" {
	shared ftrace
	needs trace-cmd
	xz -dc "$shared/guest-6.1/oracle/report.txt.xz" | report >"$out"
	for options in -b '-b -4' '-6 -b' ; do
		twin "$options" oracle
		trace-cmd report -t -i "$BATS_TEST_TMPDIR/twin.dat" 2>/dev/null | report | diff - "$out"
	done
}

@test "raw pages of a big-endian kernel of 32 bits: the agent's file says so" {
	shared ftrace
	mkdir -p "$BATS_TEST_TMPDIR/g"
	cp -r "$shared/guest-6.1/tracing" "$BATS_TEST_TMPDIR/g"
	chmod -R u+w "$BATS_TEST_TMPDIR/g"
	rm "$BATS_TEST_TMPDIR/g/tracing/events/header_page"
	printf 'endian=big\nlong=4\npage=4096\n' >"$BATS_TEST_TMPDIR/g/vtagent"
	for cpu in 0 1; do
		"$BUILD/t/mkdat" -r -b -4 "$shared/guest-6.1" "$shared/guest-6.1/oracle/trace-path-cpu$cpu" >"$BATS_TEST_TMPDIR/cpu$cpu"
	done
	ftrace2rec -f "$shared/guest-6.1" "$shared"/guest-6.1/oracle/trace-path-cpu? | narrow >"$out"
	ftrace2rec -f "$BATS_TEST_TMPDIR/g" "$BATS_TEST_TMPDIR"/cpu? | narrow | diff - "$out"
}

@test "the buffers of instances are read, too, or one of them alone" {
	shared ftrace
	twin '' oracle
	ftrace2rec "$BATS_TEST_TMPDIR/twin.dat" | grep -v ^meta >"$out"
	for options in '-i inst' '-i inst -6' '-i inst -b -z'; do
		twin "$options" oracle
		ftrace2rec "$BATS_TEST_TMPDIR/twin.dat" | grep -v ^meta | sort | uniq -c | awk '$2 !~ /^comm$/ && $1 % 2 { print }' | diff - /dev/null
		for buffer in '' inst; do
			ftrace2rec --buffer=$buffer "$BATS_TEST_TMPDIR/twin.dat" | grep -v ^meta | diff - "$out"
		done
		rejects 'no buffer "other"' ftrace2rec --buffer=other "$BATS_TEST_TMPDIR/twin.dat"
	done
}

# dat [ARG ...] <text of CPU 1's pages: a trace.dat with two CPUs; option_N, made by t/unhex, is its option N
dat() {
	"$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/cpu1"
	: >"$BATS_TEST_TMPDIR/cpu0"
	local option options=()
	for option in "$BATS_TEST_TMPDIR"/option_*; do
		[ ! -e "$option" ] || options+=(-O "${option##*_}=$option")
	done
	"$BUILD/t/mkdat" "${options[@]}" "$@" "$tracing" "$BATS_TEST_TMPDIR"/cpu? >"$BATS_TEST_TMPDIR/made.dat"
	dat=$BATS_TEST_TMPDIR/made.dat
}

# option N: option N from text
option() {
	"$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/option_$1"
}

@test "trace.dat: the clock, its conversion to ns, and an offset" {
	formats
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	option 4 <<<'"local global [x86-tsc] mono\n\0"'
	dat <"$BATS_TEST_TMPDIR/text"
	ftrace2rec "$dat" 2>"$err" >"$out"
	grep -qx 'meta	-	host	clock	x86-tsc' "$out"
	grep -qx 'meta	-	host	clock_unit	cycle' "$out"
	grep -q '^tracepoint	1024	' "$out"
	grep -q 'the clock x86-tsc does not count nanoseconds' "$err"
	option 14 <<<'u32:512 u32:10 u64:7'
	option 7 <<<'"100\0"'
	option 1 <<<'"0x2\0"'
	for version in '' -6; do
		dat $version <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" 2>"$err" >"$out"
		[ ! -s "$err" ]
		grep -qx 'meta	-	host	clock_to_ns	(t \* 512 >> 10) + 7' "$out"
		! grep -q clock_unit "$out"
		grep -q "^tracepoint	$((1024 / 2 + 7 + 100 + 2000))	" "$out"
	done
}

@test "clocks, of a tracing folder and of a trace.dat: those that do not count ns are reported, and their times stay" {
	formats
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	"$BUILD/t/unhex" <"$BATS_TEST_TMPDIR/text" >"$BATS_TEST_TMPDIR/pages1"
	while read -r clock unit; do
		echo "local global counter uptime perf mono mono_raw boot tai x86-tsc" | sed "s/\\<$clock\\>/[$clock]/" >"$tracing/trace_clock"
		printf '"%s\\0"\n' "$(<"$tracing/trace_clock")" | option 4
		for version in '' -6; do
			dat $version <"$BATS_TEST_TMPDIR/text"
			for input in "$dat" "-f $tracing $BATS_TEST_TMPDIR/pages1"; do
				ftrace2rec $input 2>"$err" >"$out"
				grep -qx "meta	-	host	clock	$clock" "$out"
				grep -q '^tracepoint	1024	' "$out"
				[ "$(sed -n 's/^meta	-	host	clock_unit	//p' "$out")" = "$unit" ]
				[ "$(cat "$err")" = "${unit:+ftrace2rec: the clock $clock does not count nanoseconds: times are its own}" ]
			done
		done
	done <<-'EOF'
		local
		global
		counter event
		uptime jiffy
		mono
		boot
		x86-tsc cycle
	EOF
}

@test "trace.dat: the clock of an instance is that of TRACECLOCK, unless the buffers have different ones" {
	formats
	echo '[global] uptime x86-tsc' >"$tracing/trace_clock"
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	option 4 <<<'"local global [x86-tsc] mono\0"'
	dat -i inst <"$BATS_TEST_TMPDIR/text"
	for buffer in -v --buffer= --buffer=inst; do
		ftrace2rec "$buffer" "$dat" 2>"$err" >"$out"
		grep -qx 'meta	-	host	clock	x86-tsc' "$out"
		grep -qx 'meta	-	host	clock_unit	cycle' "$out"
		grep -q 'the clock x86-tsc does not count nanoseconds' "$err"
	done
	sed -i 's/inst\x00global/inst\x00uptime/' "$dat"
	ftrace2rec --buffer=inst "$dat" 2>"$err" | grep -qx 'meta	-	host	clock_unit	jiffy'
	ftrace2rec --buffer= "$dat" 2>"$err" | grep -qx 'meta	-	host	clock	global'
	[ ! -s "$err" ]
	ftrace2rec "$dat" 2>&1 >"$out" | grep -q 'the buffer "inst" has another clock, uptime: choose one buffer'
}

@test "trace.dat: the architecture of the machine, from its uname" {
	formats
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	option 5 <<<'"Linux vm 6.18.44 x86_64\0"'
	for version in '' -6; do
		dat $version <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" | grep -qx 'meta	-	host	arch	x86_64'
	done
	for uname in '"Linux\0"' '"Linux \0"' '"\0"' '"a b\nc\0"' ''; do
		option 5 <<<"$uname"
		dat <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" >"$out"
		run -1 grep -q '	arch	' "$out"
	done
}

@test "trace.dat of a guest: its times on the host's clock, as trace-cmd moves them" {
	formats
	page 48 "$(event 0 1)" "$(event 500 2)" "$(event 1000 3)" >"$BATS_TEST_TMPDIR/text"
	# flags, CPU 0: no sample, CPU 1: three samples, their times, offsets, scalings, fractions
	for interpolate in 0 1; do
		option 12 <<<"u64:77 u32:$interpolate u32:2 u32:0 u32:3 u64:1000 u64:2000 u64:3000 u64:10 u64:20 u64:40 u64:2 u64:2 u64:2 u64:1 u64:1 u64:1"
		dat <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" | awk '$1 == "tracepoint" { printf "%s ", $2 }' >"$out"
		[ "$(<"$out")" = '1000 1500 2500 ' ]
		ftrace2rec --shift "$dat" | awk '$1 == "tracepoint" { printf "%s ", $2 }' >"$out"
		[ "$(<"$out")" = "$([ $interpolate = 1 ] && echo '1010 1515 2530 ' || echo '1010 1510 2520 ')" ]
	done
}

@test "options that do nothing for an input are reported" {
	formats
	page 16 "$(event 1 1)" >"$BATS_TEST_TMPDIR/text"
	: >"$BATS_TEST_TMPDIR/options"
	dat <"$BATS_TEST_TMPDIR/text"
	ftrace2rec --shift --page=8192 "$dat" 2>"$err" >"$out"
	grep -q "^tracepoint	1001	" "$out"
	diff "$err" - <<-EOF
		ftrace2rec: $dat: no TIME_SHIFT: times stay as they are despite --shift
		ftrace2rec: $dat: a trace.dat has the size of its pages: --page is not used
	EOF
}

@test "standard input is read if no file is given" {
	formats
	page 16 "$(event 1 1)" >"$BATS_TEST_TMPDIR/text"
	dat <"$BATS_TEST_TMPDIR/text"
	ftrace2rec "$dat" >"$BATS_TEST_TMPDIR/rec"
	ftrace2rec <"$dat" | diff "$BATS_TEST_TMPDIR/rec" -
	ftrace2rec - <"$dat" | diff "$BATS_TEST_TMPDIR/rec" -
}

@test "trace.dat: the guests' CPUs are vcpu records, the maps of processes map records" {
	formats
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	option 11 <<<'u64:12345'
	option 13 <<<'"guest one\0" u64:99 u32:2 u32:0 u32:4711 u32:1 u32:4712'
	option 10 <<<'"1f4 2 /bin/a b\n400000 401000 /bin/a b\n7f0000000000 7f0000002000 /lib/c\n1f5 1 /bin/d\n1000 1800 /bin/d\n\0"'
	for version in '' -6; do
		dat $version <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" >"$BATS_TEST_TMPDIR/rec"
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		grep -E '^(meta|map)' "$BATS_TEST_TMPDIR/rec" | tr '\t' ' ' | grep -v recorder >"$out"
		diff "$out" - <<-'EOF2'
			meta - host trace_id 12345
			map 0 host - 500 500 u 400000 1000 0 - - /bin/a b
			map 0 host - 500 500 u 7f0000000000 2000 0 - - /lib/c
			map 0 host - 501 501 u 1000 800 0 - - /bin/d
		EOF2
		diff <(grep '^vcpu' "$BATS_TEST_TMPDIR/rec" | tr '\t' ' ') - <<-'EOF2'
			vcpu 0 host - - 4711 guest one 0 list
			vcpu 0 host - - 4712 guest one 1 list
		EOF2
	done
}

@test "trace.dat: a list of a guest's CPUs may be cut short, or have tasks that cannot be" {
	formats
	option 13 <<<'"one\0" u64:99 u32:3 u32:0 u32:5 u32:7 u32:0 u32:1 u32:4294967295'
	page 16 "$(event 24 1)" >"$BATS_TEST_TMPDIR/text"
	dat <"$BATS_TEST_TMPDIR/text"
	[ "$(ftrace2rec "$dat" | grep '^vcpu' | tr '\t' ' ')" = 'vcpu 0 host - - 5 one 0 list' ]
	for hostile in '"one' '"\0" u64:9 u32:4294967295 u32:0 u32:5' '"a\nb\tc\0" u64:9 u32:1 u32:0 u32:5'; do
		option 13 <<<"$hostile"
		dat <"$BATS_TEST_TMPDIR/text"
		ftrace2rec "$dat" | reccheck | grep '^vcpu' | tr '\t' ' '
	done >"$out"
	[ "$(<"$out")" = $'vcpu 0 host - - 5 vm 0 list\nvcpu 0 host - - 5 a 0 list' ]
}

@test "trace.dat of a host with a real guest: its vCPU threads are named by the list" {
	shared ftrace
	tracing=$shared/guest-6.1
	cp "$tracing/oracle/trace-path-cpu0" "$BATS_TEST_TMPDIR/cpu0"
	option 13 <<<'"guest\0" u64:1 u32:1 u32:3 u32:77'
	"$BUILD/t/mkdat" -O "13=$BATS_TEST_TMPDIR/option_13" "$tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
	ftrace2rec "$BATS_TEST_TMPDIR/made.dat" >"$BATS_TEST_TMPDIR/with"
	"$BUILD/t/mkdat" "$tracing" "$BATS_TEST_TMPDIR/cpu0" >"$BATS_TEST_TMPDIR/made.dat"
	ftrace2rec "$BATS_TEST_TMPDIR/made.dat" | diff - "$BATS_TEST_TMPDIR/with" | grep '^[<>]' | tr '\t' ' ' >"$out"
	[ "$(<"$out")" = '> vcpu 0 host - - 77 guest 3 list' ]
}

# texts <records: "TIME NAME TEXT" of each event that --print-fmt gave a text
texts() {
	awk -F '\t' '$1 == "tracepoint" && $8 ~ /^text=/ {
		text = substr($8, 6)
		gsub(/\\x20/, " ", text)
		sub(/.*:/, "", $7)
		print $2, $7, text }' | LC_ALL=C sort
}

@test "--print-fmt: the text of 14 kinds of events, in either byte order, is that of trace-cmd; addresses stay addresses" {
	shared ftrace
	xz -dc "$shared/guest-6.1/oracle/report.txt.xz" |
		sed -n 's/^ *.*-[0-9]* *\[[0-9]*\] *\([0-9]*\)[.]\([0-9]*\): *\([a-z_A-Z0-9]*\): *\(.*\)/\1\2 \3 \4/p' | LC_ALL=C sort >"$BATS_TEST_TMPDIR/report"
	for options in '' '-b -4'; do
		twin "$options" oracle
		ftrace2rec --print-fmt "$BATS_TEST_TMPDIR/twin.dat" >"$BATS_TEST_TMPDIR/rec" 2>"$err"
		[ ! -s "$err" ]
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		# the plugins of trace-cmd name functions in these
		texts <"$BATS_TEST_TMPDIR/rec" | grep -vE '^[0-9]* (hrtimer_expire_entry|kmalloc|print|timer_start|workqueue_(execute_.*|queue_work)) ' >"$out"
		[ "$(awk '{ print $2 }' "$out" | sort -u | wc -l)" -eq 14 ]
		comm -23 "$out" "$BATS_TEST_TMPDIR/report" | diff - /dev/null
	done
	grep -q '	kmem:kmalloc	text=call_site=0xffffffff812dd2fb.*gfp_flags=GFP_KERNEL|__GFP_ZERO' <(ftrace2rec --print-fmt -f "$shared/guest-6.1" "$shared"/guest-6.1/oracle/trace-path-cpu?)
}

# print_fmt TEXT: the format of test:go with this print fmt
print_fmt() {
	formats
	sed -i '/^print fmt/d' "$tracing/events/test/go/format"
	printf 'print fmt: %s\n' "$1" >>"$tracing/events/test/go/format"
}

@test "--print-fmt: a print fmt that is hostile, huge or unknown is not used, which is reported once" {
	page 32 "$(event 1 3)" "$(event 1 3)" >"$BATS_TEST_TMPDIR/text"
	print_fmt '"n=%d", REC->n'
	read_pages --print-fmt <"$BATS_TEST_TMPDIR/text" | grep -c ' test:go text=n=3 -$' | grep -qx 2
	deep=$(printf '(%.0s' {1..5000})
	huge=$(printf 'REC->n + %.0s' {1..3000})
	for print in '"%n", REC->n' '"%*d", REC->n, REC->n' '"%9999999d", REC->n' '"%d", REC->n[70000]' '"%d", REC->n / 0' '"%d", 5 % REC->n' \
		'"%d", '"$deep" '"%d", '"$huge"1 '"%s", __print_array(REC->n, REC->n, 8)' '"%s", __print_hex(REC->n, 99999999)' '"%d", other(REC->n)' '"%d"; REC->n' \
		'"%d' '"%d", ((u64 *)__get_dynamic_array(n))[9999999]' 'REC->n' ''; do
		print_fmt "$print"
		read_pages --print-fmt <"$BATS_TEST_TMPDIR/text" | grep -c ' test:go n=3 -$' | grep -qx 2 || { echo "$print"; return 1; }
		[ "$(<"$err")" = 'ftrace2rec: 1 events have a print fmt that is not used: they have fields; the first is test:go' ]
	done
	print_fmt '"%s", (char *)REC->n'
	read_pages --print-fmt <"$BATS_TEST_TMPDIR/text" | grep -c ' test:go ' | grep -qx 2
	# a text outside the data
	sed -i 's/field:int n;/field:__data_loc char[] n;/' "$tracing/events/test/go/format"
	print_fmt2='"%s", __get_str(n)'
	sed -i '/^print fmt/d' "$tracing/events/test/go/format"
	printf 'print fmt: %s\n' "$print_fmt2" >>"$tracing/events/test/go/format"
	page 16 "$(event 1 0x7fff7fff)" | read_pages --print-fmt | grep -qx 'tracepoint 1001 host 0 - 5 test:go n= -'
}

@test "-s counts what was read, left out, lost and written" {
	formats
	{ page $((1 << 31 | 1 << 30 | 32)) "$(event 1 1)" "$(event 1 2)" | sed 's/^pad.*/pad:48 u64:5\n&/'; page 16 "$(event 9 3)"; } |
		read_pages -s -t 1001,1001 >"$out"
	sed 's/ftrace2rec: *//; s/  */ /g' "$err" | diff - <(
		printf '%s\n' '1 CPUs, 2 pages, times from 1001 to 1009 ns' '3 events' '1 written' '0 attached to others as their stacks' \
			'2 not selected' '0 of ids without a format' '0 bad' '5 lost' '0 places where more were lost, not counted' 'written records'
		cut -d ' ' -f 1 "$out" | uniq -c | sed 's/^ *//'
	)
}

@test "text and a perf.data file are rejected, with and without formats" {
	rejects 'perf.txt: text: script2rec reads that of perf script' ftrace2rec ../examples/perf.txt
	rejects 'perf.txt: text: script2rec reads that' ftrace2rec -f ../examples/virtio/meta.tar 0=../examples/perf.txt
	rejects 'pipeline.data: a perf.data file: use perf2rec' ftrace2rec ../examples/pipeline.data
	rejects 'pipeline.data: a perf.data file: use perf2rec' ftrace2rec -f ../examples/virtio/meta.tar ../examples/pipeline.data
}
