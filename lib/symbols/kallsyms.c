/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/input.h"
#include "base/mem.h"
#include "kallsyms.h"

enum { MAXSIZE = 256 * 1024 * 1024, PAGE = 4096 };

struct symbol {
	uint64_t addr;
	uint32_t name; /* where it is in the text */
	bool code;     /* else it only ends the one before it */
};

struct kallsyms {
	struct input in; /* its window is the whole text */
	const char *text;
	struct symbol *symbol; /* one an address, in order */
	size_t n, cap;
	uint64_t text_at, stext_at;
	bool seen, shown; /* there was a symbol; one with an address */
};

/* A name ends at a blank, a tab or the line's end. */
static struct str
word_at(const char *s)
{
	return (struct str){ s, strcspn(s, " \t\n") };
}

static struct str
name_of(const struct kallsyms *k, const struct symbol *s)
{
	return word_at(k->text + s->name);
}

static struct str
module_of(const struct kallsyms *k, const struct symbol *s)
{
	struct str name = name_of(k, s), module;

	module = word_at(name.p + name.n + strspn(name.p + name.n, " \t"));
	if (module.n < 3 || *module.p != '[' || module.p[module.n - 1] != ']')
		return (struct str){ name.p + name.n, 0 };
	return module;
}

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Hex digits with leading zeros: behind them, NULL where there are none or too many. */
static const char *
get_address(const char *s, uint64_t *addr)
{
	const char *begin = s;
	unsigned v;

	for (*addr = 0; (v = digit(*s)) < 16; s++)
		*addr = *addr << 4 | v;
	return s == begin || s - begin > 16 ? NULL : s;
}

static bool
is(const char *name, struct str s)
{
	return strncmp(name, s.p, s.n) == 0 && strchr(" \t\n", name[s.n]) != NULL;
}

static void
add(struct kallsyms *k, uint64_t addr, char type, const char *name)
{
	bool code = type == 'T' || type == 't' || type == 'W' || type == 'w';

	k->seen = true;
	k->shown |= addr != 0;
	if (is(name, STR("_text")))
		k->text_at = addr;
	if (is(name, STR("_stext")))
		k->stext_at = addr;
	if (type == 'A' || type == 'a' || *name == '$' || *name == '.')
		return;
	if (is(name, STR("_etext")) || is(name, STR("_einittext")))
		code = false;
	k->symbol = mem_grow(k->symbol, k->n, &k->cap, sizeof *k->symbol);
	k->symbol[k->n++] = (struct symbol){ addr, (uint32_t)(name - k->text), code };
}

/* Go through the lines: the number of the first bad one, 0 if all are good. */
static size_t
parse(struct kallsyms *k, size_t size)
{
	const char *s = k->text, *end = s + size, *p;
	uint64_t addr;
	size_t line;

	for (line = 1; s < end; line++) {
		p = get_address(s, &addr);
		if (p == NULL || p[0] != ' ' || p[1] <= ' ' || p[2] != ' ' || p[3] <= ' ')
			return line;
		add(k, addr, p[1], p + 3);
		if ((s = memchr(p, '\n', (size_t)(end - p))) == NULL)
			return line;
		s++;
	}
	return 0;
}

static int
by_address(const void *va, const void *vb)
{
	const struct symbol *a = va, *b = vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

static void
sort(struct kallsyms *k)
{
	size_t i;

	for (i = 1; i < k->n && k->symbol[i - 1].addr <= k->symbol[i].addr; i++)
		;
	if (i < k->n)
		qsort(k->symbol, k->n, sizeof *k->symbol, by_address);
}

/* What makes a name the better one, the weightier the higher. */
static uint64_t
merit(const struct kallsyms *k, const struct symbol *s)
{
	struct str name = name_of(k, s);
	char type = name.p[-2];
	size_t underscores = strspn(name.p, "_");
	uint64_t global = type == 'T', strong = type == 'T' || type == 't';

	underscores = underscores < 255 ? underscores : 255;
	return (uint64_t)s->code << 63 | strong << 62 | global << 61 |
	       (uint64_t)(255 - underscores) << 32 | (uint32_t)name.n;
}

/* Of several symbols with one address keep the best, of equals the last. */
static void
choose(struct kallsyms *k)
{
	struct symbol *s = k->symbol, *last = s;

	if (k->n == 0)
		return;
	for (s++; s < k->symbol + k->n; s++) {
		if (s->addr != last->addr)
			*++last = *s;
		else if (merit(k, s) >= merit(k, last))
			*last = *s;
	}
	k->n = (size_t)(last - k->symbol) + 1;
}

static bool
load(struct kallsyms *k, struct fault *fault)
{
	size_t have = 0, got, line;

	if (k->in.size < MAXSIZE)
		have = input_fill(&k->in, (size_t)k->in.size);
	while ((got = input_fill(&k->in, have + 1)) > have && got < MAXSIZE)
		have = got;
	if (fault_is(&k->in.fault))
		return fault_set(fault, "%s", k->in.fault.text);
	if (got >= MAXSIZE)
		return fault_set(fault, "%s: too large for kernel symbols", k->in.name);
	k->in.buf[k->in.end] = '\0'; /* the window has room for it */
	k->text = (const char *)input_at(&k->in);
	if ((line = parse(k, got)) != 0)
		return fault_set(fault, "%s:%zu: not \"ADDRESS TYPE NAME\"", k->in.name, line);
	if (k->seen && !k->shown)
		return fault_set(fault,
		    "%s: all addresses are 0 (kernel.kptr_restrict); it must be read as root",
		    k->in.name);
	sort(k);
	choose(k);
	return k->n > 0 || fault_set(fault, "%s: no symbols", k->in.name);
}

struct kallsyms *
kallsyms_read(const char *file, struct fault *fault)
{
	struct kallsyms *k = mem_alloc(sizeof *k);

	if (!input_open(&k->in, file))
		fault_set(fault, "%s", k->in.fault.text);
	else if (load(k, fault))
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
	free(k->symbol);
	free(k);
}

/* Where a symbol ends: where the next one starts; the last of the kernel or of a module in the page
 * behind it. */
static uint64_t
end_of(const struct kallsyms *k, const struct symbol *s)
{
	uint64_t page = (s->addr + 2 * PAGE - 1) & ~(uint64_t)(PAGE - 1);
	const struct symbol *next = s + 1;

	if (next == k->symbol + k->n)
		return page > s->addr ? page : UINT64_MAX;
	if (str_eq(module_of(k, s), module_of(k, next)))
		return next->addr;
	return page > s->addr && page < next->addr ? page : next->addr;
}

bool
kallsyms_find(const struct kallsyms *k, uint64_t addr, struct kallsyms_symbol *found)
{
	const struct symbol *s = k->symbol, *mid;
	size_t n;

	if (addr < s->addr)
		return false;
	for (n = k->n; n > 1; n -= n / 2) {
		mid = s + n / 2;
		s = mid->addr <= addr ? mid : s;
	}
	if (!s->code || addr >= end_of(k, s))
		return false;
	*found = (struct kallsyms_symbol){ s->addr, name_of(k, s), module_of(k, s) };
	return true;
}

uint64_t
kallsyms_reference(const struct kallsyms *k, struct str name)
{
	if (str_eq(name, STR("_stext")))
		return k->stext_at;
	return str_eq(name, STR("_text")) ? k->text_at : 0;
}
