/* SPDX-License-Identifier: MIT */
/*
 * objects - the programs and libraries that maps name: their symbols, their bytes, and what they
 * lacked
 *
 * Files are opened (files.h) when they are asked for first. One with another build id than the
 * recorded one is not used.
 */

#ifndef OBJECTS_H
#define OBJECTS_H

#include "base/fault.h"
#include "elf.h"

struct objects;
struct object;

/* NULL with the fault set if a folder cannot be opened. */
struct objects *objects_new(const struct files_from *, struct fault *);
void objects_free(struct objects *);

/* The recorded machine has this release of the kernel. */
void objects_set_release(struct objects *, struct str release);

/* Where they are looked for. */
struct files *objects_files(struct objects *);

/* The object of a path and a build id, both as in records: escaped, "-" for no build id. */
struct object *objects_get(struct objects *, struct str path, struct str build);

/* A process has this code of it: tells where the addresses of its debug file are if the file itself
 * is not there. Only what precedes the first look-up counts. */
void object_mapped(struct object *, const struct elf_map *);

/* Find the symbol that the byte at an offset of its file belongs to. The fault is set if files can
 * no longer be opened. */
bool object_find(
    struct objects *, struct object *, uint64_t off, struct elf_symbol *, struct fault *);

/* The same for a return address: the symbol of the call instruction before it. If that byte is in
 * no symbol, it is the one at the address, if a return may lead to its first byte: a label without
 * a size, or a function that is there for returns. False, too, if the byte before ends a symbol and
 * is not the end of a call. */
bool object_find_caller(
    struct objects *, struct object *, uint64_t off, struct elf_symbol *, struct fault *);

/* Read up to n bytes of its file, from an offset on. Returns how many; fewer than n at the end of
 * the file, 0 if it cannot be used: object_why() has the reason. The fault is set if files can no
 * longer be opened. */
size_t object_read(
    struct objects *, struct object *, uint64_t off, uint8_t *, size_t n, struct fault *);

/* Is there room for all compressed sections of a file, which libdw inflates? Counts them. */
bool objects_admit(struct objects *, int fd);

/* What its symbols are from, to compare: objects may be one file. NULL if it has none. */
const void *object_symbols(const struct object *);

/* Open its file anew, and its debug file. The caller closes the descriptors; they are -1 for what
 * there is not. Returns what addresses are higher than offsets if there is only a debug file. */
uint64_t object_open(struct objects *, const struct object *, int *program, int *debug);

/* Why its file cannot be used; NULL if it can, or was not asked for yet. */
const char *object_why(const struct object *);

/* Count a frame in it that got no name. */
void object_missed(struct object *);

/* Give the reason for those, unless there is one. */
void object_because(struct objects *, struct object *, const char *why);

/*
 * Report the objects, one line each, those with the most unnamed frames first: the number of these,
 * the reason and the option that would help; whether there was no build id to check the file by.
 */
void objects_report(
    const struct objects *, void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
