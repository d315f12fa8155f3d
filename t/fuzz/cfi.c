/* SPDX-License-Identifier: MIT */
/* The first byte has the machine and the section's name; the rest is call frame information, whose
 * rows are asked for at many places, and their expressions are evaluated. */

#include "unwind/cfi.h"
#include "../unit/frames.h"
#include "input.h"

static bool
known(void *arg, uint64_t reg, uint64_t *value)
{
	(void)arg;
	*value = 8 * reg;
	return reg < CFI_REGS;
}

static bool
readable(void *arg, uint64_t addr, unsigned size, uint64_t *value)
{
	(void)arg;
	*value = addr >> 3;
	return size <= 8;
}

static void
evaluate(const struct cfi_row *row)
{
	uint64_t work = 10000, value, i;
	struct expr_world world = { known, readable, NULL, 0x1000, 8, &work };

	if (row->n > CFI_REGS || row->ops > CFI_OPS || row->ra >= CFI_REGS)
		abort();
	for (i = 0; i <= row->n; i++) {
		if (row->rule[i].op + row->rule[i].n > row->ops || row->rule[i].target >= CFI_REGS)
			abort();
		expr_eval(&world, row->op + row->rule[i].op, row->rule[i].n, &value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint16_t machines[] = { EM_X86_64, EM_386, EM_AARCH64, EM_ARM };
	struct fault fault = { "" };
	struct files *files;
	struct cfi_row row;
	const char *why;
	uint64_t at, cost;
	struct cfi *c;
	int fd;

	if (n == 0)
		return 0;
	files = files_new(&(struct files_from){ .sysroot = "/dev" }, &fault);
	fd = frames_file(machines[*p & 3], *p & 4 ? ".debug_frame" : ".eh_frame", p + 1, n - 1);
	c = cfi_new(files, fd, -1, &why);
	for (at = 0; c != NULL && at < 0x2000; at += 1 + at / 8)
		if (cfi_row(c, at, &row, &cost))
			evaluate(&row);
	cfi_free(c);
	close(fd);
	files_free(files);
	return 0;
}
