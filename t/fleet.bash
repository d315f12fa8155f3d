# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the tests of examples/report, ci and fleet share.

examples=$BATS_TEST_DIRNAME/../examples

# recordings FOLDER: five of the recordings in examples/, each of another kind, one of them damaged, one with blanks in its name.
recordings() {
	local virtio=$examples/virtio
	mkdir -p "$1/a folder" "$BATS_TEST_TMPDIR/meta"
	cp "$examples/perf.txt" "$1/a folder/50% of \$it & <more>.txt"
	cp "$examples/kvm/exits.data.gz" "$1"
	cp "$examples/descend.data" "$1"
	head -c 20000 "$examples/descend.data" >"$1/cut.data"
	tar -C "$BATS_TEST_TMPDIR/meta" -xf "$virtio/meta.tar"
	cp "$virtio/kallsyms" "$1/guest.kallsyms"
	"$BUILD/t/mkdat" "$BATS_TEST_TMPDIR/meta/tracing" "$virtio/cpu0" "$virtio/cpu1" >"$1/guest.dat"
}

# report IN OUT [option ...]: make the report on one machine.
report() {
	local in=$1 out=$2
	shift 2
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --no-print-directory -f "$examples/report/GNUmakefile" IN="$in" OUT="$out" "$@"
}

# within SECONDS COMMAND ...: wait until the command succeeds.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not in time: $*"; return 1; }
		sleep 0.1
	done
}
