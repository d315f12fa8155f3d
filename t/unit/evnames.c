/* SPDX-License-Identifier: MIT */
/* The names of a task's states, from the formats of twenty years of kernels, and from print fmts
 * that are wrong. */

#include <stdio.h>

#include "perf/evnames.h"
#include "tap.h"

#define HEAD                                                                                       \
	"name: sched_switch\nID: 1\nformat:\n"                                                     \
	"\tfield:long prev_state;\toffset:8;\tsize:8;\tsigned:1;\n\nprint fmt: "

/* Today's: the mask and the + are computed, the report state set ends at 0x80. */
#define MASK "((0x00000000 | 0x00000001 | 0x00000002 | 0x00000040) + 1)"

static const struct {
	const char *what, *print;
	uint64_t value;
	const char *name; /* NULL: no names are found */
} cases[] = {
	{ "6.x: running",
	    "\"%s\", (REC->prev_state & (((" MASK ") << 1) - 1)) ? "
	    "__print_flags(REC->prev_state & (((" MASK ") << 1) - 1), \"|\", "
	    "{ 0x00000001, \"S\" }, { 0x00000002, \"D\" }, { 0x00000040, \"P\" }) : "
	    "\"R\", REC->prev_state & ((" MASK ") << 1) ? \"+\" : \"\"",
	    0, "R" },
	{ "6.x: preempted",
	    "\"%s\", (REC->prev_state & 255) ? __print_flags(REC->prev_state & 255, "
	    "\"|\", { 1, \"S\" }) : \"R\", REC->prev_state & (0x7f + 1) << 1 ? "
	    "\"+\" : \"\"",
	    256, "R+" },
	{ "3.x: two states",
	    "\"%s\", REC->prev_state & (1024-1) ? __print_flags(REC->prev_state & "
	    "(1024-1), \"|\", { 1, \"S\"} , { 2, \"D\" }, { 128, \"K\" }) : \"R\", "
	    "REC->prev_state & 1024 ? \"+\" : \"\"",
	    2 | 128, "D|K" },
	{ "2.6.32: no mask, no +",
	    "\"%s\", REC->prev_state ? __print_flags(REC->prev_state, \"|\", "
	    "{ 1, \"S\"} , { 2, \"D\" }) : \"R\"",
	    3, "S|D" },
	{ "an unknown bit", "\"%s\", __print_flags(REC->prev_state, \"|\", { 1, \"S\" })", 9,
	    "S|0x8" },
	{ "no bit, no word for it", "\"%s\", __print_flags(REC->prev_state, \"|\", { 1, \"S\" })",
	    0, "0" },
	{ "a symbol", "\"%s\", __print_symbolic(REC->prev_state, { 0, \"HI\" }, { 1, \"TIMER\" })",
	    1, "TIMER" },
	{ "a value without a symbol", "\"%s\", __print_symbolic(REC->prev_state, { 0, \"HI\" })", 7,
	    "7" },
	{ "a cast", "\"%s\", __print_symbolic((u64)(REC->prev_state), { 3, \"x\" })", 3, "x" },
	{ "after another field's",
	    "\"%s %s\", __print_flags(REC->other, \"|\", { 1, \"no\" }), "
	    "__print_flags(REC->prev_state, \"|\", { 1, \"yes\" })",
	    1, "yes" },
	{ "only another field's", "\"%s\", __print_flags(REC->other, \"|\", { 1, \"no\" })", 1,
	    NULL },
	{ "a longer name", "\"%s\", __print_flags(REC->prev_state2, \"|\", { 1, \"no\" })", 1,
	    NULL },
	{ "none", "\"%d\", REC->prev_state", 1, NULL },
	{ "names of the kernel's enums",
	    "\"%s\", __print_symbolic(REC->prev_state, { TASK_A, \"a\" })", 1, NULL },
	{ "a string that does not end", "\"%s\", __print_flags(REC->prev_state, \"|", 1, NULL },
	{ "brackets that do not close",
	    "\"%s\", __print_flags(REC->prev_state & ((((((((((((((((((((((((("
	    "((((((((((((((((((((((((((((1, \"|\", { 1, \"x\" })",
	    1, NULL },
	{ "a shift by more than a word",
	    "\"%s\", __print_symbolic(REC->prev_state, { 1 << 99, \"x\" })", 0, "x" },
};

enum { CASES = sizeof cases / sizeof *cases };

static bool
check(int i)
{
	char text[4096], name[EVNAMES_TEXT];
	struct evformats formats = { 0 };
	struct evnames names;
	struct str got;
	int n = snprintf(text, sizeof text, "%s%s\n", HEAD, cases[i].print);

	if (!evformats_add(&formats, STR("sched"), text, (size_t)n))
		return false;
	got = (struct str){ name, 0 };
	if (evnames_read(&names, formats.format[0], "prev_state"))
		got.n = evnames_put(&names, cases[i].value, name);
	evformats_free(&formats);
	if (got.n > 0 && cases[i].name != NULL && str_eq(got, str_of(cases[i].name)))
		return true;
	if (got.n > 0)
		printf("# got %.*s\n", (int)got.n, name);
	return got.n == 0 && cases[i].name == NULL;
}

int
main(void)
{
	struct tap t = { 0 };
	int i;

	for (i = 0; i < CASES; i++)
		tap_ok(&t, check(i), cases[i].what);
	return tap_end(&t);
}
