/* SPDX-License-Identifier: MIT */
/* The bytes of program files, by path, build id and offset. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sysroot.h"
#include "symbols/elf.h"
#include "symbols/objects.h"

#include "tap.h"

enum { MANY = 200 };

static const char build[] = "0123456789abcdef0123456789abcdef01234567";

static void
test_program(struct tap *t)
{
	struct fault fault = { "" };
	struct objects *o =
	    objects_new(&(struct files_from){ .sysroot = "t/fuzz/corpus/elf" }, &fault);
	struct object *right = objects_get(o, STR("/whole.so"), str_of(build));
	struct object *wrong = objects_get(o, STR("/whole.so"), STR("0123"));
	struct object *none = objects_get(o, STR("[heap]"), STR_NONE);
	uint8_t buf[8192];

	tap_ok(t,
	    object_read(o, right, 1, buf, 3, &fault) == 3 && memcmp(buf, "ELF", 3) == 0 &&
		object_why(right) == NULL,
	    "bytes of the file with the build id");
	tap_ok(t, object_read(o, right, 1 << 20, buf, 3, &fault) == 0, "no bytes after its end");
	tap_ok(t,
	    object_read(o, wrong, 0, buf, 3, &fault) == 0 &&
		strcmp(object_why(wrong), "the file there has another build id") == 0,
	    "no bytes of a file with another build id, and the reason");
	tap_ok(t,
	    object_read(o, none, 0, buf, 3, &fault) == 0 &&
		strcmp(object_why(none), "not a file") == 0 && !fault_is(&fault),
	    "no bytes of what is no file");
	objects_free(o);
}

static void
make_file(const char *folder, int i)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%d", folder, i);
	if ((f = fopen(path, "w")) == NULL || fprintf(f, "%03d", i) != 3 || fclose(f) != 0)
		puts("Bail out! no files");
}

static bool
read_file(struct objects *o, int i)
{
	struct fault fault = { "" };
	char path[16], want[16];
	uint8_t got[4];
	struct object *b;

	snprintf(path, sizeof path, "/%d", i);
	snprintf(want, sizeof want, "%03d", i);
	b = objects_get(o, str_of(path), STR_NONE);
	return object_read(o, b, 0, got, sizeof got, &fault) == 3 && memcmp(got, want, 3) == 0;
}

static int
highest_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void
test_many(struct tap *t)
{
	char folder[] = "/tmp/objects.XXXXXX", path[64];
	struct fault fault = { "" };
	struct objects *o = objects_new(&(struct files_from){ .sysroot = mkdtemp(folder) }, &fault);
	bool good = true;
	int i;

	for (i = 0; i < MANY; i++)
		make_file(folder, i);
	for (i = 0; i < 2 * MANY; i++)
		good = read_file(o, i % MANY) && good;
	tap_ok(t, good && highest_descriptor() < 80, "many files are read, few are open at once");
	objects_free(o);
	for (i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "%s/%d", folder, i);
		unlink(path);
	}
	rmdir(folder);
}

static void
count_code(void *arg, uint64_t addr, uint64_t len, uint64_t off)
{
	(void)off;
	*(uint64_t *)arg += addr > 0 ? len : 0;
}

static void
test_segments(struct tap *t)
{
	struct sysroot root;
	struct fault why = { "" };
	uint64_t code = 0;
	int fd;

	sysroot_open(&root, "t/fuzz/corpus/elf");
	fd = sysroot_file(&root, "whole.so", &why);
	tap_ok(t, elf_segments(fd, count_code, &code) && code > 0, "the segments of a program");
	close(fd);
	fd = sysroot_file(&root, "small.s", &why);
	tap_ok(t, !elf_segments(fd, count_code, &code), "no segments of a text");
	close(fd);
	sysroot_close(&root);
}

int
main(void)
{
	struct tap t = { 0 };

	test_program(&t);
	test_many(&t);
	test_segments(&t);
	return tap_end(&t);
}
