/* SPDX-License-Identifier: MIT */
/* perfinfo - what a sample has that no field of our records holds, as key=value pairs */

#ifndef PERFINFO_H
#define PERFINFO_H

#include "evinfo.h"
#include "perfsample.h"

/* Append the values that are there and not 0. */
void perf_info_values(struct evinfo *, const struct perf_attr *, const struct perf_sample *);

/* Append the host's CPU and task, for a guest's sample. */
void perf_info_host(struct evinfo *, const struct perf_sample *);

/* The machine that is the guest of a process, vmPID: d has room for PERF_INFO_GUEST bytes. */
enum { PERF_INFO_GUEST = 2 + TEXT_NUMBER };
struct str perf_info_guest(char *d, int32_t pid);

#endif
