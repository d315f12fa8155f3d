/* SPDX-License-Identifier: MIT */

#include "csd_pkt.h"

char *
csd_put_hex(char *d, uint64_t v, int width)
{
	int digits = v == 0 ? 1 : (67 - __builtin_clzll(v)) / 4;

	*d++ = '0';
	*d++ = 'x';
	for (; width > digits; width--)
		*d++ = '0';
	return d + text_put_hex(d, v);
}

char *
csd_put_decimal(char *d, uint64_t v)
{
	return d + text_put_u64(d, v);
}

/* Upper-case digits, at least width of them. */
static char *
put_upper(char *d, uint64_t v, int width)
{
	int digits = v == 0 ? 1 : (67 - __builtin_clzll(v)) / 4, i;

	digits = digits < width ? width : digits;
	for (i = digits; i-- > 0; v >>= 4)
		d[i] = "0123456789ABCDEF"[v & 15];
	return d + digits;
}

char *
csd_put_partial(char *d, int bits, int valid, uint64_t v, int updated)
{
	int digits = (valid + 3) / 4, i;

	d = CSD_PUT(d, "0x");
	for (i = digits; i < bits / 4; i++)
		*d++ = '?';
	d = put_upper(d, valid > 32 ? v : (uint32_t)v, digits);
	if (valid < bits) {
		d = CSD_PUT(d, " (");
		d += text_put_s64(d, valid - 1);
		d = CSD_PUT(d, ":0)");
	}
	if (updated > 0) {
		d = CSD_PUT(d, " ~[0x");
		d = put_upper(d, v & UINT64_MAX >> (64 - updated), 1);
		*d++ = ']';
	}
	return d;
}

char *
csd_put_atoms(char *d, const ocsd_pkt_atom *a)
{
	uint32_t bits = a->En_bits;
	int i;

	for (i = 0; i < a->num; i++, bits >>= 1)
		*d++ = bits & 1 ? 'E' : 'N';
	return d;
}

static char *
info_key(struct csd_fields *f, struct str key)
{
	char *d = f->info + f->n;

	if (f->n > 0)
		*d++ = ' ';
	d = csd_put(d, key);
	*d++ = '=';
	return d;
}

static void
info_end(struct csd_fields *f, const char *d)
{
	f->n = (size_t)(d - f->info);
}

void
csd_info(struct csd_fields *f, struct str key, uint64_t v)
{
	info_end(f, csd_put_decimal(info_key(f, key), v));
}

void
csd_info_hex(struct csd_fields *f, struct str key, uint64_t v)
{
	info_end(f, csd_put_hex(info_key(f, key), v, 1));
}

void
csd_info_word(struct csd_fields *f, struct str key, struct str v)
{
	char *d = info_key(f, key);

	info_end(f, d + text_escape(d, v.p, v.n, " "));
}

void
csd_info_atoms(struct csd_fields *f, const ocsd_pkt_atom *a)
{
	if (a->num > 0)
		info_end(f, csd_put_atoms(info_key(f, STR("atoms")), a));
}

void
csd_info_addr(struct csd_fields *f, const ocsd_pkt_vaddr *a, int bits)
{
	f->has_addr = true;
	f->addr = a->val;
	if (a->valid_bits < bits) {
		f->addr &= a->valid_bits == 0 ? 0 : UINT64_MAX >> (64 - a->valid_bits);
		csd_info(f, STR("valid"), a->valid_bits);
	}
	if (a->pkt_bits > 0 && a->pkt_bits < bits)
		csd_info(f, STR("updated"), a->pkt_bits);
}

const struct csd_name *
csd_name_of(const struct csd_name *names, size_t n, unsigned type, const struct csd_name *unknown)
{
	return type < n && names[type].p != NULL ? &names[type] : unknown;
}

char *
csd_put_isa(char *d, ocsd_isa isa)
{
	return CSD_PUT(csd_put(CSD_PUT(d, "ISA="), csd_isa(isa)), "; ");
}

char *
csd_put_state(char *d, bool ns, bool hyp)
{
	d = ns ? CSD_PUT(d, "NS; ") : CSD_PUT(d, "S; ");
	return hyp ? CSD_PUT(d, "Hyp; ") : d;
}

void
csd_info_state(struct csd_fields *f, bool ns, bool hyp)
{
	csd_info_word(f, STR("security"), ns ? STR("NS") : STR("S"));
	if (hyp)
		csd_info(f, STR("hyp"), 1);
}

struct str
csd_isa(ocsd_isa isa)
{
	static const struct str names[] = { STR_OF("ARM(32)"), STR_OF("Thumb2"), STR_OF("AArch64"),
		STR_OF("ThumbEE"), STR_OF("Jazelle") };

	return (unsigned)isa < 5 ? names[isa] : STR("Unknown");
}

struct str
csd_isync_reason(ocsd_iSync_reason reason)
{
	static const struct str names[] = { STR_OF("Periodic"), STR_OF("Trace Enable"),
		STR_OF("Restart Overflow"), STR_OF("Debug Exit") };

	return names[reason & 3];
}

struct str
csd_v7_exception(unsigned number)
{
	static const struct str names[] = { STR_OF("No Exception"), STR_OF("Debug Halt"),
		STR_OF("SMC"), STR_OF("Hyp"), STR_OF("Async Data Abort"), STR_OF("Jazelle"),
		STR_OF("Reserved"), STR_OF("Reserved"), STR_OF("PE Reset"),
		STR_OF("Undefined Instr"), STR_OF("SVC"), STR_OF("Prefetch Abort"),
		STR_OF("Data Fault"), STR_OF("Generic"), STR_OF("IRQ"), STR_OF("FIQ") };

	return number < 16 ? names[number] : STR("Unknown");
}

const char *
csd_reason(ocsd_datapath_resp_t resp)
{
	switch (resp) {
	case OCSD_RESP_FATAL_NOT_INIT:
		return "the full decoder does not take trace that was made so";
	case OCSD_RESP_FATAL_INVALID_OP:
		return "the decoder refused the operation";
	case OCSD_RESP_FATAL_INVALID_PARAM:
		return "the decoder refused the block";
	case OCSD_RESP_FATAL_INVALID_DATA:
		return "invalid trace data";
	default:
		return "the decoder failed";
	}
}
