/* SPDX-License-Identifier: MIT */

#include "rapl_line.h"

enum { MAX_DECIMAL = 18, NANO = 9, NANOS = 1000000000 };

void
rapl_line_init(struct rapl_line *l)
{
	l->kind = RAPL_UNKNOWN;
	l->t = RAPL_NO_TIME;
	l->no_zero = false;
	l->ns = 0;
	l->n = 0;
}

bool
rapl_bad(struct rapl_line *l, const char *fault, struct str about)
{
	l->kind = RAPL_BAD;
	l->n = 0;
	l->fault = fault;
	l->about = about;
	return false;
}

struct rapl_reading *
rapl_add(struct rapl_line *l, enum rapl_value value, enum rapl_domain domain)
{
	struct rapl_reading *r = &l->reading[l->n++];

	l->kind = RAPL_ENERGY;
	r->value = value;
	r->domain = domain;
	r->flags = 0;
	r->perf = false;
	rapl_place_cpu(&r->place, RAPL_NOWHERE);
	r->event = STR("");
	r->energy = r->err = (struct energy){ 0 };
	r->count = r->wrap = 0;
	r->counters = -1;
	r->runtime = 0;
	return r;
}

bool
rapl_number(struct str s, uint64_t max, uint64_t *v)
{
	return text_u64(s.p, s.p + s.n, v) == s.p + s.n && *v <= max;
}

bool
rapl_id(struct str s, int32_t *id)
{
	uint64_t v;

	if (!rapl_number(s, INT32_MAX, &v))
		return false;
	*id = (int32_t)v;
	return true;
}

const char *
rapl_seconds(const char *s, const char *end, int64_t *ns)
{
	int64_t v = 0, unit = NANOS;
	const char *begin = s;

	for (; s < end && *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
			return NULL;
	if (s == begin || __builtin_mul_overflow(v, unit, &v))
		return NULL;
	if (s < end && (*s == '.' || *s == ','))
		for (s++; s < end && *s >= '0' && *s <= '9'; s++)
			if (__builtin_add_overflow(v, (unit /= 10) * (*s - '0'), &v))
				return NULL;
	*ns = v;
	return s;
}

bool
rapl_decimal(struct str s, struct energy *e)
{
	const char *end = s.p + s.n, *p = s.p, *point = NULL;
	uint64_t v = 0;

	if (s.n == 0 || s.n > MAX_DECIMAL)
		return false;
	for (; p < end; p++) {
		if (*p == '.' && point == NULL && p > s.p)
			point = p + 1;
		else if (*p >= '0' && *p <= '9')
			v = v * 10 + (uint64_t)(*p - '0');
		else
			return false;
	}
	if (point == end || (point != NULL && end - point > NANO))
		return false;
	*e = (struct energy){ (energy_int)v, 0, point == NULL ? 0 : (uint8_t)(end - point) };
	return true;
}
