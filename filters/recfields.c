/* SPDX-License-Identifier: MIT */
/* recfields - print the field numbers of a kind of records, as options of awk */

#include <stdio.h>

#include "filter.h"

static const struct filter_option options[] = { { 0 } };

/* Words and functions of POSIX awk and gawk, which cannot be variables. */
static const char reserved[] =
    " and asort asorti atan2 break case close compl continue cos default delete do else eval exit "
    "exp fflush for func function gensub getline gsub if in include index int isarray length load "
    "log lshift match mkbool mktime namespace next nextfile or patsplit print printf rand return "
    "rshift sin split sprintf sqrt srand strftime strtonum sub substr switch system systime "
    "tolower toupper typeof while xor ";

static void
put_variable(struct out *out, const char *name, size_t number)
{
	char word[64];

	snprintf(word, sizeof word, " %s ", name);
	out_str(out, STR(" -v "));
	out_str(out, str_of(name));
	if (strstr(reserved, word) != NULL)
		out_char(out, '_');
	out_char(out, '=');
	out_u64(out, number);
}

static void
put_kind(struct out *out, enum rec_kind kind)
{
	const struct rec_field *fields = rec_fields(kind);
	size_t i;

	out_str(out, STR("-v kind=1"));
	for (i = 0; fields[i].type != REC_T_END; i++)
		put_variable(out, fields[i].name, i + 2);
	out_char(out, '\n');
}

static void
put_names(struct out *out)
{
	enum rec_kind kind;

	for (kind = REC_OTHER + 1; kind < REC_NKINDS; kind++) {
		out_str(out, str_of(rec_name(kind)));
		out_char(out, '\n');
	}
}

int
main(int argc, char *argv[])
{
	struct filter f = { "recfields",
		"print the field numbers of a kind of records, as options of awk",
		.operand = "[kind]", .options = options, .argc = argc, .argv = argv };
	const char *name;
	enum rec_kind kind;

	while (filter_option(&f) != -1)
		;
	filter_open_output(&f);
	name = filter_operand(&f);
	if (name == NULL)
		put_names(&f.out);
	else if ((kind = rec_kind_named(name, strlen(name))) != REC_OTHER)
		put_kind(&f.out, kind);
	else
		fault_set(
		    &f.fault, "\"%s\": no such kind of record; recfields alone lists them", name);
	return filter_close(&f);
}
