/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "temp.h"

int
temp_open(struct fault *fault)
{
	const char *dir = getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/sluiceXXXXXX", dir);
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		fault_set(fault, "%s: cannot make a temporary file: %s", dir, strerror(errno));
	else
		unlink(path);
	return fd;
}

bool
temp_write(int fd, uint64_t offset, const void *p, size_t n)
{
	size_t done = 0;
	ssize_t put;

	while (done < n) {
		put = pwrite(fd, (const char *)p + done, n - done, (off_t)(offset + done));
		if (put < 0 && errno != EINTR)
			return false;
		done += put > 0 ? (size_t)put : 0;
	}
	return true;
}
