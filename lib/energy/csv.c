/* SPDX-License-Identifier: MIT */

#include "csv.h"
#include "rapl_line.h"

enum { NANO = 9, ERROR_DIGITS = 9 };

static void
next(struct csv *c)
{
	if (c->in_row)
		out_char(c->out, ',');
	c->in_row = true;
}

static bool
needs_quotes(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r')
			return true;
	return false;
}

void
csv_str(struct csv *c, struct str s)
{
	size_t i;

	next(c);
	if (!needs_quotes(s)) {
		out_str(c->out, s);
		return;
	}
	out_char(c->out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			out_char(c->out, '"');
		out_char(c->out, s.p[i]);
	}
	out_char(c->out, '"');
}

void
csv_skip(struct csv *c, size_t n)
{
	memset(out_room(c->out, n), ',', n);
	c->out->n += n;
}

void
csv_number(struct csv *c, int64_t v)
{
	next(c);
	if (v >= 0)
		out_u64(c->out, (uint64_t)v);
}

static void
put(struct csv *c, energy_int v, unsigned digits)
{
	c->out->n += energy_put(out_room(c->out, ENERGY_NUMBER), v, digits);
}

void
csv_seconds(struct csv *c, int64_t ns)
{
	next(c);
	if (ns != RAPL_NO_TIME)
		put(c, ns, NANO);
}

void
csv_time(struct csv *c, int64_t ns)
{
	if (ns == RAPL_NO_TIME || __builtin_add_overflow(ns, c->start, &ns))
		ns = RAPL_NO_TIME;
	csv_seconds(c, ns);
}

void
csv_energy(struct csv *c, const struct energy *e)
{
	energy_int v;

	next(c);
	if (e == NULL)
		return;
	if (c->exact)
		c->out->n += energy_put_exact(out_room(c->out, ENERGY_NUMBER), *e);
	else if (energy_scaled(*e, c->digits, &v))
		put(c, v, c->digits);
}

void
csv_error(struct csv *c, const struct energy *e)
{
	energy_int v;

	next(c);
	if (e != NULL && energy_scaled(*e, ERROR_DIGITS, &v))
		put(c, v, ERROR_DIGITS);
}

void
csv_watts(struct csv *c, const struct energy *e, int64_t ns)
{
	energy_int v;

	next(c);
	if (e != NULL && ns > 0 && energy_watts(*e, ns, c->digits, &v))
		put(c, v, c->digits);
}

void
csv_scaled(struct csv *c, energy_int v)
{
	next(c);
	if (v >= 0)
		put(c, v, c->digits);
}

void
csv_end_row(struct csv *c)
{
	if (c->crlf)
		out_char(c->out, '\r');
	out_char(c->out, '\n');
	c->in_row = false;
}

void
csv_header(struct csv *c, const char *names)
{
	out_str(c->out, str_of(names));
	csv_end_row(c);
}
