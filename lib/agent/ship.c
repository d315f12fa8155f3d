/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "ship.h"

enum {
	TICK = 100,    /* ms: the longest wait, after which all is tried again */
	NAP = 5,       /* ms: when the buffer is ready, but has no whole page */
	ORPHAN = 2000, /* ms to send what is held after the parent died */
};

/* The process. */
struct worker {
	struct ship s;
	int in, orders, pipe[2];
	size_t page, room; /* room: of the pipe, whole pages */
	size_t held;       /* bytes in the pipe */
	char *buf;         /* a page */
	bool running, draining, orphan;
	bool dry;         /* the last try took nothing */
	bool hinted;      /* poll() said that there are pages */
	bool gone;        /* the output has no reader */
	uint64_t left;    /* pages that may be taken until the drain ends */
	int64_t progress; /* ms: when something was sent last */
};

int64_t
ship_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
set_error(struct worker *w, enum ship_step step, int error)
{
	w->s.count->step = step;
	w->s.count->error = error;
}

static bool
is_transient(int error)
{
	return error == EAGAIN || error == EINTR || error == EBUSY;
}

static bool
took(struct worker *w, ssize_t n)
{
	if (n <= 0) {
		w->dry = true;
		if (n < 0 && !is_transient(errno))
			set_error(w, SHIP_TAKE, errno);
		return false;
	}
	w->dry = false;
	w->held += (size_t)n;
	w->s.count->taken += (uint64_t)n;
	w->left -= w->left < (size_t)n / w->page ? w->left : (size_t)n / w->page;
	return true;
}

/* Take whole pages; the rest of a page only at the end, when the pipe is empty. */
static bool
take(struct worker *w)
{
	size_t room = (w->room - w->held) / w->page * w->page;
	ssize_t n;

	if (room == 0 || (w->draining && w->left == 0))
		return false;
	do
		n = splice(w->in, NULL, w->pipe[1], NULL, room, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	while (n < 0 && errno == EINTR);
	if (took(w, n) || !w->draining || w->held > 0)
		return n > 0;
	n = read(w->in, w->buf, w->page);
	if (n > 0 && write(w->pipe[1], w->buf, (size_t)n) != n)
		n = -1;
	return took(w, n);
}

/* Give a FIFO the size of the pipe, so that it takes all that the pipe holds at once; nothing else
 * has a size. */
static void
widen_output(const struct worker *w)
{
	if (w->s.out >= 0)
		fcntl(w->s.out, F_SETPIPE_SZ, (int)w->s.pipe_size);
}

/* Open a FIFO, which fails until it has a reader. */
static bool
open_output(struct worker *w)
{
	if (w->s.out < 0) {
		w->s.out = open(w->s.path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		widen_output(w);
	}
	w->gone = w->s.out < 0;
	if (w->gone)
		set_error(w, SHIP_SEND, errno);
	return !w->gone;
}

static bool
send_held(struct worker *w)
{
	ssize_t n;

	if (!open_output(w))
		return false;
	n = splice(w->pipe[0], NULL, w->s.out, NULL, w->held, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0) {
		w->held -= (size_t)n;
		w->s.count->sent += (uint64_t)n;
		w->progress = ship_now_ms();
		set_error(w, SHIP_FINE, 0);
		return true;
	}
	if (n < 0 && !is_transient(errno)) {
		w->gone = true;
		set_error(w, SHIP_SEND, errno);
	}
	return false;
}

/* The number of pages of the buffer, which bounds a drain if tracing goes on. */
static uint64_t
buffer_pages(const struct tracefs *t, int cpu, size_t page)
{
	struct strbuf b = { 0 };
	uint64_t kb = 0;
	char file[64];

	snprintf(file, sizeof file, "per_cpu/cpu%d/buffer_size_kb", cpu);
	if (tracefs_read(t, file, &b) && b.n > 0)
		text_u64(b.p, b.p + b.n, &kb);
	strbuf_free(&b);
	return kb * 1024 / page + 16;
}

static void
end_drain(struct worker *w)
{
	if (w->held > 0 && w->s.count->step == SHIP_FINE)
		set_error(w, SHIP_STUCK, 0);
	w->draining = false;
	(void)!write(w->orders, "", 1);
}

/* Obey an order; without a parent, only what is held is sent. */
static void
obey(struct worker *w, const struct tracefs *t)
{
	char c;
	ssize_t n = read(w->orders, &c, 1);

	if (n < 0)
		return;
	w->progress = ship_now_ms();
	w->orphan = n == 0;
	w->running = n > 0 && c == SHIP_RUN;
	w->draining = n > 0 && c == SHIP_STOP;
	w->left = buffer_pages(t, w->s.cpu, w->page);
}

/* Wait for an order, pages, or room in the output. poll() may report pages when there is only a
 * part of one: a nap follows. */
static void
wait_for_work(struct worker *w)
{
	struct pollfd p[3] = { { w->orphan ? -1 : w->orders, POLLIN, 0 }, { -1, POLLIN, 0 },
		{ -1, POLLOUT, 0 } };
	bool nap = w->hinted && w->dry;
	int ms = nap ? NAP : TICK;

	if (!w->running && !w->draining && w->held == 0)
		ms = -1;
	if (w->running && !nap && w->held + w->page <= w->room)
		p[1].fd = w->in;
	if (w->held > 0 && !w->gone)
		p[2].fd = w->s.out;
	poll(p, 3, ms);
	w->hinted = p[1].revents != 0;
}

static bool
has_order(const struct worker *w)
{
	struct pollfd p = { w->orders, POLLIN, 0 };

	return !w->orphan && poll(&p, 1, 0) > 0;
}

static void
work(struct worker *w, const struct tracefs *t)
{
	bool moved, waited;

	for (;;) {
		moved = false;
		if (w->running || w->draining)
			moved = take(w);
		if (w->held > 0)
			moved |= send_held(w);
		waited = ship_now_ms() - w->progress > (w->orphan ? ORPHAN : (int)w->s.patience);
		if (w->draining && ((!moved && w->held == 0) || (w->held > 0 && waited)))
			end_drain(w);
		if (w->orphan && (w->held == 0 || waited))
			return;
		if (has_order(w))
			obey(w, t);
		else if (!moved)
			wait_for_work(w);
	}
}

static void
pin(int cpu)
{
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	cpu_set_t *set = CPU_ALLOC(cpu + 1);

	if (set == NULL)
		return;
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	sched_setaffinity(0, size, set); /* fails if the CPU is offline */
	CPU_FREE(set);
}

static int
open_input(const struct tracefs *t, int cpu)
{
	char file[64];

	snprintf(file, sizeof file, "per_cpu/cpu%d/trace_pipe_raw", cpu);
	return openat(t->dir, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Make the pipe, as large as asked for if the kernel allows that, with room for a page. */
static bool
open_pipe(struct worker *w)
{
	int size;

	if (pipe2(w->pipe, O_NONBLOCK | O_CLOEXEC) != 0)
		return false;
	fcntl(w->pipe[1], F_SETPIPE_SZ, (int)w->s.pipe_size);
	size = fcntl(w->pipe[1], F_GETPIPE_SZ);
	w->room = size < 0 ? 0 : (size_t)size / w->page * w->page;
	errno = ENOSPC;
	return w->room > 0;
}

/* The process. */
static _Noreturn void
run(const struct ship *s, const struct tracefs *t, int orders)
{
	struct worker w = { .s = *s, .orders = orders, .page = t->page };
	int fd;

	/* what is the parent's, or for other CPUs: their ends are seen only once all are closed */
	for (fd = STDERR_FILENO + 1; fd < orders; fd++)
		if (fd != t->top && fd != t->dir && fd != s->out)
			close(fd);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	pin(s->cpu);
	if ((w.in = open_input(t, s->cpu)) < 0)
		set_error(&w, SHIP_OPEN_INPUT, errno);
	else if (!open_pipe(&w))
		set_error(&w, SHIP_PIPE, errno);
	else {
		widen_output(&w);
		w.buf = mem_alloc(w.page);
		work(&w, t);
		free(w.buf);
		_exit(0);
	}
	_exit(1);
}

bool
ship_start(struct ship *s, const struct tracefs *t)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[0]);
		run(s, t, pair[1]);
	}
	close(pair[1]);
	s->orders = pair[0];
	if (s->pid < 0)
		close(pair[0]);
	return s->pid > 0;
}

bool
ship_order(const struct ship *s, enum ship_order order)
{
	char c = (char)order;

	return send(s->orders, &c, 1, MSG_NOSIGNAL) == 1;
}

const char *
ship_step_name(enum ship_step step)
{
	static const char *const names[] = { "", "cannot open the trace buffer",
		"cannot make a pipe", "cannot take pages", "cannot send",
		"the reader takes nothing" };

	return names[step];
}
