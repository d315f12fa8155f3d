#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The text of perf script, trace-cmd report and ftrace, as records. Where a recording and its text are both there, the records of
# the one are compared with those of the other: script2rec/compare.awk names each class of difference.

load lib
load proportion

# comparable FILE [NAME=1 ...]: the events of a stream that a text can have
comparable() {
	local file=$1 options=() name
	shift
	for name; do
		options+=(-v "$name")
	done
	awk "${options[@]}" -f script2rec/compare.awk "$file"
}

# equal ORACLE [NAME=1 ...] <text: its events are those of the stream
equal() {
	local oracle=$1
	shift
	script2rec - >"$out" 2>"$err" || [ -n "${damaged-}" ]
	reccheck -n "$out"
	comparable "$out" "$@" | LC_ALL=C sort >"$BATS_TEST_TMPDIR/ours"
	comparable "$oracle" "$@" | LC_ALL=C sort >"$BATS_TEST_TMPDIR/theirs"
	[ -s "$BATS_TEST_TMPDIR/ours" ]
	diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours" | head -n 40 >"$BATS_TEST_TMPDIR/diff"
	cat "$BATS_TEST_TMPDIR/diff"
	[ ! -s "$BATS_TEST_TMPDIR/diff" ]
}

# fields LINE FIELD ...: these fields of the first event in a text of one line
fields() {
	local line=$1
	shift
	printf '%s\n' "$line" | script2rec 2>/dev/null | grep -v '^meta\|^comm' | head -n 1 | cut -f "$(IFS=,; echo "$*")" | tr '\t' '|'
}

@test "perf script: samples, stacks, tracepoints, other records, the header" {
	golden script2rec perf
}

@test "perf script without times, tasks or anything but stacks" {
	golden script2rec timeless
	golden script2rec bare
}

@test "the kernel's text: flags, stacks, losses, functions, system calls, the latency format" {
	golden script2rec ftrace
}

@test "the kernel's text of function_graph" {
	golden script2rec graph
}

@test "trace-cmd report: its own forms of events, stacks and losses" {
	golden script2rec trace-cmd
}

@test "every record that comes out is valid, with each stack inline or once" {
	for case in script2rec/*.in; do
		for how in inline once; do
			script2rec --stacks=$how "$case" 2>/dev/null | reccheck -n --any-order
		done
		diff <(script2rec "$case" 2>/dev/null) <(script2rec --stacks=once "$case" 2>/dev/null | recstacks)
	done
}

@test "a name may hold blanks, brackets, dashes, colons, and what precedes an event" {
	cd "$BATS_TEST_TMPDIR"
	tid=100
	while IFS= read -r name; do # lines are converted one by one: a file has one form of them, with the tids and names of all
		tid=$((tid + 1))
		printf '%s 77/%d [003]    12.000000%d: cycles: \n\t ffffffff81000000 f (x)\n' "$name" $tid $tid >>perf.text
		printf -- '-77%d%s\n' $tid "$name" >>perf.want
		printf '%16s   %d [003]     0.000000: sys:ev: 1 x: y\n' "$name" $tid >>task.text
		printf '%s\n3%dsys:evtext=1\\x20x:\\x20y\n' "$name" $tid >>task.want
		printf '%16s-%d     [003] d.h2.     0.000000: cpu_idle: state=1 cpu_id=3\n' "$name" $tid >>flags.text
		printf '%16s-%d   [003]     0.000000: cpu_idle: state=1 cpu_id=3\n' "$name" $tid >>plain.text
		printf '%s\n3%d31\n' "$name" $tid >>idle.want
		for other in 'y' 'a ==> next_com' 'b prev_pid=1' 'x:1 [2] S ==> '; do
			for text in "prev_comm=$name prev_pid=1 prev_prio=120 prev_state=R+ ==> next_comm=$other next_pid=2 next_prio=-1" "$name:1 [120] R+ ==> $other:2 [-1]"; do
				echo "w-1 [000] 1.000000: sched_switch: $text" >>switch.text
				printf 'switch\t1\t%s\t120\tR+\t2\t%s\t-1\n' "$name" "$other" >>switch.want
			done
		done
	done <<-'EOF'
		a b c
		x (y) [z]
		a-1 [000] 2.5:
		1     0.000000
		- 1 [002] d..:
		kworker/u8:2-ev
		a 12 3.500000:
		==> next_comm=
		x:1 [2] S ==> y
		=> f
		#1
		:
	EOF
	script2rec perf.text | awk -F'\t' '$1 == "comm" { print $4 $5 $6 $8 }' | diff perf.want -
	script2rec task.text | awk -F'\t' '$1 == "comm" { print $8 } $1 == "tracepoint" { print $4 $6 $7 $8 }' | diff task.want -
	for form in flags plain; do
		script2rec $form.text | awk -F'\t' '$1 == "comm" { print $8 } $1 == "idle" { print $4 $6 $7 $8 }' | diff idle.want -
	done
	script2rec switch.text 2>/dev/null | grep -v '^meta\|^comm' | cut -f 1,6-12 | diff switch.want -
	# a thread that exits loses its tid first
	[ "$(fields ':-1 12015/-1 [000] 77373.000000001: 1 cycles: ' 1,5,6)" = 'sample|12015|-' ]
}

@test "all forms of scheduler, power, irq and KVM events have kinds" {
	while IFS='~' read -r text kind; do
		[ "$(fields "w-7 [001] 1.000000: $text" 1,7-)" = "$kind" ] || { fields "w-7 [001] 1.000000: $text" 1,7-; echo "$text"; return 1; }
	done <<-'EOF'
		sched_wakeup: comm=a pid=3 prio=120 target_cpu=000~wakeup|wakeup|unknown|3|a|120|0|-
		sched_wakeup: comm=a pid=3 prio=120 success=1 target_cpu=001~wakeup|wakeup|unknown|3|a|120|1|-
		sched_wakeup: comm=a pid=3 prio=120 success=0 target_cpu=001~tracepoint|sched_wakeup|comm=a pid=3 prio=120 success=0 target_cpu=001|-
		sched_waking: a:3 [120] success=1 CPU:001~wakeup|waking|unknown|3|a|120|1|-
		sched_wakeup_new: a:3 [120] CPU:001~wakeup|new|unknown|3|a|120|1|-
		sched_migrate_task: comm=a pid=3 prio=120 orig_cpu=0 dest_cpu=1~migrate|3|a|120|0|1|-
		cpu_idle: state=4294967295 cpu_id=3~idle|3|-1|-
		cpu_frequency: state=1800000 cpu_id=3~freq|3|1800000|-
		irq_handler_entry: irq=24 name=virtio2 req.0~irq|entry|24|virtio2 req.0|-|-
		irq_handler_exit: irq=24 ret=handled~irq|exit|24|-|handled|-
		softirq_raise: vec=9 [action=RCU]~softirq|raise|9|RCU|-
		sys_read(fd: 3, buf: 7ffe, count: 10)~sysenter|read|3|-
		sys_epoll_wait(epfd: 0xf, events: 0)~sysenter|epoll_wait|15|-
		sys_sync()~sysenter|sync|-|-
		sys_read -> 0xfffffffffffffff2~sysexit|read|-14|-
		sys_openat(dfd: ffffff9c, filename: 14ed)~tracepoint|syscalls:sys_enter_openat|dfd=0xffffff9c filename=0x14ed|-
		kvm_entry: vcpu 1, rip 0xffffffff81000164 intr_info 0x0 error_code 0x0~kvmentry|1|rip=0xffffffff81000164 intr_info=0x0 error_code=0x0|-
		kvm_entry: vcpu 1~kvmentry|1|-|-
		kvm_exit: vcpu 0 reason EPT_VIOLATION rip 0xff info1 0x182 info2 0x0~kvmexit|0|-|-|EPT_VIOLATION|guest_rip=0xff info1=0x182 info2=0x0|-
		kvm_exit: reason npf rip 0x12 info 0 1~kvmexit|-|-|-|npf|guest_rip=0x12 info=0 text=1|-
		kvm_mmio: mmio unsatisfied-read len 4 gpa 0xfee00 val 0x0~mmio|unsatisfied-read|fee00|4|0|-
		kvm_mmio: mmio write len 4 gpa 0xfee00 val 0x10~mmio|write|fee00|4|10|-
		kvm_pio: pio_read at 0x3f9 size 1 count 2 val 0x4d (...)~pio|read|3f9|1|2|val=0x4d text=(...)|-
		kvm_msr: msr_read c0000080 = 0x1f~msr|read|c0000080|1f|-|-
		kvm_msr: msr_write 10 = 0x1f (#GP)~msr|write|10|1f|fault|-
		sched_switch: of no form~tracepoint|sched_switch|text=of\x20no\x20form|-
		sched_stat_runtime: comm=a b pid=1 runtime=1032078 [ns]~tracepoint|sched_stat_runtime|comm=a\x20b pid=1 runtime=1032078|-
		a_probe: (ffffffff81) x=1, y="a b"~tracepoint|a_probe|__probe_ip=0xffffffff81 x=1 y="a\x20b"|-
	EOF
}

@test "the texts of raw_syscalls and block have no names, but become fields" {
	while IFS='~' read -r text kind; do
		[ "$(fields "w-7 [001] 1.000000: $text" 1,7-)" = "$kind" ] || { fields "w-7 [001] 1.000000: $text" 1,7-; echo "$text"; return 1; }
	done <<-'EOF'
		sys_enter: NR 0 (3, 7ffe0, 1000, 0, 0, ffffffffffffffff)~tracepoint|raw_syscalls:sys_enter|id=0 args=3,524256,4096,0,0,18446744073709551615|-
		sys_enter: NR -1 (0, 0, 0, 0, 0, 0)~tracepoint|raw_syscalls:sys_enter|id=-1 args=0,0,0,0,0,0|-
		sys_exit: NR 202 = -110~tracepoint|raw_syscalls:sys_exit|id=202 ret=-110|-
		block_rq_insert: 254,0 WS 4096 () 8 + 8 be,0,4 [a b]~tracepoint|block:block_rq_insert|dev=266338304 sector=8 nr_sector=8 bytes=4096 ioprio=16388 rwbs=WS comm=a\x20b cmd=|-
		block_rq_issue: 8,1 R 0 (12 00 00) 18446744073709551615 + 0 [x]~tracepoint|block:block_rq_issue|dev=8388609 sector=18446744073709551615 nr_sector=0 bytes=0 rwbs=R comm=x cmd=12\x2000\x2000|-
		block_rq_complete: 254,0 WS () 8 + 8 0x2,1,4 [-5]~tracepoint|block:block_rq_complete|dev=266338304 sector=8 nr_sector=8 error=-5 ioprio=16396 rwbs=WS cmd=|-
		block_rq_requeue: 254,0 WS () 8 + 8 none,0,0 [0]~tracepoint|block:block_rq_requeue|dev=266338304 sector=8 nr_sector=8 ioprio=0 rwbs=WS cmd=|-
		sys_enter: NR 0 (3, 7ffe0)~tracepoint|sys_enter|text=NR\x200\x20(3,\x207ffe0)|-
		sys_exit: NR 0 = 1 more~tracepoint|sys_exit|text=NR\x200\x20=\x201\x20more|-
		block_rq_issue: 254,0 WS 4096 () 8 + 8 be,0 [a]~tracepoint|block_rq_issue|text=254,0\x20WS\x204096\x20()\x208\x20+\x208\x20be,0\x20[a]|-
		block_rq_complete: 254,0 WS () 8 + 8 best,0,4 [0]~tracepoint|block_rq_complete|text=254,0\x20WS\x20()\x208\x20+\x208\x20best,0,4\x20[0]|-
	EOF
}

@test "the flags tell the context of a wakeup" {
	for flag in .=task s=softirq h=hardirq H=hardirq z=nmi Z=nmi; do
		[ "$(fields "w-7 [001] d.${flag%=*}2. 1.000000: sched_waking: comm=a pid=3 prio=120 target_cpu=000" 8)" = "${flag#*=}" ]
	done
}

@test "a frame has its mode, symbol, object and source line" {
	printf 'w 1 1.000000: cycles: \n%s\n' '	ffffffff81000000 f+0x1 ([kernel.kallsyms])
	ffffffffc0000000 g ([nf_tables])
	          400000 do_it+0x2 (/lib/modules/6.1/extra.ko.xz)
	            1234 a::b(int, c<d> const&)+0x10 (/opt/a (b) c (deleted))
  main.cc:93
	            1234 inner (inlined)
	ffffffffaaaaaaaa [unknown] ([unknown])
	            5678 [unknown] (/usr/lib/x.so)' | script2rec | awk -F'\t' '$1 == "sample" { print $12 }' >"$out"
	diff - "$out" <<-'EOF'
		k;ffffffff81000000<f+0x1>;ffffffffc0000000<g [nf_tables]>;400000<do_it+0x2 /lib/modules/6.1/extra.ko.xz>;u;1234<a::b(int,\x20c<d>\x20const&)+0x10 /opt/a\x20(b)\x20c\x20(deleted) @main.cc:93>;1234<inner>;ffffffffaaaaaaaa;5678<? /usr/lib/x.so>
	EOF
}

@test "an inlined function has the object of the function that has its code, which the sample counts for" {
	printf 'w 1 1.000000: cycles: \n%s\n' '	    1234 operator<+0x34 (inlined)
  less.h:7
	    1234 part+0x34 (inlined)
  part.h:9
	    1234 loop+0x34 (/opt/a b)
  main.cc:93
	    1234 loop+0x34 (/opt/a b)
	    2000 [unknown] (inlined)
	    2000 main (/opt/a b)
	    3000 start_impl+0x4 (inlined)
	    4000 start+0x9 (/opt/a b)' >"$BATS_TEST_TMPDIR/user"
	printf 'w 1 1.000000: cycles: \n%s\n' '	    1234 get+0x34 (inlined)
	    1234 queue+0x34 ([nf])
	ffffffff81000000 idle+0x1 (inlined)
	ffffffff81000000 sleep+0x1 ([kernel.kallsyms])
	    5678 both+0x3 (inlined)
	    5678 libc+0x3 (inlined)' >"$BATS_TEST_TMPDIR/kernel"
	for how in user kernel; do
		script2rec "$BATS_TEST_TMPDIR/$how" | awk -F'\t' '$1 == "sample" { print $9, $10; print $12 }'
	done >"$out"
	diff - "$out" <<-'EOF'
		u 1234<loop+0x34 /opt/a\x20b @main.cc:93>
		u;1234<operator< /opt/a\x20b @less.h:7>;1234<part /opt/a\x20b @part.h:9>;1234<loop+0x34 /opt/a\x20b @main.cc:93>;1234<loop+0x34 /opt/a\x20b>;2000<? /opt/a\x20b>;2000<main /opt/a\x20b>;3000<start_impl+0x4>;4000<start+0x9 /opt/a\x20b>
		k 1234<queue+0x34 [nf]>
		k;1234<get [nf]>;1234<queue+0x34 [nf]>;ffffffff81000000<idle>;ffffffff81000000<sleep+0x1>;u;5678<both+0x3>;5678<libc+0x3>
	EOF
	script2rec "$BATS_TEST_TMPDIR/user" | rec2prof --table | grep -q ' host  *u  */opt/a b  *loop$'
	# alone, the last one is the function
	printf 'w 1 1.000000: cycles: \n\t1234 both (inlined)\n\t1234 libc+0x3 (inlined)\n' | script2rec | cut -f 9,10,12 >"$out"
	grep -qx $'u\t1234<libc+0x3>\tu;1234<both>;1234<libc+0x3>' "$out"
}

@test "a stack belongs to the event before it on its CPU, even after events of other CPUs" {
	{
		for i in 1 2 3; do
			echo "a-1 [000] ..... 1.00000$i: e$i: x=1"
			echo "b-2 [001] ..... 1.00000$i: o$i: x=1"
			printf '%s\n' "a-1 [000] ..... 1.00000$i: <stack trace>" " => f$i" "a-1 [000] ..... 1.00000$i: <user stack trace>" ' => /bin/x[+0x1a]'
		done
		printf '%s\n' 'c-3 [001] ..... 1.000004: <stack trace>' ' => g <ffffffff81000000>'
	} | script2rec | awk -F'\t' '$1 == "tracepoint" { print $7, $9 }' >"$out"
	diff - "$out" <<-'EOF'
		e1 k;0<f1>;u;1a<? /bin/x>
		o1 -
		e2 k;0<f2>;u;1a<? /bin/x>
		o2 -
		e3 k;0<f3>;u;1a<? /bin/x>
		o3 -
		ftrace:kernel_stack k;ffffffff81000000<g>
	EOF
}

@test "lost events are records: counted, uncounted, overwritten" {
	printf '%s\n' '# entries-in-buffer/entries-written: 3/10   #P:2' 'a-1 [001] ..... 1.000000: e: x=1' 'CPU:1 [LOST 5 EVENTS]' 'CPU:0 [EVENTS DROPPED]' \
		'b-2 [000] ..... 2.000000: e: x=1' 'a-1 [001] ..... 3.000000: e: x=1' 'CPU:1 [7 EVENTS DROPPED]' | script2rec | grep ^lost | tr '\t' ' ' >"$out"
	diff - "$out" <<-'EOF'
		lost 1000000000 host - - - - 7 ring buffer
		lost 3000000000 host 1 - - 1000000000 5 ring buffer
		lost 2000000000 host 0 - - - - ring buffer
		lost 3000000000 host 1 - - 3000000000 7 ring buffer
	EOF
}

@test "times are ns, and a record tells how exact they are" {
	printf 'a 1 1.5000%s: e: \n' '01' '02345' '03' | script2rec 2>"$err" | grep '^meta\|^sample' | cut -f 1,2,4,5 | tr '\t' ' ' >"$out"
	diff - "$out" <<-'EOF'
		meta - precision 1000
		sample 1500001000 - -
		meta 1500002345 precision 1
		sample 1500002345 - -
		meta 1500003000 precision 1000
		sample 1500003000 - -
	EOF
	[ "$(echo 'a-1 [000] ..... 123456: e: x=1' | script2rec 2>"$err" | awk -F'\t' '$4 == "precision" || $1 == "tracepoint" { print $2, $5 }' | tr '\n' ' ')" = '- ticks 123456 - ' ]
	grep -q 'the clock counts ticks' "$err"
	# two of CPU 0 in a microsecond, and one of CPU 1
	printf 'a 1 [00%s: e: \n' '0] 1.000001' '1] 1.000001' '0] 1.000001' '0] 1.000002' | script2rec 2>"$err" >"$out"
	grep -qx 'script2rec: <stdin>: 1 events have the microsecond of the one before .*: perf script --ns, trace-cmd report -t' "$err"
	printf 'a 1 [000] 1.000001%s: e: \n' 000 001 001 | script2rec 2>"$err" >"$out"
	run ! grep microsecond "$err"
	[ "$(echo 'a-1 [000] ..... 1.000000: e: x=1' | script2rec --offset=-1ms -m guest | awk -F'\t' '$1 == "tracepoint" { print $2, $3 }')" = '999000000 guest' ]
}

@test "what cannot be parsed is reported by line and counted, and all else is converted" {
	{
		echo 'w 1 [000] 1.000000: sys:ev: x=1'
		seq 30 | sed 's/.*/what is this? &/'
		echo 'w 1 [000] 2.000000: sys:ev: x=1'
		echo 'w 1 [000] 99999999999.000000: sys:ev: x=1'
		printf 'w 1 [000] 2.000000: \0sys:ev: x=1\n'
		echo 'w 1 [000] 2.000000: PERF_RECORD_FORK(1:2)'
		head -c 70000 /dev/zero | tr '\0' x
		echo
		printf 'w 1 [000] 3.000000: sys:ev: x=1'
	} >"$BATS_TEST_TMPDIR/in"
	run -1 --separate-stderr script2rec "$BATS_TEST_TMPDIR/in"
	[ "$(grep -c '^tracepoint' <<<"$output")" = 2 ]
	[ "${#stderr_lines[@]}" = 21 ]
	[ "${stderr_lines[0]}" = "script2rec: $BATS_TEST_TMPDIR/in:2: neither an event nor a frame: what is this? 1" ]
	[[ "${stderr_lines[20]}" == *'15 more'* ]] || { echo "${stderr_lines[20]}"; return 1; }
	run -1 --separate-stderr script2rec -v "$BATS_TEST_TMPDIR/in"
	for why in '33: neither an event' '34: a NUL byte' '35: not as perf prints' '36: longer than 65536 bytes' '37: the last line has no newline'; do
		[[ "$stderr" == *"in:$why"* ]] || { echo "no $why: $stderr"; return 1; }
	done
	[[ "$stderr" == *' 35 lines could not be parsed' ]]
}

@test "an event with a kind whose fields are damaged is a tracepoint, and reported by line" {
	good='sh 1 [000] 1.000000: sched:sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120'
	printf '%s\n' "$good" "${good/prev_pid/prev_pit}" >"$BATS_TEST_TMPDIR/text"
	run -1 --separate-stderr script2rec "$BATS_TEST_TMPDIR/text"
	[ "$(cut -f1 <<<"$output" | grep -v 'meta\|comm' | xargs)" = 'switch tracepoint' ]
	[[ "$stderr" == "script2rec: $BATS_TEST_TMPDIR/text:2: not the fields of this event, a tracepoint now: "* ]]
}

@test "times before the clock's start are in order, too" {
	printf 'sh 1 [000] %s: test:go: n=1\n' 1.000000 2.000000 3.000000 | script2rec --offset=-10s 2>"$err" >"$out"
	[ ! -s "$err" ]
	[ "$(awk '$1 == "tracepoint" { print $2 }' "$out" | xargs)" = '-9000000000 -8000000000 -7000000000' ]
}

@test "an address without 0x is none, but for 0" {
	for at in 0 5 0x5; do
		status=0
		echo "sh 1 [000] 1.000000: PERF_RECORD_MMAP 1/1: [$at(0x1000) @ 0]: r /x" | script2rec >"$out" 2>"$err" || status=$?
		[ "$at $status $(grep -c ^map "$out")" = "$at $([ $at = 5 ] && echo 1 0 || echo 0 1)" ]
	done
}

@test "a text without events, and a recording or records in place of a text, are refused" {
	rejects '<stdin>: no events in it' script2rec </dev/null
	rejects 'a perf.data file: use perf2rec' script2rec ../examples/pipeline.data
	printf '\x17\x08\x44tracing6\0' >"$BATS_TEST_TMPDIR/trace.dat"
	rejects 'a trace.dat file: use ftrace2rec' script2rec "$BATS_TEST_TMPDIR/trace.dat"
	for text in 'meta\t-\thost\tarch\tx86_64\n' 'comm\t0\thost\t-\t1\t1\t-\tsh\n' 'switch\t-5\thost\n'; do
		printf %b "$text" | rejects '<stdin>: records already, which need no conversion' script2rec
	done
	[ "$(printf 'sh\t1 [000] 1.000000: test:go: n=1\n' | script2rec | grep -c ^tracepoint)" = 1 ]
}

@test "records that no text of ours has are counted, and that is no error" {
	printf '%s\n' 'w 1 1.000000: PERF_RECORD_SWITCH OUT' 'PERF_RECORD_FINISHED_ROUND' 'w 1 1.000000: cycles: ' ' ABI:2 AX:0x1' | script2rec 2>"$err" >"$out"
	grep -q ': 3 lines are of kinds that have no record' "$err"
	[ "$(grep -c ^sample "$out")" = 1 ]
}

@test "a gzip'd text is read" {
	gzip -c script2rec/perf.in | script2rec - 2>/dev/null | diff script2rec/perf.out -
}

@test "hostile texts cost in proportion to what is read" {
	in=$BATS_TEST_TMPDIR/in
	awk 'BEGIN { for (i = 1; i < 200000; i++) printf "%x %d e%x:\n", i, i, i }' >"$in"
	proportion -- script2rec "$in"
	awk 'BEGIN { print "w 1 1.000000: e: "; for (i = 1; i < 400000; i++) printf "\t%x\n", i }' >"$in"
	for how in inline once; do
		proportion -- script2rec --stacks=$how "$in"
	done
	awk 'BEGIN { for (i = 1; i < 4000; i++) { printf "w-1 [%d] 1.000000: sched_switch: ", i; for (j = 0; j < 90; j++) printf "a:1 [2] S ==> "; print "" } }' >"$in"
	proportion -- script2rec "$in"
	awk 'BEGIN { for (i = 1; i < 300; i++) { printf "w-1 [1] 1.000000: e: "; for (j = 0; j < 15000; j++) printf "a= "; print "" } }' >"$in"
	proportion -- script2rec "$in"
	awk 'BEGIN { for (i = 1; i < 300; i++) { printf "w 1 1.000000: sys:ev: "; for (j = 0; j < 3500; j++) printf " ffffffff81000000"; print ")" } }' >"$in"
	proportion -- script2rec "$in"
}

# MUTATIONS=1000 sets the number; the same seed always does the same damage.
@test "damaged texts end in time and become valid records" {
	seeds=(fuzz/corpus/script/*)
	for ((seed = 0; seed < ${MUTATIONS-40}; seed++)); do
		"$BUILD/t/mutate" $seed <"${seeds[seed % ${#seeds[@]}]}" >"$BATS_TEST_TMPDIR/damaged"
		how=$([ $((seed % 2)) -eq 0 ] && echo inline || echo once)
		status=0
		timeout 20 script2rec --stacks=$how "$BATS_TEST_TMPDIR/damaged" >"$out" 2>"$err" || status=$?
		[ $status -eq 0 ] || { [ $status -eq 1 ] && [ -s "$err" ]; }
		! grep 'Sanitizer\|runtime error' "$err" || return 1
		reccheck -n --any-order "$out"
	done
}

@test "the text of the examples gives what its part of the recording gives" {
	script2rec ../examples/perf.txt >"$BATS_TEST_TMPDIR/rec"
	perf2rec ../examples/pipeline.data | recgrep -t "$(awk -F'\t' '$1 == "switch" || $1 == "wakeup" { if (!n++) printf "%s,", $2; last = $2 } END { print last }' "$BATS_TEST_TMPDIR/rec")" >"$BATS_TEST_TMPDIR/oracle"
	equal "$BATS_TEST_TMPDIR/oracle" <../examples/perf.txt
	[ "$(grep -c '^switch\|^wakeup' "$out")" = 80 ]
}

# --- the oracles

# texts DATA [OPTION ...]: perf's text of a recording with all that it has
texts() {
	perf script --ns --no-inline -F comm,pid,tid,cpu,time,misc,event,ip,sym,symoff,dso,trace -i "$@" 2>/dev/null
}

@test "perf script's text of a recording gives the events that perf2rec finds in it" {
	shared sched
	needs perf
	for name in sched/build sched/sleepy sched/pipeline perfdata/own/13-probes perfdata/own/22-sched-record perfdata/own/23-lock; do
		perf2rec "$shared/../$name.data" 2>/dev/null | grep -v '	tab\\tnl' >"$BATS_TEST_TMPDIR/oracle"
		# names with a newline make two lines: their switches are left out
		damaged=1
		texts "$shared/../$name.data" | equal "$BATS_TEST_TMPDIR/oracle" || { echo "$name"; return 1; }
	done
}

@test "so does a text without CPUs, of samples with stacks, or without" {
	shared perfdata/own
	needs perf
	for name in 01-cpuclock-g 29-three-sw 31-be-three-sw 10-read-group 17-jit 20-nocallchain-1attr 11-addr-phys-pagesize; do
		perf2rec "$shared/$name.data" >"$BATS_TEST_TMPDIR/oracle" 2>/dev/null
		perf script --ns --no-inline -F comm,pid,tid,time,misc,event,ip,sym,symoff,dso -i "$shared/$name.data" 2>/dev/null >"$BATS_TEST_TMPDIR/text"
		damaged=1
		equal "$BATS_TEST_TMPDIR/oracle" nocpu=1 <"$BATS_TEST_TMPDIR/text" || { echo "$name"; return 1; }
	done
}

@test "any choice of fields gives every sample" {
	shared perfdata/own
	needs perf
	for fields in comm,tid comm,tid,ip comm,pid,ip,sym,dso comm,tid,time comm,tid,time,ip,sym comm,tid,time,event comm,pid,tid,event,ip,sym time,event,ip,sym \
		event,ip,sym,dso ip,sym ip,sym,dso,symoff comm,tid,period,event,ip tid,time,ip time,ip,sym comm,time,event,ip +period,+misc +insn +flags; do
		# without the start of a name with a newline
		perf script -i "$shared/01-cpuclock-g.data" -F "$fields" 2>/dev/null | grep -v '^ *tab	nl' | script2rec >"$out" 2>"$err"
		reccheck -n "$out"
		[ "$(grep -c ^sample "$out")" = 538 ] || { echo "$fields"; return 1; }
		[[ $fields != *ip* ]] || [ "$(awk -F'\t' '$1 == "sample" { n += split($12, f, ";") }  END { print n }' "$out")" -gt 4000 ] || { echo "no stacks: $fields"; return 1; }
	done
}

@test "guests are machines of their own, as in perf2rec" {
	shared perfdata/own
	perf2rec "$shared/kvm-guest-user.data" >"$BATS_TEST_TMPDIR/oracle"
	equal "$BATS_TEST_TMPDIR/oracle" cut=1 nostack=1 <"$shared/../../perfscript/own-golden/kvm-guest-user.perf-script.txt"
	[ "$(grep -c '	vm14508	' "$out")" -ge 270 ]
	perf2rec "$shared/kvm-guest-kernel16.data" >"$BATS_TEST_TMPDIR/oracle"
	zcat "$shared/../../perfscript/own-golden/kvm-guest-kernel16.perf-script.txt.gz" | equal "$BATS_TEST_TMPDIR/oracle" cut=1 nostack=1
}

@test "KVM's accesses to ports are those of perf2rec" {
	shared kvm
	needs perf
	xz -dc "$shared/tp.data.xz" >"$BATS_TEST_TMPDIR/tp.data"
	perf script --ns -F comm,pid,tid,cpu,time,event,trace -i "$BATS_TEST_TMPDIR/tp.data" 2>/dev/null | script2rec | grep ^pio >"$out"
	[ "$(wc -l <"$out")" -ge 3000 ]
	perf2rec "$BATS_TEST_TMPDIR/tp.data" | grep ^pio | cmp - "$out"
}

@test "processes and maps are those of perf2rec" {
	shared perfdata/own
	needs perf
	for name in 09-buildid-mmap 17-jit; do
		perf script --ns --show-task-events --show-mmap-events --show-lost-events -F comm,pid,tid,time,event,ip -i "$shared/$name.data" 2>/dev/null | script2rec 2>/dev/null |
			grep '^fork\|^exit\|^map\|^lost\|^comm.*exec' | cut -f 1-3,5-10,13 >"$out" || true
		perf2rec "$shared/$name.data" 2>/dev/null | grep '^fork\|^exit\|^map\|^lost\|^comm.*exec' | cut -f 1-3,5-10,13 | diff - "$out" | head -n 20 >"$err"
		cat "$err"
		[ ! -s "$err" ]
	done
}

@test "a recording and its text give the same states" {
	shared sched
	needs perf
	for name in build sleepy pipeline; do
		perf script --ns --show-task-events -F comm,pid,tid,cpu,time,event,ip,sym,symoff,dso,trace -i "$shared/$name.data" 2>/dev/null | script2rec | sched2states 2>/dev/null >"$BATS_TEST_TMPDIR/ours"
		perf2rec "$shared/$name.data" | sched2states 2>/dev/null >"$BATS_TEST_TMPDIR/theirs"
		for file in ours theirs; do
			# without the context of wakeups and the addresses of user frames
			awk -F '\t' -v OFS='\t' '$1 ~ /^(state|cpustate|arrow)$/ {
				gsub(/ ?context=[a-z]*/, ""); gsub(/<[^;\t]*>/, ""); gsub(/;u;[^\t]*/, ""); if ($1 == "arrow") $10 = ""; print }' "$BATS_TEST_TMPDIR/$file" |
				sed 's/	u;[0-9a-f;]*$//; s/		/	-	/g' >"$BATS_TEST_TMPDIR/$file.states"
		done
		[ "$(wc -l <"$BATS_TEST_TMPDIR/ours.states")" -ge 1000 ]
		cmp "$BATS_TEST_TMPDIR/ours.states" "$BATS_TEST_TMPDIR/theirs.states"
	done
}

@test "a recording and its text give the same system calls and requests of devices" {
	needs perf
	cd "$BATS_TEST_TMPDIR"
	# perf's text of a loss does not say since when: the two texts can only agree if nothing was lost
	record_whole --no-bpf-event -e 'raw_syscalls:*' -e 'block:block_rq_*' -- dd if=/dev/zero of=file bs=4k count=20 oflag=dsync
	LC_ALL=C sort -s -k2,2n rec | sched2states >theirs
	perf script --header --ns --show-task-events -F comm,pid,tid,cpu,time,event,trace -i data 2>/dev/null |
		script2rec | LC_ALL=C sort -s -k2,2n | sched2states >ours
	[ "$(grep -c ^iostate theirs)" -ge 20 ]
	cmp <(grep '^iostate\|^request' theirs) <(grep '^iostate\|^request' ours)
}

@test "what perf prints twice comes once, if it has the ns and the CPU of one event" {
	sample() { printf 'a 1/1 [%s] %s: cycles:\n\t%s f+0x1 (/a)\n\n' "$1" "$2" "$3"; }
	{ sample 000 1.000000001 10; sample 001 1.000000001 10; sample 000 1.000000001 20; sample 000 1.000000001 10; sample 001 1.000000001 10
		sample 000 1.000000002 20; sample 000 1.000000002 20; } >"$BATS_TEST_TMPDIR/text"
	times() { script2rec 2>"$err" | awk -F'\t' '$1 == "sample" { print $2 "/" $4 "/" $10 }' | sed 's/^100000//; s/<[^>]*>//' | xargs; }
	[ "$(times <"$BATS_TEST_TMPDIR/text")" = '0001/0/10 0001/1/10 0001/0/20 0002/0/20' ]
	grep -q ': 3 events and records occur twice in the text: the copies are left out$' "$err"
	# in a microsecond, or without a CPU or the event's name, they may be two
	[ "$(sed 's/00\([12]\): /: /' "$BATS_TEST_TMPDIR/text" | times | wc -w)" = 7 ]
	[ "$(sed 's/\[...\] //' "$BATS_TEST_TMPDIR/text" | times | wc -w)" = 7 ]
	[ "$(sed 's/ cycles:$//' "$BATS_TEST_TMPDIR/text" | times | wc -w)" = 7 ]
	printf 'a 1/1 [000] 1.000000001: PERF_RECORD_COMM: b:1/1\n%.0s' 1 2 | script2rec 2>"$err" | grep -c ^comm | grep -x 1
}

@test "each of many tasks is forked by the one before" {
	awk 'BEGIN { print "parent 1/1 [000] 1.000000001: PERF_RECORD_COMM: parent:1/1"
		for (i = 2; i <= 5000; i++)
			printf "parent %d/%d [000] 2.%09d: PERF_RECORD_FORK(%d:%d):(%d:%d)\n", i - 1, i - 1, i, i, i, i - 1, i - 1 }' |
		script2rec 2>"$err" | awk -F '\t' '$1 == "fork" && $7 == $6 + 1 && $8 == $7' | wc -l | grep -x 4999
}

# Of the kernel's stacks: perf 6.1 prints none of the frames of a stack that has garbage like ffffffffffffffff, as users' have.
@test "a recording with copies and its text give the same records" {
	needs perf python3
	perf record -q --no-bpf-event -a -g --kernel-callchains -e cpu-clock:k -F 4999 -o - -- dd if=/dev/zero of=/dev/null bs=1 count=300000 \
		>"$BATS_TEST_TMPDIR/live" 2>"$err" || skip "perf records nothing here"
	# every run of samples twice
	python3 - "$BATS_TEST_TMPDIR/live" >"$BATS_TEST_TMPDIR/data" <<-'EOF'
		import struct, sys
		data, out, run, at = open(sys.argv[1], "rb").read(), sys.stdout.buffer, b"", 16
		out.write(data[:at])
		while at < len(data):
		    kind, misc, size = struct.unpack_from("=IHH", data, at)
		    if kind == 9:
		        run += data[at:at + size]
		    else:
		        out.write(run + run + data[at:at + size])
		        run = b""
		    at += size
		out.write(run + run)
	EOF
	perf2rec "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/oracle" 2>"$BATS_TEST_TMPDIR/said"
	n=$(sed -n 's/.*: \([0-9]*\) records occur twice.*/\1/p' "$BATS_TEST_TMPDIR/said")
	[ "$n" -gt 100 ]
	perf script --ns --no-inline -F comm,pid,tid,cpu,time,event,ip,sym,symoff,dso -i - <"$BATS_TEST_TMPDIR/data" 2>/dev/null | equal "$BATS_TEST_TMPDIR/oracle"
	grep -q ": $n events and records occur twice" "$err"
	perf2rec "$BATS_TEST_TMPDIR/live" | grep -c ^sample | grep -x "$(grep -c ^sample "$out")"
}

@test "trace-cmd's report of a trace.dat gives the events that ftrace2rec finds in it" {
	shared ftrace/tracedat
	needs trace-cmd
	for file in "$shared"/*.dat; do
		ftrace2rec "$file" >"$BATS_TEST_TMPDIR/oracle"
		trace-cmd report -t -i "$file" 2>/dev/null | equal "$BATS_TEST_TMPDIR/oracle" nopid=1 nosystem=1 letters=1
		trace-cmd report -i "$file" 2>/dev/null | equal "$BATS_TEST_TMPDIR/oracle" nopid=1 nosystem=1 letters=1 usec=1
	done
	equal "$BATS_TEST_TMPDIR/oracle" nopid=1 nosystem=1 letters=1 < <(xz -dc "$shared/oracle.report.txt.xz")
}

@test "the kernel's text of a trace buffer gives the events that ftrace2rec finds in its pages" {
	shared ftrace
	for capture in guest-6.1/{oracle,func,sparse,userstack,graph} host-6.18/{sub4,sub8,sub64,tsc,ust}; do
		folder=$shared/$capture
		page=$([ ! -e "$folder/buffer_subbuf_size_kb" ] || echo "--page=$(($(<"$folder/buffer_subbuf_size_kb") * 1024))")
		ftrace2rec $page -f "${folder%/*}" "$folder"/*cpu0 "$folder"/*cpu1 >"$BATS_TEST_TMPDIR/oracle" 2>/dev/null
		case $capture in */tsc) time=; ;; */graph) time=cut=1 ;; *) time=usec=1 ;; esac
		if [ -e "$folder/text" ]; then cat "$folder/text"; else xz -dc "$folder/text.xz"; fi |
			equal "$BATS_TEST_TMPDIR/oracle" nopid=1 nosystem=1 nostack=1 $time || { echo "$capture"; return 1; }
		# the contexts of wakeups, which only this text has
		diff <(grep ^wakeup "$BATS_TEST_TMPDIR/oracle" | cut -f 7,8 | sort | uniq -c) <(grep ^wakeup "$out" | cut -f 7,8 | sort | uniq -c)
	done
}

@test "losses in trace-cmd's report are those in the pages" {
	shared ftrace/guest-6.1
	xz -dc "$shared/lost/report.txt.xz" | script2rec | grep ^lost >"$out"
	[ "$(wc -l <"$out")" = 6 ]
	ftrace2rec -f "$shared" "$shared"/lost/trace-path-cpu[01] | grep ^lost | diff - "$out"
}

@test "the texts of others are understood, but for lines that are known" {
	shared perfscript
	while read -r bad events file; do
		script2rec -v "$shared/$file" >"$out" 2>"$err" || [ "$bad" -gt 0 ]
		reccheck -n "$out"
		[[ $(<"$err")$'\n' =~ $'\nscript2rec: '\ *$events\ events$'\n'(.*$'\n')?'script2rec: '\ *$bad' lines could not be parsed'$'\n' ]] || { tail -n 4 "$err"; return 1; }
	done <<-'EOF'
		0 163 firefox-profiler/simple-perf.txt.gz
		0 73 firefox-profiler/test.perf.gz
		0 444 flamegraph/perf-cycles-instructions-01.txt
		0 11 flamegraph/perf-dd-stacks-01.txt
		0 228 flamegraph/perf-funcab-pid-01.txt
		0 201 flamegraph/perf-iperf-stacks-pidtid-01.txt
		0 23 flamegraph/perf-java-faults-01.txt
		0 2 flamegraph/perf-java-stacks-02.txt
		0 2 flamegraph/perf-js-stacks-01.txt
		0 58 flamegraph/perf-rust-Yamakaky-dcpu.txt
		0 46 inferno/cpp-stacks-std-function.txt
		0 2 inferno/empty-line.txt
		0 5 inferno/go-stacks.txt
		0 2 inferno/single-line-stacks.txt
		0 1 inferno/sourcepawn-jitdump.txt
		1 2 inferno/weird-stack-line.txt
		15 538 own-golden/01-cpuclock-g.ip-sym-symoff.txt.gz
		15 538 own-golden/01-cpuclock-g.perf-script.txt.gz
		19 579 own-golden/01-cpuclock-g.with-task-mmap.txt.gz
		0 35 own-golden/02-dwarf.perf-script.txt
		22 244 own-golden/03-pipe.perf-script.txt.gz
		32 1226 own-golden/04-zstd.perf-script.txt.gz
		23 1033 own-golden/06-dir.perf-script.txt.gz
		47 750 own-golden/07-multi-tp.perf-script.txt.gz
		15 208 own-golden/08-switch-ns-cgroup.perf-script.txt.gz
		0 179 own-golden/09-buildid-mmap.perf-script.txt.gz
		0 207 own-golden/10-read-group.perf-script.txt.gz
		0 66 own-golden/12-regs.perf-script.txt
		0 10 own-golden/13-probes.perf-script.txt
		0 289 own-golden/17-jit.perf-script.txt.gz
		318 47 own-golden/18-odd-names.perf-script.txt
		0 16 own-golden/19-clockid.perf-script.txt
		0 272 own-golden/21-rawsys.perf-script.txt
		12 35 own-golden/26-timechart-g.perf-script.txt
		14 249 own-golden/29-three-sw.perf-script.txt.gz
		0 2385 own-golden/kvm-guest-kernel16.perf-script.txt.gz
		0 287 own-golden/kvm-guest-user.perf-script.txt
		0 164 simpleperf/perf_display_bitmaps.UiThread.perf-script.gz
		0 561 speedscope/forks.linux-perf.txt
		0 96 speedscope/rust-mangled.linux-perf.txt
		0 556 speedscope/system-wide.linux-perf.txt
	EOF
}

@test "CPUs, tasks and times select from the text what recgrep selects from all records" {
	shared perfscript
	for file in ../examples/perf.txt "$shared"/*/*.txt "$shared"/../ftrace/guest-6.1/oracle/report.txt; do
		[ -f "$file" ] || continue
		script2rec "$file" >"$BATS_TEST_TMPDIR/all" 2>/dev/null || true
		for options in '-C 0 -t +1ms,+30ms' '-p 0-9,s*,p* -t -40ms,-1ms' '-t 1ns,2ns'; do
			echo "== $options $file" | tee -a "$out" "$err" "$out.all" >>"$err.all"
			script2rec $options "$file" >>"$out" 2>>"$err" || true
			recgrep $options "$BATS_TEST_TMPDIR/all" >>"$out.all" 2>>"$err.all"
		done
	done
	diff -a -U 1 -F '^== ' "$out.all" "$out"
	diff -U 1 -F '^== ' <(grep -o '^== .*\|nothing matches.*' "$err.all") <(grep -o '^== .*\|nothing matches.*' "$err")
	diff <(script2rec --stacks=once -t +1ms,-1ms ../examples/perf.txt | recstacks --stacks=inline) <(script2rec -t +1ms,-1ms ../examples/perf.txt)
	script2rec --stacks=once -t -1ms, ../examples/perf.txt | reccheck -n
	script2rec -t -1ms, ../examples/perf.txt >"$out"
	script2rec -t -1ms, <(cat ../examples/perf.txt) | cmp - "$out"
}
