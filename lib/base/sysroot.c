/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sysroot.h"

bool
sysroot_open(struct sysroot *s, const char *folder)
{
	*s = (struct sysroot){ .folder = AT_FDCWD };
	if (folder == NULL)
		return true;
	s->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->folder >= 0 || fault_set(&s->fault, "%s: %s", folder, strerror(errno));
}

void
sysroot_close(struct sysroot *s)
{
	if (s->folder >= 0)
		close(s->folder);
	s->folder = AT_FDCWD;
}

static int
open_below(const struct sysroot *s, const char *path, int flags)
{
	struct open_how how = { .flags = (uint64_t)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	if (s->folder == AT_FDCWD)
		return open(path, flags | O_CLOEXEC);
	return (int)syscall(SYS_openat2, s->folder, path, &how, sizeof how);
}

static int
refuse(struct sysroot *s, const char *path, int error, struct fault *why)
{
	if (error == EMFILE || error == ENFILE || error == ENOMEM)
		fault_set(&s->fault, "%s: %s", path, strerror(error));
	fault_set(why, "%s", strerror(error));
	return -1;
}

/* The type is checked before the open, since opening a device or a FIFO can have effects. */
static int
open_regular(struct sysroot *s, const char *path, off_t least, struct fault *why)
{
	int fd = open_below(s, path, O_PATH);
	struct stat st;
	bool regular;

	if (fd < 0)
		return refuse(s, path, errno, why);
	regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	close(fd);
	if (!regular || st.st_size < least) {
		fault_set(why, regular ? "the file is empty" : "not a regular file");
		return -1;
	}
	fd = open_below(s, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 ? fd : refuse(s, path, errno, why);
}

int
sysroot_file(struct sysroot *s, const char *path, struct fault *why)
{
	return open_regular(s, path, 1, why);
}

int
sysroot_empty_file(struct sysroot *s, const char *path, struct fault *why)
{
	return open_regular(s, path, 0, why);
}
