#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The script of the pictures of states2svg: timechart.py drives it in one session of Chromium, and each test looks for its check.

load lib

# selenium: the first Python that has it
selenium() {
	for python in python3 /usr/bin/python3; do
		if "$python" -c 'import selenium' 2>/dev/null; then
			echo "$python"
			return
		fi
	done
}

# hostile: records with markup in every field that is a text
hostile() {
	awk '
	BEGIN {
		OFS = "\t"
		bad = "</metadata><script>window.broken=1</script>]]><img src=x onerror=window.broken=1>\"&#0;&lt;${broken=1}"
		word = bad
		gsub(/ /, "\\x20", word)
		print "meta", "-", bad, "hostname", bad
		print "meta", "-", bad, "cmdline", "perf record -- " bad
		print "meta", "-", bad, "osrelease", bad
		stack = "k;1<" word "+0x1 [" word "]>;u;2<" word "+0x2 /" word ">;3<? " word ">"
		for (i = 0; i < 6; i++) {
			print "comm", 0, bad, 0, i, i, "exec", bad
			print "vcpu", 0, bad, 0, i, i, bad, i, "ioctl"
			print "state", i, bad, 0, i, i, 1000, 0, i bad, 120, "running", "out=" word " next=2/" word, stack
			print "state", 1000, bad, 0, i, i, 2000, 0, bad i, 120, i < 5 ? "sleeping" : "<b>", "waker=2/" word " context=" word " wake=" word " end=" word, stack
			print "state", 2000, bad, 0, i, i, 3000, 0, bad i, 120, "runnable", "waker=2/" word " prev=3/" word " begin=" word, stack
			print "arrow", 2000, bad, 0, 2, 2, 0, bad, "<i>", "<i>", i, i, 0, bad, 0, 1000, stack
		}
		print "cpustate", 0, bad, 0, "-", "-", 3000, "cpu", "<i>", "begin=" word
		print "lost", 500, bad, 0, "-", "-", 400, 5, bad
		print "gap", 600, bad, 0, "-", "-", 550, 5, bad
	}'
}

setup_file() {
	PATH=${BUILD:?}:$PATH
	cd "$BATS_TEST_DIRNAME" || return
	python=$(selenium)
	command -v chromium chromedriver >/dev/null && [ -n "$python" ] || return 0
	awk -f states2svg/gen.awk -v n=800 -v cpus=2 -v tasks=12 -v span=100000000 >"$BATS_FILE_TMPDIR/records"
	states2svg "$BATS_FILE_TMPDIR/records" >"$BATS_FILE_TMPDIR/chart.svg"
	hostile | states2svg -p 0,1,2,3,4,5 >"$BATS_FILE_TMPDIR/hostile.svg"
	states2svg states2svg/path.in >"$BATS_FILE_TMPDIR/path.svg"
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$BATS_FILE_TMPDIR/states"
	states2svg "$BATS_FILE_TMPDIR/states" >"$BATS_FILE_TMPDIR/pipeline.svg"
	for tid in $(awk -F'\t' '$1 == "state" && $11 == "sleeping" { print $6 }' "$BATS_FILE_TMPDIR/states" | sort -u | head -n 6); do
		states2path -p "$tid" "$BATS_FILE_TMPDIR/states" | sed -n "s/^path\t/$tid\t/p"
	done >"$BATS_FILE_TMPDIR/paths"
	{
		cat "$BATS_FILE_TMPDIR/records"
		printf 'energy\t0\thost\t-\t-\t-\t%s\tpkg\t0\t0\t-\t%s\t0.1\tpower/energy-pkg/\trun=1 base=start\n' 1000000000 4.00
		printf 'energy\t1000000000\thost\t-\t-\t-\t%s\tpkg\t0\t0\t-\t%s\t0.1\tpower/energy-pkg/\trun=1 base=start\n' 2000000000 0.01
	} | states2svg >"$BATS_FILE_TMPDIR/own.svg"
	states2svg states2svg/io.in >"$BATS_FILE_TMPDIR/calls.svg"
	"$python" timechart.py "$BATS_FILE_TMPDIR"/{records,chart.svg,path.svg,pipeline.svg,paths,hostile.svg,own.svg,calls.svg} >"$BATS_FILE_TMPDIR/checks" 2>&1 ||
		echo "the session ended with $?" >>"$BATS_FILE_TMPDIR/checks"
}

# checked NAME: the check of this name passed
checked() {
	needs chromium chromedriver
	[ -e "$BATS_FILE_TMPDIR/checks" ] || skip "no python3-selenium on this machine"
	grep -qx "ok $1" "$BATS_FILE_TMPDIR/checks" || { grep "$1\|session\|Error" "$BATS_FILE_TMPDIR/checks"; return 1; }
}

# intervals of records, as t/states2svg/decode.py writes them, without their stacks
intervals() {
	awk -F'\t' -v OFS='\t' '
	$1 == "state" {
		begin = end = context = wake = waker = "-"
		n = split($12, pair, " ")
		for (i = 1; i <= n; i++) {
			split(pair[i], p, "=")
			if (p[1] == "begin") begin = p[2]
			if (p[1] == "end") end = p[2]
			if (p[1] == "context" && p[2] != "task") context = p[2]
			if (p[1] == "wake") wake = p[2]
			if (p[1] == "waker") { waker = p[2]; sub(/\/.*/, "", waker) }
		}
		print 0, $5, $6, $2, $7, $9, $11, $4, $10, begin, end, context, wake, waker
	}
	$1 == "cpustate" && $8 == "cpu" {
		print 0, "-", "-", $2, $7, $4, $9, $4, "-", $10 ~ /begin=inferred/ ? "inferred" : $10 ~ /begin=unknown/ ? "unknown" : "-", \
			$10 ~ /end=inferred/ ? "inferred" : $10 ~ /end=open/ ? "open" : $10 ~ /end=lost/ ? "lost" : "-", "-", "-", "-"
	}' "$1" | sort
}

@test "a picture holds exactly the intervals of the records" {
	needs python3
	for n in build pipeline sleepy own; do
		if [ $n = own ]; then
			perf2rec ../examples/pipeline.data | sched2states >"$out"
		else
			[ -d ../../shared/data/sched ] || continue
			perf2rec "../../shared/data/sched/$n.data" 2>"$err" | sched2states 2>>"$err" >"$out"
		fi
		states2svg "$out" >"$BATS_TEST_TMPDIR/chart.svg"
		python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg" | cut -f 1-14 | sort | diff - <(intervals "$out")
	done
}

@test "stacks are whole, without the frames that only switch" {
	needs python3
	states2svg states2svg/path.in >"$BATS_TEST_TMPDIR/chart.svg"
	run -0 python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg"
	[[ $output == *$'\tsleeping\t0\t120\t-\t-\t-\t-\t2\tpipe_read'* ]]
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states | states2svg >"$BATS_TEST_TMPDIR/chart.svg"
	run -0 python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg"
	[[ $output == *$'\tfolio_wait_bit|folio_wait_writeback|__filemap_fdatawait_range|'* ]]
}

@test "a wait has the function that states2tab gives it, no address" {
	needs python3
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$out"
	awk -v OFS='\t' 'BEGIN {
		stack["bogus"] = "k;ffffffff81000010<__schedule+0x8>;u;1;7f0000000010<? /lib/libx.so>;55d000000010<main.part.0+0x2 /bin/prog>"
		stack["unnamed"] = "k;ffffffff81000010<__schedule+0x8>;u;7f0000000010<? /lib/libx.so>"
		for (name in stack)
			print "state", "4453739486259", "host", 0, 7, ++tid, "4453739487000", 0, name, 120, "stopped", "-", stack[name]
	}' >>"$out"
	states2svg "$out" >"$BATS_TEST_TMPDIR/chart.svg"
	python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg" >"$BATS_TEST_TMPDIR/got"
	awk -F'\t' -v OFS='\t' '$2 != "-" && $7 !~ /^(running|runnable|preempted|unknown)$/ { ns[$7 OFS $16] += $5 - $4 }
		END { for (i in ns) print i, ns[i] }' "$BATS_TEST_TMPDIR/got" | sort >"$BATS_TEST_TMPDIR/sums"
	states2tab --by=function --columns=state,function,total_ns "$out" | grep -v '^preempted\|^state' | sort | diff "$BATS_TEST_TMPDIR/sums" -
	[ "$(grep ^stopped "$BATS_TEST_TMPDIR/sums")" = $'stopped\t-\t741\nstopped\tmain\t741' ]
}

@test "a picture holds each call, request and interrupt" {
	needs python3
	states2svg states2svg/io.in >"$BATS_TEST_TMPDIR/chart.svg"
	run -0 python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg"
	[ "$(grep ^call <<<"$output" | cut -f 3-)" = "$(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' 1000000 1200000 '24 virtio0-input.0' - - - 0 \
		1200000 1300000 BLOCK - - - 0 5000000 5002000 '24 virtio0-input.0' - - - 0 4000000 9000000 write 11 832 5 0 \
		1000000 3000000 read 11 65536 - 0 3000000 9000000 poll 12 - - 0 1500000 2500000 RA 11 65536 - 0 2000000 8000000 WS 11 65536 - 0)" ]
	awk -v OFS='\t' 'BEGIN {
		for (i = 0; i < 3000; i++)
			print "iostate", i * 1000 - i % 7, "host", 0, 11, 11, i * 1000 + 2500, 0, "dd", "read", "read", 3, "f", i, "-", "-", "-"
	}' >"$out"
	states2svg <(cat states2svg/io.in "$out") >"$BATS_TEST_TMPDIR/chart.svg"
	python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg" | awk -F'\t' '$1 == "call" && $6 == 11 && $5 == "read" && $7 < 3000 { print $3, $4, $7 }' | sort -n |
		diff - <(awk '{ print $2, $7, $14 }' "$out" | sort -n)
	states2svg --data 2000 <(cat states2svg/io.in "$out") >"$BATS_TEST_TMPDIR/chart.svg"
	run -1 grep -c "	2999	" <(python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg")
}

@test "--data takes in whole tasks as far as there is room, and --static none" {
	needs python3
	awk -f states2svg/gen.awk -v n=3000 -v cpus=4 -v tasks=20 -v span=100000000 >"$out"
	for bytes in 1 3000 20000; do
		states2svg --data $bytes "$out" >"$BATS_TEST_TMPDIR/chart.svg"
		python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg" | cut -f 1-14 | sort >"$BATS_TEST_TMPDIR/got"
		intervals "$out" >"$BATS_TEST_TMPDIR/all"
		[ "$(comm -23 "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/all" | wc -l)" -eq 0 ]
		join -t "$(printf '\t')" <(cut -f 3,6 "$BATS_TEST_TMPDIR/got" | sort | uniq -c | awk '{ print $2 "/" $3 "\t" $1 }' | sort) \
			<(cut -f 3,6 "$BATS_TEST_TMPDIR/all" | sort | uniq -c | awk '{ print $2 "/" $3 "\t" $1 }' | sort) | awk '$2 != $3 { exit 1 }'
		[ "$(grep -A 999999 '<metadata class="lanes">' "$BATS_TEST_TMPDIR/chart.svg" | sed '/^<style>/,$d' | wc -c)" -lt $((2 * bytes + 3000)) ]
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/got")" -gt 1000 ]
	states2svg --static "$out" >"$BATS_TEST_TMPDIR/chart.svg"
	run -1 grep -E '<metadata|<script' "$BATS_TEST_TMPDIR/chart.svg"
}

@test "--data bounds the names of calls, too" {
	needs python3
	awk -v OFS='\t' 'BEGIN {
		print "state", 0, "host", 0, 1, 1, 1000, 0, "x", 120, "running", "-", "-"
		for (i = 0; i < 200; i++)
			name = name "&"
		for (i = 0; i < 5000; i++) {
			print "iostate", i * 10, "host", 0, 1, 1, i * 10 + 9, 0, "c", "call" i name, "read", 3, "many", "-", "-", "-", "-"
			print "iostate", i * 10, "host", 0, 1, 1, i * 10 + 5, 0, "c", "call" (i % 2) name, "read", 3, "few", "-", "-", "-", "-"
		}
	}' >"$out"
	states2svg --data 100000 "$out" >"$BATS_TEST_TMPDIR/chart.svg"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/chart.svg")" -lt 300000 ]
	grep -q '1 of 2 files and devices' "$BATS_TEST_TMPDIR/chart.svg"
	# few is inside, although many has its names, too
	python3 states2svg/decode.py "$BATS_TEST_TMPDIR/chart.svg" | awk -F'\t' '$1 == "call" { n++; sum += $4 - $3 } END { exit n != 5000 || sum != 25000 }'
	states2svg --data 100000000 "$out" | grep -q '2 of 2 files and devices'
}

@test "--data bounds the names of a task, too" {
	awk -v OFS='\t' 'BEGIN {
		for (i = 0; i < 150; i++)
			name = name "&"
		for (i = 0; i < 5000; i++)
			print "state", i * 10, "host", 0, 1, 1, i * 10 + 10, 0, i name, 120, "running", "-", "-"
	}' >"$out"
	states2svg --data 100000 "$out" >"$BATS_TEST_TMPDIR/chart.svg"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/chart.svg")" -lt 300000 ]
	grep -q '0 of 1 task, 0 of 5,000 intervals' "$BATS_TEST_TMPDIR/chart.svg"
}

@test "the script is at most 30,000 bytes, and the page's policy names it" {
	needs sha256sum base64
	states2svg states2svg/path.in >"$BATS_TEST_TMPDIR/chart.svg"
	xmllint --xpath 'string(//*[local-name()="script"])' "$BATS_TEST_TMPDIR/chart.svg" | head -c -1 >"$out"
	[ "$(wc -c <"$out")" -le 30000 ]
	hash=$(sha256sum "$out" | cut -c 1-64 | sed 's/../\\x&/g')
	grep -qF "script-src 'sha256-$(printf %b "$hash" | base64)'" "$BATS_TEST_TMPDIR/chart.svg"
}

@test "it loads" {
	checked it_loads
}

@test "every interval of the records is there" {
	checked every_interval_of_the_records_is_there
}

@test "the picture has the text of a box" {
	checked the_picture_has_the_text_of_a_box
}

@test "the wheel zooms at the pointer" {
	checked the_wheel_zooms_at_the_pointer
}

@test "a drag pans" {
	checked a_drag_pans
}

@test "two fingers zoom" {
	checked two_fingers_zoom
}

@test "a double click zooms to an interval" {
	checked a_double_click_zooms_to_an_interval
}

@test "Enter pins, and g goes to the waker" {
	checked enter_pins_and_g_goes_to_the_waker
}

@test "keys zoom move and walk" {
	checked keys_zoom_move_and_walk
}

@test "an arrow is found at its tip" {
	checked an_arrow_is_found_at_its_tip
}

@test "boxes with room have their words" {
	checked boxes_with_room_have_their_words
}

@test "the pointer shows an interval" {
	checked the_pointer_shows_an_interval
}

@test "a name shows its row and a dense column its shares" {
	checked a_name_shows_its_row_and_a_dense_column_its_shares
}

@test "the columns on the right add up what is in view" {
	checked the_columns_on_the_right_add_up_what_is_in_view
}

@test "a search shows its share" {
	checked a_search_shows_its_share
}

@test "a click on a wait walks the critical path" {
	checked a_click_on_a_wait_walks_the_critical_path
}

@test "critical paths tile their windows and do not depend on them" {
	checked critical_paths_tile_their_windows_and_do_not_depend_on_them
}

@test "critical paths are those of states2path" {
	checked critical_paths_are_those_of_states2path
}

@test "toggles take a state away" {
	checked toggles_take_a_state_away
}

@test "a selection has a length" {
	checked a_selection_has_a_length
}

@test "the address keeps the view" {
	checked the_address_keeps_the_view
}

@test "the address of an interval shows its row" {
	checked the_address_of_an_interval_shows_its_row
}

@test "it is dark where the reader likes that" {
	checked it_is_dark_where_the_reader_likes_that
}

@test "lanes on a clock of their own are drawn whole" {
	checked lanes_on_a_clock_of_their_own_are_drawn_whole
}

@test "calls and requests are shown one by one" {
	checked calls_and_requests_are_shown_one_by_one
}

@test "it fits a narrow window" {
	checked it_fits_a_narrow_window
}

@test "printing shows the whole picture" {
	checked printing_shows_the_whole_picture
}

@test "names become neither markup nor script" {
	checked names_become_neither_markup_nor_script
}

@test "it works in Firefox, too" {
	needs firefox-esr python3
	states2svg states2svg/path.in >"$BATS_TEST_TMPDIR/path.svg"
	mkdir "$BATS_TEST_TMPDIR/firefox"
	run -0 python3 firefox.py "$BATS_TEST_TMPDIR"/{path.svg,firefox}
	[ "$output" = ok ] || { echo "$output"; return 1; }
}
