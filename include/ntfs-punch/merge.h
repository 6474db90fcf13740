/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of an overlay: what was written there goes to the file, or away.
 *
 * A commit marks the store as merging, makes the base writable, and replaces the map's snapshot by a snapshot-merge, while it is in
 * use or not. The kernel then writes to the base what the store has, from its end on, and forgets each piece once that is done
 * (Linux, drivers/md/dm-snap.c). Whenever it is interrupted, base and store together are whole: the next map goes on with it.
 * Once nothing is left to merge, the store is marked as ended, and the map gets the base's own table.
 */
#ifndef NTFS_PUNCH_MERGE_H
#define NTFS_PUNCH_MERGE_H

#include <stdint.h>

#include "ntfs-punch/log.h"

/*
 * Begins a commit, or finds it begun, under the lock. -ENODATA: the map has no overlay. -ENOENT: there is no such map. -EBADMSG: what
 * the overlay holds is not whole. -EBUSY: its store was full since it was mapped, so that the kernel doesn't say how far a merge is.
 * -errno. Reported.
 */
int np_merge_begin(const char *name, const struct np_log *log);

/* How many bytes of the store are still to be merged. -EIO: the merge failed. -EBUSY as above. -errno. Reported. */
int np_merge_left(const char *name, const struct np_log *log, uint64_t *ret_bytes);

/* Ends a commit that has nothing left to merge, under the lock. -errno, reported. */
int np_merge_end(const char *name, const struct np_log *log);

/* Throws away what the overlay holds, under the lock: the map is the file itself then, without its partitions. -EBUSY: it is in use.
 * As np_merge_begin(). */
int np_overlay_discard(const char *name, const struct np_log *log);

#endif
