/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include <errno.h>
#include <stdlib.h>

#include "journal-internal.h"

/* A second or two of a slow machine. */
#define BUDGET (UINT64_C(1) << 27)

#define REFERENCE_RECORD    UINT64_C(0xffffffffffff)
#define RECORD_MFT          0u
#define RECORD_BITMAP       6u
#define TYPE_ATTRIBUTE_LIST 0x20u
#define TYPE_DATA           0x80u

void np_journal_note(struct np_journal *journal, enum np_journal_reason reason, uint64_t lsn, uint32_t operation,
		     uint64_t target)
{
	struct np_journal_result *result = &journal->result;

	if (result->reason != NP_JOURNAL_NOTHING || !journal->input->file_record_count)
		return;
	result->reason = reason;
	result->lsn = lsn;
	result->operation = operation;
	result->target = target;
}

/* ---- What an operation changes ----------------------------------------------------------------------- */

enum np_journal_scope np_journal_scope(unsigned operation)
{
	switch (operation) {
	case 2:    /* InitializeFileRecordSegment */
	case 3:    /* DeallocateFileRecordSegment */
	case 4:    /* WriteEndOfFileRecordSegment */
	case 5:    /* CreateAttribute */
	case 6:    /* DeleteAttribute */
	case 7:    /* UpdateResidentValue */
	case 9:    /* UpdateMappingPairs */
	case 0xb:  /* SetNewAttributeSizes */
	case 0xc:  /* AddIndexEntryRoot */
	case 0xd:  /* DeleteIndexEntryRoot */
	case 0x11: /* SetIndexEntryVcnRoot */
	case 0x13: /* UpdateFileNameRoot */
	case 0x21: /* UpdateRecordDataRoot */
	case 0x25: /* ZeroEndOfFileRecord */
		return SCOPE_RECORD;
	case 8: /* UpdateNonresidentValue */
		return SCOPE_VALUE;
	case 0x15: /* SetBitsInNonresidentBitMap */
	case 0x16: /* ClearBitsInNonresidentBitMap */
		return SCOPE_BITS;
	default:
		return SCOPE_NONE;
	}
}

unsigned np_journal_operation(const struct np_log_update *update)
{
	return np_journal_scope(update->redo) != SCOPE_NONE ? update->redo : update->undo;
}

/* ---- Transactions ------------------------------------------------------------------------------------ */

int np_journal_touch(struct np_journal *journal, const struct np_log_update *update)
{
	struct np_journal_touched *transaction = &journal->transactions[update->transaction / 8 % NP_TRANSACTIONS_MAX];

	if (!update->transaction)
		return 0;
	if (update->transaction % 8 || update->transaction / 8 >= NP_TRANSACTIONS_MAX)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, update->lsn);
	if (!transaction->lsn)
		*transaction = (struct np_journal_touched){ update->lsn, np_journal_operation(update) };
	return 0;
}

static void forget(struct np_journal *journal, const struct np_log_update *update)
{
	if (!(update->transaction % 8) && update->transaction / 8 < NP_TRANSACTIONS_MAX)
		journal->transactions[update->transaction / 8].lsn = 0;
}

/* ---- The walk ---------------------------------------------------------------------------------------- */

/* Where a change of the MFT says that it lies, it must lie on the disk: by that, its records were told apart. */
static void compare_mft(struct np_journal *journal, const struct np_log_update *update)
{
	const struct np_journal_input *input = journal->input;

	for (size_t i = 0; i < update->lcn_count; i++) {
		uint64_t lcn = np_le64(update->lcns + 8 * i), offset, lies_at;
		const struct np_extent *extent = NULL;

		if (!__builtin_mul_overflow(update->vcn + i, input->cluster_size, &offset))
			extent = np_extent_map_find_logical(input->mft, offset);
		if (extent && extent->physical != NP_EXTENT_HOLE &&
		    !__builtin_mul_overflow(lcn, input->cluster_size, &lies_at) &&
		    lies_at == extent->physical + (offset - extent->logical))
			continue;
		np_journal_note(journal, NP_JOURNAL_MFT, update->lsn, np_journal_operation(update), lcn);
		return;
	}
}

static int change_bits(struct np_journal *journal, const struct np_log_update *update)
{
	uint64_t lcn, count, shared;
	int r = np_journal_bits(journal, update, &lcn, &count);

	if (r < 0 || !np_journal_file_has(journal, lcn, count, &shared))
		return r;
	r = np_journal_touch(journal, update);
	if (!r && update->redo == NP_LOG_CLEAR_BITS)
		r = np_journal_clear(journal, update->lsn, lcn, count);
	if (!r && update->redo == NP_LOG_SET_BITS)
		r = np_journal_set(journal, update->lsn, lcn, count);
	return r;
}

static int change_value(struct np_journal *journal, const struct np_log_update *update,
			const struct np_open_attribute *attribute)
{
	const struct np_journal_input *input = journal->input;

	if (attribute->type != TYPE_ATTRIBUTE_LIST)
		return 0;
	if (attribute->record == RECORD_MFT)
		np_journal_note(journal, NP_JOURNAL_MFT, update->lsn, np_journal_operation(update), RECORD_MFT);
	else if (attribute->record == (input->file_reference & REFERENCE_RECORD))
		np_journal_note(journal, NP_JOURNAL_ATTRIBUTE_LIST, update->lsn, np_journal_operation(update),
				attribute->record);
	else
		return 0;
	return np_journal_touch(journal, update);
}

static int change(struct np_journal *journal, const struct np_log_update *update)
{
	const struct np_open_attribute *attribute = &journal->open[update->slot];
	bool is_mft = attribute->type == TYPE_DATA && attribute->record == RECORD_MFT;
	enum np_journal_scope scope = np_journal_scope(np_journal_operation(update));
	int r = 0;

	/* What isn't open any more at the checkpoint was written before; and records are always the MFT's. */
	if (scope != SCOPE_NONE && !attribute->type && update->lsn >= journal->analysis_lsn)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_SLOT, update->lsn);
	if (scope == SCOPE_RECORD && attribute->type && !is_mft)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_SLOT, update->lsn);
	if (is_mft)
		compare_mft(journal, update);
	if (update->lsn >= journal->analysis_lsn)
		r = np_journal_add_hits(journal, update->lsn, np_journal_operation(update), update->lcns,
					update->lcn_count);
	if (r < 0)
		return r;
	if (scope == SCOPE_RECORD)
		return np_journal_change_record(journal, update);
	if (scope == SCOPE_VALUE)
		return change_value(journal, update, attribute);
	if (scope == SCOPE_BITS && attribute->type == TYPE_DATA && attribute->record == RECORD_BITMAP)
		return change_bits(journal, update);
	return 0;
}

static int take_update(struct np_journal *journal, const struct np_log_record *record)
{
	struct np_log_update update;
	int r = np_journal_decode(journal, record, &update);

	if (r < 0)
		return r;
	if (update.redo > NP_JOURNAL_OPERATION_MAX || update.undo > NP_JOURNAL_OPERATION_MAX)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_OPERATION, update.lsn);
	switch (update.redo) {
	case NP_LOG_HOTFIX:
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_HOTFIX, update.lsn);
	case NP_LOG_OPEN_ATTRIBUTE:
		return np_journal_open_slot(journal, update.lsn, update.slot, update.redo_data, update.redo_length);
	case NP_LOG_DELETE_DIRTY_CLUSTERS:
		return np_journal_delete_hits(journal, &update);
	case NP_LOG_FORGET:
		forget(journal, &update);
		return 0;
	default:
		return change(journal, &update);
	}
}

static int walk(struct np_journal *journal)
{
	uint64_t lsn = journal->first_lsn;
	int r = 0;

	while (!r) {
		struct np_log_record record;

		r = np_logfile_read(journal->log, lsn, &record);
		if (!r && record.type == NP_LOG_UPDATE)
			r = take_update(journal, &record);
		if (!r) {
			journal->last_lsn = lsn;
			lsn = record.next_lsn;
		}
	}
	if (r == -ENOENT && !journal->last_lsn)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, lsn);
	return r == -ENOENT ? 0 : r;
}

/* ---- What is left at the end ------------------------------------------------------------------------- */

static void note_newer(struct np_journal *journal, const struct np_journal_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (records[i].lsn > journal->last_lsn)
			np_journal_note(journal, NP_JOURNAL_UNKNOWN, records[i].lsn, NP_LOG_NOOP, records[i].number);
}

static void conclude(struct np_journal *journal)
{
	const struct np_journal_input *input = journal->input;
	uint64_t lcn;

	for (size_t i = 0; i < NP_TRANSACTIONS_MAX; i++)
		if (journal->transactions[i].lsn)
			np_journal_note(journal, NP_JOURNAL_LOSER, journal->transactions[i].lsn,
					journal->transactions[i].operation, i * 8);
	if (journal->hit_count)
		np_journal_note(journal, NP_JOURNAL_CLUSTERS, journal->hits[0].lsn, journal->hits[0].operation,
				journal->hits[0].lcn);
	for (size_t i = 0; i < journal->cleared_count; i++) {
		const struct np_journal_cleared *range = &journal->cleared[i];

		if (np_journal_file_has(journal, range->start, range->end - range->start, &lcn))
			np_journal_note(journal, NP_JOURNAL_BITMAP, range->lsn, NP_LOG_CLEAR_BITS, lcn);
	}
	note_newer(journal, input->file_records, input->file_record_count);
	note_newer(journal, input->mft_records, input->mft_record_count);
}

static int follow(struct np_journal *journal)
{
	int r = np_journal_read_checkpoint(journal);

	if (!r)
		r = walk(journal);
	if (!r && journal->last_lsn < journal->result.status.current_lsn)
		r = np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_SHORT, journal->last_lsn);
	if (!r)
		r = np_logfile_check_pages(journal->log, journal->first_lsn, journal->last_lsn);
	if (r < 0)
		return r;
	journal->result.newest_lsn = journal->last_lsn;
	conclude(journal);
	return 0;
}

static int examine(struct np_journal *journal)
{
	struct np_journal_result *result = &journal->result;
	int r = 0;

	result->status = np_logfile_status(journal->log);
	result->newest_lsn = result->status.current_lsn;
	if (result->status.state == NP_JOURNAL_UNCLEAN)
		r = follow(journal);
	if (r < 0 && r != -EBADMSG)
		return r;
	result->trouble = np_logfile_trouble(journal->log);
	if (result->trouble.what == NP_JOURNAL_TROUBLE_NONE)
		return 0;
	/* Whatever else was found: this goes before it. */
	result->status.state = NP_JOURNAL_BROKEN;
	result->reason = NP_JOURNAL_NOTHING;
	np_journal_note(journal, NP_JOURNAL_UNKNOWN, 0, NP_LOG_NOOP, 0);
	return 0;
}

int np_journal_examine(const struct np_journal_input *input, struct np_journal_result *ret_result)
{
	struct np_journal *journal = calloc(1, sizeof(*journal));
	int r = -ENOMEM;

	if (!journal)
		return -ENOMEM;
	journal->input = input;
	journal->budget = BUDGET;
	journal->open = calloc(NP_OPEN_SLOTS, sizeof(*journal->open));
	journal->transactions = calloc(NP_TRANSACTIONS_MAX, sizeof(*journal->transactions));
	if (journal->open && journal->transactions)
		r = np_logfile_open(&input->log, &journal->log);
	if (!r)
		r = examine(journal);
	if (!r)
		*ret_result = journal->result;
	np_logfile_close(journal->log);
	free(journal->open);
	free(journal->transactions);
	free(journal);
	return r;
}
