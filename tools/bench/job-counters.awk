# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench's job: every scenario has all its figures, in
# every round, and they fit together. A line "ok - ..." or "not ok - ..." for each
# series and scenario, and its reasons.

function must(what, got, least, most) {
	if (got < least || got > most)
		wrong = wrong sprintf("# %s: %d, not %d to %d\n", what, got, least, most)
}

function is_job() {
	return scenario ~ /^(nothing|default_limit|shrinker|reclaim|key)$/
}

# A job that was killed for lack of memory has none of its own
function figures_of(scenario) {
	if (is_job())
		return "cold_pages cold_in_zswap before_ns job_mib job_killed back_ns back_from_disk back_from_zswap" \
			(get("job_killed") ? "" : " job_ns job_p50 job_p99 job_p999 job_highest job_own_writes " \
			"job_zswpwb job_pswpout job_zswpout job_pgscan_direct job_pgscan_kswapd")
	return "fresh_ns fresh_faults fresh_p50 fresh_p99 fresh_p999 fresh_pswpin " \
		"disk_ns disk_faults disk_p50 disk_p99 disk_p999 disk_pswpin"
}

# The guest um has no limits
function scenarios_of(series) {
	if (series == "base")
		return "nothing default_limit shrinker reclaim alone"
	return "nothing default_limit shrinker reclaim alone key writeback" (guest == "um" ? "" : " limited")
}

function get(figure) {
	return value[series, round, scenario, figure]
}

function in_order(kind) {
	must(kind "_p99", get(kind "_p99"), get(kind "_p50"), get(kind "_p999"))
	if (kind == "job")
		must("job_highest", get("job_highest"), get("job_p999"), get("job_ns"))
}

function check_round(	figure, nr, i) {
	nr = split(figures_of(scenario), figure, " ")
	for (i = 1; i <= nr; i++)
		must("round " round ": lines of " figure[i], count[series, round, scenario, figure[i]], 1, 1)
	for (i = 1; i <= nr; i++)
		if (figure[i] ~ /_p50$/)
			in_order(substr(figure[i], 1, length(figure[i]) - 4))
	# Written back or swapped out by it, in direct reclaim
	if (is_job())
		must("writes of the job itself", get("job_own_writes"), 0, get("job_zswpwb") + get("job_pswpout"))
	# Otherwise it is no job that needs more than there is
	if (scenario ~ /^(nothing|shrinker)$/ && !get("job_killed"))
		must("pages swapped out for the job", get("job_pswpout") + get("job_zswpout"), 1, 1e12)
	# In small, on um, memory is not short for long enough
	if (scenario == "shrinker" && guest != "um" && !get("job_killed"))
		must("pages written back meanwhile", get("job_zswpwb"), 1, 1e12)
	if (scenario ~ /^(alone|writeback|limited)$/)
		must("disk: pages from the disk", get("disk_pswpin"), get("disk_faults") * 0.9, 1e12)
	# What the report says of io.max: all of it at 20 MB/s would take its time
	if (scenario == "limited")
		must("ns of a writeback that io.max is to limit", get("fresh_ns"), 1,
			value[series, round, "key", "cold_pages"] * 4096 / 20e6 * 1e9 / 2)
	if (is_job())
		must("pages in zswap before", get("cold_in_zswap"),
			scenario == "default_limit" ? 1 : get("cold_pages"), get("cold_pages"))
	if (scenario == "reclaim")
		must("pages that came back from the disk", get("back_from_disk"),
			get("cold_pages") * 0.95, get("cold_pages") * 1.05)
	# All of it had been written back
	if (scenario == "key") {
		must("jobs killed", get("job_killed"), 0, 0)
		must("pages that came back from the disk", get("back_from_disk"), get("cold_pages"),
			get("cold_pages") * 1.05)
	}
}

function check_series(	list, nr, i) {
	nr = split(scenarios_of(series), list, " ")
	for (i = 1; i <= nr; i++) {
		scenario = list[i]
		wrong = ""
		must("rounds", rounds, 1, 1e3)
		for (round = 1; round <= rounds; round++)
			check_round()
		printf "%sok - %s, %s, job: %s\n%s", wrong == "" ? "" : "not ", guest, series, scenario, wrong
	}
}

BEGIN { FS = "," }

$1 == "guest" { next }

{
	guest = $1
	if ($3 > rounds)
		rounds = $3 + 0
	count[$2, $3, $4, $5]++
	value[$2, $3, $4, $5] = $6 + 0
}

END {
	series = "base"
	check_series()
	series = "patched"
	check_series()
}
