/* SPDX-License-Identifier: MIT */
/* states_int - the machines, CPUs and tasks of the fold */

#ifndef STATES_INT_H
#define STATES_INT_H

#include "base/hash.h"
#include "base/intern.h"
#include "base/strbuf.h"
#include "fds.h"
#include "states.h"

/* Why an interval begins or ends where it does. */
enum edge {
	EDGE_SEEN,     /* an event reported it */
	EDGE_INFERRED, /* other events imply it */
	EDGE_UNKNOWN,  /* it began before the recording */
	EDGE_OPEN,     /* it goes on after the recording */
	EDGE_LOST      /* events are missing from there on */
};

/* Add begin= and end= to the pairs, unless they are EDGE_SEEN. */
void edge_pairs(struct strbuf *, enum edge begin, enum edge end);

/* A number as perf or the kernel prints it; REC_NO_INT if it is none. That of a key in pairs. */
int64_t number_of(struct str);
int64_t info_number(struct str info, struct str key);

/* Add a pair with a number. */
void info_add(struct strbuf *, struct str key, uint64_t);

/* --- machines */

struct machine {
	uint32_t id; /* counts from 0 */
	struct str name;
	bool begun;               /* it had an event: start and last are known */
	bool switched;            /* one of them was a context switch */
	bool scheduled;           /* one of them was folded into states */
	bool folded;              /* the stream already has its states */
	int64_t start, last;      /* the times of its first and its last event */
	int64_t latest;           /* of its events and process records so far */
	int64_t lost;             /* events are missing up to then */
	uint32_t losses;          /* how often */
	uint32_t arch;            /* enum syscalls_arch */
	struct call *calls;       /* a list: the system calls that tasks are in */
	struct request *requests; /* a list: those that devices carry out, or have queued */
	uint64_t switches, missing;
	uint64_t missing_idle; /* of them: to or from an idle task */
	uint32_t from; /* the name that most of them may be from, and its lead over all others */
	uint64_t lead;
	struct task *homeless; /* a list like cpu.home: tasks without a known CPU */
	struct cpu *heard;     /* a list: CPUs that had an event since the last loss on all */
};

struct machines {
	struct intern names;         /* of machines; the number is the index in all */
	struct machine **all, *last; /* that machines_get() returned last */
	size_t cap;
};

/* machines_get() for another machine than the last one. */
struct machine *machines_get_other(struct machines *, struct str name);

static inline struct machine *
machines_get(struct machines *ms, struct str name)
{
	if (ms->last != NULL && str_eq(ms->last->name, name))
		return ms->last;
	return machines_get_other(ms, name);
}

void machines_free(struct machines *);

/* Account for an event, or a record of a process, at t. False if it is earlier than the previous
 * one of either. What held when the recording began has the time 0 wherever it is. */
bool machine_event(struct machine *, int64_t t);
bool machine_process(struct machine *, int64_t t);

/* --- CPUs: their states, as cpustate records */

/*
 * The lane "cpu" holds the states without a task: idle and unknown. With the running states of
 * tasks it covers the span of the machine's events once. The lanes "idle" (C-states), "freq" and
 * "lost" are independent of it. The caller's times never go backwards, except those of losses.
 */
enum cpu_state { CPU_UNKNOWN, CPU_IDLE, CPU_RUNNING };

struct cpu {
	struct machine *machine;
	size_t index;
	int32_t n; /* -1: the CPU of events that do not name one */
	enum cpu_state state;
	int64_t since; /* when the state began */
	enum edge begin;
	struct task *task;  /* the one that is running */
	bool heard;         /* it is in machine.heard */
	struct cpu *next;   /* there */
	bool fresh;         /* no switch yet, nor a loss: since is the machine's first event */
	uint32_t idle_name; /* the name of its idle task */
	struct task *home;  /* a list: the tasks that ran here last, or wait for it */
	int64_t cstate, cstate_since; /* REC_NO_INT outside a pair of idle records */
	uint64_t khz;                 /* REC_NO_U64 until the first */
	int64_t khz_since;
	struct lanes *lanes; /* NULL until its first interrupt */
};

enum { CPUS_RECENT = 64 };

struct cpus {
	void (*emit)(void *arg, const struct rec *);
	void *arg;
	struct hash of; /* machine << 32 | number; index + 1 */
	struct cpu **all, *recent[CPUS_RECENT];
	size_t n, cap;
	struct cpu **heard; /* of the machine that loses events, in the order of their indexes */
	size_t cap_heard;
	struct strbuf info;
	const struct intern *names; /* of tasks, handlers and more: tasks.names */
};

/* NULL if no event named the CPU. */
struct cpu *cpus_find(const struct cpus *, const struct machine *, int32_t n);

/* The CPU of an event. The machine must have begun. */
struct cpu *cpus_get(struct cpus *, struct machine *, int32_t n);

/* End its state at t, writing it if it is idle or unknown, and begin another. */
void cpu_begin(struct cpus *, struct cpu *, int64_t t, enum cpu_state, enum edge end);

/* Account for idle and freq records. */
void cpu_idle(struct cpus *, struct cpu *, int64_t t, int64_t state);
void cpu_freq(struct cpus *, struct cpu *, int64_t t, uint64_t khz);

/* Nothing is known from t on. */
void cpu_lose(struct cpus *, struct cpu *, int64_t t);

/* Write the record of a loss: events of CPU n, or of all (-1), are missing between two times. */
void cpus_lost(
    struct cpus *, const struct machine *, int32_t n, int64_t from, int64_t to, uint64_t count);

/* Write the intervals that are open at each machine's last event. */
void cpus_end(struct cpus *);
void cpus_free(struct cpus *);

/* --- interrupts: the lanes irq and softirq of a CPU */

/* Handlers of device interrupts may nest; those of soft interrupts do not, but on a real-time
 * kernel tasks switch while they run. */
enum lane_kind { LANE_IRQ, LANE_SOFTIRQ, LANES };

/* The completion of a request on a CPU, until that switches. */
struct done {
	bool set; /* there was one, and what runs is still the same handler, or in none as then */
	bool inside; /* in a handler */
	int32_t tid; /* the request's task, -1: not known */
	uint32_t device;
	int64_t t, birth;
	int64_t entry; /* when the handler began that the CPU was in; REC_NO_NS: in none */
};

void lanes_done(struct cpu *, const struct done *);

/* The completion that the CPU is in, if set. */
struct done lanes_last(const struct cpu *);

/* A handler begins at r->t. */
void lanes_enter(struct cpus *, struct cpu *, enum lane_kind, const struct rec *r, int64_t number,
    uint32_t name);

/* It ends, and is written. False if it is none of those that run, nor may have begun before the
 * recording. */
bool lanes_exit(struct cpus *, struct cpu *, enum lane_kind, const struct rec *r, int64_t number,
    uint32_t name);

/* A CPU that has lanes switches, as no CPU does in a device's interrupt. */
void lanes_switch(struct cpus *, const struct cpu *, int64_t t);

/* Write what is open at the recording's end, or when events are lost: machine.lost is set. */
void lanes_close(struct cpus *, const struct cpu *, int64_t t, enum edge end);

/* --- tasks: the live threads of each machine */

enum task_state {
	TASK_UNKNOWN,
	TASK_NEW, /* forked, no event since: written as unknown, or as its first event implies */
	TASK_RUNNABLE,
	TASK_PREEMPTED,
	TASK_RUNNING,
	TASK_SLEEPING, /* this and the following wait for a wakeup */
	TASK_UNINTERRUPTIBLE,
	TASK_IDLE,
	TASK_STOPPED,
	TASK_TRACED,
	TASK_PARKED,
	TASK_DEAD
};

/* A wake: the waker, the time and the CPUs. Names and words are numbers of tasks.names. */
struct wake {
	int64_t t, birth; /* of the waker */
	int32_t cpu, pid, tid, target;
	uint32_t comm, context;
	struct str stack;
	struct done done; /* the completion of a request that it is a part of */
};

/* A waking whose wakeup has not been seen yet. */
struct waking {
	struct wake wake;
	struct strbuf stack; /* its stack's text */
	struct waking *next; /* in the list of those not in use */
};

/* The facts known about an interval when it begins, besides its stack. */
struct reason {
	int32_t next_tid, waker_tid; /* -1: none */
	uint32_t next, waker, context, type, device;
	uint8_t io; /* enum io: how it is known that a task waits for I/O */
};

#define NO_REASON                                                                                  \
	((struct reason){                                                                          \
	    -1, -1, INTERN_NONE, INTERN_NONE, INTERN_NONE, INTERN_NONE, INTERN_NONE, IO_NONE })

enum io {
	IO_NONE,
	IO_STAT,      /* the scheduler's accounting */
	IO_REQUEST,   /* the completion of its own request woke it */
	IO_COMPLETION /* that of another task's request did */
};

struct task {
	struct machine *machine;
	int32_t tid; /* -1: dead, its memory is free for another one */
	int32_t pid, cpu;
	uint32_t index, name;
	int64_t prio;
	int64_t birth;  /* its fork, 0 if that is before the recording */
	int64_t exit_t; /* if it exited; it may run on for a while */
	bool forked;    /* an event reported its birth */
	bool again;     /* an earlier task of this tid died, and no event had reported its birth */
	bool known;     /* a scheduler event named it */
	bool exited;
	uint8_t state, begin; /* enum task_state, enum edge: of the interval that is open */
	int64_t since;
	struct reason reason;
	struct strbuf stack;
	struct waking *waking;            /* or NULL */
	struct cpu *on;                   /* the CPU that it is running on */
	struct task **home, *prev, *next; /* the list that a CPU's loss concerns */
	struct call *call;                /* its last system call, or NULL */
	struct fds *fds;                  /* of a process's first task: those of the process */
	uint32_t fds_losses;              /* machine.losses when fds was right */
};

enum { TASKS_RECENT = 4096 };

struct tasks {
	struct machines machines;
	struct intern names; /* of tasks, and words of wakeups */
	uint64_t cut;        /* names that were too long */
	struct hash of;      /* machine << 32 | tid; index + 1, or 0 for one that died */
	struct task **all, *recent[TASKS_RECENT];
	size_t n, cap;
	struct task *spare; /* the dead, by their next */
	struct waking *spare_waking;
};

/* The live task of that tid, NULL if there is none. */
struct task *tasks_find(const struct tasks *, const struct machine *, int32_t tid);

/* tasks_get() for a task that is not a recent one. */
struct task *tasks_get_other(struct tasks *, struct machine *, int32_t tid, int64_t t);

/* Where a task of that tid is, if it is one of those used last. */
static inline struct task **
tasks_recent(struct tasks *ts, int32_t tid)
{
	return &ts->recent[(uint32_t)tid % TASKS_RECENT];
}

/* The live task of that tid; if there is none a new one, unknown since the machine's first event
 * or, if a task of this tid has died, since t. */
static inline struct task *
tasks_get(struct tasks *ts, struct machine *m, int32_t tid, int64_t t)
{
	struct task **recent = tasks_recent(ts, tid);

	if (*recent == NULL || (*recent)->tid != tid || (*recent)->machine != m)
		*recent = tasks_get_other(ts, m, tid, t);
	return *recent;
}

/* End its life. */
void tasks_drop(struct tasks *, struct task *);
void tasks_free(struct tasks *);

/* The number of a name in a field, cut if it is too long; INTERN_NONE for "-". And back. */
uint32_t tasks_name(struct tasks *, struct str);
static inline struct str
tasks_name_str(const struct tasks *ts, uint32_t name)
{
	return name == INTERN_NONE ? STR_NONE : intern_str(&ts->names, name);
}

/* Update a task from the fields comm, prio and pid; each may be unknown. */
void task_called(struct tasks *, struct task *, struct str comm, int64_t prio, int32_t pid);

/* Put it into the list of the CPU that it ran on last or waits for, or of the machine. */
void task_link(struct task *, struct task **home);
void task_unlink(struct task *);

/* The state that a switch leaves a task in, from the letters of the field state. A state's name. */
enum task_state task_state_of(struct str letters);
struct str task_state_name(enum task_state);

/* --- system calls, as iostate records */

struct calls {
	struct cpus *out;
	struct tasks *tasks;
	int64_t merge;       /* the time between calls that are merged, -1: none are */
	uint64_t stray;      /* exits of calls that had not begun */
	bool raw_returns;    /* exits of raw_syscalls are recorded */
	struct intern names; /* of calls */
	struct calls_name *name;
	size_t cap;
	struct strbuf info;
};

/* Account for the entry or exit of a call; false if the record is none. */
bool calls_add(struct calls *, struct machine *, const struct rec *);

/* A process begins with its parent's descriptors. */
void calls_fork(struct calls *, struct task *parent, struct task *child);

/* A task ends, or the recording. */
void calls_end_task(struct calls *, struct task *, int64_t t, enum edge end);

/* Events of the machine are missing from t on. */
void calls_lose(struct calls *, struct machine *, int64_t t);

/* A task goes on as another. */
void calls_move(struct task *from, struct task *to);
void calls_free_task(struct task *);
void calls_free(struct calls *);

/* --- requests of block devices, as request records */

struct requests {
	struct cpus *out;
	struct tasks *tasks;
	bool any;            /* there were requests */
	struct hash devices; /* machine << 32 | number; index + 1 */
	struct device *device;
	size_t n, cap;
	struct request *spare;
	struct strbuf info;
};

/* Account for a tracepoint of block devices; false if the record is to be copied. */
bool requests_add(struct requests *, struct machine *, const struct rec *);

/* Write what a machine's devices carry out at the recording's end, or when events are lost. */
void requests_cut(struct requests *, struct machine *, int64_t t, enum edge end);
void requests_free(struct requests *);

#endif
