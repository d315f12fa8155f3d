#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# perf2rec. The small recordings are made by unhex from text. On other recordings, public ones and some made here, the output is
# compared with that of perf itself.

load lib

# recording CASE [-b]: the bytes of perf2rec/CASE.hex, in pipe mode after the events of head.hex.
recording() {
	local head=perf2rec/head.hex
	[[ $1 != file && $1 != losses ]] || head=/dev/null
	cat "$head" "perf2rec/$1.hex" | "$BUILD/t/unhex" ${2-}
}

# becomes CASE [arg ...]: the output for a case is perf2rec/CASE.out. Only the case "file" is damaged.
becomes() {
	local case=$1
	shift
	recording "$case" >"$BATS_TEST_TMPDIR/data"
	perf2rec "$@" "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err" || [ "$case" = file ]
	[ -z "${BLESS-}" ] || cp "$out" "perf2rec/$case.out"
	diff -u "perf2rec/$case.out" "$out"
	reccheck -n "$out"
}

# event SYSTEM:NAME RAW FIELD:OFFSET:SIZE:SIGNED ...: a recording with one sample of a tracepoint, whose raw data are words of unhex.
event() {
	local name=$1 raw=$2 field
	shift 2
	{
		echo 'u64:0x32454c4946524550 u64:16'
		echo '{ 64 0 u32:2 u32:64 u64:7 u64:1 u64:0x406 u64:0 flags:0x40000 u64:0 u64:0 }' # TID TIME RAW
		printf '{ 66 0 len32:blob u32:0 } <blob 17 08 44 "tracing0.6\\0" endian u8:8 u32:4096 "header_page\\0" u64:0 "header_event\\0" u64:0 '
		printf 'u32:0 u32:1 "%s\\0" u32:1 len64:format <format "name: %s\\nID: 7\\nformat:\\n" ' "${name%:*}" "${name#*:}"
		for field; do
			IFS=: read -r field offset size signed <<<"$field"
			printf '"\\tfield:%s;\\toffset:%s;\\tsize:%s;\\tsigned:%s;\\n" ' "$field" "$offset" "$size" "$signed"
		done
		echo 'format> u32:0 u32:0 u64:0 pad:8 blob>'
		echo "{ 9 1 u32:1 u32:1 u64:1000 len32:raw <raw $raw raw> }"
	} | "$BUILD/t/unhex"
}

# in_order FILE: no record is earlier than the one before, in each of the recordings that begin with a line "== NAME".
in_order() {
	awk -F'\t' '/^== / { started = 0; name = $0 ": "; next } $2 != "-" { if (started && $2 + 0 < last) { print name $0; bad = 1 } last = $2 + 0; started = 1 } END { exit bad }' "$1"
}

# kinds FILE: the number of records of each kind, as "kind n" lines.
kinds() {
	cut -f1 "$1" | sort | uniq -c | awk '{ print $2, $1 }'
}

samples='^(sample|tracepoint|switch|wakeup|migrate|idle|freq|irq|softirq|sysenter|sysexit)$'

# chains: the callchains in perf's dump, "time address ..." without markers.
chains() {
	awk '
	/PERF_RECORD_SAMPLE/ { put(); t = ($1 ~ /^0x/ || $2 ~ /^0x/) ? $1 : $2; chain = ""; next }
	/^[.][.][.][.][.] +[0-9]+: [0-9a-f]+$/ {
		if ($3 !~ /^ffffffffffff(ff80|fe00|f780|f600|f800|ffe0)$/) {
			sub(/^0+/, "", $3)
			chain = chain " " ($3 == "" ? "0" : $3)
		}
	}
	function put() { if (chain != "") print t chain }
	END { put() }'
}

# stacks FILE: the same from records.
stacks() {
	awk -F'\t' -v samples="$samples" '$1 ~ samples && $NF != "-" {
		s = ";" $NF
		gsub(/;(k|u|h|gk|gu)/, "", s)
		gsub(/;/, " ", s)
		print $2 s
	}' "$1"
}

@test "each tracepoint with a kind of its own becomes one, others key=value pairs" {
	becomes kinds
}

@test "processes, maps, names and losses become records, other records are skipped" {
	becomes processes
}

@test "in a chain only known markers are markers; an empty chain is the ip; a guest is a machine" {
	becomes chains
}

@test "records come in time order, equal times in the order of the file" {
	becomes order
	in_order "$out"
}

@test "a record that comes too late keeps its time and is reported; sort puts it right" {
	recording late | perf2rec >"$out" 2>"$err"
	[ "$(cut -f8 "$out" | paste -sd' ')" = ' b a c' ]
	grep -q ': 1 records are out of time order: LC_ALL=C sort -s -k2,2n$' "$err"
	sort -s -k2,2n "$out" | reccheck -n
}

@test "a record with an impossible time keeps its place, and is damage; -1 is no time" {
	{
		cat perf2rec/head.hex
		for time in 1000 -9223372036854773808 2000 -1; do
			printf '{ 3 0 u32:1 u32:1 "a" fill:4 pad:8 u32:1 u32:1 u64:%s u32:3 u32:0 u64:1 }\n' "$time"
		done
	} | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/data"
	run -1 --separate-stderr perf2rec "$BATS_TEST_TMPDIR/data"
	[ "$(awk '$1 == "comm" { print $2, $4 }' <<<"$output" | paste -sd' ')" = '0 - 1000 3 1000 3 2000 3' ]
	[[ $stderr == "perf2rec: $BATS_TEST_TMPDIR/data@0x"*': the time of the record is impossible' ]]
}

@test "records that the recorder wrote twice come once, and are counted" {
	"$BUILD/t/unhex" <perf2rec/head.hex >"$BATS_TEST_TMPDIR/data"
	awk 'BEGIN {
		for (n = 0; n < 3; n++) # a, b, c; then b, c, c2: another thread at the time of c
			for (i = 0; i < 3; i++)
				printf "{ 3 0 u32:1 u32:%d \"%s\\0\" pad:8 u32:1 u32:1 u64:%d u32:%d u32:0 u64:1 }\n", n == 1 && i == 2 ? 2 : 1,
					substr("abcbccdef", 3 * n + i + 1, 1), substr("100200300200300300400500600", 9 * n + 3 * i + 1, 3), 0
	}' | "$BUILD/t/unhex" >>"$BATS_TEST_TMPDIR/data"
	perf2rec -s "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	[ "$(awk '$1 == "comm" { print $2 $6 $8 }' "$out" | paste -sd' ')" = '1001a 2001b 3001c 3002c 4001d 5001e 6001f' ]
	grep -q ': 2 records occur twice in the file: the copies are left out$' "$err"
	grep -q ' 9 * 7 * 0 * 2 * 0  COMM$' "$err"
	run ! grep -q 'COMM records' "$err"
}

@test "a file gives names, build ids and facts from its features; a broken record is a gap" {
	becomes file
	grep -q 'data@0x208: the SAMPLE record is cut short$' "$err"
	grep -q '1 samples of no event in the header' "$err"
}

@test "the recorder's byte order makes no difference" {
	for case in kinds processes chains order losses file; do
		recording "$case" | perf2rec >"$out" 2>/dev/null || [ "$case" = file ]
		recording "$case" -b | perf2rec 2>/dev/null | cmp - "$out"
	done
}

@test "a pipe, a file and gzip'd bytes give the same records" {
	for case in kinds file; do
		recording "$case" >"$BATS_TEST_TMPDIR/data"
		perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>/dev/null || [ "$case" = file ]
		perf2rec <"$BATS_TEST_TMPDIR/data" 2>/dev/null | cmp - "$out"
		recording "$case" | perf2rec - 2>/dev/null | cmp - "$out"
		gzip -c "$BATS_TEST_TMPDIR/data" | perf2rec 2>/dev/null | cmp - "$out"
	done
}

@test "no loss is reported twice: the excess of perf's counters over the kernel's records comes at the end" {
	becomes losses
	# those of a BPF filter were not wanted
	grep -qx "perf2rec: $BATS_TEST_TMPDIR/data: 23 of 23 events were lost: record with a larger -m, or fewer events" "$err"
}

@test "an event with a value that no record of its kind can have becomes a tracepoint" {
	while IFS='|' read -r name raw fields; do
		event "$name" "$raw" $fields | perf2rec >"$out"
		reccheck -n "$out"
		[ "$(kinds "$out" | tr '\n' ' ')" = 'meta 1 tracepoint 1 ' ] || { echo "$name"; cat "$out"; return 1; }
	done <<-'EOF'
		sched:sched_waking|u64:0x80000001 u32:120 "waked" fill:16|pid:0:8:1 prio:8:4:1 comm[16]:12:16:0
		sched:sched_migrate_task|u64:0x100000001 u32:120 u32:0 u32:1 "moved" fill:16|pid:0:8:1 prio:8:4:1 orig_cpu:12:4:1 dest_cpu:16:4:1 comm[16]:20:16:0
		power:cpu_frequency|u64:0xffffffffffffffff u32:0|state:0:8:0 cpu_id:8:4:0
		syscalls:sys_exit_read|u64:0x8000000000000000|ret:0:8:1
		irq:irq_handler_exit|u64:0x8000000000000000 u32:1|irq:0:8:1 ret:8:4:1
		irq:softirq_entry|u64:0xffffffffffffffff|vec:0:8:0
	EOF
}

@test "fields that repeat the same bytes are cut, and that is said" {
	for ((i = 0; i < 300; i++)); do
		fields+=("a${i}[9]:0:9:0")
	done
	event own:twice 'u64:1 u64:2' "${fields[@]}" | perf2rec >"$out" 2>"$err"
	reccheck -n "$out"
	[ "$(tail -n 1 "$out" | wc -c)" -lt 2200 ]
	grep -q ': 1 tracepoint records lack some of their fields: these repeat the same bytes$' "$err"
}

@test "names longer than any real one are cut, and that is said" {
	long=$(printf '%05000d' 0)
	{ cat perf2rec/head.hex; echo '{ 78 0 u64:2 u64:1 "'$long'" }'
		echo '{ 3 0 u32:1 u32:1 "'$long'" pad:8 u32:1 u32:1 u64:10 u32:0 u32:0 u64:1 }'
		echo '{ 9 1 u64:1 u64:16 u32:7 u32:8 u64:1000 u32:0 u32:0 u64:1 u64:0 u32:0 }'; } | "$BUILD/t/unhex" | perf2rec >"$out" 2>"$err"
	[ "$(awk -F'\t' '$1 == "comm" { print length($8) } $1 == "sample" { print length($7) }' "$out" | tr '\n' ' ')" = '4096 512 ' ]
	grep -q ': 2 names are cut: they are longer than 4096 bytes, or 512 of an event$' "$err"
}

@test "losses of real recordings add up to the counters, on the CPUs of their rings" {
	shared perfdata/own
	perf2rec "$shared/14-lost.data" >"$out" 2>"$err"
	grep -q ': 889 of 1920 events were lost: record with a larger -m, or fewer events$' "$err"
	run -0 awk -F'\t' '$1 == "lost" { n += $8; if ($4 == "-" || $9 != "ring buffer full") print } END { print n }' "$out"
	[ "$output" = 889 ]
	needs perf
	perf record -q --no-bpf-event -m 1 -a -g -e 'sched:*' -o "$BATS_TEST_TMPDIR/data" -- perf bench sched pipe -l 5000 \
		>"$err" 2>&1 || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	# on no CPU does one counter miss what the other has
	perf script -D -i "$BATS_TEST_TMPDIR/data" 2>"$err" | awk '
		/ id: .* idx: .* cpu: / { sub(/.* id:/, ""); cpu[$1] = $5 }
		/PERF_RECORD_LOST:/ { c = $1; sub(/.*:/, ""); reported[c] += $0 }
		/PERF_RECORD_LOST_SAMPLES:/ { sub(/.* id:/, ""); id = $0; sub(/:.*/, "", id); sub(/.*:/, ""); counted[cpu[id]] += $0; reported[cpu[id]] += 0 }
		END { for (c in reported) print c, (reported[c] > counted[c] ? reported[c] : counted[c]) }' | sort >"$BATS_TEST_TMPDIR/want"
	awk -F'\t' '$1 == "lost" { n[$4] += $8 } END { for (c in n) print c, n[c] }' "$out" | sort | diff "$BATS_TEST_TMPDIR/want" - || { cat "$err"; return 1; }
}

@test "-e chooses samples by name and pattern, processes stay" {
	recording kinds | perf2rec -e 'power:*,sched:sched_migrate_task' >"$out"
	[ "$(kinds "$out" | tr '\n' ' ')" = 'freq 1 idle 2 meta 1 migrate 1 ' ]
	recording processes | perf2rec -e 'power:*' >"$out"
	[ "$(kinds "$out" | grep -c '^map \|^comm \|^fork ')" = 3 ]
	[ "$(kinds "$out" | grep -c sample)" = 0 ]
}

@test "-e takes the name of a tracepoint without its system, and a kind of record" {
	recording kinds | perf2rec -e sched:sched_switch >"$out"
	grep -q ^switch "$out"
	for name in sched_switch 'sched_s*' switch; do
		recording kinds | perf2rec -e "$name" | cmp - "$out"
	done
	recording kinds | perf2rec -e wakeup,fields >"$out"
	[ "$(cut -f1 "$out" | sort -u | tr '\n' ' ')" = 'meta tracepoint wakeup ' ]
	recording kinds | perf2rec -e cpu_idle,cpu_frequency >"$out"
	recording kinds | perf2rec -e idle,freq | cmp - "$out"
}

@test "-e with a name of no event is an error that lists the events" {
	run -2 perf2rec -e '' </dev/null
	recording losses >"$BATS_TEST_TMPDIR/data"
	rejects 'perf2rec: nothing matches -e "nosuch": the events are cpu-clock' \
		perf2rec -e nosuch,neither "$BATS_TEST_TMPDIR/data"
	run ! grep -v ^meta <<<"$output"
	recording kinds >"$BATS_TEST_TMPDIR/data"
	rejects 'the events are cpu-clock, sched:sched_switch, sched:sched_wakeup,' perf2rec -e sched "$BATS_TEST_TMPDIR/data"
	[[ ${#stderr} -lt 512 && $stderr != *$'\n'* ]]
}

@test "-e with a name of no event among others is reported, and loses nothing" {
	recording kinds | perf2rec -e switch,nosuch,wake,wakeup >"$out" 2>"$err"
	recording kinds | perf2rec -e switch,wakeup | cmp - "$out"
	diff <(sed 's/\(wakeup\), .*/\1/' "$err") - <<-'EOF'
		perf2rec: nothing matches -e "nosuch": the events are cpu-clock, sched:sched_switch, sched:sched_wakeup
		perf2rec: nothing matches -e "wake"
	EOF
}

@test "-m names the machine, not its guests" {
	recording chains | perf2rec -m 'box one' >"$out"
	[ "$(cut -f3 "$out" | sort -u | tr '\n' ,)" = 'box one,vm,vm70,' ]
}

@test "--offset moves every time, also those of synthesised records" {
	recording processes | perf2rec >"$out"
	recording processes | perf2rec --offset=-2us >"$err"
	awk -F'\t' -v OFS='\t' '$2 != "-" { $2 -= 2000 } $1 == "lost" { $7 -= 2000 } 1' "$out" | diff - "$err"
}

@test "--stacks=once defines each stack before its first user, and loses none" {
	recording chains | perf2rec >"$out"
	recording chains | perf2rec --stacks=once >"$err"
	reccheck -n "$err"
	awk -F'\t' -v OFS='\t' '
	$1 == "stack" { if ($5 in frames) exit bad = 1; frames["@" $5] = $6; next }
	$NF in frames { $NF = frames[$NF] }
	$NF ~ /^@/ { exit bad = 1 }
	1
	END { exit bad }' "$err" | diff "$out" -
	# equal addresses of two processes are two stacks
	[ "$(grep -c 'k;10;u;400010$' "$err")" = 2 ]
	run -2 --separate-stderr perf2rec --stacks=twice </dev/null
	[[ $stderr == 'perf2rec: --stacks=twice: once or inline is expected'* ]]
}

@test "--stacks=once writes host and guest samples in turn as they are inline" {
	perf2rec --stacks=once ../examples/kvm/perf.data.gz >"$BATS_TEST_TMPDIR/once"
	grep -q '^vcpu' "$BATS_TEST_TMPDIR/once"
	recstacks --stacks=inline "$BATS_TEST_TMPDIR/once" | diff - <(perf2rec ../examples/kvm/perf.data.gz)
	perf2rec ../examples/kvm/perf.data.gz | recstacks --stacks=once | cmp - "$BATS_TEST_TMPDIR/once"
}

@test "switches come from context switch records if the scheduler's event is not recorded" {
	{ grep -v 'sched:sched_switch$' perf2rec/head.hex; cat perf2rec/processes.hex; } | "$BUILD/t/unhex" |
		perf2rec | grep ^switch >"$out"
	diff - "$out" <<-EOF
		$(printf 'switch\t1060\thost\t1\t7\t8\t-\t-\t?\t9\t-\t-\t-')
		$(printf 'switch\t1061\thost\t1\t7\t8\t-\t-\tR\t10\t-\t-\t-')
	EOF
}

@test "the last switch of a dying task is that of the task that its CPU went on with; without one it is a gap" {
	{
		echo 'u64:0x32454c4946524550 u64:16'
		echo '{ 64 0 u32:1 u32:64 u64:9 u64:1 u64:0x86 u64:0 flags:0x4040000 u64:0 u64:0 }' # TID TIME CPU
		echo '{ 15 0x2000 u32:20 u32:21 u32:10 u32:11 u64:100 u32:1 u32:0 }'
		echo '{ 15 0x2000 u32:30 u32:31 u32:-1 u32:-1 u64:200 u32:1 u32:0 }'
		echo '{ 15 0x2000 u32:-1 u32:-1 u32:30 u32:31 u64:300 u32:1 u32:0 }'
		echo '{ 15 0x2000 u32:40 u32:41 u32:-1 u32:-1 u64:400 u32:1 u32:0 }'
		echo '{ 15 0x2000 u32:50 u32:51 u32:-1 u32:-1 u64:500 u32:2 u32:0 }'
		echo '{ 15 0 u32:50 u32:51 u32:60 u32:61 u64:600 u32:2 u32:0 }'
		echo '{ 15 0x2000 u32:70 u32:71 u32:-1 u32:-1 u64:700 u32:2 u32:0 }'
	} | "$BUILD/t/unhex" | perf2rec >"$out"
	awk '$1 == "switch" { print $2, $4, $5, $6, $10 }' "$out" | diff - <(printf '%s\n' '100 1 10 11 21' '200 1 20 21 31' '700 2 60 61 71')
	grep ^gap "$out" | cut -f2,4,7,9 | diff - <(printf '%s\tswitch of an unknown task\n' '300	1	300' '400	1	400' '500	2	500')
	needs perf
	perf record -q --no-bpf-event -a --switch-events -e dummy -o "$BATS_TEST_TMPDIR/data" -- sh -c 'for i in $(seq 50); do /bin/true | /bin/cat; done' \
		>"$err" 2>&1 || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	[ "$(grep -c '^switch\|switch of' "$out")" = "$(perf script -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | sed 's/ 0x[0-9a-f]* / /' | once | grep -c 'SWITCH_CPU_WIDE OUT')" ]
	run ! grep -P '^switch\t[0-9]+\thost\t[0-9]+\t-' "$out"
}

@test "context switch records replace a sampled sched_switch" {
	needs perf
	perf record -q --no-bpf-event -a --switch-events -F 50 -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- sleep 0.2 >"$err" 2>&1 ||
		skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	grep -q ': sched:sched_switch is sampled: switches are those of --switch-events$' "$err"
	grep -qx $'meta\t-\thost\tswitches\tcontext switch records' "$out"
	[ "$(grep -c '^switch\|switch of' "$out")" = "$(perf script -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | sed 's/ 0x[0-9a-f]* / /' | once | grep -c 'SWITCH_CPU_WIDE OUT')" ]
	[ "$(grep -c '^tracepoint.*sched:sched_switch' "$out")" = "$(perf script -F tid,cpu,time,event --ns -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | once | grep -c sched_switch)" ]
	perf record -q --no-bpf-event -a -F 50 -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- sleep 0.2 >"$err" 2>&1
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	grep -q ': sched:sched_switch is sampled: switches are missing: record with perf record -c 1$' "$err"
	grep -qx $'meta\t-\thost\tswitches\tsampled sched:sched_switch' "$out"
	# with a fixed period the kernel records each event
	perf record -q --no-bpf-event -a -c 100000 -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- perf bench sched pipe -l 1000 >"$err" 2>&1
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	run ! grep -q sampled "$out" "$err"
	awk -F'\t' '$1 == "switch" { n++; cut += $4 in last && last[$4] != $6; last[$4] = $10 } END { exit !(n > 1000 && cut < n / 5) }' "$out"
}

@test "wherever a recording is cut, the records before the cut come out, with status 1 if one is cut" {
	recording kinds >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out.whole"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/data")
	for ((at = 0; at < size; at += 127)); do
		head -c "$at" "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/cut"
		echo "== $at"
		status=0
		perf2rec "$BATS_TEST_TMPDIR/cut" 2>"$err" || status=$?
		mapfile -t said <"$err"
		[[ $status -eq 0 || ($status -eq 1 && ${#said[@]} -eq 1) ]] || { echo "$at: $status: ${said[*]}" >&2; return 1; }
	done >"$out"
	awk '
		FNR == NR { whole[FNR] = $0; next }
		/^== / { cut = $0; n = 0; next }
		!/^gap/ && $0 != whole[++n] { print cut ": " $0; bad = 1 }
		END { exit bad || n < 0.9 * length(whole) }' "$out.whole" "$out"
	# in the formats, which no record's size covers
	at=$(grep -obUa header_event "$BATS_TEST_TMPDIR/data" | cut -d: -f1)
	head -c "$at" "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/cut"
	rejects "the data that follow a record are cut short" perf2rec "$BATS_TEST_TMPDIR/cut"
	rejects "the data that follow a record are cut short" perf2rec < <(cat "$BATS_TEST_TMPDIR/cut")
}

@test "a file without the formats after its data is reported as cut" {
	grep -v '# cut short$' perf2rec/file.hex | "$BUILD/t/unhex" | head -c -8 >"$out"
	rejects "perf2rec: $out: features after the data are missing" perf2rec "$out"
	[ "$(grep -c ^sample <<<"$output")" = 3 ]
	needs perf
	perf record -q --no-bpf-event -a -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- sleep 0.1 >"$err" 2>&1 ||
		skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	grep -q ^switch "$out"
	# shortly before the data's end
	size=$(od -An -tu8 -j40 -N16 "$BATS_TEST_TMPDIR/data" | awk '{ print $1 + $2 - 64 }')
	head -c "$size" "$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/cut"
	rejects 'the event formats after the data are missing (--tracefs): tracepoints have numbers for names' \
		perf2rec "$BATS_TEST_TMPDIR/cut"
	grep -q '^tracepoint	.*	tracepoint:[0-9]' <<<"$output"
	run ! grep ^switch <<<"$output"
	[ ! -r /sys/kernel/tracing/events ] ||
		perf2rec --tracefs=/sys/kernel/tracing "$BATS_TEST_TMPDIR/cut" 2>/dev/null | grep -q ^switch
}

@test "the compressor of a compressed file is named" {
	printf '\3757zXZ\0.' >"$out"
	rejects "perf2rec: $out: an xz file: xz -dc file | perf2rec" perf2rec "$out"
	printf '\50\265\57\375' | rejects '<stdin>: a zstd file: zstd -dc file | perf2rec' perf2rec
	printf BZh9 | rejects '<stdin>: a bzip2 file: bzip2 -dc file | perf2rec' perf2rec
}

@test "an input that is no perf.data is rejected" {
	rejects '<stdin>: empty' perf2rec </dev/null
	printf 'not a perf.data file\1' | rejects '<stdin>@0x0: not a perf.data file' perf2rec
	rejects 'perf2rec/data: No such file or directory' perf2rec perf2rec
	head -c 50 <(recording file) >"$out"
	rejects '@0x32: the header is cut short' perf2rec "$out"
}

@test "an input of another filter is rejected with the name of that filter" {
	local text='text: script2rec reads that of perf script, trace-cmd report and ftrace'
	for file in perf trace-cmd ftrace graph; do
		rejects "script2rec/$file.in: $text" perf2rec "script2rec/$file.in"
		gzip -c "script2rec/$file.in" | rejects "<stdin> (decompressed): $text" perf2rec
	done
	rejects '<stdin>: a trace.dat file: use ftrace2rec' perf2rec < <(printf '\x17\x08\x44tracing6\0')
	perf2rec ../examples/pipeline.data | rejects '<stdin>: records already, which need no conversion' perf2rec
	printf 'switch\t5\thost\t' | rejects '<stdin>: records already, which need no conversion' perf2rec
}

@test "a full disk and a closed pipe end it" {
	recording kinds >"$BATS_TEST_TMPDIR/data"
	run -1 --separate-stderr sh -c 'perf2rec "$1" >/dev/full' sh "$BATS_TEST_TMPDIR/data"
	[[ $stderr == *'No space left on device' ]]
	run -1 --separate-stderr sh -c 'perf2rec ../examples/pipeline.data >/dev/full'
	[ "$stderr" = 'perf2rec: <stdout>: No space left on device' ] # and nothing of the records that were not read
	perf2rec "$BATS_TEST_TMPDIR/data" | head -1 | grep -q ^meta
}

@test "-v reports the number of records read" {
	recording processes | perf2rec -v 2>"$err" >"$out"
	grep -q ' 2 .* 0  *2  *0  of unknown types$' "$err"
	grep -q ' 1 .* 1  *0  simpleperf KERNEL_SYMBOL$' "$err"
	grep -qx 'perf2rec: *1  *1  *0  *0  *0  SAMPLE' "$err"
	recording processes | perf2rec -s 2>&1 >"$out" | diff - "$err"
}

# row NAME NUMBERS: the row of -s in $err with this name has these numbers.
row() {
	grep -qx "perf2rec: *${2// / *}  $1" "$err" || { cat "$err"; return 1; }
}

@test "-s counts what becomes of records and of parts of samples, and what it counts as dropped is said" {
	# READ CALLCHAIN RAW BRANCH_STACK REGS_USER STACK_USER REGS_INTR WEIGHT_STRUCT AUX
	run -1 sh -c 'perf2rec -s 2>"$1" >"$2"' sh "$err" "$out" < <("$BUILD/t/unhex" <<-'EOF'
		u64:0x32454c4946524550 u64:16
		{ 64 0 u32:0 u32:112 u64:0 u64:1 u64:0x1143c36 u64:0 flags:0 u64:0 u64:0 u64:0 u64:1 u32:64 u32:0 u64:3 u32:0 u32:0 }
		{ 9 2 u32:7 u32:8 u64:1000 u64:55 u64:1 u64:0x10 u32:4 u32:0 u64:1 u64:1 u64:2 u64:0 u64:2 u64:4711 u64:8 u64:1 u64:8 u64:0x0003000200000001
		  u64:2 u64:1 u64:2 u64:8 u64:9 }
		{ 9 2 u32:7 u32:8 u64:2000 u64:55 u64:1 u64:0x10 u32:4 u32:0x41 u64:0 u64:0 u64:0 u64:0 u64:0 u64:0 }
		{ 9 2 u32:7 u32:8 u64:3000 }
		{ 20 0 u64:1 u16:1 u16:1 u32:0 }
		{ 22 0 u64:1 u64:0 }
		{ 50 0 u64:1 }
		{ 32775 0 u64:1 }
		{ 86 0 u64:1 }
	EOF
	)
	row SAMPLE '3 2 0 0 1'
	row TEXT_POKE '1 0 0 1 0'
	row 'of unknown types' '1 0 0 1 0'
	row 'simpleperf CALLCHAIN' '1 0 0 1 0'
	row SCHEDSTAT_DOMAIN '1 0 0 1 0'
	row HEADER_ATTR '1 0 1 0 0'
	row TID '2 0'
	row READ '0 2'
	row CALLCHAIN '2 0'
	row RAW '2 0'
	row BRANCH_STACK '0 1'
	row REGS_USER '0 1'
	row STACK_USER '0 1'
	row REGS_INTR '0 1'
	row WEIGHT_STRUCT '2 0'
	row AUX '0 1'
	cut -f7- "$out" | grep ^cycles | diff - <(
		printf 'cycles\t1\tu\t-\tweight=1 ins_lat=2 weight3=3\tu;10\n'
		printf 'cycles\t1\tu\t-\traw=41000000\tu;10\n')
	grep -v ' [0-9]  \|records$\|parts\|mode,\|@' "$err" | sed 's/.*<stdin>: //' | diff - <(cat <<-'EOF'
		2 samples have the value of their counter: it is left out
		1 samples have a branch stack that is left out (--branches)
		1 samples have a user stack, which is left out: perf2rec --user-stacks FILE | recunwind
		1 samples have registers of what was interrupted: they are left out
		1 samples have a part of an AUX trace: it is left out
		these records are left out: 1 of unknown types, 1 TEXT_POKE, 1 CALLCHAIN_DEFERRED, 1 SCHEDSTAT_DOMAIN, 1 simpleperf CALLCHAIN
	EOF
	)
}

# deferred [-b]: samples whose user part comes later, of the threads 8 and 9.
deferred() {
	"$BUILD/t/unhex" "$@" <<-'EOF'
		u64:0x32454c4946524550 u64:16
		# TID TIME CALLCHAIN PERIOD; sample_id_all, defer_callchain
		{ 64 0 u32:0 u32:64 u64:0 u64:1 u64:0x126 u64:0 flags:0x4000040000 u64:0 u64:0 }
		{ 9 1 u32:7 u32:8 u64:1000 u64:1 u64:4 u64:-128 u64:0xffffffff81000010 u64:-640 u64:77 }
		{ 9 1 u32:7 u32:9 u64:1100 u64:1 u64:4 u64:-128 u64:0xffffffff81000020 u64:-640 u64:80 }
		{ 9 1 u32:7 u32:8 u64:1200 u64:1 u64:4 u64:-128 u64:0xffffffff81000030 u64:-640 u64:77 }
		{ 3 0 u32:7 u32:9 "name\0" pad:8 u32:7 u32:9 u64:1300 }
		{ 22 0 u64:77 u64:3 u64:-512 u64:0x400010 u64:0x400020 u32:7 u32:8 u64:1400 }
		{ 9 1 u32:7 u32:9 u64:1500 u64:1 u64:4 u64:-128 u64:0xffffffff81000040 u64:-640 u64:81 }
		{ 22 0 u64:80 u64:1 u64:0x400030 u32:7 u32:9 u64:1600 }
		{ 22 0 u64:81 u64:1 u64:0x400040 u32:7 u32:9 u64:1700 }
		{ 9 1 u32:7 u32:8 u64:1800 u64:1 u64:2 u64:-640 u64:82 }
		{ 9 2 u32:7 u32:9 u64:1900 u64:1 u64:2 u64:-512 u64:0x400050 }
	EOF
}

@test "a user part that comes later is joined to its samples" {
	for order in '' -b; do
		deferred $order | perf2rec -s 2>"$err" >"$out"
		reccheck -n "$out"
		in_order "$out"
		row CALLCHAIN_DEFERRED '3 0 2 1 0'
		grep -q ": 2 samples lack the user's part of their stack: it did not come in time$" "$err"
		awk '$1 == "sample" { print $2, $6, $NF } $1 == "comm" { print $2, $1 }' "$out" | diff - <(cat <<-'EOF'
			1000 8 k;ffffffff81000010;u;400010;400020
			1100 9 k;ffffffff81000020
			1200 8 k;ffffffff81000030;u;400010;400020
			1300 comm
			1500 9 k;ffffffff81000040;u;400040
			1800 8 -
			1900 9 u;400050
		EOF
		)
	done
	# samples that are not wanted wait for nothing
	deferred | perf2rec -e 'nosuch*,cycles' 2>/dev/null | cmp - <(deferred | perf2rec 2>/dev/null)
}

@test "samples do not wait for a user part forever, nor grow out of proportion with it" {
	{
		deferred | head -c 88
		"$BUILD/t/unhex" <<-'EOF'
			{ 9 1 u32:7 u32:8 u64:1000 u64:1 u64:2 u64:-640 u64:77 }
			{ 9 1 u32:7 u32:9 u64:1000 u64:1 u64:2 u64:-640 u64:78 }
		EOF
		yes u64:0x400010 | head -n 8000 |
			{ echo '{ 22 0 u64:78 u64:8000'; cat; echo 'u32:7 u32:9 u64:1100 }'; } | "$BUILD/t/unhex"
	} >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	[ "$(awk -F'\t' '$6 == 9 { print length($NF) }' "$out")" -lt 2000 ]
	# 20 MB after them
	{
		seq 1200 21199 | sed 's/.*/{ 3 0 u32:7 u32:10 "x\\0" fill:1000 pad:8 u32:7 u32:10 u64:& }/'
		echo '{ 22 0 u64:77 u64:1 u64:0x400060 u32:7 u32:8 u64:300000 }'
	} | "$BUILD/t/unhex" >"$out"
	cat "$out" >>"$BATS_TEST_TMPDIR/data"
	perf2rec -s "$BATS_TEST_TMPDIR/data" 2>"$err" | awk -F'\t' '$6 == 8 { print $NF }' >"$out"
	[ "$(cat "$out")" = - ]
	row CALLCHAIN_DEFERRED '2 0 1 1 0'
}

@test "the counters of a task that ends become counts" {
	for order in '' -b; do
		"$BUILD/t/unhex" $order <<-'EOF' | perf2rec 2>"$err" | grep -v ^meta >"$out"
			u64:0x32454c4946524550 u64:16
			# TID TIME IDENTIFIER; ENABLED RUNNING ID, and GROUP
			{ 64 0 u32:1 u32:64 u64:0 u64:1 u64:0x10006 u64:7 flags:0x40000 u64:0 u64:0 u64:1 }
			{ 64 0 u32:1 u32:64 u64:2 u64:1 u64:0x10006 u64:12 flags:0x40000 u64:0 u64:0 u64:2 }
			{ 8 0 u32:7 u32:8 u64:100 u64:50 u64:40 u64:1 u32:7 u32:8 u64:1000 u64:1 }
			{ 8 0 u32:7 u32:9 u64:2 u64:200 u64:1 u64:300 u64:2 u32:7 u32:9 u64:2000 u64:2 }
			{ 8 0 u32:7 u32:9 u64:1 u64:200 u64:3 u32:7 u32:9 u64:3000 u64:2 }
		EOF
		reccheck -n "$out"
		diff "$out" - <<-EOF
			$(printf 'count\t1000\thost\t-\t7\t8\tcpu-clock\t100\t50\t40\t-\t-\t-\t-\t-\t-')
			$(printf 'count\t2000\thost\t-\t7\t9\tcpu-clock\t200\t-\t-\t-\t-\t-\t-\t-\t-')
			$(printf 'count\t2000\thost\t-\t7\t9\tpage-faults\t300\t-\t-\t-\t-\t-\t-\t-\t-')
		EOF
	done
	needs perf
	perf record -q --no-bpf-event -s -e cpu-clock,page-faults -F 500 -o "$BATS_TEST_TMPDIR/data" -- sh -c 'for i in 1 2 3; do /bin/true; done' \
		>"$err" 2>&1 || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" | awk -F'\t' '$1 == "count" { print $2, $5, $6, $7, $8, $9, $10 }' >"$out"
	[ "$(wc -l <"$out")" -ge 6 ]
	perf script -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | awk '
		/RECORD_READ:/ { sub(/.*READ: /, $1 " "); line = $0 }
		/time enabled :/ { enabled = $NF }
		/time running :/ { print line, enabled, $NF }' | sort -n | diff - <(sort -n "$out")
}

@test "perf stat record -I: the counts of the last round are written" {
	needs perf
	perf stat record -I 50 -a -e cpu-clock,page-faults -o "$BATS_TEST_TMPDIR/data" sleep 0.2 >"$err" 2>&1 || skip "perf may not count here"
	perf2rec -s "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	run ! grep ^gap "$out"
	rounds=$(awk '$NF == "STAT_ROUND" { print $2 }' "$err")
	[ "$(cut -f2 "$out" | grep -v - | sort -un | wc -l)" = $((rounds + 1)) ]
	[ "$(grep -c ^count "$out")" = "$(awk '$NF == "STAT" { print $2 }' "$err")" ]
	in_order "$out"
}

@test "--tracefs names the tracepoints of a recording without formats" {
	recording kinds >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	# the same without its formats, and these in a tracing folder
	awk '/^# TRACING_DATA/ { exit } 1' perf2rec/head.hex | cat - perf2rec/kinds.hex | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/without"
	awk -v top="$BATS_TEST_TMPDIR/tracing/events" '
	/^"[a-z]*\\0" u32:/ { split($0, name, /["\\]/); sys = name[2] }
	/^len64:/ { split($1, name, ":"); file = top "/" sys "/" name[2] "/format"; command = "mkdir -p " top "/" sys "/" name[2]
		print command | "sh"; close("sh"); next }
	/^"/ && file { gsub(/\\"/, "\001"); gsub(/" "|"/, ""); gsub(/\001/, "\""); gsub(/\\t/, "\t"); gsub(/\\n/, "\n"); printf "%s", $0 >file }
	/>$/ { if (file) close(file); file = "" }' perf2rec/head.hex
	perf2rec "$BATS_TEST_TMPDIR/without" | grep -c 'tracepoint:' | grep -qx "$(cut -f1 "$out" | grep -c -v 'meta\|sample\|comm')"
	perf2rec --tracefs="$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/without" 2>"$err" | diff "$out" -
	[ ! -s "$err" ]
	# a recording with formats keeps its own
	sed -i 's/^name: cpu_idle/name: wrong/' "$BATS_TEST_TMPDIR/tracing/events/power/cpu_idle/format"
	perf2rec --tracefs="$BATS_TEST_TMPDIR/tracing" "$BATS_TEST_TMPDIR/data" | diff "$out" -
	rejects 'no/such: No such file or directory' perf2rec --tracefs=no/such "$BATS_TEST_TMPDIR/data"
	needs perf
	[ -r /sys/kernel/tracing/events ] || skip "no tracefs here"
	perf record -q --no-bpf-event -a -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- sleep 10 >"$err" 2>&1 &
	sleep 1
	kill -9 $!
	[ -s "$BATS_TEST_TMPDIR/data" ] || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" 2>"$err" >"$out"
	! grep -q '	tracepoint:[0-9]' "$out" || grep -q 'no formats (--tracefs)' "$err"
	perf2rec --tracefs=/sys/kernel/tracing "$BATS_TEST_TMPDIR/data" 2>/dev/null | grep -c ^switch | grep -qx "$(grep -c '	tracepoint:[0-9]' "$out")"
}

@test "AUX trace is described and counted, also if it is cut" {
	aux() {
		echo 'u64:0x32454c4946524550 u64:16'
		echo '{ 64 0 u32:8 u32:64 u64:0 u64:1 u64:6 u64:0 flags:0 u64:0 u64:0 }'
		echo '{ 70 0 u32:1 u32:0 u64:0 }'
		echo '{ 11 0 u64:0 u64:16 u64:0 }'
		echo '{ 11 0 u64:16 u64:16 u64:1 }'
		echo '{ 71 0 u64:32 u64:0 u64:0 u32:0 u32:0 u32:0 u32:0 } fill:0'
	}
	{ aux; echo 'u64:1 u64:2 u64:3 u64:4'; } | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" 2>"$err" >"$out"
	[ "$(grep ^meta "$out" | cut -f4- | grep aux)" = $'auxtrace\tintel_pt\nauxtrace_left_out\t32' ]
	diff <(sed 's/.*data: //' "$err") - <<-'EOF'
		32 bytes of intel_pt trace are left out
		1 AUX records say that trace was lost
		these records are left out: 2 AUX, 1 AUXTRACE
	EOF
	shared perfdata
	# in the AUXTRACE of a file, at 0x26a8
	head -c $((0x26a8 + 48 + 100)) "$shared/simpleperf/perf_etm.data" >"$BATS_TEST_TMPDIR/data"
	rejects 'data@0x26a8: the trace that follows the record is cut short' perf2rec "$BATS_TEST_TMPDIR/data"
	grep -q 'auxtrace_left_out	100$' <<<"$output"
}

@test "switches and wakeups are perf script's, field by field" {
	shared sched
	needs perf
	for name in sleepy build pipeline; do
		perf2rec "$shared/$name.data" >"$out"
		perf script -i "$shared/$name.data" --ns -G -F cpu,time,event,trace 2>/dev/null >"$err"
		# a dying task's own ids are lost to perf: prev_pid is compared, not the sample's
		diff <(sed -nE 's/^ *\[0*([0-9]+)\] +([0-9]+)\.([0-9]+): +sched:sched_switch: prev_comm=(.*) prev_pid=([0-9]+) prev_prio=(-?[0-9]+) prev_state=(.*) ==> next_comm=(.*) next_pid=([0-9]+) next_prio=(-?[0-9]+)$/\1 \2\3 \5 \4 \6 \7 \9 \8/p' "$err" |
			sed 's/^00 /0 /') \
			<(awk -F'\t' '$1 == "switch" { print $4, $2, $6, $7, $8, $9, $10, $11 }' "$out")
		diff <(sed -nE 's/^ *\[0*([0-9]+)\] +([0-9]+)\.([0-9]+): +sched:sched_wak[a-z_]+: comm=(.*) pid=([0-9]+) prio=(-?[0-9]+) target_cpu=0*([0-9]+)$/\1 \2\3 \5 \4 \6 \7/p' "$err") \
			<(awk -F'\t' '$1 == "wakeup" { print $4, $2, $9, $10, $11, $12 }' "$out")
	done
}

@test "every tid of a switch has its process, dying or not" {
	shared sched
	for name in sleepy build pipeline; do
		perf2rec "$shared/$name.data" >"$out"
		run -1 grep -P '^switch\t[0-9]+\thost\t[0-9]+\t-' "$out"
	done
}

@test "all addresses of all chains come out" {
	shared sched
	needs perf
	for name in sleepy build pipeline; do
		perf2rec "$shared/$name.data" >"$out"
		perf script -D -i "$shared/$name.data" 2>/dev/null | chains | sort >"$err"
		[ "$(wc -l <"$err")" -gt 900 ]
		stacks "$out" | sort | diff -q - "$err"
	done
}

@test "all samples of public recordings come out, valid and in order" {
	shared perfdata
	# the samples that perf's own statistics or the recording's README count
	while read -r file want; do
		status=0
		echo "== $file $want"
		perf2rec "$shared/$file" 2>"$err" || status=$?
		[[ $status -eq 0 || ($status -eq 1 && -s $err) ]] || { echo "$file: $status" >&2; return 1; }
	done >"$out" <<-'EOF'
		autofdo/perf-kernel.data 24
		autofdo/ro_sample.perf 13
		hotspot/perf.data.PerfFormatLost 68
		hotspot/perf.data.true.v1 0
		hotspot/perf.data.true.v2.gz 1
		linux-perf-data/sleep.data 7
		linuxtracepoints/perf.data 539
		llvm-lnt/fib2-aarch64.perf_data 1985
		llvm-lnt/segments-shifted.perf_data 486
		own/01-cpuclock-g.data 538
		own/02-dwarf.data 35
		own/08-switch-ns-cgroup.data 302
		own/10-read-group.data 207
		own/11-addr-phys-pagesize.data 4148
		own/12-regs.data 66
		own/14-lost.data 1031
		own/15-killed.data 3254
		own/16-truncated.data 349
		own/21-rawsys.data 272
		own/kvm-guest-user.data 287
		own/kvm-guest-kernel16.data 2385
		perfparser/contentsize.data 69
		perfparser/probe.data.stream 1
		perfparser/vector_static_clang.data 54
		quipper/perf.data.armv7-3.4 3893
		quipper/perf.data.branch-4.14 13
		quipper/perf.data.branch_stack_hw_index 5
		quipper/perf.data.callgraph-3.8 1768
		quipper/perf.data.callgraph_and_branch-3.4 923
		quipper/perf.data.forkexit-3.8 10335
		quipper/perf.data.lost_samples-4.4 191
		quipper/perf.data.piped.header_features_aligned-6.12 9
		quipper/perf.data.piped.hw_and_sw-3.4 4275
		quipper/perf.data.piped.no_attr_ids-4.14 7
		quipper/perf.data.weight_struct 14
		quipper/single-event-multi-process.perf.data 19989
		simpleperf/perf_lbr.data 19
		simpleperf/perf_with_add_counter.data 24
		simpleperf/perf_with_callchain_record.data 21
		simpleperf/perf_with_tracepoint_event.data 45
		simpleperf/wrong_ip_callchain_perf.data 1887
	EOF
	grep -v '^== ' "$out" | reccheck -n --any-order
	in_order "$out"
	awk -F'\t' -v samples="$samples" '
		/^== / { check(); name = $0; n = split($0, f, " "); want = f[n]; got = 0; next }
		$1 ~ samples { got++ }
		function check() { if (got != want) { print name ": " got; bad = 1 } }
		END { check(); exit bad }' "$out"
}

@test "no public recording breaks it, damaged or foreign" {
	shared perfdata
	while read -r file; do
		status=0
		echo "== $file"
		perf2rec "$file" 2>"$err" || status=$?
		[[ $status -eq 0 || ($status -eq 1 && -s $err) ]] || { echo "$file: $status" >&2; return 1; }
	done < <(find "$shared" -type f ! -name '*.md') >"$out"
	grep -av '^== ' "$out" | reccheck -n --any-order
	in_order "$out"
}

@test "big-endian twins of real recordings give the same records but for the facts they lack" {
	shared perfdata/own
	for pair in '01-cpuclock-g 30-be-cpuclock-g' '29-three-sw 31-be-three-sw'; do
		read -r little big <<<"$pair"
		diff <(perf2rec "$shared/$little.data" | grep -v '_cpus	') <(perf2rec "$shared/$big.data")
	done
}

@test "guest samples belong to their guests, none is lost" {
	shared perfdata/own
	perf2rec "$shared/kvm-guest-user.data" >"$out"
	[ "$(awk -F'\t' '$3 == "vm14508" && $9 == "gu" && $NF ~ /^gu;800[0-3]$/' "$out" | wc -l)" = 280 ]
	perf2rec "$shared/kvm-guest-kernel16.data" >"$out"
	[ "$(awk -F'\t' '$1 == "sample" && $3 == "vm14674" && $NF ~ /^gk;/' "$out" | wc -l)" = 1375 ]
	perf2rec "$shared/kvm-tracepoints-guest-user.data" >"$out"
	[ "$(awk -F'\t' '$1 == "sample" && $9 == "gu"' "$out" | wc -l)" = 17036 ]
}

@test "compressed records, which others span, give the same records" {
	# the records of order.hex with times in ns, not ms, in four COMPRESSED and three COMPRESSED2
	sed 's/0000000 u32/0 u32/' perf2rec/order.hex | "$BUILD/t/unhex" | cat <("$BUILD/t/unhex" <perf2rec/head.hex) - | perf2rec >"$out"
	perf2rec fuzz/corpus/perf/compressed | diff "$out" -
	perf2rec <fuzz/corpus/perf/compressed | diff "$out" -
}

@test "compressed records give all their samples" {
	shared perfdata
	while read -r file want; do
		perf2rec "$shared/$file" >"$out"
		reccheck -n "$out"
		in_order "$out"
		got=$(awk -F'\t' -v samples="$samples" '$1 ~ samples' "$out" | wc -l)
		[ "$got" = "$want" ] || { echo "$file: $got samples, not $want"; return 1; }
	done <<-'EOF'
		linux-perf-data/sleep.compressed.data 8
		linux-perf-data/sleep.compressed.pipe.data 8
		linux-perf-data/sleep.compressed2.data 7
		own/04-zstd.data 1226
		own/05-zstd-pipe.data 816
		perfparser/parallel_static_gcc.zstd.data 242
	EOF
	perf2rec <"$shared/own/04-zstd.data" | cmp - <(perf2rec "$shared/own/04-zstd.data")
	needs perf
	perf2rec "$shared/own/04-zstd.data" | stacks /dev/stdin | sort >"$out"
	perf script -D -i "$shared/own/04-zstd.data" 2>/dev/null | chains | sort | diff -q - "$out"
}

@test "perf record -z is read from a file and from a pipe" {
	needs perf
	perf record -q --no-bpf-event -z -a -g -e sched:sched_switch -o "$BATS_TEST_TMPDIR/data" -- perf bench sched pipe -l 1000 >"$err" 2>&1 ||
		skip "perf may not record here"
	perf report -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | grep -q COMPRESSED || skip "this perf has no zstd"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	in_order "$out"
	perf script -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null | chains | sort -u >"$err"
	[ "$(wc -l <"$err")" -gt 1000 ]
	stacks "$out" | sort -u | diff -q - "$err"
	perf record -q --no-bpf-event -z -a -g -e sched:sched_switch -o - -- perf bench sched pipe -l 1000 >"$BATS_TEST_TMPDIR/pipe" 2>/dev/null
	perf2rec <"$BATS_TEST_TMPDIR/pipe" | stacks /dev/stdin | sort -u >"$out"
	perf script -D -i "$BATS_TEST_TMPDIR/pipe" 2>/dev/null | chains | sort -u | diff -q - "$out"
}

@test "the gap where a file was cut starts with the earliest of the last events of each CPU" {
	events() { # FILE: times and CPUs of the events
		perf2rec "$1" 2>"$err" | awk '$1 ~ /^(switch|wakeup|idle|tracepoint)$/ { print $2, $4 }' | sort -u
	}
	events ../examples/pipeline.data >"$BATS_TEST_TMPDIR/all"
	for size in 400000 1000000; do
		head -c $size ../examples/pipeline.data >"$BATS_TEST_TMPDIR/cut"
		events "$BATS_TEST_TMPDIR/cut" >"$out"
		read -r since t < <(perf2rec "$BATS_TEST_TMPDIR/cut" 2>"$err" | awk -F'\t' '$1 == "gap" { print $7, $2 }')
		first=$(comm -23 "$BATS_TEST_TMPDIR/all" "$out" | sort -n | head -n 1 | cut -d' ' -f1)
		[ "$since" -lt "$first" ]
		[ "$first" -lt "$t" ]
		[ "$since" = "$(awk '{ last[$2] = $1 } END { for (cpu in last) print last[cpu] }' "$out" | sort -n | head -n 1)" ]
	done
}

@test "records before damage in compressed data come out" {
	shared perfdata/own
	perf2rec "$shared/04-zstd.data" >"$out"
	while read -r at said; do
		{ head -c $at "$shared/04-zstd.data"; printf '\377\377\377\377'; tail -c +$((at + 5)) "$shared/04-zstd.data"; } >"$BATS_TEST_TMPDIR/data"
		rejects "$said" perf2rec "$BATS_TEST_TMPDIR/data"
		[[ $output == *$'\t''file damaged or cut short' ]]
		[ "$(grep -c ^sample <<<"$output")" -gt 100 ]
	done <<-'EOF'
		8000 data@0xc13: the compressed record is damaged: Data corruption detected
		6000 data@0x1a945 (decompressed): a record cannot be that short
	EOF
	head -c 9000 "$shared/04-zstd.data" >"$BATS_TEST_TMPDIR/data"
	rejects 'cut short' perf2rec "$BATS_TEST_TMPDIR/data"
	[ "$(grep -c ^sample <<<"$output")" = 144 ]
	[ -z "$(comm -23 <(grep ^sample <<<"$output" | cut -f2,4-6,9- | sort) <(grep ^sample "$out" | cut -f2,4-6,9- | sort))" ]
}

@test "a compressed record in another is damage, what is before and after it comes out" {
	recording order >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	# a frame of zstd that holds one block of 8 bytes as they are: a record without contents
	for type in Q S; do
		{
			cat "$BATS_TEST_TMPDIR/data"
			printf '\121\0\0\0\0\0\031\0\050\265\057\375\040\010\101\0\0%s\0\0\0\0\0\010\0' $type
			"$BUILD/t/unhex" <<<'{ 3 0 u32:9 u32:9 u64:0x656e696e u32:9 u32:9 u64:90000000000 u32:0 u32:0 u64:1 }'
		} >"$BATS_TEST_TMPDIR/nested"
		rejects 'nested@0x0 (decompressed): a compressed record in another' perf2rec "$BATS_TEST_TMPDIR/nested"
		diff <(grep -v 'nine$' <<<"$output") "$out"
		grep -q '^comm.*nine$' <<<"$output"
	done
}

@test "in a pid namespace of the recorder all tasks have its ids, and those outside ids of their own" {
	becomes namespace
	grep -q ': recorded in a pid namespace: tasks outside have 1000000000 + their tid$' "$err"
	grep -q ": 4 records of processes outside the recorder's pid namespace are left out$" "$err"
	# -p takes also the records that name a task before it had an event of its own
	recording namespace >"$BATS_TEST_TMPDIR/data"
	for task in 3 three; do
		perf2rec -p $task "$BATS_TEST_TMPDIR/data" 2>/dev/null >"$out"
		grep -q $'^switch\t1000\t.*\t3\tthree\t' "$out"
		diff <(grep -v -E '^(meta|gap|comm|fork|exit|map)' "$out") <(grep -v -E '^(meta|gap|comm|fork|exit|map)' perf2rec/namespace.out |
			awk -F'\t' '$6 == 3 || $7 == 3 || $9 == 3 || $10 == 3')
	done
	recording namespace | perf2rec --stacks=once 2>/dev/null | recstacks --stacks=inline | diff perf2rec/namespace.out -
	# no switch is missing, and the states of each task meet
	perf2rec "$BATS_TEST_TMPDIR/data" 2>/dev/null | sched2states >"$err"
	run ! grep ^gap "$err"
	[ "$(awk -F'\t' '$1 == "state" && $6 == 3 { print $2, $7, $11 }' "$err" | paste -sd' ')" = \
		'1000 1020 running 1020 1040 sleeping 1040 1042 running 1042 1043 preempted 1043 1060 running' ]
}

@test "a task of a pid namespace that never has an event does not hold the output for ever" {
	"$BUILD/t/unhex" <perf2rec/head.hex >"$BATS_TEST_TMPDIR/data"
	for ((n = 0; n < 6000; n += 300)); do
		echo '{ 68 0 }' | "$BUILD/t/unhex" >>"$BATS_TEST_TMPDIR/data"
		seq $((n + 1000)) $((n + 1299)) | sed 's/.*/{ 9 1 u64:101 u64:16 u32:2 u32:2 u64:&00000 u32:0 u32:0 u64:1 u64:400 "" fill:3200 u32:68 u16:101 u8:0 u8:0 u32:502 "two" fill:16 u32:502 u32:120 u64:1 "x" fill:16 u32:& u32:120 u32:0 }/' | "$BUILD/t/unhex" >>"$BATS_TEST_TMPDIR/data"
	done
	perf2rec "$BATS_TEST_TMPDIR/data" 2>/dev/null >"$out"
	[ "$(awk -F'\t' '$1 == "switch" && $10 == 1000000000 + n + 1000 { n++ } END { print n }' "$out")" = 6000 ]
	in_order "$out"
	[ "$(timeout 10 head -n 1000 < <(perf2rec 2>/dev/null < <(cat "$BATS_TEST_TMPDIR/data"; sleep 12)) | wc -l)" = 1000 ]
}

@test "a recording made in a container agrees with itself" {
	needs perf unshare
	unshare -pf --mount-proc perf record -q --no-bpf-event -a -g -e sched:sched_switch -e sched:sched_wakeup -o "$BATS_TEST_TMPDIR/data" -- \
		sh -c 'for i in 1 2 3; do sleep 0.01; ls | sort | tail -n 1; done' >"$err" 2>&1 || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	in_order "$out"
	# every switch is from a task with a process or from one outside, and the next switch on a CPU is that of the task it went to
	run -0 awk -F'\t' '$1 == "switch" && $6 != 0 && $5 == "-" && $6 < 1000000000 { print }
		$1 == "switch" && next_tid[$4] > 0 { n++; same += next_tid[$4] == $6 }
		$1 == "switch" { next_tid[$4] = $10 } END { if (same < 0.9 * n) print same, n }' "$out"
	[ -z "$output" ]
	grep -P '^switch\t\d+\thost\t\d+\t\d+\t[1-9]\d?\t(sh|sleep|ls|sort|tail)\t.*u;' "$out" | head -1 | grep -q .
}

@test "cgroups, namespaces, BPF programs and throttling become records; a sample has its cgroup's path" {
	{
		echo 'u64:0x32454c4946524550 u64:16'
		# TID TIME CGROUP IDENTIFIER
		echo '{ 64 0 u32:0 u32:64 u64:0 u64:1 u64:0x210006 u64:0 flags:0x40000 u64:0 u64:0 u64:5 }'
		echo '{ 19 0 u64:7 "/a b" pad:8 u32:0 u32:0 u64:0 u64:5 }'
		echo '{ 16 0 u32:7 u32:8 u64:2 u64:4 u64:100 u64:4 u64:101 u32:7 u32:8 u64:1000 u64:5 }'
		echo '{ 18 0 u16:1 u16:0 u32:25 6d ee f7 35 7e 7b 45 30 u32:7 u32:8 u64:1001 u64:5 }'
		echo '{ 5 0 u64:1002 u64:5 u64:5 u32:7 u32:8 u64:1002 u64:5 }'
		echo '{ 6 0 u64:1003 u64:9 u64:9 u32:7 u32:8 u64:1003 u64:5 }'
		echo '{ 9 2 u64:5 u32:7 u32:8 u64:1004 u64:7 }'
		echo '{ 9 2 u64:5 u32:7 u32:8 u64:1005 u64:8 }'
	} | "$BUILD/t/unhex" | perf2rec >"$out"
	reccheck -n "$out"
	grep -v ^meta "$out" | diff - <(
		printf 'cgroup\t0\thost\t-\t-\t-\t7\t/a b\n'
		printf 'namespaces\t1000\thost\t-\t7\t8\tnet=4/100 uts=4/101\n'
		printf 'bpf\t1001\thost\t-\t-\t-\tload\t25\t6deef7357e7b4530\n'
		printf 'throttle\t1002\thost\t-\t7\t8\tbegin\tcycles\n'
		printf 'throttle\t1003\thost\t-\t7\t8\tend\t-\n'
		printf 'sample\t1004\thost\t-\t7\t8\tcycles\t1\tu\t-\tcgroup=7 cgroup_path=/a\\x20b\t-\n'
		printf 'sample\t1005\thost\t-\t7\t8\tcycles\t1\tu\t-\tcgroup=8\t-\n')
}

@test "cgroups, namespaces, BPF programs and throttling of public recordings are all written" {
	shared perfdata
	# the numbers of records in their README
	while read -r file kind n; do
		[ "$(perf2rec "$shared/$file" 2>/dev/null | grep -c "^$kind	")" = "$n" ] || { echo "$file"; return 1; }
	done <<-'EOF'
		own/08-switch-ns-cgroup.data cgroup 1
		own/08-switch-ns-cgroup.data namespaces 9
		simpleperf/perf_with_callchain_record.data throttle 24
		linuxtracepoints/perf.data bpf 6
	EOF
}

@test "of the switches of single tasks one side is known; the states between them come out" {
	{
		echo 'u64:0x32454c4946524550 u64:16'
		echo '{ 64 0 u32:1 u32:64 u64:9 u64:1 u64:0x86 u64:0 flags:0x4040000 u64:0 u64:0 }' # TID TIME CPU
		echo '{ 14 0 u32:20 u32:21 u64:100 u32:1 u32:0 }'
		echo '{ 14 0x2000 u32:20 u32:21 u64:200 u32:1 u32:0 }'
		echo '{ 14 0 u32:20 u32:22 u64:300 u32:1 u32:0 }'
		echo '{ 14 0x6000 u32:20 u32:22 u64:400 u32:1 u32:0 }'
		echo '{ 14 0 u32:20 u32:21 u64:500 u32:0 u32:0 }'
		echo '{ 14 0x2000 u32:-1 u32:-1 u64:600 u32:0 u32:0 }' # dying
		echo '{ 14 0x2000 u32:-1 u32:-1 u64:700 u32:0 u32:0 }'
	} | "$BUILD/t/unhex" | perf2rec >"$out"
	reccheck -n "$out"
	grep -v ^meta "$out" | diff - <(
		printf 'switch\t100\thost\t1\t-\t-\t-\t-\t?\t21\t-\t-\t-\n'
		printf 'switch\t200\thost\t1\t20\t21\t-\t-\t?\t-\t-\t-\t-\n'
		printf 'switch\t300\thost\t1\t-\t-\t-\t-\t?\t22\t-\t-\t-\n'
		printf 'switch\t400\thost\t1\t20\t22\t-\t-\tR\t-\t-\t-\t-\n'
		printf 'switch\t500\thost\t0\t-\t-\t-\t-\t?\t21\t-\t-\t-\n'
		printf 'switch\t600\thost\t0\t20\t21\t-\t-\t?\t-\t-\t-\t-\n'
		printf 'gap\t700\thost\t0\t-\t-\t700\t-\tswitch of an unknown task\n')
	grep -v ^gap "$out" | sched2states >"$err"
	run ! grep ^gap "$err"
	[ "$(awk -F'\t' '$1 == "state" && $11 != "unknown" { print $6, $2, $7, $11 }' "$err" | paste -sd' ')" = \
		'21 100 200 running 22 300 400 running 21 500 600 running 22 400 600 preempted' ]
}

@test "switches of single tasks in a public recording come out, on no CPU, and each task's states meet" {
	shared perfdata/own
	perf2rec "$shared/08-switch-ns-cgroup.data" >"$out"
	[ "$(grep -c ^switch "$out")" = 94 ]
	sched2states "$out" >"$err"
	run ! grep ^gap "$err"
	run ! grep ^cpustate "$err"
	awk -F'\t' '$1 == "state" { if ($6 in end && end[$6] != $2) exit bad = 1; end[$6] = $7 } END { exit bad }' "$err"
}

@test "perf record --switch-events of one program gives its running times" {
	needs perf
	perf record -q --no-bpf-event -e cpu-clock --switch-events -o "$BATS_TEST_TMPDIR/data" -- sh -c 'sleep 0.02; ls | sort | tail -n 1' \
		>"$err" 2>&1 || skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	[ "$(awk -F'\t' '$1 == "switch" { print $2, ($6 == "-" ? "IN" : "OUT") }' "$out")" = "$(perf script -D -i "$BATS_TEST_TMPDIR/data" 2>/dev/null |
		sed -nE 's/^(.* )?([0-9]+) 0x[0-9a-f]+ \[0x[0-9a-f]+\]: PERF_RECORD_SWITCH (IN|OUT).*/\2 \3/p' | sort -n)" ]
	sched2states "$out" >"$err"
	run ! grep ^gap "$err"
	grep -qP '^state\t.*\tsleep\t.*\trunning\t' "$err"
}

@test "what is left out of a recording is reported" {
	shared perfdata
	while IFS='|' read -r file said; do
		perf2rec "$shared/$file" 2>"$err" >/dev/null || true
		grep -q ": $said$" "$err" || { cat "$err"; return 1; }
	done <<-'EOF'
		own/12-regs.data|66 samples have registers: they are left out
		simpleperf/perf_with_callchain_record.data|these records are left out: 40 simpleperf CALLCHAIN
		simpleperf/perf_etm.data|these records are left out: 4 AUX, 2 ITRACE_START, 1 AUXTRACE
	EOF
	recording order | perf2rec 2>"$err" >/dev/null
	[ ! -s "$err" ]
}

@test "an event without a name has perf's modifiers for what it does not count, and for its precision" {
	for case in '0x20:cycles:uh' '0x60:cycles:u' '0x10:cycles:kh' '0:cycles' '0x18000:cycles:ppp' '0x10060:cycles:upp'; do
		IFS=: read -r flags name <<<"$case"
		# TID TIME
		"$BUILD/t/unhex" <<-EOF >"$BATS_TEST_TMPDIR/data"
			u64:0x32454c4946524550 u64:16
			{ 64 0 u32:0 u32:64 u64:0 u64:1 u64:6 u64:0 flags:$flags u64:0 u64:0 }
			{ 9 2 u32:7 u32:8 u64:1000 }
		EOF
		perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
		perf2rec -e cycles "$BATS_TEST_TMPDIR/data" | cmp - "$out" # the modifiers may be left out
		[ "$(tail -n 1 "$out" | cut -f7)" = "$name" ] || { echo "$case"; cat "$out"; return 1; }
	done
}

# branches [-b] FLAGS TYPES: a sample of cycles in user mode with a chain and three branches, one of them empty.
branches() {
	local big=
	[ "$1" != -b ] || { big=-b; shift; }
	# IP TID TIME CALLCHAIN BRANCH_STACK
	"$BUILD/t/unhex" $big <<-EOF
		u64:0x32454c4946524550 u64:16
		{ 64 0 u32:0 u32:80 u64:0 u64:1 u64:0x827 u64:0 flags:0x40000 u32:0 u32:0 u64:0 u64:0 u64:$2 }
		{ 9 2 u64:0x400010 u32:7 u32:8 u64:1000 u64:4 u64:-128 u64:0xffffffff81000010 u64:-512 u64:0x400010
		u64:3 u64:0x400500 u64:0x400000 u64:$1 u64:0x400900 u64:0x400400 u64:0 u64:0 u64:0 u64:0 }
	EOF
}

@test "--branches writes the branches of a sample after it" {
	branches 0x400052 8 | perf2rec 2>"$err" >"$out"
	[ "$(tail -n 1 "$out" | cut -f7-)" = "$(printf 'cycles\t1\tu\t400010\t-\tk;ffffffff81000010;u;400010')" ]
	grep -q ': 1 samples have a branch stack that is left out (--branches)$' "$err"
	branches 0x400052 8 | perf2rec --branches 2>"$err" >"$out"
	reccheck -n "$out"
	grep ^branch "$out" | diff - <(
		printf 'branch\t1000\thost\t-\t7\t8\tcycles\t0\t400500\t400000\tpredicted=1 cycles=5 type=call\n'
		printf 'branch\t1000\thost\t-\t7\t8\tcycles\t1\t400900\t400400\t-\n')
	[ ! -s "$err" ]
	branches -b 0x4000540000000000 8 | perf2rec --branches | diff - "$out"
}

@test "a call stack that the processor kept is the user's part of the stack" {
	branches 0 0x808 | perf2rec 2>"$err" >"$out"
	[ "$(tail -n 1 "$out" | cut -f12)" = 'k;ffffffff81000010;u;400000;400500;400900' ]
	[ ! -s "$err" ]
}

@test "branches are perf script's" {
	shared perfdata
	needs perf
	for file in quipper/perf.data.branch-4.14 quipper/perf.data.callgraph_and_branch-3.4 quipper/perf.data.branch_stack_hw_index; do
		perf2rec --branches "$shared/$file" | awk -F'\t' '$1 == "branch" {
			i = " " $11 " "
			p = i ~ / predicted=1 / ? "P" : i ~ / mispredicted=1 / ? "M" : "-"
			cycles = match(i, / cycles=[0-9]+/) ? substr(i, RSTART + 8, RLENGTH - 8) : 0
			print "0x" $9 "/0x" $10 "/" p "/" cycles }' >"$out"
		[ "$(wc -l <"$out")" -gt 50 ]
		perf script -i "$shared/$file" -F brstack 2>/dev/null | tr -s ' ' '\n' | grep / | grep -v '^0x0/0x0/' |
			awk -F/ '{ print $1 "/" $2 "/" $3 "/" $6 }' | diff -q - "$out" || { echo "$file"; return 1; }
	done
}

# periods FILE: thread, time, event and period of each sample, as perf script has them.
periods() {
	perf script -i "$1" --ns -F tid,event,period,time 2>/dev/null |
		sed -nE 's/^ *(-?[0-9]+) +([0-9]+)\.([0-9]+): +([0-9]+) +([^ ]*): *$/\1 \2\3 \5 \4/p' | sed 's/:HG / /'
}

@test "the counters of a group become samples of their events, with perf script's periods" {
	shared perfdata
	needs perf
	perf record -q --no-bpf-event -e '{cpu-clock,page-faults}:S' -c 100000 -o "$BATS_TEST_TMPDIR/live" -- perf bench sched messaging -g 2 -l 100 \
		>"$err" 2>&1 || skip "perf may not record here"
	for file in "$BATS_TEST_TMPDIR/live" "$shared/own/10-read-group.data" "$shared/simpleperf/perf_with_add_counter.data"; do
		periods "$file" >"$out"
		grep -q . "$out"
		perf2rec "$file" | awk -F'\t' '$1 == "sample" { print $6, $2, $7, $8 }' | diff - "$out"
	done
	perf2rec -e page-faults "$shared/own/10-read-group.data" >"$out"
	[ "$(cut -f7 "$out" | grep -c '^page-faults$')" = 56 ]
	[ "$(grep -c ^sample "$out")" = 56 ]
}

@test "the stacks of a group stay in proportion to its sample" {
	{
		echo 'u64:0x32454c4946524550 u64:16'
		# 501 events whose samples have READ (in a group, with ids), CALLCHAIN and IDENTIFIER
		seq -f '{ 64 0 u32:1 u32:64 u64:0 u64:1 u64:0x10030 u64:12 flags:0 u64:0 u64:0 u64:%g }' 501
		echo '{ 9 1 u64:1 u64:501'
		seq 501 | sed 's/.*/u64:& u64:&/'
		echo 'u64:6000'
		yes u64:0x7fffffffffff | head -n 6000
		echo '}'
	} | "$BUILD/t/unhex" >"$BATS_TEST_TMPDIR/data"
	perf2rec "$BATS_TEST_TMPDIR/data" >"$out" 2>"$err"
	[ "$(grep -c ^sample "$out")" = 501 ]
	[ "$(stat -c %s "$out")" -lt $((100 * $(stat -c %s "$BATS_TEST_TMPDIR/data"))) ]
	grep -q ' samples of groups have only the ip as their stack$' "$err"
}

@test "user stacks that would have to be unwound are reported" {
	shared perfdata/own
	perf2rec "$shared/02-dwarf.data" >"$out" 2>"$err"
	[ "$(cat "$err")" = "perf2rec: $shared/02-dwarf.data: 35 samples have a user stack, which is left out: perf2rec --user-stacks FILE | recunwind" ]
	[ "$(grep user_stacks "$out" | cut -f4-)" = 'user_stacks_left_out	35' ]
	perf2rec --user-stacks "$shared/02-dwarf.data" >"$out.with" 2>"$err"
	[ ! -s "$err" ]
	diff <(grep -v user_stacks "$out") <(grep -v ^usample "$out.with")
}

@test "a user stack is written before its event, with the same time and task" {
	shared perfdata/own
	perf2rec --user-stacks "$shared/02-dwarf.data" >"$out"
	awk -F'\t' '$1 == "usample" { who = $2 FS $3 FS $4 FS $5 FS $6; n++; next } who { if (who != $2 FS $3 FS $4 FS $5 FS $6) exit 1; who = "" } END { exit n != 35 }' "$out"
	reccheck -n "$out"
	perf2rec --user-stacks --stacks=once "$shared/02-dwarf.data" | recstacks --stacks=inline | diff "$out" -
}

@test "registers and stacks of users are those in perf's dump, but for what is no address" {
	needs perf
	shared perfdata/own
	perf2rec --user-stacks "$shared/02-dwarf.data" | grep ^usample | cut -f8,9 >"$out"
	perf script -D -i "$shared/02-dwarf.data" 2>/dev/null | awk '
	function unpadded(hex) { sub(/^0x/, "", hex); sub(/^0+/, "", hex); return hex == "" ? 0 : hex }
	function put(text) { printf "%s%s", between, text; between = " " }
	function end_run() { if (run) put(run > 1 || of == "-" ? sprintf("%s*%x", of, run) : of); run = 0 }
	/raw event: size/ { bytes = ""; next }
	/^[.]  [0-9a-f][0-9a-f][0-9a-f][0-9a-f]:  / { line = substr($0, 11, 48); gsub(/ /, "", line); bytes = bytes line; next }
	/user regs: mask/ { n = 0; next }
	/^[.][.][.][.] +[A-Z0-9]+ +0x/ { reg[++n] = tolower($2) "=0x" unpadded($3) }
	/ustack: size/ {
		size = substr($0, index($0, "size") + 5) + 0
		for (i = 1; i <= n; i++)
			printf "%s%s", reg[i], i < n ? " " : "\t"
		# the dump ends with the size of the valid part and the words after it: here data_src
		at = length(bytes) - 2 * (8 + 8 + 2048)
		between = ""
		for (i = 0; i < size; i += 8) {
			word = ""
			for (j = 7; j >= 0; j--)
				word = word substr(bytes, at + 2 * (i + j) + 1, 2)
			word = unpadded(word)
			class = length(word) <= 3 ? "0" : length(word) > 12 || (length(word) == 12 && word ~ /^[89a-f]/) ? "-" : ""
			if (class != of)
				end_run()
			of = class
			if (class == "")
				put(word)
			else
				run++
		}
		end_run()
		of = ""
		print ""
	}' >"$err"
	[ "$(wc -l <"$out")" -eq 35 ]
	diff -q "$out" "$err"
}

# user MASK ABI STACK: a recording of one sample with the registers $first or 1, 2, 3, ... of a mask, and a stack.
user() {
	local regs='' i
	for ((i = 0; i < 64; i++)); do
		(($1 >> i & 1)) && regs+=" u64:$((i + ${first-1}))"
	done
	{
		echo 'u64:0x32454c4946524550 u64:16'
		echo "{ 64 0 u32:1 u32:112 u64:0 u64:1 u64:0x3006 u64:0 flags:0x40000 u32:0 u32:0 u64:0 u64:0 u64:0 u64:$1 u32:16 u32:0 u64:0 u64:0 u64:1 }"
		echo "{ 9 2 u32:7 u32:8 u64:1000 u64:$2 $([ "$2" = 0 ] || echo "$regs") $3 }"
	} | "$BUILD/t/unhex" ${4-}
}

@test "the instruction set of a user stack is the machine's, or else that of the set of registers" {
	stack='u64:16 u64:0x1a u64:0 u64:16'
	user 0xff0fff 2 "$stack" | perf2rec --user-stacks | grep ^usample >"$out"
	[ "$(cut -f7 "$out")" = x86_64 ]
	[ "$(cut -f8 "$out")" = 'ax=0x1 bx=0x2 cx=0x3 dx=0x4 si=0x5 di=0x6 bp=0x7 sp=0x8 ip=0x9 flags=0xa cs=0xb ss=0xc r8=0x11 r9=0x12 r10=0x13 r11=0x14 r12=0x15 r13=0x16 r14=0x17 r15=0x18' ]
	[ "$(cut -f9 "$out")" = '0*2' ]
	[ "$(user 0xff0fff 1 "$stack" | perf2rec --user-stacks | grep ^usample | cut -f7)" = i386 ]
	[[ "$(user 0x1ffffffff 2 "$stack" | perf2rec --user-stacks | grep ^usample | cut -f7,8)" = 'aarch64	x0=0x1 '*' x29=0x1e lr=0x1f sp=0x20 pc=0x21' ]]
	[ "$(user 0x5 2 "$stack" | perf2rec --user-stacks | grep ^usample | cut -f7,8)" = '-	r0=0x1 r2=0x3' ]
	[ "$(user 0xff0fff 2 "$stack" -b | perf2rec --user-stacks | grep ^usample | cut -f9)" = '0*2' ]
}

# stack WORD ...: the bytes of a user stack.
stack() {
	printf 'u64:%d' $((8 * $#))
	printf ' u64:%s' "$@"
	printf ' u64:%d' $((8 * $#))
}

@test "of a user stack the words that can be no address are left out" {
	words() {
		user "$1" "$2" "$(stack "${@:3}")" ${order-} | perf2rec --user-stacks | grep ^usample | cut -f9
	}
	for order in '' -b; do
		# the stack pointer is 8 in these recordings
		[ "$(words 0xff0fff 2 0x1000 0xfff 0 0 1 0x00007fffffffffff 0x0000800000000000 0xffffffffffffffff 0)" = '1000 0*4 7fffffffffff -*2 0' ]
		# 0x800000000008: addresses have 56 bits
		first=$((0x800000000001))
		[ "$(words 0xff0fff 2 0x1000 0xfff 0 0 1 0x00ffffffffffffff 0x0100000000000000 0xffffffffffffffff 0)" = '1000 0*4 ffffffffffffff -*2 0' ]
		first=1
		# 32 on AArch64; addresses may be signed
		[ "$(words 0x1ffffffff 2 0xff7fffffffffffff 0x0080000000001000 0xffff000000000fff 0xfff 0x3f00000000001000)" = 'ff7fffffffffffff -*2 0 3f00000000001000' ]
		# two addresses of 32 bits a word; an odd stack pointer, 9; an unknown set of registers
		for odd in '0xff0fff 1 1' '0xff0fff 2 2' '0x5 2 1'; do
			read -r mask abi first <<<"$odd"
			[ "$(words "$mask" "$abi" 0x1 0xfff00000000 0 0 0 0xffffffffffffffff)" = '1 fff00000000 0*3 ffffffffffffffff' ]
		done
	done
	# a task's stack has the bytes of the one before, and another pointer: with bit 55 set, then odd
	args='0x1ffffffff 2'
	{
		first=$((0x0080000000000000 - 31)) user $args "$(stack 0x1000 5)"
		first=2 user $args "$(stack 0x1000 5)" | tail -c +145 # its sample
	} | perf2rec --user-stacks >"$out"
	[ "$(grep ^usample "$out" | cut -f9)" = $'1000 0\n1000 5' ]
	first=1
	zeros=$(printf '0 %.0s' {1..100})
	[ "$(words 0xff0fff 2 $zeros 0x5000 $zeros 7)" = '0*64 5000 0*65' ]
}

@test "of a user stack the valid whole words are written; none makes no record" {
	[ "$(user 0xff0fff 2 'u64:16 u64:0x1a u64:2 u64:12' | perf2rec --user-stacks | grep ^usample | cut -f9)" = 0 ]
	for sample in '2 u64:16,u64:1,u64:2,u64:0' '2 u64:16,u64:1,u64:2,u64:7' '2 u64:0' '0 u64:16,u64:1,u64:2,u64:16'; do
		set -- $sample
		user 0xff0fff "$1" "${2//,/ }" | perf2rec --user-stacks >"$out"
		[ "$(grep -c ^usample "$out")" = 0 ]
		[ "$(grep -c ^sample "$out")" = 1 ]
	done
}

@test "the files of a folder are put in order together" {
	shared perfdata/own
	perf2rec "$shared/06-dir.data" >"$out"
	in_order "$out"
	[ "$(kinds "$out" | tr '\n' ' ')" = 'comm 8 exit 9 fork 8 map 17 meta 13 sample 1033 ' ]
	needs perf
	perf script -D -i "$shared/06-dir.data" 2>/dev/null | chains | sort >"$err"
	stacks "$out" | sort | diff -q - "$err"
}

@test "perf record --threads is read, compressed or not" {
	needs perf
	for how in '' -z; do
		rm -rf "$BATS_TEST_TMPDIR/folder"
		perf record -q --no-bpf-event --threads $how -a -g -e sched:sched_switch -o "$BATS_TEST_TMPDIR/folder" -- perf bench sched pipe -l 1000 \
			>"$err" 2>&1 || skip "perf may not record here"
		perf2rec "$BATS_TEST_TMPDIR/folder" >"$out"
		in_order "$out"
		perf script -D -i "$BATS_TEST_TMPDIR/folder" 2>/dev/null | chains | sort -u >"$err"
		[ "$(wc -l <"$err")" -gt 1000 ]
		stacks "$out" | sort -u | diff -q - "$err"
	done
}

@test "the readable records of a damaged folder come out" {
	shared perfdata/own
	cp -r "$shared/06-dir.data" "$BATS_TEST_TMPDIR/folder"
	chmod -R u+w "$BATS_TEST_TMPDIR/folder"
	head -c 50000 "$shared/06-dir.data/data.1" >"$BATS_TEST_TMPDIR/folder/data.1"
	rejects 'folder/data.1@0xc' perf2rec "$BATS_TEST_TMPDIR/folder"
	[ "$(grep -c ^sample <<<"$output")" -gt 500 ]
	reccheck -n <<<"$output"
	for part in fifo link; do
		rm -f "$BATS_TEST_TMPDIR/folder/data.1"
		[ $part = link ] || mkfifo "$BATS_TEST_TMPDIR/folder/data.1"
		[ $part = fifo ] || ln -s "$shared/06-dir.data/data.1" "$BATS_TEST_TMPDIR/folder/data.1"
		rejects 'folder/data.1: not a regular file' timeout 10 perf2rec "$BATS_TEST_TMPDIR/folder"
	done
	: >"$BATS_TEST_TMPDIR/empty"
	rm "$BATS_TEST_TMPDIR/folder/data.1"
	cp "$BATS_TEST_TMPDIR/empty" "$BATS_TEST_TMPDIR/folder/data.1"
	cp "$shared/06-dir.data/data.1" "$BATS_TEST_TMPDIR/folder/data.2"
	perf2rec "$BATS_TEST_TMPDIR/folder" | cmp - <(perf2rec "$shared/06-dir.data")
}

@test "a live pipe from perf is read as it comes" {
	needs perf
	perf record -q --no-bpf-event -a -e sched:sched_switch -o - -- sleep 0.1 >"$BATS_TEST_TMPDIR/pipe" 2>/dev/null ||
		skip "perf may not record here"
	perf2rec "$BATS_TEST_TMPDIR/pipe" >"$out"
	grep -q ^switch "$out"
	in_order "$out"
	[ "$(grep -c ^switch "$out")" = "$(perf script -i - -F tid,cpu,time,event --ns <"$BATS_TEST_TMPDIR/pipe" 2>/dev/null | once | grep -c sched_switch)" ]
}

@test "memory is bounded by the index, however large the rounds" {
	needs perf
	perf record -q --no-bpf-event -a -m 16M -e sched:sched_switch -e sched:sched_wakeup -o "$BATS_TEST_TMPDIR/data" -- \
		perf bench sched pipe -l 20000 >"$err" 2>&1 || skip "perf may not record here"
	[ -z "${SAN-}" ] || skip "the sanitizers take memory of their own"
	/usr/bin/time -f %M -o "$err" perf2rec "$BATS_TEST_TMPDIR/data" >"$out"
	[ "$(tail -1 "$err")" -lt 32000 ]
	in_order "$out"
}

@test "a pipe with large rounds goes through a temporary file, which is gone at the end" {
	[ -z "${SAN-}" ] || skip "the sanitizers take memory of their own"
	"$BUILD/t/unhex" <perf2rec/head.hex >"$BATS_TEST_TMPDIR/data"
	for ((n = 0; n < 100000; n += 50000)); do # 50 MB each
		awk -v n="$n" 'BEGIN {
			for (end = n + 50000; n < end; n++)
				printf "{ 3 0 u32:1 u32:1 \"%s\\0\" fill:1000 pad:8 u32:1 u32:1 u64:%d u32:0 u32:0 u64:1 }\n", n % 2 ? "b" : "a", 10 + n
		}' | "$BUILD/t/unhex"
	done >"$BATS_TEST_TMPDIR/more"
	mkdir "$BATS_TEST_TMPDIR/tmp"
	cat "$BATS_TEST_TMPDIR/data" "$BATS_TEST_TMPDIR/more" |
		TMPDIR=$BATS_TEST_TMPDIR/tmp /usr/bin/time -f %M -o "$err" perf2rec >"$out"
	[ "$(tail -1 "$err")" -lt 64000 ]
	[ "$(grep ^comm "$out" | awk -F'\t' '$NF != (NR % 2 ? "a" : "b") { exit 1 } END { print NR }')" = 100000 ]
	[ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
	run -1 --separate-stderr sh -c 'cat "$0" "$1" 2>/dev/null | TMPDIR=/no/such perf2rec >/dev/null' "$BATS_TEST_TMPDIR/data" "$BATS_TEST_TMPDIR/more"
	[[ $stderr == "perf2rec: /no/such: cannot make a temporary file: No such file or directory" ]]
}

@test "a gzip'd file that is cut gives the records before the cut" {
	gzip -c ../examples/pipeline.data | head -c 50000 >"$BATS_TEST_TMPDIR/cut.gz"
	run -1 --separate-stderr sh -c "perf2rec $BATS_TEST_TMPDIR/cut.gz >$out"
	[[ $stderr == *"cut.gz@0x"*" (decompressed): the gzip stream is cut short" ]]
	[ -s "$out" ]
	{ gzip -dc "$BATS_TEST_TMPDIR/cut.gz" 2>/dev/null || true; } >"$BATS_TEST_TMPDIR/cut"
	perf2rec "$BATS_TEST_TMPDIR/cut" 2>/dev/null | cmp "$out" -
}

@test "a short write to the temporary file is retried, and the error is that of the write" {
	run -1 --separate-stderr sh -c "trap '' XFSZ; ulimit -f 1001; cat ../examples/pipeline.data | perf2rec"
	[ "$stderr" = 'perf2rec: <stdin>: cannot copy to a temporary file: File too large' ]
}

@test "--spool-max limits the copy of a pipe: the start is read and the rest is reported" {
	perf2rec --spool-max=2 < <(cat ../examples/pipeline.data) | cmp - <(perf2rec ../examples/pipeline.data)
	run -1 --separate-stderr sh -c "cat ../examples/pipeline.data | perf2rec --spool-max=1 >$out"
	[[ $stderr == *"<stdin>: more than 1 MB, the most that is copied from a pipe or a gzip file (--spool-max)" ]]
	head -c 1048576 ../examples/pipeline.data | perf2rec 2>/dev/null | cmp "$out" -
}

@test "--print-fmt: the text of tracepoints is that of perf script" {
	needs perf
	[ "$(id -u)" -eq 0 ] || skip "not root"
	perf record -q --no-bpf-event -a -o "$BATS_TEST_TMPDIR/live" -e raw_syscalls:sys_enter -e kmem:kmalloc -e sched:sched_process_exec -e task:task_newtask \
		-e sched:sched_stat_runtime -e signal:signal_generate -- sh -c 'for i in 1 2 3; do /bin/true; done' >/dev/null 2>&1 || skip "perf records no tracepoints here"
	# perf names the function that a call site is in
	perf script -i "$BATS_TEST_TMPDIR/live" -F tid,cpu,time,event,trace --ns 2>/dev/null | grep -v kmem: | once |
		sed 's/^ *[0-9-]* *\[[0-9]*\] *[0-9.]*: *\([a-z_]*:[a-z_]*:\) */\1 /; s/ *$//' | LC_ALL=C sort >"$BATS_TEST_TMPDIR/script"
	perf2rec --print-fmt "$BATS_TEST_TMPDIR/live" >"$BATS_TEST_TMPDIR/rec"
	grep -q '	kmem:kmalloc	text=call_site=0x.*gfp_flags=[GFP_A-Z|]*\\x20' "$BATS_TEST_TMPDIR/rec"
	awk -F '\t' '$1 == "tracepoint" && $7 !~ /^kmem/ { sub(/^text=/, "", $8); sub(/ period=[0-9]+$/, "", $8); gsub(/\\x20/, " ", $8); print $7 ": " $8 }' "$BATS_TEST_TMPDIR/rec" |
		LC_ALL=C sort >"$out"
	[ "$(cut -d: -f2 "$out" | sort -u | wc -l)" -ge 4 ]
	diff "$BATS_TEST_TMPDIR/script" "$out"
}
