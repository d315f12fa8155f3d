/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temp.h"

/* Make a file and remove its name, both before any signal is delivered. Returns -1 with errno set
 * on error. */
static int
open_named(const char *dir)
{
	sigset_t all, before;
	char path[4096];
	int fd, why;

	snprintf(path, sizeof path, "%s/sluiceXXXXXX", dir);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if ((fd = mkostemp(path, O_CLOEXEC)) >= 0)
		unlink(path);
	why = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return fd;
}

int
temp_open(struct fault *fault)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		fd = open_named(dir); /* not every file system has files without a name */
	if (fd < 0)
		fault_set(fault, "%s: cannot make a temporary file: %s", dir, strerror(errno));
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
