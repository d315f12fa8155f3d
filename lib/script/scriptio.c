/* SPDX-License-Identifier: MIT */

#include "scriptio.h"
#include "scriptline.h"

enum { MINOR_BITS = 20, CLASS_SHIFT = 13, CLASSES = 8, HINT_SHIFT = 3, ARGUMENTS = 6 };

static void
add_text(struct evinfo *v, const char *key, struct str s)
{
	struct strbuf *b = &v->pairs;

	if (b->n > 0)
		strbuf_putc(b, ' ');
	strbuf_add(b, str_of(key));
	strbuf_putc(b, '=');
	b->n += text_escape(strbuf_reserve(b, 4 * s.n + 1), s.p, s.n, " ");
}

/* Cut a number, which may be negative, off the start. Returns its text, empty if there is none. */
static struct str
take_int(struct str *s)
{
	const char *begin = s->p;
	uint64_t n;

	script_take(s, "-");
	if (!script_number(s, UINT64_MAX, &n))
		return (struct str){ begin, 0 };
	return (struct str){ begin, (size_t)(s->p - begin) };
}

static bool
take_hex(struct str *s, uint64_t *v)
{
	const char *end = s->p;

	while (end < s->p + s->n && text_nibble[(unsigned char)*end] > 0)
		end++;
	if (text_hex(s->p, end, v) != end)
		return false;
	*s = (struct str){ end, (size_t)(s->p + s->n - end) };
	return true;
}

/* --- raw_syscalls */

/* "NR 0 (3, 7ffe0, 1000, 0, 0, 0)", the arguments in hexadecimal */
static bool
add_enter(struct evinfo *v, struct str s)
{
	char args[ARGUMENTS * (1 + TEXT_NUMBER)], *d = args;
	uint64_t arg;
	struct str id;
	int i;

	if (!script_take(&s, "NR ") || (id = take_int(&s)).n == 0)
		return false;
	for (i = 0; i < ARGUMENTS; i++) {
		if (!script_take(&s, i == 0 ? " (" : ", ") || !take_hex(&s, &arg))
			return false;
		d += text_put_u64(d, arg);
		*d++ = ',';
	}
	if (!script_take(&s, ")") || s.n > 0)
		return false;
	add_text(v, "id", id);
	add_text(v, "args", (struct str){ args, (size_t)(d - args) - 1 });
	return true;
}

/* "NR 0 = 4096" */
static bool
add_exit(struct evinfo *v, struct str s)
{
	struct str id, ret;

	if (!script_take(&s, "NR ") || (id = take_int(&s)).n == 0 || !script_take(&s, " = ") ||
	    (ret = take_int(&s)).n == 0 || s.n > 0)
		return false;
	add_text(v, "id", id);
	add_text(v, "ret", ret);
	return true;
}

/* --- block */

struct request {
	uint64_t major, minor, sector, sectors, bytes, prio;
	bool has_bytes, has_prio;
	struct str op, command, last; /* the name of a task, or an error */
};

/* "CLASS,HINT,LEVEL ", a class without a name as 0x2; older kernels do not print it. */
static bool
take_prio(struct str *s, struct request *q)
{
	static const char *const names[CLASSES] = { "none", "rt", "be", "idle", "4", "5", "6",
		"invalid" };
	uint64_t class = 0, hint, level;

	if (s->n > 0 && *s->p == '[')
		return true;
	q->has_prio = true;
	if (script_take(s, "0x")) {
		if (!take_hex(s, &class))
			return false;
	} else {
		while (class < CLASSES && !script_take(s, names[class]))
			class ++;
	}
	if (class >= CLASSES || !script_take(s, ",") || !script_number(s, UINT16_MAX, &hint) ||
	    !script_take(s, ",") || !script_number(s, UINT16_MAX, &level) || !script_take(s, " "))
		return false;
	q->prio = class << CLASS_SHIFT | hint << HINT_SHIFT | level;
	return true;
}

/* "(COMMAND) ", which may have blanks */
static bool
take_command(struct str *s, struct request *q)
{
	const char *end = memmem(s->p, s->n, ") ", 2);

	if (end == NULL || !script_take(s, "("))
		return false;
	q->command = (struct str){ s->p, (size_t)(end - s->p) };
	s->n -= (size_t)(end + 2 - s->p);
	s->p = end + 2;
	return true;
}

/* "254,0 WS 4096 () 359148504 + 8 be,0,4 [dd]", at the end of a request without the bytes */
static bool
read_request(struct str s, struct request *q)
{
	const uint64_t max = ((uint64_t)1 << MINOR_BITS) - 1;

	if (!script_number(&s, max, &q->major) || !script_take(&s, ",") ||
	    !script_number(&s, max, &q->minor))
		return false;
	q->op = str_word(&s);
	s = script_skip(s);
	q->has_bytes = script_number(&s, UINT32_MAX, &q->bytes);
	s = script_skip(s);
	if (!take_command(&s, q) || !script_number(&s, UINT64_MAX, &q->sector) ||
	    !script_take(&s, " + ") || !script_number(&s, UINT32_MAX, &q->sectors) ||
	    !script_take(&s, " ") || !take_prio(&s, q) || !script_take(&s, "[") || s.n == 0 ||
	    s.p[s.n - 1] != ']')
		return false;
	q->last = (struct str){ s.p, s.n - 1 };
	return q->op.n > 0;
}

/* In the order of the event's fields. */
static bool
add_request(struct evinfo *v, struct str name, struct str text)
{
	bool ends = str_eq(name, STR("block_rq_complete")) || str_eq(name, STR("block_rq_error"));
	struct request q = { 0 };

	if (!read_request(text, &q))
		return false;
	evinfo_add(v, "dev", q.major << MINOR_BITS | q.minor);
	evinfo_add(v, "sector", q.sector);
	evinfo_add(v, "nr_sector", q.sectors);
	if (q.has_bytes)
		evinfo_add(v, "bytes", q.bytes);
	else if (ends)
		add_text(v, "error", q.last);
	if (q.has_prio)
		evinfo_add(v, "ioprio", q.prio);
	add_text(v, "rwbs", q.op);
	if (q.has_bytes)
		add_text(v, "comm", q.last);
	add_text(v, "cmd", q.command);
	return true;
}

const char *
scriptio_add(struct evinfo *v, struct str name, struct str text)
{
	if (str_eq(name, STR("sys_enter")))
		return add_enter(v, text) ? "raw_syscalls:" : NULL;
	if (str_eq(name, STR("sys_exit")))
		return add_exit(v, text) ? "raw_syscalls:" : NULL;
	if (str_starts(name, "block_rq_") || str_starts(name, "block_io_"))
		return add_request(v, name, text) ? "block:" : NULL;
	return NULL;
}
