/* SPDX-License-Identifier: MIT */
/* A dump of a trace buffer, and nothing else: the options say what it holds. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "etm_int.h"
#include "snapshot.h"

enum { DEFAULT_ID = 0x10, MAXSOURCES = 127 };

/* Registers as common cores have them: 64-bit addresses, context IDs of 32 bits, no cycle counts.
 */
static void
set_defaults(struct csd_source *s)
{
	s->id = DEFAULT_ID;
	s->cpu = -1;
	s->reg[CSD_CONFIGR] = 0xc1;
	s->reg[CSD_IDR0] = s->protocol == CSD_ETMV3 ? 0x410cf250
			   : s->protocol == CSD_PTM ? 0x411cf312
						    : 0x28000ea1;
	s->reg[CSD_IDR1] = 0x4100f403;
	s->reg[CSD_IDR2] = 0x488;
	s->reg[CSD_DEVARCH] = 0x47705a13;
	if (s->protocol != CSD_ETMV3 && s->protocol != CSD_PTM)
		return;
	s->arch = CSD_V7;
	s->reg[CSD_CONFIGR] = 0x10000000;
	s->reg[CSD_IDR1] = 0x344008f2;
}

static bool
number(const char *value, unsigned long *v)
{
	char *end;

	*v = strtoul(value, &end, 0);
	return *value != '\0' && *end == '\0' && *v <= UINT32_MAX;
}

static const char *
set_id(uint8_t *id, unsigned long v)
{
	*id = (uint8_t)v;
	return v == 0 || v >= 0x70 ? "a trace id is from 1 to 0x6f" : NULL;
}

static const char *
set(struct csd_source *s, const char *name, const char *value)
{
	enum csd_register reg = snapshot_register(name);
	unsigned long v;

	if (!number(value, &v))
		return "its value is not a number";
	if (strcasecmp(name, "id") == 0 || reg == CSD_TRACEIDR) {
		return set_id(&s->id, v);
	} else if (strcasecmp(name, "cpu") == 0) {
		s->cpu = (int32_t)(v & INT32_MAX);
	} else if (reg != CSD_REGISTERS) {
		s->reg[reg] = (uint32_t)v;
	} else {
		return "not id, cpu or a register that decoding needs";
	}
	return NULL;
}

/* Parse etmv4,id=0x10,... in place. */
static const char *
parse(struct csd_source *s, char *spec)
{
	char *save, *word = strtok_r(spec, ",", &save), *eq;
	const char *wrong = NULL;

	if (word != NULL && strncasecmp(word, "etmv", 4) == 0) /* a device of a snapshot is ETM4 */
		memmove(word + 3, word + 4, strlen(word + 4) + 1);
	s->protocol = word == NULL ? CSD_NONE : snapshot_protocol(word);
	if (s->protocol == CSD_NONE)
		return "the protocols are etmv4, ete, etmv3, ptm, stm and itm";
	set_defaults(s);
	while (wrong == NULL && (word = strtok_r(NULL, ",", &save)) != NULL) {
		eq = strchr(word, '=');
		if (eq == NULL)
			return "not NAME=NUMBER after the protocol";
		*eq = '\0';
		wrong = set(s, word, eq + 1);
	}
	return wrong;
}

const char *
etm_add_source(struct etm_options *o, const char *spec)
{
	struct csd_source s = { 0 };
	char *copy = mem_copy(spec, strlen(spec));
	const char *wrong = parse(&s, copy);
	size_t i;

	free(copy);
	for (i = 0; i < o->n_sources; i++)
		if (o->source[i].id == s.id)
			wrong = wrong == NULL ? "another source has its trace id" : wrong;
	if (wrong != NULL)
		return wrong;
	if (o->n_sources == MAXSOURCES)
		return "too many sources";
	o->source = mem_grow(o->source, o->n_sources, &o->cap_sources, sizeof *o->source);
	o->source[o->n_sources++] = s;
	return NULL;
}

const char *
etm_add_id(struct etm_options *o, const char *id)
{
	unsigned long v;
	uint8_t wanted = 0;
	const char *wrong = number(id, &v) ? set_id(&wanted, v) : "not a number";

	if (wrong == NULL)
		o->some_ids = o->id[wanted] = true;
	return wrong;
}

bool
etm_set_layout(struct etm_options *o, const char *name)
{
	o->layout = CSD_SINGLE;
	while (o->layout <= CSD_DSTREAM && strcmp(csd_layout_names[o->layout], name) != 0)
		o->layout++;
	o->has_layout = o->layout <= CSD_DSTREAM;
	return o->has_layout;
}

void
etm_options_free(struct etm_options *o)
{
	free(o->source);
	o->source = NULL;
}

void
etm_raw(struct etm *e, struct input *in)
{
	const struct etm_options *o = e->options;
	struct etm_buffer b = { .name = "raw",
		.layout = o->has_layout ? o->layout : CSD_FRAMES,
		.source = o->source,
		.n = o->n_sources,
		.size = in->size > 0 ? in->size : UINT64_MAX };

	e->rec.bare = true;
	e->rec.t = REC_NO_NS;
	e->rec.cpu = e->rec.pid = e->rec.tid = -1;
	if (b.layout == CSD_SINGLE && b.n > 1)
		fault_set(&e->sum->fault, "%s: a single source's trace has one protocol", in->name);
	else if (etm_wants(e, b.name) && etm_open_code(e, NULL))
		etm_buffer(e, in, &b);
}
