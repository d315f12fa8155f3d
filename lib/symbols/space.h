/* SPDX-License-Identifier: MIT */
/* space - one address space: which file is mapped where */

#ifndef SPACE_H
#define SPACE_H

#include "base/text.h"

/* What a map is of. Strings as records have them, escaped; they live as long as a map of it. */
struct space_file {
	size_t refs;
	struct str path;
	struct str build; /* build id in hex, "-" where it is not known */
};

/* [addr, end) holds the file from offset off on. */
struct space_map {
	uint64_t addr, end, off;
	struct space_file *file;
};

struct space {
	struct space_maps *maps; /* may be shared with other spaces; NULL where there are none */
};

/*
 * A new map cuts those that it overlaps: what they have before and behind it stays. The generation
 * is counted up for each change, by whoever has spaces that are to be told apart.
 */
void space_put(struct space *, uint64_t *generation, const struct space_map *, struct str path,
    struct str build);
void space_cut(struct space *, uint64_t *generation, uint64_t addr, uint64_t end);
void space_clear(struct space *);

/* A space with the same maps; the first change of either one parts them. */
struct space space_share(const struct space *);

/* What is at addr: NULL where nothing is. Valid until the next change. */
const struct space_map *space_find(const struct space *, uint64_t addr);

/* The same, or else the one behind addr: NULL where there is none. */
const struct space_map *space_next(const struct space *, uint64_t addr);

/* Spaces with the same number have the same maps; 0 stands for none at all. */
uint64_t space_generation(const struct space *);

#endif
