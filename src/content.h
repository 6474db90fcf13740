/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libblkid behind a header of ours. Sandboxed child only, but for what prepares it.
 */
#ifndef NTFS_PUNCH_CONTENT_H
#define NTFS_PUNCH_CONTENT_H

#include "ntfs-punch/probe.h"

struct np_content_probe;
struct np_reader;

/*
 * Asks the system what libblkid wants to know of the device: size, sectors, whether it is a whole disk. Looks at nothing that
 * lies on it. -ENOMEM, -EIO. The caller frees `*ret_probe`.
 */
int np_content_prepare(int fd, uint64_t start_bytes, uint64_t size_bytes, struct np_content_probe **ret_probe);
void np_content_free(struct np_content_probe *probe);

/*
 * Reads from the device, or with a map what that maps of the reader's device, in as many bytes as it was prepared for; with no
 * system call but lseek(2), read(2) and pread64(2). What libblkid doesn't know stays empty.
 */
void np_content_read(struct np_content_probe *probe, const struct np_extent_map *map, struct np_reader *reader,
		     struct np_content *content);

#endif
