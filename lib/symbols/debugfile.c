/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "debugfile.h"

/* A file name, zeros up to a multiple of four, the checksum. */
void
debugfile_link(struct debugfile *f, struct bytes b)
{
	struct bytes all = b;
	size_t len, n = bytes_left(&b);
	const char *name = bytes_string(&b, &len);

	if (len == 0 || len == n || memchr(name, '/', len) != NULL)
		return;
	bytes_take(&all, (len + 4) & ~(size_t)3);
	f->checksum = bytes_u32(&all);
	f->link = bytes_bad(&all) ? NULL : name;
}

static bool
by_build(const struct debugfile *f, char *path)
{
	if (strlen(f->build) < 3)
		return false;
	snprintf(
	    path, DEBUGFILE_PATH, "/usr/lib/debug/.build-id/%.2s/%s.debug", f->build, f->build + 2);
	return true;
}

bool
debugfile_place(const struct debugfile *f, int i, char path[DEBUGFILE_PATH])
{
	static const char *const places[DEBUGFILE_PLACES][2] = { { "", "" }, { "", "" },
		{ "", ".debug/" }, { "/usr/lib/debug", "" } };
	const char *slash = strrchr(f->program, '/');
	int dir = slash == NULL ? 0 : (int)(slash - f->program) + 1;

	if (i == 0)
		return by_build(f, path);
	if (f->link == NULL)
		return false;
	return snprintf(path, DEBUGFILE_PATH, "%s%.*s%s%s", places[i][0], dir, f->program,
		   places[i][1], f->link) < DEBUGFILE_PATH;
}

/* CRC-32 of IEEE 802.3. */
uint32_t
debugfile_checksum(int fd)
{
	uint8_t buf[16384];
	uint32_t crc = ~UINT32_C(0);
	ssize_t n, i;
	off_t at;
	int bit;

	for (at = 0; (n = pread(fd, buf, sizeof buf, at)) > 0; at += n)
		for (i = 0; i < n; i++)
			for (crc ^= buf[i], bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
	return ~crc;
}
