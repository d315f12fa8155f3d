/* SPDX-License-Identifier: MIT */
/* rapl_line - what one line of a recording of energy counters says, whatever its format */

#ifndef RAPL_LINE_H
#define RAPL_LINE_H

#include "energy.h"
#include "rapl.h"

#define RAPL_NO_TIME INT64_MIN

enum rapl_value {
	RAPL_NOTHING, /* the flags say why */
	RAPL_JOULES,  /* energy of the interval that ends here */
	RAPL_WATTS,   /* energy is its mean power: joules a second */
	RAPL_COUNT,   /* a register's count */
	RAPL_TOTAL    /* a perf count since the start */
};

enum rapl_flag {
	RAPL_LOCALE = 1 << 0,  /* a decimal comma was replaced */
	RAPL_MUX = 1 << 1,     /* counted for a part of the time only */
	RAPL_MEAN = 1 << 2,    /* the mean of several runs */
	RAPL_DTRUN = 1 << 3,   /* dt comes from the counters' run time */
	RAPL_NODT = 1 << 4,    /* dt is not known */
	RAPL_CUT_OUT = 1 << 5, /* the recording starts in the middle */
	RAPL_NOTCOUNTED = 1 << 6,
	RAPL_NOTSUPPORTED = 1 << 7,
	RAPL_WRAP = 1 << 8,
	RAPL_RESET = 1 << 9,
	RAPL_AMBIGUOUS = 1 << 10,
	RAPL_IMPLAUSIBLE = 1 << 11,
	RAPL_TOO_LONG = 1 << 12, /* perf's overflow timer may have missed a wrap */
	RAPL_MIRROR = 1 << 13,   /* another counter shows the same energy */
	RAPL_SUM = 1 << 14,      /* turbostat's line for the whole machine */
	RAPL_SUMMARY = 1 << 15,  /* perf's sum of the intervals before it */
	RAPL_UNNAMED = 1 << 16,  /* a zone without a name was taken for a package */
	RAPL_FLAGS = 17
};

struct rapl_reading {
	enum rapl_value value;
	enum rapl_domain domain;
	unsigned flags;
	bool perf; /* went through perf's PMU */
	struct rapl_place place;
	struct str event;     /* valid as long as the line */
	struct energy energy; /* RAPL_COUNT: of one count */
	struct energy err;    /* the largest possible error */
	uint64_t count;
	uint64_t wrap;    /* RAPL_COUNT: it counts modulo this; 0: modulo 2^64 */
	int64_t counters; /* the number of hardware counters added up in it, -1: not known */
	int64_t runtime;  /* ns, the sum over these counters; 0: not known */
};

enum rapl_kind {
	RAPL_UNKNOWN, /* not of this format */
	RAPL_SKIP,    /* may be of this format, but has no energy */
	RAPL_HEAD,    /* what the readings that follow depend on */
	RAPL_RUN,     /* a recording starts */
	RAPL_BLOCK,   /* perf stat's counts of a whole run follow */
	RAPL_ELAPSED, /* that run took ns */
	RAPL_ENERGY,  /* n readings */
	RAPL_BAD
};

enum { RAPL_READINGS = 8 };

struct rapl_line {
	enum rapl_kind kind;
	int64_t t;    /* the line's time stamp, whatever else the line is; RAPL_NO_TIME */
	bool no_zero; /* its clock does not start with the recording */
	int64_t ns;
	unsigned n;
	struct rapl_reading reading[RAPL_READINGS];
	const char *fault; /* of a bad line */
	struct str about;  /* the text at fault, empty if the fault says it all */
};

void rapl_line_init(struct rapl_line *);

/* Make it a bad line: fault is a string literal that identifies the kind of fault. Returns false.
 */
bool rapl_bad(struct rapl_line *, const char *fault, struct str about);

/* Add a reading with a value and a domain, its other fields not known. */
struct rapl_reading *rapl_add(struct rapl_line *, enum rapl_value, enum rapl_domain);

/* --- the parts of a line */

/* All of s as a number up to max; false if it is none. */
bool rapl_number(struct str s, uint64_t max, uint64_t *);
bool rapl_id(struct str s, int32_t *);

/* Parse seconds with decimals, of which nine count: the position after them; NULL if there are
 * none. */
const char *rapl_seconds(const char *s, const char *end, int64_t *ns);

/* All of s as digits with up to nine decimals; false if it is something else or has more than 17
 * digits. */
bool rapl_decimal(struct str s, struct energy *);

#endif
