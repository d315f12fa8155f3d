/* SPDX-License-Identifier: MIT */

#include "foreign.h"
#include "base/hash.h"
#include "rec/place.h"
#include "rec/stack.h"

enum {
	SWITCHES = 16,     /* fewer show nothing */
	SWITCH_FRAMES = 4, /* one of these must be in the scheduler */
	SWITCH_SHARE = 2,  /* of this many switches, one at least is */
	RETURNS = 256,     /* fewer show nothing */
	RETURN_SHARE = 50  /* of this many return addresses, one at most is in padding */
};

struct evidence {
	const struct kallsyms *symbols;
	uint64_t delta;
	size_t switches, scheduling;
	size_t returns, padding;
	struct hash stacks; /* hash -> offset of its frames in the stream + 1 */
};

static struct str
last_field(struct str line)
{
	const char *tab = memrchr(line.p, '\t', line.n);

	return tab == NULL ? (struct str){ line.p, 0 }
			   : (struct str){ tab + 1, (size_t)(line.p + line.n - tab) - 1 };
}

static bool
is_of(struct str line, struct str machine)
{
	const char *p = line.p, *end = p + line.n;
	int i;

	for (i = 0; i < 2 && p != NULL; i++)
		p = (p = memchr(p, '\t', (size_t)(end - p))) == NULL ? NULL : p + 1;
	return p != NULL && (size_t)(end - p) > machine.n && p[machine.n] == '\t' &&
	       memcmp(p, machine.p, machine.n) == 0;
}

static bool
is_unnamed_kernel(const struct stack_frame *f)
{
	return f->mode == MODE_KERNEL && f->note.n == 0;
}

static void
add_returns(struct evidence *e, struct str frames)
{
	struct stack_walk w = stack_walk(frames);
	struct kallsyms_symbol s;
	struct stack_frame f;

	while (stack_next(&w, &f)) {
		if (!is_unnamed_kernel(&f) || f.innermost ||
		    !kallsyms_find(e->symbols, f.addr + e->delta - 1, &s) || s.module.n > 0)
			continue;
		e->returns++;
		e->padding += kallsyms_is_padding(s.name);
	}
}

static void
add_switch(struct evidence *e, struct str frames)
{
	struct stack_walk w = stack_walk(frames);
	struct kallsyms_symbol s;
	struct stack_frame f;
	int i;

	for (i = 0; i < SWITCH_FRAMES && stack_next(&w, &f) && is_unnamed_kernel(&f); i++)
		if (kallsyms_find(e->symbols, f.addr + e->delta - !f.innermost, &s) &&
		    place_is_switching(s.name)) {
			e->scheduling++;
			break;
		}
	e->switches += i > 0 || f.mode == MODE_KERNEL;
}

static void
add_line(struct evidence *e, struct str line, struct str stream)
{
	struct str frames = last_field(line), fields = { line.p, line.n - frames.n };
	bool is_switch = str_starts(line, "switch\t");
	const uint64_t *at;
	uint64_t hash;

	if (str_starts(line, "stack\t") && frames.n > 0) {
		fields.n--;
		if (text_hex(last_field(fields).p, frames.p, &hash) != NULL)
			*hash_put(&e->stacks, hash) = (uint64_t)(frames.p - stream.p) + 1;
	}
	if (is_switch && stack_is_ref(frames, &hash)) {
		if ((at = hash_get(&e->stacks, hash)) == NULL)
			return;
		stream = (struct str){ stream.p + *at - 1, stream.n - (size_t)*at + 1 };
		frames = text_line(&stream);
	} else {
		add_returns(e, frames);
	}
	if (is_switch && str_starts(frames, "k;"))
		add_switch(e, frames);
}

bool
foreign_kernel(const struct kallsyms *symbols, uint64_t delta, struct str machine,
    struct str stream, struct fault *why)
{
	struct evidence e = { .symbols = symbols, .delta = delta };
	struct str rest = stream, line;

	while (rest.n > 0 && memchr(rest.p, '\n', rest.n) != NULL) {
		line = text_line(&rest);
		if (is_of(line, machine))
			add_line(&e, line, stream);
	}
	hash_free(&e.stacks);
	if (e.switches >= SWITCHES && e.scheduling < e.switches / SWITCH_SHARE)
		fault_set(why, "of another kernel: only %zu of %zu switches are in the scheduler",
		    e.scheduling, e.switches);
	else if (e.returns >= RETURNS && e.padding > e.returns / RETURN_SHARE)
		fault_set(why,
		    "of another kernel: %zu of %zu return addresses are between functions",
		    e.padding, e.returns);
	return fault_is(why);
}
