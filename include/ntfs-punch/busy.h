/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who else uses a device: mounts (libmount), holders (sysfs), and whoever has opened it exclusively. Maps of ours don't
 * count: device-mapper shares its claim among all its devices.
 */
#ifndef NTFS_PUNCH_BUSY_H
#define NTFS_PUNCH_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

/* Who uses it, and what to do; empty where nobody does. */
struct np_busy_map {
	dev_t map;
	dev_t below;
	int64_t start_bytes;
};

struct np_busy {
	char who[512];
	char remedy[512];
	struct np_busy_map *maps;
	size_t map_count;
};

/* Looks at the device, or at every loop device on the image file. -errno, reported. */
int np_busy_find(const struct np_device *device, const struct np_log *log, struct np_busy *ret_busy);

/* Where the block device is mounted: "mounted at /a", or who holds it: "used by sda3_crypt". False: nobody. */
bool np_busy_describe(dev_t number, char *text, size_t size);

/* Whether a map of ours lies on the block device. */
bool np_busy_is_ours(dev_t number);

#endif
