/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "perfconv.h"

void
perfconv_write_other(struct perfrec *p, struct rec *r)
{
	struct select *select = p->options.select;

	if (select != NULL)
		select_note(select, r);
	if (select == NULL || select_touches(select, r))
		perfconv_write(p, r);
}

void
perfconv_put_meta(void *arg, const char *key, struct str value)
{
	struct perfrec *p = arg;
	char *d = mem_alloc(4 * value.n + 1);
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.meta.key = str_of(key);
	r.meta.value = (struct str){ d, text_escape(d, value.p, value.n, "") };
	perfconv_write_other(p, &r);
	free(d);
}

void
perfconv_put_number(struct perfrec *p, const char *key, uint64_t n)
{
	char d[TEXT_NUMBER];

	if (n > 0)
		perfconv_put_meta(p, key, (struct str){ d, text_put_u64(d, n) });
}

void
perfconv_put_gap(struct perfrec *p, int64_t since, uint64_t bytes, struct str what)
{
	struct rec r = { .kind = REC_GAP, .t = p->t, .machine = p->options.machine };

	r.cpu = r.pid = r.tid = REC_NO_ID;
	r.gap = (struct rec_gap){ since, bytes, what };
	perfconv_write_other(p, &r);
}

void
perfconv_put_damaged(
    struct perfrec *p, const struct perf_record *pr, struct str gap, const char *what)
{
	int64_t since = p->t;
	char text[128];

	p->counts.damaged++;
	perfconv_time(p, pr->time);
	perfconv_put_gap(p, since, bytes_left(&pr->body), gap);
	snprintf(text, sizeof text, "the %s record %s", perf_type_name(pr->type), what);
	perf_fault(p->perf, pr->offset, text);
}

void
perfconv_put_cut_short(struct perfrec *p, const struct perf_record *pr)
{
	perfconv_put_damaged(p, pr, STR("record cut short"), "is cut short");
}

void
perfconv_write_vcpu(struct perfrec *p, const struct rec *r)
{
	struct rec vcpu;

	if (vcpus_add(&p->vcpus, r, &vcpu))
		perfconv_write_other(p, &vcpu);
}
