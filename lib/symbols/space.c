/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "space.h"

/* More executable maps than a process has in practice: what comes on top is not taken, so that a
 * forged recording cannot make each new one move millions. */
enum { MAXMAPS = 16384 };

/* In the order of their addresses; no two overlap. */
struct space_maps {
	size_t refs;
	uint64_t generation;
	struct space_map *map;
	size_t n, cap;
};

static struct space_file *
file_new(struct str path, struct str build)
{
	struct space_file *f = mem_alloc(sizeof *f + path.n + build.n);
	char *text = (char *)(f + 1);

	if (path.n > 0)
		memcpy(text, path.p, path.n);
	if (build.n > 0)
		memcpy(text + path.n, build.p, build.n);
	*f = (struct space_file){ 0, { text, path.n }, { text + path.n, build.n } };
	return f;
}

static void
file_release(struct space_file *f)
{
	if (--f->refs == 0)
		free(f);
}

static void
maps_release(struct space_maps *m)
{
	size_t i;

	if (m == NULL || --m->refs > 0)
		return;
	for (i = 0; i < m->n; i++)
		file_release(m->map[i].file);
	free(m->map);
	free(m);
}

static struct space_maps *
maps_copy(const struct space_maps *from)
{
	struct space_maps *m = mem_alloc(sizeof *m);
	size_t i;

	m->refs = 1;
	if (from == NULL || from->n == 0)
		return m;
	m->cap = m->n = from->n;
	m->map = mem_resize(NULL, m->cap, sizeof *m->map);
	memcpy(m->map, from->map, m->n * sizeof *m->map);
	for (i = 0; i < m->n; i++)
		m->map[i].file->refs++;
	return m;
}

/* The first map that ends behind addr. */
static size_t
first_behind(const struct space_maps *m, uint64_t addr)
{
	size_t low = 0, high = m->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (m->map[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static struct space_map
part_of(const struct space_map *m, uint64_t addr, uint64_t end)
{
	return (struct space_map){ addr, end, m->off + (addr - m->addr), m->file };
}

/* Put the pieces where map[from .. to) is. */
static void
splice(struct space_maps *m, size_t from, size_t to, const struct space_map *piece, size_t n)
{
	size_t i, tail = m->n - to;

	for (i = 0; i < n; i++)
		piece[i].file->refs++;
	for (i = from; i < to; i++)
		file_release(m->map[i].file);
	while (m->cap < from + n + tail)
		m->map = mem_grow(m->map, m->cap, &m->cap, sizeof *m->map);
	if (tail > 0)
		memmove(m->map + from + n, m->map + to, tail * sizeof *m->map);
	if (n > 0)
		memcpy(m->map + from, piece, n * sizeof *piece);
	m->n = from + n + tail;
}

/* Make room at [new.addr, new.end), and put the map there unless its file is NULL. */
static void
put_map(struct space_maps *m, struct space_map new)
{
	size_t from = first_behind(m, new.addr), to = from, n = 0;
	struct space_map piece[3];

	while (to < m->n && m->map[to].addr < new.end)
		to++;
	if (from < to && m->map[from].addr < new.addr)
		piece[n++] = part_of(&m->map[from], m->map[from].addr, new.addr);
	if (new.file != NULL)
		piece[n++] = new;
	if (from < to && m->map[to - 1].end > new.end)
		piece[n++] = part_of(&m->map[to - 1], new.end, m->map[to - 1].end);
	splice(m, from, to, piece, n);
}

/* Before a change the space gets its maps for itself, and a new generation. */
static struct space_maps *
own_maps(struct space *s, uint64_t *generation)
{
	struct space_maps *shared = s->maps;

	if (shared == NULL || shared->refs > 1) {
		s->maps = maps_copy(shared);
		maps_release(shared);
	}
	s->maps->generation = ++*generation;
	return s->maps;
}

void
space_put(struct space *s, uint64_t *generation, const struct space_map *map, struct str path,
    struct str build)
{
	struct space_map new = *map;

	if (new.addr >= new.end || (s->maps != NULL && s->maps->n >= MAXMAPS))
		return;
	new.file = file_new(path, build);
	put_map(own_maps(s, generation), new);
}

void
space_cut(struct space *s, uint64_t *generation, uint64_t addr, uint64_t end)
{
	size_t i = s->maps == NULL ? 0 : first_behind(s->maps, addr);

	if (s->maps == NULL || addr >= end || i == s->maps->n || s->maps->map[i].addr >= end)
		return;
	put_map(own_maps(s, generation), (struct space_map){ addr, end, 0, NULL });
}

void
space_clear(struct space *s)
{
	maps_release(s->maps);
	s->maps = NULL;
}

struct space
space_share(const struct space *s)
{
	if (s->maps != NULL)
		s->maps->refs++;
	return *s;
}

const struct space_map *
space_next(const struct space *s, uint64_t addr)
{
	size_t i = s->maps == NULL ? 0 : first_behind(s->maps, addr);

	return s->maps == NULL || i == s->maps->n ? NULL : &s->maps->map[i];
}

const struct space_map *
space_find(const struct space *s, uint64_t addr)
{
	const struct space_map *m = space_next(s, addr);

	return m == NULL || m->addr > addr ? NULL : m;
}

uint64_t
space_generation(const struct space *s)
{
	return s->maps == NULL ? 0 : s->maps->generation;
}
