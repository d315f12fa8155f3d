/* SPDX-License-Identifier: MIT */
/* ids - the numbers of texts and of tasks, for folds of states */

#ifndef IDS_H
#define IDS_H

#include "base/intern.h"

/* The number of a field's text; an unknown one is "-". */
uint32_t ids_text(struct intern *texts, struct str field);

/* The number of a task in tasks. */
uint32_t ids_task(
    struct intern *tasks, struct intern *texts, struct str machine, int32_t tid, int64_t birth);

#endif
