/* SPDX-License-Identifier: MIT */
/* csd_etm4 - the packet types of ETMv4 and ETE, for the files csd_etm4*.c */

#ifndef CSD_ETM4_H
#define CSD_ETM4_H

#include "csd_pkt.h"

/* What stands behind the description. */
enum csd_etm4_form {
	PLAIN,
	ADDR_SHORT,
	ADDR_32,
	ADDR_64,
	ADDR_MATCH,
	ADDR_CONTEXT_32,
	ADDR_CONTEXT_64,
	CONTEXT,
	ATOMS,
	EXCEPTION,
	TIMESTAMP,
	TRACE_INFO,
	CYCLES,
	COMMIT,
	SPECULATION,
	Q,
	EVENT,
	MARKER,
	ERROR
};

struct csd_etm4_type {
	const char *p; /* "NAME : description" */
	uint8_t n, name, form;
};

const struct csd_etm4_type *csd_etm4_type(ocsd_etmv4_i_pkt_type);

/* What ARM calls the exception of an I_EXCEPT; S, NS, Root or Realm. */
char *csd_etm4_exception(char *d, const ocsd_etmv4_i_pkt *);
struct str csd_etm4_security(const etmv4_context_t *);

#endif
