/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stdio.h>

#include "base/unicode.h"
#include "svg.h"

enum { MARKUP = 8192 };

/* Is a character invisible, or forbidden in XML? */
static bool
is_unwanted(uint32_t c)
{
	return unicode_is_hidden(c) || (c & 0xfffe) == 0xfffe;
}

/* Add all that fits. */
static void
add(struct svg_text *t, struct str s)
{
	size_t room = sizeof t->text - t->n, n = room < s.n ? room : s.n;

	memcpy(t->text + t->n, s.p, n);
	t->n += n;
}

void
svg_add(struct svg_text *t, const char *fmt, ...)
{
	char d[sizeof t->text];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d, sizeof d, fmt, ap);
	va_end(ap);
	add(t, str_of(d));
}

void
svg_add_field(struct svg_text *t, struct str s)
{
	char raw[sizeof t->text];
	size_t n, i, len;
	uint32_t c;

	s.n = s.n < sizeof raw ? s.n : sizeof raw;
	n = text_unescape(raw, s);
	for (i = 0; i < n; i += len == 0 ? 1 : len) {
		len = text_utf8((struct str){ raw + i, n - i }, &c);
		if (len > sizeof t->text - t->n)
			return;
		if (len > 0 && !is_unwanted(c))
			add(t, (struct str){ raw + i, len });
	}
}

/* The width of a byte in hundredths of the font size; a character beyond ASCII is taken to be as
 * wide as it is high. */
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

static void
drop_last(struct svg_text *t)
{
	while (t->n > 0 && ((unsigned char)t->text[--t->n] & 0xc0) == 0x80)
		;
}

bool
svg_fit(struct svg_text *t, int px, int size)
{
	static const struct str ellipsis = STR_INIT("\xe2\x80\xa6");

	if (svg_width(svg_str(t), size) <= px)
		return t->n > 0;
	if (px < 5 * size)
		return false;
	px -= size;
	while (t->n > 0 && (svg_width(svg_str(t), size) > px || t->n + ellipsis.n > sizeof t->text))
		drop_last(t);
	if (t->n == 0)
		return false;
	add(t, ellipsis);
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
svg_put_text(struct out *o, struct str s)
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
	struct svg_text t;

	t.n = 0;
	svg_add_field(&t, s);
	svg_put_text(o, svg_str(&t));
}

void
svg_put(struct out *o, const char *fmt, ...)
{
	char *d = out_room(o, MARKUP);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(d, MARKUP, fmt, ap);
	va_end(ap);
	o->n += n < MARKUP ? (size_t)n : MARKUP - 1;
}

struct svg_hundredths
svg_hundredths(int64_t v)
{
	struct svg_hundredths d;
	const char *sign = v < 0 ? "-" : "";
	unsigned long long u = v < 0 ? -(unsigned long long)v : (unsigned long long)v;
	int n = 0;

	if (u % 100 == 0)
		snprintf(d.s, sizeof d.s, "%s%llu", sign, u / 100);
	else
		n = snprintf(d.s, sizeof d.s, "%s%.0llu.%02llu", sign, u / 100, u % 100);
	if (n > 0 && d.s[n - 1] == '0')
		d.s[n - 1] = '\0';
	return d;
}

void
svg_rect(struct out *o, const char *class, int x, int y, int w, int h)
{
	svg_put(o, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", class, x,
	    y, w, h);
}

void
svg_label(struct out *o, const char *class, int x, int y, struct str s)
{
	if (class != NULL)
		svg_put(o, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	else
		svg_put(o, "<text x=\"%d\" y=\"%d\">", x, y);
	svg_put_text(o, s);
	svg_put(o, "</text>\n");
}
