/* SPDX-License-Identifier: MIT */
/* What the devices of a snapshot are to a decoder. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "snapshot.h"

static bool
starts(const char *s, const char *with)
{
	return strncasecmp(s, with, strlen(with)) == 0;
}

enum csd_layout
snapshot_layout(const struct snapshot_buffer *b)
{
	return strcasecmp(b->format, "source_data") == 0         ? CSD_SINGLE
	       : strcasecmp(b->format, "dstream_coresight") == 0 ? CSD_DSTREAM
								 : CSD_FRAMES;
}

enum csd_protocol
snapshot_protocol(const char *type)
{
	if (starts(type, "ETM4"))
		return CSD_ETMV4;
	if (starts(type, "ETE"))
		return CSD_ETE;
	if (starts(type, "ETM3"))
		return CSD_ETMV3;
	if (starts(type, "PTM") || starts(type, "PFT"))
		return CSD_PTM;
	if (starts(type, "STM"))
		return CSD_STM;
	return starts(type, "ITM") ? CSD_ITM : CSD_NONE;
}

/* By the core's name; one that is not known may have any instruction. */
static enum csd_arch
arch(const char *core)
{
	static const char v7[][12] = { "Cortex-A5", "Cortex-A7", "Cortex-A8", "Cortex-A9",
		"Cortex-A12", "Cortex-A15", "Cortex-A17", "Cortex-R4", "Cortex-R5", "Cortex-R7",
		"Cortex-R8", "Cortex-M0", "Cortex-M0+", "Cortex-M3", "Cortex-M4", "Cortex-M7" };
	static const char v8[][12] = { "Cortex-A32", "Cortex-A35", "Cortex-A53", "Cortex-A57",
		"Cortex-A72", "Cortex-A73", "Cortex-M23", "Cortex-M33", "Cortex-R52" };
	static const char v8_3[][12] = { "Cortex-A55", "Cortex-A65", "Cortex-A75", "Cortex-A76",
		"Cortex-A77" };
	size_t i;

	for (i = 0; i < sizeof v7 / sizeof *v7; i++)
		if (strcasecmp(core, v7[i]) == 0)
			return CSD_V7;
	for (i = 0; i < sizeof v8 / sizeof *v8; i++)
		if (strcasecmp(core, v8[i]) == 0)
			return CSD_V8;
	for (i = 0; i < sizeof v8_3 / sizeof *v8_3; i++)
		if (strcasecmp(core, v8_3[i]) == 0)
			return CSD_V8_3;
	return CSD_AA64;
}

static const struct snapshot_device *
device_named(const struct snapshot *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_devices; i++)
		if (strcmp(s->device[i].name, name) == 0)
			return &s->device[i];
	return NULL;
}

/* cpu_3 is CPU 3; other cores are counted as the list has them. */
static int32_t
cpu_of(const struct snapshot *s, const struct snapshot_device *core)
{
	int32_t n = 0;
	size_t i;

	if (strncmp(core->name, "cpu_", 4) == 0)
		return (int32_t)(strtoul(core->name + 4, NULL, 10) & 0xffff);
	for (i = 0; i < s->n_devices && &s->device[i] != core; i++)
		n += strcmp(s->device[i].class, "core") == 0;
	return n;
}

static void
describe(const struct snapshot *s, const struct snapshot_device *d, struct csd_source *source)
{
	const struct snapshot_device *core = NULL;
	uint32_t id = d->reg[CSD_TRACEIDR];
	size_t i;

	*source = (struct csd_source){ .protocol = snapshot_protocol(d->type), .cpu = -1 };
	if (source->protocol == CSD_STM || source->protocol == CSD_ITM)
		id = d->reg[CSD_CONFIGR] >> 16;
	source->id = id & 0x7f;
	memcpy(source->reg, d->reg, sizeof source->reg);
	for (i = 0; i < s->n_of; i++)
		if (strcmp(s->of[i].to, d->name) == 0)
			core = device_named(s, s->of[i].from);
	if (core == NULL)
		return;
	source->cpu = cpu_of(s, core);
	source->arch = arch(core->type);
	source->m_profile = starts(core->type, "Cortex-M");
}

/* Whether name is one of those in a list with commas. */
static bool
in_list(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	for (p = list; p != NULL; p = strchr(p, ',')) {
		p += strspn(p, ", ");
		if (strncmp(p, name, n) == 0 && strchr(", ", p[n]) != NULL)
			return true;
	}
	return false;
}

bool
snapshot_source(const struct snapshot *s, const struct snapshot_buffer *b, size_t i,
    struct csd_source *source, const char **name)
{
	const struct snapshot_device *d;
	size_t j;

	for (j = 0; j < s->n_in; j++) {
		d = device_named(s, s->in[j].from);
		if (d == NULL || !in_list(s->in[j].to, b->name) || i-- > 0)
			continue;
		describe(s, d, source);
		*name = d->name;
		return true;
	}
	return false;
}
