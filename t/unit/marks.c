/* SPDX-License-Identifier: MIT */
/* marks - the two ways to find control bytes find what looking at each byte does */

#include "rec/marks.h"
#include "tap.h"

static uint64_t
by_hand(const char *s)
{
	uint64_t marks = 0;
	int i;

	for (i = 0; i < 64; i++)
		marks |= (uint64_t)((unsigned char)s[i] < ' ') << i;
	return marks;
}

int
main(void)
{
	static const char some[] = { '\t', '\n', '\0', 0x1f, ' ', 0x7f, (char)0x80, (char)0x8a,
		(char)0xff, 'a', '-', 0x0b };
	struct tap t = { 0 };
	uint64_t r = 88172645463325252;
	bool here = true, anywhere = true, any = true, equal = true;
	char s[1 + 64], other[32];
	int round, i;

	for (round = 0; round < 20000; round++) {
		for (i = 0; i < 64; i++) {
			r ^= r << 13;
			r ^= r >> 7;
			r ^= r << 17;
			s[1 + i] = round % 2 == 0 ? (char)(r >> 40) : some[r % sizeof some];
		}
		for (i = 0; round % 4 == 0 && i < 64; i++) /* one control byte, or none */
			s[1 + i] = i == round / 4 % 128 ? '\t' : s[1 + i] | ' ';
		here = here && marks_of(s + 1) == by_hand(s + 1);
		anywhere = anywhere && marks_anywhere(s + 1) == by_hand(s + 1);
		any = any && marks_any(s + 1) == (by_hand(s + 1) != 0);
		memcpy(other, s + 1, sizeof other);
		other[round % 32] ^= 1;
		for (i = 1; i <= 32; i++)
			equal = equal && marks_same(s + 1, other, (size_t)i) == (i <= round % 32);
	}
	tap_ok(&t, here, "as this machine does it");
	tap_ok(&t, anywhere, "as any machine does it");
	tap_ok(&t, any, "and whether there are any");
	tap_ok(&t, equal, "texts of 1 to 32 bytes are the same up to the first byte that differs");
	return tap_end(&t);
}
