# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
#
# For scripts in the guest, where it is /lib/guest.sh: a cgroup whose memory
# `owner` has, and its counters. $cg is the cgroup's directory.

# owner_start WHAT MIB: see owner.c
owner_start() {
	mkdir "$cg"
	[ -p /tmp/in ] || mkfifo /tmp/in /tmp/out
	sh -c "echo \$\$ >$cg/cgroup.procs; exec owner $1 $2" </tmp/in >/tmp/out &
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
	wait $!
}

# stat_of KEY [FILE]
stat_of() {
	awk -v key="$1" '$1 == key { print $2 }' "${2:-$cg/memory.stat}"
}

# settle KEY WANT TENTHS: memory.stat is brought up to date every 2 s; wait for
# the value, for some tenths of a second at most
settle() {
	i=0
	while [ $i -lt "$3" ] && [ "$(stat_of "$1")" != "$2" ]; do
		i=$((i + 1))
		sleep 0.1
	done
}
