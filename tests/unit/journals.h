/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journals that tests/fixtures/make-log made, each with what is on the disk that it belongs to.
 */
#ifndef JOURNALS_H
#define JOURNALS_H

#include "unit.h"

#include "journal.h"

#define JOURNAL_RECORDS 8u
#define JOURNAL_CLUSTER 4096u

struct journal {
	char name[64];
	unsigned char *log;
	size_t size;
	enum np_journal_reason reason; /* what is to be found */
	uint64_t newest_lsn;
	struct np_journal_record file_records[JOURNAL_RECORDS];
	struct np_journal_record mft_records[1];
	struct np_extent_map mft;
	struct np_extent_map file;
	struct np_extent_index clusters;
	uint64_t record_lsn; /* of every record that isn't the file's */
	bool unreadable;     /* reading the log fails */
	struct np_journal_input input;
};

/* FOLDER/NAME.log and FOLDER/NAME.txt. */
void journal_init(struct journal *journal, const char *folder, const char *name);
void journal_release(struct journal *journal);

/* Calls `test` for each in the folder; there are some. */
void journal_for_each(const char *folder, void (*test)(struct journal *journal));

/* Examines it, and holds the result against what reply.c takes. */
void journal_examine(struct journal *journal, struct np_journal_result *ret_result);

#endif
