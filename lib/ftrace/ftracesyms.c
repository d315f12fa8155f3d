/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "ftracesyms.h"
#include "rec/stack.h"
#include "symbols/kallsyms.h"

enum { CACHE = 4096 /* a power of 2 */, NAME = 1024 };

struct ftracesyms {
	struct strbuf text; /* until it is read */
	struct kallsyms *symbols;
	struct fault fault;
	struct hash defined;    /* addresses of functions */
	uint64_t looked[CACHE]; /* addresses whose function is defined, or that have none */
	struct strbuf name;
};

struct ftracesyms *
ftracesyms_new(struct strbuf *kallsyms)
{
	struct ftracesyms *s;

	while (kallsyms->n > 0 && kallsyms->p[kallsyms->n - 1] == '\0')
		kallsyms->n--;
	if (kallsyms->n == 0)
		return NULL;
	s = mem_alloc(sizeof *s);
	s->text = *kallsyms;
	*kallsyms = (struct strbuf){ 0 };
	return s;
}

void
ftracesyms_free(struct ftracesyms *s)
{
	if (s == NULL)
		return;
	kallsyms_free(s->symbols);
	strbuf_free(&s->text);
	strbuf_free(&s->name);
	hash_free(&s->defined);
	free(s);
}

static void
add_name(struct strbuf *b, struct str name)
{
	size_t n = name.n < NAME ? name.n : NAME;

	b->n += text_escape(strbuf_reserve(b, 4 * n), name.p, n, "");
}

/* A module's function has the module after its name, as in kallsyms. */
static void
define(struct ftracesyms *s, struct out *out, const struct rec *at, const struct kallsyms_symbol *f)
{
	struct rec r = { .kind = REC_KSYM, .t = at->t, .machine = at->machine };
	uint64_t *defined = hash_put(&s->defined, f->start);

	if (*defined != 0)
		return;
	*defined = 1;
	strbuf_clear(&s->name);
	add_name(&s->name, f->name);
	if (f->module.n > 0) {
		strbuf_putc(&s->name, ' ');
		add_name(&s->name, f->module);
	}
	r.cpu = r.pid = r.tid = -1;
	r.ksym.how = STR("add");
	r.ksym.addr = f->start;
	r.ksym.len = f->end - f->start;
	r.ksym.name = (struct str){ s->name.p, s->name.n };
	rec_put(out, &r);
}

/* All but the innermost are return addresses: they are in the function of the byte before. */
void
ftracesyms_define(
    struct ftracesyms *s, struct out *out, const struct rec *at, const uint64_t *word, size_t n)
{
	struct kallsyms_symbol found;
	uint64_t addr, *looked;
	bool kernel = false;
	size_t i;

	if (s->symbols == NULL && s->text.n > 0)
		s->symbols = kallsyms_of(&s->text, "kallsyms", &s->fault);
	if (s->symbols == NULL)
		return;
	for (i = 0; i < n; i++) {
		if (word[i] >= STACK_MODES) {
			kernel = word[i] == STACK_KERNEL;
			continue;
		}
		addr = word[i] - (i > 0 && word[i - 1] < STACK_MODES);
		looked = &s->looked[(addr ^ addr >> 12) & (CACHE - 1)];
		if (!kernel || *looked == addr)
			continue;
		*looked = addr;
		if (kallsyms_find(s->symbols, addr, &found))
			define(s, out, at, &found);
	}
}

const char *
ftracesyms_why(const struct ftracesyms *s)
{
	return s != NULL && fault_is(&s->fault) ? s->fault.text : NULL;
}

const char *
ftracesyms_damage(const struct ftracesyms *s)
{
	return s != NULL && s->symbols != NULL ? kallsyms_damage(s->symbols) : NULL;
}
