/* SPDX-License-Identifier: MIT */
/*
 * perfattr - perf_event_attr: what an event of a perf.data file is, and how its records are laid
 * out
 *
 * Facts: include/uapi/linux/perf_event.h of Linux 6.18.
 */

#ifndef PERFATTR_H
#define PERFATTR_H

#include "base/bytes.h"

/* perf_event_attr.sample_type */
enum {
	PERF_IP = 1 << 0,
	PERF_TID = 1 << 1,
	PERF_TIME = 1 << 2,
	PERF_ADDR = 1 << 3,
	PERF_READ = 1 << 4,
	PERF_CALLCHAIN = 1 << 5,
	PERF_ID = 1 << 6,
	PERF_CPU = 1 << 7,
	PERF_PERIOD = 1 << 8,
	PERF_STREAM_ID = 1 << 9,
	PERF_RAW = 1 << 10,
	PERF_BRANCH_STACK = 1 << 11,
	PERF_REGS_USER = 1 << 12,
	PERF_STACK_USER = 1 << 13,
	PERF_WEIGHT = 1 << 14,
	PERF_DATA_SRC = 1 << 15,
	PERF_IDENTIFIER = 1 << 16,
	PERF_TRANSACTION = 1 << 17,
	PERF_REGS_INTR = 1 << 18,
	PERF_PHYS_ADDR = 1 << 19,
	PERF_AUX = 1 << 20,
	PERF_CGROUP = 1 << 21,
	PERF_DATA_PAGE_SIZE = 1 << 22,
	PERF_CODE_PAGE_SIZE = 1 << 23,
	PERF_WEIGHT_STRUCT = 1 << 24
};

/* perf_event_attr.type */
enum {
	PERF_HARDWARE,
	PERF_SOFTWARE,
	PERF_TRACEPOINT,
	PERF_HW_CACHE,
	PERF_RAW_EVENT,
	PERF_BREAKPOINT
};

/* perf_event_attr.read_format */
enum {
	PERF_READ_ENABLED = 1 << 0,
	PERF_READ_RUNNING = 1 << 1,
	PERF_READ_ID = 1 << 2,
	PERF_READ_GROUP = 1 << 3,
	PERF_READ_LOST = 1 << 4
};

struct perf_attr {
	uint32_t type, size, stack_user;
	int32_t clockid; /* -1 where the file does not say */
	uint64_t config, period, sample_type, read_format, flags;
	uint64_t branch_type, regs_user, regs_intr;
	bool freq, sample_id_all, comm_exec, use_clockid;
	size_t index; /* among the file's events */
	char *name;   /* NULL until somebody named it */
	/* where values stand: bytes from a sample's body, bytes before a record's end; -1 for none
	 */
	int sample_id, sample_time, back_id, back_time;
	int head;    /* bytes of a sample before what varies in length */
	int trailer; /* bytes of what sample_id_all puts behind a record */
};

/* Read an attr of n bytes, of which the writer knew attr.size: missing ones are 0, more are
 * ignored. */
struct perf_attr perf_attr_read(struct bytes *, size_t n);

/* What perf would call an event that nobody named, at most n bytes with the NUL. */
void perf_attr_describe(const struct perf_attr *, char *name, size_t n);

/* Who and when, as a trailer or a sample says it; -1 and UINT64_MAX for what it does not. */
struct perf_who {
	int32_t pid, tid, cpu;
	uint64_t time, id;
};

/* Cut the trailer off a record's body. */
struct perf_who perf_attr_trailer(const struct perf_attr *, struct bytes *body);

#endif
