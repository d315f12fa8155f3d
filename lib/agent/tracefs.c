/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "tracefs.h"

enum { CHUNK = 64 * 1024, LEAST_PAGE = 256, MOST_PAGE = 1 << 26 };

static bool
read_file(int dir, const char *file, struct strbuf *b)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC), error;
	ssize_t n;

	strbuf_clear(b);
	if (fd < 0)
		return false;
	do {
		n = read(fd, strbuf_reserve(b, CHUNK), CHUNK);
		b->n += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	error = errno;
	close(fd);
	errno = error;
	return n == 0;
}

bool
tracefs_read(const struct tracefs *t, const char *file, struct strbuf *b)
{
	return read_file(t->dir, file, b) || (t->dir != t->top && read_file(t->top, file, b));
}

bool
tracefs_write(const struct tracefs *t, const char *file, const char *text)
{
	int fd = openat(t->dir, file, O_WRONLY | O_CLOEXEC), error;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = write(fd, text, strlen(text))) < 0 && errno == EINTR)
		;
	error = errno;
	close(fd);
	errno = error;
	return n >= 0;
}

/* The number that follows a text, after blanks, at p or later; 0 if there is none. */
static uint64_t
number_after(const char *p, const char *end, const char *text)
{
	uint64_t v = 0;

	p = p == NULL ? NULL : memmem(p, (size_t)(end - p), text, strlen(text));
	if (p == NULL)
		return 0;
	for (p += strlen(text); p < end && *p == ' ';)
		p++;
	return text_u64(p, end, &v) == NULL ? 0 : v;
}

uint64_t
tracefs_stat(const struct strbuf *stats, const char *name)
{
	const char *p = stats->p, *end = p + stats->n, *nl;
	size_t n = strlen(name);

	for (; stats->n > 0 && p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end - 1;
		if ((size_t)(nl - p) > n && memcmp(p, name, n) == 0)
			return number_after(p, nl, name);
	}
	return 0;
}

/* The size of a sub-buffer: its own file has it on newer kernels; on older ones it is that of the
 * header and the data of a page. */
static size_t
page_size(const struct tracefs *t)
{
	struct strbuf b = { 0 };
	const char *data;
	uint64_t n = 0;

	if (tracefs_read(t, "buffer_subbuf_size_kb", &b) && b.n > 0)
		n = 1024 * number_after(b.p, b.p + b.n, "");
	if (n == 0 && tracefs_read(t, "events/header_page", &b) && b.n > 0) {
		data = memmem(b.p, b.n, " data;", 6);
		n = number_after(data, b.p + b.n, "offset:") +
		    number_after(data, b.p + b.n, "size:");
	}
	strbuf_free(&b);
	return n >= LEAST_PAGE && n <= MOST_PAGE ? (size_t)n : 0;
}

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Is the CPU plugged in? The kernel has a buffer for each that may ever be. */
static bool
is_present(uint64_t cpu)
{
	char path[64];

	snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%llu", (unsigned long long)cpu);
	return access(path, F_OK) == 0 || access("/sys/devices/system/cpu", F_OK) != 0;
}

static bool
find_cpus(struct tracefs *t)
{
	int fd = openat(t->dir, "per_cpu", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	uint64_t cpu;

	if (dir == NULL)
		return false;
	while ((e = readdir(dir)) != NULL) {
		const char *end = e->d_name + strlen(e->d_name);

		if (strncmp(e->d_name, "cpu", 3) != 0 ||
		    text_u64(e->d_name + 3, end, &cpu) != end || cpu > INT32_MAX ||
		    !is_present(cpu))
			continue;
		t->cpu = mem_grow(t->cpu, t->ncpus, &t->cap_cpus, sizeof *t->cpu);
		t->cpu[t->ncpus++] = (int)cpu;
	}
	closedir(dir);
	if (t->ncpus > 0)
		qsort(t->cpu, t->ncpus, sizeof *t->cpu, by_number);
	return t->ncpus > 0;
}

/* Open the folder that has the kernel's tracing files. */
static bool
open_top(struct tracefs *t, const char *name, struct fault *fault)
{
	static const char *const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	size_t i;

	t->name = name;
	if (name != NULL)
		t->top = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; name == NULL && t->top < 0 && i < sizeof usual / sizeof *usual; i++) {
		t->name = usual[i];
		t->top = open(usual[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (t->top < 0 && errno == EACCES)
			break;
		if (t->top >= 0 && faccessat(t->top, "trace", F_OK, 0) != 0) {
			close(t->top);
			t->top = -1;
			errno = ENOENT;
		}
	}
	if (t->top >= 0)
		return true;
	if (errno == EACCES)
		return fault_set(fault, "%s: %s: run as root", t->name, strerror(errno));
	if (name == NULL)
		return fault_set(fault, "no tracing folder: mount -t tracefs nodev %s", usual[0]);
	return fault_set(fault, "%s: %s", name, strerror(errno));
}

static bool
open_instance(struct tracefs *t, const char *instance, struct fault *fault)
{
	char path[NAME_MAX + sizeof "instances/"];

	t->dir = t->top;
	if (instance == NULL)
		return true;
	if (strchr(instance, '/') != NULL || *instance == '.' || strlen(instance) > NAME_MAX)
		return fault_set(fault, "%s: not the name of an instance", instance);
	snprintf(path, sizeof path, "instances/%s", instance);
	t->dir = openat(t->top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->dir >= 0 || fault_set(fault, "%s/%s: %s", t->name, path, strerror(errno));
}

bool
tracefs_open(struct tracefs *t, const char *name, const char *instance, struct fault *fault)
{
	*t = (struct tracefs){ .top = -1, .dir = -1 };
	if (!open_top(t, name, fault) || !open_instance(t, instance, fault))
		return false;
	if (!find_cpus(t))
		return fault_set(
		    fault, "%s: no per_cpu/cpu*: not a tracing folder, or not root", t->name);
	t->page = page_size(t);
	return t->page > 0 || fault_set(fault, "%s: cannot tell the size of a page", t->name);
}

void
tracefs_close(struct tracefs *t)
{
	if (t->dir >= 0 && t->dir != t->top)
		close(t->dir);
	if (t->top >= 0)
		close(t->top);
	free(t->cpu);
}

void
tracefs_cpus(const struct tracefs *t, struct strbuf *b)
{
	char d[3 * TEXT_NUMBER];
	size_t i, end;
	int n;

	for (i = 0; i < t->ncpus; i = end) {
		for (end = i + 1; end < t->ncpus && t->cpu[end] == t->cpu[end - 1] + 1; end++)
			;
		n = snprintf(d, sizeof d, "%s%d", i > 0 ? "," : "", t->cpu[i]);
		if (end - i > 1)
			n += snprintf(d + n, sizeof d - (size_t)n, "-%d", t->cpu[end - 1]);
		strbuf_add_bytes(b, d, (size_t)n);
	}
}
