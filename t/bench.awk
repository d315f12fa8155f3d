# SPDX-License-Identifier: MIT
# bench.awk - doc/bench.md from results.tsv, whose columns bench.bash describes; machine is a line about the machine

BEGIN {
	FS = "\t"
	print "<!-- SPDX-License-Identifier: MIT -->"
	print "# Measured\n"
	print "Made by `make bench`, which writes each figure to `build/bench/results.tsv` as well. CPU is user and system time of all processes of the"
	print "command, the median of three runs in which the commands of a row take turns (one run for what takes minutes); a run that takes less than"
	print "0.05 s is repeated until it takes that long, and the mean counts. Peak is the memory of the largest process of a pipeline. The first"
	print "command of a job is the peer, or a program that does only the least that the job takes (`*floor`); the last column compares CPU time"
	print "with it. [Growth](#growth), at the end, shows whether the cost of an event stays the same in larger recordings.\n"
	print "Machine: " machine "\n"
	print "| job | command | CPU | wall | peak | output | beside the first |"
	print "|---|---|---:|---:|---:|---:|---|"
}

function amount(n, unit) {
	if (n == "-")
		return n
	return sprintf(n < 0.1 ? "%.3f %s" : n < 10 ? "%.2f %s" : "%.0f %s", n, unit)
}

function least(t) {
	return t > 0.0001 ? t : 0.0001
}

# The same command at another size is one row of the table of growth.
function grow(command, n, cpu, rss) {
	if (!sub(/messages-[0-9]+[kM]/, "FILE", command))
		return
	gsub(/messages-[0-9]+[kM]/, "FILE", command)
	if (!(command in grows)) {
		grows[command] = 1
		growing[++ngrowing] = command
	}
	if (!(n in sizes)) {
		sizes[n] = 1
		size_of[++nsizes] = n
	}
	each[command, n] = sprintf("%.2f \302\265s, %s", 1e6 * cpu / n, amount(rss / 1024, "MB"))
}

{
	job = $1 == last && $2 == size ? "" : $1 ", " $2
	last = $1
	size = $2
	split($2, n, " ")
	if (n[2] == "events")
		grow($4, n[1], $5, $7)
	gsub(/\|/, "\\|", $4)
	if (job != "") {
		rate = n[1] / least($5)
		beside = $3 == "ours" ? (rate < 1000000 ? sprintf("%.0f %s/s", rate, n[2]) : sprintf("%.1f million %s/s", rate / 1000000, n[2])) : ""
	} else {
		beside = $9 < 1 ? sprintf("%.1f times as much", 1 / $9) : sprintf("%.1f times less", $9)
	}
	out = $8 == "-" ? $8 : amount($8 / 1000000, "MB")
	rss = $7 == "-" ? $7 : amount($7 / 1024, "MB")
	printf "| %s | `%s` | %s | %s | %s | %s | %s |\n", job, $4, amount($5, "s"), amount($6, "s"), rss, out, beside
}

END {
	print "\n## Growth\n"
	print "CPU of an event, and peak memory, of the commands above on recordings of the same load, by the number of their events. If time grows with"
	print "the events alone, a row has the same time in all columns but the first, where starting weighs, and reading the symbols of the kernel; a"
	print "time that rises from column to column shows work that grows faster than the recording. The memory of sources and folds is that of"
	print "the tasks, the symbols and the stacks, which are more in the larger recordings, not of the events; `states2svg` and"
	print "`states2tab` hold the times that percentiles are taken of, `states2svg` also all intervals, to choose from when all are known, and"
	print "`states2path` the states to go back through.\n"
	printf "| command |"
	for (i = 1; i <= nsizes; i++)
		printf " %s events |", size_of[i]
	printf "\n|---|"
	for (i = 1; i <= nsizes; i++)
		printf "---:|"
	print ""
	for (k = 1; k <= ngrowing; k++) {
		command = growing[k]
		gsub(/\|/, "\\|", command)
		printf "| `%s` |", command
		for (i = 1; i <= nsizes; i++)
			printf " %s |", ((growing[k], size_of[i]) in each) ? each[growing[k], size_of[i]] : ""
		print ""
	}
}
