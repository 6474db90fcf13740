/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an examined file to a device of device-mapper's, and back.
 */
#ifndef NTFS_PUNCH_ATTACH_H
#define NTFS_PUNCH_ATTACH_H

#include "ntfs-punch/examine.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/name.h"
#include "ntfs-punch/table.h"

/* The one device of a map, before it is made. */
struct np_plan {
	const char *name; /* borrowed */
	char uuid[NP_UUID_SIZE];
	struct np_table table;
};

/*
 * What to make of an examination without refusals, under a name that has no problem. -ENOMEM. The caller releases the plan.
 */
int np_plan_build(const struct np_examination *examination, const char *name, struct np_plan *ret_plan);
void np_plan_release(struct np_plan *plan);

/*
 * Takes the lock around everything that changes devices, waiting for whoever has it: a descriptor, to be closed. -errno,
 * reported. An examination for np_attach() has to be made under it.
 */
int np_lock(const struct np_log *log);

/*
 * Under the lock: takes away what killed runs have left, which is devices of ours that are not live, and udev cookies, and
 * warns of each. -errno, reported.
 */
int np_heal(const struct np_log *log);

/*
 * Makes the planned device: loop device (for a file), device and table, which claims what is below; then the volume is
 * scanned again, past the page cache, and only if it says what it said before does the device go live. Whatever fails, what
 * was made is undone, also if a signal comes that is to end the process: once undone, it does. After np_heal().
 *
 * 0, also if it is there already just so; signals are blocked from then on, so that who is told of an end by a signal knows
 * that nothing was mapped. -EBUSY: the file or the name is taken, or the device is. -ESTALE: the volume
 * changed meanwhile. -E2BIG: too many targets. -errno. Reported.
 */
int np_attach(const struct np_examination *examination, const struct np_request *request, const struct np_plan *plan,
	      const struct np_log *log);

/*
 * Removes one of our devices. `deferred`: one that is in use goes when its last user does. -ENOENT: there is none of that
 * name. -EBUSY: it is in use. -errno. Reported.
 */
int np_detach(const char *name, bool deferred, const struct np_log *log);

#endif
