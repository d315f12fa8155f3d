/* SPDX-License-Identifier: MIT */
/*
 * mktrace - write CoreSight trace from commented text, so that tests show what is in it
 *
 * A word with its arguments on each line; # starts a comment. Bytes:
 *
 *	bytes HEX ...		as they are
 *	u16 u32 u64 N ...	numbers, starting with the lowest byte
 *	big little		from here on numbers start with the highest, the lowest byte
 *	nibbles HEX ...		half bytes, which fill the lower half of a byte first (STM)
 *	id HEX			the bytes that follow are this source's: frames
 *	barrier			a frame of full syncs
 *	frame HEX ... (16)	a frame as it is
 *	fsync			a full sync between two frames
 *
 * The top of each file in trace/ lists the words of a protocol.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

enum { WORDS = 40 };

/* --- frames */

static void
frame(struct trace *t, size_t *at)
{
	uint8_t f[16] = { 0 };
	size_t i = *at;
	int k;

	for (k = 0; k < 16; k += 2) {
		uint16_t next = i < t->n ? t->id[i] : 0;
		uint16_t then = i + 1 < t->n ? t->id[i + 1] : 0;

		if (next != t->current) {
			f[k] = (uint8_t)(next << 1 | 1);
			t->current = next;
			if (k < 14 && i < t->n)
				f[k + 1] = t->byte[i++];
		} else if (k < 14 && i < t->n && then != t->current) {
			f[k] = (uint8_t)(then << 1 | 1);
			f[15] |= (uint8_t)(1 << k / 2);
			f[k + 1] = t->byte[i++];
			t->current = then;
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

/* Write the bytes so far. */
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

static void
put_number(struct trace *t, uint64_t v, int n)
{
	for (; t->big && n > 0; n--)
		put(t, v >> 8 * (n - 1));
	put_little(t, v, n);
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
			put_number(t, number(t, *word), atoi(op + 1) / 8);
	} else if (strcmp(op, "big") == 0 || strcmp(op, "little") == 0) {
		t->big = *op == 'b';
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
		    !ptm(t, word[0], word + 1) && !etm3(t, word[0], word + 1) &&
		    !stm(t, word[0], word + 1) && !itm(t, word[0], word + 1))
			die(t, "no such word");
	}
	flush(t);
	free(t);
	return ferror(stdout) || fflush(stdout) != 0;
}
