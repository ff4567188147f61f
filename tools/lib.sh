# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What all scripts share. To be sourced:
#
#	. "$(dirname "$(readlink -f "$0")")/../lib.sh"
#
# Standard output belongs to a script's product; everything said to the user
# goes to standard error.

TOP=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
BUILD=$TOP/build
LINUX_TREE=$BUILD/linux
export LC_ALL=C

# Variables of our Makefile's command line must not reach the kernel's make.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# shellcheck source=BASE
. "$TOP/BASE"

# ---- words -----------------------------------------------------------------

progress_open=
progress_last=-1000

progress_end() {
	if [ -n "$progress_open" ]; then
		printf '\r\033[K' >&2
	fi
	progress_open=
}

# progress TEXT: what is running and how far it is. One line, drawn anew on a
# terminal; in a log, a line every ten seconds.
progress() {
	if [ -t 2 ]; then
		printf '\r\033[K%s' "$*" >&2
		progress_open=1
	elif ((SECONDS - progress_last >= 10)); then
		printf '%s\n' "$*" >&2
		progress_last=$SECONDS
	fi
}

# counted LABEL [TOTAL]: counts the lines of standard input as progress.
counted() {
	local label=$1 total=${2:-} n=0 shown=-1

	while IFS= read -r _; do
		n=$((n + 1))
		if ((SECONDS != shown)); then
			shown=$SECONDS
			progress "$label: $n${total:+ of about $total}"
		fi
	done
	progress_end
}

say() {
	progress_end
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die [-s STATUS] MESSAGE: one line which says what to do, then the end.
die() {
	local status=1

	if [ "$1" = -s ]; then
		status=$2
		shift 2
	fi
	say "$*"
	exit "$status"
}

# usage STATUS: prints the comment at the head of the script, which is its help.
usage() {
	sed -n '2,/^[^#]*$/{ /SPDX/d; s/^# \{0,1\}//p; }' "$0"
	exit "$1"
}

# ---- cleaning up -----------------------------------------------------------

# at_exit COMMAND ARGUMENT...: runs it when the script ends, however it ends;
# the latest first. ^C ends with 130, which runs them as well.
at_exit_commands=()

at_exit() {
	at_exit_commands+=("$(printf '%q ' "$@")")
	trap run_at_exit EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

run_at_exit() {
	local status=$? i

	trap '' HUP INT TERM
	trap - EXIT
	set +e
	progress_end
	for ((i = ${#at_exit_commands[@]} - 1; i >= 0; i--)); do
		eval "${at_exit_commands[i]}"
	done
	exit "$status"
}

# ---- whose turn the machine is ---------------------------------------------

open_machine() {
	mkdir -p "$BUILD"
	exec 6>"$BUILD/test.gate" 7>"$BUILD/test.lock"
}

# take_machine -s|-x: with others who run guests, or for itself, until fd 7 is
# unlocked. Who waits at the gate for the machine lets nobody else go in before him.
take_machine() {
	flock "$1" 6
	flock "$1" 7
	flock -u 6
}

# only_one NAME WHAT: dies where another one of these is running, whose files would be ours
only_one() {
	mkdir -p "$BUILD"
	exec 5>"$BUILD/$1.running"
	flock -n 5 || die "another $2 is running here"
}

# ---- what the machine must have --------------------------------------------

# need_disk DIR MIB WHAT-FOR
need_disk() {
	local free

	free=$(($(df -Pk "$1" | awk 'NR == 2 { print $4 }') / 1024))
	[ "$free" -ge "$2" ] ||
		die "$3 needs $2 MiB in $1, $free MiB are free there: make room first"
}

# need_mem MIB WHAT-FOR
need_mem() {
	local free

	free=$(($(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo) / 1024))
	[ "$free" -ge "$1" ] ||
		die "$2 needs $1 MiB of memory, $free MiB are free: end something, or give less with MEM="
}

# need COMMAND...
need() {
	local c

	for c; do
		command -v "$c" >/dev/null ||
			die "$c is not installed: run tools/deps"
	done
}

# cache_dir: where downloads are kept; below build/ if there is no such place.
cache_dir() {
	local dir=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/zswap-writeback

	if ! { mkdir -p "$dir" && [ -w "$dir" ]; } 2>/dev/null; then
		dir=$BUILD/cache
		mkdir -p "$dir"
	fi
	printf '%s\n' "$dir"
}

# ---- kernels ---------------------------------------------------------------

JOBS=${JOBS:-$(nproc)}

# Programs that take minutes more on um with checkers than without: make test has them
# without, make soak with
unchecked='wb_figures,wb_ctl'

# kmake ARGUMENT...: the kernel's make, through ccache where there is one.
kmake() {
	local cc=gcc

	! command -v ccache >/dev/null || cc='ccache gcc'
	# Another clone's objects are as good as this one's; what a file includes is
	# known from its last time, or from what the compiler lists: no run more for it.
	CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 env -u ARCH -u CONFIG make -j"$JOBS" CC="$cc" HOSTCC="$cc" \
		KBUILD_BUILD_USER=zswap KBUILD_BUILD_HOST=writeback \
		KBUILD_BUILD_TIMESTAMP="$(date -ud @0)" "$@"
}

# tree_of RUNDIR base|series: the id of that tree, as the run there had it
tree_of() {
	sed -n "s/^$2 //p" "$1/ids"
}

# kconfig TREE OBJ ARCH FRAGMENT...: makes OBJ/.config of the named fragments
# of tools/guest/config; where two name an option, the later one counts.
# merge_config.sh ends well when an option came out different, so each requested
# line is looked for afterwards. OBJ/.config.checked says that they all were.
kconfig() {
	local tree=$1 obj=$2 arch=$3 f line
	local fragments=()

	shift 3
	for f; do
		fragments+=("$TOP/tools/guest/config/$f.config")
	done
	mkdir -p "$obj"
	rm -f "$obj/.config.checked"
	{
		kmake -C "$tree" O="$obj" ARCH="$arch" allnoconfig &&
			"$tree/scripts/kconfig/merge_config.sh" -m -O "$obj" \
				"$obj/.config" "${fragments[@]}" &&
			kmake -C "$tree" O="$obj" ARCH="$arch" olddefconfig
	} >"$obj/config.log" 2>&1 ||
		die "configuring $obj failed: see $obj/config.log"
	while IFS= read -r line; do
		case $line in
		\#*) ! grep -q "^$(cut -d' ' -f2 <<<"$line")=" "$obj/.config" ;;
		*) grep -qxF -- "$line" "$obj/.config" ;;
		esac || die "'$line' was asked for and did not come out in $obj/.config"
	done < <(cat "${fragments[@]}" | grep -E '^(CONFIG_|# CONFIG_.* is not set)' | tac |
		awk -F'[ =]' '!seen[$1 == "#" ? $2 : $1]++')
	touch "$obj/.config.checked"
}
