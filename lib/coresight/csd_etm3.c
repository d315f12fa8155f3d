/* SPDX-License-Identifier: MIT */
/* ETMv3: instruction and data trace of ARMv7 cores. */

#include "csd_pkt.h"

static const struct csd_name names[] = {
	[ETM3_PKT_NOTSYNC] = CSD_NAME("NOTSYNC", " : Trace Stream not synchronised"),
	[ETM3_PKT_INCOMPLETE_EOT] =
	    CSD_NAME("INCOMPLETE_EOT", ". : Incomplete packet at end of trace data."),
	[ETM3_PKT_BRANCH_ADDRESS] = CSD_NAME("BRANCH_ADDRESS", " : Branch address."),
	[ETM3_PKT_A_SYNC] = CSD_NAME("A_SYNC", " : Alignment Synchronisation."),
	[ETM3_PKT_CYCLE_COUNT] = CSD_NAME("CYCLE_COUNT", " : Cycle Count."),
	[ETM3_PKT_I_SYNC] = CSD_NAME("I_SYNC", " : Instruction Packet synchronisation."),
	[ETM3_PKT_I_SYNC_CYCLE] =
	    CSD_NAME("I_SYNC_CYCLE", " : Instruction Packet synchronisation with cycle count."),
	[ETM3_PKT_TRIGGER] = CSD_NAME("TRIGGER", " : Trace Trigger Event."),
	[ETM3_PKT_P_HDR] = CSD_NAME("P_HDR", " : Atom P-header."),
	[ETM3_PKT_STORE_FAIL] = CSD_NAME("STORE_FAIL", " : Data Store Failed."),
	[ETM3_PKT_OOO_DATA] = CSD_NAME("OOO_DATA", " : Out of Order data value packet."),
	[ETM3_PKT_OOO_ADDR_PLC] =
	    CSD_NAME("OOO_ADDR_PLC", " : Out of Order data address placeholder."),
	[ETM3_PKT_NORM_DATA] = CSD_NAME("NORM_DATA", " : Data trace packet."),
	[ETM3_PKT_DATA_SUPPRESSED] = CSD_NAME("DATA_SUPPRESSED", " : Data trace suppressed."),
	[ETM3_PKT_VAL_NOT_TRACED] = CSD_NAME("VAL_NOT_TRACED", " : Data trace value not traced."),
	[ETM3_PKT_IGNORE] = CSD_NAME("IGNORE", " : Packet ignored."),
	[ETM3_PKT_CONTEXT_ID] = CSD_NAME("CONTEXT_ID", " : Context ID change."),
	[ETM3_PKT_VMID] = CSD_NAME("VMID", " : VMID change."),
	[ETM3_PKT_EXCEPTION_ENTRY] = CSD_NAME("EXCEPTION_ENTRY", " : Exception entry data marker."),
	[ETM3_PKT_EXCEPTION_EXIT] = CSD_NAME("EXCEPTION_EXIT", " : Exception return."),
	[ETM3_PKT_TIMESTAMP] = CSD_NAME("TIMESTAMP", " : Timestamp Value."),
	[ETM3_PKT_BAD_SEQUENCE] = CSD_NAME("BAD_SEQUENCE", " : Invalid sequence for packet type."),
	[ETM3_PKT_BAD_TRACEMODE] =
	    CSD_NAME("BAD_TRACEMODE", " : Invalid packet type for this trace mode."),
};

static const struct csd_name reserved = CSD_NAME("I_RESERVED", " : Reserved Packet Header");

static const struct csd_name *
name_of(ocsd_etmv3_pkt_type type)
{
	return csd_name_of(names, sizeof names / sizeof *names, type, &reserved);
}

static const struct str m_exceptions[] = { STR_OF("No Exception"), STR_OF("IRQ1"), STR_OF("IRQ2"),
	STR_OF("IRQ3"), STR_OF("IRQ4"), STR_OF("IRQ5"), STR_OF("IRQ6"), STR_OF("IRQ7"),
	STR_OF("IRQ0"), STR_OF("usage Fault"), STR_OF("NMI"), STR_OF("SVC"), STR_OF("DebugMonitor"),
	STR_OF("Mem Manage"), STR_OF("PendSV"), STR_OF("SysTick"), STR_OF("Reserved"),
	STR_OF("PE Reset"), STR_OF("Reserved"), STR_OF("HardFault"), STR_OF("Reserved"),
	STR_OF("BusFault"), STR_OF("Reserved"), STR_OF("Reserved") };

static char *
put_exception_name(char *d, const ocsd_etmv3_excep *e)
{
	if (!e->bits.cm_type)
		return csd_put(d, csd_v7_exception(e->number));
	if (e->number < 0x18)
		return csd_put(d, m_exceptions[e->number]);
	return csd_put_decimal(CSD_PUT(d, "IRQ"), e->number - 0x10);
}

static char *
put_exception(char *d, const ocsd_etmv3_excep *e)
{
	d = put_exception_name(CSD_PUT(d, "Exception="), e);
	if (!e->bits.cm_type)
		d = CSD_PUT(d, "; ");
	else if (e->bits.cm_resume)
		d = csd_put_decimal(CSD_PUT(d, "; Resume="), e->bits.cm_resume);
	return e->bits.cancel ? CSD_PUT(d, "; Cancel prev instr") : d;
}

static char *
put_branch(char *d, const ocsd_etmv3_pkt *p)
{
	d = CSD_PUT(d, "; Addr=");
	d = csd_put_partial(d, 32, p->addr.valid_bits, p->addr.val, p->addr.pkt_bits);
	d = CSD_PUT(d, "; ");
	if (p->curr_isa != p->prev_isa)
		d = csd_put_isa(d, p->curr_isa);
	if (p->context.updated)
		d = csd_put_state(d, p->context.curr_NS, p->context.curr_Hyp);
	return p->exception.bits.present ? put_exception(d, &p->exception) : d;
}

/* W is a cycle. */
static char *
put_atoms_with_cycles(char *d, const ocsd_etmv3_pkt *p)
{
	uint32_t bits = p->atom.En_bits, n = p->cycle_count < 64 ? p->cycle_count : 64;
	int i;

	for (; p->p_hdr_fmt == 3 && n > 0; n--)
		*d++ = 'W';
	if (p->p_hdr_fmt == 3 && p->atom.num > 0)
		*d++ = bits & 1 ? 'E' : 'N';
	if (p->p_hdr_fmt == 2)
		*d++ = 'W';
	for (i = 0; p->p_hdr_fmt < 3 && i < p->atom.num; i++, bits >>= 1) {
		if (p->p_hdr_fmt == 1)
			*d++ = 'W';
		*d++ = bits & 1 ? 'E' : 'N';
	}
	return csd_put_decimal(CSD_PUT(d, "; Cycles="), p->cycle_count);
}

static char *
put_isync(char *d, const ocsd_etmv3_pkt *p)
{
	d = csd_put(CSD_PUT(d, "; ("), csd_isync_reason(p->isync_info.reason));
	d = CSD_PUT(d, "); ");
	if (!p->isync_info.no_address) {
		d = p->isync_info.has_LSipAddress ? CSD_PUT(d, "Data Instr Addr=")
						  : CSD_PUT(d, "Addr=");
		d = CSD_PUT(csd_put_hex(d, p->addr.val, 8), "; ");
	}
	d = csd_put_state(d, p->context.curr_NS, p->context.curr_Hyp);
	if (!p->context.curr_Hyp)
		*d++ = ' ';
	if (p->context.updated_c) {
		d = CSD_PUT(d, "CtxtID=");
		d += text_put_hex(d, p->context.ctxtID);
		d = CSD_PUT(d, "; ");
	}
	if (p->isync_info.no_address)
		return d;
	d = csd_put_isa(d, p->curr_isa);
	if (p->isync_info.has_cycle_count)
		d = CSD_PUT(csd_put_decimal(CSD_PUT(d, "Cycles="), p->cycle_count), "; ");
	if (p->isync_info.has_LSipAddress) {
		d = csd_put_partial(CSD_PUT(d, "Curr Instr Addr="), 32, p->data.addr.valid_bits,
		    p->data.addr.val, p->data.addr.pkt_bits);
		*d++ = ';';
	}
	return d;
}

static char *
put_data(char *d, const ocsd_etmv3_pkt *p)
{
	bool value =
	    p->type == ETM3_PKT_OOO_DATA || (p->type == ETM3_PKT_NORM_DATA && p->data.update_dval);

	if (p->data.update_addr && p->type != ETM3_PKT_OOO_DATA)
		d = csd_put_partial(CSD_PUT(d, "; Addr="), 32, p->data.addr.valid_bits,
		    p->data.addr.val, p->data.addr.pkt_bits);
	if (value)
		d = csd_put_hex(CSD_PUT(d, "; Val="), p->data.value, 1);
	if (p->type == ETM3_PKT_OOO_DATA || p->type == ETM3_PKT_OOO_ADDR_PLC)
		d = csd_put_hex(CSD_PUT(d, "; OO_Tag="), p->data.ooo_tag, 1);
	return d;
}

static char *
put_timestamp(char *d, uint64_t ts)
{
	d = csd_put_hex(CSD_PUT(d, "; TS="), ts, 1);
	d = csd_put_decimal(CSD_PUT(d, " ("), ts);
	return CSD_PUT(d, ") ");
}

char *
csd_etm3_text(const ocsd_etmv3_pkt *p, char *d)
{
	const struct csd_name *name = name_of(p->type), *was = name_of(p->err_type);

	d = csd_put(d, (struct str){ name->p, name->n });
	switch (p->type) {
	case ETM3_PKT_BAD_SEQUENCE:
	case ETM3_PKT_BAD_TRACEMODE:
		d = csd_put(CSD_PUT(d, "["), (struct str){ was->p, was->name });
		/* this name ends in a dot in listings */
		d = p->err_type == ETM3_PKT_INCOMPLETE_EOT ? CSD_PUT(d, ".") : d;
		return CSD_PUT(d, "]");
	case ETM3_PKT_BRANCH_ADDRESS:
		return put_branch(d, p);
	case ETM3_PKT_I_SYNC:
	case ETM3_PKT_I_SYNC_CYCLE:
		return put_isync(d, p);
	case ETM3_PKT_P_HDR:
		d = CSD_PUT(d, "; ");
		return p->cycle_count == 0 ? csd_put_atoms(d, &p->atom)
					   : put_atoms_with_cycles(d, p);
	case ETM3_PKT_CYCLE_COUNT:
		return csd_put_decimal(CSD_PUT(d, "; Cycles="), p->cycle_count);
	case ETM3_PKT_CONTEXT_ID:
		return csd_put_hex(CSD_PUT(d, "; CtxtID="), p->context.ctxtID, 1);
	case ETM3_PKT_VMID:
		return csd_put_hex(CSD_PUT(d, "; VMID="), p->context.VMID, 1);
	case ETM3_PKT_TIMESTAMP:
		return put_timestamp(d, p->timestamp);
	case ETM3_PKT_OOO_DATA:
	case ETM3_PKT_OOO_ADDR_PLC:
	case ETM3_PKT_NORM_DATA:
	case ETM3_PKT_VAL_NOT_TRACED:
		return put_data(d, p);
	default:
		return d;
	}
}

/* The address of a data packet: seven bits a byte, four in the fifth; which bits of it are known.
 */
static size_t
data_addr(const struct csd_packet *k, ocsd_pkt_vaddr *a)
{
	size_t i = 1;
	int shift = 0;

	a->val = 0;
	do {
		a->val |= (uint32_t)(k->raw[i] & (shift < 28 ? 0x7f : 0x0f)) << shift;
		shift += 7;
	} while ((k->raw[i++] & 0x80) && i < k->nraw && shift < 35);
	a->valid_bits = a->pkt_bits = (uint8_t)(shift < 32 ? shift : 32);
	return i;
}

/*
 * The library puts a data address into the instruction's, and of its bytes only the first; what is
 * cut by the end of trace it gives as if it were whole, with what an earlier packet left.
 */
const ocsd_etmv3_pkt *
csd_etm3_mend(const struct csd_packet *k, ocsd_etmv3_pkt *copy)
{
	const ocsd_etmv3_pkt *p = k->what;
	size_t i, n;

	if (k->cut) {
		*copy = *p;
		copy->err_type = p->type;
		copy->type = ETM3_PKT_INCOMPLETE_EOT;
		return copy;
	}
	if (p->type < ETM3_PKT_OOO_ADDR_PLC || p->type > ETM3_PKT_VAL_NOT_TRACED ||
	    !p->data.update_addr || k->nraw < 2)
		return p;
	*copy = *p;
	i = data_addr(k, &copy->data.addr);
	copy->data.value = 0;
	for (n = 0; n < 4 && i + n < k->nraw; n++)
		copy->data.value |= (uint32_t)k->raw[i + n] << 8 * n;
	return copy;
}

static void
info_isync(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	csd_info_word(f, STR("reason"), csd_isync_reason(p->isync_info.reason));
	csd_info_state(f, p->context.curr_NS, p->context.curr_Hyp);
	if (!p->isync_info.no_address) {
		csd_info_addr(f, &p->addr, 32);
		csd_info_word(f, STR("isa"), csd_isa(p->curr_isa));
	}
	if (p->isync_info.has_cycle_count)
		csd_info(f, STR("cycles"), p->cycle_count);
	if (p->isync_info.has_LSipAddress)
		csd_info_hex(f, STR("data_addr"), p->data.addr.val);
}

static void
info_branch(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	char name[32];

	csd_info_addr(f, &p->addr, 32);
	if (p->curr_isa != p->prev_isa)
		csd_info_word(f, STR("isa"), csd_isa(p->curr_isa));
	if (p->context.updated)
		csd_info_state(f, p->context.curr_NS, p->context.curr_Hyp);
	if (!p->exception.bits.present)
		return;
	csd_info_hex(f, STR("exception"), p->exception.number);
	csd_info_word(f, STR("name"),
	    (struct str){ name, (size_t)(put_exception_name(name, &p->exception) - name) });
	if (p->exception.bits.cancel)
		csd_info(f, STR("cancel"), 1);
}

static void
info_data(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	if (p->data.update_addr && p->type != ETM3_PKT_OOO_DATA) {
		csd_info_hex(f, STR("data_addr"), p->data.addr.val);
		if (p->data.addr.valid_bits < 32)
			csd_info(f, STR("valid"), p->data.addr.valid_bits);
	}
	if (p->type == ETM3_PKT_OOO_DATA || p->data.update_dval)
		csd_info_hex(f, STR("value"), p->data.value);
	if (p->type == ETM3_PKT_OOO_DATA || p->type == ETM3_PKT_OOO_ADDR_PLC)
		csd_info(f, STR("tag"), p->data.ooo_tag);
}

void
csd_etm3_fields(const ocsd_etmv3_pkt *p, struct csd_fields *f)
{
	const struct csd_name *name = name_of(p->type), *was = name_of(p->err_type);

	f->type = (struct str){ name->p, name->name };
	if (p->type == ETM3_PKT_BAD_SEQUENCE || p->type == ETM3_PKT_BAD_TRACEMODE ||
	    p->type == ETM3_PKT_INCOMPLETE_EOT)
		csd_info_word(f, STR("was"), (struct str){ was->p, was->name });
	else if (p->type == ETM3_PKT_BRANCH_ADDRESS)
		info_branch(f, p);
	else if (p->type == ETM3_PKT_I_SYNC || p->type == ETM3_PKT_I_SYNC_CYCLE)
		info_isync(f, p);
	else if (p->type == ETM3_PKT_P_HDR)
		csd_info_atoms(f, &p->atom);
	else if (p->type >= ETM3_PKT_OOO_DATA && p->type <= ETM3_PKT_VAL_NOT_TRACED)
		info_data(f, p);
	else if (p->type == ETM3_PKT_TIMESTAMP)
		csd_info(f, STR("ts"), p->timestamp);
	else if (p->type == ETM3_PKT_VMID)
		csd_info_hex(f, STR("vmid"), p->context.VMID);
	if ((p->type == ETM3_PKT_P_HDR && p->cycle_count > 0) || p->type == ETM3_PKT_CYCLE_COUNT)
		csd_info(f, STR("cycles"), p->cycle_count);
	f->has_contextid = p->type == ETM3_PKT_CONTEXT_ID || p->context.updated_c;
	f->contextid = p->context.ctxtID;
	if (f->has_contextid)
		csd_info_hex(f, STR("contextid"), f->contextid);
}
