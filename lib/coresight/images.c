/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "images.h"

enum {
	ELF_HEADER = 64,
	ELF_SEGMENT = 56,
	PT_LOAD = 1,
	PT_NOTE = 4,
	NOTES = 4096,
	ANY_SPACE = 31,
	MAXSEGMENTS = 4096
};

static size_t
add_file(struct images *im, const char *path, const char *build)
{
	struct image_file *f;
	size_t i;

	for (i = im->n_files; i-- > 0;)
		if (strcmp(im->file[i].path, path) == 0 && strcmp(im->file[i].build, build) == 0)
			return i;
	im->file = mem_grow(im->file, im->n_files, &im->cap_files, sizeof *im->file);
	f = &im->file[im->n_files];
	*f = (struct image_file){ .path = mem_copy(path, strlen(path)), .fd = -1 };
	strncat(f->build, build, sizeof f->build - 1);
	return im->n_files++;
}

void
images_add(struct images *im, const struct image *where, const char *path, const char *build)
{
	im->image = mem_grow(im->image, im->n, &im->cap, sizeof *im->image);
	im->image[im->n] = *where;
	im->image[im->n].file = add_file(im, path, build == NULL ? "" : build);
	im->n++;
}

static bool
read_at(int fd, uint64_t offset, uint8_t *buf, size_t n)
{
	return pread(fd, buf, n, (off_t)offset) == (ssize_t)n;
}

/* A program header of a 64-bit ELF file (System V ABI). */
struct segment {
	uint32_t type;
	uint64_t offset, addr, in_file, in_memory;
};

/* Hand each program header on; false where the file is no 64-bit ELF file. */
static bool
each_segment(int fd, void (*each)(void *arg, int fd, bool big, const struct segment *), void *arg)
{
	uint8_t head[ELF_HEADER], entry[ELF_SEGMENT];
	struct bytes b;
	struct segment s;
	uint64_t offset;
	int i, n;
	bool big;

	if (!read_at(fd, 0, head, sizeof head) || memcmp(head, "\177ELF\2", 5) != 0)
		return false;
	big = head[5] == 2;
	b = bytes_of(head + 32, sizeof head - 32, big);
	offset = bytes_u64(&b);
	b = bytes_of(head + 56, sizeof head - 56, big);
	n = bytes_u16(&b);
	for (i = 0; i < n && i < MAXSEGMENTS; i++) {
		if (!read_at(fd, offset + (uint64_t)i * ELF_SEGMENT, entry, sizeof entry))
			break;
		b = bytes_of(entry, sizeof entry, big);
		s.type = bytes_u32(&b);
		bytes_u32(&b); /* flags */
		s.offset = bytes_u64(&b);
		s.addr = bytes_u64(&b);
		bytes_u64(&b); /* physical address */
		s.in_file = bytes_u64(&b);
		s.in_memory = bytes_u64(&b);
		each(arg, fd, big, &s);
	}
	return true;
}

struct target {
	struct images *im;
	const char *path;
};

static void
map_segment(void *arg, int fd, bool big, const struct segment *s)
{
	const struct target *t = arg;
	struct image where = { s->addr, s->in_file, s->offset, -1, ANY_SPACE, 0 };

	(void)fd;
	(void)big;
	if (s->type == PT_LOAD && s->in_file > 0)
		images_add(t->im, &where, t->path, NULL);
}

static void
find_build(void *arg, int fd, bool big, const struct segment *s)
{
	uint8_t notes[NOTES];
	size_t n = s->in_file < NOTES ? (size_t)s->in_file : NOTES;
	char *id = arg;

	if (s->type == PT_NOTE && *id == '\0' && read_at(fd, s->offset, notes, n))
		buildid_note(bytes_of(notes, n, big), id);
}

bool
images_add_elf(struct images *im, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && each_segment(fd, map_segment, &(struct target){ im, path });

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Open a file to read code from; one with another build id is not what ran. */
static void
open_file(struct image_file *f)
{
	char has[BUILDID] = "";

	f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0) {
		f->fd = -2;
		return;
	}
	each_segment(f->fd, find_build, has);
	if (*f->build == '\0' || *has == '\0' || buildid_same(has, f->build))
		return;
	f->wrong = true;
	close(f->fd);
	f->fd = -2;
}

void
images_fork(struct images *im, int32_t parent, int32_t child)
{
	size_t i, n = im->n;

	for (i = 0; i < n && parent != child; i++) {
		if (im->image[i].pid != parent)
			continue;
		im->image = mem_grow(im->image, im->n, &im->cap, sizeof *im->image);
		im->image[im->n] = im->image[i];
		im->image[im->n++].pid = child;
	}
}

void
images_exec(struct images *im, int32_t pid)
{
	size_t i, n = 0;

	for (i = 0; i < im->n; i++)
		if (im->image[i].pid != pid)
			im->image[n++] = im->image[i];
	im->n = n;
}

static bool
covers(const struct image *i, int32_t pid, unsigned space, uint64_t addr)
{
	return addr >= i->addr && addr - i->addr < i->len && (i->pid < 0 || i->pid == pid) &&
	       (i->space & space) != 0;
}

static const struct image *
find(struct images *im, int32_t pid, unsigned space, uint64_t addr)
{
	size_t i;

	for (i = im->n; i-- > 0;)
		if (covers(&im->image[i], pid, space, addr))
			return &im->image[i];
	return NULL;
}

size_t
images_read(struct images *im, int32_t pid, unsigned space, uint64_t addr, uint8_t *buf, size_t n)
{
	const struct image *i = find(im, pid, space, addr);
	struct image_file *f;
	ssize_t got;

	if (i == NULL)
		return 0;
	f = &im->file[i->file];
	if (f->fd == -1)
		open_file(f);
	if (f->fd < 0)
		return 0;
	n = n < i->len - (addr - i->addr) ? n : (size_t)(i->len - (addr - i->addr));
	got = pread(f->fd, buf, n, (off_t)(i->off + (addr - i->addr)));
	return got > 0 ? (size_t)got : 0;
}

void
images_free(struct images *im)
{
	size_t i;

	for (i = 0; i < im->n_files; i++) {
		if (im->file[i].fd >= 0)
			close(im->file[i].fd);
		free(im->file[i].path);
	}
	free(im->file);
	free(im->image);
	*im = (struct images){ 0 };
}
