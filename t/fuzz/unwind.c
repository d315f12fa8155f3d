/* SPDX-License-Identifier: MIT */
/*
 * Bytes with a NUL byte first: the rest as a program, whose unwind information is asked for at many
 * places. Other bytes: a stream of user stacks, unwound without files. Both make valid records.
 */

#include "input.h"
#include "unwind/ustacks.h"

/* A process that has the program mapped at address 0, and stacks full of addresses in it. */
static int
make_records(void)
{
	struct out o;
	uint64_t addr, i;

	out_open(&o, fuzz_file("", 0));
	out_str(&o, STR("map\t0\thost\t-\t5\t5\tu\t0\tffffffffffff\t0\tr-x\t-\t/program\n"));
	for (addr = 0; addr < 0x1800; addr += 1 + addr / 16) {
		out_str(&o, STR("usample\t1\thost\t0\t5\t5\tx86_64\tbp=0x20010 sp=0x20000 ip=0x"));
		out_hex(&o, addr);
		out_str(&o, STR(" r12=0x20020\t0"));
		for (i = 1; i < 64; i++) {
			out_char(&o, ' ');
			out_hex(&o, i % 8 == 0 ? 0x20000 + 8 * (i + 4) : addr + 13 * i);
		}
		out_str(&o, STR("\nidle\t1\thost\t0\t5\t5\t0\t1\tk;5;u;6\n"));
	}
	out_flush(&o);
	lseek(o.fd, 0, SEEK_SET);
	out_free(&o);
	return o.fd;
}

static void
unwind(const char *folder, int fd)
{
	struct fault fault = { "" };
	struct files_from from = { .sysroot = folder };
	struct ustacks *u = ustacks_new(&from, &fault);
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;
	struct rec r;

	input_open_fd(&in, "records", fd);
	out_open(&out, fuzz_file("", 0));
	while (rec_next(&rec, &r) && rec_check(&rec, &r) && ustacks_put(u, &rec, &out, &r, &fault))
		;
	out_flush(&out);
	fuzz_is_stream(out.fd);
	out_free(&out);
	input_close(&in);
	ustacks_end(u);
	ustacks_free(u);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char folder[] = "/tmp/fuzz-unwind.XXXXXX", path[64];
	FILE *f;

	if (mkdtemp(folder) == NULL)
		abort();
	if (n == 0 || *p != 0) {
		unwind(folder, fuzz_file(p, n));
	} else {
		snprintf(path, sizeof path, "%s/program", folder);
		if ((f = fopen(path, "w")) == NULL || fwrite(p + 1, 1, n - 1, f) != n - 1 ||
		    fclose(f) != 0)
			abort();
		unwind(folder, make_records());
		unlink(path);
	}
	rmdir(folder);
	return 0;
}
