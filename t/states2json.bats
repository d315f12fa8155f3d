#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# States become Chrome trace JSON. tracejson.py checks the format, and reads intervals back.

load lib

# states: those of the recording of examples/.
states() {
	states=$BATS_TEST_TMPDIR/states
	perf2rec --stacks=once ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms | sched2states >"$states"
}

# json WHAT <records: check what they become, and print what tracejson.py finds there.
json() {
	states2json >"$BATS_TEST_TMPDIR/json"
	python3 tracejson.py "$BATS_TEST_TMPDIR/json" "$1"
}

@test "each kind of record, names with every sort of byte, two machines" {
	golden states2json small
	python3 tracejson.py states2json/small.out
}

@test "every state can be read back from the JSON, to the nanosecond" {
	states
	json states <"$states" | sort >"$out"
	[ "$(wc -l <"$out")" -gt 8000 ]
	awk -F'\t' '
		BEGIN {
			split("running Running runnable R preempted R+ sleeping S uninterruptible D idle I stopped T traced t parked P", w, " ")
			for (i = 1; i in w; i += 2) letters[w[i]] = w[i + 1]
		}
		$1 == "state" && $11 != "unknown" { print $5, $6, $2, $7, letters[$11], $4 }' "$states" | sort | diff - "$out"
	json slices <"$states" | sort >"$out"
	awk -F'\t' '$1 == "state" { print $5, $6, $2, $7, $11 }' "$states" | sort | diff - "$out"
}

@test "what ran on a CPU, its idle and its unknown time are on the CPU's track" {
	states
	json lanes <"$states" | grep -P '^CPU \d+\t' | sort >"$out"
	awk -F'\t' -v OFS='\t' '$1 == "state" && $11 == "running" { print "CPU " $4, $2, $7, $9 }
		$1 == "cpustate" && $8 == "cpu" { print "CPU " $4, $2, $7, $9 }' "$states" | sort | diff - "$out"
}

@test "every wake that ended a wait is a flow from the waker, or from the CPU if it was only interrupted" {
	states
	json flows <"$states" >"$out"
	[ "$(grep -c ^s "$out")" = "$(awk -F'\t' '$1 == "arrow" && ($16 != 0 || $9 == "new")' "$states" | wc -l)" ]
	[ "$(grep -c '^s.*CPU [0-9]* wakes$' "$out")" = "$(awk -F'\t' '$1 == "arrow" && ($16 != 0 || $9 == "new") && ($10 != "task" || $6 == 0)' "$states" | wc -l)" ]
	# a slice of the waker is there at that time, and one of the wakee starts then
	python3 - "$BATS_TEST_TMPDIR/json" <<-'EOT'
		import json, sys
		events = json.load(open(sys.argv[1]))['traceEvents']
		slices = {}
		for e in events:
		    if e['ph'] == 'X':
		        slices.setdefault((e['pid'], e['tid']), []).append((e['ts'], e['ts'] + e['dur']))
		missing = 0
		for e in events:
		    if e['ph'] == 's':
		        missing += not any(a <= e['ts'] <= b + 1e-3 for a, b in slices.get((e['pid'], e['tid']), []))
		    elif e['ph'] == 'f':
		        missing += not any(a == e['ts'] for a, _ in slices.get((e['pid'], e['tid']), []))
		assert missing == 0, missing
	EOT
}

@test "stacks are those of the records, once or inline" {
	states
	states2json "$states" >"$out"
	recstacks --stacks=inline "$states" | states2json | cmp - "$out"
	python3 - "$out" <<-'EOT' >"$BATS_TEST_TMPDIR/folded"
		import json, sys
		trace = json.load(open(sys.argv[1]))
		frames, sums = trace['stackFrames'], {}
		for e in trace['traceEvents']:
		    if e['ph'] == 'X' and e.get('cat') == 'sleeping':
		        names, n = [], e.get('sf')
		        while n is not None:
		            names.append(frames[n]['name'])
		            n = frames[n].get('parent')
		        assert e['args']['stack'] == ' < '.join(names), e
		        line = ';'.join([e['args']['comm']] + names[::-1])
		        sums[line] = sums.get(line, 0) + round(e['dur'] * 1000)
		for line in sums:
		    print(line, sums[line])
	EOT
	rec2folded -e sleeping --period "$states" | diff - <(sort "$BATS_TEST_TMPDIR/folded")
}

@test "freq and energy records become counters" {
	{ perf2rec ../examples/pipeline.data | sched2states; rapl2csv --records ../examples/power.csv; } | json counters >"$out"
	grep -q 'energy-pkg.* W$' "$out"
	awk -F'\t' '$3 != "0 W" { split($3, w, " "); if (w[1] <= 0 || w[1] > 1000) { print; bad = 1 } } END { exit bad }' "$out"
}

@test "-t cuts every interval, and the rest is not there" {
	{ states && cat "$states" && rapl2csv --records ../examples/power.csv; } >"$BATS_TEST_TMPDIR/in"
	first=$(awk -F'\t' '$1 ~ /state$|^arrow/ && (!min || $2 < min) { min = $2 } END { printf "%.0f", min }' "$states")
	from=$((first + 20000000)) to=$((first + 30000000))
	states2json -t $from,$to "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/json"
	python3 tracejson.py "$BATS_TEST_TMPDIR/json" slices | sort >"$out"
	awk -F'\t' -v from=$from -v to=$to '$1 == "state" && $2 < to && $7 > from {
		printf "%s %s %.0f %.0f %s\n", $5, $6, ($2 > from ? $2 : from), ($7 < to ? $7 : to), $11 }' "$states" | sort | diff - "$out"
	[ "$(grep -c " $from .* \| $to " "$out")" -gt 20 ]
	python3 - "$BATS_TEST_TMPDIR/json" $from $to <<-'EOT'
		import decimal, json, sys
		events = [e for e in json.load(open(sys.argv[1]), parse_float=decimal.Decimal)['traceEvents'] if 'ts' in e]
		times = [t * 1000 for e in events for t in (e['ts'], e['ts'] + e.get('dur', 0))]
		assert min(times) == int(sys.argv[2]) and max(times) == int(sys.argv[3]), (min(times), max(times))
	EOT
	states2json -t +20ms,+30ms "$states" | cmp - <(states2json -t $from,$to "$states")
	# the power of an interval is that of the whole
	printf 'energy\t1000000000\thost\t-\t-\t-\t3000000000\tpkg\t0\t-\t-\t8\t-\te/\t-\n' | states2json -t 2s,2.5s >"$out"
	[ "$(grep -o '"ts":[0-9.]*\|"W":[0-9.]*' "$out" | tr -d '"' | xargs)" = 'ts:2000000.000 W:4.000000 ts:2500000.000 W:0' ]
	rejects '<stdin>: nothing matches -t "9,": the events are from 1 to 2' states2json -t 9, < <(printf 'state\t1\thost\t0\t7\t7\t2\t0\tx\t1\trunning\t-\t-\n')
}

@test "numbers that no other machine may have, and more machines than have numbers" {
	awk 'BEGIN { OFS = "\t"; for (i = 0; i < 500; i++) print "state", 1, "m" i, 0, 9000000 + i, 9999999, 2, 0, "x", 1, "running", "-", "-"
		print "state", 1, "m0", 0, 7, 10000007, 2, 0, "x", 1, "running", "-", "-"; print "state", 1, "m1", 0, 7, 7, 2, 0, "x", 1, "running", "-", "-" }' | json states >"$out"
	[ "$(cut -d' ' -f2 "$out" | sort -u | wc -l)" -eq 502 ]
	grep -q '^10000007 10000007 ' "$out"
}

@test "intervals that end before they start, stacks without a definition, no states" {
	printf 'state\t9\thost\t0\t7\t7\t5\t0\tx\t1\trunning\t-\t@a\n' >"$BATS_TEST_TMPDIR/in"
	run -0 --separate-stderr states2json "$BATS_TEST_TMPDIR/in"
	[[ "${stderr_lines[0]}" == *'refers to a stack that the stream does not define'* ]]
	[ "${stderr_lines[1]}" = 'states2json: 1 intervals end before they start: of length 0' ]
	rejects '<stdin>: no states; sched2states makes them' states2json <<<$'meta\t-\thost\thostname\tx'
	[ "$output" = $'{"displayTimeUnit":"ns","traceEvents":[\n],"stackFrames":{\n}}' ]
	run -1 states2json <<<'Rubbish here'
}

@test "more different frames than the table takes are reported, and not lost from the slices" {
	awk 'BEGIN { for (ones = ";1"; length(ones) < 240000;) ones = ones ones
		for (i = 0; i < 10; i++) printf "state\t1\thost\t0\t7\t7\t2\t0\tx\t1\tsleeping\t-\tk%s;%x\n", substr(ones, 1, 240000), i }' >"$BATS_TEST_TMPDIR/in"
	states2json "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(cat "$err")" = 'states2json: the stacks have more than 1000000 different frames: the others are in args alone' ]
	[ "$(grep -c '"stack":"0x1 < 0x1 < ' "$out")" -eq 10 ]
	python3 tracejson.py "$out" unnested
}
