/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runlists: which clusters a stream is made of, from its attribute's pieces.
 *
 * Sandboxed child only. Functions return 0 or -errno.
 */
#ifndef NTFS_PUNCH_RUNLIST_H
#define NTFS_PUNCH_RUNLIST_H

#include "ntfs-punch/extent.h"
#include "ntfs-punch/facts.h"
#include "ntfs.h"

/*
 * The extents, sizes and flags of a $DATA stream (`stream` NULL: the unnamed one; UTF-8), and its name as it is on the
 * volume. What is wrong with the runlist's form goes to facts->runlist_problem, not to the return code.
 * -ENOENT: no such stream. -ENOTUNIQ: several match but for case. -EILSEQ: not UTF-8.
 */
int np_runlist_read_stream(struct np_ntfs *ntfs, np_mft_reference reference, const char *stream,
			   struct np_file_facts *facts, struct np_extent_map *extents, struct np_ntfs_name *ret_name);

/*
 * Appends the clusters of all of a record's attributes, extension records included, but not those of the $DATA stream
 * `except` (NULL: no exception). Holes are left out.
 */
int np_runlist_read_clusters(struct np_ntfs *ntfs, np_mft_reference reference, const struct np_ntfs_name *except,
			     struct np_extent_map *extents);

#endif
