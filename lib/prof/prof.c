/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "prof.h"

/*
 * CHILDREN. A stack that is defined once may be that of many samples, and each of its frames may be
 * a row for each of their threads. What is walked and the rows are bounded by the bytes of the
 * input, above what a recording needs: 4 frames for each of its bytes, a row for 24 of them.
 */
enum { WALK_LEAST = 1 << 20, WALK_EACH = 4, WALK_BYTES = 64, ROWS_LEAST = 4096, ROW_BYTES = 24 };

/* If the output would be larger, names are cut to SHORT bytes. */
enum { OUTPUT_LEAST = 1000000, OUTPUT_EACH = 256, OUTPUT_ROW = 200, SHORT = 64 };

/* The rows found last by ip: recent_of(). */
enum { RECENT_BITS = 14, RECENT = 1 << RECENT_BITS, RECENT_IP = 108 };

/* Where the innermost frame of a stack is, and what called it: the keys that say so. */
struct prof_place {
	uint32_t mode, object, sym, line, caller;
};

static const char *const key_names[PROF_KEYS] = { "machine", "cpu", "pid", "tid", "event", "mode",
	"comm", "object", "sym", "line", "caller" };

const char *
prof_key_name(enum prof_key key)
{
	return key_names[key];
}

bool
prof_keys(const char *list, unsigned *keys)
{
	const char *end;
	size_t i;

	for (*keys = 0;; list = end + 1) {
		end = strchrnul(list, ',');
		for (i = 0; i < PROF_KEYS; i++)
			if (strncmp(list, key_names[i], (size_t)(end - list)) == 0 &&
			    key_names[i][end - list] == '\0')
				break;
		if (i == PROF_KEYS || end == list)
			return false;
		*keys |= 1u << i;
		if (*end == '\0')
			return true;
	}
}

void
prof_open(struct prof *p)
{
	p->first_event = PROF_NONE;
	p->from = INT64_MAX;
	p->to = INT64_MIN;
}

void
prof_free(struct prof *p)
{
	intern_free(&p->texts);
	intern_free(&p->rows);
	intern_free(&p->tasks);
	intern_free(&p->events);
	stackdefs_free(&p->stacks);
	hash_free(&p->refs);
	free(p->recent);
	free(p->place);
	strbuf_free(&p->text);
	strbuf_free(&p->last_name);
	free(p->row);
	free(p->event);
	free(p->comm);
}

/* The sum, or the largest number that a record can hold. */
static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a > REC_NO_U64 - 1 - b ? REC_NO_U64 - 1 : a + b;
}

/* A text of a record or a note, escaped as records are written: in a note, blanks and semicolons
 * are escaped, too. Valid until the next call. */
static struct str
rewrite(struct prof *p, struct str s)
{
	char *plain;
	size_t n;

	if (s.n > PROF_NAME) {
		s = text_cut(s, PROF_NAME);
		p->cut_names++;
	}
	if (text_is_plain(s))
		return s;
	strbuf_clear(&p->text);
	plain = strbuf_reserve(&p->text, 5 * s.n);
	n = text_unescape(plain, s);
	return (struct str){ plain + n, text_escape(plain + n, plain, n, "") };
}

static uint32_t
text_id(struct prof *p, struct str s)
{
	return s.n == 0 || str_none(s) ? PROF_NONE : intern_put(&p->texts, rewrite(p, s));
}

/* --- who ran: the names of threads */

static uint32_t *
task_comm(struct prof *p, struct str machine, int32_t tid)
{
	uint32_t key[2] = { text_id(p, machine), (uint32_t)tid };
	uint32_t id = intern_put(&p->tasks, (struct str){ (const char *)key, sizeof key });

	if (id >= p->cap_comm) {
		p->comm = mem_grow(p->comm, id, &p->cap_comm, sizeof *p->comm);
		memset(p->comm + id, 0xff, (p->cap_comm - id) * sizeof *p->comm);
	}
	return &p->comm[id];
}

static void
name_task(struct prof *p, const struct rec *r)
{
	uint32_t comm;

	if ((p->keys & 1u << PROF_COMM) == 0)
		return;
	if (r->kind == REC_COMM) {
		comm = text_id(p, r->comm.name);
		*task_comm(p, r->machine, r->tid) = comm;
	} else if (r->kind == REC_FORK) {
		comm = *task_comm(p, r->machine, r->tid);
		*task_comm(p, r->machine, r->fork.child_tid) = comm;
	}
}

/* --- places */

/* Set the object, symbol and line of a row from a frame. */
static void
set_place(struct prof *p, uint32_t key[PROF_KEYS], const struct stack_frame *frame)
{
	struct stack_note note = stack_note(frame->note);
	struct str word = frame->token;
	const char *end;

	if (frame->note.n == 0) { /* cs2text did not name it */
		end = memchr(word.p, '<', word.n);
		word.n = end == NULL ? word.n : (size_t)(end - word.p);
		key[PROF_SYM] = text_id(p, word);
		return;
	}
	if (note.symbol.n > 0)
		key[PROF_SYM] = text_id(p, note.symbol);
	if (note.line.n > 0)
		key[PROF_LINE] = text_id(p, note.line);
	if (note.object.n > 0)
		key[PROF_OBJECT] = text_id(p, note.object);
	if (key[PROF_OBJECT] == PROF_NONE && frame->mode == MODE_KERNEL)
		key[PROF_OBJECT] = intern_put(&p->texts, STR("[kernel]"));
	else if (key[PROF_OBJECT] == PROF_NONE && frame->mode == MODE_GUEST_KERNEL)
		key[PROF_OBJECT] = intern_put(&p->texts, STR("[guest.kernel]"));
}

/* Clear what is not a key, so that rows meet. */
static void
mask_keys(const struct prof *p, uint32_t key[PROF_KEYS])
{
	size_t i;

	for (i = 0; i < PROF_KEYS; i++)
		if ((p->keys & 1u << i) == 0)
			key[i] = PROF_NONE;
}

/* The row of a key, made if it is new and that is allowed; NULL if there is none. */
static struct prof_row *
find_row(struct prof *p, uint32_t key[PROF_KEYS], bool make)
{
	struct str text = { (const char *)key, PROF_KEYS * sizeof key[0] };
	uint32_t id;

	mask_keys(p, key);
	id = make ? intern_put(&p->rows, text) : intern_find(&p->rows, text);
	if (id == INTERN_NONE)
		return NULL;
	if (id == p->n) {
		p->row = mem_grow(p->row, p->n, &p->cap, sizeof *p->row);
		p->row[p->n] = (struct prof_row){ 0 };
		memcpy(p->row[p->n++].key, key, sizeof p->row->key);
	}
	return &p->row[id];
}

static struct prof_row *
row_of(struct prof *p, uint32_t key[PROF_KEYS])
{
	return find_row(p, key, true);
}

static void
add_all(struct prof *p, struct prof_row *row, uint64_t samples, uint64_t period)
{
	if (row->last == p->stamp)
		return;
	row->last = p->stamp;
	row->all_samples = sum(row->all_samples, samples);
	row->all_period = sum(row->all_period, period);
}

/* Set the caller of a row: the symbol of the next frame. */
static void
set_caller(struct prof *p, uint32_t key[PROF_KEYS], struct stack_walk outer)
{
	uint32_t other[PROF_KEYS];
	struct stack_frame frame;

	key[PROF_CALLER] = PROF_NONE;
	if ((p->keys & 1u << PROF_CALLER) == 0 || !stack_next(&outer, &frame))
		return;
	memset(other, 0xff, sizeof other);
	set_place(p, other, &frame);
	key[PROF_CALLER] = other[PROF_SYM];
}

static void
set_frame(struct prof *p, uint32_t key[PROF_KEYS], const struct stack_frame *frame)
{
	key[PROF_OBJECT] = key[PROF_SYM] = key[PROF_LINE] = PROF_NONE;
	key[PROF_MODE] = frame->mode;
	set_place(p, key, frame);
}

/* May one more frame of a stack be counted? */
static bool
may_walk(struct prof *p, const struct stack_frame *frame)
{
	p->walked += 1 + frame->token.n / WALK_BYTES;
	return p->walked <= WALK_LEAST + WALK_EACH * p->bytes;
}

/* Count a sample for each place in its stack. */
static void
add_children(struct prof *p, const uint32_t key[PROF_KEYS], struct str stack, uint64_t period)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame frame;
	struct prof_row *row;
	uint32_t own[PROF_KEYS];

	while (stack_next(&w, &frame)) {
		if (!may_walk(p, &frame)) {
			p->left_out++;
			break;
		}
		memcpy(own, key, sizeof own);
		set_frame(p, own, &frame);
		set_caller(p, own, w);
		row = find_row(p, own, p->n < ROWS_LEAST + p->bytes / ROW_BYTES);
		if (row != NULL)
			add_all(p, row, 1, period);
		else
			p->left_out++;
	}
}

/* --- events */

/* Find an event, made known if it is new; by_default says whether it counts if none is named. Most
 * records have the event of the one before. */
static struct prof_event *
event_of(struct prof *p, struct str name, bool by_default, uint32_t *id)
{
	size_t known = p->events.n;

	if (known > 0 && str_eq(name, strbuf_str(&p->last_name))) {
		*id = p->last_event;
		return &p->event[*id];
	}
	strbuf_clear(&p->last_name);
	strbuf_add(&p->last_name, name);
	name = rewrite(p, name);
	*id = p->last_event = intern_put(&p->events, name);
	if (*id == known) {
		p->event = mem_grow(p->event, known, &p->cap_event, sizeof *p->event);
		p->event[known] = (struct prof_event){ 0 };
		p->event[known].wanted =
		    p->patterns == NULL ? by_default : patterns_hit(p->patterns, name);
	}
	return &p->event[*id];
}

/* --- records */

static void
count(struct prof *p, struct prof_event *e, uint32_t event, uint64_t period)
{
	if (p->first_event == PROF_NONE)
		p->first_event = event;
	else if (p->first_event != event && (p->keys & 1u << PROF_EVENT) == 0)
		p->mixed = true;
	p->stamp++;
	e->period = sum(e->period, period);
	p->period = sum(p->period, period);
}

static void
count_time(struct prof *p, int64_t from, int64_t to)
{
	p->from = from < p->from ? from : p->from;
	p->to = to > p->to ? to : p->to;
}

static void
set_ids(struct prof *p, uint32_t key[PROF_KEYS], const struct rec *r)
{
	key[PROF_MACHINE] = text_id(p, r->machine);
	key[PROF_CPU] = (uint32_t)r->cpu;
	key[PROF_PID] = (uint32_t)r->pid;
	key[PROF_TID] = (uint32_t)r->tid;
}

/* Add the row of another profile. */
static void
add_prof(struct prof *p, const struct rec *r)
{
	uint32_t key[PROF_KEYS], event;
	struct prof_event *e = event_of(p, r->prof.event, true, &event);
	struct prof_row *row;

	if (!e->wanted)
		return;
	memset(key, 0xff, sizeof key);
	set_ids(p, key, r);
	key[PROF_EVENT] = event;
	key[PROF_MODE] = stack_mode_named(r->prof.mode);
	key[PROF_COMM] = text_id(p, r->prof.comm);
	key[PROF_OBJECT] = text_id(p, r->prof.object);
	key[PROF_SYM] = text_id(p, r->prof.sym);
	key[PROF_LINE] = text_id(p, r->prof.line);
	key[PROF_CALLER] = text_id(p, r->prof.caller);
	count(p, e, event, r->prof.period);
	count_time(p, r->t, r->prof.end);
	row = row_of(p, key);
	row->samples = sum(row->samples, r->prof.samples);
	row->period = sum(row->period, r->prof.period);
	if (r->prof.all_samples != REC_NO_U64)
		row->all_samples = sum(row->all_samples, r->prof.all_samples);
	if (r->prof.all_period != REC_NO_U64)
		row->all_period = sum(row->all_period, r->prof.all_period);
}

/* The place of a stack; its mode is PROF_NONE if it has no frame. */
static struct prof_place
place_of(struct prof *p, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame frame;
	uint32_t key[PROF_KEYS];

	memset(key, 0xff, sizeof key);
	if (stack_next(&w, &frame)) {
		set_frame(p, key, &frame);
		set_caller(p, key, w);
	}
	return (struct prof_place){ key[PROF_MODE], key[PROF_OBJECT], key[PROF_SYM], key[PROF_LINE],
		key[PROF_CALLER] };
}

/* The same for a record's stack, which is replaced by its definition if that is elsewhere: its
 * place is found once. */
static struct prof_place
stack_place(struct prof *p, struct str *stack)
{
	uint64_t hash, *known;

	if (!stack_is_ref(*stack, &hash))
		return place_of(p, *stack);
	*stack = stackdefs_get(&p->stacks, hash, NULL);
	known = hash_put(&p->refs, hash);
	if (*known == 0 && stack->n > 0) {
		p->place = mem_grow(p->place, p->nplaces, &p->cap_places, sizeof *p->place);
		p->place[p->nplaces++] = place_of(p, *stack);
		*known = p->nplaces;
	}
	return *known == 0 ? place_of(p, STR("")) : p->place[*known - 1];
}

/* Set where a sample counts: at its ip, else at the place of its stack. */
static void
set_own(
    struct prof *p, uint32_t key[PROF_KEYS], const struct rec *r, const struct prof_place *place)
{
	struct stack_frame frame;
	struct stack_walk ip;

	if (r->kind == REC_SAMPLE && !str_none(r->sample.ip)) {
		ip = stack_walk(r->sample.ip);
		if (!stack_next(&ip, &frame))
			return;
		frame.mode = stack_mode_named(r->sample.mode);
		set_frame(p, key, &frame);
		key[PROF_CALLER] = place->caller;
	} else if (place->mode != PROF_NONE) {
		key[PROF_MODE] = place->mode;
		key[PROF_OBJECT] = place->object;
		key[PROF_SYM] = place->sym;
		key[PROF_LINE] = place->line;
		key[PROF_CALLER] = place->caller;
	}
}

/* A sample's row, found by what its record says. */
struct prof_recent {
	uint32_t machine, event, mode, row; /* row: plus 1, 0 in an entry not in use */
	uint32_t n;
	char ip[RECENT_IP];
};

/* The entry for a sample that only its machine, event, mode and ip decide the row of; NULL if other
 * things do, or if the ip is too long. */
static struct prof_recent *
recent_of(struct prof *p, const uint32_t key[PROF_KEYS], const struct rec *r)
{
	const unsigned decide = 1u << PROF_MACHINE | 1u << PROF_EVENT | 1u << PROF_MODE |
				1u << PROF_OBJECT | 1u << PROF_SYM | 1u << PROF_LINE;
	struct str ip = r->sample.ip;
	struct prof_recent *recent;
	uint64_t h;

	if (r->kind != REC_SAMPLE || (p->keys & ~decide) != 0 || p->children || ip.n < 8 ||
	    ip.n > RECENT_IP)
		return NULL;
	if (p->recent == NULL)
		p->recent = mem_alloc(RECENT * sizeof *p->recent);
	h = (str_load8(ip.p) ^ str_load8(ip.p + ip.n - 8) << 1) * 0x9e3779b97f4a7c15u;
	recent = &p->recent[h >> (64 - RECENT_BITS)];
	if (recent->row > 0 && recent->machine == key[PROF_MACHINE] &&
	    recent->event == key[PROF_EVENT] && recent->mode == key[PROF_MODE] &&
	    recent->n == ip.n && memcmp(recent->ip, ip.p, ip.n) == 0)
		return recent;
	*recent = (struct prof_recent){ key[PROF_MACHINE], key[PROF_EVENT], key[PROF_MODE], 0,
		(uint32_t)ip.n, "" };
	memcpy(recent->ip, ip.p, ip.n);
	return recent;
}

/* The row that a record counts in itself. key has the event, and is completed. */
static struct prof_row *
own_row(struct prof *p, uint32_t key[PROF_KEYS], const struct rec *r, struct str *stack)
{
	struct prof_place place;
	struct prof_recent *recent;
	struct prof_row *row;

	set_ids(p, key, r);
	if (r->kind == REC_SAMPLE)
		key[PROF_MODE] = stack_mode_named(r->sample.mode);
	recent = recent_of(p, key, r);
	if (recent != NULL && recent->row > 0)
		return &p->row[recent->row - 1];
	place = stack_place(p, stack);
	if ((p->keys & 1u << PROF_COMM) != 0)
		key[PROF_COMM] = r->kind == REC_STATE ? text_id(p, r->state.comm)
						      : *task_comm(p, r->machine, r->tid);
	set_own(p, key, r, &place);
	row = row_of(p, key);
	if (recent != NULL)
		recent->row = (uint32_t)(row - p->row) + 1;
	return row;
}

static void
add_event(struct prof *p, const struct rec *r, struct str stack, struct str name, uint64_t period)
{
	bool profiled = r->kind == REC_SAMPLE || r->kind == REC_TRACEPOINT;
	uint32_t key[PROF_KEYS], event;
	struct prof_event *e = event_of(p, name, profiled, &event);
	struct prof_row *row;

	if (!e->wanted)
		return;
	memset(key, 0xff, sizeof key);
	key[PROF_EVENT] = event;
	count(p, e, event, period);
	count_time(p, r->t, r->t);
	row = own_row(p, key, r, &stack);
	row->samples = sum(row->samples, 1);
	row->period = sum(row->period, period);
	if (p->children) {
		add_all(p, row, 1, period);
		add_children(p, key, stack, period);
	}
}

static bool
needs_callers(const struct prof *p)
{
	return p->children || (p->keys & 1u << PROF_CALLER) != 0;
}

/* What of a stack to keep: most profiles are of the innermost frames only. */
static struct str
frames_to_keep(const struct prof *p, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame first;

	if (!needs_callers(p) && stack_next(&w, &first))
		stack.n = (size_t)(first.token.p + first.token.n - stack.p);
	return stack;
}

/* Does the stack matter, and not only the ip? */
static bool
needs_stack(const struct prof *p, const struct rec *r)
{
	return needs_callers(p) || r->kind != REC_SAMPLE || str_none(r->sample.ip);
}

/* Add a record with a stack; what it counts for depends on its kind. */
static void
add_stack(struct prof *p, const struct rec *r, struct str stack)
{
	uint64_t period = 1;
	struct str name = str_of(rec_name(r->kind));

	if (str_none(stack) || !needs_stack(p, r))
		stack.n = 0;
	if (r->kind == REC_SAMPLE) {
		name = r->sample.event;
		period = r->sample.period == REC_NO_U64 ? 1 : r->sample.period;
	} else if (r->kind == REC_TRACEPOINT) {
		name = r->tracepoint.name;
	} else if (r->kind == REC_STATE) {
		name = r->state.state;
		period = r->state.end < r->t ? 0 : (uint64_t)r->state.end - (uint64_t)r->t;
	}
	add_event(p, r, stack, name, period);
}

void
prof_add(struct prof *p, const struct rec *r)
{
	struct rec copy;
	struct str *stack;

	p->bytes += r->line.n;
	if (r->kind == REC_STACK) {
		stackdefs_put(&p->stacks, r->stack.hash, frames_to_keep(p, r->stack.frames));
		if (p->refs.n > 0)
			hash_remove(&p->refs, r->stack.hash);
	} else if (r->kind == REC_COMM || r->kind == REC_FORK) {
		name_task(p, r);
	} else if (r->kind == REC_PROF) {
		add_prof(p, r);
	} else {
		copy = *r;
		stack = rec_stack(&copy);
		if (stack != NULL)
			add_stack(p, r, *stack);
	}
}

/* --- results */

struct str
prof_text(const struct prof *p, const struct prof_row *row, enum prof_key key)
{
	uint32_t v = row->key[key];
	struct str s;

	if (v == PROF_NONE)
		return STR_NONE;
	if (key == PROF_MODE)
		return stack_mode_name(v);
	s = intern_str(key == PROF_EVENT ? &p->events : &p->texts, v);
	return p->brief ? text_cut(s, SHORT) : s;
}

struct str
prof_machine(const struct prof *p, const struct prof_row *row)
{
	return row->key[PROF_MACHINE] == PROF_NONE ? STR("*") : prof_text(p, row, PROF_MACHINE);
}

bool
prof_key_is_id(enum prof_key key)
{
	return key == PROF_CPU || key == PROF_PID || key == PROF_TID;
}

static int
text_order(struct str a, struct str b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

int
prof_key_order(
    const struct prof *p, const struct prof_row *a, const struct prof *q, const struct prof_row *b)
{
	int32_t x, y;
	int c = 0, i;

	for (i = 0; i < PROF_KEYS && c == 0; i++) {
		if (p == q && a->key[i] == b->key[i])
			continue;
		x = (int32_t)a->key[i];
		y = (int32_t)b->key[i];
		c = prof_key_is_id(i) ? (x > y) - (x < y)
				      : text_order(prof_text(p, a, i), prof_text(q, b, i));
	}
	return c;
}

static int
by_period(const void *a, const void *b, void *arg)
{
	const struct prof *p = arg;
	const struct prof_row *x = a, *y = b;
	uint64_t u = p->children ? x->all_period : x->period;
	uint64_t v = p->children ? y->all_period : y->period;

	return u != v ? (u < v) - (u > v) : prof_key_order(p, x, p, y);
}

void
prof_sort(struct prof *p)
{
	if (p->n > 0)
		qsort_r(p->row, p->n, sizeof *p->row, by_period, p);
}

uint64_t
prof_total(const struct prof *p, const struct prof_row *row)
{
	return row->key[PROF_EVENT] == PROF_NONE ? p->period
						 : p->event[row->key[PROF_EVENT]].period;
}

double
prof_percent(uint64_t part, uint64_t total)
{
	return total == 0 ? 0 : 100.0 * (double)part / (double)total;
}

size_t
prof_decimal(char *d, double v)
{
	const double most = 999999999.0;
	uint64_t n;
	size_t len = 0;
	int i;

	if (v < 0)
		d[len++] = '-';
	v = v < 0 ? -v : v;
	n = (uint64_t)((v < most ? v : most) * 10000 + 0.5);
	if (n == 0)
		len = 0;
	len += text_put_u64(d + len, n / 10000);
	d[len++] = '.';
	for (i = 1000; i > 0; i /= 10)
		d[len++] = (char)('0' + n / (uint64_t)i % 10);
	return len;
}

/* The bytes that the rows take when they are written. */
static uint64_t
size_of(const struct prof *p)
{
	uint64_t size = p->n * OUTPUT_ROW;
	size_t i;
	int key;

	for (i = 0; i < p->n; i++)
		for (key = 0; key < PROF_KEYS; key++)
			size += prof_key_is_id(key) ? 0 : prof_text(p, &p->row[i], key).n;
	return size;
}

void
prof_fit(struct prof *p, struct prof *other)
{
	uint64_t size = size_of(p), bytes = p->bytes;

	if (other != NULL) {
		size += size_of(other);
		bytes += other->bytes;
	}
	p->brief = size > OUTPUT_LEAST && size / OUTPUT_EACH > bytes;
	if (other != NULL)
		other->brief = p->brief;
}

void
prof_write(const struct prof *p, struct out *o)
{
	char share[PROF_DECIMAL], all[PROF_DECIMAL];
	const struct prof_row *row;
	struct rec r = { .kind = REC_PROF, .t = p->from };
	uint64_t total;
	size_t i;

	r.prof.end = p->to;
	for (i = 0; i < p->n; i++) {
		row = &p->row[i];
		total = prof_total(p, row);
		r.machine = prof_machine(p, row);
		r.cpu = (int32_t)row->key[PROF_CPU];
		r.pid = (int32_t)row->key[PROF_PID];
		r.tid = (int32_t)row->key[PROF_TID];
		r.prof.event = prof_text(p, row, PROF_EVENT);
		r.prof.mode = prof_text(p, row, PROF_MODE);
		r.prof.comm = prof_text(p, row, PROF_COMM);
		r.prof.object = prof_text(p, row, PROF_OBJECT);
		r.prof.sym = prof_text(p, row, PROF_SYM);
		r.prof.line = prof_text(p, row, PROF_LINE);
		r.prof.caller = prof_text(p, row, PROF_CALLER);
		r.prof.samples = row->samples;
		r.prof.period = row->period;
		r.prof.share.p = share;
		r.prof.share.n = prof_decimal(share, prof_percent(row->period, total));
		r.prof.all_samples = p->children ? row->all_samples : REC_NO_U64;
		r.prof.all_period = p->children ? row->all_period : REC_NO_U64;
		r.prof.all_share = p->children ? (struct str){ all,
			prof_decimal(all, prof_percent(row->all_period, total)) }
					       : STR_NONE;
		rec_put(o, &r);
	}
}
