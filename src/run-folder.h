/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in the run folder that say something of a device of ours, by its UUID: "map-UUID", "brought-UUID". Under the lock.
 */
#ifndef NTFS_PUNCH_RUN_FOLDER_H
#define NTFS_PUNCH_RUN_FOLDER_H

#include "cookie.h"
#include "ntfs-punch/dm.h"

#define NP_RUN_PATH_SIZE (sizeof(NP_RUN_FOLDER) + NP_UUID_SIZE + 16)

/* `kind`: "map-", .... `path` has room for NP_RUN_PATH_SIZE bytes. */
void np_run_path(const char *kind, const char *uuid, char *path);
void np_run_forget(const char *kind, const char *uuid);

/* Removes those of devices that aren't among these: a killed run has left them. */
void np_run_forget_missing(const char *kind, const struct np_dm_device *devices, size_t count);

#endif
