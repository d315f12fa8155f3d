/* SPDX-License-Identifier: MIT */
/* What a crash of the library's full decoder leaves of a buffer. */

#include <stdio.h>

#include "etm.h"
#include "frames.h"

static void
run(void *arg, uint8_t id, uint64_t index, const uint8_t *p, size_t n)
{
	(void)arg, (void)id, (void)index, (void)p, (void)n;
}

static void
barrier(void *arg, uint64_t index)
{
	(void)arg, (void)index;
}

static void
damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	(void)arg, (void)index, (void)next, (void)why;
}

/* Whose bytes come behind what is lost, n bytes at the buffer's beginning: the formatter may say it
 * once and never again. 0 where that is not known. */
static uint8_t
id_behind(const struct etm *e, struct input *in, const struct etm_buffer *b, size_t n)
{
	struct frames f = { .layout = FRAMES_ALIGNED,
		.run = run,
		.barrier = barrier,
		.damage = damage,
		.id = ((const struct etm_kept *)e->guard.common)->id };
	uint8_t lost[ETM_STEP];

	if (b->layout != CSD_FRAMES || !input_read_at(in, b->offset, lost, n))
		return 0;
	frames_feed(&f, lost, n);
	return f.id == FRAME_NO_ID ? 0 : f.id;
}

void
etm_crashed(struct etm *e, struct input *in, struct etm_buffer *b)
{
	const struct etm_kept *kept = e->guard.common;
	struct csd_handler handler = pktrec_handler(&e->rec);
	uint64_t done = kept->at - b->index, lost;
	char why[64];

	if (b->size == UINT64_MAX) /* a pipe, which has been read: nothing is left of it */
		b->size = done;
	b->index += done;
	b->offset += done;
	b->size -= done;
	b->at = true;
	lost = b->size < ETM_STEP ? b->size : ETM_STEP;
	e->damages = kept->damages;
	e->rec.n_missing = kept->missing;
	e->rec.n_pages = kept->pages;
	e->fault = kept->fault;
	snprintf(why, sizeof why, "the full decoder crashed (signal %d)", e->guard.signal);
	handler.damage(handler.arg, b->index, b->index + lost, why);
	b->id = id_behind(e, in, b, (size_t)lost);
	b->index += lost;
	b->offset += lost;
	b->size -= lost;
}
