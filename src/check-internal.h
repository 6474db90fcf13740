/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between check.c, which runs the checks, and check-*.c, which are them.
 */
#ifndef NTFS_PUNCH_CHECK_INTERNAL_H
#define NTFS_PUNCH_CHECK_INTERNAL_H

#include "ntfs-punch/check.h"

/* One run over the checks: the input, and what several of them need. */
struct np_checks {
	const struct np_check_input *input;
	const struct np_facts *facts;
	struct np_extent_map data;   /* the file's extents, cut to whole blocks of data */
	struct np_extent_index file; /* of all its extents */
	struct np_extent_index system;
	const struct np_taken *taken; /* the first that shares bytes with the file or may do so, or NULL */
	struct np_extent_overlap taken_overlap;
};

/* Fills in a finding; the remedy may be NULL. */
__attribute__((format(printf, 4, 5))) void np_say(struct np_finding *finding, enum np_verdict verdict,
						  const char *remedy, const char *format, ...);

/* "s" or nothing. */
static inline const char *np_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* A check: looks, and fills in its finding. */
typedef void np_check_fn(const struct np_checks *checks, struct np_finding *finding);

np_check_fn np_check_volume_type;
np_check_fn np_check_metadata;
np_check_fn np_check_hibernated;
np_check_fn np_check_linux_hibernated;
np_check_fn np_check_dirty;
np_check_fn np_check_shadow_copies;
np_check_fn np_check_read_only_device;
np_check_fn np_check_member;
np_check_fn np_check_busy;
np_check_fn np_check_regular_file;
np_check_fn np_check_system_file;
np_check_fn np_check_resident;
np_check_fn np_check_compressed;
np_check_fn np_check_encrypted;
np_check_fn np_check_sparse;
np_check_fn np_check_initialized;
np_check_fn np_check_size;
np_check_fn np_check_attached_image;
np_check_fn np_check_alignment;
np_check_fn np_check_bounds;
np_check_fn np_check_overlap;
np_check_fn np_check_allocated;
np_check_fn np_check_runlist;
np_check_fn np_check_format;
np_check_fn np_check_overlay;
np_check_fn np_check_journal;
np_check_fn np_check_flush_cost;

#endif
