/* SPDX-License-Identifier: MIT */
/*
 * ftracefloor TRACING cpu0 cpu1 ... - the least that a converter of trace pages does: walk them and
 * write each event's time, CPU, task, name and numbers, one CPU after the other
 *
 * For a bench: 64-bit little-endian pages of 4096 bytes, no checks, no merge, no kinds, no stacks,
 * no losses; arrays and texts as numbers of bytes.
 */

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "ftrace/tracedesc.h"

enum { PAGE = 4096, IDS = 1 << 16, EVENT_MOST = 1 << 16, ROOM = 1 << 17 };

struct floor {
	const struct evformat *by_id[IDS];
	char text[ROOM + EVENT_MOST];
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
put_field(char *d, const struct evfield *f, const uint8_t *p)
{
	struct bytes raw = bytes_of(p, EVENT_MOST, false);
	size_t i, n = f->is_array && !f->is_string && !f->data_loc ? f->size / f->each : 1;
	struct evfield one = *f;

	d = str_put(d, f->key);
	if (f->is_string && !f->data_loc)
		return str_put(d, (struct str){ (const char *)p + f->offset,
				      strnlen((const char *)p + f->offset, f->size) });
	for (i = 0; i < n; i++, one.offset += f->each) {
		d += f->is_signed ? text_put_s64(d, evfield_int(&one, raw))
				  : text_put_u64(d, (uint64_t)evfield_int(&one, raw));
		*d++ = ',';
	}
	return d;
}

static void
put_event(struct floor *f, uint64_t t, uint64_t cpu, const uint8_t *p)
{
	const struct evformat *e = f->by_id[p[0] | p[1] << 8];
	char *d = f->text + f->n;
	int32_t tid;
	size_t i;

	if (e == NULL)
		return;
	memcpy(&tid, p + 4, sizeof tid);
	d += text_put_u64(d, t);
	*d++ = '\t';
	d += text_put_u64(d, cpu);
	*d++ = '\t';
	d += text_put_s64(d, tid);
	*d++ = '\t';
	d = str_put(d, str_of(e->name));
	for (i = 0; i < e->n; i++)
		if (!e->field[i].common)
			d = put_field(d, &e->field[i], p);
	*d++ = '\n';
	f->n = (size_t)(d - f->text);
	if (f->n > ROOM)
		flush(f);
}

static void
walk(struct floor *f, uint64_t cpu, const uint8_t *page)
{
	uint64_t t, commit;
	const uint8_t *p = page + 16, *end;
	uint32_t head, type, size;

	memcpy(&t, page, sizeof t);
	memcpy(&commit, page + 8, sizeof commit);
	for (end = p + (commit & 0xfffff); p < end; p += size) {
		memcpy(&head, p, sizeof head);
		memcpy(&size, p + 4, sizeof size);
		type = head & 31;
		if (type == 29 && head >> 5 == 0)
			break;
		t = type == 31 ? (uint64_t)size << 27 | head >> 5 : t + (head >> 5);
		if (type == 30)
			t += (uint64_t)size << 27;
		if (type <= 28)
			put_event(f, t, cpu, p + (type == 0 ? 8 : 4));
		size = type == 0 || type == 29 ? 4 + ((size + 3) & ~3u)
		       : type > 28             ? 8
					       : 4 + 4 * type;
	}
}

int
main(int argc, char *argv[])
{
	struct floor *f = mem_alloc(sizeof *f);
	uint8_t page[2 * PAGE] = { 0 };
	struct fault fault = { "" };
	struct tracedesc d;
	size_t i;
	int fd, cpu;

	tracedesc_open(&d);
	if (argc < 3 || !tracedesc_read(&d, argv[1], &fault))
		errx(1, "ftracefloor TRACING cpu0 ...: %s", fault.text);
	for (i = 0; i < d.formats.n; i++)
		f->by_id[d.formats.format[i]->id % IDS] = d.formats.format[i];
	for (cpu = 2; cpu < argc; cpu++) {
		if ((fd = open(argv[cpu], O_RDONLY | O_CLOEXEC)) < 0)
			err(1, "%s", argv[cpu]);
		while (read(fd, page, PAGE) == PAGE)
			walk(f, (uint64_t)cpu - 2, page);
		close(fd);
	}
	flush(f);
	tracedesc_free(&d);
	free(f);
	return 0;
}
