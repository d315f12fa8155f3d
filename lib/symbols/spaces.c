/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "rec/stack.h"
#include "spaces.h"

enum { KEEP_DEAD = 256 };

struct process {
	struct space space;
	struct space before; /* an exec that is not over yet */
	uint64_t changed;    /* the generation of the last change of before */
	bool vdso;           /* the exec has mapped all that it maps */
	uint64_t key;
	uint64_t life;  /* the generation in which it began */
	int32_t parent; /* that its maps are inherited from, or -1 */
	size_t threads; /* besides the main one */
	bool main_gone, dead;
	struct process *prev, *next; /* in the list of the living or of the dead */
};

struct list {
	struct process *first, *last;
	size_t n;
};

struct spaces {
	uint64_t generation; /* the last one given */
	struct intern names; /* of machines */
	struct spaces_machine **machine;
	size_t cap;
	const struct spaces_machine *host;
	struct hash processes; /* machine's index and pid -> struct process * */
	struct list living, dead;
};

struct spaces *
spaces_new(void)
{
	return mem_alloc(sizeof(struct spaces));
}

/* --- machines */

static void
machine_free(struct spaces_machine *m)
{
	space_clear(&m->kernel);
	space_clear(&m->ksyms);
	free(m->symbol);
	free(m->build);
	free(m);
}

/* name lives as long as the spaces. */
static struct spaces_machine *
machine_new(struct spaces *s, uint32_t id, struct str name)
{
	struct spaces_machine *m = mem_alloc(sizeof *m);
	const char *end = name.p + name.n;
	uint64_t pid;

	*m = (struct spaces_machine){ .id = id, .name = name, .pid = -1, .begin = ++s->generation };
	if (!str_starts(name, "vm"))
		return m;
	m->guest = name.n == 2 || text_u64(name.p + 2, end, &pid) == end;
	if (m->guest && name.n > 2 && pid <= INT32_MAX)
		m->pid = (int32_t)pid;
	return m;
}

static struct spaces_machine *
machine_of(struct spaces *s, struct str name)
{
	size_t n = s->names.n;
	uint32_t id = intern_put(&s->names, name);

	if (id < n)
		return s->machine[id];
	s->machine = mem_grow(s->machine, id, &s->cap, sizeof(void *));
	s->machine[id] = machine_new(s, id, intern_str(&s->names, id));
	if (s->host == NULL && !s->machine[id]->guest)
		s->host = s->machine[id];
	return s->machine[id];
}

const struct spaces_machine *
spaces_machine(struct spaces *s, struct str name)
{
	return machine_of(s, name);
}

const struct spaces_machine *
spaces_host(const struct spaces *s)
{
	return s->host;
}

uint64_t
spaces_next_generation(struct spaces *s)
{
	return ++s->generation;
}

/* --- processes */

static void
link_last(struct list *l, struct process *p)
{
	p->prev = l->last;
	p->next = NULL;
	*(l->last == NULL ? &l->first : &l->last->next) = p;
	l->last = p;
	l->n++;
}

static void
unlink_from(struct list *l, struct process *p)
{
	*(p->prev == NULL ? &l->first : &p->prev->next) = p->next;
	*(p->next == NULL ? &l->last : &p->next->prev) = p->prev;
	l->n--;
}

static void
free_first(struct spaces *s, struct list *l)
{
	struct process *p = l->first;

	unlink_from(l, p);
	hash_remove(&s->processes, p->key);
	space_clear(&p->space);
	space_clear(&p->before);
	free(p);
}

void
spaces_free(struct spaces *s)
{
	uint32_t i;

	while (s->living.n > 0)
		free_first(s, &s->living);
	while (s->dead.n > 0)
		free_first(s, &s->dead);
	for (i = 0; i < s->names.n; i++)
		machine_free(s->machine[i]);
	free(s->machine);
	intern_free(&s->names);
	hash_free(&s->processes);
	free(s);
}

/* NULL if no record named the process. */
static struct process *
known_by(struct spaces *s, uint64_t key)
{
	uint64_t *v = hash_get(&s->processes, key);

	return v == NULL ? NULL : (struct process *)(uintptr_t)*v;
}

static struct process *
known(struct spaces *s, struct str machine, int32_t pid)
{
	return known_by(s, hash_pair(machine_of(s, machine)->id, (uint32_t)pid));
}

uint64_t
spaces_life(struct spaces *s, int32_t pid)
{
	const struct process *p =
	    s->host == NULL || pid < 0 ? NULL : known_by(s, hash_pair(s->host->id, (uint32_t)pid));

	return p == NULL ? 0 : p->life;
}

/* The process of a record that shows that it lives. */
static struct process *
living(struct spaces *s, struct str machine, int32_t pid)
{
	struct process *p = known(s, machine, pid);

	if (p != NULL && !p->dead)
		return p;
	if (p == NULL) {
		p = mem_alloc(sizeof *p);
		p->key = hash_pair(machine_of(s, machine)->id, (uint32_t)pid);
		*hash_put(&s->processes, p->key) = (uintptr_t)p;
	} else {
		unlink_from(&s->dead, p);
	}
	p->dead = p->main_gone = false;
	p->threads = 0;
	p->parent = -1;
	p->life = ++s->generation;
	link_last(&s->living, p);
	return p;
}

/* --- records */

static void
replace(char **old, const char *p, size_t n)
{
	free(*old);
	*old = n == 0 ? NULL : mem_copy(p, n);
}

static uint64_t
end_of(uint64_t addr, uint64_t len)
{
	return addr > UINT64_MAX - len ? UINT64_MAX : addr + len;
}

static void
add_kernel_map(struct spaces *s, const struct rec_map *r, struct spaces_machine *m)
{
	struct space_map map = { r->addr, end_of(r->addr, r->len), r->off, NULL };
	const char *bracket = memchr(r->path.p, ']', r->path.n);

	space_put(&m->kernel, &s->generation, &map, r->path, r->build);
	if (bracket == NULL || (!str_starts(r->path, "[kernel.kallsyms]") &&
				   !str_starts(r->path, "[guest.kernel.kallsyms")))
		return;
	bracket++;
	replace(&m->symbol, bracket, (size_t)(r->path.p + r->path.n - bracket));
	m->symbol_at = r->off;
	replace(&m->build, r->build.p, str_none(r->build) ? 0 : r->build.n);
}

static void
end_exec(struct process *p)
{
	space_clear(&p->before);
	p->changed = 0;
	p->vdso = false;
}

/* After [vdso] it is the new program that maps, so it runs. */
static void
follow_exec(struct spaces *s, struct process *p, struct str path)
{
	if (p->vdso) {
		end_exec(p);
		p->changed = ++s->generation;
	} else {
		p->vdso = p->before.maps != NULL && str_eq(path, STR("[vdso]"));
	}
}

/* Data is not code: it only replaces what was mapped there. */
static void
add_map(struct spaces *s, const struct rec *r)
{
	const struct rec_map *m = &r->map;
	struct space_map map = { m->addr, end_of(m->addr, m->len), m->off, NULL };
	struct spaces_machine *machine = machine_of(s, r->machine);
	enum stack_mode mode = stack_mode_named(m->mode);
	struct process *p;

	if (mode == MODE_KERNEL || (mode == MODE_GUEST_KERNEL && machine->guest))
		add_kernel_map(s, m, machine);
	if (mode != MODE_GUEST_USER || !machine->guest)
		if (r->pid < 0 || mode != MODE_USER)
			return;
	p = living(s, r->machine, r->pid);
	if (!str_none(m->prot) && memchr(m->prot.p, 'x', m->prot.n) == NULL) {
		space_cut(&p->space, &s->generation, map.addr, map.end);
		return;
	}
	space_put(&p->space, &s->generation, &map, m->path, m->build);
	follow_exec(s, p, m->path);
}

static void
add_ksym(struct spaces *s, const struct rec *r)
{
	struct space *ksyms = &machine_of(s, r->machine)->ksyms;
	const struct rec_ksym *k = &r->ksym;
	struct space_map map = { k->addr, end_of(k->addr, k->len), 0, NULL };

	if (str_eq(k->how, STR("add")))
		space_put(ksyms, &s->generation, &map, k->name, STR_NONE);
	else
		space_cut(ksyms, &s->generation, map.addr, map.end);
}

static void
clear(struct process *p)
{
	space_clear(&p->space);
	end_exec(p);
	p->threads = 0;
	p->parent = -1;
	p->main_gone = false;
}

static void
add_comm(struct spaces *s, const struct rec *r)
{
	struct process *p = r->pid < 0 ? NULL : living(s, r->machine, r->pid);
	struct space before;

	if (p == NULL || !str_eq(r->comm.how, STR("exec")))
		return;
	before = space_share(&p->space);
	clear(p);
	p->before = before;
	p->changed = before.maps == NULL ? 0 : ++s->generation;
}

static void
add_fork(struct spaces *s, const struct rec *r)
{
	struct process *child = living(s, r->machine, r->fork.child_pid);
	struct process *parent = known(s, r->machine, r->pid);

	if (str_eq(r->fork.how, STR("thread")) || child == parent) {
		child->threads++;
		return;
	}
	clear(child);
	child->life = ++s->generation;
	if (parent != NULL && !str_eq(r->fork.how, STR("nocopy")))
		child->space = space_share(&parent->space);
	child->parent = child->space.maps == NULL ? -1 : r->pid;
}

/* A process ends with the last of its threads. */
static void
add_exit(struct spaces *s, const struct rec *r)
{
	struct process *p = known(s, r->machine, r->pid);

	if (p == NULL || p->dead)
		return;
	if (r->tid == r->pid)
		p->main_gone = true;
	else if (p->threads > 0)
		p->threads--;
	if (!p->main_gone || p->threads > 0)
		return;
	unlink_from(&s->living, p);
	link_last(&s->dead, p);
	p->dead = true;
	if (s->dead.n > KEEP_DEAD)
		free_first(s, &s->dead);
}

bool
spaces_add(struct spaces *s, const struct rec *r)
{
	if (r->kind == REC_MAP)
		add_map(s, r);
	else if (r->kind == REC_KSYM)
		add_ksym(s, r);
	else if (r->kind == REC_FORK)
		add_fork(s, r);
	else if (r->kind == REC_EXIT)
		add_exit(s, r);
	else if (r->kind == REC_COMM)
		add_comm(s, r);
	else
		return false;
	return true;
}

static struct spaces_process
process_by(struct spaces *s, uint64_t key)
{
	struct process *p = known_by(s, key);
	struct spaces_process is = { .parent = -1 };

	if (p == NULL)
		return is;
	is.space = p->space;
	is.before = p->before;
	is.generation = p->space.generation > p->changed ? p->space.generation : p->changed;
	is.life = p->life;
	is.parent = p->parent;
	return is;
}

struct spaces_process
spaces_process(struct spaces *s, struct str machine, int32_t pid)
{
	return process_by(s, hash_pair(machine_of(s, machine)->id, (uint32_t)pid));
}

struct spaces_process
spaces_process_of(struct spaces *s, uint32_t machine, int32_t pid)
{
	return process_by(s, hash_pair(machine, (uint32_t)pid));
}
