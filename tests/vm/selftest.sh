#!/bin/bash
# selftest.sh: the part of test-harness that runs inside the VM. Needs, from test-harness: /dev/vda with the ext4 UUID
# $SELFTEST_UUID, /dev/vdb read-only, /dev/vdc with logical blocks of 4096, and the shared folder $SELFTEST_SHARE.
# shellcheck disable=SC2317 # check calls them
set -eu

failed=0
# A function given to check chains its commands with &&: in a condition, set -e is off all the way down.
check() { # NAME COMMAND ARGS...
	local name=$1
	shift
	if "$@" >/run/selftest.output 2>&1; then
		echo "ok $name"
	else
		echo "FAIL $name"
		sed 's/^/  /' /run/selftest.output
		failed=1
	fi
}

modules_load() {
	modprobe -a dm-snapshot dm-flakey scsi_debug nbd &&
		{ [[ $(uname -r) == 6.1.* ]] || modprobe ntfs3; }
}

# A symbolic link, and udev's database knows the device: libdevmapper's fallback would have made a node by itself.
dm_node_by_udev() {
	dmsetup create x --table "0 8 zero" &&
		test -L /dev/mapper/x &&
		udevadm info --query=property /dev/mapper/x | grep -qx DM_NAME=x &&
		test -L /dev/disk/by-id/dm-name-x
}

dm_cookies_complete() {
	local cookies
	cookies=$(dmsetup udevcookies) && test "$(sed 1d <<<"$cookies")" = ""
}

dm_node_removed() {
	dmsetup remove x &&
		test ! -e /dev/mapper/x &&
		test ! -L /dev/mapper/x &&
		dm_cookies_complete
}

# Detaching a loop device that dm holds makes it autoclear: it goes with the dm device.
loop_autoclears() {
	local loop
	truncate -s 1M /run/loop.img &&
		loop=$(losetup --find --show /run/loop.img) &&
		dmsetup create y --table "0 2048 linear $loop 0" &&
		losetup --detach "$loop" &&
		test "$(losetup --noheadings --output AUTOCLEAR "$loop" | tr -d ' ')" = 1 &&
		dmsetup remove y &&
		udevadm settle &&
		test "$(losetup --all)" = ""
}

echo "# command started $(cut -d' ' -f1 /proc/uptime) s after the kernel $(uname -r)"
check "standard input is /dev/null" test "$(readlink /proc/self/fd/0)" = /dev/null
check "root is an overlay that takes writes" sh -c 'findmnt -n -o FSTYPE / | grep -qx overlay && echo x >/usr/selftest'
check "/run is the VM's own" sh -c 'findmnt -n -o FSTYPE /run | grep -qx tmpfs'
check "/run/udev is there" test -S /run/udev/control
check "modules of this kernel load" modules_load
check "/dev/fuse is there" test -c /dev/fuse
check "dm node made by udev" dm_node_by_udev
check "udev cookies complete" dm_cookies_complete
check "dm node removed by udev" dm_node_removed
check "loop device autoclears" loop_autoclears
check "by-uuid link of a virtio disk" test "/dev/disk/by-uuid/$SELFTEST_UUID" -ef /dev/vda
check "read-only disk" test "$(blockdev --getro /dev/vdb)" = 1
check "disk with blocks of 4096" test "$(blockdev --getss /dev/vdc)" = 4096
check "shared folder read" grep -qx "from the host" "$SELFTEST_SHARE/host"
check "shared folder written" sh -c "echo from the VM >'$SELFTEST_SHARE/vm'"
# Without a sync: that the host finds it is run-vm's business.
check "disk written" sh -c "printf 'from the VM' | dd of=/dev/vda bs=1M seek=1 status=none"
exit "$failed"
