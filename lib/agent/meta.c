/* SPDX-License-Identifier: MIT */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

#include "meta.h"

enum { BLOCK = 512, NAME = 100, PREFIX = 155, SECOND = 1000000000, DESCRIPTION = 512 };

/* A header of POSIX.1-1988 tar; numbers are octal digits. */
struct ustar {
	char name[NAME], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type;
	char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8];
	char prefix[PREFIX], pad[12];
};

/* Divide a long path into prefix and name at a slash; false if that is not possible. */
static bool
set_name(struct ustar *h, const char *path)
{
	size_t n = strlen(path);
	const char *slash = NULL;

	if (n > NAME) {
		slash = strchr(path + n - NAME - 1, '/');
		if (slash == NULL || slash - path > PREFIX)
			return false;
		memcpy(h->prefix, path, (size_t)(slash - path));
		path = slash + 1;
	}
	memcpy(h->name, path, strlen(path));
	return true;
}

/* Add a member with these bytes. */
static void
add_member(struct strbuf *b, const char *path, struct str data)
{
	struct ustar h = { .mode = "0000444",
		.uid = "0000000",
		.gid = "0000000",
		.mtime = "00000000000",
		.sum = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' },
		.type = '0',
		.magic = "ustar",
		.version = { '0', '0' } };
	size_t pad = (BLOCK - data.n % BLOCK) % BLOCK, i;
	unsigned sum = 0;

	if (!set_name(&h, path))
		return;
	snprintf(h.size, sizeof h.size, "%011zo", data.n);
	for (i = 0; i < sizeof h; i++)
		sum += ((const unsigned char *)&h)[i];
	snprintf(h.sum, sizeof h.sum, "%06o", sum);
	strbuf_add_bytes(b, &h, sizeof h);
	strbuf_add(b, data);
	memset(strbuf_reserve(b, pad), 0, pad);
	b->n += pad;
}

/* Add a file of the tracing folder, unless the kernel does not have it. */
static void
add_file(struct strbuf *b, const struct tracefs *t, const char *file)
{
	char path[PATH_MAX];
	struct strbuf text = { 0 };

	snprintf(path, sizeof path, "tracing/%s", file);
	if (tracefs_read(t, file, &text))
		add_member(b, path, strbuf_str(&text));
	strbuf_free(&text);
}

/* Add a file of /proc. */
static void
add_proc(struct strbuf *b, const char *name)
{
	struct tracefs proc = { .top = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct strbuf text = { 0 };
	char path[32];

	proc.dir = proc.top;
	snprintf(path, sizeof path, "proc/%s", name);
	if (proc.top >= 0 && tracefs_read(&proc, name, &text))
		add_member(b, path, strbuf_str(&text));
	tracefs_close(&proc);
	strbuf_free(&text);
}

/* Call a function for each folder in a folder of the kernel's top tracing folder. */
static void
for_each(const struct tracefs *t, const char *path,
    void (*call)(const struct tracefs *, struct intern *, const char *path), struct intern *events)
{
	int fd = openat(t->top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	char name[PATH_MAX];

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (*e->d_name != '.' && e->d_type == DT_DIR &&
		    snprintf(name, sizeof name, "%s/%s", path, e->d_name) < PATH_MAX)
			call(t, events, name);
	if (dir != NULL)
		closedir(dir);
}

static void
add_event(const struct tracefs *t, struct intern *events, const char *path)
{
	(void)t;
	intern_put(events, str_of(path));
}

static void
add_system(const struct tracefs *t, struct intern *events, const char *path)
{
	for_each(t, path, add_event, events);
}

/* Add the events that are enabled, which set_event lists as system:event. */
static void
add_enabled(const struct tracefs *t, struct intern *events)
{
	const char *p, *end, *nl, *colon;
	struct strbuf list = { 0 };
	char path[PATH_MAX];

	tracefs_read(t, "set_event", &list);
	end = list.p + list.n;
	for (p = list.p; list.n > 0 && p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			break;
		if ((colon = memchr(p, ':', (size_t)(nl - p))) == NULL)
			continue;
		snprintf(path, sizeof path, "events/%.*s/%.*s", (int)(colon - p), p,
		    (int)(nl - colon - 1), colon + 1);
		add_event(t, events, path);
	}
	strbuf_free(&list);
}

/* Add the formats of the kernel's own entries, such as function and kernel_stack, and of events. */
static void
add_formats(struct strbuf *b, const struct tracefs *t, struct intern *events, bool all)
{
	char path[PATH_MAX];
	uint32_t i;

	add_system(t, events, "events/ftrace");
	add_enabled(t, events);
	if (all)
		for_each(t, "events", add_system, events);
	for (i = 0; i < events->n; i++) {
		snprintf(path, sizeof path, "%s/format", intern_str(events, i).p);
		add_file(b, t, path);
	}
}

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void
add_description(struct strbuf *b, const struct tracefs *t)
{
	int64_t monotonic = clock_ns(CLOCK_MONOTONIC), boottime = clock_ns(CLOCK_BOOTTIME);
	int64_t realtime = clock_ns(CLOCK_REALTIME);
	const uint16_t one = 1;
	struct strbuf text = { 0 };
	struct utsname u;
	char *d = strbuf_reserve(&text, DESCRIPTION);

	if (uname(&u) != 0)
		strcpy(u.machine, "-");
	text.n = (size_t)snprintf(d, DESCRIPTION,
	    "version=1\nendian=%s\nlong=%zu\npage=%zu\nmachine=%s\n"
	    "monotonic=%lld\nboottime=%lld\nrealtime=%lld\ncpus=",
	    *(const char *)&one == 1 ? "little" : "big", sizeof(long), t->page, u.machine,
	    (long long)monotonic, (long long)boottime, (long long)realtime);
	tracefs_cpus(t, &text);
	strbuf_putc(&text, '\n');
	add_member(b, "vtagent", strbuf_str(&text));
	strbuf_free(&text);
}

void
meta_add(struct strbuf *b, const struct tracefs *t, struct intern *events,
    const struct meta_options *opt)
{
	static const char *const files[] = { "events/header_page", "events/header_event",
		"trace_clock", "timestamp_mode", "trace_options", "printk_formats",
		"saved_cmdlines", "saved_tgids", "buffer_subbuf_size_kb" };
	char path[64];
	size_t i;

	add_description(b, t);
	for (i = 0; i < sizeof files / sizeof *files; i++)
		add_file(b, t, files[i]);
	add_formats(b, t, events, opt->all_formats);
	for (i = 0; i < t->ncpus; i++) {
		snprintf(path, sizeof path, "per_cpu/cpu%d/stats", t->cpu[i]);
		add_file(b, t, path);
	}
	if (opt->kallsyms) {
		add_proc(b, "kallsyms");
		add_proc(b, "modules");
	}
	memset(strbuf_reserve(b, 2 * BLOCK), 0, 2 * BLOCK); /* the end of an archive */
	b->n += 2 * BLOCK;
}
