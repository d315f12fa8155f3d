/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/gz.h"
#include "base/intern.h"
#include "base/mem.h"
#include "pprofout.h"

#include "profile.pb-c.h"

struct pprofout {
	struct gzout *gz;
	struct intern texts;
	size_t ntypes;
	struct strbuf packed;
	Pprof__Line *line; /* of a location */
	Pprof__Line **lines;
	size_t cap_line, cap_lines;
};

struct pprofout *
pprofout_open(struct out *o)
{
	struct pprofout *w = mem_alloc(sizeof *w);

	w->gz = gzout_open(o);
	intern_put(&w->texts, STR(""));
	return w;
}

uint32_t
pprofout_text(struct pprofout *w, struct str s)
{
	char quoted[PPROFOUT_TEXT];

	return intern_put(&w->texts, str_of(text_quote(quoted, sizeof quoted, s)));
}

/* Write a part of the profile. */
static void
write_part(struct pprofout *w, const Pprof__Profile *part)
{
	size_t n = pprof__profile__get_packed_size(part);

	strbuf_clear(&w->packed);
	pprof__profile__pack(part, (uint8_t *)strbuf_reserve(&w->packed, n));
	gzout_write(w->gz, w->packed.p, n);
}

void
pprofout_type(struct pprofout *w, struct pprofout_type t)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__ValueType type = PPROF__VALUE_TYPE__INIT, *types[] = { &type };

	type.type = t.name;
	type.unit = t.unit;
	part.n_sample_type = 1;
	part.sample_type = types;
	write_part(w, &part);
	w->ntypes++;
}

void
pprofout_default(struct pprofout *w, uint32_t name)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;

	part.default_sample_type = name;
	write_part(w, &part);
}

void
pprofout_period(struct pprofout *w, struct pprofout_type t, int64_t period)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__ValueType type = PPROF__VALUE_TYPE__INIT;

	type.type = t.name;
	type.unit = t.unit;
	part.period_type = &type;
	part.period = period;
	write_part(w, &part);
}

void
pprofout_comment(struct pprofout *w, uint32_t text)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	int64_t comment = text;

	part.n_comment = 1;
	part.comment = &comment;
	write_part(w, &part);
}

void
pprofout_time(struct pprofout *w, int64_t time, int64_t duration)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;

	part.time_nanos = time;
	part.duration_nanos = duration;
	write_part(w, &part);
}

void
pprofout_sample(struct pprofout *w, const uint64_t *location, size_t n, const int64_t *value,
    const struct pprofout_label *label, size_t nlabel)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Sample sample = PPROF__SAMPLE__INIT, *samples[] = { &sample };
	Pprof__Label labels[PPROFOUT_LABELS], *pointers[PPROFOUT_LABELS];
	size_t i;

	for (i = 0; i < nlabel; i++) {
		pprof__label__init(&labels[i]);
		labels[i].key = label[i].key;
		labels[i].str = label[i].text;
		pointers[i] = &labels[i];
	}
	sample.n_location_id = n;
	sample.location_id = (uint64_t *)location;
	sample.n_value = w->ntypes;
	sample.value = (int64_t *)value;
	sample.n_label = nlabel;
	sample.label = pointers;
	part.n_sample = 1;
	part.sample = samples;
	write_part(w, &part);
}

void
pprofout_mapping(struct pprofout *w, uint32_t id, const struct pprofout_mapping *m)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Mapping mapping = PPROF__MAPPING__INIT, *mappings[] = { &mapping };

	mapping.id = id;
	mapping.memory_start = m->start;
	mapping.memory_limit = m->end;
	mapping.file_offset = m->off;
	mapping.filename = m->file;
	mapping.build_id = m->build;
	mapping.has_functions = m->functions;
	mapping.has_filenames = m->lines;
	mapping.has_line_numbers = m->lines;
	mapping.has_inline_frames = m->inlines;
	part.n_mapping = 1;
	part.mapping = mappings;
	write_part(w, &part);
}

void
pprofout_location(struct pprofout *w, uint32_t id, uint32_t mapping, uint64_t addr,
    const struct pprofout_line *line, size_t n)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Location location = PPROF__LOCATION__INIT, *locations[] = { &location };
	size_t i;

	if (n > 0) {
		w->line = mem_grow_zeroed(w->line, n - 1, &w->cap_line, sizeof *w->line);
		w->lines = mem_grow_zeroed(w->lines, n - 1, &w->cap_lines, sizeof(Pprof__Line *));
	}
	for (i = 0; i < n; i++) {
		pprof__line__init(&w->line[i]);
		w->line[i].function_id = line[i].function;
		w->line[i].line = line[i].line;
		w->lines[i] = &w->line[i];
	}
	location.id = id;
	location.mapping_id = mapping;
	location.address = addr;
	location.n_line = n;
	location.line = w->lines;
	part.n_location = 1;
	part.location = locations;
	write_part(w, &part);
}

void
pprofout_function(struct pprofout *w, uint32_t id, uint32_t name, uint32_t file)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Function function = PPROF__FUNCTION__INIT, *functions[] = { &function };

	function.id = id;
	function.name = name;
	function.system_name = name;
	function.filename = file;
	part.n_function = 1;
	part.function = functions;
	write_part(w, &part);
}

void
pprofout_close(struct pprofout *w)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	char *text;
	size_t i;

	part.n_string_table = 1;
	part.string_table = &text;
	for (i = 0; i < w->texts.n; i++) {
		text = (char *)intern_str(&w->texts, (uint32_t)i).p;
		write_part(w, &part);
	}
	gzout_close(w->gz);
	intern_free(&w->texts);
	strbuf_free(&w->packed);
	free(w->line);
	free(w->lines);
	free(w);
}
