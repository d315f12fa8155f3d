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
