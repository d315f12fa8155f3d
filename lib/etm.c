/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "etm.h"
#include "mem.h"

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

/* The sources of a snapshot's buffer that have a decoder. */
static size_t
sources_of(struct etm *e, const struct snapshot *s, const struct snapshot_buffer *b,
    struct csd_source *source)
{
	const char *name;
	char text[512];
	size_t i, n = 0;

	for (i = 0; n < 128 && snapshot_source(s, b, i, &source[n], &name); i++) {
		if (source[n].protocol != CSD_NONE && source[n].protocol != CSD_ITM) {
			n++;
			continue;
		}
		e->damages++;
		snprintf(text, sizeof text, "%.200s: %s", name,
		    source[n].protocol == CSD_ITM ? "ITM is not decoded"
						  : "not a trace source that is known");
		etm_say(e, text);
	}
	return n;
}

static uint64_t
size_of(const struct snapshot_dump *d)
{
	struct stat st;

	if (d->len > 0)
		return d->len;
	if (stat(d->path, &st) != 0 || (uint64_t)st.st_size < d->off)
		return 0;
	return (uint64_t)st.st_size - d->off;
}

static void
put_map(struct etm *e, const struct snapshot_dump *d)
{
	size_t n = strlen(d->path);
	char *path = mem_alloc(4 * n + 1);
	struct rec r = {
		.kind = REC_MAP, .t = 0, .machine = e->rec.machine, .cpu = -1, .pid = -1, .tid = -1
	};

	r.map.mode = STR("k");
	r.map.addr = d->addr;
	r.map.len = size_of(d);
	r.map.off = d->off;
	r.map.prot = r.map.build = STR_NONE;
	r.map.path = (struct str){ path, text_escape(path, d->path, n, "") };
	if (r.map.len > 0 && n > 0)
		rec_put(e->rec.out, &r);
	free(path);
}

static bool
snapshot_buffer(struct etm *e, const struct snapshot *s, const struct snapshot_buffer *b)
{
	struct csd_source source[128];
	struct etm_buffer eb = {
		.name = b->name, .layout = snapshot_layout(b), .size = UINT64_MAX, .source = source
	};
	struct input in;
	bool ok = false;

	e->file = b->path;
	eb.n = sources_of(e, s, b, source);
	if (eb.layout == CSD_SINGLE && eb.n > 1)
		eb.n = 1;
	e->rec.zero_id = eb.layout == CSD_SINGLE;
	if (!input_open(&in, b->path)) {
		e->fault = in.fault;
	} else if (eb.n > 0) {
		eb.size = in.size > 0 ? in.size : UINT64_MAX;
		ok = etm_buffer(e, &in, &eb);
	} else {
		fault_set(&e->fault, "%s: no source of %s can be decoded", b->path, b->name);
	}
	input_close(&in);
	return ok;
}

bool
etm_snapshot(struct etm *e, const char *path)
{
	struct snapshot s;
	size_t i, found = 0;

	e->rec.bare = true;
	e->rec.t = REC_NO_NS;
	e->rec.cpu = e->rec.pid = e->rec.tid = -1;
	if (!snapshot_open(&s, path))
		e->fault = s.fault;
	for (i = 0; i < s.n_dumps && !e->rec.lister && !fault_is(&e->fault); i++)
		put_map(e, &s.dump[i]);
	for (i = 0; i < s.n_buffers && !fault_is(&s.fault); i++) {
		if (e->only != NULL && strcmp(e->only, s.buffer[i].name) != 0)
			continue;
		found++;
		snapshot_buffer(e, &s, &s.buffer[i]);
	}
	if (found == 0 && !fault_is(&e->fault))
		fault_set(&e->fault, "%s: no buffer \"%s\"", path, e->only);
	e->file = path;
	snapshot_close(&s);
	return !fault_is(&e->fault);
}

bool
etm_end(struct etm *e)
{
	pktrec_end(&e->rec);
	if (e->damages > 0)
		fault_set(&e->fault, "%s: %llu place%s could not be decoded", e->file,
		    (unsigned long long)e->damages, e->damages == 1 ? "" : "s");
	return !fault_is(&e->fault);
}
