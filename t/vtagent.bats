#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The trace agent on an instance of this machine's trace buffer, with FIFOs for ports: what arrives is whole pages that
# hold the events that the kernel counts, and the report says what does not arrive. Needs root and tracefs.

load lib

# live: skip unless there can be an instance; make one, with events, not tracing.
live() {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	tracing=/sys/kernel/tracing
	mkdir "$tracing/instances/sluice-$$-$BATS_TEST_NUMBER" 2>/dev/null || skip "no instance of tracefs can be made here"
	instance=$tracing/instances/sluice-$$-$BATS_TEST_NUMBER
	echo 0 >"$instance/tracing_on"
	echo mono >"$instance/trace_clock"
	echo 1 >"$instance/events/sched/enable"
	dir=$BATS_TEST_TMPDIR/ports
	"$BATS_TEST_DIRNAME/../examples/record/virtio.sh" fifos "$dir" "$(cpus | wc -l)" >"$BATS_TEST_TMPDIR/qemu"
	touch "$dir/lines"
	exec 7<>"$dir/agent-ctl-path.in"
}

teardown() {
	for pid in ${agent-} $(jobs -p); do
		kill -9 "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	[ -n "${instance-}" ] || return 0
	echo 0 >"$instance/events/enable"
	for try in 1 2 3 4 5 6 7 8 9; do
		rmdir "$instance" 2>/dev/null && return
		sleep 0.3
	done
}

# agent [ARG ...]: start it on the FIFOs.
agent() {
	vtagent --instance="$(basename "$instance")" -c "$dir/agent-ctl-path" -o "$dir/trace-path-cpu%d" "$@" 2>"$err" 3>&- 7>&- &
	agent=$!
}

# readers: read all ports into files, as a host does; lines, without the archives, go to $dir/lines.
readers() {
	for fifo in "$dir"/trace-path-cpu*.out; do
		cat "$fifo" >"${fifo%.out}" 3>&- 7>&- &
	done
	lines &
}

lines() {
	exec 3>&- 7>&- 8<>"$dir/agent-ctl-path.out"
	while IFS= read -r line <&8; do
		[[ $line != meta\ * ]] || head -c "${line#meta }" <&8 >"$dir/meta.tar"
		echo "$line" >>"$dir/lines"
	done
}

# until TEXT [COUNT]: the agent has said lines that start with this, as often.
until_said() {
	for try in {1..150}; do
		[ "$(grep -c "^$1" "$dir/lines" 2>/dev/null)" -lt "${2-1}" ] || return 0
		sleep 0.1
	done
	echo "not said: $1"
	cat "$dir/lines" "$err"
	return 1
}

# value NAME CPU: of the last report.
value() {
	sed -n "s/^stopped cpu$2 .*\b$1=\([0-9]*\).*/\1/p" "$dir/lines" | tail -n 1
}

cpus() {
	printf '%s\n' "$instance"/per_cpu/cpu* | sed 's/.*cpu//' | sort -n
}

work() {
	for ((w = 0; w < ${1-20}; w++)); do
		find /usr/lib -maxdepth 1 | sort >/dev/null
	done
}

# arrived [CPU ...]: each file of pages has as many bytes as the agent counts, whole pages, and the events that the kernel counts as read.
arrived() {
	local cpu size
	[ $# -gt 0 ] || set -- $(cpus)
	for cpu; do
		for try in {1..50}; do
			size=$(stat -c %s "$dir/trace-path-cpu$cpu")
			[ "$size" -ne "$(value bytes "$cpu")" ] || break
			sleep 0.1
		done
		[ "$size" -eq "$(value bytes "$cpu")" ] || { echo "cpu$cpu: $size bytes"; cat "$dir/lines"; return 1; }
		[ $((size % 4096)) -eq 0 ]
		[ "$(events "$cpu")" -eq "$(value read "$cpu")" ] || { echo "cpu$cpu: $(events "$cpu") events"; cat "$dir/lines"; return 1; }
	done
}

# running PID ...: one of these processes has not ended. Their parent may never ask for their status.
running() {
	local pid
	for pid; do
		! grep -qs '^State:.[^Z]' "/proc/$pid/status" || return 0
	done
	return 1
}

# events CPU: the number of events in its pages.
events() {
	[ -s "$dir/trace-path-cpu$1" ] || { echo 0; return; }
	ftrace2rec -f "$dir/meta.tar" "$1=$dir/trace-path-cpu$1" | grep -c "^\(switch\|wakeup\|migrate\|fork\|exit\|tracepoint\)" || true
}

@test "all events of a recording arrive, in two starts, and the report counts them" {
	live
	readers
	agent
	printf '1\n' >&7
	until_said started
	work
	printf 0 >&7
	until_said 'done'
	printf '1' >&7
	until_said started 2
	work 5
	printf '0\n' >&7
	until_said 'done' 2
	arrived
	for cpu in $(cpus); do
		[ "$(value unsent "$cpu")" -eq 0 ]
		[ "$(value entries "$cpu")" -eq 0 ]
	done
	[ "$(cat "$instance/tracing_on")" -eq 0 ]
	printf q >&7
	sleep 0.3
	kill -0 "$agent"
	printf a >&7
	wait "$agent"
	[ ! -s "$err" ]
}

@test "the meta block is an archive that tar unpacks, with what the pages need" {
	live
	readers
	agent --meta="$dir/second.tar"
	printf 1 >&7
	until_said started
	work 2
	printf 0 >&7
	until_said 'done'
	mkdir "$dir/x"
	tar -C "$dir/x" -xf "$dir/meta.tar"
	cmp "$dir/second.tar" "$dir/meta.tar"
	grep -qx 'page=4096' "$dir/x/vtagent"
	grep -qx "cpus=$(sed -n 's/^vtagent 1 cpus=\([^ ]*\) .*/\1/p' "$dir/lines")" "$dir/x/vtagent"
	for file in events/sched/sched_switch/format events/ftrace/print/format events/header_page trace_clock saved_cmdlines per_cpu/cpu0/stats; do
		[ -s "$dir/x/tracing/$file" ] || { echo "$file"; return 1; }
	done
	cmp "$tracing/events/sched/sched_wakeup/format" "$dir/x/tracing/events/sched/sched_wakeup/format"
	[ ! -e "$dir/x/proc/kallsyms" ]

	# what was disabled before the stop is still there, and what was enabled meanwhile
	printf 1 >&7
	until_said started 2
	echo 0 >"$instance/events/sched/enable"
	echo 1 >"$instance/events/irq/enable"
	printf 0 >&7
	until_said 'done' 2
	tar -tf "$dir/meta.tar" >"$out"
	grep -qx tracing/events/sched/sched_switch/format "$out"
	grep -qx tracing/events/irq/irq_handler_entry/format "$out"
	[ "$(sort "$out" | uniq -d | wc -l)" -eq 0 ]
}

@test "an order given twice changes nothing, and an unknown one is reported" {
	live
	readers
	agent
	printf '11' >&7
	until_said started 2
	work 2
	printf 'x0 0\n' >&7
	until_said 'done' 2
	[ "$(grep -c '^error' "$dir/lines")" -eq 1 ]
	grep -qx 'error unknown order 0x78' "$dir/lines"
	arrived
	printf 'aq' >&7
	wait "$agent"
}

@test "a host that does not read for 2 seconds gets whole pages, and what the kernel overwrote is counted" {
	live
	for cpu in $(cpus); do
		echo 64 >"$instance/per_cpu/cpu$cpu/buffer_size_kb"
	done
	echo 1 >"$instance/events/raw_syscalls/enable"
	for fifo in "$dir"/trace-path-cpu*.out; do
		{ sleep 2; exec cat; } <"$fifo" >"${fifo%.out}" 3>&- 7>&- &
	done
	lines &
	agent --pipe-size=64
	printf 1 >&7
	until_said started
	dd if=/dev/zero of=/dev/null bs=1 count=300000 2>/dev/null
	printf 0 >&7
	until_said 'done'
	arrived
	lost=0
	for cpu in $(cpus); do
		lost=$((lost + $(value overrun "$cpu")))
		[ "$(value unsent "$cpu")" -eq 0 ]
	done
	[ "$lost" -gt 1000 ]
	# the pages say how much is missing, unless there was no room for the number
	ftrace2rec -f "$dir/meta.tar" "$dir"/trace-path-cpu[0-9] >"$out"
	read -r known unknown < <(awk -F '\t' $(recfields lost) '$kind == "lost" { $count == "-" ? unknown++ : known += $count } END { print known + 0, unknown + 0 }' "$out")
	echo "$known lost, and in $unknown places nobody counted, of $lost"
	[ "$known" -gt 0 ]
	[ "$known" -eq "$lost" ] || { [ "$unknown" -gt 0 ] && [ "$known" -lt "$lost" ]; }
	printf 'qa' >&7
	wait "$agent"
}

@test "a FIFO whose reader goes away: whole pages until then, and the report counts the rest" {
	live
	lines &
	for cpu in $(cpus); do
		[ "$cpu" -ne 0 ] || continue
		cat "$dir/trace-path-cpu$cpu.out" >"$dir/trace-path-cpu$cpu" 3>&- 7>&- &
	done
	head -c 40960 "$dir/trace-path-cpu0.out" >"$dir/trace-path-cpu0" 3>&- 7>&- &
	echo 1 >"$instance/events/raw_syscalls/enable"
	agent --wait=1
	printf 1 >&7
	until_said started
	taskset -c 0 dd if=/dev/zero of=/dev/null bs=1 count=20000 2>/dev/null
	work 3
	printf 0 >&7
	until_said 'done'
	[ "$(stat -c %s "$dir/trace-path-cpu0")" -eq 40960 ]
	grep -q '^stopped cpu0 .* error=cannot send: Broken pipe$' "$dir/lines"
	[ "$(value unsent 0)" -gt 0 ]
	[ "$(events 0)" -gt 0 ]
	# another reader gets the rest
	cat "$dir/trace-path-cpu0.out" >>"$dir/trace-path-cpu0" 3>&- 7>&- &
	sleep 0.5
	printf 0 >&7
	until_said 'done' 2
	[ "$(value unsent 0)" -eq 0 ]
	arrived
	printf 'aq' >&7
	wait "$agent"
}

@test "a killed process of the agent is in the report, the other CPUs are complete" {
	live
	readers
	agent
	printf 1 >&7
	until_said started
	work 3
	victim=$(pgrep -P "$agent" | head -n 1)
	kill -9 "$victim"
	work 3
	printf 0 >&7
	until_said 'done'
	grep -q '^stopped cpu0 .* error=the process was ended by signal 9$' "$dir/lines"
	arrived $(cpus | sed 1d)
	# of its CPU, the pages that it had sent are whole; what it had taken and not sent is counted
	[ $(($(stat -c %s "$dir/trace-path-cpu0") % 4096)) -eq 0 ]
	[ "$(stat -c %s "$dir/trace-path-cpu0")" -ge "$(value bytes 0)" ]
	[ "$(events 0)" -le "$(value read 0)" ]
	[ "$(value entries 0)" -gt 0 ]
	printf 'qa' >&7
	status=0
	wait "$agent" || status=$?
	[ "$status" -eq 1 ]
	grep -q 'not all was sent' "$err"
}

@test "when the agent is killed, its processes send whole pages and end" {
	live
	readers
	agent
	printf 1 >&7
	until_said started
	work 5
	children=$(pgrep -P "$agent")
	kill -9 "$agent"
	for try in {1..40}; do
		running $children || break
		sleep 0.1
	done
	run ! running $children
	# all that they had taken is there
	for cpu in $(cpus); do
		[ $(($(stat -c %s "$dir/trace-path-cpu$cpu") % 4096)) -eq 0 ]
		read=$(sed -n 's/^read events: //p' "$instance/per_cpu/cpu$cpu/stats")
		for try in {1..50}; do
			[ "$(events "$cpu")" -ne "$read" ] || break
			sleep 0.1
		done
		[ "$(events "$cpu")" -eq "$read" ]
	done
}

@test "a host that does not acknowledge is waited for, and then it is an error" {
	live
	readers
	agent --wait=1
	printf 1 >&7
	until_said started
	work 1
	kill -TERM "$agent"
	status=0
	wait "$agent" || status=$?
	[ "$status" -eq 1 ]
	grep -q 'the host has not acknowledged [0-9]* bytes' "$err"
	until_said 'done'
	arrived
}

@test "a host that never reads the control port gets all the same pages" {
	live
	for fifo in "$dir"/trace-path-cpu*.out; do
		cat "$fifo" >"${fifo%.out}" 3>&- 7>&- &
	done
	agent --wait=1
	for try in 1 2 3; do
		printf '1\n' >&7
		sleep 0.2
		work 1
		printf '0\n' >&7
		sleep 0.3
	done
	printf q >&7
	wait "$agent" || true
	size=$(cat "$dir"/trace-path-cpu[0-9] | wc -c)
	[ "$size" -gt 0 ]
	[ $((size % 4096)) -eq 0 ]
	grep -q "has not acknowledged $size bytes" "$err"
}

@test "frames on standard output have everything, each page with its CPU" {
	live
	vtagent --instance="$(basename "$instance")" -c "$dir/agent-ctl-path" -o >"$dir/stream" 2>"$err" 3>&- 7>&- &
	agent=$!
	lines &
	printf 1 >&7
	until_said started
	work 5
	printf 0q >&7
	wait "$agent"
	# magic, what, length: take the stream apart
	at=0 size=$(stat -c %s "$dir/stream")
	while [ "$at" -lt "$size" ]; do
		read -r magic what length < <(od -An -v -tx4 -j "$at" -N 8 -w8 "$dir/stream" | tr '\n' ' '; od -An -v -td8 -j $((at + 8)) -N 8 "$dir/stream")
		[ "$magic" = 67617476 ]
		case $what in
		fffffffe) name=$dir/said ;;
		ffffffff) name=$dir/meta.tar && : >"$name" ;;
		*) name=$dir/trace-path-cpu$((16#$what)) && [ $((length % 4096)) -eq 0 ] ;;
		esac
		tail -c +$((at + 17)) "$dir/stream" | head -c "$length" >>"$name"
		at=$((at + 16 + length))
	done
	[ "$at" -eq "$size" ]
	head -n 1 "$dir/said" | grep -q '^vtagent 1 '
	tail -n 1 "$dir/said" | grep -q '^done bytes='
	for cpu in $(cpus); do
		touch "$dir/trace-path-cpu$cpu"
	done
	grep -v '^meta' "$dir/lines" | diff - "$dir/said"
	arrived
	for cpu in $(cpus); do
		events=(${events[@]+"${events[@]}"} "$cpu=$dir/trace-path-cpu$cpu")
	done
	ftrace2rec -f "$dir/meta.tar" "${events[@]}" >"$out"
	ftrace2rec "$dir/stream" | diff - "$out"
}

@test "one pipe from the agent to records, ended by a signal" {
	live
	vtagent --instance="$(basename "$instance")" -o - 2>"$err" 3>&- 7>&- > >(ftrace2rec - >"$out"; echo $? >"$dir/status") &
	agent=$!
	for try in {1..50}; do
		[ "$(cat "$instance/tracing_on")" -eq 0 ] || break
		sleep 0.1
	done
	work 3
	kill -INT "$agent"
	wait "$agent"
	for try in {1..50}; do
		[ ! -s "$dir/status" ] || break
		sleep 0.1
	done
	[ "$(cat "$dir/status")" -eq 0 ]
	reccheck -n "$out"
	[ "$(grep -c '^switch' "$out")" -gt 10 ]
}

@test "what an earlier run lost is not in the report" {
	live
	echo 64 >"$instance/buffer_size_kb"
	echo 1 >"$instance/events/raw_syscalls/enable"
	echo 1 >"$instance/tracing_on"
	dd if=/dev/zero of=/dev/null bs=1 count=30000 2>/dev/null
	echo 0 >"$instance/tracing_on"
	echo 0 >"$instance/events/raw_syscalls/enable"
	[ "$(cat "$instance"/per_cpu/cpu*/stats | awk '/^overrun/ { n += $2 } END { print n }')" -gt 100 ]
	lines &
	for run in 1 2; do
		for fifo in "$dir"/trace-path-cpu*.out; do
			cat "$fifo" >"${fifo%.out}" 3>&- 7>&- &
		done
		for cpu in $(cpus); do
			cat "$instance/per_cpu/cpu$cpu/stats" >"$BATS_TEST_TMPDIR/before$cpu"
		done
		agent
		printf '1\n' >&7
		until_said started $run
		work 1
		printf 0 >&7
		until_said 'done' $run
		for cpu in $(cpus); do
			for counter in overrun read; do
				grew=$(cat "$instance/per_cpu/cpu$cpu/stats" "$BATS_TEST_TMPDIR/before$cpu" |
					awk -v counter=$counter '$1 ~ "^" counter { n = n == "" ? $NF : n - $NF } END { print n }')
				[ "$(value $counter "$cpu")" -eq "$grew" ] || { echo "cpu$cpu $counter: $grew"; cat "$dir/lines"; return 1; }
			done
		done
		printf qa >&7
		wait "$agent"
	done
}

@test "to files, without a control port: from the start until a signal" {
	live
	vtagent --instance="$(basename "$instance")" -o "$dir/file%d" --meta="$dir/meta.tar" 2>"$err" 3>&- 7>&- &
	agent=$!
	for try in {1..50}; do
		! grep -q started "$err" || break
		sleep 0.1
	done
	work 3
	kill -INT "$agent"
	wait "$agent"
	sed 's/^vtagent: //' "$err" >"$dir/lines"
	for cpu in $(cpus); do
		mv "$dir/file$cpu" "$dir/trace-path-cpu$cpu"
	done
	arrived
}

@test "the host's script records, checks, and acknowledges" {
	live
	agent
	for to in one two; do
		"$BATS_TEST_DIRNAME/../examples/record/virtio.sh" record "$dir" "$dir/$to" 0.5 3>&- 7>&-
		ftrace2rec -m guest -f "$dir/$to/meta.tar" "$dir/$to"/cpu[0-9]* | reccheck -n
	done
	"$BATS_TEST_DIRNAME/../examples/record/virtio.sh" quit "$dir" 3>&- 7>&-
	wait "$agent"
}

@test "the host's script records the host, too, and finds the difference of the clocks" {
	live
	agent --kallsyms
	# both are this machine, with the same clock: the difference is 0
	script=$BATS_TEST_DIRNAME/../examples/record/virtio.sh
	"$script" record "$dir" "$dir/rec" 0.2 $$ 3>&- 7>&-
	printf 'q' >&7
	wait "$agent"
	cmp "$dir/rec/kallsyms" /proc/kallsyms
	"$script" offset "$dir/rec" >"$out" 2>"$err"
	cat "$out" "$err"
	[ "$(cat "$out")" -lt 1000000 ] && [ "$(cat "$out")" -gt -1000000 ]
	awk '{ exit !($2 <= 0 && $4 >= 0 && $7 == 50) }' "$err"
	"$script" records "$dir/rec" >"$out"
	reccheck -n "$out"
	LC_ALL=C sort -s -c -k2,2n "$out"
	for machine in host vm$$; do
		[ "$(grep -c "^switch	[0-9]*	$machine	" "$out")" -gt 10 ]
	done
}

@test "a mark of the time is in the trace with its number, and refused while nothing is traced" {
	live
	readers
	agent
	printf 't1tt' >&7
	until_said 'time 2'
	printf '0' >&7
	until_said 'done'
	grep -qx 'error cannot mark the time: not started' "$dir/lines"
	arrived # the readers have written all pages
	ftrace2rec -e print -f "$dir/meta.tar" "$dir"/trace-path-cpu[0-9] | grep -o 'vtagent.*[12]' >"$out"
	[ "$(cat "$out")" = 'vtagent\x20time\x201
vtagent\x20time\x202' ]
	printf 'aq' >&7
	wait "$agent"
}

@test "what is missing is said clearly" {
	rejects 'no/such/file: No such file or directory' vtagent no/such/file
	rejects 'not a tracing folder' vtagent "$BATS_TEST_TMPDIR"
	if [ "$(id -u)" -eq 0 ] && [ -e /sys/kernel/tracing/trace ]; then
		rejects 'instances/no-such: No such file or directory' vtagent --instance=no-such
		[ -e /sys/class/virtio-ports ] || rejects 'no virtio port trace-path-cpu0' vtagent
		rejects 'one %d in it stands for the CPU' vtagent -o "$BATS_TEST_TMPDIR/x"
	fi
	! command -v setpriv >/dev/null || rejects 'root' setpriv --reuid 65534 --regid 65534 --clear-groups "$BUILD/vtagent" /sys/kernel/tracing
}
