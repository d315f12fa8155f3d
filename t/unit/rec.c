/* SPDX-License-Identifier: MIT */
/* rec - what a line says and what a record is, both ways */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec/rec.h"
#include "tap.h"

struct stream {
	struct input in;
	struct recin rec;
};

static void
open_text(struct stream *s, const char *text, size_t n)
{
	int fd = memfd_create("records", 0);

	if (write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) < 0)
		puts("Bail out! no memory file");
	input_open_fd(&s->in, "records", fd);
	s->rec = (struct recin){ .in = &s->in };
}

static void
test_fields(struct tap *t)
{
	static const char text[] = "switch\t-5\thost\t3\t-\t7\ta b\t-\tR+\t0\t-\t-1\tk;1\tmore\t\n";
	struct stream s;
	struct rec r;

	open_text(&s, text, sizeof text - 1);
	tap_ok(t, rec_next(&s.rec, &r) && r.kind == REC_SWITCH, "a line is a record");
	tap_ok(t, r.t == -5 && str_eq(r.machine, STR("host")), "time and machine");
	tap_ok(t, r.cpu == 3 && r.pid == REC_NO_ID && r.tid == 7, "cpu, pid, tid");
	tap_ok(t, str_eq(r.switch_.comm, STR("a b")) && str_none(r.switch_.next_comm), "texts");
	tap_ok(t, r.switch_.prio == REC_NO_INT && r.switch_.next_prio == -1, "numbers");
	tap_ok(t, rec_stack(&r) == &r.switch_.stack && str_eq(*rec_stack(&r), STR("k;1")),
	    "its stack");
	tap_ok(t, str_eq(r.more, STR("\tmore\t")), "what a later version appended");
	tap_ok(t, !rec_next(&s.rec, &r) && !fault_is(&s.rec.fault) && s.rec.line == 1, "the end");
	input_close(&s.in);
}

/* A record that was made by hand, with the fields that a kind has and no others. */
static void
test_put(struct tap *t)
{
	struct rec r = {
		.kind = REC_EXIT, .t = INT64_MAX, .machine = STR("m"), .cpu = 0, .pid = -1
	};
	static const char want[] = "exit\t9223372036854775807\tm\t0\t-\t2147483647\n";
	struct out o;

	r.tid = INT32_MAX;
	out_open(&o, -1);
	rec_put(&o, &r);
	tap_ok(t, o.n == sizeof want - 1 && memcmp(o.buf, want, o.n) == 0, "a record is a line");
	out_free(&o);
}

/* What the one field of a count says that may be any number; false where it is refused. */
static bool
read_number(const char *digits, uint64_t *v)
{
	char text[128];
	int n = snprintf(
	    text, sizeof text, "count\t1\tm\t-\t-\t-\te\t%s\t-\t-\t-\t-\t-\t-\t-\t-\n", digits);
	struct stream s;
	struct rec r;
	bool good;

	open_text(&s, text, (size_t)n);
	good = rec_next(&s.rec, &r);
	*v = good ? r.count.value : 0;
	input_close(&s.in);
	return good;
}

/* Numbers of every length, each with every digit changed to what is none. */
static void
test_numbers(struct tap *t)
{
	static const char all[] = "12345678901234567890", none[] = "x/:9 -.+\x01\xb5";
	char digits[32];
	uint64_t v;
	size_t n, i, j;
	bool good = true, bad = false;

	for (n = 1; n < sizeof all; n++) {
		snprintf(digits, sizeof digits, "%.*s", (int)n, all);
		good = good && read_number(digits, &v) && v == strtoull(digits, NULL, 10);
		for (i = 0; i < n; i++)
			for (j = 0; j < sizeof none - 1; j++) {
				snprintf(digits, sizeof digits, "%.*s", (int)n, all);
				digits[i] = none[j];
				bad = bad || (none[j] != '9' && read_number(digits, &v));
			}
		snprintf(digits, sizeof digits, "0%.*s", (int)n, all);
		bad = bad || read_number(digits, &v);
	}
	tap_ok(t, good, "numbers of every length");
	tap_ok(t, !bad, "what is no number, or has a zero in front, is refused");
	tap_ok(t,
	    read_number("0", &v) && v == 0 && read_number("18446744073709551614", &v) &&
		v == UINT64_MAX - 1,
	    "the least and the greatest");
	tap_ok(t,
	    !read_number("18446744073709551615", &v) && !read_number("18446744073709551616", &v) &&
		!read_number("99999999999999999999", &v) && !read_number("", &v),
	    "what does not fit is refused");
}

/* Read a line after some others. False if it is refused: what is then the reason, without the
 * number of the line. */
static bool
read_after(const char *before, const char *line, struct rec *r, char *what, size_t size)
{
	char text[256];
	int n = snprintf(text, sizeof text, "%s%s", before, line);
	struct stream s;
	bool good = true;

	open_text(&s, text, (size_t)n);
	while (good && s.in.end - s.in.begin > s.rec.taken)
		good = rec_next(&s.rec, r);
	snprintf(what, size, "%s", good ? "" : strrchr(s.rec.fault.text, ':') + 1);
	r->machine.n = good ? r->machine.n : 0;
	input_close(&s.in);
	return good;
}

/* The reader remembers the tasks of lines: a line that differs in any byte from one that was read
 * is read, or refused, as it is after one of another task. */
static void
test_recent(struct tap *t)
{
	static const char line[] = "exit\t1\thost\t1\t8384\t8385\n", other[] = "0-9\t\n\x01\\";
	static const char unlike[] = "exit\t1\tm\t2\t6\t7\n";
	char changed[sizeof line], what[2][256];
	struct rec r[2];
	size_t i, j;
	bool same = true, good[2];

	for (i = 4; i < sizeof line - 2; i++)
		for (j = 0; j < sizeof other; j++) {
			memcpy(changed, line, sizeof line);
			changed[i] = j < sizeof other - 1 ? other[j] : line[i];
			good[0] = read_after(unlike, changed, &r[0], what[0], sizeof what[0]);
			good[1] = read_after(line, changed, &r[1], what[1], sizeof what[1]);
			same = same && good[0] == good[1] && strcmp(what[0], what[1]) == 0 &&
			       (!good[0] || (r[0].cpu == r[1].cpu && r[0].pid == r[1].pid &&
						r[0].tid == r[1].tid && r[0].t == r[1].t &&
						r[0].machine.n == r[1].machine.n));
		}
	tap_ok(t, same, "a line says the same after one that is nearly the same");
}

/* The window ends anywhere in a line. */
static void
test_windows(struct tap *t)
{
	enum { LINES = 3000 };
	static char text[LINES * (LINES / 8 + 64)];
	struct stream s;
	struct rec r;
	size_t n = 0, i, j, read = 0;
	bool good = true;

	for (i = 0; i < LINES; i++) {
		n += (size_t)snprintf(text + n, sizeof text - n, "meta\t-\thost\tkey\t%zu", i);
		for (j = 0; j < i / 8; j++)
			text[n++] = 'x';
		text[n++] = '\n';
	}
	open_text(&s, text, n);
	for (i = 0; rec_next(&s.rec, &r); i++) {
		good = good && r.kind == REC_META && memcmp(r.line.p, text + read, r.line.n) == 0;
		read += r.line.n + 1;
	}
	tap_ok(t, good && i == LINES && read == n && s.rec.line == LINES, "lines over windows");
	input_close(&s.in);
}

static void
test_other(struct tap *t)
{
	static const char text[] = "later\t-\tvm7\tany\tthing\nexit\t1\tm\t-\t-\t-";
	struct stream s;
	struct rec r;

	open_text(&s, text, sizeof text - 1);
	tap_ok(t,
	    rec_next(&s.rec, &r) && r.kind == REC_OTHER && r.t == REC_NO_NS &&
		str_eq(r.machine, STR("vm7")) && r.tid == REC_NO_ID && rec_stack(&r) == NULL,
	    "of another kind time and machine are known");
	tap_ok(t,
	    !rec_next(&s.rec, &r) && strstr(s.rec.fault.text, ":2: line is cut short") != NULL,
	    "a last line without newline is a fault");
	tap_ok(t, !rec_next(&s.rec, &r), "which stays");
	input_close(&s.in);
}

/* Every kind, every field that may be "-" being so: what is written is what was read. */
static void
test_every_kind(struct tap *t)
{
	static const char *const some[] = { [REC_T_NS] = "-9223372036854775807",
		[REC_T_INT] = "-1",
		[REC_T_ID] = "2147483647",
		[REC_T_U64] = "18446744073709551614",
		[REC_T_HEX] = "0",
		[REC_T_WORD] = "a",
		[REC_T_TEXT] = "",
		[REC_T_KV] = "a=1",
		[REC_T_ADDR] = "1",
		[REC_T_STACK] = "k;1" };
	const struct rec_field *f;
	char line[1024];
	size_t n, i, same = 0;
	struct stream s;
	struct out out;
	struct rec r;

	out_open(&out, -1);
	for (i = 0; i < 2 * (size_t)REC_NKINDS; i++) {
		n = (size_t)snprintf(line, sizeof line, "%s", i < 2 ? "x" : rec_name(i / 2));
		for (f = rec_fields(i / 2); f->type != REC_T_END; f++)
			n += (size_t)snprintf(line + n, sizeof line - n, "\t%s",
			    f->optional && i % 2 == 0 ? "-" : some[f->type]);
		n += (size_t)snprintf(line + n, sizeof line - n, "\n");
		open_text(&s, line, n);
		out.n = 0;
		if (rec_next(&s.rec, &r))
			rec_put(&out, &r);
		same += out.n == n && memcmp(out.buf, line, n) == 0;
		input_close(&s.in);
	}
	tap_ok(t, same == i, "every kind is written as it was read");
	out_free(&out);
}

/* All kinds: the table names them, and they are found by their names. */
static void
test_kinds(struct tap *t)
{
	enum rec_kind kind;
	bool good = true;

	for (kind = REC_OTHER + 1; kind < REC_NKINDS; kind++)
		good = good && rec_kind_named(rec_name(kind), strlen(rec_name(kind))) == kind &&
		       strcmp(rec_fields(kind)[0].name, "t") == 0 &&
		       strcmp(rec_fields(kind)[1].name, "machine") == 0;
	tap_ok(t, good, "every kind has its name, time and machine");
	tap_ok(t,
	    strcmp(rec_fields(REC_STATE)[REC_STATE_END].name, "end") == 0 &&
		strcmp(rec_fields(REC_ARROW)[REC_ARROW_STACK].name, "stack") == 0 &&
		rec_fields(REC_ARROW)[REC_ARROW_STACK + 1].type == REC_T_END,
	    "an index is a field's place in its kind");
	tap_ok(t, rec_kind_named("switc", 5) == REC_OTHER && rec_kind_named("", 0) == REC_OTHER,
	    "others have none");
}

/* Records of few tasks and machines in any order, at times near to each other and far. */
static void
test_who(struct tap *t)
{
	static const char *const machines[] = { "host", "hos", "vm71", "fourteen bytes",
		"fifteen bytes !" };
	static const int64_t times[] = { 0, 5, 99999999, 100000000, 100000001, 123456789012345,
		123456689012345 };
	char machine[32], want[128], id[3][16];
	struct rec r = { .kind = REC_EXIT };
	uint32_t i, any = 1;
	bool good = true;
	struct out o;
	int n;

	out_open(&o, -1);
	for (i = 0; i < 40000; i++, o.n = 0) {
		any = any * 1664525 + 1013904223;
		r.t = times[i % 7];
		/* the text changes, its place does not */
		r.machine.p = strcpy(machine, machines[(any >> 16) % 5]);
		r.machine.n = strlen(machine);
		r.cpu = 16 * (int32_t)(any >> 20 & 1) - 1;
		r.pid = (int32_t)(any >> 21 & 1) - 1;
		r.tid = 256 * (int32_t)(any >> 22 & 3) - 1;
		for (n = 0; n < 3; n++)
			snprintf(id[n], sizeof id[n], "%d",
			    n == 0   ? r.cpu
			    : n == 1 ? r.pid
				     : r.tid);
		n = snprintf(want, sizeof want, "exit\t%lld\t%s\t%s\t%s\t%s\n", (long long)r.t,
		    machine, r.cpu < 0 ? "-" : id[0], r.pid < 0 ? "-" : id[1],
		    r.tid < 0 ? "-" : id[2]);
		rec_put(&o, &r);
		good = good && o.n == (size_t)n && memcmp(o.buf, want, o.n) == 0;
	}
	tap_ok(t, good, "a record has its own time, machine and ids, not those of one before");
	out_free(&o);
}

int
main(void)
{
	struct tap t = { 0, 0 };

	test_fields(&t);
	test_put(&t);
	test_who(&t);
	test_numbers(&t);
	test_recent(&t);
	test_windows(&t);
	test_other(&t);
	test_every_kind(&t);
	test_kinds(&t);
	return tap_end(&t);
}
