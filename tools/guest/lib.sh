# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# For scripts in the guest, where it is /lib/guest.sh: a cgroup whose memory
# `owner` has, its counters, disks that misbehave, and suites of cases.
# $cg is the cgroup's directory, $nr the pages that its owner has.

# owner_start WHAT MIB: see owner.c
owner_start() {
	mkdir "$cg"
	[ -p /tmp/in ] || mkfifo /tmp/in /tmp/out
	sh -c "echo \$\$ >$cg/cgroup.procs; exec owner $1 $2" </tmp/in >/tmp/out &
	owner=$!
	exec 3>/tmp/in 4</tmp/out
}

# ask COMMAND: $answer is what the owner says
ask() {
	echo "$1" >&3
	read -r answer <&4
}

# owner_end: ends as the owner does
owner_end() {
	exec 3>&- 4<&-
	wait "$owner"
}

# other_start CGROUP ARGUMENTS...: a second owner, with memory of that cgroup
other_start() {
	mkfifo /tmp/other.in /tmp/other.out
	other_cgroup=$1
	shift
	sh -c "echo \$\$ >$other_cgroup/cgroup.procs; exec owner $*" </tmp/other.in >/tmp/other.out &
	other=$!
	exec 5>/tmp/other.in 6</tmp/other.out
}

# other_ask COMMAND: $answer is what it says
other_ask() {
	echo "$1" >&5
	read -r answer <&6
}

# other_end: what was started meanwhile has the descriptors, too, so that closing
# them here would be the end of no input
other_end() {
	kill "$other" 2>/dev/null
	wait "$other" 2>/dev/null
	exec 5>&- 6<&-
	rm /tmp/other.in /tmp/other.out
}

# stat_of KEY [FILE]
stat_of() {
	awk -v key="$1" '$1 == key { print $2 }' "${2:-$cg/memory.stat}"
}

# event KEY: of all the machine, up to date at any time
event() {
	stat_of "$1" /proc/vmstat
}

# Hundredths of a second since the machine was started. In its first second there
# would be a zero before them, which makes a number octal.
now() {
	awk '{ sub(/\./, "", $1); print $1 + 0 }' /proc/uptime
}

# settle KEY WANT TENTHS [FILE]: memory.stat is brought up to date every 2 s; wait
# for the value, for some tenths of a second at most
settle() {
	i=0
	while [ $i -lt "$3" ] && [ "$(stat_of "$1" "${4:-$cg/memory.stat}")" != "$2" ]; do
		i=$((i + 1))
		sleep 0.1
	done
}

# anon_of GROUP: memory.stat is brought up to date every 2 s
anon_of() {
	sleep 3
	stat_of anon "$1/memory.stat"
}

# set_files DIRECTORY NAME=VALUE...: files of sysfs and the like
set_files() {
	directory=$1
	shift
	for setting; do
		echo "${setting#*=}" >"$directory/${setting%%=*}" || return
	done
}

# nullb NAME MIB [ATTRIBUTE=VALUE...]: /dev/NAME, a null_blk disk with memory
nullb() {
	disk=/sys/kernel/config/nullb/$1
	mkdir "$disk" && echo 1 >"$disk/memory_backed" &&
		echo "$2" >"$disk/size" && echo 4096 >"$disk/blocksize" || return
	shift 2
	set_files "$disk" "$@" && echo 1 >"$disk/power"
}

# Of DISK1 and DISK2
disk_sectors=$((256 * 2048))

# linear_table DISK, flakey_table DISK UP DOWN (seconds): for dm
linear_table() {
	echo "0 $disk_sectors linear $1 0"
}

flakey_table() {
	echo "0 $disk_sectors flakey $1 0 $2 $3 1 error_writes"
}

# swap_on DEVICE [KIB]: a new swap area, whose slots are given out nearly in
# order, from the beginning of the device
swap_on() {
	{ mkswap "$@" >/dev/null && swapon "$1"; } || wrong "no swap on $1"
}

swap_off() {
	swapoff "$1" || wrong "swapoff $1 failed"
}

# own MIB: an owner of so much memory, all of it swapped out
own() {
	nr=$(($1 * 256))
	owner_start third "$1"
	ask pageout
	must 'pages paged out' "$answer" "pageout $nr of $nr"
}

leave() {
	owner_end || wrong 'the owner failed'
	rmdir "$cg"
}

# request LINE WANT [FILE]: writes LINE to a reclaim file; WANT is the error's
# text, or "success"
request() {
	said=$({ echo "$1" >"${3:-$cg/memory.reclaim}"; } 2>&1) && said=success
	must "the result of \"$1\"" "${said##*: }" "$2"
}

# stat_is KEY WANT
stat_is() {
	settle "$1" "$2" 50
	must "$1" "$(stat_of "$1")" "$2"
}

# no_dying_groups TENTHS
no_dying_groups() {
	settle nr_dying_descendants 0 "$1" /sys/fs/cgroup/cgroup.stat
	must 'groups that are dying' "$(stat_of nr_dying_descendants /sys/fs/cgroup/cgroup.stat)" 0
}

# wrote PAGES: on request, since the counter was $start
wrote() {
	must 'pages written' $(($(event zswpwb_proactive) - start)) "$1"
}

# says WORDS: they are in $out
says() {
	case $out in
	*"$1"*) ;;
	*) must "\"$1\" above" missing there ;;
	esac
}

# between WHAT GOT LEAST MOST
between() {
	must "$1, ${2:-none}, is from $3 to $4" $((${2:-0} >= $3 && ${2:-0} <= $4)) 1
}

intact() {
	ask verify
	must 'pages intact' "$answer" "verify $nr of $nr"
}

# wrong WHAT: makes the case fail
wrong() {
	failed="${failed:+$failed; }$1"
}

# must WHAT GOT WANT
must() {
	[ "$2" = "$3" ] || wrong "$1: \"$2\" instead of \"$3\""
}

# at_least WHAT GOT LEAST
at_least() {
	[ "${2:-0}" -ge "$3" ] || must "$1" "$2" "$3 at least"
}

at_most() {
	[ "$2" -le "$3" ] || must "$1" "$2" "$3 at most"
}

# run_cases WRAPPER CASE...: KTAP of the cases, each called as WRAPPER CASE.
# $skipped is why a case could not be run.
run_cases() {
	wrapper=$1
	shift
	n=0 passed=0 skips=0
	echo 'TAP version 13'
	echo "1..$#"
	for case; do
		failed='' skipped=''
		"$wrapper" "$case"
		n=$((n + 1))
		if [ -n "$failed" ]; then
			echo "# $failed"
			echo "not ok $n $case"
		elif [ -n "$skipped" ]; then
			skips=$((skips + 1))
			echo "ok $n $case # SKIP $skipped"
		else
			passed=$((passed + 1))
			echo "ok $n $case"
		fi
	done
	echo "# Totals: pass:$passed fail:$((n - passed - skips)) xfail:0 xpass:0 skip:$skips error:0"
	[ $((passed + skips)) = $n ]
}
