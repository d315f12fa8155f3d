#!/bin/bash
# SPDX-License-Identifier: MIT
# list.sh IN OUT - list the recordings in the folder IN, and below it, in OUT/list
#
# A name is the path below IN, with each byte other than letters, digits and /._+,@- as ~HH: no tool that reads the list, such as
# make(1), parallel(1) or a browser, has to quote it. A part of the path that is longer than 200 bytes is cut, and followed by ~- and
# a checksum: file systems allow 255. OUT/recordings/NAME links to the recording. OUT/kallsyms/NAME links to its kernel
# symbols, the first of these: PATH.kallsyms, PATH.kallsyms without PATH's suffix, and the file kallsyms in the same folder.
# What counts as a recording are the PATTERNS, which the environment may give.
set -eu
[ $# -eq 2 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
export LC_ALL=C
for filter in perf2rec ftrace2rec script2rec cs2text sched2states states2svg states2tab rec2folded rec2prof kvmexits; do
	command -v $filter >/dev/null || { echo "list.sh: $filter is not in PATH" >&2; exit 2; }
done
patterns=${PATTERNS:-*.data *.data.gz *.dat *.txt *.txt.gz}
in=$(realpath -e -- "$1")
mkdir -p -- "$2"
cd -- "$2"
[ ! . -ef "$in" ] || { echo "$2: OUT must be another folder than IN" >&2; exit 2; }

# shorten: cut the parts of $name that are too long for the name of a file
shorten() {
	local part parts sum whole=
	IFS=/ read -ra parts <<<"$name"
	for part in "${parts[@]}"; do
		if [ ${#part} -gt 200 ]; then
			sum=$(sha256sum <<<"$part")
			part=${part:0:180}
			part=${part%\~}
			part=${part%\~?}~-${sum:0:16}
		fi
		whole+=/$part
	done
	name=${whole#/}
}

# encode NAME: sets $name
encode() {
	local rest=$1 byte code
	name=
	case $rest in
	*[!A-Za-z0-9/._+,@-]*) ;;
	*)
		name=$rest
		shorten
		return
		;;
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
	shorten
}

# link FILE LINK
link() {
	[ "$(readlink -- "$2")" != "$1" ] || return 0
	mkdir -p -- "${2%/*}"
	[ -L "$2" ] || rm -rf -- "$2" # a folder of recordings until now
	ln -sfn -- "$1" "$2"
}

set -f
tests=() names=()
for pattern in $patterns; do
	tests+=(-o -name "$pattern")
done
mapfile -d '' -t paths < <(find "$in" -samefile . -prune -o -xtype f \( "${tests[@]:1}" \) -print0 | sort -z)
[ ${#paths[@]} -gt 0 ] || { echo "$1: no files $patterns" >&2; exit 1; }
for path in "${paths[@]}"; do
	encode "${path#"$in"/}"
	names+=("$name")
done
printf '%s\n' "${names[@]}" >list.new

# first, so that no link to a recording is taken for a folder
mkdir -p recordings
find recordings -type l | sed 's,^recordings/,,' | sort | comm -23 - <(sort list.new) | while read -r name; do
	rm -rf "kallsyms/$name" "recordings/$name"
done
[ ! -d kallsyms ] || find kallsyms -xtype l -delete
for i in "${!paths[@]}"; do
	path=${paths[i]} name=${names[i]}
	link "$path" "recordings/$name"
	for symbols in "$path.kallsyms" "${path%.*}.kallsyms" "${path%/*}/kallsyms"; do
		if [ -f "$symbols" ]; then
			link "$symbols" "kallsyms/$name"
			break
		fi
	done
done

if cmp -s list.new list; then
	rm list.new # an unchanged list keeps its time
else
	mv list.new list
fi
