/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "cfi.h"
#include "unwind.h"

enum {
	ROWS = 65536,
	ROWS_SIZE = 16 * 1024 * 1024,
	RECENT = 1024,
	MAXFRAMES = 8192,
	MAXIDLE = 4, /* frames in a row that read nothing new of the stack */
	STATES = sizeof((struct unwind_task *)NULL)->state / sizeof(struct unwind_state),
	WORK = 64 << 20,
	EACH = 256,
	PAGE = 4096
};

/* A row as it is remembered: its operations follow its rules. */
struct row {
	bool found, signal;
	bool plain; /* no rule needs this frame's registers but that of the CFA */
	uint8_t ra;
	uint16_t n, ops;
	int64_t lowest;      /* the least offset of all rules */
	uint64_t saved, set; /* the registers of CFI_OFFSET, CFI_VAL_OFFSET: bit n for number n */
	struct cfi_rule rule[];
};

/* A file with code. */
struct module {
	char *path;      /* escaped */
	struct cfi *cfi; /* NULL if there is none: why. Modules of one file share it. */
	const char *why;
	uint64_t missed;
};

struct inode {
	uint64_t device, number;
};

struct unwind {
	struct objects *objects;
	struct fault *fault;
	struct cache *rows; /* call frame information and offset -> row */
	struct recent {
		uint64_t space, at; /* the generation of the process, and an address in it */
		uint64_t puts;
		const struct row *row;
	} recent[RECENT];    /* what was found last, valid while puts is the same */
	uint64_t puts;       /* the number of entries that were put into rows, and one */
	struct hash modules; /* object -> index + 1 */
	struct module *module;
	size_t n, cap;
	struct intern inodes; /* struct inode: the information of that number */
	struct cfi **cfi;
	size_t cap_cfi;
	struct strbuf packed; /* a row that is being made */
	struct cfi_row row;
	bool missed;   /* set if a frame has no unwind information */
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
	u->puts = 1;
	return u;
}

void
unwind_free(struct unwind *u)
{
	size_t i;

	if (u == NULL)
		return;
	for (i = 0; i < u->n; i++)
		free(u->module[i].path);
	for (i = 0; i < u->inodes.n; i++)
		cfi_free(u->cfi[i]);
	free(u->module);
	free(u->cfi);
	intern_free(&u->inodes);
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

/* Read the call frame information of a program, unless it has been read by another path. */
static struct cfi *
get_cfi(struct unwind *u, int program, int debug, const char **why)
{
	struct stat st = { 0 };
	struct inode inode;
	size_t n = u->inodes.n;
	uint32_t id;

	fstat(program, &st);
	inode = (struct inode){ st.st_dev, st.st_ino };
	if ((id = intern_put(&u->inodes, (struct str){ (void *)&inode, sizeof inode })) == n) {
		u->cfi = mem_grow(u->cfi, id, &u->cap_cfi, sizeof(void *));
		u->cfi[id] = cfi_new(objects_files(u->objects), program, debug, why);
	}
	*why = u->cfi[id] == NULL ? "it has no call frame information" : NULL;
	return u->cfi[id];
}

static void
open_module(struct unwind *u, struct module *m, struct object *object)
{
	int program, debug;
	uint8_t byte;

	if (object_read(u->objects, object, 0, &byte, 1, u->fault) == 0) {
		m->why = object_why(object);
		return;
	}
	object_open(u->objects, object, &program, &debug);
	m->cfi = get_cfi(u, program, debug, &m->why);
	close(program);
	if (debug >= 0)
		close(debug);
}

static struct module *
get_module(struct unwind *u, const struct space_file *file)
{
	struct object *object = objects_get(u->objects, file->path, file->build);
	uint64_t *index = hash_put(&u->modules, (uintptr_t)object);

	if (*index == 0) {
		u->module = mem_grow(u->module, u->n, &u->cap, sizeof *u->module);
		u->module[u->n] = (struct module){ 0 };
		u->module[u->n].path = mem_copy(file->path.p, file->path.n);
		open_module(u, &u->module[u->n], object);
		*index = ++u->n;
	}
	return &u->module[*index - 1];
}

/* --- rows */

/* Sum up the rules of a row. */
static void
sum_up(struct row *row, const struct cfi_rule *rule)
{
	size_t i;

	row->plain = true;
	for (i = 1; i <= row->n; i++) {
		row->plain = row->plain && rule[i].how <= CFI_VAL_OFFSET;
		row->lowest = rule[i].off < row->lowest ? rule[i].off : row->lowest;
		row->saved |= (uint64_t)(rule[i].how == CFI_OFFSET) << rule[i].target;
		row->set |= (uint64_t)(rule[i].how == CFI_VAL_OFFSET) << rule[i].target;
	}
}

/* Pack the row that was made last, or that there is none. */
static struct str
pack(struct unwind *u, bool found)
{
	const struct cfi_row *from = &u->row;
	struct row row = { .found = found };

	if (found) {
		row.signal = from->signal;
		row.ra = from->ra;
		row.n = from->n;
		row.ops = from->ops;
		sum_up(&row, from->rule);
	}
	strbuf_clear(&u->packed);
	strbuf_add_bytes(&u->packed, &row, sizeof row);
	if (found) {
		strbuf_add_bytes(&u->packed, from->rule, (1 + from->n) * sizeof *from->rule);
		strbuf_add_bytes(&u->packed, from->op, from->ops * sizeof *from->op);
	}
	return strbuf_str(&u->packed);
}

/* Make the row at an offset of a module. */
static struct str
make_row(struct unwind *u, struct module *m, uint64_t off)
{
	uint64_t cost = 0;
	bool found = m->cfi != NULL && u->work > 0 && cfi_row(m->cfi, off, &u->row, &cost);

	u->work -= cost < u->work ? cost : u->work;
	return pack(u, found);
}

/* During an exec the registers are the old program's. */
static const struct space_map *
find_map(const struct spaces_process *p, uint64_t at, bool innermost)
{
	const struct space_map *map = space_find(&p->space, at);

	return map == NULL && innermost ? space_find(&p->before, at) : map;
}

/* Find the row at an address, by file and offset. Returns whether it is kept there. */
static bool
look_up(
    struct unwind *u, const struct spaces_process *p, uint64_t at, bool innermost, struct str *row)
{
	const struct space_map *map = find_map(p, at, innermost);
	struct cache_key key = { .s = STR("") };
	struct module *m;

	if (map == NULL) {
		*row = pack(u, false);
		return false;
	}
	m = get_module(u, map->file);
	key.a = (uintptr_t)m->cfi;
	key.b = at - map->addr + map->off;
	if (cache_get(u->rows, &key, row))
		return true;
	*row = make_row(u, m, key.b);
	cache_put(u->rows, &key, *row);
	u->puts++;
	return cache_get(u->rows, &key, row);
}

/* The row at an address, valid until the next call. */
static const struct row *
find_row(struct unwind *u, const struct spaces_process *p, uint64_t at, bool innermost)
{
	const uint64_t space = p->generation << 1 | innermost;
	struct recent *r = &u->recent[(at ^ at >> 10 ^ space * 61) % RECENT];
	struct str row;

	if (r->at == at && r->space == space && r->puts == u->puts)
		return r->row;
	if (look_up(u, p, at, innermost, &row))
		*r = (struct recent){ space, at, u->puts, (const void *)row.p };
	return (const void *)row.p;
}

/* Count a frame that has no unwind information. */
static void
count_missed(struct unwind *u, const struct spaces_process *p, uint64_t at, bool innermost)
{
	const struct space_map *map = find_map(p, at, innermost);

	u->missed = true;
	if (map == NULL)
		u->unmapped++;
	else
		get_module(u, map->file)->missed++;
}

/* --- a step to the caller */

struct step {
	struct unwind *unwind;
	struct ustack *stack; /* this frame's registers */
	const struct row *row;
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

	return ustack_read(s->stack, addr, size, value);
}

static bool
eval(struct step *s, const struct cfi_rule *r, uint64_t cfa, uint64_t *value)
{
	struct expr_world world = { read_reg, read_memory, s, cfa, s->stack->size,
		&s->unwind->work };
	const struct expr_op *op = (const void *)&s->row->rule[1 + s->row->n];

	return expr_eval(&world, op + r->op, r->n, value);
}

static uint64_t
fit(const struct step *s, uint64_t v)
{
	return s->stack->size == 4 ? (uint32_t)v : v;
}

static bool
get_cfa(struct step *s, uint64_t *cfa)
{
	const struct cfi_rule *r = &s->row->rule[0];

	if (r->how == CFI_EXPR_VALUE)
		return eval(s, r, 0, cfa);
	if (!ustack_reg(s->stack, r->reg, cfa))
		return false;
	*cfa = fit(s, *cfa + (uint64_t)r->off);
	return true;
}

/* Evaluate a rule that looks at registers: the caller's value, or for CFI_EXPR_AT its address.
 * False if it is unknown, or the rule another. */
static bool
evaluate(struct step *s, const struct cfi_rule *r, uint64_t cfa, uint64_t *value)
{
	if (r->how == CFI_REGISTER)
		return ustack_reg(s->stack, r->reg, value);
	return r->how >= CFI_EXPR_AT && eval(s, r, cfa, value);
}

/* Set the caller's value of a register; value is what evaluate() made of its rule. One that is
 * saved below the recorded stack has been restored: compilers do not write so in the rules for the
 * end of a function. */
static void
apply(struct step *s, const struct cfi_rule *r, uint64_t cfa, bool known, uint64_t value)
{
	uint64_t addr = fit(s, cfa + (uint64_t)r->off);

	if (r->how == CFI_OFFSET && addr < s->stack->begin && r->target != s->row->ra)
		return;
	if (r->how == CFI_OFFSET)
		ustack_set_saved(s->stack, r->target, addr);
	else if (r->how == CFI_VAL_OFFSET)
		ustack_set(s->stack, r->target, addr);
	else if (!known)
		ustack_forget(s->stack, r->target);
	else if (r->how == CFI_EXPR_AT)
		ustack_set_saved(s->stack, r->target, fit(s, value));
	else
		ustack_set(s->stack, r->target, value);
}

/* Apply all rules: first what needs this frame's registers. False: this frame has no caller. */
static bool
apply_all(struct step *s, uint64_t cfa)
{
	const struct row *row = s->row;
	uint64_t value[1 + CFI_REGS], known = 0;
	size_t i;

	for (i = 1; i <= row->n && !row->plain; i++) {
		if (row->rule[i].how == CFI_UNDEFINED && row->rule[i].target == row->ra)
			return false;
		value[i] = 0;
		known |= (uint64_t)evaluate(s, &row->rule[i], cfa, &value[i]) << i;
	}
	ustack_set(s->stack, s->stack->sp, cfa);
	for (i = 1; i <= row->n; i++)
		apply(s, &row->rule[i], cfa, known >> i & 1, known >> i & 1 ? value[i] : 0);
	return true;
}

/* Apply the rules of a plain row, none of them with an address below the recorded stack. */
static void
apply_plain(struct step *s, uint64_t cfa)
{
	const struct row *row = s->row;
	struct ustack *u = s->stack;
	size_t i;

	ustack_set(u, u->sp, cfa);
	for (i = 1; i <= row->n; i++)
		u->reg[row->rule[i].target] = fit(s, cfa + (uint64_t)row->rule[i].off);
	u->known = (u->known & ~row->saved) | row->set;
	u->saved = (u->saved & ~row->set) | row->saved;
}

/* Make the registers the caller's, by the row. */
static enum unwind_end
step_by_row(struct step *s)
{
	struct ustack *u = s->stack;
	uint64_t cfa, pc, sp;

	if (!get_cfa(s, &cfa))
		return u->cut ? UNWIND_CUT : UNWIND_BAD;
	if (s->row->plain && cfa >= u->begin && cfa - u->begin >= -(uint64_t)s->row->lowest)
		apply_plain(s, cfa);
	else if (!apply_all(s, cfa))
		return UNWIND_OUTERMOST;
	if (!ustack_reg(u, u->sp, &sp) || !ustack_reg(u, s->row->ra, &pc))
		return u->cut ? UNWIND_CUT : UNWIND_BAD;
	ustack_set(u, u->pc, pc & u->code);
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
		return u->cut && fp - sp < 65536 ? UNWIND_CUT : UNWIND_UNKNOWN;
	ustack_set(u, u->fp, caller);
	ustack_set(u, u->sp, fp + 2 * u->size);
	ustack_set(u, u->pc, ra & u->code);
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

	stack->cut = false;
	s.row = find_row(u, p, at, innermost);
	if (!s.row->found)
		count_missed(u, p, at, innermost);
	end = s.row->found ? step_by_row(&s) : step_by_pointer(&s);
	*signal = s.row->found && s.row->signal;
	if (end != UNWIND_ENDS)
		return u->work == 0 ? UNWIND_WORK : end;
	if (stack->reg[stack->pc] < PAGE) /* 0, or the number of arguments above _start() */
		return UNWIND_OUTERMOST;
	if (!*signal && stack->reg[stack->sp] < sp + (exact ? 0 : stack->size))
		return UNWIND_BAD;
	if (!s.row->found && find_map(p, stack->reg[stack->pc] - 1, false) == NULL)
		return UNWIND_UNKNOWN;
	return UNWIND_ENDS;
}

/* --- all frames */

void
unwind_task_free(struct unwind_task *t)
{
	ustack_free(&t->stack);
	free(t->frame);
}

static void
save(struct unwind_state *state, const struct ustack *s, size_t idle, bool exact)
{
	memcpy(state->reg, s->reg, sizeof s->reg);
	state->known = s->known;
	state->saved = s->saved;
	state->reach = s->reach;
	state->idle = idle;
	state->exact = exact;
}

/* Whether all that matters for the frames from the nth on is as it was in the stack before. */
static bool
is_as_before(const struct unwind_task *t, size_t n, size_t idle, bool exact)
{
	const struct ustack *s = &t->stack;
	const struct unwind_state *before = &t->state[n];
	uint64_t asked = t->asked | UINT64_C(1) << s->pc | UINT64_C(1) << s->sp;

	if (idle != before->idle || exact != before->exact || s->reach != before->reach ||
	    ((s->known ^ before->known) | (s->saved ^ before->saved)) & asked)
		return false;
	for (asked &= s->known | s->saved; asked != 0; asked &= asked - 1)
		if (s->reg[__builtin_ctzll(asked)] != before->reg[__builtin_ctzll(asked)])
			return false;
	return true;
}

/* Find the frames and their end up to one from which on all is as before. Returns their number,
 * and sets missed to that of those up to the last one without unwind information. */
static size_t
walk(struct unwind *u, const struct spaces_process *p, struct unwind_task *t, size_t *missed)
{
	struct ustack *stack = &t->stack;
	size_t n = 0, reach = 0, idle = 0, before = 0;
	enum unwind_end end;
	bool exact = true;

	if (stack->same && t->generation == p->generation && t->end <= UNWIND_BAD)
		before = t->states;
	t->states = 0;
	do {
		idle = n == 0 || stack->reach > reach ? 0 : idle + 1;
		reach = stack->reach;
		if (n < before && n >= t->missed && is_as_before(t, n, idle, exact)) {
			stack->asked |= t->asked;
			t->states = before;
			return t->n;
		}
		if (stack->same && n < STATES)
			save(&t->state[t->states++], stack, idle, exact);
		t->frame[n++] = stack->reg[stack->pc];
		u->missed = false;
		if (n == MAXFRAMES || idle == MAXIDLE)
			end = n == MAXFRAMES ? UNWIND_LONG : UNWIND_IDLE;
		else
			end = step(u, p, stack, n == 1, exact, &exact);
		*missed = u->missed ? n : *missed;
	} while (end == UNWIND_ENDS);
	t->end = end;
	return n;
}

size_t
unwind_frames(struct unwind *u, const struct spaces_process *p, struct unwind_task *t,
    const uint64_t **frame, enum unwind_end *end, struct fault *fault)
{
	size_t missed = 0;

	u->fault = fault;
	if (t->frame == NULL)
		t->frame = mem_resize(NULL, MAXFRAMES, sizeof *t->frame);
	t->n = walk(u, p, t, &missed);
	t->missed = missed;
	t->asked = t->stack.asked;
	t->generation = p->generation;
	*frame = t->frame;
	*end = t->end;
	return t->n;
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
