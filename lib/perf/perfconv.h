/* SPDX-License-Identifier: MIT */
/* perfconv - a conversion in progress: what the files of perfrec share
 *
 * perfevent converts samples, perfkernel the kernel's other records, perfown what perf itself
 * writes; perfrec decides which record is whose. They write through the functions of perfconv.
 */

#ifndef PERFCONV_H
#define PERFCONV_H

#include "perfrec.h"
#include "perfrec_int.h"
#include "tids.h"
#include "vcpus.h"

struct perfrec {
	struct perf *perf;
	struct out *out;
	struct perfrec_options options;
	struct perfrec_counts counts;
	struct perf_names names;
	struct perf_proc proc;
	struct perf_stack stack;
	struct perf_defer defer;
	struct perf_losses losses;
	struct perf_ns ns;
	struct perf_user user;
	struct perf_simple simple;
	struct strbuf path;                  /* of a map whose symbols are written */
	const struct perf_sample *unwritten; /* a sample whose user stack is not written yet */
	const struct perf_attr *unwritten_of;
	struct perf_counts counted;
	struct evinfo info;
	struct tids tids;
	struct hash counters; /* id, and thread if it is inherited -> the value read last */
	int64_t t;            /* of the last record; starts as options.offset */
	uint64_t before;      /* the same without offset */
	size_t stack_budget;  /* of the members of a group, in bytes of chains */
	bool begun;
	bool traced;    /* an event is a tracepoint */
	bool deferring; /* an event has chains whose user's part comes later */
	bool has_wall;  /* wall is known: what to add for times of the wall clock */
	int64_t wall;
	bool switches; /* switch records come from the scheduler's own event */
	struct vcpus vcpus;
	char guest[2 + TEXT_NUMBER];
	char ip[TEXT_NUMBER];
};

/* --- perfconv: what is written, and when */

static inline void
perfconv_write(struct perfrec *p, struct rec *r)
{
	if (p->out == NULL)
		return;
	if (p->ns.on)
		perf_ns_put(&p->ns, p->out, r);
	else
		rec_put(p->out, r);
}

/* Write a record that is not an event: a definition, a loss. */
void perfconv_write_other(struct perfrec *, struct rec *);

/* If a record says which vCPU its thread is, write that. */
void perfconv_write_vcpu(struct perfrec *, const struct rec *);

/* Write a fact; the first argument is a struct perfrec. A number is not written if it is 0. */
void perfconv_put_meta(void *arg, const char *key, struct str value);
void perfconv_put_number(struct perfrec *, const char *key, uint64_t);

void perfconv_put_gap(struct perfrec *, int64_t since, uint64_t bytes, struct str what);

/* Report a record that cannot be converted; the next one may be intact. */
void perfconv_put_damaged(
    struct perfrec *, const struct perf_record *, struct str gap, const char *what);
void perfconv_put_cut_short(struct perfrec *, const struct perf_record *);

/* The time of the next record: that of the last one if it has none (0), or an impossible one. */
static inline int64_t
perfconv_time(struct perfrec *p, uint64_t time)
{
	if (time == 0 || time > INT64_MAX)
		return p->t;
	if (time < p->before)
		p->counts.late++;
	p->before = time;
	if (__builtin_add_overflow((int64_t)time, p->options.offset, &p->t))
		p->t = INT64_MAX;
	return p->t;
}

/* Count an event that may be selected into the window of times. */
static inline void
perfconv_note_time(struct perfrec *p, uint64_t time)
{
	int64_t t;

	if (p->options.select == NULL || time == 0 || time > INT64_MAX)
		return;
	if (!__builtin_add_overflow((int64_t)time, p->options.offset, &t))
		window_add(&p->options.select->time, t, t);
}

/* Whether an event is selected. */
static inline bool
perfconv_selects(struct perfrec *p, const struct rec *r)
{
	struct select *select = p->options.select;

	if (select == NULL)
		return true;
	select_note(select, r);
	return select_matches(select, r, STR_NONE);
}

static inline bool
perfconv_is_guest(unsigned cpumode)
{
	return cpumode == PERF_CPUMODE_GUEST_KERNEL || cpumode == PERF_CPUMODE_GUEST_USER;
}

/* --- perfevent: samples */

enum perf_fate perfevent_add(struct perfrec *, const struct perf_record *);

/* Add the parts that each sample of an event has; the others are counted sample by sample. */
void perfevent_count_fixed(const struct perf_events *, struct perf_tally *);

/* --- perfkernel: the kernel's other records */

enum perf_fate perfkernel_add(struct perfrec *, const struct perf_record *);

/* --- perfown: the header, and perf's own records */

/* Read the features of a file mode header, which come first; in pipe mode they are records. */
void perfown_read_features(struct perfrec *);

enum perf_fate perfown_add(struct perfrec *, const struct perf_record *);

/* Write the symbols that the header has of a file that was mapped. */
void perfown_put_symbols(struct perfrec *, const struct rec *map);

/* Write the counts of a round of perf stat. Their clock starts with the counting. */
void perfown_put_counts(struct perfrec *, uint64_t t);

#endif
