/* SPDX-License-Identifier: MIT */
/*
 * scriptline - what starts a line that describes an event: task, CPU, time
 *
 * The name of a task may hold anything. It has at most 15 bytes, and the numbers after it are
 * printed with a minimum width, so no name can hold all that precedes an event: the first place in
 * a line where the rest fits is where the name ends. sluice-perfscript(5) has the forms.
 */

#ifndef SCRIPTLINE_H
#define SCRIPTLINE_H

#include "base/text.h"

enum script_form {
	SCRIPT_PERF,  /* perf script */
	SCRIPT_FTRACE /* the kernel, and trace-cmd report */
};

struct scriptline {
	enum script_form form;
	struct str comm;       /* empty if not printed */
	int32_t pid, tid, cpu; /* -1 if not printed */
	bool has_time;
	uint64_t t;         /* ns, or ticks if the clock does not count ns */
	uint64_t precision; /* the ns of the last digit of t; 0: ticks */
	struct str modes;   /* what perf calls misc */
	char context;       /* the interrupt letter of the kernel's flags; 0 if not printed */
	struct str rest;
};

/* Parse a line with a time. Returns false if it has none. */
bool scriptline_read(struct str line, struct scriptline *);

/* Parse a line of perf script without a time: with the name of a task and its number, perhaps a CPU
 * and modes. */
bool scriptline_read_timeless(struct str line, struct scriptline *);

/* Cut the blanks and tabs at the start off, or at both ends. */
struct str script_skip(struct str);
struct str script_trim(struct str);

/* Cut a decimal number off the start; leading zeros do not matter. Returns false and changes
 * nothing if there is none or it is above max, which must be at least 9. */
bool script_number(struct str *, uint64_t max, uint64_t *);

/* Cut a text off the start. Returns false and changes nothing if it is not there. */
bool script_take(struct str *, const char *);

#endif
