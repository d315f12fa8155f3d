/* SPDX-License-Identifier: MIT */
/*
 * rec - read and write records, the lines that every filter exchanges
 *
 * The kinds and their fields come from formats/records.tab; records(5) gives the grammar. The
 * strings of a record are escaped as they stand in the line, so that what is copied is never
 * decoded; use text_unescape() for the bytes meant.
 */

#ifndef REC_H
#define REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/input.h"
#include "base/out.h"
#include "base/text.h"

#include "records.h"

/* What "-" reads as, by the field's type; strings then are STR_NONE. */
#define REC_NO_NS INT64_MIN
#define REC_NO_INT INT64_MIN
#define REC_NO_ID (-1)
#define REC_NO_U64 UINT64_MAX

struct rec {
	enum rec_kind kind;
	struct str line; /* as read, without its newline */
	struct str more; /* fields that a later version appended, from their tab on */
	int64_t t;
	struct str machine;
	int32_t cpu, pid, tid;
	REC_MEMBERS;
};

enum rec_type {
	REC_T_END,
	REC_T_NS,
	REC_T_INT,
	REC_T_ID,
	REC_T_U64,
	REC_T_HEX,
	REC_T_WORD,
	REC_T_TEXT,
	REC_T_KV,
	REC_T_ADDR,
	REC_T_STACK
};

struct rec_field {
	const char *name;
	enum rec_type type;
	bool optional; /* may be "-" */
	size_t off;    /* in struct rec */
};

/* The fields of a kind in the order of the line, ended by REC_T_END. An enum of records.h has each
 * field's index: REC_SWITCH_T, REC_SWITCH_MACHINE, ... */
const struct rec_field *rec_fields(enum rec_kind);

const char *rec_name(enum rec_kind);

/* The kind of this name, REC_OTHER if there is none. */
enum rec_kind rec_kind_named(const char *, size_t n);

/* The stack field of a record, NULL where its kind has none. */
struct str *rec_stack(struct rec *);

enum { REC_BLOCK = 64 /* bytes of a line that are examined together */ };

struct recin {
	struct input *in;
	struct fault fault;
	uint64_t line; /* lines read so far */
	size_t taken;  /* bytes of the window that the current line used */
	size_t nmark; /* control bytes found in the current line, REC_MAXFIELD + 1 or more if it has
			 as many; tabs and the newline are among them */
	uint32_t mark[REC_MAXFIELD + REC_BLOCK]; /* their offsets in the line */
};

/*
 * Read the next record; its strings live until the next call.
 * False at the end of input, or once the fault is set. Of a REC_OTHER only kind, line, t and
 * machine are known.
 */
bool rec_next(struct recin *, struct rec *);

/* Its two steps: the next line and its kind, its fields unread; the fields. */
bool rec_line(struct recin *, struct rec *);
bool rec_read(struct recin *, struct rec *);

/* Of a line whose fields are unread, read only field i of its kind; false where it is wrong. */
bool rec_peek(const struct recin *, struct rec *, size_t i);

/* Does the line just read, its fields read or not, end with the stack of its kind, as an @HASH? */
bool rec_ends_in_ref(const struct recin *, const struct rec *);

/* Set the fault: what is wrong with the line just read. False, always. */
bool rec_bad(struct recin *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* All that rec_next() leaves unread for speed: escapes, words, pairs, frames. False with the fault
 * set. */
bool rec_check(struct recin *, const struct rec *);

/* Write a record from its fields; write the line as it was read. */
void rec_put(struct out *, const struct rec *);
void rec_copy(struct out *, const struct rec *);

#endif
