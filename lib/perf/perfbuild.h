/* SPDX-License-Identifier: MIT */
/* perfbuild - the build ids of a recording's files: the feature BUILD_ID and records of that type
 */

#ifndef PERFBUILD_H
#define PERFBUILD_H

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"

enum { PERF_BUILD_ID = 20 };

struct perf_build {
	bool guest;
	char *path;
	uint8_t id[PERF_BUILD_ID];
	size_t n; /* bytes of id */
};

struct perf_builds {
	struct perf_build *build;
	size_t n, cap;
	struct hash at; /* hash of path and guest -> index + 1 */
};

void perf_builds_free(struct perf_builds *);

/* Add the entries of the feature; the one entry of a record (body and misc). */
void perf_builds_feature(struct perf_builds *, struct bytes);
void perf_builds_record(struct perf_builds *, uint16_t misc, struct bytes body);

/* NULL where the path's is not known. The kernel's own entry is found by the name of its map, too
 * ([kernel.kallsyms]_text). */
const struct perf_build *perf_builds_find(const struct perf_builds *, bool guest, struct str path);

#endif
