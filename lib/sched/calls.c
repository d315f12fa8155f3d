/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "rec/pairs.h"
#include "states_int.h"
#include "syscalls.h"

/* --- the calls */

enum type { OTHER, READ, WRITE, SYNC, RECEIVE, TRANSMIT, POLL, COPY, OPEN, CLOSE };

static const struct str type_names[] = { STR_INIT("other"), STR_INIT("read"), STR_INIT("write"),
	STR_INIT("sync"), STR_INIT("receive"), STR_INIT("transmit"), STR_INIT("poll"),
	STR_INIT("copy"), STR_INIT("open"), STR_INIT("close") };

/* What a call does to the descriptors of its process. */
enum effect {
	NOTHING,
	OPENS, /* a path, that of the field text */
	MAKES, /* something of that name */
	DUPLICATES,
	CONTROLS, /* fcntl: some commands duplicate */
	CLOSES,
	CLOSES_RANGE
};

enum { O_CLOEXEC_BIT = 02000000, MFD_CLOEXEC_BIT = 1, FD_DUP = 0, FD_DUP_CLOEXEC = 1030 };

/* Arguments have a name in the events of one call, and an index in those of all; -1: none. */
struct kind {
	const char *name;
	enum type type;
	int fd;
	const char *fd_name;
	enum effect effect;
	int flags;
	const char *flags_name, *text;
	bool counts; /* it returns a number of messages, not of bytes */
};

#define FD0 0, "fd"
#define NO_FD -1, NULL
#define NO_EFFECT NOTHING, -1, NULL, NULL, false
#define MESSAGES NOTHING, -1, NULL, NULL, true

static const struct kind kinds[] = {
	{ "read", READ, FD0, NO_EFFECT },
	{ "pread64", READ, FD0, NO_EFFECT },
	{ "readv", READ, FD0, NO_EFFECT },
	{ "preadv", READ, FD0, NO_EFFECT },
	{ "preadv2", READ, FD0, NO_EFFECT },
	{ "write", WRITE, FD0, NO_EFFECT },
	{ "pwrite64", WRITE, FD0, NO_EFFECT },
	{ "writev", WRITE, FD0, NO_EFFECT },
	{ "pwritev", WRITE, FD0, NO_EFFECT },
	{ "pwritev2", WRITE, FD0, NO_EFFECT },
	{ "sync", SYNC, NO_FD, NO_EFFECT },
	{ "msync", SYNC, NO_FD, NO_EFFECT },
	{ "fsync", SYNC, FD0, NO_EFFECT },
	{ "fdatasync", SYNC, FD0, NO_EFFECT },
	{ "syncfs", SYNC, FD0, NO_EFFECT },
	{ "sync_file_range", SYNC, FD0, NO_EFFECT },
	{ "recvfrom", RECEIVE, FD0, NO_EFFECT },
	{ "recvmsg", RECEIVE, FD0, NO_EFFECT },
	{ "recvmmsg", RECEIVE, FD0, MESSAGES },
	{ "sendto", TRANSMIT, FD0, NO_EFFECT },
	{ "sendmsg", TRANSMIT, FD0, NO_EFFECT },
	{ "sendmmsg", TRANSMIT, FD0, MESSAGES },
	{ "poll", POLL, NO_FD, NO_EFFECT },
	{ "ppoll", POLL, NO_FD, NO_EFFECT },
	{ "select", POLL, NO_FD, NO_EFFECT },
	{ "pselect6", POLL, NO_FD, NO_EFFECT },
	{ "epoll_wait", POLL, 0, "epfd", NO_EFFECT },
	{ "epoll_pwait", POLL, 0, "epfd", NO_EFFECT },
	{ "epoll_pwait2", POLL, 0, "epfd", NO_EFFECT },
	{ "sendfile", COPY, 0, "out_fd", NO_EFFECT },
	{ "sendfile64", COPY, 0, "out_fd", NO_EFFECT },
	{ "splice", COPY, 0, "fd_in", NO_EFFECT },
	{ "tee", COPY, 0, "fdin", NO_EFFECT },
	{ "copy_file_range", COPY, 0, "fd_in", NO_EFFECT },
	{ "open", OPEN, NO_FD, OPENS, 1, "flags", "filename", false },
	{ "openat", OPEN, NO_FD, OPENS, 2, "flags", "filename", false },
	{ "openat2", OPEN, NO_FD, OPENS, -1, NULL, "filename", false },
	{ "creat", OPEN, NO_FD, OPENS, -1, NULL, "pathname", false },
	{ "socket", OPEN, NO_FD, MAKES, 1, "type", "socket:", false },
	{ "accept", OPEN, NO_FD, MAKES, -1, NULL, "socket:", false },
	{ "accept4", OPEN, NO_FD, MAKES, 3, "flags", "socket:", false },
	{ "epoll_create", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[eventpoll]", false },
	{ "epoll_create1", OPEN, NO_FD, MAKES, 0, "flags", "anon_inode:[eventpoll]", false },
	{ "eventfd", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[eventfd]", false },
	{ "eventfd2", OPEN, NO_FD, MAKES, 1, "flags", "anon_inode:[eventfd]", false },
	{ "timerfd_create", OPEN, NO_FD, MAKES, 1, "flags", "anon_inode:[timerfd]", false },
	{ "signalfd", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[signalfd]", false },
	{ "signalfd4", OPEN, NO_FD, MAKES, 3, "flags", "anon_inode:[signalfd]", false },
	{ "inotify_init", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:inotify", false },
	{ "inotify_init1", OPEN, NO_FD, MAKES, 0, "flags", "anon_inode:inotify", false },
	{ "memfd_create", OPEN, NO_FD, MAKES, 1, "flags", "/memfd:", false },
	{ "pidfd_open", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[pidfd]", false },
	{ "perf_event_open", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[perf_event]", false },
	{ "io_uring_setup", OPEN, NO_FD, MAKES, -1, NULL, "anon_inode:[io_uring]", false },
	{ "dup", OPEN, 0, "fildes", DUPLICATES, -1, NULL, NULL, false },
	{ "dup2", OPEN, 0, "oldfd", DUPLICATES, -1, NULL, NULL, false },
	{ "dup3", OPEN, 0, "oldfd", DUPLICATES, 2, "flags", NULL, false },
	{ "fcntl", OTHER, FD0, CONTROLS, 1, "cmd", NULL, false },
	{ "close", CLOSE, FD0, CLOSES, -1, NULL, NULL, false },
	{ "close_range", CLOSE, FD0, CLOSES_RANGE, 1, "max_fd", NULL, false },
	{ "lseek", OTHER, FD0, NO_EFFECT },
	{ "ftruncate", OTHER, FD0, NO_EFFECT },
	{ "fallocate", OTHER, FD0, NO_EFFECT },
	{ "fadvise64", OTHER, FD0, NO_EFFECT },
	{ "readahead", OTHER, FD0, NO_EFFECT },
	{ "fstat", OTHER, FD0, NO_EFFECT },
	{ "newfstat", OTHER, FD0, NO_EFFECT },
	{ "getdents", OTHER, FD0, NO_EFFECT },
	{ "getdents64", OTHER, FD0, NO_EFFECT },
	{ "ioctl", OTHER, FD0, NO_EFFECT },
	{ "flock", OTHER, FD0, NO_EFFECT },
	{ "connect", OTHER, FD0, NO_EFFECT },
	{ "bind", OTHER, FD0, NO_EFFECT },
	{ "listen", OTHER, FD0, NO_EFFECT },
	{ "shutdown", OTHER, FD0, NO_EFFECT },
	{ NULL, OTHER, NO_FD, NO_EFFECT },
};

/* A call that has occurred. */
struct calls_name {
	const struct kind *kind;
	bool returned; /* its exits are recorded */
};

/* The number of a call's name. */
static uint32_t
name_of(struct calls *cs, struct str name)
{
	size_t n = cs->names.n;
	uint32_t i = intern_put(&cs->names, name);
	const struct kind *k = kinds;

	if (i < n)
		return i;
	while (k->name != NULL && !str_eq(str_of(k->name), name))
		k++;
	cs->name = mem_grow(cs->name, n, &cs->cap, sizeof *cs->name);
	cs->name[i] = (struct calls_name){ .kind = k };
	return i;
}

/* --- the call of a task */

/* A call that has ended, or several that were merged. */
struct interval {
	int64_t t, end, error; /* error: REC_NO_INT: none */
	int64_t fd, ret;       /* ret: REC_NO_INT if the other fields say it */
	uint64_t bytes, merged;
	int32_t cpu;
	uint32_t name, file;
	enum edge begins, ends;
};

struct call {
	bool open, raw; /* raw: raw_syscalls tell of it */
	int32_t cpu;
	uint32_t name, file, path;  /* file: of fd; path: to be opened, or INTERN_NONE */
	int64_t t, last, fd, flags; /* last: its last edge */
	struct strbuf stack;
	struct task *task;
	struct call *next, **prev; /* the machine's open ones */
	struct held *held;         /* or NULL */
};

/* An interval that may be merged with the next one; i.merged is 0 if there is none. */
struct held {
	struct interval i;
	struct strbuf stack;
};

static struct call *
call_of(struct task *task)
{
	if (task->call == NULL) {
		task->call = mem_alloc(sizeof *task->call);
		task->call->task = task;
		task->call->path = INTERN_NONE;
		task->call->last = INT64_MIN;
	}
	return task->call;
}

static void
link_call(struct call *c)
{
	struct machine *m = c->task->machine;

	c->open = true;
	c->next = m->calls;
	c->prev = &m->calls;
	if (c->next != NULL)
		c->next->prev = &c->next;
	m->calls = c;
}

static void
unlink_call(struct call *c)
{
	if (!c->open)
		return;
	c->open = false;
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
}

void
calls_move(struct task *from, struct task *to)
{
	to->call = from->call;
	from->call = NULL;
	if (to->call != NULL)
		to->call->task = to;
}

void
calls_free_task(struct task *task)
{
	if (task->call != NULL) {
		unlink_call(task->call);
		strbuf_free(&task->call->stack);
		if (task->call->held != NULL)
			strbuf_free(&task->call->held->stack);
		free(task->call->held);
		free(task->call);
	}
	fds_drop(task->fds);
	task->call = NULL;
	task->fds = NULL;
}

/* --- descriptors */

/* The task that has the descriptors of a task's process, or NULL. A loss makes them unknown. */
static struct task *
owner_of(const struct calls *cs, struct task *task)
{
	struct task *owner = task->pid == task->tid ? task : NULL;

	if (owner == NULL && task->pid > 0)
		owner = tasks_find(cs->tasks, task->machine, task->pid);
	if (owner != NULL && owner->fds_losses != owner->machine->losses) {
		fds_drop(owner->fds);
		owner->fds = NULL;
		owner->fds_losses = owner->machine->losses;
	}
	return owner;
}

void
calls_fork(struct calls *cs, struct task *parent, struct task *child)
{
	struct task *owner = child->pid == child->tid ? owner_of(cs, parent) : NULL;

	if (owner == NULL || owner->fds == NULL || child->fds != NULL)
		return;
	child->fds = fds_share(owner->fds);
	child->fds_losses = owner->fds_losses;
}

/* What the call that ends with ret does to the descriptors. */
static void
take_effect(const struct calls *cs, const struct call *c, const struct kind *k, int64_t ret)
{
	struct task *owner = k->effect == NOTHING || ret < 0 ? NULL : owner_of(cs, c->task);
	int64_t cloexec = O_CLOEXEC_BIT;
	uint32_t name = c->path;

	if (owner == NULL || k->effect >= CLOSES)
		return;
	if (k->effect == CONTROLS && c->flags != FD_DUP && c->flags != FD_DUP_CLOEXEC)
		return;
	if (k->effect == CONTROLS)
		cloexec = FD_DUP_CLOEXEC;
	else if (k->effect == MAKES && *k->text == '/')
		cloexec = MFD_CLOEXEC_BIT;
	if (k->effect == MAKES)
		name = tasks_name(cs->tasks, str_of(k->text));
	else if (k->effect != OPENS)
		name = c->file;
	fds_put(&owner->fds, ret, name, c->flags != REC_NO_INT && (c->flags & cloexec) == cloexec);
}

/* Other threads may get a descriptor before the call returns that closes it. */
static void
close_fds(const struct calls *cs, const struct call *c, const struct kind *k)
{
	struct task *owner = k->effect < CLOSES || c->fd < 0 ? NULL : owner_of(cs, c->task);
	int64_t last = c->fd, fd;

	if (owner == NULL || owner->fds == NULL)
		return;
	if (k->effect == CLOSES_RANGE)
		last = c->flags < 0 || c->flags >= FDS_MAX ? FDS_MAX - 1 : c->flags;
	for (fd = c->fd; fd <= last; fd++)
		fds_put(&owner->fds, fd, INTERN_NONE, false);
}

/* --- writing */

static void
put(struct calls *cs, const struct task *task, const struct interval *i, struct str stack)
{
	const struct kind *k = cs->name[i->name].kind;
	struct rec r = { .kind = REC_IOSTATE, .t = i->t, .machine = task->machine->name };

	edge_pairs(&cs->info, i->begins, i->ends);
	if (i->ret != REC_NO_INT && i->ret != 0)
		info_add(&cs->info, STR("ret"), (uint64_t)i->ret);
	if (i->merged > 1)
		info_add(&cs->info, STR("merged"), i->merged);
	r.cpu = i->cpu;
	r.pid = task->pid;
	r.tid = task->tid;
	r.iostate = (struct rec_iostate){ .end = i->end,
		.birth = task->birth,
		.comm = tasks_name_str(cs->tasks, task->name),
		.call = intern_str(&cs->names, i->name),
		.type = type_names[k->type],
		.fd = i->fd,
		.file = tasks_name_str(cs->tasks, i->file),
		.bytes = i->bytes,
		.error = i->error,
		.info = strbuf_field(&cs->info),
		.stack = stack };
	cs->out->emit(cs->out->arg, &r);
	strbuf_clear(&cs->info);
}

/* Write what is held back. */
static void
flush(struct calls *cs, const struct call *c)
{
	if (c->held == NULL)
		return;
	if (c->held->i.merged > 0)
		put(cs, c->task, &c->held->i, strbuf_field(&c->held->stack));
	c->held->i.merged = 0;
}

/* Is an interval so close to the one that is held back that both are one? */
static bool
is_neighbour(const struct calls *cs, const struct call *c, const struct interval *i)
{
	const struct interval *h = &c->held->i;

	return h->merged > 0 && h->name == i->name && h->fd == i->fd && h->file == i->file &&
	       h->error == i->error && h->ret == i->ret && i->begins == EDGE_SEEN &&
	       h->ends == EDGE_SEEN && c->task->machine->lost <= h->end &&
	       (uint64_t)i->t - (uint64_t)h->end <= (uint64_t)cs->merge;
}

/* Write an interval, or hold it back for the next one. */
static void
put_or_hold(struct calls *cs, struct call *c, const struct interval *i)
{
	struct interval *h;

	if (cs->merge < 0) {
		put(cs, c->task, i, strbuf_field(&c->stack));
		return;
	}
	if (c->held == NULL)
		c->held = mem_alloc(sizeof *c->held);
	h = &c->held->i;
	if (!is_neighbour(cs, c, i)) {
		flush(cs, c);
		*h = *i;
		strbuf_set_field(&c->held->stack, strbuf_field(&c->stack));
		return;
	}
	h->end = i->end;
	h->ends = i->ends;
	h->merged++;
	if (h->bytes != REC_NO_U64 && __builtin_add_overflow(h->bytes, i->bytes, &h->bytes))
		h->bytes = REC_NO_U64 - 1;
}

static bool
moves_bytes(const struct kind *k)
{
	return !k->counts && (k->type == READ || k->type == WRITE || k->type == RECEIVE ||
				 k->type == TRANSMIT || k->type == COPY);
}

/* The interval of a call that ends at t with ret, REC_NO_INT if that is not known. */
static void
end_call(struct calls *cs, struct call *c, int64_t t, enum edge ends, int64_t ret)
{
	const struct kind *k = cs->name[c->name].kind;
	struct interval i = { .t = c->t,
		.end = t > c->t ? t : c->t,
		.error = ret < 0 && ret >= -4095 ? -ret : REC_NO_INT,
		.fd = c->fd,
		.ret = REC_NO_INT,
		.bytes = REC_NO_U64,
		.merged = 1,
		.cpu = c->cpu,
		.name = c->name,
		.file = c->file,
		.ends = ends };

	unlink_call(c);
	if (ret >= 0 && k->type == OPEN) {
		i.fd = ret;
		if (k->effect == OPENS)
			i.file = c->path;
		else if (k->effect == MAKES)
			i.file = tasks_name(cs->tasks, str_of(k->text));
	} else if (ret >= 0 && moves_bytes(k)) {
		i.bytes = (uint64_t)ret;
	} else if (ret >= 0) {
		i.ret = ret;
	} else if (k->effect == OPENS) {
		i.file = c->path;
	}
	put_or_hold(cs, c, &i);
	c->path = INTERN_NONE;
}

/* A call ends without an exit: if its exits are not recorded at all, it is not known when. Those of
 * raw_syscalls are for all calls or none. */
static void
cut_call(struct calls *cs, struct call *c, int64_t t, enum edge edge)
{
	bool known = cs->name[c->name].returned || (c->raw && cs->raw_returns);

	end_call(cs, c, known ? t : c->t, known ? edge : EDGE_UNKNOWN, REC_NO_INT);
}

/* --- events */

/* An argument of a call; REC_NO_INT if the event does not have it. */
static int64_t
argument(const struct rec *r, bool raw, int i, const char *name)
{
	struct str args;
	const char *comma;

	if (i < 0)
		return REC_NO_INT;
	if (r->kind == REC_SYSENTER)
		return strstr(name, "fd") != NULL ? r->sysenter.fd : REC_NO_INT;
	if (!raw)
		return info_number(r->tracepoint.info, str_of(name));
	args = pairs_get(r->tracepoint.info, STR("args"));
	for (; args.p != NULL && i > 0; i--) {
		comma = memchr(args.p, ',', args.n);
		args = comma == NULL
			   ? (struct str){ NULL, 0 }
			   : (struct str){ comma + 1, args.n - (size_t)(comma + 1 - args.p) };
	}
	comma = args.p == NULL ? NULL : memchr(args.p, ',', args.n);
	if (comma != NULL)
		args.n = (size_t)(comma - args.p);
	return number_of(args);
}

/* A descriptor is an int, whatever the type of the argument. */
static int64_t
descriptor(int64_t v)
{
	return v == REC_NO_INT ? v : (int32_t)v;
}

/* The text of a path that a recording has, without quotes; none if it is only an address. */
static struct str
path_in(struct str info, const char *const *keys)
{
	struct str s = { NULL, 0 };

	for (; s.p == NULL && *keys != NULL; keys++)
		s = pairs_get(info, str_of(*keys));
	if (s.p == NULL || s.n == 0)
		return STR_NONE;
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (struct str){ s.p + 1, s.n - 2 };
	return number_of(s) != REC_NO_INT ? STR_NONE : s;
}

/* Of a call's own event; new kernels record the text of the path as well. */
static uint32_t
path_of(const struct calls *cs, const struct rec *r)
{
	static const char *const keys[] = { "__filename_val", "__pathname_val", "filename",
		"pathname", NULL };

	return r->kind == REC_TRACEPOINT ? tasks_name(cs->tasks, path_in(r->tracepoint.info, keys))
					 : INTERN_NONE;
}

/* Take from an entry what it tells of its call. */
static void
learn(const struct calls *cs, struct call *c, const struct rec *r, bool raw)
{
	const struct kind *k = cs->name[c->name].kind;
	uint32_t path = k->effect == OPENS ? path_of(cs, r) : INTERN_NONE;
	struct task *owner;

	if (path != INTERN_NONE)
		c->path = path;
	if (c->flags == REC_NO_INT)
		c->flags = argument(r, raw, k->flags, k->flags_name);
	if (c->fd != REC_NO_INT)
		return;
	c->fd = descriptor(argument(r, raw, k->fd, k->fd_name));
	owner = c->fd < 0 ? NULL : owner_of(cs, c->task);
	if (owner != NULL)
		c->file = fds_get(owner->fds, c->fd);
}

static void
enter(struct calls *cs, struct task *task, const struct rec *r, struct str name, bool raw)
{
	struct call *c = call_of(task);
	uint32_t number_of_name = name_of(cs, name);

	/* an event of each kind tells of the same call */
	if (c->open && c->name == number_of_name && c->raw != raw) {
		learn(cs, c, r, raw);
		close_fds(cs, c, cs->name[c->name].kind);
		return;
	}
	if (c->open)
		cut_call(cs, c, c->t, EDGE_UNKNOWN);
	link_call(c);
	c->raw = raw;
	c->name = number_of_name;
	c->cpu = r->cpu;
	c->t = c->last = r->t;
	c->fd = c->flags = REC_NO_INT;
	c->file = INTERN_NONE;
	strbuf_set_field(
	    &c->stack, r->kind == REC_SYSENTER ? r->sysenter.stack : r->tracepoint.stack);
	learn(cs, c, r, raw);
	close_fds(cs, c, cs->name[c->name].kind);
}

/* An exit without an entry: its call began before the recording, or during a loss, if it is the
 * task's first event since. A task's own fork ends like this, too. */
static void
exit_only(struct calls *cs, struct task *task, const struct rec *r, uint32_t name, int64_t ret)
{
	const struct machine *m = task->machine;
	struct call *c = call_of(task);
	int64_t since = m->lost > m->start ? m->lost : m->start;
	struct interval i = { .t = since < r->t ? since : r->t,
		.end = r->t,
		.error = ret < 0 && ret >= -4095 ? -ret : REC_NO_INT,
		.fd = REC_NO_INT,
		.ret = REC_NO_INT,
		.bytes = ret >= 0 && moves_bytes(cs->name[name].kind) ? (uint64_t)ret : REC_NO_U64,
		.merged = 1,
		.cpu = r->cpu,
		.name = name,
		.file = INTERN_NONE,
		.begins = EDGE_UNKNOWN };

	if (c->last >= since)
		cs->stray++;
	if (c->last >= since || task->birth > since)
		return;
	strbuf_clear(&c->stack);
	put_or_hold(cs, c, &i);
}

static void
leave(struct calls *cs, struct task *task, const struct rec *r, struct str name, bool raw)
{
	struct call *c = call_of(task);
	uint32_t n = name_of(cs, name);
	int64_t ret =
	    r->kind == REC_SYSEXIT ? r->sysexit.ret : info_number(r->tracepoint.info, STR("ret"));

	cs->name[n].returned = true;
	cs->raw_returns |= raw;
	if (c->open && c->name == n) {
		take_effect(cs, c, cs->name[n].kind, ret);
		end_call(cs, c, r->t, EDGE_SEEN, ret);
		c->raw = raw;
	} else if (c->open || c->last == INT64_MIN || c->name != n || c->raw == raw) {
		if (c->open)
			cut_call(cs, c, c->t, EDGE_UNKNOWN);
		exit_only(cs, task, r, n, ret);
	}
	c->last = r->t;
}

/* An event of a probe that has the path of a file that the task opens or is about to open, such as
 * perf-trace(1) wants it: probe:vfs_getname. */
static void
add_path(struct calls *cs, struct machine *m, const struct rec *r)
{
	static const char *const keys[] = { "pathname", "filename", NULL };
	struct str path = path_in(r->tracepoint.info, keys);

	if (!str_none(path) && r->tid > 0)
		call_of(tasks_get(cs->tasks, m, r->tid, r->t))->path = tasks_name(cs->tasks, path);
}

/* The name of the call that an event tells of; none if it does not, or not by a known name. */
static struct str
call_name(const struct machine *m, const struct rec *r, bool *enters, bool *raw)
{
	struct str s = r->tracepoint.name;
	const char *name;

	*raw = s.n > 0 && *s.p == 'r';
	if (*raw) {
		*enters = str_eq(s, STR("raw_syscalls:sys_enter"));
		if (!*enters && !str_eq(s, STR("raw_syscalls:sys_exit")))
			return STR_NONE;
		name = syscalls_name((enum syscalls_arch)m->arch,
		    (uint64_t)info_number(r->tracepoint.info, STR("id")));
		return name == NULL ? STR_NONE : str_of(name);
	}
	*enters = str_starts(s, "syscalls:sys_enter_");
	if (!*enters && !str_starts(s, "syscalls:sys_exit_"))
		return STR_NONE;
	name = s.p + (*enters ? sizeof "syscalls:sys_enter_" : sizeof "syscalls:sys_exit_") - 1;
	return (struct str){ name, s.n - (size_t)(name - s.p) };
}

static bool
is_word(struct str s)
{
	return s.n > 0 && memchr(s.p, ' ', s.n) == NULL && memchr(s.p, '\\', s.n) == NULL &&
	       !str_none(s);
}

bool
calls_add(struct calls *cs, struct machine *m, const struct rec *r)
{
	bool enters = r->kind == REC_SYSENTER, raw = false;
	struct str name = enters ? r->sysenter.call : r->sysexit.call;
	struct task *task;

	if (r->kind == REC_TRACEPOINT && str_starts(r->tracepoint.name, "probe"))
		add_path(cs, m, r);
	if (r->kind == REC_TRACEPOINT)
		name = call_name(m, r, &enters, &raw);
	if (r->tid <= 0 || !is_word(name))
		return false;
	task = tasks_get(cs->tasks, m, r->tid, r->t);
	task_called(cs->tasks, task, STR_NONE, REC_NO_INT, r->pid);
	if (enters)
		enter(cs, task, r, name, raw);
	else
		leave(cs, task, r, name, raw);
	return true;
}

void
calls_end_task(struct calls *cs, struct task *task, int64_t t, enum edge end)
{
	if (task->call == NULL)
		return;
	if (task->call->open)
		cut_call(cs, task->call, t, end);
	flush(cs, task->call);
}

void
calls_lose(struct calls *cs, struct machine *m, int64_t t)
{
	m->losses++;
	while (m->calls != NULL)
		cut_call(cs, m->calls, t, EDGE_LOST);
}

void
calls_free(struct calls *cs)
{
	intern_free(&cs->names);
	strbuf_free(&cs->info);
	free(cs->name);
}
