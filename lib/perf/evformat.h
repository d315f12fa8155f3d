/* SPDX-License-Identifier: MIT */
/*
 * evformat - the format text of a tracepoint, as events/SYSTEM/NAME/format and recordings hold it
 *
 * It gives each field's place in the raw data, which is never taken for granted.
 * Facts: Documentation/trace/events.rst, include/trace/stages/ of Linux 6.18.
 */

#ifndef EVFORMAT_H
#define EVFORMAT_H

#include "base/bytes.h"
#include "base/text.h"

struct evfield {
	struct str name, type;
	uint32_t offset, size;
	uint32_t each;  /* bytes of one element; size where it is no array */
	bool is_signed; /* of an element */
	bool is_string; /* of char */
	bool is_array;
	bool is_pointer;
	bool data_loc, rel_loc; /* a u32 that says where in the raw data the array is */
	bool common;            /* one of the fields that all events have */
};

struct evformat {
	char *text; /* what all strings here point into */
	struct str name, print;
	uint32_t id;
	struct evfield *field;
	size_t n, cap;
};

/* Read a format text; what is no field line is passed over. Without name, ID and fields: false,
 * nothing to free. */
bool evformat_read(struct evformat *, const char *text, size_t n);
void evformat_free(struct evformat *);

/* NULL where the event has none of that name. */
const struct evfield *evformat_field(const struct evformat *, const char *name);

/* A field of raw data; 0 and empty where the data end before it. An array's value is its first
 * element. */
int64_t evfield_int(const struct evfield *, struct bytes raw);
/* The bytes of an array, wherever they are; text only up to its NUL. */
struct bytes evfield_bytes(const struct evfield *, struct bytes raw);
struct str evfield_str(const struct evfield *, struct bytes raw);

#endif
