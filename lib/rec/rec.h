/* SPDX-License-Identifier: MIT */
/*
 * rec - read and write records, the lines that every filter exchanges
 *
 * The kinds and their fields come from formats/records.tab; sluice-records(5) has the grammar. The
 * strings of a record are escaped as in the line, so that copying needs no decoding;
 * text_unescape() gives the bytes that they stand for.
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

/* The values of a field that is "-"; a string is STR_NONE. */
#define REC_NO_NS INT64_MIN
#define REC_NO_INT INT64_MIN
#define REC_NO_ID (-1)
#define REC_NO_U64 UINT64_MAX

struct rec {
	enum rec_kind kind;
	struct str line; /* as read, without its newline */
	struct str more; /* fields that a later version appended, with their tabs */
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

/* The fields of a kind in the order of the line, ended by REC_T_END. Their indexes have names in
 * records.h: REC_SWITCH_T, REC_SWITCH_MACHINE, ... */
const struct rec_field *rec_fields(enum rec_kind);

const char *rec_name(enum rec_kind);

/* The kind of this name, REC_OTHER if there is none. */
enum rec_kind rec_kind_named(const char *, size_t n);

/* Is it a definition: does it say what other records mean? */
bool rec_is_definition(const struct rec *);

/* Does it say that events are missing: a lost record, or the cpustate that it became? */
static inline bool
rec_is_loss(const struct rec *r)
{
	return r->kind == REC_LOST ||
	       (r->kind == REC_CPUSTATE && str_eq(r->cpustate.lane, STR("lost")));
}

/* The stack field of a record, NULL if its kind has none; as with strchr(3), it may be changed if
 * the record may. */
struct str *rec_stack(const struct rec *);

enum {
	REC_BLOCK = 64,                 /* bytes of a line that are examined together */
	REC_MAXMARK = REC_MAXFIELD + 2, /* control bytes of a line that are counted */
	REC_WHO_TEXT = 32,
	REC_RECENT = 512
};

/* The fields machine, cpu, pid and tid of a line, as text with the tab before each and the control
 * byte after them, and what they say. */
struct rec_who {
	int32_t cpu, pid, tid;
	uint32_t n; /* bytes of text; 0: not in use */
	char text[REC_WHO_TEXT];
};

/* A reader; start with { .in = an open input }. */
struct recin {
	struct input *in;
	struct fault fault;
	uint64_t line; /* lines read so far */
	/* private */
	size_t taken; /* bytes of the window that the current line used */
	size_t nmark; /* control bytes in the current line, tabs and the newline among them;
			 REC_MAXMARK or more if it has as many */
	uint32_t mark[REC_MAXMARK + REC_BLOCK]; /* their offsets in the line */
	struct rec_who recent[REC_RECENT];      /* which most lines repeat */
};

/*
 * Read the next record; its strings are valid until the next call. False at the end of input, and
 * with the fault set if the line is malformed. A REC_OTHER has only kind, line, t, machine and
 * more.
 */
bool rec_next(struct recin *, struct rec *);

/* The two steps of rec_next(): find the next line and its kind; parse its fields. */
bool rec_line(struct recin *, struct rec *);
bool rec_read(struct recin *, struct rec *);

/* Parse only field i of a line found by rec_line(). False if the field is malformed or missing. */
bool rec_peek(const struct recin *, struct rec *, size_t i);

/* The text of field i of a line that was read; the tab before it and 20 bytes after it can be read,
 * too. */
static inline struct str
rec_text(const struct recin *in, const struct rec *r, size_t i)
{
	return (struct str){ r->line.p + in->mark[i] + 1, in->mark[i + 1] - in->mark[i] - 1 };
}

/* Is the last field of the line the stack of its kind, and begins as an @HASH? Then set *hash to
 * what follows the @, which may not be a number. Needs no rec_read(). */
bool rec_ends_in_ref(const struct recin *, const struct rec *, struct str *hash);

/* Set the fault to "FILE:LINE: what", of the line read last. Always returns false. */
bool rec_bad(struct recin *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Check what rec_next() leaves out for speed: escapes, words, pairs, frames. False with the fault
 * set. */
bool rec_check(struct recin *, const struct rec *);

/* Write a record from its fields. */
void rec_put(struct out *, const struct rec *);

/* Write the line of a record as it was read. */
void rec_copy(struct out *, const struct rec *);

#endif
