/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"
#include "rec/stack.h"

#define CONTEXT_USER_DEFERRED ((uint64_t)-640)

enum { WORD = sizeof(uint64_t), HELD_MOST = 16 << 20 };

/* The user's part may have this many bytes for each byte of the sample, so that a short record that
 * many samples share does not make the output large out of proportion. */
enum { SHARED_EACH = 20 };

struct perf_held {
	struct perf_record record; /* its body is at body */
	uint8_t *body;
	size_t n;      /* bytes of body */
	size_t chain;  /* where body has the number of entries of the chain */
	size_t length; /* that number */
	uint64_t cookie;
	uint64_t before; /* number + 1 of the sample of the same thread that waits before it */
	bool waits;
};

void
perf_defer_free(struct perf_defer *d)
{
	for (; d->begin < d->n; d->begin++)
		free(d->held[d->begin].body);
	free(d->held);
	free(d->last);
	hash_free(&d->waiting);
}

/* The number-th record that was ever held; NULL if it is gone. */
static struct perf_held *
held(const struct perf_defer *d, uint64_t number)
{
	return number < d->first ? NULL : &d->held[d->begin + (size_t)(number - d->first)];
}

/* No user's part comes for the sample, nor for those before it. */
static void
give_up(struct perf_defer *d, uint64_t number)
{
	struct perf_held *h;

	for (; number > 0 && (h = held(d, number - 1)) != NULL; number = h->before) {
		d->alone += h->waits;
		h->waits = false;
	}
}

/* Let the sample wait for its user's part if its chain ends with a cookie for one. A thread's new
 * cookie means that nothing comes for its last one. */
static void
wait(struct perf_defer *d, struct perf_held *h, uint64_t number)
{
	const struct perf_held *last;
	struct perf_sample s;
	uint64_t *at;

	if (!perf_sample_read(h->record.event, h->record.body, &s))
		return;
	h->length = bytes_left(&s.chain) / WORD;
	if (h->length < 2)
		return;
	h->chain = (size_t)(s.chain.p - h->body) - WORD;
	bytes_take(&s.chain, (h->length - 2) * WORD);
	if (bytes_u64(&s.chain) != CONTEXT_USER_DEFERRED)
		return;
	h->cookie = bytes_u64(&s.chain);
	h->waits = true;
	at = hash_put(&d->waiting, (uint32_t)s.tid);
	last = *at == 0 ? NULL : held(d, *at - 1);
	if (last != NULL && last->cookie != h->cookie)
		give_up(d, *at);
	else if (last != NULL)
		h->before = *at;
	*at = number + 1;
}

static void
put_u64(uint8_t *d, uint64_t v, bool big)
{
	size_t i;

	for (i = 0; i < WORD; i++)
		d[i] = (uint8_t)(v >> 8 * (big ? WORD - 1 - i : i));
}

/* Replace the cookie of a sample's chain and the mark before it by the user's part. */
static void
join(struct perf_defer *d, struct perf_held *h, struct bytes ips)
{
	size_t kernel = h->length - 2, most = PERF_STACK_WORDS - 4 - kernel;
	size_t user = bytes_left(&ips) / WORD, start = h->chain + WORD;
	size_t rest = h->n - start - h->length * WORD;
	bool big = bytes_big(&h->record.body);
	uint8_t *body, *p;

	if (most > SHARED_EACH * h->n / WORD)
		most = SHARED_EACH * h->n / WORD;
	user = user < most ? user : most;
	body = mem_alloc(h->n + user * WORD);
	memcpy(body, h->body, start + kernel * WORD);
	put_u64(body + h->chain, kernel + 1 + user, big);
	p = body + start + kernel * WORD;
	put_u64(p, STACK_USER, big);
	memcpy(p + WORD, ips.p, user * WORD);
	memcpy(p + WORD + user * WORD, h->body + h->n - rest, rest);
	free(h->body);
	h->body = body;
	d->bytes -= h->n;
	h->n = (size_t)(p - body) + WORD + user * WORD + rest;
	d->bytes += h->n;
	h->record.body = bytes_of(body, h->n, big);
	h->waits = false;
}

/* Join a user's part to the samples that wait for it. Returns false if none does. */
static bool
join_all(struct perf_defer *d, const struct perf_record *pr)
{
	struct bytes body, first;
	struct perf_who who = perf_trailer(pr, &body);
	uint64_t cookie = bytes_u64(&body), n = bytes_u64(&body), number;
	uint64_t *at = hash_get(&d->waiting, (uint32_t)who.tid);
	bool joined = false;
	struct perf_held *h;

	if (bytes_bad(&body) || n > bytes_left(&body) / WORD || at == NULL)
		return false;
	bytes_keep(&body, (size_t)n * WORD);
	first = body;
	if (n > 0 && bytes_u64(&first) == STACK_USER)
		body = first;
	for (number = *at; number > 0 && (h = held(d, number - 1)) != NULL; number = h->before) {
		if (!h->waits || h->cookie != cookie)
			break;
		join(d, h, body);
		joined = true;
	}
	if (joined)
		hash_remove(&d->waiting, (uint32_t)who.tid);
	d->joined += joined;
	return joined;
}

static void
hold(struct perf_defer *d, const struct perf_record *pr, bool may_wait)
{
	struct perf_held *h;
	size_t n = bytes_left(&pr->body);

	if (d->n == d->cap && d->begin > d->n / 2) {
		memmove(d->held, d->held + d->begin, (d->n - d->begin) * sizeof *d->held);
		d->n -= d->begin;
		d->begin = 0;
	}
	d->held = mem_grow(d->held, d->n, &d->cap, sizeof *d->held);
	h = &d->held[d->n++];
	*h = (struct perf_held){ .record = *pr, .n = n };
	h->body = (uint8_t *)mem_copy(pr->body.p, n);
	h->record.body = bytes_of(h->body, n, bytes_big(&pr->body));
	d->bytes += n + sizeof *h;
	if (may_wait)
		wait(d, h, d->first + (d->n - 1 - d->begin));
}

bool
perf_defer_add(struct perf_defer *d, const struct perf_record *pr, bool may_wait)
{
	if (pr->type == PERF_R_CALLCHAIN_DEFERRED && join_all(d, pr))
		return true;
	if (d->begin == d->n && !may_wait)
		return false;
	hold(d, pr, may_wait);
	return true;
}

bool
perf_defer_next(struct perf_defer *d, bool all, struct perf_record *pr)
{
	struct perf_held *h;

	if (d->begin == d->n)
		return false;
	h = &d->held[d->begin];
	if (h->waits && !all && d->bytes <= HELD_MOST)
		return false;
	d->alone += h->waits;
	*pr = h->record;
	free(d->last);
	d->last = h->body;
	d->bytes -= h->n + sizeof *h;
	d->first++;
	if (++d->begin == d->n)
		d->begin = d->n = 0;
	return true;
}
