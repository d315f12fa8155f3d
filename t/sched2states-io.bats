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
