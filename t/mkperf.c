/* SPDX-License-Identifier: MIT */
/*
 * mkperf - make a perf.data as another machine or another perf would have written it:
 * mkperf [-b [-h]] [-a size] [-1] [-p | -s] perf.data >twin
 *
 * From a little-endian recording in file mode: big-endian (-b), by a 32-bit perf (-h: the halves of
 * the words of feature bits are swapped), with attrs of another size (-a), as version 1 (-1), in
 * pipe mode (-p), with the formats of events in a record that is split, as simpleperf does (-s).
 * Records and features that no record of sluice comes from are left out. It knows
 * the layout of all others by itself, so that it is another opinion than the reader's.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "perf/evformat.h"

enum { MAXATTRS = 64, ATTR = 136, HEADER = 104, FEATURES = 256, PIECE = 1000 };

/* simpleperf's types of records */
enum { SPLIT = 32772, SPLIT_END, SIMPLE_TRACING = 32777 };

struct attr {
	uint64_t type, config, sample_type, read_format, branch_type, regs_user, regs_intr;
	struct bytes raw, ids;
};

struct maker {
	const uint8_t *in;
	size_t n, attr_size, trailer;
	bool big, halves, one, pipe, simple;
	struct bytes tracing; /* if simple */
	uint32_t ncpu;
	struct attr attr[MAXATTRS];
	size_t nattr;
	struct evformats formats;
	struct strbuf out;
};

static void
put(struct maker *m, uint64_t v, size_t size)
{
	char *d = strbuf_reserve(&m->out, size);
	size_t i;

	for (i = 0; i < size; i++)
		d[i] = (char)(v >> 8 * (m->big ? size - 1 - i : i));
	m->out.n += size;
}

static void
put_bytes(struct maker *m, struct bytes b)
{
	strbuf_add_bytes(&m->out, b.p, bytes_left(&b));
}

static uint64_t
take(struct bytes *b, size_t size)
{
	return size == 1   ? bytes_u8(b)
	       : size == 2 ? bytes_u16(b)
	       : size == 4 ? bytes_u32(b)
			   : bytes_u64(b);
}

/* Copy a number, and return it. */
static uint64_t
copy(struct maker *m, struct bytes *b, size_t size)
{
	uint64_t v = take(b, size);

	put(m, v, size);
	return v;
}

/* Copy what a layout describes: 1, 2, 4, 8 are numbers of these sizes, s a string after its length,
 * (...) a group after its number, w words of 8 to the end, * bytes to the end. */
static void
lay(struct maker *m, const char *layout, struct bytes *b)
{
	const char *end;
	uint64_t n;

	for (; *layout != '\0' && *layout != ')'; layout++) {
		if (*layout == 's') {
			n = copy(m, b, 4);
			put_bytes(m, bytes_cut(b, n));
		} else if (*layout == '(') {
			end = strchr(layout, ')');
			for (n = copy(m, b, 4); n > 0; n--)
				lay(m, layout + 1, b);
			layout = end;
		} else if (*layout == '*') {
			put_bytes(m, bytes_cut(b, bytes_left(b)));
		} else if (*layout == 'w') {
			while (bytes_left(b) >= 8)
				copy(m, b, 8);
		} else {
			copy(m, b, (size_t)(*layout - '0'));
		}
	}
}

/* --- attrs */

static void
put_attr(struct maker *m, struct bytes raw)
{
	size_t begin = m->out.n, i, k;
	uint8_t all[ATTR] = { 0 };
	struct bytes b;
	unsigned byte, turned;

	memcpy(all, raw.p, bytes_left(&raw) < ATTR ? bytes_left(&raw) : ATTR);
	b = bytes_of(all, ATTR, false);
	lay(m, "4", &b);
	bytes_u32(&b);
	put(m, m->attr_size, 4);
	lay(m, "8888", &b);
	for (i = 0; i < 8; i++) {
		byte = bytes_u8(&b);
		for (turned = 0, k = 0; k < 8; k++)
			turned |= (byte >> k & 1) << (7 - k);
		put(m, m->big ? turned : byte, 1);
	}
	lay(m, "4488884484224488", &b);
	while (m->out.n - begin < m->attr_size)
		put(m, 0xa5, 1);
	m->out.n = begin + m->attr_size;
}

static struct attr
read_attr(struct bytes raw)
{
	uint8_t all[ATTR] = { 0 };
	struct attr a = { .raw = raw };
	struct bytes b;

	memcpy(all, raw.p, bytes_left(&raw) < ATTR ? bytes_left(&raw) : ATTR);
	b = bytes_of(all, ATTR, false);
	a.type = bytes_u32(&b);
	bytes_u32(&b);
	a.config = bytes_u64(&b);
	bytes_u64(&b);
	a.sample_type = bytes_u64(&b);
	a.read_format = bytes_u64(&b);
	bytes_take(&b, 32);
	a.branch_type = bytes_u64(&b);
	a.regs_user = bytes_u64(&b);
	bytes_u64(&b);
	a.regs_intr = bytes_u64(&b);
	return a;
}

static bool
has(const struct attr *a, int bit)
{
	return a->sample_type >> bit & 1;
}

static void
find_trailer(struct maker *m)
{
	static const int bits[] = { 1, 2, 6, 9, 7, 16 };
	size_t i;

	if (m->attr[0].raw.p[42] & 4) /* sample_id_all */
		for (i = 0; i < sizeof bits / sizeof *bits; i++)
			m->trailer += has(&m->attr[0], bits[i]) ? 8 : 0;
}

/* --- samples */

static const struct attr *
attr_of(const struct maker *m, struct bytes b)
{
	const struct attr *first = &m->attr[0];
	struct bytes ids;
	uint64_t id;
	size_t i;

	if (m->nattr == 1 || !(has(first, 16) || has(first, 6)))
		return first;
	if (!has(first, 16))
		bytes_take(&b, 8 * (size_t)__builtin_popcountll(first->sample_type & 0xf));
	id = bytes_u64(&b);
	for (i = 0; i < m->nattr; i++)
		for (ids = m->attr[i].ids; bytes_left(&ids) >= 8;)
			if (bytes_u64(&ids) == id)
				return &m->attr[i];
	errx(1, "a sample of no event");
}

/* Swap the fields of a tracepoint's data. */
static void
put_raw(struct maker *m, const struct attr *a, struct bytes raw)
{
	const struct evformat *e = a->type == 2 ? evformats_find(&m->formats, a->config) : NULL;
	char *d = strbuf_reserve(&m->out, bytes_left(&raw));
	size_t size = bytes_left(&raw), i, k;
	const struct evfield *f;

	memcpy(d, raw.p, size);
	for (i = 0; m->big && e != NULL && i < e->n; i++) {
		f = &e->field[i];
		for (k = 0; !f->data_loc && !f->rel_loc && k + f->each <= f->size; k += f->each)
			if (f->offset + k + f->each <= size && f->how != EVFIELD_BYTES) {
				struct bytes one = bytes_of(raw.p + f->offset + k, f->each, false);

				m->out.n += f->offset + k;
				put(m, take(&one, f->each), f->each);
				m->out.n -= f->offset + k + f->each;
			}
		if ((f->data_loc || f->rel_loc) && f->offset + 4 <= size) {
			struct bytes loc = bytes_of(raw.p + f->offset, 4, false);

			m->out.n += f->offset;
			put(m, bytes_u32(&loc), 4);
			m->out.n -= f->offset + 4;
		}
	}
	m->out.n += size;
}

/* Words after the number of groups of them. */
static void
put_counted(struct maker *m, struct bytes *b, size_t words)
{
	uint64_t n = copy(m, b, 8) * words;

	for (; n > 0 && !bytes_bad(b); n--)
		copy(m, b, 8);
}

static void
put_read(struct maker *m, const struct attr *a, struct bytes *b)
{
	uint64_t rf = a->read_format, n = 1;
	size_t each = 1 + (size_t)__builtin_popcountll(rf & 0x14), times, i;

	times = (size_t)__builtin_popcountll(rf & 3);
	if (rf & 8)
		n = copy(m, b, 8);
	for (i = 0; i < times + n * each; i++)
		copy(m, b, 8);
}

/* C bit fields: a big-endian compiler starts them at the top. */
static void
put_branch_flags(struct maker *m, uint64_t v)
{
	static const unsigned widths[] = { 1, 1, 1, 1, 16, 4, 2, 4, 3, 31 };
	uint64_t turned = 0;
	unsigned at = 0, i;

	for (i = 0; i < sizeof widths / sizeof *widths; at += widths[i++])
		turned |= (v >> at & (((uint64_t)1 << widths[i]) - 1)) << (64 - at - widths[i]);
	put(m, m->big ? turned : v, 8);
}

static void
put_branches(struct maker *m, const struct attr *a, struct bytes *b)
{
	uint64_t n = copy(m, b, 8), i;

	if (a->branch_type >> 17 & 1 && (n > 0 || bytes_left(b) >= 8))
		copy(m, b, 8);
	for (i = 0; i < n && !bytes_bad(b); i++) {
		lay(m, "88", b);
		put_branch_flags(m, bytes_u64(b));
	}
}

static void
put_regs(struct maker *m, uint64_t mask, struct bytes *b)
{
	int n = copy(m, b, 8) == 0 ? 0 : __builtin_popcountll(mask);

	for (; n > 0; n--)
		copy(m, b, 8);
}

static void
put_sample(struct maker *m, struct bytes *b)
{
	static const struct {
		int bit;
		const char *layout;
	} head[] = { { 16, "8" }, { 0, "8" }, { 1, "44" }, { 2, "8" }, { 3, "8" }, { 6, "8" },
		{ 9, "8" }, { 7, "44" }, { 8, "8" } };
	static const int words[] = { 19, 21, 22, 23 };
	const struct attr *a = attr_of(m, *b);
	struct bytes stack;
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof head / sizeof *head; i++)
		if (has(a, head[i].bit))
			lay(m, head[i].layout, b);
	if (has(a, 4))
		put_read(m, a, b);
	if (has(a, 5))
		put_counted(m, b, 1);
	if (has(a, 10)) {
		n = copy(m, b, 4);
		put_raw(m, a, bytes_cut(b, n));
	}
	if (has(a, 11))
		put_branches(m, a, b);
	if (has(a, 12))
		put_regs(m, a->regs_user, b);
	if (has(a, 13) && (n = copy(m, b, 8)) > 0) {
		stack = bytes_cut(b, n);
		lay(m, "w*", &stack);
		copy(m, b, 8);
	}
	for (i = 14; i <= 24; i++)
		if ((i <= 15 || i == 17 || i == 24) && has(a, (int)i))
			copy(m, b, 8);
	if (has(a, 18))
		put_regs(m, a->regs_intr, b);
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (has(a, words[i]))
			copy(m, b, 8);
}

/* --- other records */

static void
put_trailer(struct maker *m, struct bytes b)
{
	const struct attr *a = &m->attr[0];

	lay(m, has(a, 1) ? "44" : "", &b);
	lay(m, has(a, 2) ? "8" : "", &b);
	lay(m, has(a, 6) ? "8" : "", &b);
	lay(m, has(a, 9) ? "8" : "", &b);
	lay(m, has(a, 7) ? "44" : "", &b);
	lay(m, has(a, 16) ? "8" : "", &b);
}

/* The layout of a record; NULL: leave it out. */
static const char *
layout_of(uint32_t type, uint16_t misc, struct bytes b)
{
	static const char *const layouts[128] = { [1] = "44888*",
		[2] = "88",
		[3] = "44*",
		[4] = "44448",
		[5] = "888",
		[6] = "888",
		[7] = "44448",
		[8] = "44w",
		[10] = "44888448844*",
		[11] = "888",
		[12] = "44",
		[13] = "8",
		[14] = "",
		[15] = "44",
		[16] = "448w",
		[17] = "8422*",
		[18] = "224*",
		[19] = "8*",
		[21] = "8",
		[22] = "w",
		[68] = "",
		[69] = "w",
		[75] = "w",
		[76] = "844888",
		[77] = "88",
		[82] = "" };
	uint64_t kind = type == 78 ? bytes_u64(&b) : 0;

	if (type == 10 && misc & 1 << 14)
		return "44888b44*";
	if (type == 78)
		return kind == 0 || kind == 2 ? "88*" : kind == 1 ? "888*" : NULL;
	return type < 128 ? layouts[type] : NULL;
}

static void
put_record(struct maker *m, uint32_t type, uint16_t misc, struct bytes b)
{
	size_t begin = m->out.n, trailer = type < 64 && type != 9 ? m->trailer : 0;
	const char *layout = type == 9 ? "" : layout_of(type, misc, b);
	struct bytes tail = b;
	uint64_t size;

	if (layout == NULL)
		return;
	put(m, type, 4);
	put(m, misc, 2);
	put(m, 0, 2);
	if (type == 9)
		put_sample(m, &b);
	bytes_take(&tail, bytes_left(&b) - trailer);
	bytes_keep(&b, bytes_left(&b) - trailer);
	if (strcmp(layout, "44888b44*") == 0) {
		lay(m, "44888", &b);
		put_bytes(m, bytes_cut(&b, 24));
		lay(m, "44*", &b);
	} else {
		lay(m, layout, &b);
	}
	if (trailer > 0)
		put_trailer(m, tail);
	if (bytes_bad(&b) || bytes_left(&b) > 0)
		errx(1, "record of type %u: its layout is another one", type);
	size = m->out.n - begin;
	m->out.n = begin + 6;
	put(m, size, 2);
	m->out.n = begin + size;
}

/* --- features */

static void
put_formats(struct maker *m, struct bytes *b, struct str system)
{
	uint64_t n, size;
	struct bytes text;

	for (n = copy(m, b, 4); n > 0 && !bytes_bad(b); n--) {
		size = copy(m, b, 8);
		text = bytes_cut(b, size);
		evformats_add(&m->formats, system, (const char *)text.p, bytes_left(&text));
		put_bytes(m, text);
	}
}

/* Text up to a NUL. */
static struct str
put_name(struct maker *m, struct bytes *b)
{
	struct str s;

	s.p = bytes_string(b, &s.n);
	strbuf_add_bytes(&m->out, s.p, s.n + 1);
	return s;
}

static void
put_tracing(struct maker *m, struct bytes b)
{
	uint64_t n;
	int i;

	put_bytes(m, bytes_cut(&b, 10));
	put_name(m, &b);
	bytes_u8(&b);
	put(m, m->big, 1);
	lay(m, "14", &b);
	for (i = 0; i < 2; i++) {
		put_name(m, &b);
		n = copy(m, &b, 8);
		put_bytes(m, bytes_cut(&b, n));
	}
	put_formats(m, &b, STR("ftrace"));
	for (n = copy(m, &b, 4); n > 0; n--)
		put_formats(m, &b, put_name(m, &b));
	for (i = 0; i < 2; i++) { /* kallsyms, printk */
		n = copy(m, &b, 4);
		put_bytes(m, bytes_cut(&b, n));
	}
	n = copy(m, &b, 8);
	lay(m, "*", &b);
}

static void
put_builds(struct maker *m, struct bytes b)
{
	struct bytes one;
	uint64_t size;

	while (bytes_left(&b) >= 8) {
		lay(m, "42", &b);
		size = copy(m, &b, 2);
		if (m->pipe) { /* it is a record there */
			m->out.n -= 8;
			put(m, 67, 4);
			m->out.n += 4;
		}
		one = bytes_cut(&b, size - 8);
		lay(m, "4*", &one);
	}
}

static void
put_events(struct maker *m, struct bytes b)
{
	uint64_t n = copy(m, &b, 4), size = bytes_u32(&b), ids;

	put(m, m->attr_size, 4);
	for (; n > 0; n--) {
		put_attr(m, bytes_cut(&b, size));
		ids = copy(m, &b, 4);
		lay(m, "s", &b);
		for (; ids > 0; ids--)
			copy(m, &b, 8);
	}
}

static void
put_topology(struct maker *m, struct bytes b)
{
	uint32_t i;

	lay(m, "(s)(s)", &b);
	for (i = 0; i < m->ncpu && bytes_left(&b) > 0; i++)
		lay(m, "44", &b);
	if (bytes_left(&b) > 0)
		lay(m, "(s)", &b);
	while (bytes_left(&b) >= 4)
		copy(m, &b, 4);
}

static const char *const features[FEATURES] = { [1] = "",
	[2] = "",
	[3] = "s",
	[4] = "s",
	[5] = "s",
	[6] = "s",
	[7] = "44",
	[8] = "s",
	[9] = "s",
	[10] = "8",
	[11] = "(s)",
	[12] = "",
	[13] = "",
	[14] = "(488s)",
	[16] = "(4s)",
	[17] = "(s44)",
	[19] = "",
	[20] = "4(4444sss)",
	[21] = "88",
	[23] = "8",
	[28] = "(ss)",
	[29] = "4488",
	[30] = "(ss)" };

static void
put_feature(struct maker *m, int i, struct bytes b)
{
	if (i == 1)
		put_tracing(m, b);
	else if (i == 2)
		put_builds(m, b);
	else if (i == 12)
		put_events(m, b);
	else if (i == 13)
		put_topology(m, b);
	else
		lay(m, features[i], &b);
}

/* --- the file */

static struct bytes
section(const struct maker *m, size_t at)
{
	struct bytes b = bytes_of(m->in + at, 16, false), s = bytes_of(m->in, m->n, false);
	uint64_t offset = bytes_u64(&b), size = bytes_u64(&b);

	bytes_take(&s, offset);
	return bytes_cut(&s, size);
}

static void
read_attrs(struct maker *m, size_t each)
{
	struct bytes all = section(m, 24), b;

	for (; bytes_left(&all) >= each && m->nattr < MAXATTRS; m->nattr++) {
		b = bytes_cut(&all, each);
		m->attr[m->nattr] = read_attr(bytes_of(b.p, each - 16, false));
		m->attr[m->nattr].ids = section(m, (size_t)(b.p - m->in) + each - 16);
	}
	find_trailer(m);
}

static void
put_words(struct maker *m, struct bytes b)
{
	lay(m, "w", &b);
}

/* Put a number where there was room for it. */
static void
patch(struct maker *m, size_t at, uint64_t v)
{
	size_t end = m->out.n;

	m->out.n = at;
	put(m, v, 8);
	m->out.n = end;
}

static void
put_data(struct maker *m)
{
	struct bytes all = section(m, 40), b;
	uint32_t type;
	uint16_t misc, size;

	while (bytes_left(&all) >= 8) {
		type = bytes_u32(&all);
		misc = bytes_u16(&all);
		size = bytes_u16(&all);
		b = bytes_cut(&all, size - 8u);
		put_record(m, type, misc, b);
	}
}

/* Formats are read first: data have to be swapped by them. */
static void
learn_formats(struct maker *m, struct bytes section)
{
	struct strbuf out = m->out;

	m->out = (struct strbuf){ 0 };
	put_tracing(m, section);
	strbuf_free(&m->out);
	m->out = out;
}

/* A header of simpleperf: the upper half of the size comes first. */
static void
put_simple_header(struct maker *m, uint32_t type, size_t size)
{
	put(m, type, 4);
	put(m, size >> 16, 2);
	put(m, size & 0xffff, 2);
}

/* The formats in a record, and that in pieces. */
static void
put_split(struct maker *m)
{
	struct strbuf out = m->out, record;
	size_t at, n;

	m->out = (struct strbuf){ 0 };
	put_tracing(m, m->tracing);
	n = m->out.n;
	m->out.n = 0;
	put_simple_header(m, SIMPLE_TRACING, (8 + 4 + n + 7) / 8 * 8);
	put(m, n, 4);
	put_tracing(m, m->tracing);
	while (m->out.n % 8 != 0)
		put(m, 0, 1);
	record = m->out;
	m->out = out;
	for (at = 0; at < record.n; at += n) {
		n = record.n - at < PIECE ? record.n - at : PIECE;
		put_simple_header(m, SPLIT, 8 + n);
		strbuf_add_bytes(&m->out, record.p + at, n);
	}
	put_simple_header(m, SPLIT_END, 8);
	strbuf_free(&record);
}

static void
put_file(struct maker *m, struct bytes *const feature, const uint64_t bits[4])
{
	size_t attrs, data, i, table, at;

	put_bytes(m, bytes_of(m->one ? "PERFFILE" : m->big ? "2ELIFREP" : "PERFILE2", 8, false));
	put(m, HEADER, 8);
	put(m, m->attr_size + 16, 8);
	for (i = 0; i < 6; i++)
		put(m, 0, 8);
	for (i = 0; i < 4; i++)
		put(m, m->halves ? bits[i] << 32 | bits[i] >> 32 : bits[i], 8);
	attrs = m->out.n;
	for (i = 0; i < m->nattr; i++) {
		put_attr(m, m->attr[i].raw);
		put(m, 0, 8);
		put(m, bytes_left(&m->attr[i].ids), 8);
	}
	patch(m, 24, attrs);
	patch(m, 32, m->out.n - attrs);
	for (i = 0; i < m->nattr; i++) {
		patch(m, attrs + i * (m->attr_size + 16) + m->attr_size, m->out.n);
		put_words(m, m->attr[i].ids);
	}
	data = m->out.n;
	if (m->tracing.p != NULL)
		put_split(m);
	put_data(m);
	patch(m, 40, data);
	patch(m, 48, m->out.n - data);
	table = m->out.n;
	for (i = 0; i < FEATURES; i++)
		if (feature[i].p != NULL)
			put(m, 0, 8), put(m, 0, 8);
	for (i = 0; i < FEATURES; i++) {
		if (feature[i].p == NULL)
			continue;
		at = m->out.n;
		put_feature(m, (int)i, feature[i]);
		patch(m, table, at);
		patch(m, table + 8, m->out.n - at);
		table += 16;
	}
}

/* A record whose size is filled in. */
static size_t
begin_record(struct maker *m, uint32_t type)
{
	put(m, type, 4);
	put(m, 0, 4);
	return m->out.n - 8;
}

static void
end_record(struct maker *m, size_t begin)
{
	size_t size;

	while ((m->out.n - begin) % 8 != 0)
		put(m, 0, 1);
	size = m->out.n - begin;
	m->out.n = begin + 6;
	put(m, size, 2);
	m->out.n = begin + size;
}

static void
put_pipe(struct maker *m, struct bytes *const feature)
{
	size_t i, at, blob;

	put_bytes(m, bytes_of(m->big ? "2ELIFREP" : "PERFILE2", 8, false));
	put(m, 16, 8);
	for (i = 0; i < m->nattr; i++) {
		at = begin_record(m, 64);
		put_attr(m, m->attr[i].raw);
		put_words(m, m->attr[i].ids);
		end_record(m, at);
	}
	for (i = 0; i < FEATURES; i++) {
		if (feature[i].p == NULL)
			continue;
		at = begin_record(m, i == 1 ? 66 : 80);
		put(m, i == 1 ? 0 : i, 8);
		if (i == 1)
			end_record(m, at);
		if (i == 2)
			m->out.n = at;
		blob = m->out.n;
		put_feature(m, (int)i, feature[i]);
		if (i == 1) {
			while ((m->out.n - blob) % 8 != 0)
				put(m, 0, 1);
			blob = m->out.n - blob;
			m->out.n -= blob + 8;
			put(m, blob, 4);
			m->out.n += blob + 4;
		} else if (i != 2) {
			end_record(m, at);
		}
	}
	put_data(m);
}

static void
read_file(struct maker *m, const char *name)
{
	struct strbuf b = { 0 };
	FILE *in = fopen(name, "rb");
	size_t n;

	if (in == NULL)
		err(1, "%s", name);
	while ((n = fread(strbuf_reserve(&b, 1 << 16), 1, 1 << 16, in)) > 0)
		b.n += n;
	fclose(in);
	if (b.n < HEADER || memcmp(b.p, "PERFILE2", 8) != 0 || b.p[8] != HEADER)
		errx(1, "%s: not a little-endian perf.data in file mode", name);
	m->in = (const uint8_t *)b.p;
	m->n = b.n;
}

/* Find the features that are kept, and clear the bits of the others. */
static void
find_features(const struct maker *m, struct bytes feature[FEATURES], uint64_t bits[4])
{
	struct bytes b = bytes_of(m->in + 72, 32, false), data = section(m, 40);
	size_t at = (size_t)(data.p - m->in) + bytes_left(&data), i;

	for (i = 0; i < 4; i++)
		bits[i] = bytes_u64(&b);
	for (i = 0; i < FEATURES; i++) {
		if (!(bits[i / 64] >> i % 64 & 1))
			continue;
		feature[i] = section(m, at);
		at += 16;
		if (features[i] == NULL || feature[i].p == NULL) {
			feature[i].p = NULL;
			bits[i / 64] &= ~((uint64_t)1 << i % 64);
		}
	}
}

static void
make(struct maker *m)
{
	struct bytes feature[FEATURES] = { { 0 } }, b = bytes_of(m->in + 16, 8, false);
	size_t each = (size_t)bytes_u64(&b);
	uint64_t bits[4];

	if (m->attr_size == 0)
		m->attr_size = each - 16;
	read_attrs(m, each);
	find_features(m, feature, bits);
	if (feature[1].p != NULL)
		learn_formats(m, feature[1]);
	if (m->simple && feature[1].p != NULL) {
		m->tracing = feature[1];
		feature[1].p = NULL;
		bits[0] &= ~(uint64_t)2;
	}
	if (feature[7].p != NULL) {
		b = feature[7];
		m->ncpu = bytes_u32(&b);
	}
	if (m->pipe)
		put_pipe(m, feature);
	else
		put_file(m, feature, bits);
}

int
main(int argc, char *argv[])
{
	static struct maker m;
	int c;

	while ((c = getopt(argc, argv, "bha:1ps")) != -1)
		if (c == 'b')
			m.big = true;
		else if (c == 'h')
			m.halves = true;
		else if (c == 'a')
			m.attr_size = strtoul(optarg, NULL, 10);
		else if (c == '1')
			m.one = true;
		else if (c == 'p')
			m.pipe = true;
		else if (c == 's')
			m.simple = true;
		else
			return 2;
	if (optind != argc - 1)
		return 2;
	read_file(&m, argv[optind]);
	make(&m);
	fwrite(m.out.p, 1, m.out.n, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
