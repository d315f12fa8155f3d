/* SPDX-License-Identifier: MIT */
/* tab_int - what the files of tab share */

#ifndef TAB_INT_H
#define TAB_INT_H

#include "base/percentiles.h"
#include "tab.h"

enum tab_value {
	V_TASKS,
	V_RUN,
	V_WAIT,
	V_PREEMPTED,
	V_SLEEP,
	V_BLOCK,
	V_OTHER,
	V_IDLE,
	V_UNKNOWN,
	V_RUNS,
	V_SWITCHES,
	V_PREEMPTIONS,
	V_MIGRATIONS,
	V_WAITS,
	V_SLEEPS,
	V_BLOCKS,
	V_WAKES,
	V_ENDED,
	V_WAITED,
	V_COUNT,
	V_TOTAL,
	V_BYTES,
	V_ERRORS,
	SUMS,
	V_WHOLE = SUMS, /* the number of values that the percentiles are of */
	V_P50,
	V_P95,
	V_P99,
	V_MAX,
	V_MAX_T,
	V_PREEMPTED_WHOLE, /* the same of the waits after a preemption, in the same order */
	V_PREEMPTED_P50,
	V_PREEMPTED_P95,
	V_PREEMPTED_P99,
	V_PREEMPTED_MAX,
	V_PREEMPTED_MAX_T,
	V_END
};

/* --- tab_columns: the tables and their columns */

struct tab_table {
	const char *name;
	const char *cells[TAB_CELLS + 1]; /* the names of the texts */
	unsigned nkey;                    /* the first of them, which identify the row */
	enum tab_value sort;              /* V_END: by the texts */
	enum tab_value value[V_END + 1];
};

extern const struct tab_table tab_tables[TAB_BYS];
extern const char *const tab_value_names[V_END];

/* Is a column the time of an event? */
bool tab_is_time(int column);
void tab_add_column(struct tab_columns *, int column);

/* --- tab: the rows */

enum tab_wait { WAIT_LATENCY, WAIT_PREEMPTED, WAITS, WAIT_NONE = WAITS };

/* Hostile input has a row for each short line: a row has no sums that its table does not show. */
struct tab_row {
	uint32_t cell[TAB_CELLS]; /* texts */
	uint32_t number;
	bool led; /* of a process: its first task has named it */
	struct tab_waits {
		struct percentiles ns;
		int64_t max_t;                    /* when the longest began */
		uint64_t percentile[PERCENTILES]; /* known after the last record */
	} wait[WAITS];
	uint64_t sum[]; /* the first: of what the table has no column for */
};

_Static_assert((int)SUMS <= (int)TAB_SUMS, "a sum has no place");

#endif
