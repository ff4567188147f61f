# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench, one for each measurement, makes one for
# each figure of each method: its median and its range over the rounds.
#
#	guest,series,device,data,method,figure,rounds,median,min,max
#
# Ratios are of one round each, so that both sides found the machine alike, and
# of one boot, but for those between the kernels. They are to the key, which the base
# kernel lacks, and to both floors, the faster direct writes (f) and decompressing
# (g); of CPU time, to the direct writes that take less of it. To decompressing with
# the reads that do it, which is too much, and net, with those of pages
# without content taken off, which is too little, because they fill a page as well.
# A guest whose clock counts instructions has these instead of time, and no speed.

function id(series, method) {
	return guest SUBSEP series SUBSEP device SUBSEP data SUBSEP round SUBSEP method
}

# add FIGURE VALUE: of the measurement at hand, if it has it
function add(figure, value,	key) {
	if (value == "")
		return
	key = guest "," series "," device "," data "," method "," figure
	if (!(key in count))
		order[++keys] = key
	values[key, ++count[key]] = value
}

# Nothing is divided by what was not measured
function ratio(value, by) {
	return value != "" && by > 0 ? value / by : ""
}

# Of one and four direct writes at a time, those of which there is more
function more_of(what) {
	return what[id(series, "direct_4")] > what[id(series, "direct_1")] ? "direct_4" : "direct_1"
}

function less_of(what) {
	return more_of(what) == "direct_4" ? "direct_1" : "direct_4"
}

# add_ratios NAME WHAT F: what[] has this figure of each measurement, F is the floor f
# to be compared with. To a floor that has no such figure there is no ratio.
function add_ratios(name, what, f,	value) {
	value = what[id(series, method)]
	add(name "_to_key", ratio(value, what[id("patched", "key")]))
	add(name "_to_f", ratio(value, what[id(series, f)]))
	add(name "_to_g", ratio(value, what[id(series, "decompress")]))
}

function faster(one, other) {
	return speed[one] > speed[other] ? speed[one] : speed[other]
}

# How much faster the key is than what else there is
function add_rivals(value) {
	add("speed_to_zram", ratio(value, faster(id("patched", "zram_32"), id("patched", "zram_1"))))
	add("speed_to_zram_128", ratio(value, speed[id("patched", "zram_128")]))
	add("speed_to_zram_compressed", ratio(value, speed[id("patched", "zram_compressed")]))
	add("speed_to_reclaim", ratio(value, speed[id("base", "reclaim")]))
	add("speed_to_sixteen", ratio(value, speed[id("patched", "direct_16")]))
	add("speed_to_scan", ratio(value, speed[id("base", "scan")]))
}

function add_times() {
	add("pages_per_s", speed[id(series, method)])
	add_ratios("speed", speed, more_of(speed))
	add("cpu_us_per_page", cpu[id(series, method)] / 1e3)
	add("cpus_busy", (cpu_ns + kthread_ns) / device_ns)
	if (method == "key")
		add_rivals(speed[id(series, method)])
}

# The clock advances by a nanosecond for each
function add_instructions() {
	add("instructions_per_page", cpu[id(series, method)])
}

function figures() {
	add("pages", pages)
	if (guest ~ /icount$/)
		add_instructions()
	else
		add_times()
	add_ratios("cpu", cpu, less_of(cpu))
	if (cpu[id(series, "same_filled")] != "")
		add("cpu_to_g_net", ratio(cpu[id(series, method)],
			cpu[id(series, "decompress")] - cpu[id(series, "same_filled")]))
	add("pages_per_io", per_io[id(series, method)])
	add_ratios("pages_per_io", per_io, more_of(per_io))
	add("freed_mib", freed[id(series, method)])
	add("freed_to_key", ratio(freed[id(series, method)], freed[id("patched", "key")]))
	add("pool_mib", pool[id(series, method)])
	add("pool_to_key", ratio(pool[id(series, method)], pool[id("patched", "key")]))
	add("overshoot_kib", over[id(series, method)])
	add("overshoot_to_key", ratio(over[id(series, method)], over[id("patched", "key")]))
}

# take LINE
function take(line,	field) {
	split(line, field, ",")
	guest = field[1]; series = field[2]; device = field[3]; data = field[4]
	round = field[5]; method = field[6]; pages = field[7]; device_ns = field[10]
	cpu_ns = field[11]; kthread_ns = field[12]; fell = field[13]
	overshoot = field[14]; ios = field[15]; pool_fell = field[18]
}

BEGIN { FS = "," }

$1 == "guest" || $7 == 0 { next }

{
	lines[++nr] = $0
	take($0)
	speed[id(series, method)] = pages / (device_ns / 1e9)
	cpu[id(series, method)] = (cpu_ns + kthread_ns) / pages
	per_io[id(series, method)] = ratio(pages, ios)
	freed[id(series, method)] = fell == "" ? "" : fell / 1048576
	pool[id(series, method)] = pool_fell == "" ? "" : pool_fell / 1048576
	over[id(series, method)] = overshoot == "" ? "" : overshoot / 1024
}

END {
	for (i = 1; i <= nr; i++) {
		take(lines[i])
		figures()
	}
	print "guest,series,device,data,method,figure,rounds,median,min,max"
	print_medians(6)
}
