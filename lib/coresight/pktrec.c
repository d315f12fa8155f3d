/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pktrec.h"
#include "rec/stack.h"

enum { HEAD = 128 /* more than the kind and six numbers take */ };

static const char *
layout_name(enum csd_layout layout)
{
	static const char *const names[] = { [CSD_SINGLE] = "single",
		[CSD_FRAMES] = "frames",
		[CSD_FSYNC] = "fsync",
		[CSD_HSYNC] = "hsync",
		[CSD_DSTREAM] = "dstream" };

	return names[layout];
}

void
pktrec_begin(
    struct pktrec *p, const char *name, enum csd_layout layout, uint64_t offset, uint64_t size)
{
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = p->machine };
	char value[512], escaped[4 * sizeof value];
	int i;

	for (i = 0; i < 128; i++) {
		p->source[i].pid = p->pid;
		p->source[i].tid = p->tid;
		p->source[i].unsynced = false;
		p->source[i].n_head = 0;
		p->source[i].depth = 0;
		p->source[i].returning = false;
	}
	p->n_frame = 0;
	hash_free(&p->missing);
	if (p->lister || p->frames)
		return;
	snprintf(value, sizeof value, "%.400s size=%llu layout=%s offset=%llu", name,
	    (unsigned long long)size, layout_name(layout), (unsigned long long)offset);
	r.meta.key = STR("coresight-buffer");
	r.meta.value = (struct str){ escaped, text_escape(escaped, value, strlen(value), "") };
	rec_put(p->out, &r);
}

void
pktrec_add(struct pktrec *p, const struct csd_source *source)
{
	struct pktrec_source *s = &p->source[source->id & 127];

	if (p->on_cpu != NULL)
		p->on_cpu(p->arg, source->cpu, &s->pid, &s->tid);
}

int32_t
pktrec_cpu(const struct pktrec *p, const struct csd_source *source)
{
	return p->cpu >= 0 && p->on_cpu == NULL ? p->cpu : source->cpu;
}

void
pktrec_head(struct pktrec *p, struct pktrec_source *s, const struct csd_source *source)
{
	struct out o = { .buf = NULL, .cap = p->machine.n + HEAD };
	int32_t id[3] = { pktrec_cpu(p, source), s->pid, s->tid };
	int i;

	s->head = o.buf = mem_resize(s->head, o.cap, 1);
	out_char(&o, '\t');
	if (p->t == REC_NO_NS)
		out_char(&o, '-');
	else
		out_s64(&o, p->t);
	out_char(&o, '\t');
	out_str(&o, p->machine);
	for (i = 0; i < 3; i++) {
		out_char(&o, '\t');
		if (id[i] >= 0)
			out_u64(&o, (uint64_t)id[i]);
		else
			out_char(&o, '-');
	}
	out_char(&o, '\t');
	out_hex(&o, source->id);
	out_char(&o, '\t');
	s->n_head = o.n;
}

/* From line to line mostly the last two digits change. */
char *
pktrec_index(struct pktrec *p, char *d, uint64_t index)
{
	uint64_t rest = index - p->hundred;

	if (index < 100)
		return d + text_put_u64(d, index);
	if (rest >= 100) {
		rest = index % 100;
		p->hundred = index - rest;
		p->n_digits = text_put_u64(p->digits, index / 100);
	}
	memcpy(d, p->digits, sizeof p->digits);
	d += p->n_digits;
	*d++ = (char)('0' + rest / 10);
	*d++ = (char)('0' + rest % 10);
	return d;
}

/* EL0 is a program, EL1 and EL2 the kernel, EL3 firmware. Where the level is not known, the address
 * tells: 64 bit kernels are above the middle, 32 bit ones (3 to 1) above 0xbf000000. */
enum stack_mode
pktrec_mode(const struct pktrec *p, const struct csd_source *source, const struct csd_fields *f)
{
	bool v7 = source->protocol == CSD_ETMV3 || source->protocol == CSD_PTM;

	if (p->bare)
		return MODE_KERNEL;
	if (f->el >= 0)
		return f->el == 0 ? MODE_USER : f->el == 3 ? MODE_HV : MODE_KERNEL;
	return f->addr >= (v7 ? 0xbf000000 : 1ull << 63) ? MODE_KERNEL : MODE_USER;
}

/* A context id, or what CONFIGR bits 7 and 15 make of the VMID: CONTEXTIDR_EL2. */
void
pktrec_switch(struct pktrec *p, struct pktrec_source *s, const struct csd_source *source,
    const struct csd_fields *f)
{
	bool el2 = f->has_vmid && (source->reg[CSD_CONFIGR] & 0x8080) == 0x8080;

	if (p->task == NULL || (!f->has_contextid && !el2))
		return;
	p->task(p->arg, el2 ? f->vmid : f->contextid, &s->pid, &s->tid);
	s->n_head = 0;
}

static char *
put_raw(char *d, const struct csd_packet *k)
{
	size_t i;

	for (i = 0; i < k->nraw; i++) {
		*d++ = "0123456789abcdef"[k->raw[i] >> 4];
		*d++ = "0123456789abcdef"[k->raw[i] & 15];
	}
	return d;
}

static char *
put_fields(char *d, const struct pktrec *p, const struct csd_packet *k, const struct csd_fields *f)
{
	d = str_put(d, f->type);
	*d++ = '\t';
	if (f->has_addr) {
		d = str_put(d, stack_mode_name(pktrec_mode(p, k->source, f)));
		*d++ = '\t';
		d += text_put_hex(d, f->addr);
		*d++ = '\t';
	} else {
		d = str_put(d, STR("-\t-\t"));
	}
	d = str_put(d, (struct str){ f->info, f->n });
	if (k->suspect)
		d = str_put(d, f->n > 0 ? STR(" suspect=1") : STR("suspect=1"));
	else if (f->n == 0)
		*d++ = '-';
	*d++ = '\t';
	if (!p->raw || k->nraw == 0)
		*d++ = '-';
	else
		d = put_raw(d, k);
	*d++ = '\n';
	return d;
}

static void
put_record(struct pktrec *p, const struct csd_packet *k)
{
	struct pktrec_source *s = &p->source[k->source->id & 127];
	struct csd_fields f;
	char *d;

	if (k->class == CSD_END || (k->class == CSD_UNSYNCED && s->unsynced && !p->raw))
		return;
	s->unsynced = k->class == CSD_UNSYNCED;
	csd_fields(k, &f);
	pktrec_switch(p, s, k->source, &f);
	if (s->n_head == 0)
		pktrec_head(p, s, k->source);
	d = out_room(p->out, s->n_head + sizeof f.info + 2 * k->nraw + 128);
	d = str_put(d, STR("pkt"));
	d = str_put(d, (struct str){ s->head, s->n_head });
	d = pktrec_index(p, d, k->index);
	*d++ = '\t';
	d = put_fields(d, p, k, &f);
	p->out->n = (size_t)(d - p->out->buf);
}

static char *
put_raw_line(char *d, const struct csd_packet *k)
{
	size_t i;

	d = str_put(d, STR("; ["));
	for (i = 0; i < k->nraw; i++) {
		d = str_put(d, STR("0x"));
		*d++ = "0123456789abcdef"[k->raw[i] >> 4];
		*d++ = "0123456789abcdef"[k->raw[i] & 15];
		*d++ = ' ';
	}
	*d++ = ']';
	return d;
}

static char *
put_id(char *d, uint8_t id)
{
	if (id > 15)
		*d++ = "0123456789abcdef"[id >> 4];
	*d++ = "0123456789abcdef"[id & 15];
	return d;
}

/* As the peers' listings without a full decode have it: of the bytes that are not in step only the
 * first are told, but for ETMv3 and STM. With the bytes, as those with one have it. */
static void
put_line(struct pktrec *p, const struct csd_packet *k)
{
	struct pktrec_source *s = &p->source[k->source->id & 127];
	bool once = k->source->protocol != CSD_ETMV3 && k->source->protocol != CSD_STM;
	char *d = out_room(p->out, CSD_TEXT + 5 * k->nraw + HEAD);

	if (k->class == CSD_UNSYNCED && s->unsynced && once && !p->raw)
		return;
	s->unsynced = k->class == CSD_UNSYNCED;
	if (k->class != CSD_END) {
		d = str_put(d, STR("Idx:"));
		d = pktrec_index(p, d, k->index);
		d = str_put(d, STR("; "));
	}
	d = str_put(d, STR("ID:"));
	d = put_id(d, p->zero_id ? 0 : k->source->id);
	if (k->class == CSD_END) {
		d = str_put(d, STR("\tEND OF TRACE DATA\n"));
	} else {
		d = p->raw ? put_raw_line(d, k) : d;
		d = str_put(d, STR(";\t"));
		d += csd_text(k, d);
		*d++ = '\n';
	}
	p->out->n = (size_t)(d - p->out->buf);
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
put_bad(struct pktrec *p, const struct csd_packet *k)
{
	const struct pktrec_source *s = &p->source[k->source->id & 127];
	struct rec r = { .cpu = pktrec_cpu(p, k->source), .pid = s->pid, .tid = s->tid };

	put_gap(p, &r, k->index, k->nraw, "a bad packet, what follows is suspect");
}

static void
on_packet(void *arg, const struct csd_packet *k)
{
	struct pktrec *p = arg;

	if (k->loses)
		put_bad(p, k);
	if (p->decode)
		return;
	if (p->lister)
		put_line(p, k);
	else if (!p->frames)
		put_record(p, k);
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

void
pktrec_end(struct pktrec *p)
{
	int i;

	for (i = 0; i < 128; i++) {
		free(p->source[i].head);
		free(p->source[i].frame);
	}
	hash_free(&p->missing);
}

struct csd_handler
pktrec_handler(struct pktrec *p)
{
	return (struct csd_handler){ .arg = p,
		.packet = on_packet,
		.damage = on_damage,
		.element = p->decode ? pktrec_element : NULL,
		.memory = pktrec_memory,
		.frame = p->frames ? pktrec_frame : NULL,
		.bytes = p->frames ? pktrec_bytes : NULL };
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
