/* SPDX-License-Identifier: MIT */
/*
 * perffloor FILE - the least that a converter of perf.data does: walk the records and write each
 * sample's event, time, CPU, pid, tid, the fields of its tracepoint and its stack
 *
 * For a bench: little-endian files with a header and without compressed records, one format of
 * samples for each event, no checks, no order, no kinds, no processes, no losses.
 */

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "perf/perfrec_int.h"

enum { ROOM = 1 << 18, MOST = 1 << 18, SAMPLE = PERF_R_SAMPLE, MAX_MODE = 4095 };

struct floor {
	struct perf_names names;
	char *text;
	size_t n;
};

static void
flush(struct floor *f)
{
	if (write(STDOUT_FILENO, f->text, f->n) != (ssize_t)f->n)
		err(1, "output");
	f->n = 0;
}

static char *
put_fields(char *d, const struct evformat *e, struct bytes raw)
{
	const struct evfield *f;

	for (f = e->field + e->first; f < e->field + e->n; f++) {
		*d++ = '\t';
		if (f->is_string && !f->data_loc)
			d = str_put(d, (struct str){ (const char *)raw.p + f->offset,
					   strnlen((const char *)raw.p + f->offset, f->size) });
		else if (f->is_signed)
			d += text_put_s64(d, evfield_int(f, raw));
		else
			d += text_put_u64(d, (uint64_t)evfield_int(f, raw));
	}
	return d;
}

static char *
put_stack(char *d, struct bytes chain)
{
	uint64_t v;

	while (bytes_left(&chain) > 0) {
		v = bytes_u64(&chain);
		if (v >= (uint64_t)-MAX_MODE)
			*d++ = v == (uint64_t)-128 ? 'k' : 'u';
		else
			d += text_put_hex(d, v);
		*d++ = ';';
	}
	return d;
}

static void
put_sample(struct floor *f, const struct perf_attr *a, struct bytes body)
{
	const struct evformat *e = NULL;
	char *d = f->text + f->n;
	struct perf_sample s;

	if (a == NULL || !perf_sample_read(a, body, &s))
		return;
	if (a->type == PERF_TRACEPOINT)
		e = evformats_find(&f->names.formats, a->config);
	d = str_put(d, e != NULL ? str_of(e->name) : STR("sample"));
	*d++ = '\t';
	d += text_put_u64(d, s.time);
	*d++ = '\t';
	d += text_put_s64(d, s.cpu);
	*d++ = '\t';
	d += text_put_s64(d, s.pid);
	*d++ = '\t';
	d += text_put_s64(d, s.tid);
	if (e != NULL)
		d = put_fields(d, e, s.raw);
	*d++ = '\t';
	d = put_stack(d, s.chain);
	*d++ = '\n';
	f->n = (size_t)(d - f->text);
	if (f->n > ROOM)
		flush(f);
}

static void
walk(struct floor *f, struct perf_events *events, const uint8_t *p, const uint8_t *end)
{
	struct bytes b;
	uint32_t type;
	uint16_t size;

	for (; p < end; p += size) {
		memcpy(&type, p, sizeof type);
		memcpy(&size, p + 6, sizeof size);
		b = bytes_of(p + 8, size - 8u, false);
		if (type == SAMPLE)
			put_sample(f, perf_events_of(events, true, b), b);
	}
	flush(f);
}

int
main(int argc, char *argv[])
{
	struct floor f = { .text = mem_alloc(ROOM + MOST) };
	struct perf perf;
	struct input in;
	uint64_t at[2];
	uint8_t *p;

	if (argc != 2 || !input_open(&in, argv[1]) || !perf_open(&perf, &in))
		errx(1, "perffloor FILE");
	perf_names_formats(&f.names, perf_feature(&perf, PERF_F_TRACING_DATA));
	p = mmap(NULL, in.size, PROT_READ, MAP_PRIVATE, in.fd, 0);
	if (p == MAP_FAILED)
		err(1, "%s", in.name);
	memcpy(at, p + 40, sizeof at);
	walk(&f, perf_events(&perf), p + at[0], p + at[0] + at[1]);
	munmap(p, in.size);
	perf_names_free(&f.names);
	perf_close(&perf);
	input_close(&in);
	free(f.text);
	return 0;
}
