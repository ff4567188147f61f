# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench, one for each measurement, makes one for
# each figure of each method: its median and its range over the rounds.
#
#	guest,series,device,data,method,figure,rounds,median,min,max
#
# Ratios are of one round each, so that both sides found the machine alike, and
# of one boot, but for those to the key, which the base kernel lacks.
# The floors are the faster direct writes (f) and decompressing (g): with the reads
# that do it, which is too much, and net, with those of pages without content taken
# off, which is too little, because they fill a page as well.

function id(series, method) {
	return guest SUBSEP series SUBSEP device SUBSEP data SUBSEP round SUBSEP method
}

# add FIGURE VALUE: of the measurement at hand
function add(figure, value,	key) {
	key = guest "," series "," device "," data "," method "," figure
	if (!(key in count))
		order[++keys] = key
	values[key, ++count[key]] = value
}

# Nothing is divided by what was not measured
function add_ratio(figure, value, by) {
	if (by > 0)
		add(figure, value / by)
}

function faster(a, b) {
	return a > b ? a : b
}

function figures() {
	add("pages", pages)
	add("pages_per_s", speed[id(series, method)])
	add("cpu_us_per_page", cpu[id(series, method)])
	add("kthread_us_per_page", kthread[id(series, method)])
	add_ratio("pages_per_io", pages, ios)
	if (fell != "")
		add("freed_mib", fell / 1048576)
	if (overshoot != "")
		add("overshoot_kib", overshoot / 1024)
	add_ratio("speed_to_key", speed[id(series, method)], speed[id("patched", "key")])
	add_ratio("speed_to_f", speed[id(series, method)],
		faster(speed[id(series, "direct_1")], speed[id(series, "direct_4")]))
	add_ratio("cpu_to_key", cpu[id(series, method)], cpu[id("patched", "key")])
	add_ratio("cpu_to_g", cpu[id(series, method)], cpu[id(series, "decompress")])
	if (cpu[id(series, "same_filled")] != "")
		add_ratio("cpu_to_g_net", cpu[id(series, method)],
			cpu[id(series, "decompress")] - cpu[id(series, "same_filled")])
}

# take LINE
function take(line,	field) {
	split(line, field, ",")
	guest = field[1]; series = field[2]; device = field[3]; data = field[4]
	round = field[5]; method = field[6]; pages = field[7]; device_ns = field[10]
	cpu_ns = field[11]; kthread_ns = field[12]; fell = field[13]
	overshoot = field[14]; ios = field[15]
}

BEGIN { FS = "," }

$1 == "guest" || $7 == 0 { next }

{
	lines[++nr] = $0
	take($0)
	speed[id(series, method)] = pages / (device_ns / 1e9)
	cpu[id(series, method)] = (cpu_ns + kthread_ns) / 1e3 / pages
	kthread[id(series, method)] = kthread_ns / 1e3 / pages
}

END {
	for (i = 1; i <= nr; i++) {
		take(lines[i])
		figures()
	}
	print "guest,series,device,data,method,figure,rounds,median,min,max"
	print_medians(6)
}
