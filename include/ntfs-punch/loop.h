/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop devices, and those of ours under image files. Ours have autoclear: the kernel detaches them when the last user, the map, is gone.
 */
#ifndef NTFS_PUNCH_LOOP_H
#define NTFS_PUNCH_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

struct np_loop {
	dev_t number;
	bool is_block; /* whether it is backed by a block device; `backing` and `inode` as in struct np_device */
	dev_t backing;
	ino_t inode;
	uint64_t offset_bytes;
	bool limited; /* it doesn't show what it is backed by up to the end */
};

/* -ENXIO: nothing is attached to it, or nobody knows what. -errno. */
int np_loop_read(dev_t number, struct np_loop *ret_loop);

/* All that something is attached to. -errno. The caller frees `*ret_loops`. */
int np_loop_list(struct np_loop **ret_loops, size_t *ret_count);

/* Whether it is backed by the block device, or by the file `inode` of the filesystem `number`. */
bool np_loop_is_on(const struct np_loop *loop, bool is_block, dev_t number, ino_t inode);

/* Whether the backing file of the loop device `number` is `image`, from its first byte to its last. */
bool np_loop_is_whole(dev_t number, const struct np_device *image);

/*
 * The image as a block device: a loop device of ours that is there already, for another map, else a new one. It lives
 * while `ret_loop` is open or a map uses it. -errno, reported.
 */
int np_loop_attach(const struct np_device *image, const struct np_log *log, struct np_device *ret_loop);

/* As many bytes of memory as a block device, all zeros. It lives as np_loop_attach()'s, and its memory with it; memory is taken
 * as it is written to. -errno, reported. */
int np_loop_attach_memory(uint64_t bytes, const struct np_log *log, struct np_device *ret_loop);

#endif
