/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-mapper tables: an extent map as targets.
 *
 * Here bytes become 512-byte sectors, device-mapper's unit whatever the disk's block size (Linux,
 * include/linux/types.h, sector_t); nothing else in the program converts.
 *
 * Pure: libc only, no I/O. Functions return 0 or -errno and leave their output alone on failure.
 */
#ifndef NTFS_PUNCH_TABLE_H
#define NTFS_PUNCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ntfs-punch/extent.h"

#define NP_SECTOR_SIZE 512u

/* The most targets that the kernel takes in one table (Linux, drivers/md/dm-core.h, DM_MAX_TARGETS). */
#define NP_TABLE_MAX_TARGETS 1048576u

enum np_target_type {
	NP_TARGET_LINEAR,
	NP_TARGET_ZERO, /* reads as zeros; drops what is written, so only for read-only devices */

	/* All of one device, with what was written since on another one: kept while that is (transient) or for good; or on its
	 * way to the first (Linux, Documentation/admin-guide/device-mapper/snapshot.rst). */
	NP_TARGET_SNAPSHOT_TRANSIENT,
	NP_TARGET_SNAPSHOT,
	NP_TARGET_SNAPSHOT_MERGE,
};

/* What a snapshot keeps at once. */
#define NP_SNAPSHOT_CHUNK_SECTORS 8u

struct np_target {
	uint64_t start_sector;
	uint64_t length_sectors;
	uint64_t offset_sector; /* linear: on the device below; else 0 */
	enum np_target_type type;
};

/* Targets in order, without gaps, from sector 0: what `dmsetup create` takes. */
struct np_table {
	struct np_target *targets;
	size_t count;
};

#define NP_TABLE_INIT ((struct np_table){ 0 })

/*
 * A table of one target per extent; holes become `zero`.
 * -EINVAL: the map is empty, or an extent doesn't begin and end on a sector. -ENOMEM.
 */
int np_table_build(const struct np_extent_map *map, struct np_table *ret_table);

/* A table of one target, one of the snapshots, `bytes` long. -EINVAL: no whole sectors, or none. -ENOMEM. */
int np_table_build_snapshot(enum np_target_type type, uint64_t bytes, struct np_table *ret_table);
void np_table_release(struct np_table *table);

/* Sectors that the table covers. */
uint64_t np_table_sectors(const struct np_table *table);

/* "linear", "zero", "snapshot" or "snapshot-merge". */
const char *np_target_type_name(enum np_target_type type);

/*
 * A device's name as a word of a table: what the kernel takes for white space, and backslashes, get a backslash, as its
 * dm_split_args() (drivers/md/dm-table.c) takes it off again. White space is Latin-1's there (lib/ctype.c), so the byte
 * 0xa0 is, which many a character has in UTF-8. For a block device use "MAJOR:MINOR": a path costs the kernel a look-up
 * per target. -ENOMEM. The caller frees `*ret_word`.
 */
int np_table_device_word(const char *device, char **ret_word);

/*
 * The target's parameters: "DEVICE OFFSET" for linear, "" for zero; for snapshots, whose `device_word` has the words of both
 * devices with a space between, "BELOW STORE PERSISTENCE CHUNK". As snprintf: returns the length that is needed without the
 * NUL, and never writes more than `size`.
 */
int np_target_format_parameters(const struct np_target *target, const char *device_word, char *text, size_t size);

/* The target as a line of dmsetup's, without the newline: "START LENGTH TYPE PARAMETERS". As snprintf. */
int np_target_format(const struct np_target *target, const char *device_word, char *text, size_t size);

/*
 * The other direction: appends what a target, in the kernel's words, has of the device `device_word`, "MAJOR:MINOR"; the rest
 * becomes a hole. -ENOTSUP: neither linear nor zero. -EIO: it makes no sense. Else as np_extent_map_append().
 */
int np_table_read_target(struct np_extent_map *extents, const char *device_word, uint64_t length_sectors,
			 const char *type, const char *parameters);

#endif
