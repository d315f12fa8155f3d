/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "rec/stack.h"
#include "split.h"

/* A machine's part of the stream. */
struct split_part {
	struct out *out;    /* of its file; NULL until something is written there */
	bool guest;         /* by its name */
	signed char chosen; /* by the machines asked for: 1 or -1, 0 if not known yet */
	bool counted;       /* it has samples */
	bool used;          /* it has events of the guest of now */
	bool shared;        /* noted that it is several guests */
	bool has_kernel;
	uint64_t kernel;     /* where its kernel is, if has_kernel */
	unsigned nth;        /* of the guests of this name */
	struct hash defined; /* stacks */
};

static const char suffix[] = ".rec";

void
split_open(struct split *s, struct out *out)
{
	s->out = out;
}

/* Files of an earlier run would look like parts of this one. */
static bool
is_free(const char *dir, struct fault *fault)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	const char *dot;

	if (d == NULL)
		return fault_set(fault, "%s: %s", dir, strerror(errno));
	while (!fault_is(fault) && (entry = readdir(d)) != NULL) {
		dot = strrchr(entry->d_name, '.');
		if (dot != NULL && strcmp(dot, suffix) == 0)
			fault_set(fault,
			    "%s/%s: is there already: --dir takes a folder without %s files", dir,
			    entry->d_name, suffix);
	}
	closedir(d);
	return !fault_is(fault);
}

bool
split_open_dir(struct split *s, const char *dir, struct fault *fault)
{
	s->dir = dir;
	if (mkdir(dir, 0777) == 0)
		return true;
	if (errno != EEXIST)
		return fault_set(fault, "%s: %s", dir, strerror(errno));
	return is_free(dir, fault);
}

/* --- parts */

bool
split_is_guest(struct str name)
{
	size_t i = 2;

	while (i < name.n && name.p[i] >= '0' && name.p[i] <= '9')
		i++;
	return name.n >= 2 && memcmp(name.p, "vm", 2) == 0 && i == name.n;
}

static struct split_part *
part_of(struct split *s, struct str machine)
{
	uint32_t id = intern_put(&s->names, machine);

	if (id == s->nparts) {
		s->part = mem_grow(s->part, s->nparts, &s->cap_parts, sizeof *s->part);
		s->part[s->nparts] = mem_alloc(sizeof **s->part);
		s->part[s->nparts]->nth = 1;
		s->part[s->nparts++]->guest = split_is_guest(machine);
	}
	return s->part[id];
}

/* Append the name of a machine's file: bytes that could lead elsewhere are in hexadecimal. */
static void
add_file_name(struct strbuf *b, struct str machine, unsigned nth)
{
	size_t i;

	for (i = 0; i < machine.n; i++) {
		if (strchr("/%\\", machine.p[i]) != NULL || (i == 0 && machine.p[i] == '.')) {
			strbuf_putc(b, '%');
			text_put_hex_bytes(strbuf_reserve(b, 2), &machine.p[i], 1);
			b->n += 2;
		} else {
			strbuf_putc(b, machine.p[i]);
		}
	}
	if (nth > 1) {
		strbuf_putc(b, '.');
		b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), nth);
	}
	strbuf_add(b, STR(suffix));
}

/* Open the file of a part, with the meta records so far. */
static bool
open_file(struct split *s, struct split_part *part, struct str machine, struct fault *fault)
{
	int fd;

	if (++s->nfiles > SPLIT_PARTS)
		return fault_set(
		    fault, "%s: more than %d machines: choose some with -m", s->dir, SPLIT_PARTS);
	strbuf_clear(&s->text);
	strbuf_add(&s->text, str_of(s->dir));
	strbuf_putc(&s->text, '/');
	add_file_name(&s->text, machine, part->nth);
	strbuf_putc(&s->text, '\0');
	fd = open(s->text.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return fault_set(fault, "%s: %s", s->text.p, strerror(errno));
	part->out = mem_alloc(sizeof *part->out);
	out_open(part->out, fd);
	out_str(part->out, strbuf_str(&s->meta));
	s->copied += s->nmeta;
	return true;
}

/* The output of a part. */
static struct out *
output(struct split *s, struct split_part *part, struct str machine, struct fault *fault)
{
	if (s->dir == NULL)
		return s->out;
	if (part->out == NULL && !open_file(s, part, machine, fault))
		return NULL;
	return part->out;
}

/* Finish the file of a part. */
static void
close_file(const struct split *s, struct split_part *part, struct fault *fault)
{
	hash_free(&part->defined);
	if (part->out == NULL)
		return;
	out_flush(part->out);
	if (close(part->out->fd) != 0 && part->out->error == 0)
		part->out->error = errno;
	if (part->out->error != 0)
		fault_set(fault, "%s: %s", s->dir, strerror(part->out->error));
	out_free(part->out);
	free(part->out);
	part->out = NULL;
}

/* --- several guests of one name */

__attribute__((format(printf, 2, 3))) static void
note(struct split *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (s->note == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->note(s->arg, "guests of one name", text);
}

/* The part of the guest of a process; NULL if it has none. */
static struct split_part *
part_of_process(struct split *s, int32_t pid)
{
	char name[2 + TEXT_NUMBER] = "vm";
	uint32_t id;

	if (pid <= 0)
		return NULL;
	id =
	    intern_find(&s->names, (struct str){ name, 2 + text_put_u64(name + 2, (uint64_t)pid) });
	return id == INTERN_NONE ? NULL : s->part[id];
}

/* A process begins to run another program: a guest that its pid had before is over. */
static void
end_guest(struct split *s, int32_t pid, int64_t t, struct fault *fault)
{
	struct split_part *part = part_of_process(s, pid);

	if (part == NULL || !part->used)
		return;
	close_file(s, part, fault);
	part->used = false;
	part->nth++;
	if (s->dir != NULL)
		note(s,
		    "vm%d: the pid is another process's from %lld on; its guest is in vm%d.%u%s",
		    pid, (long long)t, pid, part->nth, suffix);
	else
		note(s, "vm%d: the pid is another process's from %lld on: that is two guests", pid,
		    (long long)t);
}

/* Two threads that run the vCPU of one number may be those of two guests. */
static void
add_vcpu(struct split *s, const struct rec *r)
{
	struct split_part *part = part_of(s, r->vcpu.guest);
	uint64_t key = hash_pair(intern_put(&s->names, r->vcpu.guest), (uint32_t)r->vcpu.vcpu);
	uint64_t *thread;
	int32_t before;

	if (r->vcpu.vcpu < 0 || r->tid <= 0)
		return;
	thread = hash_put(&s->vcpus, key + ((uint64_t)part->nth << 52));
	before = (int32_t)*thread;
	*thread = (uint64_t)r->tid;
	*hash_put(&s->threads, (uint64_t)r->tid) = 1;
	if (part->shared || before == 0 || before == r->tid ||
	    hash_get(&s->threads, (uint64_t)before) == NULL)
		return;
	part->shared = true;
	note(s,
	    "%.*s: threads %d and %d both run its vCPU %d: two guests of one process, which are "
	    "not "
	    "told apart, or one that changes its threads",
	    (int)r->vcpu.guest.n, r->vcpu.guest.p, before, r->tid, r->vcpu.vcpu);
}

/* Two kernels of one guest before its first event are those of two guests. */
static void
add_kernel(struct split *s, struct split_part *part, const struct rec *r)
{
	if (!part->guest || !str_starts(r->map.path, "[guest.kernel.kallsyms"))
		return;
	if (part->has_kernel && part->kernel != r->map.addr && !part->used && !part->shared) {
		part->shared = true;
		note(s,
		    "%.*s: it has two kernels, at %llx and %llx: two guests, which are not told "
		    "apart",
		    (int)r->machine.n, r->machine.p, (unsigned long long)part->kernel,
		    (unsigned long long)r->map.addr);
	}
	part->has_kernel = true;
	part->kernel = r->map.addr;
}

/* Follow who the process of a guest is. */
static void
follow(struct split *s, struct split_part *part, const struct rec *r, struct fault *fault)
{
	if (r->kind == REC_MAP)
		add_kernel(s, part, r);
	else if (r->kind == REC_VCPU)
		add_vcpu(s, r);
	else if (r->kind == REC_EXIT)
		hash_remove(&s->threads, (uint64_t)r->tid);
	else if (r->kind == REC_FORK && r->fork.child_pid == r->fork.child_tid && !part->guest)
		end_guest(s, r->fork.child_pid, r->t, fault);
	else if (r->kind == REC_COMM && str_eq(r->comm.how, STR("exec")) && !part->guest)
		end_guest(s, r->pid, r->t, fault);
	else if (!rec_is_definition(r))
		part->used = true;
}

/* --- statistics */

/* Append a pair: the value is a field, and has no blank after this. */
static void
add_pair(struct strbuf *b, struct str key, struct str value)
{
	size_t i;

	strbuf_add(b, key);
	for (i = 0; i < value.n; i++)
		if (value.p[i] == ' ')
			strbuf_add(b, STR("\\x20"));
		else
			strbuf_putc(b, value.p[i]);
}

static void
add_number(struct strbuf *b, struct str key, uint64_t v)
{
	strbuf_add(b, key);
	b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), v);
}

static struct split_class *
class_of(struct split *s, struct str machine, struct str vcpu, struct str mode, struct str event)
{
	size_t known = s->classes.n;
	uint32_t id;

	strbuf_clear(&s->text);
	add_pair(&s->text, STR("machine="), machine);
	add_pair(&s->text, STR(" vcpu="), vcpu);
	add_pair(&s->text, STR(" mode="), mode);
	add_pair(&s->text, STR(" event="), event);
	id = intern_put(&s->classes, strbuf_str(&s->text));
	if (id == known) {
		s->class = mem_grow(s->class, known, &s->cap_class, sizeof *s->class);
		s->class[id] = (struct split_class){ 0 };
	}
	return &s->class[id];
}

static void
count(struct split *s, struct split_part *part, const struct rec *r)
{
	struct str vcpu = pairs_get(r->sample.info, STR("host_tid"));
	struct split_class *c =
	    class_of(s, r->machine, vcpu.n == 0 ? STR_NONE : vcpu, r->sample.mode, r->sample.event);

	part->counted = true;
	c->samples++;
	if (r->sample.period != REC_NO_U64 &&
	    __builtin_add_overflow(c->period, r->sample.period, &c->period))
		c->period = UINT64_MAX;
}

/* Machines without samples have a line, too. */
static void
count_others(struct split *s)
{
	size_t i;

	for (i = 0; i < s->nparts; i++)
		if (!s->part[i]->counted)
			class_of(
			    s, intern_str(&s->names, (uint32_t)i), STR_NONE, STR_NONE, STR_NONE);
}

static int
by_class(const void *a, const void *b, void *arg)
{
	const struct split *s = arg;
	struct str x = intern_str(&s->classes, *(const uint32_t *)a);
	struct str y = intern_str(&s->classes, *(const uint32_t *)b);

	return strcmp(x.p, y.p); /* NUL-terminated, and no NUL inside a field */
}

void
split_report(struct split *s, void (*say)(void *arg, const char *kind, const char *line), void *arg)
{
	struct strbuf line = { 0 };
	uint32_t *order;
	size_t n, i;

	count_others(s);
	n = s->classes.n;
	order = mem_alloc((n + 1) * sizeof *order);
	for (i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof *order, by_class, s);
	for (i = 0; i < n; i++) {
		strbuf_clear(&line);
		strbuf_add(&line, intern_str(&s->classes, order[i]));
		add_number(&line, STR(" samples="), s->class[order[i]].samples);
		add_number(&line, STR(" period="), s->class[order[i]].period);
		strbuf_putc(&line, '\0');
		say(arg, NULL, line.p);
	}
	strbuf_free(&line);
	free(order);
}

/* --- records */

static bool
mode_is_wanted(const struct split *s, enum stack_mode mode)
{
	if (s->kernel == s->user)
		return true;
	if (mode == MODE_KERNEL || mode == MODE_GUEST_KERNEL)
		return s->kernel;
	return s->user && (mode == MODE_USER || mode == MODE_GUEST_USER);
}

/* Is the record of a side and mode that is wanted? Definitions and losses have no mode. */
static bool
is_wanted(struct split *s, struct split_part *part, const struct rec *r, enum stack_mode mode)
{
	bool guest = part->guest || mode == MODE_GUEST_KERNEL || mode == MODE_GUEST_USER;

	if (s->guest != s->host && guest != s->guest)
		return false;
	if (part->chosen == 0)
		part->chosen =
		    s->machines.n == 0 || patterns_hit(&s->machines, r->machine) ? 1 : -1;
	if (part->chosen < 0)
		return false;
	return r->kind == REC_LOST || r->kind == REC_GAP || rec_is_definition(r) ||
	       mode_is_wanted(s, mode);
}

/* The stacks that the output of a part has. */
static struct hash *
defined_in(struct split *s, struct split_part *part)
{
	return s->dir == NULL ? &s->defined : &part->defined;
}

/* Define the stack of a record that is about to be written, if its part does not have it. */
static void
define_stack(struct split *s, struct split_part *part, struct out *out, struct rec *r)
{
	struct str *stack = rec_stack(r);
	struct rec def = { .kind = REC_STACK, .t = r->t, .machine = r->machine, .pid = r->pid };
	uint64_t *defined;

	if (stack == NULL || !stack_is_ref(*stack, &def.stack.hash))
		return;
	defined = hash_put(defined_in(s, part), def.stack.hash);
	if (*defined != 0)
		return;
	def.stack.frames = stackdefs_get(&s->stacks, def.stack.hash, NULL);
	if (def.stack.frames.n == 0)
		return;
	*defined = 1;
	rec_put(out, &def);
	s->copied++;
}

/* Write a meta record into every part. */
static void
add_meta(struct split *s, const struct rec *r)
{
	size_t i;

	s->written++;
	if (s->dir == NULL) {
		rec_copy(s->out, r);
		return;
	}
	strbuf_add(&s->meta, r->line);
	strbuf_putc(&s->meta, '\n');
	s->nmeta++;
	for (i = 0; i < s->nparts; i++)
		if (s->part[i]->out != NULL) {
			rec_copy(s->part[i]->out, r);
			s->copied++;
		}
}

static enum stack_mode
mode_of(const struct rec *r)
{
	switch (r->kind) {
	case REC_SAMPLE:
		return stack_mode_named(r->sample.mode);
	case REC_PKT:
		return stack_mode_named(r->pkt.mode);
	case REC_RANGE:
		return stack_mode_named(r->range.mode);
	case REC_FLOW:
		return stack_mode_named(r->flow.mode);
	case REC_PROF:
		return stack_mode_named(r->prof.mode);
	default:
		return MODE_NONE;
	}
}

bool
split_add(struct split *s, struct rec *r, struct fault *fault)
{
	struct split_part *part;
	struct out *out;
	enum stack_mode mode;

	s->read++;
	if (r->kind == REC_META) {
		add_meta(s, r);
		return true;
	}
	part = part_of(s, r->machine);
	mode = mode_of(r);
	if (s->count && r->kind == REC_SAMPLE)
		count(s, part, r);
	if (r->kind == REC_STACK)
		stackdefs_put(&s->stacks, r->stack.hash, r->stack.frames);
	follow(s, part, r, fault);
	if (!is_wanted(s, part, r, mode))
		return true;
	if ((out = output(s, part, r->machine, fault)) == NULL)
		return false;
	if (r->kind == REC_STACK)
		*hash_put(defined_in(s, part), r->stack.hash) = 1;
	else
		define_stack(s, part, out, r);
	rec_copy(out, r);
	s->written++;
	return true;
}

bool
split_close(struct split *s, struct fault *fault)
{
	size_t i;

	for (i = 0; i < s->nparts; i++) {
		close_file(s, s->part[i], fault);
		free(s->part[i]);
	}
	s->nparts = 0;
	return !fault_is(fault);
}

void
split_free(struct split *s)
{
	patterns_free(&s->machines);
	intern_free(&s->names);
	intern_free(&s->classes);
	strbuf_free(&s->meta);
	strbuf_free(&s->text);
	stackdefs_free(&s->stacks);
	hash_free(&s->defined);
	hash_free(&s->vcpus);
	hash_free(&s->threads);
	free(s->part);
	free(s->class);
}
