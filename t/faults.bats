#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every filter in every fault: full disks, closed and broken pipes, input that stops, signals, limits. It ends with the status that
# its page names and one message, or works as ever. FAULTS=full makes the long streams 10 million events, and the long line 100 MB.

load lib

# filter | arguments | input | r: reads records, t: other text, b: bytes | e: takes a stream without end | status and message without input
#
# setup_file() makes the inputs; FILE is the input's name.
table='
cs2text|-k ../examples/pipeline.kallsyms|rec|r|e|0
energy2tab||energy|r||1 no energy records
etm2pkt|--protocol=etmv4,id=0x10 --layout=single|etm|b|e|0
etm2pkt|--decode --protocol=etmv4,id=0x10 --layout=single|etm|b|e|0
ftrace2rec|-f ../examples/virtio/meta.tar 0=-|pages|b|e|0 no event
kvmexits||exits|r||1 no kvmentry
kvmsplit||rec|r|e|0
perf2rec||perf.data|b||1 empty
profdiff|-e switch FILE|rec|r||0 the second profile is empty
rapl2csv||csv|t|e|1 no energy counters
rapl2csv|--wide|csv|t||1 no energy counters
rec2folded|-e switch|rec|r||1 no records
rec2pprof|-e sleeping|states|r||1 no records
rec2prof|-e switch|rec|r||1 no records
reccheck|--any-order|rec|r|e|0
recgrep||rec|r|e|0
recgrep|-t ,-0s|rec|r||0 there are no events
recstacks|--stacks=once|rec|r|e|0
recunwind|--sysroot=../examples/sysroot|ustacks|r|e|0
sched2states||rec|r||0 no records
script2rec||text|t|e|1 no events
states2json||states|r|e|1 no records
states2path|-p writer|states|r||1 no records
states2svg||states|r||1 no records
states2tab||states|r||1 no records
'

setup_file() {
	setup
	export dir=$BATS_FILE_TMPDIR
	perf2rec ../examples/pipeline.data | awk '/^(switch|wakeup)/ && n++ == 30 { exit } 1' >"$dir/rec"
	cs2text -k ../examples/pipeline.kallsyms "$dir/rec" | sched2states >"$dir/states"
	cp energy2tab/small.in "$dir/energy"
	perf2rec ../examples/kvm/exits.data.gz | head -n 200 >"$dir/exits"
	head -n 100 ../examples/power.csv >"$dir/csv"
	awk '/^$/ && n++ == 20 { exit } 1' ../examples/perf.txt >"$dir/text"
	perf2rec --user-stacks ../examples/descend.data >"$dir/ustacks" 2>"$dir/err"
	cp ../examples/descend.data "$dir/perf.data"
	cp ../examples/virtio/cpu1 "$dir/pages"
	awk 'BEGIN { print "async\ntrace_info\ntrace_on\naddr_ctxt64 0x7f0100 0 ns"; while (n++ < 200) print "atoms E\naddr64 0x7f0100" }' |
		"$BUILD/t/mktrace" >"$dir/etm"
	out=$dir/out err=$dir/err
	each whole
}

# each TEST: call it for each row of the table, with $filter, $args, $in, $how, $endless, $empty and $row, its number. Report all
# that fail.
each() {
	local filter args in how endless empty row=0 bad=0
	while IFS='|' read -r filter args in how endless empty; do
		[ -n "$filter" ] || continue
		in=$dir/$in args=${args//FILE/$in} row=$((row + 1))
		"$1" || { echo "  in: $filter $args"; bad=1; }
	done <<<"$table"
	[ $bad -eq 0 ]
}

# attempt [COMMAND ...] <in: run the filter of the row, after the words of a command -> $status, $out, $err
attempt() {
	status=0
	timeout 20 "$@" $filter $args >"${to-$out}" 2>"$err" || status=$?
}

# ends STATUS MESSAGE: it did so, and the message is the last line on stderr, after the filter's name. It may be a pattern.
ends() {
	local said
	said=$(<"$err")
	if [ "$status" -ne "$1" ] || [[ ${said##*$'\n'} != "$filter: "$2 ]]; then
		echo "status $status: $said"
		return 1
	fi
}

# quiet STATUS: it ended so and said nothing but what it has to say of the input anyway.
quiet() {
	if [ "$status" -ne "$1" ] || { [ -s "$err" ] && ! cmp -s "$err" "$dir/err.$row"; }; then
		echo "status $status: $(<"$err")"
		return 1
	fi
}

# as_ever: it wrote and said what it does without a fault. A buffer of trace from a pipe has no size.
as_ever() {
	quiet 0 && if [ "${in##*/}" != etm ]; then cmp "$out" "$dir/out.$row"; else diff -q <(sed 1d "$out") <(sed 1d "$dir/out.$row"); fi
}

whole() {
	attempt <"$in"
	[ $status -eq 0 ] || { cat "$err"; return 1; }
	mv "$out" "$dir/out.$row"
	mv "$err" "$dir/err.$row"
}

@test "every filter that reads is in the table" {
	run -0 diff <(grep -o '^[a-z][^|]*' <<<"$table" | sort -u) <(basename -s .c ../filters/*.c | grep -vx 'recfields\|vtagent')
}

@test "a full disk is an error" {
	full() {
		to=/dev/full attempt <"$in"
		ends 1 '<stdout>: No space left on device'
	}
	each full
}

@test "a closed standard output or input is an error" {
	closed() {
		status=0
		timeout 20 $filter $args <"$in" 2>"$err" >&- || status=$?
		ends 1 '<stdout>: Bad file descriptor' || return
		attempt <&-
		ends 1 '<stdin>: Bad file descriptor'
	}
	each closed
}

# broken: descriptor 5 is a pipe without a reader.
broken() {
	mkfifo "$BATS_TEST_TMPDIR/broken"
	exec 4<>"$BATS_TEST_TMPDIR/broken" 5>"$BATS_TEST_TMPDIR/broken" 4>&-
}

@test "a broken pipe ends a filter without a message; if its signal is ignored, it is an error" {
	broken
	unread() {
		attempt sh -c 'exec "$@" >&5' sh <"$in"
		quiet 141 || return
		attempt sh -c 'exec env --ignore-signal=PIPE "$@" >&5' sh <"$in"
		ends 1 '<stdout>: Broken pipe'
	}
	each unread
	exec 5>&-
}

# endlessly: the input, again and again.
endlessly() {
	[ "$how" = b ] || exec yes "$(<"$in")"
	cp "$in" "$out.many"
	for i in 1 2 3 4 5 6 7 8; do
		cat "$out.many" "$out.many" >"$out.twice"
		mv "$out.twice" "$out.many"
	done
	while cat "$out.many" 2>/dev/null; do :; done
}

@test "of a stream without end the first line can be taken" {
	first() {
		[ -n "$endless" ] || return 0
		endlessly | timeout 20 $filter $args 2>"$err" | head -n 1 >"$out"
		local statuses="${PIPESTATUS[*]}"
		[[ $statuses == *' 141 0' ]] || { echo "$statuses"; return 1; }
		diff "$out" <(sed '1s/size=[0-9]*/size=-/;q' "$dir/out.$row")
	}
	each first
}

@test "a folder, a file that must not be read, and one that cannot be, are errors" {
	: >"$BATS_TEST_TMPDIR/closed"
	chmod 0 "$BATS_TEST_TMPDIR/closed"
	drop=()
	[ "$(id -u)" -ne 0 ] || drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
	unreadable() {
		attempt <.
		ends 1 '<stdin>: Is a directory' || return
		attempt </proc/self/mem
		ends 1 '<stdin>: Input/output error' || return
		args="${args%0=-} "
		[ "$filter" != ftrace2rec ] || args+=0=
		args+=$BATS_TEST_TMPDIR/closed
		[ "$filter" != profdiff ] || args="-e switch $in $BATS_TEST_TMPDIR/closed"
		attempt "${drop[@]}" </dev/null
		ends 1 "$BATS_TEST_TMPDIR/closed: Permission denied"
	}
	each unreadable
}

@test "no input at all is a valid stream, or an error, as the page says" {
	nothing() {
		attempt </dev/null
		if [ ${#empty} -eq 1 ]; then
			[ $status -eq 0 ] && [ ! -s "$err" ]
		else
			ends "${empty%% *}" "*${empty#* }*"
		fi
	}
	each nothing
}

@test "input may come byte by byte" {
	slow() {
		attempt < <(dd bs=$((1 + $(stat -c %s "$in") / 6000)) oflag=direct status=none if="$in") # each write is a read
		as_ever
	}
	each slow
}

@test "a line that is cut short is an error, and all before it is written" {
	cut_short() {
		[ "$how" != b ] || return 0
		attempt < <(sed '$d' "$in")
		[ $status -eq 0 ] && mv "$out" "$out.expected"
		attempt < <(head -c -1 "$in")
		ends 1 "<stdin>:$(wc -l <"$in"): *" || return
		[ -n "$endless" ] || return 0 # it may not know what precedes the damage
		cmp "$out" "$out.expected"
	}
	each cut_short
}

@test "a NUL byte in a line is an error" {
	for at in 's/$/\x00/' 's/./\x00/2' 's/^/nosuch\tkind\x00/'; do
		nul() {
			[ "$how" != b ] || return 0
			attempt < <(sed "7$at" "$in")
			ends 1 '<stdin>:7: *' || { echo "$at"; return 1; }
		}
		each nul
	done
}

@test "eight descriptors are enough" {
	few() {
		exec 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
		ulimit -n 8
		[ "$filter" = cs2text ] || { attempt <"$in" && as_ever; } # one for each file of symbols
	}
	each few
}

@test "a file that reaches its limit is an error" {
	limited() {
		attempt sh -c '(ulimit -f 0; exec env --ignore-signal=XFSZ "$@" 2>&1 >"$0") | cat' "$out.limited" <"$in"
		mv "$out" "$err"
		status=1
		ends 1 '*: File too large' # stdout, or the memory that jobs share
	}
	each limited
}

# Of those that read records, one reader does for all.
@test "a line of 100 MB is an error" {
	too_long() {
		[ "$how" != b ] || return 0
		[ "${FAULTS-}" = full ] || [[ $filter == @(reccheck|script2rec) ]] || return 0
		attempt < <(head -c 100000000 /dev/zero | tr '\0' a)
		[[ $status == 1 && $(<"$err") == *' line is longer than 67108864 bytes'* ]] || { cat "$err"; return 1; }
	}
	each too_long
}

# long N: an input like that of the row with N events or more. Pages that recur are refused, so there is none of pages.
long() {
	case ${in##*/} in
	energy) awk -v kind=states -v n="$1" -f stream.awk ;;
	ustacks) yes "$(<"$in")" | head -n "$1" ;;
	etm) endlessly | head -c $((10 * $1)) ;;
	perf.data)
		"$BUILD/t/mkperf" -p ../examples/pipeline.data >"$out.many"
		cat "$out.many"
		for ((i = 5000; i < $1; i += 5000)); do tail -c +17 "$out.many"; done
		;;
	*) awk -v kind="${in##*/}" -v n="$1" -f stream.awk ;;
	esac
}

# In KB of resident memory: a few MB, and what the page of a filter says. FAULTS=full writes a table.
@test "a filter needs no more memory for a long stream" {
	needs time
	[ -z "${SAN-}" ] || skip "the sanitizers need memory"
	n=60000
	[ "${FAULTS-}" != full ] || n=10000000
	bounded() {
		local most=8192
		case $filter in
		perf2rec) most=16384 ;;
		energy2tab) most=$((8192 + n / 20)) ;; # 24 bytes for each run
		kvmexits) most=$((8192 + n / 64)) ;; # 8 bytes for each exit
		states2path) most=$((8192 + n / 4)) ;; # 100 bytes for each of two states
		states2svg) most=$((n < 1000000 ? 40960 : 350 << 10)) ;;
		esac
		[ "${in##*/}" != pages ] || return 0
		long $n 2>/dev/null | command time -f '%M %U %S' $filter $args 2>"$err" | wc -c >"$out"
		read -r rss cpu <<<"$(tail -n 1 "$err")"
		[ "${FAULTS-}" != full ] || echo "# $filter $args: $rss KB, $cpu s, $(<"$out") bytes" >&3
		[ "$rss" -le $most ] && [ "$(<"$out")" -gt 0 ] || { echo "$rss KB"; cat "$err"; return 1; }
	}
	each bounded
}

@test "a signal that comes while a temporary file is made leaves no file, and without O_TMPFILE no name remains" {
	needs strace
	[ -z "${SAN-}" ] || skip "LeakSanitizer refuses to be traced"
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	traced() { # OPTION ...: a filter that copies its input, a pipe
		strace -o "$err" "$@" recgrep -t ,-0s < <(cat "$dir/rec") >"$out"
	}
	traced -e trace=openat
	nth=$(grep -nF "$TMPDIR" "$err" | cut -d: -f1)
	status=0
	traced -e "inject=openat:signal=TERM:when=$nth" || status=$?
	[ "$status" -eq 143 ]
	[ -z "$(ls "$TMPDIR")" ]
	traced -P "$TMPDIR" -e inject=openat:error=EOPNOTSUPP
	grep -q INJECTED "$err"
	cmp "$out" <(recgrep -t ,-0s "$dir/rec")
	[ -s "$out" ]
	[ -z "$(ls "$TMPDIR")" ]
}

# A signal that nobody handles: what is promised is the status, silence, and that nothing remains.
@test "SIGINT and SIGTERM end a filter that waits for input, and leave no temporary file" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	mkdir "$BATS_TEST_TMPDIR/tmp"
	waiting() {
		local signal=INT
		[ $((row % 2)) -eq 0 ] || signal=TERM
		TMPDIR=$BATS_TEST_TMPDIR/tmp env --default-signal=$signal $filter $args <"$BATS_TEST_TMPDIR/fifo" >"$out" 2>"$err" 3>&- &
		exec 5>"$BATS_TEST_TMPDIR/fifo"
		cat "$in" >&5
		until [ "$(<"/proc/$!/comm")" = "$filter" ]; do sleep 0.01; done
		kill -$signal $!
		status=0
		wait $! 2>/dev/null || status=$?
		exec 5>&-
		quiet $((128 + $(kill -l $signal))) || return
		find "$BATS_TEST_TMPDIR/tmp" -type f >"$out"
		[ ! -s "$out" ] || { cat "$out"; return 1; }
	}
	each waiting
}

@test "SIGINT and SIGTERM end a filter that writes" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	writing() {
		[ -n "$endless" ] || return 0
		local signal=INT
		[ $((row % 2)) -eq 0 ] || signal=TERM
		env --default-signal=$signal $filter $args < <(endlessly) >"$BATS_TEST_TMPDIR/fifo" 2>"$err" 3>&- &
		exec 5<"$BATS_TEST_TMPDIR/fifo"
		head -c 1 <&5 >"$out"
		kill -$signal $!
		status=0
		wait $! 2>/dev/null || status=$?
		exec 5<&-
		quiet $((128 + $(kill -l $signal)))
	}
	each writing
}
