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

bool
records_magic(const void *head, size_t n)
{
	const char *p = head, *end = p + n, *kind = p, *time;

	p = skip(p, end, "abcdefghijklmnopqrstuvwxyz");
	if (p == kind || p == end || *p != '\t')
		return false;
	time = ++p;
	p = skip(p, end, "-0123456789");
	return p > time && p < end && *p == '\t';
}

bool
text_magic(const void *head, size_t n)
{
	const unsigned char *p = head;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] < ' ' && (p[i] == '\0' || strchr("\t\n\f\r\033", p[i]) == NULL))
			return false;
	return n > 0;
}
