/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "window.h"

/* The unit of this name in ns, 0 if there is none. */
static int64_t
unit(struct str s)
{
	if (s.n == 0 || str_eq(s, STR("ns")))
		return 1;
	if (str_eq(s, STR("us")))
		return 1000;
	if (str_eq(s, STR("ms")))
		return 1000 * 1000;
	return str_eq(s, STR("s")) ? 1000 * 1000 * 1000 : 0;
}

bool
window_time(const char *text, const char *end, int64_t *ns)
{
	bool minus = text < end && *text == '-';
	const char *s = text + minus, *frac = NULL;
	int64_t t, each, part = 0;
	uint64_t v;

	while (end - s > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9')
		s++;
	if ((s = text_u64(s, end, &v)) == NULL || v > INT64_MAX)
		return false;
	if (s < end && *s == '.')
		for (frac = ++s; s < end && *s >= '0' && *s <= '9'; s++)
			;
	each = unit((struct str){ s, (size_t)(end - s) });
	if (each == 0 || (frac != NULL && each == 1) || __builtin_mul_overflow(v, each, &t))
		return false;
	for (; frac != NULL && frac < s; frac++)
		part += (each /= 10) * (*frac - '0');
	if (__builtin_add_overflow(t, part, &t))
		return false;
	*ns = minus ? -t : t;
	return true;
}

static bool
parse_end(struct window_end *e, const char *s, const char *end)
{
	e->base = WINDOW_FIXED;
	if (*s == '+')
		e->base = WINDOW_AFTER_FIRST;
	else if (*s == '-')
		e->base = WINDOW_BEFORE_LAST;
	s += e->base != WINDOW_FIXED;
	if (*s == '-' || !window_time(s, end, &e->ns))
		return false;
	if (e->base == WINDOW_BEFORE_LAST)
		e->ns = -e->ns;
	return true;
}

const char *
window_parse(struct window *w, const char *text)
{
	const char *comma = strchr(text, ','), *end = text + strlen(text);

	*w = (struct window)WINDOW_ALL;
	w->text = text;
	w->end[0].ns = w->from;
	w->end[1].ns = w->to;
	if (comma == NULL)
		return "not two times with a comma between them";
	if (comma > text && !parse_end(&w->end[0], text, comma))
		return "the first is not a time, such as 1500, 3us, 12.75s, +2.5ms or -1s";
	if (comma[1] != '\0' && !parse_end(&w->end[1], comma + 1, end))
		return "the second is not a time, such as 1500, 3us, 12.75s, +2.5ms or -1s";
	if (w->end[0].base == w->end[1].base && w->end[0].ns > w->end[1].ns)
		return "ends before it starts";
	w->settled = false;
	if (!window_is_relative(w))
		window_settle(w);
	else
		window_scan(w);
	w->scan = false;
	return NULL;
}

bool
window_is_relative(const struct window *w)
{
	return w->end[0].base != WINDOW_FIXED || w->end[1].base != WINDOW_FIXED;
}

bool
window_needs_last(const struct window *w)
{
	return w->end[0].base == WINDOW_BEFORE_LAST || w->end[1].base == WINDOW_BEFORE_LAST;
}

void
window_scan(struct window *w)
{
	w->settled = false;
	w->scan = true;
	w->from = INT64_MAX;
	w->to = INT64_MIN;
}

/* The time of an end. */
static int64_t
time_of(const struct window *w, const struct window_end *e)
{
	int64_t base = e->base == WINDOW_FIXED         ? 0
		       : e->base == WINDOW_AFTER_FIRST ? w->first
						       : w->last;
	int64_t t;

	if (__builtin_add_overflow(base, e->ns, &t))
		return e->ns < 0 ? INT64_MIN : INT64_MAX;
	return t;
}

void
window_settle(struct window *w)
{
	w->from = time_of(w, &w->end[0]);
	w->to = time_of(w, &w->end[1]);
	w->settled = true;
	w->scan = false;
}

const char *
window_put(const struct window *w, int64_t t, char d[WINDOW_TEXT])
{
	const bool seconds = w->text != NULL && strchr(w->text, 's') != NULL;
	const uint64_t ns = t < 0 ? -(uint64_t)t : (uint64_t)t;

	if (seconds)
		snprintf(d, WINDOW_TEXT, "%s%llu.%09llus", t < 0 ? "-" : "",
		    (unsigned long long)(ns / 1000000000), (unsigned long long)(ns % 1000000000));
	else
		snprintf(d, WINDOW_TEXT, "%lld", (long long)t);
	return d;
}
