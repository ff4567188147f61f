# SPDX-License-Identifier: GPL-2.0
#
# From System.map, tools/bench/steps and profile.csv, in this order: of the kernel
# "series", whose map it is, a line for each method and function that a tick came in,
#
#	series,method,ticks,function,step
#
# where step is the number of a line of tools/bench/steps, of those with an expression.

function hex(digits,	i, value) {
	for (i = 1; i <= length(digits); i++)
		value = value * 16 + index("123456789abcdef", substr(digits, i, 1))
	return value
}

# The last symbol that begins in this piece of the code or before it
function function_at(offset,	low, high, mid) {
	low = 1
	high = symbols
	while (low < high) {
		mid = int((low + high + 1) / 2)
		if (start[mid] <= offset)
			low = mid
		else
			high = mid - 1
	}
	return symbol[low]
}

function step_of(name,	i) {
	if (!(name in known)) {
		for (i = 1; i < steps && name !~ pattern[i]; i++)
			;
		known[name] = i
	}
	return known[name]
}

# Of addresses only what is below 2^32: awk's numbers are floating
FILENAME ~ /System.map$/ {
	address = hex(substr($1, 9))
	if ($3 == "_stext")
		text = address
	if (text && $2 ~ /^[tTwW]$/ && !done) {
		start[++symbols] = address - text
		symbol[symbols] = $3
	}
	done = done || $3 == "_etext"
	next
}

FILENAME ~ /steps$/ {
	if (!/^#/ && NF) {
		split($0, field, "\t")
		pattern[++steps] = field[1]
	}
	next
}

FNR > 1 {
	split($0, field, ",")
	if (field[2] == series)
		ticks[field[3] "," function_at(field[4])] += field[5]
}

END {
	for (key in ticks) {
		split(key, part, ",")
		print series "," part[1] "," ticks[key] "," part[2] "," step_of(part[2])
	}
}
