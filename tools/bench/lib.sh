# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# What the benchmarks share, whose runs are in $dir. To be sourced after
# tools/lib.sh.

# origin START CELL...: a row of a table: the cells, the trees of the kernels that
# ran last, the date, and the minutes since SECONDS was START
origin() {
	local start=$1

	shift
	printf '| %s ' "$@" "$(tree_of "$dir/run" base)" "$(tree_of "$dir/run" series)" \
		"$(date -u +%F)" "$(((SECONDS - start + 59) / 60))"
	echo '|'
}
