# SPDX-License-Identifier: GPL-2.0
#
# From what summary.awk made: the tables of the cover letter, in plain text of 75
# columns. Speed on each device, of pages of which a third is random, and the
# instructions that a page takes, of each kind of data. What was not measured is a
# dash.

# Two lines of eight columns
function head(first, second,	i, above, below) {
	split(first, above, ",")
	split(second, below, ",")
	printf "%11s", ""
	for (i = 1; i <= columns; i++)
		printf "%8s", above[i]
	printf "\n%11s", ""
	for (i = 1; i <= columns; i++)
		printf "%8s", below[i]
	print ""
}

function heads() {
	head("the key,base,base,swapoff,zram,zram,direct,decom-", ",shrinker,limit,,batch 32,batch 1,writes,press")
}

# of COLUMN: the measurement at this place, of "this or that" the better: more pages
# a second, or fewer instructions
function of(column,	part, one, other) {
	one = place SUBSEP column
	if (split(column, part, "|") == 2) {
		one = place SUBSEP part[1]
		other = place SUBSEP part[2]
		if (median[one] == "" || median[other] != "" && (median[other] - median[one]) * better > 0)
			one = other
	}
	return one
}

# In thousands, of two digits at least
function thousands(value) {
	return sprintf(value < 995 ? "%.2f" : value < 9950 ? "%.1f" : "%.0f", value / 1000)
}

# A column is too narrow for a nought before the point
function spread(key,	text) {
	if (median[key] == "")
		return ""
	text = thousands(lowest[key]) "-" thousands(highest[key])
	gsub(/0\./, ".", text)
	return text
}

function speed_lines(label,	i) {
	printf "%-11s", label
	for (i = 1; i <= columns; i++)
		printf " %7s", median[of(column[i])] != "" ? thousands(median[of(column[i])]) : "-"
	printf "\n%11s", ""
	for (i = 1; i <= columns; i++)
		printf " %7s", spread(of(column[i]))
	print ""
}

function instruction_line(label,	i) {
	printf "%-11s", label
	for (i = 1; i <= columns; i++)
		printf " %7s", median[of(column[i])] != "" ? sprintf("%.0f", median[of(column[i])]) : "-"
	print ""
}

function title_of(device) {
	return device in title ? title[device] : device
}

# The figure of this line, and its place if it is new
function note() {
	if (!(($6, $1, $3, $4) in seen)) {
		seen[$6, $1, $3, $4]
		place_of[$6, ++places[$6]] = $1 SUBSEP $3 SUBSEP $4
	}
	if ($7 > rounds)
		rounds = $7
	median[$1, $3, $4, $2 "," $5] = $8
	lowest[$1, $3, $4, $2 "," $5] = $9
	highest[$1, $3, $4, $2 "," $5] = $10
}

function speeds(	i, part, guest) {
	print "1000 pages a second, median and range of " rounds " rounds, of pages"
	print "of which a third is random; the better of the shrinker by memory.reclaim"
	print "and by debugfs, and of one and four direct writes of 128 KiB at a time:\n"
	heads()
	better = 1
	for (i = 1; i <= places["pages_per_s"]; i++) {
		place = place_of["pages_per_s", i]
		split(place, part, SUBSEP)
		if (part[1] != guest)
			print title_of(part[1]) ":"
		guest = part[1]
		speed_lines(title_of(part[2]))
	}
}

function instructions(	i, part) {
	print "\nInstructions for a page on null_blk, of the caller and kernel threads:\n"
	heads()
	better = -1
	for (i = 1; i <= places["instructions_per_page"]; i++) {
		place = place_of["instructions_per_page", i]
		split(place, part, SUBSEP)
		instruction_line(title_of(part[3]))
	}
}

BEGIN {
	FS = ","
	columns = split("patched,key base,reclaim|base,scan base,pool_limit patched,swapoff_all " \
		"patched,zram_32 patched,zram_1 patched,direct_1|patched,direct_4 patched,decompress",
		column, " ")
	title["um"] = "User-Mode Linux"
	title["x86_64"] = "QEMU"
	title["null-0"] = "null_blk"
	title["null-20000"] = "null 20 us"
	title["null-100000"] = "null 100 us"
	title["null-1000000"] = "null 1 ms"
	title["null-mbps"] = "null 200M/s"
	title["third"] = "a third"
}

$6 == "pages_per_s" && $4 == "third" || $6 == "instructions_per_page" {
	note()
}

END {
	speeds()
	if (places["instructions_per_page"])
		instructions()
	print "\n`make bench` in the project's repository measures all of it again."
}
