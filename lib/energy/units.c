/* SPDX-License-Identifier: MIT */

#include "units.h"
#include "rapl_line.h"

enum { MICRO = 6, NANO = 9 };

/* perf's quirks: arch/x86/events/rapl.c, rapl_model_match. AMD's 64-bit registers: the driver
 * amd_energy, which names the models with 32-bit ones. */
static const struct units_model models[] = {
	{ .names = { "hsx", "bdx", "skx", "clx", "cpx", "icx", "knl", "knm" }, .dram_16 = true },
	{ .names = { "spr", "emr" }, .psys_joule = true },
	{ .names = { "slm", "airmont" }, .microjoules = true },
	{ .names = { "snb", "ivb", "snbep", "ivbep", "hsw", "bdw", "skl", "kbl", "cnl", "icl",
	      "cml", "tgl", "rkl", "adl", "rpl", "mtl", "arl", "lnl", "glm", "tnt" } },
	{ .names = { "amd", "hygon", "zen1", "zen2", "zen3" }, .one_core = true },
	{ .names = { "zen4", "zen5" }, .one_core = true, .wide = true },
};

const struct units_model *
units_model(const char *name)
{
	const struct units_model *m = models, *end = models + sizeof models / sizeof *models;
	unsigned i;

	for (; m < end; m++)
		for (i = 0; i < UNITS_NAMES && m->names[i] != NULL; i++)
			if (strcmp(m->names[i], name) == 0)
				return m;
	return NULL;
}

/* Parse "2^-14", or a number followed by J, mJ, uJ or nJ. */
static bool
parse_unit(const char *s, struct energy *e)
{
	static const struct {
		const char *name;
		unsigned ten;
	} units[] = { { "J", 0 }, { "mJ", 3 }, { "uJ", MICRO }, { "nJ", NANO }, { NULL, 0 } };
	size_t len = strspn(s, "0123456789."), i = 0;
	const char *end = s + strlen(s);
	uint64_t two;

	if (strncmp(s, "2^-", 3) == 0) {
		if (text_u64(s + 3, end, &two) != end || two > 32)
			return false;
		*e = (struct energy){ 1, (uint8_t)two, 0 };
		return true;
	}
	while (units[i].name != NULL && strcmp(units[i].name, s + len) != 0)
		i++;
	if (units[i].name == NULL || !rapl_decimal((struct str){ s, len }, e))
		return false;
	e->ten = (uint8_t)(e->ten + units[i].ten);
	return e->n > 0 && e->n < 1000000000 && e->ten <= 12;
}

bool
units_add(struct units *u, const char *s)
{
	const char *eq = strchr(s, '=');
	enum rapl_domain domain;

	if (strcmp(s, "exact") == 0)
		return u->exact = true;
	if (eq == NULL)
		return false;
	domain = rapl_domain_named((struct str){ s, (size_t)(eq - s) });
	return domain != RAPL_NONE && parse_unit(eq + 1, &u->domain[domain]);
}

struct energy
units_register(const struct units *u, enum rapl_domain domain, unsigned esu)
{
	static const struct units_model none = { 0 };
	const struct units_model *m = u->model == NULL ? &none : u->model;

	if (u->domain[domain].n != 0)
		return u->domain[domain];
	if (domain == RAPL_DRAM && m->dram_16)
		return (struct energy){ 1, 16, 0 };
	if (domain == RAPL_PSYS && m->psys_joule)
		return (struct energy){ 1, 0, 0 };
	if (m->microjoules)
		return (struct energy){ (energy_int)1 << esu, 0, MICRO };
	return (struct energy){ 1, (uint8_t)esu, 0 };
}

/* The last energy_uj before it wraps, in this unit. */
static uint64_t
range_of(struct energy unit)
{
	static const uint32_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000, 1000000000 };

	return (uint64_t)(unit.n * UINT32_MAX * 1000000 / ((energy_int)tens[unit.ten] << unit.two));
}

bool
units_range(const struct units *u, enum rapl_domain domain, uint64_t range, struct energy *driver,
    struct energy *worth)
{
	/* The driver's whole nanojoules, and the register's unit. */
	static const struct {
		struct energy driver, exact;
	} units[] = { { { 61035, 0, NANO }, { 1, 14, 0 } }, { { 15258, 0, NANO }, { 1, 16, 0 } },
		{ { 15300, 0, NANO }, { 1, 16, 0 } }, { { 30517, 0, NANO }, { 1, 15, 0 } },
		{ { 7629, 0, NANO }, { 1, 17, 0 } }, { { 3814, 0, NANO }, { 1, 18, 0 } },
		{ { 122070, 0, NANO }, { 1, 13, 0 } }, { { 32, 0, MICRO }, { 32, 0, MICRO } },
		{ { 1, 0, 0 }, { 1, 0, 0 } }, { { 1, 14, 0 }, { 1, 14, 0 } },
		{ { 1, 16, 0 }, { 1, 16, 0 } }, { { 1, 15, 0 }, { 1, 15, 0 } } };
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units; i++) {
		if (range_of(units[i].driver) != range)
			continue;
		*driver = units[i].driver;
		*worth = u->exact ? units[i].exact : units[i].driver;
		if (u->domain[domain].n != 0)
			*worth = u->domain[domain];
		return true;
	}
	return false;
}
