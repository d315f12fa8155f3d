#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A crash of the library's full decoder: the output before it is kept, the lost trace is reported, and the rest is decoded.

load lib
load coresight

raw="--decode --protocol=etmv4,id=0x10 --layout=single"

# An atom, its target and a mispredict: OpenCSD 1.3.3 removes the address from the list that it iterates over.
crashing() {
	printf '%s\n' async trace_info trace_on 'addr_ctxt64 0x7f0100 0 ns' 'atoms E' 'match 0' mispredict
}

good() {
	printf '%s\n' async trace_info trace_on "addr_ctxt64 $1 0 ns" 'atoms E' 'ts 0x1234'
}

# raw_dump <text: write its trace to $dump.
raw_dump() {
	"$BUILD/t/mktrace" >"$dump"
}

# Skip if the library does not crash. A sanitizer must not handle a crash.
crashes() {
	export ASAN_OPTIONS=handle_segv=0:handle_abort=0:handle_sigbus=0:abort_on_error=1
	dump=$BATS_TEST_TMPDIR/dump
	crashing | raw_dump
	etm2pkt $raw "$dump" >"$out" 2>"$err" || true
	grep -q 'the full decoder crashed' "$err" || skip "this OpenCSD does not crash"
}

# ignored N: N bytes of trace without meaning.
ignored() {
	awk -v n="$1" 'BEGIN { while (n-- > 0) print "ignore" }'
}

# agree: several jobs, and a pipe, give the output of one job for $BATS_TEST_TMPDIR/perf.data.
agree() {
	local jobs file=$BATS_TEST_TMPDIR/perf.data
	run ! etm2pkt "$@" "$file"
	etm2pkt "$@" "$file" >"$out" 2>"$err" || true
	for jobs in 2 5; do
		run -1 sh -c 'etm2pkt -j "$@" >"$0.jobs" 2>"$0.said"' "$out" $jobs "$@" "$file"
		cmp "$out" "$out.jobs"
		diff "$err" "$out.said"
	done
	run -1 sh -c 'cat "$1" | { shift; etm2pkt "$@"; } >"$0.jobs" 2>/dev/null' "$out" "$file" "$@"
	cmp "$out" "$out.jobs"
}

@test "a crash is reported once, with the output before it and the trace lost" {
	crashes
	for jobs in 1 2; do
		run -1 --separate-stderr etm2pkt -j $jobs $raw "$dump"
		size=$(stat -c %s "$dump")
		[ "$stderr" = "etm2pkt: $dump@0x0: the full decoder crashed (signal 11), $size bytes left out
etm2pkt: $dump: 1 place could not be decoded" ] || { echo "$stderr"; return 1; }
		[ "${lines[-1]}" = $'gap\t-\thost\t-\t-\t-\t-\t'$size$'\ttrace at 0: the full decoder crashed (signal 11)' ]
		[[ $output == *$'\tno-access\tk\t7f0100\t'* ]]
		reccheck -n <<<"$output"
	done
	etm2pkt $raw --lister "$dump" 2>/dev/null | grep -q OCSD_GEN_TRC_ELEM_ADDR_NACC
	run -1 --separate-stderr sh -c 'cat "$0" | etm2pkt "$@"' "$dump" $raw
	[[ $stderr == *"<stdin>@0x0: the full decoder crashed (signal 11), "* ]] || { echo "$stderr"; return 1; }
	# packets need no full decoder
	run -0 etm2pkt ${raw#--decode} "$dump"
}

@test "decoding goes on after each crash in a piece of trace" {
	crashes
	{ crashing; ignored 5000; good 0x7f0200; ignored 5000; crashing; ignored 5000; good 0x7f0300; } | raw_dump
	run -1 --separate-stderr etm2pkt $raw "$dump"
	[ "${#stderr_lines[@]}" -eq 4 ] # one of them is about missing code
	[ "$(cut -f 1,10,11 <<<"$output" | grep -c $'^flow\tk\t7f0[123]00')" -eq 3 ] || { echo "$output"; return 1; }
	# the lost and the decoded bytes are all of the trace
	[ "$(awk -F '\t' '$1 == "gap" && /crashed/ { n += $8 } END { print n }' <<<"$output")" -eq 8192 ]
	grep -q "layout=single offset=4096" <<<"$output"
	for jobs in 2 3; do
		etm2pkt -j $jobs $raw "$dump" 2>/dev/null | diff <(echo "$output") -
	done
}

@test "a crash does not change the output of other pieces of a perf.data, in one job or several" {
	crashes
	at=0
	{
		info 1 0:0x10
		for ((n = 0; n < 12; n++)); do
			{ printf 'u32 %d %d\n' 7 $((7 + n)); echo 'bytes 77 6f 72 6b 0 0 0 0'; trailer $((100 * n + 10)) 0 7; } | record 3
			{ echo 'id 10'; if [ $((n % 5)) -eq 1 ]; then crashing; ignored 6000; good 0x7f0f00; else ignored 14000; good 0x7f0$((n % 10))00; fi; } >"$BATS_TEST_TMPDIR/text"
			size=$("$BUILD/t/mktrace" <"$BATS_TEST_TMPDIR/text" | wc -c)
			aux $((100 * n + 50)) 0 7 $at $size 0
			auxtrace $at 0 -1 <"$BATS_TEST_TMPDIR/text"
			at=$((at + size))
		done
	} | perfdata >"$BATS_TEST_TMPDIR/perf.data"
	for options in --decode '--decode -s' '--decode --lister' '--decode --branches'; do
		agree $options
		[ "$(grep -c 'the full decoder crashed' "$err")" -eq 3 ] || { cat "$err"; return 1; }
		[ "$(tail -1 "$err")" = "etm2pkt: $BATS_TEST_TMPDIR/perf.data: 3 places could not be decoded" ]
	done
	etm2pkt --decode "$BATS_TEST_TMPDIR/perf.data" 2>/dev/null >"$out" || true
	reccheck -n "$out"
	[ "$(grep -c ^comm "$out")" -eq 12 ]
	[ "$(grep -c ^gap "$out")" -eq 3 ]
	[ "$(grep -c $'\ttimestamp\t' "$out")" -eq 12 ] # 9 good pieces, 3 that are good after the crash
	cut -f 2 "$out" | grep -v -- - | sort -snc
}

@test "decoding ends if all of the trace crashes the decoder" {
	crashes
	{ crashing; ignored 4100; } | "$BUILD/t/mktrace" | head -c 4096 >"$BATS_TEST_TMPDIR/one"
	for ((n = 0; n < 100; n++)); do cat "$BATS_TEST_TMPDIR/one"; done >"$dump"
	run -1 --separate-stderr timeout 60 etm2pkt $raw "$dump"
	[ "${stderr_lines[-1]}" = "etm2pkt: $dump: 100 places could not be decoded" ]
	[ "$(grep -c ^gap <<<"$output")" -eq 100 ]
}

@test "it ends if its reader ends or its process is killed" {
	run -141 bash -o pipefail -c '{ sleep 0.2; exec etm2pkt --decode ../examples/coresight; } | :'
	run -1 --separate-stderr sh -c 'etm2pkt --decode ../examples/coresight >/dev/full'
	[ "${stderr_lines[-1]}" = "etm2pkt: <stdout>: No space left on device" ]
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	etm2pkt $raw <"$BATS_TEST_TMPDIR/fifo" >"$out" 2>"$err" 3>&- &
	pid=$!
	exec 4>"$BATS_TEST_TMPDIR/fifo"
	{ good 0x7f0100; ignored 5000; } | "$BUILD/t/mktrace" >&4
	for ((i = 0; i < 500; i++)); do
		job=$(ps -o pid= --ppid $pid) && break
		sleep 0.01
	done
	kill -9 $job
	status=0
	wait $pid || status=$?
	exec 4>&-
	[ $status -eq 1 ]
	[ "$(cat "$err")" = "etm2pkt: a job was ended by signal 9" ] || { cat "$err"; return 1; }
}
