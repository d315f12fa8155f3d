/* SPDX-License-Identifier: MIT */
/* perfmeta - what the header features of a perf.data file say about the recording */

#ifndef PERFMETA_H
#define PERFMETA_H

#include "base/text.h"
#include "perf.h"

/* Hand each fact of a feature's section on; the value lives as long as the call. */
void perf_meta_feature(int feature, struct bytes section,
    void (*emit)(void *arg, const char *key, struct str value), void *arg);

/* What the event's times are: the name of its clock. */
struct str perf_meta_clock(const struct perf_attr *, char *d);

#endif
