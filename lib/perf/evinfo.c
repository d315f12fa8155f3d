/* SPDX-License-Identifier: MIT */

#include <endian.h>

#include "evinfo.h"

void
evinfo_free(struct evinfo *v)
{
	int i;

	for (i = 0; i < EVINFO_TEXTS; i++)
		strbuf_free(&v->text[i]);
	strbuf_free(&v->pairs);
}

/* --- names */

/* The bytes of w that are c, as their high bits; those above the lowest one may be wrong. */
static uint64_t
equal(uint64_t w, unsigned char c)
{
	const uint64_t ones = 0x0101010101010101, x = w ^ c * ones;

	return (x - ones) & ~x & ones << 7;
}

/* The number of bytes before the first one that a text field escapes, eight bytes at a time. */
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
evinfo_text(struct evinfo *v, int slot, const void *from, size_t n)
{
	struct str s = { from, plain(from, n < EVINFO_TEXT ? n : EVINFO_TEXT) };
	struct strbuf *b = &v->text[slot];

	if ((s.n == n || s.p[s.n] == '\0') && !str_none(s))
		return s;
	s.n = strnlen(from, n);
	if (s.n > EVINFO_TEXT) {
		v->cut_names++;
		s.n = EVINFO_TEXT;
	}
	strbuf_clear(b);
	b->n = text_escape(strbuf_reserve(b, 4 * s.n), s.p, s.n, "");
	return strbuf_str(b);
}

/* --- pairs */

static void
put_key(struct strbuf *b, struct str key)
{
	if (b->n > 0)
		strbuf_putc(b, ' ');
	strbuf_add(b, key);
	strbuf_putc(b, '=');
}

static void
put_hex(struct strbuf *b, uint64_t value)
{
	strbuf_add(b, STR("0x"));
	b->n += text_put_hex(strbuf_reserve(b, TEXT_NUMBER), value);
}

static void
put_hex_bytes(struct strbuf *b, struct bytes value)
{
	size_t n = bytes_left(&value);

	b->n += text_put_hex_bytes(strbuf_reserve(b, 2 * n), value.p, n);
}

void
evinfo_add(struct evinfo *v, const char *key, uint64_t value)
{
	put_key(&v->pairs, str_of(key));
	v->pairs.n += text_put_u64(strbuf_reserve(&v->pairs, TEXT_NUMBER), value);
}

void
evinfo_add_hex(struct evinfo *v, const char *key, uint64_t value)
{
	put_key(&v->pairs, str_of(key));
	put_hex(&v->pairs, value);
}

void
evinfo_add_bytes(struct evinfo *v, const char *key, struct bytes value)
{
	put_key(&v->pairs, str_of(key));
	put_hex_bytes(&v->pairs, value);
}

/* --- the fields of an event */

static void
put_int(struct strbuf *b, const struct evfield *f, struct bytes raw)
{
	char *d = strbuf_reserve(b, 2 + TEXT_NUMBER);
	int64_t value = evfield_int(f, raw);

	if (f->is_address) {
		*d++ = '0';
		*d++ = 'x';
		b->n += 2 + text_put_hex(d, (uint64_t)value);
	} else {
		b->n += f->is_signed ? text_put_s64(d, value) : text_put_u64(d, (uint64_t)value);
	}
}

static void
put_array(struct strbuf *b, const struct evfield *f, struct bytes value)
{
	struct evfield one = *f;
	const uint8_t *first = value.p;

	one.offset = 0;
	for (; bytes_left(&value) >= f->each; bytes_take(&value, f->each)) {
		if (value.p > first)
			strbuf_putc(b, ',');
		put_int(b, &one, value);
	}
}

static void
put_value(struct strbuf *b, const struct evfield *f, struct bytes raw)
{
	struct str s;

	if (f->is_string) {
		s = evfield_str(f, raw);
		b->n += text_escape(strbuf_reserve(b, 4 * s.n), s.p, s.n, " ");
	} else if (f->each != 2 && f->each != 4 && f->each != 8 && (f->is_array || f->each != 1)) {
		put_hex_bytes(b, evfield_bytes(f, raw));
	} else if (f->is_array) {
		put_array(b, f, evfield_bytes(f, raw));
	} else {
		put_int(b, f, raw);
	}
}

static bool
is_one_of(const struct evfield *f, const struct evfield *const *taken, size_t n)
{
	while (n > 0 && taken[n - 1] != f)
		n--;
	return n > 0;
}

/* Append the fields that are not taken; hex: all numbers in hex. */
static struct str
put_fields(struct evinfo *v, const struct evformat *format, struct bytes raw,
    const struct evfield *const *taken, size_t n, bool hex)
{
	const size_t most = EVINFO_LEAST + EVINFO_EACH * bytes_left(&raw);
	const struct evfield *f, *end = format->field + format->n;
	struct str key;
	size_t before;

	evinfo_begin(v);
	for (f = format->field; f < end; f++) {
		if (f->common || is_one_of(f, taken, n) ||
		    (size_t)f->offset + f->size > bytes_left(&raw))
			continue;
		before = v->pairs.n;
		key = f->key;
		if (before == 0) { /* no blank */
			key.p++;
			key.n--;
		}
		v->pairs.n = (size_t)(str_put(strbuf_reserve(&v->pairs, key.n), key) - v->pairs.p);
		if (hex && !f->is_array && !f->is_string)
			put_hex(&v->pairs, (uint64_t)evfield_int(f, raw));
		else
			put_value(&v->pairs, f, raw);
		if (v->pairs.n > most) {
			v->pairs.n = before;
			v->cut_records++;
			break;
		}
	}
	return evinfo_pairs(v);
}

struct str
evinfo_fields(struct evinfo *v, const struct evformat *format, struct bytes raw)
{
	const size_t most = EVINFO_LEAST + EVINFO_EACH * bytes_left(&raw);

	if (v->printer.put != NULL) {
		evinfo_begin(v);
		put_key(&v->pairs, STR("text"));
		if (v->printer.put(v->printer.printfmt, format, raw, most / 4, &v->pairs))
			return evinfo_pairs(v);
	}
	return put_fields(v, format, raw, NULL, 0, false);
}

struct str
evinfo_rest(struct evinfo *v, const struct evformat *format, struct bytes raw,
    const struct evfield *const *taken, size_t n)
{
	return put_fields(v, format, raw, taken, n, true);
}
