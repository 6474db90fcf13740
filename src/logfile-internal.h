/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between logfile.c, which reads pages and records, and logfile-open.c, which finds out what kind of log it is.
 */
#ifndef NTFS_PUNCH_LOGFILE_INTERNAL_H
#define NTFS_PUNCH_LOGFILE_INTERNAL_H

#include "logfile.h"

#define PAGE          4096u
#define CHUNK         65536u /* what is read at once */
#define NO_CHUNK      UINT64_MAX
#define RECORD_HEADER 0x30u
#define PAGE_DATA     0x40u

/* A copy of a page. */
struct np_logfile_copy {
	uint64_t target; /* the byte offset of the page */
	unsigned char page[PAGE];
};

struct np_logfile {
	struct np_logfile_io io;
	struct np_logfile_status status;
	struct np_logfile_trouble trouble;
	uint64_t size_bytes;  /* of what is used */
	uint64_t first;       /* the byte offset where the circle begins */
	unsigned offset_bits; /* of an LSN */
	uint16_t client;
	struct np_logfile_copy *copies;
	size_t copy_count;
	uint64_t chunk_offset;
	unsigned char *chunk;
	unsigned char page[PAGE];
	unsigned char *record;
	size_t record_capacity;
};

/* The page as it lies there, without a look at it. */
int np_logfile_read_raw(struct np_logfile *log, uint64_t offset, unsigned char *page);

/* Puts back what the fixups took the place of. False: the page is torn. */
bool np_logfile_apply_fixups(unsigned char *page);

/* Reads the copies of pages, once the circle is known. */
int np_logfile_read_copies(struct np_logfile *log);

#endif
