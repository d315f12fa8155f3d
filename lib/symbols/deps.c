/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/digest.h"
#include "deps.h"
#include "rec/stack.h"

void
deps_open(struct deps *n)
{
	*n = (struct deps){ .spaces = spaces_new(), .now = INT64_MIN };
}

void
deps_free(struct deps *n)
{
	spaces_free(n->spaces);
	stackdefs_free(&n->stacks);
	hash_free(&n->written);
	strbuf_free(&n->text);
}

bool
deps_is_definition(const struct rec *r)
{
	switch (r->kind) {
	case REC_META:
	case REC_COMM:
	case REC_FORK:
	case REC_EXIT:
	case REC_MAP:
	case REC_KSYM:
	case REC_STACK:
		return true;
	default:
		return false;
	}
}

static uint64_t
key_of(struct str machine, int32_t pid)
{
	return digest_bytes((uint64_t)pid, machine.p, machine.n);
}

static uint64_t
generation(struct deps *n, struct str machine, int32_t pid)
{
	struct space s = spaces_process(n->spaces, machine, pid).space;

	return space_generation(&s);
}

/* Have the maps of a process been written as they are now? */
static bool
is_written(struct deps *n, struct str machine, int32_t pid)
{
	const uint64_t *written = hash_get(&n->written, key_of(machine, pid));

	return written != NULL && *written == generation(n, machine, pid) + 1;
}

static void
set_written(struct deps *n, struct str machine, int32_t pid)
{
	*hash_put(&n->written, key_of(machine, pid)) = generation(n, machine, pid) + 1;
}

/* The space keeps the fields from prot to path as its path. */
static void
add_map(struct deps *n, const struct rec *r)
{
	struct rec map = *r;

	strbuf_clear(&n->text);
	strbuf_add(&n->text, r->map.prot);
	strbuf_add(&n->text, STR("\t"));
	strbuf_add(&n->text, r->map.build);
	strbuf_add(&n->text, STR("\t"));
	strbuf_add(&n->text, r->map.path);
	map.map.path = strbuf_field(&n->text);
	map.map.build = STR_NONE;
	spaces_add(n->spaces, &map);
}

/* A child has got what its parent has got, written or not. */
static void
add_fork(struct deps *n, const struct rec *r)
{
	bool written = is_written(n, r->machine, r->pid);

	spaces_add(n->spaces, r);
	if (r->fork.child_pid == r->pid || str_eq(r->fork.how, STR("thread")))
		return;
	if (written)
		set_written(n, r->machine, r->fork.child_pid);
	else
		hash_remove(&n->written, key_of(r->machine, r->fork.child_pid));
}

/* What changes a process's maps goes on being written where the maps have been. */
static bool
add_change(struct deps *n, const struct rec *r)
{
	bool written = is_written(n, r->machine, r->pid);

	if (r->kind == REC_MAP)
		add_map(n, r);
	else
		spaces_add(n->spaces, r);
	if (written)
		set_written(n, r->machine, r->pid);
	return written;
}

static void
add_stack(struct deps *n, const struct rec *r)
{
	const char *end = r->line.p + r->line.n;

	stackdefs_put(
	    &n->stacks, r->stack.hash, (struct str){ r->machine.p, (size_t)(end - r->machine.p) });
}

bool
deps_define(struct deps *n, const struct rec *r)
{
	n->now = r->t > n->now ? r->t : n->now;
	switch (r->kind) {
	case REC_STACK:
		add_stack(n, r);
		return false;
	case REC_MAP:
		return r->pid < 0 || !str_eq(r->map.mode, STR("u")) || add_change(n, r);
	case REC_COMM:
		add_change(n, r);
		return true;
	case REC_FORK:
		add_fork(n, r);
		return true;
	case REC_EXIT:
		spaces_add(n->spaces, r);
		return true;
	default:
		return true;
	}
}

/* The text of a definition starts with machine, pid and hash. */
struct str
deps_frames(struct deps *n, struct rec *r)
{
	struct str *stack = rec_stack(r), text;
	const char *tab;
	uint64_t hash;
	int i;

	if (stack == NULL)
		return STR_NONE;
	if (!stack_is_ref(*stack, &hash))
		return *stack;
	text = stackdefs_get(&n->stacks, hash, NULL);
	for (i = 0; i < 3 && text.n > 0; i++) {
		tab = memchr(text.p, '\t', text.n);
		text.n -= (size_t)(tab + 1 - text.p);
		text.p = tab + 1;
	}
	tab = text.n == 0 ? NULL : memchr(text.p, '\t', text.n);
	return tab == NULL ? text : (struct str){ text.p, (size_t)(tab - text.p) };
}

static bool
has_address(const struct rec *r)
{
	const struct rec_field *f;
	struct str s;

	for (f = rec_fields(r->kind); f->type != REC_T_END; f++) {
		if (f->type != REC_T_ADDR && f->type != REC_T_STACK)
			continue;
		memcpy(&s, (const char *)r + f->off, sizeof s);
		if (!str_none(s))
			return true;
	}
	return false;
}

static void
write_map(struct out *o, const struct rec *r, int64_t now, const struct space_map *m)
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
}

static void
write_maps(struct deps *n, struct out *o, const struct rec *r)
{
	struct space s = spaces_process(n->spaces, r->machine, r->pid).space;
	const struct space_map *m;

	for (m = space_next(&s, 0); m != NULL; m = space_next(&s, m->end))
		write_map(o, r, n->now, m);
	set_written(n, r->machine, r->pid);
}

void
deps_write(struct deps *n, struct out *o, struct rec *r)
{
	struct str *stack = rec_stack(r), text;
	uint64_t hash;
	bool first;

	n->now = r->t > n->now ? r->t : n->now;
	if (r->pid >= 0 && has_address(r) && !is_written(n, r->machine, r->pid))
		write_maps(n, o, r);
	if (stack == NULL || !stack_is_ref(*stack, &hash))
		return;
	text = stackdefs_get(&n->stacks, hash, &first);
	if (text.n == 0 || !first)
		return;
	out_str(o, STR("stack\t"));
	out_s64(o, n->now);
	out_char(o, '\t');
	out_str(o, text);
	out_char(o, '\n');
}
