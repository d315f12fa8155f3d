/* SPDX-License-Identifier: MIT */
/* ETMv4 instruction trace and ETE, which has the same packets and some more. */

#include "csd_int.h"

/* What follows the title. */
enum form {
	PLAIN,
	ATOMS,
	ADDR_SHORT, /* the first form with an address */
	ADDR_32,
	ADDR_64,
	ADDR_CONTEXT_32, /* the first form with a context */
	ADDR_CONTEXT_64, /* the last form with an address */
	CONTEXT,         /* the last form with a context */
	ADDR_MATCH,
	EXCEPTION,
	TIMESTAMP,
	TRACE_INFO,
	CYCLES,
	COMMIT,
	SPECULATION,
	Q,
	EVENT,
	MARKER,
	INSTRUMENTATION,
	ERROR
};

#define ETM4(form, type, rest) [ETM4_PKT_##type] = CSD_NAME(form, #type, " : " rest)
#define ETE(form, type, rest) [ETE_PKT_##type] = CSD_NAME(form, #type, " : " rest)

/* Later versions of the library keep a flag of their own in bit 16 of I_TRACE_INFO's word. */
#if OCSD_VER_NUM < 0x010400
enum { INFO_FLAGS = 0 };
#else
enum { INFO_FLAGS = 1 << 16 };
#endif

/* The library's printer misspells one SRC_ADDR. */
static const struct csd_name names[] = {
	ETM4(PLAIN, I_EXTENSION, "Extension packet header."),
	ETM4(TRACE_INFO, I_TRACE_INFO, "Trace Info."),
	ETM4(TIMESTAMP, I_TIMESTAMP, "Timestamp."),
	ETM4(PLAIN, I_TRACE_ON, "Trace On."),
	ETM4(PLAIN, I_FUNC_RET, "V8M - function return."),
	ETM4(EXCEPTION, I_EXCEPT, "Exception."),
	ETM4(PLAIN, I_EXCEPT_RTN, "Exception Return."),
#if OCSD_VER_NUM < 0x010400
	ETE(PLAIN, I_COMMIT_WIN_MV, "Commit window move."),
#else
	ETE(INSTRUMENTATION, I_ITE, "Instrumentation"),
#endif
	ETE(PLAIN, I_TRANS_ST, "Transaction Start."),
	ETE(PLAIN, I_TRANS_COMMIT, "Transaction Commit."),
	ETM4(CYCLES, I_CCNT_F2, "Cycle Count format 2."),
	ETM4(CYCLES, I_CCNT_F1, "Cycle Count format 1."),
	ETM4(CYCLES, I_CCNT_F3, "Cycle Count format 3."),
	ETM4(MARKER, I_NUM_DS_MKR, "Data Synchronisation Marker - Numbered."),
	ETM4(MARKER, I_UNNUM_DS_MKR, "Data Synchronisation Marker - Unnumbered."),
	ETM4(COMMIT, I_COMMIT, "Commit"),
	ETM4(SPECULATION, I_CANCEL_F1, "Cancel Format 1."),
	ETM4(SPECULATION, I_CANCEL_F1_MISPRED, "Cancel Format 1 + Mispredict."),
	ETM4(SPECULATION, I_MISPREDICT, "Mispredict."),
	ETM4(SPECULATION, I_CANCEL_F2, "Cancel Format 2."),
	ETM4(SPECULATION, I_CANCEL_F3, "Cancel Format 3."),
	ETM4(PLAIN, I_COND_I_F2, "Conditional Instruction, format 2."),
	ETM4(PLAIN, I_COND_FLUSH, "Conditional Flush."),
	ETM4(PLAIN, I_COND_RES_F4, "Conditional Result, format 4."),
	ETM4(PLAIN, I_COND_RES_F2, "Conditional Result, format 2."),
	ETM4(PLAIN, I_COND_RES_F3, "Conditional Result, format 3."),
	ETM4(PLAIN, I_COND_RES_F1, "Conditional Result, format 1."),
	ETM4(PLAIN, I_COND_I_F1, "Conditional Instruction, format 1."),
	ETM4(PLAIN, I_COND_I_F3, "Conditional Instruction, format 3."),
	ETM4(PLAIN, I_IGNORE, "Ignore."),
	ETM4(EVENT, I_EVENT, "Trace Event."),
	ETM4(CONTEXT, I_CTXT, "Context Packet."),
	ETM4(ADDR_CONTEXT_32, I_ADDR_CTXT_L_32IS0, "Address & Context, Long, 32 bit, IS0."),
	ETM4(ADDR_CONTEXT_32, I_ADDR_CTXT_L_32IS1, "Address & Context, Long, 32 bit, IS1."),
	ETM4(ADDR_CONTEXT_64, I_ADDR_CTXT_L_64IS0, "Address & Context, Long, 64 bit, IS0."),
	ETM4(ADDR_CONTEXT_64, I_ADDR_CTXT_L_64IS1, "Address & Context, Long, 64 bit, IS1."),
	ETE(PLAIN, I_TS_MARKER, "Timestamp Marker"),
	ETM4(ADDR_MATCH, I_ADDR_MATCH, "Exact Address Match."),
	ETM4(ADDR_SHORT, I_ADDR_S_IS0, "Address, Short, IS0."),
	ETM4(ADDR_SHORT, I_ADDR_S_IS1, "Address, Short, IS1."),
	ETM4(ADDR_32, I_ADDR_L_32IS0, "Address, Long, 32 bit, IS0."),
	ETM4(ADDR_32, I_ADDR_L_32IS1, "Address, Long, 32 bit, IS1."),
	ETM4(ADDR_64, I_ADDR_L_64IS0, "Address, Long, 64 bit, IS0."),
	ETM4(ADDR_64, I_ADDR_L_64IS1, "Address, Long, 64 bit, IS1."),
	ETM4(Q, I_Q, "Q Packet."),
	ETE(ADDR_MATCH, I_SRC_ADDR_MATCH, "Exact Source Address Match."),
	ETE(ADDR_SHORT, I_SRC_ADDR_S_IS0, "Source Address, Short, IS0."),
	ETE(ADDR_SHORT, I_SRC_ADDR_S_IS1, "Source Address, Short, IS1."),
	[ETE_PKT_I_SRC_ADDR_L_32IS0] =
	    CSD_NAME(ADDR_32, "I_SCR_ADDR_L_32IS0", " : Source Address, Long, 32 bit, IS0."),
	ETE(ADDR_32, I_SRC_ADDR_L_32IS1, "Source Address, Long, 32 bit, IS1."),
	ETE(ADDR_64, I_SRC_ADDR_L_64IS0, "Source Address, Long, 64 bit, IS0."),
	ETE(ADDR_64, I_SRC_ADDR_L_64IS1, "Source Address, Long, 64 bit, IS1."),
	ETM4(ATOMS, I_ATOM_F6, "Atom format 6."),
	ETM4(ATOMS, I_ATOM_F5, "Atom format 5."),
	ETM4(ATOMS, I_ATOM_F2, "Atom format 2."),
	ETM4(ATOMS, I_ATOM_F4, "Atom format 4."),
	ETM4(ATOMS, I_ATOM_F1, "Atom format 1."),
	ETM4(ATOMS, I_ATOM_F3, "Atom format 3."),
	ETM4(PLAIN, I_ASYNC, "Alignment Synchronisation."),
	ETM4(PLAIN, I_DISCARD, "Discard."),
	ETM4(PLAIN, I_OVERFLOW, "Overflow."),
	[ETM4_PKT_I_NOTSYNC] = CSD_NAME(PLAIN, "I_NOT_SYNC", " : I Stream not synchronised"),
	ETM4(ERROR, I_INCOMPLETE_EOT, "Incomplete packet at end of trace."),
	ETM4(PLAIN, I_NO_ERR_TYPE, "No Error Type."),
	ETM4(ERROR, I_BAD_SEQUENCE, "Invalid Sequence in packet."),
	ETM4(PLAIN, I_BAD_TRACEMODE, "Invalid Packet for trace mode."),
	ETM4(PLAIN, I_RESERVED, "Reserved Packet Header"),
	ETM4(ERROR, I_RESERVED_CFG, "Reserved header for current configuration."),
	ETE(PLAIN, I_PE_RESET, "PE Reset."),
	ETE(PLAIN, I_TRANS_FAIL, "Transaction Fail."),
};

/* ETE uses the library's ETMv4 decoder, configured with the version of ETE: the C interface has no
 * packet callback for the ETE decoder itself. */
static ocsd_err_t
create(dcd_tree_handle_t tree, int flags, const struct csd_source *s, unsigned char *id)
{
	static const ocsd_arch_version_t arch[] = { [CSD_AA64] = ARCH_AA64,
		[CSD_V7] = ARCH_V7,
		[CSD_V8] = ARCH_V8,
		[CSD_V8_3] = ARCH_V8r3 };
	ocsd_etmv4_cfg c = { .reg_idr0 = s->reg[CSD_IDR0],
		.reg_idr1 = s->reg[CSD_IDR1],
		.reg_idr2 = s->reg[CSD_IDR2],
		.reg_idr8 = s->reg[CSD_IDR8],
		.reg_configr = s->reg[CSD_CONFIGR],
		.reg_traceidr = s->id,
		.arch_ver = arch[s->arch],
		.core_prof = s->m_profile ? profile_CortexM : profile_CortexA };
	uint32_t devarch = s->reg[CSD_DEVARCH];

	if (s->protocol == CSD_ETE) {
		c.arch_ver = ARCH_AA64;
		c.reg_idr1 =
		    (c.reg_idr1 & ~0xff0u) | (devarch >> 12 & 15) << 8 | (devarch >> 16 & 15) << 4;
	}
	return ocsd_dt_create_decoder(tree, OCSD_BUILTIN_DCD_ETMV4I, flags, &c, id);
}

/* TRCIDR0.COMMOPT, bit 29: cycle counts do not commit. */
static bool
commits(const struct csd_source *s)
{
	return (s->reg[CSD_IDR0] >> 29 & 1) == 0;
}

/*
 * Return the packet, or a corrected copy if the library gets it wrong. Cycle count format 2 is
 * 0000110F AAAABBBB: the commit is A + 1, with F the maximum speculation depth (TRCIDR8) + A - 15.
 * The library takes the last bit of B for F.
 */
static const ocsd_etmv4_i_pkt *
corrected(const struct csd_packet *k, ocsd_etmv4_i_pkt *copy)
{
	const ocsd_etmv4_i_pkt *p = k->what;
	uint32_t a, deep;

	if (p->type != ETM4_PKT_I_CCNT_F2 || k->nraw < 2)
		return p;
	a = k->raw[1] >> 4;
	deep = k->source->reg[CSD_IDR8] + a;
	*copy = *p;
	copy->commit_elements = !(k->raw[0] & 1) ? a + 1 : deep > 15 ? deep - 15 : 0;
	return copy;
}

static char *
put_exception_name(char *d, const ocsd_etmv4_i_pkt *p)
{
	static const struct str a[] = { STR_INIT("PE Reset"), STR_INIT("Debug Halt"),
		STR_INIT("Call"), STR_INIT("Trap"), STR_INIT("System Error"), STR_INIT("Reserved"),
		STR_INIT("Inst Debug"), STR_INIT("Data Debug"), STR_INIT("Reserved"),
		STR_INIT("Reserved"), STR_INIT("Alignment"), STR_INIT("Inst Fault"),
		STR_INIT("Data Fault"), STR_INIT("Reserved"), STR_INIT("IRQ"), STR_INIT("FIQ") };
	static const struct str m[] = { STR_INIT("Reserved"), STR_INIT("PE Reset"), STR_INIT("NMI"),
		STR_INIT("HardFault"), STR_INIT("MemManage"), STR_INIT("BusFault"),
		STR_INIT("UsageFault"), STR_INIT("Reserved"), STR_INIT("Reserved"),
		STR_INIT("Reserved"), STR_INIT("Reserved"), STR_INIT("SVC"),
		STR_INIT("DebugMonitor"), STR_INIT("Reserved"), STR_INIT("PendSV"),
		STR_INIT("SysTick"), STR_INIT("IRQ0"), STR_INIT("IRQ1"), STR_INIT("IRQ2"),
		STR_INIT("IRQ3"), STR_INIT("IRQ4"), STR_INIT("IRQ5"), STR_INIT("IRQ6"),
		STR_INIT("IRQ7"), STR_INIT("DebugHalt"), STR_INIT("LazyFP Push"),
		STR_INIT("Lockup") };
	unsigned type = p->exception_info.exceptionType;

	if (!p->exception_info.m_type)
		return str_put(d, type < sizeof a / sizeof *a ? a[type] : STR("Reserved"));
	if (type >= 0x208 && type <= 0x3ef)
		return csd_dec(d, STR("IRQ"), type - 0x200);
	return str_put(d, type < sizeof m / sizeof *m ? m[type] : STR("Reserved"));
}

/* NS, NSE: 0 0 Secure, 1 0 Non-secure, 0 1 Root, 1 1 Realm (Arm ARM, ETE context packet). */
static struct str
security(const etmv4_context_t *c)
{
	if (c->NSE)
		return c->NS ? STR("Realm") : STR("Root");
	return c->NS ? STR("NS") : STR("S");
}

static int
addr_bits(const ocsd_etmv4_i_pkt *p)
{
	return p->v_addr.size == VA_64BIT ? 64 : 32;
}

/* --- text */

static char *
put_addr(char *d, const ocsd_etmv4_i_pkt *p, int updated)
{
	const ocsd_pkt_vaddr *a = &p->v_addr;

	return csd_partial(d, STR("; Addr="), addr_bits(p), a->valid_bits, a->val, updated);
}

/* The number of address bits that are new, 0 unless it is below n. */
static int
fewer(const ocsd_etmv4_i_pkt *p, int n)
{
	return p->v_addr.pkt_bits < n ? p->v_addr.pkt_bits : 0;
}

/* The entry in the list of last addresses. */
static char *
put_match(char *d, struct str label, const ocsd_etmv4_i_pkt *p)
{
	return str_put(csd_dec(d, label, p->addr_exact_match_idx), STR("]"));
}

static char *
put_context(char *d, const ocsd_etmv4_i_pkt *p)
{
	const etmv4_context_t *c = &p->context;

	if (!p->pkt_valid.bits.context_valid)
		return d;
	if (!c->updated)
		return str_put(d, STR("Ctxt: Same"));
	d = csd_dec(d, c->SF ? STR("Ctxt: AArch64,EL") : STR("Ctxt: AArch32, EL"), c->EL);
	d = str_put(str_put(str_put(d, STR(", ")), security(c)), STR("; "));
	if (c->updated_c)
		d = str_put(csd_hex(d, STR("CID="), c->ctxtID, 8), STR("; "));
	if (c->updated_v)
		d = str_put(csd_hex(d, STR("VMID="), c->VMID, 4), STR("; "));
	return d;
}

static char *
put_exception(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = str_put(put_exception_name(str_put(d, STR(";  ")), p), STR(";"));
	if (p->exception_info.m_type && p->exception_info.m_fault_pending)
		d = str_put(d, STR(" Fault Pending;"));
	if (p->exception_info.addr_interp == 1)
		d = str_put(d, STR(" Ret Addr Follows;"));
	else if (p->exception_info.addr_interp == 2)
		d = str_put(d, STR(" Ret Addr Follows, Match Prev;"));
	return d;
}

static char *
put_trace_info(char *d, const ocsd_etmv4_i_pkt *p)
{
	bool cc = p->trace_info.bits.cc_enabled;

	d = csd_hex(d, STR("; INFO="), p->trace_info.val & ~(uint32_t)INFO_FLAGS, 1);
	d = csd_dec(d, STR(" { CC."), cc);
	if (p->protocol_version >= 0x50)
		d = csd_dec(d, STR(", TSTATE."), p->trace_info.bits.in_trans_state);
	d = str_put(d, STR(" }"));
	return cc ? csd_hex(d, STR("; CC_THRESHOLD="), p->cc_threshold, 1) : d;
}

static char *
put_commit(char *d, const ocsd_etmv4_i_pkt *p)
{
	return str_put(csd_dec(d, STR("; Commit("), p->commit_elements), STR(")"));
}

static char *
put_speculation(char *d, const ocsd_etmv4_i_pkt *p)
{
	bool mispredict = p->type == ETM4_PKT_I_MISPREDICT, f2 = p->type == ETM4_PKT_I_CANCEL_F2;

	d = str_put(d, STR("; "));
	if (p->atom.num > 0 && p->type == ETM4_PKT_I_CANCEL_F3)
		d = str_put(d, STR("Atom: E, "));
	else if (p->atom.num > 0 && (mispredict || f2))
		d = str_put(csd_atoms(str_put(d, STR("Atom: ")), &p->atom), STR(", "));
	if (mispredict)
		return str_put(d, STR("Mispredict"));
	d = csd_dec(d, STR("Cancel("), f2 ? 1 : p->cancel_elements);
	return str_put(d, p->type == ETM4_PKT_I_CANCEL_F1 ? STR(")") : STR("), Mispredict"));
}

static char *
put_q(char *d, const ocsd_etmv4_i_pkt *p)
{
	d = str_put(d, STR("; Count("));
	d = p->Q_pkt.count_present ? csd_dec(d, STR(""), p->Q_pkt.q_count)
				   : str_put(d, STR("Unknown"));
	*d++ = ')';
	if (p->Q_pkt.addr_match)
		d = put_match(d, STR("; ["), p);
	return p->Q_pkt.addr_match || p->Q_pkt.addr_present ? put_addr(d, p, fewer(p, 64)) : d;
}

/* What software wrote: the header, the exception level in bits 1:0 of a byte, 64 bits. */
static uint64_t
instrumentation(const struct csd_packet *k, unsigned *el)
{
	uint64_t value = 0;
	size_t i;

	*el = k->nraw > 1 ? k->raw[1] & 3 : 0;
	for (i = 2; i < k->nraw && i < 10; i++)
		value |= (uint64_t)k->raw[i] << 8 * (i - 2);
	return value;
}

static char *
put_instrumentation(char *d, const struct csd_packet *k)
{
	unsigned el;
	uint64_t value = instrumentation(k, &el);

	return csd_hex(csd_dec(d, STR("; EL"), el), STR("; Payload="), value, 1);
}

/* The rarer packets. */
static char *
put_rest(char *d, const struct csd_packet *k, const ocsd_etmv4_i_pkt *p, enum form form)
{
	switch (form) {
	case ADDR_MATCH:
		return str_put(put_addr(put_match(d, STR(", ["), p), p, 0), STR("; "));
	case EXCEPTION:
		return put_exception(d, p);
	case TIMESTAMP:
		d = csd_hex(d, STR("; Updated val = "), p->ts.timestamp, 1);
		return p->pkt_valid.bits.cc_valid ? csd_hex(d, STR("; CC="), p->cycle_count, 1) : d;
	case TRACE_INFO:
		return put_trace_info(d, p);
	case CYCLES:
		d = csd_hex(d, STR("; Count="), p->cycle_count, 1);
		return p->pkt_valid.bits.commit_elem_valid && commits(k->source) ? put_commit(d, p)
										 : d;
	case COMMIT:
		return put_commit(d, p);
	case SPECULATION:
		return put_speculation(d, p);
	case Q:
		return put_q(d, p);
	case INSTRUMENTATION:
		return put_instrumentation(d, k);
	case ERROR:
		d = str_put(str_put(d, STR("[")), csd_name(&csd_etm4_ops, p->err_type));
		return str_put(d, STR("]"));
	default:
		return d;
	}
}

static char *
text(const struct csd_packet *k, char *d)
{
	ocsd_etmv4_i_pkt copy;
	const ocsd_etmv4_i_pkt *p = corrected(k, &copy);
	enum form form = (enum form)csd_name_of(&csd_etm4_ops, p->type)->form;

	d = str_put(d, csd_title(&csd_etm4_ops, p->type));
	if (form == PLAIN)
		return d;
	if (form == ATOMS)
		return csd_atoms(str_put(d, STR("; ")), &p->atom);
	if (form == ADDR_SHORT)
		return put_addr(d, p, p->v_addr.pkt_bits);
	if (form > CONTEXT)
		return put_rest(d, k, p, form);
	if (form == ADDR_32 || form == ADDR_CONTEXT_32)
		d = put_addr(d, p, fewer(p, 32));
	else if (form != CONTEXT)
		d = put_addr(d, p, fewer(p, 64));
	d = str_put(d, STR("; "));
	return form >= ADDR_CONTEXT_32 ? put_context(d, p) : d;
}

/* --- records */

static void
info_context(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	const etmv4_context_t *c = &p->context;

	if (!p->pkt_valid.bits.context_valid || !c->updated)
		return;
	csd_info(f, STR("el"), c->EL);
	csd_info_word(f, STR("security"), security(c));
	csd_info(f, STR("bits"), c->SF ? 64 : 32);
	if (c->updated_c)
		csd_info_hex(f, STR("contextid"), c->ctxtID);
	if (c->updated_v)
		csd_info_hex(f, STR("vmid"), c->VMID);
}

static void
info_addr(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info_addr(f, &p->v_addr, addr_bits(p), p->v_addr.pkt_bits);
}

/* The packet brings no bits of the address. */
static void
info_match(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info(f, STR("match"), p->addr_exact_match_idx);
	csd_info_addr(f, &p->v_addr, addr_bits(p), 0);
}

static void
info_exception(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	char name[32];

	csd_info_hex(f, STR("exception"), p->exception_info.exceptionType);
	csd_info_word(
	    f, STR("name"), (struct str){ name, (size_t)(put_exception_name(name, p) - name) });
	csd_info_flag(
	    f, STR("fault_pending"), p->exception_info.m_type && p->exception_info.m_fault_pending);
	if (p->exception_info.addr_interp != 0)
		csd_info_word(f, STR("return"),
		    p->exception_info.addr_interp == 2 ? STR("match") : STR("follows"));
}

static void
info_trace_info(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	csd_info_hex(f, STR("info"), p->trace_info.val & ~(uint32_t)INFO_FLAGS);
	if (p->trace_info.bits.cc_enabled)
		csd_info(f, STR("cc_threshold"), p->cc_threshold);
	csd_info_flag(f, STR("transaction"), p->trace_info.bits.in_trans_state);
	if (p->pkt_valid.bits.spec_depth_valid && p->curr_spec_depth > 0)
		csd_info(f, STR("spec_depth"), p->curr_spec_depth);
}

static void
info_cycles(struct csd_fields *f, const struct csd_packet *k, const ocsd_etmv4_i_pkt *p)
{
	if (p->cycle_count > 0 || p->type != ETM4_PKT_I_CCNT_F1)
		csd_info(f, STR("cycles"), p->cycle_count);
	if (p->pkt_valid.bits.commit_elem_valid && commits(k->source))
		csd_info(f, STR("commit"), p->commit_elements);
}

static void
info_speculation(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	if (p->type != ETM4_PKT_I_CANCEL_F1 && p->type != ETM4_PKT_I_CANCEL_F1_MISPRED)
		csd_info_atoms(f, &p->atom);
	if (p->type != ETM4_PKT_I_MISPREDICT)
		csd_info(
		    f, STR("cancel"), p->type == ETM4_PKT_I_CANCEL_F2 ? 1 : p->cancel_elements);
	csd_info_flag(f, STR("mispredict"), p->type != ETM4_PKT_I_CANCEL_F1);
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
info_timestamp(struct csd_fields *f, const ocsd_etmv4_i_pkt *p)
{
	f->has_ts = true;
	f->ts = p->ts.timestamp;
	csd_info(f, STR("ts"), f->ts);
	if (p->pkt_valid.bits.cc_valid)
		csd_info(f, STR("cycles"), p->cycle_count);
}

static void
info_instrumentation(struct csd_fields *f, const struct csd_packet *k)
{
	unsigned el;
	uint64_t value = instrumentation(k, &el);

	csd_info(f, STR("el"), el);
	csd_info_hex(f, STR("value"), value);
}

static void
set_context(struct csd_fields *f, const etmv4_context_t *c)
{
	f->el = (int8_t)c->EL;
	f->has_contextid = c->updated_c;
	f->contextid = c->ctxtID;
	f->has_vmid = c->updated_v;
	f->vmid = c->VMID;
}

static void
fields(const struct csd_packet *k, struct csd_fields *f)
{
	ocsd_etmv4_i_pkt copy;
	const ocsd_etmv4_i_pkt *p = corrected(k, &copy);
	enum form form = (enum form)csd_name_of(&csd_etm4_ops, p->type)->form;

	f->type = csd_name(&csd_etm4_ops, p->type);
	if (p->type == ETE_PKT_I_SRC_ADDR_L_32IS0)
		f->type = STR("I_SRC_ADDR_L_32IS0");
	if (p->pkt_valid.bits.context_valid)
		set_context(f, &p->context);
	if (form == ATOMS)
		csd_info_atoms(f, &p->atom);
	else if (form == ADDR_MATCH)
		info_match(f, p);
	else if (form == EXCEPTION)
		info_exception(f, p);
	else if (form == TIMESTAMP)
		info_timestamp(f, p);
	else if (form == TRACE_INFO)
		info_trace_info(f, p);
	else if (form == CYCLES)
		info_cycles(f, k, p);
	else if (form == COMMIT)
		csd_info(f, STR("commit"), p->commit_elements);
	else if (form == SPECULATION)
		info_speculation(f, p);
	else if (form == Q)
		info_q(f, p);
	else if (form == EVENT)
		csd_info_hex(f, STR("event"), p->event_val);
	else if (form == MARKER)
		csd_info(f, STR("marker"), p->dsm_val);
	else if (form == INSTRUMENTATION)
		info_instrumentation(f, k);
	else if (form == ERROR)
		csd_info_word(f, STR("was"), csd_name(&csd_etm4_ops, p->err_type));
	else if (form >= ADDR_SHORT && form <= ADDR_CONTEXT_64)
		info_addr(f, p);
	if (form >= ADDR_CONTEXT_32 && form <= CONTEXT)
		info_context(f, p);
}

const struct csd_ops csd_etm4_ops = { .sync = ETM4_PKT_I_ASYNC,
	.unsynced = ETM4_PKT_I_NOTSYNC,
	.overflow = ETM4_PKT_I_OVERFLOW,
	.bad = ETM4_PKT_I_BAD_SEQUENCE,
	.last_bad = ETM4_PKT_I_RESERVED_CFG,
	.names = names,
	.n_names = sizeof names / sizeof *names,
	.unknown = CSD_NAME(PLAIN, "I_UNKNOWN", " : Unknown Packet Header"),
	.create = create,
	.text = text,
	.fields = fields };
