/* SPDX-License-Identifier: MIT */
/* What a full decode finds, as our elements and in the words of OpenCSD's printer. */

#include "csd_pkt.h"

static const struct str isas[] = { STR_OF("A32"), STR_OF("T32"), STR_OF("A64"), STR_OF("TEE"),
	STR_OF("Jaz"), STR_OF("Cst"), STR_OF("Unk") };

static enum csd_flow
flow_of(ocsd_gen_trc_elem_t type)
{
	static const enum csd_flow flows[] = {
		[OCSD_GEN_TRC_ELEM_UNKNOWN] = CSD_OTHER_FLOW,
		[OCSD_GEN_TRC_ELEM_NO_SYNC] = CSD_NO_SYNC,
		[OCSD_GEN_TRC_ELEM_TRACE_ON] = CSD_TRACE_ON,
		[OCSD_GEN_TRC_ELEM_EO_TRACE] = CSD_END_OF_TRACE,
		[OCSD_GEN_TRC_ELEM_PE_CONTEXT] = CSD_CONTEXT,
		[OCSD_GEN_TRC_ELEM_INSTR_RANGE] = CSD_RANGE,
		[OCSD_GEN_TRC_ELEM_I_RANGE_NOPATH] = CSD_RANGE_NOPATH,
		[OCSD_GEN_TRC_ELEM_ADDR_NACC] = CSD_NO_ACCESS,
		[OCSD_GEN_TRC_ELEM_ADDR_UNKNOWN] = CSD_NO_ADDRESS,
		[OCSD_GEN_TRC_ELEM_EXCEPTION] = CSD_EXCEPTION,
		[OCSD_GEN_TRC_ELEM_EXCEPTION_RET] = CSD_EXCEPTION_RETURN,
		[OCSD_GEN_TRC_ELEM_TIMESTAMP] = CSD_TIMESTAMP,
		[OCSD_GEN_TRC_ELEM_CYCLE_COUNT] = CSD_CYCLES,
		[OCSD_GEN_TRC_ELEM_EVENT] = CSD_EVENT,
		[OCSD_GEN_TRC_ELEM_SWTRACE] = CSD_SOFTWARE,
		[OCSD_GEN_TRC_ELEM_SYNC_MARKER] = CSD_MARKER,
		[OCSD_GEN_TRC_ELEM_MEMTRANS] = CSD_TRANSACTION,
	};

	if (type == OCSD_GEN_TRC_ELEM_CUSTOM)
		return CSD_ITMTRACE; /* nobody else makes them */
	return (unsigned)type < sizeof flows / sizeof *flows ? flows[type] : CSD_OTHER_FLOW;
}

static struct str
branch_name(const ocsd_generic_trace_elem *e)
{
	static const struct str names[] = { STR_OF("-"), STR_OF("branch"), STR_OF("indirect"),
		STR_OF("isb"), STR_OF("barrier"), STR_OF("wait"), STR_OF("tstart") };

	if (e->last_i_subtype == OCSD_S_INSTR_BR_LINK)
		return e->last_i_type == OCSD_INSTR_BR ? STR("call") : STR("indirect-call");
	if (e->last_i_subtype == OCSD_S_INSTR_V8_RET ||
	    e->last_i_subtype == OCSD_S_INSTR_V7_IMPLIED_RET)
		return STR("return");
	if (e->last_i_subtype == OCSD_S_INSTR_V8_ERET)
		return STR("eret");
	return (unsigned)e->last_i_type < 7 ? names[e->last_i_type] : STR("-");
}

void
csd_element_fill(struct csd_element *f, const ocsd_generic_trace_elem *e)
{
	f->what = e;
	f->flow = flow_of(e->elem_type);
	f->addr = e->st_addr;
	f->end = e->en_addr;
	f->has_contextid = f->has_vmid = false;
	f->has_addr =
	    f->flow == CSD_RANGE || f->flow == CSD_RANGE_NOPATH || f->flow == CSD_NO_ACCESS;
	if (f->flow == CSD_RANGE) {
		f->taken = e->last_instr_exec;
		f->branch = branch_name(e);
		f->isa = isas[(unsigned)e->isa < 7 ? e->isa : 6];
	}
	f->n = f->has_addr && f->flow != CSD_NO_ACCESS ? e->num_instr_range : 0;
	if (f->flow == CSD_EXCEPTION && e->excep_ret_addr) {
		f->has_addr = true;
		f->addr = e->en_addr;
	}
	if (f->flow != CSD_CONTEXT)
		return;
	f->el = e->context.el_valid ? (int8_t)e->context.exception_level : -1;
	f->has_contextid = e->context.ctxt_id_valid;
	f->contextid = e->context.context_id;
	f->has_vmid = e->context.vmid_valid;
	f->vmid = e->context.vmid;
}

static char *
put_addr(char *d, uint64_t v)
{
	return csd_put_hex(d, v, 1);
}

static char *
put_range(char *d, const ocsd_generic_trace_elem *e)
{
	static const struct str types[] = { STR_OF("--- "), STR_OF("BR  "), STR_OF("iBR "),
		STR_OF("ISB "), STR_OF("DSB.DMB"), STR_OF("WFI.WFE"), STR_OF("TSTART") };
	static const struct str subtypes[] = { STR_OF("--- "), STR_OF("b+link "),
		STR_OF("A64:ret "), STR_OF("A64:eret "), STR_OF("V7:impl ret") };

	d = put_addr(CSD_PUT(d, "exec range="), e->st_addr);
	d = put_addr(CSD_PUT(d, ":["), e->en_addr);
	d = csd_put_decimal(CSD_PUT(d, "] num_i("), e->num_instr_range);
	d = csd_put_decimal(CSD_PUT(d, ") last_sz("), e->last_instr_sz);
	d = csd_put(CSD_PUT(d, ") (ISA="), isas[(unsigned)e->isa < 7 ? e->isa : 6]);
	d = e->last_instr_exec ? CSD_PUT(d, ") E ") : CSD_PUT(d, ") N ");
	if ((unsigned)e->last_i_type < 7)
		d = csd_put(d, types[e->last_i_type]);
	if (e->last_i_subtype > 0 && (unsigned)e->last_i_subtype < 5)
		d = csd_put(d, subtypes[e->last_i_subtype]);
	return e->last_instr_cond ? CSD_PUT(d, " <cond>") : d;
}

static char *
put_exception(char *d, const ocsd_generic_trace_elem *e)
{
	if (e->excep_ret_addr) {
		d = put_addr(CSD_PUT(d, "pref ret addr:"), e->en_addr);
		if (e->excep_ret_addr_br_tgt)
			d = CSD_PUT(d, " [addr also prev br tgt]");
		d = CSD_PUT(d, "; ");
	}
	return CSD_PUT(csd_put_hex(CSD_PUT(d, "excep num ("), e->exception_number, 2), ") ");
}

static struct str
security(const ocsd_pe_context *c)
{
	static const struct str names[] = { STR_OF("S"), STR_OF("N"), STR_OF("Root"),
		STR_OF("Realm") };

	return names[(unsigned)c->security_level & 3];
}

static char *
put_context(char *d, const ocsd_generic_trace_elem *e)
{
	const ocsd_pe_context *c = &e->context;

	d = csd_put(CSD_PUT(d, "(ISA="), isas[(unsigned)e->isa < 7 ? e->isa : 6]);
	d = CSD_PUT(d, ") ");
	if (c->exception_level > ocsd_EL_unknown && c->el_valid)
		d = csd_put_decimal(CSD_PUT(d, "EL"), (uint64_t)c->exception_level);
	d = CSD_PUT(csd_put(d, security(c)), "; ");
	d = c->bits64 ? CSD_PUT(d, "64-bit; ") : CSD_PUT(d, "32-bit; ");
	if (c->vmid_valid)
		d = CSD_PUT(csd_put_hex(CSD_PUT(d, "VMID="), c->vmid, 1), "; ");
	if (c->ctxt_id_valid)
		d = CSD_PUT(csd_put_hex(CSD_PUT(d, "CTXTID="), c->context_id, 1), "; ");
	return d;
}

static char *
put_timestamp(char *d, uint64_t ts)
{
	return CSD_PUT(csd_put_hex(CSD_PUT(d, " [ TS="), ts, 12), "]; ");
}

/* The payload of a software trace element, little-endian behind a pointer. */
static uint64_t
payload(const ocsd_generic_trace_elem *e, int *bits)
{
	uint8_t b[8] = { 0 };
	uint64_t v = 0;
	int i;

	*bits = (int)e->sw_trace_info.swt_payload_pkt_bitsize;
	if (e->ptr_extended_data == NULL || *bits > 64)
		return 0;
	memcpy(b, e->ptr_extended_data, (size_t)(*bits + 7) / 8);
	for (i = 7; i >= 0; i--)
		v = v << 8 | b[i];
	return *bits == 4 ? v & 15 : v;
}

static char *
put_software(char *d, const ocsd_generic_trace_elem *e)
{
	const ocsd_swt_info_t *s = &e->sw_trace_info;
	int bits;
	uint64_t v = payload(e, &bits);

	if (s->swt_global_err)
		return CSD_PUT(d, "{Global Error.}");
	if (s->swt_id_valid) {
		d = csd_put_hex(CSD_PUT(d, " (Ma:"), s->swt_master_id, 2);
		d = csd_put_hex(CSD_PUT(d, "; Ch:"), s->swt_channel_id, 2);
		d = CSD_PUT(d, ") ");
	} else {
		d = CSD_PUT(d, "(Ma:0x\?\?; Ch:0x\?\?) ");
	}
	if (bits > 0)
		d = CSD_PUT(csd_put_hex(d, v, bits / 4), "; ");
	d = s->swt_marker_packet ? CSD_PUT(d, "+Mrk ") : d;
	d = s->swt_trigger_event ? CSD_PUT(d, "Trig ") : d;
	d = s->swt_has_timestamp ? put_timestamp(d, e->timestamp) : d;
	d = s->swt_frequency ? CSD_PUT(d, "Freq") : d;
	return s->swt_master_err ? CSD_PUT(d, "{Master Error.}") : d;
}

static struct str
unsync_reason(const ocsd_generic_trace_elem *e)
{
	static const struct str names[] = { STR_OF("undefined"), STR_OF("init-decoder"),
		STR_OF("reset-decoder"), STR_OF("overflow"), STR_OF("discard"),
		STR_OF("bad-packet"), STR_OF("end-of-trace") };

	return (unsigned)e->unsync_eot_info < 7 ? names[e->unsync_eot_info] : STR("");
}

static struct str
on_reason(const ocsd_generic_trace_elem *e)
{
	static const struct str names[] = { STR_OF("begin or filter"), STR_OF("overflow"),
		STR_OF("debug restart") };

	return (unsigned)e->trace_on_reason < 3 ? names[e->trace_on_reason] : STR("");
}

static struct str
transaction(const ocsd_generic_trace_elem *e)
{
	static const struct str names[] = { STR_OF("Init"), STR_OF("Start"), STR_OF("Commit"),
		STR_OF("Fail") };

	return (unsigned)e->mem_trans < 4 ? names[e->mem_trans] : STR("");
}

static char *
put_event(char *d, const ocsd_generic_trace_elem *e)
{
	if (e->trace_event.ev_type == EVENT_TRIGGER)
		return CSD_PUT(d, " Trigger; ");
	if (e->trace_event.ev_type != EVENT_NUMBERED)
		return d;
	return CSD_PUT(csd_put_decimal(CSD_PUT(d, " Numbered:"), e->trace_event.ev_number), "; ");
}

static char *
put_body(char *d, enum csd_flow flow, const ocsd_generic_trace_elem *e)
{
	switch (flow) {
	case CSD_RANGE:
		return put_range(d, e);
	case CSD_RANGE_NOPATH:
		d = put_addr(CSD_PUT(d, "first "), e->st_addr);
		d = put_addr(CSD_PUT(d, ":[next "), e->en_addr);
		return CSD_PUT(csd_put_decimal(CSD_PUT(d, "] num_i("), e->num_instr_range), ") ");
	case CSD_NO_ACCESS:
		return CSD_PUT(put_addr(CSD_PUT(d, " "), e->st_addr), " ");
	case CSD_EXCEPTION:
		return put_exception(d, e);
	case CSD_CONTEXT:
		return put_context(d, e);
	case CSD_TRACE_ON:
		return CSD_PUT(csd_put(CSD_PUT(d, " ["), on_reason(e)), "]");
	case CSD_TIMESTAMP:
		return put_timestamp(d, e->timestamp);
	case CSD_SOFTWARE:
		return put_software(d, e);
	case CSD_ITMTRACE:
		return csd_itm_element_text(e->ptr_extended_data, d);
	case CSD_EVENT:
		return put_event(d, e);
	case CSD_END_OF_TRACE:
	case CSD_NO_SYNC:
		return CSD_PUT(csd_put(CSD_PUT(d, " ["), unsync_reason(e)), "]");
	case CSD_MARKER:
		d = csd_put_hex(CSD_PUT(d, " [Timestamp marker("), e->sync_marker.value, 8);
		return CSD_PUT(d, ")]");
	case CSD_TRANSACTION:
		return csd_put(d, transaction(e));
	default:
		return d;
	}
}

size_t
csd_element_text(const struct csd_element *f, char *begin)
{
	static const struct str names[] = { [CSD_NO_SYNC] = STR_OF("NO_SYNC("),
		[CSD_TRACE_ON] = STR_OF("TRACE_ON("),
		[CSD_END_OF_TRACE] = STR_OF("EO_TRACE("),
		[CSD_CONTEXT] = STR_OF("PE_CONTEXT("),
		[CSD_RANGE] = STR_OF("INSTR_RANGE("),
		[CSD_RANGE_NOPATH] = STR_OF("I_RANGE_NOPATH("),
		[CSD_NO_ACCESS] = STR_OF("ADDR_NACC("),
		[CSD_NO_ADDRESS] = STR_OF("ADDR_UNKNOWN("),
		[CSD_EXCEPTION] = STR_OF("EXCEPTION("),
		[CSD_EXCEPTION_RETURN] = STR_OF("EXCEPTION_RET("),
		[CSD_TIMESTAMP] = STR_OF("TIMESTAMP("),
		[CSD_CYCLES] = STR_OF("CYCLE_COUNT("),
		[CSD_EVENT] = STR_OF("EVENT("),
		[CSD_SOFTWARE] = STR_OF("SWTRACE("),
		[CSD_ITMTRACE] = STR_OF("ITMTRACE("),
		[CSD_MARKER] = STR_OF("SYNC_MARKER("),
		[CSD_TRANSACTION] = STR_OF("MEMTRANS("),
		[CSD_OTHER_FLOW] = STR_OF("UNKNOWN(") };
	const ocsd_generic_trace_elem *e = f->what;
	char *d = csd_put(CSD_PUT(begin, "OCSD_GEN_TRC_ELEM_"), names[f->flow]);

	d = put_body(d, f->flow, e);
	if (e->has_cc)
		d = CSD_PUT(csd_put_decimal(CSD_PUT(d, " [CC="), e->cycle_count), "]; ");
	*d++ = ')';
	return (size_t)(d - begin);
}
