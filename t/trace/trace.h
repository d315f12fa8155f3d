/* SPDX-License-Identifier: MIT */
/*
 * trace - what mktrace's files share: the bytes to write, and the words that make them
 *
 * Each protocol has a function that takes a word and its arguments. It returns false if the word
 * is not its own. The top of its file lists its words.
 */

#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX = 1 << 20, NO_ID = 0x100 };

/* The bytes to write, each with the id that it belongs to. */
struct trace {
	size_t n;
	uint8_t byte[MAX];
	uint16_t id[MAX];
	uint16_t now, current; /* the id of what is added, of what is packed */
	bool framed, half;
	bool big; /* numbers start with their highest byte */
	int line;
};

_Noreturn void die(const struct trace *, const char *what);

void put(struct trace *, uint64_t byte);
void put_little(struct trace *, uint64_t v, int bytes);
/* n zeros, then a last byte. */
void put_zeros(struct trace *, int n, uint8_t end);
/* Seven bits a byte; the highest bit is set if more bytes follow. A ninth byte has eight bits. */
void put_leb(struct trace *, uint64_t v, int max);
/* Half bytes fill the lower half of a byte first; those of a number start with the highest. */
void put_nibble(struct trace *, unsigned v);
void put_nibbles(struct trace *, uint64_t v, int n);

uint64_t number(const struct trace *, const char *word);
/* Whether a word is among the arguments; the word after it, "" at the end, NULL if it is not. */
bool has(char **word, const char *name);
const char *after(char **word, const char *name);
/* The number after a word, or the default if the word is not there. */
uint64_t number_after(const struct trace *, char **word, const char *name, uint64_t otherwise);

bool etm4(struct trace *, const char *op, char **word);
bool ptm(struct trace *, const char *op, char **word);
bool etm3(struct trace *, const char *op, char **word);
bool stm(struct trace *, const char *op, char **word);
bool itm(struct trace *, const char *op, char **word);

#endif
