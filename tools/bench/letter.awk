# SPDX-License-Identifier: GPL-2.0
#
# From what summary.awk made: the table of the cover letter, in plain text. A line
# for each device, on which a third of each page was random; what was not measured
# is a dash.

function value(series, method) {
	return (place[i], series, method) in median ? \
		sprintf("%.0f", median[place[i], series, method] / 1000) : "-"
}

function faster(a, b) {
	return a + 0 > b + 0 ? a : b
}

BEGIN {
	FS = ","
	print "1000 pages a second, medians:\n"
	printf "  %-24s %8s %8s %8s %8s %8s\n", "", "the key", "base", "base", "zram", "direct"
	printf "  %-24s %8s %8s %8s %8s %8s\n", "", "", "shrinker", "limit", "batch 32", "writes"
}

$4 == "third" && $6 == "pages_per_s" && $1 !~ /icount$/ {
	at = $1 "," $3
	if (!(at in seen)) {
		seen[at]
		place[++places] = at
	}
	median[at, $2, $5] = $8
}

END {
	for (i = 1; i <= places; i++) {
		split(place[i], part, ",")
		printf "  %-24s %8s %8s %8s %8s %8s\n", part[2] " (" part[1] ")", value("patched", "key"),
			value("base", "reclaim"), value("base", "pool_limit"), value("patched", "zram_32"),
			faster(value("patched", "direct_1"), value("patched", "direct_4"))
	}
	print "\n`make bench` measures all of it again."
}
