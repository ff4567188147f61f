# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# What the benchmarks share, whose runs are in $dir. To be sourced after
# tools/lib.sh.

# origin START CELL...: a row of a table: the cells, the trees of the kernels that
# ran last, the date, and the minutes since SECONDS was START
origin() {
	local start=$1 base series

	shift
	base=$(sed -n 's/^base //p' "$dir/run/ids")
	series=$(sed -n 's/^series //p' "$dir/run/ids")
	printf '| %s ' "$@" "${base:0:12}" "${series:0:12}" "$(date -u +%F)" \
		"$(((SECONDS - start + 59) / 60))"
	echo '|'
}
