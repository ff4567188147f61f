# SPDX-License-Identifier: GPL-2.0
#
# From the lines of tools/bench/bench: what each measurement must have counted,
# whatever time it took, and that none is missing. A line "ok - ..." or "not ok - ..."
# for each guest, series, device, kind of data and method, and its reasons.
#
# PAGES is what the owner had, unless its number is what the measurement is about;
# memory.reclaim also finds what the owner knows of its pages. One page more is
# zram's header of its swap area, or some what await pages out to reach the limit,
# which may have to be repeated.

function must(what, got, least, most) {
	if (got < least || got > most)
		wrong = wrong sprintf("# round %d: %s: %d, not %d to %d\n", $5, what, got, least, most)
}

# The device column of a measurement of growth: AXIS=X
function at(axis) {
	return index($3, axis "=") == 1 ? substr($3, length(axis) + 2) + 0 : 0
}

function grows() {
	return $3 ~ /=/
}

function groups() {
	return at("groups") > 0 ? at("groups") : 1
}

function callers() {
	return $6 ~ /^key_/ ? substr($6, 5) + 0 : 1
}

function on_ubd() {
	return $3 == "ubd" || grows() && $1 == "um"
}

# A random half of an aged pool keeps its slots: the runs of the other half, with as many
# gaps, are half as many as its pages. Of what was stored again into whatever slots were
# free no page may be another's neighbour; a fiftieth is for chance.
function aged_each() {
	return 1 / (0.75 + 0.02)
}

# What waits for the device may be merged
function least_ios() {
	return on_ubd() || $3 == "null-0" ? $7 / 32 : 1
}

# A page that a full pool refused went to the device past it, alone
function written(least, most, each,	refused) {
	refused = $16 / 4096 - $7
	must("pages", $7, least, most)
	must("pages past the pool", refused, 0, $6 == "pool_limit" ? pages / 40 : 0)
	must("I/Os", $15, least_ios(), $7 / each + refused)
}

# Pages of the key to an I/O. It writes 32 at a time; ubd takes at most 255 sectors,
# and gets these as two. The last run of a batch may be shorter; where several callers
# or groups have a part of the pages each, so may others.
function key_each(	each) {
	if ($4 == "aged")
		return aged_each()
	each = on_ubd() ? 15 : 30
	if (callers() == 1 && groups() == 1)
		return each
	if (each > pages / groups())
		each = pages / groups()
	return each > 2 ? each / 2 : 1
}

# What of a page no compressor makes smaller; files are real, an eighth of them is
# the least to be expected
function incompressible() {
	return $4 == "random" ? 4096 : $4 == "zeros" ? 256 : $4 == "file" ? 512 : 1365
}

# The pool's memory is given back in whole pages, of which some are still in use
# for others. Where the OTHERS that leave with them are the last of a zspage, that is
# of up to 8 pages (CONFIG_ZSMALLOC_CHAIN_SIZE).
function pool(others) {
	must("bytes that left the pool", $18, pages * incompressible() * 0.9,
	     (pages + others * 8) * 4096)
}

# What the pool gave back, but for what is lost in its pages; and a MiB of charges may be
# on their way. With more CPUs, callers or groups it is more.
function memory() {
	must("bytes of memory freed", $13, $18 * 0.9 - 1048576, $18 + 1048576)
	must("bytes of overshoot", $14, 0, 1048575)
}

# zram keeps a page of one word for itself, of which files have a few
function zram() {
	written($4 == "file" ? pages * 0.98 : pages, pages + 1, 1)
}

# The shrinker of the base kernel owes nothing to groups of few pages: the table says
# how many it wrote
function reclaim() {
	written(groups() > 1 ? 1 : pages * 0.95, pages * 1.05, 1)
}

# Of what is not the key
function batched() {
	return $2 == "patched" && $6 == "pool_limit"
}

function check() {
	must("errno", $8, 0, 0)
	if ($6 !~ /^direct_|^same_filled$/)
		must("pages intact", $17, pages, pages)
	if ($6 ~ /^key/)
		written(pages, pages, key_each())
	else if ($6 == "reclaim")
		reclaim()
	else if ($6 == "pool_limit" || $6 == "scan")
		written(pages, pages, batched() ? $4 == "aged" ? aged_each() : 15 : 1)
	else if ($6 ~ /^zram_/)
		zram()
	else if ($6 ~ /^direct_/)
		written(pages, pages, 16)
	else {
		must("pages", $7, pages, pages)
		must("bytes on the device", $16, 0, 0)
	}
	if ($6 == "key" && !grows())
		memory()
	if ($6 ~ /^(key|zram_.*|scan|pool_limit)$/)
		pool($7 > pages ? $7 - pages : 0)
}

BEGIN { FS = "," }

$1 == "guest" { next }

{
	name = $1 ", " $2 ", " $3 ", " $4 ": " $6
	if (!(name in result)) {
		order[++nr] = name
		guest[name] = $1
	}
	if (++count[name] > rounds[$1])
		rounds[$1] = count[name]
	wrong = ""
	pages = at("pages") > 0 ? at("pages") : PAGES
	check()
	result[name] = result[name] wrong
}

END {
	for (i = 1; i <= nr; i++) {
		name = order[i]
		if (count[name] < rounds[guest[name]])
			result[name] = result[name] sprintf("# %d of %d rounds\n", count[name], rounds[guest[name]])
		printf "%sok - %s\n%s", result[name] == "" ? "" : "not ", name, result[name]
	}
	if (!nr)
		print "not ok - nothing was measured"
}
