/* SPDX-License-Identifier: MIT */

#include <json-c/json.h>

#include "json.h"
#include "mem.h"

struct json {
	struct json_tokener *tokener;
	struct json_object *object; /* result of the last call */
};

struct json *
json_open(void)
{
	struct json *j = mem_alloc(sizeof *j);

	j->tokener = json_tokener_new();
	return j;
}

void
json_close(struct json *j)
{
	if (j == NULL)
		return;
	json_object_put(j->object);
	if (j->tokener != NULL)
		json_tokener_free(j->tokener);
	free(j);
}

/* A number is returned as it was written: json-c keeps the digits of a double. */
static struct str
value_of(struct json_object *v)
{
	if (json_object_is_type(v, json_type_string))
		return (
		    struct str){ json_object_get_string(v), (size_t)json_object_get_string_len(v) };
	if (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double))
		return str_of(json_object_get_string(v));
	return STR("");
}

int
json_members(struct json *j, struct str s, struct json_pair *pair, int max)
{
	struct json_object_iterator i, end;
	const char *key;
	int n = 0;

	json_object_put(j->object);
	j->object = NULL;
	if (j->tokener == NULL || s.n > INT32_MAX)
		return -1;
	json_tokener_reset(j->tokener);
	j->object = json_tokener_parse_ex(j->tokener, s.p, (int)s.n);
	if (json_tokener_get_error(j->tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(j->tokener) != s.n ||
	    !json_object_is_type(j->object, json_type_object))
		return -1;
	end = json_object_iter_end(j->object);
	for (i = json_object_iter_begin(j->object); n < max && !json_object_iter_equal(&i, &end);
	     json_object_iter_next(&i)) {
		key = json_object_iter_peek_name(&i);
		pair[n].key = str_of(key);
		pair[n++].value = value_of(json_object_iter_peek_value(&i));
	}
	return n;
}
