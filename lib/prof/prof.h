/* SPDX-License-Identifier: MIT */
/*
 * prof - fold records into a profile: for each value of the chosen keys the samples, their period
 * and its share
 *
 * A sample or tracepoint counts for the place where it was taken: its ip, else the innermost frame
 * of its stack. With children, it also counts once for each other place in its stack. A state
 * counts for its duration, any other record with a stack as a period of 1, and a prof record for
 * what it holds, so that profiles add up. Memory is proportional to the number of rows and of live
 * threads, above a bounded cache.
 */

#ifndef PROF_H
#define PROF_H

#include "base/intern.h"
#include "base/out.h"
#include "base/patterns.h"
#include "base/strbuf.h"
#include "rec/rec.h"
#include "rec/stack.h"
#include "rec/stackdefs.h"

/* The names of the keys, for messages. */
#define PROF_KEY_NAMES "machine,cpu,pid,tid,event,mode,comm,object,sym,line,caller"

/* The keys, in the order of the fields of a prof record. */
enum prof_key {
	PROF_MACHINE,
	PROF_CPU,
	PROF_PID,
	PROF_TID,
	PROF_EVENT,
	PROF_MODE,
	PROF_COMM,
	PROF_OBJECT,
	PROF_SYM,
	PROF_LINE,
	PROF_CALLER,
	PROF_KEYS
};

/* A row: the values of its keys, and what counted for them. A text is a number of prof.texts (the
 * event: of prof.events), the mode an enum stack_mode, an id itself; all are PROF_NONE if unknown
 * or no key. */
struct prof_row {
	uint32_t key[PROF_KEYS];
	uint64_t samples, period;         /* taken at this place itself */
	uint64_t all_samples, all_period; /* taken here or in what it called */
	uint64_t last;                    /* the sample that counted here last */
};

#define PROF_NONE UINT32_MAX

enum { PROF_NAME = 4096 /* bytes of a name */ };

struct prof {
	unsigned keys;             /* a bit for each enum prof_key */
	struct patterns *patterns; /* of events; NULL: samples and tracepoints */
	bool children;

	struct prof_row *row; /* n of them */
	size_t n;
	int64_t from, to; /* the times of the first and last record that counted */
	uint64_t period;
	bool mixed;         /* several events were added up in one row's total */
	uint64_t overflows; /* additions to a sum that is 2^64-2, the greatest */
	uint64_t cut_names; /* names longer than PROF_NAME */
	uint64_t left_out;  /* places in stacks that were not counted: see CHILDREN in prof.c */
	bool brief;         /* texts are cut, see prof_fit() */

	/* private */
	size_t cap;
	struct intern texts, rows, tasks, events;
	struct prof_event {
		uint64_t period;
		bool wanted;
	} * event;      /* by its number in events */
	uint32_t *comm; /* of a task, by its number in tasks */
	size_t cap_event, cap_comm;
	/* of the record before */
	struct strbuf last_name, last_machine;
	uint32_t last_event, machine;
	uint32_t first_event;
	uint64_t stamp;  /* counts what is added */
	uint64_t bytes;  /* of the records so far */
	uint64_t walked; /* the work of walking stacks */
	struct stackdefs stacks;
	struct intern places;
	struct prof_place *place; /* by their numbers in places */
	struct prof_frame *frame;
	struct prof_step *step; /* of one stack */
	size_t n_places, cap_places, cap_steps;
	struct strbuf text;
};

enum { PROF_KEYS_DEFAULT = 1 << PROF_MACHINE | 1 << PROF_MODE | 1 << PROF_OBJECT | 1 << PROF_SYM };

/* Parse a list of key names separated by commas. Returns false if one is no key. */
bool prof_keys(const char *list, unsigned *keys);

/* The name of a key, as lists and records have it. */
const char *prof_key_name(enum prof_key);

/* Is it a number: a cpu, pid or tid? All others are texts. */
bool prof_key_is_id(enum prof_key);

/* Start an empty profile with its keys, patterns and children set. */
void prof_open(struct prof *);
void prof_free(struct prof *);

/* Take account of a record, of any kind. */
void prof_add(struct prof *, const struct rec *);

/* Sort the rows by falling period (with children: of theirs), then by their keys' texts. */
void prof_sort(struct prof *);

/* The text of a row's key, escaped as in a record; "-" if it is unknown. Valid until prof_free().
 */
struct str prof_text(const struct prof *, const struct prof_row *, enum prof_key);

/* The same for the machine, "*" if it is not a key. */
struct str prof_machine(const struct prof *, const struct prof_row *);

/* Compare the keys of two rows, of one profile or of two. */
int prof_key_order(
    const struct prof *, const struct prof_row *, const struct prof *, const struct prof_row *);

/* The period that a row's share is a part of: that of its event if that is a key, else of all. */
uint64_t prof_total(const struct prof *, const struct prof_row *);

/* 100 * part / total; 0 if the total is. */
double prof_percent(uint64_t part, uint64_t total);

/* Write a number with four decimals at d; returns the number of bytes, at most PROF_DECIMAL. What
 * is beyond 9 digits before the point is cut off. */
enum { PROF_DECIMAL = 16 };
size_t prof_decimal(char *d, double);

/* Cut all texts of rows to be written if they would take more than 1 MB and 256 times the bytes of
 * the records. other is NULL, or a profile that is written with this one. */
void prof_fit(struct prof *, struct prof *other);

/* Write the rows as prof records. */
void prof_write(const struct prof *, struct out *);

#endif
