# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# What the benchmarks share, whose runs are in $dir. To be sourced after
# tools/lib.sh.

# origin START CELL...: a row of a table: the cells, the trees of the kernels that
# ran last, the date, the minutes since SECONDS was START, and how busy the machine had
# been before, $load
origin() {
	local start=$1

	shift
	printf '| %s ' "$@" "$(tree_of "$dir/run" base)" "$(tree_of "$dir/run" series)" \
		"$(date -u +%F)" "$(((SECONDS - start + 59) / 60))" "$load"
	echo '|'
}

# of_one_series COLUMN: of rows of origin; says in bold if the series in that column is
# not the same in all of them
of_one_series() {
	[[ $(awk -F'|' -v column="$1" '{ print $(column + 1) }' | sort -u | wc -l) -le 1 ]] ||
		printf '\n**These parts are not of the same series: what compares them does not hold.**\n'
}

# How busy the machine is
load() {
	cut -d' ' -f1 /proc/loadavg
}

# series_of ROUND: both kernels; which one is first alternates
series_of() {
	if (($1 % 2)); then echo patched base; else echo base patched; fi
}

# What has measured
machine() {
	local model qemu='' accel=${ACCEL:-auto}

	[[ $accel != auto || ! -s $BUILD/accel ]] || accel=$(cat "$BUILD/accel")
	model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	[[ $accel == auto ]] ||
		qemu=", $(qemu-system-x86_64 --version | head -n 1) with $accel"
	echo "$(nproc) CPUs, ${model:-unknown}, Linux $(uname -r)$qemu."
}

# alone: waits until no suite of tools/test runs, and lets none begin
alone() {
	open_machine
	# Not kept: somebody who is past the gate may want it, and we the gate
	{ flock -n 7 && flock -u 7; } ||
		progress 'waiting until no guests run that were begun before'
	take_machine -x
}
