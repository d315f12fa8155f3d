/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/cache.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "ehframe.h"
#include "expr.h"
#include "unwind.h"

enum {
	ROWS = 65536,
	ROWS_SIZE = 16 * 1024 * 1024,
	MAXFRAMES = 8192,
	WORK = 64 << 20,
	EACH = 256,
	PAGE = 4096
};

/* A row as it is remembered: the CFA's rule, those of other registers, the expressions. */
struct row {
	bool found, signal, ra_signed, big;
	uint16_t ra, n; /* n: the rules after the CFA's */
};

struct rule {
	int64_t off;    /* of an expression: where it is, from the row on */
	uint8_t target; /* the register that it is for */
	uint8_t how, reg, size;
};

/* A file with code. */
struct module {
	struct object *object;
	char *path;             /* escaped */
	struct ehframe *frames; /* NULL if there are none: why */
	const char *why;
	uint64_t missed;
};

struct unwind {
	struct objects *objects;
	struct fault *fault;
	struct cache *rows;  /* generation and address, or module and offset -> row */
	struct hash modules; /* object -> index + 1 */
	struct module *module;
	size_t n, cap;
	struct strbuf packed; /* a row that is being made */
	struct cfi_row raw;
	uint64_t frame[MAXFRAMES];
	uint64_t work; /* steps and bytes that may still be looked at */
	uint64_t unmapped;
};

struct unwind *
unwind_new(struct objects *objects)
{
	struct unwind *u = mem_alloc(sizeof *u);

	u->objects = objects;
	u->rows = cache_new(ROWS, ROWS_SIZE);
	u->work = WORK;
	return u;
}

void
unwind_free(struct unwind *u)
{
	size_t i;

	if (u == NULL)
		return;
	for (i = 0; i < u->n; i++) {
		ehframe_free(u->module[i].frames);
		free(u->module[i].path);
	}
	free(u->module);
	cache_free(u->rows);
	hash_free(&u->modules);
	strbuf_free(&u->packed);
	free(u);
}

void
unwind_allow(struct unwind *u, size_t n)
{
	u->work += EACH * n;
}

/* --- modules */

struct reader {
	struct unwind *unwind;
	struct object *object;
};

static size_t
read_object(void *arg, uint64_t off, uint8_t *buf, size_t n)
{
	struct reader *r = arg;

	return object_read(r->unwind->objects, r->object, off, buf, n, r->unwind->fault);
}

static void
open_module(struct unwind *u, struct module *m)
{
	struct reader reader = { u, m->object };
	const char *reason;

	m->frames = ehframe_new((struct ehframe_source){ read_object, &reader }, &m->why);
	if ((reason = object_why(m->object)) != NULL)
		m->why = reason;
}

static struct module *
get_module(struct unwind *u, const struct space_file *file)
{
	struct object *object = objects_get(u->objects, file->path, file->build);
	uint64_t *index = hash_put(&u->modules, (uintptr_t)object);

	if (*index == 0) {
		u->module = mem_grow(u->module, u->n, &u->cap, sizeof *u->module);
		u->module[u->n] = (struct module){ .object = object };
		u->module[u->n].path = mem_copy(file->path.p, file->path.n);
		open_module(u, &u->module[u->n]);
		*index = ++u->n;
	}
	return &u->module[*index - 1];
}

/* --- rows */

static void
pack_rule(struct unwind *u, uint8_t target, const struct cfi_rule *from)
{
	struct rule r = { from->off, target, from->how, from->reg, from->size };

	if (from->how == CFI_EXPR_AT || from->how == CFI_EXPR_VALUE)
		r.off = 0;
	strbuf_add_bytes(&u->packed, &r, sizeof r);
}

/* Append an expression, and say in rule i of the row where it is. */
static void
pack_expr(struct unwind *u, size_t i, const struct cfi_rule *from)
{
	size_t at = sizeof(struct row) + i * sizeof(struct rule);
	int64_t off = (int64_t)u->packed.n;

	if (from->how != CFI_EXPR_AT && from->how != CFI_EXPR_VALUE)
		return;
	strbuf_add_bytes(&u->packed, from->expr, from->size);
	memcpy(u->packed.p + at, &off, sizeof off);
}

/* The row of a register that is not just the caller's: what has a rule. */
static struct str
pack(struct unwind *u, bool found, bool big)
{
	const struct cfi_row *raw = &u->raw;
	struct row row = { .found = found, .big = big };
	uint8_t target[CFI_REGS];
	unsigned i;

	for (i = 0; found && i < CFI_REGS; i++)
		if (raw->reg[i].how != CFI_SAME)
			target[row.n++] = (uint8_t)i;
	if (found) {
		row.ra = raw->ra;
		row.signal = raw->signal;
		row.ra_signed = raw->ra_signed;
	}
	strbuf_clear(&u->packed);
	strbuf_add_bytes(&u->packed, &row, sizeof row);
	if (!found)
		return strbuf_str(&u->packed);
	pack_rule(u, 0, &raw->cfa);
	for (i = 0; i < row.n; i++)
		pack_rule(u, target[i], &raw->reg[target[i]]);
	pack_expr(u, 0, &raw->cfa);
	for (i = 0; i < row.n; i++)
		pack_expr(u, i + 1, &raw->reg[target[i]]);
	return strbuf_str(&u->packed);
}

/* Make the row at an offset of a module. */
static struct str
make_row(struct unwind *u, struct module *m, uint64_t off)
{
	struct reader reader = { u, m->object };
	uint64_t cost = 0;
	bool found = false;

	if (m->frames != NULL && u->work > 0)
		found = ehframe_row(m->frames, (struct ehframe_source){ read_object, &reader }, off,
		    &u->raw, &cost);
	u->work -= cost < u->work ? cost : u->work;
	return pack(u, found, m->frames != NULL && ehframe_is_big(m->frames));
}

/* During an exec the registers are the old program's. */
static const struct space_map *
find_map(const struct spaces_process *p, uint64_t at, bool innermost)
{
	const struct space_map *map = space_find(&p->space, at);

	return map == NULL && innermost ? space_find(&p->before, at) : map;
}

/* The row at an address, packed. */
static struct str
find_row(struct unwind *u, const struct spaces_process *p, uint64_t at, bool innermost)
{
	struct cache_key here = { p->generation << 1 | innermost, at, STR("") }, key = here;
	const struct space_map *map;
	struct module *m;
	struct str row;
	uint64_t off;

	if (cache_get(u->rows, &here, &row))
		return row;
	map = find_map(p, at, innermost);
	if (map == NULL) {
		row = pack(u, false, false);
	} else {
		off = at - map->addr + map->off;
		m = get_module(u, map->file);
		key.a = (uintptr_t)m->object | UINT64_C(1) << 63;
		key.b = off;
		if (cache_get(u->rows, &key, &row)) {
			strbuf_clear(&u->packed);
			strbuf_add(&u->packed, row);
			row = strbuf_str(&u->packed);
		} else {
			row = make_row(u, m, off);
			cache_put(u->rows, &key, row);
		}
	}
	cache_put(u->rows, &here, row);
	return row;
}

/* Count a frame that has no unwind information. */
static void
count_missed(struct unwind *u, const struct spaces_process *p, uint64_t at, bool innermost)
{
	const struct space_map *map = find_map(p, at, innermost);

	if (map == NULL)
		u->unmapped++;
	else
		get_module(u, map->file)->missed++;
}

/* --- a step to the caller */

struct step {
	struct unwind *unwind;
	struct ustack *stack; /* this frame's registers */
	struct str packed;
	struct row row;
	bool cut; /* something was read that was not recorded */
};

static bool
read_reg(void *arg, uint64_t reg, uint64_t *value)
{
	struct step *s = arg;

	return ustack_reg(s->stack, reg, value);
}

static bool
read_memory(void *arg, uint64_t addr, unsigned size, uint64_t *value)
{
	struct step *s = arg;

	if (ustack_read(s->stack, addr, size, value))
		return true;
	s->cut = s->cut || ustack_is_cut(s->stack, addr);
	return false;
}

static struct rule
get_rule(const struct step *s, size_t i)
{
	struct rule r;

	memcpy(&r, s->packed.p + sizeof(struct row) + i * sizeof r, sizeof r);
	return r;
}

static bool
eval(struct step *s, const struct rule *r, bool pushed, uint64_t cfa, uint64_t *value)
{
	struct expr_world world = { read_reg, read_memory, s, s->stack->size, &s->unwind->work };

	return expr_eval(
	    &world, bytes_of(s->packed.p + r->off, r->size, s->row.big), pushed, cfa, value);
}

static uint64_t
fit(const struct step *s, uint64_t v)
{
	return s->stack->size == 4 ? (uint32_t)v : v;
}

static bool
get_cfa(struct step *s, uint64_t *cfa)
{
	struct rule r = get_rule(s, 0);

	if (r.how == CFI_EXPR_VALUE)
		return eval(s, &r, false, 0, cfa);
	if (!ustack_reg(s->stack, r.reg, cfa))
		return false;
	*cfa = fit(s, *cfa + (uint64_t)r.off);
	return true;
}

/* The caller's value of a register with a rule; false if it is unknown. */
static bool
apply(struct step *s, const struct rule *r, uint64_t cfa, uint64_t *value)
{
	uint64_t addr;

	switch (r->how) {
	case CFI_OFFSET:
		return read_memory(s, fit(s, cfa + (uint64_t)r->off), s->stack->size, value);
	case CFI_VAL_OFFSET:
		*value = fit(s, cfa + (uint64_t)r->off);
		return true;
	case CFI_REGISTER:
		return ustack_reg(s->stack, (uint64_t)r->off, value);
	case CFI_EXPR_AT:
		return eval(s, r, true, cfa, &addr) &&
		       read_memory(s, fit(s, addr), s->stack->size, value);
	case CFI_EXPR_VALUE:
		return eval(s, r, true, cfa, value);
	default:
		return false;
	}
}

enum { USER_ADDRESS = 48 }; /* bits of a signed return address that are not its code */

/* Make the registers the caller's, by the row. */
static enum unwind_end
step_by_row(struct step *s)
{
	struct ustack *u = s->stack;
	uint64_t reg[CFI_REGS], known = u->known, cfa;
	struct rule r;
	size_t i;
	bool outermost = false;

	if (!get_cfa(s, &cfa))
		return s->cut ? UNWIND_CUT : UNWIND_BAD;
	memcpy(reg, u->reg, sizeof reg);
	reg[u->sp] = cfa;
	known |= UINT64_C(1) << u->sp;
	for (i = 1; i <= s->row.n; i++) {
		r = get_rule(s, i);
		outermost = outermost || (r.how == CFI_UNDEFINED && r.target == s->row.ra);
		known &= ~(UINT64_C(1) << r.target);
		if (apply(s, &r, cfa, &reg[r.target]))
			known |= UINT64_C(1) << r.target;
	}
	if (outermost)
		return UNWIND_OUTERMOST;
	if ((known >> s->row.ra & 1) == 0)
		return s->cut ? UNWIND_CUT : UNWIND_BAD;
	memcpy(u->reg, reg, sizeof reg);
	u->known = known;
	ustack_set(u, u->pc, u->reg[s->row.ra]);
	if (s->row.ra_signed)
		u->reg[u->pc] &= (UINT64_C(1) << USER_ADDRESS) - 1;
	return UNWIND_ENDS;
}

/* The same by the frame pointer: it points to where the caller's is saved, and the return address
 * follows. That of the outermost frame is 0. */
static enum unwind_end
step_by_pointer(struct step *s)
{
	struct ustack *u = s->stack;
	uint64_t fp = 0, sp = 0, caller, ra;

	ustack_reg(u, u->sp, &sp);
	if (!ustack_reg(u, u->fp, &fp))
		return UNWIND_UNKNOWN;
	if (fp == 0)
		return UNWIND_OUTERMOST;
	if (fp < sp || fp % u->size != 0)
		return UNWIND_UNKNOWN;
	if (!read_memory(s, fp, u->size, &caller) || !read_memory(s, fp + u->size, u->size, &ra))
		return s->cut && fp - sp < 65536 ? UNWIND_CUT : UNWIND_UNKNOWN;
	ustack_set(u, u->fp, caller);
	ustack_set(u, u->sp, fp + 2 * u->size);
	ustack_set(u, u->pc, ra);
	return UNWIND_ENDS;
}

/* Go to the caller. UNWIND_ENDS: there it is. */
static enum unwind_end
step(struct unwind *u, const struct spaces_process *p, struct ustack *stack, bool innermost,
    bool exact, bool *signal)
{
	struct step s = { .unwind = u, .stack = stack };
	uint64_t at = stack->reg[stack->pc] - !exact, sp = stack->reg[stack->sp];
	enum unwind_end end;

	s.packed = find_row(u, p, at, innermost);
	memcpy(&s.row, s.packed.p, sizeof s.row);
	if (!s.row.found)
		count_missed(u, p, at, innermost);
	end = s.row.found ? step_by_row(&s) : step_by_pointer(&s);
	*signal = s.row.found && s.row.signal;
	if (end != UNWIND_ENDS)
		return u->work == 0 ? UNWIND_WORK : end;
	if (stack->reg[stack->pc] < PAGE) /* 0, or the number of arguments above _start() */
		return UNWIND_OUTERMOST;
	if (!*signal && stack->reg[stack->sp] < sp + (exact ? 0 : stack->size))
		return UNWIND_BAD;
	if (!s.row.found && find_map(p, stack->reg[stack->pc] - 1, false) == NULL)
		return UNWIND_UNKNOWN;
	return UNWIND_ENDS;
}

size_t
unwind_frames(struct unwind *u, const struct spaces_process *p, struct ustack *stack,
    const uint64_t **frame, enum unwind_end *end, struct fault *fault)
{
	bool exact = true;
	size_t n = 0;

	u->fault = fault;
	do
		u->frame[n++] = stack->reg[stack->pc];
	while (n < MAXFRAMES && (*end = step(u, p, stack, n == 1, exact, &exact)) == UNWIND_ENDS);
	if (n == MAXFRAMES)
		*end = UNWIND_CUT;
	*frame = u->frame;
	return n;
}

/* --- report */

static int
by_missed(const void *va, const void *vb)
{
	const struct module *a = *(struct module *const *)va, *b = *(struct module *const *)vb;

	if (a->missed != b->missed)
		return a->missed > b->missed ? -1 : 1;
	return a < b ? -1 : 1;
}

void
unwind_report(
    const struct unwind *u, void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	struct module **sorted = mem_alloc((u->n + 1) * sizeof(void *)), *m;
	char line[8192];
	size_t i;

	for (i = 0; i < u->n; i++)
		sorted[i] = &u->module[i];
	qsort(sorted, u->n, sizeof(void *), by_missed);
	for (i = 0; i < u->n && sorted[i]->missed > 0; i++) {
		m = sorted[i];
		snprintf(line, sizeof line, "%.4096s: %llu frames without unwind information: %s",
		    m->path, (unsigned long long)m->missed,
		    m->why != NULL ? m->why : "none for their addresses");
		note(arg, NULL, line);
	}
	if (u->unmapped > 0) {
		snprintf(line, sizeof line, "%llu frames where nothing is mapped",
		    (unsigned long long)u->unmapped);
		note(arg, NULL, line);
	}
	free(sorted);
}
