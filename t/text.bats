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

# widths <states: the rows of a table with the names of their tasks look equally long; prints how many there are.
widths() {
	states2tab --table --columns=comm,run_ns | perl -CS -lne '
		$. > 1 or next;
		my ($name, $gap) = /^(\S+)( +)99 ns$/ or die "what is this: $_\n";
		my $wide = () = $name =~ /(?!\p{M})[\p{Ea=W}\p{Ea=F}]/g;
		my $none = () = $name =~ /[\p{M}\x{1161}-\x{11ff}]/g;
		$example{length($name) + $wide - $none + length $gap} = $_;
		END { print $. - 1; die join "\n", "lengths differ:", values %example, "" if keys %example != 1 }'
}

@test "columns are as wide as terminals show them" {
	needs perl
	# all but marks, what is hidden or is no character yet, and the later parts of Korean syllables
	characters '[^\p{M}\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Hangul_Syllable_Type=V}\p{Hangul_Syllable_Type=T}\p{Zs}]' >"$BATS_TEST_TMPDIR/characters"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/characters")" -gt 50000 ]
	records 'state 1 host 0 7 7 100 0 %s 1 running - -' <"$BATS_TEST_TMPDIR/characters" | awk -F'\t' -v OFS='\t' '{ $5 = $6 = NR } 1' >"$BATS_TEST_TMPDIR/states"
	run -0 widths <"$BATS_TEST_TMPDIR/states"
	[ "$output" -eq "$(wc -l <"$BATS_TEST_TMPDIR/characters")" ]
	# accents, Hebrew, Arabic and Thai marks, kana and Korean in parts, a picture
	printf 'state\t1\thost\t0\t%d\t%d\t100\t0\t%s\t1\trunning\t-\t-\n' 1 1 $'e\xcc\x81\xcc\xa3' 2 2 $'\xd7\x90\xd6\xb8' 3 3 $'\xd8\xa8\xd9\x8e' 4 4 $'\xe0\xb8\x81\xe0\xb8\xb4\xe0\xb9\x88' \
		5 5 $'\xe3\x81\x8b\xe3\x82\x99' 6 6 $'\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab' 7 7 $'\xf0\x9f\x90\xa7' 8 8 日本語 9 9 plain 10 10 $'caf\xc3\xa9' >"$BATS_TEST_TMPDIR/states"
	run -0 widths <"$BATS_TEST_TMPDIR/states"
	[ "$output" -eq 10 ]
}
