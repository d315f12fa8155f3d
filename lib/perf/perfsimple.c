/* SPDX-License-Identifier: MIT */

/*
 * Facts: Android simpleperf, record_file_format.h, record_file.proto. META_INFO is keys and values,
 * each with a NUL. FILE and FILE2 are files with their symbols, each after its size: in FILE their
 * fields follow each other, FILE2 has them as protocol buffers.
 */

#include "perfrec_int.h"

enum {
	KERNEL = 0, /* type of a file */
	KEY = 64    /* the longest key of META_INFO */
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

/* --- FILE */

static void
read_file(struct bytes b, struct perf_simple_symbols *s)
{
	struct perf_simple_symbol one;
	uint32_t type, n;
	size_t len;

	bytes_string(&b, &len); /* path */
	type = bytes_u32(&b);
	bytes_u64(&b); /* lowest address */
	for (n = bytes_u32(&b); n > 0; n--) {
		one.addr = bytes_u64(&b);
		one.len = bytes_u32(&b);
		one.name.p = bytes_string(&b, &one.name.n);
		if (bytes_bad(&b))
			return;
		if (type == KERNEL)
			s->emit(s->arg, &one);
		else
			s->others++;
	}
}

/* --- FILE2 */

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

static void
read_symbol(struct bytes b, uint64_t type, struct perf_simple_symbols *s)
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
	if (one.name.n == 0)
		return;
	if (type == KERNEL)
		s->emit(s->arg, &one);
	else
		s->others++;
}

static void
read_file2(struct bytes b, struct perf_simple_symbols *s)
{
	enum { TYPE = 2, SYMBOL = 4 };
	uint64_t type = KERNEL;
	struct field f;

	while (next_field(&b, &f))
		if (f.number == TYPE)
			type = f.value;
		else if (f.number == SYMBOL)
			read_symbol(f.bytes, type, s);
}

void
perf_simple_read(int feature, struct bytes b, struct perf_simple_symbols *s)
{
	struct bytes file;

	while (bytes_left(&b) > 0) {
		file = bytes_cut(&b, bytes_u32(&b));
		if (bytes_bad(&file))
			return;
		(feature == PERF_F_SIMPLE_FILE ? read_file : read_file2)(file, s);
	}
}
