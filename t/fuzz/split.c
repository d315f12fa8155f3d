/* SPDX-License-Identifier: MIT */
/* Any bytes as a record stream, split in two ways: each part is a stream, and together they have
 * every record once, meta records twice. */

#include "kvm/split.h"
#include "input.h"

struct part {
	struct split split;
	struct out out;
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
open_part(struct part *p)
{
	p->split.count = true;
	out_open(&p->out, fuzz_file("", 0));
	split_open(&p->split, &p->out);
}

static void
add(uint64_t *samples, const struct rec *r)
{
	*samples += r->kind == REC_SAMPLE;
}

static void
count_samples(void *arg, const char *kind, const char *line)
{
	uint64_t *samples = arg, n = 0;
	const char *p = strstr(line, " samples=");

	(void)kind;
	must(p != NULL && text_u64(p + 9, p + strlen(p), &n) != NULL);
	*samples -= n;
}

static void
close_part(struct part *p, uint64_t samples)
{
	struct fault fault = { "" };

	split_report(&p->split, count_samples, &samples);
	must(samples == 0 && split_close(&p->split, &fault));
	out_flush(&p->out);
	fuzz_is_stream(p->out.fd);
	split_free(&p->split);
	out_free(&p->out);
}

/* Two splits that have no record in common, but for definitions of no mode. */
static void
split(const uint8_t *p, size_t n, struct part *one, struct part *two)
{
	struct fault fault = { "" };
	struct input in;
	struct recin rec = { .in = &in };
	struct rec r;
	uint64_t meta = 0, samples = 0;

	fuzz_input(&in, p, n);
	open_part(one);
	open_part(two);
	while (rec_next(&rec, &r) && rec_check(&rec, &r)) {
		meta += r.kind == REC_META;
		add(&samples, &r);
		must(split_add(&one->split, &r, &fault) && split_add(&two->split, &r, &fault));
	}
	if (one->split.guest)
		must(one->split.written + two->split.written == one->split.read + meta);
	close_part(one, samples);
	close_part(two, samples);
	input_close(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct part guest = { .split.guest = true }, host = { .split.host = true };
	struct part kernel = { .split.kernel = true }, one = { .split.user = true };

	patterns_add(&one.split.machines, STR("vm?"));
	split(p, n, &guest, &host);
	split(p, n, &kernel, &one);
	return 0;
}
