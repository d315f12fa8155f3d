/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stacks.h"

enum { SETS = 4096, WAYS = 4, MEMOS = 1024, NAME = 32 };

/* A stack is remembered by 64 bits more than the hash that stands for it: that two have both alike
 * does not happen by chance. A set has the one used last first. */
struct stacks {
	struct stacks_key entry[SETS][WAYS]; /* check 0: empty */
	struct hash generation;              /* of a process's maps; by machine and pid */
	char machine[NAME];                  /* whose processes are in memo */
	size_t machine_n;
	uint64_t epoch;
	struct cache {
		uint64_t epoch; /* it holds while this is the epoch */
		int32_t pid;
		uint64_t mapped;
	} memo[MEMOS];
};

struct stacks *
stacks_new(void)
{
	struct stacks *s = mem_alloc(sizeof *s);

	s->epoch = 1;
	return s;
}

void
stacks_free(struct stacks *s)
{
	hash_free(&s->generation);
	free(s);
}

static uint64_t
process(struct str machine, int32_t pid)
{
	return digest_bytes((uint64_t)pid, machine.p, machine.n);
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
		*generation = digest(*generation + (uint64_t)r->t + 1);
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

/* The hash of words, and the check. Four at a time, because each step of one has to wait for the
 * step before. */
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
	struct cache *m = &s->memo[((uint32_t)pid + 1) % MEMOS];
	const uint64_t *generation;
	uint64_t who;
	bool remembered = is_remembered(s, machine);

	if (remembered && m->pid == pid && m->epoch == s->epoch)
		return m->mapped;
	who = process(machine, pid);
	generation = hash_get(&s->generation, who);
	who = digest(who + (generation == NULL ? 0 : *generation));
	if (remembered)
		*m = (struct cache){ s->epoch, pid, who };
	return who;
}

/* Put an entry in front of the ways before this one. */
static void
to_front(struct stacks_key *set, struct stacks_key *way, struct stacks_key e)
{
	for (; way > set; way--)
		*way = way[-1];
	*set = e;
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
	__builtin_prefetch(s->entry[k.hash % SETS], 1);
	return k;
}

enum stacks_answer
stacks_find(struct stacks *s, struct stacks_key key)
{
	struct stacks_key *set = s->entry[key.hash % SETS], *way = set;
	enum stacks_answer answer = STACKS_NEW;

	while (way < set + WAYS - 1 && way->check != 0 && way->hash != key.hash)
		way++;
	if (way->check != 0 && way->hash == key.hash)
		answer = way->check == key.check ? STACKS_KNOWN : STACKS_CLASH;
	to_front(set, way, answer == STACKS_CLASH ? *way : key);
	return answer;
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
