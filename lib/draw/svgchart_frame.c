/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "svgchart_int.h"

enum { TICK_GAP = 64 };

/* host debian, Linux 6.18.44 x86_64, 2 CPUs */
static void
add_machine(struct svg_text *t, const struct svgchart *p, const struct svgchart_part *part)
{
	const struct chart_machine *m = &p->chart->rows.machine[part->machine];
	static const struct {
		enum chart_meta meta;
		const char *before;
	} parts[] = { { CHART_HOSTNAME, " " }, { CHART_OSRELEASE, ", Linux " }, { CHART_ARCH, " " },
		{ CHART_CLOCK_UNIT, ", 1 ns stands for 1 " } };
	size_t i;

	svg_add_field(t, m->name);
	for (i = 0; i < sizeof parts / sizeof *parts; i++)
		if (m->meta[parts[i].meta].p != NULL) {
			svg_add(t, "%s", parts[i].before);
			svg_add_field(t, m->meta[parts[i].meta]);
		}
	if (part->ncpu > 0) {
		svg_add(t, ", ");
		svgchart_add_count(t, part->ncpu + part->more_cpus, "CPU");
	}
	if (m->lost > 0) {
		svg_add(t, ", ");
		svgchart_add_count(t, m->lost, "event");
		svg_add(t, " lost");
	} else if (m->losses > 0) {
		svg_add(t, ", events lost");
	}
	if (m->guessed && m->losses > 0)
		svg_add(t, ", another command may have been recorded");
	if (m->missing.p != NULL) {
		svg_add(t, ", ");
		svg_add_field(t, m->missing);
		svg_add(t, ": tasks that ran or died may seem to wait");
	}
}

/* Add the recorded command of a machine; false if it is not known. */
static bool
add_command(struct svg_text *t, const struct svgchart *p, uint32_t machine)
{
	struct str cmdline = p->chart->rows.machine[machine].meta[CHART_CMDLINE];
	const char *at;

	if (cmdline.p == NULL)
		return false;
	if ((at = memmem(cmdline.p, cmdline.n, " -- ", 4)) != NULL) {
		cmdline.n -= (size_t)(at + 4 - cmdline.p);
		cmdline.p = at + 4;
	}
	svg_add_field(t, cmdline);
	return true;
}

/* What was recorded, as far as it is known: the commands of all machines, each once. */
static void
add_subject(struct svg_text *t, const struct svgchart *p)
{
	const struct svgchart_layout *l = &p->rows;
	size_t i, n = l->npart > 0 ? l->npart : p->chart->rows.nmachine;
	struct svg_text last = { 0 }, next;

	for (i = 0; i < n; i++) {
		next.n = 0;
		if (!add_command(&next, p, l->npart > 0 ? l->part[i].machine : (uint32_t)i) ||
		    str_eq(svg_str(&next), svg_str(&last)))
			continue;
		svg_add(t, "%s%.*s", last.n > 0 ? " | " : "", (int)next.n, next.text);
		last = next;
	}
	if (last.n == 0)
		svg_add(t, l->npart > 0 ? "What the tasks did" : "What the machine used");
}

static void
add_range(struct svg_text *t, const struct svgchart *p)
{
	svg_add(t, "%s from %s", units_short(p->scale.hi - p->scale.lo).s,
	    units_stamp(bins_signed(p->scale.lo)).s);
}

/* What lacks, the machine if there is one, the time and the number of tasks. */
static void
add_more(struct svg_text *t, const struct svgchart *p)
{
	if (chart_lack(p->chart) != NULL)
		svg_add(t, "%s; ", chart_lack(p->chart));
	if (p->rows.npart == 1) {
		add_machine(t, p, p->rows.part);
		svg_add(t, ", ");
	}
	add_range(t, p);
	if (p->rows.npart > 0) {
		svg_add(t, ", ");
		svgchart_add_count(t, p->tasks, "task");
	}
}

void
svgchart_page_head(const struct svgchart *p)
{
	struct svg_text t = { 0 };

	svg_put(p->out, "<h1>");
	add_subject(&t, p);
	svg_put_text(p->out, svg_str(&t));
	svg_put(p->out, "</h1><p>");
	t.n = 0;
	add_more(&t, p);
	svg_put_text(p->out, svg_str(&t));
	svg_put(p->out, "</p>\n");
}

static void
put_caption(const struct svgchart *p)
{
	struct svg_text t = { 0 };

	add_subject(&t, p);
	if (svg_fit(&t, p->width - 2 * SVGCHART_EDGE, 15))
		svg_label(p->out, "caption", SVGCHART_EDGE, 21, svg_str(&t));
	t.n = 0;
	add_more(&t, p);
	if (svg_fit(&t, p->width - 2 * SVGCHART_EDGE, SVGCHART_FONT))
		svg_label(p->out, "more", SVGCHART_EDGE, 38, svg_str(&t));
}

/* The ns between marks that are 60 pixels apart or more: 1, 2 or 5 times a power of ten. */
static uint64_t
tick_step(const struct svgchart_scale *s)
{
	uint64_t least = (s->hi - s->lo) / (uint64_t)(s->plot / TICK_GAP + 1), step = 1;
	int i;

	for (i = 0; step < least && step < UINT64_MAX / 10; i++)
		step = i % 3 == 1 ? step / 2 * 5 : 2 * step;
	return step;
}

void
svgchart_axis(const struct svgchart *p, const struct svgchart_scale *s, int y, int end)
{
	uint64_t step = tick_step(s), n = (s->hi - s->zero) / step;
	uint64_t first = (s->lo - s->zero) / step + ((s->lo - s->zero) % step > 0), i;
	bool below = end - y > 500;
	struct str mark;
	int x;

	svg_put(p->out, "<path class=\"grid\" d=\"");
	for (i = first; i <= n; i++)
		svg_put(p->out, "M%d.5 %dV%d",
		    SVGCHART_LEFT + (int)(svgchart_x(s, s->zero + i * step) / 100), y - 3,
		    end + (below ? 3 : 0));
	svg_put(p->out, "\"/>\n");
	for (i = first; i <= n; i++) {
		struct units u = units_mark(i * step, step, s->hi - s->zero);

		x = (int)(svgchart_x(s, s->zero + i * step) / 100);
		if (x > s->plot - 16)
			break;
		mark = str_of(u.s);
		svg_label(p->out, "tick", x + SVGCHART_LEFT, y - 7, mark);
		if (below)
			svg_label(p->out, "tick", x + SVGCHART_LEFT, end + 14, mark);
	}
}

static void
put_title(const struct svgchart *p)
{
	struct svg_text t = { 0 };

	add_subject(&t, p);
	if (p->rows.npart > 0) {
		svg_add(&t, ": ");
		add_machine(&t, p, p->rows.part);
	}
	svg_add(&t, ", ");
	add_range(&t, p);
	svg_put(p->out, "<title>");
	svg_put_text(p->out, svg_str(&t));
	svg_put(p->out, "</title>\n");
}

void
svgchart_head(const struct svgchart *p)
{
	svg_put(p->out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
	    " viewBox=\"0 0 %d %d\">\n",
	    p->width, p->height, p->width, p->height);
	put_title(p);
	svgchart_style(p);
	svg_rect(p->out, "page", 0, 0, p->width, p->height);
	put_caption(p);
	svgchart_legend(p, SVGCHART_HEAD, true);
	svgchart_axis(p, &p->scale, p->axis_y, p->plot_end);
}

void
svgchart_sum(const struct svgchart *p, int column, int y, const char *s)
{
	svg_label(p->out, "sum", p->width - SVGCHART_EDGE - (1 - column) * SVGCHART_SUM_GAP, y,
	    str_of(s));
}

/* Say how many things are not drawn, with an optional remark. */
static void
put_more(const struct svgchart *p, size_t n, const char *what, const char *remark, int y)
{
	struct svg_text t = { 0 };

	if (n == 0)
		return;
	svg_add(&t, "and ");
	svgchart_add_count(&t, n, what);
	svg_add(&t, "%s", remark);
	svg_label(p->out, "more", SVGCHART_EDGE, y, svg_str(&t));
}

void
svgchart_more_parts(const struct svgchart *p)
{
	put_more(p, p->rows.more_parts, "more machine", "", p->rows.more_y + 12);
}

/* Say how the rows of tasks were chosen. */
static void
put_rule(const struct svgchart *p, const struct svgchart_part *part)
{
	struct str command = p->chart->rows.machine[part->machine].command;
	struct svg_text t = { 0 };

	if (!p->rows.grouped) {
		svg_add(&t, "the tasks that ran and waited longest, by process");
	} else if (command.p != NULL) {
		svg_add_field(&t, command);
		svg_add(
		    &t, " and what it started, then other tasks by the time they ran and waited");
	} else {
		svg_add(&t, "tasks by the time they ran and waited");
	}
	if (p->rows.grouped)
		svg_add(&t, "; tasks of one name share rows, the longest have their own");
	if (svg_fit(&t, p->width - SVGCHART_RIGHT - SVGCHART_EDGE, SVGCHART_FONT))
		svg_label(p->out, "more", SVGCHART_EDGE, part->tasks_y - 9, svg_str(&t));
}

void
svgchart_part_frame(const struct svgchart *p, const struct svgchart_part *part)
{
	struct svg_text t = { 0 }, command;
	char remark[64];

	if (p->rows.npart > 1) {
		add_machine(&t, p, part);
		if (part->first < part->last)
			svg_add(&t, ", %s from %s",
			    units_short((uint64_t)part->last - (uint64_t)part->first).s,
			    units_stamp(part->first).s);
		command.n = 0;
		if (add_command(&command, p, part->machine))
			svg_add(&t, ": %.*s", (int)command.n, command.text);
		if (svg_fit(&t, p->width - 2 * SVGCHART_EDGE, 12))
			svg_label(p->out, "head", SVGCHART_EDGE, part->y + 16, svg_str(&t));
	}
	if (part->ncpu > 0) {
		svgchart_sum(p, 0, part->cpus_y - 5, "busy");
		svgchart_sum(p, 1, part->cpus_y - 5, "share");
	}
	if (part->ntask > 0) {
		put_rule(p, part);
		svgchart_sum(p, 0, part->tasks_y - 9, "running");
		svgchart_sum(p, 1, part->tasks_y - 9, "waiting");
	}
	snprintf(remark, sizeof remark, ", %s running in all", units_short(part->more_ns).s);
	put_more(p, part->more_cpus, "more CPU", "", part->cpus_end + 10);
	put_more(p, part->more_tasks, "more task", remark, part->tasks_end + 12);
}

/* What follows a name in a label. */
static void
put_grey(const struct svgchart *p, const struct svg_text *t)
{
	svg_put(p->out, " <tspan class=\"n\">");
	svg_put_text(p->out, svg_str(t));
	svg_put(p->out, "</tspan>");
}

/* The length of the recording of a CPU's machine. */
static uint64_t
span_of(const struct svgchart *p, const struct svgchart_row *r)
{
	const struct svgchart_part *part = p->rows.part;

	while (r >= p->rows.row + part->cpu + part->ncpu)
		part++;
	if (p->rows.npart < 2 || part->first >= part->last)
		return p->scale.hi - p->scale.lo;
	return (uint64_t)part->last - (uint64_t)part->first;
}

static void
put_cpu_label(const struct svgchart *p, const struct svgchart_row *r)
{
	uint64_t busy = 0, share, span = span_of(p, r);
	bool known;
	const struct chart_key *key = &svgchart_member(p, r, 0)->key;
	struct str machine = p->chart->rows.machine[key->machine].name;
	struct svg_text t = { 0 }, name = { 0 };
	int room = SVGCHART_LEFT - SVGCHART_EDGE - 13;
	enum chart_state s;
	char percent[32];

	for (s = CHART_CPU_RUNNING; s <= CHART_CPU_RUNNING3; s++)
		busy += svgchart_total(p, r, s);
	known = busy + svgchart_total(p, r, CHART_CPU_IDLE) > 0;
	svg_add(&t, "CPU %d", key->cpu);
	svg_put(p->out, "<text x=\"%d\" y=\"%d\">", SVGCHART_EDGE, r->y + 14);
	svg_put_text(p->out, svg_str(&t));
	if (p->rows.npart > 1 && !str_eq(machine, STR("host"))) {
		room -= svg_width(svg_str(&t), SVGCHART_FONT);
		svg_add_field(&name, machine);
		if (svg_fit(&name, room, SVGCHART_FONT))
			put_grey(p, &name);
	}
	svg_put(p->out, "</text>\n");
	svgchart_sum(p, 0, r->y + 14, known ? units_short(busy).s : "?");
	share = busy > UINT64_MAX / 100 ? busy / (span / 100 + 1) : 100 * busy / span;
	snprintf(percent, sizeof percent, "%llu%%", (unsigned long long)share);
	svgchart_sum(p, 1, r->y + 14, known ? percent : "?");
}

static bool
is_one_task(const struct svgchart_row *r)
{
	return r->n == 1 && r->kind != SVGCHART_AGGREGATE && r->kind != SVGCHART_OTHERS;
}

/* What tells rows of one name apart: the id of a task, the guest and number of a vCPU, the number
 * of several tasks. */
static void
add_number(struct svg_text *t, const struct svgchart *p, const struct svgchart_row *r)
{
	const struct chart_row *row = svgchart_member(p, r, 0);
	bool heading = r->kind == SVGCHART_HEADING && row->key.pid >= 0;
	const struct chart_vcpu *v = chart_vcpu(p->chart, row);
	int32_t id = heading ? row->key.pid : row->key.tid;

	if (!is_one_task(r)) {
		svg_add(t, "\xc3\x97%s", units_count(r->n).s);
		return;
	}
	if (v == NULL || heading) {
		if (id >= 0)
			svg_add(t, "%d", id);
		return;
	}
	if (v->vcpu < 0 && id != row->key.pid)
		svg_add(t, "%d of ", id);
	svg_add_field(t, v->guest);
	if (v->vcpu >= 0)
		svg_add(t, " vCPU %d", v->vcpu);
	else if (id == row->key.pid)
		svg_add(t, " vCPU");
}

static void
put_task_name(const struct svgchart *p, const struct svgchart_row *r)
{
	struct str name = is_one_task(r) ? chart_comm(svgchart_member(p, r, 0)) : r->name;
	int x = SVGCHART_EDGE + r->indent, room = SVGCHART_LEFT - x - 8;
	struct svg_text t = { 0 }, number = { 0 };

	if (r->n > 0)
		add_number(&number, p, r);
	if (r->kind == SVGCHART_OTHERS)
		svg_add(&t, r->name.p != NULL ? "others of " : "others");
	if (name.n > 0)
		svg_add_field(&t, name);
	else if (r->kind != SVGCHART_OTHERS)
		svg_add(&t, "?");
	svg_fit(&number, room, SVGCHART_FONT);
	room -= svg_width(svg_str(&number), SVGCHART_FONT) + 5;
	if (!svg_fit(&t, room, SVGCHART_FONT))
		t.n = 0;
	svg_put(p->out, "<text x=\"%d\" y=\"%d\">", x, r->y + 10);
	svg_put_text(p->out, svg_str(&t));
	put_grey(p, &number);
	svg_put(p->out, "</text>\n");
}

void
svgchart_row_label(const struct svgchart *p, const struct svgchart_row *r)
{
	uint64_t waiting = 0;
	size_t i;

	if (r->kind == SVGCHART_CPU_ROW) {
		put_cpu_label(p, r);
		return;
	}
	put_task_name(p, r);
	if (r->kind == SVGCHART_HEADING)
		return;
	for (i = 0; i < r->n; i++)
		waiting += svgchart_waiting(p->chart, svgchart_member(p, r, i));
	svgchart_sum(p, 0, r->y + 10, units_short(svgchart_total(p, r, CHART_RUNNING)).s);
	svgchart_sum(p, 1, r->y + 10, units_short(waiting).s);
}
