/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "csd_int.h"
#include "frames.h"

enum {
	NEAR = 4096,
	RUNAWAY = 4096, /* requests of 256 bytes */
	CODE = 256,
	SEEN = 1024, /* a power of 2 */
	ITE = 0x09,  /* the header of an instrumentation packet */
	STM_BLOCK = 1024,
	STM_AFTER = 128,
	BLOCK = 1 << 20
};

/* A source and its decoder: a tree of the library for each, so that a source that fails leaves the
 * others alone and the library's buffers never mix the memory of two; ITM's is our own. */
struct stream {
	struct csd *csd;
	struct csd_source source;
	const struct csd_ops *ops;
	dcd_tree_handle_t tree;
	struct csd_itm *itm;        /* NULL for all others */
	uint64_t at;                /* index of the block that the decoder reads */
	const uint8_t *block, *end; /* its bytes */
	uint64_t from, until;       /* indexes of what the decoder refuses */
	bool suspect, ending, refused;
	unsigned requests; /* for memory, since the last element */
	const char *doubted;
	struct {
		uint64_t addr, end;
	} seen[SEEN]; /* ranges, where they were looked at */
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

const char *const csd_layout_names[] = { "single", "frames", "fsync", "hsync", "dstream" };

const char *
csd_library(void)
{
	return "OpenCSD " OCSD_VER_STRING;
}

static const struct csd_ops *
ops_of(const struct csd_source *s)
{
	static const struct csd_ops *const ops[] = { [CSD_ETMV3] = &csd_etm3_ops,
		[CSD_PTM] = &csd_ptm_ops,
		[CSD_ETMV4] = &csd_etm4_ops,
		[CSD_ETE] = &csd_etm4_ops,
		[CSD_STM] = &csd_stm_ops,
		[CSD_ITM] = &csd_itm_ops };

	return ops[s->protocol];
}

size_t
csd_text(const struct csd_packet *p, char *d)
{
	return (size_t)(ops_of(p->source)->text(p, d) - d);
}

void
csd_fields(const struct csd_packet *p, struct csd_fields *f)
{
	f->has_addr = f->has_contextid = f->has_vmid = f->has_ts = false;
	f->el = -1;
	f->n = 0;
	ops_of(p->source)->fields(p, f);
}

static void
damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct csd *c = arg;

	c->stats.faults++;
	c->handler.damage(c->handler.arg, index, next, why);
}

/* --- what decoders call */

static void
count(struct csd_stats *s, const struct csd_packet *p)
{
	s->packets += p->class != CSD_UNSYNCED;
	s->suspect += p->suspect;
	s->whole +=
	    !p->cut && p->class != CSD_UNSYNCED && p->class != CSD_BAD && p->class != CSD_END;
	if (p->class == CSD_PACKET)
		return;
	s->unsynced += p->class == CSD_UNSYNCED ? p->nraw : 0;
	if (p->class == CSD_BAD && s->bad == 0)
		s->first_bad = p->index;
	s->bad += p->class == CSD_BAD;
	s->overflows += p->class == CSD_OVERFLOW;
}

/*
 * Bound unsynchronised bytes by the block: the library can give more than it has, PTM bytes from
 * after its end, STM a copy that goes on there. Other bytes, and all of ITM's, are whole copies.
 */
static void
clamp(const struct stream *s, struct csd_packet *p)
{
	uintptr_t raw = (uintptr_t)p->raw, begin = (uintptr_t)s->block, end = (uintptr_t)s->end;
	uint64_t left = s->at + (end - begin) - p->index;

	if (s->itm != NULL)
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

static void
doubt(struct stream *s, uint64_t index, const char *what)
{
	if (what == NULL || s->doubted == what)
		return;
	s->doubted = what;
	s->csd->handler.doubt(s->csd->handler.arg, index, what);
}

/* Look through the code of a range, once, for branches that the library does not know. */
static void
look_at(struct stream *s, const struct csd_element *x)
{
	const size_t slot = (x->addr ^ x->addr >> 10 ^ x->end << 3) >> 1 & (SEEN - 1);
	const struct csd_handler *h = &s->csd->handler;
	uint8_t code[CODE];
	uint64_t at = x->addr;
	size_t n, want;

	if (h->memory == NULL || (s->seen[slot].addr == x->addr && s->seen[slot].end == x->end))
		return;
	s->seen[slot].addr = x->addr;
	s->seen[slot].end = x->end;
	for (n = 1; at < x->end && n > 0; at += n & ~(size_t)1) {
		want = x->end - at < CODE ? (size_t)(x->end - at) : CODE;
		n = h->memory(h->arg, &s->source, at, CSD_ANY_SPACE, code, want);
		doubt(s, x->index, csd_newer(x, code, n));
	}
}

static enum csd_class
class_of(const struct csd_ops *o, const void *packet)
{
	unsigned type = *(const unsigned *)packet;

	if (type >= o->bad && type <= o->last_bad)
		return CSD_BAD;
	return type == o->sync       ? CSD_SYNC
	       : type == o->unsynced ? CSD_UNSYNCED
	       : type == o->overflow ? CSD_OVERFLOW
				     : CSD_PACKET;
}

/* The library's index has 32 bits: it is near the block's. */
static uint64_t
whole_index(const struct stream *s, ocsd_trc_index_t index)
{
	return s->at + (uint64_t)(int64_t)(int32_t)((uint32_t)index - (uint32_t)s->at);
}

static void
on_packet(const void *arg, const ocsd_datapath_op_t op, const ocsd_trc_index_t index,
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
		p.class = class_of(s->ops, packet);
		p.index = whole_index(s, index);
		p.cut = s->ending && p.class != CSD_UNSYNCED;
		if (p.class == CSD_UNSYNCED)
			clamp(s, &p);
		s->suspect = s->suspect && p.class != CSD_SYNC;
		p.suspect = s->suspect && p.class != CSD_BAD;
		p.loses = !s->suspect && p.class == CSD_BAD;
		s->suspect = s->suspect || p.class == CSD_BAD;
		if (p.class == CSD_BAD && s->source.protocol == CSD_ETE && size > 0 &&
		    raw[0] == ITE && OCSD_VER_NUM < 0x010400)
			doubt(s, p.index, "instrumentation packets (FEAT_ITE)");
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
	if (s->element.flow == CSD_RANGE)
		look_at(s, &s->element);
	s->csd->handler.element(s->csd->handler.arg, &s->element);
	return OCSD_RESP_CONT;
}

/* Before 1.4.2 the library took Realm for non-secure and Root for EL3. */
static unsigned
spaces_of(ocsd_mem_space_acc_t space)
{
	const unsigned s = (unsigned)space;

	if (OCSD_VER_NUM >= 0x010402)
		return s;
	return s | (s & CSD_EL1N ? CSD_EL1R : 0u) | (s & CSD_EL2 ? CSD_EL2R : 0u) |
	       (s & CSD_EL3 ? CSD_ROOT : 0u);
}

/* The library walks through code without branches for as long as there is any: bound it. */
static uint32_t
on_memory(const void *arg, const ocsd_vaddr_t addr, const ocsd_mem_space_acc_t space,
    const uint32_t n, uint8_t *buf)
{
	struct stream *s = (void *)(uintptr_t)arg;
	const struct csd_handler *h = &s->csd->handler;

	if (++s->requests == RUNAWAY)
		damage(s->csd, s->at, s->at, "endless code without a branch: is the image right?");
	if (s->requests >= RUNAWAY || h->memory == NULL)
		return 0;
	return (uint32_t)h->memory(h->arg, &s->source, addr, spaces_of(space), buf, n);
}

/* --- decoders */

/* Attach the callbacks. The library's prototype has no type for the packets'. */
static ocsd_err_t
attach(dcd_tree_handle_t tree, unsigned char id, const struct csd_sink *sink)
{
	FnDefPktDataMon monitor = sink->monitor;
	ocsd_err_t err = ocsd_dt_attach_packet_callback(
	    tree, id, OCSD_C_API_CB_PKT_MON, *(void **)&monitor, sink->arg);

	if (err == OCSD_OK && sink->element != NULL)
		err = ocsd_dt_set_gen_elem_outfn(tree, sink->element, sink->arg);
	if (err == OCSD_OK && sink->element != NULL)
		err = ocsd_dt_add_callback_mem_acc(
		    tree, 0, UINT64_MAX, OCSD_MEM_SPACE_ANY, sink->memory, sink->arg);
	return err;
}

/* False if the library has no decoder for the source. */
static bool
open_decoder(struct stream *s)
{
	bool full = s->csd->handler.element != NULL;
	const struct csd_sink sink = { .monitor = on_packet,
		.element = full ? on_element : NULL,
		.memory = on_memory,
		.arg = s };
	int flags = full ? OCSD_CREATE_FLG_FULL_DECODER : OCSD_CREATE_FLG_PACKET_PROC;
	unsigned char id = 0;

	if (s->source.protocol == CSD_ITM) {
		s->itm = csd_itm_new(&s->source, &sink);
		return true;
	}
	s->tree = C_API_INVALID_TREE_HANDLE;
	if (s->ops != NULL)
		s->tree = ocsd_create_dcd_tree(OCSD_TRC_SRC_SINGLE, 0);
	if (s->tree == C_API_INVALID_TREE_HANDLE)
		return false;
	if (s->ops->create(s->tree, flags, &s->source, &id) == OCSD_OK &&
	    attach(s->tree, id, &sink) == OCSD_OK)
		return true;
	ocsd_destroy_dcd_tree(s->tree);
	return false;
}

/* As ocsd_dt_process_data(). */
static ocsd_datapath_resp_t
process(const struct stream *s, ocsd_datapath_op_t op, ocsd_trc_index_t index, uint32_t n,
    const uint8_t *p, uint32_t *used)
{
	if (s->itm == NULL)
		return ocsd_dt_process_data(s->tree, op, index, n, p, used);
	csd_itm_process(s->itm, op, index, p, n);
	if (used != NULL)
		*used = n;
	return OCSD_RESP_CONT;
}

/* Why a decoder could not go on. */
static const char *
reason(ocsd_datapath_resp_t resp)
{
	switch (resp) {
	case OCSD_RESP_FATAL_NOT_INIT:
		return "full decode does not support this trace configuration";
	case OCSD_RESP_FATAL_INVALID_OP:
		return "the decoder refused the operation";
	case OCSD_RESP_FATAL_INVALID_PARAM:
		return "the decoder refused the block";
	case OCSD_RESP_FATAL_INVALID_DATA:
		return "invalid trace data";
	default:
		return "the decoder failed";
	}
}

/* Give a block to a decoder. What it cannot take is damage; it is reset and goes on after that. */
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
		resp = process(s, OCSD_OP_DATA, (ocsd_trc_index_t)index,
		    (uint32_t)(n < BLOCK ? n : BLOCK), p, &used);
		while (OCSD_DATA_RESP_IS_WAIT(resp))
			resp = process(s, OCSD_OP_FLUSH, 0, 0, NULL, NULL);
		if (resp == OCSD_RESP_FATAL_NOT_INIT) { /* it will refuse the rest, too */
			s->refused = true;
			s->from = index;
			return;
		}
		if (OCSD_DATA_RESP_IS_FATAL(resp) || used == 0) {
			used = used < n ? used + 1 : used;
			damage(s->csd, index, index + used, reason(resp));
			process(s, OCSD_OP_RESET, 0, 0, NULL, NULL);
			s->suspect = false;
		}
		index += used;
		p += used;
		n -= used;
	}
}

/* Unsynchronised, the library's STM decoder copies up to 128 bytes from after the block: they must
 * be there. */
static void
decode(struct stream *s, uint64_t index, const uint8_t *p, size_t n)
{
	uint8_t block[STM_BLOCK + STM_AFTER];
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
		memset(block + k, 0, STM_AFTER);
		decode_block(s, index, block, k);
	}
}

/* --- what frames call */

static void
on_run(void *arg, uint8_t id, uint64_t index, const uint8_t *p, size_t n)
{
	struct csd *c = arg;

	if (c->handler.bytes != NULL)
		c->handler.bytes(c->handler.arg, index, id, p, n);
	if (id < FRAME_IDS && c->by_id[id] != NULL)
		decode(c->by_id[id], index, p, n);
}

static void
on_frame(void *arg, uint64_t index, const uint8_t *p, size_t n, bool sync)
{
	struct csd *c = arg;

	c->handler.frame(c->handler.arg, index, p, n, sync);
}

static void
on_barrier(void *arg, uint64_t index)
{
	struct csd *c = arg;
	size_t i;

	(void)index;
	for (i = 0; i < c->n; i++) {
		process(&c->stream[i], OCSD_OP_RESET, 0, 0, NULL, NULL);
		c->stream[i].suspect = false;
	}
}

/* --- a buffer */

struct csd *
csd_open(enum csd_layout layout, uint64_t index, const struct csd_source *source, size_t n,
    const struct csd_handler *handler, const char **why)
{
	struct csd *c = mem_alloc(sizeof *c);
	struct stream *s;

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
		.run = on_run,
		.barrier = on_barrier,
		.damage = damage,
		.raw = handler->frame != NULL ? on_frame : NULL,
		.id = FRAME_NO_ID };
	for (; c->n < n; c->n++) {
		s = &c->stream[c->n];
		s->csd = c;
		s->source = source[c->n];
		s->ops = ops_of(&s->source);
		s->element.source = &s->source;
		s->element.el = -1;
		if (!open_decoder(s)) {
			*why = "the library has no decoder for it";
			csd_free(c);
			return NULL;
		}
		c->by_id[s->source.id & (FRAME_IDS - 1)] = s;
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

void
csd_end(struct csd *c)
{
	struct stream *s;
	int id;

	if (c->layout != CSD_SINGLE)
		frames_end(&c->frames);
	for (id = 0; id < FRAME_IDS; id++) {
		if ((s = c->by_id[id]) == NULL)
			continue;
		s->ending = true;
		process(s, OCSD_OP_EOT, 0, 0, NULL, NULL);
		if (s->refused)
			damage(c, s->from, s->until, reason(OCSD_RESP_FATAL_NOT_INIT));
	}
	if (c->layout != CSD_SINGLE)
		memcpy(c->stats.trace, c->frames.bytes, sizeof c->stats.trace);
	c->stats.no_id = c->frames.lost;
	c->stats.barriers = c->frames.barriers;
}

void
csd_free(struct csd *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->stream[i].itm == NULL)
			ocsd_destroy_dcd_tree(c->stream[i].tree);
		free(c->stream[i].itm);
	}
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
