/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/sysroot.h"
#include "snapshot.h"

enum { MAXFILES = 4096 };

struct device {
	const char *name, *class, *type;
	uint32_t reg[CSD_REGISTERS];
	int32_t cores;             /* the number of cores before it */
	const struct device *core; /* that it traces, NULL if unknown */
};

/* What belongs to what: a source to its buffers, a core to its source. */
struct link {
	const char *from;
	char *to;
};

struct links {
	struct link *link;
	size_t n, cap;
};

/* The sources in the buffers of one name. */
struct sources {
	const struct device **device;
	size_t n, cap;
};

struct snapshot_state {
	struct sysroot root;
	const char *folder;
	bool outside;
	struct arena texts;
	const char **file; /* that snapshot.ini names */
	struct device *device;
	struct links in, of;   /* [source_buffers], [core_trace_sources] */
	struct intern names;   /* of devices; by their numbers: */
	struct device **named; /* the first device of the name */
	struct intern lists;   /* names of buffers; by their numbers: */
	struct sources *list;  /* what is in the buffers of the name */
	struct intern seen;    /* files that were read, by device and inode */
	size_t n_files, n_devices, cap_files, cap_devices, cap_buffers, cap_dumps, cap_list;
};

/* Where in a file we are. */
struct section {
	struct snapshot *s;
	struct fault *fault;
	const char *file;
	char name[64];
	struct snapshot_buffer *buffer;
	struct device *device;
	struct snapshot_dump *dump;
};

/* --- names */

/* What a word means, in any case of letters; a list of words ends with NULL. */
struct word {
	const char *word;
	unsigned means;
};

static bool
starts(const char *s, const char *with)
{
	return strncasecmp(s, with, strlen(with)) == 0;
}

static unsigned
meaning_of(const char *word, const struct word *list, unsigned other)
{
	while (list->word != NULL && strcasecmp(word, list->word) != 0)
		list++;
	return list->word == NULL ? other : list->means;
}

enum csd_register
snapshot_register(const char *name)
{
	static const struct word names[] = { { "TRCCONFIGR", CSD_CONFIGR },
		{ "ETMCR", CSD_CONFIGR }, { "STMTCSR", CSD_CONFIGR }, { "ITMTCR", CSD_CONFIGR },
		{ "TRCTRACEIDR", CSD_TRACEIDR }, { "ETMTRACEIDR", CSD_TRACEIDR },
		{ "TRCIDR0", CSD_IDR0 }, { "ETMIDR", CSD_IDR0 }, { "TRCIDR1", CSD_IDR1 },
		{ "ETMCCER", CSD_IDR1 }, { "TRCIDR2", CSD_IDR2 }, { "TRCIDR8", CSD_IDR8 },
		{ "TRCDEVARCH", CSD_DEVARCH }, { NULL, 0 } };

	return (enum csd_register)meaning_of(name, names, CSD_REGISTERS);
}

enum csd_protocol
snapshot_protocol(const char *type)
{
	static const struct word types[] = { { "ETM4", CSD_ETMV4 }, { "ETE", CSD_ETE },
		{ "ETM3", CSD_ETMV3 }, { "PTM", CSD_PTM }, { "PFT", CSD_PTM }, { "STM", CSD_STM },
		{ "ITM", CSD_ITM }, { NULL, CSD_NONE } };
	const struct word *t = types;

	while (t->word != NULL && !starts(type, t->word))
		t++;
	return (enum csd_protocol)t->means;
}

static enum csd_layout
layout_named(const char *format)
{
	static const struct word formats[] = { { "source_data", CSD_SINGLE },
		{ "dstream_coresight", CSD_DSTREAM }, { NULL, 0 } };

	return (enum csd_layout)meaning_of(format, formats, CSD_FRAMES);
}

static unsigned
spaces_named(const char *name)
{
	static const struct word names[] = { { "EL1S", CSD_EL1S }, { "EL1N", CSD_EL1N },
		{ "EL1R", CSD_EL1R }, { "EL2", CSD_EL2 }, { "EL2N", CSD_EL2 }, { "EL2S", CSD_EL2S },
		{ "EL2R", CSD_EL2R }, { "EL3", CSD_EL3 }, { "ROOT", CSD_ROOT },
		{ "S", CSD_EL1S | CSD_EL2S | CSD_EL3 }, { "N", CSD_EL1N | CSD_EL2 },
		{ "R", CSD_EL1R | CSD_EL2R }, { "H", CSD_EL2 }, { "P", CSD_EL1N },
		{ "NP", CSD_EL1N }, { "SP", CSD_EL1S }, { NULL, 0 } };

	return meaning_of(name, names, CSD_ANY_SPACE);
}

/* By the core's name; an unknown core may have any instruction. */
static enum csd_arch
arch_of(const char *core)
{
	static const struct word cores[] = { { "Cortex-A5", CSD_V7 }, { "Cortex-A7", CSD_V7 },
		{ "Cortex-A8", CSD_V7 }, { "Cortex-A9", CSD_V7 }, { "Cortex-A12", CSD_V7 },
		{ "Cortex-A15", CSD_V7 }, { "Cortex-A17", CSD_V7 }, { "Cortex-R4", CSD_V7 },
		{ "Cortex-R5", CSD_V7 }, { "Cortex-R7", CSD_V7 }, { "Cortex-R8", CSD_V7 },
		{ "Cortex-M0", CSD_V7 }, { "Cortex-M0+", CSD_V7 }, { "Cortex-M3", CSD_V7 },
		{ "Cortex-M4", CSD_V7 }, { "Cortex-M7", CSD_V7 }, { "Cortex-A32", CSD_V8 },
		{ "Cortex-A35", CSD_V8 }, { "Cortex-A53", CSD_V8 }, { "Cortex-A57", CSD_V8 },
		{ "Cortex-A72", CSD_V8 }, { "Cortex-A73", CSD_V8 }, { "Cortex-M23", CSD_V8 },
		{ "Cortex-M33", CSD_V8 }, { "Cortex-R52", CSD_V8 }, { "Cortex-A55", CSD_V8_3 },
		{ "Cortex-A65", CSD_V8_3 }, { "Cortex-A75", CSD_V8_3 }, { "Cortex-A76", CSD_V8_3 },
		{ "Cortex-A77", CSD_V8_3 }, { NULL, 0 } };

	return (enum csd_arch)meaning_of(core, cores, CSD_AA64);
}

/* --- ini files */

/* A copy that lives as long as the snapshot. */
static char *
keep(struct snapshot_state *s, const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(arena_take(&s->texts, n), text, n);
}

static void
add_link(struct snapshot_state *s, struct links *l, const char *from, const char *to)
{
	l->link = mem_grow(l->link, l->n, &l->cap, sizeof *l->link);
	l->link[l->n++] = (struct link){ keep(s, from), keep(s, to) };
}

/* A number of this many bits; the fault is set if it is none. */
static uint64_t
number(struct section *at, const char *key, const char *v, int bits)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(v, &end, 0);
	if (!isdigit((unsigned char)*v) || *end != '\0')
		fault_set(at->fault, "%s: %s=%s: not a number", at->file, key, v);
	else if (errno != 0 || n > UINT64_MAX >> (64 - bits))
		fault_set(at->fault, "%s: %s=%s: more than %d bits", at->file, key, v, bits);
	return n;
}

static void
dump_key(struct section *at, const char *key, const char *v)
{
	struct snapshot_dump *d = at->dump;

	if (strcasecmp(key, "file") == 0)
		d->file = keep(at->s->state, v);
	else if (strcasecmp(key, "address") == 0)
		d->addr = number(at, key, v, 64);
	else if (strcasecmp(key, "length") == 0)
		d->len = number(at, key, v, 64);
	else if (strcasecmp(key, "offset") == 0)
		d->off = number(at, key, v, 64);
	else if (strcasecmp(key, "space") == 0)
		d->spaces = spaces_named(v);
}

static void
buffer_key(struct section *at, const char *key, const char *v)
{
	if (strcasecmp(key, "name") == 0)
		at->buffer->name = keep(at->s->state, v);
	else if (strcasecmp(key, "file") == 0)
		at->buffer->file = keep(at->s->state, v);
	else if (strcasecmp(key, "format") == 0)
		at->buffer->layout = layout_named(v);
}

static void
device_key(struct section *at, const char *key, const char *v)
{
	enum csd_register reg;

	if (strcasecmp(at->name, "regs") == 0) {
		reg = snapshot_register(key);
		if (reg != CSD_REGISTERS)
			at->device->reg[reg] = (uint32_t)number(at, key, v, 32);
	} else if (strcasecmp(at->name, "device") != 0) {
		return;
	} else if (strcasecmp(key, "name") == 0) {
		at->device->name = keep(at->s->state, v);
	} else if (strcasecmp(key, "class") == 0) {
		at->device->class = keep(at->s->state, v);
	} else if (strcasecmp(key, "type") == 0) {
		at->device->type = keep(at->s->state, v);
	}
}

static void
add_file(struct section *at, const char *name)
{
	struct snapshot_state *s = at->s->state;

	if (s->n_files == MAXFILES) {
		fault_set(at->fault, "%s: names more than %d files", at->file, MAXFILES);
		return;
	}
	s->file = mem_grow(s->file, s->n_files, &s->cap_files, sizeof *s->file);
	s->file[s->n_files++] = keep(s, name);
}

static void
on_key(struct section *at, const char *key, const char *v)
{
	struct snapshot_state *s = at->s->state;

	if (strcasecmp(at->name, "device_list") == 0 ||
	    (strcasecmp(at->name, "trace") == 0 && strcasecmp(key, "metadata") == 0))
		add_file(at, v);
	else if (strcasecmp(at->name, "source_buffers") == 0)
		add_link(s, &s->in, key, v);
	else if (strcasecmp(at->name, "core_trace_sources") == 0)
		add_link(s, &s->of, key, v);
	else if (at->buffer != NULL)
		buffer_key(at, key, v);
	else if (at->dump != NULL)
		dump_key(at, key, v);
	else if (at->device != NULL)
		device_key(at, key, v);
}

static void
add_buffer(struct section *at)
{
	struct snapshot *s = at->s;

	s->buffer = mem_grow(s->buffer, s->n_buffers, &s->state->cap_buffers, sizeof *s->buffer);
	at->buffer = &s->buffer[s->n_buffers++];
	*at->buffer = (struct snapshot_buffer){ "", "", CSD_FRAMES };
}

static void
add_dump(struct section *at)
{
	struct snapshot *s = at->s;

	s->dump = mem_grow(s->dump, s->n_dumps, &s->state->cap_dumps, sizeof *s->dump);
	at->dump = &s->dump[s->n_dumps++];
	*at->dump = (struct snapshot_dump){ .file = "", .spaces = CSD_ANY_SPACE };
}

static void
add_device(struct section *at)
{
	struct snapshot_state *s = at->s->state;

	s->device = mem_grow(s->device, s->n_devices, &s->cap_devices, sizeof *s->device);
	at->device = &s->device[s->n_devices++];
	*at->device = (struct device){ .name = "", .class = "", .type = "" };
}

static void
on_section(struct section *at, const char *name)
{
	snprintf(at->name, sizeof at->name, "%s", name);
	at->buffer = NULL;
	at->dump = NULL;
	if (starts(name, "buffer"))
		add_buffer(at);
	else if (starts(name, "dump"))
		add_dump(at);
	else if (strcasecmp(name, "device") == 0)
		add_device(at);
}

static char *
trim(char *v)
{
	char *end = v + strlen(v);

	while (end > v && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*v))
		v++;
	return v;
}

static void
on_line(struct section *at, char *line)
{
	char *p = trim(line), *eq, *paren;

	if (*p == '[' && strchr(p, ']') != NULL) {
		*strchr(p, ']') = '\0';
		on_section(at, trim(p + 1));
		return;
	}
	if (*p == '#' || *p == ';' || (eq = strchr(p, '=')) == NULL)
		return;
	*eq = '\0';
	if ((paren = strchr(p, '(')) != NULL) /* NAME(0x010)=, NAME(size:64)= */
		*paren = '\0';
	on_key(at, trim(p), trim(eq + 1));
}

bool
snapshot_is_new(struct intern *seen, int fd)
{
	struct stat st;
	uint64_t id[2];
	size_t n = seen->n;

	if (fstat(fd, &st) != 0)
		return true;
	id[0] = st.st_dev;
	id[1] = st.st_ino;
	return intern_put(seen, (struct str){ (const char *)id, sizeof id }) == n;
}

static bool
read_ini(struct snapshot *s, const char *path, int fd, struct fault *fault)
{
	struct section at = { .s = s, .fault = fault, .file = path };
	FILE *fp = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t cap = 0;

	if (fp == NULL)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	if (snapshot_is_new(&s->state->seen, fd))
		while (!fault_is(fault) && getline(&line, &cap, fp) > 0)
			on_line(&at, line);
	if (ferror(fp))
		fault_set(fault, "%s: %s", path, strerror(errno));
	free(line);
	fclose(fp);
	return !fault_is(fault);
}

/* --- what belongs to what */

static struct device *
device_named(const struct snapshot_state *s, const char *name)
{
	uint32_t id = intern_find(&s->names, str_of(name));

	return id == INTERN_NONE ? NULL : s->named[id];
}

static void
name_devices(struct snapshot_state *s)
{
	struct device *d, *from, *to;
	int32_t cores = 0;
	size_t n = 0, i;

	s->named = mem_alloc((s->n_devices + 1) * sizeof(void *));
	for (d = s->device; d < s->device + s->n_devices; d++) {
		d->cores = cores;
		cores += strcmp(d->class, "core") == 0;
		if (intern_put(&s->names, str_of(d->name)) == n)
			s->named[n++] = d;
	}
	for (i = 0; i < s->of.n; i++) {
		from = device_named(s, s->of.link[i].from);
		to = device_named(s, s->of.link[i].to);
		if (to != NULL)
			to->core = from;
	}
}

static void
add_to_list(struct snapshot_state *s, const char *buffer, const struct device *d)
{
	size_t n = s->lists.n;
	uint32_t id = intern_put(&s->lists, str_of(buffer));
	struct sources *l;

	if (id == n) {
		s->list = mem_grow(s->list, n, &s->cap_list, sizeof *s->list);
		s->list[n] = (struct sources){ 0 };
	}
	l = &s->list[id];
	if (l->n > 0 && l->device[l->n - 1] == d)
		return;
	l->device = mem_grow(l->device, l->n, &l->cap, sizeof(void *));
	l->device[l->n++] = d;
}

/* SOURCE=BUFFER,... */
static void
list_sources(struct snapshot_state *s)
{
	const struct device *d;
	char *name, *save;
	size_t i;

	for (i = 0; i < s->in.n; i++) {
		d = device_named(s, s->in.link[i].from);
		name = d == NULL ? NULL : strtok_r(s->in.link[i].to, ",", &save);
		for (; name != NULL; name = strtok_r(NULL, ",", &save))
			add_to_list(s, trim(name), d);
	}
}

/* cpu_3 is CPU 3; other cores are counted. */
static int32_t
cpu_of(const struct device *core)
{
	if (strncmp(core->name, "cpu_", 4) == 0)
		return (int32_t)(strtoul(core->name + 4, NULL, 10) & 0xffff);
	return core->cores;
}

bool
snapshot_source(const struct snapshot *s, const struct snapshot_buffer *b, size_t i,
    struct csd_source *source, const char **name)
{
	uint32_t id = intern_find(&s->state->lists, str_of(b->name));
	const struct device *d;

	if (id == INTERN_NONE || i >= s->state->list[id].n)
		return false;
	d = s->state->list[id].device[i];
	*name = d->name;
	*source = (struct csd_source){ .protocol = snapshot_protocol(d->type), .cpu = -1 };
	source->id = d->reg[CSD_TRACEIDR] & 0x7f;
	if (source->protocol == CSD_STM || source->protocol == CSD_ITM)
		source->id = d->reg[CSD_CONFIGR] >> 16 & 0x7f;
	memcpy(source->reg, d->reg, sizeof source->reg);
	if (d->core == NULL)
		return true;
	source->cpu = cpu_of(d->core);
	source->arch = arch_of(d->core->type);
	source->m_profile = starts(d->core->type, "Cortex-M");
	return true;
}

/* --- the snapshot */

const char *
snapshot_path(const struct snapshot *s, const char *name)
{
	const char *folder = *name == '/' ? "" : s->state->folder;
	size_t n = strlen(folder) + strlen(name) + 2;
	char *path = arena_take(&s->state->texts, n);

	snprintf(path, n, "%s%s%s", folder, *name == '/' ? "" : "/", name);
	return path;
}

int
snapshot_file(const struct snapshot *s, const char *name, struct fault *why)
{
	if (s->state->outside)
		name = snapshot_path(s, name);
	return sysroot_empty_file(&s->state->root, name, why);
}

static bool
read_named(struct snapshot *s, const char *name, struct fault *fault)
{
	struct fault why = { "" };
	const char *path = snapshot_path(s, name);
	int fd = snapshot_file(s, name, &why);

	return fd >= 0 ? read_ini(s, path, fd, fault) : fault_set(fault, "%s: %s", path, why.text);
}

bool
snapshot_open(struct snapshot *s, const char *path, bool outside, struct fault *fault)
{
	struct snapshot_state *p = mem_alloc(sizeof *p);
	char *folder = keep(p, path), *slash = strrchr(folder, '/');
	size_t i, n;

	*s = (struct snapshot){ .state = p };
	p->outside = outside;
	p->folder = slash == NULL ? "." : folder;
	if (slash != NULL)
		*slash = '\0';
	if (!sysroot_open(&p->root, outside ? NULL : *p->folder == '\0' ? "/" : p->folder))
		return fault_set(fault, "%s", p->root.fault.text);
	if (!read_ini(s, path, open(path, O_RDONLY | O_CLOEXEC), fault))
		return false;
	n = p->n_files;
	for (i = 0; i < n; i++)
		if (!read_named(s, p->file[i], fault))
			return false;
	if (s->n_buffers == 0)
		return fault_set(fault, "%s: names no trace buffer", path);
	name_devices(p);
	list_sources(p);
	return true;
}

void
snapshot_close(struct snapshot *s)
{
	struct snapshot_state *p = s->state;
	size_t i;

	for (i = 0; i < p->lists.n; i++)
		free(p->list[i].device);
	intern_free(&p->names);
	intern_free(&p->lists);
	intern_free(&p->seen);
	arena_free(&p->texts);
	sysroot_close(&p->root);
	free(p->in.link);
	free(p->of.link);
	free(p->file);
	free(p->device);
	free(p->named);
	free(p->list);
	free(p);
	free(s->buffer);
	free(s->dump);
}

bool
snapshot_is(const uint8_t *p, size_t n)
{
	return n > 0 && memmem(p, n < 4096 ? n : 4096, "[snapshot]", 10) != NULL;
}
