/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the journal ($LogFile) holds changes that haven't reached the disk and that concern one file: its runlist, or its
 * clusters. Recovery would make these changes; until then the disk shows what was before.
 *
 * What is refused, and why (enum np_journal_reason). Sources: libntfs-3g's logfile.h, Linux' fs/ntfs3/fslog.c:
 *  - RECORD. An MFT record holds the LSN of the last change that reached it; a change of the file's base record or of an
 *    extension of it with a higher one hasn't.
 *  - LOSER. Recovery undoes a transaction that hasn't ended (ForgetTransaction), whether its changes are on the disk or not.
 *  - ATTRIBUTE_LIST. What isn't resident has no LSN, so each change of the file's attribute list counts.
 *  - EXTENSION. A record that isn't the file's on the disk becomes one by its base reference.
 *  - CLUSTERS. Changes of what isn't resident bring along where it lies. One that lies in clusters that are the file's by now
 *    overwrites them, unless DeleteDirtyClusters says that they were given up. It may be redone if it was logged since the last
 *    checkpoint, or if that has it in its table of dirty pages.
 *  - MFT. Where the MFT lies is itself about to change, and with it where all records are.
 *  - BITMAP. $Bitmap has no LSN either: replayed in order, all sets and clears from the oldest needed LSN on must leave
 *    the file's clusters set.
 *  - UNKNOWN. The log can't be followed.
 * The walk begins at the oldest LSN that the restart page, the last checkpoint or one of its tables needs.
 *
 * Pure: libc and extent maps only; reads through functions of the caller's. The work is bounded: by the log's size (see
 * logfile.h), by caps on what is kept, and by a budget for the rest; past a cap the trouble is TOO_MUCH.
 */
#ifndef NTFS_PUNCH_JOURNAL_H
#define NTFS_PUNCH_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "logfile.h"
#include "ntfs-punch/extent.h"
#include "ntfs-punch/facts.h"

/* An MFT record as it is on the disk. */
struct np_journal_record {
	uint64_t number;
	uint64_t lsn;
};

/* All is as it is on the disk, and borrowed. */
struct np_journal_input {
	struct np_logfile_io log;
	uint32_t cluster_size;
	uint32_t record_size;                        /* of the MFT */
	const struct np_extent_map *mft;             /* $MFT's data, in bytes of the volume */
	const struct np_journal_record *mft_records; /* $MFT's own */
	size_t mft_record_count;

	/* The file; none: file_record_count is 0. */
	uint64_t file_reference;                      /* its record's number, and its sequence in the upper 16 bits */
	const struct np_journal_record *file_records; /* ascending */
	size_t file_record_count;
	const struct np_extent_index *file_clusters; /* in bytes of the volume */

	/* The LSN of any record of the MFT. -ENOENT: there is no such record. */
	int (*record_lsn)(void *context, uint64_t number, uint64_t *ret_lsn);
	void *context;
};

/* The fields as in np_volume_facts and np_file_facts, without their journal_. */
struct np_journal_result {
	struct np_logfile_status status;
	struct np_logfile_trouble trouble;
	uint64_t newest_lsn;
	enum np_journal_reason reason;
	uint32_t operation;
	uint64_t lsn;
	uint64_t target;
};

/* -ENOMEM, or what record_lsn() failed with. */
int np_journal_examine(const struct np_journal_input *input, struct np_journal_result *ret_result);

#endif
