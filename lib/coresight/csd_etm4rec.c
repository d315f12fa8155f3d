/* SPDX-License-Identifier: MIT */
/* ETMv4 and ETE packets as the fields of a record. */

#include "csd_etm4.h"

static void
info_context(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	const etmv4_context_t *c = &p->context;

	if (!p->pkt_valid.bits.context_valid || !c->updated)
		return;
	csd_info(f, STR("el"), c->EL);
	csd_info_word(f, STR("security"), csd_etm4_security(c));
	csd_info(f, STR("bits"), c->SF ? 64 : 32);
	if (c->updated_c)
		csd_info_hex(f, STR("contextid"), c->ctxtID);
	if (c->updated_v)
		csd_info_hex(f, STR("vmid"), c->VMID);
}

static void
info_addr(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info_addr(f, &p->v_addr, p->v_addr.size == VA_64BIT ? 64 : 32);
}

/* All of an earlier packet's address: which of its bits that one brought is no news. */
static void
info_match(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	ocsd_pkt_vaddr addr = p->v_addr;

	addr.pkt_bits = 0;
	csd_info(f, STR("match"), p->addr_exact_match_idx);
	csd_info_addr(f, &addr, addr.size == VA_64BIT ? 64 : 32);
}

static void
info_exception(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	char name[32];

	csd_info_hex(f, STR("exception"), p->exception_info.exceptionType);
	csd_info_word(
	    f, STR("name"), (struct str){ name, (size_t)(csd_etm4_exception(name, p) - name) });
	if (p->exception_info.m_type && p->exception_info.m_fault_pending)
		csd_info(f, STR("fault_pending"), 1);
	if (p->exception_info.addr_interp != 0)
		csd_info_word(f, STR("return"),
		    p->exception_info.addr_interp == 2 ? STR("match") : STR("follows"));
}

static void
info_trace_info(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info_hex(f, STR("info"), p->trace_info.val);
	if (p->trace_info.bits.cc_enabled)
		csd_info(f, STR("cc_threshold"), p->cc_threshold);
	if (p->trace_info.bits.in_trans_state)
		csd_info(f, STR("transaction"), 1);
	if (p->pkt_valid.bits.spec_depth_valid && p->curr_spec_depth > 0)
		csd_info(f, STR("spec_depth"), p->curr_spec_depth);
}

static void
info_cycles(struct csd_fields *f, const ocsd_etmv4_i_pkt *p, bool commits)
{
	if (p->cycle_count > 0 || p->type != ETM4_PKT_I_CCNT_F1)
		csd_info(f, STR("cycles"), p->cycle_count);
	if (p->pkt_valid.bits.commit_elem_valid && commits)
		csd_info(f, STR("commit"), p->commit_elements);
}

static void
info_speculation(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	if (p->type != ETM4_PKT_I_CANCEL_F1 && p->type != ETM4_PKT_I_CANCEL_F1_MISPRED)
		csd_info_atoms(f, &p->atom);
	if (p->type == ETM4_PKT_I_CANCEL_F2)
		csd_info(f, STR("cancel"), 1);
	else if (p->type != ETM4_PKT_I_MISPREDICT)
		csd_info(f, STR("cancel"), p->cancel_elements);
	if (p->type != ETM4_PKT_I_CANCEL_F1)
		csd_info(f, STR("mispredict"), 1);
}

static void
info_q(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info(f, STR("q"), p->Q_pkt.q_type);
	if (p->Q_pkt.count_present)
		csd_info(f, STR("count"), p->Q_pkt.q_count);
	if (p->Q_pkt.addr_match)
		info_match(f, p);
	else if (p->Q_pkt.addr_present)
		info_addr(f, p);
}

static void
info_rest(
    struct csd_fields *f, const ocsd_etmv4_i_pkt *p, const struct csd_etm4_type *type, bool commits)
{
	const struct csd_etm4_type *was = csd_etm4_type(p->err_type);

	switch ((enum csd_etm4_form)type->form) {
	case EXCEPTION:
		info_exception(f, p);
		break;
	case TRACE_INFO:
		info_trace_info(f, p);
		break;
	case CYCLES:
		info_cycles(f, p, commits);
		break;
	case COMMIT:
		csd_info(f, STR("commit"), p->commit_elements);
		break;
	case SPECULATION:
		info_speculation(f, p);
		break;
	case Q:
		info_q(f, p);
		break;
	case EVENT:
		csd_info_hex(f, STR("event"), p->event_val);
		break;
	case MARKER:
		csd_info(f, STR("marker"), p->dsm_val);
		break;
	case ERROR:
		csd_info_word(f, STR("was"), (struct str){ was->p, was->name });
		break;
	default:
		break;
	}
}

static void
who_runs(struct csd_fields *f, const etmv4_context_t *c)
{
	f->el = (int8_t)c->EL;
	f->has_contextid = c->updated_c;
	f->contextid = c->ctxtID;
	f->has_vmid = c->updated_v;
	f->vmid = c->VMID;
}

void
csd_etm4_fields(const ocsd_etmv4_i_pkt *p, bool commits, struct csd_fields *f)
{
	const struct csd_etm4_type *type = csd_etm4_type(p->type);

	f->type = (struct str){ type->p, type->name };
	if (p->type == ETE_PKT_I_SRC_ADDR_L_32IS0)
		f->type = STR("I_SRC_ADDR_L_32IS0");
	if (p->pkt_valid.bits.context_valid)
		who_runs(f, &p->context);
	switch ((enum csd_etm4_form)type->form) {
	case PLAIN:
		break;
	case ATOMS:
		csd_info_atoms(f, &p->atom);
		break;
	case ADDR_MATCH:
		info_match(f, p);
		break;
	case ADDR_SHORT:
	case ADDR_32:
	case ADDR_64:
		info_addr(f, p);
		break;
	case ADDR_CONTEXT_32:
	case ADDR_CONTEXT_64:
		info_addr(f, p);
		info_context(f, p);
		break;
	case CONTEXT:
		info_context(f, p);
		break;
	case TIMESTAMP:
		csd_info(f, STR("ts"), p->ts.timestamp);
		if (p->pkt_valid.bits.cc_valid)
			csd_info(f, STR("cycles"), p->cycle_count);
		break;
	default:
		info_rest(f, p, type, commits);
	}
}
