/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A volume's device that a map brought with it: it goes with the last map on that volume. One that `ntfs-punch volume` made stays.
 * Nothing of the device itself says which it is, so a file in the run folder does. All under the lock.
 */
#ifndef NTFS_PUNCH_BROUGHT_H
#define NTFS_PUNCH_BROUGHT_H

#include <stdbool.h>

#include "ntfs-punch/log.h"

/* Before it is made. -errno. */
int np_brought_mark(const char *uuid);
void np_brought_forget(const char *uuid);

/* Removes all that no map is beside any more; one that is in use goes when its last user does. Reported. */
void np_brought_release(const struct np_log *log);

#endif
