#!/bin/bash
# SPDX-License-Identifier: MIT
# bench-etm.sh FOLDER - etm2pkt beside OpenCSD's lister, and beside the least that the library takes, on a trace
# made here: CPU seconds (user + system, the median of RUNS=3), ratios, peak memory.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:?where mktrace is}
to=${1:?a folder for the trace}/etm
runs=${RUNS:-3}
mkdir -p "$to"
cp "$here"/../examples/coresight/*.ini "$to"
cd "$to"
export LC_ALL=C TIMEFORMAT='%U %S'

# A loop of calls, as an ETMv4 tells it: atoms, short and long addresses, now and then a context; CPU by CPU.
if [ ! -f trace.bin ]; then
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
	}' | "$build/t/mktrace" >one.bin
	for ((i = 0; i < 100; i++)); do cat one.bin; done >trace.bin
	cp "$here"/../examples/coresight/code.bin .
fi

# seconds COMMAND: the median of its CPU time.
seconds() {
	for ((i = 0; i < runs; i++)); do
		rm -f list
		{ time bash -o pipefail -c "$1" >/dev/null 2>err; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

beside() {
	local peer=$1 theirs ours
	shift
	theirs=$(seconds "$peer")
	printf '  %-66s %8.2f s\n' "$peer" "$theirs"
	for ours; do
		awk -v theirs="$theirs" -v ours="$(seconds "$ours")" -v name="$ours" 'BEGIN {
			printf "  %-66s %8.2f s  %6.1f times less\n", name, ours, theirs / (ours > 0 ? ours : 0.01) }'
	done
}

echo "== $(($(stat -c %s trace.bin) / 1000000)) MB of ETMv4 trace, $("$build/t/csdfloor" trace.bin) packets"
echo "the least that the library takes: counting"
beside 'etm2pkt .' "$build/t/csdfloor trace.bin"
echo "every packet a line"
beside 'trc_pkt_lister -ss_dir . -logfilename list' 'etm2pkt --lister . >list' 'etm2pkt . >list'
beside 'trc_pkt_lister -ss_dir . -logfilename /dev/null' 'etm2pkt --lister .' 'etm2pkt .'
echo "what ran"
beside 'trc_pkt_lister -ss_dir . -decode_only -logfilename /dev/null' 'etm2pkt --decode --lister .' 'etm2pkt --decode .'
for command in 'etm2pkt .' 'etm2pkt --decode .'; do
	# shellcheck disable=SC2086
	command time -f %M -o kb $command >/dev/null
	printf '  %-66s %8.1f MB\n' "$command" "$(awk '{ print $1 / 1024 }' kb)"
done
rm -f list err kb
