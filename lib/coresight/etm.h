/* SPDX-License-Identifier: MIT */
/* etm - decode the trace buffers of one input, one behind the other */

#ifndef ETM_H
#define ETM_H

#include "base/fault.h"
#include "base/guard.h"
#include "base/input.h"
#include "base/jobs.h"
#include "csd.h"
#include "images.h"
#include "pktrec.h"

/* How far the process that decodes is, for the one that goes on where it crashes. */
struct etm_kept {
	uint64_t at;                      /* the index, */
	uint8_t id;                       /* and whose bytes come there, CSD_NO_ID if not known */
	uint64_t damages, missing, pages; /* found before */
	struct fault fault;
};

struct etm {
	struct pktrec rec;   /* out, machine and how to write are the caller's to set */
	const char *file;    /* as messages name it */
	const char *only;    /* the one buffer to decode, by its name, NULL for all */
	bool found;          /* there is one */
	const char *sysroot; /* where the recorded machine's files are, NULL for / */
	const char *kernel;  /* a vmlinux or a copy of /proc/kcore, NULL */
	bool stats;
	void *arg;
	void (*note)(void *arg, const char *kind, const char *text); /* a line for the user */
	struct fault fault;
	enum csd_layout layout;    /* of a raw dump */
	bool laid_out;             /* somebody has set it */
	struct csd_source *source; /* in a raw dump */
	size_t n_sources, cap_sources;
	uint64_t damages; /* places that could not be decoded */
	uint64_t base;    /* of the buffer in the file, for messages */
	void *tasks;      /* what the reader knows of them */
	struct images images;
	struct jobs jobs; /* that share the buffers; their number is the caller's to set */
	struct guard guard;
};

struct etm_buffer {
	const char *name;
	enum csd_layout layout;
	uint64_t index;  /* of the first byte */
	uint64_t offset; /* in the file */
	uint64_t size;   /* UINT64_MAX: to the end of the input */
	bool at;         /* read there, in a seekable input whose window stays as it is */
	uint8_t id;      /* in frames: whose bytes stand before the first id, 0 where unknown */
	const struct csd_source *source;
	size_t n;
};

/* Make ready to decode an input: for a full decode, in several jobs. False where that cannot be,
 * and in a process whose jobs have done it: etm_end() follows. */
bool etm_begin(struct etm *, struct input *);

/* Decode an input, recognised by what it holds. */
void etm_decode(struct etm *, struct input *);

/* Whether to decode a buffer of this name. */
bool etm_wants(struct etm *, const char *name);

/* Decode a buffer that starts where the input stands, or at its offset. False when reading failed.
 */
bool etm_buffer(struct etm *, struct input *, const struct etm_buffer *);

enum { ETM_STEP = 4096 }; /* of a full decode: how exactly it is known where it crashed */

/* The full decoder crashed in this buffer: tell it, and have the buffer begin behind it. */
void etm_crashed(struct etm *, struct input *, struct etm_buffer *);

/* All buffers of a snapshot, its memory images first, as map records. */
bool etm_snapshot(struct etm *, const char *path);

/* All trace of a perf.data, between the process records that belong to it, in time order. */
bool etm_perf(struct etm *, struct input *);

/* A source of a raw dump: its protocol, then id=N, cpu=N and registers NAME=N, with commas between
 * them. What is not said is as common hardware has it. NULL, or what is wrong. */
const char *etm_add_source(struct etm *, const char *spec);

/* The layout of that name; false where there is none. */
bool etm_set_layout(struct etm *, const char *name);

/* A raw dump: nothing but trace. */
bool etm_raw(struct etm *, struct input *);

/* Say something about the input; that something cannot be decoded. */
void etm_say(struct etm *, const char *what);
void etm_say_damage(struct etm *, const char *what);
void etm_note(struct etm *, const char *text); /* without the file's name */
void etm_say_buffer(struct etm *, const struct csd *, const char *name);
void etm_say_missing(struct etm *);

/* Free; false, with the fault set, where anything could not be decoded. */
bool etm_end(struct etm *);

#endif
