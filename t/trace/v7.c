/* SPDX-License-Identifier: MIT */
/*
 * PTM (ARM IHI 0035) and ETMv3 (ARM IHI 0014): two traces of ARMv7 cores with much in common
 *
 *	ptm_async ptm_trigger ptm_ignore ptm_eret
 *	ptm_isync A [thumb] [alt] [ns] [hyp] [reason N] [cc N] [cid N]
 *	ptm_branch A [thumb | jazelle] [bytes N] [except N [ns] [hyp] [alt]] [cc N]
 *	ptm_wp A [thumb | jazelle] [bytes N]	a waypoint's address
 *	ptm_atom E|N... or, with cycle counts, ptm_atom E|N cc N
 *	ptm_ctxtid N ptm_vmid N ptm_ts N [cc N]
 *
 *	etm3_async etm3_trigger etm3_ignore etm3_eret etm3_entry etm3_store_fail etm3_suppressed
 *	etm3_isync A [thumb] [jazelle] [alt] [ns] [hyp] [reason N] [cc N] [cid N] [lsip A]
 *	etm3_branch A [thumb | jazelle] [bytes N] [except N [ns] [hyp] [alt] [cancel] [resume N]]
 *	etm3_phdr EE..[N] etm3_phdr2 E|N E|N etm3_phdr3 CYCLES [E]
 *	etm3_cycles N etm3_ctxtid N etm3_vmid N etm3_ts N
 *	etm3_data [addr A] [value N BYTES] etm3_not_traced [addr A]
 *	etm3_ooo TAG [value N BYTES] etm3_ooo_addr TAG [addr A]
 */

#include <string.h>

#include "trace.h"

struct op {
	const char *op;
	uint8_t header;
};

static bool
plain(struct trace *t, const char *op, const struct op *ops, size_t n)
{
	for (; n > 0; n--, ops++)
		if (strcmp(op, ops->op) == 0) {
			put(t, ops->header);
			return true;
		}
	return false;
}

/* The one or two exception bytes after a branch's address. */
static void
exception(struct trace *t, char **word)
{
	uint64_t n = number(t, after(word, "except"));
	bool hyp = has(word, "hyp"), resume = has(word, "resume"), more = n > 15 || hyp || resume;

	put(t, has(word, "ns") | (n & 15) << 1 | has(word, "cancel") << 5 | has(word, "alt") << 6 |
		   more << 7);
	if (more)
		put(t, (n >> 4 & 31) | hyp << 5 | resume << 7);
	if (resume)
		put(t, number(t, after(word, "resume")) & 15);
}

/* The low bits of an address: six in the first byte, whose bit 0 marks a branch, seven in the next
 * ones; the fifth has the instruction set and whether an exception follows. */
static void
branch(struct trace *t, char **word)
{
	bool thumb = has(word, "thumb"), jazelle = has(word, "jazelle");
	uint64_t a = number(t, word[0]) >> (jazelle ? 0 : thumb ? 1 : 2);
	uint64_t isa = jazelle ? 0x20 : thumb ? 0x10 : 0x08;
	int n = (int)number_after(t, word, "bytes", 5), i;
	uint64_t except = has(word, "except") ? 0x40 : 0;

	put(t, (a & 0x3f) << 1 | 0x01 | (n > 1 ? 0x80 : 0));
	for (i = 1, a >>= 6; i < n && i < 4; i++, a >>= 7)
		put(t, i < n - 1 ? (a & 0x7f) | 0x80 : (a & 0x3f) | except);
	if (n == 5)
		put(t, (a & (isa - 1)) | isa | except);
	if (except)
		exception(t, word);
}

/* Cycles of PTM: four bits in the first byte, which also has the bits of first; seven in the next
 * ones. */
static void
put_cycles(struct trace *t, uint64_t n, uint8_t first)
{
	put(t, (n & 15) << 2 | (n > 15 ? 0x40 : 0) | first);
	if (n > 15)
		put_leb(t, n >> 4, 4);
}

static void
ptm_cycles(struct trace *t, char **word)
{
	if (has(word, "cc"))
		put_cycles(t, number(t, after(word, "cc")), 0);
}

static void
context_byte(struct trace *t, char **word)
{
	put(t, number_after(t, word, "reason", 1) << 5 | has(word, "jazelle") << 4 |
		   has(word, "ns") << 3 | has(word, "alt") << 2 | has(word, "hyp") << 1);
}

static void
context_id(struct trace *t, char **word)
{
	if (has(word, "cid"))
		put_little(t, number(t, after(word, "cid")), 4);
}

static void
ptm_isync(struct trace *t, char **word)
{
	put(t, 0x08);
	put_little(t, number(t, word[0]) | has(word, "thumb"), 4);
	context_byte(t, word);
	ptm_cycles(t, word);
	context_id(t, word);
}

/* A stop bit, then the atoms, the newest first. */
static void
ptm_atoms(struct trace *t, char **word)
{
	size_t n = word[0] == NULL ? 0 : strlen(word[0]), i;
	unsigned v = 1;

	if (n == 0 || n > 5)
		die(t, "one to five atoms");
	if (has(word, "cc")) {
		put_cycles(t, number(t, after(word, "cc")), 0x80 | (uint8_t)(*word[0] == 'N') << 1);
		return;
	}
	for (i = n; i-- > 0;)
		v = v << 1 | (word[0][i] == 'N');
	put(t, 0x80 | v << 1);
}

bool
ptm(struct trace *t, const char *op, char **word)
{
	static const struct op ops[] = { { "ptm_trigger", 0x0c }, { "ptm_ignore", 0x66 },
		{ "ptm_eret", 0x76 } };

	if (strcmp(op, "ptm_async") == 0) {
		put_zeros(t, 5, 0x80);
	} else if (strcmp(op, "ptm_isync") == 0) {
		ptm_isync(t, word);
	} else if (strcmp(op, "ptm_atom") == 0) {
		ptm_atoms(t, word);
	} else if (strcmp(op, "ptm_branch") == 0) {
		branch(t, word);
		ptm_cycles(t, word);
	} else if (strcmp(op, "ptm_wp") == 0) {
		put(t, 0x72);
		branch(t, word);
	} else if (strcmp(op, "ptm_ctxtid") == 0) {
		put(t, 0x6e);
		put_little(t, number(t, word[0]), 4);
	} else if (strcmp(op, "ptm_vmid") == 0) {
		put(t, 0x3c);
		put(t, number(t, word[0]));
	} else if (strcmp(op, "ptm_ts") == 0) {
		put(t, 0x42);
		put_leb(t, number(t, word[0]), 9);
		ptm_cycles(t, word);
	} else {
		return plain(t, op, ops, sizeof ops / sizeof *ops);
	}
	return true;
}

static void
etm3_isync(struct trace *t, char **word)
{
	put(t, has(word, "cc") ? 0x70 : 0x08);
	if (has(word, "cc"))
		put_leb(t, number(t, after(word, "cc")), 5);
	context_id(t, word);
	context_byte(t, word);
	if (has(word, "lsip"))
		t->byte[t->n - 1] |= 0x80;
	put_little(t, number(t, word[0]) | has(word, "thumb"), 4);
	for (; *word != NULL; word++)
		if (strcmp(*word, "lsip") == 0)
			branch(t, word + 1);
}

/* An address, then a value of 0, 1, 2 or 4 bytes; the header says which of them follow. */
static void
data(struct trace *t, char **word, uint8_t header, uint8_t with_addr)
{
	int bytes = 0;
	char **p;

	for (p = word; *p != NULL; p++)
		if (strcmp(*p, "value") == 0 && p[1] != NULL)
			bytes = (int)number(t, p[2]);
	put(t, header | (has(word, "addr") ? with_addr : 0) | (bytes == 4 ? 3 : bytes) << 2);
	if (has(word, "addr"))
		put_leb(t, number(t, after(word, "addr")), 5);
	put_little(t, number_after(t, word, "value", 0), bytes);
}

static bool
etm3_data(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "etm3_data") == 0)
		data(t, word, 0x02, 0x20);
	else if (strcmp(op, "etm3_not_traced") == 0)
		data(t, word, 0x6a, 0x10);
	else if (strcmp(op, "etm3_ooo") == 0)
		data(t, word + 1, (number(t, word[0]) & 3) << 5, 0);
	else if (strcmp(op, "etm3_ooo_addr") == 0)
		data(t, word + 1, 0x50 | (number(t, word[0]) & 3) << 2, 0x20);
	else
		return false;
	return true;
}

/* Up to 15 E and an N; two atoms; cycles and an E. */
static bool
etm3_atoms(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "etm3_phdr") == 0 && word[0] != NULL)
		put(t,
		    0x80 | strspn(word[0], "E") << 2 | (strchr(word[0], 'N') != NULL ? 0x40 : 0));
	else if (strcmp(op, "etm3_phdr2") == 0 && word[0] != NULL && word[1] != NULL)
		put(t, 0x82 | (*word[0] == 'N') << 3 | (*word[1] == 'N') << 2);
	else if (strcmp(op, "etm3_phdr3") == 0)
		put(t, 0xa0 | ((number(t, word[0]) - 1) & 7) << 2 | has(word, "E") << 6);
	else
		return false;
	return true;
}

bool
etm3(struct trace *t, const char *op, char **word)
{
	static const struct op ops[] = { { "etm3_trigger", 0x0c }, { "etm3_store_fail", 0x50 },
		{ "etm3_suppressed", 0x62 }, { "etm3_ignore", 0x66 }, { "etm3_eret", 0x76 },
		{ "etm3_entry", 0x7e } };

	if (strcmp(op, "etm3_async") == 0) {
		put_zeros(t, 5, 0x80);
	} else if (strcmp(op, "etm3_isync") == 0) {
		etm3_isync(t, word);
	} else if (strcmp(op, "etm3_branch") == 0) {
		branch(t, word);
	} else if (strcmp(op, "etm3_cycles") == 0) {
		put(t, 0x04);
		put_leb(t, number(t, word[0]), 5);
	} else if (strcmp(op, "etm3_ctxtid") == 0) {
		put(t, 0x6e);
		put_little(t, number(t, word[0]), 4);
	} else if (strcmp(op, "etm3_vmid") == 0) {
		put(t, 0x3c);
		put(t, number(t, word[0]));
	} else if (strcmp(op, "etm3_ts") == 0) {
		put(t, 0x42);
		put_leb(t, number(t, word[0]), 9);
	} else {
		return plain(t, op, ops, sizeof ops / sizeof *ops) || etm3_atoms(t, op, word) ||
		       etm3_data(t, op, word);
	}
	return true;
}
