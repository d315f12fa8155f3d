/* SPDX-License-Identifier: MIT */

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
static inline uint64_t
equal(uint64_t w, unsigned char c)
{
	const uint64_t ones = 0x0101010101010101, x = w ^ c * ones;

	return (x - ones) & ~x;
}

#ifdef __SSE2__
/* A bit for each of 16 bytes that a text field may escape, or that is c. */
static inline unsigned
escaped(const char *p, char c)
{
	const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	const __m128i control = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* or from 0x80 */
	const __m128i other = _mm_or_si128(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
	const __m128i all =
	    _mm_or_si128(_mm_or_si128(control, other), _mm_cmpeq_epi8(v, _mm_set1_epi8(c)));

	return (unsigned)_mm_movemask_epi8(all);
}
#endif

/* The number of bytes before the first one that a text field may escape, or that is c. Those from
 * 0x80 may be of a character that is hidden. */
static inline size_t
plain(const char *p, size_t n, char c)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t w, found;
	size_t i = 0;

#ifdef __SSE2__
	for (; i + 16 <= n; i += 16)
		if ((found = escaped(p + i, c)) != 0)
			return i + (size_t)__builtin_ctzll(found);
#endif
	for (; i + sizeof w <= n; i += sizeof w) {
		memcpy(&w, p + i, sizeof w);
		w = le64toh(w);
		found = ((w - ' ' * ones) | w | equal(w, '\\') | equal(w, 0x7f) |
			    equal(w, (unsigned char)c)) &
			ones << 7;
		if (found != 0)
			return i + (size_t)__builtin_ctzll(found) / 8;
	}
	while (i < n && p[i] >= ' ' && p[i] < 0x7f && p[i] != '\\' && p[i] != c)
		i++;
	return i;
}

/* evinfo_text() for a name that may not be written as it is. */
static struct str
escape(struct evinfo *v, int slot, const void *from, size_t n)
{
	struct str s = { from, strnlen(from, n) };
	struct strbuf *b = &v->text[slot];

	if (s.n > EVINFO_TEXT) {
		v->cut_names++;
		s.n = EVINFO_TEXT;
	}
	strbuf_clear(b);
	b->n = text_escape(strbuf_reserve(b, 4 * s.n), s.p, s.n, "");
	return strbuf_str(b);
}

struct str
evinfo_text(struct evinfo *v, int slot, const void *from, size_t n)
{
	struct str s = { from, plain(from, n < EVINFO_TEXT ? n : EVINFO_TEXT, '\\') };

	if ((s.n == n || s.p[s.n] == '\0') && !str_none(s))
		return s;
	return escape(v, slot, from, n);
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

/* Write a number of a field, found at p, to d. Returns its end. */
static inline char *
put_number(char *d, const struct evfield *f, bool hex, const struct bytes *raw, const uint8_t *p)
{
	int64_t value = evfield_at(f, raw, p);

	if (hex) {
		*d++ = '0';
		*d++ = 'x';
		return d + text_put_hex(d, (uint64_t)value);
	}
	return d + (f->is_signed ? text_put_s64(d, value) : text_put_u64(d, (uint64_t)value));
}

static void
put_numbers(struct strbuf *b, const struct evfield *f, struct bytes value)
{
	size_t n = bytes_left(&value) / f->each;
	const uint8_t *p = value.p, *end = n == 0 ? p : p + n * f->each;
	char *d = strbuf_reserve(b, n * (EVFIELD_NUMBER_ROOM + 1));

	for (; p < end; p += f->each) {
		if (p > value.p)
			*d++ = ',';
		d = put_number(d, f, f->is_address, &value, p);
	}
	b->n = (size_t)(d - b->p);
}

static void
put_text(struct strbuf *b, struct str s)
{
	char *d = strbuf_reserve(b, 4 * s.n);

	if (!str_none(s) && plain(s.p, s.n, ' ') == s.n)
		b->n = (size_t)(str_put(d, s) - b->p);
	else
		b->n += text_escape(d, s.p, s.n, " ");
}

/* Append a field that is more than one number. */
static void
put_array(struct strbuf *b, const struct evfield *f, struct bytes raw)
{
	if (f->how == EVFIELD_TEXT)
		put_text(b, evfield_str(f, raw));
	else if (f->how == EVFIELD_NUMBERS)
		put_numbers(b, f, evfield_bytes(f, raw));
	else
		put_hex_bytes(b, evfield_bytes(f, raw));
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
	const size_t left = bytes_left(&raw), most = EVINFO_LEAST + EVINFO_EACH * left;
	const struct evfield *f, *end = format->field + format->n;
	struct strbuf *b = &v->pairs;
	size_t before = 0;
	struct str key;
	char *d;

	evinfo_begin(v);
	d = strbuf_reserve(b, format->room);
	for (f = format->field + format->first; f < end; f++) {
		if (f->common || is_one_of(f, taken, n) || (size_t)f->offset + f->size > left)
			continue;
		key = f->key;
		if (before == 0) { /* no blank */
			key.p++;
			key.n--;
		}
		d = str_put(d, key);
		if (f->how == EVFIELD_NUMBER) {
			d = put_number(d, f, hex || f->is_address, &raw, raw.p + f->offset);
		} else {
			b->n = (size_t)(d - b->p);
			put_array(b, f, raw);
			d = strbuf_reserve(b, format->room);
		}
		b->n = (size_t)(d - b->p);
		if (b->n > most) {
			b->n = before;
			v->cut_records++;
			break;
		}
		before = b->n;
	}
	return evinfo_pairs(v);
}

/* Write the text of an event as the printer makes it. Returns false if there is none. */
static bool
put_printed(struct evinfo *v, const struct evformat *format, struct bytes raw)
{
	const size_t most = EVINFO_LEAST + EVINFO_EACH * bytes_left(&raw);

	if (v->printer.put == NULL)
		return false;
	evinfo_begin(v);
	put_key(&v->pairs, STR("text"));
	return v->printer.put(v->printer.printfmt, format, raw, most / 4, &v->pairs);
}

struct str
evinfo_fields(struct evinfo *v, const struct evformat *format, struct bytes raw)
{
	return put_printed(v, format, raw) ? evinfo_pairs(v)
					   : put_fields(v, format, raw, NULL, 0, false);
}

struct str
evinfo_rest(struct evinfo *v, const struct evformat *format, struct bytes raw,
    const struct evfield *const *taken, size_t n)
{
	return put_fields(v, format, raw, taken, n, true);
}
