/* SPDX-License-Identifier: MIT */

#include <endian.h>

#include "text.h"
#include "unicode.h"

struct str
str_of(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (is_blank(s.p[s.n - 1]) || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

struct str
str_word(struct str *s)
{
	const char *p = s->p, *end = s->p + s->n;
	struct str w;

	while (p < end && is_blank(*p))
		p++;
	w.p = p;
	while (p < end && !is_blank(*p))
		p++;
	w.n = (size_t)(p - w.p);
	*s = (struct str){ p, (size_t)(end - p) };
	return w;
}

struct str
str_basename(struct str path)
{
	const char *slash = path.n > 0 ? memrchr(path.p, '/', path.n) : NULL;

	if (slash == NULL)
		return path;
	return (struct str){ slash + 1, (size_t)(path.p + path.n - slash) - 1 };
}

const unsigned char text_nibble[256] = { ['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16 };

static unsigned
nibble(char c)
{
	return text_nibble[(unsigned char)c] - 1u;
}

/* The four digits of v < 10000, the first one in the lowest byte; divides all lanes at once. */
static inline uint32_t
four_digits(uint32_t v)
{
	uint32_t hundreds = v * 5243 >> 19, two = hundreds | (v - 100 * hundreds) << 16;
	uint32_t tens = two * 103 >> 10 & 0x000f000f;

	return (tens | (two - 10 * tens) << 8) + 0x30303030;
}

/* The same for eight digits, v < 100000000. */
static inline uint64_t
eight_digits(uint32_t v)
{
	uint64_t four = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t hundreds = four * 10486 >> 20 & 0x0000007f0000007f;
	uint64_t two = hundreds | (four - 100 * hundreds) << 16;
	uint64_t tens = two * 103 >> 10 & 0x000f000f000f000f;

	return (tens | (two - 10 * tens) << 8) + 0x3030303030303030;
}

static void
put_eight(char *d, uint64_t digits)
{
	digits = htole64(digits);
	memcpy(d, &digits, sizeof digits);
}

void
text_put_four(char *d, uint32_t v)
{
	uint32_t digits = htole32(four_digits(v));

	memcpy(d, &digits, sizeof digits);
}

void
text_put_eight(char *d, uint32_t v)
{
	put_eight(d, eight_digits(v));
}

/* Write up to eight digits; returns their number. */
static inline size_t
put_digits(char *d, uint32_t v)
{
	size_t n;

	if (v < 10) {
		*d = (char)('0' + v);
		return 1;
	}
	if (v < 10000) {
		n = 2 + (v >= 100) + (v >= 1000);
		put_eight(d, four_digits(v) >> 8 * (4 - n));
		return n;
	}
	n = 5 + (v >= 100000) + (v >= 1000000) + (v >= 10000000);
	put_eight(d, eight_digits(v) >> 8 * (8 - n));
	return n;
}

size_t
text_put_long(char *d, uint64_t v)
{
	const uint32_t eight = 100000000;
	size_t n;

	if (v < eight)
		return put_digits(d, (uint32_t)v);
	if (v < (uint64_t)eight * eight) {
		n = put_digits(d, (uint32_t)(v / eight));
	} else {
		n = put_digits(d, (uint32_t)(v / eight / eight));
		put_eight(d + n, eight_digits((uint32_t)(v / eight % eight)));
		n += 8;
	}
	put_eight(d + n, eight_digits((uint32_t)(v % eight)));
	return n + 8;
}

size_t
text_put_s64(char *d, int64_t v)
{
	if (v >= 0)
		return text_put_u64(d, (uint64_t)v);
	*d = '-';
	return 1 + text_put_u64(d + 1, -(uint64_t)v);
}

#ifndef __SSE2__
/* Eight hex digits of v, the first one in the lowest byte: spread the nibbles, then add the
 * distance to the letters to those above 9. */
static uint64_t
eight_nibbles(uint32_t v)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = __builtin_bswap32(v);

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x >> 4 | x << 8) & 0x0f0f0f0f0f0f0f0f;
	return x + '0' * ones + ((x + 6 * ones) >> 4 & ones) * ('a' - '9' - 1);
}

void
text_put_sixteen(char *d, uint64_t v)
{
	put_eight(d, eight_nibbles((uint32_t)(v >> 32)));
	put_eight(d + 8, eight_nibbles((uint32_t)v));
}
#endif

size_t
text_put_hex_bytes(char *d, const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t i;

	for (i = 0; i < n; i++) {
		*d++ = "0123456789abcdef"[s[i] >> 4];
		*d++ = "0123456789abcdef"[s[i] & 15];
	}
	return 2 * n;
}

static size_t
escape_hex(char *d, char c)
{
	d[0] = '\\';
	d[1] = 'x';
	return 2 + text_put_hex_bytes(d + 2, &c, 1);
}

static size_t
escape_byte(char *d, char c)
{
	if (c != '\t' && c != '\n' && c != '\\')
		return escape_hex(d, c);
	d[0] = '\\';
	d[1] = c == '\t' ? 't' : c == '\n' ? 'n' : '\\';
	return 2;
}

static bool
control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* Decode the escape at s, a backslash; *len is its length, 0 if it is broken. */
static char
escaped(const char *s, const char *end, size_t *len)
{
	static const char names[] = "t\tn\n\\\\";
	int i;

	*len = 2;
	for (i = 0; end - s >= 2 && i < 6; i += 2)
		if (s[1] == names[i])
			return names[i + 1];
	*len = 4;
	if (end - s >= 4 && s[1] == 'x' && nibble(s[2]) < 16 && nibble(s[3]) < 16)
		return (char)(nibble(s[2]) << 4 | nibble(s[3]));
	*len = 0;
	return 0;
}

size_t
text_unescape(char *d, struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	char *begin = d, c;
	size_t len;

	while (p < end) {
		len = 0;
		c = *p == '\\' ? escaped(p, end, &len) : 0;
		*d++ = len > 0 ? c : *p;
		p += len > 0 ? len : 1;
	}
	return (size_t)(d - begin);
}

/* The length of the escape or character at the start of a text, as it should be. */
static size_t
unit(struct str s)
{
	uint32_t c;
	size_t len;

	if (*s.p == '\\')
		return s.n > 1 && s.p[1] == 'x' ? 4 : 2;
	len = (unsigned char)*s.p < 0x80 ? 1 : text_utf8(s, &c);
	return len > 0 ? len : 1;
}

struct str
text_cut(struct str s, size_t max)
{
	size_t i, len;

	for (i = 0; i < s.n; i += len) {
		len = unit((struct str){ s.p + i, s.n - i });
		if (len > s.n - i || len > max - i)
			break;
	}
	return (struct str){ s.p, i };
}

bool
text_valid(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t len;

	for (; p < end; p += len) {
		len = 1;
		if (*p == '\\')
			escaped(p, end, &len);
		else if (control((unsigned char)*p))
			len = 0;
		if (len == 0)
			return false;
	}
	return true;
}

size_t
text_utf8(struct str s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)*s.p;
	size_t len = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4, i;

	if (len == 0 || len > s.n || lead > 0xf4)
		return 0;
	*c = len == 1 ? lead : lead & 0x7fu >> len;
	for (i = 1; i < len; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | ((unsigned char)s.p[i] & 0x3f);
	}
	return *c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000) ? 0 : len;
}

/* May a character be written as it is? Its bytes are UTF-8 of the code point c, or one that is not
 * (len is 0): those from 0x80 to 0x9f are controls to a terminal that expects no UTF-8. */
static bool
is_harmless(unsigned char byte, size_t len, uint32_t c)
{
	return len > 0 ? !unicode_is_hidden(c) : byte >= 0xa0;
}

static size_t
put_char(char *d, struct str s, size_t *len, bool only_utf8)
{
	uint32_t c = 0;
	size_t n = 0, i;

	*len = text_utf8(s, &c);
	if (is_harmless((unsigned char)*s.p, *len, c) && (*len > 0 || !only_utf8)) {
		*len += *len == 0;
		memcpy(d, s.p, *len);
		return *len;
	}
	*len += *len == 0;
	for (i = 0; i < *len; i++)
		n += escape_hex(d + n, s.p[i]);
	return n;
}

size_t
text_put_char(char *d, struct str s, size_t *len)
{
	unsigned char c = (unsigned char)*s.p;

	if (c < ' ' || c >= 0x7f)
		return put_char(d, s, len, false);
	*d = (char)c;
	return *len = 1;
}

size_t
text_escape(char *d, const char *s, size_t n, const char *also)
{
	const char *end = s + n;
	char *begin = d;
	size_t len;

	if (n == 1 && *s == '-')
		return escape_byte(d, '-');
	for (; s < end; s += len) {
		len = 1;
		if (*s == '\t' || *s == '\n' || *s == '\\' || strchr(also, *s) != NULL)
			d += escape_byte(d, *s);
		else
			d += text_put_char(d, (struct str){ s, (size_t)(end - s) }, &len);
	}
	return (size_t)(d - begin);
}

bool
text_is_plain(struct str s)
{
	char one[16];
	size_t len;

	for (; s.n > 0; s.p += len, s.n -= len)
		if (*s.p == '\\' || text_put_char(one, s, &len) != len)
			return false;
	return true;
}

const char *
text_quote(char *d, size_t size, struct str s)
{
	static const char dots[] = "...";
	char *to = d, *cut = d, *end = d + size - 1, one[16];
	size_t n, len;

	for (; s.n > 0; s.p += len, s.n -= len) {
		n = put_char(one, s, &len, true);
		if ((size_t)(end - to) < n)
			break;
		memcpy(to, one, n);
		to += n;
		if ((size_t)(end - to) >= sizeof dots - 1)
			cut = to;
	}
	if (s.n > 0)
		to = str_put(cut, STR(dots));
	*to = '\0';
	return d;
}

size_t
text_width(struct str s)
{
	size_t width = 0, len;
	uint32_t c;

	for (; s.n > 0; s.p += len, s.n -= len) {
		len = text_utf8(s, &c);
		width += len > 0 ? unicode_width(c) : 1;
		len += len == 0;
	}
	return width;
}

struct str
text_line(struct str *rest)
{
	const char *newline = rest->n == 0 ? NULL : memchr(rest->p, '\n', rest->n);
	struct str line = { rest->p, newline == NULL ? rest->n : (size_t)(newline - rest->p) };
	size_t n = line.n + (newline != NULL);

	if (n > 0)
		*rest = (struct str){ rest->p + n, rest->n - n };
	return line;
}
