/* SPDX-License-Identifier: MIT */
/* text, fault - numbers are written as printf writes them and read back, escapes undone, bytes
 * quoted */

#include <inttypes.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/text.h"
#include "tap.h"

enum { ROUNDS = 200000, BYTES = 256 };

static bool
same(uint64_t v)
{
	char ours[TEXT_NUMBER + 1], hex[TEXT_NUMBER + 1], theirs[TEXT_NUMBER + 1];
	size_t n = text_put_u64(ours, v), n_hex = text_put_hex(hex, v);
	uint64_t back = 0, back_hex = 0;

	ours[n] = hex[n_hex] = '\0';
	snprintf(theirs, sizeof theirs, "%" PRIu64, v);
	if (strcmp(ours, theirs) == 0 && text_u64(ours, ours + n, &back) == ours + n &&
	    text_hex(hex, hex + n_hex, &back_hex) == hex + n_hex && back == v && back_hex == v)
		return true;
	printf("# %s is written %s and %s\n", theirs, ours, hex);
	return false;
}

static bool
same_signed(int64_t v)
{
	char ours[TEXT_NUMBER + 1], theirs[TEXT_NUMBER + 1];
	size_t n = text_put_s64(ours, v);
	int64_t back = 0;

	ours[n] = '\0';
	snprintf(theirs, sizeof theirs, "%" PRId64, v);
	return strcmp(ours, theirs) == 0 && text_s64(ours, ours + n, &back) == ours + n &&
	       back == v;
}

/* The length of the number that is read at s; -1 if there is none. */
static int
reads(const char *(*read)(const char *, const char *, uint64_t *), const char *s)
{
	uint64_t v;
	const char *end = read(s, s + strlen(s), &v);

	return end == NULL ? -1 : (int)(end - s);
}

static void
test_numbers(struct tap *t)
{
	bool powers = true, any = true;
	uint64_t ten = 1, i;
	int d;

	for (d = 0; d < 20; d++, ten *= 10)
		for (i = 0; i < 5; i++)
			powers = powers && same(ten + i - 2) && same((UINT64_C(1) << 3 * d) + i);
	for (i = 0; i < ROUNDS; i++)
		any = any && same(digest(i) >> i % 64);
	tap_ok(t, powers, "numbers near powers of ten and of eight are written and read");
	tap_ok(
	    t, any && same(UINT64_MAX) && same(0), "numbers of all lengths are written and read");
	tap_ok(t,
	    same_signed(0) && same_signed(-1) && same_signed(INT64_MAX) && same_signed(-INT64_MAX),
	    "signed numbers are written and read");
}

static void
test_limits(struct tap *t)
{
	const char *minus_zero = "-0";
	int64_t v;

	tap_ok(t, reads(text_u64, "12a") == 2 && reads(text_u64, "0") == 1,
	    "a number ends at the first byte that is no digit");
	tap_ok(t, reads(text_u64, "") < 0 && reads(text_u64, "01") < 0 && reads(text_u64, "-1") < 0,
	    "an empty text, leading zeros and a minus are not numbers");
	tap_ok(t,
	    reads(text_u64, "18446744073709551615") == 20 &&
		reads(text_u64, "18446744073709551616") < 0 &&
		reads(text_u64, "99999999999999999999") < 0 &&
		reads(text_u64, "100000000000000000000") < 0,
	    "numbers of more than 64 bits are refused");
	tap_ok(t,
	    reads(text_hex, "ffffffffffffffff") == 16 && reads(text_hex, "10000000000000000") < 0 &&
		reads(text_hex, "A") < 0 && reads(text_hex, "00") < 0 && reads(text_hex, "ag") == 1,
	    "hex numbers are lower case, without leading zeros, of up to 64 bits");
	tap_ok(t, text_s64(minus_zero, minus_zero + 2, &v) == NULL, "minus zero is refused");
}

static void
test_escapes(struct tap *t)
{
	const struct str controls =
	    STR_INIT("\xc2\x9b \x9b \xe2\x80\xae \xef\xbb\xbf caf\xc3\xa9 \xe9 \xe2\x9b\x84");
	char all[BYTES], text[4 * BYTES], back[4 * BYTES];
	size_t i, n;

	for (i = 0; i < BYTES; i++)
		all[i] = (char)i;
	n = text_escape(text, all, BYTES, " ;");
	tap_ok(t,
	    text_valid((struct str){ text, n }) && memchr(text, ' ', n) == NULL &&
		memchr(text, '\t', n) == NULL,
	    "all bytes can be escaped");
	n = text_unescape(back, (struct str){ text, n });
	tap_ok(t, n == BYTES && memcmp(back, all, BYTES) == 0, "and unescaped");
	n = text_escape(text, "-", 1, "");
	tap_ok(
	    t, str_eq((struct str){ text, n }, STR("\\x2d")), "a text that is just - is escaped");
	n = text_escape(text, controls.p, controls.n, "");
	tap_ok(t,
	    str_eq((struct str){ text, n }, STR("\\xc2\\x9b \\x9b \\xe2\\x80\\xae \\xef\\xbb\\xbf "
						"caf\xc3\xa9 \xe9 \xe2\x9b\x84")),
	    "C1 controls and hidden characters are escaped, other bytes from 0x80 are not");
	tap_ok(t,
	    !text_is_plain(controls) && !text_is_plain(STR("a\\x1b")) &&
		text_is_plain(STR("caf\xc3\xa9 \xe9")),
	    "a text without them is plain");
	n = text_unescape(back, STR("a\\q\\x4\\"));
	tap_ok(t, str_eq((struct str){ back, n }, STR("a\\q\\x4\\")), "broken escapes are copied");
	tap_ok(t,
	    !text_valid(STR("\\")) && !text_valid(STR("\\x4")) && !text_valid(STR("\\xAA")) &&
		!text_valid(STR("\x7f")) && !text_valid(STR("a\tb")) && text_valid(STR("\\\\x")),
	    "broken escapes and control bytes are not valid");
}

/* Copies of all lengths write nothing beyond their end. */
static void
test_copy(struct tap *t)
{
	char from[40], to[48];
	bool good = true;
	size_t n, i;

	for (i = 0; i < sizeof from; i++)
		from[i] = (char)('A' + i);
	for (n = 0; n <= sizeof from; n++) {
		memset(to, '-', sizeof to);
		good = good && str_put(to, (struct str){ from, n }) == to + n &&
		       memcmp(to, from, n) == 0 && to[n] == '-';
	}
	tap_ok(t, good, "strings of all lengths are copied");
}

static bool
quotes(const char *s, size_t n, size_t size, const char *want)
{
	char d[80];
	bool good;

	memset(d, '#', sizeof d);
	good = text_quote(d, size, (struct str){ s, n }) == d && strcmp(d, want) == 0 &&
	       d[size] == '#';
	if (!good)
		printf("# %s, not %s\n", d, want);
	return good;
}

static void
test_quote(struct tap *t)
{
	static const char safe[] =
	    "a b\\x1b caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7 \xef\xbf\xbd";
	static const char bidi[] = "\xd8\x9c\xe2\x80\x8f\xe2\x80\xaa\xe2\x81\xa9";
	static const char marks[] = "\\xd8\\x9c\\xe2\\x80\\x8f\\xe2\\x80\\xaa\\xe2\\x81\\xa9";
	static const char bad[] = "\xc0\x80\xed\xa0\x80\xf5\xe2\x82";

	tap_ok(t, quotes(STR(safe).p, STR(safe).n, 79, safe), "printable text stays as it is");
	tap_ok(t, quotes("\x1b[2J\r\n\t\0\x7f", 9, 79, "\\x1b[2J\\x0d\\x0a\\x09\\x00\\x7f"),
	    "control bytes are quoted");
	tap_ok(t,
	    quotes("\xc2\x9b"
		   "2J",
		4, 79, "\\xc2\\x9b2J"),
	    "C1 controls are quoted");
	tap_ok(t, quotes(STR(bidi).p, STR(bidi).n, 79, marks), "bidi marks are quoted");
	tap_ok(t, quotes(STR(bad).p, STR(bad).n, 79, "\\xc0\\x80\\xed\\xa0\\x80\\xf5\\xe2\\x82"),
	    "bytes that are not UTF-8 are quoted");
	tap_ok(t, quotes("12345678", 8, 9, "12345678") && quotes("123456789", 9, 9, "12345..."),
	    "a long text ends with dots");
	tap_ok(t,
	    quotes("12\x1b"
		   "45",
		5, 8, "12...") &&
		quotes("1234\xc3\xa9"
		       "789",
		    9, 9, "1234...") &&
		quotes("\x1b\x1b", 2, 4, "..."),
	    "no escape and no character is cut");
}

static void
test_fault(struct tap *t)
{
	struct fault f = { "" };
	char name[2 * sizeof f.text];

	tap_ok(t,
	    !fault_is(&f) && !fault_set(&f, "%s:%d: what", "a\x1b[2Jb", 7) && fault_is(&f) &&
		!fault_set(&f, "later") && strcmp(f.text, "a\\x1b[2Jb:7: what") == 0,
	    "the first error is kept, and quoted");
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	f.text[0] = '\0';
	fault_set(&f, "%s", name);
	tap_ok(t, strcmp(f.text + sizeof f.text - 5, "a...") == 0, "a long error is cut");
}

static void
test_hex_bytes(struct tap *t)
{
	char d[9] = "########";

	tap_ok(t, text_put_hex_bytes(d, "\x01\xab\xf0", 3) == 6 && strcmp(d, "01abf0##") == 0,
	    "bytes are written as hex");
}

static bool
cuts(struct str s, size_t max, struct str want)
{
	return str_eq(text_cut(s, max), want);
}

static void
test_cut(struct tap *t)
{
	tap_ok(t, cuts(STR("abc"), 3, STR("abc")) && cuts(STR("abc"), 2, STR("ab")),
	    "a text is cut to a number of bytes");
	tap_ok(t,
	    cuts(STR("a\\\\x41"), 3, STR("a\\\\")) && cuts(STR("a\\t"), 2, STR("a")) &&
		cuts(STR("\\x41b"), 4, STR("\\x41")) && cuts(STR("\\x41b"), 3, STR("")),
	    "but in no escape");
	tap_ok(t,
	    cuts(STR("a\xe2\x82\xac"), 3, STR("a")) &&
		cuts(STR("a\xe2\x82\xac"), 4, STR("a\xe2\x82\xac")) &&
		cuts(STR("a\xe2\x82"), 2, STR("a\xe2")),
	    "nor in a character, unless it is not UTF-8");
	tap_ok(t, cuts(STR("a\\"), 2, STR("a")) && cuts(STR("a\\x4"), 9, STR("a")),
	    "an escape that is not whole ends it");
}

static void
test_width(struct tap *t)
{
	tap_ok(t,
	    text_width(STR("")) == 0 && text_width(STR("plain")) == 5 &&
		text_width(STR("caf\xc3\xa9")) == 4 && text_width(STR("cafe\xcc\x81")) == 4 &&
		text_width(STR("\xe6\x97\xa5\xe6\x9c\xac")) == 4,
	    "a text has columns, not bytes: two for a wide character, none for an accent");
}

static void
test_parts(struct tap *t)
{
	struct str rest = STR("  one\ttwo "), empty = STR("");

	tap_ok(t,
	    str_eq(str_trim(STR(" \ta b \t\r")), STR("a b")) && str_trim(STR(" \t ")).n == 0 &&
		str_trim(empty).n == 0,
	    "blanks, tabs and a carriage return are cut off the ends");
	tap_ok(t,
	    str_eq(str_word(&rest), STR("one")) && str_eq(str_word(&rest), STR("two")) &&
		str_word(&rest).n == 0 && str_word(&rest).n == 0,
	    "words are taken one after the other, then empty ones");
	tap_ok(t,
	    str_eq(str_basename(STR("/usr/bin/perf")), STR("perf")) &&
		str_eq(str_basename(STR("perf")), STR("perf")) &&
		str_basename(STR("/usr/")).n == 0 && str_basename(empty).n == 0,
	    "the last part of a path follows its last slash");
	tap_ok(t,
	    str_starts(STR("vm12"), "vm") && str_starts(STR("vm"), "vm") &&
		!str_starts(STR("v"), "vm") && str_starts(empty, ""),
	    "a text starts with itself and with nothing");
}

int
main(void)
{
	struct tap t = { 0, 0 };

	test_numbers(&t);
	test_limits(&t);
	test_escapes(&t);
	test_copy(&t);
	test_quote(&t);
	test_fault(&t);
	test_hex_bytes(&t);
	test_cut(&t);
	test_width(&t);
	test_parts(&t);
	return tap_end(&t);
}
