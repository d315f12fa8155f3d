/* SPDX-License-Identifier: MIT */

#include "stackdefs.h"

/* Precedes each text. */
struct head {
	uint64_t hash;
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
append(struct stackdefs_half *h, struct head head, const char *text)
{
	strbuf_add_bytes(&h->text, &head, sizeof head);
	strbuf_add_bytes(&h->text, text, head.n);
	h->size += head.n + STACKDEFS_SLOT;
}

static struct head
head_at(const struct stackdefs_half *h, size_t at)
{
	struct head head;

	memcpy(&head, h->text.p + at, sizeof head);
	return head;
}

static struct str
text_at(const struct stackdefs_half *h, size_t at)
{
	return (struct str){ h->text.p + at + sizeof(struct head), head_at(h, at).n };
}

/* Index what was appended since the last time; of equal definitions the first. */
static void
update(struct stackdefs_half *h)
{
	struct head head;
	uint64_t *slot;

	for (; h->indexed < h->text.n; h->indexed += sizeof head + head.n) {
		head = head_at(h, h->indexed);
		slot = hash_put(&h->at, head.hash);
		if (*slot == 0 || !str_eq(text_at(h, *slot - 1), text_at(h, h->indexed)))
			*slot = h->indexed + 1;
	}
}

/* The place of a definition in young plus 1, 0 if it is unknown. A definition in old moves to
 * young. */
static size_t
find(struct stackdefs *d, uint64_t hash)
{
	const uint64_t *at;

	update(&d->young);
	if ((at = hash_get(&d->young.at, hash)) != NULL)
		return *at;
	update(&d->old);
	if ((at = hash_get(&d->old.at, hash)) == NULL)
		return 0;
	append(&d->young, head_at(&d->old, *at - 1), text_at(&d->old, *at - 1).p);
	update(&d->young);
	return *hash_get(&d->young.at, hash);
}

void
stackdefs_put(struct stackdefs *d, uint64_t hash, struct str text)
{
	if (d->young.size > STACKDEFS_LEAST) {
		half_free(&d->old);
		d->old = d->young;
		d->young = (struct stackdefs_half){ 0 };
	}
	append(&d->young, (struct head){ hash, text.n, false }, text.p);
}

bool
stackdefs_agree(struct stackdefs *d, uint64_t hash, struct str text)
{
	size_t at = find(d, hash);

	if (at != 0 && str_eq(text_at(&d->young, at - 1), text))
		return true;
	stackdefs_put(d, hash, text);
	return at == 0;
}

struct str
stackdefs_get(struct stackdefs *d, uint64_t hash, bool *first)
{
	size_t at = find(d, hash);
	struct head head;

	if (at == 0) {
		d->undefined++;
		return (struct str){ NULL, 0 };
	}
	head = head_at(&d->young, at - 1);
	if (first != NULL) {
		*first = !head.used;
		head.used = true;
		memcpy(d->young.text.p + at - 1, &head, sizeof head);
	}
	return text_at(&d->young, at - 1);
}

void
stackdefs_free(struct stackdefs *d)
{
	half_free(&d->young);
	half_free(&d->old);
}
