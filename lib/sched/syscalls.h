/* SPDX-License-Identifier: MIT */
/* syscalls - the names of system calls by their numbers, which raw_syscalls events have */

#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdint.h>

#include "base/text.h"

enum syscalls_arch { SYSCALLS_UNKNOWN, SYSCALLS_X86_64, SYSCALLS_GENERIC };

/* The architecture of a name as uname(2) has it. Its 32-bit programs have other numbers. */
enum syscalls_arch syscalls_arch(struct str name);

/* The name of a call, NULL if it is not known. */
const char *syscalls_name(enum syscalls_arch, uint64_t number);

#endif
