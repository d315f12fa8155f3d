/* SPDX-License-Identifier: MIT */
/* json - one flat JSON object of text, by json-c */

#ifndef JSON_H
#define JSON_H

#include "text.h"

struct json;

struct json_pair {
	struct str key, value; /* a string's bytes; a number as it is written */
};

struct json *json_open(void);
void json_close(struct json *);

/* The members of the object that the text is, in its order, at most max of them: how many, -1 where
 * it is no object. They live until the next call. */
int json_members(struct json *, struct str, struct json_pair *, int max);

#endif
