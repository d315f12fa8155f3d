#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm.sh SECONDS FOLDER [PID[=KALLSYMS] ...] - record host and guests together, on the host (as root)
#
# A guest's samples contain only addresses. To name those of its kernel, its own symbols are needed: a copy of the guest's
# /proc/kallsyms, made in it as root after the same boot (with kernel.kptr_restrict=0). PID is the guest's process on the host:
# `pidof qemu-system-x86_64`. FOLDER then has perf.data, the host's kallsyms, and guests/PID/proc/kallsyms, which perf uses now
# (for the place of the guest's kernel) and cs2text later. Name the vCPU threads: qemu -name guest=NAME,debug-threads=on.
set -eu
seconds=${1:?how many seconds} to=${2:?a folder}
shift 2
mkdir -p "$to/guests"
for guest; do
	pid=${guest%%=*}
	mkdir -p "$to/guests/$pid/proc"
	: >"$to/guests/$pid/proc/modules"
	[ "$guest" = "$pid" ] || cp "${guest#*=}" "$to/guests/$pid/proc/kallsyms"
done

# a counter of the CPU if there is one; how often guests are left, if KVM says it here
samples=cycles/freq=2000,name=cycles/
[ -e /sys/bus/event_source/devices/cpu ] || samples=cpu-clock/freq=2000,name=cpu-clock/
exits=
for event in kvm_entry kvm_exit; do
	[ ! -e "/sys/kernel/tracing/events/kvm/$event" ] || exits="$exits -e kvm:$event/call-graph=no/"
done

perf kvm --host --guest --guestmount="$to/guests" record -q -B -N -a -g -m 8M --sample-cpu -e "$samples" \
	-e sched:sched_switch -e sched:sched_wakeup -e sched:sched_wakeup_new $exits -o "$to/perf.data" -- sleep "$seconds"
cat /proc/kallsyms >"$to/kallsyms"
perf2rec --stacks=once "$to/perf.data" | cs2text -k "$to/kallsyms" --guest-mount="$to/guests" | kvmsplit -s >"$to/all.rec"
