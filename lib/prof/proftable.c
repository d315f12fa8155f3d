/* SPDX-License-Identifier: MIT */

#include "proftable.h"

enum { SHOWN = 512, SHOWN_WIDTH = 40 };

/* The text of a key at d, safe for a terminal. */
static struct str
shown_key(char d[SHOWN], const struct prof *p, const struct prof_row *row, int key)
{
	if (!prof_key_is_id(key))
		return str_of(text_quote(
		    d, SHOWN, key == PROF_MACHINE ? prof_machine(p, row) : prof_text(p, row, key)));
	return row->key[key] == PROF_NONE ? STR_NONE
					  : (struct str){ d, text_put_u64(d, row->key[key]) };
}

/* Columns of the keys are as wide as their texts, up to SHOWN_WIDTH. */
void
proftable_measure(struct proftable *t, const struct prof *p, const struct prof_row *row)
{
	char text[SHOWN];
	size_t n;
	int key;

	for (key = 0; key < PROF_KEYS; key++) {
		if ((t->keys & 1u << key) == 0)
			continue;
		n = shown_key(text, p, row, key).n;
		n = n < SHOWN_WIDTH ? n : SHOWN_WIDTH;
		t->width[key] = n > t->width[key] ? n : t->width[key];
	}
}

/* Write s right-aligned in a column of this width. */
static void
put_right(struct out *o, size_t width, struct str s)
{
	for (; width > s.n; width--)
		out_char(o, ' ');
	out_str(o, s);
}

/* Write the text of a key; the last one is not padded. */
static void
put_key(const struct proftable *t, struct out *o, int key, struct str s)
{
	size_t name = strlen(prof_key_name(key));
	size_t width = t->width[key] > name ? t->width[key] : name;

	out_bytes(o, "  ", 2);
	out_str(o, s);
	for (; t->keys >> key > 1 && width > s.n; width--)
		out_char(o, ' ');
}

void
proftable_head(const struct proftable *t, struct out *o)
{
	size_t i;
	int key;

	for (i = 0; i < t->n; i++)
		put_right(o, t->column[i].width, str_of(t->column[i].name));
	for (key = 0; key < PROF_KEYS; key++)
		if ((t->keys & 1u << key) != 0)
			put_key(t, o, key, str_of(prof_key_name(key)));
	out_char(o, '\n');
}

void
proftable_row(const struct proftable *t, struct out *o, const struct str *value,
    const struct prof *p, const struct prof_row *row)
{
	char text[SHOWN];
	size_t i;
	int key;

	for (i = 0; i < t->n; i++)
		put_right(o, t->column[i].width, value[i]);
	for (key = 0; key < PROF_KEYS; key++)
		if ((t->keys & 1u << key) != 0)
			put_key(t, o, key, shown_key(text, p, row, key));
	out_char(o, '\n');
}

enum { ALL_SHARE, ALL_SAMPLES, ALL_PERIOD, SHARE, SAMPLES, PERIOD, COLUMNS };

/* Make room for a number. */
static void
widen(struct proftable_column *c, uint64_t v)
{
	char d[TEXT_NUMBER];
	size_t n = 2 + text_put_u64(d, v);

	c->width = n > c->width ? n : c->width;
}

static struct str
number(char d[TEXT_NUMBER], uint64_t v)
{
	return (struct str){ d, text_put_u64(d, v) };
}

static void
put_row(const struct prof *p, struct out *o, const struct proftable *t, const struct prof_row *row)
{
	uint64_t total = prof_total(p, row);
	char share[PROF_DECIMAL], all[PROF_DECIMAL], text[4][TEXT_NUMBER];
	const struct str value[COLUMNS] = {
		{ all, prof_decimal(all, prof_percent(row->all_period, total)) },
		number(text[0], row->all_samples),
		number(text[1], row->all_period),
		{ share, prof_decimal(share, prof_percent(row->period, total)) },
		number(text[2], row->samples),
		number(text[3], row->period),
	};

	proftable_row(t, o, value + COLUMNS - t->n, p, row);
}

void
proftable_write(const struct prof *p, struct out *o)
{
	struct proftable_column column[COLUMNS] = { { "all %", 9 }, { "all samples", 13 },
		{ "all period", 12 }, { "share %", 10 }, { "samples", 9 }, { "period", 8 } };
	const struct prof_row *row, *end = p->row + p->n;
	size_t first = p->children ? ALL_SHARE : SHARE;
	struct proftable t = { .keys = p->keys };

	for (row = p->row; row < end; row++) {
		proftable_measure(&t, p, row);
		widen(&column[ALL_SAMPLES], row->all_samples);
		widen(&column[ALL_PERIOD], row->all_period);
		widen(&column[SAMPLES], row->samples);
		widen(&column[PERIOD], row->period);
	}
	t.column = column + first;
	t.n = COLUMNS - first;
	proftable_head(&t, o);
	for (row = p->row; row < end; row++)
		put_row(p, o, &t, row);
}
