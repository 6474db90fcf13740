/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a device, or the disk that it is on, is only a part of something: of a RAID, of a Windows dynamic disk (LDM) or
 * storage pool, or one of several paths to the same disk. What is written to such a part alone is lost, or worse.
 */
#ifndef NTFS_PUNCH_MEMBER_H
#define NTFS_PUNCH_MEMBER_H

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

#define NP_MEMBER_SIZE 160

/* `what` has room for NP_MEMBER_SIZE bytes: "an Intel RAID (isw_raid_member)", or empty. -errno, reported. */
int np_member_find(const struct np_device *device, const struct np_log *log, char *what);

#endif
