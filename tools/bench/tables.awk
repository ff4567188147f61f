# SPDX-License-Identifier: GPL-2.0
#
# From what summary.awk made: a table in Markdown for each guest, device and
# kind of data, a row for each method; and before them, one of the goals.

# What some rounds do not have, as a ratio to no tick of a coarse clock, would be of
# chosen rounds
function get(series, method, figure, what,	rounds) {
	rounds = summary[guest, device, data, series, method, "pages", "rounds"]
	if (summary[guest, device, data, series, method, figure, "rounds"] < rounds)
		return ""
	return summary[guest, device, data, series, method, figure, what]
}

function number(value) {
	if (value == "")
		return "-"
	if (value >= 1000 || value <= -1000)
		return sprintf("%.0f", value)
	return sprintf(value >= 100 || value <= -100 ? "%.0f" : value >= 10 || value <= -10 ? "%.1f" : "%.2f", value)
}

function cell(series, method, figure) {
	if (get(series, method, figure, "median") == "")
		return "-"
	return number(get(series, method, figure, "median")) " (" \
		number(get(series, method, figure, "min")) " to " \
		number(get(series, method, figure, "max")) ")"
}

function middle(series, method, figure) {
	return number(get(series, method, figure, "median"))
}

# To the key and to both floors
function ratios(series, method, figure,	text) {
	text = middle(series, method, figure "_to_key") " / " middle(series, method, figure "_to_f") " / " \
		middle(series, method, figure "_to_g")
	return text == "- / - / -" ? "-" : text
}

function counts_instructions() {
	return guest ~ /icount$/
}

function speed_cells(series, method) {
	return cell(series, method, "pages_per_s") " | " ratios(series, method, "speed") " | " \
		cell(series, method, "cpu_us_per_page")
}

function row(series, method) {
	if (get(series, method, "pages", "median") == "")
		return
	printf "| %s | %s | %s | %s / %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", title[method], series,
		counts_instructions() ? middle(series, method, "instructions_per_page") : speed_cells(series, method),
		ratios(series, method, "cpu"), middle(series, method, "cpu_to_g_net"),
		middle(series, method, "pages_per_io"), ratios(series, method, "pages_per_io"),
		middle(series, method, "freed_mib"), middle(series, method, "freed_to_key"),
		middle(series, method, "pool_mib"), middle(series, method, "pool_to_key"),
		middle(series, method, "overshoot_kib"), middle(series, method, "overshoot_to_key")
}

function columns(costs) {
	print "| method | kernel | " costs " | to a / f / g / g net | pages/IO | to a / f / g | MiB freed | to a | of the pool | to a | KiB over | to a |"
	gsub(/[^|]+/, "---", costs)
	print "|---|---|" costs "|---|---|---|---|---|---|---|---|---|"
}

function table(	i) {
	printf "\n### %s (%s), data: %s, rounds: %d\n\n", device, guest, data, \
		get("patched", "key", "pages", "rounds")
	columns(counts_instructions() ? "instructions/page" : "pages/s | to a / f / g | CPU us/page")
	for (i = 1; i <= methods; i++) {
		row("patched", name[i])
		row("base", name[i])
	}
}

# At least for what = 1, at most for what = -1
function goal(text, value, lowest, highest, what, bound, aim,	verdict) {
	if (value == "") {
		verdict = "not measured"
	} else {
		verdict = sprintf("%.2f (%.2f to %.2f)", value, lowest, highest) \
			(value * what >= bound * what ? " ok" : " **missed**")
		if (aim != "")
			verdict = verdict ", aim of " aim (value <= aim ? " met" : " missed")
	}
	printf("| %s (%s) | %s | %s | %s %s | %s |\n", device, guest, data, text,
		(what > 0 ? "at least" : "at most"), bound, verdict)
}

# The key's own ratio is in its row
function goal_of_key(text, figure, what, bound, aim) {
	goal(text, get("patched", "key", figure, "median"), get("patched", "key", figure, "min"),
		get("patched", "key", figure, "max"), what, bound, aim)
}

function not_judged(text, figure) {
	printf("| %s (%s) | %s | %s | | not judged: %s |\n", device, guest, data, text,
		cell("patched", "key", figure))
}

# While the key's work keeps a CPU busy all the time, no device would make it faster
function device_is_the_limit() {
	return get("patched", "key", "cpus_busy", "median") < 0.9
}

function goals_of_times() {
	goal_of_key("speed to zram's, of the better batch", "speed_to_zram", 1, 1.5)
	if (device == "virtio-blk") {
		goal_of_key("speed to the base kernel's, by memory.reclaim", "speed_to_reclaim", 1, 3)
		goal_of_key("speed to the base kernel's, by debugfs", "speed_to_scan", 1, 3)
	}
	if (get("patched", "key", "cpus_busy", "median") == "")
		return
	not_judged("CPUs that the key keeps busy", "cpus_busy")
	if (device_is_the_limit()) {
		goal_of_key("the device is the limit: speed to f", "speed_to_f", 1, 0.9)
		not_judged("CPU to g", "cpu_to_g")
	} else {
		goal_of_key("the CPU is the limit: CPU to g", "cpu_to_g", -1, 2, 1.5)
		not_judged("speed to f", "speed_to_f")
	}
	not_judged("speed to sixteen direct writes at a time", "speed_to_sixteen")
	not_judged("speed to zram's with as many pages in flight, 128", "speed_to_zram_128")
	not_judged("speed to zram's where it does not decompress", "speed_to_zram_compressed")
}

function goals() {
	if (counts_instructions())
		goal_of_key("instructions to g", "cpu_to_g", -1, 2, 1.5)
	else
		goals_of_times()
}

function title_of(method, text) {
	name[++methods] = method
	title[method] = text
}

function each_place(what,	i, part) {
	for (i = 1; i <= places; i++) {
		split(place[i], part, ",")
		guest = part[1]; device = part[2]; data = part[3]
		if (what == "goals")
			goals()
		else
			table()
	}
}

BEGIN {
	FS = ","
	title_of("key", "a: zswap_writeback_only")
	title_of("reclaim", "b: shrinker, by memory.reclaim")
	title_of("scan", "b: shrinker, by its file in debugfs")
	title_of("pool_limit", "c: shrink_worker()")
	title_of("swapoff_all", "d: swapoff")
	title_of("zram_32", "e: zram, batch of 32")
	title_of("zram_1", "e: zram, batch of 1")
	title_of("zram_128", "zram, batch of 128")
	title_of("zram_compressed", "zram, batch of 32, not decompressing")
	title_of("direct_1", "f: direct writes, one at a time")
	title_of("direct_4", "f: direct writes, four at a time")
	title_of("direct_16", "direct writes, sixteen at a time")
	title_of("decompress", "g: decompressing (zram, direct reads)")
	title_of("same_filled", "g: the same of pages without content")
}

$1 == "guest" { next }

{
	if (!(($1, $3, $4) in seen)) {
		seen[$1, $3, $4]
		place[++places] = $1 "," $3 "," $4
	}
	summary[$1, $3, $4, $2, $5, $6, "rounds"] = $7
	summary[$1, $3, $4, $2, $5, $6, "median"] = $8
	summary[$1, $3, $4, $2, $5, $6, "min"] = $9
	summary[$1, $3, $4, $2, $5, $6, "max"] = $10
}

END {
	print "\n## Goals, medians of the rounds' ratios\n"
	print "| device | data | ratio | goal | reached |"
	print "|---|---|---|---|---|"
	each_place("goals")
	each_place("table")
}
