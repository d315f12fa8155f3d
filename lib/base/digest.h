/* SPDX-License-Identifier: MIT */
/*
 * digest - scramble numbers and texts, the same on every machine
 *
 * For the output: the @HASH of a stack, and the choice among intervals to draw. Anyone can make
 * texts of equal digest; tables are keyed (hash.h, intern.h).
 */

#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* Every bit of the result depends on every bit of v. */
static inline uint64_t
digest(uint64_t v)
{
	v = (v ^ v >> 32) * 0xd6e8feb86659fd93;
	v = (v ^ v >> 32) * 0xd6e8feb86659fd93;
	return v ^ v >> 32;
}

uint64_t digest_bytes(uint64_t seed, const void *, size_t n);

#endif
