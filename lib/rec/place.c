/* SPDX-License-Identifier: MIT */

#include "place.h"
#include "stack.h"

static bool
starts_with_any(struct str s, const char *const *names)
{
	while (*names != NULL && !str_starts(s, *names))
		names++;
	return *names != NULL;
}

bool
place_is_switching(struct str symbol)
{
	static const char *const names[] = { "schedule", "preempt_schedule", "io_schedule",
		"cond_resched", "rt_mutex_schedule", "traceiter_", "trace_event_", "perf_trace_",
		"perf_tp_", NULL };

	while (symbol.n > 0 && *symbol.p == '_') {
		symbol.p++;
		symbol.n--;
	}
	return starts_with_any(symbol, names);
}

bool
place_is_tracer(struct str symbol)
{
	static const char *const names[] = { "trace_event_raw_event_", "__traceiter_",
		"__probestub_", NULL };

	return starts_with_any(symbol, names);
}

bool
place_is_libc(struct str object)
{
	static const char *const names[] = { "libc.so", "libc-", "libpthread", "ld-", NULL };

	return starts_with_any(str_basename(object), names);
}

struct str
place_bare(struct str symbol)
{
	static const char *const suffixes[] = { ".cold", ".constprop.", ".isra.", ".llvm.",
		".lto_priv.", ".part.", "\\x20[clone", NULL };
	struct str rest = symbol;

	while (rest.n > 0 &&
	       ((*rest.p != '.' && *rest.p != '\\') || !starts_with_any(rest, suffixes))) {
		rest.p++;
		rest.n--;
	}
	symbol.n -= rest.n;
	return symbol;
}

struct str
place_function(struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct stack_frame f;
	struct str symbol;

	while (stack_next(&w, &f)) {
		symbol = stack_note(f.note).symbol;
		if (symbol.n > 0 && !place_is_switching(symbol))
			return place_bare(symbol);
	}
	return STR("");
}
