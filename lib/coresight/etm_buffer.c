/* SPDX-License-Identifier: MIT */
/* One buffer of trace through a decoder, in this process or in another one. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "etm_int.h"
#include "frames.h"

enum {
	SOURCES = 128,
	BLOCK = 256 * 1024,
	STEP = 4096, /* how exactly it is known where a full decode crashed */
	IDS = 0x70,
	NOTES = 20 /* as lib/filter */
};

/* --- notes */

/* The first process limits the notes of a kind; a worker need not keep more. */
static void
note(struct etm *e, const char *kind, const char *text)
{
	const bool all = e->options->verbose || (kind != NULL && strcmp(kind, ETM_NOTE_FILES) == 0);

	workers_note(e->workers, kind, all ? UINT64_MAX : NOTES, text);
}

static void
note_at(struct etm *e, const char *kind, uint64_t index, const char *what)
{
	const unsigned long long at = e->base + index;
	char text[1024];

	snprintf(text, sizeof text, "%.512s@0x%llx%s: %s", e->file, at, e->how, what);
	note(e, kind, text);
}

void
etm_note(struct etm *e, const char *kind, const char *what)
{
	char text[4096 + 1024];

	snprintf(text, sizeof text, "%.4096s: %s", e->file, what);
	note(e, kind, text);
}

void
etm_note_damage(struct etm *e, const char *kind, const char *what)
{
	e->sum->damages++;
	etm_note(e, kind, what);
}

static void
on_damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct etm *e = arg;
	char text[256];

	e->sum->damages++;
	snprintf(
	    text, sizeof text, "%s, %llu bytes left out", why, (unsigned long long)(next - index));
	note_at(e, "places that could not be decoded", index, text);
}

static void
on_doubt(void *arg, uint64_t index, const char *what)
{
	struct etm *e = arg;
	char text[256];

	e->sum->damages++;
	snprintf(text, sizeof text, "%s does not know %s: what follows may be wrong", csd_library(),
	    what);
	note_at(e, "kinds of trace and code that are decoded wrongly", index, text);
}

/* A decoder goes on after a bad packet, but what it makes of the next ones may be wrong. */
static void
note_bad(struct etm *e, const struct csd_stats *s)
{
	char text[256], bad[80] = "a bad packet";

	if (s->bad == 0)
		return;
	if (s->bad > 1)
		snprintf(bad, sizeof bad, "%llu bad packets, the first one here",
		    (unsigned long long)s->bad);
	snprintf(
	    text, sizeof text, "%s, %llu more are suspect", bad, (unsigned long long)s->suspect);
	e->sum->damages++;
	note_at(e, "buffers with bad packets", s->first_bad, text);
}

static bool
wants_id(const struct etm *e, uint8_t id)
{
	return !e->options->some_ids || e->options->id[id & (SOURCES - 1)];
}

static void
note_undecoded(struct etm *e, const struct csd *c)
{
	const struct csd_stats *s = csd_stats(c);
	uint64_t bytes = 0;
	char text[256];
	int id, n = snprintf(text, sizeof text, "trace ids without a decoder:"), ids = 0;

	for (id = 1; id < IDS; id++) {
		if (s->trace[id] == 0 || csd_knows(c, (uint8_t)id) || !wants_id(e, (uint8_t)id))
			continue;
		bytes += s->trace[id];
		if (ids++ < 8)
			n += snprintf(text + n, sizeof text - (size_t)n, " 0x%x", (unsigned)id);
	}
	if (bytes == 0)
		return;
	snprintf(text + n, sizeof text - (size_t)n, "%s: %llu bytes", ids > 8 ? " ..." : "",
	    (unsigned long long)bytes);
	etm_note_damage(e, "buffers with trace ids without a decoder", text);
}

/* Without a sync nothing is found in layouts that have them. */
static void
note_no_sync(struct etm *e, const struct csd *c, enum csd_layout layout)
{
	const struct csd_stats *s = csd_stats(c);
	char text[128];
	int id = 0;

	while (id < IDS && s->trace[id] == 0)
		id++;
	if (layout == CSD_SINGLE || layout == CSD_FRAMES || s->bytes == 0 || id < IDS)
		return;
	snprintf(text, sizeof text, "no full sync in %llu bytes: is its layout %s?",
	    (unsigned long long)s->bytes, csd_layout_names[layout]);
	etm_note_damage(e, "buffers without a sync", text);
}

static void
note_stats(struct etm *e, const struct csd *c, const char *name)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%.200s: ", name);

	pktrec_stats(c, text + n, sizeof text - (size_t)n);
	note(e, NULL, text);
}

static void
note_cut(struct etm *e, uint64_t missing)
{
	char text[64];

	if (missing == 0 || e->rec.out->error != 0)
		return;
	snprintf(text, sizeof text, "ends %llu bytes before its trace does",
	    (unsigned long long)missing);
	etm_note_damage(e, "buffers that are cut", text);
}

/* --- decode */

static void
note_file(void *arg, struct str path, const char *why)
{
	char text[4096 + 512];

	snprintf(text, sizeof text, "%.*s: %s", (int)(path.n < 4096 ? path.n : 4096), path.p, why);
	note(arg, ETM_NOTE_FILES, text);
}

bool
etm_open_code(struct etm *e, const char *sysroot)
{
	const char *kernel = e->options->kernel;
	struct fault *fault = &e->sum->fault;

	if (!e->options->decode)
		return true;
	e->code = code_new(sysroot, e->rec.machine, fault);
	if (e->code != NULL && !e->rec.bare)
		code_set_note(e->code, note_file, e);
	return e->code != NULL && (kernel == NULL || code_add_kernel(e->code, kernel, fault));
}

static size_t
read_code(void *arg, int32_t pid, unsigned space, uint64_t addr, uint8_t *buf, size_t n)
{
	struct etm *e = arg;

	return code_read(e->code, pid, space, addr, buf, n);
}

static void
count_missing(struct etm *e)
{
	e->sum->missing = e->rec.n_missing;
	e->sum->pages = e->rec.n_pages;
}

static void
give(struct etm *e, struct csd *c, const uint8_t *p, size_t n)
{
	size_t part;

	for (; n > 0; p += part, n -= part) {
		part = !e->options->decode || n < STEP ? n : STEP;
		csd_feed(c, p, part);
		e->sum->at += part;
		e->sum->id = *csd_frame_id(c);
		count_missing(e);
	}
	workers_poll(e->workers);
}

/* Feed what the input's window has and what follows. Returns the number of bytes that are missing.
 */
static uint64_t
feed(struct etm *e, struct csd *c, struct input *in, uint64_t size)
{
	size_t have;

	while (size > 0 && (have = input_fill(in, BLOCK)) > 0 && e->rec.out->error == 0) {
		have = have < size ? have : (size_t)size;
		give(e, c, input_at(in), have);
		input_take(in, have);
		size -= size == UINT64_MAX ? 0 : have;
	}
	return size == UINT64_MAX ? 0 : size;
}

static uint64_t
feed_at(struct etm *e, struct csd *c, struct input *in, uint64_t offset, uint64_t size)
{
	uint64_t left = in->size > offset ? in->size - offset : 0, done = 0;
	uint8_t *buf;
	size_t n;

	left = left < size ? left : size;
	buf = mem_alloc(left < BLOCK ? (size_t)left + 1 : BLOCK);
	while (done < left && e->rec.out->error == 0) {
		n = left - done < BLOCK ? (size_t)(left - done) : BLOCK;
		if (!input_read_at(in, offset + done, buf, n))
			break;
		give(e, c, buf, n);
		done += n;
	}
	free(buf);
	return size - done;
}

static bool
decode(struct etm *e, struct input *in, const struct etm_buffer *b)
{
	struct csd_handler handler = pktrec_handler(&e->rec);
	bool damaged =
	    fault_is(&in->fault); /* when it was copied to a file: the start of it is read */
	const char *why;
	struct csd *c;
	size_t i;

	c = csd_open(b->layout, b->index, b->source, b->n, &handler, &why);
	if (c == NULL)
		return fault_set(&e->sum->fault, "%s: %s: %s", e->file, b->name, why);
	if (b->id != 0)
		*csd_frame_id(c) = b->id;
	pktrec_begin(&e->rec, b->name, b->layout, b->offset, b->size);
	for (i = 0; i < b->n; i++)
		pktrec_add(&e->rec, &b->source[i]);
	note_cut(e, b->at ? feed_at(e, c, in, b->offset, b->size) : feed(e, c, in, b->size));
	csd_end(c);
	count_missing(e);
	e->sum->whole += csd_stats(c)->whole;
	e->sum->unsynced += csd_stats(c)->unsynced;
	note_bad(e, csd_stats(c));
	note_undecoded(e, c);
	note_no_sync(e, c, b->layout);
	if (e->options->stats)
		note_stats(e, c, b->name);
	csd_free(c);
	if (damaged || !fault_is(&in->fault))
		return true;
	return fault_set(&e->sum->fault, "%s", in->fault.text);
}

/* --- crashes */

/* The trace id in force after the first n bytes of a buffer, which are lost: the formatter may
 * never repeat it. 0 if it is not known. */
static uint8_t
id_after(const struct etm *e, struct input *in, const struct etm_buffer *b, size_t n)
{
	struct frames f = { .layout = FRAMES_ALIGNED, .id = e->sum->id };
	uint8_t lost[STEP];

	if (b->layout != CSD_FRAMES || !input_read_at(in, b->offset, lost, n))
		return 0;
	frames_feed(&f, lost, n);
	return f.id == FRAME_NO_ID ? 0 : f.id;
}

static void
drop_front(struct etm_buffer *b, uint64_t n)
{
	b->index += n;
	b->offset += n;
	b->size -= n;
}

/* Report that the full decoder crashed, and leave in b what follows the bytes that it was at. */
static void
after_crash(struct etm *e, struct input *in, struct etm_buffer *b)
{
	struct csd_handler handler = pktrec_handler(&e->rec);
	uint64_t done = e->sum->at - b->index, lost;
	char why[64];

	if (b->size == UINT64_MAX) /* a pipe: what was read is gone */
		b->size = done;
	b->at = true;
	drop_front(b, done);
	lost = b->size < STEP ? b->size : STEP;
	snprintf(
	    why, sizeof why, "the full decoder crashed (signal %d)", workers_signal(e->workers));
	handler.damage(handler.arg, b->index, b->index + lost, why);
	b->id = id_after(e, in, b, (size_t)lost);
	drop_front(b, lost);
}

/* --- buffers */

bool
etm_over(const struct etm *e)
{
	return e->over || e->rec.out->error != 0;
}

bool
etm_wants(struct etm *e, const char *name)
{
	bool wanted = e->options->only == NULL || strcmp(e->options->only, name) == 0;

	e->found = e->found || wanted;
	return wanted;
}

/* Count where the share in hand is counted. */
static void
choose_sum(struct etm *e)
{
	struct etm_sum *ours = workers_result(e->workers);

	e->sum = workers_muted(e->workers) ? &e->unused : ours != NULL ? ours : &e->total;
	e->rec.n_missing = e->sum->missing;
	e->rec.n_pages = e->sum->pages;
}

/* Have this process, or another one, decode the buffer, or what a crash left of it: true if it is
 * this one. */
static bool
is_ours(struct etm *e, struct input *in, struct etm_buffer *b)
{
	enum workers_turn turn = workers_piece(e->workers, b->size);

	choose_sum(e);
	e->over = turn == WORKERS_END;
	if (e->options->jobs > 1) /* no process knows how much all have read */
		in->progress.on = false;
	if (turn == WORKERS_CRASHED)
		after_crash(e, in, b);
	return turn == WORKERS_DO || turn == WORKERS_CRASHED;
}

/* Leave in b the sources that are wanted: false if none is, but the buffer has some. */
static bool
choose_sources(struct etm *e, struct etm_buffer *b, struct csd_source wanted[SOURCES])
{
	const size_t all = b->n;
	size_t i;

	b->n = 0;
	for (i = 0; i < all; i++)
		e->met_id[b->source[i].id & (SOURCES - 1)] = true;
	for (i = 0; i < all && b->n < SOURCES; i++)
		if (wants_id(e, b->source[i].id))
			wanted[b->n++] = b->source[i];
	b->source = wanted;
	e->found_id = e->found_id || b->n > 0;
	return b->n > 0 || all == 0;
}

bool
etm_buffer(struct etm *e, struct input *in, const struct etm_buffer *whole)
{
	struct csd_source wanted[SOURCES];
	struct etm_buffer b = *whole;
	bool ok = true;

	if (!choose_sources(e, &b, wanted))
		return true;

	e->base = b.offset - b.index;
	e->how = input_how(in);
	e->rec.arg = e;
	e->rec.damage = on_damage;
	e->rec.doubt = on_doubt;
	e->rec.memory = read_code;
	if (!is_ours(e, in, &b))
		return true;
	e->sum->at = b.index;
	e->sum->id = b.id == 0 ? CSD_NO_ID : b.id;
	if (b.size > 0 || whole->size == 0)
		ok = decode(e, in, &b);
	workers_done(e->workers);
	return ok;
}
