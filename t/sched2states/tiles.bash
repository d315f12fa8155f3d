# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# tiles FILE: no state is empty; a task's states have neither gap nor overlap; a CPU's neither, and they
# cover its machine's whole span.
tiles() {
	awk -F'\t' -v OFS='\t' '
		$1 == "state" { print $3, "task " $6 " " $8, $2, $7 }
		$1 == "state" && $11 == "running" || $1 == "cpustate" && $8 == "cpu" { print $3, "cpu " $4, $2, $7 }
	' "$1" | sort -t$'\t' -k1,2 -k3,3n -k4,4n | awk -F'\t' '
		function bad(what) {
			print what ": " $0
			failed = 1
		}
		function cpu_done() {
			if (last !~ /\tcpu /)
				return
			span = first FS end
			if ((machine in spans) && spans[machine] != span)
				bad("another span than " spans[machine] " before")
			spans[machine] = span
		}
		$4 <= $3 { bad("empty") }
		$1 FS $2 == last && $3 < end { bad("overlaps") }
		$1 FS $2 == last && $3 > end { bad("gap") }
		$1 FS $2 != last {
			cpu_done()
			first = $3
		}
		{
			machine = $1
			last = $1 FS $2
			end = $4
		}
		END {
			cpu_done()
			exit failed
		}'
}
