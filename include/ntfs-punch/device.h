/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE: a block device, or a regular file that holds a volume. Opened read-only and measured; its content is never
 * looked at here.
 */
#ifndef NTFS_PUNCH_DEVICE_H
#define NTFS_PUNCH_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/log.h"

struct np_device {
	char *path; /* absolute, without symbolic links */
	int fd;     /* read-only; for a block device past the page cache (O_DIRECT), which doesn't see what dm writes */
	bool is_block;
	dev_t number; /* the block device's; of a file: its filesystem's, and `inode` there */
	ino_t inode;
	uint64_t start_bytes;        /* where the volume begins on it: 0, but for a partition of a disk image */
	uint64_t size_bytes;         /* of the volume's place */
	uint32_t logical_block_size; /* of a file: 512, as its loop device will have */
	bool read_only;
};

#define NP_DEVICE_INIT ((struct np_device){ .fd = -1 })

/* -ENOENT, -ENODEV and the like: there is no such device. -ENOTBLK: it is neither. -errno. Not reported. */
int np_device_try(const char *path, struct np_device *ret_device);

/* The same, reported. */
int np_device_open(const char *path, const struct np_log *log, struct np_device *ret_device);
void np_device_close(struct np_device *device);

/* "MAJOR:MINOR" of a block device, as tables name it. `text` has room for NP_DEVICE_NUMBER_SIZE bytes. */
#define NP_DEVICE_NUMBER_SIZE 24
void np_device_format_number(dev_t number, char *text);

/* The node of a block device by its kernel name, "/dev/sda3", or by device-mapper's: sysfs has it with or without udev.
 * -errno. */
#define NP_DEVICE_NODE_SIZE 264
int np_device_node(dev_t number, char *path);

#endif
