#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The seeds and findings of the fuzzers pass without a crash.

load lib

@test "every fuzz target survives its corpus" {
	leaks_count
	for replay in "$BUILD"/t/replay/*; do
		name=$(basename "$replay")
		run -0 "$replay" fuzz/corpus/"$name"/*
		[[ ${lines[-1]} =~ ^[1-9][0-9]*\ replayed$ ]]
	done
}

# MUTATIONS=2000 sets the number of mutations; the same seed always does the same damage.
@test "damaged traces end in time, in bounded memory, and are reported" {
	run -0 ./mutate.sh "$BATS_TEST_TMPDIR" "${MUTATIONS-40}"
	[ -z "$output" ]
}

@test "damaged recordings of perf end in time, in bounded memory, and become valid records" {
	run -0 ./mutate-perf.sh "$BATS_TEST_TMPDIR" "${MUTATIONS-40}"
	[ -z "$output" ]
}

@test "damaged streams, kernel symbols and programs make valid records" {
	leaks_count
	mkdir "$BATS_TEST_TMPDIR/files"
	perf2rec ../examples/pipeline.data | sed -n '/^switch/,$p' | head -n 100 >"$BATS_TEST_TMPDIR/stream"
	for target in deps spaces states split prof kallsyms elf unwind jit srclines; do
		seeds=(fuzz/corpus/"$target"/*)
		[[ $target =~ ^(kallsyms|elf|unwind|jit|srclines)$ ]] || seeds+=(fuzz/corpus/{deps,spaces,states,split,prof}/* "$BATS_TEST_TMPDIR/stream")
		for ((i = 0; i < ${MUTATIONS-40}; i++)); do
			"$BUILD/t/mutate" $i <"${seeds[i % ${#seeds[@]}]}" >"$BATS_TEST_TMPDIR/files/$i"
		done
		run -0 "$BUILD/t/replay/$target" "$BATS_TEST_TMPDIR"/files/*
	done
}
