#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What names do to a terminal: characters that hide or reorder text do not get there, and a column is as wide as it looks.

load lib

# characters [CLASS]: the numbers of characters beyond ASCII, a line each, all that Unicode may hide among them; or those of a class.
characters() {
	perl -e 'print map { "$_\n" } grep { ($_ < 0xd800 || $_ > 0xdfff) && chr =~ /$ARGV[0]/ }
		0x80 .. 0xffff, 0x16f00 .. 0x20010, 0x2fff0 .. 0x30010, 0xdfff0 .. 0xe1010, 0x10ffff' "${1-}"
}

# records FORMAT <numbers: a record for each of the characters, which stand between a and b in it. Blanks become tabs.
records() {
	perl -lne 'BEGIN { ($format = shift) =~ tr/ /\t/ } $c = chr; utf8::encode($c); printf "$format\n", "a${c}b"' "$1"
}

@test "what Unicode lets be ignored, controls and separators are escaped, and nothing else" {
	needs perl
	characters >"$BATS_TEST_TMPDIR/characters"
	records 'idle 1 host 0 7 7 0 1 1<%s+0x0>' <"$BATS_TEST_TMPDIR/characters" | rec2folded -e idle | sed 's/^:7;//; s/ 1$//' >"$out"
	perl -lne '$c = $utf8 = chr;
		utf8::encode($utf8);
		$utf8 =~ s/(.)/sprintf "\\x%02x", ord $1/ges if $c =~ /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}\x{fff9}-\x{fffb}]/;
		print "a${utf8}b"' "$BATS_TEST_TMPDIR/characters" | sort | diff - "$out"
}

@test "a hidden character in the name of a task is seen in records and tables, and is the same character to a filter" {
	# a joiner, a direction that is overridden, a tag, a soft hyphen; then an accent, which is not hidden
	for escaped in 'a\xe2\x80\x8db' 'a\xe2\x80\xaeb' 'a\xf3\xa0\x81\x81b' 'a\xc2\xadb' $'e\xcc\x81b'; do
		name=$(printf '%b' "$escaped")
		printf '%16s    77 [003]     0.000000: cycles:  1 f+0x1 (x)\n' "$name" | script2rec >"$BATS_TEST_TMPDIR/rec"
		[ "$(awk -F'\t' '$1 == "comm" { print $8 }' "$BATS_TEST_TMPDIR/rec")" = "$escaped" ]
		rec2prof --keys comm --table "$BATS_TEST_TMPDIR/rec" >"$out"
		[ "$(awk 'NR == 2 { print $NF }' "$out")" = "$escaped" ]
		recgrep -p "$name" "$BATS_TEST_TMPDIR/rec" | grep -q ^sample
	done
}

@test "a hidden character is found wherever it is in a name" {
	awk -v zero="$(printf '\xe2\x80\x8b')" 'BEGIN { for (i = 0; i < 40; i++) printf "%sb%s  %d [003]     0.000000: cycles:  1 f+0x1 (x)\n", substr("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, i), zero, 100 + i }' |
		script2rec | awk -F'\t' '$1 == "comm" { print $8 }' >"$out"
	awk 'BEGIN { for (i = 0; i < 40; i++) { print a "b\\xe2\\x80\\x8b"; a = a "a" } }' | diff - "$out"
}
