/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "snapshot.h"

enum { MAXFILES = 4096 };

/* Where in a file we are. */
struct section {
	struct snapshot *s;
	const char *file;
	char name[64];
	struct snapshot_buffer *buffer;
	struct snapshot_device *device;
	struct snapshot_dump *dump;
};

static char *
joined(const char *folder, const char *name)
{
	size_t n = strlen(folder), m = strlen(name);
	char *path = mem_alloc(n + m + 2);

	if (*name == '/')
		snprintf(path, n + m + 2, "%s", name);
	else
		snprintf(path, n + m + 2, "%s/%s", folder, name);
	return path;
}

static void
set(char **to, const char *v)
{
	free(*to);
	*to = mem_copy(v, strlen(v));
}

static void
add_link(struct snapshot_link **link, size_t *n, size_t *cap, const char *from, const char *to)
{
	*link = mem_grow(*link, *n, cap, sizeof **link);
	(*link)[(*n)++] =
	    (struct snapshot_link){ mem_copy(from, strlen(from)), mem_copy(to, strlen(to)) };
}

enum csd_register
snapshot_register(const char *name)
{
	static const struct {
		const char *name;
		enum csd_register reg;
	} names[] = { { "TRCCONFIGR", CSD_CONFIGR }, { "ETMCR", CSD_CONFIGR },
		{ "STMTCSR", CSD_CONFIGR }, { "ITMTCR", CSD_CONFIGR },
		{ "TRCTRACEIDR", CSD_TRACEIDR }, { "ETMTRACEIDR", CSD_TRACEIDR },
		{ "TRCIDR0", CSD_IDR0 }, { "ETMIDR", CSD_IDR0 }, { "TRCIDR1", CSD_IDR1 },
		{ "ETMCCER", CSD_IDR1 }, { "TRCIDR2", CSD_IDR2 }, { "TRCIDR8", CSD_IDR8 },
		{ "TRCDEVARCH", CSD_DEVARCH } };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i].name) == 0)
			return names[i].reg;
	return CSD_REGISTERS;
}

/* A number of so many bits; what is none ends the reading with a fault. */
static uint64_t
number(struct section *at, const char *key, const char *v, int bits)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(v, &end, 0);
	if (!isdigit((unsigned char)*v) || *end != '\0')
		fault_set(&at->s->fault, "%s: %s=%s: not a number", at->file, key, v);
	else if (errno != 0 || n > UINT64_MAX >> (64 - bits))
		fault_set(&at->s->fault, "%s: %s=%s: more than %d bits", at->file, key, v, bits);
	return n;
}

static void
dump_key(struct section *at, const char *key, const char *v)
{
	struct snapshot_dump *d = at->dump;

	if (strcasecmp(key, "file") == 0) {
		free(d->path);
		d->path = joined(at->s->folder, v);
	} else if (strcasecmp(key, "address") == 0) {
		d->addr = number(at, key, v, 64);
	} else if (strcasecmp(key, "length") == 0) {
		d->len = number(at, key, v, 64);
	} else if (strcasecmp(key, "offset") == 0) {
		d->off = number(at, key, v, 64);
	} else if (strcasecmp(key, "space") == 0) {
		set(&d->space, v);
	}
}

static void
buffer_key(struct section *at, const char *key, const char *v)
{
	if (strcasecmp(key, "name") == 0) {
		set(&at->buffer->name, v);
	} else if (strcasecmp(key, "file") == 0) {
		free(at->buffer->path);
		at->buffer->path = joined(at->s->folder, v);
	} else if (strcasecmp(key, "format") == 0) {
		set(&at->buffer->format, v);
	}
}

static void
device_key(struct section *at, const char *key, const char *v)
{
	if (strcasecmp(key, "name") == 0)
		set(&at->device->name, v);
	else if (strcasecmp(key, "class") == 0)
		set(&at->device->class, v);
	else if (strcasecmp(key, "type") == 0)
		set(&at->device->type, v);
}

static void
add_file(struct snapshot *s, const char *name)
{
	if (s->n_files >= MAXFILES)
		return;
	s->file = mem_grow(s->file, s->n_files, &s->c_files, sizeof *s->file);
	s->file[s->n_files++] = joined(s->folder, name);
}

static void
on_key(struct section *at, const char *key, const char *v)
{
	struct snapshot *s = at->s;
	enum csd_register reg;

	if (strcasecmp(at->name, "device_list") == 0 ||
	    (strcasecmp(at->name, "trace") == 0 && strcasecmp(key, "metadata") == 0))
		add_file(s, v);
	else if (strcasecmp(at->name, "source_buffers") == 0)
		add_link(&s->in, &s->n_in, &s->c_in, key, v);
	else if (strcasecmp(at->name, "core_trace_sources") == 0)
		add_link(&s->of, &s->n_of, &s->c_of, key, v);
	else if (at->buffer != NULL)
		buffer_key(at, key, v);
	else if (at->dump != NULL)
		dump_key(at, key, v);
	else if (at->device != NULL && strcasecmp(at->name, "device") == 0)
		device_key(at, key, v);
	else if (at->device != NULL && strcasecmp(at->name, "regs") == 0 &&
		 (reg = snapshot_register(key)) != CSD_REGISTERS)
		at->device->reg[reg] = (uint32_t)number(at, key, v, 32);
}

/* A [section]: the things that it describes start empty. */
static void
on_section(struct section *at, const char *name)
{
	struct snapshot *s = at->s;

	snprintf(at->name, sizeof at->name, "%s", name);
	at->buffer = NULL;
	at->dump = NULL;
	if (strncasecmp(name, "buffer", 6) == 0) {
		s->buffer = mem_grow(s->buffer, s->n_buffers, &s->c_buffers, sizeof *s->buffer);
		at->buffer = &s->buffer[s->n_buffers++];
		*at->buffer =
		    (struct snapshot_buffer){ mem_copy("", 0), mem_copy("", 0), mem_copy("", 0) };
	} else if (strncasecmp(name, "dump", 4) == 0) {
		s->dump = mem_grow(s->dump, s->n_dumps, &s->c_dumps, sizeof *s->dump);
		at->dump = &s->dump[s->n_dumps++];
		*at->dump =
		    (struct snapshot_dump){ .path = mem_copy("", 0), .space = mem_copy("", 0) };
	} else if (strcasecmp(name, "device") == 0) {
		s->device = mem_grow(s->device, s->n_devices, &s->c_devices, sizeof *s->device);
		at->device = &s->device[s->n_devices++];
		*at->device = (struct snapshot_device){
			.name = mem_copy("", 0), .class = mem_copy("", 0), .type = mem_copy("", 0)
		};
	}
}

/* Without the blanks around it. */
static char *
trimmed(char *v)
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
	char *p = trimmed(line), *eq, *paren;

	if (*p == '[' && strchr(p, ']') != NULL) {
		*strchr(p, ']') = '\0';
		on_section(at, trimmed(p + 1));
		return;
	}
	if (*p == '#' || *p == ';' || (eq = strchr(p, '=')) == NULL)
		return;
	*eq = '\0';
	if ((paren = strchr(p, '(')) != NULL) /* NAME(0x010)=, NAME(size:64)= */
		*paren = '\0';
	on_key(at, trimmed(p), trimmed(eq + 1));
}

static bool
read_ini(struct snapshot *s, const char *path)
{
	struct section at = { .s = s, .file = path };
	FILE *fp = fopen(path, "re");
	char line[1024];

	if (fp == NULL)
		return fault_set(&s->fault, "%s: %s", path, strerror(errno));
	while (!fault_is(&s->fault) && fgets(line, sizeof line, fp) != NULL)
		on_line(&at, line);
	if (ferror(fp))
		fault_set(&s->fault, "%s: %s", path, strerror(errno));
	fclose(fp);
	return !fault_is(&s->fault);
}

bool
snapshot_open(struct snapshot *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t i, n;

	*s = (struct snapshot){ .folder = slash == NULL ? mem_copy(".", 1)
							: mem_copy(path, (size_t)(slash - path)) };
	if (!read_ini(s, path))
		return false;
	n = s->n_files;
	for (i = 0; i < n; i++)
		if (!read_ini(s, s->file[i]))
			return false;
	if (s->n_buffers == 0)
		return fault_set(&s->fault, "%s: names no trace buffer", path);
	return true;
}

void
snapshot_close(struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->n_files; i++)
		free(s->file[i]);
	for (i = 0; i < s->n_buffers; i++) {
		free(s->buffer[i].name);
		free(s->buffer[i].path);
		free(s->buffer[i].format);
	}
	for (i = 0; i < s->n_devices; i++) {
		free(s->device[i].name);
		free(s->device[i].class);
		free(s->device[i].type);
	}
	for (i = 0; i < s->n_dumps; i++) {
		free(s->dump[i].path);
		free(s->dump[i].space);
	}
	for (i = 0; i < s->n_in + s->n_of; i++) {
		free((i < s->n_in ? &s->in[i] : &s->of[i - s->n_in])->from);
		free((i < s->n_in ? &s->in[i] : &s->of[i - s->n_in])->to);
	}
	free(s->file);
	free(s->buffer);
	free(s->device);
	free(s->dump);
	free(s->in);
	free(s->of);
	free(s->folder);
}

bool
snapshot_is(const uint8_t *p, size_t n)
{
	return n > 0 && memmem(p, n < 4096 ? n : 4096, "[snapshot]", 10) != NULL;
}
