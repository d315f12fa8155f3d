/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs.h"
#include "mem.h"
#include "temp.h"

enum { COPY = 256 * 1024 };

/* How far a job is: it is known to the process that guards the one that does it. */
struct jobs_place {
	unsigned share, drawn; /* the one in hand, the next one that is ours */
	uint64_t size;         /* of the share in hand so far */
	bool turn;
};

/* In memory that all processes share. No more than n shares are drawn and not done at a time, so n
 * semaphores, used in turn, say when a share may write. */
struct jobs_turns {
	atomic_uint drawn;
	atomic_bool told; /* a process said itself why it ended early */
	sem_t may_write[JOBS_MAX];
	struct jobs_place place[JOBS_MAX];
	max_align_t common[];
};

static sem_t *
turn_of(const struct jobs *j, unsigned share)
{
	return &j->turns->may_write[share % (unsigned)j->n];
}

bool
jobs_mine(const struct jobs *j)
{
	return j->turns == NULL || j->place->share == j->place->drawn;
}

/* Let standard output and error go somewhere. */
static void
send_to(int out, int err)
{
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
}

static void
copy_held(struct jobs *j, int from, int to)
{
	struct out o = { .fd = to, .cap = COPY };
	off_t at = 0, end = lseek(from, 0, SEEK_CUR);
	ssize_t n;

	if (end <= 0)
		return;
	o.buf = mem_resize(NULL, COPY, 1);
	while (at < end && (n = pread(from, o.buf, COPY, at)) > 0) {
		o.n = (size_t)n;
		out_flush(&o);
		at += n;
	}
	out_free(&o);
	lseek(from, 0, SEEK_SET);
	if (ftruncate(from, 0) != 0 || at < end || o.error != 0)
		j->out->error = o.error != 0 ? o.error : errno;
}

/* Ours is the turn: what was held goes out, what comes now goes there at once. Where it could not
 * be held, we only have to say so. */
static void
take_turn(struct jobs *j)
{
	j->place->turn = true;
	send_to(j->real[0], j->real[1]);
	if (j->out->error != 0) {
		fault_set(&j->fault, "a file for output that waits: %s", strerror(j->out->error));
		return;
	}
	copy_held(j, j->held[0], STDOUT_FILENO);
	copy_held(j, j->held[1], STDERR_FILENO);
}

/* The share in hand has another number. */
static void
enter(struct jobs *j)
{
	j->out->n = 0;
	j->place->size = 0;
	j->place->turn = false;
	if (!jobs_mine(j))
		send_to(j->nowhere, j->nowhere);
	else if (sem_trywait(turn_of(j, j->place->share)) == 0)
		take_turn(j);
	else
		send_to(j->held[0], j->held[1]);
}

static void
draw(struct jobs *j)
{
	j->place->drawn = atomic_fetch_add(&j->turns->drawn, 1);
}

void
jobs_follow(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		raise(SIGKILL);
}

void
jobs_ways(struct jobs *j)
{
	if (j->turns != NULL && j->nowhere > 0)
		return;
	j->real[0] = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	j->real[1] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	j->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
}

void
jobs_silence(const struct jobs *j)
{
	send_to(j->nowhere, j->nowhere);
}

void
jobs_speak(struct jobs *j)
{
	if (j->turns == NULL)
		send_to(j->real[0], j->real[1]);
	else if (j->place->turn)
		take_turn(j);
	else if (jobs_mine(j))
		send_to(j->held[0], j->held[1]);
}

/* In a new process. */
static void
enlist(struct jobs *j, pid_t parent, int which)
{
	jobs_follow(parent);
	jobs_ways(j);
	j->place = &j->turns->place[which];
	draw(j);
	enter(j);
}

/* A process of our own, with files to hold what it writes: its id, 0 in itself, -1 with the fault
 * set where that cannot be. */
static pid_t
fork_one(struct jobs *j, int which)
{
	pid_t parent = getpid(), pid = -1;

	j->held[0] = temp_open(&j->fault);
	j->held[1] = j->held[0] < 0 ? -1 : temp_open(&j->fault);
	if (j->held[1] >= 0 && (pid = fork()) < 0)
		fault_set(&j->fault, "a job cannot be started: %s", strerror(errno));
	if (pid == 0) {
		enlist(j, parent, which);
		return 0;
	}
	close(j->held[0]);
	close(j->held[1]);
	return pid;
}

static void
kill_all(const pid_t *pid, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
}

/* One ended other than well: the others cannot go on without it. */
static void
fail(struct jobs *j, int status)
{
	j->status = 1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		raise(SIGPIPE);
	if (WIFSIGNALED(status))
		fault_set(&j->fault, "a job was ended by signal %d", WTERMSIG(status));
	else if (!j->turns->told)
		fault_set(&j->fault, "a job ended early, with status %d", WEXITSTATUS(status));
}

/* One of ours has ended, not somebody's that we were given. */
static bool
strike(pid_t *pid, int n, pid_t who)
{
	int i;

	for (i = 0; i < n && pid[i] != who; i++)
		;
	if (i < n)
		pid[i] = 0;
	return i < n;
}

static void
wait_for(struct jobs *j, pid_t *pid, int n)
{
	int status, first = 0, left = n;
	pid_t who;

	while (left > 0) {
		who = wait(&status);
		if (who < 0 && errno != EINTR)
			break;
		if (who < 0 || !strike(pid, n, who))
			continue;
		left--;
		if (status == 0 || first != 0)
			continue;
		first = status;
		kill_all(pid, n);
	}
	if (first != 0)
		fail(j, first);
}

bool
jobs_start(struct jobs *j, struct out *out, size_t size)
{
	pid_t pid[JOBS_MAX];
	int n;

	if (j->n < 2)
		return true;
	size += sizeof *j->turns;
	j->out = out;
	j->turns = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (j->turns == MAP_FAILED) {
		j->turns = NULL;
		return fault_set(&j->fault, "jobs cannot be started: %s", strerror(errno));
	}
	j->common = j->turns->common;
	for (n = 0; n < j->n; n++)
		sem_init(&j->turns->may_write[n], 1, n == 0);
	for (n = 0; n < j->n; n++) {
		pid[n] = fork_one(j, n);
		if (pid[n] == 0)
			return true;
		if (pid[n] < 0)
			break;
	}
	if (n < j->n)
		kill_all(pid, n);
	wait_for(j, pid, n);
	munmap(j->turns, size);
	j->turns = NULL;
	j->common = NULL;
	return false;
}

bool
jobs_full(const struct jobs *j)
{
	return j->turns != NULL && j->place->size >= JOBS_SHARE;
}

void
jobs_add(struct jobs *j, uint64_t size)
{
	if (j->turns != NULL)
		j->place->size += size < JOBS_SHARE ? size : JOBS_SHARE;
}

void
jobs_wait(struct jobs *j)
{
	if (j->turns == NULL)
		return;
	while (!j->place->turn && j->out->error == 0 && sem_wait(turn_of(j, j->place->share)) != 0)
		;
	if (!j->place->turn)
		take_turn(j);
	out_flush(j->out);
}

void
jobs_next(struct jobs *j)
{
	if (jobs_mine(j)) {
		if (j->out->error != 0)
			return; /* nothing may come out behind what is missing */
		sem_post(turn_of(j, j->place->share + 1));
		draw(j);
	}
	j->place->share++;
	enter(j);
}

void
jobs_poll(struct jobs *j)
{
	if (j->turns == NULL || j->place->turn || !jobs_mine(j))
		return;
	if (sem_trywait(turn_of(j, j->place->share)) == 0)
		take_turn(j);
	else if (lseek(j->held[0], 0, SEEK_CUR) > JOBS_HELD)
		jobs_wait(j);
}

bool
jobs_end(struct jobs *j)
{
	if (j->turns == NULL)
		return true;
	if (!jobs_mine(j)) {
		j->out->n = 0;
		return false;
	}
	jobs_wait(j);
	if (fault_is(&j->fault)) /* it was no error of standard output */
		j->out->error = 0;
	return j->last = true;
}

int
jobs_status(struct jobs *j, int status)
{
	if (j->turns == NULL)
		return status > j->status ? status : j->status;
	if (!j->last)
		return j->status;
	if (status != 0)
		j->turns->told = true;
	return status;
}
