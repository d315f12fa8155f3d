/* SPDX-License-Identifier: MIT */
/* ringcpu - the events of one CPU, page after page, in order */

#ifndef RINGCPU_H
#define RINGCPU_H

#include "ringpage.h"

/* Where the pages come from, and who hears of damage. */
struct ringsource {
	/* Read the next page: the number of bytes, fewer than n only at the end, 0 after it. */
	size_t (*read)(void *arg, void *page, size_t n);
	/* Bytes of a page could not be read: the offset counts from the first page. */
	void (*damage)(void *arg, uint64_t offset, size_t bytes, const char *why);
	void *arg;
	uint64_t size; /* of all its pages, or more */
};

struct ringcpu {
	int32_t cpu;
	struct ringevent event; /* the current one; valid until the next ringcpu_next() */
	enum ringlost lost;     /* events are missing before it */
	uint64_t lost_events;
	uint64_t last; /* the time of the event before the current one, if there was one */
	bool has_last;
	uint64_t pages; /* read so far */
	uint64_t stray; /* that no page of this size can be; all pages if the first one cannot */

	/* private */
	struct ringsource source;
	struct ringlayout layout;
	struct ringpage page;
	size_t most;     /* bytes of a page */
	uint8_t *buf[2]; /* the current event is in buf[held]; pages are read into the other */
	size_t cap[2];
	int held, loaded;
	uint64_t offset; /* of the page after the one that was read last */
	size_t got;      /* bytes of that one */
	bool has_ahead, ended, begun, first_stray;
	struct ringevent ahead;
	enum ringlost ahead_lost;
	uint64_t ahead_lost_events;
};

void ringcpu_open(
    struct ringcpu *, int32_t cpu, const struct ringlayout *, const struct ringsource *);
void ringcpu_free(struct ringcpu *);

/* Go to the next event. Returns false at the end; lost says if events are missing there, too. */
bool ringcpu_next(struct ringcpu *);

bool ringcpu_fetch(struct ringcpu *); /* for ringcpu_peek() */

/* The event after the current one, which stays valid. Returns NULL at the end, and if events are
 * missing in between. */
static inline const struct ringevent *
ringcpu_peek(struct ringcpu *c)
{
	if (!c->has_ahead && !ringcpu_fetch(c))
		return NULL;
	return c->ahead_lost == RINGPAGE_COMPLETE ? &c->ahead : NULL;
}

#endif
