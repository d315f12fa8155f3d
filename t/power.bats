#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Energy on a timechart: the lanes of states2svg.

load lib

svg=$BATS_TEST_TMPDIR/power.svg

# energy T END DOMAIN SOCKET CORE JOULES [INFO]: a record
energy() {
	printf 'energy\t%s\thost\t-\t-\t-\t%s\t%s\t%s\t0\t%s\t%s\t0.005\tpower/energy/\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "${7-run=1}"
}

titles() {
	grep -o '<title>.*</title>' "$1" | sed 's/<[^>]*>//g'
}

@test "a package and its cores are lanes, with energy, error and power" {
	golden states2svg power --static
	xmllint --noout states2svg/power.out
}

@test "the steps of a lane show the power of its intervals" {
	s=1073741824 # the bins of the picture end at powers of two
	{
		energy 0 $s pkg 0 - 10
		energy $s $((2 * s)) pkg 0 - 40
		energy $((2 * s)) $((4 * s)) pkg 0 - 40
	} | states2svg -w 504 >"$svg"
	# 200 pixels wide, 50 per s; the highest power is 30 pixels high
	grep -q 'class="p-pkg" d="M0 30V22.5H50V0H100V15H200V30z"' "$svg"
	titles "$svg" | grep -qx 'package S0-D0: 90.0 J ± 15 mJ in 4.29 s, 21.0 W on average, 37.3 W at most, 3 intervals'
}

@test "nothing is drawn while the power is unknown" {
	s=1073741824
	{
		energy 0 $s pkg 0 - 10
		energy $s $((2 * s)) pkg 0 - -
		energy $((2 * s)) $((4 * s)) pkg 0 - 20
	} | states2svg -w 504 >"$svg"
	grep -q 'd="M0 30V0H50V30zM100 30V0H200V30z"' "$svg"
}

@test "energy counted twice is drawn once" {
	{
		energy 0 1000000000 pkg 0 - 10
		energy 0 1000000000 pkg 1 - 10 'run=1 flags=wrap;mirror'
		energy 0 1000000000 pkg - - 10 'run=1 flags=sum'
	} | states2svg >"$svg"
	[ "$(grep -c 'class="p-' "$svg")" -eq 1 ]
}

@test "energy on the clock of the states shares their axis" {
	{
		cat states2svg/two.in
		energy 1000000 2000000 pkg 0 - 0.01
	} | states2svg >"$svg"
	xmllint --noout "$svg"
	states2svg states2svg/two.in >"$out"
	diff <(grep -o 'class="tick"[^<]*' "$out" | sort -u | sed 's/.*>//') <(grep -o 'class="tick"[^<]*' "$svg" | sort -u | sed 's/.*>//')
	grep -q 'class="p-pkg"' "$svg"
	titles "$svg" | grep -q 'package S0-D0: 10 mJ'
}

@test "energy on another clock has its own axis" {
	{
		cat states2svg/two.in
		energy 0 10000000000 pkg 0 - 100 'run=1 base=start'
	} | states2svg >"$svg"
	xmllint --noout "$svg"
	grep -q 'on a clock of its own' "$svg"
	grep -q '>5 s</text>' "$svg"
	energy 0 10000000000 pkg 0 - 100 'run=1 base=start' | states2svg >"$svg"
	run -1 grep 'on a clock of its own' "$svg"
}

@test "the order of energy records does not change the picture" {
	rapl2csv --records ../examples/power.csv >"$out"
	states2svg "$out" >"$svg"
	for i in 1 2 3; do
		sort -R "$out" | states2svg | cmp - "$svg"
	done
}

@test "a picture of a thousand cores over an hour is small, and counts the omitted cores" {
	awk 'BEGIN { for (t = 0; t < 60; t++) for (c = 0; c < 1024; c++)
		printf "energy\t%d\thost\t-\t-\t-\t%d\tcore\t0\t0\t%d\t%d.5\t0.005\tp\trun=1\n", t * 6e10, (t + 1) * 6e10, c, (t * 7 + c) % 20 }' |
		states2svg >"$svg"
	xmllint --noout "$svg"
	grep -q 'and 864 more counters' "$svg"
	[ "$(wc -c <"$svg")" -lt 400000 ]
}

@test "the example draws nine lanes" {
	../examples/power.sh "$BATS_TEST_TMPDIR/demo" >"$out"
	xmllint --noout "$BATS_TEST_TMPDIR/demo/power.svg"
	rapl2csv --records ../examples/power.csv | states2svg --static >"$svg"
	if [ -n "${BLESS-}" ]; then cp "$svg" ../examples/power.svg; fi
	cmp "$svg" ../examples/power.svg
	[ "$(grep -c 'class="p-' "$BATS_TEST_TMPDIR/demo/power.svg")" -eq 9 ]
}

@test "the script of the example generates its recording" {
	awk -f ../examples/power.awk | cmp - ../examples/power.csv
}
