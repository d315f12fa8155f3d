/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "timeorder.h"

void
timeorder_free(struct timeorder *o)
{
	free(o->entry);
	free(o->run);
	*o = (struct timeorder){ 0 };
}

void
timeorder_add_new(struct timeorder *o, uint64_t time, uint64_t offset, size_t size)
{
	struct timeorder_run *run = o->nrun > 0 ? &o->run[o->nrun - 1] : NULL;

	if (o->n == 0)
		o->lowest = offset;
	if (o->n == o->cap)
		o->entry = mem_grow(o->entry, o->n, &o->cap, sizeof *o->entry);
	if (run == NULL || o->entry[run->end - 1].time > time) {
		o->run = mem_grow(o->run, o->nrun, &o->caprun, sizeof *o->run);
		run = &o->run[o->nrun++];
		*run = (struct timeorder_run){ o->n, o->n };
	}
	o->entry[o->n++] = (struct timeorder_entry){ time, offset << 16 | size };
	run->end = o->n;
	if (time > o->latest)
		o->latest = time;
}

static bool
before(const struct timeorder *o, size_t a, size_t b)
{
	const struct timeorder_entry *x = &o->entry[o->run[a].next], *y = &o->entry[o->run[b].next];

	return x->time < y->time || (x->time == y->time && x->where < y->where);
}

/* Restore the heap below i, whose run may be too late for its place. */
static void
sink(struct timeorder *o, size_t i)
{
	struct timeorder_run moved;
	size_t child;

	while ((child = 2 * i + 1) < o->nrun) {
		if (child + 1 < o->nrun && before(o, child + 1, child))
			child++;
		if (!before(o, child, i))
			return;
		moved = o->run[i];
		o->run[i] = o->run[child];
		o->run[child] = moved;
		i = child;
	}
}

static void
release_ordered(struct timeorder *o, uint64_t limit)
{
	size_t i;

	o->limit = limit;
	o->open = true;
	for (i = o->nrun / 2; i-- > 0;)
		sink(o, i);
}

void
timeorder_mark(struct timeorder *o)
{
	o->settled = o->next_limit < TIMEORDER_LATE ? 0 : o->next_limit - TIMEORDER_LATE;
	if (o->settled >= o->limit + TIMEORDER_LATE)
		release_ordered(o, o->settled);
	o->next_limit = o->latest;
}

void
timeorder_end(struct timeorder *o)
{
	release_ordered(o, UINT64_MAX);
}

static int
by_place(const void *a, const void *b)
{
	const struct timeorder_run *x = a, *y = b;

	return x->next < y->next ? -1 : x->next > y->next;
}

/* Move what still waits to the front, with its runs in the order in which they came. */
static void
close_up(struct timeorder *o)
{
	size_t i, n = 0, len;
	uint64_t offset;

	o->open = false;
	o->before = 0;
	o->lowest = UINT64_MAX;
	if (o->nrun > 0)
		qsort(o->run, o->nrun, sizeof *o->run, by_place);
	for (i = 0; i < o->nrun; i++) {
		offset = o->entry[o->run[i].next].where >> 16;
		o->lowest = offset < o->lowest ? offset : o->lowest;
		len = o->run[i].end - o->run[i].next;
		memmove(o->entry + n, o->entry + o->run[i].next, len * sizeof *o->entry);
		o->run[i] = (struct timeorder_run){ n, n + len };
		n += len;
	}
	o->n = n;
}

/* The time before which the entries of the first run are next. */
static uint64_t
first_until(const struct timeorder *o)
{
	uint64_t until = o->limit == UINT64_MAX ? o->limit : o->limit + 1, time;
	size_t i;

	for (i = 1; i < o->nrun && i < 3; i++) {
		time = o->entry[o->run[i].next].time;
		until = time < until ? time : until;
	}
	return until;
}

bool
timeorder_other(struct timeorder *o, struct timeorder_entry *e)
{
	struct timeorder_run *first = o->run;

	if (!o->open)
		return false;
	sink(o, 0);
	if (o->nrun == 0 || o->entry[first->next].time > o->limit) {
		close_up(o);
		return false;
	}
	*e = o->entry[first->next++];
	o->before = 0;
	if (first->next == first->end)
		*first = o->run[--o->nrun];
	else
		o->before = first_until(o);
	return true;
}
