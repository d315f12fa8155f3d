/* SPDX-License-Identifier: MIT */
/*
 * evrec - the raw data of a tracepoint as a record
 *
 * Scheduling, idle, frequency, irq and softirq events, the system calls that do I/O and KVM's
 * entries, exits and accesses to devices and MSRs have kinds of their own; all others become
 * tracepoint records with key=value pairs. So does an event whose format lacks a field that its
 * kind needs, or whose data hold a value that no record of that kind can have. Fields are looked up
 * once, by evrec_new(). An event that another program printed has the texts of its fields in place
 * of raw data: evrec_named().
 */

#ifndef EVREC_H
#define EVREC_H

#include "evinfo.h"
#include "rec/rec.h"

enum { EVREC_FIELDS = 8 };

struct evrec;

/* The format must outlive it. */
struct evrec *evrec_new(const struct evformat *);
void evrec_free(struct evrec *);

/*
 * Set the kind of a record and the fields that are the kind's own, and for a switch also tid, to
 * the task that leaves. t, machine, cpu, pid and tid are the caller's to set before. The strings
 * live as long as raw, stack and the evrec do, and until the evinfo is used again.
 */
void evrec_fill(struct evrec *, struct evinfo *, struct bytes raw, struct str stack, struct rec *);

/* Make a tracepoint record of an event that has a kind. */
void evrec_fill_tracepoint(
    const struct evrec *, struct evinfo *, struct bytes raw, struct str stack, struct rec *);

/* What was printed of an event. */
struct evrec_text {
	struct str value[EVREC_FIELDS]; /* by evrec_field(); p is NULL if a field is missing */
	uint32_t hex; /* bit i: value i is a hexadecimal number, without 0x; others are decimal */
	struct str context; /* of a wakeup */
	struct str info;    /* pairs of the fields that the kind does not have */
};

/* The same for a printed event, named with or without its system. NULL if it has no kind. The name
 * must outlive it. */
struct evrec *evrec_named(const char *name);

/* The index of a field of the kind; EVREC_FIELDS if it has none of that name. */
size_t evrec_field(const struct evrec *, struct str name);

/* Set the kind and its fields from texts. Returns false, and may have set fields of the kind, if a
 * field is missing or does not fit. */
bool evrec_fill_text(const struct evrec *, struct evinfo *, const struct evrec_text *,
    struct str stack, struct rec *);

/* The kind of its records, but for those whose data are too short or out of range. */
enum rec_kind evrec_kind(const struct evrec *);

/* The task that was current; -1 if the data do not say. */
int32_t evrec_tid(const struct evrec *, struct bytes raw);

/* Whether a record is the last switch of a task. */
bool evrec_is_last(const struct rec *);

#endif
