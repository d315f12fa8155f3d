#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load lib

svg=$BATS_TEST_TMPDIR/chart.svg

# gen SWITCHES TASKS NS: records of states2svg/gen.awk on four CPUs
gen() {
	awk -f states2svg/gen.awk -v n="$1" -v cpus=4 -v tasks="$2" -v span="$3"
}

# tree CHILDREN: records of states2svg/tree.awk, a command and what it started
tree() {
	awk -f states2svg/tree.awk -v n="$1"
}

# labels FILE: the names of the rows of tasks, with their indents and what follows the name
labels() {
	sed -n 's/^<text x="\([0-9]*\)" y="[0-9]*">\(.*\) <tspan class="n">\(.*\)<.tspan><.text>/\1 \2 \3/p' "$@"
}

# sums [FILE]: the ns in each state, added up over the records; over the rows of tasks of a picture
sums() {
	awk -F'\t' '$1 == "state" { ns[$11] += $7 - $2 } END { for (s in ns) if (ns[s] > 0) printf "%s %.0f\n", s, ns[s] }' "$@" | sort
}

row_sums() {
	awk 'BEGIN { unit["ns"] = 1; unit["us"] = 1e3; unit["ms"] = 1e6; unit["s"] = 1e9 }
		/^<g class="task"/ { row = 1; next }
		/^<g|^<path|^<text|^<rect/ { row = 0 }
		row && NF == 3 && !/^<title/ { sub(/<.*/, "", $3); ns[$1] += $2 * unit[$3] }
		END { for (s in ns) printf "%s %.0f\n", s, ns[s] }' "$@" | sort
}

# record FIELD ...: one record, \t and the like decoded
record() {
	local IFS=$'\t'
	printf '%b\n' "$*"
}

valid() {
	xmllint --noout "$@"
	iconv -f UTF-8 -t UTF-8 "$@" >/dev/null
}

# colours FILE: the number of different colours of a picture
colours() {
	python3 - "$1" <<-'EOT'
	import sys, zlib, struct
	d = open(sys.argv[1], 'rb').read()
	w, h, depth, kind = struct.unpack('>IIBB', d[16:26])
	n = {2: 3, 6: 4}[kind]
	z, i = b'', 8
	while i < len(d):
	    size, = struct.unpack('>I', d[i:i + 4])
	    if d[i + 4:i + 8] == b'IDAT':
	        z += d[i + 8:i + 8 + size]
	    i += 12 + size
	z = zlib.decompress(z)
	print(len({z[r * (w * n + 1) + 1 + x * n:r * (w * n + 1) + 1 + x * n + n] for r in range(0, h, 3) for x in range(w)}))
	EOT
}

@test "two tasks on two CPUs, one waking the other" {
	golden states2svg two --static
	valid states2svg/two.out
}

@test "losses, gaps, idle states, frequencies and a guest are drawn" {
	golden states2svg all --static
	valid states2svg/all.out
}

@test "interrupts are strips under their CPUs, files and block devices have rows" {
	golden states2svg io --static
	valid states2svg/io.out
	run -0 sed -n '/^<title>file .*gz$/,/title>$/p' states2svg/io.out
	[ "$output" = $'<title>file /var/lib/data/a-very-long-name-that-does-not-fit.gz\nwrite 5 ms\n1 call, 832 bytes, 1 error\nlongest: write 5.00 ms by gzip 11 from 4 ms, at 0.004000000 s</title>' ]
	# an interrupt all the time would be 20 half pixels high; one of 2 us is 2
	grep -q '<path class="hard".*M895 20V17' states2svg/io.out
	[ "$(grep -c 'transform="translate(176 [0-9]*)"' states2svg/io.out)" = 8 ]
}

@test "interrupts are in no sum of system calls, and the legend is the same without the script" {
	{
		record state 0 host 0 11 11 6000000 0 gzip 120 running - -
		record state 6000000 host 0 11 11 10000000 0 gzip 120 sleeping - -
		record cpustate 0 host 0 - - 3000000 irq 24 name=disk
		record cpustate 3000000 host 0 - - 5000000 softirq 9 name=RCU
		record cpustate 7000000 host 0 - - 10000000 cpu idle -
	} >"$out"
	legend() {
		states2svg "$@" "$out" >"$svg"
		valid "$svg"
		sed -n '/^<text x="24" y="58"/,/^<path class="grid"/s/^<text[^>]*>\([^<]*\)<.*/\1/p' "$svg"
	}
	run -0 legend
	[ "$output" = $'running 6.00 ms\nsleeping 4.00 ms\nCPU idle 3.00 ms\ninterrupts 3.00 ms\nsoft interrupts 2.00 ms' ]
	run -0 legend --static
	[ "$output" = $'running 6.00 ms\nsleeping 4.00 ms\nCPU idle 3.00 ms\ninterrupts 3.00 ms\nsoft interrupts 2.00 ms' ]
}

@test "with -p, calls are those of the tasks that are drawn, and devices show all requests" {
	{
		record iostate 0 host 0 11 11 4000000 0 gzip read read 3 /in 100 - - -
		record iostate 0 host 0 12 12 5000000 0 sshd read read 3 /in 50 - - -
		record iostate 0 host 0 12 12 5000000 0 sshd write write 4 /log 50 - - -
		record iostate 5000000 host 0 13 13 8000000 0 cat futex other - - - 11 - -
		record state 0 host 0 11 11 5000000 0 sh 120 sleeping - -
		record state 5000000 host 0 11 11 10000000 0 gzip 120 running - -
		record state 0 host 0 12 12 10000000 0 sshd 120 sleeping - -
		record state 0 host 0 13 13 10000000 0 cat 120 sleeping - -
		record comm 0 host 0 11 11 exec gzip
		record fork 0 host 0 11 11 13 13 nocopy
		record request 0 host 0 12 12 3000000 0 sshd 254:0 R 8 4096 - - -
	} >"$out"
	titles() {
		states2svg "$@" "$out" >"$svg"
		sed -n '/^<title>\(file\|calls\|device\) /,/title>$/p' "$svg" | grep -v longest
		sed -n 's/^<text[^>]*>\(\(read\|write\|other calls\) [^<]*\)<.*/\1/p' "$svg"
	}
	local device=$'<title>device 254:0\nread 3 ms\n1 request, 4,096 bytes'
	for by in 11 gzip sh; do
		run -0 titles -p $by
		[ "$output" = $'<title>file /in\nread 4 ms\n1 call, 100 bytes\n'"$device"$'\nread 7.00 ms' ]
	done
	run -0 titles -p gzip+
	[ "$output" = $'<title>file /in\nread 4 ms\n1 call, 100 bytes\n<title>calls without a file\nother calls 3 ms\n1 call, 0 bytes, 1 error\nfutex: 3 ms, 1 call\n'"$device"$'\nread 7.00 ms\nother calls 3.00 ms' ]
	# the order of the lines does not matter
	cp "$svg" "$svg.first"
	LC_ALL=C sort -o "$out" "$out"
	states2svg -p gzip+ "$out" | cmp - "$svg.first"
}

@test "a name has # for a number in which tasks differ, not for one that all have" {
	local tid
	{
		record meta - host cmdline 'perf record -- run5 all'
		record comm 0 host 0 9 9 - perf-exec
		record comm 1 host 0 9 9 exec run5
		for tid in 11 12 13 14; do
			record fork 2 host 0 9 9 $tid $tid nocopy
			record comm 3 host 0 $tid $tid exec md5sum$((tid / 13))
			record state 2 host 0 $tid $tid $((tid * 1000)) 2 sh 120 running - -
			record state $((tid * 1000)) host 0 $tid $tid 90000 2 md5sum$((tid / 13)) 120 running - -
		done
	} >"$out"
	states2svg -n 3 --static "$out" >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 run5 \n16 md5sum# ×4' ]
	sed -i 's/md5sum1/md5sum0/' "$out"
	sed -i '/^state.*\t14\t14\t/s/md5sum0/sh/' "$out"
	states2svg -n 3 --static "$out" >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 run5 \n16 md5sum0 ×4' ]
}

@test "the command is the recorder's child whose exec was lost, if its states have the name; else the caption doubts" {
	{
		record meta - host cmdline 'perf record -a -- sh -c :'
		record comm 0 host 0 9 9 - perf-exec
		record fork 5 host 0 3 3 20 20 nocopy
		record comm 6 host 0 20 20 exec sh
		record lost 100 host 0 - - 0 7 events
		record state 0 host 0 9 9 1000000 0 sh 120 running - -
		record state 5 host 1 20 20 1000000 5 sh 120 running - -
	} >"$out"
	states2svg --static "$out" >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 sh 9\n8 sh 20' ]
	run ! grep -q 'another command' "$svg"
	# not known: the first program of that name
	sed '/perf-exec/d' "$out" | states2svg --static >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 sh 20\n8 sh 9' ]
	grep -q '<text class="more".*, 7 events lost, another command may have been recorded, ' "$svg"
}

@test "the caption says that many switches are missing; nothing is said of a CPU of which nothing is known" {
	{
		record gap 1000000 host - - - 0 - 'missing switches, as in a part of a recording'
		record state 0 host 0 11 11 1000000 0 work 120 running - -
		record cpustate 0 host 1 - - 1000000 cpu unknown -
	} | states2svg --static >"$svg"
	grep -q '<text class="more".*, missing switches, as in a part of a recording: tasks that ran or died may seem to wait, ' "$svg"
	[ "$(grep -c '<text class="sum".*>?<' "$svg")" = 2 ]
}

@test "subshells and threads are below the task of the same name that started them" {
	{
		record meta - host cmdline 'perf record -- sh -c :'
		record comm 0 host 0 9 9 - perf-exec
		record comm 1 host 0 9 9 exec sh
		record fork 2 host 0 9 9 11 11 nocopy
		record fork 2 host 0 11 11 12 12 nocopy
		record fork 2 host 0 9 9 9 13 thread
		record state 1 host 0 9 9 1000000 0 sh 120 running - -
		record state 2 host 1 11 11 3000000 2 sh 120 running - -
		record state 2 host 2 12 12 4000000 2 sh 120 running - -
		record state 2 host 3 9 13 2000000 2 sh 120 running - -
		record state 0 host 4 20 20 4000000 0 other 120 running - -
	} | states2svg --static >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 sh 9\n16 sh 11\n16 sh 13\n24 sh 12\n8 other 20' ]
}

@test "the axis starts with 0 if the first record takes no time" {
	{
		record iostate 0 host 0 11 11 0 0 gzip execve other - - - - - begin=unknown -
		record state 1000000 host 0 11 11 10000000 0 gzip 120 running - -
	} | states2svg --static >"$svg"
	grep -q '<text class="tick" x="176" y="[0-9]*">0</text>' "$svg"
}

@test "calls that have no file have a row of their own, and polls are in no sum" {
	{
		record state 0 host 0 11 11 10000000 0 gzip 120 running - -
		record iostate 0 host 0 11 11 4000000 0 gzip futex other - - - - - -
		record iostate 0 host 0 12 12 5000000 0 gzip pselect6 poll - - - - - -
		record iostate 1000000 host 0 13 13 2000000 0 gzip read read 3 - 4096 - - -
		record iostate 1000000 host 0 14 14 8000000 0 gzip epoll_wait poll 4 - - - - -
	} >"$out"
	states2svg --static "$out" >"$svg"
	valid "$svg"
	grep -q '>time in system calls that have no file<' "$svg"
	grep -q '^<text x="8" y="[0-9]*">futex, pselect6</text>$' "$svg"
	run -0 sed -n '/^<title>calls without a file/,/title>$/p' "$svg"
	[ "$output" = $'<title>calls without a file\npoll 5 ms\nother calls 4 ms\n2 calls, 0 bytes\nfutex: 4 ms, 1 call\npselect6: 5 ms, 1 call\nlongest: pselect6 5.00 ms by gzip 12 from 0 ns, at 0.000000000 s\nlongest: futex 4.00 ms by gzip 11 from 0 ns, at 0.000000000 s</title>' ]
	run -0 sed -n '/^<title>files not known/,/title>$/p' "$svg"
	[[ $output == *$'\nread 1 ms\npoll 7 ms\n2 calls'* ]]
	[ "$(grep -c '>4.00 ms<' "$svg")-$(grep -c '>1.00 ms<' "$svg")-$(grep -c '>[5-9].00 ms<' "$svg")" = 1-1-0 ]
}

@test "a request without an end is counted, but is in no time and not in the bar" {
	local line
	{
		record state 0 host 0 11 11 10000000 0 gzip 120 running - -
		record request 1000000 host 0 11 11 3000000 0 gzip 254:0 R 8 4096 - - -
		record request 2000000 host 0 11 11 9000000 0 gzip 254:0 R 16 4096 - end=open -
	} | states2svg --static >"$BATS_TEST_TMPDIR/out"
	valid "$BATS_TEST_TMPDIR/out"
	for line in '<title>device 254:0' 'read 2 ms' '2 requests, 8,192 bytes, 1 request still open or without completion' 'longest: R 2.00 ms by gzip 11 from 1 ms, at 0.001000000 s</title>'; do
		grep -qxF "$line" "$BATS_TEST_TMPDIR/out"
	done
}

@test "a critical path is a line under the rows, the same in all" {
	{
		record path 0 host 0 2 2 200000 0 b 1 running running '1/a<2/b' - -
		record path 200000 host 0 3 3 600000 0 c 2 running running '1/a<2/b<3/c' - -
		record path 600000 host 0 2 2 650000 0 b 1 runnable cpu '1/a<2/b' - -
		record path 650000 host 0 2 2 1000000 0 b 1 running running '1/a<2/b' - -
	} >"$out"
	cat states2svg/path.in "$out" | states2svg >"$svg"
	valid "$svg"
	# the length of the lines is the window's, 896 of whose pixels are 2 ms
	run -0 sed -n 's/.*<path class="path" d="M\([0-9.]*\) [0-9]*H\([0-9.]*\)".*/\1 \2/p' "$svg"
	[ "$(awk '{ sum += $2 - $1 } END { printf "%.1f", sum }' <<<"$output")" = 448.0 ]
	grep -q '<title>critical path: running 400 us' "$svg"
	sed '/@media/,$d' "$svg" | grep -q '^\.path,\.step{.*stroke:#' # in daylight as well as in the dark
	grep -q '^1/a&lt;2/b&lt;3/c</title>' "$svg"
	grep -q '>critical path</text>' "$svg"
	[ "$(grep -c '<path class="step"' "$svg")" = 2 ]
	grep -q '<title>critical path: runnable, cpu 50 us' "$svg"
	run -0 --separate-stderr states2svg -p 1 <(cat states2svg/path.in "$out")
	[[ $output == *'>critical path, 0 of '* ]]
}

@test "files that have no row are counted" {
	for i in $(seq 20); do
		record iostate 0 host 0 1 1 "${i}000" 0 a read read 3 "/f$i" 10 - - -
	done >"$out"
	record state 0 host 0 1 1 30000 0 a 1 running - - >>"$out"
	states2svg "$out" >"$svg"
	grep -q '>and 8 more files, 36.0 us in all<' "$svg"
	sort -R "$out" | states2svg | cmp - "$svg"
	record iostate 9 host 0 1 1 8 0 a read read 3 /f 10 - - - >"$out"
	rejects "$out:1: iostate: ends before it starts" states2svg "$out"
}

@test "the same records make the same bytes in any order" {
	for args in "3000 20 100000000" "300 4 5000000"; do
		gen $args >"$out"
		states2svg "$out" >"$svg"
		for i in 1 2 3; do
			sort -R "$out" | states2svg | cmp - "$svg"
		done
	done
}

@test "stacks inline and once make the same picture" {
	gen 300 5 10000000 >"$out"
	awk -F'\t' -v OFS='\t' '$1 == "stack" { frames["@" $5] = $6; next }
	    $NF in frames { $NF = frames[$NF] } { print }' "$out" | states2svg >"$svg"
	states2svg "$out" | cmp - "$svg"
}

@test "stacks inline and once make the same picture if there is no room for all stacks" {
	# each process has a hash of its own for a stack that all of them have
	awk -v OFS='\t' 'BEGIN {
		srand(3)
		for (i = 0; i < 300; i++) {
			d = int(rand() * 30)
			print "state", i * 1000, "h", 0, 10 + i % 5, 10 + i % 5, i * 1000 + 900, 1, "w" i % 5, 120, rand() < .5 ? "sleeping" : "uninterruptible", "-",
				"u;" 100 + d "<work" d "_of_a_task+0x1 /bin/x>;" 200 + d % 7 "<outer" d % 7 "+0x2 /bin/x>;300<main+0x1 /bin/x>"
		}
	}' >"$out"
	recstacks --stacks=once "$out" >"$BATS_TEST_TMPDIR/once"
	[ "$(grep -c ^stack "$BATS_TEST_TMPDIR/once")" -gt "$((2 * $(cut -f 13 "$out" | sort -u | wc -l)))" ]
	for data in 700 1100 1900 2600 3300 4100 5200 6100; do
		states2svg --data=$data "$out" >"$svg"
		states2svg --data=$data "$BATS_TEST_TMPDIR/once" | cmp - "$svg"
	done
}

@test "inline stacks that differ in one byte are different stacks" {
	name=$(printf 'f%.0s' {1..400})
	for i in $(seq 1000 1099); do
		record state "$i" host 0 1 1 "$((i + 1))" 0 a 1 sleeping - "k;1<$name$i+0x1>;2<main+0x2>"
	done >"$out"
	states2svg "$out" >"$svg"
	[ "$(python3 states2svg/decode.py "$svg" | grep -oE 'f{400}[0-9]+' | sort -u | wc -l)" -eq 100 ]
}

@test "the first child of the root is the title" {
	gen 300 5 10000000 | states2svg >"$svg"
	[ "$(xmllint --xpath 'name(/*/*[1])' "$svg")" = title ]
	[[ $(xmllint --xpath 'string(/*/*[1])' "$svg") == "make -j4 all: host debian, 4 CPUs, 9."*" ms from 316583.646000000 s" ]]
}

@test "names are hostile: markup, control bytes, broken UTF-8" {
	{
		record meta - host cmdline '<&>"\\x00\\x1b\\xff\\x02\xff\xc3\xa9'
		record state 0 'h<m' 0 1 1 900 0 'a<b&c"\\n\\x01\xc3(\xed\xa0\x80\xef\xbf\xbf' 1 running 'out=<&>]]>--' 'k;1<x&y+0x1 [<m>]>;2<operator<+0x1>'
		record state 0 'h<m' 0 2 2 900 0 '\xe2\x80\xaex\xf0\x9f\x98\x80' 1 sleeping - '@zz'
		record state 0 'h<m' 0 3 3 900 0 '\\\\x' 1 sleep\<ing - ';;k;'
	} >"$out"
	states2svg -p 1,2,3 "$out" >"$svg"
	valid "$svg"
	grep -q 'a&lt;b&amp;c&quot;( <tspan' "$svg"
	grep -q $'>x\U1f600 <tspan' "$svg"
	grep -q '  operator&lt;+0x1<' "$svg"
}

@test "every byte as a name" {
	for i in $(seq 0 255); do
		hex=$(printf %02x "$i")
		record state 0 host 0 "$i" "$i" "$((i * 10))" 0 "x\\\\x${hex}y" 1 running - -
		[ "$i" -lt 128 ] || record state 0 host 0 "$i" "$i" "$((i * 10))" 0 "x\\x${hex}y" 1 running - -
	done >"$out"
	states2svg -n 300 "$out" >"$svg"
	valid "$svg"
}

@test "the legend names the states that occur, and no others" {
	record state 0 host 0 1 1 1000 0 a 1 running - - >"$out"
	record state 1000 host 0 1 1 3000 0 a 1 stopped - - >>"$out"
	states2svg "$out" >"$svg"
	run -0 grep -oE '>(running|preempted|runnable|uninterruptible|stopped|traced|parked|idle|sleeping|unknown|CPU|C[0-7])[^<]* [0-9.]+ [mun]?s<' "$svg"
	[ "$output" = $'>running 1.00 us<\n>stopped 2.00 us<' ]
}

@test "no text leaves the picture, no label the margin" {
	record meta - host cmdline "$(printf 'long %.0s' $(seq 400))" >"$out"
	gen 300 5 10000000 | sed 's/\tjbd2[^\t]*\|\tkworker[^\t]*/\tWWWWWWWWWWWWWWWWWWWWWWWWWWWWW/' >>"$out"
	states2svg -w 600 "$out" >"$svg"
	needs chromium
	cat >"$BATS_TEST_TMPDIR/page.html" <<-EOT
	<body style="margin:0">$(tail -n +2 "$svg")<script>
	let bad = [], w = document.querySelector('svg').clientWidth;
	for (const t of document.querySelectorAll('text')) {
		const r = t.getBoundingClientRect();
		if (r.left < 0 || r.right > w || (r.left < 100 && t.querySelector('tspan') && r.right > 176))
			bad.push(t.textContent + ' ' + r.left + '..' + r.right);
	}
	document.body.innerHTML = '<p>bad: ' + bad.join(' | ') + '</p>';
	</script>
	EOT
	run -0 --separate-stderr chromium --headless --no-sandbox --disable-gpu --dump-dom "file://$BATS_TEST_TMPDIR/page.html"
	[[ $output == *"<p>bad: </p>"* ]] || { echo "$output"; return 1; }
}

@test "rsvg-convert and Chromium show more than a blank page" {
	needs rsvg-convert chromium python3
	gen 2000 20 100000000 | states2svg >"$svg"
	rsvg-convert "$svg" -o "$BATS_TEST_TMPDIR/rsvg.png"
	[ "$(colours "$BATS_TEST_TMPDIR/rsvg.png")" -gt 20 ]
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,800 \
		--screenshot="$BATS_TEST_TMPDIR/chromium.png" "file://$svg" 2>/dev/null
	[ "$(colours "$BATS_TEST_TMPDIR/chromium.png")" -gt 20 ]
}

@test "a million intervals make a picture of few nodes and less than 3 MB" {
	# eight times the same, one after the other
	gen 50000 200 2500000000 | awk -F'\t' -v OFS='\t' '
		$1 == "state" || $1 == "cpustate" || $1 == "arrow" {
			t = $2
			end = $7
			for (i = 0; i < 8; i++) {
				$2 = sprintf("%.0f", t + i * 2500000000)
				if ($1 != "arrow")
					$7 = sprintf("%.0f", end + i * 2500000000)
				print
			}
			next
		}
		{ print }' >"$out"
	[ "$(grep -c '^state' "$out")" -gt 900000 ]
	states2svg "$out" | wc -c | awk '{ exit !($1 < 6200000) }'
	states2svg --static "$out" >"$svg"
	[ "$(stat -c %s "$svg")" -lt 3000000 ]
	[ "$(xmllint --xpath 'count(//node())' "$svg")" -lt 200000 ]
	rm "$out"
}

@test "the boxes of a row follow each other, inside the plot" {
	gen 3000 20 100000000 | states2svg >"$svg"
	xmllint --xpath '//*[@class="task"]' "$svg" | sed -n 's/.*<rect class="[a-z]*" x="\([^"]*\)" y="0" width="\([^"]*\)".*/\1 \2/p; s/^<g class="task".*/row/p' |
		awk '$1 == "row" { end = 0; next } { if ($1 < end - .02 || $1 + $2 > 896.01) bad = 1; end = $1 + $2; n++ } END { exit bad || n < 100 }'
}

@test "-t draws the part between two times, and says so" {
	gen 3000 20 100000000 >"$out"
	states2svg -t 316583.650s,316583.660s "$out" >"$svg"
	grep -q '10\.0 ms from 316583\.650000000 s' "$svg"
	# the axis goes on from that of the whole: it starts at 4 ms, and has no 0
	run -0 sed -n 's/^<text class="tick"[^>]*>\(.*\)<.text>/\1/p' "$svg"
	[ "$(sort -un <<<"$output" | sed -n 1,2p)" = $'4 ms\n5 ms' ]
	grep -qE ', from [4-9]\.[0-9]+ ms to ' "$svg"
	states2svg -t ,316583.650s "$out" | grep -q '4\.00 ms from 316583\.646000000 s'
	rejects 'no state lasts any time between these two: they are from 316583646000000 to 316583745649820' states2svg -t 1,2 "$out"
	states2svg -t +4ms,+14ms "$out" | cmp - "$svg"
	states2svg -t +4ms,+14ms <(cat "$out") | cmp - "$svg"
	# one of two adjacent windows has a state of no length at the border, as in the other filters
	printf 'state\t%d\thost\t-\t%d\t%d\t%d\t0\t%s\t-\t%s\t-\t-\n' 0 7 7 300 long running 100 8 8 100 blink sleeping >"$out"
	states2svg -t 0,100 "$out" | grep -q blink
	states2svg -t 100,200 "$out" >"$svg"
	run -1 grep blink "$svg"
}

# counts FROM,TO: what a picture of $out counts in a window, as "name<TAB>what<TAB>number"; zeros are left out.
counts() {
	states2svg --static -t "$1" "$out" | awk -F'\n' -v OFS='\t' '
		function add(name, what, n) { gsub(/,/, "", n); if (n + 0 > 0) print name, what, n }
		/^<title>/ { name = $0; sub(/<title>/, "", name); sub(/:.*/, "", name) }
		/^[0-9,]+ (call|request)/ {
			sub(/<.*/, "")
			for (k = split($0, list, /, /); k > 0; k--) { split(list[k], part, / /); add(name, substr(part[2], 1, 4) part[3], part[1]) }
		}
		match($0, /interrupt .*: .*, [0-9]+ time/) { n = $0; sub(/ time.*/, "", n); sub(/.*, /, "", n); sub(/:.*/, ""); add($0, "time", n) }
		match($0, / at most, [0-9]+ interval/) { n = substr($0, RSTART + 10); sub(/ .*/, "", n); add(name, "interval", n) }
		match($0, />wakeup.*, 0 of [0-9]+</) { n = substr($0, RSTART + 1); sub(/<.*/, "", n); name = n; sub(/.* /, "", n); sub(/, .*/, "", name); add(name, "", n) }'
}

@test "what two adjacent windows count adds up to what the window of both does, wherever the border is" {
	{
		cat states2svg/io.in
		record energy 0 host - - - 4000000 pkg 0 - - 12.5 0.005 power/energy-pkg/ 'run=1 counters=1'
		record energy 4000000 host - - - 9000000 pkg 0 - - 12.5 0.005 power/energy-pkg/ 'run=1 counters=1'
		record request 2000000 host 0 11 11 9000000 0 gzip 254:0 WS 8192 65536 - end=unknown -
		for t in 0 1000000 3000000 4000000 4000000 9000000; do
			record arrow $t host 0 11 11 0 gzip wakeup task 12 12 0 sshd 0 0 -
			record arrow $t host 0 11 11 0 gzip wakeup hardirq 12 12 0 sshd 0 0 -
		done
	} >"$out"
	counts +0, | sort >"$BATS_TEST_TMPDIR/whole"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/whole")" -ge 12 ]
	grep -q "^wakeup$(printf '\t\t')6$" "$BATS_TEST_TMPDIR/whole"
	for border in 1000000 1200000 2000000 2500000 3000000 4000000 5000000 5002000 8000000 9000000; do
		{ counts "+0,$border"; counts "$border,"; } |
			awk -F'\t' -v OFS='\t' '{ n[$1 OFS $2] += $3 } END { for (k in n) print k, n[k] }' | sort | diff "$BATS_TEST_TMPDIR/whole" -
	done
	# a window has its part of the energy
	states2svg -t ,1ms "$out" >"$svg"
	grep -qE '^<title>.*: 3\.13 J .* in 1\.00 ms, 3\.13 kW on average, 3\.13 kW at most, 0 intervals' "$svg"
}

@test "the rows of tasks add up to all records, however many there are" {
	gen 3000 200 100000000 >"$out"
	for args in "" "-n 1" "-n 20" "-n 1000"; do
		diff <(sums "$out") <(states2svg $args "$out" | row_sums)
	done
	for n in 1 7 3000; do
		tree $n >"$out"
		diff <(sums "$out") <(states2svg "$out" | row_sums)
		sort -R "$out" | states2svg | cmp - <(states2svg "$out")
	done
}

@test "the recorded command and what it started come first, as a tree of names" {
	tree 3000 | states2svg >"$svg"
	run -0 labels "$svg"
	[ "$output" = "8 sh 100
16 true ×3,000
16 work 201
16 work 203
16 work 205
24 helper 202
24 helper 204
24 helper 206
8 sh 12
8 perf 51
8 kworker/0:1-events 10
8 kworker/1:0H 11
8 bash 50" ]
	grep -q '>sh and what it started, then other tasks by the time they ran and waited; ' "$svg"
}

@test "two recordings in one stream have a caption, rows and shares each" {
	tree 5 | sed 's/\thost\t/\tA\t/' >"$out"
	states2svg "$out" | labels >"$BATS_TEST_TMPDIR/alone"
	gen 3000 20 100000000 | awk -F'\t' -v OFS='\t' '{ $3 = "B" } { print }' >>"$out"
	states2svg "$out" >"$svg"
	grep -q '<text class="caption"[^>]*>/bin/sh -c script | make -j4 all<' "$svg"
	grep -q '<text class="head"[^>]*>A, 2 CPUs, 1.00 ms from 0.000000000 s: /bin/sh -c script<' "$svg"
	grep -q '<text class="head"[^>]*>B debian, 4 CPUs, 99.6 ms from [0-9.]* s: make -j4 all<' "$svg"
	grep -A2 ">CPU 0 <tspan class=.n.>B<" "$svg" | grep -q ">95%<"
	# what B did takes no rows from A
	labels "$svg" | grep -v CPU | head -n "$(wc -l <"$BATS_TEST_TMPDIR/alone")" | diff - "$BATS_TEST_TMPDIR/alone"
	diff <(sums "$out") <(row_sums "$svg")
}

@test "without a recorder's child, the command line names the command" {
	tree 5 | sed 's/perf-exec/perf/' | states2svg | labels | sed -n 1,2p | diff - <(printf '8 sh 100\n16 true ×5\n')
	tree 5 | grep -v 'perf-exec\|cmdline' | states2svg >"$svg"
	run -1 grep -q '^16' <(labels "$svg")
	grep -q '>tasks by the time they ran and waited; ' "$svg"
}

@test "what other recorders started is not of the command, even if it is the same program" {
	{
		tree 5
		for i in '61 other 5' '62 sh 700'; do
			set -- $i
			record fork 0 host 0 51 51 "$1" "$1" -
			record comm 0 host - "$1" "$1" - perf-exec
			record comm "$3" host 0 "$1" "$1" exec "$2"
			record state 0 host 0 "$1" "$1" 900000 0 "$2" 120 running - -
		done
	} >"$out"
	states2svg "$out" | labels >"$svg"
	sed -n 1,2p "$svg" | diff - <(printf '8 sh 100\n16 true ×5\n')
	grep -qx '8 other 61' "$svg"
	grep -qx '8 sh.*' <(sed 1d "$svg")
	sort -R "$out" | states2svg | labels | diff - "$svg"
	# without the command line, nobody knows
	grep -v cmdline "$out" | states2svg | labels | grep -v '^8 \(sh\|other\)' | sed 1q | grep -q '^16 '
}

@test "tasks of one name that do not overlap share a lane, those that do have several" {
	for i in 1 2 3 4 5 6; do
		record state $((i * 1000)) host 0 "$i" "$i" $((i * 1000 + 1500)) 0 "cc$((i % 3))" 1 running - -
	done | states2svg -n 4 >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 cc# ×3\n8 cc# ×3' ]
	[ "$(grep -c '<rect class="running"' "$svg")" = 7 ] # the legend's, too
}

@test "many tasks side by side: some rows of their own, the others in one" {
	gen 3000 200 100000000 | awk -F'\t' -v OFS='\t' '$1 == "state" { $9 = "messages" } { print }' | states2svg >"$svg"
	run -0 labels "$svg"
	[ "${#lines[@]}" = 13 ]
	[ "${lines[12]}" = "8 messages ×188" ]
	grep -q '<g class="task" transform="translate(176 [0-9]*)">' "$svg"
}

@test "a row of a picture that holds intervals says what it waited for, who woke it and how fast it then ran" {
	states2svg states2svg/path.in >"$svg"
	run -0 sed -n '/^<title>a 1$/,/title>$/p' "$svg"
	[ "$output" = $'<title>a 1\nrunning 990 us\nrunnable 10 us\nsleeping 1 ms\nfrom wakeup to running: p50 10.0 us, p95 10.0 us, p99 10.0 us, max 10.0 us, 1 time\nwaits in pipe_read: 1.00 ms, 1 time\nwoken by b: 1 time</title>' ]
}

@test "the percentiles of a row are those of all its waits for a CPU, by nearest rank" {
	awk 'BEGIN {
		OFS = "\t"
		t = 0
		for (i = 0; i < 200; i++) {
			wait = 1000 * (1 + i * 37 % 200)
			print "state", t, "host", 0, 1, 1, t + wait, 0, "a", 120, "runnable", "waker=2/b", "-"
			t += wait + 5000
			print "state", t - 5000, "host", 0, 1, 1, t, 0, "a", 120, "running", "out=S", "-"
		}
	}' | states2svg >"$svg"
	run -0 grep -o 'from wakeup to running: .* times' "$svg"
	[ "${lines[0]}" = 'from wakeup to running: p50 100 us, p95 190 us, p99 198 us, max 200 us, 200 times' ]
}

@test "a small picture takes little memory, and asks for little more" {
	[ -z "${SAN-}" ] || skip "a sanitized program asks for terabytes"
	(
		ulimit -v 24576
		states2svg states2svg/path.in >"$svg"
	)
	grep -q '</svg>' "$svg"
}

@test "a CPU says who ran on it, the longest first, in all and in each of its columns" {
	states2svg states2svg/path.in >"$svg"
	run -0 sed -n '/^<title>CPU 1$/,/title>$/p' "$svg"
	[ "${lines[-1]}" = "ran: a 1 990 us, c 3 600 us</title>" ]
	run -0 sed -n '/^<g><title>from/,/<\/title>/{s/<.*//;s/^ran: //p}' "$svg" # but for pieces in which one task ran all the time
	[ "$output" = $'b 2 10.8 us\nb 2 25.7 us\nc 3 5.41 us\na 1 17.0 us' ]
	gen 3000 200 100000000 | states2svg | grep -qE '^ran: [^ ]+ [0-9]+ [0-9.]+ ms, [^ ]+ [0-9]+ [0-9.]+ ms, [^ ]+ [0-9]+ [0-9.]+ ms, and [0-9]+ more<'
}

@test "the legend says how many of the wakeups are drawn, and these can be pointed at" {
	gen 3000 20 100000000 >"$out"
	states2svg "$out" >"$svg"
	all=$(grep -c $'^arrow.*\ttask\t' "$out")
	drawn=$(grep -c '<path class="wake" d="M[^h]*l' "$svg")
	grep -q ">wakeup, $((drawn - 1)) of $(sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<<"$all")<" "$svg" # one is the legend's
	[ "$(grep -c 'class="hit"' "$svg")" -ge $((drawn - 1)) ]
}

@test "the legend counts the wakeups of the tasks that are selected, within the window" {
	gen 3000 20 100000000 >"$out"
	read -r tid task irq < <(awk -F'\t' '$1 == "arrow" { n[$12 " " ($10 == "task" || $10 == "unknown")]++ }
		END { for (i = 1000; i < 1100; i++) if (n[i " 1"] > 3 && n[i " 0"] > 3) { print i, n[i " 1"], n[i " 0"]; exit } }' "$out")
	[ "$task" -gt 3 ] && [ "$irq" -gt 3 ]
	states2svg -p "$tid" "$out" >"$svg"
	counted() { sed -n "s/.*>$1\\(, [0-9]* of \\([0-9]*\\)\\)\\{0,1\\}<.*/\\2/p" "$svg"; }
	[ "$(counted wakeup)" = "$task" ]
	[ "$(counted 'wakeup by an interrupt')" = "$irq" ]
	states2svg -p "$tid" -t +20ms,+60ms "$out" >"$svg"
	[ "$(counted wakeup)" = "$(awk -F'\t' -v tid="$tid" '$1 == "arrow" && $12 == tid && ($10 == "task" || $10 == "unknown") && $2 > 316583666000000 && $2 <= 316583706000000' "$out" | wc -l)" ]
}

@test "the tree of the command has no holes: those above a row have one, or a heading if they have no states" {
	awk -v OFS='\t' 'BEGIN {
		print "meta", "-", "host", "cmdline", "perf record -a -- top"
		print "comm", 0, "host", "-", 51, 51, "-", "perf"
		split("top mid light leaf", name, " ")
		for (i = 1; i <= 4; i++) {
			pid = 99 + i
			parent = i == 1 ? 51 : pid - 1
			print "fork", 10 + i, "host", 0, parent, parent, pid, pid, "-"
			print "comm", 10 + i, "host", 0, pid, pid, "exec", name[i]
		}
		print "state", 11, "host", 0, 100, 100, 1000000, 11, "top", 120, "running", "-", "-"
		print "state", 13, "host", 1, 102, 102, 20, 13, "light", 120, "running", "-", "-"
		print "state", 20, "host", 1, 103, 103, 1000000, 14, "leaf", 120, "running", "-", "-"
	}' | states2svg >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 top 100\n16 mid \n24 light 102\n32 leaf 103' ]
}

@test "a recording without switches is reported, and its picture says so" {
	record state 0 host 0 1 1 1000 0 a 120 unknown - - | states2svg 2>"$err" >"$svg"
	[ "$(cat "$err")" = "states2svg: no switches: record sched:sched_switch" ]
	grep -q '^<text class="more"[^>]*>no switches: record sched:sched_switch; host, ' "$svg"
	{ record state 0 host 0 1 1 1000 0 a 120 unknown - -; record state 0 host 0 2 2 1000 0 b 120 running - -; } | states2svg 2>"$err" >"$svg"
	[ ! -s "$err" ]
	run -1 grep 'no switches' "$svg"
}

@test "the heading of the tree has the command's name with its numbers" {
	tree 3 | sed 's/\bsh\b/sh3/g' | states2svg >"$svg"
	grep -q '>sh3 and what it started' "$svg"
}

@test "the text of a stack leaves out the frames that all stacks of its row share; the row has them" {
	tail=$(seq 30 | sed 's/.*/;&<deep&+0x1>/' | tr -d '\n')
	{
		record state 0 host 0 1 1 1000 0 a 120 sleeping - "k;1<pipe_read+0x1>;2<vfs_read+0x1>$tail"
		record state 1000 host 0 1 1 2000 0 a 120 uninterruptible - "k;1<bio_wait+0x1>;5<vfs_read+0x1>$tail"
		record state 2000 host 0 1 1 3000 0 a 120 runnable - 'k;1<try_to_wake_up+0x1>;30<deep30+0x1>'
		record state 3000 host 0 1 1 4000 0 a 120 sleeping - "k;1<pipe_read+0x1>;2<vfs_read+0x1>$tail"
	} >"$out"
	states2svg "$out" >"$svg"
	[ "$(grep -A 3 -c '^Blocked on:' "$svg")" = 3 ]
	run -0 sed -n '/^Blocked on:/,/<.title>/{s/<.*//;p}' "$svg"
	[ "${lines[1]}|${lines[2]}|${lines[3]}" = '  pipe_read+0x1|  vfs_read+0x1|  and 30 more, as in all stacks of the row' ]
	[ "${lines[5]}|${lines[6]}|${lines[7]}" = '  bio_wait+0x1|  vfs_read+0x1|  and 30 more, as in all stacks of the row' ]
	run -0 sed -n '/^Waker at:/,/<.title>/{s/<.*//;p}' "$svg"
	[ "${lines[*]:1}" = '  try_to_wake_up+0x1   deep30+0x1' ]
	run -0 sed -n '/^All stacks end with:/,/<.title>/{s/<.*//;p}' "$svg"
	[ "${#lines[@]}" = 31 ] && [ "${lines[1]}" = '  deep1+0x1' ] && [ "${lines[30]}" = '  deep30+0x1' ]
	sed 's/;[0-9]*<deep4+0x1>.*//' "$out" | states2svg >"$svg" # three are not worth a line
	run -1 grep -i 'all stacks' "$svg"
	grep -v bio_wait "$out" | states2svg >"$svg" # one stack is not shared by several
	run -1 grep -i 'all stacks' "$svg"
	run -0 grep -c 'deep1+' "$svg"
	[ "$output" = 2 ]
}

@test "tasks of which nothing is known take no tall row" {
	for i in 1 2 3; do
		record state 0 host - "$i" "$i" 1000 0 same 1 unknown - -
	done | states2svg -n 1 >"$svg"
	run -1 grep 'h2V102\|V0h.*V102' "$svg"
	grep -q 'class="unknown".*M0 26V0' "$svg"
}

@test "-n limits the rows, and others hold the rest" {
	gen 3000 20 100000000 >"$out"
	states2svg -n 4 "$out" >"$svg"
	run -0 labels "$svg"
	[ "${#lines[@]}" -le 5 ]
	[[ ${lines[-1]} == "8 others ×1"[0-9] ]]
}

@test "--no-group draws each task in a row of its own, and counts the others" {
	gen 3000 20 100000000 >"$out"
	states2svg --no-group -n 4 "$out" >"$svg"
	[ "$(grep -c 'class="task"' "$svg")" -le 8 ]
	grep -qE '>and 1[2-6] more tasks, [0-9.]+ ms running in all<' "$svg"
}

# family SEED: 40 tasks that fork each other, and execute a, b or c; of each third one there are no states
family() {
	awk -v OFS='\t' -v seed="$1" 'BEGIN {
		srand(seed)
		for (pid = 1; pid <= 40; pid++) {
			parent = pid == 1 ? 0 : 1 + int(rand() * (pid - 1))
			born = pid == 1 ? 0 : 1000 * pid
			print born, "fork", born, "h", 0, parent, parent, pid, pid, "-"
			name = parent in has ? has[parent] : "x"
			end = 50000 + pid
			n = int(rand() * 3)
			for (i = 0; i < n; i++) {
				t = born + 1 + int(rand() * (48000 - born))
				has[pid] = substr("abcx", 1 + int(rand() * 4), 1)
				print t, "comm", t, "h", 0, pid, pid, "exec", has[pid]
				last[pid, t] = has[pid]
			}
			if (pid % 3)
				print end, "state", end - 20, "h", 0, pid, pid, end, born, (n > 0 ? has[pid] : "z"), 120, "running", "-", "-"
		}
	}' | sort -snk1,1 | cut -f2-
}

@test "-p NAME+ and -p PID+ draw the tasks that recgrep selects, wherever their ancestors have states" {
	for seed in 1 2 3; do
		family $seed >"$out"
		for task in a+ b+ 'a+,c+' '[bc]+' 2+ 7+ '9+,a+'; do
			states2svg --no-group -p "$task" "$out" 2>"$err" | sed -n 's/^<text .*<tspan class="n">\([0-9]*\)<.tspan>.*/\1/p' | sort >"$svg"
			recgrep -p "$task" "$out" 2>/dev/null | grep ^state | cut -f6 | sort | diff - "$svg"
			wc -l <"$svg" >>"$BATS_TEST_TMPDIR/numbers"
		done
	done
	[ "$(awk '{ n += $1 } END { print n }' "$BATS_TEST_TMPDIR/numbers")" -gt 100 ]
}

@test "-p NAME+ draws a task and its descendants, and a name that ends with + is a name, too" {
	tree 5 >"$out"
	states2svg -p work+ "$out" | labels | sort | diff - <(printf '%s\n' '8 helper 202' '8 helper 204' '8 helper 206' '8 sh ' '8 work 201' '8 work 203' '8 work 205' | sed 's/^8 w/16 w/; s/^8 h/24 h/' | sort)
	states2svg -p 'w?rk+' "$out" | labels | diff - <(states2svg -p work+ "$out" | labels)
	states2svg -p 50+ "$out" | labels | grep -c . | grep -qx 10
	sed 's/\tbash/\tg++/g' "$out" | states2svg -p g++ | labels | diff - <(echo '8 g++ 50')
	diff <(grep $'^state\t.*\t\(201\|203\|205\)\t[0-9]*\t2\|^state.*\thelper\t' "$out" | sums) <(states2svg -p work+ "$out" | row_sums)
}

@test "forks in a circle end" {
	{
		tree 5
		for i in 1 2 3 4; do
			record fork 0 host 0 $i $i $((i % 4 + 1)) $((i % 4 + 1)) -
			record fork 9 host 0 $i $i $i $i -
			record state 0 host 0 $i $i 900 0 circle 1 running - -
		done
	} >"$out"
	timeout 10 states2svg "$out" >"$svg"
	valid "$svg"
	diff <(sums "$out") <(row_sums "$svg")
}

@test "-p draws only these tasks, by pid, tid or name" {
	gen 3000 20 100000000 >"$out"
	states2svg -p gzip,1005 "$out" >"$svg"
	run -0 labels "$svg"
	[ "$(sort <<<"$output")" = $'8 cc1 1005\n8 gzip 1001' ]
	states2svg -p 'gz*,1005' "$out" | cmp - "$svg"
	rejects 'no task of that pid or name' states2svg -p nobody "$out"
}

@test "a wait shows its function in the kernel, and that in the program, if there is room" {
	stack='k;1<__schedule+0x1>;2<pipe_read.isra.0+0x2>;3<vfs_read+0x3>;u;4<read+0x4 /lib/libc.so.6>;5<next_line+0x5 /bin/x>;6<main+0x6 /bin/x>'
	{
		record state 0 host 0 1 1 1000 0 a 1 sleeping - "$stack"
		record state 1000 host 0 1 1 1080 0 a 1 uninterruptible - "$stack"
		record state 1080 host 0 1 1 1090 0 a 1 sleeping - "$stack"
	} | states2svg >"$svg"
	run -0 sed -n 's/^<text class="\(at\|in\)"[^>]*>//p' "$svg"
	[ "$output" = $'pipe_read in next_line</text>\npipe_read</text>' ]
}

@test "losses stay visible however many there are" {
	{
		record state 0 host 0 1 1 300000000 0 a 1 running - -
		awk 'BEGIN { for (i = 1; i < 200000; i++) printf "lost\t%d\thost\t0\t-\t-\t%d\t5\tx\n", i * 1000, i * 1000 - 10 }'
	} | states2svg >"$svg"
	grep -q '999,995 events lost, 300 ms' "$svg"
	run -0 sed -n 's/.*<rect class="lost" x="\([0-9]*\)[^"]*" y="[0-9]*" width="\([0-9]*\).*/\1 \2/p' "$svg"
	[ "${lines[-1]}" = "176 597" ]
}

@test "a process is named above its threads if only they are drawn" {
	{
		record state 0 host 0 5 7 1000 0 worker 1 running - -
		record state 0 host 1 5 8 1000 0 worker 1 running - -
	} | states2svg --no-group >"$svg"
	run -0 labels "$svg"
	[ "$output" = $'8 worker 5\n20 worker 7\n20 worker 8' ]
}

@test "a tid that was used twice has two rows" {
	{
		record state 0 host 0 5 5 1000 0 old 1 running - -
		record state 2000 host 0 5 5 3000 2000 new 1 running - -
	} | states2svg | grep -c 'class="task"' | grep -qx 2
}

@test "the extremes of time neither overflow nor hang" {
	big=9223372036854775807
	{
		record state -$big host 0 1 1 $big -$big a 1 running - -
		record state $big host 2147483647 2147483647 2147483647 $big $big b -$big sleeping - -
		record cpustate -$big host 0 - - $big freq 18446744073709551614 -
		record arrow $big host 0 1 1 0 a wakeup task 1 1 -$big a 0 $big -
		record lost $big host - - - -$big 18446744073709551614 x
	} >"$out"
	timeout 10 states2svg "$out" >"$svg"
	valid "$svg"
	timeout 10 states2svg -w 20000 "$out" >"$svg"
	valid "$svg"
	# what is drawn is one moment, the last that there is
	{
		record state $big host 0 1 1 $big $big a 1 sleeping - -
		record cpustate -$big host 0 - - $big other 0 -
	} >"$out"
	(
		ulimit -f 1000
		timeout 10 states2svg "$out" >"$svg"
	)
	valid "$svg"
}

@test "an interval that ends before it starts is an error, and the records before it are drawn" {
	{
		record state 0 host 0 1 1 1000 0 a 1 running - -
		record state 9 host 0 1 1 8 0 a 1 running - -
	} >"$out"
	rejects "$out:2: state: ends before it starts" states2svg "$out"
	[[ $output == *'</svg>' ]]
	record cpustate 9 host 0 - - 8 cpu idle - >"$out"
	rejects "$out:1: cpustate: ends before it starts" states2svg "$out"
}

@test "for input without records or states, or damaged input, one line says what is wrong" {
	rejects '<stdin>: no records: the filter before this one says why' states2svg </dev/null
	record meta - host hostname x >"$out"
	rejects "$out: no state records; sched2states makes them from switches: record sched:sched_switch" states2svg "$out"
	[ -z "$output" ]
	rejects 'not a record' states2svg ../LICENSE
	rejects 'state: no field machine' states2svg <<<$'state\t1'
	rejects 'No such file' states2svg /nowhere
	run -2 states2svg -w 3 "$out"
	run -2 states2svg -n 0 "$out"
}

@test "a full disk is an error" {
	run -1 --separate-stderr bash -c 'states2svg states2svg/two.in >/dev/full'
	[[ $stderr == *'No space left'* ]]
}

@test "stacks beyond those that are kept are counted, and are not taken for places not known" {
	awk 'BEGIN {
		OFS = "\t"
		for (i = 0; i < 6000; i++)
			deep = deep sprintf(";%x", 4294967296 + i)
		for (i = 1; i <= 5000; i++) {
			print "stack", i, "host", "-", sprintf("%x", i), sprintf("k;%x<f>", i) deep
			print "state", i * 10, "host", 0, 1, 1, i * 10 + 10, 0, "a", 120, "sleeping", "-", sprintf("@%x", i)
		}
	}' | states2svg 2>"$err" >"$svg"
	[ "$(wc -l <"$err")" = 1 ]
	n=$(sed -n 's/^states2svg: \([0-9]*\) states have no stack: all stacks together have more than 256 MB; recgrep -t selects a part of them$/\1/p' "$err")
	[ "$n" -gt 1000 ]
	tr -d , <"$svg" | grep -q "^waits in places whose stacks had no room: .* $n times"
	run ! grep -q 'a place not known' "$svg"
}

@test "machines beyond the 64th are counted" {
	for i in $(seq 70); do
		record state 0 "vm$i" 0 1 1 1000 0 a 1 running - -
	done | states2svg >"$svg"
	grep -q '>and 6 more machines<' "$svg"
}

# MUTATIONS=2000 makes that number; a seed makes the same stream each time.
@test "hostile and damaged records make valid pictures, or are errors" {
	needs xmllint
	run -0 ./states2svg-mutate.sh "$BATS_TEST_TMPDIR" "${MUTATIONS-60}"
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "pictures of the shared recordings are valid, and small" {
	shared sched
	for name in sleepy build pipeline; do
		perf2rec "$shared/$name.data" | sched2states | states2svg >"$svg"
		valid "$svg"
		[ "$(stat -c %s "$svg")" -lt 1500000 ]
		[ "$(xmllint --xpath 'count(//node())' "$svg")" -lt 100000 ]
	done
}
