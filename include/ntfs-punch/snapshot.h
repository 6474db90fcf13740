/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a snapshot is, as the kernel says it (Linux, drivers/md/dm-snap.c, snapshot_status()). In sectors, as table.h.
 *
 * Pure: libc only.
 */
#ifndef NTFS_PUNCH_SNAPSHOT_H
#define NTFS_PUNCH_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

struct np_snapshot {
	bool is_snapshot; /* else the rest is nothing */
	bool merging;
	bool invalid;    /* its store was full, or can't be written: it can't be read any more */
	bool overflowed; /* it was full: writes fail, and no numbers are said, not even once it merges */
	bool merge_failed;
	uint64_t used; /* of the store, metadata included: as much as that when there is nothing (left) to merge */
	uint64_t total;
	uint64_t metadata;
};

/* From a target's type and status. False: it makes no sense, and nothing is returned. */
bool np_snapshot_parse(const char *type, const char *text, struct np_snapshot *ret_snapshot);

/* Whether its store has no room for another piece. */
bool np_snapshot_is_full(const struct np_snapshot *snapshot);

#endif
