/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

/*
 * The weight of a task is 50 % its share of all running time of its machine, 40 % its share of all
 * waiting for a CPU, 10 % its share of all uninterruptible time. The tasks of one path are a group.
 * A group has a row if it weighs 0.1 % or more; at most half of the rows are for that. The others
 * are spent where a row shows most weight: on laying the tasks of a group out in lanes, one after
 * the other, or on a row for the heaviest task of a group.
 *
 * A group of the command that is above one with a row in the tree has a row, however light it is.
 * If no task of a path above has states, there is a heading.
 */
enum {
	LEAST_GROUP = 1000, /* the least weight of a group with a row: 1/1000 of all */
	LEAST_TASK = 4000,  /* 1/4000: what a row for one more task must exceed */
	ALIKE = 100, /* 1/100: the least weight of a task for a row once MAXALIKE tasks of its group
			have theirs */
	MAXALIKE = 12,
	MAXLANES = 8,
	TALL = 20, /* 1/20: the least weight of a group whose aggregate row is tall */
	INDENT = 8,
	MAXDEPTH = 4,
	MAXHEADING = 24
};

struct task {
	const struct chart_row *row;
	uint64_t weight;
	uint32_t lane;  /* or its place by weight */
	uint32_t place; /* the least lane of its family */
};

enum layout {
	AGGREGATE, /* the heaviest tasks have rows, the others share one */
	LANES,
	OTHERS
};

struct group {
	struct task *task; /* the heaviest first */
	size_t n, top;     /* of which the first have rows */
	uint64_t weight;
	size_t lanes; /* MAXLANES + 1 if it needs more than MAXLANES */
	enum layout layout;
};

struct svgchart_groups {
	const struct chart *chart;
	struct task *task;
	size_t ntask;
	struct group *group;
	size_t n;
	uint64_t *weight; /* of all tasks of a machine */
};

static uint64_t
share(uint64_t ns, uint64_t all)
{
	return all == 0 ? 0 : (uint64_t)(((energy_int)ns << 32) / all);
}

static uint64_t
wait_of(const struct chart *c, const struct chart_row *row)
{
	return chart_total(c, row, CHART_PREEMPTED) + chart_total(c, row, CHART_RUNNABLE);
}

static void
weigh(struct svgchart_groups *g)
{
	const struct chart *c = g->chart;
	struct sums {
		uint64_t run, wait, block;
	} *all = mem_alloc((c->rows.nmachine + 1) * sizeof *all), *sum;
	const struct chart_row *row;
	size_t i;

	for (i = 0; i < g->ntask; i++) {
		row = g->task[i].row;
		sum = &all[row->key.machine];
		sum->run += chart_total(c, row, CHART_RUNNING);
		sum->wait += wait_of(c, row);
		sum->block += chart_total(c, row, CHART_UNINTERRUPTIBLE);
	}
	for (i = 0; i < g->ntask; i++) {
		row = g->task[i].row;
		sum = &all[row->key.machine];
		g->task[i].weight = 5 * share(chart_total(c, row, CHART_RUNNING), sum->run) +
				    4 * share(wait_of(c, row), sum->wait) +
				    share(chart_total(c, row, CHART_UNINTERRUPTIBLE), sum->block);
		g->weight[row->key.machine] += g->task[i].weight;
	}
	free(all);
}

/* The weight of all tasks of a group's machine. */
static uint64_t
whole(const struct svgchart_groups *g, const struct group *group)
{
	return g->weight[group->task->row->key.machine];
}

static bool
same_group(const struct chart_row *a, const struct chart_row *b)
{
	return a->key.machine == b->key.machine && a->command == b->command && a->path == b->path &&
	       a->vcpu == b->vcpu;
}

static int
by_weight(const void *a, const void *b, void *rows)
{
	const struct task *x = a, *y = b;
	int d = ORDER(y->weight, x->weight);

	return d != 0 ? d : chart_key_order(rows, &x->row->key, &y->row->key);
}

/* Order by group, in any order of groups; in a group, the heaviest task first. */
static int
by_group(const void *a, const void *b, void *rows)
{
	const struct task *x = a, *y = b;
	int d = ORDER(x->row->key.machine, y->row->key.machine);

	d = d != 0 ? d : ORDER(y->row->command, x->row->command);
	d = d != 0 ? d : ORDER(x->row->path, y->row->path);
	d = d != 0 ? d : ORDER(x->row->vcpu, y->row->vcpu);
	return d != 0 ? d : by_weight(a, b, rows);
}

/* A group of the recorded command itself is never among the others. */
static bool
is_command(const struct chart *c, const struct group *group)
{
	const struct chart_row *row = group->task->row;

	return row->command && c->path[row->path].parent == CHART_NO_PATH;
}

/* The heaviest group first; groups as heavy by their heaviest tasks, which differ. */
static int
by_group_weight(const void *a, const void *b, void *rows)
{
	const struct group *x = a, *y = b;
	int d = ORDER(y->weight, x->weight);

	return d != 0 ? d : by_weight(x->task, y->task, rows);
}

/* Recorded commands, then the heaviest group. */
static int
by_need(const void *a, const void *b, void *chart)
{
	const struct chart *c = chart;
	int d = is_command(c, b) - is_command(c, a);

	return d != 0 ? d : by_group_weight(a, b, (void *)&c->rows);
}

static int
by_first(const void *a, const void *b, void *rows)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;
	int d = ORDER(x->row->first, y->row->first);

	return d != 0 ? d : chart_key_order(rows, &x->row->key, &y->row->key);
}

/* Give each task of a group the first lane that is free when it starts. */
static void
pack(struct group *group, const struct chart *c)
{
	struct task **order = mem_resize(NULL, group->n, sizeof(struct task *));
	int64_t end[MAXLANES + 1] = { 0 };
	size_t i, lane;

	for (i = 0; i < group->n; i++)
		order[i] = &group->task[i];
	qsort_r(order, group->n, sizeof(struct task *), by_first, (void *)&c->rows);
	for (i = 0; i < group->n && group->lanes <= MAXLANES; i++) {
		for (lane = 0; lane < group->lanes && end[lane] > order[i]->row->first; lane++)
			;
		group->lanes += lane == group->lanes;
		order[i]->lane = (uint32_t)lane;
		end[lane] = order[i]->row->end;
	}
	free(order);
}

static void
make_groups(struct svgchart_groups *g)
{
	const struct chart *c = g->chart;
	struct group *group = NULL;
	size_t i, cap = 0;

	qsort_r(g->task, g->ntask, sizeof *g->task, by_group, (void *)&c->rows);
	for (i = 0; i < g->ntask; i++) {
		if (i == 0 || !same_group(g->task[i - 1].row, g->task[i].row)) {
			g->group = mem_grow(g->group, g->n, &cap, sizeof *g->group);
			group = &g->group[g->n++];
			*group = (struct group){ .task = &g->task[i] };
		}
		group->n++;
		group->weight += g->task[i].weight;
	}
	if (g->n > 0)
		qsort_r(g->group, g->n, sizeof *g->group, by_need, (void *)c);
}

/* A way to spend rows. */
struct step {
	struct group *group;
	bool lanes; /* else a row for the heaviest task that has none */
	size_t rows;
	uint64_t gain; /* weight for each row */
};

static void
consider(struct step *best, struct step s, size_t left)
{
	if (s.rows <= left && s.gain > best->gain)
		*best = s;
}

/* Consider to lay a group out in lanes, and to take its heaviest task out of its row: with one task
 * left, both then have rows. */
static void
consider_group(const struct svgchart_groups *g, struct group *group, size_t left, struct step *best)
{
	const struct task *t = &group->task[group->top];
	struct step lanes = { group, true, group->lanes - 1, group->weight };
	struct step peel = { group, false, 1, 0 };

	if (group->layout != AGGREGATE || group->n - group->top < 2)
		return;
	if (group->top == 0 && group->lanes <= MAXLANES) {
		lanes.gain = lanes.rows == 0 ? 100 * group->weight : group->weight / lanes.rows;
		consider(best, lanes, left);
	}
	if (group->top >= MAXALIKE && t->weight < whole(g, group) / ALIKE)
		return;
	peel.gain = t->weight + (group->n - group->top == 2 ? t[1].weight : 0);
	if (peel.gain > whole(g, group) / LEAST_TASK)
		consider(best, peel, left);
}

static void
spend_rows(struct svgchart_groups *g, size_t shown, size_t left)
{
	struct step best;
	size_t i;

	for (;;) {
		best = (struct step){ 0 };
		for (i = 0; i < shown; i++)
			consider_group(g, &g->group[i], left, &best);
		if (best.group == NULL)
			return;
		left -= best.rows;
		if (best.lanes)
			best.group->layout = LANES;
		else
			best.group->top++;
	}
}

/* --- the rows of a machine */

/* The number of names above a path. */
static int
depth_of(const struct chart *c, uint32_t path)
{
	int n = 0;

	while ((path = c->path[path].parent) != CHART_NO_PATH)
		n++;
	return n;
}

static int
indent_of(const struct chart *c, uint32_t path)
{
	int depth = depth_of(c, path);

	return INDENT * (depth < MAXDEPTH ? depth : MAXDEPTH);
}

/* Compare paths name by name, from the top. */
static int
path_order(const struct chart *c, uint32_t a, uint32_t b)
{
	const struct chart_path *path = c->path;
	int na = depth_of(c, a), nb = depth_of(c, b), i;
	int d = ORDER(na, nb);

	for (i = na; i > nb; i--)
		a = path[a].parent;
	for (i = nb; i > na; i--)
		b = path[b].parent;
	if (a == b)
		return d;
	while (path[a].parent != path[b].parent) {
		a = path[a].parent;
		b = path[b].parent;
	}
	return chart_order(path[a].name, path[b].name);
}

/* By machine; the command and what it started as a tree, the others by weight. */
static int
by_place(const void *a, const void *b, void *chart)
{
	const struct group *x = a, *y = b;
	const struct chart *c = chart;
	const struct chart_row *rx = x->task->row, *ry = y->task->row;
	int d = ORDER(rx->key.machine, ry->key.machine);

	d = d != 0 ? d : ORDER(ry->command, rx->command);
	d = d != 0 ? d : ORDER(x->layout == OTHERS, y->layout == OTHERS);
	if (d == 0 && rx->command && x->layout != OTHERS)
		d = path_order(c, rx->path, ry->path);
	return d != 0 ? d : by_group_weight(a, b, (void *)&c->rows);
}

/* Give the groups above those that are shown a row each, as far as some are left. Returns their
 * number. */
static size_t
show_ancestors(struct svgchart_groups *g, size_t shown, size_t left)
{
	const struct chart_path *path = g->chart->path;
	bool *above = mem_alloc(g->chart->npath + 1);
	const struct chart_row *row;
	size_t i, n = 0;
	uint32_t at;

	for (i = 0; i < shown; i++)
		if (g->group[i].task->row->command)
			for (at = path[g->group[i].task->row->path].parent;
			     at != CHART_NO_PATH && !above[at]; at = path[at].parent)
				above[at] = true;
	for (i = shown; i < g->n && n < left; i++) {
		row = g->group[i].task->row;
		if (!row->command || !above[row->path])
			continue;
		g->group[i].layout = AGGREGATE;
		n++;
	}
	free(above);
	return n;
}

/* The number of tasks of a group that have rows of their own. */
static size_t
with_rows(const struct group *group)
{
	bool each = group->layout == LANES && group->lanes == group->n;

	return each || group->n - group->top < 2 ? group->n : group->top;
}

static int
by_family(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	int d = ORDER(x->place, y->place);

	d = d != 0 ? d : ORDER(x->row->below, y->row->below);
	return d != 0 ? d : ORDER(x->lane, y->lane);
}

/* Put tasks with rows below those that started them. */
static void
order_families(struct group *group)
{
	size_t n = with_rows(group), i, j;
	struct task *task = group->task;

	for (i = 0; i < n && group->layout == AGGREGATE; i++)
		task[i].lane = (uint32_t)i;
	for (i = 0; i < n; i++)
		for (task[i].place = task[i].lane, j = 0; j < n; j++)
			if (task[j].row->family == task[i].row->family &&
			    task[j].lane < task[i].place)
				task[i].place = task[j].lane;
	qsort(task, n, sizeof *task, by_family);
}

struct svgchart_groups *
svgchart_groups_new(const struct chart *c, size_t rows)
{
	struct svgchart_groups *g = mem_alloc(sizeof *g);
	size_t i, shown, others = 2 * c->rows.nmachine, left;

	g->chart = c;
	g->task = mem_alloc((c->rows.n + 1) * sizeof *g->task);
	g->weight = mem_alloc((c->rows.nmachine + 1) * sizeof *g->weight);
	for (i = 0; i < c->rows.n; i++)
		if (c->rows.row[i].key.cpu < 0 && c->rows.row[i].selected)
			g->task[g->ntask++].row = &c->rows.row[i];
	weigh(g);
	make_groups(g);
	for (shown = 0; shown < g->n && shown < (rows + 1) / 2; shown++) {
		if (!is_command(c, &g->group[shown]) &&
		    g->group[shown].weight < whole(g, &g->group[shown]) / LEAST_GROUP)
			break;
		pack(&g->group[shown], c);
	}
	for (i = shown; i < g->n; i++)
		g->group[i].layout = OTHERS;
	left = rows > shown + others ? rows - shown - others : 0;
	left -= show_ancestors(g, shown, left);
	spend_rows(g, shown, left);
	for (i = 0; i < g->n; i++)
		if (g->group[i].layout != OTHERS)
			order_families(&g->group[i]);
	if (g->n > 0)
		qsort_r(g->group, g->n, sizeof *g->group, by_place, (void *)c);
	return g;
}

/* Add headings for the paths above a group that have none, and no row. */
static void
add_headings(
    struct svgchart_layout *l, const struct chart *c, const struct group *group, bool *has_row)
{
	uint32_t above[MAXHEADING], at = group->task->row->path;
	struct svgchart_row *r;
	size_t n = 0;

	if (!group->task->row->command)
		return;
	has_row[at] = true;
	while (n < MAXHEADING && (at = c->path[at].parent) != CHART_NO_PATH && !has_row[at])
		above[n++] = at;
	while (n-- > 0) {
		r = svgchart_add_row(l, SVGCHART_HEADING);
		r->name = c->path[above[n]].shown;
		r->indent = indent_of(c, above[n]);
		has_row[above[n]] = true;
	}
}

static struct svgchart_row *
add_row(struct svgchart_layout *l, const struct chart *c, const struct task *t)
{
	struct svgchart_row *r = svgchart_add_row(l, SVGCHART_TASK_ROW);

	r->name = chart_comm(t->row);
	r->indent = t->row->command ? indent_of(c, t->row->path) : 0;
	svgchart_add_member(l, c, t->row);
	return r;
}

/* Add a task to the last row, which then has the name of its path if the tasks have several. */
static void
add_task(struct svgchart_layout *l, const struct chart *c, const struct task *t)
{
	struct svgchart_row *r = &l->row[l->nrow - 1];

	svgchart_add_member(l, c, t->row);
	if (!str_eq(r->name, chart_comm(t->row)))
		r->name = c->path[t->row->path].shown;
}

/* Add a row for each lane. */
static void
add_lanes(struct svgchart_layout *l, const struct chart *c, const struct group *group)
{
	size_t lane, i, n;

	for (lane = 0; lane < group->lanes; lane++)
		for (n = 0, i = 0; i < group->n; i++) {
			if (group->task[i].lane != lane)
				continue;
			if (n++ == 0)
				add_row(l, c, &group->task[i]);
			else
				add_task(l, c, &group->task[i]);
		}
}

/* How much further right a task is than the first one of its family. */
static int
indent_below(const struct group *group, size_t i)
{
	const struct task *first = &group->task[i];
	uint32_t n;

	while (first > group->task && first[-1].row->family == first->row->family)
		first--;
	n = group->task[i].row->below - first->row->below;
	return INDENT * (int)(n < MAXDEPTH ? n : MAXDEPTH);
}

/* Rows for the heaviest tasks, one for all others. */
static void
add_aggregate(struct svgchart_layout *l, const struct svgchart_groups *g, const struct group *group)
{
	size_t top = with_rows(group), i;
	struct svgchart_row *r;

	for (i = 0; i < top; i++) {
		r = add_row(l, g->chart, &group->task[i]);
		r->indent += indent_below(group, i);
	}
	if (i == group->n)
		return;
	r = add_row(l, g->chart, &group->task[i]);
	r->kind = SVGCHART_AGGREGATE;
	r->tall = group->weight > 0 && group->weight >= whole(g, group) / TALL;
	while (++i < group->n)
		add_task(l, g->chart, &group->task[i]);
}

/* One row for all tasks of some groups. */
static void
add_others(struct svgchart_layout *l, const struct chart *c, const struct group *group, size_t n)
{
	struct svgchart_row *r = svgchart_add_row(l, SVGCHART_OTHERS);
	const struct chart_row *first = group->task->row;
	size_t i, j;

	if (n == 1 && group->n == 1)
		r->kind = SVGCHART_TASK_ROW;
	if (first->command)
		r->name = c->rows.machine[first->key.machine].command;
	for (i = 0; i < n; i++)
		for (j = 0; j < group[i].n; j++)
			svgchart_add_member(l, c, group[i].task[j].row);
}

void
svgchart_groups_add(const struct svgchart_groups *g, struct svgchart_layout *l, uint32_t machine)
{
	bool *has_row = mem_alloc(g->chart->npath + 1);
	const struct group *group;
	size_t i, n;

	for (i = 0; i < g->n; i += n) {
		group = &g->group[i];
		n = 1;
		if (group->task->row->key.machine != machine)
			continue;
		if (group->layout != OTHERS)
			add_headings(l, g->chart, group, has_row);
		if (group->layout == LANES && group->lanes < group->n)
			add_lanes(l, g->chart, group);
		else if (group->layout != OTHERS)
			add_aggregate(l, g, group);
		for (n = 0; i + n < g->n && group[n].layout == OTHERS &&
			    group[n].task->row->key.machine == machine &&
			    group[n].task->row->command == group->task->row->command;)
			n++;
		if (n > 0)
			add_others(l, g->chart, group, n);
		n = n > 0 ? n : 1;
	}
	free(has_row);
}

void
svgchart_groups_free(struct svgchart_groups *g)
{
	free(g->task);
	free(g->group);
	free(g->weight);
	free(g);
}
