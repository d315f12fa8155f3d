/* SPDX-License-Identifier: MIT */
/*
 * evformat - the formats of tracepoints: where an event's raw data hold its fields
 *
 * A format is the text of events/SYSTEM/NAME/format in tracefs, which recordings carry along. The
 * places of fields differ between kernels and always come from that text.
 * Facts: Documentation/trace/events.rst, include/trace/stages/ of Linux 6.18.
 */

#ifndef EVFORMAT_H
#define EVFORMAT_H

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"

/* More than the events of any kernel have. */
enum { EVFORMAT_FIELDS = 512, EVFORMAT_NAME = 512 };

/* How a record writes a field: as numbers, unless it is a text or an array of bytes. */
enum evfield_how { EVFIELD_NUMBER, EVFIELD_NUMBERS, EVFIELD_TEXT, EVFIELD_BYTES };

struct evfield {
	struct str name, type;
	struct str key; /* NAME and =, a blank before them */
	uint32_t offset, size;
	enum evfield_how how;
	uint32_t each;  /* the size of one element; size itself unless the field is an array */
	bool is_signed; /* each element */
	bool is_string; /* an array of char */
	bool is_array;
	bool is_pointer;
	bool is_address; /* a pointer, or a number that means one; each element */
	bool is_open;    /* an array that takes the rest of the raw data */
	bool data_loc,
	    rel_loc; /* the field is a u32 that says where in the raw data the array is */
	bool common; /* one of the fields that all events have */
};

struct evformat {
	char *text;       /* what the strings of this struct and of its fields point into */
	char *name;       /* SYSTEM:NAME */
	char *keys;       /* those of the fields */
	size_t room;      /* enough for all keys and a number after each */
	struct str print; /* the print fmt; empty if there is none */
	uint32_t id;
	size_t index; /* in the set */
	struct evfield *field;
	size_t n;
	size_t first;   /* the number of common fields before the others */
	size_t ignored; /* fields over EVFORMAT_FIELDS, or with longer names than EVFORMAT_NAME */
};

/* The field of that name; NULL if the event has none. */
const struct evfield *evformat_field(const struct evformat *, const char *name);

enum { EVFIELD_NUMBER_ROOM = 2 + TEXT_NUMBER }; /* bytes of a number, also as 0x... */

/* The number of bytes that evfield_at() reads. */
static inline size_t
evfield_read(const struct evfield *f)
{
	return f->each == 4 || f->each == 2 || f->each == 1 ? f->each : sizeof(uint64_t);
}

/* A number of a field at p, in the byte order of raw, which has evfield_read() bytes there. */
static inline int64_t
evfield_at(const struct evfield *f, const struct bytes *raw, const uint8_t *p)
{
	switch (f->each) {
	case 1:
		return f->is_signed ? (int8_t)*p : *p;
	case 2:
		return f->is_signed ? (int16_t)bytes_u16_at(raw, p) : bytes_u16_at(raw, p);
	case 4:
		return f->is_signed ? (int32_t)bytes_u32_at(raw, p) : (int64_t)bytes_u32_at(raw, p);
	default:
		return (int64_t)bytes_u64_at(raw, p);
	}
}

/* The value of a field, the first element of an array; 0 if the raw data end before it. Inlined, as
 * most of an event is numbers. */
static inline int64_t
evfield_int(const struct evfield *f, struct bytes raw)
{
	if (bytes_bad(&raw) || bytes_left(&raw) < f->offset + evfield_read(f))
		return 0;
	return evfield_at(f, &raw, raw.p + f->offset);
}

/* The bytes of an array, wherever the raw data have them; of a string, the text before its NUL.
 * Empty if the raw data end before them. */
struct bytes evfield_bytes(const struct evfield *, struct bytes raw);
struct str evfield_str(const struct evfield *, struct bytes raw);

/* The formats of a recording; start with { 0 }. */
struct evformats {
	struct evformat **format;
	size_t n, cap;
	uint64_t ignored; /* the fields that all formats together ignore */
	struct hash ids;
};

/* Add a format. Returns false if the text is not one: it needs a field and a name, which may be
 * EVFORMAT_NAME long with its system. Of two formats with one id, the later is used. */
bool evformats_add(struct evformats *, struct str system, const char *text, size_t n);

/* The format with that id; NULL if there is none. */
const struct evformat *evformats_find(const struct evformats *, uint64_t id);

void evformats_free(struct evformats *);

#endif
