/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loop devices under an image file. Ours have autoclear: the kernel detaches them when the last user, the map, is gone.
 */
#ifndef NTFS_PUNCH_LOOP_H
#define NTFS_PUNCH_LOOP_H

#include <stddef.h>
#include <sys/types.h>

#include "ntfs-punch/device.h"
#include "ntfs-punch/log.h"

/* The loop devices on top of an image file, or of a block device. -errno. The caller frees `*ret_numbers`. */
int np_loop_find(const struct np_device *image, dev_t **ret_numbers, size_t *ret_count);

/* Whether the backing file of the loop device `number` is `image`, from its first byte to its last. */
bool np_loop_is_whole(dev_t number, const struct np_device *image);

/*
 * The image as a block device: a loop device of ours that is there already, for another map, else a new one. It lives
 * while `ret_loop` is open or a map uses it. -errno, reported.
 */
int np_loop_attach(const struct np_device *image, const struct np_log *log, struct np_device *ret_loop);

#endif
