/* SPDX-License-Identifier: MIT */

#include "perfproc.h"
#include "stack.h"

enum {
	MISC_DATA = 1 << 13,
	MISC_EXEC = 1 << 13,
	MISC_NO_COPY = 1 << 13,
	MISC_BUILD_ID = 1 << 14,
	UNREGISTER = 1
};

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
	return !b.bad;
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
		return !b.bad;
	}
	r->kind = REC_FORK;
	r->pid = ppid;
	r->tid = ptid;
	r->fork.child_pid = pid;
	r->fork.child_tid = tid;
	r->fork.how = pid == ppid               ? STR("thread")
		      : pr->misc & MISC_NO_COPY ? STR("nocopy")
						: STR_NONE;
	return !b.bad && pid >= 0 && tid >= 0;
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
	if (pr->misc & MISC_BUILD_ID && !id.bad && n > 0 && n <= PERF_BUILD_ID)
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
	r->map.mode = stack_mode_name(mode >= MODE_COUNT || mode == 0 ? MODE_USER : mode);
	r->map.addr = bytes_u64(&b);
	r->map.len = bytes_u64(&b);
	r->map.off = bytes_u64(&b);
	r->map.prot = r->map.build = STR_NONE;
	if (pr->type == PERF_R_MMAP2)
		get_mmap2(p, pr, &b, r);
	path.p = bytes_string(&b, &path.n);
	if (b.bad)
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
	return !b.bad;
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
	default:
		return false;
	}
}
