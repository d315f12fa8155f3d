/* SPDX-License-Identifier: MIT */

#include "vcpus.h"

#define KNOWN UINT64_MAX /* no pid and number are packed as this */

void
vcpus_free(struct vcpus *v)
{
	hash_free(&v->known);
}

struct str
vcpus_guest(char *d, int32_t pid)
{
	if (pid <= 0)
		return STR("vm");
	d[0] = 'v';
	d[1] = 'm';
	return (struct str){ d, 2 + text_put_u64(d + 2, (uint64_t)pid) };
}

static uint64_t
pack(int32_t pid, int32_t vcpu)
{
	return (uint64_t)((uint32_t)pid + 1) << 32 | ((uint32_t)vcpu + 2);
}

void
vcpus_known(struct vcpus *v, int32_t tid)
{
	*hash_put(&v->known, (uint64_t)tid) = KNOWN;
}

/* Note a thread. Returns false if nothing new is said of it. */
static bool
note(struct vcpus *v, const struct rec *at, int32_t vcpu, const char *how, struct rec *define)
{
	uint64_t *known;
	int32_t pid = at->pid, old_pid, old_vcpu;

	if (at->tid <= 0) /* the idle task runs no guest */
		return false;
	known = hash_put(&v->known, (uint64_t)at->tid);
	if (*known == KNOWN)
		return false;
	if (*known != 0) {
		old_pid = (int32_t)((*known >> 32) - 1);
		old_vcpu = (int32_t)((uint32_t)*known - 2);
		pid = pid >= 0 ? pid : old_pid;
		vcpu = vcpu >= 0 && (old_vcpu < 0 || *how != 'c') ? vcpu : old_vcpu;
	}
	if (*known == pack(pid, vcpu))
		return false;
	*known = pack(pid, vcpu);
	*define = (struct rec){ .kind = REC_VCPU,
		.t = at->t,
		.machine = at->machine,
		.cpu = REC_NO_ID,
		.pid = pid,
		.tid = at->tid,
		.vcpu = { vcpus_guest(v->guest, pid), vcpu, str_of(how) } };
	return true;
}

/* The number in "CPU 0/KVM" or "CPU 0/TCG"; -1 if the name is another. */
static int32_t
number_in(struct str name)
{
	const char *end = name.p + name.n, *p;
	uint64_t n;

	if (name.n < sizeof "CPU 0/KVM" - 1 || memcmp(name.p, "CPU ", 4) != 0)
		return -1;
	p = text_u64(name.p + 4, end, &n);
	if (p == NULL || end - p != 4 || n > INT32_MAX)
		return -1;
	return memcmp(p, "/KVM", 4) == 0 || memcmp(p, "/TCG", 4) == 0 ? (int32_t)n : -1;
}

bool
vcpus_add(struct vcpus *v, const struct rec *r, struct rec *define)
{
	int32_t n;

	switch (r->kind) {
	case REC_KVMENTRY:
		return note(v, r, r->kvmentry.vcpu, "entry", define);
	case REC_KVMEXIT:
		return note(v, r, r->kvmexit.vcpu, "exit", define);
	case REC_MMIO:
	case REC_PIO:
	case REC_MSR:
		return note(v, r, -1, "access", define);
	case REC_COMM:
		n = number_in(r->comm.name);
		return n >= 0 && note(v, r, n, "comm", define);
	case REC_FORK:
		hash_remove(&v->known, (uint64_t)r->fork.child_tid);
		return false;
	default:
		return false;
	}
}

bool
vcpus_add_sample(struct vcpus *v, const struct rec *at, struct rec *define)
{
	return note(v, at, -1, "sample", define);
}
