#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load lib

# select_both FILE OPTION ...: add what perf2rec selects to $out, and what recgrep selects from all records to $out.all; the messages to $err
# and $err.all.
select_both() {
	local file=$1 to
	shift
	for to in "$out" "$out.all" "$err" "$err.all"; do
		echo "== $* $file" >>"$to"
	done
	perf2rec "$@" "$file" >>"$out" 2>>"$err" || true
	recgrep "$@" "$BATS_TEST_TMPDIR/all" >>"$out.all" 2>>"$err.all"
}

# alike PATTERN: the records are the same without those that match it, and name the same options that nothing matches.
alike() {
	diff -u -F '^== ' <(grep -aEv "$1" "$out") <(grep -aEv "$1" "$out.all")
	diff -u -F '^== ' <(grep -oE '^== .*|nothing matches.*' "$err") <(grep -oE '^== .*|nothing matches.*' "$err.all")
}

# What depends on the selection otherwise: maps, which recgrep writes when they are needed, and a count of what the source left out.
maps=$'^(map\t|meta.*\tuser_stacks_left_out\t)'

@test "CPUs, tasks and times select at the source what recgrep selects, with stacks inline and once" {
	for how in inline once; do
		perf2rec --stacks=$how ../examples/pipeline.data >"$BATS_TEST_TMPDIR/all"
		for options in '-C 1' '-C 0,7' '-p gzip' '-p g*,w?rk' '-p nobody,7' '-t +10ms,+30ms' '-t -40ms,-10ms' '-t ,+0' '-t 1s,2s' \
			'-t 4453760ms,4453780ms -C 0 -p work'; do
			read -ra options <<<"$options"
			perf2rec --stacks=$how "${options[@]}" ../examples/pipeline.data >>"$out" 2>>"$err"
			recgrep "${options[@]}" "$BATS_TEST_TMPDIR/all" >>"$out.all" 2>>"$err.all"
		done
	done
	diff <(grep -Ev '^(map|stack)' "$out") <(grep -Ev '^(map|stack)' "$out.all")
	diff <(sed 's/^[^:]*//' "$err") <(sed 's/^[^:]*//' "$err.all")
	[ "$(grep -c 'nothing matches' "$err")" -ge 4 ]
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
		[ -f "$file" ] && LC_ALL=C read -rN 8 magic <"$file" 2>/dev/null || continue
		[[ $magic =~ PERFILE2|2ELIFREP|PERFFILE ]] || continue
		perf2rec "$file" >"$BATS_TEST_TMPDIR/all" 2>/dev/null || true
		[ -s "$BATS_TEST_TMPDIR/all" ] || continue
		select_both "$file" -C 0 -t +10ms,+30ms
		select_both "$file" -p '0-3,p*,[s-z]*' -t -40ms,-1ms
		n=$((n + 1))
	done
	[ $n -ge 40 ]
	alike "$maps"
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
		select_both "$file" -t -1ms,
		alike "$maps"
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

# headers: the lines of header.awk for each file as a set, its name first, without the pairs of file and key in damage.
headers() {
	awk '/^== / { file = $2; next } { print file, $0 }' | grep -vFf "$BATS_TEST_TMPDIR/damage" | sort -u
}

@test "-H writes what perf report --header-only -I prints" {
	shared perfdata
	needs perf
	cd "$shared"
	files=()
	for file in {quipper,own,linux-perf-data,hotspot,perfparser,linuxtracepoints,autofdo,llvm-lnt}/*; do
		[ -f "$file" ] && header=$(perf report --header-only -I -i "$file" 2>/dev/null) || continue
		[[ $header == *$'\n# hostname : '[!\(]* ]] || continue
		files+=("$file")
		printf '== %s\n%s\n' "$file" "$header"
	done >"$BATS_TEST_TMPDIR/header"
	[ ${#files[@]} -ge 50 ]
	for file in "${files[@]}"; do
		echo "== $file"
		perf2rec -H "$file"
	done >"$BATS_TEST_TMPDIR/rec" 2>"$err"
	grep -v '^== ' "$BATS_TEST_TMPDIR/rec" | reccheck -n
	cd "$BATS_TEST_DIRNAME"
	# of more CPUs than cores, which perf 6.1 takes for damage
	awk '/^== / { file = $2 } /Core ID and Socket ID information is not available/ { print file " CPU " }' "$BATS_TEST_TMPDIR/header" >"$BATS_TEST_TMPDIR/damage"
	echo own/18-odd-names.data cmdline >>"$BATS_TEST_TMPDIR/damage"
	awk -f perf2rec/header.awk "$BATS_TEST_TMPDIR/rec" | headers >"$out"
	awk -v perf=1 -f perf2rec/header.awk "$BATS_TEST_TMPDIR/header" | headers | diff - "$out"
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
