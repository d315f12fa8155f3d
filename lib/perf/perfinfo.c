/* SPDX-License-Identifier: MIT */

#include "perfinfo.h"

void
perf_info_values(struct evinfo *v, const struct perf_attr *a, const struct perf_sample *s)
{
	const struct {
		uint64_t bit, value;
		const char *key;
		bool hex;
	} values[] = {
		{ PERF_ADDR, s->addr, "addr", true },
		{ PERF_WEIGHT, s->weight, "weight", false },
		{ PERF_WEIGHT_STRUCT, s->weight & UINT32_MAX, "weight", false },
		/* bit 0: no memory was accessed */
		{ PERF_DATA_SRC, s->data_src & 1 ? 0 : s->data_src, "data_src", true },
		{ PERF_TRANSACTION, s->transaction, "transaction", true },
		{ PERF_PHYS_ADDR, s->phys_addr, "phys_addr", true },
		{ PERF_CGROUP, s->cgroup, "cgroup", false },
		{ PERF_DATA_PAGE_SIZE, s->data_page, "data_page", false },
		{ PERF_CODE_PAGE_SIZE, s->code_page, "code_page", false },
	};
	size_t i;

	for (i = 0; i < sizeof values / sizeof *values; i++) {
		if (!(a->sample_type & values[i].bit) || values[i].value == 0)
			continue;
		if (values[i].hex)
			evinfo_add_hex(v, values[i].key, values[i].value);
		else
			evinfo_add(v, values[i].key, values[i].value);
	}
}

void
perf_info_host(struct evinfo *v, const struct perf_sample *s)
{
	if (s->cpu >= 0)
		evinfo_add(v, "host_cpu", (uint64_t)s->cpu);
	if (s->pid >= 0)
		evinfo_add(v, "host_pid", (uint64_t)s->pid);
	if (s->tid >= 0)
		evinfo_add(v, "host_tid", (uint64_t)s->tid);
}

struct str
perf_info_guest(char *d, int32_t pid)
{
	if (pid <= 0)
		return STR("vm");
	d[0] = 'v';
	d[1] = 'm';
	return (struct str){ d, 2 + text_put_u64(d + 2, (uint64_t)pid) };
}
