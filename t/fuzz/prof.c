/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, folded into a profile: its rows are a stream, add up to what was
 * counted, fold again to themselves, and do not differ from themselves. */

#include "input.h"
#include "prof/profdiff.h"

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
fold(struct prof *p, struct input *in)
{
	struct recin rec = { .in = in };
	struct rec r;

	prof_open(p);
	while (rec_next(&rec, &r) && rec_check(&rec, &r))
		prof_add(p, &r);
	prof_sort(p);
}

static bool
is_saturated(uint64_t n)
{
	return n >= REC_NO_U64 - 1;
}

static void
add_up(const struct prof *p)
{
	uint64_t period = 0;
	size_t i;

	if (is_saturated(p->period))
		return;
	for (i = 0; i < p->n; i++)
		period += p->row[i].period;
	must(period == p->period);
}

/* Fold the rows of a profile again. */
static void
fold_again(const struct prof *p)
{
	struct prof again = { .keys = p->keys, .children = p->children };
	struct out out;
	struct input in;

	out_open(&out, fuzz_file("", 0));
	prof_write(p, &out);
	out_flush(&out);
	lseek(out.fd, 0, SEEK_SET);
	input_open_fd(&in, "rows", out.fd);
	fold(&again, &in);
	must(again.n == p->n && again.period == p->period);
	lseek(out.fd, 0, SEEK_SET);
	fuzz_is_stream(dup(out.fd));
	input_close(&in);
	prof_free(&again);
	out_free(&out);
}

static void
compare(struct prof *old, struct prof *new, enum profdiff_by by)
{
	struct profdiff d = { .old = old, .new = new, .by = by, .w1 = 1, .w2 = 1 };
	struct out out;
	size_t i;

	out_open(&out, fuzz_file("", 0));
	profdiff_match(&d);
	must(d.n == old->n);
	for (i = 0; i < d.n; i++)
		must(d.row[i].old != NULL && d.row[i].new != NULL &&d.row[i].wdiff == 0);
	profdiff_write(&d, &out);
	out_flush(&out);
	fuzz_is_stream(dup(out.fd));
	profdiff_table(&d, &out);
	out_flush(&out);
	close(out.fd);
	profdiff_free(&d);
	out_free(&out);
}

static void
profile(const uint8_t *bytes, size_t n, unsigned keys, bool children)
{
	struct prof one = { .keys = keys, .children = children }, two = one;
	struct input in;

	fuzz_input(&in, bytes, n);
	fold(&one, &in);
	input_close(&in);
	fuzz_input(&in, bytes, n);
	fold(&two, &in);
	input_close(&in);
	add_up(&one);
	if (!is_saturated(one.period))
		fold_again(&one);
	compare(&one, &two, n % 2 == 0 ? BY_WDIFF : BY_RATIO);
	prof_free(&one);
	prof_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	profile(p, n, PROF_KEYS_DEFAULT, false);
	profile(p, n, (1u << PROF_KEYS) - 1, true);
	profile(p, n, 1u << PROF_CALLER | 1u << PROF_COMM, n % 3 == 0);
	return 0;
}
