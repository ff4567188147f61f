# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench's job: the median and range of each figure.
#
#	guest,series,scenario,figure,rounds,median,min,max

function sort(key,	i, j, v) {
	for (i = 2; i <= count[key]; i++) {
		v = values[key, i]
		for (j = i - 1; j > 0 && values[key, j] > v; j--)
			values[key, j + 1] = values[key, j]
		values[key, j + 1] = v
	}
}

function median(key,	n) {
	n = count[key]
	return n % 2 ? values[key, (n + 1) / 2] : (values[key, n / 2] + values[key, n / 2 + 1]) / 2
}

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
	for (i = 1; i <= keys; i++) {
		sort(order[i])
		printf "%s,%d,%.10g,%.10g,%.10g\n", order[i], count[order[i]], median(order[i]),
			values[order[i], 1], values[order[i], count[order[i]]]
	}
}
