/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "packed.h"

static const struct {
	size_t n;
	const char *magic, *how;
} formats[] = {
	{ 6, "\xfd\x37zXZ\0", "an xz file: xz -dc file" },
	{ 4, "\x28\xb5\x2f\xfd", "a zstd file: zstd -dc file" },
	{ 3, "BZh", "a bzip2 file: bzip2 -dc file" },
};

const char *
input_compression(struct input *in)
{
	size_t i;

	for (i = 0; i < sizeof formats / sizeof *formats; i++)
		if (input_fill(in, formats[i].n) >= formats[i].n &&
		    memcmp(input_at(in), formats[i].magic, formats[i].n) == 0)
			return formats[i].how;
	return NULL;
}
