/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"

enum { SECTOR = 512, MINOR_BITS = 20 /* of a device number in the kernel */ };

enum stage { QUEUED, ISSUED, REQUEUED /* given back by the driver */ };

struct request {
	uint64_t sector, bytes, left; /* left: of the bytes, after the device did a part of them */
	int64_t t, queued, birth;     /* queued: REC_NO_NS: not recorded */
	int64_t again;                /* when its sector was issued once more; or REC_NO_NS */
	int64_t error;                /* what the completion has: 0 or an errno times -1 */
	int32_t cpu, pid, tid;
	uint32_t comm, op, device;
	uint32_t requeues;
	enum stage stage;
	struct strbuf stack;
	struct request *next, **prev; /* the machine's, or the ones that are not in use */
	struct request *older;        /* of the same sector */
};

struct device {
	uint32_t name;
	struct hash at; /* the newest request of a sector, as a pointer */
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

static struct request *
find(const struct requests *rs, uint32_t device, uint64_t sector)
{
	const uint64_t *at = hash_get(&rs->device[device].at, sector);

	return at == NULL ? NULL : (struct request *)(uintptr_t)*at;
}

static void
insert(struct requests *rs, struct request *q)
{
	uint64_t *at = hash_put(&rs->device[q->device].at, q->sector);

	q->older = (struct request *)(uintptr_t)*at;
	*at = (uintptr_t)q;
}

/* Take a request out that is the newest of its sector, or the one before it. */
static void
take_out(struct requests *rs, const struct request *q)
{
	struct request *newest = find(rs, q->device, q->sector);
	struct hash *at = &rs->device[q->device].at;

	if (newest != q)
		newest->older = q->older;
	else if (q->older == NULL)
		hash_remove(at, q->sector);
	else
		*hash_put(at, q->sector) = (uintptr_t)q->older;
}

static struct request *
new_request(struct requests *rs, struct machine *m, uint32_t device, uint64_t sector)
{
	struct request *q = rs->spare;
	struct strbuf stack = { 0 };

	if (q == NULL) {
		q = mem_alloc(sizeof *q);
	} else {
		rs->spare = q->next;
		stack = q->stack;
	}
	*q = (struct request){ .sector = sector,
		.device = device,
		.queued = REC_NO_NS,
		.again = REC_NO_NS,
		.stack = stack,
		.op = INTERN_NONE };
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
		.device = intern_str(&rs->tasks->names, rs->device[q->device].name),
		.op = tasks_name_str(rs->tasks, q->op),
		.sector = q->sector,
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

/* A request was put into the queue, or is about to be. */
static void
queue(struct requests *rs, struct machine *m, const struct rec *r, uint32_t device, uint64_t sector)
{
	struct request *q = find(rs, device, sector);

	if (q != NULL && q->stage != ISSUED)
		return;
	q = new_request(rs, m, device, sector);
	set_owner(rs, m, q, r);
	q->queued = r->t;
}

static void
issue(struct requests *rs, struct machine *m, const struct rec *r, uint32_t device, uint64_t sector)
{
	struct request *q = find(rs, device, sector);

	if (q != NULL && q->stage == REQUEUED) {
		q->stage = ISSUED;
		return;
	}
	if (q != NULL && q->stage == ISSUED && q->again == REC_NO_NS && q->bytes > 0 &&
	    bytes_of(r) > 0)
		q->again = r->t;
	if (q == NULL || q->stage == ISSUED) {
		q = new_request(rs, m, device, sector);
		set_owner(rs, m, q, r);
	}
	q->t = r->t;
	q->bytes = q->left = bytes_of(r);
	q->op = op_of(rs, r);
	q->stage = ISSUED;
	strbuf_set_field(&q->stack, r->tracepoint.stack);
}

static void
requeue(const struct requests *rs, uint32_t device, uint64_t sector)
{
	struct request *q = find(rs, device, sector);

	if (q == NULL || q->stage == QUEUED)
		return;
	q->stage = REQUEUED;
	q->requeues++;
}

/* A completion without an issue: it is not known when the request began. */
static void
complete_only(
    struct requests *rs, struct machine *m, const struct rec *r, uint32_t device, uint64_t sector)
{
	struct request q = { .sector = sector,
		.bytes = bytes_of(r),
		.t = r->t,
		.queued = REC_NO_NS,
		.error = info_number(r->tracepoint.info, STR("error")),
		.birth = REC_NO_NS,
		.cpu = REC_NO_ID,
		.pid = REC_NO_ID,
		.tid = REC_NO_ID,
		.comm = INTERN_NONE,
		.op = op_of(rs, r),
		.device = device };

	put(rs, m, &q, r->t, EDGE_SEEN);
}

static void
complete(
    struct requests *rs, struct machine *m, const struct rec *r, uint32_t device, uint64_t sector)
{
	struct request *q = find(rs, device, sector);
	struct cpu *c = r->cpu < 0 ? NULL : cpus_get(rs->out, m, r->cpu);
	struct done done = { .t = r->t, .tid = REC_NO_ID, .device = rs->device[device].name };
	uint64_t part = bytes_of(r);

	if (q != NULL && q->stage == QUEUED)
		q = q->older;
	if (q == NULL || q->stage == QUEUED) {
		complete_only(rs, m, r, device, sector);
	} else {
		take_out(rs, q);
		done.tid = q->tid;
		done.birth = q->birth;
		if (part > 0 && part < q->left) {
			q->left -= part;
			q->sector += part / SECTOR;
			insert(rs, q);
			return;
		}
		q->sector -= (q->bytes - q->left) / SECTOR;
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
	uint32_t device;

	if (!queues && !str_starts(name, "block:block_rq_"))
		return false;
	number = info_number(info, STR("dev"));
	sector = info_number(info, STR("sector"));
	if (number < 0 || number > UINT32_MAX || sector == REC_NO_INT)
		return false;
	device = device_of(rs, m, (uint32_t)number);
	if (str_eq(name, STR("block:block_rq_issue")))
		issue(rs, m, r, device, (uint64_t)sector);
	else if (str_eq(name, STR("block:block_rq_complete")))
		complete(rs, m, r, device, (uint64_t)sector);
	else if (str_eq(name, STR("block:block_rq_requeue")))
		requeue(rs, device, (uint64_t)sector);
	else if (queues)
		queue(rs, m, r, device, (uint64_t)sector);
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
		hash_remove(&rs->device[q->device].at, q->sector);
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
	for (i = 0; i < rs->n; i++)
		hash_free(&rs->device[i].at);
	free(rs->device);
	hash_free(&rs->devices);
	strbuf_free(&rs->info);
}
