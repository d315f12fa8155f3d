/* SPDX-License-Identifier: MIT */
/*
 * csd_pkt - what csd.c and the files of one protocol each share: words for the packets of OpenCSD
 *
 * For each protocol there are two functions. text() writes a packet as OpenCSD's own printers do
 * (1.3.3; Realm, Root and Commit as 1.8.0 does), fields() tells it as a pkt record has it. Only
 * what the packet itself carries is told; the library's structs also hold what earlier packets left
 * in them. ITM, which 1.3.3 does not know, is as 1.8.0 lists it.
 */

#ifndef CSD_PKT_H
#define CSD_PKT_H

#include <opencsd/c_api/opencsd_c_api.h>

#include "base/text.h"
#include "csd.h"
#include "itm.h"

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

/* The name of a packet type in a table with gaps. */
const struct csd_name *csd_name_of(
    const struct csd_name *, size_t n, unsigned type, const struct csd_name *unknown);

/* ETMv3 and PTM: the instruction set, the security state and Hyp mode, reasons. */
struct str csd_isa(ocsd_isa);
char *csd_put_isa(char *d, ocsd_isa);
char *csd_put_state(char *d, bool ns, bool hyp);
void csd_info_state(struct csd_fields *, bool ns, bool hyp);
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
char *csd_itm_text(const struct itm_packet *, char *d);
void csd_itm_fields(const struct itm_packet *, struct csd_fields *);
enum csd_class csd_itm_class(const struct itm_packet *);
bool csd_itm_is_page(const struct itm_packet *); /* which ports the SWIT packets that follow mean */

/* Where a decoder's output goes: packets, or elements and requests for memory. */
struct csd_sink {
	FnDefPktDataMon monitor;
	FnTraceElemIn element; /* NULL: packets only */
	Fn_MemAcc_CB memory;
	void *arg;
};

/* One source's decoder: a tree of the library, so that one source's trouble is no other's, and so
 * that the library's buffers never mix the memory of two; for ITM our own. */
struct csd_decoder {
	dcd_tree_handle_t tree;
	struct csd_itm *itm; /* NULL for all others */
};

/* False where the library has no decoder for it. */
bool csd_decoder_open(struct csd_decoder *, const struct csd_source *, const struct csd_sink *);
void csd_decoder_close(struct csd_decoder *);

/* To be freed with free(). */
struct csd_itm *csd_itm_new(const struct csd_source *, const struct csd_sink *);
void csd_itm_process(
    struct csd_itm *, ocsd_datapath_op_t, ocsd_trc_index_t, const uint8_t *, uint32_t n);

/* As ocsd_dt_process_data(). */
static inline ocsd_datapath_resp_t
csd_process(const struct csd_decoder *d, ocsd_datapath_op_t op, ocsd_trc_index_t index, uint32_t n,
    const uint8_t *p, uint32_t *used)
{
	if (d->itm == NULL)
		return ocsd_dt_process_data(d->tree, op, index, n, p, used);
	csd_itm_process(d->itm, op, index, p, n);
	if (used != NULL)
		*used = n;
	return OCSD_RESP_CONT;
}

/* What a decode of ITM finds, behind the pointer of a custom element. */
struct csd_itm_element {
	const struct itm_packet *packet;
	uint64_t port; /* SWIT: with its page */
	uint64_t ts;   /* local: since the last overflow; global: whole */
	bool overflow; /* trace was dropped before it */
};

char *csd_itm_element_text(const struct csd_itm_element *, char *d);
void csd_itm_element_fields(const struct csd_itm_element *, struct csd_fields *);

/* An element of the library as one of ours; what it needs to know of those before stands in it. */
void csd_element_fill(struct csd_element *, const ocsd_generic_trace_elem *);

#endif
