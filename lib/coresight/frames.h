/* SPDX-License-Identifier: MIT */
/*
 * frames - CoreSight formatter frames to the bytes of each trace id
 *
 * A frame is 16 bytes (Arm CoreSight Architecture Specification, "Trace Formatter"): byte 15 holds
 * the lowest bit of the even bytes that are data, or for an even byte that is an id whether the
 * byte behind it still belongs to the id before. A trace port also sends full syncs (0x7fffffff)
 * between frames and half syncs (0x7fff) within them. The Linux drivers put a frame of four full
 * syncs where one buffer ends and another starts: decoders start anew there.
 */

#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME = 16, FRAME_IDS = 128, FRAME_NO_ID = 0xff };

enum frame_layout {
	FRAMES_ALIGNED, /* frame behind frame, from the first byte on */
	FRAMES_FSYNC,   /* full syncs between frames; the first one is where it starts */
	FRAMES_HSYNC    /* and half syncs within */
};

struct frames {
	enum frame_layout layout;
	bool dstream;   /* the last 8 of each 512 bytes are no trace, and have no index */
	uint64_t index; /* of the next byte in the buffer */
	void *arg;
	/* n bytes of an id, 1 to 15; the index is the frame's, or the byte pair's where the id
	 * changed within. FRAME_NO_ID: those before the first id. */
	void (*run)(void *arg, uint8_t id, uint64_t index, const uint8_t *, size_t n);
	/* Decoders start anew: a barrier of full syncs. */
	void (*barrier)(void *arg, uint64_t index);
	/* Bytes from index to next that are no frame. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);
	/* May be NULL: the whole of a frame as it stands, or syncs. */
	void (*raw)(void *arg, uint64_t index, const uint8_t *, size_t n, bool sync);

	uint64_t fed; /* with dstream: bytes so far */
	uint8_t id;   /* whose bytes come now; set it to FRAME_NO_ID at the start */
	bool synced;
	uint64_t start; /* index of the frame in part */
	size_t n;
	uint8_t part[FRAME]; /* a frame of which n bytes are there */
	size_t n_carry;
	uint8_t carry[4];                /* less than a full sync, seen but not yet looked at */
	uint64_t bytes[FRAME_IDS];       /* of each id so far */
	uint64_t lost, barriers, frames; /* bytes before the first id or sync; counts */
};

void frames_feed(struct frames *, const uint8_t *, size_t n);

/* No more bytes. Part of a frame is damage; but a trace port stops where it stops. */
void frames_end(struct frames *);

#endif
