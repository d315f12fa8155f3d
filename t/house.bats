#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The house rules that a machine can check. CONTRIBUTING.md says why they are there.

load lib

# The third-party libraries, and the one file that may know each.
libraries='
zlib	gz.c
zstd	zstd.c
lzma	xz.c
dwarf	(cfi|expr|src(lines|limits|functions|tables)).c
elfutils	(cfi.c|srclines_int.h)
libelf	elf.c
gelf	elf.c
libiberty	demangle.c
opencsd	csd[a-z0-9_]*.[ch]
json-c	json.c
profile.pb-c	pprofout.c
traceevent	printfmt.c
'

# The folders of lib/, and those that the files of each may include from, besides their own.
folders='
base
rec		base
perf		base rec
symbols		base rec
unwind		base rec symbols
sched		base rec
energy		base rec perf
coresight	base rec perf symbols
prof		base rec
kvm		base rec
ftrace		base rec perf symbols
script		base rec perf
chart		base rec energy
draw		base rec energy chart
export		base rec symbols
agent		base
'

nothing() {
	[ -z "$output" ] || { echo "$output"; return 1; }
}

# nowhere ALLOWED PATTERN FILE ...: only a file whose name matches ALLOWED may have PATTERN.
nowhere() {
	local ok=$1 no=$2
	shift 2
	run -0 awk -v ok="$ok" -v no="$no" '$0 ~ no && FILENAME !~ ok { print FILENAME ": " $0 }' "$@"
	nothing
}

filters() {
	local f
	for f in ../filters/*.c; do
		f=${f##*/}
		echo "${f%.c}"
	done
}

# readers: the filters that read a file or standard input.
readers() {
	for name in $(filters); do
		usage=$("$name" -h)
		[[ ${usage%%$'\n'*} != *'[file'* ]] || echo "$name"
	done
}

@test "one module for each library" {
	while IFS=$'\t' read -r header file; do
		[ -z "$header" ] || nowhere "/${file/./[.]}\$" "^#include [<\"]$header" ../lib/*.[ch] ../lib/*/*.[ch] ../filters/*.c
	done <<<"$libraries"
}

@test "a folder of lib/ includes only from those below it" {
	run -0 awk -v folders="$folders" '
	BEGIN {
		lines = split(folders, line, "\n")
		for (i = 1; i <= lines; i++) {
			words = split(line[i], w, /[ \t]+/)
			for (j = 1; j <= words; j++)
				may[w[1], w[j]] = 1
		}
	}
	/^#include "/ {
		folder = FILENAME
		sub(/\/[^\/]*$/, "", folder)
		sub(/.*\//, "", folder)
		split($2, q, /["\/]/)
		other = q[3] == "" ? folder : q[2]
		if (folder == "lib" ? other !~ /^(base|rec|lib)$/ : !((folder, other) in may))
			print FILENAME ": " $0
	}' ../lib/*.[ch] ../lib/*/*.[ch]
	nothing
}

@test "CONTRIBUTING says what each folder of lib/ is" {
	for folder in ../lib/*/; do
		run -0 grep " $(basename "$folder")/  " ../CONTRIBUTING.md
	done
}

# Circles of files within a folder of lib/ that are tolerated, each with its reason. The list may only shrink.
circles='
'

@test "no circle of files within a folder of lib/" {
	for folder in ../lib/*/; do
		objects=("$folder"*.c)
		objects=("${objects[@]/#..\/lib/$BUILD/lib}")
		nm -A -g "${objects[@]/%.c/.o}" | awk '
		{ sub(/.*\//, "", $1); sub(/[.]o:.*/, "", $1) }
		$(NF - 1) == "U" { needs[$1, $NF]; next }
		{ defines[$NF] = $1 }
		END {
			for (need in needs) {
				split(need, n, SUBSEP)
				if (n[2] in defines && defines[n[2]] != n[1])
					print n[1], defines[n[2]]
			}
		}' | sort -u >"$BATS_TEST_TMPDIR/edges"
		tsort "$BATS_TEST_TMPDIR/edges" 2>"$err" >/dev/null || true
		sed -n 's/^tsort: \([a-z0-9_]*\)$/\1/p' "$err" | sort -u
	done >"$out"
	diff <(awk 'NF > 0 { print $1 }' <<<"$circles" | sort) "$out"
}

@test "a header X_int.h is included only by the files of its folder" {
	for header in ../lib/*/*_int.h; do
		folder=$(dirname "$header")
		grep -l "\"\(.*/\)\?$(basename "$header")\"" ../filters/*.c ../lib/*.[ch] ../lib/*/*.[ch] unit/*.c fuzz/*.c | grep -v "^$folder/" || true
	done >"$out"
	[ ! -s "$out" ] || { cat "$out"; return 1; }
}

@test "every unit test speaks TAP through tap.h, and no test ignores what it runs" {
	run grep -L '#include "tap.h"' unit/*.c
	nothing
	run grep -n 'rejects .*|| [t]rue' ./*.bats
	nothing
}

@test "every source names its licence" {
	run grep -L 'SPDX-License-Identifier: MIT' ../lib/*.[ch] ../lib/*/*.[ch] ../filters/*.c ../doc/*.[17] ../formats/* \
		./*.bats ./*.bash ./*.sh ./*/*.c ../GNUmakefile ../.ci/run ../debian/rules ../debian/deps ../examples/*.sh ../examples/*/*.sh ../examples/*/GNUmakefile
	nothing
}

@test "every filter has a page and a test" {
	for name in $(filters); do
		[ -f "../doc/$name.1" ] || { echo "no doc/$name.1"; return 1; }
		[ -f "$name.bats" ] || { echo "no t/$name.bats"; return 1; }
	done
}

@test "the README names every filter, the tour every page; neither names a missing page" {
	for name in $(filters); do
		grep -qF "[$name](doc/$name.1)" ../README.md || { echo "README.md: no $name"; return 1; }
		grep -q "^[.]Xr $name 1" ../doc/sluice.7 || { echo "sluice.7: no $name"; return 1; }
	done
	for page in ../formats/*.5; do
		grep -q "^[.]Xr $(basename "$page" .5) 5" ../doc/sluice.7 || { echo "sluice.7: no $page"; return 1; }
	done
	sed -n 's/^[.]Xr \([a-z0-9-]*\) \([157]\).*/\1.\2/p' ../doc/*.[17] ../formats/*.5 | sort -u | while read -r page; do
		[ -f "../doc/$page" ] || [ -f "../formats/$page" ] || case $page in
		sluice-* | rec* | *2* | sched* | states* ) echo "no page $page" && exit 1 ;;
		esac
	done
}

@test "only a filter ends the program, and mem.c when memory runs out" {
	nowhere '/(filter|mem)[.]c$' '(^|[^a-z_])(exit|abort|errx?)[(]' ../lib/*.c ../lib/*/*.c
}

@test "no mutable state at file scope" {
	[ -z "${SAN-}" ] || skip "the sanitizers add their own"
	run -0 sh -c "size -A $BUILD/lib/*.o $BUILD/lib/*/*.o $BUILD/filters/*.o |
	    awk '/ :\$/ { f = \$1 } (\$1 == \".data\" || \$1 == \".bss\") && \$2 > 0 { print f, \$0 }'"
	nothing
}

# The exception: hash tables are keyed, so that no input can fill one slot of them; their order reaches no output.
@test "no source asks for the locale, the clock or chance" {
	# the agent works on the live machine: it waits for a host, and sends the guest's clocks
	# and how fast an input is read is shown on a terminal alone, never in output
	nowhere '/lib/agent/|/base/progress[.]c$' '(setlocale|gettimeofday|clock_gettime) *[(]|[^a-z_]time[(]NULL' ../lib/*.c ../lib/*/*.c ../filters/*.c
	nowhere '/base/hash[.]c$' '([^a-z_]s?rand[(]|random[(])' ../lib/*.c ../lib/*/*.c ../filters/*.c
}

@test "a filter fits on four pages" {
	run -0 sh -c "wc -l ../filters/*.c | awk '\$2 != \"total\" && \$1 > 200'"
	nothing
}

@test "every usage line is its manual page's synopsis" {
	for name in $(filters); do
		want=$(mandoc -Tascii -O width=500 "../doc/$name.1" | col -b | sed -n '/^SYNOPSIS/{n;s/^ *//;p;q;}')
		usage=$("$name" -h)
		[ "usage: $want" = "${usage%%$'\n'*}" ] || { echo "$name: ${usage%%$'\n'*}, on the page $want"; return 1; }
		[ "$("$name" --help)" = "$usage" ] || { echo "$name"; return 1; }
		! grep -E '\b([a-z]+) \1\b' <<<"$usage" || { echo "$name: a word twice"; return 1; }
	done
}

@test "every filter prints its version, that of the package and the changelog" {
	version=$(sed -n 's/^VERSION := //p' ../GNUmakefile)
	for name in $(filters); do
		run -0 "$name" --version no such files
		[ "${output%, OpenCSD *}" = "$name (sluice) $version" ] || { echo "$output"; return 1; }
	done
	[[ "$(sed -n 1p ../debian/changelog)" == "sluice ($version) "* ]]
	grep -qE "^## (Unreleased|$version)\$" ../CHANGELOG.md
}

@test "a page describes the options that its filter has, and no others" {
	for name in $(filters); do
		diff <("$name" -h | sed -n 's/^  \(-[^ =]*\).*/\1/p' | tr -d , | sort) \
			<(sed -n 's/^[.]It Fl \([^ ]*\).*/-\1/p' "../doc/$name.1" | sort -u) || { echo "$name"; return 1; }
	done
}

@test "a page that mentions a temporary file says where it is" {
	run grep -L '^[.]It Ev TMPDIR' $(grep -l 'temporary file' ../doc/*.1)
	nothing
}

@test "one letter means one thing in every filter" {
	run -0 sh -c 'for name; do "$name" -h | sed -n "s/^  -\([a-zA-Z]\) \([a-z,]\{1,\}\)  *.*/\1 \2/p"; done | sort -u |
		awk "\$1 == last { print } { last = \$1 }"' sh $(filters)
	nothing
}

@test "-m takes 1 to 64 printable bytes, in every filter that has it" {
	run -0 sh -c 'for name; do "$name" -h | grep -q "^  -m " && echo "$name"; done; true' sh $(filters)
	[ "${#lines[@]}" -ge 5 ]
	long=$(printf '%064d' 0)
	for filter in "${lines[@]}"; do
		for name in '' $'a\tb' $'a\nb' $'\177' "0$long"; do
			run -2 --separate-stderr "$filter" -m "$name" </dev/null
			[[ $stderr == "$filter: -m: a machine's name is 1 to 64 printable bytes"* ]] || { echo "$filter -m $name"; return 1; }
		done
		run -1 --separate-stderr "$filter" -m "$long" no/such/file
	done
}

@test "any machine name becomes a field, in every source, and is found again" {
	long=$(printf '%064d' 0 | tr 0 '\134')
	for name in - 'a\b' 'a b;c' $'caf\xc3\xa9' $'\x80\xff' "$long"; do
		perf2rec -m "$name" ../examples/pipeline.data >"$out.perf2rec"
		etm2pkt -m "$name" ../examples/coresight >"$out.etm2pkt"
		rapl2csv -m "$name" --records --elapsed=1 ../examples/power.csv >"$out.rapl2csv"
		for source in perf2rec etm2pkt rapl2csv; do
			reccheck -n --any-order "$out.$source"
			[ "$(cut -f3 "$out.$source" | sort -u | wc -l)" = 1 ] || { echo "$source -m $name: several machines"; return 1; }
			! cut -f3 "$out.$source" | grep -qxF -- - || { echo "$source -m $name: unknown"; return 1; }
		done
		cs2text -m "$name" -k ../examples/pipeline.kallsyms "$out.perf2rec" | cmp - <(cs2text -k ../examples/pipeline.kallsyms "$out.perf2rec")
	done
}

@test "wrong usage is reported, with status 2" {
	for name in $(filters); do
		run -2 --separate-stderr "$name" --no-such-option
		[[ $stderr == *"usage: $name "* ]]
		usage=$("$name" -h)
		[[ ${usage%%$'\n'*} =~ [.][.][.]\]*$ ]] && continue # takes as many as there are
		run -2 --separate-stderr "$name" one two three </dev/null
		[[ $stderr =~ '": '(one|two)' operand'(|s)' only' ]]
	done
}

@test "a missing file is reported in one line, with status 1" {
	for name in $(readers); do
		run -1 --separate-stderr "$name" no/such/file
		[[ $stderr == "$name: no/such/file: No such file or directory" ]] || { echo "$stderr"; return 1; }
	done
}

@test "a full disk is an error" {
	for name in $(filters); do
		run -1 --separate-stderr sh -c '"$0" -h >/dev/full' "$name"
		run -1 --separate-stderr sh -c '"$0" --version >/dev/full' "$name"
	done
}

@test "every example of a manual page works" {
	cp -r ../examples "$BATS_TEST_TMPDIR/examples"
	cd "$BATS_TEST_TMPDIR/examples"
	ran=0
	for page in "$BATS_TEST_DIRNAME"/../doc/*.[17]; do # the pages write \e for a backslash, \(aq and \(dq for quotes
		while read -r command; do
			bash -o pipefail -c "$command" >/dev/null 2>"$err" || { echo "$page: $command"; cat "$err"; return 1; }
			ran=$((ran + 1))
		done < <(sed -n 's/^[.]Dl \$ //p' "$page" | sed 's/\\e/\\/g; s/\\&//g; s/\\-/-/g; s/\\(aq/'\''/g; s/\\(dq/"/g')
	done
	[ "$ran" -ge 10 ]
}

@test "make knows every target that the head of GNUmakefile lists" {
	targets=$(sed -n 's/^# make \([a-z][a-z-]*\( [a-z][a-z-]*\)*\)   *[a-zA-Z].*/\1/p' ../GNUmakefile)
	[ "$(wc -w <<<"$targets")" -ge 15 ]
	for target in $targets; do
		grep -q "^$target:" ../GNUmakefile || { echo "no rule for $target"; return 1; }
	done
}

@test "the Debian package and the package list name the same packages" {
	run -0 diff <(awk '!/^#/ && ($2 == "deb" || ($2 == "build" && $1 ~ /-(dev|compiler)$/ && $1 !~ /^libc6/)) { print $1 }' ../debian/packages | sort) \
		<(sed -n 's/^Build-Depends: //p' ../debian/control | tr ',' '\n' | sed 's/^ *//; s/-compat (.*//' | sort)
}

@test "install installs every filter, its completion and its page; uninstall removes these and nothing else" {
	[ -z "${INSTALLED-}" ] || skip "the filters are installed already"
	root="$BATS_TEST_TMPDIR/a root"
	run_make() {
		env -u MAKEFLAGS -u MAKELEVEL make -s -C .. B="$(basename "$BUILD")" DESTDIR="$root" PREFIX=/usr "$@"
	}
	run_make install
	[ "$("$root/usr/bin/reccheck" --version)" = "$(reccheck --version)" ]
	run -0 diff <(cd "$root" && find . -type f | sort) <({
		filters | sed 's|.*|./usr/bin/&\n./usr/share/bash-completion/completions/&|'
		printf '%s\n' ../doc/*.1 ../doc/*.7 ../formats/*.5 | sed 's|.*/\(.*[.]\([157]\)\)$|./usr/share/man/man\2/\1|'
	} | sort)
	touch "$root/usr/bin/other"
	run_make uninstall
	[ "$(cd "$root" && find . -type f)" = ./usr/bin/other ]
}
