#!/bin/bash
# SPDX-License-Identifier: MIT
# parallel.sh IN OUT LOGINS - turn the recordings in the folder IN into charts, tables and a page in OUT, by GNU parallel over ssh
#
# LOGINS is a file as parallel's --sshloginfile takes it: a line for each machine. All must see IN, OUT, this folder and the
# filters (in PATH) at the same paths. A recording whose machine fails is tried on another one. After a crash, run it again: it
# makes what has no result.
set -eu
[ $# -eq 3 ] || {
	sed -n '3s/^# \(.*\) - .*/usage: \1/p' "$0" >&2
	exit 2
}
here=$(dirname "$(realpath "$0")")
logins=$(realpath -e -- "$3")

"$here/../report/list.sh" "$1" "$2"
cd -- "$2"
printf -v command 'env PATH=%q CS2TEXT=%q %q' "$PATH" "${CS2TEXT-}" "$here/../report/recording.sh"
"$here/todo.sh" <list |
	parallel --will-cite --sshloginfile "$logins" --workdir "$PWD" --joblog log.parallel --retries 3 \
		"$command" recordings/{} results/{} kallsyms/{} || true # the page names what is not done
"$here/../report/page.sh"
