/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "filter.h"
#include "rec/select.h"
#include "version.h"

enum { MAXOPTION = 32, PIPE_SIZE = 1024 * 1024 };
enum { NOTES_SHOWN = 20, NOTE_SIZE = 8192 };
enum { VERSION = INT_MAX }; /* sorts after all long names */

static const struct filter_option common[] = {
	{ 'h', "help", NULL, "print this help" },
	{ 'v', NULL, NULL, "report more on standard error, such as all messages of one kind" },
	{ VERSION, "version", NULL, "print the version" },
};

/* Collect all options of a filter, sorted: letters first, then long names. Returns their number. */
static int
all_options(const struct filter *f, struct filter_option *all)
{
	const struct filter_option *o;
	struct filter_option key;
	int n = sizeof common / sizeof *common, i, j;

	memcpy(all, common, sizeof common);
	for (o = f->options; o != NULL && o->id != 0 && n < MAXOPTION; o++)
		all[n++] = *o;
	for (i = 1; i < n; i++) {
		key = all[i];
		for (j = i; j > 0 && all[j - 1].id > key.id; j--)
			all[j] = all[j - 1];
		all[j] = key;
	}
	return n;
}

static void
print_usage(const struct filter *f, FILE *fp)
{
	struct filter_option all[MAXOPTION];
	const char *operand = f->operand == NULL ? "[file]" : f->operand;
	int n = all_options(f, all), i;

	fprintf(fp, "usage: %s [-", f->name);
	for (i = 0; i < n; i++)
		if (all[i].id < FILTER_LONG && all[i].arg == NULL)
			putc(all[i].id, fp);
	putc(']', fp);
	for (i = 0; i < n; i++)
		if (all[i].id < FILTER_LONG && all[i].arg != NULL)
			fprintf(fp, " [-%c %s]", all[i].id, all[i].arg);
	for (i = 0; i < n; i++)
		if (all[i].id >= FILTER_LONG)
			fprintf(fp, " [--%s%s%s]", all[i].name, all[i].arg == NULL ? "" : "=",
			    all[i].arg == NULL ? "" : all[i].arg);
	fprintf(fp, "%s%s\n", *operand == '\0' ? "" : " ", operand);
}

/* An option as the help shows it: -h, --help or --stacks=how. */
static void
option_text(const struct filter_option *o, char *d, size_t n)
{
	const char *arg = o->arg == NULL ? "" : o->arg;

	if (o->id >= FILTER_LONG)
		snprintf(d, n, "--%s%s%s", o->name, *arg == '\0' ? "" : "=", arg);
	else if (o->name != NULL)
		snprintf(d, n, "-%c, --%s", o->id, o->name);
	else
		snprintf(d, n, "-%c%s%s", o->id, *arg == '\0' ? "" : " ", arg);
}

/* Print a line on stderr. Parts of it may come from a file. */
static void
print_line(const struct filter *f, const char *text)
{
	char quoted[NOTE_SIZE];

	if (f->quiet)
		return;
	fprintf(stderr, "%s%s: %s\n", f->in.progress.shown ? PROGRESS_CLEAR : "", f->name,
	    text_quote(quoted, sizeof quoted, str_of(text)));
}

/* End after the help or the version was printed. */
static _Noreturn void
end_printed(const struct filter *f)
{
	char text[128];

	if (fflush(stdout) == 0 && !ferror(stdout))
		exit(0);
	snprintf(text, sizeof text, "<stdout>: %s", strerror(errno));
	print_line(f, text);
	exit(1);
}

static _Noreturn void
print_help(const struct filter *f)
{
	struct filter_option all[MAXOPTION];
	char left[64];
	int n = all_options(f, all), i;

	print_usage(f, stdout);
	printf("%s\n", f->about);
	for (i = 0; i < n; i++) {
		option_text(&all[i], left, sizeof left);
		printf("  %-20s%s%s\n", left, strlen(left) > 20 ? "\n                       " : " ",
		    all[i].help);
	}
	end_printed(f);
}

static _Noreturn void
print_version(const struct filter *f)
{
	printf("%s (sluice) %s%s%s\n", f->name, SLUICE_VERSION, f->library != NULL ? ", " : "",
	    f->library != NULL ? f->library : "");
	end_printed(f);
}

_Noreturn void
filter_usage(struct filter *f, const char *fmt, ...)
{
	char text[NOTE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	print_line(f, text);
	print_usage(f, stderr);
	exit(2);
}

/* Fill in the two tables of getopt_long(). */
static void
getopt_tables(const struct filter *f, char *letters, struct option *longs)
{
	struct filter_option all[MAXOPTION];
	int n = all_options(f, all), i;

	for (i = 0; i < n; i++) {
		if (all[i].id < FILTER_LONG) {
			*letters++ = (char)all[i].id;
			if (all[i].arg != NULL)
				*letters++ = ':';
		}
		if (all[i].name != NULL)
			*longs++ = (struct option){ all[i].name,
				all[i].arg == NULL ? no_argument : required_argument, NULL,
				all[i].id };
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* The number of long options that start with a word, which ends at = or its end. */
static int
count_prefixed(const struct option *longs, const char *word)
{
	size_t n = strcspn(word, "=");
	int count = 0;

	for (; longs->name != NULL; longs++)
		count += strncmp(longs->name, word, n) == 0;
	return count;
}

/* Report an option that getopt_long() does not take, in its words. id is what it returned. */
static _Noreturn void
refuse_option(struct filter *f, int id, const struct option *longs)
{
	const char *word = f->argv[optind - 1];
	bool is_long = strncmp(word, "--", 2) == 0;
	const struct option *o = longs;

	while (o->name != NULL && o->val != optopt)
		o++;
	if (id == ':' && is_long)
		filter_usage(f, "option '%s' requires an argument", word);
	if (id == ':')
		filter_usage(f, "option requires an argument -- '%c'", optopt);
	if (optopt == 0 && count_prefixed(longs, word + 2) > 1)
		filter_usage(f, "option '%s' is ambiguous", word);
	if (optopt == 0)
		filter_usage(f, "unrecognized option '%s'", word);
	if (o->name != NULL)
		filter_usage(f, "option '--%s' doesn't allow an argument", o->name);
	filter_usage(f, "invalid option -- '%c'", optopt);
}

/* Keep files opened later from taking the place of a standard descriptor that is closed. Using one
 * of those still fails: they are opened the wrong way round. */
static void
occupy_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
filter_option(struct filter *f)
{
	char letters[1 + 2 * MAXOPTION + 1];
	struct option longs[MAXOPTION + 1];
	int id;

	occupy_standard_descriptors();
	getopt_tables(f, letters + 1, longs);
	*letters = ':'; /* tell a missing argument from an unknown option */
	opterr = 0;
	while (
	    (id = getopt_long(f->argc, f->argv, letters, longs, NULL)) == 'v' || id == FILTER_SPOOL)
		if (id == 'v')
			f->verbose = true;
		else
			f->spool_max = (uint64_t)filter_number(f, 1, UINT32_MAX) << 20;
	if (id == 'h')
		print_help(f);
	if (id == VERSION)
		print_version(f);
	if (id == '?' || id == ':')
		refuse_option(f, id, longs);
	return id;
}

int64_t
filter_number(struct filter *f, int64_t min, int64_t max)
{
	const char *end = optarg + strlen(optarg);
	int64_t v;

	if (text_s64(optarg, end, &v) != end || v < min || v > max)
		filter_usage(f, "\"%s\": not a number from %lld to %lld", optarg, (long long)min,
		    (long long)max);
	return v;
}

int64_t
filter_time(struct filter *f)
{
	int64_t ns;

	if (!window_time(optarg, optarg + strlen(optarg), &ns))
		filter_usage(f, "\"%s\": not a time, such as 1500, 3us, 2.5ms or 12.75s", optarg);
	return ns;
}

void
filter_window(struct filter *f, struct window *w)
{
	const char *why = window_parse(w, optarg);

	if (why != NULL)
		filter_usage(f, "\"%s\": %s", optarg, why);
}

bool
filter_select(struct filter *f, int id, struct select *p)
{
	if (id == 'C' && !cpulist_add(&p->cpus, optarg))
		filter_usage(f, "\"%s\": not a list of CPUs, such as 0,4-7", optarg);
	if (id == 'p')
		tasklist_add(&p->tasks, optarg);
	if (id == 't')
		filter_window(f, &p->time);
	return id == 'C' || id == 'p' || id == 't';
}

struct str
filter_machine(struct filter *f)
{
	size_t n = strlen(optarg), i;

	for (i = 0; i < n && (uint8_t)optarg[i] >= ' ' && optarg[i] != 0x7f; i++)
		;
	if (n == 0 || n > FILTER_MACHINE || i < n)
		filter_usage(f, "-m: a machine's name is 1 to %d printable bytes", FILTER_MACHINE);
	return (struct str){ f->machine, text_escape(f->machine, optarg, n, "") };
}

void
filter_machines(struct filter *f, struct patterns *p)
{
	filter_machine(f);
	patterns_add(p, str_of(optarg));
}

bool
filter_stacks(struct filter *f)
{
	bool once = strcmp(optarg, "once") == 0;

	if (!once && strcmp(optarg, "inline") != 0)
		filter_usage(f, "--stacks=%s: once or inline is expected", optarg);
	return once;
}

void
filter_open_output(struct filter *f)
{
	out_open(&f->out, STDOUT_FILENO);
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
}

const char *
filter_operand(struct filter *f)
{
	if (f->argc - optind > 1)
		filter_usage(f, "\"%s\": one operand only", f->argv[optind + 1]);
	return f->argv[optind];
}

bool
filter_enter(struct filter *f, const char *file)
{
	const char *name = filter_operand(f);
	struct stat st;
	size_t n;

	if (name == NULL || stat(name, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	n = strlen(name) + 1 + strlen(file) + 1;
	f->entered = mem_alloc(n);
	snprintf(f->entered, n, "%s/%s", name, file);
	f->argv[optind] = f->entered;
	return true;
}

/* Open the input by its name. Nobody meant a FIFO in a folder, which may never be written to. */
static bool
open_input(struct filter *f, const char *name)
{
	struct stat st;

	if (f->entered != NULL && stat(f->entered, &st) == 0 && !S_ISREG(st.st_mode))
		return fault_set(&f->fault, "%s: not a regular file", name);
	return input_open(&f->in, name);
}

/* If memory runs out, mem.c ends the program; print how much had been read. */
static void
report_reached(int status, void *reading)
{
	struct filter *f = *(struct filter **)reading;

	if (f == NULL || status != 1)
		return;
	filter_note(f, NULL, "%s@0x%llx%s: the input was read up to here", f->in.name,
	    (unsigned long long)f->in.reached, input_how(&f->in));
}

/* The handler runs when main's variables are gone. */
static void
set_exit_handler(struct filter *f)
{
	f->reading = mem_alloc(sizeof(struct filter *));
	*f->reading = f;
	on_exit(report_reached, f->reading);
}

bool
filter_open(struct filter *f)
{
	const char *name = filter_operand(f);

	if (name == NULL && isatty(STDIN_FILENO))
		filter_usage(f, "no file given, and standard input is a terminal");
	filter_open_output(f);
	f->rec.in = &f->in;
	if (!open_input(f, name))
		return false;
	set_exit_handler(f);
	if (f->spool_max > 0)
		f->in.spool_max = f->spool_max;
	f->in.progress.on = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	return true;
}

bool
filter_line(struct filter *f, struct rec *r)
{
	return f->out.error == 0 && !fault_is(&f->fault) && rec_line(&f->rec, r);
}

bool
filter_next(struct filter *f, struct rec *r)
{
	return filter_line(f, r) && rec_read(&f->rec, r);
}

/* Read all records, and widen the range of times by each event; by counters only if there is
 * nothing else. */
static void
scan_times(struct filter *f, struct window *w)
{
	struct window counters = WINDOW_ALL;
	struct rec r;

	window_scan(w);
	while (filter_next(f, &r))
		select_add_time(select_is_counter(&r) ? &counters : w, &r);
	if (w->first > w->last) {
		w->first = counters.first;
		w->last = counters.last;
	}
	window_settle(w);
}

bool
filter_scan(struct filter *f, struct window *w)
{
	if (!window_is_relative(w))
		return true;
	if (!input_spool(&f->in))
		return false;
	scan_times(f, w);
	f->rec = (struct recin){ .in = &f->in };
	return input_seek(&f->in, 0);
}

/* Count a fault of a kind; is it to be printed? */
static bool
count_note(struct filter *f, const char *kind)
{
	struct filter_notes *n = f->notes;

	while (n->kind != NULL && strcmp(n->kind, kind) != 0)
		n++;
	assert(n < f->notes + FILTER_KINDS - 1);
	n->kind = kind;
	return n->n++ < NOTES_SHOWN || f->verbose;
}

void
filter_note(struct filter *f, const char *kind, const char *fmt, ...)
{
	char text[NOTE_SIZE];
	va_list ap;

	if (f->out.error != 0 || (kind != NULL && !count_note(f, kind)))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	print_line(f, text);
}

void
filter_note_text(void *arg, const char *kind, const char *text)
{
	filter_note(arg, kind, "%s", text);
}

/* Report a name that nothing matched, and the names that were met instead. */
static void
note_missed(struct filter *f, const char *option, struct str name, const char *met)
{
	filter_note(f, "names that match nothing", "nothing matches %s \"%.*s\"%s%s", option,
	    (int)(name.n < NOTE_SIZE / 2 ? name.n : NOTE_SIZE / 2), name.p,
	    *met == '\0' ? "" : ": the events are ", met);
}

void
filter_missed_name(struct filter *f, const char *option, struct str name)
{
	note_missed(f, option, name, "");
}

void
filter_missed(struct filter *f, const char *option, const struct patterns *p)
{
	char met[PATTERNS_LIST];
	size_t i;

	patterns_list(p, met);
	for (i = 0; i < p->n && p->missed > 0; i++) {
		if (p->one[i].hit)
			continue;
		note_missed(f, option, p->one[i].text, met);
		*met = '\0';
	}
}

/* The options that left nothing of the events in the window, up to the one that left none. */
static struct strbuf
left_nothing(const struct select *p)
{
	const struct {
		const char *option;
		bool given;
		enum select_by by;
	} all[] = { { ", -e", p->by_event, SELECT_TIME },
		{ ", -m", p->machine.n > 0, SELECT_MACHINE }, { ", -C", p->cpus.n > 0, SELECT_CPU },
		{ ", -e", p->event.n > 0, SELECT_EVENT }, { ", -p", p->tasks.n > 0, SELECT_TASK },
		{ ", --function", p->function.n > 0, SELECT_FUNCTION } };
	struct strbuf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all && all[i].by <= p->last; i++)
		if (all[i].given)
			strbuf_add(&b, str_of(all[i].option + (b.n == 0 ? 2 : 0)));
	return b;
}

/* What follows the times of the events, if the window seems to be meant as relative to them. */
static const char *
relative_hint(const struct window *w)
{
	return w->to < w->first && !window_is_relative(w)
		   ? "; times after the first event need a +, such as +500ms,+510ms"
		   : "";
}

static void
report_window(struct filter *f, const struct select *p)
{
	const struct window *w = &p->time;
	struct strbuf others;
	char first[WINDOW_TEXT], last[WINDOW_TEXT];

	if (w->text == NULL || p->last == SELECT_ALL)
		return;
	others = left_nothing(p);
	if (w->first > w->last)
		filter_note(f, NULL, "nothing matches -t \"%s\": there are no events", w->text);
	else if (w->hit && others.n > 0)
		filter_note(f, NULL, "nothing matches -t \"%s\" together with %.*s", w->text,
		    (int)others.n, others.p);
	else
		filter_note(f, NULL, "nothing matches -t \"%s\": the events are from %s to %s%s",
		    w->text, window_put(w, w->first, first), window_put(w, w->last, last),
		    relative_hint(w));
	strbuf_free(&others);
}

void
filter_missed_tasks(struct filter *f, const struct tasklist *l)
{
	struct str text;
	size_t i = 0;

	while (tasklist_next_missed(l, &i, &text))
		filter_missed_name(f, "-p", text);
}

bool
filter_missed_window(struct filter *f, const struct window *w)
{
	char first[WINDOW_TEXT], last[WINDOW_TEXT];

	if (w->text == NULL || w->hit || w->first > w->last)
		return false;
	fault_set(&f->fault, "%s: nothing matches -t \"%s\": the events are from %s to %s%s",
	    f->in.name, w->text, window_put(w, w->first, first), window_put(w, w->last, last),
	    relative_hint(w));
	return true;
}

void
filter_missed_selected(struct filter *f, struct select *p)
{
	struct str text;
	size_t i = 0;

	while (cpulist_next_missed(&p->cpus, &i, &text))
		filter_missed_name(f, "-C", text);
	filter_missed(f, "-e", &p->event);
	filter_missed(f, "-m", &p->machine);
	filter_missed_tasks(f, &p->tasks);
	if (select_lacks_forks(p))
		filter_note(f, NULL, "no fork records, so -p finds no descendants");
	filter_missed(f, "--function", &p->function);
	report_window(f, p);
}

bool
filter_is_empty(const struct filter *f)
{
	return f->rec.line == 0 && !fault_is(&f->in.fault) && !fault_is(&f->rec.fault);
}

void
filter_lacks(struct filter *f, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	if (filter_is_empty(f))
		fault_set(
		    &f->fault, "%s: no records: the filter before this one says why", f->in.name);
	else if (!fault_is(&f->in.fault) && !fault_is(&f->rec.fault))
		fault_set(&f->fault, "%s: %s", f->in.name, what);
}

void
filter_note_undefined(struct filter *f, uint64_t n)
{
	if (n > 0)
		filter_note(f, NULL,
		    "%llu record%s to a stack that the stream does not define (recgrep keeps the "
		    "definitions, grep does not)",
		    (unsigned long long)n, n == 1 ? " refers" : "s refer");
}

void
filter_note_clock(struct filter *f, const struct rec *r)
{
	if (r->kind == REC_META && str_eq(r->meta.key, STR("clock_unit")))
		filter_note(f, "clocks that do not count nanoseconds",
		    "the clock of %.*s does not count nanoseconds: 1 ns stands for 1 %.*s",
		    (int)r->machine.n, r->machine.p, (int)r->meta.value.n, r->meta.value.p);
}

void
filter_note_cut_names(struct filter *f, uint64_t n, int bytes)
{
	if (n > 0)
		filter_note(f, NULL, "%llu names are longer than %d bytes: cut",
		    (unsigned long long)n, bytes);
}

void
filter_note_overflows(struct filter *f, uint64_t n, const char *most)
{
	if (n > 0)
		filter_note(f, NULL, "%llu values do not fit into their sum: %s is written",
		    (unsigned long long)n, most);
}

static void
print_counts(struct filter *f)
{
	const struct filter_notes *n;

	for (n = f->notes; n->kind != NULL && !f->verbose; n++)
		if (n->n > NOTES_SHOWN)
			filter_note(f, NULL, "... and %llu more %s",
			    (unsigned long long)(n->n - NOTES_SHOWN), n->kind);
}

int
filter_close(struct filter *f)
{
	const struct fault *first = fault_is(&f->in.fault)    ? &f->in.fault
				    : fault_is(&f->rec.fault) ? &f->rec.fault
							      : &f->fault;
	char text[NOTE_SIZE];
	int status = 0;

	if (f->reading != NULL)
		*f->reading = NULL;
	input_close(&f->in);
	out_flush(&f->out);
	if (f->out.error == 0 && close(f->out.fd) != 0)
		f->out.error = errno;
	print_counts(f);
	if (fault_is(first)) {
		print_line(f, first->text);
		status = 1;
	}
	if (f->out.error != 0) {
		snprintf(text, sizeof text, "<stdout>: %s", strerror(f->out.error));
		print_line(f, text);
		status = 1;
	}
	out_free(&f->out);
	free(f->entered);
	return status;
}
