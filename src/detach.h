/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else of detach.c is of use: making sure that nobody uses a map.
 */
#ifndef NTFS_PUNCH_DETACH_H
#define NTFS_PUNCH_DETACH_H

#include "ntfs-punch/dm.h"

/* Removes a map's partitions, if nobody uses the map or one of them. -EBUSY, -errno. Reported. */
int np_detach_partitions(const struct np_dm_device *map, const struct np_log *log);

#endif
