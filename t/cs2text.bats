#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Names beside addresses: which ones, when, and from which source. The peer is perf script on the same recordings.

load lib

# The programs of fuzz/corpus/elf (small.s says how they are made) below $root, as they would be installed.
install_programs() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/usr/lib/debug/.build-id/01" "$root/usr/lib/.debug"
	cp fuzz/corpus/elf/*.so "$root/usr/lib"
	mv "$root/usr/lib/debug.so" "$root/usr/lib/debug/.build-id/01/23456789abcdef0123456789abcdef01234567.debug"
	cp fuzz/corpus/elf/debug.so "$root/usr/lib/.debug"
}

# one_frame PATH BUILD ADDRESS: a process with that file at 0x10000, and a frame in it.
one_frame() {
	printf 'map\t0\thost\t0\t5\t5\tu\t10000\t1000\t0\tr-xp\t%s\t%s\n' "$2" "$1"
	printf 'idle\t1\thost\t0\t5\t5\t0\t1\tu;%s\n' "$3"
}

# strip_names <records: what belongs to the addresses taken away again.
strip_names() {
	sed -E ':again; s/((^|[\t;])[0-9a-f]+)<[^;\t]*>([;\t]|$)/\1\3/; t again'
}

# inline <records: @HASH replaced by what the stack record says.
inline() {
	awk 'BEGIN { FS = OFS = "\t" } $1 == "stack" { frames[$5] = $6; next } $NF ~ /^@/ { $NF = frames[substr($NF, 2)] } 1'
}

@test "kernel addresses get symbol and offset, and the module if there is one" {
	golden cs2text kernel -k cs2text/small.kallsyms
}

@test "user addresses get symbol, offset and file, as the maps of the process are at that time" {
	install_programs
	golden cs2text user --sysroot="$root"
}

@test "a stripped program's names come from its debug file, one without any from what it exports" {
	install_programs
	one_frame /usr/lib/stripped.so - 10280 | cs2text --sysroot="$root" | grep -q '10280<_start+0x0 '
	rm -r "$root/usr/lib/debug" "$root/usr/lib/.debug"
	one_frame /usr/lib/stripped.so - 10280 | cs2text --sysroot="$root" | grep -q '10280<_start+0x0 '
	one_frame /usr/lib/stripped.so - 10298 | cs2text -v --sysroot="$root" >"$out" 2>"$err"
	grep -q '10298<? /usr/lib/stripped.so>' "$out"
	grep -qx 'cs2text: /usr/lib/stripped.so: 1 frame without a name: stripped, and no debug file: install its debug symbols, or give them with --debug-dir' "$err"
}

@test "a debug file that is linked by name must have the checksum" {
	install_programs
	# linked.so exports no label: only the debug file has one
	one_frame /usr/lib/linked.so - 10250 | cs2text -v --sysroot="$root" 2>"$err" >"$out"
	run -1 grep stripped "$err"
	printf x >>"$root/usr/lib/.debug/debug.so"
	one_frame /usr/lib/linked.so - 10260 | cs2text -v --sysroot="$root" 2>"$err" >"$out"
	grep -q 'stripped, and no debug file' "$err"
}

@test "a file with another build id than the recorded one is not used, and -v says so" {
	install_programs
	one_frame /usr/lib/whole.so 0123456789abcdef0123456789abcdef01234567 10280 | cs2text --sysroot="$root" | grep -q '<_start+0x0 '
	one_frame /usr/lib/whole.so 00000000000000000000000000000000deadbeef 10280 | cs2text -v --sysroot="$root" >"$out" 2>"$err"
	grep -q '10280<? /usr/lib/whole.so>' "$out"
	grep -qx 'cs2text: /usr/lib/whole.so: 1 frame without a name: the file there has another build id: give the recorded one with --sysroot or --buildid-dir' "$err"
}

@test "-v reports names from a file that no build id vouches for" {
	install_programs
	one_frame /usr/lib/whole.so - 10280 | cs2text -v --sysroot="$root" 2>&1 >"$out" |
		grep -qx 'cs2text: /usr/lib/whole.so: named without a build id to check the file by'
}

@test "no path leads out of the sysroot" {
	install_programs
	cp "$root/usr/lib/whole.so" "$BATS_TEST_TMPDIR/outside.so"
	ln -s "$BATS_TEST_TMPDIR/outside.so" "$root/absolute.so"
	ln -s ../../outside.so "$root/usr/relative.so"
	ln -s usr/lib "$root/lib"
	for path in /../outside.so /usr/../../outside.so /absolute.so /usr/relative.so; do
		one_frame "$path" - 10280 | cs2text --sysroot="$root" | grep -q "10280<? $path>"
	done
	one_frame /lib/whole.so - 10280 | cs2text --sysroot="$root" | grep -q '10280<_start+0x0 /lib/whole.so>'
}

@test "only regular files are opened" {
	install_programs
	mkfifo "$root/fifo"
	mkdir "$root/folder"
	: >"$root/empty"
	one_frame /empty - 10280 | cs2text -v --sysroot="$root" 2>&1 >"$out" | grep -q '/empty: .*: the file is empty'
	for path in /fifo /folder; do
		one_frame "$path" - 10280 | timeout 10 cs2text -v --sysroot="$root" 2>&1 >"$out" | grep -q "$path: .*: not a regular file"
	done
	for path in /dev/zero /dev/tty /proc/kmsg /proc/self/environ; do
		one_frame "$path" - 10280 | timeout 10 cs2text -v 2>&1 >"$out" | grep -qE "$path: .*: (not a regular file|the file is empty|No such)"
	done
	one_frame '/usr/lib/whole.so (deleted)' - 10280 | cs2text -v --sysroot="$root" 2>&1 >"$out" | grep -q 'the file had been deleted'
}

@test "a file that cannot be opened for lack of descriptors is an error" {
	install_programs
	one_frame /usr/lib/whole.so - 10280 >"$out"
	run -1 --separate-stderr bash -c 'exec 3<&- 4<&- 5<&-; ulimit -n 5; exec cs2text --sysroot="$1" "$2"' bash "$root" "$out"
	[ "$stderr" = "cs2text: /usr/lib/whole.so: Too many open files" ]
	run -1 grep -q '10280<?' <<<"$output"
}

@test "no byte but in the brackets is added" {
	perf2rec ../examples/pipeline.data >"$out"
	cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" >"$err"
	run -1 cmp -s "$err" "$out"
	strip_names <"$err" | cmp - "$out"
	strip_names <cs2text/user.out | cmp - cs2text/user.in
}

@test "naming twice is naming once" {
	perf2rec ../examples/pipeline.data | cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot >"$out"
	cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" | cmp - "$out"
	mkdir "$BATS_TEST_TMPDIR/empty"
	cs2text --sysroot="$BATS_TEST_TMPDIR/empty" "$out" | cmp - "$out"
}

@test "kernel and user can be named one after the other" {
	perf2rec ../examples/pipeline.data >"$out"
	cs2text --sysroot=../examples/sysroot "$out" | cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot >"$err"
	cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" | cmp - "$err"
}

@test "a second call with other sources names what the first left without a name, and nothing else" {
	install_programs
	{ one_frame /usr/lib/whole.so - '10280;1;10281' && one_frame /usr/lib/other.so - 10280; } >"$out"
	mkdir "$BATS_TEST_TMPDIR/empty"
	cs2text --sysroot="$BATS_TEST_TMPDIR/empty" "$out" >"$err"
	grep -q 'u;10280<? /usr/lib/whole.so>;1<?>;10281<? /usr/lib/whole.so>$' "$err"
	cs2text --sysroot="$root" "$err" | cmp - <(cs2text --sysroot="$root" "$out")
	cs2text --sysroot="$root" "$out" | cs2text --sysroot="$BATS_TEST_TMPDIR/empty" | cmp - <(cs2text --sysroot="$root" "$out")
}

@test "stacks inline or once: the same names" {
	name="cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot"
	perf2rec ../examples/pipeline.data | $name >"$out"
	perf2rec --stacks=once ../examples/pipeline.data | $name | inline | cmp - "$out"
}

@test "counting frames for -v changes no byte" {
	perf2rec ../examples/pipeline.data >"$out"
	cs2text -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" >"$err"
	cs2text -v -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" 2>/dev/null | cmp - "$err"
	frames=$(cs2text -v -k ../examples/pipeline.kallsyms --sysroot=../examples/sysroot "$out" 2>&1 >/dev/null |
		awk '{ for (i = 2; i < NF; i++) if ($(i + 1) ~ /^frame/) n += $i } END { print n }')
	[ "$frames" -eq "$(grep -o '<?[^;]*>' "$err" | wc -l)" ]
}

@test "a gzip'd stream and gzip'd symbols are read" {
	gzip -c cs2text/kernel.in >"$BATS_TEST_TMPDIR/in.gz"
	gzip -c cs2text/small.kallsyms >"$BATS_TEST_TMPDIR/kallsyms.gz"
	cs2text -k "$BATS_TEST_TMPDIR/kallsyms.gz" "$BATS_TEST_TMPDIR/in.gz" | cmp - cs2text/kernel.out
	cs2text -k - cs2text/kernel.in <cs2text/small.kallsyms | cmp - cs2text/kernel.out
}

@test "symbols of a kernel that lay elsewhere give the same names" {
	perf2rec ../examples/pipeline.data >"$out"
	sed 's/^ffffffff8/ffffffff9/' ../examples/pipeline.kallsyms >"$BATS_TEST_TMPDIR/moved"
	cs2text -k ../examples/pipeline.kallsyms "$out" >"$err"
	cs2text -k "$BATS_TEST_TMPDIR/moved" "$out" | cmp - "$err"
}

@test "modules have names only if nothing moved" {
	sed 's/^ffffffff8/ffffffff9/; s/^ffffffffc/ffffffffd/' cs2text/small.kallsyms >"$BATS_TEST_TMPDIR/moved"
	cs2text -k "$BATS_TEST_TMPDIR/moved" cs2text/kernel.in >"$out"
	grep -q 'ffffffff81000111<first+0x1>' "$out"
	grep -q 'ffffffffc0401008<? \[mod_b\]>' "$out"
}

@test "symbols that no KASLR can have moved there are refused" {
	sed 's/^ffffffff810000/ffffffff810010/; s/00000 T _/00008 T _/; s/01000 T _/01008 T _/' cs2text/small.kallsyms >"$BATS_TEST_TMPDIR/other"
	rejects 'other: of another kernel: _text is at 0xffffffff81001008 there, was at 0xffffffff81000000' \
		cs2text -k "$BATS_TEST_TMPDIR/other" cs2text/kernel.in
}

@test "a second machine with another kernel is not named by the first one's symbols" {
	{
		printf 'map\t0\t%s\t-\t-\t-\tk\tffffffff81000000\t2000000\tffffffff81000000\t-\t%s\t[kernel.kallsyms]_text\n' one aa two bb three aa four -
		printf 'idle\t1\t%s\t0\t0\t0\t0\t1\tk;ffffffff81000110\n' one two three four
	} >"$out"
	named() {
		grep '^idle' "$out.named" | sed 's/.*k;ffffffff81000110//' | paste -sd' '
	}
	cs2text -v -k cs2text/small.kallsyms "$out" 2>"$err" >"$out.named"
	[ "$(named)" = "<first+0x0>  <first+0x0> " ]
	grep -qx "cs2text: \[kernel.kallsyms\]: 2 frames without a name: the symbols are another machine's" "$err"
	cs2text -m two -k cs2text/small.kallsyms "$out" >"$out.named"
	[ "$(named)" = " <first+0x0>  " ]
	cs2text -m 't[wx]o' -m none -k cs2text/small.kallsyms "$out" >"$out.named" 2>"$err"
	[ "$(named)" = " <first+0x0>  " ]
	[ "$(<"$err")" = 'cs2text: nothing matches -m "none"' ]
	grep '^idle' "$out" | cs2text -k cs2text/small.kallsyms >"$out.named"
	[ "$(named)" = "<first+0x0>   " ]
}

@test "symbols that cannot be read are reported" {
	rejects 'cs2text: no/such/file: No such file or directory' cs2text -k no/such/file cs2text/kernel.in
	rejects "cs2text/kernel.in:1: not \"ADDRESS TYPE NAME\"" cs2text -k cs2text/kernel.in cs2text/kernel.in
	rejects '/dev/null: no symbols' cs2text -k /dev/null cs2text/kernel.in
	sed 's/^[0-9a-f]*/0000000000000000/' cs2text/small.kallsyms >"$BATS_TEST_TMPDIR/hidden"
	rejects 'hidden: all addresses are 0 (kernel.kptr_restrict); it must be read as root' cs2text -k "$BATS_TEST_TMPDIR/hidden" cs2text/kernel.in
	sed '3s/.*/bad/' cs2text/small.kallsyms >"$BATS_TEST_TMPDIR/bad"
	rejects 'bad:3: not "ADDRESS TYPE NAME"' cs2text -k "$BATS_TEST_TMPDIR/bad" cs2text/kernel.in
	rejects 'no/such/folder: No such file or directory' cs2text --sysroot=no/such/folder cs2text/kernel.in
	run -2 cs2text --live -k cs2text/small.kallsyms cs2text/kernel.in
	run -2 cs2text -k - <cs2text/small.kallsyms
}

@test "kernel symbols may end with empty lines or in the middle of a line, and a name may begin with any byte" {
	local name=$'\xc3\xa9t\xc3\xa9' cut usual
	usual=$(cs2text -k cs2text/small.kallsyms cs2text/kernel.in 2>&1 >/dev/null)
	{ cat cs2text/small.kallsyms; printf '\n\n'; } >"$BATS_TEST_TMPDIR/blank"
	run -0 --separate-stderr cs2text -k "$BATS_TEST_TMPDIR/blank" cs2text/kernel.in
	diff - cs2text/kernel.out <<<"$output"
	[ "$stderr" = "$usual" ]
	for cut in fff 'ffffffffc0001000 t x'; do
		{ cat cs2text/small.kallsyms; printf %s "$cut"; } >"$BATS_TEST_TMPDIR/cut"
		run -0 --separate-stderr cs2text -k "$BATS_TEST_TMPDIR/cut" cs2text/kernel.in
		diff - cs2text/kernel.out <<<"$output"
		grep -qx "cs2text: $BATS_TEST_TMPDIR/cut:$(($(wc -l <cs2text/small.kallsyms) + 1)): line is cut short and left out" <<<"$stderr"
	done
	printf 'ffffffff81000000 T %s\nffffffff81000010 T b\n' "$name" >"$BATS_TEST_TMPDIR/odd"
	printf 'tracepoint\t1\thost\t0\t1\t1\tx\t-\tk;ffffffff81000004\n' >"$BATS_TEST_TMPDIR/odd.in"
	run -0 --separate-stderr cs2text -k "$BATS_TEST_TMPDIR/odd" "$BATS_TEST_TMPDIR/odd.in"
	[[ $output == *"<$name+0x4>" ]]
}

@test "a stream that breaks off comes out up to the break" {
	head -c 900 cs2text/kernel.in >"$BATS_TEST_TMPDIR/cut.in"
	run -1 --separate-stderr cs2text -k cs2text/small.kallsyms "$BATS_TEST_TMPDIR/cut.in"
	[[ $stderr == *"cut.in:"*": line is cut short" ]]
	[ "$output" = "$(head -n "${#lines[@]}" cs2text/kernel.out)" ]
	[ "${#lines[@]}" -gt 5 ]
	: | cs2text | cmp - /dev/null
	run -1 --separate-stderr sh -c 'cs2text -k cs2text/small.kallsyms cs2text/kernel.in >/dev/full'
	[[ $stderr == *"No space left on device"* ]]
}

@test "--live wants a recording of this very kernel" {
	kernel() {	# TEXT BUILD: its map
		printf 'map\t0\thost\t-\t-\t-\tk\t%s\t2000000\t%s\t-\t%s\t[kernel.kallsyms]_text\n' "$1" "$1" "$2"
	}
	frame() {
		printf 'idle\t1\thost\t0\t0\t0\t0\t1\tk;%s\n' "$1"
	}
	rejects 'the recording does not say which kernel it is of' cs2text --live < <(frame ffffffff81000110)
	rejects "is not the recording's (deadbeef)" cs2text --live < <(kernel ffffffff81000000 deadbeef; frame ffffffff81000110)
	build_id=$(od -An -v -tx1 /sys/kernel/notes | tr -d ' \n' | sed -n 's/^040000001400000003000000474e5500\([0-9a-f]\{40\}\).*/\1/p')
	text=$(sed -n 's/ T _text$//p' /proc/kallsyms)
	[ -n "$build_id" ] && [ -n "$text" ] && [ "$text" != 0000000000000000 ] || skip "this kernel hides its build id or its symbols"
	{ kernel "$text" "$build_id"; frame "$text"; } | cs2text --live | grep -q "k;$text<.*+0x0>"
}

# beside_perf NAME: every frame of the recording has perf script's symbol, except in these cases.
#   return: perf looks return addresses up as they are; one on a function's first byte belongs to the call before it
#   alias: two names of one address
beside_perf() {
	perf script -i "$1.data" --kallsyms "$1.kallsyms" -F ip,sym,symoff 2>"$err" | grep -v '^$' |
		sed 's/^[ \t]*//; s/@@*GLIBC[^+]*//' >"$BATS_TEST_TMPDIR/perf"
	perf2rec "$1.data" | cs2text -k "$1.kallsyms" | awk -F'\t' '$NF ~ /^[ku];/ { print $NF }' | tr ';' '\n' | grep -vxE '[ku]' >"$BATS_TEST_TMPDIR/ours"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/perf")" -eq "$(wc -l <"$BATS_TEST_TMPDIR/ours")" ]
	# perf writes user addresses as offsets of their files: the order of the frames says which is which
	paste "$BATS_TEST_TMPDIR/perf" "$BATS_TEST_TMPDIR/ours" | awk -F'\t' -v kallsyms="$1.kallsyms" -v which="$2" '
	BEGIN {
		while ((getline line <kallsyms) > 0) {
			split(line, w, /[ \t]/)
			at[w[3]] = at[w[3]] " " w[1]
		}
	}
	function alias(a, b, i, n, w) {
		n = split(at[a], w, " ")
		for (i = 1; i <= n; i++)
			if (index(at[b] " ", " " w[i] " "))
				return 1
		return 0
	}
	{
		addr = name = $2
		sub(/<.*/, "", addr)
		sub(/^[^<]*</, "", name)
		sub(/[ >].*/, "", name)
		theirs = $1
		sub(/^[0-9a-f]* /, "", theirs)
		kernel = addr ~ /^ffffffff/
		if (kernel != (which == "kernel"))
			next
		frames++
		if (theirs == name || (theirs == "[unknown]" && name == "?"))
			next
		theirs_off = ours_off = ""
		if (match(theirs, /[+]0x[0-9a-f]*$/)) {
			theirs_off = substr(theirs, RSTART)
			theirs = substr(theirs, 1, RSTART - 1)
		}
		if (match(name, /[+]0x[0-9a-f]*$/)) {
			ours_off = substr(name, RSTART)
			name = substr(name, 1, RSTART - 1)
		}
		if (theirs_off == "+0x0" || theirs == "[unknown]")
			why["return"]++
		else if (theirs_off == ours_off && alias(theirs, name))
			why["alias"]++
		else if (name !~ /^_[ZR]/)
			print "perf: " $1 ", cs2text: " $2
	}
	END {
		print frames + 0 " " why["return"] + 0 " " why["alias"] + 0 >"/dev/stderr"
	}' >"$out" 2>"$err"
	head "$out"
	[ ! -s "$out" ]
	read -r frames returns aliases <"$err"
	echo "frames $frames, return addresses $returns, aliases $aliases"
	[ "$frames" -gt 1000 ]
	[ "$((returns * 100))" -lt "$frames" ] || [ "$returns" -lt 1000 ]
}

@test "every kernel frame has perf's symbol, or is a return address past its function's end" {
	needs perf
	shared sched
	for name in sleepy build pipeline; do
		beside_perf "$shared/$name" kernel
	done
}

@test "every user frame of a recording made here has perf's symbol" {
	needs perf
	cd "$BATS_TEST_TMPDIR"
	perf record -q --no-bpf-event -e cpu-clock -c 200000 -g -o own.data -- sh -c 'for i in 1 2 3; do gzip -c /bin/bash >/dev/null; done' >"$err" 2>&1 ||
		skip "perf cannot record here"
	cat /proc/kallsyms >own.kallsyms
	grep -q '^[0-9a-f]*[1-9a-f][0-9a-f]* ' own.kallsyms || skip "this kernel hides its symbols"
	beside_perf "$BATS_TEST_TMPDIR/own" user
}

@test "a program that is cut anywhere or has a byte wrong crashes nobody" {
	cd "$BATS_TEST_TMPDIR"
	for ((n = 64; n < 2248; n += 24)); do
		head -c $n "$BATS_TEST_DIRNAME/fuzz/corpus/elf/whole.so" >cut.$n
		cp "$BATS_TEST_DIRNAME/fuzz/corpus/elf/whole.so" wrong.$n
		printf '\377' | dd of=wrong.$n bs=1 seek=$n conv=notrunc status=none
	done
	run -0 "${BUILD:?}/t/replay/elf" cut.* wrong.*
}

# long_names N: $root/a has N symbols whose one name is 1 MB long, from 0x1000 on, every 16 bytes.
long_names() {
	install_programs
	"$BUILD/t/hostile" symbol_names "$1" >"$root/a"
}

# in_long_names PATH STACK: a record with that stack, and the file of long_names mapped at 0.
in_long_names() {
	printf 'map\t0\thost\t0\t5\t5\tu\t0\t100000\t0\tr-xp\t-\t%s\n' "$1"
	printf 'idle\t1\thost\t0\t5\t5\t0\t1\tu;%s\n' "$2"
}

@test "a file that many paths name is read once" {
	needs time
	long_names 10000
	path=
	for ((i = 0; i < 200; i++)); do
		path=$path/.
		in_long_names "$path/a" 1010
	done >"$out"
	command time -f %M -o "$err" cs2text --sysroot="$root" "$out" >"$BATS_TEST_TMPDIR/named"
	[ "$(grep -c '1010<A*+0x0 ' "$BATS_TEST_TMPDIR/named")" = 200 ]
	[ -n "${SAN-}" ] || [ "$(tail -n 1 "$err")" -lt 32768 ]
}

@test "a long symbol is cut, and a message says so" {
	long_names 10
	in_long_names /a 1010 | cs2text --sysroot="$root" >"$out" 2>"$err"
	[ "$(<"$err")" = 'cs2text: names of more than 4096 bytes are cut' ]
	[ "$(grep -o A "$out" | wc -l)" = 4096 ]
	reccheck -n "$out"
}

@test "names that would outgrow the input are left out, and a message says so" {
	long_names 1000
	in_long_names /a "1010$(printf ';1012%.0s' {1..5000})" >"$BATS_TEST_TMPDIR/in"
	cs2text --sysroot="$root" "$BATS_TEST_TMPDIR/in" 2>"$err" | cmp - "$BATS_TEST_TMPDIR/in"
	grep -qx 'cs2text: 1 field left as it is: names would outgrow the input' "$err"
}

@test "states whose stacks have no names are copied, and a message says what would name them" {
	state() { printf 'state\t5\thost\t0\t7\t7\t9\t0\ta\t120\tsleeping\t-\t%s\n' "$1"; }
	state 'k;10;u;20' >"$BATS_TEST_TMPDIR/in"
	cs2text "$BATS_TEST_TMPDIR/in" 2>"$err" | cmp - "$BATS_TEST_TMPDIR/in"
	[ "$(<"$err")" = 'cs2text: states keep their addresses: run cs2text before sched2states' ]
	for stack in - @ab 'k;10<f+0x1>;u;20'; do
		state "$stack" >>"$BATS_TEST_TMPDIR/named"
		state "$stack" | cs2text 2>"$err" >"$out"
		[ ! -s "$err" ]
	done
	cat "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/named" | cs2text 2>"$err" >"$out"
	[ ! -s "$err" ]
}

# --- guests

# guest_sample VM ADDRESS [TIME]: a sample of a guest's kernel, as perf2rec writes it on the host.
guest_sample() {
	printf 'sample\t%d\t%s\t-\t-\t-\tcpu-clock\t1\tgk\t%s\thost_pid=%d\tgk;%s\n' "${3-5}" "$1" "$2" "${1#vm}" "$2"
}

# guest_kernel VM PLACE: where its kernel is.
guest_kernel() {
	printf 'map\t0\t%s\t-\t-\t-\tgk\t%s\t2000\t%s\t-\t-\t[guest.kernel.kallsyms.%d]_text\n' "$1" "$2" "$2" "${1#vm}"
}

# guest_symbols PLACE NAME: the symbols of a kernel with one function, 0x1000 after its start.
guest_symbols() {
	printf '%016x T _text\n%016x T %s\n%016x T _etext\n' "0x$1" $((0x$1 + 0x1000)) "$2" $((0x$1 + 0x2000))
}

# notes <records: what is in the brackets of guests' stacks.
notes() {
	sed -n 's/^sample.*\tgk;//p' | tr '\n' ' '
}

# kallsyms_says KALLSYMS MACHINE <records: each address of the machine's guest kernel, annotated as the file says.
kallsyms_says() {
	awk -F '\t' -v machine="$2" '
	function number(hex,	i, n) {
		for (i = n = 0; i < 8; i++) # the upper half is the same in all
			n = 16 * n + index("0123456789abcdef", substr(hex, 9 + i, 1)) - 1
		return n
	}
	FNR == NR { split($1, f, " "); at[++n] = number(f[1]); type[n] = f[2]; name[n] = f[3]; module[n] = $2; next }
	$1 == "sample" && $3 == machine && $9 == "gk" {
		addr = number($10)
		for (i = n; i > 0 && at[i] > addr; i--)
			;
		printf "%s<%s+0x%x%s>\n", $10, name[i], addr - at[i], module[i] == "" ? "" : " " module[i]
	}' "$1" -
}

@test "every frame of a guest's kernel has the symbol of its own guest" {
	shared kvm
	for name in both both-g one perf.data.guest; do
		file=$shared/$name
		[ -f "$file" ] || file=$file.data
		perf2rec "$file" >"$BATS_TEST_TMPDIR/in"
		cs2text --guest-kallsyms=vm1983="$shared/a.kallsyms" --guest-kallsyms=vm1987="$shared/b.kallsyms" "$BATS_TEST_TMPDIR/in" >"$out"
		reccheck -n "$out"
		frames=0
		for guest in 1983:a 1987:b; do
			kallsyms_says "$shared/${guest#*:}.kallsyms" "vm${guest%:*}" <"$BATS_TEST_TMPDIR/in" >"$err"
			frames=$((frames + $(wc -l <"$err")))
			diff "$err" <(awk -F '\t' -v vm="vm${guest%:*}" '$1 == "sample" && $3 == vm && $9 == "gk" { print $10 }' "$out")
			diff <(grep -c 'gk;' "$BATS_TEST_TMPDIR/in") <(grep -c 'gk;.*<.*>' "$out")
			cs2text -m "vm${guest%:*}" -k "$shared/${guest#*:}.kallsyms" "$BATS_TEST_TMPDIR/in" |
				awk -F '\t' -v vm="vm${guest%:*}" '$1 == "sample" && $3 == vm && $9 == "gk" { print $10 }' | diff "$err" -
		done
		[ "$frames" -ge 26 ]
	done
}

@test "-m and -k name the guest that is asked for, and no other" {
	{ guest_sample vm7 ffffffff81001010 && guest_sample vm8 ffffffff81001010; } >"$out"
	guest_symbols ffffffff81000000 seven >"$BATS_TEST_TMPDIR/seven"
	cs2text -m vm7 -k "$BATS_TEST_TMPDIR/seven" "$out" | notes | grep -qx 'ffffffff81001010<seven+0x10> ffffffff81001010 '
	cs2text -k "$BATS_TEST_TMPDIR/seven" "$out" | cmp - "$out"
}

@test "one file names all guests of a kernel, each from its own place" {
	guest_symbols ffffffff81000000 all >"$BATS_TEST_TMPDIR/all"
	{
		guest_kernel vm7 ffffffff82000000
		guest_sample vm7 ffffffff82001010
		guest_sample vm8 ffffffff81001020
		guest_kernel vm9 ffffffff83000800
		guest_sample vm9 ffffffff83001020
	} | cs2text --guest-kallsyms="$BATS_TEST_TMPDIR/all" >"$out" 2>"$err"
	[ "$(notes <"$out")" = 'ffffffff82001010<all+0x10> ffffffff81001020<all+0x20> ffffffff83001020 ' ]
	[[ "$(<"$err")" == *'all: of another kernel: _text is at 0xffffffff81000000 there, was at 0xffffffff83000800' ]]
}

@test "the default guest's place is that of guests without their own" {
	guest_symbols ffffffff81000000 all >"$BATS_TEST_TMPDIR/all"
	{
		printf 'map\t0\tvm\t-\t-\t-\tgk\tffffffff82000000\t2000\tffffffff82000000\t-\t-\t[guest.kernel.kallsyms]_text\n'
		guest_sample vm7 ffffffff82001010
		guest_sample vm7 ffffffff82003000
	} | cs2text -v --guest-kallsyms="$BATS_TEST_TMPDIR/all" >"$out" 2>"$err"
	[ "$(notes <"$out")" = 'ffffffff82001010<all+0x10> ffffffff82003000<?> ' ]
}

@test "a guest's modules are found in its kallsyms, in its maps and in its list of modules" {
	{
		guest_symbols ffffffff81000000 f
		printf 'ffffffffc0000000 t write\t[one]\nffffffffc0000100 d data\t[one]\n'
	} >"$BATS_TEST_TMPDIR/symbols"
	printf 'one 4096 0 - Live 0xffffffffc0000000\ntw\001o 4096 1 one,three Live 0xffffffffc0001000 (OE)\n' >"$BATS_TEST_TMPDIR/modules"
	{
		printf 'map\t0\tvm7\t-\t-\t-\tgk\tffffffffc0002000\t1000\t0\t-\t-\t[three]\n'
		for addr in ffffffffc0000010 ffffffffc0000200 ffffffffc0001010 ffffffffc0002010 ffffffffc0003010; do
			guest_sample vm7 $addr
		done
	} | cs2text --guest-kallsyms=vm7="$BATS_TEST_TMPDIR/symbols" --guest-modules=vm7="$BATS_TEST_TMPDIR/modules" >"$out"
	reccheck -n "$out"
	[ "$(notes <"$out")" = "ffffffffc0000010<write+0x10 [one]> ffffffffc0000200<? [one]> ffffffffc0001010<? [tw\\x01o]> \
ffffffffc0002010<? [three]> ffffffffc0003010<?> " ]
}

@test "guests' files are found below a folder, by the pid of the process" {
	folder=$BATS_TEST_TMPDIR/guests
	mkdir -p "$folder/7/proc" "$folder/7/usr/lib" "$folder/8/proc"
	guest_symbols ffffffff81000000 seven >"$folder/7/proc/kallsyms"
	echo 'mod 4096 0 - Live 0xffffffffc0000000' >"$folder/7/proc/modules"
	ln -s "$BATS_TEST_DIRNAME/cs2text/small.kallsyms" "$folder/8/proc/kallsyms" # which leads out of it
	cp fuzz/corpus/elf/whole.so "$folder/7/usr/lib"
	{
		guest_sample vm7 ffffffff81001010
		guest_sample vm7 ffffffffc0000010
		guest_sample vm8 ffffffff81001010
		guest_sample vm9 ffffffff81001010
		printf 'map\t5\tvm7\t0\t5\t5\tgu\t10000\t1000\t0\tr-xp\t-\t/usr/lib/whole.so\n'
		printf 'sample\t6\tvm7\t0\t5\t5\te\t1\tgu\t10280\t-\tgk;ffffffff81001020;gu;10280\n'
		printf 'sample\t6\tvm7\t0\t6\t6\te\t1\tgu\t10280\t-\tgk;ffffffff81001020;gu;10280\n'
	} | cs2text -v --guest-mount="$folder" >"$out" 2>"$err"
	reccheck -n "$out"
	[ "$(notes <"$out")" = 'ffffffff81001010<seven+0x10> ffffffffc0000010<? [mod]> ffffffff81001010 ffffffff81001010 '\
'ffffffff81001020<seven+0x20>;gu;10280<_start+0x0 /usr/lib/whole.so> ffffffff81001020<seven+0x20>;gu;10280 ' ]
	grep -q 'guest.kernel.kallsyms.9.: 1 frame without a name: no kallsyms below --guest-mount' "$err"
}

@test "a pid that was two guests' in turn names each by its own file" {
	guest_symbols ffffffff81000000 first >"$BATS_TEST_TMPDIR/first"
	guest_symbols ffffffff81000000 second >"$BATS_TEST_TMPDIR/second"
	{
		printf 'comm\t0\thost\t-\t7\t7\t-\tqemu\n'
		guest_sample vm7 ffffffff81001010 1
		printf 'exit\t2\thost\t0\t7\t7\n'
		guest_sample vm7 ffffffff81001010 3 # its last samples may follow its exit
		printf 'fork\t4\thost\t0\t1\t1\t7\t7\tprocess\ncomm\t5\thost\t0\t7\t7\texec\tqemu\n'
		guest_sample vm7 ffffffff81001010 6
	} >"$BATS_TEST_TMPDIR/in"
	cs2text --guest-kallsyms=vm7="$BATS_TEST_TMPDIR/first" --guest-kallsyms=vm7="$BATS_TEST_TMPDIR/second" "$BATS_TEST_TMPDIR/in" >"$out"
	[ "$(notes <"$out" | grep -o '<[a-z]*' | xargs)" = '<first <first <second' ]
	cs2text -v --guest-kallsyms=vm7="$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(notes <"$out" | grep -o '<[a-z]*' | xargs)" = '<first <first' ]
	grep -q "kallsyms.7.: 1 frame without a name: the pid was another guest's before, whose symbols were given" "$err"
}

@test "symbols of a guest that are all zeros, or the host's own, are reported once, and others are used" {
	folder=$BATS_TEST_TMPDIR/guests
	mkdir -p "$folder"/{7,8,9}/proc
	guest_symbols ffffffff81000000 seven | sed 's/^[0-9a-f]*/0000000000000000/' >"$folder/7/proc/kallsyms"
	guest_symbols ffffffff85000000 host | tee "$BATS_TEST_TMPDIR/host" >"$folder/8/proc/kallsyms"
	guest_symbols ffffffff81000000 nine >"$folder/9/proc/kallsyms"
	{
		printf 'map\t0\thost\t-\t-\t-\tk\tffffffff85000000\t2000\tffffffff85000000\t-\t-\t[kernel.kallsyms]_text\n'
		for guest in vm7 vm8 vm9 vm7 vm8; do
			guest_sample $guest ffffffff81001010
		done
	} >"$BATS_TEST_TMPDIR/in"
	cs2text --guest-mount="$folder" "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
	[ "$(notes <"$out" | grep -o '<[a-z]*' | xargs)" = '<nine' ]
	diff - "$err" <<-END
		cs2text: $folder/7/proc/kallsyms: all addresses are 0 (kernel.kptr_restrict); it must be read as root
		cs2text: $folder/8/proc/kallsyms: the symbols are the host's own
	END
	grep -v ^map "$BATS_TEST_TMPDIR/in" | cs2text -k "$BATS_TEST_TMPDIR/host" --guest-mount="$folder" 2>&1 >"$out" | grep -q "/8/.*: the symbols are the host's own"
	rejects 'all addresses are 0' cs2text --guest-kallsyms=vm7="$folder/7/proc/kallsyms" "$BATS_TEST_TMPDIR/in"
	rejects 'no/such: No such file' cs2text --guest-kallsyms=vm7=no/such "$BATS_TEST_TMPDIR/in"
	rejects 'no/such: No such file' cs2text --guest-modules=no/such "$BATS_TEST_TMPDIR/in"
	rejects 'no/such: No such file' cs2text --guest-mount=no/such "$BATS_TEST_TMPDIR/in"
	printf 'one 4096 0 - Live 0xffffffffc0000000\noops\n' >"$BATS_TEST_TMPDIR/modules"
	rejects "cs2text: $BATS_TEST_TMPDIR/modules:2: not a line of /proc/modules" cs2text --guest-modules="$BATS_TEST_TMPDIR/modules" "$BATS_TEST_TMPDIR/in"
	rejects ':1: not a line of /proc/modules' cs2text --guest-modules=vm7="$(command -v cs2text)" "$BATS_TEST_TMPDIR/in"
}

@test "the host's symbols given for a guest are noticed by the length of the kernel" {
	cd ../examples/kvm
	perf2rec perf.data.gz >"$BATS_TEST_TMPDIR/in"
	for guest in vm6315 vm6316; do
		cs2text --guest-kallsyms=$guest=host.kallsyms "$BATS_TEST_TMPDIR/in" >"$out" 2>"$err"
		[ "$(grep -c 'gk;' "$out")" -gt 10 ]
		[ "$(grep -c 'gk;.*<' "$out")" = 0 ]
		diff "$err" - <<<"cs2text: host.kallsyms: the symbols are the host's own"
	done
	[ "$(cs2text --guest-kallsyms=vm6316=vm6315.kallsyms "$BATS_TEST_TMPDIR/in" | grep -c '<put_char+')" -gt 0 ] # moved, of the same length
}

@test "the only program of a guest is named by a map without a pid, through recgrep, too" {
	{
		printf 'map\t0\tvm7\t-\t-\t-\tgu\t400000\t10000\t0\tr-xp\t-\t/usr/local/bin/work\n'
		printf 'map\t0\thost\t-\t-\t-\tu\t500000\t10000\t0\tr-xp\t-\t/usr/local/bin/work\n'
		at=$(nm ../examples/sysroot/usr/local/bin/work | awk '$3 == "tell_change" { print substr($1, 13) }')
		printf 'sample\t%d\t%s\t-\t-\t-\tcpu-clock\t1\t%s\t%s%s\t-\t-\n' 1 vm7 gu 40 "$at" 2 vm8 gu 40 "$at" 3 host u 50 "$at" 4 vm7 gk 40 "$at"
	} >"$BATS_TEST_TMPDIR/in"
	cs2text --sysroot=../examples/sysroot "$BATS_TEST_TMPDIR/in" >"$out"
	[ "$(grep -c '<tell' "$out")" = 1 ]
	grep -q '^sample	1	.*<tell_change+0x0 /usr/local/bin/work>' "$out"
	recgrep -t 1ns, "$BATS_TEST_TMPDIR/in" | cs2text --sysroot=../examples/sysroot | grep '^sample' | diff - <(grep '^sample' "$out")
}

@test "the process records of a long run do not pile up" {
	needs time
	awk 'BEGIN {
		for (i = 1; i <= 200000; i++) {
			printf "fork\t%d\thost\t0\t1\t1\t%d\t%d\t-\n", i, 2 + i % 30000, 2 + i % 30000
			printf "map\t%d\thost\t0\t%d\t%d\tu\t1000\t1000\t0\tr-xp\t-\t/bin/%d\n", i, 2 + i % 30000, 2 + i % 30000, i
			printf "exit\t%d\thost\t0\t%d\t%d\n", i, 2 + i % 30000, 2 + i % 30000
		}
	}' >"$out"
	command time -f %M -o "$err" cs2text "$out" >/dev/null
	[ -n "${SAN-}" ] || [ "$(cat "$err")" -lt 16384 ]
}
