# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench's job: the median and range of each figure.
#
#	guest,series,scenario,figure,rounds,median,min,max

BEGIN { FS = "," }

$1 == "guest" { next }

{
	key = $1 "," $2 "," $4 "," $5
	if (!(key in count))
		order[++keys] = key
	values[key, ++count[key]] = $6 + 0
}

END {
	print "guest,series,scenario,figure,rounds,median,min,max"
	print_medians(10)
}
