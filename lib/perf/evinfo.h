/* SPDX-License-Identifier: MIT */
/*
 * evinfo - the texts of one record: key=value pairs, and names that had to be escaped
 *
 * The texts are bounded, since a few bytes of a recording can name the same raw data many times.
 */

#ifndef EVINFO_H
#define EVINFO_H

#include "base/strbuf.h"
#include "evformat.h"

enum {
	EVINFO_TEXTS = 2,
	EVINFO_TEXT = 4096, /* the longest name, before it is escaped */
	/* The bytes of the longest info field: LEAST, and EACH for each byte of raw data. */
	EVINFO_LEAST = 512,
	EVINFO_EACH = 64
};

struct printfmt;

/* Writes the text of an event instead of its fields: printfmt_put(), or NULL. */
struct evinfo_printer {
	bool (*put)(struct printfmt *, const struct evformat *, struct bytes raw, size_t most,
	    struct strbuf *);
	struct printfmt *printfmt;
};

/* Start with { 0 }. */
struct evinfo {
	struct evinfo_printer printer;
	struct strbuf pairs;
	struct strbuf text[EVINFO_TEXTS];
	uint64_t cut_names;   /* longer than EVINFO_TEXT */
	uint64_t cut_records; /* whose info field would be longer */
};

void evinfo_free(struct evinfo *);

/* Make a text field of the first n bytes, up to a NUL. It lives as long as the bytes, and until the
 * next call with the same slot, which is below EVINFO_TEXTS. */
struct str evinfo_text(struct evinfo *, int slot, const void *, size_t n);

/* Start without pairs; append one; all pairs, "-" if there are none. */
static inline void
evinfo_begin(struct evinfo *v)
{
	strbuf_clear(&v->pairs);
}

void evinfo_add(struct evinfo *, const char *key, uint64_t value);
void evinfo_add_hex(struct evinfo *, const char *key, uint64_t value);
void evinfo_add_bytes(struct evinfo *, const char *key, struct bytes value);

static inline struct str
evinfo_pairs(const struct evinfo *v)
{
	return strbuf_field(&v->pairs);
}

/* The text of an event, as text=TEXT, if there is a printer that can make it. Otherwise all fields
 * of the event but the common ones: those that its raw data have, up to the first one for which the
 * info field has no room. */
struct str evinfo_fields(struct evinfo *, const struct evformat *, struct bytes raw);

/* All fields but the common ones and n others, with numbers in hex. */
struct str evinfo_rest(struct evinfo *, const struct evformat *, struct bytes raw,
    const struct evfield *const *taken, size_t n);

#endif
