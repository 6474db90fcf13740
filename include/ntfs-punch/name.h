/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device-mapper calls our devices: their names, and UUIDs by which a device says what it maps.
 *
 * The UUID names the file, not the map: NTFSPUNCH-<serial>-<MFT record>-<sequence>[-<stream>], where the serial number is the
 * volume's, 16 hexadecimal digits, record and sequence are decimal, and the stream, if it has a name, is a hash of that in 8
 * hexadecimal digits. The kernel takes a UUID once, so a file has one map at a time.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_NAME_H
#define NTFS_PUNCH_NAME_H

#include <stdbool.h>

#include "ntfs-punch/facts.h"

/* With their NUL (Linux, include/uapi/linux/dm-ioctl.h, DM_NAME_LEN and DM_UUID_LEN). */
#define NP_NAME_SIZE 128
#define NP_UUID_SIZE 129

#define NP_UUID_PREFIX "NTFSPUNCH-"

/* Why `name` can't be a map's, in static words, or NULL. Allowed is what udev puts into a link as it is. */
const char *np_name_problem(const char *name);

/* Whether the UUID is of a device of ours. */
bool np_uuid_is_ours(const char *uuid);

/* Whether it is of one that stands for a whole volume: NTFSPUNCH-<serial>-volume. */
bool np_uuid_is_volume(const char *uuid);

/* `uuid` has room for NP_UUID_SIZE bytes. */
void np_uuid_format(const struct np_facts *facts, char *uuid);

#endif
