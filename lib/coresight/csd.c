/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "csd_pkt.h"
#include "frames.h"

enum { NEAR = 4096, RUNAWAY = 4096 /* requests of 256 bytes */ };

enum { STM_BLOCK = 1024, STM_BEHIND = 128 };

/* A source and its decoder. */
struct stream {
	struct csd *csd;
	struct csd_source source;
	struct csd_decoder decoder;
	uint64_t at;                /* index of the block that the library looks at */
	const uint8_t *block, *end; /* its bytes */
	uint64_t from, until;       /* indexes of what its decoder refuses */
	bool suspect, ending, refused;
	unsigned requests; /* for memory, since the last element */
	struct csd_element element;
};

struct csd {
	enum csd_layout layout;
	struct csd_handler handler;
	uint64_t index; /* SINGLE: of the next byte */
	size_t n;
	struct stream *stream;
	struct stream *by_id[FRAME_IDS];
	struct frames frames;
	struct csd_stats stats;
};

static enum csd_class
class_of(enum csd_protocol protocol, const void *packet)
{
	/* All packet structs start with their type. */
	unsigned type = *(const unsigned *)packet;

	switch (protocol) {
	case CSD_ETMV4:
	case CSD_ETE:
		if (type < ETM4_PKT_I_ASYNC)
			return CSD_PACKET;
		return type == ETM4_PKT_I_ASYNC      ? CSD_SYNC
		       : type == ETM4_PKT_I_NOTSYNC  ? CSD_UNSYNCED
		       : type == ETM4_PKT_I_OVERFLOW ? CSD_OVERFLOW
		       : type >= ETM4_PKT_I_BAD_SEQUENCE && type <= ETM4_PKT_I_RESERVED_CFG
			   ? CSD_BAD
			   : CSD_PACKET;
	case CSD_ETMV3:
		return type == ETM3_PKT_A_SYNC         ? CSD_SYNC
		       : type == ETM3_PKT_NOTSYNC      ? CSD_UNSYNCED
		       : type >= ETM3_PKT_BAD_SEQUENCE ? CSD_BAD
						       : CSD_PACKET;
	case CSD_PTM:
		return type == PTM_PKT_A_SYNC         ? CSD_SYNC
		       : type == PTM_PKT_NOTSYNC      ? CSD_UNSYNCED
		       : type >= PTM_PKT_BAD_SEQUENCE ? CSD_BAD
						      : CSD_PACKET;
	case CSD_ITM:
		return csd_itm_class(packet);
	default:
		return type == STM_PKT_ASYNC          ? CSD_SYNC
		       : type == STM_PKT_NOTSYNC      ? CSD_UNSYNCED
		       : type >= STM_PKT_BAD_SEQUENCE ? CSD_BAD
						      : CSD_PACKET;
	}
}

static void
count(struct csd_stats *s, const struct csd_packet *p)
{
	s->packets += p->class != CSD_UNSYNCED;
	s->suspect += p->suspect;
	if (p->class == CSD_PACKET)
		return;
	s->unsynced += p->class == CSD_UNSYNCED ? p->nraw : 0;
	if (p->class == CSD_BAD && s->bad == 0)
		s->first_bad = p->index;
	s->bad += p->class == CSD_BAD;
	s->overflows += p->class == CSD_OVERFLOW;
}

/*
 * Of bytes that are not in step the library can give more than the block has: PTM's from behind its
 * end, STM's a copy that goes on there. Other bytes, and all of ITM, are copies, which are whole.
 */
static void
clamp(const struct stream *s, struct csd_packet *p)
{
	uintptr_t raw = (uintptr_t)p->raw, begin = (uintptr_t)s->block, end = (uintptr_t)s->end;
	uint64_t left = s->at + (end - begin) - p->index;

	if (s->decoder.itm != NULL)
		return;
	if (s->source.protocol == CSD_STM && p->nraw > left)
		p->nraw = (size_t)left;
	if (raw + NEAR < begin || raw > end + NEAR)
		return;
	if (raw < begin || raw >= end)
		p->nraw = 0;
	else if (p->nraw > end - raw)
		p->nraw = end - raw;
}

/* The library's index has 32 bits: it is near the block's. */
static uint64_t
whole_index(const struct stream *s, ocsd_trc_index_t index)
{
	return s->at + (uint64_t)(int64_t)(int32_t)((uint32_t)index - (uint32_t)s->at);
}

static void
monitor(const void *arg, const ocsd_datapath_op_t op, const ocsd_trc_index_t index,
    const void *packet, const uint32_t size, const uint8_t *raw)
{
	struct stream *s = (void *)(uintptr_t)arg;
	struct csd_packet p = { .source = &s->source,
		.class = CSD_END,
		.index = s->at,
		.what = packet,
		.raw = raw,
		.nraw = size };

	if (op == OCSD_OP_DATA && packet != NULL) {
		p.class = class_of(s->source.protocol, packet);
		p.index = whole_index(s, index);
		p.cut = s->ending && p.class != CSD_UNSYNCED;
		if (p.class == CSD_UNSYNCED)
			clamp(s, &p);
		s->suspect = s->suspect && p.class != CSD_SYNC;
		p.suspect = s->suspect && p.class != CSD_BAD;
		p.loses = !s->suspect && p.class == CSD_BAD;
		s->suspect = s->suspect || p.class == CSD_BAD;
		count(&s->csd->stats, &p);
	} else if (op != OCSD_OP_EOT) {
		return;
	}
	s->csd->handler.packet(s->csd->handler.arg, &p);
}

static ocsd_datapath_resp_t
on_element(const void *arg, const ocsd_trc_index_t index, const uint8_t id,
    const ocsd_generic_trace_elem *elem)
{
	struct stream *s = (void *)(uintptr_t)arg;

	(void)id;
	s->requests = 0;
	s->element.index = whole_index(s, index);
	csd_element_fill(&s->element, elem);
	s->csd->handler.element(s->csd->handler.arg, &s->element);
	return OCSD_RESP_CONT;
}

/* The library walks on through code without branches for as long as there is any: no more than a
 * bounded way. */
static uint32_t
memory(const void *arg, const ocsd_vaddr_t addr, const ocsd_mem_space_acc_t space, const uint32_t n,
    uint8_t *buf)
{
	struct stream *s = (void *)(uintptr_t)arg;
	struct csd *c = s->csd;

	if (++s->requests == RUNAWAY) {
		c->stats.faults++;
		c->handler.damage(c->handler.arg, s->at, s->at,
		    "a walk through code without end: is the image right?");
	}
	if (s->requests >= RUNAWAY || c->handler.memory == NULL)
		return 0;
	return (uint32_t)c->handler.memory(c->handler.arg, &s->source, addr, space, buf, n);
}

static void
damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct csd *c = arg;

	c->stats.faults++;
	c->handler.damage(c->handler.arg, index, next, why);
}

/* Give a block to a decoder; what it cannot take is told, and it starts anew behind it. */
static void
decode_block(struct stream *s, uint64_t index, const uint8_t *p, size_t n)
{
	ocsd_datapath_resp_t resp;
	uint32_t used;

	while (n > 0) {
		s->at = index;
		s->block = p;
		s->end = p + n;
		used = 0;
		resp = csd_process(&s->decoder, OCSD_OP_DATA, (ocsd_trc_index_t)index,
		    (uint32_t)(n < 1 << 20 ? n : 1 << 20), p, &used);
		while (OCSD_DATA_RESP_IS_WAIT(resp))
			resp = csd_process(&s->decoder, OCSD_OP_FLUSH, 0, 0, NULL, NULL);
		if (resp == OCSD_RESP_FATAL_NOT_INIT) { /* nor will it take what follows */
			s->refused = true;
			s->from = index;
			return;
		}
		if (OCSD_DATA_RESP_IS_FATAL(resp) || used == 0) {
			used = used < n ? used + 1 : used;
			damage(s->csd, index, index + used, csd_reason(resp));
			csd_process(&s->decoder, OCSD_OP_RESET, 0, 0, NULL, NULL);
			s->suspect = false;
		}
		index += used;
		p += used;
		n -= used;
	}
}

/* Out of step, the library's STM decoder copies up to 128 bytes from behind the block: they are
 * zeros. */
static void
decode(struct stream *s, uint64_t index, const uint8_t *p, size_t n)
{
	uint8_t block[STM_BLOCK + STM_BEHIND];
	size_t k;

	s->until = index + n;
	if (s->refused)
		return;
	if (s->source.protocol != CSD_STM) {
		decode_block(s, index, p, n);
		return;
	}
	for (; n > 0; index += k, p += k, n -= k) {
		k = n < STM_BLOCK ? n : STM_BLOCK;
		memcpy(block, p, k);
		memset(block + k, 0, STM_BEHIND);
		decode_block(s, index, block, k);
	}
}

static void
run(void *arg, uint8_t id, uint64_t index, const uint8_t *p, size_t n)
{
	struct csd *c = arg;

	if (c->handler.bytes != NULL)
		c->handler.bytes(c->handler.arg, index, id, p, n);
	if (id < FRAME_IDS && c->by_id[id] != NULL)
		decode(c->by_id[id], index, p, n);
}

static void
raw_frame(void *arg, uint64_t index, const uint8_t *p, size_t n, bool sync)
{
	struct csd *c = arg;

	c->handler.frame(c->handler.arg, index, p, n, sync);
}

static void
barrier(void *arg, uint64_t index)
{
	struct csd *c = arg;
	size_t i;

	(void)index;
	for (i = 0; i < c->n; i++) {
		csd_process(&c->stream[i].decoder, OCSD_OP_RESET, 0, 0, NULL, NULL);
		c->stream[i].suspect = false;
	}
}

static bool
add(struct csd *c, const struct csd_source *source, const char **why)
{
	struct stream *s = &c->stream[c->n];
	struct csd_sink sink = { .monitor = monitor, .memory = memory };

	sink.element = c->handler.element == NULL ? NULL : on_element;
	s->csd = c;
	s->source = *source;
	sink.arg = s;
	s->element.source = &s->source;
	s->element.el = -1;
	if (!csd_decoder_open(&s->decoder, source, &sink)) {
		*why = "the library has no decoder for it";
		return false;
	}
	c->by_id[s->source.id & (FRAME_IDS - 1)] = s;
	c->n++;
	return true;
}

struct csd *
csd_open(enum csd_layout layout, uint64_t index, const struct csd_source *source, size_t n,
    const struct csd_handler *handler, const char **why)
{
	struct csd *c = mem_alloc(sizeof *c);
	size_t i;

	ocsd_def_errlog_init(OCSD_ERR_SEV_NONE, 0);
	c->layout = layout;
	c->handler = *handler;
	c->index = index;
	c->stream = mem_alloc((n + 1) * sizeof *c->stream);
	c->frames = (struct frames){ .layout = layout == CSD_HSYNC    ? FRAMES_HSYNC
					       : layout == CSD_FRAMES ? FRAMES_ALIGNED
								      : FRAMES_FSYNC,
		.dstream = layout == CSD_DSTREAM,
		.index = index,
		.arg = c,
		.run = run,
		.barrier = barrier,
		.damage = damage,
		.id = FRAME_NO_ID };
	if (handler->frame != NULL)
		c->frames.raw = raw_frame;
	for (i = 0; i < n; i++)
		if (!add(c, &source[i], why)) {
			csd_free(c);
			return NULL;
		}
	return c;
}

void
csd_feed(struct csd *c, const uint8_t *p, size_t n)
{
	c->stats.bytes += n;
	if (c->layout != CSD_SINGLE) {
		frames_feed(&c->frames, p, n);
	} else {
		c->stats.trace[0] += n;
		if (c->n > 0)
			decode(&c->stream[0], c->index, p, n);
		c->index += n;
	}
}

static void
end(struct stream *s)
{
	s->ending = true;
	csd_process(&s->decoder, OCSD_OP_EOT, 0, 0, NULL, NULL);
	if (s->refused)
		damage(s->csd, s->from, s->until, csd_reason(OCSD_RESP_FATAL_NOT_INIT));
}

void
csd_end(struct csd *c)
{
	int id;

	if (c->layout != CSD_SINGLE)
		frames_end(&c->frames);
	for (id = 0; id < FRAME_IDS; id++)
		if (c->by_id[id] != NULL)
			end(c->by_id[id]);
	if (c->layout != CSD_SINGLE)
		memcpy(c->stats.trace, c->frames.bytes, sizeof c->stats.trace);
	c->stats.no_id = c->frames.lost;
	c->stats.barriers = c->frames.barriers;
}

void
csd_free(struct csd *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		csd_decoder_close(&c->stream[i].decoder);
	free(c->stream);
	free(c);
}

const struct csd_stats *
csd_stats(const struct csd *c)
{
	return &c->stats;
}

uint8_t *
csd_frame_id(struct csd *c)
{
	return &c->frames.id;
}

bool
csd_knows(const struct csd *c, uint8_t id)
{
	return c->by_id[id & (FRAME_IDS - 1)] != NULL;
}
