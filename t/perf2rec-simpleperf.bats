#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# perf2rec and cs2text on recordings of simpleperf, the recorder of Android.

load lib

@test "facts, event names and symbols of the kernel that simpleperf wrote come out" {
	for order in '' -b; do
		"$BUILD/t/unhex" $order <<-'EOF' | perf2rec 2>"$err" >"$out"
			u64:0x32454c4946524550 u64:104 u64:80
			at64:attrs len64:attrs at64:data len64:data u64:0 u64:0
			u64:0 u64:0 u64:0x13 u64:0		# features 128 129 132
			<attrs u32:2 u32:64 u64:47 u64:1 u64:0x6 u64:0 flags:0 u64:0 u64:0 u64:0 u64:0 attrs>
			<data { 9 1 u32:7 u32:8 u64:1000 } data>
			at64:file len64:file at64:info len64:info at64:file2 len64:file2
			<file len32:one <one "[kernel.kallsyms]\0" u32:0 u64:0 u32:2 u64:0xffffff8000001000 u32:16 "one\0" u64:0xffffff8000001010 u32:8 "t\two\0" one>
			len32:user <user "/lib/libc.so\0" u32:2 u64:0 u32:1 u64:4096 u32:16 "read\0" user> file>
			<info "clockid\0perf\0event_type_info\0cpu-cycles,0,0\nsched:sched_switch,2,47\0simpleperf_version\01.2\0" 10 "!\0a key that it does not write\0" info>
			# path; symbol of addr 0x80, len 16, name
			<file2 len32:three <three 0a 01 "k" 22 0c 08 80 01 10 10 1a 05 "three" three>
			len32:four <four 0a 01 "u" 10 02 22 09 08 80 01 1a 04 "four" four> file2>
		EOF
		reccheck -n "$out"
		diff "$out" - <<-EOF
			$(printf 'ksym\t0\thost\t-\t-\t-\tadd\tffffff8000001000\t10\tone')
			$(printf 'ksym\t0\thost\t-\t-\t-\tadd\tffffff8000001010\t8\tt\\two')
			$(printf 'meta\t-\thost\tsimpleperf_clockid\tperf')
			$(printf 'meta\t-\thost\tsimpleperf_version\t1.2')
			$(printf 'ksym\t0\thost\t-\t-\t-\tadd\t80\t10\tthree')
			$(printf 'meta\t-\thost\tclockid\tperf')
			$(printf 'tracepoint\t1000\thost\t-\t7\t8\tsched:sched_switch\t-\t-')
		EOF
		grep -q ": 2 symbols of files that no map names are left out$" "$err"
	done
	shared perfdata/simpleperf
	perf2rec "$shared/perf_with_callchain_record.data" 2>"$err" | cs2text 2>"$err" | grep -q 'k;ffffff8088ead6a8<__do_softirq+0x10c>;ffffff8088eadb22<irq_exit+0xca>'
}

# symbols [-b]: a recording with symbols of files that are mapped, before and after others of them.
symbols() {
	"$BUILD/t/unhex" ${1-} <<-'EOF'
		u64:0x32454c4946524550 u64:104 u64:80
		at64:attrs len64:attrs at64:data len64:data u64:0 u64:0
		u64:0 u64:0 u64:0x11 u64:0		# features 128 132
		<attrs u32:1 u32:64 u64:0 u64:1 u64:0x27 u64:0 flags:0x40000 u64:0 u64:0 u64:0 u64:0 attrs>	# IP TID TIME CALLCHAIN
		<data
		{ 1 2 u32:7 u32:7 u64:0x100000 u64:0x2000 u64:0x3000 "/lib/old.so\0" pad:8 u32:7 u32:7 u64:100 }
		{ 1 2 u32:7 u32:7 u64:0x200000 u64:0x2000 u64:0x5000 "/lib/new.so\0" pad:8 u32:7 u32:7 u64:100 }
		{ 1 0x2002 u32:7 u32:7 u64:0x300000 u64:0x1000 u64:0 "/lib/data.so\0" pad:8 u32:7 u32:7 u64:100 }
		{ 1 2 u32:7 u32:7 u64:0x400000 u64:0x2000 u64:0x1000 "/app.dex\0" pad:8 u32:7 u32:7 u64:100 }
		{ 1 2 u32:7 u32:7 u64:0x500000 u64:0x1000 u64:0 "/tmp/jit.so\0" pad:8 u32:7 u32:7 u64:100 }
		{ 1 1 u32:0xffffffff u32:0 u64:0xffffff8000000000 u64:0x2000 u64:0 "/m.ko\0" pad:8 u32:0 u32:0 u64:100 }
		{ 1 2 u32:7 u32:7 u64:0x600000 u64:0x2000 u64:0x5000 "/lib/new.so\0" pad:8 u32:7 u32:7 u64:200 }
		{ 9 2 u64:0x100014 u32:7 u32:7 u64:1000 u64:9 u64:-128 u64:0xffffff8000000158 u64:-512 u64:0x100014 u64:0x100201 u64:0x200101 u64:0x600110 u64:0x400021 u64:0x500031 }
		data>
		at64:file len64:file at64:file2 len64:file2
		<file
		len32:one <one "/lib/old.so\0" u32:2 u64:0x13000 u32:2 u64:0x13010 u32:16 "one\0" u64:0x13200 u32:8 "t\two\0" one>
		len32:none <none "/lib/none.so\0" u32:2 u64:0 u32:1 u64:4096 u32:16 "none\0" none>
		len32:dex <dex "/app.dex\0" u32:3 u64:0 u32:1 u64:0x1020 u32:16 "Dex.run\0" u32:1 u64:0x40 dex>
		len32:jit <jit "/tmp/jit.so\0" u32:4 u64:0 u32:1 u64:0x500030 u32:16 "jit\0" jit>
		file>
		<file2
		# path, type ELF, lowest address 0x15000; symbol of addr 0x15100, len 16, name; its offset in the file 0x5000
		len32:new <new 0a 0b "/lib/new.so" 10 02 18 80 a0 05 22 0d 08 80 a2 05 10 20 1a 05 "_Z1fv" 32 04 08 80 a0 01 new>
		# path, module, lowest address 0x50; symbol of addr 0x150, len 16, name; its offset in memory 0x50
		len32:ko <ko 0a 05 "/m.ko" 10 01 18 50 22 09 08 d0 02 10 10 1a 02 "ko" 3a 02 08 50 ko>
		file2>
	EOF
}

@test "symbols that simpleperf wrote of other files come after the first map of each" {
	for order in '' -b; do
		symbols $order | perf2rec >"$out" 2>"$err"
		reccheck -n "$out"
		diff - <(grep -E '^(map|usym|ksym)' "$out" | cut -f 1,2,7-) <<-EOF
			$(printf 'map\t100\tu\t100000\t2000\t3000\t-\t-\t/lib/old.so')
			$(printf 'usym\t100\t3010\t10\tone\t/lib/old.so')
			$(printf 'usym\t100\t3200\t8\tt\\two\t/lib/old.so')
			$(printf 'map\t100\tu\t200000\t2000\t5000\t-\t-\t/lib/new.so')
			$(printf 'usym\t100\t5100\t20\t_Z1fv\t/lib/new.so')
			$(printf 'map\t100\tu\t300000\t1000\t0\t-\t-\t/lib/data.so')
			$(printf 'map\t100\tu\t400000\t2000\t1000\t-\t-\t/app.dex')
			$(printf 'usym\t100\t1020\t10\tDex.run\t/app.dex')
			$(printf 'map\t100\tu\t500000\t1000\t0\t-\t-\t/tmp/jit.so')
			$(printf 'usym\t100\t30\t10\tjit\t/tmp/jit.so')
			$(printf 'map\t100\tk\tffffff8000000000\t2000\t0\t-\t-\t/m.ko')
			$(printf 'ksym\t100\tadd\tffffff8000000150\t10\tko')
			$(printf 'map\t200\tu\t600000\t2000\t5000\t-\t-\t/lib/new.so')
		EOF
		grep -q ": 1 symbols of files that no map names are left out$" "$err"
		cs2text <"$out" | grep -q $'\tk;ffffff8000000158<ko+0x8>;u;100014<one+0x4 /lib/old.so>;100201<t\\\\two+0x1 /lib/old.so>;200101<f()+0x1 /lib/new.so>;600110<f()+0x10 /lib/new.so>;400021<Dex.run+0x1 /app.dex>;500031<jit+0x1 /tmp/jit.so>$'
	done
	symbols | perf2rec -H >"$out" 2>"$err"
	run ! grep -q sym "$out"
}

@test "a file with the recorded build id precedes symbols in the stream, which precede a file that cannot be checked" {
	needs gcc
	local root=$BATS_TEST_TMPDIR/root code='int inner(int n) { return n; }'
	mkdir -p "$root/lib"
	gcc -shared -nostdlib -Wl,--build-id -x c -o "$root/lib/a.so" - <<<"$code"
	id=$(readelf -n "$root/lib/a.so" | sed -n 's/.*Build ID: //p')
	off=$(nm "$root/lib/a.so" | awk '$3 == "inner" { print $1 }' | sed 's/^0*//')
	recorded() {	# BUILD
		printf 'map\t0\thost\t-\t7\t7\tu\t100000\t100000\t0\tr-xp\t%s\t/lib/a.so\n' "$1"
		printf 'usym\t0\thost\t-\t-\t-\t%s\t4\trecorded\t/lib/a.so\n' "$off"
		printf 'sample\t1\thost\t0\t7\t7\te\t1\tu\t%x\t-\t-\n' $((0x100000 + 0x$off + $2))
	}
	name() { cs2text --sysroot="$root" | sed -n 's/^sample.*<\(.*\)+.*/\1/p'; }
	[ "$(recorded "$id" 1 | name)" = inner ]
	[ "$(recorded - 1 | name)" = recorded ]
	[ "$(recorded - 5 | name)" = inner ]
	[ "$(recorded 0123456789 1 | name)" = recorded ]
}

@test "the frames of user files have names where simpleperf wrote them" {
	shared perfdata/simpleperf
	mkdir "$BATS_TEST_TMPDIR/empty"
	perf2rec "$shared/wrong_ip_callchain_perf.data" | cs2text -v --sysroot="$BATS_TEST_TMPDIR/empty" >"$out" 2>"$err"
	# it wrote the symbols that it had met; the rest are of the kernel, of code without symbols, and of three other places
	[ "$(grep ^sample "$out" | cut -f12 | tr ';' '\n' | grep -c '<[^?]')" = 17318 ]
	[ "$(sed -n 's/^cs2text: \(.*\): \([0-9]*\) frames\{0,1\} without a name.*/\1 \2/p' "$err" | awk '$1 ~ /^\/system/ { n += $2 } END { print n }')" = 4 ]
	grep -q ';7937d8f0fc<__ppoll+0x8 /system/lib64/libc.so>;7937d4d54c<poll+0x58 /system/lib64/libc.so>;' "$out"
}

@test "a record that simpleperf split is joined" {
	shared perfdata/simpleperf
	perf2rec -s "$shared/perf_with_big_trace_data.data" 2>"$err" >"$out"
	grep -q ' 3  *0  *3  *0  *0  simpleperf SPLIT$' "$err"
	run ! grep -q 'left out' "$err"
	# its formats name the events that its attrs number
	perf2rec -e binder:binder_ioctl,block:block_split "$shared/perf_with_big_trace_data.data" >"$out" 2>"$err"
	[ ! -s "$err" ]
}

@test "pieces of a record that do not make a whole are reported" {
	head='u64:0x32454c4946524550 u64:16 { 64 0 u32:1 u32:64 u64:0 u64:1 u64:0x7 u64:0 flags:0 u64:0 u64:0 u64:0 u64:0 }'
	sample='{ 9 1 u64:1 u32:7 u32:7 u64:1000 }'
	whole() { "$BUILD/t/unhex" <<<"$head $1 $sample" >"$BATS_TEST_TMPDIR/data"; }
	whole 'u32:32772 u16:0 u16:12 u32:32777'
	rejects 'data@0x74: the SPLIT records before it lack a SPLIT_END' perf2rec "$BATS_TEST_TMPDIR/data"
	grep -q ^sample <<<"$output"
	whole 'u32:32772 u16:0 u16:12 u32:32777 u32:32773 u16:0 u16:8'
	rejects 'data@0x74: the SPLIT records before it hold no record of simpleperf' perf2rec "$BATS_TEST_TMPDIR/data"
	grep -q ^sample <<<"$output"
	whole 'u32:32772 u16:0 u16:20 u32:32777 u32:12 u32:100 u32:32773 u16:0 u16:8'
	rejects 'the simpleperf TRACING_DATA record is cut short' perf2rec "$BATS_TEST_TMPDIR/data"
	grep -q ^sample <<<"$output"
	# one that is not read
	whole 'u32:32772 u16:0 u16:20 u32:32769 u32:12 u32:0 u32:32773 u16:0 u16:8'
	perf2rec "$BATS_TEST_TMPDIR/data" 2>"$err" | grep -q ^sample
	grep -q 'these records are left out: 1 simpleperf KERNEL_SYMBOL$' "$err"
}
