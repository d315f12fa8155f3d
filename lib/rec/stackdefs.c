/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "stackdefs.h"

enum { HALF = 128 * 1024 * 1024, SLOT = 64 /* about what the hash table takes for one */ };

/* What stands before a text. */
struct head {
	size_t n;
	bool used;
};

/* Room for one more text of n bytes: where its head is. */
static size_t
make_room(struct stackdefs_half *h, size_t n)
{
	size_t at = h->n > 0 ? h->n : SLOT;

	h->n = at + sizeof(struct head) + n;
	if (h->text == NULL || h->n > h->cap) {
		h->cap = 2 * h->n;
		h->text = mem_resize(h->text, h->cap, 1);
	}
	return at;
}

static void
half_free(struct stackdefs_half *h)
{
	hash_free(&h->at);
	free(h->text);
	*h = (struct stackdefs_half){ 0 };
}

static void
put(struct stackdefs *d, uint64_t hash, struct head head, const char *text)
{
	struct stackdefs_half *h = &d->young;
	size_t at = make_room(h, head.n);

	memcpy(h->text + at, &head, sizeof head);
	if (head.n > 0)
		memcpy(h->text + at + sizeof head, text, head.n);
	*hash_put(&h->at, hash) = at;
}

/* Where the head of a definition is, NULL where it is not known. What is old becomes young. */
static char *
find(struct stackdefs *d, uint64_t hash)
{
	uint64_t *at = hash_get(&d->young.at, hash);
	struct head head;
	const char *p;

	if (at == NULL && (at = hash_get(&d->old.at, hash)) != NULL) {
		p = d->old.text + *at;
		memcpy(&head, p, sizeof head);
		put(d, hash, head, p + sizeof head);
		at = hash_get(&d->young.at, hash);
	}
	return at == NULL ? NULL : d->young.text + *at;
}

bool
stackdefs_put(struct stackdefs *d, uint64_t hash, struct str text)
{
	struct head head;
	char *p;

	if (d->young.n + d->young.at.n * SLOT > HALF) {
		half_free(&d->old);
		d->old = d->young;
		d->young = (struct stackdefs_half){ 0 };
	}
	p = find(d, hash);
	if (p != NULL) {
		memcpy(&head, p, sizeof head);
		if (str_eq((struct str){ p + sizeof head, head.n }, text))
			return true;
	}
	put(d, hash, (struct head){ text.n, false }, text.p);
	return p == NULL;
}

struct str
stackdefs_get(struct stackdefs *d, uint64_t hash, bool *first)
{
	struct head head;
	char *p = find(d, hash);

	if (p == NULL)
		return (struct str){ "", 0 };
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
