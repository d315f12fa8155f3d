/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/cache.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "buildid.h"
#include "kallsyms.h"
#include "objects.h"
#include "symbolize.h"

enum { FRAMES = 16384, FRAMES_SIZE = 2 * 1024 * 1024, PAGE = 4096 };

struct symbolize {
	struct symbolize_sources sources;
	struct spaces *spaces;
	struct objects *objects;
	struct kallsyms *kallsyms;       /* NULL: none, or none yet */
	const struct spaces_machine *of; /* whose they are; NULL: not settled yet */
	struct cache *frames; /* generation and address -> the object that lacks a name, the note */
	struct strbuf text;   /* what is to be remembered of the frame being looked at */
	struct object *missed;
	uint64_t cut; /* names that were too long */
};

struct symbolize *
symbolize_new(const struct symbolize_sources *sources, struct fault *fault)
{
	struct symbolize *n = mem_alloc(sizeof *n);

	n->sources = *sources;
	n->spaces = spaces_new();
	n->frames = cache_new(FRAMES, FRAMES_SIZE);
	n->objects = objects_new(sources->sysroot, fault);
	if (n->objects != NULL && sources->kallsyms != NULL)
		n->kallsyms = kallsyms_read(sources->kallsyms, fault);
	if (!fault_is(fault))
		return n;
	symbolize_free(n);
	return NULL;
}

void
symbolize_free(struct symbolize *n)
{
	if (n == NULL)
		return;
	spaces_free(n->spaces);
	objects_free(n->objects);
	kallsyms_free(n->kallsyms);
	cache_free(n->frames);
	strbuf_free(&n->text);
	free(n);
}

void
symbolize_add(struct symbolize *n, const struct rec *r)
{
	spaces_add(n->spaces, r);
}

struct symbolize_context
symbolize_context(struct symbolize *n, struct str machine, int32_t pid)
{
	struct symbolize_context c;
	uint64_t maps, ksyms;

	c.user = spaces_process(n->spaces, machine, pid);
	c.machine = spaces_machine(n->spaces, machine);
	maps = c.machine->kernel.generation;
	ksyms = c.machine->ksyms.generation;
	c.kernel_generation = maps > ksyms ? maps : ksyms;
	if (c.kernel_generation == 0)
		c.kernel_generation = c.machine->begin;
	return c;
}

/* --- the text of a note */

static void
put(struct symbolize *n, struct str s)
{
	strbuf_add(&n->text, s);
}

/* What a note must not hold as it is: its own separators, and what a field must not hold, unless it
 * comes from one. */
static bool
is_special(char c, bool from_field)
{
	if (c == ' ' || c == ';')
		return true;
	return !from_field && ((c >= 0 && c < ' ') || c == 0x7f || c == '\\');
}

static void
put_text(struct symbolize *n, struct str s, bool from_field)
{
	char escape[4] = "";
	size_t i;

	if (s.n > SYMTAB_NAME) {
		s = text_cut(s, SYMTAB_NAME);
		n->cut++;
	}
	for (i = 0; i < s.n; i++)
		if (is_special(s.p[i], from_field))
			put(n, (struct str){ escape, text_escape(escape, &s.p[i], 1, " ;") });
		else
			put(n, (struct str){ &s.p[i], 1 });
}

static void
put_offset(struct symbolize *n, uint64_t off)
{
	char digits[TEXT_NUMBER];

	put(n, STR("+0x"));
	put(n, (struct str){ digits, text_put_hex(digits, off) });
}

static void
put_object(struct symbolize *n, struct str path)
{
	put(n, STR(" "));
	put_text(n, path, true);
}

static bool
put_unknown(struct symbolize *n, struct str path)
{
	n->missed = objects_get(n->objects, path, STR_NONE);
	put(n, STR("?"));
	put_object(n, path);
	return true;
}

static bool
put_unmapped(struct symbolize *n)
{
	n->missed = objects_get(n->objects, STR("-"), STR_NONE);
	object_because(n->objects, n->missed, "nothing is mapped at their addresses");
	put(n, STR("?"));
	return true;
}

/* --- kernel */

/* The kernel of this machine must be the one that the recording is of. */
static bool
read_live(struct symbolize *n, const struct spaces_machine *m, struct fault *fault)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	char build[BUILDID] = "";
	struct input in;

	if (m->build == NULL)
		return fault_set(fault, "--live: the recording does not say which kernel it is of");
	if (input_open(&in, "/sys/kernel/notes")) {
		size_t have = input_fill(&in, 65536);

		buildid_note(bytes_of(input_at(&in), have, big), build);
	}
	input_close(&in);
	if (!buildid_same(build, m->build))
		return fault_set(fault,
		    "--live: this machine's kernel (build id %s) is not the recording's (%s)",
		    *build == '\0' ? "unknown" : build, m->build);
	n->kallsyms = kallsyms_read("/proc/kallsyms", fault);
	return n->kallsyms != NULL;
}

/* What addresses in the table are higher than in the recording. */
static uint64_t
moved_by(const struct symbolize *n, const struct spaces_machine *m, struct fault *fault)
{
	uint64_t there, delta;

	if (m->symbol == NULL || m->symbol_at == 0)
		return 0;
	if ((there = kallsyms_reference(n->kallsyms, str_of(m->symbol))) == 0)
		return 0;
	delta = there - m->symbol_at;
	if (delta % PAGE != 0)
		fault_set(fault, "%s: of another kernel: %s is at 0x%llx there, was at 0x%llx",
		    n->sources.live ? "/proc/kallsyms" : n->sources.kallsyms, m->symbol,
		    (unsigned long long)there, (unsigned long long)m->symbol_at);
	return delta;
}

/* /lib/modules/6.1.0/kernel/fs/ext4/ext4.ko.xz and [ext4] are [ext4]. */
static struct str
module_name(struct str path, char *d, size_t size)
{
	const char *slash = memrchr(path.p, '/', path.n), *dot;
	size_t i, n;

	if (slash == NULL)
		return path;
	n = (size_t)(path.p + path.n - ++slash);
	dot = memchr(slash, '.', n);
	n = dot == NULL ? n : (size_t)(dot - slash);
	if (n > size - 2)
		return path;
	for (i = 0; i < n; i++)
		d[i + 1] = slash[i] == '-' ? '_' : slash[i];
	d[0] = '[';
	d[n + 1] = ']';
	return (struct str){ d, n + 2 };
}

static bool
kernel_unknown(struct symbolize *n, const struct spaces_machine *m, uint64_t at)
{
	const struct space_map *map = space_find(&m->kernel, at);
	struct str image = STR("[kernel.kallsyms]");
	char module[256];

	if (map == NULL)
		return put_unmapped(n);
	if (map->file->path.n >= image.n && memcmp(map->file->path.p, image.p, image.n) == 0)
		return put_unknown(n, image);
	return put_unknown(n, module_name(map->file->path, module, sizeof module));
}

/* Is there somebody to ask about this machine's kernel? */
static bool
kernel_source(struct symbolize *n, const struct spaces_machine *m, struct fault *fault)
{
	const char *why = NULL;

	if (n->kallsyms == NULL && n->sources.live && !read_live(n, m, fault))
		return false;
	if (n->kallsyms == NULL)
		why = "no -k";
	else if (n->of == NULL)
		n->of = m;
	else if (n->of != m &&
		 (m->build == NULL || n->of->build == NULL || strcmp(m->build, n->of->build) != 0))
		why = "the symbols are another machine's";
	if (why != NULL) {
		n->missed = objects_get(n->objects, STR("[kernel.kallsyms]"), STR_NONE);
		object_because(n->objects, n->missed, why);
	}
	return why == NULL;
}

/* Nothing calls from the padding before a function: an interrupt came at its first instruction. */
static bool
is_padding(struct str symbol)
{
	return symbol.n > 6 &&
	       (memcmp(symbol.p, "__pfx_", 6) == 0 || memcmp(symbol.p, "__cfi_", 6) == 0);
}

static bool
kernel_symbol(const struct kallsyms *k, uint64_t addr, bool innermost, struct kallsyms_symbol *s)
{
	if (!kallsyms_find(k, addr - !innermost, s))
		return false;
	return innermost || !is_padding(s->name) || kallsyms_find(k, addr, s);
}

static bool
kernel_note(struct symbolize *n, const struct spaces_machine *m, const struct stack_frame *f,
    struct fault *fault)
{
	uint64_t at = f->addr - !f->innermost, delta;
	const struct space_map *ksym = space_find(&m->ksyms, at);
	struct kallsyms_symbol s;

	if (ksym != NULL) {
		put_text(n, ksym->file->path, true);
		put_offset(n, f->addr - ksym->addr + ksym->off);
		return true;
	}
	if (!kernel_source(n, m, fault))
		return false;
	delta = moved_by(n, m, fault);
	if (!kernel_symbol(n->kallsyms, f->addr + delta, f->innermost, &s) ||
	    (s.module.n > 0 && delta != 0))
		return kernel_unknown(n, m, at);
	put_text(n, s.name, false);
	put_offset(n, f->addr + delta - s.start);
	if (s.module.n > 0)
		put_object(n, s.module);
	return true;
}

/* --- user */

/* During an exec the register that the innermost frame comes from is the old program's; all others
 * were read from memory, which is the new one's. */
static const struct space_map *
user_map(const struct spaces_process *p, const struct stack_frame *f)
{
	const struct space_map *map = space_find(&p->space, f->addr - !f->innermost);

	return map == NULL && f->innermost ? space_find(&p->before, f->addr) : map;
}

static bool
user_note(struct symbolize *n, const struct spaces_process *p, const struct stack_frame *f,
    struct fault *fault)
{
	uint64_t at = f->addr - !f->innermost;
	const struct space_map *map = user_map(p, f);
	struct elf_symbol s;
	struct object *b;

	if (map == NULL || map->file->path.n == 0)
		return put_unmapped(n);
	b = objects_get(n->objects, map->file->path, map->file->build);
	if (object_find(n->objects, b, at - map->addr + map->off, &s, fault)) {
		put_text(n, s.name, false);
		put(n, s.plt ? STR("@plt") : STR(""));
		put_offset(n, f->addr - map->addr + map->off - s.start);
	} else if (fault_is(fault)) {
		return false;
	} else {
		n->missed = b;
		put(n, STR("?"));
	}
	put_object(n, map->file->path);
	return true;
}

/* --- a frame */

static bool
make_note(struct symbolize *n, const struct symbolize_context *c, const struct stack_frame *f,
    struct fault *fault)
{
	switch (f->mode) {
	case MODE_KERNEL:
		return kernel_note(n, c->machine, f, fault);
	case MODE_USER:
		return user_note(n, &c->user, f, fault);
	case MODE_NONE:
		return user_map(&c->user, f) != NULL ? user_note(n, &c->user, f, fault)
						     : kernel_note(n, c->machine, f, fault);
	default:
		return false;
	}
}

/* What is remembered of a frame: the object that lacks its name, the note. */
static struct str
make_kept(struct symbolize *n, const struct symbolize_context *c, const struct stack_frame *f,
    struct fault *fault)
{
	uintptr_t missed = 0;

	n->missed = NULL;
	strbuf_clear(&n->text);
	put(n, (struct str){ (const char *)&missed, sizeof missed });
	if (!make_note(n, c, f, fault))
		n->text.n = sizeof missed;
	missed = (uintptr_t)n->missed;
	memcpy(n->text.p, &missed, sizeof missed);
	return strbuf_field(&n->text);
}

bool
symbolize_frame(struct symbolize *n, const struct symbolize_context *c, const struct stack_frame *f,
    struct str *note, struct fault *fault)
{
	uint64_t kernel = c->kernel_generation;
	struct cache_key key = { .b = f->addr };
	uintptr_t missed;
	struct str kept;

	key.a = f->mode == MODE_KERNEL ? kernel : c->user.generation;
	key.a = key.a << 4 | (uint64_t)f->mode << 1 | f->innermost;
	if (f->mode == MODE_NONE)
		key.s = (struct str){ (const char *)&kernel, sizeof kernel };
	if (!cache_get(n->frames, &key, &kept)) {
		kept = make_kept(n, c, f, fault);
		cache_put(n->frames, &key, kept);
	}
	memcpy(&missed, kept.p, sizeof missed);
	*note = (struct str){ kept.p + sizeof missed, kept.n - sizeof missed };
	if (missed != 0)
		object_missed((struct object *)missed);
	return note->n > 0;
}

uint64_t
symbolize_cut(const struct symbolize *n)
{
	return n->cut;
}

void
symbolize_report(const struct symbolize *n,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	objects_report(n->objects, note, arg);
}
