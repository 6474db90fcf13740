/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a store's header, through its device.
 */
#ifndef NTFS_PUNCH_STORE_WRITE_H
#define NTFS_PUNCH_STORE_WRITE_H

#include <stdbool.h>
#include <sys/types.h>

#include "ntfs-punch/log.h"
#include "ntfs-punch/store.h"

/* `begin`: and before it zeros where the snapshot's own store begins, which the kernel takes for an empty one. It is on the disk when
 * this returns. -errno, reported. */
int np_store_write(dev_t number, const struct np_store *header, bool begin, const struct np_log *log);

/* The header of a store that is in use. -ENODATA: it is none. -errno. Reported. */
int np_store_read(dev_t number, const struct np_log *log, struct np_store *ret_header);

#endif
