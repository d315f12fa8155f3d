/* SPDX-License-Identifier: MIT */
/* input - files, pipes and gzip give the same bytes, through windows of any size */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/input.h"
#include "base/mem.h"
#include "tap.h"

enum { SIZE = 3 * 1000 * 1000, MEMBERS = 3 };

struct data {
	unsigned char *p;
	size_t n;
};

static struct data
sample(size_t n)
{
	struct data d = { mem_alloc(n), n };
	size_t i;

	for (i = 0; i < n; i++)
		d.p[i] = (unsigned char)(i * i >> 7 ^ i >> 11);
	return d;
}

/* Compress into a number of gzip members. */
static struct data
deflated(struct data d, size_t members)
{
	size_t cap = compressBound(d.n) + members * 64, i, n = d.n / members;
	struct data z = { mem_alloc(cap), 0 };

	for (i = 0; i < members; i++) {
		z_stream s = { .next_in = d.p + i * n, .next_out = z.p + z.n };

		s.avail_in = (uInt)(i + 1 < members ? n : d.n - i * n);
		s.avail_out = (uInt)(cap - z.n);
		deflateInit2(&s, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
		deflate(&s, Z_FINISH);
		z.n += s.total_out;
		deflateEnd(&s);
	}
	return z;
}

static int
file_of(struct data d)
{
	int fd = memfd_create("data", 0);

	if (write(fd, d.p, d.n) != (ssize_t)d.n || lseek(fd, 0, SEEK_SET) < 0)
		puts("Bail out! no memory file");
	return fd;
}

/* A pipe into which a child writes pieces of odd sizes. */
static int
pipe_of(struct data d)
{
	int fd[2];
	size_t n, piece = 1;

	fflush(stdout);
	if (pipe(fd) < 0)
		puts("Bail out! no pipe");
	if (fork() == 0) {
		close(fd[0]);
		for (; d.n > 0; d.p += n, d.n -= n) {
			n = piece < d.n ? piece : d.n;
			if (write(fd[1], d.p, n) != (ssize_t)n)
				break;
			piece = piece * 3 % 70001 + 1;
		}
		_exit(0);
	}
	close(fd[1]);
	return fd[0];
}

/* Read all of it in steps of varying size: is it d, followed by a fault? */
static bool
gives(int fd, struct data d, const char *fault)
{
	struct input in;
	size_t at = 0, step = 1, have;
	bool good = true;

	input_open_fd(&in, "data", fd);
	while ((have = input_fill(&in, step)) > 0) {
		have = have < step ? have : step;
		good = good && at + have <= d.n && memcmp(input_at(&in), d.p + at, have) == 0;
		good = good && in.offset == at;
		input_take(&in, have);
		at += have;
		step = step * 5 % 400009 + 1;
	}
	good =
	    good && strstr(in.fault.text, fault) != NULL && fault_is(&in.fault) == (*fault != '\0');
	good = good && at == d.n;
	if (!good)
		printf("# %zu of %zu bytes, %s\n", at, d.n, in.fault.text);
	input_close(&in);
	while (wait(NULL) > 0)
		;
	return good;
}

/* What zlib makes of a damaged stream in one call. */
static struct data
inflated(struct data z)
{
	z_stream s = { .next_in = z.p, .avail_in = (uInt)z.n };
	struct data d = { mem_alloc(2 * SIZE), 0 };

	s.next_out = d.p;
	s.avail_out = 2 * SIZE;
	inflateInit2(&s, 16 + MAX_WBITS);
	inflate(&s, Z_NO_FLUSH);
	d.n = s.total_out;
	inflateEnd(&s);
	return d;
}

static struct data
joined(struct data a, struct data b)
{
	struct data c = { mem_alloc(a.n + b.n), a.n + b.n };

	memcpy(c.p, a.p, a.n);
	memcpy(c.p + a.n, b.p, b.n);
	return c;
}

/* All that was inflated before the damage comes out. */
static void
test_damage(struct tap *t, struct data d)
{
	struct data z = deflated(d, 1), wrong = deflated(d, 1), bad = deflated(d, 1),
		    empty = { d.p, 0 };
	struct data half = { z.p, z.n / 2 }, tail = { z.p, z.n - 8 }, head = { z.p, 5 };
	struct data junk = joined(z, (struct data){ d.p + 1000, 1000 }), two = joined(z, half);
	struct data first = inflated(half), both = joined(d, first), some;

	tap_ok(t, gives(file_of(half), first, "the gzip stream is cut short"),
	    "a stream cut in the middle gives what is before the cut");
	tap_ok(t, gives(pipe_of(tail), d, "the gzip stream is cut short"),
	    "one without its check sum gives all data");
	tap_ok(t,
	    gives(pipe_of(head), empty, "data@0x0 (decompressed): the gzip stream is cut short"),
	    "one of five bytes gives nothing");
	wrong.p[wrong.n - 8] ^= 1; /* of the check sum */
	tap_ok(t, gives(file_of(wrong), d, "the gzip stream is damaged: incorrect data check"),
	    "one with a wrong check sum gives all data");
	memset(bad.p + bad.n / 2, 0xff, 20);
	some = inflated(bad);
	tap_ok(t, some.n > SIZE / 3 && gives(pipe_of(bad), some, "the gzip stream is damaged: "),
	    "one with bad bytes in the middle gives what is before them");
	tap_ok(t,
	    gives(file_of(junk), d, "data@0x2dc6c0 (decompressed): garbage after the gzip stream"),
	    "other bytes after a stream are reported");
	tap_ok(t, gives(file_of(two), both, "the gzip stream is cut short"),
	    "a second member that is cut gives what is before the cut");
	free(z.p);
	free(wrong.p);
	free(bad.p);
	free(junk.p);
	free(two.p);
	free(first.p);
	free(both.p);
	free(some.p);
}

static void
test_spool_max(struct tap *t, struct data d)
{
	struct input in;

	input_open_fd(&in, "data", pipe_of(d));
	in.spool_max = d.n;
	tap_ok(t, input_spool(&in) && in.size == d.n && !fault_is(&in.fault),
	    "a pipe of spool_max bytes is copied");
	input_close(&in);
	input_open_fd(&in, "data", pipe_of(d));
	in.spool_max = 1 << 20;
	tap_ok(t,
	    input_spool(&in) && in.size == 1 << 20 && input_fill(&in, d.n) == in.size &&
		memcmp(input_at(&in), d.p, 1 << 20) == 0 &&
		strcmp(in.fault.text,
		    "data: more than 1 MB, the most that is copied from a pipe or a "
		    "gzip file (--spool-max)") == 0,
	    "the first bytes of a longer one are");
	input_close(&in);
	while (wait(NULL) > 0)
		;
}

static void
test_gzip(struct tap *t, struct data d)
{
	struct data z = deflated(d, 1), many = deflated(d, MEMBERS), empty = { d.p, 0 };
	struct data none = deflated(empty, 1);

	tap_ok(t, gives(file_of(z), d, ""), "a gzip'd file is inflated");
	tap_ok(t, gives(pipe_of(z), d, ""), "a gzip'd pipe is inflated");
	tap_ok(t, gives(file_of(many), d, "") && gives(pipe_of(many), d, ""),
	    "several members are one stream");
	tap_ok(t, gives(file_of(none), empty, ""), "a compressed empty file is empty");
	free(z.p);
	free(many.p);
	free(none.p);
}

static void
test_seek(struct tap *t, struct data d)
{
	struct data z = deflated(d, 2);
	struct input in;
	unsigned char c[4];

	input_open_fd(&in, "data", pipe_of(z));
	input_fill(&in, 100);
	input_take(&in, 100);
	tap_ok(t,
	    input_skip(&in, 500000) && in.offset == 500100 && input_fill(&in, 1) > 0 &&
		*input_at(&in) == d.p[500100],
	    "input_skip goes beyond the window");
	tap_ok(t,
	    input_spool(&in) && in.size == d.n - 500100 && input_seek(&in, 1000) &&
		input_fill(&in, 1) > 0 && *input_at(&in) == d.p[501100],
	    "the rest of a pipe becomes seekable");
	tap_ok(t,
	    input_read_at(&in, 5, c, 4) && memcmp(c, d.p + 500105, 4) == 0 &&
		!input_read_at(&in, in.size - 3, c, 4) && *input_at(&in) == d.p[501100],
	    "input_read_at does not move the window");
	tap_ok(t, !input_skip(&in, d.n), "input_skip does not go beyond the end");
	input_close(&in);
	while (wait(NULL) > 0)
		;
	free(z.p);
}

int
main(void)
{
	struct tap t = { 0, 0 };
	struct data d = sample(SIZE), small = { d.p, 2 }, empty = { d.p, 0 };

	signal(SIGPIPE, SIG_IGN);
	tap_ok(&t, gives(file_of(d), d, "") && gives(pipe_of(d), d, ""),
	    "a file and a pipe give all bytes");
	tap_ok(&t, gives(file_of(small), small, "") && gives(pipe_of(small), small, ""),
	    "two bytes are not mistaken for gzip");
	tap_ok(&t, gives(file_of(empty), empty, "") && gives(pipe_of(empty), empty, ""),
	    "an empty file is empty");
	test_gzip(&t, d);
	test_damage(&t, d);
	test_spool_max(&t, d);
	test_seek(&t, d);
	free(d.p);
	return tap_end(&t);
}
