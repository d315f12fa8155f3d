/* SPDX-License-Identifier: MIT */
/* ETMv4 instruction trace and ETE: the same packets, ETE has some more. */

#include "csd_etm4.h"

/* NOLINTNEXTLINE(bugprone-macro-parentheses): two literals become one */
#define PKT(form, word, rest)                                                                      \
	{                                                                                          \
		word rest, sizeof(word rest) - 1, sizeof(word) - 1, (form)                         \
	}

/* 32IS1 says IS0, and SCR_ADDR is written so: these are the words of the library's printer. */

static const struct csd_etm4_type names[] = {
	[ETM4_PKT_I_EXTENSION] = PKT(PLAIN, "I_EXTENSION", " : Extension packet header."),
	[ETM4_PKT_I_TRACE_INFO] = PKT(TRACE_INFO, "I_TRACE_INFO", " : Trace Info."),
	[ETM4_PKT_I_TIMESTAMP] = PKT(TIMESTAMP, "I_TIMESTAMP", " : Timestamp."),
	[ETM4_PKT_I_TRACE_ON] = PKT(PLAIN, "I_TRACE_ON", " : Trace On."),
	[ETM4_PKT_I_FUNC_RET] = PKT(PLAIN, "I_FUNC_RET", " : V8M - function return."),
	[ETM4_PKT_I_EXCEPT] = PKT(EXCEPTION, "I_EXCEPT", " : Exception."),
	[ETM4_PKT_I_EXCEPT_RTN] = PKT(PLAIN, "I_EXCEPT_RTN", " : Exception Return."),
	[ETE_PKT_I_COMMIT_WIN_MV] = PKT(PLAIN, "I_COMMIT_WIN_MV", " : Commit window move."),
	[ETE_PKT_I_TRANS_ST] = PKT(PLAIN, "I_TRANS_ST", " : Transaction Start."),
	[ETE_PKT_I_TRANS_COMMIT] = PKT(PLAIN, "I_TRANS_COMMIT", " : Transaction Commit."),
	[ETM4_PKT_I_CCNT_F2] = PKT(CYCLES, "I_CCNT_F2", " : Cycle Count format 2."),
	[ETM4_PKT_I_CCNT_F1] = PKT(CYCLES, "I_CCNT_F1", " : Cycle Count format 1."),
	[ETM4_PKT_I_CCNT_F3] = PKT(CYCLES, "I_CCNT_F3", " : Cycle Count format 3."),
	[ETM4_PKT_I_NUM_DS_MKR] =
	    PKT(MARKER, "I_NUM_DS_MKR", " : Data Synchronisation Marker - Numbered."),
	[ETM4_PKT_I_UNNUM_DS_MKR] =
	    PKT(MARKER, "I_UNNUM_DS_MKR", " : Data Synchronisation Marker - Unnumbered."),
	[ETM4_PKT_I_COMMIT] = PKT(COMMIT, "I_COMMIT", " : Commit"),
	[ETM4_PKT_I_CANCEL_F1] = PKT(SPECULATION, "I_CANCEL_F1", " : Cancel Format 1."),
	[ETM4_PKT_I_CANCEL_F1_MISPRED] =
	    PKT(SPECULATION, "I_CANCEL_F1_MISPRED", " : Cancel Format 1 + Mispredict."),
	[ETM4_PKT_I_MISPREDICT] = PKT(SPECULATION, "I_MISPREDICT", " : Mispredict."),
	[ETM4_PKT_I_CANCEL_F2] = PKT(SPECULATION, "I_CANCEL_F2", " : Cancel Format 2."),
	[ETM4_PKT_I_CANCEL_F3] = PKT(SPECULATION, "I_CANCEL_F3", " : Cancel Format 3."),
	[ETM4_PKT_I_COND_I_F2] = PKT(PLAIN, "I_COND_I_F2", " : Conditional Instruction, format 2."),
	[ETM4_PKT_I_COND_FLUSH] = PKT(PLAIN, "I_COND_FLUSH", " : Conditional Flush."),
	[ETM4_PKT_I_COND_RES_F4] = PKT(PLAIN, "I_COND_RES_F4", " : Conditional Result, format 4."),
	[ETM4_PKT_I_COND_RES_F2] = PKT(PLAIN, "I_COND_RES_F2", " : Conditional Result, format 2."),
	[ETM4_PKT_I_COND_RES_F3] = PKT(PLAIN, "I_COND_RES_F3", " : Conditional Result, format 3."),
	[ETM4_PKT_I_COND_RES_F1] = PKT(PLAIN, "I_COND_RES_F1", " : Conditional Result, format 1."),
	[ETM4_PKT_I_COND_I_F1] = PKT(PLAIN, "I_COND_I_F1", " : Conditional Instruction, format 1."),
	[ETM4_PKT_I_COND_I_F3] = PKT(PLAIN, "I_COND_I_F3", " : Conditional Instruction, format 3."),
	[ETM4_PKT_I_IGNORE] = PKT(PLAIN, "I_IGNORE", " : Ignore."),
	[ETM4_PKT_I_EVENT] = PKT(EVENT, "I_EVENT", " : Trace Event."),
	[ETM4_PKT_I_CTXT] = PKT(CONTEXT, "I_CTXT", " : Context Packet."),
	[ETM4_PKT_I_ADDR_CTXT_L_32IS0] =
	    PKT(ADDR_CONTEXT_32, "I_ADDR_CTXT_L_32IS0", " : Address & Context, Long, 32 bit, IS0."),
	[ETM4_PKT_I_ADDR_CTXT_L_32IS1] =
	    PKT(ADDR_CONTEXT_32, "I_ADDR_CTXT_L_32IS1", " : Address & Context, Long, 32 bit, IS0."),
	[ETM4_PKT_I_ADDR_CTXT_L_64IS0] =
	    PKT(ADDR_CONTEXT_64, "I_ADDR_CTXT_L_64IS0", " : Address & Context, Long, 64 bit, IS0."),
	[ETM4_PKT_I_ADDR_CTXT_L_64IS1] =
	    PKT(ADDR_CONTEXT_64, "I_ADDR_CTXT_L_64IS1", " : Address & Context, Long, 64 bit, IS1."),
	[ETE_PKT_I_TS_MARKER] = PKT(PLAIN, "I_TS_MARKER", " : Timestamp Marker"),
	[ETM4_PKT_I_ADDR_MATCH] = PKT(ADDR_MATCH, "I_ADDR_MATCH", " : Exact Address Match."),
	[ETM4_PKT_I_ADDR_S_IS0] = PKT(ADDR_SHORT, "I_ADDR_S_IS0", " : Address, Short, IS0."),
	[ETM4_PKT_I_ADDR_S_IS1] = PKT(ADDR_SHORT, "I_ADDR_S_IS1", " : Address, Short, IS1."),
	[ETM4_PKT_I_ADDR_L_32IS0] =
	    PKT(ADDR_32, "I_ADDR_L_32IS0", " : Address, Long, 32 bit, IS0."),
	[ETM4_PKT_I_ADDR_L_32IS1] =
	    PKT(ADDR_32, "I_ADDR_L_32IS1", " : Address, Long, 32 bit, IS1."),
	[ETM4_PKT_I_ADDR_L_64IS0] =
	    PKT(ADDR_64, "I_ADDR_L_64IS0", " : Address, Long, 64 bit, IS0."),
	[ETM4_PKT_I_ADDR_L_64IS1] =
	    PKT(ADDR_64, "I_ADDR_L_64IS1", " : Address, Long, 64 bit, IS1."),
	[ETM4_PKT_I_Q] = PKT(Q, "I_Q", " : Q Packet."),
	[ETE_PKT_I_SRC_ADDR_MATCH] =
	    PKT(ADDR_MATCH, "I_SRC_ADDR_MATCH", " : Exact Source Address Match."),
	[ETE_PKT_I_SRC_ADDR_S_IS0] =
	    PKT(ADDR_SHORT, "I_SRC_ADDR_S_IS0", " : Source Address, Short, IS0."),
	[ETE_PKT_I_SRC_ADDR_S_IS1] =
	    PKT(ADDR_SHORT, "I_SRC_ADDR_S_IS1", " : Source Address, Short, IS1."),
	[ETE_PKT_I_SRC_ADDR_L_32IS0] =
	    PKT(ADDR_32, "I_SCR_ADDR_L_32IS0", " : Source Address, Long, 32 bit, IS0."),
	[ETE_PKT_I_SRC_ADDR_L_32IS1] =
	    PKT(ADDR_32, "I_SRC_ADDR_L_32IS1", " : Source Address, Long, 32 bit, IS1."),
	[ETE_PKT_I_SRC_ADDR_L_64IS0] =
	    PKT(ADDR_64, "I_SRC_ADDR_L_64IS0", " : Source Address, Long, 64 bit, IS0."),
	[ETE_PKT_I_SRC_ADDR_L_64IS1] =
	    PKT(ADDR_64, "I_SRC_ADDR_L_64IS1", " : Source Address, Long, 64 bit, IS1."),
	[ETM4_PKT_I_ATOM_F6] = PKT(ATOMS, "I_ATOM_F6", " : Atom format 6."),
	[ETM4_PKT_I_ATOM_F5] = PKT(ATOMS, "I_ATOM_F5", " : Atom format 5."),
	[ETM4_PKT_I_ATOM_F2] = PKT(ATOMS, "I_ATOM_F2", " : Atom format 2."),
	[ETM4_PKT_I_ATOM_F4] = PKT(ATOMS, "I_ATOM_F4", " : Atom format 4."),
	[ETM4_PKT_I_ATOM_F1] = PKT(ATOMS, "I_ATOM_F1", " : Atom format 1."),
	[ETM4_PKT_I_ATOM_F3] = PKT(ATOMS, "I_ATOM_F3", " : Atom format 3."),
	[ETM4_PKT_I_ASYNC] = PKT(PLAIN, "I_ASYNC", " : Alignment Synchronisation."),
	[ETM4_PKT_I_DISCARD] = PKT(PLAIN, "I_DISCARD", " : Discard."),
	[ETM4_PKT_I_OVERFLOW] = PKT(PLAIN, "I_OVERFLOW", " : Overflow."),
	[ETM4_PKT_I_NOTSYNC] = PKT(PLAIN, "I_NOT_SYNC", " : I Stream not synchronised"),
	[ETM4_PKT_I_INCOMPLETE_EOT] =
	    PKT(ERROR, "I_INCOMPLETE_EOT", " : Incomplete packet at end of trace."),
	[ETM4_PKT_I_NO_ERR_TYPE] = PKT(PLAIN, "I_NO_ERR_TYPE", " : No Error Type."),
	[ETM4_PKT_I_BAD_SEQUENCE] = PKT(ERROR, "I_BAD_SEQUENCE", " : Invalid Sequence in packet."),
	[ETM4_PKT_I_BAD_TRACEMODE] =
	    PKT(PLAIN, "I_BAD_TRACEMODE", " : Invalid Packet for trace mode."),
	[ETM4_PKT_I_RESERVED] = PKT(PLAIN, "I_RESERVED", " : Reserved Packet Header"),
	[ETM4_PKT_I_RESERVED_CFG] =
	    PKT(ERROR, "I_RESERVED_CFG", " : Reserved header for current configuration."),
	[ETE_PKT_I_PE_RESET] = PKT(PLAIN, "I_PE_RESET", " : PE Reset."),
	[ETE_PKT_I_TRANS_FAIL] = PKT(PLAIN, "I_TRANS_FAIL", " : Transaction Fail."),
};

static const struct csd_etm4_type unknown = PKT(PLAIN, "I_UNKNOWN", " : Unknown Packet Header");

const struct csd_etm4_type *
csd_etm4_type(ocsd_etmv4_i_pkt_type type)
{
	if ((unsigned)type < sizeof names / sizeof *names && names[type].p != NULL)
		return &names[type];
	return &unknown;
}

static const struct str a_exceptions[] = { STR_OF("PE Reset"), STR_OF("Debug Halt"), STR_OF("Call"),
	STR_OF("Trap"), STR_OF("System Error"), STR_OF("Reserved"), STR_OF("Inst Debug"),
	STR_OF("Data Debug"), STR_OF("Reserved"), STR_OF("Reserved"), STR_OF("Alignment"),
	STR_OF("Inst Fault"), STR_OF("Data Fault"), STR_OF("Reserved"), STR_OF("IRQ"),
	STR_OF("FIQ") };

static const struct str m_exceptions[] = { STR_OF("Reserved"), STR_OF("PE Reset"), STR_OF("NMI"),
	STR_OF("HardFault"), STR_OF("MemManage"), STR_OF("BusFault"), STR_OF("UsageFault"),
	STR_OF("Reserved"), STR_OF("Reserved"), STR_OF("Reserved"), STR_OF("Reserved"),
	STR_OF("SVC"), STR_OF("DebugMonitor"), STR_OF("Reserved"), STR_OF("PendSV"),
	STR_OF("SysTick"), STR_OF("IRQ0"), STR_OF("IRQ1"), STR_OF("IRQ2"), STR_OF("IRQ3"),
	STR_OF("IRQ4"), STR_OF("IRQ5"), STR_OF("IRQ6"), STR_OF("IRQ7"), STR_OF("DebugHalt"),
	STR_OF("LazyFP Push"), STR_OF("Lockup"), STR_OF("Reserved"), STR_OF("Reserved"),
	STR_OF("Reserved"), STR_OF("Reserved"), STR_OF("Reserved") };

char *
csd_etm4_exception(char *d, const ocsd_etmv4_i_pkt *p)
{
	unsigned type = p->exception_info.exceptionType;

	if (!p->exception_info.m_type)
		return csd_put(d, type < 16 ? a_exceptions[type] : STR("Reserved"));
	if (type >= 0x208 && type <= 0x3ef)
		return csd_put_decimal(CSD_PUT(d, "IRQ"), type - 0x200);
	return csd_put(d, type < 32 ? m_exceptions[type] : STR("Reserved"));
}

/* NS, NSE: 0 0 Secure, 1 0 Non-secure, 0 1 Root, 1 1 Realm (Arm ARM, ETE context packet). */
struct str
csd_etm4_security(const etmv4_context_t *c)
{
	if (c->NSE)
		return c->NS ? STR("Realm") : STR("Root");
	return c->NS ? STR("NS") : STR("S");
}

/* Cycle count format 2, 0000110F AAAABBBB: the commit is A + 1, with F the maximum speculation
 * depth (TRCIDR8) + A - 15. The library takes the last bit of B for F. */
const ocsd_etmv4_i_pkt *
csd_etm4_mend(const struct csd_packet *k, ocsd_etmv4_i_pkt *copy)
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
