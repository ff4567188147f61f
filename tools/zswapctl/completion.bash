# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of zswapctl for bash

_zswapctl_cgroups() {
	local mount

	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	cd "${mount:-/sys/fs/cgroup}" 2>/dev/null || return
	compgen -d -S / -- "${1#/}"
}

_zswapctl_words() {
	case $1 in
	status) echo '--all --json --sort --tree --watch --help' ;;
	writeback) echo '--all --dry-run --free --node --quiet --rate --help' ;;
	agent) echo '--check --passes --policy --time-factor --help' ;;
	metrics) echo '--limit --match --output --help' ;;
	plot) echo '--count --interval --png --record --help' ;;
	*) echo 'status writeback agent metrics plot --root --help --version' ;;
	esac
}

_zswapctl_values() {
	case $1 in
	-s | --sort)
		compgen -W 'cgroup stored zswap ratio incomp written proactive failed refaults
			writeback limit memory' -- "$2"
		;;
	-N | --node)
		compgen -W "$(cd /sys/devices/system/node 2>/dev/null &&
			printf '%s ' node* | sed 's/node//g')" -- "$2"
		;;
	-p | --policy | -o | --output | --png | -r | --record) compgen -f -- "$2" ;;
	*) return 1 ;;
	esac
}

_zswapctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]-}

	((COMP_CWORD > 1)) || command=
	if mapfile -t COMPREPLY < <(_zswapctl_values "$before" "$word"; echo "$?") &&
		[[ ${COMPREPLY[-1]} == 0 ]]; then
		unset 'COMPREPLY[-1]'
		return
	fi
	if [[ $word != -* && ($command == status || $command == writeback) ]]; then
		mapfile -t COMPREPLY < <(_zswapctl_cgroups "$word")
		compopt -o nospace 2>/dev/null
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_zswapctl_words "$command")" -- "$word")
	fi
}

complete -F _zswapctl zswapctl
