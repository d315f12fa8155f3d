#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cs2text beside perf script, frame by frame, on recordings of programs that are made and recorded here. make compare takes more.

load lib

setup_file() {
	export folder=$BATS_FILE_TMPDIR/compare
	PATH=$BUILD:$PATH "$BATS_TEST_DIRNAME/compare-names.sh" "$folder" 'C gcc -O0 -static' 'C gcc -O2 -pie' 'C clang -O1 -no-pie' stripped debuglink \
		cache 'C++ -O1 -Wl,-z,now' 'Rust -O' python bash node system jitmap jitdump >"$BATS_FILE_TMPDIR/table" 2>&1 || [ $? -lt 4 ]
}

# compares CASE ...: each frame of these has perf's symbol, or its difference has a class.
compares() {
	needs perf
	head -n 1 "$BATS_FILE_TMPDIR/table" | grep -q ^case || skip "$(<"$BATS_FILE_TMPDIR/table")"
	for case; do
		grep -F "$case  " "$BATS_FILE_TMPDIR/table" >"$out" || { cat "$BATS_FILE_TMPDIR/table" && return 1; }
		! grep 'left out' "$out" || skip "$(<"$out")"
		# frames, and those that are equal
		awk '$(NF - 13) < 50 || $(NF - 12) < 20 || $NF > 0 { exit 1 }' "$out" || { cat "$BATS_FILE_TMPDIR/table" && return 1; }
	done
}

# perf_sample CPU FRAME ...: a sample as perf script prints it
perf_sample() {
	echo "   42 [00$1]     1.000000005: cpu-clock: "
	shift
	printf '\tffffffff%s ([kernel.kallsyms])\n' "$@"
	echo
}

@test "samples of one time are compared one by one, and a copy that perf record wrote does not count" {
	{
		perf_sample 0 '81000010 foo+0x10' '81000030 bar+0x10'
		perf_sample 1 '81000050 other+0x0'
		perf_sample 0 '81000040 late+0x0'
		perf_sample 0 '81000010 foo+0x10' '81000030 bar+0x10'
	} >"$BATS_TEST_TMPDIR/theirs"
	printf 'sample\t1000000005\thost\t%s\t42\t42\tcpu-clock\t1\tk\t-\t-\tk;%s\n' \
		0 'ffffffff81000010<foo+0x10>;ffffffff81000030<bar+0x10>' 0 'ffffffff81000040<late+0x0>' 1 'ffffffff81000050<other+0x0>' >"$BATS_TEST_TMPDIR/ours"
	awk -f cs2text/compare.awk "$BATS_TEST_TMPDIR/theirs" /dev/null "$BATS_TEST_TMPDIR/ours" >"$out"
	[ "$(<"$out")" = 'equal 4' ]
}

@test "frames of programs in C have perf's symbols, or the page says why not" {
	compares 'C gcc -O0 -static' 'C gcc -O2 -pie' stripped debuglink cache
	compares 'C clang -O1 -no-pie'
}

@test "frames of programs in C++ have perf's symbols, or the page says why not" {
	compares 'C++ -O1 -Wl,-z,now'
}

@test "frames of programs in Rust have perf's symbols, or the page says why not" {
	compares 'Rust -O'
}

@test "frames of interpreters have perf's symbols, or the page says why not" {
	compares python bash
}

@test "frames of node have perf's symbols, those of its code by its map file" {
	compares node
}

@test "frames of all tasks of a machine have perf's symbols, or the page says why not" {
	compares system
}

@test "code that a process writes has perf's symbols, by its map file and by the files of perf inject --jit" {
	[ "$(uname -m)" = x86_64 ] || skip "the program writes code for x86-64"
	compares jitmap jitdump
	# the jitdump itself names it as those files do
	cd "$folder"
	for data in data recorded; do
		perf2rec $data | cs2text 2>"$err" | grep ^sample | cut -f 12 | sed 's/ [^;]*>/>/g' >"$data.names"
	done
	cmp data.names recorded.names
	grep -qF '<second+' data.names
	grep -qF '<outer(int,\x20long)+' data.names
	# and without any of them there is no name
	rm jit*
	[ "$(perf2rec recorded | cs2text 2>"$err" | grep ^sample | grep -c '<first+\|<second+')" = 0 ]
}
