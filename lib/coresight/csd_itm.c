/* SPDX-License-Identifier: MIT */
/* ITM: what software wrote to stimulus ports, what the DWT saw, and timestamps. The decoder, which
 * is used as the library's are, and its packets and elements as text and as pairs. */

#include <limits.h>

#include "base/mem.h"
#include "csd_int.h"

/* How OpenCSD's lines, after ITM_, and records call a packet. */
#define NAME(type, name, record, rest)                                                             \
	[ITM_##type] = { STR_INIT(name), STR_INIT(record), STR_INIT(rest) }

static const struct itm_name {
	struct str name, type, rest;
} names[] = {
	NAME(NOTSYNC, "NOTSYNC", "NOTSYNC", "ITM data stream not synchronised"),
	NAME(INCOMPLETE, "INCOMPLETE_EOT", "INCOMPLETE_EOT",
	    "Incomplete packet flushed at end of trace"),
	NAME(ASYNC, "ASYNC", "ASYNC", "Alignment synchronisation packet"),
	NAME(OVERFLOW, "OVERFLOW", "OVERFLOW", "ITM overflow packet"),
	NAME(SWIT, "SWIT", "SWIT", "Software Stimulus write packet"),
	NAME(DWT, "DWT", "DWT", "DWT hardware stimulus write"),
	NAME(LTS1, "TS_LOCAL", "LTS1", "Local Timestamp"),
	NAME(LTS2, "TS_LOCAL", "LTS2", "Local Timestamp"),
	NAME(GTS1, "GTS_1", "GTS1", "Global Timestamp [25:0]"),
	NAME(GTS2, "GTS_2", "GTS2", "Global Timestamp [{63|42}:26]"),
	NAME(EXTENSION, "EXTENSION", "EXTENSION", "Extension packet"),
	NAME(BAD_SEQUENCE, "BAD_SEQUENCE", "BAD_SEQUENCE", "Invalid sequence in packet"),
	NAME(RESERVED, "RESERVED", "RESERVED", "Reserved Packet Header"),
};

/* The kinds of DWT packets: by the discriminator up to 3, from 8 on by what is traced. */
enum dwt {
	DWT_EVENTS,
	DWT_EXCEPTION,
	DWT_PC_SAMPLE,
	DWT_PMU,
	DWT_PC,
	DWT_MATCH,
	DWT_ADDRESS,
	DWT_VALUE,
	DWT_RESERVED
};

enum { EXCEPTION = 0x1ff, PROHIBITED = 0xff };

static enum dwt
dwt_of(const struct itm_packet *k)
{
	if (k->source <= DWT_PMU)
		return (enum dwt)k->source;
	if (k->source < 8 || k->source > 23)
		return DWT_RESERVED;
	if (k->source >= 16)
		return DWT_VALUE;
	return k->source & 1 ? DWT_ADDRESS : k->size == 1 ? DWT_MATCH : DWT_PC;
}

/* The comparator of a data trace packet. */
static uint64_t
comparator(const struct itm_packet *k)
{
	return k->source >> 1 & 3;
}

/* Whether the packet selects the page of ports that the SWIT packets after it mean. */
static bool
is_page(const struct itm_packet *k)
{
	return k->type == ITM_EXTENSION && k->size == 0 && k->source != ITM_HARDWARE;
}

static bool
is_local(const struct itm_packet *k)
{
	return k->type == ITM_LTS1 || k->type == ITM_LTS2;
}

/* --- packets as text */

/* The value, two digits a byte. */
static char *
put_value(char *d, struct str label, const struct itm_packet *k)
{
	int bytes = k->size == 0 ? 1 : k->size > 5 ? 5 : k->size;

	return csd_hex(d, label, k->value, 2 * bytes);
}

static char *
put_events(char *d, uint64_t v)
{
	static const struct str events[] = { STR_INIT(" CPI "), STR_INIT(" EXC "),
		STR_INIT(" Sleep "), STR_INIT(" LSU "), STR_INIT(" Fold "), STR_INIT(" CYC ") };
	size_t i;

	d = str_put(csd_hex(d, STR("[Event Counter: "), v, 2), STR("; Flags: "));
	for (i = 0; i < sizeof events / sizeof *events; i++)
		d = str_put(d, v >> i & 1 ? events[i] : STR(" --- "));
	return str_put(d, STR("] "));
}

static char *
put_exception(char *d, uint64_t v)
{
	static const struct str functions[] = { STR_INIT("(reserved) ]"), STR_INIT("(entered) ]"),
		STR_INIT("(exited) ]"), STR_INIT("(returned to) ]") };

	d = csd_hex(d, STR("[Exception Num:  "), v & EXCEPTION, 4);
	return str_put(d, functions[v >> 12 & 3]);
}

static char *
put_dwt(char *d, const struct itm_packet *k)
{
	d = str_put(csd_hex(d, STR("{desc: "), k->source, 2), STR("} "));
	switch (dwt_of(k)) {
	case DWT_EVENTS:
		return put_events(d, k->value);
	case DWT_EXCEPTION:
		return put_exception(d, k->value);
	case DWT_PC_SAMPLE:
		return str_put(put_value(d, STR("[PC Sample: "), k), STR("] "));
	case DWT_PMU:
	case DWT_RESERVED:
		return str_put(d, STR("[Reserved discriminator value] "));
	case DWT_VALUE:
		d = csd_dec(d, STR("[Data Trc: comp="), comparator(k));
		d = str_put(d, k->source & 1 ? STR("; Val write: ") : STR("; Val read: "));
		return str_put(put_value(d, STR(""), k), STR("] "));
	default:
		d = csd_dec(d, STR("[Data Trc: comp="), comparator(k));
		d = str_put(d, k->source & 1 ? STR("; Address=") : STR("; PC Value="));
		return str_put(put_value(d, STR(""), k), STR(" ] "));
	}
}

static char *
put_global(char *d, const struct itm_packet *k)
{
	static const struct str bits[] = { STR_INIT("6"), STR_INIT("13"), STR_INIT("20"),
		STR_INIT("25") };

	if (k->type == ITM_GTS2)
		return put_value(
		    d, k->size > 4 ? STR("{ TS bits [63:26]} ") : STR("{ TS bits [47:26]} "), k);
	d = str_put(str_put(d, STR("{ TS bits [")), bits[(k->size - 1) & 3]);
	d = str_put(d, k->source & ITM_CLOCK_CHANGE ? STR(":0], Clk change") : STR(":0]"));
	d = k->source & ITM_WRAP ? str_put(d, STR(", Clk wrap")) : d;
	return put_value(d, STR("} "), k);
}

static char *
put_extension(char *d, const struct itm_packet *k)
{
	int bits = k->size == 4 ? 32 : 3 + 7 * k->size;

	if (is_page(k))
		return csd_hex(d, STR("{stim port page} "), k->value, 2);
	d = csd_dec(d, STR("{unknown extension type, "), (uint64_t)bits);
	return csd_hex(d, STR(" bits } "), k->value, bits / 4 + 1);
}

static char *
put_body(char *d, const struct itm_packet *k)
{
	static const struct str tc[] = { STR_INIT(" { TS Sync }"), STR_INIT(" { TS Delayed }"),
		STR_INIT(" { TS Sync, Packet Delayed }"),
		STR_INIT(" { TS Delayed, Packet Delayed }") };

	switch (k->type) {
	case ITM_SWIT:
		return put_value(csd_hex(d, STR("{src id: "), k->source, 2), STR("}  "), k);
	case ITM_DWT:
		return put_dwt(d, k);
	case ITM_LTS1:
	case ITM_LTS2:
		return str_put(put_value(d, STR(""), k), tc[k->source & 3]);
	case ITM_GTS1:
	case ITM_GTS2:
		return put_global(d, k);
	case ITM_EXTENSION:
		return put_extension(d, k);
	case ITM_INCOMPLETE:
	case ITM_BAD_SEQUENCE:
		d = str_put(str_put(d, STR("[Init type: ITM_")), names[k->was].name);
		return str_put(d, STR("] "));
	default:
		return d;
	}
}

static char *
text(const struct csd_packet *p, char *d)
{
	const struct itm_packet *k = p->what;

	d = str_put(str_put(d, STR("ITM_")), names[k->type].name);
	d = str_put(put_body(str_put(d, STR(": ")), k), STR("; '"));
	return str_put(str_put(d, names[k->type].rest), STR("'"));
}

/* --- packets in records */

static void
info_value(struct csd_fields *f, const struct itm_packet *k)
{
	csd_info(f, STR("size"), k->size);
	csd_info_hex(f, STR("value"), k->value);
}

/* Names with commas between them. */
static void
info_events(struct csd_fields *f, uint64_t v)
{
	static const struct str events[] = { STR_INIT(",CPI"), STR_INIT(",Exc"), STR_INIT(",Sleep"),
		STR_INIT(",LSU"), STR_INIT(",Fold"), STR_INIT(",Cyc") };
	char list[32], *d = list;
	size_t i;

	for (i = 0; i < sizeof events / sizeof *events; i++)
		d = v >> i & 1 ? str_put(d, events[i]) : d;
	if (d > list)
		csd_info_word(f, STR("events"), (struct str){ list + 1, (size_t)(d - list) - 1 });
}

/* As Armv7-M and Armv8-M number them; from 16 on they are the interrupts. */
static void
info_exception(struct csd_fields *f, uint64_t v)
{
	static const struct str exceptions[16] = { STR_INIT("Thread"), STR_INIT("Reset"),
		STR_INIT("NMI"), STR_INIT("HardFault"), STR_INIT("MemManage"), STR_INIT("BusFault"),
		STR_INIT("UsageFault"), STR_INIT("SecureFault"), STR_INIT("-"), STR_INIT("-"),
		STR_INIT("-"), STR_INIT("SVCall"), STR_INIT("DebugMonitor"), STR_INIT("-"),
		STR_INIT("PendSV"), STR_INIT("SysTick") };
	static const struct str functions[] = { STR_INIT("reserved"), STR_INIT("entered"),
		STR_INIT("exited"), STR_INIT("returned") };
	uint64_t number = v & EXCEPTION;
	char irq[4 + TEXT_NUMBER];
	struct str name = { irq, 0 };

	if (number < 16)
		name = exceptions[number];
	else
		name.n = (size_t)(csd_dec(irq, STR("IRQ"), number - 16) - irq);
	csd_info_hex(f, STR("exception"), number);
	csd_info_word(f, STR("name"), name);
	csd_info_word(f, STR("function"), functions[v >> 12 & 3]);
}

static void
set_addr(struct csd_fields *f, const struct itm_packet *k)
{
	f->has_addr = true;
	f->addr = k->value;
}

/* A byte instead of an address says why there is none. */
static void
info_sample(struct csd_fields *f, const struct itm_packet *k)
{
	if (k->size > 1)
		set_addr(f, k);
	else if (k->value == 0 || k->value == PROHIBITED)
		csd_info(f, k->value == 0 ? STR("sleep") : STR("prohibited"), 1);
	else
		csd_info_hex(f, STR("value"), k->value);
}

static void
info_data(struct csd_fields *f, const struct itm_packet *k, enum dwt what)
{
	csd_info(f, STR("comparator"), comparator(k));
	if (what == DWT_PC) {
		set_addr(f, k);
	} else if (what == DWT_ADDRESS) {
		csd_info_hex(f, STR("data_addr"), k->value);
	} else if (what == DWT_VALUE) {
		csd_info_word(f, STR("access"), k->source & 1 ? STR("write") : STR("read"));
		info_value(f, k);
	}
}

static void
info_dwt(struct csd_fields *f, const struct itm_packet *k)
{
	static const struct str types[] = { [DWT_EVENTS] = STR_INIT("EVENT_COUNTER"),
		[DWT_EXCEPTION] = STR_INIT("EXCEPTION_TRACE"),
		[DWT_PC_SAMPLE] = STR_INIT("PC_SAMPLE"),
		[DWT_PMU] = STR_INIT("PMU_OVERFLOW"),
		[DWT_PC] = STR_INIT("DATA_PC"),
		[DWT_MATCH] = STR_INIT("DATA_MATCH"),
		[DWT_ADDRESS] = STR_INIT("DATA_ADDRESS"),
		[DWT_VALUE] = STR_INIT("DATA_VALUE"),
		[DWT_RESERVED] = STR_INIT("DWT") };
	enum dwt what = dwt_of(k);

	f->type = types[what];
	if (what == DWT_EVENTS) {
		info_events(f, k->value);
	} else if (what == DWT_EXCEPTION) {
		info_exception(f, k->value);
	} else if (what == DWT_PC_SAMPLE) {
		info_sample(f, k);
	} else if (what == DWT_PMU) {
		csd_info_hex(f, STR("ovf"), k->value);
	} else if (what != DWT_RESERVED) {
		info_data(f, k, what);
	} else {
		csd_info_hex(f, STR("id"), k->source);
		info_value(f, k);
	}
}

static void
info_packet(struct csd_fields *f, const struct itm_packet *k)
{
	f->type = names[k->type].type;
	if (k->type == ITM_SWIT) {
		csd_info(f, STR("port"), k->source);
		info_value(f, k);
	} else if (k->type == ITM_DWT) {
		info_dwt(f, k);
	} else if (is_local(k)) {
		csd_info(f, STR("ts"), k->value);
		csd_info(f, STR("tc"), k->source);
	} else if (k->type == ITM_GTS1) {
		csd_info(f, STR("ts"), k->value);
		csd_info(f, STR("updated"), k->size == 4 ? ITM_GTS1_BITS : 7u * k->size);
		csd_info_flag(f, STR("clkch"), k->source & ITM_CLOCK_CHANGE);
		csd_info_flag(f, STR("wrap"), k->source & ITM_WRAP);
	} else if (k->type == ITM_GTS2) {
		csd_info(f, STR("ts_high"), k->value);
	} else if (is_page(k)) {
		csd_info(f, STR("page"), k->value);
	} else if (k->type == ITM_EXTENSION) {
		csd_info(f, STR("sh"), k->source);
		csd_info_hex(f, STR("ex"), k->value);
	} else if (k->type == ITM_BAD_SEQUENCE || k->type == ITM_INCOMPLETE) {
		csd_info_word(f, STR("was"), names[k->was].type);
	}
}

static void
fields(const struct csd_packet *p, struct csd_fields *f)
{
	info_packet(f, p->what);
}

const struct csd_ops csd_itm_ops = { .sync = ITM_ASYNC,
	.unsynced = ITM_NOTSYNC,
	.overflow = ITM_OVERFLOW,
	.bad = ITM_BAD_SEQUENCE,
	.last_bad = UINT_MAX,
	.text = text,
	.fields = fields };

/* --- the decoder */

/* ITMTCR: the prescaler of local timestamps counts with an asynchronous clock only. */
enum { TCR_SWOENA = 1 << 4, TCR_PRESCALE = 8 };

struct csd_itm {
	struct itm itm;
	struct csd_sink sink;
	uint8_t id;
	uint32_t tcr;
	ocsd_trc_index_t index; /* of the last packet */
	unsync_info_t why;      /* there are no elements until the next synchronisation */
	bool reported;          /* why has come out */
	bool synced;
	/* If synced: */
	uint64_t local, global;
	uint64_t page;  /* of stimulus ports, each has 32 */
	bool wait_high; /* the upper bits of the global timestamp are not known */
	bool overflow;  /* since the last element */
};

/* A custom element points to this. */
struct element {
	const struct itm_packet *packet;
	uint64_t port; /* SWIT: with its page */
	uint64_t ts;   /* local: since the last overflow; global: whole */
	bool overflow; /* trace was dropped before it */
};

static void
put_state(struct csd_itm *c, ocsd_gen_trc_elem_t type, unsync_info_t why)
{
	ocsd_generic_trace_elem e = { .elem_type = type };

	e.unsync_eot_info = why;
	c->sink.element(c->sink.arg, c->index, c->id, &e);
}

static void
put_element(struct csd_itm *c, struct element *x)
{
	const ocsd_generic_trace_elem e = { .elem_type = OCSD_GEN_TRC_ELEM_CUSTOM,
		.ptr_extended_data = x };

	x->overflow = c->overflow;
	c->overflow = false;
	c->sink.element(c->sink.arg, c->index, c->id, &e);
}

/* Wait for the next synchronisation. */
static void
lose(struct csd_itm *c, unsync_info_t why)
{
	c->why = why;
	c->reported = c->synced = false;
	c->local = c->global = c->page = 0;
	c->wait_high = true;
	c->overflow = false;
}

static uint64_t
prescaled(const struct csd_itm *c, uint64_t v)
{
	return c->tcr & TCR_SWOENA ? v << 2 * (c->tcr >> TCR_PRESCALE & 3) : v;
}

/* Update the global timestamp: a GTS1 replaces its lowest bits, as many as it has, a GTS2 the
 * others. False while some bits are unknown. */
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

/* A synchronised packet. */
static void
follow(struct csd_itm *c, const struct itm_packet *k)
{
	struct element x = { .packet = k, .port = c->page << 5 | k->source };
	bool global = k->type == ITM_GTS1 || k->type == ITM_GTS2;

	if (k->type == ITM_OVERFLOW) {
		c->overflow = true;
		c->local = 0;
	} else if (is_page(k)) {
		c->page = k->value;
	}
	if (is_local(k))
		x.ts = c->local += prescaled(c, k->value);
	if (global && !count_global(c, k))
		return;
	if (global)
		x.ts = c->global;
	if (global || is_local(k) || k->type == ITM_SWIT || k->type == ITM_DWT)
		put_element(c, &x);
}

static void
on_packet(void *arg, const struct itm_packet *k)
{
	struct csd_itm *c = arg;

	c->index = (ocsd_trc_index_t)k->index;
	c->sink.monitor(c->sink.arg, OCSD_OP_DATA, c->index, k, (uint32_t)k->nraw, k->raw);
	if (c->sink.element == NULL)
		return;
	if (c->synced && k->type >= ITM_BAD_SEQUENCE)
		lose(c, UNSYNC_BAD_PACKET);
	if (!c->reported)
		put_state(c, OCSD_GEN_TRC_ELEM_NO_SYNC, c->why);
	c->reported = true;
	if (c->synced)
		follow(c, k);
	else
		c->synced = k->type == ITM_ASYNC;
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
	if (op == OCSD_OP_DATA)
		itm_feed(&c->itm, index, p, n);
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

/* --- elements */

char *
csd_itm_element_text(const void *custom, char *d)
{
	static const struct str tc[] = { STR_INIT("TS Sync"), STR_INIT("TS Delay"),
		STR_INIT("Packet Delay"), STR_INIT("TS and Packet Delay") };
	const struct element *x = custom;
	const struct itm_packet *k = x->packet;

	d = x->overflow ? str_put(d, STR("ITM_OVERFLOW; ")) : d;
	if (k->type == ITM_SWIT || k->type == ITM_DWT) {
		d = k->type == ITM_SWIT ? csd_hex(d, STR("ITM_SWIT (ch: "), x->port, 1)
					: csd_hex(d, STR("ITM_DWT (desc: "), k->source, 1);
		d = csd_hex(d, STR("; Data: "), k->value, 2 * k->size);
	} else if (is_local(k)) {
		d = csd_hex(d, STR("ITM_TS_LOCAL ( TS delta: "), k->value, 8);
		d = str_put(str_put(d, STR(", { ")), tc[k->source & 3]);
		d = csd_hex(d, STR("}; TS cumulative: "), x->ts, 16);
	} else {
		d = csd_hex(d, STR("ITM_TS_GLOBAL ( TS: "), x->ts, 16);
	}
	return str_put(d, STR(") "));
}

void
csd_itm_element_fields(const void *custom, struct csd_fields *f)
{
	const struct element *x = custom;
	struct itm_packet k = *x->packet;

	if (k.type == ITM_SWIT || k.type == ITM_DWT) {
		k.source = k.type == ITM_SWIT ? (uint8_t)x->port : k.source;
		info_packet(f, &k);
		f->type = k.type == ITM_SWIT ? STR("software") : STR("hardware");
	} else {
		csd_info_word(f, STR("clock"), is_local(&k) ? STR("local") : STR("global"));
		csd_info(f, STR("ts"), x->ts);
		if (is_local(&k))
			csd_info(f, STR("tc"), k.source);
		f->type = STR("timestamp");
	}
	csd_info_flag(f, STR("overflow"), x->overflow);
}
