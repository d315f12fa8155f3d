/* SPDX-License-Identifier: MIT */
/* replay - run a fuzz target over the files of its corpus, so that what was found once is checked
 * always */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
replay(const char *name)
{
	FILE *fp = fopen(name, "rb");
	uint8_t *buf = NULL;
	size_t n = 0, cap = 0;
	int c;

	if (fp == NULL) {
		perror(name);
		exit(1);
	}
	while ((c = getc(fp)) != EOF) {
		buf = mem_grow(buf, n, &cap, 1);
		buf[n++] = (uint8_t)c;
	}
	fclose(fp);
	LLVMFuzzerTestOneInput(buf, n);
	free(buf);
}

int
main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%d replayed\n", argc - 1);
	return 0;
}
