/* SPDX-License-Identifier: MIT */
/*
 * itm - the bytes of an Instrumentation Trace Macrocell in, packets out
 *
 * ITM and DWT packets of Cortex-M cores and of CoreSight's ITM: Armv7-M Architecture Reference
 * Manual (ARM DDI 0403), appendix "Debug ITM and DWT Packet Protocol"; Armv8-M (DDI 0553) has the
 * same. Five zero bytes and 0x80 are the synchronisation packet whatever precedes them, since no
 * other packets make five zeros in a row.
 *
 * Nothing is dropped: the bytes of all packets together are the input.
 */

#ifndef ITM_H
#define ITM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum itm_type {
	ITM_NOTSYNC,    /* no packet: bytes before the first synchronisation */
	ITM_INCOMPLETE, /* the trace ends within it */
	ITM_ASYNC,
	ITM_OVERFLOW,
	ITM_SWIT, /* a write to a stimulus port */
	ITM_DWT,  /* of the hardware: the Data Watchpoint and Trace unit */
	ITM_LTS1, /* local timestamps */
	ITM_LTS2,
	ITM_GTS1, /* global timestamp: bits 25:0 */
	ITM_GTS2, /* and those above */
	ITM_EXTENSION,
	ITM_BAD_SEQUENCE,
	ITM_RESERVED
};

/* The lowest bits of the global timestamp, which GTS1 packets have. */
enum { ITM_GTS1_BITS = 26 };

/* Flags in a packet's source. GTS1: the clock changed; the upper bits changed, and a GTS2 follows.
 * EXTENSION: it is the hardware's. */
enum { ITM_CLOCK_CHANGE = 1, ITM_WRAP = 2, ITM_HARDWARE = 1 };

struct itm_packet {
	enum itm_type type;
	enum itm_type was; /* the type that a bad or incomplete packet started as */
	uint8_t source;    /* SWIT: port; DWT: discriminator; LTS1: TC; GTS1, EXTENSION: flags */
	uint8_t size;      /* of the payload, in bytes */
	uint64_t value;    /* the payload; EXTENSION, LTS2: with the bits of the header */
	uint64_t index;    /* of the first byte */
	const uint8_t *raw;
	size_t nraw;
};

/* The longest packet; longer runs of zeros are bad. */
enum { ITM_MAX = 64 };

/* Starts as zero except for arg and packet. */
struct itm {
	void *arg;
	void (*packet)(void *arg, const struct itm_packet *);
	bool synced;
	size_t zeros;   /* in a row, at the end of the input so far */
	uint64_t index; /* of the current packet */
	size_t n;       /* its bytes so far */
	uint8_t raw[ITM_MAX];
};

/* Parse the next n bytes; the index may jump, since the bytes of other sources may lie between. */
void itm_feed(struct itm *, uint64_t index, const uint8_t *, size_t n);

/* End a piece of trace: an incomplete packet comes out. The next bytes start another piece. */
void itm_end(struct itm *);

#endif
