/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "journal-internal.h"

int np_journal_spend(struct np_journal *journal, uint64_t lsn, size_t steps)
{
	if (steps > journal->budget)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_TOO_MUCH, lsn);
	journal->budget -= steps;
	return 0;
}

bool np_journal_file_has(const struct np_journal *journal, uint64_t lcn, uint64_t count, uint64_t *ret_lcn)
{
	const struct np_extent_index *index = journal->input->file_clusters;
	uint64_t cluster_size = journal->input->cluster_size, start, length, end;
	size_t low = 0, high = index ? index->count : 0;

	/* What lies past the largest offset is nobody's. */
	if (__builtin_mul_overflow(lcn, cluster_size, &start) || __builtin_mul_overflow(count, cluster_size, &length) ||
	    __builtin_add_overflow(start, length, &end))
		return false;
	/* The first extent that ends past the start. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct np_extent *extent = index->by_physical[middle];

		if (extent->physical + extent->length > start)
			high = middle;
		else
			low = middle + 1;
	}
	if (!index || low == index->count || index->by_physical[low]->physical >= end)
		return false;
	*ret_lcn = index->by_physical[low]->physical / cluster_size;
	if (*ret_lcn < lcn)
		*ret_lcn = lcn;
	return true;
}

static int add_hit(struct np_journal *journal, uint64_t lcn, uint64_t lsn, uint32_t operation)
{
	size_t i = 0;

	while (i < journal->hit_count && journal->hits[i].lcn != lcn)
		i++;
	if (i == NP_HITS_MAX)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_TOO_MUCH, lsn);
	journal->hits[i] = (struct np_journal_hit){ lcn, lsn, operation };
	if (i == journal->hit_count)
		journal->hit_count++;
	return np_journal_spend(journal, lsn, i);
}

int np_journal_add_hits(struct np_journal *journal, uint64_t lsn, uint32_t operation, const unsigned char *lcns,
			size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && !r; i++) {
		uint64_t lcn = np_le64(lcns + 8 * i), found;

		/* 0 stands for a cluster that was given up: the boot sector is in no list. */
		if (lcn && np_journal_file_has(journal, lcn, 1, &found))
			r = add_hit(journal, lcn, lsn, operation);
	}
	return r;
}

/* The redo data are pairs of LCN and count. */
int np_journal_delete_hits(struct np_journal *journal, const struct np_log_update *update)
{
	int r = 0;

	for (size_t range = 0; range + 16 <= update->redo_length && !r; range += 16) {
		uint64_t lcn = np_le64(update->redo_data + range), count = np_le64(update->redo_data + range + 8);

		r = np_journal_spend(journal, update->lsn, journal->hit_count);
		for (size_t i = journal->hit_count; i-- > 0;) {
			const struct np_journal_hit *hit = &journal->hits[i];

			if (hit->lcn >= lcn && hit->lcn - lcn < count && hit->lsn < update->lsn)
				journal->hits[i] = journal->hits[--journal->hit_count];
		}
	}
	return r;
}

/* The data are a first bit and a count, relative to where the change goes. */
int np_journal_bits(struct np_journal *journal, const struct np_log_update *update, uint64_t *ret_lcn,
		    uint64_t *ret_count)
{
	bool redo = update->redo == NP_LOG_SET_BITS || update->redo == NP_LOG_CLEAR_BITS;
	const unsigned char *data = redo ? update->redo_data : update->undo_data;
	size_t length = redo ? update->redo_length : update->undo_length;
	uint64_t bytes;

	if (length < 8 || __builtin_mul_overflow(update->vcn, journal->input->cluster_size, &bytes) ||
	    __builtin_add_overflow(bytes, update->vcn_offset + update->record_offset, &bytes) || bytes >> 60)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_RECORD, update->lsn);
	*ret_lcn = bytes * 8 + np_le32(data);
	*ret_count = np_le32(data + 4);
	return 0;
}

static int add_cleared(struct np_journal *journal, uint64_t lsn, uint64_t start, uint64_t end)
{
	if (journal->cleared_count == NP_CLEARED_MAX)
		return np_logfile_bad(journal->log, NP_JOURNAL_TROUBLE_TOO_MUCH, lsn);
	journal->cleared[journal->cleared_count++] = (struct np_journal_cleared){ start, end, lsn };
	return 0;
}

int np_journal_set(struct np_journal *journal, uint64_t lsn, uint64_t lcn, uint64_t count)
{
	uint64_t end = lcn + count;
	int r = np_journal_spend(journal, lsn, journal->cleared_count);

	/* From the end: what is appended or moved has been looked at. */
	for (size_t i = journal->cleared_count; i-- > 0 && !r;) {
		struct np_journal_cleared range = journal->cleared[i];

		if (range.start >= end || range.end <= lcn)
			continue;
		journal->cleared[i] = journal->cleared[--journal->cleared_count];
		if (range.start < lcn)
			r = add_cleared(journal, range.lsn, range.start, lcn);
		if (range.end > end && !r)
			r = add_cleared(journal, range.lsn, end, range.end);
	}
	return r;
}

int np_journal_clear(struct np_journal *journal, uint64_t lsn, uint64_t lcn, uint64_t count)
{
	int r = np_journal_set(journal, lsn, lcn, count);

	return r ? r : add_cleared(journal, lsn, lcn, lcn + count);
}
