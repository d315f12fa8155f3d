/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "chart_int.h"

enum { KTHREADD = 2, TASK_COMM_LEN = 16 };

/* Events of a tid; those of one time have this order. */
enum kind { FORK, ROW, COMM };

struct event {
	uint32_t machine;
	int32_t tid;
	int64_t t;
	enum kind kind;
	bool exec;
	enum { NO_FAMILY, FROM_THEN, ALWAYS } family; /* is it of a family that is selected? */
	uint32_t what;                                /* the tid of the parent, a row, a name */
};

/* One use of a tid. */
struct life {
	uint32_t machine;
	int32_t tid;
	int64_t t;      /* its start */
	int32_t parent; /* a tid, -1 if not known */
	uint32_t name;  /* the last, INTERN_NONE if not known */
	uint32_t path, family, below;
	int64_t since; /* its family is selected from then on; INT64_MAX: it is not */
	bool named_by_row, root, command;
	bool silent; /* the child of a recorder, whose exec only the names of its states show */
	enum { NEW, BUSY, SETTLED } progress;
};

struct chart_lineage {
	struct event *event;
	size_t n, cap;
	struct life *life; /* by machine, tid and start */
	size_t nlife, life_cap;
	struct intern names, paths;
	size_t path_cap;
};

struct chart_lineage *
chart_lineage_new(void)
{
	return mem_alloc(sizeof(struct chart_lineage));
}

static uint32_t
name_of(struct chart_lineage *l, struct str s)
{
	s.n = s.n < CHART_COMM ? s.n : CHART_COMM;
	return intern_put(&l->names, s);
}

static void
add(struct chart_lineage *l, struct event e)
{
	l->event = mem_grow(l->event, l->n, &l->cap, sizeof *l->event);
	l->event[l->n++] = e;
}

/* Whatever has no states can only select its family. */
static uint64_t
family_of(struct chart *c, int32_t tid, int32_t pid)
{
	return tasklist_ids(&c->tasks, tid, pid, TASKLIST_FAMILY);
}

static void
add_fork(struct chart *c, struct event e, const struct rec *r)
{
	uint64_t family =
	    family_of(c, r->tid, r->pid) | family_of(c, r->fork.child_tid, r->fork.child_pid);

	e.tid = r->fork.child_tid;
	e.what = (uint32_t)(r->tid >= 0 ? r->tid : r->pid);
	e.family = family != 0 ? ALWAYS : NO_FAMILY;
	add(c->lineage, e);
}

static void
add_comm(struct chart *c, struct event e, const struct rec *r)
{
	uint64_t named = tasklist_name(&c->tasks, r->comm.name, TASKLIST_FAMILY);

	e.kind = COMM;
	e.tid = r->tid;
	e.exec = str_eq(r->comm.how, STR("exec"));
	e.what = name_of(c->lineage, r->comm.name);
	e.family = family_of(c, r->tid, r->pid) != 0 ? ALWAYS : named != 0 ? FROM_THEN : NO_FAMILY;
	add(c->lineage, e);
}

void
chart_lineage_add(struct chart *c, uint32_t machine, const struct rec *r)
{
	struct event e = { .machine = machine, .t = r->t };

	if (r->kind == REC_FORK)
		add_fork(c, e, r);
	else if (r->tid >= 0)
		add_comm(c, e, r);
}

static int
by_life(const void *a, const void *b, void *names)
{
	const struct event *x = a, *y = b;
	int d = ORDER(x->machine, y->machine);

	d = d != 0 ? d : ORDER(x->tid, y->tid);
	d = d != 0 ? d : ORDER(x->t, y->t);
	d = d != 0 ? d : ORDER(x->kind, y->kind);
	d = d != 0 ? d : ORDER(x->exec, y->exec);
	if (d != 0 || x->kind != COMM || x->what == y->what)
		return d != 0 ? d : ORDER(x->what, y->what);
	return chart_order(intern_str(names, x->what), intern_str(names, y->what));
}

/* --- the recorded command */

/* Is a word of a command line the program that has this name? */
static bool
is_program(struct str word, struct str name)
{
	word = str_basename(word);
	word.n = word.n < TASK_COMM_LEN - 1 ? word.n : TASK_COMM_LEN - 1;
	return word.n > 0 && str_eq(word, name);
}

/* Does a recorder's command line name a program: after --, or anywhere if there is none? */
static bool
names_program(struct str cmdline, struct str name)
{
	struct str rest = cmdline, word;
	const char *dashes;

	if (cmdline.n == 0)
		return false;
	dashes = memmem(cmdline.p, cmdline.n, " -- ", 4);
	if (dashes != NULL) {
		rest.n -= (size_t)(dashes + 4 - rest.p);
		rest.p = dashes + 4;
		return is_program(str_word(&rest), name);
	}
	while ((word = str_word(&rest)).n > 0)
		if (is_program(word, name))
			return true;
	return false;
}

/* --- lives */

static struct life *
add_life(struct chart_lineage *l, const struct event *e)
{
	l->life = mem_grow(l->life, l->nlife, &l->life_cap, sizeof *l->life);
	l->life[l->nlife] = (struct life){ .machine = e->machine,
		.tid = e->tid,
		.t = e->t,
		.parent = e->kind == FORK ? (int32_t)e->what : -1,
		.name = INTERN_NONE,
		.since = INT64_MAX,
		.path = CHART_NO_PATH };
	return &l->life[l->nlife++];
}

/* The life to which an event belongs: that of the last event, or a new one. */
static struct life *
life_of(struct chart_lineage *l, const struct event *e)
{
	struct life *last = l->nlife > 0 ? &l->life[l->nlife - 1] : NULL;

	if (last == NULL || last->machine != e->machine || last->tid != e->tid ||
	    (e->kind != COMM && last->t != e->t))
		return add_life(l, e);
	return last;
}

/* The first exec of a program that a machine's command line names, but by a child of a recorder if
 * there is one; its life is at index - 1. */
struct first_exec {
	int64_t t;
	size_t life;
	bool child;
	bool silent; /* the exec was lost */
};

/* The child of a recorder is called perf-exec until it executes the command. */
static bool
is_recorder_child(const struct chart_lineage *l, const struct life *life)
{
	return life->name != INTERN_NONE &&
	       str_eq(intern_str(&l->names, life->name), STR("perf-exec"));
}

static void
add_name(const struct chart *c, struct life *life, const struct event *e, struct first_exec *first)
{
	struct chart_lineage *l = c->lineage;
	struct str cmdline = c->rows.machine[e->machine].meta[CHART_CMDLINE];
	struct str name = intern_str(&l->names, e->what);
	bool child = is_recorder_child(l, life);

	first += e->machine;
	life->root = life->root || (e->exec && child);
	if (e->exec && names_program(cmdline, name) &&
	    (first->life == 0 || child > first->child ||
		(child == first->child && e->t < first->t)))
		*first = (struct first_exec){ e->t, (size_t)(life - l->life) + 1, child, false };
	life->name = e->what;
}

/* The exec of a recorder's child may be lost. Take its name for that of the command if no other
 * child's is known to be. */
static void
choose_silent(const struct chart *c, struct first_exec *first, const bool *known)
{
	const struct chart_lineage *l = c->lineage;
	const struct life *life;
	struct first_exec *to;
	bool named;
	size_t i;

	for (i = 0; i < l->nlife; i++) {
		life = &l->life[i];
		if (!life->silent)
			continue;
		to = &first[life->machine];
		named = names_program(c->rows.machine[life->machine].meta[CHART_CMDLINE],
		    intern_str(&l->names, life->name));
		if (!to->child && (named || (!known[life->machine] && !to->silent)))
			*to = (struct first_exec){ life->t, i + 1, named, true };
	}
}

/* Of the children of all recorders, only the one that executed the command is a root. */
static void
choose_roots(struct chart *c, const struct first_exec *first, const bool *known)
{
	struct life *life = c->lineage->life;
	const struct first_exec *of;
	size_t i;

	for (i = 0; i < c->lineage->nlife; i++, life++) {
		of = &first[life->machine];
		if (!of->child && !of->silent && known[life->machine])
			continue;
		life->root = of->life == i + 1;
		c->rows.machine[life->machine].guessed |= life->root && !of->child;
	}
}

static void
add_family(struct life *life, const struct event *e)
{
	if (e->family == ALWAYS)
		life->since = INT64_MIN;
	else if (e->family == FROM_THEN && e->t < life->since)
		life->since = e->t;
}

/* Take the lives from the events, each row's life to life_of_row, and the first exec of each
 * machine; known tells where a recorder's child executed something. */
static void
make_lives(struct chart *c, uint32_t *life_of_row, struct first_exec *first, bool *known)
{
	struct chart_lineage *l = c->lineage;
	struct life *life;
	size_t i;

	for (i = 0; i < l->n; i++) {
		life = life_of(l, &l->event[i]);
		add_family(life, &l->event[i]);
		if (l->event[i].kind == COMM)
			add_name(c, life, &l->event[i], first);
		else if (l->event[i].kind == ROW)
			life_of_row[l->event[i].what] = (uint32_t)(life - l->life);
		known[life->machine] = known[life->machine] || life->root;
	}
}

/* The life that used a tid at a time. */
static struct life *
find_life(const struct chart_lineage *l, uint32_t machine, int32_t tid, int64_t t)
{
	size_t lo = 0, hi = l->nlife, mid;
	struct life *life;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		life = &l->life[mid];
		if (life->machine < machine ||
		    (life->machine == machine &&
			(life->tid < tid || (life->tid == tid && life->t <= t))))
			lo = mid + 1;
		else
			hi = mid;
	}
	life = lo > 0 ? &l->life[lo - 1] : NULL;
	return life != NULL && life->machine == machine && life->tid == tid ? life : NULL;
}

/* --- paths */

/* Replace the numbers in a name by #; cut that of a kernel thread before what tells it from others
 * of its kind. */
static struct str
normalize(char *d, struct str name, bool kernel)
{
	size_t i, n = 0;

	for (i = 0; i < name.n; i++) {
		bool digit = name.p[i] >= '0' && name.p[i] <= '9';

		if (kernel && n > 0 && (digit || strchr("/:.", name.p[i]) != NULL))
			break;
		if (name.p[i] == '\\' && i + 1 < name.n)
			d[n++] = name.p[i++];
		else if (digit && n > 0 && d[n - 1] == '#')
			continue;
		d[n++] = digit ? '#' : name.p[i];
	}
	while (kernel && n > 1 && d[n - 1] == '-')
		n--;
	return (struct str){ d, n };
}

/* The length of the number at i of a name, in which # stands for one. */
static size_t
number_at(struct str name, size_t i)
{
	size_t n = i;

	while (n < name.n && (name.p[n] == '#' || (name.p[n] >= '0' && name.p[n] <= '9')))
		n++;
	return n - i;
}

/* Put # for the numbers in which two names differ; false if they differ in more. */
static bool
merge(struct str a, struct str b, char *d, size_t *n)
{
	size_t i = 0, j = 0, na, nb;

	for (*n = 0; i < a.n && j < b.n; i += na, j += nb) {
		na = number_at(a, i);
		nb = number_at(b, j);
		if ((na == 0) != (nb == 0) || (na == 0 && a.p[i] != b.p[j]))
			return false;
		if (na > 0 && (na != nb || memcmp(a.p + i, b.p + j, na) != 0)) {
			d[(*n)++] = '#';
			continue;
		}
		na = nb = na > 0 ? na : 1;
		memcpy(d + *n, a.p + i, na);
		*n += na;
	}
	return i == a.n && j == b.n;
}

/* Let a path have the name of one more task, but for the numbers in which the tasks differ. */
static void
name_path(struct chart *c, uint32_t path, struct str name, bool kernel)
{
	struct chart_path *p = &c->path[path];
	char d[CHART_COMM];
	size_t n;

	if (p->shown.p == NULL)
		p->shown = name;
	else if (str_eq(p->shown, name))
		return;
	else if (!kernel && merge(p->shown, name, d, &n))
		p->shown = intern_str(
		    &c->lineage->names, intern_put(&c->lineage->names, (struct str){ d, n }));
	else
		p->shown = p->name;
}

static uint32_t
path_of(struct chart *c, uint32_t parent, struct str name)
{
	struct chart_lineage *l = c->lineage;
	uint32_t key[2] = { parent, intern_put(&l->names, name) }, id;

	if (parent != CHART_NO_PATH && str_eq(c->path[parent].name, name))
		return parent;
	id = intern_put(&l->paths, (struct str){ (const char *)key, sizeof key });
	if (id == c->npath) {
		c->path = mem_grow(c->path, c->npath, &l->path_cap, sizeof *c->path);
		c->path[c->npath++] =
		    (struct chart_path){ .parent = parent, .name = intern_str(&l->names, key[1]) };
	}
	return id;
}

static void
settle(struct chart *c, struct life *life, const struct life *parent)
{
	struct chart_lineage *l = c->lineage;
	struct str name = STR("?");
	uint32_t above = CHART_NO_PATH;
	char d[CHART_COMM];
	bool kernel;

	if (life->name != INTERN_NONE)
		name = intern_str(&l->names, life->name);
	life->command = life->root || (parent != NULL && parent->command);
	if (parent != NULL && parent->since <= life->t)
		life->since = INT64_MIN;
	if (parent != NULL && parent->command && !life->root)
		above = parent->path;
	kernel = life->parent < 0 ? memchr(name.p, '/', name.n) != NULL
				  : life->parent == KTHREADD || life->tid == KTHREADD;
	kernel = kernel && !life->command;
	if (life->name == INTERN_NONE && above != CHART_NO_PATH) {
		life->path = above;
	} else {
		life->path = path_of(c, above, normalize(d, name, kernel));
		name_path(c, life->path, name, kernel);
	}
	if (parent != NULL && parent->path == life->path) {
		life->family = parent->family;
		life->below = parent->below + 1;
	} else {
		life->family = (uint32_t)(life - l->life);
	}
	life->progress = SETTLED;
}

/* Settle a life after its ancestors, of which hostile input may make a circle. */
static void
settle_family(struct chart *c, struct life *life)
{
	const struct chart_lineage *l = c->lineage;
	struct life **chain = NULL, *parent;
	size_t n = 0, cap = 0;

	while (life != NULL && life->progress == NEW) {
		life->progress = BUSY;
		chain = mem_grow(chain, n, &cap, sizeof(struct life *));
		chain[n++] = life;
		life = life->parent < 0 ? NULL : find_life(l, life->machine, life->parent, life->t);
	}
	parent = life != NULL && life->progress == SETTLED ? life : NULL;
	while (n > 0) {
		settle(c, chain[--n], parent);
		parent = chain[n];
	}
	free(chain);
}

static void
add_rows(struct chart *c)
{
	const struct chart_row *row;
	size_t i;

	for (i = 0; i < c->rows.n; i++) {
		row = &c->rows.row[i];
		if (row->key.cpu < 0)
			add(c->lineage, (struct event){ .machine = row->key.machine,
					    .tid = row->key.tid,
					    .t = row->key.birth,
					    .kind = ROW,
					    .what = (uint32_t)i });
	}
}

/* Copy from a row to its life: the name if no comm record has it (the greatest of several), and
 * from when its family is selected. */
static void
take_row(struct chart_lineage *l, struct life *life, const struct chart_row *row)
{
	struct str comm = chart_comm(row);

	life->since = row->since < life->since ? row->since : life->since;
	if (life->silent && str_eq(comm, STR("perf-exec")))
		return;
	if (is_recorder_child(l, life) && comm.n > 0 && !str_eq(comm, STR("perf-exec"))) {
		life->name = INTERN_NONE;
		life->silent = true;
	}
	if (comm.n == 0 || (life->name != INTERN_NONE && !life->named_by_row))
		return;
	if (life->name == INTERN_NONE || chart_order(comm, intern_str(&l->names, life->name)) > 0)
		life->name = name_of(l, comm);
	life->named_by_row = true;
}

/* Name each machine's recorded command: the one that started first. */
static void
name_commands(struct chart *c)
{
	const struct chart_lineage *l = c->lineage;
	int64_t *t = mem_alloc((c->rows.nmachine + 1) * sizeof *t);
	struct chart_machine *m;
	const struct life *life;
	size_t i;

	for (i = 0; i < l->nlife; i++) {
		life = &l->life[i];
		m = &c->rows.machine[life->machine];
		if (!life->root || (m->command.p != NULL && life->t >= t[life->machine]))
			continue;
		m->command = life->name != INTERN_NONE ? intern_str(&l->names, life->name)
						       : c->path[life->path].shown;
		t[life->machine] = life->t;
	}
	free(t);
}

/* Make the lives, and choose the roots among them. */
static void
find_roots(struct chart *c, uint32_t *life_of_row)
{
	struct first_exec *first = mem_alloc((c->rows.nmachine + 1) * sizeof *first);
	bool *known = mem_alloc(c->rows.nmachine + 1);
	size_t i;

	make_lives(c, life_of_row, first, known);
	for (i = 0; i < c->rows.n; i++)
		if (c->rows.row[i].key.cpu < 0)
			take_row(c->lineage, &c->lineage->life[life_of_row[i]], &c->rows.row[i]);
	choose_silent(c, first, known);
	choose_roots(c, first, known);
	free(first);
	free(known);
}

void
chart_lineage_end(struct chart *c)
{
	struct chart_lineage *l = c->lineage;
	uint32_t *life_of_row = mem_alloc((c->rows.n + 1) * sizeof *life_of_row);
	struct chart_row *row;
	struct life *life;
	size_t i;

	add_rows(c);
	if (l->n > 0)
		qsort_r(l->event, l->n, sizeof *l->event, by_life, &l->names);
	find_roots(c, life_of_row);
	for (i = 0; i < l->nlife; i++)
		settle_family(c, &l->life[i]);
	name_commands(c);
	for (i = 0; i < c->rows.n; i++) {
		row = &c->rows.row[i];
		if (row->key.cpu >= 0)
			continue;
		life = &l->life[life_of_row[i]];
		row->path = life->path;
		row->family = life->family;
		row->below = life->below;
		row->command = life->command;
		row->selected = row->selected || life->since < INT64_MAX;
	}
	free(life_of_row);
}

void
chart_lineage_free(struct chart_lineage *l)
{
	free(l->event);
	free(l->life);
	intern_free(&l->names);
	intern_free(&l->paths);
	free(l);
}
