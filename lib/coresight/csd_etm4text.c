/* SPDX-License-Identifier: MIT */
/* ETMv4 and ETE packets in the words of OpenCSD's printer. */

#include "csd_etm4.h"

static char *
put_exception(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = CSD_PUT(d, ";  ");
	d = csd_etm4_exception(d, p);
	*d++ = ';';
	if (p->exception_info.m_type && p->exception_info.m_fault_pending)
		d = CSD_PUT(d, " Fault Pending;");
	if (p->exception_info.addr_interp == 1)
		d = CSD_PUT(d, " Ret Addr Follows;");
	else if (p->exception_info.addr_interp == 2)
		d = CSD_PUT(d, " Ret Addr Follows, Match Prev;");
	return d;
}

static char *
put_context(char *d, const ocsd_etmv4_i_pkt *p)
{
	const etmv4_context_t *c = &p->context;

	if (!p->pkt_valid.bits.context_valid)
		return d;
	if (!c->updated)
		return CSD_PUT(d, "Ctxt: Same");
	d = c->SF ? CSD_PUT(d, "Ctxt: AArch64,EL") : CSD_PUT(d, "Ctxt: AArch32, EL");
	*d++ = (char)('0' + c->EL);
	d = CSD_PUT(d, ", ");
	d = csd_put(d, csd_etm4_security(c));
	d = CSD_PUT(d, "; ");
	if (c->updated_c)
		d = CSD_PUT(csd_put_hex(CSD_PUT(d, "CID="), c->ctxtID, 8), "; ");
	if (c->updated_v)
		d = CSD_PUT(csd_put_hex(CSD_PUT(d, "VMID="), c->VMID, 4), "; ");
	return d;
}

static char *
put_addr(char *d, const ocsd_etmv4_i_pkt *p, int updated)
{
	const ocsd_pkt_vaddr *a = &p->v_addr;

	d = CSD_PUT(d, "; Addr=");
	return csd_put_partial(d, a->size == VA_64BIT ? 64 : 32, a->valid_bits, a->val, updated);
}

/* The bits that an address packet of n bits brought anew; told only where they are fewer. */
static int
fewer(const ocsd_etmv4_i_pkt *p, int n)
{
	return p->v_addr.pkt_bits < n ? p->v_addr.pkt_bits : 0;
}

static char *
put_match(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = CSD_PUT(d, ", [");
	d = csd_put_decimal(d, p->addr_exact_match_idx);
	*d++ = ']';
	return CSD_PUT(put_addr(d, p, 0), "; ");
}

static char *
put_q(char *d, const ocsd_etmv4_i_pkt *p)
{
	if (p->Q_pkt.count_present) {
		d = csd_put_decimal(CSD_PUT(d, "; Count("), p->Q_pkt.q_count);
		*d++ = ')';
	} else {
		d = CSD_PUT(d, "; Count(Unknown)");
	}
	if (p->Q_pkt.addr_match) {
		d = csd_put_decimal(CSD_PUT(d, "; ["), p->addr_exact_match_idx);
		*d++ = ']';
	}
	if (p->Q_pkt.addr_match || p->Q_pkt.addr_present)
		d = put_addr(d, p, fewer(p, 64));
	return d;
}

static char *
put_trace_info(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = csd_put_hex(CSD_PUT(d, "; INFO="), p->trace_info.val, 1);
	d = CSD_PUT(d, " { CC.");
	*d++ = p->trace_info.bits.cc_enabled ? '1' : '0';
	if (p->protocol_version >= 0x50) {
		d = CSD_PUT(d, ", TSTATE.");
		*d++ = p->trace_info.bits.in_trans_state ? '1' : '0';
	}
	d = CSD_PUT(d, " }");
	if (p->trace_info.bits.cc_enabled)
		d = csd_put_hex(CSD_PUT(d, "; CC_THRESHOLD="), p->cc_threshold, 1);
	return d;
}

static char *
put_timestamp(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = csd_put_hex(CSD_PUT(d, "; Updated val = "), p->ts.timestamp, 1);
	if (p->pkt_valid.bits.cc_valid)
		d = csd_put_hex(CSD_PUT(d, "; CC="), p->cycle_count, 1);
	return d;
}

static char *
put_cancel(char *d, uint32_t n)
{
	d = csd_put_decimal(CSD_PUT(d, "Cancel("), n);
	*d++ = ')';
	return d;
}

static char *
put_commit(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = csd_put_decimal(CSD_PUT(d, "; Commit("), p->commit_elements);
	*d++ = ')';
	return d;
}

static char *
put_cycles(char *d, const ocsd_etmv4_i_pkt *p, bool commits)
{
	d = csd_put_hex(CSD_PUT(d, "; Count="), p->cycle_count, 1);
	return p->pkt_valid.bits.commit_elem_valid && commits ? put_commit(d, p) : d;
}

/* The packets that take back what was speculated. */
static char *
put_speculation(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = CSD_PUT(d, "; ");
	if (p->atom.num > 0 && p->type == ETM4_PKT_I_CANCEL_F3) {
		d = CSD_PUT(d, "Atom: E, ");
	} else if (p->atom.num > 0 &&
		   (p->type == ETM4_PKT_I_MISPREDICT || p->type == ETM4_PKT_I_CANCEL_F2)) {
		d = csd_put_atoms(CSD_PUT(d, "Atom: "), &p->atom);
		d = CSD_PUT(d, ", ");
	}
	if (p->type == ETM4_PKT_I_CANCEL_F2)
		d = put_cancel(d, 1);
	else if (p->type != ETM4_PKT_I_MISPREDICT)
		d = put_cancel(d, p->cancel_elements);
	if (p->type == ETM4_PKT_I_CANCEL_F1)
		return d;
	return p->type == ETM4_PKT_I_MISPREDICT ? CSD_PUT(d, "Mispredict")
						: CSD_PUT(d, ", Mispredict");
}

static char *
put_error(char *d, const ocsd_etmv4_i_pkt *p)
{
	const struct csd_etm4_type *was = csd_etm4_type(p->err_type);

	*d++ = '[';
	d = csd_put(d, (struct str){ was->p, was->name });
	*d++ = ']';
	return d;
}

/* The rarer packets. */
static char *
put_rest(char *d, const ocsd_etmv4_i_pkt *p, const struct csd_etm4_type *type, bool commits)
{
	switch ((enum csd_etm4_form)type->form) {
	case ADDR_MATCH:
		return put_match(d, p);
	case EXCEPTION:
		return put_exception(d, p);
	case TIMESTAMP:
		return put_timestamp(d, p);
	case TRACE_INFO:
		return put_trace_info(d, p);
	case CYCLES:
		return put_cycles(d, p, commits);
	case COMMIT:
		return put_commit(d, p);
	case SPECULATION:
		return put_speculation(d, p);
	case Q:
		return put_q(d, p);
	case ERROR:
		return put_error(d, p);
	default:
		return d;
	}
}

char *
csd_etm4_text(const ocsd_etmv4_i_pkt *p, bool commits, char *d)
{
	const struct csd_etm4_type *type = csd_etm4_type(p->type);

	d = csd_put(d, (struct str){ type->p, type->n });
	switch ((enum csd_etm4_form)type->form) {
	case PLAIN:
	case EVENT:
	case MARKER:
		return d;
	case ATOMS:
		return csd_put_atoms(CSD_PUT(d, "; "), &p->atom);
	case ADDR_SHORT:
		return put_addr(d, p, p->v_addr.pkt_bits);
	case ADDR_32:
		return CSD_PUT(put_addr(d, p, fewer(p, 32)), "; ");
	case ADDR_64:
		return CSD_PUT(put_addr(d, p, fewer(p, 64)), "; ");
	case ADDR_CONTEXT_32:
		return put_context(CSD_PUT(put_addr(d, p, fewer(p, 32)), "; "), p);
	case ADDR_CONTEXT_64:
		return put_context(CSD_PUT(put_addr(d, p, fewer(p, 64)), "; "), p);
	case CONTEXT:
		return put_context(CSD_PUT(d, "; "), p);
	default:
		return put_rest(d, p, type, commits);
	}
}
