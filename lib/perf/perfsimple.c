/* SPDX-License-Identifier: MIT */

/*
 * Facts: Android simpleperf, record_file_format.h, record_file.proto, dso.cpp. META_INFO is keys
 * and values, each with a NUL. FILE and FILE2 are files with their symbols, each after its size: in
 * FILE their fields follow each other, FILE2 has them as protocol buffers.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"

enum {
	KEY = 64,        /* the longest key of META_INFO */
	LINE = 100,      /* bytes of a symbol's record, but for its texts */
	OUT_RATIO = 100, /* bytes of symbols that may be written for each byte of the section */
	OUT_LEAST = 1 << 16
};

/* --- META_INFO */

/* Name the events of the lines NAME,TYPE,CONFIG. */
static void
take_types(struct perf_events *events, struct str info)
{
	const char *p = info.p, *end = info.p + info.n, *eol, *comma;
	uint64_t type, config;

	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		eol = eol == NULL ? end : eol;
		comma = memchr(p, ',', (size_t)(eol - p));
		if (comma == NULL)
			continue;
		info = (struct str){ p, (size_t)(comma - p) };
		p = text_u64(comma + 1, eol, &type);
		if (p != NULL && p < eol && *p == ',' && text_u64(p + 1, eol, &config) != NULL)
			perf_events_name_type(events, type, config, info);
	}
}

/* Whether a key is one that simpleperf would write. */
static bool
is_key(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= KEY;
}

void
perf_simple_info(struct bytes b, struct perf_events *events,
    void (*emit)(void *arg, const char *key, struct str value), void *arg)
{
	enum { PREFIX = sizeof "simpleperf_" - 1 };
	char key[PREFIX + KEY + 1] = "simpleperf_";
	struct str name, value;
	size_t skip;

	while (bytes_left(&b) > 0) {
		name.p = bytes_string(&b, &name.n);
		value.p = bytes_string(&b, &value.n);
		if (bytes_bad(&b) || !is_key(name))
			return;
		if (str_eq(name, STR("event_type_info"))) {
			take_types(events, value);
			continue;
		}
		skip = name.n > PREFIX && memcmp(name.p, key, PREFIX) == 0 ? PREFIX : 0;
		*str_put(key + PREFIX, (struct str){ name.p + skip, name.n - skip }) = '\0';
		emit(arg, key, value);
	}
}

/* --- FILE and FILE2 */

struct perf_simple_file {
	enum perf_simple_type type;
	uint64_t low; /* the lowest address of its code */
	uint64_t
	    offset; /* where that is in the file, or in the module in memory; UINT64_MAX: unknown */
	int feature;
	size_t at, n;  /* in the feature's section */
	uint32_t next; /* number + 1 of the next one with that path; 0: none */
};

/* What the walk through a file meets; each may be NULL. */
struct visitor {
	struct perf_simple_file *file;
	struct str *path;
	void (*symbol)(void *arg, const struct perf_simple_symbol *);
	void *arg;
	uint64_t symbols;
};

static void
visit_symbol(struct visitor *v, const struct perf_simple_symbol *symbol)
{
	v->symbols++;
	if (v->symbol != NULL)
		v->symbol(v->arg, symbol);
}

static void
visit_file(struct bytes b, struct visitor *v)
{
	struct perf_simple_symbol one;
	uint32_t n;

	v->path->p = bytes_string(&b, &v->path->n);
	v->file->type = bytes_u32(&b);
	v->file->low = bytes_u64(&b);
	for (n = bytes_u32(&b); n > 0 && !bytes_bad(&b); n--) {
		one.addr = bytes_u64(&b);
		one.len = bytes_u32(&b);
		one.name.p = bytes_string(&b, &one.name.n);
		if (!bytes_bad(&b))
			visit_symbol(v, &one);
	}
	if (v->file->type != PERF_SIMPLE_DEX && bytes_left(&b) == sizeof(uint64_t))
		v->file->offset = bytes_u64(&b);
}

/* A field of a message: its number, and its value or its bytes. */
struct field {
	unsigned number;
	uint64_t value;
	struct bytes bytes;
};

static uint64_t
get_varint(struct bytes *b)
{
	uint64_t v = 0, byte;
	unsigned shift = 0;

	do {
		byte = bytes_u8(b);
		v |= shift < 64 ? (byte & 0x7f) << shift : 0;
		shift += 7;
	} while (byte & 0x80 && !bytes_bad(b));
	return v;
}

/* Take the next field. False: there is none, or one of a type that these messages do not have. */
static bool
next_field(struct bytes *b, struct field *f)
{
	enum { VARINT = 0, LENGTH = 2 };
	uint64_t tag;

	if (bytes_left(b) == 0)
		return false;
	tag = get_varint(b);
	*f = (struct field){ .number = (unsigned)(tag >> 3) };
	if ((tag & 7) != VARINT && (tag & 7) != LENGTH)
		return false;
	f->value = get_varint(b);
	if ((tag & 7) == LENGTH)
		f->bytes = bytes_cut(b, f->value > SIZE_MAX ? SIZE_MAX : (size_t)f->value);
	return !bytes_bad(b);
}

/* The field of a message that has a number; 0 if it has none. */
static uint64_t
only_field(struct bytes b, unsigned number)
{
	struct field f;
	uint64_t v = 0;

	while (next_field(&b, &f))
		if (f.number == number)
			v = f.value;
	return v;
}

static void
visit_symbol2(struct bytes b, struct visitor *v)
{
	enum { ADDR = 1, LEN, NAME };
	struct perf_simple_symbol one = { .name = STR_INIT("") };
	struct field f;

	while (next_field(&b, &f))
		if (f.number == ADDR)
			one.addr = f.value;
		else if (f.number == LEN)
			one.len = f.value;
		else if (f.number == NAME)
			one.name = (struct str){ (const char *)f.bytes.p, bytes_left(&f.bytes) };
	if (one.name.n > 0)
		visit_symbol(v, &one);
}

static void
visit_file2(struct bytes b, struct visitor *v)
{
	enum { PATH = 1, TYPE, LOW, SYMBOL, ELF = 6, MODULE, OFFSET = 1 };
	struct field f;

	while (next_field(&b, &f))
		if (f.number == PATH)
			*v->path = (struct str){ (const char *)f.bytes.p, bytes_left(&f.bytes) };
		else if (f.number == TYPE)
			v->file->type = f.value > PERF_SIMPLE_OTHER ? PERF_SIMPLE_OTHER : f.value;
		else if (f.number == LOW)
			v->file->low = f.value;
		else if (f.number == SYMBOL)
			visit_symbol2(f.bytes, v);
		else if (f.number == ELF || f.number == MODULE)
			v->file->offset = only_field(f.bytes, OFFSET);
}

/* Visit the file with these bytes, which is one of a feature's. */
static void
visit(struct bytes b, struct visitor *v)
{
	v->file->offset = UINT64_MAX;
	(v->file->feature == PERF_F_SIMPLE_FILE ? visit_file : visit_file2)(b, v);
}

void
perf_simple_free(struct perf_simple *s)
{
	intern_free(&s->paths);
	free(s->first);
	free(s->file);
}

/* Keep where a file's symbols are, until a map names it. */
static void
add_file(struct perf_simple *s, struct evinfo *info, struct perf_simple_file file, struct str path)
{
	uint32_t n = (uint32_t)s->paths.n, id;

	id = intern_put(&s->paths, evinfo_text(info, 0, path.p, path.n));
	if (id == n) {
		s->first = mem_grow(s->first, id, &s->cap_first, sizeof *s->first);
		s->first[id] = 0;
	}
	s->file = mem_grow(s->file, s->n, &s->cap, sizeof *s->file);
	file.next = s->first[id];
	s->file[s->n++] = file;
	s->first[id] = (uint32_t)s->n;
}

void
perf_simple_read(struct perf_simple *s, int feature, struct bytes section, struct evinfo *info,
    void (*kernel)(void *arg, const struct perf_simple_symbol *), void *arg)
{
	struct perf_simple_file file;
	struct str path;
	struct visitor v = { &file, &path, NULL, NULL, 0 };
	size_t size = bytes_left(&section);
	struct bytes b;

	s->budget += OUT_LEAST + OUT_RATIO * (uint64_t)size;
	while (bytes_left(&section) > 0 && s->n < UINT32_MAX) {
		b = bytes_cut(&section, bytes_u32(&section));
		if (bytes_bad(&b))
			return;
		file = (struct perf_simple_file){ .feature = feature, .n = bytes_left(&b) };
		file.at = size - bytes_left(&section) - file.n;
		path = STR("");
		v.symbols = 0;
		visit(b, &v);
		if (file.type == PERF_SIMPLE_KERNEL) {
			v.symbol = kernel;
			v.arg = arg;
			visit(b, &v);
			v.symbol = NULL;
		} else if (v.symbols > 0 && path.n > 0) {
			s->left_out += v.symbols;
			add_file(s, info, file, path);
		}
	}
}

/* The place of a symbol of a file, of which r is a map: in the file, or of a module in memory. */
static uint64_t
place_of(const struct perf_simple_file *f, const struct rec_map *map, uint64_t addr)
{
	switch (f->type) {
	case PERF_SIMPLE_MODULE:
		return map->addr + addr - f->low + (f->offset == UINT64_MAX ? 0 : f->offset);
	case PERF_SIMPLE_ELF:
		return addr - f->low + (f->offset == UINT64_MAX ? map->off : f->offset);
	case PERF_SIMPLE_SYMBOL_MAP:
		return addr - map->addr + map->off;
	default:
		return addr;
	}
}

struct placing {
	struct perf_simple *simple;
	const struct perf_simple_file *file;
	const struct rec *map;
	void (*emit)(void *arg, bool module, const struct perf_simple_symbol *);
	void *arg;
};

static void
place(void *arg, const struct perf_simple_symbol *symbol)
{
	const struct placing *p = arg;
	struct perf_simple_symbol one = *symbol;
	uint64_t cost = LINE + p->map->map.path.n + 4 * symbol->name.n;

	if (cost > p->simple->budget)
		return;
	p->simple->budget -= cost;
	p->simple->left_out--;
	one.addr = place_of(p->file, &p->map->map, symbol->addr);
	p->emit(p->arg, p->file->type == PERF_SIMPLE_MODULE, &one);
}

void
perf_simple_map(struct perf_simple *s, struct perf *perf, const struct rec *map,
    void (*emit)(void *arg, bool module, const struct perf_simple_symbol *), void *arg)
{
	uint32_t id = s->n == 0 ? INTERN_NONE : intern_find(&s->paths, map->map.path), i;
	struct perf_simple_file file;
	struct placing p = { s, NULL, map, emit, arg };
	struct str path;
	struct visitor v = { &file, &path, place, &p, 0 };

	if (id == INTERN_NONE ||
	    (!str_none(map->map.prot) && memchr(map->map.prot.p, 'x', map->map.prot.n) == NULL))
		return;
	for (i = s->first[id]; i > 0; i = p.file->next) {
		p.file = &s->file[i - 1];
		file = *p.file;
		visit(perf_feature_part(perf, file.feature, file.at, file.n), &v);
	}
	s->first[id] = 0;
}
