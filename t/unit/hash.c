/* SPDX-License-Identifier: MIT */
/* hash, digest - a table holds what was put and not removed, whatever collides */

#include "base/hash.h"
#include <unistd.h>

#include "base/digest.h"
#include "tap.h"

enum { N = 20000, STEP = 7919, FLOOD = 300000 };

/* Put and remove in an order that fills and empties runs of slots, and compare with an array. */
static bool
agrees(uint64_t stride)
{
	static bool in[N];
	struct hash h = { 0 };
	uint64_t i, key, *v;
	bool good = true;

	for (i = 0; i < 4 * N; i++) {
		key = i * STEP % N;
		if (i * i % 3 != 1) {
			*hash_put(&h, key * stride) = key + 1;
			in[key] = true;
		} else {
			hash_remove(&h, (key ^ 1) * stride);
			in[key ^ 1] = false;
		}
	}
	for (key = 0, i = 0; key < N; key++) {
		v = hash_get(&h, key * stride);
		good = good && (v != NULL) == in[key] && (v == NULL || *v == key + 1);
		i += in[key];
		in[key] = false;
	}
	good = good && h.n == i && i > 0 && i < N;
	hash_free(&h);
	return good;
}

/* A table that was cleared holds nothing, also not the key 0, and can be filled again. */
static bool
clears(void)
{
	struct hash h = { 0 };
	uint64_t key;
	bool good;

	hash_clear(&h);
	for (key = 0; key < N; key++)
		*hash_put(&h, key) = key + 1;
	hash_clear(&h);
	good = h.n == 0;
	for (key = 0; key < N; key++)
		good = good && hash_get(&h, key) == NULL;
	for (key = 0; key < N; key += 2)
		good = good && *hash_put(&h, key) == 0;
	good = good && h.n == N / 2;
	hash_free(&h);
	return good;
}

/* The number whose digest is v. */
static uint64_t
undigest(uint64_t v)
{
	const uint64_t inverse = 0xcfee444d8b59a89b; /* of the digest's factor, modulo 2^64 */
	int i;

	for (i = 0; i < 2; i++)
		v = (v ^ v >> 32) * inverse;
	return v ^ v >> 32;
}

/* Keys that fall into one slot if the table hashes as digest() does: millions of steps, or ends. */
static bool
withstands_flood(void)
{
	struct hash h = { 0 };
	uint64_t i;
	bool good = digest(undigest(12345)) == 12345;

	alarm(10);
	for (i = 1; i <= FLOOD; i++)
		*hash_put(&h, undigest(i << 24)) = i;
	for (i = 1; i <= FLOOD; i++)
		good = good && *hash_get(&h, undigest(i << 24)) == i;
	alarm(0);
	hash_free(&h);
	return good;
}

/* Keys of one entry push each other out; a value that was set is found until then. */
static bool
remembers(void)
{
	static struct hash_recent r;
	bool good = *hash_recent(&r, 0) == 0 && *hash_recent(&r, 7) == 0;

	*hash_recent(&r, 7) = 70;
	*hash_recent(&r, 8) = 80;
	good = good && *hash_recent(&r, 7) == 70 && *hash_recent(&r, 8) == 80;
	return good && *hash_recent(&r, 7 + HASH_RECENT) == 0 && *hash_recent(&r, 7) == 0 &&
	       *hash_recent(&r, 8) == 80;
}

static bool
is_empty(void)
{
	struct hash h = { 0 };

	hash_remove(&h, 1);
	return hash_get(&h, 0) == NULL && h.n == 0;
}

int
main(void)
{
	struct tap t = { 0, 0 };

	tap_ok(&t, is_empty(), "an empty table holds nothing");
	tap_ok(&t, agrees(1), "small keys are put, found and removed");
	tap_ok(&t, agrees(UINT64_C(1) << 40), "keys that differ in their high bits are");
	tap_ok(&t, clears(), "a table that was cleared is empty and can be filled again");
	tap_ok(&t, withstands_flood(), "keys that would collide in an unkeyed table cost no more");
	tap_ok(&t, remembers(), "recent keys are remembered until others push them out");
	tap_ok(&t, digest_bytes(0, "abcdefgh", 8) != digest_bytes(0, "abcdefgh\0", 9),
	    "the digest depends on the length");
	tap_ok(&t, digest_bytes(0, "a", 1) != digest_bytes(1, "a", 1),
	    "the digest depends on the seed");
	tap_ok(&t, digest_bytes(0, "host\0machine", 12) == 0x9356ff247e076366,
	    "the digest is the same on every machine");
	return tap_end(&t);
}
