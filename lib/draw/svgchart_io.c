/* SPDX-License-Identifier: MIT */

#include "svgchart_int.h"

static const uint64_t MAXBYTES = UINT64_MAX / 1000;

enum { MOST_KINDS = 5 };

static struct str
name_of(const struct chart_io_row *row)
{
	if (row->kind == CHART_NO_FILE)
		return STR("calls without a file");
	if (str_none(row->name))
		return row->kind == CHART_DEVICE ? STR("not known") : STR("files not known");
	return row->name;
}

/* The sums of the calls of a machine that have no file; the end of all is the end of theirs. */
static const struct chart_io_sum *
sums_of(const struct svgchart *p, uint32_t machine, const struct chart_io_sum **end)
{
	const struct chart_io *io = &p->chart->io;
	const struct chart_io_sum *sum = io->sum;

	for (*end = io->sum + io->nsum; sum < *end && sum->machine != machine;)
		sum++;
	return sum;
}

/* Name the calls without a file that took longest. */
static void
add_kinds(const struct svgchart *p, uint32_t machine, struct svg_text *t)
{
	const struct chart_io_sum *end, *sum = sums_of(p, machine, &end), *first = sum;

	for (; sum < end && sum->machine == machine && sum - first < MOST_KINDS; sum++) {
		svg_add(t, sum == first ? "" : ", ");
		svg_add_field(t, intern_str(&p->chart->io.whats, sum->what));
	}
}

static void
put_kinds(const struct svgchart *p, uint32_t machine)
{
	const struct chart_io_sum *end, *sum = sums_of(p, machine, &end), *first = sum;
	struct svg_text t;

	for (; sum < end && sum->machine == machine && sum - first < MOST_KINDS; sum++) {
		t.n = 0;
		svg_add_field(&t, intern_str(&p->chart->io.whats, sum->what));
		svg_add(&t, ": %s, ", units_exact(sum->ns).s);
		svgchart_add_count(&t, sum->n, "call");
		svg_put(p->out, "\n");
		svg_put_text(p->out, svg_str(&t));
	}
}

/* Name a row, without what all files of a folder share if it does not fit. */
static void
put_label(const struct svgchart *p, const struct chart_io_row *row, int y)
{
	int room = SVGCHART_LEFT - SVGCHART_EDGE - 8;
	struct svg_text t = { 0 };

	if (row->kind == CHART_NO_FILE)
		add_kinds(p, row->machine, &t);
	else
		svg_add_field(&t, name_of(row));
	if (svg_width(svg_str(&t), SVGCHART_FONT) > room && memchr(t.text, '/', t.n) != NULL) {
		t.n = 0;
		svg_add(&t, "\xe2\x80\xa6/");
		svg_add_field(&t, str_basename(row->name));
	}
	if (svg_fit(&t, room, SVGCHART_FONT))
		svg_label(p->out, NULL, SVGCHART_EDGE, y + 10, svg_str(&t));
}

static void
put_call(const struct svgchart *p, const struct chart_io_call *call)
{
	svg_put(p->out, "\nlongest: ");
	svg_put_field(p->out, (struct str){ call->what, call->what_n });
	svg_put(p->out, " %s by ", units_short(call->ns).s);
	svg_put_field(p->out, (struct str){ call->comm, call->comm_n });
	if (call->tid >= 0)
		svg_put(p->out, " %d", call->tid);
	svg_put(p->out, " from %s, at %s", svgchart_since(&p->scale, call->t).s,
	    units_stamp(call->t).s);
}

static void
put_title(const struct svgchart *p, const struct chart_io_row *row)
{
	struct svg_text t = { 0 };
	enum chart_state s;
	uint64_t ns;
	int i;

	svg_put(p->out, "<title>%s",
	    row->kind == CHART_DEVICE                           ? "device "
	    : row->kind == CHART_NO_FILE || str_none(row->name) ? ""
								: "file ");
	svg_put_field(p->out, name_of(row));
	for (s = CHART_IO_READ; s < CHART_LOOKS; s++) {
		ns = chart_io_total(p->chart, row, s);
		if (ns > 0)
			svg_put(p->out, "\n%s %s", svgchart_name(s), units_exact(ns).s);
	}
	svgchart_add_count(&t, row->n, row->kind == CHART_DEVICE ? "request" : "call");
	svg_add(&t, ", ");
	svgchart_add_count(&t, row->bytes, "byte");
	if (row->errors > 0) {
		svg_add(&t, ", ");
		svgchart_add_count(&t, row->errors, "error");
	}
	if (row->endless > 0) {
		svg_add(&t, ", ");
		svgchart_add_count(&t, row->endless, "request");
		svg_add(&t, " still open or without completion");
	}
	svg_put(p->out, "\n");
	svg_put_text(p->out, svg_str(&t));
	if (row->kind == CHART_NO_FILE)
		put_kinds(p, row->machine);
	for (i = 0; i < CHART_IO_LONGEST && row->longest[i].ns > 0; i++)
		put_call(p, &row->longest[i]);
	svg_put(p->out, "</title>\n");
}

static void
put_row(const struct svgchart *p, const struct chart_io_row *row, int y)
{
	put_label(p, row, y);
	svg_put(p->out, "<g class=\"io\" transform=\"translate(%d %d)\">\n", SVGCHART_LEFT, y);
	put_title(p, row);
	svg_rect(p->out, "lane", 0, 0, p->scale.plot, SVGCHART_BAR);
	svgchart_io_bar(p, row);
	svg_put(p->out, "</g>\n");
	svgchart_sum(p, 0, y + 10, units_short(row->ns - row->poll_ns).s);
	if (row->bytes > 0)
		svgchart_sum(p, 1, y + 10,
		    units_amount(row->bytes < MAXBYTES ? 1000 * row->bytes : 1000 * MAXBYTES, "B")
			.s);
}

static void
put_group(const struct svgchart *p, const struct svgchart_io *io, const char *what, const char *one)
{
	struct svg_text t = { 0 };
	size_t i;

	if (io->n + io->more == 0)
		return;
	svg_label(p->out, "more", SVGCHART_EDGE, io->y - 9, str_of(what));
	svgchart_sum(p, 0, io->y - 9, "time");
	svgchart_sum(p, 1, io->y - 9, "bytes");
	for (i = 0; i < io->n; i++)
		put_row(p, &p->chart->io.row[io->first + i], io->y + (int)i * SVGCHART_ROW);
	if (io->more == 0)
		return;
	svg_add(&t, "and ");
	svgchart_add_count(&t, io->more, one);
	svg_add(&t, ", %s in all", units_short(io->more_ns).s);
	svg_label(
	    p->out, "more", SVGCHART_EDGE, io->y + (int)io->n * SVGCHART_ROW + 10, svg_str(&t));
}

void
svgchart_io(const struct svgchart *p, const struct svgchart_part *part)
{
	put_group(p, &part->files,
	    "time in system calls, by file: the higher, the more tasks were in one", "more file");
	put_group(p, &part->no_file, "time in system calls that have no file", "more");
	put_group(p, &part->devices, "requests in flight, by block device", "more device");
}
