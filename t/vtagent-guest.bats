#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The trace agent in a guest: QEMU boots a kernel with nothing but busybox and our static agent, the host orders over
# virtio-serial, and the pages have the events that the guest's own text of the same buffer shows. One minute at most.

load lib

guest=$BUILD/guest

# possible: skip unless a guest can be booted.
possible() {
	for program in qemu-system-x86_64 busybox; do
		command -v "$program" >/dev/null || skip "no $program on this machine"
	done
	[ -d "$guest/boot" ] || skip "no kernel: make guest-kernel"
	make -s -C "$BATS_TEST_DIRNAME/.." B="$(basename "$BUILD")" vtagent-static >/dev/null || skip "cannot link a static agent"
}

# accel: how QEMU runs the guest. Not every /dev/kvm boots Linux: only those of these modules are the processor's.
accel() {
	if [ -w /dev/kvm ] && { [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; }; then
		echo kvm
	else
		echo tcg,thread=multi
	fi
}

# The first process of the guest: record to the buffer, print it as text, then serve, with work to trace in the background.
init() {
	cat <<-'EOT'
		#!/bin/busybox sh
		export PATH=/bin
		/bin/busybox mkdir -p /proc /sys /dev
		/bin/busybox --install -s /bin
		mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tracefs nodev /sys/kernel/tracing
		for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_console; do insmod /lib/$m.ko; done
		t=/sys/kernel/tracing
		while [ "$(cat /sys/class/virtio-ports/*/name 2>/dev/null | wc -l)" -lt 4 ]; do sleep 0.1; done
		for p in /sys/class/virtio-ports/*; do [ "$(cat $p/name)" != text ] || text=/dev/${p##*/}; done
		echo 0 >$t/tracing_on; echo 8192 >$t/buffer_size_kb
		echo 1 >$t/events/sched/sched_switch/enable; echo 1 >$t/events/raw_syscalls/enable
		echo 1 >$t/tracing_on
		dd if=/dev/zero of=/dev/null bs=1 count=8000 2>/dev/null; for i in 1 2 3; do true | cat >/dev/null; done
		echo 0 >$t/tracing_on; echo 0 >$t/events/enable
		cat $t/trace >$text
		vtagent --all-formats & agent=$!
		while grep -qx 'read events: 0' $t/per_cpu/cpu0/stats; do sleep 0.2; done
		echo 1 >$t/events/sched/sched_switch/enable; echo 1 >$t/events/raw_syscalls/enable
		while kill -0 $agent 2>/dev/null; do dd if=/dev/zero of=/dev/null bs=1 count=2000 2>/dev/null; sleep 0.1; done
		wait $agent
		echo "agent: $?" >/dev/console
		poweroff -f
	EOT
}

# initrd FOLDER: the guest's files, packed.
initrd() {
	local root=$1/root module
	mkdir -p "$root/bin" "$root/lib"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$BUILD/vtagent-static" "$root/bin/vtagent"
	for module in virtio/virtio_ring virtio/virtio virtio/virtio_pci_legacy_dev virtio/virtio_pci_modern_dev virtio/virtio_pci char/virtio_console; do
		cp "$guest"/lib/modules/*/kernel/drivers/$module.ko "$root/lib/"
	done
	init >"$root/init"
	chmod +x "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$1/initrd"
}

# until_in FILE TEXT [COUNT]: wait until lines of the file start with this, as often.
until_in() {
	for try in {1..400}; do
		[ "$(grep -c "^$2" "$1" 2>/dev/null)" -lt "${3-1}" ] || return 0
		sleep 0.1
	done
	echo "no $2 in $1"
	cat "$1" "$dir/console" "$err"
	return 1
}

lines() {
	exec 3>&- 7>&- 8<>"$dir/agent-ctl-path.out"
	while IFS= read -r line <&8; do
		[[ $line != meta\ * ]] || head -c "${line#meta }" <&8 >"$dir/meta.tar"
		echo "$line" >>"$dir/lines"
	done
}

teardown() {
	for pid in $(jobs -p); do
		kill -9 "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
}

value() {
	sed -n "s/^stopped cpu$2 .*\b$1=\([0-9]*\).*/\1/p" "$dir/lines" | tail -n 1
}

# arrived: the files have the bytes of the report, and the events that the kernel counts as read; $events of them.
arrived() {
	local cpu n
	events=0
	for cpu in 0 1; do
		for try in {1..100}; do
			[ "$(stat -c %s "$dir/cpu$cpu")" -ne "$(value bytes $cpu)" ] || break
			sleep 0.1
		done
		[ "$(stat -c %s "$dir/cpu$cpu")" -eq "$(value bytes $cpu)" ] || { cat "$dir/lines"; return 1; }
		[ "$(value unsent $cpu)$(value overrun $cpu)$(value entries $cpu)" = 000 ] || { cat "$dir/lines"; return 1; }
		ftrace2rec -f "$dir/meta.tar" $cpu="$dir/cpu$cpu" >"$dir/rec$cpu"
		n=$(grep -c '^\(switch\|tracepoint\)' "$dir/rec$cpu")
		[ "$n" -eq "$(value read $cpu)" ] || { echo "cpu$cpu: $n events"; cat "$dir/lines"; return 1; }
		events=$((events + n))
	done
}

@test "a guest's trace arrives as the guest itself prints it, from start to stop, and the guest powers off" {
	possible
	dir=$BATS_TEST_TMPDIR/guest
	mkdir "$dir"
	touch "$dir/lines"
	initrd "$dir"
	options=$("$BATS_TEST_DIRNAME/../examples/record/virtio.sh" fifos "$dir" 2)
	exec 7<>"$dir/agent-ctl-path.in"
	for cpu in 0 1; do
		cat "$dir/trace-path-cpu$cpu.out" >"$dir/cpu$cpu" 3>&- 7>&- &
	done
	lines &
	timeout 60 qemu-system-x86_64 -accel "${GUEST_ACCEL:-$(accel)}" -smp 2,maxcpus=4 -m 256 -nographic -monitor none -nic none -no-reboot \
		-serial "file:$dir/console" -kernel "$guest"/boot/vmlinuz-* -initrd "$dir/initrd" \
		-append 'console=ttyS0 quiet panic=-1 nokaslr tsc=reliable cryptomgr.notests' $options \
		-device virtio-serial-pci,id=vx -chardev "file,id=text,path=$dir/text" -device virtserialport,bus=vx.0,nr=1,chardev=text,name=text \
		2>"$err" >"$dir/qemu" 3>&- 7>&- </dev/null &
	qemu=$!

	# what was in the buffer: the events of the text, to the microsecond and the CPU
	until_in "$dir/lines" 'vtagent 1 cpus=0-1 page=4096'
	printf '1\n0\n' >&7
	until_in "$dir/lines" 'done'
	arrived
	[ "$events" -ge 28000 ]
	sed -n 's/^.* \[\([0-9]*\)\] [^ ]* *\([0-9]*\)[.]\([0-9]*\): .*/\1 \2\3/p' "$dir/text" | awk '{ print $1 + 0, $2 + 0 }' | sort >"$dir/want"
	awk -F '\t' '/^(switch|tracepoint)/ { printf "%d %.0f\n", $4, int(($2 + 500) / 1000) }' "$dir/rec0" "$dir/rec1" | sort | diff "$dir/want" - | head -n 5 >"$out"
	[ ! -s "$out" ] || { cat "$out"; return 1; }
	[ "$(wc -l <"$dir/want")" -eq "$events" ]

	# a recording while the guest works
	before=$events
	printf 1 >&7
	until_in "$dir/lines" started 2
	sleep 1
	printf 0 >&7
	until_in "$dir/lines" 'done' 2
	arrived
	[ "$events" -gt $((before + 1000)) ]

	printf 'aq' >&7
	wait "$qemu"
	grep -q 'agent: 0' "$dir/console"
}
