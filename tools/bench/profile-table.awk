# SPDX-License-Identifier: GPL-2.0
#
# From System.map, tools/bench/steps, summary.csv and profile.csv, in this order: a
# table in Markdown of where the instructions of a page go, a row for each step and
# a column for each method. A step has its share of the ticks of what the method
# took in all, which the part "instructions" has measured.
#
# STEPS=1 prints a line for each function instead, with its ticks and its step: what
# has none is a gap of tools/bench/steps.

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
		title[steps] = field[2]
	}
	next
}

FILENAME ~ /summary.csv$/ {
	split($0, field, ",")
	if (field[1] == "x86_64-icount" && field[2] == "patched" && field[4] == "third" &&
	    field[6] == "instructions_per_page")
		instructions[field[5]] = field[8]
	next
}

FNR > 1 {
	split($0, field, ",")
	method = field[3]
	name = function_at(field[4])
	if (!(method in total))
		column[++columns] = method
	total[method] += field[5]
	ticks[method, step_of(name)] += field[5]
	by_name[method " " name] += field[5]
}

END {
	if (STEPS) {
		for (key in by_name) {
			split(key, part, " ")
			print part[1], by_name[key], part[2], title[step_of(part[2])]
		}
		exit
	}
	print "\n### Instructions of a page by step (x86_64-icount), null-0, data: third\n"
	printf "| step |"
	for (c = 1; c <= columns; c++)
		printf " %s |", column[c]
	printf "\n|---|"
	for (c = 1; c <= columns; c++)
		printf "---|"
	for (i = 1; i <= steps; i++) {
		printf "\n| %s |", title[i]
		for (c = 1; c <= columns; c++)
			printf " %.0f |", instructions[column[c]] * ticks[column[c], i] / total[column[c]]
	}
	printf "\n| all, and ticks seen |"
	for (c = 1; c <= columns; c++)
		printf " %.0f, %d |", instructions[column[c]], total[column[c]]
	print ""
}
