/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a plan to devices of device-mapper's, and back.
 */
#ifndef NTFS_PUNCH_ATTACH_H
#define NTFS_PUNCH_ATTACH_H

#include "ntfs-punch/dm.h"
#include "ntfs-punch/examine.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/plan.h"

/*
 * Takes the lock around everything that changes devices, waiting for whoever has it: a descriptor, to be closed. -errno,
 * reported. An examination for np_attach() has to be made under it.
 */
int np_lock(const struct np_log *log);

/*
 * Under the lock: takes away what killed runs have left, which is devices of ours that are not live, or hidden ones without their
 * map, and udev cookies, and warns of each. -errno, reported.
 */
int np_heal(const struct np_log *log);

/*
 * Makes the planned devices, but for those that are there just so: loop device (for a file), then each device with its table,
 * which claims what is below. Before the first one that is not hidden goes live the volume is scanned again, past the page cache:
 * it has to say what it said before. Whatever fails, what was made is undone, also if a signal comes that is to end the process:
 * once undone, it does. After np_heal().
 *
 * 0, also if all is there already; signals are blocked from then on, so that who is told of an end by a signal knows
 * that nothing was mapped. -EBUSY: the file or a name is taken, or the device is. -ESTALE: the volume
 * changed meanwhile. -E2BIG: too many targets. -errno. Reported.
 */
int np_attach(const struct np_examination *examination, const struct np_request *request, const struct np_plan *plan,
	      const struct np_log *log);

/*
 * Whether all that the plan has on the source is active just so, on the examined device: then what the map reaches is what the
 * volume says now. -errno, reported.
 */
int np_attach_compare(const struct np_examination *examination, const struct np_plan *plan, const struct np_log *log,
		      bool *ret_same);

/* The map, or a volume's device, of that name. -ENOENT: there is none. -EBUSY: it is only a part of a map. -errno. Reported. */
int np_group_map(const char *name, const struct np_log *log, struct np_dm_device *ret_device);

/* The devices of the map that has the UUID, or a volume's one, those that lie on others first. -errno, reported. The caller frees
 * `*ret_devices`. */
int np_group_find(const char *uuid, const struct np_log *log, struct np_dm_device **ret_devices, size_t *ret_count);

/*
 * Removes a map, with all its devices, or a volume's device. `deferred`: one that is in use goes when its last user does.
 * -ENOENT: there is none of that name. -EBUSY: it is in use, or only a part of a map. -errno. Reported.
 */
int np_detach(const char *name, bool deferred, const struct np_log *log);

#endif
