/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between journal.c, which walks over the records, journal-records.c, which looks at changes of the MFT's,
 * journal-tables.c, which reads those that a checkpoint consists of, and journal-clusters.c, which keeps what may happen to the file's clusters.
 */
#ifndef NTFS_PUNCH_JOURNAL_INTERNAL_H
#define NTFS_PUNCH_JOURNAL_INTERNAL_H

#include "journal.h"

/* Operations, as fslog.c numbers them. */
enum np_log_operation {
	NP_LOG_NOOP = 0,
	NP_LOG_COMPENSATION = 1,
	NP_LOG_INITIALIZE_RECORD = 2,
	NP_LOG_ZERO_END_OF_RECORD = 0x25,
	NP_LOG_UPDATE_NONRESIDENT = 8,
	NP_LOG_DELETE_DIRTY_CLUSTERS = 0xa,
	NP_LOG_UPDATE_FILE_NAME_ROOT = 0x13,
	NP_LOG_SET_BITS = 0x15,
	NP_LOG_CLEAR_BITS = 0x16,
	NP_LOG_HOTFIX = 0x17,
	NP_LOG_FORGET = 0x1b,
	NP_LOG_OPEN_ATTRIBUTE = 0x1c,
	NP_LOG_OPEN_ATTRIBUTES = 0x1d,
	NP_LOG_DIRTY_PAGES = 0x1f,
	NP_LOG_TRANSACTIONS = 0x20,
};

/* What an update record says. */
struct np_log_update {
	uint64_t lsn;
	uint32_t transaction;
	uint16_t redo;
	uint16_t undo;
	const unsigned char *redo_data;
	size_t redo_length;
	const unsigned char *undo_data;
	size_t undo_length;
	uint16_t slot; /* of the attribute that it changes */
	size_t lcn_count;
	const unsigned char *lcns;
	uint16_t record_offset;
	uint64_t vcn;
	uint32_t vcn_offset; /* bytes past the VCN */
};

#define NP_OPEN_SLOTS       65536u  /* a slot's number has 16 bits */
#define NP_TRANSACTIONS_MAX 131072u /* their numbers go by eights */
#define NP_HITS_MAX         1024u
#define NP_CLEARED_MAX      2048u

struct np_open_attribute {
	uint64_t record; /* of the MFT */
	uint32_t type;   /* 0: not open */
};

/* The first change of a transaction that concerns the file; no LSN: none. */
struct np_journal_touched {
	uint64_t lsn;
	uint32_t operation;
};

/* A cluster of the file's to which a change goes. */
struct np_journal_hit {
	uint64_t lcn;
	uint64_t lsn;
	uint32_t operation;
};

/* Clusters that are cleared in $Bitmap. */
struct np_journal_cleared {
	uint64_t start;
	uint64_t end;
	uint64_t lsn;
};

struct np_journal {
	const struct np_journal_input *input;
	struct np_logfile *log;
	uint64_t first_lsn;    /* where the walk begins */
	uint64_t analysis_lsn; /* from where on recovery looks at all that is logged */
	uint64_t last_lsn;
	struct np_open_attribute *open;          /* NP_OPEN_SLOTS */
	struct np_journal_touched *transactions; /* NP_TRANSACTIONS_MAX */
	struct np_journal_hit hits[NP_HITS_MAX];
	size_t hit_count;
	struct np_journal_cleared cleared[NP_CLEARED_MAX];
	size_t cleared_count;
	uint64_t budget;
	struct np_journal_result result;
};

/* What an operation changes. */
enum np_journal_scope {
	SCOPE_NONE,   /* nothing, or what can't concern the file, such as directories */
	SCOPE_RECORD, /* an MFT record */
	SCOPE_VALUE,  /* an attribute that isn't resident */
	SCOPE_BITS,   /* a bitmap that isn't */
};

enum np_journal_scope np_journal_scope(unsigned operation);

/* What an update does, or if it does nothing now what would undo it. */
unsigned np_journal_operation(const struct np_log_update *update);

/* Notes a reason, if it is the first and there is a file. */
void np_journal_note(struct np_journal *journal, enum np_journal_reason reason, uint64_t lsn, uint32_t operation,
		     uint64_t target);

/* An update concerns the file: that matters if its transaction doesn't end. */
int np_journal_touch(struct np_journal *journal, const struct np_log_update *update);

/* An update of SCOPE_RECORD. */
int np_journal_change_record(struct np_journal *journal, const struct np_log_update *update);

/* Takes an update record apart. -EBADMSG. */
int np_journal_decode(struct np_journal *journal, const struct np_log_record *record, struct np_log_update *ret_update);

/* Reads the last checkpoint and its tables: first_lsn, analysis_lsn, open, and the dirty pages' hits. */
int np_journal_read_checkpoint(struct np_journal *journal);

/* Notes in `open` what OpenNonresidentAttribute, or an entry of the table of open attributes, has opened. */
int np_journal_open_slot(struct np_journal *journal, uint64_t lsn, size_t slot, const unsigned char *entry,
			 size_t length);

/* Spends from the budget. */
int np_journal_spend(struct np_journal *journal, uint64_t lsn, size_t steps);

/* Whether the file has one of `count` clusters from `lcn` on, and the first that it has. */
bool np_journal_file_has(const struct np_journal *journal, uint64_t lcn, uint64_t count, uint64_t *ret_lcn);

/* A change goes to these clusters, of which some may be the file's. */
int np_journal_add_hits(struct np_journal *journal, uint64_t lsn, uint32_t operation, const unsigned char *lcns,
			size_t count);

/* DeleteDirtyClusters. */
int np_journal_delete_hits(struct np_journal *journal, const struct np_log_update *update);

/* The clusters of an operation on $Bitmap. */
int np_journal_bits(struct np_journal *journal, const struct np_log_update *update, uint64_t *ret_lcn,
		    uint64_t *ret_count);

/* Sets or clears them. */
int np_journal_clear(struct np_journal *journal, uint64_t lsn, uint64_t lcn, uint64_t count);
int np_journal_set(struct np_journal *journal, uint64_t lsn, uint64_t lcn, uint64_t count);

#endif
