#!/bin/bash
# SPDX-License-Identifier: MIT
# recording.sh RECORDING RESULT [KALLSYMS] - turn a recording into charts and tables in the folder RESULT
#
# RECORDING is a perf.data, a trace.dat, or the text of one, also gzip'd. KALLSYMS need not exist. The environment may have further
# options of cs2text in CS2TEXT, separated by blanks. RESULT/status has
# "whole", "damaged" or "empty" in its first line, then the files that were made; RESULT/messages has what the filters reported.
#
# All is written into a folder of another name, which becomes RESULT at the end. So RESULT is complete or not there; if two processes
# make it at the same time, one result is left. A damaged recording has a result, of what precedes the damage, and the status is
# 0. If a filter was killed, the disk is full, or anything else fails that is not the recording's fault, the status is 1,
# and there is no result. RESULT is replaced only if it is an empty folder or one of results: anything else is left as it is, and the
# status is 2, as it is if a filter is not in PATH.
set -u -o pipefail
[ $# -eq 2 ] || [ $# -eq 3 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
export LC_ALL=C
recording=$1 result=$2 kallsyms=${3-}
case $recording in -*) recording=./$recording ;; esac
case $result in -*) result=./$result ;; esac

if [ -e "$result" ] && { [ ! -d "$result" ] || [ -n "$(ls -A -- "$result")" ]; } && [ -z "$(find "$result" -name status -print -quit)" ]; then
	echo "$result: not the result of a recording: it is left as it is" >&2
	exit 2
fi
for filter in perf2rec ftrace2rec script2rec cs2text sched2states states2svg states2tab rec2folded rec2prof kvmexits; do
	command -v $filter >/dev/null || { echo "recording.sh: $filter is not in PATH" >&2; exit 2; }
done

mkdir -p -- "$(dirname -- "$result")" && tmp=$(mktemp -d -- "$result~tmp~XXXXXX") || exit 1
trap 'rm -rf -- "$tmp" "$tmp~old"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$tmp"
touch "$tmp/begun"

# The messages of a full disk, or of too little memory. A message that quotes the recording may have the same text elsewhere.
exhausted='^[a-z0-9]+: (<stdout>: No space left on device|Cannot allocate memory: [0-9]+ bytes|([^:]*: )?(cannot (make|copy to) a temporary file|a file for output that waits): No space left on device)$'

# check STATUS ...: go on only if the filters ended by themselves and their input alone is to blame
check() {
	local status
	for status; do
		[ "$status" -le 1 ] && ! grep -Eq "$exhausted" "$tmp/said" && continue
		echo "$recording: a filter ended with status $status" >&2
		cat "$tmp/said" >&2
		exit 1
	done
}

# make FILE KIND COMMAND ...: make a file with this filter if the stream has records of this kind; a status of 1 says that none of
# them is wanted
make() {
	local file=$1 kind=$2 status
	shift 2
	grep -qx "$kind" <<<"$kinds" || return
	"$@" <"$tmp/stream" >"$tmp/$file" 2>"$tmp/said"
	status=$?
	check $status
	if [ $status -eq 0 ]; then
		made+=("$file")
		cat "$tmp/said" >>"$tmp/messages"
	else
		rm "$tmp/$file"
	fi
}

case $({ zcat -f | head -c 16 | tr -c '[:print:]' .; } <"$recording" 2>/dev/null) in
PERFILE2* | 2ELIFREP*) source=perf2rec ;;
..Dtracing*) source=ftrace2rec ;;
*) source=script2rec ;;
esac
read -ra options <<<"${CS2TEXT-}"
[ ! -f "$kallsyms" ] || options+=(-k "$kallsyms")

{ "$source" --stacks=once "$recording" 2>&3 | cs2text "${options[@]}" 2>&4 | sched2states 2>&5; } \
	>"$tmp/stream" 3>"$tmp/messages" 4>"$tmp/named" 5>"$tmp/folded"
status=("${PIPESTATUS[@]}")
cat "$tmp/named" "$tmp/folded" >>"$tmp/messages"
cp "$tmp/messages" "$tmp/said"
check "${status[@]}"
whole=whole
[ "${status[*]}" = '0 0 0' ] || whole=damaged
kinds=$(awk -F '\t' '!seen[$1]++ { print $1 }' "$tmp/stream")

made=()
make chart.svg state states2svg
make names.tsv state states2tab --by=name
make cpus.tsv state states2tab --by=cpu
make waits.tsv state states2tab --by=function
make blocked.folded state rec2folded -e uninterruptible --period
make samples.prof sample rec2prof --keys=event,machine,mode,object,sym
make samples.folded sample rec2folded
make exits.txt kvmexit kvmexits --table
[ ${#made[@]} -gt 0 ] || [ $whole = damaged ] || whole=empty

printf '%s\n' $whole "${made[@]}" >"$tmp/status" || exit 1
touch -r "$tmp/begun" "$tmp/status" # a recording that changes from now on is newer
rm "$tmp"/{begun,folded,named,said,stream}
mv -T -- "$result" "$tmp~old" 2>/dev/null
mv -T -- "$tmp" "$result" 2>/dev/null || [ -f "$result/status" ] || { echo "$result: cannot be made" >&2; exit 1; }
