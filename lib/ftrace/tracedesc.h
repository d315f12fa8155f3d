/* SPDX-License-Identifier: MIT */
/*
 * tracedesc - what is needed to read a kernel's trace pages: formats, layout, clock, names of tasks
 *
 * It comes from the files of a tracing folder, as they are or in an archive. A file that is not
 * there leaves its part empty; without formats no event can be read.
 */

#ifndef TRACEDESC_H
#define TRACEDESC_H

#include "base/hash.h"
#include "base/input.h"
#include "base/strbuf.h"
#include "perf/evformat.h"
#include "ringpage.h"

struct tracedesc {
	struct evformats formats;
	struct ringlayout layout;
	bool has_layout;
	size_t page;            /* bytes of a page, if it is not that of the layout; else 0 */
	size_t long_size;       /* 4 or 8 */
	bool big;               /* byte order of the pages */
	struct strbuf clock;    /* the name of the trace clock; empty if it is not known */
	bool converted;         /* times become nanoseconds, whatever the clock counts */
	struct strbuf cmdlines; /* saved_cmdlines: lines TID NAME */
	struct strbuf vcpus;    /* of guests: lines TID VCPU GUEST */
	struct hash tgids;      /* of a tid, the pid */
	/* the code of trace events, sorted: what calls the tracer; from the kernel's symbols */
	struct tracedesc_range {
		uint64_t from, to;
	} * tracer;
	size_t ntracers;
	struct strbuf symbols; /* the text of kallsyms */
	size_t rejected;       /* formats that could not be read, and the path of the first */
	struct strbuf rejected_path;
	/* what the agent reported at its last stop */
	struct hash sent;        /* of a CPU, the bytes of its pages */
	bool done;               /* the report is complete */
	struct strbuf complaint; /* the first line that says what went wrong; else empty */
};

/* Start empty, for a 64-bit little-endian kernel. */
void tracedesc_open(struct tracedesc *);
void tracedesc_free(struct tracedesc *);

/* Take a file by its path below the tracing folder, such as events/sched/sched_switch/format. A
 * path that means nothing here is passed over. */
void tracedesc_add(struct tracedesc *, const char *path, const char *text, size_t n);

/* Read a tracing folder, or one that holds a folder named tracing; or if the path is a file, an
 * archive (ustar, also gzip'd) of it, or what the agent wrote to its control port. Returns false
 * with the fault set if it cannot be read. */
bool tracedesc_read(struct tracedesc *, const char *path, struct fault *);

/* Read an archive that takes up to `most` bytes of an input, up to its end mark. Returns false with
 * the input's fault set. */
bool tracedesc_archive(struct tracedesc *, struct input *, uint64_t most);

/* Take lines of the agent. */
void tracedesc_lines(struct tracedesc *, struct str);

/* The layout of pages, from all that is known. Returns false if a page's size makes no sense. */
bool tracedesc_layout(const struct tracedesc *, struct ringlayout *);

/* Is an address in the code of a trace event, by the kernel's symbols? */
bool tracedesc_is_tracer(const struct tracedesc *, uint64_t addr);

/* What a number of the clock is: "ns", "cycle", ... */
const char *tracedesc_unit(const struct tracedesc *);

#endif
