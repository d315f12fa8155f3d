/* SPDX-License-Identifier: MIT */

#include "proftable.h"

void
proftable_add_keys(struct columns *c, const struct prof *p)
{
	int key;

	for (key = 0; key < PROF_KEYS; key++)
		if ((p->keys & 1u << key) != 0)
			columns_add(c, str_of(prof_key_name(key)), 0, true);
}

void
proftable_put_keys(struct columns *c, const struct prof *p, const struct prof_row *row)
{
	int key;

	for (key = 0; key < PROF_KEYS; key++) {
		if ((p->keys & 1u << key) == 0)
			continue;
		if (key == PROF_MACHINE)
			columns_put(c, prof_machine(p, row));
		else if (!prof_key_is_id(key))
			columns_put(c, prof_text(p, row, key));
		else if (row->key[key] == PROF_NONE)
			columns_put(c, STR_NONE);
		else
			columns_put_u64(c, row->key[key]);
	}
}

static void
put_values(struct columns *c, uint64_t total, uint64_t samples, uint64_t period)
{
	char share[PROF_DECIMAL];

	columns_put(c, (struct str){ share, prof_decimal(share, prof_percent(period, total)) });
	columns_put_u64(c, samples);
	columns_put_u64(c, period);
}

static void
put_rows(struct columns *c, const struct prof *p)
{
	const struct prof_row *row;
	uint64_t total;
	size_t i;

	for (i = 0; i < p->n; i++) {
		row = &p->row[i];
		total = prof_total(p, row);
		if (p->children)
			put_values(c, total, row->all_samples, row->all_period);
		put_values(c, total, row->samples, row->period);
		proftable_put_keys(c, p, row);
	}
}

void
proftable_write(const struct prof *p, struct out *o)
{
	struct columns c = { 0 };

	if (p->children) {
		columns_add(&c, STR("all %"), 9, false);
		columns_add(&c, STR("all samples"), 0, false);
		columns_add(&c, STR("all period"), 0, false);
	}
	columns_add(&c, STR("share %"), 10, false);
	columns_add(&c, STR("samples"), 0, false);
	columns_add(&c, STR("period"), 0, false);
	proftable_add_keys(&c, p);
	put_rows(&c, p);
	columns_head(&c, o);
	put_rows(&c, p);
}
