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

# Nothing of ours is there, nor anything that we might have forgotten.
check_nothing_left() { # NAME
	udevadm settle
	check "$1: no device left" test -z "$(dmsetup ls --noheadings 2>/dev/null | grep -v 'No devices')"
	check "$1: no udev cookie left" test -z "$(dmsetup udevcookies | grep -v '^Cookie')"
	check "$1: no loop device left" test -z "$(losetup --noheadings --list)"
	check "$1: no node left" test -z "$(find /dev/mapper -mindepth 1 ! -name control)"
}
