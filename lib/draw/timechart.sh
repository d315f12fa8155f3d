#!/bin/sh
# SPDX-License-Identifier: MIT
# timechart.sh SCRIPT STYLE PAGE - write a C header with the bytes of each (of the page in parts, between which a comment names
# what svgchart_data.c puts there), and the SHA-256 of the script in base64
#
# The script loses comments that have lines of their own, its indentation, and outside of its strings the blanks and
# line ends beside operators and semicolons before braces; declarations in a row become one statement. So every statement ends
# with a semicolon, a line that begins with const holds one, and in regular expressions a blank is \\s.
set -eu

squeezed() {
	awk '
	/^[ \t]*\/\*/ { comment = 1 }
	!comment && !/^\/\// && NF > 0 { put($0) }
	/\*\/$/ { comment = 0 }
	# open[1..n]: the quotes, and the braces of templates, that are open
	function put(line,    i, c, after, code, out) {
		sub(/^[ \t]+/, "", line)
		sub(/\(const /, "(let ", line)
		if (sub(/^(const|let) /, declared == depth && last == ";" ? "," : "let ", line))
			declared = depth
		else if (last == ";" || depth < declared)
			declared = -1
		if (last == ";" && line !~ /^[,}]/)
			printf ";"
		if (last ~ /[A-Za-z0-9_$]/ && line ~ /^[A-Za-z0-9_$]/)
			printf "\n"
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			after = substr(line, i + 1, 1)
			code = n == 0 || open[n] == "{"
			depth += code && index("([{", c) ? 1 : code && index(")]}", c) ? -1 : 0
			if (!code) {
				if (c == open[n])
					n--
				else if (open[n] == "`" && last c == "${") {
					open[++n] = "{"
					depth++
				}
			} else if (c == ";" && i == length(line)) {
				last = c
				break
			} else if (c == "}" && last == ";") {
				sub(/;$/, "", out)
			} else if (c == " " && last after != "]>" && (last != after || last == ",") && (index(ops, last) || index(ops, after))) {
				continue
			} else if (c == "`" || c == quote || (n > 0 && c == "{")) {
				open[++n] = c
			} else if (n > 0 && c == "}") {
				n--
			}
			out = out (last = c)
		}
		printf "%s", out
	}
	BEGIN {
		declared = -1
		ops = "=<>!&|?:*,;{}()[]+-/%"
		quote = sprintf("%c", 39)
	}
	END { print ";" }' "$1"
}

bytes() {
	echo "static const unsigned char $1[] = {"
	od -An -v -tu1 | sed 's/  */,/g; s/^,//; s/$/,/'
	echo '};'
}

squeezed "$1" | grep -n -F ']]>' >&2 && { echo "$1: ]]> would end its CDATA section" >&2; exit 1; }
squeezed "$1" | sha256sum | awk '{
	for (i = 1; i <= 64; i++) {
		n = n * 16 + index("0123456789abcdef", substr($1, i, 1)) - 1
		if (i % 3 == 0) {
			hash = hash digit(int(n / 64)) digit(n % 64)
			n = 0
		}
	}
	print "#define TIMECHART_SHA256 \"" hash digit(n * 4) "=\""
}
function digit(v) {
	return substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", v + 1, 1)
}'
squeezed "$1" | bytes timechart_js
sed '/^\/\*.*\*\/$/d' "$2" | bytes timechart_css
part() {
	awk -v part="$2" '/^<!-- SPDX/ { next } /^<!--/ { now = $2; next } now == part' "$1" | bytes "timechart_html_$3"
}

part "$3" '' top
part "$3" caption bar
part "$3" states keys
part "$3" legend rest
