/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/gz.h"
#include "base/mem.h"
#include "base/perfmagic.h"
#include "base/zstd.h"
#include "perf/evinfo.h"
#include "tracedat.h"

enum {
	MAGIC = 10,
	SECTION_HEADER = 16,
	CPUS = 1 << 16,
	SECTIONS = 1 << 16,
	SECTION_MOST = 1 << 28,
	CHUNK_MOST = 1 << 26,
	GUEST_NAME = 64, /* bytes */
	PART = 256,
	PARTS_LEAST = 64 * 1024,
	PACKED = 1
};

enum option {
	OPTION_DONE,
	OPTION_DATE,
	OPTION_CPUSTAT,
	OPTION_BUFFER,
	OPTION_TRACECLOCK,
	OPTION_UNAME,
	OPTION_HOOK,
	OPTION_OFFSET,
	OPTION_CPUCOUNT,
	OPTION_VERSION,
	OPTION_PROCMAPS,
	OPTION_TRACEID,
	OPTION_TIME_SHIFT,
	OPTION_GUEST,
	OPTION_TSC2NSEC,
	OPTION_STRINGS,
	OPTION_HEADER_INFO,
	OPTION_FTRACE_EVENTS,
	OPTION_EVENT_FORMATS,
	OPTION_KALLSYMS,
	OPTION_PRINTK,
	OPTION_CMDLINES,
	OPTION_BUFFER_TEXT,
	OPTION_COUNT
};

/* The pages of one CPU in one buffer. */
struct cpu {
	uint32_t number;
	uint64_t offset, size; /* in the file */
};

/* The top-level buffer, or that of an instance. */
struct tracedat_buffer {
	char *name;  /* "" for the top-level one */
	char *clock; /* NULL: that of the file */
	size_t page;
	bool packed;       /* its pages come in compressed chunks */
	uint64_t at;       /* of its table of CPUs, if that is not read yet (version 6) */
	uint32_t expected; /* the number of CPUs in it */
	struct cpu *cpu;
	size_t n;
};

/* A correction of time, valid from a time on. */
struct shift {
	uint64_t from;
	int64_t offset;
	uint64_t scaling;
	unsigned fraction;
};

struct tracedat_clock {
	int64_t offset;      /* of OFFSET or DATE */
	uint32_t mult, bits; /* of TSC2NSEC: ns = (tsc * mult >> bits) + base */
	uint64_t base;
	bool has_tsc, shifted, shift_wanted, interpolate;
	struct shift **shift; /* of each CPU, ended by a scaling of 0 */
	size_t *nshift, ncpu;
};

/* The pages of a CPU while they are read. */
struct tracedat_source {
	struct tracedat *dat;
	const struct cpu *cpu;
	uint64_t at, end; /* in the file */
	bool packed, failed;
	uint32_t chunks; /* that are left */
	struct strbuf chunk;
	size_t used; /* bytes of it */
	struct zstd *zstd;
};

static bool
bad(struct tracedat *d, const char *why)
{
	return input_fault(d->in, &d->fault, why);
}

/* The next n bytes of the section or of the file; NULL with the fault set if it ends before. */
static const uint8_t *
take(struct tracedat *d, uint64_t n)
{
	const uint8_t *p;

	if (d->in_section) {
		if (n > bytes_left(&d->section)) {
			bad(d, "a section is cut short");
			return NULL;
		}
		return bytes_take(&d->section, (size_t)n);
	}
	if (n > SECTION_MOST || input_fill(d->in, (size_t)n) < n) {
		bad(d, "the file is cut short");
		return NULL;
	}
	p = input_at(d->in);
	input_take(d->in, (size_t)n);
	return p;
}

/* Account for n bytes of the description at a place that the file gives. Together such parts are no
 * larger than the file unless they overlap. To go to each of them takes time, so it counts. */
static bool
describe(struct tracedat *d, uint64_t n)
{
	if (n > UINT64_MAX - PART || n + PART > d->in->size + PARTS_LEAST - d->described)
		return bad(d, "parts of the description overlap, or are longer than the file");
	d->described += n + PART;
	return true;
}

/* --- the parts of the description */

static uint64_t
take_number(struct tracedat *d, size_t size)
{
	const uint8_t *p = take(d, size);
	struct bytes b;

	if (p == NULL)
		return 0;
	b = bytes_of(p, size, d->desc->big);
	return size == 8 ? bytes_u64(&b) : size == 4 ? bytes_u32(&b) : bytes_u16(&b);
}

/* Read a text whose length is a number of this size, and give it a path below the tracing folder.
 */
static bool
take_file(struct tracedat *d, size_t size, const char *path)
{
	uint64_t n = take_number(d, size);
	const uint8_t *p = fault_is(&d->fault) ? NULL : take(d, n);

	if (p == NULL)
		return false;
	if (path != NULL)
		tracedesc_add(d->desc, path, (const char *)p, (size_t)n);
	return true;
}

static bool
take_word(struct tracedat *d, const char *word, size_t n)
{
	const uint8_t *p = take(d, n);

	return p != NULL && (memcmp(p, word, n) == 0 || bad(d, "an unexpected part of the file"));
}

/* Read a NUL-terminated name. */
static bool
take_name(struct tracedat *d, struct strbuf *b)
{
	const uint8_t *p;

	strbuf_clear(b);
	do {
		if ((p = take(d, 1)) == NULL)
			return false;
		strbuf_putc(b, (char)*p);
	} while (*p != '\0' && b->n < EVFORMAT_NAME);
	return *p == '\0' || bad(d, "a name is too long");
}

static bool
take_formats(struct tracedat *d, const char *system)
{
	uint64_t n = take_number(d, 4);
	struct strbuf path = { 0 };
	bool good = true;

	strbuf_add(&path, STR("events/"));
	strbuf_add(&path, str_of(system));
	strbuf_add_bytes(&path, "/x/format", sizeof "/x/format");
	for (; good && n > 0 && !fault_is(&d->fault); n--)
		good = take_file(d, 8, path.p);
	strbuf_free(&path);
	return good && !fault_is(&d->fault);
}

static bool
take_systems(struct tracedat *d)
{
	uint64_t n = take_number(d, 4);
	struct strbuf name = { 0 };
	bool good = !fault_is(&d->fault);

	for (; good && n > 0; n--)
		good = take_name(d, &name) && take_formats(d, name.p);
	strbuf_free(&name);
	return good;
}

/* --- options */

/* Keep a fact for a meta record: a key and numbers, each followed by the word after it. */
static void
add_fact(struct tracedat *d, const char *key, uint64_t number)
{
	strbuf_add(&d->facts, str_of(key));
	strbuf_putc(&d->facts, ' ');
	d->facts.n += text_put_u64(strbuf_reserve(&d->facts, TEXT_NUMBER), number);
}

/* Add a number, written as text in this unit (in ns), to the offset of all times. */
static void
add_offset(struct tracedat *d, struct bytes b, bool hex, int64_t unit)
{
	size_t n;
	const char *s = bytes_string(&b, &n), *end = s + n;
	bool minus = n > 0 && *s == '-';
	uint64_t v = 0;
	int64_t ns;

	s += minus;
	if (hex && end - s > 2 && s[0] == '0' && s[1] == 'x')
		s = text_hex(s + 2, end, &v);
	else
		s = text_u64(s, end, &v);
	if (s == NULL || v > INT64_MAX ||
	    __builtin_mul_overflow(minus ? -(int64_t)v : (int64_t)v, unit, &ns) ||
	    __builtin_add_overflow(d->clock->offset, ns, &ns))
		return;
	d->clock->offset = ns;
}

static struct tracedat_buffer *
add_buffer(struct tracedat *d, char *name)
{
	d->buffer = mem_grow(d->buffer, d->nbuffers, &d->cap_buffers, sizeof *d->buffer);
	d->buffer[d->nbuffers] = (struct tracedat_buffer){ .name = name, .page = d->desc->page };
	return &d->buffer[d->nbuffers++];
}

/* The places of the CPUs' pages: NUMBER times offset and size, after the CPU itself if it is there.
 */
static void
set_cpus(struct tracedat_buffer *buffer, struct bytes *b, uint32_t n, bool numbered)
{
	size_t each = numbered ? 20 : 16;
	uint32_t i;

	if (n > CPUS || bytes_left(b) / each < n) {
		bytes_spoil(b);
		return;
	}
	buffer->cpu = mem_alloc((n + 1) * sizeof *buffer->cpu);
	buffer->n = n;
	for (i = 0; i < n; i++) {
		buffer->cpu[i].number = numbered ? bytes_u32(b) : i;
		buffer->cpu[i].offset = bytes_u64(b);
		buffer->cpu[i].size = bytes_u64(b);
	}
}

/* A buffer of version 6: its table comes later, by default with as many CPUs as the file has. */
static void
expect_buffer(struct tracedat *d, struct bytes b)
{
	uint64_t at = bytes_u64(&b);
	size_t n;
	const char *name = bytes_string(&b, &n);
	struct tracedat_buffer *buffer = add_buffer(d, mem_copy(name, n));

	buffer->at = at;
	buffer->expected = d->buffer[0].expected;
}

/* A buffer of version 7: where its section is, its name and clock, its CPUs. */
static void
set_buffer(struct tracedat *d, struct bytes b)
{
	uint64_t at = bytes_u64(&b);
	size_t n;
	const char *s = bytes_string(&b, &n);
	struct tracedat_buffer *buffer = add_buffer(d, mem_copy(s, n));
	uint32_t page;
	uint8_t head[SECTION_HEADER];
	struct bytes h = bytes_of(head, sizeof head, d->desc->big);

	s = bytes_string(&b, &n);
	buffer->clock = mem_copy(s, n);
	page = bytes_u32(&b);
	if (page >= RINGPAGE_LEAST && page <= RINGPAGE_MOST)
		buffer->page = page;
	set_cpus(buffer, &b, bytes_u32(&b), true);
	if (bytes_bad(&b) || !input_read_at(d->in, at, head, sizeof head)) {
		bad(d, "a buffer's option is cut short");
		return;
	}
	bytes_u16(&h);
	buffer->packed = (bytes_u16(&h) & PACKED) != 0;
}

/* The samples of one CPU: n times, n offsets, n scalings. */
static void
set_cpu_shift(struct tracedat_clock *c, size_t cpu, struct bytes *b)
{
	uint32_t n = bytes_u32(b), i;
	struct shift *s;

	if (bytes_bad(b) || bytes_left(b) / 24 < n) {
		bytes_spoil(b);
		return;
	}
	s = c->shift[cpu] = mem_alloc((n + 1) * sizeof *s);
	c->nshift[cpu] = n;
	for (i = 0; i < n; i++)
		s[i].from = bytes_u64(b);
	for (i = 0; i < n; i++)
		s[i].offset = (int64_t)bytes_u64(b);
	for (i = 0; i < n; i++)
		s[i].scaling = bytes_u64(b);
}

static void
set_time_shift(struct tracedat *d, struct bytes b)
{
	struct tracedat_clock *c = d->clock;
	uint32_t flags, cpus, i, j;

	bytes_u64(&b);
	flags = bytes_u32(&b);
	cpus = bytes_u32(&b);
	if (c->shifted || bytes_bad(&b) || cpus > CPUS || bytes_left(&b) / 4 < cpus)
		return;
	c->shifted = true;
	c->interpolate = (flags & 1) != 0;
	c->shift = mem_alloc((cpus + 1) * sizeof *c->shift);
	c->nshift = mem_alloc((cpus + 1) * sizeof *c->nshift);
	c->ncpu = cpus;
	for (i = 0; i < cpus; i++)
		set_cpu_shift(c, i, &b);
	for (i = 0; i < cpus; i++) /* newer files: the scaling's fraction bits */
		for (j = 0; j < c->nshift[i]; j++) {
			if (bytes_left(&b) >= 8)
				c->shift[i][j].fraction = (unsigned)bytes_u64(&b) & 63;
		}
}

static void
set_tsc(struct tracedat *d, struct bytes b)
{
	struct tracedat_clock *c = d->clock;

	c->mult = bytes_u32(&b);
	c->bits = bytes_u32(&b);
	c->base = bytes_u64(&b);
	c->has_tsc = !bytes_bad(&b) && c->mult != 0 && c->bits < 64;
	if (!c->has_tsc)
		return;
	d->desc->converted = true;
	add_fact(d, "clock_to_ns (t *", c->mult);
	add_fact(d, " >>", c->bits);
	add_fact(d, ") +", c->base);
	strbuf_putc(&d->facts, '\n');
}

static void
add_number(struct strbuf *b, uint64_t v)
{
	b->n += text_put_u64(strbuf_reserve(b, TEXT_NUMBER), v);
	strbuf_putc(b, ' ');
}

/* A guest: which tasks of this machine are its CPUs. Zero is no task. */
static void
set_guest(struct tracedat *d, struct bytes b)
{
	size_t n;
	const char *name = bytes_string(&b, &n), *eol = memchr(name, '\n', n);
	struct strbuf *vcpus = &d->desc->vcpus;
	uint32_t cpus, cpu, task;

	n = eol != NULL ? (size_t)(eol - name) : n;
	n = n < GUEST_NAME ? n : GUEST_NAME; /* it is repeated */
	bytes_u64(&b);
	cpus = bytes_u32(&b);
	for (; cpus > 0 && bytes_left(&b) >= 8; cpus--) {
		cpu = bytes_u32(&b);
		task = bytes_u32(&b);
		if (task == 0 || task > INT32_MAX || cpu > INT32_MAX)
			continue;
		add_number(vcpus, task);
		add_number(vcpus, cpu);
		strbuf_add_bytes(vcpus, name, n);
		strbuf_putc(vcpus, '\n');
	}
}

/* The last word is the architecture, as uname -m prints it. */
static void
set_uname(struct tracedat *d, struct bytes b)
{
	size_t n;
	const char *name = bytes_string(&b, &n);
	const char *word = n == 0 ? NULL : memrchr(name, ' ', n);

	if (word == NULL || word + 1 == name + n || memchr(word, '\n', (size_t)(name + n - word)))
		return;
	strbuf_add(&d->facts, STR("arch"));
	strbuf_add_bytes(&d->facts, word, (size_t)(name + n - word));
	strbuf_putc(&d->facts, '\n');
}

static void
set_clock_text(struct tracedat *d, struct bytes b)
{
	if (d->desc->clock.n == 0)
		tracedesc_add(d->desc, "trace_clock", (const char *)b.p, bytes_left(&b));
}

/* Take an option that holds its value. Returns false if it holds the place of a section. */
static bool
take_option(struct tracedat *d, unsigned id, struct bytes b)
{
	switch (id) {
	case OPTION_DATE:
		add_offset(d, b, true, 1000);
		return true;
	case OPTION_OFFSET:
		add_offset(d, b, false, 1);
		return true;
	case OPTION_TRACECLOCK:
		set_clock_text(d, b);
		return true;
	case OPTION_UNAME:
		set_uname(d, b);
		return true;
	case OPTION_PROCMAPS:
		strbuf_add_bytes(&d->maps, b.p, strnlen((const char *)b.p, bytes_left(&b)));
		return true;
	case OPTION_TIME_SHIFT:
		set_time_shift(d, b);
		return true;
	case OPTION_TSC2NSEC:
		set_tsc(d, b);
		return true;
	case OPTION_BUFFER:
		set_buffer(d, b);
		return true;
	case OPTION_TRACEID:
		add_fact(d, "trace_id", bytes_u64(&b));
		strbuf_putc(&d->facts, '\n');
		return true;
	case OPTION_GUEST:
		set_guest(d, b);
		return true;
	default:
		d->unread += id >= OPTION_COUNT;
		return id < OPTION_HEADER_INFO || id > OPTION_CMDLINES;
	}
}

/* --- version 7: sections */

/* Inflate n bytes as the file's packing wants it, to at most `most` bytes. */
static const char *
unpack(const struct tracedat *d, struct zstd **zstd, const void *p, size_t n, struct strbuf *out,
    size_t most)
{
	if (most > CHUNK_MOST)
		return "compressed data say that they are too long";
	if (d->packing == TRACEDAT_ZLIB)
		return gz_unpack(p, n, out, most);
	if (d->packing != TRACEDAT_ZSTD)
		return "compressed data in a file that says it has none";
	if (*zstd == NULL)
		*zstd = zstd_new();
	zstd_reset(*zstd);
	return zstd_unpack(*zstd, p, n, out, most);
}

/* Read the section at an offset of the file into b. */
static bool
read_section(struct tracedat *d, uint64_t at, struct strbuf *b, unsigned *id)
{
	struct zstd *zstd = NULL;
	const uint8_t *p;
	const char *why;
	uint64_t size;
	uint32_t packed, plain;
	unsigned flags;

	strbuf_clear(b);
	if (!input_seek(d->in, at))
		return bad(d, "a section is outside the file");
	if (!describe(d, SECTION_HEADER))
		return false;
	*id = (unsigned)take_number(d, 2);
	flags = (unsigned)take_number(d, 2);
	take_number(d, 4);
	size = take_number(d, 8);
	if (fault_is(&d->fault))
		return false;
	if ((flags & PACKED) == 0) {
		if (describe(d, size) && (p = take(d, size)) != NULL)
			strbuf_add_bytes(b, p, (size_t)size);
		return !fault_is(&d->fault);
	}
	packed = (uint32_t)take_number(d, 4);
	plain = (uint32_t)take_number(d, 4);
	if (fault_is(&d->fault) || !describe(d, packed) || (p = take(d, packed)) == NULL)
		return false;
	why = unpack(d, &zstd, p, packed, b, plain);
	zstd_free(zstd);
	return why == NULL || bad(d, why);
}

/* Read the part of the description that a section has. */
static bool
take_part(struct tracedat *d, unsigned id)
{
	switch (id) {
	case OPTION_HEADER_INFO:
		return take_word(d, "header_page", 12) && take_file(d, 8, "events/header_page");
	case OPTION_FTRACE_EVENTS:
		return take_formats(d, "ftrace");
	case OPTION_EVENT_FORMATS:
		return take_systems(d);
	case OPTION_CMDLINES:
		return take_file(d, 8, "saved_cmdlines");
	default: /* printk formats are not needed here */
		return true;
	}
}

/* The kernel's symbols are left out if they cannot be read: all else still comes out. Always
 * returns true. */
static bool
take_symbols(struct tracedat *d, uint64_t at, struct strbuf *room)
{
	unsigned is;

	if (read_section(d, at, room, &is)) {
		d->section = bytes_of(room->p == NULL ? "" : room->p, room->n, d->desc->big);
		d->in_section = true;
		take_file(d, 4, "kallsyms");
		d->in_section = false;
	}
	if (fault_is(&d->fault))
		fault_set(&d->symbols,
		    "%s: in the section of the kernel's symbols: they are left out", d->fault.text);
	d->fault = (struct fault){ "" };
	return true;
}

static bool
take_section(struct tracedat *d, unsigned id, uint64_t at, struct strbuf *room)
{
	unsigned is;
	bool good;

	if (id == OPTION_PRINTK)
		return true;
	if (id == OPTION_KALLSYMS)
		return take_symbols(d, at, room);
	if (!read_section(d, at, room, &is))
		return false;
	d->section = bytes_of(room->p == NULL ? "" : room->p, room->n, d->desc->big);
	d->in_section = true;
	good = take_part(d, id);
	d->in_section = false;
	return good;
}

/* Read a section of options. Returns false at the end of the chain, and on damage. */
static bool
take_options(struct tracedat *d, uint64_t *next)
{
	struct strbuf options = { 0 }, room = { 0 };
	struct bytes b, value;
	unsigned id, option = OPTION_DONE;
	bool good = read_section(d, *next, &options, &id);

	b = bytes_of(options.p == NULL ? "" : options.p, options.n, d->desc->big);
	*next = 0;
	while (good && bytes_left(&b) > 0) {
		option = bytes_u16(&b);
		value = bytes_cut(&b, bytes_u32(&b));
		if (bytes_bad(&b)) {
			good = bad(d, "an option is cut short");
		} else if (option == OPTION_DONE) {
			*next = bytes_u64(&value);
			break;
		} else if (!take_option(d, option, value)) {
			good = take_section(d, option, bytes_u64(&value), &room);
		}
	}
	strbuf_free(&options);
	strbuf_free(&room);
	return good && *next != 0;
}

/* trace-cmd 3.1 gives every buffer the clock of the top-level one, and TRACECLOCK the one that was
 * set. So the buffers' are believed if they differ, or if there is no other. */
static void
settle_clocks(struct tracedat *d)
{
	size_t i;

	for (i = 1; i < d->nbuffers; i++)
		if (strcmp(d->buffer[i].clock, d->buffer[0].clock) != 0)
			return;
	for (i = 0; d->desc->clock.n > 0 && i < d->nbuffers; i++) {
		free(d->buffer[i].clock);
		d->buffer[i].clock = NULL;
	}
}

static bool
open_7(struct tracedat *d)
{
	struct strbuf name = { 0 };
	uint64_t next;
	int sections;

	if (take_name(d, &name)) {
		d->packing = strcmp(name.p, "zstd") == 0   ? TRACEDAT_ZSTD
			     : strcmp(name.p, "zlib") == 0 ? TRACEDAT_ZLIB
							   : TRACEDAT_PLAIN;
		if (d->packing == TRACEDAT_PLAIN && strcmp(name.p, "none") != 0)
			fault_set(&d->fault,
			    "%s: compressed with \"%s\": only zstd and zlib are read", d->in->name,
			    name.p);
	}
	if (!fault_is(&d->fault) && take_name(d, &name)) {
		next = take_number(d, 8);
		for (sections = 0; sections < SECTIONS && !fault_is(&d->fault); sections++)
			if (!take_options(d, &next))
				break;
		if (sections == SECTIONS)
			bad(d, "the options have no end");
	}
	strbuf_free(&name);
	settle_clocks(d);
	return !fault_is(&d->fault);
}

static bool
take_options_6(struct tracedat *d)
{
	unsigned id;
	uint64_t n;
	const uint8_t *p;
	struct bytes b;

	while ((id = (unsigned)take_number(d, 2)) != OPTION_DONE) {
		n = take_number(d, 4);
		if (fault_is(&d->fault) || (p = take(d, n)) == NULL)
			return false;
		b = bytes_of(p, (size_t)n, d->desc->big);
		if (id == OPTION_BUFFER)
			expect_buffer(d, b);
		else if (id == OPTION_CPUCOUNT && d->nbuffers > 1) /* of the buffer before it */
			d->buffer[d->nbuffers - 1].expected = bytes_u32(&b);
		else
			take_option(d, id, b);
	}
	return !fault_is(&d->fault);
}

/* Read where a buffer's pages are. */
static bool
take_table(struct tracedat *d, struct tracedat_buffer *buffer)
{
	const uint8_t *p = take(d, 10);
	struct bytes b;

	if (p == NULL)
		return false;
	if (memcmp(p, "flyrecord", 10) != 0)
		return bad(d, "no raw pages: a latency trace's text is not read");
	if (buffer->expected > CPUS)
		return bad(d, "too many CPUs");
	if (!describe(d, 16 * (uint64_t)buffer->expected) ||
	    (p = take(d, 16 * (uint64_t)buffer->expected)) == NULL)
		return false;
	b = bytes_of(p, 16 * (size_t)buffer->expected, d->desc->big);
	set_cpus(buffer, &b, buffer->expected, false);
	return true;
}

static bool
open_6(struct tracedat *d)
{
	size_t i;

	if (!take_word(d, "header_page", 12) || !take_file(d, 8, "events/header_page") ||
	    !take_word(d, "header_event", 13) || !take_file(d, 8, NULL) ||
	    !take_formats(d, "ftrace") || !take_systems(d) || !take_file(d, 4, "kallsyms") ||
	    !take_file(d, 4, NULL) || !take_file(d, 8, "saved_cmdlines"))
		return false;
	add_buffer(d, mem_copy("", 0))->expected = (uint32_t)take_number(d, 4);
	if (input_fill(d->in, 10) >= 10 && memcmp(input_at(d->in), "options  ", 10) == 0 &&
	    (take(d, 10) == NULL || !take_options_6(d)))
		return false;
	if (fault_is(&d->fault) || !take_table(d, &d->buffer[0]))
		return false;
	for (i = 1; i < d->nbuffers && !fault_is(&d->fault); i++)
		if (!input_seek(d->in, d->buffer[i].at) || !take_table(d, &d->buffer[i]))
			bad(d, "a buffer's table is outside the file");
	return true;
}

bool
tracedat_open(struct tracedat *d, struct input *in, struct tracedesc *desc)
{
	const uint8_t *p;
	struct strbuf version = { 0 };
	bool good = false;

	d->clock = mem_alloc(sizeof *d->clock);
	d->in = in;
	d->desc = desc;
	if (!input_spool(in))
		return fault_set(&d->fault, "%s", in->fault.text);
	if ((p = take(d, MAGIC)) == NULL || !tracedat_magic(p, MAGIC))
		return bad(d, "not a trace.dat file");
	if (take_name(d, &version)) {
		d->version = version.n == 2 ? *version.p - '0' : 0;
		if (d->version != 6 && d->version != 7)
			fault_set(&d->fault, "%s: a trace.dat of version %s: only 6 and 7 are read",
			    in->name, version.p);
	}
	strbuf_free(&version);
	if (!fault_is(&d->fault) && (p = take(d, 2)) != NULL) {
		d->desc->big = p[0] == 1;
		d->desc->long_size = p[1] == 4 ? 4 : 8;
		d->desc->page = (size_t)take_number(d, 4);
		good = !fault_is(&d->fault) && (d->version == 6 ? open_6(d) : open_7(d));
	}
	return good;
}

/* --- pages */

/* Read the next chunk of compressed pages. */
static const char *
read_chunk(struct tracedat_source *s)
{
	uint8_t head[8];
	struct bytes b = bytes_of(head, sizeof head, s->dat->desc->big);
	uint32_t packed, plain;
	struct strbuf data = { 0 };
	const char *why;

	strbuf_clear(&s->chunk);
	s->used = 0;
	if (s->end - s->at < 8 || !input_read_at(s->dat->in, s->at, head, 8))
		return "a chunk is cut short";
	packed = bytes_u32(&b);
	plain = bytes_u32(&b);
	s->at += 8;
	if (packed > s->end - s->at || packed > CHUNK_MOST || plain > CHUNK_MOST)
		return "a chunk is longer than its CPU's data";
	why = "the file is cut short";
	if (input_read_at(s->dat->in, s->at, strbuf_reserve(&data, packed), packed))
		why = unpack(s->dat, &s->zstd, data.p, packed, &s->chunk, plain);
	s->at += packed;
	strbuf_free(&data);
	return why;
}

static void
damage(void *arg, uint64_t offset, size_t bytes, const char *why)
{
	struct tracedat_source *s = arg;
	struct tracedat *d = s->dat;
	struct fault text = { "" };

	fault_set(&text, "%s@0x%llx%s: CPU %u: %s: %zu bytes are lost", d->in->name,
	    (unsigned long long)(s->packed ? s->at : s->cpu->offset + offset), input_how(d->in),
	    s->cpu->number, why, bytes);
	fault_set(&d->fault, "%s", text.text);
	d->note(d->arg, "damaged pages", text.text);
}

/* Have bytes of a chunk to give. Returns false after the last chunk, and on damage. */
static bool
have_chunk(struct tracedat_source *s)
{
	const char *why;

	while (s->used == s->chunk.n) {
		if (s->failed || s->chunks == 0)
			return false;
		s->chunks--;
		why = read_chunk(s);
		if (why == NULL)
			continue;
		damage(s, 0, (size_t)(s->end - s->at), why);
		s->failed = true;
	}
	return true;
}

static size_t
read_packed(struct tracedat_source *s, uint8_t *page, size_t n)
{
	size_t got = 0, part;

	while (got < n && have_chunk(s)) {
		part = s->chunk.n - s->used < n - got ? s->chunk.n - s->used : n - got;
		memcpy(page + got, s->chunk.p + s->used, part);
		got += part;
		s->used += part;
	}
	return got;
}

static size_t
read_page(void *arg, void *page, size_t n)
{
	struct tracedat_source *s = arg;

	if (s->packed)
		return read_packed(s, page, n);
	if (s->end - s->at < n)
		n = (size_t)(s->end - s->at);
	if (n == 0 || s->failed)
		return 0;
	if (!input_read_at(s->dat->in, s->at, page, n)) {
		damage(
		    s, s->at - s->cpu->offset, (size_t)(s->end - s->at), "the file is cut short");
		s->failed = true;
		return 0;
	}
	s->at += n;
	return n;
}

/* Start at a CPU's data: compressed ones begin with the number of chunks. */
static void
open_source(struct tracedat *d, struct tracedat_source *s, const struct tracedat_buffer *buffer,
    const struct cpu *cpu)
{
	uint8_t head[4];
	struct bytes b = bytes_of(head, sizeof head, d->desc->big);

	*s = (struct tracedat_source){
		.dat = d, .cpu = cpu, .at = cpu->offset, .packed = buffer->packed
	};
	s->end = cpu->size > UINT64_MAX - cpu->offset ? UINT64_MAX : cpu->offset + cpu->size;
	if (!s->packed || cpu->size == 0)
		return;
	if (cpu->size < 4 || !input_read_at(d->in, s->at, head, 4)) {
		damage(s, 0, (size_t)cpu->size, "the data are cut short");
		s->failed = true;
		return;
	}
	s->chunks = bytes_u32(&b);
	s->at += 4;
	s->end = s->end > UINT64_MAX - 4 ? UINT64_MAX : s->end + 4; /* the size does not count it */
}

/* Have a buffer's pages read. The pages of all CPUs together are no larger than the file, of which
 * *left bytes are left. */
static void
add_pages(struct tracedat *d, struct ftracerec *rec, const struct tracedat_buffer *buffer,
    const struct ringlayout *layout, uint64_t *left)
{
	const struct cpu *cpu;
	struct tracedat_source *s;
	uint64_t size;

	for (cpu = buffer->cpu; cpu < buffer->cpu + buffer->n; cpu++) {
		if (cpu->size == 0)
			continue;
		s = &d->source[d->nsources++];
		open_source(d, s, buffer, cpu);
		size = cpu->offset < d->in->size ? d->in->size - cpu->offset : 0;
		size = cpu->size < size ? cpu->size : size;
		if (size > *left || cpu->number >= FTRACEREC_CPUS) {
			damage(s, 0, (size_t)size, "pages of several CPUs overlap");
			continue;
		}
		*left -= size;
		ftracerec_add(rec, (int32_t)cpu->number, layout,
		    &(struct ringsource){
			read_page, damage, s, s->packed ? UINT64_MAX : size + 1 });
	}
}

/* Use the clock of a buffer, unless that of another one is used. */
static void
set_clock(struct tracedat *d, const struct tracedat_buffer *buffer, bool first)
{
	struct str clock = str_of(buffer->clock);
	struct fault text = { "" };

	if (first) {
		strbuf_clear(&d->desc->clock);
		strbuf_add(&d->desc->clock, clock);
	} else if (!str_eq(clock, strbuf_str(&d->desc->clock))) {
		fault_set(&text, "%s: the buffer \"%s\" has another clock, %s: choose one buffer",
		    d->in->name, buffer->name, buffer->clock);
		d->note(d->arg, "buffers with another clock", text.text);
	}
}

bool
tracedat_add(struct tracedat *d, struct ftracerec *rec, const char *name)
{
	const struct tracedat_buffer *buffer;
	uint64_t left = d->in->size;
	struct ringlayout layout;
	size_t i, n = 0;

	for (i = 0; i < d->nbuffers; i++)
		n += d->buffer[i].n;
	d->source = mem_alloc((n + 1) * sizeof *d->source);
	for (i = n = 0; i < d->nbuffers; i++) {
		buffer = &d->buffer[i];
		if (name != NULL && strcmp(name, buffer->name) != 0)
			continue;
		if (buffer->clock != NULL && *buffer->clock != '\0')
			set_clock(d, buffer, n == 0);
		d->desc->page = buffer->page;
		if (!tracedesc_layout(d->desc, &layout))
			return fault_set(
			    &d->fault, "%s: the size of a page makes no sense", d->in->name);
		add_pages(d, rec, buffer, &layout, &left);
		n++;
	}
	return n > 0 || name == NULL ||
	       fault_set(&d->fault, "%s: no buffer \"%s\"", d->in->name, name);
}

/* --- what the file says of the machine */

static void
write_facts(const struct tracedat *d, struct out *o, struct str machine)
{
	struct str text = strbuf_str(&d->facts), line;
	struct rec r = { .kind = REC_META, .t = REC_NO_NS, .machine = machine, .cpu = REC_NO_ID };
	struct evinfo info = { 0 };
	const char *blank;

	while (text.n > 0) {
		line = text_line(&text);
		if ((blank = memchr(line.p, ' ', line.n)) == NULL)
			continue;
		r.meta.key = (struct str){ line.p, (size_t)(blank - line.p) };
		r.meta.value =
		    evinfo_text(&info, 0, blank + 1, (size_t)(line.p + line.n - blank - 1));
		rec_put(o, &r);
	}
	evinfo_free(&info);
}

/* Two hexadecimal numbers and a name with blanks between them; returns where the name starts. */
static const char *
two_numbers(struct str line, uint64_t v[2])
{
	const char *end = line.p + line.n, *p = text_hex(line.p, end, &v[0]);

	if (p == NULL || p == end || *p != ' ' || (p = text_hex(p + 1, end, &v[1])) == NULL)
		return NULL;
	return p < end && *p == ' ' ? p + 1 : NULL;
}

static void
write_maps(const struct tracedat *d, struct out *o, struct str machine)
{
	struct str text = strbuf_str(&d->maps), line;
	struct rec r = { .kind = REC_MAP, .machine = machine, .cpu = REC_NO_ID };
	struct evinfo info = { 0 };
	uint64_t v[2], maps = 0;
	const char *name;

	while (text.n > 0) {
		line = text_line(&text);
		if ((name = two_numbers(line, v)) == NULL)
			continue;
		if (maps == 0) { /* a process: its pid, how many lines follow, its name */
			r.pid = r.tid = (int32_t)(v[0] & INT32_MAX);
			maps = v[1];
			continue;
		}
		maps--;
		if (v[1] <= v[0])
			continue;
		r.map.mode = STR("u");
		r.map.addr = v[0];
		r.map.len = v[1] - v[0];
		r.map.prot = r.map.build = STR_NONE;
		r.map.path = evinfo_text(&info, 0, name, (size_t)(line.p + line.n - name));
		rec_put(o, &r);
	}
	evinfo_free(&info);
}

void
tracedat_write(const struct tracedat *d, struct out *o, struct str machine)
{
	write_facts(d, o, machine);
	write_maps(d, o, machine);
}

/* --- time */

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

/* The offset at a time, on the line through two samples. */
static i128
interpolate(const struct shift *a, const struct shift *b, uint64_t t)
{
	i128 span = (i128)b->from - (i128)a->from;
	i128 moved = ((i128)t - (i128)a->from) * ((i128)b->offset - (i128)a->offset);

	return span <= 0 ? a->offset : a->offset + (moved + span / 2) / span;
}

/* Move a time to the clock of the host, as trace-cmd does it: by the last sample that is not later,
 * or between it and the next one, and beyond the first and the last two. */
static bool
host_time(const struct tracedat_clock *c, uint64_t t, int32_t cpu, uint64_t *host)
{
	const struct shift *s;
	size_t low = 0, high, mid;
	i128 offset, ns;

	*host = t;
	if ((size_t)cpu >= c->ncpu || (high = c->nshift[cpu]) == 0)
		return true;
	s = c->shift[cpu];
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (s[mid].from <= t)
			low = mid;
		else
			high = mid;
	}
	offset = s[low].offset;
	if (c->interpolate && c->nshift[cpu] > 1) {
		low -= low + 1 == c->nshift[cpu];
		offset = interpolate(&s[low], &s[low + 1], t);
	}
	ns = (i128)t;
	if (c->nshift[cpu] > 1 && (s[low].scaling > 1 || s[low].fraction > 0))
		ns = (i128)((u128)t * s[low].scaling >> s[low].fraction);
	ns += offset;
	*host = (uint64_t)ns;
	return ns >= 0 && ns <= INT64_MAX;
}

static bool
record_time(const void *arg, uint64_t t, int32_t cpu, int64_t *ns)
{
	const struct tracedat_clock *c = arg;

	if (c->shift_wanted && !host_time(c, t, cpu, &t))
		return false;
	if (c->has_tsc)
		t = (uint64_t)((u128)t * c->mult >> c->bits) + c->base;
	return t <= INT64_MAX && !__builtin_add_overflow((int64_t)t, c->offset, ns);
}

bool
tracedat_has_shift(const struct tracedat *d)
{
	return d->clock->shifted;
}

void
tracedat_clock(const struct tracedat *d, struct ftracerec_options *o, bool shift)
{
	d->clock->shift_wanted = shift && d->clock->shifted;
	if (!d->clock->shift_wanted && !d->clock->has_tsc && d->clock->offset == 0)
		return; /* the times of the pages */
	o->clock = record_time;
	o->clock_arg = d->clock;
}

void
tracedat_close(struct tracedat *d)
{
	size_t i;

	for (i = 0; i < d->nsources; i++) {
		strbuf_free(&d->source[i].chunk);
		if (d->source[i].zstd != NULL)
			zstd_free(d->source[i].zstd);
	}
	for (i = 0; i < d->nbuffers; i++) {
		free(d->buffer[i].name);
		free(d->buffer[i].clock);
		free(d->buffer[i].cpu);
	}
	for (i = 0; d->clock != NULL && i < d->clock->ncpu; i++)
		free(d->clock->shift[i]);
	if (d->clock != NULL) {
		free(d->clock->shift);
		free(d->clock->nshift);
	}
	free(d->source);
	free(d->buffer);
	free(d->clock);
	strbuf_free(&d->maps);
	strbuf_free(&d->facts);
}
