/* SPDX-License-Identifier: MIT */
/*
 * mktrace - write CoreSight trace from commented text, so that a test can say what is in it
 *
 * One word a line, # starts a comment. Bytes:
 *
 *	bytes HEX ...		as they are
 *	u16 u32 u64 N ...	numbers, the lowest byte first
 *	nibbles HEX ...		half bytes, the lower half of a byte first (STM)
 *	id HEX			the bytes that follow are this source's: frames
 *	barrier			a frame of full syncs
 *	frame HEX ... (16)	a frame as it is
 *	fsync			a full sync between two frames
 *
 * ETMv4 and ETE:
 *
 *	async trace_info [cc THRESHOLD] trace_on discard overflow eret ignore event N
 *	addr64 A addr32 A short A ctxt EL [ns] [cid N] addr_ctxt64 A EL [ns] [cid N]
 *	atoms EEN... ts N [cc N] ccnt3 N except N [ret]
 *
 * PTM:		ptm_async ptm_isync A [ns] [cid N] ptm_atom E|N... ptm_branch A ptm_ctxtid N ptm_ts
 *N ETMv3:	etm3_async etm3_isync A [ns] etm3_phdr E...
 * STM:		stm_async stm_version N stm_m8 N stm_c8 N stm_d8 N stm_d32 N stm_flag stm_null
 * ITM:		itm_async itm_overflow itm_swit PORT BYTES N itm_dwt ID BYTES N itm_lts1 TC BYTES N
 *		itm_lts2 N itm_gts1 BYTES N [clkch] [wrap] itm_gts2 BYTES N itm_ext SH BYTES N
 *
 * Encodings: ARM IHI 0064 (ETMv4, ETE), IHI 0035 (PFT), IHI 0014 (ETMv3), MIPI STPv2, ARM DDI 0403
 * (ITM).
 */

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 1 << 20, NO_ID = 0x100, WORDS = 40 };

/* Bytes to come out, each with the id that it belongs to. */
struct trace {
	size_t n;
	uint8_t byte[MAX];
	uint16_t id[MAX];
	uint16_t now, current; /* the id of what is added; of what is packed */
	bool framed, half;
	int line;
};

static void
die(const struct trace *t, const char *what)
{
	fprintf(stderr, "mktrace: line %d: %s\n", t->line, what);
	exit(1);
}

static void
put(struct trace *t, uint64_t byte)
{
	if (t->n == MAX)
		die(t, "too much");
	t->byte[t->n] = (uint8_t)byte;
	t->id[t->n++] = t->now;
}

static void
put_little(struct trace *t, uint64_t v, int bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		put(t, v);
}

/* Seven bits a byte, the highest bit says that more come; the ninth byte has eight. */
static void
put_leb(struct trace *t, uint64_t v, int max)
{
	int i;

	for (i = 1; v > 0x7f && i < max; i++, v >>= 7)
		put(t, (v & 0x7f) | 0x80);
	put(t, v);
}

static void
put_nibble(struct trace *t, unsigned v)
{
	if (t->half)
		t->byte[t->n - 1] |= (uint8_t)(v << 4);
	else
		put(t, v);
	t->half = !t->half;
}

static void
put_nibbles(struct trace *t, uint64_t v, int n)
{
	for (; n > 0; n--)
		put_nibble(t, v >> 4 * (n - 1) & 15);
}

/* --- frames */

static void
frame(struct trace *t, size_t *at)
{
	uint8_t f[16] = { 0 };
	size_t i = *at;
	int k;

	for (k = 0; k < 16; k += 2) {
		uint16_t next = i < t->n ? t->id[i] : 0;
		uint16_t after = i + 1 < t->n ? t->id[i + 1] : 0;

		if (next != t->current) {
			f[k] = (uint8_t)(next << 1 | 1);
			t->current = next;
			if (k < 14 && i < t->n)
				f[k + 1] = t->byte[i++];
		} else if (k < 14 && i < t->n && after != t->current) {
			f[k] = (uint8_t)(after << 1 | 1);
			f[15] |= (uint8_t)(1 << k / 2);
			f[k + 1] = t->byte[i++];
			t->current = after;
		} else if (i < t->n) {
			f[k] = t->byte[i] & 0xfe;
			f[15] |= (uint8_t)((t->byte[i++] & 1) << k / 2);
			if (k < 14 && i < t->n)
				f[k + 1] = t->byte[i++];
		}
	}
	fwrite(f, 1, 16, stdout);
	*at = i;
}

/* Write what is there. */
static void
flush(struct trace *t)
{
	size_t at = 0;

	t->half = false;
	if (!t->framed)
		fwrite(t->byte, 1, t->n, stdout);
	while (t->framed && at < t->n)
		frame(t, &at);
	t->n = 0;
}

/* --- words */

static uint64_t
number(const struct trace *t, const char *word)
{
	char *end;
	uint64_t v = word == NULL ? 0 : strtoull(word, &end, 0);

	if (word == NULL || *end != '\0')
		die(t, "not a number");
	return v;
}

static const char *
after(char **word, const char *name)
{
	for (; *word != NULL; word++)
		if (strcmp(*word, name) == 0)
			return word[1] == NULL ? "" : word[1];
	return NULL;
}

static void
addr(struct trace *t, uint64_t a, int bytes)
{
	put(t, a >> 2 & 0x7f);
	put(t, a >> 9 & 0x7f);
	put_little(t, a >> 16, bytes - 2);
}

static void
context(struct trace *t, char **word)
{
	const char *cid = after(word, "cid");

	put(t, (number(t, word[0]) & 3) | 0x10 | (after(word, "ns") != NULL ? 0x20 : 0) |
		   (cid != NULL ? 0x80 : 0));
	if (cid != NULL)
		put_little(t, number(t, cid), 4);
}

static void
atoms(struct trace *t, const char *s)
{
	size_t n = strlen(s), e = strspn(s, "E"), i;
	unsigned bits = 0;

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

static void
padding(struct trace *t, int n, uint8_t end)
{
	while (n-- > 0)
		put(t, 0);
	put(t, end);
}

static bool
etm4(struct trace *t, const char *op, char **word)
{
	const char *cc = after(word, "cc");

	if (strcmp(op, "async") == 0) {
		padding(t, 11, 0x80);
	} else if (strcmp(op, "trace_info") == 0) {
		put(t, 1);
		put(t, cc == NULL ? 1 : 9);
		put(t, cc != NULL);
		if (cc != NULL)
			put_leb(t, number(t, cc), 2);
	} else if (strcmp(op, "trace_on") == 0) {
		put(t, 4);
	} else if (strcmp(op, "discard") == 0 || strcmp(op, "overflow") == 0) {
		put(t, 0);
		put(t, *op == 'd' ? 3 : 5);
	} else if (strcmp(op, "eret") == 0) {
		put(t, 7);
	} else if (strcmp(op, "ignore") == 0) {
		put(t, 0x70);
	} else if (strcmp(op, "event") == 0) {
		put(t, 0x70 | (number(t, word[0]) & 15));
	} else if (strcmp(op, "ts") == 0) {
		put(t, cc == NULL ? 2 : 3);
		put_leb(t, number(t, word[0]), 9);
		if (cc != NULL)
			put_leb(t, number(t, cc), 3);
	} else if (strcmp(op, "ccnt3") == 0) {
		put(t, 0x10 | (number(t, word[0]) & 3));
	} else if (strcmp(op, "except") == 0) {
		put(t, 6);
		put(t, (number(t, word[0]) & 31) << 1 | (after(word, "ret") != NULL));
	} else {
		return false;
	}
	return true;
}

static bool
etm4_addr(struct trace *t, const char *op, char **word)
{
	uint64_t a;

	if (strcmp(op, "atoms") == 0) {
		atoms(t, word[0]);
	} else if (strcmp(op, "ctxt") == 0) {
		put(t, 0x81);
		context(t, word);
	} else if (strcmp(op, "addr64") == 0 || strcmp(op, "addr_ctxt64") == 0) {
		put(t, op[4] == '6' ? 0x9d : 0x85);
		addr(t, number(t, word[0]), 8);
		if (op[4] != '6')
			context(t, word + 1);
	} else if (strcmp(op, "addr32") == 0) {
		put(t, 0x9a);
		addr(t, number(t, word[0]), 4);
	} else if (strcmp(op, "short") == 0) {
		a = number(t, word[0]);
		put(t, 0x95);
		put(t, (a >> 2 & 0x7f) | 0x80);
		put(t, a >> 9 & 0xff);
	} else {
		return false;
	}
	return true;
}

static bool
ptm(struct trace *t, const char *op, char **word)
{
	uint64_t a;

	if (strcmp(op, "ptm_async") == 0) {
		padding(t, 5, 0x80);
	} else if (strcmp(op, "ptm_isync") == 0) {
		put(t, 8);
		put_little(t, number(t, word[0]), 4);
		put(t, 0x20 | (after(word, "ns") != NULL ? 8 : 0));
		if (after(word, "cid") != NULL)
			put_little(t, number(t, after(word, "cid")), 4);
	} else if (strcmp(op, "ptm_atom") == 0) { /* a stop bit, then the newest atom first */
		size_t n = strlen(word[0]), i;
		unsigned v = 1;

		for (i = n; i-- > 0;)
			v = v << 1 | (word[0][i] == 'N');
		put(t, 0x80 | v << (6 - n) >> 0);
	} else if (strcmp(op, "ptm_branch") == 0) {
		a = number(t, word[0]) >> 2;
		put(t, (a & 0x3f) << 1 | 0x81);
		put(t, (a >> 6 & 0x7f) | 0x80);
		put(t, (a >> 13 & 0x7f) | 0x80);
		put(t, (a >> 20 & 0x7f) | 0x80);
		put(t, (a >> 27 & 7) | 8);
	} else if (strcmp(op, "ptm_ctxtid") == 0) {
		put(t, 0x6e);
		put_little(t, number(t, word[0]), 4);
	} else if (strcmp(op, "ptm_ts") == 0) {
		put(t, 0x42);
		put_leb(t, number(t, word[0]), 9);
	} else {
		return false;
	}
	return true;
}

static bool
etm3(struct trace *t, const char *op, char **word)
{
	if (strcmp(op, "etm3_async") == 0) {
		padding(t, 5, 0x80);
	} else if (strcmp(op, "etm3_isync") == 0) {
		put(t, 8);
		put(t, 0x20 | (after(word, "ns") != NULL ? 8 : 0) | 1);
		put_little(t, number(t, word[0]), 4);
	} else if (strcmp(op, "etm3_phdr") == 0) { /* up to 15 E, and an N */
		put(t,
		    0x80 | strspn(word[0], "E") << 2 | (strchr(word[0], 'N') != NULL ? 0x40 : 0));
	} else {
		return false;
	}
	return true;
}

static bool
stm(struct trace *t, const char *op, char **word)
{
	static const struct {
		const char *op;
		int code, digits; /* of the header, then of the value */
	} ops[] = { { "stm_m8", 0x1, 2 }, { "stm_c8", 0x3, 2 }, { "stm_d8", 0x4, 2 },
		{ "stm_d16", 0x5, 4 }, { "stm_d32", 0x6, 8 }, { "stm_d64", 0x7, 16 } };
	size_t i;

	if (strcmp(op, "stm_async") == 0) {
		for (i = 0; i < 21; i++)
			put_nibble(t, 15);
		put_nibble(t, 0);
	} else if (strcmp(op, "stm_version") == 0) {
		put_nibbles(t, 0xf00, 3);
		put_nibbles(t, number(t, word[0]), 1);
	} else if (strcmp(op, "stm_null") == 0) {
		put_nibble(t, 0);
	} else if (strcmp(op, "stm_flag") == 0) {
		put_nibbles(t, 0xfe, 2);
	} else {
		for (i = 0; i < sizeof ops / sizeof *ops; i++) {
			if (strcmp(op, ops[i].op) != 0)
				continue;
			put_nibble(t, (unsigned)ops[i].code);
			put_nibbles(t, number(t, word[0]), ops[i].digits);
			return true;
		}
		return false;
	}
	return true;
}

/* Seven bits a byte, n bytes of them; the last one with more at its top. */
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

static bool
itm(struct trace *t, const char *op, char **word)
{
	uint64_t n;

	if (strcmp(op, "itm_async") == 0) {
		padding(t, 5, 0x80);
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

static bool
bytes(struct trace *t, const char *op, char **word)
{
	static const uint8_t sync[4] = { 0xff, 0xff, 0xff, 0x7f };
	int i;

	if (strcmp(op, "bytes") == 0) {
		for (; *word != NULL; word++)
			put(t, strtoul(*word, NULL, 16));
	} else if (strcmp(op, "u16") == 0 || strcmp(op, "u32") == 0 || strcmp(op, "u64") == 0) {
		for (; *word != NULL; word++)
			put_little(t, number(t, *word), atoi(op + 1) / 8);
	} else if (strcmp(op, "nibbles") == 0) {
		for (; *word != NULL; word++)
			put_nibble(t, (unsigned)strtoul(*word, NULL, 16));
	} else if (strcmp(op, "id") == 0) {
		if (word[0] == NULL)
			die(t, "no id");
		t->now = (uint16_t)strtoul(word[0], NULL, 16);
		t->framed = true;
	} else if (strcmp(op, "barrier") == 0 || strcmp(op, "fsync") == 0) {
		flush(t);
		for (i = 0; i < (*op == 'b' ? 4 : 1); i++)
			fwrite(sync, 1, 4, stdout);
		t->current = *op == 'b' ? NO_ID : t->current;
	} else if (strcmp(op, "frame") == 0) {
		flush(t);
		for (; *word != NULL; word++)
			putchar((int)strtoul(*word, NULL, 16));
	} else {
		return false;
	}
	return true;
}

int
main(void)
{
	static const char *const blanks = " \t\n";
	struct trace *t = calloc(1, sizeof *t);
	char line[1024], *word[WORDS + 1], *p;
	int n;

	if (t == NULL)
		return 1;
	t->now = t->current = NO_ID;
	while (fgets(line, sizeof line, stdin) != NULL) {
		t->line++;
		line[strcspn(line, "#")] = '\0';
		n = 0;
		for (p = strtok(line, blanks); p != NULL && n < WORDS; p = strtok(NULL, blanks))
			word[n++] = p;
		word[n] = NULL;
		if (n > 0 && !bytes(t, word[0], word + 1) && !etm4(t, word[0], word + 1) &&
		    !etm4_addr(t, word[0], word + 1) && !ptm(t, word[0], word + 1) &&
		    !etm3(t, word[0], word + 1) && !stm(t, word[0], word + 1) &&
		    !itm(t, word[0], word + 1))
			die(t, "no such word");
	}
	flush(t);
	free(t);
	return ferror(stdout) || fflush(stdout) != 0;
}
