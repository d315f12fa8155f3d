/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "images.h"

enum { ELF_HEADER = 64, ELF_SEGMENT = 56, PT_LOAD = 1, ANY_SPACE = 31, MAXSEGMENTS = 4096 };

static size_t
add_file(struct images *im, const char *path)
{
	size_t i;

	for (i = im->n_files; i-- > 0;)
		if (strcmp(im->file[i].path, path) == 0)
			return i;
	im->file = mem_grow(im->file, im->n_files, &im->cap_files, sizeof *im->file);
	im->file[im->n_files] = (struct image_file){ mem_copy(path, strlen(path)), -1 };
	return im->n_files++;
}

void
images_add(struct images *im, const struct image *where, const char *path)
{
	im->image = mem_grow(im->image, im->n, &im->cap, sizeof *im->image);
	im->image[im->n] = *where;
	im->image[im->n].file = add_file(im, path);
	im->n++;
}

static bool
read_at(int fd, uint64_t offset, uint8_t *buf, size_t n)
{
	return pread(fd, buf, n, (off_t)offset) == (ssize_t)n;
}

/* A program header of a 64-bit file (System V ABI, AArch64 supplement: little or big endian). */
static void
add_segment(struct images *im, const char *path, struct bytes b)
{
	struct image where = { .pid = -1, .space = ANY_SPACE };
	uint32_t type = bytes_u32(&b);

	bytes_u32(&b); /* flags */
	where.off = bytes_u64(&b);
	where.addr = bytes_u64(&b);
	bytes_u64(&b); /* physical address */
	where.len = bytes_u64(&b);
	if (type == PT_LOAD && where.len > 0)
		images_add(im, &where, path);
}

bool
images_add_elf(struct images *im, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), i, n;
	uint8_t head[ELF_HEADER], segment[ELF_SEGMENT];
	struct bytes b = { .p = head, .end = head + sizeof head };
	uint64_t offset;
	bool ok;

	ok = fd >= 0 && read_at(fd, 0, head, sizeof head) && memcmp(head, "\177ELF\2", 5) == 0;
	b.big = ok && head[5] == 2;
	b.p = head + 32;
	offset = bytes_u64(&b);
	b.p = head + 56;
	n = bytes_u16(&b);
	for (i = 0; ok && i < n && i < MAXSEGMENTS; i++) {
		if (!read_at(fd, offset + (uint64_t)i * ELF_SEGMENT, segment, sizeof segment))
			break;
		add_segment(im, path,
		    (struct bytes){ .p = segment, .end = segment + sizeof segment, .big = b.big });
	}
	if (fd >= 0)
		close(fd);
	return ok;
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
		f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0) {
		f->fd = -2;
		return 0;
	}
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
