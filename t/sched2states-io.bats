#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sched2states: interrupts, system calls and requests of block devices as intervals.

load lib
load sched2states/tiles
load sched2states/fold

# --- interrupts

@test "an interrupt lasts from its entry to its exit, within a soft interrupt or not" {
	fold <<-'END'
		hard 100 0 5 entry 24
		hard 110 0 5 exit 24
		soft 120 0 5 entry 3
		hard 130 0 5 entry 24
		hard 135 0 5 exit 24
		soft 140 0 5 exit 3
		soft 140 0 5 entry 7
		soft 150 0 5 exit 7
		soft 150 1 6 raise 3
	END
	lane 0 irq <<-'END'
		100 110 24 name=h24
		130 135 24 name=h24
	END
	lane 0 softirq <<-'END'
		120 140 3 name=S3
		140 150 7 name=S7
	END
	[ "$(grep -c '^cpustate.*	5	5	' "$out")" -eq 4 ]
	grep -q '^softirq.*raise' "$out"
	run ! grep -q '^irq' "$out"
}

@test "interrupts that nest lie within each other; the exits that are missing are marked" {
	fold <<-'END'
		hard 100 0 5 entry 1
		hard 110 0 5 entry 2
		hard 120 0 5 exit 2
		hard 130 0 5 exit 1
		hard 200 0 5 entry 1
		hard 210 0 5 entry 1
		hard 220 0 5 entry 2
		hard 230 0 5 exit 1
		soft 300 0 5 entry 1
		soft 310 0 5 entry 2
		soft 320 0 5 exit 2
	END
	lane 0 irq <<-'END'
		100 130 1 name=h1
		110 120 2 name=h2
		200 210 1 name=h1 end=inferred
		210 230 1 name=h1
		220 230 2 name=h2 end=inferred
	END
	lane 0 softirq <<-'END'
		300 310 1 name=S1 end=inferred
		310 320 2 name=S2
	END
}

@test "an interrupt that was running when the recording began or ended is cut there" {
	fold <<-'END'
		sw 100 1 8 S 9
		hard 110 0 5 exit 24
		soft 120 0 5 exit 1
		sw 200 0 5 S 6
		soft 250 0 6 entry 1
		hard 260 0 6 entry 24
		sw 300 1 9 S 8
	END
	lane 0 irq <<-'END'
		100 110 24 begin=unknown
		260 300 24 name=h24 end=open
	END
	lane 0 softirq <<-'END'
		100 120 1 name=S1 begin=unknown
		250 300 1 name=S1 end=open
	END
}

@test "an exit without an entry is left out after a switch or another exit, and counted" {
	fold -s 2>"$err" <<-'END'
		sw 100 0 5 S 6
		hard 110 0 6 exit 24
		hard 120 0 6 entry 24
		hard 130 0 6 exit 24
		hard 140 0 6 exit 24
		hard 150 0 6 exit 25
	END
	lane 0 irq <<<'120 130 24 name=h24'
	grep -q '3 ends without a beginning' "$err"
}

@test "no interrupt goes on past a switch or a loss of its CPU; a soft one may, past a switch" {
	fold <<-'END'
		hard 100 0 5 entry 24
		soft 101 0 5 entry 1
		sw 110 0 5 R 6
		hard 120 0 6 exit 24
		soft 130 0 6 exit 1
		hard 140 0 6 entry 24
		hard 145 1 7 entry 3
		lost 160 host 0 - - 150 2 ring
		hard 170 0 6 exit 24
		hard 180 1 7 exit 3
	END
	lane 0 irq <<-'END'
		100 110 24 name=h24 end=inferred
		140 145 24 name=h24 end=lost
		160 170 24 begin=unknown
	END
	lane 0 softirq <<<'101 130 1 name=S1'
	lane 1 irq <<<'145 180 3 name=h3'
}

# --- system calls

# calls TID <WANT: the task's calls: start, end, call, type, fd, file, bytes, error, pairs.
calls() {
	diff -u - <(awk -F'\t' -v OFS=' ' -v tid="$1" '$1 == "iostate" && $6 == tid {
		print $2, $7, $10, $11, $12, $13, $14, $15, $16 }' "$out")
}

@test "a system call lasts from its entry to its exit, with its descriptor and what it returned" {
	fold <<-'END'
		in 100 5 read __syscall_nr=0 fd=3 buf=0x7fff count=100
		out 110 5 read 42
		in 120 5 write fd=0x1
		out 130 5 write -11
		in 140 5 poll ufds=0x7
		out 150 5 poll 2
		in 150 5 recvmmsg fd=7
		out 155 5 recvmmsg 3
		in 160 5 getpid
		out 160 5 getpid 5
		in 170 5 lseek fd=4294967295
		out 171 5 lseek 0xfffffffffffffff7
	END
	calls 5 <<-'END'
		100 110 read read 3 - 42 - -
		120 130 write write 1 - - 11 -
		140 150 poll poll - - - - ret=2
		150 155 recvmmsg receive 7 - - - ret=3
		160 160 getpid other - - - - ret=5
		170 171 lseek other -1 - - 9 -
	END
	grep -q '^iostate	100.*	k;100$' "$out"
}

@test "sysenter and sysexit records and raw_syscalls are calls as well; twice the same call is one" {
	fold <<-'END'
		meta - host arch x86_64
		sysenter 100 host 0 5 5 read 3 k;1
		sysexit 110 host 0 5 5 read 7 -
		ev 120 5 raw_syscalls:sys_enter id=1 args=4,0,8,0,0,0
		ev 130 5 raw_syscalls:sys_exit id=1 ret=8
		ev 140 5 raw_syscalls:sys_enter id=3 args=9,0,0,0,0,0
		in 141 5 close fd=9
		out 149 5 close 0
		ev 150 5 raw_syscalls:sys_exit id=3 ret=0
		ev 160 5 raw_syscalls:sys_enter id=99999 args=4,0,8,0,0,0
	END
	calls 5 <<-'END'
		100 110 read read 3 - 7 - -
		120 130 write write 4 - 8 - -
		140 149 close close 9 - - - -
	END
	[ "$(grep -c '^tracepoint' "$out")" -eq 1 ]
}

@test "numbers of raw_syscalls are those of the machine's architecture, and no calls if it is not known" {
	fold <<-'END'
		meta - host arch aarch64
		ev 120 5 raw_syscalls:sys_enter id=64 args=4,0,8,0,0,0
		ev 130 5 raw_syscalls:sys_exit id=64 ret=8
		ev 140 5 raw_syscalls:sys_enter id=435 args=4,0,8,0,0,0
		ev 150 5 raw_syscalls:sys_exit id=435 ret=8
		tracepoint 150 vm 0 5 5 raw_syscalls:sys_enter id=64 -
	END
	calls 5 <<-'END'
		120 130 write write 4 - 8 - -
		140 150 clone3 other - - - - ret=8
	END
	grep -q '^tracepoint	150	vm' "$out"
}

@test "a call that was running when the recording began or ended is cut there" {
	fold <<-'END'
		in 100 6 read fd=1
		out 110 5 read 7
		out 115 5 read 7
		out 120 6 read 8
		in 130 6 read fd=1
		ev 200 7 a:b
	END
	calls 5 <<<'100 110 read read - - 7 - begin=unknown'
	calls 6 <<-'END'
		100 120 read read 1 - 8 - -
		130 200 read read 1 - - - end=open
	END
}

@test "a call whose exit is missing is empty, unless the task ended in it or events were lost" {
	fold -s 2>"$err" <<-'END'
		in 100 5 read fd=1
		out 101 5 read 1
		in 110 5 read fd=1
		in 120 5 openat filename=0x7fff
		in 130 5 read fd=1
		ev 140 7 a:b
		lost 160 host 0 - - 150 2 ring
		out 170 5 read 7
		in 180 5 read fd=1
		exit 190 host 0 5 5
		in 200 6 exit_group
		exit 210 host 0 6 6
	END
	calls 5 <<-'END'
		100 101 read read 1 - 1 - -
		110 110 read read 1 - - - end=unknown
		120 120 openat open - - - - end=unknown
		130 140 read read 1 - - - end=lost
		160 170 read read - - 7 - begin=unknown
		180 190 read read 1 - - - end=inferred
	END
	calls 6 <<<'200 200 exit_group other - - - - end=unknown'
}

@test "raw_syscalls record the exits of all calls: one that never returns ends with its task or the recording" {
	fold <<-'END'
		meta - host arch x86_64
		ev 100 5 raw_syscalls:sys_enter id=0 args=3,0,0,0,0,0
		ev 110 5 raw_syscalls:sys_exit id=0 ret=1
		ev 120 5 raw_syscalls:sys_enter id=231 args=0,0,0,0,0,0
		exit 130 host 0 5 5
		ev 140 6 raw_syscalls:sys_enter id=7 args=0,0,0,0,0,0
		ev 190 7 a:b
	END
	calls 5 <<-'END'
		100 110 read read 3 - 1 - -
		120 130 exit_group other - - - - end=inferred
	END
	calls 6 <<<'140 190 poll poll - - - - end=open'
}

@test "a child's first exit is that of the fork, and no call of its own" {
	fold -s 2>"$err" <<-'END'
		in 100 5 clone
		fork 110 host 0 5 5 6 6 -
		out 120 5 clone 6
		out 130 6 clone 0
		out 140 6 clone 0
	END
	calls 5 <<<'100 120 clone other - - - - ret=6'
	calls 6 </dev/null
	grep -q ' 1 ends without a beginning' "$err"
}

@test "a descriptor is of the file that was opened, until it is closed" {
	fold <<-'END'
		in 100 5 openat dfd=4294967196 filename=/etc/pass\x20wd flags=0
		out 101 5 openat 3
		in 102 5 read fd=3
		out 103 5 read 5
		in 104 5 dup2 oldfd=3 newfd=9
		out 105 5 dup2 9
		in 106 5 close fd=3
		in 108 5 read fd=3
		out 109 5 read 5
		in 110 5 read fd=9
		out 111 5 read 5
		in 112 5 openat filename=/none
		out 113 5 openat -2
		in 114 5 openat filename=0x7f00
		out 115 5 openat 9
		in 116 5 read fd=9
		out 117 5 read 5
		in 118 5 socket
		out 119 5 socket 9
		in 120 5 fcntl fd=9 cmd=0 arg=20
		out 121 5 fcntl 20
		in 122 5 sendto fd=20
		out 123 5 sendto 5
		in 124 5 close_range fd=9 max_fd=4294967295
		out 125 5 close_range 0
		in 126 5 sendto fd=20
		out 127 5 sendto 5
		in 128 5 openat filename=0x7f00 __filename_val=/own/text
		out 129 5 openat 4
	END
	calls 5 <<-'END'
		100 101 openat open 3 /etc/pass\x20wd - - -
		102 103 read read 3 /etc/pass\x20wd 5 - -
		104 105 dup2 open 9 /etc/pass\x20wd - - -
		106 106 close close 3 /etc/pass\x20wd - - end=unknown
		108 109 read read 3 - 5 - -
		110 111 read read 9 /etc/pass\x20wd 5 - -
		112 113 openat open - /none - 2 -
		114 115 openat open 9 - - - -
		116 117 read read 9 - 5 - -
		118 119 socket open 9 socket: - - -
		120 121 fcntl other 9 socket: - - ret=20
		122 123 sendto transmit 20 socket: 5 - -
		124 125 close_range close 9 socket: - - -
		126 127 sendto transmit 20 - 5 - -
		128 129 openat open 4 /own/text - - -
	END
}

@test "the path comes from the event of a probe too, within the call or just before it" {
	fold <<-'END'
		in 100 5 openat filename=0x7f00
		ev 101 5 probe:vfs_getname pathname="/in"
		out 102 5 openat 3
		ev 103 5 probe_libc:open pathname=/before
		in 104 5 openat filename=0x7f00
		out 105 5 openat 4
		in 106 5 newstat filename=0x7f00
		ev 107 5 probe:vfs_getname pathname="/stat"
		out 108 5 newstat 0
		in 109 5 openat filename=0x7f00
		out 110 5 openat 5
	END
	calls 5 <<-'END'
		100 102 openat open 3 /in - - -
		104 105 openat open 4 /before - - -
		106 108 newstat other - - - - -
		109 110 openat open 5 - - - -
	END
}

@test "threads share their descriptors, a child has its own copies, exec closes those marked so" {
	fold <<-'END'
		fork 0 host - 0 0 5 5 -
		in 100 5 openat filename=/a flags=0x80000
		out 101 5 openat 3
		in 102 5 openat filename=/b flags=0
		out 103 5 openat 4
		fork 104 host 0 5 5 5 6 thread
		in 105 5/6 read fd=3
		out 106 5/6 read 1
		fork 107 host 0 5 6 7 7 -
		in 108 7 close fd=4
		out 109 7 close 0
		in 110 7 read fd=3
		out 111 7 read 1
		comm 112 host 0 7 7 exec x
		in 113 7 read fd=3
		out 114 7 read 1
		in 115 5/6 read fd=4
		out 116 5/6 read 1
		in 117 5/6 close fd=3
		out 118 5/6 close 0
		in 119 5 read fd=3
		out 120 5 read 1
	END
	calls 6 <<-'END'
		105 106 read read 3 /a 1 - -
		115 116 read read 4 /b 1 - -
		117 118 close close 3 /a - - -
	END
	calls 7 <<-'END'
		108 109 close close 4 /b - - -
		110 111 read read 3 /a 1 - -
		113 114 read read 3 - 1 - -
	END
	calls 5 <<-'END'
		100 101 openat open 3 /a - - -
		102 103 openat open 4 /b - - -
		119 120 read read 3 - 1 - -
	END
}

@test "after a loss no descriptor has a name, until it is opened again" {
	fold <<-'END'
		in 100 5 openat filename=/a
		out 101 5 openat 3
		lost 160 host 1 - - 150 2 ring
		in 165 5 read fd=3
		out 166 5 read 1
		in 170 5 openat filename=/b
		out 171 5 openat 3
		in 175 5 read fd=3
		out 176 5 read 1
	END
	calls 5 <<-'END'
		100 101 openat open 3 /a - - -
		165 166 read read 3 - 1 - -
		170 171 openat open 3 /b - - -
		175 176 read read 3 /b 1 - -
	END
}

@test "a tid that is used again has neither the calls nor the descriptors of its predecessor" {
	fold <<-'END'
		sw 90 0 1 S 5
		in 100 5 openat filename=/a
		out 101 5 openat 3
		in 110 5 read fd=3
		sw 120 0 5 X 1
		fork 130 host 0 1 1 5 5 -
		in 140 5 read fd=3
		out 150 5 read 1
		out 155 5 read 2
	END
	calls 5 <<-'END'
		100 101 openat open 3 /a - - -
		110 110 read read 3 /a - - end=unknown
		140 150 read read 3 - 1 - -
	END
}

@test "--io-merge makes one of equal calls that are close to each other" {
	local trace
	trace=$(
		for t in 100 120 140 200; do
			echo "in $t 5 read fd=3"
			echo "out $((t + 10)) 5 read 7"
		done
		echo 'in 212 5 write fd=3'
		echo 'out 220 5 write 7'
		echo 'in 222 5 write fd=3'
		echo 'out 225 5 write -11'
		echo 'in 226 5 write fd=3'
	)
	fold --io-merge=10ns <<<"$trace"
	calls 5 <<-'END'
		100 150 read read 3 - 21 - merged=3
		200 210 read read 3 - 7 - -
		212 220 write write 3 - 7 - -
		222 225 write write 3 - - 11 -
		226 226 write write 3 - - - end=open
	END
	fold --io-merge 9 <<<"$trace"
	[ "$(grep -c ^iostate "$out")" -eq 7 ]
	run -2 sched2states --io-merge=-1 <<<"$trace"
	run -2 sched2states --io-merge=x <<<"$trace"
}

# --- requests of block devices

# rq TIME EVENT SECTOR SECTORS [KEY=VALUE ...]: an event of requests of device 254:0, of task 5, in shorthand.
rq() {
	local t=$1 event=$2 sector=$3 n=$4
	shift 4
	echo "ev $t 5 block:block_rq_$event dev=266338304 sector=$sector nr_sector=$n rwbs=WS $*"
}

# requests <WANT: start, end, task, device, operation, sector, bytes, error, pairs.
requests() {
	diff -u - <(awk -F'\t' -v OFS=' ' '$1 == "request" { print $2, $7, $6, $10, $11, $12, $13, $14, $15 }' "$out")
}

@test "a completion of nothing that was issued is no request with an unknown operation" {
	fold < <(
		rq 100 insert 16 2 bytes=1024
		rq 101 issue 8 16 bytes=8192
		rq 102 complete 8 8 bytes=4096
		rq 103 insert 16 2 bytes=1024
		rq 104 complete 16 8 bytes=4096
		rq 105 complete 16 8 bytes=4096
	)
	[ "$(grep -c '^request' "$out")" -eq 2 ]
	run ! grep -P '^request.*\t254:0\t254:0\t' "$out"
}

@test "a gap without a time of its own ends nothing" {
	printf 'gap\t-\thost\t0\t-\t-\t5\t-\tx\n' | sched2states | reccheck -n
}

@test "a request lasts from its issue to its completion, whatever was given back in between" {
	fold < <(
		rq 100 insert 8 2 bytes=1024
		rq 110 issue 8 2 bytes=1024
		rq 120 issue 16 4 bytes=2048
		rq 130 complete 8 2 error=0
		rq 140 requeue 16 4
		rq 150 issue 16 4 bytes=2048
		rq 160 complete 16 4 error=-5
	)
	requests <<-'END'
		110 130 5 254:0 WS 8 1024 - queued=10
		120 160 5 254:0 WS 16 2048 5 requeued=1
	END
	grep -q '^request	110.*	k;110$' "$out"
	[ "$(grep -c '^tracepoint' "$out")" -eq 1 ]
}

@test "a request that completes in parts ends with the last; two of one sector are two" {
	fold < <(
		rq 100 issue 8 4 bytes=2048
		rq 110 complete 8 1 error=0
		rq 120 complete 9 3 error=0
		rq 130 issue 8 4 bytes=2048
		rq 140 issue 8 4 bytes=2048
		rq 150 complete 8 4 error=0
		rq 160 complete 8 4 error=0
		rq 170 issue 0 0 bytes=0
		rq 180 complete 0 0 error=0
	)
	requests <<-'END'
		100 120 5 254:0 WS 8 2048 - -
		140 150 5 254:0 WS 8 2048 - -
		130 160 5 254:0 WS 8 2048 - -
		170 180 5 254:0 WS 0 0 - -
	END
}

@test "a flush has no sector when it completes: its op finds it, in order of issue" {
	fold < <(
		for t in 100 110 200; do
			rq $t issue 0 0 bytes=0 rwbs=FF
		done | sed 's/rwbs=WS //'
		rq 205 issue 0 0 bytes=36
		for t in 210 215 230; do
			rq $t complete 18446744073709551615 0 error=0 rwbs=FF
			rq $((t + 4)) complete 0 0 error=0
		done | sed 's/rwbs=WS \(.*rwbs\)/\1/'
		rq 240 complete 18446744073709551615 0 error=0
		echo ev 300 5 block:block_rq_complete dev=266338304 sector=18446744073709551615 nr_sector=0 error=-5 rwbs=FF
	)
	requests <<-'END'
		100 210 5 254:0 FF 0 0 - -
		110 215 5 254:0 FF 0 0 - -
		200 230 5 254:0 FF 0 0 - -
		205 240 5 254:0 WS 0 36 - -
		300 300 - 254:0 FF - 0 5 begin=unknown
	END
}

@test "a write that is completed once more after its flush, with nothing left, is one request" {
	fold < <(
		rq 90 complete 32 0 error=0 # of a write before the recording: the first event of its CPU
		rq 100 issue 8 8 bytes=4096
		rq 110 issue 16 8 bytes=4096
		rq 120 complete 8 8 error=0
		rq 130 complete 16 0 error=0
		rq 140 complete 16 8 error=0
		rq 150 complete 24 0 error=0
	)
	requests <<-'END'
		100 120 5 254:0 WS 8 4096 - -
		110 140 5 254:0 WS 16 4096 - -
	END
}

@test "a request that has no issue is empty, one that has no completion ends with the recording or a loss" {
	fold < <(
		rq 100 complete 8 4 error=0
		rq 110 issue 8 4 bytes=2048
		rq 115 insert 64 4 bytes=2048
		echo 'lost 130 host 1 - - 120 2 ring'
		rq 140 complete 8 4 error=0
		rq 150 issue 16 4 bytes=2048
		rq 160 insert 32 4 bytes=2048
	)
	requests <<-'END'
		100 100 - 254:0 WS 8 2048 - begin=unknown
		110 115 5 254:0 WS 8 2048 - end=lost
		140 140 - 254:0 WS 8 2048 - begin=unknown
		150 160 5 254:0 WS 16 2048 - end=open
	END
}

@test "a request without a completion ends with the next issue of its sector, at an unknown time" {
	fold < <(
		rq 100 issue 8 4 bytes=2048
		rq 110 issue 8 4 bytes=2048
		rq 120 complete 8 4 error=0
		rq 130 issue 8 4 bytes=2048
		rq 140 complete 8 4 error=0
		rq 150 issue 0 0 bytes=0
		rq 160 issue 0 8 bytes=4096
		rq 170 complete 0 8 error=0
	)
	requests <<-'END'
		110 120 5 254:0 WS 8 2048 - -
		130 140 5 254:0 WS 8 2048 - -
		160 170 5 254:0 WS 0 4096 - -
		150 170 5 254:0 WS 0 0 - end=open
		100 110 5 254:0 WS 8 2048 - end=unknown
	END
}

# --- which waits in D are for I/O

# dsleep [LINE ...]: task 5 sends a request and waits in D from 110 to 150; the lines come before its wakeup.
dsleep() {
	rq 100 issue 8 2 bytes=1024
	echo 'sw 110 0 5 D 6'
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# why <WANT: the pairs of task 5's wait.
why() {
	diff -u - <(awk -F'\t' '$1 == "state" && $6 == 5 && $11 == "uninterruptible" { print $12 }' "$out")
}

@test "a wait in D that the completion of the task's own request ends is for I/O" {
	fold < <(dsleep; rq 140 complete 8 2 error=0 | sed 's/ 5 / 6 /'; echo 'wk 150 0 6 wakeup 5 softirq')
	why <<<'waker=6/t6 context=softirq io=request device=254:0'
	tiles "$out"
}

@test "it is for I/O if the scheduler accounts for it as such" {
	fold < <(dsleep 'ev 149 6 sched:sched_stat_iowait comm=t5 pid=5 delay=39'; echo 'wk 150 0 6 wakeup 5')
	why <<<'waker=6/t6 io=stat'
}

@test "it is not known to be for I/O if the wake has no completion, or a switch or another interrupt came between" {
	local end
	end=$(rq 140 complete 8 2 error=0 | sed 's/ 5 / 6 /')
	fold < <(dsleep; echo 'wk 150 0 6 wakeup 5')
	why <<<'waker=6/t6'
	fold < <(dsleep "$end" 'sw 145 0 6 S 7'; echo 'wk 150 0 7 wakeup 5')
	why <<<'waker=7/t7'
	fold < <(dsleep 'soft 130 0 6 entry 4' "$end" 'soft 145 0 6 exit 4' 'hard 146 0 6 entry 1'; echo 'wk 150 0 6 wakeup 5 hardirq')
	why <<<'waker=6/t6 context=hardirq'
	fold < <(dsleep "$end"; echo 'wk 150 1 8 wakeup 5')
	why <<<'waker=8'
}

@test "the completion of another task's request tells if the wake is in the same interrupt" {
	local end
	end=$(rq 140 complete 8 2 error=0 | sed 's/ 5 / 6 /')
	fold < <(dsleep | sed 's/ 5 block/ 9 block/'; echo 'soft 130 0 6 entry 4'; echo "$end"; echo 'wk 150 0 6 wakeup 5 softirq')
	why <<<'waker=6/t6 context=softirq io=completion device=254:0'
	fold < <(dsleep | sed 's/ 5 block/ 9 block/'; echo "$end"; echo 'wk 150 0 6 wakeup 5 softirq')
	why <<<'waker=6/t6 context=softirq'
}

@test "a waking in the completion tells as well, whichever CPU reports the wakeup" {
	fold < <(dsleep; rq 140 complete 8 2 error=0 | sed 's/ 5 / 6 /'; echo 'wk 150 0 6 waking 5 softirq'; echo 'wk 160 1 0 wakeup 5 hardirq')
	why <<<'waker=6/t6 context=softirq io=request device=254:0'
}

@test "a completion from before the wait tells nothing about it" {
	fold < <(
		rq 100 issue 8 2 bytes=1024
		rq 105 complete 8 2 error=0
		echo 'sw 110 1 5 D 6'
		echo 'wk 150 0 9 wakeup 5 softirq'
	)
	why <<<'waker=9 context=softirq'
}

# --- a recording of this machine

# recorded: records what a shell does on the disk, in $BATS_TEST_TMPDIR/data, and folds it into $out.
recorded() {
	needs perf
	cd "$BATS_TEST_TMPDIR" || return
	record_whole -e 'irq:*' -e 'block:block_rq_*' -e 'raw_syscalls:*' --exclude-perf -e sched:sched_switch -e sched:sched_wakeup \
		-- sh -c 'dd if=/dev/zero of=file oflag=direct bs=64k count=20 && find /etc -name passwd && sync file'
	LC_ALL=C sort -s -k2,2n rec | sched2states >"$out"
}

@test "on a live recording, the intervals are the pairs of perf script's text, and do not overlap" {
	recorded
	perf script -i data --ns -F tid,cpu,time,event,trace 2>"$err" | once | awk '
		function enter(key, what) {
			open[key] = time
			of[key] = what
		}
		function leave(kind, key, what) {
			if (!(key in open) || of[key] != what)
				return
			n[kind]++
			ns[kind] += time - open[key]
			delete open[key]
		}
		{
			split($3, part, /[.:]/)
			time = part[1] part[2]
			cpu = $2
		}
		$4 == "irq:irq_handler_entry:" { enter("irq" cpu, $5) }
		$4 == "irq:irq_handler_exit:" { leave("irq", "irq" cpu, $5) }
		$4 == "irq:softirq_entry:" { enter("soft" cpu, $5) }
		$4 == "irq:softirq_exit:" { leave("softirq", "soft" cpu, $5) }
		$4 == "raw_syscalls:sys_enter:" { enter("call" $1, $6) }
		$4 == "raw_syscalls:sys_exit:" { leave("call", "call" $1, $6) }
		END { for (kind in n) printf "%s %d %.0f\n", kind, n[kind], ns[kind] }' | sort >want
	grep -q '^call [1-9]' want
	awk -F'\t' '
		/(begin|end)=/ { next }
		$1 == "cpustate" && $8 ~ /irq$/ { kind = $8 }
		$1 == "iostate" { kind = "call" }
		$1 == "iostate" || $1 == "cpustate" && $8 ~ /irq$/ {
			n[kind]++
			ns[kind] += $7 - $2
		}
		END { for (kind in n) printf "%s %d %.0f\n", kind, n[kind], ns[kind] }' "$out" | sort | diff want -
	awk -F'\t' -v OFS='\t' '
		$1 == "iostate" { print "task " $6 " " $8, $2, $7 }
		$1 == "cpustate" && $8 ~ /irq$/ { print $8 " " $4, $2, $7 }' "$out" | sort -t$'\t' -k1,1 -k2,2n -k3,3n |
		awk -F'\t' '$1 == last && $2 < end { print "overlaps: " $0; bad = 1 } { last = $1; end = $3 } END { exit bad }'
	tiles "$out"
}

@test "on a live recording, each request was issued and completed, and each wait for I/O has one that ended in it" {
	recorded
	awk -F'\t' '
		$1 == "request" && !/(begin|end)=/ { n++ }
		$1 == "request" { ends[$6, ++m[$6]] = $7 }
		$1 == "state" && /io=request/ {
			for (i = m[$6]; i > 0 && ends[$6, i] >= $7; i--)
				;
			if (i < 1 || ends[$6, i] <= $2)
				print "no request ended in " $0
		}
		END { print (n > 0 ? "requests" : "none") }' "$out" >got
	[ "$(grep -c block_rq_complete rec)" -ge "$(grep '^request' "$out" | grep -vc 'end=')" ]
	[ "$(<got)" != none ] || skip "no completion is recorded here"
	[ "$(<got)" = requests ]
}

@test "on a live recording, calls and errors are as many as perf trace -s counts" {
	needs perf
	cd "$BATS_TEST_TMPDIR" || return
	perf trace record -m 8M -o data -- sh -c 'find /etc -name passwd; cat /etc/passwd' >"$err" 2>&1 ||
		skip "perf trace records nothing here"
	perf trace -s -i data >summary 2>&1
	# perf counts the child's return from a fork as well
	awk '$1 ~ /^[a-z_0-9]+$/ && $1 !~ /clone|fork/ && $2 ~ /^[0-9]+$/ && NF >= 7 { n[$1] += $2; bad[$1] += $3 }
		END { for (call in n) print call, n[call], bad[call] }' summary | sort >want
	[ "$(wc -l <want)" -gt 10 ]
	perf2rec data 2>"$err" | LC_ALL=C sort -s -k2,2n >rec
	! grep -q ^lost rec || skip "perf loses events here"
	sched2states rec | awk -F'\t' '$1 == "iostate" && !/end=/ && $10 !~ /clone|fork/ { n[$10]++; bad[$10] += $15 != "-" }
			END { for (call in n) print call, n[call], bad[call] }' | sort | diff want -
}

@test "a wait that the kernel accounts for as one for I/O is marked as such" {
	needs perf
	[ "$(cat /proc/sys/kernel/sched_schedstats 2>/dev/null)" = 1 ] || skip "kernel.sched_schedstats is not 1: waits are not accounted for"
	cd "$BATS_TEST_TMPDIR"
	perf record -q --no-bpf-event -a -m 8M -e sched:sched_switch -e sched:sched_wakeup -e sched:sched_stat_iowait -o data -- \
		dd if=/dev/zero of=file bs=4k count=50 oflag=direct,dsync >"$err" 2>&1 || skip "perf does not record sched:sched_stat_iowait here"
	perf2rec data | sched2states >states
	[ "$(awk -F'\t' '$1 == "state" && $9 == "dd" && $11 == "uninterruptible" && / io=stat/' states | wc -l)" -ge 25 ]
}
