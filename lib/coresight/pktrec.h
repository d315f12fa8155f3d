/* SPDX-License-Identifier: MIT */
/*
 * pktrec - write trace packets, or what a full decode finds, as records or as the lines of
 * OpenCSD's lister
 *
 * Packets come out in the order in which the decoder finds them. The task is the first of these
 * that is known: the last context packet's, if the caller knows its context ID; the task on the
 * source's CPU; the buffer's owner.
 */

#ifndef PKTREC_H
#define PKTREC_H

#include "base/out.h"
#include "csd.h"
#include "rec/rec.h"

struct pktrec {
	/* What to write, set before the first buffer. */
	struct out *out;
	struct str machine;
	bool lister;   /* lines of OpenCSD's lister, not records */
	bool raw;      /* with the packets' bytes */
	bool packets;  /* the packets */
	bool decode;   /* what ran */
	bool frames;   /* the frames that hold the packets; without lister nothing else */
	bool branches; /* what ran as samples with call stacks */
	bool bare;     /* there are no processes: every address has mode k */
	bool zero_id;  /* the lister's lines have ID:0, whatever the source's id */

	/* The caller's; each may be NULL. */
	void *arg;
	/* The task that a context ID names: set pid and tid if it is known. */
	void (*task)(void *arg, uint32_t contextid, int32_t *pid, int32_t *tid);
	/* The task that a CPU traces, for a buffer with the trace of several CPUs. */
	void (*on_cpu)(void *arg, int32_t cpu, int32_t *pid, int32_t *tid);
	/* The time of a timestamp, -1 if it is none. If it is NULL, records have the buffer's t;
	 * otherwise the time of their source's last timestamp. */
	int64_t (*time)(void *arg, uint64_t timestamp);
	/* Code of a task for a full decode, as csd_handler's memory(). */
	size_t (*memory)(
	    void *arg, int32_t pid, unsigned space, uint64_t addr, uint8_t *, size_t n);
	/* What could not be decoded; a gap record is written as well. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);
	/* As csd_handler's. */
	void (*doubt)(void *arg, uint64_t index, const char *what);

	/* The buffer, set before each. */
	int64_t t;        /* REC_NO_NS if unknown */
	int32_t cpu;      /* -1: the sources' */
	int32_t pid, tid; /* -1 if unknown */

	/* Code that is in no image, in all buffers: the number of elements, and of pages. */
	uint64_t n_missing, n_pages;
	struct pktrec_state *state; /* private */
};

/* A buffer starts: write its record, forget the state of the one before. */
void pktrec_begin(
    struct pktrec *, const char *name, enum csd_layout, uint64_t offset, uint64_t size);

/* A source of the buffer that started. */
void pktrec_add(struct pktrec *, const struct csd_source *);

/* The handler for csd_open(). */
struct csd_handler pktrec_handler(struct pktrec *);

/* Free the state: no more buffers. */
void pktrec_end(struct pktrec *);

/* A decoded buffer in numbers, as pairs: "bytes=65536 packets=31054 ..." */
void pktrec_stats(const struct csd *, char *, size_t);

#endif
