/* SPDX-License-Identifier: MIT */
/* tasks - the live threads of each machine: what they are called, what they do, who woke them */

#ifndef TASKS_H
#define TASKS_H

#include "machines.h"
#include "rec/rec.h"

enum task_state {
	TASK_UNKNOWN,
	TASK_NEW, /* forked, and not heard of since: written as unknown, or as what it turns out */
	TASK_RUNNABLE,
	TASK_PREEMPTED,
	TASK_RUNNING,
	TASK_SLEEPING, /* from here on it waits for a wakeup */
	TASK_UNINTERRUPTIBLE,
	TASK_IDLE,
	TASK_STOPPED,
	TASK_TRACED,
	TASK_PARKED,
	TASK_DEAD
};

/* Who wakes a task: the waker's own numbers, -1 and "-" where not known. */
struct wake {
	int64_t t;
	int32_t cpu, pid, tid, target;
	int64_t birth;
	struct str comm, context, stack;
};

struct task {
	struct machine *machine;
	size_t index;
	int32_t tid; /* -1: dead, its memory waits for the next one */
	int32_t pid, cpu;
	int64_t birth; /* of its fork, 0 where that is older than the recording */
	bool forked;   /* an event told of that */
	bool again;    /* another one of this tid died, and no event had told of its fork */
	int64_t prio;
	struct strbuf comm;
	bool known;  /* a scheduler event told of it */
	bool exited; /* at exit_t; it may run on for a while */
	int64_t exit_t;

	enum task_state state;
	int64_t since;
	enum edge begin;
	struct strbuf info, stack; /* of the interval that is open */

	struct cpu *on; /* where it is running */
	struct task **home, *before,
	    *behind; /* the list of those that a CPU's loss is of; task_link_cpu() */

	bool waking; /* wake is of a waking whose wakeup has not been seen yet */
	struct wake wake;
	struct strbuf wake_text;
};

enum { TASKS_NEAR = 1024 };

struct tasks {
	struct task *near[TASKS_NEAR]; /* found last, by some bits of the tid */
	struct hash of;                /* machine << 32 | tid; index + 1, or 0 for one that died */
	struct task **all;
	size_t n, cap;
	struct task *spare; /* the dead, by their behind */
	struct machines machines;
};

/* The live task of that tid, NULL where there is none. */
struct task *tasks_find(const struct tasks *, const struct machine *, int32_t tid);

/* The same, made where there is none: unknown since the machine's first event or, if a task of this
 * tid has died, since t. */
struct task *tasks_get(struct tasks *, struct machine *, int32_t tid, int64_t t);

/* It is dead. */
void tasks_drop(struct tasks *, struct task *);
void tasks_free(struct tasks *);

/* What a comm, prio or pid field says of it, none of which need be known. */
void task_called(struct task *, struct str comm, int64_t prio, int32_t pid);

/* It ran on this CPU last, or waits for it (its list, or the machine's where none is known). */
void task_link_cpu(struct task *, struct task **home);
void task_unlink(struct task *);

/* The state that a switch leaves the task before it in, by the letters of prev_state. */
enum task_state task_state_of(struct str letters);
struct str task_state_name(enum task_state);

#endif
