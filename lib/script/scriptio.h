/* SPDX-License-Identifier: MIT */
/* scriptio - the fields of events that sched2states folds into iostate and request records, which
 * the kernel prints without their names: raw_syscalls and block */

#ifndef SCRIPTIO_H
#define SCRIPTIO_H

#include "perf/evinfo.h"

/* Add the fields of the event of this name, its system left out. Returns the system's name and a
 * colon; NULL if it is another event, or the text is not in its form: nothing is added then. */
const char *scriptio_add(struct evinfo *, struct str name, struct str text);

#endif
