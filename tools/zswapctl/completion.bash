# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of zswapctl for bash

# Where the command stands, after options with a value: 0 if there is none yet, or will
# be none, as that of status may be left out. Bash makes three words of --root=DIR
_zswapctl_parse() {
	local i option

	root=
	at=0
	for ((i = 1; i < COMP_CWORD && at == 0; i++)); do
		option=${COMP_WORDS[i]}
		case $option in
		-R | --root | -s | --sort)
			i=$((i + 1))
			[[ ${COMP_WORDS[i]-} != = ]] || i=$((i + 1))
			[[ $option == -s || $option == --sort ]] || root=${COMP_WORDS[i]-}
			;;
		-*) ;;
		*) at=$i ;;
		esac
	done
}

# A name may hold anything but a slash: no list of lines, and quoted as a file name
_zswapctl_cgroups() {
	local mount tree word=$1 path typed=

	mount=$(awk '$3 == "cgroup2" { print $2; exit }' "$root/proc/self/mounts" 2>/dev/null)
	mount=${mount:-/sys/fs/cgroup}
	tree=$root$mount
	word=${word#[\"\']}
	# A backslash of the name's own was typed as two
	word=$(sed 's/\\\(.\)/\1/g' <<<"$word")
	COMPREPLY=()
	# With the mount in front a name is taken as well
	[[ $word != "$mount"/* ]] || typed=$mount/
	word=${word#"$typed"}
	for path in "$tree/${word#/}"*/; do
		[[ ! -d $path ]] || COMPREPLY+=("$typed${path#"$tree/"}")
	done
	compopt -o nospace -o filenames 2>/dev/null
}

_zswapctl_words() {
	case $1 in
	status) echo '--all --json --sort --tree --watch --help' ;;
	writeback) echo '--all --dry-run --free --node --quiet --rate --help' ;;
	agent) echo '--check --passes --policy --time-factor --help' ;;
	metrics) echo '--limit --match --output --help' ;;
	plot) echo '--count --interval --png --record --help' ;;
	*) echo "status writeback agent metrics plot --root --version $(_zswapctl_words status)" ;;
	esac
}

# _zswapctl_values COMMAND OPTION WORD: what OPTION of COMMAND may have after it; fails
# if that is nothing, or nothing that can be listed
_zswapctl_values() {
	case "$1 $2" in
	' -R' | ' --root') compgen -d -- "$3" ;;
	' -s' | ' --sort' | 'status -s' | 'status --sort')
		compgen -W 'cgroup stored zswap ratio incomp written proactive failed refaults
			writeback limit memory' -- "$3"
		;;
	'writeback -N' | 'writeback --node')
		compgen -W "$(cd "$root/sys/devices/system/node" 2>/dev/null &&
			printf '%s ' node[0-9]* | sed 's/node//g')" -- "$3"
		;;
	'agent -p' | 'agent --policy' | 'metrics -o' | 'metrics --output' | \
		'plot -o' | 'plot --png' | 'plot -r' | 'plot --record') compgen -f -- "$3" ;;
	*' '[!-]* | *' ') return 1 ;;
	# A number, a size, a time, a pattern
	'writeback -'[fr] | 'writeback --free' | 'writeback --rate' | 'agent -'[nT] | \
		'agent --passes' | 'agent --time-factor' | 'metrics -'[lm] | \
		'metrics --limit' | 'metrics --match' | 'plot -'[ni] | 'plot --count' | \
		'plot --interval') ;;
	*) return 1 ;;
	esac
	return 0
}

_zswapctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local root at command=

	_zswapctl_parse
	((at == 0)) || command=${COMP_WORDS[at]}
	if [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $word == = ]]; then
		word=
	fi
	if mapfile -t COMPREPLY < <(_zswapctl_values "$command" "$before" "$word"; echo "$?") &&
		[[ ${COMPREPLY[-1]} == 0 ]]; then
		unset 'COMPREPLY[-1]'
		compopt -o filenames 2>/dev/null
	elif [[ $word != -* && ($command == status || $command == writeback) ]]; then
		_zswapctl_cgroups "$word"
	elif [[ $word != -* && $command == plot ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames 2>/dev/null
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_zswapctl_words "$command")" -- "$word")
	fi
}

complete -F _zswapctl zswapctl
