#!/bin/bash
# SPDX-License-Identifier: MIT
# todo.sh <NAMES - in the folder of the results, write those of the names whose recording has no result that is newer than it
while read -r name; do
	status=results/$name/status
	[ "$status" -nt "recordings/$name" ] && { [ ! -f "kallsyms/$name" ] || [ "$status" -nt "kallsyms/$name" ]; } || echo "$name"
done
