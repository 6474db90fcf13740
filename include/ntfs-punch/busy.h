/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else uses a device: mounts (libmount), holders, partitions and loop devices (sysfs), and whoever has opened it
 * exclusively. The same is asked of everything that DEVICE's bytes lie on, down to the disk or the image file, and of all
 * that lies on these bytes there, to any depth. So a mount is found wherever it comes from.
 *
 * Maps of ours don't count, as they write to their own files' clusters only, but are told. Neither do loop devices and
 * partitions that nobody uses.
 */
#ifndef NTFS_PUNCH_BUSY_H
#define NTFS_PUNCH_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

/* A map of ours that lies directly on DEVICE, on something that carries its bytes, or on a loop device or partition there. */
struct np_busy_map {
	dev_t map;
	dev_t below;         /* the device that its targets name */
	int64_t start_bytes; /* where DEVICE's first byte is on that; negative: before its first */
};

/* Who uses it, and what to do; empty where nobody does. The maps are all that there are, if nobody does. */
struct np_busy {
	char who[1024];
	char remedy[1024];
	struct np_busy_map *maps;
	size_t map_count;
};

/* -errno, reported. The caller releases it. */
int np_busy_find(const struct np_device *device, const struct np_log *log, struct np_busy *ret_busy);
void np_busy_release(struct np_busy *busy);

/*
 * Why a block device can't be removed, if it is in use: "mounted at /a", or "used by vg-root, which is mounted at /". Here maps
 * of ours count, and loop devices that nobody uses. False: nobody, or it can't be told.
 */
bool np_busy_describe(dev_t number, char *text, size_t size);

/* Whether a map of ours lies on the block device. */
bool np_busy_is_ours(dev_t number);

#endif
