/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The partitions inside an image, of a GPT or an MBR, as libblkid finds them in the sandbox.
 */
#ifndef NTFS_PUNCH_PARTITIONS_H
#define NTFS_PUNCH_PARTITIONS_H

#include "ntfs-punch/log.h"
#include "ntfs-punch/plan.h"
#include "ntfs-punch/probe.h"

/*
 * Adds a device to the plan for each partition of `content`, but for extended ones, which only hold others. -EBADMSG: there is no
 * table, or it can't be relied on. -ENAMETOOLONG: the map's name leaves no room, or the name is
 * the volume's. -ENOMEM. Reported.
 */
int np_partitions_plan(const struct np_content *content, const struct np_log *log, struct np_plan *plan);

#endif
