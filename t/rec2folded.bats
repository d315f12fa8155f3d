#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Samples become folded stacks.

load lib

@test "stacks are turned round, named and counted" {
	golden rec2folded names
	golden rec2folded period --period
}

@test "no sample is lost: the counts add up, and a period does" {
	[ "$(rec2folded rec2folded/names.in | awk '{ n += $NF } END { print n }')" -eq "$(grep -c ^sample rec2folded/names.in)" ]
	[ "$(rec2folded --period rec2folded/names.in | awk '{ n += $NF } END { print n }')" -eq "$(awk -F '\t' '$1 == "sample" { n += $8 } END { print n }' rec2folded/names.in)" ]
}

@test "stacks written once fold like those written inline" {
	perf2rec ../examples/pipeline.data | rec2folded -e switch >"$out"
	perf2rec --stacks=once ../examples/pipeline.data | rec2folded -e switch | diff "$out" -
	[ "$(awk '{ n += $NF } END { print n }' "$out")" -eq "$(perf2rec ../examples/pipeline.data | grep -c ^switch)" ]
}

@test "time asleep adds up to that of the states" {
	perf2rec ../examples/pipeline.data | sched2states >"$out"
	[ "$(rec2folded -e sleeping --period "$out" | awk '{ n += $NF } END { printf "%.0f", n }')" = \
		"$(awk -F '\t' '$1 == "state" && $11 == "sleeping" { n += $7 - $2 } END { printf "%.0f", n }' "$out")" ]
}

@test "lines come in the order of their bytes, each stack once" {
	perf2rec ../examples/pipeline.data | rec2folded -e 'switch,wakeup' 2>"$err" | sed 's/ [0-9]*$//' >"$out"
	sort -cu "$out"
	grep -q 'samples of several events are added up' "$err"
}

@test "an event is chosen by name or pattern" {
	[ "$(rec2folded -e 'cyc*' rec2folded/names.in | wc -l)" -eq 4 ]
	rejects 'no records with stacks that -e names' rec2folded -e instructions rec2folded/names.in
}

@test "what ran by a CoreSight trace is a flame graph" {
	etm2pkt --decode --branches ../examples/coresight | rec2folded --period | diff - <(printf 'host;0x%s\n' '400100 1' '400104 1' '400104;0x400110 2' '400108 1' '40010c 1')
}

@test "what is no record stream is told" {
	rejects '<stdin>:1: not a record' rec2folded <<<'Rubbish here'
}

@test "that there is nothing to fold is told, with what there may be" {
	perf2rec ../examples/pipeline.data >"$out"
	rejects "$out: no samples: -e names other records with stacks" rec2folded "$out"
	rejects "$out: no records with stacks that -e names" rec2folded -e sleep "$out"
}
