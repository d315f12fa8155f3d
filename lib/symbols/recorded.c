/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "recorded.h"
#include "space.h"

struct recorded {
	struct intern files;  /* number of the machine and path: the file of that number */
	struct space *symbol; /* by file: at each place the symbol, as if it were a mapped file */
	size_t cap;
	uint64_t generation; /* unused, but spaces count their changes */
	struct strbuf key;
};

struct recorded *
recorded_new(void)
{
	return mem_alloc(sizeof(struct recorded));
}

void
recorded_free(struct recorded *r)
{
	size_t i;

	for (i = 0; i < r->files.n; i++)
		space_clear(&r->symbol[i]);
	free(r->symbol);
	intern_free(&r->files);
	strbuf_free(&r->key);
	free(r);
}

static struct str
key_of(struct recorded *r, uint32_t machine, struct str path)
{
	strbuf_clear(&r->key);
	strbuf_add_bytes(&r->key, &machine, sizeof machine);
	strbuf_add(&r->key, path);
	return strbuf_str(&r->key);
}

void
recorded_add(struct recorded *r, uint32_t machine, const struct rec *rec)
{
	const struct rec_usym *u = &rec->usym;
	size_t n = r->files.n;
	uint32_t id = intern_put(&r->files, key_of(r, machine, u->path));
	struct space_map symbol = { .addr = u->off };

	symbol.end = u->len > UINT64_MAX - u->off ? UINT64_MAX : u->off + u->len;
	if (id == n) {
		r->symbol = mem_grow(r->symbol, id, &r->cap, sizeof *r->symbol);
		r->symbol[id] = (struct space){ 0 };
	}
	space_put(&r->symbol[id], &r->generation, &symbol, u->name, STR(""));
}

bool
recorded_find(struct recorded *r, uint32_t machine, struct str path, uint64_t off,
    struct recorded_symbol *found)
{
	const struct space_map *symbol;
	uint32_t id;

	if (r->files.n == 0 ||
	    (id = intern_find(&r->files, key_of(r, machine, path))) == INTERN_NONE)
		return false;
	if ((symbol = space_find(&r->symbol[id], off)) == NULL)
		return false;
	*found = (struct recorded_symbol){ symbol->addr - symbol->off, symbol->file->path };
	return true;
}
