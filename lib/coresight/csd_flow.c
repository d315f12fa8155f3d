/* SPDX-License-Identifier: MIT */
/* What a full decode finds, OpenCSD's generic elements: as our elements, as text, and as the pairs
 * of a record. */

#include "csd_int.h"

/* What OpenCSD's printer and a record call something. */
struct words {
	struct str text, name;
};

#define BOTH(text, name)                                                                           \
	{                                                                                          \
		STR_INIT(text), STR_INIT(name)                                                     \
	}

static const struct words isas[] = { [ocsd_isa_arm] = BOTH("A32", "A32"),
	[ocsd_isa_thumb2] = BOTH("T32", "T32"),
	[ocsd_isa_aarch64] = BOTH("A64", "A64"),
	[ocsd_isa_tee] = BOTH("TEE", "TEE"),
	[ocsd_isa_jazelle] = BOTH("Jaz", "Jaz"),
	[ocsd_isa_custom] = BOTH("Cst", "Cst"),
	[ocsd_isa_unknown] = BOTH("Unk", "Unk") };

static const struct words instructions[] = { [OCSD_INSTR_OTHER] = BOTH("--- ", "-"),
	[OCSD_INSTR_BR] = BOTH("BR  ", "branch"),
	[OCSD_INSTR_BR_INDIRECT] = BOTH("iBR ", "indirect"),
	[OCSD_INSTR_ISB] = BOTH("ISB ", "isb"),
	[OCSD_INSTR_DSB_DMB] = BOTH("DSB.DMB", "barrier"),
	[OCSD_INSTR_WFI_WFE] = BOTH("WFI.WFE", "wait"),
	[OCSD_INSTR_TSTART] = BOTH("TSTART", "tstart") };

static const struct words subtypes[] = { [OCSD_S_INSTR_NONE] = BOTH("", "-"),
	[OCSD_S_INSTR_BR_LINK] = BOTH("b+link ", "call"),
	[OCSD_S_INSTR_V8_RET] = BOTH("A64:ret ", "return"),
	[OCSD_S_INSTR_V8_ERET] = BOTH("A64:eret ", "eret"),
	[OCSD_S_INSTR_V7_IMPLIED_RET] = BOTH("V7:impl ret", "return") };

static const struct words securities[] = { [ocsd_sec_secure] = BOTH("S", "S"),
	[ocsd_sec_nonsecure] = BOTH("N", "NS"),
	[ocsd_sec_root] = BOTH("Root", "Root"),
	[ocsd_sec_realm] = BOTH("Realm", "Realm") };

static const struct words on_reasons[] = { [TRACE_ON_NORMAL] = BOTH("begin or filter", "begin"),
	[TRACE_ON_OVERFLOW] = BOTH("overflow", "overflow"),
	[TRACE_ON_EX_DEBUG] = BOTH("debug restart", "debug") };

static const struct words unsync_reasons[] = { [UNSYNC_UNKNOWN] = BOTH("undefined", "unknown"),
	[UNSYNC_INIT_DECODER] = BOTH("init-decoder", "begin"),
	[UNSYNC_RESET_DECODER] = BOTH("reset-decoder", "reset"),
	[UNSYNC_OVERFLOW] = BOTH("overflow", "overflow"),
	[UNSYNC_DISCARD] = BOTH("discard", "discard"),
	[UNSYNC_BAD_PACKET] = BOTH("bad-packet", "bad-packet"),
	[UNSYNC_EOT] = BOTH("end-of-trace", "end") };

static const struct words transactions[] = { [OCSD_MEM_TRANS_TRACE_INIT] = BOTH("Init", "init"),
	[OCSD_MEM_TRANS_START] = BOTH("Start", "start"),
	[OCSD_MEM_TRANS_COMMIT] = BOTH("Commit", "commit"),
	[OCSD_MEM_TRANS_FAIL] = BOTH("Fail", "fail") };

/* The words of a value; none and "-" if the table has none. */
#define WORDS(table, value) words_of(table, sizeof(table) / sizeof *(table), (unsigned)(value))

static const struct words *
words_of(const struct words *table, size_t n, unsigned value)
{
	static const struct words none = BOTH("", "-");

	return value < n && table[value].text.p != NULL ? &table[value] : &none;
}

/* Later versions have UNSYNC_BAD_IMAGE between two that earlier ones have. */
static const struct words *
unsync_reason(const ocsd_generic_trace_elem *e)
{
	static const struct words bad_image = BOTH("bad-program-image", "bad-image");
	const struct words *w = WORDS(unsync_reasons, e->unsync_eot_info);

	return w->text.n == 0 && e->unsync_eot_info == UNSYNC_BAD_PACKET + 1 ? &bad_image : w;
}

#define ELEMENT(type, flow, name) [OCSD_GEN_TRC_ELEM_##type] = { CSD_##flow, BOTH(#type, name) }

struct element_type {
	enum csd_flow flow;
	struct words words;
};

static const struct element_type *
type_of(const ocsd_generic_trace_elem *e)
{
	static const struct element_type types[] = {
		ELEMENT(UNKNOWN, OTHER_FLOW, "other"),
		ELEMENT(NO_SYNC, NO_SYNC, "no-sync"),
		ELEMENT(TRACE_ON, TRACE_ON, "trace-on"),
		ELEMENT(EO_TRACE, END_OF_TRACE, "end"),
		ELEMENT(PE_CONTEXT, CONTEXT, "context"),
		ELEMENT(INSTR_RANGE, RANGE, "range"),
		ELEMENT(I_RANGE_NOPATH, RANGE_NOPATH, "no-path"),
		ELEMENT(ADDR_NACC, NO_ACCESS, "no-access"),
		ELEMENT(ADDR_UNKNOWN, NO_ADDRESS, "no-address"),
		ELEMENT(EXCEPTION, EXCEPTION, "exception"),
		ELEMENT(EXCEPTION_RET, EXCEPTION_RETURN, "exception-return"),
		ELEMENT(TIMESTAMP, TIMESTAMP, "timestamp"),
		ELEMENT(CYCLE_COUNT, CYCLES, "cycles"),
		ELEMENT(EVENT, EVENT, "event"),
		ELEMENT(SWTRACE, SOFTWARE, "software"),
		ELEMENT(SYNC_MARKER, MARKER, "marker"),
		ELEMENT(MEMTRANS, TRANSACTION, "transaction"),
#if OCSD_VER_NUM >= 0x010400
		ELEMENT(INSTRUMENTATION, INSTRUMENTATION, "instrumentation"),
#endif
		/* only our decoder of ITM makes these; the record's name is the packet's */
		[OCSD_GEN_TRC_ELEM_CUSTOM] = { CSD_ITMTRACE, BOTH("ITMTRACE", "other") },
	};
	unsigned type = (unsigned)e->elem_type;

	return &types[type < sizeof types / sizeof *types && types[type].words.text.p ? type : 0];
}

static struct str
branch_name(const ocsd_generic_trace_elem *e)
{
	struct str name = WORDS(subtypes, e->last_i_subtype)->name;

	if (e->last_i_subtype == OCSD_S_INSTR_BR_LINK && e->last_i_type != OCSD_INSTR_BR)
		return STR("indirect-call");
	return str_none(name) ? WORDS(instructions, e->last_i_type)->name : name;
}

void
csd_element_fill(struct csd_element *x, const ocsd_generic_trace_elem *e)
{
	bool range;

	x->what = e;
	x->flow = type_of(e)->flow;
	range = x->flow == CSD_RANGE || x->flow == CSD_RANGE_NOPATH;
	x->addr = e->st_addr;
	x->end = e->en_addr;
	x->has_contextid = x->has_vmid = false;
	x->has_addr = range || x->flow == CSD_NO_ACCESS;
	x->n = range ? e->num_instr_range : 0;
	if (x->flow == CSD_RANGE) {
		x->taken = e->last_instr_exec;
		x->branch = branch_name(e);
		x->isa = WORDS(isas, e->isa <= ocsd_isa_unknown ? e->isa : ocsd_isa_unknown)->name;
	} else if (x->flow == CSD_EXCEPTION && e->excep_ret_addr) {
		x->has_addr = true;
		x->addr = e->en_addr;
	} else if (x->flow == CSD_CONTEXT) {
		x->el = e->context.el_valid ? (int8_t)e->context.exception_level : -1;
		x->has_contextid = e->context.ctxt_id_valid;
		x->contextid = e->context.context_id;
		x->has_vmid = e->context.vmid_valid;
		x->vmid = e->context.vmid;
	}
}

/* The payload of a software trace element, little-endian, 0 if it has none or more than 64 bits. */
static uint64_t
payload(const ocsd_generic_trace_elem *e)
{
	const uint8_t *p = e->ptr_extended_data;
	unsigned bits = e->sw_trace_info.swt_payload_pkt_bitsize, i;
	uint64_t v = 0;

	for (i = p != NULL && bits <= 64 ? (bits + 7) / 8 : 0; i > 0; i--)
		v = v << 8 | p[i - 1];
	return bits == 4 ? v & 15 : v;
}

/* What software wrote with FEAT_ITE. Before 1.4.0 there is no such element. */
static uint64_t
instrumentation(const ocsd_generic_trace_elem *e, unsigned *el)
{
#if OCSD_VER_NUM >= 0x010400
	*el = e->sw_ite.el;
	return e->sw_ite.value;
#else
	(void)e;
	return *el = 0;
#endif
}

/* --- text */

static char *
put_range(char *d, const ocsd_generic_trace_elem *e)
{
	d = csd_hex(d, STR("exec range="), e->st_addr, 1);
	d = csd_hex(d, STR(":["), e->en_addr, 1);
	d = csd_dec(d, STR("] num_i("), e->num_instr_range);
	d = csd_dec(d, STR(") last_sz("), e->last_instr_sz);
	d = str_put(str_put(d, STR(") (ISA=")), WORDS(isas, e->isa)->text);
	d = str_put(d, e->last_instr_exec ? STR(") E ") : STR(") N "));
	d = str_put(d, WORDS(instructions, e->last_i_type)->text);
	d = str_put(d, WORDS(subtypes, e->last_i_subtype)->text);
	return e->last_instr_cond ? str_put(d, STR(" <cond>")) : d;
}

static char *
put_exception(char *d, const ocsd_generic_trace_elem *e)
{
	if (e->excep_ret_addr) {
		d = csd_hex(d, STR("pref ret addr:"), e->en_addr, 1);
		d = str_put(
		    d, e->excep_ret_addr_br_tgt ? STR(" [addr also prev br tgt]; ") : STR("; "));
	}
	return str_put(csd_hex(d, STR("excep num ("), e->exception_number, 2), STR(") "));
}

static char *
put_context(char *d, const ocsd_generic_trace_elem *e)
{
	const ocsd_pe_context *c = &e->context;

	d = str_put(str_put(d, STR("(ISA=")), WORDS(isas, e->isa)->text);
	d = str_put(d, STR(") "));
	if (c->exception_level > ocsd_EL_unknown && c->el_valid)
		d = csd_dec(d, STR("EL"), (uint64_t)c->exception_level);
	d = str_put(d, WORDS(securities, c->security_level)->text);
	d = str_put(d, c->bits64 ? STR("; 64-bit; ") : STR("; 32-bit; "));
	if (c->vmid_valid)
		d = str_put(csd_hex(d, STR("VMID="), c->vmid, 1), STR("; "));
	if (c->ctxt_id_valid)
		d = str_put(csd_hex(d, STR("CTXTID="), c->context_id, 1), STR("; "));
	return d;
}

static char *
put_timestamp(char *d, uint64_t ts)
{
	return str_put(csd_hex(d, STR(" [ TS="), ts, 12), STR("]; "));
}

static char *
put_software(char *d, const ocsd_generic_trace_elem *e)
{
	const ocsd_swt_info_t *s = &e->sw_trace_info;
	int bits = (int)s->swt_payload_pkt_bitsize;

	if (s->swt_global_err)
		return str_put(d, STR("{Global Error.}"));
	if (s->swt_id_valid) {
		d = csd_hex(d, STR(" (Ma:"), s->swt_master_id, 2);
		d = str_put(csd_hex(d, STR("; Ch:"), s->swt_channel_id, 2), STR(") "));
	} else {
		d = str_put(d, STR("(Ma:0x\?\?; Ch:0x\?\?) "));
	}
	if (bits > 0)
		d = str_put(csd_hex(d, STR(""), payload(e), bits / 4), STR("; "));
	d = s->swt_marker_packet ? str_put(d, STR("+Mrk ")) : d;
	d = s->swt_trigger_event ? str_put(d, STR("Trig ")) : d;
	d = s->swt_has_timestamp ? put_timestamp(d, e->timestamp) : d;
	d = s->swt_frequency ? str_put(d, STR("Freq")) : d;
	return s->swt_master_err ? str_put(d, STR("{Master Error.}")) : d;
}

static char *
put_event(char *d, const ocsd_generic_trace_elem *e)
{
	if (e->trace_event.ev_type == EVENT_TRIGGER)
		return str_put(d, STR(" Trigger; "));
	if (e->trace_event.ev_type != EVENT_NUMBERED)
		return d;
	return str_put(csd_dec(d, STR(" Numbered:"), e->trace_event.ev_number), STR("; "));
}

static char *
put_instrumentation(char *d, const ocsd_generic_trace_elem *e)
{
	unsigned el;
	uint64_t value = instrumentation(e, &el);

	return csd_hex(csd_dec(d, STR("EL"), el), STR("; "), value, 16);
}

static char *
put_spaces(char *d, unsigned spaces)
{
	static const struct str names[] = { STR_INIT("EL1S"), STR_INIT("EL1N"), STR_INIT("EL2N"),
		STR_INIT("EL3"), STR_INIT("EL2S"), STR_INIT("EL1R"), STR_INIT("EL2R"),
		STR_INIT("Root") };
	const bool one = (spaces & (spaces - 1)) == 0;
	size_t i;

	if (spaces == (CSD_EL1S | CSD_EL2S | CSD_EL3))
		return str_put(d, STR("Any S"));
	if (spaces == (CSD_EL1N | CSD_EL2))
		return str_put(d, STR("Any NS"));
	if (spaces == (CSD_EL1R | CSD_EL2R))
		return str_put(d, STR("Any R"));
	if (spaces == CSD_ANY_SPACE)
		return str_put(d, STR("Any"));
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (spaces >> i & 1)
			d = str_put(str_put(d, names[i]), one ? STR("") : STR(","));
	return d;
}

static char *
put_no_access(char *d, const ocsd_generic_trace_elem *e)
{
	d = csd_hex(d, STR(" "), e->st_addr, 1);
	if (OCSD_VER_NUM >= 0x010402) { /* it gives the spaces in which there is no code */
		d = csd_hex(d, STR("; Memspace ["), e->exception_number, 1);
		d = str_put(put_spaces(str_put(d, STR(":")), e->exception_number), STR("]"));
	}
	return str_put(d, STR(" "));
}

static char *
put_reason(char *d, struct str reason)
{
	return str_put(str_put(str_put(d, STR(" [")), reason), STR("]"));
}

static char *
put_body(char *d, enum csd_flow flow, const ocsd_generic_trace_elem *e)
{
	switch (flow) {
	case CSD_RANGE:
		return put_range(d, e);
	case CSD_RANGE_NOPATH:
		d = csd_hex(d, STR("first "), e->st_addr, 1);
		d = csd_hex(d, STR(":[next "), e->en_addr, 1);
		return str_put(csd_dec(d, STR("] num_i("), e->num_instr_range), STR(") "));
	case CSD_NO_ACCESS:
		return put_no_access(d, e);
	case CSD_EXCEPTION:
		return put_exception(d, e);
	case CSD_CONTEXT:
		return put_context(d, e);
	case CSD_TRACE_ON:
		return put_reason(d, WORDS(on_reasons, e->trace_on_reason)->text);
	case CSD_END_OF_TRACE:
	case CSD_NO_SYNC:
		return put_reason(d, unsync_reason(e)->text);
	case CSD_TIMESTAMP:
		return put_timestamp(d, e->timestamp);
	case CSD_SOFTWARE:
		return put_software(d, e);
	case CSD_ITMTRACE:
		return csd_itm_element_text(e->ptr_extended_data, d);
	case CSD_EVENT:
		return put_event(d, e);
	case CSD_MARKER:
		d = csd_hex(d, STR(" [Timestamp marker("), e->sync_marker.value, 8);
		return str_put(d, STR(")]"));
	case CSD_INSTRUMENTATION:
		return put_instrumentation(d, e);
	case CSD_TRANSACTION:
		return str_put(d, WORDS(transactions, e->mem_trans)->text);
	default:
		return d;
	}
}

size_t
csd_element_text(const struct csd_element *x, char *begin)
{
	const ocsd_generic_trace_elem *e = x->what;
	char *d = str_put(str_put(begin, STR("OCSD_GEN_TRC_ELEM_")), type_of(e)->words.text);

	d = put_body(str_put(d, STR("(")), x->flow, e);
	if (e->has_cc)
		d = str_put(csd_dec(d, STR(" [CC="), e->cycle_count), STR("]; "));
	return (size_t)(str_put(d, STR(")")) - begin);
}

/* --- records */

static void
info_context(struct csd_fields *f, const ocsd_pe_context *c)
{
	if (c->el_valid && c->exception_level > ocsd_EL_unknown)
		csd_info(f, STR("el"), (uint64_t)c->exception_level);
	csd_info_word(f, STR("security"), WORDS(securities, c->security_level)->name);
	csd_info(f, STR("bits"), c->bits64 ? 64 : 32);
	if (c->ctxt_id_valid)
		csd_info_hex(f, STR("contextid"), c->context_id);
	if (c->vmid_valid)
		csd_info_hex(f, STR("vmid"), c->vmid);
}

static void
info_software(struct csd_fields *f, const ocsd_generic_trace_elem *e)
{
	const ocsd_swt_info_t *s = &e->sw_trace_info;

	if (s->swt_id_valid) {
		csd_info_hex(f, STR("master"), s->swt_master_id);
		csd_info_hex(f, STR("channel"), s->swt_channel_id);
	}
	if (e->ptr_extended_data != NULL && s->swt_payload_pkt_bitsize > 0)
		csd_info_hex(f, STR("data"), payload(e));
	csd_info_flag(f, STR("marker"), s->swt_marker_packet);
	csd_info_flag(f, STR("trigger"), s->swt_trigger_event);
	if (s->swt_has_timestamp)
		csd_info(f, STR("ts"), e->timestamp);
	if (s->swt_master_err || s->swt_global_err)
		csd_info_word(f, STR("error"), s->swt_global_err ? STR("global") : STR("master"));
}

static void
info_instrumentation(struct csd_fields *f, const ocsd_generic_trace_elem *e)
{
	unsigned el;
	uint64_t value = instrumentation(e, &el);

	csd_info(f, STR("el"), el);
	csd_info_hex(f, STR("value"), value);
}

static void
info_body(struct csd_fields *f, enum csd_flow flow, const ocsd_generic_trace_elem *e)
{
	if (flow == CSD_RANGE) {
		csd_info_flag(f, STR("cond"), e->last_instr_cond);
	} else if (flow == CSD_CONTEXT) {
		info_context(f, &e->context);
	} else if (flow == CSD_SOFTWARE) {
		info_software(f, e);
	} else if (flow == CSD_ITMTRACE) {
		csd_itm_element_fields(e->ptr_extended_data, f);
	} else if (flow == CSD_TRACE_ON) {
		csd_info_word(f, STR("reason"), WORDS(on_reasons, e->trace_on_reason)->name);
	} else if (flow == CSD_NO_SYNC || flow == CSD_END_OF_TRACE) {
		csd_info_word(f, STR("reason"), unsync_reason(e)->name);
	} else if (flow == CSD_EXCEPTION) {
		csd_info_hex(f, STR("exception"), e->exception_number);
		csd_info_flag(f, STR("target"), e->excep_ret_addr_br_tgt);
	} else if (flow == CSD_TIMESTAMP) {
		f->has_ts = true;
		f->ts = e->timestamp;
		csd_info(f, STR("ts"), f->ts);
	} else if (flow == CSD_EVENT) {
		csd_info(f, STR("event"), e->trace_event.ev_number);
	} else if (flow == CSD_MARKER) {
		csd_info_hex(f, STR("value"), e->sync_marker.value);
	} else if (flow == CSD_INSTRUMENTATION) {
		info_instrumentation(f, e);
	} else if (flow == CSD_TRANSACTION) {
		csd_info_word(f, STR("transaction"), WORDS(transactions, e->mem_trans)->name);
	} else if (flow == CSD_RANGE_NOPATH) {
		csd_info_hex(f, STR("next"), e->en_addr);
		csd_info(f, STR("count"), e->num_instr_range);
	}
}

void
csd_element_fields(const struct csd_element *x, struct csd_fields *f)
{
	const ocsd_generic_trace_elem *e = x->what;

	f->has_ts = false;
	f->n = 0;
	f->type = type_of(e)->words.name;
	f->has_addr = x->has_addr;
	f->addr = x->addr;
	f->el = x->el;
	f->has_contextid = x->has_contextid;
	f->contextid = x->contextid;
	f->has_vmid = x->has_vmid;
	f->vmid = x->vmid;
	info_body(f, x->flow, e);
	if (e->has_cc)
		csd_info(f, STR("cycles"), e->cycle_count);
}
