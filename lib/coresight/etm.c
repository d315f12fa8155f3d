/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "etm.h"

enum { BLOCK = 256 * 1024 };

static void
say(struct etm *e, const char *text)
{
	if (e->note != NULL)
		e->note(e->arg, text);
}

void
etm_say(struct etm *e, const char *what)
{
	char text[2048];

	snprintf(text, sizeof text, "%s: %s", e->file, what);
	say(e, text);
}

static void
on_damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct etm *e = arg;
	unsigned long long at = e->base + index, left = next - index;
	char text[512];

	e->damages++;
	snprintf(text, sizeof text, "%s@0x%llx: %s, %llu bytes left out", e->file, at, why, left);
	say(e, text);
}

static size_t
read_memory(void *arg, int32_t pid, unsigned space, uint64_t addr, uint8_t *buf, size_t n)
{
	struct etm *e = arg;

	return images_read(&e->images, pid, space, addr, buf, n);
}

bool
etm_images(struct etm *e)
{
	if (e->kernel != NULL && !images_add_elf(&e->images, e->kernel))
		return fault_set(
		    &e->fault, "%s: not a 64-bit ELF file that can be read", e->kernel);
	return true;
}

/* From the window on: how many bytes are missing at the end. */
static uint64_t
feed(struct etm *e, struct csd *c, struct input *in, uint64_t size)
{
	size_t have;

	while (size > 0 && (have = input_fill(in, BLOCK)) > 0 && e->rec.out->error == 0) {
		have = have < size ? have : (size_t)size;
		csd_feed(c, input_at(in), have);
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
		csd_feed(c, buf, n);
		done += n;
	}
	free(buf);
	return size - done;
}

static void
say_stats(struct etm *e, const struct csd *c, const char *name)
{
	char text[4096];
	int n = snprintf(text, sizeof text, "%.200s: ", name);

	pktrec_stats(c, text + n, sizeof text - (size_t)n);
	say(e, text);
}

/* Trace that nobody decodes is told, and is damage of a kind, too. */
static void
say_undecoded(struct etm *e, const struct csd *c)
{
	const struct csd_stats *s = csd_stats(c);
	uint64_t bytes = 0;
	char text[256];
	int id, n = snprintf(text, sizeof text, "trace ids without a decoder:"), ids = 0;

	for (id = 1; id < 0x70; id++) {
		if (s->trace[id] == 0 || csd_knows(c, (uint8_t)id))
			continue;
		bytes += s->trace[id];
		if (ids++ < 8)
			n += snprintf(text + n, sizeof text - (size_t)n, " 0x%x", (unsigned)id);
	}
	if (bytes == 0)
		return;
	e->damages++;
	snprintf(text + n, sizeof text - (size_t)n, "%s: %llu bytes", ids > 8 ? " ..." : "",
	    (unsigned long long)bytes);
	etm_say(e, text);
}

bool
etm_buffer(struct etm *e, struct input *in, const struct etm_buffer *b)
{
	struct csd_handler handler;
	const char *why;
	struct csd *c;
	char text[64];
	uint64_t missing;

	e->base = b->offset - b->index;
	e->rec.arg = e;
	e->rec.damage = on_damage;
	e->rec.memory = read_memory;
	handler = pktrec_handler(&e->rec);
	c = csd_open(b->layout, b->index, b->source, b->n, &handler, &why);
	if (c == NULL)
		return fault_set(&e->fault, "%s: %s: %s", e->file, b->name, why);
	pktrec_begin(&e->rec, b->name, b->layout, b->offset, b->size);
	missing = b->at ? feed_at(e, c, in, b->offset, b->size) : feed(e, c, in, b->size);
	csd_end(c);
	if (missing > 0 && e->rec.out->error == 0) {
		e->damages++;
		snprintf(text, sizeof text, "ends %llu bytes before its trace does",
		    (unsigned long long)missing);
		etm_say(e, text);
	}
	say_undecoded(e, c);
	if (e->stats)
		say_stats(e, c, b->name);
	csd_free(c);
	if (fault_is(&in->fault))
		e->fault = in->fault;
	return !fault_is(&in->fault);
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
		say(e, text);
	}
}

bool
etm_end(struct etm *e)
{
	say_wrong(e);
	pktrec_end(&e->rec);
	images_free(&e->images);
	free(e->source);
	if (e->damages > 0)
		fault_set(&e->fault, "%s: %llu place%s could not be decoded", e->file,
		    (unsigned long long)e->damages, e->damages == 1 ? "" : "s");
	return !fault_is(&e->fault);
}
