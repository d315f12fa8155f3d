/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "frames.h"

enum { DSTREAM_BLOCK = 512, DSTREAM_DATA = 504 };

static const uint8_t full_sync[FRAME] = { 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff,
	0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f };

/* The bytes of one id within a frame. */
struct run {
	uint64_t index;
	size_t n;
	uint8_t data[FRAME];
};

static void
end_run(struct frames *f, struct run *r, uint64_t next)
{
	if (r->n == 0)
		return;
	if (f->id < FRAME_IDS)
		f->bytes[f->id] += r->n;
	else
		f->lost += r->n;
	if (f->run != NULL)
		f->run(f->arg, f->id, r->index, r->data, r->n);
	r->n = 0;
	r->index = next;
}

/* Change to the id at byte i of the frame p; if late, the byte after it is still the old id's. */
static void
change_id(struct frames *f, struct run *r, const uint8_t *p, int i, bool late)
{
	uint8_t id = p[i] >> 1;

	if (id == f->id || (late && i < FRAME - 2))
		r->data[r->n++] = p[i + 1];
	if (id == f->id)
		return;
	end_run(f, r, f->start + (uint64_t)i);
	f->id = id;
	if (!late)
		r->data[r->n++] = p[i + 1];
}

static void
unpack(struct frames *f, const uint8_t *p)
{
	struct run r = { .index = f->start };
	uint8_t flags = p[FRAME - 1];
	int i;

	f->frames++;
	for (i = 0; i < FRAME - 2; i += 2, flags >>= 1) {
		if (p[i] & 1) {
			change_id(f, &r, p, i, flags & 1);
		} else {
			r.data[r.n++] = p[i] | (flags & 1);
			r.data[r.n++] = p[i + 1];
		}
	}
	if (!(p[i] & 1))
		r.data[r.n++] = p[i] | (flags & 1);
	end_run(f, &r, 0);
	if (p[i] & 1)
		f->id = p[i] >> 1;
}

/* Count the full syncs, up to four, in place of a frame. */
static int
count_syncs(const uint8_t *p)
{
	int n = 0;

	while (n < 4 && memcmp(p + 4 * n, full_sync, 4) == 0)
		n++;
	return n;
}

static void
damage(const struct frames *f, uint64_t index, uint64_t next, const char *why)
{
	if (f->damage != NULL)
		f->damage(f->arg, index, next, why);
}

static void
aligned_frame(struct frames *f, const uint8_t *p)
{
	int syncs = p[0] == 0xff ? count_syncs(p) : 0;

	f->start = f->index;
	if (f->raw != NULL)
		f->raw(f->arg, f->index, p, FRAME, syncs == 4);
	f->index += FRAME;
	if (syncs == 4) {
		f->barriers++;
		f->id = FRAME_NO_ID;
		if (f->barrier != NULL)
			f->barrier(f->arg, f->start);
		return;
	}
	if (syncs > 0)
		damage(f, f->start, f->start + 4 * (uint64_t)syncs,
		    "full syncs that do not fill a frame");
	unpack(f, p);
}

static void
feed_aligned(struct frames *f, const uint8_t *p, size_t n)
{
	size_t k;

	if (f->n > 0) {
		k = n < FRAME - f->n ? n : FRAME - f->n;
		memcpy(f->part + f->n, p, k);
		f->n += k;
		p += k;
		n -= k;
		if (f->n < FRAME)
			return;
		f->n = 0;
		aligned_frame(f, f->part);
	}
	for (; n >= FRAME; p += FRAME, n -= FRAME)
		aligned_frame(f, p);
	memcpy(f->part, p, n);
	f->n = n;
}

/* A full sync, between two frames or in one that it cuts short. */
static void
take_sync(struct frames *f, const uint8_t *p)
{
	if (f->raw != NULL)
		f->raw(f->arg, f->index, p, 4, true);
	if (f->n > 0)
		damage(f, f->start, f->index, "a full sync within a frame");
	f->n = 0;
	f->synced = true;
	f->index += 4;
}

/* Two bytes of a frame, or a half sync. */
static void
take_pair(struct frames *f, const uint8_t *p)
{
	bool half = p[0] == 0xff && p[1] == 0x7f;

	if (f->n == 0)
		f->start = f->index;
	f->index += 2;
	if (half && f->layout == FRAMES_HSYNC)
		return;
	if (half)
		damage(f, f->index - 2, f->index, "a half sync within a frame");
	if (half)
		return;
	f->part[f->n++] = p[0];
	f->part[f->n++] = p[1];
	if (f->n < FRAME)
		return;
	f->n = 0;
	if (f->raw != NULL)
		f->raw(f->arg, f->start, f->part, FRAME, false);
	unpack(f, f->part);
}

/* Process the start of 4 bytes; return the number of bytes used. */
static size_t
take_word(struct frames *f, const uint8_t *p)
{
	if (memcmp(p, full_sync, 4) == 0) {
		take_sync(f, p);
		return 4;
	}
	if (!f->synced) {
		f->index++;
		f->lost++;
		return 1;
	}
	take_pair(f, p);
	return 2;
}

static void
feed_synced(struct frames *f, const uint8_t *p, size_t n)
{
	size_t used;

	while (f->n_carry > 0 && n > 0) {
		f->carry[f->n_carry++] = *p++;
		n--;
		if (f->n_carry < 4)
			continue;
		used = take_word(f, f->carry);
		f->n_carry -= used;
		memmove(f->carry, f->carry + used, f->n_carry);
	}
	while (f->n_carry == 0 && n >= 4) {
		used = take_word(f, p);
		p += used;
		n -= used;
	}
	memcpy(f->carry + f->n_carry, p, n);
	f->n_carry += n;
}

static void
feed(struct frames *f, const uint8_t *p, size_t n)
{
	if (f->layout == FRAMES_ALIGNED)
		feed_aligned(f, p, n);
	else
		feed_synced(f, p, n);
}

void
frames_feed(struct frames *f, const uint8_t *p, size_t n)
{
	size_t at, k;

	if (!f->dstream) {
		feed(f, p, n);
		return;
	}
	for (; n > 0; p += k, n -= k, f->fed += k) { /* leave out the end of each block */
		at = f->fed % DSTREAM_BLOCK;
		k = at < DSTREAM_DATA ? DSTREAM_DATA - at : DSTREAM_BLOCK - at;
		k = k < n ? k : n;
		if (at < DSTREAM_DATA)
			feed(f, p, k);
	}
}

void
frames_end(struct frames *f)
{
	for (; f->synced && f->n_carry >= 2; f->n_carry -= 2) {
		take_pair(f, f->carry);
		memmove(f->carry, f->carry + 2, 2);
	}
	if (f->layout == FRAMES_ALIGNED && f->n > 0)
		damage(f, f->index, f->index + f->n, "the last frame is cut short");
	f->n = f->n_carry = 0;
}
