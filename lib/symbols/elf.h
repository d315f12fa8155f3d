/* SPDX-License-Identifier: MIT */
/*
 * elf - the code symbols of a program or library, found by their place in its file
 *
 * Names come from the file's .symtab, else from the .symtab of its separate debug file (found by
 * build id or .gnu_debuglink), else from its .dynsym; the stubs of the .plt are NAME@plt. Functions
 * and labels of the assembler are taken; of several names of one address one is chosen as perf(1)
 * does it: one with a size, not weak, global, with few leading underscores, long. What stands
 * behind the @ of a versioned name is left out.
 */

#ifndef ELF_H
#define ELF_H

#include "base/sysroot.h"
#include "symtab.h"

struct elf;

/*
 * Read the symbols of a file that must have this build id, in hex ("" for any); NULL with the fault
 * saying why there are none. No file stays open.
 */
struct elf *elf_read(struct sysroot *, const char *path, const char *build, struct fault *why);
void elf_free(struct elf *);

/* Its own tables were stripped, and there is no debug file: what it has are the names that it
 * exports and imports. */
bool elf_is_stripped(const struct elf *);

/* The symbol that the byte at offset off of the file belongs to; its start is an offset, too. */
bool elf_find(const struct elf *, uint64_t off, struct symtab_symbol *);

/* Does an open file have this build id? */
bool elf_check_build(int fd, const char *build, struct fault *why);

/* Report what each segment of an open ELF file of any type, a vmlinux or kcore too, maps: len bytes
 * from off on. False if it is no ELF file. */
bool elf_segments(
    int fd, void (*each)(void *arg, uint64_t addr, uint64_t len, uint64_t off), void *arg);

#endif
