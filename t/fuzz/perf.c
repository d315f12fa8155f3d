/* SPDX-License-Identifier: MIT */
/* Any bytes as a perf.data file: what comes out are valid records. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "perf/perfrec.h"
#include "rec/rec.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
convert(int from, int to, bool once)
{
	struct perfrec_options options = { .machine = STR("host"), .once = once };
	struct perf_record r;
	struct perfrec *rec;
	struct input in;
	struct perf perf;
	struct out out;

	input_open_fd(&in, "fuzz", from);
	out_open(&out, to);
	if (perf_open(&perf, &in)) {
		rec = perfrec_new(&perf, &out, &options);
		while (perf_next(&perf, &r) && perfrec_add(rec, &r))
			;
		perfrec_end(rec);
		perfrec_free(rec);
	}
	out_flush(&out);
	perf_close(&perf);
	out_free(&out);
	input_close(&in);
}

static void
check(int fd)
{
	struct input in;
	struct recin recs = { .in = &in };
	struct rec r;

	lseek(fd, 0, SEEK_SET);
	input_open_fd(&in, "records", fd);
	while (rec_next(&recs, &r) && rec_check(&recs, &r))
		;
	if (fault_is(&recs.fault)) {
		fprintf(stderr, "%s\n", recs.fault.text);
		abort();
	}
	input_close(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int from = memfd_create("fuzz", 0), to = memfd_create("records", 0);

	if (write(from, p, n) != (ssize_t)n)
		return 0;
	lseek(from, 0, SEEK_SET);
	convert(from, to, n % 2 == 1);
	check(to);
	return 0;
}
