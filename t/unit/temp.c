/* SPDX-License-Identifier: MIT */
/* Where temporary files are made. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "tap.h"

/* Is a temporary file made below dir? */
static bool
is_below(const char *dir)
{
	struct fault fault = { 0 };
	char link[64], path[4096] = "";
	int fd = temp_open(&fault);
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 && strncmp(path, dir, strlen(dir)) == 0 && path[strlen(dir)] == '/';
}

int
main(void)
{
	struct tap t = { 0 };
	char dir[] = "/tmp/sluice-unit-XXXXXX";

	setenv("TMPDIR", "", 1);
	tap_ok(&t, is_below("/tmp"), "an empty TMPDIR is as if it were unset");
	unsetenv("TMPDIR");
	tap_ok(&t, is_below("/tmp"), "without TMPDIR files are in /tmp");
	if (mkdtemp(dir) != NULL) {
		setenv("TMPDIR", dir, 1);
		tap_ok(&t, is_below(dir), "with one they are there");
		rmdir(dir);
	}
	return tap_end(&t);
}
