#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sched2states on recordings: what must be true of each of them, and comparisons with perf.

load lib
load sched2states/tiles

recordings='sleepy build pipeline'

# folded NAME: the states of a shared recording, in $out.
folded() {
	shared sched
	perf2rec "$shared/$1.data" | sched2states >"$out"
}

@test "folding states again does not change them" {
	for name in $recordings; do
		folded "$name"
		sched2states <"$out" | cmp - "$out"
	done
}

@test "the states of tasks and CPUs have neither gap nor overlap" {
	for name in $recordings; do
		folded "$name"
		tiles "$out"
	done
}

# All between the first and the last switch of each CPU; the measure of perf's own loss.
@test "all time is running, idle or unknown, and no more than the CPUs have" {
	while read -r name ms; do
		folded "$name"
		awk -F'\t' -v ms="$ms" '
			$1 == "state" && $11 == "running" { edges = $12 }
			$1 == "cpustate" && $8 == "cpu" { edges = $10 }
			$1 == "state" && $11 == "running" || $1 == "cpustate" && $8 == "cpu" {
				n++
				cpu[n] = $4
				from[n] = $2
				open[n] = edges ~ /end=open/
				ns[n] = $7 - $2
				if (!($4 in first) || $2 < first[$4])
					first[$4] = $2
			}
			END {
				for (i = 1; i <= n; i++)
					if (from[i] != first[cpu[i]] && !open[i])
						sum += ns[i]
				got = sprintf("%.3f", sum / 1000000)
				if (got != ms)
					print got, ms
				exit got != ms
			}' "$out"
	done <<-'END'
		sleepy 372.783
		build 3585.544
		pipeline 2090.848
	END
}

@test "every waker has a name, and those that were interrupts are marked" {
	for name in $recordings; do
		folded "$name"
		run -0 awk -F'\t' '$1 == "arrow" && ($6 == "-" || $8 == "-" || $8 == "")' "$out"
		[ -z "$output" ]
		[ "$(awk '$1 == "arrow" && $10 != "task"' "$out" | wc -l)" -gt 30 ]
	done
}

@test "every switched-out task has the stack it was switched out with" {
	for name in $recordings; do
		folded "$name"
		run -0 awk -F'\t' '$1 == "state" && ($12 ~ /^out=/ || $11 ~ /^(sl|unint|pre|idle)/) && $13 !~ /^k;/' "$out"
		[ -z "$output" ]
	done
}

@test "threads have rows of their own" {
	folded sleepy
	[ "$(awk '$1 == "state" && $9 == "python3" && $5 != $6 { print $5, $6 }' "$out" | sort -u | wc -l)" -eq 6 ]
}

@test "an exec takes no time from a task" {
	folded build
	awk -F'\t' '
		$1 == "comm" && $7 == "exec" && $2 > 0 { at[$6] = $2 }
		$1 == "state" && ($6 in at) && $2 <= at[$6] && at[$6] < $7 && $11 ~ /running|unknown/ { held[$6] = 1 }
		END {
			for (tid in at) {
				n++
				if (!(tid in held)) {
					print tid, at[tid]
					bad = 1
				}
			}
			exit bad || n < 40
		}' "$out"
}

@test "with stacks once, the states are the same but for the stacks" {
	shared sched
	folded pipeline
	perf2rec --stacks=once "$shared/pipeline.data" | sched2states >"$err"
	cmp <(grep -v ^stack "$out" | cut -f1-12) <(grep -v ^stack "$err" | cut -f1-12)
}

# timehist NAME: perf's rows as sched2states/timehist.awk writes them.
timehist() {
	perf sched timehist --no-call-graph --state -i "$shared/$1.data" 2>"$err" | awk '
		function us(ms) {
			sub(/[.]/, "", ms)
			return sprintf("%.0f", ms)
		}
		$2 ~ /^\[[0-9]+\]$/ {
			match($0, /\[-?[0-9]+(\/[0-9]+)?\] +[0-9.]+ +[0-9.]+ +[0-9.]+/)
			tid = $3 == "<idle>" ? 0 : substr($0, RSTART + 1) + 0
			gsub(/[^0-9]/, "", $2)
			print us($1), $2 + 0, tid, us($(NF - 3)), us($(NF - 2)), us($(NF - 1))
		}' | sort
}

# rows: the same from $out.
rows() {
	grep -E '^(cpu)?state' "$out" | sort -t$'\t' -k6,6n -k8,8n -k2,2n >"$BATS_TEST_TMPDIR/sorted"
	awk -f sched2states/timehist.awk "$BATS_TEST_TMPDIR/sorted" "$BATS_TEST_TMPDIR/sorted" | sort
}

# timehist gives a dying thread's last row the tid -1.
@test "perf sched timehist has the same rows, to the microsecond" {
	needs perf
	while read -r name rows dying; do
		folded "$name"
		timehist "$name" >"$BATS_TEST_TMPDIR/theirs"
		rows >"$BATS_TEST_TMPDIR/ours"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -eq "$rows" ]
		run diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
		[ "$(grep -c '^<' <<<"$output")" -eq "$dying" ] || { echo "$output"; return 1; }
		[ "$(grep -c '^< [0-9]* [0-9] -1 ' <<<"$output")" -eq "$dying" ] || { echo "$output"; return 1; }
	done <<-'END'
		build 1344 0
		pipeline 6706 1
	END
}

# If wakings are recorded timehist uses nothing else, so neither may this test; and it loses
# those that come before the switch-out: that of task 18323 at 5381.164400.
@test "perf sched timehist has the same rows by wakings, but for one race that it loses" {
	needs perf
	shared sched
	perf2rec "$shared/sleepy.data" | awk -F'\t' '$1 != "wakeup" || $7 != "wakeup"' | sched2states >"$out"
	timehist sleepy >"$BATS_TEST_TMPDIR/theirs"
	rows >"$BATS_TEST_TMPDIR/ours"
	run diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
	[ "$(grep -c '^<' <<<"$output")" -eq 7 ]
	[ "$(grep -c '^< [0-9]* [0-9] -1 ' <<<"$output")" -eq 6 ]
	grep -q '^> 5381164431 0 18323 12 12 18$' <<<"$output"
}

# Two kinds of tasks are left out: those preempted in the kernel, for perf before 7.2 does not know R+
# and counts none of those waits; and those with a switch missing. A first wait that began with a
# fork, as no wakeup was recorded, perf counts with no time.
@test "perf sched latency counts the same waits for a CPU" {
	needs perf
	for name in $recordings; do
		[ "$name" != sleepy ] || continue
		folded "$name"
		perf sched latency -p -i "$shared/$name.data" 2>"$err" |
			sed -n 's/^ *.*:\([0-9]*\)  *|.* ms | *\([0-9]*\) | avg: *\([0-9.]*\) ms | max: *\([0-9.]*\) ms.*/\1 \2 \3 \4/p' |
			sort >"$BATS_TEST_TMPDIR/theirs"
		awk -F'\t' '
			$1 != "state" { next }
			$12 ~ /out=R\+/ || $11 == "unknown" && $12 !~ /begin=/ { skip[$6] = 1 }
			$11 ~ /^(runnable|preempted)$/ && $12 ~ /prev=/ {
				n[$6]++
				ns = $12 ~ /begin=/ ? 0 : $7 - $2
				sum[$6] += ns
				if (ns > max[$6])
					max[$6] = ns
			}
			END {
				for (tid in n)
					if (!(tid in skip))
						printf "%d %d %.3f %.3f\n", tid, n[tid], sum[tid] / n[tid] / 1e6, max[tid] / 1e6
			}' "$out" | sort >"$BATS_TEST_TMPDIR/ours"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -ge 12 ]
		run -0 comm -13 "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
		[ -z "$output" ] || { echo "$name: $output"; return 1; }
	done
}
