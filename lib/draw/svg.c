/* SPDX-License-Identifier: MIT */

#include "svg.h"

/* Characters that are dropped: controls, what XML forbids, and what turns the direction of writing.
 */
static bool
unwanted(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe || c == 0xfeff ||
	       (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* How many bytes of s are one character of UTF-8, 0 where they are none; which one it is. */
static size_t
get_utf8(const char *s, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	size_t len = *u < 0x80   ? 1
		     : *u < 0xc2 ? 0
		     : *u < 0xe0 ? 2
		     : *u < 0xf0 ? 3
		     : *u < 0xf5 ? 4
				 : 0;
	size_t i;

	if (len == 0 || len > n)
		return 0;
	*c = len == 1 ? *u : *u & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (u[i] & 0x3fu);
	}
	return *c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000) ? 0 : len;
}

void
svg_add(struct svg_word *w, struct str s)
{
	size_t n = sizeof w->text - w->n < s.n ? sizeof w->text - w->n : s.n;

	memcpy(w->text + w->n, s.p, n);
	w->n += n;
}

void
svg_add_field(struct svg_word *w, struct str s)
{
	char raw[sizeof w->text];
	size_t n, i, len;
	uint32_t c;

	s.n = s.n < sizeof raw ? s.n : sizeof raw;
	n = text_unescape(raw, s);
	for (i = 0; i<n; i += len> 0 ? len : 1) {
		len = get_utf8(raw + i, n - i, &c);
		if (len > sizeof w->text - w->n)
			return;
		if (len > 0 && !unwanted(c))
			svg_add(w, (struct str){ raw + i, len });
	}
}

/* Hundredths of the font size that a byte takes; what is not ASCII, as wide as it is high. */
static int
advance(unsigned char c)
{
	if (c >= 0x80)
		return c >= 0xc0 ? 110 : 0;
	if (strchr("ijl|!.,:;'", c) != NULL)
		return 36;
	if (strchr(" ()[]{}ft/r-I\"", c) != NULL)
		return 45;
	if (strchr("mwMW@%", c) != NULL)
		return 100;
	return c >= 'A' && c <= 'Z' ? 74 : 64;
}

int
svg_width(struct str s, int size)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		sum += advance((unsigned char)s.p[i]);
	return (int)((sum * size + 99) / 100);
}

/* Take the last character off. */
static void
chop(struct svg_word *w)
{
	while (w->n > 0 && ((unsigned char)w->text[--w->n] & 0xc0) == 0x80)
		;
}

bool
svg_fit(struct svg_word *w, int px, int size)
{
	static const char dots[] = "\xe2\x80\xa6";

	if (svg_width((struct str){ w->text, w->n }, size) <= px)
		return w->n > 0;
	if (px < 5 * size)
		return false;
	px -= size;
	while (w->n > 0 && (svg_width((struct str){ w->text, w->n }, size) > px ||
			       w->n + sizeof dots > sizeof w->text))
		chop(w);
	if (w->n == 0)
		return false;
	memcpy(w->text + w->n, dots, sizeof dots - 1);
	w->n += sizeof dots - 1;
	return true;
}

static struct str
entity(char c)
{
	switch (c) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	default:
		return (struct str){ NULL, 0 };
	}
}

void
svg_put(struct out *o, struct str s)
{
	size_t i, from = 0;
	struct str e;

	for (i = 0; i < s.n; i++) {
		e = entity(s.p[i]);
		if (e.n == 0)
			continue;
		out_bytes(o, s.p + from, i - from);
		out_str(o, e);
		from = i + 1;
	}
	out_bytes(o, s.p + from, s.n - from);
}

void
svg_put_field(struct out *o, struct str s)
{
	struct svg_word w = { 0 };

	svg_add_field(&w, s);
	svg_put(o, (struct str){ w.text, w.n });
}

void
svg_put_hundredths(struct out *o, int64_t v)
{
	char *d = out_room(o, TEXT_NUMBER + 4), *p = d;
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	if (v < 0)
		*p++ = '-';
	if (u >= 100 || u == 0)
		p += text_put_u64(p, u / 100);
	if (u % 100 != 0) {
		*p++ = '.';
		*p++ = (char)('0' + u / 10 % 10);
		if (u % 10 != 0)
			*p++ = (char)('0' + u % 10);
	}
	o->n += (size_t)(p - d);
}

static void
open_attr(struct out *o, const char *name)
{
	out_char(o, ' ');
	out_str(o, str_of(name));
	out_str(o, STR("=\""));
}

void
svg_attr(struct out *o, const char *name, int64_t v)
{
	open_attr(o, name);
	out_s64(o, v);
	out_char(o, '"');
}

void
svg_attr_hundredths(struct out *o, const char *name, int64_t v)
{
	open_attr(o, name);
	svg_put_hundredths(o, v);
	out_char(o, '"');
}

static void
open_element(struct out *o, const char *name, const char *class)
{
	out_char(o, '<');
	out_str(o, str_of(name));
	if (class == NULL)
		return;
	open_attr(o, "class");
	out_str(o, str_of(class));
	out_char(o, '"');
}

void
svg_rect(struct out *o, const char *class, int x, int y, int w, int h)
{
	open_element(o, "rect", class);
	svg_attr(o, "x", x);
	svg_attr(o, "y", y);
	svg_attr(o, "width", w);
	svg_attr(o, "height", h);
	out_str(o, STR("/>\n"));
}

void
svg_text(struct out *o, const char *class, int x, int y, struct str s)
{
	open_element(o, "text", class);
	svg_attr(o, "x", x);
	svg_attr(o, "y", y);
	out_char(o, '>');
	svg_put(o, s);
	out_str(o, STR("</text>\n"));
}
