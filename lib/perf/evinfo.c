/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdlib.h>

#include "base/mem.h"
#include "evinfo.h"

void
evinfo_free(struct evinfo *v)
{
	free(v->p);
	*v = (struct evinfo){ 0 };
}

static char *
room(struct evinfo *v, size_t n)
{
	if (v->cap - v->n < n) {
		v->cap = 2 * (v->n + n);
		v->p = mem_resize(v->p, v->cap, 1);
	}
	return v->p + v->n;
}

static void
put(struct evinfo *v, struct str s)
{
	memcpy(room(v, s.n), s.p, s.n);
	v->n += s.n;
}

/* The bytes of w that are c: their high bits. Bytes above the lowest one found may be wrong. */
static uint64_t
equal(uint64_t w, unsigned char c)
{
	const uint64_t ones = 0x0101010101010101, x = w ^ c * ones;

	return (x - ones) & ~x & ones << 7;
}

/* How many bytes can stand in a text field as they are, eight at a time. */
static size_t
plain(const char *p, size_t n)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t w, found;
	size_t i;

	for (i = 0; i + sizeof w <= n; i += sizeof w) {
		memcpy(&w, p + i, sizeof w);
		w = le64toh(w);
		found = ((w - ' ' * ones) & ~w & ones << 7) | equal(w, '\\') | equal(w, 0x7f);
		if (found != 0)
			return i + (size_t)__builtin_ctzll(found) / 8;
	}
	while (i < n && (unsigned char)p[i] >= ' ' && p[i] != '\\' && p[i] != 0x7f)
		i++;
	return i;
}

struct str
evinfo_text(struct evinfo *v, const void *from, size_t n)
{
	struct str s = { from, plain(from, n) };

	if ((s.n == n || s.p[s.n] == '\0') && !str_none(s))
		return s;
	s.n = strnlen(from, n);
	v->n = 0;
	v->n = text_escape(room(v, 4 * s.n), s.p, s.n, "");
	return (struct str){ v->p, v->n };
}

static void
put_hex_bytes(struct evinfo *v, struct bytes b)
{
	char *d = room(v, 2 * bytes_left(&b));
	uint8_t c;

	while (bytes_left(&b) > 0) {
		c = bytes_u8(&b);
		*d++ = "0123456789abcdef"[c >> 4];
		*d++ = "0123456789abcdef"[c & 15];
		v->n += 2;
	}
}

/* Addresses are read in hex: pointers, and unsigned longs that are called like one. */
static bool
is_address(const struct evfield *f)
{
	if (f->is_pointer)
		return true;
	return f->size == 8 && !f->is_signed &&
	       (str_eq(f->name, STR("ip")) || str_eq(f->name, STR("function")) ||
		   str_eq(f->name, STR("caller")) ||
		   memmem(f->name.p, f->name.n, "addr", 4) != NULL ||
		   memmem(f->name.p, f->name.n, "_ip", 3) != NULL);
}

static void
put_int(struct evinfo *v, const struct evfield *f, struct bytes raw)
{
	int64_t value = evfield_int(f, raw);

	if (is_address(f)) {
		put(v, STR("0x"));
		v->n += text_put_hex(room(v, TEXT_NUMBER), (uint64_t)value);
	} else if (f->is_signed) {
		v->n += text_put_s64(room(v, TEXT_NUMBER), value);
	} else {
		v->n += text_put_u64(room(v, TEXT_NUMBER), (uint64_t)value);
	}
}

static void
put_array(struct evinfo *v, const struct evfield *f, struct bytes b)
{
	struct evfield one = *f;
	const uint8_t *first = b.p;

	one.offset = 0;
	for (; bytes_left(&b) >= f->each; bytes_take(&b, f->each)) {
		if (b.p > first)
			put(v, STR(","));
		put_int(v, &one, b);
	}
}

static void
put_value(struct evinfo *v, const struct evfield *f, struct bytes raw)
{
	struct str s;

	if (f->is_string) {
		s = evfield_str(f, raw);
		v->n += text_escape(room(v, 4 * s.n), s.p, s.n, " ");
	} else if (f->each != 2 && f->each != 4 && f->each != 8 && (f->is_array || f->each != 1)) {
		put_hex_bytes(v, evfield_bytes(f, raw));
	} else if (f->is_array) {
		put_array(v, f, evfield_bytes(f, raw));
	} else {
		put_int(v, f, raw);
	}
}

static void
put_key(struct evinfo *v, struct str key)
{
	if (v->n > 0)
		put(v, STR(" "));
	put(v, key);
	put(v, STR("="));
}

void
evinfo_add(struct evinfo *v, const char *key, uint64_t value)
{
	put_key(v, str_of(key));
	v->n += text_put_u64(room(v, TEXT_NUMBER), value);
}

void
evinfo_add_hex(struct evinfo *v, const char *key, uint64_t value)
{
	put_key(v, str_of(key));
	put(v, STR("0x"));
	v->n += text_put_hex(room(v, TEXT_NUMBER), value);
}

void
evinfo_add_bytes(struct evinfo *v, const char *key, struct bytes value)
{
	put_key(v, str_of(key));
	put_hex_bytes(v, value);
}

struct str
evinfo_str(const struct evinfo *v)
{
	return v->n > 0 ? (struct str){ v->p, v->n } : STR_NONE;
}

struct str
evinfo_pairs(struct evinfo *v, const struct evformat *format, struct bytes raw)
{
	const struct evfield *f;

	v->n = 0;
	for (f = format->field; f < format->field + format->n; f++) {
		if (f->common || (size_t)f->offset + f->size > bytes_left(&raw))
			continue;
		put_key(v, f->name);
		put_value(v, f, raw);
	}
	return evinfo_str(v);
}
