/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "profdiff.h"
#include "proftable.h"

bool
profdiff_by(struct profdiff *d, const char *s)
{
	static const char *const names[] = { "delta-abs", "delta", "ratio", "wdiff" };
	const char *end = s + strlen(s);
	size_t i;

	d->w1 = d->w2 = 1;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(s, names[i]) == 0) {
			d->by = (enum profdiff_by)i;
			return true;
		}
	if (strncmp(s, "wdiff:", 6) != 0)
		return false;
	d->by = BY_WDIFF;
	s = text_u64(s + 6, end, &d->w1);
	return s != NULL && *s == ',' && text_u64(s + 1, end, &d->w2) == end;
}

/* a * b - c * d, or the nearest number that a record can hold. */
static int64_t
weigh(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t x, y, most = INT64_MAX;

	if (__builtin_mul_overflow(a, b, &x))
		x = UINT64_MAX;
	if (__builtin_mul_overflow(c, d, &y))
		y = UINT64_MAX;
	if (x >= y)
		return x - y > most ? INT64_MAX : (int64_t)(x - y);
	return y - x > most ? -INT64_MAX : -(int64_t)(y - x);
}

/* The numbers in d->texts of all texts of a profile. The caller frees them. */
static uint32_t *
translate(struct profdiff *d, const struct intern *texts)
{
	uint32_t *to = mem_resize(NULL, texts->n + 1, sizeof *to), i;

	for (i = 0; i < texts->n; i++)
		to[i] = intern_put(&d->texts, intern_str(texts, i));
	return to;
}

/* The row for the keys of one profile's row; it is made if it is new. */
static struct profdiff_row *
row_of(
    struct profdiff *d, const struct prof_row *row, const uint32_t *texts, const uint32_t *events)
{
	uint32_t id, key[PROF_KEYS];
	int i;

	memcpy(key, row->key, sizeof key);
	for (i = 0; i < PROF_KEYS; i++)
		if (!prof_key_is_id(i) && i != PROF_MODE && key[i] != PROF_NONE)
			key[i] = i == PROF_EVENT ? events[key[i]] : texts[key[i]];
	id = intern_put(&d->keys, (struct str){ (const char *)key, sizeof key });
	if (id == d->n) {
		d->row = mem_grow(d->row, d->n, &d->cap, sizeof *d->row);
		d->row[d->n++] = (struct profdiff_row){ 0 };
	}
	return &d->row[id];
}

static void
compare(const struct profdiff *d, struct profdiff_row *row)
{
	uint64_t old = row->old == NULL ? 0 : row->old->period;
	uint64_t new = row->new == NULL ? 0 : row->new->period;

	row->old_share = row->old == NULL ? 0 : prof_percent(old, prof_total(d->old, row->old));
	row->new_share = row->new == NULL ? 0 : prof_percent(new, prof_total(d->new, row->new));
	row->delta = row->new_share - row->old_share;
	row->ratio = old == 0 ? 1 : (double)new / (double)old;
	row->wdiff = weigh(new, d->w2, old, d->w1);
}

static double
value(const struct profdiff *d, const struct profdiff_row *row)
{
	switch (d->by) {
	case BY_DELTA:
		return row->delta;
	case BY_DELTA_ABS:
		return row->delta < 0 ? -row->delta : row->delta;
	case BY_RATIO:
		return row->ratio;
	case BY_WDIFF:
		break;
	}
	return (double)row->wdiff;
}

/* Rows with a value come first, then those that only the new profile has, then the others. */
static int
rank(const struct profdiff *d, const struct profdiff_row *row)
{
	if (row->new == NULL)
		return 2;
	return row->old == NULL && (d->by == BY_RATIO || d->by == BY_WDIFF);
}

static int
by_value(const void *a, const void *b, void *arg)
{
	const struct profdiff *d = arg;
	const struct profdiff_row *x = a, *y = b;
	int r = rank(d, x), c = r - rank(d, y);
	double u = r == 0 ? value(d, x) : r == 1 ? x->new_share : x->old_share;
	double v = r == 0 ? value(d, y) : r == 1 ? y->new_share : y->old_share;

	if (c == 0)
		c = (u < v) - (u > v);
	if (c == 0)
		c = prof_key_order(x->new != NULL ? d->new : d->old,
		    x->new != NULL ? x->new : x->old, y->new != NULL ? d->new : d->old,
		    y->new != NULL ? y->new : y->old);
	return c;
}

/* Take the rows of one of the profiles. */
static void
add_rows(struct profdiff *d, const struct prof *p)
{
	uint32_t *texts = translate(d, &p->texts), *events = translate(d, &p->events);
	struct profdiff_row *row;
	size_t i;

	for (i = 0; i < p->n; i++) {
		row = row_of(d, &p->row[i], texts, events);
		if (p == d->old)
			row->old = &p->row[i];
		else
			row->new = &p->row[i];
	}
	free(texts);
	free(events);
}

void
profdiff_match(struct profdiff *d)
{
	size_t i;

	add_rows(d, d->old);
	add_rows(d, d->new);
	for (i = 0; i < d->n; i++)
		compare(d, &d->row[i]);
	if (d->n > 0)
		qsort_r(d->row, d->n, sizeof *d->row, by_value, d);
	prof_fit(d->old, d->new);
}

void
profdiff_free(struct profdiff *d)
{
	intern_free(&d->keys);
	intern_free(&d->texts);
	free(d->row);
}

/* A number with decimals at d, or "-" if it is not there. */
static struct str
decimal(char *d, bool there, double v)
{
	return there ? (struct str){ d, prof_decimal(d, v) } : STR_NONE;
}

/* A row's period in percent of both profiles. */
static double
percent_of_all(const struct profdiff *d, const struct prof_row *row)
{
	double all = (double)d->old->period + (double)d->new->period;

	return row == NULL || all == 0 ? 0 : 100 * (double)row->period / all;
}

static void
write_row(const struct profdiff *d, struct out *o, const struct profdiff_row *row)
{
	const struct prof *p = row->new != NULL ? d->new : d->old;
	const struct prof_row *key = row->new != NULL ? row->new : row->old;
	bool old = row->old != NULL, new = row->new != NULL;
	char text[6][PROF_DECIMAL];
	struct rec r = { .kind = REC_PROFDIFF };

	if (key == NULL) /* one of them is there */
		return;
	r.t = d->old->from < d->new->from ? d->old->from : d->new->from;
	r.profdiff.end = d->old->to > d->new->to ? d->old->to : d->new->to;
	r.machine = prof_machine(p, key);
	r.cpu = (int32_t)key->key[PROF_CPU];
	r.pid = (int32_t)key->key[PROF_PID];
	r.tid = (int32_t)key->key[PROF_TID];
	r.profdiff.event = prof_text(p, key, PROF_EVENT);
	r.profdiff.mode = prof_text(p, key, PROF_MODE);
	r.profdiff.comm = prof_text(p, key, PROF_COMM);
	r.profdiff.object = prof_text(p, key, PROF_OBJECT);
	r.profdiff.sym = prof_text(p, key, PROF_SYM);
	r.profdiff.line = prof_text(p, key, PROF_LINE);
	r.profdiff.caller = prof_text(p, key, PROF_CALLER);
	r.profdiff.old = old ? row->old->period : REC_NO_U64;
	r.profdiff.new = new ? row->new->period : REC_NO_U64;
	r.profdiff.old_share = decimal(text[0], old, row->old_share);
	r.profdiff.new_share = decimal(text[1], new, row->new_share);
	r.profdiff.old_all = decimal(text[2], old, percent_of_all(d, row->old));
	r.profdiff.new_all = decimal(text[3], new, percent_of_all(d, row->new));
	r.profdiff.delta = decimal(text[4], new, row->delta);
	r.profdiff.ratio = decimal(text[5], old && new, row->ratio);
	r.profdiff.wdiff = old && new ? row->wdiff : REC_NO_INT;
	rec_put(o, &r);
}

void
profdiff_write(const struct profdiff *d, struct out *o)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		write_row(d, o, &d->row[i]);
}

static void
put_rows(const struct profdiff *d, struct columns *c)
{
	const struct profdiff_row *row;
	char text[PROF_DECIMAL];
	bool old, new;
	size_t i;

	for (i = 0; i < d->n; i++) {
		row = &d->row[i];
		old = row->old != NULL;
		new = row->new != NULL;
		columns_put(c, decimal(text, old, row->old_share));
		columns_put(c, decimal(text, new, row->new_share));
		columns_put(c, decimal(text, old, percent_of_all(d, row->old)));
		columns_put(c, decimal(text, new, percent_of_all(d, row->new)));
		columns_put(c, decimal(text, new, row->delta));
		columns_put(c, decimal(text, old && new, row->ratio));
		if (d->by == BY_WDIFF)
			columns_put(c, old && new
					   ? (struct str){ text, text_put_s64(text, row->wdiff) }
					   : STR_NONE);
		proftable_put_keys(c, new ? d->new : d->old, new ? row->new : row->old);
	}
}

void
profdiff_table(const struct profdiff *d, struct out *o)
{
	struct columns c = { 0 };

	columns_add(&c, STR("old %"), 9, false);
	columns_add(&c, STR("new %"), 10, false);
	columns_add(&c, STR("old % all"), 11, false);
	columns_add(&c, STR("new % all"), 11, false);
	columns_add(&c, STR("delta"), 10, false);
	columns_add(&c, STR("ratio"), 15, false);
	if (d->by == BY_WDIFF)
		columns_add(&c, STR("wdiff"), 21, false);
	proftable_add_keys(&c, d->old);
	put_rows(d, &c);
	columns_head(&c, o);
	put_rows(d, &c);
}
