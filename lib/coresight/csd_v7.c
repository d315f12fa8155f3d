/* SPDX-License-Identifier: MIT */
/* ETMv3 (instruction and data trace) and PTM, also called PFT (program flow trace): two protocols
 * of ARMv7 cores with much in common. */

#include <limits.h>

#include "csd_int.h"

#define ETM3(type, rest) [ETM3_PKT_##type] = CSD_NAME(0, #type, " : " rest)
#define PTM(type, word, rest) [PTM_PKT_##type] = CSD_NAME(0, word, " : " rest "; ")

static const struct csd_name etm3_names[] = {
	ETM3(NOTSYNC, "Trace Stream not synchronised"),
	[ETM3_PKT_INCOMPLETE_EOT] =
	    CSD_NAME(0, "INCOMPLETE_EOT", ". : Incomplete packet at end of trace data."),
	ETM3(BRANCH_ADDRESS, "Branch address."),
	ETM3(A_SYNC, "Alignment Synchronisation."),
	ETM3(CYCLE_COUNT, "Cycle Count."),
	ETM3(I_SYNC, "Instruction Packet synchronisation."),
	ETM3(I_SYNC_CYCLE, "Instruction Packet synchronisation with cycle count."),
	ETM3(TRIGGER, "Trace Trigger Event."),
	ETM3(P_HDR, "Atom P-header."),
	ETM3(STORE_FAIL, "Data Store Failed."),
	ETM3(OOO_DATA, "Out of Order data value packet."),
	ETM3(OOO_ADDR_PLC, "Out of Order data address placeholder."),
	ETM3(NORM_DATA, "Data trace packet."),
	ETM3(DATA_SUPPRESSED, "Data trace suppressed."),
	ETM3(VAL_NOT_TRACED, "Data trace value not traced."),
	ETM3(IGNORE, "Packet ignored."),
	ETM3(CONTEXT_ID, "Context ID change."),
	ETM3(VMID, "VMID change."),
	ETM3(EXCEPTION_ENTRY, "Exception entry data marker."),
	ETM3(EXCEPTION_EXIT, "Exception return."),
	ETM3(TIMESTAMP, "Timestamp Value."),
	ETM3(BAD_SEQUENCE, "Invalid sequence for packet type."),
	ETM3(BAD_TRACEMODE, "Invalid packet type for this trace mode."),
};

static const struct csd_name ptm_names[] = {
	PTM(NOTSYNC, "NOTSYNC", "PTM Not Synchronised"),
	PTM(INCOMPLETE_EOT, "INCOMPLETE_EOT", "Incomplete packet flushed at end of trace"),
	PTM(NOERROR, "NO_ERROR", "Error type not set"),
	PTM(BRANCH_ADDRESS, "BRANCH_ADDRESS", "Branch address packet"),
	PTM(A_SYNC, "ASYNC", "Alignment Synchronisation Packet"),
	PTM(I_SYNC, "ISYNC", "Instruction Synchronisation packet"),
	PTM(TRIGGER, "TRIGGER", "Trigger Event packet"),
	PTM(WPOINT_UPDATE, "WP_UPDATE", "Waypoint update packet"),
	PTM(IGNORE, "IGNORE", "Ignore packet"),
	PTM(CONTEXT_ID, "CTXTID", "Context ID packet"),
	PTM(VMID, "VMID", "VM ID packet"),
	PTM(ATOM, "ATOM", "Atom packet"),
	PTM(TIMESTAMP, "TIMESTAMP", "Timestamp packet"),
	PTM(EXCEPTION_RET, "ERET", "Exception return packet"),
	PTM(BAD_SEQUENCE, "BAD_SEQUENCE", "Invalid sequence in packet"),
	PTM(RESERVED, "RESERVED", "Reserved Packet Header"),
};

/* --- what both have */

/* The configuration of a decoder; the two structs have the same members. */
#define CONFIG(s)                                                                                  \
	{                                                                                          \
		.reg_idr = (s)->reg[CSD_IDR0], .reg_ctrl = (s)->reg[CSD_CONFIGR],                  \
		.reg_ccer = (s)->reg[CSD_IDR1], .reg_trc_id = (s)->id, .arch_ver = ARCH_V7,        \
		.core_prof = (s)->m_profile ? profile_CortexM : profile_CortexA                    \
	}

/* The target of a branch or synchronisation packet. */
struct place {
	const ocsd_pkt_vaddr *addr;
	ocsd_isa isa;
	bool new_isa, new_state, ns, hyp;
};

#define PLACE(p)                                                                                   \
	{                                                                                          \
		&(p)->addr, (p)->curr_isa, (p)->curr_isa != (p)->prev_isa, (p)->context.updated,   \
		    (p)->context.curr_NS, (p)->context.curr_Hyp                                    \
	}

static struct str
isa_name(ocsd_isa isa)
{
	static const struct str names[] = { [ocsd_isa_arm] = STR_INIT("ARM(32)"),
		[ocsd_isa_thumb2] = STR_INIT("Thumb2"),
		[ocsd_isa_aarch64] = STR_INIT("AArch64"),
		[ocsd_isa_tee] = STR_INIT("ThumbEE"),
		[ocsd_isa_jazelle] = STR_INIT("Jazelle") };

	return (unsigned)isa < sizeof names / sizeof *names ? names[isa] : STR("Unknown");
}

static struct str
isync_reason(ocsd_iSync_reason reason)
{
	static const struct str names[] = { STR_INIT("Periodic"), STR_INIT("Trace Enable"),
		STR_INIT("Restart Overflow"), STR_INIT("Debug Exit") };

	return names[reason & 3];
}

static struct str
exception_name(unsigned number)
{
	static const struct str names[] = { STR_INIT("No Exception"), STR_INIT("Debug Halt"),
		STR_INIT("SMC"), STR_INIT("Hyp"), STR_INIT("Async Data Abort"), STR_INIT("Jazelle"),
		STR_INIT("Reserved"), STR_INIT("Reserved"), STR_INIT("PE Reset"),
		STR_INIT("Undefined Instr"), STR_INIT("SVC"), STR_INIT("Prefetch Abort"),
		STR_INIT("Data Fault"), STR_INIT("Generic"), STR_INIT("IRQ"), STR_INIT("FIQ") };

	return number < sizeof names / sizeof *names ? names[number] : STR("Unknown");
}

static char *
put_partial(char *d, struct str label, const ocsd_pkt_vaddr *a)
{
	return csd_partial(d, label, 32, a->valid_bits, a->val, a->pkt_bits);
}

static char *
put_isa(char *d, ocsd_isa isa)
{
	return str_put(str_put(str_put(d, STR("ISA=")), isa_name(isa)), STR("; "));
}

/* pad is printed if there is no Hyp. */
static char *
put_state(char *d, bool ns, bool hyp, struct str pad)
{
	d = str_put(d, ns ? STR("NS; ") : STR("S; "));
	return str_put(d, hyp ? STR("Hyp; ") : pad);
}

static char *
put_place(char *d, struct str label, const struct place *at)
{
	d = str_put(put_partial(d, label, at->addr), STR("; "));
	d = at->new_isa ? put_isa(d, at->isa) : d;
	return at->new_state ? put_state(d, at->ns, at->hyp, STR("")) : d;
}

static char *
put_cycles(char *d, uint64_t n)
{
	return str_put(csd_dec(d, STR("Cycles="), n), STR("; "));
}

static void
info_state(struct csd_fields *f, const struct place *at)
{
	csd_info_word(f, STR("security"), at->ns ? STR("NS") : STR("S"));
	csd_info_flag(f, STR("hyp"), at->hyp);
}

static void
info_place(struct csd_fields *f, const struct place *at)
{
	csd_info_addr(f, at->addr, 32, at->addr->pkt_bits);
	if (at->new_isa)
		csd_info_word(f, STR("isa"), isa_name(at->isa));
	if (at->new_state)
		info_state(f, at);
}

static void
set_contextid(struct csd_fields *f, bool has, uint32_t id)
{
	f->has_contextid = has;
	f->contextid = id;
	if (has)
		csd_info_hex(f, STR("contextid"), id);
}

/* --- ETMv3 */

static ocsd_err_t
etm3_create(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_etmv3_cfg c = CONFIG(s);

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV3, flags, &c, id);
}

/* Parse the address of a data packet, seven bits a byte, four in the fifth. Returns the number of
 * bytes up to its end. */
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

/* Return the packet, or a corrected copy if the library gets it wrong: it puts the first byte of a
 * data address into the instruction's, and takes a packet that the trace's end cuts for a whole
 * one, with values of an earlier packet. */
static const ocsd_etmv3_pkt *
corrected(const struct csd_packet *k, ocsd_etmv3_pkt *copy)
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

static char *
put_etm3_exception_name(char *d, const ocsd_etmv3_excep *e)
{
	static const struct str m[] = { STR_INIT("No Exception"), STR_INIT("IRQ1"),
		STR_INIT("IRQ2"), STR_INIT("IRQ3"), STR_INIT("IRQ4"), STR_INIT("IRQ5"),
		STR_INIT("IRQ6"), STR_INIT("IRQ7"), STR_INIT("IRQ0"), STR_INIT("usage Fault"),
		STR_INIT("NMI"), STR_INIT("SVC"), STR_INIT("DebugMonitor"), STR_INIT("Mem Manage"),
		STR_INIT("PendSV"), STR_INIT("SysTick"), STR_INIT("Reserved"), STR_INIT("PE Reset"),
		STR_INIT("Reserved"), STR_INIT("HardFault"), STR_INIT("Reserved"),
		STR_INIT("BusFault"), STR_INIT("Reserved"), STR_INIT("Reserved") };

	if (!e->bits.cm_type)
		return str_put(d, exception_name(e->number));
	if (e->number < sizeof m / sizeof *m)
		return str_put(d, m[e->number]);
	return csd_dec(d, STR("IRQ"), e->number - 0x10);
}

static char *
put_etm3_branch(char *d, const ocsd_etmv3_pkt *p)
{
	const struct place at = PLACE(p);
	const ocsd_etmv3_excep *e = &p->exception;

	d = put_place(d, STR("; Addr="), &at);
	if (!e->bits.present)
		return d;
	d = put_etm3_exception_name(str_put(d, STR("Exception=")), e);
	if (!e->bits.cm_type)
		d = str_put(d, STR("; "));
	else if (e->bits.cm_resume)
		d = csd_dec(d, STR("; Resume="), e->bits.cm_resume);
	return e->bits.cancel ? str_put(d, STR("; Cancel prev instr")) : d;
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
	return csd_dec(d, STR("; Cycles="), p->cycle_count);
}

static char *
put_etm3_isync(char *d, const ocsd_etmv3_pkt *p)
{
	const etmv3_isync_t *sync = &p->isync_info;

	d = str_put(str_put(str_put(d, STR("; (")), isync_reason(sync->reason)), STR("); "));
	if (sync->has_LSipAddress && !sync->no_address)
		d = str_put(d, STR("Data Instr "));
	if (!sync->no_address)
		d = str_put(csd_hex(d, STR("Addr="), p->addr.val, 8), STR("; "));
	d = put_state(d, p->context.curr_NS, p->context.curr_Hyp, STR(" "));
	if (p->context.updated_c) {
		d = str_put(d, STR("CtxtID="));
		d += text_put_hex(d, p->context.ctxtID);
		d = str_put(d, STR("; "));
	}
	if (sync->no_address)
		return d;
	d = put_isa(d, p->curr_isa);
	d = sync->has_cycle_count ? put_cycles(d, p->cycle_count) : d;
	if (sync->has_LSipAddress)
		d = str_put(put_partial(d, STR("Curr Instr Addr="), &p->data.addr), STR(";"));
	return d;
}

static char *
put_data(char *d, const ocsd_etmv3_pkt *p)
{
	bool ooo = p->type == ETM3_PKT_OOO_DATA;

	if (p->data.update_addr && !ooo)
		d = put_partial(d, STR("; Addr="), &p->data.addr);
	if (ooo || (p->type == ETM3_PKT_NORM_DATA && p->data.update_dval))
		d = csd_hex(d, STR("; Val="), p->data.value, 1);
	if (ooo || p->type == ETM3_PKT_OOO_ADDR_PLC)
		d = csd_hex(d, STR("; OO_Tag="), p->data.ooo_tag, 1);
	return d;
}

static char *
etm3_text(const struct csd_packet *k, char *d)
{
	ocsd_etmv3_pkt copy;
	const ocsd_etmv3_pkt *p = corrected(k, &copy);

	d = str_put(d, csd_title(&csd_etm3_ops, p->type));
	switch (p->type) {
	case ETM3_PKT_BAD_SEQUENCE:
	case ETM3_PKT_BAD_TRACEMODE:
		d = str_put(str_put(d, STR("[")), csd_name(&csd_etm3_ops, p->err_type));
		/* OpenCSD ends this name in a dot */
		return str_put(d, p->err_type == ETM3_PKT_INCOMPLETE_EOT ? STR(".]") : STR("]"));
	case ETM3_PKT_BRANCH_ADDRESS:
		return put_etm3_branch(d, p);
	case ETM3_PKT_I_SYNC:
	case ETM3_PKT_I_SYNC_CYCLE:
		return put_etm3_isync(d, p);
	case ETM3_PKT_P_HDR:
		d = str_put(d, STR("; "));
		return p->cycle_count == 0 ? csd_atoms(d, &p->atom) : put_atoms_with_cycles(d, p);
	case ETM3_PKT_CYCLE_COUNT:
		return csd_dec(d, STR("; Cycles="), p->cycle_count);
	case ETM3_PKT_CONTEXT_ID:
		return csd_hex(d, STR("; CtxtID="), p->context.ctxtID, 1);
	case ETM3_PKT_VMID:
		return csd_hex(d, STR("; VMID="), p->context.VMID, 1);
	case ETM3_PKT_TIMESTAMP:
		d = csd_hex(d, STR("; TS="), p->timestamp, 1);
		return str_put(csd_dec(d, STR(" ("), p->timestamp), STR(") "));
	case ETM3_PKT_OOO_DATA:
	case ETM3_PKT_OOO_ADDR_PLC:
	case ETM3_PKT_NORM_DATA:
	case ETM3_PKT_VAL_NOT_TRACED:
		return put_data(d, p);
	default:
		return d;
	}
}

static void
info_etm3_branch(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	const struct place at = PLACE(p);
	char name[32];

	info_place(f, &at);
	if (!p->exception.bits.present)
		return;
	csd_info_hex(f, STR("exception"), p->exception.number);
	csd_info_word(f, STR("name"),
	    (struct str){ name, (size_t)(put_etm3_exception_name(name, &p->exception) - name) });
	csd_info_flag(f, STR("cancel"), p->exception.bits.cancel);
}

static void
info_etm3_isync(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	const struct place at = PLACE(p);

	csd_info_word(f, STR("reason"), isync_reason(p->isync_info.reason));
	info_state(f, &at);
	if (!p->isync_info.no_address) {
		csd_info_addr(f, at.addr, 32, at.addr->pkt_bits);
		csd_info_word(f, STR("isa"), isa_name(at.isa));
	}
	if (p->isync_info.has_cycle_count)
		csd_info(f, STR("cycles"), p->cycle_count);
	if (p->isync_info.has_LSipAddress)
		csd_info_hex(f, STR("data_addr"), p->data.addr.val);
}

static void
info_data(struct csd_fields *f, const ocsd_etmv3_pkt *p)
{
	bool ooo = p->type == ETM3_PKT_OOO_DATA;

	if (p->data.update_addr && !ooo) {
		csd_info_hex(f, STR("data_addr"), p->data.addr.val);
		if (p->data.addr.valid_bits < 32)
			csd_info(f, STR("valid"), p->data.addr.valid_bits);
	}
	if (ooo || p->data.update_dval)
		csd_info_hex(f, STR("value"), p->data.value);
	if (ooo || p->type == ETM3_PKT_OOO_ADDR_PLC)
		csd_info(f, STR("tag"), p->data.ooo_tag);
}

static void
etm3_fields(const struct csd_packet *k, struct csd_fields *f)
{
	ocsd_etmv3_pkt copy;
	const ocsd_etmv3_pkt *p = corrected(k, &copy);

	f->type = csd_name(&csd_etm3_ops, p->type);
	if (p->type == ETM3_PKT_BAD_SEQUENCE || p->type == ETM3_PKT_BAD_TRACEMODE ||
	    p->type == ETM3_PKT_INCOMPLETE_EOT)
		csd_info_word(f, STR("was"), csd_name(&csd_etm3_ops, p->err_type));
	else if (p->type == ETM3_PKT_BRANCH_ADDRESS)
		info_etm3_branch(f, p);
	else if (p->type == ETM3_PKT_I_SYNC || p->type == ETM3_PKT_I_SYNC_CYCLE)
		info_etm3_isync(f, p);
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
	set_contextid(f, p->type == ETM3_PKT_CONTEXT_ID || p->context.updated_c, p->context.ctxtID);
}

const struct csd_ops csd_etm3_ops = { .sync = ETM3_PKT_A_SYNC,
	.unsynced = ETM3_PKT_NOTSYNC,
	.overflow = UINT_MAX,
	.bad = ETM3_PKT_BAD_SEQUENCE,
	.last_bad = UINT_MAX,
	.names = etm3_names,
	.n_names = sizeof etm3_names / sizeof *etm3_names,
	.unknown = CSD_NAME(0, "I_RESERVED", " : Reserved Packet Header"),
	.create = etm3_create,
	.text = etm3_text,
	.fields = etm3_fields };

/* --- PTM */

static ocsd_err_t
ptm_create(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	ocsd_ptm_cfg c = CONFIG(s);

	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_PTM, flags, &c, id);
}

static char *
put_ptm_branch(char *d, const ocsd_ptm_pkt *p)
{
	const struct place at = PLACE(p);
	unsigned number = p->exception.number;

	d = put_place(d, STR("Addr="), &at);
	if (!p->exception.bits.present)
		return d;
	d = str_put(str_put(d, STR("Excep=")), exception_name(number));
	d = str_put(d, number < 16 ? STR(" [0") : STR(" ["));
	d += text_put_hex(d, number);
	return str_put(d, STR("]; "));
}

static char *
put_ptm_isync(char *d, const ocsd_ptm_pkt *p)
{
	int shift;

	d = str_put(str_put(d, STR("(")), isync_reason(p->i_sync_reason));
	d = str_put(csd_hex(d, STR("); Addr="), p->addr.val, 8), STR("; "));
	d = put_state(d, p->context.curr_NS, p->context.curr_Hyp, STR(" "));
	if (p->context.updated_c) {
		d = str_put(d, STR("CtxtID="));
		for (shift = 28; shift >= 0; shift -= 4)
			*d++ = "0123456789abcdef"[p->context.ctxtID >> shift & 15];
		d = str_put(d, STR("; "));
	}
	return put_isa(d, p->curr_isa);
}

static char *
ptm_text(const struct csd_packet *k, char *d)
{
	const ocsd_ptm_pkt *p = k->what;

	d = str_put(d, csd_title(&csd_ptm_ops, p->type));
	switch (p->type) {
	case PTM_PKT_BAD_SEQUENCE:
		d = str_put(str_put(d, STR("[")), csd_name(&csd_ptm_ops, p->err_type));
		return str_put(d, STR("]; "));
	case PTM_PKT_CONTEXT_ID:
		return str_put(csd_hex(d, STR("CtxtID="), p->context.ctxtID, 8), STR("; "));
	case PTM_PKT_VMID:
		return str_put(csd_hex(d, STR("VMID="), p->context.VMID, 2), STR("; "));
	case PTM_PKT_BRANCH_ADDRESS:
	case PTM_PKT_WPOINT_UPDATE:
		d = put_ptm_branch(d, p);
		break;
	case PTM_PKT_I_SYNC:
		d = put_ptm_isync(d, p);
		break;
	case PTM_PKT_ATOM: /* a single one if there are cycles */
		d = p->cc_valid ? str_put(d, p->atom.En_bits & 1 ? STR("E") : STR("N"))
				: csd_atoms(d, &p->atom);
		d = str_put(d, STR("; "));
		break;
	case PTM_PKT_TIMESTAMP:
		d = csd_partial(d, STR("TS="), 64, 64, p->timestamp, p->ts_update_bits);
		d = str_put(csd_dec(d, STR("("), p->timestamp), STR("); "));
		break;
	default:
		return d;
	}
	return p->cc_valid ? put_cycles(d, p->cycle_count) : d;
}

static void
ptm_fields(const struct csd_packet *k, struct csd_fields *f)
{
	const ocsd_ptm_pkt *p = k->what;
	const struct place at = PLACE(p);

	f->type = csd_name(&csd_ptm_ops, p->type);
	if (p->type == PTM_PKT_BAD_SEQUENCE) {
		csd_info_word(f, STR("was"), csd_name(&csd_ptm_ops, p->err_type));
	} else if (p->type == PTM_PKT_BRANCH_ADDRESS || p->type == PTM_PKT_WPOINT_UPDATE) {
		info_place(f, &at);
		if (p->exception.bits.present) {
			csd_info_hex(f, STR("exception"), p->exception.number);
			csd_info_word(f, STR("name"), exception_name(p->exception.number));
		}
	} else if (p->type == PTM_PKT_I_SYNC) {
		csd_info_addr(f, at.addr, 32, at.addr->pkt_bits);
		csd_info_word(f, STR("reason"), isync_reason(p->i_sync_reason));
		info_state(f, &at);
		csd_info_word(f, STR("isa"), isa_name(at.isa));
	} else if (p->type == PTM_PKT_ATOM) {
		csd_info_atoms(f, &p->atom);
	} else if (p->type == PTM_PKT_TIMESTAMP) {
		csd_info(f, STR("ts"), p->timestamp);
	} else if (p->type == PTM_PKT_VMID) {
		csd_info_hex(f, STR("vmid"), p->context.VMID);
	}
	if (p->cc_valid && p->type >= PTM_PKT_BRANCH_ADDRESS && p->type <= PTM_PKT_TIMESTAMP)
		csd_info(f, STR("cycles"), p->cycle_count);
	set_contextid(f,
	    p->type == PTM_PKT_CONTEXT_ID || (p->type == PTM_PKT_I_SYNC && p->context.updated_c),
	    p->context.ctxtID);
}

const struct csd_ops csd_ptm_ops = { .sync = PTM_PKT_A_SYNC,
	.unsynced = PTM_PKT_NOTSYNC,
	.overflow = UINT_MAX,
	.bad = PTM_PKT_BAD_SEQUENCE,
	.last_bad = UINT_MAX,
	.names = ptm_names,
	.n_names = sizeof ptm_names / sizeof *ptm_names,
	.unknown = CSD_NAME(0, "UNKNOWN", " : Unknown packet type; "),
	.create = ptm_create,
	.text = ptm_text,
	.fields = ptm_fields };
