/* SPDX-License-Identifier: MIT */
/*
 * jitted - a process that writes code as a JIT compiler does, and runs it
 *
 *	jitted dump	says so in jit-PID.dump in the current folder
 *	jitted map	says so in /tmp/perf-PID.map
 *
 * The function "outer" calls "first", which is replaced, at its address, by "second". Exits 3 on
 *machines whose code it does not know.
 */

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, ROUNDS = 60, SPINS = 1000000 };

/* outer(f, n): a frame, and f(n) */
static const unsigned char outer[] = "\x55\x48\x89\xe5\x48\x89\xf8\x48\x89\xf7\xff\xd0\x5d\xc3";
/* f(n): a frame, and n turns */
static const unsigned char inner[] = "\x55\x48\x89\xe5\x48\x89\xf9\x48\xff\xc9\x75\xfb\x5d\xc3";

enum { SIZE = sizeof inner - 1 };

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void
put(FILE *f, int bytes, uint64_t value)
{
	fwrite(&value, (size_t)bytes, 1, f);
}

/* perf notices a jitdump by this map of it. */
static FILE *
open_dump(void)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof name, "jit-%d.dump", (int)getpid());
	if ((f = fopen(name, "w+")) == NULL ||
	    mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(f), 0) == MAP_FAILED)
		err(1, "%s", name);
	put(f, 4, 0x4a695444);
	put(f, 4, 1);
	put(f, 4, 40);
	put(f, 4, 62); /* EM_X86_64 */
	put(f, 4, 0);
	put(f, 4, (uint64_t)getpid());
	put(f, 8, now());
	put(f, 8, 0);
	return f;
}

static void
say_dump(FILE *f, const void *code, const char *name, uint64_t id)
{
	put(f, 4, 0); /* JIT_CODE_LOAD */
	put(f, 4, 16 + 40 + strlen(name) + 1 + SIZE);
	put(f, 8, now());
	put(f, 4, (uint64_t)getpid());
	put(f, 4, (uint64_t)syscall(SYS_gettid));
	put(f, 8, (uintptr_t)code);
	put(f, 8, (uintptr_t)code);
	put(f, 8, SIZE);
	put(f, 8, id);
	fwrite(name, strlen(name) + 1, 1, f);
	fwrite(code, SIZE, 1, f);
	fflush(f);
}

static FILE *
open_map(void)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof name, "/tmp/perf-%d.map", (int)getpid());
	if ((f = fopen(name, "w")) == NULL)
		err(1, "%s", name);
	return f;
}

static void
say_map(FILE *f, const void *code, const char *name, uint64_t id)
{
	(void)id;
	fprintf(f, "%lx %x %s\n", (unsigned long)(uintptr_t)code, SIZE, name);
	fflush(f);
}

static void
run(const void *from, const void *to)
{
	unsigned long (*call)(const void *, unsigned long);
	int i;

	memcpy(&call, &from, sizeof call);
	for (i = 0; i < ROUNDS; i++)
		call(to, SPINS);
}

int
main(int argc, char *argv[])
{
	int dump = argc == 2 && strcmp(argv[1], "dump") == 0;
	void (*say)(FILE *, const void *, const char *, uint64_t) = dump ? say_dump : say_map;
	unsigned char *code;
	FILE *f;

	if (!dump && (argc != 2 || strcmp(argv[1], "map") != 0))
		errx(2, "usage: jitted dump|map");
#ifndef __x86_64__
	return 3;
#endif
	f = dump ? open_dump() : open_map();
	code = mmap(
	    NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		err(1, "mmap");
	memcpy(code, outer, SIZE);
	say(f, code, "outer(int, long)", 1);
	memcpy(code + 256, inner, SIZE);
	say(f, code + 256, "first", 2);
	run(code, code + 256);
	if (dump)
		say(f, code + 256, "second", 3);
	run(code, code + 256);
	fclose(f);
	return 0;
}
