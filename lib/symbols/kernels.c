/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/intern.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/sysroot.h"
#include "buildid.h"
#include "elf.h"
#include "files.h"
#include "foreign.h"
#include "kallsyms.h"
#include "kernels.h"

static const char CACHED[] = "kallsyms in perf's cache";

enum { PAGE = 4096, NAME = 64, MAXCODE = 64 << 20 };

/* Where x86 links its kernel to: there it has not moved. */
#define X86_TEXT UINT64_C(0xffffffff81000000)

/* A file of symbols, or of modules. */
struct source {
	char *path;
	int32_t pid;              /* of the guest; -1: any */
	struct kallsyms *symbols; /* NULL: of modules, or it cannot be used */
	struct space modules;
	bool compared;   /* with the host's symbols */
	const char *why; /* it cannot be used; or NULL */
};

struct sources {
	struct source **all;
	size_t n, cap;
};

struct kernel {
	const struct spaces_machine *machine;
	const struct spaces_machine *placed; /* the one whose maps say where the kernel is */
	bool bound, searched;           /* searched: the mounted files of its pid were looked for */
	const struct kallsyms *symbols; /* NULL: none, why says why */
	const struct space *modules;    /* NULL: none */
	const char *why;
	const struct kallsyms *judged; /* symbols that were checked by the stacks */
	const char *foreign;           /* they are another kernel's; or NULL */
	uint64_t delta;  /* what addresses in the table are higher than in the recording */
	uint64_t life;   /* of the guest's process, when it was bound */
	size_t guests;   /* that had the pid before */
	uint64_t places; /* the generation of the maps when it was bound */
	uint64_t generation;
};

struct kernels {
	struct kernels_sources from;
	struct spaces *spaces;
	struct sysroot mount;
	struct files *files;
	struct kallsyms *host;              /* its symbols, or NULL */
	bool searched;                      /* the host's were looked for in the cache */
	bool cached;                        /* they are from there */
	char build[BUILDID];                /* of the kernel image that they are from, or "" */
	bool lacking;                       /* it has addresses, but no symbols were given */
	const struct spaces_machine *owner; /* of the host's symbols; NULL: not used yet */
	struct sources symbols, modules;    /* of guests */
	struct intern complaints;           /* about those */
	struct kernel **kernel;             /* by the id of the machine; NULL: none yet */
	size_t n;
	char object[256];
};

/* Keep a text to be reported, once. */
static const char *
complain(struct kernels *k, const char *text)
{
	return intern_str(&k->complaints, intern_put(&k->complaints, str_of(text))).p;
}

/* Report what was left out of a table, NULL if there is none. Returns it. */
static struct kallsyms *
checked(struct kernels *k, struct kallsyms *symbols)
{
	const char *damage = symbols != NULL ? kallsyms_damage(symbols) : NULL;

	if (damage != NULL)
		complain(k, damage);
	return symbols;
}

/* --- sources */

static struct source *
add_source(struct sources *list, const char *path, int32_t pid)
{
	struct source *s = mem_alloc(sizeof *s);

	s->path = mem_copy(path, strlen(path));
	s->pid = pid;
	list->all = mem_grow(list->all, list->n, &list->cap, sizeof(void *));
	list->all[list->n++] = s;
	return s;
}

static void
free_sources(struct sources *list)
{
	struct source *s;

	while (list->n > 0) {
		s = list->all[--list->n];
		kallsyms_free(s->symbols);
		space_clear(&s->modules);
		free(s->path);
		free(s);
	}
	free(list->all);
}

/* Source number nth of a guest, counted from 0; NULL if there is none. *own: it has others. */
static struct source *
find_source(const struct sources *list, int32_t pid, size_t nth, bool *own)
{
	size_t i;

	*own = false;
	for (i = 0; i < list->n; i++) {
		if (list->all[i]->pid != pid)
			continue;
		if (nth-- == 0)
			return list->all[i];
		*own = true;
	}
	return NULL;
}

/* Add a line of /proc/modules: NAME SIZE REFERENCES USERS STATE ADDRESS. False if it is none. */
static bool
add_module(struct space *modules, struct str line)
{
	const char *end = line.p + line.n;
	uint64_t size, addr, generation = 0;
	struct str word[6];
	char name[4 * NAME];
	struct space_map map;
	size_t n;
	int i;

	for (i = 0; i < 6; i++)
		word[i] = str_word(&line);
	if (text_u64(word[1].p, end, &size) == NULL || word[5].n < 3 ||
	    text_hex(word[5].p + 2, end, &addr) == NULL || size > UINT64_MAX - addr ||
	    word[0].n + 1 >= NAME)
		return false;
	name[0] = '[';
	n = 1 + text_escape(name + 1, word[0].p, word[0].n, "");
	name[n++] = ']';
	map = (struct space_map){ addr, addr + size, 0, NULL };
	space_put(modules, &generation, &map, (struct str){ name, n }, STR_NONE);
	return true;
}

/* Closes the file. */
static void
read_modules(struct source *s, struct input *in, struct fault *fault)
{
	struct lines lines = { .in = in };
	enum lines_kind kind;
	struct str line;

	while ((kind = lines_next(&lines, &line)) != LINES_END)
		if (kind != LINES_TEXT || !add_module(&s->modules, line)) {
			fault_set(fault, "%s:%llu: not a line of /proc/modules", s->path,
			    (unsigned long long)lines.n);
			break;
		}
	if (fault_is(&in->fault))
		fault_set(fault, "%s", in->fault.text);
	input_close(in);
}

/* [vmPID=]FILE: *pid is -1 if it is for all guests. */
static const char *
parse_source(const char *arg, int32_t *pid)
{
	const char *end;
	uint64_t n;

	*pid = -1;
	if (strncmp(arg, "vm", 2) != 0 ||
	    (end = text_u64(arg + 2, arg + strlen(arg), &n)) == NULL || *end != '=' ||
	    n > INT32_MAX)
		return arg;
	*pid = (int32_t)n;
	return end + 1;
}

/* The fault is set: say so if a source looks like vmPID=FILE, and is not. */
static bool
explain(const char *arg, int32_t pid, struct fault *fault)
{
	const char *p = arg + (strncmp(arg, "vm", 2) == 0 ? 2 : 0);

	if (pid >= 0)
		return false;
	p += strspn(p, "0123456789");
	if (p == arg || *p != '=')
		return false;
	*fault = (struct fault){ "" };
	return fault_set(fault, "%s: the guest of process PID is given as vmPID=FILE", arg);
}

static bool
add_symbols(struct kernels *k, const char *arg, struct fault *fault)
{
	int32_t pid;
	const char *path = parse_source(arg, &pid);
	struct source *s = add_source(&k->symbols, path, pid);

	s->symbols = checked(k, kallsyms_read(s->path, fault));
	return s->symbols != NULL || explain(arg, pid, fault);
}

static bool
add_modules(struct kernels *k, const char *arg, struct fault *fault)
{
	int32_t pid;
	const char *path = parse_source(arg, &pid);
	struct source *s = add_source(&k->modules, path, pid);
	struct input in;

	input_open(&in, s->path);
	read_modules(s, &in, fault);
	return !fault_is(fault) || explain(arg, pid, fault);
}

/* Add PID/proc/NAME below the folder of the guests, where files of a mounted /proc have 0 bytes; -1
 * if it is not there. */
static int
open_mounted(
    struct kernels *k, struct sources *list, int32_t pid, const char *name, struct source **s)
{
	struct fault unused = { "" };
	struct strbuf path = { 0 };
	char below[NAME];
	int fd;

	snprintf(below, sizeof below, "/%d/proc/%s", pid, name);
	fd = sysroot_empty_file(&k->mount, below, &unused);
	strbuf_add(&path, str_of(k->from.guest_mount));
	strbuf_add_bytes(&path, below, strlen(below) + 1);
	if (fd >= 0)
		*s = add_source(list, path.p, pid);
	strbuf_free(&path);
	return fd;
}

static void
add_mounted(struct kernels *k, int32_t pid)
{
	struct fault fault = { "" };
	struct source *s;
	struct input in;
	int fd = open_mounted(k, &k->symbols, pid, "kallsyms", &s);

	if (fd >= 0 && (s->symbols = checked(k, kallsyms_read_fd(fd, s->path, &fault))) == NULL)
		s->why = complain(k, fault.text);
	fault.text[0] = '\0';
	if ((fd = open_mounted(k, &k->modules, pid, "modules", &s)) < 0)
		return;
	input_open_fd(&in, s->path, fd);
	read_modules(s, &in, &fault);
	if (fault_is(&fault))
		complain(k, fault.text);
}

static int
open_image(const struct kernels *k, struct fault *why)
{
	struct sysroot any;
	int fd;

	sysroot_open(&any, NULL);
	fd = sysroot_file(&any, k->from.vmlinux, why);
	sysroot_close(&any);
	return fd;
}

int
kernels_open_image(const struct kernels *k)
{
	struct fault unused = { "" };

	return k->from.vmlinux == NULL ? -1 : open_image(k, &unused);
}

/* Read the symbols of the kernel image. */
static bool
read_image(struct kernels *k, struct fault *fault)
{
	const char *path = k->from.vmlinux;
	struct fault why = { "" };
	struct strbuf text = { 0 };
	int fd = open_image(k, &why);

	if (fd >= 0 && elf_kallsyms(fd, &text, k->build, &why))
		k->host = checked(k, kallsyms_of(&text, path, fault));
	else
		fault_set(fault, "%s: %s", path, why.text);
	if (fd >= 0)
		close(fd);
	strbuf_free(&text);
	return k->host != NULL;
}

static bool
open_sources(struct kernels *k, struct fault *fault)
{
	const struct kernels_sources *from = &k->from;
	size_t i;

	if (from->kallsyms != NULL &&
	    (k->host = checked(k, kallsyms_read(from->kallsyms, fault))) == NULL)
		return false;
	if (from->vmlinux != NULL && !read_image(k, fault))
		return false;
	if (from->guest_mount != NULL && !sysroot_open(&k->mount, from->guest_mount))
		return fault_set(fault, "%s", k->mount.fault.text);
	for (i = 0; i < from->n_guest_kallsyms; i++)
		if (!add_symbols(k, from->guest_kallsyms[i], fault))
			return false;
	for (i = 0; i < from->n_guest_modules; i++)
		if (!add_modules(k, from->guest_modules[i], fault))
			return false;
	return true;
}

bool
kernels_need_stacks(const struct kernels_sources *from)
{
	return from->kallsyms != NULL || from->vmlinux != NULL || from->n_guest_kallsyms > 0 ||
	       from->guest_mount != NULL;
}

struct kernels *
kernels_new(const struct kernels_sources *from, struct spaces *spaces, struct files *files,
    struct fault *fault)
{
	struct kernels *k = mem_alloc(sizeof *k);

	k->from = *from;
	k->files = files;
	k->spaces = spaces;
	sysroot_open(&k->mount, NULL);
	if (open_sources(k, fault))
		return k;
	kernels_free(k);
	return NULL;
}

void
kernels_free(struct kernels *k)
{
	size_t i;

	if (k == NULL)
		return;
	kallsyms_free(k->host);
	free_sources(&k->symbols);
	free_sources(&k->modules);
	intern_free(&k->complaints);
	sysroot_close(&k->mount);
	for (i = 0; i < k->n; i++)
		free(k->kernel[i]);
	free(k->kernel);
	free(k);
}

/* --- the symbols of a kernel */

/* This machine must run the kernel that the recording is of. */
static bool
read_live(struct kernels *k, const struct spaces_machine *m, struct fault *fault)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	char build[BUILDID] = "";
	struct input in;
	size_t n;

	if (m->build == NULL)
		return fault_set(fault, "--live: the recording does not say which kernel it is of");
	if (input_open(&in, "/sys/kernel/notes")) {
		n = input_fill(&in, 65536);
		buildid_note(bytes_of(input_at(&in), n, big), build);
	}
	input_close(&in);
	if (!buildid_same(build, m->build))
		return fault_set(fault,
		    "--live: this machine's kernel (build id %s) is not the recording's (%s)",
		    *build == '\0' ? "unknown" : build, m->build);
	k->host = checked(k, kallsyms_read("/proc/kallsyms", fault));
	return k->host != NULL;
}

/* Read the copy of kallsyms that perf keeps by the build id of a kernel. It may be of an earlier
 * boot, in which the modules were elsewhere. */
static void
read_cached(struct kernels *k, const struct spaces_machine *m)
{
	struct files_wanted wanted = { .build = m->build };
	struct fault why = { "" };
	int fd;

	if (k->searched || m->build == NULL)
		return;
	k->searched = true;
	fd = files_open(k->files, FILES_KALLSYMS, &wanted, 0, &why);
	if (fd < 0)
		return;
	k->host = checked(k, kallsyms_read_fd(fd, CACHED, &why));
	if (k->host == NULL)
		complain(k, why.text);
	k->cached = k->host != NULL;
}

/* The length of a kernel's map; 0 if the recording does not say. */
static uint64_t
map_size(const struct spaces_machine *m)
{
	const struct space_map *map =
	    m->symbol == NULL ? NULL : space_find(&m->kernel, m->symbol_at);

	return map == NULL ? 0 : map->end - map->addr;
}

/* Do the symbols have the length of the host's kernel, and not that of the guest's? */
static bool
has_size_of_host(const struct kallsyms *symbols, const struct spaces_machine *host,
    const struct spaces_machine *guest)
{
	uint64_t size = kallsyms_size(symbols), own = map_size(guest);

	return size != 0 && own != 0 && size != own && size == map_size(host);
}

/* Are these a copy of the host's own? The length of the kernel shows it, the place of a kernel that
 * moved, or equal text; the last two not if the guest's kernel is in the same place. */
static bool
is_hosts(struct kernels *k, const struct kernel *kernel, struct source *s)
{
	const struct spaces_machine *host = spaces_host(k->spaces), *guest = kernel->placed;
	uint64_t at = 0;

	if (host != NULL && has_size_of_host(s->symbols, host, guest))
		return true;
	if (host != NULL && host->symbol != NULL)
		at = kallsyms_reference(s->symbols, str_of(host->symbol));
	if (at != 0 && at == guest->symbol_at)
		return false;
	if (at != 0 && at == host->symbol_at && at != X86_TEXT)
		return true;
	if (k->host == NULL || s->compared)
		return false;
	s->compared = true;
	return kallsyms_same(s->symbols, k->host);
}

/* Is the length of a kernel's map that of its code? perf before Linux 4.19 recorded a round number:
 * the space for the kernel. */
static bool
is_exact(uint64_t size)
{
	return size % PAGE != 0 && size < MAXCODE;
}

/* What addresses in the table are higher than in the recording. */
static uint64_t
get_delta(const struct spaces_machine *m, const struct kallsyms *symbols, const char *path,
    struct fault *fault)
{
	uint64_t there, delta, own = map_size(m), size = kallsyms_size(symbols);

	if (m->symbol == NULL || m->symbol_at == 0 ||
	    (there = kallsyms_reference(symbols, str_of(m->symbol))) == 0)
		return 0;
	delta = there - m->symbol_at;
	if (is_exact(own) && size != 0 && own != size && str_eq(str_of(m->symbol), STR("_text")))
		fault_set(fault,
		    "%s: of another kernel: it has %llu bytes of code, the recorded one has %llu",
		    path, (unsigned long long)size, (unsigned long long)own);
	else if (delta % PAGE != 0)
		fault_set(fault, "%s: of another kernel: %s is at 0x%llx there, was at 0x%llx",
		    path, m->symbol, (unsigned long long)there, (unsigned long long)m->symbol_at);
	return delta;
}

/* Check symbols by the stacks that were read already, but once. Returns why they are another
 * kernel's, NULL if nothing shows that. */
static const char *
judge(struct kernels *k, struct kernel *kernel, const struct kallsyms *symbols, const char *path)
{
	const struct spaces_machine *m = kernel->machine;
	const struct foreign_machine of = { m->name, m->guest, kernel->delta };
	const struct input *in = k->from.stream;
	struct fault why = { "" }, text = { "" };
	struct str stream;

	if (in == NULL || kernel->judged == symbols)
		return kernel->foreign;
	kernel->judged = symbols;
	kernel->foreign = NULL;
	stream = (struct str){ (const char *)input_at(in), in->end - in->begin };
	if (foreign_kernel(symbols, &of, stream, &why)) {
		fault_set(&text, "%s: %s; it names nothing", path, why.text);
		kernel->foreign = complain(k, text.text);
	}
	return kernel->foreign;
}

/* A guest's own source, else that for all guests. *why: there is none. */
static struct source *
guest_source(
    struct kernels *k, const struct kernel *kernel, const struct sources *list, const char **why)
{
	int32_t pid = kernel->machine->pid;
	struct source *s = NULL;
	bool own = false;

	if (pid >= 0)
		s = find_source(list, pid, kernel->guests, &own);
	if (s == NULL && own)
		*why = "the pid was another guest's before, whose symbols were given";
	else if (s == NULL && (s = find_source(list, -1, 0, &own)) == NULL)
		*why = k->from.guest_mount != NULL ? "no kallsyms below --guest-mount"
						   : "no --guest-kallsyms";
	return s;
}

static void
bind_guest(struct kernels *k, struct kernel *kernel)
{
	struct fault fault = { "" };
	const char *unused;
	struct source *s;

	if (k->from.guest_mount != NULL && kernel->machine->pid >= 0 && !kernel->searched)
		add_mounted(k, kernel->machine->pid);
	kernel->searched = true;
	s = guest_source(k, kernel, &k->modules, &unused);
	kernel->modules = s == NULL ? NULL : &s->modules;
	if ((s = guest_source(k, kernel, &k->symbols, &kernel->why)) == NULL)
		return;
	if (s->why == NULL && is_hosts(k, kernel, s)) {
		fault_set(&fault, "%s: the symbols are the host's own", s->path);
		s->why = complain(k, fault.text);
	}
	if ((kernel->why = s->why) != NULL)
		return;
	kernel->delta = get_delta(kernel->placed, s->symbols, s->path, &fault);
	kernel->why =
	    fault_is(&fault) ? complain(k, fault.text) : judge(k, kernel, s->symbols, s->path);
	kernel->symbols = kernel->why == NULL ? s->symbols : NULL;
}

/* Take the host's symbols, if they are this machine's, too. */
static void
bind_host(struct kernels *k, struct kernel *kernel, struct fault *fault)
{
	const struct spaces_machine *m = kernel->machine;
	const char *path = k->from.live               ? "/proc/kallsyms"
			   : k->from.vmlinux != NULL  ? k->from.vmlinux
			   : k->from.kallsyms != NULL ? k->from.kallsyms
						      : CACHED;
	struct fault unfit = { "" };

	if (k->host == NULL && k->from.live && !read_live(k, m, fault))
		return;
	if (k->host == NULL)
		read_cached(k, m);
	if (k->host == NULL) {
		kernel->why = "no -k";
		k->lacking = true;
		return;
	}
	k->owner = k->owner == NULL ? m : k->owner;
	if (k->owner != m && (m->build == NULL || k->owner->build == NULL ||
				 strcmp(m->build, k->owner->build) != 0)) {
		kernel->why = "the symbols are another machine's";
		return;
	}
	if (k->from.vmlinux != NULL && m->build != NULL && !buildid_same(k->build, m->build)) {
		fault_set(fault, "%s: of another kernel (build id %s) than the recording's (%s)",
		    path, *k->build == '\0' ? "unknown" : k->build, m->build);
		return;
	}
	kernel->delta = get_delta(kernel->placed, k->host, path, k->cached ? &unfit : fault);
	if (fault_is(&unfit))
		kernel->why = complain(k, unfit.text);
	else if (!k->from.live && !k->cached && !fault_is(fault))
		kernel->why = judge(k, kernel, k->host, path);
	kernel->symbols = kernel->why == NULL ? k->host : NULL;
}

/* guest: seen from the host. Then the host's symbols are the guest's only if no other machine
 * is to be named. */
static void
bind(struct kernels *k, struct kernel *kernel, bool guest, struct fault *fault)
{
	kernel->bound = true;
	kernel->symbols = NULL;
	kernel->modules = NULL;
	kernel->why = NULL;
	kernel->delta = 0;
	kernel->life = spaces_life(k->spaces, kernel->machine->pid);
	kernel->places = kernel->placed->kernel.generation;
	kernel->generation = spaces_next_generation(k->spaces);
	if (kernel->machine->guest)
		bind_guest(k, kernel);
	if (kernel->symbols == NULL && (!guest || k->from.chosen) &&
	    (k->host != NULL || k->from.live || !kernel->machine->guest))
		bind_host(k, kernel, fault);
	if (fault_is(&k->mount.fault))
		fault_set(fault, "%s", k->mount.fault.text);
}

/* --- kernels over time */

static struct kernel *
kernel_of(struct kernels *k, const struct spaces_machine *m)
{
	k->kernel = mem_grow_zeroed(k->kernel, m->id, &k->n, sizeof(void *));
	if (k->kernel[m->id] == NULL) {
		k->kernel[m->id] = mem_alloc(sizeof(struct kernel));
		k->kernel[m->id]->machine = m;
		k->kernel[m->id]->generation = m->begin;
	}
	return k->kernel[m->id];
}

/* perf records the default guest's kernel for all whose pid has none of its own. */
static const struct spaces_machine *
placed_by(struct kernels *k, const struct spaces_machine *m)
{
	if (!m->guest || m->pid < 0 || m->kernel.generation != 0)
		return m;
	return spaces_machine(k->spaces, STR("vm"));
}

struct kernel *
kernels_get(struct kernels *k, struct str machine)
{
	struct kernel *kernel = kernel_of(k, spaces_machine(k->spaces, machine));
	uint64_t life;

	kernel->placed = placed_by(k, kernel->machine);
	if (!kernel->bound)
		return kernel;
	life = kernel->machine->guest ? spaces_life(k->spaces, kernel->machine->pid) : 0;
	if (life == 0 || life == kernel->life) {
		kernel->bound = kernel->places == kernel->placed->kernel.generation;
	} else {
		kernel->guests += kernel->life != 0;
		kernel->bound = kernel->life == 0;
		kernel->life = life;
	}
	if (!kernel->bound)
		kernel->generation = spaces_next_generation(k->spaces);
	return kernel;
}

uint64_t
kernel_generation(const struct kernel *kernel)
{
	uint64_t ksyms = kernel->machine->ksyms.generation;

	return ksyms > kernel->generation ? ksyms : kernel->generation;
}

/* --- symbols */

static bool
find_symbol(const struct kallsyms *k, uint64_t addr, bool innermost, struct kallsyms_symbol *s)
{
	if (!innermost && kallsyms_find(k, addr - 1, s) && !kallsyms_is_padding(s->name))
		return true;
	return kallsyms_find(k, addr, s);
}

/* /lib/modules/6.1.0/kernel/fs/ext4/ext4.ko.xz and [ext4] are [ext4]. */
static struct str
module_name(struct kernels *k, struct str path)
{
	const char *slash = memrchr(path.p, '/', path.n), *dot;
	char *d = k->object;
	size_t i, n;

	if (slash == NULL)
		return path;
	n = (size_t)(path.p + path.n - ++slash);
	dot = memchr(slash, '.', n);
	n = dot == NULL ? n : (size_t)(dot - slash);
	if (n > sizeof k->object - 2)
		return path;
	for (i = 0; i < n; i++)
		d[i + 1] = slash[i] == '-' ? '_' : slash[i];
	d[0] = '[';
	d[n + 1] = ']';
	return (struct str){ d, n + 2 };
}

/* What the maps, or a guest's modules, have at an address. */
static struct str
object_at(struct kernels *k, const struct kernel *kernel, uint64_t at)
{
	const struct space_map *map = space_find(&kernel->placed->kernel, at);
	struct str path;

	if (map == NULL && kernel->modules != NULL)
		map = space_find(kernel->modules, at);
	if (map == NULL)
		return STR("");
	path = map->file->path;
	if (str_starts(path, "[kernel.kallsyms]"))
		return STR("[kernel.kallsyms]");
	if (str_starts(path, "[guest.kernel.kallsyms"))
		return STR("[guest.kernel.kallsyms]");
	return module_name(k, path);
}

/* Code that comes and goes: BPF programs, trampolines; functions whose recording names them. The
 * name may be that of a module's function, NAME [MODULE]. */
static bool
find_ksym(const struct kernel *kernel, uint64_t addr, uint64_t at, struct kernels_symbol *found)
{
	const struct space_map *ksym = space_find(&kernel->machine->ksyms, at);
	const char *module;

	if (ksym == NULL)
		return false;
	found->name = ksym->file->path;
	module = memrchr(found->name.p, ' ', found->name.n);
	if (module != NULL && module[1] == '[') {
		found->name.n = (size_t)(module - found->name.p);
		found->object = (struct str){ module + 1, ksym->file->path.n - found->name.n - 1 };
	}
	found->escaped = true;
	found->offset = addr - ksym->addr + ksym->off;
	return true;
}

enum kernels_answer
kernels_find(struct kernels *k, struct kernel *kernel, const struct stack_frame *f,
    struct kernels_symbol *found, struct fault *fault)
{
	uint64_t addr = f->addr, at = f->addr - !f->innermost;
	struct kallsyms_symbol s;

	*found = (struct kernels_symbol){ .object = STR("") };
	if (find_ksym(kernel, addr, at, found))
		return KERNELS_NAMED;
	if (!kernel->bound)
		bind(k, kernel, f->mode == MODE_GUEST_KERNEL, fault);
	found->why = kernel->why;
	if (kernel->symbols == NULL)
		return KERNELS_UNASKED;
	if (!find_symbol(kernel->symbols, addr + kernel->delta, f->innermost, &s) ||
	    (s.module.n > 0 && (kernel->delta != 0 || (k->cached && kernel->symbols == k->host)))) {
		found->object = object_at(k, kernel, at);
		return KERNELS_UNNAMED;
	}
	found->name = s.name;
	found->object = s.module;
	found->offset = addr + kernel->delta - s.start;
	if (kernel->symbols == k->host && k->from.vmlinux != NULL)
		found->place = at + kernel->delta;
	return KERNELS_NAMED;
}

void
kernels_report(
    const struct kernels *k, void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	uint32_t i;

	for (i = 0; i < k->complaints.n; i++)
		note(arg, "unusable symbols", intern_str(&k->complaints, i).p);
	if (k->lacking && k->from.n_guest_kallsyms == 0 && k->from.guest_mount == NULL)
		note(arg, NULL,
		    "kernel addresses have no names: give a copy of /proc/kallsyms of the recorded "
		    "machine with -k, its vmlinux with --vmlinux, or --live on that machine");
}

bool
kernels_has_guest(const struct kernels *k, const char *source)
{
	const struct spaces_machine *m;
	int32_t pid;
	size_t i;

	parse_source(source, &pid);
	for (i = 0; i < k->n; i++) {
		m = k->kernel[i] == NULL ? NULL : k->kernel[i]->machine;
		if (m != NULL && m->guest && (pid < 0 || m->pid == pid))
			return true;
	}
	return false;
}
