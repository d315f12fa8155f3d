#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The fields of records as variables of awk.

load lib

@test "a kind's fields are numbered as awk numbers them" {
	recfields exit | diff - <(echo '-v kind=1 -v t=2 -v machine=3 -v cpu=4 -v pid=5 -v tid=6')
	recfields pkt | grep -q -- '-v trace=7 -v index_=8 -v type=9'
}

@test "without an operand the kinds are listed" {
	recfields | diff - <(awk '!/^#/ && NF { print $1 }' ../formats/records.tab)
	[ "$(recfields -- | wc -l)" -eq "$(recfields | wc -l)" ]
}

@test "every awk takes every name, and finds its field" {
	for kind in $(recfields); do
		vars=$(recfields "$kind")
		# shellcheck disable=SC2001 # not one pattern
		names=$(sed 's/-v \([a-z0-9_]*\)=[0-9]*/\1/g' <<<"$vars")
		line=$(seq "$(wc -w <<<"$names")" | paste -sd '\t')
		for awk in awk mawk gawk bwk 'busybox awk' original-awk; do
			! command -v "${awk% *}" >/dev/null || [ "$($awk -F'\t' $vars "{ print \$${names// /, \$} }" <<<"$line")" = "${line//$'\t'/ }" ] || { echo "$awk: $kind"; return 1; }
		done
	done
}

@test "a kind that is not there is an error" {
	run -1 --separate-stderr recfields stat
	[ "$stderr" = 'recfields: "stat": no such kind of record; recfields alone lists them' ]
	[ -z "$output" ]
	run -1 --separate-stderr sh -c 'recfields >/dev/full'
	[ "$stderr" = 'recfields: <stdout>: No space left on device' ]
}
