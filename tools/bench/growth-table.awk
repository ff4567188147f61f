# SPDX-License-Identifier: GPL-2.0
#
# A table in Markdown of what summary.awk made of the growth: its device column
# holds an axis and where on it a point is.

function cell(key) {
	return key in median ? sprintf("%.4g (%.4g to %.4g)", median[key], lowest[key], highest[key]) : "-"
}

# On User-Mode Linux it comes in ticks of 10 ms: too coarse for so few pages
function cpu_cell(guest, key) {
	return guest == "um" ? "-" : cell(key ",cpu_us_per_page")
}

BEGIN {
	FS = ","
	print "\n### Growth, median (range)\n"
	print "| axis | | guest | method | kernel | rounds | pages written | pages/s | CPU us/page |"
	print "|---|---|---|---|---|---|---|---|---|"
}

$1 == "guest" { next }

{
	key = $3 "," $5 "," $2 "," $1
	if ($6 == "pages_per_s") {
		order[++keys] = key
		rounds[key] = $7
	}
	key = key "," $6
	median[key] = $8
	lowest[key] = $9
	highest[key] = $10
}

END {
	for (i = 1; i <= keys; i++) {
		split(order[i], part, ",")
		split(part[1], at, "=")
		printf("| %s | %s | %s | %s | %s | %d | %d | %s | %s |\n", at[1], at[2], part[4], part[2], part[3], rounds[order[i]],
			median[order[i] ",pages"], cell(order[i] ",pages_per_s"), cpu_cell(part[4], order[i]))
	}
}
