/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"

enum { HELD = 4 << 20 /* the most text that waits for an id */, PIECE = 64 << 10 };

/* Where the held text has the id of a task that is not known yet. */
struct perf_ns_gap {
	size_t at, n; /* the digits */
	int32_t root;
};

void
perf_ns_free(struct perf_ns *p)
{
	hash_free(&p->inside);
	out_free(&p->line);
	strbuf_free(&p->held);
	free(p->gap);
}

/* The field with the id of another task than the current one; NULL if the kind has none. */
static int32_t *
other(struct rec *r, size_t *field)
{
	switch (r->kind) {
	case REC_SWITCH:
		*field = REC_SWITCH_NEXT_TID;
		return &r->switch_.next_tid;
	case REC_WAKEUP:
		*field = REC_WAKEUP_WAKEE;
		return &r->wakeup.wakee;
	case REC_MIGRATE:
		*field = REC_MIGRATE_TASK;
		return &r->migrate.task;
	default:
		return NULL;
	}
}

static int32_t
outside(int32_t root)
{
	return root % PERF_NS_OUTSIDE + PERF_NS_OUTSIDE;
}

/* --- text that waits */

/* NULL if the task's ids are not known. */
static const uint64_t *
get_task(const struct perf_ns *p, int32_t root)
{
	const uint64_t *task = hash_get(&p->inside, (uint64_t)root);

	return task == NULL && p->tasks != NULL ? hash_get(p->tasks, (uint64_t)root) : task;
}

/* Forget what was written, once it is more than what was not. */
static void
compact(struct perf_ns *p)
{
	size_t i;

	if (p->written <= p->held.n / 2)
		return;
	p->held.n -= p->written;
	p->ngap -= p->first;
	memmove(p->held.p, p->held.p + p->written, p->held.n);
	memmove(p->gap, p->gap + p->first, p->ngap * sizeof *p->gap);
	for (i = 0; i < p->ngap; i++)
		p->gap[i].at -= p->written;
	p->written = p->first = 0;
}

/* Write the held text up to an offset, in pieces so that the buffer does not have to grow. */
static void
write_to(struct perf_ns *p, struct out *out, size_t end)
{
	size_t n;

	for (; p->written < end; p->written += n) {
		n = end - p->written < PIECE ? end - p->written : PIECE;
		out_bytes(out, p->held.p + p->written, n);
	}
}

/* Write the held text, up to the first id that is not known yet. */
static void
release(struct perf_ns *p, struct out *out)
{
	const struct perf_ns_gap *gap;
	const uint64_t *task;

	for (; p->first < p->ngap; p->first++) {
		gap = &p->gap[p->first];
		if ((task = get_task(p, gap->root)) == NULL)
			break;
		if (*task == 0)
			continue;
		write_to(p, out, gap->at);
		out_u64(out, *task & UINT32_MAX);
		p->written += gap->n;
	}
	write_to(p, out, p->first < p->ngap ? p->gap[p->first].at : p->held.n);
	compact(p);
}

/* Take the tasks that the held text names before an offset to be outside. */
static void
give_up(struct perf_ns *p, struct out *out, size_t before)
{
	size_t i;

	for (i = p->first; i < p->ngap && p->gap[i].at < before; i++)
		hash_put(&p->inside, (uint64_t)p->gap[i].root);
	release(p, out);
}

/* The task of a root id is another from now on: that of the recorder's namespace, or 0 for one
 * outside. */
static void
learn(struct perf_ns *p, struct out *out, int32_t root, uint64_t task)
{
	*hash_put(&p->inside, (uint64_t)root) = task;
	if (p->tasks != NULL && hash_get(p->tasks, (uint64_t)root) == NULL)
		*hash_put(p->tasks, (uint64_t)root) = task;
	if (p->first < p->ngap && p->gap[p->first].root == root)
		release(p, out);
}

static void
hold(struct perf_ns *p, const struct rec *r, size_t field, int32_t root)
{
	const char *end, *d;
	size_t start = p->held.n;

	p->line.n = 0;
	rec_put(&p->line, r);
	strbuf_add(&p->held, (struct str){ p->line.buf, p->line.n });
	if (root < 0)
		return;
	d = p->held.p + start;
	end = p->held.p + p->held.n;
	for (field++; field > 0; field--)
		d = (const char *)memchr(d, '\t', (size_t)(end - d)) + 1;
	p->gap = mem_grow(p->gap, p->ngap, &p->cap, sizeof *p->gap);
	p->gap[p->ngap++] = (struct perf_ns_gap){ (size_t)(d - p->held.p),
		(size_t)((const char *)memchr(d, '\t', (size_t)(end - d)) - d), root };
}

void
perf_ns_put(struct perf_ns *p, struct out *out, struct rec *r)
{
	size_t field = 0;
	const int32_t *id = other(r, &field);
	int32_t root = id == NULL ? -1 : *id - PERF_NS_OUTSIDE;

	if (root >= 0 && get_task(p, root) != NULL)
		root = -1;
	if (root < 0 && p->first == p->ngap) {
		rec_put(out, r);
		return;
	}
	hold(p, r, field, root);
	if (p->held.n - p->written > HELD)
		give_up(p, out, p->written + HELD / 2);
}

void
perf_ns_end(struct perf_ns *p, struct out *out)
{
	give_up(p, out, SIZE_MAX);
}

/* --- ids */

void
perf_ns_judge(struct perf_ns *p, int32_t root, int32_t tid, bool last)
{
	p->on |= root > 0 && root != tid && (tid > 0 || (tid == 0 && !last));
	p->settled |= tid > 0;
}

void
perf_ns_current(struct perf_ns *p, struct out *out, int32_t root, struct rec *r)
{
	const uint64_t *task = root < 0 ? NULL : hash_get(&p->inside, (uint64_t)root);
	uint64_t now = r->tid > 0 ? (uint64_t)r->pid << 32 | (uint32_t)r->tid : 0;

	if (root <= 0)
		return;
	if (now == 0 && task != NULL)
		now = *task;
	if (task == NULL || *task != now)
		learn(p, out, root, now);
	r->tid = now == 0 ? outside(root) : (int32_t)(now & UINT32_MAX);
	r->pid = now == 0 ? REC_NO_ID : (int32_t)(now >> 32);
}

void
perf_ns_other(const struct perf_ns *p, struct rec *r)
{
	size_t field;
	int32_t *id = other(r, &field);
	const uint64_t *task;

	if (id == NULL || *id <= 0)
		return;
	task = get_task(p, *id);
	*id = task == NULL || *task == 0 ? outside(*id) : (int32_t)(*task & UINT32_MAX);
}

void
perf_ns_forget(struct perf_ns *p, int32_t root)
{
	if (p->first == p->ngap) /* else the held text may name it */
		hash_remove(&p->inside, (uint64_t)root);
}
