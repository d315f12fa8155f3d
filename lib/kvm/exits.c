/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/sum.h"
#include "exits.h"

enum { NAME = 64, DECIMAL = 48, SHOWN = 168 /* bytes of a name */ };

#define MOST (UINT64_MAX - 1) /* UINT64_MAX is "unknown" */

struct exits_vcpu {
	uint32_t machine, guest;
	int32_t pid, tid, vcpu;
	uint32_t first; /* the thread's first vCPU, which the hash of threads has */
	uint32_t now;   /* of a first: the one that the thread runs */
	bool entered;   /* an event was seen that an exit may precede */
	bool has_since;
	int64_t since; /* when it gave the CPU back, or when its last access was, if has_since */
	int32_t cpu;   /* where that was */
	uint32_t open; /* 1 + the row of the interval that began then */
	int64_t t;     /* of a first: of the thread's last event */
};

struct exits_row {
	uint32_t of, reason;
	uint64_t *ns; /* sorted after exits_end() */
	size_t count, cap;
	uint64_t open, time;
	double deviation; /* of the sample; below 0 if count is less than 2 */
	/* of all rows with the same vCPU or machine */
	uint64_t all_count, all_time, all_open;
};

static int
index_of(const char *name, const char *const *names, int n)
{
	while (--n >= 0 && strcmp(name, names[n]) != 0)
		;
	return n;
}

static const char *const event_names[EXITS_EVENTS] = { "vmexit", "mmio", "ioport", "msr" };

int
exits_event_named(const char *name)
{
	return index_of(name, event_names, EXITS_EVENTS);
}

int
exits_per_named(const char *name)
{
	return index_of(name, (const char *const[]){ "vcpu", "machine", "all" }, EXITS_PERS);
}

int
exits_by_named(const char *name)
{
	return index_of(name, (const char *const[]){ "count", "time", "mean", "max" }, EXITS_BYS);
}

/* --- vCPUs */

/* vmPID, or vm if the pid is not known. */
static uint32_t
guest_of(struct exits *e, int32_t pid)
{
	char d[2 + TEXT_NUMBER] = "vm";
	size_t n = 2;

	if (pid > 0)
		n += text_put_u64(d + 2, (uint64_t)pid);
	return intern_put(&e->guests, (struct str){ d, n });
}

static uint32_t
add_vcpu(struct exits *e, const struct rec *r, uint32_t machine)
{
	e->of = mem_grow(e->of, e->nof, &e->cap_of, sizeof *e->of);
	e->of[e->nof] = (struct exits_vcpu){ machine, guest_of(e, r->pid), r->pid, r->tid, -1,
		.first = (uint32_t)e->nof, .now = (uint32_t)e->nof, .cpu = -1, .t = r->t };
	return (uint32_t)e->nof++;
}

/* The first vCPU of the record's thread. */
static struct exits_vcpu *
thread_of(struct exits *e, const struct rec *r)
{
	uint32_t machine = intern_put(&e->machines, r->machine), id;
	uint64_t key = (uint64_t)machine << 32 | (uint32_t)r->tid,
		 *known = hash_put(&e->threads, key);
	struct exits_vcpu *v;

	if (*known == 0) {
		id = add_vcpu(e, r, machine);
		*hash_put(&e->threads, key) = (uint64_t)id + 1;
		return &e->of[id];
	}
	v = &e->of[*known - 1];
	if (v->pid < 0 && r->pid >= 0) {
		v->pid = r->pid;
		v->guest = guest_of(e, r->pid);
	}
	return v;
}

/* The vCPU that a thread runs from now on; number is -1 if the event does not have it. */
static struct exits_vcpu *
vcpu_of(struct exits *e, const struct rec *r, struct exits_vcpu *first, int32_t number)
{
	struct exits_vcpu *v = &e->of[first->now];
	uint64_t key = ((uint64_t)v->first + 1) << 32 | (uint32_t)number, *known;
	uint32_t at = v->first, id;

	if (number < 0 || v->vcpu == number)
		return v;
	known = hash_put(&e->numbers, key);
	if (*known == 0 && v->vcpu < 0) { /* it was this one all along */
		v->vcpu = number;
		*known = (uint64_t)(v - e->of) + 1;
		return v;
	}
	if (*known == 0) {
		id = add_vcpu(e, r, v->machine);
		*hash_put(&e->numbers, key) = (uint64_t)id + 1;
		e->of[id].first = at;
		e->of[id].vcpu = number;
		e->of[id].guest = e->of[at].guest;
		e->of[id].pid = e->of[at].pid;
	} else {
		id = (uint32_t)*known - 1;
	}
	e->of[at].now = id;
	return &e->of[id];
}

/* --- intervals */

static struct exits_row *
row_of(struct exits *e, const struct exits_vcpu *v, struct str reason)
{
	uint32_t of = (uint32_t)(v - e->of), text = intern_put(&e->reasons, reason);
	uint64_t *known = hash_put(&e->rows, (uint64_t)of << 32 | text);

	if (*known == 0) {
		e->all = mem_grow(e->all, e->nall, &e->cap_all, sizeof *e->all);
		e->all[e->nall++] = (struct exits_row){ .of = of, .reason = text };
		*known = e->nall;
	}
	return &e->all[*known - 1];
}

/* Were events lost on a CPU since then? */
static bool
lost_since(const struct exits *e, int32_t cpu, int64_t since)
{
	const uint64_t *t = hash_get(&e->lost, (uint64_t)((int64_t)cpu + 1));

	return t != NULL && (int64_t)*t >= since;
}

/* Make room for n intervals; most rows of hostile input have few. */
static void
make_room(struct exits_row *row, size_t n)
{
	if (row->cap >= n)
		return;
	while (row->cap < n)
		row->cap = row->cap > 0 ? 2 * row->cap : 4;
	row->ns = mem_resize(row->ns, row->cap, sizeof *row->ns);
}

static void
count(struct exits *e, const struct exits_vcpu *v, struct exits_row *row, const struct rec *r)
{
	if (lost_since(e, -1, v->since) || lost_since(e, v->cpu, v->since) ||
	    lost_since(e, r->cpu, v->since)) {
		row->open++;
		e->counts.torn++;
		return;
	}
	make_room(row, row->count + 1);
	row->ns[row->count++] = (uint64_t)r->t - (uint64_t)v->since;
	e->counts.counted++;
}

static void
begin(struct exits_vcpu *v, const struct rec *r, uint32_t open)
{
	v->entered = v->has_since = true;
	v->since = r->t;
	v->cpu = r->cpu;
	v->open = open;
}

/* End the interval that is open; returns false if there is none. */
static bool
end(struct exits *e, struct exits_vcpu *v, const struct rec *r)
{
	if (v->open == 0)
		return false;
	count(e, v, &e->all[v->open - 1], r);
	v->open = 0;
	return true;
}

/* Drop the interval that is open, if there is one: its end is missing. */
static void
drop(struct exits *e, struct exits_vcpu *v, uint64_t *n)
{
	if (v->open == 0)
		return;
	e->all[v->open - 1].open++;
	v->open = 0;
	++*n;
}

static uint32_t
number_of_row(const struct exits *e, const struct exits_row *row)
{
	return (uint32_t)(row - e->all) + 1;
}

static void
add_entry(struct exits *e, struct exits_vcpu *v, const struct rec *r)
{
	e->counts.entries++;
	if (!end(e, v, r) && e->event == EXITS_VMEXIT)
		++*(v->entered ? &e->counts.no_exit : &e->counts.at_start);
	v->entered = true;
	v->has_since = false;
}

static void
add_exit(struct exits *e, struct exits_vcpu *v, const struct rec *r)
{
	e->counts.exits++;
	drop(e, v, &e->counts.no_entry);
	begin(
	    v, r, e->event == EXITS_VMEXIT ? number_of_row(e, row_of(e, v, r->kvmexit.reason)) : 0);
}

/* A read is complete with its event, which begins no interval. */
static void
add_read(struct exits *e, struct exits_vcpu *v, const struct rec *r, struct exits_row *row)
{
	if (v->has_since) {
		count(e, v, row, r);
	} else {
		row->open++;
		e->counts.no_exit++;
	}
	begin(v, r, 0);
}

static void
add_access(
    struct exits *e, struct exits_vcpu *v, const struct rec *r, uint64_t key, const char *how)
{
	struct exits_row *row;
	char name[NAME];

	e->counts.accesses++;
	end(e, v, r);
	snprintf(name, sizeof name, "0x%llx:%s", (unsigned long long)key, how);
	row = row_of(e, v, str_of(name));
	if (r->kind == REC_MMIO && *how == 'R')
		add_read(e, v, r, row);
	else
		begin(v, r, number_of_row(e, row));
}

static bool
is_read(struct str access)
{
	return str_eq(access, STR("read"));
}

/* Take in an event of KVM. */
static bool
add_event(struct exits *e, const struct rec *r, int32_t number)
{
	struct exits_vcpu *first = thread_of(e, r), *v;

	if (r->t < first->t)
		return false;
	first->t = r->t;
	e->first = e->any ? e->first : r->t;
	e->last = e->any && e->last > r->t ? e->last : r->t;
	e->any = true;
	v = vcpu_of(e, r, first, number);
	if (r->kind == REC_KVMENTRY)
		add_entry(e, v, r);
	else if (r->kind == REC_KVMEXIT)
		add_exit(e, v, r);
	else if (r->kind == REC_MMIO && e->event == EXITS_MMIO)
		add_access(e, v, r, r->mmio.gpa, is_read(r->mmio.access) ? "R" : "W");
	else if (r->kind == REC_PIO && e->event == EXITS_IOPORT)
		add_access(e, v, r, r->pio.port, is_read(r->pio.access) ? "PIN" : "POUT");
	else if (r->kind == REC_MSR && e->event == EXITS_MSR)
		add_access(e, v, r, r->msr.msr, is_read(r->msr.access) ? "R" : "W");
	return true;
}

/* Name the guest, and the vCPU if its events do not. */
static void
add_vcpu_record(struct exits *e, const struct rec *r)
{
	struct exits_vcpu *v = thread_of(e, r);

	v->guest = intern_put(&e->guests, r->vcpu.guest);
	if (e->of[v->now].vcpu < 0)
		vcpu_of(e, r, v, r->vcpu.vcpu);
}

/* A tid that was used before is another thread now. */
static void
add_fork(struct exits *e, const struct rec *r)
{
	uint32_t machine = intern_find(&e->machines, r->machine);

	if (machine != INTERN_NONE)
		hash_remove(&e->threads, (uint64_t)machine << 32 | (uint32_t)r->fork.child_tid);
}

bool
exits_add(struct exits *e, const struct rec *r)
{
	switch (r->kind) {
	case REC_LOST:
		*hash_put(&e->lost, (uint64_t)((int64_t)r->cpu + 1)) = (uint64_t)r->t;
		return true;
	case REC_FORK:
		add_fork(e, r);
		return true;
	case REC_VCPU:
		add_vcpu_record(e, r);
		return true;
	case REC_KVMENTRY:
		return add_event(e, r, r->kvmentry.vcpu);
	case REC_KVMEXIT:
		return add_event(e, r, r->kvmexit.vcpu);
	case REC_MMIO:
		return str_eq(r->mmio.access, STR("unsatisfied-read")) || add_event(e, r, -1);
	case REC_PIO:
	case REC_MSR:
		return add_event(e, r, -1);
	default:
		return true;
	}
}

/* --- rows */

static bool
is_wanted(struct exits *e, const struct exits_row *row)
{
	const struct exits_vcpu *v = &e->of[row->of];
	bool guest = e->wanted.n == 0 || patterns_hit(&e->wanted, intern_str(&e->guests, v->guest));
	bool number = e->vcpu < 0 || v->vcpu == e->vcpu;

	e->has_vcpu = e->has_vcpu || number;
	return guest && number;
}

static int
by_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sort what a row has, and add it up. */
static void
sum_up(struct exits *e, struct exits_row *row)
{
	double mean, sum = 0, d;
	size_t i;

	if (row->count > 1)
		qsort(row->ns, row->count, sizeof *row->ns, by_u64);
	for (i = 0; i < row->count; i++)
		sum_add(&row->time, row->ns[i], MOST, &e->counts.overflows);
	row->deviation = -1;
	if (row->count < 2)
		return;
	mean = (double)row->time / (double)row->count;
	for (i = 0; i < row->count; i++) {
		d = (double)row->ns[i] - mean;
		sum += d * d;
	}
	row->deviation = sqrt(sum / (double)(row->count - 1));
}

static int
text_order(const struct intern *texts, uint32_t a, uint32_t b)
{
	return a == b ? 0 : strcmp(intern_str(texts, a).p, intern_str(texts, b).p);
}

static int
id_order(int32_t a, int32_t b)
{
	return (a > b) - (a < b);
}

/* Order the vCPUs or machines of two rows, as far as they have rows of their own. */
static int
group_order(const struct exits *e, const struct exits_row *a, const struct exits_row *b)
{
	const struct exits_vcpu *x = &e->of[a->of], *y = &e->of[b->of];
	int d;

	if (e->per == EXITS_ALL || x == y)
		return 0;
	d = text_order(&e->machines, x->machine, y->machine);
	d = d != 0 ? d : text_order(&e->guests, x->guest, y->guest);
	if (d != 0 || e->per == EXITS_MACHINE)
		return d;
	d = id_order(x->vcpu, y->vcpu);
	d = d != 0 ? d : id_order(x->tid, y->tid);
	return d != 0 ? d : (a->of > b->of) - (a->of < b->of);
}

static int
by_reason(const void *a, const void *b, void *exits)
{
	const struct exits *e = exits;
	const struct exits_row *x = a, *y = b;
	int d = group_order(e, x, y);

	d = d != 0 ? d : text_order(&e->reasons, x->reason, y->reason);
	return d != 0 ? d : (x->of > y->of) - (x->of < y->of);
}

static double
mean_of(const struct exits_row *row)
{
	return row->count == 0 ? 0 : (double)row->time / (double)row->count;
}

static uint64_t
max_of(const struct exits_row *row)
{
	return row->count == 0 ? 0 : row->ns[row->count - 1];
}

static int
value_order(enum exits_by by, const struct exits_row *a, const struct exits_row *b)
{
	double p = by == EXITS_MEAN ? mean_of(a) : 0, q = by == EXITS_MEAN ? mean_of(b) : 0;
	uint64_t x = by == EXITS_TIME ? a->time : by == EXITS_MAX ? max_of(a) : a->count;
	uint64_t y = by == EXITS_TIME ? b->time : by == EXITS_MAX ? max_of(b) : b->count;

	return p != q ? (p < q) - (p > q) : by == EXITS_MEAN ? 0 : (x < y) - (x > y);
}

static int
by_value(const void *a, const void *b, void *exits)
{
	const struct exits *e = exits;
	const struct exits_row *x = a, *y = b;
	int d = group_order(e, x, y);

	d = d != 0 ? d : value_order(e->by, x, y);
	return d != 0 ? d : by_reason(a, b, exits);
}

/* Move what a row has to another of its group and reason. */
static void
merge(struct exits_row *to, struct exits_row *from)
{
	size_t n = to->count + from->count;

	if (from->count > 0) {
		make_room(to, n);
		memcpy(to->ns + to->count, from->ns, from->count * sizeof *to->ns);
		to->count = n;
	}
	to->open += from->open;
	free(from->ns);
	from->ns = NULL;
	from->count = 0;
}

/* Choose rows, and bring those of one group and reason together; returns their number. */
static size_t
choose(struct exits *e)
{
	struct exits_row *row = e->all;
	size_t i, n = 0, left = 0;

	for (i = 0; i < e->nall; i++) {
		if (is_wanted(e, &row[i]))
			row[left++] = row[i];
		else
			free(row[i].ns);
	}
	if (left > 0)
		qsort_r(row, left, sizeof *row, by_reason, e);
	for (i = 0; i < left; i++) {
		if (n > 0 && row[n - 1].reason == row[i].reason &&
		    group_order(e, &row[n - 1], &row[i]) == 0)
			merge(&row[n - 1], &row[i]);
		else
			row[n++] = row[i];
	}
	return n;
}

/* Add up the rows of each group. */
static void
add_up(struct exits *e)
{
	struct exits_row all = { 0 };
	size_t i, j, to;

	for (i = 0; i < e->n; i = to) {
		all = (struct exits_row){ 0 };
		for (to = i; to < e->n && group_order(e, &e->row[i], &e->row[to]) == 0; to++) {
			all.count += e->row[to].count;
			all.open += e->row[to].open;
			sum_add(&all.time, e->row[to].time, MOST, &e->counts.overflows);
		}
		for (j = i; j < to; j++) {
			e->row[j].all_count = all.count;
			e->row[j].all_time = all.time;
			e->row[j].all_open = all.open;
		}
	}
}

/* Is the guest of all threads without a process several guests: do two threads run a vCPU of the
 * same number? */
static bool
is_mixed(const struct exits *e)
{
	uint32_t vm = intern_find(&e->guests, STR("vm"));
	const struct exits_vcpu *v;
	struct hash thread = { 0 };
	bool mixed = false;
	uint64_t *first;

	for (v = e->of; v < e->of + e->nof && !mixed; v++) {
		if (v->guest != vm)
			continue;
		first = hash_put(&thread, (uint64_t)v->machine << 32 | (uint32_t)v->vcpu);
		mixed = *first != 0 && *first != (uint64_t)v->first + 1;
		*first = (uint64_t)v->first + 1;
	}
	hash_free(&thread);
	return mixed;
}

void
exits_end(struct exits *e)
{
	size_t i;

	e->timeless = e->counts.entries + e->counts.exits == 0;
	for (i = 0; i < e->nof; i++) {
		drop(e, &e->of[i], &e->counts.at_end);
		e->of[i].guest = e->of[e->of[i].first].guest;
	}
	e->mixed = is_mixed(e);
	e->n = choose(e);
	e->row = e->all;
	e->nall = e->n;
	for (i = 0; i < e->n; i++)
		sum_up(e, &e->row[i]);
	if (e->n > 0)
		qsort_r(e->row, e->n, sizeof *e->row, by_value, e);
	add_up(e);
}

void
exits_free(struct exits *e)
{
	size_t i;

	for (i = 0; i < e->nall; i++)
		free(e->all[i].ns);
	free(e->all);
	free(e->of);
	hash_free(&e->threads);
	hash_free(&e->numbers);
	hash_free(&e->rows);
	hash_free(&e->lost);
	patterns_free(&e->wanted);
	intern_free(&e->machines);
	intern_free(&e->guests);
	intern_free(&e->reasons);
}

/* --- output */

static double
percent(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : 100 * (double)part / (double)all;
}

static struct str
put_percent(char d[DECIMAL], uint64_t part, uint64_t all)
{
	return (struct str){ d, (size_t)snprintf(d, DECIMAL, "%.4f", percent(part, all)) };
}

static uint64_t
rounded(double v)
{
	return v < 0 ? REC_NO_U64 : v >= (double)MOST ? MOST : (uint64_t)(v + 0.5);
}

/* The least value that 99 of 100 do not exceed. */
static uint64_t
p99_of(const struct exits_row *row)
{
	return row->ns[row->count - 1 - row->count / 100];
}

static bool
has_times(const struct exits *e, const struct exits_row *row)
{
	return row->count > 0 && !e->timeless;
}

static struct rec
rec_of(const struct exits *e, const struct exits_row *row)
{
	const struct exits_vcpu *v = &e->of[row->of];
	struct rec r = { .kind = REC_EXITS, .t = e->first, .cpu = REC_NO_ID };
	bool one = e->per == EXITS_VCPU;

	r.machine = e->per == EXITS_ALL ? STR("*") : intern_str(&e->machines, v->machine);
	r.pid = one ? v->pid : REC_NO_ID;
	r.tid = one ? v->tid : REC_NO_ID;
	r.exits.end = e->last;
	r.exits.guest = e->per == EXITS_ALL ? STR("*") : intern_str(&e->guests, v->guest);
	r.exits.vcpu = one ? v->vcpu : REC_NO_ID;
	r.exits.event = str_of(event_names[e->event]);
	r.exits.reason = intern_str(&e->reasons, row->reason);
	r.exits.count = row->count;
	r.exits.open = row->open;
	r.exits.time = e->timeless ? REC_NO_U64 : row->time;
	r.exits.min = r.exits.max = r.exits.mean = r.exits.stddev = r.exits.p99 = REC_NO_U64;
	return r;
}

void
exits_write(const struct exits *e, struct out *o)
{
	char share[DECIMAL], time_share[DECIMAL];
	const struct exits_row *row;
	struct rec r;
	size_t i;

	for (i = 0; i < e->n; i++) {
		row = &e->row[i];
		r = rec_of(e, row);
		r.exits.share = put_percent(share, row->count, row->all_count);
		r.exits.time_share =
		    put_percent(time_share, e->timeless ? 0 : row->time, row->all_time);
		if (has_times(e, row)) {
			r.exits.min = row->ns[0];
			r.exits.max = max_of(row);
			r.exits.mean = row->time / row->count +
				       (row->time % row->count >= row->count - row->count / 2);
			r.exits.stddev = rounded(row->deviation);
			r.exits.p99 = p99_of(row);
		}
		rec_put(o, &r);
	}
}

static void
put_decimal(struct columns *c, double v)
{
	char d[DECIMAL];

	columns_put(c, (struct str){ d, (size_t)snprintf(d, sizeof d, "%.2f", v) });
}

/* A text of a record as it can be shown. */
static void
put_name(struct out *o, struct str text)
{
	char d[SHOWN];

	out_str(o, str_of(text_quote(d, sizeof d, text)));
}

static void
put_heading(const struct exits *e, struct out *o, const struct exits_row *row)
{
	const struct exits_vcpu *v = &e->of[row->of];

	if (row > e->row)
		out_char(o, '\n');
	if (e->per == EXITS_ALL) {
		out_str(o, STR("all vCPUs of all guests"));
	} else {
		put_name(o, intern_str(&e->guests, v->guest));
		out_str(o, STR(" on "));
		put_name(o, intern_str(&e->machines, v->machine));
	}
	if (e->per == EXITS_VCPU && v->vcpu >= 0) {
		out_str(o, STR(", vCPU "));
		out_s64(o, v->vcpu);
	}
	if (e->per == EXITS_VCPU) {
		out_str(o, STR(", thread "));
		out_s64(o, v->tid);
	}
	out_char(o, '\n');
}

static void
put_row(const struct exits *e, struct columns *c, const struct exits_row *row)
{
	double mean = mean_of(row);
	int i;

	columns_put(c, intern_str(&e->reasons, row->reason));
	columns_put_u64(c, row->count);
	put_decimal(c, percent(row->count, row->all_count));
	if (e->timeless)
		columns_put(c, STR_NONE);
	else
		put_decimal(c, percent(row->time, row->all_time));
	for (i = 0; !has_times(e, row) && i < 4; i++)
		columns_put(c, STR_NONE);
	if (has_times(e, row)) {
		put_decimal(c, (double)row->ns[0] / 1000);
		put_decimal(c, (double)max_of(row) / 1000);
		put_decimal(c, (double)p99_of(row) / 1000);
		put_decimal(c, mean / 1000);
	}
	if (row->deviation < 0 || e->timeless)
		columns_put(c, STR_NONE);
	else
		put_decimal(
		    c, mean > 0 ? 100 * row->deviation / sqrt((double)row->count) / mean : 0);
}

static void
put_total(const struct exits *e, struct out *o, const struct exits_row *row)
{
	char d[DECIMAL];

	out_str(o, STR("total: "));
	out_u64(o, row->all_count);
	if (!e->timeless)
		out_bytes(
		    o, d, (size_t)snprintf(d, sizeof d, ", %.2f us", (double)row->all_time / 1000));
	if (row->all_open > 0) {
		out_str(o, STR("; without both ends, not counted: "));
		out_u64(o, row->all_open);
	}
	out_char(o, '\n');
}

void
exits_table(const struct exits *e, struct out *o)
{
	static const char *const names[] = { "min us", "max us", "p99 us", "mean us" };
	const struct exits_row *row;
	struct columns c = { 0 };
	size_t i;

	columns_add(&c, str_of(event_names[e->event]), 6, true);
	columns_add(&c, STR("count"), 12, false);
	columns_add(&c, STR("%"), 9, false);
	columns_add(&c, STR("time %"), 9, false);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		columns_add(&c, str_of(names[i]), 13, false);
	columns_add(&c, STR("+- %"), 10, false);
	for (i = 0; i < e->n; i++)
		put_row(e, &c, &e->row[i]);
	for (i = 0; i < e->n; i++) {
		row = &e->row[i];
		if (i == 0 || group_order(e, row - 1, row) != 0) {
			put_heading(e, o, row);
			columns_head(&c, o);
		}
		put_row(e, &c, row);
		if (i + 1 == e->n || group_order(e, row, row + 1) != 0)
			put_total(e, o, row);
	}
}
