/* SPDX-License-Identifier: MIT */
/* The trace buffers of an OpenCSD snapshot. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "etm.h"
#include "snapshot.h"

/* The sources of a snapshot's buffer that have a decoder. */
static size_t
sources_of(struct etm *e, const struct snapshot *s, const struct snapshot_buffer *b,
    struct csd_source *source)
{
	const char *name;
	char text[512];
	size_t i, n = 0;

	for (i = 0; n < 128 && snapshot_source(s, b, i, &source[n], &name); i++) {
		if (source[n].protocol != CSD_NONE) {
			n++;
			continue;
		}
		snprintf(text, sizeof text, "%.200s: not a trace source that is known", name);
		etm_say_damage(e, text);
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

/* The memory space of a dump by its name; any where that is none. */
static unsigned
space_named(const char *name)
{
	static const struct {
		const char *name;
		unsigned space;
	} names[] = { { "EL1S", CSD_EL1S }, { "EL1N", CSD_EL1N }, { "EL2", CSD_EL2 },
		{ "EL2S", CSD_EL2S }, { "EL3", CSD_EL3 }, { "S", CSD_EL1S | CSD_EL2S | CSD_EL3 },
		{ "N", CSD_EL1N | CSD_EL2 } };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i].name) == 0)
			return names[i].space;
	return CSD_ANY_SPACE;
}

/* Once for each file: one may be mapped in parts. */
static void
check_file(struct etm *e, const struct snapshot *s, size_t i)
{
	char text[256];
	size_t j;

	for (j = 0; j < i; j++)
		if (strcmp(s->dump[j].path, s->dump[i].path) == 0)
			return;
	if (access(s->dump[i].path, R_OK) == 0)
		return;
	e->file = s->dump[i].path;
	snprintf(text, sizeof text, "cannot be read: %s", strerror(errno));
	etm_say_damage(e, text);
}

static void
add_image(struct etm *e, const struct snapshot *s, size_t i)
{
	const struct snapshot_dump *d = &s->dump[i];
	struct image where = { .addr = d->addr,
		.len = size_of(d),
		.off = d->off,
		.pid = -1,
		.space = space_named(d->space) };

	if (!e->rec.lister && !e->rec.frames)
		put_map(e, d);
	if (!e->rec.decode)
		return;
	check_file(e, s, i);
	images_add(&e->images, &where, d->path, NULL);
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
		fault_set(&e->fault, "%s", in.fault.text);
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
	size_t i;

	e->rec.bare = true;
	e->rec.t = REC_NO_NS;
	e->rec.cpu = e->rec.pid = e->rec.tid = -1;
	if (!snapshot_open(&s, path))
		fault_set(&e->fault, "%s", s.fault.text);
	for (i = 0; i < s.n_dumps && !fault_is(&e->fault); i++)
		add_image(e, &s, i);
	for (i = 0; i < s.n_buffers && !fault_is(&s.fault); i++) {
		if (etm_wants(e, s.buffer[i].name))
			snapshot_buffer(e, &s, &s.buffer[i]);
	}
	e->file = path;
	snapshot_close(&s);
	return !fault_is(&e->fault);
}
