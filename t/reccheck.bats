#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The checker copies a record stream byte for byte and reports the first bad line and field.

load lib

# wrong WHY LINE ...: the last LINE is refused, the others are written. Blanks become tabs.
wrong() {
	local why=$1
	shift
	printf '%b\n' "${@// /\\t}" >"$BATS_TEST_TMPDIR/in"
	rejects "reccheck: $BATS_TEST_TMPDIR/in:$#: $why" reccheck "$BATS_TEST_TMPDIR/in"
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	head -n $(($# - 1)) "$BATS_TEST_TMPDIR/in" | diff - <([ -z "$output" ] || echo "$output")
}

ok() {
	printf '%b\n' "${@// /\\t}" >"$BATS_TEST_TMPDIR/in"
	reccheck "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
}

@test "kinds, escapes, limits, unknown kinds and appended fields are copied byte for byte" {
	golden reccheck kinds
}

@test "an empty stream is a stream" {
	reccheck </dev/null >"$out"
	[ ! -s "$out" ]
}

@test "input that is not a record stream is refused at its first line" {
	wrong 'not a record: bad kind ""' ''
	wrong 'not a record: bad kind "Hello, world"' 'Hello,\x20world'
	wrong 'not a record: bad kind "\x7fELF"' '\x7fELF'
	wrong 'not a record: bad t "b"' 'a b c'
	wrong 'not a record: no field machine' 'a 1'
	rejects ':1: not a record: bad kind' reccheck ../examples/pipeline.kallsyms
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "random bytes are refused with a one-line message that escapes them" {
	for seed in 1 2 3 4 5 6 7 8; do
		awk -v seed=$seed 'BEGIN { srand(seed); for (i = 0; i < 3000; i++) printf "%c", int(rand() * 256) }' >"$BATS_TEST_TMPDIR/in"
		rejects "reccheck: $BATS_TEST_TMPDIR/in:1: " reccheck "$BATS_TEST_TMPDIR/in"
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
		[[ $stderr != *[[:cntrl:]]* ]]
	done
}

@test "a missing field is named" {
	wrong 'exit: no field tid' 'exit 1 host - 2'
	wrong 'exit: no field machine' 'exit 1 host - 2 2' 'exit 1'
}

@test "numbers must be canonical and in range" {
	for t in 01 +1 -0 1.5 0x1 ' ' 9223372036854775808 -9223372036854775808 1a; do
		wrong "exit: bad t \"${t# }\"" "exit $t host - - -"
	done
	ok 'exit -9223372036854775807 host - - -'
	for pid in -1 00 2147483648; do
		wrong "exit: bad pid \"$pid\"" "exit 1 host - $pid -"
	done
	ok 'exit 1 host - 2147483647 0'
	wrong 'freq: bad khz "18446744073709551615"' 'freq 1 host - - - 0 18446744073709551615 -'
	wrong 'freq: bad khz "18446744073709551616"' 'freq 1 host - - - 0 18446744073709551616 -'
	ok 'freq 1 host - - - 0 18446744073709551614 -'
	for addr in 0x1 A 01 10000000000000000 ' '; do
		wrong "ksym: bad addr \"${addr# }\"" "ksym 1 host - - - add $addr 1 f"
	done
	ok 'ksym 1 host - - - add 0 ffffffffffffffff f'
}

@test "a field may be - only if the table allows it" {
	wrong 'exit: bad t "-"' 'exit - host - - -'
	wrong 'exit: bad machine "-"' 'exit 1 - - - -'
	wrong 'ksym: bad name "-"' 'ksym 1 host - - - add 1 1 -'
}

@test "text must not contain control bytes or broken escapes" {
	# shellcheck disable=SC1003
	for text in 'a\x01' '\x7f' 'a\rb' 'a\\qb' 'a\\x4' 'a\\x4G' 'a\\' '\\xAB'; do
		wrong 'meta: bad value' "meta - host key $text"
		wrong 'a field has control bytes or a broken escape' "exit 1 host - - - $text" || wrong 'NUL byte' "exit 1 host - - - $text"
		wrong 'a field has control bytes or a broken escape' "other 1 host $text"
	done
	ok 'meta - host key \\\\t\\\\n\\\\\\\\\\\\x00\x80\xff'
}

@test "a NUL byte is an error anywhere in a line" {
	wrong 'meta: bad value "a\x00"' 'meta - host key a\x00'
	wrong 'NUL byte' 'exit 1 host - - - \x00'
	wrong 'NUL byte' 'other 1 host \x00'
	wrong 'not a record: bad kind "ex\x00it"' 'ex\x00it 1 host - - -'
	wrong 'exit: bad t "1\x00"' 'exit 1\x00 host - - -'
}

@test "a word must not contain blanks, pairs must have keys" {
	wrong 'comm: bad how ""' 'comm 1 host - - -  a'
	wrong 'comm: bad how "a b"' 'comm 1 host - - - a\x20b c'
	for info in '=1' 'a' 'a=1\x20' 'a=1\x20\x20b=2' '\x20a=1' 'a=1\x20b' '' 'a=1\x20=2'; do
		wrong 'tracepoint: bad info' "tracepoint 1 host - - - x $info -"
	done
	ok 'tracepoint 1 host - - - x a==\x20b=1=2 -'
}

@test "a stack must consist of frames and modes" {
	for stack in ';' 'k;' ';1' '1;;2' 'x' '1<' '1<>' '1>' '1<a' '1<a>b' 'kk;1' '01' '@' '@x' '@01' '11112222333344445' '1<\\q>' '@1;2' ''; do
		wrong 'idle: bad stack' "idle 1 host - - - 0 1 $stack"
	done
	for stack in k 'k;u' 1 '1;2' 'k;1;u;2' '1<a>' '1<<>' '1<>>' '1<operator><+0x1>' '@0' '@ffffffffffffffff' '1<\\x3b>;2'; do
		ok "idle 1 host - - - 0 1 $stack"
	done
}

@test "a last line without newline is reported" {
	printf 'exit\t1\thost\t-\t-\t-\nexit\t2\thost\t-\t-\t-' >"$BATS_TEST_TMPDIR/in"
	rejects ':2: line is cut short' reccheck "$BATS_TEST_TMPDIR/in"
	[ "$output" = "$(printf 'exit\t1\thost\t-\t-\t-')" ]
}

@test "lines of several megabytes are copied" {
	awk 'BEGIN { for (j = 0; j < 3; j++) { printf "idle\t1\thost\t-\t-\t-\t0\t1\tk"; for (i = 0; i < 300000; i++) printf ";ffffffff%x", i + 268435456; print "" } }' >"$BATS_TEST_TMPDIR/in"
	reccheck "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
	cat "$BATS_TEST_TMPDIR/in" /dev/null | reccheck | cmp - "$BATS_TEST_TMPDIR/in"
	recstacks --stacks=once "$BATS_TEST_TMPDIR/in" | cmp - "$BATS_TEST_TMPDIR/in"
}

@test "an endless line is refused before memory runs out" {
	rejects ':1: line is longer than 67108864 bytes' sh -c '{ printf "meta\t-\thost\tkey\t"; tr "\0" a </dev/zero | head -c 70000000; } | reccheck'
}

@test "the limit for a line does not depend on how it arrives" {
	line() { printf 'meta\t-\thost\tkey\t'; head -c $(($1 - 16)) /dev/zero | tr '\0' a; echo; printf 'exit\t1\thost\t-\t-\t-\n'; }
	line 67108864 >"$BATS_TEST_TMPDIR/in"
	reccheck -n "$BATS_TEST_TMPDIR/in"
	reccheck -n < <(cat "$BATS_TEST_TMPDIR/in")
	line 67108865 >"$BATS_TEST_TMPDIR/in"
	rejects ':1: line is longer than 67108864 bytes' reccheck -n "$BATS_TEST_TMPDIR/in"
	rejects ':1: line is longer than 67108864 bytes' sh -c 'cat "$0" | reccheck -n' "$BATS_TEST_TMPDIR/in"
	rejects ':1: line is longer than 67108864 bytes' sh -c 'dd bs=777777 if="$0" 2>/dev/null | reccheck -n' "$BATS_TEST_TMPDIR/in"
}

@test "gzip'd input is read from a file and from a pipe, with several members too" {
	gzip -c reccheck/kinds.in >"$BATS_TEST_TMPDIR/in.gz"
	reccheck "$BATS_TEST_TMPDIR/in.gz" | cmp - reccheck/kinds.in
	reccheck <"$BATS_TEST_TMPDIR/in.gz" | cmp - reccheck/kinds.in
	cat "$BATS_TEST_TMPDIR/in.gz" "$BATS_TEST_TMPDIR/in.gz" | reccheck --any-order - | cmp - <(cat reccheck/kinds.in reccheck/kinds.in)
	head -c -5 "$BATS_TEST_TMPDIR/in.gz" >"$BATS_TEST_TMPDIR/cut.gz"
	rejects 'cut.gz@0x3a4 (decompressed): the gzip stream is cut short' reccheck "$BATS_TEST_TMPDIR/cut.gz"
}

@test "times must not go back, except in kinds without an order" {
	wrong 'exit: time goes back from 5 to 4' 'exit 5 host - - -' 'exit 5 vm - - -' 'exit 4 host - - -'
	ok 'exit 5 host - - -' 'stack 4 host - 1 k;1' 'state 1 host 0 1 1 2 0 a 120 running - -' 'other 3 host' 'meta - host a b' 'exit 5 host - - -'
	printf 'exit\t5\thost\t-\t-\t-\nexit\t4\thost\t-\t-\t-\n' | reccheck --any-order -n
	printf 'exit\t5\thost\t-\t-\t-\nexit\t4\thost\t-\t-\t-\n' | LC_ALL=C sort -s -k2,2n | reccheck -n
}

@test "a record of every other kind is reported if its time goes back" {
	any='state cpustate iostate request arrow path pkt range flow stack'
	while read -r kind record; do
		printf 'exit\t5\thost\t-\t-\t-\n%s\t%s\n' "$kind" "$record" >"$BATS_TEST_TMPDIR/in"
		case " $any " in
		*" $kind "*) reccheck -n "$BATS_TEST_TMPDIR/in" ;;
		*) rejects ":2: $kind: time goes back from 5 to 4" reccheck -n "$BATS_TEST_TMPDIR/in" ;;
		esac
	done < <(awk -F'[\t ]' '/^[a-z]/ {
		printf "%s", $1
		for (i = 2; i <= NF; i++)
			printf "\t%s", $i ~ /^t:/ ? 4 : $i ~ /[?]$/ ? "-" : $i ~ /:kv/ ? "a=1" : $i ~ /:stack/ ? "k;1" : 1
		print ""
	}' ../formats/records.tab)
	sed -n '/^Records of the kinds/,/^and of unknown/s/^\.Cm//p' ../doc/reccheck.1 | tr -d , | xargs -n1 | sort | diff <(tr ' ' '\n' <<<"$any" | sort) -
}

@test "a stack may be defined again, but not differently" {
	ok 'stack 1 host - ab k;1' 'stack 2 host - ab k;1' 'stack 2 host - ac k;2'
	wrong 'stack: ab was defined otherwise before' 'stack 1 host - ab k;1' 'stack 2 host - ab k;2'
}

@test "-n writes nothing, -v reports the number of lines" {
	run -0 --separate-stderr reccheck -nv reccheck/kinds.in
	[ -z "$output" ]
	[ "$stderr" = "reccheck: 17 lines read" ]
}

@test "a full disk is reported, a closed pipe ends quietly" {
	run -1 --separate-stderr sh -c 'reccheck reccheck/kinds.in >/dev/full'
	[ "$stderr" = "reccheck: <stdout>: No space left on device" ]
	run -0 --separate-stderr sh -c 'yes "$(cat reccheck/kinds.in)" | reccheck --any-order | head -n 1'
	[ "$stderr" = "" ]
}

@test "a directory and a missing file are reported" {
	rejects 'reccheck: .: Is a directory' reccheck .
	rejects 'reccheck: no/such: No such file or directory' reccheck no/such
}

@test "a recording or its text given in place of records is reported with the filter that makes records of it" {
	printf '\x17\x08\x44tracing6\0\n' >"$BATS_TEST_TMPDIR/trace.dat"
	for filter in reccheck cs2text sched2states states2svg; do
		rejects 'pipeline.data:1: a perf.data file: use perf2rec' "$filter" ../examples/pipeline.data
		rejects 'trace.dat:1: a trace.dat file: use ftrace2rec' "$filter" "$BATS_TEST_TMPDIR/trace.dat"
		rejects '": text: script2rec reads that of perf script, trace-cmd report and ftrace' "$filter" ../examples/perf.txt
	done
	rejects '<stdin>:1: not a record: bad kind "\x7fELF\x01"' reccheck < <(printf '\x7fELF\1\n')
	[[ $stderr != *script2rec* ]]
	# another line is a bad one among records
	rejects '<stdin>:2: not a record: bad kind "perf 1"' reccheck < <(printf 'meta\t-\thost\ta\tb\nperf 1\n')
	[[ $stderr != *script2rec* ]]
}
