/* SPDX-License-Identifier: MIT */

#include "turbostat.h"

enum { DECIMALS = 2 };

static const struct {
	struct str name;
	enum rapl_domain domain;
	bool joules;
} columns[] = { { { "PkgWatt", 7 }, RAPL_PKG, false }, { { "CorWatt", 7 }, RAPL_CORES, false },
	{ { "GFXWatt", 7 }, RAPL_GPU, false }, { { "RAMWatt", 7 }, RAPL_DRAM, false },
	{ { "SysWatt", 7 }, RAPL_PSYS, false }, { { "Pkg_J", 5 }, RAPL_PKG, true },
	{ { "Cor_J", 5 }, RAPL_CORES, true }, { { "GFX_J", 5 }, RAPL_GPU, true },
	{ { "RAM_J", 5 }, RAPL_DRAM, true }, { { "Sys_J", 5 }, RAPL_PSYS, true } };

void
turbostat_init(struct turbostat *st, int64_t interval)
{
	*st = (struct turbostat){ .interval = interval };
}

/* The next field, up to a tab. */
static bool
field(struct str *s, struct str *f)
{
	const char *tab, *p;

	if (s->p == NULL)
		return false;
	tab = memchr(s->p, '\t', s->n);
	f->p = s->p;
	f->n = tab == NULL ? s->n : (size_t)(tab - s->p);
	*s = tab == NULL ? (struct str){ NULL, 0 }
			 : (struct str){ tab + 1, s->n - (size_t)(tab + 1 - s->p) };
	for (p = f->p; f->n > 0 && *p == ' '; p++)
		*f = (struct str){ p + 1, f->n - 1 };
	while (f->n > 0 && f->p[f->n - 1] == ' ')
		f->n--;
	return true;
}

static void
set_column(struct turbostat *st, struct str name)
{
	struct turbostat_column *c = &st->column[st->n];
	size_t i;

	*c = (struct turbostat_column){ .domain = RAPL_NONE };
	for (i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (!str_eq(name, columns[i].name))
			continue;
		c->domain = columns[i].domain;
		c->joules = columns[i].joules;
		c->name = (uint8_t)name.n;
		memcpy(c->text, name.p, name.n);
	}
	if (str_eq(name, STR("Package")))
		st->package = (int)st->n;
	else if (str_eq(name, STR("Die")))
		st->die = (int)st->n;
	else if (str_eq(name, STR("Core")))
		st->core = (int)st->n;
	else if (str_eq(name, STR("CPU")))
		st->cpu = (int)st->n;
	else if (str_eq(name, STR("Time_Of_Day_Seconds")))
		st->time = (int)st->n;
}

/* The columns of a core stand before those of a package: CorWatt left of PkgWatt is one core's. */
static void
tell_cores(struct turbostat *st)
{
	unsigned i, pkg;

	for (pkg = 0; pkg < st->n && st->column[pkg].domain != RAPL_PKG; pkg++)
		;
	for (i = 0; i < pkg && pkg < st->n; i++)
		if (st->column[i].domain == RAPL_CORES)
			st->column[i].domain = RAPL_CORE;
}

static void
header(struct turbostat *st, struct str s)
{
	struct str f;

	st->n = 0;
	st->package = st->die = st->core = st->cpu = st->time = -1;
	while (st->n < TURBOSTAT_COLUMNS && field(&s, &f)) {
		set_column(st, f);
		st->n++;
	}
	tell_cores(st);
}

/* A header names its columns; lines of numbers have no column of energy. */
static bool
is_header(struct str s)
{
	struct str f;
	size_t i;

	if (memmem(s.p, s.n, "Watt", 4) == NULL && memmem(s.p, s.n, "_J", 2) == NULL)
		return false;
	while (field(&s, &f))
		for (i = 0; i < sizeof columns / sizeof *columns; i++)
			if (str_eq(f, columns[i].name))
				return true;
	return false;
}

static bool
number(const struct str *f, int n, int i, int32_t *to)
{
	uint64_t v;

	*to = RAPL_NOWHERE;
	if (i < 0 || i >= n)
		return true;
	if (str_eq(f[i], STR("-")))
		return true;
	if (text_u64(f[i].p, f[i].p + f[i].n, &v) != f[i].p + f[i].n || v > INT32_MAX)
		return false;
	*to = (int32_t)v;
	return true;
}

/* A round begins with the line of the whole machine, or where its first CPU comes again. */
static void
count_round(struct turbostat *st, const struct str *f, int n)
{
	struct str cpu = st->cpu >= 0 && st->cpu < n ? f[st->cpu] : STR("-");
	struct str first = { st->first, st->first_len };
	int64_t t;

	if (st->rounds > 0 && !str_eq(cpu, STR("-")) && !str_eq(cpu, first))
		return;
	st->first_len = (uint8_t)(cpu.n < sizeof st->first ? cpu.n : 0);
	memcpy(st->first, cpu.p, st->first_len);
	st->rounds++;
	st->t = RAPL_NO_TIME;
	if (st->time >= 0 && st->time < n) {
		if (rapl_seconds(f[st->time].p, f[st->time].p + f[st->time].n, &t) != NULL)
			st->t = t;
	} else if (st->interval > 0 && __builtin_mul_overflow(st->rounds, st->interval, &st->t)) {
		st->t = RAPL_NO_TIME;
	}
}

/* One column of energy in a line of numbers. */
static void
reading(const struct turbostat_column *c, struct str f, const int32_t where[3], bool machine,
    struct rapl_line *l)
{
	bool core = c->domain == RAPL_CORE, psys = c->domain == RAPL_PSYS;
	struct rapl_reading *r;

	if (l->n == RAPL_READINGS || f.n == 0 || (psys && !machine))
		return;
	r = rapl_add(l, c->joules ? RAPL_JOULES : RAPL_WATTS, c->domain);
	if (!machine)
		rapl_place_core(&r->place, where[0], where[1], core ? where[2] : RAPL_NOWHERE);
	r->event = (struct str){ c->text, c->name };
	if (memchr(f.p, '*', f.n) != NULL) {
		r->value = RAPL_NOTHING;
		r->flags |= RAPL_NOTCOUNTED;
	} else if (!rapl_decimal(f, &r->energy) || r->energy.ten > DECIMALS) {
		rapl_bad(l, "bad %s \"%.*s\"", c->text, (int)(f.n < 60 ? f.n : 60), f.p);
		return;
	}
	r->err = (struct energy){ 5, 0, (uint8_t)(r->energy.ten + 1) };
}

/* A line of numbers; it ends early where the CPU is not the first of its core or package. */
static void
numbers(struct turbostat *st, const struct str *f, int n, struct rapl_line *l)
{
	int32_t where[3], cpu;
	bool machine;
	int i;

	if (!number(f, n, st->package, &where[0]) || !number(f, n, st->die, &where[1]) ||
	    !number(f, n, st->core, &where[2]) || !number(f, n, st->cpu, &cpu))
		return;
	machine = cpu == RAPL_NOWHERE && where[2] == RAPL_NOWHERE;
	if (st->package < 0)
		where[0] = 0; /* the column is left out where there is but one */
	l->is = RAPL_SKIP;
	count_round(st, f, n);
	for (i = 0; i < n && l->is != RAPL_BAD; i++)
		if (st->column[i].domain != RAPL_NONE)
			reading(&st->column[i], f[i], where, machine, l);
	for (i = 0; i < (int)l->n; i++)
		if (machine && (st->cpu >= 0 || st->core >= 0) && l->reading[i].domain != RAPL_PSYS)
			l->reading[i].flags |= RAPL_SUM;
	l->t = st->t;
	l->no_zero = st->time >= 0;
}

void
turbostat_line(struct turbostat *st, struct str s, struct rapl_line *l)
{
	struct str f[TURBOSTAT_COLUMNS], rest = s;
	int n = 0;

	rapl_line_init(l);
	if (s.n == 0) {
		l->is = RAPL_SKIP;
	} else if (is_header(s)) {
		header(st, s);
		l->is = RAPL_HEAD;
	} else if (st->n > 0) {
		while (n < (int)st->n && field(&rest, &f[n]))
			n++;
		if (rest.p == NULL)
			numbers(st, f, n, l);
	}
}
