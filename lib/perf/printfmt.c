/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <traceevent/event-parse.h>

#include "base/fault.h"
#include "base/hash.h"
#include "base/mem.h"
#include "printfmt.h"

enum {
	PRINT_MOST = 1 << 14, /* bytes of a print fmt; the library's recursion is no deeper */
	DEPTH_MOST = 32,      /* of parentheses */
	WIDTH_MOST = 3,       /* digits */
	EVENTS_MOST = UINT16_MAX,
	DATA_MOST = 1 << 16,
	/* A 16-bit offset, and another one after it, a 16-bit length: all within this. */
	ROOM = 1 << 18
};

/* What is known of a format, once an event of it was met. */
struct known {
	const struct evformat *format;
	bool usable;
};

struct printfmt {
	struct tep_handle *tep;
	struct hash index; /* of a format's address, its place in known and one more */
	struct known *known;
	size_t n, cap, refused;
	const char *first; /* name of the first one refused */
	struct trace_seq seq;
	uint8_t *data; /* ROOM bytes, all 0 between two events */
};

struct printfmt *
printfmt_new(size_t long_size)
{
	struct printfmt *p = mem_alloc(sizeof *p);

	p->tep = tep_alloc();
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_long_size(p->tep, (int)long_size);
	trace_seq_init(&p->seq);
	p->data = mem_alloc(ROOM);
	return p;
}

void
printfmt_free(struct printfmt *p)
{
	if (p == NULL)
		return;
	trace_seq_destroy(&p->seq);
	tep_free(p->tep);
	hash_free(&p->index);
	free(p->known);
	free(p->data);
	free(p);
}

void
printfmt_note(const struct printfmt *p, void (*note)(void *arg, const char *kind, const char *text),
    void *arg)
{
	struct fault text = { "" };

	if (p == NULL || p->refused == 0)
		return;
	fault_set(&text,
	    "%zu events have a print fmt that is not used: they have fields; the first is %s",
	    p->refused, p->first);
	note(arg, NULL, text.text);
}

/* --- which print fmts are safe */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/* Where a print fmt is read; it ends with a NUL. */
struct scan {
	const struct evformat *e;
	const char *p, *end;
	int depth;
	bool in_format;              /* no argument came yet */
	const struct evfield *field; /* that REC-> was just followed by */
};

static const char *
skip_digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

/* The end of a directive after its %; NULL if it is not a plain one. */
static const char *
directive(const char *p)
{
	const char *width = p + strspn(p, "-+ #0"), *precision;

	p = skip_digits(width);
	if (p - width > WIDTH_MOST)
		return NULL;
	if (*p == '.') {
		precision = ++p;
		p = skip_digits(p);
		if (p - precision > WIDTH_MOST)
			return NULL;
	}
	p += strspn(p, "hlzL");
	if (*p == '\0' || strchr("diuxXocsp%", *p) == NULL)
		return NULL;
	return p + 1;
}

/* Pass a string literal. */
static bool
scan_string(struct scan *s)
{
	for (s->p++; s->p < s->end && *s->p != '"';) {
		if (*s->p == '\\')
			s->p += 1 + (s->p + 1 < s->end);
		else if (*s->p != '%' || !s->in_format)
			s->p++;
		else if ((s->p = directive(s->p + 1)) == NULL)
			return false;
	}
	return s->p++ < s->end;
}

static const struct evfield *
field_named(const struct evformat *e, struct str name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (str_eq(e->field[i].name, name))
			return &e->field[i];
	return NULL;
}

static bool
is_known(struct str word)
{
	static const char *const words[] = { "REC", "unsigned", "signed", "int", "long", "short",
		"char", "void", "const", "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32",
		"s64", "__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64",
		"__print_flags", "__print_symbolic", "__get_str", "__get_rel_str",
		"__get_dynamic_array", "__get_dynamic_array_len", "__builtin_expect" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	return false;
}

/* Pass a number, a type, a function or a field. */
static bool
scan_word(struct scan *s)
{
	const char *begin = s->p;
	struct str word;

	while (is_word(*s->p))
		s->p++;
	word = (struct str){ begin, (size_t)(s->p - begin) };
	s->field = field_named(s->e, word);
	if (is_digit(*begin) || s->field != NULL)
		return true;
	/* a type, such as gfp_t: a cast to one that the library does not know changes nothing */
	return is_known(word) || (word.n > 2 && memcmp(s->p - 2, "_t", 2) == 0);
}

/* Pass the index of a field: a number that is one of its elements. */
static bool
scan_index(struct scan *s, const struct evfield *f)
{
	const char *end = skip_digits(s->p + 1);
	uint64_t i;

	if (f == NULL || !f->is_array || f->data_loc || f->rel_loc || f->each == 0 || *end != ']' ||
	    text_u64(s->p + 1, end, &i) != end || i >= f->size / f->each)
		return false;
	s->p = end + 1;
	return true;
}

/* Pass / or %, which a number other than 0 must follow. */
static bool
scan_divisor(struct scan *s)
{
	s->p++;
	s->p += strspn(s->p, " ");
	return *s->p >= '1' && *s->p <= '9';
}

static bool
scan_token(struct scan *s)
{
	const struct evfield *f = s->field;

	s->field = NULL;
	switch (*s->p) {
	case '"':
		return scan_string(s);
	case '(':
	case '{':
		s->p++;
		return ++s->depth <= DEPTH_MOST;
	case ')':
	case '}':
		s->p++;
		return --s->depth >= 0;
	case '[':
		return scan_index(s, f);
	case '/':
	case '%':
		return scan_divisor(s);
	case ',':
		s->in_format = false;
		break;
	default:
		if (is_word(*s->p))
			return !s->in_format && scan_word(s);
		if (*s->p == '\0' || strchr(" \n\t|&!<>=+-*?:~^", *s->p) == NULL)
			return false;
	}
	s->p++;
	return true;
}

static bool
is_safe(const struct evformat *e)
{
	struct scan s = { .e = e, .p = e->print.p, .end = e->print.p + e->print.n };

	if (e->print.n == 0 || e->print.n > PRINT_MOST || *s.p != '"' ||
	    memchr(s.p, '\0', e->print.n) != NULL)
		return false;
	s.in_format = true;
	while (s.p < s.end)
		if (!scan_token(&s))
			return false;
	return s.depth == 0;
}

/* --- the format that the library gets */

static bool
is_plain_type(struct str type)
{
	size_t i;

	for (i = 0; i < type.n; i++)
		if (!is_word(type.p[i]) && strchr(" *[]", type.p[i]) == NULL)
			return false;
	return type.n > 0 && type.n < 128;
}

static void
add_number(struct strbuf *b, const char *key, uint64_t v)
{
	strbuf_add(b, str_of(key));
	b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), v);
}

/* Write a field. Returns false if the library might read it otherwise than evformat does. */
static bool
add_field(struct strbuf *b, const struct evfield *f)
{
	if (!is_plain_type(f->type) || f->name.n >= 128 || f->size > DATA_MOST ||
	    f->offset > DATA_MOST || (f->is_array && f->each == 0))
		return false;
	strbuf_add(b, STR("\tfield:"));
	strbuf_add(b, f->type);
	strbuf_putc(b, ' ');
	strbuf_add(b, f->name);
	if (f->is_array && !f->data_loc && !f->rel_loc) {
		add_number(b, "[", f->size / f->each);
		strbuf_putc(b, ']');
	}
	add_number(b, ";\toffset:", f->offset);
	add_number(b, ";\tsize:", f->size);
	add_number(b, ";\tsigned:", f->is_signed);
	strbuf_add(b, STR(";\n"));
	return true;
}

/* Write the format of this id. */
static bool
write_format(struct strbuf *b, const struct evformat *e, size_t id)
{
	size_t i;
	int common;

	add_number(b, "name: event", id);
	add_number(b, "\nID: ", id);
	strbuf_add(b, STR("\nformat:\n"));
	for (common = 1; common >= 0; common--) {
		for (i = 0; i < e->n; i++)
			if (e->field[i].common == common && !add_field(b, &e->field[i]))
				return false;
		strbuf_putc(b, '\n');
	}
	strbuf_add(b, STR("print fmt: "));
	strbuf_add(b, e->print);
	strbuf_putc(b, '\n');
	return true;
}

/* Is the id where printfmt_put() sets it? */
static bool
has_type(const struct evformat *e)
{
	const struct evfield *type = evformat_field(e, "common_type");

	return type != NULL && type->offset == 0 && type->size == 2 && type->common;
}

static bool
make_usable(struct printfmt *p, const struct evformat *e, size_t id)
{
	struct strbuf b = { 0 };
	struct tep_event *event = NULL;

	if (id <= EVENTS_MOST && has_type(e) && is_safe(e) && write_format(&b, e, id) &&
	    tep_parse_event(p->tep, b.p, b.n, "sluice") == 0)
		event = tep_find_event(p->tep, (int)id);
	strbuf_free(&b);
	return event != NULL && ((unsigned)event->flags & TEP_EVENT_FL_FAILED) == 0;
}

static size_t
id_of(struct printfmt *p, const struct evformat *e)
{
	uint64_t *at = hash_put(&p->index, (uint64_t)(uintptr_t)e);

	if (*at != 0)
		return *at;
	p->known = mem_grow(p->known, p->n, &p->cap, sizeof *p->known);
	*at = ++p->n;
	p->known[p->n - 1] = (struct known){ e, make_usable(p, e, p->n) };
	if (!p->known[p->n - 1].usable && p->refused++ == 0)
		p->first = e->name;
	return p->n;
}

/* --- events */

/* Do the data have all fields, and all that these refer to? */
static bool
is_whole(const struct evformat *e, struct bytes raw)
{
	const struct evfield *f;
	size_t n = bytes_left(&raw);
	struct bytes at;
	uint32_t loc;

	for (f = e->field; f < e->field + e->n; f++) {
		if (f->offset > n || f->size > n - f->offset)
			return false;
		if (!f->data_loc && !f->rel_loc)
			continue;
		at = raw;
		bytes_take(&at, f->offset);
		loc = bytes_u32(&at);
		if ((loc & 0xffff) + (size_t)(loc >> 16) + (f->rel_loc ? f->offset + 4 : 0) > n)
			return false;
	}
	return n <= DATA_MOST;
}

bool
printfmt_put(
    struct printfmt *p, const struct evformat *e, struct bytes raw, size_t most, struct strbuf *out)
{
	bool big = bytes_big(&raw);
	size_t n = bytes_left(&raw), id;
	struct tep_record record = { .size = (int)n, .data = p->data };

	if (p->n == 0)
		tep_set_file_bigendian(p->tep, big ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	id = id_of(p, e);
	if (!p->known[id - 1].usable || n < 2 || !is_whole(e, raw))
		return false;
	memcpy(p->data, raw.p, n);
	p->data[big] = (uint8_t)id;
	p->data[!big] = (uint8_t)(id >> 8);
	trace_seq_reset(&p->seq);
	tep_print_event(p->tep, &p->seq, &record, "%s", TEP_PRINT_INFO);
	memset(p->data, 0, n);
	for (n = p->seq.len;
	     n > 0 && (p->seq.buffer[n - 1] == '\n' || p->seq.buffer[n - 1] == ' ');)
		n--;
	if (p->seq.state != TRACE_SEQ__GOOD || n > most)
		return false;
	out->n += text_escape(strbuf_reserve(out, 4 * n), p->seq.buffer, n, " ");
	return true;
}
