/* SPDX-License-Identifier: MIT */
/*
 * fields - write the fields of a line, each with the tab before it
 *
 * The caller has the room: at most TEXT_NUMBER bytes and the tab for a number. Returns the end.
 */

#ifndef FIELDS_H
#define FIELDS_H

#include "rec.h"

static inline __attribute__((always_inline)) char *
put_str(char *d, struct str s)
{
	*d++ = '\t';
	return str_put(d, s);
}

static inline __attribute__((always_inline)) char *
put_s64(char *d, int64_t v)
{
	*d++ = '\t';
	return v == REC_NO_INT ? str_put(d, STR_NONE) : d + text_put_s64(d, v);
}

static inline __attribute__((always_inline)) char *
put_id(char *d, int32_t v)
{
	*d++ = '\t';
	return v < 0 ? str_put(d, STR_NONE) : d + text_put_u64(d, (uint64_t)v);
}

#endif
