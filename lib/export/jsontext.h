/* SPDX-License-Identifier: MIT */
/* jsontext - texts of records as JSON strings */

#ifndef JSONTEXT_H
#define JSONTEXT_H

#include "base/strbuf.h"

/*
 * Add the bytes that the text of a field stands for, as the inside of a JSON string: control
 * characters and marks that change the direction of text as \uXXXX, bytes that are not UTF-8 as the
 * four characters \xHH. A field of more than max bytes is cut there, and "..." is added.
 */
void jsontext_add(struct strbuf *, struct str field, size_t max);

#endif
