/* SPDX-License-Identifier: MIT */
/*
 * jitdump - the code that a JIT compiler says it wrote, with times: the files jit-PID.dump
 *
 * The format is that of tools/perf/Documentation/jitdump-specification.txt in Linux. All is
 * in the byte order of the file: a header with its own size, then records of an id, their size and
 * a time. Bytes of code, lines and unwinding tables are skipped.
 */

#ifndef JITDUMP_H
#define JITDUMP_H

#include "base/input.h"
#include "base/text.h"

enum { JITDUMP_NAME = 4096 }; /* the length above which a name is cut */

struct jitdump_code {
	uint64_t t; /* of the clock that the compiler took, which should be the recording's */
	uint64_t addr, size;
	bool moved; /* from an address, with the name that is there */
	uint64_t from;
	struct str name; /* any bytes; valid until each() returns */
};

struct jitdump {
	uint32_t pid;
	bool ticks; /* the times are those of the processor's counter */
};

/* Read the header. False with the reason in why if this is no jitdump. */
bool jitdump_begin(struct jitdump *, struct input *, bool *big, struct fault *why);

/* Read the records up to the end, the one that closes it, or the first that is damaged. */
void jitdump_read(
    struct input *, bool big, void (*each)(void *arg, const struct jitdump_code *), void *arg);

#endif
