/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static const char ports[] = "/sys/class/virtio-ports";

bool
output_name(char name[PATH_MAX], const char *template, int cpu)
{
	const char *percent = strchr(template, '%');
	int n;

	if (percent == NULL || percent[1] != 'd' || strchr(percent + 1, '%') != NULL)
		return false;
	n = snprintf(
	    name, PATH_MAX, "%.*s%d%s", (int)(percent - template), template, cpu, percent + 2);
	return n < PATH_MAX;
}

/* Does the port's file in sysfs have that name? */
static bool
has_name(const char *port, const char *name)
{
	char path[PATH_MAX], text[256];
	FILE *fp;
	bool same;

	snprintf(path, sizeof path, "%s/%s/name", ports, port);
	if ((fp = fopen(path, "re")) == NULL)
		return false;
	same = fgets(text, sizeof text, fp) != NULL;
	fclose(fp);
	if (same)
		text[strcspn(text, "\n")] = '\0';
	return same && strcmp(text, name) == 0;
}

bool
output_port(char path[PATH_MAX], const char *name)
{
	const struct dirent *e;
	bool found = false;
	DIR *dir;

	if (strchr(name, '/') != NULL)
		return false;
	snprintf(path, PATH_MAX, "/dev/virtio-ports/%s", name);
	if (access(path, F_OK) == 0)
		return true;
	if ((dir = opendir(ports)) == NULL)
		return false;
	while (!found && (e = readdir(dir)) != NULL) {
		found = *e->d_name != '.' && has_name(e->d_name, name);
		if (found)
			snprintf(path, PATH_MAX, "/dev/%s", e->d_name);
	}
	closedir(dir);
	return found;
}

static bool
is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

int
output_open(char path[PATH_MAX], const char *name)
{
	int fd;

	if (!output_port(path, name)) {
		if (snprintf(path, PATH_MAX, "%s.out", name) >= PATH_MAX || !is_fifo(path))
			snprintf(path, PATH_MAX, "%s", name);
		if (is_fifo(path) || access(path, F_OK) == 0)
			fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_TRUNC);
		else
			fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	} else {
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	}
	if (fd >= 0)
		return fd;
	return errno == ENXIO && is_fifo(path) ? -1 : -2;
}

bool
output_control(const char *name, int *from, int *to)
{
	char path[PATH_MAX];
	const int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC;

	*to = -1;
	if (output_port(path, name)) {
		*from = *to = open(path, flags);
		return *from >= 0;
	}
	if (snprintf(path, sizeof path, "%s.out", name) < PATH_MAX && is_fifo(path)) {
		if ((*to = open(path, flags)) < 0)
			return false;
		snprintf(path, sizeof path, "%s.in", name);
		*from = open(path, flags);
		return *from >= 0;
	}
	*from = open(name, flags);
	if (*from >= 0 && !is_fifo(name))
		*to = *from;
	return *from >= 0;
}
