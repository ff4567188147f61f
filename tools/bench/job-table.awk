# SPDX-License-Identifier: GPL-2.0
#
# Tables in Markdown of what job-summary.awk made.

function get(what) {
	return summary[series, scenario, figure, what]
}

# cell FIGURE UNIT: median and range, divided by the unit
function cell(name, unit) {
	figure = name
	if (get("median") == "")
		return "-"
	return sprintf(unit == 1 ? "%d (%d to %d)" : "%.2f (%.2f to %.2f)", get("median") / unit,
		get("min") / unit, get("max") / unit)
}

# The others have the figures of one that was not
function killed() {
	return rounds_of("job_killed") - rounds_of("job_ns") " of " rounds_of("job_killed")
}

function rounds_of(name) {
	figure = name
	return get("rounds") + 0
}

function job(kernel, name, title) {
	series = kernel
	scenario = name
	figure = "job_killed"
	if (get("median") == "")
		return
	printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", title, series,
		killed(), cell("before_ns", 1e9), cell("job_ns", 1e9), cell("total_ns", 1e9), cell("job_p50", 1e3), cell("job_p99", 1e3),
		cell("job_p999", 1e3), cell("job_own_writes", 1), cell("job_zswpwb", 1), cell("job_pswpout", 1), cell("job_zswpout", 1),
		cell("job_pgscan_direct", 1), cell("job_pgscan_kswapd", 1), cell("back_ns", 1e9), cell("back_from_disk", 1))
}

# The thousandth part of less than a thousand faults is none
function p999_cell(kind) {
	return summary[series, scenario, kind "_faults", "min"] < 1000 ? "-" : cell(kind "_p999", 1e3)
}

function watched(kernel, name, title, kind) {
	series = kernel
	scenario = name
	figure = kind "_p50"
	if (get("median") == "")
		return
	printf("| %s | %s | %s | %s | %s | %s | %s | %s |\n", title, series, kind,
		cell(kind "_ns", 1e9), cell(kind "_faults", 1), cell(kind "_p50", 1e3), cell(kind "_p99", 1e3),
		p999_cell(kind))
}

function each_watched(kind) {
	watched("base", "alone", "nothing", kind)
	watched("patched", "alone", "nothing", kind)
	watched("patched", "writeback", "all is written back", kind)
	watched("patched", "limited", "the same, wbps=20 MB/s in io.max", kind)
}

function about_the_limit() {
	print "\nio.max does not hold writeback back, of whichever kind: blk-throttle lets the bios of"
	print "swap pass and has the other I/O of their group pay for them. io.cost does the same on"
	print "purpose, and so does io.latency (bio_issue_as_root_blkg() in all three): who waits for swap"
	print "may hold what others need. The rows with io.max show that it limits nothing."
}

BEGIN { FS = "," }

$1 == "guest" { next }

{
	guest = $1
	summary[$2, $3, $4, "rounds"] = $5
	summary[$2, $3, $4, "median"] = $6
	summary[$2, $3, $4, "min"] = $7
	summary[$2, $3, $4, "max"] = $8
}

END {
	printf("\n### A job that needs nearly all memory (%s), %d rounds, median (range)\n\n", guest,
		summary["patched", "key", "job_ns", "rounds"])
	printf("The machine has %s of memory, %d MiB are cold, the job needs %d MiB. All that is cold is in zswap,\n" \
		"whose pool may have 90 %% of memory (max_pool_percent); with its default of 20 %% it is %.0f MiB\n" \
		"of it, and the rest on the disk before the job begins.\n\n", MEM,
		summary["base", "nothing", "cold_pages", "median"] / 256,
		summary["base", "nothing", "job_mib", "median"],
		summary["base", "default_limit", "cold_in_zswap", "median"] / 256)
	print "| before it | kernel | killed for lack of memory | s before | s for the job | s for both | p50 us | p99 us | p99.9 us | pages it wrote itself | pages written back meanwhile | pages to the disk | pages stored | pages scanned in direct reclaim | by kswapd | s until the cold memory was back | pages of that from the disk |"
	print "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
	job("base", "nothing", "nothing")
	job("patched", "nothing", "nothing")
	job("base", "default_limit", "nothing, with the pool at its default limit")
	job("patched", "default_limit", "nothing, with the pool at its default limit")
	job("base", "shrinker", "the shrinker is on")
	job("patched", "shrinker", "the shrinker is on")
	job("base", "reclaim", "memory.reclaim, with the shrinker on")
	job("patched", "reclaim", "memory.reclaim, with the shrinker on")
	job("patched", "key", "zswap_writeback_only")
	printf("\n### Faults of a bystander (%s), median (range)\n\n", guest)
	print "| meanwhile | kernel | faults on | s | faults | p50 us | p99 us | p99.9 us |"
	print "|---|---|---|---|---|---|---|---|"
	each_watched("fresh")
	each_watched("disk")
	if (summary["patched", "limited", "fresh_p50", "median"] != "")
		about_the_limit()
}
