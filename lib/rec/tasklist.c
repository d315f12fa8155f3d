/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec.h"
#include "tasklist.h"

/* The id that a text is, or REC_NO_ID. */
static int32_t
id_of(struct str text)
{
	const char *end = text.p + text.n;
	uint64_t id;

	return text_u64(text.p, end, &id) == end && id <= INT32_MAX ? (int32_t)id : REC_NO_ID;
}

static uint64_t
key_of(int32_t id)
{
	return 1 + (uint64_t)id;
}

static void
add(struct tasklist *l, struct str text, unsigned bit, struct patterns *names)
{
	int32_t id = id_of(text);

	if (id == REC_NO_ID)
		patterns_add(names, text);
	else
		*hash_put(&l->ids, key_of(id)) |= bit;
}

/* The name of a family; p is NULL if an entry selects none. */
static struct str
family_of(struct str text)
{
	return text.n > 1 && text.p[text.n - 1] == '+' ? (struct str){ text.p, text.n - 1 }
						       : (struct str){ NULL, 0 };
}

void
tasklist_add(struct tasklist *l, char *list)
{
	struct str text, family;
	char *s;

	while ((s = strsep(&list, ",")) != NULL) {
		text = str_of(s);
		family = family_of(text);
		l->text = mem_grow(l->text, l->n, &l->cap, sizeof *l->text);
		l->text[l->n++] = text;
		l->families += family.p != NULL;
		add(l, text, TASKLIST_ALONE, &l->names);
		if (family.p != NULL)
			add(l, family, TASKLIST_FAMILY, &l->family_names);
	}
}

static uint64_t
hit_id(struct tasklist *l, int32_t id, uint64_t bits)
{
	uint64_t *known = id < 0 ? NULL : hash_get(&l->ids, key_of(id));

	if (known == NULL)
		return 0;
	bits &= *known;
	*known |= bits << TASKLIST_BITS;
	return bits;
}

uint64_t
tasklist_ids(struct tasklist *l, int32_t tid, int32_t pid, uint64_t bits)
{
	bits = l->ids.n == 0 ? 0 : hit_id(l, tid, bits) | hit_id(l, pid, bits);
	l->any_family_hit |= (bits & TASKLIST_FAMILY) != 0;
	return bits;
}

uint64_t
tasklist_name(struct tasklist *l, struct str comm, uint64_t bits)
{
	if (str_none(comm))
		return 0;
	if ((bits & TASKLIST_ALONE) != 0 && !patterns_hit(&l->names, comm))
		bits &= ~(uint64_t)TASKLIST_ALONE;
	if ((bits & TASKLIST_FAMILY) != 0 && !patterns_hit(&l->family_names, comm))
		bits &= ~(uint64_t)TASKLIST_FAMILY;
	l->any_family_hit |= (bits & TASKLIST_FAMILY) != 0;
	return bits;
}

bool
tasklist_has_id(const struct tasklist *l, int32_t id)
{
	return id >= 0 && l->ids.n > 0 && hash_get(&l->ids, key_of(id)) != NULL;
}

static bool
is_hit(const struct tasklist *l, struct str text, unsigned bit, const struct patterns *names)
{
	int32_t id = id_of(text);

	return id == REC_NO_ID ? patterns_is_hit(names, text)
			       : (*hash_get(&l->ids, key_of(id)) >> TASKLIST_BITS & bit) != 0;
}

bool
tasklist_next_missed(const struct tasklist *l, size_t *i, struct str *text)
{
	struct str family;

	while (*i < l->n) {
		*text = l->text[(*i)++];
		family = family_of(*text);
		if (!is_hit(l, *text, TASKLIST_ALONE, &l->names) &&
		    (family.p == NULL || !is_hit(l, family, TASKLIST_FAMILY, &l->family_names)))
			return true;
	}
	return false;
}

void
tasklist_free(struct tasklist *l)
{
	free(l->text);
	patterns_free(&l->names);
	patterns_free(&l->family_names);
	hash_free(&l->ids);
}
