/* SPDX-License-Identifier: MIT */
/* buildid - build ids, in lower-case hex */

#ifndef BUILDID_H
#define BUILDID_H

#include "base/bytes.h"

enum { BUILDID = 129 }; /* room for 64 bytes in hex and a NUL; longer ones are ignored */

/* Find the build id in a sequence of ELF notes (PT_NOTE, SHT_NOTE, /sys/kernel/notes). Sets id to
 * "" and returns false if there is none. */
bool buildid_note(struct bytes notes, char id[BUILDID]);

/*
 * Does a file's build id (or "") match the recorded one? perf before 5.12 recorded 20 bytes
 * whatever the length: those that the file does not have must be zeros then.
 */
bool buildid_same(const char *file, const char *recorded);

#endif
