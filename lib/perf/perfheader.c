/* SPDX-License-Identifier: MIT */

#include "perfheader.h"
#include "base/perfmagic.h"

enum {
	FILE_HEADER = 104,
	OLD_HEADER = 72,
	PIPE_HEADER = 16,
	V1_HEADER = 24,
	IDS = 16,
	MAX_ATTR = 4096
};

/* What is being read. */
struct reading {
	struct perf_header *h;
	struct blocks *blocks;
	struct perf_events *events;
	struct fault *fault;
};

static bool
bad(struct reading *r, uint64_t offset, const char *what)
{
	return fault_set(
	    r->fault, "%s@0x%llx: %s", r->blocks->in->name, (unsigned long long)offset, what);
}

static struct bytes
bytes_at(struct reading *r, uint64_t offset, uint64_t n)
{
	return perf_header_bytes(r->h, r->blocks, offset, n);
}

static bool
is_outside(const struct reading *r, uint64_t offset, uint64_t n)
{
	uint64_t have = r->blocks->in->size;

	return offset > have || n > have - offset;
}

/* The table behind the data: offset and size of each feature whose bit is set. */
static void
read_features(struct reading *r, const uint64_t bits[4], uint64_t at)
{
	struct bytes b;
	int i;

	for (i = 0; i < PERF_F_COUNT; i++) {
		if (!(bits[i / 64] >> i % 64 & 1))
			continue;
		b = bytes_at(r, at, 16);
		if (bytes_bad(&b)) {
			r->h->torn = true;
			return;
		}
		r->h->feature[i].offset = bytes_u64(&b);
		r->h->feature[i].size = bytes_u64(&b);
		r->h->torn |= is_outside(r, r->h->feature[i].offset, r->h->feature[i].size);
		at += 16;
	}
}

/* A 32-bit recorder of the other byte order wrote its halves swapped: its HOSTNAME bit tells. */
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

static bool
read_attrs(struct reading *r, uint64_t offset, uint64_t size, uint64_t each)
{
	uint64_t at, ids, nids;
	struct perf_attr attr;
	struct bytes b;

	if (each < IDS + 8 || each > MAX_ATTR)
		return bad(r, 16, "an attr cannot have that size");
	for (at = offset; size >= each; at += each, size -= each) {
		b = bytes_at(r, at, each);
		if (bytes_bad(&b))
			return bad(r, at, "the events' attrs are cut short");
		attr = perf_attr_read(&b, each - IDS);
		ids = bytes_u64(&b);
		nids = bytes_u64(&b);
		perf_events_add(r->events, attr, bytes_at(r, ids, nids));
	}
	return true;
}

static void
name_events(struct reading *r)
{
	uint64_t at = r->h->feature[PERF_F_EVENT_DESC].offset;

	perf_events_describe(r->events, bytes_at(r, at, r->h->feature[PERF_F_EVENT_DESC].size));
}

static bool
read_file(struct reading *r, struct bytes b)
{
	struct perf_header *h = r->h;
	uint64_t size = bytes_u64(&b), each = bytes_u64(&b), attrs = bytes_u64(&b);
	uint64_t attrs_size = bytes_u64(&b), data_size, bits[4], have = r->blocks->in->size;

	h->data = bytes_u64(&b);
	data_size = bytes_u64(&b);
	if (bytes_bad(&b) || (size != FILE_HEADER && size != OLD_HEADER))
		return bad(r, 8, "not a header that perf writes");
	bytes_take(&b, 16);
	read_bits(&b, bits);
	if (!read_attrs(r, attrs, attrs_size, each))
		return false;
	if (h->data > have)
		return bad(r, 40, "the data begin behind the end of the file");
	h->killed = data_size == 0;
	h->cut = data_size > have - h->data;
	h->torn = h->cut;
	h->end = h->killed || h->cut ? have : h->data + data_size;
	if (!h->killed && !h->cut && size == FILE_HEADER && !bytes_bad(&b))
		read_features(r, bits, h->end);
	name_events(r);
	return true;
}

/* Version 1 says its byte order only by the size of an attr, which is a small number. */
static bool
is_big(const uint8_t *head, enum perf_magic magic)
{
	return magic == PERF_MAGIC_V1 ? head[16] == 0 && head[17] == 0 : magic == PERF_MAGIC_BIG;
}

bool
perf_header_read(
    struct perf_header *h, struct blocks *blocks, struct perf_events *events, struct fault *fault)
{
	struct reading r = { h, blocks, events, fault };
	struct input *in = blocks->in;
	size_t have = input_fill(in, FILE_HEADER);
	const uint8_t *head = input_at(in);
	enum perf_magic magic = perf_magic(head, have);
	struct bytes b;

	*h = (struct perf_header){ .data = PIPE_HEADER, .end = UINT64_MAX };
	if (fault_is(&in->fault))
		return false;
	if (have == 0)
		return fault_set(fault, "%s: empty", in->name);
	if (have < (magic == PERF_MAGIC_V1 ? V1_HEADER : PIPE_HEADER) || magic == PERF_MAGIC_NONE)
		return bad(&r, 0, "not a perf.data file");
	h->big = is_big(head, magic);
	b = bytes_of(head + 8, PIPE_HEADER - 8, h->big);
	h->pipe = bytes_u64(&b) == PIPE_HEADER;
	if (h->pipe)
		return true;
	if (have < OLD_HEADER)
		return bad(&r, have, "the header is cut short");
	if (!input_spool(in))
		return false;
	blocks_close(blocks);
	blocks_open(blocks, in);
	return read_file(&r, bytes_at(&r, 8, have - 8));
}
