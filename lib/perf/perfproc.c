/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"
#include "rec/pairs.h"
#include "rec/stack.h"

/* Bits of misc, each of one record type. */
enum {
	MISC_EXEC = 1 << 13,
	MISC_NO_COPY = 1 << 13,
	MISC_OUT = 1 << 13,
	MISC_PREEMPT = 1 << 14,
	MISC_BUILD_ID = 1 << 14,
	MISC_LOST_BPF = 1 << 15,
	MISC_BUILD_SIZE = 1 << 15
};

enum { BPF_LOAD = 1, BPF_UNLOAD, BPF_TAG = 8 };

enum { UNREGISTER = 1 }; /* flag of a KSYMBOL */

enum {
	HEADER = 8,
	PADDED = 24
}; /* the sizes of a record's header and of a build id with its size */

struct perf_build {
	uint8_t id[PERF_BUILD_ID];
	size_t n; /* bytes of id */
};

void
perf_proc_free(struct perf_proc *p)
{
	size_t i;

	hash_free(&p->on_cpu);
	hash_free(&p->cgroups);
	intern_free(&p->cgroup_paths);
	for (i = 0; i < 2; i++) {
		intern_free(&p->builds[i].paths);
		free(p->builds[i].build);
	}
}

/* --- build ids */

static bool
is_guest(unsigned cpumode)
{
	return cpumode == PERF_CPUMODE_GUEST_KERNEL || cpumode == PERF_CPUMODE_GUEST_USER;
}

/* The size of a build id: 20 bytes, or less with zeros after it if the writer did not say. */
static size_t
length(const uint8_t *id, size_t size)
{
	if (size > 0 && size <= PERF_BUILD_ID)
		return size;
	for (size = PERF_BUILD_ID; size > 16 && id[size - 1] == 0; size--)
		;
	return size > 16 ? PERF_BUILD_ID : 16;
}

void
perf_proc_build(struct perf_proc *p, uint16_t misc, struct bytes body)
{
	struct perf_builds *b = &p->builds[is_guest(misc & PERF_CPUMODE_MASK)];
	struct perf_build *k;
	struct str path;
	const uint8_t *id;
	uint32_t n;

	bytes_u32(&body); /* pid */
	id = bytes_take(&body, PADDED);
	path.p = bytes_string(&body, &path.n);
	if (id == NULL || path.n == 0)
		return;
	n = intern_put(&b->paths, path);
	b->build = mem_grow(b->build, n, &b->cap, sizeof *b->build);
	k = &b->build[n];
	k->n = length(id, misc & MISC_BUILD_SIZE ? id[PERF_BUILD_ID] : 0);
	memcpy(k->id, id, PERF_BUILD_ID);
}

void
perf_proc_feature(struct perf_proc *p, struct bytes all)
{
	struct bytes one;
	uint16_t misc, size;

	while (bytes_left(&all) >= HEADER) {
		bytes_u32(&all);
		misc = bytes_u16(&all);
		size = bytes_u16(&all);
		one = bytes_cut(&all, size < HEADER ? 0 : size - HEADER);
		if (size < HEADER || bytes_bad(&one))
			return;
		perf_proc_build(p, misc, one);
	}
}

/* The name of the kernel's map without the symbol that follows it. */
static struct str
without_symbol(struct str path)
{
	const char *close = memchr(path.p, ']', path.n);

	if (path.n > 0 && *path.p == '[' && close != NULL)
		path.n = (size_t)(close - path.p) + 1;
	return path;
}

/* The build id of a file, NULL if it is unknown. The kernel's is also found by the name of its map
 * ([kernel.kallsyms]_text). */
static const struct perf_build *
find_build(const struct perf_builds *b, struct str path)
{
	uint32_t n = intern_find(&b->paths, without_symbol(path));

	return n == INTERN_NONE ? NULL : &b->build[n];
}

/* --- records */

static int32_t
get_id(struct bytes *b)
{
	return (int32_t)bytes_u32(b);
}

static struct str
get_text(struct perf_proc *p, struct bytes *b)
{
	const char *s;
	size_t n;

	s = bytes_string(b, &n);
	return evinfo_text(p->info, 0, s, n);
}

static bool
fill_comm(struct perf_proc *p, const struct perf_record *pr, struct bytes b, struct rec *r)
{
	r->kind = REC_COMM;
	r->pid = get_id(&b);
	r->tid = get_id(&b);
	r->comm.how = pr->misc & MISC_EXEC ? STR("exec") : STR_NONE;
	r->comm.name = get_text(p, &b);
	return !bytes_bad(&b);
}

/* pid, ppid, tid, ptid of the child or of the task that ends */
static bool
fill_task(const struct perf_record *pr, struct bytes b, struct rec *r)
{
	int32_t pid = get_id(&b), ppid = get_id(&b), tid = get_id(&b), ptid = get_id(&b);

	if (pr->type == PERF_R_EXIT) {
		r->kind = REC_EXIT;
		r->pid = pid;
		r->tid = tid;
		return !bytes_bad(&b);
	}
	r->kind = REC_FORK;
	r->pid = ppid;
	r->tid = ptid;
	r->fork.child_pid = pid;
	r->fork.child_tid = tid;
	r->fork.how = pid == ppid               ? STR("thread")
		      : pr->misc & MISC_NO_COPY ? STR("nocopy")
						: STR_NONE;
	if (pid < 0 || tid < 0)
		r->kind = REC_OTHER;
	return !bytes_bad(&b) && r->kind != REC_OTHER;
}

static struct str
hex_build(struct perf_proc *p, const uint8_t *id, size_t n)
{
	return (struct str){ p->build, text_put_hex_bytes(p->build, id, n) };
}

/* The part that only MMAP2 has: device and inode or a build id, protection, flags. */
static void
get_mmap2(struct perf_proc *p, const struct perf_record *pr, struct bytes *b, struct rec *r)
{
	struct bytes id = bytes_cut(b, 24);
	uint8_t n = bytes_u8(&id);
	uint32_t prot = bytes_u32(b), flags = bytes_u32(b);

	bytes_take(&id, 3);
	if (pr->misc & MISC_BUILD_ID && !bytes_bad(&id) && n > 0 && n <= PERF_BUILD_ID)
		r->map.build = hex_build(p, id.p, n);
	p->prot[0] = prot & 1 ? 'r' : '-';
	p->prot[1] = prot & 2 ? 'w' : '-';
	p->prot[2] = prot & 4 ? 'x' : '-';
	p->prot[3] = flags & 1 ? 's' : 'p';
	r->map.prot = (struct str){ p->prot, 4 };
}

static bool
fill_map(struct perf_proc *p, const struct perf_record *pr, struct bytes b, struct rec *r)
{
	unsigned mode = pr->misc & PERF_CPUMODE_MASK;
	const struct perf_build *k;
	struct str path;

	r->kind = REC_MAP;
	r->pid = get_id(&b);
	r->tid = get_id(&b);
	if (r->pid < 0)
		r->tid = REC_NO_ID;
	r->map.mode = stack_mode_name(mode >= MODE_COUNT || mode == 0 ? MODE_USER : mode);
	r->map.addr = bytes_u64(&b);
	r->map.len = bytes_u64(&b);
	r->map.off = bytes_u64(&b);
	r->map.prot = r->map.build = STR_NONE;
	if (pr->type == PERF_R_MMAP2)
		get_mmap2(p, pr, &b, r);
	path.p = bytes_string(&b, &path.n);
	if (bytes_bad(&b))
		return false;
	k = find_build(&p->builds[is_guest(mode)], path);
	if (k != NULL && str_none(r->map.build))
		r->map.build = hex_build(p, k->id, k->n);
	r->map.path = evinfo_text(p->info, 0, path.p, path.n);
	return true;
}

static bool
fill_ksym(struct perf_proc *p, struct bytes b, struct rec *r)
{
	uint16_t flags;

	r->kind = REC_KSYM;
	r->ksym.addr = bytes_u64(&b);
	r->ksym.len = bytes_u32(&b);
	bytes_u16(&b); /* bpf or out of line */
	flags = bytes_u16(&b);
	r->ksym.how = flags & UNREGISTER ? STR("remove") : STR("add");
	r->ksym.name = get_text(p, &b);
	return !bytes_bad(&b);
}

struct str
perf_proc_cgroup(const struct perf_proc *p, uint64_t id)
{
	const uint64_t *at = hash_get(&p->cgroups, id);
	struct str path = at == NULL ? STR_NONE : intern_str(&p->cgroup_paths, (uint32_t)(*at - 1));

	return path.n > EVINFO_LEAST ? STR_NONE : path;
}

static bool
fill_cgroup(struct perf_proc *p, struct bytes b, struct rec *r)
{
	struct bytes path;
	const char *s;
	char *d;
	size_t n;

	r->kind = REC_CGROUP;
	r->pid = r->tid = REC_NO_ID;
	r->cgroup.id = bytes_u64(&b);
	path = b;
	r->cgroup.path = get_text(p, &b);
	if (bytes_bad(&b))
		return false;
	s = bytes_string(&path, &n);
	n = n < EVINFO_TEXT ? n : EVINFO_TEXT;
	d = mem_alloc(4 * n + 1);
	*hash_put(&p->cgroups, r->cgroup.id) =
	    (uint64_t)intern_put(&p->cgroup_paths, (struct str){ d, text_escape(d, s, n, " ") }) +
	    1;
	free(d);
	return r->cgroup.id != REC_NO_U64;
}

/* Device and inode of each namespace. */
static bool
fill_namespaces(struct perf_proc *p, struct bytes b, struct rec *r)
{
	static const char *const keys[] = { "net", "uts", "ipc", "pid", "user", "mnt", "cgroup" };
	char d[2 * TEXT_NUMBER + 1];
	uint64_t n, i;
	size_t len;

	r->kind = REC_NAMESPACES;
	r->pid = get_id(&b);
	r->tid = get_id(&b);
	n = bytes_u64(&b);
	evinfo_begin(p->info);
	for (i = 0; i < n && i < sizeof keys / sizeof *keys && !bytes_bad(&b); i++) {
		len = text_put_u64(d, bytes_u64(&b));
		d[len++] = '/';
		len += text_put_u64(d + len, bytes_u64(&b));
		pairs_add(&p->info->pairs, str_of(keys[i]), (struct str){ d, len });
	}
	r->namespaces.info = evinfo_pairs(p->info);
	return !bytes_bad(&b);
}

static bool
fill_bpf(struct perf_proc *p, struct bytes b, struct rec *r)
{
	uint16_t type = bytes_u16(&b);
	const uint8_t *tag;

	bytes_u16(&b); /* flags */
	r->kind = REC_BPF;
	r->pid = r->tid = REC_NO_ID;
	r->bpf.id = bytes_u32(&b);
	tag = bytes_take(&b, BPF_TAG);
	if (tag == NULL)
		return false;
	r->bpf.tag = (struct str){ p->build, text_put_hex_bytes(p->build, tag, BPF_TAG) };
	r->bpf.how = type == BPF_LOAD ? STR("load") : type == BPF_UNLOAD ? STR("unload") : STR("?");
	return true;
}

/* The kernel reports losses when there is room again. */
static bool
fill_lost(const struct perf_record *pr, struct bytes b, struct rec *r)
{
	if (pr->type == PERF_R_LOST)
		bytes_u64(&b); /* id */
	r->kind = REC_LOST;
	r->pid = r->tid = REC_NO_ID;
	r->lost.since = REC_NO_NS;
	r->lost.count = bytes_u64(&b);
	r->lost.what = pr->type == PERF_R_LOST    ? STR("ring buffer full")
		       : pr->misc & MISC_LOST_BPF ? STR("dropped by a filter")
						  : STR("samples dropped");
	return !bytes_bad(&b);
}

/* The CPU of a switch goes on with a task. A dying task has lost its ids by its last switch: it is
 * the one that the CPU went on with before. */
static void
go_on(struct perf_proc *p, struct rec *r, int32_t pid, int32_t tid)
{
	uint64_t *on_cpu;

	if (r->cpu < 0)
		return;
	on_cpu = hash_put(&p->on_cpu, (uint64_t)r->cpu);
	if (r->tid < 0 && *on_cpu != 0) {
		r->pid = (int32_t)(*on_cpu >> 32);
		r->tid = (int32_t)(*on_cpu & UINT32_MAX);
	}
	*on_cpu = pid < 0 || tid < 0 ? 0 : (uint64_t)pid << 32 | (uint32_t)tid;
}

/* next is -1 if it is not known. */
static bool
set_switch(const struct perf_record *pr, struct rec *r, int32_t next)
{
	r->kind = REC_SWITCH;
	r->switch_ = (struct rec_switch){
		.comm = STR_NONE,
		.prio = REC_NO_INT,
		.state = pr->misc & MISC_OUT && pr->misc & MISC_PREEMPT ? STR("R") : STR("?"),
		.next_tid = next,
		.next_comm = STR_NONE,
		.next_prio = REC_NO_INT,
		.stack = STR_NONE,
	};
	return true;
}

static bool
set_unknown_switch(struct rec *r)
{
	r->kind = REC_GAP;
	r->gap = (struct rec_gap){ r->t, REC_NO_U64, STR("switch of an unknown task") };
	return true;
}

/* A switch of which only one task is known: it leaves the CPU, or gets it. */
static bool
fill_half_switch(struct perf_proc *p, const struct perf_record *pr, struct rec *r)
{
	int32_t pid = r->pid, tid = r->tid;

	if (pr->misc & MISC_OUT) {
		go_on(p, r, REC_NO_ID, REC_NO_ID);
		return r->tid < 0 ? set_unknown_switch(r) : set_switch(pr, r, REC_NO_ID);
	}
	go_on(p, r, pid, tid);
	r->pid = r->tid = REC_NO_ID;
	return tid < 0 ? set_unknown_switch(r) : set_switch(pr, r, tid);
}

/* A switch without the scheduler's event: the tasks are known, not the state. If one of them is not
 * either, for it has lost its ids, a gap says so. */
static bool
fill_switch(struct perf_proc *p, const struct perf_record *pr, struct bytes b, struct rec *r)
{
	int32_t pid = get_id(&b), next = get_id(&b);

	r->kind = REC_SWITCH;
	if (bytes_bad(&b))
		return false;
	if (!(pr->misc & MISC_OUT)) {
		go_on(p, r, r->pid, r->tid);
		r->kind = REC_OTHER;
		return false;
	}
	go_on(p, r, pid, next);
	return next < 0 || r->tid < 0 ? set_unknown_switch(r) : set_switch(pr, r, next);
}

bool
perf_proc_fill(struct perf_proc *p, const struct perf_record *pr, struct bytes body, struct rec *r)
{
	switch (pr->type) {
	case PERF_R_COMM:
		return fill_comm(p, pr, body, r);
	case PERF_R_FORK:
	case PERF_R_EXIT:
		return fill_task(pr, body, r);
	case PERF_R_MMAP:
	case PERF_R_MMAP2:
		return fill_map(p, pr, body, r);
	case PERF_R_KSYMBOL:
		return fill_ksym(p, body, r);
	case PERF_R_CGROUP:
		return fill_cgroup(p, body, r);
	case PERF_R_NAMESPACES:
		return fill_namespaces(p, body, r);
	case PERF_R_BPF_EVENT:
		return fill_bpf(p, body, r);
	case PERF_R_THROTTLE:
	case PERF_R_UNTHROTTLE:
		r->kind = REC_THROTTLE;
		r->throttle.how = pr->type == PERF_R_THROTTLE ? STR("begin") : STR("end");
		return true;
	case PERF_R_LOST:
	case PERF_R_LOST_SAMPLES:
		return fill_lost(pr, body, r);
	case PERF_R_SWITCH:
		return fill_half_switch(p, pr, r);
	case PERF_R_SWITCH_CPU_WIDE:
		return fill_switch(p, pr, body, r);
	default:
		r->kind = REC_OTHER;
		return false;
	}
}
