/* SPDX-License-Identifier: MIT */
/*
 * csd_pkt - what csd.c and the files of one protocol each share: words for the packets of OpenCSD
 *
 * For each protocol there are two functions. text() writes a packet as OpenCSD's own printers do
 * (1.3.3; Realm, Root and Commit as 1.8.0 does), fields() tells it as a pkt record has it. Only
 * what the packet itself carries is told; the library's structs also hold what earlier packets left
 * in them.
 */

#ifndef CSD_PKT_H
#define CSD_PKT_H

#include <opencsd/c_api/opencsd_c_api.h>

#include "base/text.h"
#include "csd.h"

/* A packet type: "NAME : description", and how long NAME is. */
struct csd_name {
	const char *p;
	uint16_t n;
	uint16_t name;
};

/* STR() where C wants a constant. */
#define STR_OF(literal)                                                                            \
	{                                                                                          \
		literal, sizeof literal - 1                                                        \
	}

#define CSD_NAME(word, rest)                                                                       \
	{                                                                                          \
		word rest, sizeof word rest - 1, sizeof word - 1                                   \
	}

static inline char *
csd_put(char *d, struct str s)
{
	memcpy(d, s.p, s.n);
	return d + s.n;
}

#define CSD_PUT(d, literal) csd_put(d, STR(literal))

/* 0x and the digits of v, at least width of them. */
char *csd_put_hex(char *d, uint64_t v, int width);
char *csd_put_decimal(char *d, uint64_t v);

/* An address of which only some bits are known: 0x?????1234 (15:0), and ~[0x34] for the bits that
 * are new. */
char *csd_put_partial(char *d, int bits, int valid, uint64_t v, int updated);

/* E and N, the oldest first. */
char *csd_put_atoms(char *d, const ocsd_pkt_atom *);

/* Add key=value to a record's info: a number in decimal or in hex, a word whose blanks are escaped.
 */
void csd_info(struct csd_fields *, struct str key, uint64_t v);
void csd_info_hex(struct csd_fields *, struct str key, uint64_t v);
void csd_info_word(struct csd_fields *, struct str key, struct str v);
void csd_info_atoms(struct csd_fields *, const ocsd_pkt_atom *);
/* The address, and how much of it is known and new. */
void csd_info_addr(struct csd_fields *, const ocsd_pkt_vaddr *, int bits);

/* Why a decoder could not go on. */
const char *csd_reason(ocsd_datapath_resp_t);

/* ETMv3 and PTM. */
struct str csd_isa(ocsd_isa);
struct str csd_isync_reason(ocsd_iSync_reason);
struct str csd_v7_exception(unsigned number);

/* What the library gets wrong (1.3.3, and later ones as far as they are known), put right from the
 * packet's bytes: the packet itself, or the copy. */
const ocsd_etmv4_i_pkt *csd_etm4_mend(const struct csd_packet *, ocsd_etmv4_i_pkt *copy);
const ocsd_etmv3_pkt *csd_etm3_mend(const struct csd_packet *, ocsd_etmv3_pkt *copy);

/* commits: cycle counts commit (TRCIDR0.COMMOPT is 0). */
char *csd_etm4_text(const ocsd_etmv4_i_pkt *, bool commits, char *d);
void csd_etm4_fields(const ocsd_etmv4_i_pkt *, bool commits, struct csd_fields *);
char *csd_etm3_text(const ocsd_etmv3_pkt *, char *d);
void csd_etm3_fields(const ocsd_etmv3_pkt *, struct csd_fields *);
char *csd_ptm_text(const ocsd_ptm_pkt *, char *d);
void csd_ptm_fields(const ocsd_ptm_pkt *, struct csd_fields *);
char *csd_stm_text(const ocsd_stm_pkt *, char *d);
void csd_stm_fields(const ocsd_stm_pkt *, struct csd_fields *);

/* Where a tree's output goes: packets, or elements and requests for memory. */
struct csd_sink {
	FnDefPktDataMon monitor;
	FnTraceElemIn element; /* NULL: packets only */
	Fn_MemAcc_CB memory;
	void *arg;
};

/* A tree of the library for one source; C_API_INVALID_TREE_HANDLE where it cannot be made. */
dcd_tree_handle_t csd_tree(const struct csd_source *, const struct csd_sink *);

/* An element of the library as one of ours; what it needs to know of those before stands in it. */
void csd_element_fill(struct csd_element *, const ocsd_generic_trace_elem *);

#endif
