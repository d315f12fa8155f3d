/* SPDX-License-Identifier: MIT */
/* perfrec_int - the parts of perfrec: what each knows about a recording, and the records it fills
 */

#ifndef PERFREC_INT_H
#define PERFREC_INT_H

#include "base/out.h"
#include "base/patterns.h"
#include "evrec.h"
#include "perf_int.h"
#include "rec/rec.h"
#include "rec/stacks.h"

/* --- perfname: the names of events, and which ones are wanted */

struct perf_name {
	bool resolved;
	bool wanted;
	struct str name;     /* escaped */
	struct evrec *evrec; /* of a tracepoint whose format is known, else NULL */
};

/* Start with events set, and all or patterns, the rest 0. */
struct perf_names {
	bool all; /* all events are wanted */
	/* those wanted: names with or without their system, and kinds of records */
	struct patterns patterns;
	const struct perf_events *events;
	struct evformats formats;
	const struct evformats *elsewhere; /* used if the file has none; NULL: none */
	struct evrec **evrec;              /* by format, as far as it was needed */
	struct perf_name *name;            /* by event */
	size_t nevrec, n;
	struct intern escaped;
};

void perf_names_free(struct perf_names *);

/* Read the formats of tracepoints from the section TRACING_DATA. Returns false if it is damaged;
 * those before the damage are used. */
bool perf_names_formats(struct perf_names *, struct bytes);

/* Look up the name of an event. Valid until the next event is added to the file's. */
const struct perf_name *perf_names_resolve(struct perf_names *, const struct perf_attr *);

static inline const struct perf_name *
perf_names_of(struct perf_names *p, const struct perf_attr *a)
{
	if (a->index < p->n && p->name[a->index].resolved)
		return &p->name[a->index];
	return perf_names_resolve(p, a);
}

/* Look for patterns that choose no event, when all events are known. Returns false with the fault
 * set if none does. */
bool perf_names_check(struct perf_names *, struct fault *);

/* The event that is the tracepoint SYSTEM:NAME; NULL if there is none. */
const struct perf_attr *perf_names_tracepoint(const struct perf_names *, const char *name);

/* --- perfproc: processes and the machine's events around them */

enum { PERF_BUILD_ID = 20 };

/* The build ids of files, by the number of their path. */
struct perf_builds {
	struct intern paths;
	struct perf_build *build;
	size_t cap;
};

struct perf_proc {
	struct evinfo *info;
	struct hash on_cpu; /* CPU -> pid << 32 | tid of the task there, from context switches */
	struct perf_builds builds[2]; /* of the host, of guests */
	struct hash cgroups;          /* id -> number of the path + 1 */
	struct intern cgroup_paths;   /* escaped as in pairs */
	char build[2 * PERF_BUILD_ID], prot[4];
};

void perf_proc_free(struct perf_proc *);

/* Learn the build ids of the feature BUILD_ID; that of a BUILD_ID record. */
void perf_proc_feature(struct perf_proc *, struct bytes);
void perf_proc_build(struct perf_proc *, uint16_t misc, struct bytes body);

/* The path of a cgroup; "-" if it is not known, or too long to repeat it in each sample. */
struct str perf_proc_cgroup(const struct perf_proc *, uint64_t id);

/*
 * Fill in kind, pid, tid and the kind's own fields from the body of a record without its trailer.
 * Strings live until the next call. Returns false if the record has nothing to say, in which case
 * the kind is REC_OTHER, or if it is cut short.
 */
bool perf_proc_fill(struct perf_proc *, const struct perf_record *, struct bytes, struct rec *);

/* --- perfstack: callchains as the stack field of records */

/* The most words that the chain of a record, which is smaller than 64 KB, can make. */
enum { PERF_STACK_WORDS = 8192 + 2 };

/* The chains converted last, as those of a kernel repeat. Shorter or longer ones are converted
 * again, which takes less time than to compare them. */
enum { PERF_STACK_RECENT = 128, PERF_STACK_LEAST = 7, PERF_STACK_MOST = 32 };

struct perf_stack_recent {
	size_t n; /* of the words; 0: none yet */
	uint64_t word[PERF_STACK_MOST];
	struct stacks_sum sum; /* if stacks are written once */
	size_t len;            /* else: of its text */
};

/* The stack of the last record, which is defined if it is new; n 0: none. */
struct perf_stack_used {
	const uint64_t *word;
	size_t n;
	struct stacks_key key;
	int32_t pid; /* the key's */
};

struct perf_stack {
	struct stacks *stacks; /* NULL if stacks are written inline */
	char *text;
	struct perf_stack_recent *recent;
	char *recent_text; /* NULL if stacks are written once */
	char ref[1 + TEXT_NUMBER];
	struct perf_stack_used used;
	uint64_t room[PERF_STACK_WORDS], joined[PERF_STACK_WORDS];
};

void perf_stack_open(struct perf_stack *, bool once);
void perf_stack_free(struct perf_stack *);

/*
 * The stack field of a record whose time, machine and pid are set, for a chain recorded in cpumode
 * at ip (UINT64_MAX: unknown). Valid until the next call.
 */
struct str perf_stack_field(
    struct perf_stack *, const struct rec *, struct bytes chain, unsigned cpumode, uint64_t ip);

/* The record is about to be written. Returns true if the stack record *define has to be written
 * before it. */
bool perf_stack_define(struct perf_stack *, struct rec *, struct rec *define);

/* --- perfdefer: samples whose user's part comes later
 *
 * A chain may end with a cookie: the user's part follows in a CALLCHAIN_DEFERRED record, when the
 * thread returns to user mode. Such samples wait for it, with all records after them, until 16 MB
 * of records wait or a later cookie of the thread shows that it was lost.
 */

/* Start with { 0 }. */
struct perf_defer {
	struct perf_held *held; /* those from begin to n are held */
	size_t begin, n, cap, bytes;
	uint64_t first;      /* number of the first one among all that were ever held */
	struct hash waiting; /* tid -> number + 1 of its last sample that waits */
	uint8_t *last;       /* the body of the record that was taken last */
	uint64_t joined;     /* CALLCHAIN_DEFERRED records that were joined to samples */
	uint64_t alone;      /* samples whose user's part did not come in time */
};

void perf_defer_free(struct perf_defer *);

/* Hold a record, or join it to the samples that wait for it. may_wait: it is a sample whose chain
 * may end with a cookie. Returns false if it is to be converted at once. */
bool perf_defer_add(struct perf_defer *, const struct perf_record *, bool may_wait);

/* Take the next record that no longer waits; at the end, all. It is valid until the next call. */
bool perf_defer_next(struct perf_defer *, bool all, struct perf_record *);

/* --- perfbranch: branch stacks */

/* Start with the branches of a sample, latest first, and 0. */
struct perf_branches {
	struct bytes left;
	uint64_t n; /* of those before */
	char from[TEXT_NUMBER], to[TEXT_NUMBER];
};

/* Fill in the fields of a branch record that are its own but for the event. False: there is none.
 */
bool perf_branch_next(struct perf_branches *, struct evinfo *, struct rec *);

/*
 * The chain with the user's frames of a call stack that the processor kept in its branches, as perf
 * joins them: where the latest call went to, and where each was made. It is made at room, which has
 * PERF_STACK_WORDS, or is the chain itself if that has no user's part.
 */
struct bytes perf_branch_join(struct bytes chain, struct bytes branch, uint64_t *room);

/* --- perfuser: the registers and the stack of the user, to be unwound */

struct perf_user {
	struct strbuf arch; /* as uname(2) names the machine; empty if unknown */
	struct strbuf regs;
	/* the last stacks, by the tasks' ids: a task's next one is often the same */
	struct perf_user_stack {
		struct strbuf bytes, words;
		bool swapped;
		uint64_t none; /* the bits that an address does not have */
		uint64_t big;  /* those that small numbers do not have */
	} stack[16];
};

void perf_user_free(struct perf_user *);

/* Learn the architecture from the feature ARCH. Without it, it is that whose set of registers perf
 * records. */
void perf_user_arch(struct perf_user *, struct bytes);

/* Fill in the fields of a usample record that are its own. Its strings live until the next call.
 * Returns false if the sample has no user stack. */
bool perf_user_fill(
    struct perf_user *, const struct perf_attr *, const struct perf_sample *, struct rec *);

/* --- perfns: the ids of tasks in a recording made in a pid namespace
 *
 * The kernel writes the recorder's own ids into samples and other records, 0 for tasks that are
 * outside its namespace, but the ids of the root namespace into the data of tracepoints. Each
 * tracepoint has both for its current task, which teaches a pair. A record that names a task whose
 * pair is not known yet is held, with those after it, until the task itself has an event.
 */

/* What a tid of the root namespace becomes if the task has none in the recorder's. */
enum { PERF_NS_OUTSIDE = 1000000000 };

struct perf_ns {
	bool on;      /* the recorder's namespace is not the root */
	bool settled; /* that is known */
	/* tid in the root namespace -> pid << 32 | tid in the recorder's, 0: the task is outside */
	struct hash inside;
	struct hash *tasks; /* the same from another reading, the first one of each; or NULL */
	struct out line;
	struct strbuf held;
	struct perf_ns_gap *gap; /* in the held text, in its order */
	size_t ngap, cap;
	size_t written, first; /* the text that was written; the first gap after it */
};

void perf_ns_free(struct perf_ns *);

/* Judge by the ids of a task whether the recorder's namespace is the root. last: this is the task's
 * last switch, when it may have lost its id. */
void perf_ns_judge(struct perf_ns *, int32_t root, int32_t tid, bool last);

/* Learn from the record of a tracepoint, whose pid and tid are the sample's, and make them the
 * task's. */
void perf_ns_current(struct perf_ns *, struct out *, int32_t root, struct rec *);

/* Change the id of another task that a record names, from the root namespace's. */
void perf_ns_other(const struct perf_ns *, struct rec *);

/* The task ends. */
void perf_ns_forget(struct perf_ns *, int32_t root);

/* Write a record now, or once the ids are known that it and those before it name; at the end, all
 * that is held. */
void perf_ns_put(struct perf_ns *, struct out *, struct rec *);
void perf_ns_end(struct perf_ns *, struct out *);

/* --- perflost: losses, each counted once
 *
 * The kernel reports a full ring buffer as soon as there is room again (LOST). It also counts the
 * losses of each event, and perf writes these counts at the end (LOST_SAMPLES without a time): they
 * are the same losses, and those that no LOST record followed.
 */

struct perf_losses {
	struct hash cpus;  /* id -> CPU + 1, from ID_INDEX records */
	struct hash index; /* CPU + 1 -> index + 1 */
	struct perf_loss *loss;
	size_t n, cap;
	uint64_t total; /* of those returned, without samples that a BPF filter dropped */
	int64_t *heard; /* when each CPU was last heard of */
	size_t nheard;
};

void perf_losses_free(struct perf_losses *);

/* A CPU is heard of at t. Returns when it was before, REC_NO_NS: never. */
int64_t perf_losses_heard(struct perf_losses *, int32_t cpu, int64_t t);

/* The earliest time at which a CPU was last heard of; t if none was, or all later. */
int64_t perf_losses_first(const struct perf_losses *, int64_t t);

/* Learn from the body of an ID_INDEX record to which CPU each id belongs. */
void perf_losses_index(struct perf_losses *, struct bytes);

/*
 * Count a loss. r is complete but for since, and for the CPU unless its trailer has one; id is the
 * trailer's. Returns false if the record is a count that perf read, which is not written now.
 */
bool perf_losses_add(struct perf_losses *, const struct perf_record *, uint64_t id, struct rec *r);

/* Sort out what the counts have beyond the LOST records, at the end. Then fill in the i-th loss;
 * false: there is none. r has its time set. */
void perf_losses_settle(struct perf_losses *);
bool perf_losses_next(struct perf_losses *, size_t *i, struct rec *r);

/* --- perfcount: the counts of perf stat record */

struct perf_counts {
	struct perf_events *events;
	uint32_t ncpu;
	struct perf_count_cpu *cpu;
	struct perf_count_event *event; /* by event */
	size_t nevent;
	struct perf_count *pending; /* the counts of this round */
	size_t n, cap;
	uint64_t t;                       /* of the last round */
	uint64_t enabled, enabled_before; /* the longest so far; the same up to the last round */
	uint64_t cut_names;               /* units that are too long */
};

void perf_counts_free(struct perf_counts *);

/* Take the number and the places of CPUs from the features NRCPUS and CPU_TOPOLOGY. */
void perf_counts_feature(struct perf_counts *, int feature, struct bytes section);

enum perf_counts_got {
	PERF_COUNTS_MORE,     /* nothing to write yet */
	PERF_COUNTS_ROUND,    /* the pending counts are a round, t ns after the counting began */
	PERF_COUNTS_CUT,      /* the record is cut short */
	PERF_COUNTS_NO_EVENT, /* the record has an id that no event has */
	PERF_COUNTS_NO_VALUE  /* its value is 2^64-1, which no counter has */
};

/* Take in one of perf's own records. After a round, set n to 0. */
enum perf_counts_got perf_counts_add(struct perf_counts *, const struct perf_record *, uint64_t *t);

/* The pending counts are the last round, which has no record of its own. Returns its time: it came
 * after the round before by what its counters were enabled longer. */
uint64_t perf_counts_end(struct perf_counts *);

/* Fill in all of the i-th pending count but t, machine and the name of the event, which is
 * returned. */
const struct perf_attr *perf_counts_fill(struct perf_counts *, size_t i, struct rec *);

/* The counters of a READ record, which a task that ends leaves. */
struct perf_reading {
	struct bytes left;
	uint64_t format, n, value, id, enabled, running; /* UINT64_MAX if it has none */
};

/* Start with what follows the ids of the task. Returns false if the record is cut short. */
bool perf_reading_begin(struct perf_reading *, const struct perf_attr *, struct bytes);

/* Take the next counter. False: there is none. */
bool perf_reading_next(struct perf_reading *);

/* --- perfsimple: what simpleperf adds to the header */

/* Call emit with each fact of the feature META_INFO, and give events the names that it has. */
void perf_simple_info(struct bytes section, struct perf_events *,
    void (*emit)(void *arg, const char *key, struct str value), void *arg);

/* Types of files */
enum perf_simple_type {
	PERF_SIMPLE_KERNEL,
	PERF_SIMPLE_MODULE,
	PERF_SIMPLE_ELF,
	PERF_SIMPLE_DEX,
	PERF_SIMPLE_SYMBOL_MAP, /* addresses are those of the process */
	PERF_SIMPLE_OTHER
};

struct perf_simple_symbol {
	uint64_t addr, len;
	struct str name; /* not escaped */
};

/* The files whose symbols the recording has. Start with { 0 }. */
struct perf_simple {
	struct intern paths;
	uint32_t *first; /* by path: number + 1 of the last file with it that was added, or 0 */
	struct perf_simple_file *file; /* where its symbols are */
	size_t n, cap, cap_first;
	uint64_t budget;   /* bytes of records of symbols that may still be written */
	uint64_t left_out; /* symbols of files that were not written */
};

void perf_simple_free(struct perf_simple *);

/* Read the feature FILE or FILE2: call kernel with the symbols of the kernel, keep the places of
 * the other files. */
void perf_simple_read(struct perf_simple *, int feature, struct bytes section, struct evinfo *,
    void (*kernel)(void *arg, const struct perf_simple_symbol *), void *arg);

/*
 * If it is the first map of code of a file, call emit with each of its symbols: its addr is an
 * offset in the file, or an address if it is a module of the kernel. The strings of the map must
 * not be in a record of the file.
 */
void perf_simple_map(struct perf_simple *, struct perf *, const struct rec *map,
    void (*emit)(void *arg, bool module, const struct perf_simple_symbol *), void *arg);

/* --- perfmeta: header features as facts */

/* Call emit with each fact of a feature's section. The value lives until it returns. */
void perf_meta_feature(int feature, struct bytes section,
    void (*emit)(void *arg, const char *key, struct str value), void *arg);

/* A string of a feature; empty if it is cut short, when *b is bad. */
struct str perf_meta_string(struct bytes *b);

/* What CLOCK_DATA says is to be added to times to have those of the wall clock. Returns false if it
 * is damaged. */
bool perf_meta_wall(struct bytes section, int64_t *offset);

/* The name of the clock of an event; d has room for TEXT_NUMBER bytes. */
struct str perf_meta_clock(const struct perf_attr *, char *d);

/* --- perfheader: what else the header says, as facts for -H */

/* Call put as perf_meta_feature() does its emit; ncpu is the number of CPUs that NRCPUS has. */
void perf_header_feature(int feature, struct bytes section, uint32_t ncpu,
    void (*put)(void *arg, const char *key, struct str value), void *arg);

/* The same for an event. */
void perf_header_event(const struct perf_attr *, struct str name,
    void (*put)(void *arg, const char *key, struct str value), void *arg);

#endif
