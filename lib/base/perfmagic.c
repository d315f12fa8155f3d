/* SPDX-License-Identifier: MIT */

#include "perfmagic.h"

/* Skip the bytes at p that are in a set. */
static const char *
skip(const char *p, const char *end, const char *set)
{
	while (p < end && *p != '\0' && strchr(set, *p) != NULL)
		p++;
	return p;
}

static bool
is_records(const void *head, size_t n)
{
	const char *p = head, *end = p + n, *kind = p, *time;

	p = skip(p, end, "abcdefghijklmnopqrstuvwxyz");
	if (p == kind || p == end || *p != '\t')
		return false;
	time = ++p;
	p = skip(p, end, "-0123456789");
	return p > time && p < end && *p == '\t';
}

static bool
is_text(const void *head, size_t n)
{
	const unsigned char *p = head;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] < ' ' && (p[i] == '\0' || strchr("\t\n\f\r\033", p[i]) == NULL))
			return false;
	return n > 0;
}

enum magic
magic_of(const void *head, size_t n)
{
	if (perf_magic(head, n) != PERF_MAGIC_NONE)
		return MAGIC_PERF;
	if (tracedat_magic(head, n))
		return MAGIC_TRACEDAT;
	if (is_records(head, n))
		return MAGIC_RECORDS;
	return is_text(head, n) ? MAGIC_TEXT : MAGIC_NONE;
}

const char *
magic_advice(enum magic magic)
{
	static const char *const advice[] = { "", "a perf.data file: use perf2rec",
		"a trace.dat file: use ftrace2rec", "records already, which need no conversion",
		"text: script2rec reads that of perf script, trace-cmd report and ftrace" };

	return advice[magic];
}
