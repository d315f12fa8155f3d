# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# CoreSight trace made from text, as snapshots and in perf.data files, and the lines of OpenCSD's lister for it.

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

# device TYPE KEY=VALUE ...: describe the first source of the snapshot.
device() {
	printf '[device]\nname=ETM_0\nclass=trace_source\ntype=%s\n[regs]\n' "$1" >"$snapshot/etm_0.ini"
	shift
	printf '%s\n' "$@" >>"$snapshot/etm_0.ini"
}

# source_snapshot FORMAT TYPE CORE KEY=VALUE ... <text: a snapshot of one source, its trace made from text.
source_snapshot() {
	local format=$1 type=$2 core=$3
	shift 3
	snapshot "$format" 10
	device "$type" "$@"
	sed -i "s/Cortex-A53/$core/" "$snapshot/cpu_0.ini"
	[ "$type" != STM ] || sed -i /^cpu_0=/d "$snapshot/trace.ini"
}

# text <numbers-as-text: their bytes for a perf.data; those of a big-endian machine if order=big.
text() {
	{ echo "${order-little}"; cat; } | "$BUILD/t/mktrace"
}

# record TYPE [MISC] <body-as-text: a record of a perf.data.
record() {
	text >"$BATS_TEST_TMPDIR/body"
	printf 'u32 %d\nu16 %d\nu16 %d\n' "$1" "${2-0}" $((8 + $(stat -c %s "$BATS_TEST_TMPDIR/body"))) | text
	cat "$BATS_TEST_TMPDIR/body"
}

# cpus VERSION "KIND CPU PARAMETER ..." ...: AUXTRACE_INFO, with the registers of each CPU's source.
cpus() {
	local version=$1 cpu
	shift
	{
		echo "u32 3 0"
		echo "u64 $version $((8 << 32 | $#)) 0 # the type of the event, the number of CPUs"
		for cpu; do
			read -ra cpu <<<"$cpu"
			case ${cpu[0]} in
			etm3) echo "u64 0x3030303030303030 ${cpu[1]}" ;;
			etm4) echo "u64 0x4040404040404040 ${cpu[1]}" ;;
			ete) echo "u64 0x5050505050505050 ${cpu[1]}" ;;
			esac
			[ "$version" -eq 0 ] || echo "u64 $((${#cpu[@]} - 2))"
			echo "u64 ${cpu[*]:2}"
		done
	} | record 70
}

# info VERSION CPU:ID ...: the same with an ETMv4 for each CPU.
info() {
	local version=$1 cpu all=()
	shift
	for cpu; do
		all+=("etm4 ${cpu%:*} 0xc1 ${cpu#*:} 0x28000EA1 0x4100F403 0x488 0 0xcc")
	done
	cpus "$version" "${all[@]}"
}

# auxtrace OFFSET CPU TID <trace-as-text
auxtrace() {
	"$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/trace"
	record 71 <<<"u64 $(stat -c %s "$BATS_TEST_TMPDIR/trace") $1 0
		u32 0 $(($3 & 0xffffffff)) $(($2 & 0xffffffff)) 0"
	cat "$BATS_TEST_TMPDIR/trace"
}

# trailer TIME CPU TID: the fields that end the kernel's records.
trailer() {
	printf 'u32 7 %d\nu64 %d\nu32 %d 0\n' "$3" "$1" "$2"
}

# aux TIME CPU TID OFFSET SIZE FLAGS
aux() {
	{ echo "u64 $4 $5 $6"; trailer "$1" "$2" "$3"; } | record 11
}

# attr: that of the one event, whose records have task, time and CPU: type and size; config, period, sample_type,
# read_format, sample_id_all.
attr() {
	echo "u32 8 64"
	echo "u64 0 1 0x86 0 $([ "${order-}" = big ] && echo $((1 << 45)) || echo 0x40000)"
	echo "u32 0 0"
	echo "u64 0"
}

# perfdata <data-section >a-perf.data
perfdata() {
	cat >"$BATS_TEST_TMPDIR/section"
	{
		echo "u64 0x32454c4946524550		# PERFILE2"
		echo "u64 104 80			# of this header, of an attr"
		echo "u64 104 80			# the attrs"
		echo "u64 192 $(stat -c %s "$BATS_TEST_TMPDIR/section")"
		echo "u64 0 0  0 0 0 0		# event types, features"
		attr
		echo "u64 184 8			# its ids"
		echo "u64 1"
	} | text
	cat "$BATS_TEST_TMPDIR/section"
}

# perfpipe <data-section >a-perf.data, as perf record -o - writes it
perfpipe() {
	cat >"$BATS_TEST_TMPDIR/section"
	text <<<"u64 0x32454c4946524550 16"
	{ attr; echo "u64 1			# its id"; } | record 64
	cat "$BATS_TEST_TMPDIR/section"
}

# peer FOLDER BUFFER [-decode]: the packet lines of OpenCSD's lister, without the error text that precedes some.
peer() {
	local list=$BATS_TEST_TMPDIR/list ds='' folder
	folder=$(realpath "$1")
	rm -f "$list"
	grep -q dstream_coresight "$1"/trace.ini && ds=-dstream_format
	(cd "$BATS_TEST_TMPDIR" && trc_pkt_lister -ss_dir "$folder" -src_name "$2" $ds ${3-} -logfilename "$list") >/dev/null 2>&1
	awk 'match($0, /Idx:[0-9]+; ID:[0-9a-f]+;( \[[^]]*\];)?	/) { print substr($0, RSTART); next } /^ID:[0-9a-f]+	/' "$list" | sed '/32IS1 :/s/IS0\.;/IS1.;/' || true
}

# opencsd MINOR [PATCH]: the library that decodes is that version of OpenCSD 1, or a later one.
opencsd() {
	local minor patch
	IFS=. read -r minor patch <<<"$(etm2pkt --version | sed -n 's/.*OpenCSD 1\.//p')"
	[ $((minor * 100 + patch)) -ge $(($1 * 100 + ${2-0})) ]
}

buffers() {
	awk '/^\[/ { inside = /^\[buffer[0-9]/ } inside && sub(/^name=/, "")' "$1/trace.ini"
}
