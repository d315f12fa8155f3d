/* SPDX-License-Identifier: MIT */

#include "csv.h"

enum { NANO = 9, NANOS = 1000000000 };

static void
next(struct csv *c)
{
	if (c->inrow)
		out_char(c->out, ',');
	c->inrow = true;
}

static bool
deps_quotes(struct str s)
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
	if (!deps_quotes(s)) {
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
csv_none(struct csv *c)
{
	next(c);
}

void
csv_number(struct csv *c, int64_t v)
{
	next(c);
	if (v >= 0)
		out_u64(c->out, (uint64_t)v);
}

void
csv_seconds(struct csv *c, int64_t ns)
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	uint32_t part = (uint32_t)(v % NANOS);
	char *d;
	int i;

	next(c);
	d = out_room(c->out, 1 + TEXT_NUMBER + 1 + NANO);
	c->out->n += 1 + NANO;
	if (ns < 0) {
		*d++ = '-';
		c->out->n++;
	}
	i = (int)text_put_u64(d, v / NANOS);
	d += i;
	c->out->n += (size_t)i;
	*d++ = '.';
	for (i = NANO; i-- > 0; part /= 10)
		d[i] = (char)('0' + part % 10);
}

void
csv_decimal(struct csv *c, energy_int v, unsigned digits)
{
	next(c);
	c->out->n += energy_put(out_room(c->out, ENERGY_NUMBER), v, digits);
}

void
csv_energy(struct csv *c, struct energy e, unsigned digits, bool exact)
{
	energy_int v;

	next(c);
	if (exact)
		c->out->n += energy_put_exact(out_room(c->out, ENERGY_NUMBER), e);
	else if (energy_scaled(e, digits, &v))
		c->out->n += energy_put(out_room(c->out, ENERGY_NUMBER), v, digits);
}

void
csv_end(struct csv *c)
{
	if (c->crlf)
		out_char(c->out, '\r');
	out_char(c->out, '\n');
	c->inrow = false;
}

void
csv_header(struct csv *c, const char *names)
{
	out_str(c->out, str_of(names));
	csv_end(c);
}
