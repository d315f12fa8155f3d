/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "base/mem.h"
#include "output.h"
#include "ship.h"

enum {
	LINE = 512,
	CHUNK = 1024 * 1024,        /* the most pages of a frame, in bytes */
	PENDING = 64 * 1024 * 1024, /* the most that waits for the host to read it */
	LOOK = 200                  /* ms: between looks at a port whose host is not there */
};

enum { MAGIC = 0x67617476, FRAME_META = -1, FRAME_LINES = -2 };

/* The kernel's counters of a CPU's buffer. They count from its creation, but for the first one. */
enum { STATS = 5 };

static const char *const stats[STATS][2] = { { "entries", "entries:" }, { "overrun", "overrun:" },
	{ "commit_overrun", "commit overrun:" }, { "dropped", "dropped events:" },
	{ "read", "read events:" } };

/* The process of a CPU, as its parent sees it. */
struct child {
	struct ship ship;
	char path[PATH_MAX];
	int from; /* the end of the pipe that its pages come through for frames, or -1 */
	uint64_t before[STATS]; /* the kernel's counters when it was started */
	bool alive;             /* until its socket is closed */
	bool busy;              /* it has not yet answered a stop */
	int status;             /* of waitpid(), once it has ended */
	bool reaped;            /* status is valid */
};

struct agent {
	const struct tracefs *t;
	const struct agent_options *opt;
	struct fault *fault;
	struct child *child; /* by index of the CPU */
	struct ship_count *count;
	int from, to, signals; /* orders, lines, signals; -1: none */
	struct strbuf orders;  /* read, and not obeyed yet */
	size_t obeyed;
	struct strbuf lines; /* not written yet */
	size_t written;
	char *pages;          /* of a frame */
	struct intern events; /* whose formats were sent */
	bool running, stopping, quitting, acked, done;
	bool absent;      /* nobody is at the other end of the control port */
	int64_t deadline; /* ms, of the acknowledgement; 0: none */
	uint64_t bytes;   /* in the last report */
	uint64_t marks;   /* written into the trace */
	bool whole;       /* the last report has no loss in the agent */
};

/* --- what the agent says */

static void
frame(struct agent *a, int what, const void *p, size_t n)
{
	const uint32_t head[2] = { MAGIC, (uint32_t)what };
	const uint64_t size = n;

	out_bytes(a->opt->frames, head, sizeof head);
	out_bytes(a->opt->frames, &size, sizeof size);
	out_bytes(a->opt->frames, p, n);
	out_flush(a->opt->frames);
	if (a->opt->frames->error != 0)
		a->done = true; /* who closes the output reports this */
}

static void
flush_lines(struct agent *a)
{
	ssize_t n = 1;

	while (a->to >= 0 && a->written < a->lines.n && n > 0) {
		n = write(a->to, a->lines.p + a->written, a->lines.n - a->written);
		a->written += n > 0 ? (size_t)n : 0;
		if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (a->written == a->lines.n) {
		strbuf_clear(&a->lines);
		a->written = 0;
	}
}

static void say(struct agent *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Say a line: to the host, in a frame, or to the person at the guest. */
static void
say(struct agent *a, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line - 1, fmt, ap);
	va_end(ap);
	n = n < LINE - 2 ? n : LINE - 2;
	if (a->opt->frames == NULL && a->to < 0)
		a->opt->note(a->opt->arg, NULL, line);
	line[n++] = '\n';
	if (a->opt->frames != NULL)
		frame(a, FRAME_LINES, line, (size_t)n);
	if (a->to >= 0 && a->lines.n < PENDING)
		strbuf_add_bytes(&a->lines, line, (size_t)n);
	flush_lines(a);
}

static void
save_meta(struct agent *a, struct str meta)
{
	int fd = open(a->opt->meta, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ssize_t n = 0;

	while (fd >= 0 && meta.n > 0 && ((n = write(fd, meta.p, meta.n)) > 0 || errno == EINTR)) {
		meta.p += n > 0 ? n : 0;
		meta.n -= n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || meta.n > 0)
		say(a, "error %s: %s", a->opt->meta, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void
send_meta(struct agent *a)
{
	struct strbuf meta = { 0 };

	meta_add(&meta, a->t, &a->events, &a->opt->block);
	if (a->opt->meta != NULL)
		save_meta(a, strbuf_str(&meta));
	if (a->opt->frames != NULL) {
		frame(a, FRAME_META, meta.p, meta.n);
	} else if (a->to >= 0 && a->lines.n + meta.n < PENDING) {
		say(a, "meta %zu", meta.n);
		strbuf_add(&a->lines, strbuf_str(&meta));
		flush_lines(a);
	}
	strbuf_free(&meta);
}

/* --- the report */

/* Write the pages that a CPU's process has sent for frames. */
static void
frame_pages(struct agent *a, const struct child *c)
{
	int ready = 0;
	size_t n, got;
	ssize_t r;

	while (!a->done && ioctl(c->from, FIONREAD, &ready) == 0 &&
	       (n = (size_t)ready / a->t->page * a->t->page) > 0) {
		n = n < CHUNK ? n : CHUNK / a->t->page * a->t->page;
		for (got = 0; got < n; got += (size_t)r)
			if ((r = read(c->from, a->pages + got, n - got)) <= 0)
				return;
		frame(a, c->ship.cpu, a->pages, n);
	}
}

/* The text of what is wrong with a CPU's process, "" if nothing is. */
static void
fault_of(const struct child *c, char text[LINE / 2])
{
	const struct ship_count *count = c->ship.count;
	int step = count->step, error = count->error;

	*text = '\0';
	if (step != SHIP_FINE)
		snprintf(text, LINE / 2, "%s%s%s", ship_step_name((enum ship_step)step),
		    error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
	else if (c->reaped && WIFSIGNALED(c->status))
		snprintf(text, LINE / 2, "the process was ended by signal %d", WTERMSIG(c->status));
	else if (!c->alive)
		snprintf(text, LINE / 2, "the process has ended");
}

static void
read_stats(const struct agent *a, const struct child *c, uint64_t value[STATS])
{
	struct strbuf text = { 0 };
	char file[64];
	size_t i;

	snprintf(file, sizeof file, "per_cpu/cpu%d/stats", c->ship.cpu);
	tracefs_read(a->t, file, &text);
	for (i = 0; i < STATS; i++)
		value[i] = tracefs_stat(&text, stats[i][1]);
	strbuf_free(&text);
}

static void
report_cpu(struct agent *a, const struct child *c)
{
	uint64_t sent = c->ship.count->sent, taken = c->ship.count->taken, now[STATS];
	char line[LINE / 2], why[LINE / 2];
	int n = 0;
	size_t i;

	read_stats(a, c, now);
	for (i = 0; i < STATS; i++) /* a buffer that was cleared counts anew */
		n += snprintf(line + n, sizeof line - (size_t)n, " %s=%llu", stats[i][0],
		    (unsigned long long)(now[i] - (now[i] < c->before[i] ? 0 : c->before[i])));
	fault_of(c, why);
	say(a, "stopped cpu%d bytes=%llu unsent=%llu%s%s%s", c->ship.cpu, (unsigned long long)sent,
	    (unsigned long long)(taken - sent), line, *why == '\0' ? "" : " error=", why);
	a->bytes += sent;
	a->whole = a->whole && *why == '\0' && taken == sent;
}

static void
end_quit(struct agent *a)
{
	if (a->to < 0 || a->opt->frames != NULL || a->acked)
		a->done = true;
	else
		a->deadline = ship_now_ms() + a->opt->wait;
}

static void
report(struct agent *a)
{
	size_t i;

	a->running = a->stopping = a->acked = false;
	a->bytes = 0;
	a->whole = true;
	for (i = 0; i < a->t->ncpus && a->opt->frames != NULL; i++)
		frame_pages(a, &a->child[i]);
	send_meta(a);
	for (i = 0; i < a->t->ncpus; i++)
		report_cpu(a, &a->child[i]);
	say(a, "done bytes=%llu", (unsigned long long)a->bytes);
	if (a->quitting)
		end_quit(a);
}

/* --- orders */

static void
order_all(struct agent *a, enum ship_order order)
{
	size_t i;

	for (i = 0; i < a->t->ncpus; i++)
		a->child[i].busy =
		    a->child[i].alive && ship_order(&a->child[i].ship, order) && order == SHIP_STOP;
}

static void
turn(struct agent *a, const char *on)
{
	if (!tracefs_write(a->t, "tracing_on", on))
		say(a, "error cannot turn tracing %s: %s", *on == '1' ? "on" : "off",
		    strerror(errno));
}

static void
start(struct agent *a)
{
	if (!a->running) {
		send_meta(a);
		order_all(a, SHIP_RUN);
		turn(a, "1");
	}
	a->running = true;
	say(a, "started");
}

static void
report_if_stopped(struct agent *a)
{
	size_t i;

	for (i = 0; i < a->t->ncpus && !a->child[i].busy; i++)
		;
	if (a->stopping && i == a->t->ncpus)
		report(a);
}

static void
stop(struct agent *a)
{
	if (!a->running) {
		report(a);
		return;
	}
	turn(a, "0");
	a->stopping = true;
	order_all(a, SHIP_STOP);
	report_if_stopped(a);
}

static void
quit(struct agent *a)
{
	a->quitting = true;
	if (a->running)
		stop(a);
	else if (a->acked || a->bytes == 0)
		a->done = true;
	else
		end_quit(a);
}

/* Write a mark into the trace: what the host traces before its order and after the answer shows how
 * far the two clocks are apart. */
static void
mark(struct agent *a)
{
	char text[64];

	snprintf(text, sizeof text, "vtagent time %llu", (unsigned long long)a->marks + 1);
	if (tracefs_write(a->t, "trace_marker", text))
		say(a, "time %llu", (unsigned long long)++a->marks);
	else
		say(a, "error cannot mark the time: %s",
		    a->running ? strerror(errno) : "not started");
}

static void
obey(struct agent *a, char order)
{
	switch (order) {
	case '1':
		start(a);
		break;
	case '0':
		stop(a);
		break;
	case 't':
		mark(a);
		break;
	case 'q':
		quit(a);
		break;
	case 'a':
		a->acked = true;
		a->done = a->done || a->quitting;
		break;
	case '\n':
	case '\r':
	case '\t':
	case ' ':
		break;
	default:
		say(a, "error unknown order 0x%02x", (unsigned char)order);
	}
}

/* Obey what was read; orders wait while a stop is under way. */
static void
obey_all(struct agent *a)
{
	while (!a->stopping && !a->done && a->obeyed < a->orders.n)
		obey(a, a->orders.p[a->obeyed++]);
	if (a->obeyed == a->orders.n) {
		strbuf_clear(&a->orders);
		a->obeyed = 0;
	}
}

static void
read_orders(struct agent *a, short events)
{
	char buf[64];
	ssize_t n = (events & POLLIN) != 0 ? read(a->from, buf, sizeof buf) : 0;

	if (n > 0)
		strbuf_add_bytes(&a->orders, buf, (size_t)n);
	a->absent = n == 0 && events != 0;
}

/* --- the loop */

static void
reap(struct agent *a)
{
	int status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < a->t->ncpus; i++) {
			if (a->child[i].ship.pid != pid)
				continue;
			a->child[i].status = status;
			a->child[i].reaped = true;
		}
}

static void
read_signal(struct agent *a)
{
	struct signalfd_siginfo info;

	if (read(a->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(a);
	else if (a->quitting)
		a->done = true; /* asked a second time */
	else if (!a->stopping)
		quit(a);
	else
		a->quitting = true;
}

/* Read a process's answer to a stop, or its end. */
static void
read_answer(struct agent *a, struct child *c)
{
	char answer;

	if (read(c->ship.orders, &answer, 1) <= 0) {
		reap(a);
		c->alive = false;
	}
	c->busy = false;
	report_if_stopped(a);
}

static void
fill_poll(const struct agent *a, struct pollfd *p)
{
	size_t i, n = a->t->ncpus;

	p[0] = (struct pollfd){ a->signals, POLLIN, 0 };
	p[1] = (struct pollfd){ a->stopping || a->absent ? -1 : a->from, POLLIN, 0 };
	p[2] = (struct pollfd){ a->lines.n > 0 && !a->absent ? a->to : -1, POLLOUT, 0 };
	for (i = 0; i < n; i++) {
		p[3 + i] =
		    (struct pollfd){ a->child[i].alive ? a->child[i].ship.orders : -1, POLLIN, 0 };
		p[3 + n + i] = (struct pollfd){ a->child[i].from, POLLIN, 0 };
	}
}

static void
serve(struct agent *a, struct pollfd *p)
{
	size_t i, n = a->t->ncpus;
	bool was_absent = a->absent;
	int ms = a->absent || a->deadline > 0 ? LOOK : -1;

	fill_poll(a, p);
	if (poll(p, 3 + 2 * n, ms) < 0)
		return;
	for (i = 0; i < n; i++)
		if (p[3 + n + i].revents & POLLIN)
			frame_pages(a, &a->child[i]);
	for (i = 0; i < n; i++)
		if (p[3 + i].revents != 0)
			read_answer(a, &a->child[i]);
	if (p[2].revents != 0)
		flush_lines(a);
	if (was_absent)
		a->absent = false; /* look again */
	else if (p[1].revents != 0)
		read_orders(a, p[1].revents);
	obey_all(a);
	if (p[0].revents != 0)
		read_signal(a);
	if (a->deadline > 0 && ship_now_ms() > a->deadline) {
		fault_set(a->fault, "the host has not acknowledged %llu bytes: they may be lost",
		    (unsigned long long)a->bytes);
		a->done = true;
	}
}

/* --- start and end */

static bool
open_control(struct agent *a)
{
	const char *name = a->opt->control;
	char path[PATH_MAX];

	if (name == NULL && !output_port(path, "agent-ctl-path"))
		return true;
	name = name == NULL ? "agent-ctl-path" : name;
	return output_control(name, &a->from, &a->to) ||
	       fault_set(a->fault, "%s: %s", name, strerror(errno));
}

/* Make the pipe through which pages come to be framed. */
static bool
open_frames(struct agent *a, struct child *c)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) != 0)
		return fault_set(a->fault, "cannot make a pipe: %s", strerror(errno));
	fcntl(p[1], F_SETPIPE_SZ, (int)a->opt->pipe_size);
	fcntl(p[1], F_SETFL, O_NONBLOCK);
	c->from = p[0];
	c->ship.out = p[1];
	return true;
}

static bool
open_output(struct agent *a, struct child *c)
{
	const char *template = a->opt->output == NULL ? "trace-path-cpu%d" : a->opt->output;
	char name[PATH_MAX], port[PATH_MAX];

	if (!output_name(name, template, c->ship.cpu))
		return fault_set(a->fault, "%s: one %%d in it stands for the CPU", template);
	if (a->opt->output == NULL && !output_port(port, name))
		return fault_set(a->fault,
		    "no virtio port %s: give the guest one for each CPU, or use -o", name);
	c->ship.out = output_open(c->path, name);
	return c->ship.out >= -1 || fault_set(a->fault, "%s: %s", name, strerror(errno));
}

/* Start the process of a CPU. The parent keeps nothing open that only the process needs. */
static bool
start_crew(struct agent *a, size_t i)
{
	struct child *c = &a->child[i];
	bool good;

	c->from = -1;
	c->ship = (struct ship){ .cpu = a->t->cpu[i],
		.path = c->path,
		.pipe_size = a->opt->pipe_size,
		.patience = a->opt->wait,
		.count = &a->count[i] };
	if (!(a->opt->frames != NULL ? open_frames(a, c) : open_output(a, c)))
		return false;
	read_stats(a, c, c->before);
	c->before[0] = 0;
	good = ship_start(&c->ship, a->t);
	if (c->ship.out >= 0)
		close(c->ship.out);
	c->alive = good;
	return good || fault_set(a->fault, "cannot start a process: %s", strerror(errno));
}

static bool
begin(struct agent *a)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->signals < 0)
		return fault_set(a->fault, "signalfd: %s", strerror(errno));
	for (i = 0; i < a->t->ncpus; i++)
		if (!start_crew(a, i))
			return false;
	return open_control(a);
}

/* End the processes, which send what they hold. */
static void
end(struct agent *a)
{
	size_t i;

	for (i = 0; i < a->t->ncpus; i++) {
		if (a->child[i].ship.pid <= 0)
			continue;
		close(a->child[i].ship.orders);
		if (a->child[i].from >= 0)
			close(a->child[i].from);
	}
	for (i = 0; i < a->t->ncpus; i++)
		if (a->child[i].ship.pid > 0 && !a->child[i].reaped)
			waitpid(a->child[i].ship.pid, NULL, 0);
	flush_lines(a);
	free(a->child);
	free(a->pages);
	intern_free(&a->events);
	strbuf_free(&a->orders);
	strbuf_free(&a->lines);
}

/* Say what the agent serves, and obey until the end. */
static void
serve_all(struct agent *a)
{
	struct pollfd *p = mem_alloc((3 + 2 * a->t->ncpus) * sizeof *p);
	struct strbuf cpus = { 0 };

	tracefs_cpus(a->t, &cpus);
	say(a, "vtagent 1 cpus=%.*s page=%zu", (int)cpus.n, cpus.p, a->t->page);
	strbuf_free(&cpus);
	if (a->from < 0)
		start(a);
	while (!a->done)
		serve(a, p);
	if (!a->whole)
		fault_set(a->fault, "not all was sent");
	free(p);
}

bool
agent_run(const struct tracefs *t, const struct agent_options *opt, struct fault *fault)
{
	struct agent a = { t, opt, fault, .from = -1, .to = -1, .signals = -1, .whole = true };
	size_t size = t->ncpus * sizeof *a.count;

	a.count = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a.count == MAP_FAILED)
		return fault_set(fault, "mmap: %s", strerror(errno));
	a.child = mem_alloc(t->ncpus * sizeof *a.child);
	if (opt->frames != NULL)
		a.pages = mem_alloc(CHUNK > t->page ? CHUNK : t->page);
	if (begin(&a))
		serve_all(&a);
	end(&a);
	munmap(a.count, size);
	if (a.from >= 0)
		close(a.from);
	if (a.to >= 0 && a.to != a.from)
		close(a.to);
	if (a.signals >= 0)
		close(a.signals);
	return !fault_is(fault);
}
