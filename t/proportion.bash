# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The law of proportion, for tests of inputs that are small but costly for a careless program.

# proportion [FILE ...] -- FILTER [ARG ...]: the filter reads $in, and the files if it is given any. For N bytes in all it takes
# no more than 64 MB + 16 N of memory (address space, which is more), writes no more than 1 MB + 256 N, and no more than 20
# lines on stderr for one kind of fault. The limit is of CPU time, which does not depend on the load of the machine, and a hundred times
# what it needs: it ends what would not end.
proportion() {
	local files=("$in") sizes n limit status seconds=15
	[ -z "${SAN-}" ] || seconds=75
	while [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	shift
	sizes=$(stat -L -c %s "${files[@]}")
	n=$((${sizes//$'\n'/+}))
	limit=$((1000000 + 256 * n))
	status=0
	(
		ulimit -f $((limit / 1024 + 1)) # a process that writes more dies of SIGXFSZ
		[ -n "${SAN-}" ] || ulimit -v $((65536 + 16 * n / 1024))
		ulimit -t "$seconds"
		exec timeout $((20 * seconds)) "$@"
	) >"$out" 2>"$err" || status=$?
	[ "$(stat -c %s "$out")" -le $limit ] || { echo "$*: more than $limit bytes of output"; return 1; }
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [ -s "$err" ]; } || { echo "$*: status $status"; tail -n 3 "$err"; return 1; }
	[ -s "$err" ] || return 0
	awk '/Cannot allocate memory/ { print; bad = 1 }
		{ gsub(/0x[0-9a-f]*|[0-9][0-9a-f]*/, "N"); n[$0]++ }
		END { for (line in n) if (n[line] > 21) { print n[line], line; bad = 1 } exit bad }' "$err"
}
