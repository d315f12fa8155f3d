/* SPDX-License-Identifier: MIT */
/* PTM, also called PFT: program flow trace of ARMv7 cores. */

#include "csd_pkt.h"

static const struct csd_name names[] = {
	[PTM_PKT_NOTSYNC] = CSD_NAME("NOTSYNC", " : PTM Not Synchronised; "),
	[PTM_PKT_INCOMPLETE_EOT] =
	    CSD_NAME("INCOMPLETE_EOT", " : Incomplete packet flushed at end of trace; "),
	[PTM_PKT_NOERROR] = CSD_NAME("NO_ERROR", " : Error type not set; "),
	[PTM_PKT_BRANCH_ADDRESS] = CSD_NAME("BRANCH_ADDRESS", " : Branch address packet; "),
	[PTM_PKT_A_SYNC] = CSD_NAME("ASYNC", " : Alignment Synchronisation Packet; "),
	[PTM_PKT_I_SYNC] = CSD_NAME("ISYNC", " : Instruction Synchronisation packet; "),
	[PTM_PKT_TRIGGER] = CSD_NAME("TRIGGER", " : Trigger Event packet; "),
	[PTM_PKT_WPOINT_UPDATE] = CSD_NAME("WP_UPDATE", " : Waypoint update packet; "),
	[PTM_PKT_IGNORE] = CSD_NAME("IGNORE", " : Ignore packet; "),
	[PTM_PKT_CONTEXT_ID] = CSD_NAME("CTXTID", " : Context ID packet; "),
	[PTM_PKT_VMID] = CSD_NAME("VMID", " : VM ID packet; "),
	[PTM_PKT_ATOM] = CSD_NAME("ATOM", " : Atom packet; "),
	[PTM_PKT_TIMESTAMP] = CSD_NAME("TIMESTAMP", " : Timestamp packet; "),
	[PTM_PKT_EXCEPTION_RET] = CSD_NAME("ERET", " : Exception return packet; "),
	[PTM_PKT_BAD_SEQUENCE] = CSD_NAME("BAD_SEQUENCE", " : Invalid sequence in packet; "),
	[PTM_PKT_RESERVED] = CSD_NAME("RESERVED", " : Reserved Packet Header; "),
};

static const struct csd_name unknown = CSD_NAME("UNKNOWN", " : Unknown packet type; ");

static const struct csd_name *
name_of(ocsd_ptm_pkt_type type)
{
	return csd_name_of(names, sizeof names / sizeof *names, type, &unknown);
}

static char *
put_cycles(char *d, const ocsd_ptm_pkt *p)
{
	if (!p->cc_valid)
		return d;
	return CSD_PUT(csd_put_decimal(CSD_PUT(d, "Cycles="), p->cycle_count), "; ");
}

/* Two hex digits at least, without 0x. */
static char *
put_digits(char *d, unsigned v)
{
	if (v < 16)
		*d++ = '0';
	return d + text_put_hex(d, v);
}

static char *
put_branch(char *d, const ocsd_ptm_pkt *p)
{
	d = CSD_PUT(d, "Addr=");
	d = csd_put_partial(d, 32, p->addr.valid_bits, p->addr.val, p->addr.pkt_bits);
	d = CSD_PUT(d, "; ");
	if (p->curr_isa != p->prev_isa)
		d = csd_put_isa(d, p->curr_isa);
	if (p->context.updated)
		d = csd_put_state(d, p->context.curr_NS, p->context.curr_Hyp);
	if (p->exception.bits.present) {
		d = csd_put(CSD_PUT(d, "Excep="), csd_v7_exception(p->exception.number));
		d = put_digits(CSD_PUT(d, " ["), p->exception.number);
		d = CSD_PUT(d, "]; ");
	}
	return put_cycles(d, p);
}

static char *
put_isync(char *d, const ocsd_ptm_pkt *p)
{
	char digits[TEXT_NUMBER];
	size_t n = text_put_hex(digits, p->context.ctxtID);

	d = csd_put(CSD_PUT(d, "("), csd_isync_reason(p->i_sync_reason));
	d = CSD_PUT(csd_put_hex(CSD_PUT(d, "); Addr="), p->addr.val, 8), "; ");
	d = csd_put_state(d, p->context.curr_NS, p->context.curr_Hyp);
	if (!p->context.curr_Hyp)
		*d++ = ' ';
	if (p->context.updated_c) {
		d = CSD_PUT(d, "CtxtID=");
		d = csd_put(d, (struct str){ "00000000", 8 - n });
		d = CSD_PUT(csd_put(d, (struct str){ digits, n }), "; ");
	}
	return put_cycles(csd_put_isa(d, p->curr_isa), p);
}

/* With cycle counts a packet holds one atom. */
static char *
put_atoms(char *d, const ocsd_ptm_pkt *p)
{
	if (p->cc_valid)
		*d++ = p->atom.En_bits & 1 ? 'E' : 'N';
	else
		d = csd_put_atoms(d, &p->atom);
	return put_cycles(CSD_PUT(d, "; "), p);
}

static char *
put_timestamp(char *d, const ocsd_ptm_pkt *p)
{
	d = csd_put_partial(CSD_PUT(d, "TS="), 64, 64, p->timestamp, p->ts_update_bits);
	d = csd_put_decimal(CSD_PUT(d, "("), p->timestamp);
	return put_cycles(CSD_PUT(d, "); "), p);
}

char *
csd_ptm_text(const ocsd_ptm_pkt *p, char *d)
{
	const struct csd_name *name = name_of(p->type), *was = name_of(p->err_type);

	d = csd_put(d, (struct str){ name->p, name->n });
	switch (p->type) {
	case PTM_PKT_BAD_SEQUENCE:
		d = csd_put(CSD_PUT(d, "["), (struct str){ was->p, was->name });
		return CSD_PUT(d, "]; ");
	case PTM_PKT_BRANCH_ADDRESS:
	case PTM_PKT_WPOINT_UPDATE:
		return put_branch(d, p);
	case PTM_PKT_I_SYNC:
		return put_isync(d, p);
	case PTM_PKT_ATOM:
		return put_atoms(d, p);
	case PTM_PKT_CONTEXT_ID:
		return CSD_PUT(csd_put_hex(CSD_PUT(d, "CtxtID="), p->context.ctxtID, 8), "; ");
	case PTM_PKT_VMID:
		return CSD_PUT(csd_put_hex(CSD_PUT(d, "VMID="), p->context.VMID, 2), "; ");
	case PTM_PKT_TIMESTAMP:
		return put_timestamp(d, p);
	default:
		return d;
	}
}

static void
info_branch(struct csd_fields *f, const ocsd_ptm_pkt *p)
{
	csd_info_addr(f, &p->addr, 32);
	if (p->curr_isa != p->prev_isa)
		csd_info_word(f, STR("isa"), csd_isa(p->curr_isa));
	if (p->context.updated)
		csd_info_state(f, p->context.curr_NS, p->context.curr_Hyp);
	if (p->exception.bits.present) {
		csd_info_hex(f, STR("exception"), p->exception.number);
		csd_info_word(f, STR("name"), csd_v7_exception(p->exception.number));
	}
}

static void
info_isync(struct csd_fields *f, const ocsd_ptm_pkt *p)
{
	csd_info_addr(f, &p->addr, 32);
	csd_info_word(f, STR("reason"), csd_isync_reason(p->i_sync_reason));
	csd_info_state(f, p->context.curr_NS, p->context.curr_Hyp);
	csd_info_word(f, STR("isa"), csd_isa(p->curr_isa));
}

void
csd_ptm_fields(const ocsd_ptm_pkt *p, struct csd_fields *f)
{
	const struct csd_name *name = name_of(p->type), *was = name_of(p->err_type);

	f->type = (struct str){ name->p, name->name };
	if (p->type == PTM_PKT_BAD_SEQUENCE)
		csd_info_word(f, STR("was"), (struct str){ was->p, was->name });
	else if (p->type == PTM_PKT_BRANCH_ADDRESS || p->type == PTM_PKT_WPOINT_UPDATE)
		info_branch(f, p);
	else if (p->type == PTM_PKT_I_SYNC)
		info_isync(f, p);
	else if (p->type == PTM_PKT_ATOM)
		csd_info_atoms(f, &p->atom);
	else if (p->type == PTM_PKT_TIMESTAMP)
		csd_info(f, STR("ts"), p->timestamp);
	else if (p->type == PTM_PKT_VMID)
		csd_info_hex(f, STR("vmid"), p->context.VMID);
	if (p->cc_valid && p->type >= PTM_PKT_BRANCH_ADDRESS && p->type <= PTM_PKT_TIMESTAMP)
		csd_info(f, STR("cycles"), p->cycle_count);
	f->has_contextid =
	    p->type == PTM_PKT_CONTEXT_ID || (p->type == PTM_PKT_I_SYNC && p->context.updated_c);
	f->contextid = p->context.ctxtID;
	if (f->has_contextid)
		csd_info_hex(f, STR("contextid"), f->contextid);
}
