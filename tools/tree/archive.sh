# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Packages of Debian's suites that are not this machine's. They are read through an
# apt root of our own in $work, so that the machine's apt is not changed and no
# rights are needed; the mirror is the machine's own. To be sourced after
# tools/lib.sh.

# The machine's own configuration says which mirrors it uses. Asked for in this
# way it answers also before the first `apt-get update`.
mirrors() {
	apt-get update --print-uris -o Dir::State::lists="$work/none" |
		sed -n "s|^'\\(.*\\)/dists/[^']*/InRelease'.*|\\1|p" |
		grep -v -e '-security' | sort -u
}

private_apt() {
	local tool=$1

	shift
	"$tool" -qq -o Dir::Etc::sourcelist="$work/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::Etc::preferences=- \
		-o Dir::Etc::preferencesparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User= \
		-o APT::Default-Release= -o APT::Update::Error-Mode=any \
		-o APT::Update::Post-Invoke::= -o APT::Update::Post-Invoke-Success::= \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 "$@"
}

# find_mirror deb|deb-src SUITE HINT: leaves sources.list at the first mirror that
# knows the suite. HINT is what else a user can do.
find_mirror() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror

	[ -e "$keyring" ] || die "debian-archive-keyring is not installed: run tools/deps, $3"
	mkdir -p "$work/none/partial" "$work/lists/partial" "$work/cache/archives/partial"
	for mirror in $(mirrors); do
		progress "looking for Debian's $2"
		echo "$1 [signed-by=$keyring] $mirror $2 main" >"$work/sources.list"
		! private_apt apt-get update >"$work/update.log" 2>&1 || return 0
	done
	die "no mirror of this machine's apt answers with Debian's $2 (no network?): try again later, $3"
}
