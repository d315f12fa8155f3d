/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rapl.h"
#include "rec/pairs.h"
#include "shares.h"

enum { DECIMALS = 18 }; /* amounts are in units of 10^-18 J */
enum { IDLE, UNKNOWN, FIRST_TASK };

/* The runs and CPUs that may be looked at, in all, and besides for each state and interval: an
 * interval that is shared out among many CPUs costs as many. */
enum { WALK_LEAST = 1 << 24, WALK_RATIO = 64 };

static const energy_int nanojoule = 1000000000;

/* What one interval may have at most, so that no sum overflows: 10^9 J, 13 days. */
static const energy_int most = (energy_int)1000000000 * 1000000000 * 1000000000;
static const int64_t longest = INT64_MAX / SHARES_CPUS;

struct span {
	int64_t begin, end;
	uint32_t who;
};

struct shares_cpu {
	uint32_t machine;
	int32_t number;
	bool placed; /* the next three are known */
	int32_t socket, die, core;
	struct span *span;
	size_t n, cap;
	size_t next; /* the first span that may reach into the next interval */
};

/* Without padding: it is a key. */
struct place {
	uint32_t machine;
	int32_t domain, socket, die, core, cpu;
};

struct shares_interval {
	uint32_t place;
	int64_t begin, end;
	energy_int joules, error;
};

struct shares_who {
	int32_t tid, pid;
	int64_t birth;
	uint32_t comm;
};

struct row_key {
	uint32_t machine, domain, who;
};

struct shares_row {
	struct row_key key;
	uint64_t ns;
	energy_int joules, error;
};

static const char *const names[SHARES_BYS] = { "task", "process", "name" };

int
shares_by_named(const char *name)
{
	int by = SHARES_BYS;

	while (--by >= 0 && strcmp(names[by], name) != 0)
		;
	return by;
}

/* --- records */

/* The CPU with this number; NULL for a number that is not known, or if there are too many. */
static struct shares_cpu *
cpu_of(struct shares *s, struct str machine, int32_t number)
{
	uint32_t key[2] = { intern_put(&s->machines, machine), (uint32_t)number };
	struct str text = { (const char *)key, sizeof key };
	size_t n = s->cpu_keys.n;
	uint32_t i;

	if (number < 0 || (n == SHARES_CPUS && intern_find(&s->cpu_keys, text) == INTERN_NONE))
		return NULL;
	i = intern_put(&s->cpu_keys, text);
	if (i == n) {
		s->cpu = mem_grow(s->cpu, n, &s->cap_cpu, sizeof *s->cpu);
		s->cpu[i] = (struct shares_cpu){ .machine = key[0], .number = number };
	}
	return &s->cpu[i];
}

static void
add_span(struct shares *s, const struct rec *r, int64_t end, uint32_t who)
{
	struct shares_cpu *c = cpu_of(s, r->machine, r->cpu);

	if (c == NULL || end <= r->t)
		return;
	c->span = mem_grow(c->span, c->n, &c->cap, sizeof *c->span);
	c->span[c->n++] = (struct span){ r->t, end, who };
}

/* The task, process or name of a state; the last state knows best what it is called. */
static uint32_t
who_of(struct shares *s, const struct rec *r)
{
	int64_t key[3] = { intern_put(&s->machines, r->machine) };
	uint32_t comm = intern_put(&s->comms, r->state.comm), i;
	size_t n = s->who_keys.n;
	struct shares_who *w;

	if (s->by == SHARES_NAME) {
		key[1] = comm;
	} else {
		key[1] = s->by == SHARES_TASK ? r->tid : r->pid;
		key[2] = s->by == SHARES_TASK ? r->state.birth : 0;
	}
	i = intern_put(&s->who_keys, (struct str){ (const char *)key, sizeof key });
	s->who = mem_grow(s->who, n, &s->cap_who, sizeof *s->who);
	w = &s->who[i];
	if (i == n || s->by == SHARES_TASK || r->tid == r->pid)
		*w = (struct shares_who){ r->tid, r->pid, r->state.birth, comm };
	return FIRST_TASK + i;
}

/* Where a CPU is: cpu=0 core=0 package=0 die=0. */
static void
add_place(struct shares *s, const struct rec *r)
{
	static const struct str keys[] = { STR_INIT("cpu"), STR_INIT("package"), STR_INIT("die"),
		STR_INIT("core") };
	uint64_t v[4];
	struct shares_cpu *c;
	struct str text;
	size_t i;

	for (i = 0; i < 4; i++) {
		text = pairs_get(r->meta.value, keys[i]);
		v[i] = 0;
		if (text.p == NULL && i != 2) /* dies are newer */
			return;
		if (text.p != NULL &&
		    (text_u64(text.p, text.p + text.n, &v[i]) != text.p + text.n ||
			v[i] > INT32_MAX))
			return;
	}
	c = cpu_of(s, r->machine, (int32_t)v[0]);
	if (c == NULL)
		return;
	c->placed = true;
	c->socket = (int32_t)v[1];
	c->die = (int32_t)v[2];
	c->core = (int32_t)v[3];
}

/* All of a field as an amount, whose decimals after the 18th are cut off; false if it is none. */
static bool
amount(struct str text, energy_int *v)
{
	size_t i, decimals = 0;
	bool point = false;
	unsigned digit;

	*v = 0;
	for (i = 0; i < text.n; i++) {
		digit = (unsigned)text.p[i] - '0';
		if (text.p[i] == '.' && !point && i > 0) {
			point = true;
		} else if (digit > 9) {
			return false;
		} else if (!point || decimals++ < DECIMALS) {
			if (__builtin_mul_overflow(*v, (energy_int)10, v) ||
			    __builtin_add_overflow(*v, (energy_int)digit, v))
				return false;
		}
	}
	for (; decimals < DECIMALS; decimals++)
		if (__builtin_mul_overflow(*v, (energy_int)10, v))
			return false;
	return text.n > 0 && *v <= most;
}

/* Does the interval repeat what others have? */
static bool
is_double(struct str flags)
{
	static const char *const doubles[] = { "mirror", "summary", "sum" };
	size_t i, n;

	while (flags.p != NULL && flags.n > 0) {
		for (n = 0; n < flags.n && flags.p[n] != ';'; n++)
			;
		for (i = 0; i < 3; i++)
			if (str_eq((struct str){ flags.p, n }, str_of(doubles[i])))
				return true;
		n += n < flags.n;
		flags = (struct str){ flags.p + n, flags.n - n };
	}
	return false;
}

static void
add_interval(struct shares *s, const struct rec *r)
{
	const struct rec_energy *e = &r->energy;
	struct place p = { intern_put(&s->machines, r->machine),
		(int32_t)rapl_domain_named(e->domain), e->socket, e->die, e->core, r->cpu };
	struct shares_interval v = { .begin = r->t, .end = e->end };

	if (is_double(pairs_get(e->info, STR("flags"))))
		return;
	if (pairs_get(e->info, STR("base")).p != NULL) {
		s->own_clock++;
		return;
	}
	if (!amount(e->error, &v.error))
		v.error = 0;
	if (p.domain == RAPL_NONE || v.begin == REC_NO_NS || v.end <= v.begin ||
	    (uint64_t)v.end - (uint64_t)v.begin > (uint64_t)longest ||
	    !amount(e->joules, &v.joules)) {
		s->incomplete++;
		return;
	}
	v.place = intern_put(&s->places, (struct str){ (const char *)&p, sizeof p });
	s->interval = mem_grow(s->interval, s->intervals, &s->cap_interval, sizeof *s->interval);
	if (s->intervals == 0 || v.begin < s->first_interval)
		s->first_interval = v.begin;
	s->interval[s->intervals++] = v;
}

void
shares_add(struct shares *s, const struct rec *r)
{
	if (r->kind == REC_STATE && str_eq(r->state.state, STR("running"))) {
		if (s->states++ == 0 || r->t < s->first_state)
			s->first_state = r->t;
		add_span(s, r, r->state.end, who_of(s, r));
	} else if (r->kind == REC_CPUSTATE && str_eq(r->cpustate.lane, STR("cpu"))) {
		if (str_eq(r->cpustate.state, STR("idle")))
			add_span(s, r, r->cpustate.end, IDLE);
	} else if (r->kind == REC_META && str_eq(r->meta.key, STR("cpu"))) {
		add_place(s, r);
	} else if (r->kind == REC_ENERGY) {
		add_interval(s, r);
	}
}

/* --- shares */

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Put the spans of a CPU in order; where two overlap, the earlier one has the time. */
static void
order_spans(struct shares_cpu *c)
{
	int64_t end = INT64_MIN;
	struct span v;
	size_t i, n = 0;

	if (c->n > 0)
		qsort(c->span, c->n, sizeof *c->span, compare_spans);
	for (i = 0; i < c->n; i++) {
		v = c->span[i];
		v.begin = v.begin > end ? v.begin : end;
		if (v.begin < v.end)
			c->span[n++] = v;
		end = v.end > end ? v.end : end;
	}
	c->n = n;
}

static int
compare_intervals(const void *a, const void *b)
{
	const struct shares_interval *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static struct place
place_of(const struct shares *s, uint32_t place)
{
	struct place p;

	memcpy(&p, intern_str(&s->places, place).p, sizeof p);
	return p;
}

/* Find out which machines have counters of several sockets or dies. */
static bool *
find_divided(const struct shares *s)
{
	bool *divided = mem_alloc(s->machines.n + 1);
	struct place *first = mem_alloc((s->machines.n + 1) * sizeof *first), p, *f;
	uint32_t i;

	for (i = 0; i < s->machines.n; i++)
		first[i].socket = first[i].die = -1;
	for (i = 0; i < s->places.n; i++) {
		p = place_of(s, i);
		f = &first[p.machine];
		divided[p.machine] |= (p.socket >= 0 && f->socket >= 0 && p.socket != f->socket) ||
				      (p.die >= 0 && f->die >= 0 && p.die != f->die) ||
				      (p.cpu >= 0 && p.socket < 0);
		f->socket = p.socket >= 0 ? p.socket : f->socket;
		f->die = p.die >= 0 ? p.die : f->die;
	}
	free(first);
	return divided;
}

/* If only the CPU is known whose register it was, put that CPU's package or core into the place. */
static void
locate(const struct shares *s, struct place *p)
{
	uint32_t key[2] = { p->machine, (uint32_t)p->cpu };
	uint32_t i = intern_find(&s->cpu_keys, (struct str){ (const char *)key, sizeof key });

	if (p->cpu < 0 || p->socket >= 0 || i == INTERN_NONE || !s->cpu[i].placed)
		return;
	p->socket = s->cpu[i].socket;
	if (p->domain == RAPL_CORE) {
		p->die = s->cpu[i].die;
		p->core = s->cpu[i].core;
	}
}

static bool
has_cpu(const struct place *p, const struct shares_cpu *c, bool divided)
{
	if (c->machine != p->machine || (p->cpu >= 0 && p->socket < 0))
		return false;
	if (!c->placed)
		return p->core < 0 && !divided;
	return (p->socket < 0 || p->socket == c->socket) && (p->die < 0 || p->die == c->die) &&
	       (p->core < 0 || p->core == c->core);
}

/* The CPUs of the place whose intervals are being shared out. */
struct cpus {
	struct shares_cpu **all, **of_place; /* by number */
	size_t n;                            /* those of the place */
	bool *divided;                       /* of each machine */
};

static int
compare_cpus(const void *a, const void *b)
{
	const struct shares_cpu *x = *(struct shares_cpu *const *)a;
	const struct shares_cpu *y = *(struct shares_cpu *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

/* The CPUs in an order that does not depend on that of the records. */
static struct cpus
list_cpus(struct shares *s)
{
	struct cpus c = { .divided = find_divided(s) };
	size_t i, n = s->cpu_keys.n;

	c.all = mem_resize(NULL, n + 1, sizeof *c.all);
	c.of_place = mem_resize(NULL, n + 1, sizeof *c.of_place);
	for (i = 0; i < n; i++) {
		c.all[i] = &s->cpu[i];
		order_spans(c.all[i]);
	}
	qsort(c.all, n, sizeof *c.all, compare_cpus);
	return c;
}

static void
find_cpus(const struct shares *s, uint32_t place, struct cpus *c)
{
	struct place p = place_of(s, place);
	size_t i;

	locate(s, &p);
	c->n = 0;
	for (i = 0; i < s->cpu_keys.n; i++) {
		if (!has_cpu(&p, c->all[i], c->divided[p.machine]))
			continue;
		c->all[i]->next = 0;
		c->of_place[c->n++] = c->all[i];
	}
}

static void
be_present(struct shares *s, uint32_t who)
{
	s->present = mem_grow(s->present, s->npresent, &s->cap_present, sizeof *s->present);
	s->present[s->npresent++] = who;
}

/* Add what was on a CPU in an interval; returns the time. */
static uint64_t
add_cpu_time(struct shares *s, struct shares_cpu *c, const struct shares_interval *v)
{
	uint64_t ns, sum = 0;
	int64_t begin, end;
	size_t i;

	while (c->next < c->n && c->span[c->next].end <= v->begin)
		c->next++;
	for (i = c->next; i < c->n && c->span[i].begin < v->end; i++) {
		begin = c->span[i].begin > v->begin ? c->span[i].begin : v->begin;
		end = c->span[i].end < v->end ? c->span[i].end : v->end;
		ns = (uint64_t)end - (uint64_t)begin;
		sum += ns;
		if (c->span[i].who != IDLE && s->ns[c->span[i].who] == 0)
			be_present(s, c->span[i].who);
		s->ns[c->span[i].who] += ns;
	}
	s->walked += 1 + i - c->next;
	return sum;
}

/* The part of an amount that ns of total are, both at most 2^63, in whole nanojoules. */
static energy_int
part(energy_int whole, energy_int ns, energy_int total)
{
	energy_int v = whole / total * ns + whole % total * ns / total;

	return v - v % nanojoule;
}

static void
add_row(struct shares *s, const struct place *p, uint32_t who, struct shares_row add)
{
	struct row_key key = { p->machine, (uint32_t)p->domain, who };
	size_t n = s->row_keys.n;
	uint32_t i = intern_put(&s->row_keys, (struct str){ (const char *)&key, sizeof key });
	struct shares_row *row;

	s->row = mem_grow(s->row, n, &s->cap_row, sizeof *s->row);
	row = &s->row[i];
	if (i == n)
		*row = (struct shares_row){ .key = key };
	row->ns += add.ns;
	row->joules += add.joules;
	row->error += add.error;
}

/* Give each of those present the part of the interval that its time is of total; the last one has
 * the rest. */
static void
share_out(struct shares *s, const struct shares_interval *v, energy_int total)
{
	struct place p = place_of(s, v->place);
	energy_int joules = 0, error = 0, sum = 0;
	struct shares_row share = { 0 };
	bool last;
	size_t i;

	for (i = 0; i < s->npresent; i++) {
		share.ns = s->ns[s->present[i]];
		s->ns[s->present[i]] = 0;
		sum += (energy_int)share.ns;
		last = i + 1 == s->npresent;
		share.joules = (last ? v->joules : part(v->joules, sum, total)) - joules;
		share.error = (last ? v->error : part(v->error, sum, total)) - error;
		joules += share.joules;
		error += share.error;
		add_row(s, &p, s->present[i], share);
	}
	s->npresent = 0;
}

static void
share_interval(struct shares *s, const struct shares_interval *v, const struct cpus *c)
{
	energy_int total = ((energy_int)v->end - v->begin) * (energy_int)c->n, known = 0;
	struct place p = place_of(s, v->place);
	bool too_much = s->walked > WALK_LEAST + WALK_RATIO * (s->states + s->intervals);
	size_t i;

	if (total <= 0 || too_much) {
		s->without_cpus += total <= 0;
		s->unshared += total > 0;
		add_row(
		    s, &p, UNKNOWN, (struct shares_row){ .joules = v->joules, .error = v->error });
		return;
	}
	for (i = 0; i < c->n; i++)
		known += (energy_int)add_cpu_time(s, c->of_place[i], v);
	s->met += known > 0;
	s->ns[UNKNOWN] = (uint64_t)(total - known);
	if (s->ns[IDLE] > 0)
		be_present(s, IDLE);
	if (s->ns[UNKNOWN] > 0)
		be_present(s, UNKNOWN);
	share_out(s, v, total);
}

static void
share_all(struct shares *s)
{
	struct cpus cpus = list_cpus(s);
	const struct shares_interval *v, *before = NULL;
	uint64_t i;

	s->ns = mem_alloc((FIRST_TASK + s->who_keys.n) * sizeof *s->ns);
	if (s->intervals > 0)
		qsort(s->interval, s->intervals, sizeof *s->interval, compare_intervals);
	for (i = 0; i < s->intervals; i++) {
		v = &s->interval[i];
		if (before == NULL || before->place != v->place) {
			find_cpus(s, v->place, &cpus);
		} else if (v->begin < before->end) {
			s->overlapping++;
			continue;
		}
		share_interval(s, v, &cpus);
		before = v;
	}
	free(cpus.all);
	free(cpus.of_place);
	free(cpus.divided);
}

/* --- the table */

/* By machine and domain: tasks, those with the most energy first, then idle and unknown. */
static int
compare_rows(const void *a, const void *b)
{
	const struct shares_row *x = a, *y = b;
	bool task = x->key.who >= FIRST_TASK;

	if (x->key.machine != y->key.machine)
		return x->key.machine < y->key.machine ? -1 : 1;
	if (x->key.domain != y->key.domain)
		return x->key.domain < y->key.domain ? -1 : 1;
	if (task != (y->key.who >= FIRST_TASK))
		return task ? -1 : 1;
	if (task && x->joules != y->joules)
		return x->joules > y->joules ? -1 : 1;
	return (x->key.who > y->key.who) - (x->key.who < y->key.who);
}

static void
put_number(struct out *o, bool known, int64_t v)
{
	if (known)
		out_s64(o, v);
	else
		out_char(o, '-');
	out_char(o, '\t');
}

static void
put_amount(struct out *o, energy_int v)
{
	char d[ENERGY_NUMBER];

	out_bytes(o, d, energy_put_exact(d, (struct energy){ v, 0, DECIMALS }));
}

static void
put_row(const struct shares *s, struct out *o, const struct shares_row *row)
{
	static const char *const what[] = { "idle", "unknown" };
	bool task = row->key.who >= FIRST_TASK;
	const struct shares_who *w = task ? &s->who[row->key.who - FIRST_TASK] : NULL;

	out_str(o, intern_str(&s->machines, row->key.machine));
	out_char(o, '\t');
	out_str(o, rapl_domain_name((enum rapl_domain)row->key.domain));
	out_char(o, '\t');
	out_str(o, str_of(task ? names[s->by] : what[row->key.who]));
	out_char(o, '\t');
	if (s->by == SHARES_TASK) {
		put_number(o, task, task ? w->tid : 0);
		put_number(o, task, task ? w->birth : 0);
	}
	if (s->by != SHARES_NAME)
		put_number(o, task && w->pid >= 0, task ? w->pid : 0);
	out_str(o, task ? intern_str(&s->comms, w->comm) : STR_NONE);
	out_char(o, '\t');
	out_u64(o, row->ns);
	out_char(o, '\t');
	put_amount(o, row->joules);
	out_char(o, '\t');
	put_amount(o, row->error);
	out_char(o, '\n');
}

void
shares_write(struct shares *s, struct out *o)
{
	static const char *const columns[SHARES_BYS] = { "tid\tbirth\tpid\t", "pid\t", "" };
	size_t i;

	share_all(s);
	out_str(o, STR("machine\tdomain\twhat\t"));
	out_str(o, str_of(columns[s->by]));
	out_str(o, STR("comm\tns\tjoules\terror_j\n"));
	if (s->row_keys.n > 0)
		qsort(s->row, s->row_keys.n, sizeof *s->row, compare_rows);
	for (i = 0; i < s->row_keys.n; i++)
		put_row(s, o, &s->row[i]);
}

void
shares_free(struct shares *s)
{
	struct intern *tables[] = { &s->machines, &s->comms, &s->cpu_keys, &s->who_keys, &s->places,
		&s->row_keys };
	size_t i;

	for (i = 0; i < s->cpu_keys.n; i++)
		free(s->cpu[i].span);
	for (i = 0; i < sizeof tables / sizeof *tables; i++)
		intern_free(tables[i]);
	free(s->cpu);
	free(s->who);
	free(s->interval);
	free(s->row);
	free(s->ns);
	free(s->present);
}
