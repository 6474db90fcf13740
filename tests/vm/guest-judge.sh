# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guests that disturb map and unmap (guest-steps, guest-faults), on top of guest.sh: what came of it, as words in `result`.
# A PROBLEM among them is one. /dev/vda has the volume, /dev/vdb a filesystem with the same as an image.
# shellcheck disable=SC2034,SC2154 # variables of theirs

mkdir -p /tmp/host
mount /dev/vdb /tmp/host
# The commands; what has to be there for `unmap` is made by `from`.
declare -A arguments=([map-block]="map /dev/vda /a.img" [map-image]="map /tmp/host/multi.img /a.img" [unmap]="unmap a")
from=map-block
result=
mapfile -t right < <("$punch" table /dev/vda /a.img | awk '{ print $1, $2, $3, $5 }')

nothing_is_left() {
	goes_away || {
		result+=" PROBLEM:left:${left// /+}"
		return 1
	}
}

is_right() { # COMMAND
	local line lines=() loops=(/sys/block/loop*/loop)
	while read -r line; do
		# shellcheck disable=SC2086 # words
		set -- "$1" $line
		lines+=("$2 $3 $4 $6")
	done < <(dmsetup table a 2>/dev/null)
	[[ ${lines[*]} = "${right[*]}" && -b /dev/mapper/a && ($1 != map-image || ${#loops[@]} -eq 1) ]]
}

plain() { # WANTED-CODES ARGS...
	local wanted=$1 code=0
	shift
	"$punch" "$@" 2>/tmp/plain || code=$?
	[[ " $wanted " = *" $code "* ]] || {
		result+=" PROBLEM:$1:$code"
		sed 's/^/  /' /tmp/plain
	}
}

unmap_it() {
	plain 0 unmap a
	nothing_is_left || return 0
}

# The map, killed or not, is right after the next one.
heal() { # COMMAND
	local had=$left
	result+=" left:${left// /+}"
	# shellcheck disable=SC2086 # words
	plain 0 ${arguments[$1]}
	if [[ $had = *cookie* ]] && ! grep -q 'has left a cookie' /tmp/plain; then
		result+=" PROBLEM:the-cookie-was-not-healed"
	fi
	is_right "$1" || result+=" PROBLEM:not-right-after-the-next-map"
	result+=" healed"
	unmap_it
}

judge_map() { # COMMAND ACTION
	look
	case $2 in
	kill-*)
		if [[ -z $left ]]; then result+=" nothing"; else heal "$1"; fi
		return
		;;
	int) [[ $code -eq 130 ]] || result+=" PROBLEM:code" ;;
	fail) [[ $code -le 6 ]] || result+=" PROBLEM:code" ;;
	esac
	if [[ $code -eq 0 ]]; then
		is_right "$1" || result+=" PROBLEM:not-right"
		result+=" mapped"
		unmap_it
	else
		if nothing_is_left; then result+=" nothing"; fi
	fi
}

judge_unmap() { # COMMAND ACTION
	look
	case $2 in
	int) [[ $code -eq 130 ]] || result+=" PROBLEM:code" ;;
	fail) [[ $code -le 6 ]] || result+=" PROBLEM:code" ;;
	esac
	if [[ $2 = kill-* && -n $left ]] && ! { [[ $left != *cookie* ]] && is_right unmap; }; then
		local had=$left
		result+=" left:${left// /+}"
		plain "0 5" unmap a
		if [[ $had = *cookie* ]] && ! grep -q 'has left a cookie' /tmp/plain; then
			result+=" PROBLEM:the-cookie-was-not-healed"
		fi
		if nothing_is_left; then result+=" healed"; fi
	elif [[ $left = *device* ]]; then
		[[ $left != *cookie* ]] && is_right unmap || result+=" PROBLEM:neither-whole-nor-gone:${left// /+}"
		[[ $code -ne 0 ]] || result+=" PROBLEM:still-there"
		result+=" whole"
	else
		if nothing_is_left; then result+=" gone"; fi
	fi
}

# Before a try: for unmap, the map; and no record of a cookie that there is none of, so that the steps are the same again.
prepare() { # COMMAND
	look
	if [[ $1 = unmap && $left != *device* ]]; then
		# shellcheck disable=SC2086 # words
		plain 0 ${arguments[$from]}
	fi
	code=0 result=
	if [[ -e /run/ntfs-punch/cookie ]]; then
		plain 5 unmap nonesuch
		[[ ! -e /run/ntfs-punch/cookie ]] || result+=" PROBLEM:the-record-stays"
	fi
}

judge() { # COMMAND ACTION
	case $1 in
	map-*) judge_map "$1" "$2" ;;
	unmap) judge_unmap "$1" "$2" ;;
	esac
}
