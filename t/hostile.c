/* SPDX-License-Identifier: MIT */
/*
 * hostile CASE N >file - write a small input that costs a careless program much
 *
 * What grows out of proportion, and in which program, is in the comment of each case. The
 * recordings are little-endian perf.data files whose records end with TID, TIME and CPU; the
 * layouts are those of sluice-perfdata(5). All other cases are record streams, but for those
 * that cs2text or recunwind reads as a program, a kernel's symbols or the file of a JIT compiler.
 */

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file that is being made, in memory. */
struct file {
	uint8_t *p;
	size_t n, cap;
};

static void
bytes(struct file *f, const void *p, size_t n)
{
	if (f->cap - f->n < n) {
		f->cap = (f->cap + n) * 2;
		if ((f->p = realloc(f->p, f->cap)) == NULL)
			err(1, NULL);
	}
	if (n > 0)
		memcpy(f->p + f->n, p, n);
	f->n += n;
}

static void
fill(struct file *f, int byte, size_t n)
{
	uint8_t b = (uint8_t)byte;

	while (n-- > 0)
		bytes(f, &b, 1);
}

/* Append the low size bytes of v, lowest first. */
static void
number(struct file *f, uint64_t v, size_t size)
{
	for (; size > 0; size--, v >>= 8)
		fill(f, (int)(v & 0xff), 1);
}

static void
u16(struct file *f, uint64_t v)
{
	number(f, v, 2);
}

static void
u32(struct file *f, uint64_t v)
{
	number(f, v, 4);
}

static void
u64(struct file *f, uint64_t v)
{
	number(f, v, 8);
}

static void
text(struct file *f, const char *s)
{
	bytes(f, s, strlen(s) + 1);
}

static void
pad(struct file *f)
{
	fill(f, 0, -f->n & 7);
}

/* Append a file and forget it. */
static void
join(struct file *f, struct file *part)
{
	bytes(f, part->p, part->n);
	free(part->p);
	*part = (struct file){ 0 };
}

/* --- perf.data */

enum {
	MMAP = 1,
	FORK = 7,
	SAMPLE = 9,
	AUX = 11,
	HEADER_ATTR = 64,
	EVENT_TYPE = 65,
	TRACING_RECORD = 66,
	AUXTRACE_INFO = 70,
	AUXTRACE = 71,
	STAT = 76,
	STAT_ROUND = 77,
	MISC_USER = 2,
	TRACING_DATA = 1, /* features' bits */
	SIMPLE_FILE2 = 132,
	SPLIT = 32772,
	TRACEPOINT = 2, /* an attribute's type */
	IDS_NONE = 0,
	IDS_OWN,
	IDS_SHARED
};

/* Append a record of this body, which is forgotten. */
static void
record(struct file *f, uint32_t type, uint16_t misc, struct file *body)
{
	pad(body);
	u32(f, type);
	u16(f, misc);
	u16(f, 8 + body->n);
	join(f, body);
}

static void
trailer(struct file *f, uint32_t pid, uint64_t t)
{
	u32(f, pid);
	u32(f, pid);
	u64(f, t);
	u64(f, 0); /* the CPU */
}

static void
put_mmap(struct file *f, uint32_t pid, uint64_t addr, uint64_t len, const char *path)
{
	struct file b = { 0 };

	u32(&b, pid);
	u32(&b, pid);
	u64(&b, addr);
	u64(&b, len);
	u64(&b, 0);
	text(&b, path);
	pad(&b);
	trailer(&b, pid, 1);
	record(f, MMAP, MISC_USER, &b);
}

static void
put_fork(struct file *f, uint32_t pid, uint32_t parent)
{
	struct file b = { 0 };

	u32(&b, pid);
	u32(&b, parent);
	u32(&b, pid);
	u32(&b, parent);
	u64(&b, 1);
	trailer(&b, parent, 1);
	record(f, FORK, 0, &b);
}

/* CoreSight metadata: one CPU with an ETMv4 of trace id 0x10. */
static void
put_etm_info(struct file *f)
{
	static const uint64_t etm4[] = { 0xd1, 0x10, 0x28000ea1, 0x4100f403, 0x488, 0, 0xcc, 0, 0 };
	struct file b = { 0 };
	size_t i;

	u32(&b, 3);
	u32(&b, 0);
	u64(&b, 1);
	u64(&b, 1);
	u64(&b, 0);
	u64(&b, 0x4040404040404040);
	u64(&b, 0);
	u64(&b, 9);
	for (i = 0; i < sizeof etm4 / sizeof *etm4; i++)
		u64(&b, etm4[i]);
	record(f, AUXTRACE_INFO, 0, &b);
}

static void
put_aux(struct file *f, uint64_t off, uint64_t size, uint64_t t)
{
	struct file b = { 0 };

	u64(&b, off);
	u64(&b, size);
	u64(&b, 0x100);
	trailer(&b, 1, t);
	record(f, AUX, 0, &b);
}

/* Trace of CPU 0; it follows its record. */
static void
put_auxtrace(struct file *f, struct file *trace)
{
	struct file b = { 0 };

	pad(trace);
	u64(&b, trace->n);
	u64(&b, 0);
	u64(&b, 0);
	u32(&b, 0);
	u32(&b, UINT32_MAX);
	u32(&b, 0);
	u32(&b, 0);
	record(f, AUXTRACE, 0, &b);
	join(f, trace);
}

/* A recording: n attributes alike, each with ids as said (id i + 1 of its own, or all n), the
 * records, and a feature if there is any: tracing data of tracepoints, else symbols of simpleperf.
 */
static void
perfdata(
    struct file *f, size_t n, uint32_t type, int ids, struct file *records, struct file *feature)
{
	enum { HEADER = 104, ATTR = 64 + 16 };
	uint64_t ids_at = HEADER + ATTR * n, data_at = ids_at + (ids == IDS_NONE ? 0 : 8 * n);
	uint64_t end = data_at + records->n;
	unsigned number = type == TRACEPOINT ? TRACING_DATA : SIMPLE_FILE2;
	size_t i;

	bytes(f, "PERFILE2", 8);
	u64(f, HEADER);
	u64(f, ATTR);
	u64(f, HEADER);
	u64(f, ATTR * n);
	u64(f, data_at);
	u64(f, records->n);
	u64(f, 0);
	u64(f, 0);
	for (i = 0; i < 4; i++)
		u64(f, feature->n > 0 && i == number / 64 ? (uint64_t)1 << number % 64 : 0);
	for (i = 0; i < n; i++) {
		u32(f, type);
		u32(f, 64);
		u64(f, type == TRACEPOINT ? 77 : 0);
		u64(f, 1000);
		u64(f, type == TRACEPOINT ? 0x486 : 0x87); /* TID TIME CPU, and RAW or IP */
		u64(f, 0);
		u64(f, 1 << 18); /* sample_id_all */
		fill(f, 0, 64 - 48);
		u64(f, ids == IDS_NONE ? 0 : ids_at + (ids == IDS_OWN ? 8 * i : 0));
		u64(f, ids == IDS_NONE ? 0 : ids == IDS_OWN ? 8 : 8 * n);
	}
	for (i = 0; ids != IDS_NONE && i < n; i++)
		u64(f, ids == IDS_OWN ? i + 1 : i * 7919 + 1);
	join(f, records);
	if (feature->n > 0) {
		u64(f, end + 16);
		u64(f, feature->n);
		join(f, feature);
	}
}

/* A recording with one attribute. */
static void
recording(struct file *f, struct file *records)
{
	perfdata(f, 1, 1, IDS_NONE, records, &(struct file){ 0 });
}

/* etm2pkt --decode: two processes fork each other in turn; maps that are copied, and not replaced,
 * grow like Fibonacci's numbers. */
static void
fib_forks(struct file *f, size_t n)
{
	struct file r = { 0 };
	size_t i;

	put_etm_info(&r);
	put_mmap(&r, 1, 0x400000, 0x10000, "/usr/bin/true");
	for (i = 0; i < n; i++)
		put_fork(&r, 2 - i % 2, 1 + i % 2);
	recording(f, &r);
}

/* etm2pkt --decode: n maps, then n forks of that process. */
static void
maps_forks(struct file *f, size_t n)
{
	struct file r = { 0 };
	size_t i;

	put_etm_info(&r);
	for (i = 0; i < n; i++)
		put_mmap(&r, 1, 0x400000 + i * 0x2000, 0x1000, "/x");
	for (i = 0; i < n; i++)
		put_fork(&r, (uint32_t)i + 2, 1);
	recording(f, &r);
}

/* etm2pkt --decode: n maps of different files. */
static void
many_images(struct file *f, size_t n)
{
	struct file r = { 0 };
	char path[32];
	size_t i;

	put_etm_info(&r);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "/p%zu", i);
		put_mmap(&r, 1, 0x400000 + i * 0x2000, 0x1000, path);
	}
	recording(f, &r);
}

/* etm2pkt: n bytes of trace, and n/24 AUX records of all of it. */
static void
aux_overlap(struct file *f, size_t n)
{
	struct file r = { 0 }, trace = { 0 };
	size_t i, size;

	put_etm_info(&r);
	fill(&trace, 0, 11); /* A-sync, trace info, then atoms */
	bytes(&trace, "\x80\x01\x00\x04", 4);
	fill(&trace, 0xf7, n);
	size = trace.n & ~(size_t)7;
	put_auxtrace(&r, &trace);
	for (i = 0; i < n / 24; i++)
		put_aux(&r, 0, size, 5 + i);
	recording(f, &r);
}

/* etm2pkt: n AUX records of trace that the file does not have. */
static void
aux_missing(struct file *f, size_t n)
{
	struct file r = { 0 }, trace = { 0 };
	size_t i;

	put_etm_info(&r);
	put_auxtrace(&r, &trace);
	for (i = 0; i < n; i++)
		put_aux(&r, 1000000000, 64, 5 + i);
	recording(f, &r);
}

/* The formats of a recording up to the first of n in system x; it ends with two empty parts. */
static void
put_tracing(struct file *f, size_t n)
{
	bytes(f, "\x17\x08\x44tracing", 10);
	text(f, "0.6");
	u16(f, 0x800); /* little-endian, 8 bytes a long */
	u32(f, 4096);
	text(f, "header_page");
	u64(f, 0);
	text(f, "header_event");
	u64(f, 0);
	u32(f, 0); /* ftrace's own events */
	u32(f, 1); /* systems */
	text(f, "sched");
	u32(f, n);
}

static void
put_format(struct file *f, struct file *format)
{
	u64(f, format->n);
	join(f, format);
}

/* perf2rec: a tracepoint with n fields, each of which is the same 60,000 bytes. */
static void
fields(struct file *f, size_t n)
{
	static const char field[] = "\tfield:u8 a[60000];\toffset:0;\tsize:60000;\tsigned:0;\n";
	struct file r = { 0 }, b = { 0 }, format = { 0 }, tracing = { 0 };
	size_t i;

	bytes(&format, "name: boom\nID: 77\nformat:\n", 26);
	for (i = 0; i < n; i++)
		bytes(&format, field, sizeof field - 1);
	bytes(&format, "\nprint fmt: \"x\"\n", 16);
	put_tracing(&tracing, 1);
	put_format(&tracing, &format);
	u64(&tracing, 0);
	u64(&tracing, 0);
	trailer(&b, 1, 5);
	u32(&b, 60000);
	fill(&b, 0xab, 60000);
	record(&r, SAMPLE, MISC_USER, &b);
	perfdata(f, 1, TRACEPOINT, IDS_NONE, &r, &tracing);
}

/* perf2rec: n tracepoints, each with a tiny format of its own and one sample. */
static void
many_formats(struct file *f, size_t n)
{
	struct file r = { 0 }, b = { 0 }, format = { 0 }, tracing = { 0 };
	char line[128];
	size_t i;

	bytes(f, "PERFILE2", 8);
	u64(f, 16); /* pipe mode */
	put_tracing(&tracing, n);
	for (i = 0; i < n; i++) {
		u32(&b, TRACEPOINT);
		u32(&b, 64);
		u64(&b, i);
		u64(&b, 1);
		u64(&b, 1 << 10 | 1 << 16); /* RAW, IDENTIFIER */
		fill(&b, 0, 64 - 32);
		u64(&b, i);
		record(f, HEADER_ATTR, 0, &b);
		snprintf(
		    line, sizeof line, "name:sched_switch\nID:%zu\nfield:a;offset:0;size:1;", i);
		bytes(&format, line, strlen(line));
		put_format(&tracing, &format);
		u64(&b, i);
		u32(&b, 4);
		u32(&b, 0);
		record(&r, SAMPLE, MISC_USER, &b);
	}
	u64(&tracing, 0);
	u64(&tracing, 0);
	u32(&b, tracing.n);
	u32(&b, 0);
	record(f, TRACING_RECORD, 0, &b);
	join(f, &tracing);
	join(f, &r);
}

/* perf2rec: the format of sched_switch has n calls that name the values of other fields. */
static void
print_fmt(struct file *f, size_t n)
{
	static const char *const fields[] = { "prev_comm", "prev_pid", "prev_prio", "prev_state",
		"next_comm", "next_pid", "next_prio" };
	struct file r = { 0 }, b = { 0 }, format = { 0 }, tracing = { 0 };
	char line[128];
	size_t i;

	bytes(&format, "name: sched_switch\nID: 77\nformat:\n", 34);
	for (i = 0; i < sizeof fields / sizeof *fields; i++) {
		snprintf(line, sizeof line, "\tfield:int %s;\toffset:%zu;\tsize:4;\tsigned:1;\n",
		    fields[i], 4 * i);
		bytes(&format, line, strlen(line));
	}
	bytes(&format, "\nprint fmt: \"\"", 14);
	for (i = 0; i < n; i++)
		bytes(&format, ", __print_flags(", 16);
	bytes(&format, "{ REC->prev_state", 17);
	put_tracing(&tracing, 1);
	put_format(&tracing, &format);
	u64(&tracing, 0);
	u64(&tracing, 0);
	trailer(&b, 1, 5);
	u32(&b, 28);
	fill(&b, 0, 28);
	record(&r, SAMPLE, MISC_USER, &b);
	perfdata(f, 1, TRACEPOINT, IDS_NONE, &r, &tracing);
}

/* perf2rec: n attributes that share one array of n ids. */
static void
shared_ids(struct file *f, size_t n)
{
	perfdata(f, n, 1, IDS_SHARED, &(struct file){ 0 }, &(struct file){ 0 });
}

/* perf2rec: n EVENT_TYPE records and n attributes. */
static void
event_types(struct file *f, size_t n)
{
	struct file r = { 0 }, b = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		u64(&b, 12345);
		bytes(&b, "name\0\0\0\0", 8);
		record(&r, EVENT_TYPE, 0, &b);
	}
	perfdata(f, n, 1, IDS_NONE, &r, &(struct file){ 0 });
}

static void
put_stat(struct file *f, uint64_t id, uint64_t count)
{
	struct file b = { 0 };

	u64(&b, id);
	u64(&b, 0);
	u64(&b, count);
	u64(&b, 1);
	u64(&b, 1);
	record(f, STAT, 0, &b);
}

static void
put_stat_round(struct file *f)
{
	struct file b = { 0 };

	u64(&b, 1);
	u64(&b, 5);
	record(f, STAT_ROUND, 0, &b);
}

/* perf2rec: n counters with one count each. */
static void
stat_scopes(struct file *f, size_t n)
{
	struct file r = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		put_stat(&r, i + 1, 1);
	put_stat_round(&r);
	perfdata(f, n, 1, IDS_OWN, &r, &(struct file){ 0 });
}

/* perf2rec: a count of 2^64-1, which a record's count can not be. */
static void
stat_max(struct file *f, size_t n)
{
	struct file r = { 0 };

	for (; n > 0; n--)
		put_stat(&r, 1, UINT64_MAX);
	put_stat_round(&r);
	perfdata(f, 1, 1, IDS_OWN, &r, &(struct file){ 0 });
}

/* perf2rec: n samples of as many threads that wait for the user's part of their chains, which does
 * not come. Each takes 64 KB. */
static void
deferred(struct file *f, size_t n)
{
	enum { WORDS = 8000, FLAGS = 18, DEFER = 38 };
	struct file b = { 0 };
	size_t i, k;

	bytes(f, "PERFILE2", 8);
	u64(f, 16);
	u32(&b, 1);
	u32(&b, 64);
	u64(&b, 0);
	u64(&b, 1000);
	u64(&b, 0x27); /* IP TID TIME CALLCHAIN */
	u64(&b, 0);
	u64(&b, (uint64_t)1 << DEFER | 1 << FLAGS);
	fill(&b, 0, 64 - 48);
	record(f, HEADER_ATTR, 0, &b);
	for (i = 0; i < n; i++) {
		u64(&b, 1);
		u32(&b, 1);
		u32(&b, (uint32_t)i + 1);
		u64(&b, 1000 + i);
		u64(&b, WORDS);
		u64(&b, (uint64_t)-128);
		for (k = 0; k < WORDS - 3; k++)
			u64(&b, 1);
		u64(&b, (uint64_t)-640);
		u64(&b, i);
		record(f, SAMPLE, 1, &b);
	}
}

/* A protocol buffer's number, and its bytes. */
static void
varint(struct file *f, uint64_t v)
{
	for (; v > 127; v >>= 7)
		number(f, v % 128 + 128, 1);
	number(f, v, 1);
}

static void
message(struct file *f, unsigned field, struct file *part)
{
	varint(f, field << 3 | 2);
	varint(f, part->n);
	join(f, part);
}

/* perf2rec, cs2text: n symbols of a file with a long path; in as many parts as said, and n maps. */
static void
simple_parts(struct file *f, size_t n, size_t parts)
{
	struct file r = { 0 }, all = { 0 }, one = { 0 }, symbol = { 0 };
	char path[4001] = "";
	size_t i, k;

	memset(path, 'x', sizeof path - 1);
	for (i = 0; i < parts; i++) {
		bytes(&symbol, path, parts > 1 ? 1 : strlen(path));
		message(&one, 1, &symbol);
		bytes(&one, "\x10\x02", 2); /* of type ELF */
		for (k = 0; k < n / parts; k++) {
			bytes(&symbol, "\x08\x01\x10\x01\x1a\x01x", 7);
			message(&one, 4, &symbol);
		}
		u32(&all, one.n);
		join(&all, &one);
	}
	path[parts > 1 ? 1 : sizeof path - 1] = '\0';
	for (i = 0; i < (parts > 1 ? n : 1); i++)
		put_mmap(&r, 1, 0x1000 * i, 0x1000, path);
	perfdata(f, 1, 1, IDS_NONE, &r, &all);
}

static void
simple_symbols(struct file *f, size_t n)
{
	simple_parts(f, n, 1);
}

/* The same for as many parts as symbols, all of one path. */
static void
simple_files(struct file *f, size_t n)
{
	simple_parts(f, n, n);
}

/* perf2rec: n pieces of records of simpleperf that never end, every tenth before another record. */
static void
simple_split(struct file *f, size_t n)
{
	struct file r = { 0 }, b = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		u32(&b, SPLIT);
		u16(&b, 0);
		u16(&b, 9);
		fill(&b, 1, 1);
		join(&r, &b);
		if (i % 10 == 9)
			put_mmap(&r, 1, 0, 0x1000, "x");
	}
	recording(f, &r);
}

/* --- record streams */

__attribute__((format(printf, 2, 3))) static void
line(struct file *f, const char *fmt, ...)
{
	char s[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s, sizeof s, fmt, ap);
	va_end(ap);
	for (char *p = s; *p != '\0'; p++)
		*p = *p == ' ' ? '\t' : *p == '|' ? ' ' : *p;
	bytes(f, s, (size_t)n);
}

static void
map_line(struct file *f, int t, size_t pid, uint64_t addr, const char *path)
{
	line(f, "map %d host 0 %zu %zu u %" PRIx64 " 1000 0 r-x - %s\n", t, pid, pid, addr, path);
}

static void
maps_of_one(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		map_line(f, 1, 1, 0x400000 + 0x2000 * i, "/a");
}

/* cs2text, recgrep: n maps; n/4 children inherit them, and each maps one page more. */
static void
maps_inherited(struct file *f, size_t n)
{
	size_t i;

	maps_of_one(f, n);
	for (i = 0; i < n / 4; i++) {
		line(f, "fork 2 host 0 1 1 %zu %zu process\n", i + 2, i + 2);
		map_line(f, 2, i + 2, 0x1000, "/b");
	}
	line(f, "sample 3 host 0 %zu %zu e 1 u 400000 - -\n", n / 4 + 1, n / 4 + 1);
}

/* recgrep -e sample: n maps; n/4 children inherit them, and each has a sample. */
static void
maps_wanted(struct file *f, size_t n)
{
	size_t i;

	maps_of_one(f, n);
	for (i = 0; i < n / 4; i++) {
		line(f, "fork 2 host 0 1 1 %zu %zu process\n", i + 2, i + 2);
		line(f, "sample 3 host 0 %zu %zu e 1 u 400000 - -\n", i + 2, i + 2);
	}
}

static void
long_comm(struct file *f, size_t n)
{
	line(f, "comm 1 host 0 1 1 - ");
	fill(f, 'A', n);
	line(f, "\n");
}

/* sched2states, rec2folded: a name of 4 MB, which n children inherit. */
static void
long_comm_forks(struct file *f, size_t n)
{
	size_t i;

	long_comm(f, 4000000);
	for (i = 0; i < n; i++)
		line(f, "fork 2 host 0 1 1 %zu %zu -\n", i + 2, i + 2);
}

/* sched2states: a name of 1 MB in n states. */
static void
long_comm_states(struct file *f, size_t n)
{
	size_t i;

	long_comm(f, 1000000);
	for (i = 0; i < n; i++) {
		line(f, "switch %zu host 0 0 0 - - R 1 - - -\n", 2 * i + 2);
		line(f, "switch %zu host 0 1 1 - - R 0 - - -\n", 2 * i + 3);
	}
}

/* states2svg: n tasks with a state each. */
static void
many_tasks(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "state %zu host 0 %zu %zu %zu 0 c 120 running - -\n", i * 1000, i + 1,
		    i + 1, i * 1000 + 1000);
}

/* states2svg: n CPUs of 1000 machines with an interrupt each. */
static void
irq_cpus(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "cpustate 0 h%zu %zu - - 1 irq 1 name=a\n", i % 1000, i / 1000);
}

/* sched2states: n CPUs, then n losses on all of them. */
static void
lost_cpus(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "switch %zu host %zu 0 0 swapper 120 R %zu a 120 -\n", i, i, i + 1);
	for (i = 0; i < n; i++)
		line(f, "lost %zu host - - - %zu 1 x\n", n + i, n + i);
}

/* sched2states: n machines with a switch each. */
static void
machines_switch(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "switch %zu m%zu 0 1 1 work 120 S 2 other 120 -\n", i, i);
}

/* sched2states: n interrupts, calls and requests that never end, apart and of one CPU, process and
 * sector; n children of a process with many descriptors, each of which changes them; n losses. */
static void
intervals(struct file *f, size_t n)
{
	static const char open_call[] = "tracepoint %zu h 0 1 1 syscalls:sys_%s_openat %s%zu -\n";
	size_t i;

	for (i = 0; i < n; i++) {
		line(f, "irq 1 h %zu 1 1 entry %zu i%zu - -\n", i, i, i);
		line(f, "irq 1 h 0 1 1 entry %zu i - -\n", i);
		line(f, "softirq 1 h %zu 1 1 entry 1 - -\n", i);
		line(f, "sysenter 1 h 0 %zu %zu read 3 -\n", i + 2, i + 2);
		line(f, "tracepoint 1 h 0 1 1 block:block_rq_issue dev=%zu|sector=%zu -\n", i, i);
		line(f, "tracepoint 1 h 0 1 1 block:block_rq_issue dev=1|sector=1 -\n");
		line(f, "tracepoint 1 h 0 1 1 block:block_rq_insert dev=1|sector=%zu -\n", i + 9);
	}
	for (i = 0; i < n; i++)
		line(f, "lost %zu %c - - - %zu 1 x\n", i + 2, i % 2 == 0 ? 'h' : 'g', i + 2);
	line(f, "fork 0 h - 0 0 1 1 -\n");
	for (i = 0; i < n; i++) {
		line(f, open_call, n + 2, "enter", "flags=0x80000|filename=/f", i);
		line(f, open_call, n + 2, "exit", "ret=", i);
	}
	for (i = 0; i < n; i++) {
		line(f, "fork %zu h 0 1 1 %zu %zu -\n", n + 2, n + i + 2, n + i + 2);
		line(f, "comm %zu h 0 %zu %zu exec c\n", n + 2, n + i + 2, n + i + 2);
		line(f, "tracepoint %zu h 0 %zu %zu syscalls:sys_enter_close fd=%zu -\n", n + 2,
		    n + i + 2, n + i + 2, i % 1024);
	}
}

/* states2tab: n tasks and names, and the waits of n machines in one function with a long name. */
static void
waits(struct file *f, size_t n)
{
	size_t i;

	line(f, "stack 1 host - 1 k;1<");
	fill(f, 'f', 1000000);
	line(f, ">\n");
	for (i = 0; i < n; i++) {
		line(f, "arrow 1 m%zu 0 %zu %zu 0 a wakeup task - %zu 0 b 0 5 -\n", i, i, i, i + 1);
		line(f, "state 1 m%zu 0 %zu %zu 2 0 n%zu - sleeping - @1\n", i, i, i, i);
		line(f, "state 2 m%zu 0 %zu %zu 3 0 n%zu - runnable - -\n", i, i, i, i);
		line(f, "state 3 m%zu 0 %zu %zu 4 0 n%zu - running - -\n", i, i, i, i);
	}
}

/* energy2tab: n intervals of the counter of a package with 8000 CPUs, on each of which a task runs
 * all the time; n counters of places that have no CPU. */
static void
shares(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < 8000; i++)
		line(f, "state 0 h %zu 1 %zu 999999999 0 c%zu 120 running - -\n", i, i + 1, i);
	for (i = 0; i < n; i++) {
		line(f, "energy %zu h - - - %zu pkg 0 - - 1 - x -\n", i, i + 1);
		line(f, "energy 0 h - - - 9 core 0 0 %zu 1 - x -\n", i);
	}
}

/* states2json: n states and wakes with one deep stack of long names, all of whose bytes are
 * escaped. */
static void
deep_states(struct file *f, size_t n)
{
	size_t i;

	line(f, "stack 1 h - 1 k");
	for (i = 0; i < 1000; i++) {
		line(f, ";1<");
		fill(f, '\xff', 1000);
		line(f, ">");
	}
	line(f, "\n");
	for (i = 0; i < n; i++) {
		line(f, "state 1 h 0 1 1 2 0 - - sleeping - @1\n");
		line(f, "arrow 2 h 0 0 0 - - w nmi - 1 0 - - 1 @1\n");
	}
}

/* states2path: n tasks, each woken by the next one while all sleep; a CPU that n tasks ran on at
 * once. */
static void
wakes(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		line(f, "arrow %zu h 0 %zu %zu 0 c wakeup task - %zu 0 c 0 5 -\n", n - i, i + 2,
		    i + 2, i + 1);
		line(f, "state 0 h 0 %zu %zu %zu 0 c - sleeping - -\n", i + 1, i + 1, n - i);
		line(f, "state %zu h 0 %zu %zu %zu 0 c - runnable - -\n", n - i, i + 1, i + 1,
		    2 * n);
		line(f, "state 1 h 0 %zu %zu %zu 0 r - running - -\n", n + i + 2, n + i + 2, 2 * n);
	}
}

/* kvmexits: n vCPUs, each a thread with reasons of its own. */
static void
vcpus(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		line(f, "kvmexit 1 h 0 %zu %zu %zu - - %zu - -\n", i + 1, i + 1, i, i);
		line(f, "kvmentry 2 h 0 %zu %zu %zu - -\n", i + 1, i + 1, i);
	}
}

/* The inverse of a multiply and shift mix without a key, as hash tables use it. */
static uint64_t
unmix(uint64_t v)
{
	const uint64_t m = 0xd6e8feb86659fd93;
	uint64_t inverse = m;
	int i;

	for (i = 0; i < 6; i++) /* Newton: each step doubles the number of right bits */
		inverse *= 2 - m * inverse;
	for (i = 0; i < 2; i++) {
		v ^= v >> 32;
		v *= inverse;
	}
	return v ^ v >> 32;
}

/* All who keep @HASH: n stacks whose hashes fall into one slot of a table whose mix is known. */
static void
hash_flood(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "stack 0 host - %" PRIx64 " k;1\n", unmix((uint64_t)(i + 1) << 24));
}

/* The n frames of a stack, and the end of its line. */
static void
put_frames(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, ";%zx<f%zu+0x0>", i + 1, i);
	line(f, "\n");
}

/* rec2folded: a stack of n frames. */
static void
deep_stack(struct file *f, size_t n)
{
	line(f, "sample 1 host 0 1 1 e 1 u 1 - u");
	put_frames(f, n);
}

/* All who look at stacks: a stack of n frames that n records of n threads share. */
static void
shared_stack(struct file *f, size_t n)
{
	size_t i;

	line(f, "stack 0 host 1 abc u");
	put_frames(f, n);
	for (i = 0; i < n; i++) {
		line(f, "sample 1 host 0 1 %zu e 1 u - - @abc\n", i + 1);
		line(f, "switch 1 host 0 1 %zu a 120 S 0 s 120 @abc\n", i + 1);
	}
}

/* rec2prof, profdiff: names of 1 MB that n threads share. */
static void
shared_names(struct file *f, size_t n)
{
	size_t i;

	long_comm(f, 1000000);
	line(f, "stack 0 host 1 abc u;1<");
	fill(f, 'B', 1000000);
	line(f, "+0x0>;2<");
	fill(f, 'C', 1000000);
	line(f, "+0x0>\n");
	for (i = 0; i < n; i++) {
		line(f, "fork 1 host 0 1 1 %zu %zu -\n", i + 2, i + 2);
		line(f, "sample 1 host 0 1 %zu e 1 u - - @abc\n", i + 2);
	}
}

/* rec2prof --children: one stack of n frames, each a row. */
static void
frames(struct file *f, size_t n)
{
	size_t i;

	line(f, "sample 1 h - - - e 1 u - - u");
	for (i = 0; i < n; i++)
		line(f, ";%zx", i + 1);
	line(f, "\n");
}

/* kvmsplit: n machines. */
static void
machines(struct file *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		line(f, "a 1 %zx\n", i);
}

/* kvmsplit: a stack of n frames that n machines share. */
static void
machines_stack(struct file *f, size_t n)
{
	size_t i;

	line(f, "stack 0 host 1 abc k");
	for (i = 0; i < n; i++)
		line(f, ";%zx", i + 1);
	line(f, "\n");
	for (i = 0; i < n; i++)
		line(f, "sample 1 vm%zu - - - e 1 k - - @abc\n", i);
}

/* --- trace.dat: sluice-tracedat(5) */

enum {
	DAT_DONE = 0,
	DAT_BUFFER = 3,
	DAT_PROCMAPS = 10,
	DAT_GUEST = 13,
	DAT_EVENT_FORMATS = 18,
	DAT_PACKED = 1,
	DAT_OPTIONS_AT = 34 /* of the first section of options */
};

static void
dat_begin(struct file *f, const char *version, size_t page, const char *packing)
{
	bytes(f, "\x17\x08\x44tracing", 10);
	text(f, version);
	number(f, 0, 1); /* little-endian */
	number(f, 8, 1);
	u32(f, page);
	if (*version == '6')
		return;
	text(f, packing);
	text(f, "");
	u64(f, DAT_OPTIONS_AT);
	fill(f, 0, DAT_OPTIONS_AT - f->n);
}

static void
dat_section(struct file *f, unsigned id, unsigned flags, struct file *body)
{
	u16(f, id);
	u16(f, flags);
	u32(f, 0);
	u64(f, body->n);
	join(f, body);
}

static void
dat_option(struct file *f, unsigned id, struct file *value)
{
	u16(f, id);
	u32(f, value->n);
	join(f, value);
}

static void
dat_option_at(struct file *f, unsigned id, uint64_t at)
{
	struct file value = { 0 };

	u64(&value, at);
	dat_option(f, id, &value);
}

/* ftrace2rec: n bytes of maps in options that end with their own place. */
static void
dat_loop(struct file *f, size_t n)
{
	struct file options = { 0 }, maps = { 0 };

	fill(&maps, 'a', n);
	dat_option(&options, DAT_PROCMAPS, &maps);
	dat_option_at(&options, DAT_DONE, DAT_OPTIONS_AT);
	dat_begin(f, "7", 4096, "none");
	dat_section(f, 0, 0, &options);
}

static void
dat_format(struct file *f, const char *format, size_t n)
{
	u32(f, 1);
	text(f, "test");
	u32(f, 1);
	u64(f, n);
	bytes(f, format, n);
}

/* ftrace2rec: n options that name one section of formats. */
static void
dat_sections(struct file *f, size_t n)
{
	static const char field[] = "\tfield:u8 a;\toffset:0;\tsize:1;\tsigned:0;\n";
	struct file options = { 0 }, format = { 0 }, formats = { 0 };
	size_t i, at = DAT_OPTIONS_AT + 16 + 14 * n;

	bytes(&format, "name: a\nID: 7\nformat:\n", 22);
	for (i = 0; i < 10000; i++)
		bytes(&format, field, sizeof field - 1);
	dat_format(&formats, (const char *)format.p, format.n);
	free(format.p);
	for (i = 0; i < n; i++)
		dat_option_at(&options, DAT_EVENT_FORMATS, at);
	dat_begin(f, "7", 4096, "none");
	dat_section(f, 0, 0, &options);
	dat_section(f, DAT_EVENT_FORMATS, 0, &formats);
}

/* ftrace2rec: a guest of n CPUs with a name of n bytes. */
static void
dat_guest(struct file *f, size_t n)
{
	struct file options = { 0 }, guest = { 0 };
	size_t i;

	fill(&guest, 'a', n);
	fill(&guest, 0, 1);
	u64(&guest, 1);
	u32(&guest, n);
	for (i = 0; i < n; i++) {
		u32(&guest, i);
		u32(&guest, i + 1);
	}
	dat_option(&options, DAT_GUEST, &guest);
	dat_begin(f, "7", 4096, "none");
	dat_section(f, 0, 0, &options);
}

/* ftrace2rec: n buffers, each with a clock of its own. */
static void
dat_clocks(struct file *f, size_t n)
{
	struct file options = { 0 }, buffer = { 0 };
	char clock[32];
	size_t i;

	for (i = 0; i < n; i++) {
		u64(&buffer, DAT_OPTIONS_AT);
		text(&buffer, "b");
		snprintf(clock, sizeof clock, "clock%zu", i);
		text(&buffer, clock);
		u32(&buffer, 4096);
		u32(&buffer, 0);
		dat_option(&options, DAT_BUFFER, &buffer);
	}
	dat_begin(f, "7", 4096, "none");
	dat_section(f, 0, 0, &options);
}

/* ftrace2rec: n CPUs, of which each has compressed pages of 1 MB, and no page. */
static void
dat_packed(struct file *f, size_t n)
{
	struct file options = { 0 }, buffer = { 0 }, pages = { 0 };
	uint64_t at = DAT_OPTIONS_AT + 16 + 6 + 18 + 20 * n;
	size_t i;

	u64(&buffer, at);
	text(&buffer, "");
	text(&buffer, "");
	u32(&buffer, 1 << 20);
	u32(&buffer, n);
	for (i = 0; i < n; i++) {
		u32(&buffer, i);
		u64(&buffer, at + 16 + 4 * i);
		u64(&buffer, 4);
		u32(&pages, 0);
	}
	dat_option(&options, DAT_BUFFER, &buffer);
	dat_begin(f, "7", 1 << 20, "zstd");
	dat_section(f, 0, 0, &options);
	dat_section(f, DAT_BUFFER, DAT_PACKED, &pages);
}

/* ftrace2rec: n buffers that name one table of n CPUs. */
static void
dat_tables(struct file *f, size_t n)
{
	struct file buffer = { 0 };
	size_t i, at;

	dat_begin(f, "6", 4096, NULL);
	text(f, "header_page");
	u64(f, 0);
	text(f, "header_event");
	u64(f, 0);
	u32(f, 0); /* ftrace's own events */
	u32(f, 0); /* systems */
	u32(f, 0); /* kallsyms */
	u32(f, 0); /* printk formats */
	u64(f, 0); /* names of tasks */
	u32(f, n);
	bytes(f, "options  \0", 10);
	at = f->n + n * 15 + 2;
	for (i = 0; i < n; i++) {
		u64(&buffer, at);
		text(&buffer, "");
		dat_option(f, DAT_BUFFER, &buffer);
	}
	u16(f, 0);
	bytes(f, "flyrecord\0", 10);
	fill(f, 0, 16 * n);
}

/* ftrace2rec: n events of 8 bytes, each with 500 fields of one byte and names as long as can be. */
static void
dat_names(struct file *f, size_t n)
{
	enum { NAME = 250, FIELD = 500, PAGE = 1 << 16, HEAD = 16 };
	struct file options = { 0 }, buffer = { 0 }, format = { 0 }, formats = { 0 }, pages = { 0 };
	size_t i, at;

	bytes(&format, "name: ", 6);
	fill(&format, '\\', NAME);
	bytes(&format, "\nID: 7\nformat:\n", 15);
	for (i = 0; i < 500; i++) {
		bytes(&format, "\tfield:u8 ", 10);
		fill(&format, 'a', FIELD);
		bytes(&format, ";\toffset:2;\tsize:1;\tsigned:0;\n", 30);
	}
	u32(&formats, 1);
	fill(&formats, '\\', NAME);
	fill(&formats, 0, 1);
	u32(&formats, 1);
	u64(&formats, format.n);
	join(&formats, &format);
	for (i = 0; i < n; i++) {
		if (pages.n % PAGE == 0) {
			u64(&pages, i);
			u64(&pages, PAGE - HEAD);
		}
		u32(&pages, 1); /* 4 bytes */
		u16(&pages, 7);
		u16(&pages, 0xffff);
	}
	fill(&pages, 0, -pages.n % PAGE);
	at = DAT_OPTIONS_AT + 16 + 14 + 6 + 38;
	dat_option_at(&options, DAT_EVENT_FORMATS, at);
	u64(&buffer, at + 16 + formats.n);
	text(&buffer, "");
	text(&buffer, "");
	u32(&buffer, PAGE);
	u32(&buffer, 1);
	u32(&buffer, 0);
	u64(&buffer, at + 16 + formats.n + 16);
	u64(&buffer, pages.n);
	dat_option(&options, DAT_BUFFER, &buffer);
	dat_begin(f, "7", PAGE, "none");
	dat_section(f, 0, 0, &options);
	dat_section(f, DAT_EVENT_FORMATS, 0, &formats);
	dat_section(f, DAT_BUFFER, 0, &pages);
}

/* --- ELF */

static void
section(struct file *f, uint32_t name, uint32_t type, uint64_t off, uint64_t size, uint32_t link)
{
	u32(f, name);
	u32(f, type);
	u64(f, 0);
	u64(f, 0);
	u64(f, off);
	u64(f, size);
	u32(f, link);
	u32(f, 1);
	u64(f, 8);
	u64(f, link == 0 ? 0 : 24);
}

/* The head of a library, and a segment with code: the first 1 MB. */
static void
elf_head(struct file *f, uint64_t sections, size_t n, size_t names)
{
	size_t i;

	bytes(f, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	u16(f, 3);  /* ET_DYN */
	u16(f, 62); /* EM_X86_64 */
	u32(f, 1);
	u64(f, 0);
	u64(f, 64);
	u64(f, sections);
	u32(f, 0);
	u16(f, 64);
	u16(f, 56);
	u16(f, 1);
	u16(f, 64);
	u16(f, n);
	u16(f, names);
	u32(f, 1); /* PT_LOAD, read and execute */
	u32(f, 5);
	for (i = 0; i < 3; i++)
		u64(f, 0);
	u64(f, 0x100000);
	u64(f, 0x100000);
	u64(f, 0x1000);
}

/* cs2text, which reads it from a sysroot: n symbols that share one name of 1 MB. */
static void
symbol_names(struct file *f, size_t n)
{
	static const char names[] = "\0.symtab\0.strtab\0.shstrtab";
	enum { SYMBOLS = 64 + 56, NAME = 1000000 };
	uint64_t strings = SYMBOLS + 24 * (n + 1), heads = strings + NAME + 2;
	uint64_t table = (heads + sizeof names + 7) & ~UINT64_C(7);
	size_t i;

	elf_head(f, table, 4, 3);
	fill(f, 0, 24);
	for (i = 0; i < n; i++) {
		u32(f, 1);
		u32(f, 0x12 | 1 << 16); /* a global function of section 1 */
		u64(f, 0x1000 + i * 16);
		u64(f, 16);
	}
	fill(f, 0, 1);
	fill(f, 'A', NAME);
	fill(f, 0, 1);
	bytes(f, names, sizeof names);
	pad(f);
	section(f, 0, 0, 0, 0, 0);
	section(f, 1, 2, SYMBOLS, 24 * (n + 1), 2);
	section(f, 9, 3, strings, NAME + 2, 0);
	section(f, 17, 3, heads, sizeof names, 0);
}

/* cs2text: n functions and n relocations, and as many bytes of names; 40 sections claim all of
 * them, as tables of relocations with names in turn here and there, and as stubs. */
static void
elf_tables(struct file *f, size_t n)
{
	enum { TABLES = 40, BODY = 64 + 56 };
	static const char names[] = "\0.plt\0.plt.sec\0.plt.got\0.iplt";
	static const uint32_t plt[] = { 1, 6, 15, 24 };
	uint64_t size = 24 * n, heads = BODY + 3 * size;
	size_t i;

	elf_head(f, (heads + sizeof names + 7) & ~UINT64_C(7), 7 + TABLES, 6);
	for (i = 0; i < n; i++) { /* symbols, by 16 names */
		u32(f, 1 + i % 16);
		u32(f, 0x12 | 1 << 16);
		u64(f, BODY + i % 4096);
		u64(f, 16);
	}
	for (i = 0; i < n; i++) { /* relocations of slots; stubs that jump through one of them */
		bytes(f, "\xff\x25\x10\0\0\0\x90\x90", 8);
		u64(f, (1 + i % 2) << 32 | 7);
		u64(f, 0);
	}
	fill(f, 0, 1);
	fill(f, 'A', size - 2);
	fill(f, 0, 1);
	bytes(f, names, sizeof names);
	pad(f);
	section(f, 0, 0, 0, 0, 0);
	section(f, 0, 2, BODY, size, 3);            /* .symtab */
	section(f, 0, 11, BODY, size, 3);           /* .dynsym */
	section(f, 0, 3, BODY + 2 * size, size, 0); /* names */
	section(f, 0, 11, BODY, size, 5);           /* another .dynsym */
	section(f, 0, 3, BODY + 2 * size, size, 0);
	section(f, 0, 3, heads, sizeof names, 0);
	for (i = 0; i < TABLES; i++)
		if (i < 4)
			section(f, plt[i], 1, BODY + size, size, 0);
		else
			section(f, 0, 4, BODY + size, size, i % 2 == 0 ? 2 : 4);
}

/* cs2text, which reads it as /tmp/perf-1.map: n functions in a larger one, each of one byte. */
static void
jit_map(struct file *f, size_t n)
{
	char s[64];
	size_t i;

	bytes(f, "0 ffffffff a\n", 13);
	for (i = 0; i < n; i++)
		bytes(f, s, (size_t)snprintf(s, sizeof s, "%zx 1 b\n", 2 * i));
}

/* cs2text, which reads it as jit-1.dump: the same. */
static void
jit_dump(struct file *f, size_t n)
{
	size_t i;

	u32(f, 0x4a695444);
	u32(f, 1);
	u32(f, 40);
	u32(f, 62);
	u32(f, 0);
	u32(f, 1);
	u64(f, 0);
	u64(f, 0);
	for (i = 0; i <= n; i++) {
		u32(f, 0);
		u32(f, 58);
		u64(f, 1);
		u64(f, 0);
		u64(f, 0);
		u64(f, i == 0 ? 0 : 2 * i);
		u64(f, i == 0 ? UINT32_MAX : 1);
		u64(f, 1);
		bytes(f, "a", 2);
	}
}

/* cs2text -k: one line n times. */
static void
kernel_symbol(struct file *f, size_t n)
{
	while (n-- > 0)
		bytes(f, "1 t a\n", 6);
}

/* n processes that have one file mapped, and an address in each. */
static void
jit_processes(struct file *f, size_t n)
{
	size_t i;

	line(f, "meta - host clockid monotonic\n");
	for (i = 1; i <= n; i++) {
		line(f, "map 0 host 0 %zu %zu u 0 ffffffff 0 rwxp - //anon\n", i, i);
		line(f, "map 0 host 0 %zu %zu u ffffffffff000000 1000 0 r-xp - /tmp/jit-1.dump\n",
		    i, i);
		line(f, "idle 2 host 0 %zu %zu 0 1 u;%zx\n", i, i, 2 * i);
	}
}

static void
put_usample(struct file *f, size_t t, const char *regs)
{
	line(f, "usample %zu host 0 1 1 x86_64 ", t);
	bytes(f, regs, strlen(regs));
	bytes(f, "\t", 1);
}

static void
put_word(struct file *f, uint64_t word)
{
	char s[32];

	bytes(f, s, (size_t)snprintf(s, sizeof s, "%" PRIx64 " ", word));
}

/* recunwind: n stacks, each with a frame for each 2 words, which are all found by the frame
 * pointer.
 */
static void
unwind_pointers(struct file *f, size_t n)
{
	size_t i, j;

	line(f, "map 0 host 0 1 1 u 1000 1000 0 r-x - /none\n");
	for (i = 0; i < n; i++) {
		put_usample(f, i, "bp=0x10000 sp=0x10000 ip=0x1001");
		for (j = 1; j < 1000; j++) {
			put_word(f, 0x10000 + 16 * j);
			put_word(f, 0x1001);
		}
		bytes(f, "0", 1);
		line(f, "\nidle %zu host 0 1 1 0 1 -\n", i);
	}
}

/* What unwind_program unwinds to: n stacks, each of 1000 return addresses in different places. */
static void
unwind_stacks(struct file *f, size_t n)
{
	size_t i, j;

	line(f, "map 0 host 0 1 1 u 100000 f00000 0 r-x - /a\n");
	for (i = 0; i < n; i++) {
		put_usample(f, i, "sp=0x10000 ip=0x101000");
		for (j = 1; j < 1000; j++)
			put_word(f, 0x101000 + (i * 1000 + j) % 0xe00000);
		bytes(f, "0", 1);
		line(f, "\nidle %zu host 0 1 1 0 1 -\n", i);
	}
}

/* A program with one section, .eh_frame, from the frames, which are freed. */
static void
put_program(struct file *f, struct file *frames)
{
	static const char names[24] = "\0.shstrtab\0.eh_frame";

	bytes(f, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	u16(f, 3);
	u16(f, 62);
	u32(f, 1);
	u64(f, 0);
	u64(f, 64);
	u64(f, 64 + 56 + sizeof names);
	u32(f, 0);
	u16(f, 64);
	u16(f, 56);
	u16(f, 1);
	u16(f, 64);
	u16(f, 3);
	u16(f, 1);
	u32(f, 1); /* PT_LOAD: all of the file, and more */
	u32(f, 5);
	fill(f, 0, 24);
	u64(f, 0xf00000);
	u64(f, 0xf00000);
	u64(f, 0x1000);
	bytes(f, names, sizeof names);
	section(f, 0, 0, 0, 0, 0);
	section(f, 1, 3, 64 + 56, sizeof names, 0);
	section(f, 11, 1, 64 + 56 + sizeof names + 3 * 64, frames->n, 0);
	bytes(f, frames->p, frames->n);
	free(frames->p);
}

/* Begin a CIE for x86-64: the CFA is rsp + 8, rip before it. Its length is put by end_frame(). */
static void
begin_frames(struct file *f)
{
	u32(f, 0);
	u32(f, 0);
	bytes(f, "\1\0\1\170\20", 5);
	bytes(f, "\x0c\7\10\x90\1", 5);
}

static void
end_frame(struct file *f, size_t begin)
{
	uint32_t size;

	pad(f);
	size = (uint32_t)(f->n - begin - 4);
	memcpy(f->p + begin, &size, sizeof size);
}

/* Begin an FDE of the first CIE. Returns where. */
static size_t
begin_fde(struct file *f, uint64_t pc, uint64_t size)
{
	size_t begin = f->n;

	u32(f, 0);
	u32(f, (uint32_t)f->n);
	u64(f, pc);
	u64(f, size);
	return begin;
}

/* recunwind, which reads it from a sysroot: a program with one FDE of nearly 64 KB for all code; at
 * each place, the values of 15 registers are expressions that never end. */
static void
unwind_program(struct file *f, size_t n)
{
	struct file frames = { 0 };
	size_t i;

	begin_frames(&frames);
	for (i = 0; i < 16; i++)
		if (i != 7)
			bytes(
			    &frames, (uint8_t[]){ 0x16, (uint8_t)i, 4, 0x31, 0x2f, 0xfc, 0xff }, 7);
	end_frame(&frames, 0);
	i = begin_fde(&frames, 0x1000, 0xf00000);
	fill(&frames, 0, n);
	end_frame(&frames, i);
	put_program(f, &frames);
}

/* The same, with n FDEs for 16 bytes each that name large registers, remember states, or have their
 * own CIE. */
static void
unwind_frames(struct file *f, size_t n)
{
	struct file frames = { 0 };
	size_t i, at;

	begin_frames(&frames);
	end_frame(&frames, 0);
	for (i = 0; i < n; i++) {
		if (i % 4 == 3) {
			at = frames.n;
			begin_frames(&frames);
			end_frame(&frames, at);
		}
		at = begin_fde(&frames, 0x101000 + 16 * i, 16);
		if (i % 4 == 0)
			bytes(&frames, "\7\xff\xff\xff\x3f", 5); /* register 2^27 - 1 */
		else if (i % 4 == 1)
			fill(&frames, 0x0a, i % 1024 == 1 ? 10000 : 15);
		else if (i % 4 == 3)
			memcpy(frames.p + at + 4, &(uint32_t){ 28 }, 4); /* the CIE before it */
		end_frame(&frames, at);
	}
	put_program(f, &frames);
}

static const struct {
	const char *name;
	void (*make)(struct file *, size_t);
} cases[] = {
	{ "aux_missing", aux_missing },
	{ "aux_overlap", aux_overlap },
	{ "dat_clocks", dat_clocks },
	{ "dat_guest", dat_guest },
	{ "dat_loop", dat_loop },
	{ "dat_names", dat_names },
	{ "dat_packed", dat_packed },
	{ "dat_sections", dat_sections },
	{ "dat_tables", dat_tables },
	{ "deep_stack", deep_stack },
	{ "deferred", deferred },
	{ "elf_tables", elf_tables },
	{ "event_types", event_types },
	{ "fib_forks", fib_forks },
	{ "fields", fields },
	{ "frames", frames },
	{ "hash_flood", hash_flood },
	{ "intervals", intervals },
	{ "irq_cpus", irq_cpus },
	{ "jit_dump", jit_dump },
	{ "jit_map", jit_map },
	{ "jit_processes", jit_processes },
	{ "kernel_symbol", kernel_symbol },
	{ "long_comm_forks", long_comm_forks },
	{ "long_comm_states", long_comm_states },
	{ "lost_cpus", lost_cpus },
	{ "machines", machines },
	{ "machines_stack", machines_stack },
	{ "machines_switch", machines_switch },
	{ "many_formats", many_formats },
	{ "many_images", many_images },
	{ "many_tasks", many_tasks },
	{ "maps_forks", maps_forks },
	{ "maps_inherited", maps_inherited },
	{ "maps_wanted", maps_wanted },
	{ "print_fmt", print_fmt },
	{ "shared_ids", shared_ids },
	{ "shared_names", shared_names },
	{ "shared_stack", shared_stack },
	{ "simple_files", simple_files },
	{ "simple_split", simple_split },
	{ "simple_symbols", simple_symbols },
	{ "stat_max", stat_max },
	{ "stat_scopes", stat_scopes },
	{ "symbol_names", symbol_names },
	{ "unwind_frames", unwind_frames },
	{ "unwind_pointers", unwind_pointers },
	{ "unwind_program", unwind_program },
	{ "shares", shares },
	{ "unwind_stacks", unwind_stacks },
	{ "vcpus", vcpus },
	{ "waits", waits },
	{ "deep_states", deep_states },
	{ "wakes", wakes },
};

int
main(int argc, char *argv[])
{
	struct file f = { 0 };
	size_t i, n = sizeof cases / sizeof *cases;

	for (i = 0; argc == 3 && i < n && strcmp(argv[1], cases[i].name) != 0; i++)
		;
	if (argc != 3 || i == n)
		errx(2, "usage: hostile CASE N >file");
	cases[i].make(&f, strtoul(argv[2], NULL, 10));
	if (fwrite(f.p, 1, f.n, stdout) != f.n || fflush(stdout) != 0)
		err(1, "stdout");
	free(f.p);
	return 0;
}
