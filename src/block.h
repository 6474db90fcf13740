/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How block devices hang together, as sysfs has it: partitions and their disks, legs and what is made of them.
 */
#ifndef NTFS_PUNCH_BLOCK_H
#define NTFS_PUNCH_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The disk that a partition is on; 0 for any other device. */
dev_t np_block_disk(dev_t number);

/* The disk's partition of that number: the kernel's, or kpartx's on top of a device of device-mapper's. -ENOENT. */
int np_block_partition(dev_t disk, uint64_t partition, dev_t *ret_number);

/* Whether a RAID (md, dmraid) or a multipath device has been assembled of it, and the like. */
bool np_block_is_leg(dev_t number);

/* Whether it is such a one itself. */
bool np_block_is_assembly(dev_t number);

/* Whether a disk's "wwid" is its own in the world: no vendor's text, and not the zeros of a disk that was given none. */
bool np_block_is_identity(const char *text);

#endif
