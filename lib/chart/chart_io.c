/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/varint.h"
#include "chart_int.h"
#include "rec/pairs.h"

/* The key of a row, without the name that follows. */
struct io_key {
	uint32_t machine, kind;
};

static uint32_t
row_of(struct chart *c, uint32_t machine, enum chart_io_kind kind, struct str name)
{
	struct chart_io *io = &c->io;
	struct io_key key = { machine, kind };
	uint32_t id;

	strbuf_clear(&io->key);
	strbuf_add_bytes(&io->key, &key, sizeof key);
	strbuf_add(&io->key, name);
	id = intern_put(&io->keys, strbuf_str(&io->key));
	if (id == io->n) {
		name = intern_str(&io->keys, id);
		name.p += sizeof key;
		name.n -= sizeof key;
		io->row = mem_grow(io->row, io->n, &io->cap, sizeof *io->row);
		io->row[io->n++] = (struct chart_io_row){ .machine = machine,
			.kind = kind,
			.name = name,
			.lane = kind == CHART_INTERRUPTS
				    ? 0
				    : bins_lanes(&c->bins, CHART_LOOKS - CHART_IO_READ) };
	}
	return id;
}

static enum chart_state
state_of_type(struct str type)
{
	static const struct {
		struct str type;
		enum chart_state state;
	} types[] = { { STR_INIT("read"), CHART_IO_READ }, { STR_INIT("write"), CHART_IO_WRITE },
		{ STR_INIT("sync"), CHART_IO_WRITE }, { STR_INIT("copy"), CHART_IO_WRITE },
		{ STR_INIT("receive"), CHART_IO_NET }, { STR_INIT("transmit"), CHART_IO_NET },
		{ STR_INIT("poll"), CHART_IO_POLL } };
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++)
		if (str_eq(type, types[i].type))
			return types[i].state;
	return CHART_IO_OTHER;
}

static enum chart_state
state_of_op(struct str op)
{
	char first = op.n > 0 ? op.p[0] : '-';

	return first == 'R' ? CHART_IO_READ : first == 'W' ? CHART_IO_WRITE : CHART_IO_OTHER;
}

static void
copy_name(char *d, uint8_t *n, struct str s)
{
	*n = (uint8_t)(s.n < CHART_COMM ? s.n : CHART_COMM);
	memcpy(d, s.p, *n);
}

static int
call_order(const struct chart_io_call *a, const struct chart_io_call *b)
{
	int d = ORDER(a->ns, b->ns);

	d = d != 0 ? d : ORDER(b->t, a->t);
	d = d != 0 ? d : ORDER(b->tid, a->tid);
	return d != 0 ? d : memcmp(a->comm, b->comm, CHART_COMM);
}

/* Keep a call if it is one of the longest of its row. */
static void
keep_call(struct chart_io_row *row, const struct chart_io_call *call)
{
	int i = CHART_IO_LONGEST;

	while (i > 0 && call_order(call, &row->longest[i - 1]) > 0) {
		if (--i + 1 < CHART_IO_LONGEST)
			row->longest[i + 1] = row->longest[i];
		row->longest[i] = *call;
	}
}

/* --- calls that are kept whole: a few bytes each, most of which are near those of the one before
 */

enum { NUMBERS = 8 /* of a call */ };

static char *
put_difference(char *p, int64_t from, int64_t to)
{
	uint64_t d = (uint64_t)to - (uint64_t)from;

	return varint_put(p, d << 1 ^ (0 - (d >> 63)));
}

static const char *
get_difference(const char *p, int64_t *v)
{
	uint64_t d;

	p = varint_get(p, &d);
	*v = (int64_t)((uint64_t)*v + (d >> 1 ^ (0 - (d & 1))));
	return p;
}

static void
pack(struct chart_io_row *row, const struct chart_call *call)
{
	char text[NUMBERS * VARINT_MOST], *p = text;

	p = put_difference(p, row->last_t, call->t);
	p = varint_put(p, (uint64_t)call->end - (uint64_t)call->t);
	p = varint_put(p, call->bytes + 1);
	p = put_difference(p, row->last_tid, call->tid);
	p = varint_put(p, (uint64_t)((int64_t)call->cpu + 1));
	p = put_difference(p, 0, call->error);
	p = varint_put(p, call->what);
	p = varint_put(p, call->state);
	strbuf_add_bytes(&row->calls, text, (size_t)(p - text)); /* most files have few calls */
	row->last_t = call->t;
	row->last_tid = call->tid;
}

static const char *
unpack(const char *p, const struct chart_call *last, struct chart_call *call)
{
	int64_t t = last->t, tid = last->tid, error = 0;
	uint64_t length, bytes, cpu, what, state;

	p = get_difference(p, &t);
	p = varint_get(p, &length);
	p = varint_get(p, &bytes);
	p = get_difference(p, &tid);
	p = varint_get(p, &cpu);
	p = get_difference(p, &error);
	p = varint_get(p, &what);
	p = varint_get(p, &state);
	*call = (struct chart_call){ .t = t,
		.end = (int64_t)((uint64_t)t + length),
		.bytes = bytes - 1,
		.tid = (int32_t)tid,
		.cpu = (int32_t)((int64_t)cpu - 1),
		.error = (int32_t)error,
		.what = (uint32_t)what,
		.state = (enum chart_state)state };
	return p;
}

/* Keep a call, unless the row has too many. */
static void
keep(struct chart *c, struct chart_io_row *row, const struct chart_call *call)
{
	if (call->t == call->end)
		return;
	if (++row->ncall <= c->most_calls)
		pack(row, call);
	else
		strbuf_free(&row->calls);
}

/* A call or request to add to its row. */
struct chart_io_entry {
	uint32_t row;
	struct chart_key task; /* of a call */
	struct chart_call call;
	bool failed, ends;
	uint8_t comm_n;
	char comm[CHART_COMM];
};

/* Add a call that has no file to those of its name. */
static void
sum_up(struct chart_io *io, const struct chart_io_entry *e, uint64_t ns)
{
	bool poll = e->call.state == CHART_IO_POLL;
	uint32_t key[3] = { e->task.machine, e->call.what, poll };
	uint32_t id = intern_put(&io->sums, (struct str){ (const char *)key, sizeof key });

	if (id == io->nsum) {
		io->sum = mem_grow(io->sum, io->nsum, &io->sum_cap, sizeof *io->sum);
		io->sum[io->nsum++] = (struct chart_io_sum){
			.machine = e->task.machine, .what = e->call.what, .poll = poll
		};
	}
	io->sum[id].ns += ns;
	io->sum[id].n++;
}

static void
add(struct chart *c, const struct chart_io_entry *e)
{
	struct chart_io_row *row = &c->io.row[e->row];
	const struct chart_call *call = &e->call;
	struct cut part = cut_span(&c->time, call->t, call->end);
	uint64_t ns = cut_length(&part);
	struct chart_io_call whole = {
		.ns = (uint64_t)call->end - (uint64_t)call->t, .t = call->t, .tid = call->tid
	};

	row->n += part.counts;
	row->bytes += part.counts && call->bytes != REC_NO_U64 ? call->bytes : 0;
	row->errors += part.counts && e->failed;
	row->endless += part.counts && !e->ends;
	if (!e->ends)
		return;
	if (row->kind == CHART_NO_FILE)
		sum_up(&c->io, e, ns);
	row->ns += ns;
	row->poll_ns += call->state == CHART_IO_POLL ? ns : 0;
	copy_name(whole.comm, &whole.comm_n, (struct str){ e->comm, e->comm_n });
	copy_name(whole.what, &whole.what_n, intern_str(&c->io.whats, call->what));
	keep_call(row, &whole);
	if (c->whole)
		keep(c, row, call);
	if (ns > 0)
		bins_add(&c->bins, row->lane + (uint32_t)(call->state - CHART_IO_READ), part.t,
		    part.end, 1);
}

/* Keep a call until it is known which tasks are selected. */
static void
postpone(struct chart_io *io, const struct chart_io_entry *e)
{
	io->entry = mem_grow(io->entry, io->nentry, &io->entry_cap, sizeof *io->entry);
	io->entry[io->nentry++] = *e;
}

static struct chart_io_entry
entry_of_call(struct chart *c, const struct rec *r)
{
	bool file = r->iostate.fd != REC_NO_INT || !str_none(r->iostate.file);
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct chart_io_entry e = {
		.row = row_of(c, machine, file ? CHART_FILE : CHART_NO_FILE, r->iostate.file),
		.task = { machine, -1, r->pid, r->tid, r->iostate.birth },
		.call = { .end = r->iostate.end,
		    .bytes = r->iostate.bytes,
		    .what = intern_put(&c->io.whats, r->iostate.call),
		    .state = state_of_type(r->iostate.type) },
		.ends = true,
	};

	copy_name(e.comm, &e.comm_n, r->iostate.comm);
	return e;
}

static struct chart_io_entry
entry_of_request(struct chart *c, const struct rec *r)
{
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct chart_io_entry e = {
		.row = row_of(c, machine, CHART_DEVICE, r->request.device),
		.call = { .end = r->request.end,
		    .bytes = r->request.bytes,
		    .what = intern_put(&c->io.whats, r->request.op),
		    .state = state_of_op(r->request.op) },
		/* how long it took is unknown otherwise */
		.ends = pairs_get(r->request.info, STR("end")).p == NULL,
	};

	copy_name(e.comm, &e.comm_n, r->request.comm);
	return e;
}

bool
chart_io_add(struct chart *c, struct recin *in, const struct rec *r)
{
	bool device = r->kind == REC_REQUEST;
	int64_t end = device ? r->request.end : r->iostate.end;
	int64_t error = device ? r->request.error : r->iostate.error;
	struct chart_io_entry e;
	struct cut part;

	if (end < r->t)
		return rec_bad(in, "%s: ends before it starts", device ? "request" : "iostate");
	c->records++;
	if (!chart_cut(c, r, &part))
		return true;
	e = device ? entry_of_request(c, r) : entry_of_call(c, r);
	e.call.t = r->t;
	e.call.tid = r->tid;
	e.call.cpu = r->cpu;
	e.failed = error != REC_NO_INT && error != 0;
	if (e.failed && error > INT32_MIN && error <= INT32_MAX)
		e.call.error = (int32_t)error;
	if (part.t < part.end)
		bins_reach(&c->bins, part.t, part.end);
	if (device || c->tasks.n == 0)
		add(c, &e);
	else
		postpone(&c->io, &e);
	return true;
}

/* By machine; files before calls without one, and these before devices; those that took longest,
 * not counting what waits for input. */
static int
order(const void *a, const void *b, void *rows)
{
	const struct chart_io_row *x = a, *y = b;
	const struct chart_key m = { .machine = x->machine }, n = { .machine = y->machine };
	int d = chart_key_order(rows, &m, &n);

	d = d != 0 ? d : ORDER(x->kind, y->kind);
	d = d != 0 ? d : ORDER(y->ns - y->poll_ns, x->ns - x->poll_ns);
	d = d != 0 ? d : ORDER(y->ns, x->ns);
	return d != 0 ? d : chart_order(x->name, y->name);
}

static int
by_time(const void *a, const void *b, void *whats)
{
	const struct chart_call *x = a, *y = b;
	int d = ORDER(x->t, y->t);

	d = d != 0 ? d : ORDER(x->end, y->end);
	d = d != 0 ? d : ORDER(x->tid, y->tid);
	d = d != 0 ? d : ORDER(x->state, y->state);
	d = d != 0 ? d : ORDER(x->bytes, y->bytes);
	d = d != 0 ? d : ORDER(x->error, y->error);
	d = d != 0 ? d : ORDER(x->cpu, y->cpu);
	return d != 0 ? d : chart_order(intern_str(whats, x->what), intern_str(whats, y->what));
}

size_t
chart_calls(const struct chart *c, const struct chart_io_row *row, struct chart_call **list)
{
	const char *p = row->calls.p, *end = p + row->calls.n;
	struct chart_call last = { .t = 0 }, *call;

	*list = NULL;
	if (row->calls.n == 0)
		return 0;
	*list = call = mem_resize(NULL, row->ncall, sizeof **list);
	while (p < end) {
		p = unpack(p, &last, call);
		last = *call++;
	}
	qsort_r(*list, row->ncall, sizeof **list, by_time, (void *)&c->io.whats);
	return row->ncall;
}

uint64_t
chart_io_total(const struct chart *c, const struct chart_io_row *row, enum chart_state s)
{
	if (row->kind == CHART_INTERRUPTS)
		return 0;
	return bins_total(&c->bins, row->lane + (uint32_t)(s - CHART_IO_READ));
}

void
chart_io_select(struct chart *c)
{
	struct chart_io *io = &c->io;
	const struct chart_row *row;
	size_t i;

	for (i = 0; i < io->nentry; i++) {
		row = chart_find(c, &io->entry[i].task);
		if (row != NULL && row->selected)
			add(c, &io->entry[i]);
	}
	free(io->entry);
	io->entry = NULL;
	io->nentry = 0;
}

static int
sum_order(const void *a, const void *b, void *whats)
{
	const struct chart_io_sum *x = a, *y = b;
	int d = ORDER(x->machine, y->machine);

	d = d != 0 ? d : ORDER(x->poll, y->poll);
	d = d != 0 ? d : ORDER(y->ns, x->ns);
	d = d != 0 ? d : ORDER(y->n, x->n);
	return d != 0 ? d : chart_order(intern_str(whats, x->what), intern_str(whats, y->what));
}

void
chart_io_end(struct chart_io *io, const struct chart_rows *rows)
{
	size_t i, n = 0;

	for (i = 0; i < io->n; i++)
		if (io->row[i].n > 0 || io->row[i].kind == CHART_INTERRUPTS)
			io->row[n++] = io->row[i];
	io->n = n;
	if (io->nsum > 0)
		qsort_r(io->sum, io->nsum, sizeof *io->sum, sum_order, &io->whats);
	if (io->n > 0)
		qsort_r(io->row, io->n, sizeof *io->row, order, (void *)rows);
}

void
chart_io_free(struct chart_io *io)
{
	size_t i;

	for (i = 0; i < io->n; i++)
		strbuf_free(&io->row[i].calls);
	free(io->row);
	free(io->sum);
	free(io->entry);
	intern_free(&io->sums);
	intern_free(&io->keys);
	intern_free(&io->whats);
	strbuf_free(&io->key);
}

/* --- interrupts */

/* Keep an interrupt whole. */
static void
keep_irq(struct chart *c, const struct rec *r, const struct chart_irq *irq)
{
	uint32_t machine = chart_machine_of(&c->rows, r->machine);
	struct str cpu = { (const char *)&r->cpu, sizeof r->cpu };
	uint32_t row = row_of(c, machine, CHART_INTERRUPTS, cpu);

	c->io.row[row].cpu = r->cpu;
	keep(c, &c->io.row[row],
	    &(struct chart_call){ .t = r->t,
		.end = r->cpustate.end,
		.bytes = REC_NO_U64,
		.tid = -1,
		.cpu = r->cpu,
		.what = intern_put(&c->io.whats, irq->name),
		.state = irq->soft ? CHART_IN_SOFTIRQ : CHART_IN_IRQ });
}

void
chart_irq_add(struct chart *c, const struct rec *r, uint32_t row, const struct cut *part)
{
	uint64_t ns = cut_length(part);
	struct chart_irqs *irqs = &c->irqs;
	struct str name = pairs_get(r->cpustate.info, STR("name"));
	bool soft = str_eq(r->cpustate.lane, STR("softirq"));
	char text[CHART_COMM * 2];
	uint32_t key[3] = { row, soft }, id;
	struct chart_irq *irq;
	int n;

	name = name.p == NULL ? STR("") : name;
	n = soft ? 0
		 : snprintf(
		       text, sizeof text, "%.*s ", (int)r->cpustate.state.n, r->cpustate.state.p);
	n = n < (int)sizeof text ? n : (int)sizeof text - 1;
	name.n = name.n < sizeof text - (size_t)n ? name.n : sizeof text - (size_t)n;
	memcpy(text + n, name.p, name.n);
	key[2] = intern_put(&irqs->names, (struct str){ text, (size_t)n + name.n });
	id = intern_put(&irqs->keys, (struct str){ (const char *)key, sizeof key });
	if (id == irqs->n) {
		irqs->irq = mem_grow(irqs->irq, irqs->n, &irqs->cap, sizeof *irqs->irq);
		irqs->irq[irqs->n++] = (struct chart_irq){
			.row = row, .soft = soft, .name = intern_str(&irqs->names, key[2])
		};
	}
	irq = &irqs->irq[id];
	irq->n += part->counts;
	irq->ns += ns;
	irq->most = irq->most > ns ? irq->most : ns;
	if (c->whole)
		keep_irq(c, r, irq);
}

/* By CPU, those that took longest first. */
static int
irq_order(const void *a, const void *b, void *rows)
{
	const struct chart_irq *x = a, *y = b;
	const struct chart_row *row = ((const struct chart_rows *)rows)->row;
	int d = x->row == y->row ? 0 : chart_key_order(rows, &row[x->row].key, &row[y->row].key);

	d = d != 0 ? d : ORDER(x->soft, y->soft);
	d = d != 0 ? d : ORDER(y->ns, x->ns);
	return d != 0 ? d : chart_order(x->name, y->name);
}

void
chart_irq_end(struct chart_irqs *irqs, const struct chart_rows *rows)
{
	if (irqs->n > 0)
		qsort_r(irqs->irq, irqs->n, sizeof *irqs->irq, irq_order, (void *)rows);
}

void
chart_irq_free(struct chart_irqs *irqs)
{
	free(irqs->irq);
	intern_free(&irqs->names);
	intern_free(&irqs->keys);
}
