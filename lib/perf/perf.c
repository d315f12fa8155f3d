/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/perfmagic.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/zstd.h"
#include "blocks.h"
#include "perf_int.h"
#include "timeorder.h"

enum {
	FILE_HEADER = 104,
	OLD_HEADER = 72,
	PIPE_HEADER = 16,
	V1_HEADER = 24,
	BLOCKS = 512,     /* in the cache of the perf.data */
	PART_BLOCKS = 32, /* in that of another file of its folder */
	IDS = 16,         /* offset and size of an attr's ids */
	MAX_ATTR = 4096,
	RECORD_HEADER = 8,
	SIMPLEPERF = 32768
};

/*
 * The offset of a record has three parts: bit 47 is set if the record was compressed, 8 bits give
 * the stream, 39 bits the place in it. In the first stream it is the offset in the file.
 */
#define UNPACKED ((uint64_t)1 << 47)
#define PLACES ((uint64_t)1 << 39)

enum { MAX_STREAMS = 256, STREAM_SHIFT = 39 };

/* The records of a file: of the perf.data itself, or of another file of its folder. */
struct stream {
	struct input *in;
	struct blocks blocks;
	uint64_t pos, end;      /* of the records not read yet; end UINT64_MAX: unknown */
	struct zstd *zstd;      /* NULL until the first compressed record */
	struct blocks unpacked; /* the contents of compressed records */
	uint64_t next;          /* the next record in unpacked */
	struct input own;       /* not used for the perf.data itself */
	char *name;
};

enum { SAME_TIME = 8 };

/* The records returned so far that have the time of the last one. */
struct same_time {
	uint64_t time; /* 0: none */
	uint64_t where;
	uint64_t digest[SAME_TIME]; /* only if there are several */
	size_t n;
};

struct perf_reader {
	struct stream *stream[MAX_STREAMS];
	size_t nstream, at; /* at: the stream being read */
	struct timeorder order;
	struct same_time same;
	struct perf_events events;
	struct {
		uint64_t offset, size;
	} feature[PERF_F_COUNT]; /* their sections; size 0 if the file has none */
	uint64_t before;         /* the time of the last record read that has one */
	uint64_t ids_left;       /* bytes of ids that all events together may still have */
	struct strbuf split;     /* the pieces of a record of simpleperf */
	bool joined;             /* the pieces made a record, which was returned */
	bool cut;                /* the file ends before its data section does */
	bool ended;              /* all records are in order */
};

static const char *const names[PERF_R_COUNT] = { NULL, "MMAP", "LOST", "COMM", "EXIT", "THROTTLE",
	"UNTHROTTLE", "FORK", "READ", "SAMPLE", "MMAP2", "AUX", "ITRACE_START", "LOST_SAMPLES",
	"SWITCH", "SWITCH_CPU_WIDE", "NAMESPACES", "KSYMBOL", "BPF_EVENT", "CGROUP", "TEXT_POKE",
	"AUX_OUTPUT_HW_ID", "CALLCHAIN_DEFERRED", [PERF_R_HEADER_ATTR] = "HEADER_ATTR",
	"EVENT_TYPE", "TRACING_DATA", "BUILD_ID", "FINISHED_ROUND", "ID_INDEX", "AUXTRACE_INFO",
	"AUXTRACE", "AUXTRACE_ERROR", "THREAD_MAP", "CPU_MAP", "STAT_CONFIG", "STAT", "STAT_ROUND",
	"EVENT_UPDATE", "TIME_CONV", "HEADER_FEATURE", "COMPRESSED", "FINISHED_INIT", "COMPRESSED2",
	"BPF_METADATA", "SCHEDSTAT_CPU", "SCHEDSTAT_DOMAIN",
	[PERF_R_SIMPLEPERF + 1] = "simpleperf KERNEL_SYMBOL", "simpleperf DSO", "simpleperf SYMBOL",
	"simpleperf SPLIT", "simpleperf SPLIT_END", "simpleperf EVENT_ID", "simpleperf CALLCHAIN",
	"simpleperf UNWINDING_RESULT", "simpleperf TRACING_DATA" };

const char *
perf_type_name(unsigned type)
{
	return type < PERF_R_COUNT ? names[type] : NULL;
}

/* Whether records of a type are read; others are only counted. */
static bool
is_known(uint32_t type)
{
	return type < PERF_R_KNOWN && names[type] != NULL;
}

/* The index of a type in the counts. */
static unsigned
place_of(uint32_t type)
{
	if (type >= SIMPLEPERF && type - SIMPLEPERF < PERF_R_COUNT - PERF_R_SIMPLEPERF &&
	    names[type - SIMPLEPERF + PERF_R_SIMPLEPERF] != NULL)
		return type - SIMPLEPERF + PERF_R_SIMPLEPERF;
	return is_known(type) ? type : 0;
}

/* The stream that an offset is in; the perf.data itself if a damaged header gave the offset. */
static struct stream *
stream_of(const struct perf_reader *r, uint64_t offset)
{
	struct stream *s = r->stream[offset >> STREAM_SHIFT & (MAX_STREAMS - 1)];

	return s == NULL ? r->stream[0] : s;
}

bool
perf_fault(struct perf *p, uint64_t offset, const char *what)
{
	const struct input *in = stream_of(p->reader, offset)->in;
	const char *how = offset & UNPACKED ? " (decompressed)" : input_how(in);

	return fault_set(&p->fault, "%s@0x%llx%s: %s", in->name,
	    (unsigned long long)(offset % PLACES), how, what);
}

static inline struct bytes
record_bytes(struct perf *p, uint64_t offset, uint64_t n)
{
	struct stream *s = stream_of(p->reader, offset);
	const uint8_t *at = NULL;
	struct bytes b;

	if (n <= SIZE_MAX / 2)
		at = blocks_at(
		    offset & UNPACKED ? &s->unpacked : &s->blocks, offset % PLACES, (size_t)n);
	b = bytes_of(at, at == NULL ? 0 : (size_t)n, p->big);
	if (at == NULL)
		bytes_spoil(&b);
	return b;
}

struct bytes
perf_bytes(struct perf *p, uint64_t offset, uint64_t n)
{
	return record_bytes(p, offset, n);
}

/* perf_bytes() at an offset that the file gives, which may be any number. */
static struct bytes
header_bytes(struct perf *p, uint64_t offset, uint64_t n)
{
	return perf_bytes(p, offset % PLACES, offset < PLACES ? n : UINT64_MAX);
}

struct bytes
perf_feature(struct perf *p, int feature)
{
	return perf_feature_part(p, feature, 0, p->reader->feature[feature].size);
}

struct bytes
perf_feature_part(struct perf *p, int feature, uint64_t at, uint64_t n)
{
	const uint64_t offset = p->reader->feature[feature].offset;
	bool progress = p->in->progress.on;
	struct bytes b;

	p->in->progress.on = false; /* as in read_header() */
	b = header_bytes(p, offset < PLACES ? offset + at : offset, n);
	p->in->progress.on = progress;
	return b;
}

struct perf_events *
perf_events(const struct perf *p)
{
	return &p->reader->events;
}

size_t
perf_event_count(const struct perf *p)
{
	return p->reader->events.n;
}

uint64_t
perf_unread(const struct perf *p)
{
	const struct stream *s;
	uint64_t n = 0;
	size_t i;

	for (i = p->reader->at; i < p->reader->nstream; i++) {
		s = p->reader->stream[i];
		if (s->end == UINT64_MAX)
			return UINT64_MAX;
		n += s->end - s->pos;
	}
	return n;
}

uint64_t
perf_settled(const struct perf *p)
{
	return p->reader->order.settled;
}

struct perf_who
perf_trailer(const struct perf_record *r, struct bytes *body)
{
	const struct perf_attr *a = r->event;
	struct perf_who w = { -1, -1, -1, UINT64_MAX, UINT64_MAX };
	uint64_t st;
	struct bytes b;

	*body = r->body;
	if (a == NULL || a->trailer == 0 || bytes_left(body) < (size_t)a->trailer)
		return w;
	st = a->sample_type;
	b = *body;
	bytes_take(&b, bytes_left(body) - (size_t)a->trailer);
	bytes_keep(body, bytes_left(body) - (size_t)a->trailer);
	if (st & PERF_TID) {
		w.pid = (int32_t)bytes_u32(&b);
		w.tid = (int32_t)bytes_u32(&b);
	}
	if (st & PERF_TIME)
		w.time = bytes_u64(&b);
	if (st & PERF_ID)
		w.id = bytes_u64(&b);
	if (st & PERF_STREAM_ID)
		bytes_u64(&b);
	if (st & PERF_CPU) {
		w.cpu = (int32_t)bytes_u32(&b);
		bytes_u32(&b);
	}
	if (st & PERF_IDENTIFIER)
		w.id = bytes_u64(&b);
	return w;
}

/* --- the header */

/* perf_fault() at an offset that the header gives, which may be any number. */
static bool
header_fault(struct perf *p, uint64_t offset, const char *what)
{
	return fault_set(&p->fault, "%s@0x%llx%s: %s", p->in->name, (unsigned long long)offset,
	    input_how(p->in), what);
}

static bool
is_outside(const struct perf *p, uint64_t offset, uint64_t n)
{
	uint64_t have = p->in->size;

	return offset > have || n > have - offset;
}

/* Read the table after the data: the offset and size of each feature whose bit is set. */
static void
read_features(struct perf *p, const uint64_t bits[4], uint64_t at)
{
	struct perf_reader *r = p->reader;
	struct bytes b;
	int i;

	for (i = 0; i < PERF_F_COUNT; i++) {
		if (!(bits[i / 64] >> i % 64 & 1))
			continue;
		b = header_bytes(p, at, 16);
		if (bytes_bad(&b)) {
			p->torn = true;
			return;
		}
		r->feature[i].offset = bytes_u64(&b);
		r->feature[i].size = bytes_u64(&b);
		p->torn |= is_outside(p, r->feature[i].offset, r->feature[i].size);
		at += 16;
	}
}

/* Read the bits of the features. A 32-bit recorder of the other byte order swapped the halves of
 * each word, which the bit of HOSTNAME shows. */
static void
read_bits(struct bytes *b, uint64_t bits[4])
{
	bool halves;
	int i;

	for (i = 0; i < 4; i++)
		bits[i] = bytes_u64(b);
	halves = bytes_big(b) && !(bits[0] >> PERF_F_HOSTNAME & 1) &&
		 bits[0] >> (32 + PERF_F_HOSTNAME) & 1;
	for (i = 0; i < 4 && halves; i++)
		bits[i] = bits[i] << 32 | bits[i] >> 32;
}

/* Read the ids of an event. If those of all events are larger than the file, events share them, and
 * the time to read them would have no bound. */
static struct bytes
read_ids(struct perf *p, uint64_t attr, uint64_t offset, uint64_t n)
{
	struct perf_reader *r = p->reader;

	if (n > r->ids_left && !is_outside(p, offset, n)) {
		header_fault(
		    p, attr, "the events' ids overlap: those of further events are ignored");
		r->ids_left = n = 0;
	}
	r->ids_left -= n <= r->ids_left ? n : 0;
	return header_bytes(p, offset, n);
}

static bool
read_attrs(struct perf *p, uint64_t offset, uint64_t size, uint64_t each)
{
	uint64_t at, ids, n;
	struct perf_attr attr;
	struct bytes b;

	if (each < IDS + 8 || each > MAX_ATTR)
		return header_fault(p, 16, "an attr cannot have that size");
	p->reader->ids_left = p->in->size;
	for (at = offset; size >= each; at += each, size -= each) {
		b = header_bytes(p, at, each);
		if (bytes_bad(&b))
			return header_fault(p, at, "the events' attrs are cut short");
		attr = perf_attr_read(&b, each - IDS);
		ids = bytes_u64(&b);
		n = bytes_u64(&b);
		perf_events_add(&p->reader->events, attr, read_ids(p, at, ids, n));
	}
	return true;
}

static bool
read_file_header(struct perf *p, struct bytes b)
{
	struct perf_reader *r = p->reader;
	struct stream *s = r->stream[0];
	uint64_t size = bytes_u64(&b), each = bytes_u64(&b), attrs = bytes_u64(&b);
	uint64_t attrs_size = bytes_u64(&b), data_size, bits[4], have = p->in->size;

	s->pos = bytes_u64(&b);
	data_size = bytes_u64(&b);
	if (bytes_bad(&b) || (size != FILE_HEADER && size != OLD_HEADER))
		return header_fault(p, 8, "not a header that perf writes");
	bytes_take(&b, 16);
	read_bits(&b, bits);
	if (!read_attrs(p, attrs, attrs_size, each))
		return false;
	if (s->pos > have)
		return header_fault(p, 40, "the data start after the end of the file");
	p->killed = data_size == 0;
	r->cut = p->torn = data_size > have - s->pos;
	s->end = p->killed || r->cut ? have : s->pos + data_size;
	if (!p->killed && !r->cut && size == FILE_HEADER && !bytes_bad(&b))
		read_features(p, bits, s->end);
	perf_events_describe(&r->events, perf_feature(p, PERF_F_EVENT_DESC));
	return true;
}

/* Whether a file is big-endian. Version 1 shows that only by the size of an attr, a small number.
 */
static bool
is_big(const uint8_t *head, enum perf_magic magic)
{
	return magic == PERF_MAGIC_V1 ? head[16] == 0 && head[17] == 0 : magic == PERF_MAGIC_BIG;
}

/* Refuse an input that is not a perf.data file, and name the filter for it if it is known. */
static bool
refuse(struct perf *p, const uint8_t *head, size_t n)
{
	enum magic magic = magic_of(head, n);

	if (magic == MAGIC_NONE || magic == MAGIC_PERF)
		return header_fault(p, 0, "not a perf.data file");
	return fault_set(&p->fault, "%s%s: %s", p->in->name, input_how(p->in), magic_advice(magic));
}

static bool
read_header(struct perf *p)
{
	struct input *in = p->in;
	size_t have = input_fill(in, FILE_HEADER);
	const uint8_t *head = input_at(in);
	enum perf_magic magic = perf_magic(head, have);
	bool progress = in->progress.on, good;
	struct bytes b;

	if (have == 0 && fault_is(&in->fault))
		return false;
	if (have == 0)
		return fault_set(&p->fault, "%s: empty", in->name);
	if (have < (magic == PERF_MAGIC_V1 ? V1_HEADER : PIPE_HEADER) || magic == PERF_MAGIC_NONE)
		return refuse(p, head, have);
	p->big = is_big(head, magic);
	b = bytes_of(head + 8, PIPE_HEADER - 8, p->big);
	p->pipe = bytes_u64(&b) == PIPE_HEADER;
	if (p->pipe)
		return true;
	if (have < OLD_HEADER)
		return header_fault(p, have, "the header is cut short");
	if (!input_spool(in))
		return false;
	blocks_close(&p->reader->stream[0]->blocks);
	blocks_open(&p->reader->stream[0]->blocks, in, BLOCKS);
	in->progress.on = false; /* part of the header follows the records */
	good = read_file_header(p, header_bytes(p, 8, have - 8));
	in->progress.on = progress;
	return good;
}

static void
free_stream(struct stream *s)
{
	blocks_close(&s->blocks);
	if (s->zstd != NULL)
		blocks_close(&s->unpacked);
	zstd_free(s->zstd);
	if (s->name != NULL)
		input_close(&s->own);
	free(s->name);
	free(s);
}

bool
perf_open(struct perf *p, struct input *in)
{
	struct perf_reader *r = mem_alloc(sizeof *r);
	struct stream *s = mem_alloc(sizeof *s);

	*p = (struct perf){ .in = in, .reader = r };
	r->stream[r->nstream++] = s;
	*s = (struct stream){ .in = in, .pos = PIPE_HEADER, .end = UINT64_MAX };
	blocks_open(&s->blocks, in, BLOCKS);
	return read_header(p);
}

/* Open a regular file. Returns -1 with errno set. */
static int
open_part(const char *name)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = 0;
		return -1;
	}
	return fd;
}

/* Add the stream of the file NAME.number. Returns false if there is none, or with the fault set. */
static bool
add_part(struct perf *p, size_t number)
{
	struct perf_reader *r = p->reader;
	size_t size = strlen(p->in->name) + 1 + TEXT_NUMBER + 1;
	char *name = mem_alloc(size);
	struct stream *s;
	int fd;

	snprintf(name, size, "%s.%zu", p->in->name, number);
	fd = open_part(name);
	if (fd < 0) {
		if (errno != ENOENT)
			fault_set(&p->fault, "%s: %s", name,
			    errno == 0 || errno == ELOOP ? "not a regular file" : strerror(errno));
		free(name);
		return false;
	}
	s = mem_alloc(sizeof *s);
	s->name = name;
	s->in = &s->own;
	input_open_fd(s->in, name, fd);
	blocks_open(&s->blocks, s->in, PART_BLOCKS);
	s->end = s->own.gz == NULL ? s->own.size : UINT64_MAX;
	r->stream[r->nstream++] = s;
	return true;
}

bool
perf_add_parts(struct perf *p)
{
	size_t n;

	for (n = 0; n < MAX_STREAMS - 1 && add_part(p, n); n++)
		;
	if (n == MAX_STREAMS - 1)
		fault_set(&p->fault, "%s: only the first %zu files that belong to it are read",
		    p->in->name, n);
	return !fault_is(&p->fault);
}

void
perf_close(struct perf *p)
{
	struct perf_reader *r = p->reader;
	size_t i;

	for (i = 0; i < r->nstream; i++)
		free_stream(r->stream[i]);
	timeorder_free(&r->order);
	strbuf_free(&r->split);
	perf_events_free(&r->events);
	free(r);
}

/* --- records in the order of the file */

/* Report why the rest of the file cannot be read. */
static bool
stop(struct perf *p, uint64_t offset, const char *what)
{
	p->broken = true;
	return perf_fault(p, offset, what);
}

/* The time of a record, 0 if it has none. A time above INT64_MAX is damaged, or means none. */
static inline uint64_t
time_of(struct perf_reader *p, const struct perf_record *r)
{
	const struct perf_attr *a = p->events.n > 0 ? p->events.event[0] : NULL;
	struct bytes b = r->body;
	int at;

	if (a != NULL && p->events.mixed)
		a = perf_events_of(&p->events, r->type == PERF_R_SAMPLE, r->body);
	at = a == NULL ? -1 : r->type == PERF_R_SAMPLE ? a->sample_time : a->back_time;
	if (at >= 0)
		bytes_take(&b, r->type == PERF_R_SAMPLE ? (size_t)at : bytes_left(&b) - (size_t)at);
	else if (r->type == PERF_R_FORK || r->type == PERF_R_EXIT)
		bytes_take(&b, 16);
	else if (r->type != PERF_R_THROTTLE && r->type != PERF_R_UNTHROTTLE)
		return 0;
	return bytes_u64(&b);
}

/* Replace a time above INT64_MAX: perf writes -1 for none; a record with any other keeps its place
 * in the file. */
static uint64_t
mend_time(struct perf *p, uint64_t time, uint64_t offset)
{
	if (time == UINT64_MAX)
		return 0;
	perf_fault(p, offset, "the time of the record is impossible");
	return p->reader->before;
}

/* The offset of a place in the stream being read. */
static uint64_t
offset_of(const struct perf_reader *p, uint64_t place)
{
	return (uint64_t)p->at << STREAM_SHIFT | place;
}

/* Skip the data that follow a record and are not part of its size. simpleperf puts formats into
 * the record. */
static bool
find_blob(struct perf *p, struct perf_record *r)
{
	struct stream *s = stream_of(p->reader, r->offset);
	struct bytes b = r->body;
	size_t inside = r->type == PERF_R_TRACING_DATA ? 4 : 0;

	r->blob_size = inside > 0 ? bytes_u32(&b) : bytes_u64(&b);
	r->blob = offset_of(p->reader, s->pos);
	if (inside > 0 && bytes_left(&b) >= r->blob_size) {
		r->blob = r->offset + RECORD_HEADER + inside;
		return !bytes_bad(&b);
	}
	if (!bytes_bad(&b) && r->type == PERF_R_AUXTRACE && r->blob_size > s->end - s->pos) {
		r->blob_size = s->end - s->pos;
		perf_fault(p, r->offset, "the trace that follows the record is cut short");
	}
	if (bytes_bad(&b) || r->blob_size > s->end - s->pos || r->blob_size >= PLACES ||
	    s->pos + r->blob_size >= PLACES)
		return stop(p, r->offset, "the data that follow the record are cut short");
	s->pos += r->blob_size;
	return true;
}

/* Read an attr of attr.size bytes and the ids that follow it. */
static void
take_attr(struct perf_reader *p, struct bytes b)
{
	struct bytes head = b;
	struct perf_attr a;
	uint64_t n;

	bytes_u32(&head);
	n = bytes_u32(&head);
	n = n == 0 ? 64 : n;
	n = n > bytes_left(&b) ? bytes_left(&b) : n;
	a = perf_attr_read(&b, (size_t)n);
	perf_events_add(&p->events, a, b);
}

/* Release records in time order. Each of their runs is read at a place of its own. */
static void
release_ordered(struct perf_reader *p, void (*release)(struct timeorder *))
{
	struct stream *s;
	size_t i, places;

	release(&p->order);
	places = p->order.nrun / p->nstream + 1;
	for (i = 0; i < p->nstream; i++) {
		s = p->stream[i];
		blocks_places(&s->blocks, places);
		if (s->zstd != NULL)
			blocks_places(&s->unpacked, places);
	}
}

static bool
append_unpacked(void *arg, const void *bytes, size_t n)
{
	struct stream *s = arg;

	return blocks_append(&s->unpacked, bytes, n);
}

/* Decompress a record. Those of a stream hold one sequence of records together. */
static bool
unpack(struct perf *p, const struct perf_record *r)
{
	struct stream *s = stream_of(p->reader, r->offset);
	struct bytes b = r->body;
	char text[128];
	const char *why;
	uint64_t n = bytes_left(&b);

	if (s->zstd == NULL) {
		s->zstd = zstd_new();
		blocks_open_buffer(&s->unpacked, s->in, s->name == NULL ? BLOCKS : PART_BLOCKS);
	}
	if (r->type == PERF_R_COMPRESSED2)
		n = bytes_u64(&b);
	if (n > bytes_left(&b))
		return stop(p, r->offset, "the compressed record is cut short");
	why = zstd_pass(s->zstd, b.p, (size_t)n, append_unpacked, s);
	if (why == NULL)
		return true;
	snprintf(text, sizeof text, "the compressed record is damaged: %s", why);
	return *why == '\0' ? false : stop(p, r->offset, text);
}

/* Learn from one of perf's own records what it says about the file. */
static bool
take_own(struct perf *p, struct perf_record *r)
{
	struct perf_events *events = &p->reader->events;
	struct bytes b = r->body;

	switch (r->type) {
	case PERF_R_FINISHED_ROUND:
		if (p->reader->nstream == 1) /* each of several has rounds of its own */
			release_ordered(p->reader, timeorder_mark);
		return true;
	case PERF_R_HEADER_ATTR:
		take_attr(p->reader, b);
		return true;
	case PERF_R_EVENT_TYPE:
		perf_events_type(events, b);
		return true;
	case PERF_R_EVENT_UPDATE:
		perf_events_update(events, b);
		return true;
	case PERF_R_HEADER_FEATURE:
		if (bytes_u64(&b) == PERF_F_EVENT_DESC)
			perf_events_describe(events, b);
		return true;
	case PERF_R_TRACING_DATA:
	case PERF_R_AUXTRACE:
		return find_blob(p, r);
	case PERF_R_COMPRESSED:
	case PERF_R_COMPRESSED2:
		return unpack(p, r);
	default:
		return true;
	}
}

/* Report and drop pieces that do not make a record. */
static void
drop_split(struct perf *p, uint64_t offset)
{
	struct perf_reader *r = p->reader;

	if (r->split.n > 0 && !r->joined)
		perf_fault(p, offset, "the SPLIT records before it lack a SPLIT_END");
	strbuf_clear(&r->split);
	r->joined = false;
}

/* End a stream: report it if its file ends before its last record does, or lacks what should
 * follow. Returns false if there is no further stream. */
static bool
at_end(struct perf *p)
{
	struct perf_reader *r = p->reader;
	struct stream *s = r->stream[r->at];

	if (r->at == 0 && r->cut)
		return stop(p, s->end, "the data are cut short");
	if (s->blocks.have < s->pos)
		return stop(
		    p, offset_of(r, s->blocks.have), "the data that follow a record are cut short");
	if (s->zstd != NULL && s->next < s->unpacked.have)
		return stop(p, UNPACKED | offset_of(r, s->next), "the last record is cut short");
	if (r->split.n > 0)
		drop_split(p, offset_of(r, s->pos));
	if (r->at == 0 && p->torn)
		fault_set(&p->fault, "%s: features after the data are missing", p->in->name);
	r->at++;
	return r->at < r->nstream;
}

/* Read the header of the next record of the file. Returns false if there is none, with the fault
 * set. */
static bool
read_record_header(struct perf *p, struct perf_record *r, size_t *size)
{
	struct stream *s = p->reader->stream[p->reader->at];
	uint64_t left = s->end - s->pos;
	struct bytes b;

	if (s->pos >= PLACES)
		return stop(p, offset_of(p->reader, 0), "the file is larger than 512 GB");
	*r = (struct perf_record){ .offset = offset_of(p->reader, s->pos) };
	b = record_bytes(p, r->offset, left < RECORD_HEADER ? SIZE_MAX : RECORD_HEADER);
	r->type = bytes_u32(&b);
	r->misc = bytes_u16(&b);
	*size = bytes_u16(&b);
	if (r->type >= SIMPLEPERF) /* misc is the upper half of the size */
		*size |= (size_t)r->misc << 16;
	if (bytes_bad(&b))
		return stop(p, r->offset, "the last record is cut short");
	if (*size < RECORD_HEADER)
		return stop(p, r->offset, "a record cannot be that short");
	if (*size > left)
		return stop(p, r->offset, "the last record is cut short");
	return true;
}

/* Read the record of size bytes at r->offset. */
static inline bool
read_body(struct perf *p, struct perf_record *r, size_t size)
{
	struct bytes b = record_bytes(p, r->offset, size);
	const uint8_t *head = bytes_take(&b, RECORD_HEADER);

	if (head == NULL)
		return stop(p, r->offset, "the last record is cut short");
	r->type = bytes_u32_at(&b, head);
	r->misc = bytes_u16_at(&b, head + 4);
	r->body = b;
	return true;
}

static bool
have_times(const struct perf_events *events)
{
	return events->n > 0 && events->event[0]->trailer > 0;
}

/* Make a TRACING_DATA record of simpleperf, with the formats of tracepoints, one of perf. */
static bool
take_formats(struct perf *p, struct perf_record *r, struct bytes b)
{
	uint32_t n = bytes_u32(&b);

	r->type = PERF_R_TRACING_DATA;
	r->body = bytes_cut(&b, n);
	if (bytes_bad(&b))
		perf_fault(p, r->offset, "the simpleperf TRACING_DATA record is cut short");
	return !bytes_bad(&b);
}

/* Join the pieces of a record. Returns false if it is of a type that is not read. */
static bool
join_split(struct perf *p, struct perf_record *r)
{
	struct perf_reader *from = p->reader;
	struct bytes b = bytes_of(from->split.p, from->split.n, p->big);
	uint32_t type = bytes_u32(&b);

	bytes_u32(&b); /* size */
	if (bytes_bad(&b) || place_of(type) < PERF_R_SIMPLEPERF) {
		perf_fault(
		    p, r->offset, "the SPLIT records before it hold no record of simpleperf");
		return false;
	}
	from->joined = true;
	if (place_of(type) == PERF_R_SIMPLE_TRACING)
		return take_formats(p, r, b);
	p->count[place_of(type)]++; /* only counted */
	return false;
}

/* Process a record of simpleperf. One larger than 64 KB comes in pieces, which are joined. */
static bool
take_simple(struct perf *p, struct perf_record *r, size_t size, bool *now)
{
	struct perf_reader *from = p->reader;
	unsigned place = place_of(r->type);

	if (place != PERF_R_SIMPLE_SPLIT && place != PERF_R_SIMPLE_SPLIT_END &&
	    place != PERF_R_SIMPLE_TRACING)
		return true;
	if (!read_body(p, r, size))
		return false;
	if (place == PERF_R_SIMPLE_TRACING) {
		*now = take_formats(p, r, r->body);
	} else if (place == PERF_R_SIMPLE_SPLIT_END) {
		*now = join_split(p, r);
	} else {
		if (from->joined)
			drop_split(p, r->offset);
		strbuf_add_bytes(&from->split, r->body.p, bytes_left(&r->body));
	}
	return true;
}

/* Process a record of size bytes whose header was read: put it into time order, or set *now if the
 * caller should have it at once. */
static bool
take(struct perf *p, struct perf_record *r, size_t size, bool *now)
{
	struct perf_reader *from = p->reader;

	if (is_known(r->type) && !read_body(p, r, size))
		return false;
	p->count[place_of(r->type)]++;
	if (from->split.n > 0 && place_of(r->type) != PERF_R_SIMPLE_SPLIT &&
	    place_of(r->type) != PERF_R_SIMPLE_SPLIT_END)
		drop_split(p, r->offset);
	if (!is_known(r->type))
		return take_simple(p, r, size, now);
	if (r->type >= PERF_R_USER) {
		/* compressed records hold only what the kernel wrote */
		*now = !(r->offset & UNPACKED);
		if (!*now && (r->type == PERF_R_COMPRESSED || r->type == PERF_R_COMPRESSED2))
			perf_fault(p, r->offset, "a compressed record in another");
		return !*now || take_own(p, r);
	}
	r->time = time_of(from, r);
	if (r->time > INT64_MAX)
		r->time = mend_time(p, r->time, r->offset);
	if (r->time != 0)
		from->before = r->time;
	/* in old recordings only samples have times: the others keep their place in the file */
	*now = r->time == 0 && (have_times(&from->events) || from->before == 0);
	if (!*now)
		timeorder_add(&from->order, from->before, r->offset, size);
	return true;
}

/* Read the header of the next decompressed record. Returns false if it is not complete yet. */
static bool
is_unpacked(struct perf *p, struct perf_record *r, size_t *size)
{
	struct stream *s = p->reader->stream[p->reader->at];
	uint64_t left = s->zstd == NULL ? 0 : s->unpacked.have - s->next;
	struct bytes b;

	if (left < RECORD_HEADER || s->unpacked.have > PLACES)
		return false;
	*r = (struct perf_record){ .offset = UNPACKED | offset_of(p->reader, s->next) };
	b = record_bytes(p, r->offset, RECORD_HEADER);
	r->type = bytes_u32(&b);
	r->misc = bytes_u16(&b);
	*size = bytes_u16(&b);
	return *size <= left;
}

/* Drop what no record will be read from again. */
static void
drop_read(struct perf_reader *p)
{
	uint64_t lowest = p->order.n == 0 ? UINT64_MAX : p->order.lowest;
	struct stream *s = p->stream[0];

	if (p->nstream > 1)
		return;
	blocks_drop(&s->blocks, lowest < s->pos ? lowest : s->pos);
	if (s->zstd == NULL || lowest < UNPACKED)
		return;
	lowest = lowest == UINT64_MAX ? lowest : lowest % PLACES;
	blocks_drop(&s->unpacked, lowest < s->next ? lowest : s->next);
}

/* Put the next records of the kernel that are in the cache into time order, up to the first one
 * that is another's, has no time or is not complete. They are most of a file. */
static void
take_kernel(struct perf *p, struct blocks *b, uint64_t *pos, uint64_t end, uint64_t stream)
{
	struct perf_reader *from = p->reader;
	struct perf_record r;
	size_t left = 0, size;
	const uint8_t *at = blocks_piece(b, *pos, &left);
	struct bytes all;

	left = end - *pos < left ? (size_t)(end - *pos) : left;
	for (; left >= RECORD_HEADER; at += size, *pos += size, left -= size) {
		all = bytes_of(at, left, p->big);
		r.type = bytes_u32_at(&all, at);
		size = bytes_u16_at(&all, at + 6);
		if (r.type >= PERF_R_USER || names[r.type] == NULL || size < RECORD_HEADER ||
		    size > left || *pos >= PLACES)
			return;
		r.body = bytes_of(at + RECORD_HEADER, size - RECORD_HEADER, p->big);
		r.time = time_of(from, &r);
		if (r.time == 0 || r.time > INT64_MAX)
			return;
		p->count[r.type]++;
		from->before = r.time;
		timeorder_add(&from->order, r.time, stream | *pos, size);
	}
}

/* take_kernel() in the stream being read; decompressed records come first. */
static void
take_some(struct perf *p)
{
	struct stream *s = p->reader->stream[p->reader->at];
	uint64_t stream = offset_of(p->reader, 0);

	if (p->reader->split.n > 0)
		return;
	if (s->zstd == NULL)
		take_kernel(p, &s->blocks, &s->pos, s->end, stream);
	else if (s->unpacked.have <= PLACES)
		take_kernel(p, &s->unpacked, &s->next, s->unpacked.have, UNPACKED | stream);
}

static bool
has_ended(struct stream *s)
{
	return s->pos >= s->end || (s->end == UINT64_MAX && blocks_ended(&s->blocks, s->pos));
}

/* Read and process one more record. */
static bool
walk(struct perf *p, struct perf_record *r, bool *now)
{
	struct perf_reader *from = p->reader;
	struct stream *s = from->stream[from->at];
	size_t size = 0;

	*now = false;
	drop_read(from);
	take_some(p);
	if (is_unpacked(p, r, &size)) {
		s->next += size;
		return size >= RECORD_HEADER ? take(p, r, size, now)
					     : stop(p, r->offset, "a record cannot be that short");
	}
	if (has_ended(s))
		return at_end(p);
	if (!read_record_header(p, r, &size))
		return false;
	s->pos += size;
	if (!is_known(r->type) && blocks_at(&s->blocks, s->pos - 1, 1) == NULL)
		return stop(p, r->offset, "the last record is cut short");
	return take(p, r, size, now);
}

/* --- records in time order */

/* Find the event of a record. Returns false for a sample without one, which cannot be read. */
static inline bool
find_event(struct perf *p, struct perf_record *r)
{
	r->event = perf_events_of(&p->reader->events, r->type == PERF_R_SAMPLE, r->body);
	if (r->event == NULL && r->type == PERF_R_SAMPLE)
		p->unmatched++;
	return r->event != NULL || r->type != PERF_R_SAMPLE;
}

static bool
fetch(struct perf *p, struct timeorder_entry e, struct perf_record *r)
{
	r->offset = e.where >> 16;
	r->time = e.time;
	r->blob = r->blob_size = 0;
	return read_body(p, r, e.where & 0xffff) && find_event(p, r);
}

static uint64_t
digest_of(struct perf *p, uint64_t where, unsigned *type)
{
	struct perf_record r = { .offset = where >> 16 };

	if (!read_body(p, &r, where & 0xffff))
		return 0;
	*type = r.type;
	return digest_bytes((uint64_t)r.type << 32 | r.misc, r.body.p, bytes_left(&r.body));
}

/*
 * Whether a record is a copy of one of the same time. If interrupts are frequent, perf record can
 * write a part of a buffer twice in one round (seen with Linux 6.18 and perf 6.1: up to 1.3 % of
 * the records). No event happens twice on one CPU in one nanosecond.
 */
static bool
is_copy(struct perf *p, struct timeorder_entry e)
{
	struct same_time *s = &p->reader->same;
	unsigned type = 0;
	uint64_t digest;
	size_t i;

	if (e.time != s->time || !have_times(&p->reader->events)) {
		s->time = e.time;
		s->where = e.where;
		s->n = 0;
		return false;
	}
	if (s->n == 0)
		s->digest[s->n++] = digest_of(p, s->where, &type);
	digest = digest_of(p, e.where, &type);
	for (i = 0; i < s->n; i++) {
		if (s->digest[i] == digest) {
			p->copies[type]++;
			return true;
		}
	}
	if (s->n < SAME_TIME)
		s->digest[s->n++] = digest;
	return false;
}

bool
perf_next(struct perf *p, struct perf_record *r)
{
	struct perf_reader *from = p->reader;
	struct timeorder_entry e;
	bool now = false;

	for (;;) {
		if (timeorder_next(&from->order, &e)) {
			if (!is_copy(p, e) && fetch(p, e, r))
				return true;
			continue;
		}
		from->same.time = 0; /* the records returned before may have been dropped */
		if (from->ended)
			return false;
		from->ended = !walk(p, r, &now);
		if (from->ended)
			release_ordered(from, timeorder_end);
		else if (now && (r->type >= PERF_R_USER || find_event(p, r)))
			return true;
	}
}
