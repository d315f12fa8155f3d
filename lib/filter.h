/* SPDX-License-Identifier: MIT */
/*
 * filter - both ends of every main: the command line, the input, making sure that the output got
 * out
 *
 * A filter names itself and its options in a struct filter; -h or --help, -v (verbose) and
 * --version are every filter's. The usage line is made from the table, the manual page repeats it,
 * a test compares them.
 */

#ifndef FILTER_H
#define FILTER_H

#include "rec/rec.h"

struct filter_option {
	int id;           /* its letter, or FILTER_LONG and up */
	const char *name; /* long name, NULL where there is only the letter */
	const char *arg;  /* what its argument is called, NULL where it takes none */
	const char *help;
};

enum { FILTER_LONG = 256, FILTER_MACHINE = 64 };

struct filter {
	const char *name, *about;
	const char *operand;                 /* "[file]" where NULL; "" for none */
	const struct filter_option *options; /* ended by an id of 0 */
	int argc;
	char **argv;
	bool verbose;
	char machine[4 * FILTER_MACHINE]; /* what filter_machine() gives */
	struct input in;
	struct recin rec;
	struct out out;
	struct fault fault; /* the filter's own: what it found wrong */
};

/* The next option's id, its argument in optarg; -1 behind the last. Ends the program on -h,
 * --version and wrong usage. */
int filter_option(struct filter *);

/* Say what is wrong with the command line, and end with status 2. */
_Noreturn void filter_usage(struct filter *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* optarg as a number within bounds; as a time: ns, or with a unit s ms us ns and decimals; as two
 * with a comma. */
int64_t filter_number(struct filter *, int64_t min, int64_t max);
int64_t filter_time(struct filter *, const char *);
void filter_times(struct filter *, int64_t *from, int64_t *to);

/* optarg, 1 to FILTER_MACHINE bytes without control characters, as records have the name of a
 * machine: escaped. It lives as long as the filter. */
struct str filter_machine(struct filter *);

/* Open the operand, or standard input, and standard output. False when that failed: filter_close()
 * says why. */
bool filter_open(struct filter *);

/* The next record; false at the end, on error, and when the output cannot be written. */
bool filter_next(struct filter *, struct rec *);

/* The same, with its fields unread, as rec_line(). */
bool filter_line(struct filter *, struct rec *);

/* Report the first fault, free, make sure the output got out: the status for main to return. */
int filter_close(struct filter *);

/* "name: what" on stderr, for what does not end the program. */
void filter_note(const struct filter *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
