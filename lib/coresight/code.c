/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/sysroot.h"
#include "code.h"
#include "symbols/elf.h"
#include "symbols/objects.h"
#include "symbols/spaces.h"

enum { LEVELS = 8 }; /* bits of enum csd_space */

struct code {
	struct str machine;
	struct spaces *processes;
	struct objects *objects;
	struct space image[LEVELS];
	struct space kernel;
	int kernel_fd;
	uint64_t generation;
	void *arg;
	void (*note)(void *arg, struct str path, const char *why);
	struct hash noted; /* objects */
};

struct code *
code_new(const char *sysroot, struct str machine, struct fault *fault)
{
	struct code *c;
	struct objects *objects = objects_new(&(struct files_from){ .sysroot = sysroot }, fault);

	if (objects == NULL)
		return NULL;
	c = mem_alloc(sizeof *c);
	*c = (struct code){
		.machine = machine, .objects = objects, .processes = spaces_new(), .kernel_fd = -1
	};
	return c;
}

void
code_free(struct code *c)
{
	int i;

	if (c == NULL)
		return;
	for (i = 0; i < LEVELS; i++)
		space_clear(&c->image[i]);
	space_clear(&c->kernel);
	if (c->kernel_fd >= 0)
		close(c->kernel_fd);
	spaces_free(c->processes);
	objects_free(c->objects);
	hash_free(&c->noted);
	free(c);
}

void
code_set_note(struct code *c, void (*note)(void *arg, struct str path, const char *why), void *arg)
{
	c->note = note;
	c->arg = arg;
}

/* A map of a file; one that would end beyond the last address ends there. */
static struct space_map
map_of(uint64_t addr, uint64_t len, uint64_t off)
{
	uint64_t end = len > UINT64_MAX - addr ? UINT64_MAX : addr + len;

	return (struct space_map){ .addr = addr, .end = end, .off = off };
}

static void
add_segment(void *arg, uint64_t addr, uint64_t len, uint64_t off)
{
	struct code *c = arg;
	struct space_map map = map_of(addr, len, off);

	space_put(&c->kernel, &c->generation, &map, STR_NONE, STR_NONE);
}

bool
code_add_kernel(struct code *c, const char *path, struct fault *fault)
{
	struct sysroot any;
	struct fault why = { "" };

	sysroot_open(&any, NULL);
	c->kernel_fd = sysroot_file(&any, path, &why);
	if (c->kernel_fd < 0)
		return fault_set(fault, "%s: %s", path, why.text);
	return elf_segments(c->kernel_fd, add_segment, c) ||
	       fault_set(fault, "%s: not an ELF file", path);
}

void
code_add_image(
    struct code *c, uint64_t addr, uint64_t len, uint64_t off, unsigned spaces, struct str path)
{
	struct space_map map = map_of(addr, len, off);
	int i;

	for (i = 0; i < LEVELS && len > 0; i++)
		if (spaces >> i & 1)
			space_put(&c->image[i], &c->generation, &map, path, STR_NONE);
}

void
code_add(struct code *c, const struct rec *r)
{
	spaces_add(c->processes, r);
}

static size_t
read_object(struct code *c, const struct space_map *m, uint64_t off, uint8_t *buf, size_t n)
{
	struct object *o = objects_get(c->objects, m->file->path, m->file->build);
	struct fault fault = { "" };
	size_t got = object_read(c->objects, o, off, buf, n, &fault);
	uint64_t *noted;

	if (got == 0 && object_why(o) != NULL && c->note != NULL) {
		noted = hash_put(&c->noted, (uintptr_t)o);
		if (*noted == 0)
			c->note(c->arg, m->file->path, object_why(o));
		*noted = 1;
	}
	return got;
}

/* What is mapped at an address in one of the spaces: NULL if nothing is. */
static const struct space_map *
find(struct code *c, int32_t pid, unsigned spaces, uint64_t addr)
{
	struct spaces_process p;
	const struct space_map *m = NULL;
	int i;

	if (pid >= 0) {
		p = spaces_process(c->processes, c->machine, pid);
		m = space_find(&p.space, addr);
	}
	for (i = 0; i < LEVELS && m == NULL; i++)
		if (spaces >> i & 1)
			m = space_find(&c->image[i], addr);
	return m;
}

size_t
code_read(struct code *c, int32_t pid, unsigned spaces, uint64_t addr, uint8_t *buf, size_t n)
{
	const struct space_map *m = find(c, pid, spaces, addr);
	bool kernel = m == NULL;
	ssize_t got;

	if (kernel && (m = space_find(&c->kernel, addr)) == NULL)
		return 0;
	n = n < m->end - addr ? n : (size_t)(m->end - addr);
	if (!kernel)
		return read_object(c, m, m->off + (addr - m->addr), buf, n);
	got = pread(c->kernel_fd, buf, n, (off_t)(m->off + (addr - m->addr)));
	return got > 0 ? (size_t)got : 0;
}
