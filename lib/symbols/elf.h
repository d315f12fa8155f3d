/* SPDX-License-Identifier: MIT */
/*
 * elf - the code symbols of a program or library, by offset in its file
 *
 * Names come from the file's .symtab, else from the .symtab of its separate debug file (found by
 * build id or .gnu_debuglink), else from its .gnu_debugdata and .dynsym; the stubs of the .plt are
 * NAME@plt. Functions and assembler labels count. The version after the @ of a name is dropped.
 */

#ifndef ELF_H
#define ELF_H

#include "base/strbuf.h"
#include "buildid.h"
#include "files.h"
#include "symtab.h"

struct elf;

struct elf_symbol {
	uint64_t start; /* an offset in the file */
	struct str name;
	bool label; /* it has no size */
	bool plt;   /* @plt belongs after the name */
};

/* Read the symbols of an open file; its debug file is looked for by its path. Returns NULL with the
 * reason in why. */
struct elf *elf_read(struct files *, int fd, const char *path, struct fault *why);

/* len bytes of code that a process has from an offset of a file on. */
struct elf_map {
	uint64_t off, len;
};

/* Read the symbols of an open debug file whose program is not there. It does not say where the code
 * is in the program; a map of all of it does. Sets shift to what addresses in the file are higher
 * than offsets. Returns NULL with the reason in why. */
struct elf *elf_read_debug(
    struct files *, int fd, const struct elf_map *, uint64_t *shift, struct fault *why);
void elf_free(struct elf *);

/* True if the names are only those that a stripped program without debug file exports and imports.
 */
bool elf_is_stripped(const struct elf *);

/* Find the symbol that the byte at an offset of the file belongs to. */
bool elf_find(const struct elf *, uint64_t off, struct elf_symbol *);

enum { ELF_CALL = 8 }; /* the longest call that is looked for */

/* Can the last of n bytes be that of a call instruction? True for machines that are not known. */
bool elf_is_call(const struct elf *, const uint8_t *code, size_t n);

/* Open the debug file of an open program, which is looked for by its path. Returns -1 if there is
 * none. */
int elf_open_debug(struct files *, int fd, const char *path);

/* Does an open file have this build id? */
bool elf_check_build(int fd, const char *build, struct fault *why);

/* Append the symbols of an open kernel image (vmlinux) to a text, as /proc/kallsyms would have
 * them, and set its build id, "" if there is none. False with the reason in why. */
bool elf_kallsyms(int fd, struct strbuf *text, char build[BUILDID], struct fault *why);

/* The number of bytes that the compressed sections of an open file claim to inflate to. */
uint64_t elf_inflated_size(int fd);

/* Report each segment of an open ELF file of any type (vmlinux, kcore): the address and the offset
 * of len bytes. False if it is not an ELF file. */
bool elf_segments(
    int fd, void (*each)(void *arg, uint64_t addr, uint64_t len, uint64_t off), void *arg);

#endif
