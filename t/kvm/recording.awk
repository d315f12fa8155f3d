# SPDX-License-Identifier: MIT
#
# recording.awk - a perf.data file with KVM's tracepoints, or ftrace's, as words for unhex
#
# what: empty (a perf.data), format (the file of the event EVENT), page (ftrace's page with the events of the CPU CPU)
# kernel: whose formats the file has: new (6.18), mid (5.4), old (2.6.36), arm64, arm64-4 (4.19)
# ids:    name=id ... of events that have another id than 101 and up
# cpuid:  the processor that perf finds the names of reasons by
#
# A line is an event: time cpu pid tid name field=value ...; fields that are not named are 0, common_pid is the tid. The
# name comm has the new name of the task after it, with _ for a blank.

function format(event, list) {
	list_of[event] = list
	if (list != "")
		order[++events] = event
}

# The places of the fields in the raw data, as in struct: each at a multiple of its size.
function lay_out(event,  f, n, i, at, w) {
	at = 8
	n = split(list_of[event], f, " ")
	for (i = 1; i <= n; i++) {
		split(f[i], w, ":")
		at += (w[2] - at % w[2]) % w[2]
		name[event, i] = w[1]
		size[event, i] = w[2]
		place[event, i] = at
		at += w[2]
	}
	fields[event] = n
	end[event] = at + (4 - at % 4) % 4
	while ((end[event] + 4) % 8 != 0)
		end[event] += 4
}

function type(bytes) {
	return bytes == 8 ? "u64" : bytes == 4 ? "u32" : "u8"
}

function put_format(event, id,  i) {
	printf "\"name: %s\\nID: %d\\nformat:\\n\"\n", event, id
	print "\"\\tfield:unsigned short common_type;\\toffset:0;\\tsize:2;\\tsigned:0;\\n\""
	print "\"\\tfield:unsigned char common_flags;\\toffset:2;\\tsize:1;\\tsigned:0;\\n\""
	print "\"\\tfield:unsigned char common_preempt_count;\\toffset:3;\\tsize:1;\\tsigned:0;\\n\""
	print "\"\\tfield:int common_pid;\\toffset:4;\\tsize:4;\\tsigned:1;\\n\\n\""
	for (i = 1; i <= fields[event]; i++)
		printf "\"\\tfield:%s %s;\\toffset:%d;\\tsize:%d;\\tsigned:0;\\n\"\n", type(size[event, i]), name[event, i],
			place[event, i], size[event, i]
	printf "\"\\nprint fmt: \\\"%%llx\\\", REC->%s\\n\"\n", name[event, 1]
}

# The raw data of the current line's event.
function raw(event,  value, i, at, s) {
	for (i = 6; i <= NF; i++)
		value[substr($i, 1, index($i, "=") - 1)] = substr($i, index($i, "=") + 1)
	s = sprintf("u16:%d u8:0 u8:0 u32:%d", id[event], "common_pid" in value ? value["common_pid"] : $4)
	at = 8
	for (i = 1; i <= fields[event]; i++) {
		for (; at < place[event, i]; at++)
			s = s " u8:0"
		s = s " " type(size[event, i]) ":" (name[event, i] in value ? value[name[event, i]] : 0)
		at += size[event, i]
	}
	for (; at < end[event]; at++)
		s = s " u8:0"
	return s
}

function put_file_format(id, event) {
	printf "len64:f%d <f%d ", id, id
	put_format(event, id)
	printf "f%d>\n", id
}

function put_attr(id) {
	printf "u32:2 u32:72 u64:%d u64:1 u64:0x10486 u64:0 flags:0x40000 u32:0 u32:0 u64:0 u64:0 at64:i%d len64:i%d\n", id, id, id
}

function start_file(  i) {
	print "u64:0x32454c4946524550 u64:104 u64:88 at64:attrs len64:attrs at64:data len64:data u64:0 u64:0"
	print "u64:0x202 u64:0 u64:0 u64:0" # features 1 and 9
	print "<attrs"
	for (i = 1; i <= events; i++)
		put_attr(100 + i)
	print "attrs>"
	for (i = 1; i <= events; i++)
		printf "<i%d u64:%d i%d>\n", 100 + i, 100 + i, 100 + i
	print "<data"
}

BEGIN {
	kernel = kernel == "" ? "new" : kernel
	cpuid = cpuid == "" ? "GenuineIntel,6,85,4" : cpuid
	format("kvm_entry", kernel ~ /^arm64/ ? "vcpu_pc:8" : kernel == "new" ? \
		"vcpu_id:4 rip:8 immediate_exit:1 intr_info:4 error_code:4" : "vcpu_id:4")
	format("kvm_exit", kernel == "arm64" ? "ret:4 esr_ec:4 vcpu_pc:8" : \
		kernel == "arm64-4" ? "idx:4 exit_reason:4 vcpu_pc:8" : \
		kernel == "old" ? "exit_reason:4 guest_rip:8" : \
		"exit_reason:4 guest_rip:8 isa:4 info1:8 info2:8" (kernel == "new" ? " intr_info:4 error_code:4 vcpu_id:4 requests:8" : ""))
	format("kvm_mmio", "type:4 len:4 gpa:8 val:8")
	if (kernel !~ /^arm64/) {
		format("kvm_pio", "rw:4 port:4 size:4 count:4" (kernel != "old" ? " val:4" : ""))
		format("kvm_msr", "write:4 ecx:4 data:8 exception:1")
	}
	for (i = 1; i <= events; i++) {
		lay_out(order[i])
		id[order[i]] = 100 + i
	}
	n = split(ids, w, "[ =]")
	for (i = 1; i < n; i += 2)
		id[w[i]] = w[i + 1]
	if (what == "format")
		put_format(EVENT, id[EVENT])
	if (what == "")
		start_file()
}

/^#/ || NF == 0 { next }

what == "format" { next }

what == "page" {
	if ($5 == "comm" || $2 != CPU)
		next
	t = words == "" ? first = $1 : t
	words = words sprintf("u32:%d %s\n", ($1 - t) * 32 + end[$5] / 4, raw($5))
	commit += 4 + end[$5]
	t = $1
	next
}

$5 == "comm" {
	gsub(/_/, " ", $6)
	printf "{ 3 0 u32:%d u32:%d \"%s\\0\" pad:8 u32:%d u32:%d u64:%s u32:%d u32:0 u64:101 }\n", $3, $4, $6, $3, $4, $1, $2
	next
}

{
	printf "{ 9 1 u64:%d u32:%d u32:%d u64:%s u32:%d u32:0 u32:%d %s }\n", id[$5], $3, $4, $1, $2, end[$5], raw($5)
}

END {
	if (what == "page")
		printf "u64:%d u64:%d\n%spad:4096\n", first, commit, words
	if (what != "")
		exit
	print "data>"
	print "at64:formats len64:formats at64:cpuid len64:cpuid"
	print "<formats 17 08 44 \"tracing0.6\\0\" endian u8:8 u32:4096"
	header = "\\tfield: u64 timestamp;\\toffset:0;\\tsize:8;\\tsigned:0;\\n" \
		"\\tfield: local_t commit;\\toffset:8;\\tsize:8;\\tsigned:1;\\n" \
		"\\tfield: int overwrite;\\toffset:8;\\tsize:1;\\tsigned:1;\\n" \
		"\\tfield: char data;\\toffset:16;\\tsize:4080;\\tsigned:1;\\n"
	print "\"header_page\\0\" len64:page <page \"" header "\" page> \"header_event\\0\" u64:0 u32:0"
	print "u32:1 \"kvm\\0\" u32:" events
	for (i = 1; i <= events; i++)
		put_file_format(100 + i, order[i])
	print "u32:0 u32:0 u64:0 u32:0 formats>"
	print "<cpuid u32:64 \"" cpuid "\\0\" fill:64 cpuid>"
}
