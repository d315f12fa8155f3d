/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "svgchart_int.h"

enum {
	HEADING = 38,
	CPU_GAP = 23,
	GROUP_GAP = 2,
	INDENT = 12,
	MAXPART = 64,
	MAXCPU = 256,
	MAXFILE = 12,
	MAXDEVICE = 8
};

/* A row that could be drawn. */
struct candidate {
	const struct chart_row *row;
	uint64_t score; /* running and waiting, ns */
	int64_t first;  /* when its process first ran */
	bool chosen;
};

struct svgchart_scale
svgchart_scale_of(const struct bins *b, int plot)
{
	uint64_t lo = b->lo < UINT64_MAX ? b->lo : UINT64_MAX - 1;

	return (struct svgchart_scale){ lo, b->hi > lo ? b->hi : lo + 1, lo, plot };
}

/* Fractions of the plot are taken of a number with 40 bits, which leaves room to multiply. */
uint64_t
svgchart_scaled(const struct svgchart_scale *s, uint64_t t)
{
	int bits = 64 - __builtin_clzll(s->hi - s->lo);

	t -= s->lo;
	return bits > 40 ? t >> (bits - 40) : t << (40 - bits);
}

int64_t
svgchart_x(const struct svgchart_scale *s, uint64_t t)
{
	uint64_t whole = svgchart_scaled(s, s->hi);

	if (t <= s->lo)
		return 0;
	if (t >= s->hi)
		return 100 * (int64_t)s->plot;
	return (int64_t)((svgchart_scaled(s, t) * 100 * (uint64_t)s->plot + whole / 2) / whole);
}

struct units
svgchart_since(const struct svgchart_scale *s, int64_t t)
{
	uint64_t at = bins_time(t);
	struct units u = units_exact(at < s->zero ? s->zero - at : at - s->zero);

	if (at < s->zero) {
		memmove(u.s + 1, u.s, sizeof u.s - 1);
		u.s[0] = '-';
	}
	return u;
}

/* By machine, the tasks before the CPUs. */
static int
by_key(const void *a, const void *b, void *rows)
{
	const struct candidate *x = a, *y = b;

	return chart_key_order(rows, &x->row->key, &y->row->key);
}

static int
by_score(const void *a, const void *b, void *rows)
{
	const struct candidate *const *x = a, *const *y = b;
	int d = ORDER((*y)->score, (*x)->score);

	return d != 0 ? d : by_key(*x, *y, rows);
}

static bool
same_process(const struct chart_row *a, const struct chart_row *b)
{
	return a->key.machine == b->key.machine && a->key.pid == b->key.pid && a->key.pid >= 0;
}

static bool
leads(const struct chart_row *row)
{
	return row->key.pid == row->key.tid;
}

/* The process that ran first comes first; in a process, the leader before the other threads. */
static int
by_place(const void *a, const void *b, void *rows)
{
	const struct candidate *x = a, *y = b;
	int d;

	if (same_process(x->row, y->row))
		d = leads(y->row) - leads(x->row);
	else
		d = ORDER(x->first, y->first);
	return d != 0 ? d : by_key(a, b, rows);
}

static bool
is_task(const struct candidate *c)
{
	return c->row->key.cpu < 0;
}

/* Mark the tasks with the highest scores; tasks that only slept if they were selected, or if there
 * are no others. */
static void
choose(const struct chart *c, struct candidate *list, size_t n, size_t most)
{
	struct candidate **best = mem_resize(NULL, n + 1, sizeof(struct candidate *));
	size_t i, tasks = 0;

	for (i = 0; i < n; i++)
		if (is_task(&list[i]) && list[i].row->selected)
			best[tasks++] = &list[i];
	qsort_r(best, tasks, sizeof(struct candidate *), by_score, (void *)&c->rows);
	for (i = 0; i < tasks && i < most; i++)
		best[i]->chosen = best[i]->score > 0 || c->tasks.n > 0 || best[0]->score == 0;
	free(best);
}

/* Find when a process first ran; choose its leader if one of its threads is chosen. */
static void
finish_process(struct candidate *list, size_t n)
{
	int64_t first = INT64_MAX;
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		first = first < list[i].row->first_run ? first : list[i].row->first_run;
		any = any || list[i].chosen;
	}
	for (i = 0; i < n; i++) {
		list[i].first = first;
		list[i].chosen = list[i].chosen || (any && leads(list[i].row));
	}
}

static struct svgchart_row *
add_row(struct svgchart_layout *l, const struct chart *c, enum svgchart_kind kind,
    const struct chart_row *row)
{
	struct svgchart_row *r = svgchart_add_row(l, kind);

	svgchart_add_member(l, c, row);
	return r;
}

/* Move the chosen tasks of a machine to the front and sort them; count the others. */
static size_t
gather(const struct chart *c, struct svgchart_part *part, struct candidate *list, size_t n)
{
	size_t i, end, chosen = 0;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && same_process(list[i].row, list[end].row);)
			end++;
		finish_process(list + i, end - i);
	}
	for (i = 0; i < n; i++) {
		if (list[i].chosen) {
			list[chosen++] = list[i];
		} else if (list[i].row->selected) {
			part->more_tasks++;
			part->more_ns += chart_total(c, list[i].row, CHART_RUNNING);
		}
	}
	qsort_r(list, chosen, sizeof *list, by_place, (void *)&c->rows);
	return chosen;
}

static void
add_tasks(struct svgchart_layout *l, const struct chart *c, struct svgchart_part *part,
    struct candidate *list, size_t n)
{
	size_t i, chosen = gather(c, part, list, n);

	for (i = 0; i < chosen; i++) {
		bool follows = i > 0 && same_process(list[i - 1].row, list[i].row);
		bool followed = i + 1 < chosen && same_process(list[i].row, list[i + 1].row);

		if (!follows && followed && !leads(list[i].row))
			add_row(l, c, SVGCHART_HEADING, list[i].row);
		add_row(l, c, SVGCHART_TASK_ROW, list[i].row)->indent =
		    (follows || followed) && !leads(list[i].row) ? INDENT : 0;
	}
}

/* The highest frequency of a CPU in any bin. */
static uint64_t
highest_freq(const struct chart *c, const struct chart_row *row)
{
	size_t n = bins_count(&c->bins), i;
	uint64_t *sum = mem_resize(NULL, 2 * n, sizeof *sum), *ns = sum + n, most = 0;
	uint32_t freq = chart_lane(row, CHART_FREQ), time = chart_lane(row, CHART_FREQ_TIME);

	bins_read(&c->bins, &freq, 1, sum);
	bins_read(&c->bins, &time, 1, ns);
	for (i = 0; i < n; i++)
		if (ns[i] > 0 && sum[i] / ns[i] > most)
			most = sum[i] / ns[i];
	free(sum);
	return most;
}

static void
add_cpus(struct svgchart_layout *l, const struct chart *c, struct svgchart_part *part,
    const struct candidate *list, size_t n)
{
	const struct chart_row *row;
	enum chart_state s;
	uint64_t khz;
	size_t i;

	part->cpu = l->nrow;
	part->ncpu = n < MAXCPU ? n : MAXCPU;
	part->more_cpus = n - part->ncpu;
	for (i = 0; i < part->ncpu; i++) {
		row = list[i].row;
		add_row(l, c, SVGCHART_CPU_ROW, row);
		for (s = CHART_C0; s <= CHART_C7; s++)
			part->cstates = part->cstates || chart_has(c, row, s);
		part->irqs = part->irqs || chart_has(c, row, CHART_IN_IRQ) ||
			     chart_has(c, row, CHART_IN_SOFTIRQ);
		if (!chart_has(c, row, CHART_FREQ_TIME))
			continue;
		part->freqs = true;
		khz = highest_freq(c, row);
		part->max_khz = khz > part->max_khz ? khz : part->max_khz;
	}
}

/* Find the rows of a kind that a machine has, and choose the first. */
static void
find_io(const struct chart *c, uint32_t machine, enum chart_io_kind kind, size_t most,
    struct svgchart_io *io)
{
	const struct chart_io_row *row = c->io.row;
	size_t i;

	for (i = 0; i < c->io.n; i++) {
		if (row[i].machine != machine || row[i].kind != kind)
			continue;
		io->first = io->n == 0 ? i : io->first;
		if (io->n < most) {
			io->n++;
		} else {
			io->more++;
			io->more_ns += row[i].ns - row[i].poll_ns;
		}
	}
}

/* Add a machine's rows; its tasks come first in the list. */
static void
add_part(struct svgchart_layout *l, const struct chart *c, const struct svgchart_groups *groups,
    struct candidate *list, size_t n)
{
	struct svgchart_part part = {
		.machine = list->row->key.machine, .first = INT64_MAX, .last = INT64_MIN
	};
	const struct chart_row *row;
	size_t tasks = 0;

	for (; tasks < n && is_task(&list[tasks]); tasks++) {
		row = list[tasks].row;
		part.first = row->first < part.first ? row->first : part.first;
		part.last = row->end > part.last ? row->end : part.last;
	}
	add_cpus(l, c, &part, list + tasks, n - tasks);
	find_io(c, part.machine, CHART_FILE, MAXFILE, &part.files);
	find_io(c, part.machine, CHART_NO_FILE, 1, &part.no_file);
	find_io(c, part.machine, CHART_DEVICE, MAXDEVICE, &part.devices);
	part.task = l->nrow;
	if (groups != NULL)
		svgchart_groups_add(groups, l, part.machine);
	else
		add_tasks(l, c, &part, list, tasks);
	part.ntask = l->nrow - part.task;
	if (part.ncpu + part.ntask + part.more_tasks == 0)
		return;
	l->part = mem_grow(l->part, l->npart, &l->part_cap, sizeof *l->part);
	l->part[l->npart++] = part;
}

/* Map the chart's rows to those of the picture. */
static void
map_rows(struct svgchart_layout *l, size_t n)
{
	const struct svgchart_row *r;
	size_t i, j;

	l->row_of = mem_alloc((n + 1) * sizeof *l->row_of);
	for (i = 0; i < l->nrow; i++) {
		r = &l->row[i];
		for (j = 0; j < r->n && r->kind != SVGCHART_HEADING; j++)
			l->row_of[l->member[r->first + j]] = (uint32_t)i + 1;
	}
}

void
svgchart_layout(struct svgchart_layout *l, const struct chart *c, size_t rows, bool grouped)
{
	struct svgchart_groups *groups = grouped ? svgchart_groups_new(c, rows) : NULL;
	struct candidate *list = mem_resize(NULL, c->rows.n + 1, sizeof *list);
	const struct chart_row *row = c->rows.row;
	size_t i, end, n = c->rows.n;

	*l = (struct svgchart_layout){ .grouped = grouped };
	for (i = 0; i < n; i++)
		list[i] = (struct candidate){ .row = &row[i],
			.score =
			    chart_total(c, &row[i], CHART_RUNNING) + svgchart_waiting(c, &row[i]) };
	if (!grouped)
		choose(c, list, n, rows);
	qsort_r(list, n, sizeof *list, by_key, (void *)&c->rows);
	for (i = 0; i < n; i = end) {
		for (end = i; end < n; end++)
			if (list[end].row->key.machine != list[i].row->key.machine)
				break;
		if (l->npart < MAXPART)
			add_part(l, c, groups, list + i, end - i);
		else
			l->more_parts++;
	}
	free(list);
	if (grouped)
		svgchart_groups_free(groups);
	map_rows(l, n);
}

int
svgchart_height(const struct svgchart_row *r)
{
	return r->kind == SVGCHART_CPU_ROW ? SVGCHART_CPU : r->tall ? SVGCHART_TALL : SVGCHART_BAR;
}

int
svgchart_cpu_height(const struct svgchart_part *part)
{
	return SVGCHART_CPU + (part->irqs ? SVGCHART_STRIP + 1 : 0) +
	       (part->cstates ? SVGCHART_STRIP + 1 : 0) + (part->freqs ? SVGCHART_FREQ + 1 : 0);
}

static int
place_io(struct svgchart_io *io, int y)
{
	io->y = y;
	if (io->n + io->more > 0)
		y += (int)(io->n + (io->more > 0)) * SVGCHART_ROW + CPU_GAP;
	return y;
}

static int
place_part(const struct svgchart_layout *l, struct svgchart_part *part, int y)
{
	size_t i;

	part->y = y;
	y += l->npart > 1 ? HEADING : 4;
	part->cpus_y = y;
	for (i = part->cpu; i < part->cpu + part->ncpu; i++) {
		l->row[i].y = y;
		y += svgchart_cpu_height(part) + 5;
	}
	part->cpus_end = y;
	y += (part->more_cpus > 0 ? SVGCHART_ROW : 0) + CPU_GAP;
	y = place_io(&part->no_file, place_io(&part->files, y));
	y = place_io(&part->devices, y);
	part->tasks_y = y;
	for (i = part->task; i < part->task + part->ntask; i++) {
		if (i > part->task && l->row[i].indent == 0)
			y += GROUP_GAP;
		l->row[i].y = y;
		y += SVGCHART_ROW - SVGCHART_BAR + svgchart_height(&l->row[i]);
	}
	part->tasks_end = y;
	part->end = y + (part->more_tasks > 0 ? SVGCHART_ROW : 0) + 4;
	return part->end;
}

int
svgchart_place(struct svgchart_layout *l, int y)
{
	size_t i;

	for (i = 0; i < l->npart; i++)
		y = place_part(l, &l->part[i], y);
	l->more_y = y;
	return y + (l->more_parts > 0 ? SVGCHART_ROW : 0);
}

void
svgchart_layout_free(struct svgchart_layout *l)
{
	free(l->row);
	free(l->member);
	free(l->row_of);
	free(l->part);
}
