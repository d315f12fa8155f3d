/* SPDX-License-Identifier: MIT */
/*
 * STM, the part of MIPI STPv2 that ARM's STM uses, in half bytes
 *
 *	stm_async stm_version 3|4 stm_freq N stm_null
 *	stm_m8 N stm_merr N stm_c8 N stm_c16 N stm_gerr N
 *	stm_d4 N stm_d8 N stm_d16 N stm_d32 N stm_d64 N [m] [ts N DIGITS]
 *	stm_flag [ts N DIGITS] stm_trig N [ts N DIGITS]
 *
 * m: with a marker. DIGITS is the number of hex digits of the timestamp, which is in Gray code in
 * version 4.
 */

#include <string.h>

#include "trace.h"

enum { NONE = 0x1000 };

/* The code's hex digits. */
static void
put_code(struct trace *t, unsigned code)
{
	put_nibbles(t, code, code > 0xff ? 3 : code > 0xf ? 2 : 1);
}

/* A digit gives the number of digits that follow: 13 means 14, 14 means 16. */
static void
timestamp(struct trace *t, char **word)
{
	uint64_t n;

	while (*word != NULL && strcmp(*word, "ts") != 0)
		word++;
	if (*word == NULL)
		return;
	n = word[1] == NULL ? 0 : number(t, word[2]);
	put_nibble(t, n == 14 ? 13 : n == 16 ? 14 : (unsigned)n);
	put_nibbles(t, number(t, word[1]), (int)n);
}

/* digits: of the value. code: plain, with a marker, with a timestamp, with both. */
static bool
message(struct trace *t, const char *op, char **word)
{
	static const struct {
		const char *op;
		int digits;
		uint16_t code[4];
	} ops[] = { { "stm_null", 0, { 0x0, NONE, NONE, NONE } },
		{ "stm_m8", 2, { 0x1, NONE, NONE, NONE } },
		{ "stm_merr", 2, { 0x2, NONE, NONE, NONE } },
		{ "stm_c8", 2, { 0x3, NONE, NONE, NONE } },
		{ "stm_gerr", 2, { 0xf2, NONE, NONE, NONE } },
		{ "stm_c16", 4, { 0xf3, NONE, NONE, NONE } },
		{ "stm_d4", 1, { 0xc, 0xfd, 0xfc, 0xd } },
		{ "stm_d8", 2, { 0x4, 0xf8, 0xf4, 0x8 } },
		{ "stm_d16", 4, { 0x5, 0xf9, 0xf5, 0x9 } },
		{ "stm_d32", 8, { 0x6, 0xfa, 0xf6, 0xa } },
		{ "stm_d64", 16, { 0x7, 0xfb, 0xf7, 0xb } },
		{ "stm_flag", 0, { 0xfe, NONE, 0xe, NONE } },
		{ "stm_trig", 2, { 0xf06, NONE, 0xf07, NONE } },
		{ "stm_freq", 8, { 0xf08, NONE, NONE, NONE } } };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof *ops; i++) {
		if (strcmp(op, ops[i].op) != 0)
			continue;
		if (ops[i].code[has(word, "m") | has(word, "ts") << 1] == NONE)
			die(t, "no such packet");
		put_code(t, ops[i].code[has(word, "m") | has(word, "ts") << 1]);
		if (ops[i].digits > 0)
			put_nibbles(t, number(t, word[0]), ops[i].digits);
		timestamp(t, word);
		return true;
	}
	return false;
}

bool
stm(struct trace *t, const char *op, char **word)
{
	int i;

	if (strcmp(op, "stm_async") == 0) {
		for (i = 0; i < 21; i++)
			put_nibble(t, 15);
		put_nibble(t, 0);
	} else if (strcmp(op, "stm_version") == 0) {
		put_nibbles(t, 0xf00, 3);
		put_nibbles(t, number(t, word[0]), 1);
	} else {
		return message(t, op, word);
	}
	return true;
}
