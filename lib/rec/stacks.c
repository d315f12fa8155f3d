/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/intern.h"
#include "base/mem.h"
#include "stackdefs.h"
#include "stacks.h"

struct stacks {
	struct stackdefs written; /* the check of each stack */
	struct intern machines;
	/* of processes, by process_key() */
	struct hash generation; /* changes with the maps; none: they never changed */
	struct hash mapped;     /* its part of the hash of a stack; computed on demand */
};

struct stacks *
stacks_new(void)
{
	struct stacks *s = mem_alloc(sizeof *s);

	s->written.limit = STACKDEFS_WRITER;
	return s;
}

void
stacks_free(struct stacks *s)
{
	stackdefs_free(&s->written);
	hash_free(&s->generation);
	hash_free(&s->mapped);
	intern_free(&s->machines);
	free(s);
}

static uint64_t
process_key(struct stacks *s, struct str machine, int32_t pid)
{
	return (uint64_t)intern_put(&s->machines, machine) << 32 | (uint32_t)pid;
}

/* Does the record change maps, and in which process? REC_NO_ID: in the kernel. */
static bool
changes(const struct rec *r, int32_t *pid)
{
	*pid = r->pid;
	switch (r->kind) {
	case REC_MAP:
		if (!str_eq(r->map.mode, STR("u")) && !str_eq(r->map.mode, STR("gu")))
			*pid = REC_NO_ID;
		return true;
	case REC_KSYM:
		*pid = REC_NO_ID;
		return true;
	case REC_COMM:
		return str_eq(r->comm.how, STR("exec"));
	case REC_FORK:
		*pid = r->fork.child_pid;
		return r->fork.child_pid == r->fork.child_tid;
	default:
		return false;
	}
}

void
stacks_note(struct stacks *s, const struct rec *r)
{
	uint64_t *generation, key;
	int32_t pid;

	if (changes(r, &pid)) {
		key = process_key(s, r->machine, pid);
		generation = hash_put(&s->generation, key);
		*generation = digest(*generation + (uint64_t)r->t + 1);
		hash_remove(&s->mapped, key);
	} else if (r->kind == REC_EXIT && r->pid == r->tid && r->pid != REC_NO_ID) {
		key = process_key(s, r->machine, r->pid);
		hash_remove(&s->generation, key);
		hash_remove(&s->mapped, key);
	}
}

static uint64_t
stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9fb21c651e98df25;
	return h ^ h >> 29;
}

/* The hash and the check of words. There are four sums because the steps of one have to wait for
 * each other. The hash is part of the format: sluice-stack(5). */
static uint64_t
hash_words(const uint64_t *word, size_t n, uint64_t *check)
{
	uint64_t h[4] = { n, n + 1, n + 2, n + 3 };
	size_t i;

	for (i = 0; i + 4 <= n; i += 4) {
		h[0] = stir(h[0], word[i]);
		h[1] = stir(h[1], word[i + 1]);
		h[2] = stir(h[2], word[i + 2]);
		h[3] = stir(h[3], word[i + 3]);
	}
	for (; i < n; i++)
		h[i % 4] = stir(h[i % 4], word[i]);
	*check = stir(stir(h[3], h[2]), stir(h[1], h[0]));
	return stir(stir(stir(h[0], h[1]), h[2]), h[3]);
}

/* A number for a process, or the kernel, and its current maps. */
static uint64_t
mapped(struct stacks *s, struct str machine, int32_t pid)
{
	uint64_t *now = hash_put(&s->mapped, process_key(s, machine, pid));
	uint64_t who, *generation;

	if (*now == 0) {
		who = digest_bytes((uint64_t)pid, machine.p, machine.n);
		generation = hash_get(&s->generation, process_key(s, machine, pid));
		*now = digest(who + (generation == NULL ? 0 : *generation));
	}
	return *now;
}

struct stacks_key
stacks_key(struct stacks *s, const struct rec *r, const uint64_t *word, size_t n, struct str text)
{
	struct stacks_key k;

	k.hash = hash_words(word, n, &k.check) ^ mapped(s, r->machine, REC_NO_ID);
	if (stack_has_user(word, n))
		k.hash += mapped(s, r->machine, r->pid);
	k.hash = digest(k.hash);
	if (text.n > 0)
		k.check ^= digest_bytes(text.n, text.p, text.n);
	k.size = text.n > 0 ? text.n : n * STACK_WORD_TEXT;
	return k;
}

enum stacks_answer
stacks_find(struct stacks *s, struct stacks_key key)
{
	struct str check = { (const char *)&key.check, sizeof key.check };
	struct str found = stackdefs_get(&s->written, key.hash, NULL);

	if (found.n > 0)
		return str_eq(found, check) ? STACKS_KNOWN : STACKS_CLASH;
	stackdefs_put_part(&s->written, key.hash, check, key.size);
	return STACKS_NEW;
}

struct rec
stacks_define(const struct rec *r, const uint64_t *word, size_t n, struct str text, uint64_t hash)
{
	return (struct rec){ .kind = REC_STACK,
		.t = r->t,
		.machine = r->machine,
		.cpu = REC_NO_ID,
		.pid = stack_has_user(word, n) ? r->pid : REC_NO_ID,
		.tid = REC_NO_ID,
		.stack = { hash, text } };
}
