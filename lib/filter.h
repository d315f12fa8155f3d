/* SPDX-License-Identifier: MIT */
/*
 * filter - what every program does alike: command line, input, output, messages, exit status
 *
 * A program describes itself and its options in a struct filter. All have -h and --help, -v
 * (verbose) and --version. The usage line comes from the table; the manual page repeats it, and a
 * test compares the two.
 */

#ifndef FILTER_H
#define FILTER_H

#include <limits.h>

#include "base/patterns.h"
#include "rec/rec.h"
#include "rec/select.h"

struct filter_option {
	int id;           /* its letter; FILTER_LONG and up if it has only a long name */
	const char *name; /* long name, or NULL */
	const char *arg;  /* name of its argument, NULL if it takes none */
	const char *help;
};

/* The option of filters that copy a pipe to a temporary file; filter_option() handles it. */
#define FILTER_SPOOL_MAX                                                                           \
	{                                                                                          \
		FILTER_SPOOL, "spool-max", "mb",                                                   \
		    "copy no more than this of a pipe or gzip file (16384)"                        \
	}

enum { FILTER_SPOOL = INT_MAX - 1 }; /* sorts after all other long names but --version */
enum { FILTER_LONG = 256, FILTER_MACHINE = 64, FILTER_KINDS = 16 };

struct filter {
	const char *name, *about;
	const char *operand;                 /* NULL: "[file]" */
	const char *library;                 /* for --version: what it depends on, or NULL */
	const struct filter_option *options; /* ends with an id of 0 */
	int argc;
	char **argv;
	bool verbose;
	uint64_t spool_max;               /* of in, if it is not 0 */
	bool quiet;                       /* another process reports */
	char machine[4 * FILTER_MACHINE]; /* result of filter_machine() */
	char *entered;                    /* path of the file of filter_enter(), or NULL */
	struct input in;
	struct recin rec;
	struct out out;
	struct fault fault;      /* an error that the program itself found */
	struct filter **reading; /* for the exit handler: NULL after filter_close() */
	struct filter_notes {
		const char *kind;
		uint64_t n;
	} notes[FILTER_KINDS];
};

/* The next option's id, its argument in optarg; -1 after the last. Ends the program on -h,
 * --version and wrong usage. */
int filter_option(struct filter *);

/* Print what is wrong with the command line, and end with status 2. */
_Noreturn void filter_usage(struct filter *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Parse optarg; wrong usage if it is malformed. */
int64_t filter_number(struct filter *, int64_t min, int64_t max);
int64_t filter_time(struct filter *);
void filter_window(struct filter *, struct window *);

/* Handle an option that selects: C, p, t. Returns whether it is one. */
bool filter_select(struct filter *, int id, struct select *);

/* Parse optarg as the name of a machine: 1 to FILTER_MACHINE bytes, none of them a control
 * character. Returns it escaped, as records have it; it lives as long as the filter. */
struct str filter_machine(struct filter *);

/* Add optarg, the name of a machine as it is for filter_machine(), or a pattern of such names. */
void filter_machines(struct filter *, struct patterns *);

/* Parse optarg as the form of stacks: true for "once", false for "inline". */
bool filter_stacks(struct filter *);

/* The operand, NULL if there is none; wrong usage if there are several. */
const char *filter_operand(struct filter *);

/* If the operand is a folder, read the regular file of this name in it; true if it is one. */
bool filter_enter(struct filter *, const char *file);

/* Open the operand, or standard input, and standard output. False if that fails: filter_close()
 * reports why. */
bool filter_open(struct filter *);

/* Settle a window that is relative to events of a stream: read the stream to its end, and start
 * again. A pipe is copied to a temporary file. False if that fails. */
bool filter_scan(struct filter *, struct window *);

/* Open standard output only. */
void filter_open_output(struct filter *);

/* Read the next record. False at the end, on error, and if the output cannot be written. */
bool filter_next(struct filter *, struct rec *);

/* The same without its fields, as rec_line(). */
bool filter_line(struct filter *, struct rec *);

/*
 * Print "program: text" on stderr, quoted for a terminal, for what does not end the program. kind
 * names, in the plural, the faults of one kind ("bad lines"): the first 20 of each kind are
 * printed, filter_close() prints the number of the others. With -v, and if kind is NULL, there is
 * no limit. It is a string constant. Nothing is printed after a failed write, since the input may
 * not be read to its end.
 */
void filter_note(struct filter *, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same as a callback of a library, arg being the filter. */
void filter_note_text(void *arg, const char *kind, const char *text);

/* Report a name or pattern of an option that nothing in the input matched; or all of a list that
 * are not hit, and with the first one the names that were met. Call it when the input was read. */
void filter_missed_name(struct filter *, const char *option, struct str name);
void filter_missed(struct filter *, const char *option, const struct patterns *);
void filter_missed_tasks(struct filter *, const struct tasklist *);

/* Report what of a selection selected nothing; if nothing is in its window, the times of the
 * events. */
void filter_missed_selected(struct filter *, struct select *);

/* Fail if events came, but nothing is in a window. Returns whether that is so. */
bool filter_missed_window(struct filter *, const struct window *);

/* Fail because the input lacks what the filter needs; if it has no record at all, because of that.
 * If the input has a fault, that is the reason. */
void filter_lacks(struct filter *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Has the input no record and no fault? */
bool filter_is_empty(const struct filter *);

/* Report, if n is not 0, the number of records whose @HASH is defined nowhere before them. */
void filter_note_undefined(struct filter *, uint64_t n);

/* Report a meta record that says that times are not nanoseconds: a filter calls it that prints them
 * with units. */
void filter_note_clock(struct filter *, const struct rec *);

/* Report, if n is not 0, the number of names that were cut to this number of bytes. */
void filter_note_cut_names(struct filter *, uint64_t n, int bytes);

/* Report, if n is not 0, the number of values that did not fit into their sum, and what is written
 * for it. */
void filter_note_overflows(struct filter *, uint64_t n, const char *most);

/* Close input and output, and report the first fault. Returns the exit status. */
int filter_close(struct filter *);

#endif
