# SPDX-License-Identifier: GPL-2.0
#
# From tools/bench/steps, summary.csv and what profile-functions.awk made, in this
# order: a table in Markdown of where the instructions of a page go, a row for each
# step and a column for each method. A step has its share of the ticks of what the
# method took in all, which the part "instructions" has measured.

FILENAME ~ /steps$/ {
	if (!/^#/ && NF) {
		split($0, field, "\t")
		title[++steps] = field[2]
	}
	next
}

{ split($0, field, ",") }

FILENAME ~ /summary.csv$/ {
	if (field[1] == "x86_64-icount" && field[4] == "third" && field[6] == "instructions_per_page")
		instructions[field[2] ": " field[5]] = field[8]
	next
}

{
	method = field[1] ": " field[2]
	if (!(method in total))
		column[++columns] = method
	total[method] += field[3]
	ticks[method, field[5]] += field[3]
}

END {
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
