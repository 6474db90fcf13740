/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else of detach.c is of use: finding what may be unmapped, and making sure that nobody uses it.
 */
#ifndef NTFS_PUNCH_DETACH_H
#define NTFS_PUNCH_DETACH_H

#include "ntfs-punch/dm.h"

/* The map or volume's device of that name. -ENOENT, -EBUSY (it is only a part of a map), -errno. Reported. */
int np_detach_find(const char *name, const struct np_log *log, struct np_dm_device *ret_device);

/* Removes a map's partitions, if nobody uses the map or one of them. -EBUSY, -errno. Reported. */
int np_detach_partitions(const struct np_dm_device *map, const struct np_log *log);

#endif
