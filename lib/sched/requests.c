/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"

enum { SECTOR = 512, MINOR_BITS = 20 /* of a device number in the kernel */ };

enum stage { QUEUED, ISSUED, REQUEUED /* given back by the driver */ };

/* What events of one request have in common. Flushes and commands have no sector: their issue has 0
 * or the highest number, and their completion the highest. */
struct place {
	uint32_t device, op;
	uint64_t sector;
	bool nowhere; /* no sector: the op identifies them, in order of issue */
};

struct request {
	struct place at;
	uint64_t bytes, left;     /* left: of the bytes, after the device did a part of them */
	int64_t t, queued, birth; /* queued: REC_NO_NS: not recorded */
	int64_t again;            /* when its sector was issued once more; or REC_NO_NS */
	int64_t error;            /* what the completion has: 0 or an errno times -1 */
	int32_t cpu, pid, tid;
	uint32_t comm, requeues;
	enum stage stage;
	struct strbuf stack;
	struct request *next, **prev; /* the machine's, or the ones that are not in use */
	struct request *other; /* of the same sector: the next older; nowhere: the next newer */
};

struct device {
	uint32_t name;
	struct hash at;      /* the newest request of a sector, as a pointer */
	struct hash nowhere; /* of an op: at 2 op its oldest request, at 2 op + 1 the newest */
};

/* --- the table */

/* The number of a device. */
static uint32_t
device_of(struct requests *rs, const struct machine *m, uint32_t number)
{
	uint64_t *i = hash_put(&rs->devices, hash_pair(m->id, number));
	char name[2 * TEXT_NUMBER + 1];
	size_t n;

	if (*i > 0)
		return (uint32_t)*i - 1;
	rs->device = mem_grow(rs->device, rs->n, &rs->cap, sizeof *rs->device);
	n = text_put_u64(name, number >> MINOR_BITS);
	name[n++] = ':';
	n += text_put_u64(name + n, number & ((1u << MINOR_BITS) - 1));
	rs->device[rs->n] =
	    (struct device){ .name = intern_put(&rs->tasks->names, (struct str){ name, n }) };
	*i = ++rs->n;
	return (uint32_t)rs->n - 1;
}

/* The request that an event is of: the newest of its sector, or the oldest of its op. */
static struct request *
find(const struct requests *rs, const struct place *p)
{
	const struct device *d = &rs->device[p->device];
	const uint64_t *at =
	    p->nowhere ? hash_get(&d->nowhere, 2 * (uint64_t)p->op) : hash_get(&d->at, p->sector);

	return at == NULL ? NULL : (struct request *)(uintptr_t)*at;
}

static void
insert(struct requests *rs, struct request *q)
{
	struct device *d = &rs->device[q->at.device];
	uint64_t *at;

	q->other = NULL;
	if (!q->at.nowhere) {
		at = hash_put(&d->at, q->at.sector);
		q->other = (struct request *)(uintptr_t)*at;
	} else if (find(rs, &q->at) == NULL) {
		*hash_put(&d->nowhere, 2 * (uint64_t)q->at.op) = (uintptr_t)q;
		at = hash_put(&d->nowhere, 2 * (uint64_t)q->at.op + 1);
	} else {
		at = hash_put(&d->nowhere, 2 * (uint64_t)q->at.op + 1);
		((struct request *)(uintptr_t)*at)->other = q;
	}
	*at = (uintptr_t)q;
}

/* Remove all requests of a place. */
static void
clear(struct requests *rs, const struct place *p)
{
	struct device *d = &rs->device[p->device];

	if (!p->nowhere) {
		hash_remove(&d->at, p->sector);
		return;
	}
	hash_remove(&d->nowhere, 2 * (uint64_t)p->op);
	hash_remove(&d->nowhere, 2 * (uint64_t)p->op + 1);
}

/* Take a request out that find() returns, or of a sector the one before it. */
static void
take_out(struct requests *rs, const struct request *q)
{
	struct request *first = find(rs, &q->at);
	struct device *d = &rs->device[q->at.device];

	if (first != q)
		first->other = q->other;
	else if (q->other == NULL)
		clear(rs, &q->at);
	else if (q->at.nowhere)
		*hash_put(&d->nowhere, 2 * (uint64_t)q->at.op) = (uintptr_t)q->other;
	else
		*hash_put(&d->at, q->at.sector) = (uintptr_t)q->other;
}

static struct request *
new_request(struct requests *rs, struct machine *m, const struct place *p)
{
	struct request *q = rs->spare;
	struct strbuf stack = { 0 };

	if (q == NULL) {
		q = mem_alloc(sizeof *q);
	} else {
		rs->spare = q->next;
		stack = q->stack;
	}
	*q = (struct request){ .at = *p, .queued = REC_NO_NS, .again = REC_NO_NS, .stack = stack };
	insert(rs, q);
	q->next = m->requests;
	q->prev = &m->requests;
	if (q->next != NULL)
		q->next->prev = &q->next;
	m->requests = q;
	return q;
}

/* Forget a request that is not in its device's table any more. */
static void
forget(struct requests *rs, struct request *q)
{
	*q->prev = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	q->next = rs->spare;
	rs->spare = q;
}

/* --- writing */

/* A request without an issue began at an unknown time. */
static void
put(struct requests *rs, const struct machine *m, const struct request *q, int64_t end,
    enum edge ends)
{
	struct rec r = { .kind = REC_REQUEST, .t = q->t, .machine = m->name, .cpu = q->cpu };

	edge_pairs(&rs->info, q->stage == QUEUED ? EDGE_UNKNOWN : EDGE_SEEN, ends);
	if (q->queued != REC_NO_NS && q->t > q->queued)
		info_add(&rs->info, STR("queued"), (uint64_t)q->t - (uint64_t)q->queued);
	if (q->requeues > 0)
		info_add(&rs->info, STR("requeued"), q->requeues);
	r.pid = q->pid;
	r.tid = q->tid;
	r.request = (struct rec_request){ .end = end > q->t ? end : q->t,
		.birth = q->birth,
		.comm = tasks_name_str(rs->tasks, q->comm),
		.device = intern_str(&rs->tasks->names, rs->device[q->at.device].name),
		.op = tasks_name_str(rs->tasks, q->at.op),
		.sector = q->at.sector,
		.bytes = q->bytes,
		.error = q->error < 0 && q->error >= -4095 ? -q->error : REC_NO_INT,
		.info = strbuf_field(&rs->info),
		.stack = strbuf_field(&q->stack) };
	rs->out->emit(rs->out->arg, &r);
	strbuf_clear(&rs->info);
}

/* --- events */

static uint64_t
bytes_of(const struct rec *r)
{
	int64_t bytes = info_number(r->tracepoint.info, STR("bytes"));
	int64_t sectors = info_number(r->tracepoint.info, STR("nr_sector"));

	return bytes > 0 ? (uint64_t)bytes : sectors > 0 ? (uint64_t)sectors * SECTOR : 0;
}

static uint32_t
op_of(const struct requests *rs, const struct rec *r)
{
	struct str op = pairs_get(r->tracepoint.info, STR("rwbs"));

	return op.p == NULL || op.n == 0 || memchr(op.p, '\\', op.n) != NULL
		   ? INTERN_NONE
		   : tasks_name(rs->tasks, op);
}

/* The task that an event is of has sent the request. */
static void
set_owner(const struct requests *rs, struct machine *m, struct request *q, const struct rec *r)
{
	struct task *task = r->tid > 0 ? tasks_get(rs->tasks, m, r->tid, r->t) : NULL;

	q->cpu = r->cpu;
	q->pid = r->pid;
	q->tid = r->tid;
	q->birth = r->tid < 0 ? REC_NO_NS : 0;
	q->comm = INTERN_NONE;
	if (task == NULL)
		return;
	task_called(rs->tasks, task, STR_NONE, REC_NO_INT, r->pid);
	q->comm = task->name;
	q->birth = task->birth;
}

/* A request was put into the queue, or is about to be. What has no sector may never be issued: a
 * flush of WS is carried out as one of FF. */
static void
queue(struct requests *rs, struct machine *m, const struct rec *r, const struct place *p)
{
	struct request *q = find(rs, p);

	if (p->nowhere || (q != NULL && q->stage != ISSUED))
		return;
	q = new_request(rs, m, p);
	set_owner(rs, m, q, r);
	q->queued = r->t;
}

static void
issue(struct requests *rs, struct machine *m, const struct rec *r, const struct place *p)
{
	struct request *q = find(rs, p);

	if (q != NULL && q->stage == REQUEUED) {
		q->stage = ISSUED;
		return;
	}
	if (q != NULL && q->stage == ISSUED && !p->nowhere && q->again == REC_NO_NS &&
	    q->bytes > 0 && bytes_of(r) > 0)
		q->again = r->t;
	if (q == NULL || q->stage == ISSUED) {
		q = new_request(rs, m, p);
		set_owner(rs, m, q, r);
	}
	q->t = r->t;
	q->bytes = q->left = bytes_of(r);
	q->at.op = p->op;
	q->stage = ISSUED;
	strbuf_set_field(&q->stack, r->tracepoint.stack);
}

static void
requeue(const struct requests *rs, const struct place *p)
{
	struct request *q = find(rs, p);

	if (q == NULL || q->stage == QUEUED)
		return;
	q->stage = REQUEUED;
	q->requeues++;
}

/* A completion without an issue: it is not known when the request began. */
static void
complete_only(struct requests *rs, struct machine *m, const struct rec *r, const struct place *p)
{
	struct request q = { .at = *p,
		.bytes = bytes_of(r),
		.t = r->t,
		.queued = REC_NO_NS,
		.error = info_number(r->tracepoint.info, STR("error")),
		.birth = REC_NO_NS,
		.cpu = REC_NO_ID,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID,
		.comm = INTERN_NONE };

	put(rs, m, &q, r->t, EDGE_SEEN);
}

/* The issued request that a completion is of. */
static struct request *
completed(const struct requests *rs, const struct place *p)
{
	struct request *q = find(rs, p);

	if (q != NULL && q->stage == QUEUED)
		q = q->other;
	return q == NULL || q->stage == QUEUED ? NULL : q;
}

/* Did the device do a part of the request only? */
static bool
is_part(struct requests *rs, struct request *q, uint64_t part)
{
	if (q->at.nowhere || part == 0 || part >= q->left)
		return false;
	q->left -= part;
	q->at.sector += part / SECTOR;
	insert(rs, q);
	return true;
}

/* The kernel completes a request with a flush once more when the flush is done, with nothing left:
 * that is no request of the device, nor of the one that begins at the sector after its end. */
static bool
is_rest(const struct rec *r, const struct place *p, const struct request *q)
{
	return p->sector != UINT64_MAX && info_number(r->tracepoint.info, STR("nr_sector")) == 0 &&
	       (q == NULL || q->left > 0);
}

static void
complete(struct requests *rs, struct machine *m, const struct rec *r, const struct place *p)
{
	struct request *q = completed(rs, p);
	struct cpu *c = r->cpu < 0 ? NULL : cpus_get(rs->out, m, r->cpu);
	struct done done = { .t = r->t, .tid = REC_NO_ID, .device = rs->device[p->device].name };

	if (is_rest(r, p, q)) {
		if (c != NULL && !lanes_last(c).set)
			lanes_done(c, &done);
		return;
	}
	if (q == NULL) {
		complete_only(rs, m, r, p);
	} else {
		take_out(rs, q);
		done.tid = q->tid;
		done.birth = q->birth;
		if (is_part(rs, q, bytes_of(r)))
			return;
		q->at.sector -= (q->bytes - q->left) / SECTOR;
		q->error = info_number(r->tracepoint.info, STR("error"));
		put(rs, m, q, r->t, EDGE_SEEN);
		forget(rs, q);
	}
	if (c != NULL)
		lanes_done(c, &done);
}

bool
requests_add(struct requests *rs, struct machine *m, const struct rec *r)
{
	struct str name = r->tracepoint.name, info = r->tracepoint.info;
	bool queues =
	    str_eq(name, STR("block:block_rq_insert")) || str_eq(name, STR("block:block_io_start"));
	int64_t number, sector;
	struct place p;

	if (!queues && !str_starts(name, "block:block_rq_"))
		return false;
	number = info_number(info, STR("dev"));
	sector = info_number(info, STR("sector"));
	if (number < 0 || number > UINT32_MAX || sector == REC_NO_INT)
		return false;
	p = (struct place){ .device = device_of(rs, m, (uint32_t)number),
		.op = op_of(rs, r),
		.sector = (uint64_t)sector,
		.nowhere = (uint64_t)sector == UINT64_MAX ||
			   (sector == 0 && info_number(info, STR("nr_sector")) == 0) };
	if (str_eq(name, STR("block:block_rq_issue")))
		issue(rs, m, r, &p);
	else if (str_eq(name, STR("block:block_rq_complete")))
		complete(rs, m, r, &p);
	else if (str_eq(name, STR("block:block_rq_requeue")))
		requeue(rs, &p);
	else if (queues)
		queue(rs, m, r, &p);
	else
		return false;
	rs->any = true;
	return !queues;
}

/* --- ends */

/* If the sector of a request was issued again before it completed, its completion may be missing:
 * from then on it is unknown whether it lasts. */
void
requests_cut(struct requests *rs, struct machine *m, int64_t t, enum edge edge)
{
	struct request *q;

	while ((q = m->requests) != NULL) {
		if (q->again != REC_NO_NS && q->again < t)
			put(rs, m, q, q->again, EDGE_UNKNOWN);
		else if (q->stage != QUEUED)
			put(rs, m, q, t, edge);
		clear(rs, &q->at);
		forget(rs, q);
	}
}

void
requests_free(struct requests *rs)
{
	struct request *q;
	size_t i;

	for (i = 0; i < rs->tasks->machines.names.n; i++)
		while ((q = rs->tasks->machines.all[i]->requests) != NULL)
			forget(rs, q);
	while ((q = rs->spare) != NULL) {
		rs->spare = q->next;
		strbuf_free(&q->stack);
		free(q);
	}
	for (i = 0; i < rs->n; i++) {
		hash_free(&rs->device[i].at);
		hash_free(&rs->device[i].nowhere);
	}
	free(rs->device);
	hash_free(&rs->devices);
	strbuf_free(&rs->info);
}
