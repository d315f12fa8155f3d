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

@test "a guest is told by the machine's name or by the mode of the record" {
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

@test "the name of a machine does not lead out of the folder" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	stream 'sample 1 ../x 0 1 1 e 1 u 1 - -' 'sample 2 a/b 0 1 1 e 1 u 1 - -' 'sample 3 .. 0 1 1 e 1 u 1 - -' 'sample 4 a%2fb 0 1 1 e 1 u 1 - -'
	ln -s /nowhere "$BATS_TEST_TMPDIR/dir/a%2fb.rec"
	rejects 'Too many levels of symbolic links' kvmsplit --dir "$BATS_TEST_TMPDIR/dir" "$in"
	rm "$BATS_TEST_TMPDIR/dir/a%2fb.rec"
	kvmsplit --dir "$BATS_TEST_TMPDIR/dir" "$in"
	diff <(cd "$BATS_TEST_TMPDIR" && find . -name '*.rec' | sort) - <<-'EOF'
		./dir/%2e.%2fx.rec
		./dir/%2e..rec
		./dir/a%252fb.rec
		./dir/a%2fb.rec
	EOF
}

@test "a machine that is not there, a folder that cannot be, too many machines" {
	two_guests
	rejects "$in: no record of a machine named \"vm1\"" kvmsplit -m vm1 "$in"
	rejects "$in/x: Not a directory" kvmsplit --dir "$in/x" "$in"
	awk 'BEGIN { for (i = 0; i < 300; i++) printf "sample\t1\tvm%d\t-\t-\t-\te\t1\tgu\t1\t-\t-\n", i }' >"$in"
	rejects 'more than 256 machines' kvmsplit --dir "$BATS_TEST_TMPDIR/many" "$in"
	[ "$(kvmsplit --guest "$in" | wc -l)" = 300 ]
}

@test "real guests: every sample in the part of its machine and mode, as perf dumps it" {
	shared kvm
	for file in both.data both-g.data one.data perf.data.guest perf.data.host; do
		perf2rec "$shared/$file" >"$BATS_TEST_TMPDIR/all"
		rm -rf "$BATS_TEST_TMPDIR/parts"
		kvmsplit --dir "$BATS_TEST_TMPDIR/parts" "$BATS_TEST_TMPDIR/all"
		xz -dc "$shared/$file.samples.txt.xz" | awk '{
			mode = $2 == "0x1" ? "k" : $2 == "0x2" ? "u" : $2 == "0x4" ? "gk" : $2 == "0x5" ? "gu" : "?"
			print $1, mode ~ /^g/ ? "vm" $3 : "host", mode, $5, $6
		}' | sed 's/ 0x0*/ /g' | sort >"$BATS_TEST_TMPDIR/want"
		for part in "$BATS_TEST_TMPDIR"/parts/*; do
			name=$(basename "$part" .rec)
			awk -F '\t' '$1 == "sample" { print $2, $3, $9, $10, $8 }' "$part" >"$out"
			[ -z "$(awk -v name="$name" '$2 != name' "$out")" ]
			cat "$out"
		done | sort | diff - "$BATS_TEST_TMPDIR/want"
	done
}
