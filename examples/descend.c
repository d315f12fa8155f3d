/* SPDX-License-Identifier: MIT */
/*
 * descend - a program without frame pointers: its stacks have to be unwound (x86-64)
 *
 *	cc -O2 -fomit-frame-pointer -fno-optimize-sibling-calls -fno-stack-protector -static
 *-nostdlib \ -Wl,--build-id -o descend descend.c
 *
 * It has no libraries, so that the recording needs no other file.
 */

#define FRAME __attribute__((noinline, noclone))

static volatile unsigned long sink;

FRAME static unsigned long
work(unsigned long n)
{
	unsigned long sum = 0, i;

	for (i = 0; i < n; i++)
		sum += i * i ^ sum >> 3;
	return sum;
}

FRAME static unsigned long
descend(int depth)
{
	volatile unsigned long room[6];

	room[depth % 6] = depth;
	if (depth == 0)
		return work(4000000);
	return descend(depth - 1) + room[depth % 6];
}

FRAME static void
even(int n)
{
	sink += descend(n);
}

FRAME static void
odd(int n)
{
	sink += descend(2 * n) + 1;
}

FRAME static void
each(int n, void (*first)(int), void (*second)(int))
{
	int i;

	for (i = 0; i < n; i++)
		(i % 2 == 0 ? first : second)(i);
}

__attribute__((force_align_arg_pointer, noreturn)) void
_start(void)
{
	each(6, even, odd);
	__asm__ volatile("syscall" : : "a"(60), "D"(0));
	__builtin_unreachable();
}
