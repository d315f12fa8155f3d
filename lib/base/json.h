/* SPDX-License-Identifier: MIT */
/* json - parse a flat JSON object, with json-c */

#ifndef JSON_H
#define JSON_H

#include "text.h"

struct json;

struct json_pair {
	struct str key, value; /* a string without quotes; a number as it is written */
};

struct json *json_open(void);
void json_close(struct json *);

/* Parse a text and get the members of the object, in its order, at most max of them. Returns their
 * number, -1 if the text is not an object. They are valid until the next call. */
int json_members(struct json *, struct str, struct json_pair *, int max);

#endif
