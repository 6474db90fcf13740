/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes of the volume others have: the active maps on it, and files that are mapped along.
 */
#ifndef NTFS_PUNCH_TAKEN_H
#define NTFS_PUNCH_TAKEN_H

#include "ntfs-punch/busy.h"
#include "ntfs-punch/check.h"
#include "ntfs-punch/device.h"

struct np_taken_list {
	struct np_taken *entries;
	size_t count;
};

/* What the maps among the users of the device may write to, but for the one that has our own `uuid`. -ENOMEM. */
int np_taken_by_maps(const struct np_device *device, const struct np_busy *busy, const char *uuid,
		     struct np_taken_list *list);

/* Adds a copy of a file's extents. -ENOMEM. */
int np_taken_add_file(struct np_taken_list *list, const char *file, const struct np_extent_map *extents);

void np_taken_release(struct np_taken_list *list);

#endif
