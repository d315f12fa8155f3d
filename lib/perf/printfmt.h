/* SPDX-License-Identifier: MIT */
/*
 * printfmt - the text that the print fmt of a tracepoint makes of its raw data, by libtraceevent
 *
 * The library trusts formats and data. It gets a format that is written anew from the fields that
 * were parsed here, with a print fmt that has nothing but known words, constant indexes, divisors
 * and widths; and data that have all fields, copied to where every offset that they can name is
 * readable. An event for which that cannot be done has no such text.
 */

#ifndef PRINTFMT_H
#define PRINTFMT_H

#include "base/strbuf.h"
#include "evformat.h"

struct printfmt;

struct printfmt *printfmt_new(size_t long_size);
void printfmt_free(struct printfmt *);

/* Append the text of an event's raw data, at most `most` bytes. Returns false, and appends nothing,
 * if there is none. The format must outlive the printfmt. */
bool printfmt_put(
    struct printfmt *, const struct evformat *, struct bytes raw, size_t most, struct strbuf *);

/* Note the number of formats that were refused, if any were; nothing happens if printfmt is NULL.
 */
void printfmt_note(const struct printfmt *,
    void (*note)(void *arg, const char *kind, const char *text), void *arg);

#endif
