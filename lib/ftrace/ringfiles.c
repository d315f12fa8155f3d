/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "ringfiles.h"

struct ringfile {
	struct ringfiles *owner;
	const char *name; /* the operand */
	struct input in;
	int32_t cpu; /* -1: not known yet */
};

/* The file of an operand, and its CPU if that is given: N=FILE. */
static const char *
file_of(const char *operand, int32_t *cpu)
{
	const char *end = strchr(operand, '=');
	uint64_t n;

	*cpu = -1;
	if (end == NULL || text_u64(operand, end, &n) != end || n >= FTRACEREC_CPUS)
		return operand;
	*cpu = (int32_t)n;
	return end + 1;
}

/* Take the CPU from the last number in a file's name. */
static bool
guess_cpu(struct ringfiles *r, struct ringfile *p)
{
	const char *slash = strrchr(p->name, '/'), *name = slash == NULL ? p->name : slash + 1;
	const char *end = name + strlen(name);
	uint64_t cpu;

	while (end > name && !isdigit((unsigned char)end[-1]))
		end--;
	for (slash = end; slash > name && isdigit((unsigned char)slash[-1]); slash--)
		;
	for (; slash + 1 < end && *slash == '0'; slash++)
		;
	if (slash == end || text_u64(slash, end, &cpu) != end || cpu >= FTRACEREC_CPUS)
		return fault_set(
		    &r->fault, "%s: no CPU number in the name: say N=%s", p->name, p->name);
	p->cpu = (int32_t)cpu;
	return true;
}

static size_t
read_page(void *arg, void *page, size_t n)
{
	struct ringfile *p = arg;
	size_t got = input_fill(&p->in, n);

	got = got < n ? got : n;
	memcpy(page, input_at(&p->in), got);
	input_take(&p->in, got);
	return got;
}

static void
damage(void *arg, uint64_t offset, size_t bytes, const char *why)
{
	struct ringfile *p = arg;
	struct fault text = { "" };

	fault_set(&text, "%s@0x%llx%s: %s: %zu bytes are lost", p->in.name,
	    (unsigned long long)offset, input_how(&p->in), why, bytes);
	fault_set(&p->owner->fault, "%s", text.text);
	p->owner->note(p->owner->arg, "damaged pages", text.text);
}

bool
ringfiles_open(struct ringfiles *r, char *names[], size_t n)
{
	struct ringfile *p;

	r->file = mem_alloc((n + 1) * sizeof *r->file);
	for (; r->n < n; r->n++) {
		p = &r->file[r->n];
		p->owner = r;
		p->name = names[r->n];
		p->in.name = file_of(p->name, &p->cpu);
		if (!input_open(&p->in, p->in.name)) {
			r->n++;
			return fault_set(&r->fault, "%s", p->in.fault.text);
		}
	}
	return true;
}

struct input *
ringfiles_input(struct ringfiles *r, size_t i)
{
	return &r->file[i].in;
}

bool
ringfiles_add(struct ringfiles *r, struct ftracerec *rec, const struct ringlayout *layout)
{
	struct hash seen = { 0 };
	bool twice = false;
	size_t i;

	for (i = 0; i < r->n && !twice; i++) {
		if (r->file[i].cpu < 0 && !guess_cpu(r, &r->file[i]))
			break;
		twice = (*hash_put(&seen, (uint64_t)r->file[i].cpu))++ > 0;
	}
	hash_free(&seen);
	if (twice)
		fault_set(&r->fault, "%s: its CPU %d has another file already", r->file[i - 1].name,
		    r->file[i - 1].cpu);
	for (i = 0; i < r->n && !fault_is(&r->fault); i++)
		ftracerec_add(rec, r->file[i].cpu, layout,
		    &(struct ringsource){ read_page, damage, &r->file[i], UINT64_MAX });
	return !fault_is(&r->fault);
}

bool
ringfiles_close(struct ringfiles *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (fault_is(&r->file[i].in.fault))
			fault_set(&r->fault, "%s", r->file[i].in.fault.text);
		input_close(&r->file[i].in);
	}
	free(r->file);
	return !fault_is(&r->fault);
}
