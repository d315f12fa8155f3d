/* SPDX-License-Identifier: MIT */
/*
 * text - strings, numbers as text, escapes
 *
 * A struct str points into another buffer and is not NUL-terminated. Numbers are canonical: no sign
 * but a minus, no leading zeros, lower-case hex; a number that is read and written has the same
 * bytes.
 */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct str {
	const char *p;
	size_t n;
};

/* A string literal, or an array that holds one; STR_INIT initializes a static struct str. */
#define STR_INIT(literal)                                                                          \
	{                                                                                          \
		(literal), sizeof(literal) - 1                                                     \
	}
#define STR(literal) ((struct str)STR_INIT(literal))
#define STR_NONE STR("-") /* not known */

enum { TEXT_NUMBER = 20 }; /* bytes of the longest number, 64 bits in decimal */

static inline uint64_t
str_load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline uint32_t
str_load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Compare; most strings are short and need no call. */
static inline bool
str_eq(struct str a, struct str b)
{
	size_t n = a.n;

	if (n != b.n || n > 16)
		return n == b.n && memcmp(a.p, b.p, n) == 0;
	if (n >= 8)
		return ((str_load8(a.p) ^ str_load8(b.p)) |
			   (str_load8(a.p + n - 8) ^ str_load8(b.p + n - 8))) == 0;
	if (n >= 4)
		return ((str_load4(a.p) ^ str_load4(b.p)) |
			   (str_load4(a.p + n - 4) ^ str_load4(b.p + n - 4))) == 0;
	return n == 0 || (a.p[0] == b.p[0] && a.p[n / 2] == b.p[n / 2] && a.p[n - 1] == b.p[n - 1]);
}

static inline bool
str_none(struct str s)
{
	return s.n == 1 && *s.p == '-';
}

struct str str_of(const char *nul_terminated);

static inline bool
str_starts(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* Cut blanks and tabs off both ends, and a carriage return off the end. */
struct str str_trim(struct str);

/* Take the next word between blanks and tabs off *s; it is empty if there is none. */
struct str str_word(struct str *s);

/* The part of a path after its last slash. */
struct str str_basename(struct str path);

/* Copy s to d; returns the end of the copy. Most strings are short and need no call. */
static inline char *
str_put(char *d, struct str s)
{
	if (s.n > 32) {
		memcpy(d, s.p, s.n);
	} else if (s.n >= 16) {
		memcpy(d, s.p, 16);
		memcpy(d + s.n - 16, s.p + s.n - 16, 16);
	} else if (s.n >= 8) {
		memcpy(d, s.p, 8);
		memcpy(d + s.n - 8, s.p + s.n - 8, 8);
	} else if (s.n >= 4) {
		memcpy(d, s.p, 4);
		memcpy(d + s.n - 4, s.p + s.n - 4, 4);
	} else if (s.n > 0) {
		d[0] = s.p[0];
		d[s.n / 2] = s.p[s.n / 2];
		d[s.n - 1] = s.p[s.n - 1];
	}
	return d + s.n;
}

extern const unsigned char text_nibble[256]; /* a hex digit's value plus one; 0 for other bytes */

/*
 * Parse a number at s. Returns its end, or NULL if there is none, it does not fit or is not
 * canonical. Inlined, as most of a record is numbers.
 */
static inline const char *
text_u64(const char *s, const char *end, uint64_t *v)
{
	const char *begin = s;
	uint64_t n = 0, before = 0;
	unsigned digit;

	for (; s < end && (digit = (unsigned)*s - '0') < 10; s++) {
		before = n;
		n = n * 10 + digit;
	}
	*v = n;
	if (s == begin || (*begin == '0' && s - begin > 1) || s - begin > TEXT_NUMBER)
		return NULL;
	if (s - begin == TEXT_NUMBER && (before > UINT64_MAX / 10 || n < before))
		return NULL;
	return s;
}

static inline const char *
text_hex(const char *s, const char *end, uint64_t *v)
{
	const char *begin = s;
	uint64_t n = 0;
	unsigned digit;

	for (; s < end && (digit = text_nibble[(unsigned char)*s] - 1u) < 16; s++)
		n = n << 4 | digit;
	*v = n;
	if (s == begin || (*begin == '0' && s - begin > 1) || s - begin > 16)
		return NULL;
	return s;
}

static inline const char *
text_s64(const char *s, const char *end, int64_t *v)
{
	bool minus = s < end && *s == '-';
	uint64_t n;

	if ((s = text_u64(s + minus, end, &n)) == NULL)
		return NULL;
	if (n > (uint64_t)INT64_MAX || (minus && n == 0))
		return NULL;
	*v = minus ? -(int64_t)n : (int64_t)n;
	return s;
}

/* Write a number at d. Returns the number of its bytes, but may overwrite up to TEXT_NUMBER. */
size_t text_put_s64(char *d, int64_t);
size_t text_put_long(char *d, uint64_t); /* for text_put_u64() */

static inline size_t
text_put_u64(char *d, uint64_t v)
{
	if (v > 9)
		return text_put_long(d, v);
	*d = (char)('0' + v);
	return 1;
}

#ifdef __SSE2__
/* Write all 16 digits of a number. */
static inline void
text_put_sixteen(char *d, uint64_t v)
{
	__m128i bytes = _mm_cvtsi64_si128((long long)__builtin_bswap64(v));
	__m128i low = _mm_set1_epi8(15);
	__m128i digits = _mm_unpacklo_epi8(
	    _mm_and_si128(_mm_srli_epi16(bytes, 4), low), _mm_and_si128(bytes, low));
	__m128i letters = _mm_cmpgt_epi8(digits, _mm_set1_epi8(9));

	digits = _mm_add_epi8(digits, _mm_set1_epi8('0'));
	digits = _mm_add_epi8(digits, _mm_and_si128(letters, _mm_set1_epi8('a' - '9' - 1)));
	_mm_storeu_si128((__m128i *)(void *)d, digits);
}
#else
void text_put_sixteen(char *d, uint64_t v);
#endif

static inline size_t
text_put_hex(char *d, uint64_t v)
{
	size_t n = (size_t)(67 - __builtin_clzll(v | 1)) / 4;

	text_put_sixteen(d, v << 4 * (16 - n));
	return n;
}

/* Write v < 10000 as four digits; v < 100000000 as eight. */
void text_put_four(char *d, uint32_t v);
void text_put_eight(char *d, uint32_t v);

/* Write n bytes as 2 * n hex digits at d: returns 2 * n. */
size_t text_put_hex_bytes(char *d, const void *, size_t n);

/*
 * Escape n bytes of s at d, which has room for 4 * n: what text_put_char() does not write as it is
 * and a backslash become \t, \n, \\ or \xHH, the bytes of also \xHH, and a text that is just "-"
 * \x2d. Returns the number of bytes written.
 */
size_t text_escape(char *d, const char *s, size_t n, const char *also);

/* Would text_escape() leave the text as it is? Not asked of "-". */
bool text_is_plain(struct str);

/*
 * Write the first character of s, which is not empty, at d, which has room for 16 bytes: what a
 * terminal acts on or does not show as \xHH, anything else as it is. That is what
 * unicode_is_hidden(), and bytes from 0x80 to 0x9f that are not UTF-8, C1 controls to some
 * terminals. *len is the length of the character in s. Returns the number of bytes written.
 */
size_t text_put_char(char *d, struct str s, size_t *len);

/* Undo text_escape() at d, which has room for s.n bytes. Returns the number of bytes written. A
 * broken escape is copied. */
size_t text_unescape(char *d, struct str s);

/* The start of an escaped text: at most max bytes, the last escape or character whole. */
struct str text_cut(struct str, size_t max);

/* Are all escapes whole, and no control bytes in it? */
bool text_valid(struct str);

/* The columns that a text takes on a terminal: of one that text_quote() has written. */
size_t text_width(struct str);

/* The length of the UTF-8 sequence at the start of s, which is not empty, and its code point; 0 if
 * it is malformed. */
size_t text_utf8(struct str s, uint32_t *c);

/*
 * Make any bytes safe for a terminal: what text_put_char() does not write as it is and all bytes
 * that are not UTF-8 become \xHH. Write at most size bytes at d, the NUL included, size being 4 or
 * more; a text that does not fit ends with "...". Returns d.
 */
const char *text_quote(char *d, size_t size, struct str);

/* Cut the next line off a text; returns it without its newline. */
struct str text_line(struct str *rest);

#endif
