/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device-mapper calls our devices: their names, and UUIDs by which a device says what it maps.
 *
 * The UUID names the file, not the map: NTFSPUNCH-<serial>-<MFT record>-<sequence>[-<stream>], where the serial number is the
 * volume's, 16 hexadecimal digits, record and sequence are decimal, and the stream, if it has a name, is a hash of that in 8
 * hexadecimal digits. The kernel takes a UUID once, so a file has one map at a time.
 *
 * A map may be more than one device. Those under the one that the user sees have its UUID with -base, -store or -cow after it; a
 * partition inside it has it with part<N>- before it, as lsblk and udev know partitions. The device of a whole volume is
 * NTFSPUNCH-<serial>-volume.
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

/* What a device of ours is. None lies on one that comes after it here. */
enum np_role {
	NP_ROLE_NONE,      /* not ours */
	NP_ROLE_VOLUME,    /* all of the volume */
	NP_ROLE_STORE,     /* the file where it goes that is written to a map with an overlay */
	NP_ROLE_BASE,      /* the file, where what is written goes elsewhere */
	NP_ROLE_COW,       /* what of the store is the snapshot's own */
	NP_ROLE_MAP,       /* what the user sees of a file */
	NP_ROLE_PARTITION, /* one inside that */
};

/* Judged by the UUID's form. */
enum np_role np_uuid_role(const char *uuid);

/* Whether it is of a device of ours, whatever its role. */
bool np_uuid_is_ours(const char *uuid);

/* The number of a partition inside a map, else 0. */
unsigned np_uuid_partition(const char *uuid);

/* Whether both are of the same map: itself, its partitions, and what is under it. */
bool np_uuid_is_of_map(const char *uuid, const char *map_uuid);

/* Whether both are of devices of ours on one volume. */
bool np_uuid_same_volume(const char *a, const char *b);

/* The UUID of a map's device of that role, for NP_ROLE_PARTITION with its number. Has room for NP_UUID_SIZE bytes. */
void np_uuid_format_role(const char *map_uuid, enum np_role role, unsigned partition, char *uuid);

/* Of a volume's device, likewise. */
void np_uuid_format_volume(uint64_t serial, char *uuid);

/* Of a file's map, likewise. */
void np_uuid_format(const struct np_facts *facts, char *uuid);

#endif
