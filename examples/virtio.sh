#!/bin/sh
# SPDX-License-Identifier: MIT
# virtio.sh FOLDER - draw a guest below its host, on one timeline, from the recording in virtio/
set -eu
here=$(dirname "$0")
to=${1:?a folder for the picture}
mkdir -p "$to"

"$here/record/virtio.sh" records "$here/virtio" |
	cs2text -k "$here/virtio/host/kallsyms" --guest-kallsyms="$here/virtio/kallsyms" |
	sched2states >"$to/virtio.states"
set -- -t 15855.02s,15855.098s -p 'CPU 0/TCG,CPU 1/TCG,qemu-system-x86,md5sum,cksum,sha256sum,sh,gzip' "$to/virtio.states"
states2svg "$@" >"$to/virtio.svg"
states2svg --static "$@" >"$to/virtio-static.svg"

# shellcheck disable=SC2046
awk -F '\t' $(recfields state) -v from=15855020000000 -v to=15855098000000 -f "$here/virtio/steal.awk" \
	"$to/virtio.states" >"$to/steal.txt"

cat <<END
$to/virtio.svg: a guest with two CPUs and its host, which has other work, too; open it in a browser

  What to look for (point at a box to see its task, time and stack):
  * vm25729 vCPU 0 is the host's thread that runs the guest's CPU 0: it runs when sh and gzip run in the
    guest, and sleeps while that CPU is idle.
  * In the guest, sha256sum seems to run all the time on CPU 1. The host shows that vCPU 1 takes turns
    with md5sum: half of that time it is preempted (orange), and nothing in the guest says so.
  * cksum, at the lowest priority, gets what CPU 0 has left; a guest that wakes up preempts it at once.

END
cat "$to/steal.txt"
