#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm.sh SECONDS - record host and guests together, on the host (as root)
#
# A guest's samples contain only an address. To name it, the guest's own symbols are needed: copy the guest's
# /proc/kallsyms to guest.kallsyms while it runs (with kernel.kptr_restrict=0 in the guest).
set -eu
seconds=${1:?how many seconds}
perf kvm --host --guest record -q -a -g -o perf.data -- sleep "$seconds"
cat /proc/kallsyms >kallsyms
perf2rec perf.data | cs2text -k kallsyms >kvm.rec
