/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"

enum { KEPT = 256 * 1024 };

/* What outlives a worker. */
struct guard_kept {
	struct out out;
	uint64_t piece; /* the one in hand, from 1 on */
	bool inside;    /* of a piece, where a crash is the piece's */
	char buf[KEPT];
	max_align_t common[];
};

static bool
is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE ||
	       signal == SIGILL;
}

/* It ended by itself, or as whoever waits for us must see it. */
static void
finish(struct guard *g, int status)
{
	g->over = true;
	g->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	if (!WIFSIGNALED(status))
		return;
	if (WTERMSIG(status) == SIGPIPE || g->jobs->turns != NULL) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	fault_set(&g->fault, "a job was ended by signal %d", WTERMSIG(status));
}

/* What is written goes into memory that outlives who writes it. */
static void
lend(struct guard_kept *k)
{
	k->out.buf = k->buf;
	k->out.cap = KEPT;
	k->out.n = 0;
	k->out.lent = true;
}

/* The worker had not written all of it: whole lines are, unless they were too long for that memory.
 */
static void
rescue(struct guard *g)
{
	struct out *o = &g->kept->out;

	if (o->buf != g->kept->buf || !jobs_mine(g->jobs))
		return;
	while (o->n > 0 && o->buf[o->n - 1] != '\n')
		o->n--;
	jobs_speak(g->jobs);
	out_flush(o);
}

static void
await(struct guard *g, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	g->behind = true;
	g->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (g->signal != 0)
		rescue(g);
	lend(g->kept);
	jobs_silence(g->jobs);
	if (!is_crash(g->signal) || !g->kept->inside)
		finish(g, status);
}

/* In this process, the worker goes on; in the other, it is no more. */
static void
go_on(struct guard *g)
{
	pid_t parent = getpid(), pid;

	g->behind = false;
	g->kept->inside = false;
	pid = fork();
	if (pid < 0) {
		g->behind = g->over = true;
		g->status = 1;
		fault_set(&g->fault, "a job cannot be started: %s", strerror(errno));
	} else if (pid > 0) {
		await(g, pid);
	} else {
		jobs_follow(parent);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* its crash is an answer */
	}
}

bool
guard_start(struct guard *g, struct jobs *jobs, struct out *out, size_t size)
{
	size += sizeof *g->kept;
	g->size = size;
	g->jobs = jobs;
	g->out = out;
	g->kept = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->kept == MAP_FAILED) {
		g->kept = NULL;
		return fault_set(&g->fault, "a job cannot be started: %s", strerror(errno));
	}
	g->kept->out = *out;
	lend(g->kept);
	g->common = g->kept->common;
	jobs->out = g->to = &g->kept->out;
	jobs_ways(jobs);
	signal(SIGCHLD, SIG_DFL); /* else there is nothing to wait for */
	go_on(g);
	return !g->over;
}

/* Of the piece that comes, or of what is left of it. */
static enum guard_turn
turn(struct guard *g)
{
	if (g->kept == NULL || !g->behind)
		return GUARD_WORK;
	if (g->over || g->piece < g->kept->piece)
		return GUARD_DONE;
	g->kept->out.n = 0; /* what was written on the way is out already */
	jobs_speak(g->jobs);
	return GUARD_LOST;
}

enum guard_turn
guard_piece(struct guard *g)
{
	g->piece++;
	return turn(g);
}

enum guard_turn
guard_again(struct guard *g)
{
	go_on(g);
	return turn(g);
}

void
guard_enter(struct guard *g)
{
	if (g->kept == NULL)
		return;
	g->kept->piece = g->piece;
	g->kept->inside = true;
}

void
guard_leave(struct guard *g)
{
	if (g->kept != NULL)
		g->kept->inside = false;
}

bool
guard_end(struct guard *g)
{
	if (g->kept == NULL)
		return true;
	if (!g->over)
		out_flush(&g->kept->out);
	g->out->error = g->kept->out.error;
	g->jobs->out = g->out;
	out_free(&g->kept->out);
	munmap(g->kept, g->size);
	g->kept = NULL;
	g->common = NULL;
	if (!g->over)
		return true;
	if (fault_is(&g->fault))
		jobs_speak(g->jobs);
	g->jobs->status = g->status;
	return false;
}
