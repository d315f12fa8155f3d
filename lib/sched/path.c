/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "ids.h"
#include "path.h"
#include "rec/pairs.h"
#include "rec/select.h"
#include "rec/stack.h"

enum { CHAIN = 32, NAMES = 5, MAX_CPU = 1 << 20 };

#define NONE UINT32_MAX

enum run { RUNS, WAITS_FOR_CPU, BLOCKED, UNKNOWN };

struct path_task {
	uint32_t machine, comm; /* texts */
	int32_t pid, tid;
	int64_t birth;
	uint32_t first, n;          /* its states */
	uint32_t first_wake, nwake; /* the wakes of it */
};

struct path_state {
	int64_t t, end;
	uint32_t task, order; /* order: of the input */
	int32_t cpu;
	uint32_t state, ends, comm, stack; /* texts; ends is that of end=, or NONE */
	uint8_t run;                       /* enum run */
};

struct path_wake {
	int64_t t;
	uint32_t wakee, waker; /* tasks; the waker NONE: not known */
	uint32_t order;
	int32_t tid, target;          /* the waker's tid */
	uint32_t context, irq, stack; /* texts; irq NONE: not known */
	uint32_t outer;               /* 1 + the wake before it that waits for its irq, 0: none */
	bool new, forks;              /* the task's first; a fork */
};

/* The last wakes in hardirq and in softirq context on a CPU, the intervals of whose interrupts have
 * not come yet: 1 + their numbers, 0: none. */
struct path_irq {
	uint32_t hard, soft;
};

struct path_piece {
	int64_t t, end;
	uint32_t task, depth;
	uint32_t state, why, chain, info, stack, comm; /* texts */
	int32_t cpu;
};

/* A task whose path is being walked from t down to from. */
struct path_level {
	uint32_t task;
	int64_t from, t;
	int64_t waked; /* its run that ends then ended in the wake with this stack */
	uint32_t stack;
};

/* --- reading */

static uint32_t
task_of(struct path *p, struct str machine, int32_t tid, int64_t birth)
{
	size_t n = p->ids.n;
	uint32_t i = ids_task(&p->ids, &p->texts, machine, tid, birth);

	if (i == n) {
		p->task = mem_grow(p->task, n, &p->cap_task, sizeof *p->task);
		p->task[i] = (struct path_task){ .machine = ids_text(&p->texts, machine),
			.comm = ids_text(&p->texts, STR("-")),
			.pid = -1,
			.tid = tid,
			.birth = birth };
	}
	return i;
}

static enum run
run_of(struct str state)
{
	if (str_eq(state, STR("running")))
		return RUNS;
	if (str_eq(state, STR("runnable")) || str_eq(state, STR("preempted")))
		return WAITS_FOR_CPU;
	return str_eq(state, STR("unknown")) ? UNKNOWN : BLOCKED;
}

static void
add_state(struct path *p, const struct rec *r)
{
	const struct rec_state *s = &r->state;
	struct str ends = pairs_get(s->info, STR("end"));
	uint32_t task = task_of(p, r->machine, r->tid, s->birth);

	if (s->end <= r->t)
		return;
	p->state = mem_grow(p->state, p->nstate, &p->cap_state, sizeof *p->state);
	p->state[p->nstate] = (struct path_state){ r->t, s->end, task, (uint32_t)p->nstate, r->cpu,
		ids_text(&p->texts, s->state), ends.p == NULL ? NONE : ids_text(&p->texts, ends),
		ids_text(&p->texts, s->comm), ids_text(&p->texts, s->stack),
		(uint8_t)run_of(s->state) };
	p->task[task].comm = p->state[p->nstate].comm;
	p->task[task].pid = r->pid >= 0 ? r->pid : p->task[task].pid;
	p->nstate++;
	p->used++;
}

static struct path_irq *
irq_of(struct path *p, int32_t cpu)
{
	size_t i = cpu < 0 || cpu >= MAX_CPU ? 0 : (size_t)cpu + 1;

	if (p->cap_irq <= i)
		p->irq = mem_grow_zeroed(p->irq, i, &p->cap_irq, sizeof *p->irq);
	return &p->irq[i];
}

/* An interrupt names the wakes on its CPU since it began; it is written when it ends. */
static void
add_irq(struct path *p, const struct rec *r)
{
	bool hard = str_eq(r->cpustate.lane, STR("irq"));
	struct path_irq *irq = irq_of(p, r->cpu);
	uint32_t *last = hard ? &irq->hard : &irq->soft, text = NONE;
	struct str name = pairs_get(r->cpustate.info, STR("name"));
	struct path_wake *w;

	if (!hard && !str_eq(r->cpustate.lane, STR("softirq")))
		return;
	if (name.p != NULL)
		text = ids_text(&p->texts, name);
	for (; *last > 0 && (w = &p->wake[*last - 1])->t >= r->t; *last = w->outer)
		w->irq = text;
}

static struct path_wake *
new_wake(struct path *p, uint32_t wakee, int64_t t)
{
	struct path_wake *w;

	p->wake = mem_grow(p->wake, p->nwake, &p->cap_wake, sizeof *p->wake);
	w = &p->wake[p->nwake];
	*w = (struct path_wake){ .t = t,
		.wakee = wakee,
		.waker = NONE,
		.order = (uint32_t)p->nwake,
		.irq = NONE,
		.stack = ids_text(&p->texts, STR("-")) };
	p->nwake++;
	return w;
}

static void
add_arrow(struct path *p, const struct rec *r)
{
	const struct rec_arrow *a = &r->arrow;
	uint32_t wakee = task_of(p, r->machine, a->wakee, a->wakee_birth);
	struct path_irq *irq = irq_of(p, r->cpu);
	struct path_wake *w = new_wake(p, wakee, r->t);
	uint32_t *last = NULL;

	if (r->tid > 0 && a->birth != REC_NO_NS)
		w->waker = task_of(p, r->machine, r->tid, a->birth);
	w->tid = r->tid;
	w->target = a->target;
	w->context = ids_text(&p->texts, a->context);
	w->stack = ids_text(&p->texts, a->stack);
	w->new = str_eq(a->type, STR("new"));
	if (str_eq(a->context, STR("hardirq")))
		last = &irq->hard;
	else if (str_eq(a->context, STR("softirq")))
		last = &irq->soft;
	if (last == NULL)
		return;
	w->outer = *last;
	*last = w->order + 1;
}

static void
add_stack(struct path *p, const struct rec *r)
{
	uint32_t text = ids_text(&p->texts, r->stack.frames);

	*hash_put(&p->stacks, r->stack.hash) = (uint64_t)text + 1;
}

static void
add_fork(struct path *p, const struct rec *r)
{
	struct path_wake *w = new_wake(p, task_of(p, r->machine, r->fork.child_tid, r->t), r->t);

	w->tid = r->tid;
	w->context = ids_text(&p->texts, STR("task"));
	w->forks = w->new = true;
}

void
path_add(struct path *p, const struct rec *r)
{
	if (!select_is_counter(r))
		select_add_time(&p->time, r);
	if (r->kind == REC_STATE)
		add_state(p, r);
	else if (r->kind == REC_ARROW)
		add_arrow(p, r);
	else if (r->kind == REC_STACK)
		add_stack(p, r);
	else if (r->kind == REC_FORK)
		add_fork(p, r);
	else if (r->kind == REC_CPUSTATE)
		add_irq(p, r);
}

/* --- what was read, in order */

static int
order_of(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_task(const void *a, const void *b)
{
	const struct path_state *x = a, *y = b;
	int d = order_of(x->task, y->task);

	d = d != 0 ? d : order_of(x->t, y->t);
	return d != 0 ? d : order_of(x->order, y->order);
}

static int
by_wakee(const void *a, const void *b)
{
	const struct path_wake *x = a, *y = b;
	int d = order_of(x->wakee, y->wakee);

	d = d != 0 ? d : order_of(x->t, y->t);
	return d != 0 ? d : order_of(x->order, y->order);
}

static int
by_id(const void *a, const void *b, void *path)
{
	const struct path *p = path;
	const struct path_task *x = &p->task[*(const uint32_t *)a];
	const struct path_task *y = &p->task[*(const uint32_t *)b];
	int d = order_of(x->machine, y->machine);

	d = d != 0 ? d : order_of(x->tid, y->tid);
	return d != 0 ? d : order_of(x->birth, y->birth);
}

static int
by_cpu(const void *a, const void *b, void *path)
{
	const struct path *p = path;
	const struct path_state *x = &p->state[*(const uint32_t *)a];
	const struct path_state *y = &p->state[*(const uint32_t *)b];
	int d = order_of(p->task[x->task].machine, p->task[y->task].machine);

	d = d != 0 ? d : order_of(x->cpu, y->cpu);
	return d != 0 ? d : order_of(x->t, y->t);
}

/* The task that had a tid at a time; NONE if none is known to. */
static uint32_t
task_at(const struct path *p, uint32_t machine, int32_t tid, int64_t t)
{
	const struct path_task *k;
	size_t low = 0, high = p->ids.n, mid;
	int d;

	while (low < high) {
		mid = low + (high - low) / 2;
		k = &p->task[p->byid[mid]];
		d = order_of(k->machine, machine);
		d = d != 0 ? d : order_of(k->tid, tid);
		d = d != 0 ? d : order_of(k->birth, t);
		if (d <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	k = low == 0 ? NULL : &p->task[p->byid[low - 1]];
	return k != NULL && k->machine == machine && k->tid == tid ? p->byid[low - 1] : NONE;
}

static void
index_tasks(struct path *p)
{
	uint32_t i, ntask = (uint32_t)p->ids.n;
	struct path_wake *w;

	p->byid = mem_resize(NULL, ntask + 1, sizeof *p->byid);
	for (i = 0; i < ntask; i++)
		p->byid[i] = i;
	qsort_r(p->byid, ntask, sizeof *p->byid, by_id, p);
	for (w = p->wake; w < p->wake + p->nwake; w++)
		if (w->waker == NONE && w->tid > 0)
			w->waker = task_at(p, p->task[w->wakee].machine, w->tid, w->t);
}

static void
index_runs(struct path *p)
{
	size_t i;

	p->run = mem_resize(NULL, p->nstate + 1, sizeof *p->run);
	for (i = 0; i < p->nstate; i++)
		if (p->state[i].run == RUNS)
			p->run[p->nrun++] = (uint32_t)i;
	qsort_r(p->run, p->nrun, sizeof *p->run, by_cpu, p);
}

void
path_end(struct path *p)
{
	size_t i;

	if (window_is_relative(&p->time))
		window_settle(&p->time);
	if (p->nstate > 0)
		qsort(p->state, p->nstate, sizeof *p->state, by_task);
	index_tasks(p);
	if (p->nwake > 0)
		qsort(p->wake, p->nwake, sizeof *p->wake, by_wakee);
	for (i = p->nstate; i-- > 0;) {
		p->task[p->state[i].task].first = (uint32_t)i;
		p->task[p->state[i].task].n++;
	}
	for (i = p->nwake; i-- > 0;) {
		p->task[p->wake[i].wakee].first_wake = (uint32_t)i;
		p->task[p->wake[i].wakee].nwake++;
	}
	index_runs(p);
	p->ran = mem_resize(NULL, p->ids.n + 1, sizeof *p->ran);
	memset(p->ran, 0, (p->ids.n + 1) * sizeof *p->ran);
}

/* --- looking up */

/* The number of a task's states that begin before t. */
static uint32_t
begun(const struct path *p, const struct path_task *k, int64_t t)
{
	uint32_t low = 0, high = k->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->state[k->first + mid].t < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The last wake of a task at t, forks left out; NULL if there is none. */
static const struct path_wake *
wake_at(const struct path *p, const struct path_task *k, int64_t t)
{
	uint32_t low = 0, high = k->nwake, mid;
	const struct path_wake *w;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->wake[k->first_wake + mid].t <= t)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low > 0; low--) {
		w = &p->wake[k->first_wake + low - 1];
		if (w->t != t)
			return NULL;
		if (!w->forks)
			return w;
	}
	return NULL;
}

/* The wake that started a task, else its fork; NULL if neither is known. */
static const struct path_wake *
start_of(const struct path *p, const struct path_task *k)
{
	const struct path_wake *w = &p->wake[k->first_wake], *fork = NULL;
	uint32_t i;

	for (i = 0; i < k->nwake; i++) {
		if (w[i].new && !w[i].forks)
			return &w[i];
		if (w[i].forks && fork == NULL)
			fork = &w[i];
	}
	return fork;
}

/* The text of a stack field: the definition of an @HASH. */
static struct str
frames(const struct path *p, uint32_t stack)
{
	struct str s = intern_str(&p->texts, stack);
	const uint64_t *text;
	uint64_t hash;

	if (!stack_is_ref(s, &hash))
		return s;
	text = hash_get(&p->stacks, hash);
	return text == NULL ? STR("-") : intern_str(&p->texts, (uint32_t)*text - 1);
}

static bool
has(struct str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what)) != NULL;
}

/* --- pieces */

static void
put_task(struct strbuf *b, const struct path *p, uint32_t task)
{
	const struct path_task *k = &p->task[task];
	char d[TEXT_NUMBER];

	strbuf_add(b, (struct str){ d, text_put_u64(d, (uint64_t)(k->tid < 0 ? 0 : k->tid)) });
	strbuf_putc(b, '/');
	strbuf_add(b, intern_str(&p->texts, k->comm));
}

/* The tasks from the one asked for down to this level; of long chains, the middle is left out. */
static uint32_t
chain(struct path *p)
{
	struct strbuf b = { 0 };
	uint32_t text;
	size_t i;

	for (i = 0; i < p->nlevel; i++) {
		if (p->nlevel > CHAIN && i == CHAIN / 2) {
			strbuf_add(&b, STR("<..."));
			i = p->nlevel - CHAIN / 2;
		}
		if (b.n > 0)
			strbuf_putc(&b, '<');
		put_task(&b, p, p->level[i].task);
	}
	text = ids_text(&p->texts, strbuf_str(&b));
	strbuf_free(&b);
	return text;
}

/* Add a piece of the task of the innermost level; s is the state it is of, or NULL. */
static struct path_piece *
add_piece(struct path *p, int64_t t, int64_t end, const struct path_state *s, const char *why)
{
	const struct path_level *l = &p->level[p->nlevel - 1];
	uint32_t none = ids_text(&p->texts, STR("-"));
	struct path_piece *piece;

	p->piece = mem_grow(p->piece, p->npiece, &p->cap_piece, sizeof *p->piece);
	piece = &p->piece[p->npiece++];
	*piece = (struct path_piece){ .t = t,
		.end = end,
		.task = l->task,
		.depth = (uint32_t)p->nlevel - 1,
		.state = s == NULL ? none : s->state,
		.why = ids_text(&p->texts, str_of(why)),
		.chain = chain(p),
		.info = none,
		.stack = s == NULL ? none : s->stack,
		.comm = s == NULL ? p->task[l->task].comm : s->comm,
		.cpu = s == NULL ? -1 : s->cpu };
	return piece;
}

/* The first running state on a CPU that ends after t, as an index into run. */
static size_t
first_run(const struct path *p, uint32_t machine, int32_t cpu, int64_t t)
{
	const struct path_state *s;
	size_t low = 0, high = p->nrun, mid;
	int d;

	while (low < high) {
		mid = low + (high - low) / 2;
		s = &p->state[p->run[mid]];
		d = order_of(p->task[s->task].machine, machine);
		d = d != 0 ? d : order_of(s->cpu, cpu);
		if (d < 0 || (d == 0 && s->end <= t))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Find out which task ran longest on a CPU between two times; returns NONE if none did. */
static uint32_t
who_ran(struct path *p, uint32_t machine, int32_t cpu, int64_t from, int64_t to, uint64_t *ns)
{
	size_t i = first_run(p, machine, cpu, from);
	const struct path_state *s;
	uint32_t most = NONE;
	int64_t a, b;

	for (p->nwho = 0; i < p->nrun && p->steps > 0; i++, p->steps--) {
		s = &p->state[p->run[i]];
		if (s->cpu != cpu || p->task[s->task].machine != machine || s->t >= to)
			break;
		a = s->t > from ? s->t : from;
		b = s->end < to ? s->end : to;
		if (p->ran[s->task] == 0) {
			p->who = mem_grow(p->who, p->nwho, &p->cap_who, sizeof *p->who);
			p->who[p->nwho++] = s->task;
		}
		p->ran[s->task] += b > a ? (uint64_t)b - (uint64_t)a : 0;
	}
	for (i = 0; i < p->nwho; i++)
		if (most == NONE || p->ran[p->who[i]] > p->ran[most])
			most = p->who[i];
	*ns = most == NONE ? 0 : p->ran[most];
	for (i = 0; i < p->nwho; i++)
		p->ran[p->who[i]] = 0;
	return most;
}

/* The CPU that a task waits for in its state number i: the one that it got, else where the wake put
 * it, else its own. */
static int32_t
cpu_waited_for(const struct path *p, const struct path_task *k, uint32_t i)
{
	const struct path_state *s = &p->state[k->first + i], *next = s + 1;
	const struct path_wake *w;

	if (i + 1 < k->n && next->t == s->end && next->run == RUNS)
		return next->cpu;
	w = wake_at(p, k, s->t);
	return w != NULL && w->target >= 0 ? w->target : s->cpu;
}

static void
add_wait_for_cpu(struct path *p, int64_t t, int64_t end, const struct path_task *k, uint32_t i)
{
	int32_t cpu = cpu_waited_for(p, k, i);
	struct path_piece *piece = add_piece(p, t, end, &p->state[k->first + i], "cpu");
	struct strbuf b = { 0 };
	char d[TEXT_NUMBER];
	uint64_t ns;
	uint32_t who;

	piece->cpu = cpu;
	who = who_ran(p, k->machine, cpu, t, end, &ns);
	if (who != NONE && ns > 0) {
		pairs_add_task(
		    &b, STR("ran"), p->task[who].tid, intern_str(&p->texts, p->task[who].comm));
		pairs_add(&b, STR("ran_ns"), (struct str){ d, text_put_u64(d, ns) });
		piece->info = ids_text(&p->texts, strbuf_str(&b));
	}
	strbuf_free(&b);
}

/* --- the walk */

static void
descend(struct path *p, uint32_t task, int64_t from, int64_t t, const struct path_wake *w)
{
	if (from >= t)
		return;
	p->level = mem_grow(p->level, p->nlevel, &p->cap_level, sizeof *p->level);
	p->level[p->nlevel++] = (struct path_level){ task, from, t, w->t, w->stack };
}

/* Does a softirq only do what its task asked for? The kernel runs it when the task enables softirqs
 * again, or in ksoftirqd. */
static bool
is_tasks_own(const struct path *p, const struct path_wake *w)
{
	struct str stack = frames(p, w->stack);

	if (str_starts(intern_str(&p->texts, p->task[w->waker].comm), "ksoftirqd"))
		return true;
	return (has(stack, "handle_softirqs") || has(stack, "do_softirq")) &&
	       has(stack, "__local_bh_enable_ip");
}

/* Why the path of a blocked task does not lead to its waker; NULL if it does. */
static const char *
stops(const struct path *p, const struct path_state *s, const struct path_wake *w)
{
	struct str context;

	if (s->ends != NONE)
		return intern_str(&p->texts, s->ends).p;
	if (w == NULL)
		return "no-wake";
	if (has(frames(p, w->stack), "sched_ttwu_pending"))
		return "remote-wake";
	context = intern_str(&p->texts, w->context);
	if (str_eq(context, STR("hardirq")) || str_eq(context, STR("nmi")))
		return context.p;
	if (w->tid == 0)
		return str_eq(context, STR("softirq")) ? context.p : "idle";
	if (w->waker == NONE)
		return "unknown-waker";
	if (str_eq(context, STR("softirq")) && !is_tasks_own(p, w))
		return context.p;
	return w->waker == s->task ? "self" : NULL;
}

/* The last moment up to t at which a task ran or may have run; false if there is none. */
static bool
last_run(struct path *p, uint32_t task, int64_t t, int64_t *last)
{
	const struct path_task *k = &p->task[task];
	const struct path_state *s;
	uint32_t i;

	for (i = begun(p, k, t); i > 0 && p->steps > 0; i--, p->steps--) {
		s = &p->state[k->first + i - 1];
		if (s->run == RUNS || s->run == UNKNOWN) {
			*last = s->end < t ? s->end : t;
			return true;
		}
	}
	return false;
}

/* Go on where a blocked task's wake came from. */
static void
walk_blocked(struct path *p, const struct path_state *s, int64_t from, int64_t t)
{
	const struct path_task *k = &p->task[s->task];
	const struct path_wake *w = wake_at(p, k, s->end);
	const char *why = stops(p, s, w);
	struct path_piece *piece;
	int64_t last;

	if (why != NULL) {
		piece = add_piece(p, from, t, s, why);
		if (w != NULL && w->irq != NONE && s->ends == NONE) {
			struct strbuf b = { 0 };

			pairs_add(&b, STR("irq"), intern_str(&p->texts, w->irq));
			piece->info = ids_text(&p->texts, strbuf_str(&b));
			strbuf_free(&b);
		}
		return;
	}
	if (!last_run(p, w->waker, w->t, &last)) {
		add_piece(p, from, t, s, "unknown-waker");
		return;
	}
	if (last < t)
		add_piece(p, last > from ? last : from, t, s, "waking");
	descend(p, w->waker, from, last < t ? last : t, w);
}

/* Before the first state of a task, the path is that of the task that forked it. */
static void
walk_unborn(struct path *p, const struct path_task *k, int64_t from, int64_t t)
{
	const struct path_wake *w = start_of(p, k);

	if (w == NULL || w->waker == NONE || &p->task[w->waker] == k || w->t < from)
		add_piece(p, from, t, NULL, "unborn");
	else
		descend(p, w->waker, from, t, w);
}

/* Walk one state back at the innermost level. */
static void
step(struct path *p)
{
	struct path_level *l = &p->level[p->nlevel - 1];
	const struct path_task *k = &p->task[l->task];
	uint32_t i = begun(p, k, l->t);
	const struct path_state *s = i == 0 ? NULL : &p->state[k->first + i - 1];
	int64_t t = l->t, from = l->from;
	struct path_piece *piece;

	if (s != NULL && s->end < t)
		from = s->end > from ? s->end : from;
	else if (s != NULL)
		from = s->t > from ? s->t : from;
	l->t = from;
	if (s == NULL) {
		walk_unborn(p, k, from, t);
	} else if (s->end < t) {
		add_piece(p, from, t, NULL, i == k->n ? "dead" : "unknown");
	} else if (s->run == WAITS_FOR_CPU) {
		add_wait_for_cpu(p, from, t, k, i - 1);
	} else if (s->run == BLOCKED) {
		walk_blocked(p, s, from, t);
	} else {
		piece = add_piece(p, from, t, s, s->run == RUNS ? "running" : "unknown");
		if (s->run == RUNS && t == l->waked)
			piece->stack = l->stack;
	}
}

void
path_walk(struct path *p, uint32_t task)
{
	const struct path_task *k = &p->task[task];
	int64_t from = p->state[k->first].t, to = p->state[k->first + k->n - 1].end;
	const struct path_wake none = { .t = INT64_MIN };
	struct path_level *l;

	from = p->time.from > from ? p->time.from : from;
	to = p->time.to < to ? p->time.to : to;
	p->steps = 64 * (uint64_t)(p->nstate + p->nwake) + 1000;
	descend(p, task, from, to, &none);
	while (p->nlevel > 0) {
		l = &p->level[p->nlevel - 1];
		if (l->t <= l->from) {
			p->nlevel--;
		} else if (p->steps == 0 || p->nlevel > p->ids.n) {
			p->limited = true;
			add_piece(p, l->from, l->t, NULL, "limit");
			l->t = l->from;
		} else {
			p->steps--;
			step(p);
		}
	}
}

/* --- choosing a task */

static bool
matches(const struct path *p, const struct path_task *k, struct str who, struct str machine)
{
	int64_t id = -1;

	if (k->n == 0 || p->state[k->first].t > p->time.to ||
	    p->state[k->first + k->n - 1].end < p->time.from)
		return false;
	if (machine.n > 0 && !pattern_match(machine, intern_str(&p->texts, k->machine)))
		return false;
	if (who.n == 0)
		return true;
	if (text_s64(who.p, who.p + who.n, &id) == who.p + who.n)
		return k->tid == id;
	return pattern_match(who, intern_str(&p->texts, k->comm));
}

bool
path_has(const struct path *p, uint32_t task)
{
	return task < p->ids.n && p->task[task].n > 0;
}

/* The task that made a task; NONE if it is not known. */
static uint32_t
parent_of(const struct path *p, uint32_t task)
{
	const struct path_task *k = &p->task[task];
	const struct path_wake *w = k->nwake == 0 ? NULL : start_of(p, k);

	return w == NULL ? NONE : w->waker;
}

enum { NEW, SEEN, BELOW };

/* Is a task below one that is marked BELOW? Tasks on the way are marked, and walked once. */
static bool
is_below(const struct path *p, uint8_t *mark, uint32_t task)
{
	uint32_t i = task;

	for (; i != NONE && mark[i] == NEW; i = parent_of(p, i))
		mark[i] = SEEN;
	if (i == NONE || mark[i] == SEEN)
		return false;
	for (i = task; mark[i] == SEEN; i = parent_of(p, i))
		mark[i] = BELOW;
	return true;
}

/* Is one of the tasks that match an ancestor of all others? *task is one that matches, and becomes
 * the ancestor. */
static bool
find_ancestor(const struct path *p, struct str who, struct str machine, uint32_t *task)
{
	uint8_t *mark = mem_alloc(p->ids.n);
	uint32_t i, top = *task;
	bool found = true;

	memset(mark, NEW, p->ids.n);
	for (i = top; i != NONE && mark[i] == NEW; i = parent_of(p, i)) {
		mark[i] = SEEN;
		if (matches(p, &p->task[i], who, machine))
			top = i;
	}
	memset(mark, NEW, p->ids.n);
	mark[top] = BELOW;
	for (i = 0; i < p->ids.n && found; i++)
		if (matches(p, &p->task[i], who, machine))
			found = is_below(p, mark, i);
	free(mark);
	*task = found ? top : *task;
	return found;
}

size_t
path_find(const struct path *p, struct str who, struct str machine, uint32_t *task)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < p->ids.n; i++)
		if (matches(p, &p->task[p->byid[i]], who, machine) && n++ == 0)
			*task = p->byid[i];
	return n > 1 && who.n > 0 && find_ancestor(p, who, machine, task) ? 1 : n;
}

/* How long a task ran. */
static uint64_t
ran_of(const struct path *p, uint32_t task)
{
	const struct path_state *s = &p->state[p->task[task].first], *end = s + p->task[task].n;
	uint64_t ran = 0;

	for (; s < end; s++)
		if (s->run == RUNS)
			ran += (uint64_t)s->end - (uint64_t)s->t;
	return ran;
}

/* Add TID/NAME (born TIME, ran NS ns). */
static void
describe(const struct path *p, uint32_t task, uint64_t ran, struct strbuf *b)
{
	char d[TEXT_NUMBER];

	put_task(b, p, task);
	strbuf_add(b, STR(" (born "));
	strbuf_add(b, (struct str){ d, text_put_s64(d, p->task[task].birth) });
	strbuf_add(b, STR(", ran "));
	strbuf_add(b, (struct str){ d, text_put_u64(d, ran) });
	strbuf_add(b, STR(" ns)"));
}

struct named {
	uint64_t ran;
	uint32_t task;
};

void
path_names(const struct path *p, struct str who, struct str machine, struct strbuf *b)
{
	struct named top[NAMES + 1];
	size_t n = 0, at;
	uint64_t ran;
	uint32_t i;

	for (i = 0; i < p->ids.n; i++) {
		if (!matches(p, &p->task[p->byid[i]], who, machine))
			continue;
		ran = ran_of(p, p->byid[i]);
		for (at = n; at > 0 && top[at - 1].ran < ran; at--)
			if (at <= NAMES)
				top[at] = top[at - 1];
		if (at <= NAMES)
			top[at] = (struct named){ ran, p->byid[i] };
		n += n <= NAMES;
	}
	for (at = 0; at < n; at++) {
		if (b->n > 0)
			strbuf_add(b, STR(", "));
		if (at == NAMES)
			strbuf_add(b, STR("..."));
		else
			describe(p, top[at].task, top[at].ran, b);
	}
}

/* --- writing */

/* Write the definition of a stack, once. */
static void
define(struct path *p, uint32_t stack, const struct rec *r, struct out *o)
{
	struct rec def = { .kind = REC_STACK,
		.t = r->t,
		.machine = r->machine,
		.cpu = -1,
		.pid = r->pid,
		.tid = -1 };
	uint64_t hash;

	if (!stack_is_ref(intern_str(&p->texts, stack), &hash) ||
	    hash_get(&p->stacks, hash) == NULL || *hash_put(&p->written, hash) != 0)
		return;
	*hash_put(&p->written, hash) = 1;
	def.stack.hash = hash;
	def.stack.frames = frames(p, stack);
	rec_put(o, &def);
}

static struct str
field(const struct path *p, uint32_t text)
{
	struct str s = intern_str(&p->texts, text);

	return str_eq(s, STR("-")) ? STR_NONE : s;
}

void
path_write(struct path *p, struct out *o)
{
	const struct path_piece *b;
	const struct path_task *k;
	struct rec r;
	size_t i;

	for (i = p->npiece; i-- > 0;) {
		b = &p->piece[i];
		k = &p->task[b->task];
		r = (struct rec){ .kind = REC_PATH,
			.t = b->t,
			.machine = intern_str(&p->texts, k->machine),
			.cpu = b->cpu,
			.pid = k->pid,
			.tid = k->tid };
		r.path.end = b->end;
		r.path.birth = k->birth;
		r.path.comm = field(p, b->comm);
		r.path.depth = b->depth;
		r.path.state = field(p, b->state);
		r.path.why = intern_str(&p->texts, b->why);
		r.path.chain = intern_str(&p->texts, b->chain);
		r.path.info = field(p, b->info);
		r.path.stack = field(p, b->stack);
		define(p, b->stack, &r, o);
		rec_put(o, &r);
	}
}

void
path_free(struct path *p)
{
	free(p->task);
	free(p->state);
	free(p->wake);
	free(p->irq);
	free(p->run);
	free(p->byid);
	free(p->piece);
	free(p->level);
	free(p->ran);
	free(p->who);
	intern_free(&p->texts);
	intern_free(&p->ids);
	hash_free(&p->stacks);
	hash_free(&p->written);
}
