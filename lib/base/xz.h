/* SPDX-License-Identifier: MIT */
/* xz - inflate xz data in memory */

#ifndef XZ_H
#define XZ_H

#include <stddef.h>

#include "strbuf.h"

/* Inflate n bytes in the format of xz(1) and append at most `most` bytes to out; the decoder takes
 * up to 40 MB besides. Returns NULL, or what is wrong. */
const char *xz_unpack(const void *, size_t n, struct strbuf *out, size_t most);

#endif
