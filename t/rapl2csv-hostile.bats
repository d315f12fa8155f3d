#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings of energy counters that cost a careless program much stay in proportion, and nothing in them acts on a terminal.

load lib
load proportion

forms=('' --totals --cores --records --wide)

# all_forms: every form of output is in proportion to $in.
all_forms() {
	local form
	for form in "${forms[@]}"; do
		proportion -- rapl2csv $form "$in"
		[ "$form" != --records ] || reccheck -n --any-order "$out"
	done
}

# input PROGRAM [ARG ...] -> $in: what the awk program prints.
input() {
	in=$BATS_TEST_TMPDIR/in
	awk "$@" >"$in"
}

@test "a wide table of counters that share no intervals is cut short" {
	input 'BEGIN { print "1 0 606 a0e03"; for (c = 0; c < 20000; c++) for (i = 0; i < 2; i++) printf "%d.%d %d 611 %d\n", c, 5 * i, c, 9 * i }'
	proportion -- rapl2csv --wide "$in"
	grep -q 'cut short: the wide table has too many counters that share no intervals' "$err"
	[ "$(head -n 1 "$out" | tr ',' '\n' | wc -l)" -eq 40004 ]
	[ "$(wc -l <"$out")" -gt 1000 ]
	[ "$(tail -n 1 "$out" | tr ',' '\n' | wc -l)" -eq 40004 ]
	all_forms
}

@test "many counters of one interval" {
	input 'BEGIN { for (i = 1; i < 4; i++) for (c = 0; c < 30000; c++) printf "%d.000000000,CPU%d,1.00,Joules,power/energy-pkg/,1,100.00,,\n", i, c }'
	all_forms
}

@test "more counters than a recording may have" {
	input 'BEGIN { for (c = 0; c < 100000; c++) printf "CPU%d 1.00 Joules energy-pkg\n", c }'
	all_forms
	grep -q 'too many counters' "$err"
}

@test "readings that never settle" {
	input 'BEGIN { for (c = 0; c < 300000; c++) print "1.000000000 1.00 Joules energy-pkg" }'
	all_forms
}

@test "dies that are never compared hold back a limited number of rows" {
	input 'BEGIN { OFS = "\t"; print "Time_Of_Day_Seconds", "Package", "Die", "Core", "PkgWatt", "GFXWatt", "RAMWatt", "Cor_J", "GFX_J", "RAM_J", "GFX_J", "RAM_J"
		for (i = 1; i < 100000; i++) print i, 0, i % 2, i % 2, 1, 1, 1, 1, 1, 1, 1, 1 }'
	all_forms
}

@test "many dies in many runs" {
	input 'BEGIN { for (c = 0; c < 30000; c++) printf "S0-D%d,1,1.00,Joules,power/energy-pkg/,,,\n", c
		for (i = 0; i < 30000; i++) printf "# started on\nS0-D%d,1,1.00,Joules,power/energy-pkg/,,,\nS0-D%d,1,1.00,Joules,power/energy-pkg/,,,\n", i, i + 1 }'
	all_forms
}

@test "many dies of one package, all alike" {
	input 'BEGIN { for (i = 1; i < 4; i++) for (c = 0; c < 30000; c++) printf "%d.000000000,S0-D%d,1,1.00,Joules,power/energy-pkg/,,,\n", i, c }'
	all_forms
}

@test "many powercap zones, and one with a long name" {
	input 'BEGIN { for (c = 0; c < 4096; c++) printf "intel-rapl:%d/name:package-%d\nintel-rapl:%d:0/name:core\n", c, c, c
		for (i = 1; i < 6; i++) { print 1700000000 + i; for (c = 0; c < 4096; c++) printf "intel-rapl:%d:0/energy_uj:%d\nintel-rapl-mmio:%d/energy_uj:%d\n", c, i, c, i } }'
	all_forms
	input 'BEGIN { for (s = "x"; length(s) < 60000; s = s s) ; print "intel-rapl:0/name:package-0" s
		for (i = 1; i < 9999; i++) printf "%d.1\nintel-rapl:0/energy_uj:%d\n", i, i }'
	all_forms
}

@test "turbostat lines of little but columns" {
	input 'BEGIN { OFS = "\t"; print "Core", "CPU", "PkgWatt", "CorWatt", "GFXWatt", "RAMWatt", "Pkg_J", "Cor_J", "GFX_J", "RAM_J"
		for (i = 0; i < 100000; i++) print "-", "-", 1, 1, 1, 1, 1, 1, 1, 1 }'
	all_forms
	proportion -- rapl2csv --exact --digits=18 --interval=1 "$in"
	proportion -- rapl2csv --records --interval=1 -m "$(printf '%064d' 0 | tr 0 '\134')" "$in"
}

@test "intervals that overlap all others" {
	input 'BEGIN { print "1 0 606 a0e03"; for (c = 0; c < 60000; c++) printf "%d.%09d %d 611 0\n", 1, c + 1, c
		for (c = 0; c < 60000; c++) printf "9%d.%09d %d 611 9\n", 60000 - c, c + 1, c }'
	all_forms
}

@test "a bad line does nothing to the terminal" {
	printf '     1.000000000              10.00 Joules power/energy-pkg/\n\033]0;title\007\033[2J\302\233 \342\200\256 bad\n' >"$BATS_TEST_TMPDIR/in"
	run -1 --separate-stderr rapl2csv "$BATS_TEST_TMPDIR/in"
	[[ $stderr == *'/in:2: cannot parse: \x1b]0;title\x07\x1b[2J\xc2\x9b \xe2\x80\xae bad' ]] || { echo "$stderr"; return 1; }
}

@test "a million bad lines are counted" {
	input 'BEGIN { print "1.000000000 1.00 Joules energy-pkg"; for (i = 0; i < 1000000; i++) print "oops" }'
	proportion -- rapl2csv "$in"
	grep -qx 'rapl2csv: ... and 999980 more bad lines' "$err"
}

@test "a damaged gzip file gives all lines before the damage" {
	awk 'BEGIN { for (i = srand(7); n++ < 2000;) printf "%d.%09d,%d.%02d,Joules,power/energy-pkg/,%d,100.00,,\n", n, rand() * 1e9, rand() * 99, rand() * 99, rand() * 1e10 }' >"$BATS_TEST_TMPDIR/csv"
	rapl2csv "$BATS_TEST_TMPDIR/csv" >"$BATS_TEST_TMPDIR/whole"
	gzip -n <"$BATS_TEST_TMPDIR/csv" >"$BATS_TEST_TMPDIR/whole.gz"
	size=$(wc -c <"$BATS_TEST_TMPDIR/whole.gz")

	# the sum over the data, at the end, is wrong: all lines are there
	{ head -c -8 "$BATS_TEST_TMPDIR/whole.gz"; printf 'wrongcrc'; } >"$BATS_TEST_TMPDIR/crc.gz"
	run -1 --separate-stderr rapl2csv "$BATS_TEST_TMPDIR/crc.gz"
	[[ $stderr == *crc.gz* ]]
	[ "${#lines[@]}" -eq 2001 ]

	# the file is cut: the lines that zcat gives, but for the last, which is cut, too
	head -c $((size / 2)) "$BATS_TEST_TMPDIR/whole.gz" >"$BATS_TEST_TMPDIR/cut.gz"
	whole=$(zcat "$BATS_TEST_TMPDIR/cut.gz" 2>/dev/null | wc -l)
	[ "$whole" -gt 900 ]
	for form in '' --wide; do
		rapl2csv $form "$BATS_TEST_TMPDIR/cut.gz" >"$out" 2>"$err" || [ $? -eq 1 ]
		[ "$(wc -l <"$out")" -eq $((whole + 1)) ] || { echo "$form: $(wc -l <"$out") of $whole lines"; return 1; }
		grep -q 'cut.gz.*: the gzip stream is cut short' "$err"
	done
	rapl2csv "$BATS_TEST_TMPDIR/cut.gz" 2>"$err" | cmp -n "$(head -n "$whole" "$BATS_TEST_TMPDIR/whole" | wc -c)" - "$BATS_TEST_TMPDIR/whole"

	# garbage after the end
	{ cat "$BATS_TEST_TMPDIR/whole.gz"; echo garbage; } >"$BATS_TEST_TMPDIR/tail.gz"
	run -1 --separate-stderr rapl2csv "$BATS_TEST_TMPDIR/tail.gz"
	[ "${#lines[@]}" -eq 2001 ]
}

# MUTATIONS=5000 tries as many of each form; the same number does the same damage.
@test "damaged recordings of every form give valid records, or a table, without a crash" {
	folder=$BATS_TEST_TMPDIR/damaged count=${MUTATIONS-40}
	mkdir "$folder"
	while read -r target file; do
		for ((seed = 0; seed < count; seed++)); do
			printf -v byte '\\x%x' $((seed % 256))
			{ printf '%b' "$byte"; "$BUILD/t/mutate" "$seed" <"$file"; } >"$folder/$seed"
			[ $((seed % 500)) -eq 499 ] || [ $((seed + 1)) -eq "$count" ] || continue
			"$BUILD/t/replay/$target" "$folder"/* >"$out" 2>"$err" || { echo "$target"; cat "$err"; return 1; }
			rm "$folder"/*
		done
	done <<-EOT
		perfstat rapl2csv/sockets.in
		perfstat rapl2csv/percore.in
		perfstat rapl2csv/json.in
		powercap rapl2csv/powercap.in
		rdmsr rapl2csv/registers.in
		turbostat rapl2csv/turbostat.in
		counts perf2rec/stat.out
		rapl rapl2csv/sockets.in
	EOT
}
