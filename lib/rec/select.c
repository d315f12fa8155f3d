/* SPDX-License-Identifier: MIT */

#include "select.h"
#include "cut.h"
#include "event.h"
#include "stack.h"

bool
select_lacks_forks(const struct select *p)
{
	return p->tasks.any_family_hit && !p->forks;
}

void
select_free(struct select *p)
{
	cpulist_free(&p->cpus);
	tasklist_free(&p->tasks);
	patterns_free(&p->machine);
	patterns_free(&p->function);
	patterns_free(&p->event);
	intern_free(&p->machines);
	hash_free(&p->known);
	hash_free(&p->functions);
}

/* What is known of a task: bits, and above them its pid + 1, or 0. */
enum {
	NAMED = TASKLIST_ALONE,   /* its name is selected */
	FAMILY = TASKLIST_FAMILY, /* it is of a family that is */
	BITS = TASKLIST_BITS
};

static uint64_t
with_pid(uint64_t task, int32_t pid)
{
	return pid < 0 ? task : ((uint64_t)pid + 1) << BITS | (task & (NAMED | FAMILY));
}

static int32_t
pid_of(uint64_t task)
{
	return (int32_t)((int64_t)(task >> BITS) - 1);
}

/* Mark the pids and tids that occur. Returns FAMILY if one of these selects its family. */
static uint64_t
hit_ids(struct select *p, int32_t tid, int32_t pid)
{
	return tasklist_ids(&p->tasks, tid, pid, TASKLIST_ANY) & FAMILY;
}

/* Each CPU has an idle task of its own, all with tid 0. */
static uint64_t
key_of(uint32_t machine, int32_t cpu, int32_t tid)
{
	return hash_pair(machine, (uint32_t)(tid == 0 ? ~cpu : tid));
}

/* What is known of a task; NULL if it is nothing, or the tid is unknown: key_of() has no key for
 * that. */
static const uint64_t *
find_task(const struct select *p, uint32_t machine, int32_t cpu, int32_t tid)
{
	return tid < 0 ? NULL : hash_get(&p->known, key_of(machine, cpu, tid));
}

/* Learn the pid and the name of a tid. */
static void
learn(struct select *p, const struct rec *r, int32_t tid, int32_t pid, struct str comm)
{
	uint64_t family = hit_ids(p, tid, pid), *task;

	if (tid < 0)
		return;
	task = hash_put(&p->known, key_of(intern_put(&p->machines, r->machine), r->cpu, tid));
	*task = with_pid(*task, pid) | family;
	if (!str_none(comm))
		*task = (*task & ~(uint64_t)NAMED) | tasklist_name(&p->tasks, comm, TASKLIST_ANY);
}

static void
learn_child(struct select *p, const struct rec *r)
{
	uint32_t machine = intern_put(&p->machines, r->machine);
	const uint64_t *parent = find_task(p, machine, r->cpu, r->tid);
	uint64_t bits = parent == NULL ? 0 : *parent & (NAMED | FAMILY);

	p->forks = true;
	bits |= hit_ids(p, r->fork.child_tid, r->fork.child_pid);
	if (r->fork.child_tid < 0)
		return;
	*hash_put(&p->known, key_of(machine, r->cpu, r->fork.child_tid)) =
	    with_pid(bits, r->fork.child_pid);
}

/* Does a switch out in this state end the task? */
static bool
is_death(struct str state)
{
	return memchr(state.p, 'X', state.n) != NULL || memchr(state.p, 'Z', state.n) != NULL;
}

/* Does a task end with this record? After its exit one of a family has a last switch or state,
 * which only what is known of it selects. */
static bool
ends_task(const struct select *p, const struct rec *r)
{
	uint32_t machine;
	const uint64_t *task;

	if (r->tid < 0)
		return false;
	if (r->kind != REC_EXIT)
		return r->kind == REC_SWITCH && is_death(r->switch_.state);
	machine = intern_find(&p->machines, r->machine);
	task = find_task(p, machine, r->cpu, r->tid);
	return task != NULL && (*task & FAMILY) == 0;
}

static void
note_tasks(struct select *p, const struct rec *r)
{
	if (p->ended != 0)
		hash_remove(&p->known, p->ended);
	learn(p, r, r->tid, r->pid,
	    r->kind == REC_COMM      ? r->comm.name
	    : r->kind == REC_SWITCH  ? r->switch_.comm
	    : r->kind == REC_STATE   ? r->state.comm
	    : r->kind == REC_ARROW   ? r->arrow.comm
	    : r->kind == REC_IOSTATE ? r->iostate.comm
	    : r->kind == REC_REQUEST ? r->request.comm
	    : r->kind == REC_PATH    ? r->path.comm
				     : STR_NONE);
	if (r->kind == REC_SWITCH)
		learn(p, r, r->switch_.next_tid, REC_NO_ID, r->switch_.next_comm);
	else if (r->kind == REC_WAKEUP)
		learn(p, r, r->wakeup.wakee, REC_NO_ID, r->wakeup.comm);
	else if (r->kind == REC_MIGRATE)
		learn(p, r, r->migrate.task, REC_NO_ID, r->migrate.comm);
	else if (r->kind == REC_ARROW)
		learn(p, r, r->arrow.wakee, r->arrow.wakee_pid, r->arrow.wakee_comm);
	else if (r->kind == REC_FORK)
		learn_child(p, r);
	p->ended = 0;
	if (ends_task(p, r))
		p->ended = key_of(intern_put(&p->machines, r->machine), r->cpu, r->tid);
}

static bool
is_task(const struct select *p, const struct rec *r, int32_t tid, int32_t pid)
{
	uint32_t machine = intern_find(&p->machines, r->machine);
	const uint64_t *known = find_task(p, machine, r->cpu, tid);

	if (known != NULL &&
	    ((*known & (NAMED | FAMILY)) != 0 || tasklist_has_id(&p->tasks, pid_of(*known))))
		return true;
	return tasklist_has_id(&p->tasks, tid) || tasklist_has_id(&p->tasks, pid);
}

static bool
task_matches(const struct select *p, const struct rec *r)
{
	if (p->tasks.n == 0 || is_task(p, r, r->tid, r->pid))
		return true;
	switch (r->kind) {
	case REC_SWITCH:
		return is_task(p, r, r->switch_.next_tid, REC_NO_ID);
	case REC_WAKEUP:
		return is_task(p, r, r->wakeup.wakee, REC_NO_ID);
	case REC_MIGRATE:
		return is_task(p, r, r->migrate.task, REC_NO_ID);
	case REC_FORK:
		return is_task(p, r, r->fork.child_tid, r->fork.child_pid);
	case REC_ARROW:
		return is_task(p, r, r->arrow.wakee, r->arrow.wakee_pid);
	default:
		return false;
	}
}

/* Does any CPU of a record match? Looks at all of them while one of the list is not hit. */
static bool
cpu_matches(struct select *p, const struct rec *r)
{
	int32_t other[2] = { REC_NO_ID, REC_NO_ID };
	bool match = p->cpus.n == 0 || cpulist_has(&p->cpus, r->cpu);

	if (match && p->cpus.missed == 0)
		return true;
	if (r->kind == REC_WAKEUP) {
		other[0] = r->wakeup.target;
	} else if (r->kind == REC_MIGRATE) {
		other[0] = r->migrate.from;
		other[1] = r->migrate.to;
	} else if (r->kind == REC_IDLE) {
		other[0] = r->idle.target;
	} else if (r->kind == REC_FREQ) {
		other[0] = r->freq.target;
	} else if (r->kind == REC_ARROW) {
		other[0] = r->arrow.target;
	}
	match = cpulist_has(&p->cpus, other[0]) || match;
	return cpulist_has(&p->cpus, other[1]) || match;
}

static bool
time_matches(const struct select *p, int64_t t, int64_t end)
{
	return t == REC_NO_NS ? p->time.text == NULL : window_has(&p->time, t, end);
}

static struct str
kind_of(const struct rec *r)
{
	const char *tab = memchr(r->line.p, '\t', r->line.n);

	return (struct str){ r->line.p, (size_t)(tab - r->line.p) };
}

static bool
event_matches(struct select *p, const struct rec *r)
{
	bool match = p->event.n == 0 || patterns_hit(&p->event, kind_of(r));

	if (match && p->event.missed == 0)
		return true;
	if (r->kind == REC_SAMPLE)
		return event_hit(&p->event, kind_of(r), r->sample.event);
	if (r->kind == REC_TRACEPOINT)
		return event_hit(&p->event, kind_of(r), r->tracepoint.name);
	if (select_is_event(r))
		patterns_met(&p->event, kind_of(r));
	return match;
}

static bool
has_function(struct select *p, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame f;

	while (stack_next(&w, &f))
		if (f.note.n > 0 && patterns_hit(&p->function, stack_note(f.note).symbol))
			return true;
	return false;
}

/* The same for the frames of a record's stack; one that is defined elsewhere is searched once. */
static bool
stack_has_function(struct select *p, const struct rec *r, struct str frames)
{
	const struct str *stack = rec_stack(r);
	uint64_t hash, *known;

	if (stack == NULL || !stack_is_ref(*stack, &hash))
		return has_function(p, frames);
	known = hash_put(&p->functions, hash);
	if (*known == 0)
		*known = has_function(p, frames) ? 2 : 1;
	return *known == 2;
}

static bool
function_matches(struct select *p, const struct rec *r, struct str frames)
{
	const struct rec_field *f;
	struct str addr;

	if (p->function.n == 0 || stack_has_function(p, r, frames))
		return true;
	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (f->type != REC_T_ADDR)
			continue;
		memcpy(&addr, (const char *)r + f->off, sizeof addr);
		if (has_function(p, addr))
			return true;
	}
	return false;
}

static bool
machine_matches(struct select *p, const struct rec *r)
{
	return p->machine.n == 0 || patterns_hit(&p->machine, r->machine);
}

void
select_note(struct select *p, const struct rec *r)
{
	if (p->tasks.n > 0)
		note_tasks(p, r);
	if (r->kind == REC_STACK && p->function.n > 0)
		hash_remove(&p->functions, r->stack.hash);
	if (p->event.missed > 0)
		event_matches(p, r);
	if (p->machine.missed > 0)
		machine_matches(p, r);
	if (p->cpus.missed > 0)
		cpu_matches(p, r);
}

bool
select_matches(struct select *p, const struct rec *r, struct str frames)
{
	enum select_by fails = !time_matches(p, r->t, cut_end(r)) ? SELECT_TIME
			       : !machine_matches(p, r)           ? SELECT_MACHINE
			       : !cpu_matches(p, r)               ? SELECT_CPU
			       : !event_matches(p, r)             ? SELECT_EVENT
			       : !task_matches(p, r)              ? SELECT_TASK
			       : !function_matches(p, r, frames)  ? SELECT_FUNCTION
								  : SELECT_ALL;

	p->last = fails > p->last ? fails : p->last;
	return fails == SELECT_ALL;
}

bool
select_is_event(const struct rec *r)
{
	return r->kind != REC_LOST && r->kind != REC_GAP && !rec_is_definition(r);
}

void
select_add_time(struct window *w, const struct rec *r)
{
	if (r->t != REC_NO_NS && select_is_event(r) && !rec_is_loss(r))
		window_add(w, r->t, cut_end(r));
}

bool
select_touches(struct select *p, const struct rec *r)
{
	int64_t since = r->kind == REC_LOST ? r->lost.since : r->gap.since;

	if (!machine_matches(p, r))
		return false;
	if (r->kind != REC_LOST && r->kind != REC_GAP)
		return r->t == REC_NO_NS || !window_is_over(&p->time, r->t);
	return time_matches(p, since == REC_NO_NS ? r->t : since, r->t) &&
	       (r->cpu == REC_NO_ID || cpu_matches(p, r));
}
