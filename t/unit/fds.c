/* SPDX-License-Identifier: MIT */
/* Tables of descriptors: at the edges of their chunks, shared, and after exec. */

#include "sched/fds.h"
#include "tap.h"

int
main(void)
{
	static const int64_t edges[] = { 0, 63, 64, 1023 };
	struct tap t = { 0 };
	struct fds *a = NULL, *b, *c;
	bool good = true;
	int i;

	for (i = 0; i < 4; i++)
		fds_put(&a, edges[i], (uint32_t)i, i % 2 == 1);
	for (i = 0; i < 4; i++)
		good = good && fds_get(a, edges[i]) == (uint32_t)i;
	tap_ok(&t, good && fds_get(a, 1) == INTERN_NONE, "each descriptor has its name");

	fds_put(&a, -1, 9, false);
	fds_put(&a, FDS_MAX, 9, false);
	tap_ok(&t,
	    fds_get(a, -1) == INTERN_NONE && fds_get(a, FDS_MAX) == INTERN_NONE &&
		fds_get(NULL, 0) == INTERN_NONE,
	    "those out of range, or of no table, have none");

	b = fds_share(a);
	c = fds_share(a);
	fds_put(&b, 0, INTERN_NONE, false);
	fds_put(&b, 65, 7, true);
	tap_ok(&t,
	    fds_get(a, 0) == 0 && fds_get(b, 0) == INTERN_NONE && fds_get(a, 65) == INTERN_NONE &&
		fds_get(b, 65) == 7 && fds_get(b, 64) == 2,
	    "a shared table changes for the one that changes it alone");

	fds_exec(&b);
	fds_put(&b, 2, 8, true);
	tap_ok(&t,
	    fds_get(b, 65) == INTERN_NONE && fds_get(b, 63) == INTERN_NONE && fds_get(b, 64) == 2 &&
		fds_get(b, 2) == 8 && fds_get(a, 63) == 1,
	    "exec closes what is marked so, not what is opened later, nor in another table");

	fds_put(&b, 65, 6, false);
	fds_exec(&b);
	tap_ok(&t, fds_get(b, 65) == 6 && fds_get(b, 2) == INTERN_NONE,
	    "a descriptor that is used again is not marked as it was");
	fds_drop(a);
	fds_drop(b);
	fds_drop(c);
	return tap_end(&t);
}
