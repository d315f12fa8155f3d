/* SPDX-License-Identifier: MIT */
/* Any records, with maps among them: annotate the addresses, below an empty folder, with a kernel's
 * and guests' symbols; valid records make valid records. */

#include "input.h"
#include "symbols/annotate.h"

static void
annotate(struct symbolize *symbols, struct recin *in, struct out *out, bool valid)
{
	struct patterns all = { 0 };
	struct annotate *a = annotate_new(symbols, &all, in->in->size % 4 < 2);
	struct fault fault = { "" };
	struct rec r;

	while (rec_next(in, &r) && (!valid || rec_check(in, &r)) &&
	       (annotate_line(a, in, &r, out) || annotate_put(a, out, &r, &fault)))
		;
	annotate_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char text[] = "0000000000000001 T _text\n00000000ffff0000 t f\t[mod]\n";
	int fd = fuzz_file(text, sizeof text - 1);
	char one[64], two[64], all[64];
	const char *guests[] = { one, two, all };
	struct files_from files = { .sysroot = "/proc/self/fdinfo" };
	struct kernels_sources from = { .kallsyms = all,
		.guest_kallsyms = guests,
		.n_guest_kallsyms = 3,
		.guest_mount = "/proc/self/fdinfo" };
	struct fault fault = { "" };
	struct symbolize *symbols;
	bool valid = n % 2 == 0;
	struct input in;
	struct recin rec = { .in = &in };
	struct out out;

	snprintf(one, sizeof one, "vm1=/proc/self/fd/%d", fd);
	snprintf(two, sizeof two, "vm1=/proc/self/fd/%d", fd);
	snprintf(all, sizeof all, "/proc/self/fd/%d", fd);
	if ((symbols = symbolize_new(&from, &files, &fault)) == NULL)
		abort();
	fuzz_input(&in, p, n);
	out_open(&out, valid ? fuzz_file("", 0) : -1);
	annotate(symbols, &rec, &out, valid);
	out_flush(&out);
	if (valid)
		fuzz_is_stream(out.fd);
	out_free(&out);
	input_close(&in);
	symbolize_free(symbols);
	close(fd);
	return 0;
}
