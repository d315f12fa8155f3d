#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CoreSight trace in perf.data files: its protocol, task and bytes, in all the forms in which they are written.

load lib
load coresight

ptm=(PTM1.1 Cortex-A15 ETMCR=0x1000C000 ETMTRACEIDR=0x10 ETMIDR=0x411CF312 ETMCCER=0x34C01AC2)
etm3=(ETM3.5 Cortex-A7 ETMCR=0x1000C000 ETMTRACEIDR=0x10 ETMIDR=0x410CF250 ETMCCER=0x344008F2)
ete=(ETE ARM-AA64 TRCCONFIGR=0xd1 TRCTRACEIDR=0x10 TRCDEVARCH=0x47735a13 TRCIDR0=0x4801cea1 TRCIDR1=0x4100fff3 TRCIDR2=0xd0001088)

# The same registers in the order of AUXTRACE_INFO, after the kind, the CPU and the id.
ptm_cpu() { echo "etm3 $1 0x1000C000 $2 0x34C01AC2 0x411CF312"; }
etm3_cpu() { echo "etm3 $1 0x1000C000 $2 0x344008F2 0x410CF250"; }
ete_cpu() { echo "ete $1 0xd1 $2 0x4801cea1 0x4100fff3 0xd0001088 0 0xcc 0x47735a13"; }

# size <text: its number of bytes of trace.
size() {
	"$BUILD/t/mktrace" | wc -c
}

# framed CASE [ID]: the text of etm2pkt/CASE.txt, in frames.
framed() {
	echo "id ${2-10}"
	cat "etm2pkt/$1.txt"
}

# packets_of TIME CPU ID: their packets, without the mode of an address, which a snapshot does not have.
packets_of() {
	awk -F '\t' -v OFS='\t' -v who="$*" '$1 == "pkt" && $2 " " $4 " " $7 == who { $10 = ""; print }' "$out" | cut -f 9-
}

# the_text CASE: the same packets, as expected.
the_text() {
	awk -F '\t' -v OFS='\t' '{ $3 = ""; print }' etm2pkt/"$1".out | cut -f 2-
}

# listed: the packets of the perf.data as the lister prints them.
listed() {
	etm2pkt --lister "$BATS_TEST_TMPDIR/perf.data" | grep '^Idx'
}

@test "ETMv3, PTM and ETE in perf.data decode as in a snapshot, with every version of their description" {
	for case in ptm etmv3 ete; do
		case $case in
		ptm) source_snapshot coresight "${ptm[@]}" < <(framed ptm); cpu=$(ptm_cpu 3 0x10) ;;
		etmv3) source_snapshot coresight "${etm3[@]}" < <(framed etmv3); cpu=$(etm3_cpu 3 0x10) ;;
		ete) source_snapshot coresight "${ete[@]}" < <(framed ete); cpu=$(ete_cpu 3 0x10) ;;
		esac
		etm2pkt --lister "$snapshot" | grep ^Idx >"$out"
		[ "$(wc -l <"$out")" -gt 30 ]
		for version in 0 1 2; do
			[ $case$version != ete0 ] || continue # it does not exist
			{
				cpus $version "$cpu"
				auxtrace 0 3 -1 < <(framed $case)
				aux 1000 3 8 0 "$(framed $case | size)" 0
			} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
			listed | diff "$out" -
		done
	done
}

@test "raw trace of ETMv3 and PTM belongs to the CPU that wrote it" {
	{
		cpus 1 "$(etm3_cpu 0 0x10)" "$(ptm_cpu 1 0x12)"
		auxtrace 0 1 -1 <etm2pkt/ptm.txt
		aux 1000 1 8 0 "$(size <etm2pkt/ptm.txt)" 0x100
		auxtrace 0 0 -1 <etm2pkt/etmv3.txt
		aux 2000 0 8 0 "$(size <etm2pkt/etmv3.txt)" 0x100
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	rejects 'bad packets, the first one here' etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	echo "$output" >"$out"
	packets_of 1000 1 12 | diff <(the_text ptm) -
	packets_of 2000 0 10 | diff <(the_text etmv3) -
}

@test "the part of each AUX record is decoded as the lister decodes it alone" {
	needs trc_pkt_lister
	framed ptm | "$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/whole"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/whole")
	source_snapshot coresight "${ptm[@]}" </dev/null
	{
		cpus 1 "$(ptm_cpu 0 0x10)"
		auxtrace 4096 0 -1 < <(framed ptm)
		for at in 0 48 96; do
			aux $((1000 + at)) 0 8 $((4096 + at)) 48 0
		done
		aux 2000 0 8 $((4096 + size)) $((size - 144)) 2 # overwritten: the offset is the end
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt --lister "$BATS_TEST_TMPDIR/perf.data" >"$out"
	for at in 0 48 96 144; do
		tail -c +$((at + 1)) "$BATS_TEST_TMPDIR/whole" | head -c $((at < 144 ? 48 : size)) >"$snapshot/trace.bin"
		peer "$snapshot" ETR | awk -F '[:;]' -v at=$at '/^Idx/ { sub(/:[0-9]+/, ":" $2 + 4096 + at) } { print }'
	done | sed 's/VMID=0x0\t/VMID=0x09/' | diff - "$out"
	grep -q INCOMPLETE_EOT "$out"
}

@test "a part that ends within a packet is marked incomplete; perf drops its bytes" {
	needs trc_pkt_lister
	shared coresight
	cp -r "$shared/juno_r1_1" "$BATS_TEST_TMPDIR/part" && chmod -R u+w "$BATS_TEST_TMPDIR/part"
	for part in 0 1 2 3; do
		dd if="$shared/juno_r1_1/cstrace.bin" of="$BATS_TEST_TMPDIR/part/cstrace.bin" bs=16384 skip=$part count=1 2>/dev/null
		peer "$BATS_TEST_TMPDIR/part" ETB_0 | awk -F '[:;]' -v at=$((16384 * part)) '/^Idx/ { sub(/:[0-9]+/, ":" $2 + at) } { print }'
	done >"$out.peer"
	etm2pkt --lister "$shared/perfdata-synthetic/juno-v1-4aux.perf.data" | diff "$out.peer" -
	[ "$(grep -c INCOMPLETE_EOT "$out.peer")" -eq 2 ] # perf's 28,573 packets lack these two
}

@test "lost, partial and collided trace is reported" {
	{
		info 1 0:0x10
		auxtrace 0 0 -1 < <(printf 'id 10\nasync\natoms E')
		aux 1000 0 8 0 16 $((1 | 4 | 8))
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	run -0 --separate-stderr etm2pkt -s "$BATS_TEST_TMPDIR/perf.data"
	grep -q $'^lost\t1000\thost\t0\t-\t-\t-\t-\ttrace buffer full$' <<<"$output"
	grep -q $'^lost\t1000\thost\t0\t-\t-\t-\t-\ttrace collided$' <<<"$output"
	[[ $stderr == *"truncated=1 partial=1 collision=1"* ]]
}

@test "a hardware id record assigns an id to its CPU, anywhere in the file" {
	hwid() { { echo "u64 $1"; trailer "$2" "$3" 8; } | record 21; }
	for first in yes no; do
		{
			cpus 2 "$(ptm_cpu 0 0x80000010)" "$(ete_cpu 1 0x7f)"
			[ $first = no ] || { hwid 0x0100000000000533 100 0; hwid 0x31 200 1; } # minor version 1: with a sink
			auxtrace 0 0 -1 < <(framed ptm 33; framed ete 31)
			aux 1000 0 8 0 "$({ framed ptm 33; framed ete 31; } | size)" 0
			[ $first = yes ] || { hwid 0x33 3000 0; hwid 0x31 3000 1; }
		} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
		rejects '4 bad packets, the first one here' etm2pkt "$BATS_TEST_TMPDIR/perf.data"
		echo "$output" >"$out"
		packets_of 1000 0 33 | diff <(the_text ptm) -
		packets_of 1000 1 31 | diff <(the_text ete) -
	done
}

@test "trace of several CPUs in one buffer belongs to the CPU and task of each" {
	{
		cpus 1 "$(ptm_cpu 0 0x10)" "$(ete_cpu 1 0x12)"
		for who in 7:0 8:1; do
			{ echo "u32 ${who%:*} ${who%:*}"; trailer 500 "${who#*:}" "${who%:*}"; } | record 12 # ITRACE_START
		done
		auxtrace 0 0 -1 < <(framed ptm; framed ete 12)
		aux 1000 0 7 0 "$({ framed ptm; framed ete 12; } | size)" 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	rejects 'bad packets, the first one here' etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	echo "$output" >"$out"
	packets_of 1000 0 10 | diff <(the_text ptm) -
	packets_of 1000 1 12 | diff <(the_text ete) -
	[ "$(awk -F '\t' '$1 == "pkt" && !seen[$7]++' "$out" | cut -f 4-7 | tr '\t\n' ' ,')" = "0 7 7 10,1 8 8 12," ]
	etm2pkt --decode --branches "$BATS_TEST_TMPDIR/perf.data" | awk -F '\t' '$1 == "sample" && $4 != 0 && $4 != 1 { exit 1 }'
	shared coresight
	etm2pkt "$shared/perfdata-synthetic/juno-v1-formatted.perf.data" | awk -F '\t' '$1 == "pkt" { n[$7]++; if ($4 != $7 - 10) bad = 1 } END { for (id in n) ids++; exit bad || ids < 5 }'
}

@test "without hardware ids, version 2 has the ids that earlier kernels assigned" {
	{
		cpus 2 "$(ptm_cpu 3 0x7f)"
		auxtrace 0 3 -1 < <(framed ptm 16)
		aux 1000 3 8 0 "$(framed ptm 16 | size)" 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	[ "$(listed | grep -c '; ID:16;')" -eq "$(wc -l <etm2pkt/ptm.out)" ]
}

# Two CPUs, a process, parts out of time order, a thread's name that comes late.
section() {
	cpus 1 "$(ptm_cpu 0 0x10)" "$(ete_cpu 1 0x12)"
	{ echo "u32 7 8"; echo "bytes 77 6f 72 6b 0 0 0 0"; trailer 500 0 8; } | record 3
	{ echo "u32 7 8"; trailer 600 1 8; } | record 12 # ITRACE_START
	auxtrace 0 0 -1 < <(framed ptm 10)
	aux 3000 0 8 0 "$(framed ptm | size)" 0
	auxtrace 64 1 -1 <etm2pkt/ete.txt
	aux 2000 1 8 64 "$(size <etm2pkt/ete.txt)" 0x100
}

@test "file, pipe mode, pipes, gzip and a big-endian machine's file give the same records" {
	section | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt "$BATS_TEST_TMPDIR/perf.data" | sed 's/ offset=[0-9]*$//' >"$out"
	reccheck -n "$out"
	packets_of 2000 1 12 | diff <(the_text ete) -
	packets_of 3000 0 10 | diff <(the_text ptm) -
	grep -q $'^pkt\t2000\thost\t1\t7\t8\t12\t.*I_TRACE_ON' "$out"
	grep -q $'^pkt\t2000\thost\t1\t-\t119\t12\t.*I_TRANS_ST' "$out" # a context id names another task
	etm2pkt < <(cat "$BATS_TEST_TMPDIR/perf.data") | sed 's/ offset=[0-9]*$//' | diff "$out" -
	section | perfpipe >"$BATS_TEST_TMPDIR/pipe.data"
	etm2pkt "$BATS_TEST_TMPDIR/pipe.data" | sed 's/ offset=[0-9]*$//' | diff "$out" -
	etm2pkt < <(cat "$BATS_TEST_TMPDIR/pipe.data") | sed 's/ offset=[0-9]*$//' | diff "$out" -
	gzip -c "$BATS_TEST_TMPDIR/pipe.data" | etm2pkt | sed 's/ offset=[0-9]*$//' | diff "$out" -
	order=big section | order=big perfdata >"$BATS_TEST_TMPDIR/big.data"
	[ "$(head -c 8 "$BATS_TEST_TMPDIR/big.data")" = 2ELIFREP ]
	etm2pkt "$BATS_TEST_TMPDIR/big.data" | sed 's/ offset=[0-9]*$//' | diff "$out" -
	order=big section | order=big perfpipe | etm2pkt | sed 's/ offset=[0-9]*$//' | diff "$out" -
}

@test "a damaged gzip file gives the packets before the damage" {
	section | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	{ gzip -c "$BATS_TEST_TMPDIR/perf.data"; echo more; } >"$BATS_TEST_TMPDIR/in.gz"
	for options in '' --decode '--decode -j 2'; do
		etm2pkt $options "$BATS_TEST_TMPDIR/perf.data" >"$out" 2>/dev/null || true # ETE is not decoded
		run -1 --separate-stderr sh -c "etm2pkt $options $BATS_TEST_TMPDIR/in.gz | cmp $out - || echo differs; etm2pkt $options $BATS_TEST_TMPDIR/in.gz >/dev/null"
		[ -z "$output" ]
		[[ $stderr == *"in.gz@0x"*" (decompressed): garbage after the gzip stream" ]]
	done
}

@test "the trace of a program becomes the profile that AutoFDO reads" {
	needs clang readelf
	cat >"$BATS_TEST_TMPDIR/loop.c" <<-'EOT'
		int leaf(int x) { return x & 1 ? x * 3 : x + 1; }
		int main(void)
		{
			int s = 0;
			for (int i = 0; i < 100; i++)
				s += leaf(i);
			return s;
		}
		void _start(void) { main(); for (;;) ; }
	EOT
	program=$BATS_TEST_TMPDIR/loop
	clang --target=aarch64-linux-gnu -gdwarf-4 -O1 -fno-inline -fdebug-info-for-profiling -nostdlib -fuse-ld=lld -no-pie -Wl,--image-base=0x400000 \
		-o "$program" "$BATS_TEST_TMPDIR/loop.c" || skip "no linker for AArch64"
	read -r leaf main < <(nm "$program" | awk '/ leaf$/ { l = $1 } / main$/ { m = $1 } END { print l, m }')
	main=$((16#$main)) leaf=$((16#$leaf))
	{
		printf 'async\ntrace_info\ntrace_on\naddr_ctxt64 %#x 0 ns\n' $main
		for ((i = 0; i < 100; i++)); do # leaf is called; it returns; the loop goes on but for the last time
			printf 'atoms EE\naddr64 %#x\natoms %s\n' $((main + 0x1c)) "$([ $i -lt 99 ] && echo E || echo N)"
		done
	} >"$BATS_TEST_TMPDIR/text"
	source_snapshot source_data ETM4 Cortex-A53 TRCCONFIGR=0xc1 TRCTRACEIDR=0x10 TRCIDR0=0x28000ea1 TRCIDR1=0x4100f403 TRCIDR2=0x488 TRCIDR8=0 <"$BATS_TEST_TMPDIR/text"
	cp "$program" "$snapshot/code.bin"
	read -r off addr size < <(readelf -lW "$program" | awk '$1 == "LOAD" && / R E / { print $2, $3, $5 }')
	printf '[device]\nname=cpu_0\nclass=core\ntype=Cortex-A53\n[dump1]\nfile=code.bin\naddress=%s\nlength=%s\noffset=%s\n' $addr $size $off >"$snapshot/cpu_0.ini"
	../examples/autofdo.sh "$program" "$snapshot" >"$out"
	rel() { printf %x $(($1 - 0x400000)); }
	diff - "$out" <<-EOT
		4
		$(rel $leaf)-$(rel $((leaf + 12))):100
		$(rel $main)-$(rel $((main + 0x18))):1
		$(rel $((main + 0x14)))-$(rel $((main + 0x18))):99
		$(rel $((main + 0x1c)))-$(rel $((main + 0x28))):100
		0
		3
		$(rel $((leaf + 12)))->$(rel $((main + 0x1c))):100
		$(rel $((main + 0x18)))->$(rel $leaf):100
		$(rel $((main + 0x28)))->$(rel $((main + 0x14))):99
	EOT
	needs create_llvm_prof
	create_llvm_prof --profiler=text --profile="$out" --binary="$program" --format=text --out="$BATS_TEST_TMPDIR/prof"
	grep -q ': 100 leaf:100$' "$BATS_TEST_TMPDIR/prof"
	grep -q '^leaf:.*:100$' "$BATS_TEST_TMPDIR/prof"
}
