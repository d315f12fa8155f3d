/* SPDX-License-Identifier: MIT */
/*
 * mkdat - make a trace.dat, or raw pages, as another machine would have written them:
 * mkdat [-b] [-4] [-6] [-r] [-z] [-i name] [-O id=file] ... tracing cpu0 cpu1 ... >trace.dat
 *
 * From the formats of a folder and raw pages of a 64-bit little-endian kernel, one file for each
 * CPU: big-endian (-b), with longs of 4 bytes (-4; addresses in stacks lose their upper half, all
 * other fields keep their size), as version 6 instead of 7 (-6), compressed by zlib (-z), with
 * another buffer that has the same pages (-i), with options of any kind. -r writes just the pages
 * of the last CPU.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "ftrace/tracedesc.h"

enum { MAXCPUS = 16, MAXOPTIONS = 16, CHUNK = 3 };
enum { DONE, BUFFER = 3, CLOCK = 4, HEADER = 16, FTRACE, FORMATS, KALLSYMS, CMDLINES = 21 };

struct maker {
	struct tracedesc desc;
	size_t page;
	bool big, small, six, raw, zlib;
	const char *instance, *options[MAXOPTIONS];
	int noptions, ncpu;
	struct strbuf pages[MAXCPUS];
	struct strbuf out;
};

static void
number_at(const struct maker *m, char *d, uint64_t v, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		d[i] = (char)(v >> 8 * (m->big ? size - 1 - i : i));
}

static void
number(const struct maker *m, struct strbuf *b, uint64_t v, size_t size)
{
	number_at(m, strbuf_reserve(b, size), v, size);
	b->n += size;
}

static void
text(const struct maker *m, struct strbuf *b, size_t size, struct str s)
{
	number(m, b, s.n, size);
	strbuf_add(b, s);
}

static void
name(struct strbuf *b, const char *s)
{
	strbuf_add_bytes(b, s, strlen(s) + 1);
}

static void
read_file(struct strbuf *b, const char *path)
{
	FILE *fp = fopen(path, "rb");
	size_t n;

	if (fp == NULL)
		err(1, "%s", path);
	while ((n = fread(strbuf_reserve(b, 4096), 1, 4096, fp)) > 0)
		b->n += n;
	fclose(fp);
}

/* --- pages */

/* Swap elements of 2, 4 or 8 bytes. */
static void
swap(const struct maker *m, char *d, const uint8_t *p, size_t n, size_t each)
{
	struct bytes b = bytes_of(p, n, false);

	if (each != 2 && each != 4 && each != 8)
		return;
	for (; bytes_left(&b) >= each; d += each)
		number_at(m, d,
		    each == 2   ? bytes_u16(&b)
		    : each == 4 ? bytes_u32(&b)
				: bytes_u64(&b),
		    each);
}

static void
swap_field(const struct maker *m, char *d, const struct evfield *f, struct bytes raw)
{
	struct bytes at = raw, array = evfield_bytes(f, raw);
	const uint8_t *p = bytes_take(&at, f->offset);

	if (p == NULL || f->offset + f->size > bytes_left(&raw))
		return;
	if (f->data_loc || f->rel_loc)
		swap(m, d + f->offset, at.p, 4, 4);
	if (f->data_loc || f->rel_loc || f->is_array)
		swap(m, d + (array.p - raw.p), array.p, bytes_left(&array), f->each);
	else
		swap(m, d + f->offset, at.p, f->size, f->each);
}

/* An event's data; the addresses of a stack go on to the end of it. Returns their length. */
static size_t
data(const struct maker *m, char *d, struct bytes raw)
{
	struct bytes id = raw;
	const struct evformat *e = evformats_find(&m->desc.formats, bytes_u16(&id));
	const struct evfield *caller = e == NULL ? NULL : evformat_field(e, "caller");
	size_t i, n = bytes_left(&raw);
	struct bytes stack = raw;

	memcpy(d, raw.p, n);
	for (i = 0; e != NULL && i < e->n; i++)
		swap_field(m, d, &e->field[i], raw);
	if (caller == NULL)
		return n;
	bytes_take(&stack, caller->offset);
	for (n = caller->offset; bytes_left(&stack) >= 8; n += m->small ? 4 : 8)
		number_at(m, d + n, bytes_u64(&stack), m->small ? 4 : 8);
	return n;
}

/* Copy one event. Returns its bytes in the source. */
static size_t
event(const struct maker *m, struct strbuf *b, const uint8_t *p)
{
	struct bytes head = bytes_of(p, 8, false);
	uint32_t first = bytes_u32(&head), type = first & 31, delta = first >> 5;
	uint32_t second = bytes_u32(&head);
	size_t n = type == 0 ? second - 4 : 4 * type, at = type == 0 ? 8 : 4, got;
	char room[8192];

	if (type > 28) {
		number(m, b, m->big ? type << 27 | delta : first, 4);
		if (type != 29 || delta != 0)
			number(m, b, second, 4);
		if (type == 29 && delta != 0)
			strbuf_add_bytes(b, p + 8, second - 4);
		return type != 29 ? 8 : delta == 0 ? 4 : 4 + second;
	}
	if (n > sizeof room)
		errx(1, "an event is too long");
	got = data(m, room, bytes_of(p + at, n, false));
	if (type != 0)
		type = (uint32_t)got / 4;
	number(m, b, m->big ? type << 27 | delta : type | delta << 5, 4);
	if (type == 0)
		number(m, b, got + 4, 4);
	strbuf_add_bytes(b, room, got);
	return at + ((n + 3) & ~(size_t)3);
}

static void
page(struct maker *m, struct strbuf *b, const uint8_t *p)
{
	struct bytes head = bytes_of(p, 16, false);
	size_t start = b->n, at, commit, word = m->small ? 4 : 8;
	uint64_t flags;

	number(m, b, bytes_u64(&head), 8);
	commit = bytes_u64(&head) & UINT32_MAX;
	flags = commit & ~(uint64_t)0xfffff;
	commit &= 0xfffff;
	number(m, b, 0, word);
	for (at = 16; at + 4 <= 16 + commit;)
		at += event(m, b, p + at);
	number_at(m, b->p + start + 8, (b->n - start - 8 - word) | flags, word);
	if (flags & 1u << 30) {
		head = bytes_of(p + 16 + commit, 8, false);
		number(m, b, bytes_u64(&head), word);
	}
	if (b->n - start > m->page)
		errx(1, "a page is too full");
	at = m->page - (b->n - start);
	memset(strbuf_reserve(b, at), 0, at);
	b->n += at;
}

static void
read_pages(struct maker *m, const char *path)
{
	struct strbuf from = { 0 };
	size_t at;

	read_file(&from, path);
	for (at = 0; at + m->page <= from.n; at += m->page)
		page(m, &m->pages[m->ncpu], (const uint8_t *)from.p + at);
	m->ncpu++;
	strbuf_free(&from);
}

/* --- the description */

static void
header(const struct maker *m, struct strbuf *b)
{
	const int word = m->small ? 4 : 8;
	char s[512];

	snprintf(s, sizeof s,
	    "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	    "\tfield: local_t commit;\toffset:8;\tsize:%d;\tsigned:1;\n"
	    "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
	    "\tfield: char data;\toffset:%d;\tsize:%zu;\tsigned:1;\n",
	    word, 8 + word, m->page - 8 - (size_t)word);
	name(b, "header_page");
	text(m, b, 8, str_of(s));
	name(b, "header_event");
	text(m, b, 8, STR("# compressed entry header\n"));
}

/* The formats of one system, or the number of systems and the formats of all others. */
static void
formats(const struct maker *m, struct strbuf *b, const char *system)
{
	const struct evformats *set = &m->desc.formats;
	size_t i, at = b->n, n = 0, length = strlen(system);

	number(m, b, 0, 4);
	for (i = 0; i < set->n; i++)
		if (strncmp(set->format[i]->name, system, length) == 0 &&
		    set->format[i]->name[length] == ':') {
			text(m, b, 8, str_of(set->format[i]->text));
			n++;
		}
	number_at(m, b->p + at, n, 4);
}

static void
systems(const struct maker *m, struct strbuf *b)
{
	const struct evformats *set = &m->desc.formats;
	char system[128], last[128] = "";
	size_t i, at = b->n, n = 0;

	number(m, b, 0, 4);
	for (i = 0; i < set->n; i++) {
		snprintf(system, sizeof system, "%.*s", (int)strcspn(set->format[i]->name, ":"),
		    set->format[i]->name);
		if (strcmp(system, "ftrace") == 0 || strcmp(system, last) == 0)
			continue;
		memcpy(last, system, sizeof last);
		name(b, system);
		formats(m, b, system);
		n++;
	}
	number_at(m, b->p + at, n, 4);
}

static void
option(const struct maker *m, struct strbuf *b, unsigned id, struct str s)
{
	number(m, b, id, 2);
	text(m, b, 4, s);
}

static void
options(const struct maker *m, struct strbuf *b)
{
	struct strbuf s = { 0 };
	int i;

	for (i = 0; i < m->noptions; i++) {
		strbuf_clear(&s);
		read_file(&s, strchr(m->options[i], '=') + 1);
		option(m, b, (unsigned)atoi(m->options[i]), strbuf_str(&s));
	}
	strbuf_free(&s);
}

/* trace-cmd maps the pages. */
static void
align(struct maker *m)
{
	size_t pad = (m->page - m->out.n % m->page) % m->page;

	memset(strbuf_reserve(&m->out, pad), 0, pad);
	m->out.n += pad;
}

/* --- version 6 */

static void
table(const struct maker *m, struct strbuf *b, size_t *places)
{
	int i;

	strbuf_add_bytes(b, "flyrecord", 10);
	*places = b->n;
	for (i = 0; i < m->ncpu; i++) {
		number(m, b, 0, 8);
		number(m, b, m->pages[i].n, 8);
	}
}

static void
pages_6(struct maker *m, size_t places)
{
	int i;

	for (i = 0; i < m->ncpu; i++) {
		align(m);
		number_at(m, m->out.p + places + 16 * (size_t)i, m->out.n, 8);
		strbuf_add(&m->out, strbuf_str(&m->pages[i]));
	}
}

static void
make_6(struct maker *m)
{
	struct strbuf *b = &m->out, value = { 0 };
	size_t places, instance = 0;

	header(m, b);
	formats(m, b, "ftrace");
	systems(m, b);
	text(m, b, 4, strbuf_str(&m->desc.symbols));
	number(m, b, 0, 4);
	text(m, b, 8, strbuf_str(&m->desc.cmdlines));
	number(m, b, (uint64_t)m->ncpu, 4);
	strbuf_add_bytes(b, "options  ", 10);
	options(m, b);
	if (m->instance != NULL) {
		number(m, &value, 0, 8);
		name(&value, m->instance);
		option(m, b, BUFFER, strbuf_str(&value));
		instance = b->n - value.n;
	}
	number(m, b, DONE, 2);
	table(m, b, &places);
	pages_6(m, places);
	if (m->instance != NULL) {
		number_at(m, b->p + instance, b->n, 8);
		table(m, b, &places);
		pages_6(m, places);
	}
	strbuf_free(&value);
}

/* --- version 7 */

static void
pack(const struct maker *m, struct strbuf *b, struct str s)
{
	uLongf n = compressBound(s.n);
	size_t at = b->n;

	number(m, b, 0, 4);
	number(m, b, s.n, 4);
	if (compress((Bytef *)strbuf_reserve(b, n), &n, (const Bytef *)s.p, s.n) != Z_OK)
		errx(1, "zlib");
	b->n += n;
	number_at(m, b->p + at, n, 4);
}

/* Write a section; returns its place. */
static uint64_t
section(struct maker *m, unsigned id, struct strbuf *s)
{
	uint64_t at = m->out.n;
	struct strbuf packed = { 0 };

	if (m->zlib)
		pack(m, &packed, strbuf_str(s));
	number(m, &m->out, id, 2);
	number(m, &m->out, m->zlib, 2);
	number(m, &m->out, 0, 4);
	text(m, &m->out, 8, strbuf_str(m->zlib ? &packed : s));
	strbuf_free(&packed);
	strbuf_clear(s);
	return at;
}

static void
part(struct maker *m, struct strbuf *list, unsigned id, struct strbuf *s)
{
	number(m, list, id, 2);
	number(m, list, 8, 4);
	number(m, list, section(m, id, s), 8);
}

/* Write a CPU's pages in chunks. Returns their bytes without the number of chunks. */
static uint64_t
chunks(struct maker *m, const struct strbuf *pages)
{
	size_t each = CHUNK * m->page, at, n = m->out.n + 4;

	number(m, &m->out, (pages->n + each - 1) / each, 4);
	for (at = 0; at < pages->n; at += each)
		pack(m, &m->out,
		    (struct str){ pages->p + at, pages->n - at < each ? pages->n - at : each });
	return m->out.n - n;
}

static void
buffer_7(struct maker *m, struct strbuf *list, const char *instance)
{
	struct strbuf value = { 0 };
	uint64_t at, size;
	int i;

	number(m, &value, m->out.n, 8);
	name(&value, instance);
	strbuf_add(&value, strbuf_str(&m->desc.clock));
	strbuf_putc(&value, '\0');
	number(m, &value, m->page, 4);
	number(m, &value, (uint64_t)m->ncpu, 4);
	number(m, &m->out, BUFFER, 2);
	number(m, &m->out, m->zlib, 2);
	number(m, &m->out, 0, 4);
	number(m, &m->out, 0, 8);
	for (i = 0; i < m->ncpu; i++) {
		if (!m->zlib)
			align(m);
		at = m->out.n;
		size = m->pages[i].n;
		if (m->zlib)
			size = chunks(m, &m->pages[i]);
		else
			strbuf_add(&m->out, strbuf_str(&m->pages[i]));
		number(m, &value, (uint64_t)i, 4);
		number(m, &value, at, 8);
		number(m, &value, size, 8);
	}
	option(m, list, BUFFER, strbuf_str(&value));
	strbuf_free(&value);
}

static void
make_7(struct maker *m)
{
	struct strbuf list = { 0 }, s = { 0 };
	size_t first;

	name(&m->out, m->zlib ? "zlib" : "none");
	name(&m->out, "");
	first = m->out.n;
	number(m, &m->out, 0, 8);
	header(m, &s);
	part(m, &list, HEADER, &s);
	formats(m, &s, "ftrace");
	part(m, &list, FTRACE, &s);
	systems(m, &s);
	part(m, &list, FORMATS, &s);
	text(m, &s, 4, strbuf_str(&m->desc.symbols));
	part(m, &list, KALLSYMS, &s);
	text(m, &s, 8, strbuf_str(&m->desc.cmdlines));
	part(m, &list, CMDLINES, &s);
	options(m, &list);
	buffer_7(m, &list, "");
	if (m->instance != NULL)
		buffer_7(m, &list, m->instance);
	number(m, &list, DONE, 2);
	number(m, &list, 8, 4);
	number(m, &list, 0, 8);
	number_at(m, m->out.p + first, m->out.n, 8);
	section(m, DONE, &list);
	strbuf_free(&list);
	strbuf_free(&s);
}

static void
get_options(struct maker *m, int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "b46rzi:O:")) != -1)
		if (c == 'b')
			m->big = true;
		else if (c == '4')
			m->small = true;
		else if (c == '6')
			m->six = true;
		else if (c == 'r')
			m->raw = true;
		else if (c == 'z')
			m->zlib = true;
		else if (c == 'i')
			m->instance = optarg;
		else if (c == 'O' && m->noptions < MAXOPTIONS)
			m->options[m->noptions++] = optarg;
		else
			errx(2, "usage: see mkdat.c");
}

int
main(int argc, char *argv[])
{
	struct maker m = { .page = 4096 };
	struct fault fault = { "" };
	bool good;
	int i;

	get_options(&m, argc, argv);
	tracedesc_open(&m.desc);
	if (argc - optind < 2 || argc - optind > MAXCPUS ||
	    !tracedesc_read(&m.desc, argv[optind], &fault))
		errx(1, "%s", fault.text);
	for (i = optind + 1; i < argc; i++)
		read_pages(&m, argv[i]);
	if (!m.raw) {
		strbuf_add_bytes(&m.out, "\x17\x08\x44tracing", 10);
		name(&m.out, m.six ? "6" : "7");
		strbuf_putc(&m.out, m.big);
		strbuf_putc(&m.out, m.small ? 4 : 8);
		number(&m, &m.out, m.page, 4);
		m.six ? make_6(&m) : make_7(&m);
	} else {
		strbuf_add(&m.out, strbuf_str(&m.pages[m.ncpu - 1]));
	}
	good = fwrite(m.out.p, 1, m.out.n, stdout) == m.out.n && fflush(stdout) == 0;
	for (i = 0; i < m.ncpu; i++)
		strbuf_free(&m.pages[i]);
	strbuf_free(&m.out);
	tracedesc_free(&m.desc);
	return good ? 0 : 1;
}
