/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "jit.h"
#include "jitdump.h"

/* An entry of a jitdump that is not due yet. */
struct due {
	int64_t t;
	size_t order;
	struct jitdump_code code; /* the name is an offset in names, and a length */
	size_t name;
};

struct process {
	uint64_t life;
	struct space code; /* the path of a map is a name */
	struct space dump; /* the same of its jitdump, up to the time of the last look */
	bool searched;     /* for the map file */
	bool dumped;
	bool missed; /* an address had no name since the last entry */
	struct fault why;
	struct due *due; /* by time */
	size_t n, cap, next;
	struct strbuf names;
	uint64_t base, generation; /* that of its files, that of both */
};

struct jit {
	struct hash processes; /* machine and pid -> struct process * */
	struct process **all;
	size_t n, cap, dumps;
	uint64_t changes;
	struct strbuf name;
};

struct jit *
jit_new(void)
{
	return mem_alloc(sizeof(struct jit));
}

static void
process_clear(struct process *p)
{
	space_clear(&p->code);
	space_clear(&p->dump);
	strbuf_free(&p->names);
	free(p->due);
	*p = (struct process){ 0 };
}

void
jit_free(struct jit *j)
{
	size_t i;

	if (j == NULL)
		return;
	for (i = 0; i < j->n; i++) {
		process_clear(j->all[i]);
		free(j->all[i]);
	}
	free(j->all);
	strbuf_free(&j->name);
	hash_free(&j->processes);
	free(j);
}

/* NULL if nothing is known of its code. */
static struct process *
known(const struct jit *j, const struct jit_process *of)
{
	const uint64_t *v = hash_get(&j->processes, hash_pair(of->machine, (uint32_t)of->pid));

	return v == NULL ? NULL : (struct process *)(uintptr_t)*v;
}

/* The state of a process, which is empty if it begins another life. */
static struct process *
process_of(struct jit *j, const struct jit_process *of)
{
	struct process *p = known(j, of);

	if (p == NULL) {
		p = mem_alloc(sizeof *p);
		j->all = mem_grow(j->all, j->n, &j->cap, sizeof(void *));
		j->all[j->n++] = p;
		*hash_put(&j->processes, hash_pair(of->machine, (uint32_t)of->pid)) = (uintptr_t)p;
	}
	if (p->life != of->life)
		process_clear(p);
	p->life = of->life;
	return p;
}

void
jit_drop(struct jit *j, const struct jit_process *of)
{
	struct process *p = known(j, of);

	if (p != NULL)
		process_clear(p);
}

/* --- paths */

bool
jit_is_code(struct str path)
{
	static const char *const begin[] = { "//anon", "/dev/zero", "/anon_hugepage",
		"[anon:", "[heap]", "[stack", "/SYSV", "/memfd:" };
	size_t i;

	for (i = 0; i < sizeof begin / sizeof *begin; i++)
		if (str_starts(path, begin[i]))
			return true;
	return false;
}

/* The PID of a path that ends in /jit-PID.dump. Returns false for another path. */
static bool
dump_pid(struct str path, uint64_t *pid)
{
	static const char begin[] = "/jit-", end[] = ".dump";
	size_t head = sizeof begin - 1, tail = sizeof end - 1, digits = 0;
	const char *last;

	if (path.n <= head + tail || memcmp(path.p + path.n - tail, end, tail) != 0)
		return false;
	last = path.p + path.n - tail;
	while (last - digits > path.p && last[-(ptrdiff_t)digits - 1] >= '0' &&
	       last[-(ptrdiff_t)digits - 1] <= '9')
		digits++;
	return digits > 0 && (size_t)(last - path.p) >= head + digits &&
	       memcmp(last - digits - head, begin, head) == 0 &&
	       text_u64(last - digits, last, pid) == last;
}

bool
jit_is_dump(struct str path)
{
	uint64_t pid;

	return dump_pid(path, &pid);
}

/* --- entries */

static void
add(struct space *s, uint64_t *changes, uint64_t addr, uint64_t size, struct str name)
{
	struct space_map map = { addr, size > UINT64_MAX - addr ? UINT64_MAX : addr + size, 0,
		NULL };

	if (size > 0 && name.n > 0)
		space_put(s, changes, &map, name, (struct str){ name.p, 0 });
}

/* Parse a number in hex digits of either case, after 0x or not. Returns what follows the blank
 * after it, NULL if it is malformed. */
static const char *
parse_hex(const char *p, const char *end, uint64_t *v)
{
	size_t digits;
	char c;

	if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	for (*v = 0, digits = 0; p < end && digits <= 16; p++, digits++) {
		c = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			break;
		*v = *v << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return digits > 0 && digits <= 16 && p < end && *p == ' ' ? p + 1 : NULL;
}

/* Parse "START SIZE NAME". */
static void
add_line(struct space *s, uint64_t *changes, struct str line)
{
	const char *end = line.p + line.n, *p;
	uint64_t addr, size;

	if ((p = parse_hex(line.p, end, &addr)) == NULL || (p = parse_hex(p, end, &size)) == NULL)
		return;
	add(s, changes, addr, size,
	    (struct str){ p, (size_t)(end - p) < JITDUMP_NAME ? (size_t)(end - p) : JITDUMP_NAME });
}

static void
read_map(struct jit *j, struct files *files, struct process *p, int32_t pid)
{
	char path[64];
	struct fault why = { "" };
	struct input in;
	struct lines lines = { .in = &in };
	struct str line;
	enum lines_kind kind;
	int fd;

	p->searched = true;
	snprintf(path, sizeof path, "/tmp/perf-%d.map", pid);
	fd = files_open_jit(files, path, &why);
	if (fd < 0) {
		fault_set(&p->why, "%s: %s", path, why.text);
		return;
	}
	if (input_open_fd(&in, path, fd))
		while ((kind = lines_next(&lines, &line)) != LINES_END)
			if (kind == LINES_TEXT)
				add_line(&p->code, &j->changes, line);
	input_close(&in);
}

/* --- jitdumps */

static void
add_due(void *arg, const struct jitdump_code *c)
{
	struct process *p = arg;
	struct due d = { .t = c->t > INT64_MAX ? INT64_MAX : (int64_t)c->t,
		.order = p->n,
		.code = *c,
		.name = p->names.n };

	strbuf_add(&p->names, c->name);
	p->due = mem_grow(p->due, p->n, &p->cap, sizeof *p->due);
	p->due[p->n++] = d;
}

static int
by_time(const void *va, const void *vb)
{
	const struct due *a = va, *b = vb;

	if (a->t != b->t)
		return a->t < b->t ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static bool
read_dump(struct process *p, struct input *in, uint64_t pid, bool comparable)
{
	struct jitdump head;
	bool big;

	if (!jitdump_begin(&head, in, &big, &p->why))
		return false;
	if (head.pid != pid)
		return fault_set(&p->why, "its jitdump is of another process");
	if (head.ticks || !comparable)
		return fault_set(
		    &p->why, "its jitdump has not the clock of the recording: perf record -k mono");
	jitdump_read(in, big, add_due, p);
	if (p->n > 0)
		qsort(p->due, p->n, sizeof *p->due, by_time);
	return true;
}

void
jit_add_dump(struct jit *j, struct files *files, const struct jit_process *of, struct str path,
    bool comparable)
{
	struct process *p = process_of(j, of);
	char *name = mem_alloc(path.n + 1);
	size_t n = text_unescape(name, path);
	struct input in;
	uint64_t pid = 0;
	int fd;

	fd = p->dumped || strlen(name) != n ? -1 : files_open_jit(files, name, &p->why);
	if (fd >= 0) {
		dump_pid(path, &pid);
		p->dumped = input_open_fd(&in, "jitdump", fd) && read_dump(p, &in, pid, comparable);
		input_close(&in);
		j->dumps += p->dumped;
	}
	free(name);
}

bool
jit_has_dumps(const struct jit *j)
{
	return j->dumps > 0;
}

/* Give the code of an entry its name. Returns true if the addresses may have had another one. */
static bool
apply(struct jit *j, struct process *p, const struct due *d)
{
	const struct jitdump_code *c = &d->code;
	const struct space_map *old = space_next(&p->dump, c->addr);
	uint64_t end = c->size > UINT64_MAX - c->addr ? UINT64_MAX : c->addr + c->size;
	bool changed = c->moved || (old != NULL && old->addr < end);

	strbuf_clear(&j->name);
	strbuf_add_bytes(&j->name, p->names.p + d->name, c->name.n);
	if (c->moved && (old = space_find(&p->dump, c->from)) != NULL) {
		strbuf_add(&j->name, old->file->path);
		space_cut(&p->dump, &j->changes, old->addr, old->end);
	}
	add(&p->dump, &j->changes, c->addr, c->size, strbuf_str(&j->name));
	return changed;
}

uint64_t
jit_generation(struct jit *j, const struct jit_process *of, struct spaces *spaces,
    uint64_t generation, int64_t t)
{
	struct process *p = known(j, of);
	bool changed = false;

	if (p == NULL || !p->dumped || p->life != of->life)
		return generation;
	for (; p->next < p->n && p->due[p->next].t <= t; p->next++)
		changed |= apply(j, p, &p->due[p->next]) || p->missed;
	if (changed)
		p->missed = false;
	if (changed || p->base != generation)
		p->generation = spaces_next_generation(spaces);
	p->base = generation;
	return p->generation;
}

bool
jit_find(struct jit *j, struct files *files, const struct jit_process *of, uint64_t addr,
    struct jit_symbol *found, struct fault *why)
{
	struct process *p = process_of(j, of);
	const struct space_map *m = space_find(&p->dump, addr);

	if (m == NULL && !p->searched)
		read_map(j, files, p, of->pid);
	if (m == NULL)
		m = space_find(&p->code, addr);
	if (m == NULL) {
		p->missed = true;
		if (fault_is(&p->why))
			*why = p->why;
		return false;
	}
	*found = (struct jit_symbol){ m->addr - m->off, m->file->path };
	return true;
}
