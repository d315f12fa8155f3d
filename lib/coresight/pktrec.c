/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "pktrec.h"
#include "rec/stack.h"

enum {
	SOURCES = 128,
	ROOM = 160, /* more than a line's fixed words and numbers take */
	DEPTH = 128,
	PAGE_BITS = 12,
	FRAME_LINE = 16,
	FRAME_MAX = 80
};

/* A caller on a source's call stack. */
struct frame {
	uint64_t addr; /* where it goes on */
	bool kernel;
};

struct source {
	int32_t pid, tid;
	int64_t t;      /* of its records */
	bool unsynced;  /* and that has been written */
	bool returning; /* the next range starts where a caller goes on */
	size_t depth;   /* of the call stack, outermost first */
	struct frame *frame;
	struct strbuf head; /* a line from its time to the trace id, empty if to be made */
};

struct pktrec_state {
	/* The last index without its two lowest digits, as a number and as digits. */
	uint64_t hundred;
	size_t n_digits;
	char digits[TEXT_NUMBER];
	size_t n_frame; /* bytes of syncs that wait for their frame */
	uint8_t frame[FRAME_MAX];
	struct hash missing; /* pages of code in no image that this buffer has reported */
	struct source source[SOURCES];
};

static struct source *
source_of(const struct pktrec *p, const struct csd_source *source)
{
	return &p->state->source[source->id & (SOURCES - 1)];
}

void
pktrec_begin(
    struct pktrec *p, const char *name, enum csd_layout layout, uint64_t offset, uint64_t size)
{
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = p->machine };
	char value[512], bytes[TEXT_NUMBER + 1] = "-", escaped[4 * sizeof value];
	struct source *s;

	if (p->state == NULL)
		p->state = mem_alloc(sizeof *p->state);
	for (s = p->state->source; s < p->state->source + SOURCES; s++) {
		s->pid = p->pid;
		s->tid = p->tid;
		s->t = p->time == NULL ? p->t : REC_NO_NS;
		s->unsynced = s->returning = false;
		s->depth = 0;
		strbuf_clear(&s->head);
	}
	p->state->n_frame = 0;
	hash_free(&p->state->missing);
	if (p->lister || p->frames)
		return;
	if (size != UINT64_MAX)
		bytes[text_put_u64(bytes, size)] = '\0';
	snprintf(value, sizeof value, "%.400s size=%s layout=%s offset=%llu", name, bytes,
	    csd_layout_names[layout], (unsigned long long)offset);
	r.meta.key = STR("coresight-buffer");
	r.meta.value = (struct str){ escaped, text_escape(escaped, value, strlen(value), "") };
	rec_put(p->out, &r);
}

void
pktrec_add(struct pktrec *p, const struct csd_source *source)
{
	struct source *s = source_of(p, source);

	if (p->on_cpu != NULL)
		p->on_cpu(p->arg, source->cpu, &s->pid, &s->tid);
}

void
pktrec_end(struct pktrec *p)
{
	struct source *s;

	if (p->state == NULL)
		return;
	for (s = p->state->source; s < p->state->source + SOURCES; s++) {
		free(s->frame);
		strbuf_free(&s->head);
	}
	hash_free(&p->state->missing);
	free(p->state);
	p->state = NULL;
}

/* --- parts of a line */

static int32_t
cpu_of(const struct pktrec *p, const struct csd_source *source)
{
	return p->cpu >= 0 && p->on_cpu == NULL ? p->cpu : source->cpu;
}

/* EL0 is a program, EL1 and EL2 the kernel, EL3 firmware. If the level is unknown, the address
 * decides: 64-bit kernels are in the upper half, 32-bit ones (3 to 1) above 0xbf000000. */
static enum stack_mode
mode_of(const struct pktrec *p, const struct csd_source *source, const struct csd_fields *f)
{
	bool v7 = source->protocol == CSD_ETMV3 || source->protocol == CSD_PTM;

	if (p->bare)
		return MODE_KERNEL;
	if (f->el >= 0)
		return f->el == 0 ? MODE_USER : f->el == 3 ? MODE_HV : MODE_KERNEL;
	return f->addr >= (v7 ? 0xbf000000 : 1ull << 63) ? MODE_KERNEL : MODE_USER;
}

/* The task changes with a context ID, or with what CONFIGR bits 7 and 15 make of the VMID:
 * CONTEXTIDR_EL2. */
static inline void
switch_task(const struct pktrec *p, struct source *s, const struct csd_source *source,
    const struct csd_fields *f)
{
	bool el2 = f->has_vmid && (source->reg[CSD_CONFIGR] & 0x8080) == 0x8080;

	if (p->task == NULL || (!f->has_contextid && !el2))
		return;
	p->task(p->arg, el2 ? f->vmid : f->contextid, &s->pid, &s->tid);
	strbuf_clear(&s->head);
}

static inline void
set_time(const struct pktrec *p, struct source *s, const struct csd_fields *f)
{
	int64_t t;

	if (!f->has_ts || p->time == NULL)
		return;
	t = p->time(p->arg, f->ts);
	s->t = t < 0 ? REC_NO_NS : t;
	strbuf_clear(&s->head);
}

/* Write at d: mostly only the last two digits differ from those of the line before. */
static char *
put_index(struct pktrec_state *t, char *d, uint64_t index)
{
	uint64_t rest = index - t->hundred;

	if (index < 100)
		return d + text_put_u64(d, index);
	if (rest >= 100) {
		rest = index % 100;
		t->hundred = index - rest;
		t->n_digits = text_put_u64(t->digits, index / 100);
	}
	memcpy(d, t->digits, sizeof t->digits);
	d += t->n_digits;
	*d++ = (char)('0' + rest / 10);
	*d++ = (char)('0' + rest % 10);
	return d;
}

static void
make_head(const struct pktrec *p, struct source *s, const struct csd_source *source)
{
	int32_t id[3] = { cpu_of(p, source), s->pid, s->tid };
	char *d = strbuf_reserve(&s->head, p->machine.n + ROOM);
	int i;

	*d++ = '\t';
	d = s->t == REC_NO_NS ? str_put(d, STR_NONE) : d + text_put_s64(d, s->t);
	*d++ = '\t';
	d = str_put(d, p->machine);
	for (i = 0; i < 3; i++) {
		*d++ = '\t';
		d = id[i] < 0 ? str_put(d, STR_NONE) : d + text_put_u64(d, (uint64_t)id[i]);
	}
	*d++ = '\t';
	d += text_put_hex(d, source->id);
	*d++ = '\t';
	s->head.n = (size_t)(d - s->head.p);
}

/* Start a record, up to the tab after its index, with room for n bytes more. */
static inline char *
begin_record(
    struct pktrec *p, struct str kind, const struct csd_source *source, uint64_t index, size_t n)
{
	struct source *s = source_of(p, source);
	char *d;

	if (s->head.n == 0)
		make_head(p, s, source);
	d = out_room(p->out, s->head.n + n + ROOM);
	d = str_put(str_put(d, kind), strbuf_str(&s->head));
	d = put_index(p->state, d, index);
	*d++ = '\t';
	return d;
}

static void
end_line(struct pktrec *p, char *d)
{
	*d++ = '\n';
	p->out->n = (size_t)(d - p->out->buf);
}

/* A mode, an address and the tab after them. */
static char *
put_addr(
    char *d, const struct pktrec *p, const struct csd_source *source, const struct csd_fields *f)
{
	if (!f->has_addr)
		return str_put(d, STR("-\t-\t"));
	d = str_put(d, stack_mode_name(mode_of(p, source, f)));
	*d++ = '\t';
	d += text_put_hex(d, f->addr);
	*d++ = '\t';
	return d;
}

static char *
put_info(char *d, const struct csd_fields *f)
{
	return str_put(d, f->n > 0 ? (struct str){ f->info, f->n } : STR_NONE);
}

static void
put_gap(struct pktrec *p, struct rec *r, uint64_t index, uint64_t bytes, const char *why)
{
	char what[256];

	if (p->lister || p->frames)
		return;
	snprintf(what, sizeof what, "trace at %llu: %s", (unsigned long long)index, why);
	r->kind = REC_GAP;
	r->t = p->t;
	r->machine = p->machine;
	r->gap.since = REC_NO_NS;
	r->gap.bytes = bytes;
	r->gap.what = str_of(what);
	rec_put(p->out, r);
}

static void
on_damage(void *arg, uint64_t index, uint64_t next, const char *why)
{
	struct pktrec *p = arg;
	struct rec r = { .cpu = p->cpu, .pid = p->pid, .tid = p->tid };

	if (p->damage != NULL)
		p->damage(p->arg, index, next, why);
	put_gap(p, &r, index, next - index, why);
}

static void
on_doubt(void *arg, uint64_t index, const char *what)
{
	const struct pktrec *p = arg;

	if (p->doubt != NULL)
		p->doubt(p->arg, index, what);
}

/* --- packets */

static void
put_packet(struct pktrec *p, const struct csd_packet *k)
{
	struct source *s = source_of(p, k->source);
	struct csd_fields f;
	char *d;

	if (k->class == CSD_END || (k->class == CSD_UNSYNCED && s->unsynced && !p->raw))
		return;
	s->unsynced = k->class == CSD_UNSYNCED;
	csd_fields(k, &f);
	switch_task(p, s, k->source, &f);
	set_time(p, s, &f);
	d = begin_record(p, STR("pkt"), k->source, k->index, f.n + 2 * k->nraw);
	d = str_put(d, f.type);
	*d++ = '\t';
	d = put_addr(d, p, k->source, &f);
	if (!k->suspect)
		d = put_info(d, &f);
	else if (f.n > 0)
		d = str_put(put_info(d, &f), STR(" suspect=1"));
	else
		d = str_put(d, STR("suspect=1"));
	*d++ = '\t';
	d = p->raw && k->nraw > 0 ? d + text_put_hex_bytes(d, k->raw, k->nraw)
				  : str_put(d, STR_NONE);
	end_line(p, d);
}

static char *
put_id(char *d, uint8_t id)
{
	return d + (id > 15 ? text_put_hex_bytes(d, &id, 1) : text_put_hex(d, id));
}

/* Without bytes, lists as OpenCSD's lister does without a full decode: only the first piece of
 * unsynchronised bytes, except for ETMv3 and STM. With bytes, as it does with a full decode. */
static void
put_packet_line(struct pktrec *p, const struct csd_packet *k)
{
	struct source *s = source_of(p, k->source);
	bool once = k->source->protocol != CSD_ETMV3 && k->source->protocol != CSD_STM;
	char *d = out_room(p->out, CSD_TEXT + 5 * k->nraw + ROOM);
	size_t i;

	if (k->class == CSD_UNSYNCED && s->unsynced && once && !p->raw)
		return;
	s->unsynced = k->class == CSD_UNSYNCED;
	if (k->class != CSD_END)
		d = str_put(put_index(p->state, str_put(d, STR("Idx:")), k->index), STR("; "));
	d = str_put(d, STR("ID:"));
	d = put_id(d, p->zero_id ? 0 : k->source->id);
	if (k->class == CSD_END) {
		end_line(p, str_put(d, STR("\tEND OF TRACE DATA")));
		return;
	}
	if (p->raw) {
		d = str_put(d, STR("; ["));
		for (i = 0; i < k->nraw; i++) {
			d = str_put(d, STR("0x"));
			d += text_put_hex_bytes(d, &k->raw[i], 1);
			*d++ = ' ';
		}
		*d++ = ']';
	}
	d = str_put(d, STR(";\t"));
	end_line(p, d + csd_text(k, d));
}

static void
put_bad(struct pktrec *p, const struct csd_packet *k)
{
	const struct source *s = source_of(p, k->source);
	struct rec r = { .cpu = cpu_of(p, k->source), .pid = s->pid, .tid = s->tid };

	put_gap(p, &r, k->index, k->nraw, "a bad packet, what follows is suspect");
}

static void
on_packet(void *arg, const struct csd_packet *k)
{
	struct pktrec *p = arg;

	if (k->loses)
		put_bad(p, k);
	if (!p->packets)
		return;
	if (p->lister)
		put_packet_line(p, k);
	else
		put_packet(p, k);
}

/* --- what ran */

static void
put_range(struct pktrec *p, const struct csd_element *x, const struct csd_fields *f)
{
	char *d = begin_record(p, STR("range"), x->source, x->index, f->n);

	d = put_addr(d, p, x->source, f);
	d += text_put_hex(d, x->end);
	*d++ = '\t';
	d += text_put_u64(d, x->n);
	*d++ = '\t';
	d = str_put(d, x->isa);
	*d++ = '\t';
	d = str_put(d, x->branch);
	d = str_put(d, x->taken ? STR("\tyes\t") : STR("\tno\t"));
	end_line(p, put_info(d, f));
}

static void
put_flow(struct pktrec *p, const struct csd_element *x, const struct csd_fields *f)
{
	char *d = begin_record(p, STR("flow"), x->source, x->index, f->n);

	d = str_put(d, f->type);
	*d++ = '\t';
	end_line(p, put_info(put_addr(d, p, x->source, f), f));
}

static void
put_element_line(struct pktrec *p, const struct csd_element *x)
{
	char *d = out_room(p->out, CSD_TEXT + ROOM);

	d = put_index(p->state, str_put(d, STR("Idx:")), x->index);
	d = put_id(str_put(d, STR("; ID:")), x->source->id);
	d = str_put(d, STR("; "));
	end_line(p, d + csd_element_text(x, d));
}

/* Count an element whose code is in no image. Returns whether its page is new to the buffer. */
static bool
is_new_page(struct pktrec *p, const struct csd_element *x)
{
	uint64_t pid = (uint64_t)source_of(p, x->source)->pid;
	uint64_t *times = hash_put(&p->state->missing, x->addr >> PAGE_BITS ^ pid << 52);

	p->n_missing++;
	p->n_pages += *times == 0;
	return (*times)++ == 0;
}

static void
push(struct source *s, uint64_t addr, bool kernel)
{
	if (s->frame == NULL)
		s->frame = mem_alloc(DEPTH * sizeof *s->frame);
	if (s->depth == DEPTH) {
		memmove(s->frame, s->frame + 1, (DEPTH - 1) * sizeof *s->frame);
		s->depth--;
	}
	s->frame[s->depth++] = (struct frame){ addr, kernel };
}

/* A range starts at addr: if a caller goes on there, it and those that it called are popped. */
static void
unwind(struct source *s, uint64_t addr)
{
	size_t i;

	for (i = s->depth; i-- > 0;)
		if (s->frame[i].addr == addr) {
			s->depth = i;
			return;
		}
}

/* The call stack of a range: its address, then where its callers go on. */
static struct str
stack_of(const struct source *s, enum stack_mode mode, uint64_t addr, char *begin)
{
	char *d = str_put(begin, stack_mode_name(mode));
	enum stack_mode last = mode;
	size_t i;

	*d++ = ';';
	d += text_put_hex(d, addr);
	for (i = s->depth; i-- > 0; last = mode) {
		*d++ = ';';
		mode = s->frame[i].kernel ? MODE_KERNEL : MODE_USER;
		if (mode != last) {
			d = str_put(d, stack_mode_name(mode));
			*d++ = ';';
		}
		d += text_put_hex(d, s->frame[i].addr);
	}
	return (struct str){ begin, (size_t)(d - begin) };
}

static void
put_sample(struct pktrec *p, struct source *s, const struct csd_element *x, enum stack_mode mode)
{
	char ip[TEXT_NUMBER], stack[(DEPTH + 1) * 24];
	struct rec r = { .kind = REC_SAMPLE,
		.t = s->t == REC_NO_NS ? 0 : s->t,
		.machine = p->machine,
		.cpu = cpu_of(p, x->source),
		.pid = s->pid,
		.tid = s->tid };

	r.sample.event = STR("instructions");
	r.sample.period = x->n;
	r.sample.mode = stack_mode_name(mode);
	r.sample.ip = (struct str){ ip, text_put_hex(ip, x->addr) };
	r.sample.info = STR_NONE;
	r.sample.stack = stack_of(s, mode, x->addr, stack);
	rec_put(p->out, &r);
}

static bool
branches_as(const struct csd_element *x, struct str a, struct str b)
{
	return x->taken && (str_eq(x->branch, a) || str_eq(x->branch, b));
}

/* Follow the call stack; a range is a sample. */
static void
put_branch(struct pktrec *p, const struct csd_element *x, const struct csd_fields *f)
{
	struct source *s = source_of(p, x->source);
	enum stack_mode mode = mode_of(p, x->source, f);

	if (x->flow == CSD_RANGE) {
		if (s->returning)
			unwind(s, x->addr);
		put_sample(p, s, x, mode);
		s->returning = branches_as(x, STR("return"), STR("eret"));
		if (branches_as(x, STR("call"), STR("indirect-call")))
			push(s, x->end, mode == MODE_KERNEL);
	} else if (x->flow == CSD_EXCEPTION && x->has_addr) {
		push(s, x->addr, mode == MODE_KERNEL);
	} else if (x->flow == CSD_TRACE_ON || x->flow == CSD_NO_SYNC) {
		s->depth = 0;
	} else if (x->flow == CSD_EXCEPTION_RETURN || x->flow == CSD_NO_ACCESS) {
		s->returning = true; /* unknown code may return, too */
	}
}

static void
on_element(void *arg, const struct csd_element *x)
{
	struct pktrec *p = arg;
	struct source *s = source_of(p, x->source);
	bool repeated = x->flow == CSD_NO_ACCESS && !is_new_page(p, x);
	int32_t tid = s->tid;
	struct csd_fields f;

	if (!p->lister || x->flow == CSD_CONTEXT)
		csd_element_fields(x, &f);
	if (!p->lister)
		set_time(p, s, &f);
	if (x->flow == CSD_CONTEXT)
		switch_task(p, s, x->source, &f);
	if (s->tid != tid)
		s->depth = 0; /* another task's stack is unknown */
	if (p->lister)
		put_element_line(p, x);
	else if (p->branches)
		put_branch(p, x, &f);
	else if (x->flow == CSD_RANGE)
		put_range(p, x, &f);
	else if (!repeated)
		put_flow(p, x, &f);
}

static size_t
on_memory(void *arg, const struct csd_source *source, uint64_t addr, unsigned space, uint8_t *buf,
    size_t n)
{
	struct pktrec *p = arg;

	if (p->memory == NULL)
		return 0;
	return p->memory(p->arg, source_of(p, source)->pid, space, addr, buf, n);
}

/* --- frames, as OpenCSD's raw frame printer prints them */

/* "Frame Data; Index     16; what; " and the bytes, 16 a line. */
static void
put_frame(struct pktrec *p, uint64_t index, struct str what, const uint8_t *bytes, size_t n)
{
	char digits[TEXT_NUMBER], *d = out_room(p->out, ROOM + 4 * n);
	size_t i, width = text_put_u64(digits, index);

	d = str_put(d, STR("Frame Data; Index"));
	for (i = width; i < 7; i++)
		*d++ = ' ';
	memcpy(d, digits, width);
	d = str_put(d + width, what);
	for (i = 0; i < n; i++) {
		if (i > 0 && i % FRAME_LINE == 0)
			*d++ = '\n';
		d += text_put_hex_bytes(d, &bytes[i], 1);
		*d++ = ' ';
	}
	end_line(p, d);
}

/* Syncs between frames are printed with the frame that follows. */
static void
on_frame(void *arg, uint64_t index, const uint8_t *bytes, size_t n, bool sync)
{
	struct pktrec *p = arg;
	struct pktrec_state *t = p->state;

	if (sync && n == FRAME_LINE) {
		put_frame(p, index, STR(";         FSYNC; "), bytes, n);
		return;
	}
	if (t->n_frame + n > sizeof t->frame) {
		put_frame(p, index - t->n_frame, STR(";         FSYNC; "), t->frame, t->n_frame);
		t->n_frame = 0;
	}
	memcpy(t->frame + t->n_frame, bytes, n);
	t->n_frame += n;
	if (sync)
		return;
	put_frame(p, index - (t->n_frame - n), STR(";    RAW_PACKED; "), t->frame, t->n_frame);
	t->n_frame = 0;
}

static void
on_bytes(void *arg, uint64_t index, uint8_t id, const uint8_t *bytes, size_t n)
{
	char what[] = ";   ID_DATA[????]; ";

	if (id != CSD_NO_ID)
		text_put_hex_bytes(str_put(what + 12, STR("0x")), &id, 1);
	put_frame(arg, index, STR(what), bytes, n);
}

struct csd_handler
pktrec_handler(struct pktrec *p)
{
	return (struct csd_handler){ .arg = p,
		.packet = on_packet,
		.damage = on_damage,
		.doubt = on_doubt,
		.element = p->decode ? on_element : NULL,
		.memory = on_memory,
		.frame = p->frames ? on_frame : NULL,
		.bytes = p->frames ? on_bytes : NULL };
}

void
pktrec_stats(const struct csd *c, char *d, size_t n)
{
	const struct csd_stats *s = csd_stats(c);
	size_t k;
	int id;

	k = (size_t)snprintf(d, n,
	    "bytes=%llu packets=%llu unsynced=%llu bad=%llu suspect=%llu overflows=%llu "
	    "barriers=%llu undecodable=%llu",
	    (unsigned long long)s->bytes, (unsigned long long)s->packets,
	    (unsigned long long)s->unsynced, (unsigned long long)s->bad,
	    (unsigned long long)s->suspect, (unsigned long long)s->overflows,
	    (unsigned long long)s->barriers, (unsigned long long)s->faults);
	for (id = 1; id < 0x70 && k < n; id++)
		if (s->trace[id] > 0)
			k += (size_t)snprintf(d + k, n - k, " id_%x%s=%llu", (unsigned)id,
			    csd_knows(c, (uint8_t)id) ? "" : "_no_decoder",
			    (unsigned long long)s->trace[id]);
	if (s->no_id > 0 && k < n)
		snprintf(d + k, n - k, " no_id=%llu", (unsigned long long)s->no_id);
}
