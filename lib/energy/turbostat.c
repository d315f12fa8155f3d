/* SPDX-License-Identifier: MIT */

#include "turbostat.h"

enum { DECIMALS = 2 };

static const struct turbostat_column columns[] = { { RAPL_PKG, false, STR_INIT("PkgWatt") },
	{ RAPL_CORES, false, STR_INIT("CorWatt") }, { RAPL_GPU, false, STR_INIT("GFXWatt") },
	{ RAPL_DRAM, false, STR_INIT("RAMWatt") }, { RAPL_PSYS, false, STR_INIT("SysWatt") },
	{ RAPL_PKG, true, STR_INIT("Pkg_J") }, { RAPL_CORES, true, STR_INIT("Cor_J") },
	{ RAPL_GPU, true, STR_INIT("GFX_J") }, { RAPL_DRAM, true, STR_INIT("RAM_J") },
	{ RAPL_PSYS, true, STR_INIT("Sys_J") }, { RAPL_NONE, false, STR_INIT("") } };

void
turbostat_init(struct turbostat *st, int64_t interval)
{
	*st = (struct turbostat){ .interval = interval };
}

/* Take the next field, up to a tab or, if the columns are aligned, a blank, off *s, whose p is NULL
 * after the last one. */
static bool
field(struct str *s, bool aligned, struct str *f)
{
	const char *tab;

	if (s->p == NULL)
		return false;
	if (aligned) {
		*f = str_word(s);
		*s = str_trim(*s);
		if (s->n == 0)
			s->p = NULL;
		return true;
	}
	tab = memchr(s->p, '\t', s->n);
	*f = str_trim((struct str){ s->p, tab == NULL ? s->n : (size_t)(tab - s->p) });
	*s = tab == NULL ? (struct str){ NULL, 0 }
			 : (struct str){ tab + 1, s->n - (size_t)(tab + 1 - s->p) };
	return true;
}

/* The column of energy with that name; the last one, of RAPL_NONE, for any other. */
static const struct turbostat_column *
column_named(struct str name)
{
	const struct turbostat_column *c = columns;

	while (c->domain != RAPL_NONE && !str_eq(c->name, name))
		c++;
	return c;
}

static void
set_column(struct turbostat *st, struct str name)
{
	st->column[st->n] = *column_named(name);
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

/* Columns of a core come before those of a package: a CorWatt before PkgWatt is one core's. */
static void
find_cores(struct turbostat *st)
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
	st->aligned = memchr(s.p, '\t', s.n) == NULL;
	st->package = st->die = st->core = st->cpu = st->time = -1;
	while (st->n < TURBOSTAT_COLUMNS && field(&s, st->aligned, &f)) {
		set_column(st, f);
		st->n++;
	}
	find_cores(st);
}

/* Is this a column that most tables of turbostat have? */
static bool
is_usual(struct str name)
{
	static const struct str names[] = { STR_INIT("Package"), STR_INIT("Die"), STR_INIT("Node"),
		STR_INIT("Core"), STR_INIT("CPU"), STR_INIT("Avg_MHz"), STR_INIT("Busy%"),
		STR_INIT("Bzy_MHz"), STR_INIT("TSC_MHz"), STR_INIT("Time_Of_Day_Seconds") };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* Is a column of energy among the fields? A line of numbers has none. Words that blanks separate
 * may be prose, unless they are all columns of energy or one is a usual column. */
static bool
is_header(struct str s)
{
	bool aligned = memchr(s.p, '\t', s.n) == NULL, usual = false;
	unsigned n = 0, energy = 0;
	struct str f;

	if (memmem(s.p, s.n, "Watt", 4) == NULL && memmem(s.p, s.n, "_J", 2) == NULL)
		return false;
	while (field(&s, aligned, &f)) {
		energy += column_named(f)->domain != RAPL_NONE;
		usual |= is_usual(f);
		n++;
	}
	return energy > 0 && (!aligned || usual || energy == n);
}

/* Parse column i of n as a number; false if it is neither that nor -, nor absent. */
static bool
number(const struct str *f, int n, int i, int32_t *to)
{
	*to = RAPL_NOWHERE;
	return i < 0 || i >= n || str_eq(f[i], STR("-")) || rapl_id(f[i], to);
}

/* Start a round with the line of the whole machine, or when the first CPU comes again. */
static void
start_round(struct turbostat *st, const struct str *f, int n)
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

/* Read one column of energy in a line of numbers; where is its package, die and core. */
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
	r->event = c->name;
	if (memchr(f.p, '*', f.n) != NULL) {
		r->value = RAPL_NOTHING;
		r->flags |= RAPL_NOTCOUNTED;
	} else if (!rapl_decimal(f, &r->energy) || r->energy.ten > DECIMALS) {
		rapl_bad(l, "bad value", f);
		return;
	}
	r->err = (struct energy){ 5, 0, (uint8_t)(r->energy.ten + 1) };
}

/* Read a line of numbers; it ends early if the CPU is not the first of its core or package. */
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
		where[0] = 0; /* a machine with one package has no such column */
	l->kind = RAPL_SKIP;
	start_round(st, f, n);
	for (i = 0; i < n && l->kind != RAPL_BAD; i++)
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

	if (is_header(s)) {
		header(st, s);
		l->kind = RAPL_HEAD;
	} else if (st->n > 0) {
		while (n < (int)st->n && field(&rest, st->aligned, &f[n]))
			n++;
		if (rest.p == NULL)
			numbers(st, f, n, l);
	}
}
