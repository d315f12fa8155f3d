/* SPDX-License-Identifier: MIT */
/*
 * tasklist - a list of tasks, as options take it: pids, tids, and patterns of names
 *
 * Patterns are those of base/patterns.h. With a + after it, an entry selects a family, too: a task
 * from when it has the name, or with the pid or tid, and whatever it forks from then on. The length
 * of the list does not matter to a look-up, but for the names with wildcards. Starts as { 0 }.
 */

#ifndef TASKLIST_H
#define TASKLIST_H

#include "base/hash.h"
#include "base/patterns.h"

/* What a list selects by an id or a name. */
enum {
	TASKLIST_ALONE = 1,
	TASKLIST_FAMILY = 2,
	TASKLIST_ANY = TASKLIST_ALONE | TASKLIST_FAMILY,
	TASKLIST_BITS = 2
};

struct tasklist {
	size_t n, families;  /* the entries; those of them with a + */
	bool any_family_hit; /* a task of one of these occurs */
	/* private */
	struct str *text; /* the entries as they were given */
	size_t cap;
	struct patterns names, family_names;
	struct hash ids; /* 1 + id -> bits, and above them those of it that occur */
};

/* Add a list, which is cut at its commas and must outlive this one. */
void tasklist_add(struct tasklist *, char *list);

/* What the list selects, of the bits asked for, by a tid, its pid, or a name, as in a record; the
 * ids may be -1, and the name "-". Remembers that these entries occur. */
uint64_t tasklist_ids(struct tasklist *, int32_t tid, int32_t pid, uint64_t bits);
uint64_t tasklist_name(struct tasklist *, struct str comm, uint64_t bits);

/* Is an id in the list? */
bool tasklist_has_id(const struct tasklist *, int32_t id);

/* The text of the next entry from *i on that does not occur; false after the last one. Start with
 * *i = 0. */
bool tasklist_next_missed(const struct tasklist *, size_t *i, struct str *text);

void tasklist_free(struct tasklist *);

#endif
