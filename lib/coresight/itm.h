/* SPDX-License-Identifier: MIT */
/*
 * itm - the bytes of an Instrumentation Trace Macrocell in, packets out
 *
 * ITM and DWT packets of Cortex-M cores and of CoreSight's ITM: Armv7-M Architecture Reference
 * Manual (ARM DDI 0403), appendix "Debug ITM and DWT Packet Protocol"; Armv8-M (DDI 0553) has the
 * same. Five zero bytes and 0x80 are the synchronisation packet whatever stands before them, since
 * no other packets make five zeros in a row.
 *
 * Nothing is dropped: put together, the bytes of all packets are those that came in.
 */

#ifndef ITM_H
#define ITM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum itm_type {
	ITM_NOTSYNC,    /* no packet: bytes in which no synchronisation was found yet */
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

/* Flags in the source of a GTS1: the clock has changed; the upper bits have, a GTS2 will tell. In
 * that of an EXTENSION: it is the hardware's. */
enum { ITM_CLOCK_CHANGE = 1, ITM_WRAP = 2, ITM_HARDWARE = 1 };

struct itm_packet {
	enum itm_type type;
	enum itm_type was; /* what a bad or incomplete packet started as */
	uint8_t source;    /* SWIT: port; DWT: discriminator; LTS1: TC; GTS1, EXTENSION: flags */
	uint8_t size;      /* of the payload, in bytes */
	uint64_t value;    /* the payload; EXTENSION, LTS2: with the bits of the header */
	uint64_t index;    /* of the first byte */
	const uint8_t *raw;
	size_t nraw;
};

/* Longer runs of zeros are no packet. */
enum { ITM_MAX = 64 };

/* To start with: all zero, but for arg and packet. */
struct itm {
	void *arg;
	void (*packet)(void *arg, const struct itm_packet *);
	bool synced;
	size_t zeros;   /* in a row, at the end of what came so far */
	uint64_t index; /* of the packet in hand */
	size_t n;       /* its bytes so far */
	uint8_t raw[ITM_MAX];
};

/* The next n bytes; they need not follow on the last index, other sources may stand between. */
void itm_feed(struct itm *, uint64_t index, const uint8_t *, size_t n);

/* A piece of trace ends: what is incomplete comes out. What is fed next is another one. */
void itm_end(struct itm *);

#endif
