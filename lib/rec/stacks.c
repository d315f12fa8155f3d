/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <string.h>

#include "base/cache.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/mem.h"
#include "stacks.h"

/* The stacks used last are known: those whose definitions take LIMIT bytes, or up to twice that. A
 * reader keeps far more (stackdefs.h), so it misses no definition. */
enum { LIMIT = 6 * 1024 * 1024, SLOT = 64 };

/* The keys found last, in front of the tables: most stacks are among them. Each is mixed into 64
 * bits, so that 64 KB hold them. */
enum { LATEST = 8192 };

/* The texts whose sums stacks_refer() remembers: most stacks are among those used last. */
enum { TEXTS = 64 * 1024, TEXTS_SIZE = 8 * 1024 * 1024 };

struct stacks {
	/* @HASH -> the check, which is not 0: of those used since old was dropped last, and before
	 */
	struct hash known, old;
	size_t size;             /* of the definitions of known */
	uint64_t latest[LATEST]; /* keys that known has; 0: none */
	struct intern machines;
	struct str machine; /* the last one that was asked about */
	uint32_t number;    /* its number */
	uint64_t kernel;    /* mapped() of its kernel; 0: not computed yet */
	/* of processes, by process_key() */
	struct hash generation;    /* changes with the maps; none: they never changed */
	struct hash_recent mapped; /* its part of the hash of a stack; computed on demand */
	/* of stacks_refer() */
	struct cache *sums; /* of texts */
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
	hash_free(&s->known);
	hash_free(&s->old);
	hash_free(&s->generation);
	intern_free(&s->machines);
	cache_free(s->sums);
	free(s->word);
	free(s);
}

static inline void
enter_machine(struct stacks *s, struct str machine)
{
	if (str_eq(machine, s->machine))
		return;
	s->number = intern_put(&s->machines, machine);
	s->machine = intern_str(&s->machines, s->number);
	s->kernel = 0;
}

/* A process of the machine that was entered. */
static uint64_t
process_key(const struct stacks *s, int32_t pid)
{
	return hash_pair(s->number, (uint32_t)pid);
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
		enter_machine(s, r->machine);
		s->kernel = 0;
		key = process_key(s, pid);
		generation = hash_put(&s->generation, key);
		*generation = digest(*generation + (uint64_t)r->t + 1);
		*hash_recent(&s->mapped, key) = 0;
	} else if (r->kind == REC_EXIT && r->pid == r->tid && r->pid != REC_NO_ID) {
		enter_machine(s, r->machine);
		key = process_key(s, r->pid);
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

/* For the check: it shares no step with stir(), so that a change of the words that the hash misses
 * is likely to be seen. */
static uint64_t
turn(uint64_t c, uint64_t word)
{
	return (c << 25 | c >> 39) + word;
}

/* There are four sums because the steps of one have to wait for each other. The hash is part of the
 * format: sluice-stack(5). */
struct stacks_sum
stacks_sum(const uint64_t *word, size_t n)
{
	uint64_t h0 = n, h1 = n + 1, h2 = n + 2, h3 = n + 3;
	uint64_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
	unsigned any = 0;
	size_t i;

	for (i = 0; i + 4 <= n; i += 4) {
		h0 = stir(h0, word[i]);
		c0 = turn(c0, word[i]);
		h1 = stir(h1, word[i + 1]);
		c1 = turn(c1, word[i + 1]);
		h2 = stir(h2, word[i + 2]);
		c2 = turn(c2, word[i + 2]);
		h3 = stir(h3, word[i + 3]);
		c3 = turn(c3, word[i + 3]);
		any |= stack_is_user(word[i]) | stack_is_user(word[i + 1]) |
		       stack_is_user(word[i + 2]) | stack_is_user(word[i + 3]);
	}
	if (i < n) {
		h0 = stir(h0, word[i]);
		c0 = turn(c0, word[i]);
		any |= stack_is_user(word[i]);
	}
	if (i + 1 < n) {
		h1 = stir(h1, word[i + 1]);
		c1 = turn(c1, word[i + 1]);
		any |= stack_is_user(word[i + 1]);
	}
	if (i + 2 < n) {
		h2 = stir(h2, word[i + 2]);
		c2 = turn(c2, word[i + 2]);
		any |= stack_is_user(word[i + 2]);
	}
	return (struct stacks_sum){ stir(stir(stir(h0, h1), h2), h3),
		stir(stir(stir(stir(n, c0), c1), c2), c3), n * STACK_WORD_TEXT, any != 0 };
}

static uint64_t
compute_mapped(const struct stacks *s, int32_t pid)
{
	uint64_t who = digest_bytes((uint64_t)pid, s->machine.p, s->machine.n);
	const uint64_t *generation = hash_get(&s->generation, process_key(s, pid));

	return digest(who + (generation == NULL ? 0 : *generation));
}

/* A number for a process of the machine that was entered, or its kernel, and its current maps. */
static inline uint64_t
mapped(struct stacks *s, int32_t pid)
{
	uint64_t *now = hash_recent(&s->mapped, process_key(s, pid));

	if (*now == 0)
		*now = compute_mapped(s, pid);
	return *now;
}

/* Add the text that defines a stack to its sum. */
static void
sum_text(struct stacks_sum *sum, struct str text)
{
	if (text.n == 0)
		return;
	sum->check ^= digest_bytes(text.n, text.p, text.n);
	sum->size = text.n;
}

struct stacks_key
stacks_sum_key(struct stacks *s, const struct rec *r, const struct stacks_sum *sum)
{
	struct stacks_key k = { sum->hash, sum->check | 1, sum->size };

	enter_machine(s, r->machine);
	if (s->kernel == 0)
		s->kernel = mapped(s, REC_NO_ID);
	k.hash ^= s->kernel;
	if (sum->user)
		k.hash += mapped(s, r->pid);
	k.hash = digest(k.hash);
	return k;
}

struct stacks_key
stacks_key(struct stacks *s, const struct rec *r, const uint64_t *word, size_t n, struct str text)
{
	struct stacks_sum sum = stacks_sum(word, n);

	sum_text(&sum, text);
	return stacks_sum_key(s, r, &sum);
}

/* Those that are known become old ones. */
static void
forget_old(struct stacks *s)
{
	struct hash old = s->old;

	hash_clear(&old);
	s->old = s->known;
	s->known = old;
	s->size = 0;
	memset(s->latest, 0, sizeof s->latest);
}

/* stacks_find() for a key that was not found lately. */
static enum stacks_answer
find(struct stacks *s, struct stacks_key key)
{
	uint64_t *check = hash_put(&s->known, key.hash), *old;

	if (*check != 0)
		return *check == key.check ? STACKS_KNOWN : STACKS_CLASH;
	old = hash_get(&s->old, key.hash);
	*check = old != NULL ? *old : key.check;
	if (old == NULL && s->size > LIMIT) {
		hash_remove(&s->known, key.hash);
		forget_old(s);
		*hash_put(&s->known, key.hash) = key.check;
	}
	s->size += key.size + SLOT;
	if (old == NULL)
		return STACKS_NEW;
	return *old == key.check ? STACKS_KNOWN : STACKS_CLASH;
}

enum stacks_answer
stacks_find(struct stacks *s, struct stacks_key key)
{
	uint64_t mixed = key.check ^ (key.hash << 32 | key.hash >> 32);
	uint64_t *latest = &s->latest[key.hash % LATEST];
	enum stacks_answer answer;

	if (*latest == mixed)
		return STACKS_KNOWN;
	answer = find(s, key);
	if (answer != STACKS_CLASH)
		*latest = mixed;
	return answer;
}

static struct rec
define(const struct rec *r, int32_t pid, struct str text, uint64_t hash)
{
	struct rec def;

	def.kind = REC_STACK;
	def.more = STR("");
	def.t = r->t;
	def.machine = r->machine;
	def.cpu = def.tid = REC_NO_ID;
	def.pid = pid;
	def.stack.hash = hash;
	def.stack.frames = text;
	return def;
}

struct rec
stacks_define(const struct rec *r, const uint64_t *word, size_t n, struct str text, uint64_t hash)
{
	return define(r, stack_has_user(word, n) ? r->pid : REC_NO_ID, text, hash);
}

bool
stacks_text_sum(struct stacks *s, struct str frames, size_t max, struct stacks_sum *sum)
{
	size_t n;

	if (s->cap_word < max) {
		s->word = mem_resize(s->word, max, sizeof *s->word);
		s->cap_word = max;
	}
	if ((n = stack_words(frames, s->word, max)) == 0)
		return false;
	*sum = stacks_sum(s->word, n);
	if (memchr(frames.p, '<', frames.n) != NULL)
		sum_text(sum, frames);
	return true;
}

/* The same, from memory if it can be. */
static bool
get_sum(struct stacks *s, struct str frames, size_t max, struct stacks_sum *sum)
{
	struct cache_key key = { 0, 0, frames };
	struct str value;

	if (s->sums == NULL)
		s->sums = cache_new(TEXTS, TEXTS_SIZE);
	if (cache_get(s->sums, &key, &value)) {
		memcpy(sum, value.p, sizeof *sum);
		return true;
	}
	if (!stacks_text_sum(s, frames, max, sum))
		return false;
	cache_put(s->sums, &key, (struct str){ (const char *)sum, sizeof *sum });
	return true;
}

struct stacks_use
stacks_use_sum(struct stacks *s, const struct rec *r, const struct stacks_sum *sum)
{
	return (struct stacks_use){
		.key = stacks_sum_key(s, r, sum), .t = r->t, .pid = sum->user ? r->pid : REC_NO_ID
	};
}

bool
stacks_use(
    struct stacks *s, const struct rec *r, struct str frames, size_t max, struct stacks_use *use)
{
	struct stacks_sum sum;

	if (!get_sum(s, frames, max, &sum))
		return false;
	*use = stacks_use_sum(s, r, &sum);
	return true;
}

struct str
stacks_put(struct stacks *s, struct out *o, const struct rec *r, const struct stacks_use *use,
    struct str frames, uint64_t *defined)
{
	enum stacks_answer answer = stacks_find(s, use->key);
	struct rec def;

	if (answer == STACKS_CLASH)
		return frames;
	if (answer == STACKS_NEW) {
		def = define(r, use->pid, frames, use->key.hash);
		def.t = use->t;
		rec_put(o, &def);
		if (defined != NULL)
			++*defined;
	}
	*s->ref = '@';
	return (struct str){ s->ref, 1 + text_put_hex(s->ref + 1, use->key.hash) };
}

struct str
stacks_refer(struct stacks *s, struct out *o, const struct rec *r, struct str frames, size_t max,
    uint64_t *defined)
{
	struct stacks_use use;

	return stacks_use(s, r, frames, max, &use) ? stacks_put(s, o, r, &use, frames, defined)
						   : frames;
}
