/* SPDX-License-Identifier: MIT */
/* ringfiles - files or FIFOs of raw pages, one for each CPU */

#ifndef RINGFILES_H
#define RINGFILES_H

#include "base/input.h"
#include "ftracerec.h"

struct ringfiles {
	struct fault fault; /* of any file: not there, damaged */
	/* Called with arg for each damaged part of a page. */
	void (*note)(void *arg, const char *kind, const char *text);
	void *arg;

	/* private */
	struct ringfile *file;
	size_t n;
};

/* Open files, each named FILE or CPU=FILE. The names must outlive this. Returns false with the
 * fault set if one cannot be opened. */
bool ringfiles_open(struct ringfiles *, char *names[], size_t n);

/* The input of file i, to see what it is. */
struct input *ringfiles_input(struct ringfiles *, size_t i);

/* Have their pages read by a ftracerec. A file without a CPU belongs to the last number in its
 * name; returns false with the fault set
 * if there is none, or if two files are of one CPU. */
bool ringfiles_add(struct ringfiles *, struct ftracerec *, const struct ringlayout *);

/* Returns false with the fault set if a file could not be read to its end. */
bool ringfiles_close(struct ringfiles *);

#endif
