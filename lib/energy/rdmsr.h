/* SPDX-License-Identifier: MIT */
/*
 * rdmsr - polls of the raw registers, one per line: TIME CPU MSR VALUE, or as rdmsr prints them,
 * bare values
 *
 * TIME is seconds with decimals, CPU decimal, MSR and VALUE hexadecimal, as rdmsr -c prints them or
 * without 0x. The unit register (0x606, AMD 0xc0010299) comes before the counters, unless the user
 * gives the units. Registers: arch/x86/include/asm/msr-index.h.
 *
 * Of bare values the user says which registers they are of, in which order. A round is one value of
 * each register and CPU; a line with the time, which has decimals, may precede it.
 */

#ifndef RDMSR_H
#define RDMSR_H

#include "rapl_line.h"
#include "units.h"

enum { RDMSR_LIST = 16 };

/* What bare values are. */
struct rdmsr_bare {
	uint64_t msr[RDMSR_LIST]; /* the registers of a round */
	unsigned n;               /* the number of them; 0: the values are not bare */
	unsigned cpus;            /* of each register, for rdmsr -a; at least 1 */
};

struct rdmsr {
	const struct units *units;
	const struct rdmsr_bare *bare;
	int64_t interval;        /* ns between rounds of bare values, 0: not known */
	uint64_t position;       /* the number of values in this round so far */
	int64_t rounds;          /* the number of rounds that began */
	bool stamped;            /* lines with the time precede the rounds */
	int64_t t;               /* of the round */
	int esu[2];              /* energy status unit of Intel, AMD; -1: not known yet */
	bool wide[RAPL_DOMAINS]; /* a value of this register did not fit 32 bits */
	char event[sizeof "msr:0x0123456789abcdef"];
};

void rdmsr_init(struct rdmsr *, const struct units *, const struct rdmsr_bare *, int64_t interval);

/* Parse a list of registers, such as 0x606,0x611, or with the number of CPUs 0x611:8; false if s is
 * none. */
bool rdmsr_list(struct rdmsr_bare *, const char *s);

void rdmsr_line(struct rdmsr *, struct str, struct rapl_line *);

#endif
