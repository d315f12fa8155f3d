/* SPDX-License-Identifier: MIT */

#include "foreign.h"
#include "base/hash.h"
#include "rec/place.h"
#include "rec/rec.h"
#include "rec/stack.h"

enum {
	SWITCHES = 16,     /* fewer show nothing */
	SWITCH_FRAMES = 4, /* one of these must be in the scheduler */
	SWITCH_SHARE = 2,  /* of this many switches, one at least is */
	RETURNS = 256,     /* fewer show nothing */
	RETURN_SHARE = 50, /* of this many return addresses, one at most is in padding */
	PLACES = 128,      /* fewer show nothing */
	PLACE_SHARE = 25 /* of this many places that were run, one at most: some kernels patch it */
};

struct evidence {
	const struct kallsyms *symbols;
	const struct foreign_machine *of;
	size_t switches, scheduling;
	size_t returns, padding;
	size_t places, places_padding; /* that were run */
	struct hash stacks;            /* hash -> offset of its frames in the stream + 1 */
};

static struct str
last_field(struct str line)
{
	const char *tab = memrchr(line.p, '\t', line.n);

	return tab == NULL ? (struct str){ line.p, 0 }
			   : (struct str){ tab + 1, (size_t)(line.p + line.n - tab) - 1 };
}

/* Field i after the kind; empty if there is none. */
static struct str
field(struct str line, int i)
{
	const char *p = line.p, *end = p + line.n, *tab;

	for (; i >= 0 && p != NULL; i--)
		p = (p = memchr(p, '\t', (size_t)(end - p))) == NULL ? NULL : p + 1;
	if (p == NULL)
		return (struct str){ end, 0 };
	tab = memchr(p, '\t', (size_t)(end - p));
	return (struct str){ p, (size_t)((tab == NULL ? end : tab) - p) };
}

static bool
is_kernel(const struct evidence *e, enum stack_mode mode)
{
	return mode == MODE_KERNEL || (mode == MODE_GUEST_KERNEL && e->of->guest);
}

static bool
is_unnamed_kernel(const struct evidence *e, const struct stack_frame *f)
{
	return is_kernel(e, f->mode) && f->note.n == 0;
}

/* The symbol of an address, if it is the kernel's own. */
static bool
find(const struct evidence *e, uint64_t addr, struct kallsyms_symbol *s)
{
	return kallsyms_find(e->symbols, addr + e->of->delta, s) && s->module.n == 0;
}

static void
add_place(struct evidence *e, uint64_t addr)
{
	struct kallsyms_symbol s;

	if (!find(e, addr, &s))
		return;
	e->places++;
	e->places_padding += kallsyms_is_padding(s.name);
}

static void
add_frames(struct evidence *e, struct str frames)
{
	struct stack_walk w = stack_walk(frames);
	struct kallsyms_symbol s;
	struct stack_frame f;

	while (stack_next(&w, &f)) {
		if (!is_unnamed_kernel(e, &f))
			continue;
		if (f.innermost) {
			add_place(e, f.addr);
		} else if (find(e, f.addr - 1, &s)) {
			e->returns++;
			e->padding += kallsyms_is_padding(s.name);
		}
	}
}

/* Add the address of a sample without frames of its own. */
static void
add_ip(struct evidence *e, struct str line)
{
	struct str ip = field(line, REC_SAMPLE_IP);
	uint64_t addr;

	if (is_kernel(e, stack_mode_named(field(line, REC_SAMPLE_MODE))) &&
	    text_hex(ip.p, ip.p + ip.n, &addr) == ip.p + ip.n && ip.n > 0)
		add_place(e, addr);
}

/* switched: the frames of a task that was switched out. */
static void
add_switch(struct evidence *e, struct str switched)
{
	struct stack_walk w = stack_walk(switched);
	struct kallsyms_symbol s;
	struct stack_frame f;
	int i;

	for (i = 0; i < SWITCH_FRAMES && stack_next(&w, &f) && is_unnamed_kernel(e, &f); i++)
		if (kallsyms_find(e->symbols, f.addr + e->of->delta - !f.innermost, &s) &&
		    place_is_switching(s.name)) {
			e->scheduling++;
			break;
		}
	e->switches += i > 0;
}

/* The frames that a reference is defined as; empty if that is not known. */
static struct str
frames_of_ref(const struct evidence *e, uint64_t hash, struct str stream)
{
	const uint64_t *at = hash_get(&e->stacks, hash);
	struct str rest;

	if (at == NULL)
		return STR_NONE;
	rest = (struct str){ stream.p + *at - 1, stream.n - (size_t)*at + 1 };
	return text_line(&rest);
}

static void
add_line(struct evidence *e, struct str line, struct str stream)
{
	struct str frames = last_field(line), fields = { line.p, line.n - frames.n };
	uint64_t hash;
	bool is_ref;

	if (str_starts(line, "stack\t") && frames.n > 0) {
		fields.n--;
		if (text_hex(last_field(fields).p, frames.p, &hash) != NULL)
			*hash_put(&e->stacks, hash) = (uint64_t)(frames.p - stream.p) + 1;
	}
	if ((is_ref = stack_is_ref(frames, &hash)))
		frames = frames_of_ref(e, hash, stream);
	else
		add_frames(e, frames);
	if (str_starts(line, "sample\t") && (is_ref || str_none(frames)))
		add_ip(e, line);
	if (str_starts(line, "switch\t"))
		add_switch(e, frames);
}

static void
judge(const struct evidence *e, struct fault *why)
{
	if (e->switches >= SWITCHES && e->scheduling < e->switches / SWITCH_SHARE)
		fault_set(why, "of another kernel: only %zu of %zu switches are in the scheduler",
		    e->scheduling, e->switches);
	else if (e->returns >= RETURNS && e->padding > e->returns / RETURN_SHARE)
		fault_set(why,
		    "of another kernel: %zu of %zu return addresses are between functions",
		    e->padding, e->returns);
	else if (e->places >= PLACES && e->places_padding > e->places / PLACE_SHARE)
		fault_set(why,
		    "of another kernel: %zu of %zu places that ran are between functions",
		    e->places_padding, e->places);
}

bool
foreign_kernel(const struct kallsyms *symbols, const struct foreign_machine *of, struct str stream,
    struct fault *why)
{
	struct evidence e = { .symbols = symbols, .of = of };
	struct str rest = stream, line;

	while (rest.n > 0 && memchr(rest.p, '\n', rest.n) != NULL) {
		line = text_line(&rest);
		if (str_eq(field(line, REC_SAMPLE_MACHINE), of->name))
			add_line(&e, line, stream);
	}
	hash_free(&e.stacks);
	judge(&e, why);
	return fault_is(why);
}
