# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# CoreSight trace of our own, as snapshots and in perf.data files, and what OpenCSD's lister says to it.

# snapshot FORMAT ID ... <text: a snapshot in $snapshot of one ETMv4 for each id, its trace made from text.
snapshot() {
	local format=$1 id n=0
	shift
	snapshot=$BATS_TEST_TMPDIR/snapshot
	rm -rf "$snapshot"
	cp -r ../examples/coresight "$snapshot"
	rm "$snapshot"/etm_*.ini
	"$BUILD/t/mktrace" >"$snapshot/trace.bin"
	printf '[device_list]\ncpu=cpu_0.ini\n' >"$snapshot/snapshot.ini"
	printf '[trace_buffers]\nbuffers=buffer0\n[buffer0]\nname=ETR\nfile=trace.bin\nformat=%s\n[source_buffers]\n' "$format" >"$snapshot/trace.ini"
	for id; do
		echo "ETM_$n=ETR" >>"$snapshot/trace.ini"
		echo "device$n=etm_$n.ini" >>"$snapshot/snapshot.ini"
		sed "s/ETM_0/ETM_$n/; s/\(TRCTRACEIDR.*=\).*/\10x$id/" ../examples/coresight/etm_0.ini >"$snapshot/etm_$n.ini"
		n=$((n + 1))
	done
	printf '[core_trace_sources]\ncpu_0=ETM_0\n' >>"$snapshot/trace.ini"
	printf '[trace]\nmetadata=trace.ini\n[snapshot]\nversion=1.0\n' >>"$snapshot/snapshot.ini"
}

# device NAME TYPE KEY=VALUE ...: what the first source of the snapshot is.
device() {
	printf '[device]\nname=ETM_0\nclass=trace_source\ntype=%s\n[regs]\n' "$1" >"$snapshot/etm_0.ini"
	shift
	printf '%s\n' "$@" >>"$snapshot/etm_0.ini"
}

# source_snapshot TYPE CORE KEY=VALUE ... <text: a snapshot of one source, its trace made from text, without frames.
source_snapshot() {
	local type=$1 core=$2
	shift 2
	snapshot source_data 10
	device "$type" "$@"
	sed -i "s/Cortex-A53/$core/" "$snapshot/cpu_0.ini"
	[ "$type" != STM ] || sed -i /^cpu_0=/d "$snapshot/trace.ini"
}

# record TYPE [MISC] <body-as-text: a record of a perf.data.
record() {
	"$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/body"
	printf 'u32 %d\nu16 %d\nu16 %d\n' "$1" "${2-0}" $((8 + $(stat -c %s "$BATS_TEST_TMPDIR/body"))) | "$BUILD/t/mktrace"
	cat "$BATS_TEST_TMPDIR/body"
}

# info VERSION CPU:ID ...: AUXTRACE_INFO, with the registers of an ETMv4 for each CPU.
info() {
	local version=$1 cpu
	shift
	{
		echo "u32 3 0"
		echo "u64 $version $# 0"
		for cpu; do
			echo "u64 0x4040404040404040 ${cpu%:*}"
			[ "$version" -eq 0 ] || echo "u64 7"
			echo "u64 0xc1 ${cpu#*:} 0x28000EA1 0x4100F403 0x488 0 0xcc"
		done
	} | record 70
}

# auxtrace OFFSET CPU TID <trace-as-text
auxtrace() {
	"$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/trace"
	record 71 <<<"u64 $(stat -c %s "$BATS_TEST_TMPDIR/trace") $1 0
		u32 0 $(($3 & 0xffffffff)) $(($2 & 0xffffffff)) 0"
	cat "$BATS_TEST_TMPDIR/trace"
}

# trailer TIME CPU TID: what stands behind the kernel's records.
trailer() {
	printf 'u32 7 %d\nu64 %d\nu32 %d 0\n' "$3" "$1" "$2"
}

# aux TIME CPU TID OFFSET SIZE FLAGS
aux() {
	{ echo "u64 $4 $5 $6"; trailer "$1" "$2" "$3"; } | record 11
}

# perfdata <data-section >a-perf.data with one event, whose records say who, when and where.
perfdata() {
	cat >"$BATS_TEST_TMPDIR/section"
	"$BUILD/t/mktrace" <<-EOT
		bytes 50 45 52 46 49 4c 45 32	# PERFILE2
		u64 104 80			# of this header, of an attr
		u64 104 80			# the attrs
		u64 184 $(stat -c %s "$BATS_TEST_TMPDIR/section")
		u64 0 0  0 0 0 0		# event types, features
		u32 8 64			# attr: type, size
		u64 0 1 0x86 0 0x40000		# config, period, sample_type, read_format, sample_id_all
		u32 0 0
		u64 0
		u64 0 0				# ids
	EOT
	cat "$BATS_TEST_TMPDIR/section"
}

# peer FOLDER BUFFER [-decode]: the packet lines of OpenCSD's lister, apart from the error text that stands before some.
peer() {
	local list=$BATS_TEST_TMPDIR/list ds='' folder
	folder=$(realpath "$1")
	rm -f "$list"
	grep -q dstream_coresight "$1"/trace.ini && ds=-dstream_format
	(cd "$BATS_TEST_TMPDIR" && trc_pkt_lister -ss_dir "$folder" -src_name "$2" $ds ${3-} -logfilename "$list") >/dev/null 2>&1
	grep -aoE '(Idx:[0-9]+; ID:[0-9a-f]+;( \[[^]]*\];)?	.*|^ID:[0-9a-f]+	.*)' "$list" || true
}

buffers() {
	awk '/^\[/ { inside = /^\[buffer[0-9]/ } inside && sub(/^name=/, "")' "$1/trace.ini"
}
