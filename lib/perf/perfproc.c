/* SPDX-License-Identifier: MIT */

#include "perfproc.h"
#include "rec/stack.h"

/* Bits of misc, each for one type. */
enum {
	MISC_EXEC = 1 << 13,
	MISC_NO_COPY = 1 << 13,
	MISC_OUT = 1 << 13,
	MISC_PREEMPT = 1 << 14,
	MISC_BUILD_ID = 1 << 14,
	MISC_LOST_BPF = 1 << 15
};

enum { UNREGISTER = 1 }; /* flag of a KSYMBOL */

void
perf_proc_free(struct perf_proc *p)
{
	perf_builds_free(&p->builds);
	evinfo_free(&p->text);
}

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
	return evinfo_text(&p->text, s, n);
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

/* pid, ppid, tid, ptid of the child or of the one that ends */
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
hex_bytes(char *d, const uint8_t *id, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		d[2 * i] = "0123456789abcdef"[id[i] >> 4];
		d[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
	}
	return (struct str){ d, 2 * n };
}

/* What MMAP2 has more: device and inode or a build id, protection, flags. */
static void
get_mmap2(struct perf_proc *p, const struct perf_record *pr, struct bytes *b, struct rec *r)
{
	struct bytes id = bytes_cut(b, 24);
	uint8_t n = bytes_u8(&id);
	uint32_t prot = bytes_u32(b), flags = bytes_u32(b);

	bytes_take(&id, 3);
	if (pr->misc & MISC_BUILD_ID && !bytes_bad(&id) && n > 0 && n <= PERF_BUILD_ID)
		r->map.build = hex_bytes(p->build, id.p, n);
	p->prot[0] = prot & 1 ? 'r' : '-';
	p->prot[1] = prot & 2 ? 'w' : '-';
	p->prot[2] = prot & 4 ? 'x' : '-';
	p->prot[3] = flags & 1 ? 's' : 'p';
	r->map.prot = (struct str){ p->prot, 4 };
}

static bool
is_guest(unsigned cpumode)
{
	return cpumode == PERF_CPUMODE_GUEST_KERNEL || cpumode == PERF_CPUMODE_GUEST_USER;
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
	k = perf_builds_find(&p->builds, is_guest(mode), path);
	if (k != NULL && str_none(r->map.build))
		r->map.build = hex_bytes(p->build, k->id, k->n);
	r->map.path = evinfo_text(&p->text, path.p, path.n);
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

/* The kernel tells of losses when there is room again. */
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

/* A switch without the scheduler's event: whom it left and whom it took, not in which state. */
static bool
fill_switch(const struct perf_record *pr, struct bytes b, struct rec *r)
{
	int32_t next;

	r->kind = REC_SWITCH;
	bytes_u32(&b); /* pid */
	next = get_id(&b);
	r->switch_ = (struct rec_switch){
		.comm = STR_NONE,
		.prio = REC_NO_INT,
		.state = pr->misc & MISC_PREEMPT ? STR("R") : STR("?"),
		.next_tid = next,
		.next_comm = STR_NONE,
		.next_prio = REC_NO_INT,
		.stack = STR_NONE,
	};
	if (!(pr->misc & MISC_OUT) || next < 0 || r->tid < 0)
		r->kind = REC_OTHER;
	return !bytes_bad(&b) && r->kind != REC_OTHER;
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
	case PERF_R_LOST:
	case PERF_R_LOST_SAMPLES:
		return fill_lost(pr, body, r);
	case PERF_R_SWITCH_CPU_WIDE:
		return fill_switch(pr, body, r);
	default:
		r->kind = REC_OTHER;
		return false;
	}
}
