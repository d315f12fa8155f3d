/* SPDX-License-Identifier: MIT */
/*
 * csd - CoreSight trace: bytes in, packets of ETMv3, PTM, ETMv4, ETE, STM and ITM out; csd.c and
 * csd_*.c alone know OpenCSD
 *
 * One struct csd decodes one buffer: trace of one source, or of several in CoreSight frames (Arm
 * CoreSight Architecture Specification, chapter D4). Indexes count the buffer's bytes and are 64
 * bits wide.
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
	CSD_DSTREAM /* blocks of 512 bytes, the last 8 of each no trace; full syncs in the rest */
};

/* The registers that say how a source was programmed, by what they are for: the first name is
 * ETMv4's and ETE's, the second ETMv3's and PTM's, then STM's and ITM's. */
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

/* The architecture of the core; what is newer than 8.3 is CSD_AA64. */
enum csd_arch { CSD_AA64, CSD_V7, CSD_V8, CSD_V8_3 };

struct csd_source {
	enum csd_protocol protocol;
	uint8_t id; /* CoreSight trace id, 1 .. 0x6f */
	enum csd_arch arch;
	bool m_profile; /* a Cortex-M */
	int32_t cpu;    /* -1 where unknown */
	uint32_t reg[CSD_REGISTERS];
};

/* What a packet means for those around it. */
enum csd_class {
	CSD_PACKET,
	CSD_SYNC,     /* what follows is in step */
	CSD_UNSYNCED, /* no packet: bytes in which no point of synchronisation was found yet */
	CSD_BAD,      /* what follows is suspect until the next CSD_SYNC */
	CSD_OVERFLOW, /* the source dropped trace here, and says so */
	CSD_END       /* no packet: the end of the source's trace */
};

struct csd_packet {
	const struct csd_source *source;
	enum csd_class class;
	bool suspect;     /* between a bad packet and the next CSD_SYNC */
	bool loses;       /* a bad packet that is not between those */
	bool cut;         /* the trace ended within it */
	uint64_t index;   /* of its first byte; within a frame to the byte's pair */
	const void *what; /* the library's own struct, or ITM's */
	const uint8_t *raw;
	size_t nraw;
};

enum { CSD_TEXT = 1024, CSD_NO_ID = 0xff };

/* A packet as a record has it. */
struct csd_fields {
	struct str type; /* ARM's name of the packet type */
	bool has_addr;
	uint64_t addr;
	int8_t el; /* exception level after the packet, -1 where unknown */
	bool has_contextid, has_vmid;
	uint32_t contextid, vmid; /* as the packet brings them */
	size_t n;
	char info[CSD_TEXT]; /* key=value pairs */
};

/* The line that OpenCSD's printers make of a packet, behind the tab: its length. d holds CSD_TEXT.
 */
size_t csd_text(const struct csd_packet *, char *d);
void csd_fields(const struct csd_packet *, struct csd_fields *);

/* What a full decode finds; the names are OpenCSD's generic elements, in short. */
enum csd_flow {
	CSD_NO_SYNC,
	CSD_TRACE_ON,
	CSD_END_OF_TRACE,
	CSD_CONTEXT,
	CSD_RANGE,        /* instructions in a row, the last one a branch or what ends a row else */
	CSD_RANGE_NOPATH, /* between two addresses, on a way that is not known */
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
	CSD_OTHER_FLOW
};

struct csd_element {
	const struct csd_source *source;
	uint64_t index; /* of the packet that it comes from */
	enum csd_flow flow;
	bool has_addr;
	uint64_t addr, end; /* range; exception: addr is where it returns to */
	uint64_t n;         /* instructions */
	int8_t el;          /* exception level, -1 where unknown */
	bool taken;
	struct str isa, branch; /* A64 A32 T32 ..; what the last instruction is, "-" */
	bool has_contextid, has_vmid;
	uint32_t contextid, vmid;
	const void *what; /* the library's own struct */
};

struct csd_handler {
	void *arg;
	void (*packet)(void *arg, const struct csd_packet *);
	/* Bytes that could not be decoded: from index to the next, and why. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);
	/* The frames as they are, and the bytes of each id in them (CSD_NO_ID: before the first);
	 * may be NULL. */
	void (*frame)(void *arg, uint64_t index, const uint8_t *, size_t n, bool sync);
	void (*bytes)(void *arg, uint64_t index, uint8_t id, const uint8_t *, size_t n);
	/* Not NULL: a full decode, beside the packets. Its code comes from memory(): n bytes at
	 * addr, as far as there are any, as seen from a space (enum csd_space, or'ed): how many. */
	void (*element)(void *arg, const struct csd_element *);
	size_t (*memory)(void *arg, const struct csd_source *, uint64_t addr, unsigned space,
	    uint8_t *, size_t n);
};

/* Secure and non-secure exception levels. */
enum csd_space {
	CSD_EL1S = 1,
	CSD_EL1N = 2,
	CSD_EL2 = 4,
	CSD_EL3 = 8,
	CSD_EL2S = 16,
	CSD_ANY_SPACE = 31
};

/* The line that OpenCSD's printers make of an element; its type and pairs for a record. */
size_t csd_element_text(const struct csd_element *, char *d);
void csd_element_fields(const struct csd_element *, struct csd_fields *);

struct csd;

struct csd_stats {
	uint64_t bytes;      /* of the buffer */
	uint64_t trace[128]; /* of each trace id; a SINGLE buffer's are id 0's */
	uint64_t no_id;      /* before the first id or frame */
	uint64_t barriers;   /* where decoders started anew */
	uint64_t packets, unsynced, bad, suspect, overflows; /* unsynced in bytes */
	uint64_t first_bad;                                  /* its index */
	uint64_t faults;                                     /* calls of damage() */
};

/* Decode a buffer whose first byte has this index. NULL where that cannot be: *why says why.
 * Sources and handler are copied. */
struct csd *csd_open(enum csd_layout, uint64_t index, const struct csd_source *, size_t n,
    const struct csd_handler *, const char **why);

/* The next n bytes. */
void csd_feed(struct csd *, const uint8_t *, size_t n);

/* No more bytes: what is incomplete comes out. */
void csd_end(struct csd *);
void csd_free(struct csd *);

const struct csd_stats *csd_stats(const struct csd *);

/* Whose bytes come next in the frames, CSD_NO_ID where that is not known; it can be set. */
uint8_t *csd_frame_id(struct csd *);

/* Whether a source with this trace id is decoded. */
bool csd_knows(const struct csd *, uint8_t id);

/* The library's version, such as "1.3.3". */
const char *csd_version(void);

#endif
