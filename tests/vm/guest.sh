# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the guest's part of the VM tests. $SHARE is the folder that host and guest share.
set -eu
# In the VM's own memory: the share has no cache, and is slow.
work=/tmp/work
punch=/tmp/ntfs-punch
mkdir $work
cp "$SHARE/ntfs-punch" $punch
. "$SHARE/check.sh"
code=0

# Runs ntfs-punch, which must exit with CODE.
expect() { # CODE NAME ARGS...
	local want=$1 name=$2
	shift 2
	code=0
	"$punch" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
	check "$name: exit code $want" test "$code" -eq "$want"
	[[ $code -eq $want ]] || sed 's/^/  /' "$work/err"
}

says() { # NAME TEXT
	check "$1" grep -qF -- "$2" "$work/err"
	grep -qF -- "$2" "$work/err" || sed 's/^/  /' "$work/err"
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

# Nothing of ours is there, nor anything that we might have forgotten.
check_nothing_left() { # NAME
	udevadm settle
	check "$1: no device left" test -z "$(dmsetup ls --noheadings 2>/dev/null | grep -v 'No devices')"
	check "$1: no udev cookie left" test -z "$(dmsetup udevcookies | grep -v '^Cookie')"
	check "$1: no loop device left" test -z "$(losetup --noheadings --list)"
	check "$1: no node left" test -z "$(find /dev/mapper -mindepth 1 ! -name control)"
}

# By the kernel's driver, or by ntfs-3g where there is none.
mount_ntfs() { # DEVICE DIRECTORY [OPTIONS]
	local type=ntfs3
	modprobe ntfs3 2>/dev/null || type=ntfs-3g
	mount -t "$type" -o "${3:-ro}" "$1" "$2"
}

# ntfs-3g goes a moment after its mount.
unmount_ntfs() { # DIRECTORY
	umount "$1"
	while pgrep -x ntfs-3g >/dev/null || pgrep -x mount.ntfs-3g >/dev/null; do sleep 0.1; done
}

# In another mount namespace, which nobody else sees.
mount_elsewhere() { # DEVICE [OPTIONS]
	mkdir -p /tmp/elsewhere
	unshare --mount bash -c "$(declare -f mount_ntfs unmount_ntfs)
		mount_ntfs '$1' /tmp/elsewhere ${2:-ro}
		touch /tmp/mounted
		while [ -e /tmp/mounted ]; do sleep 0.1; done
		unmount_ntfs /tmp/elsewhere" &
	elsewhere=$!
	while [ ! -e /tmp/mounted ]; do sleep 0.1; done
}

unmount_elsewhere() {
	rm /tmp/mounted
	wait "$elsewhere"
}

# The rules that an installed ntfs-punch brings.
install_rules() {
	mkdir -p /run/udev/rules.d
	cp "$SHARE"/*.rules /run/udev/rules.d/
	udevadm control --reload
}

udev_says() { # DEVICE PROPERTY=VALUE
	udevadm info --query=property --name="$1" | grep -qx -- "$2"
}

# The names of dm's devices, sorted, in one line.
devices() {
	dmsetup info -c --noheadings -o name 2>/dev/null | grep -v '^No devices found' | sort | xargs
}

# Links below /dev/disk to the device.
links_to() { # DEVICE
	find -L /dev/disk -samefile "$1" 2>/dev/null | sort
}

sum_of() { # FILE
	sha256sum <"$1" | cut -d' ' -f1
}

kib() { # WORD OF /proc/meminfo
	awk -v word="$1:" '$1 == word { print $2 }' /proc/meminfo
}
