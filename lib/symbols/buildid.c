/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "base/text.h"
#include "buildid.h"

enum { NT_BUILD_ID = 3, RECORDED = 40, SHORTEST = 16 };

bool
buildid_note(struct bytes b, char id[BUILDID])
{
	uint32_t name, desc, type;
	const uint8_t *owner, *p;

	*id = '\0';
	while (bytes_left(&b) > 0) {
		name = bytes_u32(&b);
		desc = bytes_u32(&b);
		type = bytes_u32(&b);
		owner = bytes_take(&b, ((size_t)name + 3) & ~(size_t)3);
		p = bytes_take(&b, ((size_t)desc + 3) & ~(size_t)3);
		if (bytes_bad(&b))
			return false;
		if (type != NT_BUILD_ID || name != 4 || memcmp(owner, "GNU", 4) != 0 || desc == 0 ||
		    desc > BUILDID / 2)
			continue;
		id[text_put_hex_bytes(id, p, desc)] = '\0';
		return true;
	}
	return false;
}

bool
buildid_same(const char *file, const char *recorded)
{
	size_t n = strlen(file);

	if (strcmp(file, recorded) == 0)
		return n > 0;
	return n >= SHORTEST && strlen(recorded) == RECORDED && strncmp(file, recorded, n) == 0 &&
	       strspn(recorded + n, "0") == RECORDED - n;
}
