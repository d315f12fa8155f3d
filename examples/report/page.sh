#!/bin/sh
# SPDX-License-Identifier: MIT
# page.sh - in the folder of the results, add up the tables of all recordings in list, and make index.html
#
# names.tsv has the sums for each name of a task, samples.prof is one profile, and samples.folded and blocked.folded have the stacks.
# The status is 1 if a recording has no result yet, which the page says.
set -eu
export LC_ALL=C

# every FILE: the contents of this file of all recordings
every() {
	while read -r name; do
		[ ! -f "results/$name/$1" ] || printf 'results/%s/%s\0' "$name" "$1"
	done <list | xargs -r -0 cat
}

every names.tsv | awk -F '\t' '
BEGIN {
	wanted = split("tasks run_ns wait_ns preempted_ns sleep_ns block_ns runs waits sleeps blocks", want, " ")
	printf "machine\tcomm\trecordings"
	for (i = 1; i <= wanted; i++)
		printf "\t%s", want[i]
	print "\tmax_ns"
}
$3 == "tasks" { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
	key = $1 "\t" $2
	recordings[key]++
	for (i = 1; i <= wanted; i++)
		sum[key, i] += $column[want[i]]
	if ($column["max_ns"] != "-" && $column["max_ns"] >= max[key] + 0)
		max[key] = $column["max_ns"]
}
END {
	for (key in recordings) {
		printf "%s\t%d", key, recordings[key]
		for (i = 1; i <= wanted; i++)
			printf "\t%.0f", sum[key, i]
		print "\t" (max[key] == "" ? "-" : max[key])
	}
}' | { read -r header; echo "$header"; sort -t "$(printf '\t')" -k5,5nr -k1,2; } >names.new
mv names.new names.tsv

: >samples.new
every samples.prof >profiles.new
[ ! -s profiles.new ] || rec2prof --keys=event,machine,mode,object,sym profiles.new >samples.new
mv samples.new samples.prof
for folded in samples blocked; do
	every $folded.folded | awk '
		{ n = $NF; sub(/ [0-9]+$/, ""); sum[$0] += n }
		END { for (stack in sum) printf "%s %.0f\n", stack, sum[stack] }' | sort >$folded.new
	mv $folded.new $folded.folded
done
rm profiles.new

awk '
function text(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	return s
}
# the name that list.sh encoded; control bytes stay encoded
function decoded(name, s, code) {
	s = ""
	while (match(name, /~[2-9A-F][0-9A-F]/)) {
		code = substr(name, RSTART + 1, 2)
		s = s substr(name, 1, RSTART - 1) (code == "7F" ? "~7F" : sprintf("%c", (index(hex, substr(code, 1, 1)) - 1) * 16 + index(hex, substr(code, 2, 1)) - 1))
		name = substr(name, RSTART + 3)
	}
	return s name
}
function link(name, file) { return "<a href=\"results/" name "/" file "\">" file "</a> " }
BEGIN {
	hex = "0123456789ABCDEF"
	print "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Recordings</title>"
	print "<style>\nbody { font: 14px sans-serif; margin: 2em }\ntd, th { text-align: left; vertical-align: top; padding: 2px 1em 2px 0 }"
	print ".damaged, .empty, .undone { background: #fdd }\n</style>\n<h1>Recordings</h1>\n<table>"
	print "<tr><th>recording<th>status<th>charts and tables<th>message"
}
{
	name = $0
	dir = "results/" name
	files = message = ""
	if ((getline status <(dir "/status")) <= 0)
		status = "undone"
	while ((getline file <(dir "/status")) > 0)
		files = files link(name, file)
	for (lines = 0; (getline line <(dir "/messages")) > 0; lines++)
		if (status != "whole" && lines < 10)
			message = message "<code>" text(line) "</code><br>"
	if (lines > (status == "whole" ? 0 : 10))
		message = message link(name, "messages")
	close(dir "/status")
	close(dir "/messages")
	number[status]++
	printf "<tr class=\"%s\"><td>%s<td>%s<td>%s<td>%s\n", status, text(decoded(name)), status, files, message
}
END {
	print "</table>"
	printf "<p>%d recordings: %d whole, %d damaged, %d without anything to show, %d without a result yet.\n", NR, number["whole"], number["damaged"], number["empty"], number["undone"]
	print "<p>All together: <a href=\"names.tsv\">names.tsv</a>, <a href=\"samples.prof\">samples.prof</a>,"
	print "<a href=\"samples.folded\">samples.folded</a>, <a href=\"blocked.folded\">blocked.folded</a>."
	exit number["undone"] > 0
}' list >index.new || status=1
mv index.new index.html
[ "${status-0}" -ne 0 ] || find results -name '*~tmp~*' -prune -exec rm -rf {} + # of recording.sh's that were killed
exit "${status-0}"
