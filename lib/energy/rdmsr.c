/* SPDX-License-Identifier: MIT */

#include "rdmsr.h"

enum { UNIT_INTEL = 0x606, ESU_SHIFT = 8, ESU_MASK = 0x1f };

static const uint64_t unit_amd = 0xc0010299, first_amd = 0xc0010000;

void
rdmsr_init(struct rdmsr *st, const struct units *units)
{
	*st = (struct rdmsr){ .units = units, .esu = { -1, -1 } };
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

void
rdmsr_line(struct rdmsr *st, struct str s, struct rapl_line *l)
{
	uint64_t msr, value;
	int32_t cpu;
	int64_t t;

	if (*s.p == '#')
		l->is = RAPL_SKIP;
	else if (!parse(s, &t, &cpu, &msr, &value))
		return;
	else if (msr == UNIT_INTEL || msr == unit_amd) {
		st->esu[msr == unit_amd] = (int)(value >> ESU_SHIFT & ESU_MASK);
		l->is = RAPL_HEAD;
	} else if (rapl_register(msr) == RAPL_NONE) {
		rapl_bad(l, "unknown MSR", s);
	} else if (st->esu[msr > first_amd] < 0) {
		rapl_bad(l, "no unit register before this one", s);
	} else {
		reading(st, cpu, msr, value, l);
		l->t = t;
	}
}
