#!/bin/bash
# SPDX-License-Identifier: MIT
# virtio.sh fifos FOLDER CPUS - make the FIFOs of a guest's trace ports, and print QEMU's options for them
# virtio.sh record FOLDER TO [SECONDS [PID]] - record what vtagent sends, until the time is over or Enter is pressed
# virtio.sh offset TO - print how many nanoseconds the host's clock is ahead of the guest's, and how much that drifts
# virtio.sh records TO - print the records of guest and host on one timeline, the host's
# virtio.sh quit FOLDER - end the agent
#
# record leaves in TO one file of pages for each CPU, cpuN, the tar archive meta.tar with what is needed to read them, and
# the agent's report. It exits with 0 only if every byte that the agent counts has arrived; only then does it acknowledge.
# Convert with: ftrace2rec -f TO/meta.tar TO/cpu*
#
# With the PID of the guest's QEMU, as root, it also records what the host's CPUs do meanwhile, in TO/host (by ftrace.sh), and
# marks the time in both traces, before and after. The clock of the guest's trace should be `mono`, as the host's is. Draw with:
#   virtio.sh records TO | cs2text -k TO/host/kallsyms --guest-kallsyms=TO/kallsyms | sched2states | states2svg >chart.svg
# (TO/kallsyms is there if vtagent was given --kallsyms).
set -euo pipefail
command=${1:-} folder=${2:-}

# The FIFOs of a port, and QEMU's options for it.
port() {
	mkfifo "$folder/$1.in" "$folder/$1.out"
	printf ' -chardev pipe,id=vt%s,path=%s -device virtserialport,bus=vt.0,nr=%s,chardev=vt%s,name=%s' \
		"$2" "$folder/$1" "$2" "$2" "$1"
}

fifos() {
	local cpu
	mkdir -p "$folder"
	# the threads of the virtual CPUs get their names
	printf '%s' "-name debug-threads=on -device virtio-serial-pci,id=vt,max_ports=$(($1 + 2))"
	port agent-ctl-path 1
	for ((cpu = 0; cpu < $1; cpu++)); do
		port "trace-path-cpu$cpu" $((cpu + 2))
	done
	echo
}

# answers WORD: read the agent's lines up to one that starts with WORD, $line; the rest of a meta line is an archive.
answers() {
	while IFS= read -r line <&8; do
		case $line in
		"meta "*) head -c "${line#meta }" <&8 >"$to/meta.tar" ;;
		"stopped "*) echo "$line" >>"$to/report" ;;
		"error "*) echo "vtagent: $line" >&2 ;;
		esac
		[ "${line%% *}" != "$1" ] || return 0
	done
	return 1
}

# order BYTE WORD: give an order, and read its answer.
order() {
	: >"$to/report"
	printf %s "$1" >&7
	answers "$2"
}

# bytes CPU: what the last report says of it.
bytes() {
	sed -n "s/^stopped cpu$1 bytes=\([0-9]*\) .*/\1/p" "$to/report"
}

# complete: all that the report counts beyond what it counted before is there, at last.
complete() {
	local cpu want got try
	for cpu in "${cpus[@]}"; do
		want=$(($(bytes "$cpu") - before[cpu]))
		for ((try = 0; try < 100; try++)); do
			got=$(stat -c %s "$to/cpu$cpu")
			[ "$got" -lt "$want" ] || break
			sleep 0.1
		done
		[ "$got" -eq "$want" ] || { echo "cpu$cpu: $got of $want bytes" >&2; return 1; }
	done
}

# host_start PID: record the host, too, until host_end; marks go to the same instance of the trace buffer.
host_start() {
	echo "$1" >"$to/pid"
	exec 6> >("$(dirname "$0")/ftrace.sh" - "$to/host" >&2)
	host=$!
	instance=/sys/kernel/tracing/instances/sluice-$host
	until grep -qs 1 "$instance/tracing_on"; do
		kill -0 "$host"
		sleep 0.05
	done
	exec 9>"$instance/trace_marker"
}

host_end() {
	exec 6>&- 9>&-
	wait "$host"
}

# marks: mark the time in the traces of host and guest, alternately.
marks() {
	local n
	for ((n = 0; n < 25; n++)); do
		echo 'vtagent order t' >&9
		printf t >&7
		answers time
		echo "vtagent $line" >&9
	done
}

# readers: one for each CPU.
readers() {
	local fifo cpu
	trap 'kill "${readers[@]}" 2>/dev/null || true' EXIT
	for fifo in "$folder"/trace-path-cpu*.out; do
		cpu=${fifo##*cpu}
		cpus+=("${cpu%.out}")
		cat "$fifo" >"$to/cpu${cpu%.out}" &
		readers+=($!)
	done
}

record() {
	local cpu status=0
	mkdir -p "$to"
	readers
	# what the agent counted before this recording
	order 0 'done'
	for cpu in "${cpus[@]}"; do
		before[cpu]=$(bytes "$cpu")
	done
	[ -z "$2" ] || host_start "$2"
	order 1 started
	[ -z "$2" ] || marks
	if [ -n "$1" ]; then
		sleep "$1"
	else
		read -r -p 'recording; press Enter to stop '
	fi
	[ -z "$2" ] || marks
	order 0 'done'
	[ -z "$2" ] || host_end
	tar -xOf "$to/meta.tar" proc/kallsyms >"$to/kallsyms" 2>/dev/null || rm "$to/kallsyms"
	complete || status=1
	[ $status -ne 0 ] || printf a >&7
	cat "$to/report"
	return $status
}

# host_records, guest_records [ARG ...]
host_records() {
	ftrace2rec -f "$to/host" "$@" "$to"/host/cpu[0-9]*
}

guest_records() {
	ftrace2rec -m "vm$(cat "$to/pid")" -f "$to/meta.tar" "$@" "$to"/cpu[0-9]*
}

# Each of the guest's marks was made between the two of the host that have its number.
offset() {
	{ host_records -e print; guest_records -e print; } | awk -F '\t' '
		BEGIN { some = 0 }
		!/\tftrace:print\t.*buf=vtagent/ { next }
		/order/ { order = $2; next }
		{ n = $8; sub(/.*time\\x20/, "", n); sub(/[^0-9].*/, "", n) }
		$3 == "host" { from[n] = order; to[n] = $2; next }
		n in from {
			low[some] = from[n] - $2
			high[some] = to[n] - $2
			at[some++] = $2
		}
		# between(FIRST, END): what all these marks allow, least and most
		function between(first, end,  i) {
			least = low[first]
			most = high[first]
			for (i = first + 1; i < end; i++) {
				if (low[i] > least) least = low[i]
				if (high[i] < most) most = high[i]
			}
			return (least + most) / 2
		}
		END {
			if (!some) { print "no marks of guest and host" >"/dev/stderr"; exit 1 }
			half = 0 # the first mark that is nearer to the last one than to the first one
			while (half < some && at[half] - at[0] <= at[some - 1] - at[half])
				half++
			if (half < some) {
				before = between(0, half)
				error = most - least
				drift = between(half, some) - before
				error = (error + most - least) / 2
				seconds = (at[half] - at[half - 1]) / 1e9
			}
			ns = between(0, some)
			printf "between %.0f and %.0f ns, from %d marks\n", least, most, some >"/dev/stderr"
			if (half < some)
				printf "drift: %.0f ns, give or take %.0f ns, in %.3f s\n", drift, error, seconds >"/dev/stderr"
			else
				print "drift: not known, as there is only one mark" >"/dev/stderr"
			printf "%.0f\n", ns
		}'
}

records() {
	local ns
	ns=$(offset 2>/dev/null) || offset
	LC_ALL=C sort -s -m -k2,2n <(host_records) <(guest_records --offset="$ns")
}

cpus=() readers=() before=() line=
case $command in
fifos) fifos "${3:?how many CPUs}" ;;
record | quit)
	# both ends of each: without that, opening waits for the other side
	exec 7<>"$folder/agent-ctl-path.in" 8<>"$folder/agent-ctl-path.out"
	to=${3:-}
	if [ "$command" = quit ]; then
		printf qa >&7
	else
		record "${4:-}" "${5:-}"
	fi
	;;
offset | records)
	to=$folder
	[ -e "$to/host" ] || { echo "$to: the host was not recorded" >&2; exit 1; }
	"$command"
	;;
*)
	sed -n 's/^# \(virtio.sh .*\)/usage: \1/p' "$0" >&2
	exit 2
	;;
esac
