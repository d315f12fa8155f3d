/* SPDX-License-Identifier: MIT */

#include <stdlib.h>

#include "base/mem.h"
#include "base/sum.h"
#include "pprof.h"
#include "pprofout.h"
#include "rec/stack.h"

enum { COMMENTS = 16, OUTPUT_LEAST = 1000000, OUTPUT_FACTOR = 64, NAME = 4096 };

/* Kinds of columns. */
enum pprof_unit { UNIT_NONE, UNIT_COUNT, UNIT_NS, UNIT_TIME };

struct pprof_column {
	enum pprof_unit unit; /* NONE: records of this event only count */
	uint32_t type;        /* index of its values */
	uint64_t period;      /* of all samples; 0: they differ */
	bool sampled;
};

/* Whose a sample is; without padding, as it is interned. */
struct pprof_labels {
	uint32_t machine, comm; /* in names, INTERN_NONE if unknown */
	int32_t pid, tid, cpu;
	uint32_t event;
};

struct pprof_entry {
	uint32_t stack, labels;
	uint64_t count, period;
};

struct pprof_stack {
	size_t first; /* in frame */
	uint32_t n;
};

/* The keys of interned mappings, locations and functions; no padding. */
struct map_key {
	uint64_t start, end, off;
	uint32_t file, build;
};

struct pprof_mapping {
	bool functions, lines, inlines;
	bool program;     /* an executable file, as far as its name tells */
	uint64_t samples; /* of the process that has most */
};

struct location_key {
	uint64_t addr;
	uint32_t mapping;
	uint32_t n; /* the number of lines that follow */
};

struct function_key {
	uint32_t name, file;
};

static struct str
bytes_of(const void *p, size_t n)
{
	return (struct str){ p, n };
}

/* Number the text that a field stands for, cut to NAME bytes; `between` is put before and after. */
static uint32_t
name_of(struct pprof *p, struct str field, struct str before, struct str after)
{
	struct str cut = text_cut(field, NAME);

	strbuf_clear(&p->text);
	strbuf_add(&p->text, before);
	p->text.n += text_unescape(strbuf_reserve(&p->text, cut.n), cut);
	strbuf_add(&p->text, after);
	return intern_put(&p->names, strbuf_str(&p->text));
}

static uint32_t
plain_name(struct pprof *p, struct str field)
{
	return name_of(p, field, STR(""), STR(""));
}

/* --- frames */

/* Is a file of a user's neither a library nor anonymous memory, which perf calls //anon? */
static bool
is_program(struct str file)
{
	struct str base = str_basename(file);

	return str_starts(file, "/") && !str_starts(file, "//") &&
	       memmem(base.p, base.n, ".so", 3) == NULL;
}

static uint32_t
put_mapping(struct pprof *p, struct map_key key, bool kernel)
{
	size_t known = p->mappings.n;
	uint32_t n = intern_put(&p->mappings, bytes_of(&key, sizeof key));

	if (n == known) {
		p->mapping = mem_grow_zeroed(p->mapping, n, &p->cap_mapping, sizeof *p->mapping);
		p->mapping[n].program = !kernel && is_program(intern_str(&p->names, key.file));
	}
	return n + 1;
}

/* The spaces that the frames of a record are in. */
struct context {
	const struct space *kernel, *user;
	enum stack_mode mode; /* of frames that have none */
};

/* The number of the mapping of a frame, by the maps of its time, else by the name of its object; 0
 * if it is unknown. */
static uint32_t
mapping_of(struct pprof *p, const struct context *c, const struct stack_frame *f, struct str object)
{
	enum stack_mode mode = f->mode == MODE_NONE ? c->mode : f->mode;
	bool kernel =
	    mode == MODE_NONE ? f->addr >> 63 != 0 : mode != MODE_USER && mode != MODE_GUEST_USER;
	const struct space *space = kernel ? c->kernel : c->user;
	const struct space_map *map = space == NULL ? NULL : space_find(space, f->addr);

	if (map != NULL)
		return put_mapping(p,
		    (struct map_key){ map->addr, map->end, map->off, plain_name(p, map->file->path),
			str_none(map->file->build) ? plain_name(p, STR(""))
						   : plain_name(p, map->file->build) },
		    kernel);
	if (object.n == 0 && !kernel)
		return 0;
	return put_mapping(p,
	    (struct map_key){ 0, 0, 0, plain_name(p, object.n == 0 ? STR("[kernel]") : object),
		plain_name(p, STR("")) },
	    kernel);
}

/* Cut the number off FILE:LINE; 0 if there is none. */
static uint32_t
line_number(struct str *line)
{
	const char *colon = line->n == 0 ? NULL : memrchr(line->p, ':', line->n);
	const char *end = line->p + line->n;
	uint64_t n;

	if (colon == NULL || text_u64(colon + 1, end, &n) != end || n > INT32_MAX)
		return 0;
	line->n = (size_t)(colon - line->p);
	return (uint32_t)n;
}

/* The line of a frame that was annotated. */
static struct pprofout_line
line_of(struct pprof *p, const struct stack_note *note, struct pprof_mapping *m)
{
	struct str file = note->line;
	uint32_t line = line_number(&file);
	struct function_key key;

	if (note->symbol.n > 0)
		key.name = plain_name(p, note->symbol);
	else if (note->object.n > 0)
		key.name = name_of(p, str_basename(note->object), STR("["), STR("]"));
	else
		key.name = plain_name(p, STR("[unknown]"));
	key.file = plain_name(p, file);
	if (m != NULL) {
		m->functions = m->functions || note->symbol.n > 0;
		m->lines = m->lines || line > 0;
	}
	return (struct pprofout_line){ intern_put(&p->functions, bytes_of(&key, sizeof key)) + 1,
		line };
}

/* Is a frame a function that was inlined into the next one? Only those have no offset. */
static bool
is_inlined(const struct stack_note *note)
{
	return note->symbol.n > 0 && note->symbol.n == note->place.n;
}

/* Cut a location off a stack, of one frame or of those inlined there: its number, 0 at the end. */
static uint32_t
next_location(struct pprof *p, const struct context *c, struct stack_walk *w)
{
	struct location_key key = { 0 };
	struct strbuf lines = { 0 };
	struct pprofout_line line;
	struct stack_walk next;
	struct stack_frame f;
	struct stack_note note;
	struct pprof_mapping *m;
	uint32_t n;

	if (!stack_next(w, &f))
		return 0;
	key.addr = f.addr;
	note = stack_note(f.note);
	key.mapping = mapping_of(p, c, &f, note.object);
	m = key.mapping == 0 ? NULL : &p->mapping[key.mapping - 1];
	strbuf_add_bytes(&lines, &key, sizeof key);
	while (f.note.n > 0) {
		line = line_of(p, &note, m);
		strbuf_add_bytes(&lines, &line, sizeof line);
		key.n++;
		next = *w;
		if (!is_inlined(&note) || !stack_next(&next, &f) || f.addr != key.addr)
			break;
		*w = next;
		note = stack_note(f.note);
		if (m != NULL)
			m->inlines = true;
	}
	memcpy(lines.p, &key, sizeof key);
	n = intern_put(&p->locations, strbuf_str(&lines)) + 1;
	strbuf_free(&lines);
	return n;
}

/* Number a stack. */
static uint32_t
put_stack(struct pprof *p, const struct context *c, struct str stack)
{
	struct stack_walk w = stack_walk(stack);
	struct pprof_stack s = { .first = p->nframe };
	uint32_t location;

	while ((location = next_location(p, c, &w)) > 0) {
		p->frame = mem_grow(p->frame, p->nframe, &p->cap_frame, sizeof *p->frame);
		p->frame[p->nframe++] = location;
		s.n++;
	}
	p->stack = mem_grow(p->stack, p->nstack, &p->cap_stack, sizeof *p->stack);
	p->stack[p->nstack] = s;
	return (uint32_t)p->nstack++;
}

/* Number a stack that is in the record: equal ones with equal maps are one. */
static uint32_t
inline_stack(struct pprof *p, const struct rec *r, struct str stack)
{
	struct spaces_process process = spaces_process(p->spaces, r->machine, r->pid);
	const struct spaces_machine *machine = spaces_machine(p->spaces, r->machine);
	struct context c = { &machine->kernel, &process.space,
		r->kind == REC_SAMPLE && !str_none(r->sample.mode)
		    ? stack_mode_named(r->sample.mode)
		    : MODE_NONE };
	uint64_t maps[] = { machine->id, machine->kernel.generation, process.generation };
	size_t known = p->inlined.n;
	uint32_t n;

	strbuf_clear(&p->text);
	strbuf_add_bytes(&p->text, maps, sizeof maps);
	strbuf_add(&p->text, stack);
	n = intern_put(&p->inlined, strbuf_str(&p->text));
	if (n < known)
		return p->inline_at[n];
	p->inline_at = mem_grow(p->inline_at, n, &p->cap_inline, sizeof *p->inline_at);
	return p->inline_at[n] = put_stack(p, &c, stack);
}

/* The number of the stack of a record: of its frames, or of where it was. */
static uint32_t
stack_of(struct pprof *p, const struct rec *r, struct str stack)
{
	uint64_t hash, *known = NULL;

	if (stack_is_ref(stack, &hash)) {
		known = hash_put(&p->refs, hash);
		if (*known > 0)
			return (uint32_t)(*known - 1);
		stack = stackdefs_get(&p->defs, hash, NULL);
	}
	if (stack.n == 0 || str_none(stack)) {
		known = NULL;
		stack = r->kind == REC_SAMPLE && !str_none(r->sample.ip) ? r->sample.ip : STR("");
	}
	if (known == NULL)
		return inline_stack(p, r, stack);
	*known = (uint64_t)inline_stack(p, r, stack) + 1;
	return (uint32_t)(*known - 1);
}

/* --- records */

static enum pprof_unit
unit_of(const struct rec *r)
{
	if (r->kind == REC_STATE || r->kind == REC_PATH)
		return UNIT_TIME;
	if (r->kind != REC_SAMPLE)
		return UNIT_NONE;
	return str_starts(r->sample.event, "cpu-clock") || str_starts(r->sample.event, "task-clock")
		   ? UNIT_NS
		   : UNIT_COUNT;
}

/* The column of an event. */
static struct pprof_column *
column_of(struct pprof *p, uint32_t event, const struct rec *r)
{
	p->column = mem_grow_zeroed(p->column, event, &p->cap_column, sizeof *p->column);
	if (p->ncolumn <= event)
		p->ncolumn = event + 1;
	p->column[event].unit = unit_of(r);
	return &p->column[event];
}

static void
note_period(struct pprof_column *c, uint64_t period)
{
	if (!c->sampled)
		c->period = period;
	else if (c->period != period)
		c->period = 0;
	c->sampled = true;
}

static void
note_time(struct pprof *p, int64_t t, int64_t end)
{
	if (p->n == 0 || t < p->first)
		p->first = t;
	if (p->n == 0 || end > p->last)
		p->last = end;
}

static void
add_up(struct pprof *p, uint64_t *sum, uint64_t v)
{
	sum_add(sum, v, INT64_MAX, &p->overflows);
}

static void
count(struct pprof *p, uint32_t stack, uint32_t labels, uint64_t period)
{
	uint64_t *at = hash_put(&p->at, hash_pair(stack, labels));
	struct pprof_entry *e;

	if (*at == 0) {
		p->entry = mem_grow(p->entry, p->nentry, &p->cap_entry, sizeof *p->entry);
		p->entry[p->nentry] = (struct pprof_entry){ stack, labels, 0, 0 };
		*at = ++p->nentry;
	}
	e = &p->entry[*at - 1];
	add_up(p, &e->count, 1);
	add_up(p, &e->period, period);
}

static void
add_sample(struct pprof *p, const struct rec *r, struct str stack)
{
	struct str comm;
	struct pprof_labels l = { .pid = r->pid, .tid = r->tid, .cpu = r->cpu };
	uint64_t period;

	if (!counted_has(&p->counted, r, &l.event))
		return;
	period = counted_period(&p->counted, r);
	note_period(column_of(p, l.event, r), period);
	comm = comms_of(&p->comms, r);
	l.comm = comm.n == 0 ? INTERN_NONE : plain_name(p, comm);
	l.machine = plain_name(p, r->machine);
	note_time(p, r->t,
	    r->kind == REC_STATE  ? r->state.end
	    : r->kind == REC_PATH ? r->path.end
				  : r->t);
	p->n++;
	count(p, stack_of(p, r, stack), intern_put(&p->labels, bytes_of(&l, sizeof l)), period);
}

static void
add_meta(struct pprof *p, const struct rec *r)
{
	static const struct str keys[] = { STR_INIT("hostname"), STR_INIT("osrelease"),
		STR_INIT("cmdline") };
	struct str key = r->meta.key, value = r->meta.value;
	const char *end = value.p + value.n;
	int64_t v = 0;
	size_t i;

	if (str_eq(key, STR("clock_wall")) && text_s64(value.p, end, &v) == end && p->wall == 0)
		p->wall = v;
	if (str_eq(key, STR("clock_time")) && text_s64(value.p, end, &v) == end && p->clock == 0)
		p->clock = v;
	for (i = 0; i < sizeof keys / sizeof *keys && p->ncomments < COMMENTS; i++)
		if (str_eq(key, keys[i])) {
			strbuf_add(&p->comments, r->machine);
			strbuf_putc(&p->comments, ' ');
			strbuf_add(&p->comments, key);
			strbuf_add(&p->comments, STR(": "));
			strbuf_add(&p->comments, text_cut(value, NAME));
			strbuf_putc(&p->comments, '\n');
			p->ncomments++;
		}
}

void
pprof_open(struct pprof *p)
{
	p->spaces = spaces_new();
}

void
pprof_add(struct pprof *p, const struct rec *r)
{
	struct rec copy = *r;
	struct str *stack = rec_stack(&copy);

	spaces_add(p->spaces, r);
	comms_add(&p->comms, r);
	if (r->kind == REC_STACK) {
		stackdefs_put(&p->defs, r->stack.hash, r->stack.frames);
		hash_remove(&p->refs, r->stack.hash);
	} else if (r->kind == REC_META) {
		add_meta(p, r);
	} else if (stack != NULL) {
		add_sample(p, r, *stack);
	}
}

/* --- output */

static uint32_t
put_name(struct pprof *p, struct pprofout *w, uint32_t name)
{
	return pprofout_text(w, intern_str(&p->names, name));
}

static struct pprofout_type
type_of(struct pprof *p, struct pprofout *w, uint32_t event)
{
	enum pprof_unit unit = p->column[event].unit;
	struct str name = unit == UNIT_TIME ? STR("time") : counted_event(&p->counted, event);

	return (struct pprofout_type){ put_name(p, w, plain_name(p, name)),
		pprofout_text(w, unit == UNIT_COUNT ? STR("count") : STR("nanoseconds")) };
}

/* Write the types of values: records, each event that was sampled, and time. */
static void
write_types(struct pprof *p, struct pprofout *w)
{
	struct pprof_column *c;
	uint32_t n = 1, time = 0, i;

	pprofout_type(w, (struct pprofout_type){
			     pprofout_text(w, STR("samples")), pprofout_text(w, STR("count")) });
	for (i = 0; i < p->ncolumn; i++) {
		c = &p->column[i];
		c->type = c->unit == UNIT_TIME ? time : 0;
		if (c->unit == UNIT_NONE || c->type > 0)
			continue;
		if (n == PPROF_TYPES) {
			p->left_out++;
			continue;
		}
		if (n == 1)
			pprofout_default(w, type_of(p, w, i).name);
		pprofout_type(w, type_of(p, w, i));
		c->type = n++;
		time = c->unit == UNIT_TIME ? c->type : time;
	}
}

/* Write what each sample stands for, if all are of one event and one period. */
static void
write_period(struct pprof *p, struct pprofout *w)
{
	uint32_t event = 0, n = 0, i;
	struct pprof_column *c;

	for (i = 0; i < p->ncolumn; i++)
		if (p->column[i].sampled) {
			event = i;
			n++;
		}
	c = &p->column[event];
	if (n == 1 && (c->unit == UNIT_COUNT || c->unit == UNIT_NS) && c->period > 0 &&
	    c->period <= INT64_MAX)
		pprofout_period(w, type_of(p, w, event), (int64_t)c->period);
}

static void
write_time(struct pprof *p, struct pprofout *w)
{
	int64_t duration, time = 0;

	if (__builtin_sub_overflow(p->last, p->first, &duration) || duration < 0)
		duration = 0;
	if (p->wall != 0 && p->clock != 0 &&
	    (__builtin_sub_overflow(p->wall, p->clock, &time) ||
		__builtin_add_overflow(time, p->first, &time)))
		time = 0;
	pprofout_time(w, time, duration);
}

/* Are the samples with their whole stacks in proportion to the input? */
static bool
is_proportionate(const struct pprof *p, uint64_t input_size)
{
	enum { LOCATION = 4 };
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < p->nentry; i++)
		size += (uint64_t)LOCATION * p->stack[p->entry[i].stack].n;
	return size <= OUTPUT_LEAST || size / OUTPUT_FACTOR <= input_size;
}

/* Add a label whose value is a number, as text: readers take no number that is 0. */
static size_t
add_id(struct pprofout *w, struct pprofout_label *label, size_t n, uint32_t key, int32_t id)
{
	char text[TEXT_NUMBER];

	if (id < 0)
		return n;
	label[n].key = key;
	label[n].text = pprofout_text(w, (struct str){ text, text_put_u64(text, (uint64_t)id) });
	return n + 1;
}

/* The texts that are keys of labels. */
struct keys {
	uint32_t comm, pid, tid, cpu, machine, event, state;
};

static void
write_entry(struct pprof *p, struct pprofout *w, const struct pprof_entry *e, const struct keys *k,
    const struct pprof_stack *s, uint64_t *location)
{
	struct pprofout_label label[PPROFOUT_LABELS];
	const struct pprof_column *c;
	int64_t value[PPROF_TYPES] = { 0 };
	struct pprof_labels l;
	size_t n = 0, i;
	uint32_t event;

	memcpy(&l, intern_str(&p->labels, e->labels).p, sizeof l);
	c = &p->column[l.event];
	value[0] = (int64_t)e->count;
	if (c->type > 0)
		value[c->type] = (int64_t)e->period;
	if (l.comm != INTERN_NONE)
		label[n++] = (struct pprofout_label){ k->comm, put_name(p, w, l.comm) };
	n = add_id(w, label, n, k->pid, l.pid);
	n = add_id(w, label, n, k->tid, l.tid);
	n = add_id(w, label, n, k->cpu, l.cpu);
	label[n++] = (struct pprofout_label){ k->machine, put_name(p, w, l.machine) };
	event = put_name(p, w, plain_name(p, counted_event(&p->counted, l.event)));
	label[n++] = (struct pprofout_label){ c->unit == UNIT_TIME ? k->state : k->event, event };
	for (i = 0; i < s->n; i++)
		location[i] = p->frame[s->first + i];
	pprofout_sample(w, location, s->n, value, label, n);
}

static void
write_samples(struct pprof *p, struct pprofout *w, uint64_t input_size)
{
	struct keys k = { pprofout_text(w, STR("comm")), pprofout_text(w, STR("pid")),
		pprofout_text(w, STR("tid")), pprofout_text(w, STR("cpu")),
		pprofout_text(w, STR("machine")), pprofout_text(w, STR("event")),
		pprofout_text(w, STR("state")) };
	bool cut = !is_proportionate(p, input_size);
	uint64_t *location = NULL;
	struct pprof_stack s;
	size_t i, cap = 0;

	for (i = 0; i < p->nentry; i++) {
		s = p->stack[p->entry[i].stack];
		p->cut += cut && s.n > PPROF_DEPTH;
		s.n = cut && s.n > PPROF_DEPTH ? PPROF_DEPTH : s.n;
		location = mem_grow_zeroed(location, s.n, &cap, sizeof *location);
		write_entry(p, w, &p->entry[i], &k, &s, location);
	}
	free(location);
}

static void
write_locations(struct pprof *p, struct pprofout *w)
{
	struct pprofout_line *line = NULL;
	struct location_key l;
	size_t cap = 0;
	struct str key;
	uint32_t i;

	for (i = 0; i < p->locations.n; i++) {
		key = intern_str(&p->locations, i);
		memcpy(&l, key.p, sizeof l);
		line = mem_grow_zeroed(line, l.n, &cap, sizeof *line);
		memcpy(line, key.p + sizeof l, l.n * sizeof *line);
		pprofout_location(w, i + 1, l.mapping, l.addr, line, l.n);
	}
	free(line);
}

/* The mapping of the program of a stack, which has its outermost frames: 1 + its index, 0 if it has
 * none. */
static uint32_t
find_program(const struct pprof *p, const struct pprof_stack *s)
{
	struct location_key l;
	uint32_t i;

	for (i = s->n; i-- > 0;) {
		memcpy(&l, intern_str(&p->locations, p->frame[s->first + i] - 1).p, sizeof l);
		if (l.mapping > 0 && p->mapping[l.mapping - 1].program)
			return l.mapping;
	}
	return 0;
}

/* Find the programs of all stacks: many samples may share a deep one. */
static uint32_t *
find_programs(const struct pprof *p)
{
	uint32_t *program = mem_resize(NULL, p->nstack, sizeof *program);
	size_t i;

	for (i = 0; i < p->nstack; i++)
		program[i] = find_program(p, &p->stack[i]);
	return program;
}

static uint64_t
process_of(const struct pprof *p, const struct pprof_entry *e)
{
	struct pprof_labels l;

	memcpy(&l, intern_str(&p->labels, e->labels).p, sizeof l);
	return hash_pair(l.machine, (uint32_t)l.pid);
}

/* The process with most samples among those whose stacks show a program. */
static uint64_t
main_process(const struct pprof *p, const uint32_t *program)
{
	struct hash samples = { 0 }; /* of a process */
	const struct pprof_entry *e, *end = p->entry + p->nentry;
	uint64_t process, best = 0, most = 0, *n;

	for (e = p->entry; e < end; e++)
		*hash_put(&samples, process_of(p, e)) += e->count;
	for (e = p->entry; e < end; e++) {
		process = process_of(p, e);
		n = hash_get(&samples, process);
		if (*n <= most || program[e->stack] == 0)
			continue;
		most = *n;
		best = process;
	}
	hash_free(&samples);
	return best;
}

/* The index of the mapping of the main program; 0 if there is none. */
static uint32_t
main_mapping(struct pprof *p)
{
	const struct pprof_entry *e, *end = p->entry + p->nentry;
	uint32_t best = 0, i, *program;
	uint64_t process;

	for (i = 0; i < p->mappings.n && !p->mapping[i].program; i++) {
	}
	if (i == p->mappings.n)
		return 0; /* no stack needs to be searched */
	program = find_programs(p);
	process = main_process(p, program);
	for (e = p->entry; e < end; e++)
		if (program[e->stack] > 0 && process_of(p, e) == process)
			p->mapping[program[e->stack] - 1].samples += e->count;
	free(program);
	for (i = 1; i < p->mappings.n; i++)
		best = p->mapping[i].samples > p->mapping[best].samples ? i : best;
	return best;
}

static void
write_mapping(struct pprof *p, struct pprofout *w, uint32_t i)
{
	const struct pprof_mapping *flags = &p->mapping[i];
	struct map_key m;

	memcpy(&m, intern_str(&p->mappings, i).p, sizeof m);
	pprofout_mapping(w, i + 1,
	    &(struct pprofout_mapping){ m.start, m.end, m.off, put_name(p, w, m.file),
		put_name(p, w, m.build), flags->functions, flags->lines, flags->inlines });
}

/* Write what the samples refer to. Readers take the first mapping for the main program. */
static void
write_tables(struct pprof *p, struct pprofout *w)
{
	uint32_t first = main_mapping(p), i;
	struct function_key f;

	if (p->mappings.n > 0)
		write_mapping(p, w, first);
	for (i = 0; i < p->mappings.n; i++)
		if (i != first)
			write_mapping(p, w, i);
	write_locations(p, w);
	for (i = 0; i < p->functions.n; i++) {
		memcpy(&f, intern_str(&p->functions, i).p, sizeof f);
		pprofout_function(w, i + 1, put_name(p, w, f.name), put_name(p, w, f.file));
	}
}

void
pprof_write(struct pprof *p, struct out *o, uint64_t input_size)
{
	struct pprofout *w = pprofout_open(o);
	struct str comments = strbuf_str(&p->comments);

	write_types(p, w);
	write_period(p, w);
	write_time(p, w);
	while (comments.n > 0)
		pprofout_comment(w, put_name(p, w, plain_name(p, text_line(&comments))));
	write_samples(p, w, input_size);
	write_tables(p, w);
	pprofout_close(w);
}

void
pprof_free(struct pprof *p)
{
	counted_free(&p->counted);
	comms_free(&p->comms);
	stackdefs_free(&p->defs);
	spaces_free(p->spaces);
	intern_free(&p->machines);
	intern_free(&p->names);
	intern_free(&p->labels);
	intern_free(&p->functions);
	intern_free(&p->locations);
	intern_free(&p->mappings);
	free(p->mapping);
	hash_free(&p->refs);
	intern_free(&p->inlined);
	free(p->inline_at);
	free(p->stack);
	free(p->frame);
	hash_free(&p->at);
	free(p->entry);
	free(p->column);
	strbuf_free(&p->comments);
	strbuf_free(&p->text);
}
