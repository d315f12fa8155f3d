/* SPDX-License-Identifier: MIT */

#include "scriptrecord.h"
#include "scriptline.h"

/* A text as a field, appended to b, which has room for it. */
static struct str
put_text(struct strbuf *b, struct str s)
{
	char *d = strbuf_reserve(b, 4 * s.n);
	size_t n = text_escape(d, s.p, s.n, "");

	b->n += n;
	return n == 0 ? STR_NONE : (struct str){ d, n };
}

static bool
take_id(struct str *s, int32_t *id)
{
	uint64_t v;

	if (script_take(s, "-1")) {
		*id = REC_NO_ID;
		return true;
	}
	if (!script_number(s, INT32_MAX, &v))
		return false;
	*id = (int32_t)v;
	return true;
}

/* Two ids with a text between them and one after. */
static bool
take_ids(struct str *s, const char *between, const char *after, int32_t *a, int32_t *b)
{
	return take_id(s, a) && script_take(s, between) && take_id(s, b) && script_take(s, after);
}

/* "[ exec]: NAME:PID/TID" */
static bool
read_comm(struct str s, struct strbuf *text, struct rec *r)
{
	const char *colon;
	struct str ids;

	r->kind = REC_COMM;
	r->comm.how = script_take(&s, " exec") ? STR("exec") : STR_NONE;
	if (!script_take(&s, ": ") || (colon = memrchr(s.p, ':', s.n)) == NULL)
		return false;
	ids = (struct str){ colon + 1, (size_t)(s.p + s.n - colon) - 1 };
	s.n = (size_t)(colon - s.p);
	if (!take_ids(&ids, "/", "", &r->pid, &r->tid) || ids.n > 0)
		return false;
	r->comm.name = put_text(text, s);
	return true;
}

/* "(PID:TID):(PID:TID)": the task, and its parent */
static bool
read_fork(struct str s, bool is_fork, struct rec *r)
{
	int32_t pid, tid, parent_pid, parent_tid;

	if (!script_take(&s, "(") || !take_ids(&s, ":", "):(", &pid, &tid) ||
	    !take_ids(&s, ":", ")", &parent_pid, &parent_tid) || s.n > 0)
		return false;
	r->kind = is_fork ? REC_FORK : REC_EXIT;
	r->pid = is_fork ? parent_pid : pid;
	r->tid = is_fork ? parent_tid : tid;
	r->fork.child_pid = pid;
	r->fork.child_tid = tid;
	r->fork.how = pid == parent_pid ? STR("thread") : STR_NONE;
	return !is_fork || (pid >= 0 && tid >= 0);
}

/* A number that perf prints with %#x, which is 0 without 0x. */
static bool
take_hex(struct str *s, uint64_t *v)
{
	const char *p;

	if (!script_take(s, "0x"))
		return script_number(s, 0, v);
	if ((p = text_hex(s->p, s->p + s->n, v)) == NULL)
		return false;
	*s = (struct str){ p, (size_t)(s->p + s->n - p) };
	return true;
}

/* A machine by its process. */
static struct str
put_machine(struct strbuf *text, int32_t pid)
{
	char *d = strbuf_reserve(text, 2 + TEXT_NUMBER);

	d[0] = 'v';
	d[1] = 'm';
	return (struct str){ d, 2 + (pid > 0 ? text_put_u64(d + 2, (uint32_t)pid) : 0) };
}

/* The file: "PATH", of the kernel, of a guest's kernel, or of a process. */
static void
set_mode(struct str path, struct strbuf *text, struct rec *r)
{
	r->map.mode = r->pid < 0 ? STR("k") : STR("u");
	if (script_take(&path, "[guest.kernel")) {
		r->map.mode = STR("gk");
		r->machine = put_machine(text, r->pid);
		text->n += 2 + TEXT_NUMBER;
		r->pid = REC_NO_ID;
	}
	if (r->pid < 0 || r->map.mode.n > 1)
		r->pid = r->tid = REC_NO_ID;
}

/* A text of these bytes only; unknown if it has others. */
static struct str
word_of(struct str s, const char *bytes)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (strchr(bytes, s.p[i]) == NULL)
			return STR_NONE;
	return s.n == 0 ? STR_NONE : s;
}

/* " PID/TID: [ADDRESS(LENGTH) @ OFFSET ...]: PROTECTION PATH" */
static bool
read_map(struct str s, struct strbuf *text, struct rec *r)
{
	struct str rest;
	const char *end;

	r->kind = REC_MAP;
	r->map.build = r->map.prot = STR_NONE;
	if (!script_take(&s, " ") || !take_ids(&s, "/", ": [", &r->pid, &r->tid) ||
	    !take_hex(&s, &r->map.addr) || !script_take(&s, "(") || !take_hex(&s, &r->map.len) ||
	    !script_take(&s, ") @ ") || !take_hex(&s, &r->map.off) ||
	    (end = memmem(s.p, s.n, "]: ", 3)) == NULL)
		return false;
	rest = (struct str){ s.p, (size_t)(end - s.p) };
	s = (struct str){ end + 3, (size_t)(s.p + s.n - end) - 3 };
	if (script_take(&rest, " <") && rest.n > 1 && rest.p[rest.n - 1] == '>')
		r->map.build = word_of((struct str){ rest.p, rest.n - 1 }, "0123456789abcdef");
	rest = s;
	while (s.n > 0 && *s.p != ' ') {
		s.p++;
		s.n--;
	}
	rest.n -= s.n;
	if (rest.n == 4)
		r->map.prot = word_of(rest, "rwxps-");
	s = script_skip(s);
	set_mode(s, text, r);
	r->map.path = put_text(text, s);
	return s.n > 0;
}

static bool
read_lost(struct str s, struct rec *r)
{
	uint64_t n;

	r->kind = REC_LOST;
	r->pid = r->tid = REC_NO_ID;
	r->lost.since = REC_NO_NS;
	r->lost.what = STR("ring buffer full");
	if (!script_take(&s, " lost ") || !script_number(&s, UINT64_MAX, &n) || s.n > 0)
		return false;
	r->lost.count = n;
	return n != REC_NO_U64;
}

bool
scriptrecord_is(struct str s)
{
	return script_take(&s, "PERF_RECORD_");
}

enum scriptrecord
scriptrecord_read(struct str s, struct strbuf *text, struct rec *r)
{
	bool good;

	s = script_trim(s);
	script_take(&s, "PERF_RECORD_");
	strbuf_clear(text);
	strbuf_reserve(text, 8 * s.n + 64); /* the strings must not move */
	if (script_take(&s, "COMM"))
		good = read_comm(s, text, r);
	else if (script_take(&s, "FORK"))
		good = read_fork(s, true, r);
	else if (script_take(&s, "EXIT"))
		good = read_fork(s, false, r);
	else if (script_take(&s, "MMAP2") || script_take(&s, "MMAP"))
		good = read_map(s, text, r);
	else if (script_take(&s, "LOST ") && s.n > 0)
		good = read_lost((struct str){ s.p - 1, s.n + 1 }, r);
	else
		return SCRIPTRECORD_OTHER;
	return good ? SCRIPTRECORD_DONE : SCRIPTRECORD_BAD;
}
