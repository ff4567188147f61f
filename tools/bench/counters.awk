# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench: what each measurement must have counted,
# whatever time it took. A line "ok - ..." or "not ok - ..." for each guest,
# series, device, kind of data and method, and its reasons.
#
# PAGES is what the owner had; memory.reclaim also finds what the owner knows of
# its pages. One page more is zram's header of its swap area, or
# what await pages out to reach the limit, which may have to be repeated.

function must(what, got, least, most) {
	if (got < least || got > most)
		wrong = wrong sprintf("# round %d: %s: %d, not %d to %d\n", $5, what, got, least, most)
}

function written(least, most, each) {
	must("pages", $7, least, most)
	must("bytes on the device", $16, $7 * 4096, ($7 + (($6 == "pool_limit") ? 100 : 0)) * 4096)
	must("I/Os", $15, $7 / 32, ($7 + (($6 == "pool_limit") ? 100 : 0)) / each)
}

# The key's I/Os are of 32 pages; ubd takes at most 255 sectors, and gets each as two.
# The last run of a batch may be shorter.
function check() {
	must("errno", $8, 0, 0)
	must("pages intact", $17, PAGES, PAGES)
	if ($6 == "key")
		written(PAGES, PAGES, $3 == "ubd" ? 15 : 30)
	else if ($6 == "reclaim")
		written(PAGES * 0.95, PAGES * 1.05, 1)
	else if ($6 == "pool_limit" || $6 == "scan")
		written(PAGES, PAGES, $2 == "patched" && $6 == "pool_limit" ? 16 : 1)
	else if ($6 ~ /^zram_/)
		written(PAGES, PAGES + 1, 1)
	else if ($6 ~ /^direct_/)
		written(PAGES, PAGES, 16)
	else {
		must("pages", $7, PAGES, PAGES)
		must("bytes on the device", $16, 0, 0)
	}
	if ($6 == "key") {
		must("bytes of memory freed", $13, 1, PAGES * 4096)
		must("bytes of overshoot", $14, 0, 1048575)
	}
}

BEGIN { FS = "," }

$1 == "guest" { next }

{
	name = $1 ", " $2 ", " $3 ", " $4 ": " $6
	if (!(name in result))
		order[++nr] = name
	wrong = ""
	check()
	result[name] = result[name] wrong
}

END {
	for (i = 1; i <= nr; i++)
		printf "%sok - %s\n%s", result[order[i]] == "" ? "" : "not ", order[i], result[order[i]]
	exit nr == 0
}
