/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "base/text.h"
#include "buildid.h"

enum { NT_BUILD_ID = 3, RECORDED = 40, SHORTEST = 16 };

static void
put_hex(char *d, const uint8_t *id, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		*d++ = "0123456789abcdef"[id[i] >> 4];
		*d++ = "0123456789abcdef"[id[i] & 15];
	}
	*d = '\0';
}

bool
buildid_note(struct bytes b, char *id)
{
	uint32_t name, desc, type;
	const uint8_t *owner, *p;

	while (bytes_left(&b) > 0) {
		name = bytes_u32(&b);
		desc = bytes_u32(&b);
		type = bytes_u32(&b);
		owner = bytes_take(&b, ((size_t)name + 3) & ~(size_t)3);
		p = bytes_take(&b, ((size_t)desc + 3) & ~(size_t)3);
		if (bytes_bad(&b))
			break;
		if (type == NT_BUILD_ID && name == 4 && memcmp(owner, "GNU", 4) == 0 && desc > 0 &&
		    desc <= BUILDID / 2) {
			put_hex(id, p, desc);
			return true;
		}
	}
	*id = '\0';
	return false;
}

bool
buildid_same(const char *has, const char *wants)
{
	size_t n = strlen(has);

	if (strcmp(has, wants) == 0)
		return n > 0;
	return n >= SHORTEST && strlen(wants) == RECORDED && strncmp(has, wants, n) == 0 &&
	       strspn(wants + n, "0") == RECORDED - n;
}
