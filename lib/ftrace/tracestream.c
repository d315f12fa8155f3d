/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "tracestream.h"

#define MAGIC UINT32_C(0x67617476)
#define FRAME_META UINT32_C(0xffffffff)
#define FRAME_LINES UINT32_C(0xfffffffe)

enum { LINES_MOST = 1 << 20 };

/* A frame of pages: where it is in the file and in the pages of its CPU. */
struct frame {
	uint64_t at, from, size;
};

struct tracestream_cpu {
	struct tracestream *stream;
	uint32_t number;
	struct frame *frame;
	size_t n, cap;
	uint64_t size;
	size_t current; /* the frame that is read */
	uint64_t used;  /* bytes of it */
	bool failed;
};

static bool
is_magic(const void *p, bool big)
{
	struct bytes b = bytes_of(p, 4, big);

	return bytes_u32(&b) == MAGIC;
}

bool
tracestream_is(const void *p, size_t n)
{
	return n >= TRACESTREAM_HEADER && (is_magic(p, false) || is_magic(p, true));
}

static bool
bad(struct tracestream *s, const char *why)
{
	return input_fault(s->in, &s->fault, why);
}

static struct tracestream_cpu *
cpu_of(struct tracestream *s, uint32_t number)
{
	uint64_t *at = hash_put(&s->index, number);

	if (*at == 0) {
		s->cpu = mem_grow(s->cpu, s->n, &s->cap, sizeof *s->cpu);
		s->cpu[s->n] = (struct tracestream_cpu){ .stream = s, .number = number };
		*at = ++s->n;
	}
	return &s->cpu[*at - 1];
}

static void
add_frame(struct tracestream *s, uint32_t number, uint64_t size)
{
	struct tracestream_cpu *c = cpu_of(s, number);

	c->frame = mem_grow(c->frame, c->n, &c->cap, sizeof *c->frame);
	c->frame[c->n++] = (struct frame){ s->in->offset, c->size, size };
	c->size += size;
}

static bool
add_lines(struct tracestream *s, struct tracedesc *d, uint64_t size)
{
	if (size > LINES_MOST)
		return bad(s, "a frame of lines is too long");
	if (input_fill(s->in, (size_t)size) < size)
		return false;
	tracedesc_lines(d, (struct str){ (const char *)input_at(s->in), (size_t)size });
	return true;
}

/* Use the frame of this kind and size that starts in the window. Its end may be missing. */
static bool
add_any(struct tracestream *s, struct tracedesc *d, uint32_t what, uint64_t size)
{
	uint64_t left = s->in->size - s->in->offset, end = s->in->offset + size;

	if (what == FRAME_META) {
		if (!tracedesc_archive(d, s->in, size < left ? size : left))
			fault_set(&s->fault, "%s", s->in->fault.text);
	} else if (what == FRAME_LINES) {
		if (!add_lines(s, d, size < left ? size : left))
			return false;
	} else if (what >= FTRACEREC_CPUS) {
		return bad(s, "a frame of an impossible CPU");
	} else if (size > 0) {
		add_frame(s, what, size < left ? size : left);
	}
	return size <= left && input_seek(s->in, end);
}

bool
tracestream_open(struct tracestream *s, struct input *in, struct tracedesc *d)
{
	struct bytes b;
	uint32_t what;
	size_t n;

	s->in = in;
	if (!input_spool(in))
		return fault_set(&s->fault, "%s", in->fault.text);
	if (input_fill(in, TRACESTREAM_HEADER) >= TRACESTREAM_HEADER)
		d->big = is_magic(input_at(in), true);
	while ((n = input_fill(in, TRACESTREAM_HEADER)) >= TRACESTREAM_HEADER) {
		b = bytes_of(input_at(in), TRACESTREAM_HEADER, d->big);
		if (bytes_u32(&b) != MAGIC) {
			bad(s, "not the start of a frame");
			break;
		}
		what = bytes_u32(&b);
		input_take(in, TRACESTREAM_HEADER);
		if (!add_any(s, d, what, bytes_u64(&b)))
			break;
	}
	if (fault_is(&in->fault))
		fault_set(&s->fault, "%s", in->fault.text);
	else if (n != 0 || !d->done)
		bad(s, "the stream is cut short");
	return d->formats.n > 0 || bad(s, "the stream has no formats of events");
}

/* --- pages */

static size_t
read_page(void *arg, void *page, size_t n)
{
	struct tracestream_cpu *c = arg;
	const struct frame *f = &c->frame[c->current];

	if (c->failed || c->current == c->n)
		return 0;
	n = f->size - c->used < n ? (size_t)(f->size - c->used) : n;
	if (!input_read_at(c->stream->in, f->at + c->used, page, n)) {
		bad(c->stream, "the file cannot be read");
		c->failed = true;
		return 0;
	}
	c->used += n;
	if (c->used == f->size) {
		c->current++;
		c->used = 0;
	}
	return n;
}

static void
damage(void *arg, uint64_t offset, size_t bytes, const char *why)
{
	struct tracestream_cpu *c = arg;
	struct tracestream *s = c->stream;
	struct fault text = { "" };
	size_t low = 0, high = c->n, mid;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (c->frame[mid].from <= offset)
			low = mid;
		else
			high = mid;
	}
	fault_set(&text, "%s@0x%llx%s: CPU %u: %s: %zu bytes are lost", s->in->name,
	    (unsigned long long)(c->frame[low].at + offset - c->frame[low].from), input_how(s->in),
	    c->number, why, bytes);
	fault_set(&s->fault, "%s", text.text);
	s->note(s->arg, "damaged pages", text.text);
}

void
tracestream_add(struct tracestream *s, struct ftracerec *rec, const struct ringlayout *layout)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		ftracerec_add(rec, (int32_t)s->cpu[i].number, layout,
		    &(struct ringsource){ read_page, damage, &s->cpu[i], s->cpu[i].size });
}

void
tracestream_close(struct tracestream *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->cpu[i].frame);
	free(s->cpu);
	hash_free(&s->index);
}
