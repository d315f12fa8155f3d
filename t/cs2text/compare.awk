# SPDX-License-Identifier: MIT
#
# compare.awk THEIRS SYMBOLS OURS - put each frame that perf script and cs2text have named into a class, and count these.
#
# THEIRS is the text of perf script --ns --no-inline -F tid,cpu,time,event,ip,sym,symoff,dso; OURS the samples of cs2text; SYMBOLS has
# lines of an object, an address, a name and what it is, with tabs between them. Writes "CLASS COUNT"; differences without a class, one a line,
# to standard error. The classes:
#   equal   the same symbol and offset
#   none    no symbol in either
#   alias   the same place by another name that the symbol table has for it
#   caller  perf has the first byte of the function after the one that called
#   junk    perf has the first byte of a function that nothing returns to
#   data    perf has a variable, which nothing returns to
#   beyond  perf has a label without a size, past the end of its section
#   plt vdso code more   perf has no symbol: stubs, the vdso, code of a JIT compiler, other functions
#   chain   perf has no frames, since one of them looks like a mark (values above -4096)

BEGIN { FS = "\t" }

# A timer that is late makes several samples of a task at one time, so the key of a sample has its number among these; the idle tasks
# of all CPUs have one tid, so it has the CPU. perf record
# may write a part of its buffer twice: as cs2text gets no copies, those of perf script do not count.
function end_sample(	i) {
	if (when == "" || copies[when, text]++ > 0)
		return
	key = when "#" ++nth[when]
	for (i = 1; i <= n; i++) {
		theirs[key, i] = name[i]
		address[key, i] = ip[i]
		frames[key] = n
	}
}

FILENAME != file {
	end_sample()
	when = ""
	file = FILENAME
	part = FILENAME == ARGV[1] ? 1 : FILENAME == ARGV[2] ? 2 : 3
}

# THEIRS
part == 1 && /^[^\t]/ {
	end_sample()
	split($0, word, / +/)
	for (i = 1; word[i] == ""; i++)
		;
	tid = word[i]
	time = word[i + 2]
	gsub(/[.:]/, "", time)
	sub(/^0+/, "", time)
	when = time " " tid " " substr(word[i + 1], 2) + 0
	text = ""
	n = 0
	next
}
part == 1 && NF > 1 {
	sub(/^[ \t]+/, "")
	text = text "\n" $0
	ip[++n] = $0
	sub(/ .*/, "", ip[n])
	frame = substr($0, length(ip[n]) + 2)
	if (match(frame, /[+]0x[0-9a-f]+ [(]/))
		frame = substr(frame, 1, RSTART + RLENGTH - 3)
	else
		sub(/ [(].*/, "", frame)
	name[n] = frame
}
part == 1 { next }

# SYMBOLS, read before OURS
part == 2 {
	at[$1, $3] = at[$1, $3] " " $2
	kind[$1, $3] = $4
	next
}

function symbol(s) { sub(/[+]0x[0-9a-f]*$/, "", s); sub(/@@?[A-Z]+[A-Z_0-9.]*$/, "", s); return s }
function offset(s) { return match(s, /[+]0x[0-9a-f]*$/) ? substr(s, RSTART) : "" }

# Does the object have both names at one address?
function aliases(object, a, b,	i, n, list) {
	n = split(at[object, a], list, " ")
	for (i = 1; i <= n; i++)
		if (index(at[object, b] " ", " " list[i] " "))
			return 1
	return 0
}

function lacking(ours, object) {
	if (ours ~ /@plt[+]/)
		return "plt"
	return object == "[vdso]" ? "vdso" : object ~ /^\/\/anon|^\[anon|^\/memfd:/ ? "code" : "more"
}

function class_of(their, ours, object, innermost) {
	if (their == "[unknown]" || their ~ /^@plt/)
		return ours == "?" ? "none" : lacking(ours, object)
	if (symbol(their) == symbol(ours) && offset(their) == offset(ours))
		return "equal"
	if (offset(their) == "+0x0" && !innermost)
		return ours == "?" ? "junk" : offset(ours) == "+0x0" ? "differs" : "caller"
	if (ours == "?" && !innermost && kind[object, symbol(their)] == "data")
		return "data"
	if ((ours == "?" || ours ~ /@plt[+]/) && kind[object, symbol(their)] == "label")
		return "beyond"
	return offset(their) == offset(ours) && aliases(object, symbol(their), symbol(ours)) ? "alias" : "differs"
}

# OURS
$1 == "sample" {
	n = split($NF, token, ";")
	key = $2 " " $6 " " $4
	key = key "#" ++turn[key]
	k = 0
	if (!(key in frames)) {
		class["chain"] += n
		next
	}
	for (i = 1; i <= n; i++) {
		if (token[i] ~ /^(k|u)$/) {
			innermost = 1
			mode = token[i]
			continue
		}
		note = token[i]
		addr = note
		sub(/<.*/, "", addr)
		note = note ~ /</ ? substr(note, length(addr) + 2, length(note) - length(addr) - 2) : "?"
		object = ""
		if (match(note, / [^ ]*$/)) {
			object = substr(note, RSTART + 1)
			note = substr(note, 1, RSTART - 1)
		}
		gsub(/\\x20/, " ", note)
		gsub(/\\x3b/, ";", note)
		their = theirs[key, ++k]
		c = mode == "k" && address[key, k] != addr ? "differs" : class_of(their, note, object, innermost)
		class[c]++
		if (c == "differs" || c == ENVIRON["SHOW"])
			printf "%s: perf has %s, cs2text %s, in %s\n", addr, their, note, object > "/dev/stderr"
		innermost = 0
	}
	if (k != frames[key])
		class["differs"]++
	samples++
}

END {
	for (c in class)
		print c, class[c]
}
