/* SPDX-License-Identifier: MIT */

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "annotate.h"
#include "base/cache.h"
#include "base/mem.h"
#include "base/strbuf.h"

enum {
	MAXFIELDS = 4,
	DEFINED = 1 << 14, /* words of 64 bits */
	STACKS = 32768,
	KNOWN = 8192,
	KNOWN_NOTE = 101,
	STACKS_SIZE = 16 * 1024 * 1024,
	MAXRATIO = 256,             /* bytes of output for each byte of input */
	MAXSTACK = 16 * 1024 * 1024 /* of a stack with its notes */
};

/* The text of an address, at most 16 bytes; after it are zeros. */
struct digits {
	uint64_t low, high;
	size_t n;
};

/* A frame that was met before: the text of its address, the space it was looked up in, and its
 * note in < and >, empty if it has none. */
struct known {
	uint64_t low, high, space;
	uint8_t digits; /* 0: not in use */
	uint8_t n;
	bool is_entry;
	char note[KNOWN_NOTE];
};

struct annotate {
	struct symbolize *symbols;
	bool inlines; /* a frame may have several notes */
	struct patterns *machines;
	struct cache *stacks; /* generations and frames -> frames with notes; NULL if exact */
	struct known *known;  /* KNOWN of them; NULL if exact */
	struct strbuf text;   /* the field that is being made */
	uint64_t bytes_in, bytes_out, dropped, undefined;
	bool bare_states, named_states; /* of those that were copied */
	size_t room;                    /* how long the field may become */
	struct kind {
		const struct rec_field *field[MAXFIELDS]; /* those that have addresses */
		size_t n;
		const struct rec_field *mode; /* the mode of an addr, NULL if unknown */
		size_t machine, pid, stack;   /* the indexes of these fields; 0: it has none */
	} kind[REC_NKINDS];
	uint64_t defined[DEFINED]; /* a bit for some of the hashes of stacks that are defined */
};

static void
find_fields(struct kind *k, const struct rec_field *f)
{
	size_t i;

	for (i = 0; f[i].type != REC_T_END && k->n < MAXFIELDS; i++) {
		if (f[i].type == REC_T_ADDR || f[i].type == REC_T_STACK)
			k->field[k->n++] = &f[i];
		if (f[i].type == REC_T_STACK)
			k->stack = i;
		else if (f[i].type == REC_T_WORD && strcmp(f[i].name, "mode") == 0)
			k->mode = &f[i];
		else if (strcmp(f[i].name, "machine") == 0)
			k->machine = i;
		else if (strcmp(f[i].name, "pid") == 0)
			k->pid = i;
	}
}

struct annotate *
annotate_new(struct symbolize *symbols, struct patterns *machines, bool exact)
{
	struct annotate *a = mem_alloc(sizeof *a);
	enum rec_kind i;

	a->symbols = symbols;
	a->inlines = symbolize_has_inlines(symbols);
	a->machines = machines;
	a->stacks = exact ? NULL : cache_new(STACKS, STACKS_SIZE);
	a->known = exact ? NULL : mem_alloc(KNOWN * sizeof *a->known);
	for (i = 0; i < REC_NKINDS; i++)
		find_fields(&a->kind[i], rec_fields(i));
	a->kind[REC_STATE].n = a->kind[REC_ARROW].n = 0;
	return a;
}

void
annotate_free(struct annotate *a)
{
	if (a == NULL)
		return;
	cache_free(a->stacks);
	free(a->known);
	strbuf_free(&a->text);
	free(a);
}

void
annotate_report(const struct annotate *a,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	char text[100];

	if (a->bare_states && !a->named_states)
		note(arg, NULL, "states keep their addresses: run cs2text before sched2states");
	if (a->dropped == 0)
		return;
	snprintf(text, sizeof text, "%llu field%s: names would outgrow the input",
	    (unsigned long long)a->dropped,
	    a->dropped == 1 ? " left as it is" : "s left as they are");
	note(arg, NULL, text);
}

uint64_t
annotate_undefined(const struct annotate *a)
{
	return a->undefined;
}

/* Does a note say that nothing was known of the address, or only the object? */
static bool
is_unnamed(struct str note)
{
	return note.n > 0 && *note.p == '?' && (note.n == 1 || note.p[1] == ' ');
}

/* Of several notes that of the function that is not inlined. */
static struct str
last_note(const struct annotate *a, struct str notes)
{
	const char *newline = a->inlines && notes.n > 0 ? memrchr(notes.p, '\n', notes.n) : NULL;

	if (newline == NULL)
		return notes;
	return (struct str){ newline + 1, (size_t)(notes.p + notes.n - newline) - 1 };
}

/* Make the note of a frame that has none, or one without a name that there is a name for now. */
static bool
make_note(struct annotate *a, const struct symbolize_context *c, const struct stack_frame *f,
    struct str *note, struct fault *fault)
{
	if (f->note.n == 0)
		return symbolize_frame(a->symbols, c, f, note, fault);
	if (!is_unnamed(f->note) || !symbolize_frame(a->symbols, c, f, note, fault))
		return false;
	*note = last_note(a, *note);
	return !is_unnamed(*note);
}

/* Append the text from done up to a frame, and the frame with each of its notes. Returns the
 * frame's end. */
static const char *
put_notes(struct strbuf *b, const char *done, const struct stack_frame *f, struct str notes)
{
	const char *end = f->token.p + f->token.n - (f->note.n > 0 ? f->note.n + 2 : 0);
	struct str address = { f->token.p, (size_t)(end - f->token.p) };

	strbuf_add_bytes(b, done, (size_t)(f->token.p - done));
	while (notes.n > 0) {
		strbuf_add(b, address);
		strbuf_putc(b, '<');
		strbuf_add(b, text_line(&notes));
		strbuf_add(b, notes.n > 0 ? STR(">;") : STR(">"));
	}
	return f->token.p + f->token.n;
}

/* Append the text from done to the end of a frame's address, and its note. Returns the frame's end.
 */
static const char *
put_note(struct strbuf *b, const char *done, const struct stack_frame *f, struct str note)
{
	const char *end = f->token.p + f->token.n - (f->note.n > 0 ? f->note.n + 2 : 0);
	char *d = strbuf_reserve(b, (size_t)(end - done) + note.n + 2);

	d = str_put(d, (struct str){ done, (size_t)(end - done) });
	*d++ = '<';
	d = str_put(d, note);
	*d++ = '>';
	b->n = (size_t)(d - b->p);
	return f->token.p + f->token.n;
}

/* Is a frame, by its note, where an interrupt or a signal came in? The next one is where the
 * processor was then, and no return address. */
static bool
is_entry(struct str note)
{
	static const char *const entries[] = { "asm_", "el1", "ret_from_intr+", "common_interrupt+",
		"apic_timer_interrupt+", "page_fault+", "__restore_rt+", "__restore+",
		"__kernel_rt_sigreturn+", "__kernel_sigreturn+" };
	size_t i;

	for (i = 0; note.n > 0 && i < sizeof entries / sizeof *entries; i++)
		if (*note.p == *entries[i] && str_starts(note, entries[i]))
			return true;
	return false;
}

/* --- frames that were met before */

/* The index of the first semicolon among eight bytes; 8 if there is none. */
static inline size_t
find_semicolon(uint64_t bytes)
{
	const uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
	uint64_t other = bytes ^ ones * ';', found = (other - ones) & ~other & high;

	return found == 0 ? 8 : (size_t)__builtin_ctzll(found) / 8;
}

/* The text at s up to a semicolon or the end, of 0 bytes if it is longer than that of an address.
 * It is in an input's window, so that 16 bytes can be read. */
static inline struct digits
get_digits(const char *s, const char *end)
{
	struct digits d = { le64toh(str_load8(s)), le64toh(str_load8(s + 8)), 0 };
	size_t n = find_semicolon(d.low), left = (size_t)(end - s);

	n = n == 8 ? 8 + find_semicolon(d.high) : n;
	if (n == 16 && left > 16 && s[16] != ';')
		return d;
	d.n = n < left ? n : left;
	if (d.n < 8) {
		d.low &= (UINT64_C(1) << 8 * d.n) - 1;
		d.high = 0;
	} else if (d.n < 16) {
		d.high &= (UINT64_C(1) << 8 * (d.n - 8)) - 1;
	}
	return d;
}

static inline struct known *
known_at(const struct annotate *a, const struct digits *d, uint64_t space)
{
	uint64_t hash = d->low ^ d->high * 0x9fb21c651e98df25 ^ space * 0xc2b2ae3d27d4eb4f;

	return a->known + (hash * 0x9e3779b97f4a7c15 >> 40) % KNOWN;
}

/* Find a frame that was met before. */
static inline const struct known *
find_known(const struct annotate *a, const struct digits *d, uint64_t space)
{
	const struct known *k = known_at(a, d, space);
	uint64_t differ =
	    (k->low ^ d->low) | (k->high ^ d->high) | (k->space ^ space) | (k->digits ^ d->n);

	return differ == 0 && d->n > 0 ? k : NULL;
}

/* Remember the note of a frame that has none in the stream; empty: it has none. */
static void
remember(struct annotate *a, const struct symbolize_context *c, const struct stack_frame *f,
    struct str note)
{
	struct digits d = get_digits(f->token.p, f->token.p + f->token.n);
	uint64_t space = symbolize_space(c, f->mode, f->innermost);
	struct known *k;

	if (f->mode == MODE_NONE || f->note.n > 0 || d.n == 0 || note.n + 2 > KNOWN_NOTE ||
	    (a->inlines && note.n > 0 && memchr(note.p, '\n', note.n) != NULL))
		return;
	k = known_at(a, &d, space);
	*k = (struct known){ d.low, d.high, space, (uint8_t)d.n, 0, is_entry(note), "" };
	if (note.n == 0)
		return;
	k->note[0] = '<';
	*str_put(k->note + 1, note) = '>';
	k->n = (uint8_t)(note.n + 2);
}

/* make_note() for a frame that was not met before. */
static bool
note_of(struct annotate *a, const struct symbolize_context *c, const struct stack_frame *f,
    struct str *note, struct fault *fault)
{
	bool made = make_note(a, c, f, note, fault);

	if (a->known != NULL && !fault_is(fault))
		remember(a, c, f, made ? *note : f->note);
	return made;
}

/* Copy the note to d, where there is room for the longest. Returns its end. */
static inline char *
put_known_note(char *d, const struct known *k)
{
	memcpy(d, k->note, 32);
	if (k->n > 32)
		memcpy(d + 32, k->note + 32, KNOWN_NOTE - 32);
	return d + k->n;
}

/* --- stacks */

/* Read a token that sets the mode of frames. */
static inline bool
take_mode(struct stack_walk *w, const struct digits *d)
{
	if (d->n != 1 || (d->low != 'k' && d->low != 'u'))
		return false;
	w->mode = d->low == 'k' ? MODE_KERNEL : MODE_USER;
	w->innermost = true;
	return true;
}

/* Append the frames that were met before, with their notes, up to another one. The search for the
 * next frame must not wait for what this one's entry says, hence the hint. */
static void
put_known(struct annotate *a, const struct symbolize_context *c, struct stack_walk *at)
{
	static const struct known mode = { 0 };
	const struct known *k;
	struct stack_walk w = *at;
	struct digits d;
	char *to;

	while (w.p < w.end && a->text.n <= a->room) {
		d = get_digits(w.p, w.end);
		if (take_mode(&w, &d))
			k = &mode;
		else if ((k = find_known(a, &d, symbolize_space(c, w.mode, w.innermost))) == NULL)
			break;
		else
			w.innermost = __builtin_expect(k->is_entry, false) ? true : false;
		to = strbuf_reserve(&a->text, 16 + KNOWN_NOTE + 1);
		memcpy(to, w.p, 16);
		to = put_known_note(to + d.n, k);
		w.p += d.n;
		if (w.p < w.end)
			*to++ = *w.p++;
		a->text.n = (size_t)(to - a->text.p);
	}
	*at = w;
}

/* Append the next frame, with its note and the tokens before it. False at the end, and if the next
 * token is not a frame: it is left. */
static bool
put_next(struct annotate *a, const struct symbolize_context *c, struct stack_walk *w,
    struct fault *fault)
{
	const char *done = w->p;
	struct stack_frame f;
	struct str note;

	if (!stack_next(w, &f)) {
		w->p = done;
		return false;
	}
	note = f.note;
	if (note_of(a, c, &f, &note, fault))
		done = a->inlines ? put_notes(&a->text, done, &f, note)
				  : put_note(&a->text, done, &f, note);
	strbuf_add_bytes(&a->text, done, (size_t)(w->p - done));
	w->innermost = is_entry(last_note(a, note));
	return true;
}

/* The frames with their notes. The first token that is not a frame and all after it are copied.
 * Stops early if there is no room. */
static struct str
make_stack(
    struct annotate *a, const struct symbolize_context *c, struct str stack, struct fault *fault)
{
	struct stack_walk w = stack_walk(stack);

	strbuf_clear(&a->text);
	do {
		if (a->known != NULL)
			put_known(a, c, &w);
	} while (a->text.n <= a->room && put_next(a, c, &w, fault));
	strbuf_add_bytes(&a->text, w.p, (size_t)(w.end - w.p));
	return strbuf_str(&a->text);
}

/* Hex digits have no u: without one, no frame is a user's. */
static bool
is_kernel_only(struct str s)
{
	return s.n > 2 && s.p[0] == 'k' && s.p[1] == ';' && memchr(s.p, 'u', s.n) == NULL;
}

static struct cache_key
stack_key(const struct symbolize_context *c, struct str s)
{
	return (struct cache_key){ c->kernel_generation, is_kernel_only(s) ? 0 : c->user.generation,
		s };
}

static struct str
cached_stack(
    struct annotate *a, const struct symbolize_context *c, struct str s, struct fault *fault)
{
	struct cache_key key = stack_key(c, s);
	struct str made;

	if (a->stacks != NULL && cache_get(a->stacks, &key, &made))
		return made;
	made = make_stack(a, c, s, fault);
	if (a->stacks != NULL && made.n <= a->room && !fault_is(fault))
		cache_put(a->stacks, &key, made);
	return made;
}

/* Does a record have a stack, of which its address is the innermost frame? */
static bool
has_stack(const struct annotate *a, const struct rec *r)
{
	const struct kind *k = &a->kind[r->kind];
	struct str s;
	size_t i;

	for (i = 0; i < k->n; i++) {
		memcpy(&s, (const char *)r + k->field[i]->off, sizeof s);
		if (k->field[i]->type == REC_T_STACK && s.n > 0 && !str_none(s))
			return true;
	}
	return false;
}

static struct str
make_addr(struct annotate *a, const struct symbolize_context *c, const struct rec *r, struct str s,
    struct fault *fault)
{
	const struct rec_field *mode = a->kind[r->kind].mode;
	struct stack_walk w = stack_walk(s);
	struct stack_frame f;
	struct str note;
	bool made;

	if (!stack_next(&w, &f) || f.token.n != s.n)
		return s;
	if (mode != NULL)
		f.mode = stack_mode_named(*(const struct str *)((const char *)r + mode->off));
	if (a->stacks == NULL)
		symbolize_count(a->symbols, !has_stack(a, r));
	made = note_of(a, c, &f, &note, fault);
	symbolize_count(a->symbols, true);
	if (!made)
		return s;
	strbuf_clear(&a->text);
	put_note(&a->text, s.p, &f, last_note(a, note));
	return strbuf_str(&a->text);
}

static bool
has_frames(struct str field)
{
	return field.n > 0 && *field.p != '@' && !str_none(field);
}

/* The bit of a stack, by the last digits of its hash: references are not parsed. */
static uint64_t *
bit_of(struct annotate *a, struct str hash, uint64_t *bit)
{
	uint64_t v = 0;

	if (hash.n >= sizeof v)
		v = str_load8(hash.p + hash.n - sizeof v);
	else if (hash.n > 0)
		memcpy(&v, hash.p, hash.n);
	v *= 0x9e3779b97f4a7c15;
	*bit = UINT64_C(1) << (v >> 58);
	return &a->defined[(v >> 32) % DEFINED];
}

/* The hash of a definition is in the field before its frames. */
static void
define(struct annotate *a, const struct rec *r)
{
	const char *end = r->stack.frames.p - 1, *tab = r->line.p;
	uint64_t bit, *word;

	tab = memrchr(tab, '\t', (size_t)(end - tab));
	word = bit_of(a, (struct str){ tab + 1, (size_t)(end - tab) - 1 }, &bit);
	*word |= bit;
}

/* Count a reference to a stack that is not defined. */
static void
refer(struct annotate *a, struct str hash)
{
	uint64_t bit, *word = bit_of(a, hash, &bit);

	a->undefined += (*word & bit) == 0;
}

/* Are machine and pid all that frames depend on? Then find their context, with these fields alone
 * read. NULL if not. */
static const struct symbolize_context *
peek_context(struct annotate *a, const struct recin *in, struct rec *r)
{
	const struct kind *k = &a->kind[r->kind];

	if (a->known == NULL || a->machines->n > 0 || !symbolize_timeless(a->symbols) ||
	    k->pid == 0 || !rec_peek(in, r, k->machine) || !rec_peek(in, r, k->pid))
		return NULL;
	return symbolize_context(a->symbols, r->machine, r->pid);
}

/* Count a line and what its field becomes; false if there is no room for that. */
static bool
take_room(struct annotate *a, const struct rec *r, size_t n)
{
	if (a->bytes_out + n > MAXRATIO * a->bytes_in || n > MAXSTACK)
		return false;
	a->bytes_in += r->line.n;
	a->bytes_out += n;
	return true;
}

/* Write a sample whose stack is a reference, if its address was met before. */
static bool
put_sample(struct annotate *a, const struct recin *in, struct rec *r, struct out *o)
{
	const struct symbolize_context *c;
	const struct known *k;
	struct digits d;
	const char *end;
	struct str ip;
	char *to;

	if (!rec_peek(in, r, REC_SAMPLE_MODE) || !rec_peek(in, r, REC_SAMPLE_IP) ||
	    (c = peek_context(a, in, r)) == NULL)
		return false;
	ip = r->sample.ip;
	d = get_digits(ip.p, ip.p + ip.n);
	k = find_known(a, &d, symbolize_space(c, stack_mode_named(r->sample.mode), true));
	if (k == NULL || d.n != ip.n || !take_room(a, r, ip.n + k->n))
		return false;
	end = ip.p + ip.n;
	to = out_room(o, r->line.n + KNOWN_NOTE + 1);
	to = str_put(to, (struct str){ r->line.p, (size_t)(end - r->line.p) });
	to = put_known_note(to, k);
	to = str_put(to, (struct str){ end, (size_t)(r->line.p + r->line.n - end) });
	*to++ = '\n';
	o->n = (size_t)(to - o->buf);
	return true;
}

/* Write a record that ends in a stack, if that was met before. */
static bool
put_stack(struct annotate *a, const struct recin *in, struct rec *r, struct out *o)
{
	const struct symbolize_context *c = peek_context(a, in, r);
	struct cache_key key;
	struct str *s, made;
	char *to;

	if (c == NULL || !rec_peek(in, r, a->kind[r->kind].stack))
		return false;
	s = rec_stack(r);
	key = stack_key(c, *s);
	if (s->p + s->n != r->line.p + r->line.n || !cache_get(a->stacks, &key, &made) ||
	    !take_room(a, r, made.n))
		return false;
	to = out_room(o, r->line.n - s->n + made.n + 1);
	to = str_put(to, (struct str){ r->line.p, r->line.n - s->n });
	to = str_put(to, made);
	*to++ = '\n';
	o->n = (size_t)(to - o->buf);
	return true;
}

bool
annotate_line(struct annotate *a, const struct recin *in, struct rec *r, struct out *o)
{
	const struct kind *k = &a->kind[r->kind];
	bool has_stack_only = k->n == 1 && k->stack > 0;
	struct str hash;

	if (k->n == 0 || r->kind == REC_STACK)
		return false;
	if (!rec_ends_in_ref(in, r, &hash))
		return has_stack_only && put_stack(a, in, r, o);
	if (has_stack_only)
		rec_copy(o, r);
	else if (r->kind != REC_SAMPLE || !put_sample(a, in, r, o))
		return false;
	refer(a, hash);
	return true;
}

/* The field with notes, or as it is if there is no room for them. */
static struct str
make_field(struct annotate *a, const struct symbolize_context *c, const struct rec *r,
    const struct rec_field *f, struct str s, struct fault *fault)
{
	uint64_t room = MAXRATIO * a->bytes_in - a->bytes_out;
	struct str made;

	a->room = room < MAXSTACK ? (size_t)room : MAXSTACK;
	if (f->type == REC_T_ADDR)
		made = make_addr(a, c, r, s, fault);
	else if (r->kind == REC_STACK) /* a definition comes once: nothing to cache */
		made = make_stack(a, c, s, fault);
	else
		made = cached_stack(a, c, s, fault);
	if (made.n > a->room) {
		a->dropped++;
		made = s;
	}
	a->bytes_out += made.n;
	return made;
}

/* Note whether the stack of a state, which is copied, has names. */
static void
note_state(struct annotate *a, struct str stack)
{
	bool named = memchr(stack.p, '<', stack.n) != NULL;

	a->named_states = a->named_states || named;
	a->bare_states = a->bare_states || (!named && has_frames(stack));
}

bool
annotate_put(struct annotate *a, struct out *o, const struct rec *r, struct fault *fault)
{
	const struct kind *k = &a->kind[r->kind];
	const char *done = r->line.p;
	const struct symbolize_context *c = NULL;
	struct str s, made;
	bool wanted;
	size_t i;

	if (r->kind == REC_STACK)
		define(a, r);
	else if (r->kind == REC_STATE && !a->named_states)
		note_state(a, r->state.stack);
	symbolize_add(a->symbols, r);
	a->bytes_in += r->line.n;
	wanted = a->machines->n == 0 || patterns_hit(a->machines, r->machine);
	for (i = 0; i < k->n && wanted; i++) {
		memcpy(&s, (const char *)r + k->field[i]->off, sizeof s);
		if (s.n > 1 && *s.p == '@')
			refer(a, (struct str){ s.p + 1, s.n - 1 });
		if (!has_frames(s))
			continue;
		if (c == NULL)
			c = symbolize_context(a->symbols, r->machine, r->pid);
		made = make_field(a, c, r, k->field[i], s, fault);
		out_bytes(o, done, (size_t)(s.p - done));
		out_str(o, made);
		done = s.p + s.n;
	}
	out_bytes(o, done, (size_t)(r->line.p + r->line.n - done));
	out_char(o, '\n');
	return !fault_is(fault);
}
