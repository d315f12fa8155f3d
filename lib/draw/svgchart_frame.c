/* SPDX-License-Identifier: MIT */
/* What is round the rows: caption, axis, labels. */

#include "svgchart.h"
#include "units.h"

enum { EDGE = 8, TICK_GAP = 64, SUM_GAP = 60 };

static struct str
str_word(const struct svg_word *w)
{
	return (struct str){ w->text, w->n };
}

/* host debian, Linux 6.18.44 x86_64, 2 CPUs */
static void
add_machine(struct svg_word *w, const struct svgchart *p, const struct svgchart_part *part)
{
	const struct chart_machine *m = &p->chart->machine[part->machine];

	svg_add_field(w, m->name);
	if (m->meta[CHART_HOSTNAME].p != NULL) {
		svg_add(w, STR(" "));
		svg_add_field(w, m->meta[CHART_HOSTNAME]);
	}
	if (m->meta[CHART_OSRELEASE].p != NULL) {
		svg_add(w, STR(", Linux "));
		svg_add_field(w, m->meta[CHART_OSRELEASE]);
	}
	if (m->meta[CHART_ARCH].p != NULL) {
		svg_add(w, STR(" "));
		svg_add_field(w, m->meta[CHART_ARCH]);
	}
	if (part->ncpu > 0) {
		svg_add(w, STR(", "));
		svgchart_add_count(w, part->ncpu + part->more_cpus, "CPU");
	}
	if (m->lost > 0) {
		svg_add(w, STR(", "));
		svgchart_add_count(w, m->lost, "event");
		svg_add(w, STR(" lost"));
	} else if (m->losses > 0) {
		svg_add(w, STR(", events lost"));
	}
}

/* What was recorded, as far as it is known. */
static void
add_subject(struct svg_word *w, const struct svgchart *p)
{
	const struct str *meta;
	size_t i;

	for (i = 0; i < (p->npart > 0 ? p->npart : p->chart->nmachine); i++) {
		meta = p->chart->machine[p->npart > 0 ? p->part[i].machine : i].meta;
		if (meta[CHART_CMDLINE].p != NULL) {
			svg_add_field(w, meta[CHART_CMDLINE]);
			return;
		}
	}
	svg_add(w, p->npart > 0 ? STR("What the tasks did") : STR("What the machine used"));
}

static void
add_range(struct svg_word *w, const struct svgchart *p)
{
	char d[UNITS_ROOM];

	svgchart_add_short(w, p->span);
	svg_add(w, STR(" from "));
	svg_add(w, (struct str){ d, units_stamp(d, p->start) });
}

/* Of a recorder's command line, the command that was recorded. */
static void
skip_recorder(struct svg_word *w)
{
	const char *at = memmem(w->text, w->n, " -- ", 4);
	size_t skip = at != NULL ? (size_t)(at - w->text) + 4 : 0;

	w->n -= skip;
	memmove(w->text, w->text + skip, w->n);
}

static void
put_caption(struct svgchart *p)
{
	struct svg_word w = { 0 };

	add_subject(&w, p);
	skip_recorder(&w);
	if (svg_fit(&w, p->width - 2 * EDGE, 15))
		svg_text(p->out, "caption", EDGE, 21, str_word(&w));
	w.n = 0;
	if (p->npart == 1) {
		add_machine(&w, p, p->part);
		svg_add(&w, STR(", "));
	}
	add_range(&w, p);
	if (p->npart > 0) {
		svg_add(&w, STR(", "));
		svgchart_add_count(&w, p->tasks, "task");
	}
	if (svg_fit(&w, p->width - 2 * EDGE, SVGCHART_FONT))
		svg_text(p->out, "more", EDGE, 38, str_word(&w));
}

/* Marks some 60 pixels apart or more: 1, 2 or 5 of a power of ten. */
static uint64_t
tick_step(const struct svgchart *p)
{
	uint64_t least = p->span / (uint64_t)(p->plot / TICK_GAP + 1), step = 1;
	int i;

	for (i = 0; step < least && step < UINT64_MAX / 10; i++)
		step = i % 3 == 1 ? step / 2 * 5 : 2 * step;
	return step;
}

void
svgchart_axis(struct svgchart *p)
{
	uint64_t step = tick_step(p), n = p->span / step, i;
	bool below = p->plot_end - p->axis_y > 500;
	char d[UNITS_ROOM];
	int64_t x;
	size_t len;

	out_str(p->out, STR("<path class=\"grid\" d=\""));
	for (i = 0; i <= n; i++) {
		x = svgchart_x(p, (int64_t)((p->lo + i * step) ^ (uint64_t)1 << 63)) / 100;
		out_char(p->out, 'M');
		out_s64(p->out, SVGCHART_LEFT + x);
		out_str(p->out, STR(".5 "));
		out_s64(p->out, p->axis_y - 3);
		out_char(p->out, 'V');
		out_s64(p->out, p->plot_end + (below ? 3 : 0));
	}
	out_str(p->out, STR("\"/>\n"));
	for (i = 0; i <= n; i++) {
		x = svgchart_x(p, (int64_t)((p->lo + i * step) ^ (uint64_t)1 << 63)) / 100;
		len = units_mark(d, i * step, step, p->span);
		if (x > p->plot - 16)
			break;
		svg_text(
		    p->out, "tick", (int)x + SVGCHART_LEFT, p->axis_y - 7, (struct str){ d, len });
		if (below)
			svg_text(p->out, "tick", (int)x + SVGCHART_LEFT, p->plot_end + 14,
			    (struct str){ d, len });
	}
}

static void
put_title(struct svgchart *p)
{
	struct svg_word w = { 0 };

	add_subject(&w, p);
	if (p->npart > 0) {
		svg_add(&w, STR(": "));
		add_machine(&w, p, p->part);
	}
	svg_add(&w, STR(", "));
	add_range(&w, p);
	out_str(p->out, STR("<title>"));
	svg_put(p->out, str_word(&w));
	out_str(p->out, STR("</title>\n"));
}

void
svgchart_open(struct svgchart *p)
{
	out_str(p->out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<svg xmlns=\"http://www.w3.org/2000/svg\""));
	svg_attr(p->out, "width", p->width);
	svg_attr(p->out, "height", p->height);
	out_str(p->out, STR(" viewBox=\"0 0 "));
	out_s64(p->out, p->width);
	out_char(p->out, ' ');
	out_s64(p->out, p->height);
	out_str(p->out, STR("\">\n"));
	put_title(p);
	svgchart_style(p);
	svgchart_power_style(p);
	svg_rect(p->out, "page", 0, 0, p->width, p->height);
	put_caption(p);
	svgchart_legend(p, SVGCHART_HEAD, true);
	svgchart_axis(p);
}

static void
put_sum(struct svgchart *p, int column, int y, struct str s)
{
	svg_text(p->out, "sum", p->width - EDGE - (1 - column) * SUM_GAP, y, s);
}

/* What of a machine's part is not drawn, in words. */
static void
put_more(struct svgchart *p, const struct svgchart_part *part)
{
	struct svg_word w = { 0 };

	if (part->more_cpus > 0) {
		svg_add(&w, STR("and "));
		svgchart_add_count(&w, part->more_cpus, "more CPU");
		svg_text(p->out, "more", EDGE, part->cpus_end + 10, str_word(&w));
	}
	w.n = 0;
	if (part->more_tasks > 0) {
		svg_add(&w, STR("and "));
		svgchart_add_count(&w, part->more_tasks, "more task");
		svg_add(&w, STR(", "));
		svgchart_add_short(&w, part->more_ns);
		svg_add(&w, STR(" running in all"));
		svg_text(p->out, "more", EDGE, part->tasks_end + 12, str_word(&w));
	}
}

void
svgchart_part_frame(struct svgchart *p, const struct svgchart_part *part)
{
	struct svg_word w = { 0 };

	if (p->npart > 1) {
		add_machine(&w, p, part);
		if (svg_fit(&w, p->width - 2 * EDGE, 12))
			svg_text(p->out, "head", EDGE, part->y + 16, str_word(&w));
	}
	if (part->ncpu > 0) {
		put_sum(p, 0, part->cpus_y - 5, STR("busy"));
		put_sum(p, 1, part->cpus_y - 5, STR("share"));
	}
	if (part->ntask > 0) {
		put_sum(p, 0, part->tasks_y - 4, STR("running"));
		put_sum(p, 1, part->tasks_y - 4, STR("waiting"));
	}
	put_more(p, part);
}

static void
put_cpu_label(struct svgchart *p, const struct svgchart_row *r, const struct chart_row *row)
{
	uint64_t busy = 0, share;
	struct svg_word w = { 0 };
	enum chart_what what;

	for (what = CHART_CPU_RUNNING; what <= CHART_CPU_RUNNING3; what++)
		busy += chart_total(p->chart, row, what);
	svg_add(&w, STR("CPU "));
	w.n += text_put_u64(w.text + w.n, (uint64_t)row->key.cpu);
	svg_text(p->out, NULL, EDGE, r->y + 14, str_word(&w));
	w.n = 0;
	svgchart_add_short(&w, busy);
	put_sum(p, 0, r->y + 14, str_word(&w));
	share = busy > UINT64_MAX / 100 ? busy / (p->span / 100 + 1) : 100 * busy / p->span;
	w.n = text_put_u64(w.text, share);
	svg_add(&w, STR("%"));
	put_sum(p, 1, r->y + 14, str_word(&w));
}

static void
put_task_name(struct svgchart *p, const struct svgchart_row *r, const struct chart_row *row)
{
	int32_t id = r->heading && row->key.pid >= 0 ? row->key.pid : row->key.tid;
	char number[TEXT_NUMBER];
	size_t len = id >= 0 ? text_put_u64(number, (uint64_t)id) : 0;
	int x = EDGE + 12 * r->indent, room = SVGCHART_LEFT - x - 8;
	struct svg_word w = { 0 };

	room -= svg_width((struct str){ number, len }, SVGCHART_FONT) + 5;
	if (row->comm_n > 0)
		svg_add_field(&w, chart_comm(row));
	else
		svg_add(&w, STR("?"));
	svg_fit(&w, room, SVGCHART_FONT);
	out_str(p->out, STR("<text"));
	svg_attr(p->out, "x", x);
	svg_attr(p->out, "y", r->y + 10);
	out_char(p->out, '>');
	svg_put(p->out, str_word(&w));
	out_str(p->out, STR(" <tspan class=\"n\">"));
	out_bytes(p->out, number, len);
	out_str(p->out, STR("</tspan></text>\n"));
}

void
svgchart_label(struct svgchart *p, size_t i)
{
	const struct svgchart_row *r = &p->row[i];
	const struct chart_row *row = &p->chart->row[r->row];
	struct svg_word w = { 0 };

	if (row->key.cpu >= 0) {
		put_cpu_label(p, r, row);
		return;
	}
	put_task_name(p, r, row);
	if (r->heading)
		return;
	svgchart_add_short(&w, chart_total(p->chart, row, CHART_RUNNING));
	put_sum(p, 0, r->y + 10, str_word(&w));
	w.n = 0;
	svgchart_add_short(&w, svgchart_waiting(p->chart, row));
	put_sum(p, 1, r->y + 10, str_word(&w));
}
