# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Completion of options and files for bash. A filter's own -h lists its options, so none is listed here.

_sluice() {
	local cur=$2 options

	COMPREPLY=()
	[[ $cur == -* ]] || return 0
	options=$("$1" -h 2>/dev/null | awk '
		/^  -/ {
			n = $1 ~ /,$/ ? 2 : 1
			for (i = 1; i <= n; i++) {
				sub(/,$|=.*/, $i ~ /=/ ? "=" : "", $i)
				print $i
			}
		}')
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	if [[ ${COMPREPLY[0]-} == *= ]]; then
		compopt -o nospace
	fi
}
