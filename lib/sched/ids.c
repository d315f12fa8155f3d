/* SPDX-License-Identifier: MIT */

#include "ids.h"

uint32_t
ids_text(struct intern *texts, struct str field)
{
	return intern_put(texts, str_none(field) ? STR("-") : field);
}

uint32_t
ids_task(struct intern *tasks, struct intern *texts, struct str machine, int32_t tid, int64_t birth)
{
	struct {
		uint32_t machine;
		int32_t tid;
		int64_t birth;
	} id = { ids_text(texts, machine), tid, birth };

	return intern_put(tasks, (struct str){ (const char *)&id, sizeof id });
}
