# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench's job: the median and range of each figure, and
# of the time from before what is done first to the end of the job, total_ns.
#
#	guest,series,scenario,figure,rounds,median,min,max

function add(figure, value,	key) {
	key = $1 "," $2 "," $4 "," figure
	if (!(key in count))
		order[++keys] = key
	values[key, ++count[key]] = value
}

BEGIN { FS = "," }

$1 == "guest" { next }

{ add($5, $6 + 0) }

$5 == "before_ns" { before = $6 }

$5 == "job_ns" { add("total_ns", before + $6) }

END {
	print "guest,series,scenario,figure,rounds,median,min,max"
	print_medians(10)
}
