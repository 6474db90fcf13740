/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libblkid behind a header of ours. Sandboxed child only, but for what prepares it.
 */
#ifndef NTFS_PUNCH_CONTENT_H
#define NTFS_PUNCH_CONTENT_H

#include "ntfs-punch/probe.h"

struct np_content_probe;

/*
 * Asks the system what libblkid wants to know of the device: size, sectors, whether it is a whole disk. Looks at nothing that
 * lies on it. -ENOMEM, -EIO. The caller frees `*ret_probe`.
 */
int np_content_prepare(int fd, uint64_t start_bytes, uint64_t size_bytes, struct np_content_probe **ret_probe);
void np_content_free(struct np_content_probe *probe);

/* Reads from the device, with no system call but lseek(2) and read(2). What libblkid doesn't know stays empty. */
void np_content_read(struct np_content_probe *probe, struct np_content *content);

#endif
