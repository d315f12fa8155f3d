#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load lib

# without_maps: a stream but for what depends on the selection otherwise: maps that recgrep writes
# when they are needed, and a count of what the source left out
without_maps() {
	grep -Ev $'^(map\t|meta.*\tuser_stacks_left_out\t)'
}

# selects_alike FILE OPTION ...: perf2rec selects what recgrep selects from all records, and names
# the same options that nothing matches
selects_alike() {
	local file=$1
	shift
	perf2rec "$@" "$file" 2>"$err" | without_maps >"$out" || true
	recgrep "$@" "$BATS_TEST_TMPDIR/all" 2>"$err.all" | without_maps | cmp - "$out" || { echo "$*: $file"; return 1; }
	diff <(grep -o 'nothing matches.*' "$err") <(grep -o 'nothing matches.*' "$err.all") || { echo "$*: $file"; return 1; }
}

@test "CPUs, tasks and times select at the source what recgrep selects, with stacks inline and once" {
	for how in inline once; do
		perf2rec --stacks=$how ../examples/pipeline.data >"$BATS_TEST_TMPDIR/all"
		for options in '-C 1' '-C 0,7' '-p gzip' '-p g*,w?rk' '-p nobody,7' '-t +10ms,+30ms' '-t -40ms,-10ms' '-t ,+0' '-t 1s,2s' \
			'-t 4453760ms,4453780ms -C 0 -p work'; do
			perf2rec --stacks=$how $options ../examples/pipeline.data 2>"$err" | grep -v '^map' | grep -v ^stack >"$out"
			recgrep $options "$BATS_TEST_TMPDIR/all" 2>"$err.all" | grep -v '^map' | grep -v ^stack | cmp - "$out"
			diff <(sed 's/^[^:]*//' "$err") <(sed 's/^[^:]*//' "$err.all")
		done
	done
	perf2rec --stacks=once -p gzip ../examples/pipeline.data | reccheck -n
	diff <(perf2rec --stacks=once -p gzip ../examples/pipeline.data | recstacks --stacks=inline) <(perf2rec -p gzip ../examples/pipeline.data)
}

@test "the definitions that a selection needs are there: its addresses have the same names" {
	perf2rec -t +10ms,+20ms ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot | grep -v '^map' >"$out"
	grep -q '<take_lock+' "$out"
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot |
		recgrep -t +10ms,+20ms | grep -v '^map' | cmp - "$out"
}

@test "every public recording is selected from alike" {
	shared perfdata
	n=0
	for file in "$shared"/{quipper,linux-perf-data,hotspot,own}/*; do
		head -c 8 "$file" 2>/dev/null | grep -qaE 'PERFILE2|2ELIFREP|PERFFILE' || continue
		perf2rec "$file" >"$BATS_TEST_TMPDIR/all" 2>/dev/null || true
		[ -s "$BATS_TEST_TMPDIR/all" ] || continue
		selects_alike "$file" -C 0 -t +10ms,+30ms
		selects_alike "$file" -p '0-3,p*,[s-z]*' -t -40ms,-1ms
		n=$((n + 1))
	done
	[ $n -ge 40 ]
}

@test "a time relative to the last event works in pipes and folders, and --spool-max bounds the copy" {
	perf2rec -t -5ms, ../examples/pipeline.data >"$out"
	[ "$(grep -c ^switch "$out")" -gt 10 ]
	perf2rec -t -5ms, <../examples/pipeline.data | cmp - "$out"
	perf2rec -t -5ms, <(cat ../examples/pipeline.data) | cmp - "$out"
	gzip -c ../examples/pipeline.data | perf2rec -t -5ms, | cmp - "$out"
	mkdir "$BATS_TEST_TMPDIR/dir"
	cp ../examples/pipeline.data "$BATS_TEST_TMPDIR/dir/data"
	perf2rec -t -5ms, "$BATS_TEST_TMPDIR/dir" | cmp - "$out"
	yes x | head -c 2000000 >>"$BATS_TEST_TMPDIR/dir/data"
	rejects 'more than 2 MB' perf2rec --spool-max=2 -t -5ms, <(cat "$BATS_TEST_TMPDIR/dir/data")
}

@test "the offset is added before times are compared" {
	perf2rec --offset=1s -t +10ms,+11ms ../examples/pipeline.data | grep ^switch >"$out"
	[ -s "$out" ]
	perf2rec -t +10ms,+11ms ../examples/pipeline.data | grep ^switch | awk -F'\t' -v OFS='\t' '{ $2 = sprintf("%.0f", $2 + 1e9) } 1' | cmp - "$out"
}

@test "events that are not selected still say which thread runs a guest" {
	shared kvm
	found=no
	for file in "$shared"/*/*.data "$shared"/*.data; do
		[ -f "$file" ] || continue
		perf2rec "$file" >"$BATS_TEST_TMPDIR/all" 2>/dev/null || true
		grep -q '^vcpu' "$BATS_TEST_TMPDIR/all" || continue
		selects_alike "$file" -t -1ms,
		grep -q '^vcpu' "$out"
		found=yes
		break
	done
	[ $found = yes ]
}

@test "a window with events of which -e or -p leaves none is reported with these options" {
	perf2rec -t +0,+100us -p gzip ../examples/pipeline.data 2>"$err" >/dev/null
	[ "$(<"$err")" = 'perf2rec: nothing matches -t "+0,+100us" together with -p' ]
	perf2rec -t +0,+10us -e sched_wakeup_new ../examples/pipeline.data 2>"$err" >/dev/null
	[ "$(<"$err")" = 'perf2rec: nothing matches -t "+0,+10us" together with -e' ]
}

@test "records left out by a selection are counted as such" {
	perf2rec -s -C 7 ../examples/pipeline.data 2>"$err" >/dev/null
	grep -q 'nothing matches -C "7"' "$err"
	grep -q 'samples were left out by -e, -C, -p or -t' "$err"
}

@test "-H writes what perf report --header-only -I prints" {
	shared perfdata
	needs perf
	n=0
	for file in "$shared"/{quipper,own,linux-perf-data,hotspot,perfparser,linuxtracepoints,autofdo,llvm-lnt}/*; do
		[ -f "$file" ] && perf report --header-only -I -i "$file" >"$BATS_TEST_TMPDIR/header" 2>/dev/null || continue
		grep -q '^# hostname : [^(]' "$BATS_TEST_TMPDIR/header" || continue
		perf2rec -H "$file" >"$BATS_TEST_TMPDIR/rec" 2>/dev/null
		reccheck -n "$BATS_TEST_TMPDIR/rec"
		[[ $file == *odd-names* ]] && sed -i '/\tcmdline\t/d' "$BATS_TEST_TMPDIR/rec" && sed -i '/^# cmdline/d' "$BATS_TEST_TMPDIR/header"
		awk -f perf2rec/header.awk "$BATS_TEST_TMPDIR/rec" | sort -u >"$out"
		if grep -q 'Core ID and Socket ID information is not available' "$BATS_TEST_TMPDIR/header"; then
			sed -i '/^CPU/d' "$out" # of more CPUs than cores, which perf 6.1 takes for damage
		fi
		awk -v perf=1 -f perf2rec/header.awk "$BATS_TEST_TMPDIR/header" | sort -u | diff - "$out" || { echo "$file"; return 1; }
		n=$((n + 1))
	done
	[ $n -ge 50 ]
}

@test "-H writes nothing but meta records, also of a pipe, and those that are written without it" {
	[ "$(perf2rec -H ../examples/pipeline.data | cut -f1 | sort -u)" = meta ]
	perf2rec -H <(cat ../examples/pipeline.data) | cmp - <(perf2rec -H ../examples/pipeline.data)
	diff <(perf2rec ../examples/pipeline.data | grep ^meta) <(perf2rec -H ../examples/pipeline.data) | grep -c '^<' | grep -qx 0
	rejects ': text: ' perf2rec -H perf2rec-select.bats
}

@test "--wall writes the times of day that perf script prints, and refuses recordings without any" {
	shared perfdata
	needs perf
	file=$shared/own/19-clockid.data
	perf2rec --wall "$file" | awk -F'\t' '$1 == "sample" { print substr($2, 1, length($2) - 3) }' >"$out"
	TZ=UTC perf script -F tod -i "$file" 2>/dev/null | sed -n 's/.*\(2026-[0-9-]*\) \([0-9:.]*[0-9]\).*/\1 \2/p' |
		while read -r day time; do echo "$(date -u -d "$day ${time%.*}" +%s)${time#*.}"; done | head -n 20 | diff - <(head -n 20 "$out")
	perf2rec --wall "$file" | grep -qx $'meta\t-\thost\tclockid\trealtime'
	[ -s "$out" ]
	diff <(perf2rec --wall -t +1ms,+2ms "$file" | grep -c ^sample) <(perf2rec -t +1ms,+2ms "$file" | grep -c ^sample)
	rejects 'no time of the wall clock in it: record with perf record -k monotonic' perf2rec --wall "$shared/own/01-cpuclock-g.data"
}

@test "a terminal, and nothing else, sees how far a long recording was read" {
	needs script
	file=$BATS_TEST_TMPDIR/data
	read -r offset size < <(od -An -tu8 -j40 -N16 ../examples/pipeline.data)
	head -c $((offset + size)) ../examples/pipeline.data >"$file"
	head -c 8 /dev/zero | dd of="$file" bs=1 seek=48 conv=notrunc status=none # as if the recorder was killed
	for _ in 1 2; do                                                          # a record of simpleperf, of 96 MB
		printf '\377\200\0\0\0\6\0\0' >>"$file"
		truncate -s +$((0x6000000 - 8)) "$file"
	done
	script -qec "perf2rec $file >$out" /dev/null >"$err"
	grep -q $'data: [4-5][0-9]% of 19[0-9] MB, [1-9][0-9]* MB/s ' "$err"
	grep -q $'\r\033\\[K' "$err"
	script -qec "perf2rec $file 2>$err >$out" /dev/null
	run -1 grep '%' "$err"
	script -qec "perf2rec $file 2>/dev/null" /dev/null >"$err"
	run -1 grep '% of' "$err"
}
