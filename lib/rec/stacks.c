/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "stacks.h"

/* The stacks used last are known: those whose definitions take LIMIT bytes, or up to twice that. A
 * reader keeps far more (stackdefs.h), so it misses no definition. */
enum { LIMIT = 6 * 1024 * 1024, SLOT = 64 };

struct stacks {
	struct hash young, old;    /* @HASH -> the check, which is not 0 */
	struct hash_recent recent; /* of the young ones */
	size_t size;               /* of the definitions of the young ones */
	struct intern machines;
	/* of processes, by process_key() */
	struct hash generation;    /* changes with the maps; none: they never changed */
	struct hash_recent mapped; /* its part of the hash of a stack; computed on demand */
	/* of stacks_refer() */
	uint64_t *word;
	size_t cap_word;
	char ref[1 + TEXT_NUMBER];
};

struct stacks *
stacks_new(void)
{
	return mem_alloc(sizeof(struct stacks));
}

void
stacks_free(struct stacks *s)
{
	hash_free(&s->young);
	hash_free(&s->old);
	hash_free(&s->generation);
	intern_free(&s->machines);
	free(s->word);
	free(s);
}

static uint64_t
process_key(struct stacks *s, struct str machine, int32_t pid)
{
	return hash_pair(intern_put(&s->machines, machine), (uint32_t)pid);
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
		*hash_recent(&s->mapped, key) = 0;
	} else if (r->kind == REC_EXIT && r->pid == r->tid && r->pid != REC_NO_ID) {
		key = process_key(s, r->machine, r->pid);
		hash_remove(&s->generation, key);
		*hash_recent(&s->mapped, key) = 0;
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
	uint64_t key = process_key(s, machine, pid), *now = hash_recent(&s->mapped, key);
	uint64_t who, *generation;

	if (*now == 0) {
		who = digest_bytes((uint64_t)pid, machine.p, machine.n);
		generation = hash_get(&s->generation, key);
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
	k.check |= k.check == 0;
	k.size = text.n > 0 ? text.n : n * STACK_WORD_TEXT;
	return k;
}

/* Make a stack one of the young ones. */
static void
add(struct stacks *s, struct stacks_key key, uint64_t check)
{
	*hash_put(&s->young, key.hash) = check;
	s->size += key.size + SLOT;
}

/* The check of a stack, 0 if it is unknown. */
static uint64_t
find(struct stacks *s, struct stacks_key key)
{
	const uint64_t *check = hash_get(&s->young, key.hash);

	if (check == NULL && (check = hash_get(&s->old, key.hash)) != NULL)
		add(s, key, *check);
	return check == NULL ? 0 : *check;
}

static void
forget_old(struct stacks *s)
{
	hash_free(&s->old);
	s->old = s->young;
	s->young = (struct hash){ 0 };
	s->recent = (struct hash_recent){ 0 };
	s->size = 0;
}

enum stacks_answer
stacks_find(struct stacks *s, struct stacks_key key)
{
	uint64_t *check = hash_recent(&s->recent, key.hash);

	if (*check == 0)
		*check = find(s, key);
	if (*check != 0)
		return *check == key.check ? STACKS_KNOWN : STACKS_CLASH;
	if (s->size > LIMIT)
		forget_old(s);
	add(s, key, key.check);
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

struct str
stacks_refer(struct stacks *s, struct out *o, const struct rec *r, struct str frames, size_t max,
    uint64_t *defined)
{
	bool notes = memchr(frames.p, '<', frames.n) != NULL;
	enum stacks_answer answer;
	struct stacks_key key;
	struct rec def;
	size_t n;

	if (s->cap_word < max) {
		s->word = mem_resize(s->word, max, sizeof *s->word);
		s->cap_word = max;
	}
	n = stack_words(frames, s->word, max);
	if (n == 0)
		return frames;
	key = stacks_key(s, r, s->word, n, notes ? frames : STR(""));
	answer = stacks_find(s, key);
	if (answer == STACKS_CLASH)
		return frames;
	if (answer == STACKS_NEW) {
		def = stacks_define(r, s->word, n, frames, key.hash);
		rec_put(o, &def);
		if (defined != NULL)
			++*defined;
	}
	*s->ref = '@';
	return (struct str){ s->ref, 1 + text_put_hex(s->ref + 1, key.hash) };
}
