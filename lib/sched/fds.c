/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "fds.h"

enum { CHUNK = 64, CHUNKS = FDS_MAX / CHUNK };

/* The names of 64 descriptors, shared by the tables that have not changed them. */
struct chunk {
	uint32_t refs, n; /* n: those that have a name */
	uint64_t cloexec; /* bits */
	uint32_t name[CHUNK];
};

struct fds {
	uint32_t refs;
	uint32_t execed; /* bits: chunks whose close-on-exec descriptors are closed here */
	struct chunk *chunk[CHUNKS];
};

static void
drop_chunk(struct chunk *c)
{
	if (c != NULL && --c->refs == 0)
		free(c);
}

struct fds *
fds_share(struct fds *f)
{
	if (f != NULL)
		f->refs++;
	return f;
}

void
fds_drop(struct fds *f)
{
	int i;

	if (f == NULL || --f->refs > 0)
		return;
	for (i = 0; i < CHUNKS; i++)
		drop_chunk(f->chunk[i]);
	free(f);
}

/* Make *f a table that nobody else has. */
static struct fds *
own(struct fds **f)
{
	struct fds *old = *f;
	int i;

	if (old != NULL && old->refs == 1)
		return old;
	*f = mem_alloc(sizeof **f);
	(*f)->refs = 1;
	if (old == NULL)
		return *f;
	(*f)->execed = old->execed;
	for (i = 0; i < CHUNKS; i++)
		if (((*f)->chunk[i] = old->chunk[i]) != NULL)
			old->chunk[i]->refs++;
	fds_drop(old);
	return *f;
}

/* Close what exec closed in a chunk. */
static void
close_execed(struct chunk *c)
{
	int i;

	for (i = 0; i < CHUNK; i++)
		if (c->cloexec >> i & 1) {
			c->name[i] = INTERN_NONE;
			c->n--;
		}
	c->cloexec = 0;
}

/* The same for a chunk. */
static struct chunk *
own_chunk(struct fds *f, int i)
{
	struct chunk *old = f->chunk[i], *c = old;

	if (old == NULL || old->refs > 1) {
		c = f->chunk[i] = mem_alloc(sizeof *c);
		if (old != NULL)
			*c = *old;
		else
			memset(c->name, 0xff, sizeof c->name);
		c->refs = 1;
		if (old != NULL)
			drop_chunk(old);
	}
	if (f->execed >> i & 1)
		close_execed(c);
	f->execed &= ~(1u << i);
	return c;
}

uint32_t
fds_get(const struct fds *f, int64_t fd)
{
	const struct chunk *c = f == NULL || fd < 0 || fd >= FDS_MAX ? NULL : f->chunk[fd / CHUNK];

	if (c == NULL || ((f->execed >> fd / CHUNK & 1) && (c->cloexec >> fd % CHUNK & 1)))
		return INTERN_NONE;
	return c->name[fd % CHUNK];
}

void
fds_put(struct fds **f, int64_t fd, uint32_t name, bool cloexec)
{
	struct chunk *c;
	uint64_t bit = 1ull << (fd & (CHUNK - 1));

	if (fd < 0 || fd >= FDS_MAX || (name == INTERN_NONE && fds_get(*f, fd) == name))
		return;
	c = own_chunk(own(f), (int)(fd / CHUNK));
	c->n -= c->name[fd % CHUNK] != INTERN_NONE;
	c->n += name != INTERN_NONE;
	c->name[fd % CHUNK] = name;
	c->cloexec = name != INTERN_NONE && cloexec ? c->cloexec | bit : c->cloexec & ~bit;
	if (c->n > 0)
		return;
	drop_chunk(c);
	(*f)->chunk[fd / CHUNK] = NULL;
}

void
fds_exec(struct fds **f)
{
	if (*f != NULL)
		own(f)->execed = (1u << CHUNKS) - 1;
}
