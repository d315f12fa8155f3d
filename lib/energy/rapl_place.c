/* SPDX-License-Identifier: MIT */
/* rapl_place - where a counter sits, by perf's names */

#include "rapl.h"

/* A letter or two and a number; p behind them, and where they count the number in *to. */
static bool
part(const char **p, const char *end, const char *prefix, int32_t *to)
{
	size_t len = strlen(prefix);
	const char *s = *p;
	uint64_t v;

	if ((size_t)(end - s) <= len || memcmp(s, prefix, len) != 0)
		return false;
	if ((s = text_u64(s + len, end, &v)) == NULL || v > INT32_MAX)
		return false;
	*to = (int32_t)v;
	*p = s;
	return true;
}

static void
nowhere(struct rapl_place *pl)
{
	pl->socket = pl->die = pl->core = pl->cpu = RAPL_NOWHERE;
	pl->len = 0;
}

bool
rapl_place_parse(struct rapl_place *pl, struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	int32_t other;

	nowhere(pl);
	if (s.n > RAPL_PLACE_NAME)
		return false;
	if (part(&p, end, "S", &pl->socket)) {
		part(&p, end, "-D", &pl->die);
		if (!part(&p, end, "-C", &pl->core) && !part(&p, end, "-CLS", &other) &&
		    part(&p, end, "-L", &other))
			part(&p, end, "-ID", &other);
		if (pl->core != RAPL_NOWHERE)
			part(&p, end, "-CPU", &pl->cpu);
	} else if (!part(&p, end, "CPU", &pl->cpu) && !part(&p, end, "N", &other)) {
		return false;
	}
	memcpy(pl->name, s.p, s.n);
	pl->len = (uint8_t)s.n;
	return p == end;
}

static void
put_part(struct rapl_place *pl, const char *prefix, int32_t v)
{
	size_t len = strlen(prefix);

	if (v == RAPL_NOWHERE)
		return;
	memcpy(pl->name + pl->len, prefix, len);
	pl->len += (uint8_t)(len + text_put_u64(pl->name + pl->len + len, (uint64_t)v));
}

void
rapl_place_core(struct rapl_place *pl, int32_t socket, int32_t die, int32_t core)
{
	nowhere(pl);
	pl->socket = socket;
	pl->die = die;
	pl->core = core;
	put_part(pl, "S", socket);
	put_part(pl, pl->len > 0 ? "-D" : "D", die);
	put_part(pl, pl->len > 0 ? "-C" : "C", core);
}

void
rapl_place_cpu(struct rapl_place *pl, int32_t cpu)
{
	nowhere(pl);
	pl->cpu = cpu;
	put_part(pl, "CPU", cpu);
}
