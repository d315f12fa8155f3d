/* SPDX-License-Identifier: MIT */
/* json - parse a flat JSON object, with json-c */

#ifndef JSON_H
#define JSON_H

#include "text.h"

struct json;

struct json_pair {
	struct str key;
	struct str value; /* a string unescaped, a number as written, empty for any other value */
};

/* Make a parser. Never returns NULL. */
struct json *json_open(void);
void json_close(struct json *); /* NULL is allowed */

/* Parse a text that is one object, and store its first max members in their order. Returns the
 * number stored, -1 if the text is not an object. The keys and values are valid until the next call
 * or json_close(). */
int json_members(struct json *, struct str, struct json_pair *, int max);

#endif
