# SPDX-License-Identifier: MIT
# steal.awk - what the host's thread of each guest CPU did while the guest ran a task there
#
# awk -F '\t' $(recfields state) -v from=NS -v to=NS -f steal.awk STATES. QEMU names its threads "CPU 0/KVM", and the guest is
# vm and its pid. A thread that waits for a CPU of the host is time that the guest takes for its task's.
{
	start = $t < from ? from : $t
	stop = $end > to ? to : $end
}
$kind != "state" || start >= stop { next }
$machine == "host" && $comm ~ /^CPU [0-9]+\/(KVM|TCG)$/ {
	split($comm, name, /[ \/]/)
	thread = "vm" $pid " CPU " name[2]
	n = threads[thread]++
	since[thread, n] = start
	until[thread, n] = stop
	how[thread, n] = $state == "preempted" || $state == "runnable" ? "waiting" : $state
}
$machine != "host" && $state == "running" {
	runs++
	on[runs] = $machine " CPU " $cpu
	begin[runs] = start
	finish[runs] = stop
}
END {
	for (r = 1; r <= runs; r++)
		for (n = 0; n < threads[on[r]]; n++) {
			a = begin[r] > since[on[r], n] ? begin[r] : since[on[r], n]
			b = finish[r] < until[on[r], n] ? finish[r] : until[on[r], n]
			if (a < b) {
				sum[on[r], how[on[r], n]] += b - a
				all[on[r]] += b - a
			}
		}
	print "guest's CPU     ran tasks   its thread ran    waited    slept"
	for (thread in all)
		printf "%-12s %9.1f ms %15.1f%% %8.1f%% %7.2f%%\n", thread, all[thread] / 1e6, 100 * sum[thread, "running"] / all[thread], 100 * sum[thread, "waiting"] / all[thread], 100 * sum[thread, "sleeping"] / all[thread] | "sort"
}
