/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "perfbuild.h"

enum { HEADER = 8, HAS_SIZE = 0x8000, PADDED = 24, CPUMODE = 7, GUEST_KERNEL = 4, GUEST_USER = 5 };

void
perf_builds_free(struct perf_builds *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free(b->build[i].path);
	free(b->build);
	hash_free(&b->at);
	*b = (struct perf_builds){ 0 };
}

static uint64_t
key(bool guest, struct str path)
{
	return digest_bytes(guest, path.p, path.n);
}

/* Build ids are 20 bytes, or shorter with zeros behind where the writer did not say. */
static size_t
length(const uint8_t *id, size_t size)
{
	if (size > 0 && size <= PERF_BUILD_ID)
		return size;
	for (size = PERF_BUILD_ID; size > 16 && id[size - 1] == 0; size--)
		;
	return size > 16 ? PERF_BUILD_ID : 16;
}

void
perf_builds_record(struct perf_builds *b, uint16_t misc, struct bytes body)
{
	unsigned mode = misc & CPUMODE;
	struct perf_build k = { .guest = mode == GUEST_KERNEL || mode == GUEST_USER };
	struct str path;
	const uint8_t *id;

	bytes_u32(&body); /* pid */
	id = bytes_take(&body, PADDED);
	path.p = bytes_string(&body, &path.n);
	if (id == NULL || path.n == 0)
		return;
	k.n = length(id, misc & HAS_SIZE ? id[PERF_BUILD_ID] : 0);
	memcpy(k.id, id, PERF_BUILD_ID);
	k.path = mem_copy(path.p, path.n);
	b->build = mem_grow(b->build, b->n, &b->cap, sizeof *b->build);
	b->build[b->n++] = k;
	*hash_put(&b->at, key(k.guest, path)) = b->n;
}

void
perf_builds_feature(struct perf_builds *b, struct bytes all)
{
	struct bytes one;
	uint16_t misc, size;

	while (bytes_left(&all) >= HEADER) {
		bytes_u32(&all);
		misc = bytes_u16(&all);
		size = bytes_u16(&all);
		one = bytes_cut(&all, size < HEADER ? 0 : size - HEADER);
		if (size < HEADER || bytes_bad(&one))
			return;
		perf_builds_record(b, misc, one);
	}
}

/* What the kernel's map is called ends with its reference symbol. */
static struct str
without_symbol(struct str path)
{
	const char *close = memchr(path.p, ']', path.n);

	if (path.n > 0 && *path.p == '[' && close != NULL)
		path.n = (size_t)(close - path.p) + 1;
	return path;
}

const struct perf_build *
perf_builds_find(const struct perf_builds *b, bool guest, struct str path)
{
	const struct perf_build *k;
	const uint64_t *at;

	path = without_symbol(path);
	at = hash_get(&b->at, key(guest, path));
	if (at == NULL)
		return NULL;
	k = &b->build[*at - 1];
	return str_eq(str_of(k->path), path) ? k : NULL;
}
