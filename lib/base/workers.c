/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "temp.h"
#include "workers.h"

enum { SHARE = 16 * 1024, KEPT = 256 * 1024, COPY = 64 * 1024, KINDS = 16 };

/* How far a worker is, for the one that replaces it. */
struct place {
	unsigned share; /* the one that it does, or walks to */
	bool turn;      /* its output goes out at once */
	bool inside;    /* of a piece, where a crash is contained */
	uint64_t piece; /* the last one that it did or does */
};

/* In memory that all processes have in common. No more than n shares are drawn and not done, so n
 * semaphores, used in turn, say when a share may write. */
struct common {
	atomic_uint drawn;
	int error;       /* errno of a worker's output */
	bool error_held; /* that was to a temporary file */
	struct kind {
		const char *name;
		uint64_t n, dropped;
	} kinds[KINDS]; /* of notes */
	sem_t turn[WORKERS_MAX];
	struct place place[WORKERS_MAX];
	max_align_t results[]; /* the total, then each worker's */
};

/* What a worker has not written yet, in memory of a file, so that another one can map it. */
struct kept {
	struct out out;
	char buf[KEPT];
};

/* Precedes the text of a note in a file. All processes have the string at the same address. */
struct note {
	const char *kind;
	uint64_t most;
	size_t n;
};

enum { OUTPUT, NOTES };

struct workers {
	struct workers_plan plan;
	struct common *common;
	struct kept *kept;
	struct out *given, *out;
	int real, nowhere, kept_fd, notes_fd;
	int held[WORKERS_MAX][2];
	size_t common_size, result_size, kept_size;
	bool muted, over;
	struct fault fault;
	uint64_t piece, size; /* pieces met so far; bytes of those in the share */
	unsigned share;       /* the one met now */

	/* The first process. */
	pid_t pid[WORKERS_MAX]; /* 0 if it has ended */
	int crashed;            /* a worker to be replaced, or -1 */
	uint64_t target;        /* walk to this piece first */

	/* A worker. */
	int self;       /* -1 in the first process */
	bool retracing; /* walking to the piece in which the one before crashed */
	int signal;
};

static struct place *
our_place(const struct workers *w)
{
	return &w->common->place[w->self];
}

static void *
result_at(const struct workers *w, int i)
{
	return (char *)w->common->results + (size_t)(i + 1) * w->result_size;
}

static sem_t *
turn_of(const struct workers *w, unsigned share)
{
	return &w->common->turn[share % (unsigned)w->plan.n];
}

/* --- begin and end */

static bool
cannot_start(struct workers *w)
{
	return fault_set(&w->fault, "a job cannot be started: %s", strerror(errno));
}

/* Empty the kept buffer; a line too long for it may have put another in its place. */
static void
use_kept(struct kept *k)
{
	k->out.buf = k->buf;
	k->out.cap = KEPT;
	k->out.n = 0;
	k->out.lent = true;
}

/* Map what worker i keeps where the one before had it; -1 is the first process. */
static bool
map_kept(struct workers *w, int i)
{
	void *p = mmap(w->kept, w->kept_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | (w->kept == NULL ? 0 : MAP_FIXED), w->kept_fd,
	    (off_t)(i + 1) * (off_t)w->kept_size);

	if (p != MAP_FAILED)
		w->kept = p;
	return p != MAP_FAILED;
}

static bool
prepare_kept(struct workers *w)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	w->kept_size = (sizeof *w->kept + page - 1) / page * page;
	w->kept_fd = memfd_create("kept", MFD_CLOEXEC);
	if (w->kept_fd < 0 || ftruncate(w->kept_fd, (off_t)w->kept_size * (w->plan.n + 1)) != 0 ||
	    !map_kept(w, -1))
		return cannot_start(w);
	w->kept->out = *w->given;
	w->kept->out.cache = NULL;
	use_kept(w->kept);
	w->out = &w->kept->out;
	return true;
}

static bool
prepare(struct workers *w)
{
	const size_t align = _Alignof(max_align_t), n = (size_t)w->plan.n;
	void *p;
	size_t i;

	signal(SIGCHLD, SIG_DFL); /* if it is ignored there is nothing to wait for */
	w->result_size = (w->plan.result_size + align - 1) / align * align;
	w->common_size = sizeof *w->common + (n + 1) * w->result_size;
	p = mmap(NULL, w->common_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	w->common = p == MAP_FAILED ? NULL : p;
	w->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	w->notes_fd = memfd_create("notes", MFD_CLOEXEC);
	if (w->common == NULL || w->nowhere < 0 || w->notes_fd < 0)
		return cannot_start(w);
	for (i = 0; i < n && n > 1; i++)
		if ((w->held[i][OUTPUT] = temp_open(&w->fault)) < 0 ||
		    (w->held[i][NOTES] = temp_open(&w->fault)) < 0)
			return false;
	for (i = 0; i < n; i++)
		sem_init(&w->common->turn[i], 1, i == 0);
	return !w->plan.contain || prepare_kept(w);
}

static void
release(struct workers *w)
{
	int i;

	for (i = 0; i < w->plan.n && w->plan.n > 1; i++) {
		close(w->held[i][OUTPUT]);
		close(w->held[i][NOTES]);
	}
	close(w->nowhere);
	close(w->notes_fd);
	close(w->kept_fd);
	if (w->common != NULL)
		munmap(w->common, w->common_size);
	if (w->kept != NULL) {
		out_free(&w->kept->out);
		munmap(w->kept, w->kept_size);
	}
	free(w);
}

struct workers *
workers_new(const struct workers_plan *plan, struct out *out, struct fault *fault)
{
	struct workers *w = mem_alloc(sizeof *w);

	*w = (struct workers){ .plan = *plan,
		.given = out,
		.out = out,
		.real = out->fd,
		.nowhere = -1,
		.kept_fd = -1,
		.notes_fd = -1,
		.crashed = -1,
		.self = -1 };
	memset(w->held, -1, sizeof w->held);
	if (plan->n == 0 || prepare(w))
		return w;
	*fault = w->fault;
	release(w);
	return NULL;
}

struct out *
workers_out(struct workers *w)
{
	return w->out;
}

void *
workers_result(struct workers *w)
{
	return w->self < 0 ? NULL : result_at(w, w->self);
}

bool
workers_muted(const struct workers *w)
{
	return w->muted;
}

int
workers_signal(const struct workers *w)
{
	return w->signal;
}

/* --- notes */

static void
write_note(struct workers *w, int fd, const struct note *note, const char *text)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)note, sizeof *note },
		{ (void *)(uintptr_t)text, note->n } };

	if (writev(fd, iov, 2) < 0)
		w->out->error = errno;
}

/* In a worker that has the turn: keep the note for the first process, or count it. */
static void
keep_note(struct workers *w, const struct note *note, const char *text)
{
	struct kind *k = w->common->kinds;

	if (note->kind != NULL) {
		while (k < w->common->kinds + KINDS - 1 && k->name != NULL &&
		       strcmp(k->name, note->kind) != 0)
			k++;
		k->name = note->kind;
		if (k->n++ >= note->most) {
			k->dropped++;
			return;
		}
	}
	write_note(w, w->notes_fd, note, text);
}

static void
pass_note(struct workers *w, const struct note *note, const char *text)
{
	w->plan.note(w->plan.arg, note->kind, text);
}

/* Hand on each note of a file. */
static void
each_note(struct workers *w, int fd,
    void (*each)(struct workers *, const struct note *, const char *text))
{
	off_t size = lseek(fd, 0, SEEK_CUR);
	char *buf = mem_alloc((size_t)size + 1), *p = buf, *end = buf;
	struct note note;

	if (pread(fd, buf, (size_t)size, 0) == size)
		end += size;
	for (; (size_t)(end - p) > sizeof note; p += sizeof note + note.n) {
		memcpy(&note, p, sizeof note);
		each(w, &note, p + sizeof note);
	}
	free(buf);
}

void
workers_note(struct workers *w, const char *kind, uint64_t most, const char *text)
{
	struct note note = { kind, most, strlen(text) + 1 };

	if (w->muted)
		return;
	if (w->self < 0)
		pass_note(w, &note, text);
	else if (our_place(w)->turn)
		keep_note(w, &note, text);
	else
		write_note(w, w->held[w->self][NOTES], &note, text);
}

/* --- output */

static void
mute(struct workers *w)
{
	w->muted = true;
	w->out->fd = w->nowhere;
}

static void
unmute(struct workers *w)
{
	w->muted = false;
	w->out->n = 0;
	w->out->fd = w->self < 0 || our_place(w)->turn ? w->real : w->held[w->self][OUTPUT];
}

/* Copy what is held to the real output; false with errno set. */
static bool
copy_held(const struct workers *w, int from)
{
	char buf[COPY];
	struct out o = { .fd = w->real, .buf = buf, .cap = COPY };
	off_t at = 0, end = lseek(from, 0, SEEK_CUR);
	ssize_t n;

	while (at < end && o.error == 0 && (n = pread(from, buf, COPY, at)) > 0) {
		o.n = (size_t)n;
		out_flush(&o);
		at += n;
	}
	if (o.error != 0)
		errno = o.error;
	return o.error == 0 && at == end;
}

/* Empty a temporary file. */
static bool
clear(int fd)
{
	return lseek(fd, 0, SEEK_SET) == 0 && ftruncate(fd, 0) == 0;
}

/* The turn has come: write to the real output from here on. */
static void
take_turn(struct workers *w)
{
	const int *held = w->held[w->self];

	our_place(w)->turn = true;
	w->out->fd = w->real;
	if (w->plan.n == 1)
		return;
	each_note(w, held[NOTES], keep_note);
	if (!copy_held(w, held[OUTPUT]) || !clear(held[OUTPUT]) || !clear(held[NOTES]))
		w->out->error = errno;
}

static void
wait_turn(struct workers *w)
{
	if (our_place(w)->turn)
		return;
	while (sem_wait(turn_of(w, w->share)) != 0)
		;
	take_turn(w);
}

void
workers_poll(struct workers *w)
{
	const int *held = w->held[w->self < 0 ? 0 : w->self];

	if (w->self < 0 || w->muted || our_place(w)->turn || w->out->error != 0)
		return;
	if (sem_trywait(turn_of(w, w->share)) == 0)
		take_turn(w);
	else if (lseek(held[OUTPUT], 0, SEEK_CUR) + lseek(held[NOTES], 0, SEEK_CUR) > WORKERS_HELD)
		wait_turn(w);
}

/* --- workers */

/* A share starts: it is ours or it is not. */
static void
enter_share(struct workers *w)
{
	if (w->share != our_place(w)->share) {
		mute(w);
		return;
	}
	unmute(w);
	if (sem_trywait(turn_of(w, w->share)) == 0)
		take_turn(w);
}

/* Our share is done: let it out, and draw another one. */
static void
leave_share(struct workers *w)
{
	struct common *c = w->common;
	struct place *p = our_place(w);
	void *result = result_at(w, w->self);

	if (w->out->error == 0)
		wait_turn(w);
	out_flush(w->out);
	if (w->out->error != 0) { /* nothing may come out after what is missing */
		c->error = w->out->error;
		c->error_held = !p->turn;
		w->over = true;
		mute(w);
		return;
	}
	w->plan.add(result_at(w, -1), result);
	memset(result, 0, w->result_size);
	p->turn = false;
	sem_post(turn_of(w, w->share + 1));
	p->share = atomic_fetch_add(&c->drawn, 1);
}

static void
next_share(struct workers *w)
{
	if (w->self >= 0 && !w->muted)
		leave_share(w);
	w->share++;
	w->size = 0;
	if (w->self >= 0 && !w->over)
		enter_share(w);
}

static enum workers_turn
our_turn(struct workers *w)
{
	struct place *p = our_place(w);
	enum workers_turn turn = WORKERS_DO;

	if (w->over)
		return WORKERS_END;
	if (w->share != p->share || (w->retracing && w->piece < p->piece))
		return WORKERS_SKIP;
	if (w->retracing) {
		w->retracing = false;
		unmute(w);
		turn = WORKERS_CRASHED;
	}
	p->piece = w->piece;
	p->inside = true;
	return turn;
}

void
workers_done(struct workers *w)
{
	if (w->self >= 0)
		our_place(w)->inside = false;
}

/* --- the first process */

/* Write what a crashed worker has not: whole lines, unless they were too long to keep. */
static void
rescue(struct kept *k)
{
	if (k->out.buf == k->buf) {
		while (k->out.n > 0 && k->out.buf[k->out.n - 1] != '\n')
			k->out.n--;
		out_flush(&k->out);
	}
	use_kept(k);
}

/* In a new process, forked from `first` while its output was `o`: be worker i, or go on for it
 * after its crash. */
static void
become(struct workers *w, int i, pid_t first, const struct out *o)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != first)
		raise(SIGKILL);
	w->retracing = w->crashed >= 0;
	w->self = i;
	if (w->plan.contain) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* a crash is an answer */
		if (!map_kept(w, i))
			raise(SIGKILL);
		w->out->cache = o->cache; /* not that of the process that crashed */
	}
	if (w->retracing) {
		rescue(w->kept);
		mute(w);
		return;
	}
	*w->out = *o;
	if (w->plan.contain)
		use_kept(w->kept);
	our_place(w)->piece = w->piece;
	our_place(w)->share = atomic_fetch_add(&w->common->drawn, 1);
	enter_share(w);
}

static void
kill_all(struct workers *w)
{
	int i;

	for (i = 0; i < w->plan.n; i++)
		if (w->pid[i] > 0)
			kill(w->pid[i], SIGKILL);
	for (i = 0; i < w->plan.n; i++)
		while (w->pid[i] > 0 && waitpid(w->pid[i], NULL, 0) < 0 && errno == EINTR)
			;
	memset(w->pid, 0, sizeof w->pid);
}

/* Returns in both processes. */
static void
start(struct workers *w, int i)
{
	const struct out o = *w->out; /* if it is kept, both processes write to the same memory */
	pid_t first = getpid(), pid = fork();

	if (pid == 0) {
		become(w, i, first, &o);
	} else if (pid < 0) {
		cannot_start(w);
		kill_all(w);
	} else {
		w->pid[i] = pid;
	}
}

static void
start_all(struct workers *w)
{
	int i;

	out_flush(w->out);
	mute(w);
	for (i = 0; i < w->plan.n && w->self < 0 && !fault_is(&w->fault); i++)
		start(w, i);
}

/* A worker ended other than well: the others cannot go on without it. */
static void
fail(struct workers *w, int status)
{
	kill_all(w);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		raise(SIGPIPE);
	if (WIFSIGNALED(status))
		fault_set(&w->fault, "a job was ended by signal %d", WTERMSIG(status));
	else if (w->common->error == 0)
		fault_set(&w->fault, "a job ended early, with status %d", WEXITSTATUS(status));
	else if (w->common->error_held)
		fault_set(
		    &w->fault, "a file for output that waits: %s", strerror(w->common->error));
	else
		w->out->error = w->common->error;
}

static bool
is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE ||
	       signal == SIGILL;
}

/* Worker i has ended. */
static void
on_end(struct workers *w, int i, int status)
{
	w->pid[i] = 0;
	w->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (w->plan.contain && is_crash(w->signal) && w->common->place[i].inside)
		w->crashed = i;
	else if (status != 0)
		fail(w, status);
}

/* Wait until a worker has crashed or all have ended. */
static void
watch(struct workers *w)
{
	int status, left, i;
	pid_t pid;

	do {
		for (left = i = 0; i < w->plan.n; i++)
			left += w->pid[i] > 0;
		pid = left > 0 ? wait(&status) : 0;
		for (i = 0; i < w->plan.n && pid > 0; i++)
			if (w->pid[i] == pid)
				on_end(w, i, status);
	} while (left > 0 && w->crashed < 0);
}

/* The first piece that a worker may still crash in. */
static uint64_t
slowest(const struct workers *w)
{
	uint64_t least = w->common->place[w->crashed].piece;
	int i;

	for (i = 0; i < w->plan.n; i++)
		if (w->pid[i] > 0 && w->common->place[i].piece < least)
			least = w->common->place[i].piece;
	return least;
}

/* In the first process, at a piece; start() returns in workers, too. */
static enum workers_turn
first_turn(struct workers *w)
{
	if (w->piece < w->target)
		return WORKERS_SKIP;
	if (!w->muted)
		start_all(w);
	while (w->self < 0) {
		if (w->crashed < 0)
			watch(w);
		if (w->crashed < 0)
			return WORKERS_END;
		w->target = slowest(w);
		if (w->piece < w->target)
			return WORKERS_SKIP;
		start(w, w->crashed);
		if (w->self < 0)
			w->crashed = -1;
	}
	return our_turn(w);
}

enum workers_turn
workers_piece(struct workers *w, uint64_t size)
{
	if (w->plan.n == 0)
		return WORKERS_DO;
	w->piece++;
	if (w->size >= SHARE)
		next_share(w);
	w->size += size < SHARE ? size : SHARE;
	return w->self < 0 ? first_turn(w) : our_turn(w);
}

/* In the first process: all workers have ended. */
static void
finish(struct workers *w)
{
	const struct kind *k;
	uint64_t n;

	if (w->muted) {
		each_note(w, w->notes_fd, pass_note);
		for (k = w->common->kinds; k < w->common->kinds + KINDS && k->name != NULL; k++)
			for (n = 0; n < k->dropped; n++)
				w->plan.note(w->plan.arg, k->name, "");
		w->plan.add(w->plan.total, result_at(w, -1));
		unmute(w);
	}
	if (w->out == w->given)
		return;
	out_flush(w->out);
	w->given->error = w->out->error;
}

int
workers_end(struct workers *w, struct fault *fault)
{
	int status = WORKERS_FIRST;

	if (w->self >= 0) {
		if (!w->muted)
			leave_share(w);
		status = w->over || w->retracing;
	} else if (w->plan.n > 0) {
		finish(w);
	}
	if (fault_is(&w->fault))
		*fault = w->fault;
	release(w);
	return status;
}
