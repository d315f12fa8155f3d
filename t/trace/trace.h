/* SPDX-License-Identifier: MIT */
/*
 * trace - what mktrace's files share: bytes to come out, and the words that make them
 *
 * Each protocol has one function, which takes a word and what stands behind it; false where the
 * word is none of its own. Its words are told at the top of its file.
 */

#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX = 1 << 20, NO_ID = 0x100 };

/* Bytes to come out, each with the id that it belongs to. */
struct trace {
	size_t n;
	uint8_t byte[MAX];
	uint16_t id[MAX];
	uint16_t now, current; /* the id of what is added; of what is packed */
	bool framed, half;
	bool big; /* numbers have their highest byte first */
	int line;
};

_Noreturn void die(const struct trace *, const char *what);

void put(struct trace *, uint64_t byte);
void put_little(struct trace *, uint64_t v, int bytes);
/* n zeros, and a last byte. */
void put_zeros(struct trace *, int n, uint8_t end);
/* Seven bits a byte, the highest bit says that more come; the ninth byte has eight. */
void put_leb(struct trace *, uint64_t v, int max);
/* Half bytes, the lower half of a byte first; of a number the highest first. */
void put_nibble(struct trace *, unsigned v);
void put_nibbles(struct trace *, uint64_t v, int n);

uint64_t number(const struct trace *, const char *word);
/* Whether a word is among those; what stands behind it, "" at the end, NULL where it is not. */
bool has(char **word, const char *name);
const char *after(char **word, const char *name);
/* The number behind a word, or what it is without. */
uint64_t number_after(const struct trace *, char **word, const char *name, uint64_t without);

bool etm4(struct trace *, const char *op, char **word);
bool ptm(struct trace *, const char *op, char **word);
bool etm3(struct trace *, const char *op, char **word);
bool stm(struct trace *, const char *op, char **word);
bool itm(struct trace *, const char *op, char **word);

#endif
