/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/sum.h"
#include "prof.h"
#include "rec/event.h"

/*
 * CHILDREN. A stack that is defined once may be that of many samples, and each of its frames may be
 * a row for each of their threads. What is walked, the rows and the places are bounded by the bytes
 * of the input, above what a recording needs: 4 frames for each of its bytes, a row for 24 of them,
 * a place for 48.
 */
enum { WALK_LEAST = 1 << 20, WALK_EACH = 4, WALK_BYTES = 64 };
enum { ROWS_LEAST = 4096, ROW_BYTES = 24, PLACE_BYTES = 48 };

/* If the output would be larger, names are cut to SHORT bytes. */
enum { OUTPUT_LEAST = 1000000, OUTPUT_EACH = 256, OUTPUT_ROW = 200, SHORT = 64 };

/* Where a frame is: numbers of texts, PROF_NONE if unknown. Those before row tell places apart. */
struct prof_place {
	uint32_t object, sym, line;
	uint32_t named; /* by cs2text */
	/* the row that counted here last, plus 1, if the keys are of KEYS_OF_PLACE */
	uint32_t row, machine, event, mode;
};

/* The keys that a place decides together with its mode, the machine and the event. */
enum {
	KEYS_OF_PLACE = 1 << PROF_MACHINE | 1 << PROF_EVENT | 1 << PROF_MODE | 1 << PROF_OBJECT |
			1 << PROF_SYM | 1 << PROF_LINE
};

/* A frame of a stack. */
struct prof_step {
	uint32_t place; /* its number, PROF_NONE if the text is no frame or has no place */
	uint32_t mode : 4;
	uint32_t walk : 28; /* what it costs to count it */
};

struct steps {
	const struct prof_step *step;
	size_t n;
};

/* The frames found last, each at an index that its text chooses. */
enum { FRAMES = 1 << 13, FRAME_TEXT = 116 };

struct prof_frame {
	struct prof_step step;
	uint32_t n; /* 0: not in use */
	char text[FRAME_TEXT];
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
	p->first_event = p->machine = PROF_NONE;
	p->from = INT64_MAX;
	p->to = INT64_MIN;
	p->frame = mem_alloc(FRAMES * sizeof *p->frame);
}

void
prof_free(struct prof *p)
{
	intern_free(&p->texts);
	intern_free(&p->rows);
	intern_free(&p->tasks);
	intern_free(&p->events);
	intern_free(&p->places);
	stackdefs_free(&p->stacks);
	free(p->frame);
	free(p->place);
	free(p->step);
	strbuf_free(&p->text);
	strbuf_free(&p->last_name);
	strbuf_free(&p->last_machine);
	free(p->row);
	free(p->event);
	free(p->comm);
}

/* Add to a sum, which is at most the largest number that a record can hold. */
static void
add(struct prof *p, uint64_t *sum, uint64_t v)
{
	sum_add(sum, v, REC_NO_U64 - 1, &p->overflows);
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

/* Most records have the machine of the one before. */
static uint32_t
machine_id(struct prof *p, struct str s)
{
	if (!str_eq(s, strbuf_str(&p->last_machine))) {
		strbuf_clear(&p->last_machine);
		strbuf_add(&p->last_machine, s);
		p->machine = text_id(p, s);
	}
	return p->machine;
}

/* --- who ran: the names of threads */

static uint32_t *
task_comm(struct prof *p, struct str machine, int32_t tid)
{
	uint32_t key[2] = { machine_id(p, machine), (uint32_t)tid };
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

/* --- frames and stacks */

/* Does the stack matter, beyond its innermost frame? */
static bool
needs_callers(const struct prof *p)
{
	return p->children || (p->keys & 1u << PROF_CALLER) != 0;
}

/* The number of the place of a frame, made if it is new and that is allowed. */
static uint32_t
place_of(struct prof *p, const struct stack_frame *frame, bool make)
{
	struct stack_note note = stack_note(frame->note);
	struct prof_place place = { .named = frame->note.n > 0 };
	struct str key = { (const char *)&place, offsetof(struct prof_place, row) };
	struct str sym = place.named ? note.symbol : frame->token;
	uint32_t id;

	if (!make && sym.n > 0 && intern_find(&p->texts, rewrite(p, sym)) == INTERN_NONE)
		return PROF_NONE;
	place.sym = text_id(p, sym);
	place.line = text_id(p, note.line);
	place.object = text_id(p, note.object);
	id = make ? intern_put(&p->places, key) : intern_find(&p->places, key);
	if (id == p->n_places) {
		p->place = mem_grow(p->place, id, &p->cap_places, sizeof *p->place);
		p->place[p->n_places++] = place;
	}
	return id;
}

static struct prof_step
read_step(struct prof *p, struct str text, bool make)
{
	struct stack_walk w = stack_walk(text);
	struct stack_frame frame;

	if (!stack_next(&w, &frame))
		return (struct prof_step){ .place = PROF_NONE };
	return (struct prof_step){ place_of(p, &frame, make), frame.mode,
		1 + (uint32_t)(frame.token.n / WALK_BYTES) };
}

/* The step of a frame, without its mode if a token sets that before it. make: a new place may be
 * made. */
static struct prof_step
step_of(struct prof *p, struct str text, bool make)
{
	struct prof_frame *f;
	uint64_t h;

	if (text.n < 8 || text.n > FRAME_TEXT)
		return read_step(p, text, make);
	h = str_load8(text.p) * 0x9fb21c651e98df25u ^ str_load8(text.p + (text.n - 8) / 4);
	h = (h ^ h >> 29 ^ str_load8(text.p + text.n - 8)) * 0x9e3779b97f4a7c15u;
	f = &p->frame[(h ^ h >> 32) % FRAMES];
	if (f->n != text.n || f->step.place == PROF_NONE || memcmp(f->text, text.p, text.n) != 0) {
		f->step = read_step(p, text, make);
		f->n = (uint32_t)text.n;
		memcpy(f->text, text.p, text.n);
	}
	return f->step;
}

/* Read the steps of a stack, as many as matter. They are valid until the next call. */
static struct steps
read_steps(struct prof *p, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame frame;
	size_t n = 0;

	while ((n == 0 || needs_callers(p)) && stack_next(&w, &frame)) {
		p->step = mem_grow(p->step, n, &p->cap_steps, sizeof *p->step);
		p->step[n] = step_of(
		    p, frame.token, n == 0 || p->n_places < ROWS_LEAST + p->bytes / PLACE_BYTES);
		p->step[n++].mode = frame.mode;
	}
	return (struct steps){ p->step, n };
}

/* The text up to the end of the innermost frame: tokens of modes are shorter. */
static struct str
first_frame(struct str stack)
{
	const char *s = stack.p, *end = s + stack.n, *semi;

	while ((semi = memchr(s, ';', (size_t)(end - s))) != NULL) {
		if (semi - s > 2)
			return (struct str){ stack.p, (size_t)(semi - stack.p) };
		s = semi + 1;
	}
	return stack;
}

/* Keep what matters of a definition: all its steps, or the text of a frame that may never be asked
 * for. */
static void
define(struct prof *p, uint64_t hash, struct str stack)
{
	struct steps s;

	if (needs_callers(p)) {
		s = read_steps(p, stack);
		stack = (struct str){ (const char *)s.step, s.n * sizeof *s.step };
	} else {
		stack = first_frame(stack);
	}
	stackdefs_put(&p->stacks, hash, stack);
}

/* The steps of the stack of a record; valid until the next call. */
static struct steps
steps_of(struct prof *p, struct str stack)
{
	uint64_t hash;

	if (!stack_is_ref(stack, &hash))
		return read_steps(p, stack);
	stack = stackdefs_get(&p->stacks, hash, NULL);
	if (!needs_callers(p))
		return read_steps(p, stack);
	if (stack.n > 0)
		memcpy(p->step, stack.p, stack.n); /* it has been as long */
	return (struct steps){ p->step, stack.n / sizeof *p->step };
}

/* --- rows */

/* Clear what is not a key, so that rows meet. */
static void
mask_keys(const struct prof *p, uint32_t key[PROF_KEYS])
{
	size_t i;

	for (i = 0; i < PROF_KEYS; i++)
		if ((p->keys & 1u << i) == 0)
			key[i] = PROF_NONE;
}

/* If rows are of symbols and not of objects, an address that has none is one of its object. */
static void
name_unknown(struct prof *p, uint32_t key[PROF_KEYS])
{
	const unsigned both = 1u << PROF_OBJECT | 1u << PROF_SYM;

	if (key[PROF_SYM] != PROF_NONE || key[PROF_OBJECT] == PROF_NONE ||
	    (p->keys & both) != 1u << PROF_SYM)
		return;
	strbuf_clear(&p->text);
	strbuf_add(&p->text, STR("[unknown] in "));
	strbuf_add(&p->text, intern_str(&p->texts, key[PROF_OBJECT]));
	key[PROF_SYM] = intern_put(&p->texts, text_cut(strbuf_str(&p->text), PROF_NAME));
}

/* The row of a key, made if it is new and that is allowed; NULL if there is none. */
static struct prof_row *
find_row(struct prof *p, uint32_t key[PROF_KEYS], bool make)
{
	struct str text = { (const char *)key, PROF_KEYS * sizeof key[0] };
	uint32_t id;

	name_unknown(p, key);
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

/* Set the place of a row. */
static void
set_frame(struct prof *p, uint32_t key[PROF_KEYS], const struct prof_place *f, uint32_t mode)
{
	key[PROF_MODE] = mode;
	key[PROF_OBJECT] = f->object;
	key[PROF_SYM] = f->sym;
	key[PROF_LINE] = f->line;
	if (f->object == PROF_NONE && f->named && mode == MODE_KERNEL)
		key[PROF_OBJECT] = intern_put(&p->texts, STR("[kernel]"));
	else if (f->object == PROF_NONE && f->named && mode == MODE_GUEST_KERNEL)
		key[PROF_OBJECT] = intern_put(&p->texts, STR("[guest.kernel]"));
}

/* Complete the key of a row with a place, which is step, and find it. */
static struct prof_row *
row_at(struct prof *p, uint32_t key[PROF_KEYS], struct prof_step step, uint32_t caller, bool make)
{
	struct prof_place *f = &p->place[step.place];
	uint32_t machine = key[PROF_MACHINE], event = key[PROF_EVENT];
	struct prof_row *row;

	if (f->row > 0 && f->machine == machine && f->event == event && f->mode == step.mode)
		return &p->row[f->row - 1];
	set_frame(p, key, f, step.mode);
	key[PROF_CALLER] = caller;
	row = find_row(p, key, make);
	if (row == NULL || (p->keys & ~(unsigned)KEYS_OF_PLACE) != 0)
		return row;
	f->row = (uint32_t)(row - p->row) + 1;
	f->machine = machine;
	f->event = event;
	f->mode = step.mode;
	return row;
}

static void
add_all(struct prof *p, struct prof_row *row, uint64_t samples, uint64_t period)
{
	if (row->last == p->stamp)
		return;
	row->last = p->stamp;
	add(p, &row->all_samples, samples);
	add(p, &row->all_period, period);
}

/* The symbol of the frame that called the one of step i. */
static uint32_t
caller_of(const struct prof *p, struct steps s, size_t i)
{
	uint32_t place = i + 1 < s.n ? s.step[i + 1].place : PROF_NONE;

	return place == PROF_NONE ? PROF_NONE : p->place[place].sym;
}

/* Count a sample for each place in its stack. */
static void
add_children(struct prof *p, const uint32_t key[PROF_KEYS], struct steps s, uint64_t period)
{
	struct prof_row *row;
	uint32_t own[PROF_KEYS];
	size_t i;

	for (i = 0; i < s.n; i++) {
		p->walked += s.step[i].walk;
		if (p->walked > WALK_LEAST + WALK_EACH * p->bytes) {
			p->left_out++;
			break;
		}
		memcpy(own, key, sizeof own);
		row = s.step[i].place == PROF_NONE ? NULL
						   : row_at(p, own, s.step[i], caller_of(p, s, i),
							 p->n < ROWS_LEAST + p->bytes / ROW_BYTES);
		if (row != NULL)
			add_all(p, row, 1, period);
		else
			p->left_out++;
	}
}

/* --- events */

/* Find the event of a record, made known if it is new. Most records have that of the one before. */
static struct prof_event *
event_of(struct prof *p, const struct rec *r, struct str name, uint32_t *id)
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
		    p->patterns == NULL ? event_is_sampled(r) : event_hit_rec(p->patterns, r, name);
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
	add(p, &e->period, period);
	add(p, &p->period, period);
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
	key[PROF_MACHINE] = machine_id(p, r->machine);
	key[PROF_CPU] = (uint32_t)r->cpu;
	key[PROF_PID] = (uint32_t)r->pid;
	key[PROF_TID] = (uint32_t)r->tid;
}

/* Add the row of another profile. */
static void
add_prof(struct prof *p, const struct rec *r)
{
	uint32_t key[PROF_KEYS], event;
	struct prof_event *e = event_of(p, r, r->prof.event, &event);
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
	row = find_row(p, key, true);
	add(p, &row->samples, r->prof.samples);
	add(p, &row->period, r->prof.period);
	if (r->prof.all_samples != REC_NO_U64)
		add(p, &row->all_samples, r->prof.all_samples);
	if (r->prof.all_period != REC_NO_U64)
		add(p, &row->all_period, r->prof.all_period);
}

/* The row that a record counts in itself: at its ip, else at the innermost frame of its stack. key
 * has the event, and is completed. */
static struct prof_row *
own_row(struct prof *p, uint32_t key[PROF_KEYS], const struct rec *r, struct steps s)
{
	struct prof_step at = { .place = PROF_NONE };

	set_ids(p, key, r);
	if (r->kind == REC_SAMPLE)
		key[PROF_MODE] = stack_mode_named(r->sample.mode);
	if ((p->keys & 1u << PROF_COMM) != 0)
		key[PROF_COMM] = r->kind == REC_STATE ? text_id(p, r->state.comm)
						      : *task_comm(p, r->machine, r->tid);
	if (r->kind == REC_SAMPLE && !str_none(r->sample.ip)) {
		at = step_of(p, r->sample.ip, true);
		at.mode = key[PROF_MODE] & 15;
	} else if (s.n > 0) {
		at = s.step[0];
	}
	if (at.place == PROF_NONE)
		return find_row(p, key, true);
	return row_at(p, key, at, caller_of(p, s, 0), true);
}

static void
add_event(struct prof *p, const struct rec *r, struct str stack, struct str name, uint64_t period)
{
	uint32_t key[PROF_KEYS], event;
	struct prof_event *e = event_of(p, r, name, &event);
	struct prof_row *row;
	struct steps s;

	if (!e->wanted)
		return;
	memset(key, 0xff, sizeof key);
	key[PROF_EVENT] = event;
	count(p, e, event, period);
	count_time(p, r->t, r->t);
	s = steps_of(p, stack);
	row = own_row(p, key, r, s);
	add(p, &row->samples, 1);
	add(p, &row->period, period);
	if (p->children) {
		add_all(p, row, 1, period);
		add_children(p, key, s, period);
	}
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
	const struct str *stack;

	p->bytes += r->line.n;
	if (r->kind == REC_STACK) {
		define(p, r->stack.hash, r->stack.frames);
	} else if (r->kind == REC_COMM || r->kind == REC_FORK) {
		name_task(p, r);
	} else if (r->kind == REC_PROF) {
		add_prof(p, r);
	} else if ((stack = rec_stack(r)) != NULL) {
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
