/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block devices by their number: opened by their node, and surely those.
 */
#ifndef NTFS_PUNCH_DISK_H
#define NTFS_PUNCH_DISK_H

#include <sys/types.h>

#include "ntfs-punch/log.h"
#include "ntfs-punch/probe.h"

/* What lies on it (np_probe()). -ENODEV: it is gone, or has no node or no medium. -errno. Reported at `level`. */
int np_disk_probe(dev_t number, enum np_log_level level, const struct np_log *log, struct np_content *ret_content);

#endif
