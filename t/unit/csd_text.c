/* SPDX-License-Identifier: MIT */
/*
 * Packets of all types with all their fields at random, printed by us and by OpenCSD: the same
 * bytes, but where OpenCSD's words are known to be wrong.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coresight/csd_pkt.h"

enum { ROUNDS = 400, ERRORS = 5 };

struct random {
	uint64_t state;
};

static uint64_t
next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

static void
fill(struct random *r, void *p, size_t n)
{
	unsigned char *d = p;

	while (n-- > 0)
		*d++ = (unsigned char)(next(r) >> 20);
}

/* Bits of an address: some, or all. */
static void
address(struct random *r, ocsd_pkt_vaddr *a, bool wide)
{
	static const uint8_t bits[] = { 9, 12, 17, 32, 48, 64 };
	int top = wide ? 6 : 4;

	a->size = wide && next(r) % 2 ? VA_64BIT : VA_32BIT;
	top = a->size == VA_64BIT ? top : 4;
	a->valid_bits = bits[next(r) % (unsigned)top];
	a->pkt_bits = next(r) % 3 == 0 ? 0 : bits[next(r) % (unsigned)top];
	a->val = next(r) >> (next(r) % 60);
	if (a->size == VA_32BIT)
		a->val &= UINT32_MAX;
}

static void
etm4(struct random *r, ocsd_etmv4_i_pkt *p, int type)
{
	fill(r, p, sizeof *p);
	p->type = (ocsd_etmv4_i_pkt_type)type;
	p->err_type = (ocsd_etmv4_i_pkt_type)(next(r) % 0x410);
	address(r, &p->v_addr, true);
	p->atom.num %= 25;
	p->context.NSE = 0; /* 1.3.3 knows no Realm and no Root */
	p->protocol_version = next(r) % 2 ? 0x50 : 0x42;
	p->context.ctxtID >>= next(r) % 32;
	p->trace_info.val >>= next(r) % 32;
}

static void
etm3(struct random *r, ocsd_etmv3_pkt *p, int type)
{
	fill(r, p, sizeof *p);
	p->type = (ocsd_etmv3_pkt_type)type;
	p->err_type = (ocsd_etmv3_pkt_type)(next(r) % 26);
	address(r, &p->addr, false);
	address(r, &p->data.addr, false);
	p->curr_isa = (ocsd_isa)(next(r) % 7);
	p->prev_isa = (ocsd_isa)(next(r) % 7);
	p->isync_info.reason = (ocsd_iSync_reason)(next(r) % 4);
	p->exception.number = (uint16_t)(next(r) % 16);
	if (p->exception.bits.cm_type && next(r) % 2)
		p->exception.number += 0x18; /* 16 to 23 are names of the wrong place in 1.3.3 */
	p->atom.num %= 25;
	p->p_hdr_fmt = 1 + p->p_hdr_fmt % 3;
	p->cycle_count %= 9;
}

static void
ptm(struct random *r, ocsd_ptm_pkt *p, int type)
{
	fill(r, p, sizeof *p);
	p->type = (ocsd_ptm_pkt_type)type;
	p->err_type = (ocsd_ptm_pkt_type)(next(r) % 20);
	address(r, &p->addr, false);
	p->curr_isa = (ocsd_isa)(next(r) % 7);
	p->prev_isa = (ocsd_isa)(next(r) % 7);
	p->i_sync_reason = (ocsd_iSync_reason)(next(r) % 4);
	p->exception.number %= 24;
	p->atom.num %= 25;
	p->ts_update_bits %= 65;
	p->context.ctxtID >>= next(r) % 32;
}

static void
stm(struct random *r, ocsd_stm_pkt *p, int type)
{
	fill(r, p, sizeof *p);
	p->type = (ocsd_stm_pkt_type)type;
	p->err_type = (ocsd_stm_pkt_type)(next(r) % 22);
	p->pkt_ts_bits %= 65;
	p->pkt_has_ts %= 2;
	p->pkt_has_marker %= 2;
	if (type >= STM_PKT_D4 && type <= STM_PKT_D64 && next(r) % 2)
		p->payload.D64 = 0;
}

static bool
same(ocsd_trace_protocol_t protocol, const void *p, const char *ours, size_t n)
{
	char theirs[1024] = "";

	ocsd_pkt_str(protocol, p, theirs, sizeof theirs);
	if (strlen(theirs) == n && memcmp(theirs, ours, n) == 0)
		return true;
	printf("# ours   \"%.*s\"\n# theirs \"%s\"\n", (int)n, ours, theirs);
	return false;
}

/* One random packet of a type, printed by both. */
static bool
check(struct random *r, int protocol, int type)
{
	ocsd_etmv4_i_pkt e4;
	ocsd_etmv3_pkt e3;
	ocsd_ptm_pkt pt;
	ocsd_stm_pkt st;
	char d[CSD_TEXT];

	switch (protocol) {
	case 0:
		etm4(r, &e4, type);
		return same(
		    OCSD_PROTOCOL_ETMV4I, &e4, d, (size_t)(csd_etm4_text(&e4, false, d) - d));
	case 1:
		etm3(r, &e3, type);
		return same(OCSD_PROTOCOL_ETMV3, &e3, d, (size_t)(csd_etm3_text(&e3, d) - d));
	case 2:
		ptm(r, &pt, type);
		return same(OCSD_PROTOCOL_PTM, &pt, d, (size_t)(csd_ptm_text(&pt, d) - d));
	default:
		stm(r, &st, type);
		return same(OCSD_PROTOCOL_STM, &st, d, (size_t)(csd_stm_text(&st, d) - d));
	}
}

int
main(void)
{
	static const struct {
		const char *name;
		int types, skip;
	} protocols[] = { { "ETMv4 and ETE", 0x410, -1 }, { "ETMv3", 26, ETM3_PKT_VMID },
		{ "PTM", 20, PTM_PKT_VMID }, { "STM", 22, -1 } };
	struct random r = { 88172645463325252 };
	int i, type, round, bad;

	printf("1..4\n");
	for (i = 0; i < 4; i++) {
		bad = 0;
		for (type = 0; type < protocols[i].types; type++)
			for (round = 0; round < ROUNDS && bad < ERRORS; round++)
				bad += type != protocols[i].skip && !check(&r, i, type);
		printf("%sok %d - %s packets print as OpenCSD prints them\n", bad > 0 ? "not " : "",
		    i + 1, protocols[i].name);
	}
	return 0;
}
