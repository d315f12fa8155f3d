/* SPDX-License-Identifier: MIT */
/* Any bytes as a program, as its debug file too: read the symbols, look some up. */

#include "symbols/elf.h"
#include "input.h"

static int
open_copy(void *arg, const char *path, struct fault *why)
{
	const struct str *bytes = arg;

	(void)path;
	(void)why;
	return fuzz_file(bytes->p, bytes->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct str bytes = { (const char *)p, n };
	struct elf_opener opener = { open_copy, &bytes };
	struct fault why = { "" };
	struct symtab_symbol s;
	struct elf *e = elf_read(&opener, "fuzz", "", &why);
	uint64_t off;

	for (off = 1; e != NULL && off < UINT64_MAX / 3; off = 3 * off + 1)
		elf_find(e, off, &s);
	elf_free(e);
	return 0;
}
