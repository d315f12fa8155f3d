#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the fuzzers have found, or started from, passes without a crash.

load lib

@test "every fuzz target survives its corpus" {
	for replay in "$BUILD"/t/replay/*; do
		name=$(basename "$replay")
		run -0 "$replay" fuzz/corpus/"$name"/*
		[[ ${lines[-1]} =~ ^[1-9][0-9]*\ replayed$ ]]
	done
}
