/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "deps.h"
#include "rec/stack.h"
#include "rec/stackdefs.h"
#include "spaces.h"

enum {
	FEW_MAPS = 64,    /* all maps are written of a process with at most as many */
	MAPS_RATIO = 128, /* bytes of maps that may be written for each byte of the input */
	WALK_LEAST = 1 << 20,
	WALK_RATIO = 8 /* frames that may be looked at for each byte of the input */
};

/* In both, the path of a map is the rest of its record from prot on. */
struct deps {
	struct spaces *read;    /* the stream's maps */
	struct spaces *written; /* those that a reader of the output knows */
	struct hash known;      /* of the generations of a process in both: an enum known */
	struct stackdefs stacks;
	uint64_t undefined;
	struct strbuf text;
	int64_t now; /* the latest time so far: that of the definitions written for a record */
	uint64_t bytes_in, bytes_maps, walked, dropped;
};

enum known { UNKNOWN, ALL_WRITTEN, HAS_MANY };

struct deps *
deps_new(void)
{
	struct deps *d = mem_alloc(sizeof *d);

	d->read = spaces_new();
	d->written = spaces_new();
	d->now = INT64_MIN;
	return d;
}

void
deps_free(struct deps *d)
{
	spaces_free(d->read);
	spaces_free(d->written);
	hash_free(&d->known);
	stackdefs_free(&d->stacks);
	strbuf_free(&d->text);
	free(d);
}

uint64_t
deps_dropped(const struct deps *d)
{
	return d->dropped;
}

/* --- definitions */

static uint64_t
key_of(struct deps *d, const struct rec *r)
{
	uint64_t read = spaces_process(d->read, r->machine, r->pid).generation;
	uint64_t written = spaces_process(d->written, r->machine, r->pid).generation;

	return written << 32 ^ read;
}

static enum known
get_known(struct deps *d, uint64_t key)
{
	const uint64_t *known = hash_get(&d->known, key);

	return known == NULL ? UNKNOWN : (enum known) * known;
}

static void
set_known(struct deps *d, uint64_t key, enum known known)
{
	if (known != UNKNOWN)
		*hash_put(&d->known, key) = known;
}

/* Once a reader knows maps of the process, it must get all changes. */
static bool
define_map(struct deps *d, const struct rec *r)
{
	struct rec map = *r;
	enum known known;
	uint64_t key;

	if (r->pid < 0 || !str_eq(r->map.mode, STR("u")))
		return true;
	strbuf_clear(&d->text);
	strbuf_add(&d->text, r->map.prot);
	strbuf_putc(&d->text, '\t');
	strbuf_add(&d->text, r->map.build);
	strbuf_putc(&d->text, '\t');
	strbuf_add(&d->text, r->map.path);
	map.map.path = strbuf_str(&d->text);
	map.map.build = STR_NONE;
	key = key_of(d, r);
	spaces_add(d->read, &map);
	if (spaces_process(d->written, r->machine, r->pid).generation == 0)
		return false;
	spaces_add(d->written, &map);
	known = get_known(d, key);
	hash_remove(&d->known, key);
	set_known(d, key_of(d, r), known);
	return true;
}

/* What is kept of a definition: where its frames are in the text that follows, which is the record
 * from machine on. */
struct kept {
	size_t at, n;
};

static void
define_stack(struct deps *d, const struct rec *r)
{
	const char *end = r->line.p + r->line.n;
	struct kept k = { (size_t)(r->stack.frames.p - r->machine.p), r->stack.frames.n };

	strbuf_clear(&d->text);
	strbuf_add_bytes(&d->text, &k, sizeof k);
	strbuf_add_bytes(&d->text, r->machine.p, (size_t)(end - r->machine.p));
	stackdefs_put(&d->stacks, r->stack.hash, strbuf_str(&d->text));
}

bool
deps_define(struct deps *d, const struct rec *r)
{
	d->now = r->t > d->now ? r->t : d->now;
	d->bytes_in += r->line.n;
	if (r->kind == REC_MAP)
		return define_map(d, r);
	if (r->kind == REC_STACK) {
		define_stack(d, r);
		return false;
	}
	spaces_add(d->read, r);
	spaces_add(d->written, r);
	return true;
}

static struct str
find_frames(struct deps *d, struct rec *r)
{
	struct str *stack = rec_stack(r), text;
	struct kept k;
	uint64_t hash;

	if (stack == NULL)
		return STR_NONE;
	if (!stack_is_ref(*stack, &hash))
		return *stack;
	text = stackdefs_get(&d->stacks, hash, NULL);
	if (text.n == 0)
		return text;
	memcpy(&k, text.p, sizeof k);
	return (struct str){ text.p + sizeof k + k.at, k.n };
}

struct str
deps_frames(struct deps *d, struct rec *r)
{
	uint64_t before = d->stacks.undefined;
	struct str frames = find_frames(d, r);

	d->undefined += d->stacks.undefined - before;
	return frames;
}

uint64_t
deps_undefined(const struct deps *d)
{
	return d->undefined;
}

/* --- what a record needs */

static size_t
put_map(struct out *o, const struct rec *r, int64_t now, const struct space_map *m)
{
	out_str(o, STR("map\t"));
	out_s64(o, now);
	out_char(o, '\t');
	out_str(o, r->machine);
	out_str(o, STR("\t-\t"));
	out_s64(o, r->pid);
	out_char(o, '\t');
	out_s64(o, r->pid);
	out_str(o, STR("\tu\t"));
	out_hex(o, m->addr);
	out_char(o, '\t');
	out_hex(o, m->end - m->addr);
	out_char(o, '\t');
	out_hex(o, m->off);
	out_char(o, '\t');
	out_str(o, m->file->path);
	out_char(o, '\n');
	return sizeof "map" + r->machine.n + 6 * TEXT_NUMBER + m->file->path.n;
}

static void
write_map(struct deps *d, struct out *o, const struct rec *r, const struct space_map *m)
{
	struct rec map = { .kind = REC_MAP, .machine = r->machine, .pid = r->pid, .tid = r->pid };

	if (d->bytes_maps > MAPS_RATIO * d->bytes_in) {
		d->dropped++;
		return;
	}
	d->bytes_maps += put_map(o, r, d->now, m);
	map.map = (struct rec_map){ STR("u"), m->addr, m->end - m->addr, m->off, STR_NONE, STR_NONE,
		m->file->path };
	spaces_add(d->written, &map);
}

/* Write the map at addr, unless the output has the same one there. */
static void
need_map(struct deps *d, struct out *o, const struct rec *r, uint64_t addr)
{
	struct space read = spaces_process(d->read, r->machine, r->pid).space;
	struct space written = spaces_process(d->written, r->machine, r->pid).space;
	const struct space_map *m = space_find(&read, addr), *has = space_find(&written, addr);

	if (m == NULL || (has != NULL && has->addr - has->off == m->addr - m->off &&
			     str_eq(has->file->path, m->file->path)))
		return;
	write_map(d, o, r, m);
}

/* A return address belongs to the call before it. A stack that is defined once may be that of many
 * records. */
static void
need_frames(struct deps *d, struct out *o, const struct rec *r, struct str frames)
{
	struct stack_walk w = stack_walk(frames);
	struct stack_frame f;

	while (stack_next(&w, &f)) {
		if (++d->walked > WALK_LEAST + WALK_RATIO * d->bytes_in) {
			d->dropped++;
			return;
		}
		need_map(d, o, r, f.addr);
		if (!f.innermost)
			need_map(d, o, r, f.addr - 1);
	}
}

/* Write all maps of a process unless there are many. */
static enum known
need_process(struct deps *d, struct out *o, const struct rec *r)
{
	struct space s = spaces_process(d->read, r->machine, r->pid).space;
	const struct space_map *m = space_next(&s, 0);
	uint64_t dropped = d->dropped;
	int n;

	for (n = 0; m != NULL && n <= FEW_MAPS; n++)
		m = space_next(&s, m->end);
	if (m != NULL)
		return HAS_MANY;
	for (m = space_next(&s, 0); m != NULL; m = space_next(&s, m->end))
		need_map(d, o, r, m->addr);
	return d->dropped == dropped ? ALL_WRITTEN : UNKNOWN;
}

/* Write the maps of a record's process. If it has too many, return true: its addresses choose. */
static bool
has_many(struct deps *d, struct out *o, struct rec *r)
{
	enum known known = get_known(d, key_of(d, r));

	if (known == UNKNOWN) {
		known = need_process(d, o, r);
		set_known(d, key_of(d, r), known);
	}
	return known == HAS_MANY;
}

/* Write the maps that a field with addresses needs. */
static void
need_maps(struct deps *d, struct out *o, struct rec *r, const struct rec_field *f, struct str s)
{
	struct str frames = s;

	if (!has_many(d, o, r))
		return;
	if (f->type == REC_T_STACK)
		frames = find_frames(d, r);
	need_frames(d, o, r, frames);
}

/* Any word of a user's stack, and any register (name=0xVALUE), may be an address of code. */
static void
need_words(struct deps *d, struct out *o, struct rec *r, struct str words)
{
	struct str word;
	const char *equals;
	size_t skip;
	uint64_t addr;

	while ((word = str_word(&words)).n > 0) {
		equals = memchr(word.p, '=', word.n);
		skip = equals == NULL ? 0 : (size_t)(equals - word.p) + sizeof "=0x" - 1;
		if (skip >= word.n || text_hex(word.p + skip, word.p + word.n, &addr) == NULL)
			continue;
		if (++d->walked > WALK_LEAST + WALK_RATIO * d->bytes_in) {
			d->dropped++;
			return;
		}
		need_map(d, o, r, addr);
		need_map(d, o, r, (uint32_t)addr); /* two words of 32 bits */
		need_map(d, o, r, addr >> 32);
	}
}

static void
need_stack(struct deps *d, struct out *o, uint64_t hash)
{
	bool first;
	struct str text = stackdefs_get(&d->stacks, hash, &first);

	if (text.n == 0 || !first)
		return;
	out_str(o, STR("stack\t"));
	out_s64(o, d->now);
	out_char(o, '\t');
	out_bytes(o, text.p + sizeof(struct kept), text.n - sizeof(struct kept));
	out_char(o, '\n');
}

void
deps_write(struct deps *d, struct out *o, struct rec *r)
{
	const struct rec_field *f;
	struct str s;
	uint64_t hash;

	d->now = r->t > d->now ? r->t : d->now;
	d->bytes_in += r->line.n;
	if (r->kind == REC_USAMPLE && r->pid >= 0 && has_many(d, o, r)) {
		need_words(d, o, r, r->usample.regs);
		need_words(d, o, r, r->usample.words);
	}
	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (f->type != REC_T_ADDR && f->type != REC_T_STACK)
			continue;
		memcpy(&s, (const char *)r + f->off, sizeof s);
		if (r->pid >= 0 && !str_none(s))
			need_maps(d, o, r, f, s);
		if (stack_is_ref(s, &hash))
			need_stack(d, o, hash);
	}
}
