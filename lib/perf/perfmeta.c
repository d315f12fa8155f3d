/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "perfrec_int.h"

struct sink {
	void (*emit)(void *arg, const char *key, struct str value);
	void *arg;
};

/* A string: its length as u32, then the text and NULs up to that length. */
struct str
perf_meta_string(struct bytes *b)
{
	uint32_t n = bytes_u32(b);
	struct bytes cut = bytes_cut(b, n);
	struct str s = { "", 0 };

	if (!bytes_bad(&cut) && n > 0)
		s.p = bytes_string(&cut, &s.n);
	return s;
}

static void
emit_string(struct sink k, const char *key, struct bytes *b)
{
	struct str s = perf_meta_string(b);

	if (!bytes_bad(b) && s.n > 0)
		k.emit(k.arg, key, s);
}

static void
emit_number(struct sink k, const char *key, const struct bytes *b, uint64_t v)
{
	char d[TEXT_NUMBER];

	if (!bytes_bad(b))
		k.emit(k.arg, key, (struct str){ d, text_put_u64(d, v) });
}

/* The arguments of perf, separated by blanks. */
static void
emit_cmdline(struct sink k, struct bytes b)
{
	char *line = mem_alloc(bytes_left(&b) + 1);
	uint32_t n = bytes_u32(&b), i;
	struct str arg;
	size_t len = 0;

	for (i = 0; i < n && !bytes_bad(&b); i++) {
		arg = perf_meta_string(&b);
		memcpy(line + len, arg.p, arg.n);
		len += arg.n;
		line[len++] = ' ';
	}
	if (len > 0 && !bytes_bad(&b))
		k.emit(k.arg, "cmdline", (struct str){ line, len - 1 });
	free(line);
}

/* Which CPUs share a package, and which share a core: lists such as 0-3. */
static void
emit_topology(struct sink k, struct bytes b)
{
	static const char *const keys[] = { "package_cpus", "core_cpus" };
	uint32_t n, i, which;

	for (which = 0; which < 2; which++) {
		n = bytes_u32(&b);
		for (i = 0; i < n && !bytes_bad(&b); i++)
			emit_string(k, keys[which], &b);
	}
}

static const struct {
	int feature;
	const char *key;
} strings[] = { { PERF_F_HOSTNAME, "hostname" }, { PERF_F_OSRELEASE, "osrelease" },
	{ PERF_F_VERSION, "perf" }, { PERF_F_ARCH, "arch" }, { PERF_F_CPUDESC, "cpudesc" },
	{ PERF_F_CPUID, "cpuid" } };

void
perf_meta_feature(int feature, struct bytes b,
    void (*emit)(void *arg, const char *key, struct str value), void *arg)
{
	struct sink k = { emit, arg };
	size_t i;

	for (i = 0; i < sizeof strings / sizeof *strings; i++)
		if (strings[i].feature == feature)
			emit_string(k, strings[i].key, &b);
	if (feature == PERF_F_NRCPUS) {
		bytes_u32(&b); /* possible CPUs */
		emit_number(k, "nrcpus", &b, bytes_u32(&b));
	} else if (feature == PERF_F_TOTAL_MEM) {
		emit_number(k, "memory_kb", &b, bytes_u64(&b));
	} else if (feature == PERF_F_CMDLINE) {
		emit_cmdline(k, b);
	} else if (feature == PERF_F_CPU_TOPOLOGY) {
		emit_topology(k, b);
	} else if (feature == PERF_F_CLOCKID) {
		emit_number(k, "clock_resolution", &b, bytes_u64(&b));
	} else if (feature == PERF_F_CLOCK_DATA) {
		bytes_u64(&b); /* version, clock */
		emit_number(k, "clock_wall", &b, bytes_u64(&b));
		emit_number(k, "clock_time", &b, bytes_u64(&b));
	}
}

struct str
perf_meta_clock(const struct perf_attr *a, char *d)
{
	switch (a->clockid) {
	case -1:
		return STR("perf");
	case 0:
		return STR("realtime");
	case 1:
		return STR("monotonic");
	case 4:
		return STR("monotonic_raw");
	case 7:
		return STR("boottime");
	case 11:
		return STR("tai");
	default:
		return (struct str){ d, text_put_s64(d, a->clockid) };
	}
}

bool
perf_meta_wall(struct bytes b, int64_t *offset)
{
	uint64_t wall, time;

	bytes_u64(&b); /* version, clock */
	wall = bytes_u64(&b);
	time = bytes_u64(&b);
	return !bytes_bad(&b) && wall <= INT64_MAX && time <= INT64_MAX &&
	       !__builtin_sub_overflow((int64_t)wall, (int64_t)time, offset);
}
