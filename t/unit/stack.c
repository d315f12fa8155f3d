/* SPDX-License-Identifier: MIT */
/* stack - frames, modes and names are told apart; words and text are the same stack */

#include "rec/stack.h"
#include "tap.h"

enum { MAXWORDS = 8 };

/* The frames of a stack, each as mode, address, * where innermost, note: "k1*(f) u2*()". */
static bool
walks(const char *stack, const char *want)
{
	struct stack_walk w = stack_walk(str_of(stack));
	struct stack_frame f;
	char got[256] = "";
	size_t n = 0;

	while (stack_next(&w, &f))
		n += (size_t)snprintf(got + n, sizeof got - n, "%s%s%llx%s(%.*s)", n > 0 ? " " : "",
		    stack_mode_name(f.mode).p, (unsigned long long)f.addr, f.innermost ? "*" : "",
		    (int)f.note.n, f.note.p);
	if (w.p != w.end)
		snprintf(got + n, sizeof got - n, " stopped at %.*s", (int)(w.end - w.p), w.p);
	if (strcmp(got, want) != 0)
		printf("# %s: %s\n", stack, got);
	return strcmp(got, want) == 0;
}

/* Words give the text back. */
static bool
words(const char *stack, size_t want)
{
	uint64_t word[MAXWORDS];
	char text[MAXWORDS * STACK_WORD_TEXT];
	size_t n = stack_words(str_of(stack), word, MAXWORDS);

	if (n != want)
		printf("# %s: %zu words\n", stack, n);
	return n == want &&
	       (n == 0 || str_eq((struct str){ text, stack_text(text, word, n) }, str_of(stack)));
}

static void
test_walk(struct tap *t)
{
	tap_ok(t, walks("k;1;2;u;3;4", "k1*() k2() u3*() u4()"),
	    "the first of each mode is innermost");
	tap_ok(t, walks("1;2", "-1*() -2()"), "no mode");
	tap_ok(t, walks("gk;1;gu;2;h;3;k;4", "gk1*() gu2*() h3*() k4*()"), "all modes");
	tap_ok(t, walks("k;1<f+0x1>;2<? /bin/x>;3<?>", "k1*(f+0x1) k2(? /bin/x) k3(?)"), "notes");
	tap_ok(
	    t, walks("1<operator<>;2<a>b+0x0>", "-1*(operator<) -2(a>b+0x0)"), "brackets in notes");
	tap_ok(t, walks("k;1;x;2", "k1*() stopped at x;2"), "stops at what is no frame");
	tap_ok(t, walks("k;1;2<a", "k1*() stopped at 2<a"), "stops at a note that is not closed");
	tap_ok(t, walks("k;1;;2", "k1*() stopped at ;2"), "stops at an empty token");
	tap_ok(t, walks("k;u", ""), "modes without frames");
	tap_ok(t, walks("", ""), "nothing");
}

static void
test_words(struct tap *t)
{
	tap_ok(t, words("k;ffffffff81000000;u;7f0000000000", 4), "words and back");
	tap_ok(t, words("k;k;1;u", 4), "modes that say nothing stay");
	tap_ok(t, words("1;2;3;4;5;6;7;8", 8), "as many as fit");
	tap_ok(t, words("1;2;3;4;5;6;7;8;9", 0), "one more");
	tap_ok(t, words("k;ffffffffffffff80", 0), "an address that reads as a mode");
	tap_ok(t, words("k;ffffffffffffff81;fffffffffffff000", 3), "addresses beside it");
	tap_ok(t, words("k;x", 0) && words("@12", 0) && words("", 0), "no stack");
}

/* Sixteen digits, which are read eight at a time, have the value that a digit at a time gives; any
 * other byte among them makes it no reference. */
static bool
refs_are_right(void)
{
	char text[] = "@f0123456789abcde", c;
	struct str s = { text, sizeof text - 1 };
	uint64_t hash, truth = 0;
	const char *end;
	int i, byte;

	for (i = 1; i <= 16; i++)
		for (byte = 0; byte < 256; byte++) {
			c = text[i];
			text[i] = (char)byte;
			end = text_hex(text + 1, text + 17, &truth);
			if (stack_is_ref(s, &hash) != (end == text + 17) ||
			    (end == text + 17 && hash != truth))
				return false;
			text[i] = c;
		}
	*text = '#';
	return !stack_is_ref(s, &hash);
}

int
main(void)
{
	struct tap t = { 0, 0 };
	uint64_t hash = 0, word[] = { STACK_KERNEL, 1, STACK_GUEST_USER, 2 };
	struct stack_walk w;
	struct stack_frame f;

	test_walk(&t);
	test_words(&t);
	w = stack_walk((struct str){ NULL, 0 });
	tap_ok(&t, !stack_next(&w, &f), "a field that is not there is an empty stack");
	tap_ok(&t, stack_has_user(word, 4) && !stack_has_user(word, 2), "a guest's user is a user");
	tap_ok(&t, stack_is_ref(STR("@12ab"), &hash) && hash == 0x12ab, "a reference");
	tap_ok(&t, !stack_is_ref(STR("@"), &hash) && !stack_is_ref(STR("@1;2"), &hash), "none");
	tap_ok(&t, refs_are_right(), "a reference is sixteen digits at most, and nothing else");
	tap_ok(&t,
	    stack_valid_frame(STR("1<a>")) && !stack_valid_frame(STR("1;2")) &&
		!stack_valid_frame(STR("")),
	    "one frame");
	return tap_end(&t);
}
