/* SPDX-License-Identifier: MIT */

#include <elf.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ehframe.h"

enum {
	MAXLOADS = 64,
	MAXHEADERS = 512,
	MAXENTRY = 65536, /* bytes of a CIE or FDE */
	WINDOW = 4096,    /* what is read at once: entries that are near to each other */
	PIECE = 1 << 20,
	LEAST = 256, /* cost of a row */
	PAIR = 8,    /* of the table: where code starts, where its FDE is, from the header on */
	TABLE_DATAREL_SDATA4 = 0x3b,
	COUNT_UDATA4 = 0x03
};

struct ehframe {
	bool is64, big;
	struct load {
		uint64_t addr, off, size;
	} load[MAXLOADS];
	size_t loads;
	uint64_t hdr, hdr_off, hdr_size; /* size 0: none */
	struct range {
		uint64_t pc, fde; /* the first address of code, that of its FDE */
	} * range;
	size_t n, cap;
	struct window { /* a part of the file */
		uint8_t *buf;
		uint64_t off;
		size_t n, cap;
	} fde, cie;
};

/* --- the file's headers */

struct header {
	uint32_t type;
	uint64_t off, addr, size;
};

static struct header
get_header(struct bytes *b, bool is64)
{
	struct header h = { .type = bytes_u32(b) };

	if (is64) {
		bytes_u32(b); /* flags */
		h.off = bytes_u64(b);
		h.addr = bytes_u64(b);
		bytes_u64(b); /* physical address */
		h.size = bytes_u64(b);
	} else {
		h.off = bytes_u32(b);
		h.addr = bytes_u32(b);
		bytes_u32(b);
		h.size = bytes_u32(b);
	}
	return h;
}

static void
add_header(struct ehframe *e, struct header h)
{
	if (h.type == PT_LOAD && e->loads < MAXLOADS && h.size > 0)
		e->load[e->loads++] = (struct load){ h.addr, h.off, h.size };
	if (h.type == PT_GNU_EH_FRAME && e->hdr_size == 0) {
		e->hdr = h.addr;
		e->hdr_off = h.off;
		e->hdr_size = h.size;
	}
}

/* Where the headers of a kind are: segments', or sections'. */
struct headers {
	uint64_t off;
	size_t size, n, names; /* names: the section with the sections' names */
};

static bool
read_head(struct ehframe *e, struct ehframe_source from, struct headers *segments,
    struct headers *sections)
{
	uint8_t head[64];
	size_t n = from.read(from.arg, 0, head, sizeof head);
	struct bytes b;

	if (n < 52 || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	e->is64 = head[EI_CLASS] == ELFCLASS64;
	e->big = head[EI_DATA] == ELFDATA2MSB;
	b = bytes_of(head, n, e->big);
	bytes_take(&b, e->is64 ? 32 : 28);
	segments->off = e->is64 ? bytes_u64(&b) : bytes_u32(&b);
	sections->off = e->is64 ? bytes_u64(&b) : bytes_u32(&b);
	bytes_take(&b, 6); /* flags, the size of this header */
	segments->size = bytes_u16(&b);
	segments->n = bytes_u16(&b);
	sections->size = bytes_u16(&b);
	sections->n = bytes_u16(&b);
	sections->names = bytes_u16(&b);
	return !bytes_bad(&b);
}

static void
read_segments(struct ehframe *e, struct ehframe_source from, const struct headers *h)
{
	uint8_t each[56];
	size_t want = e->is64 ? 56 : 32, i;
	struct bytes b;

	for (i = 0; i < h->n && i < MAXHEADERS && h->size >= want; i++) {
		b = bytes_of(each, from.read(from.arg, h->off + i * h->size, each, want), e->big);
		add_header(e, get_header(&b, e->is64));
	}
}

/* Read as many of size bytes as the file has: the size is only a claim. Returns their number; the
 * caller frees *bytes. */
static size_t
read_all(struct ehframe_source from, uint64_t off, uint64_t size, uint8_t **bytes)
{
	size_t have = 0, want, got;

	*bytes = NULL;
	do {
		want = size - have < PIECE ? (size_t)(size - have) : PIECE;
		*bytes = mem_resize(*bytes, have + want + 1, 1);
		got = from.read(from.arg, off + have, *bytes + have, want);
		have += got;
	} while (got == PIECE);
	return have;
}

static void
add_range(struct ehframe *e, uint64_t pc, uint64_t fde)
{
	e->range = mem_grow(e->range, e->n, &e->cap, sizeof *e->range);
	e->range[e->n++] = (struct range){ pc, fde };
}

/* --- .eh_frame_hdr */

static void
read_table(struct ehframe *e, struct ehframe_source from, uint64_t off, uint64_t size)
{
	uint8_t *table;
	size_t n = read_all(from, off, size, &table) / PAIR;
	struct bytes b = bytes_of(table, n * PAIR, e->big);
	uint64_t pc;

	for (; n > 0; n--) {
		pc = e->hdr + (uint64_t)(int32_t)bytes_u32(&b);
		add_range(e, pc, e->hdr + (uint64_t)(int32_t)bytes_u32(&b));
	}
	free(table);
}

static bool
read_hdr(struct ehframe *e, struct ehframe_source from)
{
	uint8_t head[32];
	struct bytes b = bytes_of(head, from.read(from.arg, e->hdr_off, head, sizeof head), e->big);
	uint8_t version = bytes_u8(&b), frame = bytes_u8(&b), count = bytes_u8(&b),
		table = bytes_u8(&b);
	uint64_t n, size;

	cfi_pointer(&b, frame, 0, e->is64);
	n = bytes_u32(&b);
	size = (uint64_t)(b.p - head);
	if (version != 1 || count != COUNT_UDATA4 || table != TABLE_DATAREL_SDATA4 ||
	    bytes_bad(&b) || size > e->hdr_size)
		return false;
	if (n > (e->hdr_size - size) / PAIR)
		n = (e->hdr_size - size) / PAIR;
	read_table(e, from, e->hdr_off + size, n * PAIR);
	return e->n > 0;
}

/* --- .eh_frame without a table */

struct section {
	uint32_t name;
	uint64_t addr, off, size;
};

static bool
get_section(const struct ehframe *e, struct ehframe_source from, const struct headers *h, size_t i,
    struct section *s)
{
	uint8_t each[64];
	size_t want = e->is64 ? 64 : 40;
	struct bytes b;

	b = bytes_of(each, from.read(from.arg, h->off + i * h->size, each, want), e->big);
	s->name = bytes_u32(&b);
	bytes_u32(&b); /* type */
	bytes_take(&b, e->is64 ? 8 : 4);
	s->addr = e->is64 ? bytes_u64(&b) : bytes_u32(&b);
	s->off = e->is64 ? bytes_u64(&b) : bytes_u32(&b);
	s->size = e->is64 ? bytes_u64(&b) : bytes_u32(&b);
	return i < h->n && h->size >= want && !bytes_bad(&b);
}

static bool
find_section(const struct ehframe *e, struct ehframe_source from, const struct headers *h,
    const char *name, struct section *s)
{
	size_t len = strlen(name) + 1, i;
	struct section names;
	char has[32];

	if (!get_section(e, from, h, h->names, &names) || len > sizeof has)
		return false;
	for (i = 0; i < h->n && i < MAXHEADERS; i++)
		if (get_section(e, from, h, i, s) &&
		    from.read(from.arg, names.off + s->name, (uint8_t *)has, len) == len &&
		    memcmp(has, name, len) == 0)
			return true;
	return false;
}

static int
by_pc(const void *va, const void *vb)
{
	const struct range *a = va, *b = vb;

	return a->pc < b->pc ? -1 : a->pc > b->pc;
}

/* Add the FDE at an offset of the section, whose n bytes are at p, unless it is a CIE. */
static void
add_entry(struct ehframe *e, uint64_t addr, const uint8_t *p, size_t n, size_t at)
{
	struct cfi_entry fde = { addr + at, bytes_of(p + at, n - at, e->big), e->is64 }, cie = fde;
	uint64_t pc;

	if (!cfi_cie_of(&fde, &cie.addr) || cie.addr - addr >= n)
		return;
	cie.bytes = bytes_of(p + (cie.addr - addr), n - (size_t)(cie.addr - addr), e->big);
	if (cfi_begin(&cie, &fde, &pc))
		add_range(e, pc, fde.addr);
}

static bool
read_section(struct ehframe *e, struct ehframe_source from, const struct headers *h)
{
	struct section s;
	struct bytes b;
	uint8_t *p;
	size_t n, at;

	if (!find_section(e, from, h, ".eh_frame", &s))
		return false;
	n = read_all(from, s.off, s.size, &p);
	b = bytes_of(p, n, e->big);
	while (bytes_left(&b) > 4) {
		at = (size_t)(b.p - p);
		add_entry(e, s.addr, p, n, at);
		bytes_take(&b, bytes_u32(&b));
		if (bytes_bad(&b))
			break;
	}
	free(p);
	if (e->n > 0)
		qsort(e->range, e->n, sizeof *e->range, by_pc);
	return e->n > 0;
}

struct ehframe *
ehframe_new(struct ehframe_source from, const char **why)
{
	struct ehframe *e = mem_alloc(sizeof *e);
	struct headers segments, sections;

	if (!read_head(e, from, &segments, &sections)) {
		*why = "not a program or library";
		ehframe_free(e);
		return NULL;
	}
	read_segments(e, from, &segments);
	if (read_hdr(e, from) || read_section(e, from, &sections))
		return e;
	*why = "it has no .eh_frame that can be used";
	ehframe_free(e);
	return NULL;
}

void
ehframe_free(struct ehframe *e)
{
	if (e == NULL)
		return;
	free(e->range);
	free(e->fde.buf);
	free(e->cie.buf);
	free(e);
}

bool
ehframe_is64(const struct ehframe *e)
{
	return e->is64;
}

bool
ehframe_is_big(const struct ehframe *e)
{
	return e->big;
}

/* --- entries */

/* The address of the FDE of the code before or at pc; false if all code is after it. */
static bool
find_fde(const struct ehframe *e, uint64_t pc, uint64_t *fde)
{
	size_t low = 0, high = e->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (e->range[mid].pc <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return false;
	*fde = e->range[low - 1].fde;
	return true;
}

static bool
to_offset(const struct ehframe *e, uint64_t addr, uint64_t *off)
{
	size_t i;

	for (i = 0; i < e->loads; i++)
		if (addr >= e->load[i].addr && addr - e->load[i].addr < e->load[i].size) {
			*off = addr - e->load[i].addr + e->load[i].off;
			return true;
		}
	return false;
}

static bool
to_addr(const struct ehframe *e, uint64_t off, uint64_t *addr)
{
	size_t i;

	for (i = 0; i < e->loads; i++)
		if (off >= e->load[i].off && off - e->load[i].off < e->load[i].size) {
			*addr = off - e->load[i].off + e->load[i].addr;
			return true;
		}
	return false;
}

/* Have at least want bytes of the file, or all to its end, from an offset on; returns their number.
 */
static size_t
have(struct ehframe_source from, uint64_t off, size_t want, struct window *w)
{
	if (off >= w->off && off - w->off < w->n && w->n - (off - w->off) >= want)
		return (size_t)(w->n - (off - w->off));
	if (want < WINDOW)
		want = WINDOW;
	if (want > w->cap)
		w->buf = mem_resize(w->buf, w->cap = want, 1);
	w->off = off;
	w->n = from.read(from.arg, off, w->buf, want);
	return w->n;
}

/* Read the entry at an address. It is valid until the window moves. */
static bool
read_entry(const struct ehframe *e, struct ehframe_source from, uint64_t addr, struct window *w,
    struct cfi_entry *entry)
{
	uint64_t off, size;
	struct bytes b;

	if (!to_offset(e, addr, &off) || have(from, off, 4, w) < 4)
		return false;
	b = bytes_of(w->buf + (off - w->off), 4, e->big);
	size = (uint64_t)bytes_u32(&b) + 4;
	if (size > MAXENTRY || have(from, off, (size_t)size, w) < size)
		return false;
	*entry = (struct cfi_entry){ addr, bytes_of(w->buf + (off - w->off), (size_t)size, e->big),
		e->is64 };
	return true;
}

bool
ehframe_row(struct ehframe *e, struct ehframe_source from, uint64_t off, struct cfi_row *row,
    uint64_t *cost)
{
	struct cfi_entry fde, cie;
	uint64_t pc, at;

	*cost = LEAST;
	if (!to_addr(e, off, &pc) || !find_fde(e, pc, &at) ||
	    !read_entry(e, from, at, &e->fde, &fde) || !cfi_cie_of(&fde, &at) ||
	    !read_entry(e, from, at, &e->cie, &cie))
		return false;
	*cost += bytes_left(&fde.bytes) + bytes_left(&cie.bytes);
	return cfi_row_at(&cie, &fde, pc, row);
}
