/* SPDX-License-Identifier: MIT */
/* intern, strbuf - equal texts have one number, whatever collides; texts grow */

#include "base/intern.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "tap.h"

enum { N = 70000 };

static struct str
name(char *d, uint64_t i)
{
	size_t n = text_put_hex(d, digest(i));

	return (struct str){ d, n - i % 3 };
}

static void
test_numbers(struct tap *t)
{
	struct intern in = { 0 };
	char d[TEXT_NUMBER];
	bool dense = true, same = true, text = true;
	uint64_t i;

	for (i = 0; i < N; i++)
		dense = dense && intern_put(&in, name(d, i)) == i && in.n == i + 1;
	for (i = 0; i < N; i++) {
		same =
		    same && intern_put(&in, name(d, i)) == i && intern_find(&in, name(d, i)) == i;
		text = text && str_eq(intern_str(&in, (uint32_t)i), name(d, i));
		text = text && intern_str(&in, (uint32_t)i).p[name(d, i).n] == '\0';
	}
	tap_ok(t, dense, "new texts are numbered in their order");
	tap_ok(t, same && in.n == N, "known texts keep their number");
	tap_ok(t, text, "a number gives its text");
	tap_ok(t, intern_find(&in, name(d, N)) == INTERN_NONE && in.n == N,
	    "looking for a text does not add it");
	intern_free(&in);
	tap_ok(
	    t, in.n == 0 && intern_find(&in, name(d, 0)) == INTERN_NONE, "an empty table has none");
}

/* Many more texts than a hash of 16 bits tells apart; prefixes, NUL bytes, the empty text. */
static void
test_likes(struct tap *t)
{
	static const char zeros[N];
	struct intern in = { 0 };
	bool good = true;
	size_t i;

	for (i = 0; i < N; i += 999)
		good = good && intern_put(&in, (struct str){ zeros, i }) == i / 999;
	for (i = 0; i < N; i += 999)
		good = good && intern_find(&in, (struct str){ zeros, i }) == i / 999;
	tap_ok(t, good, "texts that are the start of others are told apart");
	intern_free(&in);
}

static void
test_strbuf(struct tap *t)
{
	struct strbuf b = { 0 };
	bool good = true;
	size_t i;

	tap_ok(t, strbuf_str(&b).n == 0 && str_none(strbuf_field(&b)), "a new text is empty");
	for (i = 0; i < N; i++) {
		strbuf_putc(&b, 'a');
		strbuf_add(&b, STR("bc"));
		strbuf_add_bytes(&b, "d", 1);
		b.n += text_put_u64(strbuf_reserve(&b, TEXT_NUMBER), i % 10);
	}
	for (i = 0; i < N; i++)
		good = good && memcmp(b.p + 5 * i, "abcd", 4) == 0 &&
		       b.p[5 * i + 4] == (char)('0' + i % 10);
	tap_ok(t, good && strbuf_str(&b).n == 5 * N, "a text grows");
	i = b.cap;
	strbuf_set_field(&b, STR("x"));
	tap_ok(t, str_eq(strbuf_field(&b), STR("x")) && b.cap == i, "its memory is reused");
	strbuf_set_field(&b, STR_NONE);
	tap_ok(t, b.n == 0 && str_none(strbuf_field(&b)), "\"-\" makes it empty");
	strbuf_free(&b);
}

int
main(void)
{
	struct tap t = { 0, 0 };

	test_numbers(&t);
	test_likes(&t);
	test_strbuf(&t);
	return tap_end(&t);
}
