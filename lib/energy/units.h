/* SPDX-License-Identifier: MIT */
/* units - the energy of one count: by model, by unit register, by powercap's range, or as the user
 * says */

#ifndef UNITS_H
#define UNITS_H

#include "energy.h"
#include "rapl.h"

enum { UNITS_NAMES = 20 };

/* CPU models that count alike. */
struct units_model {
	const char *names[UNITS_NAMES]; /* as perf, the kernel or turbostat call them */
	bool dram_16;                   /* DRAM counts 2^-16 J, whatever the unit register says */
	bool psys_joule;                /* psys counts whole joules */
	bool microjoules;               /* the unit register holds 2^n uJ, not 2^-n J */
	bool one_core;                  /* powercap's zone "core" is one core */
	bool wide;                      /* registers of 64 bits */
};

/* The model of that name, or NULL. */
const struct units_model *units_model(const char *name);

struct units {
	const struct units_model *model;    /* NULL: not known */
	struct energy domain[RAPL_DOMAINS]; /* one count, as the user says; n is 0 if not said */
	bool exact; /* powercap: the register's 2^-n J, not the driver's whole nanojoules */
};

/* Add "pkg=2^-14", "dram=15.3uJ", "psys=1J", "gpu=61035nJ" or "exact"; false if s is none of
 * these. */
bool units_add(struct units *, const char *s);

/* One count of a register, given the energy status unit in the unit register. */
struct energy units_register(const struct units *, enum rapl_domain, unsigned esu);

/* One count of an energy_uj that goes up to range: the driver's multiplier, and the energy. False
 * if no known unit has that range. */
bool units_range(const struct units *, enum rapl_domain, uint64_t range, struct energy *driver,
    struct energy *worth);

#endif
