#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where the symbols of programs come from: each place, their order, and what is refused.

load lib

# make_program: $program, with a static function "inner" that only .symtab has, and $build, its build id; its debug file $debug;
# an empty $root with the stripped program as /bin/prog.
make_program() {
	command -v gcc objcopy strip readelf >/dev/null || skip 'needs gcc and binutils'
	work=$BATS_TEST_TMPDIR root=$BATS_TEST_TMPDIR/root program=$BATS_TEST_TMPDIR/program debug=$BATS_TEST_TMPDIR/program.debug
	mkdir -p "$root/bin"
	printf '%s\n' '__attribute__((noinline)) static int inner(int x) { return x * 3 + 1; }' \
		'int main(int argc, char *argv[]) { return inner(argc) + (argv == 0); }' >"$work/p.c"
	gcc -g -O1 -fno-inline -Wl,--build-id -o "$program" "$work/p.c" "$@"
	build=$(readelf -n "$program" | sed -n 's/.*Build ID: //p')
	id=${build:0:2}/${build:2}
	objcopy --only-keep-debug "$program" "$debug"
	strip -o "$root/bin/prog" "$program"
	at=$(nm "$program" | awk '$3 == "inner" { print $1 }')
	at=$(printf %x $((0x$at + 0x10000)))
}

# frame [PATH [BUILD]]: a process with the program at 0x10000, and a frame in inner().
frame() {
	printf 'map\t0\thost\t0\t5\t5\tu\t10000\t100000\t0\tr-xp\t%s\t%s\n' "${2-$build}" "${1-/bin/prog}"
	printf 'idle\t1\thost\t0\t5\t5\t0\t1\tu;%s\n' "$at"
}

# names [option ...]: the frame has its name. unnamed: it has none.
names() {
	cs2text --sysroot="$root" "$@" "$out" | grep -q 'u;[0-9a-f]*<inner+0x0 '
}

unnamed() {
	cs2text --sysroot="$root" "$@" "$out" | grep -q 'u;[0-9a-f]*<? '
}

@test "a debug file is found at each of its places" {
	make_program
	frame >"$out"
	unnamed
	install -D "$debug" "$root/usr/lib/debug/.build-id/$id.debug"
	names
	rm "$root/usr/lib/debug/.build-id/$id.debug"
	mkdir "$work/empty"
	install -D "$debug" "$work/own/.build-id/$id.debug"
	unnamed
	names --debug-dir="$work/own"
	unnamed --debug-dir="$work/empty"
	install -D "$debug" "$work/cache/.build-id/$id/debug"
	names --buildid-dir="$work/cache"
	unnamed --buildid-dir="$work/empty"
}

@test "a debug file that is linked by name is found at each of its places, by build id or checksum" {
	make_program
	frame >"$out"
	for how in sha1 none; do
		make_program -Wl,--build-id=$how
		frame /bin/prog - >"$out"
		(cd "$work" && objcopy --add-gnu-debuglink=program.debug "$root/bin/prog")
		for place in bin/program.debug bin/.debug/program.debug usr/lib/debug/bin/program.debug; do
			unnamed
			install -D "$debug" "$root/$place"
			names
			printf x >>"$root/$place"
			[ "$how" = sha1 ] || unnamed
			rm "$root/$place"
		done
		install -D "$debug" "$work/own-$how/bin/program.debug"
		names --debug-dir="$work/own-$how"
	done
}

@test "a debug file of another build is not used" {
	make_program
	frame >"$out"
	echo 'int other(void) { return 1; }' >>"$work/p.c"
	gcc -g -O2 -Wl,--build-id -o "$work/other" "$work/p.c"
	install -D "$work/other" "$root/usr/lib/debug/.build-id/$id.debug"
	unnamed
}

@test "a program that was deleted or rebuilt is found by its build id" {
	make_program
	for path in '/bin/prog (deleted)' /bin/prog; do
		frame "$path" >"$out"
		cp /bin/true "$root/bin/prog"
		unnamed
		for place in ".build-id/$id/elf" ".build-id/$id"; do
			install -D "$program" "$work/cache/$place"
			names --buildid-dir="$work/cache"
			cp /bin/true "$work/cache/$place"
			unnamed --buildid-dir="$work/cache"
			rm -r "$work/cache"
		done
		install -D "$program" "$work/own/.build-id/$id"
		names --debug-dir="$work/own"
		for place in "usr/lib/debug/.build-id/$id" "usr/lib/.build-id/$id"; do
			install -D "$program" "$root/$place"
			names
			rm "$root/$place"
		done
	done
	frame '/bin/prog (deleted)' - >"$out"
	install -D "$program" "$root/bin/prog (deleted)"
	unnamed --debug-dir="$work/own"
}

@test "perf's cache in the home folder is used, but not with a sysroot" {
	make_program
	frame /nowhere/prog >"$out"
	install -D "$program" "$work/home/.debug/.build-id/$id/elf"
	HOME=$work/home cs2text "$out" | grep -q '<inner+0x0 '
	HOME=$work/home unnamed
	HOME=$work unnamed
}

@test "the kernel's symbols are found in perf's cache by its build id, but not those of modules, which may be of another boot" {
	work=$BATS_TEST_TMPDIR build=0123456789abcdef0123456789abcdef01234567
	copy="$work/cache/[kernel.kallsyms]/$build/kallsyms"
	mkdir -p "${copy%/*}" "$work/cache/.build-id/01"
	ln -s "../../[kernel.kallsyms]/$build" "$work/cache/.build-id/01/${build:2}"
	printf '%s\n' 'ffffffff81000000 T _text' 'ffffffff81001100 T function' 'ffffffff81002000 T _etext' 'ffffffffc0000000 t inside	[mod]' >"$copy"
	printf 'map\t0\thost\t-\t-\t-\tk\tffffffff81000000\t200000\tffffffff81000000\t-\t%s\t[kernel.kallsyms]_text\n' "$build" >"$out"
	printf 'idle\t1\thost\t0\t5\t5\t0\t1\tk;ffffffff81001110;ffffffffc0000010\n' >>"$out"
	stack() { cs2text --buildid-dir="$work/cache" "$@" "$out" 2>"$err" | tail -n 1 | cut -f9; }
	[ "$(stack)" = 'k;ffffffff81001110<function+0x10>;ffffffffc0000010<?>' ]
	[ ! -s "$err" ]
	sed 's/function/given/' "$copy" >"$work/given"
	[ "$(stack -k "$work/given")" = 'k;ffffffff81001110<given+0x10>;ffffffffc0000010<inside+0x10 [mod]>' ]
	sed -i 's/ffffffff8100/000000000000/; s/ffffffffc0000000/0000000000000000/; s/^0*[0-9a-f]* /0 /' "$copy"
	[ "$(stack)" = 'k;ffffffff81001110;ffffffffc0000010' ]
	grep -q "kallsyms in perf's cache: all addresses are 0" "$err"
	rm "$copy"
	[ "$(stack)" = 'k;ffffffff81001110;ffffffffc0000010' ]
	grep -q 'kernel addresses have no names' "$err"
}

@test "no link leads out of the cache or the folder of debug files" {
	make_program
	frame >"$out"
	mkdir -p "$work/cache/.build-id/${build:0:2}" "$work/own/.build-id/${build:0:2}" "$work/cache/prog/$build"
	cp "$debug" "$work/cache/prog/$build/debug"
	ln -s "../../prog/$build" "$work/cache/.build-id/$id"
	names --buildid-dir="$work/cache"
	rm "$work/cache/.build-id/$id"
	ln -s "$work/cache/prog/$build" "$work/cache/.build-id/$id"
	unnamed --buildid-dir="$work/cache"
	ln -s "$debug" "$work/own/.build-id/$id.debug"
	unnamed --debug-dir="$work/own"
	rejects 'No such file or directory' cs2text --debug-dir="$work/none" "$out"
	rejects 'No such file or directory' cs2text --buildid-dir="$work/none" "$out"
}

@test "debug sections may be compressed in any way" {
	make_program
	frame >"$out"
	for how in zlib zlib-gnu zstd none; do
		objcopy --compress-debug-sections=$how "$debug" "$work/$how" 2>/dev/null || continue
		install -D "$work/$how" "$root/usr/lib/debug/.build-id/$id.debug"
		names
	done
}

@test "tables of symbols may be compressed, and inflate to what is in proportion" {
	needs eu-elfcompress
	make_program
	frame >"$out"
	eu-elfcompress -t zlib --force --name=.symtab --name=.strtab -o "$root/bin/prog" "$program"
	readelf -SW "$root/bin/prog" | grep -cE "[.](sym|str)tab .*C" | diff - <(echo 2)
	names
	# what the header of .strtab promises is too much
	at=$(readelf -SW "$root/bin/prog" | sed -nE 's/.* \.strtab +STRTAB +[0-9a-f]+ ([0-9a-f]+) .*/\1/p')
	printf '\x00\x00\x00\x30' | dd of="$root/bin/prog" bs=1 seek=$((0x$at + 8)) conv=notrunc status=none
	unnamed
	peak=$(command time -f %M cs2text --sysroot="$root" "$out" 2>&1 >/dev/null)
	[ -n "${SAN-}" ] || [ "$peak" -lt 65536 ]
}

@test "a debug file names a program that is gone, where the map has all of its code" {
	for linker in '' -fuse-ld=lld -no-pie; do
		[[ $linker != *lld* ]] || command -v ld.lld >/dev/null || continue
		make_program $linker
		rm "$root/bin/prog"
		# where the kernel would map the code: whole pages
		readelf -lW "$program" | awk '$1 == "LOAD" && / R E / { print $2, $3, $6 }' >"$work/code"
		read -r off addr size <"$work/code"
		first=$((addr & ~4095))
		inner=$(nm "$program" | awk '$3 == "inner" { print $1 }')
		at=$(printf %x $((0x$inner - first + 0x10000)))
		{
			printf 'map\t0\thost\t0\t5\t5\tu\t10000\t%x\t%x\tr-xp\t%s\t/bin/prog\n' \
				$(((addr - first + size + 4095) & ~4095)) $((off & ~4095)) "$build"
			printf 'idle\t1\thost\t0\t5\t5\t0\t1\tu;%s\n' "$at"
		} >"$out"
		unnamed
		install -D "$debug" "$root/usr/lib/debug/.build-id/$id.debug"
		names
		cs2text -l --sysroot="$root" "$out" | grep -q '<inner+0x0 /bin/prog @.*/p.c:1>'
		# a map of something else
		sed -i 's/\(u\t10000\t\)[0-9a-f]*/\1800000/' "$out"
		unnamed
		rm -r "${root:?}/usr"
	done
}

# add_debugdata FILE: put .gnu_debugdata into the stripped program, as GDB's manual says.
add_debugdata() {
	objcopy --add-section ".gnu_debugdata=$1" "$root/bin/prog" "$work/new"
	mv "$work/new" "$root/bin/prog"
}

make_debugdata() {
	command -v xz >/dev/null || skip 'needs xz'
	echo inner >"$work/keep"
	objcopy -S --remove-section .comment --keep-symbols="$work/keep" "$debug" "$work/mini"
	xz -k "$work/mini"
}

@test ".gnu_debugdata adds the functions that a stripped program does not export" {
	make_program -rdynamic
	frame >"$out"
	make_debugdata
	unnamed
	add_debugdata "$work/mini.xz"
	names
	at=$(nm "$program" | awk '$3 == "main" { print $1 }')
	at=$(printf %x $((0x$at + 0x10000)))
	frame | cs2text --sysroot="$root" | grep -q '<main+0x0 '
}

@test "a .gnu_debugdata that is damaged, or inflates out of proportion, is not used" {
	make_program
	frame >"$out"
	make_debugdata
	cp "$root/bin/prog" "$work/prog"
	head -c 200 "$work/mini.xz" >"$work/cut"
	add_debugdata "$work/cut"
	unnamed
	cp "$work/prog" "$root/bin/prog"
	{ cat "$work/mini" && head -c 100000000 /dev/zero; } | xz -0 >"$work/bomb"
	add_debugdata "$work/bomb"
	unnamed
	peak=$(command time -f %M cs2text --sysroot="$root" "$out" 2>&1 >/dev/null)
	[ -n "${SAN-}" ] || [ "$peak" -lt 65536 ] # a sanitized program needs more
}

@test "the vdso is named by the copies that --vdso gives, and those in the cache, with its build id" {
	make_program
	frame '[vdso]' >"$out"
	unnamed
	cs2text -v --sysroot="$root" "$out" 2>&1 >/dev/null |
		grep -qx 'cs2text: \[vdso\]: 1 frame without a name: no copy of it: give --vdso or --buildid-dir'
	unnamed --vdso=/bin/true
	cs2text -v --sysroot="$root" --vdso=/bin/true "$out" 2>&1 >/dev/null | grep -q 'has another build id: '
	names --vdso=/bin/true --vdso="$program"
	install -D "$program" "$work/cache/.build-id/$id/vdso"
	names --buildid-dir="$work/cache"
	install -D "$program" "$root/lib/modules/6.1.0/vdso/vdso32.so"
	unnamed
	sed -i '1i meta\t-\thost\tosrelease\t6.1.0' "$out"
	names
	frame '[vdso]' - >"$out"
	names --vdso="$program"
}

@test "--live names the vdso if it has the build id, or the release, of the recording" {
	command -v readelf >/dev/null || skip 'needs binutils'
	work=$BATS_TEST_TMPDIR root=$BATS_TEST_TMPDIR
	read -r range _ < <(grep -F '[vdso]' /proc/$$/maps) || skip 'this process has no vdso'
	at=$((0x${range%-*})) end=$((0x${range#*-}))
	dd if=/proc/$$/mem bs=4096 skip=$((at / 4096)) count=$(((end - at) / 4096)) of="$work/vdso" 2>/dev/null || skip 'may not read it'
	build=$(readelf -n "$work/vdso" | sed -n 's/.*Build ID: //p')
	at=$(nm -D "$work/vdso" | awk '$3 ~ /^__(vdso|kernel)_clock_gettime/ { print $1 }')
	at=$(printf %x $((0x$at + 0x10000)))
	name() {
		cs2text --sysroot="$root" "$@" "$out" | grep -q '<__[a-z]*_clock_gettime+0x0 \[vdso\]>'
	}
	frame '[vdso]' >"$out"
	unnamed
	name --live
	name --vdso="$work/vdso"
	frame '[vdso]' 0123456789abcdef >"$out"
	unnamed --live
	frame '[vdso]' - >"$out"
	unnamed --live
	sed -i "1i meta\t-\thost\tosrelease\t$(uname -r)" "$out"
	name --live
}
