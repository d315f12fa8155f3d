/* SPDX-License-Identifier: MIT */
/*
 * work - something to look at: numbers go from a reader through two workers to a writer
 *
 * The reader sleeps on a pipe, the workers fight for a lock and for a CPU, the writer waits for the
 *disk. System calls are made here and not by libc, which is built without frame pointers: so the
 *kernel can walk the whole of our stacks (x86-64):
 *
 *	cc -O1 -fno-omit-frame-pointer -fno-optimize-sibling-calls -pthread -o work work.c
 */

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#define FRAME __attribute__((noinline))

enum { QUEUE = 64, WORKERS = 2, ROUNDS = 30000, SYNC_EVERY = 300 };

struct queue {
	atomic_int lock;    /* 0 free, 1 taken, 2 taken and waited for */
	atomic_int changes; /* counts up with every change, for those who wait for one */
	long number[QUEUE];
	int n, seen, done;
	uint64_t sum;
};

FRAME static long
system_call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}

FRAME static void
wait_while(atomic_int *word, int value)
{
	system_call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, 0);
}

FRAME static void
wake(atomic_int *word, int waiters)
{
	system_call(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, waiters, 0);
}

FRAME static void
take_lock(struct queue *q)
{
	int free = 0;

	if (atomic_compare_exchange_strong(&q->lock, &free, 1))
		return;
	while (atomic_exchange(&q->lock, 2) != 0)
		wait_while(&q->lock, 2);
}

FRAME static void
drop_lock(struct queue *q)
{
	if (atomic_exchange(&q->lock, 0) == 2)
		wake(&q->lock, 1);
}

/* Called with the lock held, which it gives up meanwhile. */
FRAME static void
wait_for_change(struct queue *q)
{
	int changes = atomic_load(&q->changes);

	drop_lock(q);
	wait_while(&q->changes, changes);
	take_lock(q);
}

FRAME static void
tell_change(struct queue *q)
{
	atomic_fetch_add(&q->changes, 1);
	wake(&q->changes, 1000);
}

FRAME static uint64_t
digest(uint64_t number)
{
	int round;

	for (round = 0; round < ROUNDS; round++)
		number = (number ^ number >> 29) * 0x9fb21c651e98df25;
	return number;
}

FRAME static int
take_number(struct queue *q, long *number)
{
	int got;

	take_lock(q);
	while (q->n == 0 && !q->done)
		wait_for_change(q);
	if ((got = q->n > 0))
		*number = q->number[--q->n];
	tell_change(q);
	drop_lock(q);
	return got;
}

FRAME static void
give_number(struct queue *q, long number)
{
	take_lock(q);
	while (q->n == QUEUE)
		wait_for_change(q);
	q->number[q->n++] = number;
	tell_change(q);
	drop_lock(q);
}

FRAME static void
add_digest(struct queue *q, uint64_t digest)
{
	take_lock(q);
	q->sum += digest;
	q->seen++;
	tell_change(q);
	drop_lock(q);
}

FRAME static void *
worker(void *arg)
{
	struct queue *q = arg;
	long number;

	while (take_number(q, &number))
		add_digest(q, digest((uint64_t)number));
	return NULL;
}

FRAME static void
save(int fd, uint64_t sum)
{
	static char page[64 * 1024];

	snprintf(page, sizeof page, "%016llx\n", (unsigned long long)sum);
	system_call(SYS_write, fd, (long)page, sizeof page, 0);
	system_call(SYS_fsync, fd, 0, 0, 0);
}

FRAME static void *
writer(void *arg)
{
	struct queue *q = arg;
	char name[] = "/var/tmp/workXXXXXX";
	int fd = mkstemp(name), next, done = 0;
	uint64_t sum;

	for (next = SYNC_EVERY; !done; next += SYNC_EVERY) {
		take_lock(q);
		while (q->seen < next && !q->done)
			wait_for_change(q);
		sum = q->sum;
		done = q->done;
		drop_lock(q);
		save(fd, sum);
	}
	remove(name);
	return NULL;
}

FRAME static int
read_numbers(struct queue *q)
{
	char buf[512];
	long n, i, number = 0;

	while ((n = system_call(SYS_read, 0, (long)buf, sizeof buf, 0)) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n')
				give_number(q, number);
			number = buf[i] == '\n' ? 0 : number * 10 + buf[i] - '0';
		}
	take_lock(q);
	q->done = 1;
	tell_change(q);
	drop_lock(q);
	return n == 0;
}

int
main(void)
{
	static struct queue q;
	pthread_t thread[WORKERS + 1];
	char name[16];
	int i, ok;

	for (i = 0; i <= WORKERS; i++) {
		pthread_create(&thread[i], NULL, i < WORKERS ? worker : writer, &q);
		snprintf(name, sizeof name, i < WORKERS ? "worker %d" : "writer", i);
		pthread_setname_np(thread[i], name);
	}
	ok = read_numbers(&q);
	for (i = 0; i <= WORKERS; i++)
		pthread_join(thread[i], NULL);
	printf("%d numbers, %016llx\n", q.seen, (unsigned long long)q.sum);
	return !ok;
}
