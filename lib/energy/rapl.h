/* SPDX-License-Identifier: MIT */
/*
 * rapl - what RAPL's energy counters are called, where they sit, what one count is worth
 *
 * Names and units are the kernel's: arch/x86/events/rapl.c (perf's power and power_core PMUs),
 * drivers/powercap/intel_rapl_common.c (energy_uj), arch/x86/include/asm/msr-index.h (registers).
 * turbostat(8) has names of its own. sluice-rapl(5) has the tables.
 */

#ifndef RAPL_H
#define RAPL_H

#include "base/text.h"
#include "energy.h"

enum rapl_domain {
	RAPL_NONE,
	RAPL_PSYS,
	RAPL_PKG,
	RAPL_CORES, /* all cores of a package: power plane 0 */
	RAPL_CORE,  /* one core */
	RAPL_GPU,
	RAPL_DRAM,
	RAPL_DOMAINS
};

struct str rapl_domain_name(enum rapl_domain);
enum rapl_domain rapl_domain_named(struct str);

/* What a perf event such as power/energy-pkg/ counts; a register; a powercap zone by its name.
 * RAPL_NONE where that is no energy. */
enum rapl_domain rapl_event(struct str name);
enum rapl_domain rapl_register(uint64_t msr);
enum rapl_domain rapl_zone(struct str name);

/* --- places */

enum { RAPL_NOWHERE = -1, RAPL_PLACE_NAME = 47 };

struct rapl_place {
	int32_t socket, die, core, cpu; /* RAPL_NOWHERE: the recording does not say */
	uint8_t len;
	char name[RAPL_PLACE_NAME]; /* S0, S0-D1, S0-D0-C4, CPU7, N0; nothing: the machine */
};

/* The place that perf calls S0-D0-C1, CPU7, N0 and so on; false where s is no such name. */
bool rapl_place_parse(struct rapl_place *, struct str s);

/* A place by its numbers, each may be RAPL_NOWHERE. */
void rapl_place_core(struct rapl_place *, int32_t socket, int32_t die, int32_t core);
void rapl_place_cpu(struct rapl_place *, int32_t cpu);

/* --- units */

/* What is known of a CPU model. */
struct rapl_model {
	const char *name; /* as perf, the kernel or turbostat call it */
	bool dram_16;     /* DRAM counts 2^-16 J, whatever the unit register says */
	bool psys_joule;  /* psys counts whole joules */
	bool microjoules; /* the unit register holds 2^n uJ, not 2^-n J */
	bool one_core;    /* powercap's zone "core" is one core */
	bool wide;        /* registers of 64 bits */
};

/* NULL where no model has that name. */
const struct rapl_model *rapl_model(const char *name);

struct rapl_units {
	const struct rapl_model *model;     /* NULL: not said */
	struct energy domain[RAPL_DOMAINS]; /* one count, as the user says; n is 0 where not said */
	bool exact; /* powercap: the register's 2^-n J, not the driver's whole nanojoules */
};

/* Add "pkg=2^-14", "dram=15.3uJ", "psys=1J", "gpu=61035nJ" or "exact"; false where s is neither. */
bool rapl_units_add(struct rapl_units *, const char *s);

/* One count of a register, by the energy status unit in the unit register. */
struct energy rapl_register_unit(const struct rapl_units *, enum rapl_domain, unsigned esu);

/* One count behind an energy_uj that goes up to range: what the driver multiplied by, and what it
 * is worth. False where no known unit has that range. */
bool rapl_range_unit(const struct rapl_units *, enum rapl_domain, uint64_t range,
    struct energy *driver, struct energy *worth);

/* --- numbers */

#define RAPL_NO_TIME INT64_MIN

/* Seconds with decimals, at most nine that count: behind them, or NULL where there are none. */
const char *rapl_seconds(const char *s, const char *end, int64_t *ns);

/* Digits with a point and decimals, all of s; false where it is something else, or too large to be
 * an energy. */
bool rapl_decimal(struct str s, struct energy *);

/* --- a line of a recording, as the readers of the formats give it */

enum rapl_value {
	RAPL_NOTHING, /* the flags say why */
	RAPL_JOULES,  /* energy of the interval that ends here */
	RAPL_WATTS,   /* energy is its mean power: joules a second */
	RAPL_COUNT,   /* a register's count */
	RAPL_TOTAL    /* a perf count since the start */
};

enum rapl_flag {
	RAPL_LOCALE = 1 << 0,  /* a decimal comma was undone */
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
	RAPL_TOO_LONG = 1 << 12, /* longer than perf's overflow timer is sure to be safe for */
	RAPL_MIRROR = 1 << 13,   /* the same counter is there a second time */
	RAPL_SUM = 1 << 14,      /* turbostat's line for the whole machine */
	RAPL_SUMMARY = 1 << 15,  /* perf's sum of the intervals before it */
	RAPL_FLAGS = 16
};

struct rapl_reading {
	enum rapl_value value;
	enum rapl_domain domain;
	unsigned flags;
	bool perf; /* went through perf's PMU */
	struct rapl_place place;
	struct str event;     /* lives as long as the line */
	struct energy energy; /* RAPL_COUNT: one count's */
	struct energy err;    /* what the true value may be away from it */
	uint64_t count;
	uint64_t wrap;    /* RAPL_COUNT: where it starts again from 0; 0: not before 64 bits */
	int64_t counters; /* hardware counters added up in it, -1: not known */
	int64_t runtime;  /* ns, of all these counters; 0: not known */
};

enum rapl_is {
	RAPL_UNKNOWN, /* not of this format */
	RAPL_SKIP,    /* may be of this format, and is no energy */
	RAPL_HEAD,    /* what the readings that follow need */
	RAPL_RUN,     /* a recording starts */
	RAPL_BLOCK,   /* perf stat's counts of a whole run follow */
	RAPL_ELAPSED, /* ... took ns */
	RAPL_ENERGY,  /* n readings */
	RAPL_BAD      /* why */
};

enum { RAPL_READINGS = 8, RAPL_WHY = 160 };

struct rapl_line {
	enum rapl_is is;
	int64_t t;    /* the line's time stamp, whatever else the line is; RAPL_NO_TIME */
	bool no_zero; /* its clock does not start with the recording */
	int64_t ns;
	unsigned n;
	struct rapl_reading reading[RAPL_READINGS];
	char why[RAPL_WHY];
};

/* An empty line to start from. */
void rapl_line_init(struct rapl_line *);

/* Make it a bad line. */
void rapl_bad(struct rapl_line *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The next reading of a line, with nothing in it but value and domain. */
struct rapl_reading *rapl_add(struct rapl_line *, enum rapl_value, enum rapl_domain);

#endif
