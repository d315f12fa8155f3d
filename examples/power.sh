#!/bin/sh
# SPDX-License-Identifier: MIT
# power.sh FOLDER - from a recording of energy counters to tables, and to a picture of power over time
#
# With states2svg: the same picture can then have the timechart under it, on the same clock. Any other program draws from
# the CSV; for gnuplot a wide table is best.
set -eu
here=$(dirname "$0")
to=${1:?a folder for the tables and the picture}
mkdir -p "$to"

rapl2csv "$here/power.csv" >"$to/power.csv"
rapl2csv --totals "$here/power.csv" >"$to/totals.csv"
rapl2csv --cores "$here/power.csv" >"$to/cores.csv"
rapl2csv --records "$here/power.csv" | states2svg >"$to/power.svg"

cat <<END
$to/power.svg: ten seconds of a CPU with eight cores, made by power.awk; open it in a browser

  What to look for (point at a lane: it tells its energy, with its error, and its power):
  * one thread moves from core to core each second, the package does not care.
  * from 4 s on four cores work, from 6 s on all eight: the package uses a fifth more, each core a third less.
  * the package's power is never below 15 W: cores.csv tells how much of its energy is not that of cores.
END
cat "$to/cores.csv"
