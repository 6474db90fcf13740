/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "logfile-internal.h"

#define SECTORS    8u /* of a page, each with a fixup */
#define COPIES_MAX 32u

int np_logfile_bad(struct np_logfile *log, enum np_journal_trouble what, uint64_t at)
{
	if (log->trouble.what == NP_JOURNAL_TROUBLE_NONE)
		log->trouble = (struct np_logfile_trouble){ what, at };
	return -EBADMSG;
}

struct np_logfile_trouble np_logfile_trouble(const struct np_logfile *log)
{
	return log->trouble;
}

struct np_logfile_status np_logfile_status(const struct np_logfile *log)
{
	return log->status;
}

/* ---- Pages ------------------------------------------------------------------------------------------- */

/* Header: magic, then at 4 and 6 where the fixups are and how many. The first is what each sector ends with instead of its
 * own two bytes, which follow. */
bool np_logfile_apply_fixups(unsigned char *page)
{
	unsigned offset = np_le16(page + 4);

	if (np_le16(page + 6) != SECTORS + 1 || offset < 0x1e || offset % 2 || offset + 2 * (SECTORS + 1) > 510)
		return false;
	for (unsigned i = 1; i <= SECTORS; i++) {
		unsigned char *end = page + 512 * i - 2;

		if (memcmp(end, page + offset, 2) != 0)
			return false;
		memcpy(end, page + offset + 2 * i, 2);
	}
	return true;
}

int np_logfile_read_raw(struct np_logfile *log, uint64_t offset, unsigned char *page)
{
	uint64_t start = offset - offset % CHUNK;
	uint64_t left = log->io.size_bytes - start;
	int r;

	if (log->chunk_offset != start) {
		log->chunk_offset = NO_CHUNK;
		r = log->io.read(log->io.context, log->chunk, left < CHUNK ? (size_t)left : CHUNK, start);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			return np_logfile_bad(log, NP_JOURNAL_TROUBLE_UNREADABLE, start);
		log->chunk_offset = start;
	}
	memcpy(page, log->chunk + offset % CHUNK, PAGE);
	return 0;
}

enum page_kind { PAGE_OTHER, PAGE_TORN, PAGE_SOUND };

static enum page_kind kind_of(unsigned char *page)
{
	if (memcmp(page, "RCRD", 4) != 0)
		return PAGE_OTHER;
	return np_logfile_apply_fixups(page) ? PAGE_SOUND : PAGE_TORN;
}

/* The last LSN that begins on the page, and the last that ends there. Both lie in the page's first sector, before any fixup. */
static uint64_t last_lsn(const unsigned char *page)
{
	return np_le64(page + 8);
}

static uint64_t last_end_lsn(const unsigned char *page)
{
	return np_le64(page + 0x20);
}

static uint64_t newest_lsn(const unsigned char *page)
{
	return last_lsn(page) > last_end_lsn(page) ? last_lsn(page) : last_end_lsn(page);
}

static bool is_newer(const unsigned char *page, const unsigned char *than)
{
	return last_end_lsn(page) != last_end_lsn(than) ? last_end_lsn(page) > last_end_lsn(than) :
							  last_lsn(page) > last_lsn(than);
}

/* The page of the circle that counts: in log->page, or a copy. */
static int load_page(struct np_logfile *log, uint64_t offset, const unsigned char **ret_page, enum page_kind *ret_kind)
{
	const unsigned char *page = log->page;
	int r = np_logfile_read_raw(log, offset, log->page);

	if (r < 0)
		return r;
	*ret_kind = kind_of(log->page);
	for (size_t i = 0; i < log->copy_count; i++) {
		const struct np_logfile_copy *copy = &log->copies[i];

		if (copy->target != offset || (*ret_kind != PAGE_OTHER && is_newer(page, copy->page)))
			continue;
		/* As new as the page: then it is the same page, and better than a torn one. */
		if (*ret_kind == PAGE_SOUND && !is_newer(copy->page, page))
			continue;
		page = copy->page;
		*ret_kind = PAGE_SOUND;
	}
	*ret_page = page;
	return 0;
}

/* A copy that is torn doesn't count: while it was written, the one before it was there. */
int np_logfile_read_copies(struct np_logfile *log)
{
	bool fast = log->status.major >= 2;

	log->copies = calloc(COPIES_MAX, sizeof(*log->copies));
	if (!log->copies)
		return -ENOMEM;
	for (uint64_t offset = 2 * PAGE; offset < log->first; offset += PAGE) {
		struct np_logfile_copy *copy = &log->copies[log->copy_count];
		int r = np_logfile_read_raw(log, offset, copy->page);

		if (r < 0)
			return r;
		if (kind_of(copy->page) != PAGE_SOUND)
			continue;
		copy->target = fast ? np_le32(copy->page + 0x3c) : np_le64(copy->page + 8);
		if (copy->target < log->first || copy->target >= log->size_bytes || copy->target % PAGE)
			continue;
		if (!fast) /* there the offset took the LSN's place */
			memcpy(copy->page + 8, copy->page + 0x20, 8);
		log->copy_count++;
	}
	return 0;
}

int np_logfile_check_pages(struct np_logfile *log, uint64_t first_lsn, uint64_t last)
{
	for (uint64_t offset = log->first; offset < log->size_bytes; offset += PAGE) {
		const unsigned char *page;
		enum page_kind kind;
		int r = load_page(log, offset, &page, &kind);

		if (r < 0)
			return r;
		if (kind == PAGE_TORN && newest_lsn(page) >= first_lsn)
			return np_logfile_bad(log, NP_JOURNAL_TROUBLE_TORN, offset);
		if (kind == PAGE_SOUND && newest_lsn(page) > last)
			return np_logfile_bad(log, NP_JOURNAL_TROUBLE_PAST_END, newest_lsn(page));
	}
	return 0;
}

/* ---- Records ----------------------------------------------------------------------------------------- */

/* A place in the circle. */
struct place {
	uint64_t sequence;
	uint64_t page;
	unsigned offset; /* in the page */
};

static struct place place_of(const struct np_logfile *log, uint64_t lsn)
{
	uint64_t offset = (lsn & ((UINT64_C(1) << log->offset_bits) - 1)) << 3;

	return (struct place){ lsn >> log->offset_bits, offset - offset % PAGE, (unsigned)(offset % PAGE) };
}

static uint64_t lsn_of(const struct np_logfile *log, const struct place *place)
{
	return place->sequence << log->offset_bits | (place->page + place->offset) >> 3;
}

static void next_page(const struct np_logfile *log, struct place *place)
{
	place->page += PAGE;
	place->offset = PAGE_DATA;
	if (place->page < log->size_bytes)
		return;
	place->page = log->first;
	place->sequence++;
}

static int grow_record(struct np_logfile *log, size_t length)
{
	unsigned char *record;

	if (length <= log->record_capacity)
		return 0;
	record = realloc(log->record, length);
	if (!record)
		return -ENOMEM;
	log->record = record;
	log->record_capacity = length;
	return 0;
}

/* The header at `bytes`. */
static int read_header(struct np_logfile *log, const unsigned char *bytes, struct np_log_record *record)
{
	uint32_t type = np_le32(bytes + 0x20);

	record->length = np_le32(bytes + 0x18);
	record->transaction = np_le32(bytes + 0x24);
	record->type = (enum np_log_record_type)type;
	if (record->length > NP_LOGFILE_RECORD_MAX || record->length > log->size_bytes - log->first ||
	    np_le16(bytes + 0x1e) != log->client || (type != NP_LOG_UPDATE && type != NP_LOG_CHECKPOINT))
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_RECORD, record->lsn);
	return 0;
}

/* Collects the data from `place` on, over all pages, and leaves `place` behind its end. */
static int read_data(struct np_logfile *log, struct np_log_record *record, const unsigned char *page,
		     struct place *place)
{
	int r = grow_record(log, record->length + 1);
	size_t have = 0;

	if (r < 0)
		return r;
	for (;;) {
		size_t part =
			record->length - have < PAGE - place->offset ? record->length - have : PAGE - place->offset;
		enum page_kind kind;

		memcpy(log->record + have, page + place->offset, part);
		have += part;
		place->offset += (unsigned)part;
		if (have == record->length)
			break;
		next_page(log, place);
		r = load_page(log, place->page, &page, &kind);
		if (r < 0)
			return r;
		/* A page from before the record: the one that the record went on to wasn't written. */
		if (kind != PAGE_SOUND || newest_lsn(page) < record->lsn)
			return np_logfile_bad(log, NP_JOURNAL_TROUBLE_TORN, place->page);
	}
	record->data = log->record;
	place->offset = (place->offset + 7) & ~7u;
	if (place->offset + RECORD_HEADER > PAGE || last_lsn(page) == record->lsn)
		next_page(log, place);
	record->next_lsn = lsn_of(log, place);
	return 0;
}

int np_logfile_read(struct np_logfile *log, uint64_t lsn, struct np_log_record *ret_record)
{
	struct place place = place_of(log, lsn);
	struct np_log_record record = { .lsn = lsn };
	const unsigned char *page;
	enum page_kind kind;
	int r;

	if (place.page < log->first || place.page >= log->size_bytes || place.offset < PAGE_DATA ||
	    place.offset + RECORD_HEADER > PAGE)
		return -ENOENT;
	r = load_page(log, place.page, &page, &kind);
	if (r < 0)
		return r;
	if (kind == PAGE_TORN && newest_lsn(page) >= lsn)
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_TORN, place.page);
	if (kind != PAGE_SOUND || np_le64(page + place.offset) != lsn)
		return -ENOENT;
	r = read_header(log, page + place.offset, &record);
	place.offset += RECORD_HEADER;
	if (!r)
		r = read_data(log, &record, page, &place);
	if (!r)
		*ret_record = record;
	return r;
}
