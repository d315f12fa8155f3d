# SPDX-License-Identifier: MIT
# power.awk - make power.csv: what perf stat prints of an AMD CPU with eight cores
#
# No recording of a real machine, but in its form: perf stat -a --per-core -I 250 -x, -e
# power/energy-pkg/,power_core/energy-core/. For ten seconds: one thread that moves from core to core each second,
# from 4 s on a build on cores 0 to 3, with all cores from 6 s to 8 s, at less power each, as the package has a limit.

function noise() {
	seed = (seed * 16807) % 2147483647
	return seed / 2147483647 - 0.5
}

# Watts of a core at a time.
function watts(core, t) {
	if (t >= 6 && t < 8)
		return 7.5 + noise()
	if (t >= 4 && t < 9 && core < 4)
		return 11 + 2 * noise()
	if (t < 4 && core == int(t) * 3 % 8)
		return 13.5 + noise()
	return 0.15 + 0.1 * noise()
}

function put(place, joules, event) {
	printf "%.9f,%s,1,%.2f,Joules,%s,%d,100.00,,\n", now, place, joules, event, dt * 1e9 + 2000 * noise() + 1500
}

BEGIN {
	seed = 20261121
	print "# started on Sat Nov 21 10:00:00 2026"
	print ""
	for (i = 1; i <= 40; i++) {
		dt = 0.25 + 0.0002 + 0.0001 * noise()
		now += dt
		sum = 0
		for (core = 0; core < 8; core++) {
			joules[core] = watts(core, now - dt / 2) * dt
			sum += joules[core]
		}
		put("S0-D0-C0", sum + 14.5 * dt + 0.08 * sum, "power/energy-pkg/")
		for (core = 0; core < 8; core++)
			put("S0-D0-C" core, joules[core], "power_core/energy-core/")
	}
}
