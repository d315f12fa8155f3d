#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which name an address gets: demangled names, stubs of the .plt, callers. The programs are built by the tests.

load lib

# mapped FILE: the map records of process 5 that has the file in $root, loaded at 0x100000.
mapped() {
	LC_ALL=C readelf -lW "$root/$1" | awk -v path="/$1" '
	function number(hex,	i, n) {
		for (i = 3; i <= length(hex); i++)
			n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	$1 == "LOAD" && / R?W? *E / {
		low = number($3) % 4096
		printf "map\t0\thost\t0\t5\t5\tu\t%x\t%x\t%x\tr-xp\t-\t%s\n", 1048576 + number($3) - low, number($6) + low, number($2) - low, path
	}'
}

# sampled ADDRESS ...: a sample of process 5 with the stack, whose addresses are those in the file.
sampled() {
	printf 'sample\t1\thost\t0\t5\t5\tcycles\t1\tu\t%x\t-\tu' $((0x100000 + 0x$1))
	for at; do
		printf ';%x' $((0x100000 + 0x$at))
	done
	echo
}

# symbols <records: the symbol of each frame, without its offset, a line each.
symbols() {
	sed -n 's/^sample.*\tu;//p' | tr ';' '\n' | sed 's/^[0-9a-f]*<//; s/+0x[0-9a-f]*[ >].*//; s/\\x20/ /g; s/\\x3b/;/g'
}

# functions FILE: address and name of each function, as nm has them, in the order of the addresses.
functions() {
	nm "$root/$1" | sed -nE '/ _(init|fini|start)$/d; s/^([0-9a-f]+) [TtWw] /\1 /p' | sort
}

# in_each FILE: a sample with a frame in the second byte of each function.
in_each() {
	mapped "$1"
	sampled $(functions "$1" | awk '{ print $1 }' | uniq | while read -r at; do printf '%x ' $((0x$at + 1)); done)
}

# --- demangling

# names NAME ...: $root/names.so has these functions, 16 bytes each.
names() {
	root=$BATS_TEST_TMPDIR
	{
		echo .text
		for name; do
			printf '.globl "%s"\n.type "%s", @function\n.balign 16\n"%s": nop; ret\n.size "%s", 2\n' "$name" "$name" "$name" "$name"
		done
	} >"$root/names.s"
	gcc -shared -nostdlib -o "$root/names.so" "$root/names.s"
}

# named [option ...]: the names that cs2text gives to all functions of names.so, in the order of their addresses.
named() {
	in_each names.so >"$BATS_TEST_TMPDIR/in"
	cs2text --sysroot="$root" "$@" "$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n "$out"
	symbols <"$out"
}

@test "names of C++ are as nm has them" {
	needs g++ nm
	root=$BATS_TEST_TMPDIR
	g++ -O0 -shared -fPIC -o "$root/plus.so" cs2text/names.cc
	functions plus.so >"$BATS_TEST_TMPDIR/functions"
	in_each plus.so >"$BATS_TEST_TMPDIR/in"
	cs2text --sysroot="$root" "$BATS_TEST_TMPDIR/in" >"$out"
	reccheck -n "$out"
	# aliases of one address: ours must be one of them
	symbols <"$out" | paste -d '\t' <(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/functions" | uniq) - | sort -u >"$out.ours"
	nm -C "$root/plus.so" | sed -nE 's/^([0-9a-f]+) [TtWw] /\1\t/p' | sort -u >"$out.theirs"
	comm -23 "$out.ours" "$out.theirs" >"$err"
	[ ! -s "$err" ] || { cat "$err"; return 1; }
	[ "$(wc -l <"$out.ours")" -gt 15 ]
	grep -q 'operator<<' "$out.ours"
	grep -q 'operator()(int) const' "$out.ours"
	symbols < <(cs2text --no-demangle --sysroot="$root" "$BATS_TEST_TMPDIR/in") | sort -u | comm -23 - <(cut -d ' ' -f 2 "$BATS_TEST_TMPDIR/functions" | sort) | diff - /dev/null
	symbols < <(cs2text --strip-args --sysroot="$root" "$BATS_TEST_TMPDIR/in") >"$out.short"
	grep -qx 'ns::Outer<int>::method' "$out.short"
	run -1 grep -q 'method(' "$out.short"
}

@test "names of Rust and D are as in the source" {
	names _ZN4core3fmt5Write9write_fmt17h0123456789abcdefE _RNvC6_123foo3bar _RNCNvC4bc_c7closure0B5_ _RINvNtC3std3mem8align_ofdE \
		_D3std5stdio7writelnFAyaZv _Dmain _DtorFoo _Rinit main
	diff - <(named) <<-'END'
		core::fmt::Write::write_fmt
		123foo::bar
		bc_c::closure::{closure#0}
		std::mem::align_of::<f64>
		std.stdio.writeln(immutable(char)[])
		D main
		_DtorFoo
		_Rinit
		main
	END
	named | sed 's/(.*//' >"$err"
	diff <(named --strip-args) "$err"
	diff <(named --no-demangle) <(functions names.so | cut -d ' ' -f 2)
}

@test "a kernel function that the stream defines has its name of the source too" {
	{
		printf 'ksym\t1\thost\t-\t-\t-\tadd\tffffffff81000000\t100\t_ZN6kernel4init17h0123456789abcdefE\n'
		printf 'ksym\t1\thost\t-\t-\t-\tadd\tffffffffc0000000\t100\t_ZN4null4open17h0123456789abcdefE [rnull]\n'
		printf 'ksym\t1\thost\t-\t-\t-\tadd\tffffffffc0001000\t100\tbpf_\\x01\n'
		printf 'tracepoint\t2\thost\t0\t1\t1\tx\t-\tk;ffffffff81000004;ffffffffc0000005;ffffffffc0001005\n'
	} >"$BATS_TEST_TMPDIR/in"
	named() {
		cs2text "$@" "$BATS_TEST_TMPDIR/in" 2>/dev/null | grep -o '<[^>]*>' | paste -sd ' '
	}
	[ "$(named)" = '<kernel::init+0x4> <null::open+0x5 [rnull]> <bpf_\x01+0x5>' ]
	[ "$(named --no-demangle)" = '<_ZN6kernel4init17h0123456789abcdefE+0x4> <_ZN4null4open17h0123456789abcdefE+0x5 [rnull]> <bpf_\x01+0x5>' ]
}

# explosive N: a name of C++ that expands to 2^N types.
explosive() {
	printf _Z1fPFviiE
	digits=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ
	for ((i = 0; i < $1; i++)); do
		printf 'PFvS%s_S%s_E' ${digits:i:1} ${digits:i:1}
	done
}

@test "a name that would grow out of all proportion stays as it is, in no time" {
	needs time
	hostile=("$(explosive 24)" "$(explosive 30)" "_RINvC1a1bFGzzzzzzzzz_EuE" "_D1a1bF$(printf 'HQdQf%.0s' {1..60})Zv")
	hostile+=("_RINvC1a1bTuuE$(printf 'TB%s_B%s_E' {9,a,b,c,d,e,f,g,h,i,j,k}{,})E" "_Z$(printf 'N1a%.0s' {1..500})" "_Z1fIi$(printf 'E%.0s' {1..900})v")
	hostile+=("_Zcv$(printf 'T_I1acv%.0s' {1..40})$(printf 'E%.0s' {1..80})v")
	names "${hostile[@]}" _Z1gi
	in_each names.so >"$BATS_TEST_TMPDIR/in"
	command time -f '%U %M' -o "$err" timeout 20 cs2text --sysroot="$root" "$BATS_TEST_TMPDIR/in" >"$out"
	symbols <"$out" | diff - <(printf '%s\n' "${hostile[@]}" 'g(int)')
	[ -n "${SAN-}" ] || awk '{ exit !($1 < 1 && $2 < 32768) }' "$err"
}

@test "no filter merges or cuts names, whatever is in them" {
	root=$BATS_TEST_TMPDIR
	names '_ZN1aplERKS_i' '_ZN1aplERKS_' '_ZN1alsEi' '_ZN1aclEv' 'semi;colon' 'blank here' '?odd' 'a+0x1' 'back\\slash' 'plus+' '<>' '[x]'
	diff - <(named) <<-'END'
		a::operator+(a const&, int)
		a::operator+(a const&)
		a::operator<<(int)
		a::operator()()
		semi;colon
		blank here
		?odd
		a+0x1
		back\\slash
		plus+
		<>
		[x]
	END
	named >"$BATS_TEST_TMPDIR/names"
	n=$(wc -l <"$BATS_TEST_TMPDIR/names")
	# outermost first, a frame between two semicolons
	rec2folded "$out" >"$err"
	sed 's/^:5;//; s/ 1$//; s/;/\n/g' "$err" | diff - <(tac "$BATS_TEST_TMPDIR/names" | sed 's/;/:/; s/\\\\/\\/')
	[ "$(rec2prof --keys=sym --children "$out" | grep -c '^prof')" = "$n" ]
	sed 's/\\\\/\\/' "$BATS_TEST_TMPDIR/names" | while IFS= read -r name; do
		recgrep --function="$(printf %s "$name" | sed 's/[][*?\\]/\\&/g')" "$out" | grep -c '^sample' | diff - <(echo 1)
	done
	recstacks --stacks=once "$out" | recstacks --stacks=inline | cmp - "$out"
}

# --- stubs of the .plt

# stubs FILE: address and name of each stub, as objdump has them.
stubs() {
	${objdump-objdump} -d --no-show-raw-insn "$root/$1" | sed -nE 's/^0*([0-9a-f]+) <(.*)@plt>:$/\1 \2/p' | sort -u
}

# named_stubs FILE [N]: cs2text names the stubs as objdump does, at least N of them.
named_stubs() {
	stubs "$1" >"$BATS_TEST_TMPDIR/stubs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/stubs")" -ge "${2-1}" ]
	{
		mapped "$1"
		sampled $(while read -r at _; do printf '%x ' $((0x$at + 4)); done <"$BATS_TEST_TMPDIR/stubs")
	} | cs2text --no-demangle --sysroot="$root" >"$out"
	symbols <"$out" | diff - <(sed 's/^[^ ]* //; s/@.*//; s/$/@plt/' "$BATS_TEST_TMPDIR/stubs")
}

@test "the stubs of a .plt have the names of what they jump to, however they are ordered" {
	needs gcc objdump
	root=$BATS_TEST_TMPDIR
	cat >"$root/calls.c" <<-'END'
		extern int one(void), two(void), three(void), four(void);
		int (*taken)(void) = three;
		int in(int i) { return i ? one() + two() : three() + four(); }
		int twice(void) { return four() + (taken == three) + (two == one); }
	END
	for flags in -Wl,-z,lazy -Wl,-z,now -Wl,-z,ibtplt "-Wl,-z,ibtplt -Wl,-z,lazy -fcf-protection" -fuse-ld=lld "-fuse-ld=lld -Wl,-z,retpolineplt" \
		"-fuse-ld=lld -fcf-protection -Wl,-z,force-ibt"; do
		[[ $flags != *lld* ]] || command -v ld.lld >/dev/null || continue
		gcc $flags -shared -fPIC -o "$root/calls.so" "$root/calls.c"
		named_stubs calls.so 2 || { echo "$flags"; false; }
	done
}

@test "the stubs of libc have the names of the functions that they choose among" {
	needs objdump
	root=$BATS_TEST_TMPDIR
	cp "$(ldd "$(command -v cs2text)" | sed -n 's/.*=> \(.*libc[.]so[.]6\) .*/\1/p')" "$root/libc.so"
	readelf -rW "$root/libc.so" | grep -q R_X86_64_IRELATIV || skip "no functions to choose among in this libc"
	# objdump names such a stub *ABS*+0xADDRESS@plt, by the function that chooses
	stubs libc.so | grep '[*]ABS' >"$BATS_TEST_TMPDIR/stubs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/stubs")" -gt 10 ]
	{
		mapped libc.so
		sampled $(while read -r at _; do printf '%x ' $((0x$at + 4)); done <"$BATS_TEST_TMPDIR/stubs")
	} | cs2text --sysroot="$root" >"$out"
	readelf -sW --dyn-syms "$root/libc.so" | awk '$4 == "IFUNC" { sub(/@.*/, "", $8); print $2, $8 }' | sort -u >"$err"
	symbols <"$out" | paste -d ' ' "$BATS_TEST_TMPDIR/stubs" - >"$BATS_TEST_TMPDIR/pairs"
	named=0
	while read -r _ what name; do
		at=$(printf %016x $((${what#*+})))
		grep -q "^$at " "$err" || continue
		grep -qx "$at ${name%@plt}" "$err" || { echo "$what $name"; return 1; }
		named=$((named + 1))
	done <"$BATS_TEST_TMPDIR/pairs"
	[ "$named" -gt 3 ]
}

@test "the stubs of programs for ARM have their names" {
	needs clang ld.lld readelf
	root=$BATS_TEST_TMPDIR
	cat >"$root/calls.s" <<-'END'
		.text
		.globl in
		in:	bl one
			bl two
			bl three
	END
	for target in aarch64-linux-gnu "aarch64-linux-gnu -Wl,-z,force-bti" arm-linux-gnueabihf; do
		clang --target=$target -fuse-ld=lld -nostdlib -shared -o "$root/calls.so" "$root/calls.s" 2>"$err" || skip "clang cannot link for $target"
		at=$(readelf -SW "$root/calls.so" | sed -nE 's/.* \.plt +PROGBITS +([0-9a-f]+) .*/\1/p')
		{ mapped calls.so && sampled $(for ((i = 0; i < 24; i++)); do printf '%x ' $((0x$at + 4 * i + 1)); done); } |
			cs2text --sysroot="$root" | symbols | grep '@plt' | uniq >"$out"
		printf '%s@plt\n' one two three | diff "$out" -
	done
}

@test "a symbol without a size ends with its section" {
	root=$BATS_TEST_TMPDIR
	cat >"$root/ends.s" <<-'END'
		.section .init, "ax", @progbits
		.globl first
		first:	ret
			nop
		.text
		.balign 16
			nop
			nop
			nop
		.globl second
		second:	ret
			nop
	END
	gcc -shared -nostdlib -o "$root/ends.so" "$root/ends.s"
	at=$(nm "$root/ends.so" | sed -n 's/ T first//p')
	text=$(readelf -SW "$root/ends.so" | sed -nE 's/.* \.text +PROGBITS +([0-9a-f]+) .*/\1/p')
	{ mapped ends.so && sampled "$at" $(printf '%x %x %x %x' $((0x$at + 1)) $((0x$text + 1)) $((0x$text + 4)) $((0x$text + 6))); } |
		cs2text --sysroot="$root" | sed -n 's/^sample.*\tu;//p' | grep -oE '<[a-z?]*' | paste -sd ' ' | diff - <(echo '<first <first <? <second <?')
}

# --- callers

# callers: $root/callers.so has functions that end in several ways, without padding between them but before first and __restore_rt.
callers() {
	root=$BATS_TEST_TMPDIR
	cat >"$root/callers.s" <<-'END'
		.macro function name
		.globl \name
		.type \name, @function
		\name:
		.endm
		.macro end name
		.size \name, . - \name
		.endm
		.text
			.balign 16, 0x90
			nop
		function first
			nop
			ret
		end first
		function returns
			nop
			ret
		end returns
		function calls
			call first@plt
		end calls
		function calls_by_register
			nop
			call *%rax
		end calls_by_register
		function calls_by_memory
			call *8(%rsp)
		end calls_by_memory
		function last
			ret
		end last
			nop
		function __restore_rt
			mov $15, %rax
			syscall
		end __restore_rt
	END
	link_callers
}

link_callers() {
	gcc -shared -nostdlib -o "$root/callers.so" "$root/callers.s"
	mapped callers.so >"$root/maps"
	nm "$root/callers.so" >"$root/nm"
}

# at NAME [OFFSET]: where it is in the program.
at() {
	printf '%x' $((0x$(sed -n "s/ [Tt] $1\$//p" "$root/nm") + ${2-0}))
}

# callers_of ADDRESS ...: the notes of the frames, but for the first.
callers_of() {
	{ cat "$root/maps" && sampled "$@"; } | cs2text --sysroot="$root" | sed -n 's/^sample.*\tu;//p' | tr ';' '\n' | sed '1d; s/^[0-9a-f]*<//; s/[ >].*//' | paste -sd ' '
}

@test "a return address that follows the end of a function belongs to it if it ends with a call" {
	[ "$(uname -m)" = x86_64 ] || skip "the program is for x86-64"
	callers
	[ "$(callers_of 1 "$(at calls_by_register)" "$(at calls_by_memory)" "$(at last)")" = 'calls+0x5 calls_by_register+0x3 calls_by_memory+0x4' ]
	[ "$(callers_of 1 "$(at returns)" "$(at calls)" "$(at calls 1)")" = '? ? calls+0x1' ]
	[ "$(callers_of "$(at returns)" "$(at returns 1)")" = 'returns+0x1' ]
}

@test "an address that nothing but padding precedes is looked up itself, and is a trampoline or no return address" {
	[ "$(uname -m)" = x86_64 ] || skip "the program is for x86-64"
	callers
	[ "$(callers_of 1 "$(at first)" "$(at __restore_rt)")" = '? __restore_rt+0x0' ]
	sed -i '/first, . - first/d; /^\.size/s/^/#/; s/end first/.size first, 0/' "$root/callers.s"
	link_callers
	[ "$(callers_of 1 "$(at first)")" = 'first+0x0' ]
}

@test "the frame that a signal or an interrupt came in at is no return address" {
	[ "$(uname -m)" = x86_64 ] || skip "the program is for x86-64"
	callers
	[ "$(callers_of 1 "$(at __restore_rt)" "$(at returns)" "$(at returns)")" = '__restore_rt+0x0 returns+0x0 ?' ]
	printf '%s T %s\n' ffffffff81000000 _text ffffffff81001000 before ffffffff81001100 function ffffffff81001200 asm_exc_page_fault ffffffff81001300 _etext >"$root/kallsyms"
	printf 'sample\t1\thost\t0\t5\t5\tcycles\t1\tk\t-\t-\tk;%s\n' 'ffffffff81001001;ffffffff81001210;ffffffff81001100;ffffffff81001100' >"$root/in"
	cs2text -k "$root/kallsyms" "$root/in" >"$out"
	grep -o '<[^>]*>' "$out" | paste -sd ' ' | diff - <(echo '<before+0x1> <asm_exc_page_fault+0x10> <function+0x0> <before+0x100>')
	cs2text -k "$root/kallsyms" <(sed 's/ffffffff81001210/&<asm_exc_page_fault+0x10>/' "$root/in") | cmp - "$out"
}

@test "each address in a field of its own, of CoreSight trace, branches and samples, has the note of an innermost frame" {
	[ "$(uname -m)" = x86_64 ] || skip "the program is for x86-64"
	callers
	kernel_symbols >"$root/kallsyms"
	for at in ffffffff81001008 ffffffff81fff000 $(for name in first returns calls __restore_rt; do printf '%x ' $((0x100000 + 0x$(at $name 1))); done) 77; do
		[[ $at == ffff* ]] && mode=k || mode=u
		note=$({ cat "$root/maps" && printf 'idle\t1\thost\t0\t5\t5\t0\t1\t%s;%s\n' $mode $at; } |
			cs2text -k "$root/kallsyms" --sysroot="$root" | sed -n 's/^idle.*;[0-9a-f]*//p')
		[ -n "$note" ]
		{
			cat "$root/maps"
			printf 'sample\t1\thost\t0\t5\t5\te\t1\t%s\t%s\t-\t-\n' $mode $at
			printf 'branch\t1\thost\t0\t5\t5\te\t0\t%s\t%s\t-\n' $at $at
			printf 'pkt\t1\thost\t0\t5\t5\t10\t1\tI_ADDR\tEL0\t%s\t-\t-\n' $at
			printf 'range\t1\thost\t0\t5\t5\t10\t1\tEL0\t%s\tffff\t1\tA64\t-\tyes\t-\n' $at
			printf 'flow\t1\thost\t0\t5\t5\t10\t1\tEXCEPTION\tEL0\t%s\t-\n' $at
		} >"$root/in"
		cs2text -k "$root/kallsyms" --sysroot="$root" "$root/in" >"$out"
		reccheck -n "$out"
		sed "s|\t$at\t|\t$at$note\t|g; s|\t$at\t|\t$at$note\t|g" "$root/in" | diff - "$out"
		# a field that is named keeps its name; once more with none of the sources
		cs2text "$out" 2>"$err" | diff "$out" -
	done
	# every kind with such a field is among them
	awk '/:addr/ { print $1 }' ../formats/records.tab | sort | diff - <(sed -n '/^map/!s/\t.*//p' "$root/in" | sort)
}

# --- kernels

# kernel_stacks N: that many switches and samples of the kernel of kernel_symbols.
kernel_stacks() {
	printf 'map\t0\thost\t-\t-\t-\tk\tffffffff81000000\t200000\tffffffff81000000\t-\t-\t[kernel.kallsyms]_text\n'
	for ((i = 0; i < $1; i++)); do
		printf 'switch\t%d\thost\t0\t5\t5\ta\t120\tS\t0\tb\t120\tk;ffffffff81001008;ffffffff81002018;ffffffff81003008\n' $i
	done
}

# kernel_symbols [SHIFT]: of a kernel whose functions are SHIFT bytes higher.
kernel_symbols() {
	printf 'ffffffff81000000 T _text\n'
	for ((i = 0; i < 256; i++)); do
		name=function_$i
		[ $i != 0 ] || name=__schedule
		printf '%x t __pfx_%s\n%x t %s\n' $((0xffffffff81000ff0 + 0x1000 * i + ${1-0})) $name $((0xffffffff81001000 + 0x1000 * i + ${1-0})) $name
	done
	printf 'ffffffff81200000 T _etext\n'
}

@test "symbols of another kernel are noticed by the stacks, and name nothing" {
	cd "$BATS_TEST_TMPDIR"
	kernel_symbols >own
	kernel_symbols 0x10 >other
	kernel_stacks 16 >in
	cs2text -k own in >out 2>err
	[ "$(grep -c '<__schedule+0x8>;ffffffff81002018<function_1+0x18>' out)" = 16 ]
	[ ! -s err ]
	cs2text -k other in 2>err | cmp - in
	[ "$(<err)" = 'cs2text: other: of another kernel: only 0 of 16 switches are in the scheduler; it names nothing' ]
	recstacks --stacks=once in >once
	cs2text -k other once 2>err | cmp - once
	grep -q 'only 0 of 16 switches' err
	kernel_stacks 200 | sed 's/^switch/tracepoint/; s/\ta\t120\tS\t0\tb\t120\t/\tx\t-\t/' >in
	cs2text -k other in 2>err | cmp - in
	[ "$(<err)" = 'cs2text: other: of another kernel: 200 of 400 return addresses are between functions; it names nothing' ]
	kernel_stacks 15 | cs2text -k other 2>err | grep -q '<__pfx___schedule' # too few
	[ ! -s err ]
}

@test "samples without stacks show a foreign kernel, too, if they are in the padding between functions" {
	cd "$BATS_TEST_TMPDIR"
	kernel_symbols >own
	kernel_symbols 0x10 >other
	for ((i = 0; i < 128; i++)); do
		printf 'sample\t%d\thost\t0\t5\t5\tcycles\t1\tk\t%x\t-\t-\n' $i $((0xffffffff81001000 + 0x1000 * i))
	done >in
	cs2text -k own in 2>err | grep -c '<function_[0-9]*+0x0>' | diff - <(echo 127)
	[ ! -s err ]
	cs2text -k other in 2>err | cmp - in
	[ "$(<err)" = 'cs2text: other: of another kernel: 128 of 128 places that ran are between functions; it names nothing' ]
	head -n 127 in | cs2text -k other 2>err | grep -q '<__pfx_'
}

@test "symbols of another kernel than the guest's are noticed in the same ways, and another guest keeps its own" {
	cd "$BATS_TEST_TMPDIR"
	kernel_symbols >own
	kernel_symbols 0x10 >other
	{ kernel_stacks 16 | sed 's/\thost\t/\tvm7\t/' && kernel_stacks 16 | sed 's/\thost\t/\tvm8\t/'; } >in
	cs2text --guest-kallsyms=vm7=other --guest-kallsyms=vm8=own in >out 2>err
	[ "$(<err)" = 'cs2text: other: of another kernel: only 0 of 16 switches are in the scheduler; it names nothing' ]
	grep $'\tvm7\t' in | cmp - <(grep $'\tvm7\t' out)
	[ "$(grep $'\tvm8\t' out | grep -c '<__schedule+0x8>')" = 16 ]
	# as seen from the host: addresses, no stacks
	for ((i = 0; i < 128; i++)); do
		printf 'sample\t%d\tvm7\t-\t-\t-\tcycles\t1\tgk\t%x\thost_pid=7\t-\n' $i $((0xffffffff81001000 + 0x1000 * i))
	done >in
	for how in vm7= ''; do
		cs2text --guest-kallsyms=${how}other in 2>err | cmp - in
		[ "$(<err)" = 'cs2text: other: of another kernel: 128 of 128 places that ran are between functions; it names nothing' ]
		cs2text --guest-kallsyms=${how}own in | grep -c '<function_' | diff - <(echo 127)
	done
	mkdir -p mount/7/proc
	cp other mount/7/proc/kallsyms
	cs2text --guest-mount=mount in 2>err | cmp - in
	grep -q 'mount/7/proc/kallsyms: of another kernel' err
}

@test "symbols of a kernel with another length of code are refused" {
	cd "$BATS_TEST_TMPDIR"
	kernel_symbols | sed '$s/200000/200123/' >own
	kernel_stacks 1 | sed 's/\t200000\t/\t200123\t/' >in
	cs2text -k own in | grep -q '<__schedule+0x8>'
	sed '$s/200123/200122/' own >other
	rejects 'other: of another kernel: it has 2097442 bytes of code, the recorded one has 2097443' cs2text -k other in
	# a round number is the space for a kernel, as early versions of perf recorded it
	kernel_stacks 1 | sed 's/\t200000\t/\t300000\t/' | cs2text -k own | grep -q '<__schedule+0x8>'
}

@test "a stream with kernel addresses and no symbols for them says once what to give" {
	kernel_stacks 3 >"$out"
	cs2text "$out" 2>"$err" | cmp - "$out"
	[ "$(grep -c 'kernel addresses have no names: give a copy of /proc/kallsyms' "$err")" = 1 ]
	sed 's/k;/u;/' "$out" | cs2text 2>"$err" >/dev/null
	[ ! -s "$err" ]
}

@test "of the names of a kernel's address that is taken which others are aliases for" {
	cat >"$BATS_TEST_TMPDIR/kallsyms" <<-'END'
		ffffffff81000000 T _text
		ffffffff81001000 T __x64_sys_fork
		ffffffff81001000 T __ia32_sys_fork
		ffffffff81002000 T __pi___x86_indirect_thunk_rax
		ffffffff81002000 T __x86_indirect_thunk_rax
		ffffffff81003000 T __ia32_sys_only
		ffffffff81004000 T _etext
	END
	kernel_stacks 1 | cs2text -k "$BATS_TEST_TMPDIR/kallsyms" | grep -o '<[^>]*>' | paste -sd ' ' |
		diff - <(echo '<__x64_sys_fork+0x8> <__x86_indirect_thunk_rax+0x18> <__ia32_sys_only+0x8>')
}

@test "options for guests that no guest needs, or that name none, are reported" {
	kernel_symbols >"$BATS_TEST_TMPDIR/own"
	mkdir "$BATS_TEST_TMPDIR/folder"
	kernel_stacks 1 >"$out"
	cs2text --guest-kallsyms="$BATS_TEST_TMPDIR/own" --guest-mount="$BATS_TEST_TMPDIR/folder" -k "$BATS_TEST_TMPDIR/own" "$out" 2>"$err" >/dev/null || true
	grep -qx "cs2text: nothing matches --guest-kallsyms \"$BATS_TEST_TMPDIR/own\"" "$err"
	grep -qx "cs2text: nothing matches --guest-mount \"$BATS_TEST_TMPDIR/folder\"" "$err"
	rejects '1983=a: the guest of process PID is given as vmPID=FILE' cs2text --guest-kallsyms=1983=a "$out"
	rejects 'vm=a: the guest of process PID is given as vmPID=FILE' cs2text --guest-modules=vm=a "$out"
}

@test "a kernel image names the kernel of its build id, wherever that was, and no other" {
	cd "$BATS_TEST_TMPDIR"
	cat >kernel.s <<-'END'
		.text
		.globl _text, _stext
		_text: _stext:
			.skip 0x1000
		.type __schedule, @function
		__schedule: .skip 0x100
		.size __schedule, 0x100
		.globl __ia32_sys_fork, __x64_sys_fork
		__ia32_sys_fork: __x64_sys_fork: .skip 0x1000
		.globl _etext
		_etext:
		.data
		variable: .quad 0
	END
	gcc -nostdlib -static -no-pie -Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567 -Wl,-Ttext=0xffffffff81000000 -Wl,-e,_text -o vmlinux kernel.s
	{
		printf 'map\t0\thost\t-\t-\t-\tk\tffffffff92000000\t2000\tffffffff92000000\t-\t0123456789abcdef0123456789abcdef01234567\t[kernel.kallsyms]_text\n'
		printf 'switch\t1\thost\t0\t5\t5\ta\t120\tS\t0\tb\t120\tk;ffffffff92001008;ffffffff92001180;ffffffff93000000\n'
	} >in
	cs2text --vmlinux=vmlinux in | grep -o '<[^>]*>' | paste -sd ' ' | diff - <(echo '<__schedule+0x8> <__x64_sys_fork+0x80> <?>')
	sed 's/01234567\t/01234568\t/' in >other
	rejects 'vmlinux: of another kernel (build id 0123456789abcdef0123456789abcdef01234567) than the recording'"'"'s (0123456789abcdef0123456789abcdef01234568)' \
		cs2text --vmlinux=vmlinux other
	objcopy --redefine-sym variable=$'\1variable' vmlinux odd
	cs2text --vmlinux=odd in | diff - <(cs2text --vmlinux=vmlinux in)
	strip -o stripped vmlinux
	rejects 'stripped: no symbols in it' cs2text --vmlinux=stripped in
	rejects 'in: not a program or library' cs2text --vmlinux=in in
	rejects 'none: No such file' cs2text --vmlinux=none in
	run -2 cs2text --vmlinux=vmlinux --live in
}

# --- the report of -v

@test "-v counts the frames of stacks once, sorted, and says why they have no name and what would help" {
	{
		printf 'map\t0\thost\t0\t5\t5\tu\t%x\t1000\t0\tr-xp\t-\t/%s\n' 65536 gone.so 131072 text.so
		printf 'sample\t1\thost\t0\t5\t5\tcycles\t1\tu\t%s\t-\t%s\n' 10010 'u;10010;10020;20030' 20010 - 7 'k;7;8;u;9'
		printf 'sample\t2\thost\t0\t5\t5\tcycles\t1\tgk\t7\t-\tgk;7\n'
		printf 'sample\t2\tvm7\t0\t5\t5\tcycles\t1\tgu\t7\t-\tgu;7;8;9\n'
	} >"$out"
	mkdir "$BATS_TEST_TMPDIR/root"
	echo text >"$BATS_TEST_TMPDIR/root/text.so"
	cs2text -v --sysroot="$BATS_TEST_TMPDIR/root" "$out" 2>&1 >/dev/null | grep -v 'kernel addresses have no names' | sed 's/^cs2text: //' | diff - <(cat <<-'END'
		[guest.user]: 3 frames without a name: no maps of the guest's process
		/gone.so: 2 frames without a name: No such file or directory: give --sysroot, or perf's copies with --buildid-dir
		/text.so: 2 frames without a name: not a program or library
		[kernel.kallsyms]: 2 frames without a name: no -k: give -k, --vmlinux or --live
		-: 1 frame without a name: nothing is mapped at their addresses
		[guest.kernel]: 1 frame without a name: the record does not say of which guest
	END
	)
	mkdir "$BATS_TEST_TMPDIR/cache"
	run -0 --separate-stderr cs2text -v --sysroot="$BATS_TEST_TMPDIR/root" --buildid-dir="$BATS_TEST_TMPDIR/cache" "$out"
	[[ $stderr == *'/gone.so: 2 frames without a name: No such file or directory: neither --sysroot nor --buildid-dir has it'* ]]
}

@test "of a symbol of Android's linker, what follows its prefix is demangled" {
	printf '%s\n' 'ffffffff81000000 T __dl__ZN6soinfo3getEi' 'ffffffff81000010 T __dl_open' 'ffffffff81000020 T __dl__Zx' \
		'ffffffff81000030 T __dl_' 'ffffffff81000040 T end' >"$BATS_TEST_TMPDIR/kallsyms"
	printf 'idle\t1\thost\t0\t5\t5\t0\t1\tk;%s\n' ffffffff8100000{1,2} ffffffff810000{11,21,31} >"$BATS_TEST_TMPDIR/in"
	cs2text -k "$BATS_TEST_TMPDIR/kallsyms" "$BATS_TEST_TMPDIR/in" | sed 's/.*<\(.*\)+.*/\1/' | diff - <(printf '%s\n' '__dl_soinfo::get(int)'{,} __dl_open __dl__Zx __dl_)
	cs2text --strip-args -k "$BATS_TEST_TMPDIR/kallsyms" "$BATS_TEST_TMPDIR/in" | grep -c '<__dl_soinfo::get+0x' | grep -qx 2
	cs2text --no-demangle -k "$BATS_TEST_TMPDIR/kallsyms" "$BATS_TEST_TMPDIR/in" | grep -c '<__dl__ZN6soinfo3getEi+0x' | grep -qx 2
}
