#!/bin/sh
# SPDX-License-Identifier: MIT
# power.sh FOLDER - turn a recording of energy counters into tables and a picture of power over time
#
# states2svg can draw power and the timechart in one picture, on the same clock. Any other program can draw from the CSV; for
# gnuplot a wide table is best.
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

  What to look for (point at a lane to see its energy, with the error, and its power):
  * One thread moves from core to core each second; the package's power does not change.
  * From 4 s four cores work, from 6 s all eight: the package uses a fifth more, each core a third less.
  * The package's power is never below 15 W: cores.csv shows how much of its energy the cores do not use.
END
cat "$to/cores.csv"
