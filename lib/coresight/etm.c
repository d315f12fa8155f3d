/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/perfmagic.h"
#include "etm.h"
#include "snapshot.h"

enum { BLOCK = 256 * 1024, MAXWRONG = 1 << 20 };

/* What the jobs found so far, the first fault of all. */
struct found {
	uint64_t damages, missing, pages;
	struct fault fault;
	bool wrong[MAXWRONG]; /* files, in the order in which all jobs meet them */
};

static void
on_damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct etm *e = arg;
	unsigned long long at = e->base + index, left = next - index;
	struct etm_kept *kept = e->guard.common;
	char text[512];

	e->damages++;
	if (kept != NULL)
		kept->damages = e->damages;
	snprintf(text, sizeof text, "%s@0x%llx: %s, %llu bytes left out", e->file, at, why, left);
	etm_note(e, text);
}

static size_t
read_memory(void *arg, int32_t pid, unsigned space, uint64_t addr, uint8_t *buf, size_t n)
{
	struct etm *e = arg;

	return images_read(&e->images, pid, space, addr, buf, n);
}

bool
etm_begin(struct etm *e, struct input *in)
{
	if (e->kernel != NULL && !images_add_elf(&e->images, e->kernel))
		return fault_set(
		    &e->fault, "%s: not a 64-bit ELF file that can be read", e->kernel);
	if (e->n_sources > 0) /* a raw dump is one buffer */
		e->jobs.n = 1;
	if (e->jobs.n < 2 && !e->rec.decode)
		return true;
	if (e->jobs.n > 1)
		in->progress = false;
	if (e->n_sources == 0 && !input_spool(in))
		return false;
	if (!jobs_start(&e->jobs, e->rec.out, sizeof(struct found)))
		return false;
	if (!e->rec.decode)
		return true;
	if (!guard_start(&e->guard, &e->jobs, e->rec.out, sizeof(struct etm_kept)))
		return false;
	e->rec.out = e->guard.to;
	return true;
}

/* Add what this job found to what is known; it has the turn. */
static void
add_found(struct etm *e)
{
	struct found *all = e->jobs.common;
	size_t i;

	all->damages += e->damages;
	all->missing += e->rec.n_missing;
	all->pages += e->rec.n_pages;
	e->damages = e->rec.n_missing = e->rec.n_pages = 0;
	if (fault_is(&e->fault))
		fault_set(&all->fault, "%s", e->fault.text);
	for (i = 0; i < e->images.n_files && i < MAXWRONG; i++)
		all->wrong[i] = all->wrong[i] || e->images.file[i].wrong;
}

/* The last job takes over what all have found. */
static void
take_found(struct etm *e)
{
	const struct found *all = e->jobs.common;
	size_t i;

	add_found(e);
	e->damages = all->damages;
	e->rec.n_missing = all->missing;
	e->rec.n_pages = all->pages;
	e->fault = all->fault;
	for (i = 0; i < e->images.n_files && i < MAXWRONG; i++)
		e->images.file[i].wrong = all->wrong[i];
}

/* A buffer comes: whether this job is the one to decode it. */
static bool
is_ours(struct etm *e, uint64_t size)
{
	if (jobs_full(&e->jobs)) {
		if (jobs_mine(&e->jobs)) {
			jobs_wait(&e->jobs);
			add_found(e);
		}
		jobs_next(&e->jobs);
	}
	jobs_add(&e->jobs, size);
	return jobs_mine(&e->jobs);
}

/* Whether this process is the one to decode it, or what a crash left of it. */
static bool
is_left(struct etm *e, struct input *in, struct etm_buffer *b)
{
	enum guard_turn turn = guard_piece(&e->guard);

	if (turn == GUARD_WORK)
		return is_ours(e, b->size);
	while (turn == GUARD_LOST) {
		etm_crashed(e, in, b);
		turn = guard_again(&e->guard);
	}
	return turn == GUARD_WORK && b->size > 0;
}

static void
give(struct etm *e, struct csd *c, const uint8_t *p, size_t n)
{
	struct etm_kept *kept = e->guard.common;
	size_t part;

	for (; n > 0; p += part, n -= part) {
		part = kept == NULL || n < ETM_STEP ? n : ETM_STEP;
		csd_feed(c, p, part);
		if (kept != NULL) {
			kept->at += part;
			kept->id = *csd_frame_id(c);
			kept->missing = e->rec.n_missing;
			kept->pages = e->rec.n_pages;
		}
	}
	jobs_poll(&e->jobs);
}

/* From the window on: how many bytes are missing at the end. */
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
	uint8_t *buf = mem_resize(NULL, BLOCK, 1);
	size_t n;

	left = left < size ? left : size;
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

bool
etm_wants(struct etm *e, const char *name)
{
	bool wanted = e->only == NULL || strcmp(e->only, name) == 0;

	e->found = e->found || wanted;
	return wanted;
}

static bool
decode(struct etm *e, struct input *in, const struct etm_buffer *b)
{
	struct csd_handler handler = pktrec_handler(&e->rec);
	const char *why;
	struct csd *c;
	char text[64];
	uint64_t missing;
	size_t i;

	c = csd_open(b->layout, b->index, b->source, b->n, &handler, &why);
	if (c == NULL)
		return fault_set(&e->fault, "%s: %s: %s", e->file, b->name, why);
	if (b->id != 0)
		*csd_frame_id(c) = b->id;
	pktrec_begin(&e->rec, b->name, b->layout, b->offset, b->size);
	for (i = 0; i < b->n; i++)
		pktrec_add(&e->rec, &b->source[i]);
	missing = b->at ? feed_at(e, c, in, b->offset, b->size) : feed(e, c, in, b->size);
	csd_end(c);
	if (missing > 0 && e->rec.out->error == 0) {
		snprintf(text, sizeof text, "ends %llu bytes before its trace does",
		    (unsigned long long)missing);
		etm_say_damage(e, text);
	}
	etm_say_buffer(e, c, b->name);
	csd_free(c);
	if (fault_is(&in->fault))
		fault_set(&e->fault, "%s", in->fault.text);
	return !fault_is(&in->fault);
}

bool
etm_buffer(struct etm *e, struct input *in, const struct etm_buffer *whole)
{
	struct etm_buffer b = *whole;
	struct etm_kept *kept = e->guard.common;
	bool ok;

	e->base = b.offset - b.index;
	e->rec.arg = e;
	e->rec.damage = on_damage;
	e->rec.memory = read_memory;
	if (!is_left(e, in, &b))
		return true;
	if (kept != NULL) {
		kept->at = b.index;
		kept->id = b.id == 0 ? CSD_NO_ID : b.id;
		kept->damages = e->damages;
		kept->missing = e->rec.n_missing;
		kept->pages = e->rec.n_pages;
		kept->fault = e->fault;
	}
	guard_enter(&e->guard);
	ok = decode(e, in, &b);
	guard_leave(&e->guard);
	return ok;
}

void
etm_decode(struct etm *e, struct input *in)
{
	size_t n = input_fill(in, 4096);
	bool perf = perf_magic(input_at(in), n) != PERF_MAGIC_NONE,
	     snapshot = snapshot_is(input_at(in), n);

	e->file = in->name;
	if (fault_is(&in->fault))
		return;
	if (e->n_sources > 0 && (perf || snapshot))
		fault_set(&e->fault, "%s: %s, not a raw dump: it says itself what --protocol does",
		    in->name, perf ? "a perf.data" : "a snapshot");
	else if (e->n_sources > 0)
		etm_raw(e, in);
	else if (snapshot && strcmp(in->name, "<stdin>") == 0)
		fault_set(&e->fault,
		    "%s: a snapshot is files: it cannot be read from standard input", in->name);
	else if (snapshot)
		etm_snapshot(e, in->name);
	else if (perf)
		etm_perf(e, in);
	else
		fault_set(&e->fault, "%s: %s", in->name,
		    n == 0 ? "the file is empty"
			   : "neither a perf.data nor an OpenCSD snapshot; for a raw dump say "
			     "--protocol");
	if (e->only != NULL && !e->found && !fault_is(&e->fault))
		fault_set(&e->fault, "%s: no buffer \"%s\"", in->name, e->only);
}

static void
say_wrong(struct etm *e)
{
	char text[4400];
	size_t i;

	for (i = 0; i < e->images.n_files; i++) {
		if (!e->images.file[i].wrong)
			continue;
		snprintf(text, sizeof text,
		    "%.4096s: not the file that ran, its build id is another",
		    e->images.file[i].path);
		etm_note(e, text);
	}
}

bool
etm_end(struct etm *e)
{
	bool ours = guard_end(&e->guard), last = ours && jobs_end(&e->jobs);

	if (last && e->jobs.common != NULL)
		take_found(e);
	if (!ours)
		e->fault = e->guard.fault;
	else if (fault_is(&e->jobs.fault))
		e->fault = e->jobs.fault;
	if (last) {
		say_wrong(e);
		etm_say_missing(e);
	}
	pktrec_end(&e->rec);
	images_free(&e->images);
	free(e->source);
	if (!last)
		return ours || !fault_is(&e->fault);
	if (e->damages > 0)
		fault_set(&e->fault, "%s: %llu place%s could not be decoded", e->file,
		    (unsigned long long)e->damages, e->damages == 1 ? "" : "s");
	return !fault_is(&e->fault);
}
