/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel is like.
 */
#ifndef NTFS_PUNCH_KERNEL_H
#define NTFS_PUNCH_KERNEL_H

#include <stdbool.h>

/* Whether `release`, as uname(2) has it, is before VERSION.PATCHLEVEL. One that isn't understood is. */
bool np_kernel_is_before(const char *release, unsigned version, unsigned patchlevel);

/* Whether device-mapper passes a flush on to each target of a table, rather than once to each device below: until Linux 6.11. */
bool np_kernel_flushes_each_target(void);

#endif
