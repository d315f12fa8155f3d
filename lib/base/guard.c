/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"

enum { KEPT = 256 * 1024 };

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

/* The whole lines of what the worker had not written yet. */
static void
rescue(struct guard *g)
{
	struct out *o = &g->kept->out;

	if (o->buf != g->kept->buf) { /* it had become the worker's own */
		o->buf = g->kept->buf;
		o->cap = KEPT;
		o->lent = true;
		o->n = 0;
	}
	while (o->n > 0 && o->buf[o->n - 1] != '\n')
		o->n--;
	jobs_speak(g->jobs);
	out_flush(o);
}

static void
await(struct guard *g, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return;
	g->behind = true;
	g->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (g->signal != 0)
		rescue(g);
	jobs_silence(g->jobs);
	if (!is_crash(g->signal) || !g->kept->inside)
		finish(g, status);
}

void
guard_again(struct guard *g)
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
	}
}

bool
guard_start(struct guard *g, struct jobs *jobs, struct out *out)
{
	size_t size = sizeof *g->kept + KEPT;

	g->jobs = jobs;
	g->out = out;
	g->kept = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->kept == MAP_FAILED) {
		g->kept = NULL;
		return fault_set(&g->fault, "a job cannot be started: %s", strerror(errno));
	}
	g->kept->out = *out;
	g->kept->out.buf = g->kept->buf;
	g->kept->out.cap = KEPT;
	g->kept->out.lent = true;
	jobs->out = &g->kept->out;
	jobs_ways(jobs);
	guard_again(g);
	return !g->over;
}

enum guard_turn
guard_piece(struct guard *g)
{
	struct guard_kept *k = g->kept;

	if (k == NULL)
		return GUARD_WORK;
	g->piece++;
	if (!g->behind)
		return GUARD_WORK;
	if (g->over || g->piece < k->piece)
		return GUARD_DONE;
	k->out.n = 0;
	jobs_speak(g->jobs);
	return GUARD_LOST;
}

struct guard_kept *
guard_enter(struct guard *g)
{
	if (g->kept != NULL) {
		g->kept->piece = g->piece;
		g->kept->inside = true;
	}
	return g->kept;
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
	munmap(g->kept, sizeof *g->kept + KEPT);
	g->kept = NULL;
	if (!g->over)
		return true;
	if (fault_is(&g->fault))
		jobs_speak(g->jobs);
	g->jobs->status = g->status;
	return false;
}
