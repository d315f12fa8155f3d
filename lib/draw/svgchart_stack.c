/* SPDX-License-Identifier: MIT */
/* Stacks as lines of text, and as the one word that stands in a box. */

#include "rec/stack.h"
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

/* Objects whose functions only pass on what a program wants. */
static bool
is_library_of_c(struct str object)
{
	static const char *const names[] = { "libc.so", "libc-", "libpthread", "ld-" };
	struct str base = basename_of(object);
	size_t i, n;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		n = strlen(names[i]);
		if (base.n >= n && memcmp(base.p, names[i], n) == 0)
			return true;
	}
	return false;
}

/* A symbol without its offset and what the compiler put behind a dot. */
static struct str
bare(struct str symbol)
{
	const char *plus = memrchr(symbol.p, '+', symbol.n), *dot;

	symbol.n = plus != NULL ? (size_t)(plus - symbol.p) : symbol.n;
	dot = symbol.n > 1 ? memchr(symbol.p + 1, '.', symbol.n - 1) : NULL;
	symbol.n = dot != NULL ? (size_t)(dot - symbol.p) : symbol.n;
	return symbol;
}

/* The first function of a stack that says what the task was about, and the first of its program's
 * own; p is NULL where there is none. */
static void
get_places(const struct svgchart *p, uint32_t machine, struct str stack, struct str *place,
    struct str *user)
{
	struct stack_walk w = stack_walk(chart_stack(p->chart, machine, stack));
	struct str symbol, object;
	struct stack_frame f;

	*place = *user = (struct str){ NULL, 0 };
	while (user->p == NULL && stack_next(&w, &f)) {
		split_note(f.note, &symbol, &object);
		if (symbol.n == 0 || *symbol.p == '?')
			continue;
		if (f.mode == MODE_USER && !is_library_of_c(object))
			*user = bare(symbol);
		if (place->p == NULL && !is_switching(symbol))
			*place = bare(symbol);
	}
}

/* A wait says where in the kernel, and if there is room, in which function of the program. */
static const char *
put_places(struct svgchart *p, const struct chart_box *b, int px, struct svg_word *w)
{
	struct str place, user;
	struct svg_word both;

	get_places(p, p->chart->row[b->row].key.machine, b->stack, &place, &user);
	if (place.p == NULL)
		return NULL;
	svg_add_field(w, place);
	both = *w;
	if (user.p != NULL && user.p != place.p) {
		svg_add(&both, STR(" in "));
		svg_add_field(&both, user);
		if (svg_width((struct str){ both.text, both.n }, SVGCHART_SMALL) <= px)
			*w = both;
	}
	return b->what == CHART_UNINTERRUPTIBLE ? "in" : "at";
}

const char *
svgchart_inside(
    struct svgchart *p, const struct svgchart_box *box, bool cpu, int px, struct svg_word *w)
{
	const struct chart_box *b = box->box;
	const char *class = NULL;

	w->n = 0;
	if (b->what == CHART_RUNNING && cpu && !str_none(b->comm)) {
		svg_add_field(w, b->comm);
		class = "in";
	} else if (b->what == CHART_RUNNING && b->cpu >= 0 && !cpu) {
		w->n = text_put_u64(w->text, (uint64_t)b->cpu);
		class = "in";
	} else if (b->what >= CHART_C0) {
		svg_add(w, str_of(svgchart_word(b->what)));
		class = b->what > CHART_C0 + 3 ? "in" : "on";
	} else if (b->what < CHART_STATES && b->what != CHART_RUNNING &&
		   b->what != CHART_RUNNABLE && b->what != CHART_PREEMPTED &&
		   b->what != CHART_UNKNOWN) {
		class = put_places(p, b, px, w);
	}
	return class != NULL && svg_fit(w, px, SVGCHART_SMALL) ? class : NULL;
}
