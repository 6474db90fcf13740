/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/examine.h"

#include <errno.h>

#include "ntfs-punch/scan.h"

void np_examination_release(struct np_examination *examination)
{
	np_device_close(&examination->device);
	np_facts_release(&examination->facts);
	np_busy_release(&examination->busy);
	np_extent_map_release(&examination->extents);
}

/* Which of the ways in which a device can't be opened mean that there is none. */
static int open_device(const char *path, const struct np_log *log, struct np_device *device)
{
	int r = np_device_open(path, log, device);

	return r == -ENOENT || r == -ENOTDIR || r == -ENXIO || r == -ENOTBLK || r == -ENAMETOOLONG || r == -ELOOP ?
		       -ENODEV :
		       r;
}

static int report_missing(const struct np_facts *facts, const char *file, const struct np_log *log)
{
	bool ambiguous = facts->outcome == NP_OUTCOME_AMBIGUOUS;

	if (facts->outcome != NP_OUTCOME_NO_FILE && !ambiguous)
		return 0;
	np_log_message(log, NP_LOG_ERROR, file,
		       ambiguous ? "name it exactly as it is written there, or as mft:NUMBER" : NULL, "%s",
		       facts->reason);
	return ambiguous ? -ENOTUNIQ : -ENOENT;
}

static int examine(const char *device_path, const char *file, const struct np_path *path, uint32_t allow,
		   const struct np_log *log, struct np_examination *examination)
{
	struct np_device *device = &examination->device;
	struct np_check_input input;
	int r = open_device(device_path, log, device);

	if (!r)
		r = np_busy_find(device, log, &examination->busy);
	if (!r)
		r = np_scan(device->fd, device->size_bytes, device_path, path, log, &examination->facts);
	if (!r)
		r = report_missing(&examination->facts, file, log);
	if (r < 0)
		return r;
	input = (struct np_check_input){
		.facts = &examination->facts,
		.device_size_bytes = device->size_bytes,
		.logical_block_size = device->logical_block_size,
		.device_is_disk = device->is_block,
		.device_read_only = device->read_only,
		.busy = *examination->busy.who ? examination->busy.who : NULL,
		.busy_remedy = examination->busy.remedy,
		.allow = allow,
	};
	r = np_check_run(&input, &examination->findings, &examination->extents);
	if (r < 0)
		np_log_message(log, NP_LOG_ERROR, file, NULL, "out of memory");
	return r;
}

int np_examine(const char *device, const char *file, const struct np_path *path, uint32_t allow,
	       const struct np_log *log, struct np_examination *ret_examination)
{
	struct np_examination examination = { .device = NP_DEVICE_INIT };
	int r = examine(device, file, path, allow, log, &examination);

	if (r < 0) {
		np_examination_release(&examination);
		return r;
	}
	*ret_examination = examination;
	return 0;
}
