#!/bin/bash
# SPDX-License-Identifier: MIT
# list.sh IN OUT - list the recordings in the folder IN, and below it, in OUT/list
#
# A name is the path below IN, with each byte other than letters, digits and /._+,@- as ~HH: no tool that reads the list, such as
# make(1), parallel(1) or a browser, has to quote it. OUT/recordings/NAME links to the recording. OUT/kallsyms/NAME links to its kernel
# symbols, the first of these: PATH.kallsyms, PATH.kallsyms without PATH's suffix, and the file kallsyms in the same folder.
# What counts as a recording are the PATTERNS, which the environment may give.
set -eu
[ $# -eq 2 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
export LC_ALL=C
patterns=${PATTERNS:-*.data *.data.gz *.dat *.txt *.txt.gz}
in=$(realpath -e -- "$1")
mkdir -p -- "$2"
cd -- "$2"

# encode NAME: sets $name
encode() {
	local rest=$1 byte code
	name=
	case $rest in
	*[!A-Za-z0-9/._+,@-]*) ;;
	*) name=$rest; return ;;
	esac
	while [ -n "$rest" ]; do
		byte=${rest:0:1}
		rest=${rest:1}
		case $byte in
		[A-Za-z0-9/._+,@-]) name+=$byte ;;
		*)
			printf -v code %d "'$byte"
			printf -v code '~%02X' $((code & 255))
			name+=$code
			;;
		esac
	done
}

# link FILE LINK
link() {
	[ "$(readlink -- "$2")" != "$1" ] || return 0
	mkdir -p -- "${2%/*}"
	ln -sfn -- "$1" "$2"
}

set -f
tests=()
for pattern in $patterns; do
	tests+=(-o -name "$pattern")
done
find "$in" -path "$PWD" -prune -o -xtype f \( "${tests[@]:1}" \) -print0 | sort -z | while IFS= read -r -d '' path; do
	encode "${path#"$in"/}"
	echo "$name"
	link "$path" "recordings/$name"
	for symbols in "$path.kallsyms" "${path%.*}.kallsyms" "${path%/*}/kallsyms"; do
		if [ -f "$symbols" ]; then
			link "$symbols" "kallsyms/$name"
			break
		fi
	done
done >list.new
[ -s list.new ] || { rm list.new; echo "$1: no files $patterns" >&2; exit 1; }

if cmp -s list.new list; then
	rm list.new # an unchanged list keeps its time
else
	mv list.new list
fi
find recordings -type l | sed 's,^recordings/,,' | sort | comm -23 - <(sort list) | while read -r name; do
	rm -f "recordings/$name" "kallsyms/$name"
done
