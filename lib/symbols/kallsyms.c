/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/input.h"
#include "base/mem.h"
#include "kallsyms.h"
#include "symtab.h"

enum { MAXSIZE = 256 * 1024 * 1024, PAGE = 4096, LINE = 40 /* bytes of a usual line */ };

struct kallsyms {
	struct input in;   /* its window is the whole text; or */
	struct strbuf own; /* the text */
	const char *text;
	size_t size;
	struct symtab symbols; /* mark: [MODULE] follows the name */
	uint64_t text_at, stext_at, etext_at;
	bool seen, shown; /* a symbol was, with any address; with one other than 0 */
	struct fault damage;
};

/* --- parsing */

/* Is a name, up to the blank, tab or newline after it, this one? */
static bool
is(const char *name, struct str s)
{
	return strncmp(name, s.p, s.n) == 0 && strchr(" \t\n", name[s.n]) != NULL;
}

/* Parse hex digits with leading zeros. Returns the end, or NULL if there are none or too many. */
static const char *
get_address(const char *s, uint64_t *addr)
{
	const char *begin = s;
	unsigned digit;

	for (*addr = 0; (digit = text_nibble[(unsigned char)*s] - 1u) < 16; s++)
		*addr = *addr << 4 | digit;
	return s == begin || s - begin > 16 ? NULL : s;
}

/* The [MODULE] after a name, empty if there is none. */
static struct str
module_after(struct str name)
{
	const char *p = name.p + name.n;
	size_t n;

	p += strspn(p, " \t");
	n = strcspn(p, " \t\n");
	return (struct str){ p, n < 3 || p[0] != '[' || p[n - 1] != ']' ? 0 : n };
}

/* What is special about a symbol whose name starts with a low line. */
static void
add_special(struct kallsyms *k, const char *name, struct symtab_entry *e)
{
	if (is(name, STR("_text")))
		k->text_at = e->start;
	else if (is(name, STR("_stext")))
		k->stext_at = e->start;
	else if (is(name, STR("_etext")))
		k->etext_at = e->start;
	if (is(name, STR("_etext")) || is(name, STR("_einittext")))
		e->code = false;
}

/* A byte above 0x7f is not. */
static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

/* Add the symbol of a line whose name ends before end. */
static void
add(struct kallsyms *k, uint64_t addr, char type, const char *name, const char *end)
{
	struct symtab_entry e = { .start = addr, .name = (uint32_t)(name - k->text) };

	k->seen = true;
	k->shown |= addr != 0;
	e.weak = type == 'W' || type == 'w';
	e.global = type == 'T';
	e.code = e.weak || e.global || type == 't';
	if (*name == '_' && (name[1] == 's' || name[1] == 't' || name[1] == 'e'))
		add_special(k, name, &e);
	if (type == 'A' || type == 'a' || *name == '$' || *name == '.')
		return;
	e.mark = (end[-1] == ']' || is_blank(end[-1])) &&
		 module_after((struct str){ name, strcspn(name, " \t\n") }).n > 0;
	symtab_add(&k->symbols, &e, 0);
}

/* Parse the lines up to the first bad one. Returns its number, 0 if all are good. cut: it is the
 * last one, and has no newline. */
static size_t
parse(struct kallsyms *k, size_t size, bool *cut)
{
	const char *s = k->text, *end = s + size, *p, *newline;
	uint64_t addr;
	size_t line;

	for (line = 1; s < end; line++) {
		newline = memchr(s, '\n', (size_t)(end - s));
		*cut = newline == NULL;
		if (*cut)
			return line;
		p = get_address(s, &addr);
		if (p == NULL || p[0] != ' ' || is_blank(p[1]) || p[2] != ' ' || is_blank(p[3]))
			return line;
		if (newline - p > SYMTAB_NAME && strcspn(p + 3, " \t\n") > SYMTAB_NAME)
			return line;
		add(k, addr, p[1], p + 3, newline);
		s = newline + 1;
	}
	return 0;
}

/* Take a text, which ends with a NUL byte. damaged: the lines before a bad one will do. Those
 * before a last line that is cut always do. */
static bool
use(struct kallsyms *k, const char *text, size_t size, bool damaged, struct fault *fault)
{
	bool cut = false;
	size_t line;

	while (size > 0 && text[size - 1] == '\n' && (size == 1 || text[size - 2] == '\n'))
		size--;
	k->text = text;
	k->size = size;
	symtab_reserve(&k->symbols, size / LINE);
	line = parse(k, size, &cut);
	if (line > 0 && (!k->seen || (!cut && !damaged)))
		return fault_set(fault, "%s:%zu: not \"ADDRESS TYPE NAME\"", k->in.name, line);
	if (line > 0)
		fault_set(&k->damage, "%s:%zu: %s", k->in.name, line,
		    cut ? "line is cut short and left out"
			: "not \"ADDRESS TYPE NAME\": nothing is used from here on");
	if (k->seen && !k->shown)
		return fault_set(fault,
		    "%s: all addresses are 0 (kernel.kptr_restrict); it must be read as root",
		    k->in.name);
	symtab_finish(&k->symbols, k->text);
	return k->symbols.n > 0 || fault_set(fault, "%s: no symbols", k->in.name);
}

static bool
load(struct kallsyms *k, struct fault *fault)
{
	size_t have = 0, got;

	if (k->in.size < MAXSIZE)
		have = input_fill(&k->in, (size_t)k->in.size);
	while ((got = input_fill(&k->in, have + 1)) > have && got < MAXSIZE)
		have = got;
	if (fault_is(&k->in.fault))
		return fault_set(fault, "%s", k->in.fault.text);
	if (got >= MAXSIZE)
		return fault_set(fault, "%s: too large for kernel symbols", k->in.name);
	k->in.buf[k->in.end] = '\0'; /* the window has room for it */
	return use(k, (const char *)input_at(&k->in), got, false, fault);
}

static struct kallsyms *new (void)
{
	struct kallsyms *k = mem_alloc(sizeof *k);

	k->symbols =
	    (struct symtab){ .stops = " \t\n", .aliases = "__ia32_\0__pi_\0", .later = true };
	k->in.fd = -1;
	return k;
}

static struct kallsyms *
read_open(struct kallsyms *k, bool opened, struct fault *fault)
{
	if (!opened)
		fault_set(fault, "%s", k->in.fault.text);
	else if (load(k, fault))
		return k;
	kallsyms_free(k);
	return NULL;
}

struct kallsyms *
kallsyms_read(const char *file, struct fault *fault)
{
	struct kallsyms *k = new ();

	return read_open(k, input_open(&k->in, file), fault);
}

struct kallsyms *
kallsyms_read_fd(int fd, const char *name, struct fault *fault)
{
	struct kallsyms *k = new ();

	return read_open(k, input_open_fd(&k->in, name, fd), fault);
}

struct kallsyms *
kallsyms_of(struct strbuf *text, const char *name, struct fault *fault)
{
	struct kallsyms *k = new ();

	k->own = *text;
	*text = (struct strbuf){ 0 };
	k->in.name = name;
	*strbuf_reserve(&k->own, 1) = '\0';
	if (use(k, k->own.p, k->own.n, true, fault))
		return k;
	kallsyms_free(k);
	return NULL;
}

void
kallsyms_free(struct kallsyms *k)
{
	if (k == NULL)
		return;
	input_close(&k->in);
	strbuf_free(&k->own);
	symtab_free(&k->symbols);
	free(k);
}

const char *
kallsyms_damage(const struct kallsyms *k)
{
	return fault_is(&k->damage) ? k->damage.text : NULL;
}

bool
kallsyms_same(const struct kallsyms *a, const struct kallsyms *b)
{
	return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/* --- lookup */

static struct str
module_of(const struct kallsyms *k, const struct symtab_entry *e)
{
	const char *name = k->text + e->name;

	if (!e->mark)
		return STR("");
	return module_after((struct str){ name, strcspn(name, " \t\n") });
}

/* The last symbol of the kernel or of a module ends with the page after it. */
static uint64_t
end_of(const struct kallsyms *k, const struct symtab_entry *e)
{
	uint64_t page = (e->start + 2 * PAGE - 1) & ~(uint64_t)(PAGE - 1);
	const struct symtab_entry *next = e + 1;

	if (next == k->symbols.entry + k->symbols.n)
		return page > e->start ? page : UINT64_MAX;
	if (str_eq(module_of(k, e), module_of(k, next)))
		return next->start;
	return page > e->start && page < next->start ? page : next->start;
}

bool
kallsyms_find(const struct kallsyms *k, uint64_t addr, struct kallsyms_symbol *found)
{
	const struct symtab_entry *e = symtab_find(&k->symbols, addr);

	if (e == NULL || !e->code || addr >= end_of(k, e))
		return false;
	*found = (struct kallsyms_symbol){ e->start, end_of(k, e), symtab_name(&k->symbols, e),
		module_of(k, e) };
	return true;
}

bool
kallsyms_is_padding(struct str name)
{
	return str_starts(name, "__pfx_") || str_starts(name, "__cfi_");
}

uint64_t
kallsyms_reference(const struct kallsyms *k, struct str name)
{
	if (str_eq(name, STR("_stext")))
		return k->stext_at;
	return str_eq(name, STR("_text")) ? k->text_at : 0;
}

uint64_t
kallsyms_size(const struct kallsyms *k)
{
	return k->text_at != 0 && k->etext_at > k->text_at ? k->etext_at - k->text_at : 0;
}
