#!/bin/bash
# SPDX-License-Identifier: MIT
# virtio.sh fifos FOLDER CPUS - make the FIFOs of a guest's trace ports, and print QEMU's options for them
# virtio.sh record FOLDER TO [SECONDS] - record what vtagent sends from the guest, until the time is over or Enter is pressed
# virtio.sh quit FOLDER - end the agent
#
# record leaves in TO one file of pages for each CPU, cpuN, the tar archive meta.tar with what is needed to read them, and
# the agent's report. It exits with 0 only if every byte that the agent counts has arrived; only then does it acknowledge.
# Convert with: ftrace2rec -f TO/meta.tar TO/cpu*
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
	printf '%s' "-device virtio-serial-pci,id=vt,max_ports=$(($1 + 2))"
	port agent-ctl-path 1
	for ((cpu = 0; cpu < $1; cpu++)); do
		port "trace-path-cpu$cpu" $((cpu + 2))
	done
	echo
}

# answers WORD: read the agent's lines up to one that starts with WORD; the rest of a meta line is an archive.
answers() {
	local line
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

record() {
	local fifo cpu status=0
	mkdir -p "$to"
	trap 'kill "${readers[@]}" 2>/dev/null || true' EXIT
	for fifo in "$folder"/trace-path-cpu*.out; do
		cpu=${fifo##*cpu}
		cpus+=("${cpu%.out}")
		cat "$fifo" >"$to/cpu${cpu%.out}" &
		readers+=($!)
	done
	# what the agent counted before this recording
	order 0 'done'
	for cpu in "${cpus[@]}"; do
		before[cpu]=$(bytes "$cpu")
	done
	order 1 started
	if [ -n "$1" ]; then
		sleep "$1"
	else
		read -r -p 'recording; press Enter to stop '
	fi
	order 0 'done'
	complete || status=1
	[ $status -ne 0 ] || printf a >&7
	cat "$to/report"
	return $status
}

cpus=() readers=() before=()
case $command in
fifos) fifos "${3:?how many CPUs}" ;;
record | quit)
	# both ends of each: without that, opening waits for the other side
	exec 7<>"$folder/agent-ctl-path.in" 8<>"$folder/agent-ctl-path.out"
	to=${3:-}
	if [ "$command" = quit ]; then
		printf qa >&7
	else
		record "${4:-}"
	fi
	;;
*)
	sed -n 's/^# \(virtio.sh .*\)/usage: \1/p' "$0" >&2
	exit 2
	;;
esac
