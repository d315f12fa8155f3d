#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A folder of recordings as a page, and a recording beside the one of an earlier run.

load lib
load fleet

# made OUT: the results that the last make made, and the page
made() {
	sed -n 's,.*recording.sh recordings/\([^ ]*\) .*,\1,p; s,.*/page.sh$,page,p' "$1" | sort | paste -sd ' '
}

@test "a folder of recordings: charts, tables and a page that names the damaged one; only what changed is made again" {
	dir=$BATS_TEST_TMPDIR/report
	recordings "$dir/in"
	report "$dir/in" "$dir/out" -j2 >"$out"
	text=a~20folder/50~25~20of~20~24it~20~26~20~3Cmore~3E.txt
	[ "$(made "$out")" = "$text cut.data descend.data exits.data.gz guest.dat page" ]
	cd "$dir/out"
	[ "$(while read -r name; do head -1 "results/$name/status"; done <list | paste -sd ' ')" = 'whole damaged whole whole whole' ]
	grep -q '^<tr class="whole"><td>a folder/50% of \$it &amp; &lt;more&gt;.txt<td>' index.html
	grep damaged index.html
	grep -q '^<tr class="damaged"><td>cut.data<td>damaged<td>.*<code>perf2rec: recordings/cut.data@0x' index.html
	# every file of the page is there, and every file is on the page
	grep -o 'href="[^"]*"' index.html | sed 's/^href="//; s/"$//' | sort >"$out"
	find results -type f ! -name status ! -name messages | sort | diff <(grep -v 'messages$' "$out" | grep /) -
	while read -r file; do [ -f "$file" ]; done <"$out"
	for chart in results/*/chart.svg "results/${text%/*}"/*/chart.svg; do
		xmllint --noout "$chart"
	done
	# what a result has is what the filters write; the kernel symbols were found
	script2rec --stacks=once "$examples/perf.txt" | cs2text | sched2states | states2tab --by=name | cmp - "results/$text/names.tsv"
	[ "$(readlink kallsyms/guest.dat)" = "$dir/in/guest.kallsyms" ]
	# the sums of all: the running time, and the samples
	total=$(awk -F '\t' '$4 ~ /^[0-9]/ { sum += $4 } END { printf "%.0f", sum }' results/guest.dat/names.tsv "results/$text/names.tsv")
	[ "$total" = "$(awk -F '\t' 'NR > 1 { sum += $5 } END { printf "%.0f", sum }' names.tsv)" ]
	[ "$(cut -d ' ' -f 2- samples.folded | awk '{ sum += $NF } END { print sum }')" -eq "$(awk -F '\t' $(recfields prof) '{ sum += $samples } END { print sum }' samples.prof)" ]
	[ "$(awk -F '\t' $(recfields prof) '{ sum += $samples } END { print sum }' samples.prof)" -gt 20 ]

	report "$dir/in" "$dir/out" >"$out"
	[ "$(made "$out")" = "" ]
	touch "$dir/in/guest.kallsyms"
	report "$dir/in" "$dir/out" >"$out"
	[ "$(made "$out")" = "guest.dat page" ]
	cp "$examples/descend.data" "$dir/in/cut.data" # now it is whole
	rm "$dir/in/exits.data.gz"
	report "$dir/in" "$dir/out" >"$out"
	[ "$(made "$out")" = "cut.data page" ]
	[ "$(grep -c '^<tr class="whole">' index.html)" -eq 4 ]
	run ! grep -q 'class="damaged"\|exits' index.html
}

@test "a recording that a killed filter leaves undone is named, and made the next time" {
	dir=$BATS_TEST_TMPDIR/report
	mkdir -p "$dir/in" "$dir/bin"
	cp "$examples/perf.txt" "$dir/in"
	cp "$examples/descend.data" "$dir/in"
	printf '#!/bin/sh\nkill -9 $$\n' >"$dir/bin/rec2prof"
	chmod +x "$dir/bin/rec2prof"
	PATH=$dir/bin:$PATH run report "$dir/in" "$dir/out" -s
	[ "$status" -ne 0 ]
	grep -q '^<tr class="undone"><td>descend.data<td>' "$dir/out/index.html"
	grep -q '^<tr class="whole"><td>perf.txt<td>' "$dir/out/index.html"
	report "$dir/in" "$dir/out" >"$out"
	[ "$(made "$out")" = "descend.data page" ]
	run ! grep -q 'class="undone"' "$dir/out/index.html"
}

# trace LATENCY SHARE: what perf script prints of 300 wakes of a task that each take LATENCY us to a run, and 100 samples, SHARE of
# them in the function hot
trace() {
	awk -v us="$1" -v hot="$2" '
	function at(us) { return sprintf("%d.%06d", us / 1000000, us % 1000000) }
	BEGIN {
		for (i = 0; i < 300; i++) {
			t = 1000 * i
			print "swapper 0/0 [000] " at(t) ": sched:sched_wakeup: comm=work pid=7 prio=120 target_cpu=000"
			print "swapper 0/0 [000] " at(t + us) ": sched:sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=work next_pid=7 next_prio=120"
			if (i < 100)
				print "work 7/7 [000] " at(t + us + 1) ": 1 cycles: " (i < hot ? "401000 hot+0x0" : "402000 cold+0x0") " (/bin/work)"
			print "work 7/7 [000] " at(t + us + 2) ": sched:sched_switch: prev_comm=work prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=swapper/0 next_pid=0 next_prio=120"
		}
	}'
}

@test "ci.sh: charts of a recording, and status 1 with what got worse since the baseline" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	trace 100 30 >"$dir/old.txt"
	run -0 "$ci" "$dir/old.txt" "$dir/old"
	[ "$output" = "$dir/old: no baseline to compare with" ]
	[ -s "$dir/old/chart.svg" ] && [ -s "$dir/old/names.tsv" ]
	run -0 "$ci" "$dir/old.txt" "$dir/same" "$dir/old"
	[ -z "$output" ]

	trace 150 35 >"$dir/new.txt"
	run -1 "$ci" "$dir/new.txt" "$dir/new" "$dir/old"
	echo "$output"
	[ "$output" = "work: wakeup latency p50: 150.0 us, was 100.0 us (+50 %)
work: wakeup latency p95: 150.0 us, was 100.0 us (+50 %)
hot: 35.00 % of cycles, was 30.00 %" ]
	diff "$dir/new/worse" - <<<"$output"
	run -1 "$ci" -l 60 "$dir/new.txt" "$dir/new" "$dir/old"
	[ "$output" = "hot: 35.00 % of cycles, was 30.00 %" ]
	run -0 "$ci" -n 50000 -s 5 "$dir/new.txt" "$dir/new" "$dir/old"
	run -0 "$ci" -l 0 -n 0 -s 5 "$dir/old.txt" "$dir/old2" "$dir/new" # better in all but the function cold
	run -2 "$ci" -x
	[[ $output == *'usage: ci.sh ['*'] RECORDING OUT [BASELINE]' ]]
	run -0 --separate-stderr "$ci" -h
	[[ $output == 'usage: ci.sh ['*'] RECORDING OUT [BASELINE]' && -z $stderr ]]

	# a recording of this project beside itself; a damaged one
	run -0 "$ci" -k "$examples/pipeline.kallsyms" "$examples/pipeline.data" "$dir/pipeline"
	run -0 "$ci" -k "$examples/pipeline.kallsyms" "$examples/pipeline.data" "$dir/again" "$dir/pipeline"
	head -c 20000 "$examples/descend.data" >"$dir/cut.data"
	run -1 "$ci" -k "$examples/pipeline.kallsyms" "$dir/cut.data" "$dir/cut" "$dir/pipeline"
	[[ $output == "$dir/cut.data: damaged"*'@0x'* ]]
}

@test "ci.sh: standard error says that switches are sampled, with and without a baseline" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	mkdir -p "$dir/bin"
	cp "$(command -v perf2rec)" "$dir/bin/real"
	printf '%s\n' '#!/bin/sh' 'echo "perf2rec: x.data: sched:sched_switch is sampled: switches are missing: record" >&2' "exec $dir/bin/real \"\$@\"" >"$dir/bin/perf2rec"
	chmod 755 "$dir/bin/perf2rec"
	run -0 --separate-stderr env PATH="$dir/bin:$PATH" "$ci" "$examples/pipeline.data" "$dir/old"
	[ "$stderr" = 'perf2rec: x.data: sched:sched_switch is sampled: switches are missing: record' ]
	run -0 --separate-stderr env PATH="$dir/bin:$PATH" "$ci" "$examples/pipeline.data" "$dir/new" "$dir/old"
	[[ $stderr == *'sched:sched_switch is sampled: switches are missing: record'* ]]
	run -0 --separate-stderr "$ci" "$examples/pipeline.data" "$dir/whole" "$dir/old"
	[[ $stderr != *sampled* ]]
}

# samples EVENT NUMBER FUNCTION: what perf script prints of as many samples of the function; "-" is code without symbols
samples() {
	awk -v event="$1" -v number="$2" -v name="$3" 'BEGIN {
		for (i = 1; i <= number; i++)
			printf "work 7/7 [000] 1.000000: 1 %s: %s (/bin/work)\n", event, (name == "-" ? "402000 [unknown]" : "401000 " name "+0x0")
	}'
}

@test "ci.sh: events and functions that cannot be compared are no regressions, and standard error names them" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	{ samples cycles 90 hot; samples cycles 10 -; samples faults 10 hot; } >"$dir/old.txt"
	{ samples cycles 60 hot; samples cycles 40 -; samples exec 10 hot; } >"$dir/new.txt"
	"$ci" "$dir/old.txt" "$dir/old"
	"$ci" "$dir/new.txt" "$dir/new" "$dir/old" >"$out" 2>"$err"
	[ ! -s "$out" ] && [ ! -s "$dir/new/worse" ]
	sort "$err" | diff - <(sort <<-END
		ci.sh: exec is not compared: $dir/old has no samples of it in functions with a name
		ci.sh: faults is not compared: $dir/new has no samples of it in functions with a name
		ci.sh: functions without a name are not compared: 40.00 % of cycles, was 10.00 %
	END
	)

	# kernel addresses without symbols are no names
	samples cycles 10 ffffffff815e150d >"$dir/address.txt"
	"$ci" "$dir/address.txt" "$dir/address"
	run -3 "$ci" "$dir/address.txt" "$dir/again" "$dir/address"
	[[ $output == *"cycles is not compared"* ]]
}

@test "ci.sh: status 3 if nothing was compared, 2 if the baseline or the kernel symbols are not there" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	samples cycles 10 hot >"$dir/samples.txt"
	trace 100 0 | grep -v cycles >"$dir/wakes.txt"
	"$ci" "$dir/samples.txt" "$dir/samples"
	"$ci" "$dir/wakes.txt" "$dir/wakes"
	run -0 "$ci" "$dir/wakes.txt" "$dir/again" "$dir/wakes"
	[ -z "$output" ]
	run -3 "$ci" "$dir/wakes.txt" "$dir/new" "$dir/samples"
	[[ $output == *"ci.sh: nothing to compare: $dir/samples and $dir/new have no "* ]]
	run -3 "$ci" "$dir/samples.txt" "$dir/new" "$dir/wakes"
	[[ $output == *"ci.sh: nothing to compare: $dir/wakes and $dir/new have no "* ]]

	run -2 "$ci" "$dir/wakes.txt" "$dir/none" "$dir/mistyped"
	[ "$output" = "ci.sh: $dir/mistyped: no result of an earlier run" ]
	run -2 "$ci" -k "$dir/mistyped" "$dir/wakes.txt" "$dir/none"
	[ "$output" = "ci.sh: $dir/mistyped: no file of kernel symbols" ]
	[ ! -e "$dir/none" ]
	run -2 "$ci" "$dir/wakes.txt" "$dir/wakes" "$dir/wakes"
	[ "$output" = "ci.sh: $dir/wakes: the result would replace its baseline" ]
	echo 'ffffffff81000000 t one' >"$dir/kallsyms"
	run -2 "$ci" -k "$dir/kallsyms" "$dir/wakes.txt" "$dir/none" "$dir/wakes"
	[ "$output" = "ci.sh: $dir/wakes was made without -k, this run is made with -k: do the same in both" ]
	[ ! -e "$dir/none" ]
	"$ci" -k "$dir/kallsyms" "$dir/wakes.txt" "$dir/named"
	run -2 "$ci" "$dir/wakes.txt" "$dir/none" "$dir/named"
	[ "$output" = "ci.sh: $dir/named was made with -k, this run is made without -k: do the same in both" ]
	run -0 "$ci" -k "$dir/kallsyms" "$dir/wakes.txt" "$dir/again" "$dir/named"
}

@test "ci.sh: status 2 if the result would replace what is no result, and for limits that are no numbers" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	cp "$examples/pipeline.data" "$dir/one.data"
	cp "$examples/pipeline.data" "$dir/two.data"
	mkdir "$dir/other"
	echo mine >"$dir/other/notes"
	for out in two.data one.data other; do
		run -2 "$ci" "$dir/one.data" "$dir/$out"
		[ "$output" = "$dir/$out: not the result of a recording: it is left as it is" ]
	done
	cmp "$examples/pipeline.data" "$dir/one.data"
	cmp "$examples/pipeline.data" "$dir/two.data"
	[ "$(<"$dir/other/notes")" = mine ]
	run -2 "$ci" "$dir/absent.data" "$dir/new"
	[ "$output" = "ci.sh: $dir/absent.data: no such recording" ]
	[ ! -e "$dir/new" ]
	for limit in '-s abc' '-n 20us' '-l -5' '-s 1000x'; do
		run -2 "$ci" $limit "$dir/one.data" "$dir/new"
		[ "$output" = "ci.sh: -${limit:1:1}: \"${limit#* }\": not a number" ]
	done
	if [ ! -x /usr/bin/perf2rec ]; then
		run -2 env PATH=/usr/bin:/bin "$ci" "$dir/one.data" "$dir/new"
		[ "$output" = 'recording.sh: perf2rec is not in PATH' ]
	fi
}

@test "report: kernel symbols that are removed leave no link" {
	dir=$BATS_TEST_TMPDIR
	mkdir -p "$dir/in"
	cp "$examples/pipeline.data" "$dir/in/a.data"
	cp "$examples/pipeline.kallsyms" "$dir/in/a.data.kallsyms"
	"$examples/report/list.sh" "$dir/in" "$dir/out"
	[ -f "$dir/out/kallsyms/a.data" ]
	rm "$dir/in/a.data.kallsyms"
	"$examples/report/list.sh" "$dir/in" "$dir/out"
	[ ! -L "$dir/out/kallsyms/a.data" ]
}

@test "ci.sh: names with = or a leading dash are files" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	cd "$dir"
	trace 100 30 >a=old.txt
	trace 150 30 >-r.txt
	"$ci" a=old.txt b=1 >"$out"
	run -1 "$ci" -- -r.txt -o8 b=1
	[[ $output == 'work: wakeup latency p50: 150.0 us, was 100.0 us'* ]]
	[ -s ./-o8/names.tsv ] && [ "$(find . -name '*~tmp~*')" = "" ]
	run -1 timeout 20 "$ci" -- -r.txt run=2 b=1 </dev/null
	[[ $output == 'work: wakeup latency p50: 150.0 us, was 100.0 us'* ]]
}

@test "ci.sh: status 2 and one line if the baseline is damaged" {
	dir=$BATS_TEST_TMPDIR ci=$examples/ci/ci.sh
	trace 100 30 >"$dir/old.txt"
	"$ci" "$dir/old.txt" "$dir/old" >"$out"
	for damage in ': >names.tsv' 'rm names.tsv' 'echo garbage >names.tsv' ': >samples.prof' 'rm samples.prof' \
		'echo garbage >samples.prof' ': >status'; do
		rm -rf "$dir/bad"
		cp -r "$dir/old" "$dir/bad"
		(cd "$dir/bad" && eval "$damage")
		run -2 "$ci" "$dir/old.txt" "$dir/new" "$dir/bad"
		[ ${#lines[@]} -eq 1 ] && [[ $output == *"$dir/bad"* ]]
	done
}

@test "report: names that are too long encoded are cut, and differ" {
	dir=$BATS_TEST_TMPDIR
	mkdir "$dir/in"
	long=$(printf 'я%.0s' {1..42})
	cp "$examples/descend.data" "$dir/in/$long.data"
	cp "$examples/descend.data" "$dir/in/${long}я.data"
	cp "$examples/descend.data" "$dir/in/$(printf 'a%.0s' {1..250}).data"
	report "$dir/in" "$dir/out" -s
	[ "$(sort -u "$dir/out/list" | wc -l)" -eq 3 ]
	[ "$(grep -c '^<tr class="whole">' "$dir/out/index.html")" -eq 3 ]
}

@test "report: text of a damaged recording is not taken for a full disk" {
	dir=$BATS_TEST_TMPDIR
	mkdir "$dir/in"
	{ head -16 "$examples/perf.txt"; echo 'a: No space left on device'; } >"$dir/in/p.txt"
	report "$dir/in" "$dir/out" -s
	grep -q '^<tr class="damaged"><td>p.txt<td>' "$dir/out/index.html"
}

@test "report: a recording becomes a folder, and a folder a recording" {
	dir=$BATS_TEST_TMPDIR list=$examples/report/list.sh
	mkdir "$dir/in"
	cp "$examples/descend.data" "$dir/in/a.data"
	"$list" "$dir/in" "$dir/out"
	mv "$dir/in/a.data" "$dir/b.data"
	mkdir "$dir/in/a.data"
	mv "$dir/b.data" "$dir/in/a.data"
	"$list" "$dir/in" "$dir/out"
	[ "$(cat "$dir/out/list")" = a.data/b.data ]
	cmp "$examples/descend.data" "$dir/out/recordings/a.data/b.data"
	[ ! -L "$dir/in/a.data/b.data" ]
	rm -r "$dir/in/a.data"
	cp "$examples/descend.data" "$dir/in/a.data"
	"$list" "$dir/in" "$dir/out"
	cmp "$examples/descend.data" "$dir/out/recordings/a.data"
}

@test "report: OUT may be in IN, whatever its name, but must be another folder; a GNUmakefile below a name with a blank says so" {
	dir=$BATS_TEST_TMPDIR
	mkdir -p "$dir/in" "$dir/x y"
	cp "$examples/descend.data" "$dir/in"
	for i in 1 2; do
		"$examples/report/list.sh" "$dir/in" "$dir/in/[o]"
		[ "$(cat "$dir/in/[o]/list")" = descend.data ]
	done
	run -2 "$examples/report/list.sh" "$dir/in" "$dir/in/."
	[ "$output" = "$dir/in/.: OUT must be another folder than IN" ]
	# every filter of recording.sh is looked for
	sed -n 's/^for filter in \(.*\); do$/\1/p' "$examples/report/recording.sh" >"$out"
	sed -n 's/^for filter in \(.*\); do$/\1/p' "$examples/report/list.sh" | cmp - "$out"
	[ -s "$out" ]
	mkdir "$dir/bin"
	ln -s "$(command -v perf2rec)" "$dir/bin"
	run -2 env PATH="$dir/bin" "$(command -v bash)" "$examples/report/list.sh" "$dir/in" "$dir/out"
	[ "$output" = 'list.sh: ftrace2rec is not in PATH' ]
	cp -r "$examples/report" "$dir/x y"
	run -2 env -u MAKEFLAGS -u MAKELEVEL make -s -f "$dir/x y/report/GNUmakefile" IN="$dir/in" OUT="$dir/out"
	[[ $output == *'GNUmakefile: the path of its folder must not have blanks'* ]]
}
