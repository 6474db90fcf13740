/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block devices by their number: opened by their node, and surely those.
 */
#ifndef NTFS_PUNCH_DISK_H
#define NTFS_PUNCH_DISK_H

#include <stdbool.h>
#include <sys/types.h>

#include "ntfs-punch/log.h"
#include "ntfs-punch/probe.h"

/*
 * What lies on it (np_probe()). -ENODEV: it is gone, or has no node or no medium, as an empty CD drive. -EBUSY: it is suspended, or
 * what it lies on, so that whoever reads from it waits until somebody resumes that. -errno. Reported at `level`.
 */
int np_disk_probe(dev_t number, enum np_log_level level, const struct np_log *log, struct np_content *ret_content);

/* The device that a line of /proc/partitions is about: its two numbers come first, each at the end of its column. */
bool np_disk_parse_line(const char *line, dev_t *ret_number);

/* Calls the function for each device that /proc/partitions lists, which leaves out what is empty, until it doesn't return 0. That, or
 * -errno. */
typedef int np_disk_fn(dev_t number, void *context);
int np_disk_each(np_disk_fn *function, void *context);

#endif
