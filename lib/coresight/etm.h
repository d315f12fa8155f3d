/* SPDX-License-Identifier: MIT */
/* etm - decode all CoreSight trace of a perf.data, of an OpenCSD snapshot or of a raw dump */

#ifndef ETM_H
#define ETM_H

#include "base/input.h"
#include "base/out.h"
#include "csd.h"

struct etm_options {
	struct str machine;  /* what records call the recorded machine */
	const char *only;    /* decode only the buffer of this name; NULL for all */
	bool id[128];        /* decode only the sources with these trace ids, */
	bool some_ids;       /* if there are any */
	const char *sysroot; /* where the recorded machine's files are; NULL for / */
	const char *kernel;  /* an ELF file with the kernel's code, or NULL */
	int jobs;            /* processes that share the buffers, at most WORKERS_MAX */
	bool lister;         /* lines of OpenCSD's lister, not records */
	bool raw;            /* with the packets' bytes */
	bool packets;        /* the packets, whatever else */
	bool decode;         /* what ran; the packets only if packets is true, too */
	bool branches;       /* what ran as samples with call stacks */
	bool frames;         /* the frames that hold the packets */
	bool outside;        /* a snapshot may name files that are not in its folder */
	bool times;          /* records have the time of the trace's timestamps */
	bool stats;          /* note what each buffer holds, in numbers */
	bool verbose;        /* note every fault, not only the first ones of each kind */
	bool has_layout;     /* of a raw dump; of all buffers of a snapshot, whatever it says */
	enum csd_layout layout;
	/* Of a raw dump: */
	struct csd_source *source; /* freed by etm_options_free() */
	size_t n_sources, cap_sources;
	/* Called with each note about the input, as filter_note_text(). */
	void *arg;
	void (*note)(void *arg, const char *kind, const char *text);
};

/* Add a source of a raw dump: its protocol, then id=N, cpu=N and registers NAME=N, separated by
 * commas; the rest is as common hardware has it. NULL, or what is wrong. */
const char *etm_add_source(struct etm_options *, const char *spec);

/* Decode only this trace id, and others added before. NULL, or what is wrong. */
const char *etm_add_id(struct etm_options *, const char *id);

/* Set the layout by its name; false if there is none of that name. */
bool etm_set_layout(struct etm_options *, const char *name);

void etm_options_free(struct etm_options *);

enum { ETM_FIRST = -1 };

/*
 * Decode an input, recognised by what it holds, with the fault set if anything could not be
 * decoded. Returns ETM_FIRST. It may fork; returns in the other processes, too, with the status to
 * exit with: they have nothing to report.
 */
int etm_run(const struct etm_options *, struct input *, struct out *, struct fault *);

#endif
