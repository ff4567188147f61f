# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What tools/tree/check and tools/tree/matrix share: a clone of the series, in
# which files are built, and the verdict of each check. Sourced after git.sh.

passed=0
failed=0
skipped=0

# use_work_area NAME: below build/NAME is the clone, what is built and the logs
use_work_area() {
	isolate_git
	[ -d "$LINUX_TREE" ] || die "there is no build/linux: run 'make tree' first"
	here=$BUILD/$1
	tree=$here/linux
	obj=$here/obj
	logs=$here/log
	mkdir -p "$here"
	exec 9>"$here/.lock"
	flock -n 9 || die "another make $1 is running"
	rm -rf "$logs"
	mkdir "$logs"
	base=$(base_commit "$LINUX_TREE")
}

# check NAME COMMAND...: 0 is a pass; otherwise the output says why. The status
# is left in $status: to be called bare, since -e is off in all that runs below
# a condition, and a check whose first half fails would pass.
check() {
	local name=$1 log

	shift
	log=$logs/${name//[^A-Za-z0-9_.-]/-}
	progress "checking: $name"
	set +e
	(set -e && "$@") >"$log" 3>&2 2>&1
	status=$?
	set -e
	progress_end
	if [ "$status" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		tail -n 25 "$log" | sed 's/^/# /'
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "ok - $1 # SKIP $2"
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	exit 0
}

# Fails unless its input is empty; what comes in is the reason.
nothing() {
	! grep .
}

# Fails, and says why, if a line of the input matches.
no_line() {
	local why=$1

	shift
	! grep "$@" || { echo "$why"; return 1; }
}

# ---- the clone -------------------------------------------------------------

clone() {
	rm -rf "$tree"
	kgit clone -q --shared --no-checkout "$LINUX_TREE" "$tree"
	kgit -C "$tree" checkout -q -B series "$base"
}

touched() {
	kgit -C "$tree" diff --name-only --diff-filter=d "$base..series" -- "$@"
}

# ---- building --------------------------------------------------------------

# compile LOG LABEL ARGUMENT...: messages to LOG, progress to the user. W=1 would
# run kernel-doc on each file; that has a check of its own.
compile() {
	local log=$1 label=$2

	shift 2
	kmake -C "$tree" O="$obj" W=1 cmd_checkdoc= "$@" 2>"$log" |
		counted "$label, steps" 2>&3 && return
	cat "$log"
	return 1
}

# Warnings, and what a checker calls an error, without the line numbers, which move
# with every patch.
warnings() {
	sed -nE 's/^(.*\/)?((mm|include|kernel|block|drivers|fs|lib)\/[^:]*):[0-9]+(:[0-9]+)?: *((warning|error):.*)/\2: \5/Ip
		s/^(Warning: )(.*\/)?([^:]*):[0-9]+ /\1\3 /p' "$@" | sort -u
}

