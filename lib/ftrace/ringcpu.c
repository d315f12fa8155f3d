/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "ringcpu.h"

enum { FIRST = 64 /* bytes of a buffer at first: of many CPUs no page may be there */ };

void
ringcpu_open(struct ringcpu *c, int32_t cpu, const struct ringlayout *layout,
    const struct ringsource *source)
{
	*c = (struct ringcpu){ .cpu = cpu, .layout = *layout, .source = *source };
	c->most = source->size < layout->page ? (size_t)source->size : layout->page;
}

void
ringcpu_free(struct ringcpu *c)
{
	free(c->buf[0]);
	free(c->buf[1]);
}

/* Read a page into buffer i, which grows to what there is. */
static size_t
read_page(struct ringcpu *c, int i)
{
	size_t n = 0, got, want;

	do {
		if (n == c->cap[i]) {
			want = n == 0 ? FIRST : 2 * n;
			c->cap[i] = want < c->most ? want : c->most;
			c->buf[i] = mem_resize(c->buf[i], c->cap[i] + 1, 1);
		}
		got = c->source.read(c->source.arg, c->buf[i] + n, c->cap[i] - n);
		n += got;
	} while (got > 0 && n == c->cap[i] && n < c->most);
	return n;
}

/* Read a page into the buffer that the current event is not in. */
static bool
load(struct ringcpu *c)
{
	size_t n;

	c->loaded = !c->held;
	n = read_page(c, c->loaded);
	if (n == 0)
		return false;
	ringpage_open(&c->page, &c->layout, c->buf[c->loaded], n, c->page.page_time);
	c->first_stray |= c->pages == 0 && c->page.stray;
	c->pages++;
	c->stray = c->first_stray ? c->pages : c->stray + c->page.stray;
	c->offset += n;
	c->got = n;
	c->begun = true;
	/* losses before empty pages add up */
	if (c->page.lost == RINGPAGE_LOST && c->ahead_lost != RINGPAGE_LOST_UNKNOWN) {
		c->ahead_lost = RINGPAGE_LOST;
		c->ahead_lost_events += c->page.lost_events;
	} else if (c->page.lost != RINGPAGE_COMPLETE) {
		c->ahead_lost = RINGPAGE_LOST_UNKNOWN;
	}
	return true;
}

/* Report what could not be read of the page. */
static void
check(struct ringcpu *c)
{
	if (c->begun && c->page.why != NULL)
		c->source.damage(c->source.arg, c->offset - c->got + c->page.bad_offset,
		    c->page.bad, c->page.why);
}

/* Read the event that follows into ahead. */
bool
ringcpu_fetch(struct ringcpu *c)
{
	if (c->ended)
		return false;
	while (!c->begun || !ringpage_next(&c->page, &c->ahead)) {
		check(c);
		if (!load(c)) {
			c->ended = true;
			return false;
		}
	}
	c->has_ahead = true;
	return true;
}

bool
ringcpu_next(struct ringcpu *c)
{
	bool more = c->has_ahead || ringcpu_fetch(c);

	c->lost = c->ahead_lost;
	c->lost_events = c->ahead_lost_events;
	c->ahead_lost = RINGPAGE_COMPLETE;
	c->ahead_lost_events = 0;
	if (!more)
		return false;
	c->has_last = c->event.raw.p != NULL;
	c->last = c->event.t;
	c->event = c->ahead;
	c->has_ahead = false;
	c->held = c->loaded;
	return true;
}
