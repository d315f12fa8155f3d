# SPDX-License-Identifier: MIT
#
# Turn the meta records of perf2rec -H, or with -v perf=1 the text of perf report --header-only -I,
# into lines that can be compared.

function sorted(list, n, a, i, j, t, s) {
	n = split(list, a, "|")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
			t = a[j]
			a[j] = a[j - 1]
			a[j - 1] = t
		}
	for (i = 1; i <= n; i++)
		s = s (i > 1 ? "|" : "") a[i]
	return s
}

function event(v, name) {
	if (name ~ "/") # the names of events that a PMU describes
		name = "pmu"
	print "event", name, v["type"] + 0, v["size"], v["period"] + 0, sorted(v["sample_type"]), sorted(v["read_format"]), sorted(v["flags"]), v["precise_ip"] + 0
}

function clear(v, k) {
	for (k in v)
		delete v[k]
}

# seconds, cut to us, as perf prints them
function seconds(ns) {
	return sprintf("%s.%s", length(ns) > 9 ? substr(ns, 1, length(ns) - 9) : 0, substr(sprintf("%09s", substr(ns, length(ns) > 9 ? length(ns) - 8 : 1)), 1, 6))
}

/^== / { # the name of the recording
	print
	next
}
perf {
	sub(/^# /, "")
	sub(/ *$/, "")
}
perf && /^(hostname|os release|perf version|arch|nrcpus online|nrcpus avail|cpudesc|cpuid|cmdline) : / {
	print
}
perf && /^total memory : / { print "total memory", $4 }
perf && /^sibling (sockets|dies|threads) *: / { print $1, $2, $4 }
perf && /^CPU [0-9]+: / { gsub(/[:,]/, ""); print "CPU", $2, $5, $NF, $6 == "Die" ? $8 : "" }
perf && /^node[0-9]+ meminfo/ { gsub(/node|,/, ""); print "node", $1, $6, $10 }
perf && /^node[0-9]+ cpu list/ { gsub(/node/, ""); print "list", $1, $5 }
perf && /^pmu mappings: / {
	sub(/^pmu mappings: /, "")
	n = split($0, a, ", ")
	for (i = 1; i <= n; i++)
		if (split(a[i], b, " = ") == 2)
			print "pmu", b[1], b[2]
}
perf && /^ L[0-9] / { print "cache", $1, $2, $3, $4 }
perf && /^time of (first|last) sample : / { if ($6 > 0) print $3, $6 }
perf && /^group: / { sub(/[{].*/, "", $2); print "group", $2 }
perf && /pmu capabilities: / {
	pmu = $1
	sub(/.*capabilities: /, "")
	gsub(/, /, " ")
	print "caps", pmu, $0
}
perf && /^[a-z][a-z_0-9]* cpu list : / { print "hybrid", $1, $5 }
perf && /^event : / {
	clear(v)
	name = $0
	sub(/^event : name = /, "", name)
	sub(/, , .*/, "", name)
	sub(/.*, , /, "")
	sub(/id = [{][^}]*[}], /, "")
	n = split($0, a, ", ")
	for (i = 1; i <= n; i++) {
		if (a[i] == "{ sample_period" && split(a[i + 1], b, " = ") == 2)
			v["period"] = b[2]
		if (split(a[i], b, " = ") != 2)
			continue
		if (b[1] ~ /^(type|size|sample_type|read_format|precise_ip)$/)
			v[b[1]] = b[2]
		else if (b[2] == 1 && b[1] ~ flag)
			v["flags"] = v["flags"] (v["flags"] == "" ? "" : "|") b[1]
	}
	event(v, name)
}

!perf {
	split($0, field, "\t")
	key = field[4]
	value = field[5]
	clear(v)
	n = split(value, a, " ")
	for (i = 1; i <= n; i++)
		if (match(a[i], /=/))
			v[substr(a[i], 1, RSTART - 1)] = substr(a[i], RSTART + 1)
	name = value
	sub(/(.* )?name=/, "", name)
	sub(/ *$/, "", value)
}
!perf && key in same { print same[key] " : " value }
!perf && key == "memory_kb" { print "total memory", value }
!perf && key == "cpus" { print "nrcpus avail : " v["available"] }
!perf && key == "package_cpus" { print "sibling sockets", value }
!perf && key == "die_cpus" { print "sibling dies", value }
!perf && key == "core_cpus" { print "sibling threads", value }
!perf && key == "cpu" { print "CPU", v["cpu"], v["core"], v["package"], v["die"] }
!perf && key == "numa_node" { print "node", v["node"], v["total_kb"], v["free_kb"]; print "list", v["node"], v["cpus"] }
!perf && key == "pmu" { print "pmu", name, v["type"] }
!perf && key == "cache" { print "cache", "L" v["level"], v["type"], v["size"], "[" v["cpus"] "]" }
!perf && key == "first_sample" { print "first", seconds(value) }
!perf && key == "last_sample" { print "last", seconds(value) }
!perf && key == "group" { sub(/[{].*/, "", name); print "group", name }
!perf && key == "hybrid" { print "hybrid", v["pmu"], v["cpus"] }
!perf && key == "pmu_caps" { sub(/ pmu=[^ ]*$/, "", value); print "caps", v["pmu"], value }
!perf && key == "event" {
	if ("freq" in v)
		v["period"] = v["freq"]
	event(v, name)
}

BEGIN {
	same["hostname"] = "hostname"
	same["osrelease"] = "os release"
	same["perf"] = "perf version"
	same["arch"] = "arch"
	same["nrcpus"] = "nrcpus online"
	same["cpudesc"] = "cpudesc"
	same["cpuid"] = "cpuid"
	same["cmdline"] = "cmdline"
	flag = "^(disabled|inherit|pinned|exclusive|exclude_[a-z_]*|mmap|comm|freq|inherit_stat|enable_on_exec|task|watermark|mmap_data|sample_id_all|mmap2|comm_exec|use_clockid|context_switch|write_backward|namespaces|ksymbol|bpf_event|aux_output|cgroup|text_poke|build_id|inherit_thread|remove_on_exec|sigtrap)$"
}
