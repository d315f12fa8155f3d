/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/sysroot.h"
#include "files.h"

enum { MAXPATH = 4096, ROOM = 16 << 20, ROOM_RATIO = 4, VDSO = 64 << 10, JIT_TIMES = 8 };

enum folder { ROOT, DEBUG, CACHE, JIT, FOLDERS };

struct files {
	struct sysroot folder[FOLDERS];
	bool is_open[FOLDERS];
	const char *debug; /* before a path in the folder of debug files */
	uint64_t room;
	struct intern seen; /* device and inode of files that were read */
	const char **vdso;
	size_t n_vdso;
	bool live, sysroot;
	char release[64]; /* "" if it is unknown */
};

/* What the user names must be there, even if no address needs it. */
static bool
can_open(const char *path, struct fault *fault)
{
	struct sysroot any;
	struct fault why = { "" };
	int fd;

	sysroot_open(&any, NULL);
	fd = sysroot_file(&any, path, &why);
	if (fd < 0)
		return fault_set(fault, "%s: %s", path, why.text);
	close(fd);
	return true;
}

struct files *
files_new(const struct files_from *from, struct fault *fault)
{
	struct files *f = mem_alloc(sizeof *f);
	const char *name[FOLDERS] = { from->sysroot, from->debug_dir, from->buildid_dir,
		from->jit_maps };
	char cache[MAXPATH];
	int i;

	f->room = ROOM;
	f->vdso = from->vdso;
	f->n_vdso = from->n_vdso;
	f->live = from->live;
	f->sysroot = from->sysroot != NULL;
	f->debug = from->debug_dir == NULL ? "/usr/lib/debug" : "";
	for (i = 0; i < FOLDERS; i++) {
		if (i > ROOT && name[i] == NULL)
			continue;
		f->is_open[i] = sysroot_open(&f->folder[i], name[i]);
		if (!f->is_open[i]) {
			fault_set(fault, "%s", f->folder[i].fault.text);
			files_free(f);
			return NULL;
		}
	}
	if (from->buildid_dir == NULL && from->sysroot == NULL && from->home != NULL &&
	    snprintf(cache, MAXPATH, "%s/.debug", from->home) < MAXPATH) {
		f->is_open[CACHE] = sysroot_open(&f->folder[CACHE], cache);
		f->folder[CACHE].fault = (struct fault){ "" };
	}
	for (i = 0; i < (int)f->n_vdso; i++)
		if (!can_open(f->vdso[i], fault)) {
			files_free(f);
			return NULL;
		}
	return f;
}

void
files_free(struct files *f)
{
	int i;

	if (f == NULL)
		return;
	for (i = 0; i < FOLDERS; i++)
		if (f->is_open[i])
			sysroot_close(&f->folder[i]);
	intern_free(&f->seen);
	free(f);
}

void
files_set_release(struct files *f, const char *release, size_t n)
{
	snprintf(f->release, sizeof f->release, "%.*s", (int)(n < 64 ? n : 64), release);
}

const char *
files_fault(const struct files *f)
{
	int i;

	for (i = 0; i < FOLDERS; i++)
		if (fault_is(&f->folder[i].fault))
			return f->folder[i].fault.text;
	return NULL;
}

/* --- places */

enum form { PATH, LINK, BUILD, RELEASE };

/* The path is that of the program; its folder, after, and the link's name; before, the build id
 * with a slash after two digits, and after; before, the release, and after. */
struct place {
	enum folder folder;
	enum form form;
	const char *before, *after;
};

static const struct place programs[] = {
	{ ROOT, PATH, "", "" },
	{ CACHE, BUILD, "/.build-id", "/elf" },
	{ CACHE, BUILD, "/.build-id", "" }, /* of perf before Linux 4.10 */
	{ DEBUG, BUILD, "/.build-id", "" },
	{ ROOT, BUILD, "/usr/lib/.build-id", "" },
};

static const struct place kallsyms = { CACHE, BUILD, "/.build-id", "/kallsyms" };

static const struct place vdsos[] = {
	{ CACHE, BUILD, "/.build-id", "/vdso" },
	{ CACHE, BUILD, "/.build-id", "" },
	{ ROOT, RELEASE, "/lib/modules", "/vdso/vdso64.so" },
	{ ROOT, RELEASE, "/lib/modules", "/vdso/vdso32.so" },
	{ ROOT, RELEASE, "/lib/modules", "/vdso/vdso.so" },
	{ DEBUG, BUILD, "/.build-id", "" },
};

static const struct place debugs[] = {
	{ DEBUG, BUILD, "/.build-id", ".debug" },
	{ ROOT, LINK, "", "" },
	{ ROOT, LINK, "", ".debug/" },
	{ DEBUG, LINK, "", "" },
	{ CACHE, BUILD, "/.build-id", "/debug" },
};

/* Debug files are below the sysroot unless they have a folder of their own. */
static enum folder
folder_of(const struct files *f, const struct place *p)
{
	return p->folder == DEBUG && !f->is_open[DEBUG] ? ROOT : p->folder;
}

/* The path in its folder; false if it has none. */
static bool
path_of(const struct files *f, const struct place *p, const struct files_wanted *w, char *path)
{
	const char *slash, *debug = p->folder == DEBUG ? f->debug : "";
	int n = 0;

	if (!f->is_open[folder_of(f, p)])
		return false;
	if (p->form == BUILD) {
		n = (int)strspn(w->build, "0123456789abcdef");
		if (n < 4 || w->build[n] != '\0')
			return false;
		n = snprintf(path, MAXPATH, "%s%s/%.2s/%s%s", debug, p->before, w->build,
		    w->build + 2, p->after);
	} else if (p->form == RELEASE && *w->build != '\0' && *f->release != '\0' &&
		   strchr(f->release, '/') == NULL) {
		n = snprintf(path, MAXPATH, "%s/%s%s", p->before, f->release, p->after);
	} else if (w->path != NULL && p->form == PATH) {
		n = snprintf(path, MAXPATH, "%s", w->path);
	} else if (p->form == LINK && w->path != NULL && w->link != NULL) {
		slash = strrchr(w->path, '/');
		n = slash == NULL ? 0 : (int)(slash - w->path) + 1;
		n = snprintf(path, MAXPATH, "%s%.*s%s%s", debug, n, w->path, p->after, w->link);
	}
	return n > 0 && n < MAXPATH;
}

/* The number of bytes of an ELF file for 64 or 32 bits in memory that ends with its table of
 * sections, as the vdso does. */
static size_t
vdso_size(const uint8_t *p)
{
	bool wide = sizeof(void *) == 8;
	struct bytes b = bytes_of(p, 64, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	uint64_t sections, count, size;

	bytes_take(&b, wide ? 40 : 32);
	sections = wide ? bytes_u64(&b) : bytes_u32(&b);
	bytes_take(&b, 10);
	size = bytes_u16(&b);
	count = bytes_u16(&b);
	return sections < VDSO && sections + size * count < VDSO ? (size_t)(sections + size * count)
								 : 0;
}

/* The vdso of this process. Without a build id to check, the releases must be the same. */
static int
open_live(const struct files *f, const char *build)
{
	const uint8_t *p = (const uint8_t *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);
	size_t n = !f->live || p == NULL ? 0 : vdso_size(p);
	struct utsname here;
	int fd;

	if (n == 0 || uname(&here) != 0 ||
	    (*build == '\0' && strcmp(here.release, f->release) != 0))
		return FILES_ABSENT;
	fd = memfd_create("vdso", MFD_CLOEXEC);
	if (fd < 0 || write(fd, p, n) == (ssize_t)n)
		return fd < 0 ? FILES_ABSENT : fd;
	close(fd);
	return FILES_ABSENT;
}

static int
open_place(struct files *f, const struct place *p, const struct files_wanted *w, struct fault *why)
{
	struct fault unused = { "" };
	char path[MAXPATH];

	if (!path_of(f, p, w, path))
		return FILES_ABSENT;
	return sysroot_file(&f->folder[folder_of(f, p)], path, p->form == PATH ? why : &unused);
}

/* The files that the user gives come first, then that of this machine. */
static int
open_vdso(struct files *f, const struct files_wanted *w, size_t i, struct fault *why)
{
	struct sysroot any;

	if (i < f->n_vdso) {
		sysroot_open(&any, NULL);
		return sysroot_file(&any, f->vdso[i], why);
	}
	i -= f->n_vdso;
	if (i == 0)
		return open_live(f, w->build);
	return --i < sizeof vdsos / sizeof *vdsos ? open_place(f, &vdsos[i], w, why) : FILES_END;
}

int
files_open(struct files *f, enum files_what what, const struct files_wanted *w, size_t i,
    struct fault *why)
{
	if (what == FILES_VDSO)
		return open_vdso(f, w, i, why);
	if (what == FILES_KALLSYMS)
		return i == 0 ? open_place(f, &kallsyms, w, why) : FILES_END;
	if (what == FILES_DEBUG)
		return i < sizeof debugs / sizeof *debugs ? open_place(f, &debugs[i], w, why)
							  : FILES_END;
	return i < sizeof programs / sizeof *programs ? open_place(f, &programs[i], w, why)
						      : FILES_END;
}

/* A file in a folder that anyone may write to must belong to this user or root. */
static bool
is_trusted(const struct files *f, int fd, struct fault *why)
{
	struct stat st;

	if (f->is_open[JIT] || f->sysroot ||
	    (fstat(fd, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0)))
		return true;
	return fault_set(why, "belongs to another user");
}

int
files_open_jit(struct files *f, const char *path, struct fault *why)
{
	const char *slash = f->is_open[JIT] ? strrchr(path, '/') : NULL;
	enum folder folder = f->is_open[JIT] ? JIT : ROOT;
	int fd = sysroot_file(&f->folder[folder], slash == NULL ? path : slash + 1, why);

	if (fd < 0 || (is_trusted(f, fd, why) && files_read(f, fd, JIT_TIMES)))
		return fd;
	close(fd);
	fault_set(why, "several processes have it");
	return FILES_ABSENT;
}

/* --- what compressed parts may inflate to */

size_t
files_room(const struct files *f)
{
	return f->room < SIZE_MAX ? (size_t)f->room : SIZE_MAX;
}

void
files_inflated(struct files *f, uint64_t n)
{
	f->room -= n < f->room ? n : f->room;
}

bool
files_read(struct files *f, int fd, unsigned times)
{
	struct stat st = { 0 };
	uint64_t inode[2], size;
	size_t n = f->seen.n;

	fstat(fd, &st);
	size = (uint64_t)st.st_size;
	inode[0] = st.st_dev;
	inode[1] = st.st_ino;
	if (intern_put(&f->seen, (struct str){ (const char *)inode, sizeof inode }) == n) {
		f->room += ROOM_RATIO * (size < UINT32_MAX ? size : UINT32_MAX);
		return true;
	}
	if (size > f->room / times)
		return false;
	files_inflated(f, size * times);
	return true;
}
