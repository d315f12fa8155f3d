/* SPDX-License-Identifier: MIT */
/* Work in places that are hard to name: signal handlers, callbacks, calls that do not return,
 * aliases, the vdso, stubs. */

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile unsigned long sink;
static jmp_buf back;
static ucontext_t outside, inside;

__attribute__((noinline)) static void
spin(unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		sink += i;
}

/* One function by three names. */
__attribute__((noinline)) void
named_twice(int n)
{
	spin(200000 + (unsigned long)n);
	sink++;
}
void named_again(int n) __attribute__((alias("named_twice")));
void named_weakly(int n) __attribute__((weak, alias("named_twice")));

/* A function without type and size. */
__asm__(".text\n.globl label\nlabel:\n push %rbp\n mov %rsp, %rbp\n call named_again\n pop %rbp\n "
	"ret\n");
void label(int n);

/* Its call is its last instruction. */
__attribute__((noinline, noreturn)) static void
leave(void)
{
	spin(200000);
	longjmp(back, 1);
}

__attribute__((noinline)) static void
call_leave(void)
{
	sink += 1;
	leave();
}

static int
compare(const void *a, const void *b)
{
	spin(100);
	return *(const int *)a - *(const int *)b;
}

static void
handler(int signal)
{
	spin(300000);
	sink += (unsigned long)signal;
}

static void
in_context(void)
{
	spin(300000);
	sink++;
}

__attribute__((noinline)) static void
deep(int n)
{
	if (n > 0)
		deep(n - 1);
	else
		spin(100000);
	sink++;
}

static void
look_at_clocks(void)
{
	struct timespec t;
	int i;

	for (i = 0; i < 20000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		sink += (unsigned long)t.tv_nsec;
	}
}

static void
leave_and_return(void)
{
	static char stack[65536];

	if (setjmp(back) == 0)
		call_leave();
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof stack;
	inside.uc_link = &outside;
	makecontext(&inside, in_context, 0);
	swapcontext(&outside, &inside);
}

int
main(void)
{
	struct itimerval timer = { { 0, 5000 }, { 0, 5000 } };
	static int numbers[2000];
	static char text[300000];
	int round, i;

	signal(SIGPROF, handler);
	setitimer(ITIMER_PROF, &timer, NULL);
	for (round = 0; round < 12; round++) {
		for (i = 0; i < 2000; i++)
			numbers[i] = rand() % 1000;
		qsort(numbers, 2000, sizeof *numbers, compare);
		memset(text, 'a' + round, sizeof text - 1);
		sink += strlen(text) + (strchr(text, 'z') != NULL);
		label(round);
		named_weakly(round);
		deep(round);
		look_at_clocks();
		for (i = 0; i < 300; i++)
			sink += (unsigned long)getppid();
		leave_and_return();
	}
	return 0;
}
