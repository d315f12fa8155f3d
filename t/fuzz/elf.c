/* SPDX-License-Identifier: MIT */
/* Any bytes as a program, and as its debug file: read the symbols, look some up. */

#include "symbols/elf.h"
#include "input.h"

static void
make_file(const char *folder, const char *name, const uint8_t *p, size_t n)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if ((f = fopen(path, "w")) == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static void
remove_files(const char *folder)
{
	char path[64];

	snprintf(path, sizeof path, "%s/program", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/debug.so", folder);
	unlink(path);
	rmdir(folder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char folder[] = "/tmp/fuzz-elf.XXXXXX";
	struct fault why = { "" };
	struct elf_symbol s;
	struct sysroot root;
	struct elf *e;
	uint64_t off;
	int fd;

	if (mkdtemp(folder) == NULL || !sysroot_open(&root, folder))
		abort();
	make_file(folder, "program", p, n);
	make_file(folder, "debug.so", p, n);
	fd = sysroot_file(&root, "/program", &why);
	e = fd < 0 ? NULL : elf_read(&root, fd, "/program", &why);
	for (off = 1; e != NULL && off < UINT64_MAX / 3; off = 3 * off + 1)
		elf_find(e, off, &s);
	elf_free(e);
	if (fd >= 0)
		close(fd);
	sysroot_close(&root);
	remove_files(folder);
	return 0;
}
