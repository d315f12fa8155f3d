/* SPDX-License-Identifier: MIT */

#include "rdmsr.h"

enum { UNIT_INTEL = 0x606, ESU_SHIFT = 8, ESU_MASK = 0x1f, RDMSR_CPUS = 65536 };

static const uint64_t unit_amd = 0xc0010299, first_amd = 0xc0010000;

void
rdmsr_init(
    struct rdmsr *st, const struct units *units, const struct rdmsr_bare *bare, int64_t interval)
{
	*st = (struct rdmsr){ .units = units,
		.bare = bare,
		.interval = interval,
		.esu = { -1, -1 },
		.t = RAPL_NO_TIME };
}

/* Parse hexadecimal with or without 0x and leading zeros, in either case. */
static bool
hex(struct str s, uint64_t *v)
{
	size_t i = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x' ? 2 : 0;
	unsigned digit;

	for (*v = 0; i < s.n; i++) {
		digit = text_nibble[(unsigned char)(s.p[i] | 0x20)] - 1u;
		if (*v >> 60 != 0 || digit > 15 || s.p[i] < '0')
			return false;
		*v = *v << 4 | digit;
	}
	return s.n > 0;
}

/* Parse the numbers of a line; false if it is something else. */
static bool
parse(struct str s, int64_t *t, int32_t *cpu, uint64_t *msr, uint64_t *value)
{
	struct str time = str_word(&s), who = str_word(&s);
	struct str name = str_word(&s), last = str_word(&s);

	return rapl_seconds(time.p, time.p + time.n, t) == time.p + time.n && rapl_id(who, cpu) &&
	       hex(name, msr) && hex(last, value) && str_word(&s).n == 0;
}

static void
reading(struct rdmsr *st, int32_t cpu, uint64_t msr, uint64_t value, struct rapl_line *l)
{
	const struct units_model *model = st->units->model;
	enum rapl_domain domain = rapl_register(msr);
	struct rapl_reading *r;

	if (value > UINT32_MAX || (model != NULL && model->wide))
		st->wide[domain] = true;
	r = rapl_add(l, RAPL_COUNT, domain);
	rapl_place_cpu(&r->place, cpu);
	memcpy(st->event, "msr:0x", 6);
	r->event = (struct str){ st->event, 6 + text_put_hex(st->event + 6, msr) };
	r->energy = r->err = units_register(st->units, domain, (unsigned)st->esu[msr > first_amd]);
	r->count = value;
	r->wrap = st->wide[domain] ? 0 : (uint64_t)1 << 32;
	r->counters = 1;
}

/* Read the value of a register. */
static void
value_line(struct rdmsr *st, int32_t cpu, uint64_t msr, uint64_t value, struct rapl_line *l)
{
	enum rapl_domain domain = rapl_register(msr);

	if (msr == UNIT_INTEL || msr == unit_amd) {
		st->esu[msr == unit_amd] = (int)(value >> ESU_SHIFT & ESU_MASK);
		l->kind = RAPL_HEAD;
	} else if (domain == RAPL_NONE) {
		rapl_bad(l, "unknown MSR", STR(""));
	} else if (st->esu[msr > first_amd] < 0 && st->units->domain[domain].n == 0) {
		rapl_bad(l, "no unit register before this one", STR(""));
	} else {
		reading(st, cpu, msr, value, l);
	}
}

/* --- bare values */

bool
rdmsr_list(struct rdmsr_bare *b, const char *s)
{
	const char *end = s + strcspn(s, ":"), *comma;
	uint64_t cpus = 1;

	b->n = 0;
	if (*end == ':' && !rapl_number(str_of(end + 1), RDMSR_CPUS, &cpus))
		return false;
	b->cpus = (unsigned)cpus;
	for (; s <= end && b->n < RDMSR_LIST; s = comma + 1) {
		comma = memchr(s, ',', (size_t)(end - s));
		comma = comma == NULL ? end : comma;
		if (!hex((struct str){ s, (size_t)(comma - s) }, &b->msr[b->n++]))
			return false;
	}
	return s > end && cpus > 0;
}

/* Take the time of the round that follows; a new round starts, whole or not. */
static void
bare_stamp(struct rdmsr *st, int64_t t, struct str s, struct rapl_line *l)
{
	l->kind = RAPL_SKIP;
	if (st->stamped && t <= st->t)
		rapl_bad(l, "time does not advance", s);
	st->stamped = true;
	st->t = t;
	st->position = 0;
}

static void
bare_line(struct rdmsr *st, struct str s, struct rapl_line *l)
{
	uint64_t at = st->position, value;
	int64_t t;

	if (memchr(s.p, '.', s.n) != NULL && rapl_seconds(s.p, s.p + s.n, &t) == s.p + s.n) {
		bare_stamp(st, t, s, l);
		return;
	}
	if (at == (uint64_t)st->bare->n * st->bare->cpus) {
		if (st->stamped) {
			rapl_bad(l, "more values than --msr names", s);
			return;
		}
		at = 0;
	}
	st->position = at + 1;
	if (at == 0 && !st->stamped &&
	    (st->interval == 0 || __builtin_mul_overflow(st->rounds++, st->interval, &st->t)))
		st->t = RAPL_NO_TIME;
	if (!hex(s, &value)) {
		rapl_bad(l, "bad value", s);
		return;
	}
	value_line(
	    st, (int32_t)(at % st->bare->cpus), st->bare->msr[at / st->bare->cpus], value, l);
	l->t = l->kind == RAPL_ENERGY ? st->t : RAPL_NO_TIME;
}

void
rdmsr_line(struct rdmsr *st, struct str s, struct rapl_line *l)
{
	uint64_t msr, value;
	int32_t cpu;
	int64_t t;

	if (*s.p == '#') {
		l->kind = RAPL_SKIP;
	} else if (st->bare->n > 0) {
		bare_line(st, s, l);
	} else if (parse(s, &t, &cpu, &msr, &value)) {
		value_line(st, cpu, msr, value, l);
		if (l->kind == RAPL_ENERGY)
			l->t = t;
		else if (l->kind == RAPL_BAD)
			l->about = s;
	}
}
