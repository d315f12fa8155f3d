/* SPDX-License-Identifier: MIT */

#include "rec_int.h"
#include "stack.h"

static bool
valid_word(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '\\')
			return false;
	return s.n > 0;
}

/* Pairs separated by single blanks, each with a key before its first =. */
static bool
valid_pairs(struct str s)
{
	const char *p, *end = s.p + s.n, *key = s.p;
	bool equals = false;

	for (p = s.p; p < end; p++) {
		if (*p == '=' && !equals) {
			if (p == key)
				return false;
			equals = true;
		} else if (*p == ' ') {
			if (!equals)
				return false;
			equals = false;
			key = p + 1;
		}
	}
	return equals;
}

static bool
valid(enum rec_type type, struct str s)
{
	switch (type) {
	case REC_T_WORD:
		return valid_word(s);
	case REC_T_KV:
		return str_none(s) || valid_pairs(s);
	case REC_T_ADDR:
		return str_none(s) || stack_valid_frame(s);
	case REC_T_STACK:
		return str_none(s) || stack_valid(s);
	default:
		return true;
	}
}

/* Check fields whose types are unknown. */
static bool
valid_rest(struct str s)
{
	const char *p = s.p, *end = s.p + s.n, *tab;

	for (; p < end; p = tab) {
		p++;
		tab = memchr(p, '\t', (size_t)(end - p));
		tab = tab == NULL ? end : tab;
		if (!text_valid((struct str){ p, (size_t)(tab - p) }))
			return false;
	}
	return true;
}

bool
rec_check(struct recin *in, const struct rec *r)
{
	const struct rec_field *f;
	const struct str *s;
	bool plain = memchr(r->line.p, '\\', r->line.n) == NULL &&
		     memchr(r->line.p, 0x7f, r->line.n) == NULL;

	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (f->type < REC_T_WORD)
			continue;
		s = (const void *)((const char *)r + f->off);
		if ((!plain && !text_valid(*s)) || !valid(f->type, *s))
			return rec_bad_field(in, r, f->name, s->p);
	}
	return valid_rest(r->more) || rec_bad(in, "a field has control bytes or a broken escape");
}
