/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * $LogFile, the journal of NTFS, as pages and records: which restart page counts, where a record lies, which one follows.
 * What the records mean is journal.h's.
 *
 * Layout, all little-endian (libntfs-3g's logfile.h, and Linux' fs/ntfs3/fslog.c):
 *  - Pages of 4096 bytes, each with fixups as MFT records have them. Pages 0 and 1 are restart pages; the one with the newer
 *    LSN counts. The others are record pages, which are used in a circle.
 *  - In version 1.1 the circle begins at page 4; pages 2 and 3 are copies of the last page, taken in turn while it fills. In
 *    version 2.0 it begins at page 34; pages 2 to 33 are such copies, of which many are old. A copy counts where it is newer
 *    than the page that it is a copy of; it may be the only one.
 *  - A log sequence number (LSN) says where a record lies: a sequence number, that counts the circles, in its upper bits,
 *    the byte offset divided by 8 in the lower ones. So LSNs only grow.
 *  - A record has a header of 0x30 bytes in one page; the data may go on over any number of pages.
 *
 * Everything here is hostile. Each record's LSN must be where it says, so that a walk from one to the next ends within one
 * circle; there is no recursion; sizes are capped.
 *
 * Pure: libc only; reads through a function of the caller's. Functions return 0 or -errno; -EBADMSG: what is read makes no
 * sense, and np_logfile_trouble() says what.
 */
#ifndef NTFS_PUNCH_LOGFILE_H
#define NTFS_PUNCH_LOGFILE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ntfs-punch/facts.h"

/* Windows makes none of more than 64 MiB by itself. */
#define NP_LOGFILE_SIZE_MAX (256u << 20)

/* The largest records are the dumped tables of a checkpoint. */
#define NP_LOGFILE_RECORD_MAX (4u << 20)

static inline uint16_t np_le16(const unsigned char *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return le16toh(value);
}

static inline uint32_t np_le32(const unsigned char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static inline uint64_t np_le64(const unsigned char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

/* Where the log lies. */
struct np_logfile_io {
	/* Reads `size` bytes at `offset`, all of which are within size_bytes. -errno. */
	int (*read)(void *context, void *data, size_t size, uint64_t offset);
	void *context;
	uint64_t size_bytes;
};

/* What the restart pages say. */
struct np_logfile_status {
	enum np_journal_state state; /* BROKEN: the trouble says why */
	uint16_t major;              /* version; 0.0 where there is none */
	uint16_t minor;
	uint64_t current_lsn; /* the last one when the restart page was written; 0 where there is none */
	uint64_t oldest_lsn;  /* from where on recovery may need records */
	uint64_t restart_lsn; /* of the last checkpoint */
};

struct np_logfile_trouble {
	enum np_journal_trouble what;
	uint64_t at; /* as facts.h says */
};

enum np_log_record_type { NP_LOG_UPDATE = 1, NP_LOG_CHECKPOINT = 2 };

struct np_log_record {
	uint64_t lsn;
	uint64_t next_lsn; /* where the next one would be */
	enum np_log_record_type type;
	uint32_t transaction;
	const unsigned char *data; /* valid until the next call */
	size_t length;
};

struct np_logfile;

/* Opens it. `io` is copied, its context borrowed. A log in whatever state is no error. The caller closes it. */
int np_logfile_open(const struct np_logfile_io *io, struct np_logfile **ret_log);
void np_logfile_close(struct np_logfile *log);

struct np_logfile_status np_logfile_status(const struct np_logfile *log);

/* The first trouble met with. */
struct np_logfile_trouble np_logfile_trouble(const struct np_logfile *log);

/* Notes a trouble, if it is the first, and returns -EBADMSG. */
int np_logfile_bad(struct np_logfile *log, enum np_journal_trouble what, uint64_t at);

/* Only for a log in the state UNCLEAN: */

/* Reads the record of that LSN. -ENOENT: there is none. */
int np_logfile_read(struct np_logfile *log, uint64_t lsn, struct np_log_record *ret_record);

/* Whether all pages are in keeping with records from `first_lsn` to `last_lsn`: none is torn, none goes beyond. */
int np_logfile_check_pages(struct np_logfile *log, uint64_t first_lsn, uint64_t last_lsn);

#endif
