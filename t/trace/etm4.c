/* SPDX-License-Identifier: MIT */
/*
 * ETMv4 instruction trace and ETE (ARM IHI 0064)
 *
 *	async discard overflow
 *	trace_info [info BITS] [key N] [spec N] [cc THRESHOLD]
 *	trace_on func_ret eret ignore trans_start trans_commit ts_marker
 *	except NUMBER [ret | match] [pending] pe_reset trans_fail
 *	ts N [cc N]
 *	ccnt1 [COUNT] [commit N] ccnt2 COUNT COMMIT [deep] ccnt3 COUNT [commit 1 .. 4]
 *	commit N cancel1 N cancel1_mispredict N
 *	mispredict [E | EE | N] cancel2 [E | EE | N] cancel3 2 .. 5 [E]
 *	event N dsm N udsm N
 *	cond_i1 KEY cond_i2 N cond_i3 N cond_flush
 *	cond_res1 KEY RESULT [KEY RESULT] cond_res2 N cond_res3 TOKENS cond_res4 N
 *	ctxt_same ctxt EL [ns] [nse] [32] [vmid N | vmid32 N] [cid N]
 *	addr32 A addr64 A short A [low] match N; all but the last also with _is1: not A64 or A32
 *	addr_ctxt32 A EL ... addr_ctxt64 A EL ... and with _is1
 *	src32 A src64 A src_short A src_match N and with _is1
 *	q [match N | short A | long A] [is1] [count N]
 *	atoms EEN...
 */

#include <string.h>

#include "trace.h"

/* Packets that are only a header. */
static bool
plain(struct trace *t, const char *op)
{
	static const struct {
		const char *op;
		uint8_t header;
	} ops[] = { { "trace_on", 0x04 }, { "func_ret", 0x05 }, { "eret", 0x07 },
		{ "trans_start", 0x0a }, { "trans_commit", 0x0b }, { "cond_flush", 0x43 },
		{ "ignore", 0x70 }, { "ctxt_same", 0x80 }, { "ts_marker", 0x88 } };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof *ops; i++)
		if (strcmp(op, ops[i].op) == 0) {
			put(t, ops[i].header);
			return true;
		}
	return false;
}

/* Packets with a number, in the header or after it. */
static bool
counted(struct trace *t, const char *op, char **word)
{
	static const struct {
		const char *op;
		uint8_t header, mask; /* of the number in the header; 0: the number follows */
	} ops[] = { { "dsm", 0x20, 7 }, { "udsm", 0x28, 7 }, { "commit", 0x2d, 0 },
		{ "cancel1", 0x2e, 0 }, { "cancel1_mispredict", 0x2f, 0 }, { "cond_i2", 0x40, 3 },
		{ "cond_res4", 0x44, 3 }, { "cond_res2", 0x48, 7 }, { "cond_i1", 0x6c, 0 },
		{ "event", 0x70, 15 }, { "match", 0x90, 3 }, { "src_match", 0xb0, 3 } };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof *ops; i++) {
		if (strcmp(op, ops[i].op) != 0)
			continue;
		put(t, ops[i].header | (number(t, word[0]) & ops[i].mask));
		if (ops[i].mask == 0)
			put_leb(t, number(t, word[0]), 5);
		return true;
	}
	return false;
}

static void
trace_info(struct trace *t, char **word)
{
	static const char *const parts[] = { "info", "key", "spec", "cc" };
	bool cc = has(word, "cc");
	int i, which = 1;

	for (i = 1; i < 4; i++)
		which |= has(word, parts[i]) << i;
	put(t, 0x01);
	put(t, (uint64_t)which);
	put_leb(t, number_after(t, word, "info", 0) | cc, 5);
	for (i = 1; i < 4; i++)
		if (has(word, parts[i]))
			put_leb(t, number(t, after(word, parts[i])), 5);
}

static void
exception(struct trace *t, char **word)
{
	uint64_t n = number(t, word[0]);
	bool pending = has(word, "pending"), more = n > 31 || pending;

	put(t, 0x06);
	put(t, more << 7 | has(word, "match") << 6 | (n & 31) << 1 | has(word, "ret"));
	if (more)
		put(t, (uint64_t)pending << 5 | n >> 5);
}

static void
timestamp(struct trace *t, char **word)
{
	put(t, 0x02 | has(word, "cc"));
	put_leb(t, number(t, word[0]), 9);
	if (has(word, "cc"))
		put_leb(t, number(t, after(word, "cc")), 3);
}

static bool
cycles(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "ccnt1") == 0) {
		bool count = word[0] != NULL && strcmp(word[0], "commit") != 0;

		put(t, 0x0e | !count);
		if (has(word, "commit"))
			put_leb(t, number(t, after(word, "commit")), 4);
		if (count)
			put_leb(t, number(t, word[0]), 3);
	} else if (strcmp(op, "ccnt2") == 0) {
		put(t, 0x0c | has(word, "deep"));
		put(t, (number(t, word[1]) & 15) << 4 | (number(t, word[0]) & 15));
	} else if (strcmp(op, "ccnt3") == 0) {
		put(t, 0x10 | ((number_after(t, word, "commit", 1) - 1) & 3) << 2 |
			   (number(t, word[0]) & 3));
	} else {
		return false;
	}
	return true;
}

/* The atoms of a packet that cancels speculation. */
static uint8_t
cancelled_atoms(const struct trace *t, const char *atoms)
{
	static const char *const words[] = { "", "E", "EE", "N" };
	uint8_t i;

	for (i = 0; i < 4; i++)
		if (strcmp(atoms == NULL ? "" : atoms, words[i]) == 0)
			return i;
	die(t, "not E, EE or N");
}

static bool
speculation(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "mispredict") == 0)
		put(t, 0x30 | cancelled_atoms(t, word[0]));
	else if (strcmp(op, "cancel2") == 0)
		put(t, 0x34 | cancelled_atoms(t, word[0]));
	else if (strcmp(op, "cancel3") == 0)
		put(t, 0x38 | ((number(t, word[0]) - 2) & 3) << 1 | has(word, "E"));
	else
		return false;
	return true;
}

static bool
conditional(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "cond_i3") == 0) {
		put(t, 0x6d);
		put(t, (number(t, word[0]) & 0x3f) << 1);
	} else if (strcmp(op, "cond_res3") == 0) {
		put(t, 0x50 | (number(t, word[0]) >> 8 & 15));
		put(t, number(t, word[0]));
	} else if (strcmp(op, "cond_res1") ==
		   0) { /* each key with a result of four bits below it */
		bool two = word[0] != NULL && word[1] != NULL && word[2] != NULL;

		put(t, two ? 0x68 : 0x6e);
		put_leb(t, number(t, word[0]) << 4 | (number(t, word[1]) & 15), 5);
		if (two)
			put_leb(t, number(t, word[2]) << 4 | (number(t, word[3]) & 15), 5);
	} else {
		return false;
	}
	return true;
}

static void
context(struct trace *t, char **word)
{
	const char *cid = after(word, "cid"), *vmid = after(word, "vmid");
	const char *vmid32 = after(word, "vmid32");

	put(t, (number(t, word[0]) & 3) | has(word, "nse") << 3 | !has(word, "32") << 4 |
		   has(word, "ns") << 5 | (vmid != NULL || vmid32 != NULL) << 6 |
		   (cid != NULL) << 7);
	if (vmid != NULL)
		put_little(t, number(t, vmid), 1);
	if (vmid32 != NULL)
		put_little(t, number(t, vmid32), 4);
	if (cid != NULL)
		put_little(t, number(t, cid), 4);
}

/* is1: instructions are two bytes long. */
static void
addr(struct trace *t, uint64_t a, int bytes, bool is1)
{
	put(t, a >> (is1 ? 1 : 2) & 0x7f);
	put(t, is1 ? a >> 8 & 0xff : a >> 9 & 0x7f);
	put_little(t, a >> 16, bytes - 2);
}

static void
addr_short(struct trace *t, uint64_t a, bool low, bool is1)
{
	a >>= is1 ? 1 : 2;
	put(t, (a & 0x7f) | (low ? 0 : 0x80));
	if (!low)
		put(t, a >> 7 & 0xff);
}

static bool
addressed(struct trace *t, const char *op, char **word)
{
	static const struct {
		const char *op;
		uint8_t header, bytes;
		bool context;
	} ops[] = { { "addr_ctxt32", 0x82, 4, true }, { "addr_ctxt64", 0x85, 8, true },
		{ "short", 0x95, 2, false }, { "addr32", 0x9a, 4, false },
		{ "addr64", 0x9d, 8, false }, { "src_short", 0xb4, 2, false },
		{ "src32", 0xb6, 4, false }, { "src64", 0xb8, 8, false } };
	size_t i, n;
	bool is1;

	for (i = 0; i < sizeof ops / sizeof *ops; i++) {
		n = strlen(ops[i].op);
		is1 = strncmp(op, ops[i].op, n) == 0 && strcmp(op + n, "_is1") == 0;
		if (!is1 && strcmp(op, ops[i].op) != 0)
			continue;
		put(t, ops[i].header + (unsigned)is1);
		if (ops[i].bytes == 2)
			addr_short(t, number(t, word[0]), has(word, "low"), is1);
		else
			addr(t, number(t, word[0]), ops[i].bytes, is1);
		if (ops[i].context)
			context(t, word + 1);
		return true;
	}
	return false;
}

static void
q(struct trace *t, char **word)
{
	const char *match = after(word, "match"), *near = after(word, "short");
	const char *far = after(word, "long"), *count = after(word, "count");
	bool is1 = has(word, "is1");

	put(t, 0xa0 | (match != NULL      ? number(t, match) & 3
			  : near != NULL  ? 5u + is1
			  : far != NULL   ? 10u + is1
			  : count != NULL ? 12u
					  : 15u));
	if (near != NULL)
		addr_short(t, number(t, near), false, is1);
	if (far != NULL)
		addr(t, number(t, far), 4, is1);
	if (count != NULL)
		put_leb(t, number(t, count), 5);
}

/* The oldest first. Some fours and fives have a header of their own, more are E except for the
 * last; others are cut into threes. */
static void
atoms(struct trace *t, const char *s)
{
	static const struct {
		const char *atoms;
		uint8_t header;
	} patterns[] = { { "NEEE", 0xdc }, { "NNNN", 0xdd }, { "NENE", 0xde }, { "ENEN", 0xdf },
		{ "NNNNN", 0xd5 }, { "NENEN", 0xd6 }, { "ENENE", 0xd7 }, { "NEEEE", 0xf5 } };
	size_t n = strlen(s), e = strspn(s, "E"), i;
	unsigned bits = 0;

	for (i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (strcmp(s, patterns[i].atoms) == 0) {
			put(t, patterns[i].header);
			return;
		}
	if (n >= 4 && e >= n - 1 && n <= 24) {
		put(t, 0xc0 | (n - 4) | (s[n - 1] == 'N' ? 0x20 : 0));
		return;
	}
	for (; n > 3; n -= 3, s += 3)
		put(t, 0xf8 | (s[0] == 'E') | (s[1] == 'E') << 1 | (s[2] == 'E') << 2);
	for (i = 0; i < n; i++)
		bits |= (unsigned)(s[i] == 'E') << i;
	put(t, (n == 3 ? 0xf8 : n == 2 ? 0xd8 : 0xf6) | bits);
}

bool
etm4(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "async") == 0) {
		put_zeros(t, 11, 0x80);
	} else if (strcmp(op, "pe_reset") == 0 || strcmp(op, "trans_fail") == 0) {
		put(t, 0x06);
		put(t, *op == 'p' ? 0x01 : 0x31);
		put(t, 0x70);
	} else if (strcmp(op, "discard") == 0 || strcmp(op, "overflow") == 0) {
		put(t, 0x00);
		put(t, *op == 'd' ? 3 : 5);
	} else if (strcmp(op, "trace_info") == 0) {
		trace_info(t, word);
	} else if (strcmp(op, "except") == 0) {
		exception(t, word);
	} else if (strcmp(op, "ts") == 0) {
		timestamp(t, word);
	} else if (strcmp(op, "ctxt") == 0) {
		put(t, 0x81);
		context(t, word);
	} else if (strcmp(op, "q") == 0) {
		q(t, word);
	} else if (strcmp(op, "atoms") == 0 && word[0] != NULL) {
		atoms(t, word[0]);
	} else {
		return plain(t, op) || counted(t, op, word) || cycles(t, op, word) ||
		       speculation(t, op, word) || conditional(t, op, word) ||
		       addressed(t, op, word);
	}
	return true;
}
