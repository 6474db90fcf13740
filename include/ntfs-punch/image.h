/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk image in a file whose place on a device is known: a sandboxed child reads it (sandbox.h, format.h), and is believed
 * nothing that can be tested.
 */
#ifndef NTFS_PUNCH_IMAGE_H
#define NTFS_PUNCH_IMAGE_H

#include "ntfs-punch/format.h"
#include "ntfs-punch/log.h"

/*
 * Reads the file whose bytes lie in `device_fd`, open read-only, as `content` says (its holes are zeros), as an image of the
 * format `wanted`. A child that dies, hangs or lies gives an image that is refused; -errno means that it couldn't be tried
 * at all, and is reported. A sound image's extents lie within the file and share no byte. The caller releases `*ret_image`.
 */
int np_image_scan(int device_fd, const struct np_extent_map *content, enum np_format wanted, const char *subject,
		  const struct np_log *log, struct np_image *ret_image);

#endif
