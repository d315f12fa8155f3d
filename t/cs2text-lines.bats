#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cs2text -l and -i: source lines and inlined functions, beside addr2line on all addresses of programs that are made here.

load lib

# program COMPILER SOURCE [ARG ...] -> $program
program() {
	program=$BATS_TEST_TMPDIR/program
	"$1" -O2 "${@:3}" -o "$program" "$2"
}

# code: the .text section of $program: address, offset, size.
code() {
	readelf -SW "$program" | sed 's/\[ */[/' | awk '$2 == ".text" { print $4, $5, $6 }'
}

# every_address: the addresses of the code of $program, one a line.
every_address() {
	local addr off size
	read -r addr off size < <(code)
	awk -v from=$((0x$addr)) -v n=$((0x$size)) 'BEGIN { for (i = 0; i < n; i++) printf "%x\n", from + i }'
}

# stream ADDRESS ...: a process that runs $program, and an event at each address.
stream() {
	local addr off size
	read -r addr off size < <(code)
	printf 'map\t0\thost\t-\t5\t5\tu\t%x\t%x\t%x\tr-x\t-\t%s\n' $((0x$addr)) $((0x$size)) $((0x$off)) "$program"
	every_address | awk '{ print "idle\t1\thost\t0\t5\t5\t0\t1\tu;" $1 }'
}

# places: the places of each event's frames as addr2line -i -s writes them, on one line.
places() {
	grep ^idle | cut -f9 | awk '{
		sub(/^u;/, "")
		n = split($0, frame, ";")
		for (i = 1; i <= n; i++) {
			place = frame[i]
			if (!sub(/.* @/, "", place))
				place = "??:0>"
			sub(/>$/, "", place)
			sub(/.*\//, "", place)
			printf " %s", place
		}
		print ""
	}'
}

# addr2line's own, of all addresses.
peer() {
	every_address | sed 's/^/0x/' | addr2line -i -a -s -e "$program" | sed 's/ (discriminator [0-9]*)//' | awk '
	/^0x/ { if (NR > 1) print line; line = ""; next }
	/:[?0]$/ { $0 = "??:0" }
	{ line = line " " $0 }
	END { print line }'
}

# like_addr2line: no address differs.
like_addr2line() {
	stream | cs2text -l -i | places >"$out"
	peer >"$err"
	[ "$(wc -l <"$out")" -gt 300 ]
	diff -q "$out" "$err"
}

@test "lines and inlined functions are those of addr2line, at every address" {
	program gcc recunwind/signal.c -g
	like_addr2line
	grep -q ' .* .* .*' "$out"
	needs g++
	for version in 4 5; do
		program g++ recunwind/throw.cc -gdwarf-$version
		like_addr2line
		grep -q ' .* .* .*' "$out"
	done
}

# addr2line 2.40 finds no inlined functions in what clang writes as DWARF 5.
@test "of clang's programs they are addr2line's with DWARF 4, and the same with DWARF 5" {
	needs clang
	program clang recunwind/throw.cc -gdwarf-4 -lstdc++
	like_addr2line
	mv "$out" "$out.4"
	program clang recunwind/throw.cc -gdwarf-5 -lstdc++
	stream | cs2text -l -i | places | diff -q - "$out.4"
}

# differ: the classes in which the places of a stream (FILE 1) and of addr2line (FILE 2) differ, with their counts. The code of a function has a
# symbol, padding has none.
differ() {
	paste -d '|' <(every_address) "$1" "$2" | awk -F '|' -v symbols="$(nm -S --defined-only "$program" | awk 'NF == 4 && $3 ~ /[tTwWi]/ { print $1, $2 }')" '
	function hex(s, n, i) {
		for (i = 1; i <= length(s); i++)
			n = 16 * n + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	function lines(places) { gsub(/[^ ]*:/, "", places); return places }
	BEGIN {
		n = split(symbols, word, /[ \n]/)
		for (i = 1; i < n; i += 2) {
			from = hex(word[i])
			for (at = hex(word[i + 1]) - 1; at >= 0; at--)
				code[from + at]
		}
	}
	$2 == $3 { next }
	lines($2) == lines($3) { count["file"]++; next }
	$2 == " ??:0" && !(hex($1) in code) { count["padding"]++; next }
	{ count["other"]++ }
	END { for (class in count) print class, count[class] }' | sort
}

# The classes are on the page: addr2line 2.40 has the file of the unit for some lines of a file that it includes, and names padding.
@test "of a program linked as a whole they differ from addr2line's only by the file of a line, and in padding" {
	needs g++
	program g++ cs2text/regex.cc -g -O1 -flto=1
	stream | cs2text -l -i | places >"$out"
	peer >"$err"
	[ "$(wc -l <"$out")" -gt 10000 ]
	run ! grep -v -e '^file ' -e '^padding ' <(differ "$out" "$err")
}

# blocks FIRST SECOND: $program, a function of 32 bytes with two blocks, from which on each are 16 bytes; in the second one a function is inlined
# at 8 bytes.
blocks() {
	cat >"$BATS_TEST_TMPDIR/blocks.s" <<-END
		.text
		.globl outer
		.type outer, %function
		outer: .fill 32, 1, 0
		.size outer, 32
		.section .debug_abbrev, "", %progbits
		.uleb128 1, 0x11; .byte 1; .uleb128 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 2, 0x2e; .byte 0; .uleb128 0x03, 0x08, 0x20, 0x0b, 0, 0
		.uleb128 3, 0x2e; .byte 1; .uleb128 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 4, 0x0b; .byte 1; .uleb128 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 5, 0x1d; .byte 0; .uleb128 0x31, 0x13, 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 0
		.section .debug_info, "", %progbits
		unit: .4byte end - begin
		begin: .2byte 4; .4byte 0; .byte 8
		.uleb128 1; .asciz "unit"; .8byte outer; .4byte 32
		inner: .uleb128 2; .asciz "inner"; .byte 1
		.uleb128 3; .asciz "outer"; .8byte outer; .4byte 32
		.uleb128 4; .8byte outer + $1; .4byte 16; .byte 0
		.uleb128 4; .8byte outer + $2; .4byte 16
		.uleb128 5; .4byte inner - unit; .8byte outer + $2; .4byte 8
		.byte 0, 0, 0
		end:
	END
	program gcc "$BATS_TEST_TMPDIR/blocks.s" -shared -nostdlib
}

@test "an inlined function is found in the second of two blocks that overlap" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	for second in 16 8 0; do
		blocks 0 $second
		stream | cs2text -i | grep ^idle | cut -f9 | grep -n '<inner ' | cut -d : -f 1 >"$out"
		diff -q "$out" <(seq $((second + 1)) $((second + 8)))
	done
}

# tables UNITS ROWS: $program, with a line table for each unit, whose rows are the same bytes: a table skips what those after it begin with, by
# opcodes that nobody knows.
tables() {
	{
		printf '.text\n.type f, %%function\nf: .fill %d, 8, 0\n.size f, . - f\n' "$1"
		cat <<-END
			.section .debug_abbrev, "", %progbits
			.uleb128 1, 0x11; .byte 0; .uleb128 0x03, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0
			.uleb128 0
		END
		for ((i = 0; i < $1; i++)); do
			printf '%s\n' '.section .debug_info, "", %progbits' \
				".4byte end$i - begin$i" \
				"begin$i: .2byte 4; .4byte 0; .byte 8" \
				".uleb128 1; .asciz \"unit\"; .4byte table$i - tables; .8byte .text + 8 * $i; .4byte 8" \
				"end$i:" \
				'.section .debug_line, "", %progbits'
			[ $i -gt 0 ] || echo tables:
			printf '%s\n' "table$i: .4byte done - . - 4; .2byte 4; .4byte head$i - . - 4" \
				'.byte 1, 1, 1, -3, 12, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0; .asciz "f.c"; .byte 0, 0, 0, 0' \
				"head$i: .byte 0, 9, 2; .8byte .text + 8 * $i" \
				"skip$i: .byte 0; .uleb128 skip$((i + 1)) - after$i" \
				"after$i: .byte 0x80"
		done
		printf 'skip%d: .fill %d, 1, 0x20\n.byte 0, 1, 1\ndone:\n' "$1" "$2"
	} >"$BATS_TEST_TMPDIR/tables.s"
	program gcc "$BATS_TEST_TMPDIR/tables.s" -shared -nostdlib
}

@test "line tables that overlap are read up to the size of their section" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	tables 1 100
	stream | cs2text -l 2>"$err" | grep -c ' @f.c:' | grep -qx 7
	[ ! -s "$err" ]
	tables 100 100000
	(
		[ -n "${SAN-}" ] || ulimit -v 200000
		stream | cs2text -l >"$out" 2>"$err"
	)
	grep -qx 'cs2text: 99 tables of debug information not read: damaged or out of proportion' "$err"
	[ "$(grep -c ' @f.c:' "$out")" = 7 ]
}

# names VERSION LENGTH FILES [DEFINED]: $program, with a line table that has a folder of so long a name for each of so many files.
# DEFINED: the rows define them. In version 5 the names are elsewhere, and a file takes five bytes.
names() {
	local file='.asciz "f.c"; .byte 1, 0, 0' describe='.byte 2; .uleb128 1, 0x1f, 2, 0x0b; .uleb128'
	{
		cat <<-END
			.text
			.type f, %function
			f: .fill 1, 8, 0
			.size f, . - f
			.section .debug_abbrev, "", %progbits
			.uleb128 1, 0x11; .byte 0; .uleb128 0x03, 0x08, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0
			.uleb128 0
			.section .debug_line_str, "", %progbits
			.asciz "f.c"
			.fill $2, 1, 'd'
			.byte 0
			.section .debug_info, "", %progbits
			.4byte end - . - 4; .2byte 4; .4byte 0; .byte 8
			.uleb128 1; .asciz "unit"; .4byte 0; .8byte .text; .4byte 8
			end:
			.section .debug_line, "", %progbits
			.4byte done - . - 4; .2byte $1; $([ "$1" = 4 ] || echo '.byte 8, 0;') .4byte head - . - 4
			.byte 1, 1, 1, -3, 12, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1
		END
		if [ "$1" = 5 ]; then
			printf '.byte 1; .uleb128 1, 0x1f, 1; .4byte 4\n%s %d\n.rept %d; .4byte 0; .byte 0; .endr\nhead:\n' "$describe" "$3" "$3"
		elif [ -z "${4-}" ]; then
			printf ".fill %d, 1, 'd'; .byte 0, 0\n.rept %d; %s; .endr; .byte 0\nhead:\n" "$2" "$3" "$file"
		else
			printf ".fill %d, 1, 'd'; .byte 0, 0; %s, 0\nhead: .rept %d; .byte 0, %d, 3; %s; .endr\n" "$2" "$file" "$3" 8 "$file"
		fi
		printf '.byte 0, 9, 2; .8byte .text; .byte 0x20; .byte 2, 8; .byte 0, 1, 1\ndone:\n'
	} >"$BATS_TEST_TMPDIR/names.s"
	program gcc "$BATS_TEST_TMPDIR/names.s" -shared -nostdlib
}

@test "line tables are read if the names of their files take less than 8 MB and sixteen times their size" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	for form in 4 5 '4 defined'; do
		read -r version defined <<<"$form"
		names "$version" 1000 2000 ${defined:+"$defined"}
		stream | cs2text -l 2>"$err" | grep -c 'd/f.c:' | grep -qx 7
		[ ! -s "$err" ]
		names "$version" 100000 20000 ${defined:+"$defined"}
		(
			[ -n "${SAN-}" ] || ulimit -v 200000
			stream | cs2text -l >"$out" 2>"$err"
		)
		grep -qx 'cs2text: 1 table of debug information not read: damaged or out of proportion' "$err"
		run ! grep 'f\.c' "$out"
	done
}

# abbreviations UNITS N [CODE]: $program, with units that have a table of N abbreviations in common, and need the first or the last
# one (the default). If it is the first one, the last one has more attributes of no bytes than are read.
abbreviations() {
	local code=${3-$2} unit='0x11; .byte 0; .uleb128 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0'
	{
		printf '.text\n.type f, %%function\nf: .fill %d, 8, 0\n.size f, . - f\n.section .debug_abbrev, "", %%progbits\n' "$1"
		[ "$code" = "$2" ] || printf '.uleb128 %d, %s\n' "$code" "$unit"
		seq -f '.uleb128 %.0f, 0x34; .byte 0, 0, 0' 2 $(($2 - 1))
		if [ "$code" = "$2" ]; then
			printf '.uleb128 %d, %s; .byte 0\n' "$2" "$unit"
		else
			printf '.uleb128 %d, 0x34; .byte 0; .rept 40; .uleb128 0x3f, 0x19; .endr; .byte 0, 0, 0\n' "$2"
		fi
		printf '.section .debug_info, "", %%progbits\n'
		for ((i = 0; i < $1; i++)); do
			printf '%s\n' ".4byte end$i - begin$i" \
				"begin$i: .2byte 4; .4byte 0; .byte 8" \
				".uleb128 $code; .asciz \"unit\"; .8byte .text + 8 * $i; .4byte 8" \
				"end$i:"
		done
	} >"$BATS_TEST_TMPDIR/abbreviations.s"
	program gcc "$BATS_TEST_TMPDIR/abbreviations.s" -shared -nostdlib
}

@test "abbreviations that units have in common are read up to 8 MB and four times the size of the entries" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	abbreviations 10 20000
	stream | cs2text -l -i >"$out" 2>"$err"
	[ ! -s "$err" ]
	abbreviations 300 20000
	(
		[ -n "${SAN-}" ] || ulimit -v 250000
		stream | cs2text -l -i >"$out" 2>"$err"
	)
	grep -qx 'cs2text: 1 table of debug information not read: damaged or out of proportion' "$err"
	# 1 MB before an abbreviation that is refused: each unit read them
	abbreviations 2000 200000 1
	stream | (ulimit -t 5 && cs2text -l -i) >"$out" 2>"$err"
	grep -qx 'cs2text: 2000 tables of debug information not read: damaged or out of proportion' "$err"
}

@test "a section is not read if two have its name; the dot is part of it" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	abbreviations 300 20000
	for section in info abbrev; do
		objcopy -R .debug_$section --dump-section ".debug_$section=$BATS_TEST_TMPDIR/section" "$program" "$BATS_TEST_TMPDIR/without"
		for decoy in debug_$section .zdebug_$section; do
			head -c 1 /dev/zero >"$BATS_TEST_TMPDIR/decoy"
			objcopy --add-section "$decoy=$BATS_TEST_TMPDIR/decoy" "$BATS_TEST_TMPDIR/without" "$BATS_TEST_TMPDIR/first"
			objcopy --add-section ".debug_$section=$BATS_TEST_TMPDIR/section" "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/both"
			(
				[ -n "${SAN-}" ] || ulimit -v 250000
				program=$BATS_TEST_TMPDIR/both
				stream | cs2text -l -i >"$out" 2>"$err"
			)
			grep -qx 'cs2text: 1 table of debug information not read: damaged or out of proportion' "$err"
		done
	done
}

# entries ENTRIES [PAIRS [ATTRIBUTE [BASES]]]: $program, a function of 4096 bytes with these entries, to which all PAIRS ranges of one list belong,
# which has BASES entries without a range before them. Entry 3 is
# an inlined function with that list, 4 the end of a list, 5 a block of no address with children and an attribute of no bytes,
# 6 an inlined function that another entry names, 7 such an entry.
entries() {
	cat >"$BATS_TEST_TMPDIR/entries.s" <<-END
		.text
		.globl f
		.type f, %function
		f: .fill 4096, 1, 0
		.size f, 4096
		.section .debug_abbrev, "", %progbits
		.uleb128 1, 0x11; .byte 1; .uleb128 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 2, 0x2e; .byte 1; .uleb128 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0
		.uleb128 3, 0x1d; .byte 0; .uleb128 0x03, 0x08, 0x55, 0x17, 0, 0
		.uleb128 5, 0x0b; .byte 1; ${3-}; .uleb128 0, 0
		.uleb128 6, 0x1d; .byte 0; .uleb128 0x31, 0x13, 0x55, 0x17, 0, 0
		.uleb128 7, 0x2e; .byte 0; .uleb128 0x25, 0x08, 0x03, 0x08, 0, 0
		.uleb128 0
		.section .debug_ranges, "", %progbits
		.rept ${4-0}
		.8byte -1, f
		.endr
		.rept ${2-1}
		.8byte 0, 4096
		.endr
		.8byte 0, 0
		.section .debug_info, "", %progbits
		.4byte end - begin
		begin: .2byte 4; .4byte 0; .byte 8
		.uleb128 1; .8byte f; .4byte 4096
		.uleb128 2; .asciz "f"; .8byte f; .4byte 4096
		$1
		.byte 0, 0
		end:
	END
	program gcc "$BATS_TEST_TMPDIR/entries.s" -shared -nostdlib
}

@test "time for inlined functions is in proportion to the program, and what it cuts is reported" {
	[ "$(getconf LONG_BIT)" = 64 ] || skip "the program has addresses of 64 bits"
	inlined='.byte 3; .asciz "inner"; .4byte 0'
	# blocks of no address, nested: each address walked them all
	entries ".fill 200000, 1, 5; .fill 200000, 1, 0; $inlined"
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	[ ! -s "$err" ]
	[ "$(grep -c '<inner' "$out")" = 4096 ]
	# a list of ranges that each address walked
	entries "$inlined" 200000
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	[ ! -s "$err" ]
	[ "$(grep -c '<inner' "$out")" = 4096 ]
	# a list that entries have in common
	entries ".rept 3000; $inlined; .endr" 100000
	stream | (ulimit -t 5 && { [ -n "${SAN-}" ] || ulimit -v 250000; } && cs2text -i) >"$out" 2>"$err"
	grep -qx 'cs2text: 1 unit or function of debug information cut: out of proportion' "$err"
	# a list of which most entries have no range
	entries ".rept 3000; $inlined; .endr" 1 '' 100000
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	grep -qx 'cs2text: 1 unit or function of debug information cut: out of proportion' "$err"
	entries "$inlined" 1 '' 1000
	stream | cs2text -i >"$out" 2>"$err"
	[ ! -s "$err" ]
	# a long name, at each address
	entries '.byte 6; .4byte named - begin + 4; .4byte 0; named: .byte 7, 0; .fill 30000000, 1, 65; .byte 0'
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	grep -qx 'cs2text: names of more than 4096 bytes are cut' "$err"
	[ "$(grep -c '<AAAA' "$out")" -gt 2000 ]
	# a name that comes after a long text
	entries '.byte 6; .4byte named - begin + 4; .4byte 0; named: .byte 7; .fill 30000000, 1, 65; .byte 0; .asciz "inner"'
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	[ ! -s "$err" ]
	[ "$(grep -c '<inner' "$out")" = 4096 ]
	# attributes of no bytes
	entries '.rept 20000; .byte 5, 0; .endr' 1 '.rept 20000; .uleb128 0x3f, 0x19; .endr'
	stream | (ulimit -t 5 && cs2text -i) >"$out" 2>"$err"
	grep -qx 'cs2text: 1 table of debug information not read: damaged or out of proportion' "$err"
}

@test "lines and inlined functions of a kernel are those of its image, wherever the kernel was" {
	[ "$(uname -m)" = x86_64 ] || skip "the image is for x86-64"
	cat >"$BATS_TEST_TMPDIR/kernel.c" <<-'END'
		int number;
		static inline int mix(int i) { return i * i ^ number; }
		static inline int add(int sum, int i)
		{
			return sum + mix(i);
		}
		__attribute__((noinline)) int work(int n)
		{
			int sum = 0;
			for (int i = 0; i < n; i++)
				sum = add(sum, i) ^ add(i, sum);
			return sum;
		}
		__attribute__((noinline)) int twice(int n) { return work(n) + add(work(2 * n), n); }
		int _text(int n) { return twice(n) + work(n); }
		int _etext(void) { return 1; }
	END
	program gcc "$BATS_TEST_TMPDIR/kernel.c" -g -nostdlib -static -no-pie -fno-pie -mcmodel=kernel -fno-reorder-functions -fno-toplevel-reorder \
		-fcf-protection=none -fno-asynchronous-unwind-tables -Wl,-Ttext=0xffffffff81000000 -Wl,-e,_text -Wl,--build-id=0x0123456789abcdef
	from=$(nm "$program" | sed -n 's/ T _text//p')
	read -r addr _ size < <(code)
	{
		printf 'map\t0\thost\t-\t-\t-\tk\t%x\t10000\t%x\t-\t0123456789abcdef\t[kernel.kallsyms]_text\n' $((0x$from + 0x11000000)){,}
		for ((i = 0; i < 0x$size; i++)); do
			printf 'idle\t1\thost\t0\t5\t5\t0\t1\tk;%x\n' $((0x$addr + i + 0x11000000))
		done
	} >"$BATS_TEST_TMPDIR/in"
	cs2text -l -i --vmlinux="$program" "$BATS_TEST_TMPDIR/in" >"$out.names"
	reccheck -n "$out.names"
	for ((i = 0; i < 0x$size; i++)); do
		printf '0x%x\n' $((0x$addr + i))
	done | addr2line -i -a -s -e "$program" | awk '/^0x/ { if (NR > 1) print line; line = ""; next } { sub(/ \(disc.*/, ""); line = line " " $0 } END { print line }' >"$err"
	# the last function only ends the code
	last=$((0x$(nm "$program" | sed -n 's/ T _etext//p') - 0x$addr))
	sed 's/\tk;/\tu;/' "$out.names" | places | head -n $last | diff -q - <(head -n $last "$err")
	[ $last -gt 60 ]
	grep -q '<mix>;[0-9a-f]*<add>;[0-9a-f]*<work+0x' <(cs2text -i --vmlinux="$program" "$BATS_TEST_TMPDIR/in")
	grep -q '<work+0x[0-9a-f]* @.*kernel.c:' <(cs2text -l --vmlinux="$program" "$BATS_TEST_TMPDIR/in")
	run ! grep -q @ <(cs2text --vmlinux="$program" "$BATS_TEST_TMPDIR/in")
}

@test "separate debug files are found for lines as for symbols; compressed ones are read" {
	program gcc recunwind/signal.c -g
	stream | cs2text -l -i >"$out.whole"
	objcopy --only-keep-debug --compress-debug-sections "$program" "$program.debug"
	strip "$program"
	stream | cs2text -l -i | places | sort -u >"$out"
	[ "$(<"$out")" = ' ??:0' ]
	(cd "$BATS_TEST_TMPDIR" && objcopy --add-gnu-debuglink=program.debug program)
	stream | cs2text -l -i | diff -q "$out.whole" -
}

@test "without -i a frame has the innermost line; an addr field has one frame" {
	program gcc recunwind/signal.c -g
	stream | cs2text -l -i >"$out"
	stream | cs2text -l | grep ' @' | cut -f9 | sed 's/.* @//' >"$out.lines"
	[ "$(wc -l <"$out.lines")" -gt 300 ]
	grep ' @' "$out" | cut -f9 | sed 's/>;.*/>/; s/.* @//' | diff -q - "$out.lines"
	stream | cs2text -i | grep -q '<[^+]* /[^;]*>;[0-9a-f]*<.*+0x'
	run ! grep -q @ <(stream | cs2text -i)
	stream | sed 's/^idle\t.*u;\(.*\)/sample\t1\thost\t0\t5\t5\te\t1\tu\t\1\t-\t-/' | cs2text -l -i >"$out.addr"
	reccheck -n "$out.addr"
	run ! grep -q ';' "$out.addr"
}

@test "frames with lines and inlined functions survive all filters" {
	program gcc recunwind/signal.c -g
	stream | cs2text -l -i >"$out"
	reccheck -n "$out"
	cs2text -l -i "$out" | cmp - "$out"
	cs2text "$out" | cmp - "$out"
	recstacks --stacks=once "$out" | recstacks --stacks=inline | cmp - "$out"
	grep -q '<mix /.*<add_mixed /.*<spin+' "$out"
	frames=$(grep ^idle "$out" | grep ';.*;.*;' | cut -f9 | head -n 1)
	names=$(tr ';' '\n' <<<"${frames#u;}" | sed 's/^[0-9a-f]*<\([^+ ]*\).*/\1/' | tac | paste -sd ';')
	sed 's/^idle\t1\thost\t0\t5\t5\t0\t1\t/sample\t1\thost\t0\t5\t5\te\t1\tu\t-\t-\t/' "$out" >"$out.samples"
	rec2folded "$out.samples" | grep -qF "$names "
	rec2prof --keys line "$out.samples" | awk -F '\t' $(recfields prof) '$kind == "prof" && $line ~ /signal[.]c:[0-9]+$/ { n++ } END { exit n < 20 }'
	inlined=${names##*;}
	[ "$(recgrep --function "$inlined" "$out.samples" | grep -c ^sample)" -ge "$(grep -c "<$inlined /" "$out.samples")" ]
	perf2rec ../examples/pipeline.data | cs2text -l -i --sysroot=../examples/sysroot | sched2states | states2svg >"$out.svg"
	xmllint --noout "$out.svg"
}

@test "no file outside the sysroot is opened for lines" {
	needs strace
	[ -z "${SAN-}" ] || skip "LeakSanitizer does not work under strace"
	program gcc recunwind/signal.c -g
	mkdir -p "$BATS_TEST_TMPDIR/root$BATS_TEST_TMPDIR"
	cp "$program" "$BATS_TEST_TMPDIR/root$program"
	stream >"$BATS_TEST_TMPDIR/in"
	strace -f -e trace=open,openat,openat2 -o "$err" cs2text -l -i --sysroot="$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/in" >"$out"
	grep -q signal.c: "$out"
	run ! grep -e "[.]dwo" -e "[.]dwz" -e "AT_FDCWD, \"$program\"" "$err"
}
