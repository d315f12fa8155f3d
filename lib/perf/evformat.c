/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "evformat.h"

/* The words of a C type that give its size. */
static const struct {
	const char *word;
	uint32_t size;
} sizes[] = { { "char", 1 }, { "u8", 1 }, { "s8", 1 }, { "bool", 1 }, { "short", 2 }, { "u16", 2 },
	{ "s16", 2 }, { "u64", 8 }, { "s64", 8 }, { "long", 8 }, { "size_t", 8 } };

static bool
is_ident(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool
holds(struct str s, const char *word)
{
	return s.n > 0 && memmem(s.p, s.n, word, strlen(word)) != NULL;
}

/* The text between key and the next semicolon of a field line. */
static struct str
part(struct str line, const char *key)
{
	const char *p = memmem(line.p, line.n, key, strlen(key)), *end = line.p + line.n, *semi;

	if (p == NULL)
		return (struct str){ end, 0 };
	p += strlen(key);
	semi = memchr(p, ';', (size_t)(end - p));
	return str_trim((struct str){ p, (size_t)((semi == NULL ? end : semi) - p) });
}

static bool
number(struct str s, uint32_t *v)
{
	uint64_t n;

	if (text_u64(s.p, s.p + s.n, &n) == NULL || n > UINT32_MAX)
		return false;
	*v = (uint32_t)n;
	return true;
}

/* The size of an element of that type; 4 unless a word of it says otherwise. */
static uint32_t
size_of(struct str type)
{
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (holds(type, sizes[i].word))
			return sizes[i].size;
	return 4;
}

/* Parse "TYPE NAME[COUNT]". */
static void
declare(struct evfield *f, struct str decl)
{
	const char *open = memchr(decl.p, '[', decl.n), *end = decl.p + decl.n, *p;
	uint32_t count = 0;
	bool last = open != NULL && memchr(open, ']', (size_t)(end - open)) == end - 1;

	/* "__data_loc char[] name" has its brackets in the middle */
	f->is_array = open != NULL;
	if (last) {
		number((struct str){ open + 1, (size_t)(end - open - 1) }, &count);
		end = open;
	}
	for (p = end; p > decl.p && is_ident(p[-1]); p--)
		;
	f->name = (struct str){ p, (size_t)(end - p) };
	f->type = str_trim((struct str){ decl.p, (size_t)(p - decl.p) });
	f->data_loc = str_starts(f->type, "__data_loc");
	f->rel_loc = str_starts(f->type, "__rel_loc");
	f->is_pointer = f->type.n > 0 && f->type.p[f->type.n - 1] == '*';
	f->each = f->is_array ? size_of(f->type) : f->size;
	if (f->is_array && !f->data_loc && !f->rel_loc && count > 0 && f->size % count == 0)
		f->each = f->size / count;
	f->is_open = last && f->size == 0;
	f->is_string = f->is_array && f->each == 1 && holds(f->type, "char") &&
		       !holds(f->type, "unsigned") && !f->is_pointer;
}

/* By its type and name: is it a pointer, or an unsigned long that is used as one? */
static bool
looks_like_address(const struct evfield *f)
{
	if (f->is_pointer)
		return true;
	return (f->each == 8 || (f->each == 4 && holds(f->type, "long"))) && !f->is_signed &&
	       (str_eq(f->name, STR("ip")) || str_eq(f->name, STR("function")) ||
		   str_eq(f->name, STR("caller")) || holds(f->name, "addr") ||
		   holds(f->name, "_ip"));
}

/* Formats before Linux 2.6.32 do not say which fields are signed. */
static bool
looks_signed(const struct evfield *f)
{
	return !f->is_pointer && !holds(f->type, "unsigned") && !holds(f->type, "u8") &&
	       !holds(f->type, "u16") && !holds(f->type, "u32") && !holds(f->type, "u64") &&
	       !holds(f->type, "size_t");
}

static bool
read_field(struct evfield *f, struct str line)
{
	struct str is_signed = part(line, "signed:"), decl = part(line, "field:");

	*f = (struct evfield){ 0 };
	if (!number(part(line, "offset:"), &f->offset) || !number(part(line, "size:"), &f->size))
		return false;
	declare(f, decl.n > 0 ? decl : part(line, "special:"));
	f->is_signed = is_signed.n > 0 ? *is_signed.p == '1' : looks_signed(f);
	f->is_address = looks_like_address(f);
	f->common = str_starts(f->name, "common_");
	return f->name.n > 0;
}

/* Parse one line of the text; name is set by the line that has it. */
static void
read_line(struct evformat *e, struct str line, struct str *name, size_t *cap)
{
	struct evfield f;

	line = str_trim(line);
	if (str_starts(line, "name:"))
		*name = part(line, "name:");
	else if (str_starts(line, "ID:"))
		number(part(line, "ID:"), &e->id);
	else if (str_starts(line, "field") && read_field(&f, line)) {
		if (e->n == EVFORMAT_FIELDS || f.name.n > EVFORMAT_NAME) {
			e->ignored++;
			return;
		}
		e->field = mem_grow(e->field, e->n, cap, sizeof *e->field);
		e->field[e->n++] = f;
	}
}

/* Find the fields that the print fmt casts to pointers: its %ps prints them as symbols. */
static void
mark_addresses(struct evformat *e)
{
	static const char cast[] = "(void *)REC->";
	const char *p = e->print.p, *end = p + e->print.n, *name;
	size_t i;

	while ((p = memmem(p, (size_t)(end - p), cast, sizeof cast - 1)) != NULL) {
		name = p += sizeof cast - 1;
		while (p < end && is_ident(*p))
			p++;
		for (i = 0; i < e->n; i++)
			if (str_eq(e->field[i].name, (struct str){ name, (size_t)(p - name) }))
				e->field[i].is_address |= e->field[i].each >= 4;
	}
}

/* Parse the text up to its print fmt, which is the rest. Returns the event's name. */
static struct str
read_text(struct evformat *e, size_t n)
{
	const char *p, *nl, *end = e->text + n;
	struct str name = { "", 0 };
	size_t cap = 0;

	for (p = e->text; p < end; p = nl + 1) {
		if (str_starts((struct str){ p, (size_t)(end - p) }, "print fmt:")) {
			e->print = str_trim((struct str){ p + 10, (size_t)(end - p) - 10 });
			break;
		}
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		read_line(e, (struct str){ p, (size_t)(nl - p) }, &name, &cap);
	}
	return name;
}

static enum evfield_how
how(const struct evfield *f)
{
	bool number = f->each == 2 || f->each == 4 || f->each == 8;

	if (f->is_string)
		return EVFIELD_TEXT;
	if (f->is_array)
		return number ? EVFIELD_NUMBERS : EVFIELD_BYTES;
	return number || f->each == 1 ? EVFIELD_NUMBER : EVFIELD_BYTES;
}

/* Prepare the fields for records: their names in the form that records have, and what follows. */
static void
make_keys(struct evformat *e)
{
	size_t i, n = 0;
	char *d;

	for (i = 0; i < e->n; i++) {
		n += e->field[i].name.n + 2;
		e->first += e->first == i && e->field[i].common;
	}
	e->keys = d = mem_alloc(n);
	e->room = n + e->n * EVFIELD_NUMBER_ROOM;
	for (i = 0; i < e->n; i++) {
		e->field[i].how = how(&e->field[i]);
		e->field[i].key = (struct str){ d, e->field[i].name.n + 2 };
		*d++ = ' ';
		d = str_put(d, e->field[i].name);
		*d++ = '=';
	}
}

static void
free_format(struct evformat *e)
{
	free(e->text);
	free(e->name);
	free(e->keys);
	free(e->field);
	free(e);
}

/* No event's name has a control byte, which would be four bytes in each record. */
static bool
is_printable(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f; i++)
		;
	return i == s.n;
}

bool
evformats_add(struct evformats *set, struct str system, const char *text, size_t n)
{
	struct evformat *e = mem_alloc(sizeof *e);
	struct str name;

	e->print = STR("");
	e->text = mem_copy(text, n);
	name = read_text(e, n);
	if (name.n == 0 || e->n == 0 || system.n + 1 + name.n > EVFORMAT_NAME ||
	    !is_printable(system) || !is_printable(name)) {
		free_format(e);
		return false;
	}
	mark_addresses(e);
	make_keys(e);
	e->field = mem_resize(e->field, e->n, sizeof *e->field);
	e->name = mem_alloc(system.n + name.n + 2);
	memcpy(e->name, system.p, system.n);
	e->name[system.n] = ':';
	memcpy(e->name + system.n + 1, name.p, name.n);
	set->ignored += e->ignored;
	e->index = set->n;
	set->format = mem_grow(set->format, set->n, &set->cap, sizeof e);
	set->format[set->n++] = e;
	*hash_put(&set->ids, e->id) = set->n;
	return true;
}

const struct evformat *
evformats_find(const struct evformats *set, uint64_t id)
{
	const uint64_t *at = hash_get(&set->ids, id);

	return at == NULL ? NULL : set->format[*at - 1];
}

void
evformats_free(struct evformats *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		free_format(set->format[i]);
	free(set->format);
	hash_free(&set->ids);
	*set = (struct evformats){ 0 };
}

const struct evfield *
evformat_field(const struct evformat *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (str_eq(e->field[i].name, str_of(name)))
			return &e->field[i];
	return NULL;
}

struct bytes
evfield_bytes(const struct evfield *f, struct bytes raw)
{
	struct bytes at = raw;
	uint32_t loc, from, size = f->size;

	bytes_take(&at, f->offset);
	if (f->data_loc || f->rel_loc) {
		loc = bytes_u32(&at);
		from = loc & 0xffff;
		size = loc >> 16;
		if (f->data_loc)
			at = raw;
		bytes_take(&at, from);
	}
	return bytes_cut(&at, !f->is_open && size < bytes_left(&at) ? size : bytes_left(&at));
}

struct str
evfield_str(const struct evfield *f, struct bytes raw)
{
	struct bytes b = evfield_bytes(f, raw);
	struct str s = { "", 0 };

	if (!bytes_bad(&b) && bytes_left(&b) > 0)
		s.p = bytes_string(&b, &s.n);
	return s;
}
