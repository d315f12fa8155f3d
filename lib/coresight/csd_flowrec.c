/* SPDX-License-Identifier: MIT */
/* What a full decode finds, as the pairs of a record. */

#include "csd_pkt.h"

static void
context(struct csd_fields *f, const ocsd_generic_trace_elem *e)
{
	static const struct str names[] = { STR_OF("S"), STR_OF("NS"), STR_OF("Root"),
		STR_OF("Realm") };
	const ocsd_pe_context *c = &e->context;

	if (c->el_valid && c->exception_level > ocsd_EL_unknown)
		csd_info(f, STR("el"), (uint64_t)c->exception_level);
	csd_info_word(f, STR("security"), names[(unsigned)c->security_level & 3]);
	csd_info(f, STR("bits"), c->bits64 ? 64 : 32);
	if (c->ctxt_id_valid)
		csd_info_hex(f, STR("contextid"), c->context_id);
	if (c->vmid_valid)
		csd_info_hex(f, STR("vmid"), c->vmid);
}

static void
software(struct csd_fields *f, const ocsd_generic_trace_elem *e)
{
	const ocsd_swt_info_t *s = &e->sw_trace_info;
	const uint8_t *p = e->ptr_extended_data;
	uint64_t v = 0;
	int i;

	if (s->swt_id_valid) {
		csd_info_hex(f, STR("master"), s->swt_master_id);
		csd_info_hex(f, STR("channel"), s->swt_channel_id);
	}
	for (i = ((int)s->swt_payload_pkt_bitsize + 7) / 8; p != NULL && i > 0 && i <= 8; i--)
		v = v << 8 | p[i - 1];
	if (p != NULL && s->swt_payload_pkt_bitsize > 0)
		csd_info_hex(f, STR("data"), s->swt_payload_pkt_bitsize == 4 ? v & 15 : v);
	if (s->swt_marker_packet)
		csd_info(f, STR("marker"), 1);
	if (s->swt_trigger_event)
		csd_info(f, STR("trigger"), 1);
	if (s->swt_has_timestamp)
		csd_info(f, STR("ts"), e->timestamp);
	if (s->swt_master_err || s->swt_global_err)
		csd_info_word(f, STR("error"), s->swt_global_err ? STR("global") : STR("master"));
}

static void
reason(struct csd_fields *f, enum csd_flow flow, const ocsd_generic_trace_elem *e)
{
	static const struct str on[] = { STR_OF("begin"), STR_OF("overflow"), STR_OF("debug") };
	static const struct str unsync[] = { STR_OF("unknown"), STR_OF("begin"), STR_OF("reset"),
		STR_OF("overflow"), STR_OF("discard"), STR_OF("bad-packet"), STR_OF("end") };

	if (flow == CSD_TRACE_ON && (unsigned)e->trace_on_reason < 3)
		csd_info_word(f, STR("reason"), on[e->trace_on_reason]);
	else if (flow != CSD_TRACE_ON && (unsigned)e->unsync_eot_info < 7)
		csd_info_word(f, STR("reason"), unsync[e->unsync_eot_info]);
}

static void
rest(struct csd_fields *f, enum csd_flow flow, const ocsd_generic_trace_elem *e)
{
	static const struct str transactions[] = { STR_OF("init"), STR_OF("start"),
		STR_OF("commit"), STR_OF("fail") };

	if (flow == CSD_ITMTRACE) {
		csd_itm_element_fields(e->ptr_extended_data, f);
	} else if (flow == CSD_EXCEPTION) {
		csd_info_hex(f, STR("exception"), e->exception_number);
		if (e->excep_ret_addr_br_tgt)
			csd_info(f, STR("target"), 1);
	} else if (flow == CSD_TIMESTAMP) {
		csd_info(f, STR("ts"), e->timestamp);
	} else if (flow == CSD_EVENT) {
		csd_info(f, STR("event"), e->trace_event.ev_number);
	} else if (flow == CSD_MARKER) {
		csd_info_hex(f, STR("value"), e->sync_marker.value);
	} else if (flow == CSD_TRANSACTION && (unsigned)e->mem_trans < 4) {
		csd_info_word(f, STR("transaction"), transactions[e->mem_trans]);
	} else if (flow == CSD_RANGE_NOPATH) {
		csd_info_hex(f, STR("next"), e->en_addr);
		csd_info(f, STR("count"), e->num_instr_range);
	} else if (flow == CSD_RANGE && e->last_instr_cond) {
		csd_info(f, STR("cond"), 1);
	}
}

void
csd_element_fields(const struct csd_element *x, struct csd_fields *f)
{
	static const struct str names[] = { [CSD_NO_SYNC] = STR_OF("no-sync"),
		[CSD_TRACE_ON] = STR_OF("trace-on"),
		[CSD_END_OF_TRACE] = STR_OF("end"),
		[CSD_CONTEXT] = STR_OF("context"),
		[CSD_RANGE] = STR_OF("range"),
		[CSD_RANGE_NOPATH] = STR_OF("no-path"),
		[CSD_NO_ACCESS] = STR_OF("no-access"),
		[CSD_NO_ADDRESS] = STR_OF("no-address"),
		[CSD_EXCEPTION] = STR_OF("exception"),
		[CSD_EXCEPTION_RETURN] = STR_OF("exception-return"),
		[CSD_TIMESTAMP] = STR_OF("timestamp"),
		[CSD_CYCLES] = STR_OF("cycles"),
		[CSD_EVENT] = STR_OF("event"),
		[CSD_SOFTWARE] = STR_OF("software"),
		[CSD_ITMTRACE] = STR_OF("other"), /* it says itself */
		[CSD_MARKER] = STR_OF("marker"),
		[CSD_TRANSACTION] = STR_OF("transaction"),
		[CSD_OTHER_FLOW] = STR_OF("other") };
	const ocsd_generic_trace_elem *e = x->what;

	f->n = 0;
	f->type = names[x->flow];
	f->has_addr = x->has_addr;
	f->addr = x->addr;
	f->el = x->el;
	f->has_contextid = x->has_contextid;
	f->contextid = x->contextid;
	f->has_vmid = x->has_vmid;
	f->vmid = x->vmid;
	if (x->flow == CSD_CONTEXT)
		context(f, e);
	else if (x->flow == CSD_SOFTWARE)
		software(f, e);
	else if (x->flow == CSD_TRACE_ON || x->flow == CSD_NO_SYNC || x->flow == CSD_END_OF_TRACE)
		reason(f, x->flow, e);
	else
		rest(f, x->flow, e);
	if (e->has_cc)
		csd_info(f, STR("cycles"), e->cycle_count);
}
