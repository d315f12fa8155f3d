#!/bin/bash
# SPDX-License-Identifier: MIT
#
# states2svg-mutate.sh WORK [N [SEED]] - give states2svg N damaged and hostile record streams
#
# It must end soon with 0 or 1, with a message if 1, and whatever it draws must be valid XML. A stream that fails this stays in
# WORK/failed-SEED; its command is printed. BUILD is the build to run, best one with sanitizers.
set -eu
cd "$(dirname "$0")"
work=$1 n=${2-60} seed=${3-1}
export LC_ALL=C ASAN_OPTIONS=exitcode=99:hard_rss_limit_mb=1024 UBSAN_OPTIONS=exitcode=99
mkdir -p "$work"
awk -f states2svg/tree.awk -v n=9 >"$work/tree.in"
{
	cat states2svg/path.in
	awk 'BEGIN { for (i = 0; i < 9; i++) printf "path\t%d\thost\t0\t%d\t%d\t%d\t0\tb\t1\trunning\trunning\t1/a<2/b\t-\t-\n", i * 200000, i % 3 + 1, i % 3 + 1, i * 200000 + 200000 }'
} >"$work/path.in"
inputs=(states2svg/io.in "$work/path.in" states2svg/all.in states2svg/two.in states2svg/power.in "$work/tree.in")
options=('' '-w 500' '-n 1' --no-group '-p 10,a' '-p work+,1+' '-t -1000,1s' '-t 1000000, -w 5000' '-n 100000 -w 20000')

# hostile SEED <in >out: put hostile numbers into some numeric fields, hostile texts into some others.
hostile() {
	awk -F'\t' -v OFS='\t' -v seed="$1" '
	function chance(n) {
		seed = (seed * 16807) % 2147483647
		return int(seed / 2147483647 * n)
	}
	BEGIN {
		seed = (seed * 7919 + 1) % 2147483647
		numbers = split("-9223372036854775807 9223372036854775807 -1 0 1 2147483647 2147483646 4294967295 18446744073709551614 -", number, " ")
		texts = split("<script> ]]> </metadata><script> \" '\'' & &amp; --> \\x00 \\x1b[2J \\xff \\xef\\xbf\\xbe \\xc2\\x85 \\t\\n \\", text, " ")
		text[++texts] = "\xef\xbf\xbe"
		text[++texts] = "\xef\xbf\xbf"
		text[++texts] = "\xed\xa0\x80"
		text[++texts] = "\xff\xfe\xf4\x90\x80\x80\xc3"
		text[++texts] = "\xe2\x80\xae"
		text[++texts] = "waker=<1>/</title> context=& prev=1/\xff"
		text[++texts] = "k;1<a>;2<\"&\xef\xbf\xbe+0x1 </>>"
		text[++texts] = sprintf("%4000s", "<&\xff")
		gsub(" ", "\"", text[texts])
	}
	FILENAME != "-" {
		n = split($0, field, /[ \t]+/)
		for (i = 2; i <= n; i++)
			numeric[field[1], i] = field[i] ~ /:(ns|int|id|u64|hex)/
		next
	}
	{
		for (i = 2; i <= NF; i++)
			if (chance(25) == 0)
				$i = numeric[$1, i] ? number[1 + chance(numbers)] : chance(2) ? text[1 + chance(texts)] : $i text[1 + chance(texts)]
		print
	}' ../formats/records.tab -
}

# try SEED: draw one stream; what is drawn goes to WORK/drawn-SEED.svg.
try() {
	local in=$work/in option=${options[$(($1 % ${#options[@]}))]} status=0
	hostile "$1" <"${inputs[$(($1 / 7 % ${#inputs[@]}))]}" >"$in"
	if [ $(($1 % 4)) -eq 0 ]; then
		"$BUILD/t/mutate" "$1" <"$in" >"$in.cut"
		mv "$in.cut" "$in"
	fi
	# shellcheck disable=SC2086
	timeout 60 "$BUILD/states2svg" $option "$in" >"$work/drawn-$1.svg" 2>"$work/err" || status=$?
	[ -s "$work/drawn-$1.svg" ] || rm "$work/drawn-$1.svg"
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [ -s "$work/err" ]; } || failed "$1" "$option" "status $status: $(tail -n 3 "$work/err")"
}

failed() {
	cp "$work/in" "$work/failed-$1"
	echo "states2svg $2 $work/failed-$1: $3"
	bad=1
}

# Check what was drawn, many pictures at once.
check() {
	local name
	set -- "$work"/drawn-*.svg
	[ -e "$1" ] || return 0
	xmllint --noout "$@" 2>"$work/err" || {
		head -n 5 "$work/err"
		bad=1
	}
	for name; do
		if ! iconv -f UTF-8 -t UTF-8 "$name" >/dev/null 2>&1 || tr -d '\n' <"$name" | grep -q '[[:cntrl:]]'; then
			echo "$name: not UTF-8, or control bytes"
			bad=1
		fi
	done
	[ -n "$bad" ] || rm -f "$@"
}

bad=
for ((i = 1; i <= n; i++, seed++)); do
	try "$seed"
	[ $((i % 100)) -ne 0 ] || check
done
check
[ -z "$bad" ]
