# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guest's part of the VM tests. $SHARE is the folder that host and guest share.
set -eu
work=$SHARE
. "$SHARE/check.sh"
code=0

# Runs ntfs-punch, which must exit with CODE.
expect() { # CODE NAME ARGS...
	local want=$1 name=$2
	shift 2
	code=0
	"$SHARE/ntfs-punch" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
	check "$name: exit code $want" test "$code" -eq "$want"
	[[ $code -eq $want ]] || sed 's/^/  /' "$work/err"
}

says() { # NAME TEXT
	check "$1" grep -qF -- "$2" "$work/err"
	grep -qF -- "$2" "$work/err" || sed 's/^/  /' "$work/err"
}

no() { # COMMAND ARGS...
	! "$@"
}

# What is there of ours, or forgotten, as words in `left`. Almost without processes, for some ask it a thousand times.
look() {
	local path lines
	left=
	for path in /sys/block/dm-*; do [[ ! -e $path ]] || left+=" device"; done
	mapfile -t lines </proc/sysvipc/sem
	[[ ${#lines[@]} -le 1 ]] || left+=" cookie"
	for path in /sys/block/loop*/loop; do [[ ! -e $path ]] || left+=" loop"; done
	for path in /dev/mapper/*; do [[ $path = */control ]] || left+=" node"; done
	# Without a table one isn't in sysfs.
	[[ -n $left || $(dmsetup ls) = 'No devices found' ]] || left=" device"
	left=${left# }
}

# udev takes away nodes, and loop devices go, a moment later.
goes_away() {
	local tenths
	for ((tenths = 0; tenths < 50; tenths++)); do
		look
		[[ -n $left ]] || return 0
		sleep 0.1
	done
	return 1
}

# The drivers of NTFS that there are, as arguments of mount: Debian's 6.1 has no ntfs3.
ntfs_drivers() {
	drivers=("-t ntfs-3g")
	if modprobe ntfs3 2>/dev/null; then
		drivers+=("-t ntfs3")
	else
		echo "# this kernel has no ntfs3: ntfs-3g alone"
	fi
}

# ntfs-3g goes a moment after its mount.
unmount() { # DIRECTORY
	umount "$1"
	while pgrep -x ntfs-3g >/dev/null || pgrep -x mount.ntfs-3g >/dev/null; do sleep 0.1; done
}

# Nothing of ours is there, nor anything that we might have forgotten.
check_nothing_left() { # NAME
	udevadm settle
	check "$1: no device left" test -z "$(dmsetup ls --noheadings 2>/dev/null | grep -v 'No devices')"
	check "$1: no udev cookie left" test -z "$(dmsetup udevcookies | grep -v '^Cookie')"
	check "$1: no loop device left" test -z "$(losetup --noheadings --list)"
	check "$1: no node left" test -z "$(find /dev/mapper -mindepth 1 ! -name control)"
}
