/* SPDX-License-Identifier: MIT */
/* meta - what is needed to read the pages of a trace buffer, as a ustar archive; sluice-vtagent(5)
 */

#ifndef META_H
#define META_H

#include "base/intern.h"
#include "tracefs.h"

struct meta_options {
	bool all_formats; /* not only those of events that are or were enabled */
	bool kallsyms;
};

/* Add an archive to b. events, which starts as { 0 }, has the events that earlier archives had, and
 * gets those that are enabled now. */
void meta_add(
    struct strbuf *b, const struct tracefs *, struct intern *events, const struct meta_options *);

#endif
