/* SPDX-License-Identifier: MIT */
/* buildid - build ids as text, lower-case hex: out of ELF notes, beside each other */

#ifndef BUILDID_H
#define BUILDID_H

#include "base/bytes.h"

enum { BUILDID = 129 }; /* room for the longest one that is taken, and a NUL */

/* The id in a row of notes (PT_NOTE, SHT_NOTE, /sys/kernel/notes); "" and false where there is
 * none. */
bool buildid_note(struct bytes notes, char *id);

/*
 * Is what a file has (or "") what a recording wants? perf before 5.12 recorded 20 bytes whatever
 * the length: what the file does not have must be zeros then.
 */
bool buildid_same(const char *has, const char *wants);

#endif
