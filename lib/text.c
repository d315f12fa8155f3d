/* SPDX-License-Identifier: MIT */

#include "text.h"

struct str
str_of(const char *s)
{
	return (struct str){ s, strlen(s) };
}

const char *
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

const char *
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

/* The value of a hex digit plus one; 0 for all other bytes. */
static const unsigned char nibbles[256] = { ['0'] = 1,
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
	return nibbles[(unsigned char)c] - 1u;
}

const char *
text_hex(const char *s, const char *end, uint64_t *v)
{
	const char *begin = s;
	uint64_t n = 0;
	unsigned digit;

	for (; s < end && (digit = nibble(*s)) < 16; s++)
		n = n << 4 | digit;
	*v = n;
	if (s == begin || (*begin == '0' && s - begin > 1) || s - begin > 16)
		return NULL;
	return s;
}

static const char pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940"
    "4142434445464748495051525354555657585960616263646566676869707172737475767778798081"
    "828384858687888990919293949596979899";

size_t
text_put_u64(char *d, uint64_t v)
{
	char buf[TEXT_NUMBER], *p = buf + sizeof buf;

	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, pairs + 2 * v, 2);
	} else {
		*--p = (char)('0' + v);
	}
	memcpy(d, p, (size_t)(buf + sizeof buf - p));
	return (size_t)(buf + sizeof buf - p);
}

size_t
text_put_s64(char *d, int64_t v)
{
	if (v >= 0)
		return text_put_u64(d, (uint64_t)v);
	*d = '-';
	return 1 + text_put_u64(d + 1, -(uint64_t)v);
}

size_t
text_put_hex(char *d, uint64_t v)
{
	size_t n = v == 0 ? 1 : (size_t)(67 - __builtin_clzll(v)) / 4, i;

	for (i = n; i-- > 0; v >>= 4)
		d[i] = "0123456789abcdef"[v & 15];
	return n;
}

static size_t
escape_byte(char *d, unsigned char c)
{
	d[0] = '\\';
	if (c == '\t' || c == '\n' || c == '\\') {
		d[1] = c == '\t' ? 't' : c == '\n' ? 'n' : '\\';
		return 2;
	}
	d[1] = 'x';
	d[2] = "0123456789abcdef"[c >> 4];
	d[3] = "0123456789abcdef"[c & 15];
	return 4;
}

static bool
control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

size_t
text_escape(char *d, const char *s, size_t n, const char *also)
{
	char *begin = d;
	size_t i;

	if (n == 1 && *s == '-')
		return escape_byte(d, '-');
	for (i = 0; i < n; i++)
		if (control((unsigned char)s[i]) || s[i] == '\\' || strchr(also, s[i]) != NULL)
			d += escape_byte(d, (unsigned char)s[i]);
		else
			*d++ = s[i];
	return (size_t)(d - begin);
}

/* The byte that the escape at s (its backslash) stands for; *len bytes long, 0 where it is broken.
 */
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

/* Among the eight bytes of w: is one below 0x20 and not a tab, 0x7f, or a backslash? (Bytes above
 * 0x7f may alarm.) */
static bool
suspicious(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	uint64_t tab = w ^ ones * '\t', del = w ^ ones * 0x7f, backslash = w ^ ones * '\\';
	uint64_t low = (w - ones * 0x20) & ~w & high;
	uint64_t is_tab = ~(((tab & ~high) + ~high) | tab) & high;

	return (low & ~is_tab) != 0 ||
	       (((del - ones) & ~del) | ((backslash - ones) & ~backslash)) & high;
}

bool
text_plain(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	uint64_t w;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		if (suspicious(w))
			return false;
	}
	for (; p < end; p++)
		if ((control((unsigned char)*p) && *p != '\t') || *p == '\\')
			return false;
	return true;
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
		if (len == 0 || control((unsigned char)*p))
			return false;
	}
	return true;
}
