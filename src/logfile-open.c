/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "logfile-internal.h"

#define NO_CLIENT 0xffffu

struct restart {
	bool by_chkdsk;
	bool clean;
	struct np_logfile_status status;
	uint64_t size_bytes;
	unsigned size_bits;
	uint16_t client;
};

/* The restart area at `area`, in `size` bytes, of a known version. */
static bool parse_area(const struct np_logfile *log, const unsigned char *area, size_t size, struct restart *restart)
{
	unsigned clients, client_offset;
	const unsigned char *client;

	if (size < 0x30)
		return false;
	clients = np_le16(area + 8);
	client_offset = np_le16(area + 0x16);
	restart->client = np_le16(area + 0xc);
	restart->size_bytes = np_le64(area + 0x18);
	restart->status.current_lsn = np_le64(area);
	restart->clean = np_le16(area + 0xe) & 2 || restart->client == NO_CLIENT;
	for (uint64_t rest = restart->size_bytes; rest; rest >>= 1)
		restart->size_bits++;
	if (restart->size_bytes > log->io.size_bytes || restart->size_bits < 17 ||
	    np_le32(area + 0x10) != 67 - restart->size_bits || np_le16(area + 0x24) != RECORD_HEADER ||
	    np_le16(area + 0x26) != PAGE_DATA || client_offset < 0x30 || !clients ||
	    client_offset + clients * 0xa0u > size)
		return false;
	restart->size_bytes -= restart->size_bytes % PAGE;
	if (restart->client == NO_CLIENT)
		return true;
	if (restart->client >= clients)
		return false;
	client = area + client_offset + restart->client * 0xa0u;
	restart->status.oldest_lsn = np_le64(client);
	restart->status.restart_lsn = np_le64(client + 8);
	return np_le32(client + 0x1c) == 8 && !memcmp(client + 0x20, "N\0T\0F\0S\0", 8);
}

/* 1: a sound one; 0: none; -EBADMSG: one of a version unknown here. */
static int read_restart(struct np_logfile *log, uint64_t offset, struct restart *ret_restart)
{
	unsigned char *page = log->page;
	struct restart restart = { 0 };
	unsigned area;
	int r = np_logfile_read_raw(log, offset, page);

	if (r < 0)
		return r;
	restart.by_chkdsk = !memcmp(page, "CHKD", 4);
	if ((!restart.by_chkdsk && memcmp(page, "RSTR", 4) != 0) || !np_logfile_apply_fixups(page))
		return 0;
	restart.status.major = np_le16(page + 0x1c);
	restart.status.minor = np_le16(page + 0x1a);
	if (!(restart.status.major == 1 && restart.status.minor == 1) &&
	    !(restart.status.major == 2 && restart.status.minor == 0)) {
		log->status.major = restart.status.major;
		log->status.minor = restart.status.minor;
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_VERSION, 0);
	}
	area = np_le16(page + 0x18);
	if (np_le32(page + 0x10) != PAGE || np_le32(page + 0x14) != PAGE || area % 8 || area < 0x30 || area > PAGE)
		return 0;
	if (!parse_area(log, page + area, PAGE - area, &restart))
		return 0;
	*ret_restart = restart;
	return 1;
}

/* As mkntfs and others leave it: Windows then begins a new one. */
static int is_empty(struct np_logfile *log, bool *ret_empty)
{
	uint64_t end = log->io.size_bytes - log->io.size_bytes % PAGE;

	*ret_empty = true;
	for (uint64_t offset = 0; offset < end && *ret_empty; offset += PAGE) {
		int r = np_logfile_read_raw(log, offset, log->page);

		if (r < 0)
			return r;
		*ret_empty = log->page[0] == 0xff && !memcmp(log->page, log->page + 1, PAGE - 1);
	}
	return 0;
}

static int use_restart(struct np_logfile *log, const struct restart *restart)
{
	log->status = restart->status;
	log->status.state = restart->clean ? NP_JOURNAL_CLEAN : NP_JOURNAL_UNCLEAN;
	if (restart->clean)
		return 0;
	if (restart->by_chkdsk)
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_CHKDSK, 0);
	log->size_bytes = restart->size_bytes;
	log->client = restart->client;
	log->first = (log->status.major >= 2 ? 34 : 4) * PAGE;
	log->offset_bits = restart->size_bits - 3;
	return log->size_bytes > log->first ? np_logfile_read_copies(log) :
					      np_logfile_bad(log, NP_JOURNAL_TROUBLE_RESTART, 0);
}

static int start(struct np_logfile *log)
{
	struct restart restart[2];
	bool empty;
	int first, second, r;

	if (log->io.size_bytes > NP_LOGFILE_SIZE_MAX)
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_TOO_LARGE, log->io.size_bytes);
	if (log->io.size_bytes < 2 * PAGE)
		return np_logfile_bad(log, NP_JOURNAL_TROUBLE_RESTART, 0);
	first = read_restart(log, 0, &restart[0]);
	if (first < 0)
		return first;
	second = read_restart(log, PAGE, &restart[1]);
	if (second < 0)
		return second;
	if (first && second)
		first = restart[0].status.current_lsn >= restart[1].status.current_lsn;
	if (first || second)
		return use_restart(log, &restart[first ? 0 : 1]);
	r = is_empty(log, &empty);
	if (r < 0)
		return r;
	log->status.state = NP_JOURNAL_EMPTY;
	return empty ? 0 : np_logfile_bad(log, NP_JOURNAL_TROUBLE_RESTART, 0);
}

int np_logfile_open(const struct np_logfile_io *io, struct np_logfile **ret_log)
{
	struct np_logfile *log = calloc(1, sizeof(*log));
	int r = -ENOMEM;

	if (!log)
		return -ENOMEM;
	log->io = *io;
	log->chunk_offset = NO_CHUNK;
	log->chunk = malloc(CHUNK);
	if (log->chunk)
		r = start(log);
	if (r == -EBADMSG) {
		log->status.state = NP_JOURNAL_BROKEN;
		r = 0;
	}
	if (r < 0) {
		np_logfile_close(log);
		return r;
	}
	*ret_log = log;
	return 0;
}

void np_logfile_close(struct np_logfile *log)
{
	if (!log)
		return;
	free(log->copies);
	free(log->chunk);
	free(log->record);
	free(log);
}
