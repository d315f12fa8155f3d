#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CoreSight trace becomes records: traces that mktrace makes from text, and public ones, compared with the listings
# of OpenCSD.

load lib
load coresight

@test "each packet of a trace of two CPUs becomes a record" {
	etm2pkt ../examples/coresight >"$out"
	if [ -n "${BLESS-}" ]; then cp "$out" etm2pkt/two.out; fi
	diff -u etm2pkt/two.out "$out"
	reccheck -n "$out"
}

@test "the example's trace is made from its text" {
	"$BUILD/t/mktrace" <../examples/coresight/trace.txt | cmp - ../examples/coresight/trace.bin
	"$BUILD/t/mktrace" <../examples/coresight/code.txt | cmp - ../examples/coresight/code.bin
}

@test "the lister's lines are OpenCSD's, with and without bytes" {
	needs trc_pkt_lister
	etm2pkt --lister ../examples/coresight >"$out"
	peer ../examples/coresight ETR | diff -u - "$out"
	etm2pkt --lister -x ../examples/coresight >"$out"
	peer ../examples/coresight ETR -decode | diff -u - "$out"
}

@test "packets and what is decoded from them come in the order of OpenCSD's full listing" {
	etm2pkt --decode --packets ../examples/coresight >"$out"
	grep -vE '^(range|flow)' "$out" | diff - etm2pkt/two.out
	grep -v ^pkt "$out" | diff - etm2pkt/flow.out
	run -2 etm2pkt --packets ../examples/coresight
	run -2 etm2pkt --packets --decode --branches ../examples/coresight
	needs trc_pkt_lister
	peer ../examples/coresight ETR -decode >"$out.packets"
	grep -aE '^(Idx|ID):' "$BATS_TEST_TMPDIR/list" >"$out"
	[ "$(wc -l <"$out")" -gt "$(wc -l <"$out.packets")" ]
	etm2pkt --lister -x --decode --packets ../examples/coresight | diff "$out" -
}

@test "sources are chosen by their trace ids" {
	etm2pkt ../examples/coresight | awk -F '\t' '$1 != "pkt" || $7 == 12' >"$out.want"
	grep -q ^pkt "$out.want"
	etm2pkt --id=0x12 ../examples/coresight | diff "$out.want" -
	etm2pkt --id=16 --id=0x12 -j 2 ../examples/coresight | cmp - <(etm2pkt ../examples/coresight)
	rejects 'no source with the trace id of --id: they have 0x10, 0x12' etm2pkt --id=0x33 ../examples/coresight
	rejects 'no full sync in ' etm2pkt --layout=fsync ../examples/coresight
	rejects 'no full sync in ' etm2pkt --layout=hsync --protocol=etmv4 ../examples/coresight/trace.bin
	for wrong in 0 0x70 x ''; do
		run -2 etm2pkt --id=$wrong ../examples/coresight
	done
}

@test "a snapshot that names the wrong layout of its buffers is decoded with the right one" {
	cp -r ../examples/coresight "$BATS_TEST_TMPDIR/port"
	od -v -A n -t x1 -w16 ../examples/coresight/trace.bin | sed 's/^/ff ff ff 7f/' | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/port/trace.bin"
	run -1 etm2pkt "$BATS_TEST_TMPDIR/port"
	etm2pkt --layout=fsync "$BATS_TEST_TMPDIR/port" | grep ^pkt | cut -f 7,9- | diff <(etm2pkt ../examples/coresight | grep ^pkt | cut -f 7,9-) -
}

@test "branches that the library does not know are reported once for each buffer" {
	registers="TRCCONFIGR=0xc1 TRCTRACEIDR=0x10 TRCIDR0=0x28000ea1 TRCIDR1=0x4100f403 TRCIDR2=0x488 TRCIDR8=0"
	! opencsd 8 || skip "this OpenCSD knows them"
	unknown() {
		run -1 --separate-stderr etm2pkt --decode "$snapshot"
		[ "$(grep -c "does not know $1.*: what follows may be wrong" <<<"$stderr")" -eq 1 ]
		grep -q ^range <<<"$output"
	}
	# T32 of a Cortex-M55: nop; le lr, .-8; bx lr
	source_snapshot source_data ETM4 Cortex-M55 $registers <<<$'async\ntrace_info\ntrace_on\nbytes 83 00 01 40 00 20\natoms EE'
	printf 'u32 0xf00fbf00 0x4770c005 0x47704770 0 0 0' | "$BUILD/t/mktrace" >"$snapshot/code.bin"
	unknown 'loop instructions'
	sed -i s/Cortex-M55/Cortex-A53/ "$snapshot/cpu_0.ini" # not allocated, so none is there
	run -0 --separate-stderr etm2pkt --decode "$snapshot"
	[ -z "$stderr" ]
	# A64: cbgt w0, w1, .+8; retaasppc .-4; texit; texit nb; ret
	source_snapshot source_data ETM4 Cortex-A53 $registers <<<$'async\ntrace_info\ntrace_on\naddr_ctxt64 0x400100 0 ns\natoms E\naddr64 0x400100\natoms E'
	printf 'u32 0x74010040 0xd65f03c0 0 0 0 0' | "$BUILD/t/mktrace" >"$snapshot/code.bin"
	unknown 'compare and branch instructions'
	printf 'u32 0x5500003f 0xd65f03c0 0 0 0 0' | "$BUILD/t/mktrace" >"$snapshot/code.bin"
	opencsd 5 1 || unknown 'return instructions'
	for texit in 0xd6ff03e0 0xd6ff07e0; do
		printf 'u32 %s 0xd65f03c0 0 0 0 0' $texit | "$BUILD/t/mktrace" >"$snapshot/code.bin"
		unknown 'TEXIT instructions (FEAT_TEV)'
	done
	printf 'u32 0xd503201f 0xd65f03c0 0 0 0 0' | "$BUILD/t/mktrace" >"$snapshot/code.bin"
	etm2pkt --decode "$snapshot" >"$out" 2>"$err"
	[ ! -s "$err" ]
}

@test "our listings are those of a later OpenCSD if it lists better" {
	shared coresight
	n=0
	for list in "$shared"/*/golden-1.8.0/*.pkt.ppl; do
		folder=${list%/golden*}
		buffer=$(basename "$list" .pkt.ppl)
		etm2pkt --lister -b "$buffer" "$folder" >"$out"
		grep -aE '^(Idx|ID):' "$list" | sed 's/; Decoder Sync point TINFO$//' | diff - "$out"
		n=$((n + 1))
	done
	[ "$n" -ge 11 ]
}

@test "a full decode gives the code that ran and the addresses of missing code" {
	golden2() {
		if [ -n "${BLESS-}" ]; then cp "$out" "etm2pkt/$1"; fi
		diff -u "etm2pkt/$1" "$out"
		reccheck -n "$out"
	}
	etm2pkt --decode ../examples/coresight >"$out"
	golden2 flow.out
	etm2pkt --decode --branches ../examples/coresight >"$out"
	golden2 branches.out
	run ! grep -E '^(range|flow)' "$out"
	cs2text -k ../examples/coresight/code.nm "$out" | grep -q $'\tk;400110<leaf+0x0>;400104<main+0x4>$'
}

@test "each range starts at the next address of the previous one, or at a branch's target" {
	shared coresight
	etm2pkt --decode -b ETB_1 "$shared/tme_test" | awk -F '\t' '
		$1 == "flow" { end = "" }
		$1 == "range" && end != "" && taken == "no" && $10 != end { print; bad = 1 }
		$1 == "range" { end = $11; taken = $14; n++ }
		END { exit bad || n < 10000 }'
}

@test "a walk through code without branches ends and is reported" {
	snapshot coresight 10 <<-'EOT'
		id 10
		async
		trace_info
		trace_on
		addr_ctxt64 0x400200 0 ns
		atoms E
		addr64 0x400200
		atoms E
	EOT
	truncate -s 64M "$snapshot/code.bin"
	sed -i s/^length=.*/length=0x4000000/ "$snapshot/cpu_0.ini"
	run -1 --separate-stderr timeout 20 etm2pkt --decode "$snapshot"
	[[ $stderr == *"endless code without a branch: is the image right?"* ]]
	grep -q $'no-access\tk\t' <<<"$output"
}

@test "the code of a perf.data's programs is read from its files" {
	mkdir -p "$BATS_TEST_TMPDIR/root/bin"
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/root/bin/work"
	cat ../examples/coresight/code.bin >>"$BATS_TEST_TMPDIR/root/bin/work"
	trace=$(printf 'id 10\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x7f0100 0 ns cid 8\natoms EE\naddr64 0x7f0104\natoms N')
	{
		info 1 0:0x10
		{ echo "u32 7 7"; echo "bytes 77 6f 72 6b 0 0 0 0"; trailer 100 0 7; } | record 3
		{ echo "u32 7 7"; echo "u64 0x7f0100 0x1000 0x1000"; echo "u32 0 0"; echo "u64 0 0"; echo "u32 5 2"
			echo "bytes 2f 62 69 6e 2f 77 6f 72 6b 0 0 0 0 0 0 0"; trailer 200 0 7; } | record 10	# /bin/work
		{ echo "u32 7 7 8 7"; echo "u64 300"; trailer 300 0 7; } | record 7	# a thread: 8
		auxtrace 0 0 -1 <<<"$trace"
		aux 2000 0 8 0 $("$BUILD/t/mktrace" <<<"$trace" | wc -c) 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt --decode --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" >"$out"
	grep ^range "$out" | cut -f 2-6,9- | diff - <(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
		2000 host 0 7 8 u 7f0100 7f0104 1 A64 call yes - 2000 host 0 7 8 u 7f0110 7f0118 2 A64 return yes - \
		2000 host 0 7 8 u 7f0104 7f0108 1 A64 branch no cond=1)
	etm2pkt --decode --branches --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" | grep -q $'instructions\t2\tu\t7f0110\t-\tu;7f0110;7f0104$'
	etm2pkt --decode "$BATS_TEST_TMPDIR/perf.data" | grep -q $'no-access\tu\t7f0100'
}

@test "missing code is reported in one line, and so is an image that cannot be read" {
	snapshot coresight 10 <../examples/coresight/trace.txt
	for how in '' --branches --lister; do
		run -0 --separate-stderr etm2pkt --decode $how ../examples/coresight
		[ "$stderr" = "etm2pkt: ../examples/coresight/snapshot.ini: code was missing 2 times, in 2 pages" ] || { echo "$stderr"; return 1; }
	done
	slices 9 >"$BATS_TEST_TMPDIR/perf.data"
	for jobs in 1 2; do
		etm2pkt -j $jobs --decode --branches --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" 2>"$err" >"$out" || true
		etm2pkt --decode --lister --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" 2>/dev/null >"$out" || true
		grep -q "perf.data: code was missing $(grep -c OCSD_GEN_TRC_ELEM_ADDR_NACC "$out") times, in [0-9]* pages: see --sysroot, --kernel" "$err"
	done
	cp -r ../examples/coresight "$BATS_TEST_TMPDIR/part"
	rm "$BATS_TEST_TMPDIR/part/code.bin"
	run -1 --separate-stderr etm2pkt --decode "$BATS_TEST_TMPDIR/part"
	[ "$(grep -c "etm2pkt: $BATS_TEST_TMPDIR/part/code.bin: cannot be read: No such file or directory" <<<"$stderr")" -eq 1 ]
	etm2pkt "$BATS_TEST_TMPDIR/part" >"$out"
}

@test "a file with another build id than the recorded one is not used" {
	mkdir -p "$BATS_TEST_TMPDIR/root/bin"
	cp ../examples/sysroot/usr/local/bin/work "$BATS_TEST_TMPDIR/root/bin/work"
	trace=$(printf 'id 10\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x7f0100 0 ns cid 8\natoms E')
	for id in 0x99 0xaf; do	# its build id is afb92693...
		{
			info 1 0:0x10
			{ echo "u32 7 7"; echo "u64 0x7f0000 0x2000 0"; echo "bytes 14 0 0 0 ${id#0x} b9 26 93 67 c7 f7 af d5 e0 39 a8 f8 a5 56 cc 8b be 2f 29"
				echo "u32 5 2"; echo "bytes 2f 62 69 6e 2f 77 6f 72 6b 0 0 0 0 0 0 0"; trailer 200 0 7; } | record 10 0x4000
			{ echo "u32 7 7 8 7"; echo "u64 300"; trailer 300 0 7; } | record 7
			auxtrace 0 0 -1 <<<"$trace"
			aux 2000 0 8 0 $("$BUILD/t/mktrace" <<<"$trace" | wc -c) 0
		} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
		etm2pkt --decode --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" >"$out" 2>"$err" || true # x86 code
		if [ $id = 0x99 ]; then
			grep -q $'no-access\tu\t7f0100' "$out"
			grep -q '/bin/work: the file there has another build id$' "$err"
		else
			run ! grep 'build id' "$err"
			grep -q ^range "$out"
		fi
	done
}

@test "cs2text names the addresses of packets" {
	trace=$(printf 'id 10\nasync\ntrace_info\naddr_ctxt64 0x7f1640 0 ns cid 7')
	{
		info 1 0:0x10
		{ echo "u32 7 7"; echo "u64 0x7f0000 0x3000 0"; echo "u32 0 0"; echo "u64 0 0"; echo "u32 5 2"
			echo "bytes 2f 75 73 72 2f 6c 6f 63 61 6c 2f 62 69 6e 2f 77 6f 72 6b 0 0 0 0 0"; trailer 200 0 7; } | record 10	# /usr/local/bin/work
		{ echo "u32 7 7 7 7"; echo "u64 300"; trailer 300 0 7; } | record 7
		auxtrace 0 0 -1 <<<"$trace"
		aux 2000 0 7 0 $("$BUILD/t/mktrace" <<<"$trace" | wc -c) 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt "$BATS_TEST_TMPDIR/perf.data" | cs2text --sysroot=../examples/sysroot 2>"$err" | grep -q $'\tu\t7f1640<main+0x[0-9a-f]* /usr/local/bin/work>\t'
}

@test "the kernel's code is read from an ELF file" {
	trace=$(printf 'id 10\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0xffffff8008080100 1 ns\natoms EE')
	{
		info 1 0:0x10
		auxtrace 0 0 -1 <<<"$trace"
		aux 2000 0 8 0 $("$BUILD/t/mktrace" <<<"$trace" | wc -c) 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	{
		"$BUILD/t/mktrace" <<-EOT
			bytes 7f 45 4c 46 2 1 1 0 0 0 0 0 0 0 0 0	# ELF, 64 bit, little-endian
			u16 4 183
			u32 1
			u64 0 64 0		# entry, program headers, sections
			u32 0
			u16 64 56 1 0 0 0
			u32 1 5			# PT_LOAD
			u64 120 0xffffff8008080100 0 24 24 8
		EOT
		cat ../examples/coresight/code.bin
	} >"$BATS_TEST_TMPDIR/kcore"
	etm2pkt --decode --kernel="$BATS_TEST_TMPDIR/kcore" "$BATS_TEST_TMPDIR/perf.data" |
		grep -q $'^range\t2000\thost\t0\t-\t-\t10\t[0-9]*\tk\tffffff8008080110\tffffff8008080118\t2\tA64\treturn\tyes\t-$'
	rejects 'perf.data: not an ELF file' etm2pkt --decode --kernel="$BATS_TEST_TMPDIR/perf.data" "$BATS_TEST_TMPDIR/perf.data"
	run -2 --separate-stderr etm2pkt --branches ../examples/coresight
	[[ $stderr == *"--branches goes with --decode"* ]]
}

@test "a raw dump is decoded as the command line describes it" {
	etm2pkt --protocol=etmv4,id=0x10,cpu=0 --protocol=etmv4,id=0x12,cpu=1 ../examples/coresight/trace.bin |
		diff - <(etm2pkt ../examples/coresight | grep -v ^map | sed 's/buffer\tETR/buffer\traw/')
	printf 'ptm_async\nptm_isync 0xc0008000 ns\nptm_branch 0xc0008100' | "$BUILD/t/mktrace" |
		etm2pkt --protocol=ptm,id=0x22,cpu=4 --layout=single - | grep -q $'^pkt\t-\thost\t4\t-\t-\t22\t12\tBRANCH_ADDRESS\tk\tc0008100'
	printf 'stm_async\nstm_version 3\nstm_d8 7' | "$BUILD/t/mktrace" | etm2pkt --protocol=stm --layout=single | grep -q $'D8\t-\t-\tdata=0x7'
	printf 'async\ntrace_info\naddr64 0x1000' | "$BUILD/t/mktrace" | etm2pkt --protocol=ete,TRCIDR0=0x28c1cea1 --layout=single | grep -q $'I_ADDR_L_64IS0\tk\t1000'
	printf 'etm3_async\netm3_isync 0x8000 ns\netm3_phdr EE' | "$BUILD/t/mktrace" | etm2pkt --protocol=etmv3 --layout=single | grep -q $'P_HDR\t-\t-\tatoms=EE'
	for wrong in etmv5 etmv4,id=0x70 etmv4,id etmv4,nosuch=1 etmv4,TRCIDR0=x; do
		run -2 --separate-stderr etm2pkt --protocol=$wrong
		[[ $stderr == *"\"$wrong\": "* ]]
	done
	run -2 etm2pkt --layout=nosuch
	rejects 'pipeline.data: a perf.data says how its trace is laid out' etm2pkt --layout=single ../examples/pipeline.data
	rejects 'trace.bin: a raw dump needs --protocol, too' etm2pkt --layout=single ../examples/coresight/trace.bin
	for second in stm etmv4,TRCTRACEIDR=0x10; do
		run -2 --separate-stderr etm2pkt --protocol=etmv4,id=0x11 --protocol=etmv4 --protocol=$second ../examples/coresight/trace.bin
		[[ $stderr == *"\"$second\": another source has its trace id"* ]]
	done
	for wrapper in ../examples/coresight ../examples/coresight/snapshot.ini; do
		rejects 'snapshot.ini: a snapshot: --protocol is for raw dumps' etm2pkt --protocol=etmv4 $wrapper
	done
	rejects 'pipeline.data: a perf.data: --protocol is for raw dumps' etm2pkt --protocol=etmv4 ../examples/pipeline.data
	rejects '<stdin>: a snapshot is several files: it cannot be read from standard input' etm2pkt <../examples/coresight/snapshot.ini
	rejects 'a raw dump needs --protocol' etm2pkt ../examples/coresight/trace.bin
}

@test "a trace port's frames are found by their syncs, from the first one on" {
	printf '%s\n' 'id 10' async trace_info 'addr64 0x1000' 'fsync' 'id 10' 'addr64 0x2000' fsync fsync 'id 10' 'atoms E' | "$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/part"
	{ printf 'rubbish'; printf 'fsync' | "$BUILD/t/mktrace"; cat "$BATS_TEST_TMPDIR/part"; } >"$BATS_TEST_TMPDIR/port"
	run -0 --separate-stderr etm2pkt -s --protocol=etmv4 --layout=fsync "$BATS_TEST_TMPDIR/port"
	[ "$(grep ^pkt <<<"$output" | cut -f 9,11 | tr '\n' ' ')" = $'I_ASYNC\t- I_TRACE_INFO\t- I_ADDR_L_64IS0\t1000 I_ADDR_L_64IS0\t2000 I_ATOM_F1\t- ' ]
	[[ $stderr == *" no_id=7"* ]]
	# half syncs within a frame
	{ printf 'fsync' | "$BUILD/t/mktrace"; head -c 4 "$BATS_TEST_TMPDIR/part"; printf '\377\177'; tail -c +5 "$BATS_TEST_TMPDIR/part"; } >"$BATS_TEST_TMPDIR/half"
	etm2pkt --protocol=etmv4 --layout=hsync "$BATS_TEST_TMPDIR/half" | grep ^pkt | cut -f 9,11 | diff - <(grep ^pkt <<<"$output" | cut -f 9,11)
	run -1 --separate-stderr etm2pkt --protocol=etmv4 --layout=fsync "$BATS_TEST_TMPDIR/half"
	[[ $stderr == *"@0x8: a half sync within a frame, 2 bytes left out"* ]]
	# a frame that the next sync cuts short
	{ printf 'fsync' | "$BUILD/t/mktrace"; head -c 10 "$BATS_TEST_TMPDIR/part"; printf 'fsync' | "$BUILD/t/mktrace"; cat "$BATS_TEST_TMPDIR/part"; } >"$BATS_TEST_TMPDIR/short"
	run -1 --separate-stderr etm2pkt --protocol=etmv4 --layout=fsync "$BATS_TEST_TMPDIR/short"
	[[ $stderr == *"@0x4: a full sync within a frame, 10 bytes left out"* ]]
	grep -q $'I_ADDR_L_64IS0\tk\t2000' <<<"$output"
}

@test "frames are printed as OpenCSD prints them" {
	needs trc_pkt_lister
	etm2pkt --frames --lister ../examples/coresight >"$out"
	(cd "$BATS_TEST_TMPDIR" && trc_pkt_lister -ss_dir "$BATS_TEST_DIRNAME/../examples/coresight" -o_raw_packed -o_raw_unpacked -logfilename frames) >/dev/null
	grep -E '^(Frame|Idx|ID:)' "$BATS_TEST_TMPDIR/frames" | diff - "$out"
	etm2pkt --frames ../examples/coresight | diff - <(grep ^Frame "$out")
}

@test "every memory image of a snapshot is a map" {
	shared coresight
	etm2pkt "$shared/juno-uname-002" | grep ^map | cut -f 1-12 >"$out"
	grep -qP '^map\t0\thost\t-\t-\t-\tk\t400000\t69f8\t0\t' "$out"
	[ "$(wc -l <"$out")" -ge 4 ]
}

@test "two stray sync words lose only their frame" {
	snapshot coresight 10 <<-'EOT'
		id 10
		async
		trace_info
		trace_on
		addr64 0x1000
		atoms EEE
		atoms EEE
		frame ff ff ff 7f ff ff ff 7f 00 00 00 00 00 00 00 00
		id 10
		async
		addr64 0x2000
		atoms N
	EOT
	run -1 --separate-stderr etm2pkt "$snapshot"
	[ "${stderr_lines[0]}" = "etm2pkt: $snapshot/trace.bin@0x20: full syncs that do not fill a frame, 8 bytes left out" ]
	[[ ${stderr_lines[1]} == *": 1 place could not be decoded" ]]
	grep -q $'gap\t-\thost\t-\t-\t-\t-\t8\ttrace at 32: full syncs' <<<"$output"
	grep -q $'I_ADDR_L_64IS0\tk\t2000' <<<"$output"
}

@test "a barrier of full syncs starts the decoder anew, and is not damage" {
	snapshot coresight 10 <<-'EOT'
		id 10
		async
		trace_info
		addr64 0x1000
		barrier
		id 10
		atoms EEE
		async
		trace_info
		atoms N
	EOT
	run -0 --separate-stderr etm2pkt -s "$snapshot"
	[ "$(grep ^pkt <<<"$output" | cut -f 9 | tr '\n' ' ')" = "I_ASYNC I_TRACE_INFO I_ADDR_L_64IS0 I_NOT_SYNC I_ASYNC I_TRACE_INFO I_ATOM_F1 " ]
	[[ $stderr == *" barriers=1 "* ]]
}

@test "packets after a bad packet are suspect until the next synchronisation" {
	snapshot source_data 10 <<-'EOT'
		async
		trace_info
		addr64 0x1000
		bytes 97	# reserved
		atoms E
		atoms N
		async
		atoms E
	EOT
	run -1 --separate-stderr etm2pkt "$snapshot"
	[ "$(grep -c suspect=1 <<<"$output")" -eq 2 ]
	[ "$(sed -n '$p' <<<"$output" | cut -f 12)" = atoms=E ]
	grep -q I_RESERVED <<<"$output"
	at=$(grep I_RESERVED <<<"$output" | cut -f 8)
	[ "$(grep ^gap <<<"$output")" = $'gap\t-\thost\t0\t-\t-\t-\t1\ttrace at '"$at: a bad packet, what follows is suspect" ]
	[ "${stderr_lines[0]}" = "etm2pkt: $snapshot/trace.bin@$(printf '0x%x' "$at"): a bad packet, 2 more are suspect" ]
	[ "${stderr_lines[1]}" = "etm2pkt: $snapshot/snapshot.ini: 1 place could not be decoded" ]
	printf 'bytes 97\natoms N\nbytes 97\nasync\nbytes 97\n' | "$BUILD/t/mktrace" >>"$snapshot/trace.bin"
	run -1 --separate-stderr etm2pkt --lister "$snapshot"
	[[ ${stderr_lines[0]} == *": 4 bad packets, the first one here, 3 more are suspect" ]]
	[ "$(etm2pkt "$snapshot" 2>/dev/null | grep -c ^gap)" -eq 3 ]
}

@test "the flow of every protocol stops at a bad packet until the next synchronisation" {
	shared coresight
	for how in --decode ''; do
		run -1 --separate-stderr etm2pkt -s $how "$shared/a55-test-tpiu"
		[[ $stderr == *"DSTREAM_0.bin@0x358c: 8 bad packets, the first one here, 8072 more are suspect"*" bad=8 suspect=8072 "* ]]
		[ "$(grep -c $'^gap\t-\thost\t0\t.*a bad packet' <<<"$output")" -eq 4 ]
	done
	for protocol in etmv4:'async\ntrace_info\nbytes 97' ete:'async\ntrace_info\nbytes 97' ptm:'ptm_async\nptm_isync 0x8000 ns\nbytes 62' \
		etmv3:'etm3_async\netm3_isync 0x8000 ns\nbytes 62' stm:'stm_async\nstm_version 3\nbytes 0f 0f' itm:'itm_async\nbytes 84'; do
		printf '%b\n' "${protocol#*:}" | "$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/bad"
		for how in --decode ''; do
			run -1 --separate-stderr etm2pkt -s $how --layout=single --protocol="${protocol%%:*}" "$BATS_TEST_TMPDIR/bad"
			[[ $stderr == *"@0x"*": a bad packet, "[01]" more are suspect"*" bad=1 suspect="[01]" "* ]] || { echo "$protocol $how: $stderr"; return 1; }
			[ "$(grep -c '^gap.*a bad packet' <<<"$output")" -eq 1 ]
		done
	done
}

@test "an overflow packet is data" {
	run -0 --separate-stderr etm2pkt -s ../examples/coresight
	grep -q I_OVERFLOW <<<"$output"
	[[ $stderr == *" overflows=1 "* ]]
}

@test "a trace id without a decoder is reported" {
	snapshot coresight 10 <<-'EOT'
		id 10
		async
		id 33
		bytes 1 2 3
		id 10
		atoms E
	EOT
	run -1 --separate-stderr etm2pkt "$snapshot"
	[ "${stderr_lines[0]}" = "etm2pkt: $snapshot/trace.bin: trace ids without a decoder: 0x33: 3 bytes" ]
	grep -q I_ATOM_F1 <<<"$output"
}

@test "a frame that is cut short is reported, and the trace before it is decoded" {
	snapshot coresight 10 <../examples/coresight/trace.txt
	truncate -s 153 "$snapshot/trace.bin"
	run -1 --separate-stderr etm2pkt "$snapshot"
	[[ ${stderr_lines[0]} == *"trace.bin@0x90: the last frame is cut short, 9 bytes left out" ]]
	grep -q I_OVERFLOW <<<"$output" || grep -q I_TIMESTAMP <<<"$output"
}

@test "PTM, ETMv3 and STM traces are decoded, and listed as OpenCSD lists them" {
	needs trc_pkt_lister
	snapshot source_data 10 <<-'EOT'
		ptm_async
		ptm_isync 0xc0008000 ns cid 0x11
		ptm_branch 0xc0008100
		ptm_ctxtid 0x2a
		ptm_ts 123456
	EOT
	device PTM1.1 ETMCR=0x1000C000 ETMIDR=0x411CF312 ETMCCER=0x34C01AC2 ETMTRACEIDR=0x10
	sed -i s/Cortex-A53/Cortex-A15/ "$snapshot/cpu_0.ini"
	etm2pkt --lister "$snapshot" >"$out"
	peer "$snapshot" ETR | diff - "$out"
	grep -q 'BRANCH_ADDRESS' "$out"
	etm2pkt "$snapshot" | grep -q $'BRANCH_ADDRESS\tk\tc0008100'
	snapshot source_data 20 <<-'EOT'
		stm_async
		stm_version 3
		stm_m8 0x41
		stm_c8 1
		stm_d32 0xdeadbeef
		stm_flag
	EOT
	device STM STMTCSR=0x00200005
	sed -i /^cpu_0=/d "$snapshot/trace.ini"
	etm2pkt --lister "$snapshot" >"$out"
	peer "$snapshot" ETR | diff - "$out"
	etm2pkt "$snapshot" | grep -q $'D32\t-\t-\tdata=0x'
	snapshot source_data 10 <<-'EOT'
		etm3_async
		etm3_isync 0xc0008000 ns
		etm3_phdr EEEE
	EOT
	device ETM3.5 ETMCR=0x10000000 ETMIDR=0x410CF250 ETMCCER=0x344008F2 ETMTRACEIDR=0x10
	sed -i s/Cortex-A53/Cortex-A7/ "$snapshot/cpu_0.ini"
	etm2pkt --lister "$snapshot" >"$out"
	peer "$snapshot" ETR | diff - "$out"
	grep -q P_HDR "$out"
}

@test "the trace of a perf.data and its processes are written in time order" {
	{
		info 1 0:0x10 1:0x12
		{ echo "u32 7 8"; echo "bytes 77 6f 72 6b 0 0 0 0"; trailer 1000 0 8; } | record 3	# comm: work
		auxtrace 0 0 -1 <<<"$(printf 'id 10\nasync\ntrace_info\naddr_ctxt64 0x400100 0 ns cid 8\natoms E')"
		aux 3000 1 9 0 32 0
		auxtrace 0 1 -1 <<<"$(printf 'id 12\nasync\ntrace_info\naddr64 0x400200\natoms N')"
		aux 2000 0 8 0 48 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	run -0 --separate-stderr etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	reccheck -n <<<"$output"
	[ "$(cut -f 1,2 <<<"$output" | sort -u -k 2n | tail -3 | tr '\t\n' ':,')" = comm:1000,pkt:2000,pkt:3000, ]
	grep -q $'^pkt\t2000\thost\t0\t7\t8\t10\t[0-9]*\tI_ADDR_CTXT_L_64IS0\tu\t400100\t' <<<"$output"
	grep -q $'^pkt\t3000\thost\t1\t-\t-\t12\t[0-9]*\tI_ADDR_L_64IS0\t' <<<"$output"
	etm2pkt <"$BATS_TEST_TMPDIR/perf.data" | diff - <(echo "$output")
	etm2pkt < <(cat "$BATS_TEST_TMPDIR/perf.data") | diff - <(echo "$output")
	etm2pkt -m box "$BATS_TEST_TMPDIR/perf.data" | diff - <(awk 'BEGIN { FS = OFS = "\t" } { $3 = "box"; print }' <<<"$output")
	gzip -c "$BATS_TEST_TMPDIR/perf.data" | etm2pkt | diff - <(echo "$output")
}

# timed TS_SOURCE "TIME_CONV ..." [BODY]: a recording with timestamps; the conversion is a record with these numbers.
timed() {
	{
		cpus 1 "etm4 0 0xc1 0x10 0x28000EA1 0x4100F403 0x488 0 0xcc $1"
		{ echo "u64 $2"; echo "${3-}"; } | record 79
		{ echo "u32 7 8"; echo "bytes 77 6f 72 6b 0 0 0 0"; trailer 1000 0 8; } | record 3	# comm: work
		auxtrace 0 0 -1 <<<"$(printf 'id 10\nasync\ntrace_info\ntrace_on\nts 1000\naddr_ctxt64 0x400100 0 ns cid 8\natoms E\nts 1005\natoms E')"
		{ echo "u32 7 8"; echo "bytes 77 6f 72 6c 64 0 0 0"; trailer 400100 0 8; } | record 3	# comm: world
		aux 900000 0 8 0 48 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
}

@test "the time of a packet is that of its source's last timestamp, if the recording converts it" {
	local times
	# shift 4, mult 6400, zero 1000: 400 ns a tick
	timed 1 '4 6400 1000'
	etm2pkt --times "$BATS_TEST_TMPDIR/perf.data" >"$out"
	times=$(grep ^pkt "$out" | cut -f 2,9 | tr '\t\n' ': ')
	[ "$times" = '-:I_ASYNC -:I_TRACE_INFO -:I_TRACE_ON 401000:I_TIMESTAMP 401000:I_ADDR_CTXT_L_64IS0 401000:I_ATOM_F1 403000:I_TIMESTAMP 403000:I_ATOM_F1 ' ] || { echo "$times"; return 1; }
	reccheck -n --any-order "$out"
	[ "$(sort -s -t $'\t' -k 2,2n "$out" | reccheck | grep -E ^'(comm|pkt)' | tail -n 6 | cut -f 1 | paste -s -d ' ')" = 'comm pkt pkt pkt pkt pkt' ]
	cut -f 1,3- "$out" | diff - <(etm2pkt "$BATS_TEST_TMPDIR/perf.data" | cut -f 1,3-)
	etm2pkt --times --decode "$BATS_TEST_TMPDIR/perf.data" | grep -q $'^flow\t401000\t.*\ttimestamp\t'
	etm2pkt --times --lister "$BATS_TEST_TMPDIR/perf.data" | diff - <(etm2pkt --lister "$BATS_TEST_TMPDIR/perf.data")
	# a counter of 8 bits, whose upper ones are those of 0x300
	timed 1 '0 1 0 0x300 0xff' 'bytes 1 1 0 0 0 0 0 0'
	etm2pkt --times "$BATS_TEST_TMPDIR/perf.data" | grep -q "^pkt.$((0x300 + (1000 & 0xff))).host.*I_TIMESTAMP"
	# times beyond those that records hold
	timed 1 '0 0xffffffffffffffff 0'
	etm2pkt --times "$BATS_TEST_TMPDIR/perf.data" >"$out"
	[ "$(grep -c $'^pkt\t-\t' "$out")" -eq 8 ]
}

@test "a recording whose timestamps are no times is reported, and its packets have the time of their buffer" {
	why='does not say what time a timestamp of the trace is'
	timed 0 '4 6400 1000'
	rejects "$why" etm2pkt --times "$BATS_TEST_TMPDIR/perf.data"
	[ "$output" = "$(etm2pkt "$BATS_TEST_TMPDIR/perf.data")" ]
	timed 1 '64 6400 1000'
	rejects 'damaged trace description' etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	{ info 1 0:0x10; auxtrace 0 0 -1 <<<async; } | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	rejects "$why" etm2pkt --times "$BATS_TEST_TMPDIR/perf.data"
	rejects 'only a perf.data has the clock of --times' etm2pkt --times ../examples/coresight
}

@test "all versions of the trace's description are read, and ids from hardware id records" {
	for version in 0 1 2; do
		{
			info $version 3:0x1c
			[ $version -lt 2 ] || { echo "u64 0x33"; trailer 500 3 8; } | record 21
			auxtrace 0 3 -1 <<<"$(printf 'id %s\nasync\natoms E' $([ $version -lt 2 ] && echo 1c || echo 33))"
			aux 2000 3 8 0 16 0
		} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
		run -0 --separate-stderr etm2pkt "$BATS_TEST_TMPDIR/perf.data"
		[ "$(cut -f 4,9 <<<"$(grep ^pkt <<<"$output")" | tr '\n' ' ')" = $'3\tI_ASYNC 3\tI_ATOM_F1 ' ]
	done
}

@test "AUX records divide a buffer; the offsets of overwritten ones are ends" {
	trace=$(printf 'id 10\nasync\natoms E\natoms N\nbarrier\nid 10\nasync\natoms N\natoms N')
	size=$("$BUILD/t/mktrace" <<<"$trace" | wc -c)
	{
		info 1 0:0x10
		auxtrace 4096 0 -1 <<<"$trace"
		aux 1000 0 8 4096 32 0
		aux 2000 0 8 $((4096 + size)) 32 2
		aux 3000 0 8 4096 0 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	run -0 --separate-stderr etm2pkt -s "$BATS_TEST_TMPDIR/perf.data"
	[ "$size" -eq 48 ]
	grep ^pkt <<<"$output" | cut -f 2,8,9,12 | diff - <(printf '%s\t%s\t%s\t%s\n' \
		1000 4096 I_ASYNC - 1000 4108 I_ATOM_F1 atoms=E 1000 4109 I_ATOM_F1 atoms=N \
		2000 4128 I_ASYNC - 2000 4140 I_ATOM_F1 atoms=N 2000 4141 I_ATOM_F1 atoms=N)
	[[ $stderr == *"aux=3 empty=1 truncated=0"* ]]
}

@test "indexes continue beyond 4 GiB" {
	frames=$(printf 'id 10\nasync\ntrace_info\naddr64 0x400100\natoms E\nid 12\nasync\nid 10\nasync\natoms N')
	raw=$(printf 'async\ntrace_info\natoms E\nasync\natoms N')
	size=$("$BUILD/t/mktrace" <<<"$frames" | wc -c)
	for offset in 0 $((0xffffffe0)) $((0xffffffff8)); do
		{
			info 1 0:0x10 1:0x12
			auxtrace "$offset" 0 -1 <<<"$frames"
			aux 1000 0 8 "$offset" "$size" 0
			auxtrace "$offset" 1 -1 <<<"$raw"
			aux 2000 1 8 "$offset" 29 0x100
		} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
		etm2pkt "$BATS_TEST_TMPDIR/perf.data" | awk -F '\t' -v offset="$offset" '$1 == "pkt" { printf "%s %.0f %s\n", $2, $8 - offset, $9 }' >"$out.$offset"
		diff "$out.0" "$out.$offset"
	done
	[ "$(wc -l <"$out.0")" -eq 12 ]
	grep -qx '1000 55 I_ATOM_F1' "$out.0" || { cat "$out.0"; return 1; }
}

@test "raw trace belongs to the CPU that wrote it, and to the thread that owns its buffer" {
	{
		info 1 0:0x10 5:0x1a
		auxtrace 0 -1 8 <<<"$(printf 'async\natoms E')"
		aux 1000 5 8 0 13 0x100
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	run -0 --separate-stderr etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	grep -q $'^pkt\t1000\thost\t5\t-\t8\t1a\t12\tI_ATOM_F1\t-\t-\tatoms=E' <<<"$output"
}

@test "trace that was lost or is not in the file is reported" {
	{
		info 1 0:0x10
		auxtrace 0 0 -1 <<<"$(printf 'id 10\nasync\natoms E')"
		aux 1000 0 8 0 16 1
		aux 2000 0 8 4096 64 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	run -1 --separate-stderr etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	grep -q $'^lost\t1000\thost\t0\t-\t-\t-\t-\ttrace buffer full$' <<<"$output"
	grep -q $'^lost\t2000\thost\t0\t-\t-\t-\t-\ttrace is not in the file$' <<<"$output"
	[[ ${stderr_lines[0]} == *": 64 bytes of trace of an AUX record of CPU 0 are not in the file" ]]
}

@test "trace without AUX records is decoded whole" {
	{
		info 1 0:0x10
		auxtrace 0 0 -1 <<<"$(printf 'id 10\nasync\natoms E')"
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt "$BATS_TEST_TMPDIR/perf.data" | grep -q I_ATOM_F1
}

@test "a perf.data that is cut gives the packets before the cut" {
	{
		info 1 0:0x10
		auxtrace 0 0 -1 <<<"$(printf 'id 10\nasync\natoms E')"
		aux 1000 0 8 0 16 0
		auxtrace 16 0 -1 <<<"$(printf 'id 10\nasync\natoms E')"
		aux 2000 0 8 16 16 0
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/perf.data")
	for cut in 5 40 70 100 130 170 250 330; do
		head -c $((size - cut)) "$BATS_TEST_TMPDIR/perf.data" >"$BATS_TEST_TMPDIR/cut.data"
		run -1 --separate-stderr etm2pkt "$BATS_TEST_TMPDIR/cut.data"
		[ -n "$stderr" ]
		[ $cut -gt 170 ] || grep -q I_ATOM_F1 <<<"$output"
	done
}

@test "a perf.data without CoreSight trace is reported" {
	rejects 'a perf.data without hardware trace: use perf record -e cs_etm//' etm2pkt ../examples/pipeline.data
	head -c 20000 ../examples/pipeline.data >"$BATS_TEST_TMPDIR/perf.data"
	rejects 'no hardware trace before it' etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	[[ $stderr == *'perf.data@0x'*': '* ]]
	record 70 <<<'u32 1 0 0 0' | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	rejects "its hardware trace is not CoreSight's" etm2pkt "$BATS_TEST_TMPDIR/perf.data"
}

# expected <text: the text after each #> in it.
expected() {
	sed -n 's/.*#> //p'
}

@test "every packet of an ITM becomes the record given in its text" {
	"$BUILD/t/mktrace" <etm2pkt/itm.txt >"$BATS_TEST_TMPDIR/itm"
	run -1 --separate-stderr etm2pkt -s -x --protocol=itm,id=0x14 --layout=single "$BATS_TEST_TMPDIR/itm"
	reccheck -n <<<"$output"
	grep ^pkt <<<"$output" | cut -f 9,11,12 | tr '\t' ' ' | diff <(expected <etm2pkt/itm.txt) -
	[ "$(grep ^pkt <<<"$output" | cut -f 13 | tr -d '\n')" = "$(od -An -v -tx1 "$BATS_TEST_TMPDIR/itm" | tr -d ' \n')" ]
	[[ $stderr == *" unsynced=4 bad=5 suspect=1 overflows=1 "* ]]
	# the frames of a formatter, between the bytes of others
	sed '1i id 14' etm2pkt/itm.txt | sed '20i id 10\nasync\nid 14' | "$BUILD/t/mktrace" >"$BATS_TEST_TMPDIR/frames"
	etm2pkt --protocol=itm,id=0x14 --protocol=etmv4,id=0x10 "$BATS_TEST_TMPDIR/frames" | grep $'^pkt.*\t14\t' | cut -f 9,11,12 | tr '\t' ' ' | diff <(expected <etm2pkt/itm.txt) -
}

@test "the packets of an ITM are combined: whole ports, times since an overflow, a whole global timestamp" {
	"$BUILD/t/mktrace" <etm2pkt/itmflow.txt >"$BATS_TEST_TMPDIR/itm"
	rejects ': a bad packet, 1 more are suspect' etm2pkt --decode --protocol=itm,ITMTCR=0x00140210 --layout=single "$BATS_TEST_TMPDIR/itm"
	echo "$output" >"$out"
	reccheck -n "$out"
	grep ^flow "$out" | cut -f 9,11,12 | tr '\t' ' ' | diff <(expected <etm2pkt/itmflow.txt) -
	# the prescaler is an asynchronous clock's
	etm2pkt --decode --protocol=itm,ITMTCR=0x00140200 --layout=single "$BATS_TEST_TMPDIR/itm" | grep -q $'\tclock=local ts=3 tc=0$'
}

# 1.8.0 shows four packets with other bytes or another index than the file has: it clears the flags of a GTS1 in the bytes that it lists,
# and counts the second run of bytes out of synchronisation from the first one's index.
@test "an ITM's bytes and elements are listed as a later OpenCSD lists them" {
	shared coresight
	list=$shared/itm_only_csformat/golden-1.8.0/ETB_1.decode.ppl
	etm2pkt --lister -x "$shared/itm_only_csformat" >"$out"
	grep -aE '^(Idx|ID):' "$list" | grep -v OCSD_GEN >"$out.peer"
	sed -i 's/^Idx:4\(; ID:14; .0x22 \)/Idx:12\1/
		/^Idx:215;/s/0x17 /0x77 /; /^Idx:234;/s/0x1a /0x5a /; /^Idx:266;/s/0x01 ]/0x41 ]/' "$out.peer"
	diff "$out.peer" "$out"
	etm2pkt --lister --decode "$shared/itm_only_csformat" | diff <(grep -a OCSD_GEN "$list") -
}

@test "an ITM's packet cut by a barrier is reported, and so is one in a missing frame" {
	snapshot coresight 14 <<-'EOT'
		id 14
		itm_async
		itm_swit 1 1 1
		bytes 0b 1
		barrier
		id 14
		bytes 2
		itm_async
		itm_swit 1 1 2
	EOT
	device ITM ITMTCR=0x00140000
	sed -i /^cpu_0=/d "$snapshot/trace.ini"
	run -0 --separate-stderr etm2pkt "$snapshot"
	[ "$(grep ^pkt <<<"$output" | cut -f 4,7,9 | tr '\t\n' ': ')" = "-:14:ASYNC -:14:SWIT -:14:INCOMPLETE_EOT -:14:NOTSYNC -:14:ASYNC -:14:SWIT " ] || { echo "$output"; return 1; }
	truncate -s -9 "$snapshot/trace.bin"
	run -1 --separate-stderr etm2pkt "$snapshot"
	grep -q '^gap' <<<"$output"
	[ "$(grep -c SWIT <<<"$output")" -eq 2 ]	# the first one, and the one that the barrier cut
}

@test "input that is not a trace is reported in one line" {
	rejects '<stdin>: the file is empty' etm2pkt </dev/null
	rejects '<stdin>: neither a perf.data nor an OpenCSD snapshot' etm2pkt <<<rubbish
	snapshot coresight 10 <<<'async'
	rm "$snapshot/trace.bin"
	rejects "trace.bin: No such file or directory" etm2pkt "$snapshot"
	rm "$snapshot/etm_0.ini"
	rejects "etm_0.ini: No such file or directory" etm2pkt "$snapshot"
	rm "$snapshot/snapshot.ini"
	rejects "snapshot.ini: No such file or directory" etm2pkt "$snapshot"
	rejects 'no buffer "nosuch"' etm2pkt -b nosuch ../examples/coresight
}

@test "trace in which no packet is found is an error, trace that begins without a synchronisation is not" {
	head -c 3000 /dev/zero | tr '\0' U >"$BATS_TEST_TMPDIR/none"
	for protocol in etmv4 etmv3 ptm stm; do
		rejects 'none: no packet was found in ' etm2pkt --protocol=$protocol --layout=single "$BATS_TEST_TMPDIR/none"
	done
	snapshot coresight 10 <<<'async'
	head -c 64 "$BATS_TEST_TMPDIR/none" >"$snapshot/trace.bin"
	for jobs in 1 2; do
		rejects 'no packet was found in ' etm2pkt -j $jobs --layout=single "$snapshot"
	done
	{ head -c 100 "$BATS_TEST_TMPDIR/none"; printf 'async\ntrace_info\naddr64 0x1000' | "$BUILD/t/mktrace"; } >"$BATS_TEST_TMPDIR/late"
	etm2pkt --protocol=etmv4 --layout=single "$BATS_TEST_TMPDIR/late" | grep -q I_ADDR
}

@test "a register value that is not a number, or is too large, is reported with file and key" {
	for value in '' x 0x10z -1 '0x10 0x20' '1,2'; do
		snapshot source_data 10 <<<async
		sed -i "s/^TRCCONFIGR.*=.*/TRCCONFIGR(0x4)=$value/" "$snapshot/etm_0.ini"
		rejects "etm2pkt: $snapshot/etm_0.ini: TRCCONFIGR=$value: not a number" etm2pkt "$snapshot"
		[ "$output" = "" ]
	done
	sed -i "s/^TRCCONFIGR.*/TRCCONFIGR(0x4)=0x100000000/" "$snapshot/etm_0.ini"
	rejects "etm_0.ini: TRCCONFIGR=0x100000000: more than 32 bits" etm2pkt "$snapshot"
	sed -i "s/^TRCCONFIGR.*/TRCCONFIGR(0x4)=0xffffffff/; \$ a TRCACVR0(size:64)=0x100000000\nTRCSEQSTR=none" "$snapshot/etm_0.ini"
	etm2pkt "$snapshot" >"$out"
	sed -i "s/^address=.*/address=0xffffffffffffffff/" "$snapshot/cpu_0.ini"
	etm2pkt "$snapshot" >"$out"
	sed -i "s/^address=.*/address=0x1ffffffffffffffff/" "$snapshot/cpu_0.ini"
	rejects "cpu_0.ini: address=0x1ffffffffffffffff: more than 64 bits" etm2pkt "$snapshot"
}

@test "-b selects a buffer by its name in every kind of input" {
	slices 9 >"$BATS_TEST_TMPDIR/perf.data"
	etm2pkt -b cpu1 "$BATS_TEST_TMPDIR/perf.data" >"$out" 2>"$err" || true
	etm2pkt "$BATS_TEST_TMPDIR/perf.data" 2>"$err" | awk -F '\t' '$1 == "meta" && $4 == "coresight-buffer" { on = $5 ~ /^cpu1 / } $1 !~ /^(pkt|gap)$/ || on' |
		grep -v 'coresight-buffer.cpu0 ' | diff - "$out"
	grep -q ^pkt "$out"
	etm2pkt -b raw --protocol=etmv4 --protocol=etmv4,id=0x12 ../examples/coresight/trace.bin | grep -q ^pkt
	for jobs in 1 3; do
		rejects 'perf.data: no buffer "cpu7"' etm2pkt -j $jobs -b cpu7 "$BATS_TEST_TMPDIR/perf.data"
		rejects 'trace.bin: no buffer "ETR"' etm2pkt -j $jobs -b ETR --protocol=etmv4 ../examples/coresight/trace.bin
	done
}

# [rounds=N] slices N >a perf.data of 2 CPUs whose trace N AUX records divide, between processes that start, map code and are traced;
# some slices are damaged, have an unknown id, are small or missing, and one of the files is not the one that ran.
slices() {
	local trace=$BATS_TEST_TMPDIR/slice n cpu kind size offset=(0 0) tasks
	mkdir -p "$BATS_TEST_TMPDIR/root/bin"
	{ head -c 4096 /dev/zero; cat ../examples/coresight/code.bin; } >"$BATS_TEST_TMPDIR/root/bin/work"
	cp ../examples/sysroot/usr/local/bin/work "$BATS_TEST_TMPDIR/root/bin/other"
	for cpu in 0 1; do
		awk -v id=1$((2 * cpu)) -v rounds="${rounds-1000}" 'BEGIN {
			print "id " id "\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x7f0100 0 ns cid 0x" id
			for (i = 0; i < rounds; i++)
				print "atoms EE\naddr64 0x7f0104\natoms N\naddr64 0x9f0100\natoms E\nctxt 0 ns cid " 30 + i % 7 "\naddr64 0x7f0100"
		}' | "$BUILD/t/mktrace" >"$trace.whole.$cpu"
		{ cat "$trace.whole.$cpu"; printf 'frame ff ff ff 7f ff ff ff 7f 0 0 0 0 0 0 0 0\nid 55\nbytes 1 2 3\nid 10\nasync\natoms E' | "$BUILD/t/mktrace"; } >"$trace.damaged.$cpu"
		head -c 160 "$trace.whole.$cpu" >"$trace.small.$cpu"
	done
	{
		info 1 0:0x10 1:0x12
		for ((n = 0; n < $1; n++)); do
			cpu=$((n * n % 3 % 2))
			case $n in 3 | 7) kind=damaged ;; [1246]) kind=small ;; *) kind=whole ;; esac
			size=$(stat -c %s "$trace.$kind.$cpu")
			tasks="u32 $((20 + n)) $((30 + n))"
			{
				printf '%s\n' 'u32 3' 'u16 0 48' "$tasks" 'bytes 77 6f 72 6b 0 0 0 0'
				trailer $((100 * n + 10)) $cpu $((30 + n))
				printf '%s\n' 'u32 10' 'u16 0 112' "$tasks" 'u64 0x7f0100 0x1000 0x1000 0 0 0' 'u32 5 2' 'bytes 2f 62 69 6e 2f 77 6f 72 6b 0 0 0 0 0 0 0'
				trailer $((100 * n + 20)) $cpu $((30 + n))
				printf '%s\n' 'u32 10' 'u16 0x4000 112' "$tasks" 'u64 0x9f0000 0x2000 0' 'bytes 14 0 0 0 99 b9 26 93 67 c7 f7 af d5 e0 39 a8 f8 a5 56 cc 8b be 2f 29' \
					'u32 5 2' 'bytes 2f 62 69 6e 2f 6f 74 68 65 72 0 0 0 0 0 0'
				trailer $((100 * n + 30)) $cpu $((30 + n))
				printf '%s\n' 'u32 12' 'u16 0 40' "$tasks"
				trailer $((100 * n + 40)) $cpu $((30 + n))
				printf '%s\n' 'u32 11' 'u16 0 56' "u64 ${offset[cpu]} $size $((n == 8))"
				trailer $((100 * n + 50)) $cpu $((30 + n))
				printf '%s\n' 'u32 71' 'u16 0 48' "u64 $size ${offset[cpu]} 0" "u32 0 0xffffffff $cpu 0"
			} | "$BUILD/t/mktrace"
			cat "$trace.$kind.$cpu"
			[ "$n" -ne 5 ] || aux 545 $cpu $((30 + n)) 99999999 64 0
			offset[cpu]=$((offset[cpu] + size))
		done
	} | perfdata
}

# jobs_agree COMMAND ...: several jobs have the output, messages and exit status of one process.
jobs_agree() {
	local jobs alone=0 together
	"$@" >"$out.alone" 2>"$err.alone" || alone=$?
	for jobs in 2 3 7; do
		together=0
		"$1" -j $jobs "${@:2}" >"$out" 2>"$err" || together=$?
		if ! cmp "$out.alone" "$out" || ! diff "$err.alone" "$err" || [ $together -ne $alone ]; then
			echo "-j $jobs: $*: $together"
			return 1
		fi
	done
}

@test "several jobs write what one process writes" {
	slices 14 >"$BATS_TEST_TMPDIR/perf.data"
	for options in '' '-x -s' '--lister -s' --frames '--decode -s' '--decode --branches' '--decode --lister'; do
		jobs_agree etm2pkt --sysroot="$BATS_TEST_TMPDIR/root" $options "$BATS_TEST_TMPDIR/perf.data"
	done
	# these included damage, missing code and code that is not the code that ran
	etm2pkt --decode --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" >"$out" 2>"$err" || true
	[ "$(grep -c 'full syncs' "$err")" -eq 2 ]
	[ "$(grep -c 'has another build id' "$err")" -eq 1 ]
	grep -q '5 places could not be decoded' "$err" || { cat "$err"; return 1; }
	[ "$(grep -c $'no-access\tu\t9f0100' "$out")" -ge 9 ]
	[ "$(grep -c ^range "$out")" -gt 10000 ]
	# a pipe, a file whose beginning another process has read, and one that is cut
	etm2pkt -j 3 < <(cat "$BATS_TEST_TMPDIR/perf.data") 2>"$err" | cmp - <(etm2pkt "$BATS_TEST_TMPDIR/perf.data" 2>"$err.alone")
	{ echo 123; cat "$BATS_TEST_TMPDIR/perf.data"; } >"$BATS_TEST_TMPDIR/behind"
	{ dd bs=4 count=1 of=/dev/null 2>/dev/null; etm2pkt -j 3 2>"$err"; } <"$BATS_TEST_TMPDIR/behind" | cmp - <(etm2pkt "$BATS_TEST_TMPDIR/perf.data" 2>"$err.alone")
	truncate -s -30000 "$BATS_TEST_TMPDIR/perf.data"
	jobs_agree etm2pkt "$BATS_TEST_TMPDIR/perf.data"
	jobs_agree etm2pkt ../examples/pipeline.data
	jobs_agree etm2pkt no/such/file
}

@test "several jobs write public recordings as one process does" {
	shared coresight
	for file in "$shared"/perfdata-*/*.data TC2 juno_r1_1 feat_cmpbr rme_test; do
		[ -f "$file" ] || file=$shared/$file
		for options in '-s -x' --lister; do
			jobs_agree etm2pkt $options "$file"
		done
	done
	jobs_agree etm2pkt --decode -s "$shared/juno_r1_1"
	jobs_agree etm2pkt --decode --branches "$shared/perfdata-synthetic/juno-v1-4aux.perf.data"
}

# stuck NAME: start etm2pkt ($pid) with three jobs ($jobs), all of which wait for their turn or for a reader.
stuck() {
	local i
	mkfifo "$BATS_TEST_TMPDIR/fifo.$1"
	etm2pkt -j 3 "$BATS_TEST_TMPDIR/perf.data" >"$BATS_TEST_TMPDIR/fifo.$1" 2>"$err" 3>&- &
	pid=$!
	exec 4<"$BATS_TEST_TMPDIR/fifo.$1"
	head -c 10 <&4 >/dev/null
	for ((i = 0; i < 500; i++)); do # the first may write before the last starts
		jobs=$(ps -o pid= --ppid $pid)
		[ "$(wc -w <<<"$jobs")" -lt 3 ] || return 0
		sleep 0.01
	done
	return 1
}

# running PID: false if the process has ended, whether or not its parent has reaped it.
running() {
	case $(ps -o stat= -p "$1") in
	'' | Z*) return 1 ;;
	esac
}

# gone PID ...: each ends within five seconds.
gone() {
	local i job
	for job; do
		for ((i = 0; i < 500; i++)); do
			running "$job" || break
			sleep 0.01
		done
		[ $i -lt 500 ] || { echo "$job is still running"; return 1; }
	done
}

@test "a job that dies is reported, and no job remains, even if the first process dies" {
	rounds=10000 slices 9 >"$BATS_TEST_TMPDIR/perf.data" # more than a pipe holds
	stuck job
	kill -9 $(head -1 <<<"$jobs")
	status=0
	wait $pid || status=$?
	exec 4<&-
	[ $status -eq 1 ]
	[ "$(tail -1 "$err")" = "etm2pkt: a job was ended by signal 9" ] || { cat "$err"; return 1; }
	gone $jobs
	stuck parent
	kill $pid
	gone $pid $jobs
	exec 4<&-
}

@test "jobs end if their reader ends, the disk is full, or there is no place for temporary files" {
	slices 20 >"$BATS_TEST_TMPDIR/perf.data"
	run -141 bash -o pipefail -c 'etm2pkt -j 3 "$0" | head -1 >/dev/null' "$BATS_TEST_TMPDIR/perf.data"
	run -1 --separate-stderr sh -c 'etm2pkt -j 3 "$0" >/dev/full' "$BATS_TEST_TMPDIR/perf.data"
	[[ $stderr == *"etm2pkt: <stdout>: No space left on device" ]]
	TMPDIR=/no/such rejects 'etm2pkt: /no/such: cannot make a temporary file' etm2pkt -j 2 "$BATS_TEST_TMPDIR/perf.data"
	run ! pgrep -f "$BATS_TEST_TMPDIR/perf.data"
	run -2 etm2pkt -j 0
}

@test "it ends at a full disk or a closed pipe" {
	run -1 --separate-stderr sh -c 'etm2pkt ../examples/coresight >/dev/full'
	[[ $stderr == "etm2pkt: <stdout>: No space left on device" ]]
	etm2pkt ../examples/coresight | head -1 >/dev/null
}

# outside SED NAME: the snapshot, changed by SED, names NAME, and that is not opened.
outside() {
	snapshot source_data 10 <<<async
	sed -i "$1" "$snapshot"/*.ini
	run -1 --separate-stderr timeout 10 etm2pkt --decode "$snapshot"
	[[ $stderr == *"$2: "*"$3"* ]] || { echo "$stderr"; return 1; }
}

@test "a snapshot's files are regular ones in its folder" {
	cp ../examples/coresight/etm_0.ini "$BATS_TEST_TMPDIR/beyond.ini"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for key in 's,^device0=.*,device0=NAME,' 's,^metadata=.*,metadata=NAME,' '/^\[buffer0/,/^format/s,^file=.*,file=NAME,' '/^\[dump/,$s,^file=.*,file=NAME,'; do
		outside "${key/NAME/..\/beyond.ini}" ../beyond.ini 'No such file or directory'
		outside "${key/NAME/\/dev\/zero}" /dev/zero 'No such file or directory'
		snapshot source_data 10 <<<async
		ln -s "$BATS_TEST_TMPDIR/beyond.ini" "$snapshot/link"
		mkfifo "$snapshot/fifo"
		mkdir "$snapshot/folder"
		for name in link:'No such file or directory' fifo:'not a regular file' folder:'not a regular file'; do
			cp -r "$snapshot" "$BATS_TEST_TMPDIR/copy"
			sed -i "${key/NAME/${name%%:*}}" "$BATS_TEST_TMPDIR"/copy/*.ini
			rejects "${name%%:*}: " timeout 10 etm2pkt --decode "$BATS_TEST_TMPDIR/copy"
			[[ $stderr == *"${name#*:}"* ]] || { echo "$stderr"; return 1; }
			rm -r "$BATS_TEST_TMPDIR/copy"
		done
	done
	# --outside allows files outside, but no device or FIFO
	snapshot source_data 10 <<<async
	mv "$snapshot/etm_0.ini" "$BATS_TEST_TMPDIR/beyond.ini"
	sed -i s,^device0=.*,device0=../beyond.ini, "$snapshot/snapshot.ini"
	rejects '../beyond.ini: No such file or directory' etm2pkt "$snapshot"
	etm2pkt --outside "$snapshot" >"$out"
	grep -q I_ASYNC "$out"
	mv "$snapshot/code.bin" "$BATS_TEST_TMPDIR/code.bin"
	sed -i s,^file=code.bin,file=../code.bin, "$snapshot/cpu_0.ini"
	etm2pkt --decode --outside "$snapshot" >"$out" 2>"$err" || { cat "$err"; return 1; }
	sed -i s,^device0=.*,device0=/dev/zero, "$snapshot/snapshot.ini"
	rejects '/dev/zero: not a regular file' timeout 10 etm2pkt --outside "$snapshot"
}

@test "the files that a recording's maps name are regular ones below the sysroot" {
	mkdir -p "$BATS_TEST_TMPDIR/root/bin"
	{ head -c 4096 /dev/zero; cat ../examples/coresight/code.bin; } >"$BATS_TEST_TMPDIR/work"
	ln -s "$BATS_TEST_TMPDIR/work" "$BATS_TEST_TMPDIR/root/bin/link"
	mkfifo "$BATS_TEST_TMPDIR/root/bin/fifo"
	trace=$(printf 'id 10\nasync\ntrace_info\ntrace_on\naddr_ctxt64 0x7f0100 0 ns cid 8\natoms E')
	for name in /../work /bin/link /bin/fifo /dev/zero; do
		{
			info 1 0:0x10
			{ echo "u32 7 7"; echo "u64 0x7f0100 0x1000 0x1000"; printf %s $name | od -An -v -tx1 | sed 's/^/bytes/'
				printf 'bytes%s\n' "$(printf ' 0%.0s' $(seq $((16 - ${#name}))))"; trailer 200 0 7; } | record 1 2
			{ echo "u32 7 7 8 7"; echo "u64 300"; trailer 300 0 7; } | record 7
			auxtrace 0 0 -1 <<<"$trace"
			aux 2000 0 8 0 $("$BUILD/t/mktrace" <<<"$trace" | wc -c) 0
		} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
		timeout 10 etm2pkt --decode --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/perf.data" >"$out" 2>"$err"
		grep -q $'no-access\tu\t7f0100' "$out"
		grep -q "etm2pkt: $name: " "$err" || { cat "$err"; return 1; }
	done
}

@test "names in a snapshot are quoted on the terminal" {
	esc=$'\033[31m'
	for place in 's/^TRCCONFIGR.*=.*/TRCCONFIGR(0x4)=ESC/' 's/^name=ETM_0/name=ESC/' 's/^type=ETM4.*/type=ESC/' 's/^file=trace.bin/file=ESC/' \
		's/^file=code.bin/file=ESC/' 's/^name=ETR/name=ESC/' 's/^device0=.*/device0=ESC/'; do
		snapshot source_data 10 <<<async
		sed -i "${place/ESC/$esc}" "$snapshot"/*.ini
		etm2pkt -s --decode "$snapshot" >"$out" 2>"$err" || true
		[ -s "$err" ]
		! grep -q $'\033' "$err" "$out" || { cat -v "$err" "$out"; return 1; }
	done
}

@test "a gzip stream that is cut or damaged gives the packets before the damage" {
	slices 9 | gzip >"$BATS_TEST_TMPDIR/perf.data.gz"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/perf.data.gz")
	for bytes in $((size - 4)) $((size - 100)) $((size / 2)) $((size / 10)); do
		head -c $bytes "$BATS_TEST_TMPDIR/perf.data.gz" >"$BATS_TEST_TMPDIR/cut.gz"
		{ zcat "$BATS_TEST_TMPDIR/cut.gz" 2>/dev/null || true; } | etm2pkt >"$out.zcat" 2>/dev/null || true
		run -1 sh -c 'etm2pkt "$0" >"$1" 2>"$2"' "$BATS_TEST_TMPDIR/cut.gz" "$out" "$err"
		cmp "$out" "$out.zcat"
		grep -q 'gzip' "$err"
	done
	[ $((size / 10)) -gt 100 ]
	grep -q ^meta "$out"
}

@test "a trace file that two buffers name is decoded once" {
	snapshot source_data 10 <<<async
	printf '[trace_buffers]\nbuffers=buffer0,buffer1\n[buffer1]\nname=ETB\nfile=./trace.bin\nformat=source_data\n[source_buffers]\nETM_0=ETB\n' >>"$snapshot/trace.ini"
	rejects 'decoded as another buffer already' etm2pkt "$snapshot"
	[ "$(grep -c I_ASYNC <<<"$output")" -eq 1 ]
}
