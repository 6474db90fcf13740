/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE as the user names it: a path, a tag, a partition of either a disk or a disk image.
 *
 * A tag is UUID=, LABEL=, PARTUUID= or PARTLABEL=. All devices are candidates, but for ours (libblkid's own lookup prefers
 * those of device-mapper, so it would find a map instead of what lies below it) and for the legs of an assembled RAID or
 * multipath device, which are no devices of their own.
 */
#ifndef NTFS_PUNCH_LOOKUP_H
#define NTFS_PUNCH_LOOKUP_H

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

struct np_source {
	const char *word;      /* DEVICE; borrowed */
	unsigned partition;    /* its partition of that number; 0: all of it */
	unsigned wait_seconds; /* how long np_lookup_wait() waits for it */
};

/*
 * Finds and opens it. Of a block device the kernel's partition is taken, of an image a part of the file.
 * -ENODEV: there is none. -ENOTUNIQ: more than one, and the message names two. -EBADMSG: its partition table can't be
 * trusted. -errno. Reported. The caller closes `*ret_device`.
 */
int np_lookup(const struct np_source *source, const struct np_log *log, struct np_device *ret_device);

/*
 * Waits until np_lookup() would find something, or source->wait_seconds are over. Warns that it waits, once it has taken a while; what
 * is wrong np_lookup() will say.
 */
void np_lookup_wait(const struct np_source *source, const struct np_log *log);

#endif
