# SPDX-License-Identifier: MIT
#
# records.awk - make C from records.tab
#
#	awk -f records.awk records.tab			build/records.h: kinds, structs, field indexes
#	awk -v part=lines -f records.awk records.tab	build/record_lines.h: a reader and a writer for each kind

BEGIN {
	ctype["ns"] = ctype["int"] = "int64_t"
	ctype["u64"] = ctype["hex"] = "uint64_t"
	ctype["id"] = "int32_t"
	ctype["word"] = ctype["text"] = ctype["kv"] = ctype["addr"] = ctype["stack"] = "struct str"
	method["int64_t"] = "s64"
	method["int32_t"] = "id"
	method["struct str"] = "str"
	split("t machine cpu pid tid", w)
	for (i in w)
		head[w[i]] = 1
}

function bad(what) {
	print FILENAME ":" FNR ": " what | "cat >&2"
	exit failed = 1
}

# "switch" is a word of C.
function member(kind) {
	return kind == "switch" ? "switch_" : kind
}

# Where struct rec has field i of kind k.
function place(k, i) {
	return (name[k, i] in head ? "" : member(kind[k]) ".") name[k, i]
}

# The functions for a type: read_hex, put_hex and so on.
function functions(type) {
	return ctype[type] in method ? method[ctype[type]] : type
}

/^#/ || NF == 0 { next }

{
	if ($1 in seen)
		bad("kind " $1 " is there twice")
	seen[$1] = 1
	kind[++n] = $1
	fields[n] = NF - 1
	if (fields[n] > most)
		most = fields[n]
	for (i = 1; i < NF; i++) {
		if (split($(i + 1), f, ":") != 2)
			bad("bad field " $(i + 1))
		if (($1, f[1]) in seen)
			bad("field " f[1] " is there twice")
		seen[$1, f[1]] = 1
		name[n, i] = f[1]
		optional[n, i] = sub(/[?]$/, "", f[2])
		type[n, i] = f[2]
		if (!(f[2] in ctype))
			bad("bad type " $(i + 1))
	}
	if (name[n, 1] != "t" || name[n, 2] != "machine")
		bad("the first two fields are t and machine")
}

# --- records.h

function print_kinds(  k) {
	print "\nenum rec_kind {\n\tREC_OTHER, /* a kind that this version does not know */"
	for (k = 1; k <= n; k++)
		print "\tREC_" toupper(kind[k]) ","
	print "\tREC_NKINDS\n};"
	print "\nenum { REC_MAXFIELD = " most " }; /* fields of a kind */"
}

# A field's index in its kind. The kind itself comes before field 0.
function print_indexes(k,  i) {
	print "\nenum {"
	for (i = 1; i <= fields[k]; i++)
		print "\tREC_" toupper(kind[k]) "_" toupper(name[k, i]) ","
	print "};"
}

# False if the kind has only the fields that struct rec has for all kinds.
function print_struct(k,  i, some) {
	for (i = 1; i <= fields[k]; i++) {
		if (name[k, i] in head)
			continue
		if (!some++)
			print "\nstruct rec_" kind[k] " {"
		print "\t" ctype[type[k, i]] " " name[k, i] ";"
	}
	if (some)
		print "};"
	return some
}

function print_header(  k, members) {
	print_kinds()
	for (k = 1; k <= n; k++) {
		print_indexes(k)
		if (print_struct(k))
			members = members "\t\tstruct rec_" kind[k] " " member(kind[k]) "; \\\n"
	}
	print "\n/* The part of struct rec that depends on the kind. */\n#define REC_MEMBERS \\\n\tunion { \\\n" members "\t}"
}

# --- record_lines.h

# Do the fields machine, cpu, pid and tid follow the time?
function has_who(k) {
	return name[k, 2] " " name[k, 3] " " name[k, 4] " " name[k, 5] == "machine cpu pid tid"
}

function print_reader(k,  i) {
	print "\nstatic bool\nread_" kind[k] "(struct recin *in, struct rec *r)\n{"
	for (i = 1; i <= fields[k]; i++) {
		printf "%s", (i == 1 ? "\treturn " : " &&\n\t       ")
		if (i == 2 && has_who(k)) {
			printf "read_who(in, r)"
			i += 3
		} else
			printf "read_%s(in, r, REC_%s_%s, %s, &r->%s)", functions(type[k, i]), toupper(kind[k]), \
			    toupper(name[k, i]), optional[k, i] ? "OPTIONAL" : "REQUIRED", place(k, i)
	}
	print ";\n}"
}

function print_writer(k,  i, room) {
	for (i = 1; i <= fields[k]; i++)
		if (ctype[type[k, i]] == "struct str")
			room = room (room == "" ? "" : " + ") "r->" place(k, i) ".n"
	print "\nstatic void\nput_" kind[k] "(struct out *o, const struct rec *r)\n{"
	print "\tchar *d = begin_line(o, r, STR(\"" kind[k] "\"), " room ");\n"
	for (i = 1; i <= fields[k]; i++)
		if (i == 2 && has_who(k)) {
			print "\td = put_who(o, d, r);"
			i += 3
		} else
			print "\td = put_" (type[k, i] == "ns" ? "ns(o, " : functions(type[k, i]) "(") "d, r->" place(k, i) ");"
	print "\tend_line(o, r, d);\n}"
}

function print_table(  k, i) {
	print "\nstatic const struct kind kinds[REC_NKINDS] = {"
	print "\t{ { \"\", 0 }, 2, read_other, rec_copy,"
	print "\t\t{ { \"t\", REC_T_NS, true, offsetof(struct rec, t) },"
	print "\t\t    { \"machine\", REC_T_TEXT, false, offsetof(struct rec, machine) } } },"
	for (k = 1; k <= n; k++) {
		print "\t{ { \"" kind[k] "\", " length(kind[k]) " }, " fields[k] ", read_" kind[k] ", put_" kind[k] ",\n\t\t{"
		for (i = 1; i <= fields[k]; i++)
			print "\t\t    { \"" name[k, i] "\", REC_T_" toupper(type[k, i]) ", " \
			    (optional[k, i] ? "true" : "false") ", offsetof(struct rec, " place(k, i) ") },"
		print "\t\t} },"
	}
	print "};"
}

function print_names(  len, k, some) {
	print "\nenum rec_kind\nrec_kind_named(const char *p, size_t len)\n{\n\tswitch (len) {"
	for (len = 1; len < 32; len++) {
		some = 0
		for (k = 1; k <= n; k++) {
			if (length(kind[k]) != len)
				continue
			if (!some++)
				print "\tcase " len ":"
			print "\t\tif (memcmp(p, \"" kind[k] "\", " len ") == 0)\n\t\t\treturn REC_" toupper(kind[k]) ";"
		}
		if (some)
			print "\t\tbreak;"
	}
	print "\t}\n\treturn REC_OTHER;\n}"
}

END {
	if (failed)
		exit failed
	print "/* made by formats/records.awk from formats/records.tab: do not edit */"
	if (part != "lines") {
		print_header()
		exit
	}
	for (k = 1; k <= n; k++) {
		print_reader(k)
		print_writer(k)
	}
	print_table()
	print_names()
}
