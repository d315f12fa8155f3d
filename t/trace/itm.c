/* SPDX-License-Identifier: MIT */
/*
 * ITM (ARM DDI 0403)
 *
 *	itm_async itm_overflow itm_swit PORT BYTES N itm_dwt ID BYTES N
 *	itm_lts1 TC BYTES N itm_lts2 N itm_gts1 BYTES N [clkch] [wrap] itm_gts2 BYTES N
 *	itm_ext SH BYTES N
 */

#include <string.h>

#include "trace.h"

/* n bytes of seven bits; the last also has the bits of more. */
static void
put_groups(struct trace *t, uint64_t v, uint64_t n, unsigned more)
{
	for (; n > 1; n--, v >>= 7)
		put(t, (v & 0x7f) | 0x80);
	if (n > 0)
		put(t, (v & 0xff) | more);
}

static bool
itm_source(struct trace *t, const char *op, char **word)
{
	uint64_t bytes;

	if (strcmp(op, "itm_swit") != 0 && strcmp(op, "itm_dwt") != 0)
		return false;
	bytes = number(t, word[1]);
	put(t, number(t, word[0]) << 3 | (op[4] == 'd' ? 4 : 0) | (bytes == 4 ? 3 : bytes));
	put_little(t, number(t, word[2]), (int)bytes);
	return true;
}

bool
itm(struct trace *t, const char *op, char **word)
{
	uint64_t n;

	if (strcmp(op, "itm_async") == 0) {
		put_zeros(t, 5, 0x80);
	} else if (strcmp(op, "itm_overflow") == 0) {
		put(t, 0x70);
	} else if (strcmp(op, "itm_lts1") == 0) {
		put(t, 0xc0 | (number(t, word[0]) & 3) << 4);
		put_groups(t, number(t, word[2]), number(t, word[1]), 0);
	} else if (strcmp(op, "itm_lts2") == 0) {
		put(t, number(t, word[0]) << 4);
	} else if (strcmp(op, "itm_gts1") == 0) {
		put(t, 0x94);
		put_groups(t, number(t, word[1]), number(t, word[0]),
		    (after(word, "clkch") != NULL ? 0x20 : 0) |
			(after(word, "wrap") != NULL ? 0x40 : 0));
	} else if (strcmp(op, "itm_gts2") == 0) {
		put(t, 0xb4);
		put_groups(t, number(t, word[1]), number(t, word[0]), 0);
	} else if (strcmp(op, "itm_ext") == 0) {
		n = number(t, word[2]);
		put(t, (number(t, word[0]) & 1) << 2 | 8 | (n & 7) << 4 |
			   (*word[1] == '0' ? 0 : 0x80));
		put_groups(t, n >> 3, number(t, word[1]), 0);
	} else {
		return itm_source(t, op, word);
	}
	return true;
}
