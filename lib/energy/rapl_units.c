/* SPDX-License-Identifier: MIT */
/* rapl_units - what one count is worth: by model, by unit register, by powercap's range, by the
 * user */

#include "rapl.h"

enum { MICRO = 6, NANO = 9 };

#define SERVER(n)                                                                                  \
	{                                                                                          \
		.name = (n), .dram_16 = true                                                       \
	}
#define CLIENT(n)                                                                                  \
	{                                                                                          \
		.name = (n)                                                                        \
	}
#define SILVERMONT(n)                                                                              \
	{                                                                                          \
		.name = (n), .microjoules = true                                                   \
	}
#define AMD(n)                                                                                     \
	{                                                                                          \
		.name = (n), .one_core = true                                                      \
	}
#define AMD_WIDE(n)                                                                                \
	{                                                                                          \
		.name = (n), .one_core = true, .wide = true                                        \
	}

/* perf's quirks: arch/x86/events/rapl.c, rapl_model_match. The 64-bit registers of AMD: the driver
 * amd_energy, which names the 32-bit ones. */
static const struct rapl_model models[] = { SERVER("hsx"), SERVER("bdx"), SERVER("skx"),
	SERVER("clx"), SERVER("cpx"), SERVER("icx"), SERVER("knl"), SERVER("knm"),
	{ .name = "spr", .psys_joule = true }, { .name = "emr", .psys_joule = true },
	SILVERMONT("slm"), SILVERMONT("airmont"), CLIENT("snb"), CLIENT("ivb"), CLIENT("snbep"),
	CLIENT("ivbep"), CLIENT("hsw"), CLIENT("bdw"), CLIENT("skl"), CLIENT("kbl"), CLIENT("cnl"),
	CLIENT("icl"), CLIENT("cml"), CLIENT("tgl"), CLIENT("rkl"), CLIENT("adl"), CLIENT("rpl"),
	CLIENT("mtl"), CLIENT("arl"), CLIENT("lnl"), CLIENT("glm"), CLIENT("tnt"), AMD("amd"),
	AMD("hygon"), AMD("zen1"), AMD("zen2"), AMD("zen3"), AMD_WIDE("zen4"), AMD_WIDE("zen5"),
	{ 0 } };

const struct rapl_model *
rapl_model(const char *name)
{
	const struct rapl_model *m = models;

	while (m->name != NULL && strcmp(m->name, name) != 0)
		m++;
	return m->name == NULL ? NULL : m;
}

/* "2^-14", or a number with J, mJ, uJ, nJ behind it. */
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
rapl_units_add(struct rapl_units *u, const char *s)
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
rapl_register_unit(const struct rapl_units *u, enum rapl_domain domain, unsigned esu)
{
	static const struct rapl_model none = { 0 };
	const struct rapl_model *m = u->model == NULL ? &none : u->model;

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

/* How far energy_uj counts by that unit. */
static uint64_t
range_of(struct energy unit)
{
	static const uint32_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
		100000000, 1000000000 };

	return (uint64_t)(unit.n * UINT32_MAX * 1000000 / ((energy_int)tens[unit.ten] << unit.two));
}

bool
rapl_range_unit(const struct rapl_units *u, enum rapl_domain domain, uint64_t range,
    struct energy *driver, struct energy *worth)
{
	/* The driver's whole nanojoules, and what the register counts in. */
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
