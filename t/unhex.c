/* SPDX-License-Identifier: MIT */
/*
 * unhex - make a binary file from text: unhex [-b] <text >file
 *
 * So that a test's recording can be read. Words between blanks, # starts a comment:
 *	4f 00			bytes in hex
 *	u8:1 u16:-2 u32:0x10 u64:5	numbers in the file's byte order (-b: big-endian)
 *	flags:0x40000		u64 of C bit fields: a big-endian compiler fills bytes from the top
 *	"text\n\0"		characters, no NUL at the end
 *	fill:16			zero bytes, so that the string before takes that many
 *	pad:8			zero bytes up to a multiple
 *	endian			a byte: 1 with -b
 *	{ TYPE MISC ... }	a perf record: header, size filled in, padded to 8
 *	len32:NAME len64:NAME	the number of bytes between <NAME and NAME>
 *	at64:NAME		the offset of <NAME
 */

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAXBYTES = 1 << 26, MAXPARTS = 64, MAXHOLES = 128 };

struct part {
	char name[32];
	size_t begin, len;
};

/* Bytes to be filled in with a part's length or offset. */
struct hole {
	int part, size;
	bool place;
	size_t at;
};

struct maker {
	uint8_t *p;
	size_t n, record, string; /* where the open record and the last string start */
	bool big;
	struct part part[MAXPARTS];
	struct hole hole[MAXHOLES];
	int nparts, nholes;
};

static void
put(struct maker *m, size_t at, uint64_t v, int size)
{
	int i;

	if (at + (size_t)size > MAXBYTES)
		errx(1, "too long");
	for (i = 0; i < size; i++)
		m->p[at + (size_t)i] = (uint8_t)(v >> 8 * (m->big ? size - 1 - i : i));
}

static void
add(struct maker *m, uint64_t v, int size)
{
	put(m, m->n, v, size);
	m->n += (size_t)size;
}

static void
pad(struct maker *m, size_t to)
{
	while (m->n % to != 0)
		add(m, 0, 1);
}

static uint64_t
number(const char *s)
{
	char *end;
	uint64_t v = strtoull(s, &end, 0);

	if (*s == '\0' || *end != '\0')
		errx(1, "\"%s\": not a number", s);
	return v;
}

static void
add_flags(struct maker *m, uint64_t v)
{
	int i, k;
	unsigned byte;

	for (i = 0; i < 8; i++, v >>= 8) {
		for (byte = 0, k = 0; k < 8; k++)
			byte |= (v >> k & 1) << (m->big ? 7 - k : k);
		add(m, byte, 1);
	}
}

static int
part(struct maker *m, const char *name, size_t n)
{
	int i;

	for (i = 0; i < m->nparts; i++)
		if (strlen(m->part[i].name) == n && memcmp(m->part[i].name, name, n) == 0)
			return i;
	if (m->nparts == MAXPARTS || n >= sizeof m->part->name)
		errx(1, "too many parts");
	memcpy(m->part[i].name, name, n);
	return m->nparts++;
}

static void
add_string(struct maker *m, const char *s, size_t n)
{
	static const char names[] = "n\nt\t0\0\\\\\"\"";
	const char *e;
	size_t i;

	m->string = m->n;
	for (i = 0; i < n; i++) {
		if (s[i] != '\\') {
			add(m, (uint8_t)s[i], 1);
			continue;
		}
		i++;
		for (e = names; e < names + sizeof names - 1 && *e != s[i]; e += 2)
			;
		add(m, (uint8_t)e[1], 1);
	}
}

static void
leave_room(struct maker *m, const char *name, int size, bool place)
{
	if (m->nholes == MAXHOLES)
		errx(1, "too many lengths");
	m->hole[m->nholes++] = (struct hole){ part(m, name, strlen(name)), size, place, m->n };
	add(m, 0, size);
}

static void
end_part(struct maker *m, int i)
{
	m->part[i].len = m->n - m->part[i].begin;
}

static void
word(struct maker *m, const char *w)
{
	size_t n = strlen(w);

	if (strncmp(w, "u8:", 3) == 0)
		add(m, number(w + 3), 1);
	else if (strncmp(w, "u16:", 4) == 0)
		add(m, number(w + 4), 2);
	else if (strncmp(w, "u32:", 4) == 0)
		add(m, number(w + 4), 4);
	else if (strncmp(w, "u64:", 4) == 0)
		add(m, number(w + 4), 8);
	else if (strncmp(w, "flags:", 6) == 0)
		add_flags(m, number(w + 6));
	else if (strcmp(w, "endian") == 0)
		add(m, m->big, 1);
	else if (strncmp(w, "fill:", 5) == 0)
		while (m->n < m->string + number(w + 5))
			add(m, 0, 1);
	else if (strncmp(w, "pad:", 4) == 0)
		pad(m, number(w + 4));
	else if (strncmp(w, "len32:", 6) == 0)
		leave_room(m, w + 6, 4, false);
	else if (strncmp(w, "len64:", 6) == 0)
		leave_room(m, w + 6, 8, false);
	else if (strncmp(w, "at64:", 5) == 0)
		leave_room(m, w + 5, 8, true);
	else if (*w == '<')
		m->part[part(m, w + 1, n - 1)].begin = m->n;
	else if (w[n - 1] == '>')
		end_part(m, part(m, w, n - 1));
	else if (n == 2 && strspn(w, "0123456789abcdef") == 2)
		add(m, strtoul(w, NULL, 16), 1);
	else
		errx(1, "\"%s\": not a word of mine", w);
}

static char *
next_word(char **s)
{
	char *w;

	*s += strspn(*s, " \t\n");
	w = *s;
	*s += strcspn(*s, " \t\n");
	if (**s != '\0')
		*(*s)++ = '\0';
	return *w == '\0' ? NULL : w;
}

static void
line(struct maker *m, char *s)
{
	char *w, *end;

	for (;;) {
		s += strspn(s, " \t\n");
		if (*s == '"') {
			for (end = s + 1; *end != '"' && *end != '\0'; end++)
				end += *end == '\\' && end[1] != '\0';
			add_string(m, s + 1, (size_t)(end - s) - 1);
			s = end + (*end == '"');
			continue;
		}
		if ((w = next_word(&s)) == NULL || *w == '#')
			return;
		if (strcmp(w, "{") == 0) {
			m->record = m->n;
			add(m, number(next_word(&s)), 4);
			add(m, number(next_word(&s)), 2);
			add(m, 0, 2);
		} else if (strcmp(w, "}") == 0) {
			while ((m->n - m->record) % 8 != 0)
				add(m, 0, 1);
			put(m, m->record + 6, m->n - m->record, 2);
		} else {
			word(m, w);
		}
	}
}

static void
fill(struct maker *m, const struct hole *h)
{
	const struct part *p = &m->part[h->part];

	put(m, h->at, h->place ? p->begin : p->len, h->size);
}

int
main(int argc, char *argv[])
{
	struct maker m = { .big = argc > 1 && strcmp(argv[1], "-b") == 0 };
	char *text = NULL;
	size_t cap = 0;
	int i;

	if ((m.p = calloc(1, MAXBYTES)) == NULL)
		err(1, NULL);
	while (getline(&text, &cap, stdin) > 0)
		line(&m, text);
	for (i = 0; i < m.nholes; i++)
		fill(&m, &m.hole[i]);
	fwrite(m.p, 1, m.n, stdout);
	free(text);
	free(m.p);
	return fflush(stdout) == 0 ? 0 : 1;
}
