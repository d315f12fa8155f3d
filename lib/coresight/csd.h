/* SPDX-License-Identifier: MIT */
/*
 * csd - decode CoreSight trace: bytes in, packets of ETMv3, PTM, ETMv4, ETE, STM and ITM and the
 * elements of a full decode out
 *
 * One struct csd decodes one buffer: the trace of one source, or of several in CoreSight frames
 * (Arm CoreSight Architecture Specification, chapter D4). Indexes count the buffer's bytes and have
 * 64 bits. Strings and structs in packets and elements are valid during the call only.
 */

#ifndef CSD_H
#define CSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum csd_protocol { CSD_NONE, CSD_ETMV3, CSD_PTM, CSD_ETMV4, CSD_ETE, CSD_STM, CSD_ITM };

enum csd_layout {
	CSD_SINGLE, /* the bytes of one source */
	CSD_FRAMES, /* frames of 16 bytes, memory aligned */
	CSD_FSYNC,  /* frames with full syncs between them (TPIU) */
	CSD_HSYNC,  /* and half syncs within (TPIU, 16 bit ports) */
	CSD_DSTREAM /* full syncs, in blocks of 512 bytes whose last 8 are not trace */
};

/* Their names in options and records. */
extern const char *const csd_layout_names[CSD_DSTREAM + 1];

/* A source's registers by purpose: the first name is ETMv4's and ETE's, the second ETMv3's and
 * PTM's, then STM's and ITM's. */
enum csd_register {
	CSD_CONFIGR, /* TRCCONFIGR, ETMCR, STMTCSR, ITMTCR */
	CSD_TRACEIDR,
	CSD_IDR0, /* TRCIDR0, ETMIDR */
	CSD_IDR1, /* TRCIDR1, ETMCCER */
	CSD_IDR2,
	CSD_IDR8,
	CSD_DEVARCH,
	CSD_REGISTERS
};

/* The architecture of the core; CSD_AA64 is anything after 8.3. */
enum csd_arch { CSD_AA64, CSD_V7, CSD_V8, CSD_V8_3 };

struct csd_source {
	enum csd_protocol protocol;
	uint8_t id; /* CoreSight trace ID, 1 to 0x6f */
	enum csd_arch arch;
	bool m_profile; /* a Cortex-M */
	int32_t cpu;    /* -1 if unknown */
	uint32_t reg[CSD_REGISTERS];
};

/* What a packet means for the packets after it. */
enum csd_class {
	CSD_PACKET,
	CSD_SYNC,     /* the next ones are synchronised */
	CSD_UNSYNCED, /* no packet: bytes before the first point of synchronisation */
	CSD_BAD,      /* the next ones are suspect until the next CSD_SYNC */
	CSD_OVERFLOW, /* the source dropped trace here */
	CSD_END       /* no packet: the end of the source's trace */
};

struct csd_packet {
	const struct csd_source *source;
	enum csd_class class;
	bool suspect;     /* between a bad packet and the next CSD_SYNC */
	bool loses;       /* a bad packet that is not suspect */
	bool cut;         /* the trace ended within it */
	uint64_t index;   /* of its first byte; in frames of its pair of bytes */
	const void *what; /* private */
	const uint8_t *raw;
	size_t nraw;
};

enum { CSD_TEXT = 1024, CSD_NO_ID = 0xff };

/* The fields of a record. */
struct csd_fields {
	struct str type; /* of a packet: ARM's name */
	bool has_addr;
	uint64_t addr;
	int8_t el; /* exception level after the packet, -1 if unknown */
	bool has_contextid, has_vmid;
	uint32_t contextid, vmid; /* new with this packet */
	bool has_ts;              /* ETMv4 and ETE */
	uint64_t ts;
	size_t n;
	char info[CSD_TEXT]; /* key=value pairs */
};

/* Print a packet at d, which has room for CSD_TEXT, as OpenCSD's printer does. Returns the length.
 */
size_t csd_text(const struct csd_packet *, char *d);
void csd_fields(const struct csd_packet *, struct csd_fields *);

/* The elements of a full decode: OpenCSD's generic elements, with shorter names. */
enum csd_flow {
	CSD_NO_SYNC,
	CSD_TRACE_ON,
	CSD_END_OF_TRACE,
	CSD_CONTEXT,
	CSD_RANGE,        /* consecutive instructions, up to a branch or what else ends them */
	CSD_RANGE_NOPATH, /* instructions between two addresses, on an unknown path */
	CSD_NO_ACCESS,    /* code that is in no image */
	CSD_NO_ADDRESS,
	CSD_EXCEPTION,
	CSD_EXCEPTION_RETURN,
	CSD_TIMESTAMP,
	CSD_CYCLES,
	CSD_EVENT,
	CSD_SOFTWARE, /* STM */
	CSD_ITMTRACE, /* all of ITM */
	CSD_MARKER,
	CSD_TRANSACTION,
	CSD_INSTRUMENTATION, /* FEAT_ITE */
	CSD_OTHER_FLOW
};

struct csd_element {
	const struct csd_source *source;
	uint64_t index; /* of the packet that it comes from */
	enum csd_flow flow;
	bool has_addr;
	uint64_t addr, end; /* range; exception: addr is the return address */
	uint64_t n;         /* instructions */
	int8_t el;          /* exception level, -1 if unknown */
	bool taken;         /* the last instruction ran */
	struct str isa;     /* A64 A32 T32 .. */
	struct str branch;  /* the kind of the last instruction, "-" for most */
	bool has_contextid, has_vmid;
	uint32_t contextid, vmid;
	const void *what; /* private */
};

/* As csd_text() and csd_fields(). */
size_t csd_element_text(const struct csd_element *, char *d);
void csd_element_fields(const struct csd_element *, struct csd_fields *);

struct csd_handler {
	void *arg;
	void (*packet)(void *arg, const struct csd_packet *);
	/* The bytes from index up to next could not be decoded. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);
	/* What this version of the library decodes wrongly, from index on; once for each kind. */
	void (*doubt)(void *arg, uint64_t index, const char *what);
	/* The frames, and the bytes of each ID in them (CSD_NO_ID: before the first). May be NULL.
	 */
	void (*frame)(void *arg, uint64_t index, const uint8_t *, size_t n, bool sync);
	void (*bytes)(void *arg, uint64_t index, uint8_t id, const uint8_t *, size_t n);
	/* If element is not NULL, a full decode gives elements besides packets. memory(), which may
	 * be NULL, reads up to n bytes of code at addr in the spaces (enum csd_space, or'ed) and
	 * returns their number. */
	void (*element)(void *arg, const struct csd_element *);
	size_t (*memory)(void *arg, const struct csd_source *, uint64_t addr, unsigned space,
	    uint8_t *, size_t n);
};

/* Exception levels by security state: secure, non-secure, Realm, Root. EL1 includes EL0. */
enum csd_space {
	CSD_EL1S = 1,
	CSD_EL1N = 2,
	CSD_EL2 = 4,
	CSD_EL3 = 8,
	CSD_EL2S = 16,
	CSD_EL1R = 32,
	CSD_EL2R = 64,
	CSD_ROOT = 128,
	CSD_ANY_SPACE = 255
};

/* "OpenCSD 1.3.3": the library that decodes. */
const char *csd_library(void);

struct csd;

struct csd_stats {
	uint64_t bytes;      /* of the buffer */
	uint64_t trace[128]; /* bytes of each trace ID; those of a SINGLE buffer are ID 0's */
	uint64_t no_id;      /* bytes before the first ID or frame */
	uint64_t barriers;   /* places at which all decoders were reset */
	uint64_t packets, unsynced, bad, suspect, overflows; /* unsynced in bytes */
	uint64_t whole;                                      /* packets that are good */
	uint64_t first_bad;                                  /* index of the first bad packet */
	uint64_t faults;                                     /* calls of damage() */
};

/* Start to decode a buffer whose first byte has this index. Sources and handler are copied. Returns
 * NULL and sets *why if that is not possible. */
struct csd *csd_open(enum csd_layout, uint64_t index, const struct csd_source *, size_t n,
    const struct csd_handler *, const char **why);

/* Decode the next n bytes. */
void csd_feed(struct csd *, const uint8_t *, size_t n);

/* No more bytes: incomplete packets come out. */
void csd_end(struct csd *);
void csd_free(struct csd *);

const struct csd_stats *csd_stats(const struct csd *);

/* The ID of the next byte in frames, CSD_NO_ID if unknown; it can be set. */
uint8_t *csd_frame_id(struct csd *);

/* Whether a source with this trace ID is decoded. */
bool csd_knows(const struct csd *, uint8_t id);

#endif
