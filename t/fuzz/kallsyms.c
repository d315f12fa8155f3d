/* SPDX-License-Identifier: MIT */
/* Any bytes as kernel symbols, as a guest's symbols and as its modules: what they name is a valid
 * record. */

#include "symbols/kallsyms.h"
#include "input.h"
#include "symbols/annotate.h"

static void
look_up(const char *path)
{
	struct fault fault = { "" };
	struct kallsyms_symbol s;
	struct kallsyms *k = kallsyms_read(path, &fault);
	uint64_t addr;

	if (k != NULL)
		for (addr = kallsyms_reference(k, STR("_text")); addr < UINT64_MAX / 3;
		     addr = 3 * addr + 1)
			kallsyms_find(k, addr, &s);
	kallsyms_free(k);
}

/* Records with an address of the host and of a guest for each power of two and around it. */
static void
make_records(struct out *o)
{
	uint64_t addr;
	int i, guest;

	for (i = 0; i < 192; i++) {
		addr = (UINT64_C(1) << i / 3) + (uint64_t)(i % 3) - 1;
		for (guest = 0; guest < 2; guest++) {
			out_str(o, STR("idle\t1\t"));
			out_str(o, guest != 0 ? STR("vm7\t0\t-\t-\t0\t1\tgk;1;")
					      : STR("host\t0\t-\t-\t0\t1\tk;1;"));
			out_hex(o, addr);
			out_char(o, '\n');
		}
	}
	out_flush(o);
}

static void
annotate_all(struct symbolize *symbols, struct recin *in, struct out *o)
{
	struct patterns all = { 0 };
	struct annotate *a = annotate_new(symbols, &all, true);
	struct fault fault = { "" };
	struct rec r;

	while (rec_next(in, &r) && annotate_put(a, o, &r, &fault))
		;
	out_flush(o);
	annotate_free(a);
}

/* path as the symbols of all, or as the modules of a guest with symbols of its own. */
static void
annotate(const char *path, bool modules)
{
	static const char text[] = "1 T a\n8000 T b\n";
	struct files_from files = { .sysroot = "/proc/self/fdinfo" };
	struct kernels_sources from = { .kallsyms = path };
	struct out records, out;
	struct fault fault = { "" };
	struct symbolize *symbols;
	struct input in;
	struct recin rec = { .in = &in };
	char symbols_path[64];
	const char *file = modules ? symbols_path : path;
	int fd = fuzz_file(text, sizeof text - 1);

	snprintf(symbols_path, sizeof symbols_path, "/proc/self/fd/%d", fd);
	from.guest_kallsyms = &file;
	from.guest_modules = &path;
	from.n_guest_kallsyms = 1;
	from.n_guest_modules = modules;
	from.kallsyms = modules ? NULL : path;
	out_open(&records, fuzz_file("", 0));
	out_open(&out, fuzz_file("", 0));
	make_records(&records);
	lseek(records.fd, 0, SEEK_SET);
	input_open_fd(&in, "records", records.fd);
	symbols = symbolize_new(&from, &files, &fault);
	if (symbols != NULL)
		annotate_all(symbols, &rec, &out);
	symbolize_free(symbols);
	input_close(&in);
	fuzz_is_stream(out.fd);
	out_free(&records);
	out_free(&out);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char path[64];
	int fd = fuzz_file(p, n);

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	look_up(path);
	annotate(path, false);
	annotate(path, true);
	close(fd);
	return 0;
}
