/* SPDX-License-Identifier: MIT */
/* A deep recursion that a signal handler interrupts. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static volatile long sink;

static inline long
mix(long i, long n)
{
	return i * i ^ n;
}

static inline long
add_mixed(long sum, long i, long n)
{
	return sum + mix(i, n);
}

__attribute__((noinline)) static long
spin(long n)
{
	long sum = 0, i;

	for (i = 0; i < n; i++)
		sum = add_mixed(sum, i, n);
	return sum;
}

static int
compare(const void *a, const void *b)
{
	return (*(const int *)a ^ 0x55) - (*(const int *)b ^ 0x55);
}

static void
handler(int signo)
{
	(void)signo;
	sink += spin(4000000);
}

__attribute__((noinline)) static long
deep(int depth)
{
	char room[40];
	int number[64], i;

	memset(room, depth, sizeof room);
	sink += room[7];
	if (depth > 0)
		return deep(depth - 1) + room[depth % 40];
	for (i = 0; i < 64; i++)
		number[i] = rand();
	qsort(number, 64, sizeof *number, compare);
	return spin(10000) + number[0];
}

int
main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = handler };
	struct itimerval timer = { { 0, 700 }, { 0, 700 } };
	int i, rounds = argc > 1 ? atoi(argv[1]) : 1;

	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &timer, NULL);
	for (i = 0; i < 3000 * rounds; i++)
		sink += deep(i % 100);
	return 0;
}
