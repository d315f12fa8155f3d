/* SPDX-License-Identifier: MIT */
/*
 * rdmsr - polls of the raw registers, one per line: TIME CPU MSR VALUE
 *
 * TIME is seconds with decimals, CPU decimal, MSR and VALUE hexadecimal, as rdmsr -c prints them or
 * without 0x. The unit register (0x606, AMD 0xc0010299) comes before the counters. Registers:
 * arch/x86/include/asm/msr-index.h.
 */

#ifndef RDMSR_H
#define RDMSR_H

#include "rapl_line.h"
#include "units.h"

struct rdmsr {
	const struct units *units;
	int esu[2];              /* energy status unit of Intel, AMD; -1: not known yet */
	bool wide[RAPL_DOMAINS]; /* a value of this register did not fit 32 bits */
	char event[sizeof "msr:0x0123456789abcdef"];
};

void rdmsr_init(struct rdmsr *, const struct units *);
void rdmsr_line(struct rdmsr *, struct str, struct rapl_line *);

#endif
