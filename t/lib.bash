# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What the tests share. A test runs in t/, the filters are on its PATH.
#
# golden FILTER CASE [arg ...]: feed t/FILTER/CASE.in to the filter, and compare what it writes with
# CASE.out. BLESS=1 writes CASE.out instead; read the diff before you commit it.

bats_require_minimum_version 1.5.0

setup() {
	: "${BUILD:?set by make check}"
	PATH=/usr/bin:$PATH # whose python3 has the modules of debian/deps; another's may be a slow shim
	[ -n "${INSTALLED-}" ] || PATH=$BUILD:$PATH
	[ -z "${OPENCSD-}" ] || PATH=$OPENCSD/bin:$PATH LD_LIBRARY_PATH=$OPENCSD/lib # its lister
	export LD_LIBRARY_PATH
	cd "$BATS_TEST_DIRNAME" || return
	out=$BATS_TEST_TMPDIR/out
	err=$BATS_TEST_TMPDIR/err
	export LC_ALL=C
	export LSAN_OPTIONS=suppressions=$BATS_TEST_DIRNAME/lsan.supp:print_suppressions=0
	export ASAN_OPTIONS=detect_leaks=0 # but where leaks_count: looking for them takes most of the time of a short process
}

# leaks_count: from here on, a sanitized program that leaks memory fails: in goldens, the examples,
# the fuzzers' corpora, with damaged files and in unit tests.
leaks_count() {
	ASAN_OPTIONS=
}

golden() {
	local ASAN_OPTIONS=
	local filter=$1 case=$1/$2 got=$BATS_TEST_TMPDIR/golden
	shift 2
	"$filter" "$@" <"$case.in" >"$got"
	if [ -n "${BLESS-}" ]; then
		cp "$got" "$case.out"
	fi
	diff -u "$case.out" "$got"
}

# rejects WHY FILTER [arg ...] <input: the filter exits 1 and says WHY.
rejects() {
	local why=$1
	shift
	run -1 --separate-stderr "$@"
	[[ $stderr == *"$why"* ]] || { echo "said: $stderr"; return 1; }
}

# shared FOLDER: the recordings of others, kept outside the project; skips where they are not there.
shared() {
	shared=$BATS_TEST_DIRNAME/../../shared/data/$1
	[ -d "$shared" ] || skip "no recordings of others here (${shared#"$BATS_TEST_DIRNAME"/})"
}

# once: the lines of perf script without the copies of records that perf record wrote twice. Lines have times in ns, CPU and tid.
once() {
	awk '!seen[$0]++'
}

# record_whole ARG ... : perf record -a ARG ... into data, and its records into rec, in the current folder. A busy machine may lose
# events: then again, with larger buffers; skips where perf may not record, or loses events each time.
record_whole() {
	local size
	for size in 8M 32M 32M 32M; do
		perf record -q -a -m $size -o data "$@" >"$err" 2>&1 || skip "perf records none of these events here"
		perf2rec data >rec 2>"$err"
		grep -q ^lost rec || return 0
	done
	skip "perf loses events here, four times in a row"
}

# needs PROGRAM ...: skips where a peer that is only compared with is not installed.
needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "no $program on this machine"
	done
}
