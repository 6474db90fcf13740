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
#include "ntfs-punch/hibernation.h"
#include "ntfs-punch/image.h"
#include "ntfs-punch/log.h"
#include "ntfs-punch/lookup.h"
#include "ntfs-punch/path.h"

/* FILE, as the user wrote it and taken apart. */
struct np_file {
	const char *word; /* borrowed */
	struct np_path path;
};

/* What is to be examined; borrowed throughout. */
struct np_request {
	struct np_source source;
	const struct np_file *files; /* one after the other they make the map; none: the volume alone */
	size_t file_count;
	const struct np_file *store; /* not NULL: a further file, where an overlay goes */
	bool store_begin;            /* it is to be begun, whatever the file holds */
	enum np_format format;       /* of what the files hold */
	bool read_only;              /* as np_check_input's, for all but the store */
	uint32_t allow;              /* as np_check_input's */
	uint64_t allow_journal_lsn;
	const char *name;     /* that the map is to have, if that is known; or NULL */
	bool looks_for_linux; /* hibernated, on all devices, so it takes a while; not if it is read_only */
};

/* One file, or the volume without one. */
struct np_examined {
	struct np_facts facts; /* outcome COMPLETE, NOT_NTFS or METADATA */
	struct np_findings findings;
	size_t targets; /* that its extents are in a table; 0 where something refuses */
};

struct np_examination {
	struct np_device device;
	struct np_busy busy;
	struct np_hibernation_facts hibernation; /* if it was looked for */
	struct np_examined *examined;            /* one for each file and the store, or one for the volume alone */
	size_t count;
	struct np_extent_map extents; /* of the device: what a map of all files may use, if nothing refuses */
	struct np_extent_map store;   /* likewise */
	struct np_image image;        /* what the files hold; its extents are theirs, not the device's */
	struct np_store header;       /* the store's */
	char base[NP_BASE_SIZE];      /* what a store's header calls all files together */
};

/* The file that examined[i] is about: one of the files, or the store, or NULL. */
static inline const struct np_file *np_request_file(const struct np_request *request, size_t i)
{
	return i < request->file_count ? &request->files[i] : request->store;
}

#define NP_EXAMINATION_INIT ((struct np_examination){ .device = NP_DEVICE_INIT })

/*
 * Examines the files of the request. A refusal is no error: it is among the findings.
 * -ENODEV: no such device. -ENOENT: no such file. -ENOTUNIQ: more than one. -errno. Reported.
 * The caller releases it.
 */
int np_examine(const struct np_request *request, const struct np_log *log, struct np_examination *ret_examination);

/*
 * Examines again, once the device `below` is claimed (the examined one, or a loop device on the image): is everything still
 * as it was? -ESTALE: it isn't. -EBUSY: somebody uses it now. -errno. Reported, about `name`.
 */
int np_examine_again(const struct np_examination *examination, const struct np_request *request,
		     const struct np_device *below, const char *name, const struct np_log *log);

void np_examination_release(struct np_examination *examination);

#endif
