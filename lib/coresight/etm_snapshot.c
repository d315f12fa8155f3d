/* SPDX-License-Identifier: MIT */
/* The trace buffers of an OpenCSD snapshot. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "etm_int.h"
#include "snapshot.h"

enum { MAXSOURCES = 128 };

struct etmsnap {
	struct etm *e;
	const char *path; /* of the snapshot.ini */
	char *root;       /* of memory images, as code finds them */
	struct snapshot s;
	struct intern files;  /* names of memory images that were tried */
	struct intern traces; /* files that were decoded, by device and inode */
};

/* The sources in a buffer that have a decoder. */
static size_t
sources_of(struct etmsnap *p, const struct snapshot_buffer *b, enum csd_layout layout,
    struct csd_source *source)
{
	const char *name;
	char text[512];
	size_t i, n = 0;

	for (i = 0; n < MAXSOURCES && snapshot_source(&p->s, b, i, &source[n], &name); i++) {
		if (source[n].protocol != CSD_NONE) {
			n++;
			continue;
		}
		snprintf(text, sizeof text, "%.200s: an unknown type of trace source", name);
		etm_note_damage(p->e, "sources of unknown type", text);
	}
	return layout == CSD_SINGLE && n > 1 ? 1 : n;
}

/* The number of bytes of a memory image, 0 if its file cannot be read: that is noted once, and for
 * a full decode is damage. */
static uint64_t
size_of(struct etmsnap *p, const struct snapshot_dump *d)
{
	const size_t n = p->files.n;
	const bool again = intern_put(&p->files, str_of(d->file)) != n;
	struct fault why = { "" };
	struct stat st = { 0 };
	int fd = snapshot_file(&p->s, d->file, &why);
	char text[600];

	if (fd < 0 && !again && p->e->options->decode) {
		p->e->file = snapshot_path(&p->s, d->file);
		snprintf(text, sizeof text, "cannot be read: %s", why.text);
		etm_note_damage(p->e, "memory images that cannot be read", text);
		p->e->file = p->path;
	}
	if (fd >= 0) {
		fstat(fd, &st);
		close(fd);
	}
	if (d->len > 0)
		return d->len;
	return (uint64_t)st.st_size < d->off ? 0 : (uint64_t)st.st_size - d->off;
}

static void
put_map(const struct etm *e, const struct snapshot_dump *d, uint64_t len, struct str path)
{
	struct rec r = {
		.kind = REC_MAP, .t = 0, .machine = e->rec.machine, .cpu = -1, .pid = -1, .tid = -1
	};

	r.map.mode = STR("k");
	r.map.addr = d->addr;
	r.map.len = len;
	r.map.off = d->off;
	r.map.prot = r.map.build = STR_NONE;
	r.map.path = path;
	rec_put(e->rec.out, &r);
}

/* A path as records have it; freed by the caller. */
static struct str
escape(const char *path)
{
	size_t n = strlen(path);
	char *to = mem_alloc(4 * n + 2);

	return (struct str){ to, text_escape(to, path, n, "") };
}

/* The same of a memory image, as code finds it. */
static struct str
escape_image(const struct etmsnap *p, const char *file)
{
	size_t n = strlen(p->root) + strlen(file) + 2;
	char *path = mem_alloc(n);
	struct str text;

	snprintf(path, n, "%s%s%s", *file == '/' ? "" : p->root, *file == '/' ? "" : "/", file);
	text = escape(path);
	free(path);
	return text;
}

static void
add_image(struct etmsnap *p, const struct snapshot_dump *d)
{
	struct etm *e = p->e;
	uint64_t len = size_of(p, d);
	struct str text = escape(snapshot_path(&p->s, d->file)), image = escape_image(p, d->file);

	if (!e->rec.lister && !e->rec.frames && len > 0)
		put_map(e, d, len, text);
	if (e->code != NULL)
		code_add_image(e->code, d->addr, len, d->off, d->spaces, image);
	free((char *)image.p);
	free((char *)text.p);
}

static void
decode_buffer(struct etmsnap *p, const struct snapshot_buffer *b, struct input *in)
{
	const struct etm_options *o = p->e->options;
	const enum csd_layout layout = o->has_layout ? o->layout : b->layout;
	struct csd_source source[MAXSOURCES];
	struct etm *e = p->e;
	struct etm_buffer eb = { .name = b->name,
		.layout = layout,
		.size = in->size > 0 ? in->size : UINT64_MAX,
		.source = source,
		.n = sources_of(p, b, layout, source) };

	e->rec.zero_id = layout == CSD_SINGLE;
	if (eb.n > 0)
		etm_buffer(e, in, &eb);
	else
		fault_set(&e->sum->fault, "%s: no source of %s can be decoded", e->file, b->name);
}

static void
open_buffer(struct etmsnap *p, const struct snapshot_buffer *b)
{
	struct etm *e = p->e;
	struct fault why = { "" };
	int fd = snapshot_file(&p->s, b->file, &why);
	const char *path = snapshot_path(&p->s, b->file);
	struct input in;

	e->file = path;
	if (fd < 0) {
		fault_set(&e->sum->fault, "%s: %s", path, why.text);
	} else if (!snapshot_is_new(&p->traces, fd)) {
		etm_note_damage(
		    e, "buffers that repeat other buffers", "decoded as another buffer already");
		close(fd);
	} else {
		if (input_open_fd(&in, path, fd))
			decode_buffer(p, b, &in);
		else
			fault_set(&e->sum->fault, "%s", in.fault.text);
		input_close(&in);
	}
	e->file = p->path;
}

/* Have code look for memory images where the snapshot does. */
static bool
open_code(struct etmsnap *p)
{
	const bool outside = p->e->options->outside;
	const char *folder = snapshot_path(&p->s, "");
	bool ok = etm_open_code(p->e, outside ? NULL : folder);

	p->root = outside ? realpath(folder, NULL) : mem_copy("", 0);
	return ok && p->root != NULL;
}

void
etm_snapshot(struct etm *e, const char *path)
{
	struct etmsnap p = { .e = e, .path = path };
	size_t i;

	e->rec.bare = true;
	e->rec.t = REC_NO_NS;
	e->rec.cpu = e->rec.pid = e->rec.tid = -1;
	if (snapshot_open(&p.s, path, e->options->outside, &e->sum->fault) && open_code(&p)) {
		for (i = 0; i < p.s.n_dumps; i++)
			add_image(&p, &p.s.dump[i]);
		for (i = 0; i < p.s.n_buffers && !etm_over(e); i++)
			if (etm_wants(e, p.s.buffer[i].name))
				open_buffer(&p, &p.s.buffer[i]);
	}
	intern_free(&p.files);
	intern_free(&p.traces);
	free(p.root);
	snapshot_close(&p.s);
}
