/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "jit.h"
#include "objects.h"
#include "recorded.h"
#include "srclines.h"
#include "symbolize.h"

enum {
	FRAMES = 16384,
	FRAMES_SIZE = 2 * 1024 * 1024,
	CONTEXTS = 1024,
	MAXPATH = 4096,
	FOREBEARS = 4
};

/* The mode, in a key of frames, of places in files: no frame has it. */
enum { MODE_FILE = 7 };

/* The context of a process as it was found last. */
struct recent {
	struct symbolize_context context; /* no machine: none */
	uint64_t changes;                 /* when it was found */
};

struct symbolize {
	struct spaces *spaces;
	struct kernels *kernels;
	struct recorded *recorded;
	struct jit *jit;
	int64_t now;    /* the time of the last record */
	bool monotonic; /* the clock of the recording is that of jitdumps */
	struct files_from files;
	struct objects *objects; /* below the sysroot */
	struct demangle *demangle;
	const char *guest_mount; /* NULL: none */
	struct guest {
		struct objects *objects;
		bool searched;
	} * guest;       /* by the id of the machine */
	size_t n_guests; /* with room */
	/* object and place in it, or generation and address if it is no user's -> the object that
	 * lacks a name, the note */
	struct cache *frames;
	struct recent *contexts; /* CONTEXTS of them */
	uint64_t changes;        /* records that change processes or kernels */
	struct strbuf text;      /* what the cache is to hold of a frame */
	struct object *missed;
	uint64_t cut;
	bool uncounted; /* frames without a name */
	bool want_lines, want_inlines;
	struct hash line_index;  /* object_symbols() -> index + 1 */
	struct srclines **lines; /* NULL if it has none */
	size_t n_lines, cap_lines;
	struct srclines *kernel_lines; /* of the kernel image; NULL if it has none */
	bool image_opened;
	struct srclines_place place[SRCLINES_DEPTH + 1];
};

struct symbolize *
symbolize_new(
    const struct kernels_sources *from, const struct files_from *files, struct fault *fault)
{
	struct symbolize *s = mem_alloc(sizeof *s);

	s->spaces = spaces_new();
	s->jit = jit_new();
	s->recorded = recorded_new();
	s->frames = cache_new(FRAMES, FRAMES_SIZE);
	s->demangle = demangle_new(DEMANGLE_FULL);
	s->contexts = mem_alloc(CONTEXTS * sizeof *s->contexts);
	s->guest_mount = from->guest_mount;
	s->files = *files;
	s->objects = objects_new(files, fault);
	if (s->objects != NULL)
		s->kernels = kernels_new(from, s->spaces, objects_files(s->objects), fault);
	if (s->kernels != NULL)
		return s;
	symbolize_free(s);
	return NULL;
}

void
symbolize_free(struct symbolize *s)
{
	if (s == NULL)
		return;
	kernels_free(s->kernels);
	jit_free(s->jit);
	recorded_free(s->recorded);
	spaces_free(s->spaces);
	while (s->n_guests > 0)
		objects_free(s->guest[--s->n_guests].objects);
	free(s->guest);
	objects_free(s->objects);
	cache_free(s->frames);
	demangle_free(s->demangle);
	while (s->n_lines > 0)
		srclines_free(s->lines[--s->n_lines]);
	free(s->lines);
	srclines_free(s->kernel_lines);
	hash_free(&s->line_index);
	free(s->contexts);
	strbuf_free(&s->text);
	free(s);
}

void
symbolize_demangle(struct symbolize *s, enum demangle_how how)
{
	demangle_free(s->demangle);
	s->demangle = demangle_new(how);
}

/* The programs of a guest are in its own folder, if that is there. */
static struct objects *
objects_of(struct symbolize *s, const struct spaces_machine *m)
{
	char folder[MAXPATH];
	struct files_from files = s->files;
	struct fault unused = { "" };
	struct guest *g;

	if (s->guest_mount == NULL || !m->guest || m->pid < 0)
		return s->objects;
	s->guest = mem_grow_zeroed(s->guest, m->id, &s->n_guests, sizeof *s->guest);
	g = &s->guest[m->id];
	files.sysroot = folder;
	if (!g->searched &&
	    snprintf(folder, sizeof folder, "%s/%d", s->guest_mount, m->pid) < MAXPATH)
		g->objects = objects_new(&files, &unused);
	g->searched = true;
	return g->objects != NULL ? g->objects : s->objects;
}

/* --- records */

static void
add_meta(struct symbolize *s, const struct rec *r)
{
	if (spaces_machine(s->spaces, r->machine)->guest)
		return;
	if (str_eq(r->meta.key, STR("osrelease")))
		objects_set_release(s->objects, r->meta.value);
	else if (str_eq(r->meta.key, STR("clockid")))
		s->monotonic = str_eq(r->meta.value, STR("monotonic"));
}

static struct jit_process
jit_process(struct symbolize *s, struct str machine, int32_t pid)
{
	return (struct jit_process){ spaces_machine(s->spaces, machine)->id, pid,
		spaces_process(s->spaces, machine, pid).life };
}

/* Account for a record that spaces know. */
static void
add_jit(struct symbolize *s, const struct rec *r)
{
	struct jit_process process;
	struct objects *objects;

	if (r->kind == REC_COMM && str_eq(r->comm.how, STR("exec"))) {
		process = jit_process(s, r->machine, r->pid);
		jit_drop(s->jit, &process);
	} else if (r->kind == REC_MAP && jit_is_dump(r->map.path)) {
		process = jit_process(s, r->machine, r->pid);
		objects = objects_of(s, spaces_machine(s->spaces, r->machine));
		jit_add_dump(s->jit, objects_files(objects), &process, r->map.path, s->monotonic);
	}
}

void
symbolize_lines(struct symbolize *s, bool lines, bool inlines)
{
	s->want_lines = lines;
	s->want_inlines = inlines;
}

bool
symbolize_has_inlines(const struct symbolize *s)
{
	return s->want_inlines;
}

void
symbolize_add(struct symbolize *s, const struct rec *r)
{
	s->now = r->t > s->now ? r->t : s->now;
	if (r->kind == REC_META)
		add_meta(s, r);
	s->changes += spaces_add(s->spaces, r);
	if (r->kind == REC_MAP || r->kind == REC_COMM)
		add_jit(s, r);
	if (r->kind == REC_USYM)
		recorded_add(s->recorded, spaces_machine(s->spaces, r->machine)->id, r);
}

static struct symbolize_context
find_context(struct symbolize *s, struct str machine, int32_t pid)
{
	struct symbolize_context c = { .machine = spaces_machine(s->spaces, machine), .pid = pid };
	struct jit_process process = { c.machine->id, pid, 0 };

	c.kernel = kernels_get(s->kernels, machine);
	c.user = spaces_process(s->spaces, machine, pid);
	process.life = c.user.life;
	if (jit_has_dumps(s->jit))
		c.user.generation =
		    jit_generation(s->jit, &process, s->spaces, c.user.generation, s->now);
	return c;
}

const struct symbolize_context *
symbolize_context(struct symbolize *s, struct str machine, int32_t pid)
{
	struct recent *r = &s->contexts[(uint32_t)pid % CONTEXTS];
	struct symbolize_context *c = &r->context;

	if (c->machine == NULL || c->pid != pid || r->changes != s->changes ||
	    jit_has_dumps(s->jit) || !str_eq(c->machine->name, machine)) {
		*c = find_context(s, machine, pid);
		r->changes = s->changes;
	}
	c->kernel_generation = kernel_generation(c->kernel);
	return c;
}

bool
symbolize_timeless(const struct symbolize *s)
{
	return !jit_has_dumps(s->jit);
}

/* --- entries of the cache: the object that lacks a name, the note */

static void
start_entry(struct symbolize *s)
{
	s->missed = NULL;
	s->text.n = 0;
	strbuf_add_bytes(&s->text, &s->missed, sizeof s->missed);
}

/* The entry of the note that was made; valid until the next one is. */
static struct str
finish_entry(struct symbolize *s)
{
	memcpy(s->text.p, &s->missed, sizeof s->missed);
	return strbuf_str(&s->text);
}

/* Set s->missed, and return the note. */
static struct str
read_entry(struct symbolize *s, struct str entry)
{
	memcpy(&s->missed, entry.p, sizeof s->missed);
	return (struct str){ entry.p + sizeof s->missed, entry.n - sizeof s->missed };
}

/* --- the text of a note */

static void
put(struct symbolize *s, struct str text)
{
	strbuf_add(&s->text, text);
}

static bool
is_plain(char c, bool escaped)
{
	return c > ' ' && c < 0x7f && c != ';' && (c != '\\' || escaped);
}

/* Escape what a field must not hold, and what separates the parts of a note. escaped: the text is,
 * as the field of a record, but for that. */
static void
put_text(struct symbolize *s, struct str text, bool escaped)
{
	size_t len;
	char *d;

	if (text.n > SYMTAB_NAME) {
		text = escaped ? text_cut(text, SYMTAB_NAME) : (struct str){ text.p, SYMTAB_NAME };
		s->cut++;
	}
	for (; text.n > 0; text.p += len, text.n -= len) {
		for (len = 0; len < text.n && is_plain(text.p[len], escaped); len++)
			;
		if (len > 0) {
			strbuf_add_bytes(&s->text, text.p, len);
			continue;
		}
		d = strbuf_reserve(&s->text, 16);
		len = 1;
		if (*text.p == ' ' || *text.p == ';' || (*text.p == '\\' && !escaped))
			s->text.n += text_escape(d, text.p, 1, " ;");
		else
			s->text.n += text_put_char(d, text, &len);
	}
}

static void
put_offset(struct symbolize *s, uint64_t off)
{
	put(s, STR("+0x"));
	s->text.n += text_put_hex(strbuf_reserve(&s->text, TEXT_NUMBER), off);
}

/* Append the name of a function as it is in the source. A mangled name has nothing to escape. */
static void
put_name(struct symbolize *s, struct str name, bool escaped)
{
	struct str source = demangle_name(s->demangle, name);

	put_text(s, source, escaped && source.p == name.p);
}

static void
put_object(struct symbolize *s, struct str object, bool escaped)
{
	if (object.n == 0)
		return;
	strbuf_putc(&s->text, ' ');
	put_text(s, object, escaped);
}

static void
miss(struct symbolize *s, struct str object, const char *why)
{
	s->missed = objects_get(s->objects, object, STR_NONE);
	if (why != NULL)
		object_because(s->objects, s->missed, why);
}

static bool
put_unmapped(struct symbolize *s)
{
	miss(s, STR("-"), "nothing is mapped at their addresses");
	strbuf_putc(&s->text, '?');
	return true;
}

/* --- lines */

/* A text of debug information. Of a long one, no more than what put_text() cuts is looked at. */
static struct str
text_of(const char *p)
{
	return (struct str){ p, strnlen(p, SYMTAB_NAME + 1) };
}

/* Append the source line of a place, after the object. */
static void
put_line(struct symbolize *s, const struct srclines_place *p)
{
	if (p->file == NULL || p->line <= 0 || !s->want_lines)
		return;
	put(s, STR(" @"));
	put_text(s, text_of(p->file), false);
	strbuf_putc(&s->text, ':');
	s->text.n += text_put_u64(strbuf_reserve(&s->text, TEXT_NUMBER), (uint64_t)p->line);
}

/* Write the notes of the functions that are inlined at an offset. Returns the number of places. */
static size_t
put_inlined(struct symbolize *s, struct srclines *l, uint64_t off, struct str object)
{
	size_t n = l == NULL ? 0 : srclines_find(l, off, s->want_inlines, s->place), i;

	for (i = 0; i + 1 < n; i++) {
		put_name(s, text_of(s->place[i].function), false);
		put_object(s, object, true);
		put_line(s, &s->place[i]);
		strbuf_putc(&s->text, '\n');
	}
	return n;
}

/* Write the symbol of a place in a file if the stream has one. */
static bool
put_recorded(struct symbolize *s, uint32_t machine, struct str path, uint64_t off, bool innermost)
{
	struct recorded_symbol found;
	struct str name;

	if (!recorded_find(s->recorded, machine, path, off - !innermost, &found))
		return false;
	name = found.name;
	if (memchr(name.p, '\\', name.n) != NULL)
		put_text(s, name, true);
	else
		put_name(s, name, false);
	put_offset(s, off - found.start);
	return true;
}

/* Name a place by the file if that is the recorded one for sure, then by the symbols in the stream,
 * then by a file without a build id to check it by. */
/* --- kernel */

/* The name that perf has for the kernel of a machine. */
static void
miss_kernel(struct symbolize *s, const struct spaces_machine *m, const char *why)
{
	char name[64] = "[kernel.kallsyms]";

	if (m->guest && m->pid < 0)
		snprintf(name, sizeof name, "[guest.kernel.kallsyms]");
	else if (m->guest)
		snprintf(name, sizeof name, "[guest.kernel.kallsyms.%d]", m->pid);
	miss(s, str_of(name), why);
}

/* Those of the kernel image, by address. */
static struct srclines *
kernel_lines(struct symbolize *s)
{
	int fd;

	if ((!s->want_lines && !s->want_inlines) || s->image_opened)
		return s->kernel_lines;
	s->image_opened = true;
	fd = kernels_open_image(s->kernels);
	if (fd >= 0 && files_read(objects_files(s->objects), fd, 1) &&
	    objects_admit(s->objects, fd))
		s->kernel_lines = srclines_new(-1, fd, 0);
	else if (fd >= 0)
		close(fd);
	return s->kernel_lines;
}

static bool
kernel_note(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    struct fault *fault)
{
	struct kernels_symbol found;
	size_t places;

	switch (kernels_find(s->kernels, c->kernel, f, &found, fault)) {
	case KERNELS_UNASKED:
		miss_kernel(s, c->machine, found.why);
		return false;
	case KERNELS_UNNAMED:
		if (found.object.n == 0)
			return put_unmapped(s);
		if (str_eq(found.object, STR("[guest.kernel.kallsyms]")))
			miss_kernel(s, c->machine, NULL);
		else
			miss(s, found.object, NULL);
		strbuf_putc(&s->text, '?');
		put_object(s, found.object, true);
		return true;
	default:
		places =
		    found.place == 0 ? 0 : put_inlined(s, kernel_lines(s), found.place, STR(""));
		put_name(s, found.name, found.escaped);
		put_offset(s, found.offset);
		put_object(s, found.object, found.escaped);
		if (places > 0)
			put_line(s, &s->place[places - 1]);
		return true;
	}
}

/* --- user */

/* During an exec the register that the innermost frame comes from is the old program's; the other
 * frames were read from memory, which is the new one's. */
static const struct space_map *
user_map(const struct spaces_process *p, const struct stack_frame *f)
{
	const struct space_map *map = space_find(&p->space, f->addr - !f->innermost);

	if (map == NULL)
		map = space_find(f->innermost ? &p->before : &p->space, f->addr);
	return map;
}

static struct srclines *
lines_of(struct symbolize *s, struct objects *objects, struct object *b)
{
	const void *symbols = object_symbols(b);
	int program, debug;
	uint64_t *index, shift;

	if (symbols == NULL || (!s->want_lines && !s->want_inlines))
		return NULL;
	index = hash_put(&s->line_index, (uintptr_t)symbols);
	if (*index == 0) {
		shift = object_open(objects, b, &program, &debug);
		s->lines = mem_grow(s->lines, s->n_lines, &s->cap_lines, sizeof(void *));
		s->lines[s->n_lines] = srclines_new(program, debug, shift);
		*index = ++s->n_lines;
	}
	return s->lines[*index - 1];
}

static bool
file_note(struct symbolize *s, const struct symbolize_context *c, struct object *b,
    const struct stack_frame *f, const struct space_map *map, struct fault *fault)
{
	struct objects *objects = objects_of(s, c->machine);
	bool recorded = false;
	uint64_t off = f->addr - map->addr + map->off;
	struct elf_symbol found;
	struct elf_map code = { map->off, map->end - map->addr };
	size_t places = 0;
	bool named;

	object_mapped(b, &code);
	if (str_none(map->file->build))
		recorded = put_recorded(s, c->machine->id, map->file->path, off, f->innermost);
	named = !recorded && (f->innermost ? object_find(objects, b, off, &found, fault)
					   : object_find_caller(objects, b, off, &found, fault));
	if (!recorded && (named || f->innermost))
		places =
		    put_inlined(s, lines_of(s, objects, b), off - !f->innermost, map->file->path);
	if (named) {
		put_name(s, found.name, false);
		put(s, found.plt ? STR("@plt") : STR(""));
		put_offset(s, off - found.start);
	} else if (fault_is(fault)) {
		return false;
	} else if (!recorded &&
		   !put_recorded(s, c->machine->id, map->file->path, off, f->innermost)) {
		s->missed = b;
		strbuf_putc(&s->text, '?');
	}
	put_object(s, map->file->path, true);
	if (places > 0)
		put_line(s, &s->place[places - 1]);
	return true;
}

/* Find code that a process wrote, or one of those that it inherited its maps from. */
static bool
find_jit(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    struct jit_symbol *found, struct fault *why)
{
	struct files *files = objects_files(objects_of(s, c->machine));
	struct jit_process of = { c->machine->id, c->pid, c->user.life };
	struct spaces_process next = c->user;
	int i;

	for (i = 0; i < FOREBEARS; i++) {
		if (jit_find(s->jit, files, &of, f->addr - !f->innermost, found, why) ||
		    (!f->innermost && jit_find(s->jit, files, &of, f->addr, found, why)))
			return true;
		of.pid = next.parent;
		next = spaces_process_of(s->spaces, of.machine, of.pid);
		if (of.pid < 0 || next.life == 0 || next.life >= of.life)
			return false;
		of.life = next.life;
	}
	return false;
}

static bool
jit_note(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    const struct space_map *map, struct object *b)
{
	struct jit_symbol found;
	struct fault why = { "" };

	if (find_jit(s, c, f, &found, &why)) {
		put_name(s, found.name, false);
		put_offset(s, f->addr - found.start);
	} else if (!put_recorded(s, c->machine->id, map->file->path, f->addr - map->addr + map->off,
		       f->innermost)) {
		if (fault_is(&why))
			object_because(s->objects, b, why.text);
		s->missed = b;
		strbuf_putc(&s->text, '?');
	}
	put_object(s, map->file->path, true);
	return true;
}

/* Make the note of a frame in a map of an object. Every process has a library elsewhere: the note
 * of a place in a file is cached, too. */
static bool
map_note(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    const struct space_map *map, struct fault *fault)
{
	struct objects *objects = objects_of(s, c->machine);
	struct object *b = objects_get(objects, map->file->path, map->file->build);
	bool jit = jit_is_code(map->file->path);
	struct cache_key key;
	struct str entry;

	if (jit) {
		key.a = c->user.generation << 4 | MODE_USER << 1 | f->innermost;
		key.b = f->addr;
	} else {
		key.a = (uint64_t)(uintptr_t)b << 4 | MODE_FILE << 1 | f->innermost;
		key.b = f->addr - map->addr + map->off;
	}
	key.s = STR("");
	if (cache_get(s->frames, &key, &entry)) {
		put(s, read_entry(s, entry));
		return true;
	}
	if (!(jit ? jit_note(s, c, f, map, b) : file_note(s, c, b, f, map, fault)))
		return false;
	cache_put(s->frames, &key, finish_entry(s));
	return true;
}

static bool
user_note(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    struct fault *fault)
{
	const struct space_map *map = user_map(&c->user, f);

	if (map == NULL || map->file->path.n == 0)
		return put_unmapped(s);
	return map_note(s, c, f, map, fault);
}

/* --- a frame */

static bool
make_note(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    struct fault *fault)
{
	switch (f->mode) {
	case MODE_KERNEL:
		return kernel_note(s, c, f, fault);
	case MODE_USER:
		return user_note(s, c, f, fault);
	case MODE_NONE:
		return user_map(&c->user, f) != NULL ? user_note(s, c, f, fault)
						     : kernel_note(s, c, f, fault);
	case MODE_GUEST_KERNEL: /* on another machine's line it is unknown which guest it is */
		if (c->machine->guest)
			return kernel_note(s, c, f, fault);
		miss(s, STR("[guest.kernel]"), "the record does not say of which guest");
		return false;
	case MODE_GUEST_USER:
		if (c->machine->guest && c->user.generation != 0)
			return user_note(s, c, f, fault);
		miss(s, STR("[guest.user]"), "no maps of the guest's process");
		return false;
	default:
		miss(s, STR("[hypervisor]"), "no symbols of hypervisors are known");
		return false;
	}
}

bool
symbolize_frame(struct symbolize *s, const struct symbolize_context *c, const struct stack_frame *f,
    struct str *note, struct fault *fault)
{
	bool user = f->mode == MODE_USER || f->mode == MODE_GUEST_USER; /* cached by its file */
	struct cache_key key = { .a = symbolize_space(c, f->mode, f->innermost), .b = f->addr };
	struct str entry;

	if (f->mode == MODE_NONE)
		key.s = (struct str){ (const char *)&c->kernel_generation,
			sizeof c->kernel_generation };
	if (user || !cache_get(s->frames, &key, &entry)) {
		start_entry(s);
		if (!make_note(s, c, f, fault))
			s->text.n = sizeof s->missed;
		entry = finish_entry(s);
		if (!user)
			cache_put(s->frames, &key, entry);
	}
	*note = read_entry(s, entry);
	if (s->missed != NULL && !s->uncounted)
		object_missed(s->missed);
	return note->n > 0;
}

void
symbolize_count(struct symbolize *s, bool counted)
{
	s->uncounted = !counted;
}

uint64_t
symbolize_cut(const struct symbolize *s)
{
	return s->cut;
}

/* Report what was not read of the debug information of all programs. */
static void
report_lines(const struct symbolize *s, void (*note)(void *arg, const char *kind, const char *text),
    void *arg)
{
	uint64_t overlapping = srclines_overlapping(s->kernel_lines);
	uint64_t cut = srclines_cut(s->kernel_lines);
	char text[128];
	size_t i;

	for (i = 0; i < s->n_lines; i++) {
		overlapping += srclines_overlapping(s->lines[i]);
		cut += srclines_cut(s->lines[i]);
	}
	snprintf(text, sizeof text,
	    "%llu table%s of debug information not read: damaged or out of proportion",
	    (unsigned long long)overlapping, overlapping == 1 ? "" : "s");
	if (overlapping > 0)
		note(arg, NULL, text);
	snprintf(text, sizeof text,
	    "%llu unit%s or function%s of debug information cut: out of proportion",
	    (unsigned long long)cut, cut == 1 ? "" : "s", cut == 1 ? "" : "s");
	if (cut > 0)
		note(arg, NULL, text);
}

void
symbolize_report(const struct symbolize *s, bool all,
    void (*note)(void *arg, const char *kind, const char *text), void *arg)
{
	size_t i;

	kernels_report(s->kernels, note, arg);
	report_lines(s, note, arg);
	if (!all)
		return;
	objects_report(s->objects, note, arg);
	for (i = 0; i < s->n_guests; i++)
		if (s->guest[i].objects != NULL)
			objects_report(s->guest[i].objects, note, arg);
}

bool
symbolize_has_guest(const struct symbolize *s, const char *source)
{
	return kernels_has_guest(s->kernels, source);
}
