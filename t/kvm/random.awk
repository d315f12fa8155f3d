# SPDX-License-Identifier: MIT
#
# random.awk - events for recording.awk: two guests with two vCPUs each, n exits in all, always the same
#
# Each thread starts with an entry, since perf ignores what comes before. An exit has at most one access, since perf
# counts only the last.

function random(k) {
	seed = (seed * 16807) % 2147483647
	return seed % k
}

function who(i) {
	return i % 2 " " (i < 2 ? 100 : 200) " " (i < 2 ? 101 : 201) + i
}

function event(i, name, rest) {
	t += 1 + random(3000)
	print t, who(i), name, rest " vcpu_id=" i % 2
}

BEGIN {
	seed = 1
	t = 1000
	split("12 48 30 32 1 52 31 49", reason, " ")
	for (i = 0; i < 4; i++)
		event(i, "kvm_entry")
	for (k = 0; k < n; k++) {
		i = random(4)
		if (out[i]) {
			event(i, "kvm_entry")
			out[i] = 0
			continue
		}
		r = reason[1 + random(8) * random(8) % 8]
		event(i, "kvm_exit", "isa=1 exit_reason=" r)
		out[i] = 1
		if (r == 30)
			event(i, "kvm_pio", "rw=" random(2) " size=1 count=1 port=" 96 + random(3))
		else if (r == 31 || r == 32)
			event(i, "kvm_msr", "write=" r - 31 " ecx=" 1760 + random(3))
		else if (r == 49)
			event(i, "kvm_mmio", "type=" 1 + random(2) " len=4 gpa=0xfec000" 10 + 20 * random(4))
	}
}
