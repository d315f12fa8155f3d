/* SPDX-License-Identifier: MIT */
/* Any bytes as the map file and as the jitdump of a process: names are found or not. */

#include "symbols/jit.h"
#include "input.h"

enum { ADDRESSES = 64, END = 1000 };

static void
find(const char *folder)
{
	struct files_from from = { .sysroot = folder, .jit_maps = folder };
	struct jit_process process = { 0, 5, 1 };
	struct fault fault = { "" }, why = { "" };
	struct files *files = files_new(&from, &fault);
	struct spaces *spaces = spaces_new();
	struct jit *j = jit_new();
	struct jit_symbol found;
	uint64_t addr;
	int64_t t;

	jit_add_dump(j, files, &process, STR("/tmp/jit-5.dump"), true);
	for (t = 0; t <= END; t += END / 4) {
		jit_generation(j, &process, spaces, 1, t);
		for (addr = 0; addr < ADDRESSES; addr++)
			if (jit_find(j, files, &process, addr << 6 | addr << 12, &found, &why) &&
			    (found.name.n == 0 || found.start > (addr << 6 | addr << 12)))
				abort();
	}
	jit_drop(j, &process);
	jit_free(j);
	spaces_free(spaces);
	files_free(files);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char folder[] = "/tmp/fuzz-jit.XXXXXX", path[64];

	if (mkdtemp(folder) == NULL)
		abort();
	fuzz_file_in(folder, "perf-5.map", p, n);
	fuzz_file_in(folder, "jit-5.dump", p, n);
	find(folder);
	snprintf(path, sizeof path, "%s/perf-5.map", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/jit-5.dump", folder);
	unlink(path);
	rmdir(folder);
	return 0;
}
