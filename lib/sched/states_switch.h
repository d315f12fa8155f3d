/* SPDX-License-Identifier: MIT */
/* states_switch - context switches: who leaves the CPU and how, who comes, what must be missing */

#ifndef STATES_SWITCH_H
#define STATES_SWITCH_H

#include "states_fold.h"

void states_switch(struct states *, struct machine *, const struct rec *);

#endif
