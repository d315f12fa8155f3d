/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "auxtrace.h"
#include "base/mem.h"

enum { INFO_CS_ETM = 3, MAXCPUS = 65536, PARAMETERS = 8, ID_MASK = 0x7f, ID_UNUSED = 0x7f };

#define MAGIC_ETM3 0x3030303030303030
#define MAGIC_ETM4 0x4040404040404040
#define MAGIC_ETE 0x5050505050505050

void
auxtrace_free(struct auxtrace *a)
{
	free(a->source);
	free(a->buffer);
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
	s->reg[CSD_DEVARCH] = (uint32_t)param[7];
	s->arch = (param[3] >> 4 & 15) >= 4 ? CSD_AA64 : CSD_V8;
}

/* One CPU: its registers, fewer or more than we know. False where it is damaged. */
static bool
add_source(struct auxtrace *a, struct bytes *b, uint64_t version)
{
	uint64_t magic = bytes_u64(b), cpu = bytes_u64(b), n, i, v, param[PARAMETERS] = { 0 };
	struct csd_source s = { .cpu = (int32_t)cpu };

	n = version > 0 ? bytes_u64(b) : magic == MAGIC_ETM3 ? 4 : 7;
	if (bytes_bad(b) || cpu >= MAXCPUS || n > bytes_left(b) / 8)
		return false;
	for (i = 0; i < n; i++) {
		v = bytes_u64(b);
		if (i < PARAMETERS)
			param[i] = v;
	}
	if (magic == MAGIC_ETM3)
		describe_etm3(&s, param);
	else
		describe_etm4(&s, param);
	if (magic != MAGIC_ETM3)
		s.protocol = magic == MAGIC_ETE    ? CSD_ETE
			     : magic == MAGIC_ETM4 ? CSD_ETMV4
						   : CSD_NONE;
	/* From version 2 on the id is what a hardware id record says; without one, what the kernel
	 * gave before there were such records. */
	s.id = param[1] & ID_MASK;
	if (version >= 2 && (param[1] >> 31 != 0 || s.id == ID_UNUSED || s.id == 0))
		s.id = (0x10 + 2 * cpu) & ID_MASK;
	a->source = mem_grow(a->source, a->n, &a->cap, sizeof *a->source);
	a->source[a->n++] = s;
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
	n = bytes_u64(&b) & UINT32_MAX; /* the PMU's type stands above */
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

	t.size = bytes_u64(&b);
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
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->source[i].cpu == cpu)
			return &a->source[i];
	return NULL;
}

/* Bits 7:0 of a hardware id are the trace id of the CPU that wrote it. */
static bool
learn_id(struct auxtrace *a, const struct perf_record *pr)
{
	struct bytes b;
	struct perf_who who = perf_trailer(pr, &b);
	uint64_t id = bytes_u64(&b);
	struct csd_source *s;

	s = source_of(a, who.cpu);
	if (!bytes_bad(&b) && s != NULL && (id & ID_MASK) != 0)
		s->id = id & ID_MASK;
	return !bytes_bad(&b);
}

bool
auxtrace_learn(struct auxtrace *a, const struct perf_record *pr)
{
	switch (pr->type) {
	case PERF_R_AUXTRACE_INFO:
		return learn_info(a, pr->body);
	case PERF_R_AUXTRACE:
		return learn_buffer(a, pr);
	case PERF_R_AUX_OUTPUT_HW_ID:
		return learn_id(a, pr);
	default:
		return true;
	}
}

bool
auxtrace_aux(const struct perf_record *pr, struct aux *x)
{
	struct bytes b;
	struct perf_who who = perf_trailer(pr, &b);

	*x = (struct aux){ .cpu = who.cpu, .pid = who.pid, .tid = who.tid };
	x->offset = bytes_u64(&b);
	x->size = bytes_u64(&b);
	x->flags = bytes_u64(&b);
	return !bytes_bad(&b);
}

/* A buffer of one CPU, or in per-thread mode (its cpu is -1) of one thread. */
static bool
is_of(const struct auxtrace_buffer *t, const struct aux *x)
{
	if (t->cpu >= 0)
		return x->cpu < 0 || t->cpu == x->cpu;
	return x->tid < 0 || t->tid < 0 || t->tid == x->tid;
}

struct auxtrace_buffer *
auxtrace_find(
    struct auxtrace *a, const struct aux *x, uint64_t *file, uint64_t *index, uint64_t *size)
{
	struct auxtrace_buffer *t;
	size_t i;

	for (i = 0; i < a->n_buffers; i++) {
		t = &a->buffer[i];
		if (!is_of(t, x))
			continue;
		*index = x->offset;
		*size = x->size;
		if (x->flags & AUX_OVERWRITE) { /* the offset is where the newest byte ends */
			*size = x->size < t->size ? x->size : t->size;
			*index = x->offset - *size;
		}
		if (*index < t->offset || *index - t->offset > t->size ||
		    *size > t->size - (*index - t->offset))
			continue;
		*file = t->file + (*index - t->offset);
		t->used = true;
		return t;
	}
	return NULL;
}

const struct csd_source *
auxtrace_source(const struct auxtrace *a, int32_t cpu)
{
	return source_of(a, cpu);
}
