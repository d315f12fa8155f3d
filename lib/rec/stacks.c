/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "stacks.h"

enum { SETS = 4096, WAYS = 4, MAXBYTES = 24 * 1024 * 1024, MEMOS = 256, NAME = 32 };

struct entry {
	uint64_t hash;
	uint64_t used; /* when it was looked up last, 0: empty */
	uint64_t *word;
	char *text;
	size_t n, text_n;
};

struct stacks {
	struct hash generation; /* of a process's maps; by machine and pid */
	uint64_t clock;
	size_t bytes;
	char machine[NAME]; /* whose processes are in memo */
	size_t machine_n;
	uint64_t epoch;
	struct memo {
		uint64_t epoch; /* it holds while this is the epoch */
		int32_t pid;
		uint64_t mapped;
	} memo[MEMOS];
	struct entry entry[SETS][WAYS];
};

struct stacks *
stacks_new(void)
{
	struct stacks *s = mem_alloc(sizeof *s);

	s->epoch = 1;
	return s;
}

static void
drop(struct stacks *s, struct entry *e)
{
	s->bytes -= e->n * sizeof *e->word + e->text_n;
	free(e->word);
	free(e->text);
	*e = (struct entry){ 0 };
}

static void
drop_all(struct stacks *s)
{
	int set, way;

	for (set = 0; set < SETS; set++)
		for (way = 0; way < WAYS; way++)
			drop(s, &s->entry[set][way]);
}

void
stacks_free(struct stacks *s)
{
	drop_all(s);
	hash_free(&s->generation);
	free(s);
}

static uint64_t
process(struct str machine, int32_t pid)
{
	return hash_bytes((uint64_t)pid, machine.p, machine.n);
}

/* Whose maps a record changes: a pid, REC_NO_ID for the kernel. False where it changes none. */
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
	uint64_t *generation;
	int32_t pid;

	if (changes(r, &pid)) {
		s->epoch++;
		generation = hash_put(&s->generation, process(r->machine, pid));
		*generation = hash_mix(*generation + (uint64_t)r->t + 1);
	} else if (r->kind == REC_EXIT && r->pid == r->tid && r->pid != REC_NO_ID) {
		s->epoch++;
		hash_remove(&s->generation, process(r->machine, r->pid));
	}
}

static uint64_t
stir(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9fb21c651e98df25;
	return h ^ h >> 29;
}

/* Four at a time, because each step of one has to wait for the step before. */
static uint64_t
hash_words(const uint64_t *word, size_t n)
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
	return stir(stir(stir(h[0], h[1]), h[2]), h[3]);
}

/* Does the memo hold that machine's processes? A long name is not remembered. */
static bool
is_remembered(struct stacks *s, struct str machine)
{
	if (machine.n == s->machine_n && memcmp(machine.p, s->machine, machine.n) == 0)
		return true;
	if (machine.n > sizeof s->machine)
		return false;
	memcpy(s->machine, machine.p, machine.n);
	s->machine_n = machine.n;
	s->epoch++;
	return true;
}

/* A process, or the kernel, with what is mapped in it now. */
static uint64_t
mapped(struct stacks *s, struct str machine, int32_t pid)
{
	struct memo *m = &s->memo[((uint32_t)pid + 1) % MEMOS];
	const uint64_t *generation;
	uint64_t who;
	bool remembered = is_remembered(s, machine);

	if (remembered && m->pid == pid && m->epoch == s->epoch)
		return m->mapped;
	who = process(machine, pid);
	generation = hash_get(&s->generation, who);
	who = hash_mix(who + (generation == NULL ? 0 : *generation));
	if (remembered)
		*m = (struct memo){ s->epoch, pid, who };
	return who;
}

static bool
same(const struct entry *e, const uint64_t *word, size_t n, struct str text)
{
	return e->n == n && memcmp(e->word, word, n * sizeof *word) == 0 && e->text_n == text.n &&
	       (text.n == 0 || memcmp(e->text, text.p, text.n) == 0);
}

static void
remember(struct stacks *s, struct entry *e, const uint64_t *word, size_t n, struct str text)
{
	drop(s, e);
	if (s->bytes > MAXBYTES)
		drop_all(s);
	e->word = (uint64_t *)(void *)mem_copy(word, n * sizeof *word);
	e->n = n;
	e->text = text.n > 0 ? mem_copy(text.p, text.n) : NULL;
	e->text_n = text.n;
	s->bytes += n * sizeof *word + text.n;
}

enum stacks_answer
stacks_find(struct stacks *s, const struct rec *r, const uint64_t *word, size_t n, struct str text,
    uint64_t *hash)
{
	struct entry *set, *e, *oldest;

	*hash = hash_words(word, n) ^ mapped(s, r->machine, REC_NO_ID);
	if (stack_has_user(word, n))
		*hash += mapped(s, r->machine, r->pid);
	*hash = hash_mix(*hash);
	set = s->entry[*hash % SETS];
	for (e = oldest = set; e < set + WAYS; e++) {
		if (e->used != 0 && e->hash == *hash) {
			e->used = ++s->clock;
			return same(e, word, n, text) ? STACKS_KNOWN : STACKS_CLASH;
		}
		if (e->used < oldest->used)
			oldest = e;
	}
	remember(s, oldest, word, n, text);
	oldest->hash = *hash;
	oldest->used = ++s->clock;
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
