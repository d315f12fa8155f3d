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
