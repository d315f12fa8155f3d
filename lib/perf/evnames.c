/* SPDX-License-Identifier: MIT */

#include "evnames.h"

enum { DEEPEST = 40 };

/* A place in the print fmt. */
struct scan {
	const char *p, *end;
	int depth;
	bool bad;
};

static void
blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n'))
		s->p++;
}

/* Skip the word if it comes next. */
static bool
take(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	blanks(s);
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static uint64_t expression(struct scan *, int level);

static uint64_t
digits(struct scan *s)
{
	const char *next;
	uint64_t v = 0;

	blanks(s);
	if (take(s, "0x") || take(s, "0X")) {
		for (next = s->p; next < s->end && *next == '0'; next++)
			;
		s->p = next;
		if ((next = text_hex(s->p, s->end, &v)) != NULL)
			s->p = next;
	} else if ((next = text_u64(s->p, s->end, &v)) != NULL) {
		s->p = next;
	} else {
		s->bad = true;
	}
	while (s->p < s->end && (*s->p == 'U' || *s->p == 'L' || *s->p == 'u' || *s->p == 'l'))
		s->p++;
	return v;
}

static uint64_t
operand(struct scan *s)
{
	uint64_t v;

	if (++s->depth > DEEPEST)
		s->bad = true;
	if (s->bad)
		return 0;
	if (take(s, "~"))
		v = ~operand(s);
	else if (take(s, "-"))
		v = -operand(s);
	else if (!take(s, "("))
		v = digits(s);
	else {
		v = expression(s, 0);
		s->bad |= !take(s, ")");
	}
	s->depth--;
	return v;
}

/* C's binary operators, those that bind loosest first. */
static const char *const operators[] = { "|", "^", "&", "<<", ">>", "+", "-" };
static const int levels[] = { 0, 1, 2, 3, 3, 4, 4 };

enum { TIGHTEST = 5, N_OPERATORS = sizeof levels / sizeof *levels };

static uint64_t
apply(char op, uint64_t a, uint64_t b)
{
	switch (op) {
	case '|':
		return a | b;
	case '^':
		return a ^ b;
	case '&':
		return a & b;
	case '<':
		return b < 64 ? a << b : 0;
	case '>':
		return b < 64 ? a >> b : 0;
	case '+':
		return a + b;
	default:
		return a - b;
	}
}

/* A constant expression of operators that bind at that level or tighter. */
static uint64_t
expression(struct scan *s, int level)
{
	uint64_t v;
	int i;

	if (level == TIGHTEST)
		return operand(s);
	v = expression(s, level + 1);
	for (i = 0; i < N_OPERATORS && !s->bad; i++)
		if (levels[i] == level && take(s, operators[i])) {
			v = apply(*operators[i], v, expression(s, level + 1));
			i = -1;
		}
	return v;
}

/* A string literal without its quotes; p is NULL if none comes next. */
static struct str
literal(struct scan *s)
{
	struct str v = { NULL, 0 };
	const char *p;

	if (!take(s, "\""))
		return v;
	p = memchr(s->p, '"', (size_t)(s->end - s->p));
	if (p == NULL)
		return v;
	v = (struct str){ s->p, (size_t)(p - s->p) };
	s->p = p + 1;
	return v;
}

/* Skip to the end of the next REC->FIELD. */
static bool
skip_field(struct scan *s, const char *field)
{
	size_t n = strlen(field);
	const char *p;

	while ((p = memmem(s->p, (size_t)(s->end - s->p), "REC->", 5)) != NULL) {
		s->p = p + 5;
		if ((size_t)(s->end - s->p) >= n && memcmp(s->p, field, n) == 0 &&
		    (s->p + n == s->end || strchr(" \t),&?;:=", s->p[n]) != NULL)) {
			s->p += n;
			return true;
		}
	}
	return false;
}

/* The bits that REC->FIELD is masked with. */
static uint64_t
mask(struct scan *s)
{
	uint64_t v;

	if (!take(s, "&"))
		return UINT64_MAX;
	v = expression(s, 3);
	return s->bad ? UINT64_MAX : v;
}

/* Parse { VALUE, "NAME" }, ... up to the parenthesis that closes the call. */
static void
pairs(struct evnames *v, struct scan *s)
{
	uint64_t value;
	struct str name;

	while (v->n < EVNAMES_MAX && take(s, "{")) {
		value = expression(s, 0);
		if (s->bad || !take(s, ","))
			return;
		name = literal(s);
		if (name.p == NULL || !take(s, "}"))
			return;
		v->pair[v->n].value = value;
		v->pair[v->n++].name = name;
		take(s, ",");
	}
}

/* Find REC->FIELD & BITS ? "+" : "". */
static void
find_plus(struct evnames *v, struct scan s, const char *field)
{
	struct str plus;
	struct scan at;
	uint64_t bits;

	while (skip_field(&s, field)) {
		at = s;
		bits = mask(&at);
		if (at.bad || bits == UINT64_MAX || !take(&at, "?"))
			continue;
		plus = literal(&at);
		if (plus.p != NULL && plus.n > 0) {
			v->plus_mask = bits;
			v->plus = plus;
			return;
		}
	}
}

/* Parse the rest of a call whose first argument starts with the field. */
static bool
read_call(struct evnames *v, struct scan *s)
{
	v->n = 0;
	v->mask = mask(s);
	while (take(s, ")"))
		;
	if (!take(s, ","))
		return false;
	if (v->flags) {
		v->delim = literal(s);
		if (v->delim.p == NULL || !take(s, ","))
			return false;
	}
	pairs(v, s);
	while (take(s, ")"))
		;
	if (take(s, ":"))
		v->none = literal(s);
	return v->n > 0;
}

/* Skip to the next call that names values. */
static bool
skip_call(struct evnames *v, struct scan *s)
{
	static const char flags[] = "__print_flags(", symbols[] = "__print_symbolic(";

	while ((s->p = memmem(s->p, (size_t)(s->end - s->p), "__print_", 8)) != NULL) {
		v->flags = take(s, flags);
		if (v->flags || take(s, symbols))
			return true;
		s->p += 8;
	}
	return false;
}

bool
evnames_read(struct evnames *v, const struct evformat *e, const char *field)
{
	struct scan all = { e->print.p, e->print.p + e->print.n, 0, false }, s = all, at = all;
	const char *brace;

	*v = (struct evnames){ 0 };
	while (skip_call(v, &s)) {
		/* each byte is looked at once, however many calls are about other fields */
		while (at.p < s.p)
			if (!skip_field(&at, field))
				return false;
		brace = memchr(s.p, '{', (size_t)(at.p - s.p));
		if (brace != NULL) {
			s.p = brace;
			continue;
		}
		s = at;
		if (read_call(v, &s)) {
			find_plus(v, all, field);
			return true;
		}
		s.bad = false;
		s.depth = 0;
	}
	return false;
}

/* Append a name if there is room for it and a number after it; returns the new length. */
static size_t
append(char *d, size_t n, struct str s)
{
	if (n + s.n + TEXT_NUMBER > EVNAMES_TEXT)
		return n;
	memcpy(d + n, s.p, s.n);
	return n + s.n;
}

static size_t
put_flags(const struct evnames *v, uint64_t value, char *d)
{
	size_t n = 0, i;

	for (i = 0; i < v->n; i++) {
		if (v->pair[i].value == 0 || (value & v->pair[i].value) != v->pair[i].value)
			continue;
		if (n > 0)
			n = append(d, n, v->delim);
		n = append(d, n, v->pair[i].name);
		value &= ~v->pair[i].value;
	}
	if (value == 0)
		return n;
	if (n > 0)
		n = append(d, n, v->delim);
	n = append(d, n, STR("0x"));
	return n + text_put_hex(d + n, value);
}

static size_t
put_symbol(const struct evnames *v, uint64_t value, char *d)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->pair[i].value == value)
			return append(d, 0, v->pair[i].name);
	return text_put_u64(d, value);
}

size_t
evnames_put(const struct evnames *v, uint64_t value, char *d)
{
	uint64_t bits = value & v->mask;
	size_t n;

	if (bits == 0 && v->none.p != NULL && v->none.n > 0)
		n = append(d, 0, v->none);
	else
		n = v->flags ? put_flags(v, bits, d) : put_symbol(v, bits, d);
	if (n == 0)
		n = text_put_u64(d, bits);
	if (value & v->plus_mask)
		n = append(d, n, v->plus);
	return n;
}
