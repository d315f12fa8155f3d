/* SPDX-License-Identifier: MIT */

#include "rdmsr.h"

enum { INTEL, AMD, UNIT_INTEL = 0x606, ESU_SHIFT = 8, ESU_MASK = 0x1f };

static const uint64_t unit_amd = 0xc0010299, first_amd = 0xc0010000;

void
rdmsr_init(struct rdmsr *st, const struct rapl_units *units)
{
	*st = (struct rdmsr){ .units = units, .esu = { -1, -1 } };
}

/* The next word of the line. */
static struct str
word(struct str *s)
{
	const char *p = s->p, *end = s->p + s->n;
	struct str w;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	w.p = p;
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	w.n = (size_t)(p - w.p);
	*s = (struct str){ p, (size_t)(end - p) };
	return w;
}

/* Hexadecimal, 0x and leading zeros or not, capitals or not. */
static bool
hex(struct str s, uint64_t *v)
{
	size_t i = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x' ? 2 : 0;
	char c;

	for (*v = 0; i < s.n; i++) {
		c = (char)(s.p[i] | 0x20);
		if (*v >> 60 != 0 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*v = *v << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return s.n > 0;
}

/* A line that is one: its three numbers behind the time. */
static bool
parse(struct str s, int64_t *t, uint64_t *cpu, uint64_t number[2])
{
	struct str time = word(&s), who = word(&s), msr = word(&s), value = word(&s);

	return rapl_seconds(time.p, time.p + time.n, t) == time.p + time.n &&
	       text_u64(who.p, who.p + who.n, cpu) == who.p + who.n && *cpu <= INT32_MAX &&
	       hex(msr, &number[0]) && hex(value, &number[1]) && word(&s).n == 0;
}

static void
reading(struct rdmsr *st, uint64_t cpu, const uint64_t number[2], struct rapl_line *l)
{
	const struct rapl_model *model = st->units->model;
	enum rapl_domain domain = rapl_register(number[0]);
	struct rapl_reading *r;
	size_t n;

	if (number[1] > UINT32_MAX || (model != NULL && model->wide))
		st->wide[domain] = true;
	r = rapl_add(l, RAPL_COUNT, domain);
	rapl_place_cpu(&r->place, (int32_t)cpu);
	memcpy(st->event, "msr:0x", 6);
	n = 6 + text_put_hex(st->event + 6, number[0]);
	r->event = (struct str){ st->event, n };
	r->energy = r->err =
	    rapl_register_unit(st->units, domain, (unsigned)st->esu[number[0] > first_amd]);
	r->count = number[1];
	r->wrap = st->wide[domain] ? 0 : (uint64_t)1 << 32;
	r->counters = 1;
}

void
rdmsr_line(struct rdmsr *st, struct str s, struct rapl_line *l)
{
	uint64_t cpu, number[2];
	int64_t t;

	rapl_line_init(l);
	if (s.n == 0 || *s.p == '#')
		l->is = RAPL_SKIP;
	if (l->is == RAPL_SKIP || !parse(s, &t, &cpu, number))
		return;
	if (number[0] == UNIT_INTEL || number[0] == unit_amd) {
		st->esu[number[0] == unit_amd] = (int)(number[1] >> ESU_SHIFT & ESU_MASK);
		l->is = RAPL_HEAD;
		return;
	}
	if (rapl_register(number[0]) == RAPL_NONE)
		rapl_bad(l, "unknown MSR 0x%llx", (unsigned long long)number[0]);
	else if (st->esu[number[0] > first_amd] < 0)
		rapl_bad(l, "energy unit not known yet");
	else
		reading(st, cpu, number, l);
	l->t = l->n > 0 ? t : RAPL_NO_TIME;
}
