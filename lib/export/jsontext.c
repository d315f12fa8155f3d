/* SPDX-License-Identifier: MIT */

#include "jsontext.h"
#include "base/unicode.h"

/* Write \uXXXX at d: returns its length. */
static size_t
put_unit(char *d, uint32_t unit)
{
	uint8_t bytes[2] = { (uint8_t)(unit >> 8), (uint8_t)unit };

	d[0] = '\\';
	d[1] = 'u';
	return 2 + text_put_hex_bytes(d + 2, bytes, sizeof bytes);
}

/* Write the first character of s as it is inside a JSON string, which takes at most 12 bytes. Sets
 * the length of the character. */
static size_t
put_char(char *d, struct str s, size_t *len)
{
	uint32_t c;
	size_t n = 0;

	*len = text_utf8(s, &c);
	if (*len == 0) {
		*len = 1;
		d[0] = d[1] = '\\';
		d[2] = 'x';
		return 3 + text_put_hex_bytes(d + 3, s.p, 1);
	}
	if (unicode_is_hidden(c)) {
		if (c > 0xffff) {
			n = put_unit(d, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		return n + put_unit(d + n, c);
	}
	if (c == '"' || c == '\\')
		d[n++] = '\\';
	memcpy(d + n, s.p, *len);
	return n + *len;
}

void
jsontext_add(struct strbuf *b, struct str field, size_t max)
{
	enum { LONGEST = 12 };
	struct str cut = text_cut(field, max), rest;
	size_t len, room = LONGEST * cut.n;
	char *text = strbuf_reserve(b, room + cut.n) + room;

	/* the bytes are unescaped at the end of the room, and written from its start */
	rest = (struct str){ text, text_unescape(text, cut) };
	while (rest.n > 0) {
		b->n += put_char(b->p + b->n, rest, &len);
		rest.p += len;
		rest.n -= len;
	}
	if (cut.n < field.n)
		strbuf_add(b, STR("..."));
}
