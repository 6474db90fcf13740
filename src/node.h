/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node: a block device or an image file that carries DEVICE's bytes, or some of them, and where. Partitions, loop devices
 * and device-mapper shift the place and no more, so DEVICE's bytes lie from `start_bytes` on, some perhaps before the node's
 * first byte or past its last.
 */
#ifndef NTFS_PUNCH_NODE_H
#define NTFS_PUNCH_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/loop.h"

struct np_node {
	bool is_block;
	dev_t number; /* as in struct np_device */
	ino_t inode;
	int64_t start_bytes; /* where DEVICE's first byte is */
};

/*
 * What carries all of the node: a partition's disk, what a loop device is backed by, the one device of the same size below a
 * device of device-mapper's. False: nothing, or more than one, or it is gone.
 */
bool np_node_below(const struct np_node *node, struct np_node *ret_below);

/* A partition of the node. False: it is gone. */
bool np_node_partition(const struct np_node *node, dev_t partition, struct np_node *ret_partition);

/* A loop device on the node. False: it is on another. */
bool np_node_loop(const struct np_node *node, const struct np_loop *loop, struct np_node *ret_loop);

/* Whether the block device carries any of the `size_bytes` of DEVICE, and whether nothing else. False both: it is gone. */
void np_node_compare(const struct np_node *node, int64_t size_bytes, bool *ret_any, bool *ret_only);

#endif
