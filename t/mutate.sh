#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutate.sh WORK [N [SEED]] - give etm2pkt N damaged inputs of every kind, in every mode
#
# It must end soon, in bounded memory, with 0 or 1, and with a message if that is 1. An input that fails is kept as
# WORK/failed-SEED, and its command printed. The inputs are made from text, and public ones if they are there. BUILD is the build
# to run, preferably one with sanitizers; these leave a crash to its signal, since a full decode must survive it.
set -eu
cd "$(dirname "$0")"
export BATS_TEST_TMPDIR=$1
n=${2-40} seed=${3-1}
# shellcheck source=t/coresight.bash
. ./coresight.bash
shared=../../shared/data/coresight
export LC_ALL=C ASAN_OPTIONS=exitcode=99:handle_segv=0:handle_abort=0:handle_sigbus=0:hard_rss_limit_mb=1024:max_allocation_size_mb=512 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export LSAN_OPTIONS=suppressions=lsan.supp:print_suppressions=0:exitcode=99
modes=('' '-x -s' '--lister' '--lister -x' '--frames' '--frames --lister' '--decode' '--decode --lister' '--decode --branches')

# input KIND FILE OPTION ...: add a perf.data (perf), a snapshot or a raw dump (raw).
inputs=()
input() {
	inputs+=("$*")
}

# Every protocol; AUX records of parts of a buffer, one of them overwritten; a map, a task that ran, a hardware id.
recording() {
	cpus 1 "etm3 0 0x1000C000 0x10 0x344008F2 0x410CF250" "etm3 1 0x1000C000 0x11 0x34C01AC2 0x411CF312" \
		"etm4 2 0xd1 0x12 0x0800CEA1 0x4100F443 0x488 0x14 0xcc" "ete 3 0xd1 0x13 0x4801cea1 0x4100fff3 0xd0001088 0 0xcc 0x47735a13"
	{ echo "u32 7 7"; echo "u64 0x400000 0x10000 0"; echo "u32 0 0"; echo "u64 0 0"; echo "u32 5 2"
		echo "bytes 2f 75 73 72 2f 6c 6f 63 61 6c 2f 62 69 6e 2f 77 6f 72 6b 0 0 0 0 0"; trailer 200 0 7; } | record 10
	{ echo "u32 7 8"; trailer 600 1 8; } | record 12
	auxtrace 0 0 -1 < <(echo id 10; cat etm2pkt/etmv3.txt; echo id 11; cat etm2pkt/ptm.txt; echo barrier; echo id 12; cat etm2pkt/etmv4.txt)
	aux 1000 0 8 0 256 0
	aux 2000 0 8 256 256 5
	aux 3000 0 8 768 256 2
	auxtrace 4096 3 -1 <etm2pkt/ete.txt
	aux 4000 3 8 4096 134 0x100
	{ echo "u64 0x13"; trailer 5000 3 8; } | record 21
}

make_inputs() {
	local made=$1/made
	mkdir -p "$made"
	recording | perfdata >"$made/perf.data"
	order=big recording | order=big perfdata >"$made/big.data"
	recording | perfpipe >"$made/pipe.data"
	input perf "$made/pipe.data"
	input perf "$made/perf.data"
	input perf "$made/big.data"
	for case in etmv4 ete ptm etmv3 stm; do
		"$BUILD/t/mktrace" <etm2pkt/$case.txt >"$made/$case.bin"
		input raw "$made/$case.bin" "--protocol=$case,id=0x10" --layout=single
	done
	for layout in frames fsync hsync dstream; do
		input raw ../examples/coresight/trace.bin --protocol=etmv4,id=0x10 --protocol=ete,id=0x12 --layout=$layout
	done
	input snapshot ../examples/coresight
	[ -d "$shared" ] || return 0
	for file in simpleperf/perf_etm simpleperf/perf_for_small_binary simpleperf/perf_hdr0 synthetic/ete-raw-2cpu.perf; do
		input perf "$shared/perfdata-$file.data"
	done
	for folder in a57_single_step q_elem tme_simple stm_only-juno trace_cov_a15 feat_cmpbr; do
		input snapshot "$shared/$folder"
	done
}

# damage NUMBER SEED -> $what, damaged, and $options
damage() {
	local kind file files
	read -r kind file options <<<"${inputs[$1]}"
	what=$BATS_TEST_TMPDIR/damaged
	rm -rf "$what"
	if [ "$kind" = snapshot ]; then
		cp -rL "$file" "$what"
		chmod -R u+w "$what"
		files=("$what"/*.ini "$what"/*.bin)
		[ $(($2 % 3)) -eq 0 ] || files=("$what"/*.bin)
		file=${files[$(($2 / 3 % ${#files[@]}))]}
		"$BUILD/t/mutate" "$2" <"$file" >"$what.part"
		mv "$what.part" "$file"
	else
		"$BUILD/t/mutate" "$2" <"$file" >"$what"
	fi
}

# records MODE: the output is a stream of records, unless the mode writes lines of the lister.
records() {
	case $1 in
	*--lister* | *--frames*) ;;
	*) "$BUILD/reccheck" -n "$BATS_TEST_TMPDIR/out" 2>>"$BATS_TEST_TMPDIR/err" || { said=$(tail -n 1 "$BATS_TEST_TMPDIR/err") && false; } ;;
	esac
}

try() {
	local status=0 said
	timeout 60 "$BUILD/etm2pkt" $1 $options "$what" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	said=$(tail -c 2000 "$BATS_TEST_TMPDIR/err")
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [ -n "$said" ]; } && ! grep -q 'Sanitizer\|runtime error' "$BATS_TEST_TMPDIR/err" && records "$1" && return
	cp -r "$what" "$BATS_TEST_TMPDIR/failed-$seed"
	echo "etm2pkt $1 $options $BATS_TEST_TMPDIR/failed-$seed: $status $said"
	failed=1
}

failed=
make_inputs "$BATS_TEST_TMPDIR"
for ((i = 0; i < n; i++, seed++)); do
	damage $((i % ${#inputs[@]})) "$seed"
	try "${modes[$((i / ${#inputs[@]} % ${#modes[@]}))]}"
	[ -z "${ALL_MODES-}" ] || for mode in "${modes[@]}"; do try "$mode"; done
done
[ -z "$failed" ]
