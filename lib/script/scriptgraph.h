/* SPDX-License-Identifier: MIT */
/* scriptgraph - the lines of the function_graph tracer */

#ifndef SCRIPTGRAPH_H
#define SCRIPTGRAPH_H

#include "scriptline.h"

struct scriptgraph {
	enum { GRAPH_ENTRY, GRAPH_EXIT, GRAPH_COMMENT } is;
	bool has_duration; /* of an exit, or of an entry whose exit is not printed */
	uint64_t duration; /* ns */
	uint64_t depth;
	struct str text; /* the function's name, or the comment */
};

/* Parse the start of a line of the kernel: "[TIME |] CPU) [TASK |] [FLAGS |]". The rest is what
 * scriptgraph_read() takes. Returns false for other lines. */
bool scriptgraph_line(struct str, struct scriptline *);

/* Parse "DURATION | FUNCTION". Returns false if it is none. */
bool scriptgraph_read(struct str, struct scriptgraph *);

#endif
