#!/bin/bash
# SPDX-License-Identifier: MIT
# bench-etm.sh FOLDER - compare etm2pkt with OpenCSD's lister, perf and the library's own time, on a trace made here and on one of the
# recordings of others if they are present, both repeated LOOPS=20 times. PERF_CS=FILE is a perf built with CORESIGHT=1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:?where mktrace is}
to=${1:?a folder for the traces}
# shellcheck source=t/bench.bash
. "$here/bench.bash"
mkdir -p "$to"
cd "$to"
PATH=$build/t:$PATH

# A loop of calls in ETMv4 trace: atoms, short and long addresses, sometimes a context; the CPUs take turns.
calls() {
	awk 'BEGIN {
		print "id 10\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x400100 0 ns cid 0x2a"
		print "id 12\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x400100 0 ns cid 0x2b"
		for (i = 0; i < 12000; i++) {
			if (i % 50 == 0)
				printf "id %s\n", i % 100 ? "10" : "12"
			print "atoms EE\naddr64 0x400104\natoms N\nshort 0x40010c\natoms EEN\natoms EEEEE\nshort 0x400104"
			if (i % 100 == 99)
				print "ctxt 0 ns cid 0x2a\nts 1234567"
		}
	}' | mktrace
}

# loop FOLDER TRACE: copy the snapshot, with its trace repeated.
loop() {
	rm -rf loop
	cp -r "$1" loop
	chmod -R u+w loop
	for ((i = 0; i < ${LOOPS:-20}; i++)); do cat "$2"; done >loop/trace.bin
}

# perf_data ID ...: write the loop's trace as a perf.data of CPUs with these trace ids.
perf_data() {
	local size=$((40 + 80 * $#)) trace id cpu=0
	trace=$(stat -c %s loop/trace.bin)
	{
		echo "bytes 50 45 52 46 49 4c 45 32"	# PERFILE2
		echo "u64 104 144 112 144 256 $((size + 48 + trace)) 0 0 0 0 0 0"
		echo "u64 1"	# the event's id
		echo "u32 8 128"
		echo "u64 0x100000 1 0x10086 4 0x40020 0 0 0 0 0 0 0 0 0 0 104 8"
		echo "u32 70"	# AUXTRACE_INFO
		echo "u16 0 $size"
		echo "u32 3 0"
		echo "u64 1 $((8 << 32 | $#)) 0"	# the event's type, the number of CPUs
		for id; do
			echo "u64 0x4040404040404040 $((cpu++)) 7 0xc1 $id 0x28000ea1 0x4100f403 0x488 0 0xcc"
		done
		echo "u32 71"	# AUXTRACE
		echo "u16 0 48"
		echo "u64 $trace 0 0"
		echo "u32 0 0xffffffff 0 0"
	} | mktrace
	cat loop/trace.bin
}

# compare WHAT ID ...: measure every target on the snapshot in loop/.
compare() {
	local what=$1 lister='rm -f list; trc_pkt_lister -ss_dir loop'
	shift
	local n
	n="$(csdfloor loop/trace.bin) packets"
	beside "$what, counted by the library alone (at most 3 times)" "$n" 'csdfloor loop/trace.bin' 'etm2pkt loop'
	beside "$what, as text" "$n" "$lister -logfilename list; cat list" 'etm2pkt --lister loop' 'etm2pkt loop'
	if [ -n "${PERF_CS-}" ]; then
		perf_data "$@" >perf.data
		beside "$what, as text of a perf.data" "$n" "$PERF_CS report -D -i perf.data" 'etm2pkt --lister perf.data' 'etm2pkt perf.data'
	else
		echo 'the same with perf: skipped, PERF_CS does not name one built with CORESIGHT=1'
	fi
	beside "$what, what ran" "$n" "$lister -decode -logfilename list; cat list" 'etm2pkt --decode --lister loop' 'etm2pkt --decode loop'
	rm -f list perf.data err
}

[ -f calls.bin ] || calls >calls.bin
loop "$here/../examples/coresight" calls.bin
compare 'calls' 0x10 0x12
theirs=$here/../../shared/data/coresight/juno-uname-002
if [ -d "$theirs" ]; then
	loop "$theirs" "$theirs/trace.bin"
	compare juno-uname-002 0x10 0x11 0x12 0x13 0x14 0x15 0x16
else
	echo "== juno-uname-002: skipped, the recordings of others are not present"
fi
