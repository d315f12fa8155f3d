#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# perf2rec on public recordings: the README of the collection has the number of records of each type, counted by another reader.

load lib

# counts README: "file TYPE:n" for each number of records in the tables.
counts() {
	awk -F'|' '
	/^## / { folder = substr($0, 4) }
	/^[|] [^ ]+ [|] [0-9]/ {
		split($2, file, " ")
		n = split($0, word, "[ |]+")
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^[0-9A-Z_]+:[0-9]+$/)
				print folder "/" file[1], word[i]
	}' "$1"
}

# types FILE: "TYPE:n" for each type of records that perf2rec -s counts, simpleperf's by number.
types() {
	perf2rec -s "$1" 2>&1 >/dev/null | awk '
	BEGIN {
		split("KERNEL_SYMBOL DSO SYMBOL SPLIT SPLIT_END EVENT_ID CALLCHAIN UNWINDING_RESULT TRACING_DATA", names, " ")
		for (i in names)
			number[names[i]] = 32768 + i
	}
	$NF == "records" { table = 1; next }
	/parts of samples$/ { exit }
	table { print ($7 == "simpleperf" ? number[$8] : $7) ":" $2 }'
}

@test "the number of records of each type is that of the collection's README" {
	shared perfdata
	counts "$shared/README.md" >"$err"
	[ "$(cut -d' ' -f1 "$err" | sort -u | wc -l)" -gt 80 ]
	while read -r file; do
		types "$shared/$file" | sort >"$out"
		# it does not list the rare types of each file
		grep -F "$file " "$err" | cut -d' ' -f2 | sort | comm -23 - "$out" | sed "s|^|$file |"
	done < <(cut -d' ' -f1 "$err" | sort -u) >"$BATS_TEST_TMPDIR/differ"
	diff /dev/null "$BATS_TEST_TMPDIR/differ"
}
