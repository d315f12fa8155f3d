#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Names of code that programs write while they run: the map files and jitdumps of their compilers. The peer is perf on live recordings.

load lib

make_root() {
	root=$BATS_TEST_TMPDIR/root maps=$BATS_TEST_TMPDIR/root/tmp
	mkdir -p "$maps"
}

# process PID [PATH]: it has 0x10000 to 0x20000 mapped. frame PID ADDRESS [TIME]
process() {
	printf 'map\t0\thost\t0\t%s\t%s\tu\t10000\t10000\t10000\trwxp\t-\t%s\n' "$1" "$1" "${2-//anon}"
}

frame() {
	printf 'idle\t%s\thost\t0\t%s\t%s\t0\t1\tu;%s\n' "${3-1}" "$1" "$1" "$2"
}

# names: the notes of the frames of standard input, one a line.
names() {
	cs2text --sysroot="$root" "$@" | sed -n 's/^idle.*u;[0-9a-f]*//p'
}

@test "the map file of a process names its code, a later line before an earlier one" {
	make_root
	printf '%s\n' '10000 100 first' '0x10100 0x80 with blanks: a;b' '10180 80 cut in two' '101A0 10 inner' 'nonsense' '1 2' \
		'10300 0 empty' '10400 20 _Z1fi' >"$maps/perf-5.map"
	{
		process 5
		for at in 10000 100ff 10100 10180 101a4 101b0 10300 10404 30000; do
			frame 5 $at
		done
	} >"$out"
	names <"$out" >"$err"
	printf '<%s>\n' 'first+0x0 //anon' 'first+0xff //anon' 'with\x20blanks:\x20a\x3bb+0x0 //anon' 'cut\x20in\x20two+0x0 //anon' \
		'inner+0x4 //anon' 'cut\x20in\x20two+0x30 //anon' '? //anon' 'f(int)+0x4 //anon' '?' | diff -u - "$err"
	mkdir "$BATS_TEST_TMPDIR/empty"
	cs2text --sysroot="$BATS_TEST_TMPDIR/empty" --jit-maps="$maps" "$out" | cmp - <(cs2text --sysroot="$root" "$out")
	cs2text -v --sysroot="$BATS_TEST_TMPDIR/empty" "$out" 2>&1 >/dev/null |
		grep -qx 'cs2text: //anon: 8 frames without a name: /tmp/perf-5.map: No such file or directory'
}

@test "a map file names only what no file is mapped at, whatever the kernel calls that" {
	make_root
	echo '10000 100 code' >"$maps/perf-5.map"
	for path in //anon '[heap]' '[stack]' '[anon:JIT]' '/dev/zero\x20(deleted)' '/memfd:jit\x20(deleted)' '/SYSV00000000\x20(deleted)'; do
		{ process 5 "$path" && frame 5 10010; } | names | grep -q '<code+0x10 '
	done
	{ process 5 /bin/none && frame 5 10010; } | names | grep -qx '<? /bin/none>'
}

@test "each process has its own map file, and code that it inherited is its parent's" {
	make_root
	echo '10000 100 parent' >"$maps/perf-5.map"
	printf '%s\n' '10080 10 child' >"$maps/perf-6.map"
	{
		process 5
		printf 'fork\t1\thost\t0\t5\t5\t6\t6\tprocess\n'
		frame 6 10010 && frame 6 10084 && frame 5 10010
		process 7 && frame 7 10010
	} | names >"$err"
	printf '<%s //anon>\n' 'parent+0x10' 'child+0x4' 'parent+0x10' '?' | diff -u - "$err"
}

@test "a map file of another user in /tmp is not used" {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	pid=$((2000000000 + $$))
	echo '10000 100 code' >"/tmp/perf-$pid.map"
	{ process $pid && frame $pid 10010; } >"$out"
	cs2text "$out" | grep -q '<code+0x10 ' || { rm "/tmp/perf-$pid.map" && false; }
	chown 65534 "/tmp/perf-$pid.map"
	cs2text -v "$out" >"$BATS_TEST_TMPDIR/got" 2>"$err"
	rm "/tmp/perf-$pid.map"
	grep -q '<? //anon>' "$BATS_TEST_TMPDIR/got"
	grep -q 'belongs to another user$' "$err"
}

# number BYTES VALUE: little-endian hex; $big: big-endian.
number() {
	local i byte digits=
	for ((i = 0; i < $1; i++)); do
		printf -v byte '%02x' $(($2 >> (8 * i) & 255))
		if [ -z "${big-}" ]; then digits=$digits$byte; else digits=$byte$digits; fi
	done
	printf %s "$digits"
}

binary() {
	sed 's/../& /g' | "$BUILD/t/unhex"
}

# The records of a jitdump: header PID [FLAGS]; code TIME ADDRESS SIZE NAME; move TIME FROM TO SIZE; close TIME.
header() {
	number 4 0x4a695444 && number 4 1 && number 4 40 && number 4 62 && number 4 0 && number 4 "$1" && number 8 0 && number 8 "${2-0}"
}

code() {
	number 4 0 && number 4 $((16 + 40 + ${#4} + 1 + $3)) && number 8 "$1"
	number 4 5 && number 4 5 && number 8 "$2" && number 8 "$2" && number 8 "$3" && number 8 1
	printf %s "$4" | od -An -v -tx1 | tr -d ' \n'
	printf 00
	head -c "$3" /dev/zero | od -An -v -tx1 | tr -d ' \n'
}

move() {
	number 4 1 && number 4 64 && number 8 "$1" && number 4 5 && number 4 5 && number 8 "$2" && number 8 "$2" && number 8 "$3" &&
		number 8 "$4" && number 8 1
}

close() {
	number 4 3 && number 4 16 && number 8 "$1"
}

other() {
	number 4 2 && number 4 24 && number 8 "$1" && number 8 0
}

dump() {
	header 5
	code 100 $((0x10000)) 64 first
	other 100
	code 300 $((0x10000)) 32 second # before that of 200 in the file
	code 200 $((0x10100)) 64 moving
	move 400 $((0x10100)) $((0x10200)) 64
	close 500
	code 100 $((0x10000)) 64 afterwards
}

jitted() {
	printf 'meta\t-\thost\tclockid\tmonotonic\n'
	process 5
	printf 'map\t0\thost\t0\t5\t5\tu\t50000\t1000\t0\tr-xp\t-\t/tmp/jit-5.dump\n'
	for at in '10010 50' '10010 150' '10110 150' '10110 250' '10010 350' '10028 350' '10110 350' '10110 450' '10210 450'; do
		# shellcheck disable=SC2086
		frame 5 $at
	done
}

@test "a jitdump names code from the time that it was written, and where it moved to" {
	make_root
	jitted >"$out"
	for big in '' yes; do
		dump | binary >"$maps/jit-5.dump"
		names <"$out" >"$err"
		printf '<%s //anon>\n' '?' first+0x10 '?' moving+0x10 second+0x10 first+0x28 moving+0x10 '?' moving+0x10 | diff -u - "$err"
	done
	cs2text -v --sysroot="$root" "$out" 2>/dev/null | cmp - <(cs2text --sysroot="$root" "$out")
	mv "$maps/jit-5.dump" "$BATS_TEST_TMPDIR"
	names <"$out" | grep -c '?' | grep -qx 9
	names <"$out" --jit-maps="$BATS_TEST_TMPDIR" | diff -u "$err" -
}

@test "a jitdump of another clock or process is not used, and -v says so" {
	make_root
	dump | binary >"$maps/jit-5.dump"
	jitted | sed 's/monotonic/perf/' | cs2text -v --sysroot="$root" 2>&1 >/dev/null |
		grep -qx 'cs2text: //anon: 9 frames without a name: its jitdump has not the clock of the recording: perf record -k mono'
	{ header 5 1 && code 0 $((0x10000)) 64 first; } | binary >"$maps/jit-5.dump"
	jitted | names | grep -c '?' | grep -qx 9
	{ header 6 && code 0 $((0x10000)) 64 first; } | binary >"$maps/jit-5.dump"
	jitted | cs2text -v --sysroot="$root" 2>&1 >/dev/null | grep -q 'its jitdump is of another process$'
	echo text >"$maps/jit-5.dump"
	jitted | cs2text -v --sysroot="$root" 2>&1 >/dev/null | grep -q 'not a jitdump$'
}

@test "a jitdump that is cut anywhere names what it has whole" {
	make_root
	dump | binary >"$BATS_TEST_TMPDIR/whole"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/whole")
	jitted >"$out"
	for ((n = 1; n < size; n += 7)); do
		head -c $n "$BATS_TEST_TMPDIR/whole" >"$maps/jit-5.dump"
		cs2text --sysroot="$root" "$out"
	done | grep -c '^idle.*u;[0-9a-f]*<' | diff - <(echo $((9 * ((size + 5) / 7))))
	head -c 250 "$BATS_TEST_TMPDIR/whole" >"$maps/jit-5.dump"
	names <"$out" | grep -q '<first+0x10 '
}
