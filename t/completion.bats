#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bash completes the options of the filters.

load lib

# complete FILTER WORD: what bash offers for it
complete_word() {
	compopt() { echo "compopt $*"; }
	COMPREPLY=()
	_sluice "$1" "$2" "$1" >"$out"
}

@test "bash completes every option that a filter's help lists, and leaves files to its default" {
	# shellcheck source=completion/sluice.bash
	. ../completion/sluice.bash
	for source in ../filters/*.c; do
		name=$(basename "$source" .c)
		complete_word "$name" --
		diff <(printf '%s\n' "${COMPREPLY[@]}" | sort) <({ echo --help; "$name" -h | sed -n 1p | grep -oE '[[]--[a-z0-9-]+=?' | tr -d '['; } | sort) || { echo "$name"; return 1; }
		complete_word "$name" -
		for letter in $("$name" -h | sed -n '1s/.*: [a-z0-9]* \[-\([a-zA-Z]*\)\].*/\1/p' | grep -o .); do
			[[ " ${COMPREPLY[*]} " == *" -$letter "* ]] || { echo "$name: -$letter"; return 1; }
		done
	done
	complete_word perf2rec --stac
	[ "${COMPREPLY[*]}" = --stacks= ] && [ "$(<"$out")" = 'compopt -o nospace' ]
	complete_word perf2rec --vers
	[ "${COMPREPLY[*]}" = --version ] && [ ! -s "$out" ]
	complete_word perf2rec some-file
	[ "${#COMPREPLY[@]}" -eq 0 ]
}
