/* SPDX-License-Identifier: MIT */

#include "stackdefs.h"

enum {
	LIMIT = 128 * 1024 * 1024,
	SLOT = 64 /* about the size of an entry in the hash table */
};

/* Precedes each text. */
struct head {
	size_t n;
	bool used;
};

static void
half_free(struct stackdefs_half *h)
{
	hash_free(&h->at);
	strbuf_free(&h->text);
	*h = (struct stackdefs_half){ 0 };
}

static void
put(struct stackdefs_half *h, uint64_t hash, struct head head, const char *text)
{
	uint64_t *at = hash_put(&h->at, hash);

	*at = h->text.n;
	strbuf_add_bytes(&h->text, &head, sizeof head);
	strbuf_add_bytes(&h->text, text, head.n);
	h->size += head.n + SLOT;
}

static struct head
head_at(const struct stackdefs_half *h, uint64_t at)
{
	struct head head;

	memcpy(&head, h->text.p + at, sizeof head);
	return head;
}

/* The place of a definition in young, NULL if it is unknown. A definition in old moves to young. */
static uint64_t *
find(struct stackdefs *d, uint64_t hash)
{
	uint64_t *at = hash_get(&d->young.at, hash);

	if (at != NULL || (at = hash_get(&d->old.at, hash)) == NULL)
		return at;
	put(&d->young, hash, head_at(&d->old, *at), d->old.text.p + *at + sizeof(struct head));
	return hash_get(&d->young.at, hash);
}

bool
stackdefs_put(struct stackdefs *d, uint64_t hash, struct str text)
{
	struct str before = stackdefs_get(d, hash, NULL);
	bool known = before.p != NULL;

	if (known && str_eq(before, text))
		return true;
	if (d->young.size > LIMIT) {
		half_free(&d->old);
		d->old = d->young;
		d->young = (struct stackdefs_half){ 0 };
	}
	put(&d->young, hash, (struct head){ text.n, false }, text.p);
	return !known;
}

struct str
stackdefs_get(struct stackdefs *d, uint64_t hash, bool *first)
{
	const uint64_t *at = find(d, hash);
	struct head head;
	char *p;

	if (at == NULL)
		return (struct str){ NULL, 0 };
	p = d->young.text.p + *at;
	memcpy(&head, p, sizeof head);
	if (first != NULL) {
		*first = !head.used;
		head.used = true;
		memcpy(p, &head, sizeof head);
	}
	return (struct str){ p + sizeof head, head.n };
}

void
stackdefs_free(struct stackdefs *d)
{
	half_free(&d->young);
	half_free(&d->old);
}
