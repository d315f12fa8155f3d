/* SPDX-License-Identifier: MIT */
/* reccheck - copy a record stream up to its first bad line */

#include "filter.h"

static const struct filter_option options[] = {
	{ 'n', NULL, NULL, "only check, copy nothing" },
	{ 0 },
};

int
main(int argc, char *argv[])
{
	struct filter f = { "reccheck",
		"copy records up to the first bad line, say what is wrong with it",
		.options = options, .argc = argc, .argv = argv };
	struct rec r;
	bool copy = true;
	int id;

	while ((id = filter_option(&f)) != -1)
		copy = copy && id != 'n';
	if (!filter_open(&f))
		return filter_close(&f);
	while (filter_next(&f, &r) && rec_check(&f.rec, &r))
		if (copy)
			rec_put(&f.out, &r);
	return filter_close(&f);
}
