/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sysroot.h"
#include "buildid.h"
#include "elf.h"
#include "objects.h"

enum { MAXOPEN = 64 };

struct object {
	struct str path, build; /* as in the record */
	int fd;                 /* open for object_read(), or -1 */
	char *file;             /* what is opened: the path's bytes, NULL if no path has such */
	struct elf *elf;
	char *why; /* there is no elf; or NULL */
	bool named;
	size_t missed;
};

struct objects {
	struct sysroot root;
	struct object **object;
	size_t n, cap;
	struct hash at; /* hash of path and build -> index + 1 */
	struct object *open[MAXOPEN];
	size_t n_opened;
};

struct objects *
objects_new(const char *sysroot, struct fault *fault)
{
	struct objects *o = mem_alloc(sizeof *o);

	if (sysroot_open(&o->root, sysroot))
		return o;
	fault_set(fault, "%s", o->root.fault.text);
	free(o);
	return NULL;
}

void
objects_free(struct objects *o)
{
	struct object *b;

	if (o == NULL)
		return;
	while (o->n > 0) {
		b = o->object[--o->n];
		elf_free(b->elf);
		if (b->fd >= 0)
			close(b->fd);
		free(b->file);
		free(b->why);
		free((char *)b->path.p);
		free(b);
	}
	sysroot_close(&o->root);
	free(o->object);
	hash_free(&o->at);
	free(o);
}

/* --- files */

/* [vdso], //anon, anon_inode:... are no files; a deleted one is not what stands at its path now. */
static bool
may_open(const struct object *b, struct fault *why)
{
	static const char deleted[] = " (deleted)";
	size_t n = b->file == NULL ? 0 : strlen(b->file), tail = sizeof deleted - 1;

	if (n == 0 || b->file[0] != '/' || b->file[1] == '/')
		return fault_set(why, "not a file");
	if (n > tail && strcmp(b->file + n - tail, deleted) == 0)
		return fault_set(why, "the file had been deleted");
	return true;
}

/* The build id that the file must have, "" for any. */
static void
build_of(const struct object *b, char build[BUILDID])
{
	size_t n = str_none(b->build) ? 0 : b->build.n;

	n = n < BUILDID ? n : BUILDID - 1;
	memcpy(build, b->build.p, n);
	build[n] = '\0';
}

static void
load(struct objects *o, struct object *b)
{
	struct fault why = { "" };
	char build[BUILDID];

	build_of(b, build);
	if (may_open(b, &why))
		b->elf = elf_read(&o->root, b->file, build, &why);
	if (b->elf == NULL)
		object_because(b, why.text);
}

/* Open its file for reading, and close the one that was opened MAXOPEN files ago. */
static bool
open_file(struct objects *o, struct object *b)
{
	struct object **slot = &o->open[o->n_opened++ % MAXOPEN];
	struct fault why = { "" };
	char build[BUILDID];

	build_of(b, build);
	b->fd = may_open(b, &why) ? sysroot_file(&o->root, b->file, &why) : -1;
	if (b->fd >= 0 && *build != '\0' && !elf_check_build(b->fd, build, &why)) {
		close(b->fd);
		b->fd = -1;
	}
	if (b->fd < 0) {
		object_because(b, why.text);
		return false;
	}
	if (*slot != NULL) {
		close((*slot)->fd);
		(*slot)->fd = -1;
	}
	*slot = b;
	return true;
}

/* --- objects */

static struct object *
object_new(struct str path, struct str build)
{
	struct object *b = mem_alloc(sizeof *b);
	char *text = mem_alloc(path.n + build.n + 1);
	size_t n;

	if (path.n > 0)
		memcpy(text, path.p, path.n);
	if (build.n > 0)
		memcpy(text + path.n, build.p, build.n);
	b->fd = -1;
	b->path = (struct str){ text, path.n };
	b->build = (struct str){ text + path.n, build.n };
	b->file = mem_alloc(path.n + 1);
	n = text_unescape(b->file, path);
	if (strlen(b->file) == n)
		return b;
	free(b->file);
	b->file = NULL;
	return b;
}

struct object *
objects_get(struct objects *o, struct str path, struct str build)
{
	uint64_t key = digest_bytes(digest_bytes(0, build.p, build.n), path.p, path.n), *v;
	struct object *b;

	for (;; key++) {
		v = hash_put(&o->at, key);
		if (*v == 0)
			break;
		b = o->object[*v - 1];
		if (str_eq(b->path, path) && str_eq(b->build, build))
			return b;
	}
	o->object = mem_grow(o->object, o->n, &o->cap, sizeof(void *));
	o->object[o->n] = object_new(path, build);
	*v = ++o->n;
	return o->object[o->n - 1];
}

bool
object_find(struct objects *o, struct object *b, uint64_t off, struct symtab_symbol *found,
    struct fault *fault)
{
	if (b->elf == NULL && b->why == NULL)
		load(o, b);
	if (fault_is(&o->root.fault))
		return fault_set(fault, "%s", o->root.fault.text);
	if (b->elf == NULL || !elf_find(b->elf, off, found))
		return false;
	b->named = true;
	return true;
}

size_t
object_read(
    struct objects *o, struct object *b, uint64_t off, uint8_t *buf, size_t n, struct fault *fault)
{
	ssize_t got;

	if (off > INT64_MAX || (b->fd < 0 && (b->why != NULL || !open_file(o, b)))) {
		if (fault_is(&o->root.fault))
			fault_set(fault, "%s", o->root.fault.text);
		return 0;
	}
	got = pread(b->fd, buf, n, (off_t)off);
	return got > 0 ? (size_t)got : 0;
}

const char *
object_why(const struct object *b)
{
	return b->why;
}

void
object_missed(struct object *b)
{
	b->missed++;
}

void
object_because(struct object *b, const char *why)
{
	if (b->why == NULL)
		b->why = mem_copy(why, strlen(why));
}

/* --- report */

static int
by_missed(const void *va, const void *vb)
{
	const struct object *a = *(struct object *const *)va, *b = *(struct object *const *)vb;

	if (a->missed != b->missed)
		return a->missed > b->missed ? -1 : 1;
	return strcmp(a->path.p, b->path.p);
}

static const char *
reason(const struct object *b)
{
	if (b->why != NULL)
		return b->why;
	return b->elf != NULL && elf_is_stripped(b->elf) ? "stripped, and no debug file"
							 : "no symbol at their addresses";
}

/* Names of a file that may be another version than the recorded one. */
static bool
is_unchecked(const struct object *b)
{
	return b->named && str_none(b->build);
}

static void
describe(const struct object *b, char *line, size_t size)
{
	size_t n = b->path.n < size / 2 ? b->path.n : size / 2;
	int used = snprintf(line, size, "%.*s: ", (int)n, b->path.p);

	if (b->missed > 0)
		used += snprintf(line + used, size - (size_t)used, "%zu frame%s without a name: %s",
		    b->missed, b->missed == 1 ? "" : "s", reason(b));
	if (is_unchecked(b))
		snprintf(line + used, size - (size_t)used, "%s%s", b->missed > 0 ? "; " : "",
		    "named without a build id to check the file by");
}

void
objects_report(
    const struct objects *o, void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	struct object **sorted = mem_alloc((o->n + 1) * sizeof(void *));
	char line[8192];
	size_t i;

	for (i = 0; i < o->n; i++)
		sorted[i] = o->object[i];
	qsort(sorted, o->n, sizeof(void *), by_missed);
	for (i = 0; i < o->n; i++)
		if (sorted[i]->missed > 0 || is_unchecked(sorted[i])) {
			describe(sorted[i], line, sizeof line);
			note(arg, NULL, line);
		}
	free(sorted);
}
