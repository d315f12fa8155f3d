/* SPDX-License-Identifier: MIT */
/* What is said about a box, a row or an arrow when the pointer is over it. */

#include "svgchart.h"
#include "units.h"

/* Frames that a title shows, that one of an arrow shows, that a desc has. */
enum { TITLE_FRAMES = 40, ARROW_FRAMES = 12, DESC_FRAMES = 1000 };

static const int frames_of[] = {
	[SVGCHART_BRIEF] = 0, [SVGCHART_SOME] = ARROW_FRAMES, [SVGCHART_ALL] = TITLE_FRAMES
};

void
svgchart_put(struct svgchart *p, const char *s)
{
	out_str(p->out, str_of(s));
}

void
svgchart_line(struct svgchart *p, const char *s)
{
	if (!p->fresh)
		out_char(p->out, '\n');
	p->fresh = false;
	svgchart_put(p, s);
}

static void
put_exact(struct svgchart *p, uint64_t ns)
{
	p->out->n += units_exact(out_room(p->out, UNITS_ROOM), ns);
}

static void
put_stamp(struct svgchart *p, int64_t t)
{
	p->out->n += units_stamp(out_room(p->out, UNITS_ROOM), t);
}

/* A time as it stands on the axis. */
static void
put_since(struct svgchart *p, int64_t t)
{
	uint64_t at = bins_time(t);

	if (at < p->lo)
		svgchart_put(p, "-");
	put_exact(p, at < p->lo ? p->lo - at : at - p->lo);
}

static void
put_name(struct svgchart *p, struct str name)
{
	if (name.p == NULL || str_none(name))
		svgchart_put(p, "?");
	else
		svg_put_field(p->out, name);
}

static void
put_ids(struct svgchart *p, const struct chart_key *k)
{
	if (k->pid >= 0 && k->pid != k->tid) {
		out_s64(p->out, k->pid);
		svgchart_put(p, "/");
	}
	if (k->tid >= 0)
		out_s64(p->out, k->tid);
}

/* The task that a key of the info has, as tid/comm, behind what it is to this one; false where it
 * has none. */
static bool
put_other(struct svgchart *p, struct str info, const char *what, const char *key)
{
	struct str id = chart_value(info, key), comm = { NULL, 0 };
	const char *slash = id.n > 0 ? memchr(id.p, '/', id.n) : NULL;

	if (id.p == NULL)
		return false;
	if (slash != NULL) {
		comm = (struct str){ slash + 1, id.n - (size_t)(slash + 1 - id.p) };
		id.n = (size_t)(slash - id.p);
	}
	svgchart_line(p, what);
	put_name(p, comm);
	svgchart_put(p, " [");
	svg_put_field(p->out, id);
	svgchart_put(p, "]");
	return true;
}

static const struct why {
	char letter;
	const char *words;
} whys[] = { { 'D', "uninterruptible wait" }, { 'S', "sleep" }, { 'I', "idle" }, { 'T', "stopped" },
	{ 't', "traced" }, { 'P', "parked" }, { 'X', "exit" }, { 'Z', "exit" } };

/* The letters of a switch in words; D wins over what it is or-ed with. */
static void
put_letters(struct svgchart *p, struct str out)
{
	size_t i;

	for (i = 0; i < sizeof whys / sizeof *whys; i++)
		if (memchr(out.p, whys[i].letter, out.n) != NULL)
			break;
	if (i < sizeof whys / sizeof *whys)
		svgchart_put(p, whys[i].words);
	else if (str_eq(out, STR("R")))
		svgchart_put(p, "preempted on return to user space, or yielded");
	else if (str_eq(out, STR("R+")))
		svgchart_put(p, "preempted in the kernel");
	else
		svgchart_put(p, "state");
	svgchart_put(p, " (");
	svg_put_field(p->out, out);
	svgchart_put(p, ")");
}

static void
put_running(struct svgchart *p, const struct chart_box *b, uint32_t machine, int frames)
{
	struct str out = chart_value(b->info, "out");

	if (out.p != NULL) {
		svgchart_line(p, "Switched because: ");
		put_letters(p, out);
	} else if (!str_none(b->stack) && frames > 0) {
		svgchart_line(p, "Switched because:");
	}
	svgchart_put_stack(p, machine, b->stack, frames);
}

static void
put_waker(struct svgchart *p, const struct chart_box *b)
{
	struct str context = chart_value(b->info, "context");

	if (!put_other(p, b->info, "Woken by: ", "waker"))
		return;
	if (context.p == NULL || str_eq(context, STR("task")))
		return;
	svgchart_put(p, " interrupted by a ");
	svg_put_field(p->out, context);
}

/* Why a task was where it was, and what it waited for. */
static void
put_why(struct svgchart *p, const struct chart_box *b, uint32_t machine, int frames)
{
	switch (b->what) {
	case CHART_RUNNING:
		put_running(p, b, machine, frames);
		return;
	case CHART_RUNNABLE:
		put_waker(p, b);
		svgchart_put_stack(p, machine, b->stack, frames);
		put_other(p, b->info, "Waiting on: ", "prev");
		return;
	case CHART_PREEMPTED:
		if (!put_other(p, b->info, "Preempted by: ", "next"))
			svgchart_line(p, "Preempted at:");
		svgchart_put_stack(p, machine, b->stack, frames);
		put_other(p, b->info, "Waiting on: ", "prev");
		return;
	default:
		if (!str_none(b->stack) && frames > 0)
			svgchart_line(p, "Blocked on:");
		svgchart_put_stack(p, machine, b->stack, frames);
		put_waker(p, b);
	}
}

/* What was not seen but concluded. */
static void
put_doubts(struct svgchart *p, struct str info)
{
	struct str begin = chart_value(info, "begin"), end = chart_value(info, "end");

	if (begin.p != NULL) {
		svgchart_put(p, ", its begin ");
		svg_put_field(p->out, begin);
	}
	if (end.p != NULL) {
		svgchart_put(p, ", its end ");
		svg_put_field(p->out, end);
	}
}

static void
put_when(struct svgchart *p, const struct chart_box *b)
{
	svgchart_put(p, "from ");
	put_since(p, b->t);
	svgchart_put(p, " to ");
	put_since(p, b->end);
	svgchart_put(p, ", at ");
	put_stamp(p, b->t);
	put_doubts(p, b->info);
}

static void
put_cpu(struct svgchart *p, int32_t cpu)
{
	svgchart_put(p, "CPU ");
	if (cpu >= 0)
		out_s64(p->out, cpu);
	else
		svgchart_put(p, "?");
}

static void
put_task_box(struct svgchart *p, const struct chart_box *b, const struct chart_key *key)
{
	put_name(p, b->comm);
	svgchart_put(p, " ");
	put_ids(p, key);
	svgchart_put(p, " ");
	svg_put_field(p->out, b->word);
	svgchart_put(p, " ");
	put_exact(p, (uint64_t)b->end - (uint64_t)b->t);
	svgchart_put(p, "\n");
	put_cpu(p, b->cpu);
	if (b->prio != REC_NO_INT) {
		svgchart_put(p, ", prio ");
		out_s64(p->out, b->prio);
	}
	svgchart_put(p, ", ");
	put_when(p, b);
}

static void
put_cpu_box(struct svgchart *p, const struct chart_box *b)
{
	put_cpu(p, b->cpu);
	svgchart_put(p, b->what >= CHART_C0 ? " in idle state " : " ");
	svg_put_field(p->out, b->word);
	svgchart_put(p, b->what >= CHART_C0 ? " for " : " ");
	put_exact(p, (uint64_t)b->end - (uint64_t)b->t);
	svgchart_put(p, "\n");
	put_when(p, b);
}

void
svgchart_hover(struct svgchart *p, const struct svgchart_box *box, bool cpu)
{
	const struct chart_box *b = box->box;
	const struct chart_key *key = &p->chart->row[b->row].key;
	bool task = b->what < CHART_STATES, twice = cpu && p->row_of[b->row] != 0;

	svgchart_put(p, "<title>");
	if (task)
		put_task_box(p, b, key);
	else
		put_cpu_box(p, b);
	if (task && !twice)
		put_why(p, b, key->machine, frames_of[box->detail]);
	svgchart_put(p, "</title>");
	if (!task || twice || box->detail != SVGCHART_ALL ||
	    (str_none(b->info) && str_none(b->stack)))
		return;
	svgchart_put(p, "<desc>");
	p->fresh = true;
	put_why(p, b, key->machine, DESC_FRAMES);
	p->fresh = false;
	svgchart_put(p, "</desc>");
}

void
svgchart_hover_row(struct svgchart *p, const struct svgchart_row *r)
{
	const struct chart_row *row = &p->chart->row[r->row];
	enum chart_what what = row->key.cpu >= 0 ? CHART_CPU_RUNNING : CHART_RUNNING;
	enum chart_what end = row->key.cpu >= 0 ? CHART_FREQ : CHART_STATES;
	uint64_t ns = 0;

	svgchart_put(p, "<title>");
	if (row->key.cpu >= 0) {
		put_cpu(p, row->key.cpu);
	} else {
		put_name(p, row->comm_n > 0 ? chart_comm(row) : STR_NONE);
		svgchart_put(p, " ");
		put_ids(p, &row->key);
	}
	for (; what < end; what++) {
		ns += chart_total(p->chart, row, what);
		if (ns == 0 || (what >= CHART_CPU_RUNNING && what < CHART_CPU_RUNNING3))
			continue;
		svgchart_put(p, "\n");
		svgchart_put(p, svgchart_word(what));
		svgchart_put(p, " ");
		put_exact(p, ns);
		ns = 0;
	}
	svgchart_put(p, "</title>\n");
}

void
svgchart_hover_arrow(struct svgchart *p, const struct chart_arrow *a)
{
	bool task = str_eq(a->context, STR("task"));

	svgchart_put(p, "<title>");
	if (!task) {
		svg_put_field(p->out, a->context);
		svgchart_put(p, " during ");
	}
	put_name(p, a->comm);
	svgchart_put(p, " [");
	put_ids(p, &a->waker);
	svgchart_put(p, "] wakes ");
	put_name(p, a->wakee_comm);
	svgchart_put(p, " [");
	put_ids(p, &a->wakee);
	svgchart_put(p, "]\n");
	put_cpu(p, a->cpu);
	svgchart_put(p, ", after a wait of ");
	put_exact(p, (uint64_t)a->waited);
	svgchart_put(p, ", at ");
	put_since(p, a->t);
	svgchart_put(p, ", ");
	put_stamp(p, a->t);
	svgchart_put_stack(p, a->waker.machine, a->stack, ARROW_FRAMES);
	svgchart_put(p, "</title>");
}
