/* SPDX-License-Identifier: MIT */
/* Stacks as lines of text, and as the one word that stands in a box. */

#include "stack.h"
#include "svgchart.h"

/* The parts of a frame's note: sym+0xOFF[ object][ @file:line]. */
static void
split_note(struct str note, struct str *symbol, struct str *object)
{
	const char *end = note.p + note.n, *blank = memchr(note.p, ' ', note.n), *p;

	*symbol = (struct str){ note.p, (size_t)((blank != NULL ? blank : end) - note.p) };
	*object = (struct str){ end, 0 };
	if (blank == NULL || blank + 1 == end || blank[1] == '@')
		return;
	p = memchr(blank + 1, ' ', (size_t)(end - blank - 1));
	*object = (struct str){ blank + 1, (size_t)((p != NULL ? p : end) - blank - 1) };
}

static struct str
basename_of(struct str path)
{
	const char *slash = memrchr(path.p, '/', path.n);

	if (slash == NULL)
		return path;
	return (struct str){ slash + 1, (size_t)(path.p + path.n - slash) - 1 };
}

static void
put_frame(struct svgchart *p, const struct stack_frame *f)
{
	struct str symbol, object;

	split_note(f->note, &symbol, &object);
	svgchart_line(p, "  ");
	if (symbol.n == 0 || str_eq(symbol, STR("?"))) {
		svgchart_put(p, "0x");
		out_hex(p->out, f->addr);
	} else {
		svg_put_field(p->out, symbol);
	}
	if (object.n == 0)
		return;
	object = basename_of(object);
	svgchart_put(p, *object.p == '[' ? " " : " (");
	svg_put_field(p->out, object);
	svgchart_put(p, *object.p == '[' ? "" : ")");
}

/* A stack, a frame a line, at most so many. */
void
svgchart_put_stack(struct svgchart *p, uint32_t machine, struct str stack, int max)
{
	struct stack_walk w;
	struct stack_frame f;
	int n = 0;

	stack = chart_stack(p->chart, machine, stack);
	if (max == 0 || str_none(stack))
		return;
	for (w = stack_walk(stack); stack_next(&w, &f); n++)
		if (n < max)
			put_frame(p, &f);
	if (n <= max)
		return;
	svgchart_line(p, "  and ");
	out_s64(p->out, n - max);
	svgchart_put(p, " more");
}

/* Frames that only say that the task was switched out, whatever it waits for. */
static bool
is_switching(struct str symbol)
{
	static const char *const names[] = { "schedule", "preempt_schedule", "io_schedule",
		"cond_resched", "rt_mutex_schedule", "traceiter_", "perf_trace_", "perf_tp_" };
	size_t i, n;

	while (symbol.n > 0 && *symbol.p == '_') {
		symbol.p++;
		symbol.n--;
	}
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		n = strlen(names[i]);
		if (symbol.n >= n && memcmp(symbol.p, names[i], n) == 0)
			return true;
	}
	return false;
}

/* The first function of a stack that says what the task was about, without its offset and what the
 * compiler put behind a dot. */
static struct str
get_place(const struct svgchart *p, uint32_t machine, struct str stack)
{
	struct stack_walk w = stack_walk(chart_stack(p->chart, machine, stack));
	struct str symbol, object;
	struct stack_frame f;
	const char *plus, *dot;

	while (stack_next(&w, &f)) {
		split_note(f.note, &symbol, &object);
		if (symbol.n == 0 || *symbol.p == '?' || is_switching(symbol))
			continue;
		plus = memrchr(symbol.p, '+', symbol.n);
		symbol.n = plus != NULL ? (size_t)(plus - symbol.p) : symbol.n;
		dot = symbol.n > 1 ? memchr(symbol.p + 1, '.', symbol.n - 1) : NULL;
		symbol.n = dot != NULL ? (size_t)(dot - symbol.p) : symbol.n;
		return symbol;
	}
	return (struct str){ NULL, 0 };
}

const char *
svgchart_inside(struct svgchart *p, const struct svgchart_box *box, bool cpu, struct svg_word *w)
{
	const struct chart_box *b = box->box;
	struct str place;

	w->n = 0;
	if (b->what == CHART_RUNNING && cpu) {
		svg_add_field(w, b->comm);
		return str_none(b->comm) ? NULL : "in";
	}
	if (b->what == CHART_RUNNING) {
		w->n = text_put_u64(w->text, b->cpu >= 0 ? (uint64_t)b->cpu : 0);
		return b->cpu >= 0 ? "in" : NULL;
	}
	if (b->what >= CHART_C0) {
		w->text[0] = 'C';
		w->text[1] = (char)('0' + b->what - CHART_C0);
		w->n = 2;
		return b->what > CHART_C0 + 3 ? "in" : "at";
	}
	if (b->what >= CHART_STATES)
		return NULL;
	place = get_place(p, p->chart->row[b->row].key.machine, b->stack);
	if (place.p == NULL || b->what == CHART_RUNNABLE || b->what == CHART_PREEMPTED ||
	    b->what == CHART_UNKNOWN)
		return NULL;
	svg_add_field(w, place);
	return b->what == CHART_UNINTERRUPTIBLE ? "in" : "at";
}
