#!/bin/bash
# SPDX-License-Identifier: MIT
#
# compare-names.sh FOLDER [CASE ...] - record programs of many kinds; compare cs2text's name of each frame with perf script's
#
# A case is "C COMPILER FLAG ...", "C++ FLAG ...", "Rust FLAG ...", or one of the words below; without any, all are taken. A case
# that lacks a program is left out, with the reason. Both readers get the same recording, so the load of the machine does not
# matter. Writes a table with a row for each case; t/cs2text/compare.awk describes the classes. Exits 1 if a frame differs in a
# way that has no class, 3 if nothing can be recorded. BUILD is the build to run.
set -euo pipefail
: "${BUILD:?}"
folder=${1:?a folder for programs and recordings}
shift
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
cd "$folder"
export LC_ALL=C
folder=$PWD
classes='equal none alias caller junk data beyond plt vdso code more chain differs'

# perf's cache of files is in the home folder.
alone() {
	HOME=$folder/home "$@"
}

record() {
	alone perf record ${cache--N} -q --no-bpf-event --sample-cpu -e cpu-clock -c "${period-500000}" -g -o data "$@" >out 2>err
}

# map_of COMMAND ...: record a command that writes /tmp/perf-PID.map, which is removed in the end.
map_of() {
	record -- sh -c 'echo $$ >pid; exec "$@"' sh "$@"
	maps+=("/tmp/perf-$(<pid).map")
}

# build and record CASE
make_case() {
	case $1 in
	C\ *)
		# shellcheck disable=SC2086
		set -- ${1#C }
		"$@" -g -fno-omit-frame-pointer -o busy "$here/cs2text/busy.c" && record -- ./busy
		;;
	C++\ *)
		# shellcheck disable=SC2086
		g++ ${1#C++ } -fno-omit-frame-pointer -o busy "$here/cs2text/busy.cc" && period=1000000 record -- ./busy
		;;
	stripped | debuglink | debugdir)
		gcc -O1 -g -fno-omit-frame-pointer -Wl,--build-id -o busy "$here/cs2text/busy.c"
		objcopy --only-keep-debug busy busy.debug
		strip busy
		[ "$1" != debuglink ] || objcopy --add-gnu-debuglink=busy.debug busy
		if [ "$1" = debugdir ]; then
			build=$(readelf -n busy | sed -n 's/.*Build ID: //p')
			install -D busy.debug "home/.debug/.build-id/${build:0:2}/${build:2}/debug"
		fi
		record -- ./busy
		;;
	Rust\ *)
		# shellcheck disable=SC2086
		rustc ${1#Rust } -C force-frame-pointers=yes -o busy "$here/cs2text/busy.rs" && record -- ./busy
		;;
	python) period=1000000 record -- python3 "$here/cs2text/busy.py" ;;
	node) period=1000000 map_of node --perf-basic-prof --interpreted-frames-native-stack "$here/recunwind/work.js" ;;
	bash) record -- bash -c 'for ((i = 0; i < 60000; i++)); do x=${x:0:99}$((i * 7)); done; ls -R /usr/share/doc | sort | md5sum' ;;
	cache)
		gcc -O1 -fno-omit-frame-pointer -Wl,--build-id -o busy "$here/cs2text/busy.c"
		cache='' record -- ./busy
		rm busy
		;;
	jitdump)
		record -k mono -- "$BUILD/t/jitted" dump && mv data recorded && perf inject --jit -i recorded -o data
		;;
	jitmap) map_of "$BUILD/t/jitted" map ;;
	system) period=4000000 record -a -- sh -c 'perf bench sched messaging -g 2 -l 200; gzip -c /bin/bash | gzip -dc | sort | md5sum' ;;
	esac
}

# symbols_of <paths: object, address, name and kind of all symbols of these files and of their debug files. The kind is "data", or
# "label" if the symbol has no size, or "code".
symbols_of() {
	while read -r path; do
		[ -f "$path" ] || continue
		build=$(readelf -n "$path" 2>/dev/null | sed -n 's/.*Build ID: //p')
		for file in "$path" "$PWD/busy.debug" "/usr/lib/debug/.build-id/${build:0:2}/${build:2}.debug"; do
			[ -f "$file" ] || continue
			{ nm -S "$file" && nm -D -S "$file"; } 2>/dev/null | sed -nE \
				-e 's/@.*//; s/^0*([0-9a-f]+) ([0-9a-f]+ )?[BbDdGgRrSsVv] (.*)/\1\t\3\tdata/p' \
				-e 's/^0*([0-9a-f]+) [0-9a-f]+ [TtWwi] (.*)/\1\t\2\tcode/p; s/^0*([0-9a-f]+) [TtWwi] (.*)/\1\t\2\tlabel/p' |
				c++filt -p | sed -E "s/([a-z0-9_])\[[0-9a-f]+\]/\1/g; s|^|$path\t|"
		done
	done
}

compare() {
	alone perf script --ns --no-inline --kallsyms "$PWD/kallsyms" -F tid,cpu,time,event,ip,sym,symoff,dso -i data 2>err >theirs
	perf2rec data 2>err | alone cs2text --strip-args -k "$PWD/kallsyms" 2>err | grep ^sample >ours
	awk -f "$here/cs2text/compare.awk" theirs /dev/null ours >counts 2>differences
	grep -q ^differs counts || return 0
	{
		sed -n 's/.*, in //p' differences | sort -u | symbols_of
		sed -nE 's/^([0-9a-f]+) [TtWw] ([^\t]*)(\t(.*))?$/\4\t\1\t\2\tcode/p' kallsyms
	} >symbols
	awk -f "$here/cs2text/compare.awk" theirs symbols ours >counts 2>differences
}

[ $# -gt 0 ] || {
	for linker in bfd lld; do
		for optimize in -O0 -O2; do
			for kind in -pie -no-pie -static; do
				set -- "$@" "C gcc $optimize $kind -fuse-ld=$linker"
			done
		done
	done
	set -- "$@" "C clang -O0" "C clang -O2 -fuse-ld=lld" "C gcc -O2 -static-pie" "C gcc -O1 -Wl,-z,now -fcf-protection" stripped debuglink debugdir \
		"C++ -O0" "C++ -O1 -Wl,-z,now" "C++ -O1 -static" cache \
		"Rust -O" "Rust -O -C symbol-mangling-version=v0" python node bash jitdump jitmap system
}
cat /proc/kallsyms >kallsyms
grep -q '^[0-9a-f]*[1-9a-f][0-9a-f]* ' kallsyms || { echo "this kernel hides its symbols"; exit 3; }
record -- true || { echo "perf cannot record here"; exit 3; }
printf '%-36s' case
printf '%8s' frames $classes
echo
bad=0 maps=()
for case; do
	rm -rf data recorded jit* theirs ours symbols busy busy.debug home
	mkdir home
	if ! make_case "$case" >made 2>&1; then
		printf '%-36s%s\n' "$case" "left out: $(tail -qn 1 made err | paste -sd ' ')"
		continue
	fi
	compare
	awk -v name="$case" -v classes="$classes" '
	{ n[$1] = $2; sum += $2 }
	END {
		printf "%-36s%8d", name, sum
		for (i = 1; i <= split(classes, c, " "); i++)
			printf "%8d", n[c[i]]
		print ""
		exit n["differs"] > 0
	}' counts || { bad=1; sort differences | uniq -c | sort -rn | head -n 20; }
done
[ ${#maps[@]} = 0 ] || rm -f "${maps[@]}"
exit $bad
