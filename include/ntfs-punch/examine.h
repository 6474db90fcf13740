/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An examination: device, users, scan and checks in one, as `table`, `check` and `map` all begin.
 */
#ifndef NTFS_PUNCH_EXAMINE_H
#define NTFS_PUNCH_EXAMINE_H

#include "ntfs-punch/busy.h"
#include "ntfs-punch/check.h"
#include "ntfs-punch/device.h"
#include "ntfs-punch/facts.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/path.h"

struct np_examination {
	struct np_device device;
	struct np_facts facts; /* of a whole file: outcome COMPLETE, NOT_NTFS or METADATA */
	struct np_busy busy;
	struct np_findings findings;
	struct np_extent_map extents; /* what a map may use, if nothing refuses */
};

/*
 * Examines `path` on the device. A refusal is no error: it is among the findings.
 * -ENODEV: no such device. -ENOENT: no such file. -ENOTUNIQ: more than one. -errno. Reported.
 * The caller releases it.
 */
int np_examine(const char *device, const char *file, const struct np_path *path, uint32_t allow,
	       const struct np_log *log, struct np_examination *ret_examination);

void np_examination_release(struct np_examination *examination);

#endif
