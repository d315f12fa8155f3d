/* SPDX-License-Identifier: MIT */
/*
 * evrec - the raw data of a tracepoint as a record
 *
 * Scheduling, idle, frequency, irq and softirq events and the I/O system calls that have a kind of
 * their own get it, all others are a tracepoint with key=value pairs. An event whose format lacks
 * what its kind needs is a tracepoint, too. Fields are looked up once.
 */

#ifndef EVREC_H
#define EVREC_H

#include "rec/rec.h"
#include "tracing.h"

struct evrec;

struct evrec *evrec_new(const struct tracing_event *);
void evrec_free(struct evrec *);

/*
 * Fill in kind and own fields of a record; the tid of a switch becomes the one that leaves. Its
 * strings live until the next call. t, machine, cpu, pid and tid are the caller's.
 */
void evrec_fill(struct evrec *, struct bytes raw, struct str stack, struct rec *);

/* The kind that its records are of, unless their data are too short for it. */
enum rec_kind evrec_kind(const struct evrec *);

/* The task that was current, -1 where the data do not say. */
int32_t evrec_tid(const struct evrec *, struct bytes raw);

/* Is it the last switch of a task? */
bool evrec_is_last(const struct rec *);

#endif
