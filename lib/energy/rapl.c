/* SPDX-License-Identifier: MIT */

#include "rapl.h"

struct word {
	struct str s;
	enum rapl_domain domain;
};

static const struct word domains[] = { { STR_INIT("psys"), RAPL_PSYS },
	{ STR_INIT("pkg"), RAPL_PKG }, { STR_INIT("cores"), RAPL_CORES },
	{ STR_INIT("core"), RAPL_CORE }, { STR_INIT("gpu"), RAPL_GPU },
	{ STR_INIT("dram"), RAPL_DRAM }, { STR_INIT(""), RAPL_NONE } };

static const struct word events[] = { { STR_INIT("energy-pkg"), RAPL_PKG },
	{ STR_INIT("energy-core"), RAPL_CORE }, { STR_INIT("energy-per-core"), RAPL_CORE },
	{ STR_INIT("energy-cores"), RAPL_CORES }, { STR_INIT("energy-ram"), RAPL_DRAM },
	{ STR_INIT("energy-gpu"), RAPL_GPU }, { STR_INIT("energy-psys"), RAPL_PSYS },
	{ STR_INIT(""), RAPL_NONE } };

static const struct word zones[] = { { STR_INIT("core"), RAPL_CORES },
	{ STR_INIT("uncore"), RAPL_GPU }, { STR_INIT("dram"), RAPL_DRAM },
	{ STR_INIT("psys"), RAPL_PSYS }, { STR_INIT(""), RAPL_NONE } };

static enum rapl_domain
look_up(const struct word *w, struct str s)
{
	while (w->domain != RAPL_NONE && !str_eq(w->s, s))
		w++;
	return w->domain;
}

struct str
rapl_domain_name(enum rapl_domain domain)
{
	const struct word *w = domains;

	while (w->domain != RAPL_NONE && w->domain != domain)
		w++;
	return w->s;
}

enum rapl_domain
rapl_domain_named(struct str s)
{
	return look_up(domains, s);
}

static bool
ends_name(char c)
{
	return c == '/' || c == ',' || c == ' ' || c == ':';
}

/* The forms are power/energy-pkg/ and power_core/energy-core/, with or without modifiers or terms
 * after the name, and the bare energy-pkg of perf 6.7 and later. */
enum rapl_domain
rapl_event(struct str s)
{
	const char *slash = memchr(s.p, '/', s.n), *end = s.p + s.n;

	if (slash != NULL) {
		if (!str_starts(s, "power_") && !str_starts(s, "power/"))
			return RAPL_NONE;
		s.p = slash + 1;
	}
	for (s.n = 0; s.p + s.n < end && !ends_name(s.p[s.n]); s.n++)
		;
	return look_up(events, s);
}

enum rapl_domain
rapl_register(uint64_t msr)
{
	switch (msr) {
	case 0x611:
	case 0xc001029b:
		return RAPL_PKG;
	case 0x639:
		return RAPL_CORES;
	case 0xc001029a:
		return RAPL_CORE;
	case 0x641:
		return RAPL_GPU;
	case 0x619:
		return RAPL_DRAM;
	case 0x64d:
		return RAPL_PSYS;
	default:
		return RAPL_NONE;
	}
}

enum rapl_domain
rapl_zone(struct str name)
{
	return str_starts(name, "package-") ? RAPL_PKG : look_up(zones, name);
}

/* --- places */

/* Parse the prefix and a number at *p into *to and move *p past them; false if they are not there.
 */
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
