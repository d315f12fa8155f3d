# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Recordings of KVM's events, made by kvm/recording.awk.

# recording KERNEL [EVENTS ...]: a perf.data file
recording() {
	local kernel=$1
	shift
	awk -v kernel="$kernel" -f kvm/recording.awk "$@" | "$BUILD/t/unhex"
}

# pages KERNEL FORMATS [EVENTS ...]: the same events as ftrace's pages cpu0 and cpu1, and the tracing folder that describes
# them, in the test's folder; formats are copied from a folder, if one is given
pages() {
	local kernel=$1 formats=$2 to=$BATS_TEST_TMPDIR event cpu ids=
	shift 2
	rm -rf "$to/tracing"
	for event in kvm_entry kvm_exit kvm_mmio kvm_pio kvm_msr; do
		mkdir -p "$to/tracing/events/kvm/$event"
		if [ -n "$formats" ]; then
			cp "$formats/$event" "$to/tracing/events/kvm/$event/format"
			ids+="$event=$(sed -n 's/^ID: //p' "$formats/$event") "
		else
			awk -v kernel="$kernel" -v what=format -v EVENT=$event -f kvm/recording.awk /dev/null |
				"$BUILD/t/unhex" >"$to/tracing/events/kvm/$event/format"
		fi
	done
	awk '!/^#/ && NF > 0 && !seen[$4]++ { print $4, $3 }' "$@" >"$to/tracing/saved_tgids"
	for cpu in 0 1; do
		awk -v kernel="$kernel" -v what=page -v CPU=$cpu -v ids="$ids" -f kvm/recording.awk "$@" | "$BUILD/t/unhex" >"$to/cpu$cpu"
	done
}
