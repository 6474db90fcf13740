/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "journal-internal.h"

/* How much asking for a record outside the log costs of the budget. */
#define LOOKUP_STEPS 16384u

#define BASE_REFERENCE 0x20u /* of an MFT record: libntfs-3g's layout.h, MFT_RECORD */

static const struct np_journal_record *find_record(const struct np_journal_record *records, size_t count,
						   uint64_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (records[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && records[low].number == number ? &records[low] : NULL;
}

/* Whether the data are a record that calls the file its base. */
static bool is_extension(const struct np_journal *journal, unsigned operation, const unsigned char *data, size_t length)
{
	return operation == NP_LOG_INITIALIZE_RECORD && length >= BASE_REFERENCE + 8 &&
	       np_le64(data + BASE_REFERENCE) == journal->input->file_reference;
}

static int look_at_new_record(struct np_journal *journal, const struct np_log_update *update, uint64_t number)
{
	const struct np_journal_input *input = journal->input;
	uint64_t lsn = 0;
	int r;

	if (is_extension(journal, update->undo, update->undo_data, update->undo_length))
		return np_journal_touch(journal, update);
	if (!is_extension(journal, update->redo, update->redo_data, update->redo_length))
		return 0;
	r = np_journal_spend(journal, update->lsn, LOOKUP_STEPS);
	if (!r)
		r = input->record_lsn(input->context, number, &lsn);
	if (r < 0 && r != -ENOENT)
		return r;
	if (lsn < update->lsn)
		np_journal_note(journal, NP_JOURNAL_EXTENSION, update->lsn, update->redo, number);
	return np_journal_touch(journal, update);
}

int np_journal_change_record(struct np_journal *journal, const struct np_log_update *update)
{
	const struct np_journal_input *input = journal->input;
	const struct np_journal_record *of_file, *of_mft;
	uint64_t offset, number;
	bool redone;

	if (__builtin_mul_overflow(update->vcn, input->cluster_size, &offset) ||
	    __builtin_add_overflow(offset, update->vcn_offset, &offset) || offset % input->record_size)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, update->lsn);
	number = offset / input->record_size;
	of_file = find_record(input->file_records, input->file_record_count, number);
	of_mft = find_record(input->mft_records, input->mft_record_count, number);
	if (!of_file && !of_mft)
		return input->file_record_count ? look_at_new_record(journal, update, number) : 0;
	/* UpdateFileNameRoot leaves the record's LSN alone, and is about a directory. */
	redone = np_journal_scope(update->redo) == SCOPE_RECORD && update->redo != NP_LOG_UPDATE_FILE_NAME_ROOT;
	if (redone && of_mft && update->lsn > of_mft->lsn)
		np_journal_note(journal, NP_JOURNAL_MFT, update->lsn, update->redo, number);
	if (redone && of_file && update->lsn > of_file->lsn)
		np_journal_note(journal, NP_JOURNAL_RECORD, update->lsn, update->redo, number);
	return np_journal_touch(journal, update);
}
