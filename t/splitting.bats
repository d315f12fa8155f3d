#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the section SPLITTING of each page promises of a stream in parts holds for a real stream in three parts. Commands are run as the
# page has them: the parts are the files part.1 to part.3.

load lib

# parts_of FILE: three parts, cut at line ends
parts_of() {
	split -n l/3 --numeric-suffixes=1 -a1 "$1" part.
}

# windows_of FILE: three windows of equally many records, with their definitions; from and to are the times of the cuts
windows_of() {
	set -- "$1" $(events <"$1" | cut -f2 | awk '{ t[n++] = $1 } END { print t[int(n / 3)], t[int(2 * n / 3)] }')
	from=$2 to=$3
	recgrep -t ,$from "$1" >part.1
	recgrep -t $((from + 1)),$to "$1" >part.2
	recgrep -t $((to + 1)), "$1" >part.3
	[ "$(events <part.2 | wc -l)" -gt 0 ]
}

# events: the records that are no definitions, without the stacks' hashes, which only a definition explains
events() {
	grep -av "^\(meta\|comm\|fork\|exit\|map\|ksym\|stack\|vcpu\)$(printf '\t')"
}

# promised FILTER: run the commands of the page on the parts
promised() {
	sed -n '/^[.]Sh SPLITTING/,/^[.]Sh [^S]/s/^[.]Dl \(for\|cat\)/\1/p' "$pages/$1.1" | sed 's/\\e/\\/g; s/\\(dq/"/g' >promise
	[ "$(wc -l <promise)" -eq 1 ]
	bash -e promise
}

# streams: of the recordings in examples/; all.rec has stacks inline, once.rec each once
streams() {
	pages=$BATS_TEST_DIRNAME/../doc examples=$BATS_TEST_DIRNAME/../examples
	cd "$BATS_TEST_TMPDIR" || return
	ln -s "$examples/sysroot" "$examples/pipeline.kallsyms" .
	perf2rec "$examples/pipeline.data" >all.rec
	perf2rec --stacks=once "$examples/pipeline.data" >once.rec
	perf2rec "$examples/kvm/perf.data.gz" >kvm.rec
	cs2text -k pipeline.kallsyms all.rec | sched2states >all.states
}

@test "every filter that reads a stream has the section SPLITTING, and a test here" {
	for filter in ../filters/*.c; do
		filter=$(basename "$filter" .c)
		[ "$filter" != vtagent ] && [ "$filter" != recfields ] || continue # read no stream
		grep -q '^[.]Sh SPLITTING' "../doc/$filter.1" || { echo "$filter.1 has no SPLITTING"; return 1; }
		grep -q "^@test \"$filter\"" splitting.bats || { echo "$filter has no test here"; return 1; }
	done
}

@test "perf2rec" {
	streams
	windows_of all.rec
	for window in ,$from $((from + 1)),$to "$((to + 1)),"; do
		perf2rec -t $window "$examples/pipeline.data"
	done | events | cmp - <(events <all.rec)
}

# guest: the recording of a guest as a trace.dat
guest() {
	mkdir meta
	tar -C meta -xf "$examples/virtio/meta.tar"
	"$BUILD/t/mkdat" meta/tracing "$examples/virtio/cpu0" "$examples/virtio/cpu1" >guest.dat
	ftrace2rec guest.dat >guest.rec
}

@test "ftrace2rec" {
	streams
	guest
	windows_of guest.rec
	for window in ,$from $((from + 1)),$to "$((to + 1)),"; do
		ftrace2rec -t $window guest.dat
	done | events | cmp - <(events <guest.rec)
	for cpu in 0 1; do
		ftrace2rec -C $cpu guest.dat >cpu.$cpu
	done
	sort -m -s -k2,2n cpu.0 cpu.1 | events | sort | cmp - <(events <guest.rec | sort)
}

@test "script2rec" {
	streams
	awk '/^[^ \t]/ && n++ % 28 == 0 { part++ } { print >"part." part }' "$examples/perf.txt"
	[ -s part.3 ]
	promised script2rec | events | cmp - <(script2rec "$examples/perf.txt" | events)
}

@test "etm2pkt" {
	streams
	etm2pkt "$examples/coresight" | grep ^pkt | sort >want
	for id in 0x10 0x12; do
		etm2pkt --id=$id "$examples/coresight" | grep ^pkt >$id
		[ -s $id ]
	done
	sort 0x10 0x12 | cmp - want
}

@test "recunwind" {
	streams
	perf2rec --user-stacks "$examples/descend.data" >user.rec
	windows_of user.rec
	promised recunwind | events | cmp - <(recunwind --sysroot=sysroot user.rec | events)
}

@test "cs2text" {
	streams
	for stream in all once; do
		windows_of $stream.rec
		promised cs2text | events | cmp - <(cs2text -k pipeline.kallsyms --sysroot=sysroot $stream.rec | events)
	done
}

@test "sched2states" {
	streams
	for machine in a b c; do
		perf2rec -m $machine "$examples/pipeline.data"
	done | sort -s -k2,2n >machines.rec
	for part in 1a 2b 3c; do
		recgrep -m ${part:1} machines.rec >part.${part:0:1}
	done
	promised sched2states | sort | cmp - <(sched2states machines.rec | sort)
}

@test "states2svg" {
	streams
	parts_of all.states
	promised states2svg | cmp - <(states2svg all.states)
}

# slices: those of tasks in a JSON trace, without the numbers of their stacks
slices() {
	grep '^{"ph":"X","pid":[1-9][0-9]\{0,6\},' | grep -v '"pid":9000000,' | sed 's/,$//; s/,"sf":"[0-9]*"//' | sort
}

@test "states2json" {
	streams
	parts_of all.states
	promised states2json | slices >got
	states2json all.states | slices | cmp - got
	[ "$(wc -l <got)" -eq "$(grep -c '^state' all.states)" ]
}

# sums <TABLES: what adds up, by the columns that do not
sums() {
	awk -F '\t' '
	!n || $0 == header {
		header = $0
		n = split($0, name)
		for (i = 1; i <= n; i++)
			if (name[i] ~ /^(migrations|tasks|(preempted_)?(whole|p[0-9]+_ns|max_ns|max_t))$/)
				kind[i] = "no sum"
			else
				kind[i] = name[i] ~ /_ns$|^(runs|switches|preemptions|waits|sleeps|blocks|wakes|ended|count)$/ ? "sum" : "key"
		next
	}
	{
		key = ""
		for (i = 1; i <= n; i++)
			if (kind[i] == "key")
				key = key $i "\t"
		keys[key]
		for (i = 1; i <= n; i++)
			if (kind[i] == "sum")
				sum[key, i] += $i
	}
	END {
		for (key in keys) {
			for (i = 1; i <= n; i++)
				if (kind[i] == "sum")
					printf "%s%s %.0f\n", key, name[i], sum[key, i]
		}
	}' | sort
}

@test "states2tab" {
	streams
	parts_of all.states
	for by in task process name cpu waker function; do
		for part in part.?; do
			states2tab --by=$by $part
		done | sums >got
		states2tab --by=$by all.states | sums | cmp - got
		[ "$(wc -l <got)" -gt 10 ]
	done
	promised states2tab | cut -f1-12,14- | cmp - <(states2tab --by=name all.states | sed 1d | cut -f1-2,4-13,15-17 | sort)
	for task in 30803 30806 30807; do
		recgrep -p $task all.states | states2tab | awk -F '\t' -v task=$task '$2 == task'
	done >got
	[ "$(wc -l <got)" -eq 3 ]
	[ "$(states2tab all.states | grep -cxF -f got)" -eq 3 ]
}

@test "states2path" {
	streams
	states2path -p work all.states | grep ^path >want
	from=$(awk -F '\t' 'NR == 100 { printf "%.0f", ($2 + $7) / 2 }' want) to=$(awk -F '\t' 'NR == 200 { print $2 }' want)
	for window in ,$from $from,$to "$to,"; do
		states2path -p work -t $window all.states | grep ^path
	done >parts
	# one piece is cut in two: it ends where the next one begins, and all else is the same
	[ "$(wc -l <parts)" -eq $(($(wc -l <want) + 1)) ]
	awk -F '\t' -v OFS='\t' -v t=$from '$7 == t { begin = $2; next } $2 == t { $2 = begin } { print }' parts | diff - want
}

@test "kvmsplit" {
	streams
	parts_of kvm.rec
	promised kvmsplit | cmp - <(kvmsplit --guest kvm.rec)
}

@test "kvmexits" {
	streams
	perf2rec "$examples/kvm/exits.data.gz" >exits.rec
	awk -F '\t' '$6 == "-" || $6 == 101' exits.rec >part.1
	awk -F '\t' '$6 == "-" || $6 == 102' exits.rec >part.2
	awk -F '\t' '$6 == "-" || $6 > 102' exits.rec >part.3
	promised kvmexits | cut -f 3-6,8-13,15,17- | sort | cmp - <(kvmexits exits.rec | cut -f 3-6,8-13,15,17- | sort)
}

@test "rec2folded" {
	streams
	parts_of all.states
	promised rec2folded | cmp - <(rec2folded -e sleeping --period all.states)
	windows_of kvm.rec
	sed 's/ -e sleeping --period//' promise >samples
	bash -e samples | cmp - <(rec2folded kvm.rec)
}

@test "rec2pprof" {
	streams
	parts_of all.states
	promised rec2pprof
	for part in part.?; do
		python3 "$BATS_TEST_DIRNAME/pprof.py" $part.pb.gz time
	done | awk '{ n = $NF; sub(/ [0-9]+$/, ""); sum[$0] += n } END { for (s in sum) printf "%s %.0f\n", s, sum[s] }' | sort >got
	rec2pprof -e sleeping all.states >whole.pb.gz
	python3 "$BATS_TEST_DIRNAME/pprof.py" whole.pb.gz time | sort | cmp - got
	[ "$(wc -l <got)" -gt 10 ]
}

@test "rec2prof" {
	streams
	parts_of kvm.rec
	promised rec2prof | cmp - <(rec2prof kvm.rec)
	windows_of kvm.rec
	for options in '--keys=comm,event,sym' '--children --keys=machine,sym,caller'; do
		for part in part.?; do
			rec2prof $options $part
		done | rec2prof $options | cmp - <(rec2prof $options kvm.rec)
	done
}

@test "profdiff" {
	streams
	parts_of kvm.rec
	recgrep -t +1s,+3s kvm.rec | rec2prof >old.prof
	promised profdiff | cmp - <(profdiff old.prof kvm.rec)
}

@test "energy2tab" {
	streams
	begin=4453739000000 length=27000000
	for i in 1 2 3; do
		from=$((begin + (i - 1) * length)) to=$((begin + i * length))
		recgrep -t $from,$((to - 1)) all.states >part.$i
		printf 'energy\t%d\thost\t-\t-\t-\t%d\tpkg\t0\t-\t-\t%d.7\t0.005\tx\t-\n' $from $to $i | tee -a energy >>part.$i
	done
	promised energy2tab | awk -F '\t' '{ ns[$4] += $8; nj[$4] += $9 * 1e9 } END { for (tid in ns) printf "%s %.0f %.0f\n", tid, ns[tid], nj[tid] }' | sort >got
	cat all.states energy | energy2tab | awk -F '\t' 'NR > 1 { ns[$4] += $8; nj[$4] += $9 * 1e9 } END { for (tid in ns) printf "%s %.0f %.0f\n", tid, ns[tid], nj[tid] }' | sort | diff - got
	[ "$(wc -l <got)" -gt 10 ]
}

@test "rapl2csv" {
	streams
	parts_of "$examples/power.csv"
	# the energy, its error and the counter of each row
	rapl2csv "$examples/power.csv" | cut -d , -f 3,5-7,12,13,16 >want
	promised rapl2csv >got
	grep -v ^run got | cut -d , -f 3,5-7,12,13,16 | cmp - <(sed 1d want)
	# and all else, but for the intervals at the cuts
	grep -v '^run\|,cut,' got | sort | comm -23 - <(rapl2csv "$examples/power.csv" | sort) | diff /dev/null -
	[ "$(grep -c ',cut,' got)" -lt 30 ]
}

@test "recgrep" {
	streams
	parts_of all.rec
	promised recgrep | events | cmp - <(recgrep -e switch -C 1 all.rec | events)
}

@test "recstacks" {
	streams
	parts_of all.rec
	promised recstacks | cmp - all.rec
	windows_of once.rec
	for part in part.?; do
		recstacks $part
	done | events | cmp - <(recstacks once.rec | events)
}

@test "reccheck" {
	streams
	parts_of all.rec
	promised reccheck | cmp - all.rec
}
