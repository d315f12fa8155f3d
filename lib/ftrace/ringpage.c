/* SPDX-License-Identifier: MIT */

#include "ringpage.h"

/* The values of an event's type_len; smaller ones are a length in words. */
enum { TYPE_LONG = 0, TYPE_DATA_MAX = 28, TYPE_PADDING = 29, TYPE_EXTEND, TYPE_ABSOLUTE };

enum { PAGE_LEAST = 4096 }; /* of the kernel */

enum { TYPE_BITS = 5, DELTA_BITS = 27, ABSOLUTE_BITS = 59 };

#define COMMIT_BYTES 0xfffffu
#define COMMIT_LOST (1u << 31)
#define COMMIT_COUNTED (1u << 30) /* the number of lost events follows the data */
#define COMMIT_FLAGS (COMMIT_LOST | COMMIT_COUNTED)

void
ringlayout_default(struct ringlayout *l, size_t page, size_t long_size, bool big)
{
	*l = (struct ringlayout){ page, 8, long_size, 8 + long_size, big };
}

/* Find "field: TYPE NAME; offset:N; size:N;" and its numbers. */
static bool
header_field(const char *text, size_t n, const char *name, size_t *offset, size_t *size)
{
	const char *p = memmem(text, n, name, strlen(name)), *end = text + n;
	uint64_t v[2];
	int i;

	for (i = 0; p != NULL && i < 2; i++) {
		static const char *const keys[] = { "offset:", "size:" };

		p = memmem(p, (size_t)(end - p), keys[i], strlen(keys[i]));
		if (p == NULL || (p = text_u64(p + strlen(keys[i]), end, &v[i])) == NULL)
			return false;
	}
	if (p == NULL || v[0] > RINGPAGE_MOST || v[1] > RINGPAGE_MOST)
		return false;
	*offset = (size_t)v[0];
	*size = (size_t)v[1];
	return true;
}

bool
ringlayout_parse(struct ringlayout *l, const char *text, size_t n)
{
	size_t data = 0;

	if (!header_field(text, n, " commit;", &l->commit, &l->commit_size) ||
	    !header_field(text, n, " data;", &l->data, &data))
		return false;
	l->page = l->data + data;
	return (l->commit_size == 4 || l->commit_size == 8) && l->commit >= 8 &&
	       l->commit + l->commit_size <= l->data && l->page >= RINGPAGE_LEAST &&
	       l->page <= RINGPAGE_MOST;
}

/* Give up the rest of the page. */
static bool
damaged(struct ringpage *p, const uint8_t *at, const char *why)
{
	p->why = why;
	p->bad_offset = (size_t)(at - p->begin);
	p->bad = (size_t)(p->end - at);
	p->at = p->end;
	return false;
}

/* The number of events lost, which the kernel appends to the data if there is room. */
static void
read_lost(struct ringpage *p, const struct ringlayout *l, uint32_t commit, size_t n)
{
	size_t at = l->data + (commit & COMMIT_BYTES);
	struct bytes b;

	if ((commit & COMMIT_LOST) == 0)
		return;
	p->lost = RINGPAGE_LOST_UNKNOWN;
	if ((commit & COMMIT_COUNTED) == 0 || at > n || n - at < l->commit_size)
		return;
	b = bytes_of(p->begin + at, l->commit_size, l->big);
	p->lost_events = l->commit_size == 8 ? bytes_u64(&b) : bytes_u32(&b);
	p->lost = RINGPAGE_LOST;
}

/* Read the commit field of the page that starts at a byte. Returns false if no page does. The
 * kernel adds COMMIT_LOST as a signed number of 32 bits. */
static bool
read_commit(const struct ringpage *p, const struct ringlayout *l, const uint8_t *page, uint32_t *to)
{
	struct bytes b = bytes_of(page, l->data, p->big);
	uint64_t commit = l->commit_size == 8 ? bytes_u64_at(&b, page + l->commit)
					      : bytes_u32_at(&b, page + l->commit);
	uint64_t high = commit >> 32;

	*to = (uint32_t)commit;
	return (*to & ~(COMMIT_BYTES | COMMIT_FLAGS)) == 0 && *to % 4 == 0 &&
	       (high == 0 || (high == UINT32_MAX && (*to & COMMIT_LOST) != 0));
}

/* Does another page start in what the events leave of this one? Only if pages are smaller than the
 * layout says. */
static bool
has_another(const struct ringpage *p, const struct ringlayout *l, size_t n)
{
	size_t used = (size_t)(p->end - p->begin), at;
	struct bytes b = bytes_of(p->begin, n, p->big);
	uint32_t commit;

	for (at = l->page / 2; at >= used && at >= PAGE_LEAST; at /= 2) {
		if (n < at + l->data || !read_commit(p, l, p->begin + at, &commit))
			continue;
		commit &= COMMIT_BYTES;
		if (commit > 0 && commit <= at - l->data &&
		    bytes_u64_at(&b, p->begin + at) >= p->page_time)
			return true;
	}
	return false;
}

void
ringpage_open(
    struct ringpage *p, const struct ringlayout *l, const uint8_t *page, size_t n, uint64_t since)
{
	struct bytes b = bytes_of(page, n, l->big);
	uint32_t commit;
	size_t used;

	*p = (struct ringpage){ .begin = page, .at = page + n, .end = page + n, .big = l->big };
	if (n < l->data) {
		damaged(p, page, "the page ends in its header");
		return;
	}
	p->t = p->page_time = bytes_u64_at(&b, page);
	if (!read_commit(p, l, page, &commit) || ((commit & COMMIT_BYTES) > 0 && p->t < since)) {
		p->stray = true;
		damaged(p, page, "no page starts here");
		return;
	}
	used = commit & COMMIT_BYTES;
	read_lost(p, l, commit, n);
	p->at = page + l->data;
	p->end = p->at + used;
	if (used > n - l->data) {
		p->end = page + n;
		/* what is there of the events comes out before the damage */
		p->why = n < l->page ? "the page is cut short"
				     : "the page says it holds more than it can";
		p->stray = n == l->page;
	} else if (has_another(p, l, n)) {
		p->why = "another page starts in this one";
		p->stray = true;
		p->bad_offset = l->data + used;
		p->bad = n - p->bad_offset;
	}
}

static uint32_t
word(const struct ringpage *p, const uint8_t *at)
{
	struct bytes b = bytes_of(at, 4, p->big);

	return bytes_u32_at(&b, at);
}

/* Take the time of an absolute time stamp, which lacks the highest bits. */
static void
set_time(struct ringpage *p, uint64_t low)
{
	uint64_t top = p->page_time & ~((UINT64_C(1) << ABSOLUTE_BITS) - 1);

	p->t = top | low;
	if (p->t < p->page_time)
		p->t += UINT64_C(1) << ABSOLUTE_BITS;
}

/* Step over an event without data: a time, or padding. Returns false at the page's end. */
static bool
skip(struct ringpage *p, unsigned type, uint64_t delta)
{
	size_t left = (size_t)(p->end - p->at);
	uint64_t value, size = 8;

	if (type == TYPE_PADDING && delta == 0) { /* the rest is not used */
		p->at = p->end;
		return false;
	}
	if (left < 8)
		return damaged(p, p->at, "an event is cut short");
	value = word(p, p->at + 4);
	if (type == TYPE_EXTEND) {
		p->t += (value << DELTA_BITS) + delta;
	} else if (type == TYPE_ABSOLUTE) {
		set_time(p, (value << DELTA_BITS) + delta);
	} else { /* an event that was discarded */
		p->t += delta;
		size = 4 + value;
	}
	if (size < 8 || size > left)
		return damaged(p, p->at, "padding is longer than the page");
	p->at += size;
	return true;
}

/* The length of an event's data; *head is where they start. 0 if it does not fit. */
static size_t
data_length(const struct ringpage *p, unsigned type, size_t *head)
{
	size_t left = (size_t)(p->end - p->at), n;

	*head = type == TYPE_LONG ? 8 : 4;
	if (left < *head)
		return 0;
	n = type == TYPE_LONG ? word(p, p->at + 4) : 4 * type;
	if (type == TYPE_LONG)
		n = n < 4 ? 0 : n - 4; /* the length counts itself */
	return n > left - *head ? 0 : n;
}

bool
ringpage_next(struct ringpage *p, struct ringevent *e)
{
	uint32_t first;
	unsigned type;
	uint64_t delta;
	size_t head, n;

	while (p->end - p->at >= 4) {
		first = word(p, p->at);
		type = p->big ? first >> DELTA_BITS : first & ((1u << TYPE_BITS) - 1);
		delta = p->big ? first & ((1u << DELTA_BITS) - 1) : first >> TYPE_BITS;
		if (type > TYPE_DATA_MAX) {
			if (!skip(p, type, delta))
				return false;
			continue;
		}
		n = data_length(p, type, &head);
		if (n == 0)
			return damaged(p, p->at, "an event is longer than the page, or empty");
		p->t += delta;
		e->t = p->t;
		e->raw = bytes_of(p->at + head, n, p->big);
		n = head + ((n + 3) & ~(size_t)3);
		p->at = n > (size_t)(p->end - p->at) ? p->end : p->at + n;
		return true;
	}
	if (p->why != NULL && p->bad == 0)
		return damaged(p, p->at, p->why);
	return false;
}
