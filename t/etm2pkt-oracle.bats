#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Public traces, compared packet by packet and element by element with OpenCSD's own lister (1.3.3 or 1.5.5). If ours differs,
# the expected line is made from the lister's, for a reason given here.

load lib
load coresight

# each_buffer LINES CHECK: check every buffer of every snapshot, with $folder and FOLDER/BUFFER in $name; at least LINES lines.
each_buffer() {
	local buffer n=0 lines=0
	shared coresight
	for folder in "$shared"/*/trace.ini; do
		folder=${folder%/trace.ini}
		for buffer in $(buffers "$folder"); do
			name=${folder##*/}/$buffer
			"$2" "$buffer" || { echo "$name"; return 1; }
			n=$((n + 1)) lines=$((lines + $(wc -l <"$out")))
		done
	done
	echo "$n buffers, $lines lines"
	[ "$n" -eq 39 ]
	[ "$lines" -ge "$1" ]
}

# Neither version knows ITM: remove its lines from TC2, which has other sources, too, and from a snapshot of ITM only.
no_itm() {
	case $name in
	itm_only*) : ;;
	TC2/*) grep -av '; \?ID:20;\|^ID:20	' || true ;;
	*) cat ;;
	esac
}

# Bit 5 of a context byte is NS, bit 3 NSE: the two of them Realm, NSE alone Root. 1.3.3 prints NS alone, 1.5.5 all. The byte is the second
# of a context packet, the last but the ids of an address with one; in a listing with bytes.
security() {
	awk '/Ctxt: AArch.*, N?S; / {
		bytes = $0; sub(/^[^[]*\[/, "", bytes); sub(/\].*/, "", bytes); split(bytes, byte, " ")
		i = /I_CTXT/ ? 2 : /_L_64IS/ ? 10 : 6
		nse = index("89abcdef", substr(byte[i], 4, 1)) > 0
		if (nse) sub(/, NS; /, ", Realm; ") || sub(/, S; /, ", Root; ")
	} { print }'
}

# Both versions give up if an id has no bytes before the next id: 116 frames of noise after Idx 468 contain its id again.
before_noise() {
	case $name in
	juno_r1_1/ETB_1 | stm_only-juno/*) awk -F '[:;]' '/^Idx/ { last = $2 } last > 468 { exit } { print }' ;;
	*) cat ;;
	esac
}

listed() {
	etm2pkt --lister -b "$1" "$folder" 2>"$err" | no_itm | before_noise >"$out"
	peer "$folder" "$1" >"$out.peer"
	[[ $name != rme_test/* ]] || opencsd 4 2 || sed -i 's/, Realm; /, NS; /; s/, Root; /, S; /' "$out" # compared with the bytes below
	diff -a "$out.peer" "$out"
}

# For trace out of synchronisation they also give bytes after the run: ours are the first of them.
with_bytes() {
	etm2pkt --lister -x -b "$1" "$folder" 2>"$err" | no_itm | before_noise >"$out"
	peer "$folder" "$1" -decode | security >"$out.peer"
	mv "$BATS_TEST_TMPDIR/list" "$BATS_FILE_TMPDIR/${name/\//.}"
	[[ $name != stm_only/* ]] || {
		paste -d '\n' "$out" "$out.peer" | grep -a NOTSYNC | cut -d ']' -f 1 |
			awk 'NR % 2 { ours = $0; next } index($0, ours) != 1 { print; bad = 1 } END { exit bad || NR < 100 }' || return
		sed -i '/NOTSYNC/s/\[.*\]//' "$out" "$out.peer"
	}
	diff -a "$out.peer" "$out"
}


@test "every snapshot of OpenCSD's own tests is listed as OpenCSD lists it" {
	needs trc_pkt_lister
	each_buffer 237656 listed
}

@test "the bytes of each packet are listed as OpenCSD lists them" {
	needs trc_pkt_lister
	each_buffer 238074 with_bytes
}

# elements FOLDER BUFFER: the elements of OpenCSD's lister, without the error text on the same lines. Its listing is that of the bytes, if
# these were compared before.
elements() {
	local list=$BATS_FILE_TMPDIR/${name/\//.}
	[ -e "$list" ] || { peer "$1" "$2" -decode >"$out" && mv "$BATS_TEST_TMPDIR/list" "$list"; }
	grep -aoE 'Idx:[0-9]+; ID:[0-9a-f]+; OCSD_GEN.*' "$list" || true
}

decoded() {
	etm2pkt --lister --decode -b "$1" "$folder" 2>"$err" | no_itm | before_noise >"$out"
	elements "$folder" "$1" | diff -a - "$out"
}

@test "every snapshot of OpenCSD's own tests decodes as OpenCSD decodes it" {
	needs trc_pkt_lister
	each_buffer 152817 decoded # 1.3.3: 152824
}

# 1.8.0 knows instructions that 1.3.3 does not: the compare and branch of FEAT_CMPBR, the returns of FEAT_PAuth_LR.
@test "a later OpenCSD decodes the same, except for instructions that it learned since" {
	shared coresight
	n=0
	for list in "$shared"/*/golden-1.8.0/*.decode.ppl; do
		folder=${list%/golden*}
		case ${folder##*/} in feat_cmpbr | pauth_lr | itm_only_csformat) continue ;; esac
		etm2pkt --lister --decode -b "$(basename "$list" .decode.ppl)" "$folder" >"$out"
		grep -aoE 'Idx:[0-9]+; ID:[0-9a-f]+; OCSD_GEN.*' "$list" | sed "$(opencsd 4 2 || echo 's/; Memspace \[[^]]*\]//')" | diff - "$out"
		n=$((n + 1))
	done
	[ "$n" -eq 6 ]
}

# The bytes of one id, without frames: no run is empty, so OpenCSD reads them all.
@test "trace after a fault of OpenCSD's is listed as the lister lists its bytes alone" {
	needs trc_pkt_lister
	shared coresight
	for name in juno_r1_1 stm_only-juno; do
		etm2pkt --frames --lister -b ETB_1 "$shared/$name" 2>"$err" | sed -n 's/.*ID_DATA\[0x20\]; /bytes /p' >"$out.bytes" || true
		source_snapshot source_data STM - STMTCSR=0x00200005 <"$out.bytes"
		peer "$snapshot" ETR | sed 's/^Idx:[0-9]*; ID:0;//' >"$out.peer"
		etm2pkt --lister -b ETB_1 "$shared/$name" 2>"$err" | sed 's/^Idx:[0-9]*; ID:20;//; s/^ID:20/ID:0/' | diff "$out.peer" -
		[ "$(wc -l <"$out.peer")" -eq 117 ]
	done
}

# The records of an ITM have the names of its manual, its listing those of OpenCSD.
record_lines() {
	etm2pkt --lister -x -b "$1" "$folder" 2>"$err" | sed -nE 's/^Idx:([0-9]+); ID:([0-9a-f]+); \[([^]]*)\];	([A-Z][A-Z0-9_]*).*/\2	\1	\4	\3/p' |
		sed 's/ *0x//g; s/ $//; s/I_SCR_/I_SRC_/; s/	ITM_[A-Z0-9_]*/	ITM/; s/	\(TRIG\|FLAG\|D4\|D8\|D16\|D32\|D64\)M\?\(TS\)\?	/	\1	/' >"$out.lines" || true
	etm2pkt -x -b "$1" "$folder" >"$out" 2>"$err" || true
	reccheck -n "$out" || return
	awk -F '\t' -v OFS='\t' -v itm="$([[ $name == itm_only* ]] && echo ITM)" '
		$4 == "coresight-buffer" { single = $5 ~ /layout=single/ }
		$1 == "pkt" { print single ? 0 : $7, $8, itm ? itm : $9, $13 == "-" ? "" : $13 }' "$out" | diff "$out.lines" - # a line without frames has no id
}

@test "the records of every snapshot have the packets of its listing" {
	each_buffer 238344 record_lines
}

# registers FILE VERSION: the registers in its AUXTRACE_INFO, one source a line, by the test's own reader.
registers() {
	od -v -A n -t x8 -w8 "$1" | awk -v version="$2" '
		$1 ~ /^(4040404040404040|5050505050505050)$/ { left = words = 9 + version + ($1 ~ /^5/) }
		left > 0 && !(version && words - left == 2) { printf "%s%s", $1, left == 1 ? "\n" : " " }
		{ left-- }'
}

# sources FORMAT CPU <REGISTERS: those of a CPU, or of all, as devices of $snapshot.
sources() {
	local magic cpu id n=0
	rm -f "$snapshot"/etm_*.ini "$snapshot"/cpu_*.ini
	printf '[trace_buffers]\nbuffers=buffer0\n[buffer0]\nname=ETR\nfile=trace.bin\nformat=%s\n[source_buffers]\n' "$1" >"$snapshot/trace.ini"
	printf '[snapshot]\nversion=1.0\n[trace]\nmetadata=trace.ini\n[device_list]\n' >"$snapshot/snapshot.ini"
	: >"$BATS_TEST_TMPDIR/cores"
	while read -r magic cpu config id idr0 idr1 idr2 idr8 _ devarch _; do
		[ "$2" = all ] || [ "$2" = "$((16#$cpu))" ] || continue
		type=ETM4 core=Cortex-A57
		[[ $magic == 4* ]] || type=ETE
		[[ $((16#$idr1 >> 4 & 15)) -lt 4 ]] || core=ARM-AA64
		printf '[device]\nname=ETM_%d\nclass=trace_source\ntype=%s\n[regs]\nTRCCONFIGR=0x%s\nTRCTRACEIDR=0x%s\nTRCIDR0=0x%s\nTRCIDR1=0x%s\nTRCIDR2=0x%s\nTRCIDR8=0x%s\nTRCDEVARCH=0x%s\n' \
			$n $type "${config#00000000}" "${id#00000000}" "${idr0#00000000}" "${idr1#00000000}" "${idr2#00000000}" "${idr8#00000000}" "${devarch#00000000}" >"$snapshot/etm_$n.ini"
		printf '[device]\nname=cpu_%d\nclass=core\ntype=%s\n[regs]\nPC=0\n' $n $core >"$snapshot/cpu_$n.ini"
		printf 'device%d=etm_%d.ini\ncpu%d=cpu_%d.ini\n' $n $n $n $n >>"$snapshot/snapshot.ini"
		echo "ETM_$n=ETR" >>"$snapshot/trace.ini"
		echo "cpu_$n=ETM_$n" >>"$BATS_TEST_TMPDIR/cores"
		n=$((n + 1))
	done
	{ echo '[core_trace_sources]'; cat "$BATS_TEST_TMPDIR/cores"; } >>"$snapshot/trace.ini"
	[ $n -gt 0 ]
}

# Idx counts from the start of the AUX record's part: subtract the first packet's from each.
relative() {
	awk -F '[:;]' '/^Idx/ { if (base == "") base = $2; $0 = "Idx:" $2 - base substr($0, index($0, ";")) } { print }'
}

# The records give the parts; the lister shows which registers decode them, and the result.
@test "each part of public recordings is listed as the lister lists it alone" {
	needs trc_pkt_lister
	shared coresight
	snapshot=$BATS_TEST_TMPDIR/snapshot
	mkdir "$snapshot"
	while read -r file version packets; do
		etm2pkt --lister "$shared/$file" >"$out" 2>"$err"
		[ "$(grep -c ^Idx "$out")" -eq "$packets" ]
		etm2pkt "$shared/$file" 2>"$err" | sed -n 's/.*coresight-buffer	cpu\([0-9]*\) size=\([0-9]*\) layout=\([a-z]*\) offset=\([0-9]*\)$/\1 \2 \3 \4/p' >"$out.parts"
		registers "$shared/$file" "$version" >"$out.registers"
		n=0
		while read -r cpu size layout offset; do
			tail -c +$((offset + 1)) "$shared/$file" | head -c "$size" >"$snapshot/trace.bin"
			id=0 # the lister gives none to trace without frames
			if [ "$layout" = single ]; then
				sources source_data "$cpu" <"$out.registers"
				id=$(sed -n 's/TRCTRACEIDR=0x0*//p' "$snapshot/etm_0.ini")
			else
				sources coresight all <"$out.registers"
			fi
			peer "$snapshot" ETR | relative | sed "s/ID:0\([;	]\)/ID:$id\1/" >"$out.peer"
			count=$(wc -l <"$out.peer")
			head -n "$count" "$out" | relative | diff "$out.peer" - || { echo "$file part $n"; return 1; }
			sed -i "1,${count}d" "$out"
			n=$((n + 1))
		done <"$out.parts"
		[ $n -gt 0 ] && [ ! -s "$out" ]
	done <<-'EOT'
		perfdata-simpleperf/perf_etm.data 1 27
		perfdata-simpleperf/perf_hdr0.data 0 58
		perfdata-simpleperf/perf_kernel.data 1 23609
		perfdata-simpleperf/perf_with_unformatted_trace.data 1 21
		perfdata-simpleperf/perf_for_small_binary.data 1 379
		perfdata-synthetic/juno-v1-formatted.perf.data 1 31054
		perfdata-synthetic/juno-v0-formatted.perf.data 0 31054
		perfdata-synthetic/juno-v1-noindex.perf.data 1 31054
		perfdata-synthetic/juno-v1-4aux.perf.data 1 28575
		perfdata-synthetic/ete-raw-2cpu.perf.data 1 9021
	EOT
}

@test "the packets of programs in public recordings are in their maps and have their task" {
	shared coresight
	for file in perf_etm perf_hdr0 perf_kernel perf_with_unformatted_trace perf_for_small_binary; do
		etm2pkt "$shared/perfdata-simpleperf/$file.data" | cs2text --sysroot="$BATS_TEST_TMPDIR" 2>"$err" >"$out"
		# a program by its last name, and an address of its own; none of any other process, or outside all maps
		awk -F '\t' -v file="$file" '
			$1 == "comm" { pid = $5; tid = $6 }
			$1 == "pkt" && $10 == "u" {
				if ($5 != pid || $6 != tid || $11 !~ /<\? \/.*>$/) { print file ": " $0; bad = 1 }
				if ($11 ~ /etm_test_loop|toybox/) own++
				n++
			}
			END { exit bad || own < 3 || n < 5 }' "$out"
	done
}
