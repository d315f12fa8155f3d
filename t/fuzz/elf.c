/* SPDX-License-Identifier: MIT */
/* Any bytes as a program, and as its debug file: what its symbols name is a valid record. */

#include "input.h"
#include "symbols/annotate.h"

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

/* A process that has the program mapped at address 0, and addresses in it. */
static int
make_records(void)
{
	struct out o;
	uint64_t addr;

	out_open(&o, fuzz_file("", 0));
	out_str(&o, STR("map\t0\thost\t-\t5\t5\tu\t0\tffffffffffffffff\t0\tr-x\t-\t/program\n"));
	for (addr = 1; addr < UINT64_MAX / 3; addr = 3 * addr + 1) {
		out_str(&o, STR("idle\t1\thost\t0\t5\t5\t0\t1\tu;"));
		out_hex(&o, addr);
		out_char(&o, ';');
		out_hex(&o, 640 + addr % 64);
		out_char(&o, '\n');
	}
	out_flush(&o);
	lseek(o.fd, 0, SEEK_SET);
	out_free(&o);
	return o.fd;
}

static void
annotate(const char *folder)
{
	struct files_from files = { .sysroot = folder };
	struct kernels_sources from = { .kallsyms = NULL };
	struct patterns all = { 0 };
	struct fault fault = { "" };
	struct symbolize *symbols = symbolize_new(&from, &files, &fault);
	struct annotate *a = annotate_new(symbols, &all, true);
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;

	input_open_fd(&in, "records", make_records());
	out_open(&out, fuzz_file("", 0));
	while (rec_next(&rec, &r) && annotate_put(a, &out, &r, &fault))
		;
	out_flush(&out);
	fuzz_is_stream(out.fd);
	out_free(&out);
	input_close(&in);
	annotate_free(a);
	symbolize_free(symbols);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char folder[] = "/tmp/fuzz-elf.XXXXXX";

	if (mkdtemp(folder) == NULL)
		abort();
	fuzz_file_in(folder, "program", p, n);
	fuzz_file_in(folder, "debug.so", p, n);
	annotate(folder);
	remove_files(folder);
	return 0;
}
