/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ringfiles.h"

struct ringfile {
	struct ringfiles *owner;
	struct input in;
	int32_t cpu;
};

/* The CPU of an operand: of N=FILE, else the last number in the file's name. */
static bool
set_cpu(struct ringfiles *r, struct ringfile *p)
{
	const char *operand = p->in.name, *end = strchr(operand, '='), *name = operand;
	uint64_t cpu;

	if (end != NULL && text_u64(operand, end, &cpu) == end) {
		p->in.name = end + 1;
	} else {
		name = strrchr(operand, '/') == NULL ? operand : strrchr(operand, '/') + 1;
		for (end = name + strlen(name); end > name && !isdigit((unsigned char)end[-1]);
		     end--)
			;
		for (name = end; name > operand && isdigit((unsigned char)name[-1]); name--)
			;
		for (; name + 1 < end && *name == '0'; name++)
			;
		if (name == end || text_u64(name, end, &cpu) != end)
			return fault_set(
			    &r->fault, "%s: no CPU number in the name: say N=%s", operand, operand);
	}
	if (cpu >= RINGFILES_CPUS)
		return fault_set(
		    &r->fault, "%s: CPU %llu is too large", operand, (unsigned long long)cpu);
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

	fault_set(&text, "%s@0x%llx: %s: %zu bytes are lost", p->in.name,
	    (unsigned long long)offset, why, bytes);
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
		p->in.name = names[r->n];
		if (!set_cpu(r, p))
			return false;
		if (!input_open(&p->in, p->in.name)) {
			r->n++;
			return fault_set(&r->fault, "%s", p->in.fault.text);
		}
	}
	return true;
}

void
ringfiles_add(struct ringfiles *r, struct ftracerec *rec, const struct ringlayout *layout)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		ftracerec_add(rec, r->file[i].cpu, layout,
		    &(struct ringsource){ read_page, damage, &r->file[i] });
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
