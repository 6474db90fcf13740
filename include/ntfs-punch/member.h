/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a device, or a disk that it is on, is only a part of something: of a RAID, of a Windows dynamic disk (LDM) or storage
 * pool, or one of several paths to the same disk. What is written to such a part alone is lost, or worse.
 */
#ifndef NTFS_PUNCH_MEMBER_H
#define NTFS_PUNCH_MEMBER_H

#include "ntfs-punch/check.h"
#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

struct np_member {
	enum np_membership membership;
	char what[288]; /* as np_check_input.member */
};

/*
 * Looks at the device, and at all that it lies on, down to the disks; but not further than an array that is assembled.
 * -errno, reported.
 */
int np_member_find(const struct np_device *device, const struct np_log *log, struct np_member *ret_member);

#endif
