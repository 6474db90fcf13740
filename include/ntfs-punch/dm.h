/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-mapper, through libdevmapper: find, make and remove devices.
 *
 * A device is made in two steps. np_dm_create() creates it and loads its table, which claims the device below; it can't be
 * used yet. np_dm_resume() makes the table live and waits for udev. Every failure is reported.
 */
#ifndef NTFS_PUNCH_DM_H
#define NTFS_PUNCH_DM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ntfs-punch/extent.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/snapshot.h"
#include "ntfs-punch/table.h"

struct np_dm_device {
	char name[NP_NAME_SIZE];
	char uuid[NP_UUID_SIZE];
	dev_t number;
	bool live;            /* has a live table; else somebody left it half made */
	bool read_only;       /* nobody can write to it; also what `blockdev --setro` has called so */
	bool suspended;       /* its I/O waits */
	bool has_loaded;      /* another table is loaded, and not live yet */
	bool removal_pending; /* it goes when its last user does */
	int open_count;
	uint64_t sectors; /* of the live table */
	uint32_t target_count;
	dev_t below; /* a device that its live table names: the one that there is, but for a snapshot; or 0 */
};

/* Who is to notice a device. */
enum np_dm_visibility {
	NP_DM_VISIBLE,
	NP_DM_BESIDE, /* it has what another device has too: no links by UUID and label, but it may be mounted */
	NP_DM_HIDDEN, /* nobody: no links, and no LVM, mdadm or desktop looks at it */
};

/* libdevmapper's messages go to `log`, at NP_LOG_DEBUG. Call it first; one log at a time, as the library has but one. */
void np_dm_set_log(const struct np_log *log);

/* Whether this kernel has device-mapper, and this user may use it. */
bool np_dm_is_available(void);

/*
 * The device of that name, UUID or number. -ENOENT: there is none, which isn't reported. -errno.
 */
int np_dm_find_by_name(const char *name, const struct np_log *log, struct np_dm_device *ret_device);
int np_dm_find_by_uuid(const char *uuid, const struct np_log *log, struct np_dm_device *ret_device);
int np_dm_find_by_number(dev_t number, const struct np_log *log, struct np_dm_device *ret_device);

/* All devices of ours, by name. The caller frees `*ret_devices`. */
int np_dm_list(const struct np_log *log, struct np_dm_device **ret_devices, size_t *ret_count);

/*
 * Whether the volume can be written to through the device itself, one of `devices`, which are all of ours. Not through what lies on
 * another one of ours: that is asked in its place. So of a map with an overlay it is the store, and of a blind map, whose base is
 * read-only, nothing. One that isn't live yet may be soon.
 */
bool np_dm_is_written(const struct np_dm_device *devices, size_t count, const struct np_dm_device *device);

/* The map that it belongs to, or itself, if it belongs to none. */
const struct np_dm_device *np_dm_map_of(const struct np_dm_device *devices, size_t count,
					const struct np_dm_device *device);

/* Puts first what lies on others, for removal. */
void np_dm_sort(struct np_dm_device *devices, size_t count);

/*
 * Whether the device's live table is this one. In `device_word`, a `*` is any device. Of a table that is too long for libdevmapper to read back, some 500,000
 * targets, only the number of targets and sectors are compared. -errno, or 0 and `*ret_same`.
 */
int np_dm_has_table(const struct np_dm_device *device, const struct np_table *table, const char *device_word,
		    const struct np_log *log, bool *ret_same);

/*
 * The bytes of the device `below` that the device's live table maps, in its order; what lies on others is a hole.
 * -E2BIG: its table is too long to be read back. -ENOTSUP: it has targets of another type than linear and zero. -errno.
 * Said at NP_LOG_DEBUG. The caller releases `*ret_extents`.
 */
int np_dm_read_extents(const struct np_dm_device *device, dev_t below, const struct np_log *log,
		       struct np_extent_map *ret_extents);

/*
 * Creates a device and loads its table. `device_word`: the device below, as np_table_device_word() makes it; of a snapshot, both.
 * -E2BIG: more targets than libdevmapper carries at once. -EBUSY: somebody else has the device below, or the name or UUID.
 * On failure nothing is left of it.
 */
int np_dm_create(const char *name, const char *uuid, const struct np_table *table, const char *device_word,
		 bool read_only, const struct np_log *log, dev_t *ret_number);

/* Makes the loaded table live, and waits until udev has made the links. */
int np_dm_resume(const char *name, enum np_dm_visibility visibility, const struct np_log *log);

/*
 * Gives a live device another table of the same length, in two steps. Loaded, it has no effect yet, and np_dm_clear() drops it. What
 * is written to the device while tables are swapped waits; if that fails, it keeps its own.
 */
int np_dm_load(const char *name, const struct np_table *table, const char *device_word, bool read_only,
	       const struct np_log *log);

/* The same with a copy of the live table of `source`. -E2BIG: it has more targets than NP_DM_TARGETS_READABLE. */
int np_dm_load_from(const char *name, const struct np_dm_device *source, bool read_only, const struct np_log *log);
int np_dm_swap(const char *name, enum np_dm_visibility visibility, const struct np_log *log);
void np_dm_clear(const char *name);

/* How many targets of a table libdevmapper can surely read back: 64 bytes each, and 32 MiB in all. */
#define NP_DM_TARGETS_READABLE 400000u

/* Of what isn't one it says so. -errno, reported. */
int np_dm_read_snapshot(const char *name, const struct np_log *log, struct np_snapshot *ret_snapshot);

/*
 * Removes a device, and waits until udev has removed the links. `deferred`: one that is in use goes when its last user does,
 * which is no error. -EBUSY: it is in use. -ENXIO: it is not there.
 */
int np_dm_remove(const char *name, bool deferred, const struct np_log *log);

#endif
