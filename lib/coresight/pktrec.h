/* SPDX-License-Identifier: MIT */
/*
 * pktrec - trace packets to pkt records, or to the lines of OpenCSD's lister
 *
 * A buffer's packets come out in the order in which the decoder finds them. Who ran is known from
 * context packets: a context id names a task where the caller says that it does.
 */

#ifndef PKTREC_H
#define PKTREC_H

#include "base/hash.h"
#include "base/out.h"
#include "csd.h"
#include "rec/rec.h"
#include "rec/stack.h"

struct pktrec_frame {
	uint64_t addr; /* where it returns to */
	bool kernel;
};

struct pktrec {
	struct out *out;
	struct str machine;
	bool lister, raw;
	bool bare;     /* no processes: every address is mode k's */
	bool decode;   /* what ran, not the packets that tell it */
	bool frames;   /* the frames that hold the packets; without lister nothing else */
	bool branches; /* as samples with call stacks */
	bool zero_id;  /* the lister's lines say ID:0, whatever the source's id */
	void *arg;
	/* What task a context id names; may be NULL. */
	void (*task)(void *arg, uint32_t contextid, int32_t *pid, int32_t *tid);
	/* Code for a full decode, of a task; may be NULL. */
	size_t (*memory)(
	    void *arg, int32_t pid, unsigned space, uint64_t addr, uint8_t *, size_t n);
	/* What was undecodable and why; may be NULL. A gap record tells it too. */
	void (*damage)(void *arg, uint64_t index, uint64_t next, const char *why);

	int64_t t;   /* of the buffer, REC_NO_NS where unknown */
	int32_t cpu; /* of the buffer, -1 where the sources tell */
	/* The task that a CPU traces; not NULL where a buffer holds the trace of several CPUs. */
	void (*on_cpu)(void *arg, int32_t cpu, int32_t *pid, int32_t *tid);
	int32_t pid, tid; /* of the buffer, -1 where context packets tell */
	uint64_t hundred; /* of the index in the line before; its digits without the last two */
	size_t n_digits;
	char digits[TEXT_NUMBER];
	size_t n_frame; /* syncs that wait for their frame */
	uint8_t frame[80];
	struct hash missing; /* pages of code in no image that were told of, in this buffer */
	uint64_t n_missing, n_pages; /* in all buffers: how often there was no code, those pages */
	struct pktrec_source {
		int32_t pid, tid;
		bool unsynced;              /* and it has been said */
		struct pktrec_frame *frame; /* a shadow of the call stack, outermost first */
		size_t depth;
		bool returning; /* the next range is where a call goes on */
		size_t n_head;  /* of the line up to the index, 0 where it is to be made */
		char *head;
	} source[128];
};

/* A buffer starts: tell of it, forget what the one before left. t, cpu, pid and tid are set. */
void pktrec_begin(
    struct pktrec *, const char *name, enum csd_layout, uint64_t offset, uint64_t size);

/* A source in the buffer that started. */
void pktrec_add(struct pktrec *, const struct csd_source *);

/* No more buffers: free. */
void pktrec_end(struct pktrec *);

/* What to give to csd_open(). */
struct csd_handler pktrec_handler(struct pktrec *);

/* Of a full decode. */
void pktrec_element(void *arg, const struct csd_element *);
size_t pktrec_memory(
    void *arg, const struct csd_source *, uint64_t addr, unsigned space, uint8_t *, size_t n);

/* Of frames. */
void pktrec_frame(void *arg, uint64_t index, const uint8_t *, size_t n, bool sync);
void pktrec_bytes(void *arg, uint64_t index, uint8_t id, const uint8_t *, size_t n);

/* What pktrec's files share: the index of a line, at d; its time, machine, cpu, task and trace id,
 * with tabs around; the CPU of a source; the mode of an address; a context packet. */
char *pktrec_index(struct pktrec *, char *d, uint64_t);
void pktrec_head(struct pktrec *, struct pktrec_source *, const struct csd_source *);
int32_t pktrec_cpu(const struct pktrec *, const struct csd_source *);
enum stack_mode pktrec_mode(
    const struct pktrec *, const struct csd_source *, const struct csd_fields *);
void pktrec_switch(
    struct pktrec *, struct pktrec_source *, const struct csd_source *, const struct csd_fields *);

/* A decoded buffer in numbers: "65536 bytes, 31054 packets, ..." */
void pktrec_stats(const struct csd *, char *, size_t);

#endif
