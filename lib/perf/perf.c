/* SPDX-License-Identifier: MIT */

#include "perf.h"

enum { HEADER = 8, SIMPLEPERF = 32768 };

static const char *const names[PERF_R_COUNT] = { NULL, "MMAP", "LOST", "COMM", "EXIT", "THROTTLE",
	"UNTHROTTLE", "FORK", "READ", "SAMPLE", "MMAP2", "AUX", "ITRACE_START", "LOST_SAMPLES",
	"SWITCH", "SWITCH_CPU_WIDE", "NAMESPACES", "KSYMBOL", "BPF_EVENT", "CGROUP", "TEXT_POKE",
	"AUX_OUTPUT_HW_ID", "CALLCHAIN_DEFERRED", [PERF_R_HEADER_ATTR] = "HEADER_ATTR",
	"EVENT_TYPE", "TRACING_DATA", "BUILD_ID", "FINISHED_ROUND", "ID_INDEX", "AUXTRACE_INFO",
	"AUXTRACE", "AUXTRACE_ERROR", "THREAD_MAP", "CPU_MAP", "STAT_CONFIG", "STAT", "STAT_ROUND",
	"EVENT_UPDATE", "TIME_CONV", "HEADER_FEATURE", "COMPRESSED", "FINISHED_INIT", "COMPRESSED2",
	"BPF_METADATA", "SCHEDSTAT_CPU", "SCHEDSTAT_DOMAIN" };

const char *
perf_type_name(unsigned type)
{
	return type < PERF_R_COUNT ? names[type] : NULL;
}

static bool
bad(struct perf *p, uint64_t offset, const char *what)
{
	p->broken = true;
	return fault_set(&p->fault, "%s@0x%llx: %s", p->in->name, (unsigned long long)offset, what);
}

bool
perf_open(struct perf *p, struct input *in)
{
	*p = (struct perf){ .in = in };
	blocks_open(&p->blocks, in);
	if (!perf_header_read(&p->header, &p->blocks, &p->events, &p->fault))
		return false;
	p->pos = p->header.data;
	p->end = p->header.end;
	return true;
}

void
perf_close(struct perf *p)
{
	blocks_close(&p->blocks);
	timeorder_free(&p->order);
	perf_events_free(&p->events);
}

struct perf_who
perf_trailer(const struct perf_record *r, struct bytes *body)
{
	struct perf_who nobody = { -1, -1, -1, UINT64_MAX, UINT64_MAX };

	*body = r->body;
	return r->event == NULL ? nobody : perf_attr_trailer(r->event, body);
}

struct bytes
perf_bytes(struct perf *p, uint64_t offset, uint64_t n)
{
	return perf_header_bytes(&p->header, &p->blocks, offset, n);
}

struct bytes
perf_feature(struct perf *p, int feature)
{
	return perf_bytes(p, p->header.feature[feature].offset, p->header.feature[feature].size);
}

/* The time of a record, 0 where it has none. */
static uint64_t
time_of(struct perf *p, const struct perf_record *r)
{
	const struct perf_attr *a = p->events.n > 0 ? p->events.event[0] : NULL;
	struct bytes b = r->body;
	uint64_t t;
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
	t = bytes_u64(&b);
	return t > INT64_MAX ? 0 : t;
}

/* Data that follow a record without being counted in its size; simpleperf puts formats inside. */
static bool
find_blob(struct perf *p, struct perf_record *r)
{
	struct bytes b = r->body;
	size_t inside = r->type == PERF_R_TRACING_DATA ? 4 : 0;

	r->blob_size = inside > 0 ? bytes_u32(&b) : bytes_u64(&b);
	r->blob = r->offset + HEADER + bytes_left(&r->body);
	if (inside > 0 && bytes_left(&b) >= r->blob_size) {
		r->blob = r->offset + HEADER + inside;
		return !bytes_bad(&b);
	}
	if (bytes_bad(&b) || r->blob_size > p->end - r->blob)
		return bad(p, r->offset, "the data that follow the record are cut short");
	p->pos += r->blob_size;
	return true;
}

/* An attr of attr.size bytes, its ids behind it. */
static void
take_attr(struct perf *p, struct bytes b)
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

/* Records may go, in time order: they are read at as many places as there are runs of them. */
static void
release_ordered(struct perf *p, void (*which)(struct timeorder *))
{
	which(&p->order);
	blocks_places(&p->blocks, p->order.nrun);
}

/* What perf itself wrote, for us or for the caller, is not put into order. */
static bool
take_own(struct perf *p, struct perf_record *r)
{
	struct bytes b = r->body;

	switch (r->type) {
	case PERF_R_FINISHED_ROUND:
		release_ordered(p, timeorder_mark);
		return true;
	case PERF_R_HEADER_ATTR:
		take_attr(p, b);
		return true;
	case PERF_R_EVENT_TYPE:
		perf_events_type(&p->events, b);
		return true;
	case PERF_R_EVENT_UPDATE:
		perf_events_update(&p->events, b);
		return true;
	case PERF_R_HEADER_FEATURE:
		if (bytes_u64(&b) == PERF_F_EVENT_DESC)
			perf_events_describe(&p->events, b);
		return true;
	case PERF_R_TRACING_DATA:
	case PERF_R_AUXTRACE:
		return find_blob(p, r);
	default:
		return true;
	}
}

/* The data end: where the file did before, or without all that should follow them, is a fault. */
static bool
at_end(struct perf *p)
{
	if (p->header.cut)
		return bad(p, p->end, "the data are cut short");
	if (p->blocks.have < p->pos)
		return bad(p, p->blocks.have, "the data that follow a record are cut short");
	if (p->header.torn)
		fault_set(&p->fault, "%s: features behind the data are missing", p->in->name);
	return false;
}

/* Read the header of the record at pos: false at the end, with the fault set if that is too early.
 */
static bool
read_header(struct perf *p, struct perf_record *r, size_t *size)
{
	uint64_t left;
	struct bytes b;

	if (p->pos >= p->end || (p->header.end == UINT64_MAX && blocks_ended(&p->blocks, p->pos)))
		return at_end(p);
	left = p->end - p->pos;
	b = perf_header_bytes(&p->header, &p->blocks, p->pos, left < HEADER ? SIZE_MAX : HEADER);
	*r = (struct perf_record){ .offset = p->pos, .type = bytes_u32(&b), .misc = bytes_u16(&b) };
	*size = bytes_u16(&b);
	if (r->type >= SIMPLEPERF) /* simpleperf has the upper half of the size in misc */
		*size |= (size_t)r->misc << 16;
	if (bytes_bad(&b))
		return bad(p, p->pos, "the last record is cut short");
	if (*size < HEADER)
		return bad(p, p->pos, "a record cannot be that short");
	if (*size > left)
		return bad(p, p->pos, "the last record is cut short");
	return true;
}

/* Bring the record of size bytes at r->offset in. */
static bool
read_body(struct perf *p, struct perf_record *r, size_t size)
{
	struct bytes b = perf_header_bytes(&p->header, &p->blocks, r->offset, size);

	if (bytes_bad(&b))
		return bad(p, r->offset, "the last record is cut short");
	r->type = bytes_u32(&b);
	r->misc = bytes_u16(&b);
	bytes_u16(&b);
	r->body = b;
	return true;
}

static bool
timed(const struct perf *p)
{
	return p->events.n > 0 && p->events.event[0]->trailer > 0;
}

/* Read on by one record: it is put into order, or (*now) is for the caller at once. */
static bool
walk(struct perf *p, struct perf_record *r, bool *now)
{
	size_t size = 0;

	blocks_drop(&p->blocks, p->order.n == 0 ? p->pos : p->order.lowest);
	if (!read_header(p, r, &size))
		return false;
	p->pos += size;
	p->count[perf_type_name(r->type) != NULL ? r->type : 0]++;
	if (perf_type_name(r->type) == NULL)
		return blocks_at(&p->blocks, p->pos - 1, 1) != NULL ||
		       bad(p, r->offset, "the last record is cut short");
	if (!read_body(p, r, size))
		return false;
	*now = r->type >= PERF_R_USER;
	if (*now)
		return take_own(p, r);
	r->time = time_of(p, r);
	if (r->time != 0)
		p->before = r->time;
	/* in old recordings only samples have times: the others stay where they stand in the file
	 */
	*now = r->time == 0 && (timed(p) || p->before == 0);
	if (!*now)
		timeorder_add(&p->order, p->before, r->offset, size);
	return true;
}

/* Which event is it; a sample of none cannot be read. */
static bool
own(struct perf *p, struct perf_record *r)
{
	r->event = perf_events_of(&p->events, r->type == PERF_R_SAMPLE, r->body);
	if (r->event == NULL && r->type == PERF_R_SAMPLE)
		p->unmatched++;
	return r->event != NULL || r->type != PERF_R_SAMPLE;
}

/* Fill in the record that is next in time; false when it belongs to no event. */
static bool
fetch(struct perf *p, struct timeorder_entry e, struct perf_record *r)
{
	*r = (struct perf_record){ .offset = e.where >> 16, .time = e.time };
	return read_body(p, r, e.where & 0xffff) && own(p, r);
}

bool
perf_next(struct perf *p, struct perf_record *r)
{
	struct timeorder_entry e;
	bool now = false;

	for (;;) {
		if (timeorder_next(&p->order, &e)) {
			if (fetch(p, e, r))
				return true;
			continue;
		}
		if (p->ended)
			return false;
		p->ended = !walk(p, r, &now);
		if (p->ended)
			release_ordered(p, timeorder_end);
		else if (now && (r->type >= PERF_R_USER || own(p, r)))
			return true;
	}
}
