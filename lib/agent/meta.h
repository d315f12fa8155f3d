/* SPDX-License-Identifier: MIT */
/* meta - what is needed to read the pages of a trace buffer, as a ustar archive; sluice-vtagent(5)
 */

#ifndef META_H
#define META_H

#include "tracefs.h"

/* Add an archive to b. */
void meta_add(struct strbuf *b, const struct tracefs *, bool kallsyms);

#endif
