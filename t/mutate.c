/* SPDX-License-Identifier: MIT */
/*
 * mutate SEED <in >out - damage a file: the same seed does the same damage
 *
 * One to four times: bits flipped, the end cut off, a run of zeros, of ones or of noise, two blocks
 * swapped, a block repeated over another, a number of 32 bits made extreme.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 64 << 20 };

struct file {
	uint8_t *p;
	size_t n;
	uint64_t seed;
};

/* Below n (splitmix64). */
static size_t
below(struct file *f, size_t n)
{
	uint64_t z = f->seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return n == 0 ? 0 : (size_t)((z ^ z >> 31) % n);
}

static void
flip(struct file *f)
{
	size_t i, n = 1 + below(f, 8);

	for (i = 0; i < n; i++)
		f->p[below(f, f->n)] ^= (uint8_t)(1 << below(f, 8));
}

static void
run(struct file *f, int byte)
{
	size_t at = below(f, f->n), n = 1 + below(f, 64);

	for (; n > 0 && at < f->n; n--, at++)
		f->p[at] = (uint8_t)(byte < 0 ? (int)below(f, 256) : byte);
}

static void
extreme(struct file *f)
{
	static const uint32_t numbers[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8 };
	size_t at = below(f, f->n) & ~(size_t)3;

	if (f->n - at >= 4)
		memcpy(f->p + at, &numbers[below(f, 6)], 4);
}

static void
blocks(struct file *f, int swap)
{
	size_t n = 1 + below(f, f->n < 256 ? f->n : 256), a = below(f, f->n - n + 1);
	size_t b = below(f, f->n - n + 1), i;
	uint8_t byte;

	for (i = 0; i < n; i++) {
		byte = f->p[a + i];
		f->p[a + i] = f->p[b + i];
		if (swap)
			f->p[b + i] = byte;
	}
}

static void
damage(struct file *f)
{
	switch (below(f, 9)) {
	case 0:
	case 1:
		flip(f);
		break;
	case 2:
		f->n = 1 + below(f, f->n);
		break;
	case 3:
		run(f, 0);
		break;
	case 4:
		run(f, 0xff);
		break;
	case 5:
		run(f, -1);
		break;
	case 6:
		extreme(f);
		break;
	default:
		blocks(f, (int)below(f, 2));
	}
}

int
main(int argc, char *argv[])
{
	struct file f = { .p = malloc(MAX), .seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 0 };
	size_t n;

	if (f.p == NULL)
		return 1;
	f.n = fread(f.p, 1, MAX, stdin);
	for (n = 1 + below(&f, 4); n > 0 && f.n > 0; n--)
		damage(&f);
	fwrite(f.p, 1, f.n, stdout);
	free(f.p);
	return ferror(stdout) || fflush(stdout) != 0;
}
