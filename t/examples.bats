#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The programs do what the README shows.

load lib

@test "make demo draws the picture of the README" {
	leaks_count
	../examples/demo.sh "$BATS_TEST_TMPDIR/demo" >"$out"
	grep -q "^$BATS_TEST_TMPDIR/demo/pipeline.svg: " "$out"
	if [ -n "${BLESS-}" ]; then
		cp "$BATS_TEST_TMPDIR/demo/pipeline-static.svg" ../examples/pipeline.svg
	fi
	cmp ../examples/pipeline.svg "$BATS_TEST_TMPDIR/demo/pipeline-static.svg"
}

@test "the demo's picture contains everything that the demo points out" {
	xmllint --noout ../examples/pipeline.svg
	for text in 'worker 0' 'sha256sum' 'kworker/1:1H' 'tell_change' 'wait_for_change' 'do_fsync' 'folio_wait_writeback' 'kworker/u8:2-wr'; do
		grep -qF "$text" ../examples/pipeline.svg || { echo "no $text"; return 1; }
	done
}

# slept STATES [NS]: the most that a thread of a guest CPU sleeps while the guest runs a task, in percent, if the guest's times
# are moved
slept() {
	awk -F '\t' -v OFS='\t' -v ns="${2-0}" '$3 != "host" { $2 = sprintf("%.0f", $2 + ns); $7 = sprintf("%.0f", $7 + ns) } { print }' "$1" |
		awk -F '\t' $(recfields state) -v from=15855020000000 -v to=15855160000000 -f ../examples/virtio/steal.awk |
		awk 'NR > 1 && $NF + 0 > most { most = $NF + 0 } END { if (NR != 3) exit 1; print most + 0 }'
}

@test "the virtio example: a guest below its host, and their clocks agree" {
	leaks_count
	dir=$BATS_TEST_TMPDIR/virtio
	../examples/virtio.sh "$dir" >"$out"
	if [ -n "${BLESS-}" ]; then
		cp "$dir/virtio-static.svg" ../examples/virtio.svg
		cp "$dir/steal.txt" ../examples/virtio/steal.txt
	fi
	cmp ../examples/virtio.svg "$dir/virtio-static.svg"
	cmp ../examples/virtio/steal.txt "$dir/steal.txt"
	xmllint --noout ../examples/virtio.svg
	../examples/record/virtio.sh offset ../examples/virtio 2>"$err" >"$out"
	grep -q 'from 50 marks' "$err"
	awk 'NR == 1 { exit !($4 - $2 > 0 && $4 - $2 < 250000) }' "$err"
	# the marks before and after the recording; both clocks are one machine's
	awk '$1 == "drift:" { n++; ok = $2 <= $7 && $2 >= -$7 && $10 > 0.1 } END { exit !(n == 1 && ok) }' "$err"

	# a thread of a guest CPU does not sleep while the guest runs a task; with other times it would seem to
	awk "BEGIN { exit !($(slept "$dir/virtio.states") < 1) }"
	awk "BEGIN { exit !($(slept "$dir/virtio.states" 500000) > 5) }"
	awk "BEGIN { exit !($(slept "$dir/virtio.states" -500000) > 2) }"
}

@test "the KVM example: profiles of host and guests, a comparison, flame graphs, a picture" {
	dir=$BATS_TEST_TMPDIR/kvm
	../examples/kvm.sh "$dir" >"$out"
	mv "$dir/kvm-static.svg" "$dir/kvm.svg"
	for file in top.txt diff.txt guests.folded kvm.svg; do
		[ -z "${BLESS-}" ] || cp "$dir/$file" "../examples/kvm/$file"
		cmp "../examples/kvm/$file" "$dir/$file"
	done
	# all samples, and each in one place
	perf2rec ../examples/kvm/perf.data.gz | grep '^sample' | cut -f3 | sort | uniq -c | awk '{ print $2, $1 }' >"$BATS_TEST_TMPDIR/want"
	for part in "$dir"/*.rec; do
		echo "$(basename "$part" .rec) $(grep -c '^sample' "$part")"
	done | diff "$BATS_TEST_TMPDIR/want" -
	awk '{ n += $NF } END { print n }' "$dir/host.folded" | diff - <(sed -n 's/^host //p' "$BATS_TEST_TMPDIR/want")
	awk '{ n += $NF } END { print n }' "$dir/guests.folded" | diff - <(awk '/^vm/ { n += $2 } END { print n }' "$BATS_TEST_TMPDIR/want")
	# every sample of a guest has a name
	[ "$(cat "$dir"/vm*.rec | awk -F '\t' $(recfields sample) '$1 == "sample" && $ip !~ /<[a-z_]+[+]/' | wc -l)" -eq 0 ]
	for text in 'CPU 0/KVM' 'CPU 1/KVM' 'on host'; do
		grep -qF "$text" ../examples/kvm/kvm.svg
	done
}

@test "both forms of stacks give the same picture" {
	cd ../examples
	for form in inline once; do
		perf2rec --stacks=$form pipeline.data | cs2text -k pipeline.kallsyms --sysroot=sysroot |
			sched2states | states2svg >"$BATS_TEST_TMPDIR/$form"
	done
	cmp "$BATS_TEST_TMPDIR/inline" "$BATS_TEST_TMPDIR/once"
}

@test "the README's pipelines work" {
	cp ../examples/pipeline.data "$BATS_TEST_TMPDIR/perf.data"
	cp ../examples/pipeline.kallsyms "$BATS_TEST_TMPDIR/kallsyms"
	sed -n '/^    # which task/,/^Why not/p' ../README.md | sed '/^Why/d; s/^    //' >"$BATS_TEST_TMPDIR/readme.sh"
	cd "$BATS_TEST_TMPDIR"
	[ "$(grep -c perf2rec readme.sh)" -eq 3 ]
	bash -e readme.sh >"$out"
	[ -s chart.svg ] && [ -s part.rec.gz ]
	head -1 "$out" | grep -q '^9141[0-9]*.writer.*fsync'
}

@test "every recipe for a recording starts with its synopsis" {
	for recipe in ../examples/record/*.sh; do
		"$(sed -n '1s/^#!//p' "$recipe")" -n "$recipe"
		sed -n 3p "$recipe" | grep -q "^# $(basename "$recipe") "
	done
}

@test "timechart.sh records and draws the command that it is given" {
	needs perf xmllint
	[ "$(id -u)" -eq 0 ] || skip "not root"
	cd "$BATS_TEST_TMPDIR"
	"$BATS_TEST_DIRNAME/../examples/record/timechart.sh" sh -c 'seq 20000 | sort -R | wc -l; sleep 0.1' >"$out" 2>"$err" || skip "perf cannot record here: $(tail -n 1 "$err")"
	[ "$(<"$out")" -eq 20000 ]
	xmllint --noout chart.svg
	for text in sort seq sleep nanosleep; do
		grep -q "$text" chart.svg || { echo "no $text"; return 1; }
	done
}

@test "rapl.sh and coresight.sh record if this machine has the hardware, and report if it has not" {
	cd "$BATS_TEST_TMPDIR"
	record=$BATS_TEST_DIRNAME/../examples/record
	if [ -e /sys/bus/event_source/devices/power/events/energy-pkg ] && [ "$(id -u)" -eq 0 ]; then
		"$record/rapl.sh" 0.5
		[ "$(rapl2csv --totals stat.csv | wc -l)" -gt 1 ]
	elif [ ! -e /sys/bus/event_source/devices/power ]; then
		rejects 'rapl.sh: this machine has no energy counters' "$record/rapl.sh" 0.5
	fi
	if [ ! -e /sys/bus/event_source/devices/cs_etm ]; then
		rejects 'coresight.sh: this machine has no CoreSight sink' "$record/coresight.sh" true
	fi
}

# traceable: skip unless an instance of tracefs can be made here.
traceable() {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	mkdir "/sys/kernel/tracing/instances/sluice-try-$$" 2>/dev/null || skip "no instance of tracefs can be made here"
	rmdir "/sys/kernel/tracing/instances/sluice-try-$$"
}

@test "ftrace.sh records what ftrace2rec reads, all of it, and leaves the kernel's tracing as it was" {
	traceable
	cd "$BATS_TEST_TMPDIR"
	head /sys/kernel/tracing/tracing_on /sys/kernel/tracing/set_event /sys/kernel/tracing/buffer_size_kb >before
	"$BATS_TEST_DIRNAME/../examples/record/ftrace.sh" 0.5 rec 3>&- &
	recorder=$!
	while kill -0 $recorder; do
		seq 5000 | sort -R | wc -l >/dev/null
	done 2>/dev/null
	wait $recorder
	head /sys/kernel/tracing/tracing_on /sys/kernel/tracing/set_event /sys/kernel/tracing/buffer_size_kb | diff before -
	[ ! -e /sys/kernel/tracing/instances/sluice-$recorder ]

	ftrace2rec -s -f rec rec/cpu* >trace 2>counts
	reccheck -n trace
	read=$(awk '/^read events:/ { n += $3 } END { print n }' rec/per_cpu/*/stats)
	[ "$read" -gt 100 ]
	grep -q "^ftrace2rec: *$read  events$" counts
	grep -q '^ftrace2rec: *0  lost' counts
	run ! grep '^lost' trace
	# the recorder slept, in code that its stack shows
	cs2text -k rec/kallsyms trace | sched2states |
		awk -F'\t' $(recfields state) '$kind == "state" && $comm == "sleep" && $pid == $tid && $state == "sleeping" { print $stack }' >stacks
	grep -q 'nanosleep' stacks
}
