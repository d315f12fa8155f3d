/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "buildid.h"
#include "objects.h"

enum { MAXOPEN = 64 };

struct object {
	struct str path, build; /* as in the record */
	char *file;             /* the path to open; NULL if it has a NUL byte in it */
	const struct elf *elf;
	struct elf_map map; /* of code; len 0: none is known */
	uint64_t shift;     /* of a debug file that is used without its program */
	int fd;             /* open for object_read(), or -1 */
	const char *why;    /* why its file cannot be used; NULL if it can, or has not been tried */
	bool named;
	size_t missed;
};

/* Symbols are read once, however many paths lead to their file. */
struct inode {
	uint64_t device, number;
};

struct symbols {
	struct elf *elf; /* NULL if there are none: why has the reason */
	uint64_t shift;
	struct fault why;
};

struct objects {
	struct files *files;
	struct intern names; /* path, tab, build id: the object of that number */
	struct strbuf name;
	struct object **object;
	struct intern inodes; /* struct inode: the symbols of that number */
	struct symbols **symbols;
	size_t cap, cap_symbols;
	struct intern reasons;
	struct object *open[MAXOPEN];
	size_t n_opened;
	bool folders; /* --sysroot and --buildid-dir are given */
};

struct objects *
objects_new(const struct files_from *from, struct fault *fault)
{
	struct files *files = files_new(from, fault);
	struct objects *o;

	if (files == NULL)
		return NULL;
	o = mem_alloc(sizeof *o);
	o->files = files;
	o->folders = from->sysroot != NULL && from->buildid_dir != NULL;
	return o;
}

static void
object_free(struct object *b)
{
	if (b->fd >= 0)
		close(b->fd);
	free(b->file);
	free(b);
}

static void
symbols_free(struct symbols *s)
{
	elf_free(s->elf);
	free(s);
}

void
objects_free(struct objects *o)
{
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < o->names.n; i++)
		object_free(o->object[i]);
	for (i = 0; i < o->inodes.n; i++)
		symbols_free(o->symbols[i]);
	free(o->object);
	free(o->symbols);
	intern_free(&o->names);
	intern_free(&o->inodes);
	intern_free(&o->reasons);
	strbuf_free(&o->name);
	files_free(o->files);
	free(o);
}

struct files *
objects_files(struct objects *o)
{
	return o->files;
}

void
objects_set_release(struct objects *o, struct str release)
{
	files_set_release(o->files, release.p, release.n);
}

/* path and build last as long as the object. */
static struct object *
object_new(struct str path, struct str build)
{
	struct object *b = mem_alloc(sizeof *b);
	size_t n;

	*b = (struct object){ .path = path, .build = build, .fd = -1 };
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
	size_t n = o->names.n;
	struct str name;
	uint32_t id;

	strbuf_clear(&o->name);
	strbuf_add(&o->name, path);
	strbuf_putc(&o->name, '\t');
	strbuf_add(&o->name, build);
	if ((id = intern_put(&o->names, strbuf_str(&o->name))) < n)
		return o->object[id];
	name = intern_str(&o->names, id);
	o->object = mem_grow(o->object, id, &o->cap, sizeof(void *));
	o->object[id] = object_new(
	    (struct str){ name.p, path.n }, (struct str){ name.p + path.n + 1, build.n });
	return o->object[id];
}

/* --- files */

/* [vdso], //anon, anon_inode:... are not files; a file now at the path of a deleted one is a
 * different file.
 */
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

/* Open its file. Returns -1 and sets why, to what is wrong with its path, if there is none with the
 * recorded build id; any file at its path will do if none was recorded. */
static int
open_file(struct objects *o, const struct object *b, struct fault *why)
{
	size_t n = str_none(b->build) ? 0 : b->build.n, i;
	bool vdso = str_eq(b->path, STR("[vdso]"));
	enum files_what what = vdso ? FILES_VDSO : FILES_PROGRAM;
	char build[BUILDID] = "";
	struct files_wanted wanted = { NULL, build, NULL };
	int fd;

	memcpy(build, b->build.p, n < BUILDID ? n : BUILDID - 1);
	wanted.path = !vdso && may_open(b, why) ? b->file : NULL;
	for (i = 0; (fd = files_open(o->files, what, &wanted, i, why)) != FILES_END; i++) {
		if (fd == FILES_ABSENT)
			continue;
		if (n == 0 || elf_check_build(fd, build, why))
			return fd;
		close(fd);
	}
	if (!fault_is(why))
		fault_set(why, "no copy of it: give --vdso or --buildid-dir");
	return -1;
}

/* Open its debug file, which the recorded build id leads to. */
static int
open_debug_alone(struct objects *o, const struct object *b)
{
	char build[BUILDID] = "";
	struct files_wanted wanted = { NULL, build, NULL };
	struct fault unused = { "" };
	size_t i;
	int fd;

	if (str_none(b->build) || b->build.n >= BUILDID || b->map.len == 0)
		return -1;
	memcpy(build, b->build.p, b->build.n);
	for (i = 0; (fd = files_open(o->files, FILES_DEBUG, &wanted, i, &unused)) != FILES_END;
	     i++) {
		if (fd == FILES_ABSENT)
			continue;
		if (elf_check_build(fd, build, &unused))
			return fd;
		close(fd);
	}
	return -1;
}

/* The symbols of an open file, or of the debug file of an object. */
static struct symbols *
symbols_of(struct objects *o, struct object *b, int fd, bool debug)
{
	struct stat st = { 0 };
	struct inode inode;
	size_t n = o->inodes.n;
	struct symbols *s;
	uint32_t id;

	fstat(fd, &st);
	inode = (struct inode){ st.st_dev, st.st_ino };
	if ((id = intern_put(&o->inodes, (struct str){ (void *)&inode, sizeof inode })) < n)
		return o->symbols[id];
	o->symbols = mem_grow(o->symbols, id, &o->cap_symbols, sizeof(void *));
	s = o->symbols[id] = mem_alloc(sizeof *s);
	s->elf = debug ? elf_read_debug(o->files, fd, &b->map, &s->shift, &s->why)
		       : elf_read(o->files, fd, b->file, &s->why);
	return s;
}

static void
load(struct objects *o, struct object *b)
{
	struct fault why = { "" };
	int fd = open_file(o, b, &why);
	const struct symbols *s;
	bool alone = fd < 0;

	if (alone && (fd = open_debug_alone(o, b)) < 0) {
		object_because(o, b, why.text);
		return;
	}
	s = symbols_of(o, b, fd, alone);
	close(fd);
	b->elf = s->elf;
	b->shift = s->shift;
	if (b->elf == NULL)
		object_because(o, b, alone ? why.text : s->why.text);
}

/* Keep its file open for reading, instead of the one that was opened MAXOPEN files ago. */
static bool
open_for_reading(struct objects *o, struct object *b)
{
	struct object **slot = &o->open[o->n_opened % MAXOPEN];
	struct fault why = { "" };

	if ((b->fd = open_file(o, b, &why)) < 0) {
		object_because(o, b, why.text);
		return false;
	}
	if (*slot != NULL) {
		close((*slot)->fd);
		(*slot)->fd = -1;
	}
	*slot = b;
	o->n_opened++;
	return true;
}

/* --- answers */

void
object_mapped(struct object *b, const struct elf_map *map)
{
	b->map = *map;
}

bool
object_find(struct objects *o, struct object *b, uint64_t off, struct elf_symbol *found,
    struct fault *fault)
{
	if (b->elf == NULL && b->why == NULL)
		load(o, b);
	if (files_fault(o->files) != NULL)
		return fault_set(fault, "%s", files_fault(o->files));
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

	if (off > INT64_MAX || (b->fd < 0 && (b->why != NULL || !open_for_reading(o, b)))) {
		if (files_fault(o->files) != NULL)
			fault_set(fault, "%s", files_fault(o->files));
		return 0;
	}
	got = pread(b->fd, buf, n, (off_t)off);
	return got > 0 ? (size_t)got : 0;
}

bool
objects_admit(struct objects *o, int fd)
{
	uint64_t n = elf_inflated_size(fd);

	if (n > files_room(o->files))
		return false;
	files_inflated(o->files, n);
	return true;
}

const void *
object_symbols(const struct object *b)
{
	return b->elf;
}

uint64_t
object_open(struct objects *o, const struct object *b, int *program, int *debug)
{
	struct fault unused = { "" };
	bool room;

	*program = open_file(o, b, &unused);
	*debug =
	    *program < 0 ? open_debug_alone(o, b) : elf_open_debug(o->files, *program, b->file);
	room = (*program < 0 || objects_admit(o, *program)) &&
	       (*debug < 0 || objects_admit(o, *debug));
	if (!room && *program >= 0)
		close(*program);
	if (!room && *debug >= 0)
		close(*debug);
	if (!room)
		*program = *debug = -1;
	return b->shift;
}

/* Is a symbol there for returns to its first byte, of signal handlers and of contexts? */
static bool
is_trampoline(const struct elf_symbol *s)
{
	static const char *const names[] = { "__restore", "__kernel_rt_sigreturn",
		"__kernel_sigreturn", "__start_context", NULL };
	size_t i;

	for (i = 0; !s->label && names[i] != NULL; i++)
		if (str_starts(s->name, names[i]))
			return true;
	return s->label;
}

bool
object_find_caller(struct objects *o, struct object *b, uint64_t off, struct elf_symbol *found,
    struct fault *fault)
{
	struct elf_symbol next;
	uint8_t code[ELF_CALL];
	uint64_t n;

	if (off == 0 || !object_find(o, b, off - 1, found, fault))
		return !fault_is(fault) && object_find(o, b, off, found, fault) &&
		       is_trampoline(found);
	if (elf_find(b->elf, off, &next) && next.start != off)
		return true;
	n = off - found->start < sizeof code ? off - found->start : sizeof code;
	if (object_read(o, b, off - n, code, n, fault) < n)
		return !fault_is(fault);
	return elf_is_call(b->elf, code, n);
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
object_because(struct objects *o, struct object *b, const char *why)
{
	if (b->why == NULL)
		b->why = intern_str(&o->reasons, intern_put(&o->reasons, str_of(why))).p;
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

/* What would help. */
static const char *
help(const struct objects *o, const char *why)
{
	const char *const helps[][2] = {
		{ "No such file", o->folders
				      ? ": neither --sysroot nor --buildid-dir has it"
				      : ": give --sysroot, or perf's copies with --buildid-dir" },
		{ "the file there has another build id",
		    ": give the recorded one with --sysroot or --buildid-dir" },
		{ "the file had been deleted", ": give perf's copy with --buildid-dir" },
		{ "stripped, and no debug file",
		    ": install its debug symbols, or give them with --debug-dir" },
		{ "no symbols in it, and no debug file",
		    ": install its debug symbols, or give them with --debug-dir" },
		{ "no -k", ": give -k, --vmlinux or --live" },
	};
	size_t i;

	for (i = 0; i < sizeof helps / sizeof *helps; i++)
		if (strncmp(why, helps[i][0], strlen(helps[i][0])) == 0)
			return helps[i][1];
	return "";
}

/* Its names may come from a different version of the file than the one recorded. */
static bool
is_unchecked(const struct object *b)
{
	return b->named && str_none(b->build);
}

static void
describe(const struct objects *o, const struct object *b, char *line, size_t size)
{
	size_t n = b->path.n < size / 2 ? b->path.n : size / 2;
	int used = snprintf(line, size, "%.*s: ", (int)n, b->path.p);

	if (b->missed > 0)
		used +=
		    snprintf(line + used, size - (size_t)used, "%zu frame%s without a name: %s%s",
			b->missed, b->missed == 1 ? "" : "s", reason(b), help(o, reason(b)));
	if (is_unchecked(b))
		snprintf(line + used, size - (size_t)used, "%s%s", b->missed > 0 ? "; " : "",
		    "named without a build id to check the file by");
}

void
objects_report(
    const struct objects *o, void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	struct object **sorted = mem_alloc((o->names.n + 1) * sizeof(void *));
	char line[8192];
	size_t i;

	for (i = 0; i < o->names.n; i++)
		sorted[i] = o->object[i];
	qsort(sorted, o->names.n, sizeof(void *), by_missed);
	for (i = 0; i < o->names.n; i++)
		if (sorted[i]->missed > 0 || is_unchecked(sorted[i])) {
			describe(o, sorted[i], line, sizeof line);
			note(arg, NULL, line);
		}
	free(sorted);
}
