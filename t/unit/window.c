/* SPDX-License-Identifier: MIT */
/* window - times and windows of time as options take them */

#include <string.h>

#include "base/window.h"
#include "tap.h"

static bool
is_time(const char *s, int64_t want)
{
	int64_t ns;

	return window_time(s, s + strlen(s), &ns) && ns == want;
}

static bool
no_time(const char *s)
{
	int64_t ns;

	return !window_time(s, s + strlen(s), &ns);
}

static void
test_time(struct tap *t)
{
	tap_ok(t, is_time("1500", 1500) && is_time("3us", 3000) && is_time("7ns", 7), "units");
	tap_ok(t, is_time("2.5ms", 2500000) && is_time("12.75s", 12750000000), "decimals");
	tap_ok(t, is_time("-3us", -3000) && is_time("-0.5s", -500000000), "negative times");
	tap_ok(t, is_time("007ms", 7000000) && is_time("-00.5s", -500000000) && is_time("000", 0),
	    "zeros before the number");
	tap_ok(t, is_time("0.1234567891s", 123456789), "what is below a ns is cut");
	tap_ok(t, no_time("") && no_time("s") && no_time("1.5") && no_time("1m") && no_time("+1"),
	    "no times");
	tap_ok(t, is_time("9223372036854775807", INT64_MAX) && no_time("9223372036854775808"),
	    "the largest number");
	tap_ok(t, no_time("9223372036.9s") && no_time("9223372037s"), "too large with a unit");
}

/* Events at 100, 150 and 200; what of 0, 1, ..., 300 is in the window? "no" if it is malformed. */
static const char *
picks(const char *text, bool scan, char *d, size_t n)
{
	struct window w = WINDOW_ALL;
	int64_t t, least = -1, most = -1;

	if (window_parse(&w, text) != NULL)
		return "no";
	if (scan)
		window_scan(&w);
	window_add(&w, 100, 100);
	window_add(&w, 150, 160);
	if (scan || !window_needs_last(&w)) {
		window_add(&w, 200, 200);
		if (scan)
			window_settle(&w);
	}
	for (t = 0; t <= 300; t++)
		if (window_has(&w, t, t)) {
			least = least < 0 ? t : least;
			most = t;
		}
	snprintf(d, n, "%d-%d", (int)least, (int)most);
	return d;
}

static bool
is(const char *text, bool scan, const char *want)
{
	char d[32];
	const char *got = picks(text, scan, d, sizeof d);

	if (strcmp(got, want) != 0)
		printf("# %s: %s\n", text, got);
	return strcmp(got, want) == 0;
}

static void
test_window(struct tap *t)
{
	tap_ok(t, is("10,20", false, "10-20") && is("10,20", true, "10-20"), "two times");
	tap_ok(t, is("10,", false, "10-300") && is(",20", true, "0-20") && is(",", false, "0-300"),
	    "open ends");
	tap_ok(t, is("+0,+10", false, "100-110") && is("+0,+10", true, "100-110"),
	    "after the first event, which is enough to know");
	tap_ok(t, is("-50,-10ns", true, "150-190") && is("-0,", true, "200-300"),
	    "before the last event");
	tap_ok(t, is("+50,-50", true, "150-150") && is("120,-0.01us", true, "120-190"), "mixed");
	tap_ok(t, is("-9223372036s,+9223372036s", true, "0-300"), "ends beyond all times");
	tap_ok(t, is("+60,-60", true, "-1--1"), "an empty window");
	tap_ok(t,
	    is("5", false, "no") && is("2,1", false, "no") && is("+2,+1", false, "no") &&
		is("-1,-2", false, "no") && is("+-1,", false, "no") && is("--1,", false, "no") &&
		is("1,x", false, "no") && is("1,2,3", false, "no"),
	    "malformed windows");
}

int
main(void)
{
	struct tap t = { 0 };

	test_time(&t);
	test_window(&t);
	return tap_end(&t);
}
