/* SPDX-License-Identifier: MIT */
/*
 * ringpage - the events of a page of the kernel's trace ring buffer
 *
 * A page (a sub-buffer) is a header with its time and the number of bytes used, then events, each
 * with the time since the one before. Facts: kernel/trace/ring_buffer.c and
 * include/linux/ring_buffer.h of Linux 6.18; sluice-ftracepage(5).
 */

#ifndef RINGPAGE_H
#define RINGPAGE_H

#include "base/bytes.h"
#include "base/text.h"

/* Where things are in a page: events/header_page of the kernel that wrote it. */
struct ringlayout {
	size_t page;                      /* bytes of a whole page */
	size_t commit, commit_size, data; /* offsets; the size is that of a long */
	bool big;                         /* byte order */
};

enum { RINGPAGE_LEAST = 64, RINGPAGE_MOST = 1 << 20 };

/* The layout of a kernel whose header_page is not known. */
void ringlayout_default(struct ringlayout *, size_t page, size_t long_size, bool big);

/* Read the text of header_page; big stays as it is. Returns false if it is none, or if a page would
 * be smaller than RINGPAGE_LEAST or larger than RINGPAGE_MOST. */
bool ringlayout_parse(struct ringlayout *, const char *text, size_t n);

struct ringevent {
	uint64_t t;
	struct bytes raw; /* what the event's format describes */
};

enum ringlost { RINGPAGE_COMPLETE, RINGPAGE_LOST, RINGPAGE_LOST_UNKNOWN };

struct ringpage {
	enum ringlost lost;   /* events were overwritten before this page */
	uint64_t lost_events; /* how many, if RINGPAGE_LOST */
	size_t bad;           /* bytes that could not be read, from bad_offset of the page on */
	size_t bad_offset;
	const char *why; /* what is wrong there; NULL as long as nothing is */
	bool stray;      /* no page of this size starts or ends here */

	uint64_t page_time;

	/* private */
	const uint8_t *begin, *at, *end;
	uint64_t t;
	bool big;
};

/* Start at the first event of a page of which n bytes are there; since: the time of the page before
 * it, or 0. */
void ringpage_open(
    struct ringpage *, const struct ringlayout *, const uint8_t *page, size_t n, uint64_t since);

/* Read the next event, which points into the page. Returns false after the last one, and where the
 * page is damaged: then why is set. */
bool ringpage_next(struct ringpage *, struct ringevent *);

#endif
