#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The pages of formats/ agree with formats/records.tab, and their examples are valid records.

load lib

# kinds: "page kind field ..." for each line of the table.
kinds() {
	awk '
	/^# sluice-/ { page = substr($2, 1, index($2, "(") - 1) }
	/^#/ || NF == 0 { next }
	{
		line = page " " $1
		for (i = 2; i <= NF; i++)
			line = line " " substr($i, 1, index($i, ":") - 1)
		print line
	}' ../formats/records.tab
}

# examples PAGE KIND: the page's example lines of a kind, as a stream; "\ " is a blank within a field.
examples() {
	sed -n "s/^[.]Dl \\($2 .*\\)/\\1/p" "../formats/$1.5" | sed 's/\\ /\x01/g; s/ /\t/g; s/\x01/ /g; s/\\e/\\/g; s/\\&//g; s/\\-/-/g'
}

@test "a bad table generates no code; a kind may have any number of fields" {
	while read -r why kind; do
		printf '# a table\n\nexit t:ns machine:text\n%s\n' "$kind" >"$BATS_TEST_TMPDIR/tab"
		run -1 --separate-stderr awk -f ../formats/records.awk "$BATS_TEST_TMPDIR/tab"
		[ "$stderr" = "$BATS_TEST_TMPDIR/tab:4: ${why//_/ }" ] || { echo "$stderr"; return 1; }
	done <<-'EOF'
		bad_field_x a t:ns machine:text x
		bad_type_x:y a t:ns machine:text x:y
		field_x_is_there_twice a t:ns machine:text x:id x:id
		kind_exit_is_there_twice exit t:ns machine:text
		the_first_two_fields_are_t_and_machine a machine:text t:ns
	EOF
	fields=$(printf ' f%d:id?' $(seq 38))
	echo "big t:ns machine:text $fields" | awk -f ../formats/records.awk >"$BATS_TEST_TMPDIR/big"
	grep -q 'REC_MAXFIELD = 40 ' "$BATS_TEST_TMPDIR/big"
	grep -q '^	REC_BIG_F38,$' "$BATS_TEST_TMPDIR/big"
	[ "$(echo "big t:ns machine:text $fields" | awk -v part=lines -f ../formats/records.awk | grep -c 'read_id(in, r, REC_BIG_F[0-9]*, OPTIONAL,')" -eq 38 ]
}

@test "every kind has a synopsis on its page that equals the table" {
	kinds | while read -r page synopsis; do
		grep -qx "[.]D1 $synopsis" "../formats/$page.5" || { echo "$page: no synopsis: $synopsis"; return 1; }
	done
}

@test "no page has the synopsis of a kind that is not in the table" {
	diff <(kinds | cut -d ' ' -f 2- | sort) <(sed -n 's/^[.]D1 \([a-z]* t machine.*\)/\1/p' ../formats/*.5 | sort)
}

@test "every kind has an example, a record with exactly its fields" {
	kinds | while read -r page kind fields; do
		set -- $kind $fields
		examples "$page" "$kind" >"$BATS_TEST_TMPDIR/in"
		[ -s "$BATS_TEST_TMPDIR/in" ] || { echo "$page: no example of $kind"; return 1; }
		reccheck --any-order "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in" || { echo "$page"; return 1; }
		awk -F '\t' -v n=$# 'NF != n { print "not " n " fields: " $0; exit 1 }' "$BATS_TEST_TMPDIR/in"
	done
}

@test "every example that starts with a kind is a record, on all pages" {
	any=$(kinds | cut -d ' ' -f 2 | paste -s -d '|')
	n=0
	for page in ../formats/*.5; do
		page=$(basename "$page" .5)
		examples "$page" "\\(${any//|/\\|}\\)" >"$out"
		reccheck -n --any-order "$out" || { echo "$page"; return 1; }
		n=$((n + $(wc -l <"$out")))
	done
	[ $n -ge "$(kinds | wc -l)" ] || { echo "$n examples"; return 1; }
}

@test "sluice-records(5) lists every kind with its page" {
	diff <(kinds | awk '{ kinds[$1] = kinds[$1] " " $2 } END { for (page in kinds) print page kinds[page] }' | sort) \
		<(awk '/^[.]Ss Kinds/ { on = 1 } /^[.]Sh/ { on = 0 }
			on && /^[.]It Cm/ { sub(/^[.]It Cm /, ""); kinds = $0 }
			on && /^[.]Xr/ { print $2 " " kinds }' ../formats/sluice-records.5 | sort)
}

@test "sluice-records(5) describes every type" {
	diff <(grep -o ':[a-z0-9]*' ../formats/records.tab | tr -d : | grep -vx 'type\|' | sort -u) \
		<(awk '/^[.]Ss Types/ { on = 1 } /^[.]Ss Escapes/ { on = 0 } on && /^[.]It Sy/ { print $3 }' ../formats/sluice-records.5 | sort -u)
}

@test "every golden file with records is a valid stream, which the checker copies unchanged" {
	streams=0
	known=$(kinds | cut -d ' ' -f 2 | paste -sd '|')
	for file in */*.in */*.out; do
		head -n 1 "$file" | grep -aqE "^($known)	" || continue
		streams=$((streams + 1))
		# a field with these words is deliberately wrong
		grep -av 'not hex' "$file" >"$BATS_TEST_TMPDIR/in"
		reccheck --any-order "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in" || { echo "$file"; return 1; }
	done
	[ "$streams" -ge 10 ]
}

@test "sources and folds write valid streams" {
	for stacks in inline once; do
		perf2rec --stacks=$stacks ../examples/pipeline.data >"$out"
		reccheck "$out" | cmp - "$out"
		cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" | reccheck -n
		sched2states "$out" | reccheck -n
		sched2states "$out" | recgrep -p work | reccheck -n
	done
}

@test "every page refers only to existing pages" {
	sed -n 's/^[.]Xr \(sluice[-a-z]*\) 5.*/\1/p' ../formats/*.5 ../doc/*.[17] | sort -u | while read -r page; do
		[ -f "../formats/$page.5" ] || { echo "no formats/$page.5"; return 1; }
	done
}

# options FILTER: all of its usage, one a line.
options() {
	"$1" -h 2>&1 | grep -oE '^  -[a-zA-Z]|--[a-z][a-z-]*' | tr -d ' '
}

@test "the commands that doc/bench.md measures have programs and options that exist" {
	page=../doc/bench.md
	[ -f "$page" ] || skip "make bench has not written it"
	sed -n 's/^|[^`]*`\([^`]*\)`.*/\1/p' "$page" | sed 's/\\|/\n/g; s/;/\n/g; s/\<do //g' | sed 's/^ *//' | sort -u >"$out"
	[ "$(wc -l <"$out")" -gt 20 ]
	while read -r program words; do
		if [ ! -f "../filters/$program.c" ]; then
			grep -qxE 'perf|trace-cmd|trc_pkt_lister|[a-z]*floor|cat|rm|for|done' <<<"$program" || { echo "no program $program"; return 1; }
			continue
		fi
		for word in $words; do
			[[ $word == -[a-zA-Z]* || $word == --?* ]] || continue
			options "$program" | grep -qxFe "${word%%=*}" || { echo "$program has no option $word"; return 1; }
		done
	done <"$out"
}
