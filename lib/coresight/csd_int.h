/* SPDX-License-Identifier: MIT */
/*
 * csd_int - shared by the files of csd: what each protocol provides, and writers of text and pairs
 *
 * Only these files know OpenCSD. A packet is printed in two ways: text() as OpenCSD's own printers
 * do (1.3.3; Realm, Root and Commit as in 1.8.0), fields() as a pkt record has it. Both use only
 * what the packet itself carries: the library's structs keep values of earlier packets. ITM, which
 * 1.3.3 does not know, is printed as by 1.8.0.
 */

#ifndef CSD_INT_H
#define CSD_INT_H

#include <opencsd/c_api/opencsd_c_api.h>

#include "base/text.h"
#include "csd.h"
#include "itm.h"

/* The title of a packet type, "NAME : description"; the form is the protocol's own. */
struct csd_name {
	const char *p;
	uint8_t n, name, form;
};

/* NOLINTNEXTLINE(bugprone-macro-parentheses): two literals become one */
#define CSD_NAME(form, word, rest)                                                                 \
	{                                                                                          \
		word rest, sizeof(word rest) - 1, sizeof(word) - 1, (form)                         \
	}

/* A protocol. Every packet struct starts with its type; UINT_MAX is not a type. */
struct csd_ops {
	unsigned sync, unsynced, overflow, bad, last_bad; /* the types that are not CSD_PACKET */
	const struct csd_name *names;                     /* by type, with gaps */
	size_t n_names;
	struct csd_name unknown;
	/* Create the library's decoder for a source; NULL for ITM, which has its own. */
	ocsd_err_t (*create)(
	    dcd_tree_handle_t, int flags, const struct csd_source *, unsigned char *id);
	char *(*text)(const struct csd_packet *, char *d);
	void (*fields)(const struct csd_packet *, struct csd_fields *);
};

extern const struct csd_ops csd_etm4_ops, csd_etm3_ops, csd_ptm_ops, csd_stm_ops, csd_itm_ops;

static inline const struct csd_name *
csd_name_of(const struct csd_ops *o, unsigned type)
{
	return type < o->n_names && o->names[type].p != NULL ? &o->names[type] : &o->unknown;
}

static inline struct str
csd_title(const struct csd_ops *o, unsigned type)
{
	const struct csd_name *name = csd_name_of(o, type);

	return (struct str){ name->p, name->n };
}

static inline struct str
csd_name(const struct csd_ops *o, unsigned type)
{
	const struct csd_name *name = csd_name_of(o, type);

	return (struct str){ name->p, name->name };
}

/* Write a label and a number at d: in decimal; as 0x and at least width digits. */
char *csd_dec(char *d, struct str label, uint64_t v);
char *csd_hex(char *d, struct str label, uint64_t v, int width);

/* A label and a number whose valid lowest bits are known. If updated is not 0, that many of them
 * are new: 0x?????1234 (15:0) ~[0x34]. */
char *csd_partial(char *d, struct str label, int bits, int valid, uint64_t v, int updated);

/* E and N, the oldest first. */
char *csd_atoms(char *d, const ocsd_pkt_atom *);

/* Add key=value to a record's info: a number in decimal or in hex; 1 if it is true; a word
 * unless it is "-", with its blanks escaped; atoms if there are any. */
void csd_info(struct csd_fields *, struct str key, uint64_t v);
void csd_info_hex(struct csd_fields *, struct str key, uint64_t v);
void csd_info_flag(struct csd_fields *, struct str key, bool);
void csd_info_word(struct csd_fields *, struct str key, struct str v);
void csd_info_atoms(struct csd_fields *, const ocsd_pkt_atom *);

/* Set the record's address, and add how many of its bits are known and new if not all are. */
void csd_info_addr(struct csd_fields *, const ocsd_pkt_vaddr *, int bits, int updated);

/* Where a decoder's output goes: packets, or elements and requests for memory. */
struct csd_sink {
	FnDefPktDataMon monitor;
	FnTraceElemIn element; /* NULL: packets only */
	Fn_MemAcc_CB memory;
	void *arg;
};

/* ITM's decoder, used as one of the library's. To be freed with free(). */
struct csd_itm *csd_itm_new(const struct csd_source *, const struct csd_sink *);
void csd_itm_process(
    struct csd_itm *, ocsd_datapath_op_t, ocsd_trc_index_t, const uint8_t *, uint32_t n);

/* A custom element of the library holds what ITM's full decode found. */
char *csd_itm_element_text(const void *, char *d);
void csd_itm_element_fields(const void *, struct csd_fields *);

/* The kind of a branch in the code of a range that is newer than the library, which goes past it;
 * NULL if there is none. */
const char *csd_newer(const struct csd_element *, const uint8_t *code, size_t n);

/* Fill in an element from the library's; fields that it does not have keep their values. */
void csd_element_fill(struct csd_element *, const ocsd_generic_trace_elem *);

#endif
