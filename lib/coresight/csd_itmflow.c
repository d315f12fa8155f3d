/* SPDX-License-Identifier: MIT */
/* A decoder of ITM that does as the library's do: it takes blocks and operations, and gives
 * packets, or elements of the library, its own as custom ones. */

#include "base/mem.h"
#include "csd_pkt.h"

/* ITMTCR: the prescaler of local timestamps counts with an asynchronous clock only. */
enum { TCR_SWOENA = 1 << 4, TCR_PRESCALE = 8 };

struct csd_itm {
	struct itm itm;
	struct csd_sink sink;
	uint8_t id;
	uint32_t tcr;
	ocsd_trc_index_t index; /* of the last packet */
	unsync_info_t why;      /* elements wait for the next synchronisation */
	bool told;              /* and that has been said */
	bool following;
	/* While following: */
	uint64_t local, global;
	uint64_t page;  /* of stimulus ports, each has 32 */
	bool wait_high; /* the upper bits of the global timestamp are not known */
	bool overflow;  /* since the last element */
};

static void
put(struct csd_itm *c, const ocsd_generic_trace_elem *e)
{
	c->sink.element(c->sink.arg, c->index, c->id, e);
}

static void
put_state(struct csd_itm *c, ocsd_gen_trc_elem_t type, unsync_info_t why)
{
	ocsd_generic_trace_elem e = { .elem_type = type };

	e.unsync_eot_info = why;
	put(c, &e);
}

static void
put_element(struct csd_itm *c, struct csd_itm_element *x)
{
	ocsd_generic_trace_elem e = { .elem_type = OCSD_GEN_TRC_ELEM_CUSTOM };

	x->overflow = c->overflow;
	c->overflow = false;
	e.ptr_extended_data = x;
	put(c, &e);
}

/* Wait for the next synchronisation. */
static void
lose(struct csd_itm *c, unsync_info_t why)
{
	c->why = why;
	c->told = c->following = false;
	c->local = c->global = c->page = 0;
	c->wait_high = true;
	c->overflow = false;
}

static uint64_t
prescaled(const struct csd_itm *c, uint64_t v)
{
	return c->tcr & TCR_SWOENA ? v << 2 * (c->tcr >> TCR_PRESCALE & 3) : v;
}

/* A GTS1 replaces the lowest bits, as many as it has; a GTS2 all others. Whether the timestamp is
 * whole. */
static bool
count_global(struct csd_itm *c, const struct itm_packet *k)
{
	unsigned bits = k->type == ITM_GTS2 || k->size == 4 ? ITM_GTS1_BITS : 7u * k->size;
	uint64_t low = (1ull << bits) - 1;

	if (k->type == ITM_GTS2) {
		c->global = (c->global & low) | k->value << bits;
		c->wait_high = false;
	} else {
		c->global = (c->global & ~low) | k->value;
		c->wait_high = c->wait_high || (k->source & ITM_WRAP) != 0;
	}
	return !c->wait_high;
}

static void
follow(struct csd_itm *c, const struct itm_packet *k)
{
	struct csd_itm_element x = { .packet = k, .port = c->page << 5 | k->source };

	switch (k->type) {
	case ITM_LTS1:
	case ITM_LTS2:
		x.ts = c->local += prescaled(c, k->value);
		put_element(c, &x);
		return;
	case ITM_GTS1:
	case ITM_GTS2:
		if (!count_global(c, k))
			return;
		x.ts = c->global;
		put_element(c, &x);
		return;
	case ITM_SWIT:
	case ITM_DWT:
		put_element(c, &x);
		return;
	case ITM_OVERFLOW:
		c->overflow = true;
		c->local = 0;
		return;
	case ITM_EXTENSION:
		c->page = csd_itm_is_page(k) ? k->value : c->page;
		return;
	default:
		return;
	}
}

static void
on_packet(void *arg, const struct itm_packet *k)
{
	struct csd_itm *c = arg;

	c->index = (ocsd_trc_index_t)k->index;
	c->sink.monitor(c->sink.arg, OCSD_OP_DATA, c->index, k, (uint32_t)k->nraw, k->raw);
	if (c->sink.element == NULL)
		return;
	if (c->following && csd_itm_class(k) == CSD_BAD)
		lose(c, UNSYNC_BAD_PACKET);
	if (!c->told)
		put_state(c, OCSD_GEN_TRC_ELEM_NO_SYNC, c->why);
	c->told = true;
	if (c->following)
		follow(c, k);
	else
		c->following = k->type == ITM_ASYNC;
}

struct csd_itm *
csd_itm_new(const struct csd_source *source, const struct csd_sink *sink)
{
	struct csd_itm *c = mem_alloc(sizeof *c);

	c->itm = (struct itm){ .arg = c, .packet = on_packet };
	c->sink = *sink;
	c->id = source->id;
	c->tcr = source->reg[CSD_CONFIGR];
	lose(c, UNSYNC_INIT_DECODER);
	return c;
}

void
csd_itm_process(
    struct csd_itm *c, ocsd_datapath_op_t op, ocsd_trc_index_t index, const uint8_t *p, uint32_t n)
{
	if (op == OCSD_OP_DATA) {
		itm_feed(&c->itm, index, p, n);
		return;
	}
	if (op != OCSD_OP_RESET && op != OCSD_OP_EOT)
		return;
	itm_end(&c->itm);
	if (op == OCSD_OP_RESET)
		lose(c, UNSYNC_RESET_DECODER);
	else if (c->sink.element == NULL)
		c->sink.monitor(c->sink.arg, op, c->index, NULL, 0, NULL);
	else
		put_state(c, OCSD_GEN_TRC_ELEM_EO_TRACE, UNSYNC_EOT);
}

/* --- elements in words and in pairs */

static char *
put_data(char *d, struct str what, uint64_t id, const struct itm_packet *k)
{
	d = csd_put_hex(csd_put(d, what), id, 1);
	return CSD_PUT(csd_put_hex(CSD_PUT(d, "; Data: "), k->value, 2 * k->size), ") ");
}

char *
csd_itm_element_text(const struct csd_itm_element *x, char *d)
{
	static const struct str tc[] = { STR_OF("TS Sync"), STR_OF("TS Delay"),
		STR_OF("Packet Delay"), STR_OF("TS and Packet Delay") };
	const struct itm_packet *k = x->packet;

	d = x->overflow ? CSD_PUT(d, "ITM_OVERFLOW; ") : d;
	if (k->type == ITM_SWIT)
		return put_data(d, STR("ITM_SWIT (ch: "), x->port, k);
	if (k->type == ITM_DWT)
		return put_data(d, STR("ITM_DWT (desc: "), k->source, k);
	if (k->type == ITM_LTS1 || k->type == ITM_LTS2) {
		d = csd_put_hex(CSD_PUT(d, "ITM_TS_LOCAL ( TS delta: "), k->value, 8);
		d = csd_put(CSD_PUT(d, ", { "), tc[k->source & 3]);
		d = CSD_PUT(d, "}; TS cumulative: ");
	} else {
		d = CSD_PUT(d, "ITM_TS_GLOBAL ( TS: ");
	}
	return CSD_PUT(csd_put_hex(d, x->ts, 16), ") ");
}

void
csd_itm_element_fields(const struct csd_itm_element *x, struct csd_fields *f)
{
	const struct itm_packet *k = x->packet;
	struct itm_packet whole = *k;
	bool local = k->type == ITM_LTS1 || k->type == ITM_LTS2;

	if (k->type == ITM_SWIT || k->type == ITM_DWT) {
		whole.source = k->type == ITM_SWIT ? (uint8_t)x->port : k->source;
		csd_itm_fields(&whole, f);
		f->type = k->type == ITM_SWIT ? STR("software") : STR("hardware");
	} else {
		csd_info_word(f, STR("clock"), local ? STR("local") : STR("global"));
		csd_info(f, STR("ts"), x->ts);
		if (local)
			csd_info(f, STR("tc"), k->source);
		f->type = STR("timestamp");
	}
	if (x->overflow)
		csd_info(f, STR("overflow"), 1);
}
