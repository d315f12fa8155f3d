/* SPDX-License-Identifier: MIT */

#include "segments.h"

#include <stdlib.h>

#include "base/mem.h"

void
segments_add(struct segments *s, uint64_t off, uint64_t len, uint64_t addr)
{
	uint64_t end = len < UINT64_MAX - off ? off + len : UINT64_MAX;

	s->shift = mem_grow(s->shift, s->n, &s->cap, sizeof *s->shift);
	s->shift[s->n++] = addr - off;
	coderanges_add(&s->ranges, (struct coderange){ off, end, s->n });
}

void
segments_done(struct segments *s)
{
	coderanges_split(&s->ranges);
}

bool
segments_find(const struct segments *s, uint64_t off, uint64_t *addr)
{
	size_t number = coderanges_find(&s->ranges, off);

	if (number > 0)
		*addr = off + s->shift[number - 1];
	return number > 0;
}

void
segments_free(struct segments *s)
{
	coderanges_free(&s->ranges);
	free(s->shift);
}
