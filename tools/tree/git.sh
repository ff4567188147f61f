# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153
#
# git for build/linux and its clones: nothing of the user's or the machine's
# configuration may show in a commit id or in a patch file. To be sourced after
# tools/lib.sh. tools/tree/apply does not: somebody's own tree has his own git.

PATCHES=$TOP/patches
PROJECT_NAME='zswap writeback developers'
PROJECT_EMAIL=zswap-writeback@project.invalid
BASE_DATE='2026-01-01T00:00:00+0000'

isolate_git() {
	unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY \
		GIT_COMMON_DIR GIT_PREFIX GIT_DIFF_OPTS GIT_EXTERNAL_DIFF \
		GIT_ALTERNATE_OBJECT_DIRECTORIES "${!GIT_CONFIG_@}"
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
	export GIT_ATTR_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
	export GIT_AUTHOR_NAME=$PROJECT_NAME GIT_AUTHOR_EMAIL=$PROJECT_EMAIL
	export GIT_COMMITTER_NAME=$PROJECT_NAME GIT_COMMITTER_EMAIL=$PROJECT_EMAIL
}

# A repository has a configuration of its own too; what counts is said here.
kgit() {
	git -c core.hooksPath=/dev/null -c commit.gpgSign=false -c gc.auto=0 \
		-c core.autocrlf=false -c core.abbrev=auto -c core.quotePath=true \
		-c am.threeWay=false -c am.keepcr=false -c mailinfo.scissors=false \
		-c advice.detachedHead=false -c i18n.commitEncoding=UTF-8 "$@"
}

# base_commit TREE: the commit that is the kernel without the series.
base_commit() {
	kgit -C "$1" rev-list --max-parents=0 series | tail -n 1
}

# Is the base of TREE the very tree that BASE names?
base_exact() {
	[ "$(kgit -C "$1" rev-parse "$(base_commit "$1")^{tree}")" = "$TREE" ]
}

list_patches() {
	find "$PATCHES" -maxdepth 1 -name '[0-9]*.patch' 2>/dev/null | sort
}

# One word for the present contents of patches/.
patches_id() {
	list_patches | xargs -r cat | kgit hash-object --stdin
}

# am_patches TREE PATCH...: git am, all or nothing. The one line of a failure
# names the patch and the place.
am_patches() {
	local tree=$1 log n=0 p total=$(($# - 1)) before where

	shift
	before=$(kgit -C "$tree" rev-parse HEAD)
	log=$(kgit -C "$tree" rev-parse --absolute-git-dir)/zswap-am.log
	for p; do
		n=$((n + 1))
		progress "applying $n of $total: ${p##*/}"
		if kgit -C "$tree" am -q --committer-date-is-author-date "$p" \
			>"$log" 2>&1; then
			continue
		fi
		where=$(sed -n 's/^error: //p' "$log" | head -n 1)
		kgit -C "$tree" am --abort 2>/dev/null || true
		kgit -C "$tree" reset -q --hard "$before"
		rm -f "$log"
		say "${p##*/} does not apply to $tree: ${where:-git am failed}"
		return 1
	done
	progress_end
	rm -f "$log"
}
