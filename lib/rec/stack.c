/* SPDX-License-Identifier: MIT */

#include <endian.h>

#include "stack.h"

static const struct str names[MODE_COUNT] = { { "-", 1 }, { "k", 1 }, { "u", 1 }, { "h", 1 },
	{ "gk", 2 }, { "gu", 2 } };

struct str
stack_mode_name(enum stack_mode mode)
{
	return names[mode];
}

enum stack_mode
stack_mode_named(struct str s)
{
	enum stack_mode m;

	for (m = MODE_KERNEL; m < MODE_COUNT; m++)
		if (str_eq(s, names[m]))
			return m;
	return MODE_NONE;
}

/* Cut a symbol's offset off. A text without offsets may have been where it comes from. */
static struct str
without_offset(struct str place)
{
	const char *end = place.p + place.n, *plus = memrchr(place.p, '+', place.n);
	uint64_t offset;

	if (plus != NULL && plus > place.p && end - plus > 3 && plus[1] == '0' && plus[2] == 'x' &&
	    text_hex(plus + 3, end, &offset) == end)
		place.n = (size_t)(plus - place.p);
	return place;
}

/* Cut a word and the blank after it off a note. */
static struct str
next_word(struct str *rest)
{
	const char *blank = memchr(rest->p, ' ', rest->n);
	struct str word = { rest->p, blank == NULL ? rest->n : (size_t)(blank - rest->p) };
	size_t n = word.n + (blank != NULL);

	*rest = (struct str){ rest->p + n, rest->n - n };
	return word;
}

struct stack_note
stack_note(struct str rest)
{
	struct str none = { rest.p, 0 };
	struct stack_note n = { none, none, none, none };
	struct str word;

	if (rest.n == 0)
		return n;
	word = next_word(&rest);
	if (!str_eq(word, STR("?"))) {
		n.place = word;
		n.symbol = without_offset(word);
	}
	while (rest.n > 0) {
		word = next_word(&rest);
		if (word.n > 1 && *word.p == '@')
			n.line = (struct str){ word.p + 1, word.n - 1 };
		else
			n.object = word;
	}
	return n;
}

struct stack_walk
stack_walk(struct str s)
{
	const char *p = s.n > 0 ? s.p : "";

	return (struct stack_walk){ .p = p, .end = p + s.n, .innermost = true };
}

/* Parse ADDRESS or ADDRESS<NOTE>. The first < opens the note, the last byte closes it. */
static bool
get_frame(struct str token, struct stack_frame *f)
{
	const char *end = token.p + token.n, *p = text_hex(token.p, end, &f->addr);

	f->token = token;
	f->note = (struct str){ end, 0 };
	if (p == end)
		return true;
	if (p == NULL || *p != '<' || end - p < 3 || end[-1] != '>')
		return false;
	f->note = (struct str){ p + 1, (size_t)(end - p) - 2 };
	return true;
}

/* Cut off the next token; false at the end. */
static bool
next_token(const char **p, const char *end, struct str *token)
{
	const char *semi = *p < end ? memchr(*p, ';', (size_t)(end - *p)) : NULL;

	*token = (struct str){ *p, (size_t)((semi == NULL ? end : semi) - *p) };
	*p = semi == NULL ? end : semi + 1;
	return token->p < end;
}

/* The mode that a token sets, MODE_NONE if it is a frame. */
static enum stack_mode
token_mode(struct str token)
{
	return token.n <= 2 ? stack_mode_named(token) : MODE_NONE;
}

/* Read an address without a note, most frames before cs2text. Returns the next token's place, NULL
 * if the token at p is another. */
static const char *
bare_frame(const char *p, const char *end, struct stack_frame *f)
{
	const char *q = text_hex(p, end, &f->addr);

	if (q == NULL || (q < end && *q != ';'))
		return NULL;
	f->token = (struct str){ p, (size_t)(q - p) };
	f->note = (struct str){ q, 0 };
	return q < end ? q + 1 : q;
}

/* Set what a frame has from those before it. */
static bool
place_frame(struct stack_walk *w, const char *next, struct stack_frame *f)
{
	w->p = next;
	f->mode = w->mode;
	f->innermost = w->innermost;
	w->innermost = false;
	return true;
}

bool
stack_next(struct stack_walk *w, struct stack_frame *f)
{
	const char *p = w->p, *next;
	struct str token;
	enum stack_mode mode;

	if ((next = bare_frame(p, w->end, f)) != NULL)
		return place_frame(w, next, f);
	while (next_token(&p, w->end, &token)) {
		mode = token_mode(token);
		if (mode == MODE_NONE && !get_frame(token, f))
			return false;
		if (mode == MODE_NONE)
			return place_frame(w, p, f);
		w->p = p;
		w->mode = mode;
		w->innermost = true;
		if ((next = bare_frame(p, w->end, f)) != NULL)
			return place_frame(w, next, f);
	}
	return false;
}

/* Cut off the last token; false if there is none. */
static bool
last_token(struct str *stack, struct str *token)
{
	const char *semi = stack->n > 0 ? memrchr(stack->p, ';', stack->n) : NULL;
	const char *begin = semi == NULL ? stack->p : semi + 1;

	*token = (struct str){ begin, (size_t)(stack->p + stack->n - begin) };
	stack->n = semi == NULL ? 0 : (size_t)(semi - stack->p);
	return token->n > 0 || semi != NULL;
}

bool
stack_take_last(struct str *stack, struct stack_frame *f)
{
	struct str token;

	while (last_token(stack, &token)) {
		if (token.n == 0 || token_mode(token) != MODE_NONE)
			continue;
		*f = (struct stack_frame){ .mode = MODE_NONE };
		if (!get_frame(token, f))
			f->note = token;
		return true;
	}
	return false;
}

static const uint64_t marks[MODE_COUNT] = { 0, STACK_KERNEL, STACK_USER, STACK_HV,
	STACK_GUEST_KERNEL, STACK_GUEST_USER };

static enum stack_mode
marked(uint64_t word)
{
	enum stack_mode m;

	if (word < (uint64_t)-4095)
		return MODE_NONE;
	for (m = MODE_KERNEL; m < MODE_COUNT; m++)
		if (word == marks[m])
			return m;
	return MODE_NONE;
}

size_t
stack_words(struct str s, uint64_t *word, size_t max)
{
	const char *p = s.p, *end = s.p + s.n;
	enum stack_mode mode;
	struct stack_frame f;
	struct str token;
	size_t n = 0;

	while (next_token(&p, end, &token)) {
		mode = token_mode(token);
		if (n == max || (mode == MODE_NONE && (!get_frame(token, &f) || marked(f.addr))))
			return 0;
		word[n++] = mode == MODE_NONE ? f.addr : marks[mode];
	}
	return n;
}

size_t
stack_text(char *d, const uint64_t *word, size_t n)
{
	char *begin = d;
	enum stack_mode mode;
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			*d++ = ';';
		mode = marked(word[i]);
		if (mode != MODE_NONE) {
			memcpy(d, names[mode].p, names[mode].n);
			d += names[mode].n;
		} else {
			d += text_put_hex(d, word[i]);
		}
	}
	return (size_t)(d - begin);
}

bool
stack_has_user(const uint64_t *word, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (stack_is_user(word[i]))
			return true;
	return false;
}

/* The number of eight lower-case hexadecimal digits, which are examined together. Sets *bad if
 * there are other bytes. */
static inline uint64_t
eight_digits(const char *s, uint64_t *bad)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t w = le64toh(str_load8(s)), letter = w >> 6 & ones;
	uint64_t v = (w & ones * 0xf) + letter * 9;

	*bad |= (w ^ (v + ones * '0' + letter * ('a' - '0' - 10))) | (v & ones * 0xf0) |
		(((v + ones * 6) >> 4 & ones) ^ letter);
	v = (v << 4 | v >> 8) & 0x00ff00ff00ff00ff;
	v = (v << 8 | v >> 16) & 0x0000ffff0000ffff;
	return (v << 16 | v >> 32) & 0xffffffff;
}

bool
stack_is_ref(struct str s, uint64_t *hash)
{
	const char *end = s.p + s.n;
	uint64_t bad = 0;

	if (s.n == 1 + 16 && s.p[1] != '0') {
		*hash = eight_digits(s.p + 1, &bad) << 32;
		*hash |= eight_digits(s.p + 9, &bad);
		return *s.p == '@' && bad == 0;
	}
	return s.n > 1 && *s.p == '@' && text_hex(s.p + 1, end, hash) == end;
}

/* The end of the address at p, NULL if there is none. */
static const char *
skip_addr(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && text_nibble[(unsigned char)*p] != 0)
		p++;
	return p == begin || p - begin > 16 || (*begin == '0' && p - begin > 1) ? NULL : p;
}

/* The end of the note at p, NULL if it is malformed. */
static const char *
skip_note(const char *p, const char *end)
{
	const char *semi = memchr(p, ';', (size_t)(end - p));

	semi = semi == NULL ? end : semi;
	if (*p != '<' || semi - p < 3 || semi[-1] != '>')
		return NULL;
	return text_valid((struct str){ p, (size_t)(semi - p) }) ? semi : NULL;
}

static const char *
skip_frame(const char *p, const char *end)
{
	p = skip_addr(p, end);
	return p == NULL || p == end || *p == ';' ? p : skip_note(p, end);
}

static const char *
skip_mode(const char *p, const char *end)
{
	struct str token;

	next_token(&p, end, &token);
	return stack_mode_named(token) == MODE_NONE ? NULL : token.p + token.n;
}

bool
stack_valid_frame(struct str s)
{
	return s.n > 0 && skip_frame(s.p, s.p + s.n) == s.p + s.n;
}

bool
stack_valid(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;

	if (s.n > 1 && *p == '@')
		return skip_addr(p + 1, end) == end;
	for (; p < end; p++) {
		p = *p > 'f' ? skip_mode(p, end) : skip_frame(p, end);
		if (p == NULL || p == end)
			return p == end;
	}
	return false;
}
