/* SPDX-License-Identifier: MIT */
/* What a full decode finds: flow and range records, samples, or the lister's lines. */

#include "base/mem.h"
#include "pktrec.h"

enum { DEPTH = 128, PAGE_BITS = 12, LINE = 160 };

static char *
put_info(char *d, const struct csd_fields *f)
{
	*d++ = '\t';
	d = str_put(d, f->n > 0 ? (struct str){ f->info, f->n } : STR("-"));
	*d++ = '\n';
	return d;
}

/* Kind, head and index. */
static char *
begin(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x, struct str kind)
{
	char *d;

	if (s->n_head == 0)
		pktrec_head(p, s, x->source);
	d = out_room(p->out, s->n_head + CSD_TEXT + LINE);
	d = str_put(d, kind);
	d = str_put(d, (struct str){ s->head, s->n_head });
	d = pktrec_index(p, d, x->index);
	*d++ = '\t';
	return d;
}

static char *
put_addr(char *d, const struct pktrec *p, const struct csd_element *x, const struct csd_fields *f)
{
	if (!f->has_addr)
		return str_put(d, STR("-\t-"));
	d = str_put(d, stack_mode_name(pktrec_mode(p, x->source, f)));
	*d++ = '\t';
	return d + text_put_hex(d, f->addr);
}

static void
put_range(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x,
    const struct csd_fields *f)
{
	char *d = begin(p, s, x, STR("range"));

	d = put_addr(d, p, x, f);
	*d++ = '\t';
	d += text_put_hex(d, x->end);
	*d++ = '\t';
	d += text_put_u64(d, x->n);
	*d++ = '\t';
	d = str_put(d, x->isa);
	*d++ = '\t';
	d = str_put(d, x->branch);
	d = str_put(d, x->taken ? STR("\tyes") : STR("\tno"));
	p->out->n = (size_t)(put_info(d, f) - p->out->buf);
}

/* Count code that is in no image. Whether it has been told of, by its page. */
static bool
is_told(struct pktrec *p, const struct pktrec_source *s, uint64_t addr)
{
	uint64_t *told = hash_put(&p->missing, addr >> PAGE_BITS ^ (uint64_t)s->pid << 52);

	p->n_missing++;
	p->n_pages += *told == 0;
	return (*told)++ > 0;
}

static void
put_flow(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x,
    const struct csd_fields *f)
{
	char *d = begin(p, s, x, STR("flow"));

	d = str_put(d, f->type);
	*d++ = '\t';
	d = put_addr(d, p, x, f);
	p->out->n = (size_t)(put_info(d, f) - p->out->buf);
}

static bool
is_call(const struct csd_element *x)
{
	return x->taken &&
	       (str_eq(x->branch, STR("call")) || str_eq(x->branch, STR("indirect-call")));
}

static bool
is_return(const struct csd_element *x)
{
	return x->taken && (str_eq(x->branch, STR("return")) || str_eq(x->branch, STR("eret")));
}

static void
push(struct pktrec_source *s, uint64_t addr, bool kernel)
{
	if (s->frame == NULL)
		s->frame = mem_alloc(DEPTH * sizeof *s->frame);
	if (s->depth == DEPTH) {
		memmove(s->frame, s->frame + 1, (DEPTH - 1) * sizeof *s->frame);
		s->depth--;
	}
	s->frame[s->depth++] = (struct pktrec_frame){ addr, kernel };
}

/* The next range starts somewhere: where a frame waits for its return, those inside it are gone. */
static void
unwind(struct pktrec_source *s, uint64_t addr)
{
	size_t i;

	for (i = s->depth; i-- > 0;)
		if (s->frame[i].addr == addr) {
			s->depth = i;
			return;
		}
}

/* The call stack of a range: itself, then where its callers go on. */
static struct str
stack_of(const struct pktrec_source *s, enum stack_mode mode, uint64_t addr, char *begin)
{
	char *d = str_put(begin, stack_mode_name(mode));
	enum stack_mode was = mode;
	size_t i;

	*d++ = ';';
	d += text_put_hex(d, addr);
	for (i = s->depth; i-- > 0;) {
		*d++ = ';';
		mode = s->frame[i].kernel ? MODE_KERNEL : MODE_USER;
		if (mode != was) {
			d = str_put(d, stack_mode_name(mode));
			*d++ = ';';
		}
		was = mode;
		d += text_put_hex(d, s->frame[i].addr);
	}
	return (struct str){ begin, (size_t)(d - begin) };
}

static void
put_sample(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x,
    const struct csd_fields *f)
{
	enum stack_mode mode = pktrec_mode(p, x->source, f);
	char ip[TEXT_NUMBER], stack[(DEPTH + 1) * 24];
	struct rec r = { .kind = REC_SAMPLE,
		.t = p->t == REC_NO_NS ? 0 : p->t,
		.machine = p->machine,
		.cpu = pktrec_cpu(p, x->source),
		.pid = s->pid,
		.tid = s->tid };

	if (s->returning)
		unwind(s, x->addr);
	r.sample.event = STR("instructions");
	r.sample.period = x->n;
	r.sample.mode = stack_mode_name(mode);
	r.sample.ip = (struct str){ ip, text_put_hex(ip, x->addr) };
	r.sample.info = STR_NONE;
	r.sample.stack = stack_of(s, mode, x->addr, stack);
	rec_put(p->out, &r);
	s->returning = is_return(x);
	if (is_call(x))
		push(s, x->end, mode == MODE_KERNEL);
}

/* Another task's stack is not known. */
static void
follow(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x,
    const struct csd_fields *f)
{
	int32_t tid = s->tid;

	if (x->flow != CSD_CONTEXT)
		return;
	pktrec_switch(p, s, x->source, f);
	if (s->tid != tid)
		s->depth = 0;
}

static void
put_samples(struct pktrec *p, struct pktrec_source *s, const struct csd_element *x,
    const struct csd_fields *f)
{
	if (x->flow == CSD_RANGE)
		put_sample(p, s, x, f);
	else if (x->flow == CSD_EXCEPTION && x->has_addr)
		push(s, x->addr, pktrec_mode(p, x->source, f) == MODE_KERNEL);
	else if (x->flow == CSD_TRACE_ON || x->flow == CSD_NO_SYNC)
		s->depth = 0;
	else if (x->flow == CSD_EXCEPTION_RETURN || x->flow == CSD_NO_ACCESS)
		s->returning = true; /* code that is not known may return, too */
}

static void
put_line(struct pktrec *p, const struct csd_element *x)
{
	char *d = out_room(p->out, CSD_TEXT + LINE);

	d = str_put(d, STR("Idx:"));
	d = pktrec_index(p, d, x->index);
	d = str_put(d, STR("; ID:"));
	d += text_put_hex(d, x->source->id);
	d = str_put(d, STR("; "));
	d += csd_element_text(x, d);
	*d++ = '\n';
	p->out->n = (size_t)(d - p->out->buf);
}

void
pktrec_element(void *arg, const struct csd_element *x)
{
	struct pktrec *p = arg;
	struct pktrec_source *s = &p->source[x->source->id & 127];
	bool told = x->flow == CSD_NO_ACCESS && is_told(p, s, x->addr);
	struct csd_fields f;

	if (!p->lister || x->flow == CSD_CONTEXT) {
		csd_element_fields(x, &f);
		follow(p, s, x, &f);
	}
	if (p->lister)
		put_line(p, x);
	else if (p->branches)
		put_samples(p, s, x, &f);
	else if (x->flow == CSD_RANGE)
		put_range(p, s, x, &f);
	else if (!told)
		put_flow(p, s, x, &f);
}

size_t
pktrec_memory(void *arg, const struct csd_source *source, uint64_t addr, unsigned space,
    uint8_t *buf, size_t n)
{
	struct pktrec *p = arg;

	if (p->memory == NULL)
		return 0;
	return p->memory(p->arg, p->source[source->id & 127].pid, space, addr, buf, n);
}
