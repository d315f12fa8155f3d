/* SPDX-License-Identifier: MIT */
/*
 * kallsyms - the symbols of a kernel, its modules and its BPF programs: the text of /proc/kallsyms
 *
 * A line is ADDRESS TYPE NAME, followed by [MODULE] for a module's symbol (kernel/kallsyms.c,
 * s_show()); System.map and nm write the same. Text symbols (T t W w) name an address, all others
 * only end the symbol before them.
 */

#ifndef KALLSYMS_H
#define KALLSYMS_H

#include "base/fault.h"
#include "base/strbuf.h"

struct kallsyms;

struct kallsyms_symbol {
	uint64_t start, end;
	struct str name;
	struct str module; /* [NAME], empty for the kernel itself */
};

/* Read a file ("-" for standard input), which may be compressed by gzip. Returns NULL with the
 * fault set if it cannot be read, is not such a text, or has only zeros for addresses. A last line
 * that is cut is left out, and empty lines at the end are. */
struct kallsyms *kallsyms_read(const char *file, struct fault *);
/* The same for a file that is open: takes the descriptor; name must outlive the table. */
struct kallsyms *kallsyms_read_fd(int fd, const char *name, struct fault *);
/* The same for the text of such a file, which it takes over, up to the first bad line. */
struct kallsyms *kallsyms_of(struct strbuf *text, const char *name, struct fault *);
void kallsyms_free(struct kallsyms *);

/* What was left out of the text, with the line; NULL if nothing was. */
const char *kallsyms_damage(const struct kallsyms *);

/* Were both read from the same text? */
bool kallsyms_same(const struct kallsyms *, const struct kallsyms *);

/* Find the symbol that addr is in. Its strings live as long as the table. */
bool kallsyms_find(const struct kallsyms *, uint64_t addr, struct kallsyms_symbol *);

/* Is a symbol the padding before a function? Nothing calls from there. */
bool kallsyms_is_padding(struct str name);

/* The address of _text or _stext, by which a recording may give the kernel's place; 0 if the table
 * lacks it. */
uint64_t kallsyms_reference(const struct kallsyms *, struct str name);

/* The length of the kernel's code, from _text to _etext, as perf records it; 0 if unknown. */
uint64_t kallsyms_size(const struct kallsyms *);

#endif
