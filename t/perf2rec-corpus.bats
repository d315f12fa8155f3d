#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# perf2rec on whole recordings. The README of the public ones has the number of records of each type, counted by another reader;
# mkperf makes twins of recordings, as other machines and other versions of perf would have written them.

load lib

# counts README: "file TYPE:n" for each number of records in the tables.
counts() {
	awk -F'|' '
	/^## / { folder = substr($0, 4) }
	/^[|] [^ ]+ [|] [0-9]/ {
		split($2, file, " ")
		n = split($0, word, "[ |]+")
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^[0-9A-Z_]+:[0-9]+$/)
				print folder "/" file[1], word[i]
	}' "$1"
}

# counted FILE ... : what perf2rec -s counts in each, after the line "== FILE"; the records go to $out.
counted() {
	local file
	for file; do
		echo "== $file"
		perf2rec -s "$file" 2>&1 >&3 || true
	done 3>"$out"
}

# types <counts: "FILE TYPE:n" for each type of records that perf2rec -s counts, simpleperf's by number.
types() {
	awk '
	BEGIN {
		split("KERNEL_SYMBOL DSO SYMBOL SPLIT SPLIT_END EVENT_ID CALLCHAIN UNWINDING_RESULT TRACING_DATA", names, " ")
		for (i in names)
			number[names[i]] = 32768 + i
	}
	$1 == "==" { file = $2; table = 0; next }
	$NF == "records" { table = 1; next }
	/parts of samples$/ { table = 0 }
	table { print file, ($7 == "simpleperf" ? number[$8] : $7) ":" $2 }'
}

@test "the number of records of each type is that of the collection's README" {
	shared perfdata
	counts "$shared/README.md" | sort >"$err"
	mapfile -t files < <(cut -d' ' -f1 "$err" | uniq)
	[ ${#files[@]} -gt 80 ]
	cd "$shared"
	# it does not list the rare types of each file
	counted "${files[@]}" | types | sort | comm -23 "$err" - | diff /dev/null -
}

# twin FILE [arg ...]: the records of a twin of the file, in a file of their own.
twin() {
	local file=$1 name
	shift
	printf -v name %s "$@"
	"$BUILD/t/mkperf" "$@" "$file" >"$dir/twin"
	perf2rec --branches --user-stacks "$dir/twin" >"$dir/records$name" 2>"$err"
}

# twins FILE: twins of every kind.
twins() {
	dir=$BATS_TEST_TMPDIR/twins
	mkdir -p "$dir"
	perf2rec --branches --user-stacks "$1" >"$out" 2>"$err"
	twin "$1"
	twin "$1" -b
	twin "$1" -b -h
	twin "$1" -1
	twin "$1" -1 -b
	twin "$1" -a 256
	twin "$1" -a 104 -b
	twin "$1" -s
	twin "$1" -s -b
	twin "$1" -p
	twin "$1" -p -b
	# as it comes from a pipe, and compressed
	perf2rec --branches --user-stacks <"$dir/twin" >"$dir/records-pipe" 2>"$err"
	gzip -c "$dir/twin" | perf2rec --branches --user-stacks >"$dir/records-gzip" 2>"$err"
}

# alike FILE: the records of its twins are its own.
alike() {
	local sum want name
	while read -r sum name; do
		[ "$sum" = "${want=$sum}" ] || { echo "$1: $name"; return 1; }
	done < <(md5sum "$out" "$dir"/records*)
	[ -s "$out" ]
	rm "$dir"/records*
}

@test "a recording is the same from a big-endian or 32-bit machine, with shorter or longer attrs, as version 1, with split formats, through a pipe" {
	twins ../examples/pipeline.data
	twin ../examples/pipeline.data -a 64
	twin ../examples/pipeline.data -a 72 -b
	alike ../examples/pipeline.data
}

@test "public recordings are the same as their twins" {
	shared perfdata
	for file in own/{01-cpuclock-g,02-dwarf,08-switch-ns-cgroup,10-read-group,11-addr-phys-pagesize,12-regs,22-sched-record,24-stat}.data \
		quipper/perf.data.{branch-4.14,weight_struct,callgraph_and_branch-3.4}; do
		twins "$shared/$file"
		alike "$file"
	done
}

@test "text after the last record costs none" {
	perf2rec ../examples/pipeline.data >"$out"
	"$BUILD/t/mkperf" ../examples/pipeline.data >"$BATS_TEST_TMPDIR/twin"
	echo '[ perf record: Captured and wrote 0.018 MB - ]' >>"$BATS_TEST_TMPDIR/twin"
	perf2rec "$BATS_TEST_TMPDIR/twin" | cmp - "$out"
	"$BUILD/t/mkperf" -p ../examples/pipeline.data >"$BATS_TEST_TMPDIR/twin"
	echo '[ perf record: Captured and wrote 0.018 MB - ]' >>"$BATS_TEST_TMPDIR/twin"
	rejects 'twin@0x' perf2rec "$BATS_TEST_TMPDIR/twin"
	grep -v ^gap <<<"$output" | cmp - "$out"
}

# theirs FILE ... : file, time, CPU, pid, tid, ip, period and address of each sample in perf's dump.
theirs() {
	local file
	for file; do
		echo "== $file"
		perf script -D -F event -i "$file" 2>/dev/null || true
	done | grep -aE '^== |: PERF_RECORD_SAMPLE[(]IP, ' | awk '
	$1 == "==" { file = $2; next }
	match($0, /: PERF_RECORD_SAMPLE[(]IP, 0x[0-9a-f]+[)]: /) {
		n = split(substr($0, 1, RSTART - 1), head, " ")
		cpu = n == 4 && head[1] != 4294967295 ? head[1] : "-"
		split(substr($0, RSTART + RLENGTH), f, "[ /:]+")
		print file, head[n - 2], cpu, f[1], f[2], substr(f[3], 3), f[5], f[7] ~ /^0x/ ? substr(f[7], 3) : f[7]
	}'
}

# ours FILE ... : the same of sample records; those of a guest have the ids of the host. What types reads goes to $err.
ours() {
	local file
	for file; do
		echo "== $file"
		echo "== $file" >&3
		perf2rec -s "$file" 2>&3 || true
	done 3>"$err" | awk -F'\t' '
	function pair(key) { return match(" " $11 " ", " " key "=[^ ]+ ") ? substr($11, RSTART + length(key) + 1, RLENGTH - length(key) - 3) : "" }
	/^== / { file = substr($0, 4) }
	$1 == "sample" {
		addr = pair("addr")
		guest = pair("host_tid") != ""
		print file " " $2, guest && pair("host_cpu") != "" ? pair("host_cpu") : $4, guest ? pair("host_pid") : $5, guest ? pair("host_tid") : $6,
			$10, $8, addr == "" ? 0 : substr(addr, 3)
	}'
}

@test "the samples of all recordings that perf reads have its times, CPUs, tasks, addresses and periods" {
	shared perfdata
	needs perf
	cd "$shared"
	# the counters of a group are samples of their own, see perf2rec.bats
	mapfile -t files < <(find . -type f ! -name '*.md' ! -name '*.txt.gz' ! -name 10-read-group.data ! -name perf_with_add_counter.data | sort)
	theirs "${files[@]}" | sort >"$BATS_TEST_TMPDIR/theirs"
	mapfile -t files < <(cut -d' ' -f1 "$BATS_TEST_TMPDIR/theirs" | uniq)
	[ ${#files[@]} -gt 50 ]
	ours "${files[@]}" | sort >"$out"
	comm -23 "$out" "$BATS_TEST_TMPDIR/theirs" | diff /dev/null -
	# the others are tracepoints, which have no field for the ip
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/theirs" | uniq -c | awk '{ print $2, "SAMPLE:" $1 }' | diff - <(types <"$err" | grep ' SAMPLE:')
}
