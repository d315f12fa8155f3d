/* SPDX-License-Identifier: MIT */
/* chart_int - what the files of chart share */

#ifndef CHART_INT_H
#define CHART_INT_H

#include "chart.h"
#include "rec/cut.h"
#include "rec/select.h"

/* Learn the time of a record, and find its part in the window; false if there is none. */
static inline bool
chart_cut(struct chart *c, const struct rec *r, struct cut *part)
{
	select_add_time(&c->time, r);
	*part = cut_of(&c->time, r);
	return !cut_is_empty(part);
}

/* --- chart_rows: machines, tasks and CPUs */

enum { CHART_MAXROWS = 1 << 24 };

/* Find or add a machine by its name; a row by its key, with lanes of its own, in chart.spent if
 * there are no bins. */
uint32_t chart_machine_of(struct chart_rows *, struct str name);
uint32_t chart_row_of(struct chart_rows *, struct bins *, const struct chart_key *);

/* Keep the value of a meta record if it is the greatest of its key. */
void chart_rows_meta(struct chart_rows *, const struct rec *);

/* Keep what a gap of all CPUs says if many switches are missing; the greatest of several. */
void chart_rows_missing(struct chart_rows *, uint32_t machine, struct str what);

/* Keep a vcpu record if it is the latest of its thread. */
void chart_rows_vcpu(struct chart_rows *, const struct rec *);

/* Find the rows that are vCPUs, and the machines that run others. */
void chart_rows_end(struct chart_rows *);

void chart_rows_free(struct chart_rows *);

/* --- chart_kept: the intervals, waits and losses that are kept whole */

void chart_kept_open(struct chart_kept *, const struct chart_rows *);

/* Is an interval long enough for a box? The shorter ones can never be drawn as one. */
bool chart_kept_long(struct chart_kept *, const struct chart *, int64_t t, int64_t end);
void chart_kept_box(struct chart_kept *, struct chart_box *);

/* Can an arrow whose fields are unread be drawn? Only if it ends a wait that could be a box. */
bool chart_kept_wants(const struct chart_kept *, const struct recin *, struct rec *);
void chart_kept_arrow(struct chart *, const struct rec *);

/* Keep a lost, a gap, or a cpustate of the lane lost, if a part is within the window. */
void chart_kept_mark(struct chart *, const struct rec *);

/* Keep a piece of a path that reaches into the window. */
void chart_kept_piece(struct chart *, const struct rec *);

void chart_kept_end(struct chart_kept *);
void chart_kept_free(struct chart_kept *);

/* --- chart_power: energy records */

/* Add an energy record of a machine, as far as it lies within the window. */
void chart_power_add(struct chart *, const struct rec *);

/* Sort the rows by machine, run, socket, domain and core. */
void chart_power_end(struct chart_power *, const struct chart_rows *);
void chart_power_free(struct chart_power *);

/* --- chart_io: files, devices, interrupts */

/* Add an iostate or a request. */
bool chart_io_add(struct chart *, struct recin *, const struct rec *);

/* Add the calls of the selected tasks, which are known now. */
void chart_io_select(struct chart *);
void chart_io_end(struct chart_io *, const struct chart_rows *);
void chart_io_free(struct chart_io *);

/* Add a cpustate of the lane irq or softirq, of which a part is within the window. */
void chart_irq_add(struct chart *, const struct rec *, uint32_t row, const struct cut *);
void chart_irq_end(struct chart_irqs *, const struct chart_rows *);
void chart_irq_free(struct chart_irqs *);

/* --- chart_stacks: stacks that are defined once, within a bound of memory */

/* keyed: keep stacks that are given inline, too. */
struct chart_stacks *chart_stacks_new(size_t budget, bool keyed);

/* A machine's part in the keys of its stacks. */
uint64_t chart_stacks_machine(struct str name);

/* Define a stack. If two definitions differ, the same one wins in any order. */
void chart_stacks_put(struct chart_stacks *, uint64_t machine, uint64_t hash, struct str frames);

/* The key of a stack field; 0 if there is no stack, or it is inline and not kept. */
uint64_t chart_stacks_key(struct chart_stacks *, uint64_t machine, struct str stack);

/* Count n references to a stack by its key. */
void chart_stacks_count(struct chart_stacks *, uint64_t key, uint64_t n);

/* The number of references to stacks that are defined nowhere, before or after them; too low if
 * there are many definitions. */
uint64_t chart_stacks_undefined(const struct chart_stacks *);

/* Are any stacks defined once? Stacks of one text may have several keys then, such as one for each
 * process. Of these chart_stacks_same() returns the one that it was asked for first. */
bool chart_stacks_once(const struct chart_stacks *);
uint64_t chart_stacks_same(struct chart_stacks *, uint64_t key);

/* The number of references to stacks that were dropped for want of room. */
uint64_t chart_stacks_lost(const struct chart_stacks *);

/* The frames of a stack by its hash, which stay valid; p is NULL if it is not known. The parts of a
 * stack by its key; the number of heads. */
struct str chart_stacks_get(struct chart_stacks *, uint64_t machine, uint64_t hash);
struct chart_parts chart_stacks_at(const struct chart_stacks *, uint64_t key);
size_t chart_stacks_heads(const struct chart_stacks *);

void chart_stacks_free(struct chart_stacks *);

/* --- chart_intervals: all states of tasks, the idle and unknown ones of CPUs */

struct chart_intervals *chart_intervals_new(void);

/* Add a state with the key of its stack, or a cpustate of the lane cpu, which lasts some time. */
void chart_intervals_add(
    struct chart_intervals *, const struct rec *, uint32_t row, enum chart_state, uint64_t stack);

/* Sum up the intervals of tasks in bins. */
void chart_intervals_end(struct chart *);
void chart_intervals_free(struct chart_intervals *);

/* --- chart_lineage: who started whom */

struct chart_lineage *chart_lineage_new(void);

/* Add a fork or comm record. */
void chart_lineage_add(struct chart *, uint32_t machine, const struct rec *);

/* Find each row's path, the recorded commands, and the rows of the families that are selected. */
void chart_lineage_end(struct chart *);
void chart_lineage_free(struct chart_lineage *);

#endif
