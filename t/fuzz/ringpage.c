/* SPDX-License-Identifier: MIT */
/* Any bytes as trace pages of two CPUs, with known formats: what comes out are valid records. The
 * first byte chooses byte order, the size of a long and that of a page. */

#include "ftrace/ftracerec.h"
#include "input.h"

#define COMMON                                                                                     \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const char *const formats[] = {
	"events/ftrace/kernel_stack/format",
	"name: kernel_stack\nID: 4\nformat:\n" COMMON
	"\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n",
	"events/ftrace/user_stack/format",
	"name: user_stack\nID: 12\nformat:\n" COMMON
	"\tfield:unsigned int tgid;\toffset:8;\tsize:4;\tsigned:0;\n"
	"\tfield:unsigned long caller[8];\toffset:16;\tsize:64;\tsigned:0;\n",
	"events/ftrace/function/format",
	"name: function\nID: 1\nformat:\n" COMMON
	"\tfield:unsigned long ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:unsigned long parent_ip;\toffset:16;\tsize:8;\tsigned:0;\n",
	"events/task/task_newtask/format",
	"name: task_newtask\nID: 2\nformat:\n" COMMON
	"\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;\n"
	"\tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;\n"
	"\tfield:unsigned long clone_flags;\toffset:32;\tsize:8;\tsigned:0;\n",
	"events/sched/sched_switch/format",
	"name: sched_switch\nID: 3\nformat:\n" COMMON
	"\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
	"\tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n"
	"\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
	"\tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;\n"
	"\tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n"
	"\tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n",
};

struct pages {
	const uint8_t *p;
	size_t n;
};

static size_t
read_page(void *arg, void *page, size_t n)
{
	struct pages *s = arg;

	n = s->n < n ? s->n : n;
	memcpy(page, s->p, n);
	s->p += n;
	s->n -= n;
	return n;
}

static void
damage(void *arg, uint64_t offset, size_t bytes, const char *why)
{
	(void)arg;
	if (bytes > RINGPAGE_MOST || offset > UINT32_MAX || *why == '\0')
		abort();
}

static void
convert(struct tracedesc *d, struct out *out, const uint8_t *p, size_t n, bool once)
{
	struct ftracerec_options options = { .machine = STR("host"), .once = once };
	struct pages pages[2] = { { p, n / 2 }, { p + n / 2, n - n / 2 } };
	struct ftracerec *rec = ftracerec_new(d, out, &options);
	struct ringlayout layout;
	int i;

	if (tracedesc_layout(d, &layout)) {
		for (i = 0; i < 2; i++)
			ftracerec_add(rec, i, &layout,
			    &(struct ringsource){ read_page, damage, &pages[i], pages[i].n });
		ftracerec_run(rec);
	}
	ftracerec_free(rec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tracedesc d;
	struct out out;
	int to = fuzz_file("", 0);
	size_t i;

	if (n > 0) {
		tracedesc_open(&d);
		for (i = 0; i < sizeof formats / sizeof *formats; i += 2)
			tracedesc_add(&d, formats[i], formats[i + 1], strlen(formats[i + 1]));
		d.big = (p[0] & 1) != 0;
		d.long_size = (p[0] & 2) != 0 ? 4 : 8;
		d.page = (size_t)RINGPAGE_LEAST << (p[0] >> 4 & 7);
		out_open(&out, to);
		convert(&d, &out, p + 1, n - 1, (p[0] & 4) != 0);
		out_flush(&out);
		out_free(&out);
		tracedesc_free(&d);
	}
	fuzz_is_stream(to);
	return 0;
}
