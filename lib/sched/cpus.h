/* SPDX-License-Identifier: MIT */
/*
 * cpus - fold what each CPU did into cpustate records
 *
 * The lane "cpu" holds what is no task's: idle, and unknown. With the running states of the tasks
 * it covers the span of the machine's events once. The lanes "idle" (C-states), "freq" and "lost"
 * stand beside it. Times that the caller gives never go backwards, losses excepted.
 */

#ifndef CPUS_H
#define CPUS_H

#include "machines.h"
#include "rec/rec.h"

enum cpu_state { CPU_UNKNOWN, CPU_IDLE, CPU_RUNNING };

struct cpu {
	struct machine *machine;
	int32_t n; /* -1: events that do not say which */
	enum cpu_state state;
	int64_t since; /* when the state began */
	enum edge begin;
	struct task *task;  /* who is running */
	bool fresh;         /* no switch yet, nor a loss: since is the machine's first event */
	struct strbuf name; /* its idle task's */
	struct task *home;  /* the tasks that ran here last, or wait to; see task_link_cpu() */
	int64_t cstate, cstate_since; /* REC_NO_INT outside of a pair of idle records */
	uint64_t khz;                 /* REC_NO_U64 until the first */
	int64_t khz_since;
};

enum { CPUS_NEAR = 64 };

struct cpus {
	void (*emit)(void *arg, const struct rec *); /* the record lives for the call */
	void *arg;
	struct cpu *near[CPUS_NEAR]; /* found last, by some bits of the number */
	struct hash of;              /* machine << 32 | number; index + 1 */
	struct cpu **all;
	size_t n, cap;
	struct strbuf info;
};

/* The CPU called n, made where it is new. The machine must have begun. */
struct cpu *cpus_get(struct cpus *, struct machine *, int32_t n);

/* End its state at t, writing it if it is idle or unknown, and begin another. */
void cpu_begin(struct cpus *, struct cpu *, int64_t t, enum cpu_state, enum edge end);

/* What idle and freq records tell. */
void cpu_idle(struct cpus *, struct cpu *, int64_t t, int64_t state);
void cpu_freq(struct cpus *, struct cpu *, int64_t t, uint64_t khz);

/* Nothing is known from t on. */
void cpu_lose(struct cpus *, struct cpu *, int64_t t);

/* Events of CPU n, or of all (-1), are missing between two times: the mark to draw. */
void cpus_lost(
    struct cpus *, const struct machine *, int32_t n, int64_t from, int64_t to, uint64_t count);

/* Write what is open at each machine's last event. */
void cpus_end(struct cpus *);
void cpus_free(struct cpus *);

#endif
