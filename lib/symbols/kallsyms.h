/* SPDX-License-Identifier: MIT */
/*
 * kallsyms - the symbols of a kernel, its modules and its bpf programs, from /proc/kallsyms's text
 *
 * A line is ADDRESS TYPE NAME, for a module's symbol with [MODULE] behind it (kernel/kallsyms.c,
 * s_show()); System.map and nm write the same. Text symbols (T t W w) name an address, all others
 * only end the one before them. Of several names of one address one is chosen: not weak, global,
 * with few leading underscores, long, as perf(1) does it (tools/perf/util/symbol.c).
 */

#ifndef KALLSYMS_H
#define KALLSYMS_H

#include "base/fault.h"
#include "base/text.h"

struct kallsyms;

struct kallsyms_symbol {
	uint64_t start;
	struct str name;
	struct str module; /* empty for the kernel itself */
};

/* Read a file ("-" for standard input, which may be gzip'd): NULL with the fault set when it cannot
 * be read, is no such text, or hides its addresses. */
struct kallsyms *kallsyms_read(const char *file, struct fault *);
void kallsyms_free(struct kallsyms *);

/* The symbol that addr is in; its strings live as long as the table. */
bool kallsyms_find(const struct kallsyms *, uint64_t addr, struct kallsyms_symbol *);

/* Where _text or _stext is: the two that a recording may give the kernel's place by. 0 where the
 * table does not have it. */
uint64_t kallsyms_reference(const struct kallsyms *, struct str name);

#endif
