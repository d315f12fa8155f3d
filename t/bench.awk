# SPDX-License-Identifier: MIT
# bench.awk - doc/bench.md from results.tsv, whose columns bench.bash describes; machine is a line about the machine

BEGIN {
	FS = "\t"
	print "<!-- SPDX-License-Identifier: MIT -->"
	print "# Measured\n"
	print "Made by `make bench`, which writes each figure to `build/bench/results.tsv` as well. CPU is user and system time of all processes of the"
	print "command, the median of three runs in which the commands of a row take turns (one run for what takes minutes); peak is the memory of the"
	print "largest process of a pipeline. The first command of a job is the peer, or a program that does only the least that the job takes (`*floor`);"
	print "the last column compares CPU time with it.\n"
	print "Machine: " machine "\n"
	print "| job | command | CPU | wall | peak | output | beside the first |"
	print "|---|---|---:|---:|---:|---:|---|"
}

function amount(n, unit) {
	return sprintf(n < 10 ? "%.2f %s" : "%.0f %s", n, unit)
}

{
	job = $1 == last && $2 == size ? "" : $1 ", " $2
	alone = job != ""
	last = $1
	size = $2
	gsub(/\|/, "\\|", $4)
	if (job != "") {
		split($2, n, " ")
		rate = n[1] / ($5 > 0.001 ? $5 : 0.001)
		beside = $3 == "ours" ? (rate < 1000000 ? sprintf("%.0f %s/s", rate, n[2]) : sprintf("%.1f million %s/s", rate / 1000000, n[2])) : ""
	} else {
		beside = $9 < 1 ? sprintf("%.1f times as much", 1 / $9) : sprintf("%.1f times less", $9)
	}
	printf "| %s | `%s` | %s | %s | %s | %s | %s |\n", job, $4, amount($5, "s"), amount($6, "s"), amount($7 / 1024, "MB"), amount($8 / 1000000, "MB"), beside
}
