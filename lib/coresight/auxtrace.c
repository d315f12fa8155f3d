/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "auxtrace.h"
#include "base/mem.h"

enum {
	INFO_CS_ETM = 3,
	MAXCPUS = 65536,
	PARAMETERS = 9,
	TS_VIRTUAL = 1,
	ID_MASK = 0x7f,
	ID_UNUSED = 0x7f
};

#define MAGIC_ETM3 0x3030303030303030
#define MAGIC_ETM4 0x4040404040404040
#define MAGIC_ETE 0x5050505050505050

void
auxtrace_free(struct auxtrace *a)
{
	free(a->source);
	free(a->buffer);
	free(a->aux);
	free(a->piece);
	hash_free(&a->by_cpu);
	*a = (struct auxtrace){ 0 };
}

static void
describe_etm3(struct csd_source *s, const uint64_t *param)
{
	s->reg[CSD_CONFIGR] = (uint32_t)param[0];
	s->reg[CSD_IDR1] = (uint32_t)param[2]; /* ETMCCER */
	s->reg[CSD_IDR0] = (uint32_t)param[3]; /* ETMIDR: bits 11:8 are 3 in a PTM */
	s->protocol = (param[3] & 0x300) == 0x300 ? CSD_PTM : CSD_ETMV3;
	s->arch = CSD_V7;
}

static void
describe_etm4(struct csd_source *s, const uint64_t *param)
{
	s->reg[CSD_CONFIGR] = (uint32_t)param[0];
	s->reg[CSD_IDR0] = (uint32_t)param[2];
	s->reg[CSD_IDR1] = (uint32_t)param[3];
	s->reg[CSD_IDR2] = (uint32_t)param[4];
	s->reg[CSD_IDR8] = (uint32_t)param[5];
	if (s->protocol == CSD_ETE)
		s->reg[CSD_DEVARCH] = (uint32_t)param[7];
	s->arch = (param[3] >> 4 & 15) >= 4 ? CSD_AA64 : CSD_V8;
}

/* Add the source of a CPU, with fewer or more registers than are known. False if damaged. */
static bool
add_source(struct auxtrace *a, struct bytes *b, uint64_t version)
{
	uint64_t magic = bytes_u64(b), cpu = bytes_u64(b), n, i, v, param[PARAMETERS] = { 0 };
	struct csd_source s = { .cpu = (int32_t)cpu };
	uint64_t *at;

	n = version > 0 ? bytes_u64(b) : magic == MAGIC_ETM3 ? 4 : 7;
	if (bytes_bad(b) || cpu >= MAXCPUS || n > bytes_left(b) / 8)
		return false;
	for (i = 0; i < n; i++) {
		v = bytes_u64(b);
		if (i < PARAMETERS)
			param[i] = v;
	}
	s.protocol = magic == MAGIC_ETE ? CSD_ETE : magic == MAGIC_ETM4 ? CSD_ETMV4 : CSD_NONE;
	if (magic == MAGIC_ETM3)
		describe_etm3(&s, param);
	else
		describe_etm4(&s, param);
	a->n_virtual += (s.protocol == CSD_ETE && param[8] == TS_VIRTUAL) ||
			(s.protocol == CSD_ETMV4 && param[7] == TS_VIRTUAL);
	/* From version 2 on a hardware ID record gives the id; without one, use the id that the
	 * kernel assigned before there were such records. */
	s.id = param[1] & ID_MASK;
	if (version >= 2 && (param[1] >> 31 != 0 || s.id == ID_UNUSED || s.id == 0))
		s.id = (0x10 + 2 * cpu) & ID_MASK;
	a->source = mem_grow(a->source, a->n, &a->cap, sizeof *a->source);
	a->source[a->n++] = s;
	at = hash_put(&a->by_cpu, cpu);
	if (*at == 0)
		*at = a->n;
	return true;
}

static bool
learn_info(struct auxtrace *a, struct bytes b)
{
	uint64_t version, n;

	a->found = true;
	a->known = bytes_u32(&b) == INFO_CS_ETM;
	bytes_u32(&b);
	if (!a->known)
		return !bytes_bad(&b);
	version = bytes_u64(&b);
	n = bytes_u64(&b) & UINT32_MAX; /* the upper half is the PMU's type */
	bytes_u64(&b);                  /* snapshot mode */
	if (bytes_bad(&b) || n > MAXCPUS)
		return false;
	while (n-- > 0)
		if (!add_source(a, &b, version))
			return false;
	return true;
}

static bool
learn_buffer(struct auxtrace *a, const struct perf_record *pr)
{
	struct bytes b = pr->body;
	struct auxtrace_buffer t = { .file = pr->blob };

	bytes_u64(&b);
	t.size = pr->blob_size;
	t.offset = bytes_u64(&b);
	bytes_u64(&b); /* reference */
	bytes_u32(&b); /* idx */
	t.tid = (int32_t)bytes_u32(&b);
	t.cpu = (int32_t)bytes_u32(&b);
	if (bytes_bad(&b))
		return false;
	a->buffer = mem_grow(a->buffer, a->n_buffers, &a->cap_buffers, sizeof *a->buffer);
	a->buffer[a->n_buffers++] = t;
	return true;
}

static struct csd_source *
source_of(const struct auxtrace *a, int32_t cpu)
{
	const uint64_t *at = cpu < 0 ? NULL : hash_get(&a->by_cpu, (uint64_t)cpu);

	return at == NULL ? NULL : &a->source[*at - 1];
}

/* Bits 7:0 of a hardware ID are the trace id of the CPU that wrote it. */
static bool
learn_id(struct auxtrace *a, const struct perf_record *pr)
{
	struct bytes b;
	struct perf_who who = perf_trailer(pr, &b);
	struct csd_source *s = source_of(a, who.cpu);
	uint64_t id = bytes_u64(&b);

	if (!bytes_bad(&b) && s != NULL && (id & ID_MASK) != 0)
		s->id = id & ID_MASK;
	return !bytes_bad(&b);
}

/* An AUX record that is cut short covers no bytes. */
static bool
learn_aux(struct auxtrace *a, const struct perf_record *pr)
{
	struct bytes b;
	struct perf_who who = perf_trailer(pr, &b);
	struct aux x = { .cpu = who.cpu, .tid = who.tid };

	x.offset = bytes_u64(&b);
	x.size = bytes_u64(&b);
	x.flags = bytes_u64(&b);
	if (bytes_bad(&b))
		x = (struct aux){ .cpu = -1, .tid = -1 };
	a->aux = mem_grow(a->aux, a->n_aux, &a->cap_aux, sizeof *a->aux);
	a->aux[a->n_aux++] = x;
	return true;
}

static bool
learn_conv(struct auxtrace *a, struct bytes b)
{
	struct auxtrace_conv *c = &a->conv;

	c->shift = bytes_u64(&b);
	c->mult = bytes_u64(&b);
	c->zero = bytes_u64(&b);
	a->has_conv = !bytes_bad(&b) && c->shift < 64;
	if (!a->has_conv)
		return false;
	if (bytes_left(&b) < 18) /* before Linux 5.15 */
		return true;
	c->cycles = bytes_u64(&b);
	c->mask = bytes_u64(&b);
	bytes_u8(&b); /* whether zero is known: it is, or there would be no record */
	c->is_short = bytes_u8(&b) != 0;
	return true;
}

int64_t
auxtrace_time(const struct auxtrace *a, uint64_t timestamp)
{
	const struct auxtrace_conv *c = &a->conv;
	uint64_t t = c->is_short ? c->cycles + ((timestamp - c->cycles) & c->mask) : timestamp;
	uint64_t rest = t & ((1ull << c->shift) - 1);

	t = c->zero + (t >> c->shift) * c->mult + (rest * c->mult >> c->shift);
	return t > INT64_MAX ? -1 : (int64_t)t;
}

bool
auxtrace_learn(struct auxtrace *a, const struct perf_record *pr)
{
	switch (pr->type) {
	case PERF_R_AUXTRACE_INFO:
		return learn_info(a, pr->body);
	case PERF_R_AUXTRACE:
		return learn_buffer(a, pr);
	case PERF_R_AUX:
		return learn_aux(a, pr);
	case PERF_R_AUX_OUTPUT_HW_ID:
		return learn_id(a, pr);
	case PERF_R_TIME_CONV:
		return learn_conv(a, pr->body);
	default:
		return true;
	}
}

/* --- the buffer of an AUX record */

/* A buffer by its CPU or thread, and by ANY for records without a CPU or thread. */
struct entry {
	uint64_t key;
	struct auxtrace_buffer *buffer;
};

enum { ANY = -2, NEAR = 64 };

struct index {
	struct entry *entry;
	size_t n;
};

static uint64_t
key_of(bool thread, int32_t id)
{
	return (uint64_t)thread << 32 | (uint32_t)id;
}

static int
by_key(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->buffer->offset != b->buffer->offset)
		return a->buffer->offset < b->buffer->offset ? -1 : 1;
	return a->buffer < b->buffer ? -1 : a->buffer > b->buffer;
}

static struct index
make_index(struct auxtrace *a)
{
	struct index ix = { mem_alloc((2 * a->n_buffers + 1) * sizeof *ix.entry), 0 };
	struct auxtrace_buffer *t;

	for (t = a->buffer; t < a->buffer + a->n_buffers; t++) {
		ix.entry[ix.n++] = (struct entry){ key_of(t->cpu < 0, t->cpu >= 0  ? t->cpu
								      : t->tid < 0 ? -1
										   : t->tid),
			t };
		ix.entry[ix.n++] = (struct entry){ key_of(t->cpu < 0, ANY), t };
	}
	qsort(ix.entry, ix.n, sizeof *ix.entry, by_key);
	return ix;
}

/* The bytes of an AUX record in a buffer; false if not all of them are there. */
static bool
part_of(const struct auxtrace_buffer *t, const struct aux *x, struct aux_piece *part)
{
	part->index = x->offset;
	part->size = x->size;
	if (x->flags & AUX_OVERWRITE) { /* the offset is the end of the newest byte */
		part->size = x->size < t->size ? x->size : t->size;
		part->index = x->offset - part->size;
	}
	if (part->index < t->offset || part->index - t->offset > t->size ||
	    part->size > t->size - (part->index - t->offset))
		return false;
	part->file = t->file + (part->index - t->offset);
	return true;
}

/* Search the buffers of a key that start nearest before the record's offset. */
static struct auxtrace_buffer *
search(const struct index *ix, uint64_t key, const struct aux *x, struct aux_piece *part)
{
	size_t low = 0, high = ix->n, mid;
	const struct entry *e;
	int i;

	while (low < high) {
		mid = low + (high - low) / 2;
		e = &ix->entry[mid];
		if (e->key < key || (e->key == key && e->buffer->offset <= x->offset))
			low = mid + 1;
		else
			high = mid;
	}
	for (i = 0; i < NEAR && low-- > 0 && ix->entry[low].key == key; i++)
		if (part_of(ix->entry[low].buffer, x, part))
			return ix->entry[low].buffer;
	return NULL;
}

static struct auxtrace_buffer *
find_buffer(const struct index *ix, const struct aux *x, struct aux_piece *part)
{
	struct auxtrace_buffer *t = search(ix, key_of(false, x->cpu < 0 ? ANY : x->cpu), x, part);

	if (t == NULL)
		t = search(ix, key_of(true, x->tid < 0 ? ANY : x->tid), x, part);
	if (t == NULL && x->tid >= 0)
		t = search(ix, key_of(true, -1), x, part);
	return t;
}

/* --- overlaps: each byte is decoded once, for the first record that covers it */

/* The edges of all parts divide the file into segments; next leads to the next free segment. */
struct segments {
	uint64_t *edge;
	uint32_t *next;
	size_t n;
};

static int
by_number(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static struct segments
make_segments(const struct aux_piece *part, size_t n)
{
	struct segments s = { .edge = mem_alloc((2 * n + 1) * sizeof *s.edge) };
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		s.edge[k++] = part[i].file;
		s.edge[k++] = part[i].file + part[i].size;
	}
	qsort(s.edge, k, sizeof *s.edge, by_number);
	for (i = 0; i < k; i++)
		if (i == 0 || s.edge[i] != s.edge[s.n - 1])
			s.edge[s.n++] = s.edge[i];
	s.next = mem_alloc((s.n + 1) * sizeof *s.next);
	for (i = 0; i < s.n; i++)
		s.next[i] = (uint32_t)i;
	return s;
}

/* Return the first free segment from i on. */
static size_t
free_from(struct segments *s, size_t i)
{
	while (s->next[i] != i) {
		s->next[i] = s->next[s->next[i]];
		i = s->next[i];
	}
	return i;
}

static size_t
segment_at(const struct segments *s, uint64_t edge)
{
	const uint64_t *at = bsearch(&edge, s->edge, s->n, sizeof edge, by_number);

	return (size_t)(at - s->edge);
}

/* Take the free segments of a part as pieces of x. */
static void
take(struct auxtrace *a, struct segments *s, struct aux *x, const struct aux_piece *part)
{
	uint64_t end = part->file + part->size, from;
	size_t i = free_from(s, segment_at(s, part->file)), k;

	x->piece = a->n_pieces;
	x->repeated = part->size;
	for (; s->edge[i] < end; i = free_from(s, i)) {
		from = s->edge[i];
		for (k = i; s->edge[k] < end && s->next[k] == k; k++)
			s->next[k] = (uint32_t)k + 1;
		i = k;
		a->piece = mem_grow(a->piece, a->n_pieces, &a->cap_pieces, sizeof *a->piece);
		a->piece[a->n_pieces++] = (struct aux_piece){ from,
			part->index + (from - part->file), s->edge[k] - from };
		x->repeated -= s->edge[k] - from;
		x->n_pieces++;
	}
}

void
auxtrace_resolve(struct auxtrace *a)
{
	struct index ix = make_index(a);
	struct aux_piece *part = mem_alloc((a->n_aux + 1) * sizeof *part);
	struct auxtrace_buffer *t;
	struct segments s;
	size_t i;

	a->timed = a->has_conv && a->n > 0 && a->n_virtual == a->n;
	for (i = 0; i < a->n; i++)
		if (a->source[i].protocol != CSD_NONE)
			a->by_id[a->source[i].id] = a->source[i];
	for (i = 0; i < a->n_aux; i++) {
		if (a->aux[i].size == 0)
			continue;
		a->aux[i].buffer = t = find_buffer(&ix, &a->aux[i], &part[i]);
		if (t == NULL)
			part[i] = (struct aux_piece){ 0 };
		else
			t->used = true;
	}
	s = make_segments(part, a->n_aux);
	for (i = 0; i < a->n_aux; i++)
		if (part[i].size > 0)
			take(a, &s, &a->aux[i], &part[i]);
	free(part);
	free(s.edge);
	free(s.next);
	free(ix.entry);
}

/* --- sources */

size_t
auxtrace_sources(const struct auxtrace *a, int32_t cpu, struct csd_source *to)
{
	const struct csd_source *own = source_of(a, cpu), *s;
	size_t id, n = 0;

	for (id = 0; id < AUXTRACE_SOURCES; id++) {
		s = own != NULL && own->id == id ? own : &a->by_id[id];
		if (s->protocol != CSD_NONE)
			to[n++] = *s;
	}
	return n;
}

size_t
auxtrace_source(const struct auxtrace *a, int32_t cpu, struct csd_source *to)
{
	const struct csd_source *own = source_of(a, cpu);

	if (own == NULL && a->n > 0)
		own = &a->source[0];
	if (own == NULL || own->protocol == CSD_NONE)
		return 0;
	*to = *own;
	return 1;
}
