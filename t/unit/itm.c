/* SPDX-License-Identifier: MIT */
/* itm - no byte is lost, whatever the input and its pieces; a synchronisation is always found */

#include <string.h>

#include "coresight/itm.h"
#include "tap.h"

enum { ROUNDS = 20000, BYTES = 300, BASE = 1000 };

struct random {
	uint64_t state;
};

/* What came out: all bytes, and the packets other than unsynchronised bytes. */
struct seen {
	bool gap; /* a packet's index is not that of its bytes */
	size_t n, packets;
	uint8_t byte[BYTES + 16];
	struct itm_packet packet[BYTES + 16];
};

static uint64_t
next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state >> 20;
}

static void
see(void *arg, const struct itm_packet *k)
{
	struct seen *s = arg;

	s->gap = s->gap || k->index != BASE + s->n || k->nraw == 0 || k->nraw > ITM_MAX;
	memcpy(s->byte + s->n, k->raw, k->nraw);
	s->n += k->nraw;
	if (k->type == ITM_NOTSYNC)
		return;
	s->packet[s->packets] = *k;
	s->packet[s->packets++].raw = NULL;
}

/* Zeros, bytes with the continuation bit, and any others. */
static size_t
noise(struct random *r, uint8_t *p, size_t most)
{
	size_t n = next(r) % (most + 1), i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(next(r) % 3 == 0 ? 0 : next(r) % 4 == 0 ? 0x80 : next(r));
	if (next(r) % 8 == 0)
		memset(p, 0, n);
	return n;
}

/* Feed the bytes in pieces of this size; 0: of any. */
static void
feed(struct seen *s, struct random *r, const uint8_t *p, size_t n, size_t piece)
{
	struct itm t = { .arg = s, .packet = see };
	size_t at, k;

	s->gap = false;
	s->n = s->packets = 0;
	for (at = 0; at < n; at += k) {
		k = piece > 0 ? piece : 1 + next(r) % 20;
		k = k < n - at ? k : n - at;
		itm_feed(&t, BASE + at, p + at, k);
	}
	itm_end(&t);
}

static bool
is_whole(const struct seen *s, const uint8_t *p, size_t n)
{
	return !s->gap && s->n == n && memcmp(s->byte, p, n) == 0;
}

static bool
same(const struct itm_packet *a, const struct itm_packet *b)
{
	return a->type == b->type && a->was == b->was && a->source == b->source &&
	       a->size == b->size && a->value == b->value && a->index == b->index &&
	       a->nraw == b->nraw;
}

/* All bytes come out, and the same packets in pieces as at once. */
static bool
nothing_is_lost(struct random *r)
{
	static struct seen whole, parts;
	uint8_t p[BYTES];
	size_t n = noise(r, p, BYTES), i;
	bool good;

	feed(&whole, r, p, n, BYTES);
	feed(&parts, r, p, n, next(r) % 3);
	good = is_whole(&whole, p, n) && is_whole(&parts, p, n) && whole.packets == parts.packets;
	for (i = 0; good && i < whole.packets; i++)
		good = same(&whole.packet[i], &parts.packet[i]);
	return good;
}

/* After any bytes, a synchronisation packet and the packet that follows are found. */
static bool
sync_is_found(struct random *r)
{
	static const uint8_t sync[] = { 0, 0, 0, 0, 0, 0x80, 0x19, 0xbb };
	static struct seen s;
	uint8_t p[BYTES];
	size_t n = noise(r, p, BYTES - sizeof sync);
	const struct itm_packet *last;

	memcpy(p + n, sync, sizeof sync);
	n += sizeof sync;
	feed(&s, r, p, n, 0);
	if (!is_whole(&s, p, n) || s.packets < 2)
		return false;
	last = &s.packet[s.packets - 1];
	return last[-1].type == ITM_ASYNC && last->type == ITM_SWIT && last->source == 3 &&
	       last->size == 1 && last->value == 0xbb && last->index == BASE + n - 2;
}

/* Every header, followed by bytes that all have the continuation bit, is a packet that ends. */
static bool
headers_end(void)
{
	static struct seen s;
	struct random r = { 1 };
	uint8_t p[6 + 9] = { 0, 0, 0, 0, 0, 0x80 };
	unsigned header;
	const struct itm_packet *k = &s.packet[1];

	for (header = 1; header < 256; header++) {
		memset(p + 6, 0xff, 9);
		p[6] = (uint8_t)header;
		feed(&s, &r, p, sizeof p, sizeof p);
		if (!is_whole(&s, p, sizeof p) || s.packet[0].type != ITM_ASYNC || k->nraw > 7)
			return false;
		if ((header & 3) != 0 && k->nraw != 1 + ((header & 3) == 3 ? 4 : header & 3))
			return false;
		if ((header & 3) == 0 && (k->type == ITM_SWIT || k->type == ITM_DWT))
			return false;
	}
	return true;
}

/* A long run of zeros is bad packets of bounded length, and ends at a synchronisation. */
static bool
zeros_are_bounded(void)
{
	static struct seen s;
	struct random r = { 1 };
	uint8_t p[BYTES] = { 0, 0, 0, 0, 0, 0x80 };

	p[BYTES - 1] = 0x80;
	feed(&s, &r, p, BYTES, 0);
	return is_whole(&s, p, BYTES) && s.packets >= 3 && s.packet[1].type == ITM_BAD_SEQUENCE &&
	       s.packet[1].was == ITM_ASYNC && s.packet[1].nraw == ITM_MAX &&
	       s.packet[s.packets - 1].type == ITM_ASYNC;
}

int
main(void)
{
	struct tap t = { 0, 0 };
	struct random r = { 88172645463325252 };
	bool lost = false, missed = false;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		lost = lost || !nothing_is_lost(&r);
		missed = missed || !sync_is_found(&r);
	}
	tap_ok(&t, !lost, "all bytes come out, the same packets in any pieces");
	tap_ok(&t, !missed, "a synchronisation is found after anything");
	tap_ok(&t, headers_end(), "every header starts a packet that ends");
	tap_ok(&t, zeros_are_bounded(), "a long run of zeros is bad packets of bounded length");
	return tap_end(&t);
}
