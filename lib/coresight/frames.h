/* SPDX-License-Identifier: MIT */
/*
 * frames - CoreSight formatter frames to the bytes of each trace id
 *
 * A frame is 16 bytes (Arm CoreSight Architecture Specification, "Trace Formatter"): byte 15 holds
 * the lowest bit of each even byte that is data; for an even byte that is an id, its bit says
 * whether the byte after it still belongs to the previous id. A trace port also sends full syncs
 * (0x7fffffff) between frames and half syncs (0x7fff) within them. The Linux drivers write a frame
 * of four full syncs between two buffers: decoders start anew there.
 */

#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME = 16, FRAME_IDS = 128, FRAME_NO_ID = 0xff };

enum frame_layout {
	FRAMES_ALIGNED, /* consecutive frames, from the first byte on */
	FRAMES_FSYNC,   /* full syncs between frames; trace starts at the first one */
	FRAMES_HSYNC    /* half syncs within frames, too */
};

struct frames {
	enum frame_layout layout;
	bool dstream;   /* the last 8 of each 512 bytes are not trace, and have no index */
	uint64_t index; /* of the next byte in the buffer */
	/* Each of these may be NULL. */
	void *arg;
	/* n bytes of an id, 1 to 15; the index is the frame's, or the byte pair's if the id
	 * changed within the frame. FRAME_NO_ID: bytes before the first id. */
	void (*run)(void *arg, uint8_t id, uint64_t index, const uint8_t *, size_t n);
	/* Decoders start anew: a barrier of full syncs. */
	void (*barrier)(void *arg, uint64_t index);
	/* Bytes from index to next that are not a frame. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);
	/* A whole packed frame, or syncs. */
	void (*raw)(void *arg, uint64_t index, const uint8_t *, size_t n, bool sync);

	uint64_t fed; /* with dstream: bytes so far */
	uint8_t id;   /* of the next bytes; the caller sets it to FRAME_NO_ID first */
	bool synced;
	uint64_t start; /* index of the frame in part */
	size_t n;
	uint8_t part[FRAME]; /* the first n bytes of a frame */
	size_t n_carry;
	uint8_t carry[4];                /* fewer bytes than a full sync, not yet processed */
	uint64_t bytes[FRAME_IDS];       /* of each id so far */
	uint64_t lost, barriers, frames; /* bytes before the first id or sync; counts */
};

void frames_feed(struct frames *, const uint8_t *, size_t n);

/* End the trace. Part of an aligned frame is damage; a trace port may stop anywhere. */
void frames_end(struct frames *);

#endif
