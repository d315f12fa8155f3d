/* SPDX-License-Identifier: MIT */
/* What the files of etm share. */

#ifndef ETM_INT_H
#define ETM_INT_H

#include "base/fault.h"
#include "base/intern.h"
#include "base/workers.h"
#include "code.h"
#include "etm.h"
#include "pktrec.h"

/* The kind of notes about files that code cannot be read from. */
#define ETM_NOTE_FILES "files whose code cannot be read"

/* What came of a share of the buffers. It survives a crash of the full decoder. */
struct etm_sum {
	uint64_t damages;        /* places that could not be decoded */
	uint64_t missing, pages; /* as pktrec counts them */
	uint64_t whole;          /* packets that are whole and good */
	uint64_t unsynced;       /* bytes before the first ones */
	struct fault fault;
	uint64_t at; /* index up to which the buffer in hand has been decoded */
	uint8_t id;  /* the trace id whose bytes come there, or CSD_NO_ID */
};

struct etm {
	const struct etm_options *options;
	struct pktrec rec;
	struct code *code; /* NULL unless options->decode */
	struct workers *workers;
	struct intern noted;          /* texts of ETM_NOTE_FILES */
	struct etm_sum total, unused; /* of all shares so far; what other processes count */
	struct etm_sum *sum;          /* where this process counts now */
	const char *file;             /* as notes call it */
	uint64_t base;                /* offset in the file of the buffer's index 0 */
	const char *how;              /* input_how() of the file */
	bool found;                   /* a buffer that options->only allows */
	bool found_id;                /* a source that options->id allows */
	bool met_id[128];             /* the trace ids of all sources */
	bool over;                    /* this process has done its part */
	void *tasks;                  /* for the callbacks of pktrec */
};

struct etm_buffer {
	const char *name;
	enum csd_layout layout;
	uint64_t index;  /* of the first byte */
	uint64_t offset; /* in the file */
	uint64_t size;   /* UINT64_MAX: to the end of the input */
	bool at;         /* read it at its offset, and leave the input's window where it is */
	uint8_t id;      /* in frames: whose bytes come before the first id; 0 if unknown */
	const struct csd_source *source; /* all of the buffer's */
	size_t n;
};

/* Whether to decode a buffer of this name. */
bool etm_wants(struct etm *, const char *name);

/* Decode a buffer that starts at its offset or where the input is. False if reading failed. */
bool etm_buffer(struct etm *, struct input *, const struct etm_buffer *);

/* End the walk through the input: the output cannot be written, or other processes do the rest. */
bool etm_over(const struct etm *);

/* Decode all buffers of an input. */
void etm_perf(struct etm *, struct input *);
void etm_raw(struct etm *, struct input *);
void etm_snapshot(struct etm *, const char *path);

/* Be able to read code, if there is a full decode. sysroot: see code_new(). False with the fault
 * set. */
bool etm_open_code(struct etm *, const char *sysroot);

/* Note something about the file; it is damage in the second one. */
void etm_note(struct etm *, const char *kind, const char *what);
void etm_note_damage(struct etm *, const char *kind, const char *what);

#endif
