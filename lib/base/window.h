/* SPDX-License-Identifier: MIT */
/*
 * window - times as options take them, and a window between two of them
 *
 * A time is a number of ns, or a decimal number with a unit: s ms us ns. Each end of a window may
 * be relative: +TIME is after the first event of the input, -TIME before the last one. Until it is
 * settled, such a window is empty.
 */

#ifndef WINDOW_H
#define WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Parse a time, which may be negative, up to the end of the text. Returns false if it is none. */
bool window_time(const char *text, const char *end, int64_t *ns);

struct window {
	int64_t from, to;    /* both included, but see rec/cut.h; INT64_MIN, INT64_MAX: open */
	const char *text;    /* FROM,TO as given; NULL: all times */
	int64_t first, last; /* of the events so far; first > last: there are none */
	bool hit;            /* an event falls into it */
	/* private */
	struct window_end {
		enum { WINDOW_FIXED, WINDOW_AFTER_FIRST, WINDOW_BEFORE_LAST } base;
		int64_t ns;
	} end[2];
	bool settled; /* from and to are final */
	bool scan;    /* not before all events are known */
};

#define WINDOW_ALL                                                                                 \
	{                                                                                          \
		.from = INT64_MIN, .to = INT64_MAX, .first = INT64_MAX, .last = INT64_MIN,         \
		.settled = true                                                                    \
	}

/* Parse FROM,TO, either of which may be empty. Returns what is wrong with it, or NULL. The text
 * must outlive the window. */
const char *window_parse(struct window *, const char *text);

enum { WINDOW_TEXT = 32 };

/* Write the time of an event as the window's text takes it: in s if that has a unit, else in ns.
 * Returns d. */
const char *window_put(const struct window *, int64_t t, char d[WINDOW_TEXT]);

/* Is an end relative? To the last event? */
bool window_is_relative(const struct window *);
bool window_needs_last(const struct window *);

/* All events follow twice: until window_settle(), window_add() only learns their times. */
void window_scan(struct window *);
void window_settle(struct window *);

/* Does anything from t to end fall into the window? */
static inline bool
window_has(const struct window *w, int64_t t, int64_t end)
{
	return t <= w->to && end >= w->from;
}

/* An event that lasts from t to end. Unless events are scanned, the first one settles the window.
 */
static inline void
window_add(struct window *w, int64_t t, int64_t end)
{
	w->first = t < w->first ? t : w->first;
	w->last = end > w->last ? end : w->last;
	if (!w->settled && !w->scan)
		window_settle(w);
	w->hit |= window_has(w, t, end);
}

/* Is the window over at a time? */
static inline bool
window_is_over(const struct window *w, int64_t t)
{
	return w->settled && t > w->to;
}

#endif
