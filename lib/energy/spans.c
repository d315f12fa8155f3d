/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "spans.h"

static uint64_t
key_of(int64_t t0, int64_t t1)
{
	return digest((uint64_t)t0) ^ (uint64_t)t1;
}

static struct span *
at(struct spans *s, uint64_t n)
{
	return &s->ring[n % SPANS_OPEN];
}

static void
close_first(struct spans *s)
{
	struct span *span = at(s, s->first);
	uint64_t key = key_of(span->t0, span->t1), *n = hash_get(&s->open, key);

	s->close(s->arg, span);
	free(span->data);
	span->data = NULL;
	if (n != NULL && *n == s->first)
		hash_remove(&s->open, key);
	s->first++;
}

/* Does a row that starts at t0 mean that a span is complete? */
static bool
is_over(const struct span *span, int64_t t0)
{
	int64_t length, end = span->t1;

	if (!__builtin_sub_overflow(span->t1, span->t0, &length) &&
	    __builtin_add_overflow(span->t1, length, &end))
		return false;
	return t0 >= end;
}

struct span *
spans_find(struct spans *s, int64_t t0, int64_t t1)
{
	uint64_t *n;
	struct span *span;

	if (s->ring == NULL)
		s->ring = mem_alloc(SPANS_OPEN * sizeof *s->ring);
	if (s->last < s->end && s->last >= s->first) {
		span = at(s, s->last);
		if (span->t0 == t0 && span->t1 == t1)
			return span;
	}
	while (
	    s->first < s->end && (is_over(at(s, s->first), t0) || s->end - s->first == SPANS_OPEN))
		close_first(s);
	n = hash_put(&s->open, key_of(t0, t1));
	if (*n >= s->first && *n < s->end && at(s, *n)->t0 == t0 && at(s, *n)->t1 == t1) {
		s->last = *n;
		return at(s, *n);
	}
	*n = s->last = s->end++;
	span = at(s, s->last);
	*span = (struct span){ t0, t1, mem_alloc(s->size) };
	return span;
}

void
spans_flush(struct spans *s)
{
	while (s->first < s->end)
		close_first(s);
}

void
spans_free(struct spans *s)
{
	for (; s->first < s->end; s->first++)
		free(at(s, s->first)->data);
	free(s->ring);
	s->ring = NULL;
	hash_free(&s->open);
}
