/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "temp.h"

int
temp_open(char path[TEMP_PATH])
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, TEMP_PATH, "%s/sluiceXXXXXX", dir == NULL ? "/tmp" : dir);
	if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
		unlink(path);
	return fd;
}
