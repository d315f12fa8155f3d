#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Guests and their host apart: every record in one part, every part a stream.

load lib

# stream LINE ... -> $in, with blanks for tabs
stream() {
	in=$BATS_TEST_TMPDIR/in
	printf '%s\n' "$@" | tr ' ' '\t' | tr '~' ' ' >"$in"
}

two_guests() {
	stream 'meta - host hostname a' \
		'map 0 host - 7 7 u 1000 1000 0 r-x - /bin/qemu' \
		'map 0 vm7 - - - gk ffffffff81000000 1000 0 - - [guest.kernel.kallsyms.7]_text' \
		'stack 1 host - 5 k;1;2' \
		'sample 1 host 0 7 8 cycles 100 k 1 - @5' \
		'sample 2 vm7 - - - cycles 200 gk ffffffff81000010 host_tid=8 @5' \
		'sample 3 vm7 - - - cycles 300 gu 40000000 host_tid=9 -' \
		'meta - host late b' \
		'sample 4 vm9 - - - cycles 400 gu 40000000 host_tid=10 -' \
		'sample 5 host 0 7 8 cycles 500 - 1 - -' \
		'switch 6 host 0 7 8 a 120 S 0 b 120 @5' \
		'lost 7 vm9 - - - 1 2 x'
}

# events FILE: without the definitions, which may be there again.
events() {
	grep -avE '^(meta|stack)	' "$1"
}

@test "a record goes to the part of its machine, meta records to all" {
	two_guests
	kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$in"
	cd "$BATS_TEST_TMPDIR/parts"
	diff <(ls) - <<-'EOF'
		host.rec
		vm7.rec
		vm9.rec
	EOF
	for part in *; do
		reccheck -n --any-order "$part"
		[ "$(grep -c '^meta' "$part")" = 2 ]
		[ "$(cut -f3 "$part" | grep -v host)" = "$(cut -f3 "$part" | grep "^${part%.rec}$" | grep -v host)" ]
	done
	for part in *; do events "$part"; done | LC_ALL=C sort -s -k2,2n | cmp - <(events "$in")
}

@test "a stack that another machine defined is defined again before its first use" {
	two_guests
	kvmsplit --guest "$in" >"$out"
	diff <(awk -F '\t' '$1 == "stack" || $NF ~ /^@/ { print $1, $2, $3 }' "$out") - <<-'EOF'
		stack 2 vm7
		sample 2 vm7
	EOF
	[ "$(recstacks "$out" | grep -c 'k;1;2$')" = 1 ]
}

@test "a guest is recognised by the machine's name or by the mode of the record" {
	stream 'sample 1 host 0 7 8 e 1 k 1 - -' 'sample 2 vm - - - e 1 - 1 - -' 'sample 3 web1 - - - e 1 gu 1 - -' 'sample 4 web1 0 1 1 e 1 u 1 - -' \
		'sample 5 vm7x 0 1 1 e 1 u 1 - -' 'later 6 vm77'
	[ "$(kvmsplit --guest "$in" | cut -f2 | xargs)" = '2 3 6' ]
	[ "$(kvmsplit --host "$in" | cut -f2 | xargs)" = '1 4 5' ]
	[ "$(kvmsplit -m web1 "$in" | cut -f2 | xargs)" = '3 4' ]
	kvmsplit "$in" | cmp - "$in"
	kvmsplit --guest --host "$in" | cmp - "$in"
}

@test "kernel and user are the sample's own mode; unknown modes are neither" {
	two_guests
	[ "$(kvmsplit --kernel "$in" | awk -F '\t' '$1 == "sample" { print $2 }' | xargs)" = '1 2' ]
	[ "$(kvmsplit --user "$in" | awk -F '\t' '$1 == "sample" { print $2 }' | xargs)" = '3 4' ]
	[ "$(kvmsplit --kernel "$in" | grep -c '^switch')" = 0 ] || false
	[ "$(kvmsplit --user --kernel "$in" | grep -c '^switch')" = 1 ]
}

@test "statistics: what was read is what was written and what was left out" {
	two_guests
	run -0 --separate-stderr kvmsplit -s --guest --user "$in"
	diff <(echo "$stderr") - <<-'EOF'
		kvmsplit: machine=host vcpu=- mode=- event=cycles samples=1 period=500
		kvmsplit: machine=host vcpu=- mode=k event=cycles samples=1 period=100
		kvmsplit: machine=vm7 vcpu=8 mode=gk event=cycles samples=1 period=200
		kvmsplit: machine=vm7 vcpu=9 mode=gu event=cycles samples=1 period=300
		kvmsplit: machine=vm9 vcpu=10 mode=gu event=cycles samples=1 period=400
		kvmsplit: 12 records read, 6 written, 6 left out; 0 definitions copied
	EOF
}

@test "statistics are pairs, whatever the names" {
	stream 'sample 1 a~vcpu=1 0 7 8 x~samples=9 100 k 1 - -'
	run -0 --separate-stderr kvmsplit -s "$in"
	[ "${stderr_lines[0]}" = 'kvmsplit: machine=a\x20vcpu=1 vcpu=- mode=k event=x\x20samples=9 samples=1 period=100' ] || { echo "$stderr"; return 1; }
}

@test "the name of a machine does not lead out of the folder" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	stream 'sample 1 ../x 0 1 1 e 1 u 1 - -' 'sample 2 a/b 0 1 1 e 1 u 1 - -' 'sample 3 .. 0 1 1 e 1 u 1 - -' 'sample 4 a%2fb 0 1 1 e 1 u 1 - -'
	ln -s /nowhere "$BATS_TEST_TMPDIR/dir/a%2fb.rec"
	rejects 'dir/a%2fb.rec: is there already' kvmsplit --dir "$BATS_TEST_TMPDIR/dir" "$in"
	rm "$BATS_TEST_TMPDIR/dir/a%2fb.rec"
	kvmsplit --dir "$BATS_TEST_TMPDIR/dir" "$in"
	diff <(cd "$BATS_TEST_TMPDIR" && find . -name '*.rec' | sort) - <<-'EOF'
		./dir/%2e.%2fx.rec
		./dir/%2e..rec
		./dir/a%252fb.rec
		./dir/a%2fb.rec
	EOF
}

@test "-m takes names and patterns, and one that matches nothing on the chosen side is reported" {
	two_guests
	[ "$(kvmsplit -m 'vm?' "$in" | events - | cut -f2 | xargs)" = '0 2 3 4 7' ]
	[ "$(kvmsplit -m vm9 -m host "$in" | events - | cut -f2 | xargs)" = '0 1 4 5 6 7' ]
	[ "$(kvmsplit -m vm9 -m 'h*' "$in" | events - | cut -f2 | xargs)" = '0 1 4 5 6 7' ]
	run -1 --separate-stderr kvmsplit -m vm7 -m 'x*' "$in"
	[ "$stderr" = 'kvmsplit: nothing matches -m "x*"' ]
	rejects 'nothing matches -m "h*"' kvmsplit --guest -m 'h*' "$in"
	for options in '--guest -m host' '--guest -m vm7 -m host' '--host -m vm7'; do
		run -2 kvmsplit $options "$in"
		[[ ${lines[0]} == 'kvmsplit: --'*' exclude each other' ]]
	done
}

@test "a folder with files of an earlier run is refused" {
	two_guests
	kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$in"
	rejects '.rec: is there already: --dir takes a folder without .rec files' kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$in"
	rm "$BATS_TEST_TMPDIR"/parts/*.rec
	touch "$BATS_TEST_TMPDIR/parts/notes"
	kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$in"
}

@test "statistics list machines without samples" {
	stream 'sample 1 host 0 7 8 cycles 100 k 1 - -' 'lost 7 vm9 - - - 1 2 x'
	kvmsplit -s "$in" 2>&1 >"$out" | grep -qx 'kvmsplit: machine=vm9 vcpu=- mode=- event=- samples=0 period=0'
}

@test "two guests of processes that had one pid in turn are two parts, from the fork or the exec on" {
	for how in fork exec; do
		stream 'stack 1 host - 5 k;1;2' \
			'vcpu 1 host - 7 8 vm7 0 sample' \
			'sample 2 vm7 - - - cycles 200 gu 10 host_tid=8 @5' \
			'fork 3 host 0 7 7 9 7 thread' \
			"$([ $how = fork ] && echo 'fork 5 host 0 1 1 7 7 process' || echo 'comm 5 host 0 7 7 exec qemu')" \
			'comm 6 host 0 7 7 exec qemu' \
			'vcpu 7 host - 7 12 vm7 0 sample' \
			'sample 8 vm7 - - - cycles 300 gu 20 host_tid=12 @5' \
			'meta - host late b'
		rm -rf "$BATS_TEST_TMPDIR/parts"
		run -0 --separate-stderr kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$in"
		[ "$stderr" = "kvmsplit: vm7: the pid is another process's from 5 on; its guest is in vm7.2.rec" ] || { echo "$stderr"; return 1; }
		[ "$(grep -c ^sample "$BATS_TEST_TMPDIR/parts/vm7.rec")" = 1 ]
		for part in vm7 vm7.2; do
			grep '^sample' "$BATS_TEST_TMPDIR/parts/$part.rec" | cut -f2
			recstacks "$BATS_TEST_TMPDIR/parts/$part.rec" | grep -c 'k;1;2$'
		done | paste -sd' ' >"$out"
		[ "$(<"$out")" = '2 1 8 1' ]
		for part in "$BATS_TEST_TMPDIR"/parts/*; do events "$part"; done | LC_ALL=C sort -s -k2,2n | cmp - <(events "$in")
		run -0 --separate-stderr kvmsplit --guest "$in"
		[ "$stderr" = "kvmsplit: vm7: the pid is another process's from 5 on: that is two guests" ]
	done
}

@test "two guests under one name that nothing tells apart are reported once" {
	stream 'map 0 vm7 - - - gk ffffffff81000000 1000 0 - - [guest.kernel.kallsyms.7]_text' \
		'map 0 vm7 - - - gk ffffffff9e200000 1000 0 - - [guest.kernel.kallsyms.7]_text' \
		'vcpu 1 host - 7 8 vm7 0 entry' 'vcpu 1 host - 7 9 vm7 0 entry' 'vcpu 1 host - 6 3 vm6 0 entry' 'vcpu 1 host - 6 4 vm6 0 entry' \
		'sample 2 vm7 - - - cycles 200 gu 10 host_tid=8 -'
	run -0 --separate-stderr kvmsplit --guest "$in"
	diff <(echo "$stderr") - <<-'EOF'
		kvmsplit: vm7: it has two kernels, at ffffffff81000000 and ffffffff9e200000: two guests, which are not told apart
		kvmsplit: vm6: threads 3 and 4 both run its vCPU 0: two guests of one process, which are not told apart, or one that changes its threads
	EOF
	# a thread that took another's place, and a guest that started again
	stream 'map 0 vm7 - - - gk ffffffff81000000 1000 0 - - [guest.kernel.kallsyms.7]_text' \
		'vcpu 1 host - 7 8 vm7 0 entry' 'exit 2 host 0 7 8 1 1' 'vcpu 3 host - 7 9 vm7 0 entry' \
		'sample 4 vm7 - - - cycles 200 gu 10 host_tid=8 -' \
		'map 5 vm7 - - - gk ffffffff9e200000 1000 0 - - [guest.kernel.kallsyms.7]_text'
	run -0 --separate-stderr kvmsplit --guest "$in"
	[ -z "$stderr" ]
}

@test "a machine that is not there, a folder that cannot be, too many machines" {
	two_guests
	rejects 'kvmsplit: nothing matches -m "vm1"' kvmsplit -m vm1 "$in"
	rejects "$in/x: Not a directory" kvmsplit --dir "$in/x" "$in"
	awk 'BEGIN { for (i = 0; i < 300; i++) printf "sample\t1\tvm%d\t-\t-\t-\te\t1\tgu\t1\t-\t-\n", i }' >"$in"
	rejects 'more than 256 machines' kvmsplit --dir "$BATS_TEST_TMPDIR/many" "$in"
	[ "$(kvmsplit --guest "$in" | wc -l)" = 300 ]
}

# same_samples RECORDS WANT: the parts that kvmsplit makes of a stream have, each in the part of its machine, the samples of
# WANT, which has a line "time cpumode pid tid ip" for each; together they are all records of the stream.
same_samples() {
	local parts=$BATS_TEST_TMPDIR/parts part
	rm -rf "$parts"
	kvmsplit --dir "$parts" "$1"
	sed 's/ 0x0*/ /g' "$2" | awk '{
		mode = $2 == 1 ? "k" : $2 == 2 ? "u" : $2 == 4 ? "gk" : $2 == 5 ? "gu" : "?"
		print $1, mode ~ /^g/ ? "vm" $3 : "host", mode, $4, $5
	}' | sort >"$BATS_TEST_TMPDIR/want"
	for part in "$parts"/*; do
		awk -F '\t' $(recfields sample) -v name="$(basename "$part" .rec)" '$1 == "sample" {
			if ($machine != name)
				print "in the wrong part: " $0
			thread = $tid
			if (match($info, /host_tid=[0-9]+/))
				thread = substr($info, RSTART + 9, RLENGTH - 9)
			print $t, $machine, $mode, thread, $ip
		}' "$part"
	done | sort | diff - "$BATS_TEST_TMPDIR/want"
	for part in "$parts"/*; do events "$part"; done | sort | diff - <(events "$1" | sort)
}

@test "real guests: every sample in the part of its machine and mode, as perf dumps it" {
	shared kvm
	for file in both.data both-g.data one.data perf.data.guest perf.data.host; do
		perf2rec "$shared/$file" >"$BATS_TEST_TMPDIR/all"
		xz -dc "$shared/$file.samples.txt.xz" | cut -d ' ' -f1-5 >"$BATS_TEST_TMPDIR/dump"
		same_samples "$BATS_TEST_TMPDIR/all" "$BATS_TEST_TMPDIR/dump"
	done
}

# can_run_guests: skip unless a guest can be made here, and recorded.
can_run_guests() {
	needs perf cc
	[ "$(uname -m)" = x86_64 ] || skip "the guest is a program for x86-64"
	[ -w /dev/kvm ] || skip "no /dev/kvm, or no right to use it"
	[ "$(id -u)" = 0 ] || skip "perf records guests for root only"
	cc -std=c11 -D_GNU_SOURCE -O2 -pthread -o guest "$BATS_TEST_DIRNAME/../examples/kvm/guest.c"
	./guest 0.1 ffffffff81000000 1 1 >/dev/null 2>"$err" || skip "no guest runs here: $(<"$err")"
}

# start_guest NAME KERNEL VCPUS ROUNDS: run a guest until the test kills it; its symbols are in mount/PID, its pid in $guest.
start_guest() {
	./guest 10 "$2" "$3" "$4" "$1.kallsyms" >/dev/null 3>&- &
	guest=$!
	mkdir -p "mount/$guest/proc"
	touch "mount/$guest/proc/modules"
	for try in {1..100}; do
		! grep -qs _etext "$1.kallsyms" || break
		sleep 0.02
	done
	cp "$1.kallsyms" "mount/$guest/proc/kallsyms"
}

@test "two guests made for the test: the counts of a live recording are those of perf's dump" {
	cd "$BATS_TEST_TMPDIR"
	can_run_guests
	start_guest a ffffffff81000000 2 1
	one=$guest
	start_guest b ffffffff9e200000 1 0
	two=$guest
	perf kvm --host --guest --guestmount=mount record -q -B -N -p $one,$two -e cpu-clock -F 2000 -o perf.data -- sleep 1.5 2>"$err" || recorded=no
	kill $one $two
	[ "${recorded-}" != no ] || skip "perf cannot record here: $(<"$err")"
	perf report -D -i perf.data 2>/dev/null | sed -n 's|^\([0-9]*\) .*PERF_RECORD_SAMPLE(IP, \(0x[0-9a-f]*\)): \([0-9]*\)/\([0-9]*\): \(0x[0-9a-f]*\) period: .*|\1 \2 \3 \4 \5|p' >dump
	perf2rec perf.data >all
	same_samples all dump

	# counted by machine, mode and vCPU
	kvmsplit -s all 2>&1 >/dev/null | sed -n 's/^kvmsplit: machine=\(.*\) vcpu=\(.*\) mode=\(.*\) event=.* samples=\(.*\) period=.*/\1 \2 \3 \4/p' >counts
	[ "$(awk '{ n += $4 } END { print n }' counts)" -eq "$(wc -l <dump)" ]
	awk '$2 == "0x4" || $2 == "0x5" { n["vm" $3 " " $4 " " ($2 == "0x4" ? "gk" : "gu")]++ } END { for (i in n) print i, n[i] }' dump | sort |
		diff - <(grep ^vm counts | sort)
	[ "$(grep -c "^vm$one .* gu" counts)" -eq 2 ]
	[ "$(grep -c "^vm$two .* gu" counts)" -eq 1 ]

	# and named: the kernel of each guest has the functions that it has, wherever it is
	cs2text --guest-mount=mount all | kvmsplit --guest --kernel | awk -F '\t' $(recfields sample) '$1 == "sample" { print $ip }' >"$out"
	run grep -vE '<(enter_system_call|enter_fault|system_call|write_console|put_char|wait_for_host)[+]0x[0-9a-f]*>$' "$out"
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "the recipe for a recording records a guest, its kernel's place and symbols, and the switches of its vCPUs" {
	cd "$BATS_TEST_TMPDIR"
	can_run_guests
	start_guest a ffffffff9e200000 1 0
	"$BATS_TEST_DIRNAME/../examples/record/kvm.sh" 0.5 to $guest=a.kallsyms 2>"$err" || recorded=no
	kill $guest
	[ "${recorded-}" != no ] || skip "perf cannot record here: $(<"$err")"
	grep -q "machine=vm$guest vcpu=[0-9]* mode=gu event=.* samples=" "$err"
	grep -q "^map	.*ffffffff9e200000.*\[guest.kernel.kallsyms.$guest\]_text" to/all.rec
	grep -q '^switch	.*CPU 0/KVM' to/all.rec
	grep -q "^sample	.*<.*[+]0x" to/all.rec
}

@test "a stream cut by grep is split by what is left of it" {
	perf2rec --stacks=once ../examples/kvm/perf.data.gz | grep '^sample' >"$BATS_TEST_TMPDIR/cut"
	kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$BATS_TEST_TMPDIR/cut"
	cat "$BATS_TEST_TMPDIR"/parts/* | sort | cmp - <(sort "$BATS_TEST_TMPDIR/cut")
	rec2prof --keys machine "$BATS_TEST_TMPDIR/parts/host.rec" | awk -F '\t' $(recfields prof) '{ print $machine, $samples }' |
		diff - <(echo "host $(grep -c '	host	' "$BATS_TEST_TMPDIR/cut")")
}
