# SPDX-License-Identifier: MIT
# records.awk - make records.h from records.tab: the kinds' structs, their field table, the look-up of a name

BEGIN {
	ctype["ns"] = ctype["int"] = "int64_t "
	ctype["u64"] = ctype["hex"] = "uint64_t "
	ctype["id"] = "int32_t "
	ctype["word"] = ctype["text"] = ctype["kv"] = ctype["addr"] = ctype["stack"] = "struct str "
	split("t machine cpu pid tid", w)
	for (i in w)
		head[w[i]] = 1
	print "/* made from formats/records.tab: do not edit */"
}

function bad(what) {
	print FILENAME ":" FNR ": " what | "cat >&2"
	exit failed = 1
}

# C has its own word for some kinds.
function member(kind) {
	return kind == "switch" ? "switch_" : kind
}

/^#/ || NF == 0 { next }

{
	kind = $1
	kinds[++n] = kind
	enum = enum "\tREC_" toupper(kind) ",\n"
	table = table " \\\n\t{ { \"" kind "\", " length(kind) " }, " NF - 1 ", {"
	body = ""
	for (i = 2; i <= NF; i++) {
		if (split($i, f, ":") != 2)
			bad("bad field " $i)
		opt = sub(/[?]$/, "", f[2])
		if (!(f[2] in ctype))
			bad("bad type " $i)
		where = f[1]
		if (!(f[1] in head)) {
			body = body "\t" ctype[f[2]] f[1] ";\n"
			where = member(kind) "." f[1]
		}
		table = table " \\\n\t\t{ \"" f[1] "\", REC_T_" toupper(f[2]) ", " (opt ? "true" : "false") \
		    ", offsetof(struct rec, " where ") },"
	}
	table = table " \\\n\t} },"
	if (body != "") {
		print "\nstruct rec_" kind " {\n" body "};"
		members = members "\t\tstruct rec_" kind " " member(kind) ";\n"
	}
}

END {
	if (failed)
		exit failed
	print "\nenum rec_kind {\n\tREC_OTHER, /* a kind of a later version, or somebody else's */\n" enum "\tREC_NKINDS\n};"
	print "\n#define REC_MEMBERS \\\n\tunion { \\"
	gsub(/\n/, " \\\n", members)
	print members "\t}"
	print "\n#define REC_TABLE" table
	print "\n/* The kind called p[0 .. len). */\nstatic inline enum rec_kind\nrec_kind_named(const char *p, size_t len)\n{"
	print "\tswitch (len) {"
	for (len = 1; len < 32; len++) {
		some = 0
		for (i = 1; i <= n; i++) {
			if (length(kinds[i]) != len)
				continue
			if (!some++)
				print "\tcase " len ":"
			print "\t\tif (memcmp(p, \"" kinds[i] "\", " len ") == 0)\n\t\t\treturn REC_" toupper(kinds[i]) ";"
		}
		if (some)
			print "\t\tbreak;"
	}
	print "\t}\n\treturn REC_OTHER;\n}"
}
