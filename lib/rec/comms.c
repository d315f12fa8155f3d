/* SPDX-License-Identifier: MIT */

#include "comms.h"

static void
name_task(struct comms *c, uint32_t machine, const struct rec *r)
{
	struct str name = text_cut(r->comm.name, COMMS_NAME);

	c->cut += name.n < r->comm.name.n;
	*hash_put(&c->tasks, hash_pair(machine, (uint32_t)r->tid)) =
	    (uint64_t)intern_put(&c->names, name) + 1;
}

static void
name_child(struct comms *c, uint32_t machine, const struct rec *r)
{
	const uint64_t *parent = hash_get(&c->tasks, hash_pair(machine, (uint32_t)r->tid));
	uint64_t name = r->tid < 0 || parent == NULL ? 0 : *parent;
	uint64_t key = hash_pair(machine, (uint32_t)r->fork.child_tid);

	if (name > 0)
		*hash_put(&c->tasks, key) = name;
	else
		hash_remove(&c->tasks, key);
}

void
comms_add(struct comms *c, const struct rec *r)
{
	if (r->kind == REC_COMM)
		name_task(c, intern_put(&c->machines, r->machine), r);
	else if (r->kind == REC_FORK)
		name_child(c, intern_put(&c->machines, r->machine), r);
}

struct str
comms_of(const struct comms *c, const struct rec *r)
{
	const uint64_t *name;
	uint32_t machine;

	if (r->kind == REC_STATE && !str_none(r->state.comm))
		return r->state.comm;
	if (r->kind == REC_PATH && !str_none(r->path.comm))
		return r->path.comm;
	if (r->kind == REC_ARROW && !str_none(r->arrow.comm))
		return r->arrow.comm;
	machine = intern_find(&c->machines, r->machine);
	if (r->tid < 0 || machine == INTERN_NONE)
		return STR("");
	name = hash_get(&c->tasks, hash_pair(machine, (uint32_t)r->tid));
	return name == NULL ? STR("") : intern_str(&c->names, (uint32_t)*name - 1);
}

void
comms_free(struct comms *c)
{
	intern_free(&c->machines);
	intern_free(&c->names);
	hash_free(&c->tasks);
}
