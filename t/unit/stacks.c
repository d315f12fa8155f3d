/* SPDX-License-Identifier: MIT */
/* stacks, stackdefs - which hash stands for what, and what is forgotten when */

#include "rec/stacks.h"
#include "rec/stackdefs.h"
#include "tap.h"

static struct rec
at(const char *machine, int32_t pid)
{
	return (struct rec){ .kind = REC_IDLE, .machine = str_of(machine), .pid = pid, .tid = pid };
}

static uint64_t
hash_of(struct stacks *s, const char *machine, int32_t pid, const char *stack)
{
	struct rec r = at(machine, pid);
	uint64_t word[8];
	size_t n = stack_words(str_of(stack), word, 8);

	return stacks_key(s, &r, word, n, STR("")).hash;
}

static void
test_identity(struct tap *t)
{
	struct stacks *s = stacks_new();
	uint64_t kernel = hash_of(s, "host", 1, "k;1"), user = hash_of(s, "host", 1, "k;1;u;2");
	struct rec map = at("host", 1);

	tap_ok(t, kernel == hash_of(s, "host", 2, "k;1"),
	    "a kernel's stack is the same in all processes");
	tap_ok(t, kernel != hash_of(s, "other", 1, "k;1"), "and another one on another machine");
	tap_ok(t, kernel != hash_of(s, "host", 1, "h;1") && kernel != hash_of(s, "host", 1, "1"),
	    "and in another mode");
	tap_ok(t, user == hash_of(s, "host", 1, "k;1;u;2"), "a user's stack is the same");
	tap_ok(t, user != hash_of(s, "host", 2, "k;1;u;2"), "and another one in another process");
	map.kind = REC_MAP;
	map.map.mode = STR("u");
	stacks_note(s, &map);
	tap_ok(t, user != hash_of(s, "host", 1, "k;1;u;2"), "and when something was mapped");
	tap_ok(t, kernel == hash_of(s, "host", 1, "k;1"), "which the kernel's is not");
	map.pid = REC_NO_ID;
	map.map.mode = STR("k");
	stacks_note(s, &map);
	tap_ok(t, kernel != hash_of(s, "host", 1, "k;1"), "unless it is in the kernel");
	stacks_free(s);
}

static void
test_answers(struct tap *t)
{
	struct stacks *s = stacks_new();
	struct rec r = at("host", 1);
	const uint64_t word[] = { STACK_KERNEL, 1 };
	struct stacks_key key = stacks_key(s, &r, word, 2, STR(""));

	tap_ok(t, stacks_find(s, key) == STACKS_NEW, "new");
	tap_ok(t, stacks_find(s, key) == STACKS_KNOWN, "known");
	key = stacks_key(s, &r, word, 2, STR("k;1<f>"));
	tap_ok(t, stacks_find(s, key) == STACKS_CLASH, "another text");
	tap_ok(t, stacks_define(&r, word, 2, STR("k;1"), key.hash).pid == REC_NO_ID,
	    "the definition of a kernel's stack has no process");
	stacks_free(s);
}

/* Two stacks that stir() gives one hash. */
static void
test_check(struct tap *t)
{
	struct stacks *s = stacks_new();
	struct rec r = at("host", 1);
	const uint64_t word[] = { STACK_KERNEL, 0xffffffff81000000, 0xffffffff81001000,
		0xffffffff81002000, 0xffffffff81003000, 0xffffffff81004000, 0xffffffff81005000,
		0xffffffff81006000 };
	uint64_t other[8];
	struct stacks_key key = stacks_key(s, &r, word, 8, STR("")), same;

	memcpy(other, word, sizeof other);
	other[4] = 0xffffffff81999999;
	other[5] = 0x14a14bb7dc1ed151;
	same = stacks_key(s, &r, other, 8, STR(""));
	tap_ok(t, key.hash == same.hash, "two stacks with one hash");
	tap_ok(t, stacks_find(s, key) == STACKS_NEW && stacks_find(s, same) == STACKS_CLASH,
	    "the check tells them apart");
	stacks_free(s);
}

/* Asking for one all the time keeps it, whatever else comes. */
static void
test_bounds(struct tap *t)
{
	enum { OTHERS = 100000, BIG = 4096 };
	static const char big[BIG];
	struct stacks *s = stacks_new();
	struct stackdefs d = { 0 };
	struct rec r = at("host", 1);
	struct stacks_key key;
	uint64_t word[] = { 0, 0 }, i, kept = 0, defined = 0, first = 0;

	for (i = 0; i < OTHERS; i++) {
		word[1] = i + 2;
		key = stacks_key(s, &r, word, 2, STR(""));
		stacks_find(s, key);
		stackdefs_put(&d, key.hash, (struct str){ big, BIG });
		first = i == 0 ? key.hash : first;
		word[1] = 1;
		key = stacks_key(s, &r, word, 2, STR(""));
		defined += stacks_find(s, key) == STACKS_NEW;
		if (i == 0)
			stackdefs_put(&d, key.hash, STR("kept"));
		kept += str_eq(stackdefs_get(&d, key.hash, NULL), STR("kept"));
	}
	tap_ok(t, defined == 1, "what is used is not defined again");
	tap_ok(t, kept == OTHERS, "what is asked for is not forgotten");
	tap_ok(t, stackdefs_get(&d, first, NULL).n == 0, "what is not asked for is");
	stackdefs_free(&d);
	stacks_free(s);
}

/* A writer defines a stack again before a reader of ten such streams may have forgotten it. */
static void
test_forgetting(struct tap *t)
{
	enum { DEEP = 8192, OTHERS = 128 * 1024 * 1024 / 10 / DEEP };
	static const char text[DEEP];
	struct stacks *s = stacks_new();
	struct rec r = at("host", 1);
	uint64_t word[] = { STACK_KERNEL, 1 };
	uint64_t i;

	tap_ok(t, stacks_find(s, stacks_key(s, &r, word, 2, STR("k;1<f>"))) == STACKS_NEW, "new");
	for (i = 0; i < OTHERS; i++) {
		word[1] = i + 2;
		stacks_find(s, stacks_key(s, &r, word, 2, (struct str){ text, DEEP }));
	}
	word[1] = 1;
	tap_ok(t, stacks_find(s, stacks_key(s, &r, word, 2, STR("k;1<f>"))) == STACKS_NEW,
	    "deep stacks are forgotten by their size");
	stacks_free(s);
}

static void
test_defs(struct tap *t)
{
	struct stackdefs d = { 0 };
	bool first = true;

	tap_ok(t, stackdefs_get(&d, 7, &first).n == 0, "not defined");
	tap_ok(t, stackdefs_agree(&d, 7, STR("a")) && stackdefs_agree(&d, 7, STR("a")), "alike");
	tap_ok(t, stackdefs_get(&d, 7, NULL).n == 1 && stackdefs_get(&d, 7, &first).n == 1 && first,
	    "the first who asks");
	stackdefs_put(&d, 7, STR("a"));
	tap_ok(t, stackdefs_get(&d, 7, &first).n == 1 && !first, "the second");
	tap_ok(t, !stackdefs_agree(&d, 7, STR("b")), "otherwise");
	tap_ok(t, str_eq(stackdefs_get(&d, 7, &first), STR("b")) && first, "the last one holds");
	tap_ok(t,
	    stackdefs_agree(&d, 0, STR("")) && stackdefs_agree(&d, UINT64_MAX, STR("c")) &&
		str_eq(stackdefs_get(&d, UINT64_MAX, NULL), STR("c")),
	    "any hash");
	stackdefs_free(&d);
}

int
main(void)
{
	struct tap t = { 0, 0 };

	test_identity(&t);
	test_answers(&t);
	test_check(&t);
	test_defs(&t);
	test_bounds(&t);
	test_forgetting(&t);
	return tap_end(&t);
}
