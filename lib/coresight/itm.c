/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "itm.h"

enum { SYNC_ZEROS = 5, SYNC_END = 0x80, MORE = 0x80, PIECE = 8 };

/* The type of a packet by its header; whether it is bad shows later. */
static enum itm_type
type_of(uint8_t header)
{
	if ((header & 3) != 0)
		return header & 4 ? ITM_DWT : ITM_SWIT;
	if ((header & 0x0f) == 0)
		return header == 0               ? ITM_ASYNC
		       : header == 0x70          ? ITM_OVERFLOW
		       : (header & MORE) == 0    ? ITM_LTS2
		       : (header & 0xc0) == 0xc0 ? ITM_LTS1
						 : ITM_RESERVED;
	if ((header & 0x0b) == 8)
		return ITM_EXTENSION;
	return header == 0x94 ? ITM_GTS1 : header == 0xb4 ? ITM_GTS2 : ITM_RESERVED;
}

/* The most bytes of payload; the payload of all but SWIT and DWT may be shorter. */
static size_t
payload_of(uint8_t header)
{
	switch (type_of(header)) {
	case ITM_SWIT:
	case ITM_DWT:
		return (header & 3) == 3 ? 4 : header & 3;
	case ITM_LTS1:
	case ITM_GTS1:
		return 4;
	case ITM_GTS2:
		return 6;
	case ITM_EXTENSION:
		return header & MORE ? 4 : 0;
	default:
		return 0;
	}
}

static uint64_t
little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Seven bits a byte, the lowest first. */
static uint64_t
groups(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 7 | (p[n] & 0x7f);
	return v;
}

static void
fill(struct itm_packet *k)
{
	uint8_t header = k->raw[0];
	const uint8_t *p = k->raw + 1;

	k->size = (uint8_t)(k->nraw - 1);
	k->source = header >> 3;
	switch (k->type) {
	case ITM_SWIT:
	case ITM_DWT:
		k->value = little(p, k->size);
		return;
	case ITM_LTS1:
		k->source = header >> 4 & 3;
		k->value = groups(p, k->size);
		return;
	case ITM_LTS2:
		k->source = 0;
		k->value = header >> 4 & 7;
		return;
	case ITM_GTS1:
		k->source = k->size == 4 ? p[3] >> 5 & 3 : 0;
		k->value = groups(p, k->size) & ((1u << ITM_GTS1_BITS) - 1);
		return;
	case ITM_GTS2:
		k->value = groups(p, k->size) & UINT64_MAX >> ITM_GTS1_BITS;
		return;
	case ITM_EXTENSION: /* the fourth byte has eight bits */
		k->source = header >> 2 & 1;
		k->value = groups(p, k->size) << 3 | (header >> 4 & 7);
		if (k->size == 4)
			k->value |= (uint64_t)(p[3] & MORE) << 24;
		return;
	default:
		return;
	}
}

/* Give the first n bytes as a packet; the rest stays for the next one. */
static void
give(struct itm *t, enum itm_type type, size_t n)
{
	struct itm_packet k = { .type = type, .index = t->index, .raw = t->raw, .nraw = n };

	if (type == ITM_BAD_SEQUENCE || type == ITM_INCOMPLETE)
		k.was = type_of(t->raw[0]);
	else if (type != ITM_NOTSYNC)
		fill(&k);
	t->packet(t->arg, &k);
	t->n -= n;
	memmove(t->raw, t->raw + n, t->n);
}

/* Whether byte, the last one so far, ends the current packet. */
static bool
is_whole(const struct itm *t, enum itm_type type, uint8_t byte)
{
	size_t have = t->n - 1, most = payload_of(t->raw[0]);

	if (type == ITM_ASYNC)
		return false; /* itm_feed() finds its end */
	if (type == ITM_SWIT || type == ITM_DWT || most == 0)
		return have == most;
	return (have > 0 && (byte & MORE) == 0) || (have == most && type == ITM_EXTENSION);
}

/* Parse a byte after synchronisation. */
static void
step(struct itm *t, uint8_t byte)
{
	enum itm_type type = type_of(t->raw[0]);
	size_t most = type == ITM_ASYNC ? ITM_MAX : 1 + payload_of(t->raw[0]);

	if (is_whole(t, type, byte))
		give(t, type, t->n);
	else if (t->n == most || (type == ITM_ASYNC && byte != 0))
		give(t, ITM_BAD_SEQUENCE, t->n);
}

/* Parse a byte before synchronisation: bytes that cannot be part of one come out in short pieces.
 */
static void
hunt(struct itm *t, uint64_t index, uint8_t byte)
{
	if (byte == 0 && t->zeros == 0 && t->n > 1) {
		give(t, ITM_NOTSYNC, t->n - 1);
		t->index = index;
	} else if (t->n >= (byte == 0 ? ITM_MAX : PIECE)) {
		give(t, ITM_NOTSYNC, t->n);
	}
}

void
itm_feed(struct itm *t, uint64_t index, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (t->n == 0)
			t->index = index + i;
		t->raw[t->n++] = p[i];
		if (p[i] == SYNC_END && t->zeros >= SYNC_ZEROS) {
			t->synced = true;
			give(t, ITM_ASYNC, t->n);
		} else if (t->synced) {
			step(t, p[i]);
		} else {
			hunt(t, index + i, p[i]);
		}
		t->zeros = p[i] == 0 ? t->zeros + 1 : 0;
	}
	if (!t->synced && t->zeros == 0 && t->n > 0)
		give(t, ITM_NOTSYNC, t->n);
}

void
itm_end(struct itm *t)
{
	if (t->n > 0)
		give(t, t->synced ? ITM_INCOMPLETE : ITM_NOTSYNC, t->n);
	t->synced = false;
	t->zeros = 0;
}
