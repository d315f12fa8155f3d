#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What all filters do alike: messages, standard descriptors.

load lib

@test "what a file contains reaches the terminal quoted" {
	run -1 --separate-stderr rapl2csv <<<$'     1.0 10.00 Joules power/energy-pkg/\noops \e[31m \u009b \u202e \xff'
	[[ $stderr == 'rapl2csv: <stdin>:2: cannot parse: oops \x1b[31m \xc2\x9b \xe2\x80\xae \xff'* ]] || { echo "$stderr"; return 1; }
	printf 'exit\t1\th\xc2\x9b1\t-\t-\n' >"$BATS_TEST_TMPDIR/in"
	run -1 --separate-stderr reccheck "$BATS_TEST_TMPDIR/in"
	[[ $stderr != *$'\u009b'* ]]
	run -2 --separate-stderr reccheck $'\e[31m' two
	[[ $stderr != *$'\e'* ]]
}

@test "an option that is wrong is reported quoted, in the words of getopt" {
	usage_after() { # SAID OPTION ...
		run -2 --separate-stderr recgrep "${@:2}"
		[ "${stderr_lines[0]}" = "recgrep: $1" ] && [[ ${stderr_lines[1]} == 'usage: recgrep '* ]] || { echo "$stderr"; return 1; }
	}
	usage_after "unrecognized option '--\\x1b[31mx'" $'--\e[31mx'
	usage_after "invalid option -- '\\x1b'" $'-v\e'
	usage_after "invalid option -- '\\xff'" $'-\xff'
	usage_after "unrecognized option '--nosuch=1'" --nosuch=1 file
	usage_after "option '--invert' doesn't allow an argument" --inv=1
	usage_after "option '--help' doesn't allow an argument" --help=1
	usage_after "option '--function' requires an argument" --function
	usage_after "option requires an argument -- 'e'" -ve
	run -2 --separate-stderr rapl2csv --c=$'\e'
	[ "${stderr_lines[0]}" = "rapl2csv: option '--c=\\x1b' is ambiguous" ]
}

@test "help and version that cannot be written are an error" {
	for option in -h --help --version; do
		run -1 --separate-stderr sh -c "recgrep $option >/dev/full"
		[ "$stderr" = 'recgrep: <stdout>: No space left on device' ]
		run -1 --separate-stderr sh -c "recgrep $option >&-"
		[ "$stderr" = 'recgrep: <stdout>: Bad file descriptor' ]
	done
}

@test "nothing is said about an input that was not read to its end because the output failed" {
	perf2rec ../examples/pipeline.data | grep -v switch >"$BATS_TEST_TMPDIR/in"
	run -1 --separate-stderr sh -c 'sched2states "$1" >/dev/full' sh "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = 'sched2states: <stdout>: No space left on device' ]
	run -1 --separate-stderr sh -c 'recgrep -e "wakeup,nosuch" "$1" >/dev/full' sh "$BATS_TEST_TMPDIR/in"
	[ "$stderr" = 'recgrep: <stdout>: No space left on device' ]
}

# Everything that is read by a name on the command line; what an input names is opened by lib/base/sysroot.
@test "a device is refused wherever a file is read" {
	mkdir -p "$BATS_TEST_TMPDIR/tracing/events"
	refused() { # FILTER ARG ...
		run -1 --separate-stderr timeout 10 "$@"
		[[ $stderr == "$1: "*"/dev/zero: a device: only files and pipes are read" ]] || { echo "$*: $stderr"; return 1; }
	}
	for filter in cs2text etm2pkt kvmsplit perf2rec profdiff rapl2csv 'rapl2csv --wide' rec2folded rec2pprof rec2prof reccheck recgrep recstacks recunwind sched2states script2rec states2json states2svg; do
		refused $filter /dev/zero
	done
	for option in -k --guest-kallsyms= --guest-modules= --guest-modules=vm7=; do
		refused cs2text $option/dev/zero reccheck/kinds.in
	done
	refused profdiff reccheck/kinds.in /dev/zero
	refused ftrace2rec 0=/dev/zero
	refused ftrace2rec -f /dev/zero 0=/dev/null
	run -1 --separate-stderr timeout 10 reccheck </dev/zero
	[ "$stderr" = 'reccheck: <stdin>: a device: only files and pipes are read' ]
	run -0 --separate-stderr reccheck /dev/null
	[ -z "$stderr" ]
}

@test "a FIFO in a folder is not opened" {
	for file in data snapshot.ini; do
		mkdir -p "$BATS_TEST_TMPDIR/$file"
		mkfifo "$BATS_TEST_TMPDIR/$file/$file"
	done
	rejects "/data/data: not a regular file" timeout 10 perf2rec "$BATS_TEST_TMPDIR/data"
	rejects "/snapshot.ini/snapshot.ini: not a regular file" timeout 10 etm2pkt "$BATS_TEST_TMPDIR/snapshot.ini"
}

@test "text whose line has no end is read to a bound" {
	run -1 --separate-stderr timeout 20 sh -c '{ echo "     1.0 10.00 Joules power/energy-pkg/"; tr "\0" a </dev/zero; } | rapl2csv'
	[ "${#lines[@]}" -eq 2 ]
	[ "${stderr_lines[-1]}" = 'rapl2csv: <stdin>:2: line is longer than 67108864 bytes: not text' ]
}

@test "a name or pattern that nothing matches is reported, once" {
	in=$BATS_TEST_TMPDIR/in
	printf '%s\n' 'comm 1 host 0 7 7 exec a' 'sample 2 host 0 7 7 e 1 k ffffffff81000010<f+0x0> - -' 'sample 3 vm7 0 9 9 e 1 gk ffffffff81000010 - -' \
		'switch 4 host 0 7 7 a 120 R 0 swapper/0 120 -' 'sample 5 host 0 7 7 e2 1 u 10 - -' | tr ' ' '\t' >"$in"
	said() { # LINES FILTER ...
		run --separate-stderr "${@:2}" "$in"
		diff <(printf '%s' "${1:+$1$'\n'}") <(printf '%s' "${stderr:+$stderr$'\n'}")
	}
	said '' recgrep -e 'e*,switch,comm' -p 7,a -m 'h*' --function f
	said 'recgrep: nothing matches -e "nosuch": the events are e, switch, e2
recgrep: nothing matches -e "n*"' recgrep -e 'nosuch,e,e2,n*,switch'
	said 'recgrep: nothing matches -m "vm9"' recgrep -m vm9
	said 'recgrep: nothing matches -p "17"
recgrep: nothing matches -p "\x1b[31m"' recgrep -p $'17,7,a,\e[31m,swapper/0'
	said 'recgrep: nothing matches --function "g"' recgrep --function g
	said 'rec2folded: nothing matches -e "nosuch": the events are e, switch, e2' rec2folded -e e,nosuch
	said 'rec2pprof: nothing matches -e "nosuch": the events are e, switch, e2' rec2pprof -e e,nosuch
	said 'rec2prof: nothing matches -e "nosuch": the events are e, switch, e2' rec2prof -e e,nosuch
	said 'profdiff: nothing matches -e "nosuch": the events are e, switch, e2' profdiff -e e,nosuch "$in"
	said 'kvmsplit: nothing matches -m "vm9"' kvmsplit -m vm9
	said '' kvmsplit -m vm7
	said 'cs2text: nothing matches -m "vm9"' cs2text -m vm9
	said '' cs2text -m vm7
	printf '%s T f\n' ffffffff81000000 >"$BATS_TEST_TMPDIR/kallsyms"
	echo 'mod 4096 0 - Live 0xffffffffc0000000' >"$BATS_TEST_TMPDIR/modules"
	said "cs2text: nothing matches --guest-kallsyms \"vm9=$BATS_TEST_TMPDIR/kallsyms\"
cs2text: nothing matches --guest-modules \"vm8=$BATS_TEST_TMPDIR/modules\"" \
		cs2text --guest-kallsyms=vm{7,9}="$BATS_TEST_TMPDIR/kallsyms" --guest-modules="$BATS_TEST_TMPDIR/modules" --guest-modules=vm8="$BATS_TEST_TMPDIR/modules"
	in=$BATS_TEST_TMPDIR/states
	printf '%s\n' 'state 1 host 0 7 7 2 0 a 120 running - -' 'state 2 host 0 8 8 3 0 b 120 running - -' | tr ' ' '\t' >"$in"
	said 'states2svg: nothing matches -p "c+"
states2svg: nothing matches -p "9"' states2svg -p a,c+,8,9,b+
	run --separate-stderr recgrep -e nosuch nosuch.rec
	[ "$stderr" = 'recgrep: nosuch.rec: No such file or directory' ]
}

@test "of faults of one kind 20 are printed, the others counted" {
	text=$'     1.0 10.00 Joules power/energy-pkg/\n'$(yes oops | head -n 20)
	run -1 --separate-stderr rapl2csv <<<"$text"
	[ "$(grep -c ': cannot parse' <<<"$stderr")" -eq 20 ]
	[[ $stderr != *more* ]]
	run -1 --separate-stderr rapl2csv <<<"$text"$'\nlast\n'
	[ "$(grep -c ': cannot parse' <<<"$stderr")" -eq 20 ]
	[[ $stderr == *$'\nrapl2csv: ... and 1 more bad lines'* ]]
	run -1 --separate-stderr rapl2csv -v <<<"$text"$'\nlast\n'
	[ "$(grep -c ': cannot parse' <<<"$stderr")" -eq 21 ]
}

# closed N: of reccheck, waiting for its input with descriptor N closed, what N is.
closed() {
	mkfifo "$BATS_TEST_TMPDIR/fifo$1"
	case $1 in
	0) reccheck "$BATS_TEST_TMPDIR/fifo0" <&- >/dev/full & ;;
	1) reccheck "$BATS_TEST_TMPDIR/fifo1" >&- & ;;
	2) reccheck "$BATS_TEST_TMPDIR/fifo2" 2>&- >/dev/full & ;;
	esac
	exec 9>"$BATS_TEST_TMPDIR/fifo$1" # the filter has opened its end now
	readlink "/proc/$!/fd/$1"
	exec 9>&-
	wait $! || true
}

@test "no file takes the place of a standard descriptor that is closed" {
	for fd in 0 1 2; do
		[ "$(closed $fd)" = /dev/null ] || { echo "descriptor $fd"; return 1; }
	done
}

@test "a damaged gzip file gives all that was inflated, and is reported" {
	in=$BATS_TEST_TMPDIR/in.gz
	perf2rec --stacks=once ../examples/pipeline.data >"$BATS_TEST_TMPDIR/in"
	gzip -c "$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/good.gz"
	n=$(wc -c <"$BATS_TEST_TMPDIR/good.gz")
	{ head -c $((n - 8)) "$BATS_TEST_TMPDIR/good.gz"; printf 12345678; } >"$in"
	run -1 --separate-stderr sh -c "reccheck $in >$out"
	[[ $stderr == "reccheck: $in@0x"*" (decompressed): the gzip stream is damaged: incorrect data check" ]]
	cmp "$out" "$BATS_TEST_TMPDIR/in"
	{ cat "$BATS_TEST_TMPDIR/good.gz"; echo more; } >"$in"
	run -1 --separate-stderr sh -c "reccheck $in >$out"
	[[ $stderr == "reccheck: $in@0x"*" (decompressed): garbage after the gzip stream" ]]
	cmp "$out" "$BATS_TEST_TMPDIR/in"
}

@test "without memory a filter says how much it wanted, and how far the input was read" {
	[ -z "${SAN-}" ] || skip "the sanitizers reserve address space"
	in=$BATS_TEST_TMPDIR/in
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "sample\t%d\thost\t0\t1\t1\tcycles\t1\tu\t-\t\tu;%x;%x;%x\n", i, i, i, i }' >"$in"
	run -0 sh -c "rec2folded $in >/dev/null"
	run -1 --separate-stderr sh -c "ulimit -v 20000; rec2folded $in"
	[[ ${stderr_lines[0]} =~ ^'rec2folded: Cannot allocate memory: '[0-9]+' bytes'$ ]]
	[[ ${stderr_lines[1]} =~ ^"rec2folded: $in@0x"[0-9a-f]+': the input was read up to here'$ ]]
}

@test "a loss is not the first event in any filter, nor is the cpustate that it becomes" {
	local in=$BATS_TEST_TMPDIR/loss states=$BATS_TEST_TMPDIR/loss.states filter
	tr ' ' '\t' >"$in" <<-'END'
		lost 1000 host 0 - - - 4 full
		lost 3000 host 0 - - 1000 9 full
		switch 3000 host 0 5 5 a 120 S 6 b 120 -
		switch 4000 host 0 6 6 b 120 S 5 a 120 -
		lost 5000 host 0 - - 4500 9 full
		switch 6000 host 0 5 5 a 120 S 6 b 120 -
	END
	sched2states "$in" >"$states"
	awk -F'\t' '$1 == "cpustate" && $8 == "lost" && $2 == 1000 { n++ } END { exit n == 0 }' "$states"
	for filter in states2tab states2json states2svg recgrep; do
		run $filter -t +9s, "$states"
		[[ $output == *"from 0.000003000s to 0.000006000s"* ]] || { echo "$filter: $output"; return 1; }
	done
	for filter in sched2states recgrep; do
		run $filter -t +9s, "$in"
		[[ $output == *"from 0.000003000s to 0.000006000s"* ]] || { echo "$filter: $output"; return 1; }
	done
	[ "$(states2path -p 6 -t +0,+1000 "$states" | head -n 1 | cut -f2)" = 3000 ]
	# what was lost is unknown, though switches were recorded
	run states2tab -t 4600,4700 "$states"
	[[ $output == *"all states between these times are unknown: events were lost there"* ]]
	run states2svg -t 4600,4700 "$states"
	[[ $output == *"all states are unknown: events were lost; "* ]]
}
