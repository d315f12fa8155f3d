/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sysroot.h"
#include "files.h"

enum { MAXPATH = 4096, ROOM = 16 << 20, ROOM_RATIO = 4 };

enum folder { ROOT, DEBUG, CACHE, FOLDERS };

struct files {
	struct sysroot folder[FOLDERS];
	bool is_open[FOLDERS];
	const char *debug; /* before a path in the folder of debug files */
	uint64_t room;
};

struct files *
files_new(const struct files_from *from, struct fault *fault)
{
	struct files *f = mem_alloc(sizeof *f);
	const char *name[FOLDERS] = { from->sysroot, from->debug_dir, from->buildid_dir };
	char cache[MAXPATH];
	int i;

	f->room = ROOM;
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
	free(f);
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

enum form { PATH, LINK, BUILD };

/* The path is that of the program; its folder, middle and the link's name; before, the build id
 * split after two digits, and after. */
struct place {
	enum folder folder;
	enum form form;
	const char *before, *after;
};

static const struct place programs[] = {
	{ ROOT, PATH, "", "" },
	{ CACHE, BUILD, "/.build-id", "/elf" },
	{ CACHE, BUILD, "/.build-id", "/vdso" },
	{ CACHE, BUILD, "/.build-id", "" }, /* of perf before Linux 4.10 */
	{ DEBUG, BUILD, "/.build-id", "" },
	{ ROOT, BUILD, "/usr/lib/.build-id", "" },
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
	} else if (w->path != NULL && p->form == PATH) {
		n = snprintf(path, MAXPATH, "%s", w->path);
	} else if (w->path != NULL && w->link != NULL) {
		slash = strrchr(w->path, '/');
		n = slash == NULL ? 0 : (int)(slash - w->path) + 1;
		n = snprintf(path, MAXPATH, "%s%.*s%s%s", debug, n, w->path, p->after, w->link);
	}
	return n > 0 && n < MAXPATH;
}

int
files_open(struct files *f, enum files_what what, const struct files_wanted *w, size_t i,
    struct fault *why)
{
	const struct place *p = what == FILES_PROGRAM ? programs : debugs;
	size_t n = what == FILES_PROGRAM ? sizeof programs / sizeof *programs
					 : sizeof debugs / sizeof *debugs;
	char path[MAXPATH];

	if (i >= n)
		return FILES_END;
	p += i;
	if (!path_of(f, p, w, path))
		return FILES_ABSENT;
	return sysroot_file(&f->folder[folder_of(f, p)], path, why);
}

int
files_open_path(struct files *f, const char *path, struct fault *why)
{
	return sysroot_file(&f->folder[ROOT], path, why);
}

/* --- what compressed parts may inflate to */

size_t
files_room(const struct files *f)
{
	return f->room < SIZE_MAX ? (size_t)f->room : SIZE_MAX;
}

void
files_read(struct files *f, uint64_t size)
{
	f->room += ROOM_RATIO * (size < UINT32_MAX ? size : UINT32_MAX);
}

void
files_inflated(struct files *f, size_t n)
{
	f->room -= n < f->room ? n : f->room;
}
