/* SPDX-License-Identifier: MIT */

#include "rec/pairs.h"
#include "rec/place.h"
#include "rec/stack.h"
#include "svgchart_int.h"

/* The most frames in a title, in that of an arrow, in a desc. */
enum { TITLE_FRAMES = 40, ARROW_FRAMES = 12, DESC_FRAMES = 1000 };

enum { MOST_IRQS = 3 };

static const int frames_of[] = {
	[SVGCHART_BRIEF] = 0, [SVGCHART_SOME] = ARROW_FRAMES, [SVGCHART_ALL] = TITLE_FRAMES
};

/* A text being written; break_line separates its lines. */
struct text {
	const struct svgchart *p;
	struct out *out;
	bool started;
	struct str shared; /* frames that stacks leave out, since the row's text has them */
};

static void
break_line(struct text *t)
{
	if (t->started)
		out_char(t->out, '\n');
	t->started = true;
}

void
svgchart_add_count(struct svg_text *t, uint64_t n, const char *one)
{
	svg_add(t, "%s %s%s", units_count(n).s, one, n == 1 ? "" : "s");
}

/* --- stacks */

static void
put_frame(struct text *t, const struct stack_frame *f)
{
	struct stack_note note = stack_note(f->note);
	struct str object = str_basename(note.object);

	break_line(t);
	if (note.symbol.n == 0) {
		svg_put(t->out, "  0x%llx", (unsigned long long)f->addr);
	} else {
		svg_put(t->out, "  ");
		svg_put_field(t->out, note.place);
	}
	if (object.n == 0)
		return;
	svg_put(t->out, *object.p == '[' ? " " : " (");
	svg_put_field(t->out, object);
	svg_put(t->out, *object.p == '[' ? "" : ")");
}

/* Skip the frames that all stacks begin with: how the task came to be switched out. */
static struct stack_walk
skip_switching(struct stack_walk w)
{
	struct stack_walk at = w;
	struct stack_frame f;

	while (stack_next(&w, &f) && place_is_switching(stack_note(f.note).symbol))
		at = w;
	return at;
}

static bool
has_more_frames(struct str stack, int most)
{
	struct stack_walk w = skip_switching(stack_walk(stack));
	struct stack_frame f;

	while (most-- >= 0)
		if (!stack_next(&w, &f))
			return false;
	return true;
}

static int
count_frames(struct stack_walk w)
{
	struct stack_frame f;
	int n = 0;

	while (stack_next(&w, &f))
		n++;
	return n;
}

/* Put a stack, a frame a line, but for those that the row shares; one is put in any case. */
static void
put_stack(struct text *t, uint32_t machine, struct str stack, int most)
{
	struct stack_walk w;
	struct stack_frame f;
	int n, own, i;

	stack = chart_stack(t->p->chart, machine, stack);
	if (most == 0 || str_none(stack))
		return;
	w = skip_switching(stack_walk(stack));
	n = count_frames(w);
	own = n - count_frames(stack_walk(t->shared));
	most = most < own ? most : own > 0 ? own : 1;
	for (i = 0; i < most && stack_next(&w, &f); i++)
		put_frame(t, &f);
	if (i == n)
		return;
	break_line(t);
	svg_put(t->out, i < own ? "  and %d more" : "  and %d more, as in all stacks of the row",
	    n - i);
}

/* --- the parts of a text */

static void
put_name(struct text *t, struct str name)
{
	if (name.n == 0 || str_none(name))
		svg_put(t->out, "?");
	else
		svg_put_field(t->out, name);
}

/* PID/TID, or TID alone if it leads its process. */
static void
put_ids(struct text *t, const struct chart_key *k)
{
	if (k->pid >= 0 && k->pid != k->tid)
		svg_put(t->out, "%d/", k->pid);
	if (k->tid >= 0)
		svg_put(t->out, "%d", k->tid);
}

static void
put_cpu(struct text *t, int32_t cpu)
{
	if (cpu >= 0)
		svg_put(t->out, "CPU %d", cpu);
	else
		svg_put(t->out, "CPU ?");
}

/* Put the machine of a CPU, if it is one of several and not the host. */
static void
put_machine(struct text *t, uint32_t machine)
{
	const struct chart_machine *m = &t->p->chart->rows.machine[machine];

	if (t->p->rows.npart < 2 || str_eq(m->name, STR("host")))
		return;
	svg_put(t->out, " of ");
	svg_put_field(t->out, m->name);
}

/* Put the task that a key of the info names as tid/comm, after what it did; false if there is none.
 */
static bool
put_other(struct text *t, struct str info, const char *did, const char *key)
{
	struct str id = pairs_get(info, str_of(key)), comm = { NULL, 0 };
	const char *slash = id.n > 0 ? memchr(id.p, '/', id.n) : NULL;

	if (id.p == NULL)
		return false;
	if (slash != NULL) {
		comm = (struct str){ slash + 1, id.n - (size_t)(slash + 1 - id.p) };
		id.n = (size_t)(slash - id.p);
	}
	break_line(t);
	svg_put(t->out, "%s", did);
	put_name(t, comm);
	svg_put(t->out, " [");
	svg_put_field(t->out, id);
	svg_put(t->out, "]");
	return true;
}

/* The letters of a switch in words; D wins over the letters it is combined with. */
static const char *
why_switched(struct str letters)
{
	static const struct why {
		char letter;
		const char *words;
	} whys[] = { { 'D', "uninterruptible wait" }, { 'S', "sleep" }, { 'I', "idle" },
		{ 'T', "stopped" }, { 't', "traced" }, { 'P', "parked" }, { 'X', "exit" },
		{ 'Z', "exit" } };
	size_t i;

	for (i = 0; i < sizeof whys / sizeof *whys; i++)
		if (memchr(letters.p, whys[i].letter, letters.n) != NULL)
			return whys[i].words;
	if (str_eq(letters, STR("R")))
		return "preempted on return to user space, or yielded";
	return str_eq(letters, STR("R+")) ? "preempted in the kernel" : "state";
}

static void
put_running(struct text *t, const struct chart_box *b, uint32_t machine, int frames)
{
	struct str letters = pairs_get(b->info, STR("out"));

	if (letters.p != NULL) {
		break_line(t);
		svg_put(t->out, "Switched because: %s (", why_switched(letters));
		svg_put_field(t->out, letters);
		svg_put(t->out, ")");
	} else if (!str_none(b->stack) && frames > 0) {
		break_line(t);
		svg_put(t->out, "Switched because:");
	}
	put_stack(t, machine, b->stack, frames);
}

static void
put_waker(struct text *t, const struct chart_box *b)
{
	struct str context = pairs_get(b->info, STR("context"));

	if (!put_other(t, b->info, "Woken by: ", "waker"))
		return;
	if (context.p == NULL || str_eq(context, STR("task")))
		return;
	svg_put(t->out, " interrupted by a ");
	svg_put_field(t->out, context);
}

/* Why a task was where it was, and for what it waited. */
static void
put_why(struct text *t, const struct chart_box *b, int frames)
{
	uint32_t machine = t->p->chart->rows.row[b->row].key.machine;
	const char *title = b->state == CHART_PREEMPTED  ? "Preempted at:"
			    : b->state == CHART_RUNNABLE ? "Waker at:"
							 : "Blocked on:";

	if (b->state == CHART_RUNNING) {
		put_running(t, b, machine, frames);
		return;
	}
	if (b->state == CHART_PREEMPTED)
		put_other(t, b->info, "Preempted by: ", "next");
	else
		put_waker(t, b);
	if (b->state == CHART_RUNNABLE || b->state == CHART_PREEMPTED)
		put_other(t, b->info, "Waiting on: ", "prev");
	if (str_none(b->stack) || frames == 0)
		return;
	break_line(t);
	svg_put(t->out, "%s", title);
	put_stack(t, machine, b->stack, frames);
}

/* A boundary that was concluded, not seen. */
static void
put_doubt(struct text *t, struct str info, const char *key)
{
	struct str how = pairs_get(info, str_of(key));

	if (how.p == NULL)
		return;
	svg_put(t->out, ", its %s ", key);
	svg_put_field(t->out, how);
}

static void
put_when(struct text *t, const struct chart_box *b)
{
	svg_put(t->out, "from %s to %s, at %s", svgchart_since(&t->p->scale, b->t).s,
	    svgchart_since(&t->p->scale, b->end).s, units_stamp(b->t).s);
	put_doubt(t, b->info, "begin");
	put_doubt(t, b->info, "end");
}

static void
put_task_box(struct text *t, const struct chart_box *b)
{
	put_name(t, b->comm);
	svg_put(t->out, " ");
	put_ids(t, &t->p->chart->rows.row[b->row].key);
	svg_put(t->out, " ");
	svg_put_field(t->out, b->word);
	svg_put(t->out, " %s\n", units_exact((uint64_t)b->end - (uint64_t)b->t).s);
	put_cpu(t, b->cpu);
	if (b->prio != REC_NO_INT)
		svg_put(t->out, ", prio %lld", (long long)b->prio);
	svg_put(t->out, ", ");
	put_when(t, b);
}

static void
put_cpu_box(struct text *t, const struct chart_box *b)
{
	struct str name = pairs_get(b->info, STR("name"));
	bool irq = b->state >= CHART_IN_IRQ, idle = b->state >= CHART_C0 && !irq;

	put_cpu(t, b->cpu);
	svg_put(t->out, "%s", idle ? " in idle state " : " ");
	if (irq)
		svg_put(t->out, b->state == CHART_IN_IRQ ? "interrupt " : "soft interrupt ");
	svg_put_field(t->out, b->word);
	if (name.p != NULL) {
		svg_put(t->out, " ");
		svg_put_field(t->out, name);
	}
	svg_put(t->out, "%s%s\n", idle ? " for " : " ",
	    units_exact((uint64_t)b->end - (uint64_t)b->t).s);
	put_when(t, b);
}

/* --- titles */

void
svgchart_hover(const struct svgchart *p, const struct svgchart_box *box, bool cpu)
{
	const struct chart_box *b = box->box;
	struct text t = { p, p->out, true, p->rows.row[box->row].shared };
	bool task = b->state < CHART_TASK_STATES, twice = cpu && svgchart_boxes(p, b->row) != NULL;
	uint32_t machine = p->chart->rows.row[b->row].key.machine;

	if (b->state == CHART_RUNNABLE)
		t.shared = (struct str){ NULL, 0 };
	svg_put(p->out, "<title>");
	if (task)
		put_task_box(&t, b);
	else
		put_cpu_box(&t, b);
	if (task && !twice)
		put_why(&t, b, frames_of[box->detail]);
	svg_put(p->out, "</title>");
	if (!task || twice || box->detail != SVGCHART_ALL ||
	    !has_more_frames(chart_stack(p->chart, machine, b->stack), TITLE_FRAMES))
		return;
	svg_put(p->out, "<desc>");
	t.started = false;
	t.shared = (struct str){ NULL, 0 };
	put_why(&t, b, DESC_FRAMES);
	svg_put(p->out, "</desc>");
}

/* Put which CPU of a guest a task is. */
static void
put_vcpu(struct text *t, const struct chart_row *row)
{
	const struct chart_vcpu *v = chart_vcpu(t->p->chart, row);

	if (v == NULL)
		return;
	svg_put(t->out, " \xc2\xb7 vCPU ");
	if (v->vcpu >= 0)
		svg_put(t->out, "%d ", v->vcpu);
	svg_put(t->out, "of ");
	svg_put_field(t->out, v->guest);
}

/* Name what a row shows. */
static void
put_row_name(struct text *t, const struct svgchart_row *r)
{
	const struct chart_row *row = svgchart_member(t->p, r, 0);

	if (r->kind == SVGCHART_CPU_ROW) {
		put_cpu(t, row->key.cpu);
		put_machine(t, row->key.machine);
	} else if (r->n == 1 && r->kind == SVGCHART_TASK_ROW) {
		put_name(t, chart_comm(row));
		svg_put(t->out, " ");
		put_ids(t, &row->key);
		put_vcpu(t, row);
	} else {
		svg_put(t->out, "%s", r->kind == SVGCHART_OTHERS ? "others" : "");
		if (r->name.p != NULL) {
			svg_put(t->out, "%s", r->kind == SVGCHART_OTHERS ? " of " : "");
			put_name(t, r->name);
		}
		svg_put(t->out, ", %s tasks", units_count(r->n).s);
	}
}

/* The first of the interrupts of a CPU's row, which are in order. */
static size_t
first_irq(const struct chart *c, uint32_t row)
{
	const struct chart_row *rows = c->rows.row;
	size_t lo = 0, hi = c->irqs.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (chart_key_order(&c->rows, &rows[c->irqs.irq[mid].row].key, &rows[row].key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Put the interrupts of a CPU that took longest, of both kinds. */
static void
put_irqs(struct text *t, uint32_t row)
{
	const struct chart_irqs *irqs = &t->p->chart->irqs;
	const struct chart_irq *irq;
	struct svg_text times;
	size_t i, n[2] = { 0 };

	for (i = first_irq(t->p->chart, row); i < irqs->n && irqs->irq[i].row == row; i++) {
		irq = &irqs->irq[i];
		if (n[irq->soft]++ >= MOST_IRQS)
			continue;
		times.n = 0;
		svgchart_add_count(&times, irq->n, "time");
		svg_put(t->out, "\n%s ", irq->soft ? "soft interrupt" : "interrupt");
		svg_put_field(t->out, irq->name);
		svg_put(t->out, ": %s, ", units_short(irq->ns).s);
		svg_put_text(t->out, svg_str(&times));
		svg_put(t->out, ", max %s", units_short(irq->most).s);
	}
}

/* Put the frames that the stacks of a row leave out. */
static void
put_shared(struct text *t, struct str shared)
{
	struct stack_walk w = stack_walk(shared);
	struct stack_frame f;
	int n = 0;

	if (shared.n == 0)
		return;
	svg_put(t->out, "\nAll stacks end with:");
	while (n++ < TITLE_FRAMES && stack_next(&w, &f))
		put_frame(t, &f);
}

void
svgchart_hover_row(const struct svgchart *p, const struct svgchart_row *r)
{
	bool cpu = r->kind == SVGCHART_CPU_ROW;
	enum chart_state s = cpu ? CHART_CPU_RUNNING : CHART_RUNNING;
	enum chart_state end = cpu ? CHART_FREQ : CHART_TASK_STATES;
	struct text t = { p, p->out, true, { NULL, 0 } };
	uint64_t ns = 0;

	svg_put(p->out, "<title>");
	put_row_name(&t, r);
	for (; s < end; s++) {
		ns += svgchart_total(p, r, s);
		if (ns == 0 || (s >= CHART_CPU_RUNNING && s < CHART_CPU_RUNNING3))
			continue;
		svg_put(p->out, "\n%s %s", svgchart_name(s), units_exact(ns).s);
		ns = 0;
	}
	if (cpu)
		put_irqs(&t, p->rows.member[r->first]);
	if (p->stats != NULL)
		svgchart_put_stats(p->stats, r);
	put_shared(&t, r->shared);
	svg_put(p->out, "</title>\n");
}

void
svgchart_hover_arrow(const struct svgchart *p, const struct chart_arrow *a)
{
	struct text t = { p, p->out, true, { NULL, 0 } };

	svg_put(p->out, "<title>");
	if (!str_eq(a->context, STR("task"))) {
		svg_put_field(p->out, a->context);
		svg_put(p->out, " during ");
	}
	put_name(&t, a->comm);
	svg_put(p->out, " [");
	put_ids(&t, &a->waker);
	svg_put(p->out, "] wakes ");
	put_name(&t, a->wakee_comm);
	svg_put(p->out, " [");
	put_ids(&t, &a->wakee);
	svg_put(p->out, "]\n");
	put_cpu(&t, a->cpu);
	svg_put(p->out, ", after a wait of %s, at %s, %s", units_exact((uint64_t)a->waited).s,
	    svgchart_since(&p->scale, a->t).s, units_stamp(a->t).s);
	put_stack(&t, a->waker.machine, a->stack, ARROW_FRAMES);
	svg_put(p->out, "</title>");
}

/* --- the text inside a box */

/* Find the function of a stack in which the task waited, empty if there is none, and the first one
 * of its own program; its p is NULL if there is none. */
static void
find_places(
    const struct svgchart *p, const struct chart_box *b, struct str *place, struct str *user)
{
	uint32_t machine = p->chart->rows.row[b->row].key.machine;
	struct str stack = chart_stack(p->chart, machine, b->stack);
	struct stack_walk w = stack_walk(stack);
	struct stack_frame f;
	struct stack_note n;

	*place = place_function(stack);
	*user = (struct str){ NULL, 0 };
	while (user->p == NULL && stack_next(&w, &f)) {
		n = stack_note(f.note);
		if (n.symbol.n > 0 && f.mode == MODE_USER && !place_is_libc(n.object))
			*user = place_bare(n.symbol);
	}
}

/* Where in the kernel a task waits, and if there is room, in which function of the program. */
static const char *
add_places(const struct svgchart *p, const struct chart_box *b, int px, struct svg_text *t)
{
	struct str place, user;
	struct svg_text both;

	find_places(p, b, &place, &user);
	if (place.n == 0)
		return NULL;
	svg_add_field(t, place);
	both = *t;
	if (user.p != NULL && user.p != place.p) {
		svg_add(&both, " in ");
		svg_add_field(&both, user);
		if (svg_width(svg_str(&both), SVGCHART_SMALL) <= px)
			*t = both;
	}
	return b->state == CHART_UNINTERRUPTIBLE ? "in" : "at";
}

const char *
svgchart_inside(
    const struct svgchart *p, const struct svgchart_box *box, bool cpu, int px, struct svg_text *t)
{
	const struct chart_box *b = box->box;
	const char *class = NULL;
	struct str name;

	t->n = 0;
	if (b->state >= CHART_IN_IRQ) {
		name = pairs_get(b->info, STR("name"));
		if (name.p == NULL)
			return NULL;
		svg_add_field(t, name);
		class = b->state == CHART_IN_IRQ ? "in" : "on";
	} else if (b->state >= CHART_C0) {
		svg_add(t, "%s", svgchart_name(b->state));
		class = b->state > CHART_C0 + 3 ? "in" : "on";
	} else if (b->state == CHART_RUNNING && cpu && !str_none(b->comm)) {
		svg_add_field(t, b->comm);
		class = "in";
	} else if (b->state == CHART_RUNNING && !cpu && b->cpu >= 0) {
		svg_add(t, "%d", b->cpu);
		class = "in";
	} else if (b->state >= CHART_UNINTERRUPTIBLE && b->state < CHART_UNKNOWN) {
		class = add_places(p, b, px, t);
	}
	return class != NULL && svg_fit(t, px, SVGCHART_SMALL) ? class : NULL;
}
