/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "journal-internal.h"

#define UPDATE_HEADER 0x20u
#define TABLE_HEADER  0x18u
#define ALLOCATED     UINT32_MAX /* what a slot in use begins with */

static int bad_table(struct np_journal *journal, uint64_t lsn)
{
	return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_TABLE, lsn);
}

/* Data at `offset`, relative to the record's data; where there is none, the offset says nothing. */
static bool holds(const struct np_log_record *record, unsigned offset, unsigned length)
{
	return !length || (offset >= UPDATE_HEADER && offset + length <= record->length);
}

int np_journal_decode(struct np_journal *journal, const struct np_log_record *record, struct np_log_update *ret_update)
{
	const unsigned char *data = record->data;
	unsigned redo_offset, undo_offset, undo_length;

	if (record->length < UPDATE_HEADER)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, record->lsn);
	redo_offset = np_le16(data + 4);
	undo_offset = np_le16(data + 8);
	/* What can't be undone has the numbers of data that aren't there. */
	undo_length = np_le16(data + 2) > NP_LOG_COMPENSATION ? np_le16(data + 0xa) : 0;
	*ret_update = (struct np_log_update){
		.lsn = record->lsn,
		.transaction = record->transaction,
		.redo = np_le16(data),
		.undo = np_le16(data + 2),
		.redo_length = np_le16(data + 6),
		.undo_length = undo_length,
		.slot = np_le16(data + 0xc),
		.lcn_count = np_le16(data + 0xe),
		.record_offset = np_le16(data + 0x10),
		.vcn_offset = np_le16(data + 0x14) * 512u,
		.vcn = np_le64(data + 0x18),
		.lcns = data + UPDATE_HEADER,
	};
	if (UPDATE_HEADER + 8 * ret_update->lcn_count > record->length ||
	    !holds(record, redo_offset, np_le16(data + 6)) || !holds(record, undo_offset, undo_length))
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, record->lsn);
	ret_update->redo_data = ret_update->redo_length ? data + redo_offset : NULL;
	ret_update->undo_data = ret_update->undo_length ? data + undo_offset : NULL;
	return 0;
}

/* Before Windows 10, an entry had 0x2c bytes. */
int np_journal_open_slot(struct np_journal *journal, uint64_t lsn, size_t slot, const unsigned char *entry,
			 size_t length)
{
	bool old = length == 0x2c;

	if (slot >= NP_OPEN_SLOTS || (!old && length != 0x28))
		return bad_table(journal, lsn);
	journal->open[slot] = (struct np_open_attribute){
		.record = np_le64(entry + (old ? 8 : 0x10)) & UINT64_C(0xffffffffffff),
		.type = np_le32(entry + (old ? 0x1c : 8)),
	};
	return 0;
}

/* A table that was dumped into the log. */
struct table {
	uint64_t lsn;
	const unsigned char *entries;
	size_t entry_size;
	size_t count;
};

/* No LSN, or no length: there is none. */
static int read_table(struct np_journal *journal, enum np_log_operation operation, uint64_t lsn, size_t length,
		      size_t least, struct table *ret_table)
{
	struct np_log_update update;
	struct np_log_record record;
	unsigned offset;
	int r;

	*ret_table = (struct table){ .lsn = lsn };
	if (!lsn || !length)
		return 0;
	r = np_logfile_read(journal->log, lsn, &record);
	if (!r && record.type == NP_LOG_UPDATE)
		r = np_journal_decode(journal, &record, &update);
	if (r == -ENOMEM || r == -EBADMSG)
		return r;
	if (r || record.type != NP_LOG_UPDATE || update.redo != operation)
		return bad_table(journal, lsn);
	/* The redo length has 16 bits, a table may have more. */
	offset = np_le16(record.data + 4);
	if (length < TABLE_HEADER || offset < UPDATE_HEADER || offset > record.length ||
	    length > record.length - offset)
		return bad_table(journal, lsn);
	ret_table->entry_size = np_le16(record.data + offset);
	ret_table->count = np_le16(record.data + offset + 2);
	ret_table->entries = record.data + offset + TABLE_HEADER;
	if (ret_table->entry_size < least || ret_table->entry_size * ret_table->count > length - TABLE_HEADER)
		return bad_table(journal, lsn);
	return 0;
}

/* The next entry in use, from `*i` on, or NULL. */
static const unsigned char *next_entry(const struct table *table, size_t *i)
{
	while (*i < table->count) {
		const unsigned char *entry = table->entries + *i * table->entry_size;

		(*i)++;
		if (np_le32(entry) == ALLOCATED)
			return entry;
	}
	return NULL;
}

static void need(struct np_journal *journal, uint64_t lsn)
{
	if (lsn && lsn < journal->first_lsn)
		journal->first_lsn = lsn;
}

static int read_open_attributes(struct np_journal *journal, uint64_t lsn, size_t length)
{
	const unsigned char *entry;
	struct table table;
	size_t i = 0;
	int r = read_table(journal, NP_LOG_OPEN_ATTRIBUTES, lsn, length, 0x28, &table);

	while (!r && (entry = next_entry(&table, &i)))
		r = np_journal_open_slot(journal, lsn, TABLE_HEADER + (i - 1) * table.entry_size, entry,
					 table.entry_size);
	return r;
}

/* Of checkpoints of version 0, an entry's 64-bit numbers aren't aligned, and begin 4 bytes later. */
static int read_dirty_pages(struct np_journal *journal, uint64_t lsn, size_t length, unsigned version)
{
	size_t oldest = version ? 0x18 : 0x1c, lcns = oldest + 8, i = 0;
	const unsigned char *entry;
	struct table table;
	int r = read_table(journal, NP_LOG_DIRTY_PAGES, lsn, length, lcns, &table);

	while (!r && (entry = next_entry(&table, &i))) {
		uint32_t count = np_le32(entry + 0xc);

		if (count > (table.entry_size - lcns) / 8)
			return bad_table(journal, lsn);
		need(journal, np_le64(entry + oldest));
		r = np_journal_add_hits(journal, lsn, NP_LOG_DIRTY_PAGES, entry + lcns, count);
	}
	return r;
}

static int read_transactions(struct np_journal *journal, uint64_t lsn, size_t length)
{
	const unsigned char *entry;
	struct table table;
	size_t i = 0;
	int r = read_table(journal, NP_LOG_TRANSACTIONS, lsn, length, 0x28, &table);

	while (!r && (entry = next_entry(&table, &i)))
		need(journal, np_le64(entry + 8));
	return r;
}

int np_journal_read_checkpoint(struct np_journal *journal)
{
	const struct np_logfile_status *status = &journal->result.status;
	struct np_log_record record;
	unsigned char checkpoint[0x70] = { 0 };
	int r = np_logfile_read(journal->log, status->restart_lsn, &record);

	if (r == -ENOENT || (!r && (record.type != NP_LOG_CHECKPOINT || record.length < 0x40)))
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, status->restart_lsn);
	if (r < 0)
		return r;
	memcpy(checkpoint, record.data, record.length < sizeof(checkpoint) ? record.length : sizeof(checkpoint));
	if (np_le32(checkpoint) > 1)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_VERSION, status->restart_lsn);

	journal->first_lsn = status->restart_lsn;
	need(journal, np_le64(checkpoint + 8));
	journal->analysis_lsn = journal->first_lsn;
	need(journal, status->oldest_lsn);
	need(journal, np_le64(checkpoint + 0x68));
	r = read_open_attributes(journal, np_le64(checkpoint + 0x10), np_le32(checkpoint + 0x30));
	if (!r)
		r = read_dirty_pages(journal, np_le64(checkpoint + 0x20), np_le32(checkpoint + 0x38),
				     np_le32(checkpoint));
	if (!r)
		r = read_transactions(journal, np_le64(checkpoint + 0x28), np_le32(checkpoint + 0x3c));
	return r;
}
