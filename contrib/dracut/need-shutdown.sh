#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut.modules(7), pre-pivot: if root lies on a map, the shutdown has to come back to the initrd, where it can be removed.

for file in /sys/block/dm-*/dm/uuid; do
	[ -e "$file" ] || continue
	read -r uuid <"$file"
	case $uuid in
	NTFSPUNCH-*)
		need_shutdown
		break
		;;
	esac
done
