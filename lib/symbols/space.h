/* SPDX-License-Identifier: MIT */
/*
 * space - one address space: which file is mapped where
 *
 * Shared spaces have their maps in common: a change copies only the nodes that it touches.
 */

#ifndef SPACE_H
#define SPACE_H

#include "base/text.h"

/* The file of maps. Its strings are as in records, escaped; they live as long as a map of it. */
struct space_file {
	size_t refs;
	struct str path;
	struct str build; /* build id in hex, "-" if it is unknown */
};

/* [addr, end) holds the file from offset off on. */
struct space_map {
	uint64_t addr, end, off;
	struct space_file *file;
};

struct space {
	struct space_node *maps; /* private; NULL if there are none */
	uint64_t generation;     /* 0 until the first map; spaces with the same one are equal */
};

/*
 * Map a file, cutting away what overlaps it; unmap a range. Each change takes the next generation
 * from a counter that all spaces to be compared must have in common.
 */
void space_put(struct space *, uint64_t *generation, const struct space_map *, struct str path,
    struct str build);
void space_cut(struct space *, uint64_t *generation, uint64_t addr, uint64_t end);

/* Unmap everything: back to generation 0. */
void space_clear(struct space *);

/* A space with the same maps, to be cleared by the caller. */
struct space space_share(const struct space *);

/* The map at addr, NULL if there is none. Valid until the next change. */
const struct space_map *space_find(const struct space *, uint64_t addr);

/* The first map that ends after addr, NULL if there is none: the one at addr or the next one. */
const struct space_map *space_next(const struct space *, uint64_t addr);

#endif
