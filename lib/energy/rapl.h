/* SPDX-License-Identifier: MIT */
/*
 * rapl - the domains of RAPL's energy counters, and the places where counters are
 *
 * Names are the kernel's: arch/x86/events/rapl.c (perf's power and power_core PMUs),
 * drivers/powercap/intel_rapl_common.c (energy_uj), arch/x86/include/asm/msr-index.h (registers).
 * sluice-rapl(5) has the tables.
 */

#ifndef RAPL_H
#define RAPL_H

#include "base/text.h"

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

/* The domain of a perf event such as power/energy-pkg/, of a register, of a powercap zone by its
 * name; RAPL_NONE if it counts no energy. */
enum rapl_domain rapl_event(struct str name);
enum rapl_domain rapl_register(uint64_t msr);
enum rapl_domain rapl_zone(struct str name);

enum { RAPL_NOWHERE = -1, RAPL_PLACE_NAME = 47 };

struct rapl_place {
	int32_t socket, die, core, cpu; /* RAPL_NOWHERE: not known */
	uint8_t len;
	char name[RAPL_PLACE_NAME]; /* S0, S0-D1, S0-D0-C4, CPU7, N0; empty: the machine */
};

/* Parse perf's name of a place, such as S0-D0-C1, CPU7, N0; false if s is none. */
bool rapl_place_parse(struct rapl_place *, struct str s);

/* The place with these numbers, each of which may be RAPL_NOWHERE. */
void rapl_place_core(struct rapl_place *, int32_t socket, int32_t die, int32_t core);
void rapl_place_cpu(struct rapl_place *, int32_t cpu);

static inline struct str
rapl_place_str(const struct rapl_place *place)
{
	return (struct str){ place->name, place->len };
}

#endif
